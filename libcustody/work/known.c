/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/known.h"

#include <stdlib.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/set.h"
#include "libcustody/base/utf8.h"

enum {
	NAME = 0, /* domains of the keyed hash: names, and digests from here on */
	DIGEST = 1,
	WINDOW = 4096, /* bytes of the spool read at once: some dozens of entries, when one is looked at after the other */
	SAME_TRIES = 1000, /* entries looked at that have one digest in common but not all: only a list that contradicts itself has many */
};

/* One entry in memory. */
struct record {
	uint64_t name_hash;
	uint64_t at : 62; /* in the spool */
	uint64_t marked : 1;
	uint64_t unused : 1;
	uint32_t next; /* with the same digest: index plus 1, 0 at the end */
	uint8_t primary; /* the digest that it is found by */
};

/* Its fixed part in the spool; the digests in the order of the mask and the name follow. */
struct stored {
	uint64_t size;
	uint32_t mask, path_len;
	uint8_t has_size;
};

struct custody_known {
	struct custody_spool spool;
	struct custody_set hash; /* only its key */
	struct record *records; /* owned */
	size_t n, cap;
	uint32_t *by_name; /* owned; index plus 1, 0 is empty */
	size_t by_name_cap;
	uint32_t *by_digest; /* owned; likewise, the first of a chain; NULL until it is needed */
	size_t by_digest_cap;
	uint32_t digests, primaries;
	struct custody_buf text, plain, common;
	bool has_common;
	uint64_t window_at; /* what was last read of the spool, which never changes behind its end */
	size_t window_n;
	uint8_t window[WINDOW];
};

int custody_known_new(struct custody_known **out, int dir_fd, const uint8_t key[16], struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_known_free) struct custody_known *k = calloc(1, sizeof(*k));
	if (!k)
		return custody_fail_nomem(err);
	custody_set_init(&k->hash, key);
	custody_buf_init(&k->text, CUSTODY_LIMIT_HASH_LINE);
	custody_buf_init(&k->plain, CUSTODY_LIMIT_HASH_LINE);
	custody_buf_init(&k->common, CUSTODY_LIMIT_HASH_LINE);
	if (custody_spool_init(&k->spool, dir_fd, err))
		return -1;
	*out = custody_steal(&k);
	return 0;
}

void custody_known_free(struct custody_known **p)
{
	struct custody_known *k = *p;
	*p = NULL;
	if (!k)
		return;
	custody_spool_release(&k->spool);
	custody_set_release(&k->hash);
	custody_buf_release(&k->text);
	custody_buf_release(&k->plain);
	custody_buf_release(&k->common);
	free(k->records);
	free(k->by_name);
	free(k->by_digest);
	free(k);
}

const uint8_t *custody_known_key(const struct custody_known *k)
{
	return k->hash.key;
}

size_t custody_known_count(const struct custody_known *k)
{
	return k->n;
}

uint32_t custody_known_digests(const struct custody_known *k)
{
	return k->digests;
}

struct custody_bytes custody_known_common(const struct custody_known *k)
{
	return (struct custody_bytes){ k->common.data, k->common.len };
}

void custody_known_mark(struct custody_known *k, size_t index)
{
	k->records[index].marked = 1;
}

bool custody_known_is_marked(const struct custody_known *k, size_t index)
{
	return k->records[index].marked;
}

/* ---- names ---- */

