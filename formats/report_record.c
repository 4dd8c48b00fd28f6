/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/report_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/report_row.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"
#include "libcustody/record/history.h"

#define SHOWN 160 /* bytes of one text of the record in a line */
#define LINE CUSTODY_REPORT_EVENT /* of a line of several: all of them fit */
/* Of a long list: how it began, and how it stands now, which matters most. */
#define FIRST 10
#define LAST 30
#define NO_LABEL "" /* not a text to translate */

/* ---- sentences ---- */

static const char *shown(const char *text, char out[SHOWN])
{
	return custody_report_isolated(text, strlen(text), out, SHOWN);
}

static const char *named(const struct custody_words *words, const char *name, char out[SHOWN])
{
	if (name)
		return shown(name, out);
	snprintf(out, SHOWN, "%s", custody_words_get(words, N_("nobody known")));
	return out;
}

/* Nobody asks for the fraction of a second in which somebody took a package over; record show has it. */
static const char *in_seconds(struct custody_time t, const struct custody_words *words, char out[CUSTODY_REPORT_DATE])
{
	return custody_report_date((struct custody_time){ t.sec, 0 }, words, out);
}

/* custody_history_duration() in other languages. */
static const char *lasted(const struct custody_account_span *s, const struct custody_words *words, char out[96])
{
	struct custody_history_length l = custody_history_length(s->from, s->until);

	/* TRANSLATORS: d, h, min: days, hours, minutes, abbreviated. */
	if (l.days > 0)
		snprintf(out, 96, custody_words_get(words, N_("%lld d %lld h")), (long long)l.days, (long long)l.hours);
	else if (l.hours > 0)
		snprintf(out, 96, custody_words_get(words, N_("%lld h %lld min")), (long long)l.hours, (long long)l.minutes);
	else if (l.minutes > 0)
		snprintf(out, 96, custody_words_get(words, N_("%lld min")), (long long)l.minutes);
	else
		snprintf(out, 96, "%s", custody_words_get(words, N_("less than a minute")));
	return out;
}

static void say_certainty(const struct custody_account_span *s, const struct custody_words *words, char line[LINE])
{
	size_t n = strlen(line);

	if (s->uncertain > 0)
		snprintf(line + n, LINE - n, custody_words_get(words, N_("; WHO SIGNED EVENT %zu IS NOT KNOWN FOR CERTAIN")), s->uncertain);
}

/* "held by 'Ada' from ... to ... (2 d 4 h)" */
static void say_span(const struct custody_account_span *s, const struct custody_words *words, bool whole, char line[LINE])
{
	char who[SHOWN], to[SHOWN], from[CUSTODY_REPORT_DATE], until[CUSTODY_REPORT_DATE], took[96];

	named(words, s->who, who);
	named(words, s->to, to);
	in_seconds(s->from, words, from);
	in_seconds(s->until, words, until);
	lasted(s, words, took);
	if (s->destroyed)
		snprintf(line, LINE, custody_words_get(words, N_("destroyed on %s, by the word of '%s'")), from, who);
	else if (s->handed_over && s->last)
		snprintf(line, LINE, custody_words_get(words, N_("handed over by '%s' to '%s', on its way from %s to %s (%s)")), who, to, from, until,
			took);
	else if (s->handed_over)
		snprintf(line, LINE, custody_words_get(words, N_("released by '%s' to '%s' on %s, and NOT ACCEPTED by anybody yet")), who, to, from);
	else if (s->last)
		snprintf(line, LINE, custody_words_get(words, N_("held by '%s' from %s to %s (%s)")), who, from, until, took);
	else if (whole)
		snprintf(line, LINE, custody_words_get(words, N_("held by '%s' since %s, as far as this record goes")), who, from);
	else
		snprintf(line, LINE, custody_words_get(words, N_("held by '%s' since %s, up to the last event that could be read")), who, from);
	say_certainty(s, words, line);
}

