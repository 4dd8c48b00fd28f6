/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says of the request that a package answers: as stated, never judged, never unescaped. ADM-06, ADM-10. */
#include "formats/report_request.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "formats/report.h"
#include "formats/report_row.h"
#include "libcustody/base/limits.h"
#include "tests/support/showall.h"

static void set(struct custody_report *r, const char *text)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_report_init(r);
	r->verdict = CUSTODY_VERDICT_VALID;
	r->request.there = r->request.read = r->request.complete = true;
	custody_buf_init(&r->request.bytes, CUSTODY_LIMIT_REQUEST);
	cr_assert_eq(custody_buf_append_str(&r->request.bytes, text, &err), 0);
}

static const char *rung(const struct custody_report *r)
{
	static char text[256];
	struct custody_report_rung out;

	cr_assert(custody_report_rung(r, 7, &out));
	snprintf(text, sizeof(text), "%s: %s", custody_report_rung_result_name(out.result), out.why);
	return text;
}

Test(report_request, never_says_that_content_is_inside_the_scope)
{
	struct custody_report r;

	custody_report_init(&r);
	cr_expect_str_eq(rung(&r), "not checked: no request was compared");
	r.request.there = true;
	cr_expect_str_eq(rung(&r), "not checked: the request record could not be read");
	r.request.read = true;
	cr_expect_str_eq(rung(&r), "not shown: request and return were compared as texts of the record; the content was not looked at");
	r.findings.count[CUSTODY_FINDING_REQUEST_ITEMS_UNLINKED] = 1;
	cr_expect_str_eq(rung(&r), "not shown: items are not linked to a line of the request; the content was not looked at");
	r.findings.count[CUSTODY_FINDING_REQUEST_SCOPE_UNKNOWN] = 1;
	cr_expect_str_eq(rung(&r), "not shown: whether the return goes beyond the request cannot be said; the content was not looked at");
	r.findings.count[CUSTODY_FINDING_REQUEST_OUTSIDE_SCOPE] = 1;
	cr_expect_str_eq(rung(&r), "fails: by its text, the return says of itself that it goes beyond the request");
	custody_report_release(&r);
}

struct seen {
	char text[1 << 17]; /* conditions are shown whole */
	size_t n, rows;
};

static int keep(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err)
{
	struct seen *s = ctx;

	CUSTODY_BUF_CLEAN struct custody_buf row = { .max = SIZE_MAX };
	cr_assert_eq(custody_report_append_plain(&row, text, err), 0);
	s->rows++;
	s->n += (size_t)snprintf(s->text + s->n, sizeof(s->text) - s->n, "%s|%s|%s\n", label, custody_buf_str(&row), measured ? "m" : "r");
	cr_assert_lt(s->n, sizeof(s->text));
	return 0;
}

static int collect(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err)
{
	(void)label;
	(void)measured;
	return custody_report_append_plain(ctx, text, err) || custody_buf_append_byte(ctx, '\n', err) ? -1 : 0;
}

static void rows(const char *request, struct seen *s)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_report r;

	memset(s, 0, sizeof(*s));
	set(&r, request);
	cr_assert_eq(custody_report_request_rows(&r, NULL, keep, s, &err), 0, "%s", err.text);
	custody_report_release(&r);
}

#define RECORD(fields) "{\"format\":\"custody-request/1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\"" fields "}]}\n"

Test(report_request, shows_what_is_stated_withheld_and_not_given)
{
	struct seen s;

	rows(RECORD(""), &s);
	cr_expect_str_eq(s.text, "request|'mla' (request 1 of 1)|r\nlegal basis|none stated|r\n"
				 "items|0 of 0 items with content answer a line of a request, as the record links them|m\n");
	rows(RECORD(",\"authority\":{\"references\":[\"1\",\"2\"],\"organisation\":{\"withheld\":\"secret\"}},\"provider\":{\"references\":{"
		    "\"withheld\":"
		    "\"why\"}},\"conditions\":[]"),
		&s);
	cr_expect(strstr(s.text, "asked by|withheld ('secret'), references '1', '2'|r"), "%s", s.text);
	cr_expect(strstr(s.text, "asked of|references withheld ('why')|r"), "%s", s.text);
	cr_expect(strstr(s.text, "conditions|none, as stated|r"), "%s", s.text);
}

