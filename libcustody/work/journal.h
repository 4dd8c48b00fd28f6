/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a journal line; writing it is custody_lab_journal() of work/lab.h. */
#ifndef CUSTODY_WORK_JOURNAL_H
#define CUSTODY_WORK_JOURNAL_H

#include "libcustody/work/lab.h"

/* Appends the line with its LF: keys in the order of work/lab.h, arguments in display form, no control or format character anywhere. */
int custody_journal_format(const struct custody_journal_entry *entry, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
