#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs tests/cli/*.sh (or those named, without path and suffix), each in an empty folder of its own with $CUSTODY (the program), $ROOT (the tree) and $FIXTURES set. Exit code: 0
# passed, 77 skipped (the last line says why), else failed, and its output is shown.
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
FIXTURES=$ROOT/fixtures
export ROOT FIXTURES CUSTODY

# A chroot or a container may be without /dev/pts, and then there is no terminal to test with: root makes one, in a mount namespace of its own. Where that
# fails too, the tests of what is shown at a terminal fail, and do not pass unseen.
if [ -z "${CUSTODY_TERMINAL-}" ] && ! python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
	export CUSTODY_TERMINAL=made
	# Nothing may be mounted before what is mounted stays in here: a /dev that was bound in is shared with the outside.
	# shellcheck disable=SC2016
	exec unshare -m --propagation unchanged sh -c '{ mount --make-rprivate / || mount --make-private /dev; } 2>/dev/null && mkdir -p /dev/pts &&
		mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts; exec "$0" "$@"' "$0" "$@"
fi

# One test: NAME.rc and NAME.log below $RESULTS say how it went.
one() {
	[ -f "$1" ] || set -- "$ROOT/tests/cli/$1.sh"
	[ -f "$1" ] || exit 0
	set -- "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")" # it is run from a folder of its own
	name=$(basename "$1" .sh)
	dir=$(mktemp -d "${TMPDIR:-/tmp}/custody-cli.XXXXXX") || exit 1
	(cd "$dir" && exec env HOME="$dir" bash "$1") >"$RESULTS/$name.log" 2>&1
	echo $? >"$RESULTS/$name.rc"
	chmod -R u+rwX "$dir" 2>/dev/null
	rm -rf "$dir"
}
if [ -n "${RESULTS-}" ]; then
	one "$1"
	exit 0
fi

# As many at a time as there are processors: each has a folder of its own, and most of the time they wait.
RESULTS=$(mktemp -d "${TMPDIR:-/tmp}/custody-cli.XXXXXX") || exit 1
export RESULTS
[ $# -gt 0 ] || set -- "$ROOT"/tests/cli/*.sh
printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" "$0"
passed=0 failed=0 skipped=0
for t; do
	name=$(basename "$t" .sh)
	rc=$(cat "$RESULTS/$name.rc" 2>/dev/null || echo "there is no such test, or it left no result")
	case $rc in
	0) passed=$((passed + 1)) ;;
	77)
		skipped=$((skipped + 1))
		echo "cli $name: skipped: $(tail -n 1 "$RESULTS/$name.log")"
		;;
	*)
		failed=$((failed + 1))
		echo "cli $name: failed ($rc):"
		sed 's/^/    /' "$RESULTS/$name.log" 2>/dev/null
		;;
	esac
done
rm -rf "$RESULTS"
echo "command line tests: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ $((passed + skipped)) -gt 0 ]
