/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/seal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/crypto/issue.h"
#include "libcustody/package/zip.h"
#include "tests/support/lab.h"
#include "tests/support/tmpdir.h"

#define DAY 86400

static void write_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	cr_assert_geq(fd, 0, "%s: %s", path, strerror(errno));
	cr_assert_eq(write(fd, p, n), (ssize_t)n);
	close(fd);
}

static void join(char out[1024], const char *a, const char *b)
{
	cr_assert_lt(strlen(a) + strlen(b) + 2, 1024);
	strcpy(stpcpy(stpcpy(out, a), "/"), b);
}

/* Every kind of item that needs no privilege, in folder/in. */
static void make_tree(const char *folder)
{
	static char block[3 << 20];
	char in[1024], path[1024], other[1024];

	join(in, folder, "in");
	cr_assert_eq(mkdir(in, 0755), 0);
	join(path, in, "empty");
	cr_assert_eq(mkdir(path, 0700), 0);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)(i * 31 + (i >> 9));
	join(path, in, "large.bin");
	write_file(path, block, sizeof(block));
	join(other, in, "same.bin");
	cr_assert_eq(link(path, other), 0);
	for (int i = 0; i < 100; i++) {
		char name[32];

		snprintf(name, sizeof(name), "file-%03d", i);
		join(path, in, name);
		write_file(path, block, (size_t)i * 997);
	}
	join(path, in, "bad\nname\xff");
	write_file(path, "x", 1);
	join(path, in, "con.txt");
	write_file(path, "", 0);
	join(path, in, "to");
	cr_assert_eq(symlink("../nowhere", path), 0);
	join(path, in, "pipe");
	cr_assert_eq(mkfifo(path, 0600), 0);
}

/* Seals folder/in as folder/name. */
static int seal(struct custody_test_lab *t, const char *folder, const char *name, size_t workers, struct custody_seal_result_out *out,
	struct custody_error *err)
{
	static char in[1024], output[1024];
	struct custody_walk_argument argument = { in, NULL };
	struct custody_seal_options o = custody_test_lab_options(t);

	join(in, folder, "in");
	join(output, folder, name);
	o.output = output;
	o.arguments = &argument;
	o.n_arguments = 1;
	o.workers = workers;
	custody_seal_result_init(out);
	return custody_seal(&o, out, err);
}

static size_t slurp(const char *folder, const char *name, uint8_t **out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf b;
	char path[1024];

	join(path, folder, name);
	custody_buf_init(&b, (size_t)64 << 20);
	cr_assert_eq(custody_fd_slurp(path, (size_t)64 << 20, &b, &err), 0, "%s", err.text);
	*out = b.data;
	return b.len;
}

Test(seal, makes_a_valid_package_of_a_tree_with_every_kind_of_item)
{
	char folder[64], path[1024];
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_seal_result_out out;
	struct custody_report report;
	struct custody_test_lab t;

	tmpdir_enter(folder);
	make_tree(folder);
	custody_test_lab_make(&t, folder, "p256");
	cr_assert_eq(seal(&t, folder, "p.asice", 2, &out, &err), 0, "%s", err.text);
	cr_expect_eq(out.items, 108);
	cr_expect_eq(out.files, 103);
	cr_expect_eq(out.exceptions, 0);
	join(path, folder, "p.asice");
	cr_expect_eq(custody_test_lab_verify(&t, path, TEST_LAB_NOW + DAY, &report), CUSTODY_VERDICT_VALID);
	cr_expect_eq(report.groups[CUSTODY_GROUP_TIME], CUSTODY_RESULT_OWN_WORD);
	cr_expect_not(report.seal.independent);
	cr_expect_eq(memcmp(report.sha256, out.report.sha256, 32), 0);
	cr_expect_geq(custody_test_found(&report, CUSTODY_FINDING_NAME_ALIASED), 2);
	cr_expect_eq(custody_test_found(&report, CUSTODY_FINDING_TIME_OWN_WORD) > 0, true);
	custody_report_release(&report);
	custody_seal_result_release(&out);
	custody_test_lab_release(&t);
	tmpdir_leave(folder);
}

/* Asked between the look at a name and the opening of its file: at the second such time, that of the walk which seals, the file is another. */
static bool write_at_second(void *ctx)
{
	static const struct timespec times[2] = { { 1000000000, 1 }, { 1000000001, 2 } };

	if (++*(int *)ctx == 2) {
		write_file("in", "longer than before", 18);
		cr_assert_eq(chmod("in", 0600), 0);
		cr_assert_eq(utimensat(AT_FDCWD, "in", times, 0), 0);
	}
	return false;
}

