/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/package/item.h"
#include "libcustody/package/manifest.h"
#include "tests/support/items.h"
#include "tests/support/stored.h"

#define HEAD "{\"n\":1,\"salt\":\"000102030405060708090a0b0c0d0e0f\""
#define ZERO32 "0000000000000000000000000000000000000000000000000000000000000000"
#define CONTENT "\"size\":3,\"member\":\"data/a\",\"offset\":0,\"digests\":{\"sha256\":\"" ZERO32 "\"}"
#define ANY HEAD ",\"path\":\"a\",\"kind\":\"fifo\""

static int parse(const char *line, struct custody_buf *arena, struct custody_item *item, struct custody_error *err)
{
	custody_buf_init(arena, CUSTODY_LIMIT_ITEM_ARENA);
	return custody_item_parse((const uint8_t *)line, strlen(line), arena, item, err);
}

Test(manifest, writes_every_key_in_its_place)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	static const uint8_t path[] = "a/\xc3\xa9\n", raw_name[] = { 0xff };
	struct custody_xattr xattrs[] = { { { (const uint8_t *)"user.x", 6 }, { (const uint8_t *)"\0v", 2 } }, { { raw_name, 1 }, { NULL, 0 } } };
	struct custody_item_finding findings[] = { { "name-aliased", NULL }, { "source-changed-while-read", "grew \"fast\"" } };
	struct custody_item item = {
		.n = 7,
		.path = { path, 5 },
		.path_b64 = true,
		.kind = CUSTODY_KIND_FILE,
		.has_content = true,
		.size = 9007199254740991,
		.member = "data/_names/000007",
		.digests.mask = CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_MD5),
		.has_time = { true, false, true, false },
		.time = { { -1, 999999999 }, { 0, 0 }, { 1700000000, 1 } },
		.has_mode = true,
		.mode = 04755,
		.has_owner = true,
		.uid = 1000,
		.gid = 4294967294,
		.user = "me",
		.group = "\xff",
		.xattrs = xattrs,
		.n_xattrs = 2,
		.mime = "text/plain",
		.mime_by = "libmagic 5.44",
		.findings = findings,
		.n_findings = 2,
	};

	custody_buf_init(&b, 100000);
	cr_assert_eq(custody_item_format(&b, &item, &err), 0, "%s", err.text);
	cr_expect_str_eq(custody_buf_str(&b),
		"{\"n\":7,\"salt\":\"00000000000000000000000000000000\",\"path\":\"a/\xc3\xa9\\n\",\"path_b64\":\"YS/"
		"DqQo=\",\"kind\":\"file\",\"size\":9007199254740991,"
		"\"member\":\"data/_names/000007\",\"offset\":0,\"digests\":{\"md5\":\"00000000000000000000000000000000\",\"sha256\":\"" ZERO32 "\"},"
		"\"times\":{\"modified\":\"1969-12-31T23:59:59.999999999Z\",\"accessed\":\"2023-11-14T22:13:20.000000001Z\"},\"mode\":\"4755\","
		"\"owner\":{\"uid\":1000,\"gid\":4294967294,\"user\":\"me\",\"group\":null},\"xattrs\":[{\"name\":\"user.x\",\"value_b64\":\"AHY=\"},"
		"{\"name_b64\":\"/w==\",\"value_b64\":\"\"}],\"type\":{\"mime\":\"text/plain\",\"by\":\"libmagic 5.44\"},"
		"\"findings\":[{\"id\":\"name-aliased\"},{\"id\":\"source-changed-while-read\",\"detail\":\"grew \\\"fast\\\"\"}]}");
}

