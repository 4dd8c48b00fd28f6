/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/content/reader.h"

#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/limits.h"

#define WARNINGS_MAX 8 /* warnings in a row without a byte: then the reader turns in circles */

void custody_reader_release(struct archive **a)
{
	if (*a)
		archive_read_free(*a);
}

void custody_feed_release(struct custody_feed *f)
{
	free(f->block);
}

int custody_feed_init(struct custody_feed *f, struct custody_look *k)
{
	*f = (struct custody_feed){ .k = k, .block = malloc(CUSTODY_LIMIT_BLOCK) };
	return f->block ? 0 : custody_fail_nomem(k->err);
}

static int feed_source(struct custody_feed *f, const uint8_t **p, size_t *n)
{
	const struct custody_source *s = f->k->source;
	uint64_t left = f->at < s->size ? s->size - f->at : 0;
	*n = left < CUSTODY_LIMIT_BLOCK ? (size_t)left : CUSTODY_LIMIT_BLOCK;
	*p = f->block;
	if (*n == 0)
		return 0;
	if (custody_source_read(s, f->at, f->block, *n, f->k->err)) {
		f->k->failed = true;
		return -1;
	}
	f->at += *n;
	return 1;
}

int custody_feed_next(struct custody_feed *f, const uint8_t **p, size_t *n)
{
	if (custody_look_is_over(f->k)) {
		f->k->stopped = true;
		return -1;
	}
	int rc = 1;
	if (f->held_n > 0) {
		*p = f->held;
		*n = f->held_n;
		f->held_n = 0;
	} else
		rc = f->next ? f->next(f->next_ctx, p, n) : feed_source(f, p, n);
	if (rc != 1)
		return rc;
	for (size_t i = *n; i > 0; i--)
		if ((*p)[i - 1]) {
			f->last = f->given + i;
			break;
		}
	f->given += *n;
	return 1;
}

static la_ssize_t read_callback(struct archive *a, void *ctx, const void **out)
{
	struct custody_feed *f = ctx;
	const uint8_t *p = NULL;
	size_t n = 0;
	int rc = custody_feed_next(f, &p, &n);
	if (rc < 0) {
		archive_set_error(a, EIO, "%s", f->words[0] ? f->words : "reading was ended");
		return ARCHIVE_FATAL;
	}
	*out = p;
	return rc == 0 ? 0 : (la_ssize_t)n;
}

static la_int64_t seek_callback(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct custody_feed *f = ctx;
	const int64_t size = (int64_t)f->k->source->size;
	int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)f->at : size, to;
	if (__builtin_add_overflow(from, offset, &to) || to < 0) {
		archive_set_error(a, EINVAL, "a place outside the file");
		return ARCHIVE_FATAL;
	}
	f->at = (uint64_t)(to > size ? size : to);
	return (la_int64_t)f->at;
}

static la_int64_t skip_callback(struct archive *a, void *ctx, la_int64_t request)
{
	struct custody_feed *f = ctx;
	(void)a;
	int64_t left = (int64_t)(f->k->source->size - f->at);
	int64_t n = request < 0 ? 0 : request < left ? request : left;
	f->at += (uint64_t)n;
	return n;
}

int custody_reader_open(struct archive **out, struct custody_feed *f, const custody_support *formats)
{
	CUSTODY_READER_CLEAN struct archive *a = archive_read_new();
	if (!a)
		return custody_fail_nomem(f->k->err);
	for (; *formats; formats++)
		if ((*formats)(a) < ARCHIVE_WARN)
			return custody_fail(f->k->err, CUSTODY_ERR_INTERNAL, "libarchive: %s", archive_error_string(a));
	archive_read_set_read_callback(a, read_callback);
	if (!f->next) {
		archive_read_set_seek_callback(a, seek_callback);
		archive_read_set_skip_callback(a, skip_callback);
	}
	archive_read_set_callback_data(a, f);
	*out = custody_steal(&a);
	return 0;
}

int custody_reader_give_up(struct custody_look *k, struct archive *a, bool opened)
{
	if (k->failed)
		return -1;
	if (k->stopped)
		return custody_look_finish(k, CUSTODY_INSPECT_TOO_SLOW, NULL);
	if (archive_errno(a) == ENOMEM)
		return custody_look_finish(k, CUSTODY_INSPECT_TOO_BIG, archive_error_string(a));
	if (opened && archive_read_has_encrypted_entries(a) > 0)
		return custody_look_finish(k, CUSTODY_INSPECT_OPAQUE, archive_error_string(a));
	return custody_look_finish(k, CUSTODY_INSPECT_BROKEN, archive_error_string(a));
}

