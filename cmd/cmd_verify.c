/* SPDX-License-Identifier: Apache-2.0 */
/* custody verify: custody-verify(1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/documents_file.h"
#include "cmd/environment.h"
#include "cmd/options.h"
#include "cmd/package.h"
#include "cmd/record_given.h"
#include "cmd/pdf.h"
#include "cmd/session.h"
#include "cmd/terminal.h"
#include "formats/report.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/source.h"
#include "libcustody/work/record_write.h"
#include "libcustody/work/verify.h"

typedef int report_writer(
	struct custody_buf *out, const struct custody_report *r, const struct custody_report_context *context, struct custody_error *err);

/* One run over all packages. */
struct run {
	struct custody_session session;
	struct custody_verify_options options;
	struct custody_progress progress;
	report_writer *on_stdout, *in_file; /* in_file: NULL without --report */
	struct custody_output file;
	struct custody_report_context context;
	struct custody_record_given record;
	struct custody_documents_files documents;
	bool json, several, torn; /* torn: a package is not, or not whole, in the file, which then gets no name */
	int argc; /* as given, for the journal */
	char **argv;
	char **one; /* owned; for the journal too: the arguments without the packages, and room for one. NULL if there is one package */
	int n_one;
};

static void run_release(struct run *run)
{
	custody_session_release(&run->session);
	custody_record_given_release(&run->record);
	custody_documents_files_release(&run->documents);
	free(run->one);
	if (run->in_file)
		custody_output_abandon(&run->file);
}

/* ---- what was asked ---- */

struct given {
	const char *expect, *trust, *lab, *at, *report, *jobs, *language;
	struct custody_option_list documents;
	bool json, quiet, verbose;
};

/* By suffix. NULL: not one that there is. */
static report_writer *writer_of(const char *path)
{
	const char *dot = strrchr(path, '.');
	if (dot && strcmp(dot, ".json") == 0)
		return custody_report_json;
	if (dot && strcmp(dot, ".txt") == 0)
		return custody_report_text;
	if (dot && (strcmp(dot, ".html") == 0 || strcmp(dot, ".pdf") == 0))
		return custody_report_html;
	return NULL;
}

static bool is_pdf(const char *path)
{
	return strcmp(strrchr(path, '.'), ".pdf") == 0;
}

