/* SPDX-License-Identifier: Apache-2.0 */
/* What a lab's root does, and what is left of it when the machine stops, or a call fails, at any point. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcustody/base/fd.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/work/labroot.h"
#include "libcustody/work/labshow.h"
#include "libcustody/work/labtrust.h"
#include "libcustody/work/rootstate.h"
#include "tests/support/faults.h"
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
	faults_clear();
	tmpdir_leave(dir);
}

TestSuite(labroot, .init = enter, .fini = leave);

/* A lab with its root, at a time of the test's. */
struct bench {
	struct custody_lab lab;
	struct custody_time now;
	struct custody_clock clock;
	uint64_t seed;
	struct custody_random random;
	struct custody_lab_root root;
	struct custody_lab_issued issued;
	struct custody_error err;
};

static void bench_open(struct bench *b, const char *path, int64_t sec)
{
	memset(b, 0, sizeof(*b));
	cr_assert_eq(custody_lab_open(path, &b->lab, &b->err), 0, "%s", b->err.text);
	b->now.sec = TESTLAB_NOW + sec;
	b->clock = testlab_clock(&b->now);
	b->seed = 99 + (uint64_t)sec;
	b->random = testlab_random(&b->seed);
	b->root = (struct custody_lab_root){ .lab = &b->lab, .clock = &b->clock, .random = &b->random };
}

static void bench_close(struct bench *b)
{
	custody_lab_release(&b->lab);
}

static int certify(struct bench *b, const char *name, bool stamping, const char *type)
{
	const struct custody_lab_certify what = { name, stamping, type, NULL, 0 };

	return custody_lab_certify(&b->root, &what, &b->issued, &b->err);
}

static int revoke_it(struct bench *b, const char *certificate, int reason, int64_t since)
{
	const struct custody_lab_revoke what = { certificate, reason, since != 0, { TESTLAB_NOW + since, 0 } };

	return custody_lab_revoke(&b->root, &what, &b->issued, &b->err);
}

static void read_state(struct custody_root_state *s)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, CUSTODY_LIMIT_ROOT_STATE);
	cr_assert_eq(custody_fd_slurp("L/root/state.json", CUSTODY_LIMIT_ROOT_STATE, &text, &err), 0, "%s", err.text);
	cr_assert_eq(custody_root_state_parse(text.data, text.len, s, &err), 0, "%s", err.text);
}

/* The one list of the lab. */
static void read_list(struct custody_trust *t)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_trust_init(t);
	cr_assert_eq(custody_trust_load(t, "L/trust", &err), 0, "%s", err.text);
	cr_assert_eq(t->n_crls, 1);
}

/* ---- what it does ---- */

Test(labroot, one_key_follows_another)
{
	struct bench b;
	struct custody_lab_keys keys;
	char warning[256];

	testlab_folder("L", "rsa-pss", NULL);
	bench_open(&b, "L", 5);
	cr_assert_eq(certify(&b, "Second Analyst", false, NULL), 0, "%s", b.err.text);
	cr_expect_str_eq(b.issued.stem, "second-analyst");
	cr_expect_str_eq(b.issued.previous, "");
	cr_expect_eq(b.issued.crl_number, 2);
	cr_assert_eq(certify(&b, "test-analyst", false, NULL), 0, "%s", b.err.text);
	cr_expect_str_eq(b.issued.stem, "test-analyst--2");
	cr_expect_str_eq(b.issued.previous, "test-analyst");
	cr_expect_str_eq(b.issued.name, "Test Analyst");
	cr_assert_eq(certify(&b, "Test Analyst", false, "p384"), 0, "%s", b.err.text);
	cr_expect_str_eq(b.issued.stem, "test-analyst--3");
	cr_expect_eq(b.issued.use_until.sec, TESTLAB_NOW + 5 + CUSTODY_ISSUE_KEY_USE_DAYS * DAY);
	/* The name of a key file, as `lab show` has it, and of one that is not there yet: the holder's next, never a person of that name. */
	cr_assert_eq(certify(&b, "test-analyst--3", false, "p384"), 0, "%s", b.err.text);
	cr_expect_str_eq(b.issued.stem, "test-analyst--4");
	cr_expect_str_eq(b.issued.name, "Test Analyst");
	cr_assert_eq(certify(&b, "test-analyst--5", false, "p384"), 0, "%s", b.err.text);
	cr_expect_str_eq(b.issued.stem, "test-analyst--5");
	cr_expect_eq(certify(&b, "test-analyst--2", true, NULL), -1);
	cr_expect_not_null(strstr(b.err.text, "'test-analyst' is there already, with a key for sealing"), "%s", b.err.text);
	b.err = (struct custody_error)CUSTODY_ERROR_INIT;
	cr_assert_eq(certify(&b, CUSTODY_LAB_STAMPER, true, NULL), 0, "%s", b.err.text);
	cr_assert_eq(custody_lab_load_keys(&b.lab, NULL, NULL, 0, b.now, &keys, warning, sizeof(warning), &b.err), 0, "%s", b.err.text);
	cr_expect(keys.signer.certificate.facts.key == CUSTODY_X509_P384 && !keys.signer.pss);
	cr_expect(keys.stamper.certificate.facts.key == CUSTODY_X509_RSA_PSS && keys.stamper.pss);
	custody_lab_keys_release(&keys);
	cr_assert_eq(custody_lab_load_keys(&b.lab, "Second Analyst", NULL, 0, b.now, &keys, warning, sizeof(warning), &b.err), 0, "%s", b.err.text);
	cr_expect_eq(keys.signer.certificate.facts.key, CUSTODY_X509_RSA_PSS);
	custody_lab_keys_release(&keys);
	bench_close(&b);
}

