/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/content/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <iconv.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "formats/content/gunzip.h"
#include "formats/content/zipdir.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/set.h"
#include "libcustody/base/utf8.h"

#define TAR_BLOCK 512
#define WARNINGS_MAX 8 /* warnings in a row without a byte: then the reader turns in circles */

/* The look under way. Steps give 0 to go on, 1 when the look is at its end (end->outcome says why), -1 with *err. */
struct look {
	const struct custody_source *source;
	const struct custody_archive_options *options;
	const struct custody_inspect_sink *sink;
	struct custody_inspect_end *end;
	struct custody_error *err;
	bool failed; /* a callback of libarchive met an error of ours: *err has it */
	bool stopped; /* one met the end of the time */
	struct custody_set names;
	struct custody_digest digests[CUSTODY_DIGEST_COUNT];
	uint8_t *head; /* owned: first bytes of the member */
	size_t head_n;
	struct custody_buf name, other;
	struct custody_inspect_member m; /* under way */
	uint64_t before; /* where the handle was before its last header */
	bool unnamed; /* a stream: that its member has no name says nothing */
};

static void look_release(struct look *k)
{
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		custody_digest_release(&k->digests[i]);
	custody_set_release(&k->names);
	custody_buf_release(&k->name);
	custody_buf_release(&k->other);
	free(k->head);
}

static void say_words(char out[CUSTODY_INSPECT_WORDS], const char *words)
{
	if (words && !out[0])
		custody_display(words, strlen(words), out, CUSTODY_INSPECT_WORDS);
}

/* The look ends here; the first reason counts. */
static int finish_with(struct look *k, enum custody_inspect_outcome outcome, const char *words)
{
	k->end->outcome = outcome;
	say_words(k->end->words, words);
	return 1;
}

static bool is_time_up(const struct look *k)
{
	return k->options->stop && k->options->stop(k->options->stop_ctx);
}

/* ---- what a file, or a stream, begins with ---- */

static bool begins(const uint8_t *p, size_t n, const char *magic, size_t magic_n)
{
	return n >= magic_n && memcmp(p, magic, magic_n) == 0;
}
#define BEGINS(p, n, magic) begins(p, n, magic, sizeof(magic) - 1)

static bool is_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

/* A tar header has the sum of its own bytes, its own field taken as blanks (POSIX pax, "ustar Interchange Format"); old programs summed signed bytes. */
static bool is_tar(const uint8_t *p, size_t n)
{
	int64_t sum = 0, signed_sum = 0, want = 0;
	if (n < TAR_BLOCK)
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		const uint8_t c = i >= 148 && i < 156 ? ' ' : p[i];
		sum += c;
		signed_sum += (int8_t)c;
	}
	size_t i = 148;
	while (i < 155 && p[i] == ' ')
		i++;
	if (i >= 155 || p[i] < '0' || p[i] > '7')
		return false;
	for (; i < 156 && p[i] >= '0' && p[i] <= '7'; i++)
		want = want * 8 + (p[i] - '0');
	return want == sum || want == signed_sum;
}

/* An archive without members is zeros: so is much else, but not of this length. */
static bool is_empty_tar(const uint8_t *p, size_t n, bool whole)
{
	return whole && n >= 2 * TAR_BLOCK && n % TAR_BLOCK == 0 && is_zero(p, n);
}

static enum custody_inspect_filter filter_of(const uint8_t *p, size_t n)
{
	return BEGINS(p, n, "\x1f\x8b")					    ? CUSTODY_INSPECT_GZIP
	       : BEGINS(p, n, "BZh") && n > 3 && p[3] >= '1' && p[3] <= '9' ? CUSTODY_INSPECT_BZIP2
	       : BEGINS(p, n,
			 "\xfd"
			 "7zXZ\0")
		       ? CUSTODY_INSPECT_XZ
	       : BEGINS(p, n, "\x28\xb5\x2f\xfd") ? CUSTODY_INSPECT_ZSTD
						  : CUSTODY_INSPECT_PLAIN;
}

static bool is_zip(const uint8_t *p, size_t n)
{
	return BEGINS(p, n, "PK\3\4") || BEGINS(p, n, "PK\5\6");
}

static bool is_7z(const uint8_t *p, size_t n)
{
	return BEGINS(p, n, "7z\xbc\xaf\x27\x1c");
}

/* Something that holds other files, of the kinds that one meets; it does not have to be one that is looked into. */
static bool is_archive(const uint8_t *p, size_t n)
{
	return is_zip(p, n) || is_7z(p, n) || filter_of(p, n) != CUSTODY_INSPECT_PLAIN || is_tar(p, n) || BEGINS(p, n, "Rar!\x1a\x07") ||
	       BEGINS(p, n, "MSCF\0\0\0\0") || BEGINS(p, n, "!<arch>\n") || BEGINS(p, n, "070701") || BEGINS(p, n, "xar!");
}

static void identify(const struct look *k, const uint8_t *p, size_t n, char type[CUSTODY_INSPECT_TYPE])
{
	type[0] = '\0';
	if (k->options->identify)
		k->options->identify(k->options->identify_ctx, p, n, type);
}

/* ---- the content of a member ---- */

