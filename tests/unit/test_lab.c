/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/issue.h"
#include "tests/support/disk.h"
#include "tests/support/testlab.h"
#include "tests/support/tmpdir.h"

#define DAY INT64_C(86400)

static char dir[64];

static void enter(void)
{
	tmpdir_enter(dir);
}

static void leave(void)
{
	tmpdir_leave(dir);
}

TestSuite(lab, .init = enter, .fini = leave);

/* Entries of a folder, but for . and .. */
static size_t entries(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	cr_assert_not_null(d, "%s", path);
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n;
}

static void slurp(const char *path, struct custody_buf *out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(out, 65536);
	cr_assert_eq(custody_fd_slurp(path, 65536, out, &err), 0, "%s", err.text);
}

/* ---- making ---- */

Test(lab, is_made_with_private_keys_that_nobody_else_reads)
{
	static const struct {
		const char *path;
		mode_t mode;
	} want[] = { { "L", 0700 }, { "L/root", 0700 }, { "L/keys", 0700 }, { "L/certificates", 0700 }, { "L/trust", 0700 },
		{ "L/root/root.key", 0600 }, { "L/keys/test-analyst.key", 0600 }, { "L/keys/time-stamping.key", 0600 }, { "L/journal.jsonl", 0600 },
		{ "L/custody.conf", 0644 }, { "L/root/root.pem", 0644 }, { "L/root/state.json", 0644 }, { "L/certificates/test-analyst.pem", 0644 },
		{ "L/certificates/time-stamping.pem", 0644 }, { "L/trust/signers.pem", 0644 }, { "L/trust/tsas.pem", 0644 },
		{ "L/trust/crls.pem", 0644 } };
	struct stat st;

	umask(0);
	testlab_folder("L", "p256", NULL);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		cr_assert_eq(stat(want[i].path, &st), 0, "%s", want[i].path);
		cr_expect_eq(st.st_mode & 07777, want[i].mode, "%s has mode %o", want[i].path, st.st_mode & 07777);
	}
	cr_expect_eq(entries("L"), 6);
	cr_expect_eq(entries("L/root"), 3);
	cr_expect_eq(entries("L/keys"), 2);
	cr_expect_eq(entries("."), 1, "something was left beside it");
}

static int make(const char *path, const char *organisation, const char *name, const char *key_type, size_t passphrase_len,
	const struct custody_random *random, struct custody_error *err)
{
	static const uint8_t passphrase[CUSTODY_LIMIT_PASSPHRASE + 1] = { 'p' };
	struct custody_time t = { TESTLAB_NOW, 0 };
	const struct custody_clock clock = testlab_clock(&t);
	uint8_t anchor[32];
	const struct custody_lab_new n = { path, organisation, name, key_type, passphrase_len == 1 ? NULL : passphrase, passphrase_len, &clock,
		random, NULL };

	return custody_lab_create(&n, anchor, err);
}

