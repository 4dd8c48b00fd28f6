/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/pass.h"

#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/work/stream.h"

#define READ_AHEAD ((size_t)64 << 10) /* small members are read this many bytes at a time */

enum { PIECE_HEADER, PIECE_CONTENT, PIECE_TAIL, PIECE_RAW };

struct passing {
	const struct custody_pass *pass;

	/* what the consumer knows */
	struct custody_zip_cursor *cursor;
	struct custody_zip_member member;
	struct custody_buf header; /* local header of `member` so far */
	uint32_t crc;
	bool bytes_right; /* every local header and CRC so far */
	struct custody_digest tail; /* SHA-256 of directory and end records */

	/* what was read into the stream's block beyond the member under way */
	const uint8_t *ahead; /* borrowed; where it lies */
	uint64_t ahead_offset; /* in the file */
	size_t ahead_len;
};

static void passing_init(struct passing *v, const struct custody_pass *pass)
{
	*v = (struct passing){ .pass = pass, .bytes_right = true };
	custody_buf_init(&v->header, CUSTODY_LIMIT_HEADER);
}

static void passing_release(struct passing *v)
{
	custody_zip_cursor_free(&v->cursor);
	custody_buf_release(&v->header);
	custody_digest_release(&v->tail);
}

static bool interrupted(const struct passing *v)
{
	return v->pass->options->interrupted && v->pass->options->interrupted(v->pass->options->interrupted_ctx);
}

static void progress(const struct passing *v, uint64_t done)
{
	if (v->pass->options->progress)
		v->pass->options->progress(v->pass->options->progress_ctx, done, v->pass->source->size);
}

/* ---- producer ---- */

/*
 * Reads at least one byte of the file from offset on to p, which has room for `room`. One read serves many small members: they lie in the stream's block one behind
 * the other, as in the file, so that what was read beyond this one is where the next will want it. Only at the end of a block is that lost, and read again.
 */
static int read_into(struct passing *v, uint64_t offset, uint8_t *p, size_t room, size_t *n, struct custody_error *err)
{
	uint64_t left = v->pass->source->size - offset;

	if (v->ahead != p || v->ahead_offset != offset || v->ahead_len == 0) {
		v->ahead_len = 0;
		if (left < room)
			room = (size_t)left;
		if (room > READ_AHEAD && *n < READ_AHEAD)
			room = READ_AHEAD;
		if (custody_source_read(v->pass->source, offset, p, room, err))
			return -1;
		v->ahead_len = room;
	}
	if (*n > v->ahead_len)
		*n = v->ahead_len;
	v->ahead = p + *n;
	v->ahead_offset = offset + *n;
	v->ahead_len -= *n;
	return 0;
}

/* Puts n bytes at offset into the stream as one item, of which these digests are wanted. */
static int feed(
	struct passing *v, struct custody_stream *stream, uint64_t tag, uint32_t digests, uint64_t offset, uint64_t n, struct custody_error *err)
{
	if (custody_stream_begin_sized(stream, tag, digests, n, err))
		return -1;
	while (n > 0) {
		uint8_t *p;
		size_t room, take;

		if (custody_stream_space(stream, &p, &room, err))
			return -1;
		take = room < n ? room : (size_t)n;
		if (read_into(v, offset, p, room, &take, err) || custody_stream_commit(stream, take, err))
			return -1;
		offset += take;
		n -= take;
		progress(v, offset);
		if (interrupted(v))
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	}
	return custody_stream_end(stream, err);
}

/* Of evidence all digests are stated; of every other member only SHA-256. */
static uint32_t stated_digests(const struct custody_zip_member *m)
{
	enum custody_digest_id algorithm;

	return custody_member_classify(m->name, m->name_len, &algorithm) == CUSTODY_MEMBER_DATA ? CUSTODY_STREAM_ALL
												: CUSTODY_DIGEST_BIT(CUSTODY_SHA256);
}

/* Every byte in order: each member's header and content as the directory places them, then directory and end records. */
static int feed_package(struct passing *v, struct custody_stream *stream, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_zip_cursor_free) struct custody_zip_cursor *cursor = NULL;
	struct custody_zip_member m;
	int r;

	if (custody_zip_cursor_new(&cursor, v->pass->zip, err))
		return -1;
	while ((r = custody_zip_cursor_next(cursor, &m, err)) == 1)
		if (feed(v, stream, PIECE_HEADER, 0, m.offset, m.data_offset - m.offset, err) ||
			feed(v, stream, PIECE_CONTENT, stated_digests(&m), m.data_offset, m.size, err))
			return -1;
	if (r < 0)
		return -1;
	return feed(v, stream, PIECE_TAIL, 0, v->pass->zip->directory_offset, v->pass->source->size - v->pass->zip->directory_offset, err);
}

/* ---- consumer ---- */

