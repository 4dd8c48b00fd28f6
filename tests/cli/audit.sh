# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# custody audit: every kind of difference, lists of other tools made elsewhere, exit codes.
set -u
top=$PWD
fail() { echo "$*"; exit 1; }
code() {
	want=$1 rc=0
	shift
	"$@" >"$top/out" 2>"$top/err" </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(head -c 300 "$top/out") $(cat "$top/err")"
}
# wherever a line breaks
said() { tr -s ' \n' ' ' <"$1" | grep -qF -- "$(tr -s ' \n' ' ' <<<"$2" | sed 's/ $//')" || fail "$1 does not say '$2': $(cat "$1")"; }
sum() { [ "$(tail -n 1 out)" = "matched $1, changed $2, moved $3, new $4, missing $5${6:-}" ] || fail "$7: $(cat out)"; }

mkdir -p in/sub && printf a >in/a && printf b >in/b && printf c >in/sub/c && : >in/empty && printf n >$'in/l\nf' && printf p >in/100%

# every format, made with one argument and audited with the same
for f in sha256sum bsd jsonl; do
	"$CUSTODY" hash -f $f in >list.$f && code 0 "$CUSTODY" audit -k list.$f in && sum 6 0 0 0 0 '' $f
done
"$CUSTODY" hash -f bagit in >list.bagit && code 0 "$CUSTODY" audit -f bagit -k list.bagit in && sum 6 0 0 0 0 '' bagit
"$CUSTODY" hash -d md5,sha512 in >list.two 2>err && code 0 "$CUSTODY" audit -k list.two in && sum 6 0 0 0 0 '' two
said err 'md5 is a legacy digest'
code 0 "$CUSTODY" audit -k list.bsd in/ && code 0 "$CUSTODY" audit -k list.bsd ./in && code 0 "$CUSTODY" audit -k list.bsd "$PWD/in"
"$CUSTODY" audit -k - in <list.bsd >out || fail "a list from standard input"
code 0 "$CUSTODY" audit -v -k list.bsd in && said out 'matched: in/sub/c'
for j in 1 2 8; do code 0 "$CUSTODY" audit -v -j $j -k list.bsd in && cp out out.$j; done
cmp -s out.1 out.2 && cmp -s out.1 out.8 || fail "-j changes the output"

# every kind of difference
cp -r in new && printf B >new/b && mv new/sub/c new/moved && rm new/a && printf x >$'new/\x1b[31m'
(cd in && find . -type f -print0 | xargs -0 sha256sum) >list
code 1 "$CUSTODY" audit -k list new && sum 3 1 1 1 1 '' differences
printf '%s\n' 'changed: new/b' 'new: new/\u{001b}[31m' 'moved: ./sub/c -> new/moved' 'missing: ./a' | LC_ALL=C sort >want
head -n -1 out | LC_ALL=C sort | cmp -s - want || fail "$(cat out)"
said err 'the names of the list are read from each argument'
code 1 "$CUSTODY" audit --json -k list new
python3 -c 'import base64,json
r = json.load(open("out"))
assert r["schema"] == "custody-audit/1" and r["differs"] is True, r
assert r["counts"] == {"matched": 3, "changed": 1, "moved": 1, "new": 1, "missing": 1, "unreadable": 0, "passed-over": 0}, r
by = {i["status"]: i for i in r["items"]}
assert by["moved"]["item"] == "new/moved" and by["moved"]["from"] == "./sub/c", r
assert base64.b64decode(by["new"]["item_b64"]) == b"new/\x1b[31m", r
assert by["changed"]["differ"] == ["sha256"] and len(r["items"]) == 4, r' || fail "json: $(cat out)"
code 0 "$CUSTODY" audit --json -k list in && python3 -c 'import json; r = json.load(open("out")); assert r["items"] == [] and r["differs"] is False' || fail "json"
# one digest of a file agrees and the other does not: the list contradicts the file, and that is a change
{ md5sum --tag in/a; sha256sum --tag in/b | sed 's/in.b/in\/a/'; } >list && code 1 "$CUSTODY" audit -k list in/a && said out 'changed: in/a (agreeing: md5; differing: sha256)'

