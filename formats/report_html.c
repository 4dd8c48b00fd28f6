/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report on paper: page one for a judge, then what an expert needs. One file: no script, no picture, nothing from elsewhere, and a policy in it that forbids all
 * of that but its own style sheet, by digest. Its sentences are those of report_words.c.
 *
 * No byte reaches the file but through put() (markup of this file), esc() (text of ours that was composed), word() and phrase() (text of ours, put into the language of the
 * page) or foreign() and shown() (anything else: display form first, then the five characters of HTML). Each statement says where it comes from: measured now, recorded in the
 * package, or given for this run (ADM-98). What a language lacks stands in English and is marked so, for screen readers and for pages that run from right to left.
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
static const char style_page[] = "@page{margin:13mm 15mm 15mm;@bottom-right{content:'",
		  style_code[] = ";font:7.5pt 'DejaVu Sans',Arial,sans-serif}@bottom-left{content:'";
static const char style_rest[] =
	" ' string(code);font:7.5pt 'DejaVu Sans',Arial,sans-serif}}"
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
/* Sides change places; no letter stands apart from its neighbour; commands run from left to right. */
static const char style_right_to_left[] =
	"body{font-family:'Noto Naskh Arabic','Amiri','DejaVu Sans','Times New Roman',serif}.verdict .word{letter-spacing:0}"
	"caption,th,td{text-align:right}th,td{padding:.12em 0 .12em .45em}th[scope=row]{padding-right:0;padding-left:.9em}"
	"td.src{text-align:left;padding-left:0}ul,ol{padding-left:0;padding-right:1.3em}.three>div{padding-right:0;padding-left:1em}"
	".three ul{padding:0}.three li{padding-left:0;padding-right:1.1em}.say{border-left:0;padding-left:0;border-right:4px solid "
	"#000;padding-right:.7em}"
	"dd{margin:0 1.2em 0 0}pre{direction:ltr;text-align:left;unicode-bidi:plaintext}.qr{float:left;margin:0 .9em .2em 0}";

enum source { MEASURED, RECORDED, GIVEN };

