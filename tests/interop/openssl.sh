#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The openssl command alone, for every kind of key: both signatures over their manifests with the lists that they carry (`-crl_check`), and every time-stamp
# over its signature's value. (VERIFY.txt's own commands, letter by letter, are tests/cli/verify_txt.sh.)
# shellcheck source=common.bash
. "$(dirname "$0")/common.bash"
want openssl unzip
# parts FILE.p7s: its lists to crls.pem, its signature value to value, its tokens to token1...
parts() {
	python3 - "$1" <<'P'
import sys, subprocess, re
der = open(sys.argv[1], "rb").read()
def items(p, end):
    while p < end:
        tag, n, q = der[p], der[p + 1], p + 2
        if n & 0x80:
            k = n & 0x7f; n = int.from_bytes(der[q:q + k], "big"); q += k
        yield tag, p, q, q + n
        p = q + n
def inside(q, e): return list(items(q, e))
signed = inside(*inside(*inside(*inside(0, len(der))[0][2:])[1][2:])[0][2:])
with open("crls.pem", "wb") as f:
    for tag, p, q, e in signed:
        if tag == 0xa1:
            for _, a, _, b in inside(q, e):
                f.write(subprocess.run(["openssl", "crl", "-inform", "DER"], input=der[a:b], capture_output=True, check=True).stdout)
info = inside(*inside(*signed[-1][2:])[0][2:])
value = next(i for i in info if i[0] == 0x04)
open("value", "wb").write(der[value[2]:value[3]])
n = 0
for tag, p, q, e in info:
    if tag == 0xa1:
        for _, _, a, b in inside(q, e):
            oid, values = inside(a, b)
            for _, c, _, d in inside(values[2], values[3]):
                n += 1
                open(f"token{n}", "wb").write(der[c:d])
assert n
P
}
# checked FILE TRUST NUMBER...: the signatures of those numbers in a container, and their stamps
checked() {
	p=$1 t=$2; shift 2
	x=$work/x.$n; mkdir "$x"; cd "$x"; unzip -q "$p"
	for i; do
		m=META-INF/ASiCManifest$i.xml s=META-INF/signature$i.p7s
		rm -f token* crls.pem; parts "$s"; cat "$t/signers.pem" crls.pem >anchors.pem
		openssl cms -verify -binary -inform DER -in "$s" -content "$m" -purpose any -CAfile anchors.pem -crl_check -out /dev/null 2>err || fail "${p##*/} $s: $(head -1 err)"
		! openssl cms -verify -binary -inform DER -in "$s" -content mimetype -purpose any -CAfile "$t/signers.pem" -out /dev/null 2>err || fail "${p##*/} $s: taken for another content"
		for k in token*; do
			openssl ts -verify -token_in -in "$k" -data value -CAfile "$t/tsas.pem" >out 2>err || fail "${p##*/} $s $k: $(cat out err | head -1)"
			! openssl ts -verify -token_in -in "$k" -data mimetype -CAfile "$t/tsas.pem" >out 2>err || fail "${p##*/} $s $k: taken for another content"
			tokens=$((tokens + 1))
		done
	done
	n=$((n + 1)); cd "$work"
}
packages
n=0 tokens=0
for f in "$work"/p/*.asice; do checked "$f" "${f%.asice}.trust" 001 002; done
packages=$n
# Custody records: each event is signed over everything before it, so openssl follows the chain by the lists alone.
for f in "$work"/r/*.custody.asice; do
	name=${f##*/}; name=${name%.custody.asice}
	"$CUSTODY" record add incident -q --lab "$work/lab-${name#*-}" -s what=none -s found_how=looked -s effect=none "$f" >/dev/null
	checked "$f" "$work/p/$name.trust" 001 002
done
echo "$(openssl version | cut -d' ' -f1-2): $packages packages and $((n - packages)) custody records (keys: $keys), two signatures each, $tokens time-stamps"
