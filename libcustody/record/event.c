/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/record/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/fields.h"

#define MALFORMED "record-malformed"
#define NEWER "record-newer-format"
#define FORMAT "custody-event/1"
#define INTEGER_LIMIT ((uint64_t)1 << 53)
#define ZONE_MAX (14 * 60) /* minutes: no zone is further from UTC */
#define BIT(i) (UINT32_C(1) << (i))

void custody_event_init(struct custody_event *e)
{
	memset(e, 0, sizeof(*e));
	custody_buf_init(&e->arena, 2 * CUSTODY_LIMIT_EVENT);
}

void custody_event_release(struct custody_event *e)
{
	custody_buf_release(&e->arena);
	custody_event_init(e);
}

/* ---- reading ---- */

/* Copies text to the arena, which has room for all of it (see make_room). */
static const char *keep(struct custody_event *e, const char *text)
{
	size_t n = strlen(text) + 1;
	uint8_t *to = e->arena.data + e->arena.len;

	memcpy(to, text, n);
	e->arena.len += n;
	return (const char *)to;
}

static int read_text(struct custody_fields *f, struct json_t *v, struct custody_event *e, const char **out, struct custody_error *err)
{
	const char *text = NULL;

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &text, NULL, err))
		return -1;
	*out = keep(e, text);
	return 0;
}

static int read_text_or_null(struct custody_fields *f, struct json_t *v, struct custody_event *e, const char **out, struct custody_error *err)
{
	*out = NULL;
	return json_is_null(v) ? 0 : read_text(f, v, e, out, err);
}

/* true, false or null, where null is allowed. */
static int read_yes_no(struct custody_fields *f, struct json_t *v, bool null_too, int *out, struct custody_error *err)
{
	if (!json_is_boolean(v) && !(null_too && json_is_null(v)))
		return custody_refuse(err, f->rule, "found %s, want %s", custody_field_kind(v), null_too ? "true, false or null" : "true or false");
	*out = json_is_null(v) ? -1 : json_is_true(v) ? 1 : 0;
	return 0;
}

/* One of the words, which are separated by spaces. */
static bool is_word(const char *words, const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || strchr(text, ' '))
		return false;
	for (const char *at = strstr(words, text); at; at = strstr(at + 1, text))
		if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

/* A reader of one row each. ctx is the event. */
#define READER(name) static int name(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)

READER(read_format)
{
	(void)ctx; /* looked at before all else */
	return custody_field_constant(f, v, FORMAT, err);
}

READER(read_critical)
{
	size_t n = 0;

	(void)ctx;
	if (custody_field_array(f, v, &n, err))
		return -1;
	return n == 0 ? 0 : custody_refuse(err, NEWER, "found a name in 'critical', want none that this program does not know");
}

READER(read_seq)
{
	struct custody_event *e = ctx;

	if (custody_field_count(f, v, &e->seq, err))
		return -1;
	return e->seq >= 1 ? 0 : custody_refuse(err, f->rule, "found 0, want a number from 1");
}

static int read_uuid(struct custody_fields *f, struct json_t *v, char out[37], struct custody_error *err)
{
	const char *text = NULL;
	size_t n = 0;
	char quote[64];

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &text, &n, err))
		return -1;
	if (!custody_field_is_uuid(text, n))
		return custody_refuse(err, f->rule, "found '%s', want a UUID", custody_display(text, n, quote, sizeof(quote)));
	memcpy(out, text, 37);
	return 0;
}

READER(read_id)
{
	return read_uuid(f, v, ((struct custody_event *)ctx)->id, err);
}

READER(read_type)
{
	struct custody_event *e = ctx;

	if (read_text(f, v, e, &e->type_name, err))
		return -1;
	e->type = custody_event_find(e->type_name);
	return 0;
}

READER(read_prev)
{
	struct custody_event *e = ctx;

	e->has_prev = !json_is_null(v);
	return e->has_prev ? custody_field_hex(f, v, e->prev, 32, err) : 0;
}

