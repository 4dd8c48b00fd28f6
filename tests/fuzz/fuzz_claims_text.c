/* SPDX-License-Identifier: Apache-2.0 */
/* Digests in any text: what is told has a digest and stands in the text; a draft of it reads back as the same record. */
#include <string.h>

#include "formats/claims_text.h"
#include "tests/fuzz/fuzz.h"

struct whole {
	const uint8_t *p;
	size_t n;
};

static int give(void *ctx, uint8_t *p, size_t n, size_t *got, struct custody_error *err)
{
	struct whole *w = ctx;

	(void)err;
	*got = n < w->n ? n : w->n;
	if (*got)
		memcpy(p, w->p, *got);
	w->p += *got;
	w->n -= *got;
	return 0;
}

static int tell(void *ctx, const struct custody_hash_record *record, uint64_t line, struct custody_bytes text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf draft = { .max = SIZE_MAX };
	struct custody_hash_record named = *record, again;
	struct custody_claims_drafts drafts = { 0 };
	struct custody_hash_reader r;
	struct whole w;

	(void)ctx;
	FUZZ_ASSERT(record->digests.mask != 0 && line > 0 && text.n > 0);
	if (named.path.n == 0)
		named.path = (struct custody_bytes){ (const uint8_t *)"NAME?", 5 };
	FUZZ_ASSERT(custody_claims_draft_line(&draft, "of", "00", &named, line, text, err) == 0);
	custody_claims_drafts_count(&drafts, draft.data, draft.len);
	FUZZ_ASSERT(drafts.texts == 1 && drafts.signatures == 0);
	w = (struct whole){ draft.data, draft.len };
	FUZZ_ASSERT(custody_hash_reader_init(&r, NULL, "", CUSTODY_DIGEST_COUNT, give, &w, err) == 0);
	if (custody_hash_reader_next(&r, &again, err) == 1) {
		FUZZ_ASSERT(custody_bytes_equal(again.path, named.path) && again.digests.mask == named.digests.mask);
		FUZZ_ASSERT(again.has_size == named.has_size && again.size == named.size);
	} else {
		FUZZ_ASSERT(err->kind == CUSTODY_ERR_LIMIT); /* a line of the text at its limit is longer in a draft */
	}
	custody_hash_reader_release(&r);
	return 0;
}

FUZZ_TARGET(claims_text)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	if (custody_claims_text_read(p, n, tell, NULL, &err))
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT || err.kind == CUSTODY_ERR_LIMIT);
	return 0;
}
