#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The contract of custody seal: exit codes, what is printed, what is left behind. $CUSTODY is the program; the working folder is empty and ours.
set -eu

fail() { echo "seal.sh: $*" >&2; exit 1; }
# code WANT WORDS COMMAND...: the exit code, and words that must be in what it says
code() {
	want=$1 words=$2; shift 2; rc=0
	"$@" >out 2>err </dev/null || rc=$?
	[ "$rc" = "$want" ] || fail "'$*' exits $rc, want $want: $(cat err)"
	cat out err | tr -s ' \n' ' ' | grep -qF -- "$(tr -s ' \n' ' ' <<<"$words" | sed 's/ $//')" || fail "'$*' does not say '$words': $(cat out err)"
}
nothing_left() { [ -z "$(find . -maxdepth 1 \( -name '.*.tmp' -o -name q.asice \))" ] || fail "$1: something is left: $(ls -A)"; }

"$CUSTODY" init lab --org "Seal Lab" --name "Seal Analyst" >init.txt
L="--lab lab --case C-7 --exhibit E-3"
mkdir in in/empty; echo hello >in/a; printf 'x%.0s' {1..5000} >in/b; ln -s a in/link; ln in/a in/hard; mkfifo in/pipe
find in -printf '%l' >/dev/null # the first look sets the access times of folders and links
before=$(find in -printf '%p %y %s %m %A@ %T@ %C@ %l\n' | sort | sha256sum)

# what goes on the form
code 0 'Sealed. For the exhibit form' "$CUSTODY" seal $L -o p.asice in
for w in C-7 E-3 'Seal Analyst' "own word" "none" "package number"; do grep -qF "$w" out || fail "the form lacks '$w'"; done
! awk 'length > 80' out | grep . || fail "the form has lines that a terminal breaks"
number=$(sha256sum <p.asice | cut -c1-64)
tr -d ' \n' <out | grep -q "$number" || fail "the number on the form is not that of the file"
anchor=$(openssl x509 -in lab/trust/signers.pem -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)
tr -d ' \n' <out | grep -q "$anchor" || fail "the anchor's fingerprint is not on the form"
[ "$(find in -printf '%p %y %s %m %A@ %T@ %C@ %l\n' | sort | sha256sum)" = "$before" ] || fail "the source was touched"
code 0 VALID "$CUSTODY" verify --trust lab/trust p.asice
! grep '^  warning' out || fail "a package that was just sealed has a warning"
code 0 matched "$CUSTODY" verify --trust lab/trust --expect "$number" p.asice

# the custody record: begun beside it, with the number signed; its head is on the form
[ -e p.custody.asice ] || fail "no custody record beside the package"
head=$(unzip -p p.custody.asice META-INF/signature001.p7s | sha256sum | cut -c1-64)
code 0 '"custody":"pass"' "$CUSTODY" verify --trust lab/trust --json --record p.custody.asice --head "$head" p.asice
unzip -p p.custody.asice META-INF/custody/0001.json | grep -q "\"sha256\":\"$number\"" || fail "the number is not in the first event"
# one that is there already is another package's history, and is left alone
code 0 'custody record' "$CUSTODY" seal $L -o again.asice in/a
tr -d ' \n' <out | grep -q "$(unzip -p again.custody.asice META-INF/signature001.p7s | sha256sum | cut -c1-64)" || fail "the head is not on the form"
sum=$(sha256sum <again.custody.asice); rm again.asice
code 0 'the usual name is taken by another custody record' "$CUSTODY" seal $L -o again.asice in/a
[ "$(sha256sum <again.custody.asice)" = "$sum" ] || fail "a custody record was overwritten"
other=$(ls again.*.custody.asice)
code 0 VALID "$CUSTODY" verify --trust lab/trust --record "$other" again.asice
code 1 record-wrong-package "$CUSTODY" verify --trust lab/trust --record again.custody.asice again.asice
code 1 'the custody record is wrong, or does not fit' "$CUSTODY" verify --trust lab/trust --record again.custody.asice again.asice
code 1 'is, byte for byte, the file that was sealed' "$CUSTODY" verify --json --trust lab/trust --record again.custody.asice again.asice
code 0 "\"record\":{\"path\":\"again2.custody.asice\"" "$CUSTODY" seal $L --json -o again2.asice in/a
rm again*

