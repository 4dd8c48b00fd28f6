/* SPDX-License-Identifier: Apache-2.0 */
/* Page two, the claims and the words; then the annex, for an expert. */
#include <stdio.h>
#include <string.h>

#include "formats/report_claims.h"
#include "formats/report_html.h"
#include "formats/report_record.h"
#include "formats/report_request.h"
#include "formats/report_words.h"
#include "libcustody/crypto/digest.h"

/* ---- page two ---- */

static void page_head(struct custody_page *p, const struct custody_report *r, const char *title)
{
	custody_page_put(p, "<section class=\"page\">\n<h2>");
	custody_page_word(p, title);
	custody_page_put(p, "</h2>\n");
	if (r->has_package) {
		custody_page_put(p, "<p>");
		custody_page_word(p, N_("of the package"));
		custody_page_put(p, " ");
		custody_page_number(p, r->sha256);
		custody_page_put(p, "</p>\n");
	}
}

static void ladder(struct custody_page *p, const struct custody_report *r)
{
	struct custody_report_rung rung;
	custody_page_put(p, "<table><caption>");
	custody_page_word(p, N_("What is claimed, step by step; each step has a result of its own"));
	custody_page_put(p, "</caption>\n<thead><tr><th scope=\"col\">");
	custody_page_word(p, N_("Claim"));
	custody_page_put(p, "</th><th scope=\"col\">");
	custody_page_word(p, N_("Result"));
	custody_page_put(p, "</th><th scope=\"col\">");
	custody_page_word(p, N_("Rests on"));
	custody_page_put(p, "</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; custody_report_rung(r, i, &rung); i++) {
		const char letter[] = { (char)('a' + (int)i), '.', ' ', '\0' };
		custody_page_put(p, "<tr><td>");
		custody_page_own(p, letter, strlen(letter));
		custody_page_word(p, rung.claim);
		custody_page_put(p, "</td><td class=\"res\"><strong>");
		custody_page_word(p, custody_report_rung_result_name(rung.result));
		custody_page_put(p, "</strong></td><td>");
		custody_page_word(p, rung.why);
		custody_page_put(p, "</td></tr>\n");
	}
	custody_page_table_end(p);
	custody_page_put(p, "<p>");
	custody_page_word(p,
		N_("This program never determines whether the content is true, or who wrote it. It never determines what happened before receipt, or "
		   "whether the source had more. It never determines whether the content was obtained lawfully."));
	custody_page_put(p, "</p>\n");
}

static void glossary(struct custody_page *p)
{
	static const char *const terms[][2] = {
		{ N_("sealed package"), N_("One file that holds the evidence, lists of it, and a seal over the lists.") },
		{ N_("seal"), N_("Two digital signatures with time-stamps. A change of one bit in what they cover makes them fail.") },
		{ N_("digest, SHA-256"), N_("A number computed from all bytes of a file. Nobody knows how to make two files with the same one.") },
		{ N_("package number"), N_("The SHA-256 of the whole package; it is written on the form.") },
		{ N_("certificate"), N_("A statement, signed by an authority, of whose key a key is.") },
		{ N_("anchor"), N_("The certificate of an authority that whoever runs this check chose to trust.") },
		{ N_("time-stamp"), N_("A statement, signed by a time-stamp authority, that something existed at a time.") },
		{ N_("own word"), N_("A time that only the laboratory states. It may be right; nothing else speaks for it.") },
		{ N_("revocation"), N_("The withdrawal of a certificate, for instance because a key was stolen.") },
		{ N_("custody record"), N_("Signed entries on who held the package since it was sealed.") },
		{ N_("finding"), N_("Something wrong, missing, or worth saying, with a permanent name.") },
		{ N_("exception"), N_("A source file or folder that changed or could not be read while being sealed, and was accepted so.") },
	};
	custody_page_heading(p, "Words used");
	custody_page_put(p, "<dl>\n");
	for (size_t i = 0; i < sizeof(terms) / sizeof(*terms); i++) {
		custody_page_put(p, "<dt>");
		custody_page_word(p, terms[i][0]);
		custody_page_put(p, "</dt><dd>");
		custody_page_word(p, terms[i][1]);
		custody_page_put(p, "</dd>\n");
	}
	custody_page_put(p, "</dl>\n");
}

/* ---- the annex ---- */

