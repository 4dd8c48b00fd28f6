# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# custody request: forms of every kind, what check says of them, and its exit codes. ADM-01, 02, 03, 05, 06, 08, 48.
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
# edit FILE: Python over `r`, the first record
edit() {
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1])); r = d["requests"][0]
exec(sys.stdin.read())
json.dump(d, open(sys.argv[1], "w"), indent=1)' "$1"
}

# ADM-02: a form of each kind; it reads back, and is not complete (but where nobody asked and little has to be there)
for k in preservation preservation-extension voluntary-disclosure emergency-disclosure production-order mla epoc epoc-pr consent spontaneous-disclosure other; do
	code 0 "$CUSTODY" request new --kind $k && mv out $k.json && [ ! -s err ] || fail "$k: $(cat err)"
	code 1 "$CUSTODY" request check $k.json && said out 'must    authority: references: not given' && said out 'must    provider: legal_entity: not given'
	code 0 "$CUSTODY" request show $k.json && said out 'STATED, NOT CHECKED' && said out "kind: $k"
	python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))["requests"][0]; assert r["kind"] == sys.argv[2] and r["template"] == sys.argv[2] + "/1"' $k.json $k || fail "$k"
done
[ "$(grep -h '"id": "urn' -- *.json | sort -u | wc -l)" = 11 ] || fail "ids are there twice"
code 0 "$CUSTODY" request new -k mla -o new.json && [ "$(stat -c %a new.json)" = 600 ] || fail "mode of the form: $(stat -c %a new.json)"
code 66 "$CUSTODY" request new -k mla -o new.json && said err "cannot write 'new.json'"

# filled in; the three states are told apart (ADM-03)
edit production-order.json <<'END'
r["authority"].update(organisation="Police", references=["2026/17", "17-B"], person={"withheld": "protected"})
r["provider"].update(legal_entity="Acme SA", references=["T-1"])
r["legal"]["bases"] = [{"instrument": "Act on procedure", "article": "12"}]
r["data"].update(targets=[{"value": "bob@example.org", "from": "2026-01-01", "to": "2026-02-01"}], categories=["subscriber"])
r["conditions"] = []
END
code 0 "$CUSTODY" request check production-order.json && said out 'complete: 1 record; 0 missing or wrong'
! grep -q 'person\|conditions' out || fail "withheld, or none, is not missing: $(cat out)"
code 0 "$CUSTODY" request show production-order.json
said out 'person in charge: withheld (protected)' && said out 'conditions: none' && said out 'not given: unit, country,'
code 0 "$CUSTODY" request check --json production-order.json && cp out check.json
code 0 "$CUSTODY" request show --json production-order.json
python3 - <<'END' || fail "JSON: $(cat out)"
import json
c, s = json.load(open("check.json")), json.load(open("out"))
assert c["schema"] == "custody-request-check/1" and s["schema"] == "custody-request-show/1"
assert c["complete"] is s["complete"] is True and c["sha256"] == s["sha256"] and c["remarks"] == s["remarks"] and s["checked"] is False
r = s["requests"][0]
assert r["authority"]["references"] == ["2026/17", "17-B"] and r["authority"]["person"] == {"withheld": "protected"}
assert r["conditions"] == [] and "secrecy" not in r and "x-about" not in json.dumps(r)
assert all(m["level"] in ("advice", "notice") for m in c["remarks"])
END

# the same statements in another order and with other blanks have the same digest
python3 -c 'import json
d = json.load(open("production-order.json"))
d["requests"][0] = dict(reversed(d["requests"][0].items()))
json.dump(d, open("turned.json", "w"), separators=(",", ":"))'
code 0 "$CUSTODY" request check --json turned.json
[ "$(python3 -c 'import json; print(json.load(open("out"))["sha256"] == json.load(open("check.json"))["sha256"])')" = True ] || fail "digest hangs on the order"

# ADM-05, ADM-08
edit production-order.json <<'END'
r["timing"]["preserve_until"] = "2026-03-01"; r["answer"]["answered"] = "2026-03-11"
END
code 0 "$CUSTODY" request check production-order.json && said out 'preservation lapsed by 10 days'
code 1 "$CUSTODY" request check emergency-disclosure.json && said out 'timing: follow_up: not given: whether a regular order followed the emergency (reminder)'

# what is none
echo '{"format": "custody-request/1", "requests": [{"id": "a", "kind": "mla", "x": 1}]}' >wrong.json
code 65 "$CUSTODY" request check wrong.json && said err "cannot check 'wrong.json': request 1: x: found a field that a record does not have here" && said err 'hint: '
printf '{\n"format": 1.5}' >wrong.json && code 65 "$CUSTODY" request show wrong.json && said err 'line 2: '
: >empty && code 65 "$CUSTODY" request check empty && code 66 "$CUSTODY" request check "$FIXTURES/sealed/own-p256.asice"
head -c 1048577 /dev/zero >large && code 65 "$CUSTODY" request check large
code 66 "$CUSTODY" request check "$(printf 'no\033[31m\nne')" && ! grep -q "$(printf '\033')" err || fail 'escape sequence in an error'
code 66 "$CUSTODY" request show . && code 66 "$CUSTODY" request show /dev/null
code 64 "$CUSTODY" request && code 64 "$CUSTODY" request new && said err 'new needs --kind KIND'
code 64 "$CUSTODY" request new --kind preserv && said err "there is no kind 'preserv'" && said err 'hint: preservation, '
code 64 "$CUSTODY" request new --kind mlat && said err 'did you mean mla?'
code 64 "$CUSTODY" request nosuch x && said err "there is no action 'nosuch'"
code 64 "$CUSTODY" request check && code 64 "$CUSTODY" request check a b && code 64 "$CUSTODY" request check -k mla a && code 64 "$CUSTODY" request new -k mla --json
code 64 "$CUSTODY" request new -k mla x
rc=0
"$CUSTODY" request show production-order.json >/dev/full 2>err || rc=$?
[ $rc = 74 ] || fail "a full disk: exits $rc"

# seal --request binds it, under the seal, in its one form (ADM-01); several documents are one
mkdir return && echo data >return/mail
code 0 "$CUSTODY" init lab --org 'Lab' --name 'Ada'
code 0 "$CUSTODY" seal --lab lab --request production-order.json --request preservation.json -o with.asice return
said out 'request record  ' && said err 'preservation lapsed by 10 days' && said err 'the request records are incomplete: '
code 0 "$CUSTODY" verify --trust lab/trust with.asice && said out 'VALID'
code 0 "$CUSTODY" show with.asice && said out 'custody/request.json'
unzip -qp with.asice custody/request.json >bound.json && unzip -qp with.asice tagmanifest-sha256.txt | grep ' custody/request.json$' | sed 's,custody/,,; s,request,bound,' | sha256sum -c - >out || fail "tagmanifest: $(cat out)"
unzip -qp with.asice META-INF/ASiCManifest001.xml | grep -q 'URI="custody/request.json" MimeType="application/json"' || fail "not in the signed list"
python3 -c 'import json; d = json.load(open("bound.json")); assert d["format"] == "custody-request/1" and [r["kind"] for r in d["requests"]] == ["production-order", "preservation"]' || fail "bound: $(cat bound.json)"
[ "$(wc -l <bound.json)" = 1 ] && ! grep -q x-about bound.json || fail "not the one form"
code 0 "$CUSTODY" request show with.asice && said out 'NOT VERIFIED' && said out 'Request 2 of 2' && said out "$(sha256sum <bound.json | cut -c 1-64)"
code 1 "$CUSTODY" request check with.asice
code 0 "$CUSTODY" request show --json with.asice && cp out shown.json
code 0 "$CUSTODY" seal --json --lab lab --request bound.json -o again.asice return
python3 -c 'import json; assert json.load(open("out"))["request"]["sha256"] == json.load(open("shown.json"))["sha256"]' || fail "the same statements, another digest"
code 0 "$CUSTODY" extract --trust lab/trust -C taken with.asice && cmp return/mail taken/return/mail || fail "extract"
code 0 "$CUSTODY" seal --lab lab -o without.asice return && ! grep -q 'request' out || fail "a request that was not given"
code 66 "$CUSTODY" request show without.asice && said err 'the package holds no request record'
# one bit of it is seen by verify
python3 -c 'b = bytearray(open("with.asice", "rb").read()); i = b.index(b"\"Acme SA\""); b[i + 1] ^= 1; open("bent.asice", "wb").write(b)'
code 1 "$CUSTODY" verify --trust lab/trust bent.asice && said out 'INVALID'
code 65 "$CUSTODY" request show bent.asice
head -c 3000 with.asice >cut.asice && code 65 "$CUSTODY" request show cut.asice
code 66 "$CUSTODY" seal --lab lab --request production-order.json --request bound.json -o no.asice return && said err "request 'bound.json': the id '"
code 65 "$CUSTODY" seal --lab lab --request with.asice -o no.asice return && [ ! -e no.asice ] || fail "sealed with something that is no record"
code 66 "$CUSTODY" seal --lab lab --request none.json -o no.asice return && said err "request 'none.json'"
code 64 "$CUSTODY" seal --lab lab --finish x.unsealed --request bound.json

# ADM-01: items answer lines of the request, by the record's links; what does not is said, and nothing is rejected. Verify says what request and answer differ in, and
# its report shows the legal basis and the conditions as stated (ADM-06, ADM-10).
mkdir -p linked/sub && echo one >linked/a && echo two >linked/sub/b && echo three >linked/c
cp production-order.json linked.json && edit linked.json <<'END'
r["timing"]["preserve_until"] = "2026-12-31"
r["data"]["targets"][0]["line"] = 4
r["answer"].update(stated={"reference": "T-9", "identifiers": ["bob@example.org", "eve@example.org"], "from": "2025-12-01", "to": "2026-01-31"},
    categories=["traffic"], items=[{"path": "linked/a", "line": 4}, {"path": "linked/sub", "line": 4}, {"path": "linked/gone", "line": 4}])
r["conditions"] = [{"kind": "use-limitation", "text": "only for case 2026/17", "by": "Acme SA"}]
r["secrecy"].update(non_notification=True, until="2027-01-01")
END
code 0 "$CUSTODY" seal --lab lab --request linked.json -o linked.asice linked && said out 'linked to it    2 of 3 items with content'
code 0 "$CUSTODY" verify --trust lab/trust linked.asice
for id in request-reference-differs request-outside-scope request-item-missing request-items-unlinked; do said out "$id (statements" || fail "$id"; done
said out 'unrequested or unlinked: 1 of 3 items with content' && said out 'THE REQUEST, as stated in the package; not checked' && said out "'use-limitation': 'only for case 2026/17', made by 'Acme SA'"
said out "'Act on procedure', article '12'" && said out "the user is not to be told, until '2027-01-01'" && said out "fails         h. the content is inside the scope of the request"
code 0 "$CUSTODY" verify --json --trust lab/trust linked.asice
python3 - <<'END' || fail "verify --json: $(cat out)"
import hashlib, json, zipfile
r = json.load(open("out")); q = r["request"]
assert r["verdict"] == "VALID" and q["read"] is q["complete"] is True and (q["items"], q["items_linked"]) == (3, 2)
assert q["sha256"] == hashlib.sha256(zipfile.ZipFile("linked.asice").read("custody/request.json")).hexdigest()
assert q["stated"][0]["conditions"][0]["kind"] == "use-limitation"
assert all(f["severity"] != "error" for f in r["findings"])
END
code 0 "$CUSTODY" verify --trust lab/trust --report linked.html linked.asice && grep -q 'The request, as stated in the package; not checked' linked.html || fail 'not in the HTML report'
# the conditions travel with every copy: whoever extracts, releases or accepts is told (ADM-10)
code 0 "$CUSTODY" extract --trust lab/trust -C conditions linked.asice && said err "the sender made a condition, as stated: 'use-limitation': 'only for case 2026/17', made by 'Acme SA'"
code 0 "$CUSTODY" extract --json -q --trust lab/trust -C conditions.2 linked.asice && [ ! -s err ] || fail "extract -q: $(cat err)"
python3 -c 'import json; assert json.load(open("out"))["conditions"] == ["'"'use-limitation': 'only for case 2026/17', made by 'Acme SA'"'"]' || fail "$(cat out)"
# a selection is the only subset there is: its conditions are those of the whole, on the report and in the JSON of what was written
code 0 "$CUSTODY" extract --trust lab/trust -C some linked.asice linked/sub && [ "$(find some -type f)" = some/linked/sub/b ] || fail "selection: $(find some)"
said err "the sender made a condition, as stated: 'use-limitation': 'only for case 2026/17', made by 'Acme SA'"
said out 'Conditions of the sender, which hold for this: 1 (custody request show)'
code 0 "$CUSTODY" extract -q --trust lab/trust -C some.3 linked.asice linked/c && [ ! -s err ] && said out 'Conditions of the sender, which hold for this: 1'
code 0 "$CUSTODY" extract -v --json -q --trust lab/trust -C some.2 linked.asice 'linked/[ac]'
python3 -c 'import json; r = json.load(open("out")); assert r["files"] == 2 and r["conditions"] == ["'"'use-limitation': 'only for case 2026/17', made by 'Acme SA'"'"], r' || fail "$(cat out)"
code 0 "$CUSTODY" release --lab lab --to Bob --purpose p --authority a linked.asice && said err "only for case 2026/17"
"$CUSTODY" init bob --org Bob --name Bob >/dev/null && cat bob/trust/signers.pem >>lab/trust/signers.pem
code 0 "$CUSTODY" accept --lab bob --trust lab/trust linked.asice && said err "only for case 2026/17"
code 0 "$CUSTODY" extract --trust lab/trust -C none with.asice && ! grep -qi condition err out || fail "a condition that there is not: $(cat out err)"
# the same, all of it answered: nothing is said
edit linked.json <<'END'
r["answer"].update(stated={"reference": "t-1", "identifiers": ["bob@example.org"], "from": "2026-01-01", "to": "2026-02-01"}, categories=["subscriber"],
    items=[{"path": "linked/", "line": 4}])
END
code 0 "$CUSTODY" seal --lab lab --request linked.json -o all.asice linked && said out 'linked to it    3 of 3'
code 0 "$CUSTODY" verify --trust lab/trust all.asice && ! grep -q 'request-\|receipt-' out || fail "differences where none are: $(cat out)"

# ADM-11: the documents of the request are sealed in a package of their own, which the record names by its number: either can be shown without the other
mkdir papers && echo 'order' >papers/order.txt && echo 'Subject: order' >papers/mail.eml
code 64 "$CUSTODY" seal --lab lab --role warrant -o papers.asice papers && said err '--role is authority-document'
code 0 "$CUSTODY" seal --lab lab --case 2026/17 --role authority-document -o papers.asice papers && said out 'documents of a request: role authority-document'
number=$(sha256sum <papers.asice | cut -c1-64)
code 0 "$CUSTODY" show papers.asice && said out 'documents of a request: role authority-document'
code 0 "$CUSTODY" verify --trust lab/trust papers.asice && said out 'documents of a request: role authority-document'
edit linked.json <<END
r["documents"] = [{"name": "order", "sha256": "$(sha256sum <papers/order.txt | cut -c1-64)"}]
END
code 64 "$CUSTODY" seal --lab lab --request-documents papers.asice -o no.asice linked && said err '--request-documents is for the request that --request gives'
code 66 "$CUSTODY" seal --lab lab --request linked.json --request-documents without.asice -o no.asice linked && said err 'hint: seal them with --role authority-document'
code 66 "$CUSTODY" seal --lab lab --request linked.json --request-documents bent.asice -o no.asice linked && said err "the documents 'bent.asice': the package is INVALID"
code 66 "$CUSTODY" seal --lab lab --request linked.json --request-documents none.asice -o no.asice linked && said err "the documents 'none.asice'"
code 66 "$CUSTODY" seal --lab lab --request linked.json --request preservation.json --request-documents papers.asice -o no.asice linked && said err 'named by none of the 2'
[ ! -e no.asice ] || fail "sealed without its documents"
code 0 "$CUSTODY" seal --lab lab --request linked.json --request-documents papers.asice -o answered.asice linked
code 0 "$CUSTODY" request show answered.asice && said out "$number"
# without them: said, and nothing of their content or names but what the record itself names
code 0 "$CUSTODY" verify --trust lab/trust answered.asice && said out "request-documents-not-presented (statements" && said out "package $number"
said out 'what is in it was not looked at' && said out '0 of 1 documents that the record names'
! grep -qa 'mail.eml' answered.asice || fail "the package with the data tells the names of the documents"
# with them
code 0 "$CUSTODY" verify --trust lab/trust --request-documents papers.asice --report answered.html answered.asice
! grep -q 'request-document' out && said out 'the record names it' && said out '1 of 1 documents' || fail "matched: $(cat out)"
grep -q 'presented, VALID; the record names it' answered.html || fail 'not in the HTML report'
code 0 "$CUSTODY" verify --json --trust lab/trust --request-documents papers.asice answered.asice
python3 - "$number" <<'END' || fail "verify --json: $(cat out)"
import json, sys
q = json.load(open("out"))["request"]
assert q["document_packages"] == [{"sha256": sys.argv[1], "named": True, "presented": True, "verdict": "VALID", "role": "authority-document", "items": 2, "items_stated": 2}]
assert (q["documents"], q["documents_met"]) == (1, 1)
END
# another number of items than they hold; a package without a number
cp linked.json miscounted.json && edit miscounted.json <<END
r["document_packages"] = [{"package": "$number", "role": "authority-document", "items": 5}, {"role": "authority-document"}]
END
code 0 "$CUSTODY" seal -q --lab lab --request miscounted.json -o miscounted.asice linked
code 0 "$CUSTODY" verify --trust lab/trust --request-documents papers.asice miscounted.asice && said out 'request-documents-differ (statements' &&
	said out 'items with content: the record states 5, it holds 2; its number is' && said out 'with another number of items: 5' && said out 'request 1 does not give its number'
# an emergency was answered and no regular order followed: whoever seals is reminded (ADM-08)
cp emergency-disclosure.json late.json && edit late.json <<END
r.setdefault("timing", {})["follow_up"] = {"made": False}
r["answer"] = {"answered": "2026-01-03"}
END
code 0 "$CUSTODY" seal -q --lab lab --request late.json -o late.asice linked && said err 'request 1: timing: follow_up: reminder: it was answered as an emergency, and no regular order has followed'
# a condition is whole in the report and in the notes, however long it is (ADM-10)
cp linked.json bound.json && edit bound.json <<END
r["conditions"] = [{"kind": "use-limitation", "text": "may be used elsewhere " * 300 + "only after prior written consent"}]
END
code 0 "$CUSTODY" seal -q --lab lab --request bound.json -o bound.asice linked
code 0 "$CUSTODY" verify --trust lab/trust bound.asice && tr -s ' \n' ' ' <out | grep -q "elsewhere only after prior written consent'" || fail "cut: $(cat out)"
code 0 "$CUSTODY" extract --trust lab/trust -C bound-out bound.asice && said err "elsewhere only after prior written consent'"

# others than those that it names; and the documents alone, without the data
code 0 "$CUSTODY" verify --trust lab/trust --request-documents without.asice answered.asice && said out "request-documents-differ (statements" && said out 'request-documents-not-presented'
code 66 "$CUSTODY" verify --trust lab/trust --request-documents none.asice answered.asice && said err "the documents 'none.asice'"
code 64 "$CUSTODY" verify --request-documents papers.asice answered.asice all.asice
code 0 "$CUSTODY" extract --trust lab/trust -C papers-out papers.asice && cmp papers/order.txt papers-out/papers/order.txt || fail "extract of the documents"
code 64 "$CUSTODY" seal --lab lab --finish x.unsealed --request-documents papers.asice

# digests that the record says the provider stated are compared like a list of theirs (ADM-13)
edit linked.json <<END
r["answer"]["digests"] = [{"name": "a", "algorithm": "SHA-256", "value": "$(sha256sum <linked/a | cut -c1-64 | tr a-f A-F | sed 's/..../& /g')"},
    {"algorithm": "md5", "value": "$(md5sum <linked/c | cut -c1-32)"}, {"name": "sub/b", "algorithm": "sha1", "value": "$(printf '%040d' 0)"},
    {"name": "c", "algorithm": "crc32", "value": "00000000"}]
END
code 0 "$CUSTODY" seal --lab lab --request linked.json -o stated.asice linked && said err '1 of the digests stated in the request records cannot be compared'
said out '3 stated: 2 agree (1 by a legacy algorithm alone), 1 differ'
code 0 "$CUSTODY" verify --trust lab/trust stated.asice && said out "sha1 of 'sub/b' (line 3 of 'custody/request.json', stated by 'Acme SA')"

# what was taken back is told: a request, and the consent of whoever handed the data over, with what it covers and what the sender says that it has not
"$CUSTODY" request new --kind consent -o agreed.json && edit agreed.json <<'END'
r["consent"].update(person="Bob", scope="mail of March,\nnothing else", date="2025-12-01", withdrawn="2026-01-05")
r["answer"] = {"answered": "2026-01-09", "items": [{"path": "linked"}], "gaps": ["no records of April"]}
r["status"] = "withdrawn"
END
"$CUSTODY" request check agreed.json >out
said out 'notice  status: the request was withdrawn, and there is an answer to it' && said out 'notice  consent: withdrawn: the consent was withdrawn 2026-01-05, the answer is of 2026-01-09'
! grep -q unlinked out || fail "nobody asked, and there is no line to name: $(cat out)"
code 0 "$CUSTODY" seal -q --lab lab --request agreed.json -o agreed.asice linked && said out 'linked to it    3 of 3' && said err 'the consent was withdrawn 2026-01-05' && ! grep -q unlinked err || fail "$(cat err)"
code 0 "$CUSTODY" verify --trust lab/trust agreed.asice && said out "consent 'Bob', of '2025-12-01', WITHDRAWN '2026-01-05'" && said out "it covers 'mail of March,\u{000a}nothing else'" &&
	said out "stated gaps 'no records of April'" && said out ", status 'withdrawn' (request 1 of 1)"
# what is withheld is not called unlinked; what was received is compared by the digests that were noted
cp agreed.json hidden.json && edit hidden.json <<END
r["kind"] = "mla"; r["consent"] = None; r["answer"] = {"withheld": "secret"}
r["receipts"] = [{"path": "linked/a", "sha256": "$(sha256sum <linked/a | cut -c1-64)"}, {"path": "linked/c", "sha256": {"withheld": "secret"}}, {"path": "gone", "sha256": "$(printf '%064d' 1)"}]
END
code 0 "$CUSTODY" seal -q --lab lab --request hidden.json -o hidden.asice linked && said out 'linked to it    0 of 3 items with content; others may be, as withheld'
code 0 "$CUSTODY" verify --trust lab/trust hidden.asice && ! grep -q request-items-unlinked out || fail "withheld is called unlinked: $(cat out)"
said out 'as the record links them; others may: a record withholds what it links' && said out '1 of 2 digests that were noted on receipt are those of items in the package; receipts that note no digest: 1'
code 0 "$CUSTODY" verify --json --trust lab/trust hidden.asice
python3 -c 'import json; q = json.load(open("out"))["request"]; assert q["links_withheld"] is True and (q["receipts"], q["receipts_met"], q["receipts_undigested"]) == (2, 1, 1), q' || fail "JSON"

# hard rule 4: no output says what only a court can
for k in *.json; do "$CUSTODY" request show "$k"; "$CUSTODY" request check "$k"; done >all 2>&1
"$CUSTODY" request --help >>all
! grep -iE 'admissible|authentic|genuine|court-proof' all || fail "a forbidden word"
