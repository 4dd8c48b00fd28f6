#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make demo`: a laboratory, real material, a seal, a verdict, a forgery, and the check by hand without this program. `make demo EVIDENCE=/path` seals that instead
# of the invented provider return. Everything stays in a new folder below demo-out, or in a temporary one where that cannot be made.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
: "${CUSTODY:=$root/build/release/custody}"
export CUSTODY_LAB=/nonexistent LC_ALL=C.UTF-8
mkdir -p "$root/demo-out" 2>/dev/null && out=$(mktemp -d "$root/demo-out/$(date -u +%Y%m%dT%H%M%SZ).XXX" 2>/dev/null) || out=$(mktemp -d /tmp/custody-demo.XXXXXX)
[ -z "${EVIDENCE:-}" ] || EVIDENCE=$(realpath -e -- "$EVIDENCE") || exit 66
cd "$out"

step() { printf '\n==== %s\n' "$*"; }
# run WANT LINES COMMAND...: shows the command, its first LINES lines of output, and insists on its exit code
run() {
	local want=$1 lines=$2 rc=0
	shift 2
	printf '\n$ custody'
	for word in "${@:2}"; do
		[[ $word =~ ^[[:alnum:]_./=,:@%+-]+$ ]] && printf ' %s' "$word" || printf ' %s' "${word@Q}"
	done
	echo
	"$@" >"$out/.said" 2>&1 || rc=$?
	sed -n "1,${lines}p" "$out/.said"
	[ "$(wc -l <"$out/.said")" -le "$lines" ] || echo "   [...]"
	[ $rc = "$want" ] || { echo "exit code $rc, want $want:"; cat "$out/.said"; exit 1; }
	[ "$want" = 0 ] || echo "   exit code $rc"
}
# must TEXT: the check by hand said this
must() { grep -q -- "$1" by-hand.txt || { echo "the check by hand does not say: $1"; exit 1; }; }
has() { "$CUSTODY" --help | grep -q "^  $1 "; }

step "1. A laboratory: keys, and the folder 'trust' for those who verify"
run 0 40 "$CUSTODY" init lab --org "Demonstration Lab" --name "Demonstration Analyst"

step "2. Time. The laboratory's own word proves none: another office, with keys of its own (in truth on another computer), gives time-stamps"
tsa=() authority=''
trap '[ -z "$authority" ] || kill "$authority" 2>/dev/null' EXIT
if has tsa && has lab; then
	run 0 4 "$CUSTODY" init office --org "Office of the Clerk" --name "Demonstration Clerk"
	printf '\n$ custody tsa office --listen 127.0.0.1:0 &\n'
	"$CUSTODY" tsa office --listen 127.0.0.1:0 >address 2>office.said &
	authority=$!
	for _ in $(seq 100); do [ ! -s address ] && kill -0 "$authority" 2>/dev/null || break; sleep 0.1; done
	cat address office.said
	if [ -s address ]; then
		tsa=(--tsa "$(cat address)")
		run 0 2 "$CUSTODY" lab trust --lab lab office/trust/tsas.pem
		run 0 2 "$CUSTODY" lab trust --lab lab office/trust/crls.pem
	else
		authority=''
		echo "No time-stamps here (is there a loopback interface?): the first package has the laboratory's own word, too."
	fi
fi

step "3. Evidence"
if [ -n "${EVIDENCE:-}" ]; then
	first=$EVIDENCE
else
	mkdir received && python3 "$root/fixtures/provider-return/make.py" received/provider-return >/dev/null
	first=received/provider-return
	echo "An invented answer of a service provider (documents, mail, tables, pictures; odd names; one wrong digest in the provider's own list):"
fi
echo "$(find "$first" -type f | wc -l) files, $(du -sh "$first" | cut -f1): $first"
echo "$(find /usr/share/doc /usr/include -type f | wc -l) files, $(du -csh /usr/share/doc /usr/include | tail -1 | cut -f1): /usr/share/doc, /usr/include"

mkdir packages reports
step "4. Two seals. Each package is read back and verified before it gets its name"
run 0 40 "$CUSTODY" seal --lab lab "${tsa[@]}" --case DEMO-1 --exhibit E-1 -o packages/exhibit-1.asice "$first"
if [ -n "$authority" ]; then
	kill "$authority" && wait "$authority"
	authority=''
	echo && echo "That time is the office's. The next package has the laboratory's own word only, and says so:"