Test(manifest, writes_each_kind)
{
	static const struct {
		struct custody_item item;
		const char *want;
	} cases[] = {
		{ { .kind = CUSTODY_KIND_DIR }, "\"dir\"}" },
		{ { .kind = CUSTODY_KIND_FIFO }, "\"fifo\"}" },
		{ { .kind = CUSTODY_KIND_SOCKET }, "\"socket\"}" },
		{ { .kind = CUSTODY_KIND_SYMLINK, .link = { (const uint8_t *)"../\xff", 4 } }, "\"symlink\",\"link\":\"Li4v/w==\"}" },
		{ { .kind = CUSTODY_KIND_HARDLINK, .n = 5, .target_n = 3 }, "\"hardlink\",\"target_n\":3}" },
		{ { .kind = CUSTODY_KIND_DEVICE, .has_device = true, .major = 1, .minor = 3 }, "\"device\",\"device\":{\"major\":1,\"minor\":3}}" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_item item = cases[i].item;

		item.path = (struct custody_bytes){ (const uint8_t *)"x", 1 };
		custody_buf_init(&b, 100000);
		cr_assert_eq(custody_item_format(&b, &item, &err), 0, "%s", err.text);
		const char *kind = strstr(custody_buf_str(&b), "\"kind\":");
		cr_assert_not_null(kind);
		cr_expect_str_eq(kind + 7, cases[i].want);
	}
	cr_expect_str_eq(custody_kind_name(CUSTODY_KIND_SYMLINK), "symlink");
	cr_expect_str_eq(custody_kind_name(CUSTODY_KIND_COUNT), "unknown");
}

static const struct custody_bytes plain_path = { (const uint8_t *)"a", 1 };

Test(manifest, does_not_write_what_contradicts_itself)
{
	static const struct custody_xattr empty_name = { { NULL, 0 }, { NULL, 0 } }, nul_name = { { (const uint8_t *)"a\0b", 3 }, { NULL, 0 } };
	static const struct custody_item_finding no_id = { NULL, NULL }, empty_id = { "", NULL }, bad_id = { "\xff", NULL },
						 bad_detail = { "x", "\xff" }, unreadable = { "source-unreadable", NULL };
	static uint8_t long_path[CUSTODY_LIMIT_PATH + 1];
	memset(long_path, 'a', sizeof(long_path));
	struct {
		struct custody_item item;
		const char *want;
	} cases[] = {
		{ { .kind = CUSTODY_KIND_COUNT }, "has no kind" },
		{ { .kind = CUSTODY_KIND_FILE }, "'size' is missing in an item of kind 'file'" },
		{ { .kind = CUSTODY_KIND_FILE, .has_content = true, .member = "data/a" }, "there is no sha256 among the digests" },
		{ { .kind = CUSTODY_KIND_FILE, .has_content = true }, "the member is not one of data/" },
		{ { .kind = CUSTODY_KIND_FILE, .has_content = true, .member = "data/" }, "the member is not one of data/" },
		{ { .kind = CUSTODY_KIND_FILE, .has_content = true, .member = "custody/seal.json" }, "the member is not one of data/" },
		{ { .kind = CUSTODY_KIND_FILE, .has_content = true, .member = "data/\xff" }, "the member is not UTF-8" },
		{ { .kind = CUSTODY_KIND_FILE, .has_content = true, .size = UINT64_C(1) << 53 }, "size and offset reach beyond 2^53" },
		{ { .kind = CUSTODY_KIND_FILE, .has_content = true, .size = 1, .offset = (UINT64_C(1) << 53) - 1 },
			"size and offset reach beyond 2^53" },
		{ { .kind = CUSTODY_KIND_FILE, .has_content = true, .member = "data/a", .digests.mask = 4, .findings = &unreadable, .n_findings = 1 },
			"found content in a file that is said to be unreadable" },
		{ { .kind = CUSTODY_KIND_DIR, .has_content = true, .member = "data/a", .digests.mask = 4 },
			"found 'size' in an item of kind 'dir', want none" },
		{ { .kind = CUSTODY_KIND_DIR, .link = plain_path }, "found 'link' in an item of kind 'dir', want none" },
		{ { .kind = CUSTODY_KIND_DIR, .mime = "a", .mime_by = "b" }, "found 'type' in an item of kind 'dir', want none" },
		{ { .kind = CUSTODY_KIND_DIR, .mime = "a" }, "the type is not whole, or not UTF-8" },
		{ { .kind = CUSTODY_KIND_DIR, .mime = "\xff", .mime_by = "b" }, "the type is not whole, or not UTF-8" },
		{ { .kind = CUSTODY_KIND_DIR, .has_device = true }, "found 'device' in an item of kind 'dir', want none" },
		{ { .kind = CUSTODY_KIND_DEVICE }, "'device' is missing in an item of kind 'device'" },
		{ { .kind = CUSTODY_KIND_DEVICE, .link = plain_path, .findings = &unreadable, .n_findings = 1 },
			"found 'link' in an item of kind 'device', want none" },
		{ { .kind = CUSTODY_KIND_DEVICE, .has_device = true, .minor = UINT64_MAX }, "a device number is beyond 2^53" },
		{ { .kind = CUSTODY_KIND_SYMLINK }, "'link' is missing in an item of kind 'symlink'" },
		{ { .kind = CUSTODY_KIND_SYMLINK, .link = { (const uint8_t *)"a\0", 2 } }, "the target of the link has a NUL byte" },
		{ { .kind = CUSTODY_KIND_HARDLINK, .n = 3, .target_n = 3 }, "the target of the hard link does not come before it" },
		{ { .kind = CUSTODY_KIND_DIR, .n = UINT64_C(1) << 53 }, "the number is beyond 2^53" },
		{ { .kind = CUSTODY_KIND_DIR, .has_mode = true, .mode = 010000 }, "the mode has more than permission bits" },
		{ { .kind = CUSTODY_KIND_DIR, .has_owner = true, .gid = UINT64_MAX }, "the owner's number is beyond 2^53" },
		{ { .kind = CUSTODY_KIND_DIR, .has_time[2] = true, .time[2] = { INT64_MAX, 0 } }, "a time is out of range" },
		{ { .kind = CUSTODY_KIND_DIR, .has_time[3] = true, .time[3] = { 0, 1000000000 } }, "a time is out of range" },
		{ { .kind = CUSTODY_KIND_DIR, .xattrs = &empty_name, .n_xattrs = 1 },
			"the name of an extended attribute is empty or has a NUL byte" },
		{ { .kind = CUSTODY_KIND_DIR, .xattrs = &nul_name, .n_xattrs = 1 }, "the name of an extended attribute is empty or has a NUL byte" },
		{ { .kind = CUSTODY_KIND_DIR, .findings = &no_id, .n_findings = 1 }, "a finding has no name, or is not UTF-8" },
		{ { .kind = CUSTODY_KIND_DIR, .findings = &empty_id, .n_findings = 1 }, "a finding has no name, or is not UTF-8" },
		{ { .kind = CUSTODY_KIND_DIR, .findings = &bad_id, .n_findings = 1 }, "a finding has no name, or is not UTF-8" },
		{ { .kind = CUSTODY_KIND_DIR, .findings = &bad_detail, .n_findings = 1 }, "a finding has no name, or is not UTF-8" },
		{ { .kind = CUSTODY_KIND_DIR, .path = { (const uint8_t *)"\xff", 1 } }, "the path is not UTF-8, and path_b64 is missing" },
		{ { .kind = CUSTODY_KIND_DIR, .path = { (const uint8_t *)"/a", 2 } }, "the path is not a relative one" },
		{ { .kind = CUSTODY_KIND_DIR, .path = { (const uint8_t *)"a/../b", 6 } }, "the path is not a relative one" },
		{ { .kind = CUSTODY_KIND_DIR, .path = { (const uint8_t *)"a\0b", 3 } }, "the path is not a relative one" },
		{ { .kind = CUSTODY_KIND_DIR, .path = { long_path, sizeof(long_path) } }, "the path is longer than 1048576 bytes" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		if (!cases[i].item.path.p)
			cases[i].item.path = plain_path;
		custody_buf_init(&b, 100000);
		cr_expect_eq(custody_item_format(&b, &cases[i].item, &err), -1, "%s", cases[i].want);
		cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
		cr_expect_not_null(strstr(err.text, cases[i].want), "gives %s, want %s", err.text, cases[i].want);
		cr_expect_eq(b.len, 0);
	}
}

Test(manifest, leaves_the_buffer_as_it_was_when_it_is_full)
{
	struct test_item t;
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf whole = { 0 };

	custody_buf_init(&whole, 100000);
	for (uint64_t seed = 0; seed < 20; seed++) {
		test_item_make(&t, seed);
		custody_buf_clear(&whole);
		cr_assert_eq(custody_item_format(&whole, &t.item, &err), 0);
		for (size_t max = 1; max <= whole.len; max++) {
			CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };

			custody_buf_init(&b, max);
			cr_assert_eq(custody_buf_append_byte(&b, '!', &err), 0);
			cr_expect_eq(custody_item_format(&b, &t.item, &err), -1);
			cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
			cr_expect_eq(b.len, 1);
		}
	}
}

Test(manifest, parse_is_the_inverse_of_format)
{
	static struct test_item t;
	CUSTODY_BUF_CLEAN struct custody_buf line = { 0 }, arena = { 0 }, again = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item item;

	custody_buf_init(&line, 100000);
	custody_buf_init(&again, 100000);
	custody_buf_init(&arena, CUSTODY_LIMIT_ITEM_ARENA);
	for (uint64_t seed = 0; seed < 5000; seed++) {
		test_item_make(&t, seed);
		custody_buf_clear(&line);
		custody_buf_clear(&again);
		cr_assert_eq(custody_item_format(&line, &t.item, &err), 0, "seed %llu: %s", (unsigned long long)seed, err.text);
		cr_assert_eq(custody_item_parse(line.data, line.len, &arena, &item, &err), 0, "seed %llu: %s\n%s", (unsigned long long)seed, err.text,
			custody_buf_str(&line));
		cr_assert(test_item_equal(&t.item, &item), "seed %llu: %s", (unsigned long long)seed, custody_buf_str(&line));
		cr_assert(!item.has_private);
		cr_assert_eq(custody_item_format(&again, &item, &err), 0, "%s", err.text);
		cr_assert_str_eq(custody_buf_str(&again), custody_buf_str(&line));
	}
}

/* Both readers of a line: whatever the one for the exact form takes, the general one takes with the same result. Says whether the former took it. */
static bool both_agree(const uint8_t *line, size_t n, struct custody_buf arenas[2])
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item exact, any;

	if (!custody_item_parse_exact(line, n, &arenas[0], &exact))
		return false;
	cr_assert_eq(custody_item_parse_any(line, n, &arenas[1], &any, &err), 0, "%.*s: %s", (int)n, (const char *)line, err.text);
	cr_assert(test_item_equal(&exact, &any) && !any.has_private, "%.*s", (int)n, (const char *)line);
	return true;
}

