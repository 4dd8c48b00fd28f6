/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The look at an archive that is under way, whatever its format: what a member's content comes to, what is said of names, and the limits. Steps give 0 to go on,
 * 1 when the look is at its end (end->outcome says why), -1 with *err (IO of the source, NOMEM, what the sink gives).
 */
#ifndef CUSTODY_FORMATS_CONTENT_LOOK_H
#define CUSTODY_FORMATS_CONTENT_LOOK_H

#include "formats/content/archive.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/set.h"

struct custody_look {
	const struct custody_source *source;
	const struct custody_archive_options *options;
	const struct custody_inspect_sink *sink;
	struct custody_inspect_end *end;
	struct custody_error *err;
	bool failed; /* a callback of libarchive met an error of ours: *err has it */
	bool stopped; /* one met the end of the time */
	struct custody_set names;
	struct custody_digest digests[CUSTODY_DIGEST_COUNT];
	uint8_t *head; /* owned: first bytes of the member */
	size_t head_n;
	struct custody_buf name, other;
	struct custody_inspect_member m; /* under way */
	uint64_t before; /* where the handle was before its last header */
	bool unnamed; /* a stream: that its member has no name says nothing */
	char torn[CUSTODY_INSPECT_WORDS]; /* what the reader said of the first header that was passed over; "": none was */
	uint64_t after; /* bytes behind the archive, and behind the stream around it: one note for both */
};

void custody_look_release(struct custody_look *k);

/* Foreign words, shown safely, where there are none yet. words may be NULL. */
void custody_look_say(char out[CUSTODY_INSPECT_WORDS], const char *words);

/* The look ends here; the first reason counts. Always 1. */
int custody_look_finish(struct custody_look *k, enum custody_inspect_outcome outcome, const char *words) CUSTODY_MUST_USE;

bool custody_look_is_over(const struct custody_look *k); /* its time is up */

/* Says of what format the archive is; its type comes from its first bytes. */
int custody_look_begin(struct custody_look *k, enum custody_inspect_format format, enum custody_inspect_filter filter, const uint8_t *head,
	size_t n) CUSTODY_MUST_USE;

/* The content of k->m, in this order; hole: n bytes of zero. Past a limit: 1, and nothing of these bytes is taken. */
int custody_look_content_start(struct custody_look *k) CUSTODY_MUST_USE;
int custody_look_content_feed(struct custody_look *k, const uint8_t *p, size_t n) CUSTODY_MUST_USE;
int custody_look_content_hole(struct custody_look *k, uint64_t n) CUSTODY_MUST_USE;
int custody_look_content_finish(struct custody_look *k) CUSTODY_MUST_USE; /* READ, with digests and type */

/* Hands k->m over, with what is to be said of its name. 0 or -1. */
int custody_look_member(struct custody_look *k) CUSTODY_MUST_USE;
int custody_look_note(struct custody_look *k, enum custody_inspect_archive_note id, uint64_t number) CUSTODY_MUST_USE;

/* Counts what lies in the file from here on, up to its last byte that is not zero, as bytes after the archive. 0, 1 or -1. */
int custody_look_rest(struct custody_look *k, uint64_t from) CUSTODY_MUST_USE;

#endif
