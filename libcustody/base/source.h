/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a parser's bytes come from: a file, memory, a test double. Parsers see only this. The size is fixed when the source is made; a read
 * past it is an error of the caller, a short file is an IO error ("file became shorter").
 */
#ifndef CUSTODY_BASE_SOURCE_H
#define CUSTODY_BASE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"

struct custody_source {
	uint64_t size;
	/* Reads exactly n bytes at off (off + n <= size) into p. */
	int (*read)(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err);
	/* 1: the thing read is what it was when the source was made (size, times, inode); 0: it changed; -1: that cannot be looked at now. NULL: cannot change. */
	int (*unchanged)(void *ctx, struct custody_error *err);
	void *ctx;
};

/* The same of any source. */
static inline int custody_source_unchanged(const struct custody_source *s, struct custody_error *err)
{
	return s->unchanged ? s->unchanged(s->ctx, err) : 1;
}

/* Over n bytes of memory, borrowed. */
void custody_source_memory(struct custody_source *s, const uint8_t *p, size_t n);

/* Over an open regular file; state is owned by the caller and outlives the source. fd is borrowed. Fails (INPUT) if fd is not a regular file. */
struct custody_source_fd {
	int fd;
	uint64_t dev, ino, size;
	int64_t mtime_sec, mtime_nsec, ctime_sec, ctime_nsec;
};
int custody_source_open_fd(struct custody_source *s, struct custody_source_fd *state, int fd, struct custody_error *err) CUSTODY_MUST_USE;

/* Bounds-checked read: refuses off + n > size as INTERNAL. */
int custody_source_read(const struct custody_source *s, uint64_t off, uint8_t *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;

#endif
