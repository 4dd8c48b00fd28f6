#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# record add, release and accept (ADM-52, ADM-53): what is refused and why, what stays as it was then, exit codes, the journal.
set -eu

fail() { echo "handover.sh: $*" >&2; exit 1; }
# code WANT WORDS COMMAND...: the exit code, and words that must be in what it says
code() {
	want=$1 words=$2; shift 2; rc=0
	"$@" >out 2>err </dev/null || rc=$?
	[ "$rc" = "$want" ] || fail "'$*' exits $rc, want $want: $(cat err)"
	cat out err | tr -s ' \n' ' ' | grep -qF -- "$(tr -s ' \n' ' ' <<<"$words" | sed 's/ $//')" || fail "'$*' does not say '$words': $(cat out err)"
}
# refused WANT WORDS COMMAND...: and the record is what it was, to the bit
refused() {
	sum=$(sha256sum <a/p.custody.asice); code "$@"
	[ "$(sha256sum <a/p.custody.asice)" = "$sum" ] || fail "'${*:3}' changed the record"
	[ -z "$(find a -name '*.tmp')" ] || fail "'${*:3}' left something"
}
events() { "$CUSTODY" record show --json --trust all a/p.custody.asice | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["events"]))'; }

for l in ada bob cy; do "$CUSTODY" init $l --org "Lab of $l" --name "Analyst ${l^}" >/dev/null 2>&1; done
mkdir all a in; for f in signers tsas crls; do cat {ada,bob,cy}/trust/$f.pem >all/$f.pem; done
echo evidence >in/x
"$CUSTODY" seal -q --lab ada -o a/p.asice in >/dev/null
"$CUSTODY" seal -q --lab ada -o a/other.asice in >/dev/null
R=a/p.custody.asice WHY=(--purpose analysis --authority "order 17")
add() { "$CUSTODY" record add "$@"; }

# what a person leaves out, or puts in wrong
for c in accept "release --to Bob --purpose p --authority a"; do
	rc=0; "$CUSTODY" $c --lab ada nowhere.asice >out 2>err || rc=$?
	[ $rc = 66 ] && grep -qF "'nowhere.asice': the package: no such file" err || { echo "$c of nothing: $rc $(cat err)"; exit 1; }
