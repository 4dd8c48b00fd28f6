#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# verify --record: the record's group in the verdict, its end, and what is said without one (ADM-51, 52, 53).
set -u
failed=0
record=$FIXTURES/record package=$FIXTURES/record/package.asice

# try EXIT ARGUMENTS...: out and err are what was said
try() {
	want=$1
	shift
	"$CUSTODY" verify --trust "$record/trust" "$@" >out 2>err
	got=$?
	[ $got = "$want" ] || { echo "verify $*: exit $got, want $want"; cat out err; failed=1; }
}
# says TEXT: in out
says() { grep -qF -- "$1" out || { echo "not said: $1"; cat out; failed=1; }; }
head_of() { unzip -p "$1" "META-INF/signature$2.p7s" | sha256sum | cut -c1-64; }

try 0 "$package"
says "no custody record was presented"

# A record beside the package is not looked at unseen, and the note is no part of the report.
cp "$package" beside.asice && cp "$record/three.record" beside.custody.asice
try 0 beside.asice
says "no custody record was presented"
grep -qF "note: a custody record lies beside the package and was not looked at: --record 'beside.custody.asice'" err || { echo "no note"; cat err; failed=1; }
try 0 --quiet beside.asice
[ ! -s err ] || { echo "not quiet"; cat err; failed=1; }

try 0 --json --record "$record/three.record" "$package"
says '"custody":"pass"'
says 'record-end-not-anchored'
says 'later events may be missing'

try 0 --json --record "$record/three.record" --head "$(head_of "$record/three.record" 003)" "$package"
says '"custody":"pass"'
! grep -q 'record-end-not-anchored' out || { echo "anchored, and yet not"; failed=1; }

try 1 --json --record "$record/one.record" --head "$(head_of "$record/three.record" 003)" "$package"
says '"custody":"fail"'
says 'record-head-missing'

# What page one says of the record is no more than was shown.
try 0 --record "$record/three.record" "$package"
says 'custody       passed          every event of the custody record holds; whether later ones are'
try 0 --record "$record/three.record" --head "$(head_of "$record/three.record" 003)" "$package"
says 'custody       passed          every event of the custody record holds, and that it ends there is'

for f in record-fork/later record-double-release/twice record-replayed/accepted-again record-wrong-party/accepted-by-other record-chain-broken/deleted; do
	try 1 --record "$FIXTURES/tampered/$f.record" "$package"
	says "${f%/*}"
done
try 2 --record "$FIXTURES/tampered/record-newer-format/type.record" "$package"

# What is no question.
try 64 --head "$(head_of "$record/one.record" 001)" "$package"
try 64 --record "$record/one.record" --head 12 "$package"
try 64 --record "$record/one.record" "$package" "$package"
try 66 --record nowhere.custody.asice "$package"

# The chain, drawn.
"$CUSTODY" record show --trust "$record/trust" "$record/three.record" >out || { echo "record show: $?"; failed=1; }
says "Every event of this custody record holds."
says "held by 'Worthless Test Receiver'"
says "anchored nowhere: later events may be missing"
"$CUSTODY" record show --trust "$record/trust" --head "$(head_of "$record/three.record" 003)" "$record/three.record" >out || failed=1
says "its head was noted elsewhere"
# as people note it: in groups, in capitals
head=$(head_of "$record/three.record" 003 | tr a-f A-F | sed 's/..../& /g')
"$CUSTODY" record show --trust "$record/trust" --head "$head" "$record/three.record" >out || failed=1
says "its head was noted elsewhere"
"$CUSTODY" record show --trust "$record/trust" "$FIXTURES/tampered/record-gap/transit.record" >out || failed=1
says "4 d 0 h between release and answer"
"$CUSTODY" record show --trust "$record/trust" "$FIXTURES/tampered/record-end-not-anchored/truncated.record" >out || failed=1
says "NOT ANSWERED"
"$CUSTODY" record show "$record/three.record" >out
[ $? = 2 ] || { echo "record show without anchors is not INDETERMINATE"; failed=1; }
says "by an authority that is not trusted here"
for f in "$FIXTURES"/tampered/record-*/*.record "$record"/*.record; do
	"$CUSTODY" record show --json --trust "$record/trust" "$f" >out
	code=$?
	python3 -c 'import json,sys; d=json.load(open("out")); sys.exit(0 if d["passed"] == (int(sys.argv[1]) == 0) else 1)' $code || { echo "$f: exit $code"; failed=1; }
	case $f in
	*/record-chain-broken/*|*/record-fork/*|*/record-back-dated/*|*/record-malformed/*) [ $code = 1 ] || { echo "$f: exit $code, want 1"; failed=1; } ;;
	esac
done
"$CUSTODY" record draw "$record/one.record" >out 2>err
[ $? = 64 ] || { echo "record draw: not refused"; failed=1; }
exit $failed
