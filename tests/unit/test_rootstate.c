/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/work/rootstate.h"
#include "tests/support/testlab.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ROOT "{\"sha256\":\"" A "\",\"serial\":\"40\",\"kind\":\"root\",\"file\":\"root\",\"name\":\"R\",\"revoked\":null}"
#define LEAF(serial, kind, file, revoked) \
	"{\"sha256\":\"" B "\",\"serial\":\"" serial "\",\"kind\":\"" kind "\",\"file\":\"" file "\",\"name\":\"N\",\"revoked\":" revoked "}"
#define STATE(certificates) "{\"format\":\"custody-lab-root/1\",\"crl_number\":1,\"certificates\":[" certificates "]}\n"
#define REVOKED(when, reason, since) "{\"when\":\"" when "\",\"reason\":\"" reason "\",\"since\":" since "}"
#define T "2026-11-24T14:42:33Z"

static int parse(const char *text, struct custody_root_state *s, struct custody_error *err)
{
	return custody_root_state_parse((const uint8_t *)text, strlen(text), s, err);
}

Test(rootstate, refuses_what_is_not_one)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "state.json: found no line end, want one line and its end: is it whole?" },
		{ "{}", "state.json: found no line end, want one line and its end: is it whole?" },
		{ "{}\n", "state.json: 'format' is missing" },
		{ "{\"format\":\"custody-lab-root/2\"}\n", "state.json: 'format': found 'custody-lab-root/2', want 'custody-lab-root/1'" },
		{ "{\"format\":\"custody-lab-root/1\"}\n", "state.json: 'crl_number' is missing" },
		{ "{\"format\":\"custody-lab-root/1\",\"crl_number\":0}\n", "state.json: 'crl_number': found 0, want 1 or more" },
		{ "{\"format\":\"custody-lab-root/1\",\"crl_number\":-1}\n",
			"state.json: 'crl_number': found -1, want an integer from 0 to 2^53 - 1" },
		{ "{\"format\":\"custody-lab-root/1\",\"crl_number\":1}\n", "state.json: 'certificates' is missing" },
		{ STATE(""), "state.json: 'certificates': found none, want at least the root's" },
		{ STATE("1"), "state.json: 'certificates': number 1: found an integer, want an object" },
		{ STATE("{}"), "state.json: 'certificates': number 1: 'sha256' is missing" },
		{ STATE(LEAF("41", "sealing", "n", "null")), "state.json: 'certificates': number 1: found another kind, want the root's first" },
		{ STATE(ROOT "," ROOT), "state.json: 'certificates': number 2: found a second root, want one" },
		{ STATE(ROOT "," LEAF("40", "sealing", "n", "null")),
			"state.json: 'certificates': number 2: found the serial number of number 1 again" },
		{ STATE(ROOT "," LEAF("41", "sealing", "n", "null") "," LEAF("42", "sealing", "m", "null")),
			"state.json: 'certificates': number 3: found the certificate of number 2 again" },
		{ STATE(ROOT "," LEAF("", "sealing", "n", "null")),
			"state.json: 'certificates': number 2: 'serial': found an empty string, want text" },
		{ STATE(ROOT "," LEAF("0", "sealing", "n", "null")), "state.json: 'certificates': number 2: 'serial': found something else, want "
								     "lower-case hex of a positive number, without leading "
								     "zero octets" },
		{ STATE(ROOT "," LEAF("0041", "sealing", "n", "null")), "state.json: 'certificates': number 2: 'serial': found something else, want "
									"lower-case hex of a positive number, without leading "
									"zero octets" },
		{ STATE(ROOT "," LEAF("4A", "sealing", "n", "null")), "state.json: 'certificates': number 2: 'serial': found something else, want "
								      "lower-case hex of a positive number, without leading "
								      "zero octets" },
		{ STATE(ROOT "," LEAF("414141414141414141414141414141414141414141", "sealing", "n", "null")),
			"state.json: 'certificates': number 2: 'serial': found 42 bytes of text, at most 40 are taken" },
		{ STATE(ROOT "," LEAF("41", "other", "n", "null")),
			"state.json: 'certificates': number 2: 'kind': found 'other', want root, sealing or stamping" },
		{ STATE(ROOT "," LEAF("41", "sealing", "../n", "null")),
			"state.json: 'certificates': number 2: 'file': found '../n', want the name of a key file without '.key'" },
		{ STATE(ROOT "," LEAF("41", "sealing", "n--1", "null")),
			"state.json: 'certificates': number 2: 'file': found 'n--1', want the name of a key file without '.key'" },
		{ STATE(ROOT "," LEAF("41", "sealing", "n--10000", "null")),
			"state.json: 'certificates': number 2: 'file': found 'n--10000', want the name of a key file without '.key'" },
		{ STATE(ROOT "," LEAF("41", "sealing", "n", "true")), "state.json: 'certificates': number 2: 'revoked': found true, want an object" },
		{ STATE(ROOT "," LEAF("41", "sealing", "n", "{}")), "state.json: 'certificates': number 2: 'revoked': 'when' is missing" },
		{ STATE(ROOT "," LEAF("41", "sealing", "n", REVOKED("yesterday", "superseded", "null"))),
			"state.json: 'certificates': number 2: 'revoked': 'when': found 'yesterday', want a time like 2026-11-24T04:12:09Z" },
		{ STATE(ROOT "," LEAF("41", "sealing", "n", REVOKED(T, "certificateHold", "null"))),
			"state.json: 'certificates': number 2: 'revoked': 'reason': found 'certificateHold', want a reason as this program writes "
			"it, "
			"for example keyCompromise" },
		{ STATE(ROOT "," LEAF("41", "sealing", "n", REVOKED(T, "key-compromise", "null"))),
			"state.json: 'certificates': number 2: 'revoked': 'reason': found 'key-compromise', want a reason as this program writes it, "
			"for example keyCompromise" },
		{ STATE(ROOT "," LEAF("41", "sealing", "n", REVOKED(T, "superseded", "1"))),
			"state.json: 'certificates': number 2: 'revoked': 'since': found an integer, want a time" },
		{ "{\"format\":\"custody-lab-root/1\",\"crl_number\":1,\"certificates\":[" ROOT "],\"next\":1}\n",
			"state.json: found 'next', which this version of the format does not have" },
		{ "{\"format\":\"custody-lab-root/1\",\"crl_number\":1,\"certificates\":[" ROOT "],\"x-a\":1}\n",
			"state.json: found a private key 'x-...', want none" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_root_state s = { 0 };

		cr_expect_eq(parse(cases[i].text, &s, &err), -1, "case %zu", i);
		cr_expect_str_eq(err.text, cases[i].want, "case %zu: %s", i, err.text);
		cr_expect(err.kind == CUSTODY_ERR_FORMAT || err.kind == CUSTODY_ERR_LIMIT, "case %zu", i);
		cr_expect_null(s.certificates);
	}
}

