/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says of digests stated by others. ADM-13. */
#include "formats/report_claims.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/report.h"
#include "formats/report_row.h"
#include "tests/support/showall.h"

#define G 6 /* rung of the ladder, from 0 */

static const char *rung(const struct custody_report *r)
{
	static char text[256];
	struct custody_report_rung out;

	cr_assert(custody_report_rung(r, G, &out));
	snprintf(text, sizeof(text), "%s: %s", custody_report_rung_result_name(out.result), out.why);
	return text;
}

Test(report_claims, the_content_equals_what_the_sender_stated_only_where_everything_was_stated_and_agrees)
{
	struct custody_report r;
	struct custody_claims_result *c = &r.claims;

	custody_report_init(&r);
	cr_expect_str_eq(rung(&r), "not checked: no such digests were compared");
	*c = (struct custody_claims_result){ .there = true, .complete = true, .stated = 2, .matched = 2, .items = 2, .items_matched = 2 };
	cr_expect_str_eq(rung(&r), "holds: every item has the digest that others stated of it, as the laboratory took it in");
	c->legacy = 1;
	cr_expect_str_eq(rung(&r), "not shown: what others stated agrees, some of it by a legacy algorithm alone");
	c->items = 3;
	c->items_unstated = 1;
	cr_expect_str_eq(rung(&r), "not shown: nobody stated a digest of some items");
	c->stated = 3;
	c->not_compared = 1;
	cr_expect_str_eq(rung(&r), "not shown: not every digest that others stated could be compared");
	c->stated = 4;
	c->missing = 1;
	cr_expect_str_eq(rung(&r), "not shown: something that others stated a digest of is no item of the package, as the sealer says");
	c->complete = false;
	cr_expect_str_eq(rung(&r), "not shown: what others stated could not be read to its end");
	r.findings.count[CUSTODY_FINDING_CLAIM_MISMATCH] = 1;
	cr_expect_str_eq(rung(&r), "fails: a digest stated by somebody else differs");
	/* a signature or letter alone is no digest, and is not checked */
	struct custody_claims_source unverified = { .name = "letter.pdf", .format = CUSTODY_CLAIMS_UNVERIFIED };
	r.findings.count[CUSTODY_FINDING_CLAIM_MISMATCH] = 0;
	*c = (struct custody_claims_result){ .there = true, .complete = true, .sources = &unverified, .n_sources = 1, .unverified = 1 };
	cr_expect_str_eq(rung(&r), "not checked: no digest was stated; a signature, certificate or letter of the sender was not verified");
	/* nothing that was stated, nothing that is there: that is not agreement */
	*c = (struct custody_claims_result){ .there = true, .complete = true };
	cr_expect_not(custody_claims_result_holds(c));
	/* the sender's own digests are those that somebody is said to have stated */
	c->sources = calloc(2, sizeof(*c->sources));
	cr_assert_not_null(c->sources);
	c->n_sources = 2;
	c->sources[0].by = strdup("Acme");
	c->stated = c->matched = c->items = c->items_matched = 2;
	r.findings.count[CUSTODY_FINDING_CLAIM_MISMATCH] = 0;
	cr_expect_str_eq(rung(&r), "not shown: every item has the digest that was stated of it, by whom is not said");
	c->sources[1].by = strdup("Bill");
	cr_expect_str_eq(rung(&r), "holds: every item has the digest that others stated of it, as the laboratory took it in");
	custody_report_release(&r);
}

/* Without the marks that keep a name's direction to itself. */
static const char *without_marks(struct custody_buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		if (b->data[i] != *CUSTODY_REPORT_ISOLATE && b->data[i] != *CUSTODY_REPORT_ISOLATE_END)
			b->data[n++] = b->data[i];
	b->len = n;
	b->data[n] = 0;
	return custody_buf_str(b);
}

