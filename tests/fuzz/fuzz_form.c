/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of certificates: whatever is taken prints without a byte that acts on anything, ticks no box, and asks for a signature. */
#include <string.h>

#include "formats/form.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"
#include "tests/fuzz/fuzz.h"

static void expect_harmless(const struct custody_buf *b)
{
	uint32_t cp = 0;
	for (size_t i = 0, step; i < b->len; i += step) {
		step = custody_utf8_decode(b->data + i, b->len - i, &cp);
		FUZZ_ASSERT(step > 0 && (cp == '\n' || !custody_utf8_is_unsafe(cp)));
	}
	FUZZ_ASSERT(!strcasestr(custody_buf_str(b), "genuine") && !strcasestr(custody_buf_str(b), "authentic"));
}

static void expect_printed(const struct custody_form *form)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 }, html = { 0 }, json = { 0 };
	CUSTODY_CLEANUP(custody_json_free) struct json_t *parsed = NULL;
	const struct custody_report_context context = { "custody", NULL, 0, false, NULL };
	const struct custody_form_data d = { .form = form, .report = &report, .context = &context };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_report_init(&report);
	custody_buf_init(&text, (size_t)64 << 20);
	custody_buf_init(&html, (size_t)64 << 20);
	custody_buf_init(&json, (size_t)64 << 20);
	FUZZ_ASSERT(custody_form_text(&text, &d, &err) == 0 && custody_form_html(&html, &d, &err) == 0 && custody_form_json(&json, &d, &err) == 0);
	expect_harmless(&text);
	expect_harmless(&html);
	FUZZ_ASSERT(custody_json_parse(json.data, json.len - 1, true, &parsed, &err) == 0);
}

FUZZ_TARGET(form)
{
	CUSTODY_CLEANUP(custody_form_release) struct custody_form form = { .parts = NULL };
	struct custody_error err = CUSTODY_ERROR_INIT;

	if (custody_form_parse(p, n, &form, &err)) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT || err.kind == CUSTODY_ERR_LIMIT);
		return 0;
	}
	FUZZ_ASSERT(form.n_parts >= 3 && form.n_parts <= CUSTODY_LIMIT_FORM_PARTS);
	FUZZ_ASSERT(form.parts[0].kind == CUSTODY_PART_SECTION && form.parts[form.n_parts - 1].kind == CUSTODY_PART_SIGN);
	expect_printed(&form);
	return 0;
}
