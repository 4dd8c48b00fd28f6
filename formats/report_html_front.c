/* SPDX-License-Identifier: Apache-2.0 */
/* Page one, for a judge: what the verdict is, who and when, what was found, what was not looked at, and how to repeat it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/html.h"
#include "formats/qr.h"
#include "formats/report_html.h"
#include "formats/report_words.h"
#include "libcustody/base/limits.h"

/* Which language holds, and what is not in this one. */
static void translation(struct custody_page *p)
{
	if (!p->words)
		return;
	custody_page_put(p, "<p><strong>");
	custody_page_word(p, N_("Translation"));
	custody_page_word(p, N_(":"));
	custody_page_put(p, "</strong> ");
	custody_page_word(p, custody_report_translation);
	if (!custody_words_complete(p->words)) {
		custody_page_put(p, " ");
		custody_page_word(p, custody_report_untranslated);
	}
	custody_page_put(p, "</p>\n");
}

static void title(struct custody_page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	const struct custody_time now = { r->evaluated_at.sec, 0 };
	custody_page_put(p, "<header><h1>");
	custody_page_word(p, N_("Verification report on a sealed package"));
	custody_page_put(p, "</h1>\n");
	translation(p);
	custody_page_put(p, "<p>");
	if (r->at_chosen)
		custody_page_phrase(p, "Made on %s (a time that the user chose) by %s.", custody_hole_local(now),
			custody_hole_shown(CUSTODY_GIVEN, context->tool));
	else
		custody_page_phrase(p, "Made on %s, by the clock of this computer, by %s.", custody_hole_local(now),
			custody_hole_shown(CUSTODY_GIVEN, context->tool));
	custody_page_put(p, " ");
	custody_page_phrase(p,
		"Each statement is marked: %s from the bytes, now; %s stated in the package by whoever sealed it; %s by whoever ran this check.",
		custody_hole_tag(CUSTODY_MEASURED), custody_hole_tag(CUSTODY_RECORDED), custody_hole_tag(CUSTODY_GIVEN));
	custody_page_put(p, "</p></header>\n");
}

/* Which file this paper is about (ADM-93): for a camera, and for two people at a table. */
static void code(struct custody_page *p, const struct custody_report *r)
{
	struct custody_html h = { p->out, p->err, p->failed };
	if (!r->has_package)
		return;
	custody_qr_put(&h, p->words, r->sha256);
	p->failed = h.failed;
}

/* The word that decides, and in another language the English one beside it. */
static void verdict_word(struct custody_page *p, const struct custody_report *r)
{
	const char *english = custody_report_word(r->verdict);
	custody_page_word(p, english);
	if (custody_page_in(p, english) == english)
		return;
	/* Without an element: WeasyPrint turns the brackets round one. */
	custody_page_put(p, " (");
	custody_page_text(p, english);
	custody_page_put(p, ")");
}

static void verdict(struct custody_page *p, const struct custody_report *r)
{
	static const struct {
		const char *open, *symbol;
	} boxes[] = {
		[CUSTODY_VERDICT_NONE] = { "none", "&#8211;" },
		[CUSTODY_VERDICT_INVALID] = { "invalid", "&#10007;" },
		[CUSTODY_VERDICT_INDETERMINATE] = { "indeterminate", "?" },
		[CUSTODY_VERDICT_VALID] = { "valid", "&#10003;" },
	};
	char at[CUSTODY_REPORT_DATE];
	custody_page_put(p, "<section class=\"verdict ");
	custody_page_put(p, boxes[r->verdict].open);
	custody_page_put(p, "\" aria-label=\"");
	custody_page_text(p, custody_page_in(p, N_("Result")));
	custody_page_put(p, "\">\n");
	code(p, r);
	custody_page_put(p, "<p class=\"word\"><span aria-hidden=\"true\">");
	custody_page_put(p, boxes[r->verdict].symbol);
	custody_page_put(p, "</span> ");
	verdict_word(p, r);
	custody_page_put(p, "</p>\n<p class=\"sentence\">");
	custody_page_capital(p);
	if (r->at_chosen && r->verdict != CUSTODY_VERDICT_NONE) {
		custody_page_phrase(
			p, "As at %s, chosen by the user:", custody_hole_plain(custody_report_date(custody_report_judged_at(r), p->words, at)));
		custody_page_put(p, " ");
	}
	custody_page_word(p, custody_report_sentence(r));
	custody_page_put(p, "</p>\n<p class=\"conclusion\">");
	if (!p->failed) {
		CUSTODY_BUF_CLEAN struct custody_buf text;
		custody_buf_init(&text, CUSTODY_LIMIT_REPORT);
		p->failed = custody_report_conclusion(&text, r, p->words, p->err) != 0;
		custody_page_own(p, custody_buf_str(&text), text.len);
	}
	custody_page_put(p, "</p>\n</section>\n");
}

