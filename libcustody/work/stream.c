/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every slot of the queue is a block of bytes with a table of the pieces in it. The lanes: one a digest algorithm, then CRC-32, then the whole
 * stream. A digest lane goes through the table of its block: an item that began in an earlier block is continued with the context that the same
 * lane left in the block before (taken over by exchange, so that each slot has one again); items that lie whole in the block go as one batch; an item
 * that goes on in the next block leaves its context for it.
 */
#include "libcustody/work/stream.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/queue.h"
#include "libcustody/crypto/multibuffer.h"

enum {
	SLOTS = 16, /* 16 MiB: enough for the slower lanes to fall behind the reader without stopping it */
	SLOTS_ALONE = 2, /* nobody works beside the reader: the bytes stay in the cache */
	PIECES = 2048, /* pieces a block: with so many the cost of a block is nothing beside theirs, and the tables stay small */
	BATCH = 512, /* messages handed to a digest at once: so many that the lanes which run empty at the end do not count */
	NO_LANE = CUSTODY_QUEUE_MAX_LANES,
};

struct piece {
	uint64_t tag;
	uint64_t total; /* bytes of the item up to the end of this piece */
	uint32_t offset, len; /* in the block */
	uint32_t crc;
	uint32_t digests; /* wanted of the item, of those that the stream has */
	uint32_t result; /* last && hashed: its row in the results */
	bool first, last, hashed;
};

/* One digest lane in one block. */
struct lane_state {
	struct custody_digest digest;
	uint8_t *results; /* owned; a row of the digest's size for each item that ends in this block */
};

struct block {
	uint8_t *data; /* owned; CUSTODY_LIMIT_BLOCK bytes */
	struct piece *pieces; /* owned; PIECES of them */
	size_t used, n_pieces;
	uint32_t n_results;
	uint32_t digests; /* wanted of any item in it */
	bool any_hashed;
	struct lane_state lanes[CUSTODY_DIGEST_COUNT]; /* n_digests of them */
	struct custody_digest whole;
};

struct custody_stream {
	struct custody_stream_options options;
	struct custody_queue *queue; /* owned */
	struct custody_multibuffer_pool lanes; /* of all digests */
	enum custody_digest_id ids[CUSTODY_DIGEST_COUNT]; /* of the digest lanes */
	size_t n_digests, n_slots;
	size_t crc_lane, whole_lane; /* NO_LANE if not asked for */
	struct block *blocks; /* owned; n_slots of them */
	size_t current; /* the block that is being filled, SIZE_MAX if none */
	size_t last_submitted; /* likewise */
	bool in_item; /* between begin and end */
	struct custody_digest_values values; /* for the consumer */
	bool failed;
	struct custody_error failure;
};

/* ---- work: any thread ---- */

/* The context that continues an item is where the lane of the block before left it. */
static void take_over(struct custody_digest *mine, struct custody_digest *theirs)
{
	struct custody_digest t = *mine;
	*mine = *theirs;
	*theirs = t;
}

static int flush_batch(struct custody_digest *d, const struct custody_digest_job *jobs, size_t *n, struct custody_error *err)
{
	size_t count = *n;
	*n = 0;
	return custody_digest_batch(d, jobs, count, err);
}

/* The part of an item that begins or goes on in another block. */
static int work_part(struct custody_digest *d, const struct piece *p, const uint8_t *data, uint8_t *result, struct custody_error *err)
{
	if (p->first && custody_digest_start(d, err))
		return -1;
	if (custody_digest_update(d, data, p->len, err))
		return -1;
	return p->last ? custody_digest_finish(d, result, err) : 0;
}

static int work_digest(struct custody_stream *s, size_t lane, struct block *b, struct custody_error *err)
{
	struct custody_digest_job jobs[BATCH];
	struct custody_digest *d = &b->lanes[lane].digest;
	size_t size = custody_digest_get(s->ids[lane])->size, n = 0;
	for (size_t i = 0; i < b->n_pieces; i++) {
		const struct piece *p = &b->pieces[i];
		const uint8_t *data = b->data + p->offset;
		if (!(p->digests & CUSTODY_DIGEST_BIT(s->ids[lane])))
			continue;
		uint8_t *result = b->lanes[lane].results + p->result * size;
		/* A part of an item is the first or the last piece of its block, so that no batch is open before the one or after the other. */
		if (!p->first || !p->last) {
			if (flush_batch(d, jobs, &n, err) || work_part(d, p, data, result, err))
				return -1;
			continue;
		}
		jobs[n++] = (struct custody_digest_job){ data, p->len, result };
		if (n == BATCH && flush_batch(d, jobs, &n, err))
			return -1;
	}
	return flush_batch(d, jobs, &n, err);
}

