/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/report_row.h"

#include <string.h>

#include "libcustody/base/utf8.h"

#define MARK (sizeof(CUSTODY_REPORT_ISOLATE) - 1)

char *custody_report_isolated(const void *bytes, size_t n, char *out, size_t size)
{
	memcpy(out, CUSTODY_REPORT_ISOLATE, MARK);
	custody_display(bytes, n, out + MARK, size - 2 * MARK);
	memcpy(out + strlen(out), CUSTODY_REPORT_ISOLATE_END, MARK + 1);
	return out;
}

/* Bytes up to the next mark, or the end. */
static size_t up_to_mark(const char *row)
{
	const char *begin = strstr(row, CUSTODY_REPORT_ISOLATE), *end = strstr(row, CUSTODY_REPORT_ISOLATE_END);
	if (!begin || (end && end < begin))
		begin = end;
	return begin ? (size_t)(begin - row) : strlen(row);
}

int custody_report_append_plain(struct custody_buf *out, const char *row, struct custody_error *err)
{
	for (size_t n; *row; row += n + (row[n] ? MARK : 0)) {
		n = up_to_mark(row);
		if (custody_buf_append(out, row, n, err))
			return -1;
	}
	return 0;
}

char *custody_report_plain(char *row)
{
	char *to = row;
	for (const char *from = row; *from;) {
		size_t n = up_to_mark(from);
		memmove(to, from, n);
		to += n;
		from += n + (from[n] ? MARK : 0);
	}
	*to = '\0';
	return row;
}
