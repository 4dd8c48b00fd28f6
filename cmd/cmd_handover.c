/* SPDX-License-Identifier: Apache-2.0 */
/*
 * custody release and custody accept: a package is handed over by two parties, each with its own key, by files and without a network (custody-release(1),
 * custody-accept(1); design/admissibility.md, ADM-52).
 */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/event_writer.h"
#include "cmd/options.h"
#include "cmd/package.h"
#include "cmd/terminal.h"
#include "libcustody/base/nih.h"

/* One of the two commands, and what is wanted of it. */
struct handover {
	struct custody_event_words words;
	const char *withdraw, *refuse; /* reasons */
	const char *package, *code; /* code: of the release, as on paper; NULL: none was given */
	uint8_t first[8]; /* what it says */
	struct custody_event_writer writer;
};

static void handover_release(struct handover *h)
{
	custody_event_writer_release(&h->writer);
	custody_event_words_release(&h->words);
}

/* The number of the release that waits for its answer, from 1; 0: none does. */
static size_t open_release(const struct custody_record_file *f)
{
	const struct custody_history *h = &f->view.history;

	if (h->n == 0 || h->spans[h->n - 1].state != CUSTODY_HISTORY_HANDED_OVER)
		return 0;
	return h->spans[h->n - 1].first;
}

static void set_bytes(struct custody_event *e, const char *key, const uint8_t *bytes, size_t n)
{
	const struct custody_event_info *info = custody_event_get(e->type);

	for (size_t i = 0; i < info->n; i++) {
		if (strcmp(info->fields[i].key, key) != 0)
			continue;
		e->values[i].present = true;
		memcpy(e->values[i].bytes, bytes, n);
	}
}

/* The paper is about another release than the file: which of them is wrong, people find out. */
static int other_release(const uint8_t head[32], struct custody_error *err)
{
	char code[CUSTODY_NIH_SHORT];

	custody_fail(err, CUSTODY_ERR_INPUT, "the release in the record has the code %s, want that of --release-code; nothing was written",
		custody_nih_short(head, code));
	return custody_hint(err, "ask whoever released the package which of the two is theirs");
}

/* The answer repeats the head that the release made, and its nonce. */
static int answer_release(struct handover *h, struct custody_error *err)
{
	const struct custody_record_file *f = &h->writer.file;
	struct custody_event *e = &h->writer.said.event;
	size_t seq = open_release(f);

	if (seq == 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "no release in the record waits for an answer; nothing was written");
	const struct custody_record_entry *release = &f->view.record.entries[seq - 1];
	if (h->code && memcmp(release->sha256[2], h->first, sizeof(h->first)) != 0)
		return other_release(release->sha256[2], err);
	set_bytes(e, "release", release->sha256[2], 32);
	if (e->type != CUSTODY_EVENT_WITHDRAWN)
		set_bytes(e, "nonce", release->event.values[0].bytes, 16);
	return 0;
}

/* What keeps the verdict from being VALID: said, with the exit code of the verdict. */
static int refuse_verdict(struct handover *h, struct custody_error *err, int *rc)
{
	bool invalid = h->writer.report.verdict == CUSTODY_VERDICT_INVALID;
	char why[CUSTODY_ERROR_TEXT];

	custody_event_writer_why(&h->writer, why);
	*rc = invalid ? CUSTODY_EXIT_INVALID : CUSTODY_EXIT_INDETERMINATE;
	return custody_fail(err, CUSTODY_ERR_INPUT, "package and record together are %s: %.700s; nothing was written",
		custody_verdict_name(h->writer.report.verdict), why);
}

/* ---- release ---- */

/* Nor is it the next key of whoever releases: the record takes both for one. */
static int refuse_own_certificate(const struct handover *h, struct custody_error *err)
{
	char shown[CUSTODY_TERMINAL_NAME];

	custody_fail(err, CUSTODY_ERR_USAGE, "the certificate of --to-certificate is that of '%s', who releases: nobody takes over from themselves",
		custody_display(h->writer.name, strlen(h->writer.name), shown, sizeof(shown)));
	return custody_hint(err, "give the certificate of whoever takes over: they have it, in LAB/certificates");
}

