/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of a report in HTML under way, in a language. After a failure nothing more is appended; the caller looks at `failed` once, at the end, and `err` says what it was:
 * memory, or no room in the buffer.
 *
 * No byte reaches the file but through put (markup of ours), text (text of ours that was composed), word and phrase (text of ours, put into the language of the page) or
 * foreign and shown (anything else: display form first, then the five characters of HTML). Each statement says where it comes from: measured now, recorded in the package, or
 * given for this run (ADM-98). What a language lacks stands in English and is marked so, for screen readers and for pages that run from right to left.
 */
#ifndef CUSTODY_FORMATS_REPORT_PAGE_H
#define CUSTODY_FORMATS_REPORT_PAGE_H

#include "formats/report.h"
#include "formats/words.h"

enum custody_page_source { CUSTODY_MEASURED, CUSTODY_RECORDED, CUSTODY_GIVEN };

/* Borrows all that it points to. */
struct custody_page {
	struct custody_buf *out;
	struct custody_error *err;
	bool failed;
	const struct custody_report *r;
	const struct custody_words *words;
	const char *ltr; /* an attribute of what runs from left to right in every language */
	bool capital; /* the next letter begins a sentence */
};

/* Markup, as it is. */
void custody_page_put(struct custody_page *p, const char *markup);
/*
 * The text that comes next begins a sentence or is a label: its first letter is a capital. Not by the style sheet: WeasyPrint does not know ::first-letter, and takes the first
 * letter of an Arabic word from its neighbour for it.
 */
void custody_page_capital(struct custody_page *p);
/* Text of ours that was composed, in the language of the page: escaped. */
void custody_page_text(struct custody_page *p, const char *text);
/* A text of ours, in the language of the page. */
const char *custody_page_in(const struct custody_page *p, const char *english);
/* n bytes of ours in the language of the page. Where that runs from right to left, what stands in Latin letters (UTC, an option) keeps its direction. */
void custody_page_own(struct custody_page *p, const char *text, size_t n);
/* A text of ours, put into the language of the page. */
void custody_page_word(struct custody_page *p, const char *english);
/* Foreign bytes, in an element that keeps a script written from right to left from turning what stands beside it; cut at CUSTODY_REPORT_NAME. */
void custody_page_foreign(struct custody_page *p, enum custody_page_source source, const void *bytes, size_t n);
/* The same of bytes that end in NUL. */
void custody_page_foreign_str(struct custody_page *p, enum custody_page_source source, const char *text);
/* The name of an item: the same, in letters of one width, that break anywhere: 0 and O, l and 1 differ, and a name of 255 letters without a space begins on its line. */
void custody_page_item(struct custody_page *p, const void *bytes, size_t n);
/* Text made for showing (a certificate's name, a detail): what is unsafe in it all the same is escaped. */
void custody_page_shown(struct custody_page *p, enum custody_page_source source, const char *text);
/* A row of our words, which has the direction of its language, and of names between isolates (report_words.h), each of which has its own. */
void custody_page_composed(struct custody_page *p, enum custody_page_source source, const char *text);
/* What the sealer states of himself, or that he does not: NULL and "" are not stated. */
void custody_page_claimed(struct custody_page *p, const char *text);
/* A SHA-256, in fours. */
void custody_page_number(struct custody_page *p, const uint8_t sha256[32]);
/* A date in words, in UTC. */
void custody_page_date(struct custody_page *p, struct custody_time t);
/* With the local time of this computer beside it (ADM-88). */
void custody_page_date_local(struct custody_page *p, struct custody_time t);

/* What fills a hole of a phrase. */
struct custody_hole {
	enum {
		CUSTODY_HOLE_PLAIN,
		CUSTODY_HOLE_WORD,
		CUSTODY_HOLE_SHOWN,
		CUSTODY_HOLE_FOREIGN,
		CUSTODY_HOLE_LOCAL,
		CUSTODY_HOLE_DAY,
		CUSTODY_HOLE_TAG
	} kind;
	enum custody_page_source source;
	const char *text; /* borrowed; plain: in the language of the page; word: English; the others foreign */
	struct custody_time time;
};
struct custody_hole custody_hole_plain(const char *text);
struct custody_hole custody_hole_word(const char *english);
struct custody_hole custody_hole_shown(enum custody_page_source source, const char *text);
struct custody_hole custody_hole_local(struct custody_time t);
struct custody_hole custody_hole_day(struct custody_time t);
struct custody_hole custody_hole_tag(enum custody_page_source source);
/*
 * A text of ours with holes, in the language of the page, which may have them in another order; what stands between two * weighs more. A hole that a translation
 * has too many stays empty: msgfmt refuses such a one.
 */
void custody_page_fill(struct custody_page *p, const char *english, const struct custody_hole *holes, size_t n);
#define custody_page_phrase(p, english, ...)                                        \
	custody_page_fill(p, english, (const struct custody_hole[]){ __VA_ARGS__ }, \
		sizeof((const struct custody_hole[]){ __VA_ARGS__ }) / sizeof(struct custody_hole))

/* A heading of a part: English, put into the language of the page. */
void custody_page_heading(struct custody_page *p, const char *text);
/* A table with a caption, and its lines: label, what is said (between begin and end), and whose word it is. */
void custody_page_table(struct custody_page *p, const char *caption);
void custody_page_table_end(struct custody_page *p);
void custody_page_row(struct custody_page *p, const char *label);
void custody_page_row_end(struct custody_page *p, enum custody_page_source source);
/* A whole line of text made for showing; nothing unless it is there. */
void custody_page_text_row(struct custody_page *p, const char *label, bool there, const char *text, enum custody_page_source source);

/* What a finding does to the claim, in words (ADM-91). Static, English. */
const char *custody_page_effect(const struct custody_finding_info *info);
/* Calls each kind that was found, what weighs most first, at most `most`; gives how many kinds there are. */
size_t custody_page_each_finding(struct custody_page *p, const struct custody_report *r, size_t most,
	void (*each)(struct custody_page *p, const struct custody_report *r, enum custody_finding_id id));

#endif
