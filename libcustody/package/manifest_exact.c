/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of the inventory in exactly the form that custody_item_format() gives it, read without a JSON library: a tenth of the time, and verify reads one such line for each file. It is a
 * strict subset of the general reader's language: fixed keys in fixed order, so none twice; strings without a backslash; integers without a sign or leading zeros. Whatever else a
 * line could be (escapes, attributes, private keys, errors) is left to the general reader, which knows what to say about it.
 */
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/item.h"

/* What is left of the line, and where texts go: room for all of them was made at once. */
struct rest {
	const uint8_t *p, *end;
	uint8_t *to;
};

/* Takes the literal if it comes next. */
static bool take(struct rest *r, const char *literal)
{
	size_t n = strlen(literal);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, literal, n) != 0)
		return false;
	r->p += n;
	return true;
}

/* An integer from 0 to 2^53 - 1: at most 16 digits. */
static bool take_count(struct rest *r, uint64_t *out)
{
	const uint8_t *begin = r->p;
	uint64_t v = 0;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9' && r->p - begin < 17)
		v = v * 10 + (uint64_t)(*r->p++ - '0');
	if (r->p == begin || (*begin == '0' && r->p - begin > 1) || v >= UINT64_C(1) << 53)
		return false;
	*out = v;
	return true;
}

/* The text up to the next quotation mark, which is taken; no backslash and no control character in it. */
static bool take_until_quote(struct rest *r, const uint8_t **text, size_t *n)
{
	const uint8_t *quote = r->p < r->end ? memchr(r->p, '"', (size_t)(r->end - r->p)) : NULL;

	if (!quote)
		return false;
	*text = r->p;
	*n = (size_t)(quote - r->p);
	r->p = quote + 1;
	for (size_t i = 0; i < *n; i++)
		if ((*text)[i] < 0x20 || (*text)[i] == '\\')
			return false;
	return true;
}

/* A string with its quotation marks, kept with a NUL behind it. */
static bool take_text(struct rest *r, struct custody_bytes *out)
{
	const uint8_t *text = NULL;

	if (!take(r, "\"") || !take_until_quote(r, &text, &out->n) || !custody_utf8_valid(text, out->n))
		return false;
	memcpy(r->to, text, out->n);
	r->to[out->n] = '\0';
	out->p = r->to;
	r->to += out->n + 1;
	return true;
}

static bool take_str(struct rest *r, const char **out)
{
	struct custody_bytes b = { NULL, 0 };

	if (!take_text(r, &b) || b.n > CUSTODY_LIMIT_TEXT_FIELD)
		return false;
	*out = (const char *)b.p;
	return true;
}

/* base64 up to the next quotation mark, decoded and kept. */
static bool take_base64(struct rest *r, struct custody_bytes *out)
{
	const uint8_t *text = NULL;
	size_t n = 0;

	if (!take_until_quote(r, &text, &n) || n == 0 || !custody_base64_parse((const char *)text, n, r->to, &out->n))
		return false;
	out->p = r->to;
	r->to += out->n;
	return true;
}

/* Hex of n bytes and the quotation mark behind it. */
static bool take_hex(struct rest *r, uint8_t *out, size_t n)
{
	if ((size_t)(r->end - r->p) < 2 * n || !custody_hex_parse((const char *)r->p, 2 * n, false, out, n))
		return false;
	r->p += 2 * n;
	return take(r, "\"");
}

static bool take_kind(struct rest *r, enum custody_kind *out)
{
	const uint8_t *text = NULL;
	size_t n = 0;

	if (!take(r, ",\"kind\":\"") || !take_until_quote(r, &text, &n))
		return false;
	for (int i = 0; i < CUSTODY_KIND_COUNT; i++) {
		const char *name = custody_kind_name((enum custody_kind)i);

		*out = (enum custody_kind)i;
		if (strlen(name) == n && memcmp(name, text, n) == 0)
			return true;
	}
	return false;
}

/* Path and kind. "path_b64" alone is for the general reader: it is rare. */
static bool take_head(struct rest *r, struct custody_item *item, uint32_t *keys)
{
	struct custody_bytes raw = { NULL, 0 };

	if (!take(r, "{\"n\":") || !take_count(r, &item->n) || !take(r, ",\"salt\":\"") || !take_hex(r, item->salt, sizeof(item->salt)) ||
		!take(r, ",\"path\":") || !take_text(r, &item->path))
		return false;
	*keys |= CUSTODY_KEY_BIT(N) | CUSTODY_KEY_BIT(SALT) | CUSTODY_KEY_BIT(PATH) | CUSTODY_KEY_BIT(KIND);
	if (take(r, ",\"path_b64\":\"")) {
		if (!take_base64(r, &raw) || !custody_bytes_equal(raw, item->path))
			return false;
		item->path_b64 = true;
		*keys |= CUSTODY_KEY_BIT(PATH_B64);
	}
	return take_kind(r, &item->kind);
}

/* The digests that are there, in the order of the table; the brace behind them. */
static bool take_digests(struct rest *r, struct custody_digest_values *digests)
{
	char key[32];
	const char *between = "";

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)id);

		stpcpy(stpcpy(stpcpy(stpcpy(key, between), "\""), info->name), "\":\"");
		if (!take(r, key))
			continue;
		if (!take_hex(r, digests->value[id], info->size))
			return false;
		digests->mask |= CUSTODY_DIGEST_BIT(id);
		between = ",";
	}
	return take(r, "}") && (digests->mask & CUSTODY_DIGEST_BIT(CUSTODY_SHA256));
}