done
refused 64 "there is no event 'incidnt'" add incidnt --lab ada $R; grep -qF 'did you mean incident?' err
refused 64 'other:NAME' add whatever-it-was --lab ada $R
refused 64 "'found_how' is missing" add incident --lab ada -s what=x $R
refused 64 "'incident' has no field 'colour'" add incident --lab ada -s what=x -s colour=red $R; grep -qF 'its fields are what, found_how, effect, remedy' err
refused 64 "'what' is given twice" add incident --lab ada -s what=x -s what=y $R
refused 64 '--set wants KEY=VALUE' add incident --lab ada -s what $R
refused 64 "'purpose' is missing" add accessed --lab ada -s what=x -s read_only=yes $R
refused 64 "'authority' is missing" add accessed --lab ada -s what=x -s read_only=yes --purpose p $R
refused 64 "'read_only' wants yes or no" add accessed --lab ada -s what=x -s read_only=maybe "${WHY[@]}" $R
refused 64 "'copy_kind' wants one of: master working court defence" add copied --lab ada -s copy=1 -s copy_kind=odd -s copy_sha256=@in/x $R
refused 64 "'copy_sha256' wants a SHA-256" add copied --lab ada -s copy=1 -s copy_kind=court -s copy_sha256=12 $R
refused 66 "'copy_sha256': no such file" add copied --lab ada -s copy=1 -s copy_kind=court -s copy_sha256=@nowhere $R
refused 64 "'since' wants a time with its zone" add key-event --lab ada -s what=lost -s certificate=@in/x -s since=2026-11-24 $R
refused 64 "'target' wants a number" add corrected --lab ada -s target=first -s wrong=x -s right=y -s reason=z $R
refused 64 '--occurred wants a time with its zone' add incident --lab ada -s what=x -s found_how=y -s effect=z --occurred yesterday $R
refused 64 "'occurred' is missing, and it is declared later" add incident --lab ada -s what=x -s found_how=y -s effect=z --declared-later log $R
refused 64 "'to' is missing" add disclosed --lab ada -s capacity=x -s what=y "${WHY[@]}" $R
refused 64 "--to is missing" add disclosed --lab ada -s capacity=x -s what=y --to-role judge "${WHY[@]}" $R
refused 64 "'to' is given, and an event of this type has no receiver" add incident --lab ada -s what=x -s found_how=y -s effect=z --to Bob $R
refused 66 "attachment 'nowhere': no such file" add incident --lab ada -s what=x -s found_how=y -s effect=z --attach nowhere $R
refused 64 'wants 1 to 4096 bytes of UTF-8' add incident --lab ada -s what= -s found_how=y -s effect=z $R
refused 64 "'released' is for two parties: custody release" add released --lab ada $R
refused 64 "'refused' is for two parties: custody accept --refuse" add refused --lab ada $R
refused 64 'add has no --head' add incident --head 00 --lab ada $R
refused 64 'show has no such option' "$CUSTODY" record show --purpose x $R
refused 64 'there is no action' "$CUSTODY" record drop x $R
refused 66 'exists already' add sealed --lab ada a/p.asice
refused 66 'corrects event 9, want one before it; nothing was written' add corrected --lab ada -s target=9 -s wrong=x -s right=y -s reason=z $R
code 66 'there is no lab' env -u CUSTODY_LAB HOME=/nonexistent "$CUSTODY" record add incident -s what=x -s found_how=y -s effect=z $R
code 66 'no such file' add incident --lab ada -s what=x -s found_how=y -s effect=z nowhere.custody.asice
refused 75 'not reached' add incident --lab ada --tsa http://127.0.0.1:9/ -s what=x -s found_how=y -s effect=z $R
[ "$(events)" = 1 ] || fail "something was written"

# a record is begun by who sealed, and by nobody else
mv a/other.custody.asice kept
code 66 'the first event is not signed by the one who sealed the package' add sealed --lab bob --trust ada/trust a/other.asice
[ ! -e a/other.custody.asice ] || fail "a record was begun by somebody else"
code 0 'event 1, sealed' add sealed --lab ada --record a/second.custody.asice a/other.asice
cp a/other.asice bad.asice; printf X | dd of=bad.asice bs=1 seek=5000 conv=notrunc 2>/dev/null
code 1 'the package is INVALID' add sealed --lab ada bad.asice
[ ! -e bad.custody.asice ] || fail "a record of an INVALID package was begun"
code 1 'record-wrong-package' add incident --lab ada -s what=x -s found_how=y -s effect=z --package a/other.asice $R

