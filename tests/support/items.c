/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/items.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/utf8.h"

/* splitmix64 */
static uint64_t next(struct test_item *t)
{
	uint64_t z = t->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t below(struct test_item *t, uint64_t n)
{
	return next(t) % n;
}

static bool maybe(struct test_item *t)
{
	return next(t) & 1;
}

static uint8_t *room(struct test_item *t, size_t n)
{
	if (t->used + n > sizeof(t->bytes))
		abort();
	t->used += n;
	return t->bytes + t->used - n;
}

/* Pieces that break quoting, terminals and parsers; the last ones are not UTF-8. */
static const char *const pieces[] = { "a", "B", " ", "\"", "\\", "\n", "\r", "\t", "\x01", "\x1b[31m", "\x7f", "{", "}", "\xc3\xa9", "e\xcc\x81",
	"\xc2\x85", "\xe2\x80\xae", "\xe2\x80\xa8", "\xef\xbf\xbf", "\xf0\x9f\x94\x92", "\\u0000", "%41", "\xff", "\xc3", "\xed\xa0\x80",
	"\xf4\x90\x80\x80", "\xc0\xaf" };
#define PIECES (sizeof(pieces) / sizeof(pieces[0]))
#define PIECES_UTF8 (PIECES - 5)

/* At most n pieces, at least one; with slashes between when it is a path. */
static struct custody_bytes some_bytes(struct test_item *t, size_t n, bool utf8, bool path)
{
	size_t count = below(t, n) + 1, start = t->used;

	for (size_t i = 0; i < count; i++) {
		const char *piece = pieces[below(t, utf8 ? PIECES_UTF8 : PIECES)];
		memcpy(room(t, strlen(piece)), piece, strlen(piece));
		if (path && i + 1 < count && below(t, 3) == 0)
			*room(t, 1) = '/';
	}
	return (struct custody_bytes){ t->bytes + start, t->used - start };
}

static const char *some_text(struct test_item *t, size_t n)
{
	struct custody_bytes b = some_bytes(t, n, true, false);

	*room(t, 1) = '\0';
	return (const char *)b.p;
}

static const char *member_of(struct test_item *t)
{
	char alias[40];

	snprintf(alias, sizeof(alias), "data/_names/%06llu", (unsigned long long)t->item.n);
	char *to = (char *)room(t, strlen(alias) + 1);
	strcpy(to, alias);
	return to;
}

static void make_content(struct test_item *t)
{
	struct custody_item *item = &t->item;

	item->has_content = true;
	item->size = maybe(t) ? below(t, 1000) : below(t, UINT64_C(1) << 52);
	item->offset = maybe(t) ? 0 : below(t, UINT64_C(1) << 50);
	item->member = member_of(t);
	item->digests.mask = (uint32_t)below(t, 1u << CUSTODY_DIGEST_COUNT) | CUSTODY_DIGEST_BIT(CUSTODY_SHA256);
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		for (size_t i = 0; i < CUSTODY_DIGEST_MAX; i++)
			item->digests.value[id][i] = (uint8_t)next(t);
	if (maybe(t)) {
		item->mime = some_text(t, 3);
		item->mime_by = some_text(t, 3);
	}
}

static void make_kind(struct test_item *t)
{
	struct custody_item *item = &t->item;
	bool unreadable = below(t, 8) == 0;

	item->kind = (enum custody_kind)below(t, CUSTODY_KIND_COUNT);
	if (item->kind == CUSTODY_KIND_HARDLINK && item->n == 0)
		item->kind = CUSTODY_KIND_DIR;
	if (item->kind == CUSTODY_KIND_HARDLINK)
		item->target_n = below(t, item->n);
	if (item->kind != CUSTODY_KIND_FILE && item->kind != CUSTODY_KIND_SYMLINK && item->kind != CUSTODY_KIND_DEVICE)
		return;
	if (unreadable) {
		t->findings[item->n_findings++] = (struct custody_item_finding){ "source-unreadable", "Input/output error" };
	} else if (item->kind == CUSTODY_KIND_FILE) {
		make_content(t);
	} else if (item->kind == CUSTODY_KIND_SYMLINK) {
		item->link = some_bytes(t, 10, false, true);
	} else {
		item->has_device = true;
		item->major = below(t, UINT64_C(1) << 32);
		item->minor = below(t, 256);
	}
}

static void make_status(struct test_item *t)
{
	struct custody_item *item = &t->item;

	for (int i = 0; i < CUSTODY_TIMES; i++) {
		item->has_time[i] = maybe(t);
		item->time[i].sec = item->has_time[i] ? (int64_t)below(t, UINT64_C(250000000000)) : 0;
		item->time[i].nsec = item->has_time[i] ? (uint32_t)below(t, 1000000000) : 0;
	}
	item->has_mode = maybe(t);
	item->mode = item->has_mode ? (uint32_t)below(t, 010000) : 0;
	item->has_owner = maybe(t);
	if (item->has_owner) {
		item->uid = below(t, UINT64_C(1) << 32);
		item->gid = below(t, 10);
		item->user = maybe(t) ? some_text(t, 4) : NULL;
		item->group = maybe(t) ? some_text(t, 4) : NULL;
	}
}

static void make_lists(struct test_item *t)
{
	struct custody_item *item = &t->item;

	item->n_xattrs = maybe(t) ? below(t, 4) : 0;
	for (size_t i = 0; i < item->n_xattrs; i++) {
		t->xattrs[i].name = some_bytes(t, 5, false, false);
		t->xattrs[i].value = maybe(t) ? some_bytes(t, 9, false, false) : (struct custody_bytes){ NULL, 0 };
	}
	for (uint64_t i = below(t, 3); i > 0; i--)
		t->findings[item->n_findings++] = (struct custody_item_finding){ some_text(t, 3), maybe(t) ? some_text(t, 9) : NULL };
	item->xattrs = t->xattrs;
	item->findings = t->findings;
}

void test_item_make(struct test_item *t, uint64_t seed)
{
	memset(t, 0, sizeof(*t));
	t->state = seed;
	t->item.n = maybe(t) ? below(t, 10) : below(t, UINT64_C(1) << 53);
	for (size_t i = 0; i < sizeof(t->item.salt); i++)
		t->item.salt[i] = (uint8_t)next(t);
	t->item.path = some_bytes(t, 12, maybe(t), true);
	t->item.path_b64 = maybe(t) || !custody_utf8_valid(t->item.path.p, t->item.path.n);
	make_kind(t);
	make_status(t);
	make_lists(t);
}

static bool same_text(const char *a, const char *b)
{
	return !a || !b ? a == b : strcmp(a, b) == 0;
}

static bool same_digests(const struct custody_digest_values *a, const struct custody_digest_values *b)
{
	if (a->mask != b->mask)
		return false;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if ((a->mask & CUSTODY_DIGEST_BIT(id)) &&
			memcmp(a->value[id], b->value[id], custody_digest_get((enum custody_digest_id)id)->size) != 0)
			return false;
	return true;
}

static bool same_lists(const struct custody_item *a, const struct custody_item *b)
{
	if (a->n_xattrs != b->n_xattrs || a->n_findings != b->n_findings)
		return false;
	for (size_t i = 0; i < a->n_xattrs; i++)
		if (!custody_bytes_equal(a->xattrs[i].name, b->xattrs[i].name) || !custody_bytes_equal(a->xattrs[i].value, b->xattrs[i].value))
			return false;
	for (size_t i = 0; i < a->n_findings; i++)
		if (!same_text(a->findings[i].id, b->findings[i].id) || !same_text(a->findings[i].detail, b->findings[i].detail))
			return false;
	return true;
}

bool test_item_equal(const struct custody_item *a, const struct custody_item *b)
{
	for (int i = 0; i < CUSTODY_TIMES; i++)
		if (a->has_time[i] != b->has_time[i] || custody_time_compare(a->time[i], b->time[i]) != 0)
			return false;
	return a->n == b->n && memcmp(a->salt, b->salt, sizeof(a->salt)) == 0 && custody_bytes_equal(a->path, b->path) &&
	       a->path_b64 == b->path_b64 && a->kind == b->kind && a->has_content == b->has_content && a->size == b->size &&
	       same_text(a->member, b->member) && a->offset == b->offset && same_digests(&a->digests, &b->digests) &&
	       custody_bytes_equal(a->link, b->link) && a->target_n == b->target_n && a->has_mode == b->has_mode && a->mode == b->mode &&
	       a->has_owner == b->has_owner && a->uid == b->uid && a->gid == b->gid && same_text(a->user, b->user) && same_text(a->group, b->group) &&
	       a->has_device == b->has_device && a->major == b->major && a->minor == b->minor && same_text(a->mime, b->mime) &&
	       same_text(a->mime_by, b->mime_by) && same_lists(a, b);
}