/* What depends on the kind. */
static bool take_content(struct rest *r, struct custody_item *item, uint32_t *keys)
{
	if (take(r, ",\"size\":")) {
		if (!take_count(r, &item->size) || !take(r, ",\"member\":") || !take_str(r, &item->member) || !take(r, ",\"offset\":") ||
			!take_count(r, &item->offset) || !take(r, ",\"digests\":{") || !take_digests(r, &item->digests))
			return false;
		item->has_content = true;
		*keys |= CUSTODY_KEYS_CONTENT;
	}
	if (take(r, ",\"link\":\"")) {
		if (!take_base64(r, &item->link))
			return false;
		*keys |= CUSTODY_KEY_BIT(LINK);
	}
	if (take(r, ",\"target_n\":")) {
		if (!take_count(r, &item->target_n))
			return false;
		*keys |= CUSTODY_KEY_BIT(TARGET_N);
	}
	return true;
}

/* The times that are there, in order; the brace behind them. */
static bool take_times(struct rest *r, struct custody_item *item)
{
	static const char *const keys[CUSTODY_TIMES] = { "\"modified\":\"", "\"changed\":\"", "\"accessed\":\"", "\"born\":\"" };
	bool first = true;

	for (int i = 0; i < CUSTODY_TIMES; i++) {
		const uint8_t *text = NULL;
		size_t n = 0;
		struct rest before = *r;

		if ((!first && !take(r, ",")) || !take(r, keys[i])) {
			*r = before;
			continue;
		}
		if (!take_until_quote(r, &text, &n) || !custody_time_parse((const char *)text, n, true, &item->time[i]))
			return false;
		item->has_time[i] = true;
		first = false;
	}
	return take(r, "}");
}

static bool take_mode(struct rest *r, struct custody_item *item)
{
	for (int i = 0; i < 4; i++, r->p++) {
		if (r->p == r->end || *r->p < '0' || *r->p > '7')
			return false;
		item->mode = item->mode << 3 | (uint32_t)(*r->p - '0');
	}
	item->has_mode = true;
	return take(r, "\"");
}

static bool take_name(struct rest *r, const char **out)
{
	return take(r, "null") || take_str(r, out);
}

static bool take_owner(struct rest *r, struct custody_item *item)
{
	item->has_owner = true;
	return take_count(r, &item->uid) && take(r, ",\"gid\":") && take_count(r, &item->gid) && take(r, ",\"user\":") && take_name(r, &item->user) &&
	       take(r, ",\"group\":") && take_name(r, &item->group) && take(r, "}");
}

static bool take_status(struct rest *r, struct custody_item *item, uint32_t *keys)
{
	if (take(r, ",\"times\":{")) {
		if (!take_times(r, item))
			return false;
		*keys |= CUSTODY_KEY_BIT(TIMES);
	}
	if (take(r, ",\"mode\":\"")) {
		if (!take_mode(r, item))
			return false;
		*keys |= CUSTODY_KEY_BIT(MODE);
	}
	if (take(r, ",\"owner\":{\"uid\":")) {
		if (!take_owner(r, item))
			return false;
		*keys |= CUSTODY_KEY_BIT(OWNER);
	}
	if (take(r, ",\"device\":{\"major\":")) {
		if (!take_count(r, &item->major) || !take(r, ",\"minor\":") || !take_count(r, &item->minor) || !take(r, "}"))
			return false;
		item->has_device = true;
		*keys |= CUSTODY_KEY_BIT(DEVICE);
	}
	if (take(r, ",\"type\":{\"mime\":")) {
		if (!take_str(r, &item->mime) || !take(r, ",\"by\":") || !take_str(r, &item->mime_by) || !take(r, "}"))
			return false;
		*keys |= CUSTODY_KEY_BIT(TYPE);
	}
	return true;
}

/* One finding without detail, above all name-aliased; *at holds it. More of them are for the general reader. */
static bool take_finding(struct rest *r, struct custody_item *item, struct custody_item_finding *at, uint32_t *keys)
{
	if (!take(r, ",\"findings\":[{\"id\":"))
		return true;
	if (!take_str(r, &at->id) || !take(r, "}]"))
		return false;
	at->detail = NULL;
	item->findings = at;
	item->n_findings = 1;
	*keys |= CUSTODY_KEY_BIT(FINDINGS);
	return true;
}

bool custody_item_parse_exact(const uint8_t *line, size_t n, struct custody_buf *arena, struct custody_item *item)
{
	struct custody_error unused = CUSTODY_ERROR_INIT;
	uint32_t keys = 0;
	char what[160];

	custody_buf_clear(arena);
	/* A text with its NUL is not longer than with its quotation marks in the line, and base64 is longer than what it stands for. */
	if (custody_buf_reserve(arena, sizeof(struct custody_item_finding) + n, &unused))
		return false;
	struct custody_item_finding *finding = (struct custody_item_finding *)(void *)arena->data;
	struct rest r = { line, line + n, arena->data + sizeof(*finding) };
	memset(item, 0, sizeof(*item));
	if (!take_head(&r, item, &keys) || !take_content(&r, item, &keys) || !take_status(&r, item, &keys) ||
		!take_finding(&r, item, finding, &keys) || !take(&r, "}") || r.p != r.end)
		return false;
	arena->len = (size_t)(r.to - arena->data);
	return custody_item_check(item, keys, what, sizeof(what));
}
