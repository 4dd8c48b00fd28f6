#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Time-stamp authorities over HTTP, good and bad: one clear message each, exit 75 or 66, nothing lost, nothing left over. The authorities are other labs; what they send is
# made by Python and openssl (tests/support/tsa.py).
set -eu

fail() { echo "tsa_client.sh: $*" >&2; exit 1; }
command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
# code WANT WORDS COMMAND...: the exit code, and words that must be in what it says
code() {
	want=$1 words=$2; shift 2; rc=0
	"$@" >out 2>err </dev/null || rc=$?
	[ "$rc" = "$want" ] || fail "'$*' exits $rc, want $want: $(cat err)"
	cat out err | tr -s ' \n' ' ' | grep -qF -- "$(tr -s ' \n' ' ' <<<"$words" | sed 's/ $//')" || fail "'$*' does not say '$words': $(cat out err)"
}
nothing_left() { [ -z "$(find . -maxdepth 1 \( -name '.*.tmp' -o -name 'q.asice*' \))" ] || fail "$1: something is left: $(ls -A)"; }

for l in lab one two stranger; do "$CUSTODY" init $l --org "Org $l" --name "Analyst $l" >/dev/null 2>&1; done
L="--lab lab"
mkdir in; echo hello >in/a; head -c 300000 /dev/zero >in/b

# nobody there: at once, before anything is read
code 75 'it is not reached: Connection refused' "$CUSTODY" seal $L --tsa http://127.0.0.1:9/ -o q.asice in
nothing_left unreachable
code 75 'not reached' "$CUSTODY" seal $L --tsa 'http://[::1]:9/' -o q.asice nosuch # the authority is asked first
code 66 'tls.pem' "$CUSTODY" seal $L --tsa https://127.0.0.1:9/ -o q.asice in
for u in ftp://127.0.0.1/ 127.0.0.1 http:// http://user@127.0.0.1/ 'http://127.0.0.1/#x' 'http://127.0.0.1:99999/'; do
	code 64 'not the address' "$CUSTODY" seal $L --tsa "$u" -o q.asice in
done
nothing_left addresses

"$ROOT"/tests/support/tsa.py port log one two stranger & # ends with this script
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
U=http://127.0.0.1:$(cat port)

# trust is given, never found
code 66 'is not trusted here' "$CUSTODY" seal $L --tsa $U/good -o q.asice in
cat one/trust/tsas.pem two/trust/tsas.pem >>lab/trust/tsas.pem
code 66 'level B-LT is not reached' "$CUSTODY" seal $L --tsa $U/good -o q.asice in
code 0 'not proven: whether its certificate is revoked is not known' "$CUSTODY" seal $L --level B-T --tsa $U/good -o bt.asice in
cat one/trust/crls.pem two/trust/crls.pem >>lab/trust/crls.pem
nothing_left trust

# the good way
code 0 'by an independent authority' "$CUSTODY" seal $L --tsa $U/good -o p.asice in
code 0 VALID "$CUSTODY" verify --trust lab/trust p.asice
code 0 '"independent":true' "$CUSTODY" verify --json --trust lab/trust p.asice
code 0 '"independent":true' "$CUSTODY" seal --json $L --tsa $U/good -o j.asice in
# the first event of the custody record is stamped by the same authority
code 0 '"independent":true,' "$CUSTODY" record show --json --trust lab/trust p.custody.asice
code 0 'own word' "$CUSTODY" seal $L -o own.asice in
code 0 VALID "$CUSTODY" seal $L --tsa $U/good --tsa $U/good2 -o both.asice in
code 0 VALID "$CUSTODY" verify --trust lab/trust both.asice
code 66 'each once' "$CUSTODY" seal $L --tsa $U/good --tsa $U/good -o q.asice in
code 66 'each once' "$CUSTODY" seal $L --tsa $U/good --tsa $U/ahead -o q.asice in
code 0 VALID "$CUSTODY" seal $L --tsa $U/surplus -o surplus.asice in # a stranger's certificate in the token does not get in
code 0 "the authority's clock is ahead" "$CUSTODY" seal $L --tsa $U/ahead -o ahead.asice in
# the environment names no proxy, the configuration does
code 0 VALID env http_proxy=http://127.0.0.1:9/ HTTP_PROXY=http://127.0.0.1:9/ "$CUSTODY" seal $L --tsa $U/good -o noproxy.asice in
cp lab/custody.conf conf; echo 'proxy = http://127.0.0.1:9/' >>lab/custody.conf
code 75 'not reached' "$CUSTODY" seal $L --tsa $U/good -o q.asice in
(cat conf; echo "proxy = $U") >lab/custody.conf
code 0 'by an independent authority' "$CUSTODY" seal $L --tsa http://tsa.invalid/good -o proxy.asice in
(cat conf; echo 'timeout = 2'; echo "authorities = $U/good $U/good2") >lab/custody.conf
code 0 'by an independent authority' "$CUSTODY" seal $L -o conf.asice in
code 0 VALID "$CUSTODY" verify --trust lab/trust conf.asice
nothing_left good

