/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/audit.h"

#include <stdlib.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/set.h"
#include "libcustody/work/walk.h"

enum { VOTERS = 10000 }; /* files looked at to choose a reading of the names, if any of them is in the list */

/* What an item's name begins with under each reading; what follows is the part below the argument. */
struct argument {
	char *path; /* owned */
	char *prefix[CUSTODY_NAMES_COUNT]; /* owned, plain; NULL: this reading has nothing to say here */
};

/* A file whose name is not in the list, in the spool; digests in the order of the mask and the path follow. */
struct stray {
	uint64_t size;
	uint64_t path_len;
};

struct custody_audit {
	struct custody_known *known; /* borrowed */
	char *list_folder; /* owned, or NULL */
	struct argument *arguments; /* owned */
	size_t n_arguments;
	enum custody_audit_names names;
	custody_audit_report *report;
	void *ctx;
	struct custody_spool strays;
	struct custody_set unread; /* hashes of the plain names of folders that could not be read */
	bool has_unread, all_unread; /* all: a folder that every name of this reading lies in */
	struct custody_audit_counts counts;
	struct custody_buf name;
};

const char *custody_audit_names_text(enum custody_audit_names names)
{
	static const char *const texts[CUSTODY_NAMES_COUNT] = {
		[CUSTODY_NAMES_AS_GIVEN] = "as given",
		[CUSTODY_NAMES_BY_LIST] = "from the folder of the list",
		[CUSTODY_NAMES_BELOW] = "from each argument",
		[CUSTODY_NAMES_LAST_PART] = "from the folder above each argument",
		[CUSTODY_NAMES_ABSOLUTE] = "from the root",
		[CUSTODY_NAMES_COMMON] = "without the folders that all have in common",
	};
	return texts[names];
}

int custody_audit_new(struct custody_audit **out, struct custody_known *known, int dir_fd, const char *list_folder, custody_audit_report *report,
	void *ctx, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_audit_free) struct custody_audit *a = calloc(1, sizeof(*a));
	if (!a)
		return custody_fail_nomem(err);
	a->known = known;
	a->report = report;
	a->ctx = ctx;
	custody_buf_init(&a->name, 2 * CUSTODY_LIMIT_HASH_LINE);
	custody_set_init(&a->unread, custody_known_key(known));
	if (custody_spool_init(&a->strays, dir_fd, err))
		return -1;
	if (list_folder && !(a->list_folder = strdup(list_folder)))
		return custody_fail_nomem(err);
	*out = custody_steal(&a);
	return 0;
}

void custody_audit_free(struct custody_audit **p)
{
	struct custody_audit *a = *p;
	*p = NULL;
	if (!a)
		return;
	for (size_t i = 0; i < a->n_arguments; i++) {
		free(a->arguments[i].path);
		for (size_t j = 0; j < CUSTODY_NAMES_COUNT; j++)
			free(a->arguments[i].prefix[j]);
	}
	free(a->arguments);
	free(a->list_folder);
	custody_spool_release(&a->strays);
	custody_set_release(&a->unread);
	custody_buf_release(&a->name);
	free(a);
}

/* ---- readings of names ---- */

/* A plain prefix of these bytes and, unless they are empty or end so, a '/'. */
static int set_prefix(struct argument *g, enum custody_audit_names names, const char *p, size_t n, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = CUSTODY_LIMIT_HASH_LINE }, plain = { .max = CUSTODY_LIMIT_HASH_LINE };
	if (custody_buf_append(&text, p, n, err) || (n > 0 && custody_buf_append_byte(&text, '/', err)) ||
		custody_known_plain(&plain, text.data, text.len, err))
		return -1;
	free(g->prefix[names]);
	g->prefix[names] = strdup(custody_buf_str(&plain));
	return g->prefix[names] ? 0 : custody_fail_nomem(err);
}

/* What remains of folder below `top` (both absolute), without a '/' in front; NULL if it is not below. */
static const char *below(const char *folder, const char *top)
{
	size_t n = strlen(top);
	if (n > 0 && top[n - 1] == '/')
		n--; /* the root */
	if (strncmp(folder, top, n) != 0 || (folder[n] != '/' && folder[n] != '\0'))
		return NULL;
	return folder[n] == '/' ? folder + n + 1 : folder + n;
}

