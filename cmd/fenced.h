/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another program, run for what it writes: it gets bytes on its standard input and has no network, no home, no variable of ours, a private folder for its temporaries,
 * and limits on time, memory and output. For programs that no verdict hangs on: they draw a page that is finished.
 */
#ifndef CUSTODY_CMD_FENCED_H
#define CUSTODY_CMD_FENCED_H

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"

#define CUSTODY_FENCED_SECONDS 120 /* a report as PDF takes one or two; a hash report of a thousand items half a minute on a slow machine */

/* All borrowed. */
struct custody_fenced {
	const char *program; /* absolute path */
	const char *name; /* for messages */
	char *const *argv;
};

/*
 * Runs it and appends what it wrote to out. made: the time that it may state as its own (SOURCE_DATE_EPOCH). Errors: INPUT (this kernel does not take the fence), IO (it
 * failed, or took longer than two minutes), NOMEM, LIMIT, INTERRUPTED.
 */
int custody_fenced_run(const struct custody_fenced *what, struct custody_bytes in, struct custody_time made, struct custody_buf *out,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
