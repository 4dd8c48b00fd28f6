/* SPDX-License-Identifier: Apache-2.0 */
/* What fc-list writes, up to a NUL, and behind it a page that is written with those characters: ranges in order, and nothing on the page that no font has. */
#include <string.h>

#include "cmd/glyphs.h"
#include "libcustody/base/utf8.h"
#include "tests/fuzz/fuzz.h"

static void check_page(const struct custody_glyphs *g, struct custody_bytes page)
{
	CUSTODY_BUF_CLEAN struct custody_buf out = { .max = SIZE_MAX };
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint64_t lacking = 0, again = 0;

	FUZZ_ASSERT(custody_glyphs_escape(g, page, &out, &lacking, &err) == 0);
	FUZZ_ASSERT(custody_utf8_valid(out.data, out.len) && out.len >= page.n);
	FUZZ_ASSERT((lacking == 0) == (out.len == page.n));
	CUSTODY_BUF_CLEAN struct custody_buf same = { .max = SIZE_MAX };
	FUZZ_ASSERT(custody_glyphs_escape(g, (struct custody_bytes){ out.data, out.len }, &same, &again, &err) == 0);
	FUZZ_ASSERT(again == 0 && same.len == out.len && memcmp(same.data, out.data, out.len) == 0);
}

FUZZ_TARGET(glyphs)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLEANUP(custody_glyphs_release) struct custody_glyphs g = { .range = NULL };
	const uint8_t *nul = n > 0 ? memchr(p, '\0', n) : NULL;
	const size_t listed = nul ? (size_t)(nul - p) : n;

	if (custody_glyphs_read(&g, (const char *)p, listed, &err)) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_IO);
		return 0;
	}
	for (size_t i = 0; i < g.n; i++) {
		FUZZ_ASSERT(g.range[i].first <= g.range[i].last && g.range[i].last <= 0x10ffff);
		FUZZ_ASSERT(i == 0 || g.range[i].first > g.range[i - 1].last + 1);
		FUZZ_ASSERT(custody_glyphs_have(&g, g.range[i].first) && custody_glyphs_have(&g, g.range[i].last) &&
			    !custody_glyphs_have(&g, g.range[i].last + 1));
	}
	if (nul && listed + 1 < n && custody_utf8_valid(nul + 1, n - listed - 1))
		check_page(&g, (struct custody_bytes){ nul + 1, n - listed - 1 });
	return 0;
}
