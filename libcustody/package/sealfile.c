/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/sealfile.h"

#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/package/fields.h"

#define MALFORMED "seal-file-malformed"
#define NEWER "newer-format"
#define SEAL_FORMAT "custody-seal/1"
#define ACQUISITION_FORMAT "custody-acquisition/1"
#define TREE_TYPE "rfc9162-sha256"
#define INTEGER_LIMIT ((uint64_t)1 << 53)
#define BIT(i) (UINT32_C(1) << (i))

void custody_sealfile_init(struct custody_sealfile *s)
{
	memset(s, 0, sizeof(*s));
	custody_buf_init(&s->arena, (size_t)CUSTODY_LIMIT_SMALL_MEMBER);
}

void custody_sealfile_release(struct custody_sealfile *s)
{
	custody_buf_release(&s->arena);
	custody_sealfile_init(s);
}

static bool is_utf8_or_null(const char *s)
{
	return !s || custody_utf8_valid((const uint8_t *)s, strlen(s));
}

/* ---- seal.json: writing ---- */

/* What contradicts itself, NULL if nothing. */
static const char *seal_problem(const struct custody_sealfile *s)
{
	if (!custody_field_is_uuid(s->uuid, strnlen(s->uuid, sizeof(s->uuid))))
		return "the number of the package is not a UUID";
	if (!custody_time_in_range(s->sealed))
		return "the time of sealing is out of range";
	if (!s->tool_name || !s->tool_version)
		return "the tool has no name or version";
	if (s->items >= INTEGER_LIMIT || s->bytes >= INTEGER_LIMIT || s->exceptions >= INTEGER_LIMIT || s->tree_size >= INTEGER_LIMIT)
		return "a number is beyond 2^53";
	if (s->tree_size != s->items)
		return "the tree does not have one leaf an item";
	if (!(s->digests & CUSTODY_DIGEST_BIT(CUSTODY_SHA256)))
		return "sha256 is not among the digests";
	if (s->n_authorities < 1 || s->n_authorities > CUSTODY_LIMIT_TOKENS)
		return "there is no authority, or too many";
	if (!is_utf8_or_null(s->case_id) || !is_utf8_or_null(s->exhibit) || !is_utf8_or_null(s->sealer_name) ||
		!is_utf8_or_null(s->sealer_organisation) || !is_utf8_or_null(s->sealer_role))
		return "a text is not UTF-8";
	return NULL;
}

static int put(struct custody_buf *b, const char *before, const char *text, struct custody_error *err)
{
	return custody_buf_append_str(b, before, err) || custody_json_append_str(b, text, err) ? -1 : 0;
}

static int put_seal_head(struct custody_buf *b, const struct custody_sealfile *s, struct custody_error *err)
{
	char time[CUSTODY_TIME_TEXT];

	custody_time_format(s->sealed, time);
	if (custody_buf_printf(b, err, "{\"format\":\"%s\",\"critical\":[],\"package\":\"%s\"", SEAL_FORMAT, s->uuid) ||
		put(b, ",\"case\":", s->case_id, err) || put(b, ",\"exhibit\":", s->exhibit, err) ||
		custody_buf_printf(b, err, ",\"sealed\":{\"time\":\"%s\",\"clock\":\"local\",\"proven\":false}", time) ||
		put(b, ",\"sealer\":{\"name\":", s->sealer_name, err) || put(b, ",\"organisation\":", s->sealer_organisation, err) ||
		put(b, ",\"role\":", s->sealer_role, err))
		return -1;
	return put(b, "},\"tool\":{\"name\":", s->tool_name, err) || put(b, ",\"version\":", s->tool_version, err) ? -1 : 0;
}

static int put_libraries(struct custody_buf *b, const struct custody_sealfile *s, struct custody_error *err)
{
	if (custody_buf_append_str(b, ",\"libraries\":{", err))
		return -1;
	for (size_t i = 0; i < s->n_libraries; i++)
		if (put(b, i == 0 ? "" : ",", s->libraries[i].name, err) || put(b, ":", s->libraries[i].version, err))
			return -1;
	return custody_buf_append_str(b, "}}", err);
}

