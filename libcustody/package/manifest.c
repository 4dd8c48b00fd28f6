/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/path.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/item.h"

#define INTEGER_LIMIT ((uint64_t)1 << 53)
#define UNREADABLE "source-unreadable"

/* What an item of any kind may have. */
#define ANY                                                                                                                       \
	(CUSTODY_KEY_BIT(N) | CUSTODY_KEY_BIT(SALT) | CUSTODY_KEY_BIT(PATH) | CUSTODY_KEY_BIT(PATH_B64) | CUSTODY_KEY_BIT(KIND) | \
		CUSTODY_KEY_BIT(TIMES) | CUSTODY_KEY_BIT(MODE) | CUSTODY_KEY_BIT(OWNER) | CUSTODY_KEY_BIT(XATTRS) | CUSTODY_KEY_BIT(FINDINGS))

/* In the order of enum custody_item_key. */
static const char *const key_names[CUSTODY_KEYS] = { "n", "salt", "path", "path_b64", "kind", "size", "member", "offset", "digests", "link",
	"target_n", "times", "mode", "owner", "device", "xattrs", "type", "findings" };

/* needs: must be there, unless the item says source-unreadable; what a hard link is to is known in any case. may: beside what any item may have. */
static const struct {
	const char *name;
	uint32_t needs, may;
} kinds[CUSTODY_KIND_COUNT] = {
	[CUSTODY_KIND_FILE] = { "file", CUSTODY_KEYS_CONTENT, CUSTODY_KEY_BIT(TYPE) },
	[CUSTODY_KIND_DIR] = { "dir", 0, 0 },
	[CUSTODY_KIND_SYMLINK] = { "symlink", CUSTODY_KEY_BIT(LINK), 0 },
	[CUSTODY_KIND_HARDLINK] = { "hardlink", CUSTODY_KEY_BIT(TARGET_N), 0 },
	[CUSTODY_KIND_FIFO] = { "fifo", 0, 0 },
	[CUSTODY_KIND_SOCKET] = { "socket", 0, 0 },
	[CUSTODY_KIND_DEVICE] = { "device", CUSTODY_KEY_BIT(DEVICE), 0 },
};

const char *const custody_item_time_names[CUSTODY_TIMES] = { "modified", "changed", "accessed", "born" };

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
	bool unreadable = is_unreadable(item) && item->kind != CUSTODY_KIND_HARDLINK;

	for (int i = 0; i < CUSTODY_KEYS; i++)
		if (surplus >> i & 1) {
			snprintf(what, room, "found '%s' in an item of kind '%s', want none", key_names[i], kinds[item->kind].name);
			return false;
		}
	if (missing && unreadable && item->kind == CUSTODY_KIND_FILE && (keys & CUSTODY_KEYS_CONTENT)) {
		snprintf(what, room, "found a part of the content's keys in an unreadable file, want none of them");
		return false;
	}
	for (int i = 0; i < CUSTODY_KEYS && !unreadable; i++)
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

bool custody_item_check(const struct custody_item *item, uint32_t keys, char *what, size_t room)
{
	const char *wrong = problem(item);

	if (!wrong)
		return keys_fit(item, keys, what, room);
	snprintf(what, room, "%s", wrong);
	return false;
}

/* ---- writing ---- */

/* The keys that the line of the item will have. */
static uint32_t keys_of(const struct custody_item *item)
{
	uint32_t keys = CUSTODY_KEY_BIT(N) | CUSTODY_KEY_BIT(SALT) | CUSTODY_KEY_BIT(KIND);
	bool times = false;

	for (int i = 0; i < CUSTODY_TIMES; i++)
		times |= item->has_time[i];
	keys |= item->path_b64 ? CUSTODY_KEY_BIT(PATH_B64) : 0;
	keys |= custody_utf8_valid(item->path.p, item->path.n) ? CUSTODY_KEY_BIT(PATH) : 0;
	keys |= item->has_content ? CUSTODY_KEYS_CONTENT : 0;
	keys |= item->link.n > 0 ? CUSTODY_KEY_BIT(LINK) : 0;
	keys |= item->kind == CUSTODY_KIND_HARDLINK ? CUSTODY_KEY_BIT(TARGET_N) : 0;
	keys |= times ? CUSTODY_KEY_BIT(TIMES) : 0;
	keys |= item->has_mode ? CUSTODY_KEY_BIT(MODE) : 0;
	keys |= item->has_owner ? CUSTODY_KEY_BIT(OWNER) : 0;
	keys |= item->has_device ? CUSTODY_KEY_BIT(DEVICE) : 0;
	keys |= item->n_xattrs > 0 ? CUSTODY_KEY_BIT(XATTRS) : 0;
	keys |= item->mime ? CUSTODY_KEY_BIT(TYPE) : 0;
	keys |= item->n_findings > 0 ? CUSTODY_KEY_BIT(FINDINGS) : 0;
	return keys;
}