static void which_package(struct custody_page *p, const struct custody_report *r)
{
	custody_page_row(p, "File");
	custody_page_foreign_str(p, CUSTODY_GIVEN, r->path ? r->path : "");
	custody_page_row_end(p, CUSTODY_GIVEN);
	if (r->has_package) {
		custody_page_row(p, "Package number");
		custody_page_number(p, r->sha256);
		custody_page_put(p, "<br>");
		if (!r->has_expected)
			custody_page_word(p, N_("Compare it with the number on the form; it is the SHA-256 of the file."));
		else if (memcmp(r->sha256, r->expected, 32) == 0)
			custody_page_word(p, N_("It is the number that was expected."));
		else
			custody_page_word(p, N_("It is NOT the number that was expected, which is:"));
		custody_page_row_end(p, CUSTODY_MEASURED);
	}
	if (r->has_package && r->has_expected && memcmp(r->sha256, r->expected, 32) != 0) {
		custody_page_row(p, "Number expected");
		custody_page_number(p, r->expected);
		custody_page_row_end(p, CUSTODY_GIVEN);
	}
	if (!r->has_sealfile)
		return;
	custody_page_row(p, "Case, exhibit");
	custody_page_claimed(p, r->case_id);
	custody_page_word(p, N_(", "));
	custody_page_claimed(p, r->exhibit);
	custody_page_row_end(p, CUSTODY_RECORDED);
}

static bool group_passed(const struct custody_report *r, enum custody_group group)
{
	return r->groups[group] == CUSTODY_RESULT_PASS || r->groups[group] == CUSTODY_RESULT_OWN_WORD;
}

/* Who vouches for the name, from when to when (ADM-89). */
static void issued(struct custody_page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	if (!s->has_signer)
		return;
	custody_page_row(p, "Certificate");
	custody_page_phrase(p, "issued by %s; valid from %s to %s, %s", custody_hole_shown(CUSTODY_MEASURED, s->issuer),
		custody_hole_day(s->valid_from), custody_hole_day(s->valid_until), custody_hole_word(custody_report_standing(r)));
	custody_page_row_end(p, CUSTODY_MEASURED);
}

static void who(struct custody_page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	custody_page_row(p, "Sealed by");
	if (!s->has_signer) {
		custody_page_word(p, N_("cannot be said; no certificate of a signer could be read"));
	} else if (group_passed(r, CUSTODY_GROUP_SEAL)) {
		custody_page_phrase(p, "*%s*, by the certificate of %s, which leads to an authority that was given for this check",
			custody_hole_shown(CUSTODY_MEASURED, s->signer_name), custody_hole_shown(CUSTODY_MEASURED, s->signer));
	} else {
		custody_page_phrase(p, "cannot be said; the certificate in the package names %s", custody_hole_shown(CUSTODY_MEASURED, s->signer));
	}
	custody_page_row_end(p, CUSTODY_MEASURED);
	issued(p, r);
	if (!r->has_sealfile)
		return;
	custody_page_row(p, "Sealer states");
	custody_page_claimed(p, r->sealer_name);
	custody_page_word(p, N_(", "));
	custody_page_claimed(p, r->sealer_organisation);
	custody_page_row_end(p, CUSTODY_RECORDED);
}

