# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# custody inspect over archives that other programs made: every member, with the digest of the extracted file; and over archives that are made to hurt.
set -u
fail() { echo "$*"; exit 1; }
code() {
	want=$1 rc=0
	shift
	timeout 120 "$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(head -c 600 out) $(cat err)"
}
said() { grep -qF -- "$2" "$1" || fail "$1 does not say '$2': $(head -c 2000 "$1")"; }
missing() { command -v "$1" >/dev/null && return 1; echo "$1 is not installed"; }

# ---- good ones: each name and digest against the folder that went in ----
mkdir -p in/folder/deep in/empty && echo one >in/a && seq 1 30000 >in/folder/numbers && : >in/folder/nothing && printf 'x%.0s' {1..70000} >in/folder/deep/x
printf caf >$'in/caf\xc3\xa9' && printf sp >'in/ two  spaces ' && head -c 300000 /dev/urandom >in/random && ln -s ../a in/folder/link
cat >compare.py <<'PY'
import base64, hashlib, json, os, sys
root = os.fsencode(sys.argv[2]) if len(sys.argv) > 2 else b"in"
line = sys.stdin.read()
assert line.count("\n") == 1 and line.endswith("\n"), "one line"
r = json.loads(line)
assert r["schema"] == "custody-inspect/1" and r["result"] == sys.argv[1], r["result"]
want = {}
for folder, folders, files in os.walk(root):
    for name in folders + files:
        path = os.path.join(folder, name)
        want[os.path.relpath(path, os.path.dirname(root) or b".")] = path
seen = {}
for m in r["members"]:
    name = base64.b64decode(m["name_b64"]) if "name_b64" in m else m["name"].encode()
    name = os.path.normpath(name)
    if name in (root, b"."):
        continue
    assert name in want, (name, "is not there")
    assert name not in seen, (name, "twice")
    seen[name] = m
    path = want[name]
    if os.path.islink(path) and m["kind"] == "symlink":
        assert m["link"] == os.readlink(path).decode() and m["digests"] is None
    elif os.path.isdir(path):
        assert m["kind"] == "folder" and m["digests"] is None
    elif m["kind"] == "hardlink":
        assert os.stat(path).st_nlink > 1
    else:
        data = open(path, "rb").read()
        assert m["kind"] == "file" and m["state"] == "read" and m["size"] == len(data), m
        for alg, value in m["digests"].items():
            assert hashlib.new(alg, data).hexdigest() == value, (name, alg)
        assert set(m["digests"]) == {"sha256", "sha512"}
        assert "/" in (m["type"] or "/"), m
lost = [n for n, p in want.items() if n not in seen and not os.path.isdir(p)]
assert not lost, lost
data = open(r["path"], "rb").read()
assert r["size"] == len(data) and r["digests"]["sha512"] == hashlib.sha512(data).hexdigest()
assert r["counts"]["members"] == len(r["members"]) and r["counts"]["bytes"] == sum(m["size"] for m in r["members"])
PY
same() { # ARCHIVE FORMAT COMPRESSION
	code 0 "$CUSTODY" inspect --json "$1"
	python3 compare.py complete <out || fail "$1: $(head -c 400 out)"
	said out "\"format\":\"$2\",\"compression\":$3"
	code 0 "$CUSTODY" inspect "$1" && said out 'every member that the archive lists was read to its end'
}
zip -qry zip.zip in && same zip.zip zip null
zip -qry0 stored.zip in && same stored.zip zip null
zip -qry - in >streamed.zip </dev/null && same streamed.zip zip null
python3 -c 'import shutil; shutil.make_archive("python", "zip", ".", "in"); shutil.make_archive("pytar", "gztar", ".", "in")' && same pytar.tar.gz tar '"gzip"'
tar -cf gnu.tar in && same gnu.tar tar null
tar -cf pax.tar --format=pax in && same pax.tar tar null
tar -czf t.tgz in && same t.tgz tar '"gzip"'
missing bzip2 || { tar -cjf t.tbz in && same t.tbz tar '"bzip2"'; }
missing xz || { tar -cJf t.txz in && same t.txz tar '"xz"'; }
missing zstd || { tar -c --zstd -f t.tzst in && same t.tzst tar '"zstd"'; }
for f in zip 7zip; do bsdtar -cf bsd.$f --format=$f in && same bsd.$f "${f%ip}$([ $f = zip ] && echo ip)" null; done
bsdtar -cf bsd.tar --format=pax in && same bsd.tar tar null
if ! missing 7z; then
	for o in -ms=on -ms=off -mm=LZMA2 -mm=BZip2 -mm=PPMd; do rm -f s.7z && 7z a -bd $o -snl s.7z in >/dev/null && same s.7z 7z null; done
	for o in -mm=Deflate -mm=BZip2 -mm=LZMA; do rm -f s.zip && 7z a -bd -tzip $o -snl s.zip in >/dev/null && same s.zip zip null; done
