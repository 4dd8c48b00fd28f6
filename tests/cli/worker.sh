#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What types are said by, and what happens when who says them is not there, dies, is slow or lies: sealing goes on, and the package says what happened. $CUSTODY is the program; the
# working folder is empty and ours.
set -eu

fail() { echo "worker.sh: $*" >&2; exit 1; }
# code WANT WORDS COMMAND...: the exit code, and words that must be in what it says
code() {
	want=$1 words=$2; shift 2; rc=0
	"$@" >out 2>err </dev/null || rc=$?
	[ "$rc" = "$want" ] || fail "'$*' exits $rc, want $want: $(cat err)"
	cat out err | tr -s ' \n' ' ' | grep -qF -- "$(tr -s ' \n' ' ' <<<"$words" | sed 's/ $//')" || fail "'$*' does not say '$words': $(cat out err)"
}
lines() { unzip -p "$1" custody/manifest.jsonl; }
# type PACKAGE NAME: its media type, or the finding's detail
type_of() {
	lines "$1" | grep -F "\"path\":\"$2\"," | sed -E 's/.*"type":\{"mime":"([^"]*)".*/\1/; s/.*"findings":\[\{"id":"([^"]*)","detail":"([^"]*)"\}.*/\1: \2/; s/^\{.*/none/'
}
is() { got=$(type_of "$1" "$2"); [ "$got" = "$3" ] || fail "$1: $2 is '$got', want '$3'"; }

"$CUSTODY" init lab --org "Worker Lab" --name "Analyst" >/dev/null 2>&1
L="--lab lab"
mkdir in in/empty
echo 'hello, world' >in/a.txt; printf '%%PDF-1.4\n%%\n' >in/b.pdf; echo '{"a": [1, 2]}' >in/c.json; : >in/nothing; cp in/b.pdf in/same.pdf; ln in/a.txt in/hard; ln -s a.txt in/link
python3 -c 'import zlib, struct; c = lambda k, d: struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d))
open("in/d.png", "wb").write(b"\x89PNG\r\n\x1a\n" + c(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) + c(b"IDAT", zlib.compress(b"\0\0\0\0")) + c(b"IEND", b""))
open("in/large.pdf", "wb").write(b"%PDF-1.4\n" + bytes(3 << 20))'

# ---- what it says, and where ----
code 0 'identified by libmagic' "$CUSTODY" seal $L -o p.asice in
for want in 'in/a.txt text/plain' 'in/b.pdf application/pdf' 'in/c.json application/json' 'in/d.png image/png' 'in/same.pdf application/pdf' 'in/large.pdf application/pdf'; do
	is p.asice "${want% *}" "${want#* }"
done
for none in in/empty in/hard in/link; do is p.asice $none none; done
lines p.asice | grep -F '"path":"in/a.txt"' | grep -qF '"by":"libmagic ' || fail "a line does not say who said so"
unzip -p p.asice custody/acquisition.json | grep -qE '"identification":\{"by":"libmagic [0-9.]+","database":"magic.mgc, sha256 [0-9a-f]{64}"\}' || fail "acquisition.json does not name the database"
code 0 VALID "$CUSTODY" verify --trust lab/trust p.asice
grep -q not-identified out && fail "verify says that nothing was identified"
code 0 'type application/pdf, says libmagic' "$CUSTODY" show p.asice
code 0 '"identification":{"by":"libmagic ' "$CUSTODY" seal $L --json -o j.asice in
grep -qF '"identified":7,"not_identified":0}' out || fail "JSON does not count: $(cat out)"

# left out
code 0 'not identified: --no-identify' "$CUSTODY" seal $L --no-identify -o n.asice in
lines n.asice | grep -q '"type"' && fail "--no-identify identifies"
code 0 not-identified "$CUSTODY" verify --trust lab/trust n.asice
code 0 '"identification":null' "$CUSTODY" seal $L --json --no-identify -o nj.asice in

# the same for any number of threads and workers
mkdir many
for i in $(seq 300); do echo "text number $((i % 100))" >many/$i; done
printf '%%PDF-1.4 %s' {1..60} | split -b 12 - many/pdf.
first=
for j in 1 2 8; do
	code 0 Sealed "$CUSTODY" seal $L -j $j -o j$j.asice many
	got=$(lines j$j.asice | sed 's/"salt":"[0-9a-f]*"//; s/"times":{[^}]*}//' | sha256sum)
	[ "${first:=$got}" = "$got" ] || fail "-j $j says other types than -j 1"
