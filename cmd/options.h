/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options: a table in, plain variables out.
 *
 *	bool json = false;
 *	const char *trust = NULL;
 *	const struct custody_option options[] = {
 *		CUSTODY_OPTION_FLAG(0, "json", &json, "print JSON"),
 *		CUSTODY_OPTION_TEXT('t', "trust", "DIR", &trust, "anchors to trust"),
 *		CUSTODY_OPTION_END,
 *	};
 *	const struct custody_usage usage = { "verify", "PACKAGE...", "Judges sealed packages.", options, 1, SIZE_MAX };
 *	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
 *	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
 *		return rc;
 *
 * Long and short options, anywhere between operands; `--name=value`, `--name value`, `-nvalue`, `-n value`, `-qv`; `--` ends options, a lone `-` is
 * an operand. Long names are not abbreviated: a script must not change its meaning when an option is added. An option given twice is refused unless
 * it is a list. --help and -h are always there.
 */
#ifndef CUSTODY_CMD_OPTIONS_H
#define CUSTODY_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"

/* The values of an option that may be repeated; borrowed from argv, in the order given. */
struct custody_option_list {
	const char **values; /* owned array */
	size_t n;
};
void custody_option_list_release(struct custody_option_list *l);
#define CUSTODY_OPTION_LIST_CLEAN CUSTODY_CLEANUP(custody_option_list_release)

struct custody_option {
	char letter; /* 0: no short form */
	const char *name; /* without "--"; NULL ends the table */
	const char *argument; /* what stands for the value in the usage; NULL: a flag */
	bool *flag; /* exactly one of these three */
	const char **text;
	struct custody_option_list *list;
	const char *help; /* one line: lower case, no full stop */
};

#define CUSTODY_OPTION_FLAG(letter, name, target, help) { letter, name, NULL, target, NULL, NULL, help }
#define CUSTODY_OPTION_TEXT(letter, name, argument, target, help) { letter, name, argument, NULL, target, NULL, help }
#define CUSTODY_OPTION_LIST(letter, name, argument, target, help) { letter, name, argument, NULL, NULL, target, help }
#define CUSTODY_OPTION_END { 0, NULL, NULL, NULL, NULL, NULL, NULL }

struct custody_usage {
	const char *command;
	const char *operands; /* "PACKAGE..." */
	const char *summary; /* a sentence or two */
	const struct custody_option *options;
	size_t min_operands, max_operands;
};

/* The operands in the order given. The array is owned, the strings are those of argv. */
struct custody_operands {
	char **values;
	size_t n;
};
void custody_operands_release(struct custody_operands *o);
#define CUSTODY_OPERANDS_CLEAN CUSTODY_CLEANUP(custody_operands_release)

/*
 * Parses; argv[0] is the command's name. Targets must hold their "not given" value (false, NULL, empty list). Returns 0; or -1 when there is
 * nothing more to do: the usage was printed (--help; *exit_code 0) or an error was (64, with a hint; 70 without memory).
 */
int custody_options_parse(
	const struct custody_usage *usage, int argc, char **argv, struct custody_operands *operands, int *exit_code) CUSTODY_MUST_USE;

/* For an error found later in the values: prints it as a usage error of the command and gives 64. */
int custody_options_refuse(const struct custody_usage *usage, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Where standard output is the default of --output, "-" means it: *output is NULL then. */
void custody_options_dash(const char **output);

/* Decimal number min..max; USAGE error naming the option otherwise. */
int custody_options_number(
	const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out, struct custody_error *err) CUSTODY_MUST_USE;

/* Threads for -j, 1 to 256: 1 is the calling one alone (0 workers); text NULL: as many as there are processors. USAGE error. */
int custody_options_jobs(const char *text, size_t *workers, struct custody_error *err) CUSTODY_MUST_USE;

/* The known word that is nearest to one that is not known: at most two edits away (one for short words), else best stays NULL. */
struct custody_nearest {
	const char *word;
	const char *best;
	size_t distance; /* of best */
};
void custody_nearest_offer(struct custody_nearest *n, const char *candidate);

#endif