static int put_digest_names(struct custody_buf *b, uint32_t digests, struct custody_error *err)
{
	const char *between = ",\"digests\":[";

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		if (!(digests & CUSTODY_DIGEST_BIT(id)))
			continue;
		if (put(b, between, custody_digest_get((enum custody_digest_id)id)->name, err))
			return -1;
		between = ",";
	}
	return custody_buf_append_byte(b, ']', err);
}

static int put_seal_tail(struct custody_buf *b, const struct custody_sealfile *s, struct custody_error *err)
{
	char hex[65];

	custody_hex_format(s->tree_root, 32, hex);
	if (custody_buf_printf(b, err, ",\"tree\":{\"type\":\"%s\",\"size\":%" PRIu64 ",\"root\":\"%s\"},\"requires\":\"%s\",\"authorities\":[",
		    TREE_TYPE, s->tree_size, hex, s->requires_lt ? "B-LT" : "B-T"))
		return -1;
	for (size_t i = 0; i < s->n_authorities; i++) {
		custody_hex_format(s->authorities[i], 32, hex);
		if (custody_buf_printf(b, err, "%s\"%s\"", i == 0 ? "" : ",", hex))
			return -1;
	}
	if (!s->has_previous)
		return custody_buf_append_str(b, "],\"previous\":null}\n", err);
	custody_hex_format(s->previous, 32, hex);
	return custody_buf_printf(b, err, "],\"previous\":\"%s\"}\n", hex);
}

int custody_sealfile_format(struct custody_buf *b, const struct custody_sealfile *s, struct custody_error *err)
{
	const char *problem = seal_problem(s);
	size_t before = b->len;

	if (problem)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "seal.json: %s", problem);
	if (put_seal_head(b, s, err) || put_libraries(b, s, err) ||
		custody_buf_printf(
			b, err, ",\"items\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"exceptions\":%" PRIu64, s->items, s->bytes, s->exceptions) ||
		put_digest_names(b, s->digests, err) || put_seal_tail(b, s, err)) {
		b->len = before;
		return -1;
	}
	return 0;
}

/* ---- what both readers begin with ---- */

/* One compact line and LF. Gives *document. */
static int read_line(const uint8_t *p, size_t n, struct json_t **document, struct custody_error *err)
{
	if (n == 0 || p[n - 1] != '\n')
		return custody_refuse(err, MALFORMED, "found no LF at the end, want one line and an LF");
	if (custody_json_parse(p, n - 1, true, document, err)) {
		if (err->kind == CUSTODY_ERR_FORMAT)
			err->rule = MALFORMED;
		return -1;
	}
	return 0;
}

/* The version is looked at before all else: of another one nothing is known. */
static int check_format(const json_t *document, const char *want, struct custody_error *err)
{
	const json_t *format = json_object_get(document, "format");
	size_t stem = strlen(want) - 1;
	char quote[64];

	if (!json_is_string(format))
		return custody_refuse(err, MALFORMED, "'format' is missing or no string, want '%s'", want);
	const char *s = json_string_value(format);
	if (strcmp(s, want) == 0)
		return 0;
	custody_display(s, json_string_length(format), quote, sizeof(quote));
	if (strncmp(s, want, stem) == 0)
		return custody_refuse(err, NEWER, "found format '%s', want '%s'", quote, want);
	return custody_refuse(err, MALFORMED, "'format': found '%s', want '%s'", quote, want);
}

/* ---- seal.json: reading ---- */

/* Copies text to the arena, which has room for all of it (see make_room). */
static const char *keep(struct custody_sealfile *s, const char *text)
{
	size_t n = strlen(text) + 1;
	uint8_t *to = s->arena.data + s->arena.len;

	memcpy(to, text, n);
	s->arena.len += n;
	return (const char *)to;
}

