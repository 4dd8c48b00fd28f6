/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/der_write.h"

#include <criterion/criterion.h>
#include <string.h>

Test(der_write, writes_the_shortest_length)
{
	static const struct {
		size_t n;
		const char *head;
		size_t head_len;
	} cases[] = {
		{ 0, "\x04\x00", 2 },
		{ 1, "\x04\x01", 2 },
		{ 0x7f, "\x04\x7f", 2 },
		{ 0x80, "\x04\x81\x80", 3 },
		{ 0xff, "\x04\x81\xff", 3 },
		{ 0x100, "\x04\x82\x01\x00", 4 },
		{ 0x10000, "\x04\x83\x01\x00\x00", 5 },
		{ SIZE_MAX, "\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out;
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_buf_init(&out, 100);
		cr_assert_eq(custody_der_append_head(&out, 0x04, cases[i].n, &err), 0);
		cr_expect(out.len == cases[i].head_len && memcmp(out.data, cases[i].head, out.len) == 0, "%zu", cases[i].n);
	}
}

Test(der_write, hands_on_that_there_is_no_room)
{
	static const struct custody_bytes content = { (const uint8_t *)"abc", 3 };
	for (size_t room = 0; room < 6; room++) {
		CUSTODY_BUF_CLEAN struct custody_buf out;
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_buf_init(&out, room);
		cr_expect_eq(custody_der_append(&out, 0x04, content, &err), room < 5 ? -1 : 0, "%zu", room);
		cr_expect_eq(err.kind, room < 5 ? CUSTODY_ERR_LIMIT : CUSTODY_ERR_NONE);
	}
}
