/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk -> open once -> read -> digests, CRC, package -> fstat again -> line; then tag files, signatures, sync, read back, verify, name. Records of items wait
 * in order until their digests come out of the stream; what is in flight is bounded.
 */
#include "libcustody/work/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/path.h"
#include "libcustody/base/utf8.h"
#include "libcustody/work/sealing.h"
#include "libcustody/work/selftest.h"
#include "libcustody/work/stream.h"

#define IN_FLIGHT ((size_t)8 << 20) /* bytes of records that wait for digests: a few thousand items, or a hundred with large xattrs */
#define MANY_MEMBERS 1000 /* EU DSS refuses containers with more, by default (reference/dss.md) */
#define READ_AHEAD (128 << 10) /* bytes: what the kernel reads ahead of its own accord */
#define REASON 128 /* bytes of why something could not be read */
#define MAX_FINDINGS 6 /* findings a line can get here */

/* One item between its reading and its line. Deep copy: the walk's memory is gone by then. */
struct record {
	struct record *next;
	size_t size; /* bytes of this allocation, for the bound */
	struct custody_item item;
	struct custody_item_finding findings[MAX_FINDINGS];
	char detail[160]; /* of the exception, if any */
	const char *exception; /* its finding id, or NULL */
	uint64_t announced; /* size by fstat before reading */
	struct record *next_content; /* the next one whose content goes through the stream */
	bool streamed; /* its content goes through the stream, and has not come out; others are ready at once */
	bool offered; /* its type has been asked for, and the answer not been fetched */
	bool aliased;
	bool cut; /* a read error: what was written is taken back */
	/* the bytes that item points to follow */
};

struct seal {
	struct custody_sealing c;
	const struct custody_seal_options *o; /* those of c */
	struct custody_seal_result_out *out;
	struct custody_stream *stream;
	struct custody_walk *walk;
	struct record *first, **last;
	struct record *content, **last_content; /* those whose content has not come out of the stream, in order */
	size_t in_flight;
	bool doomed; /* an exception that is not accepted: go on only to list them all */
	bool checking; /* the first walk: nothing is read */
	uint64_t total, done; /* bytes, for progress */
	struct custody_digest names; /* of what the walk at hand met */
	uint8_t checked[32]; /* and of what the first walk met */
	uint64_t items_checked;
	struct custody_pack_extent extent; /* of what the first walk met */
};

void custody_seal_result_init(struct custody_seal_result_out *r)
{
	memset(r, 0, sizeof(*r));
	custody_report_init(&r->report);
}

void custody_seal_result_release(struct custody_seal_result_out *r)
{
	custody_report_release(&r->report);
}

static int stop_if_interrupted(const struct seal *s, struct custody_error *err)
{
	return custody_sealing_interrupted(s->o) ? custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted") : 0;
}

/* ---- exceptions ---- */

/* Tells of an exception, and keeps it for acquisition.json if exceptions are accepted. */
static int take_exception(struct seal *s, const char *id, const uint8_t *path, size_t path_len, const char *detail, struct custody_error *err)
{
	struct custody_seal_exception e = { id, path, path_len, detail };
	struct custody_acquisition_exception kept = { id, path, path_len, detail };

	s->out->exceptions++;
	if (s->o->exception)
		s->o->exception(s->o->ctx, &e);
	if (!s->o->accept_reason) {
		s->doomed = true;
		return 0;
	}
	return custody_pack_exception(&s->c.pack, &kept, s->o->accept_reason, err);
}

static void except(struct record *r, const char *id, const char *detail)
{
	r->exception = id;
	snprintf(r->detail, sizeof(r->detail), "%s", detail);
}

static const char *reason(int number, char *out, size_t size)
{
	char text[128];

	/* GNU's strerror_r is the one declared with _GNU_SOURCE: it returns the text. */
	snprintf(out, size, "%s", strerror_r(number, text, sizeof(text)));
	return out;
}

/* Of a folder it is not the item alone that is missing. text holds REASON bytes. */
static const char *unread(enum custody_kind kind, int number, char *text)
{
	reason(number, text, REASON);
	if (kind == CUSTODY_KIND_DIR)
		snprintf(text + strlen(text), REASON - strlen(text), ": a folder, and what lies in it is not known");
	return text;
}

