/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What verify found, for people and for programs. Everything comes from struct custody_report; nothing is judged here. Whatever the names in a package
 * are, the output is valid UTF-8 without a control or format character, but for the line feeds of the text and, if asked for, its colours; the words of other languages
 * than English have no-break spaces, names never.
 */
#ifndef CUSTODY_FORMATS_REPORT_H
#define CUSTODY_FORMATS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/words.h"
#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/package/sealfile.h"
#include "libcustody/verdict/verdict.h"

/* What a report needs and the library does not know. */
struct custody_report_context {
	const char *tool; /* "custody 0.1.0" */
	const struct custody_library_version *libraries; /* at run time */
	size_t n_libraries;
	bool colour; /* text only: the verdict in colour; it is never the only carrier */
	const struct custody_words *words; /* text and HTML only: the language; NULL: English. JSON is English always */
};

/* One compact JSON object and LF, schema custody-report/1: see custody-report(5). */
int custody_report_json(struct custody_buf *out, const struct custody_report *r, const struct custody_report_context *context,
	struct custody_error *err) CUSTODY_MUST_USE;

/* The members "package", "seal" and "time" of that object, each with a comma before it: for other schemas that have them. */
int custody_report_json_facts(struct custody_buf *out, const struct custody_report *r, struct custody_error *err) CUSTODY_MUST_USE;

/* Plain text for a court: fixed sentences, at most 80 columns but for names and commands that are longer. */
int custody_report_text(struct custody_buf *out, const struct custody_report *r, const struct custody_report_context *context,
	struct custody_error *err) CUSTODY_MUST_USE;
/* For a command that has more to say than the verdict: the head of that text, and of a verdict that is not VALID all of it, since it says what is wrong, or missing. */
int custody_report_brief(struct custody_buf *out, const struct custody_report *r, const struct custody_report_context *context,
	struct custody_error *err) CUSTODY_MUST_USE;

/* One HTML file for paper and screen: no script, nothing from elsewhere; page one for a judge, then an annex for experts. The same facts and sentences. */
int custody_report_html(struct custody_buf *out, const struct custody_report *r, const struct custody_report_context *context,
	struct custody_error *err) CUSTODY_MUST_USE;

/* ---- what all writers share; their sentences are in report_words.h ---- */

/* T + accuracy where stated: the time that an independent authority proves. false: nothing is proven. */
bool custody_report_not_later_than(const struct custody_report *r, struct custody_time *out);
/* RFC 3339, with nanoseconds only where there are any; "(out of range)" otherwise. out holds CUSTODY_TIME_TEXT bytes. */
void custody_report_time(struct custody_time t, char *out);
/* "B-LT", "B-T"; NULL when the signatures hold less. */
const char *custody_report_level(const struct custody_report *r);
/* Appends text that was made for showing (a certificate's name, a detail): as it is, but for control and format characters and bytes that are not UTF-8,
 * which are escaped as in custody_display(). */
int custody_report_append_shown(struct custody_buf *out, const char *text, struct custody_error *err) CUSTODY_MUST_USE;
/* The same of a line that was composed of our words and of names in display form: the no-break space, which French sets before a colon, stays; in a name it was escaped. */
int custody_report_append_composed(struct custody_buf *out, const char *text, struct custody_error *err) CUSTODY_MUST_USE;

#endif