# https: only against the lab's own anchors, and only for the host that was named
tls() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" -addext "subjectAltName=$2" -keyout $1.key -out $1.crt 2>/dev/null; cat $1.key $1.crt >$1.pem; }
tls right IP:127.0.0.1,DNS:127.1; tls wrong IP:127.0.0.2,DNS:tsa.example
for t in right wrong; do TSA_TLS=$t.pem "$ROOT"/tests/support/tsa.py port.$t log one & done
for _ in $(seq 100); do [ -s port.right ] && [ -s port.wrong ] && break; sleep 0.1; done
S=https://127.0.0.1:$(cat port.right) W=https://127.0.0.1:$(cat port.wrong)
code 66 'nothing to check its https certificate against' "$CUSTODY" seal $L --tsa $S/good -o q.asice in
cp wrong.crt lab/trust/tls.pem
code 66 'not one that trust/tls.pem vouches for' "$CUSTODY" seal $L --tsa $S/good -o q.asice in
code 66 'not one that trust/tls.pem vouches for' env SSL_CERT_FILE=$PWD/right.crt "$CUSTODY" seal $L --tsa $S/good -o q.asice in
code 66 'not one that trust/tls.pem vouches for' "$CUSTODY" seal $L --tsa $W/good -o q.asice in
echo nothing >lab/trust/tls.pem
code 65 'no certificate that can be read' "$CUSTODY" seal $L --tsa $S/good -o q.asice in
cat wrong.crt right.crt >lab/trust/tls.pem
code 0 'by an independent authority' "$CUSTODY" seal $L --tsa $S/good -o tls.asice in
# By name: one that needs no name service, since a chroot has none, and that is no address to TLS.
code 0 'by an independent authority' "$CUSTODY" seal $L --tsa ${S/127.0.0.1/127.1}/good -o tls2.asice in
code 75 '' "$CUSTODY" seal $L --tsa ${U/http/https}/good -o q.asice in # no TLS there
cp lab/custody.conf plain.conf; (cat conf; echo "proxy = $U") >lab/custody.conf
code 0 'by an independent authority' "$CUSTODY" seal $L --tsa $S/good -o tls3.asice in # a tunnel through the proxy
code 66 'not one that trust/tls.pem vouches for' "$CUSTODY" seal $L --tsa $W/good -o q.asice in
code 75 '' "$CUSTODY" seal $L --tsa https://127.0.0.1:1/good -o q.asice in
grep -q "tunnel 127.0.0.1:$(cat port.right)" log || fail "https does not go through the proxy: $(cat log)"
mv plain.conf lab/custody.conf
nothing_left tls

# bad ones, before anything is read: MODE EXIT WORDS
while read -r mode want words; do
	code "$want" "$words" "$CUSTODY" seal $L --tsa "$U/$mode" -o q.asice nosuch
	[ "$(grep -c . err)" -le 2 ] || fail "$mode: more than one message and a hint: $(cat err)"
	nothing_left "$mode"