/* The page under way. After a failure nothing more is appended; the caller looks once, at the end. */
struct page {
	struct custody_buf *out;
	struct custody_error *err;
	bool failed;
	const struct custody_report *r;
	const struct custody_words *words;
	const char *ltr; /* an attribute of what runs from left to right in every language */
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

/* A text of ours, in the language of the page. */
static const char *in(const struct page *p, const char *english)
{
	return custody_words_get(p->words, english);
}

static void esc_part(struct page *p, const char *text, size_t n)
{
	for (char part[256]; n > 0;) {
		size_t some = n < sizeof(part) ? n : sizeof(part) - 1;
		snprintf(part, sizeof(part), "%.*s", (int)some, text);
		esc(p, part);
		text += some;
		n -= some;
	}
}

/* n bytes of ours in the language of the page. Where that runs from right to left, the dashes of an option would change sides. */
static void own(struct page *p, const char *text, size_t n)
{
	const char *end = text + n;
	for (const char *dashes = text; *p->ltr && (dashes = memmem(dashes, (size_t)(end - dashes), "--", 2)) != NULL;) {
		size_t option = strspn(dashes, "-abcdefghijklmnopqrstuvwxyz");
		option = option < (size_t)(end - dashes) ? option : (size_t)(end - dashes);
		esc_part(p, text, (size_t)(dashes - text));
		put(p, "<span dir=\"ltr\">");
		esc_part(p, dashes, option);
		put(p, "</span>");
		text = dashes += option;
	}
	esc_part(p, text, (size_t)(end - text));
}

static void word(struct page *p, const char *english)
{
	bool lacking = !custody_words_have(p->words, english);
	const char *text = in(p, english);
	put(p, lacking ? "<span lang=\"en\" dir=\"ltr\">" : "");
	own(p, text, strlen(text));
	put(p, lacking ? "</span>" : "");
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

static void isolated(
	struct page *p, enum source source, const char *text, int append(struct custody_buf *out, const char *text, struct custody_error *err))
{
	static const char *const open[] = { "<bdi class=\"m\">", "<bdi class=\"r\">", "<bdi class=\"g\">" };
	CUSTODY_BUF_CLEAN struct custody_buf safe;
	custody_buf_init(&safe, 64 * CUSTODY_ERROR_TEXT);
	if (!p->failed)
		p->failed = append(&safe, text, p->err) != 0;
	put(p, open[source]);
	esc(p, custody_buf_str(&safe));
	put(p, "</bdi>");
}

/* Text made for showing (a certificate's name, a detail): what is unsafe in it all the same is escaped. */
static void shown(struct page *p, enum source source, const char *text)
{
	isolated(p, source, text, custody_report_append_shown);
}

/* A line of our words and of names in display form. */
static void composed(struct page *p, enum source source, const char *text)
{
	isolated(p, source, text, custody_report_append_composed);
}

static void number(struct page *p, const uint8_t sha256[32])
{
	char text[80];
	put(p, "<span class=\"n\"");
	put(p, p->ltr);
	put(p, ">");
	esc(p, custody_report_in_fours(sha256, text));
	put(p, "</span>");
}

/* The permanent name of a finding. */
static void finding_id(struct page *p, const char *id)
{
	put(p, "<span class=\"n\"");
	put(p, p->ltr);
	put(p, ">");
	esc(p, id);
	put(p, "</span>");
}

static void date(struct page *p, struct custody_time t)
{
	char text[CUSTODY_REPORT_DATE];
	esc(p, custody_report_date(t, p->words, text));
}

/* With the local time of this computer beside it (ADM-88). */
static void date_local(struct page *p, struct custody_time t)
{
	CUSTODY_BUF_CLEAN struct custody_buf local;
	custody_buf_init(&local, 512);
	date(p, t);
	if (!p->failed)
		p->failed = custody_report_append_local(&local, p->r, t, p->words, p->err) != 0;
	esc(p, custody_buf_str(&local));
}

static void tag(struct page *p, enum source source)
{
	static const char *const open[] = { "<span class=\"tag t-m\">", "<span class=\"tag t-r\">", "<span class=\"tag t-g\">" };
	static const char *const words[] = { N_("measured"), N_("recorded"), N_("given") };
	put(p, open[source]);
	word(p, words[source]);
	put(p, "</span>");
}

/* What fills a hole of a phrase. */
struct hole {
	enum { HOLE_PLAIN, HOLE_WORD, HOLE_SHOWN, HOLE_FOREIGN, HOLE_LOCAL, HOLE_DAY, HOLE_TAG } kind;
	enum source source;
	const char *text; /* plain: in the language of the page; word: English; the others foreign */
	struct custody_time time;
};

static struct hole hole_plain(const char *text)
{
	return (struct hole){ .kind = HOLE_PLAIN, .text = text };
}

static struct hole hole_word(const char *english)
{
	return (struct hole){ .kind = HOLE_WORD, .text = english };
}

static struct hole hole_shown(enum source source, const char *text)
{
	return (struct hole){ .kind = HOLE_SHOWN, .source = source, .text = text };
}

static struct hole hole_local(struct custody_time t)
{
	return (struct hole){ .kind = HOLE_LOCAL, .time = t };
}

static struct hole hole_day(struct custody_time t)
{
	return (struct hole){ .kind = HOLE_DAY, .time = t };
}

static struct hole hole_tag(enum source source)
{
	return (struct hole){ .kind = HOLE_TAG, .source = source };
}

static void fill(struct page *p, const struct hole *h)
{
	char day[CUSTODY_REPORT_DATE];
	switch (h->kind) {
	case HOLE_PLAIN:
		esc(p, h->text);
		break;
	case HOLE_WORD:
		word(p, h->text);
		break;
	case HOLE_SHOWN:
		shown(p, h->source, h->text);
		break;
	case HOLE_FOREIGN:
		foreign_str(p, h->source, h->text);
		break;
	case HOLE_LOCAL:
		date_local(p, h->time);
		break;
	case HOLE_DAY:
		esc(p, custody_report_day(h->time, p->words, day));
		break;
	case HOLE_TAG:
		tag(p, h->source);
		break;
	}
}

/* "%s" or "%2$s" at text: the number of bytes, and which hole; 0: neither. */
static size_t hole_at(const char *text, size_t next, size_t *which)
{
	if (strncmp(text, "%s", 2) == 0) {
		*which = next;
		return 2;
	}
	if (text[0] != '%' || text[1] < '1' || text[1] > '9' || strncmp(text + 2, "$s", 2) != 0)
		return 0;
	*which = (size_t)(text[1] - '1');
	return 4;
}

/*
 * A text of ours with holes, in the language of the page, which may have them in another order; what stands between two * weighs more. A hole that a translation
 * has too many stays empty: msgfmt refuses such a one.
 */
static void fill_phrase(struct page *p, const char *english, const struct hole *holes, size_t n)
{
	bool lacking = !custody_words_have(p->words, english), strong = false;
	size_t next = 0, which = 0, length;
	put(p, lacking ? "<span lang=\"en\" dir=\"ltr\">" : "");
	for (const char *c = in(p, english); *c; c += length) {
		length = hole_at(c, next, &which);
		if (length > 0) {
			next++;
			if (which < n)
				fill(p, &holes[which]);
		} else if (*c == '*') {
			strong = !strong;
			put(p, strong ? "<strong>" : "</strong>");
			length = 1;
		} else {
			length = strcspn(c + 1, "%*") + 1;
			own(p, c, length);
		}
	}
	put(p, lacking ? "</span>" : "");
}
#define phrase(p, english, ...) \
	fill_phrase(p, english, (const struct hole[]){ __VA_ARGS__ }, sizeof((const struct hole[]){ __VA_ARGS__ }) / sizeof(struct hole))

/* A line of a table: label, what is said (between begin and end), and whose word it is. */
static void row(struct page *p, const char *label)
{
	put(p, "<tr><th scope=\"row\">");
	word(p, label);
	put(p, "</th><td>");
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
	word(p, caption);
	put(p, "</caption><tbody>\n");
}

static void table_end(struct page *p)
{
	put(p, "</tbody></table>\n");
}

static void heading(struct page *p, const char *text)
{
	put(p, "<h2>");
	word(p, text);
	put(p, "</h2>\n");
}

/* ---- page one ---- */

static void style_piece(struct page *p, struct custody_buf *out, const char *piece)
{
	if (!p->failed)
		p->failed = custody_buf_append_str(out, piece, p->err) != 0;
}

/* At most n bytes of a text, inside quotes of a style sheet. */
static void css(struct page *p, struct custody_buf *out, const char *text, size_t n)
{
	for (; n > 0 && *text && !p->failed; text++, n--)
		p->failed = (strchr("'\\<\n", *text) ? custody_buf_printf(out, p->err, "\\%x ", (unsigned)(uint8_t)*text)
						     : custody_buf_append_byte(out, (uint8_t)*text, p->err)) != 0;
}

static void style_of_page(struct page *p, struct custody_buf *out)
{
	static const char *const holes[] = { "counter(page)", "counter(pages)" };
	bool quoted = true; /* the quote is open */
	/* TRANSLATORS: at the foot of a page: its number, and how many there are. */
	const char *words = in(p, N_("page %s of %s"));
	style_piece(p, out, style_page);
	for (size_t i = 0, n; *words; words += n) {
		n = strncmp(words, "%s", 2) == 0 ? 2 : strcspn(words + 1, "%") + 1;
		bool hole = n == 2 && *words == '%';
		style_piece(p, out, hole && quoted ? "' " : !hole && !quoted ? " '" : "");
		quoted = !hole;
		if (hole)
			style_piece(p, out, i < 2 ? holes[i++] : "");
		else
			css(p, out, words, n);
	}
	style_piece(p, out, quoted ? "'" : "");
	style_piece(p, out, style_code);
	css(p, out, in(p, N_("Check code")), SIZE_MAX);
	style_piece(p, out, style_rest);
	style_piece(p, out, custody_words_right_to_left(p->words) ? style_right_to_left : "");
}

static void head_of_file(struct page *p, const struct custody_report *r)
{
	struct custody_html h = { p->out, p->err, p->failed };
	CUSTODY_BUF_CLEAN struct custody_buf style;
	char title[256];
	custody_buf_init(&style, 1 << 16);
	style_of_page(p, &style);
	h.failed = p->failed;
	snprintf(title, sizeof(title), custody_words_get(p->words, N_("Verification report: %s")), in(p, custody_report_word(r->verdict)));
	custody_html_begin(&h, custody_words_language(p->words), custody_words_right_to_left(p->words), title, custody_buf_str(&style));
	p->failed = h.failed;
}

static void claimed(struct page *p, const char *text)
{
	if (text && *text)
		foreign_str(p, RECORDED, text);
	else
		word(p, N_("not stated"));
}

/* Which language holds, and what is not in this one. */
static void translation(struct page *p)
{
	if (!p->words)
		return;
	put(p, "<p><strong>");
	word(p, N_("Translation"));
	word(p, N_(":"));
	put(p, "</strong> ");
	word(p, custody_report_translation);
	if (!custody_words_complete(p->words)) {
		put(p, " ");
		word(p, custody_report_untranslated);
	}
	put(p, "</p>\n");
}

static void title(struct page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	const struct custody_time now = { r->evaluated_at.sec, 0 };
	put(p, "<header><h1>");
	word(p, N_("Verification report on a sealed package"));
	put(p, "</h1>\n");
	translation(p);
	put(p, "<p>");
	if (r->at_chosen)
		phrase(p, "Made on %s (a time that the user chose) by %s.", hole_local(now), hole_shown(GIVEN, context->tool));
	else
		phrase(p, "Made on %s, by the clock of this computer, by %s.", hole_local(now), hole_shown(GIVEN, context->tool));
	put(p, " ");
	phrase(p, "Each statement is marked: %s from the bytes, now; %s stated in the package by whoever sealed it; %s by whoever ran this check.",
		hole_tag(MEASURED), hole_tag(RECORDED), hole_tag(GIVEN));
	put(p, "</p></header>\n");
}

/* Which file this paper is about (ADM-93): for a camera, and for two people at a table. */
static void code(struct page *p, const struct custody_report *r)
{
	struct custody_html h = { p->out, p->err, p->failed };
	if (!r->has_package)
		return;
	custody_qr_put(&h, p->words, r->sha256);
	p->failed = h.failed;
}

/* The word that decides, and in another language the English one beside it. */
static void verdict_word(struct page *p, const struct custody_report *r)
{
	const char *english = custody_report_word(r->verdict);
	word(p, english);
	if (in(p, english) == english)
		return;
	/* Without an element: WeasyPrint turns the brackets round one. */
	put(p, " (");
	esc(p, english);
	put(p, ")");
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
	char at[CUSTODY_REPORT_DATE];
	put(p, "<section class=\"verdict ");
	put(p, boxes[r->verdict].open);
	put(p, "\" aria-label=\"");
	esc(p, in(p, N_("Result")));
	put(p, "\">\n");
	code(p, r);
	put(p, "<p class=\"word\"><span aria-hidden=\"true\">");
	put(p, boxes[r->verdict].symbol);
	put(p, "</span> ");
	verdict_word(p, r);
	put(p, "</p>\n<p class=\"sentence\">");
	if (r->at_chosen && r->verdict != CUSTODY_VERDICT_NONE) {
		phrase(p, "As at %s, chosen by the user:", hole_plain(custody_report_date(custody_report_judged_at(r), p->words, at)));
		put(p, " ");
	}
	word(p, custody_report_sentence(r->verdict));
	put(p, "</p>\n<p class=\"conclusion\">");
	if (!p->failed) {
		CUSTODY_BUF_CLEAN struct custody_buf text;
		custody_buf_init(&text, CUSTODY_LIMIT_REPORT);
		p->failed = custody_report_conclusion(&text, r, p->words, p->err) != 0;
		own(p, custody_buf_str(&text), text.len);
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
		put(p, "<br>");
		if (!r->has_expected)
			word(p, N_("Compare it with the number on the form; it is the SHA-256 of the file."));
		else if (memcmp(r->sha256, r->expected, 32) == 0)
			word(p, N_("It is the number that was expected."));
		else
			word(p, N_("It is NOT the number that was expected, which is:"));
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
	word(p, N_(", "));
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
	if (!s->has_signer)
		return;
	row(p, "Certificate");
	phrase(p, "issued by %s; valid from %s to %s, %s", hole_shown(MEASURED, s->issuer), hole_day(s->valid_from), hole_day(s->valid_until),
		hole_word(custody_report_standing(r)));
	row_end(p, MEASURED);
}

static void who(struct page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	row(p, "Sealed by");
	if (!s->has_signer) {
		word(p, N_("cannot be said; no certificate of a signer could be read"));
	} else if (group_passed(r, CUSTODY_GROUP_SEAL)) {
		phrase(p, "*%s*, by the certificate of %s, which leads to an authority that was given for this check",
			hole_shown(MEASURED, s->signer_name), hole_shown(MEASURED, s->signer));
	} else {
		phrase(p, "cannot be said; the certificate in the package names %s", hole_shown(MEASURED, s->signer));
	}
	row_end(p, MEASURED);
	issued(p, r);
	if (!r->has_sealfile)
		return;
	row(p, "Sealer states");
	claimed(p, r->sealer_name);
	word(p, N_(", "));
	claimed(p, r->sealer_organisation);
	row_end(p, RECORDED);
}

/* How far the sealer's clock was from the stamp. */
static void difference(struct page *p, const struct custody_report *r)
{
	int64_t seconds;
	char n[CUSTODY_REPORT_NUMBER];
	if (!r->seal.has_time || __builtin_sub_overflow(r->sealed.sec, r->seal.stated.sec, &seconds) || seconds == INT64_MIN)
		return;
	custody_report_grouped((uint64_t)(seconds < 0 ? -seconds : seconds), p->words, n);
	if (seconds == 0)
		word(p, N_(", in the same second as the time-stamp"));
	else if (seconds < 0)
		phrase(p, ", %s s before the time-stamp", hole_plain(n));
	else
		phrase(p, ", %s s after the time-stamp", hole_plain(n));
}

static void accuracy(struct page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	char whole[24], thousandths[8];
	struct custody_time t;
	if (!s->has_accuracy) {
		word(p, N_(" (accuracy not stated by the authority)"));
		return;
	}
	snprintf(whole, sizeof(whole), "%" PRIu64, s->accuracy_ms / 1000);
	snprintf(thousandths, sizeof(thousandths), "%03u", (unsigned)(s->accuracy_ms % 1000));
	if (custody_report_not_later_than(r, &t))
		phrase(p, " (accuracy %s.%s s, stated by the authority and counted in)", hole_plain(whole), hole_plain(thousandths));
	else
		phrase(p, " (accuracy %s.%s s, stated by the authority)", hole_plain(whole), hole_plain(thousandths));
}

static void when(struct page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	struct custody_time t;
	row(p, "Time");
	if (!s->has_time)
		word(p, N_("not proven; no time-stamp could be read"));
	else if (custody_report_not_later_than(r, &t))
		phrase(p, "*existed not later than %s*, proven by %s", hole_local(t), hole_shown(MEASURED, s->authority));
	else if (r->groups[CUSTODY_GROUP_TIME] == CUSTODY_RESULT_OWN_WORD)
		phrase(p, "%s is *the laboratory's own word*, by %s; nothing independent proves it", hole_local(s->stated),
			hole_shown(MEASURED, s->authority));
	else
		phrase(p, "*not proven*; the time-stamp states %s, by %s", hole_local(s->stated), hole_shown(MEASURED, s->authority));
	if (s->has_time)
		accuracy(p, r);
	row_end(p, MEASURED);
	if (!r->has_sealfile)
		return;
	row(p, "Sealer's clock");
	date_local(p, r->sealed);
	difference(p, r);
	row_end(p, RECORDED);
}

static void content(struct page *p, const struct custody_report *r)
{
	char items[CUSTODY_REPORT_COUNT], bytes[CUSTODY_REPORT_COUNT], n[CUSTODY_REPORT_NUMBER];
	row(p, "Custody");
	word(p, custody_report_result(r->groups[CUSTODY_GROUP_CUSTODY]));
	word(p, N_(":"));
	put(p, " ");
	word(p, custody_report_group(r, CUSTODY_GROUP_CUSTODY));
	row_end(p, MEASURED);
	if (!r->has_sealfile)
		return;
	row(p, "Content");
	phrase(p, "%s, %s; exceptions made when sealing: %s", hole_plain(custody_report_items(r->items, p->words, items)),
		hole_plain(custody_report_bytes(r->bytes, p->words, bytes)),
		r->exceptions ? hole_plain(custody_report_grouped(r->exceptions, p->words, n)) : hole_word(N_("none")));
	row_end(p, RECORDED);
}

/* ---- findings ---- */

/* What a finding does to the claim, in words (ADM-91). */
static const char *effect(const struct custody_finding_info *info)
{
	if (info->effect == CUSTODY_EFFECT_FAILS)
		return N_("voids");
	if (info->effect == CUSTODY_EFFECT_OPENS)
		return N_("leaves open");
	return info->severity == CUSTODY_SEVERITY_WARNING ? N_("weakens") : N_("note");
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
		word(p, r->findings.count[id] > 1 ? N_(", first in ") : N_(", in "));
		foreign(p, RECORDED, f->item, f->item_len);
		return;
	}
}

static void finding_line(struct page *p, const struct custody_report *r, enum custody_finding_id id)
{
	const struct custody_finding_info *info = custody_finding_get(id);
	put(p, "<li><strong>");
	word(p, effect(info));
	word(p, N_(":"));
	put(p, "</strong> ");
	word(p, info->text);
	if (r->findings.count[id] > 1) {
		char n[CUSTODY_REPORT_NUMBER];
		phrase(p, " (%s times)", hole_plain(custody_report_grouped(r->findings.count[id], p->words, n)));
	}
	put(p, " ");
	finding_id(p, info->id);
	first_item(p, r, id);
	put(p, "</li>\n");
}

#define ON_PAGE_ONE 4

static void findings_in_short(struct page *p, const struct custody_report *r)
{
	char n[CUSTODY_REPORT_NUMBER];
	heading(p, "What was found, what weighs most first");
	put(p, "<ul>\n");
	size_t kinds = each_finding(p, r, ON_PAGE_ONE, finding_line);
	put(p, "</ul>\n<p>");
	if (kinds == 0)
		phrase(p, "Nothing: none of the %s kinds of finding that this program knows.",
			hole_plain(custody_report_grouped(CUSTODY_FINDING_COUNT, p->words, n)));
	else if (kinds > ON_PAGE_ONE)
		phrase(p, "And %s more kinds, below.", hole_plain(custody_report_grouped(kinds - ON_PAGE_ONE, p->words, n)));
	if (r->findings.out_of_memory)
		word(p, N_(" Some findings could not be kept for want of memory."));
	put(p, "</p>\n");
}

/* ---- checked, not checked, cannot be checked ---- */

static void checked_line(struct page *p, const struct custody_report *r, enum custody_group group, const char *symbol)
{
	put(p, "<li><span aria-hidden=\"true\">");
	put(p, symbol);
	put(p, "</span> <strong>");
	word(p, custody_group_name(group));
	word(p, N_(", "));
	word(p, custody_report_result(r->groups[group]));
	word(p, N_(":"));
	put(p, "</strong> ");
	word(p, custody_report_group(r, group));
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
	word(p, what);
	word(p, N_(", "));
	word(p, custody_report_rung_result_name(rung.result));
	word(p, N_(":"));
	put(p, "</strong> ");
	word(p, rung.why);
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
	put(p, "<section class=\"three\" aria-label=\"");
	esc(p, in(p, N_("Checked, not checked, cannot be checked")));
	put(p, "\">\n<div><h3>");
	word(p, N_("Checked"));
	put(p, "</h3><ul>\n");
	for (int g = 0; g < CUSTODY_GROUP_STATEMENTS; g++)
		if (r->groups[g] >= CUSTODY_RESULT_INDETERMINATE)
			checked_line(p, r, (enum custody_group)g, symbols[r->groups[g]]);
	const bool sender = compared(p, r, RUNG_SENDER, N_("digests that others stated"));
	const bool request = compared(p, r, RUNG_REQUEST, N_("request and return"));
	put(p, "</ul></div>\n<div><h3>");
	word(p, N_("Not checked"));
	put(p, "</h3><ul>\n");
	for (int g = 0; g < CUSTODY_GROUP_STATEMENTS; g++)
		if (r->groups[g] < CUSTODY_RESULT_INDETERMINATE)
			checked_line(p, r, (enum custody_group)g, symbols[r->groups[g]]);
	put(p, "<li><span aria-hidden=\"true\">&#8211;</span> ");
	word(p, sender ? N_("signatures of the sender; ") : N_("digests or signatures of the sender; "));
	word(p, request ? N_("whether the content itself is inside the scope of the request; ") : N_("the scope of the request; "));
	word(p, N_("the lawfulness of either; known defects of the program that sealed"));
	put(p, "</li>\n</ul></div>\n<div><h3>");
	word(p, N_("Cannot be checked by this"));
	put(p, "</h3><ul>\n");
	for (size_t i = 0; (line = custody_report_not_proven(r, i)) != NULL; i++) {
		put(p, "<li><span aria-hidden=\"true\">&#183;</span> ");
		word(p, line);
		put(p, "</li>\n");
	}
	put(p, "</ul></div>\n</section>\n");
}

static void does_not_say(struct page *p)
{
	heading(p, "What this report does not say");
	put(p, "<p class=\"say\">");
	word(p, custody_report_does_not_say);
	put(p, "</p>\n");
}

static void in_short(struct page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	char n[CUSTODY_REPORT_NUMBER];
	heading(p, "How to repeat this");
	put(p, "<ol><li>");
	word(p, N_("Compute the SHA-256 of the file with any program, and compare it with the number on the form."));
	put(p, "</li>\n<li>");
	word(p, N_("Get the laboratory's signers.pem and tsas.pem by another way than the package."));
	put(p, "</li>\n<li>");
	if (r->n_anchors == 0)
		phrase(p,
			"Follow the commands in the annex with unzip, sha256sum and openssl, or run %s; no anchor of trust and no policy was given "
			"this time.",
			hole_shown(GIVEN, context->tool));
	else if (r->n_anchors == 1)
		phrase(p,
			"Follow the commands in the annex with unzip, sha256sum and openssl, or run %s with the 1 anchor in the annex; no policy was "
			"given.",
			hole_shown(GIVEN, context->tool));
	else
		phrase(p,
			"Follow the commands in the annex with unzip, sha256sum and openssl, or run %s with the %s anchors in the annex; no policy "
			"was given.",
			hole_shown(GIVEN, context->tool), hole_plain(custody_report_grouped(r->n_anchors, p->words, n)));
	put(p, "</li></ol>\n");
}

/* ---- page two ---- */

static void page_head(struct page *p, const struct custody_report *r, const char *title)
{
	put(p, "<section class=\"page\">\n<h2>");
	word(p, title);
	put(p, "</h2>\n");
	if (r->has_package) {
		put(p, "<p>");
		word(p, N_("of the package"));
		put(p, " ");
		number(p, r->sha256);
		put(p, "</p>\n");
	}
}

static void ladder(struct page *p, const struct custody_report *r)
{
	struct custody_report_rung rung;
	put(p, "<table><caption>");
	word(p, N_("What is claimed, step by step; each step has a result of its own"));
	put(p, "</caption>\n<thead><tr><th scope=\"col\">");
	word(p, N_("Claim"));
	put(p, "</th><th scope=\"col\">");
	word(p, N_("Result"));
	put(p, "</th><th scope=\"col\">");
	word(p, N_("Rests on"));
	put(p, "</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; custody_report_rung(r, i, &rung); i++) {
		const char letter[] = { (char)('a' + (int)i), '.', ' ', '\0' };
		put(p, "<tr><td>");
		put(p, letter);
		word(p, rung.claim);
		put(p, "</td><td class=\"res\"><strong>");
		word(p, custody_report_rung_result_name(rung.result));
		put(p, "</strong></td><td>");
		word(p, rung.why);
		put(p, "</td></tr>\n");
	}
	table_end(p);
	put(p, "<p>");
	word(p, N_("This program never determines whether the content is true, or who wrote it. It never determines what happened before receipt, or "
		   "whether the source had more. It never determines whether the content was obtained lawfully."));
	put(p, "</p>\n");
}

static void glossary(struct page *p)
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
		{ N_("exception"), N_("A source file that changed or could not be read while being sealed, and was accepted so.") },
	};
	heading(p, "Words used");
	put(p, "<dl>\n");
	for (size_t i = 0; i < sizeof(terms) / sizeof(*terms); i++) {
		put(p, "<dt>");
		word(p, terms[i][0]);
		put(p, "</dt><dd>");
		word(p, terms[i][1]);
		put(p, "</dd>\n");
	}
	put(p, "</dl>\n");
}

