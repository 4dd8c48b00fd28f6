/* SPDX-License-Identifier: Apache-2.0 */
/* An event of a custody record: what is taken can be written, and is taken again as the same line. */
#include <string.h>

#include "libcustody/record/event.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(event)
{
	CUSTODY_CLEANUP(custody_event_release) struct custody_event a, b;
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 }, again = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_event_init(&a);
	custody_event_init(&b);
	custody_buf_init(&text, (size_t)8 << 20);
	custody_buf_init(&again, (size_t)8 << 20);
	if (custody_event_parse(p, n, &a, &err)) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && err.rule));
		return 0;
	}
	if (a.type == CUSTODY_EVENT_TYPES)
		return 0;
	FUZZ_ASSERT(custody_event_format(&text, &a, &err) == 0);
	FUZZ_ASSERT(text.len > CUSTODY_LIMIT_EVENT || custody_event_parse(text.data, text.len, &b, &err) == 0);
	if (text.len > CUSTODY_LIMIT_EVENT)
		return 0;
	FUZZ_ASSERT(custody_event_format(&again, &b, &err) == 0);
	FUZZ_ASSERT(again.len == text.len && memcmp(again.data, text.data, text.len) == 0);
	return 0;
}
