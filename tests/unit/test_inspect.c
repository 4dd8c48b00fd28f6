/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "formats/inspect.h"
#include "libcustody/base/limits.h"

#define DIGEST_HEX "6464646464646464646464646464646464646464646464646464646464646464"

static struct custody_bytes text(const char *s)
{
	return (struct custody_bytes){ (const uint8_t *)s, strlen(s) };
}

static struct custody_inspect_member a_member(void)
{
	struct custody_inspect_member m = { .number = 2,
		.kind = CUSTODY_INSPECT_FILE,
		.state = CUSTODY_INSPECT_READ,
		.notes = CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_DIFFERS) | CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_SIZE_DIFFERS),
		.name = text("a\x1b[31m\xff"),
		.other_name = text("b\xe2\x80\xae"),
		.has_stated = true,
		.stated = 1234567,
		.size = 5,
		.has_modified = true,
		.modified = { 1709209800, 0 },
		.type = "text/plain",
		.words = "it says" };
	m.digests.mask = CUSTODY_DIGEST_BIT(CUSTODY_SHA256);
	memset(m.digests.value[CUSTODY_SHA256], 0x64, 32);
	return m;
}

Test(inspect, a_member_as_text_and_json)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf b CUSTODY_BUF_CLEAN = { 0 };
	const struct custody_inspect_member m = a_member();
	custody_buf_init(&b, 1 << 16);
	cr_assert_eq(custody_inspect_text.member(&b, &m, &err), 0);
	cr_expect_str_eq(custody_buf_str(&b), "\n"
					      "  2  file  a\\u{001b}[31m\\xff\n"
					      "    header    b\\u{202e}\n"
					      "    size      5, but 1,234,567 stated\n"
					      "    sha256    " DIGEST_HEX "\n"
					      "    type      text/plain\n"
					      "    modified  2024-02-29T12:30:00Z\n"
					      "    note      the directory and the member's own header give different names\n"
					      "    note      the archive states one size, and another came out\n"
					      "    reader    it says\n");
	custody_buf_clear(&b);
	cr_assert_eq(custody_inspect_json.member(&b, &m, &err), 0);
	cr_expect_str_eq(custody_buf_str(&b),
		",{\"n\":2,\"name\":\"a\\\\u{001b}[31m\\\\xff\",\"name_b64\":\"YRtbMzFt/"
		"w==\",\"header_name\":\"b\\\\u{202e}\",\"header_name_b64\":\"YuKArg==\","
		"\"kind\":\"file\",\"state\":\"read\",\"size\":5,\"stated_size\":1234567,\"digests\":{\"sha256\":\"" DIGEST_HEX "\"},"
		"\"type\":\"text/plain\",\"modified\":\"2024-02-29T12:30:00Z\",\"notes\":[\"name-differs\",\"size-differs\"],\"reader\":\"it "
		"says\"}");
}

Test(inspect, begin_and_end)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf b CUSTODY_BUF_CLEAN = { 0 };
	const struct custody_digest_values none = { 0 };
	const struct custody_inspect_file file = { "x\ny", 1, &none };
	const struct custody_inspect_begin begin = { CUSTODY_INSPECT_TAR, CUSTODY_INSPECT_GZIP, "application/gzip" };
	const struct custody_inspect_note notes[] = { { CUSTODY_INSPECT_NOTE_DATA_AFTER, 1000 } };
	struct custody_inspect_end end = { .outcome = CUSTODY_INSPECT_BROKEN, .words = "ends \x1b early" };
	const struct custody_inspect_member m = a_member();
	custody_inspect_count(&end, &m);
	custody_buf_init(&b, 1 << 16);
	cr_assert_eq(custody_inspect_text.begin(&b, &file, &begin, &err), 0);
	cr_assert_eq(custody_inspect_text.end(&b, notes, 1, &end, &err), 0);
	cr_expect_str_eq(custody_buf_str(&b), "x\\u{000a}y\n"
					      "  size      1 byte\n"
					      "  type      application/gzip\n"
					      "  inside    tar, compressed with gzip; names, times and stated sizes are what the archive says\n"
					      "\n"
					      "  note      1,000 bytes lie after the end of the archive; nothing lists them\n"
					      "  members   1: 1 file; 5 bytes came out\n"
					      "  result    damaged or cut short: what is listed may not be all\n"
					      "  reader    ends \\u{001b} early\n"
					      "\n");
	custody_buf_clear(&b);
	cr_assert_eq(custody_inspect_json.begin(&b, &file, &begin, &err), 0);
	cr_assert_eq(custody_inspect_json.end(&b, notes, 1, &end, &err), 0);
	cr_expect_str_eq(custody_buf_str(&b),
		"{\"schema\":\"custody-inspect/"
		"1\",\"path\":\"x\\\\u{000a}y\",\"path_b64\":\"eAp5\",\"size\":1,\"digests\":null,\"type\":\"application/gzip\","
		"\"format\":\"tar\",\"compression\":\"gzip\",\"members\":[],\"notes\":[{\"id\":\"data-after\",\"number\":1000}],\"result\":"
		"\"broken\","
		"\"detail\":\"damaged or cut short: what is listed may not be all\",\"reader\":\"ends \\u001b early\","
		"\"counts\":{\"members\":1,\"bytes\":5,\"kinds\":{\"file\":1,\"folder\":0,\"symlink\":0,\"hardlink\":0,\"fifo\":0,\"socket\":0,"
		"\"device\":0,"
		"\"other\":0},\"states\":{\"read\":1,\"no-content\":0,\"encrypted\":0,\"unsupported\":0,\"damaged\":0,\"limit\":0}}}\n");
}

