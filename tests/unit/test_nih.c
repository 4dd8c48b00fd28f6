/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/base/nih.h"

/* RFC 6920, section 8.1: the digest, cut, of the text "Hello World!" in its examples. */
Test(nih, has_the_check_digits_of_the_RFC)
{
	cr_expect_eq(custody_nih_check("5326-9057"), '\0');
	cr_expect_eq(custody_nih_check("53269057"), 'b');
	cr_expect_eq(custody_nih_check("53269057e12fe2b74ba07c892560a2"), 'f');
	cr_expect_eq(custody_nih_check("53269057E12FE2B74BA07C892560A2"), 'f');
	cr_expect_eq(custody_nih_check(""), '0');
	cr_expect_eq(custody_nih_check("0g"), '\0');
}

Test(nih, reads_what_it_writes)
{
	char text[CUSTODY_NIH_TEXT], brief[CUSTODY_NIH_SHORT];
	uint8_t in[32], out[32];
	for (unsigned round = 0; round < 256; round++) {
		for (unsigned i = 0; i < 32; i++)
			in[i] = (uint8_t)(round * 31 + i * 7);
		cr_assert_eq(strlen(custody_nih_format(in, text)), 78);
		memset(out, 0xaa, sizeof(out));
		cr_assert(custody_nih_parse(text, out) && memcmp(in, out, 32) == 0, "%s", text);
		cr_assert_eq(strlen(custody_nih_short(in, brief)), 21);
	}
}

#define DIGITS "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"

Test(nih, takes_a_number_as_people_give_it_and_nothing_else)
{
	static const struct {
		const char *what, *text;
		bool taken;
	} cases[] = {
		{ "digits", DIGITS, true },
		{ "in fours", "7f83 b165 7ff1 fc53 b92d c181 48a1 d65d fc2d 4b1f a3d6 7728 4add d200 126d 9069", true },
		{ "capitals, blanks around", "  7F83B1657FF1FC53B92DC18148A1D65DFC2D4B1FA3D677284ADDD200126D9069\t", true },
		{ "the form", "nih:sha-256;" DIGITS ";d", true },
		{ "in capitals, with hyphens", "NIH:SHA-256;7F83-B1657FF1FC53B92DC18148A1D65DFC2D4B1FA3D677284ADDD200126D90-69;D ", true },
		{ "a wrong check digit", "nih:sha-256;" DIGITS ";c", false },
		{ "a digit wrong", "nih:sha-256;8f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069;d", false },
		{ "two changed places", "nih:sha-256;f783b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069;d", false },
		{ "no check digit", "nih:sha-256;" DIGITS, false },
		{ "an empty one", "nih:sha-256;" DIGITS ";", false },
		{ "none", "nih:sha-256;" DIGITS ";g", false },
		{ "two", "nih:sha-256;" DIGITS ";dd", false },
		{ "hyphens without the form", "7f83-b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069", false },
		{ "a check digit without the form", DIGITS ";d", false },
		{ "one less", "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d906", false },
		{ "one more", DIGITS "0", false },
		{ "the short form", "7f83-b165-7ff1-fc53;5", false },
		{ "another algorithm", "nih:sha-512;" DIGITS ";d", false },
		{ "nothing", "", false },
		{ "no digit", "7g83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t out[32];
		cr_expect_eq(custody_nih_parse(cases[i].text, out), cases[i].taken, "%s", cases[i].what);
	}
}

/* ADM-52: the code of a release, read from paper. */
Test(nih, takes_a_short_code_as_people_give_it_and_no_slip)
{
	static const struct {
		const char *what, *text;
		bool taken;
	} cases[] = {
		{ "as it is printed", "7f83-b165-7ff1-fc53;5", true },
		{ "in capitals, with blanks", " 7F83 B165 7FF1 FC53 5 ", true },
		{ "nothing between", "7f83b1657ff1fc535", true },
		{ "a digit wrong", "7f83-b165-7ff1-fc52;5", false },
		{ "two changed places", "7f83-b165-7ff1-cf53;5", false },
		{ "another check digit", "7f83-b165-7ff1-fc53;6", false },
		{ "no check digit", "7f83-b165-7ff1-fc53", false },
		{ "two check digits", "7f83-b165-7ff1-fc53;55", false },
		{ "the mark too early", "7f83-b165-7ff1;fc535", false },
		{ "a letter", "7g83-b165-7ff1-fc53;5", false },
		{ "the whole form", "nih:sha-256-64;7f83-b165-7ff1-fc53;5", false },
		{ "nothing", "", false },
	};
	static const uint8_t want[8] = { 0x7f, 0x83, 0xb1, 0x65, 0x7f, 0xf1, 0xfc, 0x53 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t got[8] = { 0 };

		cr_expect_eq(custody_nih_short_parse(cases[i].text, got), cases[i].taken, "%s", cases[i].what);
		cr_expect(!cases[i].taken || memcmp(got, want, 8) == 0, "%s", cases[i].what);
	}
}

Test(nih, reads_every_short_code_that_it_writes)
{
	char text[CUSTODY_NIH_SHORT];
	uint8_t in[32], out[8];

	for (unsigned round = 0; round < 256; round++) {
		for (unsigned i = 0; i < 32; i++)
			in[i] = (uint8_t)(round * 13 + i * 5);
		cr_assert(custody_nih_short_parse(custody_nih_short(in, text), out) && memcmp(in, out, 8) == 0, "%s", text);
	}
}
