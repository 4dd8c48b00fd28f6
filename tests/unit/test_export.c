/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports against golden files, fixtures/export/NAME.{jsonld,dfxml,premis}: with CUSTODY_GOLDEN=1 in the environment they are written again, for `git diff` to be
 * read. And what holds for any item: every byte of a name comes back, none acts on the reader.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/export.h"
#include "libcustody/base/fd.h"
#include "libcustody/work/inventory.h"
#include "tests/support/exported.h"
#include "tests/support/items.h"
#include "tests/support/judge.h"
#include "tests/support/nomem.h"

static const struct custody_library_version libraries[] = { { "openssl", "3.0.0" }, { "zlib", "1.2.13" } };
static const struct custody_report_context context = { "custody 0.1.0", libraries, 2, false, NULL };

/* A fixture, judged. */
struct world {
	struct custody_buf package;
	struct custody_source source;
	struct custody_trust trust;
	struct custody_report report;
	struct custody_error err;
	int unchanged; /* what the source says of itself */
};

static void world_judge(struct world *w, const char *package, const char *trust)
{
	char path[256];

	memset(w, 0, sizeof(*w));
	w->unchanged = 1;
	snprintf(path, sizeof(path), "fixtures/sealed/%s.asice", package);
	judge_read(path, &w->package);
	judge_trust(trust, &w->trust);
	custody_report_init(&w->report);
	custody_source_memory(&w->source, w->package.data, w->package.len);
	const struct custody_verify_options options = judge_options(&w->trust);
	cr_assert_eq(custody_self_test(&w->err), 0, "%s", w->err.text);
	cr_assert_eq(custody_verify(&w->source, &options, &w->report, &w->err), 0, "%s", w->err.text);
	w->report.path = strdup(path);
}

static void world_release(struct world *w)
{
	custody_buf_release(&w->package);
	custody_trust_release(&w->trust);
	custody_report_release(&w->report);
}

/* As cmd/cmd_export.c does it. */
static int export_all(struct world *w, const struct custody_export_format *format, const char *name, struct custody_buf *out)
{
	struct custody_export x = { .report = &w->report, .context = &context, .name = name };
	CUSTODY_INVENTORY_CLEAN struct custody_inventory inventory = { 0 };
	struct custody_item item;
	int r;

	if (custody_inventory_open(&inventory, &w->source, &w->report, &judge_random, &w->err) || format->head(out, &x, &w->err))
		return -1;
	while ((r = custody_inventory_next(&inventory, &item, &w->err)) == 1) {
		if (format->item(out, &x, &item, &w->err))
			return -1;
		x.items[item.kind]++;
	}
	return r ? -1 : format->tail(out, &x, &w->err);
}

static const char *suffix(const struct custody_export_format *format)
{
	return format == &custody_export_case ? "jsonld" : format->name;
}

static void compare(const struct custody_buf *got, const char *name, const struct custody_export_format *format)
{
	char path[128];
	CUSTODY_BUF_CLEAN struct custody_buf want = { 0 };

	snprintf(path, sizeof(path), "fixtures/export/%s.%s", name, suffix(format));
	if (getenv("CUSTODY_GOLDEN")) {
		FILE *f = fopen(path, "w");
		cr_assert(f && fwrite(got->data, 1, got->len, f) == got->len && fclose(f) == 0);
		return;
	}
	judge_read(path, &want);
	cr_expect(want.len == got->len && memcmp(want.data, got->data, want.len) == 0, "%s differs:\n%s", path, custody_buf_str(got));
}

static void expect_golden(const char *package, const char *trust, const char *name)
{
	struct world w;

	world_judge(&w, package, trust);
	for (size_t i = 0; custody_export_formats[i]; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };

		custody_buf_init(&out, SIZE_MAX);
		cr_assert_eq(export_all(&w, custody_export_formats[i], "na\x1bme.asice", &out), 0, "%s", w.err.text);
		cr_expect_eq(exported_wrong(custody_export_formats[i], NULL, &out), NULL);
		compare(&out, name, custody_export_formats[i]);
	}
	world_release(&w);
}

