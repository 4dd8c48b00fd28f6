/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/event_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/package.h"
#include "cmd/request_file.h"
#include "formats/record_written.h"
#include "libcustody/base/queue.h"
#include "libcustody/base/source.h"
#include "libcustody/work/selftest.h"
#include "libcustody/work/verify.h"

void custody_event_writer_init(struct custody_event_writer *w, const struct custody_event_words *words, int argc, char **argv)
{
	*w = (struct custody_event_writer){
		.words = words, .session = CUSTODY_SESSION_INIT, .file = CUSTODY_RECORD_FILE_INIT, .argc = argc, .argv = argv
	};
	custody_report_init(&w->report);
	custody_event_said_init(&w->said);
	custody_record_written_init(&w->written);
}

void custody_event_writer_release(struct custody_event_writer *w)
{
	custody_record_file_release(&w->file);
	custody_record_written_release(&w->written);
	custody_event_said_release(&w->said);
	custody_report_release(&w->report);
	custody_signing_release(&w->signing);
	custody_session_release(&w->session);
	free(w->record_path);
}

/* ---- lab, record, package ---- */

/* Everybody who signed is judged under the lab's anchors and those of --trust together. */
static int open_trust(struct custody_event_writer *w, struct custody_error *err)
{
	if (custody_session_trust(&w->session, NULL, err))
		return -1;
	return w->words->trust ? custody_trust_load(&w->session.trust, w->words->trust, err) : 0;
}

static int fill_actor(struct custody_event_writer *w, struct custody_error *err)
{
	const struct custody_lab *lab = &w->session.lab;

	if (custody_lab_analyst(lab, w->words->as, w->name, sizeof(w->name), err))
		return -1;
	w->said.event.actor = (struct custody_event_party){
		.name = w->name, .organisation = lab->organisation, .role = w->words->role ? w->words->role : lab->role, .id = w->words->id
	};
	return 0;
}

int custody_event_writer_open(struct custody_event_writer *w, struct custody_error *err)
{
	w->signing.as = w->words->as;
	if (custody_session_open(&w->session, w->words->lab, true, err) || open_trust(w, err) || custody_lab_journal_check(&w->session.lab, err) ||
		custody_signing_authorities(&w->signing, &w->session.lab, &w->words->tsa, err) || fill_actor(w, err) ||
		custody_signing_ask(&w->signing, w->words->passphrase_fd, err) || custody_self_test(err))
		return -1;
	w->pen = custody_signing_pen(&w->signing, &w->session.trust, w->session.lab.level_lt);
	return custody_pen_try(&w->pen, err);
}

int custody_event_writer_find(struct custody_event_writer *w, const char *package, const char *record, struct custody_error *err)
{
	const char *path = record ? record : w->words->record;

	w->package_path = package;
	if (!path)
		return custody_record_name(package, NULL, &w->record_path, err);
	w->record_path = strdup(path);
	return w->record_path ? 0 : custody_fail_nomem(err);
}

int custody_event_writer_lock(struct custody_event_writer *w, struct custody_error *err)
{
	char shown[CUSTODY_TERMINAL_NAME];
	struct custody_time now;

	if (custody_environment_clock.now(custody_environment_clock.ctx, &now, err))
		return -1;
	if (custody_record_file_open(&w->file, w->record_path, &w->session.trust, now, &custody_environment_random, err))
		return custody_fail_in(err, "the custody record '%s'", custody_display(w->record_path, strlen(w->record_path), shown, sizeof(shown)));
	w->has_file = true;
	return 0;
}

int custody_event_writer_verify(struct custody_event_writer *w, struct custody_error *err)
{
	struct custody_verify_options o = { .trust = &w->session.trust,
		.random = &custody_environment_random,
		.workers = custody_queue_default_workers(),
		.record = w->has_file ? &w->file.source : NULL,
		.progress = custody_progress_update,
		.progress_ctx = &w->progress,
		.interrupted = custody_environment_interrupted };
	CUSTODY_CLOSE int fd = custody_package_open(w->package_path, err);
	struct custody_source_fd state;
	struct custody_source source;

	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err) || custody_environment_clock.now(custody_environment_clock.ctx, &o.now, err))
		return -1;
	o.evaluated_at = o.now;
	custody_progress_begin(&w->progress, "verify");
	int failed = custody_verify(&source, &o, &w->report, err);
	custody_progress_end(&w->progress);
	if (failed)
		return -1;
	w->said.event.measured = w->report.has_package;
	custody_request_note_conditions(&w->report);
	return 0;
}

