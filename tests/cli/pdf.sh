# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# PDF (ADM-39, ADM-93): by WeasyPrint where it is, shut off from the network; what it cannot do leaves nothing behind. `make deps-view` installs what this looks with.
set -u
fail() { echo "$*"; exit 1; }
code() {
	want=$1 rc=0
	shift
	"$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(head -c 300 out) $(cat err)"
}
said() { grep -qF -- "$2" "$1" || fail "$1 does not say '$2': $(cat "$1")"; }
own=$FIXTURES/sealed/own-p256.asice trust=$FIXTURES/sealed/trust-own ran=0
# Another test may be making a PDF at the same time: its folder goes with it, and one that was left behind stays.
folders() { find /tmp -maxdepth 1 -name 'custody-pdf.*' | sort; }
folders >before
nothing_left() {
	folders | comm -13 before - >left
	for _ in $(seq 1200); do
		folders | comm -12 left - >still && mv still left
		[ -s left ] || return 0
		sleep 0.1
	done
	fail "folders are left in /tmp: $(cat left)"
}

printf '#!/bin/sh\necho 20-7e a0-24f 2000-2bff\n' >fonts && chmod +x fonts

# as another program, in a mount namespace of its own: `with PROGRAM CODE ARGUMENTS`
with() {
	program=$1 want=$2
	shift 2
	# shellcheck disable=SC2016
	code "$want" unshare -m --propagation private sh -c 'program=$1; shift
		if [ -e /usr/bin/weasyprint ]; then mount --bind "$program" /usr/bin/weasyprint || exit 99
		else mount -t tmpfs none /usr/local/bin && cp "$program" /usr/local/bin/weasyprint || exit 99; fi
		[ -e /usr/bin/fc-list ] || cp fonts /usr/local/bin/fc-list || exit 99
		exec "$@"' sh "$program" "$CUSTODY" "$@"
}
if unshare -m --propagation private true 2>/dev/null; then
	ran=1
	# none: said before anything is read
	: >none
	with none 66 verify --trust "$trust" --report no.pdf "$own" && said err 'there is no WeasyPrint' && said err 'print it from any browser' && [ ! -s out ] || fail "judged: $(cat out)"
	with none 66 certificate -f neutral --trust "$trust" -o no.pdf "$own" && said err 'there is no WeasyPrint'
	# one that tells what it can reach
	cat >spy <<-'P'
		#!/usr/bin/env python3
		import os, socket, sys
		told = [" ".join(sys.argv[1:]), os.getcwd() == os.environ["HOME"] == os.environ["TMPDIR"], oct(os.stat(".").st_mode & 0o777), " ".join(sorted(os.environ)), str(sorted(os.listdir("/proc/self/fd")))]
		for kind in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
		    try:
		        socket.socket(kind, socket.SOCK_STREAM)
		        told.append("a socket")
		    except PermissionError:
		        told.append("no socket")
		open("left-behind", "w").write("x")
		page = sys.stdin.buffer.read()
		told += [str(page[:15]), str(page.endswith(b"</html>\n"))]
		sys.stdout.buffer.write(b"%PDF-1.7\n" + "\n".join(map(str, told)).encode() + b"\n%%EOF\n")
	P
	chmod +x spy && with "$PWD/spy" 0 verify --trust "$trust" --report spy.pdf "$own"
	[ "$(grep -c '^no socket$' spy.pdf)" = 4 ] && ! grep -q '^a socket' spy.pdf || fail "reaches the network: $(cat spy.pdf)"
	said spy.pdf "--quiet - -" && said spy.pdf "b'<!DOCTYPE html>'" && said spy.pdf 0o700 && grep -qx True spy.pdf && ! grep -qx False spy.pdf || fail "$(cat spy.pdf)"
	grep -qx 'HOME LANG PATH PYTHONDONTWRITEBYTECODE PYTHONNOUSERSITE SOURCE_DATE_EPOCH TMPDIR' spy.pdf || grep -qx 'HOME LANG LC_CTYPE PATH PYTHONDONTWRITEBYTECODE PYTHONNOUSERSITE SOURCE_DATE_EPOCH TMPDIR' spy.pdf ||
		fail "variables: $(cat spy.pdf)"
	# a parent that ignores SIGCHLD, as some services do, and limits of a batch system that are lower than ours
	(trap '' CHLD; ulimit -t 20 -v 2000000; with "$PWD/spy" 0 verify --trust "$trust" --report limited.pdf "$own") || exit 1
	said limited.pdf '%PDF-1.7'
	# those that fail, die, or write something else
	printf '#!/bin/sh\necho one >&2\nprintf "two \\033[31m\\n" >&2\nexit 3\n' >failing
	printf '#!/bin/sh\nkill -SEGV $$\n' >dying
	printf '#!/bin/sh\nprintf "<html>%%070d" 1\n' >other
	printf '#!/bin/sh\nprintf "%%%%PDF-1.7\\n"; head -c 100 /dev/zero\n' >'cut'
	chmod +x failing dying other 'cut'
	with "$PWD/failing" 74 verify --trust "$trust" --report no.pdf "$own" && said err 'WeasyPrint failed (3): two \u{001b}[31m'
	with "$PWD/dying" 74 certificate -f neutral --trust "$trust" -o no.pdf "$own" && said err 'WeasyPrint was ended by signal 11'
	for p in other 'cut'; do with "$PWD/$p" 74 verify --trust "$trust" --report no.pdf "$own" && said err 'is no PDF'; done
	[ ! -e no.pdf ] && [ -z "$(find . -name '*.tmp')" ] || fail "something was made: $(ls -A)"
	nothing_left