static bool same_item(const struct custody_finding *a, const struct custody_finding *b)
{
	return a && a->item && b->item && a->item_len == b->item_len && memcmp(a->item, b->item, a->item_len) == 0;
}

/* What the program found, in its own words, which are English. */
static void detail(struct custody_page *p, const char *text)
{
	custody_page_put(p, p->words ? "<span lang=\"en\">" : "");
	custody_page_shown(p, CUSTODY_MEASURED, text);
	custody_page_put(p, p->words ? "</span>" : "");
}

static void finding_items(struct custody_page *p, const struct custody_report *r, enum custody_finding_id id)
{
	const struct custody_finding *last = NULL;
	uint64_t items = 0, met = 0;
	for (size_t i = 0; i < r->findings.n; i++) {
		const struct custody_finding *f = &r->findings.list[i];
		if (f->id != id)
			continue;
		bool again = same_item(last, f);
		if (!again && ++items > CUSTODY_REPORT_ITEMS)
			break;
		met++;
		if ((f->item && !again) || (f->detail && *f->detail))
			custody_page_put(p, "<li>");
		if (f->item && !again) {
			custody_page_word(p, N_("item"));
			custody_page_put(p, " ");
			custody_page_item(p, f->item, f->item_len);
			custody_page_put(p, f->detail && *f->detail ? custody_page_in(p, N_(": ")) : "");
		}
		if (f->detail && *f->detail)
			detail(p, f->detail);
		if ((f->item && !again) || (f->detail && *f->detail))
			custody_page_put(p, "</li>\n");
		last = f;
	}
	if (r->findings.count[id] > met && met > 0) {
		char n[CUSTODY_REPORT_NUMBER];
		custody_page_put(p, "<li>");
		custody_page_phrase(p, "and %s more of this kind; the JSON report lists up to a thousand",
			custody_hole_plain(custody_report_grouped(r->findings.count[id] - met, p->words, n)));
		custody_page_put(p, "</li>\n");
	}
}

static void finding_in_full(struct custody_page *p, const struct custody_report *r, enum custody_finding_id id)
{
	const struct custody_finding_info *info = custody_finding_get(id);
	char etsi[64];
	snprintf(etsi, sizeof(etsi), "%s%s", info->etsi[0] ? ", ETSI " : "", info->etsi);
	custody_page_put(p, "<h3");
	custody_page_put(p, p->ltr);
	custody_page_put(p, ">");
	custody_page_text(p, info->id);
	custody_page_put(p, "</h3>\n<p class=\"what\">");
	custody_page_capital(p);
	custody_page_phrase(p, "%s. Effect on the claim: %s (%s, group %s%s). What to do: %s.", custody_hole_word(info->text),
		custody_hole_word(custody_page_effect(info)), custody_hole_word(custody_severity_name(info->severity)),
		custody_hole_word(custody_group_name(info->group)), custody_hole_plain(etsi), custody_hole_word(info->action));
	custody_page_put(p, "</p>\n<ul>\n");
	finding_items(p, r, id);
	custody_page_put(p, "</ul>\n");
}

static void findings_in_full(struct custody_page *p, const struct custody_report *r)
{
	custody_page_heading(p, "Findings in full");
	if (custody_page_each_finding(p, r, CUSTODY_FINDING_COUNT, finding_in_full) > 0)
		return;
	custody_page_put(p, "<p>");
	custody_page_word(p, N_("None."));
	custody_page_put(p, "</p>\n");
}

static void digest_row(struct custody_page *p, const char *label, bool there, const uint8_t sha256[32], enum custody_page_source source)
{
	if (!there)
		return;
	custody_page_row(p, label);
	custody_page_number(p, sha256);
	custody_page_row_end(p, source);
}

static void time_row(struct custody_page *p, const char *label, bool there, struct custody_time t, enum custody_page_source source)
{
	if (!there)
		return;
	custody_page_row(p, label);
	custody_page_date(p, t);
	custody_page_row_end(p, source);
}

/* Whose time does not count beside a better one; it may, once the better one is attacked. */
static void other_stamps(struct custody_page *p, const struct custody_seal_result *s)
{
	char date[CUSTODY_REPORT_DATE];
	for (size_t i = 0; i < s->n_others; i++) {
		custody_page_row(p, "Also stamped by");
		custody_page_phrase(p, "%s, on %s: %s", custody_hole_shown(CUSTODY_MEASURED, s->others[i].authority),
			custody_hole_plain(custody_report_date(s->others[i].stated, p->words, date)),
			custody_hole_word(custody_report_other_stamp(&s->others[i])));
		custody_page_row_end(p, CUSTODY_MEASURED);
		digest_row(p, "Its certificate", true, s->others[i].authority_sha256, CUSTODY_MEASURED);
	}
}

