/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/work/stream.h"
#include "libcustody/work/walk.h"

/*
 * Results come out of the stream in the order in which items went in. What has no content goes through it too, as an item without bytes, so that
 * there is one order. What is known of an item beside its bytes waits here, first in, first out.
 */
struct waiting {
	struct waiting *next;
	enum custody_hash_outcome outcome;
	enum custody_kind kind;
	int problem;
	size_t argument, below, path_len, link_len;
	uint8_t text[]; /* path, then link */
};

struct custody_hash {
	struct custody_hash_options options;
	struct custody_stream *stream; /* owned */
	struct waiting *first, **last;
	uint64_t n, bytes;
	size_t next_argument, argument, below; /* argument, below: of the walk under way */
};

static int consume(void *ctx, const struct custody_stream_piece *piece, struct custody_error *err)
{
	struct custody_hash *h = ctx;
	if (!piece->last)
		return 0;
	struct waiting *w = h->first;
	h->first = w->next;
	if (!h->first)
		h->last = &h->first;
	const struct custody_hash_item item = {
		.outcome = w->outcome,
		.kind = w->kind,
		.path = { w->text, w->path_len },
		.link = { w->text + w->path_len, w->link_len },
		.problem = w->problem,
		.argument = w->argument,
		.below = w->below,
		.size = piece->total,
		.digests = w->outcome == CUSTODY_HASH_READ ? piece->digests : NULL,
	};
	int rc = h->options.item(h->options.ctx, &item, err);
	free(w);
	return rc;
}

int custody_hash_new(struct custody_hash **out, const struct custody_hash_options *options, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_hash_free) struct custody_hash *h = calloc(1, sizeof(*h));
	if (!h)
		return custody_fail_nomem(err);
	h->options = *options;
	h->last = &h->first;
	const struct custody_stream_options stream = { .digests = options->digests, .workers = options->workers, .consumer = consume, .ctx = h };
	if (custody_stream_new(&h->stream, &stream, err))
		return -1;
	*out = custody_steal(&h);
	return 0;
}

void custody_hash_free(struct custody_hash **p)
{
	struct custody_hash *h = *p;
	*p = NULL;
	if (!h)
		return;
	custody_stream_free(&h->stream);
	while (h->first) {
		struct waiting *w = h->first;
		h->first = w->next;
		free(w);
	}
	free(h);
}

/* Puts an item at the end of the line. It is still there, and may be changed, while it has not ended in the stream. NULL: no memory. */
static struct waiting *wait_in_line(struct custody_hash *h, struct custody_bytes path, struct custody_bytes link)
{
	struct waiting *w = malloc(sizeof(*w) + path.n + link.n);
	if (!w)
		return NULL;
	*w = (struct waiting){ .path_len = path.n, .link_len = link.n };
	memcpy(w->text, path.p, path.n);
	if (link.n)
		memcpy(w->text + path.n, link.p, link.n);
	*h->last = w;
	h->last = &w->next;
	return w;
}

static int check_interrupted(const struct custody_hash *h, struct custody_error *err)
{
	if (h->options.interrupted && h->options.interrupted(h->options.interrupted_ctx))
		return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	return 0;
}

