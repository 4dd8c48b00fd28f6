#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills seal, seal --tsa, seal --finish and record add before their N-th read, write, sync, link or close, for every N (tests/fault/shim.c).

usage: kill.py CUSTODY SHIM [--some | --every K] [-j JOBS]

What is in the folder afterwards: of a seal nothing, or the whole package, alone or with its custody record; of one whose authority fails nothing, or what --finish takes; of --finish what it was
given, to the bit, or the finished package, or both. Nothing else, and nothing hidden. Of record add the record as it was, to the bit, or with the event; beside it
perhaps what it was written to, under a hidden name. The laboratory still seals afterwards.

--some is what `make check` runs: every 7th call. Prints a line for each command. Exit 1 if anything was wrong.
"""
import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT, UNSEALED, RECORD = "out.asice", "out.asice.unsealed", "out.custody.asice"
KILLED, TEMPORARY = -9, 75
MISSES = 3  # runs in a row that ended by themselves: threads do not always make the same number of calls


class World:
    """Laboratories, an authority, evidence, a package that waits for its time-stamp; and a folder for each thread."""

    def __init__(self, args, top):
        self.args, self.top = args, top
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("CUSTODY")}
        self.env.update(HOME=top, LC_ALL="C.UTF-8")
        for lab in ("lab", "authority"):
            self.must(top, "init", "--org", lab, "--name", "Analyst", lab)
        for name in ("tsas.pem", "crls.pem"):
            with open(f"{top}/authority/trust/{name}", "rb") as f, open(f"{top}/lab/trust/{name}", "ab") as g:
                g.write(f.read())
        os.makedirs(f"{top}/in/folder")
        for name, size in (("a", 6), ("folder/b", 5000), ("folder/c", 300000)):
            with open(f"{top}/in/{name}", "wb") as f:
                f.write(bytes((size + i * i) % 251 for i in range(size)))
        self.authority = subprocess.Popen([f"{ROOT}/tests/support/tsa.py", f"{top}/port", f"{top}/log", f"{top}/authority"])
        while not os.path.exists(f"{top}/port"):
            time.sleep(0.05)
        with open(f"{top}/port", encoding="ascii") as f:
            self.url = f"http://127.0.0.1:{f.read()}"

    def run(self, folder, argv, n=0):
        env = dict(self.env)
        if n:
            env.update(LD_PRELOAD=self.args.shim, FAULT_CALL="kill", FAULT_N=str(n))
        p = subprocess.run([self.args.custody, *argv], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
        return p.returncode, p.stderr.decode("utf-8", "replace")

    def must(self, folder, *argv):
        code, err = self.run(folder, argv)
        if code != 0:
            sys.exit(f"kill: custody {' '.join(argv)}: {code} {err}")


def left_in(folder):
    """What is there; a hidden temporary does not count where the file system has no files without a name (decision 6)."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR))
        return sorted(os.listdir(folder))
    except OSError:
        return sorted(n for n in os.listdir(folder) if not (n.startswith("." + OUT) and n.endswith(".tmp")))


def is_whole(world, folder, lab):
    """The package, and its record if that was begun."""
    record = ["--record", RECORD] if os.path.exists(f"{folder}/{RECORD}") else []
    code, err = world.run(folder, ["verify", "-q", "--trust", f"{lab}/trust", *record, OUT])
    return None if code == 0 else f"the package does not verify: {code} {err}"


def check_seal(world, folder, lab):
    left = left_in(folder)
    if left in ([OUT], [OUT, RECORD]):
        return is_whole(world, folder, lab)
    return f"left {left}" if left else None


def check_unsealed(world, folder, lab):
    left = left_in(folder)
    if left == [UNSEALED]:
        code, err = world.run(folder, ["seal", "-q", "--lab", lab, "--tsa", f"{world.url}/good", "--finish", UNSEALED])
        return None if code == 0 else f"what was left cannot be finished: {code} {err}"
    return f"left {left}" if left else None


def check_finish(world, folder, lab):
    left = left_in(folder)
    if [n for n in left if n != RECORD] not in ([OUT], [UNSEALED], [OUT, UNSEALED]) or (RECORD in left and OUT not in left):
        return f"left {left}"
    if UNSEALED in left and not filecmp.cmp(f"{folder}/{UNSEALED}", f"{world.top}/{UNSEALED}", shallow=False):
        return "the unsealed package is another"
    return is_whole(world, folder, lab) if OUT in left else None