static const char *last_part(const char *path, size_t n, size_t *length)
{
	while (n > 0 && path[n - 1] == '/')
		n--;
	size_t begin = n;
	while (begin > 0 && path[begin - 1] != '/')
		begin--;
	*length = n - begin;
	return path + begin;
}

static int set_prefixes(struct custody_audit *a, struct argument *g, const char *folder, struct custody_error *err)
{
	struct custody_bytes common = custody_known_common(a->known);
	if (set_prefix(g, CUSTODY_NAMES_BELOW, "", 0, err))
		return -1;
	if (common.n > 0 && set_prefix(g, CUSTODY_NAMES_COMMON, (const char *)common.p, common.n, err))
		return -1;
	if (!folder)
		return 0;
	const char *rest = a->list_folder ? below(folder, a->list_folder) : NULL;
	if (rest && set_prefix(g, CUSTODY_NAMES_BY_LIST, rest, strlen(rest), err))
		return -1;
	size_t n;
	const char *last = last_part(folder, strlen(folder), &n);
	return set_prefix(g, CUSTODY_NAMES_LAST_PART, last, n, err) || set_prefix(g, CUSTODY_NAMES_ABSOLUTE, folder, strlen(folder), err) ? -1 : 0;
}

int custody_audit_argument(struct custody_audit *a, const char *path, const char *folder, struct custody_error *err)
{
	struct argument *more = reallocarray(a->arguments, a->n_arguments + 1, sizeof(*more));
	if (!more)
		return custody_fail_nomem(err);
	a->arguments = more;
	struct argument *g = &more[a->n_arguments++];
	*g = (struct argument){ .path = strdup(path) };
	return g->path ? set_prefixes(a, g, folder, err) : custody_fail_nomem(err);
}

/* The plain name of an item under a reading, in a->name. false: this reading has none. */
static int read_name(struct custody_audit *a, enum custody_audit_names names, size_t argument, struct custody_bytes path, size_t below_at, bool *has,
	struct custody_error *err)
{
	*has = true;
	if (names == CUSTODY_NAMES_AS_GIVEN)
		return custody_known_plain(&a->name, path.p, path.n, err);
	const char *prefix = a->arguments[argument].prefix[names];
	*has = prefix != NULL;
	if (!prefix)
		return 0;
	custody_buf_clear(&a->name);
	return custody_buf_append_str(&a->name, prefix, err) || custody_buf_append(&a->name, path.p + below_at, path.n - below_at, err) ? -1 : 0;
}

/* 1: in the list. */
static int look_up(struct custody_audit *a, enum custody_audit_names names, size_t argument, struct custody_bytes path, size_t below_at,
	size_t *index, struct custody_error *err)
{
	bool has;
	if (read_name(a, names, argument, path, below_at, &has, err))
		return -1;
	return has ? custody_known_find(a->known, a->name.data, a->name.len, index, err) : 0;
}

struct votes {
	uint64_t asked, of[CUSTODY_NAMES_COUNT], best;
};

static int vote(
	struct custody_audit *a, size_t argument, const struct custody_walk_entry *e, size_t below_at, struct votes *v, struct custody_error *err)
{
	const struct custody_bytes path = { e->path, e->path_len };
	v->asked++;
	for (unsigned names = 0; names < CUSTODY_NAMES_COUNT; names++) {
		size_t index;
		int rc = look_up(a, (enum custody_audit_names)names, argument, path, below_at, &index, err);
		if (rc < 0)
			return -1;
		v->of[names] += rc > 0;
		if (v->of[names] > v->best)
			v->best = v->of[names];
	}
	return 0;
}

