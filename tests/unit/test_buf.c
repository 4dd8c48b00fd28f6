/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "libcustody/base/buf.h"

Test(buf, is_empty_text_before_anything_is_appended)
{
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 10);
	cr_expect_str_eq(custody_buf_str(&b), "");
	cr_expect_eq(custody_buf_append(&b, NULL, 0, &err), 0);
	cr_expect_str_eq(custody_buf_str(&b), "");
	custody_buf_clear(&b);
	cr_expect_eq(b.len, 0);
}

Test(buf, appends_and_stays_terminated)
{
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 1000);
	cr_expect_eq(custody_buf_append_str(&b, "ab", &err), 0);
	cr_expect_eq(custody_buf_append_byte(&b, 'c', &err), 0);
	cr_expect_eq(custody_buf_printf(&b, &err, "%05d", 42), 0);
	cr_expect_str_eq(custody_buf_str(&b), "abc00042");
	for (int i = 0; i < 90; i++)
		cr_expect_eq(custody_buf_append(&b, "0123456789", 10, &err), 0);
	cr_expect_eq(b.len, 908);
	cr_expect_eq(b.data[908], 0);
	custody_buf_clear(&b);
	cr_expect_str_eq(custody_buf_str(&b), "");
	cr_expect(b.cap >= 909);
}

Test(buf, takes_exactly_its_limit_and_not_one_byte_more)
{
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 4);
	cr_expect_eq(custody_buf_append_str(&b, "abcd", &err), 0);
	cr_expect_eq(custody_buf_append_byte(&b, 'e', &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_str_eq(err.text, "needs 5 bytes, the limit is 4");
	cr_expect_eq(custody_buf_printf(&b, &err, "x"), -1);
	cr_expect_eq(custody_buf_append(&b, "x", SIZE_MAX, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_str_eq(custody_buf_str(&b), "abcd");
}

Test(buf, has_no_room_for_more_than_memory)
{
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, SIZE_MAX);
	cr_expect_eq(custody_buf_append_str(&b, "ab", &err), 0);
	cr_expect_eq(custody_buf_reserve(&b, SIZE_MAX - 2, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_NOMEM);
	cr_expect_str_eq(custody_buf_str(&b), "ab");
}

Test(buf, reserve_gives_room_behind_the_content)
{
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 5000);
	cr_expect_eq(custody_buf_reserve(&b, 5000, &err), 0);
	memset(b.data, 'x', 5000);
	b.len = 5000;
	b.data[5000] = 0;
	cr_expect_eq(strlen(custody_buf_str(&b)), 5000);
}

Test(buf, release_is_safe_on_a_zeroed_struct_and_twice)
{
	struct custody_buf b = { 0 };
	custody_buf_release(&b);
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 7);
	cr_expect_eq(custody_buf_append_str(&b, "x", &err), 0);
	custody_buf_release(&b);
	custody_buf_release(&b);
	cr_expect_eq(b.max, 7);
	cr_expect_eq(b.data, NULL);
}
