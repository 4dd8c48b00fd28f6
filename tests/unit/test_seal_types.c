/* SPDX-License-Identifier: Apache-2.0 */
/* Types that arrive by callback while a package is sealed: whenever they come, the package is the same, and each goes to its own item. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/digest.h"
#include "tests/support/lab.h"
#include "tests/support/tmpdir.h"

#define FILES 120 /* some of them empty, two larger than a block */

/* Says as type of an item how long what it was shown is, and how it begins; cannot say when it begins with '!'. */
struct teller {
	uint64_t offered[FILES * 2];
	char mime[FILES * 2][64];
	size_t n_offered, n_answered, ends;
	bool late; /* an answer is there only for who waits */
	size_t fail_offer, fail_answer; /* the call that fails, from 1 */
	bool out_of_order, wrong_digest, after_end;
	struct custody_test_lab *lab;
};

static int offer(void *ctx, uint64_t n, const uint8_t *p, size_t len, const uint8_t *sha256, struct custody_error *err)
{
	struct teller *t = ctx;
	uint8_t digest[32];

	t->after_end |= t->ends > 0;
	t->out_of_order |= t->n_offered > 0 && n <= t->offered[t->n_offered - 1];
	if (t->n_offered + 1 == t->fail_offer)
		return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	if (sha256 && (custody_digest_once(CUSTODY_SHA256, p, len, digest, err) || memcmp(digest, sha256, 32) != 0))
		t->wrong_digest = true;
	t->wrong_digest |= !sha256 && len != CUSTODY_LIMIT_BLOCK;
	t->offered[t->n_offered] = n;
	if (len > 0 && p[0] == '!')
		t->mime[t->n_offered][0] = '\0';
	else
		snprintf(t->mime[t->n_offered], sizeof(t->mime[0]), "x-long/%zu", len);
	t->n_offered++;
	return 0;
}

static int answer(void *ctx, uint64_t n, bool wait, struct custody_seal_type *out, struct custody_error *err)
{
	struct teller *t = ctx;

	t->after_end |= t->ends > 0;
	t->out_of_order |= t->n_answered >= t->n_offered || t->offered[t->n_answered] != n;
	if (t->late && !wait)
		return 0;
	if (t->n_answered + 1 == t->fail_answer)
		return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	*out = (struct custody_seal_type){ t->mime[t->n_answered], NULL };
	if (out->mime[0] == '\0')
		*out = (struct custody_seal_type){ NULL, "it would not say" };
	t->n_answered++;
	return 1;
}

static void end(void *ctx)
{
	((struct teller *)ctx)->ends++;
}

static void make_files(void)
{
	static char block[(2 << 20) + 5];
	char name[32];

	memset(block, 'b', sizeof(block));
	cr_assert_eq(mkdir("in", 0755), 0);
	for (int i = 0; i < FILES; i++) {
		size_t n = i == 50 ? sizeof(block) : i == 60 ? (size_t)1 << 20 : i == 61 ? ((size_t)1 << 20) + 1 : (size_t)(i * i) * 3;

		block[0] = i % 10 == 7 ? '!' : 'b';
		snprintf(name, sizeof(name), "in/f%03d", i);
		tmpdir_write(name, block, n);
	}
	cr_assert_eq(symlink("f001", "in/a-link"), 0);
	cr_assert_eq(link("in/f100", "in/z-hard"), 0);
}

static int seal(struct custody_test_lab *lab, struct teller *t, const char *output, size_t workers, struct custody_seal_result_out *out,
	struct custody_error *err)
{
	const struct custody_seal_types types = { "teller 1", "none", t, offer, answer, end };
	const struct custody_walk_argument argument = { "in", NULL };
	struct custody_seal_options o = custody_test_lab_options(lab);

	o.output = output;
	o.arguments = &argument;
	o.n_arguments = 1;
	o.workers = workers;
	o.types = t ? &types : NULL;
	lab->drawn = 1000;
	custody_seal_result_init(out);
	return custody_seal(&o, out, err);
}

static void slurp(const char *path, struct custody_buf *b)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(b, (size_t)64 << 20);
	cr_assert_eq(custody_fd_slurp(path, (size_t)64 << 20, b, &err), 0, "%s", err.text);
}

/* The package's own text, for a needle: stored members are as they are. */
static bool holds(const struct custody_buf *b, const char *needle)
{
	return memmem(b->data, b->len, needle, strlen(needle)) != NULL;
}

Test(seal_types, a_package_is_the_same_whenever_answers_come_and_for_any_number_of_workers)
{
	static const size_t workers[] = { 0, 1, 3 };
	CUSTODY_BUF_CLEAN struct custody_buf first = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_test_lab lab;
	char folder[64], name[32];

	tmpdir_enter(folder);
	make_files();
	custody_test_lab_make(&lab, folder, "rsa3072");
	for (int i = 0; i < 6; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf again = { 0 };
		struct custody_seal_result_out out;
		struct teller t = { .late = i % 2 };

		snprintf(name, sizeof(name), "p%d.asice", i);
		cr_assert_eq(seal(&lab, &t, name, workers[i / 2], &out, &err), 0, "%s", err.text);
		cr_expect_eq(t.n_offered, FILES);
		cr_expect_eq(t.n_answered, FILES);
		cr_expect_eq(t.ends, 1);
		cr_expect_not(t.out_of_order);
		cr_expect_not(t.wrong_digest);
		cr_expect_not(t.after_end);
		cr_expect_eq(out.identified, FILES - 12);
		cr_expect_eq(out.not_identified, 12);
		custody_seal_result_release(&out);
		slurp(name, i == 0 ? &first : &again);
		if (i > 0)
			cr_expect(again.len == first.len && memcmp(again.data, first.data, first.len) == 0, "run %d gives other bytes", i);
	}
	cr_expect(holds(&first, "\"identification\":{\"by\":\"teller 1\",\"database\":\"none\"}"));
	cr_expect(holds(&first, "\"path\":\"in/f001\"") && holds(&first, "\"type\":{\"mime\":\"x-long/3\",\"by\":\"teller 1\"}"));
	cr_expect(holds(&first, "\"type\":{\"mime\":\"x-long/1048576\",\"by\":\"teller 1\"}"), "the first block of what is larger");
	cr_expect_not(holds(&first, "x-long/1048577"));
	cr_expect(holds(&first, "\"findings\":[{\"id\":\"not-identified\",\"detail\":\"it would not say\"}]"));
	custody_test_lab_release(&lab);
	tmpdir_leave(folder);
}

Test(seal_types, a_failing_call_ends_the_seal_and_leaves_nothing)
{
	static const struct {
		size_t offer, answer;
		bool late;
	} table[] = { { 1, 0, false }, { FILES, 0, false }, { 0, 1, false }, { 0, FILES, true }, { 30, 0, true } };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_test_lab lab;
	char folder[64];

	tmpdir_enter(folder);
	make_files();
	custody_test_lab_make(&lab, folder, "p256");
	size_t before = custody_test_count_entries(".");
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct teller t = { .late = table[i].late, .fail_offer = table[i].offer, .fail_answer = table[i].answer };
		struct custody_seal_result_out out;

		cr_expect_eq(seal(&lab, &t, "p.asice", 2, &out, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_INTERRUPTED);
		cr_expect_eq(t.ends, 0);
		cr_expect_eq(custody_test_count_entries("."), before);
		custody_seal_result_release(&out);
	}
	custody_test_lab_release(&lab);
	tmpdir_leave(folder);
}
