/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is missing in a record, what contradicts itself, and where request and answer differ. A withheld field counts as answered. Nothing here says whether a request
 * was lawful or an answer complete.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "libcustody/base/utf8.h"
#include "libcustody/record/request.h"

#define WHERE 256
#define TEXT 512
#define QUOTE 96
#define DAY 86400

struct checker {
	const struct custody_requests *requests;
	size_t index;
	json_t *record;
	uint32_t kind; /* its bit; 0 for one that this program does not know */
	custody_request_tell *tell;
	void *ctx;
};

static int say(const struct checker *c, enum custody_request_level level, const char *where, struct custody_error *err, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
static int say(const struct checker *c, enum custody_request_level level, const char *where, struct custody_error *err, const char *fmt, ...)
{
	char text[TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	const struct custody_request_remark remark = { level, CUSTODY_REQUEST_NO_MATTER, c->index, where, text };
	return c->tell(c->ctx, &remark, err);
}

/* Request and answer differ. */
static int notice(const struct checker *c, enum custody_request_matter matter, const char *where, struct custody_error *err, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
static int notice(const struct checker *c, enum custody_request_matter matter, const char *where, struct custody_error *err, const char *fmt, ...)
{
	char text[TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	const struct custody_request_remark remark = { CUSTODY_REQUEST_NOTICE, matter, c->index, where, text };
	return c->tell(c->ctx, &remark, err);
}

static json_t *get(json_t *v, const char *group, const char *key)
{
	return json_object_get(json_object_get(v, group), key);
}

/* ---- what is missing ---- */

struct open {
	const struct custody_request_field *field; /* that holds it; NULL: the record */
	const struct custody_request_shape *shape; /* NULL: a list */
	json_t *value; /* NULL: a group that is not given */
	size_t next;
};

/* "data: targets 2: from" */
static void say_where(const struct open *stack, size_t depth, const char *key, char where[WHERE])
{
	size_t n = 0;

	where[0] = 0;
	for (size_t i = 1; i < depth; i++) {
		bool element = stack[i].shape && !stack[i - 1].shape;
		int more = element ? snprintf(where + n, WHERE - n, " %zu", stack[i - 1].next)
				   : snprintf(where + n, WHERE - n, "%s%s", n ? ": " : "", stack[i].field->key);
		n += more > 0 && (size_t)more < WHERE - n ? (size_t)more : 0;
	}
	(void)snprintf(where + n, WHERE - n, "%s%s", n ? ": " : "", key);
}

static int say_missing(
	const struct checker *c, const struct open *stack, size_t depth, const struct custody_request_field *f, struct custody_error *err)
{
	char where[WHERE];

	if (!((f->must | f->advised) & c->kind))
		return 0;
	say_where(stack, depth, f->key, where);
	return say(c, f->must & c->kind ? CUSTODY_REQUEST_MUST : CUSTODY_REQUEST_ADVICE, where, err, "not given: %s", f->why ? f->why : f->label);
}

/* The next open object or list below o->next; 0: none there. */
static int look_at_field(const struct checker *c, struct open *stack, size_t depth, struct open *below, struct custody_error *err)
{
	struct open *o = &stack[depth - 1];
	const struct custody_request_field *f = &o->shape->fields[o->next++];
	json_t *v = o->value ? json_object_get(o->value, f->key) : NULL;
	bool is_group = depth == 1 && f->type == CUSTODY_REQUEST_OBJECT;

	if (custody_request_withheld(v))
		return 0;
	if (!v && say_missing(c, stack, depth, f, err))
		return -1;
	if (!v && !(is_group && (f->shown & c->kind)))
		return 0;
	if (f->type == CUSTODY_REQUEST_OBJECT)
		*below = (struct open){ .field = f, .shape = f->of, .value = v };
	else if (f->type == CUSTODY_REQUEST_OBJECTS)
		*below = (struct open){ .field = f, .value = v };
	else
		return 0;
	return 1;
}

static int check_missing(const struct checker *c, struct custody_error *err)
{
	struct open stack[CUSTODY_REQUEST_DEPTH] = { { .shape = &custody_request_record, .value = c->record } };
	size_t depth = 1;

	while (depth > 0) {
		struct open *o = &stack[depth - 1], below;
		size_t n = o->shape ? o->shape->n : json_array_size(o->value);

		if (o->next == n || depth == CUSTODY_REQUEST_DEPTH) {
			depth--;
		} else if (!o->shape) {
			below = (struct open){ .field = o->field, .shape = o->field->of, .value = json_array_get(o->value, o->next++) };
			stack[depth++] = below;
		} else {
			int r = look_at_field(c, stack, depth, &below, err);
			if (r < 0)
				return -1;
			if (r > 0)
				stack[depth++] = below;
		}
	}
	return 0;
}

/* ---- dates ---- */

struct when {
	bool given, date_only;
	struct custody_time t;
	const char *text;
};

static struct when when_of(json_t *v)
{
	struct when w = { 0 };

	w.given = custody_request_time(v, &w.t, &w.date_only);
	w.text = json_string_value(v);
	return w;
}

static int64_t day_of(const struct when *w)
{
	return w->t.sec >= 0 ? w->t.sec / DAY : (w->t.sec - (DAY - 1)) / DAY;
}

/* a is before b, for certain: a date alone is the whole day, in UTC. */
static bool is_before(const struct when *a, const struct when *b)
{
	if (!a->given || !b->given)
		return false;
	if (a->date_only || b->date_only)
		return day_of(a) < day_of(b);
	return custody_time_compare(a->t, b->t) < 0;
}

static int check_order(const struct checker *c, json_t *v, const char *first, const char *last, const char *where, struct custody_error *err)
{
	struct when a = when_of(json_object_get(v, first)), b = when_of(json_object_get(v, last));

	if (!is_before(&b, &a))
		return 0;
	return say(c, CUSTODY_REQUEST_MUST, where, err, "'%s' (%s) lies after '%s' (%s), want it before", first, a.text, last, b.text);
}

static int check_orders(const struct checker *c, struct custody_error *err)
{
	json_t *targets = get(c->record, "data", "targets"), *receipts = json_object_get(c->record, "receipts");
	char where[WHERE];

	for (size_t i = 0; i < json_array_size(targets); i++) {
		(void)snprintf(where, sizeof(where), "data: targets %zu", i + 1);
		if (check_order(c, json_array_get(targets, i), "from", "to", where, err))
			return -1;
	}
	for (size_t i = 0; i < json_array_size(receipts); i++) {
		(void)snprintf(where, sizeof(where), "receipts %zu", i + 1);
		if (check_order(c, json_array_get(receipts, i), "started", "ended", where, err))
			return -1;
	}
	return check_order(c, json_object_get(c->record, "timing"), "preserve_from", "preserve_until", "timing", err) ||
			       check_order(c, json_object_get(c->record, "secrecy"), "from", "until", "secrecy", err) ||
			       check_order(c, json_object_get(c->record, "answer"), "served", "answered", "answer", err) ||
			       check_order(c, get(c->record, "answer", "stated"), "from", "to", "answer: stated", err)
		       ? -1
		       : 0;
}

/* ---- rules that look at more than one field ---- */

static int check_secrecy(const struct checker *c, struct custody_error *err)
{
	static const struct {
		const char *key, *why;
	} needs[] = { { "basis", "on which basis the user is not told" },
		{ "until", "when it ends; without an end nobody knows when they may speak" }, { "lifted_by", "who may lift it" } };
	char where[WHERE];

	if (!json_is_true(get(c->record, "secrecy", "non_notification")))
		return 0;
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (get(c->record, "secrecy", needs[i].key))
			continue;
		(void)snprintf(where, sizeof(where), "secrecy: %s", needs[i].key);
		if (say(c, CUSTODY_REQUEST_ADVICE, where, err, "not given: %s", needs[i].why))
			return -1;
	}
	return 0;
}

/* The number of a line: as written, or its place. */
static uint64_t line_of(json_t *targets, size_t i)
{
	json_t *v = json_object_get(json_array_get(targets, i), "line");

	return json_is_integer(v) ? (uint64_t)json_integer_value(v) : i + 1;
}

static bool has_line(json_t *targets, uint64_t line)
{
	for (size_t i = 0; i < json_array_size(targets); i++)
		if (line_of(targets, i) == line)
			return true;
	return false;
}

/* The lines, or their numbers, are withheld: what they are nobody can say. */
static bool lines_are_withheld(json_t *record)
{
	json_t *data = json_object_get(record, "data"), *targets = json_object_get(data, "targets");

	if (custody_request_withheld(data) || custody_request_withheld(targets))
		return true;
	for (size_t i = 0; i < json_array_size(targets); i++)
		if (custody_request_withheld(json_object_get(json_array_get(targets, i), "line")))
			return true;
	return false;
}

bool custody_request_has_line(json_t *record, uint64_t line)
{
	return lines_are_withheld(record) || has_line(get(record, "data", "targets"), line);
}

static int check_lines(const struct checker *c, struct custody_error *err)
{
	json_t *targets = get(c->record, "data", "targets");
	char where[WHERE];

	for (size_t i = 0; i < json_array_size(targets); i++)
		for (size_t k = 0; k < i; k++)
			if (line_of(targets, k) == line_of(targets, i)) {
				(void)snprintf(where, sizeof(where), "data: targets %zu: line", i + 1);
				return say(c, CUSTODY_REQUEST_MUST, where, err, "line %" PRIu64 " is there twice, want one number for each line",
					line_of(targets, i));
			}
	return 0;
}

/* There is no line to answer. */
static bool nobody_asked(const struct checker *c)
{
	return c->kind & (CUSTODY_REQUEST_BIT(CUSTODY_REQUEST_CONSENT) | CUSTODY_REQUEST_BIT(CUSTODY_REQUEST_SPONTANEOUS));
}

static int check_links(const struct checker *c, struct custody_error *err)
{
	json_t *items = get(c->record, "answer", "items");
	size_t unlinked = 0;
	char where[WHERE];

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *line = json_object_get(json_array_get(items, i), "line");

		if (!json_is_integer(line)) {
			unlinked += !custody_request_withheld(line) && !nobody_asked(c);
			continue;
		}
		if (custody_request_has_line(c->record, (uint64_t)json_integer_value(line)))
			continue;
		(void)snprintf(where, sizeof(where), "answer: items %zu: line", i + 1);
		if (say(c, CUSTODY_REQUEST_MUST, where, err, "found %" JSON_INTEGER_FORMAT ", want the number of a line of data: targets",
			    json_integer_value(line)))
			return -1;
	}
	if (unlinked == 0)
		return 0;
	return notice(c, CUSTODY_REQUEST_UNLINKED, "answer: items", err, "unrequested or unlinked: %zu of %zu items name no line of the request",
		unlinked, json_array_size(items));
}

/* ---- preservation (ADM-05) ---- */

static void take_later(struct when *latest, struct when w)
{
	if (w.given && (!latest->given || is_before(latest, &w)))
		*latest = w;
}

/* false: until when it was promised is withheld, or an extension does not say it. */
static bool take_promise(struct when *latest, json_t *record)
{
	json_t *timing = json_object_get(record, "timing"), *until = json_object_get(timing, "preserve_until");
	json_t *extensions = json_object_get(timing, "extensions");
	bool told = !custody_request_withheld(timing) && !custody_request_withheld(until) && !custody_request_withheld(extensions);

	take_later(latest, when_of(until));
	for (size_t i = 0; i < json_array_size(extensions); i++) {
		struct when w = when_of(json_object_get(json_array_get(extensions, i), "until"));

		told = told && w.given;
		take_later(latest, w);
	}
	return told;
}

static bool names(json_t *record, const char *id)
{
	json_t *related = json_object_get(record, "related");

	for (size_t i = 0; i < json_array_size(related); i++) {
		const char *other = json_string_value(json_object_get(json_array_get(related, i), "id"));
		if (other && strcmp(other, id) == 0)
			return true;
	}
	return false;
}

/*
 * The last day promised by this record and all that are related with it, directly or through others: an extension names what it extends, an order what it follows. Not
 * given as soon as one of them leaves it open.
 */
static struct when promised(const struct checker *c)
{
	bool reached[CUSTODY_LIMIT_REQUESTS] = { false };
	size_t queue[CUSTODY_LIMIT_REQUESTS] = { c->index }, n = 1;
	struct when latest = { 0 };
	bool told = true;

	reached[c->index] = true;
	for (size_t next = 0; next < n; next++) {
		json_t *record = custody_requests_get(c->requests, queue[next]);
		const char *id = custody_requests_id(c->requests, queue[next]);

		told = take_promise(&latest, record) && told;
		for (size_t i = 0; i < c->requests->n; i++) {
			if (reached[i] || !(names(record, custody_requests_id(c->requests, i)) || names(custody_requests_get(c->requests, i), id)))
				continue;
			reached[i] = true;
			queue[n++] = i;
		}
	}
	latest.given = latest.given && told;
	return latest;
}

/* The later of what is said of when the answer came. */
static struct when received(json_t *record)
{
	struct when latest = { 0 };
	json_t *receipts = json_object_get(record, "receipts");

	take_later(&latest, when_of(get(record, "answer", "answered")));
	for (size_t i = 0; i < json_array_size(receipts); i++)
		take_later(&latest, when_of(json_object_get(json_array_get(receipts, i), "ended")));
	return latest;
}

static int check_lapse(const struct checker *c, struct custody_error *err)
{
	struct when until = promised(c), got = received(c->record);

	if (!is_before(&until, &got))
		return 0;
	int64_t days = day_of(&got) - day_of(&until);
	if (days == 0) /* both have a time of day: less than a day is a day begun */
		days = 1;
	return notice(c, CUSTODY_REQUEST_LAPSED, "timing: preserve_until", err,
		"preservation lapsed by %" PRId64 " %s: promised until %s, the answer is of %s", days, days == 1 ? "day" : "days", until.text,
		got.text);
}

/* ---- what the return says of itself (ADM-04, ADM-07) ---- */

static bool is_among(json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *one = json_string_value(json_array_get(list, i));
		if (one && strcasecmp(one, text) == 0)
			return true;
	}
	return false;
}

static int check_reference(const struct checker *c, struct custody_error *err)
{
	const char *stated = json_string_value(json_object_get(get(c->record, "answer", "stated"), "reference"));
	json_t *provider = get(c->record, "provider", "references"), *answer = get(c->record, "answer", "references");
	char quote[QUOTE];

	if (!stated || json_array_size(provider) + json_array_size(answer) == 0)
		return 0;
	if (is_among(provider, stated) || is_among(answer, stated))
		return 0;
	return notice(c, CUSTODY_REQUEST_REFERENCE, "answer: stated: reference", err,
		"the return says '%s', which is none of the provider's references in this record",
		custody_display(stated, strlen(stated), quote, sizeof(quote)));
}

/* The next byte of a text that is more than form: no space, no punctuation, and small; 0: none. Other than ASCII stays as it is. */
static unsigned char next_of_form(const char **at)
{
	for (unsigned char c; (c = (unsigned char)**at) != 0;) {
		(*at)++;
		if (c >= 'A' && c <= 'Z')
			return (unsigned char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80)
			return c;
	}
	return 0;
}

/* "+43 1 234567" and "+431234567", an address with a slash behind it and without: the same, or another that is written like it. Nobody can tell by the text. */
static bool is_alike(const char *a, const char *b)
{
	unsigned char x, y;

	do {
		x = next_of_form(&a);
		y = next_of_form(&b);
	} while (x == y && x != 0);
	return x == y;
}

enum likeness { DIFFERENT, ALIKE, EQUAL };

static enum likeness liken(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0 ? EQUAL : is_alike(a, b) ? ALIKE : DIFFERENT;
}

/* The text that is most like it: of a line of the request, or of a list of texts. */
static enum likeness find_like(json_t *list, const char *key, const char *text)
{
	enum likeness best = DIFFERENT;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *v = json_array_get(list, i);
		const char *one = json_string_value(key ? json_object_get(v, key) : v);
		enum likeness this = one ? liken(one, text) : DIFFERENT;

		best = this > best ? this : best;
	}
	return best;
}

