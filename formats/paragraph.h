/* SPDX-License-Identifier: Apache-2.0 */
/* Paragraphs of plain text for people: broken at spaces, never inside a word. */
#ifndef CUSTODY_FORMATS_PARAGRAPH_H
#define CUSTODY_FORMATS_PARAGRAPH_H

#include <stddef.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"

#define CUSTODY_PARAGRAPH_WIDTH 80 /* columns of a line: of a terminal as it opens, of a mail, and of A4 in letters that can be read */

/* Columns that n bytes of UTF-8 take on a terminal. */
size_t custody_paragraph_columns(const char *text, size_t n);
/*
 * Appends `left` columns of margin, the label, and the words of text from column `body` on (a longer label pushes the first line), and an LF. A word that is wider
 * than a line stays whole: a name that is cut in two cannot be copied. A SHA-256 in fours that does not fit is broken in its middle, one half below the other, as people
 * compare it. Both texts are safe for showing.
 */
int custody_paragraph(
	struct custody_buf *out, size_t left, const char *label, size_t body, const char *text, struct custody_error *err) CUSTODY_MUST_USE;

#endif
