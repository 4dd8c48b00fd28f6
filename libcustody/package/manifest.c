/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/path.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/fields.h"
#include "libcustody/package/lines.h"

#define MALFORMED "inventory-malformed"
#define INTEGER_LIMIT ((uint64_t)1 << 53)
#define UNREADABLE "source-unreadable"

/* Keys of a line, in the order in which they stand; bits of a mask in the same order. */
enum key { N, SALT, PATH, PATH_B64, KIND, SIZE, MEMBER, OFFSET, DIGESTS, LINK, TARGET_N, TIMES, MODE, OWNER, DEVICE, XATTRS, TYPE, FINDINGS, KEYS };
#define BIT(key) (UINT32_C(1) << (key))
#define CONTENT (BIT(SIZE) | BIT(MEMBER) | BIT(OFFSET) | BIT(DIGESTS))
/* What an item of any kind may have. */
#define ANY (BIT(N) | BIT(SALT) | BIT(PATH) | BIT(PATH_B64) | BIT(KIND) | BIT(TIMES) | BIT(MODE) | BIT(OWNER) | BIT(XATTRS) | BIT(FINDINGS))

/* In the order of enum key: the table of the reader below has the same. */
static const char *const key_names[KEYS] = { "n", "salt", "path", "path_b64", "kind", "size", "member", "offset", "digests", "link", "target_n",
	"times", "mode", "owner", "device", "xattrs", "type", "findings" };

/* needs: must be there, unless the item is a file or a symbolic link and says source-unreadable. may: beside what any item may have. */
static const struct {
	const char *name;
	uint32_t needs, may;
} kinds[CUSTODY_KIND_COUNT] = {
	[CUSTODY_KIND_FILE] = { "file", CONTENT, BIT(TYPE) },
	[CUSTODY_KIND_DIR] = { "dir", 0, 0 },
	[CUSTODY_KIND_SYMLINK] = { "symlink", BIT(LINK), 0 },
	[CUSTODY_KIND_HARDLINK] = { "hardlink", BIT(TARGET_N), 0 },
	[CUSTODY_KIND_FIFO] = { "fifo", 0, 0 },
	[CUSTODY_KIND_SOCKET] = { "socket", 0, 0 },
	[CUSTODY_KIND_DEVICE] = { "device", BIT(DEVICE), 0 },
};

static const char *const time_names[CUSTODY_TIMES] = { "modified", "changed", "accessed", "born" };

const char *custody_kind_name(enum custody_kind kind)
{
	return kind < CUSTODY_KIND_COUNT ? kinds[kind].name : "unknown";
}

/* ---- what must hold of every item, written or read ---- */

static bool is_utf8(const char *s)
{
	return custody_utf8_valid((const uint8_t *)s, strlen(s));
}

static bool has_nul(struct custody_bytes b)
{
	return b.n > 0 && memchr(b.p, '\0', b.n);
}

static bool is_unreadable(const struct custody_item *item)
{
	for (size_t i = 0; i < item->n_findings; i++)
		if (item->findings[i].id && strcmp(item->findings[i].id, UNREADABLE) == 0)
			return true;
	return false;
}

/* The keys there must agree with the kind. Writes what is wrong, or nothing. */
static bool keys_fit(const struct custody_item *item, uint32_t keys, char *what, size_t room)
{
	uint32_t needs = kinds[item->kind].needs;
	uint32_t surplus = keys & ~(ANY | needs | kinds[item->kind].may);
	uint32_t missing = needs & ~keys;
	bool unreadable = is_unreadable(item) && (item->kind == CUSTODY_KIND_FILE || item->kind == CUSTODY_KIND_SYMLINK);

	for (int i = 0; i < KEYS; i++)
		if (surplus >> i & 1) {
			snprintf(what, room, "found '%s' in an item of kind '%s', want none", key_names[i], kinds[item->kind].name);
			return false;
		}
	if (missing && unreadable && item->kind == CUSTODY_KIND_FILE && (keys & CONTENT)) {
		snprintf(what, room, "found a part of the content's keys in an unreadable file, want none of them");
		return false;
	}
	for (int i = 0; i < KEYS && !unreadable; i++)
		if (missing >> i & 1) {
			snprintf(what, room, "'%s' is missing in an item of kind '%s'", key_names[i], kinds[item->kind].name);
			return false;
		}
	if (!missing && unreadable && item->kind == CUSTODY_KIND_FILE) {
		snprintf(what, room, "found content in a file that is said to be unreadable, want one or the other");
		return false;
	}
	return true;
}

