/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <openssl/conf.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/work/lab.h"

#define MUST "organisation = O\noperator = P\nsigner = s\nstamper = t\n"

static int parse(const char *text, struct custody_lab *l, struct custody_error *err)
{
	return custody_lab_conf_parse((const uint8_t *)text, strlen(text), l, err);
}

Test(conf, takes_what_a_lab_writes)
{
	static const char text[] = "# a comment\n\n  organisation=\"B\xc3\xa4r \\\"7\\\" #1\"  \r\n\toperator = O Brien\nrole = forensic analyst\n"
				   "digests = sha256,blake2b\nlevel = B-T\nsigner = ann\nstamper = time-stamping\nauthorities = http://a/ http://b/";
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_lab l;

	cr_assert_eq(parse(text, &l, &err), 0, "%s", err.text);
	cr_expect_str_eq(l.organisation, "B\xc3\xa4r \"7\" #1");
	cr_expect_str_eq(l.operator_name, "O Brien");
	cr_expect_str_eq(l.role, "forensic analyst");
	cr_expect_eq(l.digests, CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_BLAKE2B));
	cr_expect(!l.level_lt);
	cr_expect_str_eq(l.signer_name, "ann");
	cr_expect_str_eq(l.stamper_name, "time-stamping");
	cr_expect_str_eq(l.authorities, "http://a/ http://b/");
	cr_expect_null(l.dir);
	custody_lab_release(&l);
	custody_lab_release(&l);
}

Test(conf, has_defaults)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_lab l;

	cr_assert_eq(parse(MUST, &l, &err), 0, "%s", err.text);
	cr_expect_eq(l.digests, CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_SHA512));
	cr_expect(l.level_lt);
	cr_expect_null(l.role);
	cr_expect_null(l.authorities);
	custody_lab_release(&l);
	cr_assert_eq(parse(MUST "level = B-LT\ndigests = sha512\n", &l, &err), 0, "%s", err.text);
	cr_expect_eq(l.digests, CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_SHA512), "sha256 is always there");
	cr_expect(l.level_lt);
	custody_lab_release(&l);
}

Test(conf, refuses_what_is_not_strict_and_names_the_line)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "there is no organisation" },
		{ "organisation = O\n", "there is no operator" },
		{ "organisation = O\noperator = P\n", "there is no signer" },
		{ "organisation = O\noperator = P\nsigner = s\n", "there is no stamper" },
		{ MUST "x = y\n", "line 5 has the unknown key 'x', want organisation, operator, role, digests, level, signer, stamper, authorities, "
				  "proxy or timeout" },
		{ MUST "\xc2\xa0role = y\n", "line 5 holds the control or format character U+00A0" },
		{ MUST "Role = y\n", "line 5 has the unknown key 'Role', want organisation, operator, role, digests, level, signer, stamper, "
				     "authorities, proxy or timeout" },
		{ MUST " = y\n", "line 5 has the unknown key '', want organisation, operator, role, digests, level, signer, stamper, authorities, "
				 "proxy or timeout" },
		{ MUST "signer = s\n", "line 5 has the key 'signer' a second time" },
		{ MUST "role\n", "line 5 is not 'key = value'" },
		{ MUST "[section]\n", "line 5 is not 'key = value'" },
		{ MUST "role =\n", "line 5 has no value" },
		{ MUST "role = \"\"\n", "line 5 has no value" },
		{ MUST "role = $HOME\n", "line 5 holds '$', which is never taken here" },
		{ MUST "# costs $5\n", "line 5 holds '$', which is never taken here" },
		{ MUST "role = \"$\"\n", "line 5 holds '$', which is never taken here" },
		{ MUST ".include /etc/passwd\n", "line 5 holds '.include', which is never taken here" },
		{ MUST ".Include=/etc/passwd\n", "line 5 holds '.include', which is never taken here" },
		{ MUST ".pragma dollarid:on\n", "line 5 holds '.pragma', which is never taken here" },
		{ MUST "role = a\\\n", "line 5 ends in a backslash, want each value on one line" },
		{ MUST "# comment \\\n", "line 5 ends in a backslash, want each value on one line" },
		{ MUST "role = O'Brien\n", "line 5 holds ', want such a value whole in double quotes" },
		{ MUST "role = a \"b\"\n", "line 5 holds \", want such a value whole in double quotes" },
		{ MUST "role = a # b\n", "line 5 holds #, want such a value whole in double quotes" },
		{ MUST "role = a\\b\n", "line 5 holds \\, want such a value whole in double quotes" },
		{ MUST "role = `a`\n", "line 5 holds `, want such a value whole in double quotes" },
		{ MUST "role = \"a\n", "line 5 has no closing quote" },
		{ MUST "role = \"a\\\"\n", "line 5 has no closing quote" },
		{ MUST "role = \"a\" b\n", "line 5 has text after the closing quote" },
		{ MUST "role = \"a\\n\"\n", "line 5 has an escape that is not \\\" or \\\\" },
		{ MUST "role = a\vb\n", "line 5 holds the control or format character U+000B" },
		{ MUST "role = a\rb\n", "line 5 holds the control or format character U+000D" },
		{ MUST "role = a\xe2\x80\xae\n", "line 5 holds the control or format character U+202E" },
		{ MUST "role = a\xff\n", "line 5 is not UTF-8" },
		{ MUST "level = LT\n", "level is not B-T or B-LT" },
		{ MUST "digests = sha9\n", NULL },
		{ "organisation = O\noperator = P\nstamper = t\nsigner = ../x\n", "signer is '../x', want the name of a key file without '.key'" },
		{ "organisation = O\noperator = P\nstamper = Time\nsigner = s\n", "stamper is 'Time', want the name of a key file without '.key'" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_lab l = { .dir_fd = -1 };

		cr_expect_eq(parse(cases[i].text, &l, &err), -1, "case %zu", i);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT, "case %zu: kind %d", i, (int)err.kind);
		cr_expect_eq(strncmp(err.text, "custody.conf: ", 14), 0, "%s", err.text);
		if (cases[i].want)
			cr_expect_str_eq(err.text + 14, cases[i].want);
		cr_expect_null(l.organisation);
	}
}