READER(read_package_uuid)
{
	return read_uuid(f, v, ((struct custody_event *)ctx)->package, err);
}

READER(read_package_sha256)
{
	return custody_field_hex(f, v, ((struct custody_event *)ctx)->package_sha256, 32, err);
}

READER(read_package_size)
{
	return custody_field_count(f, v, &((struct custody_event *)ctx)->package_size, err);
}

READER(read_measured)
{
	int yes = 0;

	if (read_yes_no(f, v, false, &yes, err))
		return -1;
	((struct custody_event *)ctx)->measured = yes == 1;
	return 0;
}

READER(read_package)
{
	static const struct custody_field table[] = { { "uuid", read_package_uuid }, { "sha256", read_package_sha256 }, { "size", read_package_size },
		{ "measured", read_measured } };

	return custody_fields_read(f, v, table, 4, 0xf, ctx, NULL, err);
}

/* A party while it is read. */
struct party {
	struct custody_event *e;
	struct custody_event_party *party;
};

READER(read_party_text)
{
	struct party *p = ctx;
	const char **to[] = { &p->party->name, &p->party->organisation, &p->party->role, &p->party->id };

	return f->row == 0 ? read_text(f, v, p->e, to[0], err) : read_text_or_null(f, v, p->e, to[f->row], err);
}

READER(read_party_certificate)
{
	struct party *p = ctx;

	p->e->has_to_certificate = !json_is_null(v);
	return p->e->has_to_certificate ? custody_field_hex(f, v, p->e->to_certificate, 32, err) : 0;
}

static const struct custody_field party_table[] = { { "name", read_party_text }, { "organisation", read_party_text }, { "role", read_party_text },
	{ "id", read_party_text }, { "certificate", read_party_certificate } };

READER(read_actor)
{
	struct party p = { ctx, &((struct custody_event *)ctx)->actor };

	return custody_fields_read(f, v, party_table, 4, 0xf, &p, NULL, err);
}

READER(read_to)
{
	struct custody_event *e = ctx;
	struct party p = { e, &e->to };

	e->has_to = !json_is_null(v);
	return e->has_to ? custody_fields_read(f, v, party_table, 5, 0x1f, &p, NULL, err) : 0;
}

READER(read_authority)
{
	return read_text_or_null(f, v, ctx, &((struct custody_event *)ctx)->authority, err);
}

READER(read_purpose)
{
	return read_text_or_null(f, v, ctx, &((struct custody_event *)ctx)->purpose, err);
}

READER(read_place)
{
	return read_text_or_null(f, v, ctx, &((struct custody_event *)ctx)->place, err);
}

READER(read_occurred_time)
{
	return custody_field_time(f, v, false, &((struct custody_event *)ctx)->occurred, err);
}

/* "+01:00", "-03:30", and "+00:00" for UTC. */
static bool parse_offset(const char *s, size_t n, int *out)
{
	static const char digits[] = "0123456789";

	if (n != 6 || (s[0] != '+' && s[0] != '-') || s[3] != ':' || strspn(s + 1, digits) != 2 || strspn(s + 4, digits) != 2)
		return false;
	int minutes = (s[4] - '0') * 10 + s[5] - '0';
	int all = ((s[1] - '0') * 10 + s[2] - '0') * 60 + minutes;
	if (minutes > 59 || all > ZONE_MAX || (s[0] == '-' && all == 0))
		return false;
	*out = s[0] == '-' ? -all : all;
	return true;
}

READER(read_occurred_offset)
{
	const char *text = NULL;
	size_t n = 0;
	char quote[64];

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &text, &n, err))
		return -1;
	if (parse_offset(text, n, &((struct custody_event *)ctx)->offset))
		return 0;
	return custody_refuse(err, f->rule, "found '%s', want an offset like +01:00", custody_display(text, n, quote, sizeof(quote)));
}