/* ADM-11 */
/* What is withheld is not called "none stated", and does not vanish: nobody is to think that there is no condition. */
Test(report_request, says_what_is_withheld)
{
	struct custody_report r;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct seen s = { .n = 0 };

	set(&r, "{\"format\":\"custody-request/1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\",\"authority\":{\"withheld\":\"w1\"},"
		"\"legal\":{\"bases\":{\"withheld\":\"w2\"}},\"secrecy\":{\"non_notification\":{\"withheld\":\"w3\"}},"
		"\"conditions\":{\"withheld\":\"w4\"},\"receipts\":{\"withheld\":\"w5\"}}]}\n");
	cr_assert_eq(custody_report_request_rows(&r, NULL, keep, &s, &err), 0, "%s", err.text);
	cr_expect_not_null(strstr(s.text, "withheld ('w1')"), "%s", s.text);
	cr_expect_not_null(strstr(s.text, "withheld ('w2')"), "%s", s.text);
	cr_expect_not_null(strstr(s.text, "withheld ('w3')"), "%s", s.text);
	cr_expect_not_null(strstr(s.text, "withheld ('w4')"), "%s", s.text);
	cr_expect_not_null(strstr(s.text, "withheld ('w5')"), "%s", s.text);
	cr_expect_null(strstr(s.text, "none stated"), "%s", s.text);
	s = (struct seen){ .n = 0 };
	cr_assert_eq(custody_report_request_conditions(&r, keep, &s, &err), 0, "%s", err.text);
	cr_expect_not_null(strstr(s.text, "withheld ('w4')"), "%s", s.text);
	custody_report_release(&r);
}

/* What limits the use may stand at the end: a condition is not cut in the middle, and says so where it must be (ADM-10). */
Test(report_request, shows_a_condition_to_its_end)
{
	static const size_t lengths[] = { 300, 8192, 8193, 20000 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf json = { .max = 1 << 20 }, text = { .max = 1 << 20 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_report r;

		cr_assert_eq(custody_buf_append_str(&json,
				     "{\"format\":\"custody-request/"
				     "1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\",\"conditions\":[{\"kind\":\"use\",\"text\":\"",
				     &err),
			0);
		for (size_t k = 0; k < lengths[i] - 5; k++)
			cr_assert_eq(custody_buf_append_byte(&json, 'x', &err), 0);
		cr_assert_eq(custody_buf_append_str(&json, "E\u00e9ND\",\"by\":\"B\"}]}]}\n", &err), 0);
		set(&r, custody_buf_str(&json));
		cr_assert_eq(custody_report_request_conditions(&r, collect, &text, &err), 0, "%s", err.text);
		const char *all = custody_buf_str(&text);
		cr_expect_eq(strstr(all, "xE\xc3\xa9ND', made by 'B'\n") != NULL, lengths[i] <= 8192, "%zu", lengths[i]);
		cr_expect_eq(
			strstr(all, "' (CUT HERE: custody request show has all of it), made by 'B'\n") != NULL, lengths[i] > 8192, "%zu", lengths[i]);
		custody_report_release(&r);
	}
}

/* So many records of a kind in one document, each with so many conditions, numbered through. */
static void many(struct custody_buf *json, int records, int conditions)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_assert_eq(custody_buf_append_str(json, "{\"format\":\"custody-request/1\",\"requests\":[", &err), 0);
	for (int i = 0, n = 0; i < records; i++) {
		cr_assert_eq(custody_buf_printf(json, &err, "%s{\"id\":\"r%d\",\"kind\":\"mla\",\"conditions\":[", i ? "," : "", i), 0);
		for (int k = 0; k < conditions; k++)
			cr_assert_eq(custody_buf_printf(json, &err, "%s{\"kind\":\"other\",\"text\":\"c%d.\"}", k ? "," : "", ++n), 0);
		cr_assert_eq(custody_buf_append_str(json, "]}", &err), 0);
	}
	cr_assert_eq(custody_buf_append_str(json, "]}\n", &err), 0);
}