static int content_start(struct look *k)
{
	k->head_n = 0;
	k->m.size = 0;
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		if ((k->options->digests & CUSTODY_DIGEST_BIT(i)) && custody_digest_start(&k->digests[i], k->err))
			return -1;
	return 0;
}

/* What came out so far is within the limits. */
static int content_limits(struct look *k, size_t more)
{
	const struct custody_archive_options *o = k->options;
	const uint64_t bytes = k->end->bytes + k->m.size;
	if (bytes > o->max_bytes || more > o->max_bytes - bytes)
		return finish_with(k, CUSTODY_INSPECT_TOO_MUCH, NULL);
	if (bytes + more > o->ratio_from && (bytes + more) / o->max_ratio > k->source->size)
		return finish_with(k, CUSTODY_INSPECT_TOO_DENSE, NULL);
	return is_time_up(k) ? finish_with(k, CUSTODY_INSPECT_TOO_SLOW, NULL) : 0;
}

static int content_feed(struct look *k, const uint8_t *p, size_t n)
{
	if (n == 0)
		return 0;
	int rc = content_limits(k, n);
	if (rc)
		return rc;
	size_t head = CUSTODY_LIMIT_INSPECT_HEAD - k->head_n;
	head = n < head ? n : head;
	memcpy(k->head + k->head_n, p, head);
	k->head_n += head;
	k->m.size += n;
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		if ((k->options->digests & CUSTODY_DIGEST_BIT(i)) && custody_digest_update(&k->digests[i], p, n, k->err))
			return -1;
	return 0;
}

/* A hole: n bytes of zero. */
static int content_hole(struct look *k, uint64_t n)
{
	static const uint8_t zeros[65536];
	while (n > 0) {
		size_t part = n < sizeof(zeros) ? (size_t)n : sizeof(zeros);
		int rc = content_feed(k, zeros, part);
		if (rc)
			return rc;
		n -= part;
	}
	return 0;
}

static int content_finish(struct look *k)
{
	struct custody_inspect_member *m = &k->m;
	m->state = CUSTODY_INSPECT_READ;
	m->digests.mask = k->options->digests;
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		if ((k->options->digests & CUSTODY_DIGEST_BIT(i)) && custody_digest_finish(&k->digests[i], m->digests.value[i], k->err))
			return -1;
	identify(k, k->head, k->head_n, m->type);
	if (is_archive(k->head, k->head_n))
		m->notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NESTED);
	return 0;
}

/* ---- names ---- */

/* How far below the start a path ends; -1: it is absolute or leads above it on the way. */
static int64_t depth_of(struct custody_bytes path, int64_t depth)
{
	if (path.n > 0 && path.p[0] == '/')
		return -1;
	for (size_t at = 0; at < path.n;) {
		const uint8_t *slash = memchr(path.p + at, '/', path.n - at);
		const size_t n = slash ? (size_t)(slash - path.p) - at : path.n - at;
		const struct custody_bytes part = { path.p + at, n };
		at += n + 1;
		if (n == 0 || custody_bytes_is(part, "."))
			continue;
		depth += custody_bytes_is(part, "..") ? -1 : 1;
		if (depth < 0)
			return -1;
	}
	return depth;
}

static bool has_parent_part(struct custody_bytes name)
{
	for (size_t i = 0; i + 1 < name.n; i++)
		if (name.p[i] == '.' && name.p[i + 1] == '.' && (i == 0 || name.p[i - 1] == '/' || name.p[i - 1] == '\\') &&
			(i + 2 == name.n || name.p[i + 2] == '/' || name.p[i + 2] == '\\'))
			return true;
	return false;
}

static uint32_t name_notes(const struct custody_inspect_member *m)
{
	const struct custody_bytes name = m->name;
	uint32_t notes = 0;
	if (name.n == 0)
		return CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_EMPTY);
	const bool drive = name.n > 1 && name.p[1] == ':' && ((name.p[0] | 0x20) >= 'a' && (name.p[0] | 0x20) <= 'z');
	if (name.p[0] == '/' || name.p[0] == '\\' || drive)
		notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_ABSOLUTE);
	if (has_parent_part(name))
		notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_PARENT);
	if (memchr(name.p, '\\', name.n))
		notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_BACKSLASH);
	if (m->kind != CUSTODY_INSPECT_SYMLINK && m->kind != CUSTODY_INSPECT_HARDLINK)
		return notes;
	/* A symbolic link starts in its own folder, a hard link where the archive does. */
	int64_t depth = m->kind == CUSTODY_INSPECT_SYMLINK ? depth_of(name, 0) - 1 : 0;
	if (depth_of(m->link, depth < 0 ? 0 : depth) < 0)
		notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_LINK_OUTSIDE);
	return notes;
}

/* What "./a" and "a/" name when they are unpacked. Folders may come twice: that hides nothing. */
static int note_duplicate(struct look *k)
{
	struct custody_inspect_member *m = &k->m;
	struct custody_bytes n = m->name;
	bool was_there = false;
	while (n.n > 2 && n.p[0] == '.' && n.p[1] == '/')
		n = (struct custody_bytes){ n.p + 2, n.n - 2 };
	while (n.n > 0 && n.p[n.n - 1] == '/')
		n.n--;
	if (n.n == 0)
		return 0;
	if (custody_set_add(&k->names, custody_set_hash(&k->names, 0, n.p, n.n), &was_there, k->err))
		return -1;
	if (was_there && m->kind != CUSTODY_INSPECT_FOLDER)
		m->notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_DUPLICATE);
	return 0;
}

