/* SPDX-License-Identifier: Apache-2.0 */
/* custody show on any file: never a failure, never a byte that a terminal acts on; what a program reads is JSON. */
#include <jansson.h>

#include "tests/fuzz/fuzz.h"
#include "tests/support/showall.h"

FUZZ_TARGET(show)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 }, json = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(&text, SIZE_MAX);
	custody_buf_init(&json, SIZE_MAX);
	int problems = show_all(&custody_show_text, p, n, "x.asice", &text, &err);
	FUZZ_ASSERT(problems >= 0);
	FUZZ_ASSERT(show_is_safe(&text, true));
	FUZZ_ASSERT(show_all(&custody_show_json, p, n, "x.asice", &json, &err) == problems);
	FUZZ_ASSERT(show_is_safe(&json, false));
	json_t *read = json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
	FUZZ_ASSERT(read);
	json_decref(read);
	return 0;
}
