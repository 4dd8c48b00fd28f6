/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What verify, extract, show and seal have in common: which lab, which anchors, and the line in the lab's journal. The rules are those of
 * design/cli.md, "Defaults" and "Journal".
 *
 *	CUSTODY_SESSION_CLEAN struct custody_session session = CUSTODY_SESSION_INIT;
 *	if (custody_session_open(&session, lab_option, false, &err) || custody_session_trust(&session, trust_option, &err)) ...
 */
#ifndef CUSTODY_CMD_SESSION_H
#define CUSTODY_CMD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/work/lab.h"

struct custody_session {
	bool has_lab;
	struct custody_lab lab;
	struct custody_error closed; /* why the default lab may not be looked at by this account; of kind NONE if it may */
	struct custody_trust trust;
	char *trust_dir; /* owned: the folder that trust came from; NULL when there are no anchors */
};
#define CUSTODY_SESSION_INIT { .has_lab = false }
void custody_session_release(struct custody_session *s);
#define CUSTODY_SESSION_CLEAN CUSTODY_CLEANUP(custody_session_release)

/*
 * The lab: lab_option if given (INPUT if there is none), else the default one. A default lab that is not there is none: has_lab stays false, or INPUT
 * with a hint if it is required. One that this account may not look at is none either while anchors are given otherwise: unless it is required, the failure (IO)
 * is that of custody_session_trust() without an option, and of custody_session_journal().
 */
int custody_session_open(struct custody_session *s, const char *lab_option, bool required, struct custody_error *err) CUSTODY_MUST_USE;
/* The anchors: --trust DIR (INPUT if it is not a folder), else those of the lab (own_lab is set), else none. */
int custody_session_trust(struct custody_session *s, const char *trust_option, struct custody_error *err) CUSTODY_MUST_USE;
/*
 * One line in the lab's journal, if there is a lab: command and its arguments as given (argv[0] is the command), the package's digest (or NULL), the result
 * in words, and how the self-test went ("passed", "failed", "not-run"). IO if it cannot be written.
 */
int custody_session_journal(const struct custody_session *s, int argc, char *const *argv, const uint8_t *package_sha256, const char *result,
	const char *self_test, struct custody_error *err) CUSTODY_MUST_USE;

#endif
