# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# custody hash against the tools whose lists it writes, and its exit codes.
set -u
fail() { echo "$*"; exit 1; }
code() {
	want=$1 rc=0
	shift
	"$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(head -c 300 out) $(cat err)"
}
said() { grep -qF -- "$2" "$1" || fail "$1 does not say '$2': $(cat "$1")"; }
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ: $(diff "$1" "$2" | head -5)"; }

mkdir -p in/sub in/.hidden
printf abc >in/abc && : >in/empty && printf x >'in/ two  spaces ' && printf x >in/sub/-rf && printf y >in/.hidden/100% && printf z >"in/star*"
head -c 3000001 /dev/zero | tr '\0' q >in/sub/large
head -c 1048576 /dev/zero >in/block
printf 1 >$'in/lf\nin' && printf 2 >'in/back\slash' && printf 3 >$'in/cr\r' && printf 4 >$'in/\xff\xfe' && printf 5 >$'in/caf\xc3\xa9'

# the lists of coreutils, byte for byte but for the order; and they can check ours
for alg in md5 sha1 sha256 sha384 sha512; do
	find in -type f -print0 | xargs -0 "${alg}sum" -- | LC_ALL=C sort >want
	code 0 "$CUSTODY" hash -d $alg in && LC_ALL=C sort out >got && same got want
	"${alg}sum" --quiet --strict -c out || fail "${alg}sum does not check our list"
	find in -type f -print0 | xargs -0 "${alg}sum" --tag -- | LC_ALL=C sort >want
	code 0 "$CUSTODY" hash -d $alg -f bsd in && LC_ALL=C sort out >got && same got want
done
find in -type f -print0 | xargs -0 b2sum -- | LC_ALL=C sort >want
code 0 "$CUSTODY" hash -d blake2b in && LC_ALL=C sort out >got && same got want
for alg in sha3-256 sha3-512; do
	openssl dgst -r -$alg in/abc | sed 's/ \*/  /' >want
	code 0 "$CUSTODY" hash -d $alg in/abc && same out want
done

# the order is the walk's, the same for every number of threads, and several digests come from one read
code 0 "$CUSTODY" hash -d md5,sha1,sha256,sha384,sha512,sha3-256,sha3-512,blake2b -f jsonl -j1 in && cp out want
for j in 2 3 8; do code 0 "$CUSTODY" hash -d md5,sha1,sha256,sha384,sha512,sha3-256,sha3-512,blake2b -f jsonl -j $j in && same out want; done
said err 'md5 and sha1 are legacy digests'
[ "$(grep -c legacy err)" = 1 ] || fail "the label comes once"
python3 -c 'import base64,hashlib,json,sys
n = 0
for line in open("out"):
    r = json.loads(line); n += 1
    path = r["path"].encode() if "path" in r else base64.b64decode(r["path_b64"])
    data = open(path, "rb").read()
    assert r["size"] == len(data), path
    for alg, value in r["digests"].items():
        h = hashlib.new(alg.replace("-", "_"), data) if alg != "blake2b" else hashlib.blake2b(data)
        assert h.hexdigest() == value, (path, alg)
assert n == 13, n' || fail "jsonl"
code 0 "$CUSTODY" hash --json in && cp out want && code 0 "$CUSTODY" hash -f jsonl in && same out want

# several digests: bsd unless said otherwise
code 0 "$CUSTODY" hash -d sha256,md5 in/abc
printf 'MD5 (in/abc) = 900150983cd24fb0d6963f7d28e17f72\nSHA256 (in/abc) = ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n' >want
same out want

# bagit: a bag that others take
mkdir bag && cp -r in bag/data && (cd bag && "$CUSTODY" hash -f bagit data >manifest-sha256.txt) || fail "bagit"
(cd bag && grep -v '%' manifest-sha256.txt | sha256sum --quiet --strict -c) || fail "sha256sum does not check the manifest"
grep -q 'data/lf%0Ain$' bag/manifest-sha256.txt && grep -q 'data/.hidden/100%25$' bag/manifest-sha256.txt || fail "per cent"

