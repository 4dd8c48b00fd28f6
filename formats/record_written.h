/* SPDX-License-Identifier: Apache-2.0 */
/* What record add, release and accept print: the event that was written, and the head of the record, to be noted by the other party (schema
 * custody-record-written/1, record.md). */
#ifndef CUSTODY_FORMATS_RECORD_WRITTEN_H
#define CUSTODY_FORMATS_RECORD_WRITTEN_H

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/work/record_write.h"

/* Appends. package: its path; NULL: none was at hand. */
typedef int custody_record_written_writer(struct custody_buf *out, const struct custody_event *e, const struct custody_record_written *written,
	const char *package, const char *record, struct custody_error *err);
custody_record_written_writer custody_record_written_text, custody_record_written_json;

#endif