Test(conf, refuses_a_nul_byte)
{
	static const char text[] = MUST "role = a\0b\n";
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_lab l;

	cr_expect_eq(custody_lab_conf_parse((const uint8_t *)text, sizeof(text) - 1, &l, &err), -1);
	cr_expect_str_eq(err.text, "custody.conf: line 5 holds the control or format character U+0000");
}

Test(conf, has_limits)
{
	static char text[CUSTODY_LIMIT_CONF + 2];
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_lab l;

	memset(text, '\n', sizeof(text));
	memcpy(text, MUST, strlen(MUST));
	cr_assert_eq(custody_lab_conf_parse((const uint8_t *)text, CUSTODY_LIMIT_CONF, &l, &err), 0, "%s", err.text);
	custody_lab_release(&l);
	cr_expect_eq(custody_lab_conf_parse((const uint8_t *)text, CUSTODY_LIMIT_CONF + 1, &l, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	memcpy(text + strlen(MUST), "role = ", 7);
	memset(text + strlen(MUST) + 7, 'x', CUSTODY_LIMIT_TEXT_FIELD);
	cr_assert_eq(custody_lab_conf_parse((const uint8_t *)text, 8192, &l, &err), 0, "%s", err.text);
	custody_lab_release(&l);
	text[strlen(MUST) + 7 + CUSTODY_LIMIT_TEXT_FIELD] = 'x';
	cr_expect_eq(custody_lab_conf_parse((const uint8_t *)text, 8192, &l, &err), -1);
	cr_expect_str_eq(err.text, "custody.conf: line 5 has a value of 4097 bytes, want at most 4096");
}

/* Two names that a person writes and the one file that they mean. */
Test(file_name, is_one_plain_part_and_stays_the_same_when_made_twice)
{
	static const struct {
		const char *name, *want;
	} cases[] = { { "Bar Analyst", "bar-analyst" }, { "ann", "ann" }, { "Dr. Ann O'Brien-Smith", "dr.-ann-o-brien-smith" },
		{ "../../etc/passwd", "etc-passwd" }, { ".hidden", "hidden" }, { "-rf", "rf" }, { "a.", "a" }, { "a/", "a" }, { "", "" },
		{ "...", "" }, { " - ", "" }, { "A_b.9", "a_b.9" }, { "\xc5\xbdofie", "\xc5\xbdofie" }, { "a\nb", "a-b" },
		{ "a\xff\xfe"
		  "b",
			"a-b" },
		{ "a\xe2\x80\xae"
		  "b",
			"a-b" } };
	char made[CUSTODY_LAB_FILE_NAME], again[CUSTODY_LAB_FILE_NAME], long_name[600];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		custody_lab_file_name(cases[i].name, made);
		cr_expect_str_eq(made, cases[i].want, "'%s' gives '%s'", cases[i].name, made);
		custody_lab_file_name(made, again);
		cr_expect_str_eq(again, made);
	}
	/* Cut at a character. */
	for (size_t shift = 0; shift < 4; shift++) {
		memset(long_name, 'a', shift);
		for (size_t i = shift; i + 3 < sizeof(long_name); i += 3)
			memcpy(long_name + i, "\xe2\x82\xac", 4);
		custody_lab_file_name(long_name, made);
		cr_expect_leq(strlen(made), CUSTODY_LAB_FILE_NAME - 1);
		cr_expect_geq(strlen(made), CUSTODY_LAB_FILE_NAME - 4);
		custody_lab_file_name(made, again);
		cr_expect_str_eq(again, made);
	}
}
