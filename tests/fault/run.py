#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes every N-th call of each kind fail in each command, one at a time (tests/fault/shim.c), until N is beyond the last.

usage: run.py CUSTODY SHIM [--some | --paths | --every K] [--kinds KIND,...] [--commands COMMAND,...] [--numbers N,...]
              [--lsan FILE] [--leaks FILE] [--no-fork] [-j JOBS] [-v]

Whatever fails: the command does not crash and does not hang; it exits with an error and says why on stderr, or the failure was harmless and everything is as
without it. Nothing is left under a final name or beside it, a laboratory is as before or as after, its journal is whole, the source is untouched, no verdict is
wrong: a good package is never INVALID, a forged one never VALID, what was printed of a list is true. Nothing allocated is lost (LeakSanitizer, preloaded).

Without an option: every call of every kind. A command allocates 40,000 to 300,000 times, and mostly in the same way: --paths makes allocations fail once for
each distinct chain of callers, the first and the last time that it is taken, and every call of the other kinds; of a command that is like another, chains that
the other has too are tried by sample. --some is what `make check` runs: a few of each.

For an allocation the command is not run anew each time: one run forks before each that is to fail, and it fails in the child (--no-fork: a run each).

Prints a line for each command and kind: calls there are, failures made, how many of them were harmless. Exit 1 if anything was wrong.
"""
import argparse
import collections
import glob
import http.client
import json
import os
import re
import select
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.parse
import xml.etree.ElementTree
import zipfile

KINDS = ["read", "look", "open", "write", "sync", "name", "close", "start", "net", "random", "memory"]
RECORD = struct.Struct(f"64s{len(KINDS) + 1}q")  # and what kill.py counts
PATHS_MAX = 1 << 20
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FORGED = os.path.join(ROOT, "fixtures/tampered/item-digest-mismatch/evidence.asice")
FORGED_TRUST = os.path.join(ROOT, "fixtures/sealed/trust-own")
OK, INVALID, INDETERMINATE, INPUT, INTERNAL, IO, AGAIN = 0, 1, 2, 66, 70, 74, 75
SANITIZER = 99
PATIENCE = 300  # seconds: far more than any run takes on a busy machine; beyond it hangs
WHY = ["--purpose", "analysis", "--authority", "order 17"]
FIXED = ["setarch", "-R"]  # a program's addresses are the same in each run
SEAL = ["seal", "-q", "-j", "1", "--no-identify", "--lab", "../lab", "--case", "C", "--exhibit", "E", "-o", "out.asice"]


class Run:
    """One run of a command: what it returned, said, lost, and which function failed (None: none)."""

    def __init__(self, code, out, err, hit=None, calls=None, leaks=""):
        self.code, self.out, self.err, self.hit, self.calls, self.leaks = code, out, err, hit, calls, leaks


class Place:
    """A folder of one thread: its own laboratory, evidence and packages; work/ is made anew before each run."""

    def __init__(self, args, top, master):
        self.args, self.top, self.events = args, top, {}
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("CUSTODY", "FAULT"))}
        self.env.update(HOME=top, LC_ALL="C.UTF-8", UBSAN_OPTIONS=f"exitcode={SANITIZER}")
        self.env["ASAN_OPTIONS"] = f"verify_asan_link_order=0:allocator_may_return_null=1:exitcode={SANITIZER}"
        # The code stays that of the command; unwinding slowly is for a second look.
        self.env["LSAN_OPTIONS"] = f"exitcode=0:log_path={top}/leak:print_suppressions=0"
        if master:
            shutil.copytree(master.top, top, symlinks=True)
        else:
            self.make()
        self.before = whole(self.path("in"))

    def make(self):
        os.makedirs(self.path("in", "folder", "empty"))
        for name, size in (("a", 6), ("folder/b", 5000), ("folder/c", 300000)):
            with open(self.path("in", name), "wb") as f:
                f.write(bytes((size + i * i) % 251 for i in range(size)))
        os.symlink("a", self.path("in", "link"))
        os.link(self.path("in", "a"), self.path("in", "hard"))
        self.clean()
        for lab in ("lab", "other"):
            self.must("init", "-q", "--org", "Fault " + lab, "--name", "Fault Analyst", "../" + lab)
        self.must("lab", "certify", "-q", "--lab", "../lab", "Second Analyst")
        with open(self.path("foreign.pem"), "wb") as out:
            for name in ("tsas.pem", "crls.pem"):
                with open(self.path("other", "trust", name), "rb") as f:
                    out.write(f.read())
        os.mkdir(self.path("both"))
        for name in ("signers.pem", "tsas.pem", "crls.pem"):
            with open(self.path("both", name), "wb") as out:
                for lab in ("lab", "other"):
                    with open(self.path(lab, "trust", name), "rb") as f:
                        out.write(f.read())
        self.must(*SEAL[:-1], "../good.asice", "../in")
        # The same with a record in which a release to the other laboratory waits for its answer.
        for name in ("asice", "custody.asice"):
            shutil.copy(self.path("good." + name), self.path("released." + name))
        certificate = "../other/certificates/fault-analyst.pem"
        self.must("release", "-q", "--lab", "../lab", "--to-certificate", certificate, *WHY, "../released.asice")
        for name in ("sums", "wrong"):
            with open(self.path(name), "wb") as f:
                f.write(self.must("hash", "-f", "sha256sum", "../in").out)
        with open(self.path("wrong"), "r+b") as f:
            f.write(b"0" * 8)
        with zipfile.ZipFile(self.path("got.zip"), "w", zipfile.ZIP_DEFLATED) as z:
            for name in ("a", "folder/b", "folder/c"):
                z.write(self.path("in", name), name)
        with tarfile.open(self.path("got.tar.gz"), "w:gz") as t:
            t.add(self.path("in"), "in")
        self.must("request", "new", "--kind", "preservation", "-o", "../form.json")
        with open(self.path("query"), "wb") as f:
            f.write(QUERY)

    def path(self, *names):
        return os.path.join(self.top, *names)

    def clean(self):
        shutil.rmtree(self.path("work"), ignore_errors=True)
        os.mkdir(self.path("work"))

    def environment(self, kind, n, program, leaks, paths=None):
        """For a run with a failure; the record that the shim writes to is empty then."""
        with open(self.path("hit"), "wb") as f:
            f.write(bytes(RECORD.size))
        env = dict(self.env, LD_PRELOAD=self.args.shim, FAULT_CALL=kind, FAULT_N=str(n), FAULT_LOG=self.path("hit"), FAULT_PROGRAM=program)
        if leaks and self.args.lsan:
            env["LD_PRELOAD"] += " " + self.args.lsan
        if paths:
            env["FAULT_PATHS"] = paths
        return env

    def result(self, code, out, err):
        with open(self.path("hit"), "rb") as f:
            hit, *calls = RECORD.unpack(f.read(RECORD.size))
        text = ""
        for path in glob.glob(self.path("leak.*")):
            with open(path, encoding="utf-8", errors="replace") as f:
                text += f.read()
            os.unlink(path)
        return Run(code, out, err.decode("utf-8", "replace"), hit.rstrip(b"\0").decode(), dict(zip(KINDS, calls, strict=False)), text)

    def run(self, argv, env=None, stdin=os.devnull):
        with open(self.path(stdin), "rb") as f:
            p = subprocess.run([*(FIXED if env and "FAULT_PATHS" in env else []), self.args.custody, *argv], cwd=self.path("work"), env=env or self.env,
                               stdin=f, capture_output=True, timeout=PATIENCE, check=False)
        return self.result(p.returncode, p.stdout, p.stderr) if env else Run(p.returncode, p.stdout, p.stderr.decode("utf-8", "replace"))

    def must(self, *argv):
        r = self.run(argv)
        if r.code != 0:
            sys.exit(f"faults: custody {' '.join(argv)}: {r.code} {r.err}")
        return r

    def events_before(self, name):
        if name not in self.events:
            self.events[name] = events_of(self, f"../{name}.custody.asice")
        return self.events[name]

    def left(self):
        return sorted(os.listdir(self.path("work")))

    def serve(self, argv, env):
        """custody tsa: one request when it is ready, then a signal."""
        with tempfile.TemporaryFile() as err, subprocess.Popen([self.args.custody, *argv], cwd=self.path("work"), env=env, stdin=subprocess.DEVNULL,
                                                               stdout=subprocess.PIPE, stderr=err) as p:
            timer = threading.Timer(PATIENCE, p.kill)
            timer.start()
            url, body = p.stdout.readline(), b""
            if url:
                body = ask(url.decode().strip())
                p.send_signal(signal.SIGTERM)
            url += p.stdout.read()
            code = p.wait()
            timer.cancel()
            err.seek(0)
            return self.result(code, body, err.read())


def ask(url):
    """A time-stamp: the answer's status (granted is 30 03 02 01 00 behind its head) and the answer."""
    u = urllib.parse.urlparse(url)
    try:
        c = http.client.HTTPConnection(u.hostname, u.port, timeout=60)
        c.request("POST", u.path, QUERY, {"Content-Type": "application/timestamp-query"})
        r = c.getresponse()
        return r.read() if r.status == 200 else b""
    except (OSError, http.client.HTTPException):
        return b""


