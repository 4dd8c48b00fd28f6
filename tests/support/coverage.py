#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Line and branch coverage by file and room, from gcov's JSON (the same for every gcc since 9).

usage: coverage.py BUILD ROOM...            the table
       coverage.py BUILD FILE.c...          the table, and each line of FILE.c that never ran or has a branch never taken
"""
import json
import os
import subprocess
import sys


def records(build):
    """gcov's documents, one for each object that ran."""
    notes = []
    for folder, _, names in os.walk(build):
        notes += [os.path.join(folder, n) for n in names if n.endswith(".gcno") and f"{build}/tests/" not in folder + "/"]
    for start in range(0, len(notes), 20):
        run = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *sorted(notes)[start:start + 20]],
                             capture_output=True, text=True, check=False)
        for line in run.stdout.split("\n"):
            if line.startswith("{"):
                yield json.loads(line)


def merge(build, rooms):
    """{file: {line: [times run, [times of each branch]]}}; a line that is in several objects is added up."""
    files = {}
    for document in records(build):
        for f in document["files"]:
            name = os.path.normpath(f["file"])
            if not name.endswith(".c") or not name.startswith(tuple(rooms)):
                continue
            lines = files.setdefault(name, {})
            for line in f["lines"]:
                entry = lines.setdefault(line["line_number"], [0, []])
                entry[0] += line["count"]
                counts = [b["count"] for b in line["branches"]]
                entry[1] = [a + b for a, b in zip(entry[1], counts)] if len(entry[1]) == len(counts) else entry[1] or counts
    return files


def totals(lines):
    branches = [b for _, bs in lines.values() for b in bs]
    return len(lines), sum(1 for count, _ in lines.values() if count), len(branches), sum(1 for b in branches if b)


def row(name, t):
    percent = [f"{100 * hit / of:6.1f} %" if of else "      - " for of, hit in ((t[0], t[1]), (t[2], t[3]))]
    print(f"{name:44} {t[1]:6}/{t[0]:<6}{percent[0]}   {t[3]:6}/{t[2]:<6}{percent[1]}")


def main():
    build, rooms = sys.argv[1], sys.argv[2:]
    files = merge(build, rooms)
    if not files:
        sys.exit("coverage: nothing was measured")
    sums, everything = {}, [0, 0, 0, 0]
    print(f"{'file':44} {'lines':>21}   {'branches':>22}")
    for name in sorted(files):
        t = totals(files[name])
        row(name, t)
        room = sums.setdefault(os.path.dirname(name), [0, 0, 0, 0])
        for i in range(4):
            room[i] += t[i]
            everything[i] += t[i]
    print()
    for room in sorted(sums):
        row(room + "/", sums[room])
    row("all", everything)
    for name in rooms:
        for n, (count, branches) in sorted(files.get(name, {}).items()):
            if not count or 0 in branches:
                print(f"{name}:{n}: " + ("never ran" if not count else f"{branches.count(0)} of {len(branches)} branches never taken"))


main()
