/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/event_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/package.h"
#include "cmd/terminal.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/crypto/trust.h"

#define KEY_MAX 32

void custody_event_words_release(struct custody_event_words *w)
{
	custody_option_list_release(&w->set);
	custody_option_list_release(&w->attach);
	custody_option_list_release(&w->tsa);
}

void custody_event_said_init(struct custody_event_said *s)
{
	memset(s, 0, sizeof(*s));
	custody_event_init(&s->event);
}

void custody_event_said_release(struct custody_event_said *s)
{
	for (size_t i = 0; i < CUSTODY_LIMIT_ATTACHMENTS; i++)
		free(s->attached[i]);
	custody_event_release(&s->event);
}

/* ---- fields ---- */

/* Whole seconds; a date alone is no time. */
static bool parse_time(const char *text, struct custody_time *out)
{
	if (strlen(text) == 10 || !custody_time_parse_user(text, out))
		return false;
	out->nsec = 0;
	return true;
}

static int take_digest(struct custody_event_value *v, const char *key, const char *text, struct custody_error *err)
{
	uint64_t size;

	if (text[0] == '@')
		return custody_package_digest(text + 1, v->bytes, &size, err) ? custody_fail_in(err, "'%s'", key) : 0;
	if (!custody_hex_parse(text, strlen(text), true, v->bytes, 32))
		return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' wants a SHA-256, 64 hexadecimal digits, or @FILE for that of a file", key);
	return 0;
}

static int take_value(const struct custody_event_field *field, const char *text, struct custody_event_value *v, struct custody_error *err)
{
	v->present = true;
	switch (field->kind) {
	case CUSTODY_EVENT_TEXT:
	case CUSTODY_EVENT_WORD:
		v->text = text;
		return 0;
	case CUSTODY_EVENT_DIGEST:
		return take_digest(v, field->key, text, err);
	case CUSTODY_EVENT_NONCE:
		if (custody_hex_parse(text, strlen(text), true, v->bytes, 16))
			return 0;
		return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' wants 32 hexadecimal digits", field->key);
	case CUSTODY_EVENT_COUNT:
		if (custody_options_number(field->key, text, 0, (UINT64_C(1) << 53) - 1, &v->count, err))
			return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' wants a number", field->key);
		return 0;
	case CUSTODY_EVENT_YES_NO:
		v->count = strcmp(text, "yes") == 0;
		if (v->count || strcmp(text, "no") == 0)
			return 0;
		return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' wants yes or no", field->key);
	case CUSTODY_EVENT_TIME:
		if (parse_time(text, &v->time))
			return 0;
		return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' wants a time with its zone, such as 2026-11-24T10:00:00+01:00", field->key);
	}
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "a field of an unknown kind");
}

/* Which fields there are, for the one that there is not. */
static int no_such_field(const struct custody_event *e, const char *key, struct custody_error *err)
{
	const struct custody_event_info *info = custody_event_get(e->type);
	char shown[KEY_MAX * 4], list[200] = "";

	for (size_t i = 0; i < info->n; i++) {
		size_t at = strlen(list);

		snprintf(list + at, sizeof(list) - at, "%s%s", i == 0 ? "" : ", ", info->fields[i].key);
	}
	custody_fail(err, CUSTODY_ERR_USAGE, "'%s' has no field '%s'", e->type_name, custody_display(key, strlen(key), shown, sizeof(shown)));
	return custody_hint(err, "its fields are %s", list);
}

int custody_event_words_set(struct custody_event *e, const char *key, const char *text, struct custody_error *err)
{
	const struct custody_event_info *info = custody_event_get(e->type);

	for (size_t i = 0; i < info->n; i++) {
		if (strcmp(info->fields[i].key, key) != 0)
			continue;
		if (e->values[i].present)
			return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' is given twice", key);
		return take_value(&info->fields[i], text, &e->values[i], err);
	}
	return no_such_field(e, key, err);
}

static int take_fields(const struct custody_event_words *w, struct custody_event *e, struct custody_error *err)
{
	for (size_t i = 0; i < w->set.n; i++) {
		const char *word = w->set.values[i], *equals = strchr(word, '=');
		char key[KEY_MAX];

		if (!equals || equals == word)
			return custody_fail(err, CUSTODY_ERR_USAGE, "--set wants KEY=VALUE");
		snprintf(key, sizeof(key), "%.*s", (int)(equals - word), word);
		if (custody_event_words_set(e, key, equals + 1, err))
			return -1;
	}
	return 0;
}

/* ---- the others ---- */

static int take_type(const char *type, struct custody_event *e, struct custody_error *err)
{
	struct custody_nearest nearest = { .word = type };
	char shown[128];

	e->type = custody_event_find(type);
	e->type_name = type;
	if (e->type != CUSTODY_EVENT_TYPES)
		return 0;
	for (int t = 0; t < CUSTODY_EVENT_OTHER; t++)
		custody_nearest_offer(&nearest, custody_event_get((enum custody_event_type)t)->name);
	custody_fail(err, CUSTODY_ERR_USAGE, "there is no event '%s'", custody_display(type, strlen(type), shown, sizeof(shown)));
	return nearest.best ? custody_hint(err, "did you mean %s?", nearest.best)
			    : custody_hint(err, "custody-record(1) lists them; other:NAME, of a-z, 0-9 and '-', is for what is not on the list");
}

