/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict reader of the container. It has one way: the last 22 bytes are the end record, the directory lies where that says, each of its
 * records is byte for byte what the writer would have made for (name, size, CRC, running offset), and the members tile the file up to the
 * directory. Nothing is searched for and nothing is repaired; a difference is only looked at again to give it its name.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/set.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/package/names.h"
#include "libcustody/package/zip.h"
#include "libcustody/package/zip_layout.h"

#define WINDOW ((size_t)64 << 10) /* of the directory, read at a time: more than the longest record that is taken */
#define ZIP64_ID 1 /* of the extra field (APPNOTE 4.5.3) */
#define EXACT_COLLISIONS 16 /* folded collisions that are looked up exactly, each a walk over the directory */

/* ---- what differs, and by which rule ---- */

/* A fixed-width field of a record. */
struct field {
	uint8_t at, width;
	bool decimal;
	const char *rule, *name;
};

/* Signature, CRC, size, name and its length are not here: they are what the rest is made from. */
static const struct field central_fields[] = {
	{ 4, 2, false, "zip-version", "version made by" },
	{ 6, 2, false, "zip-version", "version needed" },
	{ 8, 2, false, "zip-flags", "flags" },
	{ 10, 2, true, "zip-method", "method" },
	{ 12, 2, false, "zip-time", "time" },
	{ 14, 2, false, "zip-time", "date" },
	{ 20, 4, true, "zip-size", "compressed size" },
	{ 32, 2, true, "zip-comment", "comment length" },
	{ 34, 2, true, "zip-central-record", "disk number" },
	{ 36, 2, false, "zip-attributes", "internal attributes" },
	{ 38, 4, false, "zip-attributes", "external attributes" },
	{ 42, 4, true, "zip-gap", "offset of the local header" },
};

static const struct field local_fields[] = {
	{ 0, 4, false, NULL, "signature" },
	{ 4, 2, false, NULL, "version needed" },
	{ 6, 2, false, NULL, "flags" },
	{ 8, 2, true, NULL, "method" },
	{ 10, 2, false, NULL, "time" },
	{ 12, 2, false, NULL, "date" },
	{ 14, 4, false, NULL, "CRC-32" },
	{ 18, 4, true, NULL, "compressed size" },
	{ 22, 4, true, NULL, "size" },
	{ 26, 2, true, NULL, "name length" },
	{ 28, 2, true, NULL, "length of the extra field" },
};

static const struct field end_fields[] = {
	{ 4, 2, true, "zip-end-record", "disk number" },
	{ 6, 2, true, "zip-end-record", "disk number of the directory" },
	{ 8, 2, true, "zip-count", "number of members on this disk" },
	{ 10, 2, true, "zip-count", "number of members" },
	{ 12, 4, true, "zip-zip64", "size of the directory" },
	{ 16, 4, true, "zip-zip64", "offset of the directory" },
	{ 20, 2, true, "zip-comment", "comment length" },
};