Test(rootstate, a_file_name_is_there_once_and_the_roots_is_its_own)
{
	static const char same[] =
		STATE(ROOT "," LEAF("41", "sealing", "n", "null") ",{\"sha256\":"
								  "\"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\",\"serial\":"
								  "\"42\",\"kind\":\"sealing\",\"file\":\"n\",\"name\":\"N\",\"revoked\":null}");
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_root_state s = { 0 };

	cr_expect_eq(parse(same, &s, &err), -1);
	cr_expect_str_eq(err.text, "state.json: 'certificates': number 3: found the file name of number 2 again");
	cr_expect_eq(parse(STATE(ROOT "," LEAF("41", "sealing", "root", "null")), &s, &err), 0, "%s", err.text); /* a person may be called Root */
	custody_root_state_release(&s);
}

Test(rootstate, revocations_of_the_root_are_refused)
{
	static const char text[] =
		STATE("{\"sha256\":\"" A
		      "\",\"serial\":\"40\",\"kind\":\"root\",\"file\":\"root\",\"name\":\"R\",\"revoked\":" REVOKED(T, "superseded", "null") "}");
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_root_state s = { 0 };

	cr_expect_eq(parse(text, &s, &err), -1);
	cr_expect_str_eq(err.text, "state.json: 'certificates': number 1: 'revoked': found a revocation of the root, which cannot revoke itself");
}