Test(labroot, refuses_what_it_cannot_certify)
{
	static const struct {
		const char *name;
		bool stamping;
		const char *type;
		enum custody_error_kind kind;
		const char *want;
	} cases[] = {
		{ "", false, "p256", CUSTODY_ERR_USAGE, "name is empty, want 1 to 64 characters" },
		{ "-", false, "p256", CUSTODY_ERR_USAGE, "name gives an empty file name, want one with a letter or digit in it" },
		{ "N", false, "dsa", CUSTODY_ERR_USAGE, "unknown key type 'dsa', want p256, p384, rsa3072 or rsa-pss" },
		{ "TEST Analyst", false, "p256", CUSTODY_ERR_INPUT, "the file name 'test-analyst' is that of 'Test Analyst' already" },
		{ "Test Analyst", true, "p256", CUSTODY_ERR_INPUT, "'test-analyst' is there already, with a key for sealing" },
		{ "Time Stamping", false, "p256", CUSTODY_ERR_INPUT, "'time-stamping' is there already, with a key for time-stamping" },
		{ "Taken", false, "p256", CUSTODY_ERR_INPUT,
			"'keys/taken.key' of the lab exists already, and the root has issued no certificate for it" },
		{ "Known", false, "p256", CUSTODY_ERR_INPUT, "state.json in 'L/root' is an old copy: it does not know of certificates/known.pem" },
	};
	struct bench b;
	struct custody_root_state s = { 0 };

	testlab_folder("L", "p256", NULL);
	tmpdir_write("L/keys/taken.key", "x", 1);
	tmpdir_write("L/certificates/known.pem", "x", 1);
	bench_open(&b, "L", 5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(certify(&b, cases[i].name, cases[i].stamping, cases[i].type), -1, "case %zu", i);
		cr_expect_str_eq(b.err.text, cases[i].want, "case %zu: %s", i, b.err.text);
		cr_expect_eq(b.err.kind, cases[i].kind, "case %zu", i);
	}
	read_state(&s);
	cr_expect_eq(s.n, 3);
	cr_expect_eq(s.crl_number, 1);
	custody_root_state_release(&s);
	bench_close(&b);
}