# hashdeep: names that it cannot say are said, the rest is listed
code 66 "$CUSTODY" hash -d md5,sha256 -f hashdeep in
said err 'a hashdeep list cannot hold a name with a line feed' && grep -q '^3,.*,in/abc$' out || fail "hashdeep"
if command -v hashdeep >/dev/null; then
	mkdir plain && cp in/abc in/empty 'in/ two  spaces ' in/sub/large plain/ && printf c >plain/a,b
	code 0 "$CUSTODY" hash -d md5,sha256 -f hashdeep plain && cp out list
	hashdeep -r -l -a -k list plain >got || fail "hashdeep does not audit our list"
	hashdeep -r -l -c md5,sha1,sha256 plain | grep -v '^##' | LC_ALL=C sort >want
	code 0 "$CUSTODY" hash -d sha1,md5,sha256 -f hashdeep plain && LC_ALL=C sort out >got && same got want
else
	echo "hashdeep is not installed"
fi

# standard input
printf abc | "$CUSTODY" hash - >out && [ "$(cat out)" = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -' ] || fail "stdin"
code 64 "$CUSTODY" hash - - && grep -q "want standard input once" err || fail "standard input twice: $(cat err)"
code 0 "$CUSTODY" hash -- in/sub/-rf

# what is no regular file is said, not followed, and no error below a folder
mkdir odd && mkfifo odd/fifo && ln -s /etc/passwd odd/link && ln -s ../in/abc odd/abc && printf abc >odd/file && ln odd/file odd/hard
code 0 timeout 20 "$CUSTODY" hash odd
[ "$(cut -c67- out | tr '\n' ' ')" = 'odd/file odd/hard ' ] || fail "$(cat out)"
said err "'odd/link' is a symbolic link to '/etc/passwd' and was not followed" && said err "'odd/fifo' is a FIFO and was passed over"
code 0 timeout 20 "$CUSTODY" hash -q odd && [ ! -s err ] || fail "--quiet: $(cat err)"
code 0 "$CUSTODY" hash odd/abc && [ "$(cut -c67- out)" = odd/abc ] || fail "a link as argument"
code 66 timeout 20 "$CUSTODY" hash odd/fifo
code 66 "$CUSTODY" hash /dev/null

# exit codes: the others are hashed all the same
code 66 "$CUSTODY" hash none in/abc in/abc/x in/empty && [ "$(wc -l <out)" = 2 ] && said err "no such file or folder 'none'"
code 64 "$CUSTODY" hash && code 64 "$CUSTODY" hash -d crc32 in && code 64 "$CUSTODY" hash -d '' in && code 64 "$CUSTODY" hash -d md5,md5 in
code 64 "$CUSTODY" hash -f csv in && code 64 "$CUSTODY" hash -d md5,sha1 -f sha256sum in && code 64 "$CUSTODY" hash -d md5,sha1 -f bagit in
code 64 "$CUSTODY" hash -d sha512 -f hashdeep in && code 64 "$CUSTODY" hash -f bsd --json in
for j in 0 257 x -1 ''; do code 64 "$CUSTODY" hash "--jobs=$j" in; done
code 0 "$CUSTODY" hash --help && said out 'usage: custody hash'
rc=0 && "$CUSTODY" hash in >/dev/full 2>err || rc=$?
[ $rc = 74 ] || fail "a full disk: $rc"
mkdir nothing && code 0 "$CUSTODY" hash nothing && [ ! -s out ] && said err "nothing was hashed" || fail "nothing"
code 0 "$CUSTODY" hash -q nothing && [ ! -s out ] && [ ! -s err ] || fail "nothing, quietly"

# a file that cannot be read: a process without memory mapped at 0 gives EIO, whoever asks
if [ -e /proc/self/mem ] && ! head -c 1 /proc/self/mem >/dev/null 2>&1; then
	code 74 "$CUSTODY" hash in/abc /proc/self/mem in/empty && [ "$(wc -l <out)" = 2 ] && said err "cannot read '/proc/self/mem'"
fi

# a terminal never gets what it would act on
printf e >$'in/\x1b[31mred'
if command -v script >/dev/null; then
	script -qec "'$CUSTODY' hash -q in" /dev/null </dev/null >shown 2>&1 || fail "on a terminal: $(cat shown)"
	! grep -q $'\x1b\\[31m' shown && said shown '\u{001b}[31mred' || fail "escape sequences: $(cat -v shown)"
fi
"$CUSTODY" hash -q in | grep -q $'\x1b\\[31mred' || fail "bytes in a list stay what they are"
