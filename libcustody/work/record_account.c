/* SPDX-License-Identifier: Apache-2.0 */
/* From what was judged to what a report tells. */
#include <string.h>

#include "libcustody/work/record.h"

/* A copy; NULL stays NULL. */
static int copy(char **to, const char *text, struct custody_error *err)
{
	*to = text ? strdup(text) : NULL;
	return text && !*to ? custody_fail_nomem(err) : 0;
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

static int copy_event(
	const struct custody_record_entry *entry, const struct custody_history_proof *p, struct custody_account_event *to, struct custody_error *err)
{
	static const struct custody_history_proof nothing;
	const struct custody_event *e = &entry->event;

	p = p ? p : &nothing;
	to->time = custody_history_time(e, p);
	to->has_occurred = e->has_occurred;
	to->occurred = e->occurred;
	to->stamped = p->has_time;
	to->independent = p->independent;
	to->own_word = p->time_trusted && !p->independent;
	to->trusted = p->trusted;
	to->measured = e->measured;
	memcpy(to->head, entry->sha256[2], 32);
	to->n_attached = e->n_attachments;
	if (e->n_attachments > 0)
		memcpy(to->attached_sha256, e->attachments[0].sha256, 32);
	if (copy(&to->attached, e->n_attachments > 0 ? e->attachments[0].name : NULL, err))
		return -1;
	return copy(&to->type, e->type_name, err) || copy(&to->past, custody_event_past(e), err) ||
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
		if (copy_event(&v->record.entries[i], i < v->n ? &v->proofs[i] : NULL, &out->events[i], err))
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