Test(rootstate, is_written_as_it_was_read)
{
	static const char *const texts[] = {
		STATE(ROOT),
		STATE(ROOT "," LEAF("41", "sealing", "n--2", "null")),
		STATE(ROOT
			"," LEAF("7fffffffffffffffffffffffffffffffffffffff", "stamping", "time-stamping--9999", REVOKED(T, "unspecified", "null"))),
		STATE(ROOT "," LEAF("41", "sealing", "n", REVOKED(T, "keyCompromise", "\"2026-01-01T00:00:00Z\""))),
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_root_state s = { 0 };
		CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

		custody_buf_init(&text, 65536);
		cr_assert_eq(parse(texts[i], &s, &err), 0, "%s", err.text);
		cr_assert_eq(custody_root_state_format(&s, &text, &err), 0);
		cr_expect_str_eq(custody_buf_str(&text), texts[i]);
		custody_root_state_release(&s);
	}
}

Test(rootstate, has_a_limit)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_root_state s = { 0 };
	uint8_t *big = malloc(CUSTODY_LIMIT_ROOT_STATE + 1);

	cr_assert_not_null(big);
	memset(big, ' ', CUSTODY_LIMIT_ROOT_STATE + 1);
	big[CUSTODY_LIMIT_ROOT_STATE - 1] = big[CUSTODY_LIMIT_ROOT_STATE] = '\n';
	cr_expect_eq(custody_root_state_parse(big, CUSTODY_LIMIT_ROOT_STATE + 1, &s, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_str_eq(err.text, "state.json has 1048577 bytes, want at most 1048576");
	cr_expect_eq(custody_root_state_parse(big, CUSTODY_LIMIT_ROOT_STATE, &s, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
	free(big);
}

Test(rootstate, never_takes_a_serial_number_twice)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_root_state s = { .crl_number = 1 };
	struct testlab t;
	static char long_name[CUSTODY_LIMIT_CERTIFICATE_NAME + 1];

	testlab_make(&t, "p256");
	memset(long_name, 'n', sizeof(long_name) - 1);
	cr_expect_eq(custody_root_state_add(&s, &t.root, CUSTODY_ISSUE_ROOT, "root", "R", &err), 0);
	cr_expect_eq(custody_root_state_add(&s, &t.root, CUSTODY_ISSUE_ROOT, "root", "R", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	cr_expect_eq(custody_root_state_add(&s, &t.signer.certificate, CUSTODY_ISSUE_SEALING, "n", long_name, &err), -1);
	cr_expect_eq(s.n, 1);
	cr_expect_eq(custody_root_state_find(&s, t.root.facts.serial), &s.certificates[0]);
	cr_expect_null(custody_root_state_find(&s, t.signer.certificate.facts.serial));
	custody_root_state_release(&s);
	testlab_release(&t);
}

Test(rootstate, stems_split_as_they_were_joined)
{
	static const struct {
		const char *stem, *holder; /* NULL: none */
		unsigned generation;
	} cases[] = { { "ada", "ada", 1 }, { "ada-analyst--2", "ada-analyst", 2 }, { "a--9999", "a", 9999 }, { "a--10000", NULL, 0 },
		{ "a--1", NULL, 0 }, { "a--0", NULL, 0 }, { "a--02", NULL, 0 }, { "a--", NULL, 0 }, { "a--2x", NULL, 0 }, { "--2", NULL, 0 },
		{ "", NULL, 0 }, { "A", NULL, 0 }, { "a/b", NULL, 0 }, { ".a", NULL, 0 }, { "a---2", NULL, 0 }, { "a--2--3", NULL, 0 },
		{ "a--99999999999999999999", NULL, 0 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char holder[CUSTODY_LAB_FILE_NAME], stem[CUSTODY_LAB_STEM];
		unsigned generation = 0;

		cr_expect_eq(custody_lab_stem_split(cases[i].stem, holder, &generation), cases[i].holder != NULL, "'%s'", cases[i].stem);
		if (!cases[i].holder)
			continue;
		cr_expect_str_eq(holder, cases[i].holder);
		cr_expect_eq(generation, cases[i].generation);
		custody_lab_stem_join(holder, generation, stem);
		cr_expect_str_eq(stem, cases[i].stem);
	}
}
