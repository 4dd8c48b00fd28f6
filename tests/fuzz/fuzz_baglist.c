/* SPDX-License-Identifier: Apache-2.0 */
/* Checksum lists: a list that is taken is exactly what the writer makes of its lines. The first byte picks the digest. */
#include <string.h>

#include "libcustody/package/bag.h"
#include "libcustody/package/names.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(baglist)
{
	static const size_t sizes[] = { 16, 20, 32, 48, 64 };
	CUSTODY_CLEANUP(custody_bag_cursor_free) struct custody_bag_cursor *c = NULL;
	CUSTODY_BUF_CLEAN struct custody_buf again = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_bag_line line;
	struct custody_source source;
	uint8_t sha256[32], want[32];
	int r;

	if (n == 0)
		return 0;
	size_t size = sizes[p[0] % 5];
	p++, n--;
	custody_buf_init(&again, n + 1);
	custody_source_memory(&source, p, n);
	FUZZ_ASSERT(custody_bag_cursor_new(&c, &source, 0, n, size, "list", &err) == 0);
	while ((r = custody_bag_cursor_next(c, &line, &err)) == 1) {
		FUZZ_ASSERT(strlen(line.member) == line.member_len && !custody_name_member_problem((const uint8_t *)line.member, line.member_len));
		FUZZ_ASSERT(custody_bag_append_line(&again, line.digest, size, line.member, &err) == 0);
	}
	if (r < 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && err.rule));
		return 0;
	}
	FUZZ_ASSERT(again.len == n && (n == 0 || memcmp(again.data, p, n) == 0));
	custody_bag_cursor_digest(c, sha256);
	FUZZ_ASSERT(custody_digest_once(CUSTODY_SHA256, p, n, want, &err) == 0 && memcmp(sha256, want, 32) == 0);
	return 0;
}
