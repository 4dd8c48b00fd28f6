/* SPDX-License-Identifier: Apache-2.0 */
/* Characters that no font has leave no trace on paper: cmd/glyphs.c finds them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cmd/glyphs.h"

Test(glyphs, reads_what_fc_list_writes)
{
	static const struct {
		const char *text;
		size_t ranges;
		uint32_t has, has_not;
	} rows[] = {
		{ "", 0, 0, 0x20 },
		{ "\n \n", 0, 0, 0x20 },
		{ "20-7e", 1, 0x20, 0x7f },
		{ "20-7e", 1, 0x7e, 0x1f },
		{ "20-7e a0\n", 2, 0xa0, 0xa1 },
		{ "a0 20-7e\n20-7f 30 80\n\n", 2, 0x80, 0x81 }, /* several fonts: out of order, overlapping, touching */
		{ "20-40 30-35 41", 1, 0x41, 0x42 }, /* one inside another does not end it */
		{ "10fffe-10ffff", 1, 0x10ffff, 0x10fffd },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CUSTODY_CLEANUP(custody_glyphs_release) struct custody_glyphs g = { .range = NULL };
		struct custody_error err = CUSTODY_ERROR_INIT;
		cr_assert_eq(custody_glyphs_read(&g, rows[i].text, strlen(rows[i].text), &err), 0, "%zu: %s", i, err.text);
		cr_expect_eq(g.n, rows[i].ranges, "%zu: %zu ranges", i, g.n);
		cr_expect(rows[i].ranges == 0 || custody_glyphs_have(&g, rows[i].has), "%zu", i);
		cr_expect_not(custody_glyphs_have(&g, rows[i].has_not), "%zu", i);
	}
}

Test(glyphs, refuses_what_is_something_else)
{
	static const struct {
		const char *text;
		size_t n, at;
	} rows[] = { { "20-7e, a0", 9, 0 }, { "DejaVu", 6, 0 }, { "20-", 3, 0 }, { "20 -7e", 6, 3 }, { "20 7e-20", 8, 3 }, { "110000", 6, 0 },
		{ "1000000", 7, 0 }, { "20-7E", 5, 0 }, { "20\0", 3, 0 }, { "20--7e", 6, 0 } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CUSTODY_CLEANUP(custody_glyphs_release) struct custody_glyphs g = { .range = NULL };
		struct custody_error err = CUSTODY_ERROR_INIT;
		char want[96];
		snprintf(want, sizeof(want), "at byte %zu of what fc-list wrote: want ranges of hexadecimal numbers", rows[i].at);
		cr_assert_eq(custody_glyphs_read(&g, rows[i].text, rows[i].n, &err), -1, "%zu", i);
		cr_expect_eq(err.kind, CUSTODY_ERR_IO);
		cr_expect_str_eq(err.text, want);
	}
}

Test(glyphs, writes_what_no_font_has_as_its_escape)
{
	static const struct {
		const char *page, *want;
		uint64_t lacking;
	} rows[] = {
		{ "", "", 0 },
		{ "<p>plain</p>\n", "<p>plain</p>\n", 0 },
		{ "caf\xc3\xa9", "caf\xc3\xa9", 0 },
		{ "<td>\xe6\x96\x87\xe4\xbb\xb6.txt</td>", "<td>\\u{6587}\\u{4ef6}.txt</td>", 2 },
		{ "\xf0\x9f\x98\x80\xc3\xa9\xf0\x9f\x98\x80", "\\u{1f600}\xc3\xa9\\u{1f600}", 2 },
		{ "\xe2\x80\x8f\xe2\x81\xa6x\xe2\x81\xa9", "\xe2\x80\x8f\xe2\x81\xa6x\xe2\x81\xa9", 0 }, /* marks of direction need no glyph */
		{ "\xc4\x80", "\\u{0100}", 1 },
	};
	CUSTODY_CLEANUP(custody_glyphs_release) struct custody_glyphs g = { .range = NULL };
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_glyphs_read(&g, "20-7e a0-ff", 11, &err), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { .max = 1000 };
		uint64_t lacking = 0;
		cr_assert_eq(custody_glyphs_escape(
				     &g, (struct custody_bytes){ (const uint8_t *)rows[i].page, strlen(rows[i].page) }, &out, &lacking, &err),
			0);
		cr_expect_str_eq(custody_buf_str(&out), rows[i].want);
		cr_expect_eq(lacking, rows[i].lacking, "%zu", i);
	}
}
