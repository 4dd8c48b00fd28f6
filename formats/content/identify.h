/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of which type content is, by libmagic: an opinion, from the first bytes alone. Only ever called inside the worker's sandbox (and by tests). The database is the
 * compiled one that the caller hands over; no variable, no file of the user's has a say. Not for threads: one at a time.
 */
#ifndef CUSTODY_FORMATS_CONTENT_IDENTIFY_H
#define CUSTODY_FORMATS_CONTENT_IDENTIFY_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"

struct custody_identifier;

/* database, the n bytes of a compiled database, is borrowed for as long as the identifier lives. Gives *out. Errors: NOMEM, FORMAT (not a database of this libmagic). */
int custody_identifier_new(struct custody_identifier **out, const void *database, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
void custody_identifier_free(struct custody_identifier **i); /* safe on NULL */
#define CUSTODY_IDENTIFIER_CLEAN CUSTODY_CLEANUP(custody_identifier_free)

/* The media type of content that begins with these n bytes, at most CUSTODY_LIMIT_BLOCK (LIMIT). *mime is borrowed until the next call. FORMAT: libmagic cannot say. */
int custody_identify(struct custody_identifier *i, const uint8_t *p, size_t n, const char **mime, struct custody_error *err) CUSTODY_MUST_USE;

/* "libmagic 5.44". */
void custody_identifier_version(char out[32]);

#endif
