/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing with authorities over a network that is a function here, and finishing what they left: custody_seal(), custody_finish(), work/stamp.h. */
#include "libcustody/work/finish.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/fd.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/crypto/tsp_answer.h"
#include "tests/support/lab.h"
#include "tests/support/testlab.h"
#include "tests/support/tmpdir.h"

/* Two authorities, of which "switch" is the second from its `switched`-th request on. */
struct network {
	struct testlab authority[2];
	struct custody_test_lab *lab;
	int calls; /* all requests */
	int fails_at; /* this one gets no answer; 0: none */
	enum custody_error_kind fails_as;
	int switched, switches; /* requests to "switch"; it changes with each request up to this one */
	int64_t ahead; /* seconds that its clock is ahead of ours */
	bool only_sha256; /* takes no other imprint */
};

static int post(void *ctx, const char *url, struct custody_bytes request, struct custody_buf *reply, struct custody_error *err)
{
	struct network *n = ctx;
	CUSTODY_BUF_CLEAN struct custody_buf token = { 0 };
	struct custody_tsp_order order;
	enum custody_tsp_failure why;
	size_t who = strcmp(url, "second") == 0;

	if (++n->calls == n->fails_at)
		return custody_fail(err, n->fails_as, "the network is down");
	if (strcmp(url, "switch") == 0 && n->switched < n->switches)
		n->switched++;
	if (strcmp(url, "switch") == 0)
		who = (size_t)(n->switched & 1);
	cr_assert_eq(custody_tsp_request_parse(request, &order, &why, err), 0, "%s", err->text);
	cr_assert(order.wants_certificate && order.nonce_len == 16);
	if (n->only_sha256 && order.imprint_digest != CUSTODY_SHA256)
		return custody_tsp_refused(CUSTODY_TSP_BAD_ALG, "", reply, err);
	const struct custody_stamp_request r = {
		.imprint_digest = order.imprint_digest,
		.imprint = order.imprint,
		.time = { n->lab->now.sec + n->ahead, 0 },
		.random = &n->lab->random,
		.served = true,
		.nonce = { order.nonce, order.nonce_len },
	};
	custody_buf_init(&token, 1 << 16);
	cr_assert_eq(custody_stamp_for(&n->authority[who].stamper, &r, &token, err), 0, "%s", err->text);
	return custody_tsp_granted(custody_buf_bytes(&token), reply, err);
}

struct stage {
	char folder[64], in[128], output[128], unsealed[160];
	struct custody_test_lab lab;
	struct network network;
	struct custody_transport transport;
	struct custody_walk_argument argument;
	struct custody_seal_result_out out;
	struct custody_error err;
};

static void add_anchor(struct custody_trust *t, const struct testlab *authority)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	t->tsas = realloc(t->tsas, (t->n_tsas + 1) * sizeof(*t->tsas));
	t->crls = realloc(t->crls, (t->n_crls + 1) * sizeof(*t->crls));
	cr_assert_eq(custody_certificate_parse(authority->root.der, authority->root.der_len, &t->tsas[t->n_tsas++], &err), 0, "%s", err.text);
	cr_assert_eq(custody_crl_parse(authority->crl.der, authority->crl.der_len, &t->crls[t->n_crls++], &err), 0, "%s", err.text);
}

static void stage_make(struct stage *s, const char *key_type)
{
	memset(s, 0, sizeof(*s));
	testlab_make(&s->network.authority[0], "p256");
	testlab_make(&s->network.authority[1], "rsa3072"); /* its key lies in the tree, so before the folder is left */
	tmpdir_enter(s->folder);
	snprintf(s->in, sizeof(s->in), "%s/in", s->folder);
	snprintf(s->output, sizeof(s->output), "%s/p.asice", s->folder);
	snprintf(s->unsealed, sizeof(s->unsealed), "%s/p.asice" CUSTODY_UNSEALED, s->folder);
	cr_assert_eq(mkdir(s->in, 0755), 0);
	tmpdir_write("in/a", "evidence", 8);
	tmpdir_write("in/b", "", 0);
	custody_test_lab_make(&s->lab, s->folder, key_type);
	for (size_t i = 0; i < 2; i++)
		add_anchor(&s->lab.trust, &s->network.authority[i]);
	s->network.lab = &s->lab;
	s->transport = (struct custody_transport){ post, &s->network };
	s->argument.path = s->in;
}

