/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/package/lines.h"

/* Reads all lines of the text; the number of them, or -1 with err. joined: the lines with '|' behind each. */
static int read_all(const void *p, size_t n, size_t max_line, char *joined, struct custody_error *err)
{
	struct custody_source source;
	struct custody_lines lines;
	uint8_t *line = NULL;
	size_t len = 0;
	int count = 0, r;

	custody_source_memory(&source, p, n);
	joined[0] = '\0';
	cr_assert_eq(custody_lines_init(&lines, &source, 0, n, max_line, "list-malformed", err), 0);
	while ((r = custody_lines_next(&lines, &line, &len, err)) == 1) {
		strncat(joined, (char *)line, len);
		strcat(joined, "|");
		count++;
	}
	if (r == 0) {
		uint8_t want[32];
		cr_expect_eq(custody_digest_once(CUSTODY_SHA256, p, n, want, err), 0);
		cr_expect_eq(memcmp(want, lines.digest, 32), 0);
		cr_expect_eq(custody_lines_next(&lines, &line, &len, err), 0, "the end stays the end");
	}
	custody_lines_release(&lines);
	return r < 0 ? -1 : count;
}

Test(lines, gives_each_line_without_its_lf)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char joined[64];

	cr_expect_eq(read_all("", 0, 100, joined, &err), 0);
	cr_expect_eq(read_all("a\n", 2, 100, joined, &err), 1);
	cr_expect_str_eq(joined, "a|");
	cr_expect_eq(read_all("a\nbc\n def\n", 10, 100, joined, &err), 3);
	cr_expect_str_eq(joined, "a|bc| def|");
	cr_expect_eq(read_all("abcd\nefgh\n", 10, 4, joined, &err), 2, "a line as long as the limit");
}

Test(lines, refuses_what_is_no_list)
{
	static const struct {
		const char *what, *input;
		size_t n;
		const char *want;
	} cases[] = {
		{ "no LF at the end", "a\nb", 3, "line 2: found the end of the list, want an LF before it" },
		{ "no LF at all", "a", 1, "line 1: found the end of the list, want an LF before it" },
		{ "a blank line", "a\n\nb\n", 5, "line 2: found a blank line, want none" },
		{ "only an LF", "\n", 1, "line 1: found a blank line, want none" },
		{ "CR LF", "a\r\n", 3, "line 1: found a CR, want lines that end in LF alone" },
		{ "a NUL", "a\nb\0c\n", 6, "line 2: found a NUL byte, want text" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		char joined[64];

		cr_expect_eq(read_all(cases[i].input, cases[i].n, 100, joined, &err), -1, "%s", cases[i].what);
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_str_eq(err.rule, "list-malformed", "%s", cases[i].what);
	}
}

Test(lines, limits_a_line_and_the_list)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	struct custody_lines lines;
	char joined[64];

	cr_expect_eq(read_all("abcde\n", 6, 4, joined, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_null(err.rule);
	cr_expect_str_eq(err.text, "line 1: it is longer than 4 bytes");
	cr_expect_eq(read_all("ab\nabcde", 8, 4, joined, &err), -1, "too long, and no end in sight");
	cr_expect_str_eq(err.text, "line 2: it is longer than 4 bytes");

	custody_source_memory(&source, (const uint8_t *)"", 0);
	cr_expect_eq(custody_lines_init(&lines, &source, 0, CUSTODY_LIMIT_LIST + 1, 10, "list-malformed", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	custody_lines_release(&lines);
	cr_expect_eq(custody_lines_init(&lines, &source, UINT64_MAX, 1, 10, "list-malformed", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	custody_lines_release(&lines);
	cr_assert_eq(custody_lines_init(&lines, &source, 0, 1, 10, "list-malformed", &err), 0, "found out when it is read");
	uint8_t *line;
	size_t n;
	cr_expect_eq(custody_lines_next(&lines, &line, &n, &err), -1, "a read past the source");
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	custody_lines_release(&lines);
}

/* Lines of 0..299 bytes, so that they end at every place of a read. */
Test(lines, join_over_the_ends_of_reads)
{
	size_t n = 0, lines_made = 0, at = 0;
	char *text = malloc(1000 * 301);
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	struct custody_lines lines;
	uint8_t *line;
	size_t len;

	cr_assert_not_null(text);
	for (; lines_made < 1000; lines_made++) {
		size_t length = lines_made * 7919 % 299 + 1;
		memset(text + n, 'a' + (int)(lines_made % 26), length);
		n += length;
		text[n++] = '\n';
	}
	custody_source_memory(&source, (const uint8_t *)text, n);
	cr_assert_eq(custody_lines_init(&lines, &source, 0, n, 300, "list-malformed", &err), 0);
	for (size_t i = 0; i < lines_made; i++) {
		cr_assert_eq(custody_lines_next(&lines, &line, &len, &err), 1);
		cr_assert_eq(len, i * 7919 % 299 + 1);
		cr_assert_eq(memcmp(line, text + at, len), 0);
		at += len + 1;
	}
	cr_expect_eq(custody_lines_next(&lines, &line, &len, &err), 0);
	custody_lines_release(&lines);
	free(text);
}
