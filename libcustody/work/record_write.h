/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a custody record: begun beside its package, and then one event after the other. The file is always written anew as a whole, judged from storage
 * before it gets its name, and only if nothing in it is wrong that was not wrong before: so whatever record/history.h finds, no event is added that it
 * would find (decisions/0016).
 */
#ifndef CUSTODY_WORK_RECORD_WRITE_H
#define CUSTODY_WORK_RECORD_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/source.h"
#include "libcustody/record/record.h"
#include "libcustody/work/pen.h"
#include "libcustody/work/record.h"

/* The name of a package's record, beside it: "acme.custody.asice" for "acme.asice", or with a UUID "acme.1f0c9a3e.custody.asice". Gives *out. */
int custody_record_name(const char *package, const char *uuid, char **out, struct custody_error *err) CUSTODY_MUST_USE;

/* What was written. Zero it before. */
struct custody_record_written {
	size_t seq; /* of the event; 0: nothing was written */
	uint8_t head[32]; /* of the record now */
	char uuid[37]; /* of the package */
	struct custody_findings findings; /* of the record as it is now */
	struct custody_record_view view; /* likewise */
};
void custody_record_written_init(struct custody_record_written *w);
void custody_record_written_release(struct custody_record_written *w);

/*
 * Begins the record of a package: its disclosable seal is copied, and the first event, `sealed`, is signed by who sealed it. sha256 and size were measured just
 * now; uuid may be NULL. e: actor, place. Errors: INPUT (path exists; not the one who sealed; not this package), FORMAT (no package), IO and those of the pen.
 */
struct custody_record_begin {
	const struct custody_source *package;
	const uint8_t *sha256;
	uint64_t size;
	const char *uuid;
	const char *path; /* of the record */
	struct custody_pen *pen; /* tried */
};
int custody_record_begin(const struct custody_record_begin *begin, struct custody_event *e, struct custody_record_written *out,
	struct custody_error *err) CUSTODY_MUST_USE;

/* A record that is open for writing: locked, so that no second event is added beside ours, and judged. */
struct custody_record_file {
	char *path; /* owned */
	int fd; /* holds the lock */
	struct custody_source source;
	struct custody_source_fd state;
	struct custody_record_view view; /* as it was judged */
	struct custody_findings findings;
	const struct custody_trust *trust; /* borrowed */
	const struct custody_random *random;
};
#define CUSTODY_RECORD_FILE_INIT { .fd = -1 }
/* Opens, locks and judges as of now. INPUT: not there, no regular file; TEMPORARY: somebody else writes to it. What is wrong in it is a finding. */
int custody_record_file_open(struct custody_record_file *f, const char *path, const struct custody_trust *trust, struct custody_time now,
	const struct custody_random *random, struct custody_error *err) CUSTODY_MUST_USE;
void custody_record_file_release(struct custody_record_file *f);

/* Adds an event (see custody_pen_sign()). INPUT, with the finding in the text, if the record would not hold with it, or does not hold as it is: nothing is written then. */
int custody_record_file_add(struct custody_record_file *f, struct custody_pen *pen, struct custody_event *e, struct custody_record_written *out,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