Test(lab, is_not_made_of_what_it_cannot_hold)
{
	static const struct {
		const char *path, *organisation, *name, *key_type;
		size_t passphrase_len; /* 1: none */
		enum custody_error_kind kind;
		const char *want;
	} cases[] = {
		{ "", "O", "N", "p256", 1, CUSTODY_ERR_USAGE, "the lab's folder has an empty name" },
		{ ".", "O", "N", "p256", 1, CUSTODY_ERR_INPUT, "'.' exists already; a lab is made in a new folder" },
		{ "file", "O", "N", "p256", 1, CUSTODY_ERR_INPUT, "'file' exists already; a lab is made in a new folder" },
		{ "dangling", "O", "N", "p256", 1, CUSTODY_ERR_INPUT, "'dangling' exists already; a lab is made in a new folder" },
		{ "none/L", "O", "N", "p256", 1, CUSTODY_ERR_INPUT, "the folder that 'none/L' is to be made in does not exist" },
		{ "file/L", "O", "N", "p256", 1, CUSTODY_ERR_INPUT, "the folder that 'file/L' is to be made in does not exist" },
		{ "L", "", "N", "p256", 1, CUSTODY_ERR_USAGE, "organisation is empty, want 1 to 64 characters" },
		{ "L", "O$", "N", "p256", 1, CUSTODY_ERR_USAGE, "organisation holds '$', which custody.conf does not take" },
		{ "L", "O", "a.Include", "p256", 1, CUSTODY_ERR_USAGE, "name holds '.include', which custody.conf does not take" },
		{ "L", "O", "a\n", "p256", 1, CUSTODY_ERR_USAGE, "name 'a\\u{000a}' holds a control or format character" },
		{ "L", "O", "--", "p256", 1, CUSTODY_ERR_USAGE, "name gives the file name '', want a person's with a letter or digit in it" },
		{ "L", "O", "Time Stamping", "p256", 1, CUSTODY_ERR_USAGE,
			"name gives the file name 'time-stamping', want a person's with a letter or digit in it" },
		{ "L", "O", "N", "dsa", 1, CUSTODY_ERR_USAGE, "unknown key type 'dsa', want p256, p384, rsa3072 or rsa-pss" },
		{ "L", "O", "N", "p256", 0, CUSTODY_ERR_USAGE, "passphrase has 0 bytes, want 1 to 1024" },
		{ "L", "O", "N", "p256", CUSTODY_LIMIT_PASSPHRASE + 1, CUSTODY_ERR_USAGE, "passphrase has 1025 bytes, want 1 to 1024" },
	};
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);

	tmpdir_write("file", "x", 1);
	cr_assert_eq(symlink("nowhere", "dangling"), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(make(cases[i].path, cases[i].organisation, cases[i].name, cases[i].key_type, cases[i].passphrase_len, &random, &err), -1,
			"case %zu", i);
		cr_expect_str_eq(err.text, cases[i].want, "case %zu: %s", i, err.text);
		cr_expect_eq(err.kind, cases[i].kind, "case %zu", i);
		cr_expect_eq(entries("."), 2, "case %zu leaves something", i);
	}
}

Test(lab, failing_randomness_leaves_nothing)
{
	for (int after = 0; after < 5; after++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		int left = after;
		const struct custody_random random = testlab_random_failing(&left);

		cr_expect_eq(make("L", "O", "N", "p256", 1, &random, &err), -1, "%d", after);
		cr_expect_str_eq(err.text, "no randomness");
		cr_expect_eq(entries("."), 0);
	}
}

Test(lab, storage_that_is_full_leaves_nothing)
{
	/* A limit on the size of any file stands for a disk that is full at one file after another. */
	static const rlim_t limits[] = { 0, 230, 250, 400, 800, 900 };
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;

		disk_full_at(limits[i]);
		cr_expect_eq(make("L", "O", "N", "p256", 1, &random, &err), -1, "%zu", i);
		disk_free_again();
		cr_expect_eq(err.kind, CUSTODY_ERR_IO, "%s", err.text);
		cr_expect_eq(entries("."), 0, "%zu: something is left", i);
	}
}

Test(lab, path_may_be_written_in_any_way)
{
	static const char *const paths[] = { "a", "b/", "./c", "d//", "sub/e" };
	static const char *const made[] = { "a", "b", "c", "d", "sub/e" };
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);
	char absolute[128];

	cr_assert_eq(mkdir("sub", 0755), 0);
	for (size_t i = 0; i < 5; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(make(paths[i], "O", "N", "p256", 1, &random, &err), 0, "%s: %s", paths[i], err.text);
		cr_expect_eq(entries(made[i]), 6);
		cr_expect_eq(make(paths[i], "O", "N", "p256", 1, &random, &err), -1);
	}
	struct custody_error err = CUSTODY_ERROR_INIT;
	snprintf(absolute, sizeof(absolute), "%s/abs", dir);
	cr_expect_eq(make(absolute, "O", "N", "p256", 1, &random, &err), 0, "%s", err.text);
	cr_expect_eq(entries("."), 6);
}

