/* SPDX-License-Identifier: Apache-2.0 */
/* custody extract: custody-extract(1). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/options.h"
#include "cmd/package.h"
#include "cmd/request_file.h"
#include "cmd/session.h"
#include "cmd/terminal.h"
#include "formats/report.h"
#include "formats/report_request.h"
#include "formats/report_row.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/source.h"
#include "libcustody/work/extract.h"

struct run {
	struct custody_session session;
	struct custody_verify_options verify;
	struct custody_extract_options options;
	struct custody_extract_result result;
	struct custody_report report;
	struct custody_progress progress;
	const char *package, *folder, *trust, *lab, *expect, *jobs;
	bool json, quiet, verbose;
	int argc; /* as given, for the journal */
	char **argv;
};

static void run_release(struct run *run)
{
	custody_session_release(&run->session);
	custody_report_release(&run->report);
}

/* ---- what was asked ---- */

/* 0, or the exit code of what was said. */
static int check(const struct custody_usage *usage, struct run *run)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (!run->folder)
		return custody_options_refuse(usage, "where to? name a new folder with -C");
	if (custody_package_question(run->expect, run->jobs, &run->verify, &err))
		return custody_options_refuse(usage, "%s", err.text);
	if (custody_environment_clock.now(custody_environment_clock.ctx, &run->verify.now, &err))
		return custody_terminal_error(&err, "cannot extract");
	run->verify.evaluated_at = run->verify.now;
	return 0;
}

static int parse(int argc, char **argv, struct run *run, struct custody_operands *operands, int *rc)
{
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('C', "directory", "DIR", &run->folder, "the new folder to extract to"),
		CUSTODY_OPTION_TEXT('e', "expect", "HEX", &run->expect, "the package number on the form; case and spaces do not matter"),
		CUSTODY_OPTION_TEXT('t', "trust", "DIR", &run->trust, "folder with signers.pem, tsas.pem, crls.pem (default: your own lab's)"),
		CUSTODY_OPTION_TEXT(0, "lab", "LAB", &run->lab, "your lab (default: $CUSTODY_LAB, then ~/.custody, if there is one)"),
		CUSTODY_OPTION_TEXT('j', "jobs", "N", &run->jobs, "threads that compute digests (default: the processors)"),
		CUSTODY_OPTION_FLAG(0, "json", &run->json, "print JSON, one line"),
		CUSTODY_OPTION_FLAG('q', "quiet", &run->quiet, "no notes and no progress"),
		CUSTODY_OPTION_FLAG('v', "verbose", &run->verbose, "more on what is done"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "extract", "PACKAGE [PATTERN...]",
		"Verifies a package, and only then takes items out of it, under their own names, into a new folder.", options, 1, SIZE_MAX };
	if (custody_options_parse(&usage, argc, argv, operands, rc))
		return -1;
	*rc = check(&usage, run);
	return *rc ? -1 : 0;
}

/* ---- what is said ---- */

static void say_not_made(void *ctx, const struct custody_item *item, const char *why)
{
	char shown[CUSTODY_TERMINAL_NAME];
	(void)ctx;
	custody_terminal_warn(
		"not made: '%s' (%s): %s", custody_display(item->path.p, item->path.n, shown, sizeof(shown)), custody_kind_name(item->kind), why);
}

static void say_hollow(void *ctx, const struct custody_item *item)
{
	char shown[CUSTODY_TERMINAL_NAME];
	(void)ctx;
	custody_terminal_warn("the folder '%s' could not be read when it was sealed: what lay in it is not in the package",
		custody_display(item->path.p, item->path.n, shown, sizeof(shown)));
}