/* How far the sealer's clock was from the stamp. */
static void difference(struct custody_page *p, const struct custody_report *r)
{
	int64_t seconds;
	char n[CUSTODY_REPORT_NUMBER];
	if (!r->seal.has_time || __builtin_sub_overflow(r->sealed.sec, r->seal.stated.sec, &seconds) || seconds == INT64_MIN)
		return;
	custody_report_grouped((uint64_t)(seconds < 0 ? -seconds : seconds), p->words, n);
	if (seconds == 0)
		custody_page_word(p, N_(", in the same second as the time-stamp"));
	else if (seconds < 0)
		custody_page_phrase(p, ", %s s before the time-stamp", custody_hole_plain(n));
	else
		custody_page_phrase(p, ", %s s after the time-stamp", custody_hole_plain(n));
}

static void accuracy(struct custody_page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	char whole[24], thousandths[8];
	struct custody_time t;
	if (!s->has_accuracy) {
		custody_page_word(p, N_(" (accuracy not stated by the authority)"));
		return;
	}
	snprintf(whole, sizeof(whole), "%" PRIu64, s->accuracy_ms / 1000);
	snprintf(thousandths, sizeof(thousandths), "%03u", (unsigned)(s->accuracy_ms % 1000));
	if (custody_report_not_later_than(r, &t))
		custody_page_phrase(
			p, " (accuracy %s.%s s, stated by the authority and counted in)", custody_hole_plain(whole), custody_hole_plain(thousandths));
	else
		custody_page_phrase(p, " (accuracy %s.%s s, stated by the authority)", custody_hole_plain(whole), custody_hole_plain(thousandths));
}

static void when(struct custody_page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	struct custody_time t;
	custody_page_row(p, "Time");
	if (!s->has_time)
		custody_page_word(p, N_("not proven; no time-stamp could be read"));
	else if (custody_report_not_later_than(r, &t))
		custody_page_phrase(
			p, "*existed not later than %s*, proven by %s", custody_hole_local(t), custody_hole_shown(CUSTODY_MEASURED, s->authority));
	else if (r->groups[CUSTODY_GROUP_TIME] == CUSTODY_RESULT_OWN_WORD)
		custody_page_phrase(p, "%s is *the laboratory's own word*, by %s; nothing independent proves it", custody_hole_local(s->stated),
			custody_hole_shown(CUSTODY_MEASURED, s->authority));
	else
		custody_page_phrase(p, "*not proven*; the time-stamp states %s, by %s", custody_hole_local(s->stated),
			custody_hole_shown(CUSTODY_MEASURED, s->authority));
	if (s->has_time)
		accuracy(p, r);
	custody_page_row_end(p, CUSTODY_MEASURED);
	if (!r->has_sealfile)
		return;
	custody_page_row(p, "Sealer's clock");
	custody_page_date_local(p, r->sealed);
	difference(p, r);
	custody_page_row_end(p, CUSTODY_RECORDED);
}

/* The sealer's words, which nothing here can check. */
static void acquired(struct custody_page *p, const struct custody_report *r)
{
	const struct custody_acquisition_stated *a = &r->acquired;
	if (r->exceptions > 0) {
		custody_page_row(p, "Exceptions");
		if (a->reason)
			custody_page_phrase(p, "accepted for this reason, as recorded: %s", custody_hole_shown(CUSTODY_RECORDED, a->reason));
		else
			custody_page_word(p, N_("no reason for accepting the exceptions is recorded"));
		custody_page_row_end(p, CUSTODY_RECORDED);
	}
	for (size_t i = 0; i < a->n_followed && i < CUSTODY_REPORT_ITEMS; i++) {
		custody_page_row(p, "Link");
		custody_page_phrase(p, "%s was a symbolic link; what was sealed lay at %s", custody_hole_shown(CUSTODY_RECORDED, a->followed[i].path),
			custody_hole_shown(CUSTODY_RECORDED, a->followed[i].target));
		custody_page_row_end(p, CUSTODY_RECORDED);
	}
}

