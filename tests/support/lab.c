/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lab.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "libcustody/base/source.h"
#include "libcustody/work/verify.h"

static int clock_now(void *ctx, struct custody_time *out, struct custody_error *err)
{
	struct custody_test_lab *t = ctx;

	(void)err;
	*out = t->now;
	return 0;
}

/* A counter through SHA-256: not random, and different from call to call. */
static int draw(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	struct custody_test_lab *t = ctx;

	while (n > 0) {
		uint8_t block[32];
		size_t take = n < sizeof(block) ? n : sizeof(block);

		t->drawn++;
		if (custody_digest_once(CUSTODY_SHA256, &t->drawn, sizeof(t->drawn), block, err))
			return -1;
		memcpy(p, block, take);
		p += take;
		n -= take;
	}
	return 0;
}

void custody_test_lab_make(struct custody_test_lab *t, const char *folder, const char *key_type)
{
	custody_test_lab_make_named(t, folder, key_type, "Test Analyst");
}

void custody_test_lab_make_named(struct custody_test_lab *t, const char *folder, const char *key_type, const char *name)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_lab_new make = { .organisation = "Test Lab", .name = name, .key_type = key_type };
	uint8_t anchor[32];

	memset(t, 0, sizeof(*t));
	snprintf(t->dir, sizeof(t->dir), "%s/lab", folder);
	t->now.sec = TEST_LAB_NOW;
	t->clock = (struct custody_clock){ clock_now, t };
	t->random = (struct custody_random){ draw, t };
	make.dir = t->dir;
	make.clock = &t->clock;
	make.random = &t->random;
	cr_assert_eq(custody_lab_create(&make, anchor, &err), 0, "%s", err.text);
	cr_assert_eq(custody_lab_open(t->dir, &t->lab, &err), 0, "%s", err.text);
	custody_test_lab_trust(t);
}

void custody_test_lab_trust(struct custody_test_lab *t)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char trust[600];

	snprintf(trust, sizeof(trust), "%s/trust", t->dir);
	custody_trust_release(&t->trust);
	custody_trust_init(&t->trust);
	cr_assert_eq(custody_trust_load(&t->trust, trust, &err), 0, "%s", err.text);
}

void custody_test_lab_release(struct custody_test_lab *t)
{
	custody_lab_release(&t->lab);
	custody_trust_release(&t->trust);
}

static int load_keys(void *ctx, struct custody_time now, struct custody_lab_keys *out, struct custody_error *err)
{
	struct custody_test_lab *t = ctx;
	char warning[256];

	return custody_lab_load_keys(&t->lab, NULL, NULL, 0, now, out, warning, sizeof(warning), err);
}

static void exception_met(void *ctx, const struct custody_seal_exception *e)
{
	struct custody_test_lab *t = ctx;

	t->exceptions++;
	snprintf(t->last_exception, sizeof(t->last_exception), "%s: %.*s: %s", e->id, (int)e->path_len, (const char *)e->path, e->detail);
}

struct custody_seal_options custody_test_lab_options(struct custody_test_lab *t)
{
	return (struct custody_seal_options){
		.stdin_fd = -1,
		.lab_dir_fd = t->lab.dir_fd,
		.digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_SHA512),
		.level_lt = true,
		.case_id = "C-1",
		.exhibit = "E-1",
		.sealer_name = t->lab.operator_name,
		.sealer_organisation = t->lab.organisation,
		.sealer_role = t->lab.role,
		.host = "host",
		.system = "system",
		.clock_synchronised = -1,
		.clock = &t->clock,
		.random = &t->random,
		.load_keys = load_keys,
		.load_keys_ctx = t,
		.trust = &t->trust,
		.exception = exception_met,
		.ctx = t,
	};
}

enum custody_verdict custody_test_lab_verify(struct custody_test_lab *t, const char *path, int64_t when, struct custody_report *report)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_verify_options options = {
		.trust = &t->trust,
		.evaluated_at = { when, 0 },
		.now = { when, 0 },
		.random = &t->random,
	};
	struct custody_source source;
	struct custody_source_fd state;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	custody_report_init(report);
	cr_assert_geq(fd, 0, "no '%s'", path);
	cr_assert_eq(custody_source_open_fd(&source, &state, fd, &err), 0, "%s", err.text);
	cr_assert_eq(custody_verify(&source, &options, report, &err), 0, "%s", err.text);
	close(fd);
	return report->verdict;
}

uint64_t custody_test_found(const struct custody_report *r, enum custody_finding_id id)
{
	return r->findings.count[id];
}

size_t custody_test_count_entries(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	size_t n = 0;

	cr_assert_not_null(d);
	while ((e = readdir(d)))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n;
}

size_t custody_test_serial(const struct custody_certificate *c, uint8_t *out, size_t size)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(c->x509);

	cr_assert_leq((size_t)ASN1_STRING_length(serial), size);
	memcpy(out, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
	return (size_t)ASN1_STRING_length(serial);
}
