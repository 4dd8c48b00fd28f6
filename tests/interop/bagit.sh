#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An unzipped package is a BagIt bag to others: bagit-python (the Library of Congress's) validates it, `sha256sum -c` and `sha512sum -c` take every list, and
# both notice a changed file. (A package without
# any content is no bag: RFC 8493 wants a payload folder, and a package has no entries for folders.)
# shellcheck source=common.bash
. "$(dirname "$0")/common.bash"
want unzip python3
lib=$root/build/interop/python
PYTHONPATH=$lib python3 -c 'import bagit' 2>/dev/null || python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --target "$lib" 'bagit==1.9.0' 'setuptools<81' >"$work/pip" 2>&1 || {
	echo "not run: bagit-python could not be installed: $(tail -1 "$work/pip")"; exit 77; }
bag() { PYTHONPATH=$lib python3 -W ignore -c 'import bagit, sys; bagit.Bag(sys.argv[1]).validate()' "$1"; }
packages
n=0
"$CUSTODY" seal -q --lab "$work/lab-p256" -d md5,sha1,sha256,sha512 -o "$work/p/all.asice" "$work/in" >/dev/null
records
for p in "$work"/p/*.asice; do
	x=$work/x.$n; mkdir "$x"; (cd "$x" && unzip -q "$p") || fail "unzip of ${p##*/}"
	bag "$x" >"$work/said" 2>&1 || fail "bagit-python refuses ${p##*/}: $(tail -1 "$work/said")"
	for a in sha256 sha512; do for l in manifest tagmanifest; do
		[ ! -s "$x/$l-$a.txt" ] || (cd "$x" && "${a}sum" --strict --quiet -c "$l-$a.txt") || fail "${p##*/}: $l-$a.txt"
	done; done
	n=$((n + 1))
done
f=$(find "$work/x.0/data" -type f -size +0 | head -1); printf X | dd of="$f" conv=notrunc status=none
! bag "$work/x.0" >"$work/said" 2>&1 || fail "bagit-python takes a changed file"
! (cd "$work/x.0" && sha256sum --status -c manifest-sha256.txt) || fail "sha256sum takes a changed file"
echo "bagit-python $(PYTHONPATH=$lib python3 -W ignore -c 'import bagit; print(bagit.VERSION)'): $n packages valid, a changed file is not"
