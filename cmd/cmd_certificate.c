/* SPDX-License-Identifier: Apache-2.0 */
/* custody certificate: custody-certificate(1). The forms are in formats/forms/, what is put into them in formats/form_values.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/options.h"
#include "cmd/package.h"
#include "cmd/pdf.h"
#include "cmd/session.h"
#include "cmd/terminal.h"
#include "formats/form.h"
#include "formats/report_words.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/source.h"
#include "libcustody/work/items.h"
#include "libcustody/work/verify.h"

struct run {
	struct custody_session session;
	struct custody_verify_options verify;
	struct custody_report report;
	struct custody_report_context context;
	struct custody_progress progress;
	struct custody_form form;
	struct custody_form_data data;
	custody_form_writer *writer;
	char shown_path[CUSTODY_TERMINAL_NAME]; /* of the form's file */
	const char *package, *id, *path, *output, *expect, *trust, *lab, *jobs;
	bool list, json, quiet;
	int argc; /* as given, for the journal */
	char **argv;
};

static void run_release(struct run *run)
{
	custody_session_release(&run->session);
	custody_report_release(&run->report);
	custody_form_data_release(&run->data);
	custody_form_release(&run->form);
}

/* ---- what was asked ---- */

/* By suffix. NULL: not one that there is. */
static custody_form_writer *writer_of(const char *path)
{
	const char *dot = strrchr(path, '.');
	if (dot && strcmp(dot, ".json") == 0)
		return custody_form_json;
	if (dot && strcmp(dot, ".txt") == 0)
		return custody_form_text;
	if (dot && (strcmp(dot, ".html") == 0 || strcmp(dot, ".pdf") == 0))
		return custody_form_html;
	return NULL;
}

static bool is_pdf(const char *path)
{
	return strcmp(strrchr(path, '.'), ".pdf") == 0;
}

static int unknown_form(const struct custody_usage *usage, const char *id)
{
	struct custody_nearest nearest = { .word = id };
	char shown[128];
	for (const struct custody_embedded *e = custody_forms; e->name; e++)
		custody_nearest_offer(&nearest, e->name);
	custody_display(id, strlen(id), shown, sizeof(shown));
	if (nearest.best)
		return custody_options_refuse(usage, "there is no form '%s'; did you mean %s?", shown, nearest.best);
	return custody_options_refuse(usage, "there is no form '%s'; --list prints those there are", shown);
}

/* Values against each other; 0, or the exit code of what was said. */
static int check(const struct custody_usage *usage, struct run *run, const struct custody_operands *operands)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_options_dash(&run->output);
	if (run->list && (operands->n > 0 || run->id || run->path || run->output))
		return custody_options_refuse(usage, "--list takes no PACKAGE, no form and no --output");
	if (run->list)
		return 0;
	if (operands->n != 1)
		return custody_options_refuse(usage, "want one PACKAGE");
	if (!run->id == !run->path)
		return custody_options_refuse(usage, "want --form ID or --form-file FILE; --list prints the forms there are");
	if (run->id && !custody_form_find(run->id))
		return unknown_form(usage, run->id);
	if (run->output && run->json)
		return custody_options_refuse(usage, "--json prints, want --output FILE.json");
	if (run->output && !writer_of(run->output))
		return custody_options_refuse(usage, "--output wants a name that ends in .html, .pdf, .txt or .json");
	if (custody_package_question(run->expect, run->jobs, &run->verify, &err))
		return custody_options_refuse(usage, "%s", err.text);
	run->writer = run->output ? writer_of(run->output) : run->json ? custody_form_json : custody_form_text;
	run->package = operands->values[0];
	return 0;
}

/* ---- --list ---- */

static int append_form(struct custody_buf *out, const struct custody_embedded *e, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_form_release) struct custody_form f = { .parts = NULL };
	return custody_form_parse(e->p, e->n, &f, err) ||
			       custody_buf_printf(out, err, "%-11s version %s, %s\n            %s\n            to be signed by %s\n", f.id, f.version,
				       f.jurisdiction, f.provision, f.who)
		       ? -1
		       : 0;
}

static int list_forms(void)
{
	CUSTODY_BUF_CLEAN struct custody_buf out;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&out, SIZE_MAX);
	for (const struct custody_embedded *e = custody_forms; e->name; e++)
		if (append_form(&out, e, &err))
			return custody_terminal_error(&err, "the form %s", e->name);
	custody_terminal_print(&out);
	return CUSTODY_EXIT_OK;
}

