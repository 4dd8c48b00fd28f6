/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One package, one pass (design/verdict.md rule 5): the ZIP directory, META-INF and the lists are read first; then every byte of the file goes by once, and
 * feeds the package's own digest, each member's digests and CRC, and the merge of the lists. What was read before must come by again.
 */
#include "libcustody/work/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/utf8.h"
#include "libcustody/crypto/cms.h"
#include "libcustody/package/bag.h"
#include "libcustody/package/members.h"
#include "libcustody/package/sealfile.h"
#include "libcustody/package/zip.h"
#include "libcustody/verdict/lists.h"
#include "libcustody/verdict/stated.h"
#include "libcustody/work/record.h"
#include "libcustody/work/selftest.h"
#include "libcustody/work/statements.h"
#include "libcustody/work/stream.h"

#define CHUNK ((size_t)256 << 10) /* of a member that is read before the pass */
#define READ_AHEAD ((size_t)64 << 10) /* small members are read this many bytes at a time */

/* A member read before the pass: its bytes (of the manifests, which may be large, none are kept), and their digest to be met again. */
struct small {
	struct custody_buf bytes;
	bool there;
	uint8_t sha256[32];
};

struct verify {
	const struct custody_source *source;
	const struct custody_verify_options *o;
	struct custody_report *report;
	struct custody_findings *findings; /* the report's */

	struct custody_zip zip;
	struct custody_member_index index;
	struct small small[CUSTODY_MEMBER_CLASSES];
	struct custody_sealfile sealfile;
	bool has_sealfile;
	struct custody_acquisition_facts acquisition;
	bool has_acquisition;
	struct custody_lists *lists;
	struct custody_statements statements;
	bool facts_right, members_right;

	/* the pass: what the consumer knows */
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

enum { PIECE_HEADER, PIECE_CONTENT, PIECE_TAIL, PIECE_RAW };

/* A refusal becomes a finding and 0; a limit leaves the verdict open; everything else is a failure. */
static int refused(struct verify *v, enum custody_finding_id fallback, const char *member, const struct custody_error *err)
{
	size_t n = member ? strlen(member) : 0;

	if (err->kind == CUSTODY_ERR_LIMIT) {
		custody_findings_add(v->findings, CUSTODY_FINDING_LIMIT_EXCEEDED, member, n, "%s", err->text);
		return 0;
	}
	if (err->kind != CUSTODY_ERR_FORMAT)
		return -1;
	custody_findings_add_error(v->findings, fallback, member, n, err);
	return 0;
}

static bool interrupted(const struct verify *v)
{
	return v->o->interrupted && v->o->interrupted(v->o->interrupted_ctx);
}

static void progress(const struct verify *v, uint64_t done)
{
	if (v->o->progress)
		v->o->progress(v->o->progress_ctx, done, v->source->size);
}

/* ---- before the pass: structure and small members ---- */

static void name_collides(void *ctx, const char *name, size_t len)
{
	struct verify *v = ctx;

	custody_findings_add(v->findings, CUSTODY_FINDING_NAME_COLLISION, name, len, NULL);
}

/* 1: the container's directory is strict; 0: refused, said; -1. */
static int check_directory(struct verify *v, struct custody_error *err)
{
	uint8_t key[16];

	if (custody_random_fill(v->o->random, key, sizeof(key), err))
		return -1;
	if (custody_zip_check(&v->zip, v->source, key, name_collides, v, err))
		return refused(v, CUSTODY_FINDING_ZIP_END_RECORD, NULL, err);
	v->report->shown |= CUSTODY_SHOWN_DIRECTORY;
	return 1;
}

static void member_wrong(struct verify *v, enum custody_finding_id id, const struct custody_zip_member *m)
{
	v->members_right = false;
	custody_findings_add(v->findings, id, m->name, m->name_len, NULL);
}

static void index_member(struct verify *v, const struct custody_zip_member *m, enum custody_member_class c, enum custody_digest_id algorithm)
{
	if (c == CUSTODY_MEMBER_DATA) {
		v->index.data_members++;
	} else if (c == CUSTODY_MEMBER_LIST) {
		v->index.list[algorithm] = *m;
		v->index.list[algorithm].name = "manifest-*.txt";
		v->index.has_list[algorithm] = true;
	} else if (custody_member_name(c)) {
		v->index.member[c] = *m;
		v->index.member[c].name = custody_member_name(c);
		v->index.has[c] = true;
	}
}

/* Every member is one of the format, in its place, and none is missing. */
static int index_members(struct verify *v, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_zip_cursor_free) struct custody_zip_cursor *cursor = NULL;
	struct custody_zip_member m;
	unsigned last = 0;
	int r;