# handing over: what cannot be
refused 64 "'to' is missing" "$CUSTODY" release --lab ada "${WHY[@]}" a/p.asice
refused 64 "'purpose' is missing" "$CUSTODY" release --lab ada --to X a/p.asice
refused 64 "'released' has no field 'discrepancy'" "$CUSTODY" release --lab ada --to X "${WHY[@]}" -s discrepancy=y a/p.asice
refused 66 'no release in the record waits' "$CUSTODY" accept --lab bob --trust ada/trust a/p.asice
refused 66 'no release in the record waits' "$CUSTODY" release --lab ada --withdraw why a/p.asice
refused 1 'record-wrong-package' "$CUSTODY" release --lab ada --to X "${WHY[@]}" --record $R a/other.asice
refused 64 "'Analyst Ada' is who releases" "$CUSTODY" release --lab ada --to 'Analyst Ada' "${WHY[@]}" a/p.asice; grep -qF -- '--to-certificate' err || fail "no hint: $(cat err)"
refused 2 'seal-untrusted' "$CUSTODY" release --lab bob --to X "${WHY[@]}" a/p.asice
refused 66 'no such file' "$CUSTODY" release --lab ada --to X "${WHY[@]}" $R; grep -q '^hint: that is the name of a custody record' err || fail "no hint: $(cat err)"
refused 65 'custody/seal.json' add sealed --lab ada $R; grep -q '^hint: that is the name of a custody record' err || fail "no hint: $(cat err)"
refused 66 "released by 'Analyst Bob', while 'Analyst Ada' held the package" "$CUSTODY" release --lab bob --trust ada/trust --to X "${WHY[@]}" a/p.asice
code 66 'no such file' "$CUSTODY" release --lab ada --to X "${WHY[@]}" bad.asice
# nobody takes over from themselves: neither by that certificate, nor by that of their next key
"$CUSTODY" lab certify --lab ada "Analyst Ada" >/dev/null 2>&1
ls ada/certificates/analyst-ada*.pem >own; [ "$(wc -l <own)" = 2 ] || fail "there is no next key: $(cat own)"
while read -r own; do
	refused 64 "the certificate of --to-certificate is that of 'Analyst Ada', who releases: nobody takes over from themselves" "$CUSTODY" release --lab ada --to-certificate "$own" "${WHY[@]}" a/p.asice
	grep -q '^hint: give the certificate of whoever takes over' err || fail "no hint: $(cat err)"