done <<'T'
silent 75 its answer takes too long
slow 75 its answer takes too long
hanging-up 75 ends too early
cut 75 ends too early
503 75 it cannot answer now (HTTP status 503)
bare-503 75 it cannot answer now (HTTP status 503)
signed-503 75 it cannot answer now (HTTP status 503)
accepted 66 it answers with HTTP status 202, want 200
no-time 75 timeNotAvailable
404 66 it refuses the request (HTTP status 404)
redirecting 66 redirection
oversized 66 larger than 65536 bytes
chunked 66 chunks
garbage 66 not a time-stamp reply
html 66 not of type application/timestamp-reply
trailing 66 another length
rejecting 66 badRequest: it does not permit the request: 'not \u{001b}[31mtoday'
wrong-nonce 66 another nonce
no-nonce 66 no nonce
wrong-imprint 66 of something else
wrong-signature 66 signature
back-dated 66 at most 300 seconds before it
future 66 at most 60 seconds after it
stranger 66 is not trusted here
T
echo again >>in/a
code 75 503 "$CUSTODY" seal $L --tsa $U/good --tsa $U/503 -o q.asice in # each is asked
nothing_left bad

# failing after the evidence was read: nothing is lost
for mode in then-503 then-silent then-wrong-nonce then-stranger; do
	code 75 'finish it later: custody seal --lab lab --finish f.asice.unsealed' "$CUSTODY" seal $L --tsa $U/$mode -o f.asice in
	[ ! -e f.asice ] && [ -e f.asice.unsealed ] || fail "$mode: $(ls -A)"
	code 1 time-missing "$CUSTODY" verify --trust lab/trust f.asice.unsealed
	code 66 'waits for its time-stamp' "$CUSTODY" seal $L --tsa $U/good -o f.asice in
	grep -qF 'finish it with custody seal --lab lab --finish f.asice.unsealed' err || fail "the hint cannot be followed: $(cat err)"
	code 0 'by an independent authority' "$CUSTODY" seal $L --tsa $U/good --finish f.asice.unsealed
	[ -e f.asice ] && [ ! -e f.asice.unsealed ] || fail "finish: $(ls -A)"
	code 0 VALID "$CUSTODY" verify --trust lab/trust f.asice
	! grep '^  warning' out || fail "a package that was finished has a warning"
	unzip -p f.asice data/in/a | cmp - in/a || fail "finish changed the evidence"
	rm f.asice
done
# without --tsa: the addresses of the command line that sealed, before those of custody.conf
code 75 'finish it later' "$CUSTODY" seal $L --tsa=$U/good2 --tsa $U/third-503 -o f.asice in
code 0 'by an independent authority' "$CUSTODY" seal $L --finish f.asice.unsealed
code 0 VALID "$CUSTODY" verify --trust lab/trust f.asice; rm f.asice
(cat conf; echo 'timeout = 2'; echo "authorities = $U/then-oversized") >lab/custody.conf
code 75 'finish it later' "$CUSTODY" seal $L -o f.asice in
(cat conf; echo 'timeout = 2'; echo "authorities = $U/good") >lab/custody.conf
code 0 'by an independent authority' "$CUSTODY" seal $L --finish f.asice.unsealed; rm f.asice
code 75 'another certificate each time' "$CUSTODY" seal $L --tsa $U/alternating -o f.asice in
rm f.asice.unsealed
code 75 'finish it later' "$CUSTODY" seal $L --tsa $U/good2 --tsa $U/then-404 -o f.asice in

# --finish: the same authorities, nothing else, and only a package that is whole
cp f.asice.unsealed kept
code 66 'names 2 time-stamp authorities, and 1 are given' "$CUSTODY" seal $L --tsa $U/good --finish f.asice.unsealed
code 75 'finish it later' "$CUSTODY" seal $L --tsa $U/then-html -o g.asice in
code 66 'another certificate than those' "$CUSTODY" seal $L --tsa $U/good2 --finish g.asice.unsealed
rm g.asice.unsealed
code 75 'finish it later' "$CUSTODY" seal $L --level B-T --tsa $U/third-503 -o g.asice in
code 0 'by an independent authority' "$CUSTODY" seal $L --finish g.asice.unsealed
for mode in 503 silent wrong-imprint; do
	rc=0; "$CUSTODY" seal $L --tsa $U/good2 --tsa $U/$mode --finish f.asice.unsealed >out 2>err || rc=$?
	[ $rc = 75 ] || [ $rc = 66 ] || fail "--finish with $mode: $rc"
