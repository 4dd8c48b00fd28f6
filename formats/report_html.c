/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report on paper: page one for a judge, then what an expert needs. One file: no script, no picture, nothing from elsewhere, and a policy in it that forbids all
 * of that but its own style sheet, by digest. Its sentences are those of report_words.c.
 *
 * No byte reaches the file but through put() (markup of this file), esc() (text of ours) or foreign() and shown() (anything else: display form first, then the
 * five characters of HTML). Each statement says where it comes from: measured now, recorded in the package, or given for this run (ADM-98).
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/html.h"
#include "formats/qr.h"
#include "formats/report.h"
#include "formats/report_claims.h"
#include "formats/report_record.h"
#include "formats/report_request.h"
#include "formats/report_words.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"

/* Legible in black and white, on A4 and Letter, and by a screen reader: nothing is said by colour, border or place alone. */
static const char style[] =
	"@page{margin:13mm 15mm 15mm;@bottom-right{content:'page ' counter(page) ' of ' counter(pages);font:7.5pt 'DejaVu Sans',Arial,sans-serif}"
	"@bottom-left{content:'Check code ' string(code);font:7.5pt 'DejaVu Sans',Arial,sans-serif}}"
	"body{font:15px/1.38 'DejaVu Serif',Georgia,'Times New Roman',serif;color:#000;background:#fff;max-width:52rem;margin:1rem auto;padding:0 "
	"1rem;"
	"overflow-wrap:anywhere}"
	"h1{font-size:1.25em;margin:0 0 .3em}h2{font-size:1.02em;margin:.75em 0 .25em;border-bottom:1px solid #000}h3{font-size:1em;margin:.6em 0 "
	".1em}"
	"p,ul,ol{margin:.25em 0}ul,ol{padding-left:1.3em}"
	"header p{font-size:.86em}.sentence::first-letter,.what::first-letter{text-transform:uppercase}"
	".verdict{padding:.45em .8em;margin:.5em 0}.verdict p{margin:.15em 0}.verdict::after{content:'';display:block;clear:both}"
	".verdict .word{font-size:1.7em;font-weight:bold;letter-spacing:.03em}.verdict .conclusion{font-size:1.08em;font-weight:bold}"
	".valid{border:3px solid #000}.invalid{border:8px double #000}.indeterminate{border:4px dashed #000}.none{border:4px dotted #000}"
	"table{border-collapse:collapse;width:100%;font-size:.93em}"
	"caption{text-align:left;font-weight:bold}"
	"th,td{text-align:left;vertical-align:top;padding:.12em .45em .12em 0;border-bottom:1px solid #999}"
	"thead th{border-bottom:2px solid #000}th[scope=row]{font-weight:normal;white-space:nowrap;padding-right:.9em}"
	"td.res{white-space:nowrap}td.src{white-space:nowrap;text-align:right;padding-right:0}"
	".tag{font:.74em/1.2 'DejaVu Sans',Arial,sans-serif;padding:0 .35em;white-space:nowrap}"
	".t-m{border:2px solid #000}.t-r{border:1px dashed #000;font-style:italic}.t-g{border-bottom:2px dotted #000}"
	".r{font-style:italic}.g,.n,pre{font-family:'DejaVu Sans Mono','Courier New',monospace}.g,.n{font-size:.88em}"
	".three{display:table;table-layout:fixed;width:100%;font-size:.9em}.three>div{display:table-cell;padding-right:1em}.three "
	"h3{margin-top:.2em}.three "
	"ul{list-style:none;padding:0}"
	".three li{margin:.15em 0;padding-left:1.1em;text-indent:-1.1em}"
	".say{border-left:4px solid #000;padding-left:.7em;font-size:.92em}"
	"pre{font-size:.72em;white-space:pre-wrap;border:1px solid #999;padding:.5em}"
	"section.page{border-top:3px solid #000;margin-top:1.5em;padding-top:.5em}"
	"dl{margin:.2em 0;font-size:.92em}dt{font-weight:bold;margin-top:.25em}dd{margin:0 0 0 1.2em}"
	"@media print{body{font-size:9pt;margin:0;padding:0;max-width:none;line-height:1.3}section.page{break-before:page;border:0;margin:0}"
	"tr,.verdict,dt,h2,h3{break-inside:avoid}h2,h3{break-after:avoid}}"
	"@media screen and (max-width:40rem){.three,.three>div{display:block}}" CUSTODY_QR_STYLE;

enum source { MEASURED, RECORDED, GIVEN };

/* The page under way. After a failure nothing more is appended; the caller looks once, at the end. */
struct page {
	struct custody_buf *out;
	struct custody_error *err;
	bool failed;
};

static void put(struct page *p, const char *markup)
{
	if (!p->failed)
		p->failed = custody_buf_append_str(p->out, markup, p->err) != 0;
}