static const char *path_problem(const struct custody_item *item)
{
	if (item->path.n > CUSTODY_LIMIT_PATH)
		return "the path is longer than 1048576 bytes";
	if (!custody_path_is_relative_clean(item->path.p, item->path.n))
		return "the path is not a relative one, of parts that are not empty, '.' or '..'";
	if (!item->path_b64 && !custody_utf8_valid(item->path.p, item->path.n))
		return "the path is not UTF-8, and path_b64 is missing";
	return NULL;
}

static const char *content_problem(const struct custody_item *item)
{
	if (!item->has_content)
		return NULL;
	if (item->size >= INTEGER_LIMIT || item->offset >= INTEGER_LIMIT - item->size)
		return "size and offset reach beyond 2^53";
	if (!item->member || strncmp(item->member, "data/", 5) != 0 || item->member[5] == '\0')
		return "the member is not one of data/";
	if (!is_utf8(item->member))
		return "the member is not UTF-8";
	if (!(item->digests.mask & CUSTODY_DIGEST_BIT(CUSTODY_SHA256)))
		return "there is no sha256 among the digests";
	return NULL;
}

static const char *times_problem(const struct custody_item *item)
{
	for (int i = 0; i < CUSTODY_TIMES; i++)
		if (item->has_time[i] && (!custody_time_in_range(item->time[i]) || item->time[i].nsec > 999999999))
			return "a time is out of range";
	return NULL;
}

static const char *lists_problem(const struct custody_item *item)
{
	for (size_t i = 0; i < item->n_xattrs; i++)
		if (item->xattrs[i].name.n == 0 || has_nul(item->xattrs[i].name))
			return "the name of an extended attribute is empty or has a NUL byte";
	for (size_t i = 0; i < item->n_findings; i++)
		if (!item->findings[i].id || item->findings[i].id[0] == '\0' || !is_utf8(item->findings[i].id) ||
			(item->findings[i].detail && !is_utf8(item->findings[i].detail)))
			return "a finding has no name, or is not UTF-8";
	return NULL;
}

/* What contradicts itself in the item, beside its keys; NULL if nothing. */
static const char *problem(const struct custody_item *item)
{
	const char *p = path_problem(item);

	if (!p)
		p = content_problem(item);
	if (!p)
		p = times_problem(item);
	if (!p)
		p = lists_problem(item);
	if (p)
		return p;
	if (item->n >= INTEGER_LIMIT)
		return "the number is beyond 2^53";
	if (has_nul(item->link))
		return "the target of the link has a NUL byte";
	if (item->kind == CUSTODY_KIND_HARDLINK && item->target_n >= item->n)
		return "the target of the hard link does not come before it";
	if (item->has_mode && item->mode > 07777)
		return "the mode has more than permission bits";
	if (item->has_owner && (item->uid >= INTEGER_LIMIT || item->gid >= INTEGER_LIMIT))
		return "the owner's number is beyond 2^53";
	if (item->has_device && (item->major >= INTEGER_LIMIT || item->minor >= INTEGER_LIMIT))
		return "a device number is beyond 2^53";
	if (!item->mime != !item->mime_by || (item->mime && (!is_utf8(item->mime) || !is_utf8(item->mime_by))))
		return "the type is not whole, or not UTF-8";
	return NULL;
}

/* ---- writing ---- */

/* The keys that the line of the item will have. */
static uint32_t keys_of(const struct custody_item *item)
{
	uint32_t keys = BIT(N) | BIT(SALT) | BIT(KIND);
	bool times = false;

	for (int i = 0; i < CUSTODY_TIMES; i++)
		times |= item->has_time[i];
	keys |= item->path_b64 ? BIT(PATH_B64) : 0;
	keys |= custody_utf8_valid(item->path.p, item->path.n) ? BIT(PATH) : 0;
	keys |= item->has_content ? CONTENT : 0;
	keys |= item->link.n > 0 ? BIT(LINK) : 0;
	keys |= item->kind == CUSTODY_KIND_HARDLINK ? BIT(TARGET_N) : 0;
	keys |= times ? BIT(TIMES) : 0;
	keys |= item->has_mode ? BIT(MODE) : 0;
	keys |= item->has_owner ? BIT(OWNER) : 0;
	keys |= item->has_device ? BIT(DEVICE) : 0;
	keys |= item->n_xattrs > 0 ? BIT(XATTRS) : 0;
	keys |= item->mime ? BIT(TYPE) : 0;
	keys |= item->n_findings > 0 ? BIT(FINDINGS) : 0;
	return keys;
}

static int put_base64(struct custody_buf *b, const char *key, struct custody_bytes value, struct custody_error *err)
{
	return custody_buf_append_str(b, key, err) || custody_buf_append_byte(b, '"', err) || custody_base64_append(b, value.p, value.n, err) ||
			       custody_buf_append_byte(b, '"', err)
		       ? -1
		       : 0;
}

