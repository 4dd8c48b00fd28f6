/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of a JSON object as the formats of a package have them: a table of keys in the order in which they must come, each with the function that
 * reads its value. One loop (custody_fields_read) then checks order, presence and unknown keys for every object of every document.
 *
 * Keys that begin with "x-" are private: they may stand anywhere and are noted. Any other key that is not in the table makes the document one of a newer
 * format (or is ignored, where the format says so), but only once everything that is known was found to be right: what is wrong is wrong in any version.
 */
#ifndef CUSTODY_PACKAGE_FIELDS_H
#define CUSTODY_PACKAGE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/time.h"

struct json_t; /* jansson's */

/* One document while it is read. Zero it, set rule (and ignore_unknown), and pass it to every custody_fields_read() of the document. */
struct custody_fields {
	const char *rule; /* of a refusal, static text */
	bool ignore_unknown; /* unknown keys are nothing, instead of a newer format */
	bool has_private; /* out: there was an "x-" key */
	bool has_unknown; /* out: there was an unknown key, not ignored */
	char unknown[128]; /* out: the first of them, display form */
	size_t row; /* while a value is read: its row in the table */
};

/* Reads one value into ctx. Refuses with f->rule. */
typedef int custody_field_read(struct custody_fields *f, struct json_t *value, void *ctx, struct custody_error *err);

struct custody_field {
	const char *key;
	custody_field_read *read;
};

/* Walks the object: bit i of *present (which may be NULL) is set when table[i] was there; all keys of `required` (bits) must be. n <= 32. */
int custody_fields_read(struct custody_fields *f, struct json_t *object, const struct custody_field *table, size_t n, uint32_t required, void *ctx,
	uint32_t *present, struct custody_error *err) CUSTODY_MUST_USE;
/* After the whole document: an unknown key refuses it, rule newer-format. */
int custody_fields_end(const struct custody_fields *f, struct custody_error *err) CUSTODY_MUST_USE;

/* ---- values; each refuses with f->rule, saying what was found and what was wanted ---- */

/* Text of 1..max bytes (0..max with empty_too): borrowed from the document; len may be NULL. */
int custody_field_text(const struct custody_fields *f, struct json_t *v, size_t max, bool empty_too, const char **out, size_t *len,
	struct custody_error *err) CUSTODY_MUST_USE;
/* The same or null (*out = NULL). */
int custody_field_text_or_null(
	const struct custody_fields *f, struct json_t *v, size_t max, const char **out, struct custody_error *err) CUSTODY_MUST_USE;
/* Exactly this text. */
int custody_field_constant(const struct custody_fields *f, struct json_t *v, const char *want, struct custody_error *err) CUSTODY_MUST_USE;
/* 0 <= integer < 2^53. */
int custody_field_count(const struct custody_fields *f, struct json_t *v, uint64_t *out, struct custody_error *err) CUSTODY_MUST_USE;
/* Lower-case hex of exactly n bytes. */
int custody_field_hex(const struct custody_fields *f, struct json_t *v, uint8_t *out, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* RFC 3339, UTC, with nanoseconds or without any fraction. */
int custody_field_time(
	const struct custody_fields *f, struct json_t *v, bool with_ns, struct custody_time *out, struct custody_error *err) CUSTODY_MUST_USE;
/* An array; *n its length. */
int custody_field_array(const struct custody_fields *f, struct json_t *v, size_t *n, struct custody_error *err) CUSTODY_MUST_USE;

/* A UUID as RFC 9562 section 4 writes it, in lower case. */
bool custody_field_is_uuid(const char *s, size_t n);

/* "a string", "an object" ... : what a value is, for messages. */
const char *custody_field_kind(struct json_t *v);

#endif
