/* SPDX-License-Identifier: Apache-2.0 */
/* Custody records as a whole: every one of fixtures/record and the forged ones, judged with their package; reading, writing and comparing. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/record.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/source.h"
#include "libcustody/record/history.h"
#include "libcustody/work/record.h"
#include "libcustody/work/verify.h"
#include "tests/support/judge.h"
#include "tests/support/zipforge.h"

#define FOLDER "fixtures/record"
static const uint8_t key[16];

/* One line of expected.tsv: record, trust, options, verdict, finding, further errors and warnings. */
struct line {
	char *column[6];
};

static bool is_named(const char *list, const char *id)
{
	size_t n = strlen(id);

	for (const char *p = list; (p = strstr(p, id)); p += n)
		if ((p == list || p[-1] == ',') && (p[n] == '\0' || p[n] == ','))
			return true;
	return false;
}

static void compare(const struct line *l, const struct custody_report *r)
{
	cr_expect_str_eq(custody_verdict_name(r->verdict), l->column[3], "%s: %s", l->column[0], custody_verdict_name(r->verdict));
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		bool found = r->findings.count[id] > 0, named = strcmp(l->column[4], info->id) == 0 || is_named(l->column[5], info->id);

		cr_expect(found || !named, "%s lacks %s", l->column[0], info->id);
		cr_expect(named || !found || info->severity == CUSTODY_SEVERITY_NOTE, "%s has also %s", l->column[0], info->id);
	}
	for (size_t i = 0; i < r->findings.n; i++)
		if (strstr(custody_finding_get(r->findings.list[i].id)->id, "record-"))
			cr_expect_not_null(r->findings.list[i].detail, "%s", l->column[0]);
}

/* Judges a record with the package of the fixtures. */
static void judge(const struct custody_buf *record, const char *trust_dir, const char *head, struct custody_report *report)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	CUSTODY_BUF_CLEAN struct custody_buf package;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source, beside;
	uint8_t heads[1][32];
	char path[256];

	snprintf(path, sizeof(path), FOLDER "/%s", trust_dir);
	judge_trust(strcmp(trust_dir, "-") == 0 ? "-" : path, &trust);
	judge_read(FOLDER "/package.asice", &package);
	struct custody_verify_options options = judge_options(&trust);
	custody_source_memory(&source, package.data, package.len);
	custody_source_memory(&beside, record->data, record->len);
	options.record = &beside;
	if (head) {
		cr_assert(custody_hex_parse(head, strlen(head), false, heads[0], 32), "%s", head);
		options.heads = (const uint8_t(*)[32])heads;
		options.n_heads = 1;
	}
	custody_report_init(report);
	cr_assert_eq(custody_verify(&source, &options, report, &err), 0, "%s", err.text);
}

Test(record, every_fixture_is_judged_as_its_table_says)
{
	CUSTODY_BUF_CLEAN struct custody_buf table;
	char *rest = NULL, path[512];
	size_t lines = 0, forged = 0;

	judge_read(FOLDER "/expected.tsv", &table);
	char *text = strndup((const char *)table.data, table.len);
	for (char *at = strtok_r(text, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest)) {
		if (at[0] == '#')
			continue;
		CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
		CUSTODY_BUF_CLEAN struct custody_buf record = { 0 };
		struct line l;

		for (int i = 0; i < 6; i++)
			l.column[i] = strsep(&at, "\t");
		cr_assert_not_null(l.column[5]);
		snprintf(path, sizeof(path), FOLDER "/%s", l.column[0]);
		judge_read(path, &record);
		judge(&record, l.column[1], strncmp(l.column[2], "head=", 5) == 0 ? l.column[2] + 5 : NULL, &report);
		compare(&l, &report);
		lines++;
		forged += report.verdict != CUSTODY_VERDICT_VALID;
	}
	free(text);
	cr_expect_geq(lines, 90);
	cr_expect_geq(forged, 60, "only %zu", forged);
}

