# SPDX-License-Identifier: Apache-2.0
# What `custody seal` writes is made again by the second implementation, byte for byte but the signatures: names and aliases, inventory, lists, manifests, container.
set -eu
python3 - <<'PYTHON'
import os
os.makedirs(b"in/empty folder")
names = [bytes([b]) + b"x" for b in range(1, 256) if b != 47]
names += [b"caf\xc3\xa9", b"cafe\xcc\x81", b"CAF\xc3\x89", b"Upper", b"upper", b"CON", b"nul.txt", b"Com1.x", b"conin$", b"trail.", b"trail ", b" lead",
    b"a:b", b"a?b", b"100%", b"back\\slash", b"_names", b"_NAMES.x", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xef\xac\x81", b"\xc3\x9f", b"ss", b"SS",
    b"x" * 200, b"y" * 201, b"\xe5\xba\x97" * 60, b"\xf0\x9f\x98\x80", b"nl\nin", b"\xc4\xb0", b"i\xcc\x87", b"sub.d"]
for i, name in enumerate(names):
    with open(b"in/" + name, "wb") as f:
        f.write(b"%d\n" % i * (i % 7))
os.makedirs(b"in/UPPER.d/x")
os.makedirs(b"in/upper.D")
for path in (b"in/UPPER.d/x/one", b"in/upper.D/two", b"in/upper.D/X"):
    open(path, "wb").close()
os.symlink(b"../outside", b"in/link")
os.mkfifo(b"in/fifo")
os.link(b"in/ss", b"in/zz hard")
PYTHON
"$CUSTODY" init lab --org "Second Reading" --name "Reader" >/dev/null
"$CUSTODY" seal --lab lab -o hostile.asice -d md5,sha1,sha256,sha384,sha512,sha3-256,sha3-512,blake2b in >/dev/null
mkdir nothing && "$CUSTODY" seal --lab lab -o nothing.asice nothing >/dev/null
python3 "$FIXTURES/provider-return/make.py" return >/dev/null && "$CUSTODY" seal --lab lab -o return.asice --case C-1 --exhibit E-1 return >/dev/null
python3 -B "$FIXTURES/make/reread.py" hostile.asice nothing.asice return.asice
