/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/report_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"
#include "libcustody/record/history.h"

#define SHOWN 160 /* bytes of one text of the record in a line */
#define LINE CUSTODY_REPORT_EVENT /* of a line of several: all of them fit */
#define MOST 40 /* events that are listed */

/* ---- sentences ---- */

static const char *shown(const char *text, char out[SHOWN])
{
	return custody_display(text, strlen(text), out, SHOWN);
}

static const char *named(const char *name, char out[SHOWN])
{
	return name ? shown(name, out) : "nobody known";
}

/* Nobody asks for the fraction of a second in which somebody took a package over; record show has it. */
static const char *in_seconds(struct custody_time t, char out[CUSTODY_REPORT_DATE])
{
	return custody_report_date((struct custody_time){ t.sec, 0 }, out);
}

/* "'Ada' held it from ... to ..., 2 d 4 h" */
static void say_span(const struct custody_account_span *s, bool whole, char line[LINE])
{
	char who[SHOWN], to[SHOWN], from[CUSTODY_REPORT_DATE], until[CUSTODY_REPORT_DATE], took[48];

	named(s->who, who);
	in_seconds(s->from, from);
	in_seconds(s->until, until);
	custody_history_duration(s->from, s->until, took);
	if (s->handed_over && s->last)
		snprintf(line, LINE, "handed over by '%s' to '%s', on its way from %s to %s (%s)", who, named(s->to, to), from, until, took);
	else if (s->handed_over)
		snprintf(line, LINE, "released by '%s' to '%s' on %s, and NOT ACCEPTED by anybody yet", who, named(s->to, to), from);
	else if (s->last)
		snprintf(line, LINE, "held by '%s' from %s to %s (%s)", who, from, until, took);
	else
		snprintf(line, LINE, "held by '%s' since %s, %s", who, from,
			whole ? "as far as this record goes" : "up to the last event that could be read");
}

static const char *whose_time(const struct custody_account_event *e)
{
	if (e->independent)
		return "time of an independent authority";
	if (e->own_word)
		return "time: the word of whoever signed";
	return e->stamped ? "time not proven: its authority is not trusted here" : "time not proven";
}

/* A text of the record behind words of ours; nothing if there is none. */
static void add(char line[LINE], const char *before, const char *text)
{
	char quote[SHOWN];
	size_t n = strlen(line);

	if (text)
		snprintf(line + n, LINE - n, "%s'%s'", before, shown(text, quote));
}

/* "24 November 2026, 10:00:00 UTC: the package was released by 'Ada', to 'Bob', for 'analysis' ..." */
static void say_event(const struct custody_account_event *e, char line[LINE])
{
	char signer[SHOWN], date[CUSTODY_REPORT_DATE];
	size_t n;

	in_seconds(e->time, date);
	snprintf(line, LINE, "%s: %s%s by '%s'%s", date, strncmp(e->past, "was ", 4) == 0 ? "the package " : "", e->past, named(e->signer, signer),
		e->trusted ? "" : ", WHO IS NOT KNOWN FOR CERTAIN");
	add(line, " to ", e->to);
	add(line, ", for ", e->purpose);
	add(line, ", on the authority of ", e->authority);
	add(line, ", as stated: ", e->note);
	add(line, ", DECLARED LATER from ", e->declared_later);
	n = strlen(line);
	snprintf(line + n, LINE - n, "%s (%s)", e->measured ? "; the package was measured for it, as stated" : "", whose_time(e));
}

const char *custody_report_record_event(const struct custody_account_event *e, char out[CUSTODY_REPORT_EVENT])
{
	say_event(e, out);
	return out;
}

static int say_end(const struct custody_report *r, custody_report_record_row *row, void *ctx, struct custody_error *err)
{
	const struct custody_account *a = &r->account;
	char line[LINE], hex[65];

	if (a->n_events == 0)
		return row(ctx, "record", "no event could be read", err);
	custody_hex_format(a->events[a->n_events - 1].head, 32, hex);
	snprintf(line, sizeof(line), "%zu event%s%s; %s", a->n_events, a->n_events == 1 ? "" : "s", a->whole ? "" : " could be read",
		r->record_anchored ? "that it ends there is known from elsewhere" : "whether later ones were cut off cannot be said");
	return row(ctx, "record", line, err) || row(ctx, "its head", hex, err) ? -1 : 0;
}

int custody_report_record_rows(const struct custody_report *r, custody_report_record_row *row, void *ctx, struct custody_error *err)
{
	const struct custody_account *a = &r->account;
	char line[LINE], label[32];

	if (!r->has_record)
		return 0;
	for (size_t i = 0; i < a->n_spans && i < MOST; i++) {
		say_span(&a->spans[i], a->whole, line);
		if (row(ctx, i == 0 ? "who held it" : "", line, err))
			return -1;
	}
	for (size_t i = 0; i < a->n_events && i < MOST; i++) {
		say_event(&a->events[i], line);
		snprintf(label, sizeof(label), "event %zu", i + 1);
		if (row(ctx, label, line, err))
			return -1;
	}
	if ((a->n_events > MOST || a->n_spans > MOST) && row(ctx, "", "and more: custody record show has them all", err))
		return -1;
	return say_end(r, row, ctx, err);
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
	if (custody_buf_printf(b, err, "{\"state\":\"%s\"", s->handed_over ? "handed-over" : "held") || put(b, ",\"who\":", s->who, err) ||
		put(b, ",\"to\":", s->to, err) || put_time(b, ",\"from\":", true, s->from, err) ||
		put_time(b, ",\"until\":", s->last > 0, s->until, err) || custody_buf_printf(b, err, ",\"first_event\":%zu", s->first))
		return -1;
	return s->last ? custody_buf_printf(b, err, ",\"last_event\":%zu}", s->last) : custody_buf_append_str(b, ",\"last_event\":null}", err);
}

static int json_event(struct custody_buf *b, size_t seq, const struct custody_account_event *e, struct custody_error *err)
{
	char head[65];

	custody_hex_format(e->head, 32, head);
	return custody_buf_printf(b, err, "{\"seq\":%zu", seq) || put(b, ",\"type\":", e->type, err) || put(b, ",\"signer\":", e->signer, err) ||
			       custody_buf_printf(b, err, ",\"signer_trusted\":%s", e->trusted ? "true" : "false") ||
			       put_time(b, ",\"time\":", true, e->time, err) ||
			       custody_buf_printf(b, err, ",\"independent\":%s,\"measured\":%s", e->independent ? "true" : "false",
				       e->measured ? "true" : "false") ||
			       put(b, ",\"to\":", e->to, err) || put(b, ",\"purpose\":", e->purpose, err) ||
			       put(b, ",\"authority\":", e->authority, err) || put(b, ",\"note\":", e->note, err) ||
			       put(b, ",\"declared_later\":", e->declared_later, err) || custody_buf_printf(b, err, ",\"head\":\"%s\"}", head)
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
		if ((i > 0 && custody_buf_append_byte(out, ',', err)) || json_event(out, i + 1, &a->events[i], err))
			return -1;
	return custody_buf_append_str(out, "]}", err);
}
