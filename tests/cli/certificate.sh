# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Certificates (ADM-33, ADM-34, ADM-35, ADM-36, ADM-37, ADM-38, ADM-39, ADM-40, ADM-42): of a package that verifies only, what was measured in them, what a person states blank.
set -u
fail() { echo "$*"; exit 1; }
code() {
	want=$1 rc=0
	shift
	"$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(head -c 300 out) $(cat err)"
}
# wherever a line breaks
said() { tr -s ' \n' ' ' <"$1" | grep -qF -- "$(tr -s ' \n' ' ' <<<"$2" | sed 's/ $//')" || fail "$1 does not say '$2': $(cat "$1")"; }
own=$FIXTURES/sealed/own-p256.asice trust=$FIXTURES/sealed/trust-own
forms=$("$CUSTODY" certificate --list | sed -n 's/^\([a-z0-9-]*\) *version.*/\1/p')
[ "$(echo "$forms" | wc -l)" = 9 ] || fail "forms: $forms"

# each form, of the laboratory's own word, of an independent time with several digests, and of a package with names that mean something
mkdir in && python3 -c 'for n in (b"<script>document.title=1</script>", b"a\x1b[31mb", "\u202egpj".encode(), b"\xff\xfe", b"=cmd()", b"\"><img src=x onerror=x>", b"____", b"[x]"):
    open(b"in/" + n.replace(b"/", b":"), "wb").write(b"x")'
"$CUSTODY" init lab -q --org "<b>Org</b> & 'Co'" --name '"><script>x</script>' >/dev/null && "$CUSTODY" seal -q --lab lab -d sha256,sha512,md5,sha1 --case '<i>1</i>' -o odd.asice in >/dev/null || fail seal
"$CUSTODY" certificate --form neutral -o - --trust lab/trust odd.asice >dash 2>err && [ ! -e - ] && grep -q '^HASH REPORT' dash || fail "-o -: $(cat err)"
[ "$(grep -c ' (legacy)$' dash)" -ge 2 ] && tr -s '\n ' '  ' <dash | grep -q '128 bits; legacy: two' || fail "md5 and sha1 are not labelled: $(cat dash)"
of() { # of PACKAGE TRUST
	code 0 "$CUSTODY" verify --json --trust "$2" "$1" && cp out report.json
	code 0 "$CUSTODY" show --json "$1" && cp out show.json
	for f in $forms; do
		for x in txt html json; do rm -f $f.$x && code 0 "$CUSTODY" certificate --trust "$2" --form $f -o $f.$x "$1"; done
		said err 'a lawyer of the forum must pass it'
		case $f in fre-902-11 | usc-3505 | bsa-63-a) said err 'cannot sign this form' ;; *) ! grep -q 'cannot sign' err || fail "$f warns: $(cat err)" ;; esac
		python3 "$ROOT/tests/support/certificate.py" $f report.json show.json || fail "$f of $1"
	done
}
of "$own" "$trust"
of "$FIXTURES/sealed/independent-p256.asice" "$FIXTURES/sealed/trust-independent"
of odd.asice lab/trust
code 0 "$CUSTODY" certificate -q --trust lab/trust -f bsa-63-b odd.asice && said out 'computed                             MD5 (Message' || fail "algorithms"
! grep -q 'NOT computed' out || fail "all that the form names were computed"
code 0 "$CUSTODY" certificate -q --trust "$trust" -f bsa-63-b "$own" && said out 'NOT computed                         SHA-1 (Secure'
said out 'IST (UTC+05:30), which is' || fail "no Indian time"

