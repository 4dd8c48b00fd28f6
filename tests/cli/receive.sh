# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# custody receive: first touch, before anything is opened; the record is sealed, and verify looks whether what was received is what was sealed. ADM-12.
set -u
fail() { echo "$*"; exit 1; }
code() {
	want=$1 rc=0
	shift
	"$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(head -c 600 out) $(cat err)"
}
# wherever a line breaks
said() { tr -s ' \n' ' ' <"$1" | grep -qF -- "$(tr -s ' \n' ' ' <<<"$2" | sed 's/ $//')" || fail "$1 does not say '$2': $(cat "$1")"; }
# receipts FILE: Python over `r`, the receipts of the first record; `d`, the record
receipts() {
	python3 -c 'import hashlib, json, os, sys
d = json.load(open(sys.argv[1]))["requests"][0]; r = d["receipts"]
exec(sys.stdin.read())' "$1" || fail "$1: $(cat "$1")"
}

mkdir -p in/return/sub && printf 'first\n' >in/return/a.zip && printf 'second\n' >'in/return/sub/b c' && ln -s a.zip in/return/link
find in -printf '%l' >/dev/null # the first look sets the access times of folders and links
before=$(find in -printf '%p %s %m %T@ %A@\n' | sort | sha256sum)
code 0 "$CUSTODY" request new -k production-order -o request.json
R="--request request.json --channel portal --operator Ada"

# a folder and a file: size and digest of each, and what was stated
code 0 "$CUSTODY" receive $R --source 'https://user:pw@portal.example:8443/case/77?token=secret#top' --tls-name portal.example \
	--tls-sha256 "$(printf 'AB:%.0s' {1..31})AB" --started 2026-11-24T10:00:00+01:00 --ended 2026-11-24T10:05:00+01:00 -o got.json in/return in/return/a.zip
said err 'without user name, parameters, query and fragment'
code 0 "$CUSTODY" receive $R --source 'portal.example/case;sid=secret?token=secret' -o bare.json in/return/a.zip && said err 'secrets may stand there'
grep -qF '"portal.example/case"' bare.json && ! grep -q secret bare.json || fail 'a secret without a scheme is recorded'
! grep -q 'secret\|user:pw' got.json || fail 'a secret is recorded'
[ "$(stat -c %a got.json)" = 600 ] || fail "mode $(stat -c %a got.json)"
[ "$(find in -printf '%p %s %m %T@ %A@\n' | sort | sha256sum)" = "$before" ] || fail 'the source was touched'
receipts got.json <<'END'
assert [x["path"] for x in r] == ["return/a.zip", "return/sub/b c", "a.zip"], r
for x in r:
    b = open("in/" + x["path"] if "/" in x["path"] else "in/return/" + x["path"], "rb").read()
    assert x["size"] == len(b) and x["sha256"] == hashlib.sha256(b).hexdigest()
    assert x["channel"] == "portal" and x["operator"] == "Ada" and x["source"] == "https://portal.example:8443/case/77"
    assert x["tls_name"] == "portal.example" and x["tls_sha256"] == "ab" * 32
    assert (x["started"], x["ended"]) == ("2026-11-24T10:00:00+01:00", "2026-11-24T10:05:00+01:00")
assert d["kind"] == "production-order" and "legal" in d and d["legal"]["facts"] is None  # what was not given stays a field to fill in
END
[ "$(python3 -c 'import json; print("receipts" in json.dumps(json.load(open("request.json"))) and json.load(open("request.json"))["requests"][0]["receipts"][0]["path"])')" = None ] || fail 'the request that was read was changed'

# later receipts come behind the first; the time is now, before anything is read
t0=$(date -u +%Y-%m-%dT%H:%M:%SZ)
code 0 "$CUSTODY" receive --request got.json --channel medium --operator Grace -o more.json in/return/a.zip
receipts more.json <<END
assert len(r) == 4 and "started" not in r[3] and r[3]["operator"] == "Grace" and "$t0" <= r[3]["ended"] <= "$(date -u +%Y-%m-%dT%H:%M:%SZ)", r[3]
END
code 0 "$CUSTODY" request show more.json && said out 'channel: medium'

