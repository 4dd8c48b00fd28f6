/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/record/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/fields.h"

#define FORMAT "custody-request/1"
#define FORMAT_STEM "custody-request/"
#define ABOUT "x-about" /* help in a template */
#define WITHHELD "withheld"
#define WHERE 512
#define QUOTE 96
#define INTEGER_LIMIT ((json_int_t)1 << 53)

void custody_requests_release(struct custody_requests *r)
{
	json_decref(r->records);
	memset(r, 0, sizeof(*r));
}

/* ---- reading: one record at a time, with a stack of what is open ---- */

struct level {
	json_t *value;
	const struct custody_request_shape *shape; /* of an object */
	const struct custody_request_field *field; /* of a list */
	const char *key; /* the member that is looked at */
	void *at; /* iterator: the member after it */
	size_t index; /* the element that is looked at, as the list is now */
	size_t element; /* and as it was written, from 1 */
	bool is_list, had_elements;
	uint32_t words; /* of a list of words: those that were there */
};

struct reader {
	enum custody_request_reading reading;
	struct custody_requests *out;
	struct level levels[CUSTODY_REQUEST_DEPTH];
	size_t depth;
	size_t record; /* from 1 */
};

static void append_where(char *where, const char *text)
{
	size_t n = strlen(where);

	(void)snprintf(where + n, WHERE - n, "%s", text);
}

/* Puts the place in front: "request 1: data: targets 2: from". */
static int refuse_here(const struct reader *r, struct custody_error *err)
{
	char where[WHERE], part[QUOTE + 2], shown[QUOTE];

	(void)snprintf(where, sizeof(where), "request %zu", r->record);
	for (size_t i = 0; i < r->depth; i++) {
		const struct level *l = &r->levels[i];

		if (l->is_list)
			(void)snprintf(part, sizeof(part), " %zu", l->element);
		else
			(void)snprintf(part, sizeof(part), ": %s", l->key ? custody_display(l->key, strlen(l->key), shown, sizeof(shown)) : "");
		if (l->is_list || l->key)
			append_where(where, part);
	}
	return custody_fail_in(err, "%s", where);
}

static int wrong_kind(json_t *v, const char *want, struct custody_error *err)
{
	return custody_fail(err, CUSTODY_ERR_FORMAT, "found %s, want %s", custody_field_kind(v), want);
}

/* A control character that the text may not have, or 0. */
static uint32_t control_in(const char *text, size_t n, bool lines)
{
	uint32_t cp = 0;

	for (size_t i = 0, step; i < n; i += step) {
		step = custody_utf8_decode((const uint8_t *)text + i, n - i, &cp);
		if (step == 0)
			return 0xfffd;
		if (lines && (cp == '\n' || cp == '\t'))
			continue;
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return cp;
	}
	return 0;
}

static int check_text(json_t *v, size_t max, bool lines, struct custody_error *err)
{
	if (!json_is_string(v))
		return wrong_kind(v, "text", err);
	const char *text = json_string_value(v);
	size_t n = json_string_length(v);
	if (n > max)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found %zu bytes of text, at most %zu are taken", n, max);
	if (strspn(text, " \t\n") == n) {
		custody_fail(err, CUSTODY_ERR_FORMAT, "found text without a character, want text");
		return custody_hint(err, "write null where something is not given, {\"withheld\": \"why\"} where it is withheld");
	}
	uint32_t cp = control_in(text, n, lines);
	if (cp)
		return custody_fail(
			err, CUSTODY_ERR_FORMAT, "found the control character U+%04" PRIX32 ", want %s", cp, lines ? "text" : "one line of text");
	return 0;
}

bool custody_request_time(struct json_t *v, struct custody_time *out, bool *date_only)
{
	const char *text = json_string_value(v);

	if (!text || !custody_time_parse_user(text, out))
		return false;
	*date_only = json_string_length(v) == 10;
	return true;
}