static void esc(struct page *p, const char *text)
{
	struct custody_html h = { p->out, p->err, p->failed };
	custody_html_text(&h, text);
	p->failed = h.failed;
}

/* Our own words, with numbers and dates in them; nothing foreign. */
static void say(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct page *p, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	esc(p, text);
}

/* Foreign bytes, in an element that keeps a script written from right to left from turning what stands beside it. */
static void foreign(struct page *p, enum source source, const void *bytes, size_t n)
{
	static const char *const open[] = { "<bdi class=\"m\">", "<bdi class=\"r\">", "<bdi class=\"g\">" };
	char name[CUSTODY_REPORT_NAME];
	put(p, open[source]);
	esc(p, custody_display(bytes, n, name, sizeof(name)));
	put(p, "</bdi>");
}

static void foreign_str(struct page *p, enum source source, const char *text)
{
	foreign(p, source, text, strlen(text));
}

/* Text made for showing (a certificate's name, a detail): what is unsafe in it all the same is escaped. */
static void shown(struct page *p, enum source source, const char *text)
{
	static const char *const open[] = { "<bdi class=\"m\">", "<bdi class=\"r\">", "<bdi class=\"g\">" };
	CUSTODY_BUF_CLEAN struct custody_buf safe;
	custody_buf_init(&safe, 64 * CUSTODY_ERROR_TEXT);
	if (!p->failed)
		p->failed = custody_report_append_shown(&safe, text, p->err) != 0;
	put(p, open[source]);
	esc(p, custody_buf_str(&safe));
	put(p, "</bdi>");
}

static void number(struct page *p, const uint8_t sha256[32])
{
	char text[80];
	put(p, "<span class=\"n\">");
	esc(p, custody_report_in_fours(sha256, text));
	put(p, "</span>");
}

static void date(struct page *p, struct custody_time t)
{
	char text[CUSTODY_REPORT_DATE];
	esc(p, custody_report_date(t, text));
}

/* With the local time of this computer beside it (ADM-88). */
static void date_local(struct page *p, const struct custody_report *r, struct custody_time t)
{
	CUSTODY_BUF_CLEAN struct custody_buf local;
	custody_buf_init(&local, 256);
	date(p, t);
	if (!p->failed)
		p->failed = custody_report_append_local(&local, r, t, p->err) != 0;
	esc(p, custody_buf_str(&local));
}

static void count(struct page *p, uint64_t v, const char *one, const char *many)
{
	char n[32];
	say(p, "%s %s", custody_report_grouped(v, n), v == 1 ? one : many);
}

/* A line of a table: label, what is said (between begin and end), and whose word it is. */
static void row(struct page *p, const char *label)
{
	put(p, "<tr><th scope=\"row\">");
	esc(p, label);
	put(p, "</th><td>");
}

static void tag(struct page *p, enum source source)
{
	static const char *const tags[] = { "<span class=\"tag t-m\">measured</span>", "<span class=\"tag t-r\">recorded</span>",
		"<span class=\"tag t-g\">given</span>" };
	put(p, tags[source]);
}

static void row_end(struct page *p, enum source source)
{
	put(p, "</td><td class=\"src\">");
	tag(p, source);
	put(p, "</td></tr>\n");
}

static void table(struct page *p, const char *caption)
{
	put(p, "<table><caption>");
	esc(p, caption);
	put(p, "</caption><tbody>\n");
}

static void table_end(struct page *p)
{
	put(p, "</tbody></table>\n");
}

static void heading(struct page *p, const char *text)
{
	put(p, "<h2>");
	esc(p, text);
	put(p, "</h2>\n");
}

/* ---- page one ---- */

static void head_of_file(struct page *p, const struct custody_report *r)
{
	struct custody_html h = { p->out, p->err, p->failed };
	char title[64];
	snprintf(title, sizeof(title), "Verification report: %s", custody_report_word(r->verdict));
	custody_html_begin(&h, "en", title, style);
	p->failed = h.failed;
}

static void claimed(struct page *p, const char *text)
{
	if (text && *text)
		foreign_str(p, RECORDED, text);
	else
		esc(p, "not stated");
}

static void title(struct page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	put(p, "<header><h1>Verification report on a sealed package</h1>\n<p>Made on ");
	date_local(p, r, (struct custody_time){ r->evaluated_at.sec, 0 });
	put(p, r->at_chosen ? " (a time that the user chose) by " : ", by the clock of this computer, by ");
	shown(p, GIVEN, context->tool);
	put(p, ". Each statement is marked: ");
	tag(p, MEASURED);
	put(p, " from the bytes, now; ");
	tag(p, RECORDED);
	put(p, " stated in the package by whoever sealed it; ");
	tag(p, GIVEN);
	put(p, " by whoever ran this check.</p></header>\n");
}