Test(lab, journal_of_a_new_lab_begins_with_its_making)
{
	struct custody_time t = { TESTLAB_NOW, 0 };
	const struct custody_clock clock = testlab_clock(&t);
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);
	const char *const arguments[] = { "L" };
	const struct custody_journal_entry first = { { 0, 0 }, "init", arguments, 1, NULL, "made", "not-run" };
	const struct custody_lab_new n = { "L", "O", "N", "p256", NULL, 0, &clock, &random, &first };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf text;
	uint8_t anchor[32];

	cr_assert_eq(custody_lab_create(&n, anchor, &err), 0, "%s", err.text);
	slurp("L/journal.jsonl", &text);
	cr_expect_str_eq(custody_buf_str(&text),
		"{\"time\":\"2026-10-26T07:33:20Z\",\"tool\":\"custody " CUSTODY_VERSION
		"\",\"command\":\"init\",\"arguments\":[\"L\"],\"package\":null,\"result\":\"made\",\"self_test\":\"not-run\"}\n");
	custody_buf_release(&text);
}

Test(lab, two_of_one_name_have_two_roots)
{
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust t;

	cr_assert_eq(make("A", "O", "N", "p256", 1, &random, &err), 0);
	cr_assert_eq(make("B", "O", "N", "p256", 1, &random, &err), 0);
	custody_trust_init(&t);
	cr_assert_eq(custody_trust_load(&t, "A/trust", &err), 0, "%s", err.text);
	cr_assert_eq(custody_trust_load(&t, "B/trust", &err), 0, "%s", err.text);
	cr_assert_eq(t.n_signers, 2);
	cr_assert_eq(t.n_tsas, 2);
	cr_assert_eq(t.n_crls, 2);
	cr_expect_neq(X509_NAME_cmp(X509_get_subject_name(t.signers[0].x509), X509_get_subject_name(t.signers[1].x509)), 0);
	cr_expect_arr_eq(t.signers[0].sha256, t.tsas[0].sha256, 32);
	custody_trust_release(&t);
}

/* ---- opening ---- */

Test(lab, opens_with_what_init_wrote)
{
	struct custody_lab l;
	struct custody_error err = CUSTODY_ERROR_INIT;

	testlab_folder("L", "p256", NULL);
	cr_assert_eq(custody_lab_open("L", &l, &err), 0, "%s", err.text);
	cr_expect_str_eq(l.organisation, "Test Lab");
	cr_expect_str_eq(l.operator_name, "Test Analyst");
	cr_expect_str_eq(l.signer_name, "test-analyst");
	cr_expect_str_eq(l.stamper_name, CUSTODY_LAB_STAMPER);
	cr_expect_str_eq(l.dir, "L");
	cr_expect(l.level_lt);
	custody_lab_release(&l);
}

Test(lab, opens_nothing_else)
{
	struct custody_lab l;

	cr_assert_eq(mkdir("empty", 0700), 0);
	cr_assert_eq(mkdir("broken", 0700), 0);
	cr_assert_eq(mkdir("folder", 0700), 0);
	cr_assert_eq(mkdir("folder/custody.conf", 0700), 0);
	cr_assert_eq(mkdir("large", 0700), 0);
	tmpdir_write("file", "x", 1);
	tmpdir_write("broken/custody.conf", "x", 1);
	tmpdir_write("large/custody.conf", "x", 1);
	cr_assert_eq(truncate("large/custody.conf", (off_t)CUSTODY_LIMIT_CONF + 1), 0);
	cr_assert_eq(symlink("loop", "loop"), 0);
	static const struct {
		const char *path;
		enum custody_error_kind kind;
		const char *want;
	} cases[] = {
		{ "none", CUSTODY_ERR_INPUT, "there is no lab in 'none'" },
		{ "file", CUSTODY_ERR_INPUT, "there is no lab in 'file'" },
		{ "empty", CUSTODY_ERR_INPUT, "there is no lab in 'empty'" },
		{ "broken", CUSTODY_ERR_FORMAT, "lab 'broken': custody.conf: line 1 is not 'key = value'" },
		{ "folder", CUSTODY_ERR_INPUT, "lab 'folder': 'custody.conf' of the lab is not a regular file" },
		{ "large", CUSTODY_ERR_LIMIT, "lab 'large': 'custody.conf' of the lab has 1048577 bytes, want at most 1048576" },
		{ "loop", CUSTODY_ERR_IO, NULL },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(custody_lab_open(cases[i].path, &l, &err), -1, "%s", cases[i].path);
		cr_expect_eq(err.kind, cases[i].kind, "%s: %s", cases[i].path, err.text);
		if (cases[i].want)
			cr_expect_str_eq(err.text, cases[i].want);
	}
}

