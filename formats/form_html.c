/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filled form on paper. What a person fills in stands out by a mark in the margin, a rule, and an empty box; what the program puts in says whose word it is. Nothing
 * is said by colour, border or place alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/form.h"
#include "formats/html.h"
#include "formats/qr.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/crypto/digest.h"

static const char style[] =
	"@page{margin:16mm 16mm 18mm;@bottom-right{content:'page ' counter(page) ' of ' counter(pages);font:8pt 'DejaVu Sans',Arial,sans-serif}"
	"@bottom-left{content:'SAMPLE, not passed by a lawyer of the forum. Check code ' string(code);"
	"font:8pt 'DejaVu Sans',Arial,sans-serif}}"
	"body{font:15px/1.4 'DejaVu Serif',Georgia,'Times New Roman',serif;color:#000;background:#fff;max-width:52rem;margin:1rem auto;"
	"padding:0 1rem;overflow-wrap:anywhere}"
	"h1{font-size:1.35em;margin:0 0 .4em}h2{font-size:1.06em;margin:1.1em 0 .35em;border-bottom:1px solid #000}"
	"p{margin:.35em 0}.small{font-size:.86em}"
	".sample,.warning{padding:.4em .8em;margin:.5em 0}.sample{border:3px double #000}.warning{border:3px solid #000}"
	".sample p,.warning p{margin:.1em 0}"
	"table{border-collapse:collapse;width:100%;table-layout:fixed;font-size:.94em}"
	"th,td{text-align:left;vertical-align:top;padding:.16em .5em .16em 0;border-bottom:1px solid #999}"
	"th[scope=row]{font-weight:normal;width:33%}td.src{white-space:nowrap;text-align:right;padding-right:0;width:6em}"
	".tag{font:.74em/1.2 'DejaVu Sans',Arial,sans-serif;padding:0 .35em;white-space:nowrap}"
	".t-m{border:2px solid #000}.t-r{border:1px dashed #000}.t-g{border-bottom:2px dotted #000}"
	".r{font-family:'DejaVu Sans',Arial,sans-serif;font-size:.92em}"
	".g,.n{font-family:'DejaVu Sans Mono','Courier New',monospace;font-size:.88em}"
	".n span{display:inline-block;margin-right:.45em}"
	".fill{position:relative;padding-left:1.9em;margin:.5em 0}"
	".mark{position:absolute;left:0;font-family:'DejaVu Sans',Arial,sans-serif;font-weight:bold}"
	".rule{display:block;border-bottom:1.5px solid #000;height:1.5em;margin-bottom:.25em}"
	".line{overflow:hidden}.line .label{float:left;width:35%;padding-top:.2em}.line .rule{margin-left:37%}"
	".box{display:inline-block;width:.8em;height:.8em;border:1.5px solid #000;margin-right:.5em}"
	".options span.option{white-space:nowrap;margin-right:1.4em}"
	".declare{padding-left:3.4em;text-indent:-1.5em}.declare .mark{text-indent:0}"
	"section.page{border-top:3px solid #000;margin-top:1.5em;padding-top:.5em}"
	"ol{padding-left:2.6em;font-size:.92em}li{margin:.35em 0}"
	"@media print{body{font-size:9.5pt;margin:0;padding:0;max-width:none}section.page{break-before:page;border:0;margin:0;padding:0}"
	"tr,.fill,.sample,.warning,h2,li{break-inside:avoid}h2{break-after:avoid}}" CUSTODY_QR_STYLE;

/* The page under way. */
struct page {
	const struct custody_form_data *d;
	struct custody_html h;
	bool in_table; /* facts one behind the other share one */
	unsigned sections;
};

static void put(struct page *p, const char *markup)
{
	custody_html_put(&p->h, markup);
}

static void esc(struct page *p, const char *text)
{
	custody_html_text(&p->h, text);
}

static void element(struct page *p, const char *open, const char *text, const char *close)
{
	put(p, open);
	esc(p, text);
	put(p, close);
}

static void tag(struct page *p, enum custody_form_source source)
{
	static const char *const tags[] = { "<span class=\"tag t-m\">measured</span>", "<span class=\"tag t-r\">recorded</span>",
		"<span class=\"tag t-g\">given</span>" };
	put(p, tags[source]);
}

/* ---- the head ---- */

static void provenance(struct page *p)
{
	const struct custody_form *f = p->d->form;
	char digest[CUSTODY_HEX_GROUPS];
	put(p, "<p class=\"small\">Form ");
	esc(p, f->id);
	put(p, ", version ");
	esc(p, f->version);
	if (p->d->form_from)
		element(p, ", brought by whoever ran this: <bdi class=\"g\">", p->d->form_from, "</bdi>");
	else
		put(p, ", one of this program&#39;s own");
	element(p, "; SHA-256 <span class=\"n\">", custody_hex_groups(f->sha256, digest), "</span>. Checked ");
	esc(p, f->checked);
	put(p, " against");
	for (size_t i = 0; i < f->n_sources; i++)
		element(p, i ? ", <span class=\"n\">" : " <span class=\"n\">", f->sources[i], "</span>");
	put(p, ".</p>\n");
}

