#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sizes that take minutes: a file of 5 GiB, a sparse one of SPARSE (10 GiB, in `make soak` 100 GiB) with 1 MiB of data, ten thousand real files, every hostile name. Each is
# sealed, verified, extracted, and must come back byte for byte, with its times, holes and links, and no process may pass 64 MiB. Needs room: about 25 GB.
# usage: large.sh [SPARSE_SIZE]     with $CUSTODY set; works in a folder of its own below the current one
set -eu
sparse=${1:-10G}
work=$(mktemp -d ./large.XXXXXX); trap 'rm -rf "$work"' EXIT; cd "$work"
fail() { echo "large.sh: $*" >&2; exit 1; }
peak=0
# run COMMAND...: quietly, with its peak memory noted
run() {
	/usr/bin/time -f %M -o rss "$@" >out 2>err || fail "'$*' exits $?: $(tail -2 err)"
	[ "$(cat rss)" -le 65536 ] || fail "'$2' took $(cat rss) KiB"
	[ "$(cat rss)" -le $peak ] || peak=$(cat rss)
}
# list TREE: a line an item, below it: kind, size, time, target, links, digest. Descriptors, since names are longer than a path may be.
list() {
	python3 - "$1" <<'P'
import hashlib, os, stat, sys
for path, folders, files, at in os.fwalk(os.fsencode(sys.argv[1]), follow_symlinks=False):
    for name in sorted(folders + files):
        s = os.stat(name, dir_fd=at, follow_symlinks=False)
        if stat.S_ISFIFO(s.st_mode):
            continue # not extracted, and said so
        kind, digest, target = stat.S_IFMT(s.st_mode), "", b""
        if stat.S_ISREG(s.st_mode):
            with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=at), "rb") as f:
                digest = hashlib.file_digest(f, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(f.read()).hexdigest()
        if stat.S_ISLNK(s.st_mode):
            target = os.readlink(name, dir_fd=at)
        below = (path + b"/" + name)[len(sys.argv[1]):]
        # The folder that the pipe was in was changed by making it; a folder's size and links are the file system's own.
        folder = stat.S_ISDIR(s.st_mode)
        print(ascii(below), kind, "" if folder else s.st_size, s.st_mtime_ns, target, "" if folder else s.st_nlink, digest)
P
}

"$CUSTODY" init lab --org "Soak Lab" --name "Soak Analyst" >/dev/null
mkdir in in/empty
truncate -s "$sparse" in/sparse; head -c 1048576 /dev/urandom | dd of=in/sparse bs=1M seek=4097 conv=notrunc status=none
run "$CUSTODY" seal --lab lab -q -o sparse.asice in
[ "$(stat -c %b sparse.asice)" -lt 65536 ] || fail "the package of a sparse file is not sparse: $(stat -c %b sparse.asice) blocks"
run "$CUSTODY" verify --trust lab/trust sparse.asice
run "$CUSTODY" extract --trust lab/trust -C x sparse.asice
[ "$(stat -c %b x/in/sparse)" -lt 65536 ] || fail "holes were not restored"
cmp in/sparse x/in/sparse || fail "the sparse file differs"
rm -rf x sparse.asice in/sparse; echo "sparse $sparse: ok"

openssl enc -aes-128-ctr -K 00000000000000000000000000000000 -iv 00000000000000000000000000000000 </dev/zero 2>/dev/null | head -c 5368709120 >in/five
run "$CUSTODY" seal --lab lab -q -o five.asice in
run "$CUSTODY" verify --trust lab/trust five.asice
run "$CUSTODY" extract --trust lab/trust -C x five.asice
cmp in/five x/in/five || fail "the large file differs"
rm -rf x five.asice in/five; echo "5 GiB: ok"

for d in /usr/share/doc /usr/include /usr/lib/python3*; do [ ! -d "$d" ] || cp -a "$d" in/; done
n=$(find in -type f | wc -l); [ "$n" -ge 10000 ] || fail "only $n real files here"
python3 - in/hostile <<'P'
import os, sys
d = sys.argv[1].encode(); os.makedirs(d)
for b in range(1, 256):
    if b != 47: open(os.path.join(d, bytes([b]) + b'x'), 'wb').write(b'%d' % b)
for n in [b'a\nb', b'\x1b[31mred', b'\xe2\x80\xaegpj.exe', b'caf\xc3\xa9', b'cafe\xcc\x81', b'CAF\xc3\x89', b'CON', b'nul.txt', b'x.', b'x ', b'..x', b'_names', b'_NAMES', b'\\..\\up', b'C:\\x', b'\xff\xfe', b'a' * 255, b'<img src=x>', b'\xc2\x85', b'a\xe2\x80\xa8b', b'=1+1', b'META-INF', b'mimetype', b'%2e']:
    open(os.path.join(d, n), 'wb').write(n)
os.chdir(d)
for i in range(60):
    os.mkdir(b'd' * 100); os.chdir(b'd' * 100)
open(b'deep', 'wb').write(b'deep')
P
ln -s ../../etc/passwd in/hostile/link; ln in/hostile/CON in/hostile/hard; mkfifo in/hostile/pipe
run "$CUSTODY" seal --lab lab -q -o tree.asice in
run "$CUSTODY" verify --trust lab/trust tree.asice
run "$CUSTODY" extract --trust lab/trust -C x tree.asice
list in | LC_ALL=C sort >a; list x/in | LC_ALL=C sort >b
[ "$(wc -l <a)" -gt "$n" ] || fail "the list of the tree is short"
cmp -s a b || { diff a b | cut -c1-400 | head -5; fail "content, kinds, times or links differ"; }
echo "$n real files and every hostile name: ok"
echo "large: ok, peak $peak KiB"