Test(manifest, the_exact_reader_takes_nothing_that_the_general_one_does_not)
{
	static const char alphabet[] = "0123456789abcdef\"\\,:{}[]/ -.nulx\n\xff\xc3\xa9";
	static struct test_item t;
	CUSTODY_BUF_CLEAN struct custody_buf line = { 0 };
	struct custody_buf arenas[2] = { { 0 }, { 0 } };
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t exact = 0, exact_changed = 0;

	custody_buf_init(&line, 100000);
	custody_buf_init(&arenas[0], CUSTODY_LIMIT_ITEM_ARENA);
	custody_buf_init(&arenas[1], CUSTODY_LIMIT_ITEM_ARENA);
	for (uint64_t seed = 0; seed < 2000; seed++) {
		test_item_make(&t, seed);
		if (seed % 4) {
			t.item.n_xattrs = 0;
			t.item.path = (struct custody_bytes){ (const uint8_t *)"a/\xc3\xa9", 4 };
			bool unreadable = (t.item.kind == CUSTODY_KIND_FILE && !t.item.has_content) ||
					  (t.item.kind == CUSTODY_KIND_SYMLINK && t.item.link.n == 0) ||
					  (t.item.kind == CUSTODY_KIND_DEVICE && !t.item.has_device);

			t.findings[0] = (struct custody_item_finding){ unreadable ? "source-unreadable" : "name-aliased", NULL };
			t.item.n_findings = unreadable || seed % 3 ? 1 : 0;
		}
		custody_buf_clear(&line);
		cr_assert_eq(custody_item_format(&line, &t.item, &err), 0, "%s", err.text);
		exact += both_agree(line.data, line.len, arenas);
		for (uint64_t k = 0; k < 40; k++) {
			size_t at = (seed * 131 + k * 7919) % line.len;
			uint8_t was = line.data[at];

			line.data[at] = (uint8_t)alphabet[(seed + k * 13) % (sizeof(alphabet) - 1)];
			exact_changed += both_agree(line.data, line.len, arenas);
			line.data[at] = was;
			cr_assert(!both_agree(line.data, at, arenas), "cut at %zu", at);
		}
	}
	cr_expect_gt(exact, 1000, "the exact reader takes what it is there for (%zu)", exact);
	cr_expect_gt(exact_changed, 1000, "and some of what was changed (%zu)", exact_changed);
	custody_buf_release(&arenas[0]);
	custody_buf_release(&arenas[1]);
}