	v->members_right = true;
	if (custody_zip_cursor_new(&cursor, &v->zip, err))
		return -1;
	while ((r = custody_zip_cursor_next(cursor, &m, err)) == 1) {
		enum custody_digest_id algorithm;
		enum custody_member_class c = custody_member_classify(m.name, m.name_len, &algorithm);
		unsigned place = custody_member_place(c, algorithm);

		if (c == CUSTODY_MEMBER_UNKNOWN)
			member_wrong(v, CUSTODY_FINDING_MEMBER_UNEXPECTED, &m);
		else if (c == CUSTODY_MEMBER_META_UNKNOWN)
			member_wrong(v, CUSTODY_FINDING_NEWER_FORMAT, &m);
		else if (place < last)
			member_wrong(v, CUSTODY_FINDING_MEMBER_ORDER, &m);
		else
			last = place;
		index_member(v, &m, c, algorithm);
		if (interrupted(v))
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	}
	return r < 0 ? refused(v, CUSTODY_FINDING_ZIP_CENTRAL_RECORD, NULL, err) : 0;
}

static void name_missing(struct verify *v)
{
	for (int c = 0; c < CUSTODY_MEMBER_CLASSES; c++) {
		const char *name = custody_member_name((enum custody_member_class)c);

		if (!custody_member_is_required((enum custody_member_class)c) || v->index.has[c])
			continue;
		v->members_right = false;
		custody_findings_add(v->findings, CUSTODY_FINDING_MEMBER_MISSING, name, strlen(name), NULL);
	}
}

/* Reads a small member whole. *there: it is there and could be read. */
static int read_small(struct verify *v, enum custody_member_class c, uint64_t max, struct custody_error *err)
{
	struct small *s = &v->small[c];

	if (!v->index.has[c])
		return 0;
	custody_buf_init(&s->bytes, (size_t)max);
	if (custody_zip_read_member(&v->zip, &v->index.member[c], max, &s->bytes, err))
		return refused(v, CUSTODY_FINDING_ZIP_LOCAL_RECORD, custody_member_name(c), err);
	s->there = true;
	return custody_digest_once(CUSTODY_SHA256, s->bytes.data, s->bytes.len, s->sha256, err);
}

static const struct {
	enum custody_member_class c;
	uint64_t max;
} small_members[] = {
	{ CUSTODY_MEMBER_BAGIT, CUSTODY_LIMIT_SMALL_MEMBER },
	{ CUSTODY_MEMBER_BAG_INFO, CUSTODY_LIMIT_SMALL_MEMBER },
	{ CUSTODY_MEMBER_SEAL_FILE, CUSTODY_LIMIT_SMALL_MEMBER },
	{ CUSTODY_MEMBER_ACQUISITION, CUSTODY_LIMIT_ACQUISITION },
	{ CUSTODY_MEMBER_VERIFY, CUSTODY_LIMIT_SMALL_MEMBER },
	{ CUSTODY_MEMBER_SIGNATURE_1, CUSTODY_LIMIT_SIGNATURE },
	{ CUSTODY_MEMBER_SIGNATURE_2, CUSTODY_LIMIT_SIGNATURE },
};

static int read_small_members(struct verify *v, struct custody_error *err)
{
	for (size_t i = 0; i < sizeof(small_members) / sizeof(small_members[0]); i++)
		if (read_small(v, small_members[i].c, small_members[i].max, err))
			return -1;
	return 0;
}

static int copy_text(char **out, const char *s, struct custody_error *err)
{
	if (!s)
		return 0;
	*out = strdup(s);
	return *out ? 0 : custody_fail_nomem(err);
}