/* Hands the member over. A sink that fails ends the look. */
static int give_member(struct look *k)
{
	struct custody_inspect_member *m = &k->m;
	m->notes |= k->unnamed ? 0 : name_notes(m);
	if (note_duplicate(k))
		return -1;
	m->number = k->end->members + 1;
	custody_inspect_count(k->end, m);
	return k->sink->member(k->sink->ctx, m, k->err) ? -1 : 0;
}

static int give_note(struct look *k, enum custody_inspect_archive_note id, uint64_t number)
{
	const struct custody_inspect_note note = { id, number };
	return k->sink->note(k->sink->ctx, &note, k->err) ? -1 : 0;
}

/* ---- libarchive ---- */

static void free_archive(struct archive **a)
{
	if (*a)
		archive_read_free(*a);
}
#define ARCHIVE_CLEAN CUSTODY_CLEANUP(free_archive)

/* Where a handle's bytes come from: the source itself, or what a filter makes of it. */
struct feed {
	struct look *k;
	uint8_t *block; /* owned; of the source */
	uint64_t at;
	/* of a stream: 1, 0 at its end, -1 (words of a damaged one) */
	int (*next)(void *ctx, const uint8_t **p, size_t *n);
	void *next_ctx;
	const uint8_t *held; /* read already, to be given first */
	size_t held_n;
	uint64_t given, last; /* bytes given; and up to the last that is not zero */
	enum custody_inspect_outcome outcome; /* of a stream that failed, with the words */
	char words[CUSTODY_INSPECT_WORDS];
};

static void free_feed(struct feed *f)
{
	free(f->block);
}
#define FEED_CLEAN CUSTODY_CLEANUP(free_feed)

static int feed_init(struct feed *f, struct look *k)
{
	*f = (struct feed){ .k = k, .block = malloc(CUSTODY_LIMIT_BLOCK) };
	return f->block ? 0 : custody_fail_nomem(k->err);
}

static int feed_source(struct feed *f, const uint8_t **p, size_t *n)
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

/* The next bytes of either. */
static int feed_next(struct feed *f, const uint8_t **p, size_t *n)
{
	if (is_time_up(f->k)) {
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
	struct feed *f = ctx;
	const uint8_t *p = NULL;
	size_t n = 0;
	int rc = feed_next(f, &p, &n);
	if (rc < 0) {
		archive_set_error(a, EIO, "%s", f->words[0] ? f->words : "reading was ended");
		return ARCHIVE_FATAL;
	}
	*out = p;
	return rc == 0 ? 0 : (la_ssize_t)n;
}

static la_int64_t seek_callback(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct feed *f = ctx;
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
	struct feed *f = ctx;
	(void)a;
	int64_t left = (int64_t)(f->k->source->size - f->at);
	int64_t n = request < 0 ? 0 : request < left ? request : left;
	f->at += (uint64_t)n;
	return n;
}

typedef int (*support)(struct archive *a);

/* A handle that knows these formats and filters and no others; formats end with NULL. */
static int open_archive(struct archive **out, struct feed *f, const support *formats)
{
	ARCHIVE_CLEAN struct archive *a = archive_read_new();
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

/* libarchive gave up: why. opened: an archive that it could not open must not be asked about encryption: it looks behind its own table (3.6.2). */
static int give_up(struct look *k, struct archive *a, bool opened)
{
	if (k->failed)
		return -1;
	if (k->stopped)
		return finish_with(k, CUSTODY_INSPECT_TOO_SLOW, NULL);
	if (archive_errno(a) == ENOMEM)
		return finish_with(k, CUSTODY_INSPECT_TOO_BIG, archive_error_string(a));
	if (opened && archive_read_has_encrypted_entries(a) > 0)
		return finish_with(k, CUSTODY_INSPECT_OPAQUE, archive_error_string(a));
	return finish_with(k, CUSTODY_INSPECT_BROKEN, archive_error_string(a));
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

static void describe(struct look *k, struct archive_entry *e, bool with_time)
{
	struct custody_inspect_member *m = &k->m;
	*m = (struct custody_inspect_member){ .kind = kind_of(e), .name = bytes_of(archive_entry_pathname(e)) };
	m->link = m->kind == CUSTODY_INSPECT_HARDLINK ? bytes_of(archive_entry_hardlink(e)) : bytes_of(archive_entry_symlink(e));
	if (archive_entry_size_is_set(e) && archive_entry_size(e) >= 0) {
		m->has_stated = true;
		m->stated = (uint64_t)archive_entry_size(e);
	}
	const struct custody_time t = { archive_entry_mtime(e), (uint32_t)archive_entry_mtime_nsec(e) };
	m->has_modified = with_time && archive_entry_mtime_is_set(e) && t.nsec < 1000000000 && custody_time_in_range(t);
	if (m->has_modified)
		m->modified = t;
}

/* FAILED is said of a method that the reader does not know, before any content and with an errno, and from 3.7 on of a wrong CRC, behind it and without one
 * (before that a warning). */
static bool cannot(struct archive *a, int r, const struct custody_inspect_member *m)
{
	return r == ARCHIVE_FAILED && m->size == 0 && archive_errno(a) > 0;
}

/* Reads the member to its end. fatal: the handle is of no more use. */
static int read_content(struct look *k, struct archive *a, struct archive_entry *e, bool *fatal)
{
	struct custody_inspect_member *m = &k->m;
	bool damaged = false;
	int warnings = 0, rc = content_start(k);
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
			say_words(m->words, archive_error_string(a));
			return k->stopped ? finish_with(k, CUSTODY_INSPECT_TOO_SLOW, NULL) : 0;
		}
		if (r == ARCHIVE_WARN) {
			damaged = true;
			say_words(m->words, archive_error_string(a));
			warnings = n > 0 ? 0 : warnings + 1;
		}
		if (offset < 0 || (uint64_t)offset < m->size || warnings > WARNINGS_MAX) {
			say_words(m->words, "its blocks overlap");
			m->state = CUSTODY_INSPECT_DAMAGED;
			*fatal = true;
			return 0;
		}
		rc = content_hole(k, (uint64_t)offset - m->size);
		if (rc == 0)
			rc = content_feed(k, block, n);
	}
	/* The hole at the end of a sparse file has no block. */
	if (rc == 0 && !damaged && archive_entry_sparse_count(e) > 0 && m->has_stated && m->stated > m->size)
		rc = content_hole(k, m->stated - m->size);
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
	return content_finish(k);
}

/* One member: what it is, and its content where it has some. */
static int read_member(struct look *k, struct archive *a, struct archive_entry *e, bool encrypted, bool *fatal)
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
	/* A limit that ends the look still leaves the member to be said. */
	return give_member(k) ? -1 : rc;
}