/* The zone in which it was said is kept: "...+01:00", or Z. */
static int take_occurred(const struct custody_event_words *w, struct custody_event *e, struct custody_error *err)
{
	const char *zone;

	if (!w->occurred)
		return 0;
	if (!parse_time(w->occurred, &e->occurred))
		return custody_fail(err, CUSTODY_ERR_USAGE, "--occurred wants a time with its zone, such as 2026-11-24T10:00:00+01:00");
	zone = w->occurred + strlen(w->occurred) - 6;
	e->has_occurred = true;
	if (zone[0] == '+' || zone[0] == '-')
		e->offset = (zone[0] == '-' ? -1 : 1) * (((zone[1] - '0') * 10 + zone[2] - '0') * 60 + (zone[4] - '0') * 10 + zone[5] - '0');
	return 0;
}

/* A certificate that the receiver sent before: its digest, and the name in it. */
static int take_certificate(const struct custody_event_words *w, struct custody_event_said *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust t;
	CUSTODY_BUF_CLEAN struct custody_buf pem = { 0 };

	custody_trust_init(&t);
	custody_buf_init(&pem, CUSTODY_LIMIT_KEY_FILE);
	if (custody_fd_slurp(w->to_certificate, CUSTODY_LIMIT_KEY_FILE, &pem, err) ||
		custody_trust_add_pem(&t, CUSTODY_TRUST_SIGNERS, pem.data, pem.len, "--to-certificate", err))
		return custody_fail_in(err, "--to-certificate");
	if (t.n_signers != 1)
		return custody_fail(err, CUSTODY_ERR_INPUT, "--to-certificate has %zu certificates, want one", t.n_signers);
	memcpy(out->event.to_certificate, t.signers[0].sha256, 32);
	out->event.has_to_certificate = true;
	if (custody_certificate_identity(&t.signers[0], out->to_identity, err))
		return -1;
	(void)custody_x509_common_name_exact(&t.signers[0], out->to_name, sizeof(out->to_name));
	return 0;
}

static int take_receiver(const struct custody_event_words *w, struct custody_event_said *out, struct custody_error *err)
{
	struct custody_event *e = &out->event;
	char shown[CUSTODY_TERMINAL_NAME];

	if (w->to_certificate && take_certificate(w, out, err))
		return -1;
	e->has_to = w->to || w->to_certificate;
	if (!e->has_to && (w->to_organisation || w->to_role || w->to_id))
		return custody_fail(err, CUSTODY_ERR_USAGE, "--to is missing");
	e->to = (struct custody_event_party){
		.name = w->to ? w->to : out->to_name, .organisation = w->to_organisation, .role = w->to_role, .id = w->to_id
	};
	if (w->to && w->to_certificate && strcmp(w->to, out->to_name) != 0)
		custody_terminal_note("the certificate's name is another than the one of --to: '%s'",
			custody_display(out->to_name, strlen(out->to_name), shown, sizeof(shown)));
	return 0;
}

static int take_attachments(const struct custody_event_words *w, struct custody_event_said *out, struct custody_error *err)
{
	struct custody_event *e = &out->event;

	if (w->attach.n > CUSTODY_LIMIT_ATTACHMENTS)
		return custody_fail(err, CUSTODY_ERR_USAGE, "%zu attachments are given, want at most %d", w->attach.n, CUSTODY_LIMIT_ATTACHMENTS);
	for (size_t i = 0; i < w->attach.n; i++) {
		const char *path = w->attach.values[i], *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
		CUSTODY_BUF_CLEAN struct custody_buf shown = { .max = SIZE_MAX };

		if (custody_display_append(&shown, (const uint8_t *)name, strlen(name), err))
			return -1;
		if (custody_package_digest(path, e->attachments[i].sha256, &e->attachments[i].size, err))
			return custody_fail_in(err, "attachment '%s'", custody_buf_str(&shown));
		out->attached[i] = strdup(custody_buf_str(&shown));
		if (!out->attached[i])
			return custody_fail_nomem(err);
		e->attachments[i].name = out->attached[i];
		e->n_attachments = i + 1;
	}
	return 0;
}

int custody_event_words_take(const struct custody_event_words *w, const char *type, struct custody_event_said *out, struct custody_error *err)
{
	struct custody_event *e = &out->event;

	e->authority = w->authority;
	e->purpose = w->purpose;
	e->place = w->place;
	e->declared_later = w->declared_later;
	return take_type(type, e, err) || take_fields(w, e, err) || take_occurred(w, e, err) || take_receiver(w, out, err) ||
			       take_attachments(w, out, err)
		       ? -1
		       : 0;
}
