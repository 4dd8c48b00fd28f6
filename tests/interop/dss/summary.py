#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Validate.java's lines brought to a line a fixture, and judged.

summary.py FOLDER TRUST <lines   FIXTURE, our verdict, what DSS says of 001 and of 002 ("passed" only with the stamp's time)
summary.py head TABLE            the committed table: head and lines
summary.py judge TABLE           exit 1 if a fixture that is VALID for us is not passed by DSS and EXPLAINED does not say why
"""
import os
import sys

# VALID for us and not TOTAL-PASSED twice with the stamp's time for DSS: why that is right.
EXPLAINED = {
    "sealed/b-t-p256.asice": "B-T: its revocation data are the verifier's own crls.pem, which DSS is not given; it wants them for every certificate",
    "tampered/seal-times-disagree/all-in-1950.asice": "the signing-time is from before the certificate was valid: a warning for us, since it proves nothing and the stamp counts",
    "tampered/seal-times-disagree/signed-in-1950.asice": "likewise",
    "tampered/seal-times-disagree/signed-in-1950-independent.asice": "likewise",
    "tampered/time-own-word/same-root-key.asice": "one key under two names: a list belongs to the key for us, to the issuer's name for DSS, which finds none for the other name",
    "tampered/time-untrusted-extra/first.asice": "one token of an authority without anchor: DSS lowers the level to T and keeps the other's time",
    "tampered/time-untrusted-extra/second.asice": "likewise",
}


def ours():
    verdicts = {}
    for line in open("expected.tsv", encoding="utf-8"):
        f = line.rstrip("\n").split("\t")
        if not line.startswith("#") and len(f) > 3:
            verdicts.setdefault((f[0], f[1]), f[3])
    return verdicts


def answer(f):
    """What DSS says of one signature: passed, or why not."""
    if f[2] != "TOTAL_PASSED":
        return f[2] + ("" if len(f) < 4 or f[3] == "-" else "/" + f[3]) if f[2] != "unreadable" else "unreadable"
    stamps = [s for s in f[6:] if s.startswith("stamp ")]
    if f[4] != "CAdES-BASELINE-LT":
        return "passed as " + f[4]
    if not any(s == "stamp PASSED " + f[5] for s in stamps):
        return "passed without time"
    return "passed"


def summarise(folder, trust):
    verdicts, said = ours(), {}
    for line in sys.stdin:
        f = line.rstrip("\n").split("\t")
        said.setdefault(f[0], {})[f[1]] = answer(f)
    for (name, t), verdict in verdicts.items():
        full = os.path.realpath(name)
        if t != trust or full not in said:
            continue
        got = said[full]
        one = got.get("META-INF/signature001.p7s", got.get("-", "none"))
        two = got.get("META-INF/signature002.p7s", got.get("-", "none"))
        rest = sorted(k for k in got if k not in ("META-INF/signature001.p7s", "META-INF/signature002.p7s", "-"))
        print("\t".join([folder + "/" + name, verdict, one, two] + ["and " + r + " " + got[r] for r in rest]))


def main():
    if sys.argv[1] == "head":
        print("# What EU DSS (version in tests/interop/dss/pom.xml, its default policy, trust: the fixture's anchors) says of each fixture that it was shown, as of the instant in dss.sh, beside our verdict.")
        print("# Written by `tests/interop/dss.sh write`, compared by `make interop`. passed: TOTAL-PASSED at CAdES-BASELINE-LT with the stamp's time.")
        print("# fixture\tcustody\tsignature001\tsignature002")
        sys.stdout.write(open(sys.argv[2], encoding="utf-8").read())
        return 0
    if sys.argv[1] != "judge":
        summarise(sys.argv[1], sys.argv[2])
        return 0
    total = both = laxer = bad = 0
    unexplained = set()
    for line in open(sys.argv[2], encoding="utf-8"):
        name, verdict, one, two = line.rstrip("\n").split("\t")[:4]
        total += 1
        passes = one == two == "passed"
        both += passes
        laxer += passes and verdict == "INVALID"
        if verdict == "VALID" and not passes:
            unexplained.add(name)
            if name not in EXPLAINED:
                print(f"{name}: VALID for custody, DSS says {one} and {two}, and dss/summary.py does not explain it")
                bad = 1
    for name in EXPLAINED.keys() - unexplained:
        print(f"{name}: explained in dss/summary.py, but there is nothing to explain")
        bad = 1
    print(f"fixtures: {total}, as tests/interop/dss/fixtures.tsv has them; DSS passes {both}, {laxer} of them INVALID for custody; {len(EXPLAINED)} explained")
    return bad


sys.exit(main())
