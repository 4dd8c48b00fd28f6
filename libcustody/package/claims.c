/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/claims.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/fields.h"
#include "libcustody/package/lines.h"

#define FORMAT "custody-claims/1"
#define INTEGER_LIMIT ((uint64_t)1 << 53)
#define BIT(i) (UINT32_C(1) << (i))

static int order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

int custody_claim_compare(const struct custody_claim *a, const struct custody_claim *b)
{
	if (a->has_item != b->has_item)
		return a->has_item ? -1 : 1;
	int by_item = a->has_item ? order(a->item, b->item) : 0;
	int by_source = order(a->source, b->source);
	return by_item ? by_item : by_source ? by_source : order(a->line, b->line);
}

bool custody_claims_source_is_unverified(const struct custody_claims_source *s)
{
	return strcmp(s->format, CUSTODY_CLAIMS_UNVERIFIED) == 0;
}

/* ---- writing ---- */

static bool fits(const char *text, bool null_too)
{
	if (!text)
		return null_too;
	size_t n = strlen(text);
	return n > 0 && n <= CUSTODY_LIMIT_TEXT_FIELD && custody_utf8_valid((const uint8_t *)text, n);
}

static int put(struct custody_buf *b, const char *before, const char *text, struct custody_error *err)
{
	return custody_buf_append_str(b, before, err) || custody_json_append_str(b, text, err) ? -1 : 0;
}

static int put_source(struct custody_buf *b, const struct custody_claims_source *s, struct custody_error *err)
{
	char hex[65];

	if (!fits(s->name, false) || !fits(s->format, false) || !fits(s->by, true) || !fits(s->confirmed_by, true))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a list of stated digests has a text that is no text");
	custody_hex_format(s->sha256, 32, hex);
	if (put(b, "{\"name\":", s->name, err) || put(b, ",\"sha256\":", hex, err) || put(b, ",\"format\":", s->format, err) ||
		put(b, ",\"by\":", s->by, err) || put(b, ",\"confirmed_by\":", s->confirmed_by, err))
		return -1;
	return custody_buf_append_byte(b, '}', err);
}

int custody_claims_format_head(struct custody_buf *b, const struct custody_claims_head *head, struct custody_error *err)
{
	if (head->n == 0 || head->n > CUSTODY_LIMIT_CLAIM_SOURCES || head->claims >= INTEGER_LIMIT)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "%zu lists of stated digests", head->n);
	if (custody_buf_printf(b, err, "{\"format\":\"" FORMAT "\",\"claims\":%" PRIu64 ",\"sources\":[", head->claims))
		return -1;
	for (size_t i = 0; i < head->n; i++)
		if ((i > 0 && custody_buf_append_byte(b, ',', err)) || put_source(b, &head->sources[i], err))
			return -1;
	return custody_buf_append_str(b, "]}\n", err);
}

/* "path" whenever it is UTF-8, else "path_b64". */
static int put_path(struct custody_buf *b, struct custody_bytes path, struct custody_error *err)
{
	if (custody_utf8_valid(path.p, path.n))
		return custody_buf_append_str(b, ",\"path\":", err) || custody_json_append_string(b, path.p, path.n, err) ? -1 : 0;
	return custody_buf_append_str(b, ",\"path_b64\":\"", err) || custody_base64_append(b, path.p, path.n, err) ||
			       custody_buf_append_byte(b, '"', err)
		       ? -1
		       : 0;
}

static int put_digests(struct custody_buf *b, const struct custody_digest_values *digests, struct custody_error *err)
{
	char hex[2 * CUSTODY_DIGEST_MAX + 1];
	const char *before = ",\"digests\":{";

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		if (!(digests->mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)id);

		custody_hex_format(digests->value[id], info->size, hex);
		if (custody_buf_printf(b, err, "%s\"%s\":\"%s\"", before, info->name, hex))
			return -1;
		before = ",";
	}
	return custody_buf_append_str(b, "}}\n", err);
}

