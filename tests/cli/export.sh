# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# custody export: what is written under which verdict, exit codes, and that another program reads every name, size and digest out of it.
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
	"$CUSTODY" export "$@" >out 2>err </dev/null
	got=$?
	[ $got = "$want" ] || fail "export $*: exit $got, want $want"
}
export CUSTODY_LAB=$PWD/no-lab

# VALID: each format, with the verdict, its digest, and what is not proven
for f in case dfxml premis; do
	try 0 -f $f -o own.$f --trust "$sealed/trust-own" "$sealed/own-p256.asice"
	[ "$(head -c 7 out)" = 'VALID: ' ] || fail "no verdict on the first line"
	tail -n 1 out | grep -q "^Exported as .* to 'own.$f': 2 items, $(wc -c <own.$f) bytes, SHA-256 $(sha256sum <own.$f | cut -c 1-64)\$" || fail "last line: $(tail -n 1 out)"
	for w in 'VALID: ' 'not proven: ' 'These are questions for the court.' 'is not signed, and proves nothing by itself' "$(sha256sum <"$sealed/own-p256.asice" | cut -c 1-64 | sed 's/..../& /g; s/ $//')"; do
		sed 's,kind="\([a-z ]*\)">,\1: ,' own.$f | grep -qF -- "$w" || fail "$f does not say: $w"
	done
	python3 -B "$ROOT/tests/support/words.py" own.$f || fail "a forbidden word"
done

# INDETERMINATE: written, and says so; who sealed is then not said
for f in case dfxml premis; do
	try 2 -f $f -o unknown.$f "$sealed/own-p256.asice"
	grep -q INDETERMINATE out && grep -q INDETERMINATE unknown.$f && grep -q 'who sealed it cannot be said' unknown.$f || fail "$f: whose seal"
	! grep -q 'uco-action:performer\|agentName>Worthless Test Analyst' unknown.$f || fail "$f: says who sealed"
done

