/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/verdict/verdict.h"

#include <criterion/criterion.h>
#include <string.h>

/* A report in which everything was shown. */
static void all_shown(struct custody_report *r)
{
	custody_report_init(r);
	r->shown = CUSTODY_SHOWN_ALL;
	r->has_package = true;
	r->seal.independent = true;
}

Test(verdict, says_valid_only_when_everything_was_shown)
{
	struct custody_report r;

	all_shown(&r);
	custody_verdict_decide(&r);
	cr_expect_eq(r.verdict, CUSTODY_VERDICT_VALID);
	for (int g = 0; g <= CUSTODY_GROUP_TIME; g++)
		cr_expect_eq(r.groups[g], CUSTODY_RESULT_PASS);
	cr_expect_eq(r.groups[CUSTODY_GROUP_CUSTODY], CUSTODY_RESULT_NOT_PRESENTED);
	custody_report_release(&r);
}

Test(verdict, is_indeterminate_for_every_single_thing_not_shown)
{
	for (unsigned bit = 1; bit <= CUSTODY_SHOWN_ALL; bit <<= 1) {
		struct custody_report r;

		all_shown(&r);
		r.shown &= ~bit;
		custody_verdict_decide(&r);
		cr_expect_eq(r.verdict, CUSTODY_VERDICT_INDETERMINATE, "without bit %#x: %s", bit, custody_verdict_name(r.verdict));
		custody_report_release(&r);
	}
}

Test(verdict, is_indeterminate_for_every_pair_of_things_not_shown)
{
	for (unsigned a = 1; a <= CUSTODY_SHOWN_ALL; a <<= 1)
		for (unsigned b = 1; b <= CUSTODY_SHOWN_ALL; b <<= 1) {
			struct custody_report r;

			all_shown(&r);
			r.shown &= ~(a | b);
			custody_verdict_decide(&r);
			cr_expect_eq(r.verdict, CUSTODY_VERDICT_INDETERMINATE);
			custody_report_release(&r);
		}
}

Test(verdict, follows_the_effect_of_every_finding)
{
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		enum custody_verdict want = info->effect == CUSTODY_EFFECT_FAILS   ? CUSTODY_VERDICT_INVALID
					    : info->effect == CUSTODY_EFFECT_OPENS ? CUSTODY_VERDICT_INDETERMINATE
										   : CUSTODY_VERDICT_VALID;
		struct custody_report r;

		all_shown(&r);
		custody_findings_add(&r.findings, (enum custody_finding_id)id, NULL, 0, NULL);
		custody_verdict_decide(&r);
		cr_expect_eq(r.verdict, want, "%s gives %s", info->id, custody_verdict_name(r.verdict));
		custody_report_release(&r);
	}
}

Test(verdict, a_failure_outweighs_what_is_open)
{
	struct custody_report r;

	all_shown(&r);
	custody_findings_add(&r.findings, CUSTODY_FINDING_SEAL_UNTRUSTED, NULL, 0, NULL);
	custody_findings_add(&r.findings, CUSTODY_FINDING_ZIP_GAP, NULL, 0, NULL);
	custody_verdict_decide(&r);
	cr_expect_eq(r.verdict, CUSTODY_VERDICT_INVALID);
	cr_expect_eq(r.groups[CUSTODY_GROUP_CONTAINER], CUSTODY_RESULT_FAIL);
	cr_expect_eq(r.groups[CUSTODY_GROUP_SEAL], CUSTODY_RESULT_INDETERMINATE);
	custody_report_release(&r);
}

Test(verdict, own_word_passes_and_says_so)
{
	struct custody_report r;

	all_shown(&r);
	r.seal.independent = false;
	custody_verdict_decide(&r);
	cr_expect_eq(r.verdict, CUSTODY_VERDICT_VALID);
	cr_expect_eq(r.groups[CUSTODY_GROUP_TIME], CUSTODY_RESULT_OWN_WORD);
	custody_report_release(&r);
}

Test(verdict, a_lost_finding_is_never_valid)
{
	struct custody_report r;

	all_shown(&r);
	r.findings.out_of_memory = true;
	custody_verdict_decide(&r);
	cr_expect_eq(r.verdict, CUSTODY_VERDICT_INDETERMINATE);
	all_shown(&r);
	r.has_package = false;
	custody_verdict_decide(&r);
	cr_expect_eq(r.verdict, CUSTODY_VERDICT_INDETERMINATE);
}

Test(verdict, nothing_shown_is_not_checked_and_not_valid)
{
	struct custody_report r;

	custody_report_init(&r);
	custody_verdict_decide(&r);
	cr_expect_eq(r.verdict, CUSTODY_VERDICT_INDETERMINATE);
	cr_expect_eq(r.groups[CUSTODY_GROUP_SEAL], CUSTODY_RESULT_NOT_CHECKED);
	custody_report_release(&r);
}

Test(verdict, names_are_those_of_the_json_report)
{
	static const char *const results[] = { "not-checked", "not-presented", "indeterminate", "fail", "own-word", "pass" };

	cr_expect_null(custody_verdict_name(CUSTODY_VERDICT_NONE));
	cr_expect_str_eq(custody_verdict_name(CUSTODY_VERDICT_VALID), "VALID");
	cr_expect_str_eq(custody_verdict_name(CUSTODY_VERDICT_INVALID), "INVALID");
	cr_expect_str_eq(custody_verdict_name(CUSTODY_VERDICT_INDETERMINATE), "INDETERMINATE");
	for (int i = 0; i < 6; i++)
		cr_expect_str_eq(custody_group_result_name((enum custody_group_result)i), results[i]);
	/* No value at all is no verdict, and nothing passed. */
	cr_expect_null(custody_verdict_name((enum custody_verdict)99));
	cr_expect_str_eq(custody_group_result_name((enum custody_group_result)99), "not-checked");
}

static size_t count_not_proven(const struct custody_report *r)
{
	size_t n = 0;

	while (custody_report_not_proven(r, n))
		n++;
	return n;
}

Test(verdict, what_is_not_proven_grows_with_what_is_missing)
{
	struct custody_report r;

	all_shown(&r);
	r.has_seal = true;
	cr_expect_eq(count_not_proven(&r), 4);
	r.seal.independent = false;
	cr_expect_eq(count_not_proven(&r), 5);
	cr_expect_str_eq(custody_report_not_proven(&r, 0), "when it was sealed: the time is the laboratory's own word");
	/* A stamp that nobody vouches for is nobody's word. */
	r.shown &= ~(uint32_t)CUSTODY_SHOWN_TIME;
	cr_expect_eq(count_not_proven(&r), 5);
	cr_expect_str_eq(custody_report_not_proven(&r, 0), "when it was sealed: no time-stamp holds under the authorities that were given");
	r.shown |= CUSTODY_SHOWN_TIME;
	custody_findings_add(&r.findings, CUSTODY_FINDING_TIME_UNTRUSTED, NULL, 0, NULL);
	cr_expect(strstr(custody_report_not_proven(&r, 0), "no time-stamp holds"));
	custody_findings_add(&r.findings, CUSTODY_FINDING_NO_CONTENT, NULL, 0, NULL);
	cr_expect_eq(count_not_proven(&r), 6);
	r.anchors = calloc(1, sizeof(*r.anchors));
	r.n_anchors = 1;
	r.anchors[0].from = strdup("x/signers.pem");
	custody_report_release(&r);
}