static void content(struct custody_page *p, const struct custody_report *r)
{
	char items[CUSTODY_REPORT_COUNT], bytes[CUSTODY_REPORT_COUNT], n[CUSTODY_REPORT_NUMBER];
	custody_page_row(p, "Custody");
	custody_page_word(p, custody_report_result(r->groups[CUSTODY_GROUP_CUSTODY]));
	custody_page_word(p, N_(":"));
	custody_page_put(p, " ");
	custody_page_word(p, custody_report_group(r, CUSTODY_GROUP_CUSTODY));
	custody_page_row_end(p, CUSTODY_MEASURED);
	if (!r->has_sealfile)
		return;
	custody_page_row(p, "Content");
	custody_page_phrase(p, "%s, %s; exceptions made when sealing: %s", custody_hole_plain(custody_report_items(r->items, p->words, items)),
		custody_hole_plain(custody_report_bytes(r->bytes, p->words, bytes)),
		r->exceptions ? custody_hole_plain(custody_report_grouped(r->exceptions, p->words, n)) : custody_hole_word(N_("none")));
	custody_page_row_end(p, CUSTODY_RECORDED);
	acquired(p, r);
}

/* ---- findings ---- */

/* The permanent name of a finding. */
static void finding_id(struct custody_page *p, const char *id)
{
	custody_page_put(p, "<span class=\"n\"");
	custody_page_put(p, p->ltr);
	custody_page_put(p, ">");
	custody_page_text(p, id);
	custody_page_put(p, "</span>");
}

/* Where it is: of what is wrong, the first item that it is wrong with (ADM-87). */
static void first_item(struct custody_page *p, const struct custody_report *r, enum custody_finding_id id)
{
	if (custody_finding_get(id)->effect != CUSTODY_EFFECT_FAILS)
		return;
	for (size_t i = 0; i < r->findings.n; i++) {
		const struct custody_finding *f = &r->findings.list[i];
		if (f->id != id || !f->item)
			continue;
		custody_page_word(p, r->findings.count[id] > 1 ? N_(", first in ") : N_(", in "));
		custody_page_item(p, f->item, f->item_len);
		return;
	}
}

static void finding_line(struct custody_page *p, const struct custody_report *r, enum custody_finding_id id)
{
	const struct custody_finding_info *info = custody_finding_get(id);
	custody_page_put(p, "<li><strong>");
	custody_page_word(p, custody_page_effect(info));
	custody_page_word(p, N_(":"));
	custody_page_put(p, "</strong> ");
	custody_page_word(p, info->text);
	if (r->findings.count[id] > 1) {
		char n[CUSTODY_REPORT_NUMBER];
		custody_page_phrase(p, " (%s times)", custody_hole_plain(custody_report_grouped(r->findings.count[id], p->words, n)));
	}
	custody_page_put(p, " ");
	finding_id(p, info->id);
	first_item(p, r, id);
	custody_page_put(p, "</li>\n");
}

#define ON_PAGE_ONE 4

static void findings_in_short(struct custody_page *p, const struct custody_report *r)
{
	char n[CUSTODY_REPORT_NUMBER];
	custody_page_heading(p, "What was found, what weighs most first");
	custody_page_put(p, "<ul>\n");
	size_t kinds = custody_page_each_finding(p, r, ON_PAGE_ONE, finding_line);
	custody_page_put(p, "</ul>\n<p>");
	if (kinds == 0)
		custody_page_phrase(p, "Nothing: none of the %s kinds of finding that this program knows.",
			custody_hole_plain(custody_report_grouped(CUSTODY_FINDING_COUNT, p->words, n)));
	else if (kinds == ON_PAGE_ONE + 1)
		custody_page_word(p, N_("And 1 more kind, below."));
	else if (kinds > ON_PAGE_ONE)
		custody_page_phrase(p, "And %s more kinds, below.", custody_hole_plain(custody_report_grouped(kinds - ON_PAGE_ONE, p->words, n)));
	if (r->findings.out_of_memory)
		custody_page_word(p, N_(" Some findings could not be kept for want of memory."));
	custody_page_put(p, "</p>\n");
}

/* ---- checked, not checked, cannot be checked ---- */