static int report_sealfile(struct verify *v, struct custody_error *err)
{
	const struct custody_sealfile *s = &v->sealfile;
	struct custody_report *r = v->report;

	r->has_sealfile = true;
	r->sealed = s->sealed;
	r->items = s->items;
	r->bytes = s->bytes;
	r->exceptions = s->exceptions;
	r->digests = s->digests;
	if (s->has_private)
		custody_findings_add(v->findings, CUSTODY_FINDING_UNKNOWN_FIELD, NULL, 0, "custody/seal.json");
	return copy_text(&r->case_id, s->case_id, err) || copy_text(&r->exhibit, s->exhibit, err) ||
			       copy_text(&r->sealer_name, s->sealer_name, err) || copy_text(&r->sealer_organisation, s->sealer_organisation, err) ||
			       copy_text(&r->sealer_role, s->sealer_role, err) || copy_text(&r->tool_name, s->tool_name, err) ||
			       copy_text(&r->tool_version, s->tool_version, err) || copy_text(&r->uuid, s->uuid, err)
		       ? -1
		       : 0;
}

static int parse_sealfile(struct verify *v, struct custody_error *err)
{
	const struct small *s = &v->small[CUSTODY_MEMBER_SEAL_FILE];

	if (!s->there)
		return 0;
	if (custody_sealfile_parse(s->bytes.data, s->bytes.len, &v->sealfile, err))
		return refused(v, CUSTODY_FINDING_SEAL_FILE_MALFORMED, custody_member_name(CUSTODY_MEMBER_SEAL_FILE), err);
	v->has_sealfile = true;
	return report_sealfile(v, err);
}

static int parse_acquisition(struct verify *v, struct custody_error *err)
{
	const struct small *s = &v->small[CUSTODY_MEMBER_ACQUISITION];

	if (!s->there)
		return 0;
	if (custody_acquisition_parse(s->bytes.data, s->bytes.len, &v->acquisition, err))
		return refused(v, CUSTODY_FINDING_SEAL_FILE_MALFORMED, custody_member_name(CUSTODY_MEMBER_ACQUISITION), err);
	v->has_acquisition = true;
	v->report->has_reading = true;
	v->report->reading_from = v->acquisition.started;
	v->report->reading_until = v->acquisition.finished;
	v->report->role = v->acquisition.role;
	v->report->clock_synchronised = v->acquisition.synchronised;
	if (!v->acquisition.identified)
		custody_findings_add(v->findings, CUSTODY_FINDING_NOT_IDENTIFIED, NULL, 0, NULL);
	return 0;
}

/* bagit.txt and VERIFY.txt are constants. */
static void check_constants(struct verify *v)
{
	const struct small *bagit = &v->small[CUSTODY_MEMBER_BAGIT], *text = &v->small[CUSTODY_MEMBER_VERIFY];

	if (bagit->there && (bagit->bytes.len != strlen(custody_bagit_txt) || memcmp(bagit->bytes.data, custody_bagit_txt, bagit->bytes.len) != 0)) {
		v->facts_right = false;
		custody_findings_add(v->findings, CUSTODY_FINDING_LIST_MALFORMED, "bagit.txt", 9, "it is not the text of BagIt 1.0 in UTF-8");
	}
	if (text->there && (text->bytes.len != custody_verify_txt_len || memcmp(text->bytes.data, custody_verify_txt, text->bytes.len) != 0)) {
		v->facts_right = false;
		custody_findings_add(v->findings, CUSTODY_FINDING_INSTRUCTIONS_DIFFER, NULL, 0, NULL);
	}
	v->facts_right = v->facts_right && bagit->there && text->there;
}

static void fact_differs(struct verify *v, const char *what, uint64_t stated, uint64_t found)
{
	if (stated == found)
		return;
	v->facts_right = false;
	custody_findings_add(v->findings, CUSTODY_FINDING_TOTALS_MISMATCH, NULL, 0, "%s: stated %llu, found %llu", what, (unsigned long long)stated,
		(unsigned long long)found);
}

