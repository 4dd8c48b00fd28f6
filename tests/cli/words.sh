# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ADM-48: no output says what only a court can. Every text that the programs hold, every page, and what is said of every fixture, in each form. What the
# commands say when they are used is looked at where they are: cli/examples.sh runs the examples of every page and looks at all that came out.
set -u
fail() { echo "$*"; exit 1; }
words="python3 -B $ROOT/tests/support/words.py"

# the test itself: it finds what it must, and does not pass over nothing
for w in recevable Irrecevabilité authentique garanti irréfutable 'fait foi' admissible INADMISSIBLE admissibility authentic Authenticity genuine 'court-proof' 'court proof' "$(printf 'court-\nproof')"; do
	printf 'this is %s.\n' "$w" >planted
	$words planted >out && fail "does not find '$w'"
done
rm planted && mkdir none && $words none >out && fail "passes when there is nothing to look at"

# every text in the programs: messages, tables, templates that were built in
for p in "$CUSTODY" "$(dirname "$CUSTODY")"/custody-worker "$(dirname "$CUSTODY")"/custody-tsad; do
	[ -e "$p" ] || fail "there is no $p"
	objcopy -O binary --only-section=.rodata "$p" "${p##*/}.rodata" 2>err || fail "$p: $(cat err)"
	[ -s "${p##*/}.rodata" ] || fail "$p: no texts in it"
	$words "${p##*/}.rodata" || fail "$p holds a forbidden word"
done
grep -q 'there is no command' custody.rodata || fail "the texts are not where they are looked for"

# pages, and all that is not source but is shown or filled in
find "$ROOT/cmd" "$ROOT/libcustody" "$ROOT/formats" -type f ! -name '*.[ch]' ! -name '*.py' ! -name README.md ! -path '*/decisions/*' -print0 | xargs -0 $words "$ROOT/README.md" "$ROOT/NEWS.md" ||
	fail "a page holds a forbidden word"

# help
mkdir said
"$CUSTODY" --help >said/help
for c in $(sed -n 's/^  \([a-z]\{2,\}\) .*/\1/p' said/help); do "$CUSTODY" "$c" --help >"said/help-$c" 2>&1; done
[ "$(find said -name 'help-*' | wc -l)" -gt 10 ] || fail "no help"

# what is said of every package, good or forged
reports() {
	name=$(echo "${1#"$FIXTURES"/}" | tr / _)
	"$CUSTODY" verify --trust "$FIXTURES/sealed/trust-own" --report "said/$name.html" "$1" >"said/$name.text" 2>&1 </dev/null
	"$CUSTODY" verify --json --trust "$FIXTURES/sealed/trust-own" --report "said/$name.txt" "$1" >"said/$name.json" 2>&1 </dev/null
	"$CUSTODY" verify --language fr --trust "$FIXTURES/sealed/trust-own" --report "said/$name.fr.html" "$1" >"said/$name.fr.text" 2>&1 </dev/null
	{ "$CUSTODY" show "$1"; "$CUSTODY" show --json "$1"; } >"said/$name.show" 2>&1 </dev/null
	"$CUSTODY" verify --language ar --trust "$FIXTURES/sealed/trust-own" --report "said/$name.ar.html" "$1" >"said/$name.ar.text" 2>&1 </dev/null
	for form in html text json txt show fr.html fr.text ar.html ar.text; do [ -s "said/$name.$form" ] || { echo "$1: no $form: $(cat "said/$name.text")"; return 1; }; done
}
export -f reports
find "$FIXTURES/sealed" "$FIXTURES/tampered" -name '*.asice' -print0 | xargs -0 -n 1 -P "$(nproc)" bash -c 'reports "$1"' - || fail "of a package"
for f in "$FIXTURES"/record/*.record "$FIXTURES"/tampered/*/*.record; do
	"$CUSTODY" verify --trust "$FIXTURES/record/trust" --record "$f" "$FIXTURES/record/package.asice"
	"$CUSTODY" record show --trust "$FIXTURES/record/trust" "$f"
	"$CUSTODY" record show --json --trust "$FIXTURES/record/trust" "$f"
done >said/records 2>&1
[ "$(find said -type f | wc -l)" -gt 1500 ] || fail "only $(find said -type f | wc -l) files"
for v in VALID INVALID INDETERMINATE; do grep -qrl "\"verdict\":\"$v\"" said || fail "nothing is $v"; done
$words said || fail "a forbidden word is said"
exit 0
