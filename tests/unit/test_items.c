/* SPDX-License-Identifier: Apache-2.0 */
/* The items of what was judged are those that were judged. */
#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/base/fd.h"
#include "libcustody/package/members.h"
#include "libcustody/package/zip.h"
#include "libcustody/work/items.h"
#include "libcustody/work/verify.h"

static int zero(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx;
	(void)err;
	memset(p, 0, n);
	return 0;
}
static const struct custody_random zeros = { zero, NULL };

/* Judges the package in bytes as at the fixtures' time. */
static void judge(const struct custody_buf *bytes, struct custody_source *source, struct custody_report *report)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust = { .from = NULL };
	struct custody_verify_options options = { .trust = &trust, .random = &zeros };
	cr_assert(custody_trust_load(&trust, "fixtures/sealed/trust-own", &err) == 0, "%s", err.text);
	cr_assert(custody_time_parse_user("2026-12-01T00:00:00Z", &options.now));
	options.evaluated_at = options.now;
	custody_source_memory(source, bytes->data, bytes->len);
	cr_assert(custody_verify(source, &options, report, &err) == 0, "%s", err.text);
}

static int list(void *ctx, const struct custody_item *item, struct custody_error *err)
{
	struct custody_buf *out = ctx;
	return custody_buf_append(out, item->path.p, item->path.n, err) || custody_buf_append_byte(out, '\n', err) ? -1 : 0;
}

static int refuse(void *ctx, const struct custody_item *item, struct custody_error *err)
{
	(void)ctx;
	(void)item;
	return custody_fail(err, CUSTODY_ERR_NOMEM, "no room");
}

/* Where the inventory's content lies. */
static size_t find_inventory(const struct custody_source *source, size_t *size)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_zip zip;
	struct custody_zip_member m;
	uint8_t key[16] = { 0 };
	cr_assert(custody_zip_check(&zip, source, key, NULL, NULL, &err) == 0);
	cr_assert(custody_zip_find(&zip, custody_member_name(CUSTODY_MEMBER_INVENTORY), &m, &err) == 1);
	*size = (size_t)m.size;
	return (size_t)m.data_offset;
}

Test(items, are_those_of_the_package_and_only_of_one_that_is_VALID)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	CUSTODY_BUF_CLEAN struct custody_buf bytes, out;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	custody_buf_init(&bytes, 1 << 20);
	custody_buf_init(&out, 1 << 20);
	custody_report_init(&report);
	cr_assert(custody_fd_slurp("fixtures/sealed/own-p256.asice", 1 << 20, &bytes, &err) == 0);
	judge(&bytes, &source, &report);
	cr_assert_eq(report.verdict, CUSTODY_VERDICT_VALID);
	cr_assert(custody_items_each(&source, &zeros, &report, list, &out, &err) == 0, "%s", err.text);
	cr_expect_str_eq(custody_buf_str(&out), "e\ne/a.txt\n", "%s", custody_buf_str(&out));
	cr_expect(custody_items_each(&source, &zeros, &report, refuse, NULL, &err) != 0);
	cr_expect_str_eq(err.text, "no room");

	/* one byte of it is another afterwards: a time, a salt, a digest, or its form */
	size_t size, at = find_inventory(&source, &size);
	for (size_t i = 0; i < size; i += 7) {
		bytes.data[at + i] ^= 1;
		err = (struct custody_error)CUSTODY_ERROR_INIT;
		custody_buf_clear(&out);
		cr_expect(custody_items_each(&source, &zeros, &report, list, &out, &err) != 0, "byte %zu", i);
		cr_expect(err.kind == CUSTODY_ERR_IO && strstr(err.text, "changed since it was verified"), "byte %zu: %s", i, err.text);
		bytes.data[at + i] ^= 1;
	}

	/* and so is the container */
	bytes.data[0] ^= 1;
	bytes.data[bytes.len - 1] ^= 1;
	cr_expect(custody_items_each(&source, &zeros, &report, list, &out, &err) != 0 && err.kind == CUSTODY_ERR_IO, "%s", err.text);

	report.verdict = CUSTODY_VERDICT_INDETERMINATE;
	cr_expect(custody_items_each(&source, &zeros, &report, list, &out, &err) != 0 && err.kind == CUSTODY_ERR_INPUT, "%s", err.text);
}
