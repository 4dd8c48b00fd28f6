/* SPDX-License-Identifier: Apache-2.0 */
/* The seal and its time over the packages of fixtures/: every line of the two tables whose finding is of these groups, and all good packages. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/members.h"

/* One line of expected.tsv. */
struct line {
	char package[128], trust[128], options[128], verdict[32], finding[64], further[256];
};

static bool judged_here(const struct custody_finding_info *info)
{
	return info->group == CUSTODY_GROUP_SEAL || info->group == CUSTODY_GROUP_TIME;
}

/* id is the line's finding or one of its further ones. */
static bool is_named(const struct line *line, const char *id)
{
	char list[256];
	if (strcmp(line->finding, id) == 0)
		return true;
	snprintf(list, sizeof(list), "%s", line->further);
	for (char *word = strtok(list, ","); word != NULL; word = strtok(NULL, ",")) {
		if (strcmp(word, id) == 0)
			return true;
	}
	return false;
}

/* Every error and warning that was found is named, and the line's own finding was found. */
static void compare(const struct line *line, const struct custody_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		const struct custody_finding_info *info = custody_finding_get(findings->list[i].id);
		if (info->severity == CUSTODY_SEVERITY_ERROR)
			cr_expect(is_named(line, info->id), "%s: unexpected %s (%s)", line->package, info->id,
				findings->list[i].detail ? findings->list[i].detail : "");
	}
	enum custody_finding_id id = custody_finding_find(line->finding);
	if (id != CUSTODY_FINDING_COUNT && judged_here(custody_finding_get(id)))
		cr_expect(findings->count[id] > 0, "%s: want %s", line->package, line->finding);
}

static void set_times(const struct line *line, struct custody_seal_input *input)
{
	const char *at = strstr(line->options, "at="), *now = strstr(line->options, "now=");
	if (at != NULL)
		cr_assert(custody_time_parse(at + 3, 20, false, &input->evaluated_at));
	if (now != NULL)
		cr_assert(custody_time_parse(now + 4, 20, false, &input->now));
}

static void judge(const struct line *line, const char *folder)
{
	struct members_case c;
	struct custody_findings findings;
	struct custody_seal_result result;
	struct custody_error err = CUSTODY_ERROR_INIT;
	char package[300], trust[300];
	snprintf(package, sizeof(package), "fixtures/%s/%s", folder, line->package);
	snprintf(trust, sizeof(trust), "fixtures/%s/%s", folder, line->trust);
	bool open = members_open(&c, package, strcmp(line->trust, "-") == 0 ? NULL : trust);
	cr_assert(open, "%s", package);
	set_times(line, &c.input);
	custody_findings_init(&findings);
	cr_expect_eq(custody_seal_check(&c.input, &findings, &result, &err), 0, "%s: %s", line->package, err.text);
	compare(line, &findings);
	enum custody_finding_id id = custody_finding_find(line->finding);
	bool here = id != CUSTODY_FINDING_COUNT &&
		    (judged_here(custody_finding_get(id)) || id == CUSTODY_FINDING_LIMIT_EXCEEDED || id == CUSTODY_FINDING_NO_ANCHORS);
	if (strcmp(line->verdict, "VALID") == 0)
		cr_expect(result.seal_pass && result.time_pass && result.arithmetic, "%s: want it to pass", line->package);
	else if (here)
		cr_expect(!(result.seal_pass && result.time_pass), "%s: want it not to pass", line->package);
	bool fails = custody_findings_have(&findings, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_FAILS);
	if (here)
		cr_expect_eq(fails, strcmp(line->verdict, "INVALID") == 0, "%s: want %s", line->package, line->verdict);
	custody_findings_release(&findings);
	members_close(&c);
}

/* Tab-separated fields. */
static bool read_line(FILE *f, struct line *line)
{
	char text[1024];
	char *fields[6] = { line->package, line->trust, line->options, line->verdict, line->finding, line->further };
	const size_t sizes[6] = { sizeof(line->package), sizeof(line->trust), sizeof(line->options), sizeof(line->verdict), sizeof(line->finding),
		sizeof(line->further) };
	do {
		if (fgets(text, sizeof(text), f) == NULL)
			return false;
	} while (text[0] == '#');
	text[strcspn(text, "\n")] = '\0';
	char *rest = text;
	for (size_t i = 0; i < 6; i++) {
		const char *field = strsep(&rest, "\t");
		snprintf(fields[i], sizes[i], "%s", field ? field : "");
	}
	return true;
}

static void judge_table(const char *folder, bool all, size_t at_least)
{
	char path[64];
	struct line line;
	size_t n = 0;
	snprintf(path, sizeof(path), "fixtures/%s/expected.tsv", folder);
	FILE *f = fopen(path, "r");
	cr_assert_not_null(f);
	while (read_line(f, &line)) {
		enum custody_finding_id id = custody_finding_find(line.finding);
		bool here = id != CUSTODY_FINDING_COUNT && judged_here(custody_finding_get(id));
		if (!here && !(all && strcmp(line.verdict, "INVALID") != 0) && id != CUSTODY_FINDING_NO_ANCHORS &&
			strncmp(line.package, "limit-exceeded/", 15) != 0)
			continue;
		judge(&line, folder);
		n++;
	}
	fclose(f);
	cr_expect_geq(n, at_least, "%s: judged %zu", folder, n);
}

Test(seal_fixtures, every_good_package_passes)
{
	judge_table("sealed", true, 17);
}

Test(seal_fixtures, every_forgery_is_found_and_nothing_else)
{
	judge_table("tampered", false, 140);
}

/* Who stamped beside the authority whose time counts, and whether that holds; what is not trusted here holds not, and is named all the same. */
Test(seal_fixtures, names_every_authority_that_stamped)
{
	static const struct {
		const char *package, *trust;
		size_t n;
		bool good, independent;
	} cases[] = {
		{ "two-authorities-p256.asice", "trust-two", 1, true, true },
		{ "two-authorities-p256.asice", "trust-independent", 1, false, false },
		{ "foreign-token-p256.asice", "trust-own", 0, false, false }, /* no authority that seal.json lists */
		{ "own-p256.asice", "trust-own", 0, false, false },
		{ "independent-p256.asice", "trust-independent", 0, false, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct members_case c;
		struct custody_findings findings;
		struct custody_seal_result result;
		struct custody_error err = CUSTODY_ERROR_INIT;
		char package[300], trust[300];
		snprintf(package, sizeof(package), "fixtures/sealed/%s", cases[i].package);
		snprintf(trust, sizeof(trust), "fixtures/sealed/%s", cases[i].trust);
		cr_assert(members_open(&c, package, trust), "%s", package);
		custody_findings_init(&findings);
		cr_assert_eq(custody_seal_check(&c.input, &findings, &result, &err), 0, "%s", err.text);
		cr_assert_eq(result.n_others, cases[i].n, "%s: %zu", package, result.n_others);
		if (cases[i].n > 0) {
			cr_expect_eq(result.others[0].good, cases[i].good, "%s", package);
			cr_expect_eq(result.others[0].independent, cases[i].independent, "%s", package);
			cr_expect(result.others[0].authority[0] && strcmp(result.others[0].authority, result.authority) != 0, "%s: %s", package,
				result.others[0].authority);
		}
		custody_findings_release(&findings);
		members_close(&c);
	}
}