READER(read_occurred)
{
	static const struct custody_field table[] = { { "time", read_occurred_time }, { "offset", read_occurred_offset } };
	struct custody_event *e = ctx;

	e->has_occurred = !json_is_null(v);
	return e->has_occurred ? custody_fields_read(f, v, table, 2, 3, ctx, NULL, err) : 0;
}

READER(read_recorded_time)
{
	return custody_field_time(f, v, false, &((struct custody_event *)ctx)->recorded, err);
}

READER(read_clock)
{
	(void)ctx;
	return custody_field_constant(f, v, "local", err);
}

READER(read_synchronised)
{
	return read_yes_no(f, v, true, &((struct custody_event *)ctx)->synchronised, err);
}

READER(read_recorded)
{
	static const struct custody_field table[] = { { "time", read_recorded_time }, { "clock", read_clock },
		{ "synchronised", read_synchronised } };

	return custody_fields_read(f, v, table, 3, 7, ctx, NULL, err);
}

READER(read_declared_later)
{
	return read_text_or_null(f, v, ctx, &((struct custody_event *)ctx)->declared_later, err);
}

READER(read_requires)
{
	struct custody_event *e = ctx;
	const char *text = json_is_string(v) ? json_string_value(v) : "";

	e->requires_lt = strcmp(text, "B-LT") == 0;
	return e->requires_lt ? 0 : custody_field_constant(f, v, "B-T", err);
}

READER(read_authorities)
{
	struct custody_event *e = ctx;
	size_t n = 0;

	if (custody_field_array(f, v, &n, err))
		return -1;
	if (n < 1 || n > CUSTODY_LIMIT_TOKENS)
		return custody_refuse(err, f->rule, "found %zu, want 1 to %d", n, CUSTODY_LIMIT_TOKENS);
	for (size_t i = 0; i < n; i++) {
		if (custody_field_hex(f, json_array_get(v, i), e->authorities[i], 32, err))
			return -1;
		for (size_t k = 0; k < i; k++)
			if (memcmp(e->authorities[k], e->authorities[i], 32) == 0)
				return custody_refuse(err, f->rule, "found an authority twice, want each once");
	}
	e->n_authorities = n;
	return 0;
}

READER(read_tool_name)
{
	return read_text(f, v, ctx, &((struct custody_event *)ctx)->tool_name, err);
}

READER(read_tool_version)
{
	return read_text(f, v, ctx, &((struct custody_event *)ctx)->tool_version, err);
}

READER(read_tool)
{
	static const struct custody_field table[] = { { "name", read_tool_name }, { "version", read_tool_version } };

	return custody_fields_read(f, v, table, 2, 3, ctx, NULL, err);
}

READER(read_value)
{
	struct custody_event *e = ctx;
	const struct custody_event_field *field = &custody_event_get(e->type)->fields[f->row];
	struct custody_event_value *value = &e->values[f->row];
	char quote[64];
	int yes = 0;

	value->present = true;
	switch (field->kind) {
	case CUSTODY_EVENT_TEXT:
		return read_text(f, v, e, &value->text, err);
	case CUSTODY_EVENT_DIGEST:
		return custody_field_hex(f, v, value->bytes, 32, err);
	case CUSTODY_EVENT_NONCE:
		return custody_field_hex(f, v, value->bytes, 16, err);
	case CUSTODY_EVENT_COUNT:
		return custody_field_count(f, v, &value->count, err);
	case CUSTODY_EVENT_TIME:
		return custody_field_time(f, v, false, &value->time, err);
	case CUSTODY_EVENT_YES_NO:
		if (read_yes_no(f, v, false, &yes, err))
			return -1;
		value->count = (uint64_t)yes;
		return 0;
	case CUSTODY_EVENT_WORD:
		if (read_text(f, v, e, &value->text, err))
			return -1;
		if (is_word(field->words, value->text))
			return 0;
		return custody_refuse(err, f->rule, "found '%s', want one of: %s",
			custody_display(value->text, strlen(value->text), quote, sizeof(quote)), field->words);
	}
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "a field of an unknown kind");
}

