#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One exhibit from request to return, by three laboratories with keys of their own, in folders of their own, with nothing between them but files (ADM-51, ADM-52, ADM-53):
# asked for, sealed with the provider's digests, released by A, refused by C's key, accepted by B, copied, analysed, given back, and the whole of it verified by a court.
set -eu

fail() { echo "walkthrough.sh: $*" >&2; exit 1; }
# code WANT WORDS COMMAND...: the exit code, and words that must be in what it says
code() {
	want=$1 words=$2; shift 2; rc=0
	"$@" >out 2>err </dev/null || rc=$?
	[ "$rc" = "$want" ] || fail "'$*' exits $rc, want $want: $(cat err out)"
	cat out err | tr -s ' \n' ' ' | grep -qF -- "$(tr -s ' \n' ' ' <<<"$words" | sed 's/ $//')" || fail "'$*' does not say '$words': $(cat out err)"
}
says() { tr '\n' ' ' <out | tr -s ' ' | grep -qF -- "$1" || fail "not said: $1: $(cat out)"; }

for l in city national stranger; do mkdir $l; done
code 0 '' "$CUSTODY" init city/lab --org "Lab of the City" --name "Ada Analyst"
code 0 '' "$CUSTODY" init national/lab --org "National Laboratory" --name "Bob Examiner"
code 0 '' "$CUSTODY" init stranger/lab --org "Somebody" --name "Cy Stranger"
# what each has of the others, by another way than the packages
for l in city national stranger; do for m in city national stranger; do cp -r $m/lab/trust $l/$m-trust; done; done
mkdir court; for f in signers tsas crls; do cat {city,national}/lab/trust/$f.pem >court/$f.pem; done