static bool has_withheld_target(json_t *targets)
{
	for (size_t i = 0; i < json_array_size(targets); i++)
		if (!json_is_string(json_object_get(json_array_get(targets, i), "value")))
			return true;
	return false;
}

/* Texts are compared, and nothing else: where two differ in form alone, they may mean one thing. */
static int check_identifiers(const struct checker *c, struct custody_error *err)
{
	static const char where[] = "answer: stated: identifiers";
	json_t *targets = get(c->record, "data", "targets"), *stated = json_object_get(get(c->record, "answer", "stated"), "identifiers");
	size_t n = json_array_size(targets), named = json_array_size(stated), like[EQUAL + 1] = { 0 }, missing = 0;

	if (n == 0 || named == 0)
		return 0;
	if (has_withheld_target(targets))
		return notice(c, CUSTODY_REQUEST_UNTOLD, where, err, "cannot tell whether they were asked for: not every line gives its identifier");
	for (size_t i = 0; i < named; i++)
		like[find_like(targets, "value", json_string_value(json_array_get(stated, i)))]++;
	for (size_t i = 0; i < n; i++)
		missing += find_like(stated, NULL, json_string_value(json_object_get(json_array_get(targets, i), "value"))) == DIFFERENT;
	if (like[DIFFERENT] && notice(c, CUSTODY_REQUEST_OUTSIDE, where, err, "outside the request: %zu of %zu", like[DIFFERENT], named))
		return -1;
	if (like[ALIKE] &&
		notice(c, CUSTODY_REQUEST_UNTOLD, where, err,
			"cannot tell whether they were asked for: written differently than in the request: %zu of %zu", like[ALIKE], named))
		return -1;
	if (!missing)
		return 0;
	return notice(c, CUSTODY_REQUEST_UNANSWERED, where, err, "%zu of %zu lines of the request are not named by the return", missing, n);
}

