/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only place with threads (decision 5): a ring of slots that a producer fills in order, lanes of work over each slot, and a collector
 * that gets the slots back in order. A lane is one kind of work on a slot (one digest algorithm). Work of one lane on slot i that continues
 * from slot i-1 (a large file spans both) is "chained": it starts only after the same lane has finished slot i-1. Everything else may run in any
 * order on any worker. What the collector sees never depends on the number of workers.
 *
 * Both shapes of architecture.md are this: many small files are many unchained slots; one large file is a chain in each lane.
 *
 * The producer and the collector are the same thread, and it works too while it would wait. With 0 workers everything runs inside submit(), in lane
 * order. The first error of a work function stops the queue; collect() returns it.
 */
#ifndef CUSTODY_BASE_QUEUE_H
#define CUSTODY_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"

struct custody_queue;

#define CUSTODY_QUEUE_MAX_LANES 64 /* bits of a set of lanes */
#define CUSTODY_QUEUE_MAX_WORKERS 256

/* Work of `lane` on `slot`; previous = the slot before it in submission order when chained, else SIZE_MAX. Called on any thread. */
typedef int custody_queue_work(void *ctx, size_t lane, size_t slot, size_t previous, struct custody_error *err);

/* slots >= 2, lanes <= 64, workers <= 256. Gives *out. Errors: NOMEM, INTERNAL (a thread could not be started). */
int custody_queue_new(struct custody_queue **out, size_t slots, size_t lanes, size_t workers, custody_queue_work *work, void *ctx,
	struct custody_error *err) CUSTODY_MUST_USE;
/* Stops the workers (work under way ends first) and frees. Safe on NULL. */
void custody_queue_free(struct custody_queue **q);
/* A slot to fill, or SIZE_MAX if all are under way: collect first. */
size_t custody_queue_free_slot(struct custody_queue *q);
/* Hands over the slot last given by custody_queue_free_slot(). Bit l of `lanes` = lane l has work; bit l of `chained` = it continues the slot
 * submitted just before (which must have had lane l too). Errors: INTERNAL if not so. An error of the work is collect()'s alone. */
int custody_queue_submit(struct custody_queue *q, size_t slot, uint64_t lanes, uint64_t chained, struct custody_error *err) CUSTODY_MUST_USE;
/* Slots submitted and not collected. */
size_t custody_queue_pending(const struct custody_queue *q);
/* Waits for the oldest slot (and works meanwhile); *slot is it, and its buffers stay untouched until the next call of free_slot().
 * Errors: that of the first task, by (slot, lane) in order, whose work failed, once every slot before has been collected; again by every later call.
 *
 * What a slot keeps for a chained successor (a digest's context) has to outlive this: work of a lane on a slot that was given out again never starts
 * before the same lane of the successor of its former self, if chained, has finished. */
int custody_queue_collect(struct custody_queue *q, size_t *slot, struct custody_error *err) CUSTODY_MUST_USE;

/* Sensible number of workers: the processors this process may use (sched_getaffinity), at most CUSTODY_QUEUE_MAX_WORKERS. */
size_t custody_queue_default_workers(void);

#endif
