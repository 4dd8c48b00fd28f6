/* SPDX-License-Identifier: Apache-2.0 */
/*
 * custody/claims.jsonl: digests stated by others, as the sealer took them in (custody-package(5)). A first line with the lists they are from, then one line for each name,
 * in the order of (item, list, line of the list), those that belong to no item last. It says what was stated; whether it agrees with what was sealed, a reader finds out
 * (verdict/claims.h). Format and parse are inverse to each other. Refusals: rule "claims-malformed".
 */
#ifndef CUSTODY_PACKAGE_CLAIMS_H
#define CUSTODY_PACKAGE_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/source.h"
#include "libcustody/crypto/digest.h"

#define CUSTODY_CLAIMS_MALFORMED "claims-malformed"
/* Format of a source that is no list: a signature, certificate or letter of the sender, bound by its digest and verified by nobody here. It has no lines. */
#define CUSTODY_CLAIMS_UNVERIFIED "unverified"
/* Of what a program read out of a text, or out of a signature that it verified, and a person confirmed. */
#define CUSTODY_CLAIMS_DRAFT "draft"
#define CUSTODY_CLAIMS_SIGNATURE "signature"

/* One list of somebody's. Texts are UTF-8, at most CUSTODY_LIMIT_TEXT_FIELD bytes. */
struct custody_claims_source {
	const char *name; /* of the file; in display form if that is not UTF-8 */
	uint8_t sha256[32]; /* of the file as it was taken in */
	const char *format; /* "sha256sum", "hashdeep" ... */
	const char *by; /* who stated it, as the sealer says; NULL: not said */
	const char *confirmed_by; /* who compared what was read from a letter with the letter; NULL: a list, which needs nobody */
};

struct custody_claims_head {
	uint64_t claims; /* lines that follow */
	const struct custody_claims_source *sources; /* 1 to CUSTODY_LIMIT_CLAIM_SOURCES */
	size_t n;
};

/* What one list says of one name. All pointers are borrowed: from the caller when formatting, from the cursor when parsed (until the next line). */
struct custody_claim {
	bool has_item; /* false: nothing that was sealed has this name or content */
	uint64_t item; /* n of the inventory */
	uint64_t source; /* index into the lists */
	uint64_t line; /* of that list, from 1 */
	struct custody_bytes path; /* raw, as stated; not empty, without NUL */
	bool has_size;
	uint64_t size;
	struct custody_digest_values digests; /* at least one */
};

/* -1, 0, 1: the order of lines. */
int custody_claim_compare(const struct custody_claim *a, const struct custody_claim *b);

/* The source is a signature, certificate or letter, and no list. */
bool custody_claims_source_is_unverified(const struct custody_claims_source *s);

/* Each appends one line with its LF. INTERNAL if what is said contradicts itself. */
int custody_claims_format_head(struct custody_buf *b, const struct custody_claims_head *head, struct custody_error *err) CUSTODY_MUST_USE;
int custody_claim_format(struct custody_buf *b, const struct custody_claim *claim, struct custody_error *err) CUSTODY_MUST_USE;

/* Reads [off, off + size) of a source. */
struct custody_claims_cursor;
int custody_claims_cursor_new(struct custody_claims_cursor **out, const struct custody_source *source, uint64_t off, uint64_t size,
	struct custody_error *err) CUSTODY_MUST_USE;
void custody_claims_cursor_free(struct custody_claims_cursor **c); /* safe on NULL */
/* The first line, which new has read. Borrowed while the cursor lives. */
const struct custody_claims_head *custody_claims_cursor_head(const struct custody_claims_cursor *c);
/* 1: *claim, in order; 0: the end, and there were as many as the first line says; -1: FORMAT with the rule, LIMIT, IO, NOMEM. */
int custody_claims_cursor_next(struct custody_claims_cursor *c, struct custody_claim *claim, struct custody_error *err) CUSTODY_MUST_USE;
/* After the end: SHA-256 of exactly the bytes read. */
void custody_claims_cursor_digest(const struct custody_claims_cursor *c, uint8_t sha256[32]);

#endif
