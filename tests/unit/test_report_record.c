/* SPDX-License-Identifier: Apache-2.0 */
/* Custody after sealing as a report tells it: fixed sentences, from a record of the fixtures and from a hostile account. */
#include "formats/report_record.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "formats/report_page.h"
#include "formats/report_row.h"
#include "libcustody/base/source.h"
#include "libcustody/work/verify.h"
#include "tests/support/judge.h"
#include "tests/support/nomem.h"

#define FOLDER "fixtures/record"

static int append(void *ctx, const char *label, const char *text, bool given, struct custody_error *err)
{
	(void)given;
	return custody_buf_printf(ctx, err, "%s|", label) || custody_report_append_plain(ctx, text, err) || custody_buf_append_byte(ctx, '\n', err)
		       ? -1
		       : 0;
}

static int append_as_it_is(void *ctx, const char *label, const char *text, bool given, struct custody_error *err)
{
	(void)label, (void)given;
	return custody_buf_append_str(ctx, text, err) || custody_buf_append_byte(ctx, 0x20, err) ? -1 : 0;
}

static void verify(const char *record_name, struct custody_report *report)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	CUSTODY_BUF_CLEAN struct custody_buf package, record;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source, beside;

	judge_trust(FOLDER "/trust", &trust);
	judge_read(FOLDER "/package.asice", &package);
	judge_read(record_name, &record);
	struct custody_verify_options options = judge_options(&trust);
	custody_source_memory(&source, package.data, package.len);
	custody_source_memory(&beside, record.data, record.len);
	options.record = &beside;
	custody_report_init(report);
	cr_assert_eq(custody_verify(&source, &options, report, &err), 0, "%s", err.text);
}

Test(report_record, tells_who_held_it_and_what_was_done)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 100000 }, json = { .max = 100000 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	static const char *const wanted[] = { "who held it|held by 'Worthless Test Analyst' from 2 November 2026, ",
		"|handed over by 'Worthless Test Analyst' to 'Worthless Test Receiver', on its way from ",
		"|held by 'Worthless Test Receiver' since ", ", as far as this record goes\n", "event 1|",
		"the custody record was begun by 'Worthless Test Analyst'; the package was measured for it, as stated (", "event 2|",
		"the package was released by 'Worthless Test Analyst' to 'Worthless Test Receiver', for '", "event 3|",
		"the package was accepted by 'Worthless Test Receiver'", "record|3 events; whether later ones were cut off cannot be said\n",
		"its head|" };

	verify(FOLDER "/three.record", &r);
	cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0, "%s", err.text);
	const char *at = custody_buf_str(&text);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const char *found = strstr(at, wanted[i]);

		cr_assert_not_null(found, "lacks '%s', from here:\n%s", wanted[i], at);
		at = found + strlen(wanted[i]);
	}
	cr_assert_eq(custody_report_record_json(&json, &r, &err), 0);
	cr_assert_eq(strncmp(custody_buf_str(&json), ",\"record\":{", 11), 0);
	json_t *d = json_loads(custody_buf_str(&json) + 10, 0, NULL);
	cr_assert_not_null(d, "%s", custody_buf_str(&json));
	cr_expect_eq(json_array_size(json_object_get(d, "events")), 3);
	cr_expect_eq(json_array_size(json_object_get(d, "holders")), 3);
	json_decref(d);
}

/* What is said of when it happened, and what is proven of when it was written down, are two times (ADM-54). */
Test(report_record, tells_when_it_is_said_to_have_happened)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 100000 }, json = { .max = 100000 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	verify(FOLDER "/destroyed-later.record", &r);
	cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0, "%s", err.text);
	cr_expect_not_null(
		strstr(custody_buf_str(&text), " (time of an independent authority), said to have happened on 2 November 2026, 11:00:00 UTC\n"), "%s",
		custody_buf_str(&text));
	cr_assert_eq(custody_report_record_json(&json, &r, &err), 0);
	cr_expect_not_null(strstr(custody_buf_str(&json), ",\"occurred\":null,"));
	cr_expect_not_null(strstr(custody_buf_str(&json), ",\"occurred\":\"2026-11-02T11:00:00Z\","));
}

