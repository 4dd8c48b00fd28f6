/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "libcustody/base/fd.h"

static int memory_read(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)err;
	if (n > 0)
		memcpy(p, (const uint8_t *)ctx + off, n);
	return 0;
}

void custody_source_memory(struct custody_source *s, const uint8_t *p, size_t n)
{
	union {
		const uint8_t *in;
		void *out;
	} borrowed = { .in = p }; /* read only ever reads; the interface's ctx is not const because others write to theirs */
	*s = (struct custody_source){ .size = n, .read = memory_read, .ctx = borrowed.out };
}

static int fd_read(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	const struct custody_source_fd *state = ctx;
	size_t got;
	if (custody_fd_pread(state->fd, off, p, n, &got, "the file", err))
		return -1;
	if (got != n)
		return custody_fail_errno(err, EIO, "the file became shorter: it ends at %llu, want %llu", (unsigned long long)(off + got),
			(unsigned long long)state->size);
	return 0;
}

/* What fstat says of fd; false if it says nothing. */
static bool take(int fd, struct custody_source_fd *state, struct stat *st)
{
	if (fstat(fd, st))
		return false;
	*state = (struct custody_source_fd){
		.fd = fd,
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_sec = st->st_mtim.tv_sec,
		.mtime_nsec = st->st_mtim.tv_nsec,
		.ctime_sec = st->st_ctim.tv_sec,
		.ctime_nsec = st->st_ctim.tv_nsec,
	};
	return true;
}

static int fd_unchanged(void *ctx, struct custody_error *err)
{
	const struct custody_source_fd *then = ctx;
	struct custody_source_fd now;
	struct stat st;
	if (!take(then->fd, &now, &st))
		return custody_fail_errno(err, errno, "cannot look whether the file changed");
	return now.dev == then->dev && now.ino == then->ino && now.size == then->size && now.mtime_sec == then->mtime_sec &&
	       now.mtime_nsec == then->mtime_nsec && now.ctime_sec == then->ctime_sec && now.ctime_nsec == then->ctime_nsec;
}

int custody_source_open_fd(struct custody_source *s, struct custody_source_fd *state, int fd, struct custody_error *err)
{
	struct stat st;
	if (!take(fd, state, &st))
		return custody_fail_errno(err, errno, "cannot read the file");
	if (!S_ISREG(st.st_mode))
		return custody_fail(err, CUSTODY_ERR_INPUT, "is not a regular file");
	*s = (struct custody_source){ .size = state->size, .read = fd_read, .unchanged = fd_unchanged, .ctx = state };
	return 0;
}

int custody_source_read(const struct custody_source *s, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	if (off > s->size || n > s->size - off)
		return custody_fail(
			err, CUSTODY_ERR_INTERNAL, "read of %zu bytes at %llu of %llu", n, (unsigned long long)off, (unsigned long long)s->size);
	return n == 0 ? 0 : s->read(s->ctx, off, p, n, err);
}