static int check_time(json_t *v, struct custody_error *err)
{
	struct custody_time t;
	char quote[QUOTE];
	bool date_only;

	if (!json_is_string(v))
		return wrong_kind(v, "a date or a time", err);
	if (custody_request_time(v, &t, &date_only))
		return 0;
	return custody_fail(err, CUSTODY_ERR_FORMAT, "found '%s', want a date like 2026-11-24 or a time like 2026-11-24T04:12:09+01:00",
		custody_display(json_string_value(v), json_string_length(v), quote, sizeof(quote)));
}

static int check_digest(json_t *v, struct custody_error *err)
{
	uint8_t digest[32];
	char quote[QUOTE];

	if (!json_is_string(v))
		return wrong_kind(v, "64 lower-case hex digits", err);
	if (custody_hex_parse(json_string_value(v), json_string_length(v), false, digest, sizeof(digest)))
		return 0;
	return custody_fail(err, CUSTODY_ERR_FORMAT, "found '%s', want 64 lower-case hex digits",
		custody_display(json_string_value(v), json_string_length(v), quote, sizeof(quote)));
}

static int check_count(json_t *v, struct custody_error *err)
{
	if (!json_is_integer(v))
		return wrong_kind(v, "a number", err);
	if (json_integer_value(v) < 0 || json_integer_value(v) >= INTEGER_LIMIT)
		return custody_fail(
			err, CUSTODY_ERR_FORMAT, "found %" JSON_INTEGER_FORMAT ", want a number from 0 to 2^53 - 1", json_integer_value(v));
	return 0;
}

/* Refuses a word that is not in the list, and names those that are. */
static int unknown_word(json_t *v, const char *const *words, struct custody_error *err)
{
	char list[WHERE] = "", quote[QUOTE];

	for (size_t i = 0; words[i]; i++) {
		append_where(list, i == 0 ? "" : words[i + 1] ? ", " : " or ");
		append_where(list, words[i]);
	}
	return custody_fail(err, CUSTODY_ERR_FORMAT, "found '%s', want %s",
		custody_display(json_string_value(v), json_string_length(v), quote, sizeof(quote)), list);
}

/* *index: of the word, or the number of words for one that a later version may have. */
static int check_word(struct reader *r, json_t *v, const char *const *words, size_t *index, struct custody_error *err)
{
	size_t i = 0;

	if (!json_is_string(v))
		return wrong_kind(v, "a word", err);
	while (words[i] && strcmp(words[i], json_string_value(v)) != 0)
		i++;
	*index = i;
	if (words[i])
		return 0;
	if (r->reading == CUSTODY_REQUEST_WRITTEN)
		return unknown_word(v, words, err);
	r->out->unknown++;
	return check_text(v, CUSTODY_LIMIT_TEXT_FIELD, false, err);
}

static int push(struct reader *r, const struct level *l, struct custody_error *err)
{
	if (r->depth == CUSTODY_REQUEST_DEPTH)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "the table of fields is deeper than %d", CUSTODY_REQUEST_DEPTH);
	r->levels[r->depth++] = *l;
	return 0;
}

static int open_object(struct reader *r, json_t *v, const struct custody_request_shape *shape, struct custody_error *err)
{
	if (!json_is_object(v))
		return wrong_kind(v, "an object", err);
	const struct level l = { .value = v, .shape = shape, .at = json_object_iter(v) };
	return push(r, &l, err);
}

static int open_list(struct reader *r, json_t *v, const struct custody_request_field *field, struct custody_error *err)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v))
		return wrong_kind(v, "a list", err);
	if (n > CUSTODY_LIMIT_REQUEST_LIST)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found %zu elements, at most %d are taken", n, CUSTODY_LIMIT_REQUEST_LIST);
	const struct level l = { .value = v, .field = field, .is_list = true, .had_elements = n > 0 };
	return push(r, &l, err);
}

