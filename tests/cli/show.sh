# SPDX-License-Identifier: Apache-2.0
# custody show: what it says, that it never says more than that, and its exit codes.
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
# Nothing in the output that a terminal acts on.
harmless() {
	python3 -c 'import sys, unicodedata
text = open("out", "rb").read().decode("utf-8")
bad = {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")}
sys.exit("characters %r in the output" % sorted(bad) if bad else 0)' || fail "$1"
}

code 0 "$CUSTODY" show "$FIXTURES/sealed/own-p256.asice"
[ "$(head -c 12 out)" = 'NOT VERIFIED' ] || fail "it must say first that nothing was verified: $(head -n 1 out)"
said out 'Case         C-1' && said out '  e/a.txt' && said out 'Worthless Test Analyst, Worthless Test Lab, analyst (as claimed)'
[ ! -s err ] || fail "stderr: $(cat err)"

# hostile names
code 0 "$CUSTODY" show "$FIXTURES/sealed/kinds-p256.asice" && harmless 'text of hostile names'
said out 'k/\u{001b}[31mred' && said out 'k/bidi \u{202e}gpj.exe' && said out 'k/nl\u{000a}in name' && said out 'k/\xff\xfe' && said out 'k/back\\slash'
code 0 "$CUSTODY" show --json "$FIXTURES/sealed/kinds-p256.asice" && harmless 'JSON of hostile names'
[ "$(wc -l <out)" = 1 ] || fail "JSON is one line"
python3 - <<'END' || fail "JSON: $(cat out)"
import base64, json
r = json.load(open("out"))
assert r["schema"] == "custody-show/1" and r["verified"] is False and r["problems"] == []
assert len(r["items"]) == r["seal"]["items"] == 29 and [i["n"] for i in r["items"]] == list(range(29))
raw = {base64.b64decode(i["path_b64"]) if "path_b64" in i else i["path"].encode() for i in r["items"]}
assert b"k/\xff\xfe" in raw and b"k/\x1b[31mred" in raw and b"k/back\\slash" in raw
assert sum(i.get("size", 0) for i in r["items"]) == r["seal"]["bytes"] == r["package"]["bytes"]
END
cp "$FIXTURES/sealed/own-p256.asice" "$(printf 'x\033[31m.asice')"
code 0 "$CUSTODY" show "$(printf 'x\033[31m.asice')" && harmless 'the name of the package'
code 66 "$CUSTODY" show "$(printf 'no\033[31m\nne')" && ! grep -q "$(printf '\033')" err || fail 'escape sequence in an error'

# what cannot be read is said, and the rest is shown
head -c 5000 "$FIXTURES/sealed/own-p256.asice" >cut.asice && code 2 "$CUSTODY" show cut.asice && said out 'not a sealed package' && said out 'What could not be read'
: >empty && code 2 "$CUSTODY" show empty
echo text >text && code 2 "$CUSTODY" show --json text && python3 -c 'import json; r = json.load(open("out")); assert r["seal"] is None and len(r["problems"]) == 1'
for f in "$FIXTURES"/tampered/*/*.asice; do
	[ -e "$f" ] || continue
	rc=0
	timeout 20 "$CUSTODY" show "$f" >out 2>err || rc=$?
	[ $rc = 0 ] || [ $rc = 2 ] || fail "$f: exits $rc: $(cat err)"
	[ ! -s err ] || fail "$f: $(cat err)"
	grep -q '^NOT VERIFIED' out || fail "$f: $(cat out)"
	! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" out || fail "$f: control bytes"
done

# what is no file
mkfifo fifo
for x in none . /dev/null fifo; do
	code 66 timeout 20 "$CUSTODY" show "$x" && said err "cannot show '$x': "
	[ ! -s out ] || fail "$x: something on stdout"
done
code 64 "$CUSTODY" show && code 64 "$CUSTODY" show a b && code 64 "$CUSTODY" show --trust x a
code 0 "$CUSTODY" show --help && said out 'without verifying anything'
rc=0
"$CUSTODY" show "$FIXTURES/sealed/kinds-p256.asice" >/dev/full 2>err || rc=$?
[ $rc = 74 ] || fail "a full disk: exits $rc"