done
lines j8.asice | grep -c '"type"' | grep -qx "$(find many -type f | wc -l)" || fail "not every file has a type"

# content built to break libmagic's own parsers: none ends a worker, takes too long or needs a system call that the sandbox does not list
python3 "$ROOT/tests/support/magic.py" hostile
code 0 'The types of 79 items were identified' "$CUSTODY" seal $L -j 2 -o hostile.asice hostile
[ "$(lines hostile.asice | grep -c '"mime":')" = 79 ] || fail "hostile content is not identified: $(lines hostile.asice | grep not-identified)"
code 0 VALID "$CUSTODY" verify --trust lab/trust hostile.asice

# standard input; and meanwhile: what the worker is
(echo hello; sleep 2) | "$CUSTODY" seal $L -o s.asice --stdin said.txt >out 2>err &
pid=$!
for _ in $(seq 100); do
	seal=$(pgrep -P $$ -f 'seal --lab lab -o s.asice' || true)
	worker=$([ -n "$seal" ] && pgrep -P "$(echo $seal | cut -d' ' -f1)" custody-worker || true)
	[ -n "$worker" ] && grep -q '^Seccomp:.2' "/proc/$worker/status" 2>/dev/null && break
	sleep 0.01
done
[ -n "$worker" ] || fail "no worker is seen"
for want in 'Seccomp:.2' 'NoNewPrivs:.1' 'CapEff:.0000000000000000' 'CapPrm:.0000000000000000'; do
	grep -q "^$want" "/proc/$worker/status" || fail "the worker's status lacks $want: $(cat /proc/$worker/status)"
done
# a worker shows these to nobody but root, and in many a container not to root either
if fds=$(ls "/proc/$worker/fd" 2>/dev/null); then
	[ "$(echo "$fds" | tr '\n' ' ')" = "0 1 2 3 4 " ] || fail "the worker has other descriptors: $fds"
	! tr '\0' '\n' <"/proc/$worker/environ" | grep -q . || fail "the worker has an environment"
fi
wait $pid || fail "sealing a stream: $(cat err)"
is s.asice said.txt text/plain
sleep 0.1; [ ! -e "/proc/$worker" ] || fail "the worker outlives the program"

# by hand it does nothing
code 64 'started by custody' "$(dirname "$CUSTODY")/custody-worker" identify

# ---- workers that are not what they should be ----
mkdir bin; cp "$CUSTODY" bin/custody
cat >fake.py <<'END'
import os, socket, struct, sys, time
mode = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mode")).read().strip()
s = socket.socket(fileno=3)
def say(kind, payload, job=0, flags=1, length=None):
    s.send(struct.pack("<IHHQ", 16 + len(payload) if length is None else length, kind, flags, job) + payload)
def hello(version, by=b"libmagic 5.44"):
    say(129, version.ljust(32, b"\0") + by.ljust(32, b"\0") + struct.pack("<II", 0, 0))
version = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "version"), "rb").read().strip()
if mode == "mute": time.sleep(60)
if mode == "ends": sys.exit(3)
if mode == "garbage": s.send(b"hello"); time.sleep(60)
if mode == "no-sandbox": say(131, b"cannot load the seccomp filter\x1b[31m"); sys.exit(70)
if mode == "other-version": hello(b"0.0.0"); time.sleep(60)
if mode == "by": hello(version, b"lib\nmagic"); time.sleep(60)
hello(version)
while True:
    message, fds, flags, _ = socket.recv_fds(s, 64, 4)
    if not message: sys.exit(0)
    length, kind, _, job = struct.unpack("<IHHQ", message)
    assert length == 16 and kind == 1 and len(fds) == 1
    size = os.lseek(fds[0], 0, os.SEEK_END)
    content = os.pread(fds[0], size, 0)
    try: os.pwrite(fds[0], b"x", 0); content = b"bad: writable"
    except PermissionError: pass
    os.close(fds[0])
    if b"bad" in content:
        if mode == "dies": os.abort()
        if mode == "slow": time.sleep(60)
        if mode == "wrong-job": say(130, b"text/plain", job + 1)
        elif mode == "twice": say(130, b"text/plain", job); say(130, b"text/plain", job)
        elif mode == "not-a-type": say(130, b'text/plain","by":"x', job)
        elif mode == "escape": say(130, b"text/\x1b[31m", job)
        elif mode == "long": say(130, b"text/" + b"x" * 200, job)
        elif mode == "length": say(130, b"text/plain", job, length=20)
        elif mode == "huge": s.send(struct.pack("<IHHQ", 100016, 130, 1, job) + b"x" * 100000)
        elif mode == "short": s.send(b"\0")
        elif mode == "kind": say(7, b"text/plain", job)
        elif mode == "more": say(130, b"text/plain", job, flags=0)
        elif mode == "descriptor": socket.send_fds(s, [struct.pack("<IHHQ", 26, 130, 1, job) + b"text/plain"], [0])
        elif mode == "failed": say(131, b"no \x1b[31m idea", job)
        elif mode == "flood":
            while True: say(130, b"text/plain", job)
        else: say(130, b"text/plain", job)
    else: say(130, b"text/x-good", job)