/* A value that is not withheld. */
static int read_value(struct reader *r, const struct custody_request_field *f, json_t *v, struct custody_error *err)
{
	size_t word;

	switch (f->type) {
	case CUSTODY_REQUEST_TEXT:
	case CUSTODY_REQUEST_NAME:
		return check_text(v, CUSTODY_LIMIT_TEXT_FIELD, false, err);
	case CUSTODY_REQUEST_LONG:
		return check_text(v, CUSTODY_LIMIT_REQUEST_TEXT, true, err);
	case CUSTODY_REQUEST_WHEN:
		return check_time(v, err);
	case CUSTODY_REQUEST_YES:
		return json_is_boolean(v) ? 0 : wrong_kind(v, "true or false", err);
	case CUSTODY_REQUEST_COUNT:
		return check_count(v, err);
	case CUSTODY_REQUEST_CHOICE:
		return check_word(r, v, f->words, &word, err);
	case CUSTODY_REQUEST_DIGEST:
		return check_digest(v, err);
	case CUSTODY_REQUEST_OBJECT:
		return open_object(r, v, f->of, err);
	case CUSTODY_REQUEST_TEXTS:
	case CUSTODY_REQUEST_CHOICES:
	case CUSTODY_REQUEST_OBJECTS:
		return open_list(r, v, f, err);
	}
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "a field of an unknown type");
}

static int check_withheld(json_t *v, struct custody_error *err)
{
	if (json_object_size(v) != 1)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found '%s' beside other fields, want it alone", WITHHELD);
	if (check_text(json_object_get(v, WITHHELD), CUSTODY_LIMIT_TEXT_FIELD, false, err))
		return custody_fail_in(err, "the reason for withholding");
	return 0;
}

static const struct custody_request_field *find_field(const struct custody_request_shape *shape, const char *key)
{
	for (size_t i = 0; i < shape->n; i++)
		if (strcmp(shape->fields[i].key, key) == 0)
			return &shape->fields[i];
	return NULL;
}

static int unknown_field(struct reader *r, struct level *l, struct custody_error *err)
{
	if (r->reading == CUSTODY_REQUEST_SEALED) {
		r->out->unknown++;
		(void)json_object_del(l->value, l->key);
		l->key = NULL;
		return 0;
	}
	custody_fail(err, CUSTODY_ERR_FORMAT, "found a field that a record does not have here");
	return custody_hint(err, "custody-request(5) lists the fields; a private one begins with x-");
}

static int read_private(struct reader *r, struct level *l, json_t *v, struct custody_error *err)
{
	if (strcmp(l->key, ABOUT) == 0) {
		(void)json_object_del(l->value, ABOUT);
		l->key = NULL;
		return 0;
	}
	r->out->private_fields++;
	return check_text(v, CUSTODY_LIMIT_REQUEST_TEXT, true, err);
}

/* The next member of an object. 1: there was one; 0: it is read; -1. */
static int step_object(struct reader *r, struct level *l, struct custody_error *err)
{
	if (!l->at)
		return 0;
	void *at = l->at;
	l->key = json_object_iter_key(at);
	l->at = json_object_iter_next(l->value, at);
	json_t *v = json_object_iter_value(at);
	if (json_is_null(v)) {
		(void)json_object_del(l->value, l->key);
		l->key = NULL;
		return 1;
	}
	if (strncmp(l->key, "x-", 2) == 0)
		return read_private(r, l, v, err) ? -1 : 1;
	const struct custody_request_field *f = find_field(l->shape, l->key);
	if (!f)
		return unknown_field(r, l, err) ? -1 : 1;
	if (json_object_get(v, WITHHELD))
		return check_withheld(v, err) ? -1 : 1;
	return read_value(r, f, v, err) ? -1 : 1;
}

static int read_listed_word(struct reader *r, struct level *l, json_t *v, struct custody_error *err)
{
	size_t word;

	if (check_word(r, v, l->field->words, &word, err))
		return -1;
	if (!l->field->words[word])
		return 0;
	if (l->words >> word & 1)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found '%s' a second time", l->field->words[word]);
	l->words |= UINT32_C(1) << word;
	return 0;
}

