/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/verdict/finding.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/limits.h"

Test(finding, has_a_table_of_distinct_rows)
{
	for (unsigned id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		cr_expect_eq(custody_finding_find(info->id), id, "%s", info->id);
		for (const char *c = info->id; *c != '\0'; c++)
			cr_expect(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-', "%s", info->id);
		size_t n = strlen(info->text);
		cr_expect(n > 0 && info->text[n - 1] != '.' && strlen(info->action) > 0, "%s", info->id);
		/* What decides a verdict is an error, and every error decides. */
		cr_expect_eq(info->effect != CUSTODY_EFFECT_NOTHING, info->severity == CUSTODY_SEVERITY_ERROR, "%s", info->id);
		cr_expect(info->group != CUSTODY_GROUP_STATEMENTS || info->effect == CUSTODY_EFFECT_NOTHING, "%s", info->id);
	}
	cr_expect_eq(custody_finding_find("no-such-finding"), CUSTODY_FINDING_COUNT);
	cr_expect_eq(custody_finding_find(NULL), CUSTODY_FINDING_COUNT);
}

Test(finding, names_groups_and_severities)
{
	static const char *const groups[] = { "container", "integrity", "seal", "time", "custody", "long-term", "statements" };
	static const char *const severities[] = { "note", "warning", "error" };
	for (unsigned i = 0; i < CUSTODY_GROUP_COUNT; i++)
		cr_expect_str_eq(custody_group_name((enum custody_group)i), groups[i]);
	for (unsigned i = 0; i < 3; i++)
		cr_expect_str_eq(custody_severity_name((enum custody_severity)i), severities[i]);
}

Test(finding, keeps_details_and_items)
{
	struct custody_findings f;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_findings_init(&f);
	custody_findings_add(&f, CUSTODY_FINDING_ZIP_GAP, "a\0b", 3, "%d bytes", 12);
	custody_findings_add(&f, CUSTODY_FINDING_SEAL_MISSING, "", 0, NULL);
	custody_findings_add(&f, CUSTODY_FINDING_NO_ANCHORS, NULL, 0, NULL);
	custody_refuse(&err, "zip-crc", "found one, want another");
	custody_findings_add_error(&f, CUSTODY_FINDING_ZIP_GAP, NULL, 0, &err);
	custody_refuse(&err, NULL, "no rule");
	custody_findings_add_error(&f, CUSTODY_FINDING_ZIP_SIZE, NULL, 0, &err);
	custody_refuse(&err, "no-such-finding", "unknown rule");
	custody_findings_add_error(&f, CUSTODY_FINDING_ZIP_TIME, NULL, 0, &err);
	cr_assert_eq(f.n, 6);
	cr_expect_str_eq(f.list[0].detail, "12 bytes");
	cr_expect(f.list[0].item_len == 3 && memcmp(f.list[0].item, "a\0b", 3) == 0);
	cr_expect(f.list[1].detail == NULL && f.list[1].item != NULL && f.list[1].item_len == 0);
	cr_expect_null(f.list[2].item);
	cr_expect(f.list[3].id == CUSTODY_FINDING_ZIP_CRC && f.list[4].id == CUSTODY_FINDING_ZIP_SIZE && f.list[5].id == CUSTODY_FINDING_ZIP_TIME);
	cr_expect_str_eq(f.list[5].detail, "unknown rule");
	cr_expect_not(f.out_of_memory);
	custody_findings_release(&f);
	cr_expect(f.n == 0 && f.list == NULL);
}

Test(finding, cuts_a_long_detail_at_a_character)
{
	struct custody_findings f;
	char text[CUSTODY_ERROR_TEXT + 100];
	custody_findings_init(&f);
	for (size_t shift = 0; shift < 4; shift++) {
		size_t n = shift;
		memset(text, 'x', shift);
		for (; n + 4 < sizeof(text); n += 4)
			memcpy(text + n, "\xf0\x9f\x92\xa9", 4);
		text[n] = '\0';
		custody_findings_add(&f, CUSTODY_FINDING_ZIP_GAP, NULL, 0, "%s", text);
		size_t kept = strlen(f.list[shift].detail);
		cr_expect(kept < CUSTODY_ERROR_TEXT && (kept - shift) % 4 == 0, "%zu", kept);
	}
	custody_findings_release(&f);
}

Test(finding, counts_what_it_does_not_keep)
{
	struct custody_findings f;
	custody_findings_init(&f);
	for (size_t i = 0; i < CUSTODY_LIMIT_FINDINGS + 7; i++)
		custody_findings_add(&f, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, NULL, 0, NULL);
	custody_findings_add(&f, CUSTODY_FINDING_TIME_MISSING, NULL, 0, NULL);
	cr_expect_eq(f.n, CUSTODY_LIMIT_FINDINGS);
	cr_expect_eq(f.count[CUSTODY_FINDING_ITEM_DIGEST_MISMATCH], CUSTODY_LIMIT_FINDINGS + 7);
	cr_expect(custody_findings_have(&f, CUSTODY_GROUP_TIME, CUSTODY_EFFECT_FAILS));
	cr_expect(custody_findings_have(&f, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_FAILS));
	cr_expect_not(custody_findings_have(&f, CUSTODY_GROUP_SEAL, CUSTODY_EFFECT_FAILS));
	cr_expect_not(custody_findings_have(&f, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_OPENS));
	custody_findings_release(&f);
}

Test(finding, keeps_room_for_errors_whatever_a_sealer_noted)
{
	struct custody_findings f;
	custody_findings_init(&f);
	for (size_t i = 0; i < 2 * CUSTODY_LIMIT_FINDINGS; i++)
		custody_findings_add(&f, CUSTODY_FINDING_NAME_ALIASED, NULL, 0, NULL);
	cr_expect_eq(f.n, CUSTODY_LIMIT_FINDINGS / 2);
	for (size_t i = 0; i < 2 * CUSTODY_LIMIT_FINDINGS; i++)
		custody_findings_add(&f, CUSTODY_FINDING_ITEM_FINDING_UNKNOWN, NULL, 0, NULL);
	cr_expect_eq(f.n, CUSTODY_LIMIT_FINDINGS / 4 * 3);
	custody_findings_add(&f, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, "data/a", 6, "altered");
	cr_expect_eq(f.n, CUSTODY_LIMIT_FINDINGS / 4 * 3 + 1);
	cr_expect_eq(f.list[f.n - 1].id, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH);
	cr_expect_eq(f.count[CUSTODY_FINDING_ITEM_FINDING_UNKNOWN], 2 * CUSTODY_LIMIT_FINDINGS);
	custody_findings_release(&f);
}

Test(finding, counts_what_is_beyond_the_room_for_names)
{
	struct custody_findings f;
	size_t n = CUSTODY_LIMIT_FINDINGS_BYTES / 4;
	char *name = calloc(1, n);
	custody_findings_init(&f);
	for (int i = 0; i < 4; i++) {
		if (i == 3)
			custody_findings_add(&f, CUSTODY_FINDING_MEMBER_MISSING, name, n, "one byte too many");
		custody_findings_add(&f, CUSTODY_FINDING_MEMBER_MISSING, name, n, NULL);
	}
	cr_expect_eq(f.n, 4u, "they fill it to the last byte");
	custody_findings_add(&f, CUSTODY_FINDING_MEMBER_MISSING, "x", 1, NULL);
	custody_findings_add(&f, CUSTODY_FINDING_MEMBER_MISSING, NULL, 0, NULL);
	cr_expect_eq(f.n, 4u);
	cr_expect_eq(f.count[CUSTODY_FINDING_MEMBER_MISSING], 7u);
	cr_expect_not(f.out_of_memory);
	custody_findings_release(&f);
	free(name);
}
