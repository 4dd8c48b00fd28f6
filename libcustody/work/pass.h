/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one pass of verify (design/verdict.md rule 5): every byte of the file goes by once, in order, and feeds the package's own digest, each member's digests and CRC-32, the
 * merge of the lists and what is stated about the request. What was read before must come by again as it was.
 */
#ifndef CUSTODY_WORK_PASS_H
#define CUSTODY_WORK_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/package/members.h"
#include "libcustody/package/zip.h"
#include "libcustody/verdict/lists.h"
#include "libcustody/verdict/verdict.h"
#include "libcustody/work/statements.h"
#include "libcustody/work/verify.h"

/* A member that was read before the pass: its digest, to be met again. */
struct custody_member_seen {
	bool there;
	uint8_t sha256[32];
};

/* What it works on; all borrowed. */
struct custody_pass {
	const struct custody_source *source;
	const struct custody_verify_options *options; /* workers, progress, interrupted */
	const struct custody_zip *zip; /* checked */
	const struct custody_member_seen *seen; /* by class, CUSTODY_MEMBER_CLASSES of them */
	struct custody_lists *lists;
	struct custody_statements *statements;
	struct custody_report *report; /* gets the package's size and digest, findings, and that every byte was accounted for */
};

/*
 * Reads the package. 1: every byte went by; 0: the directory that it followed is another than the one checked, which is a finding, and the lists say nothing; -1: IO,
 * NOMEM, CRYPTO, INTERRUPTED, INTERNAL.
 */
int custody_pass_package(const struct custody_pass *pass, struct custody_error *err) CUSTODY_MUST_USE;
/* Reads a file that is no package: it still has a number. Only source, options and report are used. Errors as above. */
int custody_pass_file(const struct custody_pass *pass, struct custody_error *err) CUSTODY_MUST_USE;

#endif
