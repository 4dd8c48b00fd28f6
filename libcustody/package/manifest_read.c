/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the inventory: the general reader of a line, and the cursor over the list. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/fields.h"
#include "libcustody/package/item.h"
#include "libcustody/package/lines.h"

/* One line while it is read. Whatever the item borrows is copied to the arena, where room for all of it was made at once, so that nothing moves. */
struct reading {
	struct custody_item *item;
	struct custody_buf *arena;
	struct custody_xattr *xattrs;
	struct custody_item_finding *findings;
	struct custody_bytes path; /* of "path" */
};

static const char *keep(struct reading *r, const void *p, size_t n)
{
	uint8_t *to = r->arena->data + r->arena->len;

	memcpy(to, p, n);
	to[n] = '\0';
	r->arena->len += n + 1;
	return (const char *)to;
}

static int read_kept(struct custody_fields *f, struct json_t *v, struct reading *r, const char **out, struct custody_error *err)
{
	const char *s = NULL;
	size_t n = 0;

	if (custody_field_text(f, v, CUSTODY_LIMIT_LINE, true, &s, &n, err))
		return -1;
	*out = keep(r, s, n);
	return 0;
}

static int read_base64(
	struct custody_fields *f, struct json_t *v, struct reading *r, bool empty_too, struct custody_bytes *out, struct custody_error *err)
{
	const char *s = NULL;
	size_t n = 0;
	uint8_t *to = r->arena->data + r->arena->len;

	if (custody_field_text(f, v, CUSTODY_LIMIT_LINE, empty_too, &s, &n, err))
		return -1;
	if (!custody_base64_parse(s, n, to, &out->n))
		return custody_refuse(err, f->rule, "found text that is not canonical base64 (RFC 4648 section 4)");
	out->p = to;
	r->arena->len += out->n;
	return 0;
}

static int read_n(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct reading *)ctx)->item->n, err);
}

static int read_salt(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_item *item = ((struct reading *)ctx)->item;
	return custody_field_hex(f, v, item->salt, sizeof(item->salt), err);
}

static int read_path(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct reading *r = ctx;
	const char *s = NULL;
	size_t n = 0;

	if (custody_field_text(f, v, CUSTODY_LIMIT_PATH, false, &s, &n, err))
		return -1;
	r->path.p = (const uint8_t *)keep(r, s, n);
	r->path.n = n;
	r->item->path = r->path;
	return 0;
}

static int read_path_b64(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct reading *r = ctx;

	if (read_base64(f, v, r, false, &r->item->path, err))
		return -1;
	r->item->path_b64 = true;
	if (r->path.n > 0 && !custody_bytes_equal(r->path, r->item->path))
		return custody_refuse(err, f->rule, "found another path than in 'path', want the same");
	if (r->path.n == 0 && custody_utf8_valid(r->item->path.p, r->item->path.n))
		return custody_refuse(err, f->rule, "found a path that is UTF-8 and no 'path', want both");
	return 0;
}

static int read_kind(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct reading *r = ctx;
	const char *s = NULL;
	char quote[64];

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &s, NULL, err))
		return -1;
	for (int i = 0; i < CUSTODY_KIND_COUNT; i++)
		if (strcmp(s, custody_kind_name((enum custody_kind)i)) == 0) {
			r->item->kind = (enum custody_kind)i;
			return 0;
		}
	return custody_refuse(err, f->rule, "found '%s', want one of file, dir, symlink, hardlink, fifo, socket, device",
		custody_display(s, strlen(s), quote, sizeof(quote)));
}

static int read_size(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_item *item = ((struct reading *)ctx)->item;

	item->has_content = true;
	return custody_field_count(f, v, &item->size, err);
}

static int read_member(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct reading *r = ctx;
	return read_kept(f, v, r, &r->item->member, err);
}

static int read_offset(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct reading *)ctx)->item->offset, err);
}

static int read_digest(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_digest_values *digests = &((struct reading *)ctx)->item->digests;
	enum custody_digest_id id = (enum custody_digest_id)f->row;

	digests->mask |= CUSTODY_DIGEST_BIT(id);
	return custody_field_hex(f, v, digests->value[id], custody_digest_get(id)->size, err);
}