Test(manifest, accepts_what_means_the_same)
{
	static const struct {
		const char *line, *again;
	} cases[] = {
		{ HEAD ",\"path\":\"\\u0061\\/b\\ud83d\\udd12\",\"kind\":\"dir\"}", HEAD ",\"path\":\"a/b\xf0\x9f\x94\x92\",\"kind\":\"dir\"}" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"dir\",\"times\":{}}", HEAD ",\"path\":\"a\",\"kind\":\"dir\"}" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"dir\",\"xattrs\":[],\"findings\":[]}", HEAD ",\"path\":\"a\",\"kind\":\"dir\"}" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"dir\",\"owner\":{\"uid\":0,\"gid\":0}}",
			HEAD ",\"path\":\"a\",\"kind\":\"dir\",\"owner\":{\"uid\":0,\"gid\":0,\"user\":null,\"group\":null}}" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"findings\":[{\"id\":\"source-unreadable\"}]}", NULL },
		{ HEAD ",\"path\":\"a\",\"kind\":\"symlink\",\"findings\":[{\"id\":\"source-unreadable\"}]}", NULL },
		{ HEAD ",\"path\":\"a\",\"kind\":\"device\",\"findings\":[{\"id\":\"source-unreadable\"}]}", NULL },
		{ HEAD ",\"path\":\"a\",\"kind\":\"dir\",\"findings\":[{\"id\":\"source-unreadable\"}]}", NULL },
		{ HEAD ",\"path\":\"a\",\"kind\":\"dir\",\"findings\":[{\"id\":\"a-finding-of-tomorrow\"}]}", NULL },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\"," CONTENT "}", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf arena = { 0 }, again = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_item item;

		cr_assert_eq(parse(cases[i].line, &arena, &item, &err), 0, "%s: %s", cases[i].line, err.text);
		custody_buf_init(&again, 10000);
		cr_assert_eq(custody_item_format(&again, &item, &err), 0, "%s", err.text);
		cr_expect_str_eq(custody_buf_str(&again), cases[i].again ? cases[i].again : cases[i].line);
	}
}

