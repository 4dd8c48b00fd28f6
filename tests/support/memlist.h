/* SPDX-License-Identifier: Apache-2.0 */
/* A list in memory for custody_hash_reader, given in reads of at most `step` bytes (0: all at once). */
#ifndef CUSTODY_TESTS_MEMLIST_H
#define CUSTODY_TESTS_MEMLIST_H

#include <stddef.h>
#include <stdint.h>

#include "formats/format.h"

struct memlist {
	const uint8_t *p;
	size_t n, at, step, fail_at; /* fail_at: an I/O error from this byte on; 0: never */
};
int memlist_read(void *ctx, uint8_t *p, size_t n, size_t *got, struct custody_error *err);
/* A fuzz target's work: reads p as a list of the format; whatever is read and can be written must be read back the same. */
int memlist_fuzz(const struct custody_hash_format *format, const uint8_t *p, size_t n);

#endif