static void checked_line(struct custody_page *p, const struct custody_report *r, enum custody_group group, const char *symbol)
{
	custody_page_put(p, "<li><span aria-hidden=\"true\">");
	custody_page_put(p, symbol);
	custody_page_put(p, "</span> <strong>");
	custody_page_word(p, custody_group_name(group));
	custody_page_word(p, N_(", "));
	custody_page_word(p, custody_report_result(r->groups[group]));
	custody_page_word(p, N_(":"));
	custody_page_put(p, "</strong> ");
	custody_page_word(p, custody_report_group(r, group));
	custody_page_put(p, "</li>\n");
}

/* What was compared beyond the groups: digests that others stated, the request. These are claims of the ladder; true if this one was looked at. */
static bool compared(struct custody_page *p, const struct custody_report *r, size_t i, const char *what)
{
	static const char *const symbols[] = { [CUSTODY_RUNG_HOLDS] = "&#10003;", [CUSTODY_RUNG_FAILS] = "&#10007;", [CUSTODY_RUNG_NOT_SHOWN] = "?" };
	struct custody_report_rung rung;
	if (!custody_report_rung(r, i, &rung) || rung.result > CUSTODY_RUNG_NOT_SHOWN)
		return false;
	custody_page_put(p, "<li><span aria-hidden=\"true\">");
	custody_page_put(p, symbols[rung.result]);
	custody_page_put(p, "</span> <strong>");
	custody_page_word(p, what);
	custody_page_word(p, N_(", "));
	custody_page_word(p, custody_report_rung_result_name(rung.result));
	custody_page_word(p, N_(":"));
	custody_page_put(p, "</strong> ");
	custody_page_word(p, rung.why);
	custody_page_put(p, "</li>\n");
	return true;
}
#define RUNG_CUSTODY 5 /* "f. custody is unbroken since sealing" */
#define RUNG_SENDER 6 /* "g. the content equals the sender's own digests or signature" */
#define RUNG_REQUEST 7 /* "h. the content is inside the scope of the request" */

/* The box that nothing switches off (ADM-90). What was not looked at never stands under "checked". */
static void limits(struct custody_page *p, const struct custody_report *r)
{
	static const char *const symbols[] = {
		[CUSTODY_RESULT_NOT_CHECKED] = "&#8211;",
		[CUSTODY_RESULT_NOT_PRESENTED] = "&#8211;",
		[CUSTODY_RESULT_INDETERMINATE] = "?",
		[CUSTODY_RESULT_FAIL] = "&#10007;",
		[CUSTODY_RESULT_OWN_WORD] = "&#8764;",
		[CUSTODY_RESULT_PASS] = "&#10003;",
	};
	const char *line;
	custody_page_put(p, "<section class=\"three\" aria-label=\"");
	custody_page_text(p, custody_page_in(p, N_("Checked, not checked, cannot be checked")));
	custody_page_put(p, "\">\n<div><h3>");
	custody_page_word(p, N_("Checked"));
	custody_page_put(p, "</h3><ul>\n");
	for (int g = 0; g < CUSTODY_GROUP_STATEMENTS; g++)
		if (r->groups[g] >= CUSTODY_RESULT_INDETERMINATE)
			checked_line(p, r, (enum custody_group)g, symbols[r->groups[g]]);
	/* That each event holds is not that custody is unbroken. */
	if (r->groups[CUSTODY_GROUP_CUSTODY] == CUSTODY_RESULT_PASS && custody_report_custody_open(r))
		(void)compared(p, r, RUNG_CUSTODY, N_("custody since sealing"));
	const bool sender = compared(p, r, RUNG_SENDER, N_("digests that others stated"));
	const bool request = compared(p, r, RUNG_REQUEST, N_("request and return"));
	custody_page_put(p, "</ul></div>\n<div><h3>");
	custody_page_word(p, N_("Not checked"));
	custody_page_put(p, "</h3><ul>\n");
	for (int g = 0; g < CUSTODY_GROUP_STATEMENTS; g++)
		if (r->groups[g] < CUSTODY_RESULT_INDETERMINATE)
			checked_line(p, r, (enum custody_group)g, symbols[r->groups[g]]);
	custody_page_put(p, "<li><span aria-hidden=\"true\">&#8211;</span> ");
	custody_page_word(p, sender ? N_("signatures of the sender; ") : N_("digests or signatures of the sender; "));
	custody_page_word(p, request ? N_("whether the content itself is inside the scope of the request; ") : N_("the scope of the request; "));
	custody_page_word(p, N_("the lawfulness of either; known defects of the program that sealed"));
	custody_page_put(p, "</li>\n</ul></div>\n<div><h3>");
	custody_page_word(p, N_("Cannot be checked by this"));
	custody_page_put(p, "</h3><ul>\n");
	for (size_t i = 0; (line = custody_report_not_proven(r, i)) != NULL; i++) {
		custody_page_put(p, "<li><span aria-hidden=\"true\">&#183;</span> ");
		custody_page_word(p, line);
		custody_page_put(p, "</li>\n");
	}
	custody_page_put(p, "</ul></div>\n</section>\n");
}

