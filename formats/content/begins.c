/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/content/begins.h"

#include <string.h>

static bool begins(const uint8_t *p, size_t n, const char *magic, size_t magic_n)
{
	return n >= magic_n && memcmp(p, magic, magic_n) == 0;
}
#define BEGINS(p, n, magic) begins(p, n, magic, sizeof(magic) - 1)

static bool is_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

bool custody_begins_tar(const uint8_t *p, size_t n)
{
	int64_t sum = 0, signed_sum = 0, want = 0;
	if (n < CUSTODY_TAR_BLOCK)
		return false;
	for (size_t i = 0; i < CUSTODY_TAR_BLOCK; i++) {
		const uint8_t c = i >= 148 && i < 156 ? ' ' : p[i];
		sum += c;
		signed_sum += (int8_t)c;
	}
	size_t i = 148;
	while (i < 155 && p[i] == ' ')
		i++;
	if (i >= 155 || p[i] < '0' || p[i] > '7')
		return false;
	for (; i < 156 && p[i] >= '0' && p[i] <= '7'; i++)
		want = want * 8 + (p[i] - '0');
	return want == sum || want == signed_sum;
}

bool custody_begins_empty_tar(const uint8_t *p, size_t n, bool whole)
{
	return whole && n >= 2 * CUSTODY_TAR_BLOCK && n % CUSTODY_TAR_BLOCK == 0 && is_zero(p, n);
}

enum custody_inspect_filter custody_begins_filter(const uint8_t *p, size_t n)
{
	return BEGINS(p, n, "\x1f\x8b")					    ? CUSTODY_INSPECT_GZIP
	       : BEGINS(p, n, "BZh") && n > 3 && p[3] >= '1' && p[3] <= '9' ? CUSTODY_INSPECT_BZIP2
	       : BEGINS(p, n,
			 "\xfd"
			 "7zXZ\0")
		       ? CUSTODY_INSPECT_XZ
	       : BEGINS(p, n, "\x28\xb5\x2f\xfd") ? CUSTODY_INSPECT_ZSTD
						  : CUSTODY_INSPECT_PLAIN;
}

bool custody_begins_split_zip(const uint8_t *p, size_t n)
{
	return BEGINS(p, n, "PK\7\10PK\3\4");
}

bool custody_begins_zip(const uint8_t *p, size_t n)
{
	return BEGINS(p, n, "PK\3\4") || BEGINS(p, n, "PK\5\6") || custody_begins_split_zip(p, n);
}

bool custody_begins_7z(const uint8_t *p, size_t n)
{
	return BEGINS(p, n, "7z\xbc\xaf\x27\x1c");
}

bool custody_begins_archive(const uint8_t *p, size_t n)
{
	return custody_begins_zip(p, n) || custody_begins_7z(p, n) || custody_begins_filter(p, n) != CUSTODY_INSPECT_PLAIN ||
	       custody_begins_tar(p, n) || BEGINS(p, n, "Rar!\x1a\x07") || BEGINS(p, n, "MSCF\0\0\0\0") || BEGINS(p, n, "!<arch>\n") ||
	       BEGINS(p, n, "070701") || BEGINS(p, n, "xar!");
}
