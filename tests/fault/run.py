#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes every N-th call of each kind fail in each command, one at a time (tests/fault/shim.c), until N is beyond the last.

usage: run.py CUSTODY SHIM [--some | --paths | --every K] [--kinds KIND,...] [--commands COMMAND,...] [--leaks FILE] [-j JOBS] [-v]

Whatever fails: the command does not crash and does not hang; it exits with an error and says why on stderr, or the failure was harmless and everything is as
without it. Nothing is left under a final name or beside it, a laboratory is as before or as after, its journal is whole, the source is untouched, no verdict is
wrong: a good package is never INVALID, a forged one never VALID, what was printed of a list is true. Nothing allocated is lost (LeakSanitizer, preloaded).

Without an option: every call of every kind. A command allocates 40,000 to 300,000 times, and mostly in the same way: --paths makes allocations fail once for
each distinct chain of callers, the first and the last time that it is taken, and every call of the other kinds. --some is what `make check` runs: a few of each.

Prints a line for each command and kind: calls there are, failures made, how many of them were harmless. Exit 1 if anything was wrong.
"""
import argparse
import collections
import glob
import http.client
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.parse
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
SEAL = ["seal", "-q", "-j", "1", "--no-identify", "--lab", "../lab", "--case", "C", "--exhibit", "E", "-o", "out.asice"]


class Run:
    """One run of a command: what it returned, said, lost, and which function failed (None: none)."""

    def __init__(self, code, out, err, hit=None, calls=None, leaks=""):
        self.code, self.out, self.err, self.hit, self.calls, self.leaks = code, out, err, hit, calls, leaks


class Place:
    """A folder of one thread: its own laboratory, evidence and packages; work/ is made anew before each run."""

    def __init__(self, args, top, master):
        self.args, self.top = args, top
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

    def run(self, argv, env=None):
        p = subprocess.run([self.args.custody, *argv], cwd=self.path("work"), env=env or self.env, stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=PATIENCE, check=False)
        return self.result(p.returncode, p.stdout, p.stderr) if env else Run(p.returncode, p.stdout, p.stderr.decode("utf-8", "replace"))

    def must(self, *argv):
        r = self.run(argv)
        if r.code != 0:
            sys.exit(f"faults: custody {' '.join(argv)}: {r.code} {r.err}")
        return r

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


TIMES = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?")


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
        before, path = events_of(place, f"../{name}.custody.asice"), "p.custody.asice"
        if place.left() != ["p.asice", path]:
            return f"exit {r.code}, and there is {place.left()}: {r.err}"
        after = events_of(place, path)
        if r.code == 0 or "the event is written, but" in r.err or "the new bytes are in place" in r.err:
            return None if after == before + 1 else f"exit {r.code}, and of {before} events there are {after}: {r.err}"
        if r.code in (INVALID, INDETERMINATE):
            return f"a good package and record: exit {r.code}: {r.err}"
        with open(place.path("work", path), "rb") as f, open(place.path(f"{name}.custody.asice"), "rb") as g:
            return None if f.read() == g.read() else f"exit {r.code}, and the record is another, of {after} events: {r.err}"

    return check


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


def check_form(place, r, normal):
    if r.code != normal.code:
        return f"left {place.left()}: {r.err}" if place.left() else None
    with open(place.path("work", "form.json"), "rb") as f, open(place.path("form.json"), "rb") as g:
        return None if json.load(f).keys() == json.load(g).keys() else "another form"


def written(name, same):
    """One file, which is what a run without a failure writes (same: to the byte), or none. What --save has saved stays, whatever becomes of the record."""

    def check(place, r, normal):
        left = [f for f in place.left() if f != "saved"]
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
    """One line of the table: what is run, in what, and what must hold."""

    def __init__(self, argv, check, before=None, program="custody", kinds=None, serves=False):
        self.argv, self.check, self.before, self.program, self.serves = argv, check, before, program, serves
        self.kinds = kinds or KINDS


LAB = ["--lab", "lab"]
HELPER = ["read", "look", "open", "write", "close", "start", "net", "random", "memory"]
COMMANDS = {
    "seal": Command([*SEAL, "../in"], check_seal),
    "seal-claims": Command([*SEAL, "--claims", "../sums", "--claims-by", "A", "--request", "../form.json", "../in"], check_seal),
    "seal-identify": Command(["seal", "-q", "-j", "1", *SEAL[5:], "../in"], check_seal),
    "seal-threads": Command(["seal", "-q", "-j", "3", *SEAL[4:], "../in"], check_seal),
    "seal-tsa": Command([*SEAL[:6], "../lab-tsa", *SEAL[7:], "../in"], check_seal_tsa),
    "finish": Command(["seal", "-q", "--lab", "../lab-tsa", "--finish", "out.asice.unsealed"], check_finish, with_unsealed),
    "record-add": Command(["record", "add", "incident", "-q", "--lab", "../lab", "-s", "what=x", "-s", "found_how=y", "-s", "effect=none", "p.custody.asice"],
                          event_check("good"), with_record("good")),
    "release": Command(["release", "-q", "--lab", "../lab", "--to", "Bob", *WHY, "p.asice"], event_check("good"), with_record("good")),
    "accept": Command(["accept", "-q", "--lab", "../other", "--trust", "../lab/trust", "p.asice"], event_check("released"), with_record("released")),
    "refuse": Command(["accept", "-q", "--lab", "../other", "--trust", "../lab/trust", "--refuse", "no", "p.asice"], event_check("released"),
                      with_record("released")),
    "record-show": Command(["record", "show", "--trust", "../lab/trust", "../good.custody.asice"], check_shown),
    "verify": Command(["verify", "-j", "1", "--trust", "../lab/trust", "../good.asice"], check_good),
    "verify-record": Command(["verify", "-j", "1", "--trust", "../lab/trust", "--record", "../good.custody.asice", "../good.asice"], check_good),
    "verify-json": Command(["verify", "-j", "2", "--json", "--trust", "../lab/trust", "../good.asice"], check_good),
    "verify-default": Command(["verify", "-j", "1", "../good.asice"], check_good, with_home),
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
    "hash": Command(["hash", "-j", "1", "-f", "sha256sum", "../in"], check_hash),
    "audit": Command(["audit", "-j", "1", "-k", "../sums", "../in"], check_audit),
    "audit-wrong": Command(["audit", "-j", "1", "-k", "../wrong", "../in"], check_audit_wrong),
    "verify-report": Command(["verify", "-j", "1", "--trust", "../lab/trust", "--report", "r.html", "../good.asice"], check_report),
    "certificate": Command(["certificate", "-j", "1", "--form", "neutral", "--trust", "../lab/trust", "-o", "c.html", "../good.asice"], check_certificate),
    "request-new": Command(["request", "new", "--kind", "preservation", "-o", "form.json"], check_form),
    "request-check": Command(["request", "check", "../form.json"], check_nothing),
    "request-show": Command(["request", "show", "../form.json"], check_nothing),
    "receive": Command(["receive", "-q", "--request", "../form.json", "--channel", "portal", "--operator", "A", "-o", "r.json", "../in"],
                       written("r.json", None)),
    "claims": Command(["claims", "-o", "draft", "../sums"], written("draft", draft_of)),
    "show": Command(["show", "../good.asice"], check_nothing),
    "inspect": Command(["inspect", "../got.zip"], check_inspect),
    "inspect-tar": Command(["inspect", "--json", "../got.tar.gz"], check_inspect),
    "worker": Command(["inspect", "../got.zip"], check_inspect, program="custody-worker", kinds=HELPER),
    "tsa": Command(["tsa", "--listen", "127.0.0.1:0", "lab"], check_tsa, with_lab, serves=True),
    "tsad": Command(["tsa", "--listen", "127.0.0.1:0", "lab"], check_tsa, with_lab, "custody-tsad", HELPER, True),
}

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


def callers(stack):
    """The command's own frames of a stack that a sanitizer printed, from the one that called the library."""
    frames = [line.split(" in ", 1)[1] for line in stack.splitlines() if re.match(r" *#\d+ .* in ", line)]
    own = [f for f in frames if re.search(r" (cmd|libcustody|formats)/", f)]
    return [f for f in own if "/base/watch.c:" not in f]


