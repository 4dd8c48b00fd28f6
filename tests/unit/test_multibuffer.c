/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#ifdef CUSTODY_MULTIBUFFER
#include <intel-ipsec-mb.h>
#endif

#include "libcustody/base/cleanup.h"
#include "libcustody/crypto/multibuffer.h"

enum { MESSAGES = 600, LARGEST = 64001 };

/* Every short length, what lies around every limit, and one too many. */
static size_t length_of(size_t i)
{
	static const size_t others[] = { 511, 512, 513, 4095, 4096, 4097, 20000, 32767, 32768, 63936, 63999, 64000, LARGEST };

	return i % 13 == 5 ? others[i / 13 % 13] : i * 31 % MESSAGES;
}

static void expect_same_as_openssl(enum custody_digest_id id, struct custody_multibuffer_pool *pool)
{
	static uint8_t bytes[LARGEST + 16];
	uint8_t(*out)[CUSTODY_DIGEST_MAX] = calloc(MESSAGES, sizeof(*out)), want[CUSTODY_DIGEST_MAX];
	struct custody_digest_job *jobs = calloc(MESSAGES, sizeof(*jobs));
	CUSTODY_CLEANUP(custody_digest_release) struct custody_digest d = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_assert(out && jobs);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256 * 13);
	for (size_t i = 0; i < MESSAGES; i++)
		jobs[i] = (struct custody_digest_job){ bytes + i % 16, length_of(i), out[i] };
	cr_assert_eq(custody_digest_new(&d, id, &err), 0, "%s", err.text);
	d.lanes = pool;
	for (size_t n = MESSAGES; n > 0; n = n * 2 / 3) {
		memset(out, 0, MESSAGES * sizeof(*out));
		cr_assert_eq(custody_digest_batch(&d, jobs, n, &err), 0, "%s", err.text);
		for (size_t i = 0; i < n; i++) {
			cr_assert_eq(custody_digest_once(id, jobs[i].p, jobs[i].n, want, &err), 0, "%s", err.text);
			cr_assert_arr_eq(want, out[i], custody_digest_get(id)->size, "%s of %zu bytes, number %zu of %zu",
				custody_digest_get(id)->name, jobs[i].n, i, n);
		}
	}
	free(jobs);
	free(out);
}

Test(multibuffer, computes_what_openssl_computes)
{
	struct custody_multibuffer_pool pool;

	custody_multibuffer_pool_init(&pool);
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		expect_same_as_openssl((enum custody_digest_id)id, NULL);
		expect_same_as_openssl((enum custody_digest_id)id, &pool);
	}
	custody_multibuffer_pool_release(&pool);
	custody_multibuffer_free(NULL);
}

static void *one_of_many(void *pool)
{
	expect_same_as_openssl(CUSTODY_SHA256, pool);
	expect_same_as_openssl(CUSTODY_SHA512, pool);
	return NULL;
}

Test(multibuffer, serves_several_threads_with_what_they_need_at_once)
{
	struct custody_multibuffer_pool pool;
	pthread_t threads[4];
	size_t n = 0;

	custody_multibuffer_pool_init(&pool);
	for (size_t i = 0; i < 4; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, one_of_many, &pool), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (struct custody_multibuffer *m = pool.idle; m; m = m->next)
		n++;
	cr_expect_leq(n, 4);
	cr_expect_eq(n > 0, custody_multibuffer_has(CUSTODY_SHA512));
	custody_multibuffer_pool_release(&pool);
}

#ifdef CUSTODY_MULTIBUFFER

Test(multibuffer, is_there_and_says_its_version)
{
	cr_expect(custody_multibuffer_version() && *custody_multibuffer_version());
	cr_expect_not(custody_multibuffer_has(CUSTODY_MD5));
	cr_expect_not(custody_multibuffer_has(CUSTODY_SHA3_256));
	cr_expect_not(custody_multibuffer_has(CUSTODY_BLAKE2B));
	cr_expect_not(custody_multibuffer_takes(0));
	cr_expect(custody_multibuffer_takes(1));
	cr_expect(custody_multibuffer_takes(64000));
	cr_expect_not(custody_multibuffer_takes(64001));
}

/* A library, or a processor, that is wrong. */
static submit_job_t right_submit;
static flush_job_t right_flush;
static get_completed_job_t right_completed;
static unsigned bad_length; /* bytes of the message whose digest is wrong; 0: refuses every message */

static IMB_JOB *spoil(IMB_JOB *job)
{
	if (job && bad_length == 0)
		job->status = IMB_STATUS_INVALID_ARGS;
	else if (job && job->msg_len_to_hash_in_bytes == bad_length)
		job->auth_tag_output[20] ^= 0x10;
	return job;
}

static IMB_JOB *wrong_submit(IMB_MGR *m)
{
	return spoil(right_submit(m));
}

static IMB_JOB *wrong_flush(IMB_MGR *m)
{
	return spoil(right_flush(m));
}

