/* SPDX-License-Identifier: Apache-2.0 */
/* PEM (RFC 7468): the lax form, with text around blocks, but for its base64, which is ours and strict. */
#ifndef CUSTODY_CRYPTO_PEM_H
#define CUSTODY_CRYPTO_PEM_H

#include <stdbool.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"

/* Looks for the next line "-----BEGIN LABEL-----": takes all up to its end off *rest. false: there is none. */
bool custody_pem_next(struct custody_bytes *rest, struct custody_bytes *label);
/* Takes that block off *rest, up to its own END line: what is between, without blanks at the ends of lines, instead of what text held. FORMAT, NOMEM, and LIMIT of text. */
int custody_pem_read(struct custody_bytes *rest, struct custody_bytes label, struct custody_buf *text, struct custody_error *err) CUSTODY_MUST_USE;
/* Appends the bytes that such a text is. FORMAT, NOMEM, and LIMIT of out. */
int custody_pem_decode(const struct custody_buf *text, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * Something that was meant as a block and is none to custody_pem_next(), in words (static: "a ..., want ..."); NULL: nothing. The line that begins it stands behind blanks, a byte
 * order mark or text, or has other dashes; or it is no text: UTF-16, or lines that end with a carriage return alone.
 */
const char *custody_pem_stray(struct custody_bytes text);

#endif