/* The zone of a line is not that of UTC, or is withheld: a bare date in it is a day that begins and ends up to fourteen hours from UTC's. */
static bool has_zone(json_t *target)
{
	static const char *const utc[] = { "UTC", "Z", "GMT", "Etc/UTC", "Etc/GMT", "+00:00", "UTC+0", "UTC+00:00" };
	json_t *zone = json_object_get(target, "time_zone");
	const char *name = json_string_value(zone);

	for (size_t i = 0; name && i < sizeof(utc) / sizeof(utc[0]); i++)
		if (strcasecmp(name, utc[i]) == 0)
			return false;
	return zone != NULL;
}

/* A border of all lines: zoned if one of them gives a bare date of another zone. */
struct border {
	struct when at;
	size_t given;
	bool zoned;
};

static void take_border(struct border *b, json_t *target, const char *key, bool last)
{
	struct when w = when_of(json_object_get(target, key));

	if (!w.given)
		return;
	b->given++;
	b->zoned = b->zoned || (w.date_only && has_zone(target));
	/* Of two on one day the bare date reaches further: it is the whole day. */
	if (!b->at.given || (last ? is_before(&b->at, &w) : is_before(&w, &b->at)) || (w.date_only && day_of(&w) == day_of(&b->at)))
		b->at = w;
}

