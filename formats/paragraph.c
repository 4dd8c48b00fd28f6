/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/paragraph.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#include "libcustody/base/utf8.h"

size_t custody_paragraph_columns(const char *text, size_t n)
{
	size_t width = 0;
	while (n > 0) {
		uint32_t cp;
		size_t len = custody_utf8_decode((const uint8_t *)text, n, &cp);
		if (len == 0)
			break;
		int w = utf8proc_charwidth((utf8proc_int32_t)cp);
		width += w > 0 ? (size_t)w : 0;
		text += len;
		n -= len;
	}
	return width;
}

static int indent(struct custody_buf *out, size_t n, struct custody_error *err)
{
	return custody_buf_printf(out, err, "%*s", (int)n, "");
}

#define HALF 39 /* columns of eight groups of four digits */

/* A SHA-256 in fours begins here. */
static bool is_in_fours(const char *text)
{
	for (size_t i = 0; i < 2 * HALF + 1; i++)
		if (i % 5 == 4 ? text[i] != ' ' : !text[i] || !strchr("0123456789abcdef", text[i]))
			return false;
	return !strchr("0123456789abcdef", text[2 * HALF + 1]) || text[2 * HALF + 1] == '\0';
}

/* A paragraph under way. */
struct paragraph {
	struct custody_buf *out;
	size_t body, column; /* where lines begin; where this one is */
	bool first; /* nothing is on the line yet */
};

static int new_line(struct paragraph *p, size_t column, struct custody_error *err)
{
	p->column = column;
	p->first = true;
	return custody_buf_append_byte(p->out, '\n', err) || indent(p->out, column, err) ? -1 : 0;
}

/* n bytes that stay together, on the next line if this one has no room. */
static int word(struct paragraph *p, const char *text, size_t n, struct custody_error *err)
{
	size_t width = custody_paragraph_columns(text, n);
	if (!p->first && p->column + 1 + width > CUSTODY_PARAGRAPH_WIDTH && new_line(p, p->body, err))
		return -1;
	if ((!p->first && custody_buf_append_byte(p->out, ' ', err)) || custody_buf_append(p->out, text, n, err))
		return -1;
	p->column += width + !p->first;
	p->first = false;
	return 0;
}

/* The second half below the first, with the comma that may follow. */
static int halves(struct paragraph *p, const char *text, size_t n, struct custody_error *err)
{
	return word(p, text, HALF, err) || new_line(p, p->column - HALF, err) || word(p, text + HALF + 1, n - HALF - 1, err) ? -1 : 0;
}

int custody_paragraph(struct custody_buf *out, size_t left, const char *label, size_t body, const char *text, struct custody_error *err)
{
	size_t used = left + custody_paragraph_columns(label, strlen(label));
	struct paragraph p = { out, body, used < body ? body : used + (*label != '\0'), true };

	if (indent(out, left, err) || custody_buf_append_str(out, label, err) || (*text && indent(out, p.column - used, err)))
		return -1;
	while (*text) {
		const bool broken = is_in_fours(text) && p.column + !p.first + 2 * HALF + 1 > CUSTODY_PARAGRAPH_WIDTH;
		const size_t kept = broken ? 2 * HALF + 1 : 0, n = kept + strcspn(text + kept, " ");
		if (broken ? halves(&p, text, n, err) : word(&p, text, n, err))
			return -1;
		text += n;
		text += *text == ' ';
	}
	return custody_buf_append_byte(out, '\n', err);
}