/* The fields of the type: known by now, its key comes before. */
READER(read_fields)
{
	struct custody_event *e = ctx;
	const struct custody_event_info *info = custody_event_get(e->type);
	struct custody_field table[CUSTODY_EVENT_FIELDS];
	uint32_t required = 0;

	if (e->type == CUSTODY_EVENT_TYPES)
		return json_is_object(v) ? 0 : custody_refuse(err, f->rule, "found %s, want an object", custody_field_kind(v));
	for (size_t i = 0; i < info->n; i++) {
		table[i] = (struct custody_field){ info->fields[i].key, read_value };
		required |= info->fields[i].required ? BIT(i) : 0;
	}
	return custody_fields_read(f, v, table, info->n, required, ctx, NULL, err);
}

READER(read_attachment_name)
{
	struct custody_event *e = ctx;

	return read_text(f, v, e, &e->attachments[e->n_attachments].name, err);
}

READER(read_attachment_sha256)
{
	struct custody_event *e = ctx;

	return custody_field_hex(f, v, e->attachments[e->n_attachments].sha256, 32, err);
}

READER(read_attachment_size)
{
	struct custody_event *e = ctx;

	return custody_field_count(f, v, &e->attachments[e->n_attachments].size, err);
}

READER(read_attachments)
{
	static const struct custody_field table[] = { { "name", read_attachment_name }, { "sha256", read_attachment_sha256 },
		{ "size", read_attachment_size } };
	struct custody_event *e = ctx;
	size_t n = 0;

	if (custody_field_array(f, v, &n, err))
		return -1;
	if (n > CUSTODY_LIMIT_ATTACHMENTS)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found %zu, at most %d are taken", n, CUSTODY_LIMIT_ATTACHMENTS);
	for (; e->n_attachments < n; e->n_attachments++)
		if (custody_fields_read(f, json_array_get(v, e->n_attachments), table, 3, 7, ctx, NULL, err))
			return -1;
	return 0;
}

static const struct custody_field event_table[] = { { "format", read_format }, { "critical", read_critical }, { "seq", read_seq }, { "id", read_id },
	{ "type", read_type }, { "prev", read_prev }, { "package", read_package }, { "actor", read_actor }, { "to", read_to },
	{ "authority", read_authority }, { "purpose", read_purpose }, { "place", read_place }, { "occurred", read_occurred },
	{ "recorded", read_recorded }, { "declared_later", read_declared_later }, { "requires", read_requires }, { "authorities", read_authorities },
	{ "tool", read_tool }, { "fields", read_fields }, { "attachments", read_attachments } };
#define KEYS (sizeof(event_table) / sizeof(event_table[0]))

/* The version is looked at before all else: of another one nothing is known. */
static int check_format(const json_t *document, struct custody_error *err)
{
	const json_t *format = json_object_get(document, "format");
	char quote[64];

	if (!json_is_string(format))
		return custody_refuse(err, MALFORMED, "'format' is missing or no string, want '%s'", FORMAT);
	const char *s = json_string_value(format);
	if (strcmp(s, FORMAT) == 0)
		return 0;
	custody_display(s, json_string_length(format), quote, sizeof(quote));
	return custody_refuse(err, strncmp(s, FORMAT, strlen(FORMAT) - 1) == 0 ? NEWER : MALFORMED, "'format': found '%s', want '%s'", quote, FORMAT);
}

