/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "formats/request.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"

/* ---- remarks ---- */

struct list {
	const struct custody_requests *requests;
	enum custody_request_level wanted;
	struct custody_request_counts counts;
	struct custody_buf *out;
};

static int shown(struct custody_buf *out, const char *text, size_t n, struct custody_error *err)
{
	return custody_display_append(out, (const uint8_t *)text, n, err);
}

/* Remarks of one level: they are told in the order of the fields. */
static int put_remark(void *ctx, const struct custody_request_remark *remark, struct custody_error *err)
{
	static const char *const levels[] = { "must", "advice", "notice" };
	struct list *l = ctx;
	size_t *counts[] = { &l->counts.must, &l->counts.advice, &l->counts.notices };

	if (remark->level != l->wanted)
		return 0;
	(*counts[remark->level])++;
	if (custody_buf_printf(l->out, err, "%-8s", levels[remark->level]))
		return -1;
	if (l->requests->n > 1 && custody_buf_printf(l->out, err, "request %zu: ", remark->request + 1))
		return -1;
	return custody_buf_printf(l->out, err, "%s: %s\n", remark->where, remark->text);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

int custody_request_text_check(
	const struct custody_requests *r, struct custody_request_counts *counts, struct custody_buf *out, struct custody_error *err)
{
	struct list l = { r, CUSTODY_REQUEST_MUST, { 0, 0, 0 }, out };

	for (int level = CUSTODY_REQUEST_MUST; level <= CUSTODY_REQUEST_NOTICE; level++) {
		l.wanted = (enum custody_request_level)level;
		if (custody_requests_check(r, put_remark, &l, err))
			return -1;
	}
	*counts = l.counts;
	return custody_buf_printf(out, err, "%s: %zu record%s; %zu missing or wrong, %zu advised, %zu to know of the answer\n",
		l.counts.must ? "incomplete" : "complete", r->n, plural(r->n), l.counts.must, l.counts.advice, l.counts.notices);
}

/* ---- one record ---- */

static int indent(struct custody_buf *out, size_t depth, struct custody_error *err)
{
	return custody_buf_printf(out, err, "%*s", (int)(2 * depth), "");
}

/* Text of several lines goes below its label, so that a line of it is never taken for a field. */
static int put_text(struct custody_buf *out, json_t *v, size_t depth, struct custody_error *err)
{
	const char *text = json_string_value(v);
	size_t n = json_string_length(v);

	if (!memchr(text, '\n', n))
		return custody_buf_append_byte(out, ' ', err) || shown(out, text, n, err) || custody_buf_append_byte(out, '\n', err) ? -1 : 0;
	if (custody_buf_append_byte(out, '\n', err))
		return -1;
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t length = end ? (size_t)(end - (text + at)) : n - at;

		if (indent(out, depth + 1, err) || custody_buf_append_str(out, "| ", err) || shown(out, text + at, length, err) ||
			custody_buf_append_byte(out, '\n', err))
			return -1;
		at += length + 1;
	}
	return 0;
}

static int put_value(struct custody_buf *out, json_t *v, size_t depth, struct custody_error *err)
{
	if (json_is_boolean(v))
		return custody_buf_append_str(out, json_is_true(v) ? " yes\n" : " no\n", err);
	if (json_is_integer(v))
		return custody_buf_printf(out, err, " %" JSON_INTEGER_FORMAT "\n", json_integer_value(v));
	return put_text(out, v, depth, err);
}

/* One that is no plain text was escaped when it was written down. */
static int put_name(struct custody_buf *out, json_t *v, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf name = { .max = SIZE_MAX };

	return custody_buf_append_byte(out, ' ', err) ||
			       custody_display_undo(&name, (const uint8_t *)json_string_value(v), json_string_length(v), err) ||
			       shown(out, custody_buf_str(&name), name.len, err) || custody_buf_append_byte(out, '\n', err)
		       ? -1
		       : 0;
}

/* Fields of this object that its form has and that are not given: the third state must be seen. */
static int put_absent(
	struct custody_buf *out, const struct custody_request_shape *shape, json_t *object, uint32_t kind, size_t depth, struct custody_error *err)
{
	const char *between = "not given: ";

	for (size_t i = 0; i < shape->n; i++) {
		const struct custody_request_field *f = &shape->fields[i];

		if (!(f->shown & kind) || json_object_get(object, f->key))
			continue;
		if (between[0] == 'n' && indent(out, depth, err))
			return -1;
		if (custody_buf_printf(out, err, "%s%s", between, f->label))
			return -1;
		between = ", ";
	}
	return between[0] == 'n' ? 0 : custody_buf_append_byte(out, '\n', err);
}

