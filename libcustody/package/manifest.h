/* SPDX-License-Identifier: Apache-2.0 */
/*
 * custody/manifest.jsonl: the inventory, one line an item of any kind (design/sealed-package.md). Format and parse are inverse to each other for
 * every line that format makes. Refusals: rule "inventory-malformed"; an unknown key that does not begin with "x-": rule "newer-format".
 */
#ifndef CUSTODY_PACKAGE_MANIFEST_H
#define CUSTODY_PACKAGE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/source.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/digest.h"

enum custody_kind {
	CUSTODY_KIND_FILE,
	CUSTODY_KIND_DIR,
	CUSTODY_KIND_SYMLINK,
	CUSTODY_KIND_HARDLINK,
	CUSTODY_KIND_FIFO,
	CUSTODY_KIND_SOCKET,
	CUSTODY_KIND_DEVICE,
	CUSTODY_KIND_COUNT
};
const char *custody_kind_name(enum custody_kind kind);

struct custody_xattr {
	struct custody_bytes name, value; /* raw; value empty with has_value false when only counted (never written then) */
};
struct custody_item_finding {
	const char *id; /* id of verdict/finding.h's table, or one this program does not know (reading) */
	const char *detail; /* UTF-8 or NULL */
};

enum { CUSTODY_TIME_MODIFIED, CUSTODY_TIME_CHANGED, CUSTODY_TIME_ACCESSED, CUSTODY_TIME_BORN, CUSTODY_TIMES };

/* One item. All pointers are borrowed: from the caller when formatting, from the parser's arena when parsed (until the next parse). */
struct custody_item {
	uint64_t n;
	uint8_t salt[16];
	struct custody_bytes path; /* raw bytes, relative, never empty */
	bool path_b64; /* path_b64 is (to be) there: the path is not plain, or lost a collision. `path` is there whenever it is valid UTF-8 */
	enum custody_kind kind;
	bool has_content; /* file with size, member, offset, digests; false only for a file with the finding source-unreadable */
	uint64_t size;
	const char *member; /* NUL-terminated; parsed: below data/, whether it fits path and n is verify's question */
	uint64_t offset;
	struct custody_digest_values digests;
	struct custody_bytes link; /* symlink: raw target */
	uint64_t target_n; /* hardlink */
	bool has_time[CUSTODY_TIMES];
	struct custody_time time[CUSTODY_TIMES];
	bool has_mode;
	uint32_t mode; /* 07777 */
	bool has_owner;
	uint64_t uid, gid;
	const char *user, *group; /* NULL if unknown */
	bool has_device; /* kind device */
	bool device_is_block; /* informative while walking; not in the line of version 1 unless the design says so */
	uint64_t major, minor;
	const struct custody_xattr *xattrs;
	size_t n_xattrs;
	const char *mime, *mime_by; /* type, or NULL */
	const struct custody_item_finding *findings;
	size_t n_findings;
	bool has_private; /* parsed: the line has x- keys */
};

/* Appends the line without LF. Keys in the order of sealed-package.md. INTERNAL if the item contradicts itself. */
int custody_item_format(struct custody_buf *b, const struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;

/* Reads lines from [off, off+size) of a source as a cursor. */
struct custody_inventory_cursor;
int custody_inventory_cursor_new(struct custody_inventory_cursor **out, const struct custody_source *source, uint64_t off, uint64_t size,
	struct custody_error *err) CUSTODY_MUST_USE;
void custody_inventory_cursor_free(struct custody_inventory_cursor **c);
/* 1: *item is parsed and consistent in itself (kind against its fields; n counts from 0; target_n < n; findings are objects; digests have
 * their sizes); line/line_len are its exact bytes without LF. 0: end (after an LF, or an empty file). -1: error. */
int custody_inventory_cursor_next(struct custody_inventory_cursor *c, struct custody_item *item, const uint8_t **line, size_t *line_len,
	struct custody_error *err) CUSTODY_MUST_USE;
/* After the end: SHA-256 of exactly the bytes read. */
void custody_inventory_cursor_digest(const struct custody_inventory_cursor *c, uint8_t sha256[32]);
/* One line from memory: for tests, fuzzing and disclosure. arena keeps what item borrows. */
int custody_item_parse(
	const uint8_t *line, size_t n, struct custody_buf *arena, struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;

#endif
