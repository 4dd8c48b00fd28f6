/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's side of a look into an archive: a custody-worker reads it (cmd/worker/inspect.h), and everything that it says is checked as if a stranger had said it
 * before a sink gets it: record by record, numbers in order, digests those asked for, totals those of what came.
 */
#ifndef CUSTODY_CMD_INSPECT_READER_H
#define CUSTODY_CMD_INSPECT_READER_H

#include "cmd/worker_process.h"
#include "formats/inspect.h"

struct custody_inspect_reader {
	struct custody_worker worker;
	int database; /* libmagic's, owned; -1: there is none, and nothing is identified */
	bool used; /* the worker has looked into an archive: what that left in it does not meet the next one */
	uint64_t job;
};
#define CUSTODY_INSPECT_READER_INIT { CUSTODY_WORKER_INIT, -1, false, 0 }

/* Opens the database and starts the first worker. Errors: INPUT, IO: there is no worker or no sandbox; then nothing is looked into. */
int custody_inspect_reader_start(struct custody_inspect_reader *r, struct custody_error *err) CUSTODY_MUST_USE;
void custody_inspect_reader_stop(struct custody_inspect_reader *r);
#define CUSTODY_INSPECT_READER_CLEAN CUSTODY_CLEANUP(custody_inspect_reader_stop)

/*
 * One look. fd: the file, opened for the worker alone, for reading; borrowed. What befalls the worker is an outcome in *end (NO_READER, TOO_SLOW), with the
 * records that came before; sink->begin may then never have been called. Errors: INTERRUPTED, NOMEM, and what the sink gives.
 */
int custody_inspect_reader_look(struct custody_inspect_reader *r, int fd, const struct custody_worker_inspect *wanted,
	const struct custody_inspect_sink *sink, struct custody_inspect_end *end, struct custody_error *err) CUSTODY_MUST_USE;

#endif