void custody_event_writer_why(const struct custody_event_writer *w, char *out)
{
	const struct custody_findings *f = &w->report.findings;
	enum custody_effect wanted = w->report.verdict == CUSTODY_VERDICT_INVALID ? CUSTODY_EFFECT_FAILS : CUSTODY_EFFECT_OPENS;

	snprintf(out, CUSTODY_ERROR_TEXT, "nothing was found");
	for (size_t i = 0; i < f->n; i++) {
		const struct custody_finding_info *info = custody_finding_get(f->list[i].id);

		if (info->effect != wanted)
			continue;
		snprintf(out, CUSTODY_ERROR_TEXT, "%s: %s", info->id, f->list[i].detail ? f->list[i].detail : info->text);
		return;
	}
}

/* ---- writing ---- */

/* The first event of a record that there is not yet: by who sealed, whose certificate the package tells. */
static int begin(struct custody_event_writer *w, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = custody_package_open(w->package_path, err);
	struct custody_source_fd state;
	struct custody_source source;

	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err))
		return -1;
	const struct custody_record_begin how = {
		.package = &source, .sha256 = w->report.sha256, .size = w->report.size, .uuid = w->report.uuid, .path = w->record_path, .pen = &w->pen
	};
	return custody_record_begin(&how, &w->said.event, &w->written, err);
}

/* What is odd about this event, and does not keep it from being written. That nobody has answered a release that was made just now is not. */
static void warn(const struct custody_event_writer *w)
{
	char member[CUSTODY_RECORD_MEMBER];

	if (w->said.event.type == CUSTODY_EVENT_RELEASED)
		return;
	custody_record_member(w->written.seq, 0, member);
	for (size_t i = 0; i < w->written.findings.n; i++) {
		const struct custody_finding *f = &w->written.findings.list[i];
		const struct custody_finding_info *info = custody_finding_get(f->id);

		if (info->severity == CUSTODY_SEVERITY_WARNING && f->item && f->item_len == strlen(member) &&
			memcmp(f->item, member, f->item_len) == 0)
			custody_terminal_warn("%s: %s", info->id, f->detail ? f->detail : info->text);
	}
}

/* The journal tells of failures too. */
static int journal(const struct custody_event_writer *w, const struct custody_error *failure, struct custody_error *err)
{
	char text[CUSTODY_ERROR_TEXT + 32];

	if (failure)
		snprintf(text, sizeof(text), "failed: %.*s", CUSTODY_ERROR_TEXT, failure->text);
	else
		snprintf(text, sizeof(text), "%.100s, event %zu", w->said.event.type_name, w->written.seq);
	return custody_session_journal(
		&w->session, w->argc, w->argv, failure ? NULL : w->said.event.package_sha256, text, custody_self_test_state(), err);
}

static int print(const struct custody_event_writer *w, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, CUSTODY_LIMIT_REPORT);
	if ((w->words->json ? custody_record_written_json : custody_record_written_text)(
		    &text, &w->said.event, &w->written, w->package_path, w->record_path, err))
		return -1;
	custody_terminal_print(&text);
	return custody_terminal_flush(err);
}

/* The two lie beside each other, and the longer name is the one that a shell completes. */
static bool names_a_record(const char *package)
{
	const size_t n = package ? strlen(package) : 0, suffix = strlen(CUSTODY_RECORD_SUFFIX);
	return n > suffix && strcmp(package + n - suffix, CUSTODY_RECORD_SUFFIX) == 0;
}

int custody_event_writer_failed(const struct custody_event_writer *w, const char *what, const struct custody_error *err)
{
	struct custody_error later = CUSTODY_ERROR_INIT, hinted = *err;

	if (journal(w, err, &later))
		(void)custody_terminal_error(&later, "the failure is not journalled");
	if (!hinted.hint[0] && names_a_record(w->package_path))
		custody_hint(&hinted, "that is the name of a custody record; give the package that it is about");
	return custody_terminal_error(&hinted, "%s", what);
}

int custody_event_writer_run(struct custody_event_writer *w, const char *what, struct custody_error *err)
{
	struct custody_error later = CUSTODY_ERROR_INIT;
	int rc = CUSTODY_EXIT_OK;

	if (w->said.event.type == CUSTODY_EVENT_SEALED ? begin(w, err) : custody_record_file_add(&w->file, &w->pen, &w->said.event, &w->written, err))
		return custody_event_writer_failed(w, what, err);
	if (journal(w, NULL, &later))
		rc = custody_terminal_error(&later, "the event is written, but not journalled");
	warn(w);
	if (print(w, &later))
		return custody_terminal_error(&later, "the event is written, but what it says cannot be printed");
	return rc;
}