static int take_header(struct passing *v, const struct custody_stream_piece *piece, struct custody_error *err)
{
	if (piece->first) {
		int r = custody_zip_cursor_next(v->cursor, &v->member, err);

		if (r < 0)
			return -1;
		if (r == 0)
			return custody_refuse(err, "package-changed-while-read", "the directory has become shorter");
		custody_buf_clear(&v->header);
	}
	if (custody_buf_append(&v->header, piece->data, piece->len, err))
		return -1;
	if (!piece->last || custody_zip_check_local(&v->member, v->header.data, v->header.len, err) == 0)
		return 0;
	v->bytes_right = false;
	return custody_findings_take(&v->pass->report->findings, CUSTODY_FINDING_ZIP_LOCAL_RECORD, v->member.name, err);
}

/* A member that was read before must have come by again as it was. */
static void compare_seen(struct passing *v, enum custody_member_class c, const uint8_t *sha256)
{
	const struct custody_member_seen *s = &v->pass->seen[c];

	if (s->there && memcmp(s->sha256, sha256, 32) != 0)
		custody_findings_add(
			&v->pass->report->findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, v->member.name, v->member.name_len, NULL);
}

static int take_content(struct passing *v, const struct custody_stream_piece *piece, struct custody_error *err)
{
	enum custody_digest_id algorithm;
	enum custody_member_class c;

	v->crc = piece->first ? piece->crc : custody_crc32_combine(v->crc, piece->crc, piece->len);
	if (!piece->last)
		return 0;
	if (v->crc != v->member.crc) {
		v->bytes_right = false;
		custody_findings_add(&v->pass->report->findings, CUSTODY_FINDING_ZIP_CRC, v->member.name, v->member.name_len,
			"found %08x, stated %08x", (unsigned)v->crc, (unsigned)v->member.crc);
	}
	c = custody_member_classify(v->member.name, v->member.name_len, &algorithm);
	compare_seen(v, c, piece->digests->value[CUSTODY_SHA256]);
	custody_statements_met(v->pass->statements, c, piece->digests->value[CUSTODY_SHA256]);
	return custody_lists_member(v->pass->lists, &v->member, c, algorithm, piece->digests, err);
}

static int take_piece(void *ctx, const struct custody_stream_piece *piece, struct custody_error *err)
{
	struct passing *v = ctx;

	switch (piece->tag) {
	case PIECE_HEADER:
		return take_header(v, piece, err);
	case PIECE_CONTENT:
		return take_content(v, piece, err);
	case PIECE_TAIL:
		return custody_digest_update(&v->tail, piece->data, piece->len, err);
	default:
		return 0;
	}
}

static int stream_new(struct passing *v, uint32_t digests, struct custody_stream **out, struct custody_error *err)
{
	struct custody_stream_options options = {
		.digests = digests,
		.crc = digests != 0,
		.whole = true,
		.workers = v->pass->options->workers,
		.consumer = take_piece,
		.ctx = v,
	};

	return custody_stream_new(out, &options, err);
}

static int take_whole(struct passing *v, struct custody_stream *stream, struct custody_error *err)
{
	if (custody_stream_flush(stream, err) || custody_stream_whole(stream, v->pass->report->sha256, err))
		return -1;
	v->pass->report->size = v->pass->source->size;
	v->pass->report->has_package = true;
	return 0;
}

int custody_pass_file(const struct custody_pass *pass, struct custody_error *err)
{
	CUSTODY_CLEANUP(passing_release) struct passing v;
	CUSTODY_CLEANUP(custody_stream_free) struct custody_stream *stream = NULL;

	passing_init(&v, pass);
	if (stream_new(&v, 0, &stream, err) || feed(&v, stream, PIECE_RAW, 0, 0, pass->source->size, err))
		return -1;
	return take_whole(&v, stream, err);
}

/* The consumer's own walk over the directory has ended, and was over the directory that was checked: only its end says so. */
static int finish_cursor(struct passing *v, struct custody_error *err)
{
	int r = custody_zip_cursor_next(v->cursor, &v->member, err);

	return r > 0 ? custody_refuse(err, "package-changed-while-read", "the directory has become longer") : r;
}

static int run_pass(struct passing *v, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_stream_free) struct custody_stream *stream = NULL;
	uint8_t tail[32];

	if (custody_zip_cursor_new(&v->cursor, v->pass->zip, err) || custody_digest_new(&v->tail, CUSTODY_SHA256, err) ||
		custody_digest_start(&v->tail, err) || stream_new(v, custody_lists_digests(v->pass->lists), &stream, err) ||
		feed_package(v, stream, err) || take_whole(v, stream, err) || finish_cursor(v, err) || custody_digest_finish(&v->tail, tail, err))
		return -1;
	if (memcmp(tail, v->pass->zip->directory_digest, 32) != 0)
		custody_findings_add(
			&v->pass->report->findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, NULL, 0, "the directory is not what was read first");
	else if (v->bytes_right)
		v->pass->report->shown |= CUSTODY_SHOWN_EVERY_BYTE;
	return 0;
}

int custody_pass_package(const struct custody_pass *pass, struct custody_error *err)
{
	CUSTODY_CLEANUP(passing_release) struct passing v;

	passing_init(&v, pass);
	if (run_pass(&v, err) == 0)
		return 1;
	if (err->kind != CUSTODY_ERR_FORMAT)
		return -1;
	custody_findings_add_error(&pass->report->findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, NULL, 0, err);
	return pass->report->has_package ? 0 : custody_pass_file(pass, err);
}
