#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Exports are valid by the schema of PREMIS 3, as the Library of Congress publishes it.
# shellcheck source=export.bash
. "$(dirname "$0")/export.bash"
want python3
schema premis https://www.loc.gov/standards/premis premis.xsd
schema premis https://www.loc.gov/standards/xlink xlink.xsd
# what it imports lies beside it
sed 's,schemaLocation="[^" ]*xlink.xsd",schemaLocation="xlink.xsd",' "$schemas/premis.xsd" >"$schemas/local.xsd"
exports premis
validate "$schemas/local.xsd" "$work"/x/*.premis
