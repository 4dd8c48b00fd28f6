# SPDX-License-Identifier: Apache-2.0
# custody lab: what each action makes by the measure of openssl, what it refuses, and that nothing is lost when it fails.
set -eu
fail() { echo "$*"; exit 1; }
# code WANT COMMAND...: runs it; its output is in out and err
code() {
	want=$1; shift; rc=0
	"$@" >out 2>err </dev/null || rc=$?
	[ "$rc" = "$want" ] || fail "'$*' exits $rc, want $want: $(cat err out)"
}
# wherever a line breaks
says() { tr -s ' \n' ' ' <"$2" | grep -qF -- "$(tr -s ' \n' ' ' <<<"$1" | sed 's/ $//')" || fail "$2 does not say '$1': $(cat "$2")"; }
number() { openssl crl -in lab/trust/crls.pem -noout -text | sed -n '/CRL Number/{n;s/ //gp;}'; }
lines() { wc -l <lab/journal.jsonl; }
last() { tail -n 1 lab/journal.jsonl; }
sums() { find lab -type f ! -name journal.jsonl -exec sha256sum {} + | sort | sha256sum; }
openssl_good() { openssl verify -x509_strict -CAfile lab/trust/signers.pem -no-CApath -no-CAstore -crl_check -CRLfile lab/trust/crls.pem "$1" >verified 2>&1; }

# ---- usage ----
code 64 "$CUSTODY" lab; code 64 "$CUSTODY" lab nosuch; code 64 "$CUSTODY" lab shw; says "did you mean 'lab show'" err
code 64 "$CUSTODY" lab crl x; code 64 "$CUSTODY" lab certify; code 64 "$CUSTODY" lab revoke x; says "--reason" err
code 64 "$CUSTODY" lab revoke x --reason stolen; says "want keyCompromise" err
code 64 "$CUSTODY" lab revoke x --reason superseded --since yesterday
code 64 "$CUSTODY" lab crl --tsa; says "has no option --tsa" err
code 64 "$CUSTODY" lab trust f --root r; says "has no option --root" err
code 66 "$CUSTODY" lab show; says "there is no lab" err
code 66 "$CUSTODY" lab show --lab nosuch

"$CUSTODY" init -q lab --org "Bar Lab" --name "Ada Analyst" >/dev/null
export CUSTODY_LAB=$PWD/lab
printf evidence >item
seal() { "$CUSTODY" seal --case c --exhibit e -o "$@" item >out 2>err || fail "seal: $(cat err)"; }
verdict() { code "$1" "$CUSTODY" verify --trust lab/trust "$2"; }

# ---- a new list ----
[ "$(number)" = 1 ] || fail "first list: $(number)"
code 0 "$CUSTODY" lab crl; says "revocation list 2, 0 revoked" out; [ "$(number)" = 2 ] || fail "list 2: $(number)"
openssl crl -in lab/trust/crls.pem -CAfile lab/trust/signers.pem -noout 2>out && grep -q '^verify OK' out || fail "openssl: $(cat out)"
[ "$(lines)" = 2 ] || fail "journal: $(cat lab/journal.jsonl)"
last | grep -q '"command":"crl","arguments":\["crl"\].*revocation list 2 until' || fail "journal: $(last)"

# ---- keys ----
seal one.asice
code 0 "$CUSTODY" lab certify "Grace Examiner" --key-type p384; says "custody seal --as grace-examiner" out
openssl x509 -in lab/certificates/grace-examiner.pem -noout -text | grep -q secp384r1 || fail "key type"
[ "$(stat -c %a lab/keys/grace-examiner.key)" = 600 ] || fail "a key of mode $(stat -c %a lab/keys/grace-examiner.key)"
openssl_good lab/certificates/grace-examiner.pem || fail "openssl: $(cat verified)"
seal two.asice --as "Grace Examiner"; says "CN=Grace Examiner" out
verdict 0 one.asice; verdict 0 two.asice; says "sealed by     Grace Examiner" out
code 0 "$CUSTODY" show two.asice; says "Grace Examiner" out
code 0 "$CUSTODY" lab certify ada-analyst; says "keys/ada-analyst.key is not used any more" out
openssl x509 -in lab/certificates/ada-analyst--2.pem -noout -text | grep -q prime256v1 || fail "not the type of the key before"
seal three.asice
unzip -p three.asice META-INF/signature001.p7s | openssl pkcs7 -inform DER -print_certs 2>/dev/null | openssl x509 -noout -serial >serial
[ "$(cat serial)" = "$(openssl x509 -in lab/certificates/ada-analyst--2.pem -noout -serial)" ] || fail "the old key seals: $(cat serial)"
code 0 "$CUSTODY" lab certify time-stamping --tsa
seal four.asice
for p in one two three four; do verdict 0 $p.asice; done
code 66 "$CUSTODY" lab certify "ADA-analyst"; says "is that of 'Ada Analyst' already" err
code 66 "$CUSTODY" lab certify "Ada Analyst" --tsa; says "with a key for sealing" err
code 66 "$CUSTODY" lab certify time-stamping; says "with a key for time-stamping" err
code 64 "$CUSTODY" lab certify ""; code 64 "$CUSTODY" lab certify "--" ; code 64 "$CUSTODY" lab certify -- "--"; code 64 "$CUSTODY" lab certify x --key-type dsa
: >lab/keys/new.key; code 66 "$CUSTODY" lab certify New; says "exists already" err; rm lab/keys/new.key

