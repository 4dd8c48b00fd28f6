/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the verdict the inventory is gone through several times, each time as a stream: once to look (what is selected, which folders there are, which
 * hard links), once for the content, then for hard links, symbolic links, and backwards for the folders. Each time it must have the bytes it had the
 * first time.
 */
#include "libcustody/work/extract.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/path.h"
#include "libcustody/base/sparse.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/package/zip.h"
#include "libcustody/work/place.h"
#include "libcustody/work/stream.h"

#define SHOWN 256

/* Where a line of the inventory lies in the source. */
struct line {
	uint64_t offset;
	uint32_t len;
};

/* A file to which selected hard links point. Its content is made under its own path if it is selected, else under that of the first link. */
struct target {
	uint64_t n; /* the file */
	uint64_t first_link;
	struct line place; /* the line whose path holds the content */
	bool selected; /* the file itself is */
	bool made;
};

struct extract {
	const struct custody_source *source;
	const struct custody_extract_options *o;
	struct custody_extract_result *result;
	struct custody_zip zip;
	struct custody_zip_member inventory;
	bool seen; /* the inventory was read once: its digest and what follows are known */
	uint8_t inventory_sha256[32];
	struct custody_place place;

	struct line *folders; /* in order */
	size_t n_folders, cap_folders;
	struct target *targets; /* by n */
	size_t n_targets, cap_targets;
	bool *matched; /* each pattern: something */
	uint64_t total, done; /* bytes of content */

	struct custody_buf text; /* scratch: a path as text */
	struct custody_buf line, arena; /* scratch: one line read again, and what its item borrows */
};

/* ---- small things ---- */

static int interrupted(const struct extract *x, struct custody_error *err)
{
	const struct custody_verify_options *v = x->o->verify;
	return v->interrupted && v->interrupted(v->interrupted_ctx) ? custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted") : 0;
}

static void progress(struct extract *x, size_t n)
{
	const struct custody_verify_options *v = x->o->verify;
	x->done += n;
	if (v->progress)
		v->progress(v->progress_ctx, x->done, x->total);
}

/* What was verified is not there any more. Nothing of it may stay. */
static int changed(const char *what, struct custody_error *err)
{
	custody_fail(err, CUSTODY_ERR_IO, "the package changed while it was read: %s", what);
	return custody_hint(err, "copy the package to a quiet place and extract from the copy");
}

/* A parser's refusal of what passed before is such a change too. */
static int parse_failed(struct custody_error *err)
{
	if (err->kind != CUSTODY_ERR_FORMAT)
		return -1;
	err->kind = CUSTODY_ERR_IO;
	err->rule = NULL;
	return custody_fail_in(err, "the package changed while it was read");
}

static bool grow(void **list, size_t *cap, size_t n, size_t size)
{
	if (n < *cap)
		return true;
	size_t more = *cap ? *cap * 2 : 64, bytes;
	void *p = __builtin_mul_overflow(more, size, &bytes) ? NULL : realloc(*list, bytes);
	if (!p)
		return false;
	*list = p;
	*cap = more;
	return true;
}

static void not_made(struct extract *x, const struct custody_item *item, const char *why)
{
	x->result->not_made++;
	if (x->o->not_made)
		x->o->not_made(x->o->ctx, item, why);
}

/* ---- which items ---- */

static int match(const char *pattern, const char *path, int flags)
{
	return fnmatch(pattern, path, flags | FNM_LEADING_DIR) == 0;
}

/* By the recorded path, or by how it is shown (there a backslash stands for itself). */
static int is_selected(struct extract *x, struct custody_bytes path, bool *selected, struct custody_error *err)
{
	char *shown = NULL;
	*selected = x->o->n_patterns == 0;
	if (x->o->n_patterns == 0)
		return 0;
	custody_buf_clear(&x->text);
	if (custody_buf_append(&x->text, path.p, path.n, err) || custody_buf_append_byte(&x->text, '\0', err))
		return -1;
	size_t raw = x->text.len;
	if (custody_display_append(&x->text, path.p, path.n, err))
		return -1;
	shown = (char *)x->text.data + raw;
	for (size_t i = 0; i < x->o->n_patterns; i++)
		if (match(x->o->patterns[i], custody_buf_str(&x->text), 0) || match(x->o->patterns[i], shown, FNM_NOESCAPE))
			*selected = x->matched[i] = true;
	return 0;
}