static const char *whose_time(const struct custody_account_event *e)
{
	if (e->independent)
		return N_("time of an independent authority");
	if (e->own_word)
		return N_("time: the word of whoever signed");
	return e->stamped ? N_("time not proven: its authority is not trusted here") : N_("time not proven");
}

/* A text of the record behind words of ours; nothing if there is none. */
static void add(char line[LINE], const char *before, const char *text)
{
	char quote[SHOWN];
	size_t n = strlen(line);

	if (text)
		snprintf(line + n, LINE - n, "%s'%s'", before, shown(text, quote));
}

/* What happened: a translation has its subject in it. */
static void add_past(char line[LINE], const struct custody_words *words, const char *past)
{
	bool subject = strncmp(past, "was ", 4) == 0 && !(words && custody_words_have(words, past));
	size_t n = strlen(line);

	snprintf(line + n, LINE - n, "%s%s", subject ? "the package " : "", custody_words_get(words, past));
}

/* A file that the event names, such as a certificate that came back signed: what it is called, and which one it is (ADM-39). */
static void add_attached(char line[LINE], const struct custody_words *words, const struct custody_account_event *e)
{
	char hex[65];
	size_t n;

	if (e->n_attached == 0)
		return;
	add(line, custody_words_get(words, N_("; attached: ")), e->attached);
	custody_hex_format(e->attached_sha256, 32, hex);
	n = strlen(line);
	snprintf(line + n, LINE - n, custody_words_get(words, N_(" with SHA-256 %s")), hex);
	n = strlen(line);
	if (e->n_attached > 1)
		snprintf(line + n, LINE - n, custody_words_get(words, N_(" and %zu more")), e->n_attached - 1);
}

/* An analysis without results has nothing that says more than on what it was done: that is told already. */
static bool is_noted(const struct custody_account_event *e, const struct custody_account_detail *d)
{
	return e->note && d->text && strcmp(d->key, "copy") == 0 && strcmp(e->note, d->text) == 0;
}

/* What of its type's fields changes what it means. */
static void add_details(char line[LINE], const struct custody_words *words, const struct custody_account_event *e)
{
	static const struct {
		const char *key, *before;
	} labels[] = { { "result", N_(", with the result ") }, { "wrong", N_(", what was wrong: ") }, { "right", N_(", what is right: ") },
		{ "copy", N_(", done on ") }, { "seal_number", N_(", seal number ") }, { "condition", N_(", condition ") },
		{ "discrepancy", N_(", DISCREPANCY: ") }, { "found", N_(", ANOTHER FILE WAS FOUND, with SHA-256 ") } };
	char from[CUSTODY_REPORT_DATE], until[CUSTODY_REPORT_DATE];
	size_t n = strlen(line);

	if (e->target > 0)
		snprintf(line + n, LINE - n, custody_words_get(words, N_(", namely event %zu")), e->target);
	if (e->has_gap)
		snprintf(line + n, LINE - n, custody_words_get(words, N_(", from %s to %s")), in_seconds(e->gap_from, words, from),
			in_seconds(e->gap_until, words, until));
	for (size_t i = 0; i < e->n_details; i++)
		for (size_t k = 0; k < sizeof(labels) / sizeof(labels[0]); k++)
			if (strcmp(e->details[i].key, labels[k].key) == 0 && !is_noted(e, &e->details[i]))
				add(line, custody_words_get(words, labels[k].before), e->details[i].text);
}

static void add_conditions(char line[LINE], const struct custody_words *words, const struct custody_account_event *e)
{
	for (size_t i = 0; i < e->n_details; i++)
		if (strcmp(e->details[i].key, "conditions") == 0)
			add(line, custody_words_get(words, N_(", conditions ")), e->details[i].text);
}