static int header_problem(struct look *k, struct archive *a, int r)
{
	if (r >= ARCHIVE_WARN && k->end->members >= k->options->max_members)
		return finish_with(k, CUSTODY_INSPECT_TOO_MANY, NULL);
	return r < ARCHIVE_WARN ? give_up(k, a, true) : 0;
}

static void note_warning(struct look *k, struct archive *a, int r)
{
	if (r != ARCHIVE_WARN)
		return;
	k->m.notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_READER_WARNED);
	say_words(k->m.words, archive_error_string(a));
}

/* All members of an open archive, one after the other: tar and 7z, and ZIP without a directory. */
static int read_members(struct look *k, struct archive *a, bool with_time)
{
	for (;;) {
		struct archive_entry *e = NULL;
		bool fatal = false;
		const int64_t at = archive_filter_bytes(a, 0);
		k->before = at > 0 ? (uint64_t)at : 0;
		int r = archive_read_next_header(a, &e);
		if (r == ARCHIVE_EOF)
			return 0;
		int rc = header_problem(k, a, r);
		if (rc)
			return rc;
		describe(k, e, with_time);
		note_warning(k, a, r);
		rc = read_member(k, a, e, false, &fatal);
		if (rc)
			return rc;
		if (fatal)
			return give_up(k, a, true);
	}
}

static int begin(struct look *k, enum custody_inspect_format format, enum custody_inspect_filter filter, const uint8_t *head, size_t n)
{
	struct custody_inspect_begin b = { format, filter, "" };
	identify(k, head, n, b.type);
	return k->sink->begin(k->sink->ctx, &b, k->err) ? -1 : 0;
}

/* ---- ZIP ---- */

struct zip {
	struct look *k;
	struct custody_zipdir dir;
	size_t next; /* entry whose turn it is */
	uint64_t taken; /* headers that the reader gave, of this handle */
	unsigned int again;
	bool misled; /* the reader does not give what the directory lists */
};

/* The entry as its record has it, into k->m, before anything is known of its content. */
static int zip_entry(struct zip *z, size_t i)
{
	struct look *k = z->k;
	const struct custody_zipdir_entry *e = &z->dir.entries[i];
	custody_buf_clear(&k->name);
	custody_buf_clear(&k->other);
	if (custody_zipdir_compare(&z->dir, k->source, i, &k->m.notes, &k->name, &k->other, k->err))
		return -1;
	k->m.name = (struct custody_bytes){ k->name.data, k->name.len };
	k->m.other_name = (struct custody_bytes){ k->other.data, k->other.len };
	k->m.has_stated = true;
	k->m.stated = e->size;
	k->m.has_modified = e->has_modified && custody_time_in_range(e->modified);
	k->m.modified = k->m.has_modified ? e->modified : (struct custody_time){ 0, 0 };
	return 0;
}

/* An entry that the reader does not get to: what the directory says is all there is. */
static int zip_unread(struct zip *z, const char *words)
{
	struct look *k = z->k;
	k->m = (struct custody_inspect_member){ .kind = CUSTODY_INSPECT_FILE, .state = CUSTODY_INSPECT_DAMAGED };
	if (k->end->members >= k->options->max_members)
		return finish_with(k, CUSTODY_INSPECT_TOO_MANY, NULL);
	if (is_time_up(k))
		return finish_with(k, CUSTODY_INSPECT_TOO_SLOW, NULL);
	if (zip_entry(z, z->next))
		return -1;
	if (k->m.name.n > 0 && k->m.name.p[k->m.name.n - 1] == '/')
		k->m.kind = CUSTODY_INSPECT_FOLDER;
	if (z->dir.entries[z->next].flags & 1)
		k->m.state = CUSTODY_INSPECT_ENCRYPTED;
	say_words(k->m.words, words);
	z->next++;
	return give_member(k);
}

