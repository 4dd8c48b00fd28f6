# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The report for a court as HTML: the same facts as the JSON, whatever the names are (ADM-48, 58, 85, 86, 87, 90, 92, 93, 96, 98).
set -u
fail() { echo "$*"; exit 1; }
code() {
	want=$1 rc=0
	shift
	"$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(head -c 300 out) $(cat err)"
}
# report CODE ARGUMENTS: r.html and the JSON of the same run, kept to be held against each other at the end.
made=0
mkdir kept
report() {
	rm -f r.html
	code "$1" "$CUSTODY" verify --json --report r.html "${@:2}"
	made=$((made + 1))
	cp r.html kept/$made.html && cp out kept/$made.json
}
holds() { grep -qF -- "$1" r.html || fail "the report does not say: $1"; }

own=$FIXTURES/sealed/own-p256.asice trust=$FIXTURES/sealed/trust-own

# the three values, and both kinds of time
report 0 --trust "$trust" "$own"
holds 'class="verdict valid"' && holds 'is, byte for byte, the file that was sealed.' && holds 'own word'
report 0 --trust "$FIXTURES/sealed/trust-independent" "$FIXTURES/sealed/independent-p256.asice"
holds 'An independent authority proves that the seal existed not later than ' && ! grep -q 'laboratory says' r.html || fail "whose word the time is"
report 2 "$own"
holds 'class="verdict indeterminate"' && holds 'It cannot be decided'
report 1 --trust "$trust" "$FIXTURES/tampered/item-digest-mismatch/evidence.asice"
holds 'class="verdict invalid"' && holds '1 item differs from what the package states of it.'
report 0 --trust "$trust" --at 2026-11-20 "$own" && holds 'chosen by the user'
: >empty && report 1 --trust "$trust" empty
report 1 --trust "$trust" --expect "$(printf %064d 1)" "$own" && holds 'It is NOT the number that was expected'
holds 'It is not the package that was expected; this one still proves what its own seal says.' && holds 'is, byte for byte, the file that was sealed.'
report 66 none && holds 'NOT JUDGED' && holds 'no such file'

# a forgery of each kind
for d in "$FIXTURES"/tampered/*/; do
	f=$(find "$d" -name '*.asice' | sort | head -n 1)
	[ -n "$f" ] || continue
	rm -f r.html
	"$CUSTODY" verify --json --report r.html --trust "$trust" "$f" >out 2>err </dev/null
	made=$((made + 1))
	cp r.html kept/$made.html && cp out kept/$made.json || fail "$f: $(cat err)"
done

# one package, never over something, nothing left behind
code 64 "$CUSTODY" verify --report s.html "$own" "$own" && grep -q 'exactly one package' err || fail "$(cat err)"
echo mine >s.html && code 66 "$CUSTODY" verify --trust "$trust" --report s.html "$own" && grep -q exists err && [ "$(cat s.html)" = mine ] || fail "written over"
rm s.html && ln -s nowhere s.html && code 66 "$CUSTODY" verify --trust "$trust" --report s.html "$own" && [ ! -e nowhere ] || fail "followed a link"
code 64 "$CUSTODY" verify --report s.htm "$own" && code 64 "$CUSTODY" verify --report html "$own"
[ -z "$(find . -name '*.tmp')" ] || fail "temporaries are left: $(ls -A)"

# names of files: all bytes, and forms that mean something to a browser, a terminal or a spreadsheet
python3 - <<'P' >names
import base64
some = [bytes(b for b in range(i, i + 32) if b not in (0, 47)) for i in range(0, 256, 32)]
some += [b"<script>document.title='run'</script>", b"\"><img src=x onerror=document.title='run'>", b"' onmouseover='x", b"--><svg onload=x>", b"&lt;b&gt;&#60;", b"</title><",
         b"=cmd|' C calc'!A0", b"@SUM(1+1)", b"+1", b"\x1b[31mVALID\x1b[0m", b"\x1b]8;;http:x\x07y", "\u202egpj.exe".encode(), "\u2066a\u2069\u200b\ufeff".encode(),
         "\u0645\u0644\u0641 \u05e7\u05d5\u05d1\u05e5".encode(), "e\u0301\u0301\u0301\u0301\u0301".encode(), b"a\nVALID: b", b"\xff\xfe\x80", b"\\x1b\\u{202e}", b" ", b"...", b"`id`$(id)"]
for s in some:
    print(base64.b64encode(s.replace(b"/", b":")).decode())
P
mkdir n && cp "$own" copy
python3 -c 'import base64,os
for i, s in enumerate(open("names")):
    os.mkdir(f"n/{i}")
    os.link("copy", f"n/{i}/".encode() + base64.b64decode(s))'
shopt -s dotglob
for d in n/*/; do report 0 --trust "$trust" "$d"*; done