static IMB_JOB *wrong_completed(IMB_MGR *m)
{
	return spoil(right_completed(m));
}

static void go_wrong(struct custody_multibuffer *m, unsigned length)
{
	bad_length = length;
	m->manager->submit_job = wrong_submit;
	m->manager->flush_job = wrong_flush;
	m->manager->get_completed_job = wrong_completed;
}

static IMB_JOB *lost_flush(IMB_MGR *m)
{
	(void)m;
	return NULL;
}

struct wrong {
	struct custody_multibuffer *m;
	struct custody_digest reference;
	struct custody_error err;
	uint8_t bytes[300], out[24][CUSTODY_DIGEST_MAX];
	struct custody_digest_job jobs[24];
};

static void wrong_make(struct wrong *w)
{
	*w = (struct wrong){ .err = CUSTODY_ERROR_INIT };
	cr_assert_eq(custody_multibuffer_new(&w->m, &w->err), 0, "%s", w->err.text);
	cr_assert_eq(custody_digest_new(&w->reference, CUSTODY_SHA256, &w->err), 0, "%s", w->err.text);
	for (size_t i = 0; i < 24; i++)
		w->jobs[i] = (struct custody_digest_job){ w->bytes, 100 + i, w->out[i] };
	right_submit = w->m->manager->submit_job;
	right_flush = w->m->manager->flush_job;
	right_completed = w->m->manager->get_completed_job;
}

static int wrong_batch(struct wrong *w)
{
	return custody_multibuffer_batch(w->m, w->jobs, 24, &w->reference, &w->err);
}

static void wrong_release(struct wrong *w)
{
	custody_multibuffer_free(w->m);
	custody_digest_release(&w->reference);
}

Test(multibuffer, that_differs_from_openssl_computes_nothing)
{
	struct wrong w;

	wrong_make(&w);
	go_wrong(w.m, 64);
	cr_expect_eq(wrong_batch(&w), -1);
	cr_expect_eq(w.err.kind, CUSTODY_ERR_CRYPTO);
	cr_expect_str_eq(w.err.text,
		"the digest sha256 of a message of 64 bytes is not the same by OpenSSL and by libipsec-mb: this machine computes wrongly");
	cr_expect_eq(w.out[0][0], 0, "nothing was computed");
	wrong_release(&w);
}

Test(multibuffer, that_goes_wrong_later_is_found_within_as_many_batches_as_there_are_messages)
{
	struct wrong w;
	int batches = 0;

	wrong_make(&w);
	cr_assert_eq(wrong_batch(&w), 0, "%s", w.err.text);
	go_wrong(w.m, 117);
	while (wrong_batch(&w) == 0)
		cr_assert_lt(++batches, 24);
	cr_expect_eq(batches, 16, "the message at 17 of 24, the second batch is the first that is wrong");
	cr_expect(strstr(w.err.text, "a message of 117 bytes"), "%s", w.err.text);
	wrong_release(&w);
}

Test(multibuffer, that_refuses_or_loses_a_message_fails)
{
	struct wrong w;

	wrong_make(&w);
	cr_assert_eq(wrong_batch(&w), 0, "%s", w.err.text);
	go_wrong(w.m, 0);
	w.m->manager->submit_job = right_submit;
	w.m->manager->get_completed_job = right_completed;
	cr_expect_eq(wrong_batch(&w), -1);
	cr_expect_str_eq(w.err.text, "libipsec-mb cannot compute the digest sha256");
	wrong_release(&w);
	wrong_make(&w);
	go_wrong(w.m, 0);
	cr_expect_eq(wrong_batch(&w), -1);
	cr_expect_str_eq(w.err.text, "libipsec-mb cannot compute the digest sha256");
	wrong_release(&w);
	wrong_make(&w);
	w.m->manager->flush_job = lost_flush;
	cr_expect_eq(wrong_batch(&w), -1);
	cr_expect_str_eq(w.err.text, "libipsec-mb cannot compute the digest sha256");
	wrong_release(&w);
}

Test(multibuffer, with_no_message_for_it_is_content)
{
	struct wrong w;

	wrong_make(&w);
	for (size_t i = 0; i < 24; i++)
		w.jobs[i].n = 0;
	cr_expect_eq(wrong_batch(&w), 0, "%s", w.err.text);
	cr_expect_eq(w.out[0][0], 0);
	wrong_release(&w);
}

#else

Test(multibuffer, is_not_there_and_says_so)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_multibuffer *m = NULL;

	cr_expect_null(custody_multibuffer_version());
	cr_expect_not(custody_multibuffer_has(CUSTODY_SHA512));
	cr_expect_not(custody_multibuffer_takes(1));
	cr_expect_eq(custody_multibuffer_new(&m, &err), -1);
	cr_expect_str_eq(err.text, "this build computes one digest at a time");
	cr_expect_eq(custody_multibuffer_batch(m, NULL, 0, NULL, &err), -1);
	custody_multibuffer_free(m);
}

#endif
