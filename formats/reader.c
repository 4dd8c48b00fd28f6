/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a list of any size, whatever its format. */
#include <string.h>

#include "formats/format.h"
#include "libcustody/base/limits.h"

enum { CHUNK = 65536 }; /* bytes a read; also what detection sees */

/* Reads on; the used part of the text is dropped first, so that it never holds more than a line and a chunk. */
static int read_more(struct custody_hash_reader *r, struct custody_error *err)
{
	if (r->at > 0) {
		memmove(r->text.data, r->text.data + r->at, r->text.len - r->at);
		r->text.len -= r->at;
		r->at = 0;
	}
	size_t got = 0;
	if (custody_buf_reserve(&r->text, CHUNK, err) || r->read(r->ctx, r->text.data + r->text.len, CHUNK, &got, err))
		return -1;
	r->text.len += got;
	r->at_end = got == 0;
	return 0;
}

/* Lists by other systems' editors: said rather than guessed, since a misread first line would be a file nobody has. */
static int refuse_encoding(const uint8_t *p, size_t n, struct custody_error *err)
{
	const char *found = NULL, *hint = "convert a copy: `iconv -f UTF-16 -t UTF-8`";
	if (n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
		found = "UTF-16";
	if (n >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) {
		found = "a byte order mark";
		hint = "remove the first three bytes of a copy: `tail -c +4`";
	}
	if (!found)
		return 0;
	custody_fail(err, CUSTODY_ERR_FORMAT, "line 1: found %s, want plain text", found);
	return custody_hint(err, "%s", hint);
}

static int detect(struct custody_hash_reader *r, const char *list_name, struct custody_error *err)
{
	const uint8_t *p = r->text.data;
	size_t n = r->text.len < CHUNK ? r->text.len : CHUNK;
	if (n > 0 && refuse_encoding(p, n, err))
		return -1;
	if (r->format)
		return 0;
	r->format = custody_hash_format_detect(list_name, p, n);
	if (r->format)
		return 0;
	custody_fail(err, CUSTODY_ERR_FORMAT, "line 1: found no hash list of a known format");
	custody_hint(err, "-f names the format: sha256sum, bagit, bsd, hashdeep or jsonl");
	return -1;
}

int custody_hash_reader_init(struct custody_hash_reader *r, const struct custody_hash_format *format, const char *list_name,
	enum custody_digest_id algorithm, custody_hash_read *read, void *ctx, struct custody_error *err)
{
	*r = (struct custody_hash_reader){ .format = format, .algorithm = algorithm, .read = read, .ctx = ctx };
	custody_buf_init(&r->text, CUSTODY_LIMIT_HASH_LINE + 2 * CHUNK);
	custody_buf_init(&r->path, CUSTODY_LIMIT_HASH_LINE);
	int rc = 0;
	while (rc == 0 && !r->at_end && r->text.len < CHUNK)
		rc = read_more(r, err);
	if (rc == 0)
		rc = detect(r, list_name, err);
	if (rc)
		custody_hash_reader_release(r);
	return rc;
}

void custody_hash_reader_release(struct custody_hash_reader *r)
{
	custody_buf_release(&r->text);
	custody_buf_release(&r->path);
}

/* 1: the next line with its end taken off; 0: there is none. */
static int next_line(struct custody_hash_reader *r, struct custody_bytes *line, struct custody_error *err)
{
	size_t seen = 0;
	for (;;) {
		const uint8_t *start = r->text.data + r->at;
		size_t n = r->text.len - r->at;
		const uint8_t *end = n > seen ? memchr(start + seen, '\n', n - seen) : NULL;
		size_t length = end ? (size_t)(end - start) : n;
		if (length > CUSTODY_LIMIT_HASH_LINE) {
			r->line++;
			return custody_fail(err, CUSTODY_ERR_LIMIT, "more than %zu bytes", CUSTODY_LIMIT_HASH_LINE);
		}
		if (end || (r->at_end && n > 0)) {
			*line = (struct custody_bytes){ start, length };
			r->at += length + (end ? 1 : 0);
			r->line++;
			return 1;
		}
		if (r->at_end)
			return 0;
		seen = n;
		if (read_more(r, err))
			return -1;
	}
}

/* Whether lines end with CR LF is the first line's to say; a name that ends with CR is written escaped by whoever can. */
static int take_off_cr(struct custody_hash_reader *r, struct custody_bytes *line, struct custody_error *err)
{
	bool cr = line->n > 0 && line->p[line->n - 1] == '\r';
	if (r->line == 1)
		r->crlf = cr;
	if (cr != r->crlf && (cr || line->n > 0))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "ends with %s, want %s as in line 1", cr ? "CR LF" : "LF", cr ? "LF" : "CR LF");
	if (cr)
		line->n--;
	return 0;
}

static int parse(struct custody_hash_reader *r, struct custody_bytes line, struct custody_hash_record *record, struct custody_error *err)
{
	if (take_off_cr(r, &line, err))
		return -1;
	if (line.n > 0 && memchr(line.p, 0, line.n))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "a NUL byte, want text");
	record->path = (struct custody_bytes){ NULL, 0 };
	record->has_size = false;
	record->size = 0;
	record->digests.mask = 0;
	return r->format->parse_line(r, line.p, line.n, record, err);
}

int custody_hash_reader_next(struct custody_hash_reader *r, struct custody_hash_record *record, struct custody_error *err)
{
	for (;;) {
		struct custody_bytes line = { NULL, 0 };
		uint64_t before = r->line;
		int rc = next_line(r, &line, err);
		if (rc > 0)
			rc = parse(r, line, record, err);
		else if (rc == 0)
			return 0;
		if (rc < 0)
			return r->line > before ? custody_fail_in(err, "line %llu", (unsigned long long)r->line) : -1;
		if (rc > 0)
			return 1;
	}
}
