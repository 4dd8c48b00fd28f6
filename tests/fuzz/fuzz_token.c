/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_token_parse, custody_token_not_later_than.
 * What is taken says a time that exists and an imprint of the right length, and is not later than it says by less than nothing.
 */
#include "libcustody/crypto/timestamp.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(token)
{
	static struct custody_token t;
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (custody_token_parse((struct custody_bytes){ p, n }, &t, &err) < 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT && err.rule != NULL);
		return 0;
	}
	FUZZ_ASSERT(t.imprint.n == custody_digest_get(t.imprint_digest)->size && t.time.nsec < 1000000000 && custody_time_in_range(t.time));
	FUZZ_ASSERT(custody_time_compare(custody_token_not_later_than(&t), t.time) >= 0);
	FUZZ_ASSERT(t.imprint.p >= p && t.imprint.p + t.imprint.n <= p + n);
	return 0;
}