/* libarchive gives one member a place: records that lead to the same are listed all the same. */
static int zip_same_place(struct zip *z)
{
	while (z->next > 0 && z->next < z->dir.n && z->dir.entries[z->next].local == z->dir.entries[z->next - 1].local) {
		int rc = zip_unread(z, "its header is another member's");
		if (rc)
			return rc;
	}
	return 0;
}

static int zip_member(struct zip *z, struct archive *a, struct archive_entry *e, int r, bool *fatal)
{
	struct look *k = z->k;
	bool encrypted = false;
	describe(k, e, false);
	if (z->next < z->dir.n) {
		encrypted = z->dir.entries[z->next].flags & 1;
		if (zip_entry(z, z->next++))
			return -1;
	} else {
		k->m.notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NOT_LISTED);
		z->misled = true;
	}
	note_warning(k, a, r);
	return read_member(k, a, e, encrypted, fatal);
}

/* Members until the handle ends or is of no more use; *over: it is at its end, or gave up on a header. */
static int zip_run(struct zip *z, struct archive *a, bool *over)
{
	struct look *k = z->k;
	*over = false;
	for (uint64_t n = 0;; n++) {
		struct archive_entry *e = NULL;
		bool fatal = false;
		int r = archive_read_next_header(a, &e);
		if (r == ARCHIVE_EOF || (r < ARCHIVE_WARN && !k->failed && !k->stopped && z->next < z->dir.n)) {
			*over = true;
			if (r != ARCHIVE_EOF)
				say_words(k->end->words, archive_error_string(a));
			return 0;
		}
		if (r < ARCHIVE_WARN)
			return give_up(k, a, true);
		if (n < z->taken)
			continue;
		z->taken++;
		if (k->end->members >= k->options->max_members)
			return finish_with(k, CUSTODY_INSPECT_TOO_MANY, NULL);
		int rc = zip_member(z, a, e, r, &fatal);
		if (rc == 0)
			rc = zip_same_place(z);
		if (rc || fatal)
			return rc;
	}
}

/* By the directory. A damaged member ends libarchive's handle, but not the others: it is opened again behind it. */
static int read_by_directory(struct zip *z)
{
	static const support formats[] = { archive_read_support_format_zip_seekable, NULL };
	struct look *k = z->k;
	bool over = z->dir.n == 0;
	while (!over && z->again++ < CUSTODY_LIMIT_INSPECT_AGAIN) {
		FEED_CLEAN struct feed f = { 0 };
		ARCHIVE_CLEAN struct archive *a = NULL;
		if (feed_init(&f, k) || open_archive(&a, &f, formats))
			return -1;
		if (archive_read_open1(a) != ARCHIVE_OK) {
			if (k->failed)
				return -1;
			say_words(k->end->words, archive_error_string(a));
			break;
		}
		int rc = zip_run(z, a, &over);
		if (rc)
			return rc;
		if (z->next >= z->dir.n)
			break;
	}
	z->misled |= z->next < z->dir.n;
	while (z->next < z->dir.n) {
		int rc = zip_unread(z, k->end->words[0] ? k->end->words : "the reader does not get to it");
		if (rc)
			return rc;
	}
	return z->misled ? give_note(k, CUSTODY_INSPECT_NOTE_READER_DIFFERS, z->dir.n) : 0;
}

/* By the members' own headers, one after the other. */
static int read_streamed_zip(struct look *k, const char *why)
{
	static const support formats[] = { archive_read_support_format_zip_streamable, NULL };
	FEED_CLEAN struct feed f = { 0 };
	ARCHIVE_CLEAN struct archive *a = NULL;
	if (feed_init(&f, k) || open_archive(&a, &f, formats))
		return -1;
	int rc = archive_read_open1(a) == ARCHIVE_OK ? read_members(k, a, false) : give_up(k, a, false);
	/* Whatever was met: without a directory nobody knows whether it is all. */
	return rc ? rc : finish_with(k, CUSTODY_INSPECT_BROKEN, why);
}

static int read_zip(struct look *k, struct zip *z, bool has_directory, const uint8_t *head, size_t n)
{
	if (begin(k, CUSTODY_INSPECT_ZIP, CUSTODY_INSPECT_PLAIN, head, n))
		return -1;
	for (size_t i = 0; has_directory && i < z->dir.n_notes; i++)
		if (give_note(k, z->dir.notes[i].id, z->dir.notes[i].number))
			return -1;
	if (has_directory && !z->dir.damaged)
		return read_by_directory(z);
	if (has_directory)
		return read_streamed_zip(k, "the central directory is damaged");
	if (give_note(k, CUSTODY_INSPECT_NOTE_NO_DIRECTORY, CUSTODY_LIMIT_INSPECT_END))
		return -1;
	return read_streamed_zip(k, "no central directory: the file is cut short, or a part of one");
}

/* ---- 7z ---- */