static int compare_targets(const void *a, const void *b)
{
	const struct target *s = a, *t = b;
	if (s->n != t->n)
		return s->n < t->n ? -1 : 1;
	return s->first_link < t->first_link ? -1 : s->first_link > t->first_link;
}

/* By number, and of several links to one file the first. */
static void sort_targets(struct extract *x)
{
	size_t kept = 0;
	if (x->n_targets > 0)
		qsort(x->targets, x->n_targets, sizeof(*x->targets), compare_targets);
	for (size_t i = 0; i < x->n_targets; i++)
		if (i == 0 || x->targets[i].n != x->targets[kept - 1].n)
			x->targets[kept++] = x->targets[i];
	x->n_targets = kept;
}

static struct target *find_target(const struct extract *x, uint64_t n)
{
	size_t from = 0, to = x->n_targets;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (x->targets[middle].n == n)
			return &x->targets[middle];
		if (x->targets[middle].n < n)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

/* ---- the inventory, as often as needed ---- */

struct scan {
	struct custody_inventory_cursor *cursor;
	struct line at; /* of the item given last */
	uint64_t next;
};

static void scan_release(struct scan *s)
{
	custody_inventory_cursor_free(&s->cursor);
}
#define SCAN_CLEAN CUSTODY_CLEANUP(scan_release)

static int scan_begin(struct scan *s, const struct extract *x, struct custody_error *err)
{
	s->next = x->inventory.data_offset;
	return custody_inventory_cursor_new(&s->cursor, x->source, x->inventory.data_offset, x->inventory.size, err);
}

/* 1: *item; 0: the end, and the bytes were those of the first time; -1. */
static int scan_next(struct scan *s, struct extract *x, struct custody_item *item, struct custody_error *err)
{
	const uint8_t *line = NULL;
	size_t len = 0;
	uint8_t sha256[32];
	int r = custody_inventory_cursor_next(s->cursor, item, &line, &len, err);
	if (r < 0)
		return parse_failed(err);
	if (r > 0) {
		s->at = (struct line){ s->next, (uint32_t)len };
		s->next += len + 1;
		return custody_path_is_relative_clean(item->path.p, item->path.n) ? 1 : changed("a path in the inventory leads elsewhere", err);
	}
	custody_inventory_cursor_digest(s->cursor, sha256);
	if (x->seen && memcmp(sha256, x->inventory_sha256, sizeof(sha256)) != 0)
		return changed("the inventory is another one", err);
	memcpy(x->inventory_sha256, sha256, sizeof(sha256));
	x->seen = true;
	return 0;
}

/* One line again. The item borrows from x until the next call. */
static int read_line(struct extract *x, struct line at, struct custody_item *item, struct custody_error *err)
{
	custody_buf_clear(&x->line);
	custody_buf_clear(&x->arena);
	if (custody_buf_reserve(&x->line, at.len, err) || custody_source_read(x->source, at.offset, x->line.data, at.len, err))
		return -1;
	x->line.len = at.len;
	return custody_item_parse(x->line.data, at.len, &x->arena, item, err) ? parse_failed(err) : 0;
}

/* ---- looking ---- */

static int note_folder(struct extract *x, const struct scan *s, struct custody_error *err)
{
	void *list = x->folders;
	if (!grow(&list, &x->cap_folders, x->n_folders, sizeof(*x->folders)))
		return custody_fail_nomem(err);
	x->folders = list;
	x->folders[x->n_folders++] = s->at;
	return 0;
}

static int note_link(struct extract *x, const struct scan *s, const struct custody_item *item, struct custody_error *err)
{
	void *list = x->targets;
	if (!grow(&list, &x->cap_targets, x->n_targets, sizeof(*x->targets)))
		return custody_fail_nomem(err);
	x->targets = list;
	x->targets[x->n_targets++] = (struct target){ .n = item->target_n, .first_link = item->n, .place = s->at };
	return 0;
}

static int note_item(struct extract *x, const struct scan *s, const struct custody_item *item, bool selected, struct custody_error *err)
{
	if (item->kind == CUSTODY_KIND_DIR)
		return note_folder(x, s, err);
	if (item->kind == CUSTODY_KIND_HARDLINK && selected)
		return note_link(x, s, item, err);
	if (item->kind == CUSTODY_KIND_FILE && selected)
		x->total += item->size;
	return 0;
}

static int check_patterns(const struct extract *x, struct custody_error *err)
{
	char shown[SHOWN];
	for (size_t i = 0; i < x->o->n_patterns; i++)
		if (!x->matched[i]) {
			const char *p = x->o->patterns[i];
			custody_fail(err, CUSTODY_ERR_INPUT, "no item matches '%s'", custody_display(p, strlen(p), shown, sizeof(shown)));
			return custody_hint(err, "`custody show` lists the items of a package");
		}
	return 0;
}

static int look(struct extract *x, struct custody_error *err)
{
	SCAN_CLEAN struct scan s = { 0 };
	struct custody_item item;
	bool selected = false;
	int r;
	if (scan_begin(&s, x, err))
		return -1;
	while ((r = scan_next(&s, x, &item, err)) > 0)
		if (interrupted(x, err) || is_selected(x, item.path, &selected, err) || note_item(x, &s, &item, selected, err))
			return -1;
	if (r < 0)
		return -1;
	sort_targets(x);
	return check_patterns(x, err);
}

/* ---- content: the reading side feeds the stream, the writing side gets it back with its digests ---- */

enum { TAG_REST = 0, TAG_ITEM = 1 }; /* of a stream piece: bytes that are only hashed as part of the whole; TAG_ITEM + n: content of item n */

struct writing {
	struct extract *x;
	struct scan scan; /* a second time, as far behind as the stream is */
	struct custody_item item; /* being written */
	struct custody_buf name; /* its path, for messages */
	int fd;
	uint64_t written;
};

static void writing_release(struct writing *w)
{
	scan_release(&w->scan);
	custody_buf_release(&w->name);
	custody_cleanup_fd(&w->fd);
}

/* The content of this file is wanted: for itself, or for a link (then *target is set, too). */
static int is_wanted(
	struct extract *x, const struct custody_item *item, bool *wanted, bool *selected, struct target **target, struct custody_error *err)
{
	*target = NULL;
	*wanted = false;
	if (item->kind != CUSTODY_KIND_FILE)
		return 0;
	if (is_selected(x, item->path, selected, err))
		return -1;
	*target = find_target(x, item->n);
	*wanted = item->has_content && (*selected || *target);
	return 0;
}

static int begin_file(struct writing *w, uint64_t n, struct custody_error *err)
{
	struct extract *x = w->x;
	struct custody_item holder;
	struct target *target = NULL;
	bool wanted = false, selected = false;
	do {
		int r = scan_next(&w->scan, x, &w->item, err);
		if (r <= 0)
			return r < 0 ? -1 : changed("the inventory is shorter", err);
	} while (w->item.n != n);
	if (is_wanted(x, &w->item, &wanted, &selected, &target, err))
		return -1;
	struct custody_bytes path = w->item.path;
	custody_buf_clear(&w->name);
	if (custody_buf_append(&w->name, path.p, path.n, err))
		return -1;
	if (target && selected) {
		target->place = w->scan.at;
		target->selected = true;
	} else if (target) {
		if (read_line(x, target->place, &holder, err))
			return -1;
		path = holder.path;
	}
	if (target)
		target->made = true;
	w->written = 0;
	return custody_place_file(&x->place, path, &w->fd, err);
}

static int end_file(struct writing *w, const struct custody_stream_piece *piece, struct custody_error *err)
{
	const uint8_t *want = w->item.digests.value[CUSTODY_SHA256];
	if (piece->total != w->item.size || memcmp(piece->digests->value[CUSTODY_SHA256], want, 32) != 0) {
		changed("an item does not have the digest that was verified", err);
		return custody_place_fail_in(err, w->item.path);
	}
	if (ftruncate(w->fd, (off_t)w->written)) { /* a hole at the end */
		custody_fail_errno(err, errno, "cannot write it");
		return custody_place_fail_in(err, w->item.path);
	}
	int fd = w->fd;
	w->fd = -1;
	w->x->result->files++;
	return custody_place_finish_file(fd, &w->item, err);
}

static int take_piece(void *ctx, const struct custody_stream_piece *piece, struct custody_error *err)
{
	struct writing *w = ctx;
	if (piece->tag == TAG_REST)
		return 0;
	if (piece->first && begin_file(w, piece->tag - TAG_ITEM, err))
		return -1;
	if (custody_sparse_pwrite(w->fd, w->written, piece->data, piece->len, custody_buf_str(&w->name), err))
		return -1;
	w->written += piece->len;
	w->x->result->bytes += piece->len;
	progress(w->x, piece->len);
	return piece->last ? end_file(w, piece, err) : 0;
}

struct reading {
	struct extract *x;
	struct custody_stream *stream;
	bool whole; /* every byte of the package goes by */
	uint64_t position; /* so far */
	struct custody_zip_cursor *members;
	struct custody_zip_member member; /* the one that holds the content */
	char name[CUSTODY_LIMIT_MEMBER_NAME + 1];
};

static void reading_release(struct reading *r)
{
	custody_stream_free(&r->stream);
	custody_zip_cursor_free(&r->members);
}

static int feed(struct reading *r, uint64_t tag, uint64_t off, uint64_t size, struct custody_error *err)
{
	uint64_t end = off + size;
	if (custody_stream_begin_sized(r->stream, tag, tag == TAG_REST ? 0 : CUSTODY_STREAM_ALL, size, err))
		return -1;
	while (off < end) {
		uint8_t *p = NULL;
		size_t room = 0;
		if (interrupted(r->x, err) || custody_stream_space(r->stream, &p, &room, err))
			return -1;
		size_t n = end - off < room ? (size_t)(end - off) : room;
		if (custody_source_read(r->x->source, off, p, n, err) || custody_stream_commit(r->stream, n, err))
			return -1;
		off += n;
	}
	r->position = end;
	return custody_stream_end(r->stream, err);
}

/* What lies between the last content and off, if the whole is hashed again. */
static int feed_rest(struct reading *r, uint64_t off, struct custody_error *err)
{
	return r->whole && off > r->position ? feed(r, TAG_REST, r->position, off - r->position, err) : 0;
}

/* The members are in the order of the inventory, so one walk through the directory finds them all. */
static int find_member(struct reading *r, const char *name, struct custody_error *err)
{
	struct custody_zip_member m;
	while (strcmp(r->name, name) != 0) {
		int next = custody_zip_cursor_next(r->members, &m, err);
		if (next <= 0)
			return next < 0 ? parse_failed(err) : changed("a member is missing", err);
		r->member = m;
		memcpy(r->name, m.name, m.name_len + 1);
	}
	return 0;
}

static int feed_item(struct reading *r, const struct custody_item *item, struct custody_error *err)
{
	if (find_member(r, item->member, err))
		return -1;
	if (item->offset > r->member.size || item->size > r->member.size - item->offset)
		return changed("an item does not lie in its member", err);
	uint64_t off = r->member.data_offset + item->offset;
	return feed_rest(r, off, err) || feed(r, TAG_ITEM + item->n, off, item->size, err) ? -1 : 0;
}

/* Made as an empty folder it would pass for one that was empty. */
static int make_folder(struct extract *x, const struct custody_item *item, struct custody_error *err)
{
	bool hollow = false;
	for (size_t i = 0; i < item->n_findings; i++)
		hollow = hollow || custody_finding_find(item->findings[i].id) == CUSTODY_FINDING_SOURCE_UNREADABLE;
	x->result->hollow += hollow;
	if (hollow && x->o->hollow)
		x->o->hollow(x->o->ctx, item);
	return custody_place_folder(&x->place, item->path, err);
}

static int read_item(struct reading *r, const struct custody_item *item, struct custody_error *err)
{
	struct extract *x = r->x;
	struct target *target = NULL;
	bool wanted = false, selected = false;
	if (item->kind == CUSTODY_KIND_FILE) {
		if (is_wanted(x, item, &wanted, &selected, &target, err))
			return -1;
		if (selected && !item->has_content)
			not_made(x, item, "its content is not in the package");
		return wanted ? feed_item(r, item, err) : 0;
	}
	if (is_selected(x, item->path, &selected, err))
		return -1;
	if (!selected)
		return 0;
	if (item->kind == CUSTODY_KIND_DIR)
		return make_folder(x, item, err);
	if (item->kind != CUSTODY_KIND_SYMLINK && item->kind != CUSTODY_KIND_HARDLINK)
		not_made(x, item, "it has no content");
	return 0;
}

static int read_items(struct reading *r, struct custody_error *err)
{
	SCAN_CLEAN struct scan s = { 0 };
	struct custody_item item;
	int next;
	if (scan_begin(&s, r->x, err))
		return -1;
	while ((next = scan_next(&s, r->x, &item, err)) > 0)
		if (interrupted(r->x, err) || read_item(r, &item, err))
			return -1;
	return next;
}

/* Files with their content, and folders. */
static int make_content(struct extract *x, const struct custody_report *report, struct custody_error *err)
{
	CUSTODY_CLEANUP(writing_release) struct writing w = { .x = x, .name = { .max = SIZE_MAX }, .fd = -1 };
	CUSTODY_CLEANUP(reading_release) struct reading r = { .x = x, .whole = x->o->n_patterns == 0 };
	uint8_t sha256[32];
	struct custody_stream_options options = {
		.digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256), .whole = r.whole, .workers = x->o->verify->workers, .consumer = take_piece, .ctx = &w
	};
	if (scan_begin(&w.scan, x, err) || custody_zip_cursor_new(&r.members, &x->zip, err) || custody_stream_new(&r.stream, &options, err) ||
		read_items(&r, err) || feed_rest(&r, x->source->size, err) || custody_stream_flush(r.stream, err))
		return -1;
	if (!r.whole)
		return 0;
	if (custody_stream_whole(r.stream, sha256, err))
		return -1;
	return memcmp(sha256, report->sha256, sizeof(sha256)) == 0 ? 0 : changed("it has another SHA-256 now", err);
}