/* The language of what people read: asked for, never taken from the environment (decisions/0020). JSON has none. */
static int take_language(const struct custody_usage *usage, const struct given *given, struct run *run)
{
	CUSTODY_BUF_CLEAN struct custody_buf names = { .max = 4096 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (!given->language)
		return 0;
	if (given->json && (!given->report || writer_of(given->report) == custody_report_json))
		return custody_options_refuse(usage, "--language is for the report that people read; JSON is the same in every language");
	if (custody_words_find(given->language, &run->context.words))
		return 0;
	for (const struct custody_words *w = custody_words_languages; w->language; w++)
		if (custody_buf_printf(&names, &err, ", %s", w->language))
			return custody_terminal_error(&err, "cannot verify");
	return custody_options_refuse(usage, "--language wants one of: en%s", custody_buf_str(&names));
}

/* Values against each other and against the clock; 0, or the exit code of what was said. */
static int check(const struct custody_usage *usage, const struct given *given, size_t packages, struct run *run)
{
	struct custody_verify_options *o = &run->options;
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (run->record.path && packages != 1)
		return custody_options_refuse(usage, "--record is for exactly one package");
	if (given->documents.n > 0 && packages != 1)
		return custody_options_refuse(usage, "--request-documents is for exactly one package");
	if (given->expect && packages != 1)
		return custody_options_refuse(usage, "--expect is for exactly one package");
	if (given->report && strcmp(given->report, "-") == 0)
		return custody_options_refuse(usage, "standard output has a report already: --report wants a file");
	if (given->report && !writer_of(given->report))
		return custody_options_refuse(usage, "--report wants a name that ends in .html, .pdf, .txt or .json");
	if (given->report && packages != 1 && writer_of(given->report) == custody_report_html)
		return custody_options_refuse(usage, "--report FILE.html or FILE.pdf is for exactly one package; .txt and .json take several");
	if (custody_package_question(given->expect, given->jobs, o, &err))
		return custody_options_refuse(usage, "%s", err.text);
	if (custody_environment_clock.now(custody_environment_clock.ctx, &o->now, &err))
		return custody_terminal_error(&err, "cannot verify");
	o->evaluated_at = o->now;
	if (given->at && !custody_time_parse_user(given->at, &o->evaluated_at))
		return custody_options_refuse(usage, "--at wants a date or a time such as 2026-11-24T04:12:09Z");
	if (custody_time_compare(o->evaluated_at, o->now) > 0)
		return custody_options_refuse(usage, "--at is in the future: a verdict can be about the past only");
	o->at_chosen = given->at != NULL;
	if (custody_record_given_check(&run->record, o, &err) == 0)
		return take_language(usage, given, run);
	return err.kind == CUSTODY_ERR_USAGE ? custody_options_refuse(usage, "%s", err.text) : custody_terminal_error(&err, "cannot verify");
}

static int parse(int argc, char **argv, struct given *given, struct custody_operands *packages, struct run *run, int *rc)
{
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('e', "expect", "HEX", &given->expect, "the package number on the form; case and spaces do not matter"),
		CUSTODY_RECORD_GIVEN_OPTIONS(&run->record),
		CUSTODY_OPTION_LIST(
			0, "request-documents", "FILE", &given->documents, "a package with the documents of the request; may be repeated"),
		CUSTODY_OPTION_TEXT('t', "trust", "DIR", &given->trust, "folder with signers.pem, tsas.pem, crls.pem (default: your own lab's)"),
		CUSTODY_OPTION_TEXT(0, "lab", "LAB", &given->lab, "your lab (default: $CUSTODY_LAB, then ~/.custody, if there is one)"),
		CUSTODY_OPTION_TEXT(0, "at", "TIME", &given->at, "judge as at this past time"),
		CUSTODY_OPTION_TEXT('r', "report", "FILE", &given->report, "also write the report to FILE.html, FILE.pdf, FILE.txt or FILE.json"),
		CUSTODY_OPTION_TEXT(0, "language", "LANG", &given->language, "of the report as text, HTML and PDF: en (default), fr, ar"),
		CUSTODY_OPTION_TEXT('j', "jobs", "N", &given->jobs, "threads that compute digests (default: the processors)"),
		CUSTODY_OPTION_FLAG(0, "json", &given->json, "print JSON, one line a package"),
		CUSTODY_OPTION_FLAG('q', "quiet", &given->quiet, "no notes and no progress"),
		CUSTODY_OPTION_FLAG('v', "verbose", &given->verbose, "more on what is done"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "verify", "PACKAGE...",
		"Says whether a package still proves what its seal says: VALID, INVALID or INDETERMINATE, on what\nthis rests, and what is not "
		"proven.",
		options, 1, SIZE_MAX };
	if (custody_options_parse(&usage, argc, argv, packages, rc))
		return -1;
	*rc = check(&usage, given, packages->n, run);
	return *rc ? -1 : 0;
}

/* ---- one package ---- */

/* Judges one file. 0 with a verdict in the report; -1: nothing was judged, and why is in the report. */
static int judge(struct run *run, const char *path, struct custody_report *report, struct custody_error *err)
{
	struct custody_source source;
	struct custody_source_fd state;
	report->path = strdup(path);
	if (!report->path)
		return custody_fail_nomem(err);
	CUSTODY_CLOSE int fd = custody_package_open(path, err);
	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err))
		return -1;
	custody_progress_begin(&run->progress, "verify");
	int rc = custody_verify(&source, &run->options, report, err);
	custody_progress_end(&run->progress);
	if (rc)
		return -1;
	return custody_package_note_anchors(path, run->session.trust_dir, report, err);
}

