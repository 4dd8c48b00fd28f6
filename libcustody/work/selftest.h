/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verifier that is broken and says VALID is the worst defect. So before anything is judged, once a process, the embedded packages (one VALID, five
 * INVALID, fixtures/sealed/selftest-*.asice) must get the verdicts they have; otherwise nothing is judged.
 */
#ifndef CUSTODY_WORK_SELFTEST_H
#define CUSTODY_WORK_SELFTEST_H

#include "libcustody/work/verify.h"

/* custody_verify() without asking for the self-test first: for the self-test itself, and for nobody else. */
int custody_verify_unchecked(const struct custody_source *source, const struct custody_verify_options *options, struct custody_report *report,
	struct custody_error *err) CUSTODY_MUST_USE;

/* What the self-test said in this process: "passed", "failed" or "not-run". Static text. */
const char *custody_self_test_state(void);

#endif