int custody_known_plain(struct custody_buf *out, const uint8_t *path, size_t n, struct custody_error *err)
{
	custody_buf_clear(out);
	if (custody_buf_reserve(out, n, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool part_begins = out->len == 0 ? i == 0 || path[i - 1] == '/' : out->data[out->len - 1] == '/';
		if (part_begins && path[i] == '.' && i + 1 < n && path[i + 1] == '/') {
			i++;
			continue;
		}
		if (path[i] == '/' && i > 0 && part_begins)
			continue;
		out->data[out->len++] = path[i];
	}
	out->data[out->len] = 0;
	return 0;
}

/* The folders of the first name, less what a later one does not have. */
static int narrow_common(struct custody_known *k, struct custody_error *err)
{
	const uint8_t *name = k->plain.data;
	size_t n = k->plain.len, same = 0;
	if (!k->has_common) {
		k->has_common = true;
		const uint8_t *slash = memrchr(name, '/', n);
		return slash ? custody_buf_append(&k->common, name, (size_t)(slash - name) + 1, err) : 0;
	}
	while (same < k->common.len && same < n && k->common.data[same] == name[same])
		same++;
	while (same > 0 && k->common.data[same - 1] != '/')
		same--;
	k->common.len = same;
	return 0;
}

/* ---- the spool ---- */

static size_t digests_size(uint32_t mask)
{
	size_t n = 0;
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (mask & CUSTODY_DIGEST_BIT(id))
			n += custody_digest_get((enum custody_digest_id)id)->size;
	return n;
}

static int store(struct custody_known *k, const struct custody_known_entry *e, uint64_t *at, struct custody_error *err)
{
	struct stored s;
	memset(&s, 0, sizeof(s)); /* padding too: it is written */
	s.size = e->size;
	s.mask = e->digests.mask;
	s.path_len = (uint32_t)e->path.n;
	s.has_size = e->has_size;
	*at = custody_spool_size(&k->spool);
	if (custody_spool_append(&k->spool, &s, sizeof(s), err))
		return -1;
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if ((s.mask & CUSTODY_DIGEST_BIT(id)) &&
			custody_spool_append(&k->spool, e->digests.value[id], custody_digest_get((enum custody_digest_id)id)->size, err))
			return -1;
	return custody_spool_append(&k->spool, e->path.p, e->path.n, err);
}

/* n bytes at `at`, which are there. */
static int read_spool(struct custody_known *k, uint64_t at, uint8_t *p, size_t n, struct custody_error *err)
{
	if (n > WINDOW)
		return custody_spool_read(&k->spool, at, p, n, err);
	if (at < k->window_at || at - k->window_at > k->window_n || n > k->window_n - (size_t)(at - k->window_at)) {
		uint64_t rest = custody_spool_size(&k->spool) - at;
		size_t now = rest < WINDOW ? (size_t)rest : WINDOW;
		k->window_n = 0;
		if (custody_spool_read(&k->spool, at, k->window, now, err))
			return -1;
		k->window_at = at;
		k->window_n = now;
	}
	memcpy(p, k->window + (at - k->window_at), n);
	return 0;
}

int custody_known_get(struct custody_known *k, size_t index, struct custody_known_entry *e, struct custody_error *err)
{
	struct stored s;
	uint64_t at = k->records[index].at;
	if (read_spool(k, at, (uint8_t *)&s, sizeof(s), err))
		return -1;
	size_t digests = digests_size(s.mask), n = digests + s.path_len;
	custody_buf_clear(&k->text);
	if (custody_buf_reserve(&k->text, n, err) || read_spool(k, at + sizeof(s), k->text.data, n, err))
		return -1;
	const uint8_t *p = k->text.data;
	e->has_size = s.has_size;
	e->size = s.size;
	e->digests.mask = s.mask;
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (s.mask & CUSTODY_DIGEST_BIT(id)) {
			size_t size = custody_digest_get((enum custody_digest_id)id)->size;
			memcpy(e->digests.value[id], p, size);
			p += size;
		}
	e->path = (struct custody_bytes){ p, s.path_len };
	return 0;
}

/* ---- finding by name ---- */

static void put_name(uint32_t *table, size_t cap, uint64_t hash, uint32_t value)
{
	size_t i = (size_t)hash & (cap - 1);
	while (table[i])
		i = (i + 1) & (cap - 1);
	table[i] = value;
}

static int grow(struct custody_known *k, struct custody_error *err)
{
	if (k->n < k->cap)
		return 0;
	if (k->n >= (size_t)1 << 31)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "more than 2^31 names in one list");
	size_t cap = k->cap ? k->cap * 2 : 1024, slots = cap * 2;
	struct record *records = reallocarray(k->records, cap, sizeof(*records));
	if (!records)
		return custody_fail_nomem(err);
	k->records = records;
	k->cap = cap;
	uint32_t *table = calloc(slots, sizeof(*table));
	if (!table)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < k->n; i++)
		put_name(table, slots, records[i].name_hash, (uint32_t)i + 1);
	free(k->by_name);
	k->by_name = table;
	k->by_name_cap = slots;
	return 0;
}

