#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Other clients take the time-stamps of `custody tsa`: rfc3161-client (PyPI, Rust), and openssl ts and cms, for each kind of key.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
CUSTODY=${CUSTODY:-$root/build/release/custody}
work=$(mktemp -d "${TMPDIR:-/tmp}/custody-tsa.XXXXXX")
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"
fail() { echo "tsa.sh: $*" >&2; exit 1; }
for c in openssl python3; do command -v $c >/dev/null || { echo "not run: $c is not installed"; exit 77; }; done

lib=$root/build/interop/python-tsa
PYTHONPATH=$lib python3 -c 'import rfc3161_client' 2>/dev/null ||
	python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --target "$lib" 'rfc3161-client==1.0.9' >pip 2>&1 || {
	echo "not run: rfc3161-client could not be installed: $(tail -1 pip)"; exit 77; }

cat >client.py <<'P'
import hashlib, sys, urllib.request
from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder, VerificationError, decode_timestamp_response
url, lab = sys.argv[1:3]
anchor = x509.load_pem_x509_certificates(open(lab + '/trust/tsas.pem', 'rb').read())[0]
tsa = x509.load_pem_x509_certificates(open(lab + '/certificates/time-stamping.pem', 'rb').read())[0]
data, n = b'something that existed', 0
def post(q):
    return urllib.request.urlopen(urllib.request.Request(url, q, {'Content-Type': 'application/timestamp-query'})).read()
serials = set()
for algorithm, digest in ((HashAlgorithm.SHA256, hashlib.sha256), (HashAlgorithm.SHA512, hashlib.sha512)):
    for nonce in (True, False):
        for cert in (True, False):
            q = TimestampRequestBuilder().data(data).hash_algorithm(algorithm).nonce(nonce=nonce).cert_request(cert_request=cert).build()
            r = decode_timestamp_response(post(q.as_bytes()))
            assert r.status == 0, r.status
            i = r.tst_info
            assert i.nonce == q.nonce and i.message_imprint.message == digest(data).digest() and len(r.signed_data.certificates) == int(cert)
            serials.add(i.serial_number)
            v = VerifierBuilder.from_request(q).add_root_certificate(anchor)
            v = (v if cert else v.tsa_certificate(tsa)).build()
            v.verify_message(r, data)
            try:
                v.verify_message(r, data + b'.')
                sys.exit('another message is taken')
            except VerificationError:
                pass
            n += 1
assert len(serials) == n and all(0 < s < 1 << 127 for s in serials)
print('   rfc3161-client: %d time-stamps verified' % n)
P

for key in p256 p384 rsa3072 rsa-pss; do
	"$CUSTODY" init --help | grep -qw -- "$key" || { echo "   no keys of type $key"; continue; }
	"$CUSTODY" init -q --key-type $key --org "Office of the Clerk" --name "Cleo Clerk" lab-$key >/dev/null
	: >address
	"$CUSTODY" tsa -q lab-$key --listen 127.0.0.1:0 >address &
	server=$!
	for _ in $(seq 100); do [ ! -s address ] || break; sleep 0.1; done
	url=$(cat address)
	echo "$key:"
	PYTHONPATH=$lib python3 client.py "$url" lab-$key || fail "rfc3161-client with $key"
	echo thing >thing
	openssl ts -query -data thing -sha384 -cert -out q.tsq 2>/dev/null
	python3 -c 'import sys, urllib.request
open("r.tsr", "wb").write(urllib.request.urlopen(urllib.request.Request(sys.argv[1], open("q.tsq", "rb").read(), {"Content-Type": "application/timestamp-query"})).read())' "$url"
	openssl ts -verify -queryfile q.tsq -in r.tsr -CAfile lab-$key/trust/tsas.pem >said 2>&1 || fail "openssl ts with $key: $(cat said)"
	echo "   openssl ts: $(grep Verif said)"
	openssl ts -reply -in r.tsr -token_out -out r.der 2>/dev/null
	openssl cms -verify -inform DER -in r.der -purpose timestampsign -CAfile lab-$key/trust/tsas.pem -out info.der 2>said || fail "openssl cms: $(cat said)"
	echo "   openssl cms: token of $(openssl asn1parse -inform DER -in info.der | grep -o 'GENERALIZEDTIME.*' | sed 's/.*://')"
	kill $server; wait $server || fail "it ends with $?"
	server=
done
