/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/record/history.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"

#define QUOTE 128

void custody_history_release(struct custody_history *h)
{
	free(h->spans);
	*h = (struct custody_history){ .spans = NULL };
}

struct custody_time custody_history_time(const struct custody_event *e, const struct custody_history_proof *proof)
{
	return proof->has_time ? proof->stamped : e->recorded;
}

const char *custody_history_past(
	const struct custody_event *e, const struct custody_history_proof *proof, const struct custody_history_proof *seal, bool *begun_later)
{
	*begun_later = e->type == CUSTODY_EVENT_SEALED && seal->sound && seal->has_time &&
		       custody_history_time(e, proof).sec - seal->stamped.sec > CUSTODY_LIMIT_CLOCK_BEHIND;
	return *begun_later ? custody_event_begun : custody_event_past(e);
}

struct custody_history_length custody_history_length(struct custody_time from, struct custody_time until)
{
	int64_t s = until.sec > from.sec ? until.sec - from.sec : 0;

	return (struct custody_history_length){ s / 86400, s / 3600 % 24, s / 60 % 60 };
}

void custody_history_duration(struct custody_time from, struct custody_time until, char *out)
{
	struct custody_history_length l = custody_history_length(from, until);

	if (l.days > 0)
		snprintf(out, 48, "%lld d %lld h", (long long)l.days, (long long)l.hours);
	else if (l.hours > 0)
		snprintf(out, 48, "%lld h %lld min", (long long)l.hours, (long long)l.minutes);
	else if (l.minutes > 0)
		snprintf(out, 48, "%lld min", (long long)l.minutes);
	else
		snprintf(out, 48, "less than a minute");
}

/* ---- while it is told ---- */

struct telling {
	const struct custody_history_input *in;
	struct custody_history *h;
	size_t holder; /* 0-based event whose signer holds the package */
	bool open; /* a release waits for its answer */
	size_t release; /* 0-based */
	struct custody_error *err;
};