def check_record(world, folder, lab):
    """A record is always written anew, under a hidden name that a killed run leaves (decision 16)."""
    left = [n for n in os.listdir(folder) if not (n.startswith("." + RECORD) and n.endswith(".tmp"))]
    if left != [RECORD]:
        return f"left {left}"
    if filecmp.cmp(f"{folder}/{RECORD}", f"{world.top}/{RECORD}", shallow=False):
        return None
    code, err = world.run(folder, ["record", "show", "--trust", f"{lab}/trust", RECORD])
    return None if code == 0 else f"the record does not hold: {code} {err}"


SEAL, ADD = ["seal", "-q", "-j", "1"], ["record", "add", "incident", "-q", "-s", "what=x", "-s", "found_how=y", "-s", "effect=z"]


class Loop:
    def __init__(self, world, name, argv, expected, check, command=tuple(SEAL)):
        self.world, self.name, self.argv, self.expected, self.check, self.command = world, name, argv, expected, check, command
        self.next, self.misses, self.killed = 1, 0, 0
        self.wrong = []
        self.lock = threading.Lock()

    def take(self):
        with self.lock:
            n = self.next
            self.next += self.world.args.every
            return n if self.misses < MISSES else 0

    def work(self, i):
        lab = f"{self.world.top}/lab{i}"
        while n := self.take():
            with tempfile.TemporaryDirectory(dir=self.world.top) as folder:
                if self.name == "finish":
                    shutil.copy(f"{self.world.top}/{UNSEALED}", folder)
                if self.name == "record add":
                    shutil.copy(f"{self.world.top}/{RECORD}", folder)
                code, err = self.world.run(folder, [*self.command, "--lab", lab, *(a.replace("%d", str(n)) for a in self.argv)], n)
                wrong = self.check(self.world, folder, lab)
                if code not in (KILLED, self.expected):
                    wrong = f"exit {code}: {err}"
                with self.lock:
                    self.killed += code == KILLED
                    self.misses = 0 if code == KILLED else self.misses + 1
                    if wrong:
                        self.wrong.append(f"{self.name} {n}: {wrong}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("custody")
    p.add_argument("shim")
    p.add_argument("--every", type=int, default=1)
    p.add_argument("--some", action="store_true")
    p.add_argument("-j", type=int, default=os.cpu_count())
    args = p.parse_args()
    args.custody, args.shim = os.path.abspath(args.custody), os.path.abspath(args.shim)
    args.every = 7 if args.some else args.every
    wrongs = killed = 0
    with tempfile.TemporaryDirectory(prefix="custody-kill.") as top:
        world = World(args, top)
        make = ["--no-identify", "--case", "C", "-o", OUT, f"{top}/in"]
        code, err = world.run(top, ["seal", "-q", "--lab", "lab", "--tsa", f"{world.url}/once-first", *make])
        if code != TEMPORARY or not os.path.exists(f"{top}/{UNSEALED}"):
            sys.exit(f"kill: no package that waits for its time-stamp: {code} {err}")
        world.must(top, "seal", "-q", "--lab", "lab", "-o", OUT, f"{top}/in")
        for i in range(args.j):
            shutil.copytree(f"{top}/lab", f"{top}/lab{i}")
        for loop in (
            Loop(world, "seal", make, 0, check_seal),
            Loop(world, "seal --tsa", ["--tsa", f"{world.url}/good", *make], 0, check_seal),
            # The word behind once- is another for each run, and so is the authority: it answers the probe, and nothing after it.
            Loop(world, "unsealed", ["--tsa", f"{world.url}/once-%d", *make], TEMPORARY, check_unsealed),
            Loop(world, "record add", [RECORD], 0, check_record, ADD),
            Loop(world, "finish", ["--tsa", f"{world.url}/good", "--finish", UNSEALED], 0, check_finish),
        ):
            threads = [threading.Thread(target=loop.work, args=(i,)) for i in range(args.j)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            wrongs, killed = wrongs + len(loop.wrong), killed + loop.killed
            print(f"{loop.name:12} {loop.killed:6} killed, {len(loop.wrong):4} wrong", flush=True)
            for line in loop.wrong[:20]:
                print(f"    {line}")
        os.unlink(f"{top}/port")  # the authority ends
        world.authority.wait()
    print(f"{killed} kills: {wrongs} wrong")
    sys.exit(1 if wrongs or not killed else 0)


main()