Test(export, says_every_kind_of_item_and_the_laboratorys_own_word)
{
	expect_golden("kinds-p256", "fixtures/sealed/trust-own", "kinds");
}

Test(export, says_a_time_that_is_proven)
{
	expect_golden("independent-p256", "fixtures/sealed/trust-independent", "independent");
}

Test(export, does_not_say_who_sealed_without_anchors)
{
	expect_golden("own-p256", "-", "no-anchors");
}

Test(export, has_no_item_where_there_is_none)
{
	expect_golden("empty-p256", "fixtures/sealed/trust-independent", "empty");
}

static void expect_right(const struct custody_item *items, size_t n, const char *what)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct custody_export x = { .report = &report, .context = &context, .name = "p.asice" };

	exported_report(&report);
	for (size_t i = 0; custody_export_formats[i]; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_buf_init(&out, SIZE_MAX);
		cr_assert_eq(exported_write(&x, custody_export_formats[i], items, n, &out, &err), 0, "%s", err.text);
		const char *wrong = exported_wrong(custody_export_formats[i], n == 1 ? items : NULL, &out);
		cr_expect_eq(wrong, NULL, "%s as %s: %s:\n%s", what, custody_export_formats[i]->name, wrong, custody_buf_str(&out));
	}
}

Test(export, gives_every_byte_of_a_name_back)
{
	static const char *const names[] = { "\x1b[2J\x1b[31mVALID", "a\nVALID", "\xe2\x80\xaegpj.exe", "\xff\xfe\x80", "\"},{\"@id\":\"kb:package",
		"</filename><hashdigest>", "&lt;&#0;&", "]]>", "<![CDATA[x", "<!--", "--><?x?>", "'\"", "\xef\xbf\xbe\xef\xbf\xbf", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "\xc2\x85\xe2\x80\xa8\xe2\x80\xa9", "\\", "\\u{001b}", " ", "  a  ", "\t", "\r\n", "\xef\xbb\xbf\x61",
		"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81", "\xd9\x85\xd9\x84", "\xf3\xa0\x80\x81", "@type", "kb:x", "\x7f" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct custody_bytes name = { (const uint8_t *)names[i], strlen(names[i]) };
		const struct custody_item item = { .path = name, .kind = CUSTODY_KIND_FILE, .link = name };
		expect_right(&item, 1, names[i]);
	}
	for (unsigned c = 1; c < 256; c++) {
		const uint8_t name[] = { 'd', '/', (uint8_t)c, 'x' };
		const struct custody_item item = { .path = { name, sizeof(name) }, .kind = CUSTODY_KIND_FILE };
		expect_right(&item, 1, "a byte");
	}
}

Test(export, of_any_item_is_well_formed)
{
	static struct test_item t;

	for (uint64_t seed = 1; seed <= 3000; seed++) {
		test_item_make(&t, seed);
		expect_right(&t.item, 1, "an item");
	}
	expect_right(NULL, 0, "nothing");
}