/* One that was cut in the middle of its reading is told as far as it goes, and a package without one tells nothing. */
Test(report_record, tells_what_could_be_read_and_no_more)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 100000 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	verify("fixtures/tampered/record-fork/later.record", &r);
	cr_expect_eq(r.verdict, CUSTODY_VERDICT_INVALID);
	cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0);
	cr_expect(!r.account.whole);
	cr_expect_not_null(strstr(custody_buf_str(&text), " could be read; "), "%s", custody_buf_str(&text));
	custody_buf_clear(&text);
	r.has_record = false;
	cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0);
	cr_assert_eq(custody_report_record_json(&text, &r, &err), 0);
	cr_expect_eq(text.len, 0);
}

/* No byte of a name gets out as it is; however long texts are, a line ends. */
Test(report_record, escapes_and_cuts_what_others_wrote)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 1000000 }, json = { .max = 10000000 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char *lengthy = malloc(5001);

	memset(lengthy, 'x', 5000);
	lengthy[5000] = '\0';
	custody_report_init(&r);
	r.has_record = true;
	cr_assert_eq(custody_account_reserve(&r.account, 100, 1, &err), 0);
	for (size_t i = 0; i < 100; i++) {
		struct custody_account_event *e = &r.account.events[i];

		e->type = strdup("other:x\033[31m");
		e->past = strdup("something else was recorded");
		e->signer = strdup("A\033[31m\n\xe2\x80\xae<b>");
		e->to = strdup(lengthy);
		e->purpose = strdup(lengthy);
		e->authority = strdup(lengthy);
		e->note = strdup(lengthy);
		e->declared_later = strdup(lengthy);
	}
	r.account.spans[0].who = strdup("B\033");
	free(lengthy);
	cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0, "%s", err.text);
	cr_expect_null(memchr(text.data, '\033', text.len));
	cr_expect_null(strstr(custody_buf_str(&text), "\xe2\x80\xae"));
	cr_expect_not_null(strstr(custody_buf_str(&text), "|... 60 lines are left out here; custody record show has them ...\nevent 71|"));
	cr_expect_lt(text.len, 41 * 1700);
	cr_assert_eq(custody_report_record_json(&json, &r, &err), 0, "%s", err.text);
	cr_expect_null(memchr(json.data, '\033', json.len));
}

/* Of a long record the end is told, and not only its beginning: there is who has the package now. What is left out in between is counted. */
Test(report_record, tells_how_a_long_record_ends)
{
	static const struct {
		size_t n;
		const char *left_out; /* NULL: none are */
	} cases[] = { { 40, NULL }, { 41, "|... 1 line is left out here; custody record show has it ...\n" },
		{ 500, "|... 460 lines are left out here; custody record show has them ...\n" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 1000000 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		size_t last = cases[i].n - 1;

		custody_report_init(&r);
		r.has_record = true;
		cr_assert_eq(custody_account_reserve(&r.account, 1, cases[i].n, &err), 0);
		r.account.events[0].past = strdup("was sealed");
		r.account.spans[last].handed_over = true;
		r.account.spans[last].who = strdup("Last");
		r.account.spans[last].to = strdup("Nobody");
		cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0, "%s", err.text);
		const char *at = custody_buf_str(&text);
		const char *end = strstr(at, "|released by 'Last' to 'Nobody' on ");
		cr_assert(end && strstr(end, ", and NOT ACCEPTED by anybody yet\nevent 1|"), "%s", at);
		const char *between = strstr(at, "left out");
		cr_expect((between != NULL) == (cases[i].left_out != NULL));
		cr_expect(!cases[i].left_out || strstr(at, cases[i].left_out), "%s", at);
	}
}

