/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/verdict/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "libcustody/base/words.h"

const char *custody_verdict_name(enum custody_verdict v)
{
	switch (v) {
	case CUSTODY_VERDICT_VALID:
		return N_("VALID");
	case CUSTODY_VERDICT_INVALID:
		return N_("INVALID");
	case CUSTODY_VERDICT_INDETERMINATE:
		return N_("INDETERMINATE");
	case CUSTODY_VERDICT_NONE:
		break;
	}
	return NULL;
}

const char *custody_group_result_name(enum custody_group_result r)
{
	switch (r) {
	case CUSTODY_RESULT_PASS:
		return "pass";
	case CUSTODY_RESULT_OWN_WORD:
		return "own-word";
	case CUSTODY_RESULT_FAIL:
		return "fail";
	case CUSTODY_RESULT_INDETERMINATE:
		return "indeterminate";
	case CUSTODY_RESULT_NOT_PRESENTED:
		return "not-presented";
	case CUSTODY_RESULT_NOT_CHECKED:
		break;
	}
	return "not-checked";
}

void custody_report_init(struct custody_report *r)
{
	memset(r, 0, sizeof(*r));
	custody_findings_init(&r->findings);
}

void custody_report_release(struct custody_report *r)
{
	custody_findings_release(&r->findings);
	custody_claims_result_release(&r->claims);
	custody_buf_release(&r->request.bytes);
	free(r->request.packages);
	for (size_t i = 0; i < r->n_anchors; i++)
		free(r->anchors[i].from);
	free(r->anchors);
	free(r->path);
	free(r->case_id);
	free(r->exhibit);
	free(r->sealer_name);
	free(r->sealer_organisation);
	free(r->sealer_role);
	custody_account_release(&r->account);
	custody_acquisition_stated_release(&r->acquired);
	free(r->record_given.path);
	free(r->record_given.counterpart);
	free(r->record_given.heads);
	free(r->tool_name);
	free(r->tool_version);
	free(r->uuid);
	free(r->failure);
	free(r->not_journalled);
	custody_report_init(r);
}

/* What must have been shown for each required group to pass; the groups of verdict.md that are required, in report order. */
static const struct {
	enum custody_group group;
	uint32_t needs;
} required[] = {
	{ CUSTODY_GROUP_CONTAINER,
		CUSTODY_SHOWN_DIRECTORY | CUSTODY_SHOWN_EVERY_BYTE | CUSTODY_SHOWN_MEMBERS | CUSTODY_SHOWN_COVERED | CUSTODY_SHOWN_UNCHANGED },
	{ CUSTODY_GROUP_INTEGRITY,
		CUSTODY_SHOWN_ASIC_DIGESTS | CUSTODY_SHOWN_LISTS | CUSTODY_SHOWN_INVENTORY | CUSTODY_SHOWN_TREE | CUSTODY_SHOWN_FACTS },
	{ CUSTODY_GROUP_SEAL, CUSTODY_SHOWN_SEAL },
	{ CUSTODY_GROUP_TIME, CUSTODY_SHOWN_TIME },
	{ CUSTODY_GROUP_CUSTODY, CUSTODY_SHOWN_RECORD },
};

#define REQUIRED (sizeof(required) / sizeof(required[0]))

/* A group without a finding against it passes only if everything it needs was shown; if nothing of it was, nobody looked. */
static enum custody_group_result judge_group(const struct custody_report *r, enum custody_group group, uint32_t needs)
{
	if (custody_findings_have(&r->findings, group, CUSTODY_EFFECT_FAILS))
		return CUSTODY_RESULT_FAIL;
	if (custody_findings_have(&r->findings, group, CUSTODY_EFFECT_OPENS))
		return CUSTODY_RESULT_INDETERMINATE;
	if ((r->shown & needs) == needs)
		return group == CUSTODY_GROUP_TIME && !r->seal.independent ? CUSTODY_RESULT_OWN_WORD : CUSTODY_RESULT_PASS;
	return (r->shown & needs) != 0 ? CUSTODY_RESULT_INDETERMINATE : CUSTODY_RESULT_NOT_CHECKED;
}

static bool passed(enum custody_group_result r)
{
	return r == CUSTODY_RESULT_PASS || r == CUSTODY_RESULT_OWN_WORD;
}

/* Everything that VALID needs was shown: of the package, and of the record where there is one. */
static bool all_shown(const struct custody_report *r)
{
	uint32_t needs = CUSTODY_SHOWN_ALL | (r->has_record ? (uint32_t)CUSTODY_SHOWN_RECORD : 0);

	return r->shown == needs;
}