static enum custody_inspect_kind kind_of(struct archive_entry *e)
{
	if (archive_entry_hardlink(e))
		return CUSTODY_INSPECT_HARDLINK;
	switch (archive_entry_filetype(e)) {
	case AE_IFREG:
		return CUSTODY_INSPECT_FILE;
	case AE_IFDIR:
		return CUSTODY_INSPECT_FOLDER;
	case AE_IFLNK:
		return CUSTODY_INSPECT_SYMLINK;
	case AE_IFIFO:
		return CUSTODY_INSPECT_FIFO;
	case AE_IFSOCK:
		return CUSTODY_INSPECT_SOCKET;
	case AE_IFCHR:
	case AE_IFBLK:
		return CUSTODY_INSPECT_DEVICE;
	default:
		return CUSTODY_INSPECT_OTHER;
	}
}

static struct custody_bytes bytes_of(const char *text)
{
	size_t n = text ? strlen(text) : 0;
	return (struct custody_bytes){ (const uint8_t *)text, n < CUSTODY_LIMIT_INSPECT_NAME ? n : CUSTODY_LIMIT_INSPECT_NAME };
}

static bool is_cut(const char *text)
{
	return text && strlen(text) > CUSTODY_LIMIT_INSPECT_NAME;
}

void custody_reader_describe(struct custody_look *k, struct archive_entry *e, bool with_time)
{
	struct custody_inspect_member *m = &k->m;
	*m = (struct custody_inspect_member){ .kind = kind_of(e), .name = bytes_of(archive_entry_pathname(e)) };
	if (is_cut(archive_entry_pathname(e)) || is_cut(archive_entry_hardlink(e)) || is_cut(archive_entry_symlink(e)))
		m->notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_CUT);
	m->link = m->kind == CUSTODY_INSPECT_HARDLINK ? bytes_of(archive_entry_hardlink(e)) : bytes_of(archive_entry_symlink(e));
	if (archive_entry_size_is_set(e) && archive_entry_size(e) >= 0) {
		m->has_stated = true;
		m->stated = (uint64_t)archive_entry_size(e);
	}
	const struct custody_time t = { archive_entry_mtime(e), (uint32_t)archive_entry_mtime_nsec(e) };
	m->has_modified = with_time && archive_entry_mtime_is_set(e) && t.nsec < 1000000000 && custody_time_in_range(t);
	if (m->has_modified)
		m->modified = t;
	else if (with_time && archive_entry_mtime_is_set(e))
		m->notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_TIME_UNKNOWN);
}

/* FAILED is said of a method that the reader does not know, before any content and with an errno, and from 3.7 on of a wrong CRC, behind it and without one
 * (before that a warning). */
static bool cannot(struct archive *a, int r, const struct custody_inspect_member *m)
{
	return r == ARCHIVE_FAILED && m->size == 0 && archive_errno(a) > 0;
}

/* Reads the member to its end. fatal: the handle is of no more use. */
static int read_content(struct custody_look *k, struct archive *a, struct archive_entry *e, bool *fatal)
{
	struct custody_inspect_member *m = &k->m;
	bool damaged = false;
	int warnings = 0, rc = custody_look_content_start(k);
	const void *block = NULL;
	size_t n = 0;
	la_int64_t offset = 0;
	while (rc == 0) {
		int r = archive_read_data_block(a, &block, &n, &offset);
		if (r == ARCHIVE_EOF)
			break;
		if (r < ARCHIVE_WARN) {
			*fatal = r == ARCHIVE_FATAL;
			m->state = cannot(a, r, m) ? CUSTODY_INSPECT_UNSUPPORTED : CUSTODY_INSPECT_DAMAGED;
			if (k->failed)
				return -1;
			custody_look_say(m->words, archive_error_string(a));
			return k->stopped ? custody_look_finish(k, CUSTODY_INSPECT_TOO_SLOW, NULL) : 0;
		}
		if (r == ARCHIVE_WARN) {
			damaged = true;
			custody_look_say(m->words, archive_error_string(a));
			warnings = n > 0 ? 0 : warnings + 1;
		}
		if (offset < 0 || (uint64_t)offset < m->size || warnings > WARNINGS_MAX) {
			custody_look_say(m->words, "its blocks overlap");
			m->state = CUSTODY_INSPECT_DAMAGED;
			*fatal = true;
			return 0;
		}
		rc = custody_look_content_hole(k, (uint64_t)offset - m->size);
		if (rc == 0)
			rc = custody_look_content_feed(k, block, n);
	}
	/* The hole at the end of a sparse file has no block. */
	if (rc == 0 && !damaged && archive_entry_sparse_count(e) > 0 && m->has_stated && m->stated > m->size)
		rc = custody_look_content_hole(k, m->stated - m->size);
	if (rc > 0)
		m->state = CUSTODY_INSPECT_LIMITED;
	if (rc != 0)
		return rc;
	if (damaged) {
		m->state = CUSTODY_INSPECT_DAMAGED;
		return 0;
	}
	if (m->has_stated && m->stated != m->size)
		m->notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_SIZE_DIFFERS);
	return custody_look_content_finish(k);
}

