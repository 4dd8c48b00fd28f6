/* SPDX-License-Identifier: Apache-2.0 */
/* The form of a kind: the table of fields, written out with nothing in it. */
#include <stdio.h>
#include <string.h>

#include "libcustody/base/json.h"
#include "libcustody/record/request.h"

#define TEMPLATE 1 /* counts up with every change of what the table shows or asks for */

struct open {
	const struct custody_request_shape *shape;
	size_t next;
	bool told, in_list;
};

static int new_line(struct custody_buf *out, size_t depth, bool *told, struct custody_error *err)
{
	if (custody_buf_append_str(out, *told ? ",\n" : "\n", err))
		return -1;
	*told = true;
	return custody_buf_printf(out, err, "%*s", (int)(2 * depth), "");
}

static int put_about(struct custody_buf *out, const struct custody_request_field *f, size_t depth, bool *told, struct custody_error *err)
{
	if (!f->why)
		return 0;
	return new_line(out, depth, told, err) || custody_buf_append_str(out, "\"x-about\": ", err) || custody_json_append_str(out, f->why, err) ? -1
																		 : 0;
}

struct preset {
	const char *key, *text;
};

/* The value of a field without parts: null, but for what is known. */
static int put_value(
	struct custody_buf *out, const struct custody_request_field *f, const struct preset *presets, bool in_record, struct custody_error *err)
{
	for (const struct preset *p = presets; in_record && p->key; p++)
		if (strcmp(p->key, f->key) == 0)
			return custody_json_append_str(out, p->text, err);
	return custody_buf_append_str(out, "null", err);
}

/* Depths: 0 the document, 1 its list, 2 the record's brace; the record's fields are at 3. */
static int put_fields(enum custody_request_kind kind, const struct preset *presets, struct custody_buf *out, struct custody_error *err)
{
	struct open stack[CUSTODY_REQUEST_DEPTH] = { { .shape = &custody_request_record } };
	size_t depth = 1;

	while (depth > 0) {
		struct open *o = &stack[depth - 1];

		if (o->next == o->shape->n) {
			depth--;
			if (custody_buf_printf(out, err, "\n%*s}%s", (int)(2 * (depth + 2)), "", o->in_list ? "]" : ""))
				return -1;
			continue;
		}
		const struct custody_request_field *f = &o->shape->fields[o->next++];
		if (!(f->shown & CUSTODY_REQUEST_BIT(kind)))
			continue;
		if (new_line(out, depth + 2, &o->told, err) || custody_buf_printf(out, err, "\"%s\": ", f->key))
			return -1;
		bool in_list = f->type == CUSTODY_REQUEST_OBJECTS;
		if (f->type != CUSTODY_REQUEST_OBJECT && !in_list) {
			if (put_value(out, f, presets, depth == 1, err))
				return -1;
			continue;
		}
		if (depth == CUSTODY_REQUEST_DEPTH)
			return custody_fail(err, CUSTODY_ERR_INTERNAL, "the table of fields is deeper than %d", CUSTODY_REQUEST_DEPTH);
		stack[depth++] = (struct open){ .shape = f->of, .in_list = in_list };
		if (custody_buf_append_str(out, in_list ? "[{" : "{", err) || put_about(out, f, depth + 2, &stack[depth - 1].told, err))
			return -1;
	}
	return 0;
}

int custody_request_template(enum custody_request_kind kind, const char *id, const char *date, struct custody_buf *out, struct custody_error *err)
{
	char name[64];
	const struct preset presets[] = {
		{ "id", id },
		{ "kind", custody_request_kind_name(kind) },
		{ "status", kind == CUSTODY_REQUEST_EXTENSION ? "extension" : "new" },
		{ "template", name },
		{ "date", date },
		{ NULL, NULL },
	};

	(void)snprintf(name, sizeof(name), "%s/%d", custody_request_kind_name(kind), TEMPLATE);
	if (custody_buf_append_str(out, "{\n  \"format\": \"custody-request/1\",\n  \"x-about\": ", err) ||
		custody_json_append_str(out,
			"Fill in what is known. null: not given. {\"withheld\": \"why\"}: withheld. []: there is none. Lists take more elements. "
			"`custody request check FILE` says what is missing. Fields named x-about are dropped.",
			err) ||
		custody_buf_append_str(out, ",\n  \"requests\": [{", err))
		return -1;
	return put_fields(kind, presets, out, err) || custody_buf_append_str(out, "]\n}\n", err) ? -1 : 0;
}