Test(manifest, notes_private_keys_anywhere)
{
	static const char *const lines[] = {
		"{\"x-a\":{\"b\":[1]},\"n\":1,\"salt\":\"000102030405060708090a0b0c0d0e0f\",\"path\":\"a\",\"kind\":\"dir\"}",
		ANY ",\"x-\":null}",
		ANY ",\"owner\":{\"uid\":0,\"x-domain\":\"d\",\"gid\":0}}",
		ANY ",\"findings\":[{\"id\":\"a\",\"x-b\":1}]}",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf arena = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_item item;

		cr_expect_eq(parse(lines[i], &arena, &item, &err), 0, "%s: %s", lines[i], err.text);
		cr_expect(item.has_private, "%s", lines[i]);
	}
}

Test(manifest, calls_unknown_keys_a_newer_format)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ ANY ",\"hole\":1}", "found 'hole', which this version of the format does not have" },
		{ "{\"\":1,\"n\":1,\"salt\":\"000102030405060708090a0b0c0d0e0f\",\"path\":\"a\",\"kind\":\"dir\"}", "found ''" },
		{ ANY ",\"\\u001b\":1}", "found '\\u{001b}'" },
		{ ANY ",\"a\":1,\"b\":2}", "found 'a'" },
		{ ANY ",\"N\":1}", "found 'N'" },
		{ ANY ",\"times\":{\"deleted\":\"2026-11-24T04:12:09.000000000Z\"}}", "found 'deleted'" },
		{ ANY ",\"findings\":[{\"id\":\"a\",\"b\":1}]}", "found 'b'" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"size\":3,\"member\":\"data/a\",\"offset\":0,\"digests\":{\"sha256\":\"" ZERO32
		       "\",\"blake3\":\"00\"}}",
			"found 'blake3'" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf arena = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_item item;

		cr_expect_eq(parse(cases[i].line, &arena, &item, &err), -1, "%s", cases[i].line);
		cr_expect_not_null(strstr(err.text, cases[i].want), "%s", err.text);
		cr_expect(err.rule && strcmp(err.rule, "newer-format") == 0, "%s", cases[i].line);
	}
}

