/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/lines.h"

#include <inttypes.h>
#include <string.h>

#include "libcustody/base/limits.h"

/* One read. */
#define CHUNK ((size_t)64 << 10)

int custody_lines_init(struct custody_lines *l, const struct custody_source *source, uint64_t off, uint64_t size, size_t max_line, const char *rule,
	struct custody_error *err)
{
	memset(l, 0, sizeof(*l));
	if (size > CUSTODY_LIMIT_LIST)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "the list has %" PRIu64 " bytes, at most %" PRIu64 " are read", size, CUSTODY_LIMIT_LIST);
	l->source = source;
	l->at = off;
	if (__builtin_add_overflow(off, size, &l->end))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a list of %" PRIu64 " bytes at %" PRIu64, size, off);
	l->max_line = max_line;
	l->rule = rule;
	custody_buf_init(&l->buf, max_line + 1 + CHUNK);
	return custody_digest_new(&l->sha256, CUSTODY_SHA256, err) || custody_digest_start(&l->sha256, err) ? -1 : 0;
}

void custody_lines_release(struct custody_lines *l)
{
	custody_buf_release(&l->buf);
	custody_digest_release(&l->sha256);
}

/* Reads the next chunk behind what is left of the last. */
static int fill(struct custody_lines *l, struct custody_error *err)
{
	size_t left = l->buf.len - l->start;
	size_t n = l->end - l->at < CHUNK ? (size_t)(l->end - l->at) : CHUNK;

	if (l->start > 0)
		memmove(l->buf.data, l->buf.data + l->start, left);
	l->start = 0;
	l->buf.len = left;
	if (custody_buf_reserve(&l->buf, n, err) || custody_source_read(l->source, l->at, l->buf.data + left, n, err) ||
		custody_digest_update(&l->sha256, l->buf.data + left, n, err))
		return -1;
	l->buf.len += n;
	l->at += n;
	return 0;
}

/* Reads until there is an LF: *lf is its place after start, or SIZE_MAX at the end of the list. */
static int find_lf(struct custody_lines *l, size_t *lf, struct custody_error *err)
{
	for (;;) {
		size_t left = l->buf.len - l->start;
		const uint8_t *p = left > l->scanned ? memchr(l->buf.data + l->start + l->scanned, '\n', left - l->scanned) : NULL;

		*lf = p ? (size_t)(p - l->buf.data) - l->start : SIZE_MAX;
		if ((p ? *lf : left) > l->max_line)
			return custody_fail(err, CUSTODY_ERR_LIMIT, "it is longer than %zu bytes", l->max_line);
		l->scanned = p ? 0 : left;
		if (p || l->at == l->end)
			return 0;
		if (fill(l, err))
			return -1;
	}
}

static int check_line(const struct custody_lines *l, const uint8_t *line, size_t n, struct custody_error *err)
{
	if (n == 0)
		return custody_refuse(err, l->rule, "found a blank line, want none");
	if (memchr(line, '\r', n))
		return custody_refuse(err, l->rule, "found a CR, want lines that end in LF alone");
	if (memchr(line, '\0', n))
		return custody_refuse(err, l->rule, "found a NUL byte, want text");
	return 0;
}

int custody_lines_next(struct custody_lines *l, uint8_t **line, size_t *n, struct custody_error *err)
{
	size_t lf = SIZE_MAX;

	if (l->ended)
		return 0;
	if (find_lf(l, &lf, err))
		return custody_fail_in(err, "line %" PRIu64, l->number + 1);
	if (lf == SIZE_MAX && l->buf.len == l->start) {
		l->ended = true;
		return custody_digest_finish(&l->sha256, l->digest, err);
	}
	l->number++;
	if (lf == SIZE_MAX) {
		custody_refuse(err, l->rule, "found the end of the list, want an LF before it");
		return custody_fail_in(err, "line %" PRIu64, l->number);
	}
	*line = l->buf.data + l->start;
	*n = lf;
	l->start += lf + 1;
	if (check_line(l, *line, *n, err))
		return custody_fail_in(err, "line %" PRIu64, l->number);
	return 1;
}
