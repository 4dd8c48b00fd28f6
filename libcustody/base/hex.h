/* SPDX-License-Identifier: Apache-2.0 */
/* Hex (lower case out) and base64 (RFC 4648 section 4, padded, no line breaks), strict: a parse accepts only what the format makes. */
#ifndef CUSTODY_BASE_HEX_H
#define CUSTODY_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"

/* Writes 2*n lower-case digits and a NUL to out (2*n + 1 bytes). */
void custody_hex_format(const uint8_t *p, size_t n, char *out);
/* A SHA-256 in 16 groups of four, as a person writes it on a form, compares it and reads it aloud. Returns out. */
#define CUSTODY_HEX_GROUPS ((size_t)80)
const char *custody_hex_groups(const uint8_t sha256[32], char out[CUSTODY_HEX_GROUPS]);
/* Exactly 2*n digits; upper case is taken only if any_case. Returns false otherwise; out is then unspecified. */
bool custody_hex_parse(const char *text, size_t len, bool any_case, uint8_t *out, size_t n);

/* Bytes of base64 for n bytes, without NUL. */
size_t custody_base64_len(size_t n);
/* Writes custody_base64_len(n) characters and a NUL. */
void custody_base64_format(const uint8_t *p, size_t n, char *out);
int custody_base64_append(struct custody_buf *b, const uint8_t *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* Strict decode: length a multiple of 4, canonical padding, unused bits zero, no white space. out must hold len / 4 * 3 bytes.
 * Returns false if the text is not that; *n is the number of bytes. */
bool custody_base64_parse(const char *text, size_t len, uint8_t *out, size_t *n);

#endif
