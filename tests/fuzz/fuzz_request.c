/* SPDX-License-Identifier: Apache-2.0 */
/* Request records: what is taken has one form, which reads back as itself, both as a person's and as a package's; it can be checked and shown. */
#include <string.h>

#include "formats/request.h"
#include "libcustody/base/utf8.h"
#include "tests/fuzz/fuzz.h"

static void expect_harmless(const struct custody_buf *b)
{
	uint32_t cp = 0;

	for (size_t i = 0, step; i < b->len; i += step) {
		step = custody_utf8_decode(b->data + i, b->len - i, &cp);
		FUZZ_ASSERT(step > 0 && (cp == '\n' || !custody_utf8_is_unsafe(cp)));
	}
}

static void expect_shown(const struct custody_requests *r)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 }, json = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(&text, (size_t)256 << 20);
	custody_buf_init(&json, (size_t)256 << 20);
	FUZZ_ASSERT(custody_request_text_show(r, &text, &err) == 0 && custody_request_json_show(r, &json, &err) == 0);
	expect_harmless(&text);
	expect_harmless(&json);
}

static void expect_same(const struct custody_buf *text, enum custody_request_reading reading)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf again = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(&again, (size_t)64 << 20);
	if (text->len > CUSTODY_LIMIT_REQUEST)
		return;
	FUZZ_ASSERT(custody_requests_parse(text->data, text->len, reading, &r, &err) == 0);
	FUZZ_ASSERT(custody_requests_format(&r, &again, &err) == 0);
	FUZZ_ASSERT(again.len == text->len && memcmp(again.data, text->data, text->len) == 0);
}

FUZZ_TARGET(request)
{
	for (int reading = CUSTODY_REQUEST_WRITTEN; reading <= CUSTODY_REQUEST_SEALED; reading++) {
		CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
		CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_buf_init(&text, (size_t)64 << 20);
		if (custody_requests_parse(p, n, (enum custody_request_reading)reading, &r, &err) != 0) {
			FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT || err.kind == CUSTODY_ERR_LIMIT);
			continue;
		}
		FUZZ_ASSERT(r.n > 0 && r.n <= CUSTODY_LIMIT_REQUESTS);
		FUZZ_ASSERT(custody_requests_format(&r, &text, &err) == 0);
		expect_same(&text, CUSTODY_REQUEST_SEALED);
		if (r.unknown == 0)
			expect_same(&text, CUSTODY_REQUEST_WRITTEN);
		expect_shown(&r);
	}
	return 0;
}