Test(labroot, revocations_only_get_worse)
{
	struct bench b;
	struct custody_root_state s = { 0 };

	testlab_folder("L", "p256", NULL);
	bench_open(&b, "L", 100);
	cr_assert_eq(revoke_it(&b, "Test Analyst", 4, 0), 0, "%s", b.err.text);
	cr_expect_eq(b.issued.revoked_since.sec, TESTLAB_NOW + 100);
	b.now.sec += 100;
	cr_expect_eq(revoke_it(&b, "test-analyst", 5, 0), -1);
	cr_expect_str_eq(b.err.text, "the certificate of 'test-analyst' is revoked already: superseded, since 2026-10-26T07:35:00Z");
	cr_expect_eq(b.err.kind, CUSTODY_ERR_INPUT);
	cr_expect_eq(revoke_it(&b, "L/certificates/test-analyst.pem", 5, 150), -1, "a later time is no news");
	cr_assert_eq(revoke_it(&b, "L/certificates/test-analyst.pem", 5, 50), 0, "%s", b.err.text);
	cr_expect_eq(b.issued.revoked_since.sec, TESTLAB_NOW + 50);
	cr_assert_eq(revoke_it(&b, "L/certificates/test-analyst.pem", 1, 0), 0, "%s", b.err.text);
	cr_expect_eq(b.issued.revoked_since.sec, TESTLAB_NOW + 50);
	cr_expect_eq(revoke_it(&b, "L/certificates/test-analyst.pem", 1, 60), -1);
	cr_expect_eq(revoke_it(&b, "Nobody", 1, 0), -1);
	cr_expect_str_eq(b.err.text, "there is no file 'Nobody', and the root has issued no certificate to one of this name");
	cr_expect_eq(revoke_it(&b, CUSTODY_LAB_STAMPER, 1, -1), -1);
	cr_expect_str_eq(b.err.text, "since 2026-10-26T07:33:19Z is before the certificate, which begins at 2026-10-26T07:33:20Z");
	cr_expect_eq(b.err.kind, CUSTODY_ERR_USAGE);
	cr_expect_eq(revoke_it(&b, CUSTODY_LAB_STAMPER, 1, 201), -1);
	cr_expect_str_eq(b.err.text, "since 2026-10-26T07:36:41Z is in the future: it is 2026-10-26T07:36:40Z");
	cr_expect_eq(revoke_it(&b, "L/root/root.pem", 1, 0), -1);
	read_state(&s);
	cr_expect_eq(s.crl_number, 4);
	cr_expect(s.certificates[1].revoked && s.certificates[1].reason == 1 && s.certificates[1].when.sec == TESTLAB_NOW + 100);
	cr_expect(!s.certificates[2].revoked);
	custody_root_state_release(&s);
	bench_close(&b);
}

Test(labroot, refuses_another_root_an_old_copy_and_a_clock_set_back)
{
	struct bench b;

	testlab_folder("L", "p256", NULL);
	cr_assert_eq(system("cp -a L M && cp -a L/root old"), 0);
	bench_open(&b, "L", 1000);
	cr_assert_eq(custody_lab_crl(&b.root, &b.issued, &b.err), 0, "%s", b.err.text);
	b.root.dir = "old";
	cr_expect_eq(custody_lab_crl(&b.root, &b.issued, &b.err), -1);
	cr_expect_str_eq(b.err.text, "state.json in 'old' is an old copy: it knows of list 1, and trust/crls.pem holds list 2");
	b.root.dir = NULL;
	cr_assert_eq(revoke_it(&b, "Test Analyst", 1, 0), 0, "%s", b.err.text);
	cr_assert_eq(system("sed 's/\"crl_number\":1/\"crl_number\":9/' old/state.json >x && mv x old/state.json"), 0);
	b.root.dir = "old";
	cr_expect_eq(custody_lab_crl(&b.root, &b.issued, &b.err), -1);
	cr_expect_str_eq(b.err.text, "state.json in 'old' is an old copy: trust/crls.pem holds a revocation that it does not know");
	b.root.dir = "none";
	cr_expect_eq(custody_lab_crl(&b.root, &b.issued, &b.err), -1);
	cr_expect_str_eq(b.err.text, "there is no root in 'none'");
	cr_expect_str_eq(b.err.hint, "if the root is kept elsewhere, say where with --root DIR");
	b.root.dir = NULL;
	b.now.sec--;
	cr_expect_eq(custody_lab_crl(&b.root, &b.issued, &b.err), -1);
	cr_expect_str_eq(b.err.text, "the lab's revocation list is of 2026-10-26T07:50:00Z, which has not come yet");
	b.now.sec = TESTLAB_NOW + (CUSTODY_ISSUE_ROOT_DAYS + 1) * DAY;
	cr_expect_eq(custody_lab_crl(&b.root, &b.issued, &b.err), -1);
	cr_expect_eq(strncmp(b.err.text, "the root's certificate ended at ", 32), 0, "%s", b.err.text);
	bench_close(&b);
}

/* ---- what is left when it stops ---- */

#define SEEN_MAX 64