/* ---- keys ---- */

static struct custody_lab open_lab(void)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_lab l;

	cr_assert_eq(custody_lab_open("L", &l, &err), 0, "%s", err.text);
	return l;
}

/* Loads at `sec` seconds after TESTLAB_NOW; frees what it got. */
static int load(const struct custody_lab *l, const char *as, const char *passphrase, int64_t sec, char warning[256], struct custody_error *err)
{
	struct custody_lab_keys k;
	struct custody_time now = { TESTLAB_NOW + sec, 999999999 };
	int rc = custody_lab_load_keys(l, as, (const uint8_t *)passphrase, passphrase ? strlen(passphrase) : 0, now, &k, warning, 256, err);

	if (rc == 0)
		custody_lab_keys_release(&k);
	return rc;
}

Test(lab, gives_its_keys_in_the_very_second_it_was_made)
{
	static const char *const types[] = { "p256", "p384", "rsa3072", "rsa-pss" };
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);

	for (size_t i = 0; i < 3; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_lab_keys k;
		char warning[256] = "x";

		testlab_folder("L", types[i], NULL);
		struct custody_lab l = open_lab();
		cr_assert_eq(custody_lab_load_keys(&l, NULL, NULL, 0, (struct custody_time){ TESTLAB_NOW, 0 }, &k, warning, sizeof(warning), &err), 0,
			"%s", err.text);
		cr_expect_str_eq(warning, "");
		cr_expect_eq(custody_signer_try(&k.signer, &random, &err), 0);
		cr_expect_eq(custody_signer_try(&k.stamper, &random, &err), 0);
		cr_expect_eq(k.signer.n_chain, 0);
		cr_expect_eq(k.signer.pss, strcmp(types[i], "rsa-pss") == 0);
		cr_expect_not_null(k.crl.crl);
		custody_lab_keys_release(&k);
		custody_lab_release(&l);
		rename("L", types[i]);
	}
}

Test(lab, root_may_be_away)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char warning[256];

	testlab_folder("L", "p256", NULL);
	struct custody_lab l = open_lab();
	cr_assert_eq(rename("L/root", "offline"), 0);
	cr_expect_eq(load(&l, NULL, NULL, 5, warning, &err), 0, "%s", err.text);
	custody_lab_release(&l);
}

Test(lab, takes_an_analyst_by_name_or_file_name)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char warning[256];

	testlab_folder("L", "p256", NULL);
	struct custody_lab l = open_lab();
	cr_expect_eq(load(&l, "Test Analyst", NULL, 5, warning, &err), 0, "%s", err.text);
	cr_expect_eq(load(&l, "test-analyst", NULL, 5, warning, &err), 0, "%s", err.text);
	cr_expect_eq(load(&l, "Somebody", NULL, 5, warning, &err), -1);
	cr_expect_str_eq(err.text, "there is no 'keys/somebody.key' in the lab");
	cr_expect_str_eq(err.hint, "'custody lab show' lists the keys that there are");
	cr_expect_eq(load(&l, "../../x", NULL, 5, warning, &err), -1);
	cr_expect_str_eq(err.text, "there is no 'keys/x.key' in the lab");
	cr_expect_eq(load(&l, "..", NULL, 5, warning, &err), -1);
	cr_expect_str_eq(err.text, "'..' cannot be the name of a key");
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	cr_expect_eq(load(&l, CUSTODY_LAB_STAMPER, NULL, 5, warning, &err), -1);
	cr_expect_eq(strncmp(err.text, "the certificate of 'time-stamping' is not one for sealing: ", 59), 0, "%s", err.text);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	bool needs = true;
	cr_expect_eq(custody_lab_needs_passphrase(&l, "Somebody", &needs, &err), -1);
	cr_expect_eq(custody_lab_needs_passphrase(&l, "..", &needs, &err), -1);
	cr_expect_eq(custody_lab_needs_passphrase(&l, NULL, &needs, &err), 0);
	cr_expect(!needs);
	custody_lab_release(&l);
}

