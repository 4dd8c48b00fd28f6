/* SPDX-License-Identifier: Apache-2.0 */
/* custody export: custody-export(1). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/options.h"
#include "cmd/package.h"
#include "cmd/record_given.h"
#include "cmd/session.h"
#include "cmd/terminal.h"
#include "formats/export.h"
#include "formats/report.h"
#include "formats/report_words.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/source.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/work/inventory.h"
#include "libcustody/work/verify.h"

#define PIECE ((size_t)1 << 20) /* what is written at once */

struct run {
	struct custody_session session;
	struct custody_record_given record;
	struct custody_verify_options verify;
	struct custody_report report;
	struct custody_report_context context;
	struct custody_progress progress;
	const struct custody_export_format *format;
	struct custody_export export;
	struct custody_output file;
	struct custody_digest digest; /* of what is written */
	uint8_t sha256[32];
	uint64_t size, items;
	bool written;
	const char *package, *output, *format_name, *trust, *lab, *expect, *jobs;
	bool json, quiet, verbose;
	int argc; /* as given, for the journal */
	char **argv;
};

static void run_release(struct run *run)
{
	custody_session_release(&run->session);
	custody_record_given_release(&run->record);
	custody_report_release(&run->report);
	custody_digest_release(&run->digest);
	custody_output_abandon(&run->file);
}

/* ---- what was asked ---- */

/* 0, or the exit code of what was said. */
static int check(const struct custody_usage *usage, struct run *run)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (!run->format_name)
		return custody_options_refuse(usage, "in which format? name it with --format: case, dfxml or premis");
	if (custody_export_find(run->format_name, &run->format, &err))
		return custody_options_refuse(usage, "%s", err.text);
	if (!run->output)
		return custody_options_refuse(usage, "where to? name a new file with -o");
	if (strcmp(run->output, "-") == 0)
		return custody_options_refuse(usage, "an export cannot go to standard output, which has the verdict: name a file (./- is one)");
	if (custody_package_question(run->expect, run->jobs, &run->verify, &err))
		return custody_options_refuse(usage, "%s", err.text);
	if (custody_environment_clock.now(custody_environment_clock.ctx, &run->verify.now, &err))
		return custody_terminal_error(&err, "cannot export");
	run->verify.evaluated_at = run->verify.now;
	if (custody_record_given_check(&run->record, &run->verify, &err) == 0)
		return 0;
	return err.kind == CUSTODY_ERR_USAGE ? custody_options_refuse(usage, "%s", err.text) : custody_terminal_error(&err, "cannot export");
}

static int parse(int argc, char **argv, struct run *run, struct custody_operands *operands, int *rc)
{
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('f', "format", "FORMAT", &run->format_name, "case, dfxml or premis"),
		CUSTODY_OPTION_TEXT('o', "output", "FILE", &run->output, "the file to write; must not exist"),
		CUSTODY_OPTION_TEXT('e', "expect", "HEX", &run->expect, "the package number on the form; case and spaces do not matter"),
		CUSTODY_RECORD_GIVEN_OPTIONS(&run->record),
		CUSTODY_OPTION_TEXT('t', "trust", "DIR", &run->trust, "folder with signers.pem, tsas.pem, crls.pem (default: your own lab's)"),
		CUSTODY_OPTION_TEXT(0, "lab", "LAB", &run->lab, "your lab (default: $CUSTODY_LAB, then ~/.custody, if there is one)"),
		CUSTODY_OPTION_TEXT('j', "jobs", "N", &run->jobs, "threads that compute digests (default: the processors)"),
		CUSTODY_OPTION_FLAG(0, "json", &run->json, "print JSON, one line"),
		CUSTODY_OPTION_FLAG('q', "quiet", &run->quiet, "no notes and no progress"),
		CUSTODY_OPTION_FLAG('v', "verbose", &run->verbose, "more on what is done"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "export", "PACKAGE",
		"Verifies a package, and only then describes its items in a format that other programs read: CASE/UCO,\nDFXML or PREMIS. The "
		"verdict, and what is not proven, is in it; and with --record what happened to the package.",
		options, 1, 1 };
	if (custody_options_parse(&usage, argc, argv, operands, rc))
		return -1;
	*rc = check(&usage, run);
	return *rc ? -1 : 0;
}

