/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/inspect_reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/environment.h"
#include "cmd/identify.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

#define RECORD_MAX (4 * CUSTODY_LIMIT_INSPECT_NAME) /* as the worker's */
#define TICK 200 /* milliseconds between two looks at the clock and at signals */
#define GRACE 10 /* seconds that a worker has to end by itself after its time */

struct look {
	const struct custody_worker_inspect *wanted;
	const struct custody_inspect_sink *sink;
	struct custody_inspect_end *end; /* counted here */
	struct custody_buf stream; /* bytes that are no whole record yet */
	uint32_t notes;
	bool begun, ended;
	const char *lie; /* what the worker did that none does */
};

static int start_worker(struct custody_inspect_reader *r, struct custody_error *err)
{
	struct custody_worker_hello hello;

	r->used = false;
	if (custody_worker_start(&r->worker, CUSTODY_WORKER_FOR_INSPECT, r->database, err))
		return -1;
	return custody_worker_greet(&r->worker, &hello, err);
}

int custody_inspect_reader_start(struct custody_inspect_reader *r, struct custody_error *err)
{
	r->database = open(CUSTODY_MAGIC_DATABASE, O_RDONLY | O_CLOEXEC);
	return start_worker(r, err);
}

void custody_inspect_reader_stop(struct custody_inspect_reader *r)
{
	custody_worker_kill(&r->worker);
	if (r->database >= 0)
		close(r->database);
	r->database = -1;
}

/* ---- what it says ---- */

static int lied(struct look *k, const char *how)
{
	k->lie = how;
	return 0;
}

static int take_member(struct look *k, const struct custody_inspect_member *m, struct custody_error *err)
{
	if (m->number != k->end->members + 1 || m->number > k->wanted->max_members)
		return lied(k, "its members are not in order");
	if (m->state == CUSTODY_INSPECT_READ && m->digests.mask != k->wanted->digests)
		return lied(k, "a member has other digests than were asked for");
	custody_inspect_count(k->end, m);
	return k->sink->member(k->sink->ctx, m, err);
}

static int take_note(struct look *k, const struct custody_inspect_note *n, struct custody_error *err)
{
	if (k->notes & CUSTODY_INSPECT_BIT(n->id))
		return lied(k, "it says a thing twice");
	k->notes |= CUSTODY_INSPECT_BIT(n->id);
	return k->sink->note(k->sink->ctx, n, err);
}

/* The worker's totals are those of what it sent, or the worker is not to be believed. */
static int take_end(struct look *k, const struct custody_inspect_end *e)
{
	if (e->members != k->end->members || e->bytes != k->end->bytes || memcmp(e->by_kind, k->end->by_kind, sizeof(e->by_kind)) != 0 ||
		memcmp(e->by_state, k->end->by_state, sizeof(e->by_state)) != 0)
		return lied(k, "its totals are not those of its members");
	if (e->outcome == CUSTODY_INSPECT_COMPLETE && e->by_state[CUSTODY_INSPECT_READ] + e->by_state[CUSTODY_INSPECT_NO_CONTENT] != e->members)
		return lied(k, "it says complete, and not everything was read");
	*k->end = *e;
	k->ended = true;
	return 0;
}

static int take_record(struct look *k, const struct custody_inspect_record *r, struct custody_error *err)
{
	if (k->ended || k->begun == (r->type == CUSTODY_INSPECT_RECORD_BEGIN))
		return lied(k, "its records are not in order");
	switch (r->type) {
	case CUSTODY_INSPECT_RECORD_BEGIN:
		k->begun = true;
		return k->sink->begin(k->sink->ctx, &r->begin, err);
	case CUSTODY_INSPECT_RECORD_MEMBER:
		return take_member(k, &r->member, err);
	case CUSTODY_INSPECT_RECORD_NOTE:
		return take_note(k, &r->note, err);
	case CUSTODY_INSPECT_RECORD_END:
	default:
		return take_end(k, &r->end);
	}
}

/* Every whole record of the stream. */
static int take_stream(struct look *k, const uint8_t *p, size_t n, struct custody_error *err)
{
	size_t at = 0;

	if (custody_buf_append(&k->stream, p, n, err))
		return -1;
	while (!k->lie && k->stream.len - at >= 4) {
		struct custody_error wrong = CUSTODY_ERROR_INIT;
		struct custody_inspect_record r;
		uint32_t len = custody_get_le32(k->stream.data + at);

		if (len > RECORD_MAX)
			return lied(k, "a record is too long");
		if (k->stream.len - at - 4 < len)
			break;
		if (custody_inspect_decode(k->stream.data + at + 4, len, &r, &wrong))
			return lied(k, "a record is none");
		if (take_record(k, &r, err))
			return -1;
		at += 4 + (size_t)len;
	}
	if (at > 0)
		memmove(k->stream.data, k->stream.data + at, k->stream.len - at);
	k->stream.len -= at;
	return 0;
}

