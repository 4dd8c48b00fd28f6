/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/content/look_stream.h"

#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "formats/content/begins.h"
#include "formats/content/gunzip.h"
#include "formats/content/reader.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/limits.h"

#define START_OF_7Z 32 /* bytes: signature, version, checksum, and where the header lies behind them (7zFormat.txt, SignatureHeader) */

/* Where the archive ends by its first bytes, which the reader has checked: with its header. Nothing of the format owns what follows. */
static uint64_t end_of_7z(const uint8_t *head, size_t n)
{
	uint64_t end = UINT64_MAX;
	if (n < START_OF_7Z || __builtin_add_overflow(custody_get_le64(head + 12), custody_get_le64(head + 20), &end) ||
		__builtin_add_overflow(end, START_OF_7Z, &end))
		return UINT64_MAX;
	return end;
}

int custody_look_7z(struct custody_look *k, const uint8_t *head, size_t n)
{
	static const custody_support formats[] = { archive_read_support_format_7zip, NULL };
	CUSTODY_FEED_CLEAN struct custody_feed f = { 0 };
	CUSTODY_READER_CLEAN struct archive *a = NULL;
	if (custody_look_begin(k, CUSTODY_INSPECT_7Z, CUSTODY_INSPECT_PLAIN, head, n) || custody_feed_init(&f, k) ||
		custody_reader_open(&a, &f, formats))
		return -1;
	int rc = archive_read_open1(a) == ARCHIVE_OK ? custody_reader_members(k, a, true) : custody_reader_give_up(k, a, false);
	return rc ? rc : custody_look_rest(k, end_of_7z(head, n));
}

/* Everything up to the end of the feed, so that what follows the archive is known. */
static int drain(struct custody_look *k, struct custody_feed *f)
{
	const uint8_t *p;
	size_t n;
	int rc;
	while ((rc = custody_feed_next(f, &p, &n)) > 0) {
		/* It costs time, whoever it belongs to. */
		if (f->given > k->options->max_bytes)
			return custody_look_finish(k, CUSTODY_INSPECT_TOO_MUCH, NULL);
		if (f->given > k->options->ratio_from && f->given / k->options->max_ratio > k->source->size)
			return custody_look_finish(k, CUSTODY_INSPECT_TOO_DENSE, NULL);
	}
	if (rc == 0)
		return 0;
	if (k->failed)
		return -1;
	return k->stopped ? custody_look_finish(k, CUSTODY_INSPECT_TOO_SLOW, NULL) : custody_look_finish(k, f->outcome, f->words);
}

static int read_tar(struct custody_look *k, struct custody_feed *f)
{
	static const custody_support formats[] = { archive_read_support_format_tar, NULL };
	CUSTODY_READER_CLEAN struct archive *a = NULL;
	/* Without seeking and skipping: every byte is read, or what follows the end could not be seen. */
	if (custody_reader_open(&a, f, formats))
		return -1;
	int rc = archive_read_open1(a) == ARCHIVE_OK ? custody_reader_members(k, a, true) : custody_reader_give_up(k, a, false);
	if (rc > 0 && f->words[0] && !k->stopped) {
		/* What ended tar is what ended the stream below it. */
		k->end->words[0] = '\0';
		return custody_look_finish(k, f->outcome, f->words);
	}
	if (rc)
		return rc;
	const int64_t end = archive_filter_bytes(a, 0);
	rc = drain(k, f);
	if (rc)
		return rc;
	/* An archive ends with two blocks of zeros. One will do; with none it is cut short, or its maker was. */
	if (end < 0 || (uint64_t)end < (k->before + CUSTODY_TAR_BLOCK - 1) / CUSTODY_TAR_BLOCK * CUSTODY_TAR_BLOCK + CUSTODY_TAR_BLOCK)
		return custody_look_finish(k, CUSTODY_INSPECT_BROKEN, "there is no end mark behind the last member");
	k->after += f->last > (uint64_t)end ? f->last - (uint64_t)end : 0;
	return 0;
}

/* A compressed stream that is no archive is a file of its own, without a name. */
static int read_stream(struct custody_look *k, struct custody_feed *f)
{
	const uint8_t *p;
	size_t n;
	k->m = (struct custody_inspect_member){ .kind = CUSTODY_INSPECT_FILE };
	k->unnamed = true;
	int rc = custody_look_content_start(k), more = 1;
	while (rc == 0 && (more = custody_feed_next(f, &p, &n)) > 0)
		rc = custody_look_content_feed(k, p, n);
	if (rc < 0 || (more < 0 && k->failed))
		return -1;
	if (more < 0)
		rc = k->stopped ? custody_look_finish(k, CUSTODY_INSPECT_TOO_SLOW, NULL) : custody_look_finish(k, f->outcome, f->words);
	k->m.state = more < 0 && !k->stopped ? CUSTODY_INSPECT_DAMAGED : CUSTODY_INSPECT_LIMITED;
	if (rc == 0 && custody_look_content_finish(k))
		return -1;
	return custody_look_member(k) ? -1 : rc;
}

/* A filter of libarchive's, whose "format" is the bytes that come out. */
struct raw {
	struct custody_feed in; /* the file */
	struct custody_feed *out; /* what it feeds */
	struct archive *a; /* owned */
	bool empty;
};

