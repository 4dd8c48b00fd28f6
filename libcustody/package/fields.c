/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"

/* Integers of a package stay below 2^53, so that every JSON library keeps them (sealed-package.md). */
#define INTEGER_LIMIT ((json_int_t)1 << 53)

/* Room for a piece of somebody's text in a message. */
#define QUOTE 96

const char *custody_field_kind(struct json_t *v)
{
	static const char *const names[] = { "an object", "an array", "a string", "an integer", "a real number", "true", "false", "null" };
	return names[json_typeof(v)];
}

static int wrong_kind(const struct custody_fields *f, struct json_t *v, const char *want, struct custody_error *err)
{
	return custody_refuse(err, f->rule, "found %s, want %s", custody_field_kind(v), want);
}

/* ---- objects ---- */

/* Index of key in table, n if it is not there. */
static size_t find(const struct custody_field *table, size_t n, const char *key)
{
	size_t i = 0;
	while (i < n && strcmp(table[i].key, key) != 0)
		i++;
	return i;
}

static void note_unknown(struct custody_fields *f, const char *key)
{
	if (f->ignore_unknown || f->has_unknown)
		return;
	f->has_unknown = true;
	custody_display(key, strlen(key), f->unknown, sizeof(f->unknown));
}

static int check_required(const struct custody_fields *f, const struct custody_field *table, size_t n, uint32_t missing, struct custody_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (missing >> i & 1)
			return custody_refuse(err, f->rule, "'%s' is missing", table[i].key);
	return 0;
}

int custody_fields_read(struct custody_fields *f, struct json_t *object, const struct custody_field *table, size_t n, uint32_t required, void *ctx,
	uint32_t *present, struct custody_error *err)
{
	size_t next = 0;
	uint32_t seen = 0;

	if (!json_is_object(object))
		return wrong_kind(f, object, "an object", err);
	/* jansson iterates in the order of the text. */
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		const char *key = json_object_iter_key(at);

		if (strncmp(key, "x-", 2) == 0) {
			f->has_private = true;
			continue;
		}
		size_t i = find(table, n, key);
		if (i == n) {
			note_unknown(f, key);
			continue;
		}
		if (i < next)
			return custody_refuse(err, f->rule, "'%s' comes after '%s', want it before", key, table[next - 1].key);
		next = i + 1;
		f->row = i;
		seen |= UINT32_C(1) << i;
		if (table[i].read(f, json_object_iter_value(at), ctx, err))
			return custody_fail_in(err, "'%s'", key);
	}
	if (present)
		*present = seen;
	return check_required(f, table, n, required & ~seen, err);
}

int custody_fields_end(const struct custody_fields *f, struct custody_error *err)
{
	if (f->has_unknown)
		return custody_refuse(err, "newer-format", "found '%s', which this version of the format does not have", f->unknown);
	return 0;
}

/* ---- values ---- */

int custody_field_text(
	const struct custody_fields *f, struct json_t *v, size_t max, bool empty_too, const char **out, size_t *len, struct custody_error *err)
{
	if (!json_is_string(v))
		return wrong_kind(f, v, "a string", err);
	size_t n = json_string_length(v);
	if (n > max)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found %zu bytes of text, at most %zu are taken", n, max);
	if (n == 0 && !empty_too)
		return custody_refuse(err, f->rule, "found an empty string, want text");
	*out = json_string_value(v);
	if (len)
		*len = n;
	return 0;
}

int custody_field_text_or_null(const struct custody_fields *f, struct json_t *v, size_t max, const char **out, struct custody_error *err)
{
	*out = NULL;
	if (json_is_null(v))
		return 0;
	if (!json_is_string(v))
		return wrong_kind(f, v, "a string or null", err);
	return custody_field_text(f, v, max, true, out, NULL, err);
}

static int found_text(const struct custody_fields *f, struct json_t *v, const char *want, struct custody_error *err)
{
	char quote[QUOTE];
	return custody_refuse(
		err, f->rule, "found '%s', want %s", custody_display(json_string_value(v), json_string_length(v), quote, sizeof(quote)), want);
}

int custody_field_constant(const struct custody_fields *f, struct json_t *v, const char *want, struct custody_error *err)
{
	char quoted[QUOTE];

	snprintf(quoted, sizeof(quoted), "'%s'", want);
	if (!json_is_string(v))
		return wrong_kind(f, v, quoted, err);
	if (json_string_length(v) != strlen(want) || memcmp(json_string_value(v), want, strlen(want)) != 0)
		return found_text(f, v, quoted, err);
	return 0;
}

int custody_field_count(const struct custody_fields *f, struct json_t *v, uint64_t *out, struct custody_error *err)
{
	if (!json_is_integer(v))
		return wrong_kind(f, v, "an integer", err);
	json_int_t i = json_integer_value(v);
	if (i < 0 || i >= INTEGER_LIMIT)
		return custody_refuse(err, f->rule, "found %" JSON_INTEGER_FORMAT ", want an integer from 0 to 2^53 - 1", i);
	*out = (uint64_t)i;
	return 0;
}

int custody_field_hex(const struct custody_fields *f, struct json_t *v, uint8_t *out, size_t n, struct custody_error *err)
{
	char want[64];

	if (!json_is_string(v))
		return wrong_kind(f, v, "hex digits", err);
	if (custody_hex_parse(json_string_value(v), json_string_length(v), false, out, n))
		return 0;
	snprintf(want, sizeof(want), "%zu lower-case hex digits", 2 * n);
	return found_text(f, v, want, err);
}

int custody_field_time(const struct custody_fields *f, struct json_t *v, bool with_ns, struct custody_time *out, struct custody_error *err)
{
	if (!json_is_string(v))
		return wrong_kind(f, v, "a time", err);
	if (custody_time_parse(json_string_value(v), json_string_length(v), with_ns, out))
		return 0;
	return found_text(f, v, with_ns ? "a time like 2026-11-24T04:12:09.123456789Z" : "a time like 2026-11-24T04:12:09Z", err);
}

int custody_field_array(const struct custody_fields *f, struct json_t *v, size_t *n, struct custody_error *err)
{
	if (!json_is_array(v))
		return wrong_kind(f, v, "an array", err);
	*n = json_array_size(v);
	return 0;
}

bool custody_field_is_uuid(const char *s, size_t n)
{
	if (n != 36)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f')))
			return false;
	}
	return true;
}
