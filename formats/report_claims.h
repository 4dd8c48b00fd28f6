/* SPDX-License-Identifier: Apache-2.0 */
/* Digests stated by others, in the words of a report: once for every writer. */
#ifndef CUSTODY_FORMATS_REPORT_CLAIMS_H
#define CUSTODY_FORMATS_REPORT_CLAIMS_H

#include "formats/report_words.h"

/* Whether the content equals what others stated, as a rung of the ladder: result and why (static, English). */
void custody_report_claims_rung(const struct custody_report *r, struct custody_report_rung *out);

/* Appends one sentence with the numbers: no foreign byte, plain ASCII in English. Nothing if nothing was stated. */
int custody_report_claims_sum(
	struct custody_buf *out, const struct custody_report *r, const struct custody_words *words, struct custody_error *err) CUSTODY_MUST_USE;

/* Appends what is said of list i: "'a.md5', in the format 'sha256sum', stated by 'X'". Names in display form, between isolates (report_words.h). */
int custody_report_claims_source(struct custody_buf *out, const struct custody_claims_source *s, const struct custody_words *words,
	struct custody_error *err) CUSTODY_MUST_USE;

/* Appends ,"claimed_digests":{...} (custody-report(5)), or nothing if nothing was stated. */
int custody_report_claims_json(struct custody_buf *out, const struct custody_report *r, struct custody_error *err) CUSTODY_MUST_USE;

#endif
