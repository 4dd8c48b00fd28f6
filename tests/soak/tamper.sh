#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every edit of both packages of tests/prop/prop_tamper.c: every single-bit flip, every truncation, every inserted, doubled and deleted byte.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
make -C "$root" build/release/prop_tamper
cd "$root" && exec build/release/prop_tamper 1
