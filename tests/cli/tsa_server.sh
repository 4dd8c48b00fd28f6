# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# custody tsa: what it grants by the measure of openssl, what it refuses, that only requests reach the key, many at once, and what a kill leaves.
set -u
fail() { echo "$*"; exit 1; }
code() {
	want=$1 rc=0
	shift
	"$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(cat err)"
}
said() { grep -qF -- "$2" "$1" || fail "$1 does not say '$2': $(cat "$1")"; }

server='' errors=service-err
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null' EXIT
# start LAB OPTION...: the process id in server, the address in url
start() {
	: >address
	"$CUSTODY" tsa "$@" >address 2>"$errors" &
	server=$!
	for _ in $(seq 300); do
		[ -s address ] && break
		kill -0 "$server" 2>/dev/null || fail "it does not start: $(cat service-err)"
		sleep 0.1
	done
	url=$(cat address)
	case $url in http://*:*/) ;; *) fail "the address is '$url'" ;; esac
}
# stop WANT
stop() {
	kill -TERM "$server" 2>/dev/null
	rc=0; wait "$server" || rc=$?
	[ $rc = "$1" ] || fail "ends with $rc, want $1: $(cat service-err)"
	server=
}
# The process of custody-tsad: the one child of the server.
tsad() { pgrep -P "$server"; }

cat >post.py <<'P'
# post.py URL REQUEST [ANSWER]: the HTTP status and the content type
import sys, http.client, urllib.parse
u = urllib.parse.urlparse(sys.argv[1])
c = http.client.HTTPConnection(u.hostname, u.port, timeout=30)
c.request('POST', u.path, open(sys.argv[2], 'rb').read(), {'Content-Type': 'application/timestamp-query'})
r = c.getresponse()
body = r.read()
print(r.status, r.getheader('Content-Type'), r.getheader('Connection'))
if len(sys.argv) > 3: open(sys.argv[3], 'wb').write(body)
P
post() { python3 post.py "$@" >posted 2>&1 || fail "post $*: $(cat posted)"; }
query() { openssl ts -query "$@" 2>/dev/null || fail "openssl ts -query $*"; }
lines() { wc -l <"$1/journal.jsonl"; }

code 0 "$CUSTODY" init lab --org "Office of the Clerk" --name "Cleo Clerk"
code 0 "$CUSTODY" tsa --help

# ---- what is granted ----
start lab --listen 127.0.0.1:0
echo thing >thing
n=0
for digest in sha256 sha384 sha512; do
	for more in "-cert" "" "-cert -no_nonce" "-cert -tspolicy 2.25.17884524901015966708602065365171390584"; do
		# shellcheck disable=SC2086
		query -data thing -$digest $more -out q.tsq
		post "$url" q.tsq r.tsr
		said posted "200 application/timestamp-reply close"
		code 0 openssl ts -verify -queryfile q.tsq -in r.tsr -CAfile lab/trust/tsas.pem -untrusted lab/certificates/time-stamping.pem
		code 0 openssl ts -verify -data thing -in r.tsr -CAfile lab/trust/tsas.pem -untrusted lab/certificates/time-stamping.pem
		openssl ts -reply -in r.tsr -token_out -out token.der 2>/dev/null
		openssl cms -in token.der -inform DER -noout -print -cmsout 2>/dev/null >token.txt
		certs=$(openssl pkcs7 -in token.der -inform DER -print_certs -noout 2>/dev/null | grep -c subject)
		case $more in -cert*) [ "$certs" = 1 ] || fail "$digest $more: $certs certificates" ;; *) [ "$certs" = 0 ] || fail "certReq was not set: $certs certificates" ;; esac
		grep -q 'signingCertificateV2' token.txt || fail "no signing-certificate-v2"
		n=$((n + 1))
	done
