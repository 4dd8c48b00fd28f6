/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verb hash: every file of some arguments, read once, all its digests; one result an item, in the order of the walk, whatever the number of workers.
 */
#ifndef CUSTODY_WORK_HASH_H
#define CUSTODY_WORK_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/package/manifest.h"

enum custody_hash_outcome {
	CUSTODY_HASH_READ, /* a file: size and digests are there */
	CUSTODY_HASH_SYMLINK, /* not followed; link is its target */
	CUSTODY_HASH_SPECIAL, /* a FIFO, socket or device: passed over */
	CUSTODY_HASH_UNREADABLE, /* a file or folder: problem says why (errno) */
	CUSTODY_HASH_CHANGED /* a file that did not keep still while it was read: there is no digest that would mean anything */
};

/* Borrowed while the callback runs. A folder is an item only when it cannot be read. */
struct custody_hash_item {
	enum custody_hash_outcome outcome;
	enum custody_kind kind;
	struct custody_bytes path; /* raw: the argument as given, and the way from there */
	struct custody_bytes link;
	int problem;
	size_t argument; /* number of the call of custody_hash_argument() or _descriptor(), from 0 */
	size_t below; /* where in path the part below the argument begins; of an argument that is no folder: its last part */
	uint64_t size;
	const struct custody_digest_values *digests; /* READ only, else NULL */
};

struct custody_hash_options {
	uint32_t digests;
	size_t workers; /* as in work/stream.h */
	int (*item)(void *ctx, const struct custody_hash_item *item, struct custody_error *err);
	void *ctx;
	void (*progress)(void *ctx, uint64_t done, uint64_t total); /* bytes read; total 0: not known. May be NULL */
	void *progress_ctx;
	bool (*interrupted)(void *ctx); /* polled; true ends with INTERRUPTED. May be NULL */
	void *interrupted_ctx;
};

struct custody_walk_entry;
/* `below` for all entries of an argument, from its first. */
size_t custody_hash_below(const struct custody_walk_entry *argument);

struct custody_hash;
int custody_hash_new(struct custody_hash **out, const struct custody_hash_options *options, struct custody_error *err) CUSTODY_MUST_USE;
void custody_hash_free(struct custody_hash **h); /* safe on NULL */
/*
 * Walks one argument: a file, or a folder with all below it. 0: done, though results may come later, in finish(). 1: the argument cannot be taken, *err
 * says why (INPUT if it is not there or neither of the two, else IO); nothing was done, and the next may be tried. -1: the work is at its end.
 */
int custody_hash_argument(struct custody_hash *h, const char *path, struct custody_error *err) CUSTODY_MUST_USE;
/* Everything that comes from a descriptor, under this name. A failed read is an item that is UNREADABLE. */
int custody_hash_descriptor(struct custody_hash *h, int fd, const char *name, struct custody_error *err) CUSTODY_MUST_USE;
/* After it every item has been given to the callback. */
int custody_hash_finish(struct custody_hash *h, struct custody_error *err) CUSTODY_MUST_USE;

#endif
