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
# wherever a line breaks
says() { tr -s ' \n' ' ' <out | grep -qF -- "$(tr -s ' \n' ' ' <<<"$1" | sed 's/ $//')" || { echo "not said: $1"; cat out; failed=1; }; }
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

# What shows where it ends is named, to the byte: the head that was given, or the other copy, and the record.
sum() { sha256sum <"$1" | cut -c1-64; }
fours() { echo "$1" | sed 's/..../& /g; s/ $//'; }
flat() { tr -s ' \n' ' ' <out >flat.new && mv flat.new out; }
last=$(head_of "$record/three.record" 003) first=$(head_of "$record/three.record" 001)
cp "$record/three.record" "the copy.record"
try 0 --record "$record/three.record" --head "$first" --head "$last" --report given.html "$package"
flat
says "that it ends there is known by a head, which was given for this check"
says "record $record/three.record SHA-256 $(fours "$(sum "$record/three.record")") head $(fours "$first") the head of the record as of event 1 head $(fours "$last") the head of the record as of event 3"
tr -d '\n' <given.html | grep -oE '<tr><th scope="row">Its end.*' | sed 's/<\/tr>.*//' >out
says '<span class="tag t-g">given</span>'
! grep -q 'recorded' out || { echo "what rests on what was given is marked as recorded"; cat out; failed=1; }
try 0 --json --record "$record/three.record" --counterpart "the copy.record" "$package"
python3 -c 'import json, sys; d = json.load(open("out"))["inputs"]["record"]; assert d == { "file": sys.argv[1], "sha256": sys.argv[2], "heads": [], "counterpart": { "file": "the copy.record", "sha256": sys.argv[2], "events": 3 } }, d' \
	"$record/three.record" "$(sum "$record/three.record")" || failed=1
try 0 --record "$record/three.record" --counterpart "the copy.record" --head "$last" --report both.html "$package"
flat
says "counterpart the copy.record SHA-256 $(fours "$(sum "$record/three.record")") the same as the record up to event 3"
says "known by a head and by the counterpart's copy, which were given for this check"
grep -q "Counterpart.*copy.*the copy.record" both.html || { echo "the copy is not named in HTML"; failed=1; }
try 1 --json --record "$record/three.record" --head "$(echo "$last" | tr 0-9a-f 1-9a-f0)" "$package"
python3 -c 'import json; d = json.load(open("out"))["inputs"]["record"]; assert len(d["heads"]) == 1 and d["heads"][0]["event"] is None, d' || failed=1
try 0 --json "$package"
python3 -c 'import json; assert "record" not in json.load(open("out"))["inputs"]' || failed=1

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
says "anchored: by a head, which was given"
"$CUSTODY" record show --trust "$record/trust" --counterpart "the copy.record" "$record/three.record" >out || failed=1
says "anchored: the counterpart's copy, which was given, goes as far"
# a part of it that is known elsewhere is not called nothing: the findings say so, too
for by in --head="$(head_of "$record/three.record" 001)" --counterpart="$record/one.record"; do
	"$CUSTODY" record show --trust "$record/trust" "$by" "$record/three.record" >out || failed=1
	says "anchored up to event 1 of 3: what follows it is known from nowhere else, and later events may be missing"
	says "what is known elsewhere ends with event 1 of 3"
	! grep -q nowhere: out || { echo "known elsewhere, and yet not"; cat out; failed=1; }
done
# as people note it: in groups, in capitals
head=$(head_of "$record/three.record" 003 | tr a-f A-F | sed 's/..../& /g')
"$CUSTODY" record show --trust "$record/trust" --head "$head" "$record/three.record" >out || failed=1
says "anchored: by a head, which was given"
"$CUSTODY" record show --trust "$record/trust" "$FIXTURES/tampered/record-gap/transit.record" >out || failed=1
says "4 d 0 h between release and answer"
"$CUSTODY" record show --trust "$record/trust" "$FIXTURES/tampered/record-end-not-anchored/truncated.record" >out || failed=1
says "NOT ANSWERED"
"$CUSTODY" record show "$record/three.record" >out
[ $? = 2 ] || { echo "record show without anchors is not INDETERMINATE"; failed=1; }
says "by an authority that is not trusted here"
# nor does the stub of a package that was destroyed name anybody for certain whose certificate leads nowhere
"$CUSTODY" record show "$record/destroyed.record" >out
[ $? = 2 ] || failed=1
for did in 'sealed by' 'carried out by'; do
	says "$did 'Worthless Test Analyst', WHO IS NOT KNOWN FOR CERTAIN: see the findings"