int custody_known_find(struct custody_known *k, const uint8_t *plain, size_t n, size_t *index, struct custody_error *err)
{
	if (k->n == 0)
		return 0;
	uint64_t hash = custody_set_hash(&k->hash, NAME, plain, n);
	CUSTODY_BUF_CLEAN struct custody_buf mine = { .max = CUSTODY_LIMIT_HASH_LINE };
	for (size_t i = (size_t)hash & (k->by_name_cap - 1); k->by_name[i]; i = (i + 1) & (k->by_name_cap - 1)) {
		size_t candidate = k->by_name[i] - 1;
		struct custody_known_entry e;
		if (k->records[candidate].name_hash != hash)
			continue;
		if (custody_known_get(k, candidate, &e, err) || custody_known_plain(&mine, e.path.p, e.path.n, err))
			return -1;
		if (mine.len == n && memcmp(mine.data, plain, n) == 0) {
			*index = candidate;
			return 1;
		}
	}
	return 0;
}

/* The first of SHA-2 and SHA-3 that is there; else whatever is. */
static uint8_t primary_of(uint32_t mask)
{
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if ((mask & CUSTODY_DIGEST_BIT(id)) && !custody_digest_get((enum custody_digest_id)id)->legacy)
			return (uint8_t)id;
	return (uint8_t)__builtin_ctz(mask);
}

struct custody_known_relation custody_known_compare(const struct custody_known_entry *a, const struct custody_known_entry *b)
{
	struct custody_known_relation r = { .size_differs = a->has_size && b->has_size && a->size != b->size };
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		uint32_t bit = CUSTODY_DIGEST_BIT(id);
		if (!(a->digests.mask & b->digests.mask & bit))
			continue;
		bool same = memcmp(a->digests.value[id], b->digests.value[id], custody_digest_get((enum custody_digest_id)id)->size) == 0;
		*(same ? &r.agree : &r.differ) |= bit;
	}
	return r;
}

/* More about a name that is there: all of it is stored again, and what was before is left behind in the spool. */
static int merge(struct custody_known *k, size_t index, const struct custody_known_entry *e, struct custody_error *err)
{
	struct custody_known_entry all;
	char shown[256];
	if (custody_known_get(k, index, &all, err))
		return -1;
	struct custody_known_relation r = custody_known_compare(&all, e);
	if (r.differ || r.size_differs)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "'%s' is there twice with a different %s, want one statement about a name",
			custody_display(e->path.p, e->path.n, shown, sizeof(shown)), r.differ ? "digest" : "size");
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (e->digests.mask & CUSTODY_DIGEST_BIT(id))
			memcpy(all.digests.value[id], e->digests.value[id], CUSTODY_DIGEST_MAX);
	all.digests.mask |= e->digests.mask;
	if (e->has_size) {
		all.has_size = true;
		all.size = e->size;
	}
	uint64_t at;
	if (store(k, &all, &at, err))
		return -1;
	k->records[index].at = at & (((uint64_t)1 << 62) - 1);
	k->records[index].primary = primary_of(all.digests.mask);
	return 0;
}

