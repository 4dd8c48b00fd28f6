# SPDX-License-Identifier: Apache-2.0
# What VERIFY.txt tells people to do is done, letter by letter: its commands are taken from the text and run in bash on packages of ours, today, on the day after the revocation
# list ended, and on packages that were tampered with; and what each step prints is what the text promises.
set -u
fail() { echo "$*"; exit 1; }
"$CUSTODY" --help | grep -q '^  seal ' || { echo "seal is not built"; exit 77; }
text=$ROOT/libcustody/package/VERIFY.txt
here=$PWD

# The commands of steps 1 to 7: lines indented by five spaces between the two headings, each step announced on both outputs.
awk '/^ON LINUX/ { on = 1 } /^ON WINDOWS/ { on = 0 }
	on && /^[0-9]\. / { n = substr($1, 1, 1); print "echo \"#step " n "\"; echo \"#step " n "\" >&2" }
	on && /^     / { print substr($0, 6) }' "$text" >steps
[ "$(grep -c '^echo "#step' steps)" = 7 ] || fail "VERIFY.txt has not seven steps"
[ "$(grep -cv '^echo "#step' steps)" -ge 15 ] || fail "VERIFY.txt has lost commands"

# run PACKAGE TRUST WHEN: does the steps in an empty folder under the date WHEN ("" now); run/out and run/err hold what came.
run() {
	rm -rf run; mkdir run
	cp "$1" run/PACKAGE.asice; cp "$2/signers.pem" "$2/tsas.pem" run/
	(cd run && if [ -n "$3" ]; then faketime -f "$3" bash "$here/steps"; else bash "$here/steps"; fi) >out 2>err </dev/null
	mv out err run/
}
# part STEP FILE: what came between two announcements.
part() { awk -v n="$1" '/^#step / { on = ($2 == n); next } on' "run/$2"; }

silent() { for s in $1; do [ -z "$(part "$s" out)$(part "$s" err)" ] || fail "$what: step $s prints: $(part "$s" out; part "$s" err)"; done; }

# good WHAT NUMBER SIGNER: everything as promised.
good() {
	what=$1
	[ "$(part 1 out)" = "$2  PACKAGE.asice" ] || fail "$what: step 1: $(part 1 out)"
	silent "2 3 4"
	[ "$(part 5 out | wc -l)" = 2 ] && [ "$(part 5 out | sort -u | wc -l)" = 1 ] && part 5 out | head -n 1 | grep -qE '^[A-Za-z0-9+/]{43}=$' || fail "$what: step 5: $(part 5 out)"
	[ "$(part 6 err)" = "CAdES Verification successful" ] || fail "$what: step 6: $(part 6 err)"
	part 6 out | grep -q "^subject=.*CN *= *$3" || fail "$what: step 6: who: $(part 6 out)"
	part 6 out | grep -qi '^sha256 Fingerprint=' || fail "$what: step 6: fingerprint: $(part 6 out)"
	part 7 out | grep -q '^Verification: OK$' || fail "$what: step 7: $(part 7 out; part 7 err)"
	part 7 out | grep -qE '^Time stamp: [A-Z][a-z]{2} [ 0-9][0-9] [0-9:.]+ 20[0-9]{2} GMT$' || fail "$what: step 7: time: $(part 7 out)"
}
number() { sha256sum <"$1" | cut -d' ' -f1; }

# ---- packages: with content of every awkward kind, without any, and for each key ----
mkdir -p in/sub in/empty none/a/b
echo hello >in/plain; : >in/nothing; echo x >"in/two  spaces"; echo y >"in/ä ö.txt"; echo z >"in/$(printf 'line\nfeed')"; echo w >"in/back\\slash"; head -c 100000 /dev/zero >in/sub/zeros
ln -s plain in/link
for k in p256 p384 rsa3072; do "$CUSTODY" init -q --org "Text Lab" --name "Text Analyst" --key-type $k lab-$k >/dev/null || fail "init $k"; done
seal() { "$CUSTODY" seal --quiet --lab "$1" --case C --exhibit E -o "$2" "$3" >seal.out 2>seal.err || fail "seal $2: $(cat seal.err)"; }
seal lab-p256 full.asice in; seal lab-p256 none.asice none; seal lab-p384 p384.asice in; seal lab-rsa3072 rsa.asice in
unzip -p full.asice custody/VERIFY.txt | cmp - "$text" || fail "the package carries another text"

for p in full none; do
	run $p.asice lab-p256/trust ""; good "$p" "$(number $p.asice)" "Text Analyst"
	if command -v faketime >/dev/null; then run $p.asice lab-p256/trust "+91d"; good "$p, day 91" "$(number $p.asice)" "Text Analyst"; fi
done
run p384.asice lab-p384/trust ""; good p384 "$(number p384.asice)" "Text Analyst"
run rsa.asice lab-rsa3072/trust ""; good rsa3072 "$(number rsa.asice)" "Text Analyst"

# ---- what the text says beside the steps ----
run full.asice lab-p256/trust ""
when=$(date -u -d "$(part 7 out | sed -n 's/^Time stamp: //p')" +%s) || fail "the time of step 7 cannot be read"
verify=$(grep '^openssl cms -verify' steps)
# again DATE OPTIONS: the command of step 6 with more behind it.
again() {
	(cd run/x && s=META-INF/signature001.p7s && export s && if [ -n "$1" ]; then faketime -f "$1" bash -c "$verify $2"; else bash -c "$verify $2"; fi) >again.out 2>again.err
}
again "" "-crl_check" || fail "with -crl_check today: $(cat again.err)"
if command -v faketime >/dev/null; then
	again "+91d" "-crl_check" && fail "a revocation list that ended is taken"
	grep -q 'CRL has expired' again.err || fail "day 91: $(cat again.err)"
	again "+91d" "-crl_check -attime $when" || fail "with -crl_check -attime on day 91: $(cat again.err)"
	again "+5000d" "" && fail "an expired certificate is taken"
	again "+5000d" "-attime $when" || fail "with -attime after the end of the certificate: $(cat again.err)"
fi
"$CUSTODY" seal --quiet --lab lab-p256 --level B-T -o bt.asice in >/dev/null 2>seal.err || fail "seal B-T: $(cat seal.err)"
run bt.asice lab-p256/trust ""; good B-T "$(number bt.asice)" "Text Analyst"
again "" "-crl_check" && fail "B-T: -crl_check passes"
grep -q 'unable to get certificate CRL' again.err || fail "B-T: $(cat again.err)"

# ---- what the steps notice ----
# tamper CODE: a copy of full.asice with its members (names to bytes, in m) changed by Python.
tamper() {
	python3 - "$1" <<'P' || exit 1
import sys, zipfile
z = zipfile.ZipFile('full.asice'); m = {i.filename: z.read(i) for i in z.infolist()}
exec(sys.argv[1])
with zipfile.ZipFile('bad.asice', 'w', zipfile.ZIP_STORED) as o:
    for n, b in m.items(): o.writestr(n, b)
P
	run bad.asice lab-p256/trust ""
}
tamper "m['data/in/plain'] = b'HELLO\n'"; part 3 out | grep -q DIFFERS || fail "changed content: step 3 says nothing"
tamper "del m['data/in/plain']"; part 3 out | grep -q DIFFERS || fail "missing content: step 3 says nothing"
tamper "m['data/in/more'] = b'x'"; [ -n "$(part 4 out)" ] || fail "more content: step 4 says nothing"
tamper "m['evil.sh'] = b'x'"; [ -n "$(part 4 out)" ] || fail "a member more: step 4 says nothing"
tamper "m['tagmanifest-sha256.txt'] += b'\n'"; [ "$(part 5 out | sort -u | wc -l)" = 2 ] || fail "another tag list: step 5 prints one line twice"
tamper "m['META-INF/ASiCManifest001.xml'] += b' '"; part 6 err | grep -q 'Verification failure\|verification failure' || fail "another manifest: step 6: $(part 6 err)"
tamper "m['META-INF/signature001.p7s'] = m['META-INF/signature002.p7s']"; part 6 err | grep -qi 'verification failure' || fail "another signature: step 6: $(part 6 err)"
run full.asice lab-p384/trust ""; part 6 err | grep -qi 'unable to get local issuer\|verification failure\|verify error' || fail "another lab's anchors: step 6: $(part 6 err)"
part 7 out | grep -q '^Verification: OK' && fail "another lab's anchors: step 7 passes"
[ "$(number full.asice)" != "$(part 1 out | cut -d' ' -f1)" ] && fail "step 1"
exit 0