/* The name alone is anybody's: who holds the package by an event whose signer leads to no anchor is marked where it stands first, and for programs. */
Test(report_record, marks_a_holder_who_is_not_known_for_certain)
{
	static const char *const states[] = { "held by 'Bob' since ", "destroyed on ", "released by 'Bob' to 'Cy' on " };

	for (size_t i = 0; i < 6; i++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 100000 }, json = { .max = 100000 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_report_init(&r);
		r.has_record = true;
		cr_assert_eq(custody_account_reserve(&r.account, 0, 1, &err), 0);
		struct custody_account_span *s = &r.account.spans[0];
		s->who = strdup("Bob");
		s->to = strdup("Cy");
		s->destroyed = i % 3 == 1;
		s->handed_over = i % 3 == 2;
		s->uncertain = i < 3 ? 3 : 0;
		cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0, "%s", err.text);
		cr_expect_not_null(strstr(custody_buf_str(&text), states[i % 3]), "%s", custody_buf_str(&text));
		cr_expect_eq(strstr(custody_buf_str(&text), "; WHO SIGNED EVENT 3 IS NOT KNOWN FOR CERTAIN\n") != NULL, i < 3, "%s",
			custody_buf_str(&text));
		cr_assert_eq(custody_report_record_json(&json, &r, &err), 0);
		cr_expect_not_null(strstr(custody_buf_str(&json), i < 3 ? ",\"signer_trusted\":false}]" : ",\"signer_trusted\":true}]"));
	}
}

/* What changes the meaning of an event is in its line, and in JSON: one that is VALID and one that is not are not the same event. */
Test(report_record, tells_the_fields_that_an_event_turns_on)
{
	static const struct {
		const char *record;
		const char *text[3], *json[2];
	} cases[] = {
		{ FOLDER "/corrected.record", { ", namely event ", ", what was wrong: '", "', what is right: '" },
			{ ",\"fields\":{\"wrong\":\"", ",\"corrected_by\":[" } },
		{ FOLDER "/corrected.record", { "; CORRECTED by event ", ", signed by 'Worthless Test ", "'\nevent " },
			{ "\"target\":", "\"right\":\"" } },
		{ "fixtures/tampered/record-gap/declared.record", { ": a gap was declared by '", ", from ", " to 2" },
			{ ",\"fields\":{\"from\":\"2026-", "Z\",\"until\":\"2026-" } },
		{ "fixtures/tampered/record-discrepancy/seal-number.record",
			{ "the package was accepted by '", ", DISCREPANCY: 'seal 17 instead of 71'", "; the package" },
			{ ",\"fields\":{\"discrepancy\":\"seal 17 instead of 71\"}", ",\"corrected_by\":[]}" } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 100000 }, json = { .max = 100000 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		verify(cases[i].record, &r);
		cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0, "%s", err.text);
		const char *at = custody_buf_str(&text);
		for (size_t k = 0; k < 3; k++) {
			at = strstr(at, cases[i].text[k]);
			cr_assert_not_null(at, "lacks '%s':\n%s", cases[i].text[k], custody_buf_str(&text));
			at += strlen(cases[i].text[k]);
		}
		cr_assert_eq(custody_report_record_json(&json, &r, &err), 0, "%s", err.text);
		for (size_t k = 0; k < 2; k++)
			cr_expect_not_null(
				strstr(custody_buf_str(&json), cases[i].json[k]), "lacks '%s':\n%s", cases[i].json[k], custody_buf_str(&json));
	}
}