static int step_list(struct reader *r, struct level *l, struct custody_error *err)
{
	if (l->index == json_array_size(l->value))
		return 0;
	json_t *v = json_array_get(l->value, l->index);
	l->element++;
	if (json_is_null(v)) {
		(void)json_array_remove(l->value, l->index);
		return 1;
	}
	if (json_object_get(v, WITHHELD)) {
		custody_fail(
			err, CUSTODY_ERR_FORMAT, "found '%s' in place of an element, want it in place of a field or of the whole list", WITHHELD);
		return -1;
	}
	if (l->field->type == CUSTODY_REQUEST_OBJECTS)
		return open_object(r, v, l->field->of, err) ? -1 : 1; /* close() goes on */
	l->index++;
	if (l->field->type == CUSTODY_REQUEST_CHOICES)
		return read_listed_word(r, l, v, err) ? -1 : 1;
	return check_text(v, CUSTODY_LIMIT_TEXT_FIELD, false, err) ? -1 : 1;
}

/* What has nothing in it was not given, so that an untouched template reads as empty; but a list that was written as empty says that there is none. */
static void close_level(struct reader *r)
{
	const struct level *l = &r->levels[--r->depth];
	bool empty = l->is_list ? l->had_elements && json_array_size(l->value) == 0 : json_object_size(l->value) == 0;

	if (r->depth == 0)
		return;
	struct level *parent = &r->levels[r->depth - 1];
	if (parent->is_list && empty)
		(void)json_array_remove(parent->value, parent->index);
	else if (parent->is_list)
		parent->index++;
	else if (empty)
		(void)json_object_del(parent->value, parent->key);
	parent->key = NULL;
}

/* Both are what a record is found by. */
static int check_identity(json_t *record, struct custody_error *err)
{
	static const char *const keys[] = { "id", "kind" };

	for (size_t i = 0; i < 2; i++) {
		json_t *v = json_object_get(record, keys[i]);
		if (!v)
			return custody_fail(err, CUSTODY_ERR_FORMAT, "'%s' is missing", keys[i]);
		if (!json_is_string(v))
			return custody_fail(err, CUSTODY_ERR_FORMAT, "'%s' is withheld, want it given", keys[i]);
	}
	return 0;
}

static int read_record(struct reader *r, json_t *record, struct custody_error *err)
{
	r->depth = 0;
	r->record++;
	if (open_object(r, record, &custody_request_record, err))
		return refuse_here(r, err);
	while (r->depth > 0) {
		struct level *l = &r->levels[r->depth - 1];
		int more = l->is_list ? step_list(r, l, err) : step_object(r, l, err);

		if (more < 0)
			return refuse_here(r, err);
		if (more == 0)
			close_level(r);
	}
	return check_identity(record, err) ? refuse_here(r, err) : 0;
}

/* ---- the document ---- */

static int refuse_double(const struct custody_requests *r, const char *id, struct custody_error *err)
{
	char quote[QUOTE];

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(custody_requests_id(r, i), id) == 0)
			return custody_fail(err, CUSTODY_ERR_INPUT, "the id '%s' is there twice, want one for each record",
				custody_display(id, strlen(id), quote, sizeof(quote)));
	return 0;
}

static int add_record(struct custody_requests *r, json_t *record, struct custody_error *err)
{
	if (r->n == CUSTODY_LIMIT_REQUESTS)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "more than %d request records", CUSTODY_LIMIT_REQUESTS);
	if (refuse_double(r, json_string_value(json_object_get(record, "id")), err))
		return -1;
	if (!r->records && !(r->records = json_array()))
		return custody_fail_nomem(err);
	if (json_array_append(r->records, record) != 0)
		return custody_fail_nomem(err);
	r->n++;
	return 0;
}

static int check_format(json_t *document, struct custody_error *err)
{
	json_t *v = json_object_get(document, "format");
	char quote[QUOTE];

	if (!json_is_string(v)) {
		custody_fail(err, CUSTODY_ERR_FORMAT, "'format' is missing or no text, want '%s'", FORMAT);
		return custody_hint(err, "`custody request new --kind KIND` prints a form to fill in");
	}
	const char *text = json_string_value(v);
	if (strcmp(text, FORMAT) == 0)
		return 0;
	custody_display(text, json_string_length(v), quote, sizeof(quote));
	if (strncmp(text, FORMAT_STEM, strlen(FORMAT_STEM)) == 0)
		return custody_refuse(err, "newer-format", "found format '%s', want '%s'", quote, FORMAT);
	return custody_fail(err, CUSTODY_ERR_FORMAT, "found format '%s', want '%s'", quote, FORMAT);
}

