/* SPDX-License-Identifier: Apache-2.0 */
/* From what was judged to what a report tells. */
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"
#include "libcustody/work/record.h"

/* A copy; NULL stays NULL. */
static int copy(char **to, const char *text, struct custody_error *err)
{
	*to = text ? strdup(text) : NULL;
	return text && !*to ? custody_fail_nomem(err) : 0;
}

/* What changes what the event means, or does not fit: it is told beside the field that says most. */
static bool is_detail(const struct custody_event *e, const char *key)
{
	static const char *const keys[] = { "result", "wrong", "right", "seal_number", "condition", "conditions", "discrepancy" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	if (strcmp(key, "found") == 0)
		return custody_event_found(e) != NULL;
	return e->type == CUSTODY_EVENT_ANALYSED && strcmp(key, "copy") == 0;
}

/* What a reader asks first of an event: the field that says it, where there is one. */
static const char *telling_field(const struct custody_event *e)
{
	static const char *const keys[] = { "reason", "what", "results", "copy", "scope", "hearing", "store", "process", "basis", "wrong", "unknown",
		"channel", "source" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct custody_event_value *v = custody_event_value(e, keys[i]);

		if (v && v->text)
			return v->text;
	}
	return NULL;
}

/* As the record has it: a text, or a digest in hexadecimal. */
static int copy_value(const struct custody_event_field *field, const struct custody_event_value *v, char **to, struct custody_error *err)
{
	char hex[65];

	if (field->kind != CUSTODY_EVENT_DIGEST)
		return copy(to, v->text, err);
	custody_hex_format(v->bytes, 32, hex);
	return copy(to, hex, err);
}

static int copy_details(const struct custody_event *e, struct custody_account_event *to, struct custody_error *err)
{
	const struct custody_event_info *info = custody_event_get(e->type);

	for (size_t k = 0; k < info->n && to->n_details < CUSTODY_ACCOUNT_DETAILS; k++) {
		if (!e->values[k].present || !is_detail(e, info->fields[k].key))
			continue;
		to->details[to->n_details].key = info->fields[k].key;
		if (copy_value(&info->fields[k], &e->values[k], &to->details[to->n_details].text, err))
			return -1;
		to->n_details++;
	}
	if (e->type != CUSTODY_EVENT_GAP)
		return 0;
	to->has_gap = true;
	to->gap_from = e->values[0].time;
	to->gap_until = e->values[1].time;
	return 0;
}

/* Whoever reads the event that was wrong has to know it there. */
static int mark_corrected(const struct custody_record_view *v, struct custody_account *a, size_t i, struct custody_error *err)
{
	const struct custody_event *e = &v->record.entries[i].event;

	if (e->type != CUSTODY_EVENT_CORRECTED || e->values[0].count < 1 || e->values[0].count > i)
		return 0;
	a->events[i].target = (size_t)e->values[0].count;
	struct custody_account_event *wrong = &a->events[a->events[i].target - 1];
	wrong->corrected_by = i + 1;
	wrong->corrections++;
	wrong->corrector_trusted = a->events[i].trusted;
	free(wrong->corrector);
	return copy(&wrong->corrector, a->events[i].signer, err);
}

/* The name of a file, which was escaped when it was written down if it is no plain text: its bytes. */
static int copy_name(char **to, const char *text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf name = { .max = SIZE_MAX };

	if (custody_display_undo(&name, (const uint8_t *)text, strlen(text), err))
		return -1;
	return copy(to, custody_buf_str(&name), err);
}

static int copy_event(const struct custody_record_view *v, size_t i, struct custody_account_event *to, struct custody_error *err)
{
	static const struct custody_history_proof nothing;
	const struct custody_record_entry *entry = &v->record.entries[i];
	const struct custody_event *e = &entry->event;
	const struct custody_history_proof *p = i < v->n ? &v->proofs[i] : &nothing;
	const char *past = custody_history_past(e, p, &v->seal_proof, &to->begun_later);

	to->sealed = v->seal_proof.stamped;
	to->time = custody_history_time(e, p);
	to->accuracy_ms = p->has_time ? p->accuracy_ms : 0;
	to->has_occurred = e->has_occurred;
	to->occurred = e->occurred;
	to->stamped = p->has_time;
	to->independent = p->independent;
	to->own_word = p->time_trusted && !p->independent;
	to->trusted = p->trusted;
	to->measured = e->measured;
	memcpy(to->head, entry->sha256[2], 32);
	memcpy(to->certificate, p->certificate, 32);
	to->n_attached = e->n_attachments;
	if (e->n_attachments > 0)
		memcpy(to->attached_sha256, e->attachments[0].sha256, 32);
	if (e->n_attachments > 0 && copy_name(&to->attached, e->attachments[0].name, err))
		return -1;
	return copy_details(e, to, err) || copy(&to->type, e->type_name, err) || copy(&to->past, past, err) ||
			       copy(&to->signer, p->sound ? p->name : NULL, err) || copy(&to->to, e->has_to ? e->to.name : NULL, err) ||
			       copy(&to->purpose, e->purpose, err) || copy(&to->authority, e->authority, err) ||
			       copy(&to->declared_later, e->declared_later, err) || copy(&to->note, telling_field(e), err)
		       ? -1
		       : 0;
}

int custody_record_tell(const struct custody_record_view *v, struct custody_account *out, struct custody_error *err)
{
	if (custody_account_reserve(out, v->record.n, v->history.n, err))
		return -1;
	out->anchored = v->anchored;
	out->whole = v->whole;
	for (size_t i = 0; i < v->record.n; i++)
		if (copy_event(v, i, &out->events[i], err) || mark_corrected(v, out, i, err))
			return -1;
	for (size_t i = 0; i < v->history.n; i++) {
		const struct custody_history_span *s = &v->history.spans[i];
		struct custody_account_span *to = &out->spans[i];

		to->handed_over = s->state == CUSTODY_HISTORY_HANDED_OVER;
		to->destroyed = s->state == CUSTODY_HISTORY_DESTROYED;
		to->from = s->from;
		to->until = s->until;
		to->first = s->first;
		to->last = s->last;
		to->uncertain = s->uncertain;
		if (copy(&to->who, s->who, err) || copy(&to->to, s->to, err))
			return -1;
	}
	return 0;
}