/* bag-info.txt, acquisition.json and seal.json say the same, and what was found. */
static int check_facts(struct verify *v, const struct custody_lists_result *lists, struct custody_error *err)
{
	struct small *s = &v->small[CUSTODY_MEMBER_BAG_INFO];
	/* What the sealer stated can be compared where it is the sealer's: of a package that was changed, the wrong person would be asked. */
	bool signed_so = lists->asic_digests && v->report->seal.arithmetic;
	struct custody_bag_info info;

	if (!s->there || !v->has_sealfile || !v->has_acquisition) {
		v->facts_right = false;
		return 0;
	}
	fact_differs(v, "exceptions (seal.json against acquisition.json)", v->sealfile.exceptions, v->acquisition.exceptions);
	if (signed_so)
		custody_stated_times(&v->sealfile, &v->acquisition, &v->report->seal, v->findings);
	if (custody_bag_info_parse((char *)s->bytes.data, s->bytes.len, &info, err)) {
		v->facts_right = false;
		return refused(v, CUSTODY_FINDING_LIST_MALFORMED, "bag-info.txt", err);
	}
	fact_differs(v, "bytes in Payload-Oxum", info.oxum_bytes, lists->data_bytes);
	fact_differs(v, "files in Payload-Oxum", info.oxum_files, lists->data_members);
	if (signed_so)
		custody_stated_bag_info(&v->sealfile, &info, v->findings);
	if (strcmp(info.uuid, v->sealfile.uuid) == 0)
		return 0;
	v->facts_right = false;
	custody_findings_add(v->findings, CUSTODY_FINDING_LISTS_DISAGREE, "bag-info.txt", 12, "it names another package than seal.json");
	return 0;
}

/* ---- the seal ---- */

/* Digests of a member's bytes: SHA-256, and that which the signature over it was made by. A signature that cannot be read is refused before it asks for one. */
static int hash_member(
	struct verify *v, enum custody_member_class c, struct custody_bytes signature, struct custody_digest_values *out, struct custody_error *err)
{
	const struct custody_zip_member *m = &v->index.member[c];
	CUSTODY_CLEANUP(custody_digest_set_release) struct custody_digest_set set = { .n = 0 };
	struct custody_error unreadable = CUSTODY_ERROR_INIT;
	CUSTODY_FREE uint8_t *chunk = NULL;
	struct custody_cms cms;
	uint32_t mask = CUSTODY_DIGEST_BIT(CUSTODY_SHA256);

	out->mask = 0;
	if (!v->index.has[c])
		return 0;
	if (signature.p && custody_cms_parse(signature, CUSTODY_CMS_SEAL, &cms, &unreadable) == 0)
		mask |= CUSTODY_DIGEST_BIT(cms.digest);
	chunk = malloc(CHUNK);
	if (!chunk)
		return custody_fail_nomem(err);
	if (custody_digest_set_new(&set, mask, err))
		return -1;
	for (uint64_t done = 0; done < m->size;) {
		size_t n = m->size - done < CHUNK ? (size_t)(m->size - done) : CHUNK;

		if (custody_source_read(v->source, m->data_offset + done, chunk, n, err) || custody_digest_set_update(&set, chunk, n, err))
			return -1;
		done += n;
	}
	return custody_digest_set_finish(&set, out, err);
}

static struct custody_bytes signature_bytes(const struct verify *v, enum custody_member_class c)
{
	const struct small *s = &v->small[c];

	return s->there ? (struct custody_bytes){ s->bytes.data, s->bytes.len } : (struct custody_bytes){ NULL, 0 };
}

/* What the signature is checked over must be what the pass meets: otherwise a file that changes could show one manifest to be signed, another to be kept. */
static void note_signed(struct verify *v, enum custody_member_class c, const struct custody_digest_values *digests)
{
	if (!v->index.has[c])
		return;
	v->small[c].there = true;
	memcpy(v->small[c].sha256, digests->value[CUSTODY_SHA256], 32);
}

static int check_seal(struct verify *v, struct custody_error *err)
{
	struct custody_seal_input in = {
		.signature = { signature_bytes(v, CUSTODY_MEMBER_SIGNATURE_1), signature_bytes(v, CUSTODY_MEMBER_SIGNATURE_2) },
		.has_sealfile = v->has_sealfile,
		.trust = v->o->trust,
		.evaluated_at = v->o->evaluated_at,
		.now = v->o->now,
	};

	if (v->has_sealfile) {
		in.requires_lt = v->sealfile.requires_lt;
		in.authorities = (const uint8_t(*)[32])v->sealfile.authorities;
		in.n_authorities = v->sealfile.n_authorities;
	}
	if (hash_member(v, CUSTODY_MEMBER_ASIC_1, in.signature[0], &in.manifest[0], err) ||
		hash_member(v, CUSTODY_MEMBER_ASIC_2, in.signature[1], &in.manifest[1], err))
		return -1;
	note_signed(v, CUSTODY_MEMBER_ASIC_1, &in.manifest[0]);
	note_signed(v, CUSTODY_MEMBER_ASIC_2, &in.manifest[1]);
	if (custody_seal_check(&in, v->findings, &v->report->seal, err))
		return -1;
	v->report->has_seal = v->has_sealfile;
	if (v->report->seal.seal_pass)
		v->report->shown |= CUSTODY_SHOWN_SEAL;
	if (v->report->seal.time_pass)
		v->report->shown |= CUSTODY_SHOWN_TIME;
	return 0;
}

