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

int custody_paragraph(struct custody_buf *out, size_t left, const char *label, size_t body, const char *text, struct custody_error *err)
{
	size_t used = left + custody_paragraph_columns(label, strlen(label));
	size_t column = used < body ? body : used + (*label != '\0');
	bool first = true;

	if (indent(out, left, err) || custody_buf_append_str(out, label, err) || (*text && indent(out, column - used, err)))
		return -1;
	while (*text) {
		size_t n = strcspn(text, " "), width = custody_paragraph_columns(text, n);
		if (!first && column + 1 + width > CUSTODY_PARAGRAPH_WIDTH) {
			if (custody_buf_append_byte(out, '\n', err) || indent(out, body, err))
				return -1;
			column = body;
			first = true;
		}
		if ((!first && custody_buf_append_byte(out, ' ', err)) || custody_buf_append(out, text, n, err))
			return -1;
		column += width + !first;
		first = false;
		text += n;
		text += *text == ' ';
	}
	return custody_buf_append_byte(out, '\n', err);
}
