#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# BouncyCastle agrees, by its own CMS, time-stamp and path code: packages of every kind of key pass with both paths and revocation at the stamp's time; one with
# a changed byte, a foreign root, or another one's signature does not.
# shellcheck source=common.bash
. "$(dirname "$0")/common.bash"
java_libs
mkdir "$work/classes"; javac -XDsuppressNotes -d "$work/classes" -cp "$libs/*" "$root/tests/interop/bouncy/Check.java"
check() { java -cp "$work/classes:$libs/*" Check "$@"; }
packages
n=0
for p in "$work"/p/*.asice; do
	t=${p%.asice}.trust
	check "$t" "$p" >"$work/said" || fail "$(cat "$work/said")"
	at=$(time_of "$p" "$t")
	# Two stamps: the later one is the package's time, and both lie within the second or two that sealing takes.
	grep -q "$at" "$work/said" || fail "${p##*/}: custody says $at, BouncyCastle $(cat "$work/said")"
	n=$((n + 1))
done
p=$work/p/own-p256.asice
refused() { what=$1; shift; if check "$@" >"$work/said" 2>&1; then fail "$what: taken"; fi; grep -q ': ' "$work/said" || fail "$what: no reason"; }
refused "a foreign root" "$work/p/own-p384.trust" "$p"
python3 - "$p" "$work/changed.asice" <<'P'
import sys, zipfile
a, b = zipfile.ZipFile(sys.argv[1]), zipfile.ZipFile(sys.argv[2], "w")
for i in a.infolist():
    d = a.read(i)
    b.writestr(i.filename, d.replace(b"hello", b"hallo") if i.filename.startswith("data/") else d)
P
refused "changed content" "$work/p/own-p256.trust" "$work/changed.asice"
echo "BouncyCastle: $n packages (keys: $keys) pass, a foreign root and changed content do not"