static int vote_argument(struct custody_audit *a, size_t argument, struct votes *v, struct custody_error *err)
{
	struct custody_error ignored = CUSTODY_ERROR_INIT;
	const struct custody_walk_argument given = { .path = a->arguments[argument].path };
	CUSTODY_CLEANUP(custody_walk_free) struct custody_walk *walk = NULL;
	if (custody_walk_new(&walk, &given, 1, true, &ignored))
		return 0; /* said when it is hashed */
	struct custody_walk_entry e;
	size_t below_at = 0;
	bool first = true;
	while (v->asked < VOTERS || v->best == 0) {
		if (custody_walk_next(walk, &e, &ignored) <= 0)
			return 0;
		if (first)
			below_at = custody_hash_below(&e);
		first = false;
		if ((e.kind == CUSTODY_KIND_FILE || e.kind == CUSTODY_KIND_HARDLINK) && vote(a, argument, &e, below_at, v, err))
			return -1;
	}
	return 0;
}

int custody_audit_choose_names(struct custody_audit *a, enum custody_audit_names *names, struct custody_error *err)
{
	struct votes v = { 0 };
	for (size_t i = 0; i < a->n_arguments; i++)
		if (vote_argument(a, i, &v, err))
			return -1;
	a->names = CUSTODY_NAMES_AS_GIVEN;
	for (unsigned i = 0; i < CUSTODY_NAMES_COUNT; i++)
		if (v.of[i] > v.of[a->names])
			a->names = (enum custody_audit_names)i;
	*names = a->names;
	return 0;
}

/* ---- items ---- */

static int tell(struct custody_audit *a, const struct custody_audit_result *r, struct custody_error *err)
{
	a->counts.of[r->status]++;
	return a->report(a->ctx, r, err);
}

/* The name may be of something that moved: that is known only when all names have been met. */
static int put_aside(struct custody_audit *a, const struct custody_hash_item *item, struct custody_error *err)
{
	const struct stray s = { item->size, item->path.n };
	if (custody_spool_append(&a->strays, &s, sizeof(s), err))
		return -1;
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if ((custody_known_digests(a->known) & CUSTODY_DIGEST_BIT(id)) &&
			custody_spool_append(&a->strays, item->digests->value[id], custody_digest_get((enum custody_digest_id)id)->size, err))
			return -1;
	return custody_spool_append(&a->strays, item->path.p, item->path.n, err);
}

static int compare(struct custody_audit *a, const struct custody_hash_item *item, size_t index, struct custody_error *err)
{
	struct custody_known_entry known, observed = { .has_size = true, .size = item->size, .digests = *item->digests };
	if (custody_known_get(a->known, index, &known, err))
		return -1;
	const struct custody_known_relation relation = custody_known_compare(&known, &observed);
	const struct custody_audit_result result = {
		.status = custody_known_is_match(relation) ? CUSTODY_AUDIT_MATCHED : CUSTODY_AUDIT_CHANGED, .path = item->path, .relation = relation
	};
	return tell(a, &result, err);
}

static enum custody_audit_status status_of(enum custody_hash_outcome outcome)
{
	return outcome == CUSTODY_HASH_SYMLINK || outcome == CUSTODY_HASH_SPECIAL ? CUSTODY_AUDIT_PASSED_OVER : CUSTODY_AUDIT_UNREADABLE;
}

/* A folder that cannot be read: nothing is known of what lies below. */
static int note_unread(struct custody_audit *a, const struct custody_hash_item *item, struct custody_error *err)
{
	bool has, there;
	if (read_name(a, a->names, item->argument, item->path, item->below, &has, err))
		return -1;
	if (!has)
		return 0;
	size_t n = a->name.len;
	while (n > 0 && a->name.data[n - 1] == '/')
		n--;
	a->has_unread = true;
	a->all_unread = a->all_unread || n == 0;
	return custody_set_add(&a->unread, custody_set_hash(&a->unread, 0, a->name.data, n), &there, err);
}

