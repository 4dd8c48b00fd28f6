/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests in letters and tables (claims-text.md): CSV with a head, or any text. What comes out is a draft: a person compares it with what was read, for a program cannot know
 * what a letter means.
 */
#ifndef CUSTODY_FORMATS_CLAIMS_TEXT_H
#define CUSTODY_FORMATS_CLAIMS_TEXT_H

#include "formats/format.h"

/* A name with its digests, and the line where the first of them stands, from 1, with its text. Borrowed during the call. */
typedef int custody_claims_text_tell(
	void *ctx, const struct custody_hash_record *record, uint64_t line, struct custody_bytes text, struct custody_error *err);

/* Tells each; a digest without a name is told with an empty path. Errors: those of tell; FORMAT for what is no UTF-8 text or a broken row; LIMIT. */
int custody_claims_text_read(const uint8_t *p, size_t n, custody_claims_text_tell *tell, void *ctx, struct custody_error *err) CUSTODY_MUST_USE;

/* Appends one line of a draft: a record of the list format jsonl with "draft" in front, which says what it was read from. */
int custody_claims_draft_line(struct custody_buf *out, const char *of, const char *sha256, const struct custody_hash_record *record, uint64_t line,
	struct custody_bytes text, struct custody_error *err) CUSTODY_MUST_USE;

/* How a line of a draft begins that was read out of a signature (formats/claims_signature.h). */
#define CUSTODY_CLAIMS_SIGNATURE_DRAFT "{\"draft\":{\"signature\":"

/* Lines of drafts in a list, counted while it is read in pieces. Begins zeroed. */
struct custody_claims_drafts {
	uint64_t texts, signatures; /* by what they were read from */
	char head[sizeof(CUSTODY_CLAIMS_SIGNATURE_DRAFT)]; /* of the line, without blanks; n of them */
	size_t n;
};
void custody_claims_drafts_count(struct custody_claims_drafts *d, const uint8_t *p, size_t n);

/* What a text without digests is, that may be taken for a statement by whoever gave it: a hint, static; or NULL. */
const char *custody_claims_text_other(const uint8_t *p, size_t n);
/* A text that is signed with PGP, and can be read: nobody looks at the signature. */
bool custody_claims_text_is_clearsigned(const uint8_t *p, size_t n);

#endif
