# SPDX-License-Identifier: Apache-2.0
# custody init: what it makes by the measure of other programs, what it refuses, and that a failure leaves nothing.
set -eu
fail() { echo "$*"; exit 1; }
# code WANT COMMAND...: runs it; its output is in out and err
code() {
	want=$1; shift; rc=0
	"$@" >out 2>err </dev/null || rc=$?
	[ "$rc" = "$want" ] || fail "'$*' exits $rc, want $want: $(cat err)"
}
says() { grep -qF -- "$1" "$2" || fail "$2 does not say '$1': $(cat "$2")"; }

# ---- what is made ----
umask 000
code 0 "$CUSTODY" init lab --org "Bar Lab" --name "Bar Analyst"
says "Bar Lab" out; says "Bar Analyst" out; says "custody lab crl" out; says "own word" out
says "the keys are not encrypted" err
[ "$(stat -c %a lab lab/root lab/keys lab/trust lab/certificates | sort -u)" = 700 ] || fail "a folder of the lab is not 0700"
[ "$(stat -c %a lab/keys/*.key lab/root/root.key lab/journal.jsonl | sort -u)" = 600 ] || fail "a key or the journal is not 0600"
[ "$(find lab -name '*.key' | wc -l)" = 3 ] || fail "not three keys"
[ "$(find lab -type f -perm /022)" = "" ] || fail "others may write: $(find lab -type f -perm /022)"
umask 022

# The number printed in groups of four is the root's.
anchor=$(openssl x509 -in lab/trust/signers.pem -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)
[ "$(grep -E '^  ([0-9a-f]{4} ){15}[0-9a-f]{4}$' out | tr -d ' ')" = "$anchor" ] || fail "the anchor printed is not the root's"
cmp -s lab/trust/signers.pem lab/trust/tsas.pem && cmp -s lab/trust/signers.pem lab/root/root.pem || fail "trust is not the root"

# What a killed run left beside is named, and nothing else that lies there.
mkdir beside beside/.custody-lab.0123456789abcdef.tmp
code 0 "$CUSTODY" init beside/lab --org O --name N; says "'.custody-lab.0123456789abcdef.tmp' beside the lab" err
rmdir beside/.custody-lab.0123456789abcdef.tmp; mkdir beside/.custody-lab.0123456789abcdeg.tmp beside/custody-lab.0123456789abcdef.tmp
code 0 "$CUSTODY" init beside/second/ --org O --name N; ! grep -q "beside the lab" err || fail "names what is none: $(cat err)"