/* ---- the pass: producer ---- */

/*
 * Reads at least one byte of the file from offset on to p, which has room for `room`. One read serves many small members: they lie in the stream's block one behind
 * the other, as in the file, so that what was read beyond this one is where the next will want it. Only at the end of a block is that lost, and read again.
 */
static int read_into(struct verify *v, uint64_t offset, uint8_t *p, size_t room, size_t *n, struct custody_error *err)
{
	uint64_t left = v->source->size - offset;

	if (v->ahead != p || v->ahead_offset != offset || v->ahead_len == 0) {
		v->ahead_len = 0;
		if (left < room)
			room = (size_t)left;
		if (room > READ_AHEAD && *n < READ_AHEAD)
			room = READ_AHEAD;
		if (custody_source_read(v->source, offset, p, room, err))
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
	struct verify *v, struct custody_stream *stream, uint64_t tag, uint32_t digests, uint64_t offset, uint64_t n, struct custody_error *err)
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
static int feed_package(struct verify *v, struct custody_stream *stream, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_zip_cursor_free) struct custody_zip_cursor *cursor = NULL;
	struct custody_zip_member m;
	int r;

	if (custody_zip_cursor_new(&cursor, &v->zip, err))
		return -1;
	while ((r = custody_zip_cursor_next(cursor, &m, err)) == 1)
		if (feed(v, stream, PIECE_HEADER, 0, m.offset, m.data_offset - m.offset, err) ||
			feed(v, stream, PIECE_CONTENT, stated_digests(&m), m.data_offset, m.size, err))
			return -1;
	if (r < 0)
		return -1;
	return feed(v, stream, PIECE_TAIL, 0, v->zip.directory_offset, v->source->size - v->zip.directory_offset, err);
}

/* ---- the pass: consumer ---- */

static int take_header(struct verify *v, const struct custody_stream_piece *piece, struct custody_error *err)
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
	return refused(v, CUSTODY_FINDING_ZIP_LOCAL_RECORD, v->member.name, err);
}

/* A small member that was read before must have come by again as it was. */
static void compare_small(struct verify *v, enum custody_member_class c, const uint8_t *sha256)
{
	const struct small *s = &v->small[c];

	if (s->there && memcmp(s->sha256, sha256, 32) != 0)
		custody_findings_add(v->findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, v->member.name, v->member.name_len, NULL);
}

static int take_content(struct verify *v, const struct custody_stream_piece *piece, struct custody_error *err)
{
	enum custody_digest_id algorithm;
	enum custody_member_class c;

	v->crc = piece->first ? piece->crc : custody_crc32_combine(v->crc, piece->crc, piece->len);
	if (!piece->last)
		return 0;
	if (v->crc != v->member.crc) {
		v->bytes_right = false;
		custody_findings_add(v->findings, CUSTODY_FINDING_ZIP_CRC, v->member.name, v->member.name_len, "found %08x, stated %08x",
			(unsigned)v->crc, (unsigned)v->member.crc);
	}
	c = custody_member_classify(v->member.name, v->member.name_len, &algorithm);
	compare_small(v, c, piece->digests->value[CUSTODY_SHA256]);
	custody_statements_met(&v->statements, c, piece->digests->value[CUSTODY_SHA256]);
	return custody_lists_member(v->lists, &v->member, c, algorithm, piece->digests, err);
}

static int take_piece(void *ctx, const struct custody_stream_piece *piece, struct custody_error *err)
{
	struct verify *v = ctx;

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

static int stream_new(struct verify *v, uint32_t digests, struct custody_stream **out, struct custody_error *err)
{
	struct custody_stream_options options = {
		.digests = digests,
		.crc = digests != 0,
		.whole = true,
		.workers = v->o->workers,
		.consumer = take_piece,
		.ctx = v,
	};

	return custody_stream_new(out, &options, err);
}

static int take_whole(struct verify *v, struct custody_stream *stream, struct custody_error *err)
{
	if (custody_stream_flush(stream, err) || custody_stream_whole(stream, v->report->sha256, err))
		return -1;
	v->report->size = v->source->size;
	v->report->has_package = true;
	return 0;
}

/* A file that is no package still has a number. */
static int digest_only(struct verify *v, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_stream_free) struct custody_stream *stream = NULL;

	if (stream_new(v, 0, &stream, err) || feed(v, stream, PIECE_RAW, 0, 0, v->source->size, err))
		return -1;
	return take_whole(v, stream, err);
}