fi

# several packages, and a name that is there
code 64 "$CUSTODY" verify --report s.pdf "$own" "$own" && said err 'exactly one package'
if [ -x /usr/bin/weasyprint ]; then
	ran=1
	code 0 "$CUSTODY" verify --trust "$trust" --at 2026-11-20 --report a.pdf "$own" && code 0 "$CUSTODY" verify --trust "$trust" --at 2026-11-20 --report b.pdf "$own"
	cmp a.pdf b.pdf || fail "equal pages, other bytes"
	echo mine >m.pdf && code 66 "$CUSTODY" verify --trust "$trust" --report m.pdf "$own" && [ "$(cat m.pdf)" = mine ] || fail "written over"
	code 1 "$CUSTODY" verify --trust "$trust" --report i.pdf "$FIXTURES/tampered/item-digest-mismatch/evidence.asice"
	code 2 "$CUSTODY" verify --report u.pdf "$own"
	code 66 "$CUSTODY" verify --report none.pdf no-such-file
	code 0 "$CUSTODY" certificate -q --trust "$trust" -f bsa-63-a -o c.pdf "$own"
	"$CUSTODY" init lab -q --org 'Лаборатория & <b>' --name 'عالم' >/dev/null && mkdir in && echo x >'in/<script>a' && "$CUSTODY" seal -q --lab lab -o odd.asice in >/dev/null || fail seal
	code 0 "$CUSTODY" verify --trust lab/trust --report odd.pdf odd.asice
	# a character without a glyph leaves no trace on paper: it is written as its escape, and that is said
	few=
	if unshare -m --propagation private true 2>/dev/null; then
		few=few
		code 0 unshare -m --propagation private sh -c 'mount --bind fonts /usr/bin/fc-list && exec "$@"' sh "$CUSTODY" verify --trust lab/trust --report few.pdf odd.asice
		said err 'characters that no installed font has stand in the PDF as escapes'
		code 0 "$CUSTODY" verify --trust lab/trust --report odd2.pdf odd.asice && ! grep 'no installed font' err || fail "a warning about fonts that are there: $(cat err)"
		printf '#!/bin/sh\necho DejaVu Sans\n' >other
		code 74 unshare -m --propagation private sh -c 'mount --bind other /usr/bin/fc-list && exec "$@"' sh "$CUSTODY" verify --trust lab/trust --report no.pdf odd.asice
		[ ! -e no.pdf ] || fail "a PDF was made all the same"
	fi
	nothing_left
	if command -v pdftotext >/dev/null; then
		for f in a i u none c odd $few; do pdftotext -layout $f.pdf - | tr -s ' \n' ' ' >$f.text; done
		said a.text 'The one file in this package is, byte for byte, the file that was sealed.' && said a.text 'page 1 of ' && said a.text 'Check code 1fcc-ef7e-0be6-56a0;e'
		said i.text '1 item differs from what the package states of it.' && said u.text 'It cannot be decided' && said none.text 'NOT JUDGED'
		said c.text 'SAMPLE. No lawyer of the forum has passed this text' && said c.text 'IST (UTC+05:30), which is' && said odd.text 'Лаборатория & <b>'
		[ -z "$few" ] || said few.text '\u{041b}\u{0430}\u{0431}'
	fi
	if command -v pdftotext >/dev/null; then
		# page one is one page, in every language, on A4 and Letter, and the words are on page two (ADM-85): with all that makes it long
		group() { pdftotext -f "$2" -l "$2" "$1" - 2>err | grep -q "$number"; }
		# one_page NAME LANGUAGE ARGUMENTS...
		one_page() {
			name=$1-$2 number=$("$CUSTODY" verify --json --trust "$trust" "${@: -1}" 2>err </dev/null | python3 -c 'import json, sys; h = json.load(sys.stdin)["package"]["sha256"]; print(h[:4], h[4:8], h[8:12])')
			"$CUSTODY" verify -q --language "$2" --report $name.pdf "${@:3}" >out 2>err </dev/null
			"$CUSTODY" verify -q --language "$2" --report $name.html "${@:3}" >out 2>err </dev/null
			weasyprint -q -s letter.css $name.html $name.letter.pdf
			for f in $name.pdf $name.letter.pdf; do
				group $f 1 && group $f 2 || fail "$f: page one runs over: page two is $(pdftotext -f 2 -l 2 $f - | head -5)"
				[ "$2" = ar ] || pdftotext -f 2 -l 2 $f - | grep -qx 'custody record\|registre de conservation' || fail "$f: the words are not on page two"
			done
		}
		echo '@page{size:letter}' >letter.css
		"$CUSTODY" request new -k production-order -o request.json 2>err && python3 - <<-'P' || fail request
			import json
			d = json.load(open("request.json"))
			d["requests"][0]["authority"].update(organisation="Police", references=["2026/17"])
			json.dump(d, open("request.json", "w"))
		P
		"$CUSTODY" init own -q --org 'Laboratory of the city' --name 'Ada Analyst' >/dev/null && mkdir many && (cd many && seq 1107 | xargs touch) || fail init
		WHY=(--purpose "analysis of the mailbox" --authority "order 2026/17")
		for f in one two; do "$CUSTODY" seal -q --lab own --case 2026/17 --exhibit E-1 --request request.json -o $f.asice in >/dev/null 2>err || fail "seal: $(cat err)"; done
		"$CUSTODY" seal -q --lab own --case 2026/17 --exhibit E-1 -o many.asice many >/dev/null || fail seal
		"$CUSTODY" release -q --lab own --to "Bob Examiner" "${WHY[@]}" one.asice >/dev/null && "$CUSTODY" record add incident -q --lab own -s what=x -s found_how=y -s effect=z one.custody.asice >/dev/null 2>err || fail "record: $(cat err)"
		for l in en fr ar; do
			one_page record $l --trust own/trust --record one.custody.asice one.asice
			one_page wrong $l --trust own/trust --record one.custody.asice two.asice
			one_page many $l --trust own/trust many.asice
		done
	fi
	# the code on paper is the number that --expect takes
	if command -v pdftoppm >/dev/null && command -v zbarimg >/dev/null; then
		for f in a:"$own" i:"$FIXTURES/tampered/item-digest-mismatch/evidence.asice" c:"$own"; do
			pdftoppm -r 150 -f 1 -l 1 -png ${f%%:*}.pdf page && zbarimg -q --raw page-*.png >${f%%:*}.number 2>/dev/null || fail "no code on ${f%%:*}.pdf"
			rm page-*.png
			"$CUSTODY" verify --trust "$trust" --expect "$(cat ${f%%:*}.number)" "${f#*:}" >out 2>err </dev/null
			said out 'expected: matched'
		done
	fi
fi
code 0 "$CUSTODY" verify --trust "$trust" --json "$own"
number=$(python3 -c 'import json; p = json.load(open("out"))["package"]; print(p["nih"]); assert p["nih"].startswith("nih:sha-256;" + p["sha256"] + ";") and p["check_code"].replace("-", "")[:16] == p["sha256"][:16]')
code 0 "$CUSTODY" verify --trust "$trust" --expect "$number" "$own" && said out 'expected: matched'
code 64 "$CUSTODY" verify --trust "$trust" --expect "${number%?}0" "$own" && said err 'what its QR code says'
[ $ran = 1 ] || { echo "there is no WeasyPrint, and no mount namespace to play one in"; exit 77; }
exit 0