# the city asks a provider, and gets a return with a list of digests
cd city
code 0 '' "$CUSTODY" request new --kind production-order -o order.json
mkdir return; echo "Dear Bo" >return/mail-1; echo "Dear Al" >return/mail-2
(cd return && sha256sum ./*) >digests.txt; sed -i 's,\./,return/,' digests.txt
code 0 'Sealed. For the exhibit form' "$CUSTODY" seal --lab lab --case 2026/17 --exhibit E-1 --request order.json --claims digests.txt --claims-by "Acme SA" -o e1.asice return
number=$(sha256sum <e1.asice | cut -c1-64)
[ -e e1.custody.asice ] || fail "sealing begins no custody record"

# A hands it over: files, and the head of the record on a form
code 0 'event 2, released' "$CUSTODY" release --lab lab --to "Bob Examiner" --to-organisation "National Laboratory" --purpose "analysis of the mailbox" \
	--authority "order 2026/17" -s transport="courier" -s seal_number=B-0077 --place "evidence room" e1.asice
"$CUSTODY" record show --lab lab e1.custody.asice >out; says "NOT ANSWERED"
cp e1.asice e1.custody.asice ../stranger; cp e1.asice e1.custody.asice ../national
cp e1.custody.asice kept-at-release

# C is not to whom it was released; nothing of C's gets into the record
cd ../stranger; before=$(sha256sum <e1.custody.asice)
code 66 "accepted by 'Cy Stranger', while it was released to 'Bob Examiner'; nothing was written" "$CUSTODY" accept --lab lab --trust city-trust e1.asice
code 66 record-wrong-party "$CUSTODY" accept --lab lab --trust city-trust --refuse "no" e1.asice
[ "$(sha256sum <e1.custody.asice)" = "$before" ] || fail "the stranger changed the record"

# B takes it over, makes a copy, analyses it, and gives the exhibit back
cd ../national
code 2 'INDETERMINATE' "$CUSTODY" accept --lab lab e1.asice # whose seal it is cannot be said without their anchors
code 0 'event 3, accepted' "$CUSTODY" accept --lab lab --trust city-trust -s seal_number=B-0077 -s condition="bag closed" e1.asice
cp e1.asice copy.asice
code 0 'event 4, copied' "$CUSTODY" record add copied --lab lab --trust city-trust -s copy=W-1 -s copy_kind=working -s copy_sha256=@copy.asice --package e1.asice e1.custody.asice
code 0 '' "$CUSTODY" extract --trust city-trust -C work copy.asice
code 0 'event 5, analysed' "$CUSTODY" record add analysed --lab lab --trust city-trust -s tool="Mail Reader 4.1" -s copy=W-1 -s results="report R-9" e1.custody.asice
code 0 'event 6, released' "$CUSTODY" release --lab lab --trust city-trust --to-certificate ../city/lab/certificates/ada-analyst.pem --purpose "return after analysis" \
	--authority "order 2026/17" e1.asice
cp e1.custody.asice ../city/from-national; cp e1.asice ../city/e1-back.asice

# A compares with what it kept, and takes the exhibit back
cd ../city
code 0 'held by' "$CUSTODY" record show --lab lab --trust ../court --counterpart kept-at-release from-national
says "anchored up to event 2 of 6: what follows it is known from nowhere else, and later events may be missing" # theirs goes on, ours shows no more than what both have
cp from-national e1.custody.asice
cmp e1.asice e1-back.asice || fail "the exhibit came back changed"
code 0 'event 7, accepted' "$CUSTODY" accept --lab lab --trust national-trust --record e1.custody.asice -s condition="bag closed" e1-back.asice
cp e1.custody.asice ../national/from-city

# the court: the whole chain, with both copies
cd ..
V=("$CUSTODY" verify --trust court --expect "$number" --record city/e1.custody.asice)
code 0 VALID "${V[@]}" --counterpart national/from-city city/e1.asice
says "held by 'Ada Analyst' from"
says "handed over by 'Ada Analyst' to 'Bob Examiner', on its way from"
says "the package was released by 'Ada Analyst' to 'Bob Examiner', for 'analysis of the mailbox', on the authority of 'order 2026/17'"
says "the package was accepted by 'Bob Examiner'"
says "the package was copied by 'Bob Examiner', as stated: 'W-1'"
says "an analysis was reported by 'Bob Examiner', as stated: 'report R-9', done on 'W-1'"
says "held by 'Ada Analyst' since"
says "that it ends there is known from elsewhere"
says "holds f. custody is unbroken since sealing"
code 0 VALID "${V[@]}" --json --report chain.html --counterpart national/from-city city/e1.asice
python3 - <<'P' || fail "the JSON is not what it should be: $(cat out)"
import json
r = json.load(open("out"))
c = r["record"]
assert r["verdict"] == "VALID" and r["groups"]["custody"] == "pass" and c["whole"] and c["anchored"] and c["anchored_events"] == 7, c
assert [e["type"] for e in c["events"]] == ["sealed", "released", "accepted", "copied", "analysed", "released", "accepted"], c
assert [h["who"] for h in c["holders"]] == ["Ada Analyst", "Ada Analyst", "Bob Examiner", "Bob Examiner", "Ada Analyst"], c
assert all(e["signer_trusted"] for e in c["events"]) and c["events"][2]["measured"] and not c["events"][4]["measured"], c
P
grep -q 'Custody since sealing' chain.html && grep -q 'the package was released by' chain.html || fail "the report for the court does not tell of the handover"
# for other programs: the same events, each by whom it was shown to be
for f in case dfxml premis; do
	code 0 'Exported as' "$CUSTODY" export -f $f -o chain.$f --trust court --expect "$number" --record city/e1.custody.asice --counterpart national/from-city city/e1.asice
	[ "$(grep -c "the package was accepted by \(&apos;\|'\)Bob Examiner" chain.$f)" -gt 0 ] || fail "$f does not tell of the handover"
done
python3 - <<'P' || fail "the exports do not have the events"
import json
import xml.etree.ElementTree as et
nodes = {n["@id"]: n for n in json.load(open("chain.case"))["@graph"]}
events = [n for i, n in nodes.items() if i.startswith("kb:event-") and n["@type"] == "case-investigation:InvestigativeAction"]
names = [nodes[e["uco-action:performer"]["@id"]]["uco-core:name"] for e in events]
assert [e["uco-core:name"] for e in events] == ["sealed", "released", "accepted", "copied", "analysed", "released", "accepted"], events
assert names == ["Ada Analyst"] * 2 + ["Bob Examiner"] * 4 + ["Ada Analyst"], names
p = {"p": "http://www.loc.gov/premis/v3"}
types = [e.findtext("p:eventType", None, p) for e in et.parse("chain.premis").getroot().findall("p:event", p)]
assert types[1:8] == [e["uco-core:name"] for e in events], types
P
code 1 'Nothing was exported' "$CUSTODY" export -f case -o none --trust court --record national/e1.custody.asice --counterpart city/e1.custody.asice city/e1.asice
code 64 '--head is for the custody record' "$CUSTODY" export -f case -o none --head "$number" city/e1.asice
# without anything known elsewhere, or with a copy of which the end was cut off
code 0 VALID "${V[@]}" city/e1.asice; says "whether later ones were cut off cannot be said"; says "not shown f. custody is unbroken since sealing"
code 1 record-head-missing "$CUSTODY" verify --trust court --record national/e1.custody.asice --counterpart city/e1.custody.asice city/e1.asice
# somebody continues an older copy: two histories
cp city/kept-at-release fork
code 0 'event 3, withdrawn' "$CUSTODY" release --lab city/lab --withdraw "never mind" --record fork city/e1.asice
code 1 record-fork "$CUSTODY" verify --trust court --record city/e1.custody.asice --counterpart fork city/e1.asice
code 66 "the counterpart's copy 'city/e1.asice': it does not hold: record-malformed" "$CUSTODY" verify --trust court --record fork --counterpart city/e1.asice city/e1.asice
code 66 'it is the record itself' "$CUSTODY" verify --trust court --record city/e1.custody.asice --counterpart ./city/e1.custody.asice city/e1.asice
code 66 'it is the record itself' "$CUSTODY" record show --trust court --counterpart city/e1.custody.asice city/e1.custody.asice
code 64 '--counterpart is for the custody record' "$CUSTODY" verify --counterpart fork city/e1.asice
echo "walkthrough: ok"