static void free_raw(struct raw *r)
{
	custody_reader_release(&r->a);
	custody_feed_release(&r->in);
}
#define RAW_CLEAN CUSTODY_CLEANUP(free_raw)

static int raw_failed(struct raw *r)
{
	r->out->outcome = archive_errno(r->a) == ENOMEM ? CUSTODY_INSPECT_TOO_BIG : CUSTODY_INSPECT_BROKEN;
	custody_look_say(r->out->words, archive_error_string(r->a) ? archive_error_string(r->a) : "the compressed stream is damaged");
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

static int raw_open(struct raw *r, struct custody_look *k, enum custody_inspect_filter filter)
{
	const int code = filter == CUSTODY_INSPECT_BZIP2 ? ARCHIVE_FILTER_BZIP2
			 : filter == CUSTODY_INSPECT_XZ	 ? ARCHIVE_FILTER_XZ
							 : ARCHIVE_FILTER_ZSTD;
	const custody_support formats[] = { code == ARCHIVE_FILTER_BZIP2 ? archive_read_support_filter_bzip2
					    : code == ARCHIVE_FILTER_XZ	 ? archive_read_support_filter_xz
									 : archive_read_support_filter_zstd,
		archive_read_support_format_raw, archive_read_support_format_empty, NULL };
	struct archive_entry *e = NULL;
	if (custody_feed_init(&r->in, k) || custody_reader_open(&r->a, &r->in, formats))
		return -1;
	int rc = archive_read_open1(r->a);
	/* A header that is cut is no bzip2 to libarchive, and then its bytes would pass as they are. */
	if (rc == ARCHIVE_OK && archive_filter_code(r->a, 0) != code)
		custody_look_say(r->out->words, "the compressed stream is cut short");
	if (rc == ARCHIVE_OK)
		rc = archive_read_next_header(r->a, &e);
	r->empty = rc == ARCHIVE_EOF;
	if (rc != ARCHIVE_OK && rc != ARCHIVE_EOF)
		return k->failed ? -1 : (raw_failed(r), 0);
	return 0;
}

struct unzip {
	struct custody_gunzip g;
	struct custody_feed *out;
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
	custody_look_say(u->out->words, err.text);
	return -1;
}

/* What came out of a filter: tar or one stream. head: the file's own first bytes. */
static int read_unpacked(struct custody_look *k, struct custody_feed *f, enum custody_inspect_filter filter, const uint8_t *head, size_t head_n)
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
	const bool tar = rc > 0 && (custody_begins_tar(p, n) || custody_begins_empty_tar(p, n, n < CUSTODY_LIMIT_INSPECT_HEAD));
	if (custody_look_begin(k, tar ? CUSTODY_INSPECT_TAR : CUSTODY_INSPECT_STREAM, filter, head, head_n))
		return -1;
	if (rc < 0)
		return k->stopped ? custody_look_finish(k, CUSTODY_INSPECT_TOO_SLOW, NULL) : custody_look_finish(k, f->outcome, f->words);
	return tar ? read_tar(k, f) : read_stream(k, f);
}

static void release_unzip(struct unzip *u)
{
	custody_gunzip_release(&u->g);
}

int custody_look_gzip(struct custody_look *k, const uint8_t *head, size_t n)
{
	struct custody_feed f = { .k = k, .next = gunzip_next, .outcome = CUSTODY_INSPECT_BROKEN };
	CUSTODY_CLEANUP(release_unzip) struct unzip u = { .out = &f };
	f.next_ctx = &u;
	if (custody_gunzip_init(&u.g, k->source, k->err))
		return -1;
	int rc = read_unpacked(k, &f, CUSTODY_INSPECT_GZIP, head, n);
	k->after += rc == 0 ? u.g.after : 0;
	return rc;
}

int custody_look_filtered(struct custody_look *k, enum custody_inspect_filter filter, const uint8_t *head, size_t n)
{
	struct custody_feed f = { .k = k, .next = raw_next, .outcome = CUSTODY_INSPECT_BROKEN };
	RAW_CLEAN struct raw r = { .out = &f };
	f.next_ctx = &r;
	if (raw_open(&r, k, filter))
		return -1;
	int rc = read_unpacked(k, &f, filter, head, n);
	const int filters = archive_filter_count(r.a);
	/* bzip2 ends with its last stream, whatever follows; the last filter counts what it took of the file. */
	const int64_t taken = archive_filter_bytes(r.a, -1);
	if (rc == 0 && taken >= 0)
		rc = custody_look_rest(k, (uint64_t)taken);
	return rc == 0 && filters > 2 ? custody_look_note(k, CUSTODY_INSPECT_NOTE_COMPRESSED_TWICE, (uint64_t)filters - 1) : rc;
}

int custody_look_tar(struct custody_look *k, const uint8_t *head, size_t n)
{
	CUSTODY_FEED_CLEAN struct custody_feed f = { 0 };
	if (custody_look_begin(k, CUSTODY_INSPECT_TAR, CUSTODY_INSPECT_PLAIN, head, n) || custody_feed_init(&f, k))
		return -1;
	f.next = NULL;
	return read_tar(k, &f);
}
