# SPDX-License-Identifier: Apache-2.0
# The committed packages are what the builder makes, byte for byte.
set -eu
python3 -B "$FIXTURES/make/make.py" --check
