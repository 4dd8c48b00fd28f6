#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No output says what only a court can (ADM-48), in none of its languages. words.py FILE|FOLDER...: exit 1, and where, for each of them that holds a forbidden word, whatever the case, the
ending and the line break in the middle. Files are taken as bytes: programs and packages too. With no file at all it fails: nothing was looked at."""
import os
import re
import sys

FRENCH = "recevab|authentiq|garanti|v\u00e9ridi|infalsifiab|incontestab|irr\u00e9futab|fait preuve|fait foi(?<!texte anglais fait foi)"
# Fit to be used in court, without doubt, of sure origin.
ARABIC = "\u0645\u0642\u0628\u0648\u0644|\u0623\u0635\u0627\u0644\u0629|\u0645\u0636\u0645\u0648\u0646\u0629 |\u0645\u0648\u062b\u0648\u0642"
FORBIDDEN = re.compile(rb"admissib|authentic|genuin|court[\s\xad-]*proof|" + FRENCH.encode() + b"|" + ARABIC.encode(), re.IGNORECASE)


def files(names):
    for name in names:
        if not os.path.isdir(name):
            yield name
        for folder, _, inside in os.walk(name):
            yield from (os.path.join(folder, f) for f in inside if os.path.isfile(os.path.join(folder, f)))


def main(names):
    looked = wrong = 0
    for name in files(names):
        with open(name, "rb") as f:
            content = f.read()
        looked += 1
        for m in FORBIDDEN.finditer(content):
            wrong += 1
            print("%s: says %r: %r" % (name, m[0].decode(), content[max(0, m.start() - 40) : m.end() + 40]))
    if not looked:
        print("words: no file was looked at")
    return 1 if wrong or not looked else 0


sys.exit(main(sys.argv[1:]))