/* ---- links and folders ---- */

static int make_hardlink(struct extract *x, const struct custody_item *item, struct custody_error *err)
{
	struct custody_item holder;
	const struct target *target = find_target(x, item->target_n);
	if (!target || !target->made) {
		not_made(x, item, "the content of the file that it is linked to is not in the package");
		return 0;
	}
	/* The first of the links to a file that is not selected is where its content went. */
	if (!target->selected && target->first_link == item->n)
		return 0;
	x->result->hardlinks++;
	return read_line(x, target->place, &holder, err) || custody_place_link(&x->place, holder.path, item->path, err) ? -1 : 0;
}

static int make_symlink(struct extract *x, const struct custody_item *item, struct custody_error *err)
{
	if (item->link.n == 0) { /* source-unreadable: that there was a link is all that is known */
		not_made(x, item, "where it leads is not in the package");
		return 0;
	}
	x->result->symlinks++;
	return custody_place_symlink(&x->place, item, err);
}

static int make_kind(struct extract *x, enum custody_kind kind,
	int (*make)(struct extract *x, const struct custody_item *item, struct custody_error *err), struct custody_error *err)
{
	SCAN_CLEAN struct scan s = { 0 };
	struct custody_item item;
	bool selected = false;
	int r;
	if (scan_begin(&s, x, err))
		return -1;
	while ((r = scan_next(&s, x, &item, err)) > 0) {
		if (item.kind != kind)
			continue;
		if (interrupted(x, err) || is_selected(x, item.path, &selected, err) || (selected && make(x, &item, err)))
			return -1;
	}
	return r;
}

