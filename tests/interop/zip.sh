#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Other ZIP readers see the members that our writer wrote: names, sizes and CRCs, in a small container and in one with a sparse member of 5 GiB and
# members behind it. Readers that are not installed are named and left out. `zip.sh small` leaves the large one out.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/custody-zip.XXXXXX")
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8

lib=$root/build/release/libcustody.a
[ -e "$lib" ] || make -C "$root" -s build/release/libcustody.a
multibuffer=-Wl,--as-needed
echo '#include <intel-ipsec-mb.h>' | ${CC:-cc} -E - >/dev/null 2>&1 && multibuffer=-lIPSec_MB
# shellcheck disable=SC2046
${CC:-cc} -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I"$root" -o "$work/make" "$root/tests/interop/zip_make.c" "$lib" \
	$(pkg-config --libs libcrypto zlib jansson expat libutf8proc libdeflate) "$multibuffer" -lpthread

cat >"$work/list.py" <<'P'
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
for i in z.infolist():
    print("%08x %d %s" % (i.CRC, i.file_size, i.filename))
bad = z.testzip()
if bad:
    sys.exit("bad: " + bad)
P

# same WHAT FILE-FOUND FILE-WANTED
same() {
	diff "$2" "$3" >"$work/diff" || { echo "$1 reads something else:"; cat "$work/diff"; exit 1; }
	readers="$readers, $1"
}
have() { command -v "$1" >/dev/null || { missing="$missing $1"; return 1; }; }

for kind in ${1:-small large}; do
	readers='' missing=''
	p=$work/$kind.asice
	"$work/make" "$kind" "$p" >"$work/want"
	cut -d' ' -f3- "$work/want" >"$work/names"
	if have unzip; then
		unzip -Z1 "$p" >"$work/found"; same 'unzip -Z1' "$work/found" "$work/names"
		unzip -tq "$p" >/dev/null || { echo "unzip -t fails"; exit 1; }
	fi
	if have 7z; then
		7z l -slt "$p" | sed -n '/^----------/,$s/^Path = //p' >"$work/found"; same '7z l' "$work/found" "$work/names"
		7z t "$p" >/dev/null || { echo "7z t fails"; exit 1; }
	fi
	if have bsdtar; then
		bsdtar -tf "$p" >"$work/found"; same 'bsdtar -tf' "$work/found" "$work/names"
		bsdtar -tf - <"$p" >"$work/found"; same 'bsdtar from a pipe' "$work/found" "$work/names"
		[ "$(bsdtar -xOf "$p" data/a.txt)" = hello ] || { echo "bsdtar reads other content"; exit 1; }
	fi
	if have python3; then
		PYTHONIOENCODING=utf-8 python3 "$work/list.py" "$p" >"$work/found"; same 'python zipfile' "$work/found" "$work/want"
	fi
	if have javac; then
		javac -d "$work" "$root/tests/interop/ZipReaders.java"
		for way in file stream; do
			java -cp "$work" ZipReaders "$way" "$p" >"$work/found"; same "java $way" "$work/found" "$work/want"
		done
	fi
	echo "zip, $kind ($(stat -c %s "$p") bytes, $(($(stat -c %b "$p") / 2)) KiB on disk): ${readers#, }${missing:+; not installed:$missing}"
	rm -f "$p"
done
