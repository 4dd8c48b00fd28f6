/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/watch.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void *none(size_t n)
{
	(void)n;
	return NULL;
}

Test(watch, sees_an_allocation_that_fails_and_lets_no_other_succeed)
{
	void *p = custody_watch_malloc(10), *q;

	custody_watch_begin();
	cr_assert_not_null(q = custody_watch_realloc(p, 20));
	cr_expect_not(custody_watch_end());

	custody_watch_begin();
	cr_expect_null(custody_watch_by(none, 1));
	cr_expect_null(custody_watch_malloc(1));
	cr_expect_null(custody_watch_realloc(q, 30), "and q is still there");
	cr_expect(custody_watch_end());
	free(q);
}

Test(watch, is_over_when_it_ends)
{
	void *p;

	custody_watch_begin();
	cr_expect_null(custody_watch_by(none, 1));
	cr_expect(custody_watch_end());
	cr_assert_not_null(p = custody_watch_malloc(1));
	free(p);
	cr_expect_null(custody_watch_by(none, 1), "seen by nobody");
	custody_watch_begin();
	cr_expect_not(custody_watch_end());
}

Test(watch, within_another_both_see_it)
{
	custody_watch_begin();
	custody_watch_begin();
	cr_expect_not(custody_watch_failed());
	cr_expect_null(custody_watch_by(none, 1));
	cr_expect(custody_watch_failed());
	cr_expect(custody_watch_end());
	cr_expect_null(custody_watch_malloc(1));
	cr_expect(custody_watch_end());
}