fi
# holes and hard links
mkdir holes && truncate -s 3M holes/all && { truncate -s 1M holes/middle && printf data >>holes/middle && truncate -s 2M holes/middle; } && ln holes/middle holes/second
for f in gnu pax; do
	tar -cSf holes.$f --format=$f holes && code 0 "$CUSTODY" inspect --json holes.$f
	python3 compare.py complete holes <out || fail "holes.$f"
done
# one stream that is no tar
gzip -kc in/random >random.gz && code 0 "$CUSTODY" inspect -d sha256 random.gz && said out "sha256    $(sha256sum <in/random | cut -c-64)" && said out 'one compressed stream'

# ---- files that are none, folders, names ----
code 0 "$CUSTODY" inspect -d sha256 in/a && said out 'no archive of a kind that is looked into' && said out "sha256    $(sha256sum <in/a | cut -c-64)"
code 0 "$CUSTODY" inspect --json in/a && said out '"format":null' && said out '"result":"not-an-archive"'
mkdir return && cp zip.zip t.tgz in/a return/ && ln -s ../gnu.tar return/link && mkdir return/sub && cp gnu.tar return/sub/
code 0 "$CUSTODY" inspect --json return && said err '1 file in folders is no archive' && said err "'return/link' is a symbolic link to '../gnu.tar' and was not followed"
[ "$(sed 's/.*"path":"\([^"]*\)".*/\1/' out | tr '\n' ' ')" = 'return/sub/gnu.tar return/t.tgz return/zip.zip ' ] || fail "a folder: $(cut -c1-80 out)"
mkfifo return/pipe && code 0 "$CUSTODY" inspect return && said err "'return/pipe' is a FIFO and was passed over" && rm return/pipe
code 66 "$CUSTODY" inspect none zip.zip && said err "no such file or folder 'none'" && said out 'zip.zip'
code 66 "$CUSTODY" inspect /dev/null
mkdir -p dull/sub void && echo 1 >dull/1 && echo 2 >dull/sub/2
code 0 "$CUSTODY" inspect -q dull && [ "$(cat out)" = '2 files looked at, and no archive of a kind that is looked into among them' ] || fail "no archives: $(cat out)"
code 0 "$CUSTODY" inspect --json dull && [ "$(cat out)" = '{"schema":"custody-inspect-summary/1","files":2,"archives":0}' ] || fail "no archives: $(cat out)"
code 66 "$CUSTODY" inspect void && said out 'no file was looked at' # never 0 when nothing was checked
code 66 "$CUSTODY" inspect --json void && said out '"files":0'
code 64 "$CUSTODY" inspect && code 64 "$CUSTODY" inspect -d crc32 zip.zip && code 64 "$CUSTODY" inspect --max-members 0 zip.zip
code 0 "$CUSTODY" inspect -d md5 zip.zip && said err 'legacy' && grep -q '^  md5 .* (legacy)$' out || fail "md5 is not labelled: $(cat out)"
(ulimit -n 48 -t 60 -v 800000; code 0 "$CUSTODY" inspect zip.zip) || exit 1 # limits of a batch system that are lower than the reader's own
rc=0 && "$CUSTODY" inspect zip.zip >/dev/full 2>err || rc=$?
[ $rc = 74 ] || fail "a full disk: $rc"

A=$FIXTURES/fuzz/archive
code 0 "$CUSTODY" inspect "$A/zip-names"
for n in '/etc/passwd' '../up' 'a\\b' '\xff\xfe' '\u{001b}[31mred'; do said out "  file  $n"; done
! grep -q $'\x1b' out || fail "an escape sequence is printed"
said out 'an earlier member has the same name'

# ---- what the two readings of a ZIP differ on ----
code 1 "$CUSTODY" inspect "$A/zip-name-differs" && said out 'virus.exe' && said out 'header    invoice.pdf' && said out 'give different names'
code 1 "$CUSTODY" inspect "$A/zip-count" && said out 'states 7 members'
code 1 "$CUSTODY" inspect "$A/zip-two-ends" && said out 'there is a second end of a directory'
code 1 "$CUSTODY" inspect "$A/tar-then-zip" && said out 'other programs may read it as that'
code 1 "$CUSTODY" inspect "$A/zip-hidden" && said out '96 bytes between the members belong to none' && said out 'does not list lies at byte 51'
zip -q small.zip in/a && zip -q0 whole.zip small.zip in/random
head -c 9000 whole.zip >cut-outer.zip && code 1 "$CUSTODY" inspect cut-outer.zip && said out 'does not list lies at byte 0' # of the stored one the directory is left
code 1 "$CUSTODY" inspect "$A/zip-hidden-first" && said out 'does not list lies at byte 0'
code 0 "$CUSTODY" inspect "$A/zip-after" && said out '17 bytes lie after the end'
code 0 "$CUSTODY" inspect "$A/zip-before" && said out '15 bytes lie before the archive'

# ---- content where there should be none: unzip and others write a file of it, so the digest of nothing is not its digest ----
code 1 "$CUSTODY" inspect -d sha256 "$A/zip-folder-content" && said out 'is listed as what has none' && said out 'the content of some cannot be read'
! grep -q "$(printf '' | sha256sum | cut -c-64)" out || fail "the digest of nothing stands for content: $(cat out)"

# ---- what lies behind, whatever the compression, and twice ----
code 0 "$CUSTODY" inspect "$A/tgz-after-both" && said out '3,622 bytes lie after the end'
code 0 "$CUSTODY" inspect "$A/tbz-after" && said out '17 bytes lie after the end'
code 0 "$CUSTODY" inspect "$A/bz-padded-bz" && said out '54 bytes lie after the end'
code 0 "$CUSTODY" inspect "$A/7z-after" && said out '18 bytes lie after the end'
for c in bzip2 xz gzip; do # nothing behind is nothing, and zeros are padding
	missing $c || { tar -c in | $c >pad.$c && code 0 "$CUSTODY" inspect pad.$c && ! grep -q 'lie after' out && head -c 700 /dev/zero >>pad.bzip2; }
done
code 0 "$CUSTODY" inspect pad.bzip2 && ! grep -q 'lie after' out || fail "padding is content: $(cat out)"

# ---- one file of several is an archive, and not a whole one ----
for f in zip-part-first zip-part-last zip-part-end; do code 65 "$CUSTODY" inspect "$A/$f" && said out 'of an archive that is split over several files'; done
mkdir parts && cp "$A"/zip-part-* parts/ && code 65 "$CUSTODY" inspect parts && ! grep -q 'no archive' err out || fail "a part is no archive: $(cat err)"
zip -q0s 64k split.zip in/random in/a && code 65 "$CUSTODY" inspect split.zip && said out 'in/random' && said out 'part 5 of an archive'
code 65 "$CUSTODY" inspect split.z01 && said out 'part 1 of an archive'
code 65 "$CUSTODY" inspect "$A/tar-volume" && said out 'begins in another volume' && said out '  file  two'

# ---- never silent ----
code 65 "$CUSTODY" inspect "$A/tar-torn" && said out '  file  two' && ! grep -q 'INTERNAL ERROR\|(no name)' out || fail "a torn header: $(cat out)"
python3 -c '
import zipfile
with zipfile.ZipFile("long-link.zip", "w") as z:
    i = zipfile.ZipInfo("link"); i.external_attr = 0o120777 << 16; i.create_system = 3
    z.writestr(i, "/far" * 50000); z.writestr("behind", "1")'
python3 -c '
import tarfile
with tarfile.open("long-names.tar", "w", format=tarfile.PAX_FORMAT) as t:
    for end in "xy":
        t.addfile(tarfile.TarInfo("n" * 70000 + end))'
code 0 "$CUSTODY" inspect long-names.tar && [ "$(grep -c 'longer than 65,536 bytes' out)" = 2 ] && ! grep -q 'same name' out || fail "names that are cut: $(cut -c 1-200 out)"
code 65 "$CUSTODY" inspect long-link.zip && said out 'the reader does not get to it'
head -c 60000 zip.zip >cut.zip && code 65 "$CUSTODY" inspect cut.zip && said out 'damaged or cut short'
head -c 60000 t.tgz >cut.tgz && code 65 "$CUSTODY" inspect cut.tgz && said out 'the gzip stream ends early'
head -c 60000 gnu.tar >cut.tar && code 65 "$CUSTODY" inspect cut.tar && said out 'damaged or cut short'
zip -qrP secret e.zip in && code 2 "$CUSTODY" inspect e.zip && said out 'encrypted: its content cannot be read' && said out 'folder/numbers'
if ! missing 7z; then
	7z a -bd -psecret e.7z in >/dev/null && code 2 "$CUSTODY" inspect e.7z && said out 'encrypted'
	7z a -bd -psecret -mhe=on h.7z in >/dev/null && code 2 "$CUSTODY" inspect h.7z && said out 'encrypted: what lies inside cannot be seen'
	head -c 50000 s.7z >cut.7z && code 65 "$CUSTODY" inspect cut.7z && said out 'damaged or cut short'
fi
for f in "$A"/*; do
	rc=0 && "$CUSTODY" inspect -q --json "$f" >out 2>err || rc=$?
	case $rc in 0 | 1 | 2 | 65) ;; *) fail "$f: exits $rc: $(cat err)" ;; esac
	python3 -c 'import json,sys
r, rc = json.loads(open("out").read()), int(sys.argv[1])
whole = r["result"] in ("complete", "not-an-archive")
assert r["result"] != "no-reader", r
assert whole or rc != 0, r["result"]
assert (rc == 65) == (r["result"] in ("broken", "damaged")), (rc, r["result"])' $rc || fail "$f: $rc: $(head -c 300 out)"
done

# ---- made to hurt: within limits, a line each ----
mkdir bombs && python3 "$ROOT/tests/support/bombs.py" bombs 20000 || fail "bombs.py"
code 0 "$CUSTODY" inspect --json bombs/many.zip && said out '"counts":{"members":20000,'
code 2 "$CUSTODY" inspect -q --max-members 19999 bombs/many.zip && said out 'too many members'
for f in zeros.gz zeros.xz zeros.bz2 zeros.zip; do
	code 2 "$CUSTODY" inspect -q --max-ratio 200 bombs/$f && said out 'decompression bomb'
	code 2 "$CUSTODY" inspect -q --max-bytes 1000000 bombs/$f && said out 'too many bytes come out'
done
code 1 "$CUSTODY" inspect -q --max-ratio 1000 bombs/overlapping.zip && said out 'decompression bomb' && said out "its bytes are also another member's"
code 65 "$CUSTODY" inspect -q bombs/same-kernel.zip && said out 'members   1,000' && said out '10,000,000 bytes came out'
code 0 "$CUSTODY" inspect -q bombs/nested.zip && said out 'not looked into: one level is'
code 0 "$CUSTODY" inspect -q bombs/self.zip && said out 'not looked into: one level is'
code 65 "$CUSTODY" inspect -q bombs/deep.xz && said out 'too many filters'
code 65 "$CUSTODY" inspect -q bombs/huge.tar && said out 'damaged or cut short'
code 2 "$CUSTODY" inspect -q --max-bytes 100000000 bombs/sparse.tar && said out 'too many bytes come out'
code 2 "$CUSTODY" inspect -q --max-seconds 1 --max-ratio 1000000000000 bombs/sparse.tar && said out 'it takes too long'
# whether so much memory is to be had is the sandbox's affair; that it is said is ours
"$CUSTODY" inspect -q bombs/dictionary.xz >out 2>err </dev/null
[ $? != 0 ] && said out 'result'

# ---- a reader that was taken over: whatever it says, it is not believed, and the run ends with a line ----
mkdir bin && cp "$CUSTODY" bin/custody
cat >bin/custody-worker <<'PY'
#!/usr/bin/python3 -IS
import os, socket, struct, sys, time
here = os.path.dirname(os.path.abspath(sys.argv[0]))
mode, version = (open(os.path.join(here, n)).read().strip() for n in ("mode", "version"))
s = socket.socket(fileno=3)
def frame(kind, flags, job, payload=b""):
    s.send(struct.pack("=IHHQ", 16 + len(payload), kind, flags, job) + payload)
def text(b):
    return struct.pack("<I", len(b)) + b
def record(b):
    return struct.pack("<I", len(b)) + b
begin = record(b"B\x01\0" + text(b""))
def member(n, mask=1 << 2, name=b"x", state=0):
    return record(b"M" + struct.pack("<QBBI", n, 0, state, 0) + text(name) + text(b"") + text(b"") + b"\0" + struct.pack("<QQqII", 0, 7, 0, 0, mask)
                  + (b"d" * 32 if mask else b"") + text(b"") + text(b""))
def end(members, size, read, outcome=0):
    return record(b"E" + struct.pack("<B", outcome) + struct.pack("<QQ", members, size) + struct.pack("<8Q", members, *[0] * 7)
                  + struct.pack("<6Q", read, *[0] * 5) + text(b""))
frame(129, 1, 0, struct.pack("=32s32sII", version.encode(), b"libarchive 0", 0, 0))
job = struct.unpack("=IHHQ", s.recv(65536)[:16])[3]
note = record(b"N\0" + struct.pack("<Q", 1))
good = begin + member(1) + end(1, 7, 1)
streams = {"good": good, "order": begin + member(2) + end(1, 7, 1), "totals": begin + member(1) + end(2, 7, 1), "bytes": begin + member(1) + end(1, 8, 1),
           "digests": begin + member(1, 1 << 0, b"x") + end(1, 7, 1), "twice": begin + begin + end(0, 0, 0), "late": good + member(2), "nobegin": member(1) + end(1, 7, 1),
           "notes": begin + note + note + end(0, 0, 0), "noend": begin + member(1), "half": begin + member(1)[:-1], "unread": begin + member(1, 0, b"x", 2) + end(1, 7, 1),
           "huge": begin + struct.pack("<I", 0xFFFFFFF0), "junk": begin + record(b"?junk"), "empty": b"", "long": begin + record(b"M" + bytes(300000)),
           "escape": begin + member(1, 1 << 2, b"\x1b[31m\xff") + end(1, 7, 1)}
if mode == "dies":
    frame(132, 0, job, begin + member(1))
    os._exit(3)
if mode == "failed":
    frame(131, 1, job, b"I \x1b[31mcannot")
elif mode == "otherjob":
    frame(132, 0, job + 1, good)
elif mode == "frame":
    s.send(b"x" * 100)
elif mode == "kind":
    frame(130, 1, job, b"text/plain")
else:
    data = streams[mode]
    for i in range(0, len(data), 50000):
        frame(132, 0, job, data[i:i + 50000])
    frame(133, 1, job)
time.sleep(5)
PY
chmod +x bin/custody-worker && "$CUSTODY" --version | sed -n '1s/custody //p' >bin/version
lying() { # MODE EXIT
	echo "$1" >bin/mode
	code "$2" bin/custody inspect -q --json -d sha256 in/a
	! grep -q $'\x1b' out err || fail "$1: an escape sequence"
	python3 -c 'import json; r = json.loads(open("out").read()); print(r["result"])' >result || fail "$1: no JSON: $(cat out)"
}
lying good 0 && grep -qx complete result || fail "the honest one is not believed: $(cat out)"
lying escape 0 && said out '\\u{001b}[31m\\xff'
for m in order totals bytes digests twice late nobegin notes noend half unread huge junk empty long otherjob frame kind dies failed; do
	lying $m 2
	grep -qx no-reader result || fail "$m is believed: $(cat out)"
done
rm bin/custody-worker && ln -s /nonexistent bin/custody-worker
rc=0 && bin/custody inspect in/a >out 2>err || rc=$?
# where an installed one is found, that reads; else nothing does, and that is said
[ $rc = 0 ] || { [ $rc = 66 ] && said err 'nothing is looked into without the sandboxed reader'; } || fail "without a reader: $rc"

ldd "$CUSTODY" | grep -E 'libmagic|libarchive' && fail "the main program links what reads content"
exit 0
