/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/ber.h"

#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/base/limits.h"

#define BYTES(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }

Test(ber, gives_definite_lengths_and_changes_nothing_else)
{
	static const struct {
		const char *what;
		struct custody_bytes in, want;
	} cases[] = {
		{ "an empty sequence", BYTES("\x30\x80\0\0"), BYTES("\x30\0") },
		{ "definite", BYTES("\x30\x03\x02\x01\x05"), BYTES("\x30\x03\x02\x01\x05") },
		{ "primitive", BYTES("\x02\x01\x05"), BYTES("\x02\x01\x05") },
		{ "zeros inside", BYTES("\x30\x80\x04\x02\0\0\0\0"), BYTES("\x30\x04\x04\x02\0\0") },
		{ "nested", BYTES("\x30\x80\xa0\x80\x02\x01\x05\0\0\x05\0\0\0"), BYTES("\x30\x07\xa0\x03\x02\x01\x05\x05\0") },
		{ "indefinite in definite", BYTES("\x30\x09\x31\x80\x02\x01\x05\0\0\x05\0"), BYTES("\x30\x07\x31\x03\x02\x01\x05\x05\0") },
		{ "a needlessly long length stays", BYTES("\x30\x81\x03\x02\x01\x05"), BYTES("\x30\x81\x03\x02\x01\x05") },
		{ "but where what it holds gets shorter", BYTES("\x30\x81\x04\x31\x80\0\0"), BYTES("\x30\x02\x31\0") },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { .max = 100 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(custody_ber_definite(cases[i].in, &out, &err), 0, "%s: %s", cases[i].what, err.text);
		cr_expect(custody_bytes_equal((struct custody_bytes){ out.data, out.len }, cases[i].want), "%s", cases[i].what);
	}
}

/* A header that grows pushes what it holds back: 200 bytes inside need two more for their length. */
Test(ber, makes_room_for_a_longer_header)
{
	CUSTODY_BUF_CLEAN struct custody_buf out = { .max = 300 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t in[2 + 203 + 2] = { 0x30, 0x80, 0x04, 0x81, 200 };

	memset(in + 5, 'x', 200);
	cr_assert_eq(custody_ber_definite((struct custody_bytes){ in, sizeof(in) }, &out, &err), 0, "%s", err.text);
	cr_assert_eq(out.len, 3 + 203);
	cr_expect_eq(memcmp(out.data, "\x30\x81\xcb", 3), 0);
	cr_expect_eq(memcmp(out.data + 3, in + 2, 203), 0);
	CUSTODY_BUF_CLEAN struct custody_buf small = { .max = 205 };
	cr_expect_eq(custody_ber_definite((struct custody_bytes){ in, sizeof(in) }, &small, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
}

Test(ber, says_of_each_mistake_what_was_found_and_wanted)
{
	static const struct {
		struct custody_bytes in;
		const char *want;
	} cases[] = {
		{ { NULL, 0 }, "at byte 0: found the end, want an identifier and a length" },
		{ BYTES("\x30"), "at byte 0: found the end, want an identifier and a length" },
		{ BYTES("\x3f\x81\x01\0"), "at byte 0: found a tag number above 30, want one below" },
		{ BYTES("\x30\x02\0\0"), "at byte 2: found an end of contents where nothing of indefinite length ends, want an element" },
		{ BYTES("\0\0"), "at byte 0: found an end of contents where nothing of indefinite length ends, want an element" },
		{ BYTES("\x30\x85\0\0\0\0\0"), "at byte 0: found a length of too many bytes, want one that fits" },
		{ BYTES("\x30\x82\x01"), "at byte 0: found a length of too many bytes, want one that fits" },
		{ BYTES("\x30\x03\x02\x02\x05"), "at byte 2: found a length beyond the end, want one that fits" },
		{ BYTES("\x30\x84\xff\xff\xff\xff"), "at byte 0: found a length beyond the end, want one that fits" },
		{ BYTES("\x04\x80\0\0"), "at byte 0: found an indefinite length of something that holds nothing, want a definite one" },
		{ BYTES("\x30\x80\x05\0"), "at byte 4: found the end, want an end of contents" },
		{ BYTES("\x30\x80\x05\0\0"), "at byte 4: found the end, want an end of contents" },
		{ BYTES("\x30\x80\0\x01\0"), "at byte 2: found an end of contents with a length, want none" },
		{ BYTES("\x30\x04\x31\x80\x05\0\0\0"), "at byte 6: found the end, want an end of contents" },
		{ BYTES("\x30\0\0"), "at byte 2: found further bytes, want the end" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { .max = 100 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(custody_ber_definite(cases[i].in, &out, &err), -1, "%zu", i);
		cr_expect_str_eq(err.text, cases[i].want, "%zu: %s", i, err.text);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
	}
}

Test(ber, takes_no_more_levels_than_the_limit)
{
	for (size_t levels = CUSTODY_LIMIT_DER_DEPTH; levels <= CUSTODY_LIMIT_DER_DEPTH + 1; levels++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { .max = 200 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		uint8_t in[4 * (CUSTODY_LIMIT_DER_DEPTH + 1)] = { 0 };

		for (size_t i = 0; i < levels; i++)
			memcpy(in + 2 * i, "\x30\x80", 2);
		cr_expect_eq(custody_ber_definite((struct custody_bytes){ in, 4 * levels }, &out, &err), levels > CUSTODY_LIMIT_DER_DEPTH ? -1 : 0);
		if (levels > CUSTODY_LIMIT_DER_DEPTH)
			cr_expect_str_eq(err.text, "at byte 64: found elements nested too deeply, want at most 32 levels", "%s", err.text);
	}
}