Test(manifest, refuses_lines_in_another_form)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "", "want an object" },
		{ "[]", "want an object" },
		{ "{}", "'n' is missing" },
		{ "{\"n\":1}", "'salt' is missing" },
		{ HEAD "}", "'kind' is missing" },
		{ HEAD ",\"kind\":\"dir\"}", "neither 'path' nor 'path_b64' is there" },
		{ HEAD ", \"kind\":\"dir\"}", "white space" },
		{ ANY "} ", "want the end of the object" },
		{ ANY ",\"n\":1}", "duplicate" },
		{ ANY ",\"mode\":\"0644\",\"mode\":\"0644\"}", "duplicate" },
		{ ANY ",\"times\":{\"modified\":\"2026-11-24T04:12:09.000000000Z\",\"modified\":\"2026-11-24T04:12:09.000000000Z\"}}", "duplicate" },
		{ "{\"salt\":\"000102030405060708090a0b0c0d0e0f\",\"n\":1,\"path\":\"a\",\"kind\":\"dir\"}",
			"'n' comes after 'salt', want it before" },
		{ HEAD ",\"kind\":\"dir\",\"path\":\"a\"}", "'path' comes after 'kind', want it before" },
		{ "{\"n\":-1,\"salt\":\"00\"}", "'n': found -1, want an integer from 0 to 2^53 - 1" },
		{ "{\"n\":1.0}", "not an integer" },
		{ "{\"n\":9007199254740992}", "beyond 2^53 - 1" },
		{ "{\"n\":\"1\"}", "'n': found a string, want an integer" },
		{ "{\"n\":null}", "'n': found null, want an integer" },
		{ "{\"n\":true}", "'n': found true, want an integer" },
		{ "{\"n\":1,\"salt\":1}", "'salt': found an integer, want hex digits" },
		{ "{\"n\":1,\"salt\":\"000102030405060708090A0B0C0D0E0F\"}",
			"'salt': found '000102030405060708090A0B0C0D0E0F', want 32 lower-case hex digits" },
		{ "{\"n\":1,\"salt\":\"00\"}", "'salt': found '00', want 32 lower-case hex digits" },
		{ HEAD ",\"path\":\"\",\"kind\":\"dir\"}", "'path': found an empty string, want text" },
		{ HEAD ",\"path\":\"\\u0000\",\"kind\":\"dir\"}", "NUL" },
		{ HEAD ",\"path\":\"\\ud800\",\"kind\":\"dir\"}", "not JSON" },
		{ HEAD ",\"path\":\"\xff\",\"kind\":\"dir\"}", "not JSON" },
		{ HEAD ",\"path\":\"/a\",\"kind\":\"dir\"}", "the path is not a relative one" },
		{ HEAD ",\"path\":\"a//b\",\"kind\":\"dir\"}", "the path is not a relative one" },
		{ HEAD ",\"path\":\"a/\",\"kind\":\"dir\"}", "the path is not a relative one" },
		{ HEAD ",\"path\":\"..\",\"kind\":\"dir\"}", "the path is not a relative one" },
		{ HEAD ",\"path_b64\":\"\",\"kind\":\"dir\"}", "'path_b64': found an empty string" },
		{ HEAD ",\"path_b64\":\"/x==\",\"kind\":\"dir\"}", "'path_b64': found text that is not canonical base64" },
		{ HEAD ",\"path_b64\":\"_w==\",\"kind\":\"dir\"}", "'path_b64': found text that is not canonical base64" },
		{ HEAD ",\"path_b64\":\"/w\",\"kind\":\"dir\"}", "'path_b64': found text that is not canonical base64" },
		{ HEAD ",\"path_b64\":\"YQ==\",\"kind\":\"dir\"}", "'path_b64': found a path that is UTF-8 and no 'path', want both" },
		{ HEAD ",\"path\":\"a\",\"path_b64\":\"Yg==\",\"kind\":\"dir\"}", "'path_b64': found another path than in 'path', want the same" },
		{ HEAD ",\"path_b64\":\"/wAv\",\"kind\":\"dir\"}", "the path is not a relative one" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"folder\"}",
			"'kind': found 'folder', want one of file, dir, symlink, hardlink, fifo, socket, device" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"FILE\"}", "'kind': found 'FILE', want one of" },
		{ HEAD ",\"path\":\"a\",\"kind\":0}", "'kind': found an integer, want a string" },
		/* kinds and their keys */
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\"}", "'size' is missing in an item of kind 'file'" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"member\":\"data/a\",\"offset\":0,\"digests\":{\"sha256\":\"" ZERO32 "\"}}",
			"'size' is missing" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"size\":3,\"offset\":0,\"digests\":{\"sha256\":\"" ZERO32 "\"}}",
			"the member is not one of data/" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"size\":3,\"member\":\"data/a\",\"digests\":{\"sha256\":\"" ZERO32 "\"}}",
			"'offset' is missing" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"size\":3,\"member\":\"data/a\",\"offset\":0}", "there is no sha256 among the digests" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"size\":3,\"member\":\"data/a\",\"offset\":0,\"digests\":{}}",
			"'digests': 'sha256' is missing" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"size\":3,\"member\":\"custody/a\",\"offset\":0,\"digests\":{\"sha256\":\"" ZERO32 "\"}}",
			"the member is not one of data/" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"size\":3,\"member\":\"data/"
		       "a\",\"offset\":9007199254740989,\"digests\":{\"sha256\":\"" ZERO32 "\"}}",
			"size and offset reach beyond 2^53" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"size\":3,\"member\":\"data/a\",\"offset\":0,\"digests\":{\"sha256\":\"00\"}}",
			"'digests': 'sha256': found '00', want 64 lower-case hex digits" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"size\":3,\"member\":\"data/a\",\"offset\":0,\"digests\":{\"sha256\":\"" ZERO32
		       "\",\"md5\":\"00000000000000000000000000000000\"}}",
			"'digests': 'md5' comes after 'sha256', want it before" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\"," CONTENT ",\"link\":\"YQ==\"}", "found 'link' in an item of kind 'file', want none" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\"," CONTENT ",\"target_n\":0}", "found 'target_n' in an item of kind 'file', want none" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\"," CONTENT ",\"device\":{\"major\":0,\"minor\":0}}",
			"found 'device' in an item of kind 'file'" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\"," CONTENT ",\"findings\":[{\"id\":\"source-unreadable\"}]}",
			"found content in a file that is said to be unreadable, want one or the other" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\",\"size\":0,\"member\":\"data/a\",\"digests\":{\"sha256\":\"" ZERO32
		       "\"},\"findings\":[{\"id\":\"source-unreadable\"}]}",
			"found a part of the content's keys in an unreadable file, want none of them" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"dir\"," CONTENT "}", "found 'size' in an item of kind 'dir', want none" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"symlink\"}", "'link' is missing in an item of kind 'symlink'" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"symlink\",\"link\":\"\"}", "'link': found an empty string" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"symlink\",\"link\":\"AAAA\"}", "the target of the link has a NUL byte" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"hardlink\"}", "'target_n' is missing in an item of kind 'hardlink'" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"hardlink\",\"findings\":[{\"id\":\"source-unreadable\"}]}", "'target_n' is missing" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"hardlink\",\"target_n\":1}", "the target of the hard link does not come before it" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"device\"}", "'device' is missing in an item of kind 'device'" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"device\",\"device\":{\"major\":1}}", "'device': 'minor' is missing" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"device\",\"device\":{\"minor\":1,\"major\":1}}", "'device': 'major' comes after 'minor'" },
		/* times, mode, owner */
		{ ANY ",\"times\":{\"modified\":\"2026-11-24T04:12:09Z\"}}",
			"'times': 'modified': found '2026-11-24T04:12:09Z', want a time like 2026-11-24T04:12:09.123456789Z" },
		{ ANY ",\"times\":{\"modified\":0}}", "'times': 'modified': found an integer, want a time" },
		{ ANY ",\"times\":[]}", "'times': found an array, want an object" },
		{ ANY ",\"times\":{\"born\":\"2026-11-24T04:12:09.000000000Z\",\"accessed\":\"2026-11-24T04:12:09.000000000Z\"}}",
			"'times': 'accessed' comes after 'born'" },
		{ ANY ",\"mode\":\"644\"}", "'mode': found '644', want four octal digits" },
		{ ANY ",\"mode\":\"0844\"}", "'mode': found '0844', want four octal digits" },
		{ ANY ",\"mode\":\"00644\"}", "'mode': found '00644', want four octal digits" },
		{ ANY ",\"mode\":420}", "'mode': found an integer, want a string" },
		{ ANY ",\"owner\":{\"uid\":0}}", "'owner': 'gid' is missing" },
		{ ANY ",\"owner\":{\"uid\":0,\"gid\":0,\"user\":1}}", "'owner': 'user': found an integer, want a string or null" },
		{ ANY ",\"owner\":null}", "'owner': found null, want an object" },
		/* lists */
		{ ANY ",\"xattrs\":{}}", "'xattrs': found an object, want an array" },
		{ ANY ",\"xattrs\":[1]}", "'xattrs': 0: found an integer, want an object" },
		{ ANY ",\"xattrs\":[{\"value_b64\":\"\"}]}", "'xattrs': 0: neither 'name' nor 'name_b64' is there" },
		{ ANY ",\"xattrs\":[{\"name\":\"a\"}]}", "'xattrs': 0: 'value_b64' is missing" },
		{ ANY ",\"xattrs\":[{\"name\":\"a\",\"name_b64\":\"/w==\",\"value_b64\":\"\"}]}",
			"'xattrs': 0: 'name_b64': found 'name' too, want one of them" },
		{ ANY ",\"xattrs\":[{\"name_b64\":\"YQ==\",\"value_b64\":\"\"}]}",
			"'xattrs': 0: 'name_b64': found a name that is UTF-8, want it in 'name'" },
		{ ANY ",\"xattrs\":[{\"name_b64\":\"?\",\"value_b64\":\"\"}]}", "'xattrs': 0: 'name_b64': found text that is not canonical base64" },
		{ ANY ",\"xattrs\":[{\"name_b64\":\"/wAv\",\"value_b64\":\"\"}]}", "the name of an extended attribute is empty or has a NUL byte" },
		{ ANY ",\"xattrs\":[{\"name\":1,\"value_b64\":\"\"}]}", "'xattrs': 0: 'name': found an integer, want a string" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\"," CONTENT ",\"type\":null}", "'type': found null, want an object" },
		{ HEAD ",\"path\":\"a\",\"kind\":\"file\"," CONTENT ",\"type\":{\"mime\":\"a/b\"}}", "'type': 'by' is missing" },
		{ ANY ",\"type\":{\"mime\":\"a/b\",\"by\":\"c\"}}", "found 'type' in an item of kind 'fifo', want none" },
		{ ANY ",\"findings\":[{}]}", "'findings': 0: 'id' is missing" },
		{ ANY ",\"findings\":[{\"id\":\"\"}]}", "a finding has no name, or is not UTF-8" },
		{ ANY ",\"findings\":[{\"id\":\"a\",\"detail\":null}]}", "'findings': 0: 'detail': found null, want a string" },
		{ ANY ",\"findings\":[\"name-aliased\"]}", "'findings': 0: found a string, want an object" },
		{ ANY ",\"findings\":\"a\"}", "'findings': found a string, want an array" },
		/* what is wrong is wrong in any version */
		{ ANY ",\"hole\":1,\"mode\":\"1\"}", "'mode': found '1', want four octal digits" },
		{ "{\"hole\":1}", "'n' is missing" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf arena = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_item item;

		cr_expect_eq(parse(cases[i].line, &arena, &item, &err), -1, "%s", cases[i].line);
		cr_expect_not_null(strstr(err.text, cases[i].want), "%s\n\tgives %s\n\twant  %s", cases[i].line, err.text, cases[i].want);
		cr_expect(err.rule && strcmp(err.rule, "inventory-malformed") == 0, "%s", cases[i].line);
	}
}