/* Which file this paper is about (ADM-93): for a camera, and for two people at a table. */
static void code(struct page *p, const struct custody_report *r)
{
	struct custody_html h = { p->out, p->err, p->failed };
	if (!r->has_package)
		return;
	custody_qr_put(&h, r->sha256);
	p->failed = h.failed;
}

static void verdict(struct page *p, const struct custody_report *r)
{
	static const struct {
		const char *open, *symbol;
	} boxes[] = {
		[CUSTODY_VERDICT_NONE] = { "none", "&#8211;" },
		[CUSTODY_VERDICT_INVALID] = { "invalid", "&#10007;" },
		[CUSTODY_VERDICT_INDETERMINATE] = { "indeterminate", "?" },
		[CUSTODY_VERDICT_VALID] = { "valid", "&#10003;" },
	};
	put(p, "<section class=\"verdict ");
	put(p, boxes[r->verdict].open);
	put(p, "\" aria-label=\"Result\">\n");
	code(p, r);
	put(p, "<p class=\"word\"><span aria-hidden=\"true\">");
	put(p, boxes[r->verdict].symbol);
	put(p, "</span> ");
	esc(p, custody_report_word(r->verdict));
	put(p, "</p>\n<p class=\"sentence\">");
	if (r->at_chosen && r->verdict != CUSTODY_VERDICT_NONE) {
		put(p, "As at ");
		date(p, custody_report_judged_at(r));
		put(p, ", chosen by the user: ");
	}
	esc(p, custody_report_sentence(r->verdict));
	put(p, "</p>\n<p class=\"conclusion\">");
	if (!p->failed) {
		CUSTODY_BUF_CLEAN struct custody_buf text;
		custody_buf_init(&text, CUSTODY_LIMIT_REPORT);
		p->failed = custody_report_conclusion(&text, r, p->err) != 0;
		esc(p, custody_buf_str(&text));
	}
	put(p, "</p>\n</section>\n");
}

static void which_package(struct page *p, const struct custody_report *r)
{
	row(p, "File");
	foreign_str(p, GIVEN, r->path ? r->path : "");
	row_end(p, GIVEN);
	if (r->has_package) {
		row(p, "Package number");
		number(p, r->sha256);
		put(p, r->has_expected ? "<br>" : "<br>Compare it with the number on the form; it is the SHA-256 of the file.");
		if (r->has_expected)
			esc(p, memcmp(r->sha256, r->expected, 32) == 0 ? "It is the number that was expected."
								       : "It is NOT the number that was expected, which is:");
		row_end(p, MEASURED);
	}
	if (r->has_package && r->has_expected && memcmp(r->sha256, r->expected, 32) != 0) {
		row(p, "Number expected");
		number(p, r->expected);
		row_end(p, GIVEN);
	}
	if (!r->has_sealfile)
		return;
	row(p, "Case, exhibit");
	claimed(p, r->case_id);
	put(p, ", ");
	claimed(p, r->exhibit);
	row_end(p, RECORDED);
}

static bool group_passed(const struct custody_report *r, enum custody_group group)
{
	return r->groups[group] == CUSTODY_RESULT_PASS || r->groups[group] == CUSTODY_RESULT_OWN_WORD;
}

/* Who vouches for the name, from when to when (ADM-89). */
static void issued(struct page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	char from[CUSTODY_REPORT_DATE], until[CUSTODY_REPORT_DATE];
	if (!s->has_signer)
		return;
	row(p, "Certificate");
	put(p, "issued by ");
	shown(p, MEASURED, s->issuer);
	say(p, "; valid from %.*s to %.*s, ", (int)strcspn(custody_report_date(s->valid_from, from), ","), from,
		(int)strcspn(custody_report_date(s->valid_until, until), ","), until);
	esc(p, custody_report_standing(r));
	row_end(p, MEASURED);
}

static void who(struct page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	row(p, "Sealed by");
	if (!s->has_signer) {
		put(p, "cannot be said; no certificate of a signer could be read");
	} else if (group_passed(r, CUSTODY_GROUP_SEAL)) {
		put(p, "<strong>");
		shown(p, MEASURED, s->signer_name);
		put(p, "</strong>, by the certificate of ");
		shown(p, MEASURED, s->signer);
		put(p, ", which leads to an authority that was given for this check");
	} else {
		put(p, "cannot be said; the certificate in the package names ");
		shown(p, MEASURED, s->signer);
	}
	row_end(p, MEASURED);
	issued(p, r);
	if (!r->has_sealfile)
		return;
	row(p, "Sealer states");
	claimed(p, r->sealer_name);
	put(p, ", ");
	claimed(p, r->sealer_organisation);
	row_end(p, RECORDED);
}