static void seal_table(struct custody_page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	const char *level = custody_report_level(r);
	char until[CUSTODY_REPORT_DATE];
	if (!r->has_seal)
		return;
	custody_page_table(p, "Seal");
	custody_page_row(p, "Level");
	if (level) {
		custody_page_put(p, "CAdES ");
		custody_page_text(p, level);
	} else {
		custody_page_word(p, N_("CAdES less than B-T"));
	}
	custody_page_row_end(p, CUSTODY_MEASURED);
	custody_page_text_row(p, "Signer", s->has_signer, s->signer, CUSTODY_MEASURED);
	digest_row(p, "Certificate, SHA-256", s->has_signer, s->certificate_sha256, CUSTODY_MEASURED);
	digest_row(p, "Leads to anchor", s->has_anchor, s->anchor_sha256, CUSTODY_MEASURED);
	time_row(p, "Signing time", s->has_claimed, s->claimed, CUSTODY_RECORDED);
	custody_page_text_row(p, "Time-stamp by", s->has_time, s->authority, CUSTODY_MEASURED);
	digest_row(p, "Its certificate", s->has_time, s->authority_sha256, CUSTODY_MEASURED);
	digest_row(p, "Leads to anchor", s->has_authority_anchor, s->authority_anchor_sha256, CUSTODY_MEASURED);
	time_row(p, "Time in the stamp", s->has_time, s->stated, CUSTODY_MEASURED);
	other_stamps(p, s);
	custody_page_row(p, "Revocation");
	if (s->has_revocation_until) {
		custody_page_phrase(
			p, "known up to %s, not beyond", custody_hole_plain(custody_report_date(s->revocation_known_until, p->words, until)));
	} else {
		custody_page_word(p, N_("not known: nothing says whether a certificate was withdrawn"));
	}
	custody_page_row_end(p, CUSTODY_MEASURED);
	custody_page_table_end(p);
}

static void algorithms(struct custody_page *p, const struct custody_report *r)
{
	if (!r->digests)
		return;
	custody_page_row(p, "Algorithms of the digests");
	for (int id = 0, n = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		if (!(r->digests & CUSTODY_DIGEST_BIT(id)))
			continue;
		custody_page_put(p, n++ > 0 ? ", " : "");
		custody_page_text(p, custody_digest_get((enum custody_digest_id)id)->name);
		if (custody_digest_get((enum custody_digest_id)id)->legacy)
			custody_page_word(p, N_(" (legacy: different files with the same one can be made)"));
	}
	custody_page_row_end(p, CUSTODY_RECORDED);
}

static void stated(struct custody_page *p, const struct custody_report *r)
{
	if (!r->has_sealfile)
		return;
	const struct {
		const char *label, *text;
	} rows[] = {
		{ N_("Case"), r->case_id },
		{ N_("Exhibit"), r->exhibit },
		{ N_("Sealer"), r->sealer_name },
		{ N_("Role"), r->sealer_role },
		{ N_("Organisation"), r->sealer_organisation },
		{ N_("Package id"), r->uuid },
		{ N_("Program that sealed"), r->tool_name },
		{ N_("Its version"), r->tool_version },
	};
	custody_page_table(p, "Stated in the package by whoever sealed it, as claimed");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		custody_page_row(p, rows[i].label);
		custody_page_claimed(p, rows[i].text);
		custody_page_row_end(p, CUSTODY_RECORDED);
	}
	if (r->has_previous) {
		custody_page_row(p, "Replaces the package with the number");
		custody_page_number(p, r->previous);
		custody_page_row_end(p, CUSTODY_RECORDED);
	}
	algorithms(p, r);
	if (r->role == CUSTODY_ROLE_AUTHORITY_DOCUMENT) {
		custody_page_row(p, "Role of the content");
		custody_page_word(p, CUSTODY_REPORT_ROLE);
		custody_page_row_end(p, CUSTODY_RECORDED);
	}
	time_row(p, "Sealed", true, r->sealed, CUSTODY_RECORDED);
	custody_page_table_end(p);
}