done
code 75 'only the authorities that the package names can finish it' "$CUSTODY" seal $L --tsa $U/good2 --tsa $U/twice-503 --finish f.asice.unsealed
code 75 'only the authorities that the package names can finish it' "$CUSTODY" seal $L --tsa $U/good2 --tsa http://127.0.0.1:1/ --finish f.asice.unsealed
! grep -q 'own word\|another authority' err || fail "a hint that does not hold: $(cat err)"
cmp kept f.asice.unsealed || fail "a failed --finish changed the package"
code 64 'ends in .unsealed' "$CUSTODY" seal $L --tsa $U/good --finish p.asice
code 64 'takes no PATH' "$CUSTODY" seal $L --finish f.asice.unsealed in
code 66 'not there' "$CUSTODY" seal $L --tsa $U/good --finish none.asice.unsealed
cp p.asice done.asice.unsealed
code 66 'only lacks its time-stamps' "$CUSTODY" seal $L --tsa $U/good --finish done.asice.unsealed
python3 -c 'p = open("f.asice.unsealed", "rb").read(); i = p.index(b"hello"); open("forged.asice.unsealed", "wb").write(p[:i] + b"H" + p[i + 1:])'
code 66 'only lacks its time-stamps' "$CUSTODY" seal $L --tsa $U/good2 --tsa $U/good --finish forged.asice.unsealed
touch f.asice
code 66 'exists already' "$CUSTODY" seal $L --tsa $U/good --tsa $U/good2 --finish f.asice.unsealed
rm f.asice forged.asice.unsealed done.asice.unsealed

# sealing killed at any point: nothing under a name, or a package to be finished, or the finished one
for delay in 0.05 0.1 0.2 0.3 0.4; do
	"$CUSTODY" seal $L --tsa $U/good --tsa $U/good2 -o k.asice in >out 2>err & pid=$!
	sleep $delay; kill -9 $pid 2>/dev/null || true; wait $pid 2>/dev/null || true
	[ ! -e k.asice.unsealed ] || code 0 VALID "$CUSTODY" seal $L --finish k.asice.unsealed
	[ ! -e k.asice ] || code 0 VALID "$CUSTODY" verify --trust lab/trust k.asice
	[ ! -e k.custody.asice ] || code 0 VALID "$CUSTODY" verify --trust lab/trust --record k.custody.asice k.asice
	rm -f k.asice k.custody.asice .k.*tmp
done

# --finish killed at any point: the unsealed package is there, or the finished one, or both
for delay in 0 0.01 0.02 0.03 0.05 0.07 0.1 0.15 0.2 0.3; do
	cp kept k.asice.unsealed
	"$CUSTODY" seal $L --tsa $U/good --tsa $U/good2 --finish k.asice.unsealed >out 2>err & pid=$!
	sleep $delay; kill -9 $pid 2>/dev/null || true; wait $pid 2>/dev/null || true
	if [ -e k.asice ]; then
		code 0 VALID "$CUSTODY" verify --trust lab/trust k.asice
	else
		cmp kept k.asice.unsealed || fail "killed after $delay: the unsealed package is lost"
		code 0 VALID "$CUSTODY" seal $L --tsa $U/good --tsa $U/good2 --finish k.asice.unsealed
	fi
	[ ! -e k.custody.asice ] || code 0 VALID "$CUSTODY" verify --trust lab/trust --record k.custody.asice k.asice
	rm -f k.asice k.custody.asice k.asice.unsealed .k.*tmp
done
code 0 '"independent":true' "$CUSTODY" seal $L --json --tsa $U/good2 --tsa $U/good --finish f.asice.unsealed
code 0 VALID "$CUSTODY" verify --trust lab/trust f.asice
grep -q '"sealed"' lab/journal.jsonl && grep -q 'an authority failed after the evidence was read' lab/journal.jsonl || fail "the journal does not tell"
