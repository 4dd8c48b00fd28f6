/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The voice of the program. stdout carries the result, stderr everything else:
 *
 *	custody: cannot seal 'x': ...		errors, lower case, what failed, on what, found and wanted
 *	hint: ...				what to do
 *	custody: note: ...			not with --quiet
 *
 * Foreign bytes go into a message only through custody_display(); as a second line of defence every control or format character that still is in a message is replaced here.
 */
#ifndef CUSTODY_CMD_TERMINAL_H
#define CUSTODY_CMD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/utf8.h"

#define CUSTODY_TERMINAL_NAME 512 /* room for a name shown in a message; longer ones are cut */

/* --quiet: no notes, no progress. --verbose: details. */
void custody_terminal_setup(bool quiet, bool verbose);

/* Prints "custody: FRAME: TEXT" (without FRAME when it is empty) and the hint; returns the exit code of the error. */
int custody_terminal_error(const struct custody_error *err, const char *frame, ...) __attribute__((format(printf, 2, 3)));
/* "custody: warning: ...", always. */
void custody_terminal_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "custody: note: ...", unless --quiet. */
void custody_terminal_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Likewise before (at most 100 bytes) and text, however long it is, with nothing left out. text is safe to show. */
void custody_terminal_note_whole(const char *before, const char *text);
/* "custody: ...", only with --verbose. */
void custody_terminal_detail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Colour may be used on this stream: a terminal, not a dumb one, NO_COLOR not set. */
bool custody_terminal_has_colour(FILE *stream);

/* Text of a result to stdout, as it is. An error shows at custody_terminal_finish(). */
void custody_terminal_print(const struct custody_buf *text);
/* For a command that has done something by now: whether what it printed has left the process, so that it can say so beside a failure. Told once. */
int custody_terminal_flush(struct custody_error *err);
/* Ends the program's output: closes stdout, and turns success (or a verdict) into 74 if not everything could be written. Returns the exit code to end with. */
int custody_terminal_finish(int exit_code);

/*
 * The progress line: on stderr when it is a terminal, from half a second on, a few times a second: bytes, rate, remaining time; removed at the end
 * and before every message and result. update has the type of the library's progress callbacks, with the struct as its context.
 */
struct custody_progress {
	const char *what; /* "seal" */
	struct timespec started, shown; /* CLOCK_MONOTONIC */
	bool on;
};
void custody_progress_begin(struct custody_progress *p, const char *what);
void custody_progress_update(void *progress, uint64_t done, uint64_t total); /* total 0: not known */
void custody_progress_end(struct custody_progress *p);
/* The text of the line, without anything that moves the cursor. out holds 96 bytes. */
void custody_progress_format(const char *what, uint64_t done, uint64_t total, double seconds, char out[96]);

#endif
