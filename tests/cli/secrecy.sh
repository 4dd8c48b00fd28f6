# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ADM-09: what a request record says of secrecy is on the custodian's screen (request show, the report), and in no file name, journal, time-stamp request or log of any other
# command, whatever is done with the package.
set -u
fail() { echo "$*"; exit 1; }
command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
words=(zeppelin-basis zeppelin-lifter zeppelin-caveat zeppelin-target)
run() { # run COMMAND...: what it prints, on both streams, goes to the log
	"$CUSTODY" "$@" >out 2>err </dev/null || fail "$*: exits $?: $(cat out err)"
	cat out err >>log
}
tells() { # tells FILE...: one of the words is in it, as it is, in base64, in hexadecimal, or in UTF-16
	for w in "${words[@]}"; do
		for f in "$w" "$(printf %s "$w" | od -An -v -tx1 | tr -d ' \n')" "$(printf %s "$w" | base64)"; do ! grep -qaF -- "$f" "$@" || return 0; done
		! python3 -c 'import sys; sys.exit(not any(sys.argv[1].encode("utf-16-le") in open(f, "rb").read() for f in sys.argv[2:]))' "$w" "$@" || return 0
	done
	return 1
}
for l in ada bob; do "$CUSTODY" init $l --org "Lab $l" --name "Analyst ${l^}" >/dev/null 2>&1 || fail init; done
"$CUSTODY" request new --kind production-order -o request.json 2>/dev/null || fail 'request new'
python3 - <<'END'
import json
d = json.load(open("request.json")); r = d["requests"][0]
r["authority"].update(organisation="Police", references=["17"]); r["provider"].update(legal_entity="Acme SA")
r["secrecy"].update({"non_notification": True, "basis": "zeppelin-basis", "from": "2026-01-01", "until": "2027-01-01", "lifted_by": "zeppelin-lifter", "handling": "zeppelin-caveat"})
r["data"]["targets"] = [{"type": "account", "value": "zeppelin-target"}]
json.dump(d, open("request.json", "w"))
END
mkdir world in all && echo evidence >in/x && for f in signers tsas crls; do cat {ada,bob}/trust/$f.pem >all/$f.pem; done

# an independent authority, and on the way to it somebody who keeps every byte that goes there
"$CUSTODY" init tsa --org TSA --name T >/dev/null 2>&1 || fail 'init tsa'
for f in tsas crls; do cat tsa/trust/$f.pem >>ada/trust/$f.pem; cat tsa/trust/$f.pem >>all/$f.pem; done
"$ROOT"/tests/support/tsa.py port requests.log tsa & # ends with this script
python3 - <<'END' &
import os, socket, threading, time
while not os.path.exists("port"):
    time.sleep(0.1)
to = int(open("port").read())
def carry(c):
    s = socket.create_connection(("127.0.0.1", to))
    def back():
        while part := s.recv(65536):
            c.sendall(part)
        c.close()
    threading.Thread(target=back, daemon=True).start()
    try:
        while part := c.recv(65536):
            with open("wire", "ab") as f:
                f.write(part)
            s.sendall(part)
    except OSError:
        pass
l = socket.socket(); l.bind(("127.0.0.1", 0)); l.listen(8)
open("port.2.tmp", "w").write(str(l.getsockname()[1])); os.rename("port.2.tmp", "port.2")
while os.path.exists("port"):
    l.settimeout(1)
    try:
        threading.Thread(target=carry, args=(l.accept()[0],), daemon=True).start()
    except TimeoutError:
        pass
END
for _ in $(seq 100); do [ -s port.2 ] && break; sleep 0.1; done
[ -s port.2 ] || fail "no authority"
U=http://127.0.0.1:$(cat port.2)/good

: >log
run receive --request request.json --channel portal --operator Ada -o world/received.json in
run seal -v --lab ada --tsa $U --case C --request world/received.json -o world/p.asice in
run record add accessed --lab ada -s what=looked -s read_only=yes --purpose p --authority a world/p.custody.asice
run release --lab ada --tsa $U --to "Analyst Bob" --purpose p --authority a world/p.asice
run accept --lab bob --trust all world/p.asice
run record show --trust all world/p.custody.asice
run extract --lab ada --trust all -C world/out world/p.asice
run certificate --trust all --lab ada --form neutral -o world/c.html world/p.asice
run export --format dfxml --trust all --lab ada -o world/e.xml world/p.asice
run verify -q --lab ada --trust all --report world/report.html world/p.asice
cp out on-screen
# the log without what verify prints, which is the custodian's screen
grep -q . log || fail "nothing was logged"
python3 - <<'END'
log, screen = open("log", encoding="utf-8").read(), open("on-screen", encoding="utf-8").read()
open("log", "w", encoding="utf-8").write(log.replace(screen, ""))
END
for f in ada/journal.jsonl bob/journal.jsonl; do [ -s $f ] || fail "no journal: $f"; done
! tells log || fail "a log tells it: $(grep -n zeppelin log)"
! tells ada/journal.jsonl bob/journal.jsonl || fail "a journal tells it"
find . >names && ! tells names || fail "a file name tells it: $(grep zeppelin names)"
# the test would see it: it is in the request, and on the custodian's screen
tells request.json && grep -q zeppelin-basis on-screen && grep -q 2027-01-01 on-screen && grep -q zeppelin-lifter on-screen || fail "not on the screen: $(cat on-screen)"
"$CUSTODY" request show world/p.asice | grep -q zeppelin-caveat || fail "request show"

# what went to the authority: requests for the trial, both signatures of the seal and two events, each the digest of a signature; the request record's own digest is not there
[ "$(grep -ca 'timestamp-query' wire)" -ge 5 ] || fail "time-stamp requests: $(grep -ca 'timestamp-query' wire)"
! tells wire || fail "a time-stamp request tells it"
unzip -p world/p.asice custody/request.json | sha256sum | cut -c1-64 | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >digest
python3 -c 'import sys; sys.exit(open("digest", "rb").read() in open("wire", "rb").read())' || fail "the digest of the request record is on the wire"
rm -f port
exit 0
