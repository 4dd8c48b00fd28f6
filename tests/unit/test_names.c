/* SPDX-License-Identifier: Apache-2.0 */
/* Which names items and members may have: sealed-package.md, "Names". */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/limits.h"
#include "libcustody/package/names.h"

#define TEXT(s) (s), sizeof(s) - 1

static const struct {
	const char *name;
	size_t n;
	bool plain; /* the writer keeps it */
	const char *problem; /* of the reader; NULL: none */
} names[] = {
	{ TEXT("acme"), true, NULL },
	{ TEXT("returns/acme/2026.csv"), true, NULL },
	{ TEXT(".hidden/..x/...y"), true, NULL },
	{ TEXT(" leading space"), true, NULL },
	{ TEXT("caf\303\251"), true, NULL },
	{ TEXT("\346\227\245\346\234\254"), true, NULL },
	{ TEXT("\360\237\230\200"), true, NULL },
	{ TEXT("a'b=c,d;e~f!g#h$i&j(k)l{m}n@o[p]q`r+s^t"), true, NULL },
	{ TEXT("mimetype"), true, NULL },
	{ TEXT("META-INF/x"), true, NULL },
	/* parts */
	{ TEXT(""), false, "is empty" },
	{ TEXT("/"), false, "has an empty part" },
	{ TEXT("/a"), false, "has an empty part" },
	{ TEXT("a/"), false, "has an empty part" },
	{ TEXT("a//b"), false, "has an empty part" },
	{ TEXT("."), false, "has a part '.' or '..'" },
	{ TEXT(".."), false, "has a part '.' or '..'" },
	{ TEXT("a/./b"), false, "has a part '.' or '..'" },
	{ TEXT("a/.."), false, "has a part '.' or '..'" },
	{ TEXT("a."), false, "has a part that ends in a dot or a space" },
	{ TEXT("..."), false, "has a part that ends in a dot or a space" },
	{ TEXT("a /b"), false, "has a part that ends in a dot or a space" },
	{ TEXT(" "), false, "has a part that ends in a dot or a space" },
	/* devices */
	{ TEXT("con"), false, "has a part that is the name of a device" },
	{ TEXT("a/PRN"), false, "has a part that is the name of a device" },
	{ TEXT("Aux.c"), false, "has a part that is the name of a device" },
	{ TEXT("nul.tar.gz"), false, "has a part that is the name of a device" },
	{ TEXT("com0"), false, "has a part that is the name of a device" },
	{ TEXT("COM9.x/y"), false, "has a part that is the name of a device" },
	{ TEXT("lpt0"), false, "has a part that is the name of a device" },
	{ TEXT("LpT9"), false, "has a part that is the name of a device" },
	{ TEXT("conin$"), false, "has a part that is the name of a device" },
	{ TEXT("CONOUT$.txt"), false, "has a part that is the name of a device" },
	{ TEXT("console"), true, NULL },
	{ TEXT("com"), true, NULL },
	{ TEXT("com10"), true, NULL },
	{ TEXT("comx"), true, NULL },
	{ TEXT("cox1"), true, NULL },
	{ TEXT("x.con"), true, NULL },
	/* characters */
	{ TEXT("a\\b"), false, "has a backslash" },
	{ TEXT("50%"), false, "has a percent sign" },
	{ TEXT("a:b"), false, NULL },
	{ TEXT("a*b"), false, NULL },
	{ TEXT("a?b"), false, NULL },
	{ TEXT("a\"b"), false, NULL },
	{ TEXT("a<b"), false, NULL },
	{ TEXT("a>b"), false, NULL },
	{ TEXT("a|b"), false, NULL },
	{ TEXT("a\0b"), false, "has a control or bidi character, or a line or paragraph separator" },
	{ TEXT("a\nb"), false, "has a control or bidi character, or a line or paragraph separator" },
	{ TEXT("a\177"), false, "has a control or bidi character, or a line or paragraph separator" },
	{ TEXT("\302\200"), false, "has a control or bidi character, or a line or paragraph separator" },
	{ TEXT("\330\234"), false, "has a control or bidi character, or a line or paragraph separator" },
	{ TEXT("a\342\200\217b"), false, "has a control or bidi character, or a line or paragraph separator" },
	{ TEXT("a\342\200\250b"), false, "has a control or bidi character, or a line or paragraph separator" },
	{ TEXT("a\342\200\251b"), false, "has a control or bidi character, or a line or paragraph separator" },
	{ TEXT("a\302\240b"), false, NULL }, /* no-break space */
	{ TEXT("a\342\200\213b"), false, NULL }, /* zero width space: format */
	{ TEXT("\356\200\200"), false, NULL }, /* private use */
	{ TEXT("\315\270"), false, NULL }, /* unassigned */
	{ TEXT("\377"), false, "is not valid UTF-8" },
	{ TEXT("a\303"), false, "is not valid UTF-8" },
	/* not NFC */
	{ TEXT("cafe\314\201"), false, NULL },
	{ TEXT("\342\204\253"), false, NULL }, /* Angstrom sign */
	/* where the aliases are */
	{ TEXT("_names"), false, NULL },
	{ TEXT("_names/000001"), false, NULL },
	{ TEXT("_NAMES/x"), false, NULL },
	{ TEXT("_nameset"), false, NULL },
	{ TEXT("_name\305\277"), false, NULL }, /* long s folds to s */
	{ TEXT("_name"), true, NULL },
	{ TEXT("a/_names"), true, NULL },
	{ TEXT("__names"), true, NULL },
};

