#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every interoperability test beside this file. Each says which programs it compared with. One whose programs are not here was not run, and is never counted
# as passed. usage: run.sh [NAME...]
set -u
cd "$(dirname "$0")" || exit 1
failed='' passed='' left=''
[ $# -gt 0 ] || set -- ./*.sh
for t; do
	t=${t#./} t=${t%.sh}
	[ "$t" != run ] || continue
	echo "== $t"
	bash "./$t.sh" && r=0 || r=$?
	case $r in
	0) passed="$passed $t" ;;
	77) left="$left $t" ;;
	*) failed="$failed $t"; echo "failed: $t (exit $r)" ;;
	esac
done
echo "passed:${passed:- none}; not run:${left:- none}; failed:${failed:- none}"
[ -z "$failed" ]