Test(lab, wants_the_right_passphrase)
{
	static const char pem[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
	struct custody_error err = CUSTODY_ERROR_INIT;
	char warning[256];
	bool needs = false;
	struct custody_buf text;

	testlab_folder("L", "p256", "correct horse");
	slurp("L/root/root.key", &text);
	cr_expect_eq(strncmp(custody_buf_str(&text), pem, strlen(pem)), 0);
	custody_buf_release(&text);
	struct custody_lab l = open_lab();
	cr_assert_eq(custody_lab_needs_passphrase(&l, NULL, &needs, &err), 0);
	cr_expect(needs);
	cr_expect_eq(load(&l, NULL, "correct horse", 5, warning, &err), 0, "%s", err.text);
	cr_expect_eq(load(&l, NULL, "wrong horse", 5, warning, &err), -1);
	cr_expect_str_eq(err.text, "key of 'test-analyst': wrong passphrase");
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	cr_expect_eq(load(&l, NULL, NULL, 5, warning, &err), -1);
	cr_expect_str_eq(err.text, "key of 'test-analyst': key is encrypted, and there is no passphrase");
	custody_lab_release(&l);
}

Test(lab, refuses_by_the_clock)
{
	static const struct {
		int64_t sec;
		const char *warning, *want, *hint; /* want NULL: good */
	} cases[] = {
		{ 0, "", NULL, NULL },
		{ 76 * DAY - 1, "", NULL, NULL },
		{ 76 * DAY, "the lab's revocation list ends at 2027-01-24T07:33:20Z (14 days left); make a new one with: custody lab crl --lab L",
			NULL, NULL },
		{ 90 * DAY - 1, "the lab's revocation list ends at 2027-01-24T07:33:20Z (0 days left); make a new one with: custody lab crl --lab L",
			NULL, NULL },
		{ 90 * DAY, "", "the lab's revocation list ended at 2027-01-24T07:33:20Z", "make a new one with: custody lab crl --lab L" },
		{ -1, "", "the certificate of 'test-analyst' serves from 2026-10-26T07:33:20Z to 2037-10-26T07:33:20Z only",
			"is this computer's clock right?" },
		{ 731 * DAY, "", "the lab's revocation list ended at 2027-01-24T07:33:20Z", "make a new one with: custody lab crl --lab L" },
		{ 731 * DAY + 1, "", "the key of 'test-analyst' serves from 2026-10-26T07:33:20Z to 2028-10-26T07:33:20Z only",
			"the next key of the same holder: custody lab certify --lab L test-analyst" },
		{ 4018 * DAY + 1, "", "the certificate of 'test-analyst' serves from 2026-10-26T07:33:20Z to 2037-10-26T07:33:20Z only",
			"the next key of the same holder: custody lab certify --lab L test-analyst" },
	};
	testlab_folder("L", "p256", NULL);
	struct custody_lab l = open_lab();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		char warning[256] = "";

		cr_expect_eq(load(&l, NULL, NULL, cases[i].sec, warning, &err), cases[i].want ? -1 : 0, "case %zu: %s", i, err.text);
		cr_expect_str_eq(warning, cases[i].warning, "case %zu: '%s'", i, warning);
		if (!cases[i].want)
			continue;
		cr_expect_str_eq(err.text, cases[i].want, "case %zu: %s", i, err.text);
		cr_expect_str_eq(err.hint, cases[i].hint, "case %zu: %s", i, err.hint);
		cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	}
	custody_lab_release(&l);
}

Test(lab, refuses_a_key_that_others_can_read)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0610, 0601, 0777 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char warning[256];
	bool needs;

	testlab_folder("L", "p256", NULL);
	struct custody_lab l = open_lab();
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		cr_assert_eq(chmod("L/keys/test-analyst.key", modes[i]), 0);
		cr_expect_eq(load(&l, NULL, NULL, 5, warning, &err), -1, "%o", modes[i]);
		cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
		cr_expect_eq(custody_lab_needs_passphrase(&l, NULL, &needs, &err), -1);
	}
	cr_expect_str_eq(err.text, "the key 'keys/test-analyst.key' has mode 0777, want 0600: others can read or change it");
	cr_expect_str_eq(err.hint, "chmod 600 'L/keys/test-analyst.key', and consider whether the key is still only yours");
	cr_assert_eq(chmod("L/keys/test-analyst.key", 0400), 0);
	cr_expect_eq(load(&l, NULL, NULL, 5, warning, &err), 0, "%s", err.text);
	cr_assert_eq(chmod("L/keys/time-stamping.key", 0644), 0);
	cr_expect_eq(load(&l, NULL, NULL, 5, warning, &err), -1);
	cr_expect_eq(custody_lab_needs_passphrase(&l, NULL, &needs, &err), -1);
	custody_lab_release(&l);
}

