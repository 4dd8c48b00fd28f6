# SPDX-License-Identifier: Apache-2.0
# For the export tests beside this file: packages, and their exports in one format, with and without anchors; what others need to judge them. Nothing that is brought is
# committed.
# shellcheck source=common.bash
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"

# exports FORMAT: $work/x/NAME.FORMAT of each kind of package
exports() {
	evidence "$work/in"
	printf 'x' >"$work/in/<&>\"' ]]>"; printf 'y' >"$work/in/$(printf 'esc\033[31m\nline')"; mkfifo "$work/in/fifo"; mkdir "$work/none" "$work/x"
	"$CUSTODY" init -q "$work/lab" --org '<Interop> & Lab' --name "Interop Analyst" >/dev/null
	"$CUSTODY" seal -q --lab "$work/lab" --case 'Case <1> & "2"' --exhibit "E/1" -d md5,sha1,sha256,sha384,sha512,sha3-256,sha3-512 -o "$work/x/all.asice" "$work/in" >/dev/null
	"$CUSTODY" seal -q --lab "$work/lab" -d sha256,blake2b -o "$work/x/blake2b.asice" "$work/in" >/dev/null
	"$CUSTODY" seal -q --lab "$work/lab" -o "$work/x/none.asice" "$work/none" >/dev/null
	for p in all blake2b none; do
		"$CUSTODY" export -q -f "$1" --trust "$work/lab/trust" -o "$work/x/$p.$1" "$work/x/$p.asice" >/dev/null || fail "export of $p"
	done
	# and one with the custody record, in which somebody released it
	"$CUSTODY" release -q --lab "$work/lab" --to 'Bob <Examiner>' --purpose 'a & b' --authority '"order"' "$work/x/all.asice" >/dev/null || fail "release"
	"$CUSTODY" export -q -f "$1" --trust "$work/lab/trust" --record "$work/x/all.custody.asice" -o "$work/x/record.$1" "$work/x/all.asice" >/dev/null || fail "export with a record"
	mkdir "$work/empty"
	"$CUSTODY" export -q -f "$1" --trust "$work/empty" -o "$work/x/unknown.$1" "$work/x/all.asice" >/dev/null || [ $? = 2 ] || fail "export without anchors"
}

# python MODULE PACKAGE...: a folder of its own with that module of the Python package index
python() {
	module=$1
	lib=$root/build/interop/python-$module
	shift
	[ -x "$lib/bin/python" ] && "$lib/bin/python" -c "import $module" 2>/dev/null && return
	python3 -m venv "$lib" >"$work/pip" 2>&1 && "$lib/bin/pip" install -q --disable-pip-version-check "$@" >>"$work/pip" 2>&1 || {
		echo "not run: $module could not be installed: $(tail -1 "$work/pip")"; exit 77; }
}

# schema FOLDER BASE FILE...: the files below $schemas, from $CUSTODY_SCHEMAS/FOLDER, or from where those who keep the schema publish it
schema() {
	schemas=$root/build/interop/schema/$1
	for f in "${@:3}"; do
		[ ! -s "$schemas/$f" ] || continue
		mkdir -p "$schemas/$(dirname "$f")"
		if [ -s "${CUSTODY_SCHEMAS:-}/$1/$f" ]; then cp "$CUSTODY_SCHEMAS/$1/$f" "$schemas/$f"; continue; fi
		want curl
		curl -fsSL --max-time 30 -o "$schemas/$f.part" "$2/$f" 2>"$work/curl" && mv "$schemas/$f.part" "$schemas/$f" || {
			echo "not run: $f could not be brought, and is not in \$CUSTODY_SCHEMAS/$1: $(tail -1 "$work/curl")"; exit 77; }
	done
}

# validate SCHEMA FILE...: all of them are valid, and one that was bent is not
validate() {
	python lxml lxml
	"$lib/bin/python" - "$@" <<'PYTHON' || exit 1
import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
for name in sys.argv[2:]:
    tree = etree.parse(name)
    if not schema.validate(tree):
        sys.exit("%s: %s" % (name, schema.error_log.last_error))
    child = tree.getroot()[-1]
    child.append(etree.SubElement(child, "{%s}nosuch" % etree.QName(tree.getroot()).namespace))
    if schema.validate(tree):
        sys.exit("%s: valid with an element that is none" % name)
print("%d files are valid by %s, and not when they are bent" % (len(sys.argv) - 2, sys.argv[1].rsplit("/", 1)[1]))
PYTHON
}