static void title(struct page *p)
{
	const struct custody_form *f = p->d->form;
	put(p, "<header>");
	if (p->d->report->has_package)
		custody_qr_put(&p->h, NULL, p->d->report->sha256);
	element(p, "<h1>", f->title, "</h1>\n");
	element(p, "<p>Provision: ", f->provision, "<br>\n");
	element(p, "Forum: ", f->jurisdiction, "</p>\n");
	provenance(p);
	element(p, "<section class=\"sample\" aria-label=\"Sample\"><p>", custody_form_sample, "</p></section>\n");
	element(p, "<p><strong>To be signed by</strong> ", f->who, "</p>\n");
	if (!f->own)
		element(p, "<section class=\"warning\" aria-label=\"Warning\"><p><strong>Warning.</strong> ", custody_form_others,
			"</p></section>\n");
	element(p, "<p><strong>Scope.</strong> ", custody_form_scope, "</p>\n");
	put(p, "<p class=\"small\">");
	tag(p, CUSTODY_FORM_MEASURED);
	put(p, " by this program, from the bytes of the package; ");
	tag(p, CUSTODY_FORM_RECORDED);
	put(p, " stated in the package by whoever sealed it; ");
	tag(p, CUSTODY_FORM_GIVEN);
	put(p, " by whoever ran this program, or by this computer. What stands behind <strong>&#187;</strong> is for the person who signs, and "
	       "nothing "
	       "fills it in.</p></header>\n");
}

/* ---- the parts ---- */

static void table(struct page *p, bool wanted)
{
	if (wanted != p->in_table)
		put(p, wanted ? "<table><tbody>\n" : "</tbody></table>\n");
	p->in_table = wanted;
}

/* Digits in fours that are copied without the blanks between them. */
static void fours(struct page *p, const char *hex)
{
	put(p, "<span class=\"n\">");
	for (size_t n = strlen(hex), i = 0; i < n; i += 4) {
		char four[5] = "";
		memcpy(four, hex + i, n - i < 4 ? n - i : 4);
		element(p, "<span>", four, "</span>");
	}
	put(p, "</span>");
}

static void value(struct page *p, const struct custody_form_value *v)
{
	static const char *const open[] = { "<bdi class=\"m\">", "<bdi class=\"r\">", "<bdi class=\"g\">" };
	CUSTODY_BUF_CLEAN struct custody_buf text;
	char hex[65];
	custody_buf_init(&text, SIZE_MAX);
	if (v->kind == CUSTODY_VALUE_DIGEST) {
		custody_hex_format(v->digest, sizeof(v->digest), hex);
		fours(p, hex);
		return;
	}
	if (!p->h.failed)
		p->h.failed = custody_form_value_show(p->d, v, &text, p->h.err) != 0;
	element(p, open[v->source], custody_buf_str(&text), "</bdi>");
}

static void fact(struct page *p, const char *label, enum custody_form_fact which)
{
	CUSTODY_CLEANUP(custody_form_value_release) struct custody_form_value v = { .kind = CUSTODY_VALUE_ABSENT };
	if (p->h.failed)
		return;
	p->h.failed = custody_form_value(p->d, which, &v, p->h.err) != 0;
	element(p, "<tr><th scope=\"row\">", label, "</th><td>");
	value(p, &v);
	put(p, "</td><td class=\"src\">");
	tag(p, v.source);
	put(p, "</td></tr>\n");
}

static void algorithms(struct page *p, uint32_t named)
{
	const uint32_t there = p->d->report->digests;
	for (size_t i = 0; custody_form_strongest(i) < CUSTODY_DIGEST_COUNT; i++) {
		enum custody_digest_id id = custody_form_strongest(i);
		if (!((named | there) & CUSTODY_DIGEST_BIT(id)))
			continue;
		put(p, there & CUSTODY_DIGEST_BIT(id) ? "<tr><th scope=\"row\">Computed; values in the hash report</th><td>"
						      : "<tr><th scope=\"row\"><strong>Not</strong> computed</th><td>");
		esc(p, custody_form_algorithm(id));
		put(p, "</td><td class=\"src\">");
		tag(p, CUSTODY_FORM_MEASURED);
		put(p, "</td></tr>\n");
	}
}

/* What only a person can state: a mark in the margin, and nothing behind the label. */
static void fill(struct page *p, const char *class)
{
	put(p, class);
	put(p, "<span class=\"mark\" aria-label=\"to be filled in\">&#187;</span>");
}

static void blank(struct page *p, const struct custody_form_part *part)
{
	fill(p, part->lines == 1 ? "<div class=\"fill line\">" : "<div class=\"fill\">");
	element(p, "<span class=\"label\">", part->text, "</span>");
	for (unsigned i = 0; i < part->lines; i++)
		put(p, "<span class=\"rule\"></span>");
	put(p, "</div>\n");
}

