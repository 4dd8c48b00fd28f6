/* SPDX-License-Identifier: Apache-2.0 */
/* custody_json_parse: what it takes is compact JSON that jansson writes back byte for byte but for escapes and order, and parses again to the same. */
#include <jansson.h>
#include <string.h>

#include "libcustody/base/json.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(json)
{
	CUSTODY_CLEANUP(custody_json_free) struct json_t *doc = NULL;
	CUSTODY_CLEANUP(custody_json_free) struct json_t *loose = NULL;
	CUSTODY_CLEANUP(custody_json_free) struct json_t *again = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	int taken = custody_json_parse(p, n, true, &doc, &err);
	FUZZ_ASSERT((taken == 0) == (doc != NULL));
	FUZZ_ASSERT(taken == 0 || err.text[0] != '\0');
	/* what the strict form takes, the loose one takes too */
	FUZZ_ASSERT(taken != 0 || (custody_json_parse(p, n, false, &loose, &err) == 0 && json_equal(doc, loose)));
	if (taken != 0)
		return 0;
	FUZZ_ASSERT(json_is_object(doc));
	CUSTODY_FREE char *text = json_dumps(doc, JSON_COMPACT);
	FUZZ_ASSERT(text != NULL);
	FUZZ_ASSERT(custody_json_parse((const uint8_t *)text, strlen(text), true, &again, &err) == 0);
	FUZZ_ASSERT(json_equal(doc, again));
	return 0;
}