/* The consumer's own walk over the directory has ended, and was over the directory that was checked: only its end says so. */
static int finish_cursor(struct verify *v, struct custody_error *err)
{
	int r = custody_zip_cursor_next(v->cursor, &v->member, err);

	return r > 0 ? custody_refuse(err, "package-changed-while-read", "the directory has become longer") : r;
}

static int run_pass(struct verify *v, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_stream_free) struct custody_stream *stream = NULL;
	uint8_t tail[32];

	v->bytes_right = true;
	v->ahead_len = 0;
	if (custody_zip_cursor_new(&v->cursor, &v->zip, err) || custody_digest_new(&v->tail, CUSTODY_SHA256, err) ||
		custody_digest_start(&v->tail, err) || stream_new(v, custody_lists_digests(v->lists), &stream, err) || feed_package(v, stream, err) ||
		take_whole(v, stream, err) || finish_cursor(v, err) || custody_digest_finish(&v->tail, tail, err))
		return -1;
	if (memcmp(tail, v->zip.directory_digest, 32) != 0)
		custody_findings_add(v->findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, NULL, 0, "the directory is not what was read first");
	else if (v->bytes_right)
		v->report->shown |= CUSTODY_SHOWN_EVERY_BYTE;
	return 0;
}

/* 1: every byte went by; 0: the directory that the pass follows is another than the one checked, which is said: the lists then say nothing; -1. */
static int pass(struct verify *v, struct custody_error *err)
{
	if (run_pass(v, err) == 0)
		return 1;
	if (err->kind != CUSTODY_ERR_FORMAT)
		return -1;
	custody_findings_add_error(v->findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, NULL, 0, err);
	v->ahead_len = 0;
	return v->report->has_package ? 0 : digest_only(v, err);
}

/* ---- the whole ---- */

static void take_lists(struct verify *v, const struct custody_lists_result *lists)
{
	struct custody_report *r = v->report;

	r->files = lists->files;
	r->has_lists = lists->met;
	memcpy(r->list_sha256, lists->list_sha256, 32);
	memcpy(r->inventory_sha256, lists->inventory_sha256, 32);
	r->shown |= lists->covered ? CUSTODY_SHOWN_COVERED : 0;
	r->shown |= lists->asic_digests ? CUSTODY_SHOWN_ASIC_DIGESTS : 0;
	r->shown |= lists->lists ? CUSTODY_SHOWN_LISTS : 0;
	r->shown |= lists->inventory ? CUSTODY_SHOWN_INVENTORY : 0;
	r->shown |= lists->tree ? CUSTODY_SHOWN_TREE : 0;
	r->shown |= v->members_right ? CUSTODY_SHOWN_MEMBERS : 0;
	if (lists->inventory && lists->files == 0)
		custody_findings_add(v->findings, CUSTODY_FINDING_NO_CONTENT, NULL, 0, NULL);
}

/* A container that has no seal.json is not ours to judge, unless its own seal says that there was one. */
static int not_ours(struct verify *v, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_asic_reader_free) struct custody_asic_reader *reader = NULL;
	const struct custody_zip_member *m = &v->index.member[CUSTODY_MEMBER_ASIC_1];
	const char *seal_file = custody_member_name(CUSTODY_MEMBER_SEAL_FILE);
	struct custody_asic_reference reference;
	uint8_t key[16] = { 0 };
	int r = 0;

	custody_findings_add(v->findings, CUSTODY_FINDING_NOT_A_CUSTODY_PACKAGE, NULL, 0, NULL);
	if (v->index.has[CUSTODY_MEMBER_ASIC_1] &&
		custody_asic_reader_new(&reader, v->source, m->data_offset, m->size, custody_member_name(CUSTODY_MEMBER_SIGNATURE_1), key, 0, err))
		return err->kind == CUSTODY_ERR_FORMAT || err->kind == CUSTODY_ERR_LIMIT ? 0 : -1;
	while (reader && (r = custody_asic_reader_next(reader, &reference, err)) == 1)
		if (strcmp(reference.member, seal_file) == 0)
			custody_findings_add(v->findings, CUSTODY_FINDING_MEMBER_MISSING, seal_file, strlen(seal_file),
				"the seal lists it, the container does not have it");
	return r < 0 && err->kind != CUSTODY_ERR_FORMAT && err->kind != CUSTODY_ERR_LIMIT ? -1 : 0;
}

