/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8, the display form, folding, JSON strings, base64, hex, times and path order over any bytes. */
#include <jansson.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/path.h"
#include "libcustody/base/time.h"
#include "libcustody/base/utf8.h"
#include "tests/fuzz/fuzz.h"

#define MOST 4096

/* Valid UTF-8 without anything unsafe. */
static bool is_harmless(const uint8_t *p, size_t n)
{
	for (size_t i = 0, step; i < n; i += step) {
		uint32_t cp;
		step = custody_utf8_decode(p + i, n - i, &cp);
		if (step == 0 || custody_utf8_is_unsafe(cp))
			return false;
	}
	return true;
}

static void check_display(const uint8_t *p, size_t n)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown;
	struct custody_error err = CUSTODY_ERROR_INIT;
	char cut[64];
	custody_buf_init(&shown, (size_t)16 * MOST);
	FUZZ_ASSERT(custody_display_append(&shown, p, n, &err) == 0);
	FUZZ_ASSERT(is_harmless(shown.data, shown.len));
	FUZZ_ASSERT(custody_display_is_exact(p, n) == (shown.len == n && (n == 0 || memcmp(shown.data, p, n) == 0)));
	/* and back: what was displayed; of any text something that is displayed so, or the text itself */
	CUSTODY_BUF_CLEAN struct custody_buf back = { .max = (size_t)16 * MOST }, again = { .max = (size_t)16 * MOST };
	FUZZ_ASSERT(custody_display_undo(&back, shown.data, shown.len, &err) == 0);
	FUZZ_ASSERT((n > 0 && memchr(p, 0, n)) || (back.len == n && (n == 0 || memcmp(back.data, p, n) == 0)));
	custody_buf_clear(&back);
	FUZZ_ASSERT(custody_display_undo(&back, p, n, &err) == 0 && custody_display_append(&again, back.data, back.len, &err) == 0);
	FUZZ_ASSERT((back.len == n && (n == 0 || memcmp(back.data, p, n) == 0)) || (again.len == n && memcmp(again.data, p, n) == 0));
	custody_display(p, n, cut, sizeof(cut));
	FUZZ_ASSERT(strlen(cut) < sizeof(cut) && is_harmless((const uint8_t *)cut, strlen(cut)));
}

static void check_utf8(const uint8_t *p, size_t n)
{
	CUSTODY_BUF_CLEAN struct custody_buf once, twice, json;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&once, (size_t)64 * MOST);
	custody_buf_init(&twice, (size_t)64 * MOST);
	custody_buf_init(&json, (size_t)16 * MOST);
	if (!custody_utf8_valid(p, n)) {
		FUZZ_ASSERT(custody_json_append_safe(&json, p, n, &err) == -1 && json.len == 0);
		return;
	}
	FUZZ_ASSERT(custody_utf8_fold(&once, p, n, &err) == 0);
	FUZZ_ASSERT(custody_utf8_valid(once.data, once.len) && custody_utf8_is_nfc(once.data, once.len));
	FUZZ_ASSERT(custody_buf_append_str(&json, "{\"k\":", &err) == 0 && custody_json_append_safe(&json, p, n, &err) == 0);
	FUZZ_ASSERT(is_harmless(json.data, json.len) && custody_buf_append_byte(&json, '}', &err) == 0);
	CUSTODY_CLEANUP(custody_json_free) struct json_t *doc = NULL;
	bool nul = n > 0 && memchr(p, 0, n);
	FUZZ_ASSERT(custody_json_parse(json.data, json.len, true, &doc, &err) == (nul ? -1 : 0));
	const json_t *k = nul ? NULL : json_object_get(doc, "k");
	FUZZ_ASSERT(nul || (json_string_length(k) == n && (n == 0 || memcmp(json_string_value(k), p, n) == 0)));
}

static void check_numbers(const uint8_t *p, size_t n)
{
	char text[MOST * 2 + 1];
	uint8_t back[MOST];
	size_t got;
	const char *in = n ? (const char *)p : "";
	if (custody_base64_parse(in, n, back, &got)) {
		custody_base64_format(back, got, text);
		FUZZ_ASSERT(strlen(text) == n && (n == 0 || memcmp(text, p, n) == 0));
	}
	if (custody_hex_parse(in, n, false, back, n / 2)) {
		custody_hex_format(back, n / 2, text);
		FUZZ_ASSERT(strlen(text) == n && (n == 0 || memcmp(text, p, n) == 0));
	}
	struct custody_time t;
	for (int with_ns = 0; with_ns < 2; with_ns++)
		if (custody_time_parse(in, n, with_ns, &t)) {
			(with_ns ? custody_time_format_ns : custody_time_format)(t, text);
			FUZZ_ASSERT(strlen(text) == n && memcmp(text, p, n) == 0);
		}
	if (n > 0)
		memcpy(text, p, n);
	text[n] = '\0';
	if (custody_time_parse_user(text, &t))
		FUZZ_ASSERT(custody_time_in_range(t));
}

FUZZ_TARGET(text)
{
	if (n > MOST)
		return 0;
	check_display(p, n);
	check_utf8(p, n);
	check_numbers(p, n);
	size_t half = n / 2;
	const uint8_t *second = n ? p + half : p;
	FUZZ_ASSERT(custody_path_compare(p, half, second, n - half) == -custody_path_compare(second, n - half, p, half));
	return 0;
}
