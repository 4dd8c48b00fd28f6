#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where words stand on a page that runs from right to left: right_to_left.py WORDS.xml SHA256 NAME, with what `pdftotext -bbox` says of its PDF.

The name of the file and the package number stand left of the middle of what is right of them, their label; the number's groups of four and a command's words run from left to
right; and the title begins at the right edge.
"""
import re
import sys
import xml.etree.ElementTree

path, digest, name = sys.argv[1:]
page = next(xml.etree.ElementTree.parse(path).iter("{http://www.w3.org/1999/xhtml}page"))
width = float(page.get("width"))
words = [(w.text or "", float(w.get("xMin")), float(w.get("xMax")), float(w.get("yMin"))) for w in page.iter("{http://www.w3.org/1999/xhtml}word")]


def fail(text):
    sys.exit(f"{path}: {text}")


def line_of(y):
    return sorted((w for w in words if abs(w[3] - y) < 4), key=lambda w: w[1])


groups = re.findall("....", digest)
first = [w for w in words if w[0] == groups[0]]
if not first:
    fail("the package number is not on page one")
number = [w for w in line_of(first[0][3]) if re.fullmatch("[0-9a-f]{4}", w[0])]
if [w[0] for w in number] != groups:
    fail(f"the package number does not run from left to right: {[w[0] for w in number]}")
# pdftotext may give the letters of a word in either order.
labels = [w for w in words if abs(w[3] - first[0][3]) < 8 and sorted(w[0]) == sorted("\u0627\u0644\u062d\u0632\u0645\u0629") and w[1] > number[-1][2]]
if not labels:
    fail("the label of the package number is not right of it")
if max(w[2] for w in words) < 0.9 * width or labels[-1][2] < 0.85 * width:
    fail("nothing stands at the right edge")
names = [w for w in words if name in w[0]]
if not names or names[0][1] < 0.3 * width:
    fail(f"the name of the file does not begin at the right of its column: {names}")
