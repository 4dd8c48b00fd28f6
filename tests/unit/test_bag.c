/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/package/bag.h"
#include "tests/support/stored.h"

#define ZERO32 "0000000000000000000000000000000000000000000000000000000000000000"

static int open_list(struct custody_bag_cursor **c, struct custody_source *source, const void *p, size_t n, struct custody_error *err)
{
	custody_source_memory(source, p, n);
	return custody_bag_cursor_new(c, source, 0, n, 32, "manifest-sha256.txt", err);
}

Test(bag, reads_what_it_writes)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_bag_cursor *c = NULL;
	struct custody_bag_line line;
	struct custody_source source;
	uint8_t digest[32], sha256[32], want[32];

	custody_buf_init(&b, 10000);
	for (size_t i = 0; i < 32; i++)
		digest[i] = (uint8_t)(i * 9);
	cr_assert_eq(custody_bag_append_line(&b, digest, 32, "data/a b/\xc3\xa9.txt", &err), 0);
	cr_assert_eq(custody_bag_append_line(&b, digest, 32, "bagit.txt", &err), 0);
	cr_expect_str_eq(custody_buf_str(&b), "0009121b242d363f48515a636c757e879099a2abb4bdc6cfd8e1eaf3fc050e17  data/a b/\xc3\xa9.txt\n"
					      "0009121b242d363f48515a636c757e879099a2abb4bdc6cfd8e1eaf3fc050e17  bagit.txt\n");
	cr_assert_eq(open_list(&c, &source, b.data, b.len, &err), 0);
	cr_assert_eq(custody_bag_cursor_next(c, &line, &err), 1);
	cr_expect_str_eq(line.member, "data/a b/\xc3\xa9.txt");
	cr_expect_eq(line.member_len, strlen(line.member));
	cr_expect_eq(memcmp(line.digest, digest, 32), 0);
	cr_assert_eq(custody_bag_cursor_next(c, &line, &err), 1);
	cr_expect_str_eq(line.member, "bagit.txt");
	cr_expect_eq(custody_bag_cursor_next(c, &line, &err), 0);
	custody_bag_cursor_digest(c, sha256);
	cr_expect_eq(custody_digest_once(CUSTODY_SHA256, b.data, b.len, want, &err), 0);
	cr_expect_eq(memcmp(sha256, want, 32), 0);
	custody_bag_cursor_free(&c);
	custody_bag_cursor_free(&c);
	cr_expect_eq(custody_bag_append_line(&b, digest, 65, "x", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
}

Test(bag, refuses_lines_in_another_form)
{
	static const struct {
		const char *input, *want;
	} cases[] = {
		{ ZERO32 "  \n", "'manifest-sha256.txt': line 1: the name of the member is empty" },
		{ ZERO32 " \n", "'manifest-sha256.txt': line 1: it does not begin with 64 lower-case hex digits and two spaces" },
		{ ZERO32 " *data/a\n", "'manifest-sha256.txt': line 1: the digest is not followed by two spaces" },
		{ ZERO32 "\t data/a\n", "'manifest-sha256.txt': line 1: the digest is not followed by two spaces" },
		{ "\\" ZERO32 "  data/a\n", "'manifest-sha256.txt': line 1: it does not begin with 64 lower-case hex digits and two spaces" },
		{ "A000000000000000000000000000000000000000000000000000000000000000  data/a\n",
			"'manifest-sha256.txt': line 1: it does not begin with 64 lower-case hex digits and two spaces" },
		{ "00000000000000000000000000000000  data/a\n",
			"'manifest-sha256.txt': line 1: it does not begin with 64 lower-case hex digits and two spaces" },
		{ ZERO32 "00  data/a\n", "'manifest-sha256.txt': line 1: the digest is not followed by two spaces" },
		{ ZERO32 "  data/a\n" ZERO32 "  data/../b\n", "'manifest-sha256.txt': line 2: the name of the member has a part '.' or '..'" },
		{ ZERO32 "  /data/a\n", "'manifest-sha256.txt': line 1: the name of the member has an empty part" },
		{ ZERO32 "  data/a%0Ab\n", "'manifest-sha256.txt': line 1: the name of the member has a percent sign" },
		{ ZERO32 "  data/\xff\n", "'manifest-sha256.txt': line 1: the name of the member is not valid UTF-8" },
		{ ZERO32 "  data/a", "'manifest-sha256.txt': line 1: found the end of the list, want an LF before it" },
		{ "# comment\n", "'manifest-sha256.txt': line 1: it does not begin with 64 lower-case hex digits and two spaces" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_bag_cursor *c = NULL;
		struct custody_bag_line line;
		struct custody_source source;
		int r;

		cr_assert_eq(open_list(&c, &source, cases[i].input, strlen(cases[i].input), &err), 0);
		while ((r = custody_bag_cursor_next(c, &line, &err)) == 1)
			;
		cr_expect_eq(r, -1, "%s", cases[i].input);
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_str_eq(err.rule, "list-malformed");
		custody_bag_cursor_free(&c);
	}
}

Test(bag, limits_the_list_and_the_digest)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_bag_cursor *c = NULL;
	struct custody_source source;

	custody_source_memory(&source, (const uint8_t *)"", 0);
	cr_expect_eq(custody_bag_cursor_new(&c, &source, 0, CUSTODY_LIMIT_LIST + 1, 32, "tagmanifest-sha256.txt", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect(strncmp(err.text, "'tagmanifest-sha256.txt': the list has 1073741825 bytes", 54) == 0, "%s", err.text);
	cr_expect_eq(custody_bag_cursor_new(&c, &source, 0, 0, CUSTODY_DIGEST_MAX + 1, "x", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	cr_expect_null(c);
}

static const char good_info[] =
	"Source-Organization: Lab\nContact-Name: A. Nalyst\nExternal-Identifier: urn:uuid:8c8d26f7-8de7-477c-8cea-1530ee090bf1\n"
	"Bagging-Date: 2026-11-24\nPayload-Oxum: 3045.3\nBag-Software-Agent: custody 0.1.0\n";

Test(bag, writes_and_reads_bag_info)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_bag_info info = { .organisation = "Lab",
		.contact = "A. Nalyst",
		.uuid = "8c8d26f7-8de7-477c-8cea-1530ee090bf1",
		.date = "2026-11-24",
		.oxum_bytes = 3045,
		.oxum_files = 3,
		.agent = "custody 0.1.0" };
	struct custody_bag_info out;

	custody_buf_init(&b, 10000);
	cr_assert_eq(custody_bag_info_format(&b, &info, &err), 0);
	cr_expect_str_eq(custody_buf_str(&b), good_info);
	cr_assert_eq(custody_bag_info_parse((char *)b.data, b.len, &out, &err), 0, "%s", err.text);
	cr_expect_str_eq(out.organisation, "Lab");
	cr_expect_str_eq(out.contact, "A. Nalyst");
	cr_expect_str_eq(out.uuid, info.uuid);
	cr_expect_str_eq(out.date, "2026-11-24");
	cr_expect_eq(out.oxum_bytes, 3045);
	cr_expect_eq(out.oxum_files, 3);
	cr_expect_str_eq(out.agent, "custody 0.1.0");

	custody_buf_clear(&b);
	info.organisation = info.contact = info.agent = NULL;
	info.oxum_bytes = info.oxum_files = UINT64_MAX;
	cr_assert_eq(custody_bag_info_format(&b, &info, &err), 0);
	cr_assert_eq(custody_bag_info_parse((char *)b.data, b.len, &out, &err), 0, "%s", err.text);
	cr_expect_str_eq(out.organisation, "");
	cr_expect_eq(out.oxum_bytes, UINT64_MAX);
}

Test(bag, refuses_to_write_values_that_would_break_the_file)
{
	static char longer[CUSTODY_LIMIT_TEXT_FIELD + 2];
	memset(longer, 'x', sizeof(longer) - 1);
	const char *bad[] = { "a\nContact-Name: b", "a\rb", "\xff", longer };
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };

	custody_buf_init(&b, 100000);
	for (size_t i = 0; i < 4; i++)
		for (int field = 0; field < 3; field++) {
			struct custody_error err = CUSTODY_ERROR_INIT;
			struct custody_bag_info info = { .organisation = "o", .contact = "c", .agent = "a" };

			*(field == 0 ? &info.organisation : field == 1 ? &info.contact : &info.agent) = bad[i];
			cr_expect_eq(custody_bag_info_format(&b, &info, &err), -1);
			cr_expect_eq(err.kind, CUSTODY_ERR_USAGE);
			cr_expect_eq(b.len, 0);
		}
}

/* good_info with the first `from` exchanged for `to`. */
static size_t changed(char *out, const char *from, const char *to)
{
	const char *at = strstr(good_info, from);
	cr_assert_not_null(at, "%s", from);
	size_t before = (size_t)(at - good_info);
	memcpy(out, good_info, before);
	strcpy(out + before, to);
	strcat(out, at + strlen(from));
	return strlen(out);
}

Test(bag, refuses_bag_info_in_another_form)
{
	static const struct {
		const char *from, *to, *want;
	} cases[] = {
		{ "Source-Organization: ", "Source-Organisation: ", "line 1: want 'Source-Organization: ' at its beginning" },
		{ "Contact-Name: ", "contact-name: ", "line 2: want 'Contact-Name: ' at its beginning" },
		{ "Contact-Name: ", "Contact-Name:  ", NULL },
		{ "Contact-Name: A. Nalyst\n", "", "line 2: want 'Contact-Name: ' at its beginning" },
		{ "Contact-Name: A. Nalyst\n", "Contact-Name:\n", "line 2: want 'Contact-Name: ' at its beginning" },
		{ "Contact-Name: A. Nalyst\n", "Contact-Name: A.\n  Nalyst\n", "line 3: want 'External-Identifier: ' at its beginning" },
		{ "Nalyst\n", "Nalyst\r\n", "line 2: the value has a CR or NUL, or is not UTF-8" },
		{ "Nalyst", "\xfe", "line 2: the value has a CR or NUL, or is not UTF-8" },
		{ "urn:uuid:", "", "External-Identifier is not urn:uuid: and a UUID in lower case" },
		{ "8c8d26f7-", "8C8D26F7-", "External-Identifier is not urn:uuid: and a UUID in lower case" },
		{ "8c8d26f7-", "8c8d26f70", "External-Identifier is not urn:uuid: and a UUID in lower case" },
		{ "8c8d26f7-", "8c8d26f-", "External-Identifier is not urn:uuid: and a UUID in lower case" },
		{ "2026-11-24", "2026-11-31", "Bagging-Date is not a date like 2026-11-24" },
		{ "2026-11-24", "24.11.2026", "Bagging-Date is not a date like 2026-11-24" },
		{ "2026-11-24", "2026-11-024", "Bagging-Date is not a date like 2026-11-24" },
		{ "3045.3", "3045", "Payload-Oxum is not two decimal numbers with a dot between" },
		{ "3045.3", "03045.3", "Payload-Oxum is not two decimal numbers with a dot between" },
		{ "3045.3", "3045.3.", "Payload-Oxum is not two decimal numbers with a dot between" },
		{ "3045.3", "3045.", "Payload-Oxum is not two decimal numbers with a dot between" },
		{ "3045.3", "-1.3", "Payload-Oxum is not two decimal numbers with a dot between" },
		{ "3045.3", "18446744073709551616.3", "Payload-Oxum is not two decimal numbers with a dot between" },
		{ "3045.3", "99999999999999999999.3", "Payload-Oxum is not two decimal numbers with a dot between" },
		{ "0.1.0\n", "0.1.0", "line 6: found no line, want 'Bag-Software-Agent: ' and an LF at its end" },
		{ "0.1.0\n", "0.1.0\nX: y\n", "found 5 bytes after Bag-Software-Agent, want none" },
		{ "0.1.0\n", "0.1.0\n\n", "found 1 bytes after Bag-Software-Agent, want none" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_bag_info info;
		char text[1000];
		size_t n = changed(text, cases[i].from, cases[i].to);
		int r = custody_bag_info_parse(text, n, &info, &err);

		cr_expect_eq(r, cases[i].want ? -1 : 0, "%s -> %s", cases[i].from, cases[i].to);
		if (cases[i].want) {
			cr_expect_str_eq(err.text, cases[i].want);
			cr_expect_str_eq(err.rule, "list-malformed");
		}
	}
}

Test(bag, refuses_cut_bag_info_everywhere)
{
	for (size_t n = 0; n < sizeof(good_info) - 1; n++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_bag_info info;
		char text[sizeof(good_info)];

		memcpy(text, good_info, sizeof(text));
		cr_expect_eq(custody_bag_info_parse(text, n, &info, &err), -1, "%zu bytes", n);
	}
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_bag_info info;
	cr_expect_eq(custody_bag_info_parse(NULL, 0, &info, &err), -1);
}

Test(bag, limits_a_value)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_bag_info info;
	static char text[CUSTODY_LIMIT_TEXT_FIELD + 100] = "Source-Organization: ";

	memset(text + 21, 'x', CUSTODY_LIMIT_TEXT_FIELD + 1);
	strcat(text, "\n");
	cr_expect_eq(custody_bag_info_parse(text, strlen(text), &info, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
}

Test(bag, reads_the_lists_of_the_second_implementation)
{
	static const char *const lists[] = { "manifest-sha256.txt", "tagmanifest-sha256.txt" };

	for (size_t i = 0; stored_packages[i]; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_bag_info info;
		size_t n = 0;
		uint8_t *bagit = stored_member(stored_packages[i], "bagit.txt", &n);
		cr_expect_str_eq((char *)bagit, custody_bagit_txt);
		free(bagit);
		uint8_t *text = stored_member(stored_packages[i], "bag-info.txt", &n);
		cr_expect_eq(custody_bag_info_parse((char *)text, n, &info, &err), 0, "%s: %s", stored_packages[i], err.text);
		free(text);
		for (size_t k = 0; k < 2; k++) {
			struct custody_bag_cursor *c = NULL;
			struct custody_bag_line line;
			struct custody_source source;
			CUSTODY_BUF_CLEAN struct custody_buf again = { 0 };
			int r;

			custody_buf_init(&again, 1 << 20);
			text = stored_member(stored_packages[i], lists[k], &n);
			cr_assert_eq(open_list(&c, &source, text, n, &err), 0);
			while ((r = custody_bag_cursor_next(c, &line, &err)) == 1)
				cr_assert_eq(custody_bag_append_line(&again, line.digest, 32, line.member, &err), 0);
			cr_expect_eq(r, 0, "%s: %s", stored_packages[i], err.text);
			cr_expect(again.len == n && memcmp(custody_buf_str(&again), text, n) == 0);
			custody_bag_cursor_free(&c);
			free(text);
		}
	}
}