# ---- revocation ----
before=$(number)
code 66 "$CUSTODY" lab revoke "Ada Analyst" --reason superseded; says "has 2 certificates" err
code 66 "$CUSTODY" lab revoke Nobody --reason superseded
code 66 "$CUSTODY" lab revoke lab/root/root.pem --reason keyCompromise; says "root's own certificate" err
code 65 "$CUSTODY" lab revoke item --reason superseded
code 64 "$CUSTODY" lab revoke "Grace Examiner" --reason keyCompromise --since 2099-01-01; says "is in the future" err
code 64 "$CUSTODY" lab revoke "Grace Examiner" --reason keyCompromise --since 2020-01-01; says "is before the certificate" err
[ "$(number)" = "$before" ] || fail "a refused revocation made a list"
sleep 1.1 # a list has whole seconds: what was sealed in that of the revocation counts as sealed after it
code 0 "$CUSTODY" lab revoke "Grace Examiner" --reason affiliationChanged; [ "$(number)" = $((before + 1)) ] || fail "list: $(number)"
openssl_good lab/certificates/grace-examiner.pem && fail "openssl does not see the revocation"
grep -q 'certificate revoked' verified || fail "openssl: $(cat verified)"
openssl crl -in lab/trust/crls.pem -noout -text | grep -q 'Affiliation Changed' || fail "no reason"
verdict 2 two.asice; says "seal-revoked-no-proof-before" out; verdict 0 one.asice
rc=0; "$CUSTODY" seal --as grace-examiner -o x.asice item >out 2>err || rc=$?; [ $rc = 66 ] || fail "a revoked key seals: $rc"; says "is revoked" err
code 66 "$CUSTODY" lab revoke "Grace Examiner" --reason cessationOfOperation; says "revoked already: affiliationChanged" err
code 0 "$CUSTODY" lab revoke lab/certificates/grace-examiner.pem --reason keyCompromise
code 66 "$CUSTODY" lab revoke lab/certificates/grace-examiner.pem --reason keyCompromise
code 0 "$CUSTODY" lab crl; says "1 revoked" out

# ---- show ----
code 0 "$CUSTODY" lab show; says "REVOKED since" out; says "ada-analyst--2 (taken by default)" out; says "days left" out; says "not used any more" out
code 0 "$CUSTODY" lab show --json
python3 - <<'P' || fail "json: $(cat out)"
import json
r = json.load(open('out'))
assert r['schema'] == 'custody-lab-show/1' and r['root'] == {'here': True, 'trouble': None, 'unpublished_revocations': 0, 'unplaced_certificates': 0}, r['root']
k = {e['key']: e for e in r['keys']}
assert {n: e['state'] for n, e in k.items()} == {'ada-analyst': 'earlier', 'ada-analyst--2': 'serves', 'grace-examiner': 'revoked', 'time-stamping': 'earlier', 'time-stamping--2': 'serves'}, k
assert [n for n, e in k.items() if e['default']] == ['ada-analyst--2', 'time-stamping--2']
assert r['crls'][0]['own'] and r['crls'][0]['revoked'] == 1 and 88 <= r['crls'][0]['days_left'] <= 90
assert len(r['anchors']) == 1 and r['anchors'][0]['own'] and r['anchors'][0]['signers'] and r['anchors'][0]['tsas']
P