/* The lab's own diary; a verdict does not wait for it, but says so. */
static void journal(const struct run *run, struct custody_report *report, const char *self_test)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char failed[CUSTODY_ERROR_TEXT + 16];
	const char *result = custody_verdict_name(report->verdict);
	if (!result) {
		snprintf(failed, sizeof(failed), "failed: %s", report->failure ? report->failure : "not known");
		result = failed;
	}
	const uint8_t *digest = report->has_package && report->verdict != CUSTODY_VERDICT_NONE ? report->sha256 : NULL;
	bool of_one = run->one && run->one[run->n_one];
	int argc = of_one ? run->n_one + 1 : run->argc;
	if (custody_session_journal(&run->session, argc, of_one ? run->one : run->argv, digest, result, self_test, &err) == 0)
		return;
	report->not_journalled = strdup(err.text);
	custody_terminal_warn("not journalled: %s", err.text);
}

/* The page as PDF. */
static int print_pdf(struct run *run, const struct custody_buf *html, const struct custody_report *report, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf pdf;
	custody_buf_init(&pdf, SIZE_MAX);
	if (custody_pdf_make(html, report->evaluated_at, &pdf, err))
		return -1;
	return custody_fd_write(run->file.fd, pdf.data, pdf.len, run->file.path, err);
}

/* stdout gets the report, and so does the file. A package that was not judged has its line where a program reads, or where there are several. */
static int print(struct run *run, const struct custody_report *report, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, SIZE_MAX);
	run->context.colour = !run->json && custody_terminal_has_colour(stdout);
	if (run->json || run->several || report->verdict != CUSTODY_VERDICT_NONE) {
		if (run->on_stdout(&text, report, &run->context, err))
			return -1;
		if (run->several && !run->json && custody_buf_append_str(&text, "\n----\n\n", err))
			return -1;
		custody_terminal_print(&text);
	}
	if (!run->in_file)
		return 0;
	run->context.colour = false;
	custody_buf_clear(&text);
	if (run->in_file(&text, report, &run->context, err))
		return -1;
	return is_pdf(run->file.path) ? print_pdf(run, &text, report, err) : custody_fd_write(run->file.fd, text.data, text.len, run->file.path, err);
}

/* Whoever verifies a package may not know what the file beside it is, and that it was not looked at. */
static void note_record_beside(const struct run *run, const char *package)
{
	CUSTODY_FREE char *path = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	if (!run->record.path && custody_record_name(package, NULL, &path, &err) == 0 && access(path, F_OK) == 0)
		custody_terminal_note("a custody record lies beside the package and was not looked at: --record '%s'",
			custody_display(path, strlen(path), name, sizeof(name)));
}

/* Gives the exit code of one package. */
static int verify_one(struct run *run, char *path)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct custody_error err = CUSTODY_ERROR_INIT, second = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	custody_report_init(&report);
	report.local = custody_environment_local;
	custody_display(path, strlen(path), name, sizeof(name));
	if (run->one)
		run->one[run->n_one] = path;
	int code, judged = judge(run, path, &report, &err);
	if (judged == 0) {
		code = custody_exit_of_verdict(report.verdict);
		note_record_beside(run, path);
	} else {
		report.verdict = CUSTODY_VERDICT_NONE;
		report.evaluated_at = run->options.evaluated_at;
		report.failure = strdup(err.text);
		if (err.kind == CUSTODY_ERR_INPUT && run->options.record)
			custody_hint(&err, "if it was destroyed, custody record show says what its record still proves");
		code = custody_terminal_error(&err, "cannot verify '%s'", name);
	}
	journal(run, &report, "passed");
	if (print(run, &report, &second)) {
		run->torn = true;
		code = custody_exit_worse(code, custody_terminal_error(&second, "cannot report on '%s'", name));
	}
	return code;
}

/* ---- all of them ---- */