Test(record, passes_only_with_anchors_for_everybody_who_signed)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report with, without;
	CUSTODY_BUF_CLEAN struct custody_buf record = { 0 };

	judge_read(FOLDER "/three.record", &record);
	judge(&record, "trust", NULL, &with);
	cr_expect_eq(with.groups[CUSTODY_GROUP_CUSTODY], CUSTODY_RESULT_PASS);
	cr_expect_eq(with.record_events, 3);
	cr_expect(!with.record_anchored);
	judge(&record, "../sealed/trust-independent", NULL, &without); /* the lab's, but not the receiver's */
	cr_expect_eq(without.verdict, CUSTODY_VERDICT_INDETERMINATE);
	cr_expect_eq(without.groups[CUSTODY_GROUP_CUSTODY], CUSTODY_RESULT_INDETERMINATE);
	cr_expect_eq(without.groups[CUSTODY_GROUP_SEAL], CUSTODY_RESULT_PASS);
}

Test(record, without_one_the_group_is_not_presented)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	CUSTODY_BUF_CLEAN struct custody_buf package;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;

	judge_trust(FOLDER "/trust", &trust);
	judge_read(FOLDER "/package.asice", &package);
	const struct custody_verify_options options = judge_options(&trust);
	custody_source_memory(&source, package.data, package.len);
	custody_report_init(&report);
	cr_assert_eq(custody_verify(&source, &options, &report, &err), 0, "%s", err.text);
	cr_expect_eq(report.verdict, CUSTODY_VERDICT_VALID);
	cr_expect_eq(report.groups[CUSTODY_GROUP_CUSTODY], CUSTODY_RESULT_NOT_PRESENTED);
	cr_expect_str_eq(custody_report_not_proven(&report, 3), "what happened to the evidence after sealing: no custody record was presented");
	/* A record that was presented and not shown never passes, whatever else was. */
	report.has_record = true;
	custody_verdict_decide(&report);
	cr_expect_eq(report.verdict, CUSTODY_VERDICT_INDETERMINATE);
	report.shown |= CUSTODY_SHOWN_RECORD;
	custody_verdict_decide(&report);
	cr_expect_eq(report.verdict, CUSTODY_VERDICT_VALID);
}

static void read_file(const char *name, struct custody_record *r)
{
	CUSTODY_BUF_CLEAN struct custody_buf bytes = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	char path[256];

	snprintf(path, sizeof(path), FOLDER "/%s", name);
	judge_read(path, &bytes);
	custody_source_memory(&source, bytes.data, bytes.len);
	custody_record_init(r);
	cr_assert_eq(custody_record_read(&source, key, r, &err), 0, "%s: %s", name, err.text);
}

static struct custody_bytes bytes_of(const struct custody_buf *b)
{
	return (struct custody_bytes){ b->data, b->len };
}

Test(record, writes_the_bytes_that_it_read)
{
	CUSTODY_CLEANUP(custody_record_release) struct custody_record r, again;
	CUSTODY_BUF_CLEAN struct custody_buf bytes = { 0 }, list = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[] = "/tmp/record-XXXXXX", *written;
	int fd = mkstemp(name);

	cr_assert_geq(fd, 0);
	read_file("three.record", &r);
	custody_record_init(&again);
	const struct custody_bytes copies[3] = { bytes_of(&r.copy[0]), bytes_of(&r.copy[1]), bytes_of(&r.copy[2]) };
	cr_assert_eq(custody_record_start(&again, copies, &err), 0, "%s", err.text);
	custody_buf_init(&list, 100000);
	for (size_t i = 0; i < r.n; i++) {
		const struct custody_record_entry *e = &r.entries[i];

		custody_buf_clear(&list);
		cr_assert_eq(custody_record_manifest(&again, bytes_of(&e->bytes), &list, &err), 0);
		cr_expect_eq(list.len, e->manifest.len);
		cr_expect_eq(memcmp(list.data, e->manifest.data, list.len), 0);
		cr_assert_eq(custody_record_append(&again, bytes_of(&e->bytes), bytes_of(&list), bytes_of(&e->signature), &err), 0, "%s", err.text);
	}
	cr_expect_eq(memcmp(custody_record_head(&r), custody_record_head(&again), 32), 0);
	cr_assert_eq(custody_record_write(&again, fd, -1, "a record", &err), 0, "%s", err.text);
	judge_read(FOLDER "/three.record", &bytes);
	written = malloc(bytes.len + 1);
	cr_assert_eq(pread(fd, written, bytes.len + 1, 0), (ssize_t)bytes.len);
	cr_expect_eq(memcmp(written, bytes.data, bytes.len), 0);
	free(written);
	close(fd);
	unlink(name);
}

