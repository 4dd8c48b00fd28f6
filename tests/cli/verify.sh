# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# custody verify: exit codes, anchors, several packages, reports; the verdicts themselves are tested on the fixtures.
set -u
fail() { echo "$*"; exit 1; }
code() {
	want=$1 rc=0
	shift
	"$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(head -c 300 out) $(cat err)"
}
# wherever a line breaks
said() { tr -s ' \n' ' ' <"$1" | grep -qF -- "$(tr -s ' \n' ' ' <<<"$2" | sed 's/ $//')" || fail "$1 does not say '$2': $(cat "$1")"; }
first() { head -n 1 out | grep -q "^$1" || fail "the first line is '$(head -n 1 out)', want $1"; }
field() { python3 -c 'import json,sys
for line in open("out"):
    r = json.loads(line)
    for k in sys.argv[1].split("."): r = r[int(k) if k.isdigit() else k]
    print(r)' "$1"; }

good=$FIXTURES/sealed/own-p256.asice trust=$FIXTURES/sealed/trust-own
mkdir p && cp "$good" p/good.asice
number=$(sha256sum <p/good.asice | cut -c1-64)

# the three values
code 0 "$CUSTODY" verify --trust "$trust" p/good.asice && first 'VALID: '
said out "Package number $(echo "$number" | sed 's/..../& /g; s/ $//')" && said out 'compare with the number on the form'
code 2 "$CUSTODY" verify p/good.asice && first 'INDETERMINATE: ' && said out 'no-anchors'
head -c -1 p/good.asice >p/cut.asice
code 1 "$CUSTODY" verify --trust "$trust" p/cut.asice && first 'INVALID: ' && said out zip-end-record
: >p/empty && code 1 "$CUSTODY" verify --trust "$trust" p/empty && first 'INVALID: '
code 0 "$CUSTODY" verify --json --trust "$trust" p/good.asice
[ "$(field verdict) $(field package.sha256) $(field groups.time)" = "VALID $number own-word" ] || fail "$(cat out)"
[ "$(field time.not_later_than)" = None ] || fail "own word proves nothing: $(cat out)"

# what is no package, and what is not there
mkfifo fifo
for x in none none/none . /dev/zero fifo; do
	code 66 timeout 20 "$CUSTODY" verify --trust "$trust" "$x" && said err "cannot verify '$x': "
	[ ! -s out ] || fail "$x: something on stdout"
	code 66 timeout 20 "$CUSTODY" verify --trust "$trust" --json "$x"
	[ "$(field verdict) $(field package.sha256)" = 'None None' ] || fail "$(cat out)"
done

# anchors
code 66 "$CUSTODY" verify --trust none p/good.asice && code 66 "$CUSTODY" verify --trust p/good.asice p/good.asice
code 66 "$CUSTODY" verify --lab none p/good.asice
mkdir pem && : >pem/signers.pem && code 2 "$CUSTODY" verify --trust pem p/good.asice && said out no-anchors
printf -- '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' >pem/signers.pem
code 65 "$CUSTODY" verify --trust pem p/good.asice
# a name in the folder that leads to nothing was meant to be looked at: a revocation list passed over would be a revocation ignored
for x in signers tsas crls; do
	cp -r "$trust" gone && ln -sf nowhere.pem gone/$x.pem
	code 66 "$CUSTODY" verify --trust gone p/good.asice && said err "'gone/$x.pem' is a symbolic link that leads to nothing, want a file"
	[ ! -s out ] || fail "$x: $(cat out)"
	rm -r gone
done
cp -r "$trust" p/trust && code 0 "$CUSTODY" verify --trust p/trust p/good.asice && said out anchors-beside-package
code 0 "$CUSTODY" verify --trust "$trust" p/good.asice && ! grep -q anchors-beside-package out || fail "anchors elsewhere are not beside"
mkdir q && mv p/trust q/ && ln -s ../q/trust p/trust && code 0 "$CUSTODY" verify --trust p/trust p/good.asice
! grep -q anchors-beside-package out || fail "a link to anchors elsewhere is not beside"

# the number on the form
upper=$(echo "$number" | tr a-f A-F | sed 's/..../& /g')
code 0 "$CUSTODY" verify --trust "$trust" --expect "$upper" p/good.asice && said out 'expected: matched'
code 1 "$CUSTODY" verify --trust "$trust" --expect "$(echo "$number" | tr 0-9a-f 1-9a-f0)" p/good.asice && said out not-the-package-expected
for x in '' 12 "$number 0" "${number%?}g"; do code 64 "$CUSTODY" verify --expect "$x" p/good.asice; done
code 64 "$CUSTODY" verify --expect "$number" p/good.asice p/good.asice

# time
code 64 "$CUSTODY" verify --at 2999-01-01 p/good.asice && said err future && code 64 "$CUSTODY" verify --at yesterday p/good.asice
code 0 "$CUSTODY" verify --trust "$trust" --at 2026-11-20T12:00:00+02:00 p/good.asice
first 'VALID as at 2026-11-20T10:00:00Z, chosen by the user'

# several: one line each, the worst counts
code 1 "$CUSTODY" verify --json --trust "$trust" p/good.asice none p/cut.asice
[ "$(field verdict | tr '\n' ' ')" = 'VALID None INVALID ' ] || fail "$(cat out)"
code 66 "$CUSTODY" verify --json --trust "$trust" p/good.asice none
code 66 "$CUSTODY" verify none p/good.asice
code 2 "$CUSTODY" verify p/good.asice p/good.asice

# reports
code 64 "$CUSTODY" verify --report r.htm p/good.asice && said err '.html, .pdf, .txt or .json' && code 64 "$CUSTODY" verify --report r p/good.asice
code 0 "$CUSTODY" verify --trust "$trust" --report r.json p/good.asice && python3 -m json.tool r.json >/dev/null || fail "r.json"
code 66 "$CUSTODY" verify --trust "$trust" --report r.json p/good.asice && said err exists
code 0 "$CUSTODY" verify --trust "$trust" --report r.txt --json p/good.asice && head -n 1 r.txt | grep -q '^VALID' || fail "r.txt"
code 66 "$CUSTODY" verify --report none/r.txt p/good.asice
code 66 "$CUSTODY" verify --trust "$trust" --report s.json none && grep -q '"verdict":null' s.json || fail "s.json"
[ -z "$(find . -name '*.tmp')" ] || fail "temporaries are left: $(ls -A)"

# threads change nothing, and none is no number of them, for no command
for c in verify "extract -C x" "export -f case -o x" "certificate --form neutral" hash "audit -k p"; do
	code 64 "$CUSTODY" $c -j0 p/good.asice && said err "--jobs is '0', want a number from 1 to 256"
done
code 0 "$CUSTODY" verify --trust "$trust" --json -j1 p/good.asice && sed 's/"evaluated_at":"[^"]*"//; s/"local_time":"[^"]*"//' out >j0
code 0 "$CUSTODY" verify --trust "$trust" --json -j8 p/good.asice && sed 's/"evaluated_at":"[^"]*"//; s/"local_time":"[^"]*"//' out | cmp - j0 || fail "-j8 differs"

# names
odd=$(printf 'p/a\033[31m\nb\xff.asice') && cp p/good.asice "$odd"
code 0 "$CUSTODY" verify --trust "$trust" "$odd" && said out 'a\u{001b}[31m\u{000a}b\xff.asice'
code 0 "$CUSTODY" verify --trust "$trust" --json "$odd" && field package.path_b64 | base64 -d | cmp - <(printf %s "$odd") || fail "path_b64"
code 66 "$CUSTODY" verify "$(printf 'no\033[31m')" && said err 'no\u{001b}[31m'
LC_ALL=C grep -q "$(printf '\033')" out err && fail "an escape character got out"

# the journal, and what happens without one
[ "$("$CUSTODY" --help | grep -c '^  init ')" = 0 ] && exit 0
"$CUSTODY" init lab --org O --name N >/dev/null || fail "init"
n=$(wc -l <lab/journal.jsonl)
code 2 "$CUSTODY" verify --lab lab p/good.asice && said out 'your own lab'
[ "$(wc -l <lab/journal.jsonl)" = $((n + 1)) ] || fail "not one line in the journal"
tail -n 1 lab/journal.jsonl | python3 -c 'import json,sys; e=json.load(sys.stdin); sys.exit(not (e["command"] == "verify" and e["result"] == "INDETERMINATE" and e["package"] == sys.argv[1] and e["self_test"] == "passed"))' "$number" || fail "$(tail -n 1 lab/journal.jsonl)"
code 66 "$CUSTODY" verify --lab lab none && tail -n 1 lab/journal.jsonl | grep -q 'failed: no such file' || fail "$(tail -n 1 lab/journal.jsonl)"
# of several packages each has a line, and the line names that one alone
code 66 "$CUSTODY" verify -q --lab lab none --json -- p/good.asice ./p/good.asice
[ "$(tail -n 3 lab/journal.jsonl | python3 -c 'import json,sys; print([json.loads(l)["arguments"] for l in sys.stdin])')" = "[['-q', '--lab', 'lab', '--json', '--', 'none'], ['-q', '--lab', 'lab', '--json', '--', 'p/good.asice'], ['-q', '--lab', 'lab', '--json', '--', './p/good.asice']]" ] || fail "$(tail -n 3 lab/journal.jsonl)"
code 66 "$CUSTODY" verify --trust "$trust" --record no-record p/good.asice && said err "the custody record 'no-record': no such file"

# a verdict that nobody can read is none, and why is said as it is
for json in '' --json; do
	rc=0 && "$CUSTODY" verify $json --trust "$trust" p/good.asice >/dev/full 2>err || rc=$?
	[ $rc = 74 ] && said err 'cannot write to standard output: No space left on device'
done

mv lab .custody && code 2 "$CUSTODY" verify p/good.asice && said out 'your own lab'
code 2 env HOME=/nonexistent CUSTODY_LAB= "$CUSTODY" verify p/good.asice && said out 'no-anchors'
# a default lab that this account may not look at (HOME left at another's): it was only wanted for its journal, unless its anchors are needed
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	mkdir -m 700 other && mkdir -m 755 seen && cp -r "$trust" p/good.asice "$CUSTODY" seen/ && chmod -R a+rX seen
	as='setpriv --reuid 65534 --regid 65534 --clear-groups env HOME='$PWD/other' CUSTODY_LAB='
	if (cd seen && $as test -r good.asice); then
		(
			cd seen || exit 1
			code 0 $as ./custody verify --trust trust-own good.asice && said out 'not journalled' && said err 'cannot look for the lab'
			code 74 $as ./custody verify good.asice && said err 'cannot look for the lab'
			code 74 $as ./custody verify --lab ../other/.custody --trust trust-own good.asice
		) || exit 1
	fi
fi
rm .custody/journal.jsonl && mkdir .custody/journal.jsonl
code 2 "$CUSTODY" verify p/good.asice && said out 'not journalled' && said err 'not journalled'
exit 0