static int put_text(struct custody_buf *b, const char *key, const char *value, struct custody_error *err)
{
	return custody_buf_append_str(b, key, err) || custody_json_append_str(b, value, err) ? -1 : 0;
}

static int put_head(struct custody_buf *b, const struct custody_item *item, uint32_t keys, struct custody_error *err)
{
	char salt[2 * sizeof(item->salt) + 1];

	custody_hex_format(item->salt, sizeof(item->salt), salt);
	if (custody_buf_printf(b, err, "{\"n\":%" PRIu64 ",\"salt\":\"%s\"", item->n, salt))
		return -1;
	if ((keys & BIT(PATH)) && (custody_buf_append_str(b, ",\"path\":", err) || custody_json_append_string(b, item->path.p, item->path.n, err)))
		return -1;
	if ((keys & BIT(PATH_B64)) && put_base64(b, ",\"path_b64\":", item->path, err))
		return -1;
	return custody_buf_printf(b, err, ",\"kind\":\"%s\"", kinds[item->kind].name);
}

static int put_digests(struct custody_buf *b, const struct custody_digest_values *digests, struct custody_error *err)
{
	char hex[2 * CUSTODY_DIGEST_MAX + 1];
	const char *between = "";

	if (custody_buf_append_str(b, ",\"digests\":{", err))
		return -1;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)id);

		if (!(digests->mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		custody_hex_format(digests->value[id], info->size, hex);
		if (custody_buf_printf(b, err, "%s\"%s\":\"%s\"", between, info->name, hex))
			return -1;
		between = ",";
	}
	return custody_buf_append_byte(b, '}', err);
}

static int put_content(struct custody_buf *b, const struct custody_item *item, uint32_t keys, struct custody_error *err)
{
	if (keys & BIT(SIZE)) {
		if (custody_buf_printf(b, err, ",\"size\":%" PRIu64, item->size) || put_text(b, ",\"member\":", item->member, err) ||
			custody_buf_printf(b, err, ",\"offset\":%" PRIu64, item->offset) || put_digests(b, &item->digests, err))
			return -1;
	}
	if ((keys & BIT(LINK)) && put_base64(b, ",\"link\":", item->link, err))
		return -1;
	return keys & BIT(TARGET_N) ? custody_buf_printf(b, err, ",\"target_n\":%" PRIu64, item->target_n) : 0;
}

static int put_times(struct custody_buf *b, const struct custody_item *item, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT];
	const char *between = "";

	if (custody_buf_append_str(b, ",\"times\":{", err))
		return -1;
	for (int i = 0; i < CUSTODY_TIMES; i++) {
		if (!item->has_time[i])
			continue;
		custody_time_format_ns(item->time[i], text);
		if (custody_buf_printf(b, err, "%s\"%s\":\"%s\"", between, time_names[i], text))
			return -1;
		between = ",";
	}
	return custody_buf_append_byte(b, '}', err);
}

/* A name of the system's that JSON cannot say is as good as unknown: the number beside it is what counts. */
static const char *sayable(const char *name)
{
	return name && is_utf8(name) ? name : NULL;
}

static int put_status(struct custody_buf *b, const struct custody_item *item, uint32_t keys, struct custody_error *err)
{
	if ((keys & BIT(TIMES)) && put_times(b, item, err))
		return -1;
	if ((keys & BIT(MODE)) && custody_buf_printf(b, err, ",\"mode\":\"%04" PRIo32 "\"", item->mode))
		return -1;
	if ((keys & BIT(OWNER)) && (custody_buf_printf(b, err, ",\"owner\":{\"uid\":%" PRIu64 ",\"gid\":%" PRIu64, item->uid, item->gid) ||
					   put_text(b, ",\"user\":", sayable(item->user), err) ||
					   put_text(b, ",\"group\":", sayable(item->group), err) || custody_buf_append_byte(b, '}', err)))
		return -1;
	if (keys & BIT(DEVICE))
		return custody_buf_printf(b, err, ",\"device\":{\"major\":%" PRIu64 ",\"minor\":%" PRIu64 "}", item->major, item->minor);
	return 0;
}

static int put_xattr(struct custody_buf *b, const struct custody_xattr *x, const char *between, struct custody_error *err)
{
	if (custody_buf_append_str(b, between, err))
		return -1;
	if (custody_utf8_valid(x->name.p, x->name.n)) {
		if (custody_buf_append_str(b, "{\"name\":", err) || custody_json_append_string(b, x->name.p, x->name.n, err))
			return -1;
	} else if (put_base64(b, "{\"name_b64\":", x->name, err)) {
		return -1;
	}
	return put_base64(b, ",\"value_b64\":", x->value, err) || custody_buf_append_byte(b, '}', err) ? -1 : 0;
}

