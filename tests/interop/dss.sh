#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# EU DSS, the European Commission's validator, with its own default policy: both signatures of every package that we write are TOTAL-PASSED at
# CAdES-BASELINE-LT, and so is every event of the custody records that we write, with the stamp's time as the best-signature-time (without that, TOTAL-PASSED says nothing of the time), without an error and with no
# warning but the three that the format explains. And what DSS says of every fixture is what tests/interop/dss/fixtures.tsv has, so that a change is seen;
# a fixture that we call VALID and DSS does not pass must be explained there. usage: dss.sh [write]  (write: make the table anew)
# shellcheck source=common.bash
. "$(dirname "$0")/common.bash"
java_libs
validate() { java -cp "$libs/*" "$root/tests/interop/dss/Validate.java" "$@" 2>/dev/null; }
anchors() { cat "$1/signers.pem" "$1/tsas.pem" >"$work/anchors.pem"; }

# passed FILE TRUST NUMBER: so many signatures; latest becomes the latest time of a stamp
passed() {
	anchors "$2"; validate "$work/anchors.pem" "$1" >"$work/said"
	[ "$(wc -l <"$work/said")" = "$3" ] || fail "${1##*/}: DSS sees other than $3 signatures: $(cat "$work/said")"
	latest=''
	while IFS=$'\t' read -r _ signature indication _ level best rest; do
		[ "$indication/$level" = "TOTAL_PASSED/CAdES-BASELINE-LT" ] || fail "${1##*/} $signature: $indication, $level; $rest"
		tr '\t' '\n' <<<"$rest" | grep -qx "stamp PASSED $best" || fail "${1##*/} $signature: best time $best is not the stamp's; $rest"
		left=$(tr '\t' '\n' <<<"$rest" | grep -vxE "stamp PASSED $best|warning BBB_XCV_(AIA|REVOC)_PRES_ANS" || true)
		[ "${signature##*/}" != signature002.p7s ] || left=$(grep -vx 'warning BBB_CV_IAFS_ANS' <<<"$left" || true)
		[ -z "$left" ] || fail "${1##*/} $signature: $left"
		[[ "$best" < "$latest" ]] || latest=$best
	done <"$work/said"
}

# good PACKAGE TRUST TIME
good() {
	passed "$1" "$2" 2
	# Each signature has a stamp of its own; the package's time is the later one.
	[ "$latest" = "$3" ] || fail "${1##*/}: its later stamp is of $latest for DSS, of $3 for custody"
}

packages
n=0
for p in "$work"/p/*.asice; do good "$p" "${p%.asice}.trust" "$(time_of "$p" "${p%.asice}.trust")"; n=$((n + 1)); done
echo "sealed here: $n packages (keys: $keys), each TOTAL-PASSED twice at CAdES-BASELINE-LT with its stamp's time"

# Custody records: every event is a signature over all before it, and DSS passes each. One goes from one laboratory to another and is continued there.
n=0
for r in "$work"/r/*.custody.asice; do
	name=${r##*/}; name=${name%.custody.asice}
	"$CUSTODY" record add other:note -q --lab "$work/lab-${name#*-}" -s what=interop "$r" >/dev/null
	passed "$r" "$work/p/$name.trust" 2; n=$((n + 1))
done
"$CUSTODY" init -q "$work/lab-other" --org "Other Lab" --name "Other Analyst" --key-type p384 >/dev/null
mkdir "$work/both"; for f in signers tsas crls; do cat "$work"/lab-{p256,other}/trust/$f.pem >"$work/both/$f.pem"; done
p=$work/p/own-p256.asice r=$work/r/own-p256.custody.asice
"$CUSTODY" release -q --lab "$work/lab-p256" --to "Other Analyst" --purpose interop --authority none --record "$r" "$p" >/dev/null
"$CUSTODY" accept -q --lab "$work/lab-other" --trust "$work/lab-p256/trust" --record "$r" "$p" >/dev/null
passed "$r" "$work/both" 4
echo "custody records: $n of two events and one handed over between two laboratories, every event TOTAL-PASSED at CAdES-BASELINE-LT"

# Certificates of fixtures begin and lists of theirs come into force weeks or months after the stamp: the table is what DSS says as of this instant, on any day.
fixtures_at=2026-11-29T00:00:00Z
# fixtures FOLDER: "FIXTURE <tab> OUR VERDICT <tab> DSS on 001, 002" of each line of its expected.tsv
fixtures() {
	cd "$root/fixtures/$1"
	cut -f2 expected.tsv | grep -v '^#\|^trust$\|^-$' | sort -u | while read -r trust; do
		[ -f "$trust/signers.pem" ] || continue
		anchors "$trust"
		awk -F'\t' -v t="$trust" '!/^#/ && $2 == t && $1 ~ /asice$/ { print $1 }' expected.tsv | while read -r f; do [ ! -f "$f" ] || echo "$PWD/$f"; done >"$work/list"
		xargs -r -d '\n' java -cp "$libs/*" -Dat="$fixtures_at" "$root/tests/interop/dss/Validate.java" "$work/anchors.pem" <"$work/list" 2>/dev/null |
			python3 "$root/tests/interop/dss/summary.py" "$1" "$trust"
	done
	cd - >/dev/null
}
table=$root/tests/interop/dss/fixtures.tsv
{ fixtures sealed; fixtures tampered; } | LC_ALL=C sort >"$work/table"
[ "${1:-}" != write ] || python3 "$root/tests/interop/dss/summary.py" head "$work/table" >"$table"
grep -v '^#' "$table" | diff - "$work/table" >"$work/diff" || fail "DSS says something else than tests/interop/dss/fixtures.tsv has: $(cat "$work/diff")"
python3 "$root/tests/interop/dss/summary.py" judge "$work/table"