END
fake() { echo "$1" >mode; printf '#!/usr/bin/python3 -IS\n' | cat - fake.py >bin/custody-worker; chmod +x bin/custody-worker; cp mode version bin/ ; rm -f q.asice; }
"$CUSTODY" --version | sed -n 's/^custody //p' >version
mkdir ev
for i in 1 2 3 4 5 6 7 8 9; do echo "good $i" >ev/$i; done
echo 'bad' >ev/5; cp ev/5 ev/9

# none at all: said, and sealed
for m in mute ends garbage no-sandbox other-version by; do
	[ $m != mute ] || [ -n "${SLOW:-}" ] || continue # takes ten seconds
	fake $m
	code 0 'types are not identified' bin/custody seal $L -o q.asice ev
	grep -q 'The types of the items were not identified: ' out || fail "$m: the result does not say so: $(cat out)"
	grep -q "$(printf '\033')" out err && fail "$m: a worker's escape comes through"
	lines q.asice | grep -q '"type"' && fail "$m: types without a worker"
	code 0 not-identified "$CUSTODY" verify --trust lab/trust q.asice
done
rm bin/custody-worker
rm -f q.asice; code 0 'types are not identified' bin/custody seal $L -o q.asice ev
printf '#!/nonexistent\n' >bin/custody-worker; chmod +x bin/custody-worker
rm -f q.asice; code 0 'types are not identified' bin/custody seal $L -o q.asice ev

# limits of a batch system that are lower than the worker's own stay as they are
(ulimit -n 48 -t 60 -v 800000; rm -f q.asice; code 0 'Sealed. For the exhibit form' "$CUSTODY" seal $L -o q.asice ev) || exit 1
! grep -q 'not identified' err || fail "lower limits: $(cat err)"

# one that answers wrongly for one content: that has no type, all else has, and the package is good
for m in dies wrong-job twice not-a-type escape long length huge short kind more descriptor failed flood slow; do
	fake $m
	code 0 'Sealed. For the exhibit form' bin/custody seal $L -j 2 -o q.asice ev
	code 0 VALID "$CUSTODY" verify --trust lab/trust q.asice
	case $m in
	twice | flood) ok=text/plain ;; # the first answer was a good one; what comes after it ends the worker, and nobody knows whose fault that is
	dies) ok='not-identified: the worker died of it' ;;
	slow) ok='not-identified: the worker took too long' ;;
	failed) ok='not-identified: libmagic cannot say' ;;
	*) ok='not-identified: the worker sent what is no answer' ;;
	esac
	is q.asice ev/5 "$ok"
	is q.asice ev/9 "$ok" # the same content
	for i in 1 2 3 4 6 7 8; do is q.asice ev/$i text/x-good; done
	[ -z "$(pgrep -P $$ custody-worker || true)" ] || fail "$m: a worker is left"
done

# every content kills its worker: that ends, and so does the sealing
mkdir all
for i in $(seq 200); do echo "bad $i" >all/$i; done
fake dies
code 0 'could not be identified' bin/custody seal $L -j 2 -o q.asice all
is q.asice all/1 'not-identified: the worker died of it'
is q.asice all/99 'not-identified: too many workers died before'
code 0 VALID "$CUSTODY" verify --trust lab/trust q.asice