/* An event of every type is said to have happened to what it happened to, and with what it found. */
Test(report_record, tells_results_conditions_and_who_corrected)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	char line[CUSTODY_REPORT_EVENT];
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_report_init(&r);
	cr_assert_eq(custody_account_reserve(&r.account, 1, 0, &err), 0);
	struct custody_account_event *e = &r.account.events[0];
	e->past = strdup("was verified");
	e->signer = strdup("Ada");
	e->trusted = true;
	static const char *const keys[] = { "result", "seal_number", "condition", "discrepancy" }; /* as many as fit */
	for (size_t i = 0; i < CUSTODY_ACCOUNT_DETAILS; i++)
		e->details[e->n_details++] = (struct custody_account_detail){ keys[i], strdup(i ? "x" : "INVALID") };
	e->corrections = 2;
	e->corrected_by = 7;
	custody_report_record_event(e, line);
	cr_expect_not_null(
		strstr(line, ": the package was verified by 'Ada', with the result 'INVALID', seal number 'x', condition 'x', DISCREPANCY: 'x' ("),
		"%s", line);
	cr_expect_not_null(strstr(line, "; CORRECTED 2 times, last by event 7, signed by 'nobody known', WHO IS NOT KNOWN FOR CERTAIN"), "%s", line);
	/* the longest of everything fits */
	char *lengthy = malloc(5001);
	memset(lengthy, 'x', 5000);
	lengthy[5000] = '\0';
	char **const texts[] = { &e->signer, &e->to, &e->purpose, &e->authority, &e->note, &e->declared_later, &e->attached, &e->corrector,
		&e->details[0].text, &e->details[1].text, &e->details[2].text, &e->details[3].text };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		free(*texts[i]);
		*texts[i] = strdup(lengthy);
	}
	free(lengthy);
	e->n_attached = 2;
	e->has_gap = e->has_occurred = e->begun_later = e->measured = e->stamped = true;
	e->accuracy_ms = UINT64_MAX;
	custody_report_record_event(e, line);
	cr_expect_not_null(strstr(line, "x...', WHO IS NOT KNOWN FOR CERTAIN"), "%s", line);
	cr_expect_lt(strlen(line), CUSTODY_REPORT_EVENT - 200u);
}

/* Under which conditions it was handed over is whole in a report, and in the line of an export; which other file came with a release is told by its number (ADM-10). */
Test(report_record, tells_conditions_of_a_handover_whole_and_what_was_found)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 100000 }, json = { .max = 100000 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char line[CUSTODY_REPORT_EVENT], conditions[3000];

	memset(conditions, 'y', sizeof(conditions));
	memcpy(conditions + sizeof(conditions) - 20, "only\nin camera\0", 15);
	custody_report_init(&r);
	r.has_record = true;
	cr_assert_eq(custody_account_reserve(&r.account, 2, 0, &err), 0);
	for (size_t i = 0; i < 2; i++) {
		r.account.events[i].past = strdup(i ? "was refused" : "was released");
		r.account.events[i].n_details = 1;
		r.account.events[i].details[0] = (struct custody_account_detail){ i ? "found" : "conditions", strdup(i ? "00ff" : conditions) };
	}
	cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0, "%s", err.text);
	cr_expect_not_null(strstr(custody_buf_str(&text), "|conditions of this, as stated: 'yyy"), "%s", custody_buf_str(&text));
	cr_expect_not_null(strstr(custody_buf_str(&text), "yyonly\\u{000a}in camera'\n"), "%s", custody_buf_str(&text));
	cr_expect_not_null(strstr(custody_buf_str(&text), ", ANOTHER FILE WAS FOUND, with SHA-256 '00ff' ("), "%s", custody_buf_str(&text));
	custody_report_record_event(&r.account.events[0], line);
	cr_expect_not_null(strstr(line, ", conditions 'yyy"), "%s", line);
	cr_assert_eq(custody_report_record_json(&json, &r, &err), 0);
	cr_expect_not_null(strstr(custody_buf_str(&json), "yyonly\\\\u{000a}in camera\"}"), "%s", custody_buf_str(&json));
}

