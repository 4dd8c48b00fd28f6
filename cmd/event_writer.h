/* SPDX-License-Identifier: Apache-2.0 */
/* A command that writes an event of a custody record: lab, anchors, key, record, package, journal (work/record_write.h does the writing). */
#ifndef CUSTODY_CMD_EVENT_WRITER_H
#define CUSTODY_CMD_EVENT_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/event_words.h"
#include "cmd/session.h"
#include "cmd/signing.h"
#include "cmd/terminal.h"
#include "libcustody/base/error.h"
#include "libcustody/verdict/verdict.h"
#include "libcustody/work/record_write.h"

/* Initialise with custody_event_writer_init(). */
struct custody_event_writer {
	const struct custody_event_words *words; /* borrowed */
	struct custody_session session; /* its trust: the lab's anchors, and those of --trust */
	struct custody_signing signing;
	struct custody_pen pen;
	struct custody_record_file file; /* the record, once it is open */
	bool has_file;
	char *record_path; /* owned */
	const char *package_path; /* borrowed; NULL: no package is at hand */
	struct custody_report report; /* of the package, once it was verified */
	struct custody_event_said said;
	struct custody_record_written written;
	struct custody_progress progress;
	char name[CUSTODY_LIMIT_CERTIFICATE_NAME]; /* who signs */
	int argc; /* as given, for the journal */
	char **argv;
};
void custody_event_writer_init(struct custody_event_writer *w, const struct custody_event_words *words, int argc, char **argv);
void custody_event_writer_release(struct custody_event_writer *w);

/* The lab with everything that signing needs: keys and authorities are tried, before anything else is done. */
int custody_event_writer_open(struct custody_event_writer *w, struct custody_error *err) CUSTODY_MUST_USE;
/* Names package (NULL: none is at hand) and record (NULL: that of --record, else beside the package); nothing is opened. */
int custody_event_writer_find(struct custody_event_writer *w, const char *package, const char *record, struct custody_error *err) CUSTODY_MUST_USE;
/* Opens, locks and judges the record. */
int custody_event_writer_lock(struct custody_event_writer *w, struct custody_error *err) CUSTODY_MUST_USE;
/* Verifies the package, with its record if that is open: w->report. The digest in it was measured now. */
int custody_event_writer_verify(struct custody_event_writer *w, struct custody_error *err) CUSTODY_MUST_USE;
/* What was found first that keeps the verdict from being VALID, in one line, for a message. out holds CUSTODY_ERROR_TEXT bytes. */
void custody_event_writer_why(const struct custody_event_writer *w, char *out);

/* Nothing could be written: the journal has a line, if there is a lab, and the error is printed. Gives the exit code. */
int custody_event_writer_failed(const struct custody_event_writer *w, const char *what, const struct custody_error *err);
/* Writes w->said as the next event (or begins the record, if it is `sealed`), journals, warns, prints. Gives the exit code. */
int custody_event_writer_run(struct custody_event_writer *w, const char *what, struct custody_error *err);

#endif