/* ---- the annex ---- */

static bool same_item(const struct custody_finding *a, const struct custody_finding *b)
{
	return a && a->item && b->item && a->item_len == b->item_len && memcmp(a->item, b->item, a->item_len) == 0;
}

/* What the program found, in its own words, which are English. */
static void detail(struct page *p, const char *text)
{
	put(p, p->words ? "<span lang=\"en\">" : "");
	shown(p, MEASURED, text);
	put(p, p->words ? "</span>" : "");
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
			word(p, N_("item"));
			put(p, " ");
			foreign(p, RECORDED, f->item, f->item_len);
			put(p, f->detail && *f->detail ? in(p, N_(": ")) : "");
		}
		if (f->detail && *f->detail)
			detail(p, f->detail);
		if ((f->item && !again) || (f->detail && *f->detail))
			put(p, "</li>\n");
		last = f;
	}
	if (r->findings.count[id] > met && met > 0) {
		char n[CUSTODY_REPORT_NUMBER];
		put(p, "<li>");
		phrase(p, "and %s more of this kind; the JSON report lists up to a thousand",
			hole_plain(custody_report_grouped(r->findings.count[id] - met, p->words, n)));
		put(p, "</li>\n");
	}
}

static void finding_in_full(struct page *p, const struct custody_report *r, enum custody_finding_id id)
{
	const struct custody_finding_info *info = custody_finding_get(id);
	char etsi[64];
	snprintf(etsi, sizeof(etsi), "%s%s", info->etsi[0] ? ", ETSI " : "", info->etsi);
	put(p, "<h3");
	put(p, p->ltr);
	put(p, ">");
	esc(p, info->id);
	put(p, "</h3>\n<p class=\"what\">");
	phrase(p, "%s. Effect on the claim: %s (%s, group %s%s). What to do: %s.", hole_word(info->text), hole_word(effect(info)),
		hole_word(custody_severity_name(info->severity)), hole_word(custody_group_name(info->group)), hole_plain(etsi),
		hole_word(info->action));
	put(p, "</p>\n<ul>\n");
	finding_items(p, r, id);
	put(p, "</ul>\n");
}

