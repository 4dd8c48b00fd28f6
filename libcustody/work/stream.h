/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one data path of hash, seal, verify and extract: bytes go in once, in order, cut into pieces that belong to items; every digest and the CRC-32 of each
 * item come out in the same order, whatever the number of workers. Over base/queue: blocks of 1 MiB, one lane an algorithm.
 *
 *   producer:  stream_begin(tag) ... stream_space()/stream_commit() ... stream_end()    any number of items a block, any number of blocks an item
 *   consumer:  a callback gets each piece in order when all its lanes are done: the bytes, first/last, and on the last the digests of the whole item
 */
#ifndef CUSTODY_WORK_STREAM_H
#define CUSTODY_WORK_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/crypto/digest.h"

struct custody_stream;

/* Part of one item inside one block. */
struct custody_stream_piece {
	uint64_t tag; /* the caller's: item number, or whatever it needs to find its record */
	const uint8_t *data; /* borrowed; read-only */
	size_t len;
	bool first, last; /* of its item */
	bool hashed; /* digests of the item were asked for (else only the whole-stream digest and no CRC) */
	uint32_t crc; /* CRC-32 of this piece */
	uint64_t total; /* last: bytes of the whole item */
	const struct custody_digest_values *digests; /* last && hashed: those asked for, of the whole item */
};
/* Must not call the stream. The piece is borrowed until it returns. */
typedef int custody_stream_consumer(void *ctx, const struct custody_stream_piece *piece, struct custody_error *err);

struct custody_stream_options {
	uint32_t digests; /* a mask: of an item, at most */
	bool crc; /* CRC-32 per piece */
	bool whole; /* SHA-256 of all bytes of the stream (the package number) */
	size_t workers; /* 0: everything in the calling thread */
	custody_stream_consumer *consumer; /* called in the producer's thread, in order */
	void *ctx;
};
/* Errors: NOMEM, CRYPTO, INTERNAL (a thread could not be started). After any error of a later call the stream is at its end: every call but free
 * fails with the same error. */
int custody_stream_new(struct custody_stream **out, const struct custody_stream_options *options, struct custody_error *err) CUSTODY_MUST_USE;
void custody_stream_free(struct custody_stream **s); /* what was not flushed is never consumed; safe on NULL */
#define CUSTODY_STREAM_ALL UINT32_MAX /* all digests of the stream */
/* Begins an item. digests: a mask of those wanted of it, as far as the stream has them; 0: none, and no CRC. */
int custody_stream_begin(struct custody_stream *s, uint64_t tag, uint32_t digests, struct custody_error *err) CUSTODY_MUST_USE;
/* The same when about how long it is is known: an item that does not span two blocks without need is hashed beside its neighbours, one that does
 * has to wait for them. The results do not depend on it, and size need not be right. */
int custody_stream_begin_sized(struct custody_stream *s, uint64_t tag, uint32_t digests, uint64_t size, struct custody_error *err) CUSTODY_MUST_USE;
/* Room in the current block, at least 1 byte: *p, *room. The caller reads into it and commits what it got. */
int custody_stream_space(struct custody_stream *s, uint8_t **p, size_t *room, struct custody_error *err) CUSTODY_MUST_USE;
int custody_stream_commit(struct custody_stream *s, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* Copies: for bytes that are there already. */
int custody_stream_append(struct custody_stream *s, const void *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* Ends the item begun last (which may be empty). */
int custody_stream_end(struct custody_stream *s, struct custody_error *err) CUSTODY_MUST_USE;
/* Drains everything: all pieces have been consumed afterwards. The stream can go on. */
int custody_stream_flush(struct custody_stream *s, struct custody_error *err) CUSTODY_MUST_USE;
/* After flush: SHA-256 of all bytes since the start. */
int custody_stream_whole(struct custody_stream *s, uint8_t sha256[32], struct custody_error *err) CUSTODY_MUST_USE;

#endif
