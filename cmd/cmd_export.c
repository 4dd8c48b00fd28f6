/* SPDX-License-Identifier: Apache-2.0 */
/* custody export: custody-export(1). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/judging.h"
#include "cmd/options.h"
#include "cmd/record_given.h"
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
	struct custody_judging j;
	struct custody_record_given record;
	const struct custody_export_format *format;
	struct custody_export export;
	struct custody_output file;
	struct custody_digest digest; /* of what is written */
	uint8_t sha256[32];
	uint64_t size, items;
	bool written;
	const char *output, *format_name;
};

static void run_release(struct run *run)
{
	custody_judging_release(&run->j);
	custody_record_given_release(&run->record);
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
	if (custody_judging_check(&run->j, &err) == 0 && custody_record_given_check(&run->record, &run->j.verify, &err) == 0)
		return 0;
	return err.kind == CUSTODY_ERR_USAGE ? custody_options_refuse(usage, "%s", err.text) : custody_terminal_error(&err, "cannot export");
}

static int parse(int argc, char **argv, struct run *run, struct custody_operands *operands, int *rc)
{
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('f', "format", "FORMAT", &run->format_name, "case, dfxml or premis"),
		CUSTODY_OPTION_TEXT('o', "output", "FILE", &run->output, "the file to write; must not exist"),
		CUSTODY_RECORD_GIVEN_OPTIONS(&run->record),
		CUSTODY_JUDGING_OPTIONS(&run->j),
		CUSTODY_OPTION_FLAG(0, "json", &run->j.json, "print JSON, one line"),
		CUSTODY_OPTION_FLAG('q', "quiet", &run->j.quiet, "no notes and no progress"),
		CUSTODY_OPTION_FLAG('v', "verbose", &run->j.verbose, "more on what is done"),
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
	struct custody_report_context context = run->j.context;
	context.colour = custody_terminal_has_colour(stdout);
	if (custody_report_brief(out, &run->j.report, &context, err))
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
	custody_hex_format(run->j.report.sha256, 32, hex);
	if (custody_buf_printf(out, err, "{\"schema\":\"custody-export-result/1\",\"verdict\":\"%s\",\"package\":{\"path\":",
		    custody_verdict_name(run->j.report.verdict)) ||
		append_name(out, run->j.package, err) ||
		custody_buf_printf(out, err, ",\"sha256\":\"%s\",\"size\":%" PRIu64 "},\"format\":\"%s\",\"export\":", hex, run->j.report.size,
			run->format->name))
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
	if (run->j.json ? append_json(run, &out, err) : append_text(run, &out, err))
		return -1;
	custody_terminal_print(&out);
	return custody_terminal_flush(err);
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
	if (custody_inventory_open(&inventory, source, &run->j.report, run->j.verify.random, err))
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
	/* What would fail in any case fails before the package is read. */
	if (custody_judging_open(&run->j, err) || custody_output_open(&run->file, run->output, 0666, err) || custody_judging_verify(&run->j, err))
		return -1;
	if (!custody_report_has_every_byte(&run->j.report) || !run->j.report.has_sealfile)
		return 0;
	return write_export(run, &run->j.source, err);
}

static int prepare(struct run *run, struct custody_error *err)
{
	if (custody_judging_prepare(&run->j, err) || custody_record_given_open(&run->record, &run->j.session.trust, &run->j.verify, err))
		return -1;
	const char *slash = strrchr(run->j.package, '/');
	run->export = (struct custody_export){ .report = &run->j.report, .context = &run->j.context, .name = slash ? slash + 1 : run->j.package };
	return 0;
}

static int run_all(struct run *run)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	custody_display(run->j.package, strlen(run->j.package), name, sizeof(name));
	const int r = export(run, &err);
	custody_judging_journal(&run->j, run->written ? "exported" : "nothing exported", r ? err.text : NULL);
	if (r)
		return custody_terminal_error(&err, "cannot export from '%s'", name);
	const int code = custody_exit_of_verdict(run->j.report.verdict);
	if (print(run, &err) == 0)
		return code;
	return custody_exit_worse(code, run->written ? custody_terminal_error(&err, "'%s' is exported, but cannot be reported on", name)
						     : custody_terminal_error(&err, "cannot report on '%s'", name));
}

int custody_cmd_export(int argc, char **argv)
{
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	CUSTODY_CLEANUP(run_release) struct run run = { .record = CUSTODY_RECORD_GIVEN_INIT };
	struct custody_error err = CUSTODY_ERROR_INIT;
	int rc = CUSTODY_EXIT_INTERNAL;
	custody_judging_init(&run.j, argc, argv);
	if (parse(argc, argv, &run, &operands, &rc))
		return rc;
	custody_terminal_setup(run.j.quiet, run.j.verbose);
	run.j.package = operands.values[0];
	return prepare(&run, &err) ? custody_terminal_error(&err, "cannot export") : run_all(&run);
}
