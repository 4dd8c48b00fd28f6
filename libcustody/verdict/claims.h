/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests stated by others against those that were computed: custody/claims.jsonl is merged with the inventory, line by line, in memory that grows with neither. Three
 * things stay apart: who stated what (the file), what was computed (the inventory, and verify's pass), and whether they agree (found here, each time anew). Everything
 * found is a statement: it never moves the verdict.
 */
#ifndef CUSTODY_VERDICT_CLAIMS_H
#define CUSTODY_VERDICT_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/package/claims.h"
#include "libcustody/package/manifest.h"
#include "libcustody/verdict/finding.h"

/* What came out, for a report. */
struct custody_claims_result {
	bool there; /* the package holds stated digests */
	bool complete; /* all of them were read, and the whole inventory: the counts below are all there is to count */
	struct custody_claims_source *sources; /* owned, with their texts */
	size_t n_sources;
	uint64_t stated; /* names that a digest was stated of; each is one of the next four */
	uint64_t matched; /* every digest and size that both have agree */
	uint64_t mismatched;
	uint64_t missing; /* nothing in the package is meant */
	uint64_t not_compared;
	uint64_t unverified; /* sources that are no lists: signatures, certificates, letters */
	uint64_t legacy; /* of matched: by MD5 or SHA-1 alone */
	uint64_t items, items_matched, items_unstated; /* items with content; those that a match is of; those that nobody stated anything of */
};
void custody_claims_result_release(struct custody_claims_result *r); /* safe on a zeroed struct; leaves one */

/* true: each list says who stated what is in it, as the sealer says. */
bool custody_claims_result_said(const struct custody_claims_result *r);
/* true: that too, every item with content is matched by more than a legacy digest, and nothing that was stated is wrong, missing or not compared. */
bool custody_claims_result_holds(const struct custody_claims_result *r);

struct custody_claims_judge;
/*
 * Over [off, off + size) of source (borrowed, like findings and result, which is zeroed). What is refused is a finding, and *out then takes items and says nothing
 * more. -1: IO, NOMEM, INTERNAL.
 */
int custody_claims_judge_new(struct custody_claims_judge **out, const struct custody_source *source, uint64_t off, uint64_t size,
	struct custody_findings *findings, struct custody_claims_result *result, struct custody_error *err) CUSTODY_MUST_USE;
void custody_claims_judge_free(struct custody_claims_judge **j); /* safe on NULL */
/* The next item of the inventory, from 0. */
int custody_claims_judge_item(struct custody_claims_judge *j, const struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;
/* After the last item: seen is the SHA-256 of the member as the pass met it; whole: the inventory was read to its end. */
int custody_claims_judge_finish(struct custody_claims_judge *j, const uint8_t seen[32], bool whole, struct custody_error *err) CUSTODY_MUST_USE;

#endif