/* ---- the package ---- */

/* A form that a person brought. */
static int read_file(struct run *run, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, CUSTODY_LIMIT_FORM);
	run->data.form_from = custody_display(run->path, strlen(run->path), run->shown_path, sizeof(run->shown_path));
	if (custody_fd_slurp(run->path, CUSTODY_LIMIT_FORM, &text, err) || custody_form_parse(text.data, text.len, &run->form, err))
		return custody_fail_in(err, "the form '%s'", run->shown_path);
	return 0;
}

static int read_form(struct run *run, struct custody_error *err)
{
	if (run->path)
		return read_file(run, err);
	const struct custody_embedded *e = custody_form_find(run->id);
	return custody_form_parse(e->p, e->n, &run->form, err);
}

static int prepare(struct run *run, struct custody_error *err)
{
	run->data.form = &run->form;
	run->data.report = &run->report;
	run->data.context = &run->context;
	run->context.tool = "custody " CUSTODY_VERSION;
	run->context.libraries = custody_environment_libraries(&run->context.n_libraries);
	if (run->output && is_pdf(run->output) && custody_pdf_check(err))
		return -1;
	if (read_form(run, err) || custody_session_open(&run->session, run->lab, false, err) ||
		custody_session_trust(&run->session, run->trust, err) ||
		custody_environment_clock.now(custody_environment_clock.ctx, &run->verify.now, err))
		return -1;
	run->verify.evaluated_at = run->verify.now;
	run->verify.trust = &run->session.trust;
	run->verify.random = &custody_environment_random;
	run->verify.progress = custody_progress_update;
	run->verify.progress_ctx = &run->progress;
	run->verify.interrupted = custody_environment_interrupted;
	run->report.local = custody_environment_local;
	run->report.path = strdup(run->package);
	return run->report.path ? 0 : custody_fail_nomem(err);
}

/* Judges, and lists the items of what is VALID, through one descriptor. */
static int judge(struct run *run, struct custody_error *err)
{
	struct custody_source source;
	struct custody_source_fd state;
	CUSTODY_CLOSE int fd = custody_package_open(run->package, err);
	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err))
		return -1;
	custody_progress_begin(&run->progress, "verify");
	int rc = custody_verify(&source, &run->verify, &run->report, err);
	custody_progress_end(&run->progress);
	if (rc || custody_package_note_anchors(run->package, run->session.trust_dir, &run->report, err))
		return -1;
	if (run->report.verdict != CUSTODY_VERDICT_VALID)
		return 0;
	return custody_items_each(&source, &custody_environment_random, &run->report, custody_form_data_add, &run->data, err);
}

/* The lab's own diary; a certificate does not wait for it, but says so. */
static void journal(struct run *run, const char *failure)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char result[CUSTODY_ERROR_TEXT + 128];
	const char *verdict = custody_verdict_name(run->report.verdict);
	const bool made = !failure && run->report.verdict == CUSTODY_VERDICT_VALID;
	if (failure)
		(void)snprintf(result, sizeof(result), "%s%sfailed: %s", verdict ? verdict : "", verdict ? ", " : "", failure);
	else
		(void)snprintf(result, sizeof(result), "%s, %s %s version %s", verdict, made ? "form" : "nothing made of form", run->form.id,
			run->form.version);
	const uint8_t *digest = run->report.has_package && verdict ? run->report.sha256 : NULL;
	if (custody_session_journal(&run->session, run->argc, run->argv, digest, result, "passed", &err) == 0)
		return;
	run->report.not_journalled = strdup(err.text);
	custody_terminal_warn("not journalled: %s", err.text);
}

/* Fails closed (ADM-33): what does not verify is certified by nobody. */
static int refuse(const struct run *run)
{
	CUSTODY_BUF_CLEAN struct custody_buf why;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&why, CUSTODY_ERROR_TEXT);
	if (custody_report_conclusion(&why, &run->report, NULL, &err))
		custody_buf_clear(&why);
	custody_fail(&err, CUSTODY_ERR_INPUT, "no certificate is made: the verdict is %s. %s", custody_verdict_name(run->report.verdict),
		custody_buf_str(&why));
	custody_hint(&err, "`custody verify` says what was found; --trust names the anchors");
	char name[CUSTODY_TERMINAL_NAME];
	custody_terminal_error(&err, "'%s'", custody_display(run->package, strlen(run->package), name, sizeof(name)));
	return run->report.verdict == CUSTODY_VERDICT_INVALID ? CUSTODY_EXIT_INVALID : CUSTODY_EXIT_INDETERMINATE;
}

