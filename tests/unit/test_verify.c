/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/verify.h"

#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/base/fd.h"
#include "libcustody/work/selftest.h"

#define JUDGED_AT 1796083200 /* 2026-12-01: fixtures/README.md */

static int fill(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx;
	(void)err;
	memset(p, 7, n);
	return 0;
}

static const struct custody_random random_source = { fill, NULL };

static struct custody_buf slurp(const char *path)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf b;

	custody_buf_init(&b, 1 << 20);
	cr_assert_eq(custody_fd_slurp(path, 1 << 20, &b, &err), 0, "%s", err.text);
	return b;
}

static void load(struct custody_trust *trust, const char *dir)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_trust_init(trust);
	cr_assert_eq(custody_trust_load(trust, dir, &err), 0, "%s", err.text);
}

static struct custody_verify_options at(const struct custody_trust *trust, int64_t when)
{
	return (struct custody_verify_options){ .trust = trust, .evaluated_at = { when, 0 }, .now = { when, 0 }, .random = &random_source };
}

Test(verify, the_self_test_passes_and_says_so)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_expect_str_eq(custody_self_test_state(), "not-run");
	cr_expect_eq(custody_self_test(&err), 0, "%s", err.text);
	cr_expect_str_eq(custody_self_test_state(), "passed");
	cr_expect_eq(custody_self_test(&err), 0);
}

Test(verify, reports_the_same_for_any_number_of_workers)
{
	struct custody_buf package = slurp("fixtures/sealed/kinds-p256.asice");
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust trust;
	struct custody_source source;

	load(&trust, "fixtures/sealed/trust-own");
	custody_source_memory(&source, package.data, package.len);
	for (size_t workers = 0; workers < 5; workers++) {
		struct custody_verify_options o = at(&trust, JUDGED_AT);
		struct custody_report r;

		o.workers = workers;
		custody_report_init(&r);
		cr_assert_eq(custody_verify(&source, &o, &r, &err), 0, "%s", err.text);
		cr_expect_eq(r.verdict, CUSTODY_VERDICT_VALID, "%zu workers: %s", workers, custody_verdict_name(r.verdict));
		cr_expect_eq(r.size, package.len);
		custody_report_release(&r);
	}
	custody_buf_release(&package);
	custody_trust_release(&trust);
}

Test(verify, no_anchors_is_never_valid)
{
	struct custody_buf package = slurp("fixtures/sealed/independent-p256.asice");
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust trust;
	struct custody_source source;
	struct custody_verify_options o;
	struct custody_report r;

	custody_trust_init(&trust);
	o = at(&trust, JUDGED_AT);
	custody_source_memory(&source, package.data, package.len);
	custody_report_init(&r);
	cr_assert_eq(custody_verify(&source, &o, &r, &err), 0, "%s", err.text);
	cr_expect_eq(r.verdict, CUSTODY_VERDICT_INDETERMINATE);
	cr_expect(r.seal.arithmetic);
	cr_expect_eq(r.findings.count[CUSTODY_FINDING_SEAL_UNTRUSTED] > 0, true);
	cr_expect_eq(r.findings.count[CUSTODY_FINDING_NO_ANCHORS], 1);
	cr_expect_eq(r.groups[CUSTODY_GROUP_INTEGRITY], CUSTODY_RESULT_PASS);
	custody_report_release(&r);
	custody_buf_release(&package);
}

Test(verify, compares_the_number_on_the_form)
{
	struct custody_buf package = slurp("fixtures/sealed/own-p256.asice");
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust trust;
	struct custody_source source;

	load(&trust, "fixtures/sealed/trust-own");
	custody_source_memory(&source, package.data, package.len);
	for (int wrong = 0; wrong < 2; wrong++) {
		struct custody_verify_options o = at(&trust, JUDGED_AT);
		struct custody_report r;

		o.has_expected = true;
		cr_assert_eq(custody_digest_once(CUSTODY_SHA256, package.data, package.len, o.expected, &err), 0);
		o.expected[31] ^= (uint8_t)wrong;
		custody_report_init(&r);
		cr_assert_eq(custody_verify(&source, &o, &r, &err), 0);
		cr_expect_eq(r.verdict, wrong ? CUSTODY_VERDICT_INVALID : CUSTODY_VERDICT_VALID);
		cr_expect_eq(r.findings.count[CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED], (uint64_t)wrong);
		custody_report_release(&r);
	}
	custody_buf_release(&package);
	custody_trust_release(&trust);
}

/* ---- sources that misbehave ---- */

/* Memory that fails at one read, or is another from one read on, or says at the end that it changed. */
struct moody {
	struct custody_buf bytes;
	size_t reads, fail_at, change_at;
	size_t change_offset;
	bool says_changed;
};

static int moody_read(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	struct moody *m = ctx;

	m->reads++;
	if (m->reads == m->fail_at)
		return custody_fail_errno(err, 5, "cannot read the package");
	memcpy(p, m->bytes.data + off, n);
	if (m->change_at > 0 && m->reads >= m->change_at && m->change_offset >= off && m->change_offset < off + n)
		p[m->change_offset - off] ^= 1;
	return 0;
}

static int moody_unchanged(void *ctx, struct custody_error *err)
{
	(void)err;
	return !((struct moody *)ctx)->says_changed;
}

static int judge(struct moody *m, const struct custody_trust *trust, struct custody_report *r, struct custody_error *err)
{
	struct custody_source source = { m->bytes.len, moody_read, moody_unchanged, m };
	struct custody_verify_options o = at(trust, JUDGED_AT);

	m->reads = 0;
	custody_report_init(r);
	return custody_verify(&source, &o, r, err);
}

