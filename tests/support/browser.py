#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a browser made of our pages: browser.py PAGE..., each with PAGE.html as we wrote it and PAGE.dom as the browser writes it back after it ran what it would run.

The tree is that of the page: the same elements in the same order with the same text, the title ours, no element that could load or run anything; and in the certificate each item
has the escaped name that show.json has.
"""
import html.parser
import json
import sys

LOADS = {"script", "img", "iframe", "object", "embed", "link", "base", "form", "input", "video", "audio", "frame", "a", "animate", "set", "use", "foreignobject", "image"}


class Tree(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.events, self.bdi, self.open = [], [], []
        self.feed(open(path, encoding="utf-8").read())

    def handle_starttag(self, tag, attrs):
        assert tag not in LOADS, f"an element <{tag}>"
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("src", "href", "style", "srcdoc", "action"), f"{name}={value}"
        if tag == "bdi":
            self.bdi.append("")
        self.open.append(tag)
        if tag not in ("meta", "br"):
            self.events.append(tag)

    def handle_endtag(self, tag):
        self.events.append("/" + tag)
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "bdi" in self.open:
            self.bdi[-1] += data
        if data.strip():
            if self.events and self.events[-1].startswith("="):
                self.events[-1] += data
            else:
                self.events.append("=" + data)

    def squeezed(self):
        return [e.strip() for e in self.events if e not in ("html", "/html", "head", "/head", "body", "/body")]


def check(page):
    ours, shown = Tree(page + ".html"), Tree(page + ".dom")
    for a, b in zip(ours.squeezed(), shown.squeezed()):
        assert a == b, f"we wrote {a[:80]!r}, the browser has {b[:80]!r}"
    assert len(ours.squeezed()) == len(shown.squeezed()), "more or less than we wrote"
    if page != "certificate":
        return
    names = [i["path"] for i in json.load(open("show.json", encoding="utf-8"))["items"]]
    assert len(names) > 20 and [n for n in names if n not in shown.bdi] == [], [n for n in names if n not in shown.bdi]


for page in sys.argv[1:]:
    try:
        check(page)
    except AssertionError as e:
        print(f"{page}: {e}")
        sys.exit(1)
