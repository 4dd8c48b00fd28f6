/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/content/zipdir.h"

#include <stdlib.h>
#include <string.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"

#define SIG_LOCAL UINT32_C(0x04034b50)
#define SIG_CENTRAL UINT32_C(0x02014b50)
#define SIG_END UINT32_C(0x06054b50)
#define SIG_END64 UINT32_C(0x06064b50)
#define SIG_LOCATOR UINT32_C(0x07064b50)
#define LOCAL 30 /* fixed bytes of a local header (APPNOTE 4.3.7) */
#define CENTRAL 46 /* of a record of the directory (4.3.12) */
#define END 22 /* of the end record (4.3.16) */
#define END64 56 /* of the Zip64 end record (4.3.14) */
#define LOCATOR 20 /* 4.3.15 */
#define FULL32 UINT32_C(0xffffffff)
#define FULL16 UINT16_C(0xffff)
#define FLAG_ENCRYPTED 1u
#define FLAG_DESCRIPTOR 8u
#define DESCRIPTOR_MAX 24 /* signature, CRC, two Zip64 sizes (4.3.9) */
#define EXTRA_ZIP64 1u

void custody_zipdir_release(struct custody_zipdir *d)
{
	free(d->entries);
	*d = (struct custody_zipdir){ 0 };
}

static void note(struct custody_zipdir *d, enum custody_inspect_archive_note id, uint64_t number)
{
	for (size_t i = 0; i < d->n_notes; i++)
		if (d->notes[i].id == id)
			return;
	d->notes[d->n_notes++] = (struct custody_inspect_note){ id, number };
}

/* n bytes at off, if the file has them. 1, 0 or -1. */
static int peek(const struct custody_source *s, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	if (off > s->size || n > s->size - off)
		return 0;
	return custody_source_read(s, off, p, n, err) ? -1 : 1;
}

/* ---- the end of the directory ---- */

struct end {
	uint64_t at; /* where the end record begins */
	uint64_t limit; /* where the directory must have ended: here, or at the Zip64 end record */
	uint64_t members, size, offset;
	uint32_t disk;
	uint16_t comment;
	bool elsewhere; /* the directory begins in an earlier file of several */
};

/* The Zip64 end record, where there is one in front of the end record. 1, 0 or -1. */
static int read_end64(const struct custody_source *s, struct end *e, struct custody_error *err)
{
	uint8_t l[LOCATOR], r[END64];
	if (e->at < LOCATOR + END64)
		return 0;
	int rc = peek(s, e->at - LOCATOR, l, LOCATOR, err);
	if (rc != 1 || custody_get_le32(l) != SIG_LOCATOR)
		return rc < 0 ? -1 : 0;
	/* Where it says; or, with bytes before the archive, directly in front of the locator. */
	uint64_t at = custody_get_le64(l + 8);
	rc = peek(s, at, r, END64, err);
	if (rc == 1 && custody_get_le32(r) != SIG_END64)
		rc = 0;
	if (rc == 0) {
		at = e->at - LOCATOR - END64;
		rc = peek(s, at, r, END64, err);
	}
	if (rc != 1 || custody_get_le32(r) != SIG_END64)
		return rc < 0 ? -1 : 0;
	e->limit = at;
	e->members = custody_get_le64(r + 32);
	e->size = custody_get_le64(r + 40);
	e->offset = custody_get_le64(r + 48);
	return 1;
}

static int parse_end(const struct custody_source *s, const uint8_t *p, uint64_t at, struct end *e, struct custody_error *err)
{
	*e = (struct end){ .at = at,
		.limit = at,
		.disk = custody_get_le16(p + 4),
		.elsewhere = custody_get_le16(p + 4) != FULL16 && custody_get_le16(p + 6) < custody_get_le16(p + 4),
		.members = custody_get_le16(p + 10),
		.size = custody_get_le32(p + 12),
		.offset = custody_get_le32(p + 16),
		.comment = custody_get_le16(p + 20) };
	if (e->elsewhere)
		e->size = 0;
	if (e->elsewhere || (e->members != FULL16 && e->size != FULL32 && e->offset != FULL32))
		return 0;
	return read_end64(s, e, err) < 0 ? -1 : 0;
}

/* The directory that this end record speaks of lies in the file, and begins with a record (or is empty). */
static int is_plausible(const struct custody_source *s, const struct end *e, struct custody_error *err)
{
	uint8_t sig[4];
	if (e->elsewhere)
		return e->at + END + e->comment == s->size;
	if (e->size > e->limit)
		return 0;
	if (e->size == 0)
		return e->members == 0;
	int rc = peek(s, e->limit - e->size, sig, 4, err);
	return rc == 1 && custody_get_le32(sig) != SIG_CENTRAL ? 0 : rc;
}

