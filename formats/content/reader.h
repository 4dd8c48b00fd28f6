/* SPDX-License-Identifier: Apache-2.0 */
/* libarchive, held to a look: where its bytes come from, which formats it knows, and what its members come to. Steps as in look.h. */
#ifndef CUSTODY_FORMATS_CONTENT_READER_H
#define CUSTODY_FORMATS_CONTENT_READER_H

#include <archive.h>

#include "formats/content/look.h"

void custody_reader_release(struct archive **a); /* safe on NULL */
#define CUSTODY_READER_CLEAN CUSTODY_CLEANUP(custody_reader_release)

/* Where a handle's bytes come from: the source itself, or what a filter makes of it. */
struct custody_feed {
	struct custody_look *k;
	uint8_t *block; /* owned; of the source */
	uint64_t at;
	/* of a stream: 1, 0 at its end, -1 (words of a damaged one) */
	int (*next)(void *ctx, const uint8_t **p, size_t *n);
	void *next_ctx;
	const uint8_t *held; /* read already, to be given first */
	size_t held_n;
	uint64_t given, last; /* bytes given; and up to the last that is not zero */
	enum custody_inspect_outcome outcome; /* of a stream that failed, with the words */
	char words[CUSTODY_INSPECT_WORDS];
};

int custody_feed_init(struct custody_feed *f, struct custody_look *k) CUSTODY_MUST_USE; /* from the source; NOMEM */
void custody_feed_release(struct custody_feed *f);
#define CUSTODY_FEED_CLEAN CUSTODY_CLEANUP(custody_feed_release)

/* The next bytes of either: 1; 0 at the end; -1: the look failed or was stopped (k says so), or the stream is damaged (f->words). */
int custody_feed_next(struct custody_feed *f, const uint8_t **p, size_t *n) CUSTODY_MUST_USE;

typedef int (*custody_support)(struct archive *a); /* one of libarchive's archive_read_support_... */

/* A handle that knows these formats and filters and no others; formats end with NULL. With f->next it neither seeks nor skips. */
int custody_reader_open(struct archive **out, struct custody_feed *f, const custody_support *formats) CUSTODY_MUST_USE;

/* libarchive gave up: the look ends, and this says why. opened: one that it could not open must not be asked about encryption: it looks behind its own table (3.6.2). */
int custody_reader_give_up(struct custody_look *k, struct archive *a, bool opened) CUSTODY_MUST_USE;

/* What the entry is by libarchive, into k->m; the name and target are borrowed until the next header. */
void custody_reader_describe(struct custody_look *k, struct archive_entry *e, bool with_time);
void custody_reader_warning(struct custody_look *k, struct archive *a, int r); /* notes a warning that a header came with */

/* Reads the member of k->m to its end, where it has content, and hands it over. *fatal: the handle is of no more use. */
int custody_reader_member(struct custody_look *k, struct archive *a, struct archive_entry *e, bool encrypted, bool *fatal) CUSTODY_MUST_USE;

/* All members of an open archive, one after the other: tar and 7z, and ZIP without a directory. */
int custody_reader_members(struct custody_look *k, struct archive *a, bool with_time) CUSTODY_MUST_USE;

#endif
