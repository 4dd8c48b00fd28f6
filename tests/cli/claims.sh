# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Digests stated by others: seal takes them in, verify says of each whether it agrees. ADM-13.
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
# counts PACKAGE: stated matched legacy mismatched missing not_compared items items_unstated, of the JSON report
counts() {
	"$CUSTODY" verify --json --trust lab/trust "$1" >report.json || fail "$1 is not VALID: $(cat report.json)"
	python3 -c 'import json
c = json.load(open("report.json"))["claimed_digests"]
assert c["complete"] is True
print(*(c[k] for k in ("stated", "matched", "legacy", "mismatched", "missing", "not_compared", "items", "items_unstated")))'
}
rung() { python3 -c 'import json; print(json.load(open("report.json"))["claims"][6]["result"])'; }

code 0 "$CUSTODY" init lab --org 'Lab' --name 'Ada'
S="$CUSTODY seal --lab lab"
mkdir -p return/mail && echo one >return/a && echo two >return/mail/b && echo three >"return/mail/c d"

# every list format, as common tools and this one write them; names as in the package, below the folder, or in the folder of the list
(cd return && find . -type f -exec sha256sum {} +) >below.sha256
find return -type f -exec sha512sum {} + >as-sealed
(cd return && sha256sum --tag a mail/*) >bsd
(cd return && "$CUSTODY" hash -f hashdeep -d md5,sha256 .) >hashdeep && (cd return && "$CUSTODY" hash -f jsonl -d sha384 .) >jsonl
mkdir bag && cp -r return bag/data && (cd bag && find data -type f -exec sha256sum {} + >manifest-sha256.txt)
for list in below.sha256 as-sealed bsd hashdeep jsonl bag/manifest-sha256.txt; do
	code 0 $S --claims $list --claims-by 'Acme SA' -o p.asice return && said out 'stated digests  3 stated: 3 agree (0 by a legacy'
	[ "$(counts p.asice)" = '3 3 0 0 0 0 3 0' ] || fail "$list: $(counts p.asice)"
	[ "$(rung)" = holds ] || fail "$list: $(rung)"
	python3 - "$list" <<'END' || fail "$list: $(cat report.json)"
import hashlib, json, os, sys
r = json.load(open("report.json"))
[s] = r["claimed_digests"]["sources"]
assert s["name"] == os.path.basename(sys.argv[1]) and s["by"] == "Acme SA" and s["confirmed_by"] is None
assert s["sha256"] == hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()
assert any("who stated the digests" in n for n in r["not_proven"])
END
	rm p.asice
done

# the digests of the list are computed, whatever was asked for; MD5 alone proves little, and that is said
(cd return && md5sum a mail/*) >md5
code 0 $S -d sha256 --claims md5 -o md5.asice return && [ "$(counts md5.asice)" = '3 3 3 0 0 0 3 0' ] || fail "md5: $(counts md5.asice)"
[ "$(rung)" = 'not shown' ] || fail "md5: $(rung)"
code 0 "$CUSTODY" verify --trust lab/trust md5.asice && said out 'claim-legacy' && said out "by whom is not said"
unzip -l md5.asice | grep -q ' manifest-md5.txt$' || fail 'no MD5 was computed'

# wrong, missing, renamed, unmentioned: each is said, none moves the verdict
{ printf '%064d  a\n' 0; echo "$(sha256sum <return/mail/b | cut -c1-64)  renamed"; printf '%064d  gone.zip\n' 1; } >bad
code 0 $S --claims bad --claims-by Acme -o bad.asice return && said out '3 stated: 1 agree (0 by a legacy algorithm alone), 1 differ, 1 of nothing in the package'
[ "$(counts bad.asice)" = '3 1 0 1 1 0 3 1' ] || fail "bad: $(counts bad.asice)"
[ "$(rung)" = fails ] || fail "bad: $(rung)"
code 0 "$CUSTODY" verify --trust lab/trust bad.asice
for id in claim-mismatch claim-missing claim-name-differs claim-absent; do said out "$id (statements)"; done
said out "'gone.zip' (line 3 of 'bad', stated by 'Acme')" && said out "'renamed' (line 2 of 'bad'"

# several lists, each with its own author; one item may be in all of them
code 0 $S --claims below.sha256 --claims bad --claims-by Acme --claims-by Police -o two.asice return
[ "$(counts two.asice)" = '6 4 0 1 1 0 3 0' ] || fail "two: $(counts two.asice)"
code 0 "$CUSTODY" verify --report two.html --trust lab/trust two.asice
grep -q 'Digests stated by others' two.html || fail 'not in the HTML report'

# byte for byte: what is in the package is what the list said, in the order of the items
unzip -p two.asice custody/claims.jsonl >claims.jsonl && python3 - <<'END' || fail "claims.jsonl: $(cat claims.jsonl)"
import json
head, *lines = [json.loads(l) for l in open("claims.jsonl")]
assert head["format"] == "custody-claims/1" and head["claims"] == len(lines) == 6 and [s["by"] for s in head["sources"]] == ["Acme", "Police"]
assert lines == sorted(lines, key=lambda c: (c["item"] is None, c["item"] or 0, c["source"], c["line"]))
assert {c["path"] for c in lines if c["source"] == 1} == {"a", "renamed", "gone.zip"}
END
code 0 "$CUSTODY" show two.asice && said out 'custody/claims.jsonl'

# one bit of it is seen by verify
python3 -c 'b = bytearray(open("two.asice", "rb").read()); i = b.index(b"gone.zip"); b[i] ^= 1; open("bent.asice", "wb").write(b)'
code 1 "$CUSTODY" verify --trust lab/trust bent.asice && said out INVALID

# a stream, nothing with content, and no lists
echo one | "$CUSTODY" seal --lab lab --claims below.sha256 --stdin a -o stream.asice >out || fail "stream: $(cat out)"
[ "$(counts stream.asice)" = '3 1 0 0 2 0 1 0' ] || fail "stream: $(counts stream.asice)"
mkdir none && code 0 $S --claims md5 -o none.asice none && [ "$(counts none.asice)" = '3 0 0 0 3 0 0 0' ] || fail "none: $(counts none.asice)"
code 0 $S -o without.asice return && ! grep -q 'stated digests' out || fail 'lists that were not given'

# a letter: read as a draft, which is not taken until somebody says that they compared it
printf 'Dear all,\n\na      MD5: %s\nmail/b MD5: %s\n\n%s\n' "$(md5sum <return/a | cut -c1-32)" "$(md5sum <return/mail/b | cut -c1-32)" "$(sha256sum <"return/mail/c d" | cut -c1-64)" >letter.txt
code 0 "$CUSTODY" claims -o draft letter.txt && said err '3 names with digests' && said err '1 have no name beside them'
code 66 $S --claims draft -o letter.asice return && said err 'nobody has confirmed it' && said err '--claims-confirmed-by'
sed -i 's,NAME?,mail/c d,' draft
code 0 $S --claims draft --claims-by Acme --claims-confirmed-by 'Ada Analyst' -o letter.asice return && [ "$(counts letter.asice)" = '3 3 2 0 0 0 3 0' ] || fail "letter: $(counts letter.asice)"
code 0 "$CUSTODY" verify --trust lab/trust letter.asice && said out "'draft', stated by 'Acme', read from a text and confirmed by" && said out "'Ada Analyst'"
python3 - <<'END' || fail "draft: $(cat draft)"
import hashlib, json
for l in map(json.loads, open("draft")):
    assert l["draft"]["of"] == "letter.txt" and l["draft"]["sha256"] == hashlib.sha256(open("letter.txt", "rb").read()).hexdigest()
    assert open("letter.txt").read().splitlines()[l["draft"]["line"] - 1] == l["draft"]["text"]
END
code 66 "$CUSTODY" claims -o draft letter.txt && code 66 "$CUSTODY" claims nosuch && code 64 "$CUSTODY" claims && code 64 $S --claims-confirmed-by x -o q.asice return
echo 'nothing' >nothing && code 65 "$CUSTODY" claims nothing && said err 'there is no digest in it'
printf '\377\376a\0' >utf16 && code 65 "$CUSTODY" claims utf16 && said err 'iconv -f UTF-16 -t UTF-8'
printf 'd\351p\364t  MD5: d41d8cd98f00b204e9800998ecf8427e\n' >western && code 65 "$CUSTODY" claims western && said err 'iconv -f CP1252 -t UTF-8'
iconv -f CP1252 -t UTF-8 western >western8 && code 0 "$CUSTODY" claims western8
printf '%%PDF-1.7\n\001\377' >letter.pdf && code 65 "$CUSTODY" claims letter.pdf && said err 'pdftotext' && ! grep -q iconv err || fail "a PDF: $(cat err)"

# a signature of the sender: verified, and what it signed is a draft, which is not taken until somebody says whose certificate it is
signer() {
	name=$1 subject=$2
	shift 2
	openssl req -x509 -nodes -days 3650 -subj "$subject" -keyout "$name.key" -out "$name.pem" "$@" 2>/dev/null || fail "no key $name"
}
# sign FILE KEY SIGNATURE [OPTION...]
sign() {
	file=$1 key=$2 into=$3
	shift 3
	openssl cms -sign -binary -in "$file" -signer "$key.pem" -inkey "$key.key" -outform DER -out "$into" "$@" || fail "no signature $into"
}
fingerprint() { openssl x509 -in "$1.pem" -outform DER | sha256sum | cut -c 1-64; }
signer rsa '/O=Acme SA/CN=Signing' -newkey rsa:2048
signer ec '/O=Acme SA/CN=Signing (EC)' -newkey ec -pkeyopt ec_paramgen_curve:P-384
mkdir signed && echo export >signed/export.zip
sign signed/export.zip rsa export.zip.p7s
sign signed/export.zip ec export.zip.ec.p7s -md sha512
sign signed/export.zip rsa pss.p7s -keyopt rsa_padding_mode:pss -cades
openssl smime -sign -binary -in signed/export.zip -signer ec.pem -inkey ec.key -outform PEM -out smime.p7s || fail 'no S/MIME signature'
for s in export.zip.p7s:rsa export.zip.ec.p7s:ec pss.p7s:rsa smime.p7s:ec; do
	key=${s#*:} s=${s%:*}
	rm -f draft.sig && code 0 "$CUSTODY" claims -o draft.sig "$s"
	said err 'the signature holds: whoever has the key of this certificate signed content with sha' && said err "that is the signer's word and proves nothing"
	said err "SHA-256 of the certificate: $(fingerprint $key | sed 's/..../& /g')" && said err 'NOT CHECKED: whether that certificate is the sender' && said err 'O=Acme SA'
	python3 - "$s" "$(fingerprint $key)" signed/export.zip <<'END' || fail "$s: $(cat draft.sig)"
import hashlib, json, sys
l = json.loads(open("draft.sig").read())
d = l["draft"]
assert d["of"] == sys.argv[1] and d["sha256"] == hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest() and d["certificate"]["sha256"] == sys.argv[2]
assert l["path"] == {"export.zip.p7s": "export.zip", "export.zip.ec.p7s": "export.zip.ec", "pss.p7s": "pss", "smime.p7s": "NAME?"}[sys.argv[1]]
[(name, value)] = l["digests"].items()
assert value == hashlib.new(name, open(sys.argv[3], "rb").read()).hexdigest()
assert "whether the certificate is the sender's" in d["not_checked"] and d["signing_time"]
END
done
said err "'smime.p7s' does not name what was signed: put it in place of NAME?"
rm draft.sig && code 0 "$CUSTODY" claims -o draft.sig export.zip.p7s && said err "what was signed is called 'export.zip' in the draft, after 'export.zip.p7s'"
code 66 $S --claims draft.sig --claims-by 'Acme SA' -o sig.asice signed && said err 'nobody has confirmed whose certificate it is' && said err '--claims-confirmed-by'
code 0 $S --claims draft.sig --claims-by 'Acme SA' --claims-confirmed-by 'Ada Analyst' -o sig.asice signed export.zip.p7s && [ "$(counts sig.asice)" = '1 1 0 0 0 0 2 1' ] || fail "signature: $(counts sig.asice)"
code 0 "$CUSTODY" verify --trust lab/trust sig.asice && said out "'draft.sig', in the format 'signature', stated by 'Acme SA', read from a signature whose certificate was confirmed as theirs by" && said out "'Ada Analyst'"
# with nothing else in it, everything is what they signed
code 0 $S --claims draft.sig --claims-by 'Acme SA' --claims-confirmed-by 'Ada Analyst' -o sig-alone.asice signed && [ "$(counts sig-alone.asice)" = '1 1 0 0 0 0 1 0' ] && [ "$(rung)" = holds ] || fail "signature alone: $(rung)"
# other content under the name, and none
mkdir altered && echo exporT >altered/export.zip && code 0 $S --claims draft.sig --claims-by 'Acme SA' --claims-confirmed-by Ada -o altered.asice altered
[ "$(counts altered.asice)" = '1 0 0 1 0 0 1 0' ] && [ "$(rung)" = fails ] || fail "altered: $(counts altered.asice) $(rung)"
code 0 "$CUSTODY" verify --trust lab/trust altered.asice && said out "sha256 of 'export.zip' (line 1 of 'draft.sig', stated by 'Acme SA')"
mkdir gone && echo other >gone/other && code 0 $S --claims draft.sig --claims-by 'Acme SA' --claims-confirmed-by Ada -o gone.asice gone && [ "$(counts gone.asice)" = '1 0 0 0 1 0 1 1' ] || fail "gone: $(counts gone.asice)"
# SHA-1 is legacy, said when it is read and whenever it is compared
sign signed/export.zip ec sha1.p7s -md sha1 && rm draft.sig && code 0 "$CUSTODY" claims -o draft.sig sha1.p7s && said err 'it is by sha1, for which others can make two contents with one digest'
code 0 $S --claims draft.sig --claims-by 'Acme SA' --claims-confirmed-by Ada -o sha1.asice signed && [ "$(counts sha1.asice)" = '1 1 1 0 0 0 1 0' ] && [ "$(rung)" = 'not shown' ] || fail "SHA-1: $(counts sha1.asice) $(rung)"
# drafts of texts and of signatures are not taken as one list, nor do drafts hide behind other lines
cat draft.sig draft >mixed && code 65 $S --claims mixed --claims-confirmed-by Ada -o q.asice signed && said err 'drafts of signatures beside such of a text'
{ (cd return && "$CUSTODY" hash -f jsonl a); cat draft.sig; } >hidden && code 66 $S --claims hidden -o q.asice signed && said err 'nobody has confirmed'
# a certificate that the sender gave elsewhere
sign signed/export.zip ec bare.p7s -nocerts
code 66 "$CUSTODY" claims bare.p7s && said err 'found no certificate of the signer' && said err '--certificate FILE'
openssl x509 -in ec.pem -outform DER -out ec.der
code 0 "$CUSTODY" claims --certificate ec.pem bare.p7s && code 0 "$CUSTODY" claims --certificate ec.der bare.p7s && said out "$(fingerprint ec)"
code 66 "$CUSTODY" claims --certificate rsa.pem bare.p7s && said err 'by another certificate than the one given'
code 65 "$CUSTODY" claims --certificate letter.txt bare.p7s && said err "'letter.txt': found no certificate, want one in PEM or DER"
code 66 "$CUSTODY" claims --certificate nosuch bare.p7s && code 65 "$CUSTODY" claims --certificate ec.pem letter.txt && said err 'want a CMS signature'
# none that does not hold leaves a draft
rm draft.sig
python3 -c 'b = bytearray(open("export.zip.p7s", "rb").read()); b[-1] ^= 1; open("bent.p7s", "wb").write(b)'
code 66 "$CUSTODY" claims -o draft.sig bent.p7s && said err 'found a signature that does not hold'
python3 - export.zip.p7s signed/export.zip <<'END'
import hashlib, sys
b, c = open(sys.argv[1], "rb").read(), open(sys.argv[2], "rb").read()
open("other-digest.p7s", "wb").write(b.replace(hashlib.sha256(c).digest(), hashlib.sha256(b"other").digest()))
END
code 66 "$CUSTODY" claims -o draft.sig other-digest.p7s && said err 'found a signature that does not hold'
sign signed/export.zip ec attached.p7s -nodetach && code 65 "$CUSTODY" claims -o draft.sig attached.p7s && said err 'with its content inside'
sign signed/export.zip ec plain.p7s -noattr && code 65 "$CUSTODY" claims -o draft.sig plain.p7s && said err 'without signed attributes'
sign signed/export.zip ec both.p7s -signer rsa.pem -inkey rsa.key && code 65 "$CUSTODY" claims -o draft.sig both.p7s && said err 'found 2 signers, want one'
head -c 500 export.zip.p7s >cut.p7s && code 65 "$CUSTODY" claims -o draft.sig cut.p7s && said err 'found a length beyond the end'
echo 'nothing' >empty.p7s && code 65 "$CUSTODY" claims -o draft.sig empty.p7s && said err 'found neither DER nor a PEM block of PKCS7 or CMS'
[ ! -e draft.sig ] || fail 'a draft of a signature that does not hold'
# what others are
printf -- '-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n' >list.asc && code 65 "$CUSTODY" claims list.asc && said err 'gpg --verify'
printf '\211\001\063\004\000\001' >list.sig && code 65 "$CUSTODY" claims list.sig && said err 'found a PGP signature, which is not verified here'
printf -- '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n%s\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n' "$(sha256sum return/a)" >clear.asc
code 0 "$CUSTODY" claims clear.asc && said err "'clear.asc' is signed with PGP, and that signature was not verified" && said out '"path":"return/a"'
printf '%%PDF-1.7\n\377\n/ByteRange [0 1 2 3]' >signed.pdf && code 65 "$CUSTODY" claims signed.pdf && said err 'found a PDF, with a signature inside that is not verified here'

# refused before anything is read
code 64 $S --claims-by x -o q.asice return && code 64 $S --claims-format bsd -o q.asice return && code 64 $S --claims md5 --claims-format none -o q.asice return
code 64 $S --claims md5 --claims-by a --claims-by b -o q.asice return && code 64 $S --claims md5 --claims-by '' -o q.asice return
code 64 "$CUSTODY" seal --lab lab --finish x.unsealed --claims md5
code 66 $S --claims nosuch -o q.asice return && said err "the stated digests 'nosuch'" && code 66 $S --claims return -o q.asice return
: >empty && code 65 $S --claims empty -o q.asice return
echo 'no list at all' >text && code 65 $S --claims text -o q.asice return && said err 'hint: '
{ printf '%064d  a\n' 0; printf '%064d  a\n' 1; } >contradiction && code 65 $S --claims contradiction -o q.asice return && said err 'line 2'
[ ! -e q.asice ] || fail 'something was sealed'

# ADM-13: a signature, certificate or letter of the sender is bound by its digest, as theirs, and called not verified everywhere
mkdir -p letters/in && echo data >letters/in/a && echo 'we certify' >letters/letter.pdf && (cd letters/in && sha256sum a) >letters/list
"$CUSTODY" init letters/lab -q --org Lab --name Ada >/dev/null || exit 1
"$CUSTODY" seal -q --lab letters/lab --claims letters/list --claims-unverified letters/letter.pdf --claims-by 'Acme SA' -o letters/p.asice letters/in >letters/form || exit 1
"$CUSTODY" verify --trust letters/lab/trust letters/p.asice | tr -d '\n' | tr -s ' ' >letters/out
for text in "'letter.pdf', a signature, certificate or letter, NOT VERIFIED, stated by 'Acme SA'" 'Of 1 signature, certificate or letter it is only known which file it is.' claim-unverified \
	"$(sha256sum <letters/letter.pdf | cut -c1-4)"; do
	grep -qF -- "$text" letters/out || { echo "verify does not say '$text': $(cat letters/out)"; exit 1; }
done
"$CUSTODY" verify --json --trust letters/lab/trust letters/p.asice >letters/out
python3 -c 'import hashlib, json
r = json.load(open("letters/out")); s = r["claimed_digests"]["sources"]
assert r["verdict"] == "VALID" and [x["result"] for x in s] == ["compared", "unverified"] and r["claimed_digests"]["matched"] == 1
assert s[1]["sha256"] == hashlib.sha256(open("letters/letter.pdf", "rb").read()).hexdigest() and s[1]["by"] == "Acme SA"' || { cat letters/out; exit 1; }
"$CUSTODY" seal -q --lab letters/lab --claims-unverified letters/letter.pdf -o letters/alone.asice letters/in >/dev/null || exit 1
"$CUSTODY" verify --trust letters/lab/trust letters/alone.asice | tr -d '\n' | tr -s ' ' | grep -qF 'a signature, certificate or letter of the sender was not verified' || { echo "a letter alone"; exit 1; }
"$CUSTODY" seal --lab letters/lab --claims-unverified letters/none -o letters/no.asice letters/in >/dev/null 2>letters/err
[ $? = 66 ] && grep -qF "the statement 'letters/none': there is no such file" letters/err || { cat letters/err; exit 1; }
mkfifo letters/fifo
"$CUSTODY" seal --lab letters/lab --claims-unverified letters/fifo -o letters/no.asice letters/in >/dev/null 2>letters/err
[ $? = 66 ] && grep -qF "it is no regular file, want a signature, a certificate or a letter" letters/err || { cat letters/err; exit 1; }
"$CUSTODY" seal --lab letters/lab --claims-by x -o letters/no.asice letters/in >/dev/null 2>letters/err
[ $? = 64 ] && grep -qF -- '--claims-by is about --claims FILE and --claims-unverified FILE' letters/err || { cat letters/err; exit 1; }