struct candidates {
	struct end best;
	bool has_best, is_exact; /* is_exact: its comment ends where the file does */
	uint64_t second; /* where another one that could be meant begins; 0: none */
};

/*
 * Another end record further to the front is a second reading only if the first found lies in its comment: the one of a stored ZIP that is a member,
 * or of an archive in front of this one, ends before.
 */
static void take_end(struct candidates *c, const struct end *e, bool exact)
{
	if (!c->has_best) {
		*c = (struct candidates){ *e, true, exact, 0 };
		return;
	}
	if (e->at + END + e->comment <= c->best.at)
		return;
	if (exact && !c->is_exact)
		*c = (struct candidates){ *e, true, true, c->best.at };
	else if (c->second == 0)
		c->second = e->at;
}

/* From the end of the file backwards; of several the last that ends with the file, else the last that leads to a directory. */
static int find_end(const struct custody_source *s, struct candidates *c, struct custody_error *err)
{
	const size_t window = s->size < CUSTODY_LIMIT_INSPECT_END ? (size_t)s->size : CUSTODY_LIMIT_INSPECT_END;
	const uint64_t from = s->size - window;
	CUSTODY_FREE uint8_t *p = malloc(window ? window : 1);
	if (!p)
		return custody_fail_nomem(err);
	if (custody_source_read(s, from, p, window, err))
		return -1;
	for (size_t i = window < END ? 0 : window - END + 1; i-- > 0;) {
		struct end e;
		if (p[i] != 'P' || custody_get_le32(p + i) != SIG_END)
			continue;
		if (parse_end(s, p + i, from + i, &e, err))
			return -1;
		uint64_t rest = window - i - END;
		int rc = e.comment <= rest ? is_plausible(s, &e, err) : 0;
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		take_end(c, &e, e.comment == rest);
	}
	return 0;
}

/* ---- its records ---- */

static int grow(struct custody_zipdir *d, struct custody_error *err)
{
	if (d->n < d->cap)
		return 0;
	size_t cap = d->cap ? d->cap * 2 : 64;
	struct custody_zipdir_entry *more = reallocarray(d->entries, cap, sizeof(*more));
	if (!more)
		return custody_fail_nomem(err);
	d->entries = more;
	d->cap = cap;
	return 0;
}

/* Sizes and offset that are too large for their fields are in the Zip64 extra, in this order, each only if its field is full (4.5.3). */
static void read_zip64(const uint8_t *p, size_t n, uint64_t *size, uint64_t *packed, uint64_t *offset)
{
	while (n >= 4) {
		size_t id = custody_get_le16(p), len = custody_get_le16(p + 2);
		p += 4;
		n -= 4;
		if (len > n)
			return;
		if (id == EXTRA_ZIP64) {
			uint64_t *const fields[] = { size, packed, offset };
			for (size_t i = 0, at = 0; i < 3; i++)
				if (fields[i] && *fields[i] == FULL32 && at + 8 <= len) {
					*fields[i] = custody_get_le64(p + at);
					at += 8;
				}
			return;
		}
		p += len;
		n -= len;
	}
}

#define EXTRA_UNIX_TIME 0x5455u /* flags, then seconds since 1970 if bit 0 is set: Info-ZIP */
#define EXTRA_NTFS 0x000au /* 4.5.5: four reserved bytes, then attributes; 1 with 24 bytes has the times */
#define NTFS_1970 INT64_C(116444736000000000) /* of 100 ns since 1601 */

static void read_modified(const uint8_t *p, size_t n, struct custody_zipdir_entry *e)
{
	while (n >= 4) {
		size_t id = custody_get_le16(p), len = custody_get_le16(p + 2);
		p += 4;
		n -= 4;
		if (len > n)
			return;
		if (id == EXTRA_UNIX_TIME && len >= 5 && (p[0] & 1)) {
			e->modified = (struct custody_time){ (int32_t)custody_get_le32(p + 1), 0 };
			e->has_modified = true;
		} else if (id == EXTRA_NTFS && len >= 32 && custody_get_le16(p + 4) == 1 && custody_get_le16(p + 6) == 24 &&
			   custody_get_le64(p + 8) >= (uint64_t)NTFS_1970 && custody_get_le64(p + 8) <= INT64_MAX && !e->has_modified) {
			int64_t t = (int64_t)custody_get_le64(p + 8) - NTFS_1970;
			e->modified = (struct custody_time){ t / 10000000, (uint32_t)(t % 10000000) * 100 };
			e->has_modified = true;
		}
		p += len;
		n -= len;
	}
}

