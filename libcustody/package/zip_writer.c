/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of the container: see zip.h for the contract, zip_layout.h for the bytes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/sparse.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/names.h"
#include "libcustody/package/zip.h"
#include "libcustody/package/zip_layout.h"

#define PENDING ((size_t)256 << 10) /* small members are written together: header, content and patch of thousands of files cost one write */

/*
 * Invariants: bytes [0, flushed) of the package are in the file, bytes [flushed, flushed + used) are in `pending`, and nothing of the file lies behind
 * `flushed` (so that what is left out as a hole reads as zeros), except the hole itself, whose end may not be in the file yet.
 */
struct custody_zip_writer {
	int fd; /* borrowed */
	char *name; /* owned; for messages */
	uint8_t *pending; /* owned, PENDING bytes */
	size_t used;
	uint64_t flushed;
	struct custody_spool directory; /* central records */
	uint64_t members;
	bool open; /* a member was begun and not ended */
	bool finished;
	char member[CUSTODY_LIMIT_MEMBER_NAME + 1];
	struct custody_zip_record record; /* of the open member; size = bytes so far */
	uint64_t announced;
};

void custody_zip_writer_free(struct custody_zip_writer **w)
{
	if (!*w)
		return;
	custody_spool_release(&(*w)->directory);
	free((*w)->pending);
	free((*w)->name);
	free(*w);
	*w = NULL;
}

int custody_zip_writer_new(struct custody_zip_writer **out, int fd, int dir_fd, const char *name, struct custody_error *err)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return custody_fail_errno(err, errno, "cannot look at '%s'", name);
	if (!S_ISREG(st.st_mode) || st.st_size != 0)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "'%s' is not a new empty file", name);
	struct custody_zip_writer *w CUSTODY_CLEANUP(custody_zip_writer_free) = calloc(1, sizeof(*w));
	if (!w)
		return custody_fail_nomem(err);
	w->fd = fd;
	w->name = strdup(name);
	w->pending = malloc(PENDING);
	if (!w->name || !w->pending)
		return custody_fail_nomem(err);
	if (custody_spool_init(&w->directory, dir_fd, err) != 0)
		return -1;
	*out = custody_steal(&w);
	return 0;
}

static uint64_t position(const struct custody_zip_writer *w)
{
	return w->flushed + w->used;
}

static int flush_pending(struct custody_zip_writer *w, struct custody_error *err)
{
	if (w->used > 0 && custody_fd_pwrite(w->fd, w->flushed, w->pending, w->used, w->name, err) != 0)
		return -1;
	w->flushed += w->used;
	w->used = 0;
	return 0;
}

/* Writes at the end of the file, around the pending bytes, of which there are none. */
static int write_through(struct custody_zip_writer *w, const uint8_t *p, size_t n, struct custody_error *err)
{
	if (custody_sparse_pwrite(w->fd, w->flushed, p, n, w->name, err) != 0)
		return -1;
	w->flushed += n;
	return 0;
}

static int put(struct custody_zip_writer *w, const uint8_t *p, size_t n, struct custody_error *err)
{
	if (n > PENDING - w->used && flush_pending(w, err) != 0)
		return -1;
	if (n >= CUSTODY_SPARSE_MIN && w->used == 0)
		return write_through(w, p, n, err);
	/* n fits: it was at most PENDING - used, or the buffer was emptied and n is less than CUSTODY_SPARSE_MIN. */
	memcpy(w->pending + w->used, p, n);
	w->used += n;
	return 0;
}

/* Overwrites bytes that were put before. */
static int patch(struct custody_zip_writer *w, uint64_t off, const uint8_t *p, size_t n, struct custody_error *err)
{
	if (off >= w->flushed) {
		memcpy(w->pending + (size_t)(off - w->flushed), p, n);
		return 0;
	}
	/* A header is put in one piece, and a flush takes all that is pending: so it is either whole in the file or whole in the buffer. */
	return custody_fd_pwrite(w->fd, off, p, n, w->name, err);
}

/* Forgets everything from off on. */
static int cut_to(struct custody_zip_writer *w, uint64_t off, struct custody_error *err)
{
	if (off >= w->flushed) {
		w->used = (size_t)(off - w->flushed);
		return 0;
	}
	w->used = 0;
	w->flushed = off;
	if (ftruncate(w->fd, (off_t)off) != 0)
		return custody_fail_errno(err, errno, "cannot shorten '%s'", w->name);
	return 0;
}

static int check_begin(const struct custody_zip_writer *w, const char *member_name, size_t n, struct custody_error *err)
{
	if (w->open || w->finished)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a member was begun while another was open, or after the end");
	if (w->members >= CUSTODY_LIMIT_MEMBERS)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "more than %llu members", (unsigned long long)CUSTODY_LIMIT_MEMBERS);
	const char *problem = custody_name_member_problem((const uint8_t *)member_name, n);
	if (problem) {
		char shown[200];
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "member name '%s' %s", custody_display(member_name, n, shown, sizeof(shown)), problem);
	}
	return 0;
}

int custody_zip_writer_begin(struct custody_zip_writer *w, const char *member_name, uint64_t size, struct custody_error *err)
{
	size_t n = strlen(member_name);
	if (check_begin(w, member_name, n, err) != 0)
		return -1;
	memcpy(w->member, member_name, n + 1);
	w->record = (struct custody_zip_record){ .name = w->member, .name_len = n, .size = size, .offset = position(w) };
	w->announced = size;
	uint8_t header[CUSTODY_ZIP_LOCAL_MAX];
	if (put(w, header, custody_zip_local_format(&w->record, header), err) != 0)
		return -1;
	w->record.size = 0;
	w->open = true;
	return 0;
}