# what the sealer states, and names of items
"$CUSTODY" init lab -q --org "<b>Org</b> & 'Co'" --name '"><script>document.title="run"</script>' >/dev/null || fail init
mkdir in && python3 -c 'import base64
for s in open("names"): open(b"in/i" + base64.b64decode(s), "wb").write(b"x")' || fail "names"
"$CUSTODY" seal -q --lab lab --case '<script>document.title="run"</script>' --exhibit '=1+1' -o odd.asice in >/dev/null 2>err || fail "seal: $(cat err)"
report 0 --trust lab/trust odd.asice && holds '&lt;script&gt;document.title=&quot;run&quot;&lt;/script&gt;' && holds 'name-aliased'
python3 -c 'd = bytearray(open("odd.asice", "rb").read()); d[len(d) // 2] ^= 1; open("bent.asice", "wb").write(d)'
report 1 --trust lab/trust bent.asice

# each of them as a browser reads it, against the JSON
[ $made -ge 100 ] || fail "only $made reports"
python3 "$ROOT/tests/support/report_html.py" kept/*.html || fail "of $made reports"
# ADM-87: an item that differs is named, and where in the file its bytes are; no more than that is known, and nothing else differs
mkdir place && python3 -c 'open("place/a", "wb").write(b"A" * 100); open("place/b", "wb").write(b"B" * 5000); open("place/c", "wb").write(b"C" * 100)'
"$CUSTODY" init placelab -q --org Lab --name Ada >/dev/null && "$CUSTODY" seal -q --lab placelab -o place.asice place >/dev/null || exit 1
python3 - <<'END' || exit 1
import json, os, re, subprocess, zlib
b = open("place.asice", "rb").read()
first = b.index(b"B" * 5000)
def verify(name, data):
    open(name, "wb").write(data)
    out = subprocess.run([os.environ["CUSTODY"], "verify", "--json", "--trust", "placelab/trust", name], stdout=subprocess.PIPE, check=False).stdout
    global report
    report = json.loads(out)
    return [f for f in report["findings"] if f["id"] == "item-digest-mismatch"]
for at in (first, first + 2500, first + 4999):
    found = verify("bent.asice", b[:at] + b"b" + b[at + 1:])
    assert [f["item"] for f in found] == ["data/place/b"], found # once, though three lists and two digests tell it
    assert report["compared"] == {"items": 3, "equal": 2} and "All of the 3 items with content were compared. 2 of them do not differ from" in report["conclusion"], report
    for f in found:
        n, low, high = map(int, re.search(r"which of its (\d+) bytes \((\d+) to (\d+) of the package file\) differ, a digest does not say", f["detail"]).groups())
        assert (n, low, high) == (5000, first, first + 4999) and low <= at <= high, f
# a member of another name: the lists lose their place, the items behind were not compared with all of them, and nothing is said of how many do not differ
name, other = b"data/place/a", b"data/place/B"
first, last = b.index(name), b.rindex(name) # in its own header and in the directory, not in the lists
verify("gone.asice", b[:first] + other + b[first + len(name):last] + other + b[last + len(name):])
assert report["verdict"] == "INVALID" and report["compared"] is None and "not differ" not in report["conclusion"], report
END

exit 0
