# SPDX-License-Identifier: Apache-2.0
# Two years of a laboratory, with faked clocks: lists renewed, an analyst added, a key rolled over, one revoked, one stolen, an authority changed and another one
# revoked. Every package of that time has the verdict that the rules give it, at each turn, and the journal tells the story. Day 0 is today.
set -eu
fail() { echo "$*"; exit 1; }
command -v faketime >/dev/null || { echo "there is no faketime"; exit 77; }
command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
at() { day=$1; shift; faketime -f "+${day}d" "$@"; }
# did DAY ARGUMENTS...: custody does it at that day
did() { day=$1; shift; at "$day" "$CUSTODY" "$@" >out 2>err </dev/null || fail "day $day: custody $*: $?: $(cat err)"; }
# refused DAY WANT WORDS ARGUMENTS...
refused() {
	day=$1 want=$2 words=$3; shift 3; rc=0
	at "$day" "$CUSTODY" "$@" >out 2>err </dev/null || rc=$?
	[ "$rc" = "$want" ] || fail "day $day: custody $*: exits $rc, want $want: $(cat err)"
	tr -s ' \n' ' ' <err | grep -qF -- "$(tr -s ' \n' ' ' <<<"$words" | sed 's/ $//')" || fail "day $day: custody $*: does not say '$words': $(cat err)"
}
number() { openssl crl -in "$1/trust/crls.pem" -noout -text | sed -n '/CRL Number/{n;s/ //gp;}'; }

export CUSTODY_LAB=$PWD/lab
printf 'what was received' >item
# own DAY NAME [--as WHO]: sealed on the laboratory's own word; stamped DAY NAME AUTHORITY [--as WHO]: with an independent time
own() { day=$1 name=$2; shift 2; did "$day" seal -q --no-identify --case "$day" --exhibit "$name" "$@" -o "$name.asice" item; verdict "$day" "$name" 0 time-own-word; }
stamped() {
	day=$1 name=$2 authority=$3; shift 3
	at "$day" python3 "$ROOT/tests/support/tsa.py" port log "$authority" & server=$!
	for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
	did "$day" seal -q --no-identify --case "$day" --exhibit "$name" --tsa "http://127.0.0.1:$(cat port)/good" "$@" -o "$name.asice" item
	rm port; wait $server # not killed: faketime would leave its semaphore, which a later process of the same number trips over
	verdict "$day" "$name" 0; grep -qF 'not later than' out || fail "day $day: $name: no proven time: $(cat out)"
}
# verdict DAY NAME EXIT [FINDING] [TRUST]: as judged that day by who has the trust folder of that day
verdict() {
	rc=0
	at "$1" "$CUSTODY" verify --trust "${5:-lab/trust}" "$2.asice" >out 2>err </dev/null || rc=$?
	[ "$rc" = "$3" ] || fail "day $1: $2: exits $rc, want $3: $(cat out err)"
	[ -z "${4:-}" ] || grep -qF -- "$4" out || fail "day $1: $2: does not say '$4': $(cat out)"
}
# renew DAY AUTHORITY...: the laboratory's own list, and those of the authorities
renew() {
	day=$1; shift
	did "$day" lab crl --root stick
	for a; do did "$day" lab crl --lab "$a"; did "$day" lab trust "$a/trust/crls.pem"; grep -qF 'in place of an older one' out || fail "day $day: $a: $(cat out)"; done
}

# ---- the first year ----
did 0 init -q lab --org "Lab of the City" --name "Ada Analyst"
did 0 init -q first --org "First Authority" --name "Somebody"
mv lab/root stick # the root is offline from now on
did 0 lab trust first/trust/tsas.pem; did 0 lab trust first/trust/crls.pem
did 0 lab certify "Ivy Intern" --root stick
own 0 ada-0-own; stamped 0 ada-0-proven first
rc=0; at 80 "$CUSTODY" seal --no-identify --case c --exhibit e -o x.asice item >out 2>err || rc=$?
[ $rc = 0 ] && grep -qF 'days left); make a new one with: custody lab crl' err || fail "day 80: no warning of the list's end: $rc: $(cat err)"
rm x.asice
refused 90 66 'revocation list ended' seal -q --case c --exhibit e -o x.asice item
renew 80 first
did 100 lab certify "Grace Examiner" --root stick
own 100 grace-100-own --as "Grace Examiner"; stamped 100 grace-100-proven first --as "Grace Examiner"
renew 160 first; renew 240 first
# another authority from now on; what the first one stamped still needs its root
did 300 init -q second --org "Second Authority" --name "Somebody"
did 300 lab trust second/trust/tsas.pem; did 300 lab trust second/trust/crls.pem
renew 320 first second
did 400 lab certify "Ada Analyst" --root stick; renew 400 first second
own 400 ada-400-own; stamped 400 ada-400-proven second