/* "(time of an independent authority, to within 2 s as it states)". A fraction of a second is below what is printed. */
static void add_whose_time(char line[LINE], const struct custody_words *words, const struct custody_account_event *e)
{
	char seconds[CUSTODY_REPORT_NUMBER];
	size_t n = strlen(line);

	snprintf(line + n, LINE - n, " (%s", custody_words_get(words, whose_time(e)));
	n = strlen(line);
	if (e->accuracy_ms >= 1000)
		snprintf(line + n, LINE - n, custody_words_get(words, N_(", to within %s s as it states")),
			custody_report_grouped(e->accuracy_ms / 1000 + (e->accuracy_ms % 1000 > 0), words, seconds));
	n = strlen(line);
	snprintf(line + n, LINE - n, ")");
}

static void add_corrected(char line[LINE], const struct custody_words *words, const struct custody_account_event *e)
{
	size_t n = strlen(line);

	if (e->corrections == 0)
		return;
	if (e->corrections == 1)
		snprintf(line + n, LINE - n, custody_words_get(words, N_("; CORRECTED by event %zu")), e->corrected_by);
	else
		snprintf(line + n, LINE - n, custody_words_get(words, N_("; CORRECTED %zu times, last by event %zu")), e->corrections,
			e->corrected_by);
	add(line, custody_words_get(words, N_(", signed by ")), e->corrector ? e->corrector : custody_words_get(words, N_("nobody known")));
	n = strlen(line);
	snprintf(line + n, LINE - n, "%s", e->corrector_trusted ? "" : custody_words_get(words, N_(", WHO IS NOT KNOWN FOR CERTAIN")));
}

/* "24 November 2026, 10:00:00 UTC: the package was released by 'Ada', to 'Bob', for 'analysis' ..."; r: NULL for no local time beside it. */
static void say_event(const struct custody_report *r, const struct custody_account_event *e, const struct custody_words *words, char line[LINE])
{
	char date[CUSTODY_REPORT_DATE], local[CUSTODY_REPORT_LOCAL];
	size_t n;

	/* Local time beside the times of events, not of the holders, which are the same again (ADM-88). */
	snprintf(line, LINE, "%s%s%s", in_seconds(e->time, words, date), r ? custody_report_local_beside(r, e->time, words, local) : "",
		custody_words_get(words, N_(": ")));
	add_past(line, words, e->past);
	add(line, custody_words_get(words, N_(" by ")), e->signer ? e->signer : custody_words_get(words, N_("nobody known")));
	n = strlen(line);
	snprintf(line + n, LINE - n, "%s", e->trusted ? "" : custody_words_get(words, N_(", WHO IS NOT KNOWN FOR CERTAIN")));
	add(line, custody_words_get(words, N_(" to ")), e->to);
	add(line, custody_words_get(words, N_(", for ")), e->purpose);
	add(line, custody_words_get(words, N_(", on the authority of ")), e->authority);
	add(line, custody_words_get(words, N_(", as stated: ")), e->note);
	add_details(line, words, e);
	if (!r) /* an export has this line alone */
		add_conditions(line, words, e);
	add(line, custody_words_get(words, N_(", DECLARED LATER from ")), e->declared_later);
	add_attached(line, words, e);
	n = strlen(line);
	snprintf(line + n, LINE - n, "%s", e->measured ? custody_words_get(words, N_("; the package was measured for it, as stated")) : "");
	add_whose_time(line, words, e);
	n = strlen(line);
	if (e->begun_later)
		snprintf(line + n, LINE - n, custody_words_get(words, N_("; the package was sealed before, by the seal's own time on %s")),
			in_seconds(e->sealed, words, date));
	/* Behind whose word the other time is: it is not of this one. */
	if (e->has_occurred) {
		n = strlen(line);
		snprintf(line + n, LINE - n, custody_words_get(words, N_(", said to have happened on %s")), in_seconds(e->occurred, words, date));
	}
	add_corrected(line, words, e);
}

const char *custody_report_record_event(const struct custody_account_event *e, char out[CUSTODY_REPORT_EVENT])
{
	say_event(NULL, e, NULL, out);
	return custody_report_plain(out);
}