/* What is wrong between the keys, NULL if nothing. What a person can put right names the field that is missing. */
static const char *event_problem(const struct custody_event *e)
{
	const struct custody_event_info *info = custody_event_get(e->type);
	bool has_receiver = e->type == CUSTODY_EVENT_RELEASED || e->type == CUSTODY_EVENT_DISCLOSED || e->type == CUSTODY_EVENT_RETURNED;

	if (e->has_prev != (e->seq > 1))
		return e->has_prev ? "the first event follows none, and 'prev' is not null" : "'prev' is null, want the head of the event before";
	if ((e->type == CUSTODY_EVENT_SEALED) != (e->seq == 1))
		return e->seq == 1 ? "the first event is not 'sealed'" : "'sealed' is not the first event";
	if (info->needs_purpose && !e->purpose)
		return "'purpose' is missing";
	if (info->needs_purpose && !e->authority)
		return "'authority' is missing";
	if (e->type != CUSTODY_EVENT_TYPES && e->has_to != has_receiver)
		return has_receiver ? "'to' is missing" : "'to' is given, and an event of this type has no receiver";
	if (info->needs_measure && !e->measured)
		return "the package was not measured, and an event of this type needs it";
	if (e->declared_later && (!e->has_occurred || info->needs_measure))
		return info->needs_measure ? "an event of this type cannot be declared later" : "'occurred' is missing, and it is declared later";
	return NULL;
}

/* Room for every text, so that none moves: unescaped text is never longer than its JSON, and each takes a NUL where a quote was. */
static int make_room(struct custody_event *e, size_t n, struct custody_error *err)
{
	custody_buf_clear(&e->arena);
	return custody_buf_reserve(&e->arena, n, err);
}

static void document_free(struct json_t **document)
{
	custody_json_free(document);
}

int custody_event_parse(const uint8_t *p, size_t n, struct custody_event *e, struct custody_error *err)
{
	CUSTODY_CLEANUP(document_free) struct json_t *document = NULL;
	struct custody_fields f = { .rule = MALFORMED };

	custody_event_release(e);
	if (n > CUSTODY_LIMIT_EVENT)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found an event of %zu bytes, at most %zu are taken", n, CUSTODY_LIMIT_EVENT);
	if (n == 0 || p[n - 1] != '\n')
		return custody_refuse(err, MALFORMED, "found no LF at the end, want one line and an LF");
	if (custody_json_parse(p, n - 1, true, &document, err)) {
		if (err->kind == CUSTODY_ERR_FORMAT)
			err->rule = MALFORMED;
		return -1;
	}
	if (check_format(document, err) || make_room(e, n, err) || custody_fields_read(&f, document, event_table, KEYS, BIT(KEYS) - 1, e, NULL, err))
		return -1;
	e->has_private = f.has_private;
	if (f.has_unknown)
		return custody_refuse(err, NEWER, "found '%s', which this version of the format does not have", f.unknown);
	const char *problem = event_problem(e);
	return problem ? custody_refuse(err, MALFORMED, "%s", problem) : 0;
}

/* ---- writing ---- */

/* A text that a person gave. NULL is null. */
static int put(struct custody_buf *b, const char *before, const char *text, const char *name, struct custody_error *err)
{
	if (text && (text[0] == '\0' || strlen(text) > CUSTODY_LIMIT_TEXT_FIELD || !custody_utf8_valid((const uint8_t *)text, strlen(text))))
		return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' wants 1 to %zu bytes of UTF-8", name, CUSTODY_LIMIT_TEXT_FIELD);
	return custody_buf_append_str(b, before, err) || custody_json_append_str(b, text, err) ? -1 : 0;
}

static int put_hex(struct custody_buf *b, const char *before, const uint8_t *p, size_t n, struct custody_error *err)
{
	char hex[65];

	if (!p)
		return custody_buf_printf(b, err, "%snull", before);
	custody_hex_format(p, n, hex);
	return custody_buf_printf(b, err, "%s\"%s\"", before, hex);
}

static int put_time(struct custody_buf *b, const char *before, struct custody_time t, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT];

	if (!custody_time_in_range(t) || t.nsec != 0)
		return custody_fail(err, CUSTODY_ERR_USAGE, "a time is out of range, or not in whole seconds");
	custody_time_format(t, text);
	return custody_buf_printf(b, err, "%s\"%s\"", before, text);
}

