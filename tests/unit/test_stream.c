/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/work/stream.h"

#define MIB CUSTODY_LIMIT_BLOCK
#define ALL_DIGESTS (CUSTODY_DIGEST_BIT(CUSTODY_DIGEST_COUNT) - 1)

static const size_t worker_counts[] = { 0, 1, 2, 8 };

/* The consumer's view: one line an item, and what it saw wrong. */
/* The items of a run: their sizes, and what is wanted of each. */
enum want { ALL, FEW, NONE };
struct item {
	size_t size;
	enum want want;
};

static uint32_t wanted(const struct item *item)
{
	static const uint32_t masks[] = { [ALL] = CUSTODY_STREAM_ALL, [FEW] = CUSTODY_DIGEST_BIT(CUSTODY_SHA256), [NONE] = 0 };
	return masks[item->want];
}

struct seen {
	uint64_t items, pieces, bytes, fail_at_tag;
	bool crc, in_item;
	uint32_t digests;
	uint64_t tag, total, so_far;
	uint8_t whole[32]; /* of everything, by another path */
	uint8_t (*first_digest)[CUSTODY_DIGEST_MAX]; /* of each item: of the lowest algorithm */
	const uint8_t *source; /* the bytes that were fed, in order */
	const struct item *fed; /* NULL: all digests of all */
};