static int read_text(struct custody_fields *f, struct json_t *v, struct custody_sealfile *s, const char **out, struct custody_error *err)
{
	const char *text = NULL;

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &text, NULL, err))
		return -1;
	*out = keep(s, text);
	return 0;
}

static int read_text_or_null(struct custody_fields *f, struct json_t *v, struct custody_sealfile *s, const char **out, struct custody_error *err)
{
	const char *text = NULL;

	if (custody_field_text_or_null(f, v, CUSTODY_LIMIT_TEXT_FIELD, &text, err))
		return -1;
	*out = text ? keep(s, text) : NULL;
	return 0;
}

static int read_seal_format(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	(void)ctx;
	return custody_field_constant(f, v, SEAL_FORMAT, err);
}

/* Version 1 has no critical names: whatever is here, this program does not understand it. */
static int read_critical(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	size_t n = 0;
	char quote[64];

	(void)ctx;
	if (custody_field_array(f, v, &n, err))
		return -1;
	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!json_is_string(json_array_get(v, i)))
			return custody_refuse(err, f->rule, "%zu: found %s, want a string", i, custody_field_kind(json_array_get(v, i)));
	json_t *first = json_array_get(v, 0);
	return custody_refuse(err, NEWER, "found '%s', which this program does not understand",
		custody_display(json_string_value(first), json_string_length(first), quote, sizeof(quote)));
}

static int read_package(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	const char *text = NULL;
	size_t n = 0;
	char quote[64];

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, true, &text, &n, err))
		return -1;
	if (!custody_field_is_uuid(text, n))
		return custody_refuse(err, f->rule, "found '%s', want a UUID in lower case", custody_display(text, n, quote, sizeof(quote)));
	memcpy(s->uuid, text, n + 1);
	return 0;
}

static int read_case(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	return read_text_or_null(f, v, s, &s->case_id, err);
}

static int read_exhibit(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	return read_text_or_null(f, v, s, &s->exhibit, err);
}

static int read_sealed_time(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_time(f, v, false, &((struct custody_sealfile *)ctx)->sealed, err);
}

static int read_clock(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	(void)ctx;
	return custody_field_constant(f, v, "local", err);
}

/* The local clock proves nothing, whatever the sealer says. */
static int read_proven(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	(void)ctx;
	if (!json_is_false(v))
		return custody_refuse(err, f->rule, "found %s, want false", custody_field_kind(v));
	return 0;
}

static int read_sealed(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "time", read_sealed_time }, { "clock", read_clock }, { "proven", read_proven } };
	return custody_fields_read(f, v, table, 3, BIT(3) - 1, ctx, NULL, err);
}

static int read_sealer_name(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	return read_text_or_null(f, v, s, &s->sealer_name, err);
}

static int read_sealer_organisation(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	return read_text_or_null(f, v, s, &s->sealer_organisation, err);
}

static int read_sealer_role(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	return read_text_or_null(f, v, s, &s->sealer_role, err);
}

static int read_sealer(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "name", read_sealer_name }, { "organisation", read_sealer_organisation },
		{ "role", read_sealer_role } };
	return custody_fields_read(f, v, table, 3, BIT(3) - 1, ctx, NULL, err);
}

static int read_tool_name(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	return read_text(f, v, s, &s->tool_name, err);
}

static int read_tool_version(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	return read_text(f, v, s, &s->tool_version, err);
}

/* Any names, each with a version. */
static int read_libraries(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	(void)ctx;
	if (!json_is_object(v))
		return custody_refuse(err, f->rule, "found %s, want an object", custody_field_kind(v));
	for (void *at = json_object_iter(v); at; at = json_object_iter_next(v, at)) {
		const char *version = NULL;

		if (custody_field_text(f, json_object_iter_value(at), CUSTODY_LIMIT_TEXT_FIELD, true, &version, NULL, err))
			return -1;
	}
	return 0;
}