static int check_document(struct reader *r, json_t *document, struct custody_error *err)
{
	char quote[QUOTE];

	if (check_format(document, err))
		return -1;
	for (void *at = json_object_iter(document); at; at = json_object_iter_next(document, at)) {
		const char *key = json_object_iter_key(at);

		if (strcmp(key, "format") == 0 || strcmp(key, "requests") == 0 || strcmp(key, ABOUT) == 0)
			continue;
		if (r->reading == CUSTODY_REQUEST_WRITTEN)
			return custody_fail(err, CUSTODY_ERR_FORMAT, "found '%s' beside 'format' and 'requests', want it in a record",
				custody_display(key, strlen(key), quote, sizeof(quote)));
		r->out->unknown++;
	}
	json_t *records = json_object_get(document, "requests");
	if (!json_is_array(records) || json_array_size(records) == 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "'requests' is no list of at least one record");
	return 0;
}

static int read_document(json_t *document, enum custody_request_reading reading, struct custody_requests *out, struct custody_error *err)
{
	struct reader r = { .reading = reading, .out = out };

	if (check_document(&r, document, err))
		return -1;
	json_t *records = json_object_get(document, "requests");
	for (size_t i = 0; i < json_array_size(records); i++) {
		if (i == CUSTODY_LIMIT_REQUESTS)
			return custody_fail(err, CUSTODY_ERR_LIMIT, "more than %d request records", CUSTODY_LIMIT_REQUESTS);
		if (read_record(&r, json_array_get(records, i), err))
			return -1;
		if (add_record(out, json_array_get(records, i), err)) {
			if (err->kind == CUSTODY_ERR_INPUT)
				err->kind = CUSTODY_ERR_FORMAT;
			return -1;
		}
	}
	return 0;
}

/* "line 12: " in front of an error that counts bytes: a person has an editor. */
static int in_line(const uint8_t *p, size_t n, size_t begin, struct custody_error *err)
{
	const char *at = strstr(err->text, " at byte ");
	size_t byte = 0, line = 1;

	if (!at || err->kind != CUSTODY_ERR_FORMAT)
		return -1;
	for (at += strlen(" at byte "); *at >= '0' && *at <= '9' && byte < n; at++)
		byte = byte * 10 + (size_t)(*at - '0');
	for (size_t i = 0; i < begin + byte && i < n; i++)
		line += p[i] == '\n';
	return custody_fail_in(err, "line %zu", line);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Gives *document. What a person wrote may have blanks around it. */
static int read_json(const uint8_t *p, size_t n, enum custody_request_reading reading, json_t **document, struct custody_error *err)
{
	size_t begin = 0, end = n;

	if (reading == CUSTODY_REQUEST_SEALED) {
		if (n == 0 || p[n - 1] != '\n')
			return custody_fail(err, CUSTODY_ERR_FORMAT, "found no LF at the end, want one line and an LF");
		return custody_json_parse(p, n - 1, true, document, err);
	}
	while (begin < end && is_blank(p[begin]))
		begin++;
	while (end > begin && is_blank(p[end - 1]))
		end--;
	if (begin == end)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found nothing, want a JSON object");
	return custody_json_parse(p + begin, end - begin, false, document, err) ? in_line(p, n, begin, err) : 0;
}

/* Another program may order fields otherwise, a later one have more of them: that is no fault, but what is read is then not these bytes. */
static int compare_form(const uint8_t *p, size_t n, struct custody_requests *r, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf form = { 0 };

	custody_buf_init(&form, CUSTODY_REQUEST_FORM_MAX);
	if (custody_requests_format(r, &form, err))
		return -1;
	r->other_form = form.len != n || memcmp(form.data, p, n) != 0;
	return 0;
}

int custody_requests_parse(const uint8_t *p, size_t n, enum custody_request_reading reading, struct custody_requests *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_json_free) json_t *document = NULL;
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };

	if (n > CUSTODY_LIMIT_REQUEST)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found %zu bytes, at most %zu are taken", n, CUSTODY_LIMIT_REQUEST);
	if (read_json(p, n, reading, &document, err) || read_document(document, reading, &r, err))
		return -1;
	if (reading == CUSTODY_REQUEST_SEALED && compare_form(p, n, &r, err))
		return -1;
	*out = r;
	memset(&r, 0, sizeof(r));
	return 0;
}