int custody_known_add(struct custody_known *k, const struct custody_known_entry *e, struct custody_error *err)
{
	size_t index;
	if (custody_known_plain(&k->plain, e->path.p, e->path.n, err) || narrow_common(k, err))
		return -1;
	int rc = custody_known_find(k, k->plain.data, k->plain.len, &index, err);
	if (rc < 0)
		return -1;
	k->digests |= e->digests.mask;
	if (rc > 0)
		return merge(k, index, e, err);
	uint64_t at;
	if (grow(k, err) || store(k, e, &at, err))
		return -1;
	uint64_t hash = custody_set_hash(&k->hash, NAME, k->plain.data, k->plain.len);
	k->records[k->n] = (struct record){ .name_hash = hash, .at = at & (((uint64_t)1 << 62) - 1), .primary = primary_of(e->digests.mask) };
	put_name(k->by_name, k->by_name_cap, hash, (uint32_t)++k->n);
	return 0;
}

/* ---- finding by content ---- */

static uint64_t digest_slot(const struct custody_known *k, uint8_t id, const uint8_t *value)
{
	uint64_t hash = custody_set_hash(&k->hash, (uint8_t)(DIGEST + id), value, custody_digest_get((enum custody_digest_id)id)->size);
	return hash & (k->by_digest_cap - 1);
}

static void put_digest(struct custody_known *k, size_t index, const struct custody_known_entry *e)
{
	struct record *r = &k->records[index];
	uint64_t slot = digest_slot(k, r->primary, e->digests.value[r->primary]);
	r->next = k->by_digest[slot];
	k->by_digest[slot] = (uint32_t)index + 1;
	k->primaries |= CUSTODY_DIGEST_BIT(r->primary);
}

static void reverse(struct custody_known *k, uint32_t *head)
{
	uint32_t reversed = 0;
	while (*head) {
		struct record *r = &k->records[*head - 1];
		uint32_t next = r->next;
		r->next = reversed;
		reversed = *head;
		*head = next;
	}
	*head = reversed;
}

/* A table of chains: entries with one digest are all in one, in the order of the list. */
static int index_digests(struct custody_known *k, struct custody_error *err)
{
	if (k->by_digest)
		return 0;
	k->by_digest_cap = k->cap;
	k->by_digest = calloc(k->by_digest_cap, sizeof(*k->by_digest));
	if (!k->by_digest)
		return custody_fail_nomem(err);
	/* Forwards, as the spool is read best; each goes in front, so that the chains must be turned round. */
	for (size_t i = 0; i < k->n; i++) {
		struct custody_known_entry e;
		if (k->records[i].marked)
			continue;
		if (custody_known_get(k, i, &e, err))
			return -1;
		put_digest(k, i, &e);
	}
	for (size_t i = 0; i < k->by_digest_cap; i++)
		reverse(k, &k->by_digest[i]);
	return 0;
}

/* Goes along one chain, and takes out of it what is marked by now. */
static int take_from_chain(
	struct custody_known *k, uint32_t *link, const struct custody_known_entry *content, size_t *index, struct custody_error *err)
{
	for (unsigned tries = 0; *link && tries < SAME_TRIES; tries++) {
		struct record *r = &k->records[*link - 1];
		struct custody_known_entry e;
		if (r->marked) {
			*link = r->next;
			continue;
		}
		if (custody_known_get(k, *link - 1, &e, err))
			return -1;
		if (custody_known_is_match(custody_known_compare(&e, content))) {
			*index = *link - 1;
			r->marked = 1;
			*link = r->next;
			return 1;
		}
		link = &r->next;
	}
	return 0;
}

int custody_known_take_same(struct custody_known *k, const struct custody_known_entry *content, size_t *index, struct custody_error *err)
{
	if (k->n == 0)
		return 0;
	if (index_digests(k, err))
		return -1;
	int rc = 0;
	for (uint8_t id = 0; rc == 0 && id < CUSTODY_DIGEST_COUNT; id++)
		if (k->primaries & content->digests.mask & CUSTODY_DIGEST_BIT(id))
			rc = take_from_chain(k, &k->by_digest[digest_slot(k, id, content->digests.value[id])], content, index, err);
	return rc;
}