/* 1: outside; 0: not; -1: cannot be told, being within a day of a bare date of another zone. Two bare dates are taken for days of one clock. */
static int lies_outside(const struct border *b, const struct when *stated, bool last)
{
	if (!b->at.given || !stated->given)
		return 0;
	const int64_t beyond = last ? day_of(stated) - day_of(&b->at) : day_of(&b->at) - day_of(stated); /* days behind the border */

	if (b->zoned && (beyond == 1 || (beyond == 0 && !stated->date_only)))
		return -1;
	return last ? is_before(&b->at, stated) : is_before(stated, &b->at);
}

/* Not said as soon as one line leaves it open. */
static int check_border(const struct checker *c, bool last, struct custody_error *err)
{
	json_t *targets = get(c->record, "data", "targets");
	const char *key = last ? "to" : "from", *where = last ? "answer: stated: to" : "answer: stated: from";
	struct when stated = when_of(json_object_get(get(c->record, "answer", "stated"), key));
	struct border b = { .given = 0 };

	for (size_t i = 0; i < json_array_size(targets); i++)
		take_border(&b, json_array_get(targets, i), key, last);
	const int outside = b.given == json_array_size(targets) ? lies_outside(&b, &stated, last) : 0;

	if (outside == 0)
		return 0;
	if (outside < 0)
		return notice(c, CUSTODY_REQUEST_UNTOLD, where, err,
			"cannot tell whether it was asked for: the return %s at %s, the %s line at %s by the clock of another zone",
			last ? "ends" : "begins", stated.text, last ? "latest" : "earliest", b.at.text);
	return notice(c, CUSTODY_REQUEST_OUTSIDE, where, err, "outside the request: the return %s at %s, the %s line at %s", last ? "ends" : "begins",
		stated.text, last ? "latest" : "earliest", b.at.text);
}