# TimeStampReq, version 1, of the SHA-256 digest of nothing, with certReq.
QUERY = bytes.fromhex("30390201013031300d060960864801650304020105000420e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550101ff")


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


TIMES = re.compile(rb"(\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(\.\d+)?Z?")


def same(place, r, normal):
    """What a harmless failure must print; times and the thread's folder apart."""

    def plain(out):
        return TIMES.sub(b"T", re.sub(rb"/[^ ]*custody-faults[^/]*/\d+", b"TOP", out))

    if re.search(rb"not.journalled", r.out) and "not journalled: " in r.err:
        return None if r.code == normal.code else f"exit {r.code}: {r.out} {r.err}"
    if r.code == normal.code and plain(r.out) != plain(normal.out):
        return f"exit {r.code}, and it says something else: {r.out[-600:]} {r.err}"
    return None


# ---- the commands: argv in work/, and what must hold of a run; each check gives what is wrong, or None ----


def seal_done(place, r):
    """The package has its name, and is good under the trust of both laboratories."""
    record = ["out.custody.asice"] if "custody record could not be begun" not in r.err else []
    if place.left() != ["out.asice", *record]:
        return f"exit {r.code}, and there is {place.left()}: {r.err}"
    v = place.run(["verify", "-q", "--trust", "../lab-tsa/trust", *(["--record", *record] if record else []), "out.asice"])
    return None if v.code == 0 else f"exit {r.code}, and the package is: {v.code} {v.out[:200]}"


def check_seal(place, r, normal):
    del normal
    # What can fail behind the name is the journal and the form: the package is whole, and the message says so (custody-seal(1)).
    if r.code != 0 and " is sealed, but " not in r.err:
        return f"left {place.left()}: {r.err}" if place.left() else None
    return seal_done(place, r)


def check_seal_tsa(place, r, normal):
    if r.code != 0 and place.left() == ["out.asice.unsealed"]:
        if "finish it later" not in r.err and "--finish" not in r.err:
            return f"left {place.left()}, and does not say so: {r.err}"
        f = place.run(["seal", "-q", "--lab", "../lab-tsa", "--finish", "out.asice.unsealed"])
        return seal_done(place, r) if f.code == 0 else f"what is left cannot be finished: {f.code} {f.err}"
    return check_seal(place, r, normal)


def check_finish(place, r, normal):
    del normal
    if r.code == 0 or " is sealed, but " in r.err:
        if r.hit in ("unlink", "lstat64"):  # what waited holds nothing that the package does not
            os.unlink(place.path("work", "out.asice.unsealed"))
        return seal_done(place, r)
    with open(place.path("unsealed"), "rb") as f:
        want = f.read()
    found = whole(place.path("work"))
    return None if found == {"out.asice.unsealed": want} else f"exit {r.code}, and there is {place.left()}: {r.err}"


def events_of(place, path):
    """How many events a record has that holds under the trust of both laboratories; None: it does not."""
    v = place.run(["record", "show", "--json", "--trust", "../both", path])
    return len(json.loads(v.out)["events"]) if v.code == 0 else None


def event_check(name):
    """The event is there and was announced, or nothing is other than before."""

    def check(place, r, normal):
        del normal
        path = "p.custody.asice"
        if place.left() != ["p.asice", path]:
            return f"exit {r.code}, and there is {place.left()}: {r.err}"
        before = place.events_before(name)
        with open(place.path("work", path), "rb") as f, open(place.path(f"{name}.custody.asice"), "rb") as g:
            as_before = f.read() == g.read()
        after = before if as_before else events_of(place, path)
        if r.code == 0 or "the event is written, but" in r.err or "the new bytes are in place" in r.err:
            return None if after == before + 1 else f"exit {r.code}, and of {before} events there are {after}: {r.err}"
        if r.code in (INVALID, INDETERMINATE):
            return f"a good package and record: exit {r.code}: {r.err}"
        return None if as_before else f"exit {r.code}, and the record is another, of {after} events: {r.err}"

    return check


