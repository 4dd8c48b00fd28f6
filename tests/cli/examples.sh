# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The examples of the manual pages are run as they stand: each literal block of a section EXAMPLES in a custody*.1, in a shell, in one folder, in this order of pages. A block
# that names a command which is not built is left out. Nothing that they say or write has a forbidden word in it (ADM-48).
set -u
mkdir bin acme-return && ln -s "$CUSTODY" bin/custody && echo evidence >acme-return/mail && echo order >order.txt && PATH=$PWD/bin:$PATH
"$CUSTODY" --help | sed -n 's/^  \([a-z]\{2,\}\) .*/\1/p' >built
examples() { awk '/^\.Sh/ { on = ($2 == "EXAMPLES") } on && /^\.Bd/ { block = 1; next } /^\.Ed/ { if (block) print "#end"; block = 0 } block' "$1" | sed 's/\\e/\\/g'; }
ran=0
for page in custody custody-seal custody-verify custody-show custody-extract custody-export custody-hash custody-audit custody-inspect custody-request custody-receive custody-claims custody-record custody-release custody-accept custody-certificate custody-init custody-tsa; do
	[ -e "$ROOT/cmd/$page.1" ] || continue
	[ $page != custody-init ] || rm -rf lab
	block=
	while IFS= read -r line; do
		if [ "$line" != '#end' ]; then
			block="$block$line
"
			continue
		fi
		missing=
		for c in $(echo "$block" | grep -oE '(^|[|(] *)custody [a-z]+' | sed 's/.*custody //' | sort -u); do grep -qx "$c" built || missing=$c; done
		if [ -z "$missing" ]; then
			rc=0
			bash -eu -o pipefail -c "$block" >out 2>err </dev/null || rc=$?
			[ $rc = 0 ] || { echo "$page(1), EXAMPLES: exits $rc: $block"; cat out err; exit 1; }
			cat out err >>said
			ran=$((ran + 1))
		fi
		block=
	done < <(examples "$ROOT/cmd/$page.1")
done
[ $ran -gt 0 ] || { echo "no example was run"; exit 1; }
rm -r bin && python3 -B "$ROOT/tests/support/words.py" said . || { echo "an example says, or writes, a forbidden word"; exit 1; }