static void work_crc(struct block *b)
{
	for (size_t i = 0; i < b->n_pieces; i++)
		if (b->pieces[i].hashed)
			b->pieces[i].crc = libdeflate_crc32(0, b->data + b->pieces[i].offset, b->pieces[i].len);
}

static int work(void *ctx, size_t lane, size_t slot, size_t previous, struct custody_error *err)
{
	struct custody_stream *s = ctx;
	struct block *b = &s->blocks[slot];
	if (lane == s->crc_lane) {
		work_crc(b);
		return 0;
	}
	if (lane == s->whole_lane) {
		if (previous != SIZE_MAX)
			take_over(&b->whole, &s->blocks[previous].whole);
		return custody_digest_update(&b->whole, b->data, b->used, err);
	}
	if (previous != SIZE_MAX)
		take_over(&b->lanes[lane].digest, &s->blocks[previous].lanes[lane].digest);
	return work_digest(s, lane, b, err);
}

/* ---- the stream: the caller's thread ---- */

static void release_block(struct block *b)
{
	for (size_t i = 0; i < CUSTODY_DIGEST_COUNT; i++) {
		custody_digest_release(&b->lanes[i].digest);
		free(b->lanes[i].results);
	}
	custody_digest_release(&b->whole);
	free(b->data);
	free(b->pieces);
}

static int init_block(struct custody_stream *s, struct block *b, struct custody_error *err)
{
	b->data = aligned_alloc(4096, CUSTODY_LIMIT_BLOCK);
	b->pieces = calloc(PIECES, sizeof(*b->pieces));
	if (!b->data || !b->pieces)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < s->n_digests; i++) {
		if (custody_digest_new(&b->lanes[i].digest, s->ids[i], err))
			return -1;
		b->lanes[i].digest.lanes = &s->lanes;
		b->lanes[i].results = calloc(PIECES, custody_digest_get(s->ids[i])->size);
		if (!b->lanes[i].results)
			return custody_fail_nomem(err);
	}
	return s->options.whole ? custody_digest_new(&b->whole, CUSTODY_SHA256, err) : 0;
}

/* Gives the lanes their numbers. Returns how many there are. */
static size_t set_lanes(struct custody_stream *s)
{
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (s->options.digests & CUSTODY_DIGEST_BIT(id))
			s->ids[s->n_digests++] = (enum custody_digest_id)id;
	size_t n = s->n_digests;
	s->crc_lane = s->options.crc ? n++ : NO_LANE;
	s->whole_lane = s->options.whole ? n++ : NO_LANE;
	return n;
}

int custody_stream_new(struct custody_stream **out, const struct custody_stream_options *options, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_stream_free) struct custody_stream *s = calloc(1, sizeof(*s));
	if (!s)
		return custody_fail_nomem(err);
	custody_multibuffer_pool_init(&s->lanes);
	s->options = *options;
	s->current = s->last_submitted = SIZE_MAX;
	size_t n_lanes = set_lanes(s);
	s->n_slots = options->workers > 0 ? SLOTS : SLOTS_ALONE;
	s->blocks = calloc(s->n_slots, sizeof(*s->blocks));
	if (!s->blocks)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < s->n_slots; i++)
		if (init_block(s, &s->blocks[i], err))
			return -1;
	/* A stream that computes nothing still hands on its pieces. */
	if (custody_queue_new(&s->queue, s->n_slots, n_lanes ? n_lanes : 1, options->workers, work, s, err))
		return -1;
	*out = custody_steal(&s);
	return 0;
}

void custody_stream_free(struct custody_stream **p)
{
	struct custody_stream *s = *p;
	*p = NULL;
	if (!s)
		return;
	custody_queue_free(&s->queue);
	for (size_t i = 0; s->blocks && i < s->n_slots; i++)
		release_block(&s->blocks[i]);
	free(s->blocks);
	custody_multibuffer_pool_release(&s->lanes);
	free(s);
}