def check_begun(place, r, normal):
    """A record of one event, which was announced, or none."""
    del normal
    left = [name for name in place.left() if name != "p.asice"]
    if r.code != 0 and "the event is written, but" not in r.err:
        return f"exit {r.code}, and there is {left}: {r.err}" if left else None
    return None if left == ["p.custody.asice"] and events_of(place, left[0]) == 1 else f"exit {r.code}, and there is {left}: {r.err}"


def with_package(place):
    shutil.copy(place.path("good.asice"), place.path("work", "p.asice"))


def check_doubted(place, r, normal):
    """Nobody's head was asked for: never that all is well."""
    del place, normal
    return f"a head that is not there: exit 0: {r.out[-300:]}" if r.code == 0 else None


def check_shown(place, r, normal):
    """A good record; how long somebody held the package by now is another each time."""
    del place, normal
    return f"a good record: exit {r.code}: {r.out[-300:]}" if r.code in (INVALID, INDETERMINATE) else None


def with_record(name):
    def prepare(place):
        for suffix in ("asice", "custody.asice"):
            shutil.copy(place.path(f"{name}.{suffix}"), place.path("work", f"p.{suffix}"))

    return prepare


def check_good(place, r, normal):
    if r.code in (INVALID, INDETERMINATE):
        return f"a good package: exit {r.code}: {r.out[:300]}"
    return same(place, r, normal)


def check_forged(place, r, normal):
    if r.code == 0 or r.out.startswith(b"VALID"):
        return "a forged package: VALID"
    # Once it is shown that a package is INVALID it stays so (verdict.md rule 12), whatever else is lost; and what is lost is told.
    if r.code == INVALID and r.out.startswith(b"INVALID") and b"some findings could not be kept for want of memory" in r.out:
        return None
    if r.code == INVALID and r.out == b"" and re.search("cannot report on .*: out of memory", r.err):
        return None
    return same(place, r, normal)


def check_init(place, r, normal):
    del normal
    if r.code != 0 and "was made, but" not in r.err:
        return f"left {place.left()}: {r.err}" if place.left() else None
    s = place.run([*SEAL[:6], "new", *SEAL[7:], "../in/a"])
    return None if s.code == 0 else f"exit {r.code}, and the laboratory cannot seal: {s.code} {s.err}"


def check_extract(place, r, normal):
    if r.code != 0 and " are extracted, but " not in r.err:
        return f"left {place.left()}: {r.err}" if place.left() else check_good(place, r, normal)
    if whole(place.path("work", "out")) != {("in/" + k): v for k, v in place.before.items()} | {"in": "folder"}:
        return f"exit {r.code}, and the tree differs"
    return None


def check_export(place, r, normal):
    if r.code != 0 and " is exported, but " not in r.err:
        return f"left {place.left()}: {r.err}" if place.left() else check_good(place, r, normal)
    with open(place.path("work", "out.jsonld"), encoding="utf-8") as f:
        return None if len(json.load(f)["@graph"]) > 8 else f"exit {r.code}, and the export is not whole"


def check_xml(place, r, normal):
    if r.code != 0 and " is exported, but " not in r.err:
        return f"left {place.left()}: {r.err}" if place.left() else check_good(place, r, normal)
    return None if len(xml.etree.ElementTree.parse(place.path("work", "out.xml")).getroot()) > 2 else f"exit {r.code}, and the export is not whole"


def check_hash(place, r, normal):
    lines = normal.out.split(b"\n")
    false = [line for line in r.out.split(b"\n")[:-1] if line not in lines]
    return f"a false line: {false}" if false else same(place, r, normal)


def check_audit_wrong(place, r, normal):
    if r.code == 0:
        return "other files: exit 0"
    if r.code == INVALID and (b"changed: ../in/a\n" not in r.out or b"missing: " in r.out):
        return f"it says {r.out} {r.err}"
    return None if b"unreadable 1" in r.out and "cannot read" in r.err else same(place, r, normal)


def check_audit(place, r, normal):
    return f"same files: exit 1: {r.out[:500]} {r.err}" if r.code == INVALID else same(place, r, normal)


def check_inspect(place, r, normal):
    if r.code == INVALID or (r.code == INDETERMINATE and not LOST.search(r.out)):
        return f"a good archive: exit {r.code}: {r.out[:500]} {r.err}"
    return same(place, Run(r.code, TYPE.sub(b"", r.out), r.err), Run(normal.code, TYPE.sub(b"", normal.out), ""))


# What is said of a look that did not come to its end; and what is left out where types could not be identified.
LOST = re.compile(rb"not looked into to the end|\"result\":\"(?!complete)")
TYPE = re.compile(rb"\n *type +[^\n]*|\"type\":(null|\"[^\"]*\"|\{[^}]*\})")


def journal_wrong(lab):
    """Whole lines only."""
    with open(os.path.join(lab, "journal.jsonl"), "rb") as f:
        text = f.read()
    if not text.endswith(b"\n"):
        return "half a line in the journal"
    try:
        for line in text.splitlines():
            json.loads(line)
    except ValueError:
        return f"not JSON in the journal: {line}"
    return None


def lab_changes(place):
    """What in work/lab is other than before, but for the journal's further lines."""
    now = whole(place.path("work", "lab"))
    then = whole(place.path("lab"))
    return sorted(k for k in now.keys() | then.keys() if now.get(k) != then.get(k) and k != "journal.jsonl")


def lab_serves(place, argv):
    """The laboratory in work/ still seals, shows itself and makes a list; and what failed works now, or is done already."""
    trials = [[*SEAL[:6], "lab", *SEAL[7:], "../in/a"], ["lab", "show", "--lab", "lab"], ["lab", "crl", "-q", "--lab", "lab"]]
    for trial in ([argv] if argv else []) + trials:
        r = place.run(trial)
        if r.code != 0 and not (trial == argv and ALREADY.search(r.err)):
            return f"afterwards this cannot be done: custody {' '.join(trial)}: {r.code} {r.err}"
    return None


ALREADY = re.compile("is revoked already|already revoked|already")
# What says that the change is made, and only what comes behind it failed.
LATE = re.compile(r"it is done, but")


