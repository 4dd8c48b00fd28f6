/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hash list says, held so that a million entries are some 50 MiB: names and digests lie in a spool, memory has keyed hashes to find them by.
 * A hit is always checked against the spool, so that nothing is decided by a hash of a hash.
 */
#ifndef CUSTODY_WORK_KNOWN_H
#define CUSTODY_WORK_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/crypto/digest.h"

struct custody_known_entry {
	struct custody_bytes path; /* raw */
	bool has_size;
	uint64_t size;
	struct custody_digest_values digests;
};

struct custody_known;
/* dir_fd: the folder for the spool (borrowed); key: random. */
int custody_known_new(struct custody_known **out, int dir_fd, const uint8_t key[16], struct custody_error *err) CUSTODY_MUST_USE;
void custody_known_free(struct custody_known **k); /* safe on NULL */
/* A name that is there already gets further digests; a contradiction (another digest or size under one name) is FORMAT. LIMIT above 2^31 entries. */
int custody_known_add(struct custody_known *k, const struct custody_known_entry *entry, struct custody_error *err) CUSTODY_MUST_USE;
const uint8_t *custody_known_key(const struct custody_known *k); /* the 16 bytes given to new */
size_t custody_known_count(const struct custody_known *k);
uint32_t custody_known_digests(const struct custody_known *k); /* of all entries together */
/* The folders that all names have in common, with '/' at the end; "" if there are none. Plain (see below). */
struct custody_bytes custody_known_common(const struct custody_known *k);

/* A name without what does not change it: "./" in front, "//" and "/./" within. Replaces out. */
int custody_known_plain(struct custody_buf *out, const uint8_t *path, size_t n, struct custody_error *err) CUSTODY_MUST_USE;

/* 1: *index is the entry whose plain name this is; 0: there is none; -1. */
int custody_known_find(struct custody_known *k, const uint8_t *plain, size_t n, size_t *index, struct custody_error *err) CUSTODY_MUST_USE;
/* *entry is borrowed until the next call of anything here. */
int custody_known_get(struct custody_known *k, size_t index, struct custody_known_entry *entry, struct custody_error *err) CUSTODY_MUST_USE;
/* The entry was met: it is neither missing nor the origin of something moved. */
void custody_known_mark(struct custody_known *k, size_t index);
bool custody_known_is_marked(const struct custody_known *k, size_t index);

/* What two entries say of the same digests, sizes included. */
struct custody_known_relation {
	uint32_t agree, differ; /* sets of digests that both have */
	bool size_differs;
};
struct custody_known_relation custody_known_compare(const struct custody_known_entry *a, const struct custody_known_entry *b);
static inline bool custody_known_is_match(struct custody_known_relation r)
{
	return r.agree != 0 && r.differ == 0 && !r.size_differs;
}

/* After the last add: 1: *index is an entry not yet marked, the first in the list, that has the same content, and is marked now; 0: there is none. */
int custody_known_take_same(
	struct custody_known *k, const struct custody_known_entry *content, size_t *index, struct custody_error *err) CUSTODY_MUST_USE;

#endif
