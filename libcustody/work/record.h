/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The custody record, put together: read (record/record.h), each signature judged as a seal's (verdict/seal.h), the account told (record/history.h), its end
 * looked for among heads known elsewhere. What is found goes to the findings of the group "custody".
 */
#ifndef CUSTODY_WORK_RECORD_H
#define CUSTODY_WORK_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/source.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/record/history.h"
#include "libcustody/record/record.h"
#include "libcustody/verdict/account.h"
#include "libcustody/verdict/finding.h"
#include "libcustody/verdict/seal.h"

/* Everything borrowed. */
struct custody_record_question {
	const struct custody_trust *trust;
	struct custody_time evaluated_at, now;
	const struct custody_random *random;
	const uint8_t (*heads)[32];
	size_t n_heads;
	const struct custody_record *counterpart; /* somebody else's copy of the same record, which holds; NULL: none */
	const uint8_t *package_sha256; /* of the package at hand; NULL: the record is looked at alone */
	uint64_t package_size;
	const uint8_t
		*seal_sha256[CUSTODY_RECORD_COPIES]; /* of what the package at hand has itself of which the record holds copies; NULL: not known */
};

/* The record as it was found. Zero it before. */
struct custody_record_view {
	struct custody_record record;
	bool whole; /* read to its end; else record holds the events before what was refused */
	struct custody_seal_result seal; /* of the copied disclosable seal */
	struct custody_seal_result *results; /* owned; one for each event */
	struct custody_history_proof seal_proof;
	struct custody_history_proof *proofs; /* owned; likewise */
	size_t n; /* of both */
	struct custody_history history;
	bool has_sha256;
	uint8_t sha256[32]; /* of the whole file; not of one that is too large to be a record */
	size_t in_counterpart; /* events that the counterpart's copy has, too */
	size_t anchored; /* events up to the last one that is known elsewhere, by a head or the counterpart's copy; 0: none */
	bool passed; /* all of it: whole, every signature good, nothing found against it */
};
void custody_record_view_release(struct custody_record_view *v);

/* Judges. 0 with findings and *view; -1 only when it could not look. */
int custody_record_judge(const struct custody_source *source, const struct custody_record_question *question, struct custody_findings *findings,
	struct custody_record_view *view, struct custody_error *err) CUSTODY_MUST_USE;

/* Whether a finding of a record is what this finding of a signature, or of the copied seal's, became in it. */
bool custody_record_finding_is(const struct custody_finding *f, enum custody_finding_id of_signature);
/* What it tells, for a report: copies. record_account.c. */
int custody_record_tell(const struct custody_record_view *v, struct custody_account *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