static int read_7z(struct look *k, const uint8_t *head, size_t n)
{
	static const support formats[] = { archive_read_support_format_7zip, NULL };
	FEED_CLEAN struct feed f = { 0 };
	ARCHIVE_CLEAN struct archive *a = NULL;
	if (begin(k, CUSTODY_INSPECT_7Z, CUSTODY_INSPECT_PLAIN, head, n) || feed_init(&f, k) || open_archive(&a, &f, formats))
		return -1;
	return archive_read_open1(a) == ARCHIVE_OK ? read_members(k, a, true) : give_up(k, a, false);
}

/* ---- tar, and streams ---- */

/* Everything up to the end of the feed, so that what follows the archive is known. */
static int drain(struct look *k, struct feed *f)
{
	const uint8_t *p;
	size_t n;
	int rc;
	while ((rc = feed_next(f, &p, &n)) > 0) {
		/* It costs time, whoever it belongs to. */
		if (f->given > k->options->max_bytes)
			return finish_with(k, CUSTODY_INSPECT_TOO_MUCH, NULL);
		if (f->given > k->options->ratio_from && f->given / k->options->max_ratio > k->source->size)
			return finish_with(k, CUSTODY_INSPECT_TOO_DENSE, NULL);
	}
	if (rc == 0)
		return 0;
	if (k->failed)
		return -1;
	return k->stopped ? finish_with(k, CUSTODY_INSPECT_TOO_SLOW, NULL) : finish_with(k, f->outcome, f->words);
}