static int check_period(const struct checker *c, struct custody_error *err)
{
	return check_border(c, false, err) || check_border(c, true, err) ? -1 : 0;
}

/* Categories asked for anywhere. Not known as soon as they are asked for nowhere, or a part is withheld. */
static int check_categories(const struct checker *c, struct custody_error *err)
{
	json_t *delivered = get(c->record, "answer", "categories"), *asked = get(c->record, "data", "categories");
	json_t *targets = get(c->record, "data", "targets");
	char quote[QUOTE];

	if (!json_is_array(asked) || custody_request_withheld(targets))
		return 0;
	for (size_t k = 0; k < json_array_size(targets); k++)
		if (custody_request_withheld(json_object_get(json_array_get(targets, k), "categories")))
			return 0;
	for (size_t i = 0; i < json_array_size(delivered); i++) {
		const char *one = json_string_value(json_array_get(delivered, i));
		bool inside = is_among(asked, one);

		for (size_t k = 0; k < json_array_size(targets) && !inside; k++)
			inside = is_among(json_object_get(json_array_get(targets, k), "categories"), one);
		if (!inside &&
			notice(c, CUSTODY_REQUEST_OUTSIDE, "answer: categories", err, "outside the request: '%s' was delivered and not asked for",
				custody_display(one, strlen(one), quote, sizeof(quote))))
			return -1;
	}
	return 0;
}

