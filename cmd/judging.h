/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What export, extract and certificate have in common: one package is verified before anything is made of it, against anchors of --trust or of the lab, and the
 * lab's journal has a line of it however it ends.
 *
 *	CUSTODY_JUDGING_CLEAN struct custody_judging j;
 *	custody_judging_init(&j, argc, argv);
 *	... CUSTODY_JUDGING_OPTIONS(&j) in the table; custody_judging_check(), _prepare(), _open(), _verify(), _journal(), in this order.
 */
#ifndef CUSTODY_CMD_JUDGING_H
#define CUSTODY_CMD_JUDGING_H

#include <stdbool.h>

#include "cmd/options.h"
#include "cmd/session.h"
#include "cmd/terminal.h"
#include "formats/report.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"
#include "libcustody/base/source.h"
#include "libcustody/verdict/verdict.h"
#include "libcustody/work/verify.h"

struct custody_judging {
	struct custody_session session;
	struct custody_verify_options verify;
	struct custody_report report;
	struct custody_report_context context; /* this program and its libraries */
	struct custody_progress progress;
	const char *package; /* as given */
	const char *expect, *trust, *lab, *jobs; /* options; NULL: not given */
	bool json, quiet, verbose;
	int fd; /* the package; -1: not open */
	struct custody_source source;
	struct custody_source_fd state;
	int argc; /* as given, for the journal */
	char **argv;
};
void custody_judging_init(struct custody_judging *j, int argc, char **argv);
void custody_judging_release(struct custody_judging *j);
#define CUSTODY_JUDGING_CLEAN CUSTODY_CLEANUP(custody_judging_release)

/* Which package, which anchors: in a table of options. */
#define CUSTODY_JUDGING_OPTIONS(j)                                                                                                              \
	CUSTODY_OPTION_TEXT('e', "expect", "HEX", &(j)->expect, "the package number on the form; case and spaces do not matter"),               \
		CUSTODY_OPTION_TEXT('t', "trust", "DIR", &(j)->trust, "folder with signers.pem, tsas.pem, crls.pem (default: your own lab's)"), \
		CUSTODY_OPTION_TEXT(0, "lab", "LAB", &(j)->lab, "your lab (default: $CUSTODY_LAB, then ~/.custody, if there is one)"),          \
		CUSTODY_OPTION_TEXT('j', "jobs", "N", &(j)->jobs, "threads that compute digests (default: the processors)")

/* What the options ask of the verification; it is as at now. Errors as of custody_package_question(); IO if there is no clock. */
int custody_judging_check(struct custody_judging *j, struct custody_error *err) CUSTODY_MUST_USE;
/* Lab and anchors. Errors as of custody_session_open() and custody_session_trust(); NOMEM. */
int custody_judging_prepare(struct custody_judging *j, struct custody_error *err) CUSTODY_MUST_USE;
/* Opens j->package: what is verified and what is then read are the same file. Errors as of custody_package_open(). */
int custody_judging_open(struct custody_judging *j, struct custody_error *err) CUSTODY_MUST_USE;
/* Verifies it: j->report has the verdict then. Errors as of custody_verify() and custody_judging_note(). */
int custody_judging_verify(struct custody_judging *j, struct custody_error *err) CUSTODY_MUST_USE;
/* For whoever verified otherwise: notes in the report where the anchors are from. Errors as of custody_package_note_anchors(). */
int custody_judging_note(struct custody_judging *j, struct custody_error *err) CUSTODY_MUST_USE;
/*
 * The lab's own diary: the verdict, if there is one, and what was done, or why it failed (the other is NULL). The command does not wait for it, but says so if it
 * cannot be written, on the terminal and in the report. How the self-test went is in the line: without it nothing is judged (work/selftest.h).
 */
void custody_judging_journal(struct custody_judging *j, const char *done, const char *failure);

#endif