/* A window on the directory, so that a million records are not a million reads. */
struct window {
	const struct custody_source *s;
	uint8_t *p;
	uint64_t at;
	size_t n;
};
#define WINDOW ((size_t)256 << 10) /* more than the longest record: 46 and three times 65,535 */

/* n bytes at off (within the file, n <= WINDOW); NULL with *err. */
static const uint8_t *window_at(struct window *w, uint64_t off, size_t n, struct custody_error *err)
{
	if (off < w->at || off - w->at > w->n || w->n - (size_t)(off - w->at) < n) {
		uint64_t left = w->s->size - off;
		w->n = left < WINDOW ? (size_t)left : WINDOW;
		w->at = off;
		if (custody_source_read(w->s, off, w->p, w->n, err))
			return NULL;
	}
	return w->p + (off - w->at);
}

/* One record at *at, which moves behind it. 1: taken; 0: it is none; -1. */
static int read_record(struct custody_zipdir *d, struct window *w, uint64_t limit, uint64_t *at, struct custody_error *err)
{
	if (limit - *at < CENTRAL)
		return 0;
	const uint8_t *p = window_at(w, *at, CENTRAL, err);
	if (!p)
		return -1;
	const size_t name = custody_get_le16(p + 28), extra = custody_get_le16(p + 30), comment = custody_get_le16(p + 32);
	const size_t whole = CENTRAL + name + extra + comment;
	if (custody_get_le32(p) != SIG_CENTRAL || limit - *at < whole)
		return 0;
	p = window_at(w, *at, whole, err);
	if (!p || grow(d, err))
		return -1;
	struct custody_zipdir_entry e = { .record = *at,
		.flags = custody_get_le16(p + 8),
		.method = custody_get_le16(p + 10),
		.crc = custody_get_le32(p + 16),
		.packed = custody_get_le32(p + 20),
		.size = custody_get_le32(p + 24),
		.local = custody_get_le32(p + 42),
		.name_len = (uint16_t)name };
	read_zip64(p + CENTRAL + name, extra, &e.size, &e.packed, &e.local);
	read_modified(p + CENTRAL + name, extra, &e);
	if (!d->split && custody_get_le16(p + 34) != 0 && custody_get_le16(p + 34) != FULL16)
		note(d, CUSTODY_INSPECT_NOTE_SPLIT, (uint64_t)custody_get_le16(p + 34) + 1);
	if (__builtin_add_overflow(e.local, d->base, &e.local))
		e.local = UINT64_MAX;
	d->entries[d->n++] = e;
	*at += whole;
	return 1;
}

static int read_records(struct custody_zipdir *d, const struct custody_source *s, uint64_t limit, uint64_t max, struct custody_error *err)
{
	CUSTODY_FREE uint8_t *buf = malloc(WINDOW);
	struct window w = { s, buf, 0, 0 };
	if (!buf)
		return custody_fail_nomem(err);
	uint64_t at = d->start;
	while (at < limit) {
		int rc = read_record(d, &w, limit, &at, err);
		if (rc < 0)
			return -1;
		if (rc == 0) {
			note(d, CUSTODY_INSPECT_NOTE_DIRECTORY_DAMAGED, at);
			d->damaged = true;
			break;
		}
		if (d->n > max)
			return custody_fail(err, CUSTODY_ERR_LIMIT, "the directory lists more than %llu members", (unsigned long long)max);
	}
	return 0;
}

static bool is_before(const struct custody_zipdir_entry *x, const struct custody_zipdir_entry *y)
{
	return x->local != y->local ? x->local < y->local : x->record < y->record;
}

/* The entry at `at` goes down to its place in a heap of n. */
static void sift(struct custody_zipdir_entry *e, size_t at, size_t n)
{
	const struct custody_zipdir_entry moved = e[at];
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && is_before(&e[child], &e[child + 1]))
			child++;
		if (!is_before(&moved, &e[child]))
			break;
		e[at] = e[child];
	}
	e[at] = moved;
}

/* Heap sort: in place and without a worst case. glibc's qsort() asks the system for its memory, which the sandbox forbids. Most directories are in order. */
static void sort(struct custody_zipdir_entry *e, size_t n)
{
	size_t i = 1;
	while (i < n && !is_before(&e[i], &e[i - 1]))
		i++;
	if (i >= n)
		return;
	for (i = n / 2; i-- > 0;)
		sift(e, i, n);
	for (i = n; i-- > 1;) {
		const struct custody_zipdir_entry last = e[i];
		e[i] = e[0];
		e[0] = last;
		sift(e, 0, i);
	}
}

