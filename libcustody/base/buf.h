/* SPDX-License-Identifier: Apache-2.0 */
/* A growable byte buffer with a ceiling. Growth never goes past max: a LIMIT error instead. */
#ifndef CUSTODY_BASE_BUF_H
#define CUSTODY_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"

struct custody_buf {
	uint8_t *data; /* owned; always followed by a NUL byte that is not counted, once anything was appended */
	size_t len;
	size_t cap;
	size_t max; /* ceiling of len */
};

void custody_buf_init(struct custody_buf *b, size_t max);
/* Frees the memory and leaves an empty buffer with the same ceiling. Safe on a zeroed struct. */
void custody_buf_release(struct custody_buf *b);
/* Forgets the content, keeps the memory. */
void custody_buf_clear(struct custody_buf *b);

#define CUSTODY_BUF_CLEAN CUSTODY_CLEANUP(custody_buf_release)

/* Each appends; on failure (LIMIT, NOMEM) the buffer is as it was. */
int custody_buf_append(struct custody_buf *b, const void *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
int custody_buf_append_byte(struct custody_buf *b, uint8_t c, struct custody_error *err) CUSTODY_MUST_USE;
int custody_buf_append_str(struct custody_buf *b, const char *s, struct custody_error *err) CUSTODY_MUST_USE;
int custody_buf_printf(struct custody_buf *b, struct custody_error *err, const char *fmt, ...) __attribute__((format(printf, 3, 4))) CUSTODY_MUST_USE;
/* Room for n more bytes; the caller writes at data + len and adds to len itself. */
int custody_buf_reserve(struct custody_buf *b, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* The content as text: "" while empty. Borrowed until the next append. May contain NUL bytes if any were appended. */
const char *custody_buf_str(const struct custody_buf *b);

#endif
