/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks into a received archive, one level deep, and reads every member to its end, without writing anything: libarchive for the formats, enabled by name (ZIP, 7z,
 * tar; bzip2, xz, zstd), zlib for gzip (libarchive 3.6 does not check its CRC), and for ZIP our own reading of the directory beside it. libarchive's answer is
 * an opinion; where the directory says something else, that is said. Linked by the worker and the tests only.
 */
#ifndef CUSTODY_FORMATS_CONTENT_ARCHIVE_H
#define CUSTODY_FORMATS_CONTENT_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/inspect.h"
#include "libcustody/base/source.h"

struct custody_archive_options {
	uint32_t digests; /* of every member */
	uint64_t max_members, max_bytes, max_ratio, ratio_from; /* base/limits.h, CUSTODY_LIMIT_INSPECT_... */
	uint8_t key[16]; /* random and secret: names are compared by it */
	/* The type of content that begins with these bytes: appends nothing if it cannot say. May be NULL. */
	void (*identify)(void *ctx, const uint8_t *p, size_t n, char type[CUSTODY_INSPECT_TYPE]);
	void *identify_ctx;
	bool (*stop)(void *ctx); /* polled; true ends the look as TOO_SLOW. May be NULL */
	void *stop_ctx;
};

/*
 * One look. What is wrong with the archive is an outcome in *end, said on one line, and no error: 0. -1 only for IO errors of the source, NOMEM of our own, and
 * what the sink gives. The source is only read.
 */
int custody_archive_inspect(const struct custody_source *s, const struct custody_archive_options *options, const struct custody_inspect_sink *sink,
	struct custody_inspect_end *end, struct custody_error *err) CUSTODY_MUST_USE;

/* Before the process is locked: loads what libarchive would open files for later (the character sets of names), and sets the thread's locale to UTF-8. */
int custody_archive_prepare(struct custody_error *err) CUSTODY_MUST_USE;

/* "libarchive 3.6.2". */
void custody_archive_version(char out[32]);

#endif
