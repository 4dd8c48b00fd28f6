/* SPDX-License-Identifier: Apache-2.0 */
/* custody certificate: custody-certificate(1). The forms are in formats/forms/, what is put into them in formats/form_values.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/judging.h"
#include "cmd/options.h"
#include "cmd/pdf.h"
#include "cmd/terminal.h"
#include "formats/form.h"
#include "formats/report_words.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/source.h"
#include "libcustody/work/items.h"
#include "libcustody/work/verify.h"

struct run {
	struct custody_judging j;
	struct custody_form form;
	struct custody_form_data data;
	custody_form_writer *writer;
	char shown_path[CUSTODY_TERMINAL_NAME]; /* of the form's file */
	const char *id, *path, *output;
	bool list;
};

static void run_release(struct run *run)
{
	custody_judging_release(&run->j);
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
	if (run->output && run->j.json)
		return custody_options_refuse(usage, "--json prints, want --output FILE.json");
	if (run->output && !writer_of(run->output))
		return custody_options_refuse(usage, "--output wants a name that ends in .html, .pdf, .txt or .json");
	run->writer = run->output ? writer_of(run->output) : run->j.json ? custody_form_json : custody_form_text;
	run->j.package = operands->values[0];
	if (custody_judging_check(&run->j, &err) == 0)
		return 0;
	return err.kind == CUSTODY_ERR_USAGE ? custody_options_refuse(usage, "%s", err.text)
					     : custody_terminal_error(&err, "cannot make a certificate");
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
	run->data.report = &run->j.report;
	run->data.context = &run->j.context;
	if (run->output && is_pdf(run->output) && custody_pdf_check(err))
		return -1;
	return read_form(run, err) ? -1 : custody_judging_prepare(&run->j, err);
}

/* Judges, and lists the items of what is VALID, through one descriptor. */
static int judge(struct run *run, struct custody_error *err)
{
	if (custody_judging_open(&run->j, err) || custody_judging_verify(&run->j, err))
		return -1;
	if (run->j.report.verdict != CUSTODY_VERDICT_VALID)
		return 0;
	return custody_items_each(&run->j.source, &custody_environment_random, &run->j.report, custody_form_data_add, &run->data, err);
}

/* What was made, for the lab's journal; failure: NULL if nothing failed. */
static void journal(struct run *run, const char *failure)
{
	char done[128];
	const char *made = run->j.report.verdict == CUSTODY_VERDICT_VALID ? "form" : "nothing made of form";
	(void)snprintf(done, sizeof(done), "%s %s version %s", made, run->form.id, run->form.version);
	custody_judging_journal(&run->j, done, failure);
}

/* Fails closed (ADM-33): what does not verify is certified by nobody. */
static int refuse(const struct run *run)
{
	CUSTODY_BUF_CLEAN struct custody_buf why;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&why, CUSTODY_ERROR_TEXT);
	if (custody_report_conclusion(&why, &run->j.report, NULL, &err))
		custody_buf_clear(&why);
	custody_fail(&err, CUSTODY_ERR_INPUT, "no certificate is made: the verdict is %s. %s", custody_verdict_name(run->j.report.verdict),
		custody_buf_str(&why));
	custody_hint(&err, "`custody verify` says what was found; --trust names the anchors");
	char name[CUSTODY_TERMINAL_NAME];
	custody_terminal_error(&err, "'%s'", custody_display(run->j.package, strlen(run->j.package), name, sizeof(name)));
	return run->j.report.verdict == CUSTODY_VERDICT_INVALID ? CUSTODY_EXIT_INVALID : CUSTODY_EXIT_INDETERMINATE;
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
		return custody_pdf_make(&text, custody_report_judged_at(&run->j.report), &pdf, err) ||
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
	custody_display(run->j.package, strlen(run->j.package), name, sizeof(name));
	const int r = judge(run, &err);
	journal(run, r ? err.text : NULL);
	if (r)
		return custody_terminal_error(&err, "cannot make a certificate of '%s'", name);
	if (run->j.report.verdict != CUSTODY_VERDICT_VALID)
		return refuse(run);
	if (write_out(run, &err))
		return custody_terminal_error(&err, "cannot write the certificate of '%s'", name);
	remind(run);
	return CUSTODY_EXIT_OK;
}

int custody_cmd_certificate(int argc, char **argv)
{
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	CUSTODY_CLEANUP(run_release) struct run run = { .list = false };
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('f', "form", "ID", &run.id,
			"the form: fre-902-11, fre-902-13, fre-902-14, usc-3505, bsa-63-a, bsa-63-b, uk-s9, cea-31, neutral"),
		CUSTODY_OPTION_TEXT(0, "form-file", "FILE", &run.path, "a form of your own"),
		CUSTODY_OPTION_TEXT('o', "output", "FILE", &run.output, "write FILE.html, FILE.pdf, FILE.txt or FILE.json instead of printing text"),
		CUSTODY_JUDGING_OPTIONS(&run.j),
		CUSTODY_OPTION_FLAG(0, "list", &run.list, "print the forms there are"),
		CUSTODY_OPTION_FLAG(0, "json", &run.j.json, "print JSON"),
		CUSTODY_OPTION_FLAG('q', "quiet", &run.j.quiet, "no notes and no progress"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "certificate", "--form ID PACKAGE | --list",
		"Verifies a package and puts what was measured into the form of a certificate or statement. What only a\nperson can state is left "
		"blank, and every form is a sample that a lawyer of the forum must pass.",
		options, 0, 1 };
	int rc = CUSTODY_EXIT_INTERNAL;
	custody_judging_init(&run.j, argc, argv);
	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	rc = check(&usage, &run, &operands);
	if (rc || run.list)
		return rc ? rc : list_forms();
	custody_terminal_setup(run.j.quiet, false);
	if (prepare(&run, &err))
		return custody_terminal_error(&err, "cannot make a certificate");
	return make(&run);
}