static void findings_in_full(struct page *p, const struct custody_report *r)
{
	heading(p, "Findings in full");
	if (each_finding(p, r, CUSTODY_FINDING_COUNT, finding_in_full) > 0)
		return;
	put(p, "<p>");
	word(p, N_("None."));
	put(p, "</p>\n");
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
	char until[CUSTODY_REPORT_DATE];
	if (!r->has_seal)
		return;
	table(p, "Seal");
	row(p, "Level");
	if (level) {
		put(p, "CAdES ");
		esc(p, level);
	} else {
		word(p, N_("CAdES less than B-T"));
	}
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
		phrase(p, "known up to %s, not beyond", hole_plain(custody_report_date(s->revocation_known_until, p->words, until)));
	} else {
		word(p, N_("not known: nothing says whether a certificate was withdrawn"));
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
		{ N_("Case"), r->case_id },
		{ N_("Exhibit"), r->exhibit },
		{ N_("Sealer"), r->sealer_name },
		{ N_("Role"), r->sealer_role },
		{ N_("Organisation"), r->sealer_organisation },
		{ N_("Package id"), r->uuid },
		{ N_("Program that sealed"), r->tool_name },
		{ N_("Its version"), r->tool_version },
	};
	table(p, "Stated in the package by whoever sealed it, as claimed");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		row(p, rows[i].label);
		claimed(p, rows[i].text);
		row_end(p, RECORDED);
	}
	if (r->role == CUSTODY_ROLE_AUTHORITY_DOCUMENT) {
		row(p, "Role of the content");
		word(p, CUSTODY_REPORT_ROLE);
		row_end(p, RECORDED);
	}
	time_row(p, "Sealed", true, r->sealed, RECORDED);
	table_end(p);
}