/* A name that whoever releases bears as well does not say who else is meant, and they cannot answer themselves. */
static int refuse_own_name(const struct handover *h, struct custody_error *err)
{
	const struct custody_event *e = &h->writer.said.event;
	char shown[CUSTODY_TERMINAL_NAME];

	if (e->has_to_certificate && memcmp(h->writer.said.to_identity, h->writer.pen.identity, 32) == 0)
		return refuse_own_certificate(h, err);
	if (e->has_to_certificate || !e->has_to || strcmp(e->to.name, h->writer.name) != 0)
		return 0;
	custody_fail(err, CUSTODY_ERR_USAGE, "'%s' is who releases: nobody takes over from themselves",
		custody_display(e->to.name, strlen(e->to.name), shown, sizeof(shown)));
	return custody_hint(err, "if somebody else of that name is meant: --to-certificate FILE says who");
}

/* One waits already: as the record itself would refuse it, with the way out. */
static int refuse_second(const struct handover *h, struct custody_error *err)
{
	size_t open = open_release(&h->writer.file);

	if (open == 0)
		return 0;
	custody_fail(err, CUSTODY_ERR_INPUT, "record-double-release: the release of event %zu waits for its answer; nothing was written", open);
	return custody_hint(err, "custody release --withdraw REASON takes that one back");
}

static int prepare_release(struct handover *h, int *rc, struct custody_error *err)
{
	struct custody_event_writer *w = &h->writer;
	uint8_t nonce[16];

	if (refuse_own_name(h, err) || refuse_second(h, err))
		return -1;

	if (custody_event_writer_verify(w, err))
		return -1;
	if (w->report.verdict != CUSTODY_VERDICT_VALID)
		return refuse_verdict(h, err, rc);
	if (custody_random_fill(&custody_environment_random, nonce, sizeof(nonce), err))
		return -1;
	set_bytes(&w->said.event, "nonce", nonce, sizeof(nonce));
	return 0;
}

/* ---- accept ---- */

/* Whoever takes the package over takes it under what the release says (ADM-10). */
static void note_release_conditions(const struct handover *h)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown = { .max = SIZE_MAX };
	const struct custody_record_file *f = &h->writer.file;
	const struct custody_event_value *v = custody_event_value(&f->view.record.entries[open_release(f) - 1].event, "conditions");
	struct custody_error err = CUSTODY_ERROR_INIT;

	if (!v)
		return;
	if (custody_display_append(&shown, (const uint8_t *)v->text, strlen(v->text), &err))
		custody_terminal_warn("the conditions of the release cannot be told: %s", err.text);
	else
		custody_terminal_note_whole("the release has conditions, as stated: ", custody_buf_str(&shown));
}

/* What does not fit is accepted only with a word on it; what is proved wrong is not accepted. */
static int prepare_accept(struct handover *h, int *rc, struct custody_error *err)
{
	struct custody_event_writer *w = &h->writer;

	if (custody_event_writer_verify(w, err) || answer_release(h, err))
		return -1;
	note_release_conditions(h);
	if (w->report.verdict == CUSTODY_VERDICT_VALID)
		return 0;
	if (w->report.verdict == CUSTODY_VERDICT_INDETERMINATE && custody_event_value(&w->said.event, "discrepancy"))
		return 0;
	if (refuse_verdict(h, err, rc) && w->report.verdict == CUSTODY_VERDICT_INDETERMINATE)
		return custody_hint(
			err, "with --trust DIR you give the anchors of those who signed; --set discrepancy=TEXT accepts it with that remark");
	return custody_hint(err, "custody accept --refuse REASON writes down that you do not take it");
}

/* What was received may be anything: what it is, is measured, and nothing more is asked of it. */
static int prepare_refuse(struct handover *h, struct custody_error *err)
{
	struct custody_event_writer *w = &h->writer;
	struct custody_event *e = &w->said.event;
	uint8_t found[32];
	uint64_t size;

	if (answer_release(h, err) || custody_package_digest(h->package, found, &size, err))
		return -1;
	const struct custody_event *first = &w->file.view.record.entries[0].event;
	e->measured = size == first->package_size && memcmp(found, first->package_sha256, 32) == 0;
	if (!e->measured)
		set_bytes(e, "found", found, 32);
	return 0;
}

/* ---- both ---- */

static const char *type_of(const struct handover *h, bool release)
{
	if (release)
		return h->withdraw ? "withdrawn" : "released";
	return h->refuse ? "refused" : "accepted";
}

