/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of custody_seal(): what its end needs to know. seal.c reads the evidence into the package; seal_close.c has what comes before the first byte of it and after
 * the last: keys and authorities are tried, lists and signatures made, time-stamps asked for, the file read back. Nothing else includes this.
 */
#ifndef CUSTODY_WORK_SEALING_H
#define CUSTODY_WORK_SEALING_H

#include <stdbool.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/time.h"
#include "libcustody/work/finish.h"
#include "libcustody/work/pack.h"
#include "libcustody/work/seal.h"

struct custody_sealing {
	const struct custody_seal_options *o; /* borrowed, like out */
	struct custody_seal_result_out *out;
	struct custody_output output;
	struct custody_pack pack;
	struct custody_time started;
	struct custody_buf mounts; /* JSON texts of mount points, comma between */
	struct custody_buf followed; /* JSON objects of arguments that were symbolic links, comma between */
	struct custody_spool claims; /* custody/claims.jsonl */
	struct custody_authorities authorities;
	bool unsealed; /* an authority failed when everything else was done */
	struct custody_error why;
};

/* Frees what it holds; an output that was not committed is gone. Safe on a zeroed struct whose output's descriptors are -1. */
void custody_sealing_release(struct custody_sealing *c);

bool custody_sealing_interrupted(const struct custody_seal_options *o);
/* Tells how far a phase is; total 0: not known. */
void custody_sealing_progress(const struct custody_seal_options *o, const char *phase, uint64_t done, uint64_t total);

/* Before any evidence is read: the keys sign a random value that verifies, and every authority answers a throw-away request (design/cli.md, "Time and keys first"). Errors:
 * those of the keys, TEMPORARY and INPUT of the authorities. */
int custody_sealing_try(struct custody_sealing *c, struct custody_error *err) CUSTODY_MUST_USE;
/* After the last byte of it: lists, seal.json, both signatures, time-stamps. If an authority fails now, everything but the time is there: c->unsealed, and c->why. */
int custody_sealing_close(struct custody_sealing *c, struct custody_error *err) CUSTODY_MUST_USE;
/* Reads the finished file back from storage and verifies it; the report goes to c->out. INTERNAL if the verdict is another than wanted. */
int custody_sealing_read_back(struct custody_sealing *c, struct custody_error *err) CUSTODY_MUST_USE;
/* The file gets its name, or, without its time, the one that says so: then -1, TEMPORARY, with how to finish it. */
int custody_sealing_commit(struct custody_sealing *c, struct custody_error *err) CUSTODY_MUST_USE;

#endif