# INVALID: nothing, whatever is wrong
n=0
for p in "$tampered"/zip-gap/*.asice "$tampered"/item-digest-mismatch/*.asice "$tampered"/seal-signature-invalid/*.asice "$tampered"/lists-disagree/*.asice "$tampered"/tree-root-mismatch/*.asice; do
	[ -e "$p" ] || continue
	try 1 -f dfxml -o bad --trust "$sealed/trust-own" "$p"
	[ ! -e bad ] || fail "$p: something was written"
	[ "$(tail -n 1 out)" = 'Nothing was exported.' ] || fail "$p: not said"
	n=$((n + 1))
done
[ $n -gt 10 ] || fail "only $n packages tried"
printf 'Dear Sir,\nno package here\n' >text
try 1 -f case -o bad --trust "$sealed/trust-own" text
try 1 -f case -o bad --trust "$sealed/trust-own" --expect "$(printf '%064d' 7)" "$sealed/own-p256.asice"
try 1 --json -f case -o bad --trust "$sealed/trust-own" text && grep -q '"verdict":"INVALID".*"format":"case","export":null}$' out || fail "JSON of nothing: $(cat out)"

# what is no question, and what is there already
try 64 -o bad "$sealed/own-p256.asice" && grep -q -- '--format' err || fail "no word about the format"
try 64 -f rdf -o bad "$sealed/own-p256.asice" && grep -q "'rdf' is no format to export to, want one of: case dfxml premis" err || fail "message"
try 64 -f case "$sealed/own-p256.asice" && grep -q -- '-o' err || fail "no word about -o"
try 64 -f case -o bad --expect 12 "$sealed/own-p256.asice"
try 66 -f case -o bad missing.asice
echo mine >there && try 66 -f case -o there --trust "$sealed/trust-own" "$sealed/own-p256.asice" && [ "$(cat there)" = mine ] || fail "written over"
rm there && ln -s nowhere there && try 66 -f case -o there "$sealed/own-p256.asice" && [ ! -e nowhere ] || fail "followed a link"
try 66 -f case -o no/such/folder "$sealed/own-p256.asice"
[ ! -e bad ] || fail "something was written"

# a full disk: nothing is left
mkdir small
if mount -t tmpfs -o size=16k none small 2>/dev/null; then
	try 74 -f case -o small/x --trust "$sealed/trust-own" "$sealed/kinds-p256.asice"
	left=$(find small -mindepth 1 | wc -l)
	umount small
	[ "$left" = 0 ] || fail "$left things were left on a full disk"
fi

# a tree with hostile names, sealed: other programs read every name to the byte, every size, time and digest out of each format
"$CUSTODY" init lab -q --org '<b>Org</b> & Co' --name '"><script>' >out 2>err || fail init
python3 - <<'P' || fail names
import os
some = [bytes(b for b in range(i, i + 32) if b not in (0, 47)) for i in range(0, 256, 32)]
some += [b"<script>", b"]]>", b"--><!--", b"&lt;&#0;", b"\"},{\"@id\":\"kb:package", b"<\\filename>", b"\x1b[31mVALID\x1b[0m", "\u202egpj.exe".encode(), "\ufffe\uffff".encode(), b"\xed\xa0\x80",
         "\u0645\u0644\u0641".encode(), "e\u0301\u0301\u0301\u0301".encode(), b"a\nb", b"\xff\xfe", b"\\x1b\\u{202e}", b" ", b"tab\t", b"plain"]
for i, s in enumerate(some):
    d = b"in/%d" % (i % 5)
    os.makedirs(d, exist_ok=True)
    with open(os.path.join(d, s), "wb") as f:
        f.write(s * (i * 100))
os.symlink(b"to\xff\n<nowhere>", b"in/link")
os.link(b"in/4/plain" if os.path.exists(b"in/4/plain") else os.path.join(b"in/%d" % ((len(some) - 1) % 5), b"plain"), b"in/hard<>")
os.mkfifo(b"in/fifo")
P
"$CUSTODY" seal -q --lab lab --case '<case> & "1"' --exhibit "$(printf 'E\033[31m')" -d md5,sha256,sha3-256,blake2b -o 'odd & <name>.asice' in >out 2>err || fail "seal: $(cat err)"
try 64 -f case -o - --trust lab/trust 'odd & <name>.asice' && grep -q 'cannot go to standard output' err && [ ! -e - ] || fail "-o -: $(cat err)"
for f in case dfxml premis; do try 0 --json -f $f -o odd.$f --trust lab/trust 'odd & <name>.asice'; done
for f in case dfxml premis; do grep -q 'md5 is a legacy digest' odd.$f || fail "$f: md5 is not labelled"; done
grep -q 'hashdigest type=.MD5. custody:legacy=.true.' odd.dfxml || fail "DFXML: md5 is not labelled"
python3 - <<'P' || fail "JSON"
import hashlib, json
r = json.load(open("out"))
assert r["schema"] == "custody-export-result/1" and r["verdict"] == "VALID" and r["format"] == "premis", r
x = open("odd.premis", "rb").read()
assert r["export"] == {"path": "odd.premis", "sha256": hashlib.sha256(x).hexdigest(), "size": len(x), "items": r["export"]["items"]} and r["export"]["items"] > 30, r
P
python3 -B "$ROOT/tests/support/exports.py" in odd.case odd.dfxml odd.premis || fail "other programs read something else"

# the journal has it
export CUSTODY_LAB=$PWD/lab
try 0 -f case -o again.case 'odd & <name>.asice'
tail -n 1 lab/journal.jsonl | grep -q '"export".*VALID, exported' || fail "journal: $(tail -n 1 lab/journal.jsonl)"
[ -z "$(find . -name '*.tmp')" ] || fail "temporaries are left: $(ls -A)"
exit 0