static int read_digests(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_field table[CUSTODY_DIGEST_COUNT];

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		table[id] = (struct custody_field){ custody_digest_get((enum custody_digest_id)id)->name, read_digest };
	return custody_fields_read(f, v, table, CUSTODY_DIGEST_COUNT, CUSTODY_DIGEST_BIT(CUSTODY_SHA256), ctx, NULL, err);
}

static int read_link(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct reading *r = ctx;
	return read_base64(f, v, r, false, &r->item->link, err);
}

static int read_target(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct reading *)ctx)->item->target_n, err);
}

static int read_time(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_item *item = ((struct reading *)ctx)->item;

	item->has_time[f->row] = true;
	return custody_field_time(f, v, true, &item->time[f->row], err);
}

static int read_times(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_field table[CUSTODY_TIMES];

	for (int i = 0; i < CUSTODY_TIMES; i++)
		table[i] = (struct custody_field){ custody_item_time_names[i], read_time };
	return custody_fields_read(f, v, table, CUSTODY_TIMES, 0, ctx, NULL, err);
}

static int read_mode(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_item *item = ((struct reading *)ctx)->item;
	const char *s = NULL;
	size_t n = 0;
	char quote[32];

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, true, &s, &n, err))
		return -1;
	if (n != 4 || strspn(s, "01234567") != 4)
		return custody_refuse(err, f->rule, "found '%s', want four octal digits", custody_display(s, n, quote, sizeof(quote)));
	item->has_mode = true;
	for (size_t i = 0; i < n; i++)
		item->mode = item->mode << 3 | (uint32_t)(s[i] - '0');
	return 0;
}

static int read_uid(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct reading *)ctx)->item->uid, err);
}

static int read_gid(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct reading *)ctx)->item->gid, err);
}

/* A user's or group's name, or null. */
static int read_name(struct custody_fields *f, struct json_t *v, struct reading *r, const char **out, struct custody_error *err)
{
	const char *s = NULL;

	if (custody_field_text_or_null(f, v, CUSTODY_LIMIT_TEXT_FIELD, &s, err))
		return -1;
	*out = s ? keep(r, s, strlen(s)) : NULL;
	return 0;
}

static int read_user(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct reading *r = ctx;
	return read_name(f, v, r, &r->item->user, err);
}

static int read_group(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct reading *r = ctx;
	return read_name(f, v, r, &r->item->group, err);
}

static int read_owner(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "uid", read_uid }, { "gid", read_gid }, { "user", read_user }, { "group", read_group } };

	((struct reading *)ctx)->item->has_owner = true;
	return custody_fields_read(f, v, table, 4, 1 | 2, ctx, NULL, err);
}

static int read_major(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct reading *)ctx)->item->major, err);
}

static int read_minor(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return custody_field_count(f, v, &((struct reading *)ctx)->item->minor, err);
}

static int read_device(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "major", read_major }, { "minor", read_minor } };

	((struct reading *)ctx)->item->has_device = true;
	return custody_fields_read(f, v, table, 2, 1 | 2, ctx, NULL, err);
}

/* ---- extended attributes, type, findings ---- */

static struct custody_xattr *last_xattr(void *ctx)
{
	struct reading *r = ctx;
	return &r->xattrs[r->item->n_xattrs];
}

static int read_xattr_name(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_bytes *name = &last_xattr(ctx)->name;
	const char *s = NULL;

	if (custody_field_text(f, v, CUSTODY_LIMIT_XATTRS, false, &s, &name->n, err))
		return -1;
	name->p = (const uint8_t *)keep(ctx, s, name->n);
	return 0;
}

static int read_xattr_name_b64(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_bytes *name = &last_xattr(ctx)->name;

	if (name->n > 0)
		return custody_refuse(err, f->rule, "found 'name' too, want one of them");
	if (read_base64(f, v, ctx, false, name, err))
		return -1;
	if (custody_utf8_valid(name->p, name->n))
		return custody_refuse(err, f->rule, "found a name that is UTF-8, want it in 'name'");
	return 0;
}

static int read_xattr_value(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return read_base64(f, v, ctx, true, &last_xattr(ctx)->value, err);
}