# no request at hand; names of the current folder; standard output
(cd in/return && "$CUSTODY" receive -q --kind consent --channel other --operator Ada .) >dot.json || fail 'no request'
receipts dot.json <<'END'
assert d["kind"] == "consent" and d["id"].startswith("urn:uuid:") and [x["path"] for x in r] == ["return/a.zip", "return/sub/b c"]
END

# standard input: the file is what came, and both times are measured
printf 'a download\n' | "$CUSTODY" receive $R --save down.bin -o down.json 2>err || fail "--save: $(cat err)"
[ "$(cat down.bin)" = 'a download' ] || fail 'saved something else'
receipts down.json <<'END'
assert [x["path"] for x in r] == ["down.bin"] and r[0]["sha256"] == hashlib.sha256(b"a download\n").hexdigest() and r[0]["started"] <= r[0]["ended"]
END

# a name that is no plain text is named as it is everywhere else, and its escapes are not escaped again: in the request, its report, and what was not sealed
mkdir odd && echo x >odd/$'a\\\xff\n' && "$CUSTODY" receive $R -o odd.json odd 2>err || fail "odd: $(cat err)"
code 0 "$CUSTODY" request show odd.json && said out '  path: odd/a\\\xff\u{000a}'
code 0 "$CUSTODY" init odd-lab --org Lab --name Ada
code 0 "$CUSTODY" seal --lab odd-lab --request odd.json -o odd.asice in
code 0 "$CUSTODY" verify --trust odd-lab/trust odd.asice && said out "received      '$(printf %s 'odd/a\\\xff\u{000a}')', by" && said out '      item        odd/a\\\xff\u{000a}'
code 0 "$CUSTODY" verify --json --trust odd-lab/trust odd.asice && python3 -c 'import base64, json
f = [f for f in json.load(open("out"))["findings"] if f["id"] == "receipt-not-sealed"]
assert len(f) == 1 and base64.b64decode(f[0]["item_b64"]) == b"odd/a\\\xff\n", f' || fail "the bytes of the name: $(cat out)"

# a download that does not come to its end: what came stays, never under the final name, and its size and digest are said
kept() {
	rc=$? n=$(stat -c %s "$2") || fail "$2 is not there: $(cat err)"
	[ $rc = "$1" ] && [ ! -e part.bin ] && [ ! -e n.json ] || fail "exits $rc, want $1: $(ls)"
	said err "kept in '$2': $n bytes, SHA-256 $(sha256sum <"$2" | cut -c1-64); nothing is recorded" && cmp -n "$n" big "$2" || fail "$2 is not the beginning of what came"
}
head -c 300000 /dev/urandom >big
(ulimit -f 100; "$CUSTODY" receive $R --save ./part.bin -o n.json <big 2>err); kept 74 ./part.bin.incomplete
[ "$(stat -c %s part.bin.incomplete)" -ge 65536 ] || fail 'what the disk took is not all there'
mkfifo slow && { "$CUSTODY" receive $R --save part.bin -o n.json <slow 2>err & } && exec 9>slow && head -c 70000 big >&9
until [ "$(stat -c %s part.bin.incomplete.2 2>/dev/null)" = 70000 ]; do sleep 0.05; done
kill -TERM $!; wait $!; kept 143 part.bin.incomplete.2; exec 9>&-
"$CUSTODY" receive $R --save part.bin -o n.json <. 2>err; [ $? = 74 ] && [ ! -e part.bin.incomplete.3 ] || fail "nothing came, and something is kept: $(ls)"