static void claims_buf(struct page *p, const char *label, const struct custody_buf *text, enum source from)
{
	row(p, label);
	composed(p, from, custody_buf_str(text));
	row_end(p, from);
}

static void stated_by_others(struct page *p, const struct custody_report *r)
{
	if (!r->claims.there)
		return;
	table(p, "Digests stated by others, as the laboratory took them in; compared now");
	for (size_t i = 0; i < r->claims.n_sources; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf text = { .max = SIZE_MAX };
		p->failed = p->failed || custody_report_claims_source(&text, &r->claims.sources[i], p->words, p->err);
		claims_buf(p, "List", &text, RECORDED);
		row(p, "Its SHA-256");
		number(p, r->claims.sources[i].sha256);
		row_end(p, RECORDED);
	}
	CUSTODY_BUF_CLEAN struct custody_buf sum = { .max = SIZE_MAX };
	p->failed = p->failed || custody_report_claims_sum(&sum, r, p->words, p->err);
	claims_buf(p, "Result", &sum, MEASURED);
	table_end(p);
}

static int request_row(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err)
{
	struct page *p = ctx;
	(void)err;
	row(p, label);
	composed(p, measured ? MEASURED : RECORDED, text);
	row_end(p, measured ? MEASURED : RECORDED);
	return p->failed ? -1 : 0;
}

