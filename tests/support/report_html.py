#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads an HTML report as a browser would, and holds it against the JSON of the same run: report_html.py [--catalogue LANGUAGE.mo] REPORT.html..., each with
REPORT.json beside it. With a catalogue the page is in that language, and each sentence that JSON has in English stands in it translated.

Every element and attribute is one that the writer has; nothing can run or be fetched; no control or format character; the verdict, the package number, every kind of
finding, every limit and the digest of the JSON itself are in the text; and the name of the file is shown as the JSON's escaped name.
"""
import base64
import gettext
import hashlib
import html.parser
import json
import os
import sys
import unicodedata

ELEMENTS = set("html head meta title style body main header section div h1 h2 h3 p ul ol li dl dt dd pre table caption thead tbody tr th td span strong bdi br".split()) | \
    {"svg", "path", "desc"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "scope", "aria-label", "aria-hidden", "role", "viewbox", "d", "width", "height", "fill",
              "shape-rendering", "dir"}
VOID = {"meta", "br"}
language, words = "en", gettext.NullTranslations()


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.given, self.csp, self.style, self.levels = [], [], [], None, "", []

    def handle_starttag(self, tag, attrs):
        assert tag in ELEMENTS, f"element {tag}"
        for name, _ in attrs:
            assert name in ATTRIBUTES, f"attribute {name} of {tag}"
        a = dict(attrs)
        if a.get("http-equiv") == "Content-Security-Policy":
            self.csp = a["content"]
        if tag == "th":
            assert a.get("scope") in ("row", "col"), "th without scope"
        if tag in ("h1", "h2", "h3"):
            self.levels.append(int(tag[1]))
        if tag == "bdi":
            self.given.append([a.get("class"), ""])
        if tag == "html":
            assert a.get("lang") == language, a
            assert a.get("dir") == ("rtl" if words.gettext("left to right") == "right to left" else None), a
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> does not end what is open"

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
            return
        self.text.append(data)
        if self.open and self.open[-1] == "bdi":
            self.given[-1][1] += data

    def handle_comment(self, data):
        raise AssertionError("a comment")


def grouped(digest):
    return " ".join(digest[i:i + 4] for i in range(0, 64, 4))


def check(path):
    page = open(path, "rb").read().decode("utf-8")
    raw = open(path[:-5] + ".json", "rb").read()
    facts = json.loads(raw)
    for c in page:
        assert c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Zl", "Zp"), f"U+{ord(c):04X} in the page"
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open, f"still open: {reader.open}"
    text = "".join(reader.text)
    assert "default-src 'none'" in reader.csp and "script" not in reader.csp and "unsafe" not in reader.csp, reader.csp
    assert f"'sha256-{base64.b64encode(hashlib.sha256(reader.style.encode()).digest()).decode()}'" in reader.csp, "the policy is not of this style sheet"
    for word in ("url(", "@import", "http", "expression", "javascript"):
        assert word not in reader.style.lower(), f"style sheet: {word}"
    assert reader.levels and reader.levels[0] == 1 and reader.levels.count(1) == 1, "one h1, first"
    assert all(b - a <= 1 for a, b in zip(reader.levels, reader.levels[1:])), f"a level of headings is left out: {reader.levels}"
    for word in ("admissible", "authentic", "genuine", "court-proof", "recevab", "garanti"):
        assert word not in text.lower(), f"the report says {word}"

    _ = words.gettext
    assert (facts["verdict"] or "NOT JUDGED") in text and _(facts["verdict"] or "NOT JUDGED") in text
    assert language == "en" or _("this report is a translation; the English wording decides. What is quoted from the program, the package or the record, and the names of findings, "
                                 "stand as they are.") in text, "it does not say that it is a translation"
    assert ["g", facts["package"]["path"]] in reader.given or len(facts["package"]["path"]) >= 400, f"the name is not shown as {facts['package']['path']!r}"
    assert "These are questions for the court." in text or language != "en"
    assert facts["conclusion"] in text or facts["verdict"] is None or language != "en", facts["conclusion"]
    assert _(facts["does_not_say"]) in text
    if facts["verdict"] is None:
        return
    for i, claim in enumerate(facts["claims"]):
        assert f"{chr(97 + i)}. {_(claim['claim'])}{_(claim['result'])}{_(claim['rests_on'])}" in text, claim
    assert grouped(facts["package"]["sha256"]) in text
    assert grouped(hashlib.sha256(raw).hexdigest()) in text, "the digest of the JSON is not in it"
    for f in facts["findings"]:
        assert f["id"] in text, f"{f['id']} is not in it"
    for line in facts["not_proven"]:
        assert _(line) in text, f"not in it: {_(line)}"
    for key in ("case", "exhibit", "uuid"):
        assert not facts["seal"] or not facts["seal"][key] or any(c == "r" for c, _ in reader.given), key
    for anchor in facts["inputs"]["anchors"]:
        assert grouped(anchor["sha256"]) in text


paths = sys.argv[1:]
if paths[0] == "--catalogue":
    language = os.path.basename(paths[1]).removesuffix(".mo")
    with open(paths[1], "rb") as f:
        words = gettext.GNUTranslations(f)
    paths = paths[2:]
for path in paths:
    try:
        check(path)
    except AssertionError as e:
        print(f"{path}: {e}")
        sys.exit(1)
