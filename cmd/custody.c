/* SPDX-License-Identifier: Apache-2.0 */
/* custody: the table of subcommands, and nothing else. See custody(1). */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/options.h"
#include "cmd/terminal.h"

/* One line a subcommand, in the order in which they are needed; see cmd.h for how to add one. */
static const struct custody_command commands[] = {
	{ "init", "make a laboratory's folder: own root, keys, certificates, revocation list", custody_cmd_init },
	{ "lab", "keep such a folder alive: revocation list, keys, revocations, trusted authorities", custody_cmd_lab },
	{ "hash", "print the digests of files, in the format of other tools' lists", custody_cmd_hash },
	{ "audit", "compare files with a hash list: matched, changed, moved, new, missing", custody_cmd_audit },
	{ "inspect", "say what lies inside received archives: members, digests, types", custody_cmd_inspect },
	{ "request", "make and check records of requests for evidence", custody_cmd_request },
	{ "receive", "record what was received, before anything is opened", custody_cmd_receive },
	{ "claims", "read stated digests out of a letter or table, as a draft to be confirmed", custody_cmd_claims },
	{ "verify", "say whether a package still proves what its seal says", custody_cmd_verify },
	{ "seal", "seal received evidence into one package, read it back, verify it", custody_cmd_seal },
	{ "show", "print what is in a package, without a verdict", custody_cmd_show },
	{ "extract", "verify a package, then take items out of it into a new folder", custody_cmd_extract },
	{ "export", "verify a package, then describe its items for other programs: CASE, DFXML, PREMIS", custody_cmd_export },
	{ "record", "write, judge and draw a custody record: who held a package from when to when", custody_cmd_record },
	{ "release", "hand a package over: to whom, what for, on whose authority", custody_cmd_release },
	{ "accept", "take a package over that was released to you, or refuse it", custody_cmd_accept },
	{ "certificate", "put what verify measured into the form of a certificate, for a person to complete", custody_cmd_certificate },
	{ "tsa", "give time-stamps by a lab's key to a network without an authority", custody_cmd_tsa },
	{ NULL, NULL, NULL },
};

static void print_help(FILE *out)
{
	fputs("usage: custody COMMAND [OPTIONS] ARGUMENTS\n\n"
	      "Seals received electronic evidence into packages, and says later whether a package still proves what its seal says.\n\n",
		out);
	for (const struct custody_command *c = commands; c->name; c++)
		fprintf(out, "  %-11s %s\n", c->name, c->summary);
	fputs("\n`custody COMMAND --help` lists the options of a command; custody(1) is the manual.\n"
	      "exit codes: 0 done, VALID; 1 INVALID, or differences; 2 INDETERMINATE; 64 usage; 65 malformed input;\n"
	      "66 no such input; 70 internal; 74 I/O; 75 try again; 128+N ended by signal N\n",
		out);
}

static void print_version(void)
{
	printf("custody %s\n", CUSTODY_VERSION);
	size_t n = 0;
	const struct custody_library_version *libraries = custody_environment_libraries(&n);
	for (size_t i = 0; i < n; i++)
		printf("%s %s\n", libraries[i].name, libraries[i].version);
}

static int unknown_command(const char *word)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_nearest nearest = { .word = word };
	for (const struct custody_command *c = commands; c->name; c++)
		custody_nearest_offer(&nearest, c->name);
	char shown[128];
	custody_fail(&err, CUSTODY_ERR_USAGE, "there is no command '%s'", custody_display(word, strlen(word), shown, sizeof(shown)));
	if (nearest.best)
		custody_hint(&err, "did you mean `custody %s`?", nearest.best);
	else
		custody_hint(&err, "`custody --help` lists the commands");
	return custody_terminal_error(&err, "%s", "");
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return CUSTODY_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return CUSTODY_EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		print_version();
		return CUSTODY_EXIT_OK;
	}
	for (const struct custody_command *c = commands; c->name; c++)
		if (strcmp(argv[1], c->name) == 0)
			return c->run(argc - 1, argv + 1);
	return unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (custody_environment_start(&err))
		return custody_terminal_error(&err, "cannot start");
	int rc = custody_terminal_finish(run(argc, argv));

	custody_environment_end();
	return rc;
}