static int read_tool(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "name", read_tool_name }, { "version", read_tool_version }, { "libraries", read_libraries } };
	return custody_fields_read(f, v, table, 3, BIT(3) - 1, ctx, NULL, err);
}

static int read_items(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct custody_sealfile *)ctx)->items, err);
}

static int read_bytes(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct custody_sealfile *)ctx)->bytes, err);
}

static int read_exceptions(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct custody_sealfile *)ctx)->exceptions, err);
}

/* The exact name of a digest, CUSTODY_DIGEST_COUNT if it is none (custody_digest_find() takes other spellings too). */
static enum custody_digest_id find_digest(const char *name)
{
	int id = 0;

	while (id < CUSTODY_DIGEST_COUNT && strcmp(custody_digest_get((enum custody_digest_id)id)->name, name) != 0)
		id++;
	return (enum custody_digest_id)id;
}

static int read_digest_name(struct custody_fields *f, struct json_t *v, struct custody_sealfile *s, struct custody_error *err)
{
	const char *name = NULL;
	char quote[64];

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &name, NULL, err))
		return -1;
	enum custody_digest_id id = find_digest(name);
	if (id == CUSTODY_DIGEST_COUNT)
		return custody_refuse(err, NEWER, "found digest '%s', which this version of the format does not have",
			custody_display(name, strlen(name), quote, sizeof(quote)));
	/* Bits above this one's would be digests that come later in the order. */
	if (s->digests >> id)
		return custody_refuse(err, f->rule, "found '%s' twice or out of order", name);
	s->digests |= CUSTODY_DIGEST_BIT(id);
	return 0;
}

static int read_digests(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	size_t n = 0;

	if (custody_field_array(f, v, &n, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (read_digest_name(f, json_array_get(v, i), s, err))
			return custody_fail_in(err, "%zu", i);
	if (!(s->digests & CUSTODY_DIGEST_BIT(CUSTODY_SHA256)))
		return custody_refuse(err, f->rule, "found no 'sha256', want it always");
	return 0;
}

static int read_tree_type(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	const char *type = NULL;
	char quote[64];

	(void)ctx;
	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &type, NULL, err))
		return -1;
	if (strcmp(type, TREE_TYPE) != 0)
		return custody_refuse(err, NEWER, "found tree '%s', want '" TREE_TYPE "'", custody_display(type, strlen(type), quote, sizeof(quote)));
	return 0;
}

static int read_tree_size(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct custody_sealfile *)ctx)->tree_size, err);
}

static int read_tree_root(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_hex(f, v, ((struct custody_sealfile *)ctx)->tree_root, 32, err);
}

static int read_tree(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "type", read_tree_type }, { "size", read_tree_size }, { "root", read_tree_root } };
	return custody_fields_read(f, v, table, 3, BIT(3) - 1, ctx, NULL, err);
}

static int read_requires(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	const char *level = NULL;
	char quote[64];

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &level, NULL, err))
		return -1;
	s->requires_lt = strcmp(level, "B-LT") == 0;
	if (!s->requires_lt && strcmp(level, "B-T") != 0)
		return custody_refuse(
			err, NEWER, "found level '%s', want 'B-T' or 'B-LT'", custody_display(level, strlen(level), quote, sizeof(quote)));
	return 0;
}

static int read_authorities(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;
	size_t n = 0;

	if (custody_field_array(f, v, &n, err))
		return -1;
	if (n < 1)
		return custody_refuse(err, f->rule, "found no authority, want at least one");
	if (n > CUSTODY_LIMIT_TOKENS)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found %zu authorities, at most %d are taken", n, CUSTODY_LIMIT_TOKENS);
	for (size_t i = 0; i < n; i++) {
		if (custody_field_hex(f, json_array_get(v, i), s->authorities[i], 32, err))
			return custody_fail_in(err, "%zu", i);
		for (size_t k = 0; k < i; k++)
			if (memcmp(s->authorities[k], s->authorities[i], 32) == 0)
				return custody_refuse(err, f->rule, "%zu: found an authority for the second time", i);
		s->n_authorities++;
	}
	return 0;
}

