/* SPDX-License-Identifier: Apache-2.0 */
/* The counterpart's copy of a custody record: --counterpart of verify and record show. It anchors what it holds (ADM-51). */
#ifndef CUSTODY_CMD_COUNTERPART_H
#define CUSTODY_CMD_COUNTERPART_H

#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/work/record.h"

/* Reads and judges the copy of `record`; view must be zeroed. INPUT if it is that very file, or something in it is proved wrong: then it anchors nothing. */
int custody_counterpart_read(const char *path, const char *record, const struct custody_trust *trust, struct custody_time now,
	struct custody_record_view *view, struct custody_error *err) CUSTODY_MUST_USE;

#endif