/* Findings about members are for packages of ours; of somebody else's container they would say nothing. */
static int index_ours(struct verify *v, bool *ours, struct custody_error *err)
{
	struct custody_zip_member m;
	int r = custody_zip_find(&v->zip, custody_member_name(CUSTODY_MEMBER_SEAL_FILE), &m, err);

	if (r < 0)
		return -1;
	*ours = r == 1;
	if (r == 1) {
		if (index_members(v, err))
			return -1;
		name_missing(v);
		return 0;
	}
	r = custody_zip_find(&v->zip, custody_member_name(CUSTODY_MEMBER_ASIC_1), &v->index.member[CUSTODY_MEMBER_ASIC_1], err);
	v->index.has[CUSTODY_MEMBER_ASIC_1] = r == 1;
	return r < 0 || not_ours(v, err) ? -1 : 0;
}

static int judge_package(struct verify *v, struct custody_error *err)
{
	struct custody_lists_options options = { &v->zip, &v->index, NULL, v->o->random, v->findings };
	struct custody_lists_result lists;
	int r;

	v->facts_right = true;
	if (read_small_members(v, err) || parse_sealfile(v, err) || parse_acquisition(v, err))
		return -1;
	check_constants(v);
	if (check_seal(v, err))
		return -1;
	options.sealfile = v->has_sealfile ? &v->sealfile : NULL;
	v->statements.requested.presented = v->o->documents;
	v->statements.requested.n_presented = v->o->n_documents;
	if (custody_lists_new(&v->lists, &options, err) || custody_statements_begin(&v->statements, &v->zip, &v->index, v->report, err))
		return -1;
	custody_lists_watch(v->lists, custody_statements_item, &v->statements);
	r = pass(v, err);
	if (r <= 0)
		return r;
	if (custody_lists_finish(v->lists, err))
		return -1;
	custody_lists_result(v->lists, &lists);
	if (custody_statements_finish(&v->statements, v->report, lists.inventory_whole, err))
		return -1;
	take_lists(v, &lists);
	if (check_facts(v, &lists, err))
		return -1;
	if (v->facts_right)
		v->report->shown |= CUSTODY_SHOWN_FACTS;
	return 0;
}

static int judge_file(struct verify *v, struct custody_error *err)
{
	bool ours = false;
	int r = check_directory(v, err);

	if (r < 0 || (r == 1 && index_ours(v, &ours, err)))
		return -1;
	return ours ? judge_package(v, err) : digest_only(v, err);
}

static void judge_expected(struct verify *v)
{
	struct custody_report *r = v->report;

	r->has_expected = v->o->has_expected;
	if (!v->o->has_expected || !r->has_package)
		return;
	memcpy(r->expected, v->o->expected, 32);
	if (memcmp(r->expected, r->sha256, 32) != 0)
		custody_findings_add(v->findings, CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED, NULL, 0, NULL);
}

static int add_anchor(struct custody_report *r, const struct custody_certificate *c, const char *file, const char *from, struct custody_error *err)
{
	size_t room = strlen(file) + strlen(from) + 8;
	char *text = malloc(room);

	if (!text)
		return custody_fail_nomem(err);
	snprintf(text, room, "%s/%s", from, file);
	memcpy(r->anchors[r->n_anchors].sha256, c->sha256, 32);
	r->anchors[r->n_anchors++].from = text;
	return 0;
}

/* The report names its inputs (rule 10). */
static int report_inputs(struct verify *v, struct custody_error *err)
{
	const struct custody_trust *t = v->o->trust;
	struct custody_report *r = v->report;
	const char *from = t->from ? t->from : "";

	r->evaluated_at = v->o->evaluated_at;
	r->at_chosen = v->o->at_chosen;
	r->anchors_own_lab = t->own_lab;
	r->anchors = calloc(t->n_signers + t->n_tsas + 1, sizeof(*r->anchors));
	if (!r->anchors)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < t->n_signers; i++)
		if (add_anchor(r, &t->signers[i], "signers.pem", from, err))
			return -1;
	for (size_t i = 0; i < t->n_tsas; i++)
		if (add_anchor(r, &t->tsas[i], "tsas.pem", from, err))
			return -1;
	if (t->n_signers == 0)
		custody_findings_add(v->findings, CUSTODY_FINDING_NO_ANCHORS, NULL, 0, NULL);
	return 0;
}