static int read_tar(struct look *k, struct feed *f)
{
	static const support formats[] = { archive_read_support_format_tar, NULL };
	ARCHIVE_CLEAN struct archive *a = NULL;
	/* Without seeking and skipping: every byte is read, or what follows the end could not be seen. */
	if (open_archive(&a, f, formats))
		return -1;
	int rc = archive_read_open1(a) == ARCHIVE_OK ? read_members(k, a, true) : give_up(k, a, false);
	if (rc > 0 && f->words[0] && !k->stopped) {
		/* What ended tar is what ended the stream below it. */
		k->end->words[0] = '\0';
		return finish_with(k, f->outcome, f->words);
	}
	if (rc)
		return rc;
	const int64_t end = archive_filter_bytes(a, 0);
	rc = drain(k, f);
	if (rc)
		return rc;
	/* An archive ends with two blocks of zeros. One will do; with none it is cut short, or its maker was. */
	if (end < 0 || (uint64_t)end < (k->before + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK + TAR_BLOCK)
		return finish_with(k, CUSTODY_INSPECT_BROKEN, "there is no end mark behind the last member");
	return f->last > (uint64_t)end ? give_note(k, CUSTODY_INSPECT_NOTE_DATA_AFTER, f->last - (uint64_t)end) : 0;
}

/* A compressed stream that is no archive is a file of its own, without a name. */
static int read_stream(struct look *k, struct feed *f)
{
	const uint8_t *p;
	size_t n;
	k->m = (struct custody_inspect_member){ .kind = CUSTODY_INSPECT_FILE };
	k->unnamed = true;
	int rc = content_start(k), more = 1;
	while (rc == 0 && (more = feed_next(f, &p, &n)) > 0)
		rc = content_feed(k, p, n);
	if (rc < 0 || (more < 0 && k->failed))
		return -1;
	if (more < 0)
		rc = k->stopped ? finish_with(k, CUSTODY_INSPECT_TOO_SLOW, NULL) : finish_with(k, f->outcome, f->words);
	k->m.state = more < 0 && !k->stopped ? CUSTODY_INSPECT_DAMAGED : CUSTODY_INSPECT_LIMITED;
	if (rc == 0 && content_finish(k))
		return -1;
	return give_member(k) ? -1 : rc;
}

/* A filter of libarchive's, whose "format" is the bytes that come out. */
struct raw {
	struct feed in; /* the file */
	struct feed *out; /* what it feeds */
	struct archive *a; /* owned */
	bool empty;
};

static void free_raw(struct raw *r)
{
	free_archive(&r->a);
	free_feed(&r->in);
}
#define RAW_CLEAN CUSTODY_CLEANUP(free_raw)

static int raw_failed(struct raw *r)
{
	r->out->outcome = archive_errno(r->a) == ENOMEM ? CUSTODY_INSPECT_TOO_BIG : CUSTODY_INSPECT_BROKEN;
	say_words(r->out->words, archive_error_string(r->a) ? archive_error_string(r->a) : "the compressed stream is damaged");
	return -1;
}

static int raw_next(void *ctx, const uint8_t **p, size_t *n)
{
	struct raw *r = ctx;
	const void *block = NULL;
	la_int64_t offset;
	for (*n = 0; *n == 0;) {
		int rc = r->empty ? ARCHIVE_EOF : archive_read_data_block(r->a, &block, n, &offset);
		if (rc == ARCHIVE_EOF)
			return 0;
		/* A warning about compressed bytes is a failure: there is no reading them twice. */
		if (rc != ARCHIVE_OK)
			return raw_failed(r);
	}
	*p = block;
	return 1;
}

static int raw_open(struct raw *r, struct look *k, enum custody_inspect_filter filter)
{
	const int code = filter == CUSTODY_INSPECT_BZIP2 ? ARCHIVE_FILTER_BZIP2
			 : filter == CUSTODY_INSPECT_XZ	 ? ARCHIVE_FILTER_XZ
							 : ARCHIVE_FILTER_ZSTD;
	const support formats[] = { code == ARCHIVE_FILTER_BZIP2 ? archive_read_support_filter_bzip2
				    : code == ARCHIVE_FILTER_XZ	 ? archive_read_support_filter_xz
								 : archive_read_support_filter_zstd,
		archive_read_support_format_raw, archive_read_support_format_empty, NULL };
	struct archive_entry *e = NULL;
	if (feed_init(&r->in, k) || open_archive(&r->a, &r->in, formats))
		return -1;
	int rc = archive_read_open1(r->a);
	/* A header that is cut is no bzip2 to libarchive, and then its bytes would pass as they are. */
	if (rc == ARCHIVE_OK && archive_filter_code(r->a, 0) != code)
		say_words(r->out->words, "the compressed stream is cut short");
	if (rc == ARCHIVE_OK)
		rc = archive_read_next_header(r->a, &e);
	r->empty = rc == ARCHIVE_EOF;
	if (rc != ARCHIVE_OK && rc != ARCHIVE_EOF)
		return k->failed ? -1 : (raw_failed(r), 0);
	return 0;
}

struct unzip {
	struct custody_gunzip g;
	struct feed *out;
};

static int gunzip_next(void *ctx, const uint8_t **p, size_t *n)
{
	struct unzip *u = ctx;
	struct custody_error err = CUSTODY_ERROR_INIT;
	int rc = custody_gunzip_next(&u->g, p, n, &err);
	if (rc >= 0)
		return rc;
	if (err.kind == CUSTODY_ERR_IO) {
		*u->out->k->err = err;
		u->out->k->failed = true;
	}
	u->out->outcome = err.kind == CUSTODY_ERR_NOMEM ? CUSTODY_INSPECT_TOO_BIG : CUSTODY_INSPECT_BROKEN;
	say_words(u->out->words, err.text);
	return -1;
}

/* What came out of a filter: tar or one stream. head: the file's own first bytes. */
static int read_unpacked(struct look *k, struct feed *f, enum custody_inspect_filter filter, const uint8_t *head, size_t head_n)
{
	const uint8_t *p = NULL;
	size_t n = 0;
	int rc = f->words[0] ? -1 : f->next(f->next_ctx, &p, &n);
	if (rc < 0 && k->failed)
		return -1;
	if (rc > 0) {
		f->held = p;
		f->held_n = n;
	}
	/* Filters fill their buffers (64 KiB and more): what is shorter is all there is. */
	const bool tar = rc > 0 && (is_tar(p, n) || is_empty_tar(p, n, n < CUSTODY_LIMIT_INSPECT_HEAD));
	if (begin(k, tar ? CUSTODY_INSPECT_TAR : CUSTODY_INSPECT_STREAM, filter, head, head_n))
		return -1;
	if (rc < 0)
		return k->stopped ? finish_with(k, CUSTODY_INSPECT_TOO_SLOW, NULL) : finish_with(k, f->outcome, f->words);
	return tar ? read_tar(k, f) : read_stream(k, f);
}

static void release_unzip(struct unzip *u)
{
	custody_gunzip_release(&u->g);
}

static int read_gzip(struct look *k, const uint8_t *head, size_t n)
{
	struct feed f = { .k = k, .next = gunzip_next, .outcome = CUSTODY_INSPECT_BROKEN };
	CUSTODY_CLEANUP(release_unzip) struct unzip u = { .out = &f };
	f.next_ctx = &u;
	if (custody_gunzip_init(&u.g, k->source, k->err))
		return -1;
	int rc = read_unpacked(k, &f, CUSTODY_INSPECT_GZIP, head, n);
	return rc == 0 && u.g.after > 0 ? give_note(k, CUSTODY_INSPECT_NOTE_DATA_AFTER, u.g.after) : rc;
}

static int read_filtered(struct look *k, enum custody_inspect_filter filter, const uint8_t *head, size_t n)
{
	struct feed f = { .k = k, .next = raw_next, .outcome = CUSTODY_INSPECT_BROKEN };
	RAW_CLEAN struct raw r = { .out = &f };
	f.next_ctx = &r;
	if (raw_open(&r, k, filter))
		return -1;
	int rc = read_unpacked(k, &f, filter, head, n);
	const int filters = archive_filter_count(r.a);
	return rc == 0 && filters > 2 ? give_note(k, CUSTODY_INSPECT_NOTE_COMPRESSED_TWICE, (uint64_t)filters - 1) : rc;
}

static int read_plain_tar(struct look *k, const uint8_t *head, size_t n)
{
	FEED_CLEAN struct feed f = { 0 };
	if (begin(k, CUSTODY_INSPECT_TAR, CUSTODY_INSPECT_PLAIN, head, n) || feed_init(&f, k))
		return -1;
	f.next = NULL;
	return read_tar(k, &f);
}

/* ---- what it is ---- */

static void release_zip(struct zip *z)
{
	custody_zipdir_release(&z->dir);
}

/* More members than the limit, by the directory alone. */
static int too_many(struct look *k, const uint8_t *head, size_t n)
{
	char words[CUSTODY_INSPECT_WORDS];
	custody_display(k->err->text, strlen(k->err->text), words, sizeof(words));
	return begin(k, CUSTODY_INSPECT_ZIP, CUSTODY_INSPECT_PLAIN, head, n) ? -1 : finish_with(k, CUSTODY_INSPECT_TOO_MANY, words);
}

/*
 * By its first bytes, as programs that open it by a click do; by a directory at the very end only when the beginning is nothing that is looked into. Where both
 * are there, that is said.
 */
static int read_any(struct look *k, const uint8_t *head, size_t n)
{
	CUSTODY_CLEANUP(release_zip) struct zip z = { .k = k };
	const bool zip = is_zip(head, n);
	int directory = custody_zipdir_read(&z.dir, k->source, k->options->max_members, !zip, k->err);
	if (directory < 0)
		return k->err->kind == CUSTODY_ERR_LIMIT ? too_many(k, head, n) : -1;
	const enum custody_inspect_filter filter = filter_of(head, n);
	int rc;
	if (zip || (directory && filter == CUSTODY_INSPECT_PLAIN && !is_7z(head, n) && !is_tar(head, n)))
		return read_zip(k, &z, directory, head, n);
	if (is_7z(head, n))
		rc = read_7z(k, head, n);
	else if (is_tar(head, n) || is_empty_tar(head, n, n == k->source->size && n < CUSTODY_LIMIT_INSPECT_HEAD))
		rc = read_plain_tar(k, head, n);
	else if (filter == CUSTODY_INSPECT_GZIP)
		rc = read_gzip(k, head, n);
	else if (filter != CUSTODY_INSPECT_PLAIN)
		rc = read_filtered(k, filter, head, n);
	else {
		rc = begin(k, CUSTODY_INSPECT_NONE, CUSTODY_INSPECT_PLAIN, head, n);
		return rc ? rc : finish_with(k, CUSTODY_INSPECT_NOT_ARCHIVE, NULL);
	}
	if (rc >= 0 && directory && give_note(k, CUSTODY_INSPECT_NOTE_TWO_FORMATS, z.dir.start))
		return -1;
	return rc;
}

/* Every member was met: was every content read? */
static void conclude(struct custody_inspect_end *end)
{
	const uint64_t whole = end->by_state[CUSTODY_INSPECT_READ] + end->by_state[CUSTODY_INSPECT_NO_CONTENT];
	if (end->outcome == CUSTODY_INSPECT_COMPLETE && whole != end->members)
		end->outcome = end->by_state[CUSTODY_INSPECT_DAMAGED] > 0 ? CUSTODY_INSPECT_SPOILT : CUSTODY_INSPECT_PARTLY;
}

int custody_archive_inspect(const struct custody_source *s, const struct custody_archive_options *options, const struct custody_inspect_sink *sink,
	struct custody_inspect_end *end, struct custody_error *err)
{
	CUSTODY_CLEANUP(look_release)
	struct look k = { .source = s, .options = options, .sink = sink, .end = end, .err = err };
	const size_t n = s->size < CUSTODY_LIMIT_INSPECT_HEAD ? (size_t)s->size : CUSTODY_LIMIT_INSPECT_HEAD;
	CUSTODY_FREE uint8_t *head = malloc(CUSTODY_LIMIT_INSPECT_HEAD);
	*end = (struct custody_inspect_end){ 0 };
	custody_set_init(&k.names, options->key);
	custody_buf_init(&k.name, CUSTODY_LIMIT_INSPECT_NAME);
	custody_buf_init(&k.other, CUSTODY_LIMIT_INSPECT_NAME);
	k.head = malloc(CUSTODY_LIMIT_INSPECT_HEAD);
	if (!k.head || !head)
		return custody_fail_nomem(err);
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		if ((options->digests & CUSTODY_DIGEST_BIT(i)) && custody_digest_new(&k.digests[i], (enum custody_digest_id)i, err))
			return -1;
	if (custody_source_read(s, 0, head, n, err) || read_any(&k, head, n) < 0)
		return -1;
	conclude(end);
	return 0;
}

/* A digest that was fetched once is found again without its provider being asked. */
static int prepare_digests(struct custody_error *err)
{
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++) {
		struct custody_digest d = { 0 };
		if (custody_digest_new(&d, (enum custody_digest_id)i, err))
			return -1;
		custody_digest_release(&d);
	}
	return 0;
}

int custody_archive_prepare(struct custody_error *err)
{
	/* Names of 7z and of ZIP with the UTF-8 flag are converted to the locale's characters; uselocale() is this thread's alone. */
	static const char *const locales[] = { "C.UTF-8", "C.utf8" };
	/* Both for the life of the process. While a conversion is open, glibc does not look for its module again. */
	static locale_t l;
	static iconv_t names = (iconv_t)-1;
	for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]) && !l; i++)
		l = newlocale(LC_CTYPE_MASK, locales[i], (locale_t)0);
	if (!l || !uselocale(l))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "there is no locale C.UTF-8");
	if (names == (iconv_t)-1)
		names = iconv_open("UTF-8", "UTF-16LE");
	if (names == (iconv_t)-1)
		return custody_fail_errno(err, errno, "cannot convert from UTF-16LE");
	return prepare_digests(err);
}

void custody_archive_version(char out[32])
{
	const char *v = archive_version_string();
	const size_t n = strlen(v) < 31 ? strlen(v) : 31;
	memcpy(out, v, n);
	out[n] = '\0';
}