/*
 * That this program may open no more files, or has no memory, is no exception of the evidence: put down as `source-unreadable`, an item that anybody else
 * can read would be missing from the package for good. 0: the problem is the item's.
 */
static int refuse_own(int number, const uint8_t *path, size_t path_len, struct custody_error *err)
{
	char shown[400];

	if (!custody_errno_is_own(number))
		return 0;
	custody_fail_errno(err, number, "cannot read '%s'", custody_display(path, path_len, shown, sizeof(shown)));
	return custody_hint(err, "this is not the item's fault, so it is no exception of it; %s",
		number == ENOMEM ? "give this program more memory" : "let this program open more files (ulimit -n)");
}

/* ---- records ---- */

static const uint8_t *copy_bytes(uint8_t **at, const void *p, size_t n)
{
	uint8_t *to = *at;

	if (n > 0)
		memcpy(to, p, n);
	*at += n;
	return to;
}

static const char *copy_text(uint8_t **at, const char *text)
{
	return text ? (const char *)copy_bytes(at, text, strlen(text) + 1) : NULL;
}

static size_t text_room(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static size_t record_room(const struct custody_item *item)
{
	size_t n = sizeof(struct record) + item->n_xattrs * sizeof(struct custody_xattr) + item->path.n + item->link.n + text_room(item->user) +
		   text_room(item->group) + text_room(item->member);

	for (size_t i = 0; i < item->n_xattrs; i++)
		n += item->xattrs[i].name.n + item->xattrs[i].value.n;
	for (size_t i = 0; i < item->n_findings; i++)
		n += text_room(item->findings[i].detail);
	return n;
}

static void copy_xattrs(struct custody_item *to, const struct custody_item *from, struct custody_xattr *list, uint8_t **at)
{
	for (size_t i = 0; i < from->n_xattrs; i++) {
		list[i] = from->xattrs[i];
		list[i].name.p = copy_bytes(at, from->xattrs[i].name.p, from->xattrs[i].name.n);
		list[i].value.p = copy_bytes(at, from->xattrs[i].value.p, from->xattrs[i].value.n);
	}
	to->xattrs = from->n_xattrs ? list : NULL;
}

static void copy_findings(struct record *r, const struct custody_item *from, uint8_t **at)
{
	r->item.n_findings = from->n_findings < MAX_FINDINGS ? from->n_findings : MAX_FINDINGS;
	for (size_t i = 0; i < r->item.n_findings; i++)
		r->findings[i] = (struct custody_item_finding){ from->findings[i].id, copy_text(at, from->findings[i].detail) };
	r->item.findings = r->item.n_findings ? r->findings : NULL;
}

/* A deep copy of item as the last record of the queue. */
static struct record *record_add(struct seal *s, const struct custody_item *item, struct custody_error *err)
{
	size_t room = record_room(item);
	struct record *r = calloc(1, room);
	struct custody_xattr *list;
	uint8_t *at;

	if (!r) {
		custody_fail_nomem(err);
		return NULL;
	}
	list = (struct custody_xattr *)(void *)(r + 1);
	at = (uint8_t *)(list + item->n_xattrs);
	r->size = room;
	r->item = *item;
	copy_xattrs(&r->item, item, list, &at);
	r->item.path.p = copy_bytes(&at, item->path.p, item->path.n);
	r->item.link.p = copy_bytes(&at, item->link.p, item->link.n);
	r->item.user = copy_text(&at, item->user);
	r->item.group = copy_text(&at, item->group);
	r->item.member = copy_text(&at, item->member);
	copy_findings(r, item, &at);
	*s->last = r;
	s->last = &r->next;
	s->in_flight += room;
	return r;
}

static void record_pop(struct seal *s)
{
	struct record *r = s->first;

	s->first = r->next;
	if (!s->first)
		s->last = &s->first;
	s->in_flight -= r->size;
	free(r);
}

static void add_finding(struct record *r, const char *id, const char *detail)
{
	struct custody_item *item = &r->item;

	item->findings = r->findings;
	if (item->n_findings < MAX_FINDINGS)
		r->findings[item->n_findings++] = (struct custody_item_finding){ id, detail };
}

/* The line of the first record. */
static int emit(struct seal *s, struct custody_error *err)
{
	struct record *r = s->first;

	if (r->exception && take_exception(s, r->exception, r->item.path.p, r->item.path.n, r->detail, err))
		return -1;
	if (r->exception)
		add_finding(r, r->exception, r->detail);
	s->out->items++;
	if (!s->doomed && custody_pack_item(&s->c.pack, &r->item, err))
		return -1;
	record_pop(s);
	return 0;
}

/* The first record's type, if it was asked for. 1: the line can be written; 0: the answer is not there yet. */
static int take_type(struct seal *s, bool wait, struct custody_error *err)
{
	const struct custody_seal_types *types = s->o->types;
	struct record *r = s->first;
	struct custody_seal_type type;
	int got;

	if (!r->offered)
		return 1;
	got = types->answer(types->ctx, r->item.n, wait, &type, err);
	if (got != 1)
		return got;
	r->offered = false;
	if (!r->item.has_content) /* cut off after it was offered: of nothing there is no type */
		return 1;
	if (type.mime) {
		r->item.mime = type.mime;
		r->item.mime_by = types->by;
		s->out->identified++;
		return 1;
	}
	s->out->not_identified++;
	add_finding(r, "not-identified", type.detail);
	return 1;
}

/* Lines of the records that do not wait for digests, nor (unless told to wait) for a type. */
static int emit_ready(struct seal *s, bool wait, struct custody_error *err)
{
	while (s->first && !s->first->streamed) {
		int ready = take_type(s, wait, err);

		if (ready != 1)
			return ready;
		if (emit(s, err))
			return -1;
	}
	return 0;
}

/* ---- content: consumer ---- */

/* The first piece holds all that a type is told from: the whole content, or a block (stream_begin_sized). */
static int offer_content(struct seal *s, struct record *r, const struct custody_stream_piece *piece, struct custody_error *err)
{
	const struct custody_seal_types *types = s->o->types;

	if (!types || !piece->first || s->doomed || r->cut)
		return 0;
	if (types->offer(types->ctx, r->item.n, piece->data, piece->len, piece->last ? piece->digests->value[CUSTODY_SHA256] : NULL, err))
		return -1;
	r->offered = true;
	return 0;
}

/* The content of this record is complete. */
static int content_ends(struct seal *s, struct record *r, const struct custody_stream_piece *piece, struct custody_error *err)
{
	r->streamed = false;
	s->content = r->next_content;
	if (!s->content)
		s->last_content = &s->content;
	if (r->cut) {
		r->item.member = NULL;
		return !s->doomed && custody_pack_cut(&s->c.pack, err) ? -1 : emit_ready(s, false, err);
	}
	r->item.has_content = true;
	r->item.size = piece->total;
	r->item.digests = *piece->digests;
	s->out->files++;
	s->out->bytes += piece->total;
	if (!s->doomed && custody_pack_end(&s->c.pack, &r->item, err))
		return -1;
	return emit_ready(s, false, err);
}

static int take_piece(void *ctx, const struct custody_stream_piece *piece, struct custody_error *err)
{
	struct seal *s = ctx;
	struct record *r = s->content;

	if (!r || r->item.n != piece->tag)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "content of item %llu comes out of order", (unsigned long long)piece->tag);
	if (!s->doomed && piece->first && custody_pack_begin(&s->c.pack, r->item.member, r->announced, err))
		return -1;
	if (!s->doomed && custody_pack_write(&s->c.pack, piece->data, piece->len, piece->crc, err))
		return -1;
	if (offer_content(s, r, piece, err))
		return -1;
	return piece->last ? content_ends(s, r, piece, err) : 0;
}