static int read_xattrs(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "name", read_xattr_name }, { "name_b64", read_xattr_name_b64 },
		{ "value_b64", read_xattr_value } };
	struct reading *r = ctx;
	size_t n = 0;

	if (custody_field_array(f, v, &n, err))
		return -1;
	r->item->xattrs = r->xattrs;
	for (size_t i = 0; i < n; i++) {
		memset(&r->xattrs[i], 0, sizeof(r->xattrs[i]));
		if (custody_fields_read(f, json_array_get(v, i), table, 3, 4, ctx, NULL, err))
			return custody_fail_in(err, "%zu", i);
		if (r->xattrs[i].name.n == 0)
			return custody_refuse(err, f->rule, "%zu: neither 'name' nor 'name_b64' is there", i);
		r->item->n_xattrs++;
	}
	return 0;
}

static int read_mime(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct reading *r = ctx;
	return read_kept(f, v, r, &r->item->mime, err);
}

static int read_by(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	struct reading *r = ctx;
	return read_kept(f, v, r, &r->item->mime_by, err);
}

static int read_type(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "mime", read_mime }, { "by", read_by } };
	return custody_fields_read(f, v, table, 2, 1 | 2, ctx, NULL, err);
}

static struct custody_item_finding *last_finding(void *ctx)
{
	struct reading *r = ctx;
	return &r->findings[r->item->n_findings];
}

static int read_finding_id(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return read_kept(f, v, ctx, &last_finding(ctx)->id, err);
}

static int read_finding_detail(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	return read_kept(f, v, ctx, &last_finding(ctx)->detail, err);
}

static int read_findings(struct custody_fields *f, struct json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "id", read_finding_id }, { "detail", read_finding_detail } };
	struct reading *r = ctx;
	size_t n = 0;

	if (custody_field_array(f, v, &n, err))
		return -1;
	r->item->findings = r->findings;
	for (size_t i = 0; i < n; i++) {
		memset(&r->findings[i], 0, sizeof(r->findings[i]));
		if (custody_fields_read(f, json_array_get(v, i), table, 2, 1, ctx, NULL, err))
			return custody_fail_in(err, "%zu", i);
		r->item->n_findings++;
	}
	return 0;
}

/* ---- a line ---- */

static const struct custody_field fields[CUSTODY_KEYS] = {
	[CUSTODY_KEY_N] = { "n", read_n },
	[CUSTODY_KEY_SALT] = { "salt", read_salt },
	[CUSTODY_KEY_PATH] = { "path", read_path },
	[CUSTODY_KEY_PATH_B64] = { "path_b64", read_path_b64 },
	[CUSTODY_KEY_KIND] = { "kind", read_kind },
	[CUSTODY_KEY_SIZE] = { "size", read_size },
	[CUSTODY_KEY_MEMBER] = { "member", read_member },
	[CUSTODY_KEY_OFFSET] = { "offset", read_offset },
	[CUSTODY_KEY_DIGESTS] = { "digests", read_digests },
	[CUSTODY_KEY_LINK] = { "link", read_link },
	[CUSTODY_KEY_TARGET_N] = { "target_n", read_target },
	[CUSTODY_KEY_TIMES] = { "times", read_times },
	[CUSTODY_KEY_MODE] = { "mode", read_mode },
	[CUSTODY_KEY_OWNER] = { "owner", read_owner },
	[CUSTODY_KEY_DEVICE] = { "device", read_device },
	[CUSTODY_KEY_XATTRS] = { "xattrs", read_xattrs },
	[CUSTODY_KEY_TYPE] = { "type", read_type },
	[CUSTODY_KEY_FINDINGS] = { "findings", read_findings },
};

/* Room in the arena for everything that the item will borrow: both arrays first (the arena begins aligned), then the texts. A text with its NUL, and what a
 * text of base64 stands for, is never longer than the text between its quotation marks and these. */
static int make_room(struct reading *r, const json_t *line, size_t n, struct custody_error *err)
{
	size_t xattrs = json_array_size(json_object_get(line, "xattrs")) * sizeof(struct custody_xattr);
	size_t findings = json_array_size(json_object_get(line, "findings")) * sizeof(struct custody_item_finding);

	custody_buf_clear(r->arena);
	if (custody_buf_reserve(r->arena, xattrs + findings + n, err))
		return -1;
	r->xattrs = (struct custody_xattr *)(void *)r->arena->data;
	r->findings = (struct custody_item_finding *)(void *)(r->arena->data + xattrs);
	r->arena->len = xattrs + findings;
	return 0;
}