def lab_check(argv, want, early):
    """
    For an action that makes the files `want`, after those that match `early`: all of it or nothing, or it says that it is done. What is early is a number
    that is taken, a key without its certificate, lists of an authority that is not trusted yet: nothing refers to them, and the action can be done again.
    """

    def check(place, r, normal):
        del normal
        changes = lab_changes(place)
        wrong = journal_wrong(place.path("work", "lab"))
        done = sorted(c for c in changes if c in want)
        if wrong or any(c not in want and not re.fullmatch(early, c) for c in changes):
            return f"exit {r.code}, and it left {changes} {wrong}: {r.err}"
        if r.code == 0 or LATE.search(r.err):
            return lab_serves(place, None) if done == sorted(want) else f"exit {r.code}, and only {changes}: {r.err}"
        if done and "is in place, but" not in r.err:
            return f"exit {r.code}, and {done} are other than before: {r.err}"
        return lab_serves(place, argv) if changes else None

    return check


def check_lab_show(place, r, normal):
    changes = lab_changes(place)
    if r.code == 0 and b"root's folder   is there, but: " in r.out:
        return None  # said in its place
    return f"it changed {changes}" if changes else same(place, r, normal)


def check_tsa(place, r, normal):
    del normal
    wrong = journal_wrong(place.path("work", "lab"))
    if wrong or lab_changes(place):
        return f"{wrong} {lab_changes(place)}"
    granted = GRANTED.match(r.out) is not None
    with open(place.path("work", "lab", "journal.jsonl"), "rb") as f:
        told = len(re.findall(rb'"command":"stamp"', f.read()))
    if granted and told != 1:
        return f"a token, and {told} lines for it in the journal"
    if r.code == 0 and not r.out and not r.hit:
        return "exit 0, and no answer"
    return None


GRANTED = re.compile(rb"\x30\x82..\x30\x03\x02\x01\x00", re.DOTALL)


def check_nothing(place, r, normal):
    return same(place, r, normal)


def check_certificate(place, r, normal):
    """Of a package that is VALID, whole, or not there."""
    left = place.left()
    if left == ["c.html"]:
        with open(place.path("work", "c.html"), "rb") as f:
            text = f.read()
        if not text.endswith(b"</html>\n") or b"byte for byte" not in text or r.code != normal.code:
            return f"exit {r.code}, and a certificate of {len(text)} bytes: {r.err}"
        return None
    return f"exit {r.code}, and there is {left}" if left or r.code == normal.code else None


def check_report(place, r, normal):
    """The file has its name only with a verdict in it."""
    if place.left() == ["r.html"]:
        with open(place.path("work", "r.html"), "rb") as f:
            text = f.read()
        if not text.rstrip().endswith(b"</html>") or (r.code != normal.code and b"VALID" in text and "cannot write to standard output" not in r.err):
            return f"exit {r.code}, and a report of {len(text)} bytes: {r.err}"
    elif r.code == normal.code or place.left():
        return f"exit {r.code}, and there is {place.left()}"
    return check_good(place, r, normal)


def check_pdf(place, r, normal):
    """The file has its name only whole."""
    left = place.left()
    if left == ["f.pdf"]:
        with open(place.path("work", "f.pdf"), "rb") as f:
            text = f.read()
        return None if text.startswith(b"%PDF-") and text.rstrip().endswith(b"%%EOF") else f"exit {r.code}, and a PDF of {len(text)} bytes: {r.err}"
    return f"exit {r.code}, and there is {left}" if left or r.code == normal.code else check_good(place, r, normal)


def check_form(place, r, normal):
    if r.code != normal.code:
        return f"left {place.left()}: {r.err}" if place.left() else None
    with open(place.path("work", "form.json"), "rb") as f, open(place.path("form.json"), "rb") as g:
        return None if json.load(f).keys() == json.load(g).keys() else "another form"


def written(name, same):
    """One file, which is what a run without a failure writes (same: to the byte), or none. What --save has saved stays, whatever becomes of the record."""

    def check(place, r, normal):
        left = [f for f in place.left() if not f.startswith("saved")]
        if left != [name]:
            return f"exit {r.code}, and there is {left}: {r.err}" if left or r.code == normal.code else None
        with open(place.path("work", name), "rb") as f:
            text = f.read()
        if same and text != same(place):
            return f"exit {r.code}, and another text"
        return None if text.endswith(b"\n") else f"exit {r.code}, and half a text"

    return check


def draft_of(place):
    if not hasattr(place, "draft"):
        place.draft = place.must("claims", "../sums").out
    return place.draft


def with_lab(place):
    shutil.copytree(place.path("lab"), place.path("work", "lab"), symlinks=True)


def with_home(place):
    """The laboratory that is taken when none is named: HOME/.custody."""
    if not os.path.exists(place.path(".custody")):
        os.symlink("lab", place.path(".custody"))


def with_unsealed(place):
    shutil.copy(place.path("unsealed"), place.path("work", "out.asice.unsealed"))


class Command:
    """
    One line of the table: what is run, in what, and what must hold. Like another command: --paths leaves out callers that were seen there already, but for
    every SAMPLE-th. Slow: not among --some, and of the calls that wait for its helper, hundreds that are all the same, only some fail.
    """

    def __init__(self, argv, check, before=None, program="custody", kinds=None, serves=False, stdin=os.devnull, like=None, slow=False):
        self.argv, self.check, self.before, self.program, self.serves, self.stdin, self.like = argv, check, before, program, serves, stdin, like
        self.kinds, self.slow = kinds or KINDS, slow