int custody_requests_join(struct custody_requests *to, struct custody_requests *from, struct custody_error *err)
{
	for (size_t i = 0; i < from->n; i++)
		if (add_record(to, custody_requests_get(from, i), err))
			return -1;
	to->unknown += from->unknown;
	to->private_fields += from->private_fields;
	custody_requests_release(from);
	return 0;
}

/* ---- looking ---- */

struct json_t *custody_requests_get(const struct custody_requests *r, size_t i)
{
	return json_array_get(r->records, i);
}

const char *custody_requests_id(const struct custody_requests *r, size_t i)
{
	return json_string_value(json_object_get(custody_requests_get(r, i), "id"));
}

enum custody_request_kind custody_requests_kind(const struct custody_requests *r, size_t i)
{
	enum custody_request_kind kind = CUSTODY_REQUEST_KINDS;

	(void)custody_request_kind_find(json_string_value(json_object_get(custody_requests_get(r, i), "kind")), &kind);
	return kind;
}

const char *custody_request_withheld(struct json_t *v)
{
	return json_string_value(json_object_get(v, WITHHELD));
}

void custody_request_cursor_init(struct custody_request_cursor *c, struct json_t *record)
{
	memset(c, 0, sizeof(*c));
	c->record = record;
}

/* Opens a container, whose event it is. The table is never deeper than the stack: the reader has refused what would be. */
static enum custody_request_event begin(struct custody_request_cursor *c, const struct custody_request_field *f, json_t *v, bool is_list)
{
	struct custody_request_frame *frame = &c->frames[c->depth++];

	memset(frame, 0, sizeof(*frame));
	frame->field = f;
	frame->shape = is_list ? NULL : f ? f->of : &custody_request_record;
	frame->value = v;
	frame->is_list = is_list;
	frame->private_at = is_list ? NULL : json_object_iter(v);
	return is_list ? CUSTODY_REQUEST_BEGIN_LIST : CUSTODY_REQUEST_BEGIN_OBJECT;
}

static enum custody_request_event tell(struct custody_request_cursor *c, const struct custody_request_field *f, const char *key, json_t *v)
{
	struct custody_request_frame *frame = &c->frames[c->depth - 1];
	bool in_list = frame->is_list;

	c->field = f;
	c->key = key;
	c->value = v;
	c->first = frame->told++ == 0;
	c->reason = in_list ? NULL : custody_request_withheld(v);
	if (c->reason)
		return CUSTODY_REQUEST_WITHHELD;
	if (in_list)
		return f->type == CUSTODY_REQUEST_OBJECTS ? begin(c, f, v, false) : CUSTODY_REQUEST_VALUE;
	if (f->type == CUSTODY_REQUEST_OBJECT)
		return begin(c, f, v, false);
	return f->type >= CUSTODY_REQUEST_TEXTS ? begin(c, f, v, true) : CUSTODY_REQUEST_VALUE;
}

static enum custody_request_event end(struct custody_request_cursor *c)
{
	const struct custody_request_frame *frame = &c->frames[--c->depth];

	c->field = frame->field;
	c->key = NULL;
	c->value = frame->value;
	return frame->is_list ? CUSTODY_REQUEST_END_LIST : CUSTODY_REQUEST_END_OBJECT;
}

static enum custody_request_event next_private(struct custody_request_cursor *c, struct custody_request_frame *frame)
{
	while (frame->private_at) {
		const char *key = json_object_iter_key(frame->private_at);
		json_t *v = json_object_iter_value(frame->private_at);

		frame->private_at = json_object_iter_next(frame->value, frame->private_at);
		if (strncmp(key, "x-", 2) != 0)
			continue;
		c->field = NULL;
		c->key = key;
		c->value = v;
		c->first = frame->told++ == 0;
		return CUSTODY_REQUEST_PRIVATE;
	}
	return end(c);
}