static int put_label(struct custody_buf *out, const struct custody_request_cursor *c, size_t depth, size_t element, struct custody_error *err)
{
	if (indent(out, depth, err))
		return -1;
	if (c->key && c->field)
		return custody_buf_printf(out, err, "%s:", c->field->label);
	if (c->key)
		return shown(out, c->key, strlen(c->key), err) || custody_buf_append_str(out, " (private):", err) ? -1 : 0;
	return custody_buf_printf(out, err, "%zu.", element);
}

static int put_withheld(struct custody_buf *out, const char *reason, struct custody_error *err)
{
	return custody_buf_append_str(out, " withheld (", err) || shown(out, reason, strlen(reason), err) || custody_buf_append_str(out, ")\n", err)
		       ? -1
		       : 0;
}

/* depth: of the container that was open before the event. */
static int put_event(struct custody_buf *out, const struct custody_request_cursor *c, enum custody_request_event event, size_t depth, uint32_t kind,
	struct custody_error *err)
{
	const struct custody_request_shape *shape = c->field ? c->field->of : &custody_request_record;

	if (event == CUSTODY_REQUEST_END_LIST)
		return 0;
	if (event == CUSTODY_REQUEST_END_OBJECT)
		return put_absent(out, shape, c->value, kind, depth, err);
	if (put_label(out, c, depth, depth ? c->frames[depth - 1].told : 0, err))
		return -1;
	switch (event) {
	case CUSTODY_REQUEST_WITHHELD:
		return put_withheld(out, c->reason, err);
	case CUSTODY_REQUEST_BEGIN_LIST:
		return custody_buf_append_str(out, json_array_size(c->value) == 0 ? " none\n" : "\n", err);
	case CUSTODY_REQUEST_BEGIN_OBJECT:
		return custody_buf_append_byte(out, '\n', err);
	case CUSTODY_REQUEST_VALUE:
	case CUSTODY_REQUEST_PRIVATE:
	case CUSTODY_REQUEST_END_OBJECT:
	case CUSTODY_REQUEST_END_LIST:
	case CUSTODY_REQUEST_DONE:
		break;
	}
	return c->field && c->field->type == CUSTODY_REQUEST_NAME ? put_name(out, c->value, err) : put_value(out, c->value, depth, err);
}

static int put_record(struct custody_buf *out, const struct custody_requests *r, size_t i, struct custody_error *err)
{
	enum custody_request_kind kind = custody_requests_kind(r, i);
	uint32_t bit = kind == CUSTODY_REQUEST_KINDS ? 0 : CUSTODY_REQUEST_BIT(kind);
	struct custody_request_cursor c;
	enum custody_request_event event;

	if (custody_buf_printf(out, err, "\nRequest %zu of %zu: %s\n", i + 1, r->n, bit ? custody_request_kind_summary(kind) : "of an unknown kind"))
		return -1;
	custody_request_cursor_init(&c, custody_requests_get(r, i));
	event = custody_request_next(&c); /* the record begins */
	while (event != CUSTODY_REQUEST_DONE) {
		size_t depth = c.depth;

		event = custody_request_next(&c);
		if (event != CUSTODY_REQUEST_DONE && put_event(out, &c, event, depth, bit, err))
			return -1;
	}
	return 0;
}

static int put_digest(struct custody_buf *out, const struct custody_requests *r, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf sealed = { 0 };
	uint8_t digest[32];
	char hex[65];

	if (r->other_form)
		return custody_buf_append_str(out, "The package holds it in another form than this program's: no digest is given.\n", err);
	custody_buf_init(&sealed, CUSTODY_REQUEST_FORM_MAX);
	if (custody_requests_format(r, &sealed, err) || custody_digest_once(CUSTODY_SHA256, sealed.data, sealed.len, digest, err))
		return -1;
	custody_hex_format(digest, sizeof(digest), hex);
	return custody_buf_printf(out, err, "SHA-256 of the form in which a package holds it: %s\n", hex);
}

static int put_head(struct custody_buf *out, const struct custody_requests *r, struct custody_error *err)
{
	if (custody_buf_append_str(out, "STATED, NOT CHECKED: what follows was entered by a person.\n", err) || put_digest(out, r, err))
		return -1;
	if (r->unknown == 0)
		return 0;
	return custody_buf_printf(out, err, "%zu field%s or word%s of a later version not shown or not interpreted.\n", r->unknown,
		plural(r->unknown), plural(r->unknown));
}

int custody_request_text_show(const struct custody_requests *r, struct custody_buf *out, struct custody_error *err)
{
	struct custody_request_counts counts;

	if (put_head(out, r, err))
		return -1;
	for (size_t i = 0; i < r->n; i++)
		if (put_record(out, r, i, err))
			return -1;
	return custody_buf_append_byte(out, '\n', err) || custody_request_text_check(r, &counts, out, err) ? -1 : 0;
}