done
"$CUSTODY" record show --json "$record/destroyed.record" >out
python3 -c 'import json
d = json.load(open("out")); assert d["destroyed"]["sealed_by"] and not d["destroyed"]["sealed_by_trusted"] and not any(e["time_trusted"] for e in d["events"]), d' || failed=1
"$CUSTODY" record show --json --trust "$record/trust" "$record/destroyed.record" >out
python3 -c 'import json
d = json.load(open("out")); assert d["destroyed"]["sealed_by_trusted"] and all(e["time_trusted"] for e in d["events"]), d' || failed=1
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

# Whoever makes a lab of the receiver's name can accept: the name says who it claims to be, and everything that names the holder says that this is not known.
for who in ann bob; do "$CUSTODY" init real-$who --org "Lab of $who" --name "$who Examiner" >/dev/null || failed=1; done
"$CUSTODY" init false-bob --org "Lab of bob" --name "bob Examiner" >/dev/null
mkdir handed both && echo x >handed/x && for f in signers tsas crls; do cat real-{ann,bob}/trust/$f.pem >both/$f.pem; done
"$CUSTODY" seal -q --lab real-ann -o passed.asice handed >/dev/null && "$CUSTODY" release --lab real-ann --to "bob Examiner" --purpose p --authority a passed.asice >/dev/null &&
	cp passed.custody.asice released.custody.asice && "$CUSTODY" accept --lab false-bob --trust both passed.asice >/dev/null || failed=1
try 2 --record passed.custody.asice passed.asice
"$CUSTODY" verify --trust both --record passed.custody.asice --report r.html passed.asice >out
[ $? = 2 ] || { echo "who accepted is not known, and yet"; failed=1; }
tr -s ' \n' ' ' <out >flat; grep -q "held by 'bob Examiner' since [^;]*; WHO SIGNED EVENT 3 IS NOT KNOWN FOR CERTAIN" flat || { echo "no mark in text"; cat out; failed=1; }
grep -q "held by .*WHO SIGNED EVENT 3 IS NOT KNOWN FOR CERTAIN" r.html || { echo "no mark in HTML"; failed=1; }
"$CUSTODY" record show --trust both passed.custody.asice >out
[ $? = 2 ] || failed=1
says "NOT JUDGED: something in this custody record cannot be judged; nothing is proved wrong."
says "held by 'bob Examiner'; WHO SIGNED EVENT 3 IS NOT KNOWN FOR CERTAIN: see the findings"
"$CUSTODY" record show --json --trust both passed.custody.asice >out
python3 -c 'import json; d = json.load(open("out")); assert d["result"] == "indeterminate" and [h["signer_trusted"] for h in d["holders"]] == [True, True, False], d' || { cat out; failed=1; }
# what the text has of an event, JSON has: with which certificate the release is to be answered, by whom of which office, what is attached, and who signed
echo 'a form' >form
cp released.custody.asice named.custody.asice && "$CUSTODY" release --lab real-ann --withdraw 'wrong form' --record named.custody.asice passed.asice >/dev/null &&
	"$CUSTODY" release --lab real-ann --to-certificate real-bob/certificates/bob-examiner.pem --to-organisation 'Lab of bob' --to-role clerk --attach form \
		-s seal_number='B\1' --purpose p --authority a --record named.custody.asice passed.asice >/dev/null || failed=1
certificate() { openssl x509 -in "$1" -outform DER | sha256sum | cut -c1-64; }
"$CUSTODY" record show --trust both named.custody.asice >out || failed=1
says "to the certificate with SHA-256 $(certificate real-bob/certificates/bob-examiner.pem)"
"$CUSTODY" record show --json --trust both named.custody.asice >out || failed=1
python3 -c 'import json, sys
e = json.load(open("out"))["events"][3]
assert e["certificate_sha256"] == sys.argv[1], e
assert e["receiver"] == {"name": "bob Examiner", "organisation": "Lab of bob", "role": "clerk", "id": None, "certificate_sha256": sys.argv[2]}, e
assert e["attachments"] == 1 and e["attached"] == [{"name": "form", "size": 7, "sha256": sys.argv[3]}], e' \
	"$(certificate real-ann/certificates/ann-examiner.pem)" "$(certificate real-bob/certificates/bob-examiner.pem)" "$(sum form)" || { cat out; failed=1; }