/* Puts the text of one file of the lab in place of another's. */
static void copy_over(const char *from, const char *to)
{
	struct custody_buf text;
	int fd = -1;

	slurp(from, &text);
	fd = open(to, O_WRONLY | O_TRUNC | O_CREAT, 0600);
	cr_assert_eq(write(fd, text.data, text.len), (ssize_t)text.len);
	close(fd);
	custody_buf_release(&text);
}

Test(lab, refuses_files_that_do_not_belong_together)
{
	static const struct {
		const char *from, *to;
		enum custody_error_kind kind;
		const char *want; /* its beginning */
	} cases[] = {
		{ "L/custody.conf", "L/keys/test-analyst.key", CUSTODY_ERR_FORMAT, "key of 'test-analyst': no key in it" },
		{ "L/keys/time-stamping.key", "L/keys/test-analyst.key", CUSTODY_ERR_INPUT,
			"key of 'test-analyst': the key and the certificate do not belong" },
		{ "L/keys/test-analyst.key", "L/keys/time-stamping.key", CUSTODY_ERR_INPUT,
			"key of 'time-stamping': the key and the certificate do not" },
		{ "L/custody.conf", "L/certificates/test-analyst.pem", CUSTODY_ERR_FORMAT,
			"'certificates/test-analyst.pem' holds 0 certificates, want one" },
		{ "L/certificates/time-stamping.pem", "L/certificates/test-analyst.pem", CUSTODY_ERR_INPUT,
			"the certificate of 'test-analyst' is not one for" },
		{ "L/certificates/test-analyst.pem", "L/certificates/time-stamping.pem", CUSTODY_ERR_INPUT,
			"the certificate of 'time-stamping' is not one" },
		{ "L/custody.conf", "L/trust/signers.pem", CUSTODY_ERR_INPUT, "trust/signers.pem of the lab holds no root that issued" },
		{ "M/trust/signers.pem", "L/trust/signers.pem", CUSTODY_ERR_INPUT, "trust/signers.pem of the lab holds no root that issued" },
		{ "L/custody.conf", "L/trust/crls.pem", CUSTODY_ERR_FORMAT, "'L/trust/crls.pem' holds no revocation list in PEM, want at least one" },
		{ "M/trust/crls.pem", "L/trust/crls.pem", CUSTODY_ERR_INPUT, "trust/crls.pem of the lab holds no revocation list of its root" },
	};
	testlab_folder("M", "p256", NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		char warning[256], old[16];

		testlab_folder("L", "p256", NULL);
		struct custody_lab l = open_lab();
		copy_over(cases[i].from, cases[i].to);
		cr_expect_eq(load(&l, NULL, NULL, 5, warning, &err), -1, "case %zu", i);
		cr_expect_eq(strncmp(err.text, cases[i].want, strlen(cases[i].want)), 0, "case %zu: %s", i, err.text);
		cr_expect_eq(err.kind, cases[i].kind, "case %zu: kind %d", i, (int)err.kind);
		custody_lab_release(&l);
		snprintf(old, sizeof(old), "old%zu", i);
		rename("L", old);
	}
}

Test(lab, misses_what_is_not_there)
{
	static const char *const paths[] = { "L/keys/test-analyst.key", "L/keys/time-stamping.key", "L/certificates/test-analyst.pem", "L/trust" };

	for (size_t i = 0; i < 4; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		char warning[256], old[16], gone[16];

		testlab_folder("L", "p256", NULL);
		struct custody_lab l = open_lab();
		snprintf(gone, sizeof(gone), "gone%zu", i);
		rename(paths[i], gone);
		cr_expect_eq(load(&l, NULL, NULL, 5, warning, &err), -1, "%s", paths[i]);
		cr_expect_eq(err.kind, CUSTODY_ERR_INPUT, "%s: %s", paths[i], err.text);
		custody_lab_release(&l);
		snprintf(old, sizeof(old), "old%zu", i);
		rename("L", old);
	}
}

