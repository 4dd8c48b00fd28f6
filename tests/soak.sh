#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What takes much longer than minutes, before a release: SPARSE (100 GiB) is the size of the sparse file. $CUSTODY is the program.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/custody-soak.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
bash "$root/tests/soak/large.sh" "${SPARSE:-100G}"
python3 "$root/tests/soak/growth.py"
