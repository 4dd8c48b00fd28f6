/* SPDX-License-Identifier: Apache-2.0 */
/* custody record: custody-record(1). What `show` prints is made in formats/record.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/counterpart.h"
#include "cmd/environment.h"
#include "cmd/event_writer.h"
#include "cmd/options.h"
#include "cmd/package.h"
#include "cmd/session.h"
#include "cmd/terminal.h"
#include "formats/record.h"
#include "libcustody/work/record.h"
#include "libcustody/work/selftest.h"
#include "libcustody/work/verify.h"

struct record_command {
	struct custody_session session;
	struct custody_event_words words;
	struct custody_option_list heads, attached;
	const char *package, *counterpart;
	struct custody_record_view copy; /* the counterpart's */
	uint8_t (*head)[32]; /* owned */
};

static void record_command_release(struct record_command *c)
{
	custody_session_release(&c->session);
	custody_option_list_release(&c->heads);
	custody_option_list_release(&c->attached);
	custody_event_words_release(&c->words);
	custody_record_view_release(&c->copy);
	free(c->head);
}

static int take_heads(const struct custody_usage *usage, struct record_command *c)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	if (custody_counterpart_heads(&c->heads, &c->head, &err) == 0)
		return 0;
	return err.kind == CUSTODY_ERR_USAGE ? custody_options_refuse(usage, "%s", err.text)
					     : custody_terminal_error(&err, "cannot take the heads of the record");
}

/* Digest and size of each file that is to be looked for among the attachments (ADM-39). */
static int measure(const struct custody_option_list *files, struct custody_record_attached **out, struct custody_error *err)
{
	char name[CUSTODY_TERMINAL_NAME];

	*out = calloc(files->n + 1, sizeof(**out));
	if (!*out)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < files->n; i++) {
		const char *path = files->values[i];

		(*out)[i].path = path;
		if (custody_package_digest(path, (*out)[i].sha256, &(*out)[i].size, err))
			return custody_fail_in(err, "'%s'", custody_display(path, strlen(path), name, sizeof(name)));
	}
	return 0;
}

/* What is said of the record, and of the files that were to be looked for in it: 1 if one of them is in none of its events. */
static int say(const struct record_command *c, struct custody_record_view *view, const struct custody_findings *findings, int *missing,
	struct custody_error *err)
{
	CUSTODY_FREE struct custody_record_attached *attached = NULL;
	CUSTODY_BUF_CLEAN struct custody_buf text;

	custody_buf_init(&text, SIZE_MAX);
	if (measure(&c->attached, &attached, err))
		return -1;
	for (size_t i = 0; i < c->attached.n; i++)
		*missing |= custody_record_attached_find(&view->record, &attached[i], 0) == 0;
	if ((c->words.json ? custody_record_json : custody_record_text)(&text, view, findings, attached, c->attached.n, err))
		return -1;
	custody_terminal_print(&text);
	return 0;
}

/* Judges, prints; *code says how it stands. */
static int show(struct record_command *c, const char *path, int *code, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_record_view_release) struct custody_record_view view = { .n = 0 };
	CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings;
	static const int codes[] = { [CUSTODY_EFFECT_NOTHING] = CUSTODY_EXIT_OK,
		[CUSTODY_EFFECT_OPENS] = CUSTODY_EXIT_INDETERMINATE,
		[CUSTODY_EFFECT_FAILS] = CUSTODY_EXIT_INVALID };
	int missing = 0;
	struct custody_source source;
	struct custody_source_fd state;
	struct custody_record_question question = {
		.trust = &c->session.trust, .random = &custody_environment_random, .heads = (const uint8_t(*)[32])c->head, .n_heads = c->heads.n
	};

	custody_findings_init(&findings);
	CUSTODY_CLOSE int fd = custody_package_open(path, err);
	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err) ||
		custody_environment_clock.now(custody_environment_clock.ctx, &question.now, err))
		return -1;
	question.evaluated_at = question.now;
	if (custody_self_test(err))
		return -1;
	if (c->counterpart && custody_counterpart_read(c->counterpart, path, &c->session.trust, question.now, &c->copy, err))
		return -1;
	question.counterpart = c->counterpart ? &c->copy.record : NULL;
	if (custody_record_judge(&source, &question, &findings, &view, err))
		return -1;
	if (findings.out_of_memory)
		return custody_fail_nomem(err);
	if (say(c, &view, &findings, &missing, err))
		return -1;
	*code = codes[custody_record_result(&view, &findings)];
	if (missing)
		*code = CUSTODY_EXIT_INVALID;
	return 0;
}