/* Nothing is judged by a program that does not judge its own packages as it must. */
static int self_test(struct run *run)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_report_init(&report);
	if (custody_self_test(&err) == 0)
		return 0;
	report.failure = strdup(err.text);
	custody_terminal_error(&err, "the self-test failed, nothing is judged");
	journal(run, &report, "failed");
	return CUSTODY_EXIT_INTERNAL;
}

static int prepare(struct run *run, const struct given *given, struct custody_error *err)
{
	if (custody_session_open(&run->session, given->lab, false, err) || custody_session_trust(&run->session, given->trust, err))
		return -1;
	if (custody_record_given_open(&run->record, &run->session.trust, &run->options, err))
		return -1;
	if (given->report && is_pdf(given->report) && custody_pdf_check(err))
		return -1;
	if (given->report && custody_output_open(&run->file, given->report, 0666, err))
		return -1;
	run->in_file = given->report ? writer_of(given->report) : NULL;
	run->on_stdout = given->json ? custody_report_json : custody_report_text;
	run->json = given->json;
	run->options.trust = &run->session.trust;
	run->options.random = &custody_environment_random;
	run->options.progress = custody_progress_update;
	run->options.progress_ctx = &run->progress;
	run->options.interrupted = custody_environment_interrupted;
	if (custody_documents_files_judge(&given->documents, &run->options, &run->documents, err))
		return -1;
	run->options.documents = run->documents.list;
	run->options.n_documents = run->documents.n;
	run->context.tool = "custody " CUSTODY_VERSION;
	run->context.libraries = custody_environment_libraries(&run->context.n_libraries);
	return 0;
}

/*
 * Of several packages each has a line in the journal, and that names it alone, behind the options: with the paths of all in every line nobody could say which one it
 * was that could not be read, and the journal would grow by the square of their number. Operands are the very pointers of argv, in their order.
 */
static int name_one(struct run *run, const struct custody_operands *packages, struct custody_error *err)
{
	size_t next = 0;
	run->one = calloc((size_t)run->argc + 1, sizeof(*run->one));
	if (!run->one)
		return custody_fail_nomem(err);
	for (int i = 0; i < run->argc; i++) {
		if (next < packages->n && run->argv[i] == packages->values[next])
			next++;
		else
			run->one[run->n_one++] = run->argv[i];
	}
	return 0;
}

static int verify_all(struct run *run, const struct custody_operands *packages)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	int code = self_test(run);
	if (code)
		return code;
	run->several = packages->n > 1;
	if (run->several && name_one(run, packages, &err))
		return custody_terminal_error(&err, "cannot verify");
	for (size_t i = 0; i < packages->n && code < CUSTODY_EXIT_SIGNAL; i++)
		code = custody_exit_worse(code, verify_one(run, packages->values[i]));
	if (run->in_file && !run->torn && code < CUSTODY_EXIT_SIGNAL && custody_output_commit(&run->file, &err))
		code = custody_exit_worse(code, custody_terminal_error(&err, "cannot write the report"));
	return code;
}

static void given_release(struct given *given)
{
	custody_option_list_release(&given->documents);
}

int custody_cmd_verify(int argc, char **argv)
{
	CUSTODY_OPERANDS_CLEAN struct custody_operands packages = { NULL, 0 };
	CUSTODY_CLEANUP(run_release)
	struct run run = { .session = CUSTODY_SESSION_INIT, .record = CUSTODY_RECORD_GIVEN_INIT, .argc = argc, .argv = argv };
	CUSTODY_CLEANUP(given_release) struct given given = { .expect = NULL };
	struct custody_error err = CUSTODY_ERROR_INIT;
	int rc = CUSTODY_EXIT_INTERNAL;
	if (parse(argc, argv, &given, &packages, &run, &rc))
		return rc;
	custody_terminal_setup(given.quiet, given.verbose);
	if (prepare(&run, &given, &err))
		return custody_terminal_error(&err, "cannot verify");
	return verify_all(&run, &packages);
}