int custody_audit_observe(void *audit, const struct custody_hash_item *item, struct custody_error *err)
{
	struct custody_audit *a = audit;
	const struct custody_audit_result not_read = { .status = status_of(item->outcome), .path = item->path, .item = item };
	/* A link's name in the list stands for content that was somewhere else: that it was not looked at must show, so it stays missing. */
	if (item->outcome == CUSTODY_HASH_SYMLINK || item->outcome == CUSTODY_HASH_SPECIAL)
		return tell(a, &not_read, err);
	size_t index;
	int rc = look_up(a, a->names, item->argument, item->path, item->below, &index, err);
	if (rc < 0)
		return -1;
	if (rc > 0)
		custody_known_mark(a->known, index);
	if (item->outcome == CUSTODY_HASH_UNREADABLE && item->kind == CUSTODY_KIND_DIR && note_unread(a, item, err))
		return -1;
	if (item->outcome != CUSTODY_HASH_READ)
		return tell(a, &not_read, err);
	return rc > 0 ? compare(a, item, index, err) : put_aside(a, item, err);
}

/* ---- what is left ---- */

/* The stray at *at, which moves on. The path is in a->name. */
static int read_stray(struct custody_audit *a, uint64_t *at, struct custody_known_entry *e, struct custody_error *err)
{
	struct stray s;
	if (custody_spool_read(&a->strays, *at, (uint8_t *)&s, sizeof(s), err))
		return -1;
	*at += sizeof(s);
	*e = (struct custody_known_entry){ .has_size = true, .size = s.size, .digests.mask = custody_known_digests(a->known) };
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		size_t size = custody_digest_get((enum custody_digest_id)id)->size;
		if (!(e->digests.mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		if (custody_spool_read(&a->strays, *at, e->digests.value[id], size, err))
			return -1;
		*at += size;
	}
	custody_buf_clear(&a->name);
	if (custody_buf_reserve(&a->name, (size_t)s.path_len, err) || custody_spool_read(&a->strays, *at, a->name.data, (size_t)s.path_len, err))
		return -1;
	a->name.len = (size_t)s.path_len;
	*at += s.path_len;
	e->path = (struct custody_bytes){ a->name.data, a->name.len };
	return 0;
}

static int tell_stray(struct custody_audit *a, const struct custody_known_entry *found, struct custody_error *err)
{
	struct custody_audit_result result = { .status = CUSTODY_AUDIT_NEW, .path = found->path };
	struct custody_known_entry origin;
	size_t index;
	int rc = custody_known_take_same(a->known, found, &index, err);
	if (rc < 0 || (rc > 0 && custody_known_get(a->known, index, &origin, err)))
		return -1;
	if (rc > 0) {
		result.status = CUSTODY_AUDIT_MOVED;
		result.from = origin.path;
	}
	return tell(a, &result, err);
}

static bool lies_in_unread(const struct custody_audit *a, const struct custody_buf *plain)
{
	bool found = a->all_unread;
	for (size_t i = 0; i < plain->len && !found; i++)
		found = plain->data[i] == '/' && custody_set_has(&a->unread, custody_set_hash(&a->unread, 0, plain->data, i));
	return found;
}

/* What lies below folders that could not be read was not looked for: neither missing nor the origin of something moved. */
static int mark_unread(struct custody_audit *a, struct custody_error *err)
{
	struct custody_known_entry e;
	for (size_t i = 0; a->has_unread && i < custody_known_count(a->known); i++) {
		if (custody_known_is_marked(a->known, i))
			continue;
		if (custody_known_get(a->known, i, &e, err) || custody_known_plain(&a->name, e.path.p, e.path.n, err))
			return -1;
		if (lies_in_unread(a, &a->name))
			custody_known_mark(a->known, i);
	}
	return 0;
}

int custody_audit_finish(struct custody_audit *a, struct custody_audit_counts *counts, struct custody_error *err)
{
	struct custody_known_entry e;
	if (mark_unread(a, err))
		return -1;
	for (uint64_t at = 0; at < custody_spool_size(&a->strays);)
		if (read_stray(a, &at, &e, err) || tell_stray(a, &e, err))
			return -1;
	for (size_t i = 0; i < custody_known_count(a->known); i++) {
		if (custody_known_is_marked(a->known, i))
			continue;
		if (custody_known_get(a->known, i, &e, err))
			return -1;
		const struct custody_audit_result result = { .status = CUSTODY_AUDIT_MISSING, .path = e.path };
		if (tell(a, &result, err))
			return -1;
	}
	*counts = a->counts;
	return 0;
}
