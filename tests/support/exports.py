#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""exports.py FOLDER X.case X.dfxml X.premis: the exports of a package of FOLDER, read with Python's own JSON and XML, say of every file what the file system says: the name to
the byte, size, digests, time of modification; and which other items there are. Nothing in them is a control or format character."""
import base64
import datetime
import hashlib
import json
import os
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET

DFXML = "{http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML}"
OURS = "{urn:uuid:3fe84467-989d-47b7-b7cf-2b4133bdd981}"
PREMIS = "{http://www.loc.gov/premis/v3}"
ALGORITHMS = ("md5", "sha256", "sha3-256", "blake2b")


def tree(folder):
    """path -> (kind, size, digests, modified); hard links count as the first of their names has it."""
    items, seen = {}, {}
    names = [folder]
    for where, folders, files in os.walk(folder):
        names += [os.path.join(where, n) for n in folders + files]
    for name in sorted(names, key=lambda n: n.split(b"/")):
        st = os.lstat(name)
        path = name[len(os.path.dirname(folder)) :].lstrip(b"/")
        kind = {0o100000: "file", 0o040000: "dir", 0o120000: "symlink", 0o010000: "fifo"}[st.st_mode & 0o170000]
        if kind == "file" and st.st_ino in seen:
            kind = "hardlink"
        seen[st.st_ino] = path
        digests = None
        if kind == "file":
            with open(name, "rb") as f:
                content = f.read()
            digests = {a: hashlib.new(a.replace("sha3-", "sha3_"), content).hexdigest() for a in ALGORITHMS}
        items[path] = (kind, st.st_size if kind == "file" else None, digests, st.st_mtime_ns)
    return items


def nanoseconds(text):
    m = re.fullmatch(r"(\d+-\d+-\d+T\d+:\d+:\d+)(?:\.(\d{9}))?Z", text)
    t = datetime.datetime.strptime(m[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return int(t.timestamp()) * 10**9 + int(m[2] or 0)


def raw(text, encoded):
    return base64.b64decode(encoded, validate=True) if encoded is not None else text.encode()


def from_case(text):
    d = json.loads(text)
    nodes = {n["@id"]: n for n in d["@graph"]}
    assert len(nodes) == len(d["@graph"]), "a name twice"
    kinds = {"File": "file", "Directory": "dir", "SymbolicLink": "symlink", "NamedPipe": "fifo"}
    hard = {n["uco-core:source"]["@id"] for i, n in nodes.items() if i.startswith("kb:same-")}
    items = {}
    for i, n in nodes.items():
        if not i.startswith("kb:item-"):
            continue
        facets = {f["@type"].split(":")[1]: f for f in n["uco-core:hasFacet"]}
        encoded = [r["uco-core:externalIdentifier"] for r in n.get("uco-core:externalReference", []) if r["uco-core:definingContext"].startswith("path")]
        file, content = facets["FileFacet"], facets.get("ContentDataFacet")
        names = {"BLAKE2b-512": "blake2b"}
        digests = content and {names.get(h["uco-types:hashMethod"], h["uco-types:hashMethod"].lower()): h["uco-types:hashValue"]["@value"] for h in content["uco-observable:hash"]}
        kind = "hardlink" if i in hard else kinds[n["@type"].split(":")[1]]
        items[raw(file["uco-observable:filePath"], encoded[0] if encoded else None)] = (
            kind, file.get("uco-observable:sizeInBytes"), digests, nanoseconds(file["uco-observable:modifiedTime"]["@value"]))
    return items


def from_dfxml(text):
    items = {}
    for o in ET.fromstring(text).findall(DFXML + "fileobject"):
        name, size = o.find(DFXML + "filename"), o.find(DFXML + "filesize")
        digests = {h.get(OURS + "algorithm") or h.get("type").lower(): h.text for h in o.findall(DFXML + "hashdigest")}
        kind = {"r": "file", "d": "dir", "l": "symlink", "p": "fifo"}[o.find(DFXML + "name_type").text]
        if o.find(OURS + "same_file_as_id") is not None:
            kind = "hardlink"
        items[raw(name.text, name.get(OURS + "base64"))] = (kind, size is not None and int(size.text) or (0 if size is not None else None), digests or None,
                                                            nanoseconds(o.find(DFXML + "mtime").text))
    return items


def from_premis(text):
    items = {}
    names = {"MD5": "md5", "SHA2-256": "sha256", "SHA3-256": "sha3-256", "BLAKE2B-512": "blake2b"}
    for o in ET.fromstring(text).findall(PREMIS + "object")[1:]:
        more = o.find(f".//{OURS}originalName")
        digests = {names[f.find(PREMIS + "messageDigestAlgorithm").text]: f.find(PREMIS + "messageDigest").text for f in o.iter(PREMIS + "fixity")}
        items[raw(o.find(PREMIS + "originalName").text, more.get("base64") if more is not None else None)] = (
            "file", int(o.find(f".//{PREMIS}size").text), digests, nanoseconds(o.find(f".//{OURS}modified").text))
    return items


def main(folder, *exports):
    wanted = tree(os.fsencode(folder))
    wrong = 0
    for name, read in zip(exports, (from_case, from_dfxml, from_premis)):
        with open(name, encoding="utf-8") as f:
            text = f.read()
        acting = {c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")}
        found = read(text)
        want = {k: v for k, v in wanted.items() if v[0] == "file"} if read is from_premis else wanted
        for path in sorted(set(found) | set(want)):
            if found.get(path) != want.get(path):
                wrong += 1
                print("%s: %r: found %s, want %s" % (name, path, found.get(path), want.get(path)))
        if acting:
            wrong += 1
            print("%s: holds %s" % (name, acting))
    return 1 if wrong or len(wanted) < 2 else 0


sys.exit(main(*sys.argv[1:]))