static const struct field end64_fields[] = {
	{ 0, 4, false, NULL, "signature of the Zip64 end record" },
	{ 4, 8, true, NULL, "size of the Zip64 end record" },
	{ 12, 2, false, NULL, "version made by" },
	{ 14, 2, false, NULL, "version needed" },
	{ 16, 4, true, NULL, "disk number" },
	{ 20, 4, true, NULL, "disk number of the directory" },
	{ 24, 8, true, NULL, "number of members on this disk" },
	{ 32, 8, true, NULL, "number of members" },
	{ 40, 8, true, NULL, "size of the directory" },
	{ 48, 8, true, NULL, "offset of the directory" },
	{ 56, 4, false, NULL, "signature of the Zip64 locator" },
	{ 60, 4, true, NULL, "disk number in the Zip64 locator" },
	{ 64, 8, true, NULL, "offset in the Zip64 locator" },
	{ 72, 4, true, NULL, "number of disks" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint64_t get_field(const uint8_t *p, size_t width)
{
	uint64_t v = 0;
	for (size_t i = width; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

static const struct field *first_difference(const struct field *fields, size_t n, const uint8_t *found, const uint8_t *want)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(found + fields[i].at, want + fields[i].at, fields[i].width) != 0)
			return &fields[i];
	return NULL;
}

/* rule: for fields without one of their own. */
static int refuse_field(const struct field *f, const char *rule, const uint8_t *found, const uint8_t *want, struct custody_error *err)
{
	uint64_t a = get_field(found + f->at, f->width), b = get_field(want + f->at, f->width);
	const char *id = f->rule ? f->rule : rule;
	if (f->decimal)
		return custody_refuse(err, id, "found %s %" PRIu64 ", want %" PRIu64, f->name, a, b);
	int digits = f->width * 2;
	return custody_refuse(err, id, "found %s 0x%0*" PRIx64 ", want 0x%0*" PRIx64, f->name, digits, a, digits, b);
}

static int in_member(const char *name, size_t n, struct custody_error *err)
{
	char shown[256];
	return custody_fail_in(err, "member '%s'", custody_display(name, n, shown, sizeof(shown)));
}

/* ---- the directory, read in order ---- */

/* Bytes [pos, end) of the source still to be given, those in memory at buf + at; what was loaded goes through the digest. */
struct window {
	const struct custody_source *source; /* borrowed */
	uint64_t next; /* what is loaded next */
	uint64_t end;
	uint8_t *buf; /* owned, WINDOW bytes */
	size_t at, len;
	struct custody_digest sha256;
};

static void window_release(struct window *w)
{
	free(w->buf);
	custody_digest_release(&w->sha256);
}

static int window_init(struct window *w, const struct custody_zip *z, struct custody_error *err)
{
	w->source = z->source;
	w->next = z->directory_offset;
	w->end = z->directory_offset + z->directory_size;
	w->buf = malloc(WINDOW);
	if (!w->buf)
		return custody_fail_nomem(err);
	if (custody_digest_new(&w->sha256, CUSTODY_SHA256, err) != 0)
		return -1;
	return custody_digest_start(&w->sha256, err);
}

static uint64_t window_left(const struct window *w)
{
	return w->end - w->next + (w->len - w->at);
}

/* The next n bytes (n <= WINDOW, n <= window_left) in one piece; borrowed until the next call. */
static int window_peek(struct window *w, size_t n, const uint8_t **p, struct custody_error *err)
{
	if (w->len - w->at < n) {
		memmove(w->buf, w->buf + w->at, w->len - w->at);
		w->len -= w->at;
		w->at = 0;
		size_t room = WINDOW - w->len;
		size_t more = w->end - w->next < room ? (size_t)(w->end - w->next) : room;
		if (custody_source_read(w->source, w->next, w->buf + w->len, more, err) != 0 ||
			custody_digest_update(&w->sha256, w->buf + w->len, more, err) != 0)
			return -1;
		w->next += more;
		w->len += more;
	}
	*p = w->buf + w->at;
	return 0;
}

/* ---- one record of the central directory ---- */

/* The extra field of a central record is not the one wanted: always refuses, and says why. */
static int refuse_extra(const uint8_t *found, size_t found_len, const uint8_t *want, size_t want_len, struct custody_error *err)
{
	if (found_len == 0)
		return custody_refuse(err, "zip-zip64", "found no Zip64 extra field, want one of %zu bytes", want_len);
	if (found_len < 4 || custody_get_le16(found) != ZIP64_ID || (want_len > 0 && found_len > want_len))
		return custody_refuse(
			err, "zip-extra", "found an extra field of %zu bytes, want %s", found_len, want_len > 0 ? "only that of Zip64" : "none");
	if (want_len == 0)
		return custody_refuse(err, "zip-zip64", "found a Zip64 extra field, want none: no field is saturated");
	if (found_len != want_len || custody_get_le16(found + 2) != want_len - 4)
		return custody_refuse(err, "zip-zip64",
			"found a Zip64 extra field of %zu bytes that states %u, want one of %zu: the saturated fields and no other", found_len,
			custody_get_le16(found + 2), want_len);
	/* Same form, other values: the size was taken from its first field, so the compressed size or the offset. */
	if (want_len >= 20 && custody_get_le64(found + 12) != custody_get_le64(want + 12))
		return custody_refuse(err, "zip-size", "found compressed size %" PRIu64 ", want %" PRIu64, custody_get_le64(found + 12),
			custody_get_le64(want + 12));
	return custody_refuse(err, "zip-gap", "found offset of the local header %" PRIu64 ", want %" PRIu64, custody_get_le64(found + want_len - 8),
		custody_get_le64(want + want_len - 8));
}

/* The size that a central record states, from the Zip64 extra where the field is saturated. p: the whole record. */
static int record_size(const uint8_t *p, size_t name_len, size_t extra_len, uint64_t *size, struct custody_error *err)
{
	*size = custody_get_le32(p + 24);
	if (*size != CUSTODY_ZIP_SATURATED32)
		return 0;
	const uint8_t *extra = p + CUSTODY_ZIP_CENTRAL_FIXED + name_len;
	if (extra_len < 12 || custody_get_le16(extra) != ZIP64_ID)
		return custody_refuse(err, "zip-zip64", "found a saturated size without a Zip64 extra field that holds it, want one");
	*size = custody_get_le64(extra + 4);
	if (*size < CUSTODY_ZIP_SATURATED32)
		return custody_refuse(err, "zip-zip64", "found size %" PRIu64 " in a Zip64 extra field, want it in the record: it fits", *size);
	return 0;
}

/* The whole record of m at p (n bytes) against what the writer would have made for it. */
static int compare_central(const struct custody_zip_member *m, const uint8_t *p, size_t n, struct custody_error *err)
{
	struct custody_zip_record r = { .name = m->name, .name_len = m->name_len, .size = m->size, .offset = m->offset, .crc = m->crc };
	uint8_t want[CUSTODY_ZIP_CENTRAL_MAX];
	size_t want_len = custody_zip_central_format(&r, want);
	if (n == want_len && memcmp(p, want, n) == 0)
		return 0;
	const struct field *f = first_difference(central_fields, COUNT(central_fields), p, want);
	if (f)
		return refuse_field(f, NULL, p, want, err);
	size_t skip = CUSTODY_ZIP_CENTRAL_FIXED + m->name_len;
	return refuse_extra(p + skip, n - skip, want + skip, want_len - skip, err);
}

/* Walks the records in order. `m` is the one read last; its name is in `name`. */
struct custody_zip_cursor {
	const struct custody_zip *z; /* borrowed */
	struct window window;
	struct custody_zip_member m;
	uint64_t n; /* records read */
	uint64_t offset; /* where the next member begins */
	char name[CUSTODY_LIMIT_MEMBER_NAME + 1];
};

void custody_zip_cursor_free(struct custody_zip_cursor **c)
{
	if (!*c)
		return;
	window_release(&(*c)->window);
	free(*c);
	*c = NULL;
}

int custody_zip_cursor_new(struct custody_zip_cursor **out, const struct custody_zip *z, struct custody_error *err)
{
	struct custody_zip_cursor *c CUSTODY_CLEANUP(custody_zip_cursor_free) = calloc(1, sizeof(*c));
	if (!c)
		return custody_fail_nomem(err);
	c->z = z;
	if (window_init(&c->window, z, err) != 0)
		return -1;
	*out = custody_steal(&c);
	return 0;
}

/* Lengths of the next record, from its fixed part: name and extra field. */
static int record_lengths(struct custody_zip_cursor *c, const uint8_t *p, size_t *name_len, size_t *extra_len, struct custody_error *err)
{
	if (memcmp(p, "PK\1\2", 4) != 0)
		return custody_refuse(err, "zip-central-record", "found signature 0x%08" PRIx32 ", want 0x02014b50", custody_get_le32(p));
	*name_len = custody_get_le16(p + 28);
	*extra_len = custody_get_le16(p + 30);
	size_t comment_len = custody_get_le16(p + 32);
	if (comment_len != 0)
		return custody_refuse(err, "zip-comment", "found a comment of %zu bytes, want none", comment_len);
	if (*name_len > CUSTODY_LIMIT_MEMBER_NAME)
		return custody_refuse(err, "zip-name", "found a name of %zu bytes, want at most %zu", *name_len, CUSTODY_LIMIT_MEMBER_NAME);
	if (CUSTODY_ZIP_CENTRAL_FIXED + *name_len + *extra_len > window_left(&c->window))
		return custody_refuse(
			err, "zip-central-record", "found a record longer than the %" PRIu64 " bytes left of the directory", window_left(&c->window));
	/* Longer than any that is taken: named here, so that the window needs to hold no such thing. */
	if (*extra_len > CUSTODY_ZIP_CENTRAL_EXTRA)
		return custody_refuse(err, "zip-extra", "found an extra field of %zu bytes, want none but Zip64", *extra_len);
	return 0;
}

/* The next record is parsed into c->m and every byte of it compared. */
static int read_record(struct custody_zip_cursor *c, struct custody_error *err)
{
	const uint8_t *p = NULL;
	if (window_left(&c->window) < CUSTODY_ZIP_CENTRAL_FIXED)
		return custody_refuse(err, "zip-central-record", "found %" PRIu64 " bytes at the end of the directory, want a whole record",
			window_left(&c->window));
	if (window_peek(&c->window, CUSTODY_ZIP_CENTRAL_FIXED, &p, err) != 0)
		return -1;
	size_t name_len = 0, extra_len = 0;
	if (record_lengths(c, p, &name_len, &extra_len, err) != 0)
		return -1;
	size_t total = CUSTODY_ZIP_CENTRAL_FIXED + name_len + extra_len;
	if (window_peek(&c->window, total, &p, err) != 0)
		return -1;
	memcpy(c->name, p + CUSTODY_ZIP_CENTRAL_FIXED, name_len);
	c->name[name_len] = '\0';
	const char *problem = custody_name_member_problem((const uint8_t *)c->name, name_len);
	c->m = (struct custody_zip_member){
		.name = c->name, .name_len = name_len, .index = c->n, .offset = c->offset, .crc = custody_get_le32(p + 16)
	};
	if (problem)
		custody_refuse(err, "zip-name", "the name %s", problem);
	if (problem || record_size(p, name_len, extra_len, &c->m.size, err) != 0 || compare_central(&c->m, p, total, err) != 0)
		return in_member(c->name, name_len, err);
	c->window.at += total;
	return 0;
}

/* The member just read must end at or before the directory; the next one begins there. */
static int advance(struct custody_zip_cursor *c, struct custody_error *err)
{
	uint64_t directory = c->z->directory_offset;
	c->m.data_offset = c->m.offset + custody_zip_local_size(c->m.name_len, c->m.size);
	if (c->m.data_offset > directory || c->m.size > directory - c->m.data_offset) {
		custody_refuse(err, "zip-gap",
			"found %" PRIu64 " bytes of content from offset %" PRIu64 ", want their end before the directory at %" PRIu64, c->m.size,
			c->m.data_offset, directory);
		return in_member(c->m.name, c->m.name_len, err);
	}
	c->offset = c->m.data_offset + c->m.size;
	c->n++;
	return 0;
}

/* 1: c->m is the next member; 0: the directory is at its end, and everything was right; -1: error. */
static int next_record(struct custody_zip_cursor *c, struct custody_error *err)
{
	if (window_left(&c->window) > 0) {
		if (read_record(c, err) != 0 || advance(c, err) != 0)
			return custody_fail_in(err, "record %" PRIu64 " of the directory", c->n);
		return 1;
	}
	if (c->n != c->z->members)
		return custody_refuse(err, "zip-count", "found %" PRIu64 " members in the directory, want the %" PRIu64 " that the end record states",
			c->n, c->z->members);
	if (c->offset != c->z->directory_offset)
		return custody_refuse(err, "zip-gap", "found %" PRIu64 " bytes between the last member and the directory, want none",
			c->z->directory_offset - c->offset);
	return 0;
}

/* After the last record: SHA-256 of the directory as it was read now, and of the end records as they were read first. */
static int finish_digest(struct custody_zip_cursor *c, uint8_t sha256[32], struct custody_error *err)
{
	if (custody_digest_update(&c->window.sha256, c->z->end, c->z->end_len, err) != 0)
		return -1;
	return custody_digest_finish(&c->window.sha256, sha256, err);
}

/* What passed once and does not now was changed meanwhile: that is no property of the bytes (verdict.md rules 5 and 12). */
static int refuse_changed(struct custody_error *err)
{
	return custody_refuse(err, "package-changed-while-read", "the directory does not read as it did before");
}

int custody_zip_cursor_next(struct custody_zip_cursor *c, struct custody_zip_member *m, struct custody_error *err)
{
	uint8_t sha256[32];
	int r = next_record(c, err);
	if (r < 0)
		return err->kind == CUSTODY_ERR_FORMAT ? refuse_changed(err) : -1;
	if (r > 0) {
		*m = c->m;
		return 1;
	}
	if (finish_digest(c, sha256, err) != 0)
		return -1;
	return memcmp(sha256, c->z->directory_digest, sizeof(sha256)) != 0 ? refuse_changed(err) : 0;
}

/* ---- the end of the file ---- */

/* Whether the file ends in an end record with a comment; only to give the refusal its name. Nothing found here is ever used. */
static int find_comment(const struct custody_source *source, size_t *length, struct custody_error *err)
{
	size_t most = CUSTODY_ZIP_END_FIXED + UINT16_MAX;
	size_t n = source->size < most ? (size_t)source->size : most;
	uint8_t *p CUSTODY_FREE = malloc(n);
	*length = 0;
	if (!p)
		return custody_fail_nomem(err);
	if (custody_source_read(source, source->size - n, p, n, err) != 0)
		return -1;
	for (size_t comment = 1; comment <= n - CUSTODY_ZIP_END_FIXED; comment++) {
		const uint8_t *end = p + (n - CUSTODY_ZIP_END_FIXED - comment);
		if (memcmp(end, "PK\5\6", 4) == 0 && custody_get_le16(end + 20) == comment)
			*length = comment;
	}
	return 0;
}

/* The last 22 bytes, p, are not an end record. A file that is not a package at all gets plain words. */
static int refuse_end(const struct custody_source *source, const uint8_t *p, struct custody_error *err)
{
	size_t comment = 0;
	char hex[9];
	if (find_comment(source, &comment, err) != 0)
		return -1;
	if (comment > 0)
		return custody_refuse(err, "zip-comment", "found a comment of %zu bytes behind the end record, want none", comment);
	custody_hex_format(p, 4, hex);
	return custody_refuse(err, "zip-end-record",
		"the file does not end in a ZIP end record: found bytes %s where 504b0506 is wanted, 22 bytes before the end; it was cut, extended, "
		"or is "
		"not a package",
		hex);
}

/* Reads the last 22 bytes, and the 76 before them if any field is saturated: z->end. */
static int read_end(struct custody_zip *z, struct custody_error *err)
{
	uint64_t size = z->source->size;
	if (size < CUSTODY_ZIP_END_FIXED)
		return size == 0 ? custody_refuse(err, "zip-end-record", "found an empty file, want a package")
				 : custody_refuse(err, "zip-end-record", "found a file of %" PRIu64 " bytes, want a package, which has more", size);
	uint8_t *e = z->end + CUSTODY_ZIP_END64;
	if (custody_source_read(z->source, size - CUSTODY_ZIP_END_FIXED, e, CUSTODY_ZIP_END_FIXED, err) != 0)
		return -1;
	if (memcmp(e, "PK\5\6", 4) != 0)
		return refuse_end(z->source, e, err);
	z->members = custody_get_le16(e + 10);
	z->directory_size = custody_get_le32(e + 12);
	z->directory_offset = custody_get_le32(e + 16);
	z->end_len = CUSTODY_ZIP_END_FIXED;
	if (z->members != CUSTODY_ZIP_SATURATED16 && z->directory_size != CUSTODY_ZIP_SATURATED32 && z->directory_offset != CUSTODY_ZIP_SATURATED32) {
		memmove(z->end, e, CUSTODY_ZIP_END_FIXED);
		return 0;
	}
	if (size < CUSTODY_ZIP_END_MAX)
		return custody_refuse(
			err, "zip-zip64", "found a saturated field in the end record of a file of %" PRIu64 " bytes, want Zip64 records", size);
	if (custody_source_read(z->source, size - CUSTODY_ZIP_END_MAX, z->end, CUSTODY_ZIP_END64, err) != 0)
		return -1;
	z->members = custody_get_le64(z->end + 32);
	z->directory_size = custody_get_le64(z->end + 40);
	z->directory_offset = custody_get_le64(z->end + 48);
	z->end_len = CUSTODY_ZIP_END_MAX;
	return 0;
}

/* The end records against what the writer would have made for the same count, offset and size. */
static int compare_end(const struct custody_zip *z, struct custody_error *err)
{
	uint8_t want[CUSTODY_ZIP_END_MAX];
	size_t want_len = custody_zip_end_format(z->members, z->directory_offset, z->directory_size, want);
	if (z->end_len == want_len && memcmp(z->end, want, want_len) == 0)
		return 0;
	if (z->end_len > CUSTODY_ZIP_END_FIXED) {
		if (memcmp(z->end, "PK\6\6", 4) != 0 || memcmp(z->end + 56, "PK\6\7", 4) != 0)
			return custody_refuse(
				err, "zip-zip64", "found a saturated field in the end record without Zip64 records before it, want them");
		if (want_len == CUSTODY_ZIP_END_FIXED)
			return custody_refuse(err, "zip-zip64", "found Zip64 end records, want none: every value fits the end record");
		const struct field *f = first_difference(end64_fields, COUNT(end64_fields), z->end, want);
		if (f)
			return refuse_field(f, "zip-zip64", z->end, want, err);
	}
	/* Whatever differs lies in the last 22 bytes; should no field say so, the last one is named. */
	const uint8_t *found = z->end + (z->end_len - CUSTODY_ZIP_END_FIXED), *wanted = want + (want_len - CUSTODY_ZIP_END_FIXED);
	const struct field *f = first_difference(end_fields, COUNT(end_fields) - 1, found, wanted);
	return refuse_field(f ? f : &end_fields[COUNT(end_fields) - 1], NULL, found, wanted, err);
}

/* The directory must end where the end records begin. */
static int check_tail(const struct custody_zip *z, struct custody_error *err)
{
	uint64_t tail = z->source->size - z->end_len;
	if (z->directory_offset <= tail && z->directory_size == tail - z->directory_offset)
		return 0;
	/* An end record or Zip64 records that are one too many are such a gap; said by their names. */
	uint8_t before[CUSTODY_ZIP_END_FIXED] = { 0 };
	if (tail >= sizeof(before) && custody_source_read(z->source, tail - sizeof(before), before, sizeof(before), err) != 0)
		return -1;
	if (memcmp(before, "PK\5\6", 4) == 0)
		return custody_refuse(err, "zip-end-record", "found another end record before the last one, want one");
	if (memcmp(before + 2, "PK\6\7", 4) == 0)
		return custody_refuse(err, "zip-zip64", "found a Zip64 locator before the end record, want none: no field is saturated");
	return custody_refuse(err, "zip-gap",
		"found a directory of %" PRIu64 " bytes at offset %" PRIu64 ", want its end at %" PRIu64 ", where the end record begins",
		z->directory_size, z->directory_offset, tail);
}

/* ---- names: none twice, none a folder of another ---- */

/* Equal, or one is a folder of the other. */
static bool names_clash(const char *a, size_t an, const char *b, size_t bn)
{
	size_t n = an < bn ? an : bn;
	return memcmp(a, b, n) == 0 && (an == bn || (an < bn ? b[n] : a[n]) == '/');
}

struct uniqueness {
	struct custody_set files, folders; /* by hashes of their whole paths, chained part by part */
	struct custody_buf part; /* scratch: the hash of the folder, and the part as it is compared */
	bool fold;
	uint64_t hits;
};

/* The part as it is compared under folding. Sorting the marks of a letter takes time by the square of their number: a long part is folded in ASCII alone. */
static int append_folded(struct custody_buf *to, const char *p, size_t n, struct custody_error *err)
{
	size_t at = to->len;
	if (n <= CUSTODY_LIMIT_FOLDED_PART)
		return custody_utf8_fold(to, (const uint8_t *)p, n, err);
	if (custody_buf_append(to, p, n, err) != 0)
		return -1;
	for (; at < to->len; at++)
		if (to->data[at] >= 'A' && to->data[at] <= 'Z')
			to->data[at] = (uint8_t)(to->data[at] + ('a' - 'A'));
	return 0;
}

/* Hash of the part p of a path whose folder has the hash *hash. */
static int hash_part(struct uniqueness *u, const char *p, size_t n, uint64_t *hash, struct custody_error *err)
{
	uint8_t above[8];
	custody_put_le64(above, *hash);
	custody_buf_clear(&u->part);
	if (custody_buf_append(&u->part, above, sizeof(above), err) != 0 ||
		(u->fold ? append_folded(&u->part, p, n, err) : custody_buf_append(&u->part, p, n, err)) != 0)
		return -1;
	*hash = custody_set_hash(&u->files, 0, u->part.data, u->part.len);
	return 0;
}

/*
 * Adds the member's name and the folders it implies. *clash: a file of this name, or a folder, is there, or a file where a folder of this name is
 * wanted, as far as 64-bit hashes can tell. Each part is hashed once, with the hash of its folder in front, so a name of many parts costs no more
 * than its bytes.
 */
static int add_name(struct uniqueness *u, const char *name, size_t n, bool *clash, struct custody_error *err)
{
	const char *end = name + n;
	uint64_t hash = 0;
	*clash = false;
	for (;;) {
		const char *slash = memchr(name, '/', (size_t)(end - name));
		bool there = false;
		if (hash_part(u, name, (size_t)((slash ? slash : end) - name), &hash, err) != 0)
			return -1;
		if (custody_set_has(slash ? &u->files : &u->folders, hash))
			*clash = true;
		if (custody_set_add(slash ? &u->folders : &u->files, hash, &there, err) != 0)
			return -1;
		if (!slash) {
			*clash = *clash || there;
			return 0;
		}
		name = slash + 1;
	}
}

/* Looks through the members before m for one that clashes with it as it is. 1, 0, -1. */
static int find_clash(const struct custody_zip *z, const struct custody_zip_member *m, struct custody_error *err)
{
	struct custody_zip_cursor *c CUSTODY_CLEANUP(custody_zip_cursor_free) = NULL;
	struct custody_zip_member before;
	if (custody_zip_cursor_new(&c, z, err) != 0)
		return -1;
	for (uint64_t i = 0; i < m->index; i++) {
		if (custody_zip_cursor_next(c, &before, err) < 0)
			return -1;
		if (names_clash(before.name, before.name_len, m->name, m->name_len))
			return 1;
	}
	return 0;
}

static int refuse_twice(const struct custody_zip_member *m, struct custody_error *err)
{
	custody_refuse(err, "zip-name-twice", "an earlier member has this name, or one is a folder of the other");
	return in_member(m->name, m->name_len, err);
}

/* Whom to tell of names that are equal for some file systems. */
struct listener {
	void (*collision)(void *ctx, const char *name, size_t name_len);
	void *ctx;
};

/* Adds the name under folding. Of the first few clashes it is looked up whether the names are one as they are; see check_exact() for the rest. What is left is equal for
 * some file systems, but for once in 2^64: a warning, so that no verdict hangs on a version of Unicode. */
static int check_folded(
	const struct custody_zip *z, struct uniqueness *u, const struct custody_zip_member *m, const struct listener *l, struct custody_error *err)
{
	bool clash = false;
	if (add_name(u, m->name, m->name_len, &clash, err) != 0)
		return -1;
	if (!clash)
		return 0;
	int found = ++u->hits <= EXACT_COLLISIONS ? find_clash(z, m, err) : 0;
	if (found < 0)
		return -1;
	if (found == 1)
		return refuse_twice(m, err);
	if (l->collision)
		l->collision(l->ctx, m->name, m->name_len);
	return 0;
}

/*
 * With more folded collisions than are looked up one by one (each a walk: many would be quadratic), an exact clash could hide among them. So one more
 * walk with the names as they are, where every hit but one in 2^64 is the end.
 */
static int check_exact(const struct custody_zip *z, struct uniqueness *u, struct custody_error *err)
{
	struct custody_zip_cursor *c CUSTODY_CLEANUP(custody_zip_cursor_free) = NULL;
	struct custody_zip_member m;
	if (custody_zip_cursor_new(&c, z, err) != 0)
		return -1;
	for (;;) {
		int r = custody_zip_cursor_next(c, &m, err);
		if (r <= 0)
			return r;
		bool clash = false;
		if (add_name(u, m.name, m.name_len, &clash, err) != 0)
			return -1;
		int found = clash ? find_clash(z, &m, err) : 0;
		if (found < 0)
			return -1;
		if (found == 1)
			return refuse_twice(&m, err);
	}
}

/* ---- the whole ---- */

static int check_mimetype(const struct custody_zip *z, const struct custody_zip_member *m, struct custody_error *err)
{
	static const char want[] = CUSTODY_MIMETYPE;
	uint8_t found[sizeof(want) - 1];
	if (strcmp(m->name, "mimetype") != 0) {
		custody_refuse(err, "zip-mimetype", "found this as the first member, want 'mimetype'");
		return in_member(m->name, m->name_len, err);
	}
	if (m->size != sizeof(found))
		return custody_refuse(
			err, "zip-mimetype", "found a member 'mimetype' of %" PRIu64 " bytes, want the %zu bytes '%s'", m->size, sizeof(found), want);
	if (custody_source_read(z->source, m->data_offset, found, sizeof(found), err) != 0)
		return -1;
	char shown[160];
	if (memcmp(found, want, sizeof(found)) != 0)
		return custody_refuse(
			err, "zip-mimetype", "found media type '%s', want '%s'", custody_display(found, sizeof(found), shown, sizeof(shown)), want);
	return 0;
}

/* The first walk: every record, the names under folding, the digest. */
static int check_directory(struct custody_zip *z, struct uniqueness *u, const struct listener *l, struct custody_error *err)
{
	struct custody_zip_cursor *c CUSTODY_CLEANUP(custody_zip_cursor_free) = NULL;
	if (custody_zip_cursor_new(&c, z, err) != 0)
		return -1;
	for (;;) {
		int r = next_record(c, err);
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		if ((c->m.index == 0 && check_mimetype(z, &c->m, err) != 0) || check_folded(z, u, &c->m, l, err) != 0)
			return -1;
	}
	if (c->n == 0)
		return custody_refuse(err, "zip-mimetype", "found no member at all, want 'mimetype' as the first");
	return finish_digest(c, z->directory_digest, err);
}

static void uniqueness_init(struct uniqueness *u, const uint8_t key[16], bool fold)
{
	*u = (struct uniqueness){ .fold = fold };
	custody_set_init(&u->files, key);
	custody_set_init(&u->folders, key);
	custody_buf_init(&u->part, 8 * CUSTODY_LIMIT_MEMBER_NAME);
}

static void uniqueness_release(struct uniqueness *u)
{
	custody_set_release(&u->files);
	custody_set_release(&u->folders);
	custody_buf_release(&u->part);
}

int custody_zip_check(struct custody_zip *z, const struct custody_source *source, const uint8_t key[16],
	void (*collision)(void *ctx, const char *name, size_t name_len), void *ctx, struct custody_error *err)
{
	*z = (struct custody_zip){ .source = source };
	if (read_end(z, err) != 0 || compare_end(z, err) != 0 || check_tail(z, err) != 0)
		return -1;
	if (z->members > CUSTODY_LIMIT_MEMBERS)
		return custody_fail(
			err, CUSTODY_ERR_LIMIT, "found %" PRIu64 " members, at most %" PRIu64 " are taken", z->members, CUSTODY_LIMIT_MEMBERS);
	struct listener l = { collision, ctx };
	struct uniqueness u CUSTODY_CLEANUP(uniqueness_release) = { 0 };
	uniqueness_init(&u, key, true);
	if (check_directory(z, &u, &l, err) != 0)
		return -1;
	if (u.hits <= EXACT_COLLISIONS)
		return 0;
	uniqueness_release(&u);
	uniqueness_init(&u, key, false);
	return check_exact(z, &u, err);
}

/* ---- local headers and content ---- */

size_t custody_zip_local_length(const struct custody_zip_member *m)
{
	return custody_zip_local_size(m->name_len, m->size);
}

int custody_zip_check_local(const struct custody_zip_member *m, const uint8_t *p, size_t n, struct custody_error *err)
{
	static const char rule[] = "zip-local-record";
	struct custody_zip_record r = { .name = m->name, .name_len = m->name_len, .size = m->size, .offset = m->offset, .crc = m->crc };
	uint8_t want[CUSTODY_ZIP_LOCAL_MAX];
	size_t want_len = custody_zip_local_format(&r, want);
	if (n == want_len && memcmp(p, want, n) == 0)
		return 0;
	const struct field *f = n == want_len ? first_difference(local_fields, COUNT(local_fields), p, want) : NULL;
	if (n != want_len)
		custody_refuse(err, rule, "found %zu bytes of a local header, want %zu", n, want_len);
	else if (f)
		refuse_field(f, rule, p, want, err);
	else if (memcmp(p + CUSTODY_ZIP_LOCAL_FIXED, want + CUSTODY_ZIP_LOCAL_FIXED, m->name_len) != 0)
		custody_refuse(err, rule, "found another name in the local header, want that of the directory");
	else
		custody_refuse(err, rule, "found another Zip64 extra field in the local header, want the size of the directory twice");
	custody_fail_in(err, "local header at offset %" PRIu64, m->offset);
	return in_member(m->name, m->name_len, err);
}

int custody_zip_find(const struct custody_zip *z, const char *name, struct custody_zip_member *m, struct custody_error *err)
{
	struct custody_zip_cursor *c CUSTODY_CLEANUP(custody_zip_cursor_free) = NULL;
	if (custody_zip_cursor_new(&c, z, err) != 0)
		return -1;
	for (;;) {
		int r = custody_zip_cursor_next(c, m, err);
		if (r <= 0)
			return r;
		if (strcmp(m->name, name) == 0) {
			m->name = name;
			return 1;
		}
	}
}

static int read_content(const struct custody_zip *z, const struct custody_zip_member *m, uint8_t *p, struct custody_error *err)
{
	size_t n = (size_t)m->size;
	if (custody_source_read(z->source, m->data_offset, p, n, err) != 0)
		return -1;
	uint32_t crc = custody_crc32(0, p, n);
	if (crc == m->crc)
		return 0;
	custody_refuse(err, "zip-crc", "found content with CRC-32 0x%08" PRIx32 ", want 0x%08" PRIx32, crc, m->crc);
	return in_member(m->name, m->name_len, err);
}

int custody_zip_read_member(
	const struct custody_zip *z, const struct custody_zip_member *m, uint64_t max, struct custody_buf *out, struct custody_error *err)
{
	if (m->size > max) {
		custody_fail(err, CUSTODY_ERR_LIMIT, "found %" PRIu64 " bytes, at most %" PRIu64 " are read", m->size, max);
		return in_member(m->name, m->name_len, err);
	}
	uint8_t header[CUSTODY_ZIP_LOCAL_MAX];
	size_t n = custody_zip_local_length(m);
	if (custody_source_read(z->source, m->offset, header, n, err) != 0 || custody_zip_check_local(m, header, n, err) != 0)
		return -1;
	custody_buf_clear(out);
	if (custody_buf_reserve(out, (size_t)m->size, err) != 0 || read_content(z, m, out->data, err) != 0)
		return -1;
	out->len = (size_t)m->size;
	out->data[out->len] = '\0';
	return 0;
}