Test(record, tells_how_two_copies_stand_to_each_other)
{
	CUSTODY_CLEANUP(custody_record_release) struct custody_record one, three, by_name;
	size_t common = 99;

	read_file("one.record", &one);
	read_file("three.record", &three);
	read_file("by-name.record", &by_name);
	cr_expect_eq(custody_record_compare(&three, &three, &common), CUSTODY_RECORDS_SAME);
	cr_expect_eq(common, 3);
	cr_expect_eq(custody_record_compare(&three, &one, &common), CUSTODY_RECORDS_FIRST_LONGER);
	cr_expect_eq(common, 1);
	cr_expect_eq(custody_record_compare(&one, &three, &common), CUSTODY_RECORDS_SECOND_LONGER);
	cr_expect_eq(custody_record_compare(&by_name, &three, &common), CUSTODY_RECORDS_FORKED);
	cr_expect_eq(common, 1);
	one.entries[0].sha256[2][0] ^= 1;
	cr_expect_eq(custody_record_compare(&one, &three, &common), CUSTODY_RECORDS_UNRELATED);
	cr_expect_eq(common, 0);
}

/* A ZIP file with these members, the last one of so many zeros, larger than a record may be. */
static void read_large(const char *const *names, size_t n, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_record_release) struct custody_record r;
	CUSTODY_FREE uint8_t *zeros = calloc(1, CUSTODY_LIMIT_RECORD);
	struct custody_source source;
	struct zipforge *f = calloc(1, sizeof(*f));
	size_t size = 0;

	cr_assert(zeros && f);
	zipforge_init(f);
	zipforge_add(f, "mimetype", "application/vnd.etsi.asic-e+zip", 31);
	for (size_t i = 0; i < n; i++)
		zipforge_add(f, names[i], zeros, i + 1 < n ? 1 : CUSTODY_LIMIT_RECORD);
	zipforge_layout(f);
	CUSTODY_FREE uint8_t *bytes = zipforge_emit(f, &size);
	free(f);
	custody_source_memory(&source, bytes, size);
	custody_record_init(&r);
	cr_expect_eq(custody_record_read(&source, key, &r, err), -1);
}

Test(record, refuses_more_than_it_takes)
{
	const char *const names[] = { "sealed/seal.json", "sealed/ASiCManifest002.xml", "sealed/signature002.p7s", "META-INF/custody/0001.json" };
	struct custody_error err = CUSTODY_ERROR_INIT;

	read_large(names, 4, &err);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT, "%s", err.text);
	cr_expect(strncmp(err.text, "found a record of 13421", 23) == 0 && strstr(err.text, " bytes, at most 134217728 are taken"), "%s", err.text);
}

/* Most packages are larger than any record: of them, too, it is said what they are. */
Test(record, knows_a_package_of_any_size)
{
	const char *const names[] = { "data/a", "data/b" };
	struct custody_error err = CUSTODY_ERROR_INIT;

	read_large(names, 2, &err);
	cr_expect_str_eq(err.rule, "record-malformed");
	cr_expect_str_eq(err.text, "found 'data/a': this is a package, and no record of one");
}