LAB = ["--lab", "lab"]
HELPER = ["read", "look", "open", "write", "close", "start", "net", "random", "memory"]
COMMANDS = {
    "seal": Command([*SEAL, "../in"], check_seal),
    "seal-claims": Command([*SEAL, "--claims", "../sums", "--claims-by", "A", "--request", "../form.json", "../in"], check_seal),
    "seal-stdin": Command([*SEAL, "--stdin", "letter"], check_seal, stdin="in/folder/c", like="seal"),
    "seal-identify": Command(["seal", "-q", "-j", "1", *SEAL[5:], "../in"], check_seal, like="seal"),
    "seal-threads": Command(["seal", "-q", "-j", "3", *SEAL[4:], "../in"], check_seal, like="seal"),
    "seal-tsa": Command([*SEAL[:6], "../lab-tsa", *SEAL[7:], "../in"], check_seal_tsa),
    "finish": Command(["seal", "-q", "--lab", "../lab-tsa", "--finish", "out.asice.unsealed"], check_finish, with_unsealed),
    "record-add": Command(["record", "add", "incident", "-q", "--lab", "../lab", "-s", "what=x", "-s", "found_how=y", "-s", "effect=none", "p.custody.asice"],
                          event_check("good"), with_record("good")),
    "release": Command(["release", "-q", "--lab", "../lab", "--to", "Bob", *WHY, "p.asice"], event_check("good"), with_record("good")),
    "accept": Command(["accept", "-q", "--lab", "../other", "--trust", "../lab/trust", "p.asice"], event_check("released"), with_record("released")),
    "refuse": Command(["accept", "-q", "--lab", "../other", "--trust", "../lab/trust", "--refuse", "no", "p.asice"], event_check("released"),
                      with_record("released")),
    "record-sealed": Command(["record", "add", "sealed", "-q", "--lab", "../lab", "--trust", "../lab/trust", "p.asice"], check_begun, with_package,
                             like="record-add"),
    "record-json": Command(["record", "show", "--json", "--trust", "../both", "--counterpart", "../good.custody.asice", "--head", "0" * 64,
                            "../released.custody.asice"], check_doubted, like="record-show"),
    "record-show": Command(["record", "show", "--trust", "../lab/trust", "../good.custody.asice"], check_shown),
    "verify": Command(["verify", "-j", "1", "--trust", "../lab/trust", "../good.asice"], check_good),
    "verify-record": Command(["verify", "-j", "1", "--trust", "../lab/trust", "--record", "../good.custody.asice", "../good.asice"], check_good),
    "verify-json": Command(["verify", "-j", "2", "--json", "--trust", "../lab/trust", "../good.asice"], check_good, like="verify"),
    "verify-default": Command(["verify", "-j", "1", "../good.asice"], check_good, with_home, like="verify"),
    "verify-forged": Command(["verify", "-j", "1", "--trust", FORGED_TRUST, FORGED], check_forged),
    "init": Command(["init", "-q", "--org", "O", "--name", "N", "new"], check_init),
    **{
        "lab-" + action[0]: Command(["lab", *action, *LAB], lab_check(["lab", *action, *LAB], want, early), with_lab)
        for action, want, early in (
            (["crl"], ["trust/crls.pem"], "root/state.json"),
            (["certify", "New Analyst"], ["certificates/new-analyst.pem"], "root/state.json|keys/new-analyst.key|trust/crls.pem"),
            (["revoke", "--reason", "superseded", "second-analyst"], ["trust/crls.pem"], "root/state.json"),
            (["trust", "../foreign.pem"], ["trust/tsas.pem"], "trust/crls.pem"),
        )
    },
    "lab-show": Command(["lab", "show", *LAB], check_lab_show, with_lab),
    "extract": Command(["extract", "-j", "1", "--trust", "../lab/trust", "-C", "out", "../good.asice"], check_extract),
    "export": Command(["export", "-f", "case", "-j", "1", "--trust", "../lab/trust", "-o", "out.jsonld", "../good.asice"], check_export),
    **{
        "export-" + form: Command(["export", "-f", form, "-j", "1", "--trust", "../lab/trust", "-o", "out.xml", "../good.asice"], check_xml, like="export")
        for form in ("dfxml", "premis")
    },
    "hash-jsonl": Command(["hash", "-j", "1", "-f", "jsonl", "../in"], check_hash, like="hash"),
    "hash": Command(["hash", "-j", "1", "-f", "sha256sum", "../in"], check_hash),
    "audit": Command(["audit", "-j", "1", "-k", "../sums", "../in"], check_audit),
    "audit-wrong": Command(["audit", "-j", "1", "-k", "../wrong", "../in"], check_audit_wrong),
    "verify-report": Command(["verify", "-j", "1", "--trust", "../lab/trust", "--report", "r.html", "../good.asice"], check_report),
    "certificate": Command(["certificate", "-j", "1", "--form", "neutral", "--trust", "../lab/trust", "-o", "c.html", "../good.asice"], check_certificate),
    "certificate-text": Command(["certificate", "-j", "1", "--form", "bsa-63-a", "--trust", "../lab/trust", "../good.asice"], check_good, like="certificate"),
    **{
        f"{name}-pdf": Command([*argv, "--trust", "../lab/trust", "../good.asice"], check_pdf, like=like, slow=True)
        for name, argv, like in (("verify", ["verify", "-j", "1", "--report", "f.pdf"], "verify-report"),
                                 ("certificate", ["certificate", "-j", "1", "--form", "neutral", "-o", "f.pdf"], "certificate"))
    },
    "request-new": Command(["request", "new", "--kind", "preservation", "-o", "form.json"], check_form),
    "request-check": Command(["request", "check", "../form.json"], check_nothing),
    "request-show": Command(["request", "show", "../form.json"], check_nothing),
    "receive": Command(["receive", "-q", "--request", "../form.json", "--channel", "portal", "--operator", "A", "-o", "r.json", "../in"],
                       written("r.json", None)),
    "receive-save": Command(["receive", "-q", "--kind", "mla", "--channel", "portal", "--operator", "A", "-o", "r.json", "--save", "saved"],
                            written("r.json", None), stdin="in/folder/c", like="receive"),
    "claims": Command(["claims", "-o", "draft", "../sums"], written("draft", draft_of)),
    "show": Command(["show", "../good.asice"], check_nothing),
    "show-json": Command(["show", "--json", "../good.asice"], check_nothing, like="show"),
    "inspect": Command(["inspect", "../got.zip"], check_inspect),
    "inspect-tar": Command(["inspect", "--json", "../got.tar.gz"], check_inspect),
    "worker": Command(["inspect", "../got.zip"], check_inspect, program="custody-worker", kinds=HELPER),
    "tsa": Command(["tsa", "--listen", "127.0.0.1:0", "lab"], check_tsa, with_lab, serves=True),
    "tsad": Command(["tsa", "--listen", "127.0.0.1:0", "lab"], check_tsa, with_lab, "custody-tsad", HELPER, True),
}

# tests/fault/leaks.c: what it loses must be found, but for the last.
LEAKS = {
    way: Command([way], check_nothing, program="leaks")
    for way in ("two", "from-one-line", "numbers", "numbers-from-one-line", "certificates-from-one-line", "in-a-library", "the-librarys")
}

SEARCHED = ("custody", "leaks")  # for leaks; the helpers' sandbox lets nothing be written
REASON = re.compile(r"Input/output error|No space left|out of memory|[Cc]annot allocate memory|cannot |could not|failed|does not|is not|has no|ended|it ends")
CODES = {
    "memory": {INTERNAL},
    "net": {INTERNAL, IO, AGAIN, INPUT},
    "start": {INTERNAL, IO},
    "random": {INTERNAL, IO},
    "open": {INTERNAL, IO},
    "look": {INTERNAL, IO},
}


