/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exact bytes of the container's structure (design/sealed-package.md, "ZIP rules" and "Exact bytes"), for zip.c and zip_writer.c alone: one function a
 * record, used by the writer to write and by the reader to compare with what it found. So the two cannot drift apart, and no structural byte is left
 * that the reader does not look at.
 */
#ifndef CUSTODY_PACKAGE_ZIP_LAYOUT_H
#define CUSTODY_PACKAGE_ZIP_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/limits.h"

/* A 32-bit field that holds its largest value says "see the Zip64 record"; so does a 16-bit count (APPNOTE 4.4.1.4). */
#define CUSTODY_ZIP_SATURATED32 UINT32_C(0xFFFFFFFF)
#define CUSTODY_ZIP_SATURATED16 UINT16_C(0xFFFF)

#define CUSTODY_ZIP_LOCAL_FIXED 30 /* local header without name and extra field (APPNOTE 4.3.7) */
#define CUSTODY_ZIP_LOCAL_EXTRA 20 /* its Zip64 extra: id, length, size, compressed size (4.5.3) */
#define CUSTODY_ZIP_LOCAL_MAX (CUSTODY_ZIP_LOCAL_FIXED + CUSTODY_LIMIT_MEMBER_NAME + CUSTODY_ZIP_LOCAL_EXTRA)
#define CUSTODY_ZIP_CENTRAL_FIXED 46 /* record of the central directory (4.3.12) */
#define CUSTODY_ZIP_CENTRAL_EXTRA 28 /* the longest Zip64 extra there: size, compressed size and offset */
#define CUSTODY_ZIP_CENTRAL_MAX (CUSTODY_ZIP_CENTRAL_FIXED + CUSTODY_LIMIT_MEMBER_NAME + CUSTODY_ZIP_CENTRAL_EXTRA)
#define CUSTODY_ZIP_END_FIXED 22 /* end of central directory record (4.3.16) */
#define CUSTODY_ZIP_END64 76 /* Zip64 end record and its locator (4.3.14, 4.3.15) */
#define CUSTODY_ZIP_END_MAX (CUSTODY_ZIP_END64 + CUSTODY_ZIP_END_FIXED)

/* All that decides the structural bytes of one member. The name is borrowed, at most CUSTODY_LIMIT_MEMBER_NAME bytes. */
struct custody_zip_record {
	const char *name;
	size_t name_len;
	uint64_t size;
	uint64_t offset; /* of the local header */
	uint32_t crc;
};

/* Writes the local header with name and extra field to out (CUSTODY_ZIP_LOCAL_MAX bytes). Returns its length. */
size_t custody_zip_local_format(const struct custody_zip_record *r, uint8_t *out);
/* Writes the record of the central directory to out (CUSTODY_ZIP_CENTRAL_MAX bytes). Returns its length. */
size_t custody_zip_central_format(const struct custody_zip_record *r, uint8_t *out);
/* Writes everything behind the central directory, which lies at [offset, offset + size), to out (CUSTODY_ZIP_END_MAX bytes): the Zip64 records
 * where one field is saturated, and the end record. Returns its length: 22 or 98. */
size_t custody_zip_end_format(uint64_t members, uint64_t offset, uint64_t size, uint8_t *out);

/* Length of the local header: what custody_zip_local_format() returns. */
size_t custody_zip_local_size(size_t name_len, uint64_t size);

#endif
