/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON, strict, over jansson: no key twice, integers only with magnitude below 2^53, no white space outside, no NUL in strings, nothing after the
 * value, at most CUSTODY_LIMIT_JSON_DEPTH deep. Reading gives borrowed views into one parsed document; writing appends compact text.
 */
#ifndef CUSTODY_BASE_JSON_H
#define CUSTODY_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"

struct json_t; /* jansson's */

/* Parses exactly n bytes that must be one JSON object. Gives *out: free with custody_json_free(). Errors: FORMAT (no rule; the caller adds
 * its own with custody_json_... or custody_refuse), NOMEM. Insignificant white space: refused when `compact`. */
int custody_json_parse(const uint8_t *p, size_t n, bool compact, struct json_t **out, struct custody_error *err) CUSTODY_MUST_USE;
void custody_json_free(struct json_t **doc);

/* Writing. String escapes: '"' and '\\' by backslash, U+0000-001F as \b \f \n \r \t or \u00XX, everything else as it is. p must be valid UTF-8. */
int custody_json_append_string(struct custody_buf *b, const void *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* NULL s gives null. */
int custody_json_append_str(struct custody_buf *b, const char *s, struct custody_error *err) CUSTODY_MUST_USE;

/* The same for output that a person's terminal may show: also escapes, as \uXXXX (with surrogate pairs), every character that
 * custody_utf8_is_unsafe(), so that no control or format character is in the line. p must be valid UTF-8. */
int custody_json_append_safe(struct custody_buf *b, const void *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;

#endif
