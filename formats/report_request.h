/* SPDX-License-Identifier: Apache-2.0 */
/* The request that a package says it answers, in the words of a report: as stated, never checked (ADM-06, ADM-10). Once for every writer. */
#ifndef CUSTODY_FORMATS_REPORT_REQUEST_H
#define CUSTODY_FORMATS_REPORT_REQUEST_H

#include "formats/report_words.h"

/* Whether the content is inside the scope of the request, as a rung of the ladder: result and why (static, English). */
void custody_report_request_rung(const struct custody_report *r, struct custody_report_rung *out);

/* One line of the section: label is English, marked for translation; text is in the language asked for, in display form, cut, with isolates (report_words.h). measured: found now; else recorded in the package. -1 ends it. */
typedef int custody_report_request_row(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err);
/* All lines, nothing if the package holds no request record. At most some hundred, whatever the record holds. */
int custody_report_request_rows(const struct custody_report *r, const struct custody_words *words, custody_report_request_row *row, void *ctx,
	struct custody_error *err) CUSTODY_MUST_USE;

/* Those lines of it that are conditions of the sender, for whoever gets a copy or takes the package over (ADM-10). Nothing if there is no record, or it states none. */
int custody_report_request_conditions(
	const struct custody_report *r, custody_report_request_row *row, void *ctx, struct custody_error *err) CUSTODY_MUST_USE;

/* Appends ,"request":{...} (custody-report(5)), or nothing if the package holds none. */
int custody_report_request_json(struct custody_buf *out, const struct custody_report *r, struct custody_error *err) CUSTODY_MUST_USE;

#endif
