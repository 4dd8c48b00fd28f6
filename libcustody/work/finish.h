/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verb seal --finish: a package whose authority failed after the evidence was read gets its time-stamps. No key is used, nothing that was signed changes;
 * the finished package is another file, and the unstamped one goes only when that has its name.
 */
#ifndef CUSTODY_WORK_FINISH_H
#define CUSTODY_WORK_FINISH_H

#include <stdbool.h>
#include <stddef.h>

#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/work/seal.h"
#include "libcustody/work/stamp.h"

#define CUSTODY_UNSEALED ".unsealed" /* behind the name that the package is to have */

struct custody_finish_options {
	const char *unsealed; /* NAME.asice.unsealed */
	const char *const *authorities; /* URLs: those of the seal, in any order; n 0: as on the command line that sealed, which the package tells, */
	size_t n_authorities;
	const char *const *usual; /* and if that named none, these: the lab's */
	size_t n_usual;
	const struct custody_transport *transport;
	const struct custody_trust *trust; /* LAB/trust */
	const struct custody_clock *clock;
	const struct custody_random *random;
	size_t workers;
	void (*progress)(
		void *ctx, const char *phase, uint64_t done, uint64_t total); /* phase: "verifying", "time-stamping", "copying", "reading back" */
	bool (*interrupted)(void *ctx);
	void *ctx;
};

/* The name that the package gets: `unsealed` without CUSTODY_UNSEALED. Gives *out. USAGE if it does not end so. */
int custody_finish_name(const char *unsealed, char **out, struct custody_error *err) CUSTODY_MUST_USE;
/* INPUT with a hint if `output` CUSTODY_UNSEALED is there: it is somebody's evidence. lab: for the hint, as given, or NULL. */
int custody_finish_refuse_waiting(const char *output, const char *lab, struct custody_error *err) CUSTODY_MUST_USE;
/* "custody seal --finish ...", as it is to be typed, into out. Returns out. */
#define CUSTODY_FINISH_COMMAND 360
char *custody_finish_command(const char *output, const char *lab, char out[CUSTODY_FINISH_COMMAND]);

/*
 * Finishes. On success the package has its final name, its verdict is VALID as after custody_seal(), and the unsealed file is gone; on any failure that is as
 * it was. Errors: USAGE (name), INPUT (not there, output exists, not an unstamped package that holds under `trust`, another authority than it
 * names), TEMPORARY (an authority), IO, INTERNAL (read-back), INTERRUPTED.
 */
int custody_finish(const struct custody_finish_options *options, struct custody_seal_result_out *out, bool *level_lt,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
