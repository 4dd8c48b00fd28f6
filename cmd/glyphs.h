/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which characters the fonts of this computer have. A character without a glyph leaves no trace on paper, and a name of such characters is none: what no font has is
 * written as the escape that it would have if it were not safe to show.
 */
#ifndef CUSTODY_CMD_GLYPHS_H
#define CUSTODY_CMD_GLYPHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"

/* Code points that some font has: in order, not touching each other. Zeroed: none. */
struct custody_glyphs {
	struct custody_glyph_range {
		uint32_t first, last;
	} *range; /* owned */
	size_t n, cap;
};
void custody_glyphs_release(struct custody_glyphs *g); /* safe on a zeroed struct */

/* From a text as fontconfig's fc-list writes it: ranges of hexadecimal numbers ("20-7e a0 3041-3096"), apart by blanks and lines. IO for something else, NOMEM. */
int custody_glyphs_read(struct custody_glyphs *g, const char *text, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
bool custody_glyphs_have(const struct custody_glyphs *g, uint32_t cp);
/*
 * Appends a page of ours (valid UTF-8) to out, with every character that no font has as "\u{N...}", as in the display form. ASCII and marks of direction, which need
 * no glyph, are as they were. *lacking grows by the number of characters. NOMEM, LIMIT.
 */
int custody_glyphs_escape(const struct custody_glyphs *g, struct custody_bytes page, struct custody_buf *out, uint64_t *lacking,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