def is_librarys(place, name, kind, n):
    """
    What was lost was allocated in the very call of a library in which memory ran out: the command was given nothing that it could free (OpenSSL 3.0, when it
    sets up its context). A second run tells, with whole stacks.
    """
    place.env["LSAN_OPTIONS"] += ":fast_unwind_on_malloc=0:log_path=stderr"
    place.env["FAULT_TRACE"] = "1"
    # Signatures and numbers are not of one length, so that the same allocation may be a few calls off.
    for away in (0, 1, -1, 2, -2, 3, -3):
        r = one(place, name, kind, max(n + away, 1))
        failed, *lost = re.split(r"\n(?:Direct|Indirect) leak of", r.err)
        if lost:
            break
    place.env["LSAN_OPTIONS"] = place.env["LSAN_OPTIONS"].removesuffix(":fast_unwind_on_malloc=0:log_path=stderr")
    del place.env["FAULT_TRACE"]
    where = callers(failed)
    return bool(where) and bool(lost) and all(callers(stack) == where for stack in lost if callers(stack))


def one(place, name, kind, n, leaks=True, paths=None):
    command = COMMANDS[name]
    place.clean()
    if command.before:
        command.before(place)
    env = place.environment(kind, n, command.program, leaks and command.program == "custody", paths)
    return (place.serve if command.serves else place.run)(command.argv, env)