# a name with room for that of its record, of a second record and of the package while a time is missing; what has none is refused before evidence is read
long=$(printf '%0232d' 0)
code 0 '' "$CUSTODY" seal -q $L -o "$long.asice" in/a
code 0 '' "$CUSTODY" record add other:note -q --lab lab -s what=x "$long.custody.asice"
rm "$long.asice"
code 0 '' "$CUSTODY" seal -q $L -o "$long.asice" in/a
[ "$(find . -name "$long*" | wc -l)" = 3 ] || fail "a package, its record and the older record: $(ls "$long"*)"
rm "$long"*
for name in "0$long.asice" "$(printf '%0249d' 0).asice"; do
	code 66 'shorten it by 20 bytes' "$CUSTODY" seal $L -o "$name" in/a
	[ ! -e "$name" ] || fail "a package has a name that was refused"
done

# refusals
code 64 'no output' "$CUSTODY" seal $L in
code 64 'nothing to seal' "$CUSTODY" seal $L -o q.asice
code 64 '' "$CUSTODY" seal $L -o q.asice --nosuch in
code 64 '' "$CUSTODY" seal $L -o q.asice -d sha256,nosuch in
code 64 '' "$CUSTODY" seal $L -o q.asice --level B-X in
code 66 '' "$CUSTODY" seal $L -o q.asice none
code 66 'exist' "$CUSTODY" seal $L -o p.asice in
[ "$(sha256sum <p.asice | cut -c1-64)" = "$number" ] || fail "an existing package was overwritten"
code 66 'the output' "$CUSTODY" seal $L -o in/q.asice in
code 66 'the lab' "$CUSTODY" seal $L -o ../q$$.asice .
code 66 '' "$CUSTODY" seal $L -o q.asice in/pipe
code 66 '' "$CUSTODY" seal $L -o q.asice /dev/null
code 66 '' "$CUSTODY" seal $L -o nosuch/q.asice in
code 66 '' "$CUSTODY" seal --lab nolab -o q.asice in
code 66 '' env -u CUSTODY_LAB HOME=/nonexistent "$CUSTODY" seal -o q.asice in
mkdir other other/in; echo y >other/in/y
code 66 '' "$CUSTODY" seal $L -o q.asice in other/in
code 66 '' "$CUSTODY" seal $L -o q.asice in in/empty
code 66 '' "$CUSTODY" seal $L --as nobody -o q.asice in
nothing_left refusals

# several sources, a file, a link given as argument, a name of one's own, '.'
code 0 Sealed "$CUSTODY" seal $L -o two.asice in other
code 0 VALID "$CUSTODY" verify --trust lab/trust two.asice
code 0 Sealed "$CUSTODY" seal $L -o one.asice in/a
code 0 VALID "$CUSTODY" verify --trust lab/trust one.asice
unzip -l one.asice | grep -q ' data/a$' || fail "a single file is not data/a"
code 0 Sealed "$CUSTODY" seal $L -o link.asice in/link
code 0 Sealed "$CUSTODY" seal $L --name received -o named.asice in
unzip -l named.asice | grep -q ' data/received/b$' || fail "--name is not the name"
(cd other && "$CUSTODY" seal --lab ../lab -o ../dot.asice . >/dev/null) || fail "'.' cannot be sealed"
unzip -l dot.asice | grep -q ' data/other/in/y$' || fail "'.' did not take the folder's real name"

# standard input
printf 'from a pipe' | "$CUSTODY" seal $L --stdin image.raw -o stdin.asice >out || fail "--stdin"
code 0 VALID "$CUSTODY" verify --trust lab/trust stdin.asice
[ "$(unzip -p stdin.asice data/image.raw)" = 'from a pipe' ] || fail "--stdin sealed something else"
code 64 '' "$CUSTODY" seal $L --stdin ../up -o q.asice
code 64 'cannot go to standard output' "$CUSTODY" seal $L -o - in; [ ! -e ./- ] || fail "a file called '-'"
# what the package could not hold is said before anything is read: a stream cannot be read twice
for n in ../up folder/name . .. ''; do
	echo data >unread; { rc=0; "$CUSTODY" seal $L --stdin "$n" -o q.asice >out 2>err || rc=$?; echo $rc >rc; cat >rest; } <unread
	[ "$(cat rc rest)" = "$(printf '64\ndata')" ] || fail "--stdin '$n': exit $(cat rc), left '$(cat rest)': $(cat err)"
done
for o in --case --exhibit --accept-exceptions; do for v in '' $'\xff' "$(printf '%05000d' 0)"; do
	code 64 '' "$CUSTODY" seal --lab lab $o "$v" -o q.asice in
	grep -q twice err && fail "the test gives $o twice"
	[ ! -e q.asice ] || fail "$o '${v:0:9}' was taken"
done; done
code 0 Sealed "$CUSTODY" seal --lab lab --case "$(printf '%04096d' 0)" -o longest.asice in