Test(manifest, limits_what_a_line_may_hold)
{
	CUSTODY_BUF_CLEAN struct custody_buf arena = { 0 }, line = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item item;

	custody_buf_init(&arena, CUSTODY_LIMIT_ITEM_ARENA);
	custody_buf_init(&line, CUSTODY_LIMIT_LINE);
	cr_assert_eq(custody_buf_append_str(&line, HEAD ",\"path\":\"", &err), 0);
	cr_assert_eq(custody_buf_reserve(&line, CUSTODY_LIMIT_PATH + 1, &err), 0);
	memset(line.data + line.len, 'a', CUSTODY_LIMIT_PATH + 1);
	line.len += CUSTODY_LIMIT_PATH;
	size_t end = line.len;
	cr_assert_eq(custody_buf_append_str(&line, "\",\"kind\":\"dir\"}", &err), 0);
	cr_expect_eq(custody_item_parse(line.data, line.len, &arena, &item, &err), 0, "%s", err.text);
	line.len = end;
	cr_assert_eq(custody_buf_append_str(&line, "a\",\"kind\":\"dir\"}", &err), 0);
	cr_expect_eq(custody_item_parse(line.data, line.len, &arena, &item, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);

	static const char good[] = ANY "}";
	CUSTODY_BUF_CLEAN struct custody_buf small = { 0 };
	custody_buf_init(&small, 10);
	cr_expect_eq(custody_item_parse((const uint8_t *)good, sizeof(good) - 1, &small, &item, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
}

/* ---- the cursor ---- */

static int open_cursor(struct custody_inventory_cursor **c, struct custody_source *source, const void *p, size_t n, struct custody_error *err)
{
	custody_source_memory(source, p, n);
	return custody_inventory_cursor_new(c, source, 0, n, err);
}

Test(manifest, reads_the_inventories_of_the_second_implementation)
{
	for (size_t i = 0; stored_packages[i]; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		CUSTODY_BUF_CLEAN struct custody_buf again = { 0 };
		struct custody_inventory_cursor *c = NULL;
		struct custody_source source;
		struct custody_item item;
		const uint8_t *line = NULL;
		uint8_t sha256[32], want[32];
		size_t n = 0, len = 0, at = 0;
		uint8_t *text = stored_member(stored_packages[i], "custody/manifest.jsonl", &n);
		int r;

		custody_buf_init(&again, 1 << 20);
		cr_assert_eq(open_cursor(&c, &source, text, n, &err), 0);
		while ((r = custody_inventory_cursor_next(c, &item, &line, &len, &err)) == 1) {
			cr_assert(memcmp(line, text + at, len) == 0);
			at += len + 1;
			cr_assert_eq(custody_item_format(&again, &item, &err) | custody_buf_append_byte(&again, '\n', &err), 0, "%s", err.text);
		}
		cr_expect_eq(r, 0, "%s: %s", stored_packages[i], err.text);
		cr_expect_str_eq(custody_buf_str(&again), (char *)text, "%s", stored_packages[i]);
		custody_inventory_cursor_digest(c, sha256);
		cr_expect_eq(custody_digest_once(CUSTODY_SHA256, text, n, want, &err), 0);
		cr_expect_eq(memcmp(sha256, want, 32), 0);
		custody_inventory_cursor_free(&c);
		custody_inventory_cursor_free(&c);
		free(text);
	}
}

Test(manifest, counts_the_lines)
{
	static const struct {
		const char *text, *want, *rule;
	} cases[] = {
		{ ANY "}\n", "line 1: found 'n' 1, want 0", "inventory-malformed" },
		{ "{\"n\":0,\"salt\":\"000102030405060708090a0b0c0d0e0f\",\"path\":\"a\",\"kind\":\"dir\"}\n" ANY "}",
			"line 2: found the end of the list, want an LF before it", "inventory-malformed" },
		{ "{\"n\":0,\"salt\":\"000102030405060708090a0b0c0d0e0f\",\"path\":\"a\",\"kind\":\"dir\"}\n" ANY ",\"y\":1}\n",
			"line 2: found 'y', which", "newer-format" },
		{ "{}\n", "line 1: 'n' is missing", "inventory-malformed" },
		{ "\n", "line 1: found a blank line, want none", "inventory-malformed" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_inventory_cursor *c = NULL;
		struct custody_source source;
		struct custody_item item;
		const uint8_t *line;
		size_t len;
		int r;

		cr_assert_eq(open_cursor(&c, &source, cases[i].text, strlen(cases[i].text), &err), 0);
		while ((r = custody_inventory_cursor_next(c, &item, &line, &len, &err)) == 1)
			;
		cr_expect_eq(r, -1);
		cr_expect_not_null(strstr(err.text, cases[i].want), "gives %s, want %s", err.text, cases[i].want);
		cr_expect_str_eq(err.rule, cases[i].rule);
		custody_inventory_cursor_free(&c);
	}
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_inventory_cursor *c = NULL;
	struct custody_source source;
	custody_source_memory(&source, (const uint8_t *)"", 0);
	cr_expect_eq(custody_inventory_cursor_new(&c, &source, 0, CUSTODY_LIMIT_LIST + 1, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_null(c);
}
