/* SPDX-License-Identifier: Apache-2.0 */
/* A custody record for a reader: the chain drawn as text, and as JSON (schema custody-record-view/1, record.md). */
#ifndef CUSTODY_FORMATS_RECORD_H
#define CUSTODY_FORMATS_RECORD_H

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/verdict/finding.h"
#include "libcustody/work/record.h"

/* A file that somebody looks for among the attachments of events: a certificate that came back signed, a photograph (ADM-39). Borrowed. */
struct custody_record_attached {
	const char *path; /* as given, raw bytes */
	uint8_t sha256[32];
	uint64_t size;
};
/* The first event behind `after` (1-based; 0: from the first on) that names it by digest and size; 0: none does. */
size_t custody_record_attached_find(const struct custody_record *r, const struct custody_record_attached *file, size_t after);

/* How it stands: NOTHING speaks against it, something is proved wrong (FAILS), or cannot be judged (OPENS). */
enum custody_effect custody_record_result(const struct custody_record_view *view, const struct custody_findings *findings);

/* Appends. Nothing in it is unescaped: names and texts of the record are shown as custody_display() shows them. attached: n files that were looked for. */
typedef int custody_record_writer(struct custody_buf *out, const struct custody_record_view *view, const struct custody_findings *findings,
	const struct custody_record_attached *attached, size_t n, struct custody_error *err);
custody_record_writer custody_record_text, custody_record_json;

#endif
