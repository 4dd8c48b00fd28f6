/* SPDX-License-Identifier: Apache-2.0 */
/* Stated digests: what is taken is in order, is what its first line counts, and format(parse(x)) reads back as the same. */
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/package/claims.h"
#include "tests/fuzz/fuzz.h"

static bool equal(const struct custody_claim *a, const struct custody_claim *b)
{
	if (custody_claim_compare(a, b) != 0 || !custody_bytes_equal(a->path, b->path) || a->has_size != b->has_size || a->size != b->size)
		return false;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if ((a->digests.mask & CUSTODY_DIGEST_BIT(id)) &&
			memcmp(a->digests.value[id], b->digests.value[id], custody_digest_get((enum custody_digest_id)id)->size) != 0)
			return false;
	return a->digests.mask == b->digests.mask;
}

/* Everything read, written again. -1: it was refused on the way. */
static int copy(const uint8_t *p, size_t n, struct custody_buf *out)
{
	CUSTODY_CLEANUP(custody_claims_cursor_free) struct custody_claims_cursor *c = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_claim claim, last = { .has_item = false };
	struct custody_source source;
	uint64_t read = 0;
	int r;

	custody_source_memory(&source, p, n);
	if (custody_claims_cursor_new(&c, &source, 0, n, &err)) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && strcmp(err.rule, CUSTODY_CLAIMS_MALFORMED) == 0));
		return -1;
	}
	const struct custody_claims_head *head = custody_claims_cursor_head(c);
	FUZZ_ASSERT(head->n > 0 && head->n <= CUSTODY_LIMIT_CLAIM_SOURCES);
	/* An empty text may be read where none is written: then there is nothing to write. */
	if (custody_claims_format_head(out, head, &err))
		return -1;
	while ((r = custody_claims_cursor_next(c, &claim, &err)) == 1) {
		FUZZ_ASSERT(claim.source < head->n && claim.line > 0 && claim.path.n > 0 && claim.digests.mask != 0);
		FUZZ_ASSERT(read++ == 0 || custody_claim_compare(&last, &claim) < 0);
		FUZZ_ASSERT(custody_claim_format(out, &claim, &err) == 0);
		last = claim;
	}
	FUZZ_ASSERT(r == 0 ? read == head->claims : err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && err.rule));
	return r;
}

FUZZ_TARGET(claims)
{
	CUSTODY_CLEANUP(custody_claims_cursor_free) struct custody_claims_cursor *a = NULL, *b = NULL;
	CUSTODY_BUF_CLEAN struct custody_buf out = { .max = SIZE_MAX }, again = { .max = SIZE_MAX };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source first, second;
	struct custody_claim one, other;

	if (copy(p, n, &out))
		return 0;
	FUZZ_ASSERT(copy(out.data, out.len, &again) == 0);
	FUZZ_ASSERT(out.len == again.len && memcmp(out.data, again.data, out.len) == 0);
	custody_source_memory(&first, p, n);
	custody_source_memory(&second, out.data, out.len);
	FUZZ_ASSERT(custody_claims_cursor_new(&a, &first, 0, n, &err) == 0 && custody_claims_cursor_new(&b, &second, 0, out.len, &err) == 0);
	while (custody_claims_cursor_next(a, &one, &err) == 1)
		FUZZ_ASSERT(custody_claims_cursor_next(b, &other, &err) == 1 && equal(&one, &other));
	FUZZ_ASSERT(custody_claims_cursor_next(b, &other, &err) == 0);
	return 0;
}