class Loop:
    """One command and one kind of failure, for the given N and then on to the end, shared by the threads."""

    def __init__(self, args, name, kind, normal, numbers):
        self.args, self.name, self.kind, self.normal = args, name, kind, normal
        self.numbers = collections.deque(numbers)
        self.next = (numbers[-1] + args.every if numbers else 1) if not (args.some or (args.paths and kind == "memory")) else None
        self.tried = self.harmless = self.misses = self.missed = self.librarys = 0
        self.wrong = []
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
                if r.leaks and "LeakSanitizer: detected" not in r.leaks:
                    r = one(place, self.name, self.kind, n, False)  # it was the sanitizer that had no memory, and gave up
            except subprocess.TimeoutExpired:
                r = Run(-1, b"", "hangs", "?")
            if not r.hit:
                with self.lock:
                    self.misses += 1
                    self.missed += 1
                continue
            lost, r.leaks = r.leaks, ""
            wrong = judge(place, self.name, self.kind, self.normal, r)
            librarys = bool(lost) and not wrong and is_librarys(place, self.name, self.kind, n)
            if lost and not wrong and not librarys:
                wrong = f"exit {r.code}, and lost: {lost}"
            with self.lock:
                self.misses = 0
                self.tried += 1
                self.librarys += librarys
                self.harmless += r.code == self.normal.code
                self.codes[r.code] += 1
                if wrong:
                    self.wrong.append(f"{self.name} {self.kind} {n} ({r.hit}): {wrong}")


def spread(total, n):
    """n numbers from 1 to total, evenly, with both ends."""
    return sorted({1 + i * (total - 1) // max(n - 1, 1) for i in range(n)}) if total > 0 else []


def distinct(place, name):
    """Which allocations stand for all: the first and the last of each chain of callers."""
    paths = place.path("paths")
    with open(paths, "wb") as f:
        f.truncate(4 * PATHS_MAX)
    total = one(place, name, "none", 0, False, paths).calls["memory"]
    with open(paths, "rb") as f:
        hashes = struct.unpack(f"{total}I", f.read(4 * total))
    first, last = {}, {}
    for n, h in enumerate(hashes, 1):
        first.setdefault(h, n)
        last[h] = n
    return sorted(set(first.values()) | set(last.values()))


def numbers_of(args, place, name, kind, total):
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


def run_loop(args, places, name, kind, normal):
    loop = Loop(args, name, kind, normal, numbers_of(args, places[0], name, kind, normal.calls[kind]))
    threads = [threading.Thread(target=loop.work, args=(place,)) for place in places]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for place in places:
        if whole(place.path("in")) != place.before:
            loop.wrong.append(f"{name} {kind}: the source is not as it was")
    codes = ", ".join(f"{n} exit {code}" for code, n in sorted(loop.codes.items()))
    print(f"{name:14} {kind:7} {normal.calls[kind]:7} calls {loop.tried:7} failures {loop.harmless:6} harmless {len(loop.wrong):4} wrong    ({codes})"
          + (f", {loop.librarys} where a library lost what it had begun" if loop.librarys else ""), flush=True)
    for line in loop.wrong if args.v else loop.wrong[:10]:
        print(f"    {line}", flush=True)
    return loop


def run_all(args, top):
    master = Place(args, os.path.join(top, "0"), None)
    authority = start_authority(args, master)
    try:
        make_unsealed(master)
        places = [master] + [Place(args, os.path.join(top, str(i)), master) for i in range(1, args.j)]
        total = wrongs = 0
        for name in args.commands.split(","):
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
    p.add_argument("--commands", default=",".join(COMMANDS))
    p.add_argument("--lsan", default="", help="liblsan.so, to find leaks")
    p.add_argument("-j", type=int, default=os.cpu_count())
    p.add_argument("-v", action="store_true")
    args = p.parse_args()
    args.custody, args.shim = os.path.abspath(args.custody), os.path.abspath(args.shim)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="custody-faults.", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as top:
        total, wrongs = run_all(args, top)
    print(f"{total} failing calls in {time.monotonic() - start:.0f} s: {wrongs} wrong; leaks {'looked for' if args.lsan else 'NOT looked for: no liblsan'}")
    sys.exit(1 if wrongs or not total else 0)


main()