# ---- the root is away, comes back old, is another's ----
cp -r lab/root old; mv lab/root away
code 66 "$CUSTODY" lab crl; says "--root DIR" err
code 0 "$CUSTODY" lab show; says "not here" out
code 0 "$CUSTODY" lab crl --root away
s=$(sums)
code 66 "$CUSTODY" lab crl --root old; says "is an old copy" err
"$CUSTODY" init -q other --org O --name N >/dev/null
code 66 "$CUSTODY" lab crl --root other/root; says "not this lab's" err
chmod 644 away/root.key; code 66 "$CUSTODY" lab crl --root away; says "mode 0644" err; chmod 600 away/root.key
cp away/state.json kept
head -c 200 kept >away/state.json; code 65 "$CUSTODY" lab crl --root away; says "is it whole?" err
code 0 "$CUSTODY" lab show --root away; says "is there, but" out
cp kept away/state.json
# the journal first
mv lab/journal.jsonl j; mkdir lab/journal.jsonl
for a in "crl" "certify Y" "revoke lab/certificates/ada-analyst.pem --reason superseded"; do
	# shellcheck disable=SC2086
	code 74 "$CUSTODY" lab $a --root away
done
code 74 "$CUSTODY" lab trust other/trust/tsas.pem
rmdir lab/journal.jsonl; mv j lab/journal.jsonl
[ "$(sums)" = "$s" ] || fail "something changed although it failed"
code 0 "$CUSTODY" lab crl --root away; mv away lab/root

# ---- several at once ----
before=$(number)
for i in 1 2 3 4 5 6; do "$CUSTODY" lab crl >out.$i 2>err.$i & done
wait
[ "$(number)" = $((before + 6)) ] || fail "six at once: list $(number) after $before: $(cat err.*)"
[ "$(sed -n 's/^revocation list \([0-9]*\),.*/\1/p' out.* | sort -u | wc -l)" = 6 ] || fail "a number came twice: $(cat out.*)"

cp -r lab/root kept.root

# ---- clocks ----
if command -v faketime >/dev/null; then
	code 66 faketime -f -2d "$CUSTODY" lab crl; says "has not come yet" err
	code 66 faketime -f +91d "$CUSTODY" seal -o y.asice item; says "custody lab crl" err
	code 0 faketime -f +91d "$CUSTODY" lab crl
	code 0 faketime -f +91d "$CUSTODY" seal --case c --exhibit e -o y.asice item
	code 0 faketime -f +740d "$CUSTODY" lab show; says "its time is over since" out
	code 0 faketime -f +740d "$CUSTODY" lab crl
	code 66 faketime -f +740d "$CUSTODY" seal -o z.asice item; says "custody lab certify --lab $PWD/lab ada-analyst" err
	# what `lab show` advises can be followed: it makes the next key of the holder, not one for somebody who is called like the key
	code 0 faketime -f +740d "$CUSTODY" lab show; cp -r lab copy
	sed -n 's/.*the next one: custody //p' out >advice; [ -s advice ] || fail "no advice: $(cat out)"
	while read -r words; do
		# shellcheck disable=SC2086
		code 0 env CUSTODY_LAB="$PWD/copy" faketime -f +740d "$CUSTODY" $words; says "next key of" out
	done <advice
	code 0 env CUSTODY_LAB="$PWD/copy" faketime -f +740d "$CUSTODY" seal -o z.asice item
	rm -r copy
	rm -r lab/root; cp -r kept.root lab/root; code 66 "$CUSTODY" lab crl # as it should: the list is of the future
fi

# ---- passphrases ----
rm -r lab
printf 'open sesame\n' | "$CUSTODY" init -q lab --org O --name N --passphrase-fd 0 >/dev/null
code 66 "$CUSTODY" lab crl; says "--passphrase-fd" err
rc=0; printf 'wrong\n' | "$CUSTODY" lab crl --passphrase-fd 0 >out 2>err || rc=$?; [ $rc = 66 ] || fail "wrong passphrase: $rc"; says "wrong passphrase" err
printf 'open sesame\n' | "$CUSTODY" lab crl --passphrase-fd 0 >out 2>err || fail "passphrase: $(cat err)"
printf 'open sesame\n' | "$CUSTODY" lab certify M --passphrase-fd 0 >out 2>err || fail "passphrase: $(cat err)"
openssl pkey -in lab/keys/m.key -passin 'pass:open sesame' -noout || fail "the new key has another passphrase"
printf 'own one\n' >p2
printf 'open sesame\n' | "$CUSTODY" lab certify L --passphrase-fd 0 --key-passphrase-fd 3 3<p2 >out 2>err || fail "passphrase: $(cat err)"
openssl pkey -in lab/keys/l.key -passin 'pass:own one' -noout || fail "the new key does not have its own passphrase"
grep -rq 'sesame\|own one' lab && fail "a passphrase is in the lab"

