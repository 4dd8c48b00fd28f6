/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a package says beside its evidence, judged while verify goes over it: digests stated by others, and the request that was answered. All of it
 * is statements: reported, and never moving the verdict.
 */
#ifndef CUSTODY_WORK_STATEMENTS_H
#define CUSTODY_WORK_STATEMENTS_H

#include "libcustody/base/error.h"
#include "libcustody/package/zip.h"
#include "libcustody/verdict/claims.h"
#include "libcustody/verdict/lists.h"
#include "libcustody/verdict/verdict.h"
#include "libcustody/work/requested.h"

struct custody_statements {
	struct custody_claims_judge *claims; /* owned; NULL: the package holds none */
	struct custody_requested requested;
	uint8_t claims_met[32], request_met[32]; /* SHA-256 of the members as the pass met them */
};

/* Before the pass. Borrows all of it; what is found goes to the report. */
int custody_statements_begin(struct custody_statements *s, const struct custody_zip *zip, const struct custody_member_index *index,
	struct custody_report *report, struct custody_error *err) CUSTODY_MUST_USE;
/* The pass met this member. */
void custody_statements_met(struct custody_statements *s, enum custody_member_class c, const uint8_t sha256[32]);
/* The next line of the inventory: a custody_lists_item; statements is the struct. */
int custody_statements_item(void *statements, const struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;
/* After the pass; whole: the inventory was read to its end. report: as of begin. */
int custody_statements_finish(struct custody_statements *s, struct custody_report *report, bool whole, struct custody_error *err) CUSTODY_MUST_USE;
void custody_statements_release(struct custody_statements *s); /* safe on a zeroed struct */

#endif
