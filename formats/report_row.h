/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a report, as text of which a writer still knows what is foreign in it: each writer shows that in its own way. */
#ifndef CUSTODY_FORMATS_REPORT_ROW_H
#define CUSTODY_FORMATS_REPORT_ROW_H

#include <stddef.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"

/*
 * A row of a report that quotes foreign texts has each of them between these two, inside its quotes. No display form has either, so no name can end its own: a writer for
 * which direction matters keeps a name from turning the row, and every other one takes them out.
 */
#define CUSTODY_REPORT_ISOLATE "\x02"
#define CUSTODY_REPORT_ISOLATE_END "\x03"
/* The display form of n bytes between the two, into a fixed array: cut with "..." when it does not fit (size >= 16). Returns out. */
char *custody_report_isolated(const void *bytes, size_t n, char *out, size_t size);
/* Appends the row without them. */
int custody_report_append_plain(struct custody_buf *out, const char *row, struct custody_error *err) CUSTODY_MUST_USE;
/* The same, in its place. Returns row. */
char *custody_report_plain(char *row);

#endif
