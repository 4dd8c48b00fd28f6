/* SPDX-License-Identifier: Apache-2.0 */
/* Writing custody records: begun beside a package, continued event by event, by two laboratories; and what is refused before anything is written. */
#include "libcustody/work/record_write.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/hex.h"
#include "libcustody/work/verify.h"
#include "tests/support/lab.h"
#include "tests/support/tmpdir.h"

#define PACKAGE "p.asice"
#define RECORD "p.custody.asice"

/* Two laboratories that trust each other, and a package of the first. */
struct two {
	char folder[64];
	struct custody_test_lab a, b;
	struct custody_trust both;
	struct custody_seal_result_out sealed;
	struct custody_pen pen_a, pen_b;
	struct custody_error err;
};

static struct custody_pen pen_of(struct custody_test_lab *lab, const struct custody_trust *trust)
{
	const struct custody_seal_options o = custody_test_lab_options(lab);

	return (struct custody_pen){ .load_keys = o.load_keys,
		.load_keys_ctx = o.load_keys_ctx,
		.trust = trust,
		.clock = &lab->clock,
		.random = &lab->random,
		.level_lt = true,
		.synchronised = -1 };
}

static void seal(struct two *t)
{
	struct custody_seal_options o = custody_test_lab_options(&t->a);
	char in[128];
	const struct custody_walk_argument argument = { .path = in };

	snprintf(in, sizeof(in), "%s/in", t->folder);
	cr_assert_eq(mkdir(in, 0755), 0);
	tmpdir_write("in/a", "evidence", 8);
	o.output = PACKAGE;
	o.arguments = &argument;
	o.n_arguments = 1;
	custody_seal_result_init(&t->sealed);
	cr_assert_eq(custody_seal(&o, &t->sealed, &t->err), 0, "%s", t->err.text);
}

static void two_make_named(struct two *t, const char *name_of_b)
{
	char trust[80];

	memset(t, 0, sizeof(*t));
	tmpdir_enter(t->folder);
	cr_assert_eq(mkdir("a", 0755) | mkdir("b", 0755), 0);
	custody_test_lab_make(&t->a, "a", "p256");
	custody_test_lab_make_named(&t->b, "b", "p384", name_of_b);
	custody_trust_init(&t->both);
	for (int i = 0; i < 2; i++) {
		snprintf(trust, sizeof(trust), "%s/lab/trust", i ? "b" : "a");
		cr_assert_eq(custody_trust_load(&t->both, trust, &t->err), 0, "%s", t->err.text);
	}
	seal(t);
	t->pen_a = pen_of(&t->a, &t->both);
	t->pen_b = pen_of(&t->b, &t->both);
	cr_assert_eq(custody_pen_try(&t->pen_a, &t->err), 0, "%s", t->err.text);
	cr_assert_eq(custody_pen_try(&t->pen_b, &t->err), 0, "%s", t->err.text);
}

static void two_make(struct two *t)
{
	two_make_named(t, "Test Receiver");
}

static void two_release(struct two *t)
{
	custody_seal_result_release(&t->sealed);
	custody_trust_release(&t->both);
	custody_test_lab_release(&t->a);
	custody_test_lab_release(&t->b);
	tmpdir_leave(t->folder);
}

/* Begins the record of p.asice under that name. */
static int begin(struct two *t, struct custody_pen *pen, const char *name, const char *uuid)
{
	CUSTODY_CLEANUP(custody_record_written_release) struct custody_record_written w;
	CUSTODY_CLEANUP(custody_event_release) struct custody_event e;
	CUSTODY_CLOSE int fd = open(PACKAGE, O_RDONLY | O_CLOEXEC);
	struct custody_source source;
	struct custody_source_fd state;

	custody_record_written_init(&w);
	custody_event_init(&e);
	e.actor.name = "Somebody";
	cr_assert_eq(custody_source_open_fd(&source, &state, fd, &t->err), 0);
	const struct custody_record_begin how = {
		.package = &source, .sha256 = t->sealed.report.sha256, .size = t->sealed.report.size, .uuid = uuid, .path = name, .pen = pen
	};
	int r = custody_record_begin(&how, &e, &w, &t->err);
	cr_expect_eq(w.seq, r == 0 ? 1 : 0);
	return r;
}

