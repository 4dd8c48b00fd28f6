/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/sparse.h"

#include <stdbool.h>
#include <string.h>

#include "libcustody/base/fd.h"

#define BLOCK ((size_t)4096) /* what file systems allocate by */

static bool is_zero(const uint8_t *p, size_t n)
{
	/* Overlapping comparison with itself one byte on: memcmp is as fast as the memory. */
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* Bytes from off to the next block boundary of the file, at most n. */
static size_t block_length(uint64_t off, size_t n)
{
	size_t len = BLOCK - (size_t)(off % BLOCK);
	return len < n ? len : n;
}

/* Length of the run of zeros at p, which goes to offset off: in whole blocks, and parts of one at the ends of p. */
static size_t zero_run(const uint8_t *p, size_t n, uint64_t off)
{
	size_t run = 0;
	while (run < n) {
		size_t len = block_length(off + run, n - run);
		if (!is_zero(p + run, len))
			break;
		run += len;
	}
	return run;
}

int custody_sparse_pwrite(int fd, uint64_t off, const uint8_t *p, size_t n, const char *name, struct custody_error *err)
{
	size_t from = 0, at = 0; /* [from, at) is to be written */
	while (at < n) {
		size_t run = zero_run(p + at, n - at, off + at);
		if (run >= CUSTODY_SPARSE_MIN) {
			if (at > from && custody_fd_pwrite(fd, off + from, p + from, at - from, name, err) != 0)
				return -1;
			from = at + run;
		}
		at += run;
		at += block_length(off + at, n - at);
	}
	return n > from ? custody_fd_pwrite(fd, off + from, p + from, n - from, name, err) : 0;
}
