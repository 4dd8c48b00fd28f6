/* SPDX-License-Identifier: Apache-2.0 */
/* A filled form as plain text, for a printer that has one typeface. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/form.h"
#include "formats/paragraph.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/crypto/digest.h"

#define BODY 40 /* column in which values begin */
#define HEAD 14

/* The text under way. After a failure nothing more is appended; the caller looks once, at the end. */
struct page {
	const struct custody_form_data *d;
	struct custody_buf *out;
	struct custody_error *err;
	unsigned sections;
	bool failed;
};

static void put(struct page *p, const char *text)
{
	if (!p->failed)
		p->failed = custody_buf_append_str(p->out, text, p->err) != 0;
}

static void paragraph(struct page *p, size_t left, const char *label, size_t body, const char *text)
{
	if (!p->failed)
		p->failed = custody_paragraph(p->out, left, label, body, text, p->err) != 0;
}

static void head(struct page *p, const char *label, const char *a, const char *b)
{
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, SIZE_MAX);
	if (!p->failed)
		p->failed = custody_buf_printf(&text, p->err, "%s%s", a, b) != 0;
	paragraph(p, 0, label, HEAD, custody_buf_str(&text));
}

/* A rule to write on, from column BODY to the end of the line. marked: the label of what only a person can state stands before it. */
static void rule(struct page *p, bool marked, const char *label)
{
	char line[CUSTODY_PARAGRAPH_WIDTH - BODY + 1], text[BODY];
	memset(line, '_', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	snprintf(text, sizeof(text), ">> %s", label);
	paragraph(p, 0, marked ? text : "", BODY, line);
}

/* A label that does not fit beside a rule stands above it. */
static bool fits(const char *label)
{
	return strlen(label) + 4 < BODY;
}

/* ---- the head ---- */

static void title(struct page *p)
{
	const struct custody_form *f = p->d->form;
	char digest[CUSTODY_HEX_GROUPS];
	put(p, f->title);
	put(p, "\n\n");
	head(p, "Provision", f->provision, "");
	head(p, "Forum", f->jurisdiction, "");
	head(p, "Form", f->id, "");
	head(p, "", "version ", f->version);
	head(p, "", p->d->form_from ? "brought by whoever ran this: " : "one of this program's own", p->d->form_from ? p->d->form_from : "");
	head(p, "", "SHA-256 ", custody_hex_groups(f->sha256, digest));
	head(p, "Checked", f->checked, ", against");
	for (size_t i = 0; i < f->n_sources; i++)
		head(p, "", f->sources[i], "");
	put(p, "\n");
	head(p, "Sample", custody_form_sample, "");
	head(p, "To be signed", "by ", f->who);
	if (!f->own)
		head(p, "WARNING", custody_form_others, "");
	head(p, "Scope", custody_form_scope, "");
	head(p, "How to read", custody_form_marks, "");
}

/* ---- the parts ---- */

static void section(struct page *p, const char *text)
{
	char number[16];
	snprintf(number, sizeof(number), "\n%u. ", ++p->sections);
	put(p, number);
	put(p, text);
	put(p, "\n");
}

static void fact(struct page *p, const char *label, enum custody_form_fact which)
{
	CUSTODY_CLEANUP(custody_form_value_release) struct custody_form_value v = { .kind = CUSTODY_VALUE_ABSENT };
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, SIZE_MAX);
	if (p->failed)
		return;
	p->failed = custody_form_value(p->d, which, &v, p->err) || custody_form_value_show(p->d, &v, &text, p->err) ||
		    custody_buf_printf(&text, p->err, " [%s]", custody_form_source_name(v.source));
	paragraph(p, 3, label, BODY, custody_buf_str(&text));
}

static void algorithms(struct page *p, uint32_t named)
{
	const uint32_t there = p->d->report->digests;
	for (size_t i = 0; custody_form_strongest(i) < CUSTODY_DIGEST_COUNT; i++) {
		enum custody_digest_id id = custody_form_strongest(i);
		if (!((named | there) & CUSTODY_DIGEST_BIT(id)))
			continue;
		paragraph(p, 3, there & CUSTODY_DIGEST_BIT(id) ? "computed" : "NOT computed", BODY, custody_form_algorithm(id));
	}
}