# ---- foreign authorities ----
cp lab/trust/crls.pem own.old.pem
code 0 "$CUSTODY" lab trust other/trust/tsas.pem; says "added" out; says "Compare these numbers" out
code 0 "$CUSTODY" lab trust other/trust/tsas.pem; says "was there already" out
grep -c BEGIN lab/trust/tsas.pem | grep -qx 2 || fail "anchors: $(grep -c BEGIN lab/trust/tsas.pem)"
code 0 "$CUSTODY" lab trust other/trust/crls.pem; ! grep -q "Compare these numbers" out || fail "numbers of a list"
"$CUSTODY" lab crl --lab other >/dev/null; code 0 "$CUSTODY" lab trust other/trust/crls.pem; says "in place of an older one" out
grep -c BEGIN lab/trust/crls.pem | grep -qx 2 || fail "lists: $(grep -c BEGIN lab/trust/crls.pem)"
printf 'open sesame\n' | "$CUSTODY" lab crl --passphrase-fd 0 >out 2>err || fail "crl: $(cat err)"
grep -c BEGIN lab/trust/crls.pem | grep -qx 2 || fail "a foreign list was lost"
openssl x509 -in other/certificates/time-stamping.pem -outform DER -out t.der
code 0 "$CUSTODY" lab trust t.der; says "time-stamping authority" out
s=$(sums)
code 66 "$CUSTODY" lab trust nosuch; code 65 "$CUSTODY" lab trust item; says "neither a certificate nor a revocation list" err
code 65 "$CUSTODY" lab trust other/keys/n.key; says "found a block 'PRIVATE KEY'" err
code 66 "$CUSTODY" lab trust lab/certificates/time-stamping.pem; says "of this lab itself" err
code 0 "$CUSTODY" lab trust lab/trust/signers.pem; says "was there already" out; ! grep -q independent out || fail "the lab's own root is called independent"
code 66 "$CUSTODY" lab trust other/certificates/n.pem; says "neither an authority's (CA) nor one for time-stamping" err
code 66 "$CUSTODY" lab trust own.old.pem; says "this lab's own root" err
"$CUSTODY" init -q third --org O --name N >/dev/null
code 66 "$CUSTODY" lab trust third/trust/crls.pem; says "none of the trusted authorities issued" err
cat third/trust/tsas.pem other/certificates/n.pem >mixed.pem; code 66 "$CUSTODY" lab trust mixed.pem
head -n 8 third/trust/tsas.pem >torn.pem; code 65 "$CUSTODY" lab trust torn.pem
[ "$(sums)" = "$s" ] || fail "a refused file left something"
code 0 "$CUSTODY" lab show; says "for         time-stamps" out
last | grep -q '"command":"trust".*"failed: ' || fail "journal: $(last)"

# ---- what anybody can change is said, by whatever uses it, once; and a journal that is gone ----
said_once() { [ "$(grep -c 'anybody on this computer can change' err)" = 1 ] || fail "$* says it $(grep -c 'can change' err) times: $(cat err)"; }
"$CUSTODY" init -q open --org Open --name Olga >/dev/null
code 0 "$CUSTODY" lab show --lab open; ! grep -q warning err || fail "a lab as it was made is warned of: $(cat err)"
code 0 "$CUSTODY" seal --lab open -o open.asice item; ! grep -q 'can change\|is gone' err || fail "a lab as it was made is warned of: $(cat err)"
chmod g+w open open/trust; code 0 "$CUSTODY" lab show --lab open; ! grep -q warning err || fail "a group is warned of: $(cat err)"
for what in . trust trust/signers.pem trust/crls.pem root root/state.json keys certificates custody.conf journal.jsonl; do
	chmod o+w open/$what
	code 0 "$CUSTODY" lab show --lab open; said_once "$what"; says "chmod -R o-w open" err
	chmod o-w open/$what
done
chmod -R o+w open/trust open/journal.jsonl
code 0 "$CUSTODY" verify --trust open/trust open.asice; said_once verify; says "'open/trust' (mode 0" err
code 0 "$CUSTODY" verify --lab open open.asice; said_once verify --lab; says "and 4 more of it" err
code 0 "$CUSTODY" seal --lab open -o open2.asice item; said_once seal
code 0 "$CUSTODY" lab crl --lab open -q; said_once crl
chmod -R o-w open && rm open/journal.jsonl
code 0 "$CUSTODY" lab crl --lab open; says "the journal of 'open' is gone or empty" err
head -n 1 open/journal.jsonl | grep -q '"command":"crl"' || fail "journal: $(cat open/journal.jsonl)"
code 0 "$CUSTODY" lab crl --lab open; ! grep -q 'is gone' err || fail "a new journal is called gone"