/* KEY and the number in decimal. Not by printf: a line has ten of them, and sealing writes a line for each file. */
static int put_count(struct custody_buf *b, const char *key, uint64_t value, struct custody_error *err)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	return custody_buf_append_str(b, key, err) || custody_buf_append(b, digits + at, sizeof(digits) - at, err) ? -1 : 0;
}

/* BETWEEN"KEY":"VALUE", none of which needs an escape. */
static int put_plain(struct custody_buf *b, const char *between, const char *key, const char *value, struct custody_error *err)
{
	return custody_buf_append_str(b, between, err) || custody_buf_append_byte(b, '"', err) || custody_buf_append_str(b, key, err) ||
			       custody_buf_append_str(b, "\":\"", err) || custody_buf_append_str(b, value, err) ||
			       custody_buf_append_byte(b, '"', err)
		       ? -1
		       : 0;
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
	if (put_count(b, "{\"n\":", item->n, err) || put_plain(b, ",", "salt", salt, err))
		return -1;
	if ((keys & CUSTODY_KEY_BIT(PATH)) &&
		(custody_buf_append_str(b, ",\"path\":", err) || custody_json_append_string(b, item->path.p, item->path.n, err)))
		return -1;
	if ((keys & CUSTODY_KEY_BIT(PATH_B64)) && put_base64(b, ",\"path_b64\":", item->path, err))
		return -1;
	return put_plain(b, ",", "kind", kinds[item->kind].name, err);
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
		if (put_plain(b, between, info->name, hex, err))
			return -1;
		between = ",";
	}
	return custody_buf_append_byte(b, '}', err);
}

static int put_content(struct custody_buf *b, const struct custody_item *item, uint32_t keys, struct custody_error *err)
{
	if (keys & CUSTODY_KEY_BIT(SIZE)) {
		if (put_count(b, ",\"size\":", item->size, err) || put_text(b, ",\"member\":", item->member, err) ||
			put_count(b, ",\"offset\":", item->offset, err) || put_digests(b, &item->digests, err))
			return -1;
	}
	if ((keys & CUSTODY_KEY_BIT(LINK)) && put_base64(b, ",\"link\":", item->link, err))
		return -1;
	return keys & CUSTODY_KEY_BIT(TARGET_N) ? put_count(b, ",\"target_n\":", item->target_n, err) : 0;
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
		if (put_plain(b, between, custody_item_time_names[i], text, err))
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
	char mode[5] = "0000";

	for (int i = 0; i < 4; i++)
		mode[i] = (char)('0' + (item->mode >> (9 - 3 * i) & 7));
	if ((keys & CUSTODY_KEY_BIT(TIMES)) && put_times(b, item, err))
		return -1;
	if ((keys & CUSTODY_KEY_BIT(MODE)) && put_plain(b, ",", "mode", mode, err))
		return -1;
	if ((keys & CUSTODY_KEY_BIT(OWNER)) && (put_count(b, ",\"owner\":{\"uid\":", item->uid, err) || put_count(b, ",\"gid\":", item->gid, err) ||
						       put_text(b, ",\"user\":", sayable(item->user), err) ||
						       put_text(b, ",\"group\":", sayable(item->group), err) || custody_buf_append_byte(b, '}', err)))
		return -1;
	if (keys & CUSTODY_KEY_BIT(DEVICE))
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
	if ((keys & CUSTODY_KEY_BIT(XATTRS)) && custody_buf_append_byte(b, ']', err))
		return -1;
	if ((keys & CUSTODY_KEY_BIT(TYPE)) && (put_text(b, ",\"type\":{\"mime\":", item->mime, err) || put_text(b, ",\"by\":", item->mime_by, err) ||
						      custody_buf_append_byte(b, '}', err)))
		return -1;
	for (size_t i = 0; i < item->n_findings; i++)
		if (put_finding(b, &item->findings[i], i == 0 ? ",\"findings\":[" : ",", err))
			return -1;
	return keys & CUSTODY_KEY_BIT(FINDINGS) ? custody_buf_append_byte(b, ']', err) : 0;
}

int custody_item_format(struct custody_buf *b, const struct custody_item *item, struct custody_error *err)
{
	char what[160];
	size_t before = b->len;

	if (item->kind >= CUSTODY_KIND_COUNT)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "item %" PRIu64 " has no kind", item->n);
	uint32_t keys = keys_of(item);
	if (!custody_item_check(item, keys, what, sizeof(what)))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "item %" PRIu64 ": %s", item->n, what);
	if (put_head(b, item, keys, err) || put_content(b, item, keys, err) || put_status(b, item, keys, err) || put_lists(b, item, keys, err) ||
		custody_buf_append_byte(b, '}', err)) {
		b->len = before;
		return -1;
	}
	return 0;
}