enum custody_request_event custody_request_next(struct custody_request_cursor *c)
{
	if (c->record) {
		json_t *record = custody_steal(&c->record);

		c->value = record;
		c->first = true;
		return begin(c, NULL, record, false);
	}
	if (c->depth == 0)
		return CUSTODY_REQUEST_DONE;
	struct custody_request_frame *frame = &c->frames[c->depth - 1];
	if (frame->is_list) {
		if (frame->next == json_array_size(frame->value))
			return end(c);
		return tell(c, frame->field, NULL, json_array_get(frame->value, frame->next++));
	}
	while (frame->next < frame->shape->n) {
		const struct custody_request_field *f = &frame->shape->fields[frame->next++];
		json_t *v = json_object_get(frame->value, f->key);

		if (v)
			return tell(c, f, f->key, v);
	}
	return next_private(c, frame);
}

/* ---- writing ---- */

static int put_string(struct custody_buf *out, json_t *v, bool safe, struct custody_error *err)
{
	if (safe)
		return custody_json_append_safe(out, json_string_value(v), json_string_length(v), err);
	return custody_json_append_string(out, json_string_value(v), json_string_length(v), err);
}

static int put_scalar(struct custody_buf *out, json_t *v, bool safe, struct custody_error *err)
{
	if (json_is_boolean(v))
		return custody_buf_append_str(out, json_is_true(v) ? "true" : "false", err);
	if (json_is_integer(v))
		return custody_buf_printf(out, err, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	return put_string(out, v, safe, err);
}

static int put_event(
	const struct custody_request_cursor *c, enum custody_request_event event, struct custody_buf *out, bool safe, struct custody_error *err)
{
	if (event == CUSTODY_REQUEST_END_OBJECT || event == CUSTODY_REQUEST_END_LIST)
		return custody_buf_append_byte(out, event == CUSTODY_REQUEST_END_LIST ? ']' : '}', err);
	if (!c->first && custody_buf_append_byte(out, ',', err))
		return -1;
	if (c->key) {
		if (safe ? custody_json_append_safe(out, c->key, strlen(c->key), err) : custody_json_append_str(out, c->key, err))
			return -1;
		if (custody_buf_append_byte(out, ':', err))
			return -1;
	}
	if (event == CUSTODY_REQUEST_BEGIN_OBJECT || event == CUSTODY_REQUEST_BEGIN_LIST)
		return custody_buf_append_byte(out, event == CUSTODY_REQUEST_BEGIN_LIST ? '[' : '{', err);
	if (event != CUSTODY_REQUEST_WITHHELD)
		return put_scalar(out, c->value, safe, err);
	return custody_buf_append_str(out, "{\"" WITHHELD "\":", err) || put_string(out, json_object_get(c->value, WITHHELD), safe, err) ||
			       custody_buf_append_byte(out, '}', err)
		       ? -1
		       : 0;
}

static int put_records(const struct custody_requests *r, struct custody_buf *out, bool safe, struct custody_error *err)
{
	struct custody_request_cursor c;
	enum custody_request_event event;

	for (size_t i = 0; i < r->n; i++) {
		if (custody_buf_append_byte(out, i == 0 ? '[' : ',', err))
			return -1;
		custody_request_cursor_init(&c, custody_requests_get(r, i));
		while ((event = custody_request_next(&c)) != CUSTODY_REQUEST_DONE)
			if (put_event(&c, event, out, safe, err))
				return -1;
	}
	return custody_buf_append_byte(out, ']', err);
}

int custody_requests_append_safe(const struct custody_requests *r, struct custody_buf *out, struct custody_error *err)
{
	return put_records(r, out, true, err);
}

int custody_requests_format(const struct custody_requests *r, struct custody_buf *out, struct custody_error *err)
{
	if (r->n == 0)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "there is no request record to write");
	return custody_buf_append_str(out, "{\"format\":\"" FORMAT "\",\"requests\":", err) || put_records(r, out, false, err) ||
			       custody_buf_append_str(out, "}\n", err)
		       ? -1
		       : 0;
}