/* ---- what is said ---- */

static int append_text(const struct run *run, struct custody_buf *out, struct custody_error *err)
{
	char shown[CUSTODY_TERMINAL_NAME], hex[65], items[CUSTODY_REPORT_COUNT];
	struct custody_report_context context = run->context;
	context.colour = custody_terminal_has_colour(stdout);
	if (custody_report_brief(out, &run->report, &context, err))
		return -1;
	if (!run->written)
		return custody_buf_append_str(out, "Nothing was exported.\n", err);
	custody_hex_format(run->sha256, 32, hex);
	return custody_buf_printf(out, err, "Exported as %s to '%s': %s, %" PRIu64 " bytes, SHA-256 %s\n", run->format->title,
		custody_display(run->output, strlen(run->output), shown, sizeof(shown)), custody_report_items(run->items, NULL, items), run->size,
		hex);
}

static int append_name(struct custody_buf *out, const char *name, struct custody_error *err)
{
	struct custody_buf shown CUSTODY_BUF_CLEAN = { 0 };
	custody_buf_init(&shown, SIZE_MAX);
	return custody_display_append(&shown, (const uint8_t *)name, strlen(name), err) || custody_json_append_safe(out, shown.data, shown.len, err)
		       ? -1
		       : 0;
}

static int append_json(const struct run *run, struct custody_buf *out, struct custody_error *err)
{
	char hex[65];
	custody_hex_format(run->report.sha256, 32, hex);
	if (custody_buf_printf(out, err,
		    "{\"schema\":\"custody-export-result/1\",\"verdict\":\"%s\",\"package\":{\"path\":", custody_verdict_name(run->report.verdict)) ||
		append_name(out, run->package, err) ||
		custody_buf_printf(
			out, err, ",\"sha256\":\"%s\",\"size\":%" PRIu64 "},\"format\":\"%s\",\"export\":", hex, run->report.size, run->format->name))
		return -1;
	if (!run->written)
		return custody_buf_append_str(out, "null}\n", err);
	custody_hex_format(run->sha256, 32, hex);
	if (custody_buf_append_str(out, "{\"path\":", err) || append_name(out, run->output, err))
		return -1;
	return custody_buf_printf(out, err, ",\"sha256\":\"%s\",\"size\":%" PRIu64 ",\"items\":%" PRIu64 "}}\n", hex, run->size, run->items);
}

static int print(const struct run *run, struct custody_error *err)
{
	struct custody_buf out CUSTODY_BUF_CLEAN = { 0 };
	custody_buf_init(&out, SIZE_MAX);
	if (run->json ? append_json(run, &out, err) : append_text(run, &out, err))
		return -1;
	custody_terminal_print(&out);
	return custody_terminal_flush(err);
}

/* Exporting goes on without the diary, but says so. */
static void journal(struct run *run, const char *failure, const char *self_test)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char result[CUSTODY_ERROR_TEXT + 64];
	const char *verdict = custody_verdict_name(run->report.verdict);
	if (failure)
		(void)snprintf(result, sizeof(result), "%s%sfailed: %s", verdict ? verdict : "", verdict ? ", " : "", failure);
	else
		(void)snprintf(result, sizeof(result), "%s, %s", verdict, run->written ? "exported" : "nothing exported");
	const uint8_t *digest = run->report.has_package && verdict ? run->report.sha256 : NULL;
	if (custody_session_journal(&run->session, run->argc, run->argv, digest, result, self_test, &err) == 0)
		return;
	run->report.not_journalled = strdup(err.text);
	custody_terminal_warn("not journalled: %s", err.text);
}

/* ---- the export ---- */

static int flush(struct run *run, struct custody_buf *out, struct custody_error *err)
{
	if (custody_environment_interrupted(NULL))
		return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	if (custody_digest_update(&run->digest, out->data, out->len, err) || custody_fd_write(run->file.fd, out->data, out->len, run->file.path, err))
		return -1;
	run->size += out->len;
	custody_buf_clear(out);
	return 0;
}