/* Where the member that begins here ends at the earliest and at the latest (its descriptor has four possible lengths); 0: there is no header. */
static int extent(const struct custody_source *s, const struct custody_zipdir_entry *e, uint64_t *least, uint64_t *most, struct custody_error *err)
{
	uint8_t p[LOCAL];
	int rc = peek(s, e->local, p, LOCAL, err);
	if (rc != 1 || custody_get_le32(p) != SIG_LOCAL)
		return rc < 0 ? -1 : 0;
	uint64_t end = e->local + LOCAL + custody_get_le16(p + 26) + custody_get_le16(p + 28);
	if (__builtin_add_overflow(end, e->packed, least))
		*least = UINT64_MAX;
	*most = *least;
	if ((e->flags & FLAG_DESCRIPTOR) && *most <= UINT64_MAX - DESCRIPTOR_MAX)
		*most += DESCRIPTOR_MAX;
	return 1;
}

/*
 * What lies between two members, or before the first, and begins as a member does: deleted from the directory alone, and shown by programs that read from the front.
 * It begins right behind a member, whose descriptor has four possible lengths, or none.
 */
static int note_unlisted(
	struct custody_zipdir *d, const struct custody_source *s, uint64_t least, uint64_t most, uint64_t until, struct custody_error *err)
{
	static const uint8_t descriptors[] = { 0, 12, 16, 20, DESCRIPTOR_MAX };
	uint8_t sig[4];
	if (d->damaged)
		return 0;
	for (size_t i = 0; i < sizeof(descriptors) && least < until && descriptors[i] < until - least && descriptors[i] <= most - least; i++) {
		int rc = peek(s, least + descriptors[i], sig, sizeof(sig), err);
		if (rc < 0)
			return -1;
		if (rc == 1 && custody_get_le32(sig) == SIG_LOCAL)
			note(d, CUSTODY_INSPECT_NOTE_UNLISTED, least + descriptors[i]);
	}
	return 0;
}

/* Marks what overlaps, counts what lies between. */
static int lay_out(struct custody_zipdir *d, const struct custody_source *s, struct custody_error *err)
{
	uint64_t least = 0, most = 0, between = 0;
	bool first = true;
	sort(d->entries, d->n);
	size_t reaching = 0; /* the entry that reaches furthest so far */
	for (size_t i = 0; i < d->n; i++) {
		struct custody_zipdir_entry *e = &d->entries[i];
		uint64_t l, m;
		int rc = extent(s, e, &l, &m, err);
		if (rc < 0)
			return -1;
		e->header_missing = rc == 0;
		if (rc == 0)
			continue;
		if (first && e->local > 0)
			note(d, CUSTODY_INSPECT_NOTE_DATA_BEFORE, e->local);
		else if (e->local < least)
			e->overlaps = d->entries[reaching].overlaps = true;
		else if (e->local > most)
			between += e->local - most;
		if (note_unlisted(d, s, least, most, e->local, err))
			return -1;
		first = false;
		if (l > d->start)
			e->overlaps = true;
		if (l > least) {
			least = l;
			most = m;
			reaching = i;
		}
	}
	if (first && d->start > 0)
		note(d, CUSTODY_INSPECT_NOTE_DATA_BEFORE, d->start);
	else if (d->start > most)
		between += d->start - most;
	if (between > 0)
		note(d, CUSTODY_INSPECT_NOTE_DATA_BETWEEN, between);
	return note_unlisted(d, s, least, most, d->start, err);
}

/* ---- all of it ---- */

/* What the end record says, and what that makes of the file. 0: not one that `exact` takes. */
static int place(struct custody_zipdir *d, const struct custody_source *s, const struct candidates *c, bool exact)
{
	const struct end *e = &c->best;
	if (!c->has_best || (exact && !c->is_exact))
		return 0;
	d->start = e->limit - e->size;
	d->end = e->at + END + e->comment;
	d->stated = e->members;
	d->damaged = e->elsewhere || e->offset > d->start;
	if (d->damaged && !e->elsewhere)
		note(d, CUSTODY_INSPECT_NOTE_DIRECTORY_DAMAGED, e->at);
	if (!d->damaged)
		d->base = d->start - e->offset;
	if (s->size > d->end)
		note(d, CUSTODY_INSPECT_NOTE_DATA_AFTER, s->size - d->end);
	if (e->comment > 0)
		note(d, CUSTODY_INSPECT_NOTE_COMMENT, e->comment);
	d->split = e->disk != 0 && e->disk != FULL16;
	if (d->split)
		note(d, CUSTODY_INSPECT_NOTE_SPLIT, (uint64_t)e->disk + 1);
	if (c->second > 0)
		note(d, CUSTODY_INSPECT_NOTE_TWO_ENDS, c->second);
	return 1;
}