/* How far the sealer's clock was from the stamp. */
static void difference(struct page *p, const struct custody_report *r)
{
	int64_t seconds;
	char n[32];
	if (!r->seal.has_time || __builtin_sub_overflow(r->sealed.sec, r->seal.stated.sec, &seconds) || seconds == INT64_MIN)
		return;
	if (seconds == 0)
		put(p, ", in the same second as the time-stamp");
	else
		say(p, ", %s s %s the time-stamp", custody_report_grouped((uint64_t)(seconds < 0 ? -seconds : seconds), n),
			seconds < 0 ? "before" : "after");
}

static void when(struct page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	struct custody_time t;
	row(p, "Time");
	if (!s->has_time) {
		put(p, "not proven; no time-stamp could be read");
	} else if (custody_report_not_later_than(r, &t)) {
		put(p, "<strong>existed not later than ");
		date_local(p, r, t);
		put(p, "</strong>, proven by ");
		shown(p, MEASURED, s->authority);
	} else if (r->groups[CUSTODY_GROUP_TIME] == CUSTODY_RESULT_OWN_WORD) {
		date_local(p, r, s->stated);
		put(p, " is <strong>the laboratory&#39;s own word</strong>, by ");
		shown(p, MEASURED, s->authority);
		put(p, "; nothing independent proves it");
	} else {
		put(p, "<strong>not proven</strong>; the time-stamp states ");
		date_local(p, r, s->stated);
		put(p, ", by ");
		shown(p, MEASURED, s->authority);
	}
	if (s->has_time && s->has_accuracy)
		say(p, " (accuracy %" PRIu64 ".%03" PRIu64 " s, stated by the authority%s)", s->accuracy_ms / 1000, s->accuracy_ms % 1000,
			custody_report_not_later_than(r, &t) ? " and counted in" : "");
	else if (s->has_time)
		put(p, " (accuracy not stated by the authority)");
	row_end(p, MEASURED);
	if (!r->has_sealfile)
		return;
	row(p, "Sealer's clock");
	date_local(p, r, r->sealed);
	difference(p, r);
	row_end(p, RECORDED);
}

static void content(struct page *p, const struct custody_report *r)
{
	row(p, "Custody");
	esc(p, custody_report_result(r->groups[CUSTODY_GROUP_CUSTODY]));
	put(p, ": ");
	esc(p, custody_report_group(r, CUSTODY_GROUP_CUSTODY));
	row_end(p, MEASURED);
	if (!r->has_sealfile)
		return;
	row(p, "Content");
	count(p, r->items, "item", "items");
	put(p, ", ");
	count(p, r->bytes, "byte", "bytes");
	put(p, "; exceptions made when sealing: ");
	char n[32];
	esc(p, r->exceptions ? custody_report_grouped(r->exceptions, n) : "none");
	row_end(p, RECORDED);
}

/* ---- findings ---- */

/* What a finding does to the claim, in words (ADM-91). */
static const char *effect(const struct custody_finding_info *info)
{
	if (info->effect == CUSTODY_EFFECT_FAILS)
		return "voids";
	if (info->effect == CUSTODY_EFFECT_OPENS)
		return "leaves open";
	return info->severity == CUSTODY_SEVERITY_WARNING ? "weakens" : "note";
}

/* Calls each kind that was found, what weighs most first, at most `most`; gives how many kinds there are. */
static size_t each_finding(struct page *p, const struct custody_report *r, size_t most,
	void (*each)(struct page *p, const struct custody_report *r, enum custody_finding_id id))
{
	static const char *const order[] = { "voids", "leaves open", "weakens", "note" };
	size_t kinds = 0;
	for (size_t o = 0; o < sizeof(order) / sizeof(*order); o++) {
		for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
			if (r->findings.count[id] == 0 || strcmp(effect(custody_finding_get((enum custody_finding_id)id)), order[o]) != 0)
				continue;
			if (kinds++ < most)
				each(p, r, (enum custody_finding_id)id);
		}
	}
	return kinds;
}

/* Where it is: of what is wrong, the first item that it is wrong with (ADM-87). */
static void first_item(struct page *p, const struct custody_report *r, enum custody_finding_id id)
{
	if (custody_finding_get(id)->effect != CUSTODY_EFFECT_FAILS)
		return;
	for (size_t i = 0; i < r->findings.n; i++) {
		const struct custody_finding *f = &r->findings.list[i];
		if (f->id != id || !f->item)
			continue;
		put(p, r->findings.count[id] > 1 ? ", first in " : ", in ");
		foreign(p, RECORDED, f->item, f->item_len);
		return;
	}
}

static void finding_line(struct page *p, const struct custody_report *r, enum custody_finding_id id)
{
	const struct custody_finding_info *info = custody_finding_get(id);
	put(p, "<li><strong>");
	esc(p, effect(info));
	put(p, ":</strong> ");
	esc(p, info->text);
	if (r->findings.count[id] > 1) {
		char n[32];
		say(p, " (%s times)", custody_report_grouped(r->findings.count[id], n));
	}
	put(p, " <span class=\"n\">");
	esc(p, info->id);
	put(p, "</span>");
	first_item(p, r, id);
	put(p, "</li>\n");
}