/* What is in a folder changes its times, and its mode may forbid to put anything there: so last, and from the deepest up. */
static int finish_folders(struct extract *x, struct custody_error *err)
{
	struct custody_item item;
	for (size_t i = x->n_folders; i > 0; i--)
		if (read_line(x, x->folders[i - 1], &item, err) || custody_place_finish_folder(&x->place, &item, err))
			return -1;
	return 0;
}

/* ---- the whole ---- */

static void extract_release(struct extract *x)
{
	custody_place_abandon(&x->place);
	free(x->folders);
	free(x->targets);
	free(x->matched);
	custody_buf_release(&x->text);
	custody_buf_release(&x->line);
	custody_buf_release(&x->arena);
}

static int extract_init(struct extract *x, struct custody_error *err)
{
	/* A path, a NUL, and its display form: at most six bytes a byte. */
	custody_buf_init(&x->text, 8 * CUSTODY_LIMIT_PATH);
	custody_buf_init(&x->line, CUSTODY_LIMIT_LINE);
	custody_buf_init(&x->arena, 4 * CUSTODY_LIMIT_LINE);
	x->matched = calloc(x->o->n_patterns + 1, sizeof(*x->matched));
	return x->matched ? custody_place_open(&x->place, x->o->folder, err) : custody_fail_nomem(err);
}