static int write_items(struct run *run, const struct custody_source *source, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_INVENTORY_CLEAN struct custody_inventory inventory = { 0 };
	struct custody_item item;
	int r;
	if (custody_inventory_open(&inventory, source, &run->report, run->verify.random, err))
		return -1;
	while ((r = custody_inventory_next(&inventory, &item, err)) == 1) {
		if (run->format->item(out, &run->export, &item, err) || (out->len >= PIECE && flush(run, out, err)))
			return -1;
		run->export.items[item.kind]++;
		run->items++;
	}
	return r;
}

/* The name is given to it when all of it is there, and the package is still the one that was verified. */
static int write_export(struct run *run, const struct custody_source *source, struct custody_error *err)
{
	struct custody_buf out CUSTODY_BUF_CLEAN = { 0 };
	custody_buf_init(&out, SIZE_MAX);
	if (custody_digest_new(&run->digest, CUSTODY_SHA256, err) || custody_digest_start(&run->digest, err) ||
		run->format->head(&out, &run->export, err) || write_items(run, source, &out, err) || run->format->tail(&out, &run->export, err) ||
		flush(run, &out, err) || custody_digest_finish(&run->digest, run->sha256, err) || custody_output_commit(&run->file, err))
		return -1;
	run->written = true;
	return 0;
}

static int export(struct run *run, struct custody_error *err)
{
	struct custody_source source;
	struct custody_source_fd state;
	CUSTODY_CLOSE int fd = custody_package_open(run->package, err);
	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err))
		return -1;
	/* What would fail in any case fails before the package is read. */
	if (custody_output_open(&run->file, run->output, 0666, err))
		return -1;
	custody_progress_begin(&run->progress, "export");
	int r = custody_verify(&source, &run->verify, &run->report, err);
	custody_progress_end(&run->progress);
	if (r || custody_package_note_anchors(run->package, run->session.trust_dir, &run->report, err))
		return -1;
	if (!custody_report_has_every_byte(&run->report) || !run->report.has_sealfile)
		return 0;
	return write_export(run, &source, err);
}

static int prepare(struct run *run, struct custody_error *err)
{
	if (custody_session_open(&run->session, run->lab, false, err) || custody_session_trust(&run->session, run->trust, err))
		return -1;
	if (custody_record_given_open(&run->record, &run->session.trust, &run->verify, err))
		return -1;
	run->verify.trust = &run->session.trust;
	run->verify.random = &custody_environment_random;
	run->verify.progress = custody_progress_update;
	run->verify.progress_ctx = &run->progress;
	run->verify.interrupted = custody_environment_interrupted;
	run->context.tool = "custody " CUSTODY_VERSION;
	run->context.libraries = custody_environment_libraries(&run->context.n_libraries);
	const char *slash = strrchr(run->package, '/');
	run->export = (struct custody_export){ .report = &run->report, .context = &run->context, .name = slash ? slash + 1 : run->package };
	run->report.path = strdup(run->package);
	return run->report.path ? 0 : custody_fail_nomem(err);
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
	if (export(run, &err)) {
		journal(run, err.text, "passed");
		return custody_terminal_error(&err, "cannot export from '%s'", name);
	}
	journal(run, NULL, "passed");
	int code = custody_exit_of_verdict(run->report.verdict);
	if (print(run, &err) == 0)
		return code;
	return custody_exit_worse(code, run->written ? custody_terminal_error(&err, "'%s' is exported, but cannot be reported on", name)
						     : custody_terminal_error(&err, "cannot report on '%s'", name));
}

int custody_cmd_export(int argc, char **argv)
{
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	CUSTODY_CLEANUP(run_release)
	struct run run = { .session = CUSTODY_SESSION_INIT, .record = CUSTODY_RECORD_GIVEN_INIT, .argc = argc, .argv = argv };
	struct custody_error err = CUSTODY_ERROR_INIT;
	int rc = CUSTODY_EXIT_INTERNAL;
	custody_report_init(&run.report);
	if (parse(argc, argv, &run, &operands, &rc))
		return rc;
	custody_terminal_setup(run.quiet, run.verbose);
	run.package = operands.values[0];
	return prepare(&run, &err) ? custody_terminal_error(&err, "cannot export") : run_all(&run);
}
