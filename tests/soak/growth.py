#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time and memory of hash, seal and verify from a thousand files to a million, and from 1 MiB to 64 GiB (sparse): flat per file and per byte.

usage: growth.py [--files N] [--bytes GIB]    $CUSTODY is the program; works below the current folder; a million files are 4 GiB of storage.
Fails if a process takes more than 64 MiB (a million files: 128 MiB) or a package is not VALID; how the time grows is printed for a person to judge.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

CUSTODY = os.path.abspath(os.environ["CUSTODY"])
MIB = 1 << 20
failed = []


def run(*command):
    start = time.monotonic()
    # By time(1), because a child of this program would begin with the memory of this one.
    p = subprocess.run(["/usr/bin/time", "-f", "%M", CUSTODY, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    seconds = time.monotonic() - start
    error = p.stderr.decode(errors="replace").strip().splitlines()
    if p.returncode:
        sys.exit(f"growth: custody {command[0]} fails ({p.returncode}): {error[-2:]}")
    return seconds, int(error[-1])


def measure(what, n, unit, source, limit_kib):
    for f in ("p.asice",):
        os.path.exists(f) and os.remove(f)
    for verb, command in (("hash", ["hash", "-q", source]), ("seal", ["seal", "-q", "--lab", "lab", "--no-identify", "-o", "p.asice", source]),
                          ("verify", ["verify", "--trust", "lab/trust", "p.asice"])):
        seconds, kib = run(*command)
        over = kib > limit_kib
        failed.extend([f"{verb} {what}"] if over else [])
        print(f"{verb:7} {what:12} {seconds:9.2f} s  {seconds / n * unit[0]:10.2f} {unit[1]}  {kib:7} KiB{'  OVER ' + str(limit_kib) if over else ''}", flush=True)
    os.remove("p.asice")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--files", type=int, default=1_000_000)
    p.add_argument("--bytes", type=int, default=64, metavar="GIB")
    a = p.parse_args()
    work = tempfile.mkdtemp(prefix="growth.", dir=".")
    os.chdir(work)
    try:
        subprocess.run([CUSTODY, "init", "-q", "lab", "--org", "Growth", "--name", "Growth Analyst"], check=True, stdout=subprocess.DEVNULL)
        made, n = 0, 1000
        os.mkdir("in")
        while n <= a.files:
            for i in range(made, n):
                if i % 1000 == 0:
                    os.mkdir(f"in/{i // 1000:04d}")
                with open(f"in/{i // 1000:04d}/{i:07d}.txt", "w") as f:
                    f.write(f"item {i}\n")
            made = n
            measure(f"{n} files", n, (1e6, "us a file"), "in", 65536 if n < 1_000_000 else 131072)
            n *= 10
        shutil.rmtree("in")
        mib = 1
        while mib <= a.bytes * 1024:
            with open("sparse", "wb") as f:
                f.truncate(mib * MIB)
                f.seek(mib * MIB // 2)
                f.write(b"\xa5" * 4096)
            measure(f"{mib} MiB", mib, (1e3, "ms a MiB"), "sparse", 65536)
            mib *= 16 if mib < 65536 // 16 else 2 if mib >= 32768 else 8
    finally:
        os.chdir("..")
        shutil.rmtree(work)
    for f in failed:
        print(f"growth: {f} took too much memory")
    return 1 if failed else 0


sys.exit(main())