/* Every list that was ever published, by its number. */
struct seen {
	uint8_t sha256[SEEN_MAX][32];
	bool there[SEEN_MAX];
};

static void note_list(struct seen *seen, const struct custody_crl *crl)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t sha256[32];
	uint64_t number = 0;

	cr_assert(custody_issue_crl_number(crl, &number) && number < SEEN_MAX);
	cr_assert_eq(custody_digest_once(CUSTODY_SHA256, crl->der, crl->der_len, sha256, &err), 0);
	cr_assert(!seen->there[number] || memcmp(seen->sha256[number], sha256, 32) == 0, "list %d twice", (int)number);
	memcpy(seen->sha256[number], sha256, 32);
	seen->there[number] = true;
}

/* The lab can seal; its state is whole and not behind the world; nothing half written has a name that is read. */
static void expect_sound(struct bench *b, struct seen *seen, const char *as)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_root_state s = { 0 };
	struct custody_trust t;
	struct custody_lab_keys keys;
	uint64_t number = 0;
	char warning[256];

	read_state(&s);
	read_list(&t);
	note_list(seen, &t.crls[0]);
	cr_assert(custody_issue_crl_number(&t.crls[0], &number));
	cr_expect_leq(number, s.crl_number);
	for (size_t i = 0; i < custody_issue_crl_count(&t.crls[0]); i++) {
		struct custody_bytes serial;

		cr_assert(custody_issue_crl_serial(&t.crls[0], i, &serial));
		cr_expect(custody_root_state_find(&s, serial) && custody_root_state_find(&s, serial)->revoked);
	}
	cr_expect_eq(custody_lab_load_keys(&b->lab, as, NULL, 0, b->now, &keys, warning, sizeof(warning), &err), 0, "%s", err.text);
	if (err.kind == CUSTODY_ERR_NONE) {
		/* The list covers the certificate: it is not older. */
		cr_expect_geq(keys.crl.facts.this_update.sec, keys.signer.certificate.facts.not_before.sec);
		custody_lab_keys_release(&keys);
	}
	custody_trust_release(&t);
	custody_root_state_release(&s);
}

enum action { CRL, CERTIFY, REVOKE };

static int act(struct bench *b, enum action action)
{
	switch (action) {
	case CERTIFY:
		return certify(b, "Test Analyst", false, "p256");
	case REVOKE:
		return revoke_it(b, CUSTODY_LAB_STAMPER "-other", 1, 0);
	case CRL:
	default:
		return custody_lab_crl(&b->root, &b->issued, &b->err);
	}
}

/* In a child, where the nth call stops it or fails. Gives its exit status: 0 done, 1 failed, FAULTS_CRASHED. */
static int act_with_fault(struct bench *b, enum action action, const char *call, int nth, int error)
{
	int status = 0;
	pid_t child = fork();

	cr_assert_geq(child, 0);
	if (child == 0) {
		faults_set(call, nth, error);
		_exit(act(b, action) == 0 ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool is_revoked_in(const struct custody_root_state *s, const char *file)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->certificates[i].file, file) == 0)
			return s->certificates[i].revoked;
	return false;
}

