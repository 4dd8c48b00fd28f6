#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds tests/admissibility.tsv (or the file given) against the tests that are there: exit 1, and what is wrong. Counts the rows by state."""
import collections
import os
import re
import sys

# Rows of priority M, by section of the table of requirements.
ROWS = [*range(1, 7), *range(8, 14)] + [*range(33, 41), 48] + [*range(49, 55), 56, 57, 58, 61] + [*range(85, 94), 96, 98]
STATES = ("shown", "part", "not done")
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
tests, fixtures = os.path.join(root, "tests"), os.path.join(root, "fixtures")
wrong = []


def unit_tests():
    """SUITE/NAME of every unit test."""
    for name in sorted(os.listdir(os.path.join(tests, "unit"))):
        with open(os.path.join(tests, "unit", name), encoding="utf-8") as f:
            yield from ("%s/%s" % m for m in re.findall(r"^(?:Parameterized)?Test\((?:\([^)]*\), )?(\w+),\s*(\w+)", f.read(), re.M))


def names(path, row):
    """A file that says itself which row it shows: ADM-05, or 05 in such a list."""
    try:
        with open(path, encoding="utf-8") as f:
            return re.search(r"ADM-(?:\d\d, (?:ADM-)?)*%s\b" % row[4:], f.read()) is not None
    except FileNotFoundError:
        return False


def exists(test, row):
    kind, _, name = test.partition(":")
    if kind == "unit":
        return name in units
    if kind == "fixture":
        folder = os.path.join(fixtures, "tampered", name)
        return re.fullmatch(r"[a-z0-9-]+", name) is not None and os.path.isdir(folder) and len(os.listdir(folder)) > 0
    ending = {"cli": ".sh", "prop": ".c"}.get(kind)
    return ending is not None and re.fullmatch(r"\w+", name) is not None and names(os.path.join(tests, kind, name + ending), row)


units = set(unit_tests())
found, count = [], collections.Counter()
for line in open(sys.argv[1] if len(sys.argv) > 1 else os.path.join(tests, "admissibility.tsv"), encoding="utf-8"):
    if line.startswith("#"):
        continue
    columns = line.rstrip("\n").split("\t")
    if len(columns) != 5 or not all(columns) or not re.fullmatch(r"ADM-\d\d", columns[0]):
        wrong.append("not a line of five columns: %r" % line)
        continue
    row, state, named, asks, missing = columns
    found.append(int(row[4:]))
    count[state] += 1
    named = [] if named == "-" else named.split(" ")
    if state not in STATES:
        wrong.append("%s: the state is '%s', want one of: %s" % (row, state, ", ".join(STATES)))
    if bool(named) != (state in ("shown", "part")):
        wrong.append("%s: is '%s' with %d tests" % (row, state, len(named)))
    if (missing == "-") != (state == "shown"):
        wrong.append("%s: is '%s', and what is missing is '%s'" % (row, state, missing))
    wrong += ["%s: there is no test %s, or it does not name the row" % (row, t) for t in named if not exists(t, row)]
if found != ROWS:
    wrong.append("the rows are %s, want %s" % (found, ROWS))
for w in wrong:
    print(w)
print("%d requirements: %s" % (len(found), ", ".join("%d %s" % (count[s], s) for s in STATES)))
sys.exit(1 if wrong else 0)
