/* SPDX-License-Identifier: Apache-2.0 */
/* Custody after sealing, in the words of a report, once for every writer (ADM-53, ADM-54): who held the package, and what was done with it. */
#ifndef CUSTODY_FORMATS_REPORT_RECORD_H
#define CUSTODY_FORMATS_REPORT_RECORD_H

#include "formats/report_words.h"

/* One line of the section: label is English, marked for translation; text is in the language asked for, in display form, cut, with isolates (report_words.h). given: it rests on what was given
 * for this check; else on what the record says. */
typedef int custody_report_record_row(void *ctx, const char *label, const char *text, bool given, struct custody_error *err);
/* All lines, nothing if no record was given. At most some hundred: `custody record show` has them all. */
int custody_report_record_rows(const struct custody_report *r, const struct custody_words *words, custody_report_record_row *row, void *ctx,
	struct custody_error *err) CUSTODY_MUST_USE;

/* An event in one sentence, in English: display form, cut. */
#define CUSTODY_REPORT_EVENT 3200
const char *custody_report_record_event(const struct custody_account_event *e, char out[CUSTODY_REPORT_EVENT]);

/* Appends ,"record":{...} (custody-report(5)), or nothing if none was given. */
int custody_report_record_json(struct custody_buf *out, const struct custody_report *r, struct custody_error *err) CUSTODY_MUST_USE;

#endif