/* ---- content: producer ---- */

/* Something about the file is not what it was when it was opened. */
static bool changed(const struct stat *a, const struct stat *b)
{
	return a->st_size != b->st_size || a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec ||
	       a->st_ctim.tv_sec != b->st_ctim.tv_sec || a->st_ctim.tv_nsec != b->st_ctim.tv_nsec || a->st_ino != b->st_ino || a->st_dev != b->st_dev;
}

/* Reads at most `size` bytes of fd into the stream. A read error of the source is the record's business, not a failure. */
static int read_content(struct seal *s, struct record *r, int fd, uint64_t size, uint64_t *got_out, struct custody_error *err)
{
	uint64_t left = size;

	while (left > 0 && !r->cut) {
		uint8_t *p;
		size_t room;
		ssize_t got;

		if (custody_stream_space(s->stream, &p, &room, err) || stop_if_interrupted(s, err))
			return -1;
		got = read(fd, p, left < room ? (size_t)left : room);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			char text[128];

			if (refuse_own(errno, r->item.path.p, r->item.path.n, err))
				return -1;
			r->cut = true;
			except(r, "source-unreadable", reason(errno, text, sizeof(text)));
			break;
		}
		if (got == 0)
			break;
		if (custody_stream_commit(s->stream, (size_t)got, err))
			return -1;
		left -= (uint64_t)got;
		s->done += (uint64_t)got;
		custody_sealing_progress(s->o, "sealing", s->done, s->total);
	}
	*got_out = size - left;
	return 0;
}