/* An event that needs nothing but a text. */
static void incident(struct custody_event *e)
{
	custody_event_init(e);
	e->type = CUSTODY_EVENT_INCIDENT;
	e->type_name = "incident";
	e->actor.name = "Somebody";
	for (int i = 0; i < 3; i++)
		e->values[i] = (struct custody_event_value){ .present = true, .text = "text" };
}

static void released(struct custody_event *e, const char *to)
{
	custody_event_init(e);
	e->type = CUSTODY_EVENT_RELEASED;
	e->type_name = "released";
	e->actor.name = "Somebody";
	e->to.name = to;
	e->has_to = e->measured = true;
	e->purpose = "purpose";
	e->authority = "authority";
	e->values[0].present = true;
	memset(e->values[0].bytes, to[0], 16);
}

/* Accepts event `seq`, or refuses it. */
static void answer(struct custody_event *e, const struct custody_record_file *f, size_t seq, bool accept)
{
	custody_event_init(e);
	e->type = accept ? CUSTODY_EVENT_ACCEPTED : CUSTODY_EVENT_REFUSED;
	e->type_name = accept ? "accepted" : "refused";
	e->actor.name = "Somebody";
	e->measured = true;
	e->values[0].present = e->values[1].present = true;
	memcpy(e->values[0].bytes, f->view.record.entries[seq - 1].sha256[2], 32);
	memcpy(e->values[1].bytes, f->view.record.entries[seq - 1].event.values[0].bytes, 16);
	e->values[2] = (struct custody_event_value){ .present = !accept, .text = "reason" };
}

/* Opens, adds, closes. make is told which event it answers, if any. */
static int add(struct two *t, struct custody_pen *pen, void (*make)(struct two *, struct custody_record_file *, struct custody_event *))
{
	CUSTODY_CLEANUP(custody_record_file_release) struct custody_record_file f = CUSTODY_RECORD_FILE_INIT;
	CUSTODY_CLEANUP(custody_record_written_release) struct custody_record_written w;
	CUSTODY_CLEANUP(custody_event_release) struct custody_event e;
	size_t before;

	t->err = (struct custody_error)CUSTODY_ERROR_INIT;
	custody_event_init(&e);
	custody_record_written_init(&w);
	cr_assert_eq(custody_record_file_open(&f, RECORD, pen->trust, t->a.now, &t->a.random, &t->err), 0, "%s", t->err.text);
	before = f.view.record.n;
	make(t, &f, &e);
	int r = custody_record_file_add(&f, pen, &e, &w, &t->err);
	cr_expect_eq(w.seq, r == 0 ? before + 1 : 0);
	return r;
}

static void make_incident(struct two *t, struct custody_record_file *f, struct custody_event *e)
{
	(void)t;
	(void)f;
	incident(e);
}

static void make_release(struct two *t, struct custody_record_file *f, struct custody_event *e)
{
	(void)f;
	released(e, t->b.lab.operator_name);
}

static void make_release_to_nobody(struct two *t, struct custody_record_file *f, struct custody_event *e)
{
	(void)t;
	(void)f;
	released(e, "Quite Another");
}

static void make_accept(struct two *t, struct custody_record_file *f, struct custody_event *e)
{
	(void)t;
	answer(e, f, 2, true);
}

static void make_refuse(struct two *t, struct custody_record_file *f, struct custody_event *e)
{
	(void)t;
	answer(e, f, 2, false);
}

static void make_incomplete(struct two *t, struct custody_record_file *f, struct custody_event *e)
{
	(void)t;
	(void)f;
	incident(e);
	e->values[1].present = false;
}