done
openssl ts -reply -in r.tsr -text 2>/dev/null >r.txt
said r.txt "Policy OID: 2.25.17884524901015966708602065365171390584"
said r.txt "Ordering: no"
# An accuracy is stated just when the kernel says so.
synchronised=$(python3 -c 'import ctypes
class T(ctypes.Structure): _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("more", ctypes.c_byte * 256)]
t = T(); state = ctypes.CDLL(None).adjtimex(ctypes.byref(t)); print("yes" if state not in (-1, 5) and not t.status & 64 and t.maxerror < 16000000 else "no")')
if [ "$synchronised" = yes ]; then said r.txt "Accuracy: 0x01 seconds"; said service-err "the clock is synchronised"; else said r.txt "Accuracy: unspecified"; said service-err "tokens state no accuracy"; fi
# A request whose digest has no parameters is answered without them, and another client's bytes come back as they were.
post "$url" "$FIXTURES/fuzz/tsp_request/no-parameters.tsq" r.tsr
openssl asn1parse -inform DER -in r.tsr -strparse "$(openssl asn1parse -inform DER -in r.tsr | sed -n 's/^ *\([0-9]*\):.*OCTET STRING *\[HEX DUMP\].*/\1/p' | head -1)" >info.txt 2>&1
grep -A1 'OBJECT *:sha256' info.txt | grep -q NULL && fail "parameters were added: $(cat info.txt)"
n=$((n + 1))
[ "$(grep -c '"command":"stamp"' lab/journal.jsonl)" = $n ] || fail "$n stamps, and the journal has $(grep -c '"command":"stamp"' lab/journal.jsonl)"

# ---- nothing that is not a request reaches the key: with the process that holds it stopped, all of it is answered ----
before=$(lines lab)
kill -STOP "$server"
refused() { # FILE REASON TEXT
	post "$url" "$1" r.tsr
	said posted "200 application/timestamp-reply close"
	openssl ts -reply -in r.tsr -text 2>/dev/null >r.txt
	said r.txt "Status: Rejected."
	said r.txt "$2"
	said r.txt "$3"
	! openssl ts -reply -in r.tsr -token_out -out none.der 2>/dev/null || [ ! -s none.der ] || fail "$1: there is a token in a refusal"
}
query -data thing -sha1 -cert -out sha1.tsq
query -data thing -sha256 -tspolicy 1.2.3.4 -out policy.tsq
query -data thing -sha256 -cert -out good.tsq
(cat good.tsq; printf '\0') >trailing.tsq
head -c 40 good.tsq >cut.tsq
printf 'not a request' >text.tsq
refused sha1.tsq "unrecognized or unsupported algorithm" "found an imprint by another digest algorithm"
refused policy.tsq "the requested TSA policy is not supported" "found a policy asked for"
refused "$FIXTURES/fuzz/tsp_request/extension.tsq" "the requested extension is not supported" "found extensions, want none"
refused trailing.tsq "the data submitted has the wrong format" "found further bytes, want the end"
refused cut.tsq "the data submitted has the wrong format" "found a length beyond the end"
refused text.tsq "the data submitted has the wrong format" "at byte 0"
for f in "$FIXTURES"/fuzz/tsp_request/*; do
	case $f in */sha1-* | */policy.tsq | */extension.tsq | */trailing.tsq | */cut.tsq | */order) post "$url" "$f" r.tsr ;; esac
done
cat >wild.py <<'P'
# HTTP as nobody should send it; each is answered or its connection closed, and the answer is the one wanted.
import socket, sys, urllib.parse
u = urllib.parse.urlparse(sys.argv[1])
def say(data, shut=True, patience=25):
    s = socket.create_connection((u.hostname, u.port), timeout=patience)
    got = b''
    try:
        s.sendall(data)
        if shut: s.shutdown(socket.SHUT_WR)
        while True:
            part = s.recv(65536)
            if not part: break
            got += part
    except OSError: # it was closed under our hands, or nothing is said to it
        pass
    finally:
        s.close()
    return got
