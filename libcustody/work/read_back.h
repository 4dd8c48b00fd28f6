/* SPDX-License-Identifier: Apache-2.0 */
/* A finished file is read back from storage and verified before it gets its name (design/sealed-package.md). */
#ifndef CUSTODY_WORK_READ_BACK_H
#define CUSTODY_WORK_READ_BACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/random.h"
#include "libcustody/base/source.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/verdict/verdict.h"

struct custody_read_back {
	const struct custody_trust *trust;
	const struct custody_random *random;
	const struct custody_clock *clock;
	size_t workers;
	bool level_lt; /* else revocation-unknown may be missing */
	bool unstamped; /* both time-stamps are missing, and nothing else */
	struct custody_time
		latest; /* the latest genTime in it: an authority's clock may be a little ahead of ours, and a stamp of the future is not VALID */
	void (*progress)(void *ctx, uint64_t done, uint64_t total);
	bool (*interrupted)(void *ctx);
	void *ctx;
};

/* Syncs, drops cached pages, verifies, and judges the verdict. *cached: pages stayed in memory. INTERNAL if it is another than wanted. */
int custody_read_back(struct custody_output *output, const struct custody_read_back *how, struct custody_report *report, bool *cached,
	struct custody_error *err) CUSTODY_MUST_USE;
/* The same judgement of an open file that was there before. `what` is for the message. */
int custody_read_back_source(const struct custody_source *source, const struct custody_read_back *how, const char *what,
	struct custody_report *report, struct custody_error *err) CUSTODY_MUST_USE;

#endif