/* The verdict of the package with its record, under the trust of both. */
static enum custody_verdict verdict(struct two *t, struct custody_report *report)
{
	struct custody_verify_options o = { .trust = &t->both, .evaluated_at = t->a.now, .now = t->a.now, .random = &t->a.random };
	CUSTODY_CLOSE int package = open(PACKAGE, O_RDONLY | O_CLOEXEC), record = open(RECORD, O_RDONLY | O_CLOEXEC);
	struct custody_source source, beside;
	struct custody_source_fd state, beside_state;

	cr_assert_eq(custody_source_open_fd(&source, &state, package, &t->err), 0, "%s", t->err.text);
	cr_assert_eq(custody_source_open_fd(&beside, &beside_state, record, &t->err), 0, "%s", t->err.text);
	o.record = &beside;
	custody_report_init(report);
	cr_assert_eq(custody_verify(&source, &o, report, &t->err), 0, "%s", t->err.text);
	return report->verdict;
}

static void expect_events(struct two *t, size_t n)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;

	cr_expect_eq(verdict(t, &report), CUSTODY_VERDICT_VALID);
	cr_expect_eq(report.groups[CUSTODY_GROUP_CUSTODY], CUSTODY_RESULT_PASS);
	cr_expect_eq(report.record_events, n, "%zu events, want %zu", report.record_events, n);
	/* in, a, b, package, record: nothing else stays beside them */
	cr_expect_eq(custody_test_count_entries("."), 5);
}

/* B-T does not ask that somebody knows of revocation; it asks for everything else, and the record stays as it was. */
Test(record_write, a_lower_level_lets_nobody_sign_who_is_not_trusted)
{
	struct two t;

	two_make(&t);
	cr_assert_eq(begin(&t, &t.pen_a, RECORD, NULL), 0, "%s", t.err.text);
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust alone, no_lists;
	custody_trust_init(&alone);
	custody_trust_init(&no_lists);
	cr_assert_eq(custody_trust_load(&alone, "a/lab/trust", &t.err), 0, "%s", t.err.text);
	struct custody_pen stranger = pen_of(&t.b, &alone), own = pen_of(&t.a, &no_lists);
	stranger.level_lt = own.level_lt = false;
	cr_expect_eq(add(&t, &stranger, make_incident), -1);
	cr_expect(strstr(t.err.text, "record-untrusted"), "%s", t.err.text);
	expect_events(&t, 1);
	/* The same laboratory, where nobody has a revocation list. */
	cr_assert_eq(mkdir("bare", 0755), 0);
	cr_assert_eq(link("a/lab/trust/signers.pem", "bare/signers.pem") | link("a/lab/trust/tsas.pem", "bare/tsas.pem"), 0);
	cr_assert_eq(custody_trust_load(&no_lists, "bare", &t.err), 0, "%s", t.err.text);
	cr_expect_eq(add(&t, &own, make_incident), 0, "%s", t.err.text);
	own.level_lt = true;
	cr_expect_eq(add(&t, &own, make_incident), 0, "with its own list: %s", t.err.text);
	two_release(&t);
}

