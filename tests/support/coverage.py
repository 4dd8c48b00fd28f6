#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Line and branch coverage by file and room, from gcov's JSON (the same for every gcc since 9).

usage: coverage.py BUILD ROOM...            the table, and the check of the heart
       coverage.py BUILD FILE.c...          the table, and each line of FILE.c that never ran or has a branch never taken

The heart (HEART below) must have every branch taken but those of tests/coverage-unreachable.txt, and those must be missed: else the exit code is 1.
"""
import json
import os
import subprocess
import sys


HEART = ("libcustody/verdict/", "libcustody/package/zip", "libcustody/crypto/der")
UNREACHABLE = "tests/coverage-unreachable.txt"


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


def unreachable():
    """{(file, text of the line): why}"""
    table = {}
    with open(UNREACHABLE, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, text, why = line.rstrip("\n").split("\t")
                table[name, text] = why
    return table


def check_heart(files):
    """What is wrong with the heart's branches, a line each."""
    listed, met, wrong = unreachable(), set(), []
    for name in sorted(n for n in files if n.startswith(HEART)):
        with open(name, encoding="utf-8") as f:
            source = f.read().split("\n")
        for n, (count, branches) in sorted(files[name].items()):
            if branches and 0 in branches:
                key = name, source[n - 1].strip()
                met.add(key)
                if key not in listed:
                    wrong.append(f"{name}:{n}: {branches.count(0)} of {len(branches)} branches never taken: {key[1]}")
    return wrong + [f"{name}: {UNREACHABLE} says that this cannot be, and it was: {text}" for name, text in listed if (name, text) not in met]


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
    if any(n.startswith(HEART) for n in rooms) or "libcustody" in rooms:
        wrong = check_heart(files)
        print("\n".join(["", *wrong, f"the heart: {len(unreachable())} lines have a branch that cannot be taken, {len(wrong)} are wrong"]))
        sys.exit(1 if wrong else 0)


main()