static void find(const struct telling *t, const char *id, size_t i, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void find(const struct telling *t, const char *id, size_t i, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t->in->find(t->in->ctx, id, i + 1, text);
}

static const struct custody_event *event(const struct telling *t, size_t i)
{
	return &t->in->record->entries[i].event;
}

/* Both signed, and under the same name of the same issuer. */
static bool same_party(const struct custody_history_proof *a, const struct custody_history_proof *b)
{
	return a->sound && b->sound && memcmp(a->identity, b->identity, 32) == 0;
}

static const char *shown(const struct custody_history_proof *p, char *out)
{
	return p->sound && p->name ? custody_display(p->name, strlen(p->name), out, QUOTE) : "nobody known";
}

static struct custody_time time_of(const struct telling *t, size_t i)
{
	return custody_history_time(event(t, i), &t->in->events[i]);
}

/* ---- spans ---- */

/* A name in a certificate is anybody's until it leads to an anchor. Who holds the package by a refusal or withdrawal is who took it over before. */
static size_t uncertain(const struct telling *t, enum custody_history_state state, size_t i)
{
	if (!t->in->events[i].trusted)
		return i + 1;
	return state == CUSTODY_HISTORY_HELD && !t->in->events[t->holder].trusted ? t->holder + 1 : 0;
}

/* Ends the span that lasts, and begins another. */
static int begin_span(struct telling *t, enum custody_history_state state, size_t i, const char *who, const char *to)
{
	struct custody_history *h = t->h;

	if (h->n == h->cap) {
		size_t cap = h->cap ? h->cap * 2 : 16;
		struct custody_history_span *spans = realloc(h->spans, cap * sizeof(*spans));
		if (!spans)
			return custody_fail_nomem(t->err);
		h->spans = spans;
		h->cap = cap;
	}
	if (h->n > 0) {
		h->spans[h->n - 1].last = i + 1;
		h->spans[h->n - 1].until = time_of(t, i);
	}
	h->spans[h->n++] = (struct custody_history_span){
		.state = state, .who = who, .to = to, .first = i + 1, .uncertain = uncertain(t, state, i), .from = time_of(t, i), .until = t->in->now
	};
	return 0;
}

static int begin_held(struct telling *t, size_t i)
{
	return begin_span(t, CUSTODY_HISTORY_HELD, i, t->in->events[t->holder].name, NULL);
}

/* ---- handover ---- */

static bool nonce_used(const struct telling *t, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (event(t, k)->type == CUSTODY_EVENT_RELEASED && memcmp(event(t, k)->values[0].bytes, event(t, i)->values[0].bytes, 16) == 0)
			return true;
	return false;
}

/* Only the holder gives away, or takes back. */
static void check_holder(const struct telling *t, size_t i, const char *verb)
{
	char a[QUOTE], b[QUOTE];

	if (!t->in->events[i].sound || !t->in->events[t->holder].sound || same_party(&t->in->events[i], &t->in->events[t->holder]))
		return;
	find(t, "record-wrong-party", i, "%s by '%s', while '%s' held the package", verb, shown(&t->in->events[i], a),
		shown(&t->in->events[t->holder], b));
}

static int tell_released(struct telling *t, size_t i)
{
	if (t->open)
		find(t, "record-double-release", i, "released while the release of event %zu waits for its answer", t->release + 1);
	if (nonce_used(t, i))
		find(t, "record-replayed", i, "the nonce of this release was used before");
	check_holder(t, i, "released");
	t->open = true;
	t->release = i;
	return begin_span(t, CUSTODY_HISTORY_HANDED_OVER, i, t->in->events[i].name, event(t, i)->to.name);
}

/* The event answers the release that is open: by the head that the release made, and its nonce. */
static bool answers(const struct telling *t, size_t i, const uint8_t release[32], const uint8_t *nonce)
{
	const struct custody_record_entry *r = &t->in->record->entries[t->release];
	size_t named = custody_record_find_head(t->in->record, release);

	if (t->open && memcmp(r->sha256[2], release, 32) == 0) {
		if (!nonce || memcmp(r->event.values[0].bytes, nonce, 16) == 0)
			return true;
		find(t, "record-replayed", i, "it does not repeat the nonce of the release that it answers");
	} else if (named >= 1 && named <= i && event(t, named - 1)->type == CUSTODY_EVENT_RELEASED) {
		find(t, "record-replayed", i, "it answers the release of event %zu, which is not open any more", named);
	} else {
		find(t, "record-out-of-order", i, "it answers a release that is not in the record");
	}
	return false;
}

/* Of one name there may be two, and a name alone says nothing of where. Offices write theirs in many ways, so that it is only said. */
static void check_organisation(const struct telling *t, size_t i, const char *verb)
{
	const char *is = t->in->events[i].organisation, *want = event(t, t->release)->to.organisation;
	char a[QUOTE], b[QUOTE];

	if (event(t, t->release)->has_to_certificate || !want || !is || strcmp(is, want) == 0)
		return;
	find(t, "record-discrepancy", i, "%s by somebody of '%s', by the certificate, while it was released to somebody of '%s'", verb,
		custody_display(is, strlen(is), a, sizeof(a)), custody_display(want, strlen(want), b, sizeof(b)));
}

/* The one who answers is the one to whom it was released, and another than the one who released. */
static void check_receiver(const struct telling *t, size_t i, const char *verb)
{
	const struct custody_history_proof *by = &t->in->events[i];
	const struct custody_event *release = event(t, t->release);
	char a[QUOTE], b[QUOTE];
	bool right = release->has_to_certificate ? memcmp(by->certificate, release->to_certificate, 32) == 0
						 : by->name && strcmp(by->name, release->to.name) == 0;

	if (!by->sound)
		return;
	if (!right)
		find(t, "record-wrong-party", i, "%s by '%s', while it was released to '%s'%s", verb, shown(by, a),
			custody_display(release->to.name, strlen(release->to.name), b, sizeof(b)),
			release->has_to_certificate ? " with a certificate named there" : "");
	else if (same_party(by, &t->in->events[t->release]))
		find(t, "record-wrong-party", i, "%s by the one who released it, '%s'", verb, shown(by, a));
	else if (by->name && strcmp(by->name, release->to.name) != 0)
		find(t, "record-discrepancy", i, "%s by '%s', whose certificate the release names, while it says that it was to '%s'", verb,
			shown(by, a), custody_display(release->to.name, strlen(release->to.name), b, sizeof(b)));
	else
		check_organisation(t, i, verb);
}

static void note_transit(const struct telling *t, size_t i)
{
	struct custody_time from = time_of(t, t->release), until = time_of(t, i);
	char took[48];

	if (until.sec - from.sec < CUSTODY_LIMIT_TRANSIT)
		return;
	custody_history_duration(from, until, took);
	find(t, "record-gap", i, "%s between release and answer", took);
}

/* The number of the bag's seal, as found and as released; whoever answers may have said so already (ADM-57). */
static void check_seal_number(const struct telling *t, size_t i)
{
	const struct custody_event_value *is = custody_event_value(event(t, i), "seal_number");
	const struct custody_event_value *want = custody_event_value(event(t, t->release), "seal_number");
	char a[QUOTE], b[QUOTE];

	if (!is || !want || strcmp(is->text, want->text) == 0 || custody_event_value(event(t, i), "discrepancy"))
		return;
	find(t, "record-discrepancy", i, "seal number '%s' was found, '%s' was on it when it was released",
		custody_display(is->text, strlen(is->text), a, sizeof(a)), custody_display(want->text, strlen(want->text), b, sizeof(b)));
}

static int tell_answer(struct telling *t, size_t i, bool accepted)
{
	const struct custody_event *e = event(t, i);

	if (!answers(t, i, e->values[0].bytes, e->values[1].bytes))
		return 0;
	check_receiver(t, i, accepted ? "accepted" : "refused");
	note_transit(t, i);
	check_seal_number(t, i);
	t->open = false;
	if (accepted)
		t->holder = i;
	return begin_held(t, i);
}

static int tell_withdrawn(struct telling *t, size_t i)
{
	if (!answers(t, i, event(t, i)->values[0].bytes, NULL))
		return 0;
	check_holder(t, i, "withdrawn");
	t->open = false;
	return begin_held(t, i);
}

/* ---- the others ---- */

/* Acts on the package itself: whoever does them has it. */
static bool needs_holder(enum custody_event_type type)
{
	return type == CUSTODY_EVENT_ACCESSED || type == CUSTODY_EVENT_CHECKED_OUT || type == CUSTODY_EVENT_CHECKED_IN ||
	       type == CUSTODY_EVENT_COPIED || type == CUSTODY_EVENT_TRANSFORMED || type == CUSTODY_EVENT_REDACTED ||
	       type == CUSTODY_EVENT_DISCLOSED || type == CUSTODY_EVENT_RETURNED || type == CUSTODY_EVENT_DESTROYED;
}

static void check_target(const struct telling *t, size_t i)
{
	const struct custody_event *e = event(t, i);

	if (e->type == CUSTODY_EVENT_CORRECTED && (e->values[0].count < 1 || e->values[0].count > i))
		find(t, "record-out-of-order", i, "it corrects event %llu, want one before it", (unsigned long long)e->values[0].count);
	if (e->type != CUSTODY_EVENT_GAP)
		return;
	char lasted[48];
	if (custody_time_compare(e->values[0].time, e->values[1].time) > 0) {
		find(t, "record-out-of-order", i, "the gap that it declares ends before it begins");
		return;
	}
	custody_history_duration(e->values[0].time, e->values[1].time, lasted);
	find(t, "record-gap", i, "declared: %s", lasted);
}

/* Not of a copy. */
static bool destroys(const struct custody_event *e)
{
	return e->type == CUSTODY_EVENT_DESTROYED && !custody_event_value(e, "copy");
}

static int tell_destroyed(struct telling *t, size_t i)
{
	t->h->destroyed = i + 1;
	t->open = false;
	return begin_span(t, CUSTODY_HISTORY_DESTROYED, i, t->in->events[i].name, NULL);
}

/* What nobody can do any more: to act on the package, hand it over, or measure it. Destroying it twice is such an act, too. */
static void check_gone(const struct telling *t, size_t i)
{
	const struct custody_event *e = event(t, i);

	if (t->h->destroyed == 0 || (e->declared_later && e->type != CUSTODY_EVENT_DESTROYED))
		return;
	if (e->measured || needs_holder(e->type) || e->type == CUSTODY_EVENT_RELEASED || e->type == CUSTODY_EVENT_ACCEPTED)
		find(t, "record-after-destruction", i, "%s, while event %zu says that it was destroyed", custody_event_past(e), t->h->destroyed);
}

static void tell_other(const struct telling *t, size_t i)
{
	char a[QUOTE], b[QUOTE];

	check_target(t, i);
	if (!needs_holder(event(t, i)->type) || !t->in->events[i].sound)
		return;
	if (t->open)
		find(t, "record-gap", i, "'%s' while the package was on its way, released by event %zu", custody_event_get(event(t, i)->type)->name,
			t->release + 1);
	else if (!same_party(&t->in->events[i], &t->in->events[t->holder]))
		find(t, "record-gap", i, "'%s' by '%s', while '%s' held the package", custody_event_get(event(t, i)->type)->name,
			shown(&t->in->events[i], a), shown(&t->in->events[t->holder], b));
}

/* What an event says itself of something that does not fit. */
static void note_discrepancy(const struct telling *t, size_t i)
{
	const struct custody_event *e = event(t, i);
	const struct custody_event_value *v = custody_event_value(e, "discrepancy");
	char quote[QUOTE];

	if (!v && (e->type == CUSTODY_EVENT_REFUSED))
		v = custody_event_value(e, "reason");
	if (!v && (e->type == CUSTODY_EVENT_INCIDENT || (e->type == CUSTODY_EVENT_KEY && strcmp(e->values[1].text, "changed") != 0)))
		v = custody_event_value(e, "what");
	if (!v && e->type == CUSTODY_EVENT_VERIFIED && strcmp(e->values[1].text, "VALID") != 0)
		v = &e->values[1];
	if (v && v->text)
		find(t, "record-discrepancy", i, "%s: '%s'%s", e->type_name, custody_display(v->text, strlen(v->text), quote, sizeof(quote)),
			custody_event_found(e) ? "; another file was found than was released" : "");
}

/* ---- times ---- */

static int64_t ms(struct custody_time t)
{
	return t.sec * 1000 + t.nsec / 1000000;
}

/* Before that the event was not made, as far as its own time says. */
static int64_t not_before(const struct telling *t, size_t i)
{
	const struct custody_history_proof *p = &t->in->events[i];

	return ms(time_of(t, i)) - (p->has_time ? (int64_t)p->accuracy_ms : 0);
}

/* What lies before an event, and says the latest time. */
struct earlier {
	char what[32]; /* "event 2" */
	struct custody_time time;
	int64_t not_before; /* ms, its accuracy taken off */
};

/* The seal, whose stamp is in the record too, or an event among the first n. false: none says a time. */
static bool find_latest(const struct telling *t, size_t n, struct earlier *out)
{
	const struct custody_history_proof *seal = t->in->seal;
	bool found = seal->sound && seal->has_time;

	if (found) {
		*out = (struct earlier){ .what = "the seal", .time = seal->stamped, .not_before = ms(seal->stamped) - (int64_t)seal->accuracy_ms };
	}
	for (size_t k = 0; k < n; k++) {
		if (found && not_before(t, k) < out->not_before)
			continue;
		*out = (struct earlier){ .time = time_of(t, k), .not_before = not_before(t, k) };
		snprintf(out->what, sizeof(out->what), "event %zu", k + 1);
		found = true;
	}
	return found;
}

/* Each event covers the signatures and stamps of all before it: it was made later than each of them, whatever it says. Clocks are allowed to differ, once:
 * else an event after the other, each a little before the last, would lead back to any day. */
static void check_order(const struct telling *t, size_t i)
{
	const struct custody_history_proof *now = &t->in->events[i];
	char a[CUSTODY_TIME_TEXT], b[CUSTODY_TIME_TEXT];
	struct earlier before;

	if (!find_latest(t, i, &before))
		return;
	int64_t floor = before.not_before - (int64_t)CUSTODY_LIMIT_CLOCK_BEHIND * 1000;
	custody_time_format(before.time, a);
	if (now->has_time && ms(now->stamped) + (int64_t)now->accuracy_ms < floor) {
		custody_time_format(now->stamped, b);
		find(t, "record-back-dated", i, "stamped %s, and %s before it %s", b, before.what, a);
	} else if (ms(event(t, i)->recorded) < floor) {
		custody_time_format(event(t, i)->recorded, b);
		find(t, "record-back-dated", i, "recorded %s, and %s before it is of %s", b, before.what, a);
	}
}

static void check_times(const struct telling *t, size_t i)
{
	const struct custody_event *e = event(t, i);
	const struct custody_history_proof *p = &t->in->events[i];
	char a[CUSTODY_TIME_TEXT], b[CUSTODY_TIME_TEXT];

	custody_time_format(e->recorded, a);
	if (p->has_time &&
		(p->stamped.sec - e->recorded.sec > CUSTODY_LIMIT_STAMP_LATE || e->recorded.sec - p->stamped.sec > CUSTODY_LIMIT_CLOCK_BEHIND)) {
		custody_time_format(p->stamped, b);
		find(t, "record-times-disagree", i, "recorded %s, stamped %s", a, b);
	}
	/* Told afterwards is told as that (ADM-56). */
	if (e->has_occurred && (e->occurred.sec > e->recorded.sec + CUSTODY_LIMIT_CLOCK_BEHIND ||
				       (!e->declared_later && e->recorded.sec - e->occurred.sec > CUSTODY_LIMIT_STAMP_LATE))) {
		custody_time_format(e->occurred, b);
		find(t, "record-times-disagree", i, "said to have happened %s, recorded %s", b, a);
	}
	if (p->time_trusted && !p->independent)
		find(t, "record-time-own-word", i, "the time is the word of whoever signed");
	if (e->declared_later)
		find(t, "record-declared-later", i, "%s", custody_event_past(e));
}

/* ---- */

/* A record may be begun later than the seal. What was in between it does not tell. */
static void note_beginning(const struct telling *t, size_t i)
{
	const struct custody_history_proof *seal = t->in->seal;
	char took[48];

	if (!seal->sound || !seal->has_time || time_of(t, i).sec - seal->stamped.sec < CUSTODY_LIMIT_TRANSIT)
		return;
	custody_history_duration(seal->stamped, time_of(t, i), took);
	find(t, "record-gap", i, "%s between the seal and the first event", took);
}

/* Of two people with one name a reader sees one. Their certificates tell them apart: of which event the first is, and by which numbers. */
static void check_namesake(const struct telling *t, size_t i)
{
	const struct custody_history_proof *now = &t->in->events[i];
	char name[QUOTE], a[65], b[65];
	size_t other = i;

	for (size_t k = 0; now->sound && now->name && k < i; k++) {
		const struct custody_history_proof *before = &t->in->events[k];

		if (same_party(before, now))
			return; /* was said, or is the first of that name */
		if (other == i && before->sound && before->name && strcmp(before->name, now->name) == 0)
			other = k;
	}
	if (other == i)
		return;
	custody_hex_format(t->in->events[other].certificate, 32, a);
	custody_hex_format(now->certificate, 32, b);
	find(t, "record-discrepancy", i,
		"signed by another '%s' than event %zu: one name, by two issuers or for two subjects; certificates %s and %s", shown(now, name),
		other + 1, b, a);
}

static int tell_event(struct telling *t, size_t i)
{
	enum custody_event_type type = event(t, i)->type;

	if (type == CUSTODY_EVENT_SEALED) {
		if (t->in->seal->sound && t->in->events[i].sound && !same_party(t->in->seal, &t->in->events[i]))
			find(t, "record-wrong-party", i, "the first event is not signed by the one who sealed the package");
		t->holder = i;
		note_beginning(t, i);
		return begin_held(t, i);
	}
	if (type == CUSTODY_EVENT_RELEASED)
		return tell_released(t, i);
	if (type == CUSTODY_EVENT_WITHDRAWN)
		return tell_withdrawn(t, i);
	if (type == CUSTODY_EVENT_ACCEPTED || type == CUSTODY_EVENT_REFUSED)
		return tell_answer(t, i, type == CUSTODY_EVENT_ACCEPTED);
	tell_other(t, i);
	return destroys(event(t, i)) ? tell_destroyed(t, i) : 0;
}

bool custody_history_is_destroyed(const struct custody_history *h)
{
	return h->n > 0 && h->spans[h->n - 1].state == CUSTODY_HISTORY_DESTROYED;
}

int custody_history_tell(const struct custody_history_input *in, struct custody_history *h, struct custody_error *err)
{
	struct telling t = { .in = in, .h = h, .err = err };
	char lasts[48];

	for (size_t i = 0; i < in->record->n; i++) {
		check_gone(&t, i);
		if (tell_event(&t, i))
			return -1;
		check_namesake(&t, i);
		check_order(&t, i);
		check_times(&t, i);
		note_discrepancy(&t, i);
	}
	if (t.open && in->whole) {
		custody_history_duration(time_of(&t, t.release), in->now, lasts);
		find(&t, "record-gap", t.release, "released, not accepted: %s without an answer", lasts);
	}
	return 0;
}

enum custody_record_relation custody_record_compare(const struct custody_record *a, const struct custody_record *b, size_t *common)
{
	size_t n = 0;

	while (n < a->n && n < b->n && memcmp(a->entries[n].sha256[2], b->entries[n].sha256[2], 32) == 0)
		n++;
	*common = n;
	if (n == a->n && n == b->n)
		return CUSTODY_RECORDS_SAME;
	if (n == 0)
		return CUSTODY_RECORDS_UNRELATED;
	if (n == b->n)
		return CUSTODY_RECORDS_FIRST_LONGER;
	return n == a->n ? CUSTODY_RECORDS_SECOND_LONGER : CUSTODY_RECORDS_FORKED;
}
