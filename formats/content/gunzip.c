/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/content/gunzip.h"

#include <stdlib.h>

#include "libcustody/base/limits.h"

#define GZIP_ONLY (15 + 16) /* the largest window, and neither zlib's own header nor none (zlib.h, inflateInit2) */

int custody_gunzip_init(struct custody_gunzip *g, const struct custody_source *s, struct custody_error *err)
{
	*g = (struct custody_gunzip){ .source = s };
	g->in = malloc(CUSTODY_LIMIT_BLOCK);
	g->out = malloc(CUSTODY_LIMIT_BLOCK);
	if (!g->in || !g->out || inflateInit2(&g->z, GZIP_ONLY) != Z_OK) {
		custody_gunzip_release(g);
		return custody_fail_nomem(err);
	}
	g->started = true;
	return 0;
}

void custody_gunzip_release(struct custody_gunzip *g)
{
	if (g->started)
		inflateEnd(&g->z);
	free(g->in);
	free(g->out);
	*g = (struct custody_gunzip){ 0 };
}

/* More bytes behind those that are left. */
static int fill(struct custody_gunzip *g, struct custody_error *err)
{
	uint64_t left = g->source->size - g->at;
	size_t n = left < CUSTODY_LIMIT_BLOCK ? (size_t)left : CUSTODY_LIMIT_BLOCK;
	if (g->z.avail_in > 0 || n == 0)
		return 0;
	if (custody_source_read(g->source, g->at, g->in, n, err))
		return -1;
	g->at += n;
	g->z.next_in = g->in;
	g->z.avail_in = (uInt)n;
	return 0;
}

/* What follows a whole stream: another (1), or what is none (0), which is counted up to its last byte that is not zero. */
static int follows(struct custody_gunzip *g, struct custody_error *err)
{
	uint64_t seen = 0;
	if (g->z.avail_in > 0 && g->z.next_in[0] == 0x1f) {
		g->between = false;
		return inflateReset(&g->z) == Z_OK ? 1 : custody_fail(err, CUSTODY_ERR_INTERNAL, "inflateReset failed");
	}
	while (g->z.avail_in > 0) {
		for (size_t i = 0; i < g->z.avail_in; i++)
			if (g->z.next_in[i])
				g->after = seen + i + 1;
		seen += g->z.avail_in;
		g->z.avail_in = 0;
		if (fill(g, err))
			return -1;
	}
	return 0;
}

/* A step; 1: go on, 0: at the end, -1. */
static int step(struct custody_gunzip *g, struct custody_error *err)
{
	if (fill(g, err))
		return -1;
	if (g->between) {
		int rc = follows(g, err);
		if (rc <= 0)
			return rc;
	}
	if (g->z.avail_in == 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "the gzip stream ends early");
	int rc = inflate(&g->z, Z_NO_FLUSH);
	if (rc == Z_MEM_ERROR)
		return custody_fail_nomem(err);
	if (rc == Z_STREAM_END)
		g->between = true;
	else if (rc != Z_OK && rc != Z_BUF_ERROR)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "the gzip stream is damaged: %s", g->z.msg ? g->z.msg : "it needs a dictionary");
	return 1;
}

/* Fills the buffer as far as it goes. What came out before a failure is given first: the failure comes again at the next call. */
int custody_gunzip_next(struct custody_gunzip *g, const uint8_t **p, size_t *n, struct custody_error *err)
{
	struct custody_error later = CUSTODY_ERROR_INIT;
	int rc = 1;
	g->z.next_out = g->out;
	g->z.avail_out = (uInt)CUSTODY_LIMIT_BLOCK;
	while (rc > 0 && g->z.avail_out > 0)
		rc = step(g, &later);
	*p = g->out;
	*n = CUSTODY_LIMIT_BLOCK - g->z.avail_out;
	if (*n > 0)
		return 1;
	if (rc < 0)
		*err = later;
	return rc;
}
