/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/queue.h"

enum { SLOTS = 4, LANES = 3, RUNS = 200 };

/* Each lane of a slot holds a number; a chained one is the successor's start, as a digest's context would be. */
struct job {
	uint64_t value[SLOTS][LANES], input[SLOTS];
	size_t fail_input[2], fail_lane[2]; /* fails on these inputs */
	atomic_size_t calls;
};

static int add(void *ctx, size_t lane, size_t slot, size_t previous, struct custody_error *err)
{
	struct job *j = ctx;
	uint64_t start = 0;
	if (previous != SIZE_MAX) {
		start = j->value[previous][lane];
		j->value[previous][lane] = UINT64_MAX / 2; /* whoever reads it again gets a wrong result */
	}
	if ((j->input[slot] + lane) % 5 == 0)
		sched_yield();
	j->value[slot][lane] = start + j->input[slot] * (lane + 1);
	atomic_fetch_add(&j->calls, 1);
	for (int i = 0; i < 2; i++)
		if (j->fail_input[i] == j->input[slot] && j->fail_lane[i] == lane)
			return custody_fail(err, CUSTODY_ERR_CRYPTO, "lane %zu of %zu", lane, (size_t)j->input[slot]);
	return 0;
}

/* Which slots continue: an arbitrary mixture, lane by lane. */
static uint64_t chained_of(uint64_t i)
{
	return i <= 1 ? 0 : (i * 2654435761u >> 7) & 7;
}

/* Runs 1, 2, ... RUNS through the queue. Gives the text of all that was collected and the error at the end, if any. */
static void run_all(struct job *j, size_t workers, char *text, size_t size)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_queue *q = NULL;
	size_t at = 0;
	uint64_t submitted = 0, collected = 0;
	cr_assert_eq(custody_queue_new(&q, SLOTS, LANES, workers, add, j, &err), 0, "%s", err.text);
	while (collected < RUNS) {
		size_t slot = submitted < RUNS ? custody_queue_free_slot(q) : SIZE_MAX;
		if (slot != SIZE_MAX) {
			j->input[slot] = ++submitted;
			cr_assert_eq(custody_queue_submit(q, slot, 7, chained_of(submitted), &err), 0, "%s", err.text);
			continue;
		}
		if (custody_queue_collect(q, &slot, &err)) {
			snprintf(text + at, size - at, "after %zu: %.400s", (size_t)collected, err.text);
			break;
		}
		collected++;
		cr_assert_eq(j->input[slot], collected);
		/* What a chained successor may have taken is not there any more; the last lane of the last slot always is. */
		if (collected == RUNS)
			for (size_t lane = 0; lane < LANES; lane++)
				at += (size_t)snprintf(text + at, size - at, "%zu ", (size_t)j->value[slot][lane]);
	}
	custody_queue_free(&q);
	cr_expect_null(q);
	custody_queue_free(&q);
}

static const size_t worker_counts[] = { 0, 1, 2, 8 };

Test(queue, gives_the_same_for_any_number_of_workers)
{
	/* The sums that a single loop gives. */
	char want[512] = "", text[512];
	uint64_t sum[LANES] = { 0 };
	size_t at = 0;
	for (uint64_t i = 1; i <= RUNS; i++)
		for (size_t lane = 0; lane < LANES; lane++)
			sum[lane] = (chained_of(i) >> lane & 1 ? sum[lane] : 0) + i * (lane + 1);
	for (size_t lane = 0; lane < LANES; lane++)
		at += (size_t)snprintf(want + at, sizeof(want) - at, "%zu ", (size_t)sum[lane]);
	for (size_t i = 0; i < 4; i++)
		for (int again = 0; again < 20; again++) {
			struct job j = { 0 };
			run_all(&j, worker_counts[i], text, sizeof(text));
			cr_expect_str_eq(text, want, "%zu workers", worker_counts[i]);
			cr_expect_eq(j.calls, RUNS * LANES);
		}
}

Test(queue, tells_the_first_error_in_order_whoever_meets_it_first)
{
	static const struct {
		size_t input[2], lane[2];
		const char *want;
	} cases[] = {
		{ { 1, 0 }, { 0, 0 }, "after 0: lane 0 of 1" },
		{ { 57, 56 }, { 0, 2 }, "after 55: lane 2 of 56" },
		{ { 56, 57 }, { 2, 0 }, "after 55: lane 2 of 56" },
		{ { 100, 100 }, { 2, 1 }, "after 99: lane 1 of 100" },
		{ { 100, 100 }, { 1, 2 }, "after 99: lane 1 of 100" },
		{ { RUNS, 0 }, { 2, 0 }, "after 199: lane 2 of 200" },
	};
	for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++)
		for (size_t i = 0; i < 4; i++)
			for (int again = 0; again < 20; again++) {
				struct job j = { 0 };
				char text[512] = "";
				memcpy(j.fail_input, cases[c].input, sizeof(j.fail_input));
				memcpy(j.fail_lane, cases[c].lane, sizeof(j.fail_lane));
				run_all(&j, worker_counts[i], text, sizeof(text));
				cr_expect_str_eq(text, cases[c].want, "case %zu, %zu workers", c, worker_counts[i]);
			}
}