/* By what was given: somebody else has noted its last head, or has a copy that goes as far. */
static const char *end_known_by(const struct custody_report *r)
{
	const struct custody_record_inputs *in = &r->record_given;
	bool head = false, copy = in->has_counterpart && in->in_counterpart == r->account.n_events;

	for (size_t i = 0; i < in->n_heads; i++)
		head = head || in->heads[i].event == r->account.n_events;
	if (head && copy)
		return N_("that it ends there is known by a head and by the counterpart's copy, which were given for this check");
	return copy ? N_("that it ends there is known by the counterpart's copy, which was given for this check")
		    : N_("that it ends there is known by a head, which was given for this check");
}

/* Under which conditions it was handed over, whole: one that is cut may say the contrary (ADM-10). */
static int say_conditions(const struct custody_account_event *e, const struct custody_words *words, custody_report_record_row *row, void *ctx,
	struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf line = { .max = SIZE_MAX };

	for (size_t i = 0; i < e->n_details; i++) {
		const char *text = e->details[i].text;

		if (strcmp(e->details[i].key, "conditions") != 0 || !text)
			continue;
		if (custody_buf_append_str(&line, custody_words_get(words, N_("conditions of this, as stated: ")), err) ||
			custody_buf_append_str(&line, "'" CUSTODY_REPORT_ISOLATE, err) ||
			custody_display_append(&line, (const uint8_t *)text, strlen(text), err) ||
			custody_buf_append_str(&line, CUSTODY_REPORT_ISOLATE_END "'", err))
			return -1;
		return row(ctx, NO_LABEL, custody_buf_str(&line), false, err);
	}
	return 0;
}

static int say_end(
	const struct custody_report *r, const struct custody_words *words, custody_report_record_row *row, void *ctx, struct custody_error *err)
{
	const struct custody_account *a = &r->account;
	char line[LINE], hex[65];
	size_t n;

	if (a->n_events == 0)
		return row(ctx, "record", custody_words_get(words, N_("no event could be read")), false, err);
	custody_hex_format(a->events[a->n_events - 1].head, 32, hex);
	if (a->whole)
		snprintf(line, sizeof(line), custody_words_plural(words, a->n_events, "%zu event", "%zu events"), a->n_events);
	else
		snprintf(line, sizeof(line), custody_words_plural(words, a->n_events, "%zu event could be read", "%zu events could be read"),
			a->n_events);
	n = strlen(line);
	if (!r->record_anchored)
		snprintf(line + n, sizeof(line) - n, "%s", custody_words_get(words, N_("; whether later ones were cut off cannot be said")));
	if (row(ctx, "record", line, false, err))
		return -1;
	if (r->record_anchored && row(ctx, N_("its end"), custody_words_get(words, end_known_by(r)), true, err))
		return -1;
	return row(ctx, N_("its head"), hex, false, err);
}

/* Where line i of n is the first of those that are left out, how many they are; 0: it is listed. */
static size_t left_out(size_t i, size_t n)
{
	return i == FIRST && n > FIRST + LAST ? n - FIRST - LAST : 0;
}

static int say_left_out(size_t n, const struct custody_words *words, custody_report_record_row *row, void *ctx, struct custody_error *err)
{
	char line[LINE];

	snprintf(line, sizeof(line),
		custody_words_plural(words, n, "... %zu line is left out here; custody record show has it ...",
			"... %zu lines are left out here; custody record show has them ..."),
		n);
	return row(ctx, NO_LABEL, line, false, err);
}

static int say_spans(
	const struct custody_account *a, const struct custody_words *words, custody_report_record_row *row, void *ctx, struct custody_error *err)
{
	char line[LINE];

	for (size_t i = 0, skipped; i < a->n_spans; i += skipped ? skipped : 1) {
		skipped = left_out(i, a->n_spans);
		if (skipped == 0)
			say_span(&a->spans[i], words, a->whole, line);
		if (skipped ? say_left_out(skipped, words, row, ctx, err) : row(ctx, i == 0 ? N_("who held it") : NO_LABEL, line, false, err))
			return -1;
	}
	return 0;
}

