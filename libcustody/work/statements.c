/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/statements.h"

#include <string.h>

int custody_statements_begin(struct custody_statements *s, const struct custody_zip *zip, const struct custody_member_index *index,
	struct custody_report *report, struct custody_error *err)
{
	const struct custody_zip_member *claims = &index->member[CUSTODY_MEMBER_CLAIMS], *request = &index->member[CUSTODY_MEMBER_REQUEST];

	if (index->has[CUSTODY_MEMBER_REQUEST] && custody_requested_begin(&s->requested, zip, request, report, err))
		return -1;
	if (!index->has[CUSTODY_MEMBER_CLAIMS])
		return 0;
	return custody_claims_judge_new(&s->claims, zip->source, claims->data_offset, claims->size, &report->findings, &report->claims, err);
}

void custody_statements_met(struct custody_statements *s, enum custody_member_class c, const uint8_t sha256[32])
{
	if (c == CUSTODY_MEMBER_CLAIMS)
		memcpy(s->claims_met, sha256, sizeof(s->claims_met));
	else if (c == CUSTODY_MEMBER_REQUEST)
		memcpy(s->request_met, sha256, sizeof(s->request_met));
}

int custody_statements_item(void *statements, const struct custody_item *item, struct custody_error *err)
{
	struct custody_statements *s = statements;

	custody_requested_item(&s->requested, item);
	return s->claims ? custody_claims_judge_item(s->claims, item, err) : 0;
}

int custody_statements_finish(struct custody_statements *s, struct custody_report *report, bool whole, struct custody_error *err)
{
	if (custody_requested_finish(&s->requested, report, s->request_met, whole, err))
		return -1;
	return s->claims ? custody_claims_judge_finish(s->claims, s->claims_met, whole, err) : 0;
}

void custody_statements_release(struct custody_statements *s)
{
	custody_claims_judge_free(&s->claims);
	custody_requested_release(&s->requested);
}