static int read_previous(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_sealfile *s = ctx;

	s->has_previous = !json_is_null(v);
	return s->has_previous ? custody_field_hex(f, v, s->previous, 32, err) : 0;
}

static const struct custody_field seal_fields[] = {
	{ "format", read_seal_format },
	{ "critical", read_critical },
	{ "package", read_package },
	{ "case", read_case },
	{ "exhibit", read_exhibit },
	{ "sealed", read_sealed },
	{ "sealer", read_sealer },
	{ "tool", read_tool },
	{ "items", read_items },
	{ "bytes", read_bytes },
	{ "exceptions", read_exceptions },
	{ "digests", read_digests },
	{ "tree", read_tree },
	{ "requires", read_requires },
	{ "authorities", read_authorities },
	{ "previous", read_previous },
};
#define SEAL_FIELDS (sizeof(seal_fields) / sizeof(seal_fields[0]))

static int parse_seal(const uint8_t *p, size_t n, struct custody_sealfile *s, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_json_free) struct json_t *document = NULL;
	struct custody_fields f = { .rule = MALFORMED };

	if (n > CUSTODY_LIMIT_SMALL_MEMBER)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "it has %zu bytes, at most %" PRIu64 " are read", n, CUSTODY_LIMIT_SMALL_MEMBER);
	/* A text and its NUL need no more than the text between its quotation marks does. */
	if (read_line(p, n, &document, err) || check_format(document, SEAL_FORMAT, err) || custody_buf_reserve(&s->arena, n, err) ||
		custody_fields_read(&f, document, seal_fields, SEAL_FIELDS, BIT(SEAL_FIELDS) - 1, s, NULL, err))
		return -1;
	s->has_private = f.has_private;
	return custody_fields_end(&f, err);
}

int custody_sealfile_parse(const uint8_t *p, size_t n, struct custody_sealfile *s, struct custody_error *err)
{
	custody_sealfile_release(s);
	if (parse_seal(p, n, s, err)) {
		custody_sealfile_release(s);
		return -1;
	}
	return 0;
}

/* ---- acquisition.json: writing ---- */

const char *custody_content_role_name(enum custody_content_role role)
{
	return role == CUSTODY_ROLE_AUTHORITY_DOCUMENT ? "authority-document" : NULL;
}

enum custody_content_role custody_content_role_find(const char *name)
{
	return strcmp(name, custody_content_role_name(CUSTODY_ROLE_AUTHORITY_DOCUMENT)) == 0 ? CUSTODY_ROLE_AUTHORITY_DOCUMENT : CUSTODY_ROLE_UNKNOWN;
}

/* Text of the system's or the user's that need not be UTF-8: its display form then. */
static int put_foreign(struct custody_buf *b, const char *before, const char *text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown = { 0 };

	if (is_utf8_or_null(text))
		return put(b, before, text, err);
	custody_buf_init(&shown, CUSTODY_LIMIT_PATH);
	return custody_display_append(&shown, (const uint8_t *)text, strlen(text), err) || put(b, before, custody_buf_str(&shown), err) ? -1 : 0;
}

static int put_arguments(struct custody_buf *b, const struct custody_acquisition *a, struct custody_error *err)
{
	if (custody_buf_append_str(b, ",\"arguments\":[", err))
		return -1;
	for (size_t i = 0; i < a->n_arguments; i++)
		if (put_foreign(b, i == 0 ? "" : ",", a->arguments[i], err))
			return -1;
	return custody_buf_append_byte(b, ']', err);
}

static int put_identification(struct custody_buf *b, const struct custody_acquisition *a, struct custody_error *err)
{
	if (!a->identified_by)
		return custody_buf_append_str(b, "null", err);
	if (put(b, "{\"by\":", a->identified_by, err) || put(b, ",\"database\":", a->identification_database, err))
		return -1;
	return custody_buf_append_byte(b, '}', err);
}

