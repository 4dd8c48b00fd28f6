#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Content built to break what libmagic parses by itself, for tests/cli/worker.sh, which sends it through the sandbox. Usage: magic.py FOLDER

One file for each way in: nesting, cycles, counts and sizes at their limits, offsets out of the file, endless lines."""
import os
import struct
import sys

OUT = sys.argv[1]
FULL = 0xFFFFFFFF


def write(name, data):
    with open(os.path.join(OUT, name), "wb") as f:
        f.write(data)


# ---- compound document files: sectors of 512 bytes, chained by a table ----

def cdf(*, sat=(0,), directory=1, root=b"", sector=9, short=6, count=1, first_short=-2, short_sectors=0, dif=-2, difs=0, body=b"", root_first=-2, root_size=0):
    entry = struct.pack("<64sHBBiii16sIQQiII", "Root Entry".encode("utf-16le"), 22, 5, 1, -1, -1, -1, root or bytes(16), 0, 0, 0, root_first, root_size, 0)
    head = struct.pack("<8s16sHHHHH10sIiIIiIiI", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, sector, short, bytes(10), count, directory, 0,
                       4096, first_short, short_sectors, dif, difs)
    head += struct.pack("<109i", *(list(sat) + [-1] * (109 - len(sat))))
    return head + body + entry.ljust(512, b"\0")


def table(*entries):
    return struct.pack("<128i", *(list(entries) + [-1] * (128 - len(entries))))


def summary(properties, count=None, size=None):
    """A property set stream: (id, type, rest)."""
    at, places, values = 8 + 8 * len(properties), b"", b""
    for number, kind, rest in properties:
        places += struct.pack("<II", number, at + len(values))
        values += struct.pack("<I", kind) + rest
    section = struct.pack("<II", 8 + len(places) + len(values) if size is None else size, len(properties) if count is None else count) + places + values
    return struct.pack("<HHI16sI16sI", 0xFFFE, 0, 0, bytes(16), 1, bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9"), 48) + section


def document(stream):
    name = "\5SummaryInformation".encode("utf-16le")
    item = struct.pack("<64sHBBiii16sIQQiII", name, len(name) + 2, 2, 1, -1, -1, -1, bytes(16), 0, 0, 0, 2, 4096, 0)
    root = struct.pack("<64sHBBiii16sIQQiII", "Root Entry".encode("utf-16le"), 22, 5, 1, -1, -1, 1, bytes(16), 0, 0, 0, -2, 0, 0)
    chain = table(-3, -2, *range(3, 10), -2)
    return cdf(body=chain + (root + item).ljust(512, b"\0") + stream.ljust(4096, b"\0"))[:-512]


def compounds():
    write("cdf-sat-cycle", cdf(body=table(-3, 1)))
    write("cdf-directory-cycle", cdf(directory=1, body=table(-3, 2, 1)))
    write("cdf-sector-huge", cdf(sector=31, body=table(-3, -2)))
    write("cdf-sector-zero", cdf(sector=0, short=0, body=table(-3, -2)))
    write("cdf-sat-count", cdf(count=FULL, body=table(-3, -2)))
    write("cdf-dif-cycle", cdf(dif=0, difs=FULL, body=table(*[0] * 128)))
    write("cdf-short-cycle", cdf(first_short=0, short_sectors=FULL, root_first=0, root_size=FULL, body=table(0, -2)))
    write("cdf-negative", cdf(sat=(-2147483648,), directory=-2147483648, body=table(-3, -2)))
    text = lambda n: struct.pack("<I", n) + b"Author\0\0"
    write("cdf-property-count", document(summary([(4, 30, text(6))], count=FULL)))
    write("cdf-property-size", document(summary([(4, 30, text(6))], size=FULL)))
    write("cdf-string-huge", document(summary([(4, 30, text(FULL)), (2, 31, text(0x7FFFFFFF))])))
    write("cdf-vector", document(summary([(4, 0x1000 | 30, struct.pack("<I", FULL) + text(6)), (5, 0x1000 | 3, struct.pack("<I", 0x40000000))])))
    write("cdf-nested-vector", document(summary([(n, 0x101E, struct.pack("<I", 1000) + text(0) * 40) for n in range(2, 9)])))
    write("cdf-date", document(summary([(12, 64, struct.pack("<Q", (1 << 64) - 1)), (13, 64, struct.pack("<Q", 0)), (10, 64, struct.pack("<Q", 1 << 63))])))


# ---- ELF ----

def elf(bits, *, order="<", kind=2, phoff=0, phnum=0, phsize=None, shoff=0, shnum=0, shsize=None, shstr=0, body=b""):
    big = bits == 64
    ident = b"\x7fELF" + bytes([2 if big else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    return ident + struct.pack(order + ("HHIQQQIHHHHHH" if big else "HHIIIIIHHHHHH"), kind, 62 if big else 3, 1, 0x400000, phoff, shoff, 0, 64 if big else 52,
                               (56 if big else 32) if phsize is None else phsize, phnum, (64 if big else 40) if shsize is None else shsize, shnum, shstr) + body


def program(kind, offset, size, align=4):
    return struct.pack("<IIQQQQQQ", kind, 4, offset, 0, 0, size, size, align)


def note(name, desc, kind, *, namesz=None, descsz=None):
    pad = lambda b: b + bytes(-len(b) % 4)
    return struct.pack("<III", len(name) if namesz is None else namesz, len(desc) if descsz is None else descsz, kind) + pad(name) + pad(desc)


def elves():
    for bits in (32, 64):
        for order, word in (("<", "le"), (">", "be")):
            write(f"elf{bits}-{word}-counts", elf(bits, order=order, phoff=64, phnum=0xFFFF, shoff=64, shnum=0xFFFF, shstr=0xFFFF, body=bytes(200)))
    write("elf-offsets", elf(64, phoff=(1 << 64) - 8, phnum=9, shoff=(1 << 63) - 1, shnum=9, shstr=8))
    write("elf-sizes-zero", elf(64, phoff=64, phnum=0xFFFF, phsize=0, shoff=64, shnum=0xFFFF, shsize=0, body=bytes(100)))
    write("elf-core-notes", elf(64, kind=4, phoff=64, phnum=1, body=program(4, 120, 60000) + note(b"CORE\0", b"x" * 8, 1) * 2000))
    write("elf-note-name", elf(64, phoff=64, phnum=1, body=program(4, 120, 1000) + note(b"GNU\0", bytes(16), 1, namesz=FULL)))
    write("elf-note-desc", elf(64, phoff=64, phnum=1, body=program(4, 120, 1000) + note(b"GNU\0", bytes(20), 3, descsz=FULL - 2)))
    write("elf-note-align", elf(64, phoff=64, phnum=1, body=program(4, 120, 1000, align=0) + note(b"GNU\0", bytes(20), 3)))
    write("elf-core-prpsinfo", elf(64, kind=4, phoff=64, phnum=1, body=program(4, 120, 400) + note(b"CORE\0", b"%n%s\xff" * 27, 3)))
    write("elf-interp", elf(64, kind=3, phoff=64, phnum=2, body=program(3, 176, FULL) + program(2, 176, (1 << 62)) + b"/lib\xff" * 20))
    section = struct.pack("<IIQQQQIIQQ", FULL, 7, 0, 0, (1 << 64) - 4, (1 << 64) - 4, 0, 0, 4, 0)
    write("elf-sections", elf(64, shoff=64, shnum=60, shstr=1, body=section * 60))


# ---- text, and what is told from text ----

def texts():
    write("json-deep-array", b"[" * 100000)
    write("json-deep-object", b'{"a":' * 60000)
    write("json-mixed", b'[{"a":' * 30000 + b"1" + b"}]" * 30000)
    write("json-string", b'{"' + b"\\u00" * 100000)
    write("json-number", b"[" + b"9" * 300000 + b"]")
    write("ndjson", b'{"a":1}\n' * 60000)
    write("csv-columns", b"," * 500000)
    write("csv-quotes", b'"' * 500001)
    write("csv-rows", b"a,b\n" * 100000)
    write("line-endless", b"a" * (1 << 20))
    write("regex-begin", b"begin 644 " * 50000)
    write("regex-spaces", b" \t" * 250000 + b"#include")
    write("regex-class", b"public class " + b"A" * 400000)
    write("troff", b".\\\" t\n.TH " + b"." * 200000)
    write("xml", b"<?xml version=\"1.0\" " + b"x='" * 100000)
    write("mail", b"From " + b"x" * 8192 + b"\nReceived: " * 20000)
    write("shebang", b"#! " + b"/" * 100000)
    write("utf7", b"+AGE-" * 100000)
    write("utf8-overlong", b"\xc0\x80\xe0\x80\x80\xf8\x88\x80\x80\x80" * 5000)
    write("utf16-odd", b"\xff\xfe" + "text ".encode("utf-16le") * 5000 + b"\xd8")
    write("utf16-surrogates", b"\xff\xfe" + b"\x00\xd8" * 10000)
    write("utf32", b"\xff\xfe\0\0" + b"\xff\xff\xff\x7f" * 4000)
    write("ebcdic", bytes(range(0x40, 0x100)) * 500)
    write("format-strings", b"%PDF-%s%n%99999d" * 50)


# ---- binary formats with counts, offsets and pointers that the database follows ----

def binaries():
    write("tar-sum", b"a" * 100 + b"0000644\0" + b"0000000\0" * 2 + b"7" * 12 + b"7" * 12 + b"        " + b"0" + b"b" * 100 + b"ustar\0" + b"00" + bytes(247))
    write("tiff-loop", struct.pack("<2sHIH", b"II", 42, 8, 1) + struct.pack("<HHII", 0x110, 2, FULL, 8) + struct.pack("<I", 8))
    write("tiff-offset", struct.pack(">2sHI", b"MM", 42, FULL))
    write("mach-fat", struct.pack(">II", 0xCAFEBABE, 40) + struct.pack(">IIIII", 7, 3, 0, FULL, 0) * 40)
    write("mach-o", struct.pack("<IIIIIIII", 0xFEEDFACF, 0x01000007, 3, 2, FULL, FULL, 0, 0) + bytes(100))
    write("java-pool", struct.pack(">IHHH", 0xCAFEBABE, 0, 52, 0xFFFF) + bytes(50))
    write("pe-offset", b"MZ" + bytes(58) + struct.pack("<I", FULL - 1) + bytes(100))
    write("pe-self", b"MZ" + bytes(58) + struct.pack("<I", 0) + b"PE\0\0" * 50)
    write("pe-sections", b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 0xFFFF, 0, FULL, FULL, 0xFFFF, 2) + b"\xff" * 400)
    write("der-nested", b"\x30\x80" * 20000)
    write("der-length", b"\x30\x84\xff\xff\xff\xff" + b"\x02\x84\x7f\xff\xff\xff" * 100)
    write("gzip-name", b"\x1f\x8b\x08\x1f" + bytes(6) + b"\xff\xff" + b"n" * 60000)
    write("zip-name", b"PK\3\4" + bytes(22) + b"\xff\xff\xff\xff" + b"mimetype" * 2000)
    write("ole-in-zip", b"PK\3\4" + bytes(4) + bytes(18) + struct.pack("<HH", 8, 0) + b"mimetypeapplication/" + b"x" * 5000)
    write("riff", b"RIFF" + struct.pack("<I", FULL) + b"AVI LIST" + struct.pack("<I", FULL) + b"hdrlavih" + struct.pack("<I", FULL) + bytes(20))
    write("png-chunks", b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", FULL, b"IHDR") + b"\xff" * 40)
    write("iso-media", struct.pack(">I4s4s", 1, b"ftyp", b"\xff" * 4) + b"\xff" * 400)
    write("iso-box-zero", struct.pack(">I4s", 0, b"moov") * 500)
    write("sqlite", b"SQLite format 3\0" + b"\xff" * 200)
    write("luks", b"LUKS\xba\xbe\xff\xff" + b"\xff" * 600)
    write("pst", b"!BDN" + b"\xff" * 600)
    write("matlab", b"MATLAB 5.0 MAT-file" + b"%s" * 60 + b"\xff" * 100)
    write("djvu", b"AT&TFORM" + struct.pack(">I", FULL) + b"DJVM" * 100)
    write("dicom", bytes(128) + b"DICM" + b"\xff" * 300)
    write("indirect", b"\x1f\x9d" * 10 + (b"II*\0" + struct.pack("<I", 4)) * 2000)
    write("pascal", b"\x00\xff" * 5000)
    write("zeros", bytes(1 << 20))
    write("ones", b"\xff" * (1 << 18))


os.makedirs(OUT, exist_ok=True)
compounds()
elves()
texts()
binaries()
