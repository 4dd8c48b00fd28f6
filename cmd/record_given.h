/* SPDX-License-Identifier: Apache-2.0 */
/* The custody record that is presented with a package: --record, --head, --counterpart. */
#ifndef CUSTODY_CMD_RECORD_GIVEN_H
#define CUSTODY_CMD_RECORD_GIVEN_H

#include <stdint.h>

#include "cmd/options.h"
#include "libcustody/base/error.h"
#include "libcustody/base/source.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/work/record.h"
#include "libcustody/work/verify.h"

struct custody_record_given {
	const char *path, *counterpart; /* as given; NULL: not */
	struct custody_option_list heads;
	int fd; /* -1: not open */
	struct custody_source source;
	struct custody_source_fd state;
	struct custody_record_view copy; /* the counterpart's */
	uint8_t (*numbers)[32]; /* owned; the heads */
};
#define CUSTODY_RECORD_GIVEN_INIT { .fd = -1 }
/* The options, in a table of them; g is such a struct. */
#define CUSTODY_RECORD_GIVEN_OPTIONS(g)                                                                                                 \
	CUSTODY_OPTION_TEXT(0, "record", "FILE", &(g)->path, "also judge the package's custody record, NAME.custody.asice"),            \
		CUSTODY_OPTION_LIST(0, "head", "HEX", &(g)->heads, "a head of that record which somebody else noted; may be repeated"), \
		CUSTODY_OPTION_TEXT(0, "counterpart", "FILE", &(g)->counterpart, "the other party's copy of that record")

void custody_record_given_release(struct custody_record_given *g);
/* What was given goes together, and the heads are numbers: they are in *o then, which borrows them. USAGE, naming the option; NOMEM. */
int custody_record_given_check(struct custody_record_given *g, struct custody_verify_options *o, struct custody_error *err) CUSTODY_MUST_USE;
/* Opens both files; *o borrows them. Judged at o->evaluated_at. Errors as of custody_package_open() and custody_counterpart_read(), saying which of the two. */
int custody_record_given_open(struct custody_record_given *g, const struct custody_trust *trust, struct custody_verify_options *o,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