static void choice(struct page *p, const struct custody_form_part *part)
{
	fill(p, "<div class=\"fill options\">");
	element(p, "", part->text, "<br>");
	for (size_t i = 0; i < part->n_options; i++)
		element(p, "<span class=\"option\"><span class=\"box\" aria-label=\"empty box\"></span>", part->options[i], "</span> ");
	put(p, "</div>\n");
}

static void declare(struct page *p, const struct custody_form_part *part)
{
	fill(p, "<div class=\"fill declare\">");
	element(p, "<span class=\"box\" aria-label=\"empty box\"></span>", part->text, "</div>\n");
}

static void sign(struct page *p, const struct custody_form_part *part)
{
	for (size_t i = 0; i < part->n_options; i++) {
		fill(p, "<div class=\"fill line\">");
		element(p, "<span class=\"label\">", part->options[i], "</span><span class=\"rule\"></span></div>\n");
	}
}

static void section(struct page *p, const char *text)
{
	char number[16];
	snprintf(number, sizeof(number), "<h2>%u. ", ++p->sections);
	element(p, number, text, "</h2>\n");
}

static void part(struct page *p, const struct custody_form_part *part)
{
	table(p, part->kind == CUSTODY_PART_FACT || part->kind == CUSTODY_PART_ALGORITHMS);
	switch (part->kind) {
	case CUSTODY_PART_SECTION:
		section(p, part->text);
		break;
	case CUSTODY_PART_TEXT:
		element(p, "<p>", part->text, "</p>\n");
		break;
	case CUSTODY_PART_FACT:
		fact(p, part->text, part->fact);
		break;
	case CUSTODY_PART_ALGORITHMS:
		algorithms(p, part->mask);
		break;
	case CUSTODY_PART_BLANK:
		blank(p, part);
		break;
	case CUSTODY_PART_CHOICE:
		choice(p, part);
		break;
	case CUSTODY_PART_DECLARE:
		declare(p, part);
		break;
	case CUSTODY_PART_SIGN:
		sign(p, part);
		break;
	}
}

/* ---- the hash report ---- */

static void item(struct page *p, const struct custody_form_item *i)
{
	char text[CUSTODY_REPORT_NUMBER], hex[2 * CUSTODY_DIGEST_MAX + 1];
	element(p, "<li><bdi class=\"r\">", i->path, "</bdi>, ");
	esc(p, custody_kind_name(i->kind));
	if (i->has_content) {
		element(p, ", ", custody_report_grouped(i->size, NULL, text), i->size == 1 ? " byte" : " bytes");
	} else {
		element(p, ", ", custody_form_no_content(i), "");
	}
	put(p, custody_form_remark(i));
	for (size_t a = 0; i->has_content && custody_form_strongest(a) < CUSTODY_DIGEST_COUNT; a++) {
		const enum custody_digest_id id = custody_form_strongest(a);
		const struct custody_digest_info *info = custody_digest_get(id);
		if (!(i->digests->mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		element(p, "<br>", info->bsd_name, " ");
		custody_hex_format(i->digests->value[id], info->size, hex);
		fours(p, hex);
		put(p, info->legacy ? " (legacy)" : "");
	}
	put(p, "</li>\n");
}

static void hash_report(struct page *p)
{
	const struct custody_form_data *d = p->d;
	char n[CUSTODY_REPORT_NUMBER], m[CUSTODY_REPORT_NUMBER];
	table(p, false);
	put(p, "<section class=\"page\">\n<h2>Hash report, to be enclosed</h2>\n");
	table(p, true);
	for (const struct custody_form_line *l = custody_form_hash_head; l->label; l++)
		fact(p, l->label, l->fact);
	table(p, false);
	element(p, "<p>", custody_form_equal, "</p>\n");
	if (d->total > d->n_items) {
		element(p, "<p>The list has ", custody_report_grouped(d->total, NULL, n), " items, and the first ");
		element(p, "", custody_report_grouped(d->n_items, NULL, m),
			" of them follow. All are in <span class=\"n\">manifest-sha256.txt</span> and "
			"<span class=\"n\">custody/manifest.jsonl</span> in the package: enclose these.</p>\n");
	}
	put(p, "<ol>\n");
	for (size_t i = 0; i < d->n_items; i++)
		item(p, &d->items[i]);
	put(p, "</ol>\n<p>End of the hash report.</p>\n</section>\n");
}

int custody_form_html(struct custody_buf *out, const struct custody_form_data *d, struct custody_error *err)
{
	struct page p = { d, { out, err, false }, false, 0 };

	custody_html_begin(&p.h, d->form->language, false, d->form->title, style);
	title(&p);
	for (size_t i = 0; i < d->form->n_parts; i++)
		part(&p, &d->form->parts[i]);
	hash_report(&p);
	custody_html_end(&p.h);
	return p.h.failed ? -1 : 0;
}