type_ = b'Content-Type: application/timestamp-query\r\n'
cases = [
    (b'GET / HTTP/1.1\r\nHost: x\r\n\r\n', b'405'), (b'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n', b'405'), (b'PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx', b'405'),
    (b'POST /other HTTP/1.1\r\nHost: x\r\n' + type_ + b'Content-Length: 1\r\n\r\nx', b'404'), (b'POST /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', b'404'),
    (b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx', b'415'), (b'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx', b'415'),
    (b'POST / HTTP/1.1\r\nHost: x\r\n' + type_ + b'Content-Length: 0\r\n\r\n', b'400'), (b'POST / HTTP/1.1\r\nHost: x\r\n' + type_ + b'\r\n', b'400'),
    (b'POST / HTTP/1.1\r\nHost: x\r\n' + type_ + b'Content-Length: 1025\r\n\r\n' + b'x' * 1025, b'413'),
    (b'POST / HTTP/1.1\r\nHost: x\r\n' + type_ + b'Transfer-Encoding: chunked\r\n\r\n' + b'400\r\n' + b'x' * 1024 + b'\r\n1\r\ny\r\n0\r\n\r\n', b'413'),
    (b'POST / HTTP/1.1\r\n' + type_ + b'Content-Length: 1\r\n\r\nx', b'400'),
    (b'POST / HTTP/1.1\r\nHost: x\r\n' + type_ + b'Content-Length: -1\r\n\r\nx', b'400'), (b'POST / HTTP/1.1\r\nHost: x\r\n' + type_ + b'Content-Length: 1x\r\n\r\nx', b'400'),
    (b'POST / HTTP/1.1\r\nHost: x\r\n' + type_ + b'Content-Length: 99999999999999999999999\r\n\r\nx', b'4'),
    (b'POST / HTTP/1.1\r\nHost: x\r\n' + type_ + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n', None),
    (b'POST / HTTP/1.1\r\nHost: x\r\n' + b'A: ' + b'b' * 40000 + b'\r\n\r\n', None),
    (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'\x00' * 500, None), (b'\x00' * 5000, None), (b'\r\n' * 3000, None), (b'', None), (b'POST', None), (b'POST / HTTP/9.9\r\n\r\n', None),
    (b'POST / HTTP/1.1\r\nHost: x\r\n' + type_ + b'Content-Length: 500\r\n\r\nonly a part', None),
]
for data, want in cases:
    got = say(data, patience=25 if want else 1)
    line = got.split(b'\r\n')[0]
    if want is not None and not (line.startswith(b'HTTP/1.') and line[9:].startswith(want)):
        sys.exit('%r: %r, want %r' % (data[:80], line, want))
    if b'timestamp-reply' in got: sys.exit('%r is answered as a request' % data[:80])
# An answer ends the connection, whatever the client wants: two requests in one go, one answer.
got = say((b'GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n') * 2, shut=False)
if got.count(b'HTTP/1.1 ') != 1: sys.exit('keep-alive: %d answers' % got.count(b'HTTP/1.1 '))
P
python3 wild.py "$url" || fail "malformed HTTP"
[ "$(lines lab)" = "$before" ] || fail "the journal has lines of what is no request"
kill -CONT "$server"
post "$url" good.tsq r.tsr
code 0 openssl ts -verify -queryfile good.tsq -in r.tsr -CAfile lab/trust/tsas.pem
[ "$(lines lab)" = $((before + 1)) ] || fail "one request made $(($(lines lab) - before)) lines"

# ---- 200 at once, and connections that never say anything in between ----
cat >many.py <<'P'
import http.client, socket, subprocess, sys, threading, urllib.parse
u = urllib.parse.urlparse(sys.argv[1])
q = open('good.tsq', 'rb').read()
start, got = threading.Barrier(201), []
silent = [socket.create_connection((u.hostname, u.port)) for _ in range(30)]
def ask():
    start.wait()
    try:
        c = http.client.HTTPConnection(u.hostname, u.port, timeout=60)
        c.request('POST', '/', q, {'Content-Type': 'application/timestamp-query'})
        got.append(c.getresponse().read())
    except Exception as e:
        got.append(repr(e))
threads = [threading.Thread(target=ask) for _ in range(200)]
for t in threads: t.start()
start.wait()
for t in threads: t.join()
bad = [g for g in got if not isinstance(g, bytes) or g[4:9] != b'\x30\x03\x02\x01\x00']
if bad: sys.exit('%d of 200 are not granted: %r' % (len(bad), bad[0][:80]))
for i, g in enumerate(got): open('many/%d.tsr' % i, 'wb').write(g)
P
mkdir many
python3 many.py "$url" || fail "200 at once"
for i in 0 99 199; do code 0 openssl ts -verify -queryfile good.tsq -in many/$i.tsr -CAfile lab/trust/tsas.pem; done
[ "$(grep -c '"command":"stamp"' lab/journal.jsonl)" = $((n + 201)) ] || fail "the journal does not have all of them"

# ---- what either process can do ----
tsad=$(tsad)
[ -n "$tsad" ] || fail "there is no custody-tsad"
if ! grep -q asan <<<"$CUSTODY" && ! grep -q coverage <<<"$CUSTODY"; then
	grep -q '^Seccomp:[[:space:]]*2' "/proc/$tsad/status" || fail "custody-tsad has no filter of system calls"
fi
grep -q '^NoNewPrivs:[[:space:]]*1' "/proc/$tsad/status" || fail "custody-tsad may gain powers"
# shellcheck disable=SC2012
[ "$(ls "/proc/$tsad/fd" | wc -l)" -le $((6 + 30)) ] || fail "custody-tsad has other descriptors: $(ls -l "/proc/$tsad/fd")"
ldd "$CUSTODY" | grep -q libmicrohttpd && fail "the program with the key links an HTTP server"
stop 0
said lab/journal.jsonl "\"result\":\"ended after $((n + 201)) stamps\""
kill -0 "$tsad" 2>/dev/null && fail "custody-tsad is left behind"
code 64 "$(dirname "$CUSTODY")/custody-tsad"

# ---- a kill at any point: no serial number comes twice, and neither process stays without the other ----
for round in 1 2 3 4 5 6; do
	start lab --listen 127.0.0.1:0 -q
	tsad=$(tsad)
	for _ in 1 2 3 4; do python3 post.py "$url" good.tsq >/dev/null 2>&1 & done
	[ $((round % 3)) = 0 ] || sleep "0.0$round"
	if [ $((round % 2)) = 0 ]; then
		kill -9 "$server"
		wait "$server" 2>/dev/null
	else
		kill -9 "$tsad"
		rc=0; wait "$server" || rc=$?
		[ $rc = 70 ] || fail "custody-tsad killed: exits $rc"
		said service-err "'custody-tsad' ended by itself"
	fi
	wait
	for _ in $(seq 50); do kill -0 "$tsad" 2>/dev/null || break; sleep 0.1; done
	kill -0 "$tsad" 2>/dev/null && fail "round $round: custody-tsad is left behind"
	server=
done
[ "$(grep -o 'serial=[0-9a-f]*' lab/journal.jsonl | sort | uniq -d | wc -l)" = 0 ] || fail "a serial number came twice"
[ "$(grep -o 'serial=[0-9a-f]*' lab/journal.jsonl | sort -u | wc -l)" -ge $((n + 201)) ] || fail "serial numbers are missing"
python3 - <<'P' || fail "a line of the journal is broken"
import json
for line in open('lab/journal.jsonl'): json.loads(line)
P

# ---- a custody-tsad that was taken over: whatever it sends, no token for it, and the service ends ----
mkdir taken && cp "$CUSTODY" taken/custody
code 70 taken/custody tsa lab --listen 127.0.0.1:0 && said err "the program 'custody-tsad' is not there"
before=$(lines lab)
cat >taken/custody-tsad <<'P'
#!/usr/bin/env python3
import socket, sys
s = socket.socket(fileno=4)
order = bytearray(141); order[0] = ord('O'); order[9] = 2
kind = open('taken/kind').read().strip()
if kind == 'silent': sys.exit(0)
if kind == 'early': s.send(order); s.recv(70000); sys.exit(0)
s.send(b'R')
if kind == 'short': s.send(order[:-1])
if kind == 'long': s.send(order + b'x')
if kind == 'huge': s.send(b'O' * 100000)
if kind == 'type': order[0] = ord('X'); s.send(order)
if kind == 'digest': order[9] = 1; s.send(order)
if kind == 'nonce': order[11] = 200; s.send(order)
if kind == 'ready': s.send(b'R')
if kind == 'der': s.send(open('good.tsq', 'rb').read())
if kind == 'deaf':
    for _ in range(300): s.send(order)
    sys.exit(0)
s.recv(70000)
P
chmod +x taken/custody-tsad
for kind in short long huge type digest nonce ready der; do
	echo $kind >taken/kind
	code 70 timeout 60 taken/custody tsa lab --listen 127.0.0.1:0
	said err "does not keep to its protocol: it may have been taken over"
done
for kind in silent early; do
	echo $kind >taken/kind
	code 70 timeout 60 taken/custody tsa lab --listen 127.0.0.1:0
	said err "ended before it was ready"
done
tail -n +$((before + 1)) lab/journal.jsonl | grep -q '"command":"stamp"' && fail "a custody-tsad that was taken over got a token"
echo deaf >taken/kind # takes no answers: they are lost, and it cannot make the key wait
code 70 timeout 120 taken/custody tsa lab --listen 127.0.0.1:0
said err "ended by itself"

# ---- what custody-tsad tries from inside, once it serves ----
cat >inside.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
static char *const none[] = { NULL };
static void try(const char *what, long rc)
{
	fprintf(stderr, "inside: %s %s\n", what, rc >= 0 ? "done" : errno == EPERM ? "refused" : strerrorname_np(errno));
}
int epoll_wait(int fd, struct epoll_event *events, int n, int ms)
{
	static int (*real)(int, struct epoll_event *, int, int), tried;
	if (!real) real = (int (*)(int, struct epoll_event *, int, int))dlsym(RTLD_NEXT, "epoll_wait");
	if (!tried++ && strcmp(program_invocation_short_name, "custody-tsad") == 0) {
		try("open", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0));
		try("create", syscall(SYS_openat, AT_FDCWD, "made-inside", O_CREAT | O_WRONLY, 0600));
		try("unlink", syscall(SYS_unlinkat, AT_FDCWD, "lab/journal.jsonl", 0));
		try("socket", syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
		try("connect", syscall(SYS_connect, 3, NULL, 0));
		try("bind", syscall(SYS_bind, 3, NULL, 0));
		try("exec", syscall(SYS_execve, "/bin/true", none, none));
		try("clone", syscall(SYS_clone, 17, 0, 0, 0, 0));
		try("kill", syscall(SYS_kill, getppid(), 15));
		try("ptrace", syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0));
		try("setuid", syscall(SYS_setuid, 0));
		try("clock", syscall(SYS_clock_settime, 0, NULL));
		try("memory", syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
		try("mount", syscall(SYS_mount, "x", "/mnt", "tmpfs", 0, NULL));
		try("bpf", syscall(SYS_bpf, 0, NULL, 0));
		fprintf(stderr, "inside: as %s\n", getuid() == 0 ? "root" : "another");
	}
	return real(fd, events, n, ms);
}
C
if ! grep -qE 'asan|coverage' <<<"$CUSTODY" && ${CC:-cc} -shared -fPIC -o inside.so inside.c -ldl; then
	mkfifo said # custody-tsad may not write to a file, not even as its standard error
	cat said >inside-said &
	export LD_PRELOAD=$PWD/inside.so
	errors=said
	start lab --listen 127.0.0.1:0
	errors=service-err
	unset LD_PRELOAD
	post "$url" good.tsq r.tsr
	said posted "200 application/timestamp-reply"
	stop 0
	# a line of the process with the key may stand between or before them
	[ "$(grep -o 'inside: [a-z]* refused' inside-said | sort -u | wc -l)" = 15 ] || fail "the walls of custody-tsad: $(cat inside-said)"
	said inside-said "inside: as another"
	[ ! -e made-inside ] || fail "custody-tsad made a file"
else
	echo "nothing tried from inside"
fi

# ---- a signal to the whole group, as terminals, timeout(1) and service managers send it: custody-tsad may be gone before the process with the key has seen its own ----
for round in 1 2 3 4 5 6 7 8 9 10; do
	set -m # a group of its own
	start lab --listen 127.0.0.1:0 -q
	set +m
	kill -TERM -- "-$server"
	rc=0; wait "$server" || rc=$?
	[ $rc = 0 ] || fail "a signal to the group, round $round: exits $rc: $(cat service-err)"
	server=
done

# ---- what is refused at the start ----
code 66 "$CUSTODY" tsa none && said err "there is no lab in 'none'"
code 64 "$CUSTODY" tsa
code 64 "$CUSTODY" tsa lab --listen localhost:0 && said err "'localhost' is not an address in numbers"
code 64 "$CUSTODY" tsa lab --listen 127.0.0.1 && said err "want ADDRESS:PORT"
code 64 "$CUSTODY" tsa lab --listen ::1:0 && said err "want ADDRESS:PORT"
code 64 "$CUSTODY" tsa lab --listen 127.0.0.1:65536
code 66 "$CUSTODY" tsa lab --listen 192.0.2.1:0 && said err "cannot listen at '192.0.2.1:0'"
start lab --listen 127.0.0.1:0
code 66 "$CUSTODY" tsa lab --listen "$(echo "$url" | sed 's|http://||; s|/||')" && said err "Address already in use"
stop 0
mv lab/journal.jsonl journal && mkdir lab/journal.jsonl
code 74 "$CUSTODY" tsa lab --listen 127.0.0.1:0 && said err "journal.jsonl"
rmdir lab/journal.jsonl && mv journal lab/journal.jsonl
# the journal goes while it serves: no time-stamps, said once, until it is back
start lab --listen 127.0.0.1:0
mv lab/journal.jsonl journal && mkdir lab/journal.jsonl
post "$url" good.tsq r.tsr; post "$url" good.tsq r.tsr
openssl ts -reply -in r.tsr -text 2>/dev/null >r.txt
said r.txt "Status: Rejected."; said r.txt "the request cannot be handled due to system failure"; said r.txt "the journal of this authority cannot be written"
[ "$(grep -c 'no time-stamps are given' service-err)" = 1 ] || fail "said more than once: $(cat service-err)"
rmdir lab/journal.jsonl && mv journal lab/journal.jsonl
post "$url" good.tsq r.tsr
code 0 openssl ts -verify -queryfile good.tsq -in r.tsr -CAfile lab/trust/tsas.pem
stop 0
# passphrase, also as all of standard input; key types
for type in p384 rsa3072 rsa-pss; do
	printf 'open sesame\n' | "$CUSTODY" init -q --key-type $type --passphrase-fd 0 --org O --name N lab-$type >/dev/null || fail "init $type"
	rc=0; printf 'wrong\n' | "$CUSTODY" tsa lab-$type --passphrase-fd 0 --listen 127.0.0.1:0 >out 2>err || rc=$?
	[ $rc = 66 ] || fail "a wrong passphrase exits $rc"
	exec 7<<<'open sesame'
	start lab-$type --passphrase-fd 7 --listen '[::1]:0' 2>/dev/null || start lab-$type --passphrase-fd 7 --listen 127.0.0.1:0
	exec 7<&-
	post "$url" good.tsq r.tsr
	code 0 openssl ts -verify -queryfile good.tsq -in r.tsr -CAfile lab-$type/trust/tsas.pem
	stop 0
done
# ---- the key may not be used any more; the clock; a key that does not answer ----
exec 7<<<'open sesame'
start lab-p384 --passphrase-fd 7 --listen 127.0.0.1:0
exec 7<&-
post "$url" good.tsq r.tsr
said posted "200 application/timestamp-reply"
rc=0; "$CUSTODY" lab revoke time-stamping --reason superseded --lab lab-p384 --passphrase-fd 0 <<<'open sesame' >out 2>err || rc=$?
[ $rc = 0 ] || fail "lab revoke exits $rc: $(cat err)"
post "$url" good.tsq r.tsr
openssl ts -reply -in r.tsr -text 2>/dev/null >r.txt
said r.txt "this authority cannot stamp any more"
rc=0; wait "$server" || rc=$?
server=
[ $rc = 66 ] || fail "revoked while it serves: exits $rc"
said service-err "the certificate of 'time-stamping' is revoked"

start lab --listen 127.0.0.1:0
kill -STOP "$server"
post "$url" good.tsq r.tsr
openssl ts -reply -in r.tsr -text 2>/dev/null >r.txt
said r.txt "the part that holds the key does not answer, try again"
began=$(date +%s)
post "$url" good.tsq r.tsr # the next does not wait again
[ $(($(date +%s) - began)) -lt 8 ] || fail "each request waits for a key that does not answer"
kill -CONT "$server"
sleep 0.5
query -data "$FIXTURES/README.md" -sha256 -cert -out other.tsq
post "$url" other.tsq r.tsr
code 0 openssl ts -verify -queryfile other.tsq -in r.tsr -CAfile lab/trust/tsas.pem # and not the late answer to another
stop 0

# The kernel's word and the clock by a stand-in for the C library's, in the process with the key only.
cat >standin.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
static long number(const char *file)
{
	long v = 0;
	FILE *f = strcmp(program_invocation_short_name, "custody") == 0 ? fopen(file, "r") : NULL;
	if (f) { if (fscanf(f, "%ld", &v) != 1) v = 0; fclose(f); }
	return v;
}
int adjtimex(struct timex *t)
{
	memset(t, 0, sizeof(*t));
	t->maxerror = number("maxerror");
	t->status = number("status");
	return 0;
}
int clock_gettime(clockid_t which, struct timespec *t)
{
	static int (*real)(clockid_t, struct timespec *);
	if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int rc = real(which, t);
	if (which == CLOCK_REALTIME) t->tv_sec += number("offset");
	return rc;
}
C
if ! grep -q asan <<<"$CUSTODY" && ${CC:-cc} -shared -fPIC -o standin.so standin.c -ldl; then
	export LD_PRELOAD=$PWD/standin.so
	echo 0 >offset; echo 0 >status; echo 20000 >maxerror
	start lab --listen 127.0.0.1:0
	unset LD_PRELOAD
	said service-err "the clock is synchronised, to 1.000 s or better"
	accuracy() { post "$url" good.tsq r.tsr; openssl ts -reply -in r.tsr -text 2>/dev/null >r.txt; said r.txt "$1"; }
	accuracy "Accuracy: 0x01 seconds, unspecified millis, unspecified micros"
	echo 3456789 >maxerror; accuracy "Accuracy: 0x03 seconds, 0x01C9 millis, unspecified micros"
	code 0 openssl ts -verify -queryfile good.tsq -in r.tsr -CAfile lab/trust/tsas.pem
	said lab/journal.jsonl "accuracy=3457000 us"
	echo 64 >status; accuracy "Accuracy: unspecified" # STA_UNSYNC
	echo 0 >status; echo 16000000 >maxerror; accuracy "Accuracy: unspecified"
	echo -3600 >offset; accuracy "Status: Rejected."
	said r.txt "the TSA's time source is not available"
	said r.txt "the clock was set back behind the last time-stamp"
	[ "$(grep -c 'no time-stamps are given: the clock was set back' service-err)" = 1 ] || fail "the operator is not told: $(cat service-err)"
	echo 0 >offset; accuracy "Status: Granted."
	stop 0
else
	echo "without a stand-in for the clock"
fi

# key, certificate and list outside their time
if faketime '2020-01-01' true 2>/dev/null && ! grep -q asan <<<"$CUSTODY"; then
	code 66 faketime '2020-01-01' "$CUSTODY" tsa lab --listen 127.0.0.1:0 && said err "serves from"
	code 66 faketime '+800 days' "$CUSTODY" tsa lab --listen 127.0.0.1:0 && said err "the key of 'time-stamping' serves from"
	code 66 faketime '+100 days' "$CUSTODY" tsa lab --listen 127.0.0.1:0 && said err "revocation list ended"
fi
exit 0