/* ---- revocation lists ---- */

/* A root of its own with two leaves under it, in the place of the lab's. */
static void replant(struct testlab *t)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct {
		const char *path, *label;
		const struct custody_certificate *c;
	} files[] = { { "L/trust/signers.pem", "CERTIFICATE", &t->root },
		{ "L/certificates/test-analyst.pem", "CERTIFICATE", &t->signer.certificate },
		{ "L/certificates/time-stamping.pem", "CERTIFICATE", &t->stamper.certificate } };
	static const char *const keys[] = { "L/keys/test-analyst.key", "L/keys/time-stamping.key" };

	testlab_make(t, "p256");
	for (size_t i = 0; i < 3; i++) {
		struct custody_buf b;

		custody_buf_init(&b, 65536);
		cr_assert_eq(custody_pem_append(files[i].label, files[i].c->der, files[i].c->der_len, &b, &err), 0);
		tmpdir_write(files[i].path, b.data, b.len);
		custody_buf_release(&b);
	}
	const struct evp_pkey_st *made[] = { t->signer.key, t->stamper.key };
	for (size_t i = 0; i < 2; i++) {
		struct custody_buf b;

		custody_buf_init(&b, 65536);
		cr_assert_eq(custody_key_format_pem(made[i], NULL, 0, &b, &err), 0);
		tmpdir_write(keys[i], b.data, b.len);
		custody_buf_release(&b);
	}
}

static void append_crl(const struct testlab *t, int64_t sec, const struct custody_certificate *revoked, struct custody_buf *out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const ASN1_INTEGER *serial = revoked ? X509_get0_serialNumber(revoked->x509) : NULL;
	const struct custody_revoked entry = { serial ? serial->data : NULL, serial ? (size_t)serial->length : 0, { TESTLAB_NOW + sec, 0 }, 1, false,
		{ 0, 0 } };
	const struct custody_issue_crl_request r = { &t->root, t->root_key, 2, { TESTLAB_NOW + sec, 0 }, &entry, revoked ? 1 : 0 };
	struct custody_crl crl = { 0 };

	cr_assert_eq(custody_issue_crl(&r, &crl, &err), 0, "%s", err.text);
	cr_assert_eq(custody_pem_append("X509 CRL", crl.der, crl.der_len, out, &err), 0);
	custody_crl_release(&crl);
}

Test(lab, newest_list_of_the_root_counts)
{
	struct testlab t;
	const struct {
		const char *what;
		int64_t first, second; /* thisUpdate after TESTLAB_NOW; -1: none */
		int revoked; /* in the second: 0 nobody, 1 the analyst, 2 the authority */
		const char *want; /* NULL: good */
	} cases[] = {
		{ "older first", 0, 100, 0, NULL },
		{ "newer first", 100, 0, 0, NULL },
		{ "an older one that revokes is overtaken", 100, 0, 1, NULL },
		{ "analyst revoked", 0, 100, 1, "the certificate of 'test-analyst' is revoked" },
		{ "authority revoked", 0, 100, 2, "the certificate of 'time-stamping' is revoked" },
		{ "dated ahead", 2000, -1, 0, "the lab's revocation list is of 2026-10-26T08:06:40Z, which has not come yet" },
	};
	testlab_folder("L", "p256", NULL);
	replant(&t);
	struct custody_lab l = open_lab();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_buf b;
		char warning[256];
		const struct custody_certificate *who[] = { NULL, &t.signer.certificate, &t.stamper.certificate };

		custody_buf_init(&b, 65536);
		append_crl(&t, cases[i].first, NULL, &b);
		if (cases[i].second >= 0)
			append_crl(&t, cases[i].second, who[cases[i].revoked], &b);
		tmpdir_write("L/trust/crls.pem", b.data, b.len);
		custody_buf_release(&b);
		cr_expect_eq(load(&l, NULL, NULL, 1000, warning, &err), cases[i].want ? -1 : 0, "%s: %s", cases[i].what, err.text);
		if (cases[i].want)
			cr_expect_str_eq(err.text, cases[i].want, "%s: %s", cases[i].what, err.text);
	}
	custody_lab_release(&l);
	testlab_release(&t);
}