/* Who must not sign it, and that nobody has passed it: on the paper, and said here. */
static void remind(const struct run *run)
{
	if (!run->form.own)
		custody_terminal_warn("whoever only received or sealed the evidence cannot sign this form; it is to be signed by %s", run->form.who);
	custody_terminal_note("a sample: a lawyer of the forum must pass it before anybody signs it; what only a person can state is left blank");
}

static int write_out(struct run *run, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text;
	CUSTODY_BUF_CLEAN struct custody_buf pdf = { 0 };
	custody_buf_init(&text, SIZE_MAX);
	custody_buf_init(&pdf, SIZE_MAX);
	if (run->writer(&text, &run->data, err))
		return -1;
	if (run->output && is_pdf(run->output))
		return custody_pdf_make(&text, custody_report_judged_at(&run->report), &pdf, err) ||
				       custody_output_write_file(run->output, 0666, pdf.data, pdf.len, err)
			       ? -1
			       : 0;
	if (run->output)
		return custody_output_write_file(run->output, 0666, text.data, text.len, err);
	custody_terminal_print(&text);
	return custody_terminal_flush(err);
}

static int make(struct run *run)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	custody_display(run->package, strlen(run->package), name, sizeof(name));
	if (judge(run, &err)) {
		journal(run, err.text);
		return custody_terminal_error(&err, "cannot make a certificate of '%s'", name);
	}
	journal(run, NULL);
	if (run->report.verdict != CUSTODY_VERDICT_VALID)
		return refuse(run);
	if (write_out(run, &err))
		return custody_terminal_error(&err, "cannot write the certificate of '%s'", name);
	remind(run);
	return CUSTODY_EXIT_OK;
}

int custody_cmd_certificate(int argc, char **argv)
{
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	CUSTODY_CLEANUP(run_release) struct run run = { .session = CUSTODY_SESSION_INIT, .argc = argc, .argv = argv };
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('f', "form", "ID", &run.id,
			"the form: fre-902-11, fre-902-13, fre-902-14, usc-3505, bsa-63-a, bsa-63-b, uk-s9, cea-31, neutral"),
		CUSTODY_OPTION_TEXT(0, "form-file", "FILE", &run.path, "a form of your own"),
		CUSTODY_OPTION_TEXT('o', "output", "FILE", &run.output, "write FILE.html, FILE.pdf, FILE.txt or FILE.json instead of printing text"),
		CUSTODY_OPTION_TEXT('e', "expect", "HEX", &run.expect, "the package number on the form; case and spaces do not matter"),
		CUSTODY_OPTION_TEXT('t', "trust", "DIR", &run.trust, "folder with signers.pem, tsas.pem, crls.pem (default: your own lab's)"),
		CUSTODY_OPTION_TEXT(0, "lab", "LAB", &run.lab, "your lab (default: $CUSTODY_LAB, then ~/.custody, if there is one)"),
		CUSTODY_OPTION_TEXT('j', "jobs", "N", &run.jobs, "threads that compute digests (default: the processors)"),
		CUSTODY_OPTION_FLAG(0, "list", &run.list, "print the forms there are"),
		CUSTODY_OPTION_FLAG(0, "json", &run.json, "print JSON"),
		CUSTODY_OPTION_FLAG('q', "quiet", &run.quiet, "no notes and no progress"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "certificate", "--form ID PACKAGE | --list",
		"Verifies a package and puts what was measured into the form of a certificate or statement. What only a\nperson can state is left "
		"blank, and every form is a sample that a lawyer of the forum must pass.",
		options, 0, 1 };
	int rc = CUSTODY_EXIT_INTERNAL;
	custody_report_init(&run.report);
	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	rc = check(&usage, &run, &operands);
	if (rc || run.list)
		return rc ? rc : list_forms();
	custody_terminal_setup(run.quiet, false);
	if (prepare(&run, &err))
		return custody_terminal_error(&err, "cannot make a certificate");
	return make(&run);
}