static int put_acquisition_head(struct custody_buf *b, const struct custody_acquisition *a, struct custody_error *err)
{
	static const char *const synchronised[] = { "null", "false", "true" };
	char started[CUSTODY_TIME_TEXT], finished[CUSTODY_TIME_TEXT];

	custody_time_format(a->started, started);
	custody_time_format(a->finished, finished);
	if (custody_buf_printf(b, err, "{\"format\":\"%s\",\"started\":\"%s\",\"finished\":\"%s\"", ACQUISITION_FORMAT, started, finished) ||
		put_foreign(b, ",\"host\":", a->host, err) || put_foreign(b, ",\"system\":", a->system, err) ||
		put_foreign(b, ",\"operator\":", a->operator_name, err) || put_arguments(b, a, err) ||
		put(b, ",\"clock\":{\"source\":", a->clock_source, err) ||
		custody_buf_printf(b, err, ",\"synchronised\":%s}", synchronised[a->synchronised + 1]) ||
		put(b, ",\"tool\":{\"name\":", a->tool_name, err) || put(b, ",\"version\":", a->tool_version, err) ||
		custody_buf_append_str(b, "},\"identification\":", err) || put_identification(b, a, err))
		return -1;
	if (custody_content_role_name(a->role) && put(b, ",\"role\":", custody_content_role_name(a->role), err))
		return -1;
	if (a->mounts && a->mounts[0] && custody_buf_printf(b, err, ",\"mounts\":[%s]", a->mounts))
		return -1;
	if (a->followed && a->followed[0] && custody_buf_printf(b, err, ",\"followed\":[%s]", a->followed))
		return -1;
	return custody_buf_append_str(b, ",\"exceptions\":[", err);
}

int custody_acquisition_append_followed(struct custody_buf *b, const char *path, const char *target, struct custody_error *err)
{
	return put_foreign(b, b->len > 0 ? ",{\"path\":" : "{\"path\":", path, err) || put_foreign(b, ",\"target\":", target, err) ||
			       custody_buf_append_byte(b, '}', err)
		       ? -1
		       : 0;
}

int custody_acquisition_append_head(struct custody_buf *b, const struct custody_acquisition *a, struct custody_error *err)
{
	size_t before = b->len;

	if (!custody_time_in_range(a->started) || !custody_time_in_range(a->finished) || a->synchronised < -1 || a->synchronised > 1)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "acquisition.json: a time or the state of the clock is out of range");
	if (put_acquisition_head(b, a, err)) {
		b->len = before;
		return -1;
	}
	return 0;
}

/* The path as in the inventory: text whenever it is UTF-8, and base64 when it is not. */
static int put_path(struct custody_buf *b, const struct custody_acquisition_exception *e, struct custody_error *err)
{
	if (e->path_len == 0)
		return 0;
	if (custody_utf8_valid(e->path, e->path_len))
		return custody_buf_append_str(b, ",\"path\":", err) || custody_json_append_string(b, e->path, e->path_len, err) ? -1 : 0;
	return custody_buf_append_str(b, ",\"path_b64\":\"", err) || custody_base64_append(b, e->path, e->path_len, err) ||
			       custody_buf_append_byte(b, '"', err)
		       ? -1
		       : 0;
}

int custody_acquisition_append_exception(
	struct custody_buf *b, bool first, const struct custody_acquisition_exception *e, const char *reason, struct custody_error *err)
{
	size_t before = b->len;

	if (put(b, first ? "{\"id\":" : ",{\"id\":", e->id, err) || put_path(b, e, err) ||
		(e->detail && put_foreign(b, ",\"detail\":", e->detail, err)) || (reason && put_foreign(b, ",\"reason\":", reason, err)) ||
		custody_buf_append_byte(b, '}', err)) {
		b->len = before;
		return -1;
	}
	return 0;
}