static void stage_release(struct stage *s)
{
	for (size_t i = 0; i < 2; i++)
		testlab_release(&s->network.authority[i]);
	custody_test_lab_release(&s->lab);
	custody_seal_result_release(&s->out);
	tmpdir_leave(s->folder);
}

static int stage_seal(struct stage *s, const char *const *urls, size_t n)
{
	static const char *const command[] = { "seal", "--tsa", "first", "--tsa=second", "--", "--tsa", "in" };
	struct custody_seal_options o = custody_test_lab_options(&s->lab);

	o.output = s->output;
	o.arguments = &s->argument;
	o.n_arguments = 1;
	o.authorities = urls;
	o.n_authorities = n;
	o.transport = &s->transport;
	o.command = command;
	o.n_command = sizeof(command) / sizeof(command[0]);
	custody_seal_result_release(&s->out);
	custody_seal_result_init(&s->out);
	s->network.calls = 0;
	s->err = (struct custody_error)CUSTODY_ERROR_INIT;
	return custody_seal(&o, &s->out, &s->err);
}

static int stage_finish(struct stage *s, const char *const *urls, size_t n)
{
	struct custody_finish_options o = {
		.unsealed = s->unsealed,
		.authorities = urls,
		.n_authorities = n,
		.transport = &s->transport,
		.trust = &s->lab.trust,
		.clock = &s->lab.clock,
		.random = &s->lab.random,
	};
	bool level_lt;

	custody_seal_result_release(&s->out);
	custody_seal_result_init(&s->out);
	s->network.calls = 0;
	s->err = (struct custody_error)CUSTODY_ERROR_INIT;
	return custody_finish(&o, &s->out, &level_lt, &s->err);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* in, lab, and what else is wanted: no temporary stays. */
static void expect_entries(const struct stage *s, size_t more, const char *when)
{
	cr_expect_eq(custody_test_count_entries(s->folder), 2 + more, "%s: %zu entries", when, custody_test_count_entries(s->folder));
}

static void expect_valid(struct stage *s, const char *when)
{
	struct custody_report report;

	cr_expect_eq(custody_test_lab_verify(&s->lab, s->output, s->lab.now.sec + 60, &report), CUSTODY_VERDICT_VALID, "%s", when);
	cr_expect(report.seal.independent && report.seal.level_lt, "%s", when);
	custody_report_release(&report);
	expect_entries(s, 1, when);
	unlink(s->output);
}

Test(finish, seals_with_one_and_with_several_authorities_by_every_kind_of_key)
{
	static const char *const kinds[] = { "p256", "p384", "rsa3072", "rsa-pss" };
	static const char *const urls[] = { "first", "second" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (size_t n = 1; n <= 2; n++) {
			struct stage s;

			stage_make(&s, kinds[i]);
			cr_assert_eq(stage_seal(&s, urls, n), 0, "%s, %zu: %s", kinds[i], n, s.err.text);
			cr_expect_eq(s.network.calls, (int)(3 * n));
			expect_valid(&s, kinds[i]);
			stage_release(&s);
		}
	}
}

Test(finish, an_authority_that_fails_first_leaves_nothing_and_one_that_fails_later_leaves_what_can_be_finished)
{
	static const char *const urls[] = { "first", "second" }, *const turned[] = { "second", "first" };
	static const enum custody_error_kind kinds[] = { CUSTODY_ERR_TEMPORARY, CUSTODY_ERR_INPUT, CUSTODY_ERR_FORMAT };
	struct stage s;

	stage_make(&s, "p256");
	for (int at = 1; at <= 6; at++) {
		enum custody_error_kind kind = kinds[at % 3];

		s.network.fails_at = at;
		s.network.fails_as = kind;
		cr_expect_eq(stage_seal(&s, urls, 2), -1);
		cr_expect(strstr(s.err.text, "the network is down") != NULL, "%s", s.err.text);
		cr_expect_not(is_there(s.output));
		s.network.fails_at = 0;
		if (at <= 2) {
			cr_expect_eq(s.err.kind, kind);
			expect_entries(&s, 0, "before");
			continue;
		}
		cr_expect_eq(s.err.kind, CUSTODY_ERR_TEMPORARY);
		cr_expect(strstr(s.err.hint, "--finish") != NULL);
		cr_assert(is_there(s.unsealed));
		expect_entries(&s, 1, "after");
		cr_assert_eq(stage_finish(&s, at & 1 ? urls : turned, 2), 0, "%d: %s", at, s.err.text);
		cr_expect_eq(s.out.items, 3);
		expect_valid(&s, "finished");
	}
	stage_release(&s);
}

/* A key on P-384 signs with SHA-384, and asks for an imprint by it: an authority that does not take one is noticed before evidence is read. */
Test(finish, an_authority_is_tried_with_the_digest_that_will_be_asked_for)
{
	static const char *const urls[] = { "first" }, *const kinds[] = { "p256", "p384" };

	for (size_t i = 0; i < 2; i++) {
		struct stage s;

		stage_make(&s, kinds[i]);
		s.network.only_sha256 = true;
		cr_expect_eq(stage_seal(&s, urls, 1), i == 0 ? 0 : -1, "%s: %s", kinds[i], s.err.text);
		cr_expect_eq(s.network.calls, i == 0 ? 3 : 1, "%s: %d", kinds[i], s.network.calls);
		if (i == 1) {
			cr_expect_eq(s.err.kind, CUSTODY_ERR_INPUT, "kind %d", (int)s.err.kind);
			cr_expect(strstr(s.err.text, "badAlg") != NULL, "%s", s.err.text);
			expect_entries(&s, 0, "refused");
		}
		stage_release(&s);
	}
}

/* A list of the authority with that many entries, of the time of the first. */
static void grow_list(struct stage *s, size_t i, size_t entries)
{
	const struct testlab *authority = &s->network.authority[i];
	struct custody_revoked *revoked = calloc(entries, sizeof(*revoked));
	uint8_t(*serials)[3] = calloc(entries, 3);
	struct custody_crl *crl = &s->lab.trust.crls[s->lab.trust.n_crls - 2 + i];

	cr_assert(revoked && serials);
	for (size_t k = 0; k < entries; k++) {
		serials[k][0] = (uint8_t)(0x80 | k >> 16), serials[k][1] = (uint8_t)(k >> 8), serials[k][2] = (uint8_t)k;
		revoked[k] = (struct custody_revoked){ serials[k], 3, { TESTLAB_NOW, 0 }, 0, false, { 0, 0 } };
	}
	const struct custody_issue_crl_request request = { &authority->root, authority->root_key, 2, { TESTLAB_NOW, 0 }, revoked, entries };
	custody_crl_release(crl);
	cr_assert_eq(custody_issue_crl(&request, crl, &s->err), 0, "%s", s->err.text);
	free(revoked);
	free(serials);
}

/* A list that fits into a signature by itself, and not with everything else. */
Test(finish, what_does_not_fit_into_a_signature_is_noticed_before_evidence_is_read)
{
	static const char *const urls[] = { "first" };
	struct stage s;

	stage_make(&s, "p256");
	/* All entries have one size; the signature's own differs by some bytes, so it is rounded. */
	const struct custody_crl *list = &s.lab.trust.crls[s.lab.trust.n_crls - 2];
	grow_list(&s, 0, 10000);
	size_t ten = list->der_len;
	grow_list(&s, 0, 20000);
	size_t entry = (list->der_len - ten + 5000) / 10000, most = 20000 + (CUSTODY_LIMIT_SIGNATURE - list->der_len) / entry;
	grow_list(&s, 0, most - 10);
	cr_assert(list->der_len < CUSTODY_LIMIT_SIGNATURE && list->der_len > CUSTODY_LIMIT_SIGNATURE - 1000);
	cr_expect_eq(stage_seal(&s, urls, 1), -1);
	cr_expect_eq(s.err.kind, CUSTODY_ERR_INPUT, "kind %d", (int)s.err.kind);
	cr_expect(strstr(s.err.text, "the revocation lists that they need take") != NULL, "%s", s.err.text);
	cr_expect_eq(s.network.calls, 1);
	expect_entries(&s, 0, "too large");
	grow_list(&s, 0, most - 1000);
	cr_expect_eq(stage_seal(&s, urls, 1), 0, "%s", s.err.text);
	expect_valid(&s, "a bit less");
	stage_release(&s);
}

Test(finish, what_is_our_own_failure_or_an_interruption_leaves_nothing)
{
	static const char *const urls[] = { "first" };
	static const enum custody_error_kind kinds[] = { CUSTODY_ERR_INTERRUPTED, CUSTODY_ERR_NOMEM, CUSTODY_ERR_CRYPTO, CUSTODY_ERR_IO };
	struct stage s;

	stage_make(&s, "p256");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		s.network.fails_at = 2;
		s.network.fails_as = kinds[i];
		cr_expect_eq(stage_seal(&s, urls, 1), -1);
		cr_expect_eq(s.err.kind, kinds[i]);
		expect_entries(&s, 0, "own failure");
	}
	stage_release(&s);
}