/* Whoever wants to hide a condition puts it behind many others, or behind many requests: what is not there is counted, and whoever extracts gets all of them (ADM-10). */
Test(report_request, hides_no_condition_behind_others)
{
	static const struct {
		int records, conditions, shown;
		const char *more; /* NULL: all are there */
	} cases[] = { { 1, 32, 32, NULL }, { 1, 33, 32, "|AND 1 FURTHER CONDITION, WHICH IS NOT HERE: custody request show has it|" },
		{ 9, 1, 9, NULL }, { 64, 1, 40, "|AND 24 FURTHER CONDITIONS, WHICH ARE NOT HERE: custody request show has them|" },
		{ 10, 20, 192, "|AND 8 FURTHER CONDITIONS, WHICH ARE NOT HERE: custody request show has them|" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf json = { .max = 1 << 20 }, all = { .max = 1 << 20 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_report r;
		static struct seen s;
		char one[32];

		s = (struct seen){ .n = 0 };
		many(&json, cases[i].records, cases[i].conditions);
		set(&r, custody_buf_str(&json));
		cr_assert_eq(custody_report_request_rows(&r, NULL, keep, &s, &err), 0, "%s", err.text);
		cr_assert_eq(custody_report_request_conditions(&r, collect, &all, &err), 0, "%s", err.text);
		for (int n = 1; n <= cases[i].records * cases[i].conditions; n++) {
			snprintf(one, sizeof(one), "'c%d.'", n);
			cr_expect_eq(strstr(s.text, one) != NULL, n <= cases[i].shown, "case %zu: %s", i, one);
			cr_expect_not_null(strstr(custody_buf_str(&all), one), "case %zu: %s", i, one);
		}
		cr_expect_eq(strstr(s.text, cases[i].more ? cases[i].more : "FURTHER CONDITION") != NULL, cases[i].more != NULL, "case %zu: %s", i,
			s.text);
		cr_expect_null(strstr(custody_buf_str(&all), "FURTHER"));
		custody_report_release(&r);
	}
}

/* ADM-09 */
Test(report_request, says_since_when_it_is_secret_and_how_it_is_to_be_handled)
{
	static struct seen s;

	rows(RECORD(",\"secrecy\":{\"non_notification\":true,\"basis\":\"b\",\"from\":\"2026-01-01\",\"until\":\"2026-07-01\",\"handling\":\"keep it "
		    "shut\"}"),
		&s);
	cr_expect_not_null(strstr(s.text, "secrecy|the user is not to be told, basis 'b', from '2026-01-01', until '2026-07-01'|r\n"), "%s", s.text);
	cr_expect_not_null(strstr(s.text, "handling|'keep it shut'|r\n"), "%s", s.text);
	rows(RECORD(",\"secrecy\":{\"handling\":{\"withheld\":\"w\"}}"), &s);
	cr_expect_not_null(strstr(s.text, "handling|withheld ('w')|r\n"), "%s", s.text);
}

Test(report_request, says_of_each_package_of_documents_how_it_stands)
{
	CUSTODY_BUF_CLEAN struct custody_buf json = { .max = 1 << 20 };
	struct custody_request_documents packages[] = {
		{ .named = true,
			.presented = true,
			.verdict = CUSTODY_VERDICT_VALID,
			.role = CUSTODY_ROLE_AUTHORITY_DOCUMENT,
			.items = 2,
			.has_items = true,
			.stated = 5,
			.has_stated = true },
		{ .named = true, .items = 3, .has_items = true },
		{ .named = true },
		{ .presented = true, .verdict = CUSTODY_VERDICT_INDETERMINATE },
	};
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_report r;
	struct seen s = { .n = 0 };

	set(&r, RECORD(""));
	r.request.packages = packages;
	r.request.n_packages = 4;
	r.request.documents = 2;
	r.request.documents_met = 1;
	cr_assert_eq(custody_report_request_rows(&r, NULL, keep, &s, &err), 0, "%s", err.text);
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
	cr_expect(strstr(s.text, "documents|package " ZEROS
				 ", items with content: 2; presented, VALID; the record names it, with another number of items: 5|m\n"
				 "|package " ZEROS ", items with content as stated: 3; not presented: what is in it was not looked at|r\n"
				 "|package " ZEROS "; not presented: what is in it was not looked at|r\n"
				 "|package " ZEROS
				 "; presented, INDETERMINATE; no record names it; its seal does not say that it holds documents of a request|m\n"
				 "|1 of 2 documents that the record names by a digest are among what was looked at|m\n"),
		"%s", s.text);
	cr_assert_eq(custody_report_request_json(&json, &r, &err), 0, "%s", err.text);
	cr_expect(strstr(custody_buf_str(&json),
			  ",\"document_packages\":[{\"sha256\":\"" ZEROS "\",\"named\":true,\"presented\":true,\"verdict\":\"VALID\",\"role\":"
			  "\"authority-document\",\"items\":2,\"items_stated\":5},{\"sha256\":\"" ZEROS
			  "\",\"named\":true,\"presented\":false,\"verdict\":null,\"role\":null,\"items\":3,\"items_stated\":null},"),
		"%s", custody_buf_str(&json));
	cr_expect(strstr(custody_buf_str(&json), "],\"documents\":2,\"documents_met\":1}"), "%s", custody_buf_str(&json));
	r.request.packages = NULL;
	custody_report_release(&r);
}

Test(report_request, is_short_and_harmless_whatever_the_record_holds)
{
	static const struct custody_report_context context = { "custody test", NULL, 0, false, NULL };
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 1 << 24 }, json = { .max = 1 << 24 }, html = { .max = 1 << 24 }, in = { .max = 1 << 20 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_report r;
	struct seen s;

	cr_assert_eq(
		custody_buf_append_str(&in, "{\"format\":\"custody-request/1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\",\"conditions\":[", &err),
		0);
	for (int i = 0; i < 200; i++) {
		cr_assert_eq(custody_buf_printf(&in, &err, "%s{\"kind\":\"other\",\"text\":\"<script>\\u202e", i ? "," : ""), 0);
		for (int k = 0; k < 60; k++)
			cr_assert_eq(custody_buf_append_str(&in, "\xf3\xa0\x81\x81\xf3\xa0\x81\x81\xf3\xa0\x81\x81", &err), 0);
		cr_assert_eq(custody_buf_append_str(&in, "\"}", &err), 0);
	}
	cr_assert_eq(custody_buf_append_str(&in, "]}]}\n", &err), 0);
	rows(custody_buf_str(&in), &s);
	cr_expect_lt(s.rows, 50);
	set(&r, custody_buf_str(&in));
	cr_assert_eq(custody_report_text(&text, &r, &context, &err), 0, "%s", err.text);
	cr_assert_eq(custody_report_json(&json, &r, &context, &err), 0, "%s", err.text);
	cr_assert_eq(custody_report_html(&html, &r, &context, &err), 0, "%s", err.text);
	cr_expect(show_is_safe(&text, true) && show_is_safe(&json, false) && show_is_safe(&html, true));
	cr_expect(!strstr(custody_buf_str(&html), "<script>"));
	/* what was compared does not stand under "Not checked"; the content was not, and does (ADM-90) */
	cr_expect(strstr(custody_buf_str(&html), "<strong>request and return, not shown:</strong> "));
	cr_expect(strstr(custody_buf_str(&html),
		"</span> digests or signatures of the sender; whether the content itself is inside the scope of the request; "));
	custody_report_release(&r);
}