static int check_item(const struct custody_item *item, uint32_t keys, struct custody_error *err)
{
	char what[160];

	if (!(keys & (CUSTODY_KEY_BIT(PATH) | CUSTODY_KEY_BIT(PATH_B64))))
		return custody_refuse(err, CUSTODY_ITEM_MALFORMED, "neither 'path' nor 'path_b64' is there");
	if (!custody_item_check(item, keys, what, sizeof(what)))
		return custody_refuse(err, CUSTODY_ITEM_MALFORMED, "%s", what);
	return 0;
}

int custody_item_parse_any(const uint8_t *line, size_t n, struct custody_buf *arena, struct custody_item *item, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_json_free) struct json_t *document = NULL;
	struct custody_fields f = { .rule = CUSTODY_ITEM_MALFORMED };
	struct reading r = { .item = item, .arena = arena };
	uint32_t keys = 0;

	memset(item, 0, sizeof(*item));
	if (custody_json_parse(line, n, true, &document, err)) {
		if (err->kind == CUSTODY_ERR_FORMAT)
			err->rule = CUSTODY_ITEM_MALFORMED;
		return -1;
	}
	if (make_room(&r, document, n, err) ||
		custody_fields_read(
			&f, document, fields, CUSTODY_KEYS, CUSTODY_KEY_BIT(N) | CUSTODY_KEY_BIT(SALT) | CUSTODY_KEY_BIT(KIND), &r, &keys, err) ||
		check_item(item, keys, err))
		return -1;
	item->has_private = f.has_private;
	return custody_fields_end(&f, err);
}

int custody_item_parse(const uint8_t *line, size_t n, struct custody_buf *arena, struct custody_item *item, struct custody_error *err)
{
	return custody_item_parse_exact(line, n, arena, item) ? 0 : custody_item_parse_any(line, n, arena, item, err);
}

/* ---- the list ---- */

struct custody_inventory_cursor {
	struct custody_lines lines;
	struct custody_buf arena;
};

int custody_inventory_cursor_new(
	struct custody_inventory_cursor **out, const struct custody_source *source, uint64_t off, uint64_t size, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_inventory_cursor_free) struct custody_inventory_cursor *c = calloc(1, sizeof(*c));

	if (!c)
		return custody_fail_nomem(err);
	custody_buf_init(&c->arena, CUSTODY_LIMIT_ITEM_ARENA);
	if (custody_lines_init(&c->lines, source, off, size, CUSTODY_LIMIT_LINE, CUSTODY_ITEM_MALFORMED, err))
		return -1;
	*out = custody_steal(&c);
	return 0;
}

void custody_inventory_cursor_free(struct custody_inventory_cursor **c)
{
	if (!*c)
		return;
	custody_lines_release(&(*c)->lines);
	custody_buf_release(&(*c)->arena);
	free(*c);
	*c = NULL;
}

int custody_inventory_cursor_next(
	struct custody_inventory_cursor *c, struct custody_item *item, const uint8_t **line, size_t *line_len, struct custody_error *err)
{
	uint8_t *text = NULL;
	size_t n = 0;
	int r = custody_lines_next(&c->lines, &text, &n, err);

	if (r <= 0)
		return r;
	if (custody_item_parse(text, n, &c->arena, item, err))
		return custody_fail_in(err, "line %" PRIu64, c->lines.number);
	if (item->n != c->lines.number - 1) {
		custody_refuse(err, CUSTODY_ITEM_MALFORMED, "found 'n' %" PRIu64 ", want %" PRIu64, item->n, c->lines.number - 1);
		return custody_fail_in(err, "line %" PRIu64, c->lines.number);
	}
	*line = text;
	*line_len = n;
	return 1;
}

void custody_inventory_cursor_digest(const struct custody_inventory_cursor *c, uint8_t sha256[32])
{
	memcpy(sha256, c->lines.digest, 32);
}