/* Keeps the error, so that nobody who overlooks it can go on. */
static int fail(struct custody_stream *s, const struct custody_error *err)
{
	s->failed = true;
	s->failure = *err;
	return -1;
}

static int check_usable(const struct custody_stream *s, struct custody_error *err)
{
	if (!s->failed)
		return 0;
	*err = s->failure;
	return -1;
}

/* A call out of order is a mistake in the program, not in the input. */
static int misuse(struct custody_stream *s, const char *what, struct custody_error *err)
{
	custody_fail(err, CUSTODY_ERR_INTERNAL, "stream: %s", what);
	return fail(s, err);
}

static const struct custody_digest_values *gather_digests(struct custody_stream *s, const struct block *b, const struct piece *p)
{
	s->values.mask = p->digests;
	for (size_t i = 0; i < s->n_digests; i++) {
		if (!(p->digests & CUSTODY_DIGEST_BIT(s->ids[i])))
			continue;
		size_t size = custody_digest_get(s->ids[i])->size;
		memcpy(s->values.value[s->ids[i]], b->lanes[i].results + p->result * size, size);
	}
	return &s->values;
}

/* Waits for the oldest block and hands its pieces on. */
static int consume_block(struct custody_stream *s, struct custody_error *err)
{
	size_t slot;
	if (custody_queue_collect(s->queue, &slot, err))
		return -1;
	const struct block *b = &s->blocks[slot];
	for (size_t i = 0; i < b->n_pieces; i++) {
		const struct piece *p = &b->pieces[i];
		const struct custody_stream_piece piece = {
			.tag = p->tag,
			.data = b->data + p->offset,
			.len = p->len,
			.first = p->first,
			.last = p->last,
			.hashed = p->hashed,
			.crc = p->crc,
			.total = p->last ? p->total : 0,
			.digests = p->last && p->hashed ? gather_digests(s, b, p) : NULL,
		};
		if (s->options.consumer(s->options.ctx, &piece, err))
			return -1;
	}
	return 0;
}

/* The lanes of these digests. */
static uint64_t lanes_of(const struct custody_stream *s, uint32_t digests)
{
	uint64_t lanes = 0;
	for (size_t i = 0; i < s->n_digests; i++)
		if (digests & CUSTODY_DIGEST_BIT(s->ids[i]))
			lanes |= (uint64_t)1 << i;
	return lanes;
}

static int submit(struct custody_stream *s, struct custody_error *err)
{
	const struct block *b = &s->blocks[s->current];
	uint64_t lanes = lanes_of(s, b->digests), chained = b->pieces[0].first ? 0 : lanes_of(s, b->pieces[0].digests);
	if (s->options.crc && b->any_hashed)
		lanes |= (uint64_t)1 << s->crc_lane;
	if (s->options.whole) {
		lanes |= (uint64_t)1 << s->whole_lane;
		if (s->last_submitted != SIZE_MAX)
			chained |= (uint64_t)1 << s->whole_lane;
	}
	if (custody_queue_submit(s->queue, s->current, lanes, chained, err))
		return -1;
	s->last_submitted = s->current;
	s->current = SIZE_MAX;
	return 0;
}

/* A fresh block becomes the current one. */
static int next_block(struct custody_stream *s, struct custody_error *err)
{
	size_t slot;
	while ((slot = custody_queue_free_slot(s->queue)) == SIZE_MAX)
		if (consume_block(s, err))
			return -1;
	struct block *b = &s->blocks[slot];
	b->used = b->n_pieces = 0;
	b->n_results = 0;
	b->digests = 0;
	b->any_hashed = false;
	s->current = slot;
	return 0;
}

/* Adds an empty piece of the item that `of` tells of. */
static void add_piece(struct custody_stream *s, const struct piece *of)
{
	struct block *b = &s->blocks[s->current];
	struct piece *p = &b->pieces[b->n_pieces++];
	*p = *of;
	p->offset = (uint32_t)b->used;
	b->digests |= p->digests;
	b->any_hashed = b->any_hashed || p->hashed;
}

static struct piece *current_piece(struct custody_stream *s)
{
	struct block *b = &s->blocks[s->current];
	return &b->pieces[b->n_pieces - 1];
}