static void does_not_say(struct custody_page *p)
{
	custody_page_heading(p, "What this report does not say");
	custody_page_put(p, "<p class=\"say\">");
	custody_page_word(p, custody_report_does_not_say);
	custody_page_put(p, "</p>\n");
}

static void in_short(struct custody_page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	char n[CUSTODY_REPORT_NUMBER];
	custody_page_heading(p, "How to repeat this");
	custody_page_put(p, "<ol><li>");
	custody_page_word(p, N_("Compute the SHA-256 of the file with any program, and compare it with the number on the form."));
	custody_page_put(p, "</li>\n<li>");
	custody_page_word(p, N_("Get the laboratory's signers.pem and tsas.pem by another way than the package."));
	custody_page_put(p, "</li>\n<li>");
	if (r->n_anchors == 0)
		custody_page_phrase(p,
			"Follow the commands in the annex with unzip, sha256sum and openssl, or run %s; no anchor of trust and no policy was given "
			"this time.",
			custody_hole_shown(CUSTODY_GIVEN, context->tool));
	else if (r->n_anchors == 1)
		custody_page_phrase(p,
			"Follow the commands in the annex with unzip, sha256sum and openssl, or run %s with the 1 anchor in the annex; no policy was "
			"given.",
			custody_hole_shown(CUSTODY_GIVEN, context->tool));
	else
		custody_page_phrase(p,
			"Follow the commands in the annex with unzip, sha256sum and openssl, or run %s with the %s anchors in the annex; no policy "
			"was given.",
			custody_hole_shown(CUSTODY_GIVEN, context->tool), custody_hole_plain(custody_report_grouped(r->n_anchors, p->words, n)));
	custody_page_put(p, "</li></ol>\n");
}

static void not_judged(struct custody_page *p, const struct custody_report *r)
{
	custody_page_table(p, "Why");
	custody_page_row(p, "File");
	custody_page_foreign_str(p, CUSTODY_GIVEN, r->path ? r->path : "");
	custody_page_row_end(p, CUSTODY_GIVEN);
	custody_page_text_row(p, "Failure", true, r->failure ? r->failure : custody_page_in(p, N_("not known")), CUSTODY_MEASURED);
	custody_page_table_end(p);
}

static void judged(struct custody_page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	custody_page_table(p, r->verdict == CUSTODY_VERDICT_INVALID ? N_("Who and when, as the seal has it; the verdict is INVALID")
								    : N_("The package and its seal"));
	which_package(p, r);
	who(p, r);
	when(p, r);
	content(p, r);
	custody_page_table_end(p);
	findings_in_short(p, r);
	limits(p, r);
	custody_page_put(p, "<div class=\"two\">\n<div>");
	does_not_say(p);
	custody_page_put(p, "</div>\n<div>");
	in_short(p, r, context);
	custody_page_put(p, "</div>\n</div>\n");
}

void custody_report_html_front(struct custody_page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	title(p, r, context);
	verdict(p, r);
	if (r->verdict == CUSTODY_VERDICT_NONE) {
		not_judged(p, r);
		does_not_say(p);
	} else {
		judged(p, r, context);
	}
}