/* The size was not the whole of it: the kernel's own files (/proc, some of FUSE) say 0, or a page, and give what they give. */
static int judge_end(struct record *r, int fd, uint64_t got, struct custody_error *err)
{
	char text[128];
	uint8_t beyond;
	ssize_t n;

	do
		n = read(fd, &beyond, 1);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		if (refuse_own(errno, r->item.path.p, r->item.path.n, err))
			return -1;
		r->cut = true;
		except(r, "source-unreadable", reason(errno, text, sizeof(text)));
	} else if (n > 0) {
		except(r, "source-changed-while-read", "");
		snprintf(r->detail, sizeof(r->detail), "its size was said to be %llu bytes, and more can be read: copy it first, and seal the copy",
			(unsigned long long)got);
	}
	return 0;
}

/* fstat before and after: a file that changed while it was read keeps the bytes that were read, and says so. */
static int judge_change(struct record *r, const struct stat *before, int fd, uint64_t got, struct custody_error *err)
{
	struct stat after;

	if (r->cut)
		return 0;
	if (fstat(fd, &after) == 0 && !changed(before, &after) && got == (uint64_t)before->st_size)
		return judge_end(r, fd, got, err);
	except(r, "source-changed-while-read", "");
	if (got == (uint64_t)before->st_size)
		snprintf(r->detail, sizeof(r->detail), "size, times or mode are not those of when it was opened; %llu bytes read",
			(unsigned long long)got);
	else
		snprintf(r->detail, sizeof(r->detail), "%llu bytes when opened, %llu read", (unsigned long long)before->st_size,
			(unsigned long long)got);
	return 0;
}

static int stream_content(struct seal *s, struct record *r, int fd, const struct stat *st, struct custody_error *err)
{
	uint64_t got;

	r->streamed = true;
	*s->last_content = r;
	s->last_content = &r->next_content;
	r->announced = (uint64_t)st->st_size;
	if (st->st_size > READ_AHEAD) /* a smaller one is read in one go */
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (custody_stream_begin_sized(s->stream, r->item.n, CUSTODY_STREAM_ALL, (uint64_t)st->st_size, err) ||
		read_content(s, r, fd, (uint64_t)st->st_size, &got, err) || judge_change(r, st, fd, got, err))
		return -1;
	return custody_stream_end(s->stream, err);
}

/* The member name; an item whose own is not plain, or taken, gets the alias and says so. */
static int name_member(struct seal *s, struct custody_item *item, bool *aliased, struct custody_error *err)
{
	*aliased = false;
	item->path_b64 = !custody_name_is_plain(item->path.p, item->path.n);
	if (item->kind != CUSTODY_KIND_FILE)
		return 0;
	if (custody_names_assign(&s->c.pack.names, item->path.p, item->path.n, item->n, &s->c.pack.member, aliased, err))
		return -1;
	item->member = custody_buf_str(&s->c.pack.member);
	item->path_b64 = *aliased;
	return 0;
}