/* An item that fits into a block does not go into two, and a larger one begins a block. */
static bool has_room(const struct block *b, uint64_t size)
{
	if (b->n_pieces == PIECES || b->used == CUSTODY_LIMIT_BLOCK)
		return false;
	return b->used == 0 || size <= CUSTODY_LIMIT_BLOCK - b->used;
}

int custody_stream_begin(struct custody_stream *s, uint64_t tag, uint32_t digests, struct custody_error *err)
{
	return custody_stream_begin_sized(s, tag, digests, 0, err);
}

int custody_stream_begin_sized(struct custody_stream *s, uint64_t tag, uint32_t digests, uint64_t size, struct custody_error *err)
{
	const struct piece begun = { .tag = tag, .digests = digests & s->options.digests, .hashed = digests != 0, .first = true };
	if (check_usable(s, err))
		return -1;
	if (s->in_item)
		return misuse(s, "an item begins inside another", err);
	if (s->current != SIZE_MAX && !has_room(&s->blocks[s->current], size) && submit(s, err))
		return fail(s, err);
	if (s->current == SIZE_MAX && next_block(s, err))
		return fail(s, err);
	add_piece(s, &begun);
	s->in_item = true;
	return 0;
}

int custody_stream_space(struct custody_stream *s, uint8_t **p, size_t *room, struct custody_error *err)
{
	if (check_usable(s, err))
		return -1;
	if (!s->in_item)
		return misuse(s, "space outside an item", err);
	if (s->blocks[s->current].used == CUSTODY_LIMIT_BLOCK) {
		/* Only now is it known that the item goes on: an item that ends with its block has no empty piece in the next. */
		const struct piece *last = current_piece(s);
		const struct piece more = { .tag = last->tag, .total = last->total, .digests = last->digests, .hashed = last->hashed };
		if (submit(s, err) || next_block(s, err))
			return fail(s, err);
		add_piece(s, &more);
	}
	struct block *b = &s->blocks[s->current];
	*p = b->data + b->used;
	*room = CUSTODY_LIMIT_BLOCK - b->used;
	return 0;
}

int custody_stream_commit(struct custody_stream *s, size_t n, struct custody_error *err)
{
	if (check_usable(s, err))
		return -1;
	if (!s->in_item || n > CUSTODY_LIMIT_BLOCK - s->blocks[s->current].used)
		return misuse(s, "more bytes than there was space for", err);
	struct piece *p = current_piece(s);
	p->len += (uint32_t)n;
	p->total += n;
	s->blocks[s->current].used += n;
	return 0;
}

int custody_stream_append(struct custody_stream *s, const void *p, size_t n, struct custody_error *err)
{
	const uint8_t *from = p;
	while (n > 0) {
		uint8_t *to;
		size_t room;
		if (custody_stream_space(s, &to, &room, err))
			return -1;
		size_t now = n < room ? n : room;
		memcpy(to, from, now);
		if (custody_stream_commit(s, now, err))
			return -1;
		from += now;
		n -= now;
	}
	return 0;
}

int custody_stream_end(struct custody_stream *s, struct custody_error *err)
{
	if (check_usable(s, err))
		return -1;
	if (!s->in_item)
		return misuse(s, "an item ends that did not begin", err);
	struct piece *p = current_piece(s);
	p->last = true;
	if (p->hashed)
		p->result = s->blocks[s->current].n_results++;
	s->in_item = false;
	return 0;
}

int custody_stream_flush(struct custody_stream *s, struct custody_error *err)
{
	if (check_usable(s, err))
		return -1;
	if (s->in_item)
		return misuse(s, "flush inside an item", err);
	if (s->current != SIZE_MAX && submit(s, err))
		return fail(s, err);
	while (custody_queue_pending(s->queue) > 0)
		if (consume_block(s, err))
			return fail(s, err);
	return 0;
}

int custody_stream_whole(struct custody_stream *s, uint8_t sha256[32], struct custody_error *err)
{
	if (check_usable(s, err))
		return -1;
	if (!s->options.whole || s->current != SIZE_MAX || custody_queue_pending(s->queue) > 0)
		return misuse(s, "the whole digest before a flush, or not asked for", err);
	/* Before the first block any context will do: all are fresh. */
	const struct block *b = &s->blocks[s->last_submitted == SIZE_MAX ? 0 : s->last_submitted];
	return custody_digest_peek(&b->whole, sha256, err);
}