static int append_text(const struct run *run, struct custody_buf *out, struct custody_error *err)
{
	const struct custody_extract_result *r = &run->result;
	char shown[CUSTODY_TERMINAL_NAME];
	struct custody_report_context context = { .tool = "custody " CUSTODY_VERSION, .colour = custody_terminal_has_colour(stdout) };
	context.libraries = custody_environment_libraries(&context.n_libraries);
	if (custody_report_brief(out, &run->report, &context, err))
		return -1;
	if (!r->written)
		return custody_buf_append_str(out, "Nothing was extracted.\n", err);
	return custody_buf_printf(out, err,
		       "Extracted to '%s': files %" PRIu64 " (%" PRIu64 " bytes), folders %" PRIu64 ", symbolic links %" PRIu64
		       ", hard links %" PRIu64 "; not made: %" PRIu64 "\n",
		       custody_display(run->folder, strlen(run->folder), shown, sizeof(shown)), r->files, r->bytes, r->folders, r->symlinks,
		       r->hardlinks, r->not_made) ||
			       (r->hollow > 0 && custody_buf_printf(out, err,
							 "Folders without what lay in them, not read when it was sealed: %" PRIu64 "\n", r->hollow))
		       ? -1
		       : 0;
}

static int append_condition(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err)
{
	struct custody_buf *out = ctx;
	const bool first = out->len > 0 && out->data[out->len - 1] == '[';
	CUSTODY_BUF_CLEAN struct custody_buf plain = { .max = SIZE_MAX };
	(void)label;
	(void)measured;
	return custody_report_append_plain(&plain, text, err) || (!first && custody_buf_append_byte(out, ',', err)) ||
			       custody_json_append_safe(out, plain.data, plain.len, err)
		       ? -1
		       : 0;
}

/* What the sender asked of whoever has the content travels with it (ADM-10). */
static int append_conditions(const struct run *run, struct custody_buf *out, struct custody_error *err)
{
	return custody_buf_append_str(out, ",\"conditions\":[", err) || custody_report_request_conditions(&run->report, append_condition, out, err) ||
			       custody_buf_append_byte(out, ']', err)
		       ? -1
		       : 0;
}

static int append_json(const struct run *run, struct custody_buf *out, struct custody_error *err)
{
	const struct custody_extract_result *r = &run->result;
	struct custody_buf shown CUSTODY_BUF_CLEAN = { 0 };
	char hex[65];
	custody_hex_format(run->report.sha256, 32, hex);
	custody_buf_init(&shown, SIZE_MAX);
	if (custody_display_append(&shown, (const uint8_t *)run->package, strlen(run->package), err) ||
		custody_buf_printf(out, err, "{\"schema\":\"custody-extract-result/1\",\"verdict\":\"%s\",\"package\":{\"path\":",
			custody_verdict_name(run->report.verdict)) ||
		custody_json_append_safe(out, shown.data, shown.len, err) ||
		custody_buf_printf(out, err, ",\"sha256\":\"%s\",\"size\":%" PRIu64 "},\"folder\":", hex, run->report.size))
		return -1;
	custody_buf_clear(&shown);
	if (!r->written)
		return custody_buf_append_str(out, "null}\n", err);
	if (custody_display_append(&shown, (const uint8_t *)run->folder, strlen(run->folder), err) ||
		custody_json_append_safe(out, shown.data, shown.len, err))
		return -1;
	return custody_buf_printf(out, err,
		       ",\"files\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"folders\":%" PRIu64 ",\"symlinks\":%" PRIu64 ",\"hardlinks\":%" PRIu64
		       ",\"not_made\":%" PRIu64 ",\"folders_unread\":%" PRIu64,
		       r->files, r->bytes, r->folders, r->symlinks, r->hardlinks, r->not_made, r->hollow) ||
			       append_conditions(run, out, err) || custody_buf_append_str(out, "}\n", err)
		       ? -1
		       : 0;
}

static int print(const struct run *run, struct custody_error *err)
{
	struct custody_buf out CUSTODY_BUF_CLEAN = { 0 };
	custody_buf_init(&out, SIZE_MAX);
	if (run->json ? append_json(run, &out, err) : append_text(run, &out, err))
		return -1;
	custody_terminal_print(&out);
	if (run->result.written)
		custody_request_note_conditions(&run->report);
	return custody_terminal_flush(err);
}

