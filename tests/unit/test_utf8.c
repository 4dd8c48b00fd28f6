/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/base/utf8.h"

#define TEXT(s) (s), sizeof(s) - 1

Test(utf8, decodes_rfc_3629_and_nothing_else)
{
	static const struct {
		const char *what, *text;
		size_t n, want;
		uint32_t cp;
	} cases[] = {
		{ "NUL", TEXT("\0"), 1, 0 },
		{ "ASCII", TEXT("\x7f"), 1, 0x7f },
		{ "first of two bytes", TEXT("\xc2\x80"), 2, 0x80 },
		{ "last of two bytes", TEXT("\xdf\xbf"), 2, 0x7ff },
		{ "first of three bytes", TEXT("\xe0\xa0\x80"), 3, 0x800 },
		{ "before the surrogates", TEXT("\xed\x9f\xbf"), 3, 0xd7ff },
		{ "after the surrogates", TEXT("\xee\x80\x80"), 3, 0xe000 },
		{ "last of three bytes", TEXT("\xef\xbf\xbf"), 3, 0xffff },
		{ "first of four bytes", TEXT("\xf0\x90\x80\x80"), 4, 0x10000 },
		{ "the last", TEXT("\xf4\x8f\xbf\xbf"), 4, 0x10ffff },
		{ "with more behind", TEXT("\xc3\xa9x"), 2, 0xe9 },
		{ "beyond the last", TEXT("\xf4\x90\x80\x80"), 0, 0 },
		{ "five bytes", TEXT("\xf8\x88\x80\x80\x80"), 0, 0 },
		{ "FE", TEXT("\xfe"), 0, 0 },
		{ "FF", TEXT("\xff"), 0, 0 },
		{ "continuation alone", TEXT("\x80"), 0, 0 },
		{ "continuation alone, last", TEXT("\xbf\x80"), 0, 0 },
		{ "overlong NUL", TEXT("\xc0\x80"), 0, 0 },
		{ "overlong 7f", TEXT("\xc1\xbf"), 0, 0 },
		{ "overlong 7ff", TEXT("\xe0\x9f\xbf"), 0, 0 },
		{ "overlong ffff", TEXT("\xf0\x8f\xbf\xbf"), 0, 0 },
		{ "first surrogate", TEXT("\xed\xa0\x80"), 0, 0 },
		{ "last surrogate", TEXT("\xed\xbf\xbf"), 0, 0 },
		{ "cut after one", TEXT("\xc3"), 0, 0 },
		{ "cut after two", TEXT("\xe2\x82"), 0, 0 },
		{ "cut after three", TEXT("\xf0\x9f\x98"), 0, 0 },
		{ "second is no continuation", TEXT("\xc3x"), 0, 0 },
		{ "third is no continuation", TEXT("\xe2\x82x"), 0, 0 },
		{ "fourth is no continuation", TEXT("\xf0\x9f\x98\xc0"), 0, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t cp = 0;
		cr_expect_eq(custody_utf8_decode((const uint8_t *)cases[i].text, cases[i].n, &cp), cases[i].want, "%s", cases[i].what);
		cr_expect_eq(cp, cases[i].cp, "%s: %x", cases[i].what, cp);
		if (cases[i].want == 0 || cases[i].want == cases[i].n)
			cr_expect_eq(custody_utf8_valid((const uint8_t *)cases[i].text, cases[i].n), cases[i].want > 0, "%s", cases[i].what);
	}
	cr_expect(custody_utf8_valid(NULL, 0));
	cr_expect_not(custody_utf8_valid((const uint8_t *)"abc\xff", 4));
}

Test(utf8, lists_control_and_bidi_characters)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = { { 0, 0x1f }, { 0x7f, 0x9f }, { 0x61c, 0x61c }, { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 } };
	for (uint32_t cp = 0; cp < 0x110000; cp++) {
		bool want = false;
		for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
			want = want || (cp >= ranges[i].first && cp <= ranges[i].last);
		if (custody_utf8_is_control_or_bidi(cp) != want)
			cr_expect_fail("U+%04X", cp);
		if (want)
			cr_expect(custody_utf8_is_unsafe(cp), "U+%04X", cp);
	}
}