/* A time is as exact as its authority says: an hour of noon may be any. Below a second nobody sees it. */
Test(report_record, tells_how_exact_a_time_is)
{
	static const struct {
		uint64_t ms;
		const char *text, *json;
	} cases[] = { { 0, " (time of an independent authority)", ",\"accuracy_ms\":null" },
		{ 999, " (time of an independent authority)", ",\"accuracy_ms\":999" },
		{ 1000, " (time of an independent authority, to within 1 s as it states)", ",\"accuracy_ms\":1000" },
		{ 31536000001, " (time of an independent authority, to within 31,536,001 s as it states)", ",\"accuracy_ms\":31536000001" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_BUF_CLEAN struct custody_buf json = { .max = 100000 };
		char line[CUSTODY_REPORT_EVENT];
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_report_init(&r);
		r.has_record = true;
		cr_assert_eq(custody_account_reserve(&r.account, 1, 0, &err), 0);
		r.account.events[0].past = strdup("was released");
		r.account.events[0].stamped = r.account.events[0].independent = true;
		r.account.events[0].accuracy_ms = cases[i].ms;
		custody_report_record_event(&r.account.events[0], line);
		cr_expect_not_null(strstr(line, cases[i].text), "%s", line);
		cr_assert_eq(custody_report_record_json(&json, &r, &err), 0);
		cr_expect_not_null(strstr(custody_buf_str(&json), cases[i].json), "%s", custody_buf_str(&json));
	}
}

static bool two_hours_east(struct custody_time t, struct custody_zone *out)
{
	(void)t;
	*out = (struct custody_zone){ 7200, "CEST" };
	return true;
}

/* ADM-88: beside UTC the time of this computer, with its offset and, where it is another, its day. */
Test(report_record, tells_local_time_beside_that_of_an_event)
{
	static const struct {
		int64_t sec;
		const char *want;
	} cases[] = { { 1790000000, "21 September 2026, 14:13:20 UTC (16:13:20 CEST, UTC+02:00): the package was released" },
		{ 1790035200, "22 September 2026, 00:00:00 UTC (02:00:00 CEST, UTC+02:00): the package was released" },
		{ 1790035199, "21 September 2026, 23:59:59 UTC (22 September 2026, 01:59:59 CEST, UTC+02:00): the package was released" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 100000 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_report_init(&r);
		r.has_record = true;
		r.local = two_hours_east;
		cr_assert_eq(custody_account_reserve(&r.account, 1, 0, &err), 0);
		r.account.n_events = 1;
		r.account.events[0].past = strdup("was released");
		r.account.events[0].time = (struct custody_time){ cases[i].sec, 0 };
		cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0, "%s", err.text);
		cr_expect_not_null(strstr(custody_buf_str(&text), cases[i].want), "%s", custody_buf_str(&text));
	}
}

/* A record that is begun later does not seal the package anew: its first event is dated when it was begun. */
Test(report_record, a_record_that_was_begun_later_says_so)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 100000 }, json = { .max = 100000 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	verify("fixtures/tampered/record-gap/begun-late.record", &r);
	cr_assert_eq(custody_report_record_rows(&r, NULL, append, &text, &err), 0, "%s", err.text);
	const char *at = strstr(custody_buf_str(&text), "UTC: the custody record was begun by '");
	cr_assert_not_null(at, "%s", custody_buf_str(&text));
	cr_expect_not_null(strstr(at, "; the package was sealed before, by the seal's own time on 2 November 2026, "), "%s", at);
	cr_expect_null(strstr(at, "the package was sealed by"));
	cr_assert_eq(custody_report_record_json(&json, &r, &err), 0);
	cr_expect_not_null(strstr(custody_buf_str(&json), ",\"sealed_before\":\"2026-11-02T"), "%s", custody_buf_str(&json));
}

