/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"

#define TEXT(s) (s), sizeof(s) - 1

Test(json, takes_objects_of_integers_strings_and_containers)
{
	static const struct {
		const char *text;
		size_t n;
		bool compact;
	} cases[] = {
		{ TEXT("{}"), true },
		{ TEXT("{\"a\":1,\"b\":[true,false,null,-1],\"c\":{\"d\":\"e f\\u00e9\\\\\\\"\"}}"), true },
		{ TEXT("{\"big\":9007199254740991,\"small\":-9007199254740991}"), true },
		{ TEXT("{ \"a\" :\t1 ,\r\n\"b\":2 }"), false },
		{ TEXT("{\"a b\":\"c d\"}"), true },
		{ TEXT("{\"a\":0}"), true },
		{ TEXT("{\"brackets in text\":\"[[[[[[[[[[[[[[[[[[[[[[[[1.5\"}"), true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_CLEANUP(custody_json_free) struct json_t *doc = NULL;
		struct custody_error err = CUSTODY_ERROR_INIT;
		cr_expect_eq(custody_json_parse((const uint8_t *)cases[i].text, cases[i].n, cases[i].compact, &doc, &err), 0, "%s: %s", cases[i].text,
			err.text);
		cr_expect(json_is_object(doc));
	}
}

Test(json, refuses_everything_else_and_says_why)
{
	static const struct {
		const char *what, *text;
		size_t n;
		const char *want;
	} cases[] = {
		{ "nothing", TEXT(""), "not our JSON at byte 0: want an object" },
		{ "array", TEXT("[]"), "not our JSON at byte 0: want an object" },
		{ "space in front", TEXT(" {}"), "not our JSON at byte 0: want an object" },
		{ "byte order mark", TEXT("\xef\xbb\xbf{}"), "not our JSON at byte 0: want an object" },
		{ "LF behind", TEXT("{}\n"), "not our JSON at byte 2: want the end of the object" },
		{ "unfinished", TEXT("{"), "not our JSON at byte 0: want the end of the object" },
		{ "NUL behind", TEXT("{}\0"), "not our JSON at byte 2: want the end of the object" },
		{ "two values", TEXT("{}{}"), "end of file expected" },
		{ "key twice", TEXT("{\"a\":1,\"a\":1}"), "duplicate object key" },
		{ "key twice, escaped", TEXT("{\"a\":1,\"\\u0061\":1}"), "duplicate object key" },
		{ "space inside", TEXT("{\"a\": 1}"), "not our JSON at byte 5: white space between the parts" },
		{ "tab inside", TEXT("{\t}"), "white space between the parts" },
		{ "LF inside", TEXT("{\n}"), "white space between the parts" },
		{ "CR inside", TEXT("{\r}"), "white space between the parts" },
		{ "real", TEXT("{\"a\":1.0}"), "not our JSON at byte 5: a number that is not an integer" },
		{ "exponent", TEXT("{\"a\":1e3}"), "a number that is not an integer" },
		{ "capital exponent", TEXT("{\"a\":1E3}"), "a number that is not an integer" },
		{ "2^53", TEXT("{\"a\":9007199254740992}"), "an integer beyond 2^53 - 1" },
		{ "-2^53", TEXT("{\"a\":-9007199254740992}"), "an integer beyond 2^53 - 1" },
		{ "far beyond", TEXT("{\"a\":99999999999999999999999999}"), "an integer beyond 2^53 - 1" },
		{ "minus zero", TEXT("{\"a\":-0}"), "a minus without a number behind it" },
		{ "minus alone", TEXT("{\"a\":-}"), "a minus without a number behind it" },
		{ "leading zero", TEXT("{\"a\":01}"), "not JSON" },
		{ "plus", TEXT("{\"a\":+1}"), "not JSON" },
		{ "open string", TEXT("{\"a}"), "not our JSON at byte 1: a string that does not end" },
		{ "escaped end", TEXT("{\"a\\\"}"), "a string that does not end" },
		{ "NUL escaped in a string", TEXT("{\"a\":\"\\u0000\"}"), "not JSON" },
		{ "NUL escaped in a key", TEXT("{\"\\u0000\":1}"), "not JSON" },
		{ "NUL raw in a string", TEXT("{\"a\":\"\0\"}"), "not JSON" },
		{ "raw LF in a string", TEXT("{\"a\":\"\n\"}"), "not JSON" },
		{ "lone surrogate", TEXT("{\"a\":\"\\ud800\"}"), "not JSON" },
		{ "not UTF-8", TEXT("{\"a\":\"\xff\"}"), "not JSON" },
		{ "overlong UTF-8", TEXT("{\"a\":\"\xc0\x80\"}"), "not JSON" },
		{ "trailing comma", TEXT("{\"a\":1,}"), "not JSON" },
		{ "comment", TEXT("{/**/}"), "not JSON" },
		{ "wrong bracket", TEXT("{\"a\":[1}}"), "not JSON" },
		{ "single quotes", TEXT("{'a':1}"), "not JSON" },
		{ "NaN", TEXT("{\"a\":NaN}"), "not JSON" },
		{ "too many ends", TEXT("{}}"), "not JSON" },
		{ "number at the very end", TEXT("{\"a\":1"), "want the end of the object" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_t *doc = NULL;
		struct custody_error err = CUSTODY_ERROR_INIT;
		cr_expect_eq(custody_json_parse((const uint8_t *)cases[i].text, cases[i].n, true, &doc, &err), -1, "%s", cases[i].what);
		cr_expect_eq(doc, NULL);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
		cr_expect(strstr(err.text, cases[i].want), "%s: '%s', want '%s'", cases[i].what, err.text, cases[i].want);
	}
}

Test(json, takes_its_depth_and_not_one_more)
{
	for (int depth = CUSTODY_LIMIT_JSON_DEPTH; depth <= CUSTODY_LIMIT_JSON_DEPTH + 1; depth++) {
		char text[200] = "{\"a\":";
		for (int i = 1; i < depth; i++)
			strcat(text, "[");
		for (int i = 1; i < depth; i++)
			strcat(text, "]");
		strcat(text, "}");
		CUSTODY_CLEANUP(custody_json_free) struct json_t *doc = NULL;
		struct custody_error err = CUSTODY_ERROR_INIT;
		int rc = custody_json_parse((const uint8_t *)text, strlen(text), true, &doc, &err);
		cr_expect_eq(rc, depth <= CUSTODY_LIMIT_JSON_DEPTH ? 0 : -1, "%d", depth);
	}
}

Test(json, shows_foreign_bytes_of_an_error_escaped)
{
	struct json_t *doc = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_expect_eq(custody_json_parse((const uint8_t *)"{\"a\":\x1b[31m}", 12, true, &doc, &err), -1);
	cr_expect_eq(strchr(err.text, 0x1b), NULL);
}

Test(json, writes_strings_with_the_fewest_escapes)
{
	static const struct {
		const char *in;
		size_t n;
		const char *plain, *safe;
	} cases[] = {
		{ TEXT(""), "\"\"", "\"\"" },
		{ TEXT("abc"), "\"abc\"", "\"abc\"" },
		{ TEXT("\"\\/"), "\"\\\"\\\\/\"", "\"\\\"\\\\/\"" },
		{ TEXT("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"", "\"\\b\\f\\n\\r\\t\"" },
		{ TEXT("a\0b\x1f"), "\"a\\u0000b\\u001f\"", "\"a\\u0000b\\u001f\"" },
		{ TEXT("\x7f"), "\"\x7f\"", "\"\\u007f\"" },
		{ TEXT("\xc3\xa9"), "\"\xc3\xa9\"", "\"\xc3\xa9\"" },
		{ TEXT("\xe2\x80\xae"), "\"\xe2\x80\xae\"", "\"\\u202e\"" },
		{ TEXT("x\xf3\xa0\x81\x81y"), "\"x\xf3\xa0\x81\x81y\"", "\"x\\udb40\\udc41y\"" },
	};
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		custody_buf_clear(&b);
		cr_expect_eq(custody_json_append_string(&b, cases[i].in, cases[i].n, &err), 0);
		cr_expect_str_eq(custody_buf_str(&b), cases[i].plain);
		custody_buf_clear(&b);
		cr_expect_eq(custody_json_append_safe(&b, cases[i].in, cases[i].n, &err), 0);
		cr_expect_str_eq(custody_buf_str(&b), cases[i].safe);
	}
	custody_buf_clear(&b);
	cr_expect_eq(custody_json_append_str(&b, NULL, &err), 0);
	cr_expect_eq(custody_json_append_str(&b, "x", &err), 0);
	cr_expect_str_eq(custody_buf_str(&b), "null\"x\"");
}

Test(json, reads_back_what_it_writes)
{
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&b, 1000);
	for (uint32_t cp = 1; cp < 0x110000; cp += cp < 0x3000 ? 1 : 251) {
		json_t *one = NULL;
		char utf8[5] = { 0 };
		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		if (cp < 0x80)
			utf8[0] = (char)cp;
		else if (cp < 0x800) {
			utf8[0] = (char)(0xc0 | cp >> 6);
			utf8[1] = (char)(0x80 | (cp & 63));
		} else if (cp < 0x10000) {
			utf8[0] = (char)(0xe0 | cp >> 12);
			utf8[1] = (char)(0x80 | (cp >> 6 & 63));
			utf8[2] = (char)(0x80 | (cp & 63));
		} else {
			utf8[0] = (char)(0xf0 | cp >> 18);
			utf8[1] = (char)(0x80 | (cp >> 12 & 63));
			utf8[2] = (char)(0x80 | (cp >> 6 & 63));
			utf8[3] = (char)(0x80 | (cp & 63));
		}
		for (int safe = 0; safe < 2; safe++) {
			custody_buf_clear(&b);
			cr_assert_eq(custody_buf_append_str(&b, "{\"k\":", &err), 0);
			cr_assert_eq((safe ? custody_json_append_safe : custody_json_append_string)(&b, utf8, strlen(utf8), &err), 0);
			cr_assert_eq(custody_buf_append_byte(&b, '}', &err), 0);
			cr_assert_eq(custody_json_parse(b.data, b.len, true, &one, &err), 0, "U+%04x: %s", cp, err.text);
			cr_expect_str_eq(json_string_value(json_object_get(one, "k")), utf8);
			custody_json_free(&one);
		}
	}
}

Test(json, leaves_the_buffer_alone_when_it_cannot_write)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	for (size_t max = 0; max < 12; max++) {
		CUSTODY_BUF_CLEAN struct custody_buf b;
		custody_buf_init(&b, max);
		cr_expect_eq(custody_json_append_string(&b, "ab\ncd\x01", 6, &err), -1);
		cr_expect_eq(b.len, 0);
		cr_expect_str_eq(custody_buf_str(&b), "");
		cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	}
	CUSTODY_BUF_CLEAN struct custody_buf b;
	custody_buf_init(&b, 100);
	cr_expect_eq(custody_json_append_string(&b, "ab\xff", 3, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	cr_expect_eq(b.len, 0);
}
