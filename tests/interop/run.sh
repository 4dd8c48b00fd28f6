#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every interoperability test beside this file. Each says which programs it compared with, and which are not installed.
set -u
cd "$(dirname "$0")" || exit 1
failed=0
for t in ./*.sh; do
	[ "$t" != ./run.sh ] || continue
	echo "== ${t#./}"
	bash "$t" || { echo "failed: ${t#./}"; failed=$((failed + 1)); }
done
[ "$failed" = 0 ]