# no content, digests, levels, an earlier package, JSON
mkdir none; code 0 'no file content' "$CUSTODY" seal $L -o none.asice none
code 0 VALID "$CUSTODY" verify --trust lab/trust none.asice
code 0 Sealed "$CUSTODY" seal $L -d md5,sha1,sha384,sha3-256,sha3-512,blake2b -o all.asice in
code 0 VALID "$CUSTODY" verify --trust lab/trust all.asice
for m in md5 sha1 sha256 sha384; do unzip -l all.asice | grep -q " manifest-$m.txt$" || fail "no manifest-$m.txt"; done
# the lab's own list stands in lab/trust, so that nothing is missing there
code 0 'verified: VALID' "$CUSTODY" seal $L --level B-T -o bt.asice in
code 0 VALID "$CUSTODY" verify --trust lab/trust bt.asice
mkdir without; cp lab/trust/signers.pem lab/trust/tsas.pem without/
code 2 revocation "$CUSTODY" verify --trust without bt.asice
code 0 Sealed "$CUSTODY" seal $L --previous p.asice -o next.asice in
unzip -p next.asice custody/seal.json | grep -q "\"previous\":\"$number\"" || fail "--previous is not in seal.json"
cp out form
code 0 "'in/a' is no sealed package that can be read; its number is recorded all the same" "$CUSTODY" seal $L --previous in/a -o odd.asice in
code 0 Sealed "$CUSTODY" seal $L --previous p.asice -o next2.asice in && ! grep -q 'no sealed package' err || fail "a package is called none"
# that a package replaces another is told wherever it is reported on: what was in the first nobody sees in the second
groups=$(echo "$number" | sed 's/..../& /g; s/ $//')
said_groups() { tr -s ' \n' ' ' <"$1" | grep -qF -- "$2 $groups" || fail "$1 does not say '$2' and the number: $(cat "$1")"; }
said_groups form replaces
"$CUSTODY" verify --trust lab/trust --report next.html next.asice >out 2>err || fail "verify: $(cat err)"
said_groups out 'replaces another package, whose number is:'
for f in out next.html; do tr -s ' \n' ' ' <$f | grep -qF 'what was in the package that this one replaces, as its sealer states, and why it was replaced' || fail "not under what is not proven: $f"; done
grep -q 'Replaces the package with the number' next.html || fail "not in the HTML report"
"$CUSTODY" verify --json --trust lab/trust next.asice 2>err | python3 -c 'import json, sys; assert json.load(sys.stdin)["seal"]["previous"] == sys.argv[1]' "$number" || fail "not in the JSON report"
for f in case dfxml premis; do
	"$CUSTODY" export -q --format $f --trust lab/trust -o next.$f next.asice >out 2>err && grep -q "another package, whose number is $number" next.$f || fail "not in the export: $f $(cat err)"
done
"$CUSTODY" seal $L --json -o json.asice in >out || fail "--json"
python3 - "$(sha256sum <json.asice | cut -c1-64)" <<'P' || fail "the JSON is not what it should be: $(cat out)"
import json, sys
r = json.load(open("out"))
assert r["schema"] == "custody-seal-result/1" and r["verdict"] == "VALID", r
assert r["package"]["sha256"] == sys.argv[1] and r["exceptions"] == []
assert r["seal"]["items"] == 7 and r["seal"]["case"] == "C-7" and r["time"]["independent"] is False and r["time"]["not_later_than"] is None
P