static void claims_buf(struct custody_page *p, const char *label, const struct custody_buf *text, enum custody_page_source from)
{
	custody_page_row(p, label);
	custody_page_composed(p, from, custody_buf_str(text));
	custody_page_row_end(p, from);
}

static void stated_by_others(struct custody_page *p, const struct custody_report *r)
{
	if (!r->claims.there)
		return;
	custody_page_table(p, "Digests stated by others, as the laboratory took them in; compared now");
	for (size_t i = 0; i < r->claims.n_sources; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf text = { .max = SIZE_MAX };
		p->failed = p->failed || custody_report_claims_source(&text, &r->claims.sources[i], custody_words_of_rows(p->words), p->err);
		claims_buf(p, "List", &text, CUSTODY_RECORDED);
		custody_page_row(p, "Its SHA-256");
		custody_page_number(p, r->claims.sources[i].sha256);
		custody_page_row_end(p, CUSTODY_RECORDED);
	}
	CUSTODY_BUF_CLEAN struct custody_buf sum = { .max = SIZE_MAX };
	p->failed = p->failed || custody_report_claims_sum(&sum, r, custody_words_of_rows(p->words), p->err);
	claims_buf(p, "Result", &sum, CUSTODY_MEASURED);
	custody_page_table_end(p);
}

static int request_row(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err)
{
	struct custody_page *p = ctx;
	(void)err;
	custody_page_row(p, label);
	custody_page_composed(p, measured ? CUSTODY_MEASURED : CUSTODY_RECORDED, text);
	custody_page_row_end(p, measured ? CUSTODY_MEASURED : CUSTODY_RECORDED);
	return p->failed ? -1 : 0;
}

static void request(struct custody_page *p, const struct custody_report *r)
{
	if (!r->request.there)
		return;
	custody_page_table(p, "The request, as stated in the package; not checked");
	p->failed = p->failed || custody_report_request_rows(r, custody_words_of_rows(p->words), request_row, p, p->err);
	custody_page_table_end(p);
}

static int record_row(void *ctx, const char *label, const char *text, bool given, struct custody_error *err)
{
	struct custody_page *p = ctx;
	const enum custody_page_source source = given ? CUSTODY_GIVEN : CUSTODY_RECORDED;
	(void)err;
	custody_page_row(p, label);
	custody_page_composed(p, source, text);
	custody_page_row_end(p, source);
	return p->failed ? -1 : 0;
}

static void custody_since(struct custody_page *p, const struct custody_report *r)
{
	if (!r->has_record)
		return;
	custody_page_table(p, "Custody since sealing, as the custody record tells it; the group custody says whether it holds");
	p->failed = p->failed || custody_report_record_rows(r, custody_words_of_rows(p->words), record_row, p, p->err);
	custody_page_table_end(p);
}

static void file_row(struct custody_page *p, const char *label, const char *path, bool known, const uint8_t sha256[32])
{
	custody_page_row(p, label);
	custody_page_foreign_str(p, CUSTODY_GIVEN, path ? path : "");
	if (known) {
		custody_page_put(p, "<br>");
		custody_page_number(p, sha256);
	}
}

/* The record, and what shows where it ends. */
static void record_inputs(struct custody_page *p, const struct custody_report *r)
{
	const struct custody_record_inputs *given = &r->record_given;
	char number[32];
	if (!r->has_record)
		return;
	if (given->path) {
		file_row(p, N_("Custody record"), given->path, given->has_sha256, given->sha256);
		custody_page_row_end(p, CUSTODY_GIVEN);
	}
	for (size_t i = 0; i < given->n_heads; i++) {
		custody_page_row(p, "Head of the record");
		custody_page_number(p, given->heads[i].sha256);
		custody_page_put(p, "<br>");
		snprintf(number, sizeof(number), "%zu", given->heads[i].event);
		if (given->heads[i].event)
			custody_page_phrase(p, "as of event %s", custody_hole_plain(number));
		else
			custody_page_word(p, N_("NOT a head of this record"));
		custody_page_row_end(p, CUSTODY_GIVEN);
	}
	if (!given->has_counterpart)
		return;
	file_row(p, N_("Counterpart's copy"), given->counterpart, given->has_counterpart_sha256, given->counterpart_sha256);
	custody_page_put(p, "<br>");
	snprintf(number, sizeof(number), "%zu", given->in_counterpart);
	custody_page_phrase(p, "the same as the record up to event %s", custody_hole_plain(number));
	custody_page_row_end(p, CUSTODY_GIVEN);
}

