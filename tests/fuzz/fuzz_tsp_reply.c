/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_tsp_reply_parse, custody_tsp_reply_granted.
 * What is taken holds a token exactly when it is granted, lies inside the input, and tells its text on one printable line.
 */
#include <string.h>

#include "libcustody/crypto/tsp_ask.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(tsp_reply)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_tsp_reply r;
	int granted;

	if (custody_tsp_reply_parse((struct custody_bytes){ p, n }, &r, &err) < 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT && err.rule != NULL);
		return 0;
	}
	granted = custody_tsp_reply_granted(&r, &err) == 0;
	FUZZ_ASSERT(r.status <= CUSTODY_TSP_REVOCATION_NOTIFICATION && granted == (r.status <= 1) && granted == (r.token.n > 0));
	FUZZ_ASSERT(!granted || (r.token.p > p && r.token.p + r.token.n == p + n));
	FUZZ_ASSERT(strlen(r.text) < sizeof(r.text));
	for (const char *c = r.text; *c; c++)
		FUZZ_ASSERT((unsigned char)*c >= 0x20 && *c != 0x7f);
	return 0;
}
