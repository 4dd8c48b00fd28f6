/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/selftest.h"

#include <pthread.h>
#include <string.h>

#include "libcustody/base/embed.h"
#include "libcustody/package/zip.h"

/* fixtures/sealed/selftest-trust/, built in. */
extern const uint8_t custody_selftest_signers[], custody_selftest_tsas[], custody_selftest_crls[];
extern const size_t custody_selftest_signers_len, custody_selftest_tsas_len, custody_selftest_crls_len;

#define PACKAGES 6 /* number 0 is VALID, the five after it are INVALID, each in another group */
#define JUDGED_AT 1796083200 /* 2026-12-01T00:00:00Z, as fixtures/README.md says: the embedded certificates are good then */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum { NOT_RUN, PASSED, FAILED } state;
static char failure[256];

/* Keys of hash sets need no secret here: the packages are ours. */
static int fixed_fill(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx;
	(void)err;
	memset(p, 0x5c, n);
	return 0;
}

static int load_trust(struct custody_trust *trust, struct custody_error *err)
{
	if (custody_trust_add_pem(trust, CUSTODY_TRUST_SIGNERS, custody_selftest_signers, custody_selftest_signers_len, "self-test", err) ||
		custody_trust_add_pem(trust, CUSTODY_TRUST_TSAS, custody_selftest_tsas, custody_selftest_tsas_len, "self-test", err))
		return -1;
	return custody_trust_add_pem(trust, CUSTODY_TRUST_CRLS, custody_selftest_crls, custody_selftest_crls_len, "self-test", err);
}

static int judge(const struct custody_embedded *package, const struct custody_trust *trust, enum custody_verdict want, struct custody_error *err)
{
	static const struct custody_random random = { fixed_fill, NULL };
	struct custody_verify_options options = {
		.trust = trust,
		.evaluated_at = { JUDGED_AT, 0 },
		.now = { JUDGED_AT, 0 },
		.random = &random,
	};
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct custody_source source;

	custody_report_init(&report);
	custody_source_memory(&source, package->p, package->n);
	if (custody_verify_unchecked(&source, &options, &report, err))
		return custody_fail_in(err, "embedded package %s", package->name);
	if (report.verdict != want)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "embedded package %s is found %s, want %s", package->name,
			custody_verdict_name(report.verdict), custody_verdict_name(want));
	return 0;
}

static int run(struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	size_t n = 0;

	custody_trust_init(&trust);
	if (!custody_crc32_self_test())
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "the two CRC-32 libraries do not agree");
	if (load_trust(&trust, err))
		return -1;
	for (const struct custody_embedded *p = custody_selftest_packages; p->name; p++, n++)
		if (judge(p, &trust, n == 0 ? CUSTODY_VERDICT_VALID : CUSTODY_VERDICT_INVALID, err))
			return -1;
	if (n != PACKAGES)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "%zu packages are embedded, want %d", n, PACKAGES);
	return 0;
}

int custody_self_test(struct custody_error *err)
{
	int result = 0;

	pthread_mutex_lock(&lock);
	if (state == NOT_RUN) {
		struct custody_error why = CUSTODY_ERROR_INIT;

		state = run(&why) ? FAILED : PASSED;
		memcpy(failure, why.text, sizeof(failure) - 1);
	}
	if (state == FAILED)
		result = custody_fail(err, CUSTODY_ERR_INTERNAL, "the self-test failed, nothing is judged: %s", failure);
	pthread_mutex_unlock(&lock);
	return result;
}

const char *custody_self_test_state(void)
{
	const char *text;

	pthread_mutex_lock(&lock);
	text = state == PASSED ? "passed" : state == FAILED ? "failed" : "not-run";
	pthread_mutex_unlock(&lock);
	return text;
}
