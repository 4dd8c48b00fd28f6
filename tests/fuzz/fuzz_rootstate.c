/* SPDX-License-Identifier: Apache-2.0 */
/* root/state.json: what is taken can be written, and then is taken again, with the same facts and the same bytes. */
#include <string.h>

#include "libcustody/work/rootstate.h"
#include "tests/fuzz/fuzz.h"

static void expect_same(const struct custody_root_certificate *a, const struct custody_root_certificate *b)
{
	FUZZ_ASSERT(memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0 && a->serial_len == b->serial_len);
	FUZZ_ASSERT(memcmp(a->serial, b->serial, a->serial_len) == 0 && a->kind == b->kind);
	FUZZ_ASSERT(strcmp(a->file, b->file) == 0 && strcmp(a->name, b->name) == 0 && a->revoked == b->revoked);
	FUZZ_ASSERT(!a->revoked || (a->reason == b->reason && custody_time_compare(a->when, b->when) == 0 && a->has_since == b->has_since));
	FUZZ_ASSERT(!a->has_since || custody_time_compare(a->since, b->since) == 0);
}

FUZZ_TARGET(rootstate)
{
	CUSTODY_CLEANUP(custody_root_state_release) struct custody_root_state a = { 0 };
	CUSTODY_CLEANUP(custody_root_state_release) struct custody_root_state b = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf again = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(&text, (size_t)8 << 20);
	custody_buf_init(&again, (size_t)8 << 20);
	if (custody_root_state_parse(p, n, &a, &err) != 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT || err.kind == CUSTODY_ERR_LIMIT);
		return 0;
	}
	FUZZ_ASSERT(a.n > 0 && a.certificates[0].kind == CUSTODY_ISSUE_ROOT && a.crl_number > 0);
	FUZZ_ASSERT(custody_root_state_format(&a, &text, &err) == 0);
	FUZZ_ASSERT(custody_root_state_parse(text.data, text.len, &b, &err) == 0);
	FUZZ_ASSERT(a.crl_number == b.crl_number && a.n == b.n);
	for (size_t i = 0; i < a.n; i++)
		expect_same(&a.certificates[i], &b.certificates[i]);
	FUZZ_ASSERT(custody_root_state_format(&b, &again, &err) == 0);
	FUZZ_ASSERT(again.len == text.len && memcmp(again.data, text.data, text.len) == 0);
	return 0;
}