Test(seal, records_times_and_mode_of_the_file_that_it_read_not_of_one_before_it)
{
	char folder[64];
	int asked = 0;
	uint8_t *package;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_seal_result_out out;
	struct custody_test_lab t;

	tmpdir_enter(folder);
	write_file("in", "short", 5);
	custody_test_lab_make(&t, folder, "p256");
	struct custody_walk_argument argument = { "in", NULL };
	struct custody_seal_options o = custody_test_lab_options(&t);
	o.output = "p.asice";
	o.arguments = &argument;
	o.n_arguments = 1;
	o.interrupted = write_at_second;
	o.ctx = &asked;
	custody_seal_result_init(&out);
	cr_assert_eq(custody_seal(&o, &out, &err), 0, "%s", err.text);
	cr_expect_eq(out.exceptions, 0);
	cr_expect_eq(out.bytes, 18);
	size_t n = slurp(folder, "p.asice", &package);
	cr_expect_not_null(memmem(package, n, "\"size\":18,", 10));
	cr_expect_not_null(memmem(package, n, "\"modified\":\"2001-09-09T01:46:41.000000002Z\"", 43), "the time is that of other bytes");
	cr_expect_not_null(memmem(package, n, "\"mode\":\"0600\"", 13), "the mode is that of before");
	cr_expect_null(memmem(package, n, "\"accessed\":\"2001-09-09", 22), "the time of access is from before the open");
	free(package);
	custody_seal_result_release(&out);
	custody_test_lab_release(&t);
	tmpdir_leave(folder);
}

Test(seal, gives_identical_bytes_for_any_number_of_workers_under_a_fixed_clock_and_random_source)
{
	static const size_t workers[] = { 0, 1, 2, 8 };
	char folder[64];
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_test_lab t;
	uint8_t *first = NULL;
	size_t first_len = 0;

	tmpdir_enter(folder);
	make_tree(folder);
	custody_test_lab_make(&t, folder, "rsa3072");
	for (size_t i = 0; i < 4; i++) {
		struct custody_seal_result_out out;
		uint8_t *bytes;
		char name[32];
		size_t n;

		snprintf(name, sizeof(name), "p%zu.asice", workers[i]);
		t.drawn = 1000;
		cr_assert_eq(seal(&t, folder, name, workers[i], &out, &err), 0, "%s", err.text);
		custody_seal_result_release(&out);
		n = slurp(folder, name, &bytes);
		if (i == 0) {
			first = bytes;
			first_len = n;
			continue;
		}
		cr_expect_eq(n, first_len);
		cr_expect_eq(memcmp(bytes, first, n), 0, "%zu workers give other bytes", workers[i]);
		free(bytes);
	}
	free(first);
	custody_test_lab_release(&t);
	tmpdir_leave(folder);
}