static int add_described(struct seal *s, struct custody_item *item, int fd, const struct stat *st, int problem, struct custody_error *err)
{
	struct record *r;
	bool aliased = false;
	char text[REASON];

	if (problem == 0 && name_member(s, item, &aliased, err))
		return -1;
	if (problem != 0)
		item->path_b64 = !custody_name_is_plain(item->path.p, item->path.n);
	r = record_add(s, item, err);
	if (!r)
		return -1;
	if (aliased)
		add_finding(r, "name-aliased", NULL);
	if (problem != 0)
		except(r, "source-unreadable", unread(item->kind, problem, text));
	if (fd >= 0 && stream_content(s, r, fd, st, err))
		return -1;
	if (s->in_flight > IN_FLIGHT)
		return custody_stream_flush(s->stream, err) || emit_ready(s, true, err) ? -1 : 0;
	return s->first == r ? emit_ready(s, false, err) : 0;
}

/* ---- walking ---- */

/* Both walks must meet the same items. */
static int note_name(struct seal *s, const struct custody_walk_entry *e, struct custody_error *err)
{
	uint8_t kind = (uint8_t)e->kind;

	return custody_digest_update(&s->names, e->path, e->path_len + 0, err) || custody_digest_update(&s->names, "\0", 1, err) ||
			       custody_digest_update(&s->names, &kind, 1, err)
		       ? -1
		       : 0;
}

static int note_mount(struct seal *s, const struct custody_walk_entry *e, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	if (!e->mount_point)
		return 0;
	s->out->mounts++;
	custody_buf_init(&text, CUSTODY_LIMIT_PATH * 8);
	if (custody_display_append(&text, e->path, e->path_len, err) || (s->c.mounts.len > 0 && custody_buf_append_byte(&s->c.mounts, ',', err)))
		return -1;
	return custody_json_append_string(&s->c.mounts, text.data, text.len, err);
}

static bool can_be_written(struct timespec t)
{
	return custody_time_in_range((struct custody_time){ t.tv_sec, (uint32_t)t.tv_nsec });
}

/* An aliased item has a short name in the package, and which are is not known yet. */
static void note_extent(struct seal *s, const struct custody_walk_entry *e, bool has_content)
{
	static const size_t alias = sizeof("data/_names/000000") - 1, data = sizeof("data/") - 1;
	struct custody_pack_extent *x = &s->extent;

	x->items++;
	x->path_bytes += e->path_len;
	x->with_status += e->has_st && can_be_written(e->st.st_mtim) && can_be_written(e->st.st_ctim) && can_be_written(e->st.st_atim);
	if (!has_content)
		return;
	x->files++;
	x->member_bytes += e->path_len + data < alias ? e->path_len + data : alias;
}

/* The first walk: can everything be read? */
static int check_entry(struct seal *s, const struct custody_walk_entry *e, struct custody_error *err)
{
	struct stat st;
	int problem = e->problem, fd;
	bool has_content = false;
	char text[REASON];

	if (problem == 0 && e->kind == CUSTODY_KIND_FILE) {
		fd = custody_walk_open(e, &st, &problem);
		if (fd >= 0) {
			has_content = true;
			s->total += (uint64_t)st.st_size;
			close(fd);
		}
	}
	note_extent(s, e, has_content);
	s->items_checked++;
	if (refuse_own(problem, e->path, e->path_len, err))
		return -1;
	if (problem == 0 || s->o->accept_reason)
		return 0;
	return take_exception(s, "source-unreadable", e->path, e->path_len, unread(e->kind, problem, text), err);
}

/* Of an open file its own status is recorded, which is what the reading is held against: it may have been written to since its name was looked at. The time of access is from
 * before the open. */
static struct custody_walk_entry as_opened(const struct custody_walk_entry *e, const struct stat *st)
{
	struct custody_walk_entry opened = *e;

	opened.st = *st;
	opened.st.st_atim = e->st.st_atim;
	return opened;
}

static int seal_entry(struct seal *s, const struct custody_walk_entry *e, struct custody_error *err)
{
	struct custody_walk_entry found = *e;
	struct custody_item item = { 0 };
	CUSTODY_CLOSE int fd = -1;
	struct stat st = { 0 };
	int problem = e->problem;

	if (problem == 0 && e->kind == CUSTODY_KIND_FILE)
		fd = custody_walk_open(e, &st, &problem);
	if (fd >= 0)
		found = as_opened(e, &st);
	if (refuse_own(problem, e->path, e->path_len, err) || custody_walk_describe(s->walk, &found, fd, &item, err) || note_mount(s, e, err))
		return -1;
	return add_described(s, &item, fd, &st, problem, err);
}

