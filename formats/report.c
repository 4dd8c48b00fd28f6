/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/report.h"

#include <stdio.h>
#include <string.h>

#include "libcustody/base/utf8.h"

bool custody_report_not_later_than(const struct custody_report *r, struct custody_time *out)
{
	/* Proven only if the whole group passed: an independent token beside one that failed proves nothing here. */
	if (!r->has_seal || !r->seal.has_time || !r->seal.independent || r->groups[CUSTODY_GROUP_TIME] != CUSTODY_RESULT_PASS)
		return false;
	*out = r->seal.stated;
	if (!r->seal.has_accuracy)
		return true;
	uint64_t nsec = out->nsec + r->seal.accuracy_ms % 1000 * 1000000;
	int64_t whole;
	if (__builtin_add_overflow(r->seal.accuracy_ms / 1000, nsec / 1000000000, &whole) || __builtin_add_overflow(out->sec, whole, &out->sec))
		return false;
	out->nsec = (uint32_t)(nsec % 1000000000);
	return custody_time_in_range(*out);
}

void custody_report_time(struct custody_time t, char *out)
{
	if (!custody_time_in_range(t))
		snprintf(out, CUSTODY_TIME_TEXT, "(out of range)");
	else if (t.nsec)
		custody_time_format_ns(t, out);
	else
		custody_time_format(t, out);
}

const char *custody_report_level(const struct custody_report *r)
{
	if (r->seal.level_lt)
		return "B-LT";
	return r->seal.has_time ? "B-T" : NULL;
}

#define NO_BREAK_SPACE 0xa0

static int append(struct custody_buf *out, const char *text, bool composed, struct custody_error *err)
{
	const uint8_t *p = (const uint8_t *)text;
	for (size_t n = strlen(text); n > 0;) {
		uint32_t cp;
		size_t len = custody_utf8_decode(p, n, &cp);
		bool plain = len > 0 && (!custody_utf8_is_unsafe(cp) || (composed && cp == NO_BREAK_SPACE));
		len = len ? len : 1;
		if (plain ? custody_buf_append(out, p, len, err) : custody_display_append(out, p, len, err))
			return -1;
		p += len;
		n -= len;
	}
	return 0;
}

int custody_report_append_shown(struct custody_buf *out, const char *text, struct custody_error *err)
{
	return append(out, text, false, err);
}

int custody_report_append_composed(struct custody_buf *out, const char *text, struct custody_error *err)
{
	return append(out, text, true, err);
}