#define ON_PAGE_ONE 4

static void findings_in_short(struct page *p, const struct custody_report *r)
{
	heading(p, "What was found, what weighs most first");
	put(p, "<ul>\n");
	size_t kinds = each_finding(p, r, ON_PAGE_ONE, finding_line);
	put(p, "</ul>\n<p>");
	if (kinds == 0)
		say(p, "Nothing: none of the %d kinds of finding that this program knows.", (int)CUSTODY_FINDING_COUNT);
	else if (kinds > ON_PAGE_ONE)
		say(p, "And %zu more kinds, below.", kinds - ON_PAGE_ONE);
	if (r->findings.out_of_memory)
		put(p, " Some findings could not be kept for want of memory.");
	put(p, "</p>\n");
}

/* ---- checked, not checked, cannot be checked ---- */

static void checked_line(struct page *p, const struct custody_report *r, enum custody_group group, const char *symbol)
{
	put(p, "<li><span aria-hidden=\"true\">");
	put(p, symbol);
	put(p, "</span> <strong>");
	esc(p, custody_group_name(group));
	put(p, ", ");
	esc(p, custody_report_result(r->groups[group]));
	put(p, ":</strong> ");
	esc(p, custody_report_group(r, group));
	put(p, "</li>\n");
}

/* What was compared beyond the groups: digests that others stated, the request. These are claims of the ladder; true if this one was looked at. */
static bool compared(struct page *p, const struct custody_report *r, size_t i, const char *what)
{
	static const char *const symbols[] = { [CUSTODY_RUNG_HOLDS] = "&#10003;", [CUSTODY_RUNG_FAILS] = "&#10007;", [CUSTODY_RUNG_NOT_SHOWN] = "?" };
	struct custody_report_rung rung;
	if (!custody_report_rung(r, i, &rung) || rung.result > CUSTODY_RUNG_NOT_SHOWN)
		return false;
	put(p, "<li><span aria-hidden=\"true\">");
	put(p, symbols[rung.result]);
	put(p, "</span> <strong>");
	esc(p, what);
	put(p, ", ");
	esc(p, custody_report_rung_result_name(rung.result));
	put(p, ":</strong> ");
	esc(p, rung.why);
	put(p, "</li>\n");
	return true;
}
#define RUNG_SENDER 6 /* "g. the content equals the sender's own digests or signature" */
#define RUNG_REQUEST 7 /* "h. the content is inside the scope of the request" */

/* The box that nothing switches off (ADM-90). What was not looked at never stands under "checked". */
static void limits(struct page *p, const struct custody_report *r)
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
	put(p, "<section class=\"three\" aria-label=\"Checked, not checked, cannot be checked\">\n<div><h3>Checked</h3><ul>\n");
	for (int g = 0; g < CUSTODY_GROUP_STATEMENTS; g++)
		if (r->groups[g] >= CUSTODY_RESULT_INDETERMINATE)
			checked_line(p, r, (enum custody_group)g, symbols[r->groups[g]]);
	const bool sender = compared(p, r, RUNG_SENDER, "digests that others stated");
	const bool request = compared(p, r, RUNG_REQUEST, "request and return");
	put(p, "</ul></div>\n<div><h3>Not checked</h3><ul>\n");
	for (int g = 0; g < CUSTODY_GROUP_STATEMENTS; g++)
		if (r->groups[g] < CUSTODY_RESULT_INDETERMINATE)
			checked_line(p, r, (enum custody_group)g, symbols[r->groups[g]]);
	put(p, "<li><span aria-hidden=\"true\">&#8211;</span> ");
	put(p, sender ? "signatures of the sender; " : "digests or signatures of the sender; ");
	put(p, request ? "whether the content itself is inside the scope of the request; " : "the scope of the request; ");
	put(p, "the lawfulness of either; known defects of the program that sealed</li>\n</ul></div>\n"
	       "<div><h3>Cannot be checked by this</h3><ul>\n");
	for (size_t i = 0; (line = custody_report_not_proven(r, i)) != NULL; i++) {
		put(p, "<li><span aria-hidden=\"true\">&#183;</span> ");
		esc(p, line);
		put(p, "</li>\n");
	}
	put(p, "</ul></div>\n</section>\n");
}

static void does_not_say(struct page *p)
{
	heading(p, "What this report does not say");
	put(p, "<p class=\"say\">");
	esc(p, custody_report_does_not_say);
	put(p, "</p>\n");
}