/* The two lie beside each other under nearly one name: whoever gives one for the other is told so, and not that it was tampered with or is nobody's. */
Test(record, and_package_are_told_apart_when_one_is_given_for_the_other)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	CUSTODY_CLEANUP(custody_record_release) struct custody_record r;
	CUSTODY_BUF_CLEAN struct custody_buf package, record;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;

	judge_trust(FOLDER "/trust", &trust);
	judge_read(FOLDER "/package.asice", &package);
	judge_read(FOLDER "/three.record", &record);
	custody_source_memory(&source, package.data, package.len);
	custody_record_init(&r);
	cr_expect_eq(custody_record_read(&source, key, &r, &err), -1);
	cr_expect_str_eq(err.rule, "record-malformed");
	cr_expect_not_null(strstr(err.text, "': this is a package, and no record of one"), "%s", err.text);

	const struct custody_verify_options options = judge_options(&trust);
	custody_source_memory(&source, record.data, record.len);
	custody_report_init(&report);
	cr_assert_eq(custody_verify(&source, &options, &report, &err), 0, "%s", err.text);
	cr_expect_eq(report.verdict, CUSTODY_VERDICT_INDETERMINATE);
	cr_assert_eq(report.findings.count[CUSTODY_FINDING_NOT_A_CUSTODY_PACKAGE], 1);
	cr_assert_eq(report.findings.n, 1);
	cr_expect_str_eq(report.findings.list[0].detail, "it has what a custody record has: a record is judged beside its package, with --record");
}

Test(history, says_how_long_it_took)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} table[] = { { 0, "less than a minute" }, { 59, "less than a minute" }, { -5, "less than a minute" }, { 60, "1 min" }, { 3599, "59 min" },
		{ 3600, "1 h 0 min" }, { 86399, "23 h 59 min" }, { 86400, "1 d 0 h" }, { 187200, "2 d 4 h" } };
	char text[48];

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		custody_history_duration((struct custody_time){ 1000, 0 }, (struct custody_time){ 1000 + table[i].seconds, 0 }, text);
		cr_expect_str_eq(text, table[i].want);
	}
}

/* Who held it from when to when (ADM-53). */
Test(history, tells_who_held_the_package)
{
	CUSTODY_CLEANUP(custody_record_view_release) struct custody_record_view view = { .n = 0 };
	CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings;
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	CUSTODY_BUF_CLEAN struct custody_buf bytes = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	const struct custody_time when = judge_time(JUDGED_AT);

	judge_trust(FOLDER "/trust", &trust);
	judge_read(FOLDER "/three.record", &bytes);
	custody_source_memory(&source, bytes.data, bytes.len);
	custody_findings_init(&findings);
	const struct custody_record_question question = { .trust = &trust, .evaluated_at = when, .now = when, .random = &judge_random };
	cr_assert_eq(custody_record_judge(&source, &question, &findings, &view, &err), 0, "%s", err.text);
	cr_expect(view.passed);
	cr_assert_eq(view.history.n, 3);
	const struct custody_history_span *s = view.history.spans;
	cr_expect_eq(s[0].state, CUSTODY_HISTORY_HELD);
	cr_expect_str_eq(s[0].who, "Worthless Test Analyst");
	cr_expect(s[0].first == 1 && s[0].last == 2 && s[0].until.sec - s[0].from.sec == 3600);
	cr_expect_eq(s[1].state, CUSTODY_HISTORY_HANDED_OVER);
	cr_expect_str_eq(s[1].to, "Worthless Test Receiver");
	cr_expect_str_eq(s[2].who, "Worthless Test Receiver");
	cr_expect(s[2].last == 0 && custody_time_compare(s[2].until, when) == 0);
}

/* ADM-61: what stays when the package is gone. Judged alone, as a stub is. */
static void judge_alone(const char *name, struct custody_record_view *view, struct custody_findings *findings, struct custody_buf *text)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	CUSTODY_BUF_CLEAN struct custody_buf bytes;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	const struct custody_time when = judge_time(JUDGED_AT);
	char path[256];

	snprintf(path, sizeof(path), FOLDER "/%s", name);
	judge_trust(FOLDER "/trust", &trust);
	judge_read(path, &bytes);
	custody_source_memory(&source, bytes.data, bytes.len);
	custody_findings_init(findings);
	custody_buf_init(text, 1 << 20);
	const struct custody_record_question question = { .trust = &trust, .evaluated_at = when, .now = when, .random = &judge_random };
	cr_assert_eq(custody_record_judge(&source, &question, findings, view, &err), 0, "%s", err.text);
	cr_assert_eq(custody_record_text(text, view, findings, NULL, 0, &err), 0, "%s", err.text);
	cr_assert_eq(custody_record_json(text, view, findings, NULL, 0, &err), 0, "%s", err.text);
}