def judge(place, name, kind, normal, r):
    """What is wrong with a run that a failure hit, or None."""
    command = COMMANDS[name]
    if r.code < 0 or r.code > 128:
        return f"ended by a signal: {r.code} {r.err[-300:]}"
    if r.code == SANITIZER:
        return f"a sanitizer's report: {r.err}"
    wrong = command.check(place, r, normal)
    if wrong:
        return wrong
    if r.code == normal.code:
        return None
    if command.check is check_inspect and r.code == INDETERMINATE:
        return None
    codes = CODES.get(kind, {IO}) | ({AGAIN} if "authority 'http" in r.err else set())
    codes |= {IO} if "cannot start thread" in r.err else set()  # glibc says EAGAIN where memory for a thread is short
    if r.code not in codes and command.program == "custody":
        return f"exit {r.code}: {r.err}"
    # What stood in the way of saying it may be the very thing that failed.
    if kind not in ("write", "close") and not (re.search("^custody: ", r.err, re.M) and REASON.search(r.err)):
        return f"exit {r.code} without a reason: '{r.err}'"
    return None


def by_library(stack):
    """
    Whether a library asked for the memory of a stack that a sanitizer printed: the innermost functions of the command, if any, are the hooks that hand the
    library's wish on; then come the library's.
    """
    for line in stack.splitlines():
        frame = re.match(r" *#\d+ 0x[0-9a-f]+ +(?:in (\S+) )?(.*)", line)
        if frame and re.search(r"\b(cmd|libcustody|formats)/|tests/fault/leaks\.c", frame[2]):
            if "/base/watch.c:" not in frame[2] and not (frame[1] or "").startswith("watched_"):
                return False
        elif frame and not re.search(r"tests/fault/shim\.c|libsanitizer", frame[2]):
            return True
    return False


def places_of(place, total):
    """For each allocation of a run: its address, its stack, the call of a library that it was made in (0: none), its thread."""
    with open(place.path("places"), "rb") as f:
        return list(PLACE.iter_unpack(f.read(PLACE.size * min(total, PATHS_MAX))))


def of_one_call(places, n, addresses):
    """
    Whether what lies at the addresses was allocated in the call of a library in which allocation n failed. Calls from the same line, one behind the other as in
    a loop, look alike; but each begins with the same allocation, and what was lost must lie behind the last of these.
    """
    _, _, call, thread = places[n - 1]
    last = {address: k for k, (address, *_) in enumerate(places, 1)}
    calls = [k for k in range(n, 0, -1) if places[k - 1][3] == thread]
    for k in calls:
        if places[k - 1][2] != call:
            break
        first = k
    begin = max(k for k in calls if k >= first and places[k - 1][1] == places[first - 1][1])
    return call != 0 and bool(addresses) and all(a in last and begin <= last[a] < n and places[last[a] - 1][3] == thread for a in addresses)


def is_librarys(place, name, kind, n, lost):
    """
    What was lost was allocated in the very call of a library in which memory ran out: the command was given nothing that it could free (OpenSSL 3.0, when it
    sets up its context). A second run tells, with whole stacks and a list of all allocations; it must lose the same.
    """
    before = place.env
    place.env = dict(before, FAULT_TRACE="1", FAULT_PLACES=place.path("places"))
    place.env["LSAN_OPTIONS"] += ":fast_unwind_on_malloc=0:report_objects=1:log_path=stderr"
    # Signatures and numbers are not of one length, so that the same allocation may be a few calls off.
    for away in (0, 1, -1, 2, -2, 3, -3):
        number = max(n + away, 1)
        with open(place.path("places"), "wb") as f:
            f.truncate(PLACE.size * PATHS_MAX)
        r = one(place, name, kind, number)
        failed, *reports = re.split(r"\n(?:Direct|Indirect) leak of", r.err)
        if reports and SUMMARY.findall(r.err) == SUMMARY.findall(lost):
            break
    else:
        reports = []
    place.env = before
    addresses = [int(a, 16) for a in re.findall(r"^(0x[0-9a-f]+) \(\d+ bytes\)$", r.err, re.M)]
    return bool(reports) and all(map(by_library, (failed, *reports))) and of_one_call(places_of(place, r.calls["memory"]), number, addresses)


PLACE = struct.Struct("QIII4x")  # the shim's
SUMMARY = re.compile(r"SUMMARY: .*")


def one(place, name, kind, n, leaks=True, paths=None):
    command = COMMANDS[name]
    place.clean()
    if command.before:
        command.before(place)
    env = place.environment(kind, n, command.program, leaks and command.program in SEARCHED, paths)
    return place.serve(command.argv, env) if command.serves else place.run(command.argv, env, command.stdin)


class Forks:
    """
    One run of a command that forks before each of the given allocations; in the child it fails. What a run did until then is not done again for each. Only
    where the process is alone, without threads and helpers: else it says so.
    """

    def __init__(self, place, name, numbers):
        command = COMMANDS[name]
        self.place, self.path = place, place.path("fork")
        place.clean()
        if command.before:
            command.before(place)
        with open(self.path, "wb") as f:
            f.write(struct.pack(f"{len(numbers)}q", *numbers))
        commands, self.commands = os.pipe()
        self.reports, reports = os.pipe()
        env = dict(place.environment("none", 0, command.program, True), FAULT_FORK=self.path, FAULT_CONTROL=f"{commands},{reports}")
        with open(self.path + ".main", "wb") as out, open(self.path + ".main.err", "wb") as err:
            with open(place.path(command.stdin), "rb") as f:
                self.process = subprocess.Popen([place.args.custody, *command.argv], cwd=place.path("work"), env=env, stdin=f, stdout=out, stderr=err,
                                                pass_fds=(commands, reports))
        os.close(commands)
        os.close(reports)

    def __enter__(self):
        return self

    def end(self):
        self.process.kill()
        self.process.wait()

    def __exit__(self, *what):
        self.end()
        os.close(self.commands)
        os.close(self.reports)
        for path in glob.glob(self.place.path("leak.*")):
            os.unlink(path)

    def next(self):
        """(what, status, number, function) that it says next; None: it has ended."""
        if not select.select([self.reports], [], [], PATIENCE)[0]:
            raise subprocess.TimeoutExpired("custody", PATIENCE)
        said = os.read(self.reports, REPORT.size)
        if len(said) < REPORT.size:
            return None
        what, status, n, function = REPORT.unpack(said)
        return what, status, n, function.rstrip(b"\0").decode()

    def go(self):
        os.write(self.commands, b"g")

    def fail(self):
        """Lets the allocation fail for which it is ready. Gives the run, and whether its parent can go on."""
        for name in ("out", "err"):
            shutil.copyfile(self.path + (".main" if name == "out" else ".main.err"), f"{self.path}.{name}")
        self.go()
        _, pid, _, function = self.next()
        try:
            what, status, _, _ = self.next()
        except subprocess.TimeoutExpired:
            os.kill(pid, signal.SIGKILL)
            return Run(-1, b"", "hangs", function), False
        texts = []
        for name in ("out", "err"):
            with open(f"{self.path}.{name}", "rb") as f:
                texts.append(f.read())
        r = self.place.result(os.waitstatus_to_exitcode(status), *texts)
        r.hit = function
        return r, what == ENDED