fi
run 0 40 "$CUSTODY" seal --lab lab --case DEMO-1 --exhibit E-2 --accept-exceptions "system folders, sealed while in use" -o packages/exhibit-2.asice /usr/share/doc /usr/include
cp -r lab/trust trust

step "5. The court: the package, the trust folder and the number on the form, by three ways"
number=$(sha256sum packages/exhibit-1.asice | cut -c1-64)
run 0 24 "$CUSTODY" verify --trust trust --expect "$number" --report reports/exhibit-1.txt packages/exhibit-1.asice
[ ${#tsa[@]} = 0 ] || grep -q 'the time is proven by an authority' reports/exhibit-1.txt || { echo "the report does not say that the time is proven"; exit 1; }
run 0 12 "$CUSTODY" verify --trust trust packages/exhibit-2.asice
echo && echo "Without anchors nobody can say who sealed:"
run 2 1 "$CUSTODY" verify packages/exhibit-1.asice
if has show; then run 0 16 "$CUSTODY" show packages/exhibit-1.asice; fi

step "6. A forger changes one bit of the evidence"
cp packages/exhibit-1.asice packages/forged.asice
python3 - packages/forged.asice <<'P'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    victim = max((i for i in z.infolist() if i.filename.startswith('data/')), key=lambda i: i.file_size)
    at = victim.header_offset + 30 + len(victim.filename.encode()) + victim.file_size // 2
with open(sys.argv[1], 'r+b') as f:
    f.seek(at)
    byte = f.read(1)[0]
    f.seek(at)
    f.write(bytes([byte ^ 1]))
print('bit 0 of byte %d of the file, inside %r' % (at, victim.filename))
P
run 1 3 "$CUSTODY" verify --trust trust --report reports/forged.txt packages/forged.asice
sed -n '/^FOUND/,/^$/p' reports/forged.txt
echo "... and one who repacks it with another program, content untouched:"
mkdir repack && (cd repack && unzip -qq ../packages/exhibit-1.asice && zip -q -X -0 ../packages/repacked.asice mimetype && zip -q -X -0 -r ../packages/repacked.asice . -x mimetype)
run 1 1 "$CUSTODY" verify --trust trust packages/repacked.asice

if has extract; then
	step "7. What was verified comes out as it went in"
	run 0 8 "$CUSTODY" extract --trust trust -C unpacked packages/exhibit-1.asice
	diff -r --no-dereference "$first" "unpacked/$(basename "$first")" >/dev/null && echo "identical to the source (diff -r)"
fi

step "8. The same check by hand, with unzip, sha256sum and openssl: the steps of VERIFY.txt, literally"
mkdir hand && cp packages/exhibit-1.asice hand/PACKAGE.asice && cp trust/signers.pem trust/tsas.pem hand/
awk '/^ON LINUX/ { on = 1 } /^ON WINDOWS/ { on = 0 } on && /^     / { print substr($0, 6) }' "$root/libcustody/package/VERIFY.txt" >hand/steps
if ! (cd hand && bash -eu steps >../by-hand.txt 2>&1); then cat by-hand.txt; exit 1; fi
cat by-hand.txt
must "^$number  PACKAGE.asice$"
must 'Verification successful'
must 'Verification: OK'
must 'Time stamp: '
# the signed list states the digest that the list has; nothing differs
[ "$(grep -cxE '[A-Za-z0-9+/]{43}=' by-hand.txt)" = 2 ] && [ "$(grep -xE '[A-Za-z0-9+/]{43}=' by-hand.txt | sort -u | wc -l)" = 1 ] || { echo "two digests differ"; exit 1; }
if grep -q DIFFERS by-hand.txt; then exit 1; fi

rm -rf .said repack hand/x address office.said
step "Done. Everything is in $out"
cat <<T
  packages/   exhibit-1.asice, exhibit-2.asice; forged.asice and repacked.asice are not what was sealed
  reports/    what a court reads: exhibit-1.txt, forged.txt
  trust/      what verifiers get           lab/   the laboratory: its keys seal           office/   who gave the time
  hand/       the check by hand; by-hand.txt is what it said
T
