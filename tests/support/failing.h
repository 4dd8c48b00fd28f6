/* SPDX-License-Identifier: Apache-2.0 */
/* A source over memory whose reads fail from a given one on, with EIO. */
#ifndef CUSTODY_TESTS_FAILING_H
#define CUSTODY_TESTS_FAILING_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/source.h"

struct failing {
	const uint8_t *p;
	uint64_t reads, fail_at; /* reads done so far; the first that fails, from 0 */
};
/* f is the source's context and outlives it. */
void failing_source(struct custody_source *s, struct failing *f, const uint8_t *p, size_t n, uint64_t fail_at);

#endif