Test(verify, a_read_that_fails_is_a_failure_and_no_verdict, .timeout = 120)
{
	struct moody m = { .bytes = slurp("fixtures/sealed/own-p256.asice") };
	struct custody_trust trust;
	size_t reads;

	load(&trust, "fixtures/sealed/trust-own");
	for (reads = 1;; reads++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_report r;
		int rc;

		m.fail_at = reads;
		rc = judge(&m, &trust, &r, &err);
		if (m.reads < reads) {
			cr_expect_eq(rc, 0);
			cr_expect_eq(r.verdict, CUSTODY_VERDICT_VALID);
			custody_report_release(&r);
			break;
		}
		cr_expect_eq(rc, -1, "read %zu", reads);
		cr_expect_eq(err.kind, CUSTODY_ERR_IO);
		cr_expect_eq(r.verdict, CUSTODY_VERDICT_NONE);
		custody_report_release(&r);
	}
	cr_expect_gt(reads, 10);
	custody_buf_release(&m.bytes);
	custody_trust_release(&trust);
}

Test(verify, bytes_that_change_between_two_reads_are_never_valid, .timeout = 300)
{
	struct moody m = { .bytes = slurp("fixtures/sealed/own-p256.asice") };
	size_t judged = 0;
	struct custody_trust trust;

	load(&trust, "fixtures/sealed/trust-own");
	for (size_t offset = 3; offset < m.bytes.len; offset += 211)
		for (size_t from = 2; from < 60; from += 3) {
			struct custody_error err = CUSTODY_ERROR_INIT;
			struct custody_report r;

			m.change_at = from;
			m.change_offset = offset;
			if (judge(&m, &trust, &r, &err) == 0 && m.reads >= from) {
				/* If that byte was not read any more after the change, what was judged are the bytes as they were: the digest says so. */
				uint8_t now[32];

				cr_assert_eq(custody_digest_once(CUSTODY_SHA256, m.bytes.data, m.bytes.len, now, &err), 0);
				cr_expect(r.verdict != CUSTODY_VERDICT_VALID || memcmp(now, r.sha256, 32) == 0, "offset %zu from read %zu", offset,
					from);
				judged++;
			}
			custody_report_release(&r);
		}
	cr_expect_gt(judged, 100);
	custody_buf_release(&m.bytes);
	custody_trust_release(&trust);
}

Test(verify, a_source_that_says_it_changed_leaves_the_verdict_open)
{
	struct moody m = { .bytes = slurp("fixtures/sealed/own-p256.asice"), .says_changed = true };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust trust;
	struct custody_report r;

	load(&trust, "fixtures/sealed/trust-own");
	cr_assert_eq(judge(&m, &trust, &r, &err), 0);
	cr_expect_eq(r.verdict, CUSTODY_VERDICT_INDETERMINATE);
	cr_expect_eq(r.findings.count[CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ], 1);
	custody_report_release(&r);
	custody_buf_release(&m.bytes);
	custody_trust_release(&trust);
}

static bool yes(void *ctx)
{
	(void)ctx;
	return true;
}

static void count(void *ctx, uint64_t done, uint64_t total)
{
	uint64_t *last = ctx;

	cr_expect_leq(done, total);
	*last = done;
}

Test(verify, tells_its_progress_and_stops_when_asked)
{
	struct custody_buf package = slurp("fixtures/sealed/own-p256.asice");
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust trust;
	struct custody_source source;
	struct custody_verify_options o;
	struct custody_report r;
	uint64_t last = 0;

	load(&trust, "fixtures/sealed/trust-own");
	custody_source_memory(&source, package.data, package.len);
	o = at(&trust, JUDGED_AT);
	o.progress = count;
	o.progress_ctx = &last;
	custody_report_init(&r);
	cr_assert_eq(custody_verify(&source, &o, &r, &err), 0);
	cr_expect_eq(last, package.len);
	custody_report_release(&r);
	o.interrupted = yes;
	cr_expect_eq(custody_verify(&source, &o, &r, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERRUPTED);
	cr_expect_eq(r.verdict, CUSTODY_VERDICT_NONE);
	custody_report_release(&r);
	custody_buf_release(&package);
	custody_trust_release(&trust);
}

Test(verify, any_file_gets_a_verdict_and_a_number)
{
	static const char *const texts[] = { "", "x", "PK", "just some text\n",
		"PK\3\4 and then nothing that makes sense at all, for more than twenty-two bytes" };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust trust;

	load(&trust, "fixtures/sealed/trust-own");
	for (size_t i = 0; i < 5; i++) {
		struct custody_verify_options o = at(&trust, JUDGED_AT);
		struct custody_source source;
		struct custody_report r;
		uint8_t digest[32];

		custody_source_memory(&source, (const uint8_t *)texts[i], strlen(texts[i]));
		custody_report_init(&r);
		cr_assert_eq(custody_verify(&source, &o, &r, &err), 0, "%s", err.text);
		cr_expect_eq(r.verdict, CUSTODY_VERDICT_INVALID);
		cr_assert_eq(custody_digest_once(CUSTODY_SHA256, texts[i], strlen(texts[i]), digest, &err), 0);
		cr_expect_eq(memcmp(digest, r.sha256, 32), 0);
		cr_expect_eq(r.findings.count[CUSTODY_FINDING_ZIP_END_RECORD], 1);
		custody_report_release(&r);
	}
	custody_trust_release(&trust);
}