READY, CHILD, ENDED, CHANGED, NOT_ALONE = range(5)  # the shim's
REPORT = struct.Struct("iiq64s")


def look(place):
    """What there is in work/, as far as one sees from outside whether it was touched."""
    work = place.path("work")
    found = {work: (0, os.lstat(work).st_ino)}
    for folder, folders, files in os.walk(work):
        for path in (os.path.join(folder, name) for name in folders + files):
            st = os.lstat(path)
            found[path] = (st.st_mode, st.st_ino) if stat.S_ISDIR(st.st_mode) else (st.st_mode, st.st_ino, st.st_size, st.st_mtime_ns)
    return found


class Loop:
    """One command and one kind of failure, for the given N and then on to the end, shared by the threads."""

    def __init__(self, args, name, kind, normal, numbers):
        self.args, self.name, self.kind, self.normal = args, name, kind, normal
        self.numbers = collections.deque(numbers)
        chosen = args.some or args.numbers or (args.paths and kind == "memory") or COMMANDS[name].slow
        self.next = None if chosen else numbers[-1] + args.every if numbers else 1
        self.tried = self.harmless = self.misses = self.missed = self.librarys = self.begun = 0
        self.wrong, self.left, self.lost = [], [], []
        self.codes = collections.Counter()
        self.lock = threading.Lock()

    def take(self):
        with self.lock:
            if self.numbers:
                return self.numbers.popleft()
            # Two runs do not always make the same number of calls: the end is where several in a row are beyond it.
            if self.next is None or self.misses > 3:
                return None
            self.next += self.args.every
            return self.next - self.args.every

    def work(self, place):
        while (n := self.take()) is not None:
            try:
                r = one(place, self.name, self.kind, n)
            except subprocess.TimeoutExpired:
                r = Run(-1, b"", "hangs", "?")
            self.weigh(place, n, r)

    def work_forked(self, place, share, shares):
        """Every so many-th of the numbers."""
        numbers = list(self.numbers)[share::shares]
        while numbers:
            with Forks(place, self.name, numbers) as forks:
                if not self.fail_in(place, forks, numbers):
                    break
        with self.lock:
            self.left += numbers

    def fail_in(self, place, forks, numbers):
        """Takes off what was done, or must be done by itself. False: what is left is beyond the end, or must be done by itself as well."""
        while report := forks.next():
            n = report[2]
            while numbers and numbers[0] <= n:
                numbers.pop(0)
            if report[0] == NOT_ALONE:
                with self.lock:
                    self.left.append(n)
                continue
            before = look(place)
            r, good = forks.fail()
            good = good and look(place) == before
            if not good:
                forks.end()  # it may hold a lock that the judge wants
            self.weigh(place, n, r)
            if not good:
                with self.lock:
                    self.begun += 1
                return self.begun < 10 or self.begun < self.tried / 2
            forks.go()
        return False  # what it did not come to, as it took another way, is done one by one

    def weigh(self, place, n, r):
        """Counts a run, and what is wrong with it."""
        if r.leaks and "LeakSanitizer: detected" not in r.leaks:
            r = one(place, self.name, self.kind, n, False)  # it was the sanitizer that had no memory, and gave up
        if not r.hit:
            with self.lock:
                self.misses += 1
                self.missed += 1
            return
        lost, r.leaks = r.leaks, ""
        wrong = judge(place, self.name, self.kind, self.normal, r)
        with self.lock:
            self.misses = 0
            self.tried += 1
            if lost and not wrong:
                self.lost.append((n, r, lost))
            self.harmless += r.code == self.normal.code
            self.codes[r.code] += 1
            if wrong:
                self.wrong.append(f"{self.name} {self.kind} {n} ({r.hit}): {wrong}")


    def look_again(self, place):
        """Whose was what was lost?"""
        while True:
            with self.lock:
                if not self.lost:
                    return
                n, r, lost = self.lost.pop()
            librarys = is_librarys(place, self.name, self.kind, n, lost)
            with self.lock:
                self.librarys += librarys
                if not librarys:
                    self.wrong.append(f"{self.name} {self.kind} {n} ({r.hit}): exit {r.code}, and lost: {lost}")