Test(utf8, knows_what_is_unsafe_to_show)
{
	static const struct {
		uint32_t cp;
		bool want;
	} cases[] = { { ' ', false }, { '~', false }, { '\\', false }, { 0xa0, true }, { 0xad, true }, { 0xe9, false }, { 0x301, false },
		{ 0x200b, true }, { 0x200d, true }, { 0x2003, true }, { 0x20ac, false }, { 0x3000, true }, { 0xe000, true }, { 0xfeff, true },
		{ 0xfffd, false }, { 0xffff, true }, { 0x378, true }, { 0x1f600, false }, { 0xe0041, true }, { 0x10ffff, true }, { 0x5d0, false } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(custody_utf8_is_unsafe(cases[i].cp), cases[i].want, "U+%04X", cases[i].cp);
}

Test(utf8, knows_nfc)
{
	static const struct {
		const char *text;
		size_t n;
		bool want;
	} cases[] = { { TEXT("plain"), true }, { TEXT(""), true }, { TEXT("\xc3\xa9"), true }, { TEXT("e\xcc\x81"), false },
		{ TEXT("\xe2\x84\xab"), false }, { TEXT("\xea\xb0\x80"), true }, { TEXT("\xe1\x84\x80\xe1\x85\xa1"), false },
		{ TEXT("\xc3\xa9\0x"), true }, { TEXT("\xff"), false }, { TEXT("q\xcc\x87\xcc\xa3"), false }, { TEXT("q\xcc\xa3\xcc\x87"), true } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(custody_utf8_is_nfc((const uint8_t *)cases[i].text, cases[i].n), cases[i].want, "%zu", i);
}

Test(utf8, folds_names_that_a_file_system_would_take_for_one)
{
	static const struct {
		const char *text, *want;
	} cases[] = { { "", "" }, { "Report.PDF", "report.pdf" }, { "@[`{", "@[`{" }, { "\xc3\x89", "\xc3\xa9" }, { "E\xcc\x81", "\xc3\xa9" },
		{ "Stra\xc3\x9f"
		  "e",
			"strasse" },
		{ "\xce\xa3", "\xcf\x83" }, { "\xcf\x82", "\xcf\x83" }, { "\xe2\x84\xaa", "k" } };
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 100);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		custody_buf_clear(&b);
		cr_expect_eq(custody_utf8_fold(&b, (const uint8_t *)cases[i].text, strlen(cases[i].text), &err), 0);
		cr_expect_str_eq(custody_buf_str(&b), cases[i].want);
	}
	cr_expect_eq(custody_utf8_fold(&b, (const uint8_t *)"\xff", 1, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	CUSTODY_BUF_CLEAN struct custody_buf small;
	custody_buf_init(&small, 1);
	cr_expect_eq(custody_utf8_fold(&small, (const uint8_t *)"AB", 2, &err), -1);
	cr_expect_eq(custody_utf8_fold(&small, (const uint8_t *)"\xc3\x89", 2, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_eq(small.len, 0);
}

static const struct {
	const char *what, *text;
	size_t n;
	const char *want;
} shown[] = {
	{ "empty", TEXT(""), "" },
	{ "plain", TEXT("a b/c.txt"), "a b/c.txt" },
	{ "letters of all the world", TEXT("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80"), "\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80" },
	{ "backslash", TEXT("a\\x41"), "a\\\\x41" },
	{ "not UTF-8", TEXT("a\xff\xc3"), "a\\xff\\xc3" },
	{ "controls", TEXT("\0\n\x1b[31m\x7f"), "\\u{0000}\\u{000a}\\u{001b}[31m\\u{007f}" },
	{ "C1 control", TEXT("\xc2\x9b"), "\\u{009b}" },
	{ "bidi override", TEXT("a\xe2\x80\xaegpj.exe"), "a\\u{202e}gpj.exe" },
	{ "tag character", TEXT("\xf3\xa0\x81\x81"), "\\u{e0041}" },
	{ "mark at the start",
		TEXT("\xcc\x81"
		     "a"),
		"\\u{0301}a" },
	{ "three marks", TEXT("a\xcc\x81\xcc\x81\xcc\x81"), "a\xcc\x81\xcc\x81\xcc\x81" },
	{ "four marks", TEXT("a\xcc\x81\xcc\x81\xcc\x81\xcc\x81"), "a\xcc\x81\xcc\x81\xcc\x81\\u{0301}" },
	{ "mark behind an escape", TEXT("\x01\xcc\x81"), "\\u{0001}\\u{0301}" },
	{ "mark behind a bad byte", TEXT("\xff\xcc\x81"), "\\xff\\u{0301}" },
	{ "mark behind a backslash", TEXT("\\\xcc\x81"), "\\\\\xcc\x81" },
	{ "a new base counts anew",
		TEXT("a\xcc\x81\xcc\x81\xcc\x81"
		     "b\xcc\x81"),
		"a\xcc\x81\xcc\x81\xcc\x81"
		"b\xcc\x81" },
};

Test(utf8, shows_foreign_bytes_without_harm)
{
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const uint8_t *p = (const uint8_t *)shown[i].text;
		char out[200];
		custody_buf_clear(&b);
		cr_expect_eq(custody_display_append(&b, p, shown[i].n, &err), 0);
		cr_expect_str_eq(custody_buf_str(&b), shown[i].want, "%s: %s", shown[i].what, custody_buf_str(&b));
		cr_expect_str_eq(custody_display(p, shown[i].n, out, sizeof(out)), shown[i].want, "%s", shown[i].what);
		bool exact = shown[i].n == strlen(shown[i].want) && memcmp(p, shown[i].want, shown[i].n) == 0;
		cr_expect_eq(custody_display_is_exact(p, shown[i].n), exact, "%s", shown[i].what);
	}
}

/* A name that a record keeps as it is shown is shown so again, and no other text is taken for one. */
Test(utf8, takes_a_display_form_back_to_its_bytes)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "C:\\\\x", "C:\\x" },
		{ "a\\xffb\\u{000a}c\\u{10ffff}", "a\xff"
						  "b\nc\xf4\x8f\xbf\xbf" },
		{ "\\u{0301}a", "\xcc\x81"
				"a" }, /* a mark at the start */
		/* display forms of nothing */
		{ "C:\\x", "C:\\x" },
		{ "\\", "\\" },
		{ "a\nb", "a\nb" },
		{ "\\x41", "\\x41" },
		{ "\\xFF", "\\xFF" },
		{ "\\xc3\\xa9", "\\xc3\\xa9" }, /* together they are a letter */
		{ "\\u{41}", "\\u{41}" },
		{ "\\u{000a", "\\u{000a" },
		{ "\\u{d800}", "\\u{d800}" },
		{ "\\u{0000}", "\\u{0000}" }, /* no name has a NUL */
		{ "\\u{0000a}", "\\u{0000a}" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf b = { .max = 1000 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(custody_display_undo(&b, (const uint8_t *)cases[i].text, strlen(cases[i].text), &err), 0);
		cr_expect_str_eq(custody_buf_str(&b), cases[i].want, "%s: %s", cases[i].text, custody_buf_str(&b));
	}
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf b = { .max = 1000 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(custody_display_undo(&b, (const uint8_t *)shown[i].want, strlen(shown[i].want), &err), 0);
		cr_expect(memchr(shown[i].text, '\0', shown[i].n) || (b.len == shown[i].n && memcmp(b.data, shown[i].text, b.len) == 0), "%s",
			shown[i].what);
	}
}

Test(utf8, shows_every_pair_of_bytes_as_safe_and_different_text)
{
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 1000);
	for (unsigned v = 0; v < 0x10000; v++) {
		uint8_t pair[2] = { (uint8_t)(v >> 8), (uint8_t)v };
		custody_buf_clear(&b);
		cr_assert_eq(custody_display_append(&b, pair, 2, &err), 0);
		cr_assert(custody_utf8_valid(b.data, b.len));
		for (size_t i = 0, step; i < b.len; i += step) {
			uint32_t cp;
			step = custody_utf8_decode(b.data + i, b.len - i, &cp);
			cr_assert_not(custody_utf8_is_unsafe(cp), "%04x", v);
		}
	}
}

Test(utf8, cuts_what_does_not_fit_at_a_character)
{
	static const struct {
		const char *text;
		size_t size;
		const char *want;
	} cases[] = { { "abcdef", 7, "abcdef" }, { "abcdef", 6, "ab..." }, { "abcdef", 5, "a..." }, { "abcdef", 4, "..." }, { "abcdef", 3, ".." },
		{ "abcdef", 2, "." }, { "abcdef", 1, "" },
		{ "a\xe6\xbc\xa2"
		  "bcd",
			7, "a..." },
		{ "a\xe6\xbc\xa2"
		  "bcd",
			8,
			"a\xe6\xbc\xa2"
			"bcd" },
		{ "a\x01"
		  "b",
			9, "a..." },
		{ "a\x01"
		  "b",
			11, "a\\u{0001}b" },
		{ "", 1, "" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[32];
		memset(out, '#', sizeof(out));
		custody_display(cases[i].text, strlen(cases[i].text), out, cases[i].size);
		cr_expect_str_eq(out, cases[i].want, "%zu: %s", i, out);
		cr_expect_eq(out[cases[i].size], '#');
	}
}

Test(utf8, shows_a_word_so_that_a_shell_takes_it)
{
	static const char *const cases[][2] = { { "lab/a-b_1.asice", "lab/a-b_1.asice" }, { "my lab", "'my lab'" }, { "$(x);\"", "'$(x);\"'" },
		{ "", "''" }, { "it's", "$'it\\047s'" }, { "a\nb", "$'a\\012b'" }, { "';rm -r ~;'", "$'\\047\\073rm -r \\176\\073\\047'" },
		{ "\xff\\", "$'\\377\\134'" }, { "';rm -r ~;': too long for it", "..." }, { "a;b a word that is too long to be in", "..." },
		{ "a word that is too long to be in it", "a word that is too long to b..." } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[32];
		cr_expect_str_eq(custody_display_word(cases[i][0], out, sizeof(out)), cases[i][1], "%s", out);
	}
}

Test(utf8, leaves_the_buffer_alone_when_it_cannot_show)
{
	CUSTODY_BUF_CLEAN struct custody_buf b, none;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 10);
	custody_buf_init(&none, 0);
	cr_assert_eq(custody_buf_append_str(&b, "x", &err), 0);
	cr_expect_eq(custody_display_append(&b, (const uint8_t *)"a\x01\x02", 3, &err), -1);
	cr_expect_str_eq(custody_buf_str(&b), "x");
	cr_expect_eq(custody_display_append(&none, (const uint8_t *)"a", 1, &err), -1);
	cr_expect_eq(none.len, 0);
}