/* Whom the digests come from, how, and who answers for it. */
Test(report_claims, tells_a_letter_from_a_signature_and_a_list)
{
	static const struct {
		struct custody_claims_source source;
		const char *want;
	} cases[] = {
		{ { .name = "a", .format = "bsd", .by = "B" }, "'a', in the format 'bsd', stated by 'B'" },
		{ { .name = "a", .format = CUSTODY_CLAIMS_DRAFT, .by = "B", .confirmed_by = "C" },
			"'a', in the format 'draft', stated by 'B', read from a text and confirmed by 'C'" },
		{ { .name = "a", .format = CUSTODY_CLAIMS_SIGNATURE, .by = "B", .confirmed_by = "C" },
			"'a', in the format 'signature', stated by 'B', read from a signature whose certificate was confirmed as theirs by 'C'" },
		{ { .name = "a", .format = CUSTODY_CLAIMS_SIGNATURE, .by = "B" }, "'a', in the format 'signature', stated by 'B'" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { .max = 10000 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_assert_eq(custody_report_claims_source(&out, &cases[i].source, NULL, &err), 0, "%s", err.text);
		cr_expect_str_eq(without_marks(&out), cases[i].want, "%s", custody_buf_str(&out));
	}
}

Test(report_claims, says_numbers_and_lists_and_nothing_unescaped)
{
	static const struct custody_report_context context = { "custody test", NULL, 0, false, NULL };
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = 1 << 20 }, json = { .max = 1 << 20 }, html = { .max = 1 << 20 };
	static char name[4097];
	struct custody_claims_source *source = calloc(1, sizeof(*source));
	struct custody_report r;

	memset(name, '\x1b', sizeof(name) - 1);
	cr_assert_not_null(source);
	*source = (struct custody_claims_source){ strdup(name), { 1 }, strdup("<b>"), strdup(name),
		strdup("\xe2\x80\xae"
		       "Ada") };
	custody_report_init(&r);
	r.verdict = CUSTODY_VERDICT_VALID;
	r.claims = (struct custody_claims_result){ .there = true,
		.sources = source,
		.n_sources = 1,
		.stated = 4,
		.matched = 3,
		.legacy = 2,
		.missing = 1,
		.items = 5,
		.items_unstated = 2 };
	cr_assert_eq(custody_report_text(&text, &r, &context, &err), 0, "%s", err.text);
	cr_assert_eq(custody_report_json(&json, &r, &context, &err), 0, "%s", err.text);
	cr_assert_eq(custody_report_html(&html, &r, &context, &err), 0, "%s", err.text);
	cr_expect(show_is_safe(&text, true), "%s", custody_buf_str(&text));
	cr_expect(show_is_safe(&json, false), "%s", custody_buf_str(&json));
	cr_expect(show_is_safe(&html, true));
	cr_expect(strstr(custody_buf_str(&text), "4 stated: 3 agree (2 by a legacy algorithm alone), 0 differ, 1\n                of nothing"), "%s",
		custody_buf_str(&text));
	cr_expect(strstr(custody_buf_str(&text), "be read\n                to their end."), "%s", custody_buf_str(&text));
	cr_expect(strstr(custody_buf_str(&json), "\"claimed_digests\":{\"complete\":false,\"stated\":4,\"matched\":3,\"legacy\":2,"));
	cr_expect(strstr(custody_buf_str(&json), "\"by\":\"\\u001b\\u001b"));
	cr_expect(!strstr(custody_buf_str(&html), "<b>") && strstr(custody_buf_str(&html), "Digests stated by others"));
	/* what was compared does not stand under "Not checked", and the other way round (ADM-90) */
	cr_expect(strstr(
		custody_buf_str(&html), "<strong>digests that others stated, not shown:</strong> what others stated could not be read to its end"));
	cr_expect(strstr(custody_buf_str(&html), "</span> signatures of the sender; the scope of the request; "));
	r.findings.count[CUSTODY_FINDING_CLAIM_MISMATCH] = 1;
	custody_buf_clear(&html);
	cr_assert_eq(custody_report_html(&html, &r, &context, &err), 0, "%s", err.text);
	cr_expect(strstr(custody_buf_str(&html), "<strong>digests that others stated, fails:</strong> a digest stated by somebody else differs"));
	custody_report_release(&r);
}