/* What is not there is not said to be there. */
Test(export, says_what_could_not_be_read_or_changed)
{
	static const struct custody_item_finding unreadable[] = { { "source-unreadable", "Input/output error" } },
						 changed[] = { { "source-changed-while-read", NULL }, { "of-a-later-version", "x" },
							 { "name-aliased", NULL } };
	const struct custody_item items[] = {
		{ .n = 0, .path = { (const uint8_t *)"a", 1 }, .kind = CUSTODY_KIND_FILE, .findings = unreadable, .n_findings = 1 },
		{ .n = 1,
			.path = { (const uint8_t *)"b", 1 },
			.kind = CUSTODY_KIND_FILE,
			.has_content = true,
			.size = 3,
			.member = "data/b",
			.digests = { .mask = CUSTODY_DIGEST_BIT(CUSTODY_SHA256) },
			.mime = "text/plain",
			.mime_by = "libmagic 5.44",
			.findings = changed,
			.n_findings = 3 },
	};
	static const char *const wanted[] = { "\"finding: source-unreadable: Input/output error\"",
		"<error>source-unreadable: Input/output error</error>", "<custody:finding>source-unreadable: Input/output error</custody:finding>" };
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct custody_export x = { .report = &report, .context = &context, .name = "p.asice" };

	exported_report(&report);
	report.exceptions = 2;
	for (size_t i = 0; custody_export_formats[i]; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_buf_init(&out, SIZE_MAX);
		cr_assert_eq(exported_write(&x, custody_export_formats[i], items, 2, &out, &err), 0);
		cr_expect_eq(exported_wrong(custody_export_formats[i], NULL, &out), NULL);
		cr_expect(strstr(custody_buf_str(&out), wanted[i]), "%s", custody_buf_str(&out));
		cr_expect(strstr(custody_buf_str(&out), "source-changed-while-read") && strstr(custody_buf_str(&out), "of-a-later-version: x"));
		cr_expect(strstr(custody_buf_str(&out), "the package may not hold all that there was"));
	}
}

/* What happened after sealing; who did it only where that was shown. */
Test(export, tells_the_custody_record)
{
	static const char *const wanted[][4] = {
		{ "\"kb:event-1-", "\"kb:event-signer-1-", "wasInformedBy\":{\"@id\":\"kb:event-1-", "\"kb:event-signer-2-" },
		{ "kind=\"custody\">who held it: held by", "kind=\"custody\">event 2: ", "kind=\"custody\">its head: ", "event-signer" },
		{ "#event-1-", "#event-signer-1-", "<eventDetail>21 September 2026", "#event-signer-2-" },
	};
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct custody_export x = { .report = &report, .context = &context, .name = "p.asice" };

	exported_report(&report);
	exported_record(&report);
	for (size_t i = 0; custody_export_formats[i]; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_buf_init(&out, SIZE_MAX);
		cr_assert_eq(exported_write(&x, custody_export_formats[i], NULL, 0, &out, &err), 0);
		cr_expect_eq(exported_wrong(custody_export_formats[i], NULL, &out), NULL, "%s", custody_buf_str(&out));
		for (size_t k = 0; k < 4; k++)
			cr_expect_eq(strstr(custody_buf_str(&out), wanted[i][k]) != NULL, k < 3, "%s:\n%s", wanted[i][k], custody_buf_str(&out));
		cr_expect(strstr(custody_buf_str(&out), "WHO IS NOT KNOWN FOR CERTAIN"));
	}
}