/* Before the record: of a name that was mistyped, the package is what is missing. */
static int look_at_package(const struct handover *h, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = custody_package_open(h->package, err);

	return fd < 0 ? custody_fail_in(err, "the package") : 0;
}

static int prepare(struct handover *h, const char *type, int *rc, struct custody_error *err)
{
	struct custody_event_writer *w = &h->writer;
	const char *reason = h->withdraw ? h->withdraw : h->refuse;

	if (custody_event_words_take(&h->words, type, &w->said, err) || (reason && custody_event_words_set(&w->said.event, "reason", reason, err)) ||
		custody_event_writer_open(w, err) || custody_event_writer_find(w, h->package, NULL, err) ||
		(!h->withdraw && look_at_package(h, err)) || custody_event_writer_lock(w, err))
		return -1;
	if (w->said.event.type == CUSTODY_EVENT_RELEASED)
		return prepare_release(h, rc, err);
	if (w->said.event.type == CUSTODY_EVENT_ACCEPTED)
		return prepare_accept(h, rc, err);
	return h->refuse ? prepare_refuse(h, err) : answer_release(h, err);
}

/* The options are parsed. Gives the exit code. */
static int run(struct handover *h, bool release)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME], what[CUSTODY_TERMINAL_NAME + 64];
	int rc = CUSTODY_EXIT_OK;

	custody_terminal_setup(h->words.quiet, false);
	snprintf(what, sizeof(what), "cannot %s '%s'",
		h->withdraw ? "withdraw the release of"
		: release   ? "release"
		: h->refuse ? "refuse"
			    : "accept",
		custody_display(h->package, strlen(h->package), name, sizeof(name)));
	if (prepare(h, type_of(h, release), &rc, &err)) {
		int code = custody_event_writer_failed(&h->writer, what, &err);
		return rc ? rc : code;
	}
	return custody_event_writer_run(&h->writer, what, &err);
}

int custody_cmd_release(int argc, char **argv)
{
	CUSTODY_CLEANUP(handover_release) struct handover h = { .package = NULL };
	const struct custody_option options[] = {
		CUSTODY_EVENT_WORDS_TO(&h.words),
		CUSTODY_OPTION_TEXT(0, "withdraw", "REASON", &h.withdraw, "take back the release that nobody answered yet"),
		CUSTODY_OPTION_TEXT(0, "record", "FILE", &h.words.record, "the package's custody record (default: NAME.custody.asice)"),
		CUSTODY_EVENT_WORDS(&h.words),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "release", "--to NAME --purpose TEXT --authority TEXT PACKAGE",
		"Verifies a package and its custody record, measures it, and writes into the record that you hand it over, to whom,\nwhat for and on "
		"whose authority.",
		options, 1, 1 };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	int rc = CUSTODY_EXIT_INTERNAL;

	custody_event_writer_init(&h.writer, &h.words, argc, argv);
	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	h.package = operands.values[0];
	return run(&h, true);
}

int custody_cmd_accept(int argc, char **argv)
{
	CUSTODY_CLEANUP(handover_release) struct handover h = { .package = NULL };
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT(0, "refuse", "REASON", &h.refuse, "write down that you do not take it, and why"),
		CUSTODY_OPTION_TEXT(0, "release-code", "CODE", &h.code, "the code of the release, as you got it on paper: it is compared"),
		CUSTODY_OPTION_TEXT(0, "record", "FILE", &h.words.record, "the package's custody record (default: NAME.custody.asice)"),
		CUSTODY_EVENT_WORDS(&h.words),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "accept", "PACKAGE",
		"Verifies a package and its custody record, measures it again, and writes into the record that you took it over\nfrom whoever "
		"released "
		"it "
		"to you; or that you refuse it.",
		options, 1, 1 };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	int rc = CUSTODY_EXIT_INTERNAL;

	custody_event_writer_init(&h.writer, &h.words, argc, argv);
	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	if (h.code && !custody_nih_short_parse(h.code, h.first))
		return custody_options_refuse(&usage,
			"--release-code wants a code such as 1fcc-ef7e-0be6-56a0;c; what is given is none, or was misread: its check digit is wrong");
	h.package = operands.values[0];
	return run(&h, false);
}