# what cannot be read: listed, nothing sealed; or accepted and said (as root every file can be read, so as somebody else)
if [ "$(id -u)" = 0 ]; then
	as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	mkdir un; echo secret >un/closed; echo open >un/open; mkdir un/shut; echo deep >un/shut/x; chmod 000 un/closed un/shut; chown -R 65534:65534 un lab
	mkdir out.d; chown 65534:65534 out.d; chmod 755 .
	code 74 closed $as "$CUSTODY" seal $L -o out.d/q.asice un
	grep -q shut err || fail "not all that cannot be read is listed"
	[ -z "$(ls -A out.d)" ] || fail "something is left after unreadable files"
	code 0 'EXCEPTION' $as "$CUSTODY" seal $L --accept-exceptions 'the disk is dying' -o out.d/x.asice un
	head -1 out | grep -q '2 EXCEPTIONS' || fail "exceptions are not on the first line: $(head -1 out)"
	code 0 VALID "$CUSTODY" verify --trust lab/trust out.d/x.asice
	head -3 out | grep -qi exception || fail "verify does not count exceptions first: $(cat out)"
	unzip -p out.d/x.asice custody/acquisition.json | grep -q 'the disk is dying' || fail "the reason is not recorded"
	tr -s ' \n' ' ' <out >flat && grep -q '1 source file changed or could not' flat && grep -q '1 folder could not be read' flat || fail "a folder is no file: $(cat out)"
	tr -s '\n ' '  ' <out | grep -q "as recorded and not checked: 'the disk is dying'" || fail "verify does not show the reason: $(cat out)"
	code 0 "Accepted     exceptions, for this reason, as stated: the disk is dying" "$CUSTODY" show out.d/x.asice
	code 0 '"exceptions_reason":"the disk is dying"' "$CUSTODY" show --json out.d/x.asice
	code 0 '"unread_folders":1,"exceptions_reason":"the disk is dying"' "$CUSTODY" verify --json --trust lab/trust out.d/x.asice
	code 0 'Folders without what lay in them, not read when it was sealed: 1' "$CUSTODY" extract --trust lab/trust -C out.d/back out.d/x.asice
	grep -q "the folder 'un/shut' could not be read when it was sealed" err || fail "extract makes a folder look empty: $(cat err)"
	code 0 'dir, could not be read: what lay in it is not known' "$CUSTODY" certificate --form fre-902-14 --trust lab/trust out.d/x.asice
	grep -q 'file, could not be read$' out || fail "a file that could not be read looks empty: $(cat out)"
	# a folder that gives its names and nothing else: what its links and devices are cannot be looked at
	mkdir un2 un2/names; echo read >un2/file; ln -s ../file un2/names/link; mknod un2/names/device b 7 0 || rm -f un2/names/device
	chown -hR 65534:65534 un2; chmod 444 un2/names
	code 0 'EXCEPTION' $as "$CUSTODY" seal $L --accept-exceptions 'names are all there is' -o out.d/y.asice un2
	code 0 VALID "$CUSTODY" verify --trust lab/trust out.d/y.asice
	code 0 '' "$CUSTODY" extract --trust lab/trust -C out.d/back2 out.d/y.asice
	[ "$(cat out.d/back2/un2/file)" = read ] || fail "a link that could not be read keeps the rest from being extracted"
	grep -q "'un2/names/link' (symlink): where it leads is not in the package" err || fail "extract loses a link without a word: $(cat err)"
	chown -R 0:0 lab
fi

# a symbolic link as argument is followed once, and both paths are recorded and told
mkdir -p real/case && echo x >real/case/file && ln -s real/case linked
code 0 VALID "$CUSTODY" seal $L -o linked.asice linked
unzip -p linked.asice custody/acquisition.json | grep -qF ',"followed":[{"path":"linked","target":"./real/case"}],"exceptions":[]' || fail "not recorded: $(unzip -p linked.asice custody/acquisition.json)"
code 0 "'linked' was a symbolic link; what was sealed lay at './real/case'" "$CUSTODY" verify --trust lab/trust linked.asice
code 0 'Link         linked to ./real/case' "$CUSTODY" show linked.asice
code 0 '"followed":[{"path":"linked","target":"./real/case"}]' "$CUSTODY" show --json linked.asice

# an interrupted run leaves nothing
truncate -s 3G big
"$CUSTODY" seal $L -o q.asice big >/dev/null 2>err & pid=$!
sleep 0.3; kill -TERM $pid; rc=0; wait $pid || rc=$?
[ $rc = 143 ] || fail "interrupted: exit $rc"
nothing_left interrupted

# neither does a killed one; where files without a name cannot be (decision 6), what is left has a hidden name, and the next run says so
"$CUSTODY" seal $L -o q.asice big >/dev/null 2>err & pid=$!
sleep 0.3; kill -KILL $pid; rc=0; wait $pid || rc=$?
[ $rc = 137 ] || fail "killed: exit $rc"
python3 -c 'import os; os.open(".", os.O_TMPFILE | os.O_RDWR)' 2>/dev/null && nothing_left killed
touch .left.asice.000123.tmp
code 0 "'.left.asice.000123.tmp' beside the output is what a killed run left" "$CUSTODY" seal $L -o left.asice in/a
[ -e .left.asice.000123.tmp ] && rm .left.asice.000123.tmp || fail "what another run may still write to was removed"
code 0 Sealed "$CUSTODY" seal $L -o left2.asice in/a
! grep -q 'killed run' err || fail "a leftover was seen that is not there"

