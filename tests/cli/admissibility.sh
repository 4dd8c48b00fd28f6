# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# tests/admissibility.tsv: every row is there once, and every test that it names exists. How many rows are shown, in part, or not at all, is printed.
set -u
fail() { echo "$*"; exit 1; }
check() { python3 -B "$ROOT/tests/support/admissibility.py" "$1" >out 2>&1; }
check "$ROOT/tests/admissibility.tsv" || fail "$(cat out)"
cp out counted

# it would see each mistake: SED SCRIPT, WORDS
sees() {
	sed "$1" "$ROOT/tests/admissibility.tsv" >bent.tsv
	! cmp -s bent.tsv "$ROOT/tests/admissibility.tsv" || fail "nothing is bent by: $1"
	! check bent.tsv || fail "does not see: $1"
	grep -qF -- "$2" out || fail "$1: does not say '$2': $(cat out)"
}
sees 's,unit:request/has_the_kinds_of_ADM_02,unit:request/has_the_kinds,' 'ADM-02: there is no test unit:request/has_the_kinds,'
sees '/^ADM-48/s,cli:words,cli:wordless,' 'ADM-48: there is no test cli:wordless'
sees '/^ADM-48/s,cli:words,cli:hash,' 'ADM-48: there is no test cli:hash'
sees 's,prop:prop_record,prop:prop_other,' 'there is no test prop:prop_other'
sees 's,fixture:record-gap,fixture:record-hole,' 'there is no test fixture:record-hole'
sees 's,fixture:record-gap,see:record-gap,' 'there is no test see:record-gap'
sees '/^ADM-02/d' 'the rows are'
sees '/^ADM-02/p' 'the rows are'
sees '/^ADM-02/s/shown/done/' "the state is 'done'"
sees '/^ADM-61/s/\tcli:record[^\t]*\t/\t-\t/' "ADM-61: is 'shown' with 0 tests"
sees '/^ADM-02/s/shown/not done/' "ADM-02: is 'not done' with 2 tests"
sees '/^ADM-02/s/-$/something/' 'and what is missing is'
sees '/^ADM-02/s/\t/ /' 'not a line of five columns'
cat counted
exit 0