/* ---- the look ---- */

static void no_reader(struct look *k, const char *why, const char *what)
{
	char words[CUSTODY_INSPECT_WORDS];

	snprintf(words, sizeof(words), "%s%s", why, what);
	k->end->outcome = CUSTODY_INSPECT_NO_READER;
	custody_display(words, strlen(words), k->end->words, sizeof(k->end->words));
}

/* A frame. 0: go on; 1: it was the last; -1. */
static int take_frame(struct look *k, uint64_t job, const struct custody_worker_frame *f, struct custody_error *err)
{
	char words[CUSTODY_INSPECT_WORDS];

	if (f->head.job != job) {
		k->lie = "it answers something else";
	} else if (f->head.kind == CUSTODY_WORKER_MEMBER) {
		if (take_stream(k, f->payload, f->n, err))
			return -1;
	} else if (f->head.kind == CUSTODY_WORKER_FAILED) {
		no_reader(k, "", custody_display(f->payload, f->n, words, sizeof(words)));
		return 1;
	} else if (f->head.kind != CUSTODY_WORKER_DONE || !k->ended || k->stream.len > 0) {
		k->lie = "its answer has no end";
	} else {
		return 1;
	}
	return k->lie ? 1 : 0;
}

/* Listens until the last frame. The worker is killed when anything else happens. */
static int listen(struct custody_inspect_reader *r, struct look *k, struct custody_error *err)
{
	CUSTODY_FREE uint8_t *buf = malloc(CUSTODY_WORKER_FRAME_MAX);
	struct custody_worker_frame f;
	struct timespec started, now;

	if (!buf)
		return custody_fail_nomem(err);
	clock_gettime(CLOCK_MONOTONIC, &started);
	for (;;) {
		enum custody_worker_heard heard = custody_worker_hear(&r->worker, buf, &f, TICK);
		int rc;

		if (custody_environment_interrupted(NULL))
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (heard == CUSTODY_WORKER_QUIET && (uint64_t)(now.tv_sec - started.tv_sec) > k->wanted->seconds + GRACE) {
			k->end->outcome = CUSTODY_INSPECT_TOO_SLOW;
			return 0;
		}
		if (heard == CUSTODY_WORKER_GONE) {
			no_reader(k, "", "the reader died of it");
			return 0;
		}
		if (heard == CUSTODY_WORKER_LIED) {
			k->lie = "its frames are none";
			return 0;
		}
		if (heard != CUSTODY_WORKER_HEARD)
			continue;
		rc = take_frame(k, r->job, &f, err);
		if (rc)
			return rc < 0 ? -1 : 0;
	}
}

/* A worker that is fresh enough for the next file. */
static int ready(struct custody_inspect_reader *r, struct custody_error *err)
{
	if (r->worker.pid > 0 && !r->used)
		return 0;
	custody_worker_kill(&r->worker);
	return start_worker(r, err);
}

int custody_inspect_reader_look(struct custody_inspect_reader *r, int fd, const struct custody_worker_inspect *wanted,
	const struct custody_inspect_sink *sink, struct custody_inspect_end *end, struct custody_error *err)
{
	struct look k = { .wanted = wanted, .sink = sink, .end = end };
	int rc;

	memset(end, 0, sizeof(*end));
	if (ready(r, err))
		return -1;
	custody_buf_init(&k.stream, RECORD_MAX + 2 * CUSTODY_WORKER_FRAME_MAX);
	r->used = true;
	if (!custody_worker_send(&r->worker, CUSTODY_WORKER_INSPECT, ++r->job, wanted, sizeof(*wanted), fd)) {
		no_reader(&k, "", "the reader does not listen");
		return 0;
	}
	rc = listen(r, &k, err);
	custody_buf_release(&k.stream);
	if (rc == 0 && k.lie)
		no_reader(&k, "the reader is not to be believed: ", k.lie);
	/* One that has only seen that there is nothing to look into may see the next. */
	if (rc == 0 && end->outcome == CUSTODY_INSPECT_NOT_ARCHIVE && k.ended)
		r->used = false;
	return rc;
}