# ---- a key is stolen, and it shows 50 days later ----
since=$(date -u -d "+450 days" +%Y-%m-%dT%H:%M:%SZ)
cp -r lab stolen
own 460 grace-460-own --as "Grace Examiner"; stamped 460 grace-460-proven second --as "Grace Examiner"
renew 480 first second
everything="ada-0-own ada-0-proven grace-100-own grace-100-proven ada-400-own ada-400-proven"
for p in $everything grace-460-own grace-460-proven; do verdict 499 $p 0; done
cp -r lab/trust trust-499
did 500 lab revoke "Grace Examiner" --reason keyCompromise --since "$since" --root stick
grep -qF 'keyCompromise, since '"$since" out || fail "$(cat out)"
refused 501 66 'is revoked' seal -q --as "Grace Examiner" --case c --exhibit e -o x.asice item
# the thief sets the clock back to before that, and has the list of then
at 440 env CUSTODY_LAB="$PWD/stolen" "$CUSTODY" seal -q --no-identify --as grace-examiner --case c --exhibit e -o stolen-440.asice item >out 2>err || fail "stolen: $(cat err)"
after_the_theft() { # DAY
	for p in ada-0-own ada-400-own ada-400-proven; do verdict "$1" $p 0; done
	verdict "$1" grace-100-own 2 seal-revoked-no-proof-before # honest, but nothing shows it
	verdict "$1" stolen-440 2 seal-revoked-no-proof-before    # not, and nothing shows that either
	verdict "$1" grace-460-own 1 seal-revoked
	verdict "$1" grace-460-proven 1 seal-revoked
}
after_the_theft 510
verdict 510 ada-0-proven 0; verdict 510 grace-100-proven 0 'not later than' # proven before the theft
# who has only the old list does not know
verdict 510 grace-460-own 0 '' trust-499

# ---- the second year ----
renew 560 first second
did 600 lab certify --tsa time-stamping --root stick; own 600 ada-600-own
renew 640 first second
# the first authority ends its service: its key's stamps hold only under a later proof, which these packages do not have
did 650 lab revoke time-stamping --lab first --reason cessationOfOperation
did 650 lab trust first/trust/crls.pem
verdict 650 ada-0-proven 2 time-authority-expired; verdict 650 grace-100-proven 2 time-authority-expired; verdict 650 ada-400-proven 0
renew 720 second

# ---- the end ----
refused 735 66 'serves from' seal -q --as "Ivy Intern" --case c --exhibit e -o x.asice item
grep -qF 'custody lab certify' err || fail "no hint: $(cat err)"
own 735 ada-735-own; stamped 735 ada-735-proven second
after_the_theft 735
verdict 735 ada-600-own 0; verdict 735 ada-0-proven 2 time-authority-expired; verdict 735 ada-0-own 0
[ "$(number lab)" = 15 ] || fail "the last list is number $(number lab)"
did 735 lab show --json
python3 - <<'P' || fail "the end: $(cat out)"
import json
r = json.load(open('out'))
assert r['root']['here'] is False
assert {k['key']: k['state'] for k in r['keys']} == {'ada-analyst': 'earlier', 'ada-analyst--2': 'serves', 'grace-examiner': 'revoked', 'ivy-intern': 'ended',
    'time-stamping': 'earlier', 'time-stamping--2': 'serves'}, r['keys']
assert r['crls'][0]['own'] and r['crls'][0]['number'] == 15 and r['crls'][0]['revoked'] == 1 and r['crls'][0]['days_left'] in (74, 75), r['crls']
assert sorted(a['own'] for a in r['anchors']) == [False, False, True]
P

# ---- the journal tells it ----
python3 - "$since" <<'P' || fail "the journal: $(cat lab/journal.jsonl)"
import json, sys
lines = [json.loads(l) for l in open('lab/journal.jsonl')]
assert [l['time'] for l in lines if l['command'] not in ('verify', 'seal')] == sorted(l['time'] for l in lines if l['command'] not in ('verify', 'seal'))
story = [(l['command'], l['result']) for l in lines if l['command'] not in ('verify', 'seal', 'trust')]
kinds = [c for c, _ in story]
assert kinds == ['init', 'certify', 'crl', 'certify', 'crl', 'crl', 'crl', 'certify', 'crl', 'crl', 'revoke', 'crl', 'certify', 'crl', 'crl'], kinds
numbers = [int(r.split('revocation list ')[1].split()[0]) for c, r in story if 'revocation list' in r]
assert numbers == list(range(2, 16)), numbers
certified = [r for c, r in story if c == 'certify']
assert [r.split("'")[1] for r in certified[:3]] == ['Ivy Intern', 'Grace Examiner', 'Ada Analyst'] and 'for time-stamping: time-stamping--2' in certified[3], certified
revoked = [r for c, r in story if c == 'revoke']
assert len(revoked) == 1 and "revoked grace-examiner of 'Grace Examiner'" in revoked[0] and 'keyCompromise, since ' + sys.argv[1] in revoked[0], revoked
trusted = [l['result'] for l in lines if l['command'] == 'trust']
assert sum('trusted for time-stamps' in r for r in trusted) == 2, trusted
sealed = [l for l in lines if l['command'] == 'seal' and l['result'] == 'sealed']
assert len(sealed) == 12 and all(len(l['package']) == 64 for l in sealed), sealed
assert sum(l['result'].startswith('failed: ') for l in lines if l['command'] == 'seal') == 3
P