# sealed with it, verify finds all of it again; what was changed in between it does not
code 0 "$CUSTODY" init lab --org Lab --name Ada
code 0 "$CUSTODY" seal --lab lab --request got.json -o p.asice in/return
code 0 "$CUSTODY" verify --trust lab/trust p.asice && ! grep -q receipt-not-sealed out && said out "received      'return/a.zip', by 'portal', from 'https://portal.example:8443/case/77', operator"
printf 'First\n' >in/return/a.zip
code 0 "$CUSTODY" seal --lab lab --request got.json -o q.asice in/return
code 0 "$CUSTODY" verify --trust lab/trust q.asice && said out 'receipt-not-sealed' && said out 'it was received with SHA-256' && said out "$(printf 'first\n' | sha256sum | cut -c1-64)"

# "-" is standard output where that is the default, and never the name of a file
code 0 "$CUSTODY" receive -q $R -o - in/return/a.zip && cp out dash.json && receipts dash.json <<<'assert len(r) == 1'
code 0 "$CUSTODY" request new -k mla -o - && said out custody-request/1
echo x | "$CUSTODY" receive $R --save - -o n.json 2>err; [ $? = 64 ] && said err 'cannot go to standard output' || fail "--save -: $(cat err)"
[ ! -e - ] || fail 'there is a file called -'

# refusals: nothing is recorded, nothing overwritten
code 64 "$CUSTODY" receive && code 64 "$CUSTODY" receive $R && code 64 "$CUSTODY" receive --request request.json --channel portal in && code 64 "$CUSTODY" receive $R --kind mla in
code 64 "$CUSTODY" receive --channel portal --operator Ada in && code 64 "$CUSTODY" receive --kind mla --id x --channel portal --operator Ada in
code 64 "$CUSTODY" receive --request request.json --channel pigeon --operator Ada in && said err 'portal, sftp'
code 64 "$CUSTODY" receive $R --started yesterday in && code 64 "$CUSTODY" receive $R --ended x in && code 64 "$CUSTODY" receive $R --tls-sha256 12 in
# slips of the pen: an end before the beginning, a time to come; a day may have begun already elsewhere
for t in '--started 2026-01-02 --ended 2026-01-01' '--started 2026-01-01T10:00:00Z --ended 2026-01-01T10:00:00+01:00' "--started $(date -u -d '+2 days' +%F)" "--ended $(date -u -d '+1 hour' +%FT%TZ)"; do
	code 64 "$CUSTODY" receive $R $t in && grep -qE 'lies after|in the future' err || fail "$t: $(cat err)"
done
code 0 "$CUSTODY" receive $R --started 2026-01-01T10:00:00Z --ended 2026-01-01 in && code 0 "$CUSTODY" receive $R --ended "$(date -d '+10 hours' +%F)" in
code 64 "$CUSTODY" receive $R --save x in && code 64 "$CUSTODY" receive $R --save x && code 64 "$CUSTODY" receive $R --save x --started 2026-01-01 -o y
code 66 "$CUSTODY" receive $R -o n.json nosuch && code 66 "$CUSTODY" receive --request nosuch --channel portal --operator Ada in && code 66 "$CUSTODY" receive $R -o got.json in
code 66 "$CUSTODY" receive $R -o in/return/n.json in && said err "the record would lie inside 'in', which is a source" && [ ! -e in/return/n.json ] || fail "it was written into what was received"
code 66 "$CUSTODY" receive $R -o in/n.json in/return in/. && [ ! -e in/n.json ] || fail "it was written beside what was received, into it"
code 66 "$CUSTODY" receive $R --id other in && said err 'no record of the document has this id'
echo '{' >broken.json && code 65 "$CUSTODY" receive --request broken.json --channel portal --operator Ada -o n.json in
mkdir none && code 66 "$CUSTODY" receive $R -o n.json none && said err 'nothing was received'
code 66 "$CUSTODY" receive $R --save n.bin -o n.json && said err 'standard input was empty'
echo x | "$CUSTODY" receive $R --save down.bin -o n.json 2>err; [ $? = 66 ] || fail "an existing file: $(cat err)"
[ "$(cat down.bin)" = 'a download' ] && [ ! -e n.json ] && [ ! -e n.bin ] || fail 'something is left, or lost'
