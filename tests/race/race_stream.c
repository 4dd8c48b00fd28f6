/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue and the stream under ThreadSanitizer: small items, items that span blocks and items longer than the ring, with an early end by an
 * error and by a free, again and again. Says nothing and exits 0 if all went well.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/work/stream.h"

struct seen {
	uint64_t items, stop_at;
	uint8_t fold[32]; /* of all digests, in order */
};

static int consume(void *ctx, const struct custody_stream_piece *p, struct custody_error *err)
{
	struct seen *s = ctx;
	if (p->tag == s->stop_at)
		return custody_fail(err, CUSTODY_ERR_IO, "enough");
	if (p->last && p->digests)
		for (size_t i = 0; i < 32; i++)
			s->fold[i] = (uint8_t)(s->fold[i] * 31 + p->digests->value[CUSTODY_SHA256][i] + p->digests->value[CUSTODY_MD5][i % 16]);
	s->items += p->last;
	return 0;
}

static int feed(struct custody_stream *s, const uint8_t *bytes, bool flush, struct custody_error *err)
{
	for (uint64_t i = 0; i < 400; i++) {
		uint64_t size = i % 97 == 50 ? 3 * CUSTODY_LIMIT_BLOCK + i : i % 13 == 0 ? 300000 + i : i * 37 % 5000;
		if (custody_stream_begin_sized(s, i, i % 7 != 3 ? CUSTODY_STREAM_ALL : 0, i % 2 ? size : 0, err) ||
			custody_stream_append(s, bytes, size, err) || custody_stream_end(s, err))
			return -1;
	}
	return flush ? custody_stream_flush(s, err) : 0;
}

/* Gives the digest over all results; whole is the stream's own. */
static bool run(size_t workers, uint64_t stop_at, bool flush, const uint8_t *bytes, uint8_t fold[32], uint8_t whole[32])
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct seen seen = { .stop_at = stop_at };
	struct custody_stream *s = NULL;
	const struct custody_stream_options options = { .digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_MD5),
		.crc = true,
		.whole = true,
		.workers = workers,
		.consumer = consume,
		.ctx = &seen };
	if (custody_stream_new(&s, &options, &err)) {
		fprintf(stderr, "race_stream: %s\n", err.text);
		return false;
	}
	int rc = feed(s, bytes, flush, &err);
	bool ok = (rc != 0) == (stop_at != UINT64_MAX);
	if (rc == 0 && flush)
		ok = ok && custody_stream_whole(s, whole, &err) == 0;
	custody_stream_free(&s);
	memcpy(fold, seen.fold, 32);
	return ok;
}

int main(void)
{
	static const size_t workers[] = { 1, 2, 3, 8 };
	uint8_t want_fold[32], want_whole[32], fold[32], whole[32];
	size_t size = 4 * CUSTODY_LIMIT_BLOCK;
	uint8_t *bytes = malloc(size);
	if (!bytes)
		return 1;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 13);
	bool ok = run(0, UINT64_MAX, true, bytes, want_fold, want_whole);
	for (size_t i = 0; ok && i < sizeof(workers) / sizeof(*workers); i++) {
		ok = run(workers[i], UINT64_MAX, true, bytes, fold, whole) && memcmp(fold, want_fold, 32) == 0 && memcmp(whole, want_whole, 32) == 0;
		ok = ok && run(workers[i], 150, true, bytes, fold, whole) && run(workers[i], UINT64_MAX, false, bytes, fold, whole);
	}
	free(bytes);
	if (!ok)
		fprintf(stderr, "race_stream: results differ\n");
	return ok ? 0 : 1;
}