static int put_party(struct custody_buf *b, const char *before, const struct custody_event_party *p, struct custody_error *err)
{
	if (!p->name)
		return custody_fail(err, CUSTODY_ERR_USAGE, "a name is missing");
	return put(b, before, p->name, "name", err) || put(b, ",\"organisation\":", p->organisation, "organisation", err) ||
			       put(b, ",\"role\":", p->role, "role", err) || put(b, ",\"id\":", p->id, "id", err)
		       ? -1
		       : 0;
}

static int put_head(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	if (custody_buf_printf(b, err, "{\"format\":\"%s\",\"critical\":[],\"seq\":%" PRIu64 ",\"id\":\"%s\",\"type\":", FORMAT, e->seq, e->id) ||
		custody_json_append_str(b, e->type_name, err) || put_hex(b, ",\"prev\":", e->has_prev ? e->prev : NULL, 32, err) ||
		custody_buf_printf(b, err, ",\"package\":{\"uuid\":\"%s\"", e->package) || put_hex(b, ",\"sha256\":", e->package_sha256, 32, err) ||
		custody_buf_printf(b, err, ",\"size\":%" PRIu64 ",\"measured\":%s}", e->package_size, e->measured ? "true" : "false") ||
		put_party(b, ",\"actor\":{\"name\":", &e->actor, err))
		return -1;
	if (!e->has_to)
		return custody_buf_append_str(b, "},\"to\":null", err);
	return put_party(b, "},\"to\":{\"name\":", &e->to, err) ||
			       put_hex(b, ",\"certificate\":", e->has_to_certificate ? e->to_certificate : NULL, 32, err) ||
			       custody_buf_append_byte(b, '}', err)
		       ? -1
		       : 0;
}

static int put_occurred(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	int all = e->offset < 0 ? -e->offset : e->offset;

	if (!e->has_occurred)
		return custody_buf_append_str(b, ",\"occurred\":null", err);
	if (all > ZONE_MAX)
		return custody_fail(err, CUSTODY_ERR_USAGE, "an offset is beyond 14 hours");
	return put_time(b, ",\"occurred\":{\"time\":", e->occurred, err) ||
			       custody_buf_printf(b, err, ",\"offset\":\"%c%02d:%02d\"}", e->offset < 0 ? '-' : '+', all / 60, all % 60)
		       ? -1
		       : 0;
}

static int put_middle(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	static const char *const words[] = { "null", "false", "true" };

	if (put(b, ",\"authority\":", e->authority, "authority", err) || put(b, ",\"purpose\":", e->purpose, "purpose", err) ||
		put(b, ",\"place\":", e->place, "place", err) || put_occurred(b, e, err) ||
		put_time(b, ",\"recorded\":{\"time\":", e->recorded, err) ||
		custody_buf_printf(b, err, ",\"clock\":\"local\",\"synchronised\":%s}", words[e->synchronised + 1]) ||
		put(b, ",\"declared_later\":", e->declared_later, "declared_later", err) ||
		custody_buf_printf(b, err, ",\"requires\":\"%s\",\"authorities\":[", e->requires_lt ? "B-LT" : "B-T"))
		return -1;
	for (size_t i = 0; i < e->n_authorities; i++)
		if (put_hex(b, i == 0 ? "" : ",", e->authorities[i], 32, err))
			return -1;
	return put(b, "],\"tool\":{\"name\":", e->tool_name, "tool", err) || put(b, ",\"version\":", e->tool_version, "version", err) ||
			       custody_buf_append_byte(b, '}', err)
		       ? -1
		       : 0;
}

