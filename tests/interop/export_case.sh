#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# case_validate of case-utils, the validator of the CASE community (SHACL, with its SPARQL constraints), takes exports without a violation or a warning, against CASE 1.4.0 and
# 1.5.0, and an RDF reader gets the raw names back. One that was bent is refused.
# shellcheck source=export.bash
. "$(dirname "$0")/export.bash"
want python3
python case_utils 'case-utils==0.18.0'
exports case
n=0
for p in all none unknown blake2b record; do
	cp "$work/x/$p.case" "$work/x/$p.jsonld"
	[ $p = blake2b ] && info=--allow-info || info=
	for v in case-1.4.0 case-1.5.0; do
		"$lib/bin/case_validate" --built-version $v $info "$work/x/$p.jsonld" >"$work/said" 2>&1 || fail "$p against $v: $(head -30 "$work/said")"
		n=$((n + 1))
	done
done
sed 's/"uco-types:hashValue":{"@type":"xsd:hexBinary","@value":"../&xx/' "$work/x/all.jsonld" >"$work/x/bent.jsonld"
! "$lib/bin/case_validate" --built-version case-1.4.0 "$work/x/bent.jsonld" >"$work/said" 2>&1 || fail "case_validate takes a digest that is none"
"$lib/bin/python" - "$work/x/all.jsonld" "$work/in" <<'PYTHON' || fail "names"
import base64, os, sys
import rdflib
g = rdflib.Graph().parse(sys.argv[1], format="json-ld")
core = "https://ontology.unifiedcyberontology.org/uco/core/"
raw = {base64.b64decode(str(v)) for r, v in g.subject_objects(rdflib.URIRef(core + "externalIdentifier"))}
want = {b"in/" + n for n in os.listdir(os.fsencode(sys.argv[2])) if b"\x1b" in n or b"\xff" in n}
assert len(want) == 2 and want <= raw, (want, raw)
assert all(str(s).startswith("ni:///sha-256;") for s in g.subjects() if isinstance(s, rdflib.URIRef)), "a node without the package's number"
PYTHON
echo "case_validate $("$lib/bin/python" -c 'import case_utils; print(case_utils.__version__)'): $n exports conform, a bent one does not"