/* Memory for the events is there and for the spans is not, or neither: nothing is promised, and nothing is lost. */
Test(report_record, an_account_without_memory_is_empty)
{
	if (!nomem_available())
		return;
	for (size_t nth = 1; nth <= 2; nth++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_account a = { .n_events = 0 };
		nomem_arm(nth);
		int returned = custody_account_reserve(&a, 3, 2, &err);
		cr_expect(nomem_disarm());
		cr_expect_eq(returned, -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_NOMEM);
		cr_expect_eq(a.n_events + a.n_spans, 0u);
		custody_account_release(&a);
	}
}

/* A name keeps its direction, and the row that of its language, whatever a name has in it (ADM-96): quotes, or what would end its isolation. */
Test(report_record, no_name_turns_a_row_or_gets_out_of_its_quotes)
{
	static const char wanted[] = ": the package was released by &#39;<bdi>x&#39; to &#39;\\u{0003}\\u{2069}y\\u{202e}&lt;/bdi&gt;</bdi>&#39; to "
				     "&#39;<bdi>\xd8\xb4\xd8\xb1\xd8\xb7\xd8\xa9</bdi>&#39; (time not proven)";
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf html = { .max = 1000000 }, rows = { .max = 100000 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_page page = { .out = &html, .err = &err, .r = &r, .ltr = "" };

	custody_report_init(&r);
	r.has_record = true;
	cr_assert_eq(custody_account_reserve(&r.account, 1, 0, &err), 0);
	struct custody_account_event *e = &r.account.events[0];
	e->type = strdup("released");
	e->past = strdup("was released");
	e->signer = strdup("x' to '\x03\xe2\x81\xa9y\xe2\x80\xae</bdi>");
	e->to = strdup("\xd8\xb4\xd8\xb1\xd8\xb7\xd8\xa9");
	e->trusted = true;
	cr_assert_eq(custody_report_record_rows(&r, NULL, append_as_it_is, &rows, &err), 0, "%s", err.text);
	custody_page_composed(&page, CUSTODY_RECORDED, custody_buf_str(&rows));
	cr_assert(!page.failed);
	cr_expect_not_null(strstr(custody_buf_str(&html), wanted), "%s", custody_buf_str(&html));
	cr_expect_eq(strncmp(custody_buf_str(&html), "<span class=\"r\">", 16), 0, "%s", custody_buf_str(&html));
	/* Of a language that lacks a text, rows stand in English as a whole. */
	const struct custody_words *ar = NULL;
	cr_assert(custody_words_find("ar", &ar) && ar);
	struct custody_words less = *ar;
	less.n_texts++;
	page.words = &less;
	page.ltr = " dir=\"ltr\"";
	custody_page_composed(&page, CUSTODY_RECORDED, "half of it");
	cr_expect_not_null(
		strstr(custody_buf_str(&html), "<span class=\"r\" lang=\"en\" dir=\"ltr\">half of it</span>"), "%s", custody_buf_str(&html));
}

/* A digest looks the same wherever it stands: in fours, to be compared by eye; what only resembles one stays as it is. */
Test(report_record, a_digest_in_a_row_is_set_in_fours)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf html = { .max = 100000 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_page page = { .out = &html, .err = &err, .r = &r, .ltr = "" };

	custody_report_init(&r);
	custody_page_composed(&page, CUSTODY_RECORDED, "a63ceb2e851aacde1673e31c3c4d796727959aa085ee11314bd793959af088cb");
	cr_expect_str_eq(
		custody_buf_str(&html), "<span class=\"n\">a63c eb2e 851a acde 1673 e31c 3c4d 7967 2795 9aa0 85ee 1131 4bd7 9395 9af0 88cb</span>");
	custody_buf_clear(&html);
	custody_page_composed(&page, CUSTODY_RECORDED, "A63ceb2e851aacde1673e31c3c4d796727959aa085ee11314bd793959af088cb");
	cr_expect_str_eq(custody_buf_str(&html), "<span class=\"r\">A63ceb2e851aacde1673e31c3c4d796727959aa085ee11314bd793959af088cb</span>");
	cr_expect_not(page.failed);
}