# lists that were made elsewhere
(cd in && sha256sum a b sub/c empty 100% $'l\nf') >in.sums && code 0 "$CUSTODY" audit -k in.sums in && sum 6 0 0 0 0 '' below
(cd in/sub && sha256sum ../sub/c) >/dev/null
sha256sum "$PWD"/in/a "$PWD"/in/b "$PWD"/in/empty "$PWD"/in/100% "$PWD"/in/sub/c "$PWD"/in/l* >list && code 0 "$CUSTODY" audit -k list in
sed 's|'"$PWD"'|/mnt/elsewhere|' list >list.mnt && code 0 "$CUSTODY" audit -k list.mnt in && said err 'without the folders that all have in common'
mkdir other && mv in other/ && code 0 "$CUSTODY" audit -k list.bsd other/in && mv other/in .
cp in.sums in/SHA256SUMS && (cd / && code 1 "$CUSTODY" audit -k "$top/in/SHA256SUMS" "$top/in") && sum 6 0 0 1 0 '' 'list inside' || exit 1
(cd / && code 0 "$CUSTODY" audit -k "$top/in/SHA256SUMS" "$top"/in/[abel]* "$top/in/100%" "$top/in/sub") || exit 1
rm in/SHA256SUMS
mkdir -p bag && cp -r in bag/data && (cd bag && "$CUSTODY" hash -q -f bagit data >manifest-sha256.txt) || fail "bag"
code 0 "$CUSTODY" audit -k bag/manifest-sha256.txt bag/data && sum 6 0 0 0 0 '' bag
code 1 "$CUSTODY" audit -k bag/manifest-sha256.txt bag && sum 6 0 0 1 0 '' 'bag with its tag files'
(cd bag/data && code 0 "$CUSTODY" audit -k ../manifest-sha256.txt .) || exit 1
openssl dgst -sha256 in/a in/b >list && code 0 "$CUSTODY" audit -k list in/a in/b
md5sum in/a >list && code 0 "$CUSTODY" audit -k list in/a && said err 'and the list has nothing better'
b2sum in/a >list && code 1 "$CUSTODY" audit -k list in/a && said err '-d names another' && code 0 "$CUSTODY" audit -d blake2b -k list in/a
sha256sum in/a | sed 's/$/\r/' >list && code 0 "$CUSTODY" audit -k list in/a && said err 'CR LF'
if command -v hashdeep >/dev/null; then
	rm in/l* && hashdeep -r -c md5,sha256 in >list && code 0 "$CUSTODY" audit -k list in && sum 5 0 0 0 0 '' hashdeep
	said err 'from the root'
	hashdeep -r -l -c tiger,sha1 in >list && code 0 "$CUSTODY" audit -k list in && sum 5 0 0 0 0 '' 'hashdeep -l'
	"$CUSTODY" hash in >list.sha256sum
fi

# links and FIFOs: their names in a list are missing, since what they lead to was not looked at
ln -s a in/link && mkfifo in/fifo && sha256sum in/a in/link >list
code 0 timeout 20 "$CUSTODY" audit -k list in/a in/link && sum 2 0 0 0 0 '' 'a link as argument'
rc=0 && timeout 20 "$CUSTODY" audit -k list in >out 2>err || rc=$?
[ $rc = 1 ] || fail "a link in a folder: $rc"
said out 'missing: in/link' && said err 'was not followed'
rm in/link in/fifo

# exit codes
code 64 "$CUSTODY" audit in && code 64 "$CUSTODY" audit -k list && code 64 "$CUSTODY" audit -k list -f csv in && code 64 "$CUSTODY" audit -d md5,sha1 -k list in
code 66 "$CUSTODY" audit -k none in && code 66 "$CUSTODY" audit -k in in && code 66 "$CUSTODY" audit -k list.sha256sum in none
bad() { printf "$1" >bad && code 65 "$CUSTODY" audit -k bad ${3:-} in && said err "$2"; }
good=$(sha256sum <in/a | cut -c1-64)
bad '\001junk\n' 'line 1: found no hash list of a known format'
bad '' 'line 1: found no hash list of a known format'
bad "$good  a\njunk\n" 'line 2: 0 hexadecimal digits at the start'
bad "$good  a\n${good%?}0  ./a\n" "line 2: './a' is there twice with a different digest"
bad "\357\273\277$good  a\n" 'a byte order mark'
said err 'tail -c +4' && tail -c +4 bad >marked && code 1 "$CUSTODY" audit -k marked in # what the hint says makes it readable
printf '%s  a\n' "$good" | iconv -t UTF-16 >bad && code 65 "$CUSTODY" audit -k bad in && said err 'iconv -f UTF-16 -t UTF-8'
iconv -f UTF-16 -t UTF-8 bad >wide && code 1 "$CUSTODY" audit -k wide in
bad '# nothing\n' 'line 2: the end, and no digest before it' '-f sha256sum'
bad '%%%%%%%% HASHDEEP-1.0\n' 'line 2: the end, and no digest before it'
bad '{"path":"a","digests":{"sha256":"00"}}\n' 'line 1: 2 hexadecimal digits, want the 64 of sha256'
code 0 "$CUSTODY" audit --help && said out 'usage: custody audit'
