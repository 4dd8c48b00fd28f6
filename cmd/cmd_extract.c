/* SPDX-License-Identifier: Apache-2.0 */
/* custody extract: custody-extract(1). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/judging.h"
#include "cmd/options.h"
#include "cmd/request_file.h"
#include "cmd/terminal.h"
#include "formats/report.h"
#include "formats/report_request.h"
#include "formats/report_row.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/source.h"
#include "libcustody/work/extract.h"

struct run {
	struct custody_judging j;
	struct custody_extract_options options;
	struct custody_extract_result result;
	const char *folder;
};

static void run_release(struct run *run)
{
	custody_judging_release(&run->j);
}

/* ---- what was asked ---- */

/* 0, or the exit code of what was said. */
static int check(const struct custody_usage *usage, struct run *run)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (!run->folder)
		return custody_options_refuse(usage, "where to? name a new folder with -C");
	if (custody_judging_check(&run->j, &err) == 0)
		return 0;
	return err.kind == CUSTODY_ERR_USAGE ? custody_options_refuse(usage, "%s", err.text) : custody_terminal_error(&err, "cannot extract");
}

static int parse(int argc, char **argv, struct run *run, struct custody_operands *operands, int *rc)
{
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('C', "directory", "DIR", &run->folder, "the new folder to extract to"),
		CUSTODY_JUDGING_OPTIONS(&run->j),
		CUSTODY_OPTION_FLAG(0, "json", &run->j.json, "print JSON, one line"),
		CUSTODY_OPTION_FLAG('q', "quiet", &run->j.quiet, "no notes and no progress"),
		CUSTODY_OPTION_FLAG('v', "verbose", &run->j.verbose, "more on what is done"),
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

static int count_condition(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err)
{
	size_t *n = ctx;
	(void)label;
	(void)text;
	(void)measured;
	(void)err;
	(*n)++;
	return 0;
}

/* In what was asked for, too: notes may be off (ADM-10). */
static int append_condition_count(const struct run *run, struct custody_buf *out, struct custody_error *err)
{
	size_t n = 0;
	if (custody_report_request_conditions(&run->j.report, count_condition, &n, err))
		return -1;
	return n == 0 ? 0 : custody_buf_printf(out, err, "Conditions of the sender, which hold for this: %zu (custody request show)\n", n);
}

static int append_text(const struct run *run, struct custody_buf *out, struct custody_error *err)
{
	const struct custody_extract_result *r = &run->result;
	char shown[CUSTODY_TERMINAL_NAME];
	struct custody_report_context context = run->j.context;
	context.colour = custody_terminal_has_colour(stdout);
	if (custody_report_brief(out, &run->j.report, &context, err))
		return -1;
	if (!r->written)
		return custody_buf_append_str(out, "Nothing was extracted.\n", err);
	return custody_buf_printf(out, err,
		       "Extracted to '%s': files %" PRIu64 " (%" PRIu64 " bytes), folders %" PRIu64 ", symbolic links %" PRIu64
		       ", hard links %" PRIu64 "; not made: %" PRIu64 "\n",
		       custody_display(run->folder, strlen(run->folder), shown, sizeof(shown)), r->files, r->bytes, r->folders, r->symlinks,
		       r->hardlinks, r->not_made) ||
			       (r->hollow > 0 &&
				       custody_buf_printf(out, err, "Folders without what lay in them, not read when it was sealed: %" PRIu64 "\n",
					       r->hollow)) ||
			       append_condition_count(run, out, err)
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
	return custody_buf_append_str(out, ",\"conditions\":[", err) ||
			       custody_report_request_conditions(&run->j.report, append_condition, out, err) || custody_buf_append_byte(out, ']', err)
		       ? -1
		       : 0;
}

static int append_json(const struct run *run, struct custody_buf *out, struct custody_error *err)
{
	const struct custody_extract_result *r = &run->result;
	struct custody_buf shown CUSTODY_BUF_CLEAN = { 0 };
	char hex[65];
	custody_hex_format(run->j.report.sha256, 32, hex);
	custody_buf_init(&shown, SIZE_MAX);
	if (custody_display_append(&shown, (const uint8_t *)run->j.package, strlen(run->j.package), err) ||
		custody_buf_printf(out, err, "{\"schema\":\"custody-extract-result/1\",\"verdict\":\"%s\",\"package\":{\"path\":",
			custody_verdict_name(run->j.report.verdict)) ||
		custody_json_append_safe(out, shown.data, shown.len, err) ||
		custody_buf_printf(out, err, ",\"sha256\":\"%s\",\"size\":%" PRIu64 "},\"folder\":", hex, run->j.report.size))
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
	if (run->j.json ? append_json(run, &out, err) : append_text(run, &out, err))
		return -1;
	custody_terminal_print(&out);
	if (run->result.written)
		custody_request_note_conditions(&run->j.report);
	return custody_terminal_flush(err);
}

/* ---- the command ---- */

static int prepare(struct run *run, const struct custody_operands *operands, struct custody_error *err)
{
	run->options = (struct custody_extract_options){ .verify = &run->j.verify,
		.folder = run->folder,
		.patterns = (const char *const *)(operands->values + 1),
		.n_patterns = operands->n - 1,
		.not_made = say_not_made,
		.hollow = say_hollow };
	return custody_judging_prepare(&run->j, err);
}

static int extract(struct run *run, struct custody_error *err)
{
	if (custody_judging_open(&run->j, err))
		return -1;
	custody_progress_begin(&run->j.progress, "extract");
	const int r = custody_extract(&run->j.source, &run->options, &run->j.report, &run->result, err);
	custody_progress_end(&run->j.progress);
	return r ? -1 : custody_judging_note(&run->j, err);
}

static int run_all(struct run *run)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	custody_display(run->j.package, strlen(run->j.package), name, sizeof(name));
	const int r = extract(run, &err);
	custody_judging_journal(&run->j, run->result.written ? "extracted" : "nothing extracted", r ? err.text : NULL);
	if (r)
		return custody_terminal_error(&err, "cannot extract from '%s'", name);
	const int code = custody_exit_of_verdict(run->j.report.verdict);
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
	CUSTODY_CLEANUP(run_release) struct run run = { .folder = NULL };
	struct custody_error err = CUSTODY_ERROR_INIT;
	int rc = CUSTODY_EXIT_INTERNAL;
	custody_judging_init(&run.j, argc, argv);
	if (parse(argc, argv, &run, &operands, &rc))
		return rc;
	custody_terminal_setup(run.j.quiet, run.j.verbose);
	run.j.package = operands.values[0];
	return prepare(&run, &operands, &err) ? custody_terminal_error(&err, "cannot extract") : run_all(&run);
}
