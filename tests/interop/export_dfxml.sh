#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Exports are valid by the schema of the DFXML working group.
# shellcheck source=export.bash
. "$(dirname "$0")/export.bash"
want python3
schema dfxml https://raw.githubusercontent.com/dfxml-working-group/dfxml_schema/main dfxml.xsd ref/dc.xsd ref/xml.xsd
exports dfxml
validate "$schemas/dfxml.xsd" "$work"/x/*.dfxml