/* The directory again, and the inventory in it. */
static int open_again(struct extract *x, struct custody_error *err)
{
	uint8_t key[16];
	if (custody_random_fill(x->o->verify->random, key, sizeof(key), err))
		return -1;
	if (custody_zip_check(&x->zip, x->source, key, NULL, NULL, err))
		return parse_failed(err);
	int r = custody_zip_find(&x->zip, "custody/manifest.jsonl", &x->inventory, err);
	if (r <= 0)
		return r < 0 ? parse_failed(err) : changed("it has no inventory", err);
	return 0;
}

static int write_all(struct extract *x, const struct custody_report *report, struct custody_error *err)
{
	if (open_again(x, err) || look(x, err) || custody_place_begin(&x->place, x->o->verify->random, err) || make_content(x, report, err) ||
		make_kind(x, CUSTODY_KIND_HARDLINK, make_hardlink, err) || make_kind(x, CUSTODY_KIND_SYMLINK, make_symlink, err) ||
		finish_folders(x, err))
		return -1;
	int unchanged = custody_source_unchanged(x->source, err);
	if (unchanged < 0)
		return -1;
	if (!unchanged)
		return changed("size or times of the file are not those of the beginning", err);
	x->result->folders = x->place.folders;
	if (custody_place_commit(&x->place, err))
		return -1;
	x->result->written = true;
	return 0;
}

int custody_extract_judged(const struct custody_source *source, const struct custody_extract_options *options, const struct custody_report *report,
	struct custody_extract_result *out, struct custody_error *err)
{
	struct extract x CUSTODY_CLEANUP(extract_release) = { .source = source, .o = options, .result = out };
	*out = (struct custody_extract_result){ .written = false };
	if (!custody_report_has_every_byte(report))
		return 0;
	return extract_init(&x, err) ? -1 : write_all(&x, report, err);
}

int custody_extract(const struct custody_source *source, const struct custody_extract_options *options, struct custody_report *report,
	struct custody_extract_result *out, struct custody_error *err)
{
	struct extract x CUSTODY_CLEANUP(extract_release) = { .source = source, .o = options, .result = out };
	*out = (struct custody_extract_result){ .written = false };
	/* What would fail in any case fails before the package is read. */
	if (extract_init(&x, err) || custody_verify(source, options->verify, report, err))
		return -1;
	return custody_report_has_every_byte(report) ? write_all(&x, report, err) : 0;
}
