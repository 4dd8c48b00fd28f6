/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a report, once for every writer: the same result gives the same sentence in text, HTML and JSON (ADM-85, ADM-92). Nothing is judged here; every
 * sentence follows from the verdict, a group's result or a finding. Sentences are fixed; only numbers, dates and the table of findings go into them, never a name.
 *
 * What returns a text alone returns it in English, marked for translation: a writer puts it through custody_words_get() (formats/words.h), JSON takes it as it is. What composes
 * takes the language; NULL: English.
 */
#ifndef CUSTODY_FORMATS_REPORT_WORDS_H
#define CUSTODY_FORMATS_REPORT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/words.h"
#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/verdict/verdict.h"

#define CUSTODY_REPORT_NAME 400 /* bytes of a name that are shown where people read */
#define CUSTODY_REPORT_ROLE N_("documents of a request: role authority-document")
#define CUSTODY_REPORT_ITEMS 10 /* items listed of one kind of finding where people read: the JSON report has them all */

/* "VALID" ..., "NOT JUDGED"; and the one sentence that stands beside it, which tells a package that is proved wrong from a record or number that does not fit it. Static. */
const char *custody_report_word(enum custody_verdict v);
const char *custody_report_sentence(const struct custody_report *r);
/* Each item with content was compared with all that the package states of it, and the file was quiet while it was read: r->compared and r->equal may be told. */
bool custody_report_all_compared(const struct custody_report *r);

/* One group: "passed", "cannot be said" ..., and in words what passed, or what would have been checked. Static. group < CUSTODY_GROUP_STATEMENTS. */
const char *custody_report_result(enum custody_group_result result);
const char *custody_report_group(const struct custody_report *r, enum custody_group group);

/*
 * Appends the conclusion, one or more fixed sentences: "Every one of the 1,204 files in this package is, byte for byte, the file that was sealed."; what is wrong; or
 * why nothing can be decided. No markup, no foreign byte, no line feed.
 */
int custody_report_conclusion(
	struct custody_buf *out, const struct custody_report *r, const struct custody_words *words, struct custody_error *err) CUSTODY_MUST_USE;

/* The ladder of claims, each with a result of its own (design/admissibility.md section 7). NOT_SHOWN: looked at, and neither holds nor fails. */
enum custody_report_rung_result {
	CUSTODY_RUNG_HOLDS,
	CUSTODY_RUNG_FAILS,
	CUSTODY_RUNG_NOT_SHOWN,
	CUSTODY_RUNG_NOT_CHECKED,
	CUSTODY_RUNG_NOT_APPLICABLE
};
struct custody_report_rung {
	const char *claim, *why; /* static */
	enum custody_report_rung_result result;
};
const char *custody_report_rung_result_name(enum custody_report_rung_result result); /* "holds" ... */
/* The i-th rung, from 0; false after the last. */
bool custody_report_rung(const struct custody_report *r, size_t i, struct custody_report_rung *out);

/* What in a record whose events all hold leaves it open whether custody is unbroken, the weightiest; NULL: nothing but perhaps its end. Static. */
const char *custody_report_custody_open(const struct custody_report *r);

/* What no report says; printed with every verdict, and nothing switches it off (ADM-90). */
extern const char custody_report_does_not_say[];

/* On a report in another language: which one holds; and that it is not complete. */
extern const char custody_report_translation[], custody_report_untranslated[];

/* The commands that repeat the check without this program, in lines; plain ASCII in English, but for the name of the file. Nothing where there is no package. */
int custody_report_by_hand(
	struct custody_buf *out, const struct custody_report *r, const struct custody_words *words, struct custody_error *err) CUSTODY_MUST_USE;

/* "12,345", by the custom of the language. out holds CUSTODY_REPORT_NUMBER bytes. */
#define CUSTODY_REPORT_NUMBER 64
const char *custody_report_grouped(uint64_t v, const struct custody_words *words, char *out);
/* "1 item", "12,345 items"; "1 byte" ... out holds CUSTODY_REPORT_COUNT bytes. */
#define CUSTODY_REPORT_COUNT 128
const char *custody_report_items(uint64_t n, const struct custody_words *words, char *out);
const char *custody_report_bytes(uint64_t n, const struct custody_words *words, char *out);
/* "21 September 2026, 14:13:20 UTC", with a fraction where there is one; "(out of range)" otherwise. out holds CUSTODY_REPORT_DATE bytes. */
#define CUSTODY_REPORT_DATE 160
const char *custody_report_date(struct custody_time t, const struct custody_words *words, char *out);
/* Its day alone: "21 September 2026". */
const char *custody_report_day(struct custody_time t, const struct custody_words *words, char *out);
/*
 * The local time of this computer beside a date in UTC: " (15:13:20 CEST, UTC+02:00)", with its day in front where that is another; in " (" and ")". Nothing where the
 * report has no local time, or it is UTC. out holds CUSTODY_REPORT_LOCAL bytes, and is returned.
 */
#define CUSTODY_REPORT_LOCAL 320
const char *custody_report_local_beside(const struct custody_report *r, struct custody_time t, const struct custody_words *words, char *out);
/* The same, appended. */
int custody_report_append_local(struct custody_buf *out, const struct custody_report *r, struct custody_time t, const struct custody_words *words,
	struct custody_error *err) CUSTODY_MUST_USE;
/* "2026-11-29T08:47:00+01:00", of the second of t. false: not known. out holds CUSTODY_TIME_TEXT bytes. */
bool custody_report_local(const struct custody_report *r, struct custody_time t, char *out, struct custody_zone *zone);
/* How the signer's certificate stands to the time that counts, in words: valid, expired since, withdrawn (ADM-89). Static. */
const char *custody_report_standing(const struct custody_report *r);
/* The second in which it was judged: nobody reads the fraction in which a program was started. */
struct custody_time custody_report_judged_at(const struct custody_report *r);

/* Whether the stamp of an authority beside the one that counts holds, and whose word it is; English, marked. */
const char *custody_report_other_stamp(const struct custody_seal_stamp *stamp);

#endif