/* A link that is an argument is no item: both its path and where it led are told in acquisition.json. */
static int note_followed(struct seal *s, struct custody_error *err)
{
	custody_buf_clear(&s->c.followed);
	for (size_t i = 0; i < s->o->n_arguments; i++) {
		const char *target = custody_walk_followed(s->walk, i);

		if (target && custody_acquisition_append_followed(&s->c.followed, s->o->arguments[i].path, target, err))
			return custody_fail_in(err, "the paths of symbolic links");
	}
	return 0;
}

static int walk_all(struct seal *s, uint8_t met[32], struct custody_error *err)
{
	struct custody_walk_entry e;
	int r;

	custody_walk_free(&s->walk);
	if (custody_walk_new(&s->walk, s->o->arguments, s->o->n_arguments, false, err) || custody_digest_start(&s->names, err) ||
		custody_walk_refuse_inside(s->walk, s->c.output.dir_fd, "the output", err) ||
		(s->o->lab_dir_fd >= 0 && custody_walk_refuse_inside(s->walk, s->o->lab_dir_fd, "the lab", err)) || note_followed(s, err))
		return -1;
	while ((r = custody_walk_next(s->walk, &e, err)) == 1) {
		if (stop_if_interrupted(s, err) || note_name(s, &e, err) || (s->checking ? check_entry(s, &e, err) : seal_entry(s, &e, err)))
			return -1;
		if (s->checking)
			custody_sealing_progress(s->o, "checking", s->items_checked, 0);
	}
	return r < 0 ? -1 : custody_digest_finish(&s->names, met, err);
}

static int not_accepted(const struct seal *s, struct custody_error *err)
{
	custody_fail(err, CUSTODY_ERR_IO, "%llu item%s could not be read, or changed while being read; nothing was sealed",
		(unsigned long long)s->out->exceptions, s->out->exceptions == 1 ? "" : "s");
	return custody_hint(err, "make them readable, or record them in the package with --accept-exceptions REASON");
}

static int check_sources(struct seal *s, struct custody_error *err)
{
	s->checking = true;
	if (walk_all(s, s->checked, err))
		return -1;
	s->checking = false;
	return s->doomed ? not_accepted(s, err) : custody_pack_fits(s->o->digests, &s->extent, CUSTODY_LIMIT_LIST, err);
}

/* What appeared or vanished between the two walks cannot be named: only that the source did not hold still. */
static int compare_walks(struct seal *s, const uint8_t met[32], struct custody_error *err)
{
	const char *path = s->o->arguments[0].path;

	if (memcmp(met, s->checked, 32) == 0)
		return 0;
	return take_exception(s, "source-changed-while-read", (const uint8_t *)path, strlen(path),
		"items appeared, vanished or changed their kind while the source was being read", err);
}

static int seal_sources(struct seal *s, struct custody_error *err)
{
	uint8_t met[32];

	if (walk_all(s, met, err) || custody_stream_flush(s->stream, err) || emit_ready(s, true, err) || compare_walks(s, met, err))
		return -1;
	return s->doomed ? not_accepted(s, err) : 0;
}

/* ---- standard input ---- */

/* A stream has no size before it ends, and the format wants it first: so it is spooled to an unlinked file beside the output. */
static int spool_stdin(struct seal *s, int *out, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = -1;
	CUSTODY_FREE uint8_t *block = malloc(CUSTODY_LIMIT_BLOCK);
	size_t got = 1;

	if (!block)
		return custody_fail_nomem(err);
	if (custody_fd_temporary(s->c.output.dir_fd, &fd, err))
		return -1;
	while (got > 0) {
		if (stop_if_interrupted(s, err) || custody_fd_read(s->o->stdin_fd, block, CUSTODY_LIMIT_BLOCK, &got, "standard input", err) ||
			custody_fd_write(fd, block, got, "standard input's spool", err))
			return -1;
		s->total += got;
		custody_sealing_progress(s->o, "checking", s->total, 0);
	}
	*out = fd;
	fd = -1;
	return 0;
}