/* Extracting goes on without the diary, but says so. */
static void journal(struct run *run, const char *failure, const char *self_test)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char result[CUSTODY_ERROR_TEXT + 64];
	const char *verdict = custody_verdict_name(run->report.verdict);
	if (failure)
		(void)snprintf(result, sizeof(result), "%s%sfailed: %s", verdict ? verdict : "", verdict ? ", " : "", failure);
	else
		(void)snprintf(result, sizeof(result), "%s, %s", verdict, run->result.written ? "extracted" : "nothing extracted");
	const uint8_t *digest = run->report.has_package && verdict ? run->report.sha256 : NULL;
	if (custody_session_journal(&run->session, run->argc, run->argv, digest, result, self_test, &err) == 0)
		return;
	run->report.not_journalled = strdup(err.text);
	custody_terminal_warn("not journalled: %s", err.text);
}

/* ---- the command ---- */

static int prepare(struct run *run, const struct custody_operands *operands, struct custody_error *err)
{
	if (custody_session_open(&run->session, run->lab, false, err) || custody_session_trust(&run->session, run->trust, err))
		return -1;
	run->verify.trust = &run->session.trust;
	run->verify.random = &custody_environment_random;
	run->verify.progress = custody_progress_update;
	run->verify.progress_ctx = &run->progress;
	run->verify.interrupted = custody_environment_interrupted;
	run->options = (struct custody_extract_options){ .verify = &run->verify,
		.folder = run->folder,
		.patterns = (const char *const *)(operands->values + 1),
		.n_patterns = operands->n - 1,
		.not_made = say_not_made,
		.hollow = say_hollow };
	run->report.path = strdup(run->package);
	return run->report.path ? 0 : custody_fail_nomem(err);
}

static int extract(struct run *run, struct custody_error *err)
{
	struct custody_source source;
	struct custody_source_fd state;
	CUSTODY_CLOSE int fd = custody_package_open(run->package, err);
	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err))
		return -1;
	custody_progress_begin(&run->progress, "extract");
	int r = custody_extract(&source, &run->options, &run->report, &run->result, err);
	custody_progress_end(&run->progress);
	return r;
}

/* Nothing is judged by a program that does not judge its own packages as it must. */
static int run_all(struct run *run)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	custody_display(run->package, strlen(run->package), name, sizeof(name));
	if (custody_self_test(&err)) {
		journal(run, err.text, "failed");
		return custody_terminal_error(&err, "the self-test failed, nothing is judged");
	}
	if (extract(run, &err)) {
		journal(run, err.text, "passed");
		return custody_terminal_error(&err, "cannot extract from '%s'", name);
	}
	journal(run, NULL, "passed");
	int code = custody_exit_of_verdict(run->report.verdict);
	if (print(run, &err) == 0)
		return code;
	/* The folder may have its name by now, and all of it is there. */
	return custody_exit_worse(code, run->result.written
						? custody_terminal_error(&err, "the items of '%s' are extracted, but cannot be reported on", name)
						: custody_terminal_error(&err, "cannot report on '%s'", name));
}

int custody_cmd_extract(int argc, char **argv)
{
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	CUSTODY_CLEANUP(run_release) struct run run = { .session = CUSTODY_SESSION_INIT, .argc = argc, .argv = argv };
	struct custody_error err = CUSTODY_ERROR_INIT;
	int rc = CUSTODY_EXIT_INTERNAL;
	custody_report_init(&run.report);
	if (parse(argc, argv, &run, &operands, &rc))
		return rc;
	custody_terminal_setup(run.quiet, run.verbose);
	run.package = operands.values[0];
	return prepare(&run, &operands, &err) ? custody_terminal_error(&err, "cannot extract") : run_all(&run);
}