/* Each call of each kind, one run each. Returns how many runs were stopped. */
static int stop_everywhere(enum action action, int error)
{
	static const char *const calls[] = { "unlinkat", "fsync", "renameat2" };
	int stopped = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (int nth = 1, status = 1; status != 0; nth++) {
			struct bench b;
			struct seen seen = { 0 };
			struct custody_root_state before = { 0 }, after = { 0 };
			struct custody_trust t;
			struct custody_time since;
			bool revoked = false;

			testlab_folder("L", "p256", NULL);
			bench_open(&b, "L", 10);
			cr_assert_eq(certify(&b, CUSTODY_LAB_STAMPER "-other", true, "p256"), 0, "%s", b.err.text);
			expect_sound(&b, &seen, NULL);
			b.now.sec += 10;
			status = act_with_fault(&b, action, calls[i], nth, error);
			stopped += status != 0;
			cr_expect(status == 0 || status == (error == FAULTS_CRASH ? FAULTS_CRASHED : 1) || strcmp(calls[i], "unlinkat") == 0,
				"%s %d: %d", calls[i], nth, status);
			expect_sound(&b, &seen, NULL);
			read_state(&before);
			/* And then it goes on: what was recorded comes, no number comes again. */
			b.now.sec += 10;
			b.seed += 7;
			cr_assert_eq(custody_lab_crl(&b.root, &b.issued, &b.err), 0, "%s %d: %s", calls[i], nth, b.err.text);
			expect_sound(&b, &seen, NULL);
			read_state(&after);
			cr_expect_eq(after.crl_number, before.crl_number + 1);
			read_list(&t);
			cr_expect(custody_crl_find(&t.crls[0].facts,
				(struct custody_bytes){ after.certificates[3].serial, after.certificates[3].serial_len }, &revoked, &since));
			cr_expect_eq(revoked, is_revoked_in(&before, CUSTODY_LAB_STAMPER "-other"));
			cr_expect(status != 0 || action != REVOKE || revoked);
			custody_trust_release(&t);
			if (action == CERTIFY) { /* the next key can be had, and has a file name of its own */
				cr_expect_eq(certify(&b, "Test Analyst", false, "p256"), 0, "%s %d: %s", calls[i], nth, b.err.text);
				expect_sound(&b, &seen, NULL);
			}
			custody_root_state_release(&before);
			custody_root_state_release(&after);
			bench_close(&b);
			cr_assert_eq(system("rm -r L"), 0);
			if (strcmp(calls[i], "unlinkat") == 0 && error != FAULTS_CRASH)
				break; /* a leftover that cannot be removed is no failure of ours */
		}
	return stopped;
}

Test(labroot, a_stop_at_any_point_repeats_no_number_and_loses_no_revocation)
{
	/* Two files, each: the old temporary removed, the new synced, renamed, its folder synced. */
	cr_expect_geq(stop_everywhere(CRL, FAULTS_CRASH), 8);
	cr_expect_geq(stop_everywhere(REVOKE, FAULTS_CRASH), 8);
	cr_expect_geq(stop_everywhere(CERTIFY, FAULTS_CRASH), 16);
}

Test(labroot, a_call_that_fails_leaves_the_lab_sound)
{
	cr_expect_geq(stop_everywhere(CRL, EIO), 6);
	cr_expect_geq(stop_everywhere(REVOKE, ENOSPC), 6);
	cr_expect_geq(stop_everywhere(CERTIFY, EIO), 12);
}

Test(labroot, a_folder_that_has_no_sync_hinders_nothing)
{
	struct bench b;

	testlab_folder("L", "p256", NULL);
	bench_open(&b, "L", 10);
	faults_set("fsync", 2, EINVAL); /* the new file's succeeds, its folder's is not there */
	cr_expect_eq(custody_lab_crl(&b.root, &b.issued, &b.err), 0, "%s", b.err.text);
	cr_expect_not(faults_pending("fsync"));
	bench_close(&b);
}

/* ---- trust ---- */

Test(labroot, a_foreign_authority_comes_whole_or_not_at_all)
{
	static const char *const calls[] = { "fsync", "renameat2" };
	struct custody_error err = CUSTODY_ERROR_INIT;

	testlab_folder("L", "p256", NULL);
	struct custody_time t = { TESTLAB_NOW, 0 };
	uint64_t seed = 12;
	const struct custody_clock clock = testlab_clock(&t);
	const struct custody_random random = testlab_random(&seed);
	uint8_t anchor[32];
	const struct custody_lab_new other = { "M", "Other", "Someone", "p256", NULL, 0, &clock, &random, NULL };
	cr_assert_eq(custody_lab_create(&other, anchor, &err), 0, "%s", err.text);
	cr_assert_eq(system("cat M/trust/tsas.pem M/trust/crls.pem >both.pem && cp -a L kept"), 0);
	for (size_t i = 0; i < 2; i++)
		for (int nth = 1, status = 1; status != 0; nth++) {
			struct bench b;
			struct custody_trust trust;
			pid_t child = 0;

			bench_open(&b, "L", 10);
			child = fork();
			if (child == 0) {
				struct custody_lab_trust_result r;

				faults_set(calls[i], nth, FAULTS_CRASH);
				_exit(custody_lab_trust_add(&b.lab, "both.pem", b.now, &r, &err) == 0 ? 0 : 1);
			}
			cr_assert_eq(waitpid(child, &status, 0), child);
			custody_trust_init(&trust);
			cr_assert_eq(custody_trust_load(&trust, "L/trust", &err), 0, "%s %d: %s", calls[i], nth, err.text);
			cr_expect(trust.n_tsas == 1 || (trust.n_tsas == 2 && trust.n_crls == 2), "%s %d", calls[i], nth);
			custody_trust_release(&trust);
			struct custody_lab_trust_result r;
			cr_assert_eq(custody_lab_trust_add(&b.lab, "both.pem", b.now, &r, &err), 0, "%s", err.text);
			cr_expect(r.n == 2 && !r.entries[0].list && r.entries[0].root && r.entries[0].authority && r.entries[1].list);
			custody_lab_trust_result_release(&r);
			cr_assert_eq(custody_trust_load(&trust, "L/trust", &err), 0);
			cr_expect(trust.n_tsas == 2 && trust.n_crls == 2);
			custody_trust_release(&trust);
			bench_close(&b);
			cr_assert_eq(system("rm -r L && cp -a kept L"), 0);
		}
}

