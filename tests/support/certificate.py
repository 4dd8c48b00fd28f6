#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds certificates against the reports of the same package: certificate.py ID REPORT.json SHOW.json, with ID.json, ID.txt and ID.html in this folder

Every value that is said to be measured is in the JSON report of `custody verify`, or, of an item, in what `custody show` lists; every value is on both papers as it is shown; what
a person states has a label, a rule or an empty box, and nothing else (ADM-33, 34, 38, 39, 40, 98).
"""
import html.parser
import json
import re
import sys

FORBIDDEN = ("admissible", "authentic", "genuine", "court-proof")


class Reader(html.parser.HTMLParser):
    """The text, and for each place to fill in its class, its label and how many rules and boxes it has."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.open, self.fills, self.elements = [], [], [], set()

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.elements.add(tag)
        assert tag not in ("script", "input", "img", "link", "iframe", "object", "form"), tag
        assert not any(k.startswith("on") or k in ("src", "href", "style", "checked", "value") for k in a), a
        words = a.get("class", "").split()
        if "fill" in words:
            self.fills.append({"text": "", "rules": 0, "boxes": 0, "inside": ""})
        if "rule" in words:
            self.fills[-1]["rules"] += 1
        if "box" in words:
            self.fills[-1]["boxes"] += 1
        if tag not in ("meta", "br", "wbr"):
            self.open.append((tag, words))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1][0] in ("style", "title"):
            return
        self.text.append(data)
        for _, words in reversed(self.open):
            if "rule" in words or "box" in words:
                self.fills[-1]["inside"] += data
            if "fill" in words:
                self.fills[-1]["text"] += data


def values(x):
    """Every number and text in a JSON value."""
    if isinstance(x, dict):
        for v in x.values():
            yield from values(v)
    elif isinstance(x, list):
        for v in x:
            yield from values(v)
    else:
        yield x


def squeeze(text):
    return re.sub(r"\s+", "", text)


# Sentences of the certificate about a value of the report, and where in the report that value is.
SENTENCES = {
    "algorithms": lambda r: [squeeze(a).replace("-", "") for a in r["seal"]["digests"]],
    "time-standing": lambda r: ["provenbyanauthority" if r["time"]["not_later_than"] else "thelaboratory'sownword"],
    "accuracy": lambda r: ["notstated" if r["time"]["accuracy_s"] is None else "%.3f" % r["time"]["accuracy_s"]],
    "custody": lambda r: [{"not-presented": "notpresented", "pass": "passed"}[r["groups"]["custody"]]],
    "self-test": lambda r: ["passed"] if r["verdict"] else ["?"],
}


def check_fact(part, report):
    value = part["value"]
    if value is None:
        return
    if part["fact"] in SENTENCES:
        for word in SENTENCES[part["fact"]](report):
            assert word.lower() in squeeze(value).lower().replace("sha-", "sha"), f"{part['fact']}: {value} against {word}"
    elif part["source"] == "measured":
        assert value in list(values(report)), f"{part['fact']}: {value!r} is not in the report"


def check(name, report, show):
    text, page = open(name + ".txt", encoding="utf-8").read(), open(name + ".html", encoding="utf-8").read()
    c = json.load(open(name + ".json", encoding="utf-8"))
    assert c["schema"] == "custody-certificate/1" and c["form"]["id"] == name
    reader = Reader()
    reader.feed(page)
    on_page = squeeze("".join(reader.text))
    for paper in (text, page, json.dumps(c)):
        for word in FORBIDDEN:
            assert word not in paper.lower(), word
    mine = dict(c["report"], inputs=None)
    assert mine == dict(report, inputs=None), "another report than verify's"
    fills = iter(reader.fills)
    for part in c["parts"]:
        if "fact" in part:
            check_fact(part, report)
            if part["fact"] != "checked":  # the three were made one after the other
                assert squeeze(part["shown"]) in squeeze(text) and squeeze(part["shown"]) in on_page, part
            continue
        assert "value" not in part and "shown" not in part, part
        for f in [next(fills)] if "blank" in part or "choice" in part or "declare" in part else [next(fills) for _ in part.get("sign", [])]:
            assert f["inside"] == "", f"something stands in a blank: {f}"
            want = {"blank": part.get("lines", 0), "sign": 1}.get(next(iter(part)), 0)
            assert f["rules"] == want and f["boxes"] == (len(part["options"]) if "choice" in part else 1 if "declare" in part else 0), (part, f)
            label = part.get("blank") or part.get("choice") or part.get("declare")
            if label:
                assert squeeze(f["text"]) == squeeze("\u00bb" + label + "".join(part.get("options", []))), (part, f)
    assert next(fills, None) is None
    assert all(set(line[40:]) <= {"_"} for line in text.split("\n") if "____" in line), "something is written on a rule"
    boxes = sum(len(p["options"]) if "choice" in p else "declare" in p for p in c["parts"])
    assert text.count("[ ]") == boxes, f"{text.count('[ ]')} empty boxes, want {boxes}"
    items = {i["n"]: i for i in show["items"]}
    assert c["hash_report"]["total"] == len(items) == report["seal"]["items"]
    for i in c["hash_report"]["items"]:
        assert (i["path"], i["kind"], i.get("digests"), i.get("size")) == tuple(items[i["n"]].get(k) for k in ("path", "kind", "digests", "size")), i
        for digest in i.get("digests", {}).values():
            assert digest in squeeze(text) and digest in on_page, i
    assert squeeze(c["sample"]) in squeeze(text) and squeeze(c["sample"]) in on_page and c["sample"].startswith("SAMPLE")
    assert squeeze(c["scope"]) in squeeze(text) and squeeze(c["scope"]) in on_page
    assert (c["warning"] is None) == (c["form"]["signer"] == "own") and (c["warning"] is None or squeeze(c["warning"]) in on_page)


try:
    check(sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8")), json.load(open(sys.argv[3], encoding="utf-8")))
except AssertionError as e:
    print(f"{sys.argv[1]}: {e}")
    sys.exit(1)