static bool consistent(const struct custody_claim *c)
{
	return c->item < INTEGER_LIMIT && c->source < CUSTODY_LIMIT_CLAIM_SOURCES && c->line > 0 && c->line < INTEGER_LIMIT && c->path.n > 0 &&
	       c->path.n <= CUSTODY_LIMIT_PATH && !memchr(c->path.p, 0, c->path.n) && c->size < INTEGER_LIMIT && c->digests.mask != 0;
}

int custody_claim_format(struct custody_buf *b, const struct custody_claim *c, struct custody_error *err)
{
	if (!consistent(c))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a stated digest that contradicts itself");
	if (c->has_item ? custody_buf_printf(b, err, "{\"item\":%" PRIu64, c->item) : custody_buf_append_str(b, "{\"item\":null", err))
		return -1;
	if (custody_buf_printf(b, err, ",\"source\":%" PRIu64 ",\"line\":%" PRIu64, c->source, c->line) || put_path(b, c->path, err) ||
		(c->has_size && custody_buf_printf(b, err, ",\"size\":%" PRIu64, c->size)))
		return -1;
	return put_digests(b, &c->digests, err);
}

/* ---- reading: the first line ---- */

struct custody_claims_cursor {
	struct custody_lines lines;
	struct custody_claims_head head;
	struct json_t *document; /* owned: of the first line, which the head borrows from */
	struct custody_claims_source *sources; /* owned */
	struct json_t *line; /* owned: of the claim given last */
	struct custody_buf path; /* of path_b64 */
	struct custody_claim last; /* place of the claim before; nothing in it is borrowed */
	uint64_t read;
};

static struct custody_fields begin(void)
{
	return (struct custody_fields){ .rule = CUSTODY_CLAIMS_MALFORMED, .ignore_unknown = true };
}

static int read_format(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	(void)ctx;
	return custody_field_constant(f, v, FORMAT, err);
}

static int read_claims(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct custody_claims_cursor *)ctx)->head.claims, err);
}

static int read_source_name(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &((struct custody_claims_source *)ctx)->name, NULL, err);
}

static int read_source_sha256(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_hex(f, v, ((struct custody_claims_source *)ctx)->sha256, 32, err);
}

static int read_source_format(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &((struct custody_claims_source *)ctx)->format, NULL, err);
}

static int read_source_by(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_text_or_null(f, v, CUSTODY_LIMIT_TEXT_FIELD, &((struct custody_claims_source *)ctx)->by, err);
}

static int read_source_confirmed(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_text_or_null(f, v, CUSTODY_LIMIT_TEXT_FIELD, &((struct custody_claims_source *)ctx)->confirmed_by, err);
}

static const struct custody_field source_fields[] = {
	{ "name", read_source_name },
	{ "sha256", read_source_sha256 },
	{ "format", read_source_format },
	{ "by", read_source_by },
	{ "confirmed_by", read_source_confirmed },
};

static int read_sources(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_claims_cursor *c = ctx;
	size_t n = 0;

	if (custody_field_array(f, v, &n, err))
		return -1;
	if (n == 0 || n > CUSTODY_LIMIT_CLAIM_SOURCES)
		return custody_refuse(err, f->rule, "found %zu lists, want 1 to %d", n, CUSTODY_LIMIT_CLAIM_SOURCES);
	c->sources = calloc(n, sizeof(*c->sources));
	if (!c->sources)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (custody_fields_read(f, json_array_get(v, i), source_fields, 5, BIT(5) - 1, &c->sources[i], NULL, err))
			return custody_fail_in(err, "list %zu", i + 1);
	c->head.sources = c->sources;
	c->head.n = n;
	return 0;
}

static const struct custody_field head_fields[] = { { "format", read_format }, { "claims", read_claims }, { "sources", read_sources } };

