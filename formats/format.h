/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other people's hash lists. To add a format: one file with a `struct custody_hash_format`, its specification beside it (formats/NAME.md), one
 * declaration and one line in the table of registry.c.
 *
 * A list is text of one record a line. For every record that a format can write, reading what was written gives it back. Names are raw bytes. A
 * line that is not exactly what the format allows is an error that names the line: a list with one line misread is worse than none.
 */
#ifndef CUSTODY_FORMATS_FORMAT_H
#define CUSTODY_FORMATS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/crypto/digest.h"

/* One file of a list. A list of several algorithms may have several records for one file, each with a part of the digests. */
struct custody_hash_record {
	struct custody_bytes path; /* raw, not empty, without NUL; borrowed */
	bool has_size;
	uint64_t size;
	struct custody_digest_values digests; /* at least one */
};

struct custody_hash_reader;

struct custody_hash_format {
	const char *name; /* "sha256sum": the value of -f */
	const char *summary; /* one line for people */
	/* The list looks like this format. list_name is its file name (no folder; may be ""), p its first bytes (n of them, at most 64 KiB). */
	bool (*probe)(const char *list_name, const uint8_t *p, size_t n);
	/* A list can hold these digests. USAGE error with a hint otherwise. */
	int (*check)(uint32_t digests, struct custody_error *err);
	/* Appends what stands before the first record; NULL if nothing does. */
	int (*write_head)(struct custody_buf *out, uint32_t digests, struct custody_error *err);
	/* Appends the record's lines. record->digests has all of `digests`, which check() took; hashdeep and jsonl want a size. INPUT error if the name
	 * cannot be said in this format; out is then as it was. */
	int (*write_record)(struct custody_buf *out, uint32_t digests, const struct custody_hash_record *record, struct custody_error *err);
	/* One line without its end. 1: *record, borrowed from the line and the reader; 0: a line that is no record; -1: FORMAT error without the line's
	 * number. */
	int (*parse_line)(struct custody_hash_reader *r, const uint8_t *p, size_t n, struct custody_hash_record *record, struct custody_error *err);
};

extern const struct custody_hash_format custody_hash_sha256sum, custody_hash_bsd, custody_hash_hashdeep, custody_hash_bagit, custody_hash_jsonl;

/* All of them in the order in which they are tried; ends with NULL. */
extern const struct custody_hash_format *const custody_hash_formats[];
/* By name; USAGE error naming those there are. */
int custody_hash_format_find(const char *name, const struct custody_hash_format **out, struct custody_error *err) CUSTODY_MUST_USE;
/* By the first bytes; NULL if none. */
const struct custody_hash_format *custody_hash_format_detect(const char *list_name, const uint8_t *p, size_t n);

/* Gives up to n bytes of the list in order; *got 0 is its end. */
typedef int custody_hash_read(void *ctx, uint8_t *p, size_t n, size_t *got, struct custody_error *err);

struct custody_hash_reader {
	const struct custody_hash_format *format;
	enum custody_digest_id algorithm; /* of digests that stand without a name; CUSTODY_DIGEST_COUNT: by their length, SHA-2 before others */
	uint64_t line; /* number of the line last read */
	bool crlf; /* lines end with CR LF */
	bool by_length; /* an algorithm was taken from a length that several have */

	/* The rest is the reader's own. */
	custody_hash_read *read;
	void *ctx;
	struct custody_buf text; /* from `at` on not used yet */
	size_t at;
	bool at_end;
	struct custody_buf path; /* of the record last read, where it was escaped */
	uint32_t n_columns; /* hashdeep */
	uint8_t columns[16];
};

/*
 * Begins to read. format NULL: detected (FORMAT error if that fails). The list may be of any size; a line at most CUSTODY_LIMIT_HASH_LINE bytes. Errors: those of
 * read, FORMAT, NOMEM.
 */
int custody_hash_reader_init(struct custody_hash_reader *r, const struct custody_hash_format *format, const char *list_name,
	enum custody_digest_id algorithm, custody_hash_read *read, void *ctx, struct custody_error *err) CUSTODY_MUST_USE;
void custody_hash_reader_release(struct custody_hash_reader *r); /* safe on a zeroed struct */
/* 1: *record, borrowed until the next call; 0: the end; -1: error ("line 3: found ..., want ..."). */
int custody_hash_reader_next(struct custody_hash_reader *r, struct custody_hash_record *record, struct custody_error *err) CUSTODY_MUST_USE;

#endif
