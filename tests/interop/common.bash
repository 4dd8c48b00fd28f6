# SPDX-License-Identifier: Apache-2.0
# For the tests beside this file: where things are, and packages of every kind of key to show to others.
# Exit 77 says "not run": run.sh counts it apart, never as passed.
set -eu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CUSTODY=${CUSTODY:-$root/build/release/custody}
work=$(mktemp -d "${TMPDIR:-/tmp}/custody-interop.XXXXXX")
started=''
leave() { for s in $started; do kill "$s" 2>/dev/null || true; done; rm -rf "$work"; }
trap leave EXIT
export LC_ALL=C.UTF-8
fail() { echo "${0##*/}: $*" >&2; exit 1; }
want() { for c; do command -v "$c" >/dev/null || { echo "not run: $c is not installed"; exit 77; }; done; }

# The Java libraries, once, by Maven from dss/pom.xml (BouncyCastle is among them); $DSS_LIB names a folder that has them.
java_libs() {
	libs=${DSS_LIB:-$root/build/interop/java}
	want java
	ls "$libs"/dss-asic-cades-*.jar >/dev/null 2>&1 && return
	want mvn
	mvn -q -B -f "$root/tests/interop/dss/pom.xml" dependency:copy-dependencies -DoutputDirectory="$libs" >"$work/mvn" 2>&1 || {
		echo "not run: Maven could not bring the libraries: $(grep -m1 ERROR "$work/mvn")"; exit 77; }
}

# A tree with what makes a difference to readers: empty, large, hostile names, links.
evidence() {
	mkdir -p "$1/sub/empty"
	printf 'hello\n' >"$1/a"; : >"$1/nothing"; seq 1 200000 >"$1/sub/numbers"
	printf 'x' >"$1/$(printf 'caf\303\251 \346\226\207')"; printf 'y' >"$1/a b\\c:d%2e"; printf 'z' >"$1/$(printf 'raw\377')"
	ln -s a "$1/link"; ln "$1/a" "$1/hard"
}

# Custody records, which are containers too and no packages, go from p/ to r/.
records() { mkdir -p "$work/r"; mv "$work"/p/*.custody.asice "$work/r"; }

# packages: p/OWN-KEY.asice and its p/OWN-KEY.trust for each kind of key, own meaning the lab's own word; and, where the program can, p/independent-KEY with
# the time of another lab's authority. Their custody records, of one event each, are r/OWN-KEY.custody.asice ...
keys=''
for k in p256 p384 rsa3072 rsa-pss; do ! "$CUSTODY" init --help | grep -qw -- "$k" || keys="$keys $k"; done
packages() {
	evidence "$work/in"; mkdir "$work/p"
	[ "$(echo "$keys" | wc -w)" -ge 3 ] || fail "init --help names no kinds of key: '$keys'"
	for key in $keys; do
		"$CUSTODY" init -q "$work/lab-$key" --org "Interop Lab" --name "Interop Analyst" --key-type "$key" >/dev/null
		"$CUSTODY" seal -q --lab "$work/lab-$key" --case "Case 1" --exhibit "E/$key" -o "$work/p/own-$key.asice" "$work/in" >/dev/null
		cp -r "$work/lab-$key/trust" "$work/p/own-$key.trust"
	done
	! "$CUSTODY" tsa --help >/dev/null 2>&1 || independent
	records
}

# The same again with the stamp of an authority that has a root of its own, with a key of the same kind.
independent() {
	for key in $keys; do
		authority=$work/authority-$key
		"$CUSTODY" init -q "$authority" --org "Other Authority" --name "Keeper" --key-type "$key" >/dev/null
		"$CUSTODY" tsa "$authority" --listen 127.0.0.1:0 >"$work/url-$key" 2>"$work/err-$key" &
		started="$started $!"
		for _ in $(seq 100); do url=$(grep -om1 'http://[0-9.:]*/*' "$work/url-$key" "$work/err-$key" -h || true); [ -z "$url" ] || break; sleep 0.1; done
		[ -n "$url" ] || fail "custody tsa says no URL: $(cat "$work/err-$key")"
		"$CUSTODY" lab trust "$authority/trust/tsas.pem" --lab "$work/lab-$key" >/dev/null
		"$CUSTODY" lab trust "$authority/trust/crls.pem" --lab "$work/lab-$key" >/dev/null
		"$CUSTODY" seal -q --lab "$work/lab-$key" --tsa "$url" --case "Case 1" --exhibit "E/$key" -o "$work/p/independent-$key.asice" "$work/in" >/dev/null
		cp -r "$work/lab-$key/trust" "$work/p/independent-$key.trust"
	done
}

# time_of PACKAGE TRUST: the time of its stamp, to the second, as custody has it.
time_of() { "$CUSTODY" verify --json --trust "$2" "$1" | python3 -c 'import json,sys; t = json.load(sys.stdin)["time"]; print(t["stated"][:19] + "Z")'; }
