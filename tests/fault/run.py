#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes every N-th read, write, sync, rename, close and allocation of each command fail, one at a time (tests/fault/shim.c), until N is beyond the last.

usage: run.py CUSTODY SHIM [--some | --every K] [--kinds KIND,...] [--commands COMMAND,...] [-j JOBS] [-v]

Whatever fails: the command does not crash; it exits with an error and says why on stderr, or the failure was harmless and everything is as without it. Nothing
is left under a final name or beside it, and no verdict is wrong: a good package is never INVALID, a forged one never VALID, what was printed of a list is true.
--some is what `make check` runs: every 7th call, and every 499th allocation.

With CUSTODY of a sanitized build, SHIM must be one without memory (-DFAULT_WITHOUT_MEMORY), --kinds too; a leak is wrong then.

Prints a line for each command and kind: how many failures, how many of them were harmless. Exit 1 if anything was wrong.
"""
import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

KINDS = ["read", "write", "sync", "rename", "close", "memory"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FORGED = os.path.join(ROOT, "fixtures/tampered/item-digest-mismatch/evidence.asice")
FORGED_TRUST = os.path.join(ROOT, "fixtures/sealed/trust-own")
INVALID, INDETERMINATE = 1, 2
SANITIZER = 99


class Run:
    """One run of a command: what it returned, said and left."""

    def __init__(self, code, out, err, hit):
        self.code, self.out, self.err, self.hit = code, out, err, hit


class Place:
    """A folder of one thread: its own laboratory, evidence and packages; work/ is empty before each run."""

    def __init__(self, args, top, master):
        self.args = args
        self.top = top
        if master:
            shutil.copytree(master.top, top, symlinks=True)
            return
        os.makedirs(os.path.join(top, "in", "folder", "empty"))
        for name, size in (("a", 6), ("folder/b", 5000), ("folder/c", 300000)):
            with open(os.path.join(top, "in", name), "wb") as f:
                f.write(bytes((size + i * i) % 251 for i in range(size)))
        os.symlink("a", os.path.join(top, "in", "link"))
        os.link(os.path.join(top, "in", "a"), os.path.join(top, "in", "hard"))
        self.clean()
        self.must("init", "--org", "Fault Lab", "--name", "Fault Analyst", "../lab")
        self.must("seal", "--lab", "../lab", "--case", "C", "--exhibit", "E", "-o", "../good.asice", "../in")
        for name, formats in (("sums", "sha256sum"), ("wrong", "sha256sum")):
            with open(os.path.join(top, name), "wb") as f:
                f.write(self.must("hash", "-f", formats, "../in").out)
        with open(os.path.join(top, "wrong"), "r+b") as f:
            f.write(b"0" * 8)

    def path(self, *names):
        return os.path.join(self.top, *names)

    def clean(self):
        shutil.rmtree(self.path("work"), ignore_errors=True)
        os.mkdir(self.path("work"))

    def run(self, argv, kind=None, n=0):
        log = self.path("hit")
        if os.path.exists(log):
            os.unlink(log)
        env = {k: v for k, v in os.environ.items() if not k.startswith("CUSTODY")}
        env.update(HOME=self.top, LC_ALL="C.UTF-8", ASAN_OPTIONS=f"verify_asan_link_order=0:exitcode={SANITIZER}", UBSAN_OPTIONS=f"exitcode={SANITIZER}")
        if kind:
            env.update(LD_PRELOAD=self.args.shim, FAULT_CALL=kind, FAULT_N=str(n), FAULT_LOG=log)
        p = subprocess.run([self.args.custody, *argv], cwd=self.path("work"), env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
        hit = None
        if os.path.exists(log):
            with open(log, encoding="ascii") as f:
                hit = f.read()
        return Run(p.returncode, p.stdout, p.stderr.decode("utf-8", "replace"), hit)

    def must(self, *argv):
        r = self.run(argv)
        if r.code != 0:
            sys.exit(f"faults: custody {' '.join(argv)}: {r.code} {r.err}")
        return r

    def left(self):
        return sorted(os.listdir(self.path("work")))


def whole(tree):
    """Every path below a folder with what it is: for comparing two trees."""
    found = {}
    for folder, folders, files in os.walk(tree):
        for name in folders + files:
            p = os.path.join(folder, name)
            key = os.path.relpath(p, tree)
            if os.path.islink(p):
                found[key] = "link " + os.readlink(p)
            elif os.path.isdir(p):
                found[key] = "folder"
            else:
                with open(p, "rb") as f:
                    found[key] = f.read()
    return found


# ---- the commands: argv in work/, and what must hold of a run; each check gives what is wrong, or None ----


def check_seal(place, r):
    # What can fail behind the name is the journal and the form: the package is whole, and the message says so (custody-seal(1)).
    if r.code != 0 and " is sealed, but " not in r.err:
        return f"left {place.left()}" if place.left() else None
    if place.left() != ["out.asice"]:
        return f"exit 0, and there is {place.left()}"
    v = place.run(["verify", "-q", "--trust", "../lab/trust", "out.asice"])
    return None if v.code == 0 else f"exit 0, and the package is: {v.code} {v.out[:200]}"


def check_good(place, r):
    del place
    if r.code in (INVALID, INDETERMINATE):
        return f"a good package: exit {r.code}: {r.out[:300]}"
    return None


def check_forged(place, r):
    del place
    return "a forged package: VALID" if r.code == 0 or r.out.startswith(b"VALID") else None


def check_init(place, r):
    if r.code != 0 and "was made, but could not be read back" not in r.err:
        return f"left {place.left()}" if place.left() else None
    s = place.run(["seal", "-q", "--lab", "new", "--case", "C", "--exhibit", "E", "-o", "out.asice", "../in/a"])
    return None if s.code == 0 else f"exit 0, and the laboratory cannot seal: {s.code} {s.err}"


def check_extract(place, r):
    if r.code != 0 and " are extracted, but " not in r.err:
        return f"left {place.left()}" if place.left() else check_good(place, r)
    if whole(place.path("work", "out")) != {("in/" + k): v for k, v in whole(place.path("in")).items()} | {"in": "folder"}:
        return f"exit {r.code}, and the tree differs"
    return None


def check_hash(place, r):
    with open(place.path("sums"), "rb") as f:
        want = f.read()
    lines = want.split(b"\n")
    if r.code == 0 and r.out != want:
        return f"exit 0, and not the list: {r.out[:300]}"
    false = [line for line in r.out.split(b"\n")[:-1] if line not in lines]
    return f"a false line: {false}" if false else None


def check_audit(place, r):
    del place
    return f"same files: exit 1: {r.out[:500]} {r.err}" if r.code == INVALID else None


def check_audit_wrong(place, r):
    del place
    return "other files: exit 0" if r.code == 0 else None


def check_show(place, r):
    del place, r


SEAL = ["seal", "-j", "1", "--lab", "../lab", "--case", "C", "--exhibit", "E", "-o", "out.asice", "../in"]
COMMANDS = {
    "seal": (SEAL, check_seal),
    "verify": (["verify", "-j", "1", "--trust", "../lab/trust", "../good.asice"], check_good),
    "verify-forged": (["verify", "-j", "1", "--trust", FORGED_TRUST, FORGED], check_forged),
    "init": (["init", "--org", "O", "--name", "N", "new"], check_init),
    "extract": (["extract", "-j", "1", "--trust", "../lab/trust", "-C", "out", "../good.asice"], check_extract),
    "hash": (["hash", "-j", "1", "-f", "sha256sum", "../in"], check_hash),
    "audit": (["audit", "-j", "1", "-k", "../sums", "../in"], check_audit),
    "audit-wrong": (["audit", "-j", "1", "-k", "../wrong", "../in"], check_audit_wrong),
    "show": (["show", "../good.asice"], check_show),
}

REASON = re.compile(r"Input/output error|No space left|out of memory|[Cc]annot allocate memory|cannot |could not|failed")


def judge(place, name, kind, expected, r):
    """What is wrong with a run that a failure hit, or None."""
    check = COMMANDS[name][1]
    if r.code == -6 and "nss_" in r.err and "Assertion" in r.err and not place.left():
        return None  # glibc looks for a user's name, and ends the process when it has no memory for that
    if r.code < 0 or r.code > 128:
        return f"ended by a signal: {r.code} {r.err[-300:]}"
    if r.code == SANITIZER:
        return f"a sanitizer's report: {r.err}"
    wrong = check(place, r)
    if wrong:
        return wrong
    if r.code == expected:
        return None
    if r.code != (70 if kind == "memory" else 74):
        return f"exit {r.code}: {r.err}"
    # What stood in the way of saying it may be the very thing that failed.
    if r.hit not in ("write", "fflush", "close") and not (r.err.startswith("custody: ") and REASON.search(r.err)):
        return f"exit {r.code} without a reason: '{r.err}'"
    return None


class Loop:
    """One command and one kind of failure, for N = first, first + every, ..., shared by the threads."""

    def __init__(self, args, name, kind, expected):
        self.args, self.name, self.kind, self.expected = args, name, kind, expected
        self.every = args.every if not args.some else 499 if kind == "memory" else 7
        self.next, self.ended = 1, False
        self.tried = self.harmless = self.misses = 0
        self.wrong = []
        self.codes = collections.Counter()
        self.lock = threading.Lock()

    def take(self):
        with self.lock:
            if self.ended:
                return None
            n = self.next
            self.next += self.every
            return n

    def work(self, place):
        while (n := self.take()) is not None:
            place.clean()
            try:
                r = place.run(COMMANDS[self.name][0], self.kind, n)
            except subprocess.TimeoutExpired:
                r = Run(-1, b"", "hangs", "?")
            if r.hit is None:
                # Threads do not always make the same number of calls: the end is where several in a row are beyond it.
                with self.lock:
                    self.misses += 1
                    self.ended = self.ended or self.misses > 3
                continue
            wrong = judge(place, self.name, self.kind, self.expected, r)
            with self.lock:
                self.tried += 1
                self.harmless += r.code == self.expected
                self.codes[r.code] += 1
                if wrong:
                    self.wrong.append(f"{self.name} {self.kind} {n} ({r.hit}): {wrong}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("custody")
    p.add_argument("shim")
    p.add_argument("--every", type=int, default=1)
    p.add_argument("--some", action="store_true")
    p.add_argument("--kinds", default=",".join(KINDS))
    p.add_argument("--commands", default=",".join(COMMANDS))
    p.add_argument("-j", type=int, default=os.cpu_count())
    p.add_argument("-v", action="store_true")
    args = p.parse_args()
    args.custody, args.shim = os.path.abspath(args.custody), os.path.abspath(args.shim)
    total = wrongs = 0
    with tempfile.TemporaryDirectory(prefix="custody-faults.") as top:
        places = [Place(args, os.path.join(top, "0"), None)]
        places += [Place(args, os.path.join(top, str(i)), places[0]) for i in range(1, args.j)]
        for name in args.commands.split(","):
            places[0].clean()
            expected = places[0].run(COMMANDS[name][0]).code
            for kind in args.kinds.split(","):
                loop = Loop(args, name, kind, expected)
                threads = [threading.Thread(target=loop.work, args=(place,)) for place in places]
                for t in threads:
                    t.start()
                for t in threads:
                    t.join()
                total, wrongs = total + loop.tried, wrongs + len(loop.wrong)
                codes = ", ".join(f"{n} exit {code}" for code, n in sorted(loop.codes.items()))
                print(f"{name:14} {kind:7} {loop.tried:6} failures, {loop.harmless:6} harmless, {len(loop.wrong):4} wrong    ({codes})", flush=True)
                for line in loop.wrong if args.v else loop.wrong[:20]:
                    print(f"    {line}")
    print(f"{total} failing calls: {wrongs} wrong")
    sys.exit(1 if wrongs or not total else 0)


main()
