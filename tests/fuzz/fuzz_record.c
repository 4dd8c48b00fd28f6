/* SPDX-License-Identifier: Apache-2.0 */
/* A custody record as a container: what is refused is refused by a rule of its own, and of what is taken each event covers all before it. */
#include <string.h>

#include "libcustody/base/source.h"
#include "libcustody/record/record.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(record)
{
	static const uint8_t key[16];
	CUSTODY_CLEANUP(custody_record_release) struct custody_record r;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;

	custody_record_init(&r);
	custody_source_memory(&source, p, n);
	if (custody_record_read(&source, key, &r, &err))
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && err.rule && strncmp(err.rule, "record-", 7) == 0));
	for (size_t i = 0; i < r.n; i++) {
		FUZZ_ASSERT(r.entries[i].event.seq == i + 1);
		FUZZ_ASSERT(i == 0 || memcmp(r.entries[i].event.prev, r.entries[i - 1].sha256[2], 32) == 0);
		FUZZ_ASSERT(custody_record_find_head(&r, r.entries[i].sha256[2]) == i + 1);
	}
	return 0;
}