static void in_short(struct page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	heading(p, "How to repeat this");
	put(p, "<ol><li>Compute the SHA-256 of the file with any program, and compare it with the number on the form.</li>\n"
	       "<li>Get the laboratory&#39;s signers.pem and tsas.pem by another way than the package.</li>\n"
	       "<li>Follow the commands in the annex with unzip, sha256sum and openssl, or run ");
	shown(p, GIVEN, context->tool);
	if (r->n_anchors == 0)
		put(p, "; no anchor of trust and no policy was given this time");
	else
		say(p, " with the %zu %s in the annex; no policy was given", r->n_anchors, r->n_anchors == 1 ? "anchor" : "anchors");
	put(p, ".</li></ol>\n");
}

/* ---- page two ---- */

static void page_head(struct page *p, const struct custody_report *r, const char *title)
{
	put(p, "<section class=\"page\">\n<h2>");
	esc(p, title);
	put(p, "</h2>\n");
	if (r->has_package) {
		put(p, "<p>of the package ");
		number(p, r->sha256);
		put(p, "</p>\n");
	}
}

static void ladder(struct page *p, const struct custody_report *r)
{
	struct custody_report_rung rung;
	put(p, "<table><caption>What is claimed, step by step; each step has a result of its own</caption>\n<thead><tr><th scope=\"col\">Claim</th>"
	       "<th scope=\"col\">Result</th><th scope=\"col\">Rests on</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; custody_report_rung(r, i, &rung); i++) {
		put(p, "<tr><td>");
		say(p, "%c. ", (char)('a' + (int)i));
		esc(p, rung.claim);
		put(p, "</td><td class=\"res\"><strong>");
		esc(p, custody_report_rung_result_name(rung.result));
		put(p, "</strong></td><td>");
		esc(p, rung.why);
		put(p, "</td></tr>\n");
	}
	table_end(p);
	put(p, "<p>Never determined by this program: whether the content is true, who wrote it, what happened before receipt, completeness at the "
	       "source, "
	       "and whether it was obtained lawfully.</p>\n");
}

static void glossary(struct page *p)
{
	static const char *const terms[][2] = {
		{ "sealed package", "One file that holds the evidence, lists of it, and a seal over the lists." },
		{ "seal", "Two digital signatures with time-stamps. A change of one bit in what they cover makes them fail." },
		{ "digest, SHA-256", "A number computed from all bytes of a file. Nobody knows how to make two files with the same one." },
		{ "package number", "The SHA-256 of the whole package; it is written on the form." },
		{ "certificate", "A statement, signed by an authority, of whose key a key is." },
		{ "anchor", "The certificate of an authority that whoever runs this check chose to trust." },
		{ "time-stamp", "A statement, signed by a time-stamp authority, that something existed at a time." },
		{ "own word", "A time that only the laboratory states. It may be right; nothing else speaks for it." },
		{ "revocation", "The withdrawal of a certificate, for instance because a key was stolen." },
		{ "custody record", "Signed entries on who held the package since it was sealed." },
		{ "finding", "Something wrong, missing, or worth saying, with a permanent name." },
		{ "exception", "A source file that changed or could not be read while being sealed, and was accepted so." },
	};
	heading(p, "Words used");
	put(p, "<dl>\n");
	for (size_t i = 0; i < sizeof(terms) / sizeof(*terms); i++) {
		put(p, "<dt>");
		esc(p, terms[i][0]);
		put(p, "</dt><dd>");
		esc(p, terms[i][1]);
		put(p, "</dd>\n");
	}
	put(p, "</dl>\n");
}

/* ---- the annex ---- */

static bool same_item(const struct custody_finding *a, const struct custody_finding *b)
{
	return a && a->item && b->item && a->item_len == b->item_len && memcmp(a->item, b->item, a->item_len) == 0;
}

static void finding_items(struct page *p, const struct custody_report *r, enum custody_finding_id id)
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
			put(p, "<li>");
		if (f->item && !again) {
			put(p, "item ");
			foreign(p, RECORDED, f->item, f->item_len);
			put(p, f->detail && *f->detail ? ": " : "");
		}
		if (f->detail && *f->detail)
			shown(p, MEASURED, f->detail);
		if ((f->item && !again) || (f->detail && *f->detail))
			put(p, "</li>\n");
		last = f;
	}
	if (r->findings.count[id] > met && met > 0) {
		char n[32];
		put(p, "<li>and ");
		say(p, "%s more of this kind; the JSON report lists up to a thousand", custody_report_grouped(r->findings.count[id] - met, n));
		put(p, "</li>\n");
	}
}

static void finding_in_full(struct page *p, const struct custody_report *r, enum custody_finding_id id)
{
	const struct custody_finding_info *info = custody_finding_get(id);
	put(p, "<h3>");
	esc(p, info->id);
	put(p, "</h3>\n<p class=\"what\">");
	esc(p, info->text);
	say(p, ". Effect on the claim: %s (%s, group %s%s%s). What to do: ", effect(info), custody_severity_name(info->severity),
		custody_group_name(info->group), info->etsi[0] ? ", ETSI " : "", info->etsi);
	esc(p, info->action);
	put(p, ".</p>\n<ul>\n");
	finding_items(p, r, id);
	put(p, "</ul>\n");
}