Test(record_write, begins_and_is_continued_by_two_laboratories)
{
	struct two t;

	two_make(&t);
	cr_assert_eq(begin(&t, &t.pen_a, RECORD, t.sealed.uuid), 0, "%s", t.err.text);
	expect_events(&t, 1);
	cr_assert_eq(chmod(RECORD, 0640), 0);
	cr_assert_eq(add(&t, &t.pen_a, make_release), 0, "%s", t.err.text);
	t.a.now.sec += 3600;
	t.b.now = t.a.now;
	cr_assert_eq(add(&t, &t.pen_b, make_accept), 0, "%s", t.err.text);
	cr_assert_eq(add(&t, &t.pen_a, make_incident), 0, "%s", t.err.text);
	expect_events(&t, 4);
	struct stat st;
	cr_assert_eq(stat(RECORD, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0640, "the mode is kept");
	two_release(&t);
}

/* Whatever the history would find is not written, and the file stays as it is to the bit. */
Test(record_write, refuses_what_the_record_would_not_hold_with)
{
	static const struct {
		void (*make)(struct two *, struct custody_record_file *, struct custody_event *);
		bool by_b;
		enum custody_error_kind kind;
		const char *wanted;
	} table[] = {
		{ make_release, true, CUSTODY_ERR_INPUT,
			"the record would not hold with this event: record-wrong-party: released by 'Test Receiver', while 'Test Analyst' held the "
			"package; "
			"nothing was written" },
		{ make_incomplete, false, CUSTODY_ERR_USAGE, "'found_how' is missing" },
	};
	struct two t;

	two_make(&t);
	cr_assert_eq(begin(&t, &t.pen_a, RECORD, NULL), 0, "%s", t.err.text);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		cr_expect_eq(add(&t, table[i].by_b ? &t.pen_b : &t.pen_a, table[i].make), -1, "%zu", i);
		cr_expect_eq(t.err.kind, table[i].kind, "%zu", i);
		cr_expect_str_eq(t.err.text, table[i].wanted);
		expect_events(&t, 1);
	}
	cr_assert_eq(add(&t, &t.pen_a, make_release_to_nobody), 0, "%s", t.err.text);
	cr_expect_eq(add(&t, &t.pen_a, make_release), -1);
	cr_expect_not_null(strstr(t.err.text, "record-double-release"), "%s", t.err.text);
	cr_expect_eq(add(&t, &t.pen_b, make_accept), -1);
	cr_expect_not_null(strstr(t.err.text, "record-wrong-party"), "%s", t.err.text);
	cr_expect_eq(add(&t, &t.pen_b, make_refuse), -1);
	cr_expect_not_null(strstr(t.err.text, "record-wrong-party"), "%s", t.err.text);
	expect_events(&t, 2);
	/* a clock that was set back: what it would state was before what it covers */
	t.a.now.sec += 86400;
	cr_assert_eq(add(&t, &t.pen_a, make_incident), 0, "%s", t.err.text);
	t.a.now.sec -= 43200;
	cr_expect_eq(add(&t, &t.pen_a, make_incident), -1);
	cr_expect_not_null(strstr(t.err.text, "nothing was written"), "%s", t.err.text);
	t.a.now.sec += 43200;
	expect_events(&t, 3);
	two_release(&t);
}

Test(record_write, is_begun_only_by_who_sealed_and_for_that_package)
{
	struct two t;

	two_make(&t);
	cr_expect_eq(begin(&t, &t.pen_b, RECORD, NULL), -1);
	cr_expect_str_eq(t.err.text,
		"the record would not hold with this event: record-wrong-party: the first event is not signed by the one who sealed "
		"the package; nothing was written");
	cr_expect_eq(begin(&t, &t.pen_a, RECORD, "00000000-0000-4000-8000-000000000000"), -1);
	cr_expect_not_null(strstr(t.err.text, "event 1 is about package 00000000-0000-4000-8000-000000000000, want"), "%s", t.err.text);
	cr_expect_eq(access(RECORD, F_OK), -1);
	tmpdir_write(RECORD, "x", 1);
	cr_expect_eq(begin(&t, &t.pen_a, RECORD, NULL), -1);
	cr_expect_eq(t.err.kind, CUSTODY_ERR_INPUT);
	cr_expect_str_eq(t.err.text, "'" RECORD "' exists already");
	two_release(&t);
}

/* Names can be copied, keys cannot: another laboratory that took both names is not the same party. */
Test(record_write, is_not_deceived_by_a_laboratory_of_the_same_name)
{
	struct two t;

	two_make_named(&t, "Test Analyst");
	cr_assert_eq(begin(&t, &t.pen_a, RECORD, NULL), 0, "%s", t.err.text);
	cr_expect_eq(add(&t, &t.pen_b, make_release), -1);
	cr_expect_not_null(strstr(t.err.text, "record-"), "%s", t.err.text);
	cr_expect_eq(begin(&t, &t.pen_b, "q.custody.asice", NULL), -1);
	cr_expect_not_null(strstr(t.err.text, "record-"), "%s", t.err.text);
	two_release(&t);
}

