/* SPDX-License-Identifier: Apache-2.0 */
/* What anchors a custody record, as verify and record show are given it: heads (--head), and the counterpart's copy (--counterpart; ADM-51). */
#ifndef CUSTODY_CMD_COUNTERPART_H
#define CUSTODY_CMD_COUNTERPART_H

#include <stdint.h>

#include "cmd/options.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/work/record.h"

/* Reads and judges the copy of `record`; view must be zeroed. INPUT if it is that very file, or something in it is proved wrong: then it anchors nothing. */
int custody_counterpart_read(const char *path, const char *record, const struct custody_trust *trust, struct custody_time now,
	struct custody_record_view *view, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * The heads that were noted, each as people give a number (base/nih.h). Gives given->n of them, for free(); an array even if there is none. USAGE for what is no
 * head, NOMEM; then *heads is not set.
 */
int custody_counterpart_heads(const struct custody_option_list *given, uint8_t (**heads)[32], struct custody_error *err) CUSTODY_MUST_USE;

#endif