int custody_acquisition_append_tail(struct custody_buf *b, struct custody_error *err)
{
	return custody_buf_append_str(b, "]}\n", err);
}

/* ---- acquisition.json: reading ---- */

void custody_acquisition_stated_release(struct custody_acquisition_stated *s)
{
	for (size_t i = 0; i < s->n_followed; i++) {
		free(s->followed[i].path);
		free(s->followed[i].target);
	}
	free(s->followed);
	free(s->reason);
	*s = (struct custody_acquisition_stated){ .n_followed = 0 };
}

static int read_acquisition_format(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	(void)ctx;
	return custody_field_constant(f, v, ACQUISITION_FORMAT, err);
}

static int read_started(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_time(f, v, false, &((struct custody_acquisition_facts *)ctx)->started, err);
}

static int read_finished(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_time(f, v, false, &((struct custody_acquisition_facts *)ctx)->finished, err);
}

/* Text that is shown nowhere: only its form is checked. */
static int read_any_text(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	const char *text = NULL;

	(void)ctx;
	return custody_field_text(f, v, CUSTODY_LIMIT_PATH, true, &text, NULL, err);
}

static int read_any_text_or_null(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	const char *text = NULL;

	(void)ctx;
	return custody_field_text_or_null(f, v, CUSTODY_LIMIT_PATH, &text, err);
}

static int read_arguments(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	size_t n = 0;

	if (custody_field_array(f, v, &n, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (read_any_text(f, json_array_get(v, i), ctx, err))
			return custody_fail_in(err, "%zu", i);
	return 0;
}

static int read_synchronised(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_acquisition_facts *facts = ctx;

	if (!json_is_boolean(v) && !json_is_null(v))
		return custody_refuse(err, f->rule, "found %s, want true, false or null", custody_field_kind(v));
	facts->synchronised = json_is_null(v) ? -1 : json_is_true(v);
	return 0;
}

static int read_acquisition_clock(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "source", read_any_text }, { "synchronised", read_synchronised } };
	return custody_fields_read(f, v, table, 2, BIT(2) - 1, ctx, NULL, err);
}

static int read_acquisition_tool(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "name", read_any_text }, { "version", read_any_text } };
	return custody_fields_read(f, v, table, 2, BIT(2) - 1, ctx, NULL, err);
}

static int read_identification(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "by", read_any_text }, { "database", read_any_text_or_null } };
	struct custody_acquisition_facts *facts = ctx;

	facts->identified = !json_is_null(v);
	return facts->identified ? custody_fields_read(f, v, table, 2, BIT(2) - 1, ctx, NULL, err) : 0;
}

static int read_role(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_acquisition_facts *facts = ctx;
	const char *name;

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &name, NULL, err))
		return -1;
	facts->role = custody_content_role_find(name);
	return 0;
}

/* Every version before wrote it and none read it: of another form it is left alone, as it was. */
static int take_reason(struct custody_acquisition_stated *s, const struct json_t *exception, struct custody_error *err)
{
	const char *reason = json_string_value(json_object_get(exception, "reason"));

	if (!reason)
		return 0;
	s->reasons_differ = s->reasons_differ || (s->reason && strcmp(s->reason, reason) != 0);
	if (!s->reason)
		s->reason = strdup(reason);
	return s->reason ? 0 : custody_fail_nomem(err);
}

