/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/claims.h"

#include <stdlib.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/package/manifest.h"

/* An item's name is compared with those of a list in these ways, and what fits most items counts for the whole list. */
enum reading {
	AS_SEALED, /* the path in the package */
	BELOW, /* without the folder that was given to seal */
	BELOW_COMMON, /* likewise, behind the folders that all names of the list have in common */
	LAST_PART, /* the file's name alone */
	READINGS
};

#define NONE UINT64_MAX /* no item */
#define SEVERAL (UINT64_MAX - 1) /* more than one: which is meant cannot be told from the name */

struct list {
	struct custody_claims_source source; /* its texts are owned */
	struct custody_known *known; /* owned */
	uint64_t *lines; /* owned: of each entry, the line that named it first */
	size_t cap;
	uint64_t *met[READINGS]; /* owned: of each entry, the item */
	uint64_t votes[READINGS];
	enum reading best;
	uint64_t *tied; /* one of met */
};

struct custody_claims {
	int dir_fd;
	const struct custody_random *random; /* borrowed */
	struct list *lists; /* owned */
	size_t n;
	struct custody_buf plain, name;
};

int custody_claims_new(struct custody_claims **out, int dir_fd, const struct custody_random *random, struct custody_error *err)
{
	struct custody_claims *c = calloc(1, sizeof(*c));

	if (!c)
		return custody_fail_nomem(err);
	c->dir_fd = dir_fd;
	c->random = random;
	custody_buf_init(&c->plain, CUSTODY_LIMIT_HASH_LINE);
	custody_buf_init(&c->name, 2 * CUSTODY_LIMIT_HASH_LINE);
	*out = c;
	return 0;
}

static void drop_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

static void list_release(struct list *l)
{
	drop_text(l->source.name);
	drop_text(l->source.format);
	drop_text(l->source.by);
	drop_text(l->source.confirmed_by);
	custody_known_free(&l->known);
	free(l->lines);
	for (int i = 0; i < READINGS; i++)
		free(l->met[i]);
}

void custody_claims_free(struct custody_claims **p)
{
	struct custody_claims *c = *p;

	*p = NULL;
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		list_release(&c->lists[i]);
	free(c->lists);
	custody_buf_release(&c->plain);
	custody_buf_release(&c->name);
	free(c);
}

/* ---- lists ---- */

static int copy(const char **out, const char *text, struct custody_error *err)
{
	*out = text ? strdup(text) : NULL;
	return text && !*out ? custody_fail_nomem(err) : 0;
}

int custody_claims_begin(struct custody_claims *c, const struct custody_claims_source *source, struct custody_error *err)
{
	uint8_t key[16];

	if (c->n == CUSTODY_LIMIT_CLAIM_SOURCES)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "more than %d lists of stated digests", CUSTODY_LIMIT_CLAIM_SOURCES);
	struct list *more = reallocarray(c->lists, c->n + 1, sizeof(*more));
	if (!more)
		return custody_fail_nomem(err);
	c->lists = more;
	struct list *l = &more[c->n++];
	*l = (struct list){ .source = { .name = NULL } };
	memcpy(l->source.sha256, source->sha256, sizeof(l->source.sha256));
	if (copy(&l->source.name, source->name, err) || copy(&l->source.format, source->format, err) || copy(&l->source.by, source->by, err) ||
		copy(&l->source.confirmed_by, source->confirmed_by, err))
		return -1;
	return custody_random_fill(c->random, key, sizeof(key), err) || custody_known_new(&l->known, c->dir_fd, key, err) ? -1 : 0;
}

static int keep_line(struct list *l, size_t index, uint64_t line, struct custody_error *err)
{
	if (index >= l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 256;
		uint64_t *more = reallocarray(l->lines, cap, sizeof(*more));

		if (!more)
			return custody_fail_nomem(err);
		l->lines = more;
		l->cap = cap;
	}
	l->lines[index] = line;
	return 0;
}

int custody_claims_add(struct custody_claims *c, const struct custody_known_entry *entry, uint64_t line, struct custody_error *err)
{
	struct list *l = &c->lists[c->n - 1];
	size_t before = custody_known_count(l->known);

	if (entry->path.n > CUSTODY_LIMIT_PATH)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "a name of %zu bytes, at most %zu are taken", entry->path.n, CUSTODY_LIMIT_PATH);
	if (entry->has_size && entry->size >= (uint64_t)1 << 53)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "a size of more than 2^53 bytes");
	if (custody_known_add(l->known, entry, err))
		return -1;
	return custody_known_count(l->known) == before ? 0 : keep_line(l, before, line, err);
}