static int put_finding(struct custody_buf *b, const struct custody_item_finding *f, const char *between, struct custody_error *err)
{
	if (custody_buf_append_str(b, between, err) || put_text(b, "{\"id\":", f->id, err) ||
		(f->detail && put_text(b, ",\"detail\":", f->detail, err)))
		return -1;
	return custody_buf_append_byte(b, '}', err);
}

static int put_lists(struct custody_buf *b, const struct custody_item *item, uint32_t keys, struct custody_error *err)
{
	for (size_t i = 0; i < item->n_xattrs; i++)
		if (put_xattr(b, &item->xattrs[i], i == 0 ? ",\"xattrs\":[" : ",", err))
			return -1;
	if ((keys & BIT(XATTRS)) && custody_buf_append_byte(b, ']', err))
		return -1;
	if ((keys & BIT(TYPE)) && (put_text(b, ",\"type\":{\"mime\":", item->mime, err) || put_text(b, ",\"by\":", item->mime_by, err) ||
					  custody_buf_append_byte(b, '}', err)))
		return -1;
	for (size_t i = 0; i < item->n_findings; i++)
		if (put_finding(b, &item->findings[i], i == 0 ? ",\"findings\":[" : ",", err))
			return -1;
	return keys & BIT(FINDINGS) ? custody_buf_append_byte(b, ']', err) : 0;
}

int custody_item_format(struct custody_buf *b, const struct custody_item *item, struct custody_error *err)
{
	char what[160];
	size_t before = b->len;

	if (item->kind >= CUSTODY_KIND_COUNT)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "item %" PRIu64 " has no kind", item->n);
	const char *wrong = problem(item);
	if (wrong)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "item %" PRIu64 ": %s", item->n, wrong);
	uint32_t keys = keys_of(item);
	if (!keys_fit(item, keys, what, sizeof(what)))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "item %" PRIu64 ": %s", item->n, what);
	if (put_head(b, item, keys, err) || put_content(b, item, keys, err) || put_status(b, item, keys, err) || put_lists(b, item, keys, err) ||
		custody_buf_append_byte(b, '}', err)) {
		b->len = before;
		return -1;
	}
	return 0;
}

/* ---- reading ---- */

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
		if (strcmp(s, kinds[i].name) == 0) {
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
		table[i] = (struct custody_field){ time_names[i], read_time };
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

static const struct custody_field fields[KEYS] = {
	[N] = { "n", read_n },
	[SALT] = { "salt", read_salt },
	[PATH] = { "path", read_path },
	[PATH_B64] = { "path_b64", read_path_b64 },
	[KIND] = { "kind", read_kind },
	[SIZE] = { "size", read_size },
	[MEMBER] = { "member", read_member },
	[OFFSET] = { "offset", read_offset },
	[DIGESTS] = { "digests", read_digests },
	[LINK] = { "link", read_link },
	[TARGET_N] = { "target_n", read_target },
	[TIMES] = { "times", read_times },
	[MODE] = { "mode", read_mode },
	[OWNER] = { "owner", read_owner },
	[DEVICE] = { "device", read_device },
	[XATTRS] = { "xattrs", read_xattrs },
	[TYPE] = { "type", read_type },
	[FINDINGS] = { "findings", read_findings },
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
	const char *wrong;

	if (!(keys & (BIT(PATH) | BIT(PATH_B64))))
		return custody_refuse(err, MALFORMED, "neither 'path' nor 'path_b64' is there");
	wrong = problem(item);
	if (wrong)
		return custody_refuse(err, MALFORMED, "%s", wrong);
	if (!keys_fit(item, keys, what, sizeof(what)))
		return custody_refuse(err, MALFORMED, "%s", what);
	return 0;
}

int custody_item_parse(const uint8_t *line, size_t n, struct custody_buf *arena, struct custody_item *item, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_json_free) struct json_t *document = NULL;
	struct custody_fields f = { .rule = MALFORMED };
	struct reading r = { .item = item, .arena = arena };
	uint32_t keys = 0;

	memset(item, 0, sizeof(*item));
	if (custody_json_parse(line, n, true, &document, err)) {
		if (err->kind == CUSTODY_ERR_FORMAT)
			err->rule = MALFORMED;
		return -1;
	}
	if (make_room(&r, document, n, err) || custody_fields_read(&f, document, fields, KEYS, BIT(N) | BIT(SALT) | BIT(KIND), &r, &keys, err) ||
		check_item(item, keys, err))
		return -1;
	item->has_private = f.has_private;
	return custody_fields_end(&f, err);
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
	if (custody_lines_init(&c->lines, source, off, size, CUSTODY_LIMIT_LINE, MALFORMED, err))
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
		custody_refuse(err, MALFORMED, "found 'n' %" PRIu64 ", want %" PRIu64, item->n, c->lines.number - 1);
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