def spread(total, n):
    """n numbers from 1 to total, evenly, with both ends."""
    return sorted({1 + i * (total - 1) // max(n - 1, 1) for i in range(n)}) if total > 0 else []


def stacks(place, name):
    """For each allocation a number, equal where the callers are, in every command: the program lies at the same addresses in each run."""
    paths = place.path("paths")
    with open(paths, "wb") as f:
        f.truncate(4 * PATHS_MAX)
    total = one(place, name, "none", 0, False, paths).calls["memory"]
    with open(paths, "rb") as f:
        return struct.unpack(f"{total}I", f.read(4 * total))


def distinct(place, name):
    """Which allocations stand for all: the first and the last of each chain of callers."""
    first, last = {}, {}
    like = COMMANDS[name].like
    known = set(stacks(place, like)) if like else set()
    for n, h in enumerate(stacks(place, name), 1):
        first.setdefault(h, n)
        last[h] = n
    chains = [h for i, h in enumerate(first) if h not in known or i % SAMPLE == 0]
    return sorted({first[h] for h in chains} | {last[h] for h in chains})


SAMPLE = 50


def numbers_of(args, place, name, kind, total):
    if args.numbers:
        return [int(n) for n in args.numbers.split(",")]
    if COMMANDS[name].slow and kind == "start":
        return spread(total, 24)
    if args.some:
        return spread(total, 8 if kind == "memory" else 3)
    if kind == "memory" and args.paths:
        return distinct(place, name)[args.first::args.every]
    return list(range(1 + args.first, total + 1, args.every))


def start_authority(args, place):
    """The other laboratory gives time-stamps over HTTP while this runs; lab-tsa trusts it and asks it."""
    p = subprocess.Popen([args.custody, "tsa", "-q", "--listen", "127.0.0.1:0", place.path("other")], env=place.env, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
    url = p.stdout.readline().decode().strip()
    shutil.copytree(place.path("lab"), place.path("lab-tsa"))
    place.must("lab", "trust", "--lab", "../lab-tsa", "../foreign.pem")
    with open(place.path("lab-tsa", "custody.conf"), "a", encoding="utf-8") as f:
        f.write(f"\nauthorities = {url}\n")
    return p


def make_unsealed(place):
    """A package that waits for its stamp: where the network fails at the right moment."""
    for n in range(1, 200):
        r = one(place, "seal-tsa", "net", n, False)
        if place.left() == ["out.asice.unsealed"]:
            shutil.move(place.path("work", "out.asice.unsealed"), place.path("unsealed"))
            return
        if not r.hit:
            break
    sys.exit("faults: no failure of the network leaves a package to be finished")


def in_threads(work, arguments):
    threads = [threading.Thread(target=work, args=a) for a in arguments]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def run_loop(args, places, name, kind, normal):
    loop = Loop(args, name, kind, normal, numbers_of(args, places[0], name, kind, normal.calls[kind]))
    start = time.monotonic()
    if kind == "memory" and not args.some and not args.no_fork and COMMANDS[name].program in SEARCHED and not COMMANDS[name].serves:
        in_threads(loop.work_forked, [(place, i, len(places)) for i, place in enumerate(places)])
        loop.numbers = collections.deque(sorted(loop.left))
    in_threads(loop.work, [(place,) for place in places])
    in_threads(loop.look_again, [(place,) for place in places])
    for place in places:
        if whole(place.path("in")) != place.before:
            loop.wrong.append(f"{name} {kind}: the source is not as it was")
    codes = ", ".join(f"{n} exit {code}" for code, n in sorted(loop.codes.items()))
    print(f"{name:14} {kind:7} {normal.calls[kind]:7} calls {loop.tried:7} failures {loop.harmless:6} harmless {len(loop.wrong):4} wrong "
          f"{time.monotonic() - start:6.0f} s    ({codes})"
          + (f", {loop.librarys} where a library lost what it had begun" if loop.librarys else "")
          + (f", {loop.begun} times begun anew" if loop.begun else "") + (f", {loop.missed} not reached" if loop.missed else ""), flush=True)
    for line in loop.wrong if args.v else loop.wrong[:10]:
        print(f"    {line}", flush=True)
    return loop


def check_leaks(args, top, master):
    """Whether leaks are found at all."""
    mine = argparse.Namespace(**vars(args))
    mine.custody, mine.paths, mine.some, mine.numbers, mine.every, mine.first = os.path.abspath(args.leaks), True, False, "", 1, 0
    there = Place(mine, os.path.join(top, "leaks"), master)
    COMMANDS.update(LEAKS)
    for name in LEAKS:
        normal = one(there, name, "none", 0)
        numbers = numbers_of(mine, there, name, "memory", normal.calls["memory"])
        loop = Loop(mine, name, "memory", normal, numbers if name != "the-librarys" else spread(numbers[-1], 12))
        loop.work_forked(there, 0, 1)
        loop.look_again(there)
        wrong = [w for w in loop.wrong if "LeakSanitizer: detected memory leaks" not in w]
        if normal.code or normal.leaks or wrong or not loop.tried or bool(loop.wrong) == (name == "the-librarys"):
            sys.exit(f"faults: {loop.tried} failures, {len(loop.wrong)} losses found, {loop.librarys} the library's: tests/fault/leaks.c {name}: {loop.wrong}")
    print(f"leaks are found: {len(LEAKS) - 1} ways to lose memory, and {loop.librarys} times a library did", flush=True)
    for name in LEAKS:
        del COMMANDS[name]


def run_all(args, top):
    master = Place(args, os.path.join(top, "0"), None)
    authority = start_authority(args, master)
    try:
        make_unsealed(master)
        if args.leaks and args.searches:
            check_leaks(args, top, master)
        places = [master] + [Place(args, os.path.join(top, str(i)), master) for i in range(1, args.j)]
        total = wrongs = 0
        for name in args.commands.split(",") if args.commands else [n for n, c in COMMANDS.items() if not (args.some and c.slow)]:
            normal = one(master, name, "none", 0)
            wrong = COMMANDS[name].check(master, normal, normal) or normal.leaks
            if wrong:
                sys.exit(f"faults: {name} without a failure: exit {normal.code} {wrong} {normal.err}")
            for kind in args.kinds.split(","):
                if kind in COMMANDS[name].kinds and normal.calls[kind] > 0:
                    loop = run_loop(args, places, name, kind, normal)
                    total, wrongs = total + loop.tried, wrongs + len(loop.wrong)
        return total, wrongs
    finally:
        authority.terminate()
        authority.wait()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("custody")
    p.add_argument("shim")
    p.add_argument("--every", type=int, default=1)
    p.add_argument("--first", type=int, default=0, help="how many to pass over at the start")
    p.add_argument("--some", action="store_true")
    p.add_argument("--paths", action="store_true")
    p.add_argument("--kinds", default=",".join(KINDS))
    p.add_argument("--commands", default="", help="all, if not given")
    p.add_argument("--lsan", default="", help="liblsan.so, to find leaks")
    p.add_argument("--leaks", default="", help="tests/fault/leaks.c, built: shows first that leaks are found")
    p.add_argument("-j", type=int, default=os.cpu_count())
    p.add_argument("--numbers", default="", help="these calls only: N,N,...")
    p.add_argument("--no-fork", action="store_true", help="a run of its own for every failing allocation")
    p.add_argument("-v", action="store_true")
    args = p.parse_args()
    args.custody, args.shim = os.path.abspath(args.custody), os.path.abspath(args.shim)
    with open(args.custody, "rb") as f:
        args.searches = bool(args.lsan) or b"__asan_init" in f.read()  # a sanitized build brings LeakSanitizer along
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="custody-faults.", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as top:
        total, wrongs = run_all(args, top)
    print(f"{total} failing calls in {time.monotonic() - start:.0f} s: {wrongs} wrong; leaks {'looked for' if args.searches else 'NOT looked for: no liblsan'}")
    sys.exit(1 if wrongs or not total else 0)


main()
