/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every subcommand shares: its entry in the table of custody.c, the exit codes, and how an error becomes one.
 *
 * To add a subcommand NAME: write cmd/cmd_NAME.c with `int custody_cmd_NAME(int argc, char **argv)`, put its prototype below, one line into the
 * table of custody.c, and its manual page beside it (custody-NAME.1). argv[0] is the subcommand's own name. The function parses with options.h, speaks through terminal.h, and
 * returns an exit code; it never calls exit(). main() checks that stdout could be written.
 */
#ifndef CUSTODY_CMD_CMD_H
#define CUSTODY_CMD_CMD_H

#include "libcustody/base/error.h"
#include "libcustody/verdict/verdict.h"

/* Exit codes of design/cli.md; a script can tell tampering from a full disk. With several packages the worst counts: custody_exit_worse(). */
enum custody_exit {
	CUSTODY_EXIT_OK = 0, /* done; VALID */
	CUSTODY_EXIT_INVALID = 1, /* INVALID; an audit found differences */
	CUSTODY_EXIT_INDETERMINATE = 2,
	CUSTODY_EXIT_USAGE = 64,
	CUSTODY_EXIT_FORMAT = 65, /* malformed input: lists, configuration, certificates; never a package, that gets a verdict */
	CUSTODY_EXIT_INPUT = 66, /* not there, or not one that can be taken */
	CUSTODY_EXIT_INTERNAL = 70,
	CUSTODY_EXIT_IO = 74,
	CUSTODY_EXIT_TEMPORARY = 75, /* try again */
	CUSTODY_EXIT_SIGNAL = 128 /* + the number of the signal */
};

/* The exit code of an error. */
int custody_exit_of(const struct custody_error *err);
/* The exit code of a verdict; INTERNAL for NONE. */
int custody_exit_of_verdict(enum custody_verdict v);
/* The worse of two exit codes of one run: ended by a signal, then 1, 70 and its like, 66 and 74, 2, 0; the first of equals. */
int custody_exit_worse(int a, int b);

struct custody_command {
	const char *name;
	const char *summary; /* one line of `custody --help`: lower case, no full stop */
	int (*run)(int argc, char **argv); /* gives the exit code */
};

int custody_cmd_accept(int argc, char **argv);
int custody_cmd_audit(int argc, char **argv);
int custody_cmd_certificate(int argc, char **argv);
int custody_cmd_claims(int argc, char **argv);
int custody_cmd_export(int argc, char **argv);
int custody_cmd_extract(int argc, char **argv);
int custody_cmd_hash(int argc, char **argv);
int custody_cmd_init(int argc, char **argv);
int custody_cmd_inspect(int argc, char **argv);
int custody_cmd_lab(int argc, char **argv);
int custody_cmd_receive(int argc, char **argv);
int custody_cmd_record(int argc, char **argv);
int custody_cmd_release(int argc, char **argv);
int custody_cmd_request(int argc, char **argv);
int custody_cmd_seal(int argc, char **argv);
int custody_cmd_show(int argc, char **argv);
int custody_cmd_tsa(int argc, char **argv);
int custody_cmd_verify(int argc, char **argv);

#endif