void custody_verdict_decide(struct custody_report *r)
{
	bool failed = false, open = false;

	r->verdict = CUSTODY_VERDICT_INVALID;
	for (int g = 0; g < CUSTODY_GROUP_COUNT; g++)
		r->groups[g] = CUSTODY_RESULT_NOT_PRESENTED;
	/* The last row is looked at where a record was given; and what was found of one counts in any case. */
	bool presented = r->has_record || custody_findings_have(&r->findings, CUSTODY_GROUP_CUSTODY, CUSTODY_EFFECT_FAILS) ||
			 custody_findings_have(&r->findings, CUSTODY_GROUP_CUSTODY, CUSTODY_EFFECT_OPENS);
	for (size_t i = 0; i < REQUIRED - (presented ? 0 : 1); i++) {
		enum custody_group_result result = judge_group(r, required[i].group, required[i].needs);

		r->groups[required[i].group] = result;
		failed = failed || result == CUSTODY_RESULT_FAIL;
		open = open || !passed(result);
	}
	if (failed)
		return;
	r->verdict = CUSTODY_VERDICT_INDETERMINATE;
	/*
	 * Everything below must hold at once; each bit of `shown` was set where the thing was shown. A finding that was lost for want of memory
	 * may have been the one against it.
	 */
	if (open || r->findings.out_of_memory || !all_shown(r) || !r->has_package)
		return;
	r->verdict = CUSTODY_VERDICT_VALID;
}

void custody_verdict_alone(const struct custody_report *r, struct custody_report *alone)
{
	*alone = *r;
	if (r->verdict == CUSTODY_VERDICT_NONE)
		return;
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++)
		if (custody_finding_get((enum custody_finding_id)id)->group == CUSTODY_GROUP_CUSTODY ||
			id == CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED)
			alone->findings.count[id] = 0;
	alone->has_record = alone->has_expected = false;
	alone->shown &= ~(uint32_t)CUSTODY_SHOWN_RECORD;
	custody_verdict_decide(alone);
}

bool custody_report_has_every_byte(const struct custody_report *r)
{
	if (r->verdict == CUSTODY_VERDICT_VALID)
		return true;
	return r->verdict == CUSTODY_VERDICT_INDETERMINATE && r->groups[CUSTODY_GROUP_CONTAINER] == CUSTODY_RESULT_PASS &&
	       r->groups[CUSTODY_GROUP_INTEGRITY] == CUSTODY_RESULT_PASS;
}

/* What no package can show, whatever its verdict, and what this one did not (verdict.md rule 10). */
const char *custody_report_not_proven(const struct custody_report *r, size_t index)
{
	static const char *const always[] = {
		N_("where the evidence came from before it was received, and that its content is true"),
		N_("that nothing else existed: the package is complete only with respect to what it states"),
		N_("who sat at the keyboard: the name is that of the certificate whose key was used"),
	};
	static const char no_record[] = N_("what happened to the evidence after sealing: no custody record was presented");
	static const char record[] =
		N_("that nobody handled the evidence without writing it down: a custody record proves what is in it, and nothing that is not");
	static const char no_end[] = N_("that the custody record goes no further: its end is anchored nowhere, later events may be missing");
	static const char own_word[] = N_("when it was sealed: the time is the laboratory's own word");
	static const char no_time[] = N_("when it was sealed: no time-stamp holds under the authorities that were given");
	static const char no_content[] = N_("any file content: the package holds none");
	static const char taken_in[] = N_("who stated the digests of others: the package holds what the laboratory took in");
	static const char replaces[] = N_("what was in the package that this one replaces, as its sealer states, and why it was replaced");
	const char *some[9];
	size_t n = 0;

	/* Where the stamp does not hold under the anchors given, not even whose word it is was shown. */
	if (r->has_seal && !r->seal.independent)
		some[n++] = judge_group(r, CUSTODY_GROUP_TIME, CUSTODY_SHOWN_TIME) == CUSTODY_RESULT_OWN_WORD ? own_word : no_time;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		some[n++] = always[i];
	if (r->has_previous)
		some[n++] = replaces;
	some[n++] = r->has_record ? record : no_record;
	if (r->has_record && !r->record_anchored)
		some[n++] = no_end;
	if (r->claims.there)
		some[n++] = taken_in;
	if (r->findings.count[CUSTODY_FINDING_NO_CONTENT] > 0)
		some[n++] = no_content;
	return index < n ? some[index] : NULL;
}