Test(names, says_which_are_plain_and_which_a_package_may_hold)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const uint8_t *p = (const uint8_t *)names[i].name;
		cr_expect_eq(custody_name_is_plain(p, names[i].n), names[i].plain, "row %zu '%s'", i, names[i].name);
		const char *problem = custody_name_member_problem(p, names[i].n);
		cr_expect(problem == names[i].problem || (problem && names[i].problem && strcmp(problem, names[i].problem) == 0), "row %zu '%s': %s",
			i, names[i].name, problem ? problem : "none");
	}
}

Test(names, have_at_most_200_bytes_a_part_and_1000_in_all)
{
	uint8_t name[5000];
	memset(name, 'a', sizeof(name));
	cr_expect(custody_name_is_plain(name, 200));
	cr_expect_not(custody_name_is_plain(name, 201));
	cr_expect_null(custody_name_member_problem(name, 4096));
	cr_expect_str_eq(custody_name_member_problem(name, 4097), "is longer than 4096 bytes");
	for (size_t i = 100; i < sizeof(name); i += 100)
		name[i] = '/';
	cr_expect(custody_name_is_plain(name, 1000));
	cr_expect_not(custody_name_is_plain(name, 1001));
	cr_expect_not(custody_name_is_plain(name, 1002));
	memset(name, 'a', sizeof(name));
	name[201] = '/';
	cr_expect_not(custody_name_is_plain(name, 300), "a long part in front");
	name[201] = 'a';
	name[50] = '/';
	cr_expect_not(custody_name_is_plain(name, 300), "a long part behind");
}

Test(names, get_an_alias_of_at_least_six_digits)
{
	static const struct {
		uint64_t n;
		const char *alias;
	} cases[] = { { 0, "data/_names/000000" }, { 42, "data/_names/000042" }, { 999999, "data/_names/999999" }, { 1000000, "data/_names/1000000" },
		{ UINT64_MAX, "data/_names/18446744073709551615" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char alias[CUSTODY_NAME_ALIAS];
		custody_name_alias(cases[i].n, alias);
		cr_expect_str_eq(alias, cases[i].alias);
	}
}

Test(names, are_given_once)
{
	static const struct {
		const char *path, *member;
	} steps[] = {
		{ "acme/a.txt", "data/acme/a.txt" },
		{ "acme/a.txt", "data/_names/000001" }, /* equal */
		{ "acme/A.TXT", "data/_names/000002" }, /* equal after folding */
		{ "ACME/b.txt", "data/ACME/b.txt" }, /* another folder for us, one for others, but no name is lost */
		{ "acme/B.txt", "data/_names/000004" }, /* for them this would be */
		{ "acme", "data/_names/000005" }, /* a folder already */
		{ "Acme", "data/_names/000006" },
		{ "acme/a.txt/below", "data/_names/000007" }, /* below a file */
		{ "acme/A.txt/x/y", "data/_names/000008" },
		{ "acme/a.txt2", "data/acme/a.txt2" },
		{ "stra\303\237e", "data/stra\303\237e" },
		{ "STRASSE", "data/_names/000011" }, /* full case folding */
		{ "caf\303\251", "data/caf\303\251" },
		{ "CAF\303\211", "data/_names/000013" },
		{ "cafe\314\201", "data/_names/000014" }, /* not plain */
		{ "x\ny", "data/_names/000015" },
		{ "x/y/z", "data/x/y/z" },
		{ "x/y/z/zz", "data/_names/000017" },
		{ "x/yz", "data/x/yz" },
		{ "xy/z", "data/xy/z" },
	};
	struct custody_names s;
	struct custody_buf out CUSTODY_BUF_CLEAN = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_names_init(&s, (const uint8_t *)"sixteen bytes...");
	custody_buf_init(&out, 2000);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		bool aliased = false;
		cr_assert_eq(
			custody_names_assign(&s, (const uint8_t *)steps[i].path, strlen(steps[i].path), i, &out, &aliased, &err), 0, "%s", err.text);
		cr_expect_str_eq(custody_buf_str(&out), steps[i].member, "step %zu", i);
		cr_expect_eq(aliased, strncmp(steps[i].member, "data/_names/", 12) == 0, "step %zu", i);
		cr_expect_null(custody_name_member_problem(out.data, out.len));
	}
	custody_names_release(&s);
}

Test(names, do_not_fit_into_a_buffer_that_is_too_small)
{
	struct custody_names s;
	struct custody_buf out CUSTODY_BUF_CLEAN = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	bool aliased = false;
	custody_names_init(&s, (const uint8_t *)"sixteen bytes...");
	custody_buf_init(&out, 4);
	cr_expect_eq(custody_names_assign(&s, (const uint8_t *)"a", 1, 0, &out, &aliased, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	custody_names_release(&s);
}