int custody_zipdir_read(struct custody_zipdir *d, const struct custody_source *s, uint64_t max, bool exact, struct custody_error *err)
{
	struct candidates c = { 0 };
	*d = (struct custody_zipdir){ 0 };
	if (find_end(s, &c, err))
		return -1;
	if (!place(d, s, &c, exact))
		return 0;
	if (read_records(d, s, c.best.limit, max, err) || (!d->split && lay_out(d, s, err))) {
		custody_zipdir_release(d);
		return -1;
	}
	if (exact && d->n > 0 && !d->split && d->entries[0].header_missing) {
		custody_zipdir_release(d);
		return 0;
	}
	if (d->stated != d->n && !c.best.elsewhere)
		note(d, CUSTODY_INSPECT_NOTE_COUNT_DIFFERS, d->stated);
	return 1;
}

/* ---- one member, twice told ---- */

/* Sizes by the local header, Zip64 or not. */
static int local_sizes(const struct custody_source *s, const struct custody_zipdir_entry *e, const uint8_t *p, uint64_t *size, uint64_t *packed,
	struct custody_error *err)
{
	const size_t n = custody_get_le16(p + 28);
	*packed = custody_get_le32(p + 18);
	*size = custody_get_le32(p + 22);
	if (n == 0 || (*size != FULL32 && *packed != FULL32))
		return 0;
	CUSTODY_FREE uint8_t *extra = malloc(n);
	if (!extra)
		return custody_fail_nomem(err);
	int rc = peek(s, e->local + LOCAL + custody_get_le16(p + 26), extra, n, err);
	if (rc == 1)
		read_zip64(extra, n, size, packed, NULL);
	return rc < 0 ? -1 : 0;
}

static int append_bytes(struct custody_buf *b, const struct custody_source *s, uint64_t at, size_t n, struct custody_error *err)
{
	if (at > s->size || n > s->size - at)
		n = at > s->size ? 0 : (size_t)(s->size - at);
	if (custody_buf_reserve(b, n, err) || (n > 0 && custody_source_read(s, at, b->data + b->len, n, err)))
		return -1;
	b->len += n;
	return 0;
}

/* A header that may be silent says 0, or that the field is full; each field for itself: bsdtar states the one size and not the other. */
static bool contradicts(uint64_t header, uint64_t record, bool silent)
{
	return header != record && !(silent && (header == 0 || header == FULL32));
}

static int compare_local(
	const struct custody_source *s, const struct custody_zipdir_entry *e, const uint8_t *p, uint32_t *notes, struct custody_error *err)
{
	const uint16_t flags = custody_get_le16(p + 6);
	uint64_t size, packed;
	if (local_sizes(s, e, p, &size, &packed, err))
		return -1;
	if ((flags ^ e->flags) & FLAG_ENCRYPTED)
		*notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_FLAGS_DIFFER);
	if (custody_get_le16(p + 8) != e->method)
		*notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_METHOD_DIFFERS);
	/* With a descriptor they come later: a header may then say nothing, but nothing else (4.4.4). */
	const bool silent = flags & FLAG_DESCRIPTOR;
	if (contradicts(size, e->size, silent) || contradicts(packed, e->packed, silent))
		*notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_SIZES_DIFFER);
	if (custody_get_le32(p + 14) != e->crc && !(silent && custody_get_le32(p + 14) == 0))
		*notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_CRC_DIFFERS);
	return 0;
}

int custody_zipdir_compare(const struct custody_zipdir *d, const struct custody_source *s, size_t i, uint32_t *notes, struct custody_buf *name,
	struct custody_buf *other, struct custody_error *err)
{
	const struct custody_zipdir_entry *e = &d->entries[i];
	uint8_t p[LOCAL];
	if (e->overlaps)
		*notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_OVERLAPS);
	if (append_bytes(name, s, e->record + CENTRAL, e->name_len, err))
		return -1;
	if (d->split)
		return 0;
	int rc = e->header_missing ? 0 : peek(s, e->local, p, LOCAL, err);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		*notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_HEADER_MISSING);
		return 0;
	}
	if (compare_local(s, e, p, notes, err) || append_bytes(other, s, e->local + LOCAL, custody_get_le16(p + 26), err))
		return -1;
	if (other->len == name->len && (name->len == 0 || memcmp(other->data, name->data, name->len) == 0))
		custody_buf_clear(other);
	else
		*notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_DIFFERS);
	return 0;
}
