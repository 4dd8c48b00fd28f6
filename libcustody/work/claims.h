/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests stated by others, on their way into a package: lists go in as they were read, and when all items are known each name is tied to the item that it means. By name
 * first, in the one reading of the list's names that fits most items; then by content, for what bears another name. A tie says which item is meant, nothing else.
 */
#ifndef CUSTODY_WORK_CLAIMS_H
#define CUSTODY_WORK_CLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/random.h"
#include "libcustody/package/claims.h"
#include "libcustody/work/known.h"

struct custody_claims;
/* dir_fd: the folder for spools (borrowed). */
int custody_claims_new(struct custody_claims **out, int dir_fd, const struct custody_random *random, struct custody_error *err) CUSTODY_MUST_USE;
void custody_claims_free(struct custody_claims **c); /* safe on NULL */

/* Begins a list (its texts are copied): what is added from now on is from it. LIMIT if there are too many. */
int custody_claims_begin(struct custody_claims *c, const struct custody_claims_source *source, struct custody_error *err) CUSTODY_MUST_USE;
/* line: of the list, from 1. Further digests of one name are added to it; a contradiction is FORMAT. */
int custody_claims_add(struct custody_claims *c, const struct custody_known_entry *entry, uint64_t line, struct custody_error *err) CUSTODY_MUST_USE;
/*
 * The digests that request records say the provider stated (answer: digests), one list a record that has any; who stated them is the provider's legal entity. request:
 * custody/request.json in its exact form. *skipped: those without a known algorithm, or not its digits. One without a name is told from others by its place.
 */
int custody_claims_add_request(struct custody_claims *c, struct custody_bytes request, size_t *skipped, struct custody_error *err) CUSTODY_MUST_USE;
size_t custody_claims_count(const struct custody_claims *c); /* lists */
/* Of all lists together: what has to be computed so that they can be compared. */
uint32_t custody_claims_digests(const struct custody_claims *c);

/* After the last item: reads the inventory's lines, ties, and appends custody/claims.jsonl to out. Once. */
int custody_claims_write(
	struct custody_claims *c, struct custody_spool *inventory, struct custody_spool *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