static int put_value(struct custody_buf *b, const char *before, const struct custody_event_field *field, const struct custody_event_value *v,
	struct custody_error *err)
{
	switch (field->kind) {
	case CUSTODY_EVENT_DIGEST:
		return put_hex(b, before, v->bytes, 32, err);
	case CUSTODY_EVENT_NONCE:
		return put_hex(b, before, v->bytes, 16, err);
	case CUSTODY_EVENT_COUNT:
		if (v->count >= INTEGER_LIMIT)
			return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' is beyond 2^53", field->key);
		return custody_buf_printf(b, err, "%s%" PRIu64, before, v->count);
	case CUSTODY_EVENT_YES_NO:
		return custody_buf_printf(b, err, "%s%s", before, v->count ? "true" : "false");
	case CUSTODY_EVENT_TIME:
		return put_time(b, before, v->time, err);
	case CUSTODY_EVENT_WORD:
		if (!v->text || !is_word(field->words, v->text))
			return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' wants one of: %s", field->key, field->words);
		return put(b, before, v->text, field->key, err);
	case CUSTODY_EVENT_TEXT:
		return put(b, before, v->text ? v->text : "", field->key, err);
	}
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "a field of an unknown kind");
}

static int put_fields(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	const struct custody_event_info *info = custody_event_get(e->type);
	char before[64];
	bool first = true;

	if (custody_buf_append_str(b, ",\"fields\":{", err))
		return -1;
	for (size_t i = 0; i < info->n; i++) {
		if (!e->values[i].present && info->fields[i].required)
			return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' is missing", info->fields[i].key);
		if (!e->values[i].present)
			continue;
		snprintf(before, sizeof(before), "%s\"%s\":", first ? "" : ",", info->fields[i].key);
		if (put_value(b, before, &info->fields[i], &e->values[i], err))
			return -1;
		first = false;
	}
	return custody_buf_append_byte(b, '}', err);
}

static int put_attachments(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	if (custody_buf_append_str(b, ",\"attachments\":[", err))
		return -1;
	for (size_t i = 0; i < e->n_attachments; i++) {
		const struct custody_event_attachment *a = &e->attachments[i];

		if (put(b, i == 0 ? "{\"name\":" : ",{\"name\":", a->name ? a->name : "", "attachment", err) ||
			put_hex(b, ",\"sha256\":", a->sha256, 32, err) || custody_buf_printf(b, err, ",\"size\":%" PRIu64 "}", a->size))
			return -1;
	}
	return custody_buf_append_str(b, "]}\n", err);
}

/* What the program does, and no person can put right. */
static const char *program_problem(const struct custody_event *e)
{
	if (e->type >= CUSTODY_EVENT_TYPES || !e->type_name || custody_event_find(e->type_name) != e->type)
		return "its type is none";
	if (!custody_field_is_uuid(e->id, strnlen(e->id, sizeof(e->id))) ||
		!custody_field_is_uuid(e->package, strnlen(e->package, sizeof(e->package))))
		return "an id is not a UUID";
	if (e->seq < 1 || e->seq >= INTEGER_LIMIT || e->package_size >= INTEGER_LIMIT)
		return "a number is out of range";
	if (e->n_authorities < 1 || e->n_authorities > CUSTODY_LIMIT_TOKENS || e->n_attachments > CUSTODY_LIMIT_ATTACHMENTS)
		return "there is no authority, or too many, or too many attachments";
	for (size_t i = 0; i < e->n_attachments; i++)
		if (e->attachments[i].size >= INTEGER_LIMIT)
			return "an attachment's size is out of range";
	if (e->synchronised < -1 || e->synchronised > 1 || !e->tool_name || !e->tool_version)
		return "clock or tool is not said";
	return NULL;
}

int custody_event_format(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	const char *problem = program_problem(e);
	size_t before = b->len;

	if (problem)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "an event cannot be written: %s", problem);
	problem = event_problem(e);
	if (problem)
		return custody_fail(err, CUSTODY_ERR_USAGE, "%s", problem);
	if (put_head(b, e, err) || put_middle(b, e, err) || put_fields(b, e, err) || put_attachments(b, e, err)) {
		b->len = before;
		return -1;
	}
	return 0;
}