size_t custody_claims_count(const struct custody_claims *c)
{
	return c->n;
}

uint32_t custody_claims_digests(const struct custody_claims *c)
{
	uint32_t digests = 0;

	for (size_t i = 0; i < c->n; i++)
		digests |= custody_known_digests(c->lists[i].known);
	return digests;
}

/* ---- the inventory, from its spool ---- */

static int read_spool(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	return custody_spool_read(ctx, off, p, n, err);
}

typedef int take_item(struct custody_claims *c, const struct custody_item *item, struct custody_error *err);

/* Every item whose content can be meant: files, and hard links to them. */
static int each_item(struct custody_claims *c, struct custody_spool *inventory, take_item *take, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_inventory_cursor_free) struct custody_inventory_cursor *cursor = NULL;
	const struct custody_source source = { .size = custody_spool_size(inventory), .read = read_spool, .ctx = inventory };
	struct custody_item item;
	const uint8_t *line;
	size_t line_len;
	int r;

	if (custody_inventory_cursor_new(&cursor, &source, 0, source.size, err))
		return -1;
	while ((r = custody_inventory_cursor_next(cursor, &item, &line, &line_len, err)) == 1)
		if ((item.kind == CUSTODY_KIND_FILE || item.kind == CUSTODY_KIND_HARDLINK) && take(c, &item, err))
			return -1;
	return r;
}

/* ---- by name ---- */

/* The item's name under a reading, in c->name; false: there is none. */
static int read_name(
	struct custody_claims *c, const struct list *l, enum reading reading, struct custody_bytes path, bool *has, struct custody_error *err)
{
	const uint8_t *first = memchr(path.p, '/', path.n), *last = memrchr(path.p, '/', path.n);
	const uint8_t *end = path.p + path.n, *from = reading == AS_SEALED ? path.p : reading == LAST_PART ? last : first;
	struct custody_bytes common = custody_known_common(l->known);

	*has = (reading != BELOW || first) && (reading != BELOW_COMMON || common.n > 0) && (reading != LAST_PART || last);
	if (!*has)
		return 0;
	from = !from ? path.p : reading == AS_SEALED ? from : from + 1;
	custody_buf_clear(&c->name);
	if (reading == BELOW_COMMON && custody_buf_append(&c->name, common.p, common.n, err))
		return -1;
	return custody_buf_append(&c->name, from, (size_t)(end - from), err);
}

/* 1: *index is the entry that the item's name is under this reading. */
static int find(struct custody_claims *c, struct list *l, enum reading reading, struct custody_bytes path, size_t *index, struct custody_error *err)
{
	bool has = false;

	if (read_name(c, l, reading, path, &has, err))
		return -1;
	return has ? custody_known_find(l->known, c->name.data, c->name.len, index, err) : 0;
}

/* A hard link has the content of what it links to. */
static uint64_t content_of(const struct custody_item *item)
{
	return item->kind == CUSTODY_KIND_HARDLINK ? item->target_n : item->n;
}

static int meet_by_name(struct custody_claims *c, const struct custody_item *item, struct custody_error *err)
{
	for (size_t i = 0; i < c->n; i++)
		for (int reading = 0; reading < READINGS; reading++) {
			struct list *l = &c->lists[i];
			uint64_t *met;
			size_t index = 0;
			int r = find(c, l, (enum reading)reading, item->path, &index, err);

			if (r < 0)
				return -1;
			if (r == 0)
				continue;
			met = &l->met[reading][index];
			l->votes[reading] += *met == NONE;
			l->votes[reading] -= *met != NONE && *met != SEVERAL;
			*met = *met == NONE ? content_of(item) : SEVERAL;
		}
	return 0;
}

/* The first of those that fit most items. What it leaves open may yet be found by content. */
static void choose_reading(struct list *l)
{
	for (int i = 1; i < READINGS; i++)
		if (l->votes[i] > l->votes[l->best])
			l->best = (enum reading)i;
	l->tied = l->met[l->best];
	for (size_t i = 0; i < custody_known_count(l->known); i++) {
		if (l->tied[i] == SEVERAL)
			l->tied[i] = NONE;
		if (l->tied[i] != NONE)
			custody_known_mark(l->known, i);
	}
}

