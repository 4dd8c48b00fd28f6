/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What custody request says of request records, for people and for programs. Whatever a record holds, the output is valid UTF-8 without a control or format
 * character, but for the line feeds of the text.
 */
#ifndef CUSTODY_FORMATS_REQUEST_H
#define CUSTODY_FORMATS_REQUEST_H

#include <stddef.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/record/request.h"

/* What custody_requests_check() told. */
struct custody_request_counts {
	size_t must, advice, notices;
};

/* All records, field by field; then what is missing in them. */
int custody_request_text_show(const struct custody_requests *r, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;
/* Remarks, one a line, most serious first, and a line that sums them up. */
int custody_request_text_check(
	const struct custody_requests *r, struct custody_request_counts *counts, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;
/* One compact JSON object and LF, schema custody-request-show/1 (with the records) or custody-request-check/1. */
int custody_request_json_show(const struct custody_requests *r, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;
int custody_request_json_check(
	const struct custody_requests *r, struct custody_request_counts *counts, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
