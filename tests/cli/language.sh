# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Reports in other languages than English (ADM-85, ADM-96, decisions/0020): the same facts, by --language and by nothing else; JSON stays as it is. And the
# catalogues: no text of a report is missing in the template, none in French, and what does not fit is refused when the program is built.
set -u
fail() { echo "$*"; exit 1; }
code() {
	want=$1 rc=0
	shift
	"$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(head -c 300 out) $(cat err)"
}
own=$FIXTURES/sealed/own-p256.asice trust=$FIXTURES/sealed/trust-own
export HOME=$PWD
# wherever a line breaks
flat() { tr -s ' \n' ' ' <out >out.flat && mv out.flat out; }

# the three values, and a file that is no package
code 0 "$CUSTODY" verify --language fr --trust "$trust" "$own"
flat && grep -q '^VALIDE (VALID)' out && grep -q 'octet pour octet, le fichier qui a été scellé' out && grep -q 'le texte anglais fait foi' out || fail "not in French: $(cat out)"
! grep -q 'pas complète' out || fail "French says that it is not complete"
code 2 "$CUSTODY" verify --language fr "$own" && grep -q '^INDÉTERMINÉ (INDETERMINATE)' out || fail "$(cat out)"
code 1 "$CUSTODY" verify --language fr --trust "$trust" "$FIXTURES/tampered/item-digest-mismatch/evidence.asice"
flat && grep -q '^INVALIDE (INVALID)' out && grep -q '1 élément diffère de ce que le paquet en dit' out && grep -q 'item-digest-mismatch' out || fail "$(cat out)"
code 66 "$CUSTODY" verify --language fr --report r.txt none && grep -q '^NON JUGÉ (NOT JUDGED)' r.txt && grep -q 'no such file' err || fail "not judged: $(cat r.txt)"