static void findings_in_full(struct page *p, const struct custody_report *r)
{
	heading(p, "Findings in full");
	if (each_finding(p, r, CUSTODY_FINDING_COUNT, finding_in_full) == 0)
		put(p, "<p>None.</p>\n");
}

static void digest_row(struct page *p, const char *label, bool there, const uint8_t sha256[32], enum source source)
{
	if (!there)
		return;
	row(p, label);
	number(p, sha256);
	row_end(p, source);
}

static void time_row(struct page *p, const char *label, bool there, struct custody_time t, enum source source)
{
	if (!there)
		return;
	row(p, label);
	date(p, t);
	row_end(p, source);
}

static void text_row(struct page *p, const char *label, bool there, const char *text, enum source source)
{
	if (!there)
		return;
	row(p, label);
	shown(p, source, text);
	row_end(p, source);
}

static void seal_table(struct page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	const char *level = custody_report_level(r);
	if (!r->has_seal)
		return;
	table(p, "Seal");
	row(p, "Level");
	put(p, "CAdES ");
	esc(p, level ? level : "less than B-T");
	row_end(p, MEASURED);
	text_row(p, "Signer", s->has_signer, s->signer, MEASURED);
	digest_row(p, "Certificate, SHA-256", s->has_signer, s->certificate_sha256, MEASURED);
	digest_row(p, "Leads to anchor", s->has_anchor, s->anchor_sha256, MEASURED);
	time_row(p, "Signing time", s->has_claimed, s->claimed, RECORDED);
	text_row(p, "Time-stamp by", s->has_time, s->authority, MEASURED);
	digest_row(p, "Its certificate", s->has_time, s->authority_sha256, MEASURED);
	digest_row(p, "Leads to anchor", s->has_authority_anchor, s->authority_anchor_sha256, MEASURED);
	time_row(p, "Time in the stamp", s->has_time, s->stated, MEASURED);
	row(p, "Revocation");
	if (s->has_revocation_until) {
		put(p, "known up to ");
		date(p, s->revocation_known_until);
		put(p, ", not beyond");
	} else {
		put(p, "not known: nothing says whether a certificate was withdrawn");
	}
	row_end(p, MEASURED);
	table_end(p);
}

static void stated(struct page *p, const struct custody_report *r)
{
	if (!r->has_sealfile)
		return;
	const struct {
		const char *label, *text;
	} rows[] = {
		{ "Case", r->case_id },
		{ "Exhibit", r->exhibit },
		{ "Sealer", r->sealer_name },
		{ "Role", r->sealer_role },
		{ "Organisation", r->sealer_organisation },
		{ "Package id", r->uuid },
		{ "Program that sealed", r->tool_name },
		{ "Its version", r->tool_version },
	};
	table(p, "Stated in the package by whoever sealed it, as claimed");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		row(p, rows[i].label);
		claimed(p, rows[i].text);
		row_end(p, RECORDED);
	}
	time_row(p, "Sealed", true, r->sealed, RECORDED);
	table_end(p);
}

static void claims_buf(struct page *p, const char *label, const struct custody_buf *text, enum source from)
{
	row(p, label);
	shown(p, from, custody_buf_str(text));
	row_end(p, from);
}

static void stated_by_others(struct page *p, const struct custody_report *r)
{
	if (!r->claims.there)
		return;
	table(p, "Digests stated by others, as the laboratory took them in; compared now");
	for (size_t i = 0; i < r->claims.n_sources; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf text = { .max = SIZE_MAX };
		p->failed = p->failed || custody_report_claims_source(&text, &r->claims.sources[i], p->err);
		claims_buf(p, "List", &text, RECORDED);
		row(p, "Its SHA-256");
		number(p, r->claims.sources[i].sha256);
		row_end(p, RECORDED);
	}
	CUSTODY_BUF_CLEAN struct custody_buf sum = { .max = SIZE_MAX };
	p->failed = p->failed || custody_report_claims_sum(&sum, r, p->err);
	claims_buf(p, "Result", &sum, MEASURED);
	table_end(p);
}

static int request_row(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err)
{
	struct page *p = ctx;
	(void)err;
	row(p, label);
	shown(p, measured ? MEASURED : RECORDED, text);
	row_end(p, measured ? MEASURED : RECORDED);
	return p->failed ? -1 : 0;
}

static void request(struct page *p, const struct custody_report *r)
{
	if (!r->request.there)
		return;
	table(p, "The request, as stated in the package; not checked");
	p->failed = p->failed || custody_report_request_rows(r, request_row, p, p->err);
	table_end(p);
}

static int record_row(void *ctx, const char *label, const char *text, struct custody_error *err)
{
	struct page *p = ctx;
	(void)err;
	row(p, label);
	shown(p, RECORDED, text);
	row_end(p, RECORDED);
	return p->failed ? -1 : 0;
}

