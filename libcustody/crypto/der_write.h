/* SPDX-License-Identifier: Apache-2.0 */
/* Writing DER: an element's head, and whole elements. What goes in is DER already; order and nesting are the caller's. */
#ifndef CUSTODY_CRYPTO_DER_WRITE_H
#define CUSTODY_CRYPTO_DER_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"

/* Identifier and length (definite, minimal) of an element with n bytes of content. */
int custody_der_append_head(struct custody_buf *out, uint8_t tag, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* The whole element. */
int custody_der_append(struct custody_buf *out, uint8_t tag, struct custody_bytes content, struct custody_error *err) CUSTODY_MUST_USE;

/* A buffer's bytes, borrowed. */
static inline struct custody_bytes custody_buf_bytes(const struct custody_buf *b)
{
	return (struct custody_bytes){ b->data, b->len };
}

#endif