static int do_show(struct record_command *c, const char *path)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	int rc = CUSTODY_EXIT_INTERNAL;

	if (custody_session_open(&c->session, c->words.lab, false, &err) || custody_session_trust(&c->session, c->words.trust, &err) ||
		show(c, path, &rc, &err))
		return custody_terminal_error(&err, "cannot show the custody record '%s'", custody_display(path, strlen(path), name, sizeof(name)));
	return rc;
}

/* ---- add ---- */

/* What only two parties together can say has commands of its own. */
static const char *command_of(const char *type)
{
	static const char *const commands[CUSTODY_EVENT_TYPES + 1] = { [CUSTODY_EVENT_RELEASED] = "custody release",
		[CUSTODY_EVENT_WITHDRAWN] = "custody release --withdraw",
		[CUSTODY_EVENT_ACCEPTED] = "custody accept",
		[CUSTODY_EVENT_REFUSED] = "custody accept --refuse" };

	return commands[custody_event_find(type)];
}

/* What was found now is not signed as something else. */
static int check_result(const struct custody_event_writer *w, struct custody_error *err)
{
	const struct custody_event_value *result = custody_event_value(&w->said.event, "result");
	const char *found = custody_verdict_name(w->report.verdict);

	if (w->said.event.type != CUSTODY_EVENT_VERIFIED || !result || strcmp(result->text, found) == 0)
		return 0;
	return custody_fail(
		err, CUSTODY_ERR_INPUT, "the event says that the package is %.16s, and it was found %s; nothing was written", result->text, found);
}

/* Opens what is named: the record, or for the first event the package; a package that is at hand is verified. 0, or -1 with *rc or err. */
static int open_all(struct custody_event_writer *w, const struct record_command *c, const char *path, int *rc, struct custody_error *err)
{
	bool first = w->said.event.type == CUSTODY_EVENT_SEALED;
	char why[CUSTODY_ERROR_TEXT];

	if (custody_event_writer_open(w, err) || custody_event_writer_find(w, first ? path : c->package, first ? NULL : path, err) ||
		(!first && custody_event_writer_lock(w, err)))
		return -1;
	if (!w->package_path)
		return 0;
	if (custody_event_writer_verify(w, err))
		return -1;
	if (w->report.verdict != CUSTODY_VERDICT_INVALID)
		return check_result(w, err);
	custody_event_writer_why(w, why);
	*rc = CUSTODY_EXIT_INVALID;
	return custody_fail(err, CUSTODY_ERR_INPUT, "the package is INVALID: %.800s; nothing was written", why);
}

static int do_add(struct record_command *c, const char *type, const char *path, int argc, char **argv)
{
	CUSTODY_CLEANUP(custody_event_writer_release) struct custody_event_writer w;
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME], what[CUSTODY_TERMINAL_NAME + 64];
	int rc = CUSTODY_EXIT_OK;

	custody_event_writer_init(&w, &c->words, argc, argv);
	custody_display(path, strlen(path), name, sizeof(name));
	snprintf(what, sizeof(what), "cannot write an event about '%s'", name);
	if (custody_event_words_take(&c->words, type, &w.said, &err) || open_all(&w, c, path, &rc, &err)) {
		int code = custody_event_writer_failed(&w, what, &err);
		return rc ? rc : code;
	}
	return custody_event_writer_run(&w, what, &err);
}

/* ---- the command ---- */

static bool says_something(const struct custody_event_words *w)
{
	return w->set.n > 0 || w->attach.n > 0 || w->tsa.n > 0 || w->to || w->to_organisation || w->to_role || w->to_id || w->to_certificate ||
	       w->authority || w->purpose || w->place || w->occurred || w->declared_later || w->role || w->id || w->as || w->record ||
	       w->passphrase_fd || w->quiet;
}