done <own
cat bob/certificates/*.pem >two.pem
refused 66 '--to-certificate has 2 certificates, want one' "$CUSTODY" release --lab ada --to-certificate two.pem "${WHY[@]}" a/p.asice

code 0 'event 2, released' "$CUSTODY" release --lab ada --to-certificate bob/certificates/analyst-bob.pem "${WHY[@]}" a/p.asice
grep -q 'Analyst Bob' out || fail "the name in the certificate is not the receiver's: $(cat out)"
refused 66 record-double-release "$CUSTODY" release --lab ada --to X "${WHY[@]}" a/p.asice; grep -qF 'hint: custody release --withdraw REASON' err || fail "no hint: $(cat err)"
refused 66 "accepted by 'Analyst Cy', while it was released to 'Analyst Bob' with a certificate named there" "$CUSTODY" accept --lab cy --trust all a/p.asice
refused 66 record-wrong-party "$CUSTODY" accept --lab cy --trust all --refuse no a/p.asice
refused 66 record-wrong-party "$CUSTODY" accept --lab ada a/p.asice
refused 66 record-wrong-party "$CUSTODY" release --lab bob --trust ada/trust --withdraw why a/p.asice
refused 2 'seal-untrusted' "$CUSTODY" accept --lab bob a/p.asice; grep -q 'discrepancy=TEXT' err || fail "no hint: $(cat err)"
cp a/p.asice damaged.asice; printf X | dd of=damaged.asice bs=1 seek=5000 conv=notrunc 2>/dev/null
refused 1 'INVALID' "$CUSTODY" accept --lab bob --trust ada/trust --record $R damaged.asice; grep -q -- '--refuse REASON' err || fail "no hint: $(cat err)"
refused 1 record-wrong-package "$CUSTODY" accept --lab bob --trust ada/trust --record $R a/other.asice
# acting on what is on its way is odd, and not wrong
code 0 "custody: warning: record-gap: 'accessed' while the package was on its way" add accessed --lab ada -s what=mail -s read_only=yes "${WHY[@]}" $R

# refused, with what was found; who released it still holds it
code 0 'event 4, refused' "$CUSTODY" accept --lab bob --trust ada/trust --refuse "not what was announced" --record $R damaged.asice
grep -qF "record-discrepancy: refused: 'not what was announced'" err || fail "no warning of the refusal"
grep -qF "; another file was found than was released" err && grep -q 'found instead' out && grep -q 'ANOTHER ONE' out && ! grep -q 'not measured' out ||
	fail "what is printed does not say that another file was found: $(cat out err)"
code 0 VALID "$CUSTODY" verify --trust all --record $R a/p.asice
tr -s ' \n' ' ' <out | grep -qF 'ANOTHER FILE WAS FOUND, with SHA-256' || fail "the report does not say that another file was found: $(cat out)"
unzip -p $R META-INF/custody/0004.json | grep -q "\"found\":\"$(sha256sum <damaged.asice | cut -c1-64)\"" || fail "what was found is not in the event"
refused 66 'no release in the record waits' "$CUSTODY" accept --lab bob --trust ada/trust a/p.asice
code 0 'event 5, released' "$CUSTODY" release --lab ada --trust bob/trust --to "Analyst Cy" "${WHY[@]}" a/p.asice
code 0 'event 6, withdrawn' "$CUSTODY" release --lab ada --trust bob/trust --withdraw "the courier is ill" a/p.asice
# without anchors: only with a word on it
code 0 'event 7, released' "$CUSTODY" release --lab ada --trust bob/trust --to "Analyst Bob" "${WHY[@]}" -s conditions="no copy leaves the house" a/p.asice
# ADM-52: the code of the release goes over on paper, and is compared
release_code=$(sed -n 's/^  release code *//p' out)
[ "$(echo "$release_code" | cut -d';' -f1 | tr -d -)" = "$(sed -n '/head of record/s/^  head of record *//p' out | tr -d ' ' | cut -c1-16)" ] || fail "the code is not the head's: $(cat out)"
refused 64 'its check digit is wrong' "$CUSTODY" accept --lab bob --release-code "${release_code%;*};x" a/p.asice
refused 64 'its check digit is wrong' "$CUSTODY" accept --lab bob --release-code 0000-0000-0000-0001 a/p.asice
refused 66 "the release in the record has the code $release_code, want that of --release-code" "$CUSTODY" accept --lab bob --trust ada/trust --release-code '0000-0000-0000-0000;0' a/p.asice
refused 66 "the release in the record has the code $release_code" "$CUSTODY" accept --lab bob --trust ada/trust --refuse no --release-code '0000-0000-0000-0000;0' a/p.asice
refused 2 'INDETERMINATE' "$CUSTODY" accept --lab bob a/p.asice
cp $R unanswered
code 0 'event 8, accepted' "$CUSTODY" accept --lab bob --trust ada/trust --record unanswered a/p.asice
grep -qF "the release has conditions, as stated: no copy leaves the house" err || fail "whoever accepts is not told the conditions of the release: $(cat err)"
code 0 VALID "$CUSTODY" verify --trust all --record unanswered a/p.asice
tr -s ' \n' ' ' <out | grep -qF "conditions of this, as stated: 'no copy leaves the house'" || fail "conditions of the release are not in the report: $(cat out)"
code 0 '"type":"accepted"' "$CUSTODY" accept --lab bob -s discrepancy="their anchors did not come" --release-code "$(echo "$release_code" | tr 'a-f;-' 'A-F  ')" --json a/p.asice
python3 -c 'import json; d = json.load(open("out")); assert d["schema"] == "custody-record-written/1" and d["event"]["type"] == "accepted" and d["package"]["measured"], d' ||
	fail "the JSON is not what it should be: $(cat out)"
code 0 VALID "$CUSTODY" verify --trust all --record $R a/p.asice

# history from paper is told afterwards, and marked (ADM-56); the number of a bag's seal is a field, and so is what does not fit (ADM-57)
code 0 'event 9, received' add received --lab bob --trust ada/trust -s channel=courier -s sender="Analyst Ada" -s seal_number=B-77 -s condition="bag torn" \
	-s discrepancy="the form says B-78" --occurred 2026-11-24T10:00:00+01:00 --declared-later "paper log, page 3" --attach in/x --place "vault 2" $R