static int say_events(
	const struct custody_report *r, const struct custody_words *words, custody_report_record_row *row, void *ctx, struct custody_error *err)
{
	const struct custody_account *a = &r->account;
	char line[LINE], label[64];

	for (size_t i = 0, skipped; i < a->n_events; i += skipped ? skipped : 1) {
		skipped = left_out(i, a->n_events);
		if (skipped == 0)
			say_event(r, &a->events[i], words, line);
		snprintf(label, sizeof(label), custody_words_get(words, N_("event %zu")), i + 1);
		if (skipped ? say_left_out(skipped, words, row, ctx, err)
			    : row(ctx, label, line, false, err) || say_conditions(&a->events[i], words, row, ctx, err))
			return -1;
	}
	return 0;
}

int custody_report_record_rows(
	const struct custody_report *r, const struct custody_words *words, custody_report_record_row *row, void *ctx, struct custody_error *err)
{
	if (!r->has_record)
		return 0;
	return say_spans(&r->account, words, row, ctx, err) || say_events(r, words, row, ctx, err) || say_end(r, words, row, ctx, err) ? -1 : 0;
}

/* ---- JSON ---- */

static int put(struct custody_buf *b, const char *key, const char *text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf line = { .max = SIZE_MAX };

	if (!text)
		return custody_buf_printf(b, err, "%snull", key);
	return custody_display_append(&line, (const uint8_t *)text, strlen(text), err) || custody_buf_append_str(b, key, err) ||
			       custody_json_append_safe(b, custody_buf_str(&line), line.len, err)
		       ? -1
		       : 0;
}

static int put_time(struct custody_buf *b, const char *key, bool has, struct custody_time t, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT];

	if (!has || !custody_time_in_range(t))
		return custody_buf_printf(b, err, "%snull", key);
	custody_time_format(t, text);
	return custody_buf_printf(b, err, "%s\"%s\"", key, text);
}

static int json_span(struct custody_buf *b, const struct custody_account_span *s, struct custody_error *err)
{
	if (custody_buf_printf(b, err, "{\"state\":\"%s\"",
		    s->destroyed     ? "destroyed"
		    : s->handed_over ? "handed-over"
				     : "held") ||
		put(b, ",\"who\":", s->who, err) || put(b, ",\"to\":", s->to, err) || put_time(b, ",\"from\":", true, s->from, err) ||
		put_time(b, ",\"until\":", s->last > 0, s->until, err) || custody_buf_printf(b, err, ",\"first_event\":%zu", s->first) ||
		(s->last ? custody_buf_printf(b, err, ",\"last_event\":%zu", s->last) : custody_buf_append_str(b, ",\"last_event\":null", err)))
		return -1;
	return custody_buf_printf(b, err, ",\"signer_trusted\":%s}", s->uncertain ? "false" : "true");
}

/* In the values that a program compares; under the keys that the record has. */
static int json_fields(struct custody_buf *b, const struct custody_account_event *e, struct custody_error *err)
{
	const char *between = "";

	if (custody_buf_append_str(b, ",\"fields\":{", err))
		return -1;
	for (size_t i = 0; i < e->n_details; i++, between = ",")
		if (custody_buf_printf(b, err, "%s\"%s\"", between, e->details[i].key) || put(b, ":", e->details[i].text, err))
			return -1;
	if (e->target > 0 && custody_buf_printf(b, err, "%s\"target\":%zu", between, e->target))
		return -1;
	if (e->has_gap && (custody_buf_append_str(b, between, err) || put_time(b, "\"from\":", true, e->gap_from, err) ||
				  put_time(b, ",\"until\":", true, e->gap_until, err)))
		return -1;
	return custody_buf_append_byte(b, '}', err);
}