/* ---- the wire ---- */

static void encode(struct custody_buf *b, const struct custody_inspect_member *m)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct custody_inspect_record r = { .type = CUSTODY_INSPECT_RECORD_MEMBER, .member = *m };
	custody_buf_init(b, 1 << 20);
	cr_assert_eq(custody_inspect_encode(b, &r, &err), 0, "%s", err.text);
}

Test(inspect, every_cut_of_a_record_is_refused)
{
	struct custody_buf b CUSTODY_BUF_CLEAN = { 0 };
	const struct custody_inspect_member m = a_member();
	struct custody_inspect_record r;
	encode(&b, &m);
	for (size_t n = 0; n < b.len; n++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		cr_expect_eq(custody_inspect_decode(b.data, n, &r, &err), -1, "%zu", n);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
	}
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_inspect_decode(b.data, b.len, &r, &err), 0);
	cr_expect(custody_bytes_equal(r.member.name, m.name) && custody_bytes_equal(r.member.other_name, m.other_name));
	cr_assert_eq(custody_buf_append_byte(&b, 0, &err), 0);
	cr_expect_eq(custody_inspect_decode(b.data, b.len, &r, &err), -1);
	cr_expect_str_eq(err.text, "a record of the reader is none: something follows");
}

/* What no honest reader says: each is one change of a good member. */
static void no_digest(struct custody_inspect_member *m)
{
	m->digests.mask = 0;
}
static void not_read(struct custody_inspect_member *m)
{
	m->state = CUSTODY_INSPECT_ENCRYPTED;
}
static void unknown_digest(struct custody_inspect_member *m)
{
	m->digests.mask = 1u << 30;
}
static void unknown_note(struct custody_inspect_member *m)
{
	m->notes = 1u << 31;
}
static void unknown_kind(struct custody_inspect_member *m)
{
	m->kind = CUSTODY_INSPECT_KINDS;
}
static void unknown_state(struct custody_inspect_member *m)
{
	m->state = CUSTODY_INSPECT_STATES;
}
static void late(struct custody_inspect_member *m)
{
	m->modified.sec = INT64_MAX;
}
static void long_second(struct custody_inspect_member *m)
{
	m->modified.nsec = 1000000000;
}
static void half_time(struct custody_inspect_member *m)
{
	m->has_modified = false;
}
static void half_size(struct custody_inspect_member *m)
{
	m->has_stated = false;
}

Test(inspect, what_no_reader_says_is_refused)
{
	static const struct {
		void (*change)(struct custody_inspect_member *m);
		const char *want;
	} table[] = {
		{ no_digest, "digests and state do not go together" },
		{ not_read, "digests and state do not go together" },
		{ unknown_digest, "a digest is not known" },
		{ unknown_note, "a note is not known" },
		{ unknown_kind, "its kind is not known" },
		{ unknown_state, "its state is not known" },
		{ late, "its time is none" },
		{ long_second, "its time is none" },
		{ half_time, "its time is none" },
		{ half_size, "it states a size and does not" },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_buf b CUSTODY_BUF_CLEAN = { 0 };
		struct custody_inspect_member m = a_member();
		struct custody_inspect_record r;
		table[i].change(&m);
		encode(&b, &m);
		cr_expect_eq(custody_inspect_decode(b.data, b.len, &r, &err), -1);
		cr_expect(strstr(err.text, table[i].want), "%zu: %s", i, err.text);
	}
}

Test(inspect, names_have_a_limit)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf b CUSTODY_BUF_CLEAN = { 0 };
	struct custody_inspect_record r = { .type = CUSTODY_INSPECT_RECORD_MEMBER, .member = a_member() }, back;
	static uint8_t name[CUSTODY_LIMIT_INSPECT_NAME + 1];
	memset(name, 'n', sizeof(name));
	custody_buf_init(&b, 1 << 20);
	r.member.name = (struct custody_bytes){ name, CUSTODY_LIMIT_INSPECT_NAME };
	cr_assert_eq(custody_inspect_encode(&b, &r, &err), 0);
	cr_assert_eq(custody_inspect_decode(b.data, b.len, &back, &err), 0);
	r.member.name.n++;
	cr_expect_eq(custody_inspect_encode(&b, &r, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
}