static void custody_since(struct page *p, const struct custody_report *r)
{
	if (!r->has_record)
		return;
	table(p, "Custody since sealing, as the custody record tells it; the group custody says whether it holds");
	p->failed = p->failed || custody_report_record_rows(r, record_row, p, p->err);
	table_end(p);
}

static void inputs(struct page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	table(p, "Given for this check");
	row(p, "File");
	foreign_str(p, GIVEN, r->path ? r->path : "");
	if (r->has_package) {
		put(p, ", ");
		count(p, r->size, "byte", "bytes");
	}
	row_end(p, GIVEN);
	for (size_t i = 0; i < r->n_anchors; i++) {
		row(p, "Anchor");
		number(p, r->anchors[i].sha256);
		put(p, "<br>from ");
		foreign_str(p, GIVEN, r->anchors[i].from ? r->anchors[i].from : "");
		put(p, r->anchors_own_lab ? " (your own lab; nobody else&#39;s were given)" : "");
		row_end(p, GIVEN);
	}
	if (r->n_anchors == 0) {
		row(p, "Anchors");
		put(p, "none");
		row_end(p, GIVEN);
	}
	row(p, "Judged as at");
	date_local(p, r, custody_report_judged_at(r));
	put(p, r->at_chosen ? ", chosen by the user" : ", the clock of this computer");
	row_end(p, GIVEN);
	row(p, "Policy");
	put(p, "none");
	row_end(p, GIVEN);
	row(p, "Program");
	shown(p, GIVEN, context->tool);
	for (size_t i = 0; i < context->n_libraries; i++) {
		put(p, i ? ", " : ", with ");
		shown(p, GIVEN, context->libraries[i].name);
		put(p, " ");
		shown(p, GIVEN, context->libraries[i].version);
	}
	row_end(p, GIVEN);
	text_row(p, "Not journalled", r->not_journalled != NULL, r->not_journalled ? r->not_journalled : "", GIVEN);
	table_end(p);
}

/* The same report as a program reads it: whoever has that file can match it with this paper (ADM-92). */
static void json_digest(struct page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	CUSTODY_BUF_CLEAN struct custody_buf json;
	uint8_t digest[32];
	custody_buf_init(&json, SIZE_MAX);
	if (!p->failed)
		p->failed =
			custody_report_json(&json, r, context, p->err) || custody_digest_once(CUSTODY_SHA256, json.data, json.len, digest, p->err);
	if (p->failed)
		return;
	put(p, "<p>SHA-256 of this report as JSON, as the same run prints it with --json: ");
	number(p, digest);
	put(p, "</p>\n");
}

static void by_hand(struct page *p, const struct custody_report *r)
{
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, SIZE_MAX);
	if (!p->failed)
		p->failed = custody_report_by_hand(&text, r, p->err) != 0;
	if (text.len == 0)
		return;
	heading(p, "To repeat this by hand, without this program");
	put(p, "<pre>");
	esc(p, custody_buf_str(&text));
	put(p, "</pre>\n");
}

static void not_judged(struct page *p, const struct custody_report *r)
{
	table(p, "Why");
	row(p, "File");
	foreign_str(p, GIVEN, r->path ? r->path : "");
	row_end(p, GIVEN);
	text_row(p, "Failure", true, r->failure ? r->failure : "not known", MEASURED);
	table_end(p);
}

static void judged(struct page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	put(p, r->verdict == CUSTODY_VERDICT_INVALID ? "<h2>Who and when, as the seal has it; the verdict is INVALID</h2>\n" : "");
	table(p, "The package and its seal");
	which_package(p, r);
	who(p, r);
	when(p, r);
	content(p, r);
	table_end(p);
	findings_in_short(p, r);
	limits(p, r);
	does_not_say(p);
	in_short(p, r, context);
	page_head(p, r, "The claims, and the words");
	custody_since(p, r);
	ladder(p, r);
	glossary(p);
	put(p, "</section>\n");
	page_head(p, r, "Annex for experts");
	seal_table(p, r);
	stated(p, r);
	request(p, r);
	stated_by_others(p, r);
	inputs(p, r, context);
	findings_in_full(p, r);
	by_hand(p, r);
	json_digest(p, r, context);
	put(p, "</section>\n");
}

int custody_report_html(
	struct custody_buf *out, const struct custody_report *r, const struct custody_report_context *context, struct custody_error *err)
{
	struct page p = { out, err, false };
	head_of_file(&p, r);
	title(&p, r, context);
	verdict(&p, r);
	if (r->verdict == CUSTODY_VERDICT_NONE) {
		not_judged(&p, r);
		does_not_say(&p);
	} else {
		judged(&p, r, context);
	}
	put(&p, "</main>\n</body>\n</html>\n");
	return p.failed ? -1 : 0;
}