Test(export, knows_its_formats)
{
	const struct custody_export_format *format = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_expect_eq(custody_export_find("dfxml", &format, &err), 0);
	cr_expect_eq(format, &custody_export_dfxml);
	cr_expect_eq(custody_export_find("CASE\x1b", &format, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_USAGE);
	cr_expect_str_eq(err.text, "'CASE\\u{001b}' is no format to export to, want one of: case dfxml premis");
}

/* ---- the inventory, once more ---- */

static int read_all(struct world *w)
{
	CUSTODY_INVENTORY_CLEAN struct custody_inventory inventory = { 0 };
	struct custody_item item;
	int r;

	if (custody_inventory_open(&inventory, &w->source, &w->report, &judge_random, &w->err))
		return -1;
	while ((r = custody_inventory_next(&inventory, &item, &w->err)) == 1)
		;
	return r;
}

static int say_unchanged(void *ctx, struct custody_error *err)
{
	struct world *w = ctx;

	return w->unchanged < 0 ? custody_fail(err, CUSTODY_ERR_IO, "cannot look") : w->unchanged;
}

static int read_memory(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	const struct world *w = ctx;

	(void)err;
	memcpy(p, w->package.data + off, n);
	return 0;
}

Test(export, takes_no_inventory_but_the_one_that_was_verified)
{
	struct world w;

	world_judge(&w, "kinds-p256", "fixtures/sealed/trust-own");
	cr_expect_eq(read_all(&w), 0);
	uint8_t *salt = memmem(w.package.data, w.package.len, "\"salt\":\"", 8);
	cr_assert(salt);
	salt[8] = salt[8] == '0' ? '1' : '0';
	cr_expect_eq(read_all(&w), -1);
	cr_expect_eq(w.err.kind, CUSTODY_ERR_IO);
	cr_expect_str_eq(w.err.text, "the package changed since it was verified: the inventory is another one");
	salt[-1] = '!';
	cr_expect_eq(read_all(&w), -1);
	cr_expect_eq(w.err.kind, CUSTODY_ERR_IO);
	cr_expect(strncmp(w.err.text, "the package changed since it was verified: ", 43) == 0, "%s", w.err.text);
	w.package.data[w.package.len - 1] ^= 1;
	cr_expect_eq(read_all(&w), -1);
	cr_expect_eq(w.err.kind, CUSTODY_ERR_IO);
	world_release(&w);
}

Test(export, takes_no_file_that_was_touched)
{
	struct world w;

	world_judge(&w, "kinds-p256", "fixtures/sealed/trust-own");
	w.source = (struct custody_source){ .size = w.package.len, .read = read_memory, .unchanged = say_unchanged, .ctx = &w };
	cr_expect_eq(read_all(&w), 0);
	w.unchanged = 0;
	cr_expect_eq(read_all(&w), -1);
	cr_expect_str_eq(w.err.text, "the package changed since it was verified: size or times of the file are not those of the beginning");
	w.unchanged = -1;
	cr_expect_eq(read_all(&w), -1);
	cr_expect_str_eq(w.err.text, "cannot look");
	world_release(&w);
}

Test(export, takes_nothing_from_a_package_that_does_not_hold)
{
	struct world w;

	world_judge(&w, "own-p256", "fixtures/sealed/trust-own");
	w.report.verdict = CUSTODY_VERDICT_INVALID;
	cr_expect_eq(read_all(&w), -1);
	cr_expect_eq(w.err.kind, CUSTODY_ERR_INTERNAL);
	w.report.verdict = CUSTODY_VERDICT_INDETERMINATE;
	w.report.groups[CUSTODY_GROUP_INTEGRITY] = CUSTODY_RESULT_INDETERMINATE;
	cr_expect_eq(read_all(&w), -1);
	w.report.groups[CUSTODY_GROUP_INTEGRITY] = CUSTODY_RESULT_PASS;
	w.report.groups[CUSTODY_GROUP_SEAL] = CUSTODY_RESULT_INDETERMINATE;
	cr_expect_eq(read_all(&w), 0, "%s", w.err.text);
	world_release(&w);
}

Test(export, memory_that_runs_out_is_an_error_anywhere)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct custody_export x = { .report = &report, .context = &context, .name = "p\x1b" };
	static struct test_item t;

	if (!nomem_available())
		cr_skip_test("not under sanitizers");
	exported_report(&report);
	test_item_make(&t, 3);
	for (size_t i = 0; custody_export_formats[i]; i++) {
		for (size_t n = 1;; n++) {
			CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
			struct custody_error err = CUSTODY_ERROR_INIT;

			cr_assert_lt(n, 10000);
			custody_buf_init(&out, SIZE_MAX);
			nomem_arm(n);
			int rc = exported_write(&x, custody_export_formats[i], &t.item, 1, &out, &err);
			bool failed = nomem_disarm();
			cr_expect_eq(rc != 0, failed, "%s: %zu: %d", custody_export_formats[i]->name, n, rc);
			if (!failed)
				break;
			cr_expect_eq(err.kind, CUSTODY_ERR_NOMEM);
		}
	}
}
