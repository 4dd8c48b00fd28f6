/* SPDX-License-Identifier: Apache-2.0 */
/* The verb verify: one package, one pass, one report. */
#ifndef CUSTODY_WORK_VERIFY_H
#define CUSTODY_WORK_VERIFY_H

#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/source.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/package/manifest.h"
#include "libcustody/verdict/verdict.h"

struct custody_documents;
struct custody_record;

struct custody_verify_options {
	const struct custody_trust *trust; /* borrowed; may hold nothing */
	struct custody_time evaluated_at, now;
	bool at_chosen;
	bool has_expected;
	uint8_t expected[32];
	const struct custody_source *record; /* the custody record that is presented with the package; NULL: none */
	const uint8_t (*heads)[32]; /* heads of it that are known elsewhere */
	size_t n_heads;
	const struct custody_record *counterpart; /* somebody else's copy of it, which holds (work/record.h); NULL: none */
	const char *record_path, *counterpart_path; /* as given, for the report; NULL: not from a file */
	const uint8_t *counterpart_sha256; /* of that file; NULL: not known */
	const struct custody_documents *documents; /* packages of the request's documents that are presented with it, judged (work/documents.h) */
	size_t n_documents;
	const struct custody_random *random; /* keys of the sets */
	size_t workers; /* digest threads; 0 = all work in the calling thread */
	void (*progress)(void *ctx, uint64_t done, uint64_t total); /* may be NULL */
	void *progress_ctx;
	bool (*interrupted)(void *ctx); /* polled; true ends with INTERRUPTED; may be NULL */
	void *interrupted_ctx;
};

/* Judges the bytes of source. report must be initialised; path and failure are the caller's. -1 (IO, NOMEM, INTERNAL, INTERRUPTED): nothing was
 * judged, report->verdict is NONE. */
int custody_verify(const struct custody_source *source, const struct custody_verify_options *options, struct custody_report *report,
	struct custody_error *err) CUSTODY_MUST_USE;

/* The embedded packages (one VALID, five INVALID) get the verdicts they must. Once a process; cheap afterwards. INTERNAL if not. */
int custody_self_test(struct custody_error *err) CUSTODY_MUST_USE;

#endif