# HTML: the facts of JSON, each in French, of packages of every kind
msgfmt -o fr.mo "$ROOT/formats/po/fr.po" || fail "msgfmt"
mkdir kept
made=0
for f in "$own" "$FIXTURES/sealed/independent-p256.asice" "$FIXTURES"/tampered/{item-digest-mismatch,member-uncovered,seal-untrusted,not-the-package-expected}/*.asice; do
	made=$((made + 1))
	"$CUSTODY" verify --json --language fr --trust "$trust" --report kept/$made.html "$f" >kept/$made.json 2>err </dev/null
	[ -s kept/$made.html ] || fail "$f: $(cat err)"
done
"$CUSTODY" verify --json --language fr --trust "$FIXTURES/record/trust" --record "$FIXTURES/record/three.record" --report kept/record.html "$FIXTURES/record/package.asice" >kept/record.json 2>err ||
	fail "with a record: $(cat err)"
grep -q 'le paquet a été remis par' kept/record.html || fail "the record does not tell in French"
python3 -B "$ROOT/tests/support/report_html.py" --catalogue fr.mo kept/*.html || fail "French pages"
grep -q '<html lang="fr">' kept/1.html || fail "the page does not say that it is French"

# Arabic runs from right to left; digests, names of findings and commands keep their direction
code 0 "$CUSTODY" verify --language ar --trust "$trust" --report ar.html "$own"
grep -q '^صالح (VALID):' out && tr -s '\n ' '  ' <out | grep -q 'هذه أسئلة للمحكمة' && ! grep -q 'الترجمة غير كاملة' out || fail "not in Arabic: $(cat out)"
for piece in '<html lang="ar" dir="rtl">' '<span class="n" dir="ltr">1fcc ef7e ' '<h3 dir="ltr">time-own-word</h3>' 'صالح (VALID)'; do
	grep -qF -- "$piece" ar.html || fail "not in the Arabic page: $piece"
done
# what a custody record tells is composed of parts, and all of them are Arabic
mkdir kept-ar
"$CUSTODY" verify --json --language ar --trust "$FIXTURES/record/trust" --record "$FIXTURES/record/three.record" --report kept-ar/record.html "$FIXTURES/record/package.asice" >kept-ar/record.json 2>err ||
	fail "with a record: $(cat err)"
grep -q 'سلمت الحزمة بواسطة ' kept-ar/record.html || fail "the record does not tell in Arabic"
msgfmt -o ar.mo "$ROOT/formats/po/ar.po" || fail "msgfmt"
for f in "$own" "$FIXTURES/sealed/independent-p256.asice" "$FIXTURES/tampered/item-digest-mismatch/evidence.asice"; do
	name=$(echo "${f#"$FIXTURES"/}" | tr / _)
	"$CUSTODY" verify --json --language ar --trust "$trust" --report "kept-ar/$name.html" "$f" >"kept-ar/$name.json" 2>err </dev/null
	[ -s "kept-ar/$name.html" ] || fail "$f: $(cat err)"
done
python3 -B "$ROOT/tests/support/report_html.py" --catalogue ar.mo kept-ar/*.html || fail "Arabic pages"

# JSON is the same bytes in every language, in every environment
code 0 "$CUSTODY" verify --json --trust "$trust" --at 2026-11-20 "$own" && cp out plain.json
code 0 "$CUSTODY" verify --json --language fr --report s.html --trust "$trust" --at 2026-11-20 "$own" && cmp -s out plain.json || fail "JSON is another with --language"
code 0 "$CUSTODY" verify --trust "$trust" --at 2026-11-20 "$own" && cp out plain.txt

# an environment that wants something else, with catalogues of its own everywhere that one may be looked for
mkdir -p evil/fr/LC_MESSAGES evil/fr_FR.UTF-8/LC_MESSAGES evil/share/locale
printf 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "INVALID"\nmsgstr "VALID"\n\nmsgid "VALID"\nmsgstr "EVIL"\n' >evil.po
for domain in custody custody-fr messages libc; do
	for l in fr fr_FR.UTF-8; do msgfmt -o evil/$l/LC_MESSAGES/$domain.mo evil.po || fail "msgfmt"; done
done
for vars in "LANGUAGE=fr LC_ALL=fr_FR.UTF-8" "LANGUAGE=fr LC_ALL=C.UTF-8" "LANG=fr LC_MESSAGES=fr_FR.UTF-8" "LANGUAGE=../../evil/fr LC_ALL=../evil" \
	"LANGUAGE=fr LC_ALL=C.UTF-8 TEXTDOMAIN=custody TEXTDOMAINDIR=$PWD/evil LOCPATH=$PWD/evil NLSPATH=$PWD/evil/%N OUTPUT_CHARSET=UTF-16"; do
	# shellcheck disable=SC2086 # several variables
	code 0 env $vars "$CUSTODY" verify --trust "$trust" --at 2026-11-20 "$own" && cmp -s out plain.txt || fail "$vars changes the report"
	# shellcheck disable=SC2086
	code 0 env $vars "$CUSTODY" verify --json --trust "$trust" --at 2026-11-20 "$own" && cmp -s out plain.json || fail "$vars changes JSON"
	# shellcheck disable=SC2086
	code 0 env $vars "$CUSTODY" verify --language fr --trust "$trust" --at 2026-11-20 "$own" && grep -q '^VALIDE (VALID)' out && ! grep -q EVIL out || fail "$vars: $(cat out)"
done
code 0 env -i "$CUSTODY" verify --language fr --trust "$trust" "$own" && grep -q '^VALIDE (VALID)' out || fail "without any environment: $(cat out)"
nm -D "$CUSTODY" | grep -qw malloc || fail "nm shows nothing"
! nm -D "$CUSTODY" | grep -wE 'U (d?c?n?gettext|bindtextdomain|textdomain|setlocale|newlocale|catopen)' || fail "the program asks the locale"

# what is not a language, and where none is asked for
for l in de FR fr_FR fr.UTF-8 ../fr ''; do
	code 64 "$CUSTODY" verify --language "$l" "$own" && grep -q 'language wants one of: en, fr, ar' err || fail "--language '$l': $(cat err)"
done
code 64 "$CUSTODY" verify --json --language fr "$own" && grep -q 'JSON is the same' err || fail "$(cat err)"
code 64 "$CUSTODY" verify --json --language fr --report s.json "$own"
code 0 "$CUSTODY" verify --language en --trust "$trust" --at 2026-11-20 "$own" && cmp -s out plain.txt || fail "--language en is not English"

# ---- the catalogues ----
po() { make --no-print-directory -C "$1" CC="${CC:-gcc}" B="$PWD/b" check-po >out 2>&1; }
po "$ROOT" || fail "the catalogues: $(tail -n 20 out)"
# the test itself: a sentence that nobody translated, and one that is gone, are seen
mkdir -p bent && cp -r "$ROOT/Makefile" "$ROOT/formats" "$ROOT/libcustody" bent/
po bent || fail "a copy of the catalogues: $(cat out)"
sed -i 's/N_("no request was compared")/N_("no request at all was compared")/' bent/formats/report_request.c
! po bent && grep -q '^+msgid "no request at all was compared"' out || fail "a new sentence is not seen: $(cat out)"
cp "$ROOT"/formats/report_request.c bent/formats/
sed -i 's/^msgstr "tient"/msgstr ""/' bent/formats/po/fr.po && ! po bent || fail "a French text that is missing is not seen"
cp "$ROOT/formats/po/fr.po" bent/formats/po/
sed -i '0,/^msgid "holds"/s//#, fuzzy\n&/' bent/formats/po/fr.po && ! po bent || fail "a fuzzy French text is not seen"
# every text with a hole is known as a format, so that msgfmt compares it
awk 'BEGIN { RS = "" } /\nmsgid(_plural)? [^\n]*%[a-z.]/ && !/c-format/ { print; bad = 1 } END { exit bad }' "$ROOT/formats/po/custody.pot" || fail "a format that is not known as one"

# a translation that does not fit is refused. refuses SED SCRIPT, WORDS
sed 's/^"Plural.*/"Plural-Forms: nplurals=2; plural=(n > 1);\\n"/' "$ROOT/formats/po/custody.pot" >all.pot
msgen --no-wrap -o all.po all.pot && msgfmt -o all.mo all.po || fail "msgen"
refuses() {
	sed "$1" "$ROOT/formats/po/fr.po" >fr.po
	! cmp -s fr.po "$ROOT/formats/po/fr.po" || fail "nothing is bent by: $1"
	! { msgfmt --check -o fr.mo fr.po && python3 -B "$ROOT/formats/po/tables.py" all.mo fr.mo; } >out 2>&1 || fail "is taken: $1"
	grep -qF -- "$2" out || fail "$1: does not say '$2': $(cat out)"
}
refuses 's/^msgstr "Établi le %s (/msgstr "Établi le %d (/' 'format specifications'
refuses 's/^msgstr "délivré par %s/msgstr "délivré par %s %s/' 'number of format specifications'
refuses 's/plural=(n > 1)/plural=(n > 1) + 1/' 'plural'
refuses 's/plural=(n > 1)/plural=system(n)/' 'plural'
refuses 's/^msgstr "tient"/msgstr "ti\xe2\x80\xaeent"/' 'U+202E'
refuses 's/^msgstr "tient"/msgstr "tient "/' 'other blanks'
refuses 's/^msgid "holds"/msgid "holds on"/' 'translates what is not there'
exit 0
