/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots are numbered for ever ("seq"); seq % n_slots is the slot. Everything below head has been collected, everything from next on does not exist
 * yet, and what lies between are the slots under way: at most n_slots. One mutex guards all of it; work itself runs outside.
 */
#include "libcustody/base/queue.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"

struct slot {
	uint64_t lanes, chained; /* as submitted */
	uint64_t started, done; /* parts of lanes */
};

struct task {
	uint64_t seq;
	size_t lane;
};

struct custody_queue {
	size_t n_slots, n_lanes, n_workers;
	custody_queue_work *work;
	void *ctx;
	struct slot *slots; /* owned */
	pthread_t *threads; /* owned; n_workers of them run */
	pthread_mutex_t mutex;
	pthread_cond_t ready; /* workers wait here for a task */
	pthread_cond_t progress; /* the collector waits here for its slot, or for a task */
	uint64_t head, next;
	size_t idle; /* workers in wait */
	bool waiting; /* the collector is */
	bool stop;
	bool failed; /* the task `first_failure` did, and every one before it in order did not or is under way */
	struct task first_failure;
	struct custody_error failure;
};

static struct slot *slot_of(const struct custody_queue *q, uint64_t seq)
{
	return &q->slots[seq % q->n_slots];
}

/* Lanes in which seq is finished. What has been collected is, and its slot may hold something else by now. */
static uint64_t done_lanes(const struct custody_queue *q, uint64_t seq)
{
	return seq < q->head ? UINT64_MAX : slot_of(q, seq)->done;
}

/* Lanes of seq that may start now. */
static uint64_t ready_lanes(const struct custody_queue *q, uint64_t seq)
{
	const struct slot *s = slot_of(q, seq);
	uint64_t ready = s->lanes & ~s->started;
	if (s->chained)
		ready &= ~s->chained | done_lanes(q, seq - 1);
	if (seq + 1 >= q->n_slots) {
		/* The slot's former self is seq - n_slots: the one after it may still have to take over what the lane left there. */
		uint64_t heir = seq + 1 - q->n_slots;
		if (heir >= q->head)
			ready &= ~slot_of(q, heir)->chained | slot_of(q, heir)->done;
	}
	return ready;
}

/* The oldest task that may start. After a failure only what comes before it in order is of interest. */
static bool find_task(const struct custody_queue *q, struct task *t)
{
	uint64_t end = q->failed ? q->first_failure.seq + 1 : q->next;
	for (uint64_t seq = q->head; seq < end; seq++) {
		uint64_t ready = ready_lanes(q, seq);
		if (q->failed && seq == q->first_failure.seq)
			ready &= ((uint64_t)1 << q->first_failure.lane) - 1;
		if (ready) {
			*t = (struct task){ seq, (size_t)__builtin_ctzll(ready) };
			return true;
		}
	}
	return false;
}

/* Nothing that happens later changes what collect() says of the oldest slot. */
static bool is_settled(const struct custody_queue *q)
{
	const struct slot *s = slot_of(q, q->head);
	uint64_t wanted = s->lanes;
	if (q->failed && q->first_failure.seq == q->head)
		wanted &= ((uint64_t)1 << q->first_failure.lane) - 1;
	return (wanted & ~s->done) == 0;
}

/* If there is a task, somebody who waits takes it, and calls this again: so one signal is enough. */
static void wake(struct custody_queue *q)
{
	struct task t;
	if ((q->idle == 0 && !q->waiting) || !find_task(q, &t))
		return;
	pthread_cond_signal(q->idle ? &q->ready : &q->progress);
}

static void record_failure(struct custody_queue *q, struct task t, const struct custody_error *err)
{
	if (q->failed && (q->first_failure.seq < t.seq || (q->first_failure.seq == t.seq && q->first_failure.lane < t.lane)))
		return;
	q->failed = true;
	q->first_failure = t;
	q->failure = *err;
}

/* With the mutex, which is free while the work goes on. */
static void run(struct custody_queue *q, struct task t)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct slot *s = slot_of(q, t.seq);
	uint64_t bit = (uint64_t)1 << t.lane;
	size_t previous = s->chained & bit ? (size_t)((t.seq - 1) % q->n_slots) : SIZE_MAX;
	s->started |= bit;
	wake(q);
	pthread_mutex_unlock(&q->mutex);
	int rc = q->work(q->ctx, t.lane, (size_t)(t.seq % q->n_slots), previous, &err);
	pthread_mutex_lock(&q->mutex);
	if (rc)
		record_failure(q, t, &err);
	else
		s->done |= bit;
	if (q->waiting && is_settled(q))
		pthread_cond_signal(&q->progress);
}

static void *worker(void *arg)
{
	struct custody_queue *q = arg;
	pthread_mutex_lock(&q->mutex);
	while (!q->stop) {
		struct task t;
		if (find_task(q, &t)) {
			run(q, t);
			continue;
		}
		q->idle++;
		pthread_cond_wait(&q->ready, &q->mutex);
		q->idle--;
	}
	pthread_mutex_unlock(&q->mutex);
	return NULL;
}

