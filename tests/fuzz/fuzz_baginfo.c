/* SPDX-License-Identifier: Apache-2.0 */
/* bag-info.txt: what is taken is exactly what the writer makes of it. */
#include <string.h>

#include "libcustody/package/bag.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(baginfo)
{
	CUSTODY_FREE char *text = malloc(n + 1);
	CUSTODY_BUF_CLEAN struct custody_buf again = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_bag_info info;

	FUZZ_ASSERT(text);
	if (n > 0)
		memcpy(text, p, n);
	custody_buf_init(&again, n + 1);
	if (custody_bag_info_parse(text, n, &info, &err)) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && err.rule));
		return 0;
	}
	FUZZ_ASSERT(custody_bag_info_format(&again, &info, &err) == 0);
	FUZZ_ASSERT(again.len == n && memcmp(again.data, p, n) == 0);
	return 0;
}
