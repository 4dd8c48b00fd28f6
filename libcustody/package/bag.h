/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BagIt 1.0 (RFC 8493) side of a package: checksum lists in their one exact form, bagit.txt, bag-info.txt. Refusals: rule "list-malformed".
 */
#ifndef CUSTODY_PACKAGE_BAG_H
#define CUSTODY_PACKAGE_BAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/source.h"
#include "libcustody/crypto/digest.h"

extern const char custody_bagit_txt[]; /* the exact text of bagit.txt */

/* "HEX  NAME\n" appended. */
int custody_bag_append_line(
	struct custody_buf *b, const uint8_t *digest, size_t digest_len, const char *member, struct custody_error *err) CUSTODY_MUST_USE;

/* A list read as a cursor from [off, off+size) of a source: lower-case hex of exactly digest_len bytes, two spaces, name, LF. */
struct custody_bag_cursor;
struct custody_bag_line {
	uint8_t digest[CUSTODY_DIGEST_MAX];
	const char *member; /* NUL-terminated, borrowed until the next call */
	size_t member_len;
};
int custody_bag_cursor_new(struct custody_bag_cursor **out, const struct custody_source *source, uint64_t off, uint64_t size, size_t digest_len,
	const char *list_name, struct custody_error *err) CUSTODY_MUST_USE;
void custody_bag_cursor_free(struct custody_bag_cursor **c);
/* 1 a line, 0 the end (exactly after an LF), -1 error. */
int custody_bag_cursor_next(struct custody_bag_cursor *c, struct custody_bag_line *line, struct custody_error *err) CUSTODY_MUST_USE;
/* After the end: SHA-256 of exactly the bytes read. */
void custody_bag_cursor_digest(const struct custody_bag_cursor *c, uint8_t sha256[32]);

/* bag-info.txt: fixed keys in fixed order (sealed-package.md). */
struct custody_bag_info {
	const char *organisation, *contact; /* borrowed when formatting; owned by the parse buffer when parsed */
	char uuid[37];
	char date[11]; /* YYYY-MM-DD */
	uint64_t oxum_bytes, oxum_files;
	const char *agent;
};
int custody_bag_info_format(struct custody_buf *b, const struct custody_bag_info *info, struct custody_error *err) CUSTODY_MUST_USE;
/* text is modified (NULs put in); info borrows from it. */
int custody_bag_info_parse(char *text, size_t n, struct custody_bag_info *info, struct custody_error *err) CUSTODY_MUST_USE;

#endif
