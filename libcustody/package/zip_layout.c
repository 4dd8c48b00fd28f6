/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/zip_layout.h"

#include <string.h>

#include "libcustody/base/bytes.h"

/* Constants of sealed-package.md, "Exact bytes". */
enum {
	MADE_BY = 0x032D, /* Unix, 4.5 */
	NEEDED_PLAIN = 20,
	NEEDED_ZIP64 = 45,
	FLAG_UTF8 = 0x0800, /* bit 11, only for non-ASCII names */
	DATE_1980 = 0x0021, /* 1980-01-01; the time is 0 */
	ID_ZIP64 = 0x0001
};
#define EXTERNAL_ATTRIBUTES ((uint32_t)0100644 << 16) /* a regular file that its owner may write */

static bool is_saturated(uint64_t v)
{
	return v >= CUSTODY_ZIP_SATURATED32;
}

static uint32_t clip32(uint64_t v)
{
	return is_saturated(v) ? CUSTODY_ZIP_SATURATED32 : (uint32_t)v;
}

static uint16_t clip16(uint64_t v)
{
	return v >= CUSTODY_ZIP_SATURATED16 ? CUSTODY_ZIP_SATURATED16 : (uint16_t)v;
}

static uint16_t flags_of(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] >= 0x80)
			return FLAG_UTF8;
	return 0;
}

size_t custody_zip_local_size(size_t name_len, uint64_t size)
{
	return CUSTODY_ZIP_LOCAL_FIXED + name_len + (is_saturated(size) ? CUSTODY_ZIP_LOCAL_EXTRA : 0);
}

/* The 26 bytes that local header and central record have in common: version needed to length of the extra field. */
static void put_common(const struct custody_zip_record *r, size_t extra_len, uint8_t *p)
{
	custody_put_le16(p, is_saturated(r->size) || is_saturated(r->offset) ? NEEDED_ZIP64 : NEEDED_PLAIN);
	custody_put_le16(p + 2, flags_of(r->name, r->name_len));
	custody_put_le16(p + 4, 0); /* stored */
	custody_put_le16(p + 6, 0);
	custody_put_le16(p + 8, DATE_1980);
	custody_put_le32(p + 10, r->crc);
	custody_put_le32(p + 14, clip32(r->size));
	custody_put_le32(p + 18, clip32(r->size));
	custody_put_le16(p + 22, (uint16_t)r->name_len);
	custody_put_le16(p + 24, (uint16_t)extra_len);
}

size_t custody_zip_local_format(const struct custody_zip_record *r, uint8_t *out)
{
	size_t total = custody_zip_local_size(r->name_len, r->size);
	size_t extra_len = total - CUSTODY_ZIP_LOCAL_FIXED - r->name_len;
	memcpy(out, "PK\3\4", 4);
	put_common(r, extra_len, out + 4);
	uint8_t *p = out + CUSTODY_ZIP_LOCAL_FIXED;
	memcpy(p, r->name, r->name_len);
	p += r->name_len;
	if (extra_len > 0) {
		custody_put_le16(p, ID_ZIP64);
		custody_put_le16(p + 2, 16);
		custody_put_le64(p + 4, r->size);
		custody_put_le64(p + 12, r->size);
	}
	return total;
}

/* Only the saturated fields, in the order size, compressed size, offset. Returns the length, 0 for none. */
static size_t put_central_extra(const struct custody_zip_record *r, uint8_t *p)
{
	size_t n = 4;
	if (is_saturated(r->size)) {
		custody_put_le64(p + n, r->size);
		custody_put_le64(p + n + 8, r->size);
		n += 16;
	}
	if (is_saturated(r->offset)) {
		custody_put_le64(p + n, r->offset);
		n += 8;
	}
	if (n == 4)
		return 0;
	custody_put_le16(p, ID_ZIP64);
	custody_put_le16(p + 2, (uint16_t)(n - 4));
	return n;
}

size_t custody_zip_central_format(const struct custody_zip_record *r, uint8_t *out)
{
	memcpy(out, "PK\1\2", 4);
	custody_put_le16(out + 4, MADE_BY);
	uint8_t *name = out + CUSTODY_ZIP_CENTRAL_FIXED;
	memcpy(name, r->name, r->name_len);
	size_t extra_len = put_central_extra(r, name + r->name_len);
	put_common(r, extra_len, out + 6);
	custody_put_le16(out + 32, 0); /* comment */
	custody_put_le16(out + 34, 0); /* disk */
	custody_put_le16(out + 36, 0); /* internal attributes */
	custody_put_le32(out + 38, EXTERNAL_ATTRIBUTES);
	custody_put_le32(out + 42, clip32(r->offset));
	return CUSTODY_ZIP_CENTRAL_FIXED + r->name_len + extra_len;
}

/* Zip64 end record, version 1 (44 bytes behind its length field), and the locator that points at it. */
static void put_end64(uint64_t members, uint64_t offset, uint64_t size, uint8_t *p)
{
	memcpy(p, "PK\6\6", 4);
	custody_put_le64(p + 4, 44);
	custody_put_le16(p + 12, MADE_BY);
	custody_put_le16(p + 14, NEEDED_ZIP64);
	custody_put_le32(p + 16, 0); /* this disk, and that of the directory */
	custody_put_le32(p + 20, 0);
	custody_put_le64(p + 24, members);
	custody_put_le64(p + 32, members);
	custody_put_le64(p + 40, size);
	custody_put_le64(p + 48, offset);
	memcpy(p + 56, "PK\6\7", 4);
	custody_put_le32(p + 60, 0);
	custody_put_le64(p + 64, offset + size);
	custody_put_le32(p + 72, 1); /* disks */
}

size_t custody_zip_end_format(uint64_t members, uint64_t offset, uint64_t size, uint8_t *out)
{
	uint8_t *p = out;
	if (members >= CUSTODY_ZIP_SATURATED16 || is_saturated(offset) || is_saturated(size)) {
		put_end64(members, offset, size, p);
		p += CUSTODY_ZIP_END64;
	}
	memcpy(p, "PK\5\6", 4);
	custody_put_le32(p + 4, 0); /* both disks */
	custody_put_le16(p + 8, clip16(members));
	custody_put_le16(p + 10, clip16(members));
	custody_put_le32(p + 12, clip32(size));
	custody_put_le32(p + 16, clip32(offset));
	custody_put_le16(p + 20, 0); /* comment */
	return (size_t)(p - out) + CUSTODY_ZIP_END_FIXED;
}