static void choice(struct page *p, const struct custody_form_part *part)
{
	paragraph(p, 0, ">>", 3, part->text);
	for (size_t i = 0; i < part->n_options; i++)
		paragraph(p, 3, "[ ]", 7, part->options[i]);
}

static void blank(struct page *p, const struct custody_form_part *part)
{
	if (!fits(part->text))
		paragraph(p, 0, ">>", 3, part->text);
	for (unsigned i = 0; i < part->lines; i++)
		rule(p, i == 0 && fits(part->text), part->text);
}

static void sign(struct page *p, const struct custody_form_part *part)
{
	for (size_t i = 0; i < part->n_options; i++) {
		put(p, "\n");
		if (!fits(part->options[i]))
			paragraph(p, 0, ">>", 3, part->options[i]);
		rule(p, fits(part->options[i]), part->options[i]);
	}
}

static void part(struct page *p, const struct custody_form_part *part)
{
	switch (part->kind) {
	case CUSTODY_PART_SECTION:
		section(p, part->text);
		break;
	case CUSTODY_PART_TEXT:
		paragraph(p, 3, "", 3, part->text);
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
		paragraph(p, 0, ">> [ ]", 7, part->text);
		break;
	case CUSTODY_PART_SIGN:
		sign(p, part);
		break;
	}
}

/* ---- the hash report ---- */

static void item(struct page *p, const struct custody_form_item *i)
{
	char number[32], size[CUSTODY_REPORT_NUMBER], line[160], hex[2 * CUSTODY_DIGEST_MAX + 1],
		fours[5 * CUSTODY_DIGEST_MAX / 2 + sizeof(" (legacy)")];
	snprintf(number, sizeof(number), "%" PRIu64, i->n + 1);
	paragraph(p, 1, number, 8, i->path);
	snprintf(line, sizeof(line), "%s, %s%s%s", custody_kind_name(i->kind),
		i->has_content ? custody_report_grouped(i->size, NULL, size) : custody_form_no_content(i),
		!i->has_content ? ""
		: i->size == 1	? " byte"
				: " bytes",
		custody_form_remark(i));
	paragraph(p, 8, "", 8, line);
	for (size_t a = 0; i->has_content && custody_form_strongest(a) < CUSTODY_DIGEST_COUNT; a++) {
		const enum custody_digest_id id = custody_form_strongest(a);
		const struct custody_digest_info *info = custody_digest_get(id);
		if (!(i->digests->mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		custody_hex_format(i->digests->value[id], info->size, hex);
		size_t o = 0;
		for (size_t c = 0; c < 2 * info->size; c += 4, o += 5)
			snprintf(fours + o, sizeof(fours) - o, "%.4s ", hex + c);
		snprintf(fours + o - 1, sizeof(fours) - o + 1, "%s", info->legacy ? " (legacy)" : "");
		paragraph(p, 8, info->bsd_name, 19, fours);
	}
}

static void hash_report(struct page *p)
{
	const struct custody_form_data *d = p->d;
	char text[160], n[CUSTODY_REPORT_NUMBER], m[CUSTODY_REPORT_NUMBER];
	put(p, "\nHASH REPORT, to be enclosed\n");
	for (const struct custody_form_line *l = custody_form_hash_head; l->label; l++)
		fact(p, l->label, l->fact);
	paragraph(p, 3, "", 3, custody_form_equal);
	put(p, "\n");
	if (d->total > d->n_items) {
		snprintf(text, sizeof(text),
			"The list has %s items, and the first %s of them follow. All are in manifest-sha256.txt and "
			"custody/manifest.jsonl in the package: enclose these.",
			custody_report_grouped(d->total, NULL, n), custody_report_grouped(d->n_items, NULL, m));
		paragraph(p, 3, "", 3, text);
	}
	for (size_t i = 0; i < d->n_items; i++)
		item(p, &d->items[i]);
	put(p, "\nEnd of the hash report.\n");
}

int custody_form_text(struct custody_buf *out, const struct custody_form_data *d, struct custody_error *err)
{
	struct page p = { d, out, err, 0, false };

	title(&p);
	for (size_t i = 0; i < d->form->n_parts; i++)
		part(&p, &d->form->parts[i]);
	hash_report(&p);
	return p.failed ? -1 : 0;
}
