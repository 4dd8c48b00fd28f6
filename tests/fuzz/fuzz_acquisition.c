/* SPDX-License-Identifier: Apache-2.0 */
/* acquisition.json: taken or refused by a rule; what is taken is one line and an LF. */
#include <string.h>

#include "libcustody/package/sealfile.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(acquisition)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_acquisition_facts facts;

	if (custody_acquisition_parse(p, n, &facts, &err)) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && err.rule));
		return 0;
	}
	FUZZ_ASSERT(memchr(p, '\n', n) == p + n - 1);
	FUZZ_ASSERT(facts.exceptions < n && facts.synchronised >= -1 && facts.synchronised <= 1);
	FUZZ_ASSERT(custody_time_in_range(facts.started) && custody_time_in_range(facts.finished));
	FUZZ_ASSERT(facts.stated.reason || !facts.stated.reasons_differ);
	for (size_t i = 0; i < facts.stated.n_followed; i++)
		FUZZ_ASSERT(facts.stated.followed[i].path && facts.stated.followed[i].target);
	custody_acquisition_stated_release(&facts.stated);
	return 0;
}
