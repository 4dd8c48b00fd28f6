#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make bench`: bench.py with the program that was built. Nothing here passes or fails: it measures (tests/bench/README.md).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec python3 "$here/bench.py" "$@"