/* 1: the next line as a document; 0: there is none. */
static int next_document(struct custody_claims_cursor *c, struct json_t **out, struct custody_error *err)
{
	uint8_t *text = NULL;
	size_t n = 0;
	int r = custody_lines_next(&c->lines, &text, &n, err);

	if (r <= 0)
		return r;
	if (custody_json_parse(text, n, true, out, err) == 0)
		return 1;
	if (err->kind == CUSTODY_ERR_FORMAT)
		err->rule = CUSTODY_CLAIMS_MALFORMED;
	return custody_fail_in(err, "line %" PRIu64, c->lines.number);
}

static int read_head(struct custody_claims_cursor *c, struct custody_error *err)
{
	struct custody_fields f = begin();
	int r = next_document(c, &c->document, err);

	if (r < 0)
		return -1;
	if (r == 0)
		return custody_refuse(err, CUSTODY_CLAIMS_MALFORMED, "found nothing, want a first line with the lists");
	if (custody_fields_read(&f, c->document, head_fields, 3, BIT(3) - 1, c, NULL, err))
		return custody_fail_in(err, "line 1");
	return 0;
}

int custody_claims_cursor_new(
	struct custody_claims_cursor **out, const struct custody_source *source, uint64_t off, uint64_t size, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_claims_cursor_free) struct custody_claims_cursor *c = calloc(1, sizeof(*c));

	if (!c)
		return custody_fail_nomem(err);
	custody_buf_init(&c->path, CUSTODY_LIMIT_LINE);
	if (custody_lines_init(&c->lines, source, off, size, CUSTODY_LIMIT_LINE, CUSTODY_CLAIMS_MALFORMED, err) || read_head(c, err))
		return -1;
	*out = custody_steal(&c);
	return 0;
}

void custody_claims_cursor_free(struct custody_claims_cursor **p)
{
	struct custody_claims_cursor *c = *p;

	*p = NULL;
	if (!c)
		return;
	custody_lines_release(&c->lines);
	custody_json_free(&c->document);
	custody_json_free(&c->line);
	custody_buf_release(&c->path);
	free(c->sources);
	free(c);
}

const struct custody_claims_head *custody_claims_cursor_head(const struct custody_claims_cursor *c)
{
	return &c->head;
}

void custody_claims_cursor_digest(const struct custody_claims_cursor *c, uint8_t sha256[32])
{
	memcpy(sha256, c->lines.digest, 32);
}

/* ---- reading: claims ---- */

struct reading {
	struct custody_claims_cursor *cursor;
	struct custody_claim *claim;
};

static struct custody_claim *claim_of(void *ctx)
{
	return ((struct reading *)ctx)->claim;
}

static int read_item(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_claim *claim = claim_of(ctx);

	claim->has_item = !json_is_null(v);
	return claim->has_item ? custody_field_count(f, v, &claim->item, err) : 0;
}

static int read_source(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	const struct custody_claims_head *head = &((struct reading *)ctx)->cursor->head;
	uint64_t source = 0;

	if (custody_field_count(f, v, &source, err))
		return -1;
	if (source >= head->n)
		return custody_refuse(err, f->rule, "found %" PRIu64 ", want less than %zu, the number of lists", source, head->n);
	if (custody_claims_source_is_unverified(&head->sources[source]))
		return custody_refuse(err, f->rule, "found %" PRIu64 ", which is no list of digests, want one that is", source);
	claim_of(ctx)->source = source;
	return 0;
}

static int read_line(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	if (custody_field_count(f, v, &claim_of(ctx)->line, err))
		return -1;
	return claim_of(ctx)->line > 0 ? 0 : custody_refuse(err, f->rule, "found 0, want a number from 1");
}

static int read_path(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	const char *text = NULL;
	size_t n = 0;

	if (custody_field_text(f, v, CUSTODY_LIMIT_PATH, false, &text, &n, err))
		return -1;
	claim_of(ctx)->path = (struct custody_bytes){ (const uint8_t *)text, n };
	return 0;
}