# ---- certificates ----
check_lab() { # LAB root-key leaf-key
	openssl verify -x509_strict -CAfile "$1/trust/signers.pem" -no-CApath -no-CAstore -crl_check -CRLfile "$1/trust/crls.pem" "$1"/certificates/*.pem >out 2>&1 ||
		fail "openssl verify: $(cat out)"
	openssl verify -x509_strict -purpose timestampsign -CAfile "$1/trust/tsas.pem" -no-CApath -no-CAstore "$1/certificates/time-stamping.pem" >out 2>&1 ||
		fail "not for time-stamping: $(cat out)"
	openssl crl -in "$1/trust/crls.pem" -CAfile "$1/trust/signers.pem" -no-CApath -no-CAstore -noout 2>out && grep -q '^verify OK' out || fail "crl: $(cat out)"
	openssl x509 -in "$1/root/root.pem" -noout -text | grep -q "$2" || fail "the root's key is not $2"
	for c in "$1"/certificates/*.pem; do openssl x509 -in "$c" -noout -text | grep -q "$3" || fail "$c: key is not $3"; done
}
check_lab lab secp384r1 prime256v1
field() { openssl x509 -in "$1" -noout -nameopt RFC2253,-esc_msb "$2" | sed 's/^[a-z]*=//'; }
[ "$(field lab/certificates/bar-analyst.pem -subject)" = "CN=Bar Analyst,O=Bar Lab" ] || fail "subject $(field lab/certificates/bar-analyst.pem -subject)"
field lab/root/root.pem -subject | grep -qE '^CN=Own root [0-9a-f]{8} \(laboratory without PKI\),O=Bar Lab$' || fail "root's subject"
[ "$(field lab/root/root.pem -issuer)" = "$(field lab/root/root.pem -subject)" ] || fail "root's issuer"
[ "$(field lab/certificates/bar-analyst.pem -issuer)" = "$(field lab/root/root.pem -subject)" ] || fail "issuer"
text() { openssl x509 -in "$1" -noout -ext "$2" 2>&1 | sed 's/^ *//' | paste -sd'|'; }
[ "$(text lab/root/root.pem basicConstraints,keyUsage)" = "X509v3 Basic Constraints: critical|CA:TRUE, pathlen:0|X509v3 Key Usage: critical|Certificate Sign, CRL Sign" ] ||
	fail "root: $(text lab/root/root.pem basicConstraints,keyUsage)"
[ "$(text lab/certificates/bar-analyst.pem keyUsage,extendedKeyUsage)" = "X509v3 Key Usage: critical|Digital Signature, Non Repudiation" ] || fail "usage of the analyst's"
[ "$(text lab/certificates/time-stamping.pem keyUsage,extendedKeyUsage)" = "X509v3 Key Usage: critical|Digital Signature|X509v3 Extended Key Usage: critical|Time Stamping" ] ||
	fail "usage of the authority's"
for c in lab/certificates/*.pem; do
	openssl x509 -in "$c" -noout -ext subjectKeyIdentifier | grep -q : || fail "no key identifier"
	[ "$(openssl x509 -in "$c" -noout -ext authorityKeyIdentifier | sed '1d; s/.*keyid://' | tr -d ' ')" = "$(openssl x509 -in lab/root/root.pem -noout -ext subjectKeyIdentifier | sed 1d | tr -d ' ')" ] ||
		fail "authority key identifier"
	openssl x509 -in "$c" -noout -ext privateKeyUsagePeriod | grep -q 'Not After' || fail "no private key usage period"
	openssl x509 -in "$c" -noout -checkend $((4017 * 86400)) >/dev/null || fail "$c ends before 11 years"
	openssl x509 -in "$c" -noout -checkend $((4019 * 86400)) >/dev/null && fail "$c ends after 11 years"
done
openssl x509 -in lab/root/root.pem -noout -checkend $((7304 * 86400)) >/dev/null || fail "the root ends before 20 years"
openssl x509 -in lab/root/root.pem -noout -checkend $((7306 * 86400)) >/dev/null && fail "the root ends after 20 years"
seconds() { date -u -d "$(echo "$1" | sed 's/^[A-Za-z]*=//')" +%s; }
this=$(seconds "$(openssl crl -in lab/trust/crls.pem -noout -lastupdate)"); next=$(seconds "$(openssl crl -in lab/trust/crls.pem -noout -nextupdate)")
from=$(seconds "$(openssl x509 -in lab/certificates/bar-analyst.pem -noout -startdate)")
[ "$this" -ge "$from" ] || fail "the list is older than the certificate"
[ $((next - this)) = $((90 * 86400)) ] || fail "the list serves for $(((next - this) / 86400)) days"
[ "$(openssl crl -in lab/trust/crls.pem -noout -crlnumber)" = "crlNumber=0x01" ] || openssl crl -in lab/trust/crls.pem -noout -text | grep -A1 'CRL Number' | grep -q ' 1$' || fail "CRL number"

# Each key is its certificate's.
for n in bar-analyst time-stamping; do
	[ "$(openssl pkey -in lab/keys/$n.key -pubout)" = "$(openssl x509 -in lab/certificates/$n.pem -noout -pubkey)" ] || fail "$n: not a pair"
done
[ "$(openssl pkey -in lab/root/root.key -pubout)" = "$(openssl x509 -in lab/root/root.pem -noout -pubkey)" ] || fail "root: not a pair"

# ---- journal and configuration ----
[ "$(wc -l <lab/journal.jsonl)" = 1 ] || fail "journal has $(wc -l <lab/journal.jsonl) lines"
python3 - <<'P' || fail "journal: $(cat lab/journal.jsonl)"
import json
e = json.loads(open('lab/journal.jsonl').read())
assert list(e) == ['time', 'tool', 'command', 'arguments', 'package', 'result', 'self_test'], e
assert e['command'] == 'init' and e['arguments'] == ['lab', '--org', 'Bar Lab', '--name', 'Bar Analyst'] and e['result'] == 'made', e
P
says 'organisation = "Bar Lab"' lab/custody.conf; says 'signer = bar-analyst' lab/custody.conf

# ---- the other key types, passphrase, JSON ----
code 0 "$CUSTODY" init -q --org O --name N --key-type p384 lab384; check_lab lab384 secp384r1 secp384r1
[ ! -s err ] || fail "--quiet says: $(cat err)"
code 0 "$CUSTODY" init --org O --name N --key-type rsa3072 labrsa; check_lab labrsa '3072 bit' '3072 bit'
code 0 "$CUSTODY" init --org O --name N --key-type rsa-pss labpss; check_lab labpss 'rsassaPss' 'rsassaPss'
openssl x509 -in labpss/certificates/n.pem -noout -text | grep -q 'Salt Length: 0x20' || fail "salt: $(openssl x509 -in labpss/certificates/n.pem -noout -text)"
rc=0; printf 'open sesame\nrest' | "$CUSTODY" init --json --org 'Ä "x" \ #' --name "O'Hara" --passphrase-fd 0 labp >out 2>err || rc=$?
[ $rc = 0 ] || fail "init --passphrase-fd: $rc: $(cat err)"
[ ! -s err ] || fail "notes although encrypted: $(cat err)"
python3 - <<'P' || fail "json: $(cat out)"
import json
r = json.load(open('out'))
assert r['schema'] == 'custody-init-result/1' and r['organisation'] == 'Ä "x" \\ #' and r['operator'] == "O'Hara" and r['signer'] == 'o-hara', r
assert r['encrypted'] is True and len(r['anchor_sha256']) == 64 and r['lab'] == 'labp', r
P
for k in labp/keys/*.key labp/root/root.key; do
	openssl pkey -in "$k" -passin 'pass:open sesame' -noout || fail "$k: the passphrase does not open it"
	openssl pkey -in "$k" -passin pass:wrong -noout 2>/dev/null && fail "$k: a wrong passphrase opens it"
	openssl asn1parse -in "$k" | grep -q scrypt || fail "$k: not by scrypt"
done
grep -rq sesame labp && fail "the passphrase is in the lab"
code 0 "$CUSTODY" init default; says "Organisation not stated" out; says "--org" out
[ "$(field lab384/root/root.pem -subject)" != "$(field labrsa/root/root.pem -subject)" ] || fail "two labs of one name have one root's name"

# ---- what is refused, and that it leaves nothing ----
before=$(find . -path ./out -o -path ./err -prune -o -print | sort | sha256sum); sums=$(find lab -type f -exec sha256sum {} + | sort | sha256sum)
code 66 "$CUSTODY" init lab --org other --name other; says "exists already" err
[ "$(find lab -type f -exec sha256sum {} + | sort | sha256sum)" = "$sums" ] || fail "an existing lab was touched"
: >plain; code 66 "$CUSTODY" init plain; rm plain
ln -s nowhere link; code 66 "$CUSTODY" init link; rm link
mkdir empty; code 66 "$CUSTODY" init empty; rmdir empty
code 66 "$CUSTODY" init none/lab
code 64 "$CUSTODY" init; code 64 "$CUSTODY" init a b; code 64 "$CUSTODY" init --nosuch a
code 64 "$CUSTODY" init --key-type dsa a; says "p256, p384, rsa3072 or rsa-pss" err
code 64 "$CUSTODY" init --org "" a
code 64 "$CUSTODY" init --org "$(printf 'a\nb')" a; says 'a\u{000a}b' err
code 64 "$CUSTODY" init --org "$(printf 'x%.0s' $(seq 65))" a; says "65 characters, want at most 64" err
code 0 "$CUSTODY" init --org "$(printf 'ä%.0s' $(seq 64))" --name x sixtyfour; rm -r sixtyfour
# shellcheck disable=SC2016
code 64 "$CUSTODY" init --org '$HOME' a; says "custody.conf" err
code 64 "$CUSTODY" init --name "Time Stamping" a
rc=0; printf '\n' | "$CUSTODY" init --passphrase-fd 0 a >out 2>err || rc=$?; [ $rc = 66 ] || fail "an empty passphrase exits $rc: $(cat err)"
code 0 "$CUSTODY" init --help; says "--key-type" out
[ "$(find . -path ./out -o -path ./err -prune -o -print | sort | sha256sum)" = "$before" ] || fail "something was left: $(find . | sort)"

# A disk that is full at one file after another, and a folder that cannot be written.
if mkdir disk && mount -t tmpfs -o size=256k,nr_inodes=64 none disk 2>/dev/null; then
	for leave in 0 8 24 40 56 64 72 80 88 96 120; do
		dd if=/dev/zero of=disk/filler bs=1k count=1024 2>/dev/null || true
		truncate -s -${leave}k disk/filler
		rc=0; "$CUSTODY" init disk/lab --org O --name N >out 2>err || rc=$?
		left=$(find disk -mindepth 1 ! -name filler)
		[ $rc = 74 ] && [ -z "$left" ] || [ $rc = 0 ] || { umount disk; fail "full disk ($leave KiB left): exit $rc, left '$left': $(cat err)"; }
		[ $rc = 74 ] || rm -r disk/lab
		[ "$leave" != 0 ] || [ $rc = 74 ] || { umount disk; fail "a full disk is not noticed"; }
		rm disk/filler
	done
	[ $rc = 0 ] || { umount disk; fail "120 KiB are not enough: $(cat err)"; }
	mount -o remount,ro disk; rc=0; "$CUSTODY" init disk/lab --org O --name N >out 2>err || rc=$?; umount disk
	[ $rc = 74 ] || fail "a read-only disk: exit $rc"
fi

# Keys are never readable by others, not even while the lab is made.
mkdir watch; chmod 777 watch
( while [ ! -e watch/stop ]; do find watch -name '*.key' -perm /077 || true; done >seen 2>/dev/null ) &
watcher=$!
for i in 1 2 3 4 5; do ( umask 0; "$CUSTODY" init -q watch/lab$i --org O --name N >/dev/null ) || fail "init $i"; done
: >watch/stop; wait $watcher
[ ! -s seen ] || fail "others could read: $(cat seen)"