# an escape stands once in JSON, as it does in the text and in the report
"$CUSTODY" accept --lab real-bob --trust both -s seal_number=B-2 --record named.custody.asice passed.asice >/dev/null 2>&1 || failed=1
"$CUSTODY" record show --json --trust both named.custody.asice >out || failed=1
"$CUSTODY" verify --json --trust both --record named.custody.asice passed.asice >report.json || failed=1
python3 -c 'import json
found = [[f["detail"] for f in json.load(open(n))["findings"] if f["id"] == "record-discrepancy"] for n in ("out", "report.json")]
assert found == [["seal number {q}B-2{q} was found, {q}B{b}1{q} was on it when it was released".format(q=chr(39), b=chr(92) * 2)]] * 2, found' || failed=1
# and the one who was meant is not marked
cp released.custody.asice passed.custody.asice && "$CUSTODY" accept --lab real-bob --trust both passed.asice >/dev/null || failed=1
"$CUSTODY" verify --trust both --record passed.custody.asice passed.asice >out && ! grep -q 'NOT KNOWN FOR' out || { echo "the receiver is marked"; cat out; failed=1; }
"$CUSTODY" record show --trust both --head "$(head_of "$record/one.record" 001)" passed.custody.asice >out
[ $? = 1 ] || failed=1
says "PROVED WRONG: this custody record, or what it was compared with."

# ADM-61: destruction leaves a stub: the record alone says what existed and who ordered its end, and has no content, no name and no digest of an item.
mkdir evidence && echo 'the secret content' >evidence/secret-name.txt
"$CUSTODY" init lab --org Lab --name Ada >/dev/null && "$CUSTODY" seal -q --lab lab --case C-9 --exhibit E-9 -o gone.asice evidence >/dev/null || failed=1
destroy=(-s method=overwritten -s scope='the package and its backup' -s witness='Wanda Witness' -s survives='this record' --authority 'order 7' --purpose 'end of retention')
"$CUSTODY" record add destroyed --lab lab "${destroy[@]}" gone.custody.asice >out 2>err
[ $? = 64 ] && grep -qF "'destroyed' wants --package: what is to be destroyed is verified and measured first" err || { echo "destroyed, not measured"; cat err; failed=1; }
"$CUSTODY" record add destroyed --lab lab -s copy=W-1 "${destroy[@]}" gone.custody.asice >out 2>err || { echo "a copy that was destroyed"; cat err; failed=1; }
"$CUSTODY" record show --lab lab gone.custody.asice >out && ! grep -q 'The package was destroyed' out || { echo "a copy is not the package"; failed=1; }
"$CUSTODY" record add destroyed --lab lab --package gone.asice "${destroy[@]}" gone.custody.asice >out 2>err || { echo "record add destroyed"; cat err; failed=1; }
"$CUSTODY" verify --trust lab/trust --record gone.custody.asice gone.asice >out || failed=1
says 'record-after-destruction'
says "destroyed on "
number=$(sha256sum <gone.asice | cut -c1-64) item=$(sha256sum <evidence/secret-name.txt | cut -c1-64)
rm gone.asice
"$CUSTODY" record show --trust lab/trust gone.custody.asice >out || { echo "the stub: $?"; failed=1; }
for text in "$number" "case 'C-9'" "exhibit 'E-9'" "sealed by 'Ada'" "ordered by 'order 7'" "for 'end of retention'" "witness 'Wanda Witness'" "method 'overwritten'" \
	'2 items, 19 bytes of content' 'that it is not here is no fault of this record' 'it was this package' 'Not in this record: content, names, and digests of single items'; do
	says "$text"
done
! grep -q 'record-after-destruction' out || { echo "a stub is not held against itself"; failed=1; }
"$CUSTODY" record show --json --trust lab/trust gone.custody.asice >out || failed=1
python3 -c 'import json; d = json.load(open("out"))["destroyed"]; assert (d["event"], d["items"], d["bytes"], d["case"], d["digest_events"]) == (3, 2, 19, "C-9", [])' || { cat out; failed=1; }
# no content, no name, no digest that somebody could find by guessing: not in the file, and not in what its members unpack to
mkdir unpacked && (cd unpacked && unzip -q ../gone.custody.asice) && find gone.custody.asice unpacked -type f -exec cat {} + >all
for secret in 'secret content' secret-name "$item" "$(echo "$item" | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' | base64)"; do
	! grep -qaF -- "$secret" all || { echo "the stub tells '$secret'"; failed=1; }
done
try 66 --record gone.custody.asice gone.asice
grep -qF 'hint: if it was destroyed, custody record show says what its record still proves' err || { echo "no hint"; cat err; failed=1; }
# what follows it is odd, and told afterwards it is marked
cp gone.custody.asice again.custody.asice
"$CUSTODY" record add destroyed --lab lab --declared-later 'letter of the store' --occurred 2026-11-01T10:00:00+01:00 "${destroy[@]}" again.custody.asice >out 2>err || { cat err; failed=1; }
"$CUSTODY" record show --trust lab/trust again.custody.asice >out
says 'record-after-destruction'
says 'NOT measured for this event: which file it was, is a word'
exit $failed