# fails closed: INDETERMINATE without anchors, INVALID, not the one expected, nothing there; and then nothing is made
code 2 "$CUSTODY" certificate -f neutral -o no.html "$own" && said err 'the verdict is INDETERMINATE'
code 1 "$CUSTODY" certificate -f neutral -o no.html --trust "$trust" "$FIXTURES/tampered/item-digest-mismatch/evidence.asice" && said err 'the verdict is INVALID'
code 1 "$CUSTODY" certificate -f neutral -o no.html --trust "$trust" --expect "$(printf %064d 1)" "$own" && said err 'INVALID'
code 66 "$CUSTODY" certificate -f neutral -o no.html --trust "$trust" none && said err 'no such file'
code 1 "$CUSTODY" certificate -f neutral --json --trust "$trust" "$FIXTURES/tampered/item-digest-mismatch/evidence.asice" && [ ! -s out ] || fail "printed: $(cat out)"
for p in "$FIXTURES"/tampered/*/; do
	f=$(find "$p" -name '*.asice' | sort | head -n 1) rc=0
	[ -n "$f" ] || continue
	"$CUSTODY" verify -q --trust "$trust" "$f" >/dev/null 2>&1 || rc=$?
	code $rc "$CUSTODY" certificate -f neutral -o forged.txt --trust "$trust" "$f"
	[ $rc = 0 ] || [ ! -e forged.txt ] || fail "a certificate of $f"
	rm -f forged.txt
done
[ ! -e no.html ] && [ -z "$(find . -name '*.tmp')" ] || fail "something was made: $(ls -A)"
echo mine >m.html && code 66 "$CUSTODY" certificate -f neutral -o m.html --trust "$trust" "$own" && [ "$(cat m.html)" = mine ] || fail "written over"

# a form of one's own, by name and digest; and what is none
sed 's/^id: .*/id: mine/' "$ROOT/formats/forms/neutral.form" >mine.form
code 0 "$CUSTODY" certificate --form-file mine.form --json --trust "$trust" "$own"
python3 -c 'import json,hashlib
c = json.load(open("out"))["form"]
assert c["id"] == "mine" and c["from"] == "mine.form" and c["sha256"] == hashlib.sha256(open("mine.form", "rb").read()).hexdigest(), c' || fail "the form's name"
code 65 "$CUSTODY" certificate --form-file "$own" --trust "$trust" "$own" && said err "line 1: "
sed 's/^declare: /declare: [x] /' mine.form >ticked.form && code 65 "$CUSTODY" certificate --form-file ticked.form --trust "$trust" "$own" && said err 'a box that is ticked'
code 66 "$CUSTODY" certificate --form-file none.form --trust "$trust" "$own"

# usage
code 64 "$CUSTODY" certificate --form neutral && code 64 "$CUSTODY" certificate "$own" && said err '--form ID or --form-file'
code 64 "$CUSTODY" certificate --form neutral --form-file mine.form "$own"
code 64 "$CUSTODY" certificate --form netural "$own" && said err 'did you mean neutral?'
code 64 "$CUSTODY" certificate --form neutral -o x.doc "$own" && code 64 "$CUSTODY" certificate --form neutral --json -o x.json "$own"
code 64 "$CUSTODY" certificate --list "$own" && code 64 "$CUSTODY" certificate --form neutral --expect 12 "$own"

# the lab's journal knows
code 0 "$CUSTODY" certificate -q -f uk-s9 --lab lab -o j.txt odd.asice
tail -n 1 lab/journal.jsonl | grep -q '"VALID, form uk-s9 version 1"' || fail "journal: $(tail -n 1 lab/journal.jsonl)"
code 1 "$CUSTODY" certificate -q -f uk-s9 --lab lab --expect "$(printf %064d 1)" -o k.txt odd.asice
tail -n 1 lab/journal.jsonl | grep -q '"INVALID, nothing made of form uk-s9 version 1"' || fail "journal: $(tail -n 1 lab/journal.jsonl)"
exit 0

# ADM-39: the signed paper comes back as an event of the record, with the page that was signed, and can be told from another
mkdir back && "$CUSTODY" seal -q --lab lab -o back/p.asice in >/dev/null && code 0 "$CUSTODY" certificate --trust lab/trust --form neutral -o back/copy.html back/p.asice
echo 'a scan of the signed paper' >back/signed.pdf && echo 'another scan' >back/other.pdf
code 0 "$CUSTODY" record add other:certificate-signed --lab lab -s what='form neutral, signed' --attach back/signed.pdf --attach back/copy.html back/p.custody.asice
code 0 "$CUSTODY" record show --lab lab --attached back/signed.pdf --attached back/copy.html back/p.custody.asice && said out "'back/signed.pdf': attached to event 2" && said out "'back/copy.html': attached to event 2"
code 1 "$CUSTODY" record show --lab lab --attached back/other.pdf back/p.custody.asice && said out "'back/other.pdf': attached to NO event of this record"
code 0 "$CUSTODY" record show --json --lab lab --attached back/signed.pdf back/p.custody.asice
python3 -c 'import json; a = json.load(open("out"))["attached"]; assert [x["events"] for x in a] == [[2]] and a[0]["path"] == "back/signed.pdf"' || fail "$(cat out)"
code 66 "$CUSTODY" record show --lab lab --attached back/none.pdf back/p.custody.asice && said err "'back/none.pdf'"
code 64 "$CUSTODY" record add other:x --lab lab -s what=x --attached back/other.pdf back/p.custody.asice && said err 'add has no --attached'
code 0 "$CUSTODY" verify --trust lab/trust --record back/p.custody.asice back/p.asice && tr -d '\n' <out | tr -s ' ' | grep -qF "as stated: 'form neutral, signed'; attached: 'signed.pdf' with SHA-256 $(sha256sum <back/signed.pdf | cut -c1-64) and 1 more" || fail "the report does not tell the attachment: $(cat out)"
