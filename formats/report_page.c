/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/report_page.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "formats/html.h"
#include "formats/report_row.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

void custody_page_put(struct custody_page *p, const char *markup)
{
	if (!p->failed)
		p->failed = custody_buf_append_str(p->out, markup, p->err) != 0;
}

void custody_page_capital(struct custody_page *p)
{
	p->capital = true;
}

void custody_page_text(struct custody_page *p, const char *text)
{
	struct custody_html h = { p->out, p->err, p->failed };
	uint32_t first;
	size_t n = p->capital ? custody_utf8_decode((const uint8_t *)text, strlen(text), &first) : 0;
	if (n > 0) {
		char capital[5] = "";
		(void)utf8proc_encode_char(utf8proc_toupper((utf8proc_int32_t)first), (utf8proc_uint8_t *)capital);
		custody_html_text(&h, capital);
		p->capital = false;
	}
	custody_html_text(&h, text + n);
	p->failed = h.failed;
}

const char *custody_page_in(const struct custody_page *p, const char *english)
{
	return custody_words_get(p->words, english);
}

static void text_part(struct custody_page *p, const char *text, size_t n)
{
	for (char part[256]; n > 0;) {
		size_t some = n < sizeof(part) ? n : sizeof(part) - 1;
		snprintf(part, sizeof(part), "%.*s", (int)some, text);
		custody_page_text(p, part);
		text += some;
		n -= some;
	}
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The next piece from left to right: of ASCII, with a letter in it, from a letter, digit or dash to a letter or digit. Returns its length, 0 if there is none; *skip: what is before it. */
static size_t left_to_right(const char *text, size_t n, size_t *skip)
{
	for (size_t at = 0, run; at < n; at += run ? run : 1) {
		size_t from = at, to;
		bool letter = false;
		for (run = 0; at + run < n && text[at + run] >= ' ' && text[at + run] <= '~'; run++)
			letter = letter || is_letter(text[at + run]);
		for (to = at + run; from < to && !is_letter(text[from]) && !strchr("0123456789-", text[from]); from++)
			;
		for (; to > from && !is_letter(text[to - 1]) && !strchr("0123456789", text[to - 1]); to--)
			;
		*skip = from;
		if (letter)
			return to - from;
	}
	return 0;
}

/* An element of their own also keeps WeasyPrint from taking a line that begins with one for a line from left to right. */
void custody_page_own(struct custody_page *p, const char *text, size_t n)
{
	for (size_t skip = 0, run; *p->ltr && (run = left_to_right(text, n, &skip)) > 0; text += skip + run, n -= skip + run) {
		text_part(p, text, skip);
		custody_page_put(p, "<span dir=\"ltr\">");
		text_part(p, text + skip, run);
		custody_page_put(p, "</span>");
	}
	text_part(p, text, n);
}

void custody_page_word(struct custody_page *p, const char *english)
{
	bool lacking = !custody_words_have(p->words, english);
	const char *text = custody_page_in(p, english);
	custody_page_put(p, lacking ? "<span lang=\"en\" dir=\"ltr\">" : "");
	custody_page_own(p, text, strlen(text));
	custody_page_put(p, lacking ? "</span>" : "");
}

static void foreign(struct custody_page *p, const char *open, const void *bytes, size_t n)
{
	char name[CUSTODY_REPORT_NAME];
	custody_page_put(p, open);
	custody_page_text(p, custody_display(bytes, n, name, sizeof(name)));
	custody_page_put(p, "</bdi>");
}

void custody_page_foreign(struct custody_page *p, enum custody_page_source source, const void *bytes, size_t n)
{
	static const char *const open[] = { "<bdi class=\"m\">", "<bdi class=\"r\">", "<bdi class=\"g\">" };
	foreign(p, open[source], bytes, n);
}

void custody_page_item(struct custody_page *p, const void *bytes, size_t n)
{
	foreign(p, "<bdi class=\"r i\">", bytes, n);
}

void custody_page_foreign_str(struct custody_page *p, enum custody_page_source source, const char *text)
{
	custody_page_foreign(p, source, text, strlen(text));
}

void custody_page_shown(struct custody_page *p, enum custody_page_source source, const char *text)
{
	static const char *const open[] = { "<bdi class=\"m\">", "<bdi class=\"r\">", "<bdi class=\"g\">" };
	CUSTODY_BUF_CLEAN struct custody_buf safe;
	custody_buf_init(&safe, 64 * CUSTODY_ERROR_TEXT);
	if (!p->failed)
		p->failed = custody_report_append_shown(&safe, text, p->err) != 0;
	custody_page_put(p, open[source]);
	custody_page_text(p, custody_buf_str(&safe));
	custody_page_put(p, "</bdi>");
}

/* n bytes of a row, in an element or none. */
static void row_piece(struct custody_page *p, const char *open, const char *text, size_t n, const char *close)
{
	CUSTODY_BUF_CLEAN struct custody_buf piece = { .max = SIZE_MAX }, safe = { .max = SIZE_MAX };
	if (!p->failed)
		p->failed = custody_buf_append(&piece, text, n, p->err) || custody_report_append_composed(&safe, custody_buf_str(&piece), p->err);
	custody_page_put(p, open);
	custody_page_text(p, custody_buf_str(&safe));
	custody_page_put(p, close);
}

void custody_page_composed(struct custody_page *p, enum custody_page_source source, const char *text)
{
	static const char *const classes[] = { "<span class=\"m\"", "<span class=\"r\"", "<span class=\"g\"" };
	const size_t mark = strlen(CUSTODY_REPORT_ISOLATE);
	uint8_t digest[32];
	if (strlen(text) == 2 * sizeof(digest) && custody_hex_parse(text, 2 * sizeof(digest), false, digest, sizeof(digest))) {
		custody_page_number(p, digest);
		return;
	}
	custody_page_put(p, classes[source]);
	custody_page_put(p, p->words && !custody_words_of_rows(p->words) ? " lang=\"en\" dir=\"ltr\">" : ">");
	for (const char *from, *to; (from = strstr(text, CUSTODY_REPORT_ISOLATE)) != NULL; text = *to ? to + mark : to) {
		row_piece(p, "", text, (size_t)(from - text), "");
		from += mark;
		to = strstr(from, CUSTODY_REPORT_ISOLATE_END);
		to = to ? to : from + strlen(from);
		row_piece(p, "<bdi>", from, (size_t)(to - from), "</bdi>");
	}
	row_piece(p, "", text, strlen(text), "");
	custody_page_put(p, "</span>");
}

void custody_page_number(struct custody_page *p, const uint8_t sha256[32])
{
	char text[CUSTODY_HEX_GROUPS];
	custody_page_put(p, "<span class=\"n\"");
	custody_page_put(p, p->ltr);
	custody_page_put(p, ">");
	custody_page_text(p, custody_hex_groups(sha256, text));
	custody_page_put(p, "</span>");
}

void custody_page_date(struct custody_page *p, struct custody_time t)
{
	char text[CUSTODY_REPORT_DATE];
	custody_report_date(t, p->words, text);
	custody_page_own(p, text, strlen(text));
}

void custody_page_date_local(struct custody_page *p, struct custody_time t)
{
	CUSTODY_BUF_CLEAN struct custody_buf local;
	custody_buf_init(&local, 512);
	custody_page_date(p, t);
	if (!p->failed)
		p->failed = custody_report_append_local(&local, p->r, t, p->words, p->err) != 0;
	custody_page_own(p, custody_buf_str(&local), local.len);
}

static void tag(struct custody_page *p, enum custody_page_source source)
{
	static const char *const open[] = { "<span class=\"tag t-m\">", "<span class=\"tag t-r\">", "<span class=\"tag t-g\">" };
	static const char *const words[] = { N_("measured"), N_("recorded"), N_("given") };
	custody_page_put(p, open[source]);
	custody_page_word(p, words[source]);
	custody_page_put(p, "</span>");
}

struct custody_hole custody_hole_plain(const char *text)
{
	return (struct custody_hole){ .kind = CUSTODY_HOLE_PLAIN, .text = text };
}

struct custody_hole custody_hole_word(const char *english)
{
	return (struct custody_hole){ .kind = CUSTODY_HOLE_WORD, .text = english };
}

struct custody_hole custody_hole_shown(enum custody_page_source source, const char *text)
{
	return (struct custody_hole){ .kind = CUSTODY_HOLE_SHOWN, .source = source, .text = text };
}

struct custody_hole custody_hole_local(struct custody_time t)
{
	return (struct custody_hole){ .kind = CUSTODY_HOLE_LOCAL, .time = t };
}

struct custody_hole custody_hole_day(struct custody_time t)
{
	return (struct custody_hole){ .kind = CUSTODY_HOLE_DAY, .time = t };
}

struct custody_hole custody_hole_tag(enum custody_page_source source)
{
	return (struct custody_hole){ .kind = CUSTODY_HOLE_TAG, .source = source };
}

static void fill(struct custody_page *p, const struct custody_hole *h)
{
	char day[CUSTODY_REPORT_DATE];
	switch (h->kind) {
	case CUSTODY_HOLE_PLAIN:
		custody_page_own(p, h->text, strlen(h->text));
		break;
	case CUSTODY_HOLE_WORD:
		custody_page_word(p, h->text);
		break;
	case CUSTODY_HOLE_SHOWN:
		custody_page_shown(p, h->source, h->text);
		break;
	case CUSTODY_HOLE_FOREIGN:
		custody_page_foreign_str(p, h->source, h->text);
		break;
	case CUSTODY_HOLE_LOCAL:
		custody_page_date_local(p, h->time);
		break;
	case CUSTODY_HOLE_DAY:
		custody_page_text(p, custody_report_day(h->time, p->words, day));
		break;
	case CUSTODY_HOLE_TAG:
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

void custody_page_fill(struct custody_page *p, const char *english, const struct custody_hole *holes, size_t n)
{
	bool lacking = !custody_words_have(p->words, english), strong = false;
	size_t next = 0, which = 0, length;
	custody_page_put(p, lacking ? "<span lang=\"en\" dir=\"ltr\">" : "");
	for (const char *c = custody_page_in(p, english); *c; c += length) {
		length = hole_at(c, next, &which);
		if (length > 0) {
			next++;
			if (which < n)
				fill(p, &holes[which]);
		} else if (*c == '*') {
			strong = !strong;
			custody_page_put(p, strong ? "<strong>" : "</strong>");
			length = 1;
		} else {
			length = strcspn(c + 1, "%*") + 1;
			custody_page_own(p, c, length);
		}
	}
	custody_page_put(p, lacking ? "</span>" : "");
}

void custody_page_row(struct custody_page *p, const char *label)
{
	custody_page_put(p, "<tr><th scope=\"row\">");
	custody_page_capital(p);
	custody_page_word(p, label);
	p->capital = false; /* a label may be empty: the row goes on with the one before */
	custody_page_put(p, "</th><td>");
}

void custody_page_row_end(struct custody_page *p, enum custody_page_source source)
{
	custody_page_put(p, "</td><td class=\"src\">");
	tag(p, source);
	custody_page_put(p, "</td></tr>\n");
}

void custody_page_table(struct custody_page *p, const char *caption)
{
	custody_page_put(p, "<table><caption>");
	custody_page_word(p, caption);
	custody_page_put(p, "</caption><tbody>\n");
}

void custody_page_table_end(struct custody_page *p)
{
	custody_page_put(p, "</tbody></table>\n");
}

void custody_page_heading(struct custody_page *p, const char *text)
{
	custody_page_put(p, "<h2>");
	custody_page_word(p, text);
	custody_page_put(p, "</h2>\n");
}

void custody_page_claimed(struct custody_page *p, const char *text)
{
	if (text && *text)
		custody_page_foreign_str(p, CUSTODY_RECORDED, text);
	else
		custody_page_word(p, N_("not stated"));
}

void custody_page_text_row(struct custody_page *p, const char *label, bool there, const char *text, enum custody_page_source source)
{
	if (!there)
		return;
	custody_page_row(p, label);
	custody_page_shown(p, source, text);
	custody_page_row_end(p, source);
}

/* ---- findings ---- */

const char *custody_page_effect(const struct custody_finding_info *info)
{
	if (info->effect == CUSTODY_EFFECT_FAILS)
		return N_("voids");
	if (info->effect == CUSTODY_EFFECT_OPENS)
		return N_("leaves open");
	return info->severity == CUSTODY_SEVERITY_WARNING ? N_("weakens") : N_("note");
}

size_t custody_page_each_finding(struct custody_page *p, const struct custody_report *r, size_t most,
	void (*each)(struct custody_page *p, const struct custody_report *r, enum custody_finding_id id))
{
	static const char *const order[] = { "voids", "leaves open", "weakens", "note" };
	size_t kinds = 0;
	for (size_t o = 0; o < sizeof(order) / sizeof(*order); o++) {
		for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
			if (r->findings.count[id] == 0 ||
				strcmp(custody_page_effect(custody_finding_get((enum custody_finding_id)id)), order[o]) != 0)
				continue;
			if (kinds++ < most)
				each(p, r, (enum custody_finding_id)id);
		}
	}
	return kinds;
}
