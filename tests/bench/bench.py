#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speed and memory of custody against the programs that people use today, as one table and as JSON.

usage: bench.py [--json FILE] [--only PART] [--runs N]      PART: hash seal verify tree start memory
$CUSTODY is the program; $BENCH_DIR the folder to work in (default: /dev/shm where it has the room, so that storage is not what is measured).

Every figure is the median of N runs (5), ours and the peer's in turn, so that a machine that grows slower slows both. A ratio is of one run of this
program; figures of two runs or machines are not to be compared. The data are made from a fixed seed. A peer that is not installed is named and left out.
A bar that is missed is printed as missed, and exit is 0 all the same: this is a measurement, and what it means is for a person.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

GIB = 1 << 30
LARGE = 2 * GIB
TREE = 14000
CUSTODY = os.path.abspath(os.environ.get("CUSTODY", "build/release/custody"))


def make_large(path, size):
    """Bytes that do not compress, the same every time: AES in counter mode over zeros."""
    p = subprocess.Popen(["openssl", "enc", "-aes-128-ctr", "-K", "00" * 16, "-iv", "00" * 16, "-in", "/dev/zero"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with open(path, "wb") as f:
        left = size
        while left:
            left -= f.write(p.stdout.read(min(left, 1 << 20)))
    p.kill()
    p.wait()


def make_tree(root, files):
    """What a disclosure looks like: many small texts, mails, pages and pictures, few large ones; 18 kB a file on average."""
    r = random.Random(20261124)
    words = [bytes(r.choice(b"abcdefghijklmnopqrstuvwxyz") for _ in range(r.randint(2, 10))) for _ in range(4000)]
    text = lambda n: b" ".join(r.choices(words, k=n // 6 + 1))[:n]
    kinds = [
        ("txt", lambda n: text(n)),
        ("eml", lambda n: b"Received: from a by b\r\nFrom: a@example.org\r\nTo: b@example.org\r\nSubject: " + text(40) + b"\r\nMIME-Version: 1.0\r\n\r\n" + text(n)),
        ("html", lambda n: b"<!DOCTYPE html><html><head><title>x</title></head><body><p>" + text(n) + b"</p></body></html>"),
        ("json", lambda n: b'{"messages":[' + b",".join(b'{"id":%d,"text":"%s"}' % (i, text(60)) for i in range(n // 90 + 1)) + b"]}"),
        ("csv", lambda n: b"id,when,what\n" + b"".join(b"%d,2026-11-%02d,%s\n" % (i, i % 28 + 1, text(30)) for i in range(n // 50 + 1))),
        ("jpg", lambda n: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + r.randbytes(n) + b"\xff\xd9"),
        ("png", lambda n: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00\x00\x00\x01\x00\x08\x02\x00\x00\x00" + r.randbytes(n)),
        ("bin", lambda n: r.randbytes(n)),
    ]
    for i in range(files):
        d = os.path.join(root, "account-%d" % (i % 7), "%03d" % (i // 100))
        os.makedirs(d, exist_ok=True)
        name, make = kinds[i % len(kinds)]
        n = min(int(r.paretovariate(0.75) * 900), 1_000_000)
        with open(os.path.join(d, "%05d.%s" % (i, name)), "wb") as f:
            f.write(make(n))


class Run:
    """One command: seconds, KiB at its peak (the largest single process, children that it waited for included)."""

    def __init__(self, command, before=None):
        if before:
            before()
        start = time.monotonic()
        # By time(1), because a child of this program would begin with the memory of this one.
        p = subprocess.run(["/usr/bin/time", "-f", "%M", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.seconds = time.monotonic() - start
        error = p.stderr.decode(errors="replace").strip().splitlines()
        if p.returncode != 0:
            sys.exit(f"bench: {command} fails ({p.returncode}): {error[-2:]}")
        self.kib = int(error[-1])


class Bench:
    def __init__(self, work, runs):
        self.work, self.runs, self.rows, self.absent = work, runs, [], []

    def path(self, name):
        return os.path.join(self.work, name)

    def gone(self, *names):
        for n in names:
            p = self.path(n)
            shutil.rmtree(p) if os.path.isdir(p) else os.path.exists(p) and os.remove(p)

    def have(self, program):
        if shutil.which(program):
            return True
        if program not in self.absent:
            self.absent.append(program)
        return False

    def compare(self, what, ours, theirs, bar, runs=None):
        """ours and every one of theirs (name -> (program, callable)), in turn; a row a peer."""
        theirs = {n: f for n, (program, f) in theirs.items() if self.have(program)}
        took, peers, kib = [], {n: [] for n in theirs}, 0
        for _ in range(runs or self.runs):
            r = ours()
            took.append(r.seconds)
            kib = max(kib, r.kib)
            for n, f in theirs.items():
                peers[n].append(f().seconds)
        mine = statistics.median(took)
        for n, bound in bar.items():
            if n in peers:
                other = statistics.median(peers[n])
                self.row(what, mine, n, other, mine / other, bound, kib, runs or self.runs)
        return mine

    def row(self, what, mine, peer, other, ratio, bound, kib, runs):
        self.rows.append({"work": what, "seconds": round(mine, 4), "peer": peer, "peer_seconds": other and round(other, 4), "ratio": round(ratio, 3), "bar": bound,
                          "holds": ratio <= bound, "kib": kib, "runs": runs})
        print(f"{what:34} {mine:8.3f} s  {ratio:6.2f} x  bar {bound:5.2f}  {'holds ' if ratio <= bound else 'MISSED'}  {kib:7} KiB  {peer}" +
              (f" ({other:.3f} s)" if other else ""), flush=True)


def sh(command):
    return lambda: Run(["bash", "-c", command])


def hash_one(b):
    f = b.path("large")
    b.compare("hash, 2 GiB, sha256", lambda: Run([CUSTODY, "hash", "-d", "sha256", f]),
              {"openssl sha256": ("openssl", lambda: Run(["openssl", "dgst", "-sha256", f]))}, {"openssl sha256": 1.05})
    b.compare("hash, 2 GiB, sha256+sha512", lambda: Run([CUSTODY, "hash", "-d", "sha256,sha512", f]),
              {"openssl sha512": ("openssl", lambda: Run(["openssl", "dgst", "-sha512", f]))}, {"openssl sha512": 1.10})


def seal_command(b, out, source, *more):
    return [CUSTODY, "seal", "-q", "--lab", b.path("lab"), "--case", "b", "--exhibit", "b", "-o", b.path(out), *more, source]


def seal_one(b):
    f = b.path("large")
    lab = b.path("lab")
    combination = (f"cd {b.work} && hashdeep -c md5,sha256 large >list && zip -q -0 old.zip large list && openssl cms -sign -binary -in old.zip -outform DER -out old.p7s "
                   f"-signer {lab}/certificates/bench-analyst.pem -inkey {lab}/keys/bench-analyst.key")
    mine = b.compare("seal, 2 GiB, read-back included", lambda: Run(seal_command(b, "p.asice", f, "--no-identify"), before=lambda: b.gone("p.asice")),
                     {"openssl sha512": ("openssl", lambda: Run(["openssl", "dgst", "-sha512", f]))}, {"openssl sha512": 2.4})
    if b.have("hashdeep") and b.have("zip"):
        other = statistics.median(Run(["bash", "-c", combination], before=lambda: b.gone("old.zip", "old.p7s")).seconds for _ in range(3))
        b.row("seal, 2 GiB, read-back included", mine, "hashdeep + zip -0 + openssl cms", other, mine / other, 0.4, 0, 3)
    b.gone("old.zip", "old.p7s", "list")


def verify_one(b):
    f = b.path("large")
    if not os.path.exists(b.path("p.asice")):
        Run(seal_command(b, "p.asice", f, "--no-identify"))
    b.compare("verify, 2 GiB", lambda: Run([CUSTODY, "verify", "--trust", b.path("lab/trust"), b.path("p.asice")]),
              {"openssl sha512": ("openssl", lambda: Run(["openssl", "dgst", "-sha512", f]))}, {"openssl sha512": 1.25})
    b.gone("p.asice")


def tree(b):
    t = b.path("tree")
    hashed = ("custody", lambda: Run([CUSTODY, "hash", "-d", "sha256,sha512", "-f", "bsd", t]))
    b.compare(f"hash, {TREE} files, sha256", lambda: Run([CUSTODY, "hash", t]),
              {"xargs -P2 sha256sum": ("sha256sum", sh(f"find {t} -type f -print0 | xargs -0 -P2 -n 200 sha256sum")),
               "hashdeep -r": ("hashdeep", lambda: Run(["hashdeep", "-c", "sha256", "-r", t]))}, {"xargs -P2 sha256sum": 1.0, "hashdeep -r": 0.5})
    # The peer is our own hash: its program is there, or nothing here is.
    ours = {"custody hash, same digests": ("sh", hashed[1])}
    b.compare(f"seal, {TREE} files, --no-identify", lambda: Run(seal_command(b, "t.asice", t, "--no-identify"), before=lambda: b.gone("t.asice")), ours,
              {"custody hash, same digests": 2.5})
    b.compare(f"verify, {TREE} files", lambda: Run([CUSTODY, "verify", "--trust", b.path("lab/trust"), b.path("t.asice")]), ours, {"custody hash, same digests": 1.5})
    if os.path.exists(os.path.join(os.path.dirname(CUSTODY), "custody-worker")):
        b.compare(f"seal, {TREE} files, identified", lambda: Run(seal_command(b, "t.asice", t), before=lambda: b.gone("t.asice")),
                  {"file --mime-type": ("file", sh(f"find {t} -type f -print0 | xargs -0 -n 500 file --mime-type"))}, {"file --mime-type": 0.65}, runs=min(b.runs, 3))
    else:
        print("seal with identification: not measured, there is no custody-worker")


def start(b):
    os.makedirs(b.path("small"), exist_ok=True)
    with open(b.path("small/a"), "w") as f:
        f.write("hello\n")
    b.gone("s.asice")
    Run(seal_command(b, "s.asice", b.path("small"), "--no-identify"))
    runs = [Run([CUSTODY, "verify", "--trust", b.path("lab/trust"), b.path("s.asice")]) for _ in range(max(b.runs, 5) * 4)]
    mine = statistics.median(r.seconds for r in runs)
    b.row("start: verify of a small package", mine, "30 ms", 0.030, mine / 0.030, 1.0, max(r.kib for r in runs), len(runs))


def memory(b):
    """The largest single process, over sizes and counts; the bar is 64 MiB."""
    sparse, many = b.path("sparse"), b.path("many")
    with open(sparse, "wb") as f:
        f.truncate(8 * GIB)
        f.seek(4 * GIB)
        f.write(os.urandom(1 << 20))
    os.makedirs(many, exist_ok=True)
    for i in range(20000):
        with open(os.path.join(many, "f%d" % i), "w") as f:
            f.write("%d" % i)
    for what, source in (("8 GiB sparse", sparse), ("20000 files", many)):
        b.gone("m.asice")
        s = Run(seal_command(b, "m.asice", source))
        v = Run([CUSTODY, "verify", "--trust", b.path("lab/trust"), b.path("m.asice")])
        for verb, r in (("seal", s), ("verify", v)):
            b.row(f"memory, {verb}, {what}", r.seconds, "64 MiB", None, r.kib / 65536, 1.0, r.kib, 1)
    b.gone("sparse", "many", "m.asice")


PARTS = {"hash": hash_one, "seal": seal_one, "verify": verify_one, "tree": tree, "start": start, "memory": memory}


def folder():
    d = os.environ.get("BENCH_DIR")
    if not d:
        shm = "/dev/shm"
        d = shm if os.path.isdir(shm) and shutil.disk_usage(shm).free > 8 * GIB else tempfile.gettempdir()
    if shutil.disk_usage(d).free < 7 * GIB:
        sys.exit(f"bench: {d} has less than 7 GiB free; name another folder with BENCH_DIR")
    return tempfile.mkdtemp(prefix="custody-bench.", dir=d)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--json", default="build/bench.json")
    p.add_argument("--only", choices=PARTS, action="append")
    p.add_argument("--runs", type=int, default=5)
    a = p.parse_args()
    work = folder()
    try:
        b = Bench(work, a.runs)
        parts = a.only or list(PARTS)
        subprocess.run([CUSTODY, "init", "-q", b.path("lab"), "--org", "Bench", "--name", "Bench Analyst"], check=True, stdout=subprocess.DEVNULL)
        if {"hash", "seal", "verify"} & set(parts):
            make_large(b.path("large"), LARGE)
        if "tree" in parts:
            make_tree(b.path("tree"), TREE)
        load = os.getloadavg()[0]
        print(f"{os.cpu_count()} processors, load {load:.1f}, in {os.path.dirname(work)}" + ("" if load < 0.7 else ": NOT QUIET, ratios are rough"))
        for part in parts:
            PARTS[part](b)
        if b.absent:
            print("not installed, so not compared: " + ", ".join(b.absent))
        missed = sum(not r["holds"] for r in b.rows)
        print(f"{len(b.rows)} figures, {missed} bars missed; as JSON in {a.json}")
        os.makedirs(os.path.dirname(a.json) or ".", exist_ok=True)
        with open(a.json, "w", encoding="utf-8") as f:
            version = subprocess.run([CUSTODY, "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]
            json.dump({"schema": "custody-bench/1", "tool": version, "program_sha256": hashlib.sha256(open(CUSTODY, "rb").read()).hexdigest(), "processors": os.cpu_count(),
                       "load_at_start": load, "not_installed": b.absent, "rows": b.rows}, f, indent=1)
    finally:
        shutil.rmtree(work)
    return 0


sys.exit(main())
