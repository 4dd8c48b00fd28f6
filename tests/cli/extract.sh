# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# custody extract: what is written under which verdict, exit codes, and that nothing is left after a failure.
set -u
sealed=$FIXTURES/sealed tampered=$FIXTURES/tampered
fail() {
	echo "$*"
	[ ! -s err ] || sed 's/^/    stderr: /' err
	exit 1
}
# try RC ARGUMENTS...
try() {
	want=$1
	shift
	"$CUSTODY" extract "$@" >out 2>err </dev/null
	got=$?
	[ $got = "$want" ] || fail "extract $*: exit $got, want $want"
}
export CUSTODY_LAB=$PWD/no-lab

# VALID: everything, under its own name.
try 0 --trust "$sealed/trust-own" -C all "$sealed/kinds-p256.asice"
[ "$(head -c 7 out)" = 'VALID: ' ] || fail "no verdict on the first line"
grep -q "^Extracted to 'all': files 22 (59 bytes), folders 2, symbolic links 1, hard links 1; not made: 3\$" out || fail "counts: $(tail -n 1 out)"
grep -q "not made: 'k/fifo' (fifo)" err || fail "the FIFO is not named"
[ "$(cat "all/k/back\\slash")" = 12 ] || fail "another name or content"
[ -e "all/k/$(printf 'nl\nin name')" ] || fail "a line feed in a name"
[ "$(stat -c '%Y %a' all/k)" = '1793348100 755' ] || fail "time and mode of a folder: $(stat -c '%Y %a' all/k)"
[ "all/k/hard 1" -ef "all/k/hard 2" ] || fail "a hard link is a copy"
if LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" out err; then fail "control bytes in the output"; fi

# Every good package: sha256sum says of what was extracted what it says of the package's own members.
for p in "$sealed"/own-p256.asice "$sealed"/own-rsa3072.asice "$sealed"/independent-p384.asice; do
	trust=$sealed/trust-own
	case $p in *independent*) trust=$sealed/trust-independent ;; esac
	rm -rf x
	[ -d "$trust" ] || continue
	try 0 --trust "$trust" -C x "$p"
	find x -type f -links 1 -exec sha256sum {} + | cut -d' ' -f1 | sort >found
	unzip -p "$p" manifest-sha256.txt | cut -d' ' -f1 | sort >listed
	[ -z "$(comm -23 found listed)" ] || fail "$p: other content came out"
done

# The folder must be new; nothing is read before that is known.
try 66 --trust "$sealed/trust-own" -C all "$sealed/kinds-p256.asice"
grep -q "'all' is there already, want the name of a new folder" err || fail "message"
try 66 --trust "$sealed/trust-own" -C no/such/folder "$sealed/kinds-p256.asice"
try 66 --trust "$sealed/trust-own" -C new missing.asice
try 64 --trust "$sealed/trust-own" "$sealed/kinds-p256.asice"
grep -q -- '-C' err || fail "no word about -C"
try 64 -C new --expect 12 "$sealed/kinds-p256.asice"
[ ! -e new ] || fail "a folder was made"

# Anchors that may have come with the package: said, as by verify.
mkdir came && cp "$tampered/item-digest-mismatch/evidence.asice" came/ && cp -r "$sealed/trust-own" came/trust
try 1 --trust came/trust -C new came/evidence.asice
grep -q "the trust anchors lie below the package's own folder" out || fail "no word about the anchors that lie beside it: $(cat out)"

# Patterns.
try 0 --trust "$sealed/trust-own" -C some "$sealed/kinds-p256.asice" 'k/hard 2' 'k/empty folder'
[ "$(find some -mindepth 1 | sort | tr '\n' ' ')" = 'some/k some/k/empty folder some/k/hard 2 ' ] || fail "selection: $(find some)"
try 66 --trust "$sealed/trust-own" -C none "$sealed/kinds-p256.asice" 'k/nothing*'
grep -q "no item matches 'k/nothing\*'" err || fail "message"
[ ! -e none ] || fail "a folder was made"

# INDETERMINATE: who sealed cannot be said, the bytes are right: written.
try 2 -C unknown "$sealed/kinds-p256.asice"
[ -e unknown/k/empty ] || fail "nothing was written"
grep -q INDETERMINATE out || fail "no verdict"

# INVALID: nothing, whatever is wrong.
n=0
for p in "$tampered"/zip-gap/*.asice "$tampered"/zip-name/*.asice "$tampered"/item-digest-mismatch/*.asice "$tampered"/seal-signature-invalid/*.asice \
	"$tampered"/lists-disagree/*.asice "$tampered"/member-uncovered/*.asice; do
	[ -e "$p" ] || continue
	try 1 --trust "$sealed/trust-own" -C bad "$p"
	[ ! -e bad ] || fail "$p: something was written"
	[ "$(tail -n 1 out)" = 'Nothing was extracted.' ] || fail "$p: not said"
	n=$((n + 1))
done
[ $n -gt 10 ] || fail "only $n packages tried"
printf 'Dear Sir,\nno package here\n' >text
try 1 --trust "$sealed/trust-own" -C bad text
try 1 --trust "$sealed/trust-own" -C bad --expect "$(printf '%064d' 7)" "$sealed/kinds-p256.asice"
[ ! -e bad ] || fail "something was written"

# JSON.
try 0 --json --trust "$sealed/trust-own" -C json "$sealed/kinds-p256.asice"
python3 - <<'P' || fail "JSON"
import json
r = json.load(open("out"))
assert r["schema"] == "custody-extract-result/1" and r["verdict"] == "VALID" and r["folder"] == "json", r
assert (r["files"], r["bytes"], r["folders"], r["symlinks"], r["hardlinks"], r["not_made"]) == (22, 59, 2, 1, 1, 3), r
P
try 1 --json --trust "$sealed/trust-own" -C bad "$tampered"/zip-gap/in-front.asice
grep -q '"verdict":"INVALID".*"folder":null}$' out || fail "JSON of nothing"

# A target that cannot be written: nothing is left. (A full disk, where one can be mounted.)
mkdir small
if mount -t tmpfs -o size=64k none small 2>/dev/null; then
	try 74 --trust "$sealed/trust-own" -C small/x "$sealed/kinds-p256.asice"
	left=$(find small -mindepth 1 | wc -l)
	umount small
	grep -q "cannot write 'k/.*': No space left on device\$" err || fail "not said what could not be written"
	[ "$left" = 0 ] || fail "$left things were left on a full disk"
fi
# and it is named once escaped, as it is everywhere else
mkdir big && head -c 5000 /dev/zero | tr '\0' x >big/$'a\\\n' && "$CUSTODY" init -q lab --org Lab --name Ada >/dev/null 2>&1 && "$CUSTODY" seal -q --lab lab -o big.asice big >/dev/null || fail "seal"
(trap '' XFSZ; ulimit -f 1; "$CUSTODY" extract --trust lab/trust -C big-out big.asice >out 2>err)
[ $? = 74 ] && grep -qF "cannot write 'big/a\\\\\\u{000a}': File too large" err || fail "what could not be written is named otherwise"
[ -z "$(find . -name '.custody-*')" ] || fail "a temporary folder was left"
exit 0