/* Signals are the business of the thread that has the terminal: workers block them all. */
static int start_workers(struct custody_queue *q, size_t n, struct custody_error *err)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = 0;
	while (rc == 0 && q->n_workers < n) {
		rc = pthread_create(&q->threads[q->n_workers], NULL, worker, q);
		if (rc == 0)
			q->n_workers++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0 ? 0 : custody_fail_errno(err, rc, "cannot start thread %zu of %zu", q->n_workers + 1, n);
}

static void free_queue(struct custody_queue **q)
{
	custody_queue_free(q);
}

int custody_queue_new(
	struct custody_queue **out, size_t slots, size_t lanes, size_t workers, custody_queue_work *work, void *ctx, struct custody_error *err)
{
	if (slots < 2 || lanes < 1 || lanes > CUSTODY_QUEUE_MAX_LANES || workers > CUSTODY_QUEUE_MAX_WORKERS)
		return custody_fail(err, CUSTODY_ERR_INTERNAL,
			"a queue of %zu slots, %zu lanes and %zu workers, want at least 2, 1 to %d and at most %d", slots, lanes, workers,
			CUSTODY_QUEUE_MAX_LANES, CUSTODY_QUEUE_MAX_WORKERS);
	struct custody_queue *made = calloc(1, sizeof(*made));
	if (!made)
		return custody_fail_nomem(err);
	/* With default attributes these cannot fail on Linux. From here on custody_queue_free() is right. */
	pthread_mutex_init(&made->mutex, NULL);
	pthread_cond_init(&made->ready, NULL);
	pthread_cond_init(&made->progress, NULL);
	CUSTODY_CLEANUP(free_queue) struct custody_queue *q = made;
	q->n_slots = slots;
	q->n_lanes = lanes;
	q->work = work;
	q->ctx = ctx;
	q->slots = calloc(slots, sizeof(*q->slots));
	q->threads = calloc(workers + 1, sizeof(*q->threads));
	if (!q->slots || !q->threads)
		return custody_fail_nomem(err);
	if (start_workers(q, workers, err))
		return -1;
	*out = custody_steal(&q);
	return 0;
}

void custody_queue_free(struct custody_queue **p)
{
	struct custody_queue *q = *p;
	*p = NULL;
	if (!q)
		return;
	pthread_mutex_lock(&q->mutex);
	q->stop = true;
	pthread_cond_broadcast(&q->ready);
	pthread_mutex_unlock(&q->mutex);
	for (size_t i = 0; i < q->n_workers; i++)
		pthread_join(q->threads[i], NULL);
	pthread_cond_destroy(&q->ready);
	pthread_cond_destroy(&q->progress);
	pthread_mutex_destroy(&q->mutex);
	free(q->slots);
	free(q->threads);
	free(q);
}

/* head and next change in the caller's thread only, so that it may read them without the mutex. */
size_t custody_queue_pending(const struct custody_queue *q)
{
	return (size_t)(q->next - q->head);
}

size_t custody_queue_free_slot(struct custody_queue *q)
{
	return custody_queue_pending(q) < q->n_slots ? (size_t)(q->next % q->n_slots) : SIZE_MAX;
}

static int check_submit(const struct custody_queue *q, size_t slot, uint64_t lanes, uint64_t chained, struct custody_error *err)
{
	if (custody_queue_pending(q) >= q->n_slots || slot != q->next % q->n_slots)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "slot %zu was not given out", slot);
	if (q->n_lanes < CUSTODY_QUEUE_MAX_LANES && lanes >> q->n_lanes)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "work in a lane beyond the %zu there are", q->n_lanes);
	if ((chained & ~lanes) || (chained && (q->next == 0 || (chained & ~slot_of(q, q->next - 1)->lanes))))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a lane of slot %zu continues one that has no work", slot);
	return 0;
}

int custody_queue_submit(struct custody_queue *q, size_t slot, uint64_t lanes, uint64_t chained, struct custody_error *err)
{
	if (check_submit(q, slot, lanes, chained, err))
		return -1;
	pthread_mutex_lock(&q->mutex);
	q->slots[slot] = (struct slot){ .lanes = lanes, .chained = chained };
	q->next++;
	struct task t;
	while (q->n_workers == 0 && find_task(q, &t))
		run(q, t);
	wake(q);
	pthread_mutex_unlock(&q->mutex);
	return 0;
}

int custody_queue_collect(struct custody_queue *q, size_t *slot, struct custody_error *err)
{
	if (custody_queue_pending(q) == 0)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "nothing was submitted that could be collected");
	pthread_mutex_lock(&q->mutex);
	struct task t;
	while (!is_settled(q))
		if (find_task(q, &t)) {
			run(q, t);
		} else {
			q->waiting = true;
			pthread_cond_wait(&q->progress, &q->mutex);
			q->waiting = false;
		}
	bool failed = q->failed && q->first_failure.seq == q->head;
	if (failed) {
		*err = q->failure;
	} else {
		*slot = (size_t)(q->head % q->n_slots);
		q->head++;
	}
	/* Its own last task may have made others ready. */
	wake(q);
	pthread_mutex_unlock(&q->mutex);
	return failed ? -1 : 0;
}

size_t custody_queue_default_workers(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	/* On a machine with more processors than a cpu_set_t holds this fails, and the count of those that are on line is near enough. */
	long n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > CUSTODY_QUEUE_MAX_WORKERS ? CUSTODY_QUEUE_MAX_WORKERS : (size_t)n;
}