static void request(struct page *p, const struct custody_report *r)
{
	if (!r->request.there)
		return;
	table(p, "The request, as stated in the package; not checked");
	p->failed = p->failed || custody_report_request_rows(r, p->words, request_row, p, p->err);
	table_end(p);
}

static int record_row(void *ctx, const char *label, const char *text, struct custody_error *err)
{
	struct page *p = ctx;
	(void)err;
	row(p, label);
	composed(p, RECORDED, text);
	row_end(p, RECORDED);
	return p->failed ? -1 : 0;
}

static void custody_since(struct page *p, const struct custody_report *r)
{
	if (!r->has_record)
		return;
	table(p, "Custody since sealing, as the custody record tells it; the group custody says whether it holds");
	p->failed = p->failed || custody_report_record_rows(r, p->words, record_row, p, p->err);
	table_end(p);
}

static void inputs(struct page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	char bytes[CUSTODY_REPORT_COUNT];
	table(p, "Given for this check");
	row(p, "File");
	foreign_str(p, GIVEN, r->path ? r->path : "");
	if (r->has_package) {
		word(p, N_(", "));
		esc(p, custody_report_bytes(r->size, p->words, bytes));
	}
	row_end(p, GIVEN);
	for (size_t i = 0; i < r->n_anchors; i++) {
		row(p, "Anchor");
		number(p, r->anchors[i].sha256);
		put(p, "<br>");
		phrase(p, "from %s", (struct hole){ .kind = HOLE_FOREIGN, .source = GIVEN, .text = r->anchors[i].from ? r->anchors[i].from : "" });
		word(p, r->anchors_own_lab ? N_(" (your own lab; nobody else's were given)") : "");
		row_end(p, GIVEN);
	}
	if (r->n_anchors == 0) {
		row(p, "Anchors");
		word(p, N_("none"));
		row_end(p, GIVEN);
	}
	row(p, "Judged as at");
	if (r->at_chosen)
		phrase(p, "%s, chosen by the user", hole_local(custody_report_judged_at(r)));
	else
		phrase(p, "%s, the clock of this computer", hole_local(custody_report_judged_at(r)));
	row_end(p, GIVEN);
	row(p, "Policy");
	word(p, N_("none"));
	row_end(p, GIVEN);
	row(p, "Program");
	shown(p, GIVEN, context->tool);
	for (size_t i = 0; i < context->n_libraries; i++) {
		word(p, i ? N_(", ") : N_(", with "));
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
	put(p, "<p>");
	word(p, N_("SHA-256 of this report as JSON, as the same run prints it with --json:"));
	put(p, " ");
	number(p, digest);
	put(p, "</p>\n");
}

static void by_hand(struct page *p, const struct custody_report *r)
{
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, SIZE_MAX);
	if (!p->failed)
		p->failed = custody_report_by_hand(&text, r, p->words, p->err) != 0;
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
	text_row(p, "Failure", true, r->failure ? r->failure : in(p, N_("not known")), MEASURED);
	table_end(p);
}

static void judged(struct page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	if (r->verdict == CUSTODY_VERDICT_INVALID)
		heading(p, "Who and when, as the seal has it; the verdict is INVALID");
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
	struct page p = { out, err, false, r, context->words, custody_words_right_to_left(context->words) ? " dir=\"ltr\"" : "" };
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