static int tie_by_name(struct custody_claims *c, struct custody_spool *inventory, struct custody_error *err)
{
	for (size_t i = 0; i < c->n; i++) {
		struct list *l = &c->lists[i];
		size_t n = custody_known_count(l->known);

		for (int reading = 0; reading < READINGS; reading++) {
			l->met[reading] = malloc((n + 1) * sizeof(uint64_t));
			if (!l->met[reading])
				return custody_fail_nomem(err);
			memset(l->met[reading], 0xff, n * sizeof(uint64_t)); /* NONE */
		}
	}
	return each_item(c, inventory, meet_by_name, err);
}

/* ---- by content ---- */

/* An item that a name of the list means already is nothing that moved. */
static int meet_by_content(struct custody_claims *c, const struct custody_item *item, struct custody_error *err)
{
	const struct custody_known_entry content = { .has_size = true, .size = item->size, .digests = item->digests };

	for (size_t i = 0; item->has_content && i < c->n; i++) {
		struct list *l = &c->lists[i];
		size_t index = 0;
		int r = find(c, l, l->best, item->path, &index, err);

		if (r < 0)
			return -1;
		if (r > 0 && l->tied[index] == item->n)
			continue;
		r = custody_known_take_same(l->known, &content, &index, err);
		if (r < 0)
			return -1;
		if (r > 0)
			l->tied[index] = item->n;
	}
	return 0;
}

static bool all_tied(const struct custody_claims *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < custody_known_count(c->lists[i].known); k++)
			if (c->lists[i].tied[k] == NONE)
				return false;
	return true;
}

/* ---- writing ---- */

/* Where a line stands; an item that there is none of (NONE) sorts last by itself. */
struct place {
	uint64_t item, line;
	uint32_t list, index;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	if (p->item != q->item)
		return p->item < q->item ? -1 : 1;
	if (p->list != q->list)
		return p->list < q->list ? -1 : 1;
	return p->line < q->line ? -1 : p->line > q->line;
}

static size_t count_all(const struct custody_claims *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += custody_known_count(c->lists[i].known);
	return n;
}

static struct place *sorted_places(const struct custody_claims *c, size_t n, struct custody_error *err)
{
	struct place *places = reallocarray(NULL, n + 1, sizeof(*places));
	size_t at = 0;

	if (!places) {
		custody_fail_nomem(err);
		return NULL;
	}
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < custody_known_count(c->lists[i].known); k++)
			places[at++] = (struct place){ c->lists[i].tied[k], c->lists[i].lines[k], (uint32_t)i, (uint32_t)k };
	qsort(places, n, sizeof(*places), compare_places);
	return places;
}

static int write_head(const struct custody_claims *c, size_t n, struct custody_buf *line, struct custody_error *err)
{
	CUSTODY_FREE struct custody_claims_source *sources = calloc(c->n + 1, sizeof(*sources));
	const struct custody_claims_head head = { n, sources, c->n };

	if (!sources)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < c->n; i++)
		sources[i] = c->lists[i].source;
	return custody_claims_format_head(line, &head, err);
}

static int write_claim(struct custody_claims *c, const struct place *p, struct custody_buf *line, struct custody_error *err)
{
	struct custody_known_entry e;

	if (custody_known_get(c->lists[p->list].known, p->index, &e, err))
		return -1;
	const struct custody_claim claim = {
		.has_item = p->item != NONE,
		.item = p->item != NONE ? p->item : 0,
		.source = p->list,
		.line = p->line,
		.path = e.path,
		.has_size = e.has_size,
		.size = e.size,
		.digests = e.digests,
	};
	return custody_claim_format(line, &claim, err);
}

static int write_all(struct custody_claims *c, struct custody_spool *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf line = { .max = CUSTODY_LIMIT_LINE };
	size_t n = count_all(c);
	CUSTODY_FREE struct place *places = sorted_places(c, n, err);

	if (!places || write_head(c, n, &line, err) || custody_spool_append(out, line.data, line.len, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		custody_buf_clear(&line);
		if (write_claim(c, &places[i], &line, err) || custody_spool_append(out, line.data, line.len, err))
			return -1;
	}
	return 0;
}

int custody_claims_write(struct custody_claims *c, struct custody_spool *inventory, struct custody_spool *out, struct custody_error *err)
{
	if (tie_by_name(c, inventory, err))
		return -1;
	for (size_t i = 0; i < c->n; i++)
		choose_reading(&c->lists[i]);
	if (!all_tied(c) && each_item(c, inventory, meet_by_content, err))
		return -1;
	return write_all(c, out, err);
}