/*
 * A folder or a device with bytes of its own: of ZIP libarchive gives none of them, and unzip, 7z and others write a file. The digest of nothing is not theirs.
 * Tar keeps lists of names in folders (GNU's incremental dumps), which do come out.
 */
static void withhold_unread(struct custody_inspect_member *m)
{
	if (m->state != CUSTODY_INSPECT_READ || m->kind == CUSTODY_INSPECT_FILE || m->size > 0 || !m->has_stated || m->stated == 0)
		return;
	m->state = CUSTODY_INSPECT_UNSUPPORTED;
	m->digests = (struct custody_digest_values){ 0 };
	m->type[0] = '\0';
	m->notes = (m->notes & ~CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_SIZE_DIFFERS)) | CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_KIND_DIFFERS);
	custody_look_say(m->words, "the reader takes no content of a member of this kind");
}

/* GNU tar's second and later volumes begin with what is left of a file: type 'M', which alone libarchive gives no kind. The digest of a part is none of the file. */
static void withhold_rest(struct custody_inspect_member *m, struct archive *a)
{
	if (m->kind != CUSTODY_INSPECT_OTHER || m->state != CUSTODY_INSPECT_READ ||
		(archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_TAR)
		return;
	m->state = CUSTODY_INSPECT_DAMAGED;
	m->digests = (struct custody_digest_values){ 0 };
	m->type[0] = '\0';
	custody_look_say(m->words, "only the rest of a file, which begins in another volume");
}

int custody_reader_member(struct custody_look *k, struct archive *a, struct archive_entry *e, bool encrypted, bool *fatal)
{
	struct custody_inspect_member *m = &k->m;
	const bool has_content = m->kind == CUSTODY_INSPECT_FILE || m->kind == CUSTODY_INSPECT_OTHER || (m->has_stated && m->stated > 0);
	int rc = 0;
	if (m->kind == CUSTODY_INSPECT_SYMLINK || !has_content)
		m->state = CUSTODY_INSPECT_NO_CONTENT;
	else if (encrypted || archive_entry_is_encrypted(e))
		m->state = CUSTODY_INSPECT_ENCRYPTED;
	else
		rc = read_content(k, a, e, fatal);
	if (rc < 0)
		return -1;
	withhold_unread(m);
	withhold_rest(m, a);
	/* A limit that ends the look still leaves the member to be said. */
	return custody_look_member(k) ? -1 : rc;
}

static int header_problem(struct custody_look *k, struct archive *a, int r)
{
	if (r >= ARCHIVE_WARN && k->end->members >= k->options->max_members)
		return custody_look_finish(k, CUSTODY_INSPECT_TOO_MANY, NULL);
	return r < ARCHIVE_WARN ? custody_reader_give_up(k, a, true) : 0;
}

void custody_reader_warning(struct custody_look *k, struct archive *a, int r)
{
	if (r != ARCHIVE_WARN)
		return;
	k->m.notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_READER_WARNED);
	custody_look_say(k->m.words, archive_error_string(a));
}

/*
 * The next header that can be read. One of tar that cannot is passed over as tar itself does it, a block at a time: what follows may be whole, and the look is
 * broken for good. RETRY where nothing was passed over would go in circles.
 */
static int next_header(struct custody_look *k, struct archive *a, struct archive_entry **e)
{
	int64_t at = -1;
	int r;
	while ((r = archive_read_next_header(a, e)) == ARCHIVE_RETRY) {
		custody_look_say(k->torn, archive_error_string(a));
		if (archive_filter_bytes(a, 0) <= at)
			return ARCHIVE_FATAL;
		at = archive_filter_bytes(a, 0);
		k->before = (uint64_t)at;
	}
	return r;
}

int custody_reader_members(struct custody_look *k, struct archive *a, bool with_time)
{
	for (;;) {
		struct archive_entry *e = NULL;
		bool fatal = false;
		const int64_t at = archive_filter_bytes(a, 0);
		k->before = at > 0 ? (uint64_t)at : 0;
		int r = next_header(k, a, &e);
		if (r == ARCHIVE_EOF)
			return k->torn[0] ? custody_look_finish(k, CUSTODY_INSPECT_BROKEN, k->torn) : 0;
		int rc = header_problem(k, a, r);
		if (rc)
			return rc;
		custody_reader_describe(k, e, with_time);
		custody_reader_warning(k, a, r);
		rc = custody_reader_member(k, a, e, false, &fatal);
		if (rc)
			return rc;
		if (fatal)
			return custody_reader_give_up(k, a, true);
	}
}