static int seal_stdin(struct seal *s, struct custody_error *err)
{
	static const struct custody_item_finding absent = { "times-absent", "a stream has none" };
	struct custody_item item = {
		.path = { (const uint8_t *)s->o->stdin_name, strlen(s->o->stdin_name) },
		.kind = CUSTODY_KIND_FILE,
		.findings = &absent,
		.n_findings = 1,
	};
	CUSTODY_CLOSE int fd = -1;
	struct stat st;

	if (spool_stdin(s, &fd, err))
		return -1;
	if (fstat(fd, &st) || lseek(fd, 0, SEEK_SET) != 0)
		return custody_fail_errno(err, errno, "cannot read standard input's spool");
	if (add_described(s, &item, fd, &st, 0, err) || custody_stream_flush(s->stream, err) || emit_ready(s, true, err))
		return -1;
	return s->doomed ? not_accepted(s, err) : 0;
}

static void seal_release(struct seal *s)
{
	while (s->first)
		record_pop(s);
	custody_stream_free(&s->stream);
	custody_walk_free(&s->walk);
	custody_digest_release(&s->names);
	custody_sealing_release(&s->c);
}

/* A text that a person gave; nothing is read if the package could not hold it. */
static int check_text(const char *what, const char *text, struct custody_error *err)
{
	size_t n = text ? strlen(text) : 1;

	if (n > 0 && n <= CUSTODY_LIMIT_TEXT_FIELD && (!text || custody_utf8_valid((const uint8_t *)text, n)))
		return 0;
	return custody_fail(err, CUSTODY_ERR_USAGE, "%s wants 1 to %zu bytes of UTF-8", what, CUSTODY_LIMIT_TEXT_FIELD);
}

/* A stream that was read cannot be read again: its name is looked at before. It lies in no folder, for none has a line. */
static int check_stream_name(const struct custody_seal_options *o, struct custody_error *err)
{
	const char *name = o->stdin_name;

	if (o->stdin_fd < 0 || (custody_path_is_relative_clean((const uint8_t *)name, strlen(name)) && !strchr(name, '/')))
		return 0;
	return custody_fail(err, CUSTODY_ERR_USAGE, "a name for standard input must be one name, without '/', and not '.' or '..'");
}

static int check_given(const struct custody_seal_options *o, struct custody_error *err)
{
	return check_text("the case", o->case_id, err) || check_text("the exhibit", o->exhibit, err) ||
			       check_text("the reason for exceptions", o->accept_reason, err) || check_stream_name(o, err)
		       ? -1
		       : 0;
}

static int seal_start(struct seal *s, struct custody_error *err)
{
	const struct custody_seal_options *o = s->o;
	struct custody_stream_options stream = {
		.digests = o->digests | CUSTODY_DIGEST_BIT(CUSTODY_SHA256),
		.crc = true,
		.workers = o->workers,
		.consumer = take_piece,
		.ctx = s,
	};

	custody_buf_init(&s->c.mounts, CUSTODY_LIMIT_SMALL_MEMBER);
	custody_buf_init(&s->c.followed, CUSTODY_LIMIT_SMALL_MEMBER);
	if (check_given(o, err) || o->clock->now(o->clock->ctx, &s->c.started, err) || custody_digest_new(&s->names, CUSTODY_SHA256, err) ||
		custody_self_test(err) || custody_sealing_try(&s->c, err) || custody_output_open(&s->c.output, o->output, 0666, err))
		return -1;
	if (custody_pack_init(&s->c.pack, s->c.output.fd, s->c.output.dir_fd, o->output, o->digests, o->random, err))
		return -1;
	return custody_stream_new(&s->stream, &stream, err);
}

int custody_seal(const struct custody_seal_options *options, struct custody_seal_result_out *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(seal_release)
	struct seal s = { .c = { .o = options, .out = out, .output = { .dir_fd = -1, .fd = -1 } }, .o = options, .out = out };

	s.last = &s.first;
	s.last_content = &s.content;
	if (seal_start(&s, err))
		return -1;
	if (options->stdin_fd >= 0) {
		if (seal_stdin(&s, err))
			return -1;
	} else if (check_sources(&s, err) || seal_sources(&s, err)) {
		return -1;
	}
	if (options->types)
		options->types->end(options->types->ctx);
	if (custody_sealing_close(&s.c, err) || custody_sealing_read_back(&s.c, err) || custody_sealing_commit(&s.c, err))
		return -1;
	out->many_members = out->files > MANY_MEMBERS - 16;
	return 0;
}