static void inputs(struct custody_page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	char bytes[CUSTODY_REPORT_COUNT];
	custody_page_table(p, "Given for this check");
	custody_page_row(p, "File");
	custody_page_foreign_str(p, CUSTODY_GIVEN, r->path ? r->path : "");
	if (r->has_package) {
		custody_page_word(p, N_(", "));
		custody_page_text(p, custody_report_bytes(r->size, p->words, bytes));
	}
	custody_page_row_end(p, CUSTODY_GIVEN);
	for (size_t i = 0; i < r->n_anchors; i++) {
		custody_page_row(p, "Anchor");
		custody_page_number(p, r->anchors[i].sha256);
		custody_page_put(p, "<br>");
		custody_page_phrase(p, "from %s",
			(struct custody_hole){
				.kind = CUSTODY_HOLE_FOREIGN, .source = CUSTODY_GIVEN, .text = r->anchors[i].from ? r->anchors[i].from : "" });
		custody_page_word(p, r->anchors_own_lab ? N_(" (your own lab; nobody else's were given)") : "");
		custody_page_row_end(p, CUSTODY_GIVEN);
	}
	if (r->n_anchors == 0) {
		custody_page_row(p, "Anchors");
		custody_page_word(p, N_("none"));
		custody_page_row_end(p, CUSTODY_GIVEN);
	}
	record_inputs(p, r);
	custody_page_row(p, "Judged as at");
	if (r->at_chosen)
		custody_page_phrase(p, "%s, chosen by the user", custody_hole_local(custody_report_judged_at(r)));
	else
		custody_page_phrase(p, "%s, the clock of this computer", custody_hole_local(custody_report_judged_at(r)));
	custody_page_row_end(p, CUSTODY_GIVEN);
	custody_page_row(p, "Policy");
	custody_page_word(p, N_("none"));
	custody_page_row_end(p, CUSTODY_GIVEN);
	custody_page_row(p, "Program");
	custody_page_shown(p, CUSTODY_GIVEN, context->tool);
	for (size_t i = 0; i < context->n_libraries; i++) {
		custody_page_word(p, i ? N_(", ") : N_(", with "));
		custody_page_shown(p, CUSTODY_GIVEN, context->libraries[i].name);
		custody_page_put(p, " ");
		custody_page_shown(p, CUSTODY_GIVEN, context->libraries[i].version);
	}
	custody_page_row_end(p, CUSTODY_GIVEN);
	custody_page_text_row(p, "Not journalled", r->not_journalled != NULL, r->not_journalled ? r->not_journalled : "", CUSTODY_GIVEN);
	custody_page_table_end(p);
}

/* The same report as a program reads it: whoever has that file can match it with this paper (ADM-92). */
static void json_digest(struct custody_page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	CUSTODY_BUF_CLEAN struct custody_buf json;
	uint8_t digest[32];
	custody_buf_init(&json, SIZE_MAX);
	if (!p->failed)
		p->failed =
			custody_report_json(&json, r, context, p->err) || custody_digest_once(CUSTODY_SHA256, json.data, json.len, digest, p->err);
	if (p->failed)
		return;
	custody_page_put(p, "<p>");
	custody_page_word(p, N_("SHA-256 of this report as JSON, as the same run prints it with --json:"));
	custody_page_put(p, " ");
	custody_page_number(p, digest);
	custody_page_put(p, "</p>\n");
}

static void by_hand(struct custody_page *p, const struct custody_report *r)
{
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, SIZE_MAX);
	if (!p->failed)
		p->failed = custody_report_by_hand(&text, r, p->words, p->err) != 0;
	if (text.len == 0)
		return;
	custody_page_heading(p, "To repeat this by hand, without this program");
	custody_page_put(p, "<pre>");
	custody_page_text(p, custody_buf_str(&text));
	custody_page_put(p, "</pre>\n");
}

void custody_report_html_annex(struct custody_page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	page_head(p, r, "The claims, and the words");
	ladder(p, r);
	glossary(p);
	custody_since(p, r);
	custody_page_put(p, "</section>\n");
	page_head(p, r, "Annex for experts");
	seal_table(p, r);
	stated(p, r);
	request(p, r);
	stated_by_others(p, r);
	inputs(p, r, context);
	findings_in_full(p, r);
	by_hand(p, r);
	json_digest(p, r, context);
	custody_page_put(p, "</section>\n");
}