static int read_exception_list(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "id", read_any_text } };
	struct custody_acquisition_facts *facts = ctx;
	size_t n = 0;

	if (custody_field_array(f, v, &n, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (custody_fields_read(f, json_array_get(v, i), table, 1, BIT(1) - 1, ctx, NULL, err))
			return custody_fail_in(err, "%zu", i);
		else if (take_reason(&facts->stated, json_array_get(v, i), err))
			return -1;
	facts->exceptions = n;
	return 0;
}

static int read_text_copy(struct custody_fields *f, struct json_t *v, char **out, struct custody_error *err)
{
	const char *text = NULL;

	if (custody_field_text(f, v, CUSTODY_LIMIT_PATH, true, &text, NULL, err))
		return -1;
	*out = strdup(text);
	return *out ? 0 : custody_fail_nomem(err);
}

static int read_followed_path(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return read_text_copy(f, v, &((struct custody_acquisition_followed *)ctx)->path, err);
}

static int read_followed_target(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return read_text_copy(f, v, &((struct custody_acquisition_followed *)ctx)->target, err);
}

static int read_followed(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "path", read_followed_path }, { "target", read_followed_target } };
	struct custody_acquisition_stated *s = &((struct custody_acquisition_facts *)ctx)->stated;
	size_t n = 0;

	if (custody_field_array(f, v, &n, err))
		return -1;
	s->followed = calloc(n + 1, sizeof(*s->followed));
	if (!s->followed)
		return custody_fail_nomem(err);
	for (s->n_followed = 0; s->n_followed < n; s->n_followed++) {
		struct custody_acquisition_followed *one = &s->followed[s->n_followed];

		if (custody_fields_read(f, json_array_get(v, s->n_followed), table, 2, BIT(2) - 1, one, NULL, err)) {
			custody_fail_in(err, "%zu", s->n_followed++); /* it has one of its texts, perhaps */
			return -1;
		}
	}
	return 0;
}

static const struct custody_field acquisition_fields[] = {
	{ "format", read_acquisition_format },
	{ "started", read_started },
	{ "finished", read_finished },
	{ "host", read_any_text_or_null },
	{ "system", read_any_text_or_null },
	{ "operator", read_any_text_or_null },
	{ "arguments", read_arguments },
	{ "clock", read_acquisition_clock },
	{ "tool", read_acquisition_tool },
	{ "identification", read_identification },
	{ "role", read_role },
	{ "followed", read_followed },
	{ "exceptions", read_exception_list },
};
#define ACQUISITION_FIELDS (sizeof(acquisition_fields) / sizeof(acquisition_fields[0]))
#define ACQUISITION_REQUIRED ((BIT(ACQUISITION_FIELDS) - 1) & ~(BIT(10) | BIT(11))) /* all but role and followed */

int custody_acquisition_parse(const uint8_t *p, size_t n, struct custody_acquisition_facts *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_json_free) struct json_t *document = NULL;
	struct custody_fields f = { .rule = MALFORMED, .ignore_unknown = true };
	struct custody_acquisition_facts facts = { .synchronised = -1 };

	if (read_line(p, n, &document, err) || check_format(document, ACQUISITION_FORMAT, err) ||
		custody_fields_read(&f, document, acquisition_fields, ACQUISITION_FIELDS, ACQUISITION_REQUIRED, &facts, NULL, err)) {
		custody_acquisition_stated_release(&facts.stated);
		return -1;
	}
	*out = facts;
	return 0;
}

int custody_acquisition_options(const uint8_t *p, size_t n, const char *option, struct json_t **document, const char **values, size_t max,
	size_t *count, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_json_free) struct json_t *read = NULL;
	size_t length = strlen(option), found = 0;
	const json_t *arguments;

	if (read_line(p, n, &read, err) || check_format(read, ACQUISITION_FORMAT, err))
		return -1;
	arguments = json_object_get(read, "arguments");
	for (size_t i = 0; i < json_array_size(arguments) && found < max; i++) {
		const char *word = json_string_value(json_array_get(arguments, i));

		if (!word || strcmp(word, "--") == 0)
			break;
		if (strcmp(word, option) == 0 && json_is_string(json_array_get(arguments, i + 1)))
			values[found++] = json_string_value(json_array_get(arguments, ++i));
		else if (strncmp(word, option, length) == 0 && word[length] == '=')
			values[found++] = word + length + 1;
	}
	*document = custody_steal(&read);
	*count = found;
	return 0;
}