static int read_path_b64(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct reading *r = ctx;
	struct custody_buf *b = &r->cursor->path;
	const char *text = NULL;
	size_t n = 0, got = 0;

	if (r->claim->path.n > 0)
		return custody_refuse(err, f->rule, "found it beside 'path', want one of the two");
	if (custody_field_text(f, v, CUSTODY_LIMIT_LINE, false, &text, &n, err))
		return -1;
	custody_buf_clear(b);
	if (custody_buf_reserve(b, n, err))
		return -1;
	if (!custody_base64_parse(text, n, b->data, &got) || memchr(b->data, 0, got))
		return custody_refuse(err, f->rule, "found text that is not canonical base64 (RFC 4648 section 4) of a name");
	if (got > CUSTODY_LIMIT_PATH)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found a path of %zu bytes, at most %zu are taken", got, CUSTODY_LIMIT_PATH);
	if (custody_utf8_valid(b->data, got))
		return custody_refuse(err, f->rule, "found a path that is UTF-8, want it in 'path'");
	r->claim->path = (struct custody_bytes){ b->data, got };
	return 0;
}

static int read_size(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	claim_of(ctx)->has_size = true;
	return custody_field_count(f, v, &claim_of(ctx)->size, err);
}

static int read_digest(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	enum custody_digest_id id = (enum custody_digest_id)f->row;

	claim_of(ctx)->digests.mask |= CUSTODY_DIGEST_BIT(id);
	return custody_field_hex(f, v, claim_of(ctx)->digests.value[id], custody_digest_get(id)->size, err);
}

static int read_digests(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_field table[CUSTODY_DIGEST_COUNT];

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		table[id] = (struct custody_field){ custody_digest_get((enum custody_digest_id)id)->name, read_digest };
	if (custody_fields_read(f, v, table, CUSTODY_DIGEST_COUNT, 0, ctx, NULL, err))
		return -1;
	return claim_of(ctx)->digests.mask ? 0 : custody_refuse(err, f->rule, "found no digest that is known, want at least one");
}

static const struct custody_field claim_fields[] = {
	{ "item", read_item },
	{ "source", read_source },
	{ "line", read_line },
	{ "path", read_path },
	{ "path_b64", read_path_b64 },
	{ "size", read_size },
	{ "digests", read_digests },
};

static int read_claim(struct custody_claims_cursor *c, struct custody_claim *claim, struct custody_error *err)
{
	struct custody_fields f = begin();
	struct reading r = { c, claim };

	memset(claim, 0, sizeof(*claim));
	if (custody_fields_read(&f, c->line, claim_fields, 7, BIT(0) | BIT(1) | BIT(2) | BIT(6), &r, NULL, err))
		return -1;
	if (claim->path.n == 0)
		return custody_refuse(err, f.rule, "found no name, want 'path' or 'path_b64'");
	if (memchr(claim->path.p, 0, claim->path.n))
		return custody_refuse(err, f.rule, "found a NUL in the name, want text");
	if (c->read > 0 && custody_claim_compare(&c->last, claim) >= 0)
		return custody_refuse(err, f.rule, "found it behind what comes after it, want the order of item, source and line");
	return 0;
}

int custody_claims_cursor_next(struct custody_claims_cursor *c, struct custody_claim *claim, struct custody_error *err)
{
	custody_json_free(&c->line);
	int r = next_document(c, &c->line, err);

	if (r < 0)
		return -1;
	if (r == 0 && c->read != c->head.claims)
		return custody_refuse(
			err, CUSTODY_CLAIMS_MALFORMED, "found %" PRIu64 " lines of digests, the first line says %" PRIu64, c->read, c->head.claims);
	if (r == 0)
		return 0;
	if (read_claim(c, claim, err))
		return custody_fail_in(err, "line %" PRIu64, c->lines.number);
	c->read++;
	c->last = *claim;
	c->last.path = (struct custody_bytes){ NULL, 0 };
	return 1;
}