/* SHA-256 of a member that was read before the pass, NULL if it was not. */
static const uint8_t *digest_of(const struct verify *v, enum custody_member_class c)
{
	return v->small[c].there ? v->small[c].sha256 : NULL;
}

/* The record is judged by itself, and then against this package. */
static int judge_record(struct verify *v, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_record_view_release) struct custody_record_view view = { .n = 0 };
	const struct custody_verify_options *o = v->o;
	struct custody_report *r = v->report;
	const struct custody_record_question question = { .trust = o->trust,
		.evaluated_at = o->evaluated_at,
		.now = o->now,
		.random = o->random,
		.heads = o->heads,
		.n_heads = o->n_heads,
		.counterpart = o->counterpart,
		.package_sha256 = r->has_package ? r->sha256 : NULL,
		.package_size = r->size,
		.seal_sha256 = {
			digest_of(v, CUSTODY_MEMBER_SEAL_FILE), digest_of(v, CUSTODY_MEMBER_ASIC_2), digest_of(v, CUSTODY_MEMBER_SIGNATURE_2) } };

	if (!o->record)
		return 0;
	r->has_record = true;
	if (custody_record_judge(o->record, &question, v->findings, &view, err))
		return -1;
	if (custody_record_tell(&view, &r->account, err))
		return -1;
	r->record_events = view.record.n;
	r->record_anchored = view.anchored == view.record.n && view.whole;
	if (view.passed && r->has_package)
		r->shown |= CUSTODY_SHOWN_RECORD;
	return 0;
}

static void verify_release(struct verify *v)
{
	for (int c = 0; c < CUSTODY_MEMBER_CLASSES; c++)
		custody_buf_release(&v->small[c].bytes);
	custody_sealfile_release(&v->sealfile);
	custody_lists_free(&v->lists);
	custody_statements_release(&v->statements);
	custody_zip_cursor_free(&v->cursor);
	custody_buf_release(&v->header);
	custody_digest_release(&v->tail);
}

static int verify_source(
	const struct custody_source *source, const struct custody_verify_options *options, struct custody_report *report, struct custody_error *err)
{
	CUSTODY_CLEANUP(verify_release) struct verify v = { .source = source, .o = options, .report = report, .findings = &report->findings };

	custody_sealfile_init(&v.sealfile);
	custody_buf_init(&v.header, CUSTODY_LIMIT_HEADER);
	if (report_inputs(&v, err))
		return -1;
	/* What passed once and is refused on second sight was changed meanwhile: a finding, and whatever was not shown stays so. */
	if (judge_file(&v, err) && refused(&v, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, NULL, err))
		return -1;
	judge_expected(&v);
	if (judge_record(&v, err))
		return -1;
	int unchanged = custody_source_unchanged(source, err);
	if (unchanged < 0)
		return -1;
	if (!unchanged)
		custody_findings_add(
			v.findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, NULL, 0, "size or times of the file are not those of the beginning");
	else if (report->findings.count[CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ] == 0)
		report->shown |= CUSTODY_SHOWN_UNCHANGED;
	return 0;
}

int custody_verify_unchecked(
	const struct custody_source *source, const struct custody_verify_options *options, struct custody_report *report, struct custody_error *err)
{
	if (verify_source(source, options, report, err)) {
		report->verdict = CUSTODY_VERDICT_NONE;
		return -1;
	}
	report->shown |= CUSTODY_SHOWN_SELF_TEST;
	custody_verdict_decide(report);
	if (!report->findings.out_of_memory || report->verdict == CUSTODY_VERDICT_INVALID)
		return 0;
	/* A finding was lost. What that leaves open is no property of the package. */
	report->verdict = CUSTODY_VERDICT_NONE;
	return custody_fail_nomem(err);
}

int custody_verify(
	const struct custody_source *source, const struct custody_verify_options *options, struct custody_report *report, struct custody_error *err)
{
	if (custody_self_test(err))
		return -1;
	return custody_verify_unchecked(source, options, report, err);
}