code 0 'DECLARED LATER' "$CUSTODY" record show --trust all $R
# a file with a name that is no plain text is named as it is everywhere else, and its escapes are not escaped again
odd=$'in/\\b\xff\n'; cp in/x "$odd"; cp $R odd.record
code 0 'event 10, incident' add incident --lab bob --trust ada/trust -s what=w -s found_how=x -s effect=y --attach "$odd" odd.record; rm "$odd"
code 0 "attached '\\\\b\\xff\\u{000a}', 9 bytes" "$CUSTODY" record show --trust all odd.record
"$CUSTODY" verify -q --trust all --record odd.record a/p.asice | tr -s ' \n' ' ' | grep -qF "attached: '\\\\b\\xff\\u{000a}' with SHA-256" || fail "the report names the file otherwise"
"$CUSTODY" record show --json --trust all odd.record | python3 -c 'import json, sys
assert json.load(sys.stdin)["events"][9]["attached"][0]["name"] == r"\\b\xff\u{000a}"' || fail "JSON does not name the file as it is named elsewhere"
code 0 'DECLARED LATER' "$CUSTODY" record show --trust all $R
for w in "seal_number 'B-77'" "discrepancy 'the form says B-78'" 'said to have happened 2026-11-24T09:00:00Z (said in a zone 01:00 east of UTC)' "attached 'x', 9 bytes" \
	"place 'vault 2'" record-declared-later "record-discrepancy"; do grep -qF -- "$w" out || fail "record show does not say '$w': $(cat out)"; done

# two people of one name: nobody is to take them for one
"$CUSTODY" init namesake --org "Lab of Another City" --name "Analyst Ada" >out 2>err
cp -r all three && for f in signers crls; do cat namesake/trust/$f.pem >>three/$f.pem; done && cat namesake/trust/tsas.pem >>three/tsas.pem
mkdir n && "$CUSTODY" seal -q --lab ada -o n/p.asice in >out
code 0 'event 2, released' "$CUSTODY" release --lab ada --to-certificate namesake/certificates/analyst-ada.pem "${WHY[@]}" n/p.asice
code 0 "record-discrepancy: signed by another 'Analyst Ada' than event 1: one name, by two issuers or for two subjects; certificates" "$CUSTODY" accept --lab namesake --trust three n/p.asice
code 0 'found       signed by another' "$CUSTODY" verify --trust three --record n/p.custody.asice n/p.asice
"$CUSTODY" verify --json --trust three --record n/p.custody.asice n/p.asice 2>err | python3 -c 'import json, sys
e = json.load(sys.stdin)["record"]["events"]
assert e[0]["signer"] == e[2]["signer"] and e[0]["certificate_sha256"] == e[1]["certificate_sha256"] != e[2]["certificate_sha256"], e' || fail "the JSON does not tell them apart"

# a record that does not hold is not continued
cp $R broken; printf X | dd of=broken bs=1 seek=3000 conv=notrunc 2>/dev/null
code 66 'the record does not hold' add incident --lab bob --trust ada/trust -s what=x -s found_how=y -s effect=z broken

# names as people and offices have them: what a certificate escapes on paper is the name all the same
NAME='Dupont, Zoé + "Q" \ Jr.'
"$CUSTODY" init comma --org "Lab, Inc." --name "$NAME" >/dev/null 2>&1
mkdir c; "$CUSTODY" seal -q --lab comma --as "$NAME" -o c/p.asice in >/dev/null
unzip -p c/p.asice custody/seal.json | python3 -c 'import json, sys; assert json.load(sys.stdin)["sealer"]["name"] == sys.argv[1]' "$NAME" || fail "the name is not what the certificate has"
code 0 'event 2, released' "$CUSTODY" release --lab comma --to "Analyst Bob" "${WHY[@]}" c/p.asice
code 0 'event 3, accepted' "$CUSTODY" accept --lab bob --trust comma/trust c/p.asice
code 0 'event 4, released' "$CUSTODY" release --lab bob --trust comma/trust --to "$NAME" "${WHY[@]}" c/p.asice
code 0 'event 5, accepted' "$CUSTODY" accept --lab comma --trust bob/trust c/p.asice
code 66 'the event says that the package is INVALID, and it was found VALID' add verified --lab comma --trust bob/trust -s scope=all -s result=INVALID -s verifier=me \
	--package c/p.asice c/p.custody.asice