/* The events that correct event seq. */
static int json_corrected_by(struct custody_buf *b, const struct custody_account *a, size_t seq, struct custody_error *err)
{
	const char *between = "";

	if (custody_buf_append_str(b, ",\"corrected_by\":[", err))
		return -1;
	for (size_t i = seq; i < a->n_events; i++) {
		if (a->events[i].target != seq)
			continue;
		if (custody_buf_printf(b, err, "%s%zu", between, i + 1))
			return -1;
		between = ",";
	}
	return custody_buf_append_byte(b, ']', err);
}

static int json_accuracy(struct custody_buf *b, const struct custody_account_event *e, struct custody_error *err)
{
	return e->accuracy_ms ? custody_buf_printf(b, err, ",\"accuracy_ms\":%" PRIu64, e->accuracy_ms)
			      : custody_buf_append_str(b, ",\"accuracy_ms\":null", err);
}

static int json_event(struct custody_buf *b, const struct custody_account *a, size_t seq, struct custody_error *err)
{
	const struct custody_account_event *e = &a->events[seq - 1];
	char head[65], certificate[67] = "null";

	custody_hex_format(e->head, 32, head);
	if (e->signer) {
		custody_hex_format(e->certificate, 32, certificate + 1);
		certificate[0] = certificate[65] = '"';
		certificate[66] = '\0';
	}
	return custody_buf_printf(b, err, "{\"seq\":%zu", seq) || put(b, ",\"type\":", e->type, err) || put(b, ",\"signer\":", e->signer, err) ||
			       custody_buf_printf(b, err, ",\"certificate_sha256\":%s", certificate) ||
			       custody_buf_printf(b, err, ",\"signer_trusted\":%s", e->trusted ? "true" : "false") ||
			       put_time(b, ",\"time\":", true, e->time, err) ||
			       custody_buf_printf(b, err, ",\"independent\":%s,\"measured\":%s", e->independent ? "true" : "false",
				       e->measured ? "true" : "false") ||
			       put(b, ",\"to\":", e->to, err) || put(b, ",\"purpose\":", e->purpose, err) ||
			       put(b, ",\"authority\":", e->authority, err) || put(b, ",\"note\":", e->note, err) ||
			       put(b, ",\"declared_later\":", e->declared_later, err) ||
			       custody_buf_printf(b, err, ",\"attachments\":%zu,\"head\":\"%s\"", e->n_attached, head) ||
			       put_time(b, ",\"occurred\":", e->has_occurred, e->occurred, err) || json_accuracy(b, e, err) ||
			       put_time(b, ",\"sealed_before\":", e->begun_later, e->sealed, err) || json_fields(b, e, err) ||
			       json_corrected_by(b, a, seq, err) || custody_buf_append_byte(b, '}', err)
		       ? -1
		       : 0;
}

int custody_report_record_json(struct custody_buf *out, const struct custody_report *r, struct custody_error *err)
{
	const struct custody_account *a = &r->account;

	if (!r->has_record)
		return 0;
	if (custody_buf_printf(out, err, ",\"record\":{\"whole\":%s,\"anchored\":%s,\"anchored_events\":%zu,\"holders\":[",
		    a->whole ? "true" : "false", r->record_anchored ? "true" : "false", a->anchored))
		return -1;
	for (size_t i = 0; i < a->n_spans; i++)
		if ((i > 0 && custody_buf_append_byte(out, ',', err)) || json_span(out, &a->spans[i], err))
			return -1;
	if (custody_buf_append_str(out, "],\"events\":[", err))
		return -1;
	for (size_t i = 0; i < a->n_events; i++)
		if ((i > 0 && custody_buf_append_byte(out, ',', err)) || json_event(out, a, i + 1, err))
			return -1;
	return custody_buf_append_str(out, "]}", err);
}