Test(queue, stays_failed_after_an_error)
{
	for (size_t i = 0; i < 4; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct job j = { .fail_input = { 1 } };
		struct custody_queue *q = NULL;
		size_t slot;
		cr_assert_eq(custody_queue_new(&q, SLOTS, LANES, worker_counts[i], add, &j, &err), 0);
		j.input[0] = 1;
		cr_assert_eq(custody_queue_submit(q, custody_queue_free_slot(q), 7, 0, &err), 0);
		for (int again = 0; again < 2; again++) {
			err.text[0] = '\0';
			cr_expect_eq(custody_queue_collect(q, &slot, &err), -1);
			cr_expect_str_eq(err.text, "lane 0 of 1");
			cr_expect_eq(err.kind, CUSTODY_ERR_CRYPTO);
			cr_expect_eq(custody_queue_pending(q), 1);
		}
		/* More can be handed over, but is never done. */
		size_t before = j.calls;
		j.input[1] = 2;
		cr_expect_eq(custody_queue_submit(q, custody_queue_free_slot(q), 7, 7, &err), 0);
		custody_queue_free(&q);
		cr_expect_leq(j.calls, before + 2);
	}
}

Test(queue, takes_a_slot_without_work)
{
	for (size_t i = 0; i < 4; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct job j = { 0 };
		struct custody_queue *q = NULL;
		size_t slot;
		cr_assert_eq(custody_queue_new(&q, 2, 1, worker_counts[i], add, &j, &err), 0);
		for (size_t n = 0; n < 2; n++)
			cr_assert_eq(custody_queue_submit(q, custody_queue_free_slot(q), 0, 0, &err), 0);
		cr_expect_eq(custody_queue_free_slot(q), SIZE_MAX);
		cr_expect_eq(custody_queue_pending(q), 2);
		for (size_t n = 0; n < 2; n++) {
			cr_assert_eq(custody_queue_collect(q, &slot, &err), 0);
			cr_expect_eq(slot, n);
		}
		cr_expect_eq(j.calls, 0);
		custody_queue_free(&q);
	}
}

Test(queue, refuses_what_it_cannot_be)
{
	static const struct {
		size_t slots, lanes, workers;
	} wrong[] = { { 1, 1, 1 }, { 2, 0, 1 }, { 2, 65, 1 }, { 2, 1, 257 } };
	for (size_t i = 0; i < 4; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_queue *q = NULL;
		cr_expect_eq(custody_queue_new(&q, wrong[i].slots, wrong[i].lanes, wrong[i].workers, add, NULL, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
		cr_expect_null(q);
	}
}

Test(queue, refuses_calls_that_make_no_sense)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct job j = { 0 };
	struct custody_queue *q = NULL;
	size_t slot;
	cr_assert_eq(custody_queue_new(&q, 2, LANES, 0, add, &j, &err), 0);
	cr_expect_eq(custody_queue_collect(q, &slot, &err), -1);
	cr_expect_str_eq(err.text, "nothing was submitted that could be collected");
	cr_expect_eq(custody_queue_submit(q, 1, 1, 0, &err), -1);
	cr_expect_str_eq(err.text, "slot 1 was not given out");
	cr_expect_eq(custody_queue_submit(q, 0, 8, 0, &err), -1);
	cr_expect_str_eq(err.text, "work in a lane beyond the 3 there are");
	cr_expect_eq(custody_queue_submit(q, 0, 1, 1, &err), -1);
	cr_expect_str_eq(err.text, "a lane of slot 0 continues one that has no work");
	cr_expect_eq(custody_queue_submit(q, 0, 1, 2, &err), -1);
	cr_assert_eq(custody_queue_submit(q, 0, 1, 0, &err), 0);
	cr_expect_eq(custody_queue_submit(q, 1, 3, 3, &err), -1);
	cr_expect_str_eq(err.text, "a lane of slot 1 continues one that has no work");
	cr_assert_eq(custody_queue_submit(q, 1, 3, 1, &err), 0);
	cr_expect_eq(custody_queue_submit(q, 0, 1, 0, &err), -1);
	cr_expect_str_eq(err.text, "slot 0 was not given out");
	custody_queue_free(&q);
}

Test(queue, takes_all_64_lanes)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_queue *q = NULL;
	struct job j = { .input = { 1 } };
	size_t slot;
	/* Only lanes that the job has memory for are used. */
	cr_assert_eq(custody_queue_new(&q, 2, 64, 2, add, &j, &err), 0);
	cr_assert_eq(custody_queue_submit(q, 0, 7, 0, &err), 0);
	cr_assert_eq(custody_queue_collect(q, &slot, &err), 0);
	custody_queue_free(&q);
	size_t n = custody_queue_default_workers();
	cr_expect(n >= 1 && n <= CUSTODY_QUEUE_MAX_WORKERS);
}

/* Counts how many work at the same moment: with two workers and the caller at least two meet, which shows that work runs side by side. */
struct meeting {
	pthread_barrier_t barrier;
};

static int meet(void *ctx, size_t lane, size_t slot, size_t previous, struct custody_error *err)
{
	(void)lane, (void)slot, (void)previous, (void)err;
	pthread_barrier_wait(&((struct meeting *)ctx)->barrier);
	return 0;
}

Test(queue, works_side_by_side_and_in_the_collecting_thread_too, .timeout = 20)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct meeting m;
	struct custody_queue *q = NULL;
	size_t slot;
	/* Three must be there at once: two workers and the collector. Otherwise this never ends. */
	cr_assert_eq(pthread_barrier_init(&m.barrier, NULL, 3), 0);
	cr_assert_eq(custody_queue_new(&q, 4, 1, 2, meet, &m, &err), 0);
	for (size_t i = 0; i < 3; i++)
		cr_assert_eq(custody_queue_submit(q, custody_queue_free_slot(q), 1, 0, &err), 0);
	for (size_t i = 0; i < 3; i++)
		cr_assert_eq(custody_queue_collect(q, &slot, &err), 0);
	custody_queue_free(&q);
	pthread_barrier_destroy(&m.barrier);
}