Test(record, of_a_package_that_was_destroyed_is_a_stub_that_says_what_existed)
{
	static const struct {
		const char *name;
		bool destroyed;
		const char *says[4];
	} cases[] = {
		{ "destroyed.record", true,
			{ "The package was destroyed, as event 3 says: that it is not here is no fault of this record.",
				"ordered by 'court order 7/26'", "witness 'Wanda Witness'",
				"its digest was computed for this event, as stated: it was this package" } },
		{ "destroyed-later.record", true,
			{ "as event 2 says", "NOT measured for this event: which file it was, is a word", "it existed not later than ",
				"\"destroyed\":{\"event\":2,\"items\":" } },
		{ "copy-destroyed.record", false, { "until now, as far as this record goes", "\"destroyed\":null", "copy 'W-1'", "held by" } },
		{ "three.record", false, { "\"destroyed\":null", "held by", "held by", "held by" } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_CLEANUP(custody_record_view_release) struct custody_record_view view = { .n = 0 };
		CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings;
		CUSTODY_BUF_CLEAN struct custody_buf text;

		judge_alone(cases[i].name, &view, &findings, &text);
		cr_expect(view.passed, "%s", cases[i].name);
		cr_expect_eq(custody_history_is_destroyed(&view.history), cases[i].destroyed, "%s", cases[i].name);
		cr_expect_eq(findings.count[CUSTODY_FINDING_RECORD_AFTER_DESTRUCTION], 0, "%s", cases[i].name);
		for (size_t k = 0; k < 4; k++)
			cr_expect(strstr(custody_buf_str(&text), cases[i].says[k]), "%s: %s: %s", cases[i].name, cases[i].says[k],
				custody_buf_str(&text));
	}
}

/* A long record has more to be told of than is kept: what has no room is counted, and the last of it is not lost without a word. */
Test(record, tells_how_much_it_does_not_list)
{
	CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings;
	CUSTODY_BUF_CLEAN struct custody_buf text, json;
	const struct custody_record_view view = { .n = 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_findings_init(&findings);
	custody_buf_init(&text, 1 << 20);
	custody_buf_init(&json, 1 << 20);
	for (int i = 0; i < CUSTODY_LIMIT_FINDINGS / 2 + 7; i++)
		custody_findings_add(&findings, CUSTODY_FINDING_RECORD_TIME_OWN_WORD, NULL, 0, "the time is the word of whoever signed");
	custody_findings_add(&findings, CUSTODY_FINDING_RECORD_END_NOT_ANCHORED, NULL, 0, "after event 507");
	cr_assert_eq(custody_record_text(&text, &view, &findings, NULL, 0, &err), 0, "%s", err.text);
	cr_assert_eq(custody_record_json(&json, &view, &findings, NULL, 0, &err), 0, "%s", err.text);
	const char *const says[] = { "whoever signed it: 7 more of this kind, not listed\n",
		"  note record-end-not-anchored\n      whether later events of the custody record were cut off cannot be said: 1 more of this kind, "
		"not listed\n" };
	const char *const states[] = {
		"{\"id\":\"record-time-own-word\",\"severity\":\"note\",\"item\":null,\"detail\":\"7 more of this kind, not listed\"}",
		"{\"id\":\"record-end-not-anchored\",\"severity\":\"note\",\"item\":null,\"detail\":\"1 more of this kind, not listed\"}",
		"],\"findings_not_listed\":8}"
	};
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		cr_expect(strstr(custody_buf_str(&text), says[i]), "%s", says[i]);
	/* nor if nothing at all could be kept, of several kinds */
	CUSTODY_BUF_CLEAN struct custody_buf lost = { .max = 1 << 20 };
	const size_t kept = findings.n;
	findings.n = 0;
	cr_assert_eq(custody_record_json(&lost, &view, &findings, NULL, 0, &err), 0, "%s", err.text);
	findings.n = kept;
	cr_expect(strstr(custody_buf_str(&lost), "not listed\"},{\"id\""), "%s", custody_buf_str(&lost));
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		cr_expect(strstr(custody_buf_str(&json), states[i]), "%s", states[i]);
}
