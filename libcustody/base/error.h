/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors: a plain value on the caller's stack, a chain of context in front of the root cause, no allocation, no globals.
 *
 * The detector of a problem calls custody_fail() with what was found and what was wanted; each caller that knows more puts a frame in
 * front with custody_fail_in(). All return -1, so that `return custody_fail(err, ...)` is the idiom. A message is lower case, without a
 * full stop, subject in single quotes. cmd/ prints it once: "custody: cannot verify 'x': <text>".
 *
 * err may never be NULL. On success err is left untouched. Functions that can fail return int 0/-1 (or a pointer/NULL) and are marked
 * CUSTODY_MUST_USE; void and bool mean "cannot fail".
 */
#ifndef CUSTODY_BASE_ERROR_H
#define CUSTODY_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#define CUSTODY_MUST_USE __attribute__((warn_unused_result))

/* What kind of failure: cmd/ maps it to an exit code of design/cli.md (in comments). */
enum custody_error_kind {
	CUSTODY_ERR_NONE = 0,
	CUSTODY_ERR_USAGE, /* 64: the caller's words are off */
	CUSTODY_ERR_FORMAT, /* 65: malformed input (a list, a configuration, a certificate); with a rule: a refused package */
	CUSTODY_ERR_INPUT, /* 66: not there, or not one that can be taken: existing output, expired key, wrong passphrase */
	CUSTODY_ERR_LIMIT, /* 65: larger than a named limit of base/limits.h */
	CUSTODY_ERR_CRYPTO, /* 70: the crypto library failed where it must not */
	CUSTODY_ERR_NOMEM, /* 70 */
	CUSTODY_ERR_INTERNAL, /* 70: ours */
	CUSTODY_ERR_IO, /* 74: sys_errno says why */
	CUSTODY_ERR_TEMPORARY, /* 75: try again */
	CUSTODY_ERR_INTERRUPTED /* 128 + signal */
};

#define CUSTODY_ERROR_TEXT 1024

struct custody_error {
	enum custody_error_kind kind;
	int sys_errno; /* errno of an IO error, else 0 */
	const char *rule; /* id of the finding that this refusal is (static text), else NULL; see verdict/finding.h */
	char text[CUSTODY_ERROR_TEXT]; /* UTF-8, one line, printable: quote foreign bytes with custody_display() before they go in */
	char hint[256]; /* what to do, may be empty */
};

#define CUSTODY_ERROR_INIT { CUSTODY_ERR_NONE, 0, NULL, "", "" }

/* Root cause. Replaces whatever err held. Returns -1. Text that does not fit is cut at a character boundary. */
int custody_fail(struct custody_error *err, enum custody_error_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Root cause with errno: kind IO (NOMEM for ENOMEM), ": <strerror>" is appended. Returns -1. */
int custody_fail_errno(struct custody_error *err, int sys_errno, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* True: what was found short is this process's or this computer's (descriptors, memory), and nothing is said about the file that was to be read. */
bool custody_errno_is_own(int sys_errno);

/* Root cause: a parser refuses input by a named rule (kind FORMAT, err->rule = rule; rule must be static text). Returns -1. */
int custody_refuse(struct custody_error *err, const char *rule, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Out of memory. Returns -1. */
int custody_fail_nomem(struct custody_error *err);

/* Puts "frame: " in front of the text; if room runs out the frame is dropped, never the cause. Kind, rule, hint stay. Returns -1. */
int custody_fail_in(struct custody_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the hint line. Returns -1, so that it can end a return statement. */
int custody_hint(struct custody_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Tools that look at one file at a time are told what these return; otherwise they follow paths that cannot be. */
#if (defined(__clang_analyzer__) || defined(__cppcheck__)) && !defined(CUSTODY_BASE_ERROR_C)
#define custody_fail(...) ((void)custody_fail(__VA_ARGS__), -1)
#define custody_fail_errno(...) ((void)custody_fail_errno(__VA_ARGS__), -1)
#define custody_refuse(...) ((void)custody_refuse(__VA_ARGS__), -1)
#define custody_fail_nomem(err) ((void)custody_fail_nomem(err), -1)
#define custody_fail_in(...) ((void)custody_fail_in(__VA_ARGS__), -1)
#define custody_hint(...) ((void)custody_hint(__VA_ARGS__), -1)
#endif

#endif