Test(seal, never_overwrites_and_leaves_nothing_behind)
{
	char folder[64], path[1024];
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_seal_result_out out;
	struct custody_test_lab t;
	uint8_t *bytes;

	tmpdir_enter(folder);
	make_tree(folder);
	custody_test_lab_make(&t, folder, "p256");
	join(path, folder, "p.asice");
	write_file(path, "mine", 4);
	cr_expect_eq(seal(&t, folder, "p.asice", 0, &out, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT, "%s", err.text);
	cr_expect_eq(slurp(folder, "p.asice", &bytes), 4);
	free(bytes);
	custody_seal_result_release(&out);
	cr_expect_eq(seal(&t, folder, "in/p.asice", 0, &out, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT, "%s", err.text);
	cr_expect(strstr(err.text, "the output"), "%s", err.text);
	custody_seal_result_release(&out);
	cr_expect_eq(custody_test_count_entries(folder), 3, "only in, lab and p.asice are there");
	custody_test_lab_release(&t);
	tmpdir_leave(folder);
}

Test(seal, refuses_a_lab_inside_a_source)
{
	char folder[64], in[1024], output[1024];
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_walk_argument argument = { in, NULL };
	struct custody_seal_options o;
	struct custody_seal_result_out out;
	struct custody_test_lab t;

	tmpdir_enter(folder);
	join(in, folder, "in");
	cr_assert_eq(mkdir(in, 0755), 0);
	custody_test_lab_make(&t, in, "p256");
	join(output, folder, "p.asice");
	o = custody_test_lab_options(&t);
	o.output = output;
	o.arguments = &argument;
	o.n_arguments = 1;
	custody_seal_result_init(&out);
	cr_expect_eq(custody_seal(&o, &out, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	cr_expect(strstr(err.text, "the lab"), "%s", err.text);
	custody_seal_result_release(&out);
	custody_test_lab_release(&t);
	tmpdir_leave(folder);
}

/* ---- own word stays own word ---- */

static void add_crl(struct custody_test_lab *t, const struct custody_lab_keys *keys, int64_t this_update, int64_t revoked_at,
	struct evp_pkey_st *root_key, const struct custody_certificate *root)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t serial[64];
	size_t n = custody_test_serial(&keys->signer.certificate, serial, sizeof(serial));
	struct custody_revoked revoked = { serial, n, { revoked_at, 0 }, 1, false, { 0, 0 } };
	struct custody_issue_crl_request request = { root, root_key, 99, { this_update, 0 }, &revoked, 1 };
	CUSTODY_BUF_CLEAN struct custody_buf pem = { 0 };
	struct custody_crl crl = { 0 };

	custody_buf_init(&pem, 1 << 20);
	cr_assert_eq(custody_issue_crl(&request, &crl, &err), 0, "%s", err.text);
	cr_assert_eq(custody_pem_append("X509 CRL", crl.der, crl.der_len, &pem, &err), 0);
	cr_assert_eq(custody_trust_add_pem(&t->trust, CUSTODY_TRUST_CRLS, pem.data, pem.len, "newer", &err), 0, "%s", err.text);
	custody_crl_release(&crl);
}

Test(seal, own_word_stays_own_word_when_a_stolen_key_seals_with_the_clock_set_back)
{
	char folder[64], path[1024], file[1100];
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_lab_keys keys = { 0 };
	struct custody_certificate root = { 0 };
	struct custody_seal_result_out out;
	struct evp_pkey_st *root_key = NULL;
	struct custody_report report;
	struct custody_test_lab t;
	char warning[256];
	uint8_t *pem;
	size_t n;

	tmpdir_enter(folder);
	make_tree(folder);
	custody_test_lab_make(&t, folder, "p256");
	cr_assert_eq(custody_lab_load_keys(&t.lab, NULL, NULL, 0, t.now, &keys, warning, sizeof(warning), &err), 0, "%s", err.text);
	snprintf(file, sizeof(file), "%s/root/root.key", "lab");
	n = slurp(folder, file, &pem);
	cr_assert_eq(custody_key_parse_pem(pem, n, NULL, 0, &root_key, &err), 0, "%s", err.text);
	free(pem);
	cr_assert_eq(t.trust.n_signers, 1);
	cr_assert_eq(custody_certificate_parse(t.trust.signers[0].der, t.trust.signers[0].der_len, &root, &err), 0);

	/* The key is stolen and revoked on day 10; the thief seals on day 20 with the clock set back to day 5. */
	t.now.sec = TEST_LAB_NOW + 5 * DAY;
	cr_assert_eq(seal(&t, folder, "p.asice", 0, &out, &err), 0, "%s", err.text);
	custody_seal_result_release(&out);
	join(path, folder, "p.asice");

	/* Who does not know of the revocation may find it VALID, but no time is proven: the stated one is the lab's own word. */
	cr_expect_eq(custody_test_lab_verify(&t, path, TEST_LAB_NOW + 20 * DAY, &report), CUSTODY_VERDICT_VALID);
	cr_expect_not(report.seal.independent);
	cr_expect_eq(report.groups[CUSTODY_GROUP_TIME], CUSTODY_RESULT_OWN_WORD);
	custody_report_release(&report);

	/* With the newer list it is VALID no longer, whatever the time that the thief stated. */
	add_crl(&t, &keys, TEST_LAB_NOW + 11 * DAY, TEST_LAB_NOW + 10 * DAY, root_key, &root);
	cr_expect_eq(custody_test_lab_verify(&t, path, TEST_LAB_NOW + 20 * DAY, &report), CUSTODY_VERDICT_INDETERMINATE);
	cr_expect_eq(custody_test_found(&report, CUSTODY_FINDING_SEAL_REVOKED_NO_PROOF_BEFORE) > 0, true);
	cr_expect_not(report.seal.independent);
	custody_report_release(&report);
	/* And what is known later still counts at a time chosen from before (verdict.md rule 8): see test_verify. */

	custody_key_free(&root_key);
	custody_certificate_release(&root);
	custody_lab_keys_release(&keys);
	custody_test_lab_release(&t);
	tmpdir_leave(folder);
}