Test(record_write, continues_nothing_that_is_wrong)
{
	struct two t;
	int fd;
	char byte;

	two_make(&t);
	cr_assert_eq(begin(&t, &t.pen_a, RECORD, NULL), 0, "%s", t.err.text);
	fd = open(RECORD, O_RDWR | O_CLOEXEC);
	cr_assert_eq(pread(fd, &byte, 1, 2000), 1);
	byte ^= 1;
	cr_assert_eq(pwrite(fd, &byte, 1, 2000), 1);
	close(fd);
	cr_expect_eq(add(&t, &t.pen_a, make_incident), -1);
	cr_expect_eq(t.err.kind, CUSTODY_ERR_INPUT);
	cr_expect_eq(strncmp(t.err.text, "the record does not hold: ", 26), 0, "%s", t.err.text);
	two_release(&t);
}

Test(record_write, one_writes_at_a_time)
{
	CUSTODY_CLEANUP(custody_record_file_release) struct custody_record_file f = CUSTODY_RECORD_FILE_INIT, second = CUSTODY_RECORD_FILE_INIT;
	CUSTODY_CLEANUP(custody_record_written_release) struct custody_record_written w;
	struct custody_event e;
	struct two t;

	two_make(&t);
	cr_assert_eq(begin(&t, &t.pen_a, RECORD, NULL), 0, "%s", t.err.text);
	cr_assert_eq(custody_record_file_open(&f, RECORD, &t.both, t.a.now, &t.a.random, &t.err), 0, "%s", t.err.text);
	cr_expect_eq(custody_record_file_open(&second, RECORD, &t.both, t.a.now, &t.a.random, &t.err), -1);
	cr_expect_eq(t.err.kind, CUSTODY_ERR_TEMPORARY);
	cr_expect_str_eq(t.err.text, "another process is writing to it");
	/* Somebody put another file in its place, without asking for the lock. */
	cr_assert_eq(rename(RECORD, "old"), 0);
	tmpdir_write(RECORD, "x", 1);
	incident(&e);
	custody_record_written_init(&w);
	cr_expect_eq(custody_record_file_add(&f, &t.pen_a, &e, &w, &t.err), -1);
	cr_expect_eq(t.err.kind, CUSTODY_ERR_TEMPORARY);
	/* What is no file. */
	custody_record_file_release(&second);
	cr_expect_eq(custody_record_file_open(&second, "nowhere", &t.both, t.a.now, &t.a.random, &t.err), -1);
	cr_expect_str_eq(t.err.text, "no such file");
	custody_record_file_release(&second);
	cr_assert_eq(symlink("old", "link"), 0);
	cr_expect_eq(custody_record_file_open(&second, "link", &t.both, t.a.now, &t.a.random, &t.err), -1);
	cr_expect_eq(t.err.kind, CUSTODY_ERR_INPUT);
	custody_record_file_release(&f);
	two_release(&t);
}

Test(record_write, names_a_record_after_its_package)
{
	static const struct {
		const char *package, *uuid, *want;
	} table[] = {
		{ "acme.asice", NULL, "acme.custody.asice" },
		{ "/x/y.asice", NULL, "/x/y.custody.asice" },
		{ "acme.zip", NULL, "acme.zip.custody.asice" },
		{ ".asice", NULL, ".asice.custody.asice" },
		{ "x/.asice", NULL, "x/.asice.custody.asice" },
		{ "acme.asice", "1f0c9a3e-0000-4000-8000-000000000000", "acme.1f0c9a3e.custody.asice" },
	};
	struct custody_error err = CUSTODY_ERROR_INIT;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		CUSTODY_FREE char *name = NULL;

		cr_assert_eq(custody_record_name(table[i].package, table[i].uuid, &name, &err), 0);
		cr_expect_str_eq(name, table[i].want);
	}
}