/* ---- all of it ---- */

/* By what is said of the answer, or by what came. */
static bool is_answered(json_t *record)
{
	return get(record, "answer", "answered") || json_array_size(get(record, "answer", "items")) > 0 ||
	       json_array_size(json_object_get(record, "receipts")) > 0;
}

static int check_status(const struct checker *c, struct custody_error *err)
{
	const char *status = json_string_value(json_object_get(c->record, "status"));

	if (status && strcmp(status, "extension") == 0 && c->kind != CUSTODY_REQUEST_BIT(CUSTODY_REQUEST_EXTENSION) &&
		!json_object_get(c->record, "related"))
		return say(c, CUSTODY_REQUEST_ADVICE, "related", err, "not given: which request is extended");
	if (c->kind != CUSTODY_REQUEST_BIT(CUSTODY_REQUEST_EMERGENCY) || !is_answered(c->record))
		return 0;
	if (!json_is_false(json_object_get(get(c->record, "timing", "follow_up"), "made")))
		return 0;
	const struct custody_request_remark remark = { CUSTODY_REQUEST_ADVICE, CUSTODY_REQUEST_REMINDER, c->index, "timing: follow_up",
		"reminder: it was answered as an emergency, and no regular order has followed" };
	return c->tell(c->ctx, &remark, err);
}

/* What was taken back before it was answered, as the record says. */
static int check_withdrawn(const struct checker *c, struct custody_error *err)
{
	const char *status = json_string_value(json_object_get(c->record, "status"));
	struct when withdrawn = when_of(get(c->record, "consent", "withdrawn")), got = received(c->record);

	if (status && strcmp(status, "withdrawn") == 0 && is_answered(c->record) &&
		notice(c, CUSTODY_REQUEST_NO_MATTER, "status", err, "the request was withdrawn, and there is an answer to it"))
		return -1;
	if (!is_before(&withdrawn, &got))
		return 0;
	return notice(c, CUSTODY_REQUEST_NO_MATTER, "consent: withdrawn", err, "the consent was withdrawn %s, the answer is of %s", withdrawn.text,
		got.text);
}

static int check_record(const struct checker *c, struct custody_error *err)
{
	if (check_missing(c, err) || check_orders(c, err) || check_status(c, err) || check_secrecy(c, err) || check_lines(c, err))
		return -1;
	if (check_lapse(c, err) || check_reference(c, err) || check_identifiers(c, err) || check_period(c, err))
		return -1;
	return check_categories(c, err) || check_links(c, err) || check_withdrawn(c, err) ? -1 : 0;
}

int custody_requests_check(const struct custody_requests *r, custody_request_tell *tell, void *ctx, struct custody_error *err)
{
	for (size_t i = 0; i < r->n; i++) {
		enum custody_request_kind kind = custody_requests_kind(r, i);
		const struct checker c = { r, i, custody_requests_get(r, i), kind == CUSTODY_REQUEST_KINDS ? 0 : CUSTODY_REQUEST_BIT(kind), tell,
			ctx };

		if (check_record(&c, err))
			return -1;
	}
	return 0;
}