/* What is destroyed is a copy. */
static bool says_copy(const struct custody_event_words *w)
{
	for (size_t i = 0; i < w->set.n; i++)
		if (strncmp(w->set.values[i], "copy=", 5) == 0)
			return true;
	return false;
}

/* Options that the action does not have are refused, not ignored. 0 or the exit code. */
static int understand(const struct custody_usage *usage, struct record_command *c, const struct custody_operands *operands)
{
	bool add = strcmp(operands->values[0], "add") == 0;
	char shown[128];

	if (!add && strcmp(operands->values[0], "show") != 0)
		return custody_options_refuse(usage, "there is no action '%s', want show or add",
			custody_display(operands->values[0], strlen(operands->values[0]), shown, sizeof(shown)));
	if (!add && operands->n != 2)
		return custody_options_refuse(usage, "show wants one RECORD");
	if (!add && (says_something(&c->words) || c->package))
		return custody_options_refuse(usage, "show has no such option: only --head, --counterpart, --attached, --trust, --lab and --json");
	if (!add)
		return take_heads(usage, c);
	if (operands->n != 3)
		return custody_options_refuse(usage, "add wants TYPE RECORD, or sealed PACKAGE");
	if (command_of(operands->values[1]))
		return custody_options_refuse(usage, "'%s' is for two parties: %s", operands->values[1], command_of(operands->values[1]));
	if (c->heads.n > 0 || c->counterpart || c->attached.n > 0)
		return custody_options_refuse(usage, "add has no --%s", c->counterpart ? "counterpart" : c->heads.n > 0 ? "head" : "attached");
	if (custody_event_find(operands->values[1]) == CUSTODY_EVENT_DESTROYED && !c->package && !c->words.declared_later && !says_copy(&c->words))
		return custody_options_refuse(usage,
			"'destroyed' wants --package: what is to be destroyed is verified and measured first; where it is gone "
			"already, --declared-later says from what that is known");
	bool first = custody_event_find(operands->values[1]) == CUSTODY_EVENT_SEALED;
	if (first ? c->package != NULL : c->words.record != NULL)
		return custody_options_refuse(usage, first ? "add sealed takes the package as its operand" : "add takes the record as its operand");
	return 0;
}

int custody_cmd_record(int argc, char **argv)
{
	CUSTODY_CLEANUP(record_command_release) struct record_command c = { .session = CUSTODY_SESSION_INIT };
	const struct custody_option options[] = {
		CUSTODY_OPTION_LIST(0, "head", "HEX", &c.heads, "show: a head of the record which somebody else noted; may be repeated"),
		CUSTODY_OPTION_TEXT(0, "counterpart", "FILE", &c.counterpart, "show: the other party's copy of the record"),
		CUSTODY_OPTION_LIST(0, "attached", "FILE", &c.attached, "show: which event names this file as attached; may be repeated"),
		CUSTODY_OPTION_TEXT(0, "package", "FILE", &c.package, "add: the package, to be verified and measured for this event"),
		CUSTODY_OPTION_TEXT(0, "record", "FILE", &c.words.record, "add sealed: the record to make (default: NAME.custody.asice)"),
		CUSTODY_OPTION_TEXT(0, "declared-later", "BASIS", &c.words.declared_later, "it is told afterwards, from this: a paper log, a letter"),
		CUSTODY_EVENT_WORDS_TO(&c.words),
		CUSTODY_EVENT_WORDS(&c.words),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "record", "show RECORD | add TYPE RECORD | add sealed PACKAGE",
		"Custody records (NAME.custody.asice): who held a package from when to when, and what was done with it.\n`show` judges one and draws "
		"it, `add` writes one more event. Handing over is custody release and accept.",
		options, 2, 3 };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	int rc = CUSTODY_EXIT_INTERNAL;

	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	rc = understand(&usage, &c, &operands);
	if (rc)
		return rc;
	custody_terminal_setup(c.words.quiet, false);
	return operands.n == 2 ? do_show(&c, operands.values[1]) : do_add(&c, operands.values[1], operands.values[2], argc, argv);
}