Test(labroot, a_newer_list_takes_no_revocation_away)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct testlab foreign;
	struct bench b;
	struct custody_trust trust;
	CUSTODY_BUF_CLEAN struct custody_buf root = { 0 };
	const uint8_t serials[] = { 1, 2 };
	const struct custody_revoked entries[] = { { serials, 1, { TESTLAB_NOW, 0 }, 1, false, { 0, 0 } },
		{ serials + 1, 1, { TESTLAB_NOW, 0 }, 1, false, { 0, 0 } }, { serials, 1, { TESTLAB_NOW + 5, 0 }, 1, false, { 0, 0 } } };
	const struct {
		int64_t sec;
		const struct custody_revoked *revoked;
		size_t n;
		enum custody_lab_trust_fate want;
		size_t lists; /* afterwards, with the lab's own */
	} cases[] = {
		{ 10, entries, 1, CUSTODY_TRUST_ADDED, 2 },
		{ 10, entries, 1, CUSTODY_TRUST_OLDER, 2 }, /* signed anew, it says nothing new */
		{ 20, entries, 2, CUSTODY_TRUST_RENEWED, 2 },
		{ 15, entries, 1, CUSTODY_TRUST_OLDER, 2 },
		{ 30, NULL, 0, CUSTODY_TRUST_ADDED, 3 }, /* without what was revoked: both stay */
		{ 40, entries + 1, 2, CUSTODY_TRUST_RENEWED, 3 }, /* revoked later than the first says: that one stays; the empty one goes */
		{ 50, entries, 2, CUSTODY_TRUST_RENEWED, 2 },
	};

	testlab_folder("L", "p256", NULL);
	testlab_make(&foreign, "p384");
	custody_buf_init(&root, 65536);
	cr_assert_eq(custody_pem_append("CERTIFICATE", foreign.root.der, foreign.root.der_len, &root, &err), 0);
	tmpdir_write("root.pem", root.data, root.len);
	bench_open(&b, "L", 100);
	struct custody_lab_trust_result r;
	cr_assert_eq(custody_lab_trust_add(&b.lab, "root.pem", b.now, &r, &err), 0, "%s", err.text);
	custody_lab_trust_result_release(&r);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct custody_issue_crl_request request = { &foreign.root, foreign.root_key, i + 1, { TESTLAB_NOW + cases[i].sec, 0 },
			cases[i].revoked, cases[i].n };
		struct custody_crl crl;

		cr_assert_eq(custody_issue_crl(&request, &crl, &err), 0, "%s", err.text);
		tmpdir_write("list.der", crl.der, crl.der_len);
		custody_crl_release(&crl);
		cr_assert_eq(custody_lab_trust_add(&b.lab, "list.der", b.now, &r, &err), 0, "case %zu: %s", i, err.text);
		cr_expect(r.n == 1 && r.entries[0].list);
		cr_expect_eq(r.entries[0].fate, cases[i].want, "case %zu: %d", i, (int)r.entries[0].fate);
		custody_lab_trust_result_release(&r);
		custody_trust_init(&trust);
		cr_assert_eq(custody_trust_load(&trust, "L/trust", &err), 0);
		cr_expect_eq(trust.n_crls, cases[i].lists, "case %zu: %zu lists", i, trust.n_crls);
		custody_trust_release(&trust);
	}
	bench_close(&b);
	testlab_release(&foreign);
}