# a full disk
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=1m none small 2>/dev/null; then
	head -c 3000000 /dev/urandom >noise
	rc=0; "$CUSTODY" seal $L -o small/f.asice noise >/dev/null 2>err || rc=$?
	left=$(ls -A small); umount small
	[ $rc = 74 ] && [ -z "$left" ] || fail "full disk: exit $rc, left '$left'"
	# full when the package is there and its record is not: it is sealed, and the record can be begun later
	mount -t tmpfs -o size=1m none small; head -c 1025000 /dev/urandom >noise
	rc=0; "$CUSTODY" seal $L -o small/f.asice noise >out 2>err || rc=$?
	left=$(ls -A small); cp small/f.asice . 2>/dev/null; umount small
	[ $rc = 74 ] && [ "$left" = f.asice ] || fail "full disk behind the package: exit $rc, left '$left': $(cat err)"
	grep -q "is sealed, but its custody record could not be begun" err || fail "full disk behind the package: $(cat err)"
	grep -qF "begin it later: custody record add sealed --lab lab small/f.asice" err || fail "the hint cannot be followed: $(cat err)"
	grep -q "custody record  not begun" out || fail "the form does not say that there is no record: $(cat out)"
	code 0 VALID "$CUSTODY" verify --trust lab/trust f.asice
	code 0 'event 1, sealed' "$CUSTODY" record add sealed --lab lab f.asice
	code 0 VALID "$CUSTODY" verify --trust lab/trust --record f.custody.asice f.asice
	grep -q '"result":"sealed, without a custody record: ' lab/journal.jsonl || fail "the journal does not say that there is no record"
fi

# a file on which a server of files holds a lease for its client: waited for, as whoever opens it plainly would
cat >lease.py <<'P'
import fcntl, os, signal, sys, time
told = []
signal.signal(signal.SIGIO, lambda *a: told.append(1))
f = os.open("leased/file", os.O_RDWR)
try:
    fcntl.fcntl(f, fcntl.F_SETLEASE, fcntl.F_WRLCK)
except OSError:
    sys.exit("no leases here")
open("lease.held", "w")
end = time.monotonic() + 20
while not told and time.monotonic() < end:
    time.sleep(0.05)
time.sleep(0.3)
fcntl.fcntl(f, fcntl.F_SETLEASE, fcntl.F_UNLCK)
P
mkdir leased; echo held >leased/file
for command in "seal $L --accept-exceptions whatever -o leased.asice leased" "hash leased"; do
	rm -f lease.held; python3 lease.py 2>/dev/null & holder=$!
	while [ ! -e lease.held ] && kill -0 $holder 2>/dev/null; do sleep 0.05; done
	# shellcheck disable=SC2086
	code 0 '' "$CUSTODY" $command
	wait $holder || true
	! grep -q unreadable err || fail "a leased file: $(cat err)"
done

# that this program may open no more files is no exception of the evidence, whatever was accepted
deep=deep$(printf '/d%.0s' {1..60}); mkdir -p "$deep"; echo there >"$deep/leaf"
code 74 "cannot read 'deep/d/d/" bash -c 'ulimit -n 30; exec "$@"' x "$CUSTODY" seal $L --no-identify --accept-exceptions 'whatever' -o q.asice deep
grep -q 'Too many open files$' err || fail "why is not said: $(cat err)"
nothing_left 'too few descriptors'
code 74 "not the item's fault" bash -c 'ulimit -n 30; exec "$@"' x "$CUSTODY" seal $L --no-identify -o q.asice deep
code 0 Sealed "$CUSTODY" seal $L -o deep.asice deep

# a file that gives more than its size says, as all of the kernel's own do: not taken for an empty one
if [ "$(stat -c %s /proc/version)" = 0 ] && [ "$(wc -c </proc/version)" -gt 0 ]; then
	code 74 'size was said to be 0 bytes, and more can be read' "$CUSTODY" seal $L -o q.asice /proc/version
	nothing_left 'a file without a size'
	code 0 'SEALED WITH 1 EXCEPTION' "$CUSTODY" seal $L --accept-exceptions 'its name is what counts' -o nosize.asice /proc/version
	code 0 source-changed-while-read "$CUSTODY" verify --trust lab/trust nosize.asice
fi

# the journal has a line for each
grep -c '"command":"seal"' lab/journal.jsonl >/dev/null || fail "nothing in the journal"
grep -q "$number" lab/journal.jsonl || fail "the package number is not in the journal"
if [ "$(id -u)" = 0 ]; then
	chattr +i lab/journal.jsonl 2>/dev/null && { rc=0; "$CUSTODY" seal $L -o q.asice in >/dev/null 2>&1 || rc=$?; chattr -i lab/journal.jsonl; [ $rc = 74 ] || fail "a journal that cannot be written: exit $rc"; nothing_left journal; }
fi
echo "seal: ok"
