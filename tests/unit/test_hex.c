/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/base/hex.h"

Test(hex, formats_and_parses_every_byte)
{
	uint8_t all[256], back[256];
	char text[513];
	for (unsigned i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	custody_hex_format(all, 256, text);
	cr_expect_eq(strlen(text), 512);
	cr_expect(strncmp(text, "000102", 6) == 0 && strcmp(text + 506, "fdfeff") == 0);
	cr_expect(custody_hex_parse(text, 512, false, back, 256));
	cr_expect_arr_eq(all, back, 256);
	custody_hex_format(NULL, 0, text);
	cr_expect_str_eq(text, "");
	cr_expect(custody_hex_parse("", 0, false, back, 0));
}

Test(hex, groups_a_number_as_it_stands_on_a_form)
{
	uint8_t sha256[32];
	char text[CUSTODY_HEX_GROUPS];

	for (size_t i = 0; i < sizeof(sha256); i++)
		sha256[i] = (uint8_t)(0xf0 + i);
	cr_expect_str_eq(custody_hex_groups(sha256, text), "f0f1 f2f3 f4f5 f6f7 f8f9 fafb fcfd feff 0001 0203 0405 0607 0809 0a0b 0c0d 0e0f");
}

Test(hex, parses_nothing_else)
{
	static const struct {
		const char *what, *text;
		size_t n;
		bool any_case, want;
	} cases[] = {
		{ "lower", "0af9", 2, false, true },
		{ "upper where lower is wanted", "0AF9", 2, false, false },
		{ "upper where any is taken", "0AF9", 2, true, true },
		{ "too short", "0a", 2, false, false },
		{ "too long", "0a0a0a", 2, false, false },
		{ "odd", "0a0", 2, false, false },
		{ "odd, one byte", "0a0", 1, false, false },
		{ "below digits", "/0", 1, true, false },
		{ "above digits", ":0", 1, true, false },
		{ "below letters", "@0", 1, true, false },
		{ "above letters", "G0", 1, true, false },
		{ "below small letters", "`0", 1, true, false },
		{ "above small letters", "g0", 1, true, false },
		{ "second digit", "0g", 1, true, false },
		{ "space", " 0", 1, true, false },
	};
	uint8_t out[8];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(custody_hex_parse(cases[i].text, strlen(cases[i].text), cases[i].any_case, out, cases[i].n), cases[i].want, "%s",
			cases[i].what);
}

/* Every character as the first and as the second digit, among good ones that must not make up for it. */
Test(hex, takes_the_digits_and_no_other_character)
{
	static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

	for (int c = 0; c < 256; c++) {
		const char *in_lower = c ? strchr(lower, c) : NULL, *in_upper = c ? strchr(upper, c) : NULL;
		for (size_t at = 0; at < 6; at++) {
			char text[] = "5a5a5a";
			uint8_t out[3], want[] = { 0x5a, 0x5a, 0x5a };
			long value = in_lower ? in_lower - lower : in_upper ? in_upper - upper : 0;

			text[at] = (char)c;
			want[at / 2] = (uint8_t)(at % 2 ? 0x50 | value : value << 4 | 0x0a);
			cr_assert_eq(custody_hex_parse(text, 6, false, out, 3), in_lower != NULL, "%d at %zu", c, at);
			cr_assert(!in_lower || memcmp(out, want, 3) == 0, "%d at %zu", c, at);
			cr_assert_eq(custody_hex_parse(text, 6, true, out, 3), in_lower || in_upper, "%d at %zu", c, at);
			cr_assert(!(in_lower || in_upper) || memcmp(out, want, 3) == 0, "%d at %zu", c, at);
		}
	}
}

/* The vectors of RFC 4648 section 10, and one with the last two letters of the alphabet. */
static const struct {
	const char *plain, *text;
} vectors[] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "+/+/" } };

Test(base64, makes_and_takes_the_vectors_of_rfc_4648)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const char *plain = vectors[i].plain, *text = vectors[i].text;
		char out[32];
		uint8_t back[32];
		size_t n = 99;
		custody_base64_format((const uint8_t *)plain, strlen(plain), out);
		cr_expect_str_eq(out, text);
		cr_expect_eq(custody_base64_len(strlen(plain)), strlen(text));
		cr_expect(custody_base64_parse(text, strlen(text), back, &n), "%s", text);
		cr_expect_eq(n, strlen(plain));
		cr_expect(memcmp(back, plain, n) == 0, "%s", text);
	}
}

Test(base64, refuses_every_other_spelling)
{
	static const char *const cases[] = { "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8==", "=",
		"==", "===", "====", "Z===", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm-v", "Zm_v", "Zm9v====", "Zg=g", "Z=g=", "Zm9.", "Zm9[", "Zm9@",
		"Zm9`", "Zm9{", "Zm9:", "Zm9," };
	uint8_t out[32];
	size_t n;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_not(custody_base64_parse(cases[i], strlen(cases[i]), out, &n), "%s", cases[i]);
	cr_expect_not(custody_base64_parse("Zm\0v", 4, out, &n));
}

Test(base64, round_trips_all_bytes_and_appends_within_the_limit)
{
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t all[256], back[300];
	for (unsigned i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	custody_buf_init(&b, 400);
	for (size_t n = 0; n <= 256; n++) {
		size_t got;
		custody_buf_clear(&b);
		cr_expect_eq(custody_base64_append(&b, all, n, &err), 0);
		cr_expect(custody_base64_parse(custody_buf_str(&b), b.len, back, &got));
		cr_expect(got == n && memcmp(all, back, n) == 0, "%zu", n);
	}
	cr_expect_eq(custody_base64_append(&b, all, 256, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_eq(b.len, 344);
	cr_expect_eq(custody_base64_append(&b, all, SIZE_MAX, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_NOMEM);
}
