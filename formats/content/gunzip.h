/* SPDX-License-Identifier: Apache-2.0 */
/* gzip (RFC 1952) over zlib, with every check of the format: header CRC, CRC-32 and length of each of its streams. */
#ifndef CUSTODY_FORMATS_CONTENT_GUNZIP_H
#define CUSTODY_FORMATS_CONTENT_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "libcustody/base/source.h"

struct custody_gunzip {
	const struct custody_source *source; /* borrowed */
	uint64_t at; /* in the source: behind what is in the buffer */
	z_stream z;
	uint8_t *in, *out; /* owned, CUSTODY_LIMIT_BLOCK each */
	bool started, between; /* between: a stream is at its end, and another may follow */
	uint64_t after; /* at the end: bytes that are no stream any more, zeros at the end of the file not counted */
};
int custody_gunzip_init(struct custody_gunzip *g, const struct custody_source *s, struct custody_error *err) CUSTODY_MUST_USE;
void custody_gunzip_release(struct custody_gunzip *g); /* safe on a zeroed struct */
/* The next bytes, borrowed until the next call: 1; 0 at the end; -1: FORMAT (what is wrong with it), IO, NOMEM. */
int custody_gunzip_next(struct custody_gunzip *g, const uint8_t **p, size_t *n, struct custody_error *err) CUSTODY_MUST_USE;

#endif