Test(finish, another_certificate_than_expected_is_noticed_and_everything_that_names_it_is_made_again)
{
	static const char *const urls[] = { "switch" };
	struct stage s;

	/* probe, then up to three changes, then it stays */
	for (int switches = 1; switches <= 4; switches++) {
		stage_make(&s, "p256");
		s.network.switches = switches;
		cr_assert_eq(stage_seal(&s, urls, 1), 0, "%d: %s", switches, s.err.text);
		cr_expect_eq(s.network.calls, switches + 2, "%d: %d", switches, s.network.calls);
		expect_valid(&s, "switched");
		stage_release(&s);
	}
	stage_make(&s, "p256");
	s.network.switches = 1000;
	cr_expect_eq(stage_seal(&s, urls, 1), -1);
	cr_expect_eq(s.err.kind, CUSTODY_ERR_TEMPORARY);
	cr_expect(strstr(s.err.text, "another certificate each time, 4 times now") != NULL, "%s", s.err.text);
	cr_expect(is_there(s.unsealed));
	stage_release(&s);
}

Test(finish, refuses_what_it_must_and_changes_nothing)
{
	static const char *const first[] = { "first" }, *const second[] = { "second" }, *const both[] = { "first", "second" },
				 *const twice[] = { "first", "first" };
	struct stage s;
	struct stat before, after;

	stage_make(&s, "p256");
	s.network.fails_at = 2;
	s.network.fails_as = CUSTODY_ERR_TEMPORARY;
	cr_assert_eq(stage_seal(&s, first, 1), -1);
	s.network.fails_at = 0;
	cr_assert_eq(stat(s.unsealed, &before), 0);
	cr_expect_eq(stage_seal(&s, first, 1), -1);
	cr_expect(s.err.kind == CUSTODY_ERR_INPUT && strstr(s.err.text, "waits for its time-stamp") != NULL, "%s", s.err.text);
	cr_expect_eq(stage_finish(&s, both, 2), -1);
	cr_expect(s.err.kind == CUSTODY_ERR_INPUT && strstr(s.err.text, "names 1 time-stamp authority, and 2 are given") != NULL, "%s", s.err.text);
	cr_expect_eq(stage_finish(&s, second, 1), -1);
	cr_expect(s.err.kind == CUSTODY_ERR_INPUT && strstr(s.err.text, "another certificate than those") != NULL, "%s", s.err.text);
	cr_expect_eq(stage_seal(&s, twice, 2), -1);
	/* Each request of --finish fails once: probe, first, second signature. */
	for (int at = 1; at <= 3; at++) {
		s.network.fails_at = at;
		cr_expect_eq(stage_finish(&s, first, 1), -1);
		cr_expect_eq(s.err.kind, CUSTODY_ERR_TEMPORARY);
		expect_entries(&s, 1, "finish failed");
	}
	s.network.fails_at = 0;
	tmpdir_write("p.asice", "somebody's", 10);
	cr_expect_eq(stage_finish(&s, first, 1), -1);
	cr_expect_eq(s.err.kind, CUSTODY_ERR_INPUT);
	unlink(s.output);
	cr_assert_eq(stat(s.unsealed, &after), 0);
	cr_expect(before.st_ino == after.st_ino && before.st_size == after.st_size && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	cr_assert_eq(stage_finish(&s, first, 1), 0, "%s", s.err.text);
	expect_valid(&s, "finished");
	/* What is whole is not finished again. */
	cr_assert_eq(stage_seal(&s, first, 1), 0, "%s", s.err.text);
	cr_assert_eq(rename(s.output, s.unsealed), 0);
	cr_expect_eq(stage_finish(&s, first, 1), -1);
	cr_expect(s.err.kind == CUSTODY_ERR_INPUT && strstr(s.err.text, "only lacks its time-stamps") != NULL, "%s", s.err.text);
	stage_release(&s);
}

Test(finish, every_bit_of_what_waits_is_looked_at)
{
	static const char *const first[] = { "first" };
	struct stage s;
	struct custody_buf whole;

	stage_make(&s, "p256");
	s.network.fails_at = 2;
	s.network.fails_as = CUSTODY_ERR_TEMPORARY;
	cr_assert_eq(stage_seal(&s, first, 1), -1);
	s.network.fails_at = 0;
	custody_buf_init(&whole, 1 << 20);
	cr_assert_eq(custody_fd_slurp(s.unsealed, 1 << 20, &whole, &s.err), 0);
	for (size_t i = 0; i < whole.len; i += 211) {
		unlink(s.unsealed);
		whole.data[i] ^= (uint8_t)(1u << (i & 7));
		tmpdir_write("p.asice" CUSTODY_UNSEALED, whole.data, whole.len);
		whole.data[i] ^= (uint8_t)(1u << (i & 7));
		cr_expect_eq(stage_finish(&s, first, 1), -1, "byte %zu", i);
		cr_expect_eq(s.err.kind, CUSTODY_ERR_INPUT, "byte %zu: kind %d: %s", i, (int)s.err.kind, s.err.text);
		expect_entries(&s, 1, "changed");
	}
	custody_buf_release(&whole);
	stage_release(&s);
}

Test(finish, without_addresses_it_asks_those_of_the_command_line_that_sealed)
{
	static const char *const both[] = { "first", "second" };
	struct stage s;

	stage_make(&s, "p256");
	s.network.fails_at = 3;
	s.network.fails_as = CUSTODY_ERR_TEMPORARY;
	cr_assert_eq(stage_seal(&s, both, 2), -1);
	s.network.fails_at = 0;
	cr_assert_eq(stage_finish(&s, NULL, 0), 0, "%s", s.err.text);
	expect_valid(&s, "finished");
	stage_release(&s);
}

Test(finish, an_authority_a_little_ahead_is_waited_for_by_nobody)
{
	static const char *const first[] = { "first" };
	struct stage s;

	stage_make(&s, "p256");
	s.network.ahead = CUSTODY_LIMIT_CLOCK_AHEAD;
	cr_assert_eq(stage_seal(&s, first, 1), 0, "%s", s.err.text);
	expect_valid(&s, "ahead");
	s.network.ahead++;
	cr_expect_eq(stage_seal(&s, first, 1), -1);
	cr_expect(s.err.kind == CUSTODY_ERR_INPUT && strstr(s.err.text, "seconds after it") != NULL, "%s", s.err.text);
	expect_entries(&s, 0, "too far ahead");
	stage_release(&s);
}

Test(finish, a_name_must_say_what_it_is)
{
	static const struct {
		const char *given, *want;
	} cases[] = {
		{ "p.asice.unsealed", "p.asice" },
		{ "a/b.unsealed", "a/b" },
		{ "p.asice", NULL },
		{ ".unsealed", NULL },
		{ "a/.unsealed", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		char *name = NULL;
		int r = custody_finish_name(cases[i].given, &name, &err);

		cr_expect_eq(r, cases[i].want ? 0 : -1, "%s", cases[i].given);
		if (cases[i].want)
			cr_expect_str_eq(name, cases[i].want);
		else
			cr_expect_eq(err.kind, CUSTODY_ERR_USAGE);
		free(name);
	}
}

Test(finish, too_many_authorities_are_refused_before_one_is_asked)
{
	static const char *const nine[] = { "first", "first", "first", "first", "first", "first", "first", "first", "first" };
	struct stage s;

	stage_make(&s, "p256");
	cr_expect_eq(stage_seal(&s, nine, 9), -1);
	cr_expect_eq(s.err.kind, CUSTODY_ERR_USAGE);
	cr_expect_eq(s.network.calls, 0);
	stage_release(&s);
}