code 0 'event 6, released' "$CUSTODY" release --lab comma --trust bob/trust --to-certificate bob/certificates/analyst-bob.pem "${WHY[@]}" c/p.asice
mkdir both; for f in signers tsas crls; do cat {comma,bob}/trust/$f.pem >both/$f.pem; done
code 0 'by '"'"'Dupont, Zoé + "Q" \\ Jr.'"'" "$CUSTODY" record show --trust both c/p.custody.asice

# another seal on the bag than the one it left with, and a time long before it was written down, are found and not passed over (ADM-54, ADM-57)
mkdir d; "$CUSTODY" seal -q --lab ada -o d/p.asice in >/dev/null
code 0 'event 2, released' "$CUSTODY" release --lab ada --to "Analyst Bob" "${WHY[@]}" -s seal_number=B-1 d/p.asice
code 0 "seal number 'B-2' was found, 'B-1' was on it" "$CUSTODY" accept --lab bob --trust ada/trust -s seal_number=B-2 d/p.asice
code 0 'record-times-disagree' add accessed --lab bob --trust ada/trust -s what=x -s read_only=yes "${WHY[@]}" --occurred 2024-01-01T00:00:00Z d/p.custody.asice
"$CUSTODY" verify -q --trust all --record d/p.custody.asice d/p.asice | tr -s ' \n' ' ' | grep -q 'said to have happened on 1 January 2024, 00:00:00 UTC' || fail "the claimed time is not in the report"
"$CUSTODY" verify --json --trust all --record d/p.custody.asice d/p.asice | grep -q '"occurred":"2024-01-01T00:00:00Z"' || fail "the claimed time is not in the JSON report"
code 0 'event 5, released' "$CUSTODY" release --lab bob --trust ada/trust --to "Analyst Ada" "${WHY[@]}" -s seal_number=B-2 d/p.asice
code 0 'event 6, accepted' "$CUSTODY" accept --lab ada --trust bob/trust -s seal_number=B-2 d/p.asice
! grep -q 'seal number' out err || fail "the same number is a discrepancy: $(cat out err)"

# a record that was begun long after the seal says so: who held the package until then is not known
if command -v faketime >/dev/null; then
	mkdir e; "$CUSTODY" seal -q --lab ada -o e/p.asice in >/dev/null && rm e/p.custody.asice
	later=$(date -u -d '+20 days' '+%Y-%m-%d %H:%M:%S')
	code 0 'between the seal and the first event' faketime "$later" "$CUSTODY" record add sealed --lab ada e/p.asice
	head=$(unzip -p e/p.custody.asice META-INF/signature001.p7s | sha256sum | cut -c1-64)
	# a minute on: each of these processes begins at the time that it is given, however long the one before took
	later=$(date -u -d '+20 days 1 minute' '+%Y-%m-%d %H:%M:%S')
	code 0 'not shown     f. custody is unbroken' faketime "$later" "$CUSTODY" verify --trust ada/trust --record e/p.custody.asice --head "$head" e/p.asice
fi

# all of it is in the journals, failures too
grep -q '"command":"release".*"result":"released, event 2"' ada/journal.jsonl || fail "the release is not in the journal"
grep -q '"command":"accept".*"result":"failed: .*INDETERMINATE' bob/journal.jsonl || fail "a failure is not in the journal"
echo "handover: ok"
