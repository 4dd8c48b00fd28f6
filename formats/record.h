/* SPDX-License-Identifier: Apache-2.0 */
/* A custody record for a reader: the chain drawn as text, and as JSON (schema custody-record-view/1, record.md). */
#ifndef CUSTODY_FORMATS_RECORD_H
#define CUSTODY_FORMATS_RECORD_H

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/verdict/finding.h"
#include "libcustody/work/record.h"

/* Appends. Nothing in it is unescaped: names and texts of the record are shown as custody_display() shows them. */
typedef int custody_record_writer(
	struct custody_buf *out, const struct custody_record_view *view, const struct custody_findings *findings, struct custody_error *err);
custody_record_writer custody_record_text, custody_record_json;

#endif
