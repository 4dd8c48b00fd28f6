/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of a list in a package, one after another from a source, in memory that does not grow with the list: each ends in LF, none is empty, no CR, no NUL, and
 * the last byte is an LF. SHA-256 of exactly the bytes read comes out at the end.
 */
#ifndef CUSTODY_PACKAGE_LINES_H
#define CUSTODY_PACKAGE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/source.h"
#include "libcustody/crypto/digest.h"

struct custody_lines {
	const struct custody_source *source; /* borrowed */
	uint64_t at, end; /* not yet read */
	struct custody_buf buf; /* what was read and not yet given out lies at [start, buf.len) */
	size_t start;
	size_t scanned; /* bytes from start on that hold no LF */
	size_t max_line;
	uint64_t number; /* of the line given last, from 1 */
	const char *rule; /* of a refusal, static */
	struct custody_digest sha256;
	uint8_t digest[32]; /* after the end */
	bool ended;
};

/* Over [off, off + size) of source; at most CUSTODY_LIMIT_LIST bytes (LIMIT), lines of at most max_line bytes (LIMIT). */
int custody_lines_init(struct custody_lines *l, const struct custody_source *source, uint64_t off, uint64_t size, size_t max_line, const char *rule,
	struct custody_error *err) CUSTODY_MUST_USE;
void custody_lines_release(struct custody_lines *l); /* safe on a zeroed struct */
/* 1: *line, *n without the LF, and a NUL may be written in the LF's place (borrowed until the next call); 0: the end; -1: error, which already says the line. */
int custody_lines_next(struct custody_lines *l, uint8_t **line, size_t *n, struct custody_error *err) CUSTODY_MUST_USE;

#endif
