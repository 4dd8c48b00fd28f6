/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/glyphs.h"

#include <stdlib.h>
#include <string.h>

#include "libcustody/base/utf8.h"

#define LAST_CODE_POINT 0x10ffffu

void custody_glyphs_release(struct custody_glyphs *g)
{
	free(g->range);
	*g = (struct custody_glyphs){ .range = NULL };
}

/* ---- what fc-list says ---- */

static int add(struct custody_glyphs *g, uint32_t first, uint32_t last, struct custody_error *err)
{
	if (g->n == g->cap) {
		size_t cap = g->cap ? 2 * g->cap : 1024;
		struct custody_glyph_range *more = reallocarray(g->range, cap, sizeof(*more));
		if (!more)
			return custody_fail_nomem(err);
		g->range = more;
		g->cap = cap;
	}
	g->range[g->n++] = (struct custody_glyph_range){ first, last };
	return 0;
}

static int by_first(const void *a, const void *b)
{
	const struct custody_glyph_range *x = a, *y = b;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Many fonts have the same characters: what overlaps or touches becomes one. */
static void merge(struct custody_glyphs *g)
{
	size_t kept = 0;
	if (g->n == 0)
		return;
	qsort(g->range, g->n, sizeof(*g->range), by_first);
	for (size_t i = 1; i < g->n; i++) {
		struct custody_glyph_range *last = &g->range[kept];
		if (g->range[i].first > last->last + 1)
			g->range[++kept] = g->range[i];
		else if (g->range[i].last > last->last)
			last->last = g->range[i].last;
	}
	g->n = kept + 1;
}

/* A number of at most six hexadecimal digits at *p, which moves behind it. false: there is none. */
static bool number(const char **p, const char *end, uint32_t *out)
{
	const char *from = *p;
	*out = 0;
	for (; *p < end && *p - from < 6; (*p)++) {
		const char *digits = "0123456789abcdef", *at = **p ? strchr(digits, **p) : NULL;
		if (!at)
			break;
		*out = *out << 4 | (uint32_t)(at - digits);
	}
	return *p > from && *out <= LAST_CODE_POINT;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n';
}

int custody_glyphs_read(struct custody_glyphs *g, const char *text, size_t n, struct custody_error *err)
{
	const char *end = text + n;
	for (const char *p = text; p < end;) {
		uint32_t first, last;
		const char *from = p;
		if (is_blank(*p)) {
			p++;
			continue;
		}
		bool good = number(&p, end, &first);
		last = first;
		if (good && p < end && *p == '-') {
			p++;
			good = number(&p, end, &last) && last >= first;
		}
		if (!good || (p < end && !is_blank(*p)))
			return custody_fail(
				err, CUSTODY_ERR_IO, "at byte %zu of what fc-list wrote: want ranges of hexadecimal numbers", (size_t)(from - text));
		if (add(g, first, last, err))
			return -1;
	}
	merge(g);
	return 0;
}

/* ---- the page ---- */

bool custody_glyphs_have(const struct custody_glyphs *g, uint32_t cp)
{
	size_t low = 0, high = g->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (g->range[middle].last < cp)
			low = middle + 1;
		else
			high = middle;
	}
	return low < g->n && g->range[low].first <= cp;
}

/* Ours, in pages from right to left; in a name they are escaped already. */
static bool is_mark(uint32_t cp)
{
	return cp == 0x200e || cp == 0x200f || (cp >= 0x2066 && cp <= 0x2069);
}

int custody_glyphs_escape(
	const struct custody_glyphs *g, struct custody_bytes page, struct custody_buf *out, uint64_t *lacking, struct custody_error *err)
{
	size_t done = 0; /* what stands before it is in out */
	for (size_t at = 0, n; at < page.n; at += n) {
		uint32_t cp;
		n = custody_utf8_decode(page.p + at, page.n - at, &cp);
		if (n <= 1 || is_mark(cp) || custody_glyphs_have(g, cp)) {
			n = n ? n : 1;
			continue;
		}
		if (custody_buf_append(out, page.p + done, at - done, err) || custody_buf_printf(out, err, "\\u{%04x}", (unsigned)cp))
			return -1;
		done = at + n;
		++*lacking;
	}
	return custody_buf_append(out, page.p + done, page.n - done, err);
}