/* Reads up to `expected` bytes, or to the end when that is 0; *got says how many, *problem (errno) why not all. */
static int read_content(struct custody_hash *h, int fd, uint64_t expected, uint64_t *got, int *problem, struct custody_error *err)
{
	*got = 0;
	while (expected == 0 || *got < expected) {
		uint8_t *p;
		size_t room;
		if (check_interrupted(h, err) || custody_stream_space(h->stream, &p, &room, err))
			return -1;
		ssize_t n = read(fd, p, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			*problem = n < 0 ? errno : 0;
			return 0;
		}
		if (custody_stream_commit(h->stream, (size_t)n, err))
			return -1;
		*got += (uint64_t)n;
		h->bytes += (uint64_t)n;
		if (h->options.progress)
			h->options.progress(h->options.progress_ctx, h->bytes, 0);
	}
	return 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* The file is what it was before, and all of it was read. Files of the kernel's own file systems have no size. *problem: an errno if that cannot be looked at. */
static bool kept_still(int fd, const struct stat *before, uint64_t got, int *problem)
{
	struct stat after;
	if (fstat(fd, &after)) {
		*problem = errno;
		return false;
	}
	return after.st_size == before->st_size && same_time(after.st_mtim, before->st_mtim) && same_time(after.st_ctim, before->st_ctim) &&
	       (before->st_size == 0 || got == (uint64_t)before->st_size);
}

static int hash_file(struct custody_hash *h, int fd, const struct stat *before, struct waiting *w, struct custody_error *err)
{
	uint64_t size = before->st_size > 0 ? (uint64_t)before->st_size : 0, got = 0;
	if (size > CUSTODY_LIMIT_BLOCK)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (custody_stream_begin_sized(h->stream, h->n++, CUSTODY_STREAM_ALL, size, err) || read_content(h, fd, size, &got, &w->problem, err))
		return -1;
	bool still = !w->problem && kept_still(fd, before, got, &w->problem);
	w->outcome = w->problem ? CUSTODY_HASH_UNREADABLE : still ? CUSTODY_HASH_READ : CUSTODY_HASH_CHANGED;
	return custody_stream_end(h->stream, err);
}

/* An item without content. */
static int pass_on(struct custody_hash *h, struct waiting *w, enum custody_hash_outcome outcome, struct custody_error *err)
{
	w->outcome = outcome;
	return custody_stream_begin(h->stream, h->n++, 0, err) || custody_stream_end(h->stream, err) ? -1 : 0;
}

static int hash_entry(struct custody_hash *h, const struct custody_walk_entry *e, struct custody_error *err)
{
	if (e->kind == CUSTODY_KIND_DIR && e->problem == 0)
		return 0;
	if (check_interrupted(h, err))
		return -1;
	struct waiting *w = wait_in_line(h, (struct custody_bytes){ e->path, e->path_len }, (struct custody_bytes){ e->link, e->link_len });
	if (!w)
		return custody_fail_nomem(err);
	w->argument = h->argument;
	w->below = h->below < e->path_len ? h->below : 0;
	w->kind = e->kind;
	w->problem = e->problem;
	if (e->problem)
		return pass_on(h, w, CUSTODY_HASH_UNREADABLE, err);
	if (e->kind == CUSTODY_KIND_SYMLINK)
		return pass_on(h, w, CUSTODY_HASH_SYMLINK, err);
	if (e->kind != CUSTODY_KIND_FILE && e->kind != CUSTODY_KIND_HARDLINK)
		return pass_on(h, w, CUSTODY_HASH_SPECIAL, err);
	struct stat before;
	CUSTODY_CLOSE int fd = custody_walk_open(e, &before, &w->problem);
	return fd < 0 ? pass_on(h, w, CUSTODY_HASH_UNREADABLE, err) : hash_file(h, fd, &before, w, err);
}

size_t custody_hash_below(const struct custody_walk_entry *argument)
{
	const uint8_t *slash = memrchr(argument->path, '/', argument->path_len);
	size_t last = slash ? (size_t)(slash - argument->path) + 1 : 0;
	if (argument->kind != CUSTODY_KIND_DIR)
		return last;
	return last == argument->path_len ? last : argument->path_len + 1;
}

int custody_hash_argument(struct custody_hash *h, const char *path, struct custody_error *err)
{
	const struct custody_walk_argument argument = { .path = path };
	CUSTODY_CLEANUP(custody_walk_free) struct custody_walk *walk = NULL;
	h->argument = h->next_argument++;
	if (custody_walk_new(&walk, &argument, 1, true, err))
		return err->kind == CUSTODY_ERR_INPUT || err->kind == CUSTODY_ERR_IO ? 1 : -1;
	struct custody_walk_entry e;
	int rc;
	bool first = true;
	while ((rc = custody_walk_next(walk, &e, err)) > 0) {
		if (first)
			h->below = custody_hash_below(&e);
		first = false;
		if (hash_entry(h, &e, err))
			return -1;
	}
	return rc;
}

int custody_hash_descriptor(struct custody_hash *h, int fd, const char *name, struct custody_error *err)
{
	uint64_t got;
	struct waiting *w = wait_in_line(h, (struct custody_bytes){ (const uint8_t *)name, strlen(name) }, (struct custody_bytes){ NULL, 0 });
	if (!w)
		return custody_fail_nomem(err);
	w->argument = h->next_argument++;
	w->kind = CUSTODY_KIND_FILE;
	if (custody_stream_begin(h->stream, h->n++, CUSTODY_STREAM_ALL, err) || read_content(h, fd, 0, &got, &w->problem, err))
		return -1;
	w->outcome = w->problem ? CUSTODY_HASH_UNREADABLE : CUSTODY_HASH_READ;
	return custody_stream_end(h->stream, err);
}

int custody_hash_finish(struct custody_hash *h, struct custody_error *err)
{
	return custody_stream_flush(h->stream, err);
}
