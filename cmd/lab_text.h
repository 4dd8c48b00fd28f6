/* SPDX-License-Identifier: Apache-2.0 */
/* What `custody lab` prints, as text or as one line of JSON. */
#ifndef CUSTODY_CMD_LAB_TEXT_H
#define CUSTODY_CMD_LAB_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/work/labroot.h"
#include "libcustody/work/labshow.h"
#include "libcustody/work/labtrust.h"

/* After crl, certify, revoke. */
struct custody_lab_told {
	const char *action;
	const struct custody_lab *lab;
	const struct custody_lab_issued *issued;
	int reason;
	bool plain_key; /* certify: the new key is not encrypted */
};
int custody_lab_issued_text(struct custody_buf *out, const struct custody_lab_told *told, bool json, struct custody_error *err) CUSTODY_MUST_USE;

/* After trust. */
int custody_lab_trust_text(struct custody_buf *out, const struct custody_lab_trust_result *r, bool json, struct custody_error *err) CUSTODY_MUST_USE;
/* Likewise, for the journal. */
void custody_lab_trust_story(const struct custody_lab_trust_result *r, char *out, size_t size);

int custody_lab_shown_text(struct custody_buf *out, const struct custody_lab *lab, const struct custody_lab_shown *s, struct custody_time now,
	bool json, struct custody_error *err) CUSTODY_MUST_USE;

#endif
