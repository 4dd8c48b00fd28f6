/* SPDX-License-Identifier: Apache-2.0 */
/* Functions: custody_inspect_decode over what a hostile reader of archives might send. What it takes is what encoding it again makes, byte for byte. */
#include <string.h>

#include "formats/inspect.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(inspect_wire)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_inspect_record r;
	struct custody_buf again CUSTODY_BUF_CLEAN = { 0 };
	custody_buf_init(&again, 1 << 20);
	if (custody_inspect_decode(p, n, &r, &err) != 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT && err.text[0]);
		return 0;
	}
	FUZZ_ASSERT(custody_inspect_encode(&again, &r, &err) == 0 && again.len == n && memcmp(again.data, p, n) == 0);
	if (r.type == CUSTODY_INSPECT_RECORD_MEMBER) {
		custody_buf_clear(&again);
		FUZZ_ASSERT(custody_inspect_text.member(&again, &r.member, &err) == 0);
		custody_buf_clear(&again);
		FUZZ_ASSERT(custody_inspect_json.member(&again, &r.member, &err) == 0);
	}
	return 0;
}
