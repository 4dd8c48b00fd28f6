# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What differs at a terminal: colour, the progress line, the passphrase; and what a signal does. Python's pty is the terminal.
set -u
fail() { echo "$*"; exit 1; }
cat >terminal.py <<'P'
import os, pty, signal, sys, time
# terminal.py INPUT SIGNAL COMMAND...: runs COMMAND at a terminal, types INPUT when a line ends in ": ", sends SIGNAL (0: none) when a progress line was seen; prints all that was shown, exits likewise
typed, number, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    for s in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):  # whoever started the tests may ignore them
        signal.signal(s, signal.SIG_DFL)
    os.execv(command[0], command)
seen, rest = b"", typed.split("|") if typed else []
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
    if rest and seen.endswith(b": "):
        time.sleep(0.05)
        os.write(fd, rest.pop(0).encode() + b"\n")
    if number and b" left" in seen:
        os.kill(pid, number)
        number = 0
sys.stdout.buffer.write(seen)
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) & 255)
P
at_tty() { python3 terminal.py "$@" >shown || rc=$?; }
good=$FIXTURES/sealed/own-p256.asice trust=$FIXTURES/sealed/trust-own
escape=$(printf '\033')

rc=0 && at_tty '' 0 "$CUSTODY" verify --trust "$trust" "$good"
[ $rc = 0 ] && grep -q "^$escape\[1;32mVALID$escape\[0m: " shown || fail "no colour at a terminal: $(head -1 shown)"
rc=0 && NO_COLOR=1 at_tty '' 0 "$CUSTODY" verify --trust "$trust" "$good"
grep -q "$escape" shown && fail "colour in spite of NO_COLOR"
rc=0 && at_tty '' 0 "$CUSTODY" verify --json --trust "$trust" "$good"
grep -q "$escape" shown && fail "colour in JSON"

"$CUSTODY" --help | grep -q '^  init ' || exit 0
rc=0 && at_tty 'secret|secret' 0 "$CUSTODY" init --org O --name N --passphrase lab
[ $rc = 0 ] && ! grep -q secret shown && grep -q ENCRYPTED lab/keys/*.key || fail "passphrase at a terminal: exits $rc: $(cat shown)"
rc=0 && at_tty 'secret|other' 0 "$CUSTODY" init --org O --name N --passphrase lab2
[ $rc = 66 ] && [ ! -e lab2 ] && grep -q differ shown || fail "two passphrases: exits $rc: $(cat shown)"
rc=0 && at_tty '|' 0 "$CUSTODY" init --org O --name N --passphrase lab2
[ $rc = 66 ] && [ ! -e lab2 ] || fail "an empty passphrase: exits $rc: $(cat shown)"
rc=0 && setsid -w "$CUSTODY" init --org O --name N --passphrase lab2 >out 2>err </dev/null || rc=$?
[ $rc = 66 ] && grep -q 'no terminal' err || fail "no terminal: exits $rc: $(cat err)"
rc=0 && "$CUSTODY" init --org O --name N --passphrase-fd 9 lab2 >out 2>err || rc=$?
[ $rc = 74 ] || fail "a descriptor that is closed: exits $rc: $(cat err)"
"$CUSTODY" init --org O --name N --passphrase-fd 3 lab3 3<<<secret >out 2>err || fail "--passphrase-fd: $(cat err)"
rc=0 && head -c 2000 /dev/zero | tr '\0' x | "$CUSTODY" init --org O --name N --passphrase-fd 0 lab2 >out 2>err || rc=$?
[ $rc = 66 ] && grep -q 'longer than' err || fail "a long passphrase: exits $rc: $(cat err)"

"$CUSTODY" --help | grep -q '^  seal ' || exit 0
# slow on any machine: every digest, one after the other
mkdir in && truncate -s 192M in/large
all=md5,sha1,sha256,sha384,sha512,sha3-256,sha3-512,blake2b
"$CUSTODY" seal -q --lab lab3 -d $all --passphrase-fd 3 3<<<secret -o large.asice in >out 2>err || fail "seal: $(cat err)"
rc=0 && at_tty '' 0 "$CUSTODY" verify -j1 --trust lab3/trust large.asice
[ $rc = 0 ] && grep -q 'verify: .* MiB (.* %), .*/s, .* left' shown || fail "no progress at a terminal: exits $rc: $(head -c 500 shown)"
tr '\r' '\n' <shown | grep -a -A1 ' left' | tail -n 1 | grep -aq "^$escape\[K" || fail "the progress line stays"
for c in "hash -d $all" "inspect -d $all"; do # their results come while the line is shown
	# shellcheck disable=SC2086
	rc=0 && at_tty '' 0 "$CUSTODY" $c in/large
	[ $rc = 0 ] && grep -q '/s' shown && ! tr '\r' '\n' <shown | grep -a '/s' | sed "s/.*\/s\(, [0-9:]* left\)\{0,1\}$escape\[K//" | grep -q . ||
		fail "$c: the result is glued to the progress line: exits $rc: $(head -c 500 shown)"
done
for s in 2 15; do
	rc=0 && at_tty '' $s "$CUSTODY" verify -j1 --trust lab3/trust --report r.txt large.asice
	[ $rc = $((128 + s)) ] && [ ! -e r.txt ] && ! grep -q VALID shown || fail "signal $s: exits $rc: $(cat shown)"
done
rc=0 && at_tty '' 1 "$CUSTODY" seal -j1 -d $all --lab lab3 --passphrase-fd 3 -o cut.asice in 3<<<secret
[ $rc = 129 ] && [ ! -e cut.asice ] && [ -z "$(find . -name '*.tmp')" ] || fail "a signal while sealing: exits $rc: $(ls -A) $(cat shown)"
exit 0