int custody_zip_writer_write_crc(struct custody_zip_writer *w, const uint8_t *p, size_t n, uint32_t crc, struct custody_error *err)
{
	if (!w->open)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "content was written outside of a member");
	if (n > w->announced - w->record.size)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "member '%s' became longer than the %llu bytes announced", w->member,
			(unsigned long long)w->announced);
	if (n == 0)
		return 0;
	if (put(w, p, n, err) != 0)
		return -1;
	w->record.crc = w->record.size == 0 ? crc : custody_crc32_combine(w->record.crc, crc, n);
	w->record.size += n;
	return 0;
}

int custody_zip_writer_write(struct custody_zip_writer *w, const uint8_t *p, size_t n, struct custody_error *err)
{
	return custody_zip_writer_write_crc(w, p, n, custody_crc32(0, p, n), err);
}

/*
 * The file announced 4 GiB or more and ended below: the header that its size wants is 20 bytes shorter than the one reserved. The content is moved
 * back over the difference, in order, so that no byte is overwritten before it was read. This is rare (a huge file that shrank while it was read), so
 * it may cost a copy; holes in it are filled.
 */
static int close_gap(struct custody_zip_writer *w, uint64_t from, uint64_t to, struct custody_error *err)
{
	if (flush_pending(w, err) != 0)
		return -1;
	/* A hole at the very end of the content is not in the file yet, and reading would find the end before it. */
	if (ftruncate(w->fd, (off_t)w->flushed) != 0)
		return custody_fail_errno(err, errno, "cannot extend '%s'", w->name);
	uint64_t left = w->flushed - from;
	while (left > 0) {
		size_t n = left < PENDING ? (size_t)left : PENDING, got = 0;
		if (custody_fd_pread(w->fd, from, w->pending, n, &got, w->name, err) != 0)
			return -1;
		if (got != n)
			return custody_fail(err, CUSTODY_ERR_IO, "'%s' became shorter while it was written", w->name);
		if (custody_fd_pwrite(w->fd, to, w->pending, n, w->name, err) != 0)
			return -1;
		from += n;
		to += n;
		left -= n;
	}
	return cut_to(w, to, err);
}

int custody_zip_writer_end(struct custody_zip_writer *w, struct custody_error *err)
{
	if (!w->open)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a member was ended that was not begun");
	uint8_t header[CUSTODY_ZIP_LOCAL_MAX];
	size_t n = custody_zip_local_format(&w->record, header);
	size_t reserved = custody_zip_local_size(w->record.name_len, w->announced);
	if (n != reserved && close_gap(w, w->record.offset + reserved, w->record.offset + n, err) != 0)
		return -1;
	if (patch(w, w->record.offset, header, n, err) != 0)
		return -1;
	uint8_t central[CUSTODY_ZIP_CENTRAL_MAX];
	if (custody_spool_append(&w->directory, central, custody_zip_central_format(&w->record, central), err) != 0)
		return -1;
	w->members++;
	w->open = false;
	return 0;
}

int custody_zip_writer_cut(struct custody_zip_writer *w, struct custody_error *err)
{
	if (!w->open)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a member was cut that was not begun");
	if (cut_to(w, w->record.offset, err) != 0)
		return -1;
	w->open = false;
	return 0;
}

int custody_zip_writer_add(struct custody_zip_writer *w, const char *member_name, const void *p, size_t n, struct custody_error *err)
{
	if (custody_zip_writer_begin(w, member_name, n, err) != 0 || custody_zip_writer_write(w, p, n, err) != 0)
		return -1;
	return custody_zip_writer_end(w, err);
}

typedef int put_function(struct custody_zip_writer *w, const uint8_t *p, size_t n, struct custody_error *err);

/* Everything in the spool, through `to`. */
static int drain(struct custody_zip_writer *w, struct custody_spool *s, put_function *to, struct custody_error *err)
{
	uint8_t block[32768];
	uint64_t size = custody_spool_size(s);
	for (uint64_t off = 0; off < size;) {
		size_t n = size - off < sizeof(block) ? (size_t)(size - off) : sizeof(block);
		if (custody_spool_read(s, off, block, n, err) != 0 || to(w, block, n, err) != 0)
			return -1;
		off += n;
	}
	return 0;
}

int custody_zip_writer_add_spool(struct custody_zip_writer *w, const char *member_name, struct custody_spool *s, struct custody_error *err)
{
	if (custody_zip_writer_begin(w, member_name, custody_spool_size(s), err) != 0 || drain(w, s, custody_zip_writer_write, err) != 0)
		return -1;
	return custody_zip_writer_end(w, err);
}

int custody_zip_writer_finish(struct custody_zip_writer *w, uint64_t *size, struct custody_error *err)
{
	if (w->open || w->finished)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "the container was finished with a member open, or twice");
	uint64_t directory = position(w);
	if (drain(w, &w->directory, put, err) != 0)
		return -1;
	uint8_t end[CUSTODY_ZIP_END_MAX];
	size_t n = custody_zip_end_format(w->members, directory, custody_spool_size(&w->directory), end);
	if (put(w, end, n, err) != 0 || flush_pending(w, err) != 0)
		return -1;
	struct stat st;
	if (fstat(w->fd, &st) != 0)
		return custody_fail_errno(err, errno, "cannot look at '%s'", w->name);
	if ((uint64_t)st.st_size != w->flushed)
		return custody_fail(
			err, CUSTODY_ERR_INTERNAL, "'%s' has %lld bytes, want %llu", w->name, (long long)st.st_size, (unsigned long long)w->flushed);
	w->finished = true;
	*size = w->flushed;
	return 0;
}