static int consume(void *ctx, const struct custody_stream_piece *p, struct custody_error *err)
{
	struct seen *s = ctx;
	cr_assert_eq(p->first, !s->in_item);
	if (p->first) {
		s->tag = p->tag;
		s->so_far = 0;
	}
	cr_assert_eq(p->tag, s->tag);
	cr_assert_eq(p->tag, s->items, "in order");
	cr_assert(p->len == 0 || memcmp(p->data, s->source + s->bytes, p->len) == 0);
	cr_expect_eq(p->crc, s->crc && p->hashed ? libdeflate_crc32(0, s->source + s->bytes, p->len) : 0);
	s->bytes += p->len;
	s->so_far += p->len;
	s->pieces++;
	s->in_item = !p->last;
	if (s->fail_at_tag == p->tag)
		return custody_fail(err, CUSTODY_ERR_IO, "the consumer had enough at %zu", (size_t)p->tag);
	if (!p->last) {
		cr_assert_null(p->digests);
		return 0;
	}
	s->items++;
	cr_expect_eq(p->total, s->so_far);
	cr_assert_eq(p->digests != NULL, p->hashed);
	for (unsigned id = 0; p->hashed && id < CUSTODY_DIGEST_COUNT; id++) {
		uint8_t want[CUSTODY_DIGEST_MAX];
		uint32_t mask = s->digests & (s->fed ? wanted(&s->fed[p->tag]) : CUSTODY_STREAM_ALL);
		cr_assert_eq(p->digests->mask, mask);
		if (!(mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		cr_assert_eq(custody_digest_once((enum custody_digest_id)id, s->source + s->bytes - p->total, (size_t)p->total, want, err), 0);
		cr_expect_eq(memcmp(want, p->digests->value[id], custody_digest_get((enum custody_digest_id)id)->size), 0, "item %zu, %s",
			(size_t)p->tag, custody_digest_get((enum custody_digest_id)id)->name);
	}
	return 0;
}

static uint8_t *noise(size_t n)
{
	uint8_t *p = malloc(n ? n : 1);
	cr_assert_not_null(p);
	uint64_t x = 88172645463325252u;
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		p[i] = (uint8_t)x;
	}
	return p;
}

static int feed(struct custody_stream *s, const struct item *items, size_t n, const uint8_t *source, bool sized, struct custody_error *err)
{
	for (size_t i = 0; i < n; i++) {
		int rc = sized ? custody_stream_begin_sized(s, i, wanted(&items[i]), items[i].size, err)
			       : custody_stream_begin(s, i, wanted(&items[i]), err);
		if (rc || custody_stream_append(s, source, items[i].size, err) || custody_stream_end(s, err))
			return -1;
		source += items[i].size;
	}
	return custody_stream_flush(s, err);
}

static size_t sum(const struct item *items, size_t n)
{
	size_t bytes = 0;
	for (size_t i = 0; i < n; i++)
		bytes += items[i].size;
	return bytes;
}

/* Every number of workers, sized and not, with and without CRC and whole digest. */
static void expect_right(const struct item *items, size_t n, uint32_t digests)
{
	size_t bytes = sum(items, n);
	uint8_t *source = noise(bytes), whole[32], want[32];
	for (unsigned v = 0; v < 16; v++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_stream *s = NULL;
		bool sized = v & 1, extras = v & 2;
		struct seen seen = { .crc = extras, .digests = digests, .source = source, .fed = items, .fail_at_tag = UINT64_MAX };
		const struct custody_stream_options options = {
			.digests = digests, .crc = extras, .whole = extras, .workers = worker_counts[v / 4], .consumer = consume, .ctx = &seen
		};
		cr_assert_eq(custody_stream_new(&s, &options, &err), 0, "%s", err.text);
		cr_assert_eq(feed(s, items, n, source, sized, &err), 0, "%s", err.text);
		cr_expect_eq(seen.items, n);
		cr_expect_eq(seen.bytes, bytes);
		cr_expect_not(seen.in_item);
		if (extras) {
			cr_assert_eq(custody_stream_whole(s, whole, &err), 0);
			cr_assert_eq(custody_digest_once(CUSTODY_SHA256, source, bytes, want, &err), 0);
			cr_expect_eq(memcmp(whole, want, 32), 0, "whole, %zu workers", options.workers);
		}
		custody_stream_free(&s);
		cr_expect_null(s);
		custody_stream_free(&s);
	}
	free(source);
}

#define TWO (CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_SHA512))

Test(stream, hashes_nothing_at_all)
{
	expect_right(NULL, 0, TWO);
}

Test(stream, hashes_empty_items)
{
	const struct item items[] = { { 0, ALL }, { 0, NONE }, { 0, ALL }, { 5, ALL }, { 0, ALL } };
	expect_right(items, 5, ALL_DIGESTS);
}

/* An item of which fewer digests are wanted, over the ends of blocks, between others and by itself: what its neighbours get does not hang on it. */
Test(stream, computes_the_digests_that_are_wanted_of_each)
{
	const struct item items[] = { { 3 * MIB + 5, FEW }, { 7, ALL }, { 0, FEW }, { 900, FEW }, { MIB, ALL }, { 2 * MIB + 1, FEW },
		{ 2 * MIB + 1, ALL }, { MIB / 2, NONE }, { 2 * MIB, FEW }, { 4 * MIB + 1, ALL }, { 11, FEW } };
	expect_right(items, sizeof(items) / sizeof(items[0]), ALL_DIGESTS);
	expect_right(items, sizeof(items) / sizeof(items[0]), TWO);
	expect_right(items, sizeof(items) / sizeof(items[0]), CUSTODY_DIGEST_BIT(CUSTODY_SHA512));
}

Test(stream, hashes_items_that_end_with_a_block)
{
	const struct item items[] = { { MIB, ALL }, { MIB - 1, ALL }, { 1, ALL }, { 0, ALL }, { 2 * MIB, ALL }, { 0, ALL }, { MIB, ALL } };
	expect_right(items, 7, TWO);
}

Test(stream, hashes_items_around_the_size_of_a_block)
{
	const struct item items[] = { { 1, ALL }, { MIB, ALL }, { MIB + 1, ALL }, { 3 * MIB - 1, ALL }, { 2 * MIB + 1, ALL }, { 7, NONE },
		{ MIB + 5, NONE }, { MIB / 2, ALL }, { MIB / 2 + 1, ALL }, { MIB - 1, NONE }, { 3, ALL } };
	expect_right(items, 11, TWO);
}

Test(stream, hashes_an_item_longer_than_all_blocks_together)
{
	const struct item items[] = { { 10, ALL }, { 20 * MIB + 10, ALL }, { 10, ALL } };
	expect_right(items, 3, TWO);
}

Test(stream, hashes_more_items_than_a_block_has_pieces)
{
	enum { N = 5000 };
	struct item *items = calloc(N, sizeof(*items));
	cr_assert_not_null(items);
	for (size_t i = 0; i < N; i++)
		items[i] = (struct item){ i % 7 == 3 ? 0 : i % 300, i % 11 == 5 };
	expect_right(items, N, TWO);
	free(items);
}

Test(stream, hashes_a_mixture_with_every_algorithm)
{
	enum { N = 60 };
	struct item items[N];
	for (size_t i = 0; i < N; i++)
		items[i] = (struct item){ i * i * i * 7919 % (i % 9 == 0 ? 2500000 : 70000), i % 5 == 4 };
	expect_right(items, N, ALL_DIGESTS);
}

Test(stream, hands_on_pieces_when_no_digest_is_wanted)
{
	const struct item items[] = { { 10, ALL }, { 2 * MIB, ALL }, { 0, NONE } };
	expect_right(items, 3, 0);
}

Test(stream, goes_on_after_a_flush)
{
	for (size_t w = 0; w < 4; w++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_stream *s = NULL;
		uint8_t *source = noise(3 * MIB), whole[32], want[32];
		struct seen seen = { .digests = TWO, .source = source, .fail_at_tag = UINT64_MAX };
		const struct custody_stream_options options = {
			.digests = TWO, .whole = true, .workers = worker_counts[w], .consumer = consume, .ctx = &seen
		};
		cr_assert_eq(custody_stream_new(&s, &options, &err), 0);
		for (size_t i = 0; i < 30; i++) {
			cr_assert_eq(custody_stream_begin(s, i, CUSTODY_STREAM_ALL, &err), 0);
			cr_assert_eq(custody_stream_append(s, source + i * 100000, 100000, &err), 0);
			cr_assert_eq(custody_stream_end(s, &err), 0);
			cr_assert_eq(custody_stream_flush(s, &err), 0);
			cr_expect_eq(seen.items, i + 1);
			cr_assert_eq(custody_stream_whole(s, whole, &err), 0);
			cr_assert_eq(custody_digest_once(CUSTODY_SHA256, source, (i + 1) * 100000, want, &err), 0);
			cr_expect_eq(memcmp(whole, want, 32), 0);
		}
		custody_stream_free(&s);
		free(source);
	}
}

Test(stream, stops_at_an_error_of_the_consumer)
{
	enum { N = 60 };
	struct item items[N];
	for (size_t i = 0; i < N; i++)
		items[i] = (struct item){ 700000, ALL };
	for (size_t w = 0; w < 4; w++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_stream *s = NULL;
		uint8_t *source = noise(sum(items, N)), whole[32], *p;
		size_t room;
		struct seen seen = { .digests = TWO, .source = source, .fail_at_tag = 31 };
		const struct custody_stream_options options = {
			.digests = TWO, .whole = true, .workers = worker_counts[w], .consumer = consume, .ctx = &seen
		};
		cr_assert_eq(custody_stream_new(&s, &options, &err), 0);
		cr_expect_eq(feed(s, items, N, source, true, &err), -1);
		cr_expect_str_eq(err.text, "the consumer had enough at 31");
		cr_expect_eq(seen.items, 31);
		/* And whatever is tried then says the same. */
		for (int call = 0; call < 6; call++) {
			struct custody_error again = CUSTODY_ERROR_INIT;
			int rc = call == 0   ? custody_stream_begin(s, 1, CUSTODY_STREAM_ALL, &again)
				 : call == 1 ? custody_stream_space(s, &p, &room, &again)
				 : call == 2 ? custody_stream_commit(s, 0, &again)
				 : call == 3 ? custody_stream_end(s, &again)
				 : call == 4 ? custody_stream_flush(s, &again)
					     : custody_stream_whole(s, whole, &again);
			cr_expect_eq(rc, -1);
			cr_expect_str_eq(again.text, err.text);
		}
		cr_expect_eq(seen.items, 31);
		custody_stream_free(&s);
		free(source);
	}
}

Test(stream, refuses_calls_out_of_order)
{
	static const struct {
		const char *calls, *want; /* b: begin, s: space, c: commit 2 MiB, e: end, f: flush, w: whole */
	} cases[] = {
		{ "bb", "stream: an item begins inside another" },
		{ "s", "stream: space outside an item" },
		{ "bes", "stream: space outside an item" },
		{ "bsc", "stream: more bytes than there was space for" },
		{ "c", "stream: more bytes than there was space for" },
		{ "e", "stream: an item ends that did not begin" },
		{ "bee", "stream: an item ends that did not begin" },
		{ "bf", "stream: flush inside an item" },
		{ "bew", "stream: the whole digest before a flush, or not asked for" },
		{ "fw", "stream: the whole digest before a flush, or not asked for" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_stream *s = NULL;
		struct seen seen = { .fail_at_tag = UINT64_MAX, .source = (const uint8_t *)"" };
		const struct custody_stream_options options = { .consumer = consume, .ctx = &seen, .whole = cases[i].calls[0] == 'b' };
		uint8_t *p, whole[32];
		size_t room;
		cr_assert_eq(custody_stream_new(&s, &options, &err), 0);
		int rc = 0;
		for (const char *c = cases[i].calls; *c; c++) {
			cr_assert_eq(rc, 0, "%s", cases[i].calls);
			rc = *c == 'b'	 ? custody_stream_begin(s, 0, 0, &err)
			     : *c == 's' ? custody_stream_space(s, &p, &room, &err)
			     : *c == 'c' ? custody_stream_commit(s, 2 * MIB, &err)
			     : *c == 'e' ? custody_stream_end(s, &err)
			     : *c == 'f' ? custody_stream_flush(s, &err)
					 : custody_stream_whole(s, whole, &err);
		}
		cr_expect_eq(rc, -1, "%s", cases[i].calls);
		cr_expect_str_eq(err.text, cases[i].want, "%s", cases[i].calls);
		cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
		custody_stream_free(&s);
	}
}

Test(stream, can_be_dropped_at_any_moment)
{
	for (size_t w = 0; w < 4; w++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_stream *s = NULL;
		uint8_t *source = noise(5 * MIB);
		struct seen seen = { .digests = TWO, .source = source, .fail_at_tag = UINT64_MAX };
		const struct custody_stream_options options = { .digests = TWO, .workers = worker_counts[w], .consumer = consume, .ctx = &seen };
		cr_assert_eq(custody_stream_new(&s, &options, &err), 0);
		cr_assert_eq(custody_stream_begin(s, 0, CUSTODY_STREAM_ALL, &err), 0);
		cr_assert_eq(custody_stream_append(s, source, 5 * MIB, &err), 0);
		custody_stream_free(&s);
		free(source);
	}
}
