/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/multibuffer.h"

#ifdef CUSTODY_MULTIBUFFER

#include <intel-ipsec-mb.h>
#include <stdlib.h>
#include <string.h>

enum {
	MESSAGE_MAX = 64000,
	CHECKED = 320, /* messages that a new one is compared over: many rounds of all lanes */
	CHECKED_SHORT = 257, /* every length up to here is among them: all ways to pad, in one block and two */
	CHECKED_LONG = 4096, /* and longer ones now and then, so that the lanes run empty at different times */
};

/* Widest first: with 512 bits everything is faster than OpenSSL, with 256 only what no instruction of the processor's is for. */
static bool is_wide(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl");
}

static IMB_HASH_ALG algorithm(enum custody_digest_id id)
{
	static const IMB_HASH_ALG algorithms[CUSTODY_DIGEST_COUNT] = {
		[CUSTODY_SHA1] = IMB_AUTH_SHA_1,
		[CUSTODY_SHA256] = IMB_AUTH_SHA_256,
		[CUSTODY_SHA384] = IMB_AUTH_SHA_384,
		[CUSTODY_SHA512] = IMB_AUTH_SHA_512,
	};
	return algorithms[id];
}

const char *custody_multibuffer_version(void)
{
	return imb_get_version_str();
}

bool custody_multibuffer_has(enum custody_digest_id id)
{
	if (algorithm(id) == 0)
		return false;
	return is_wide() || (__builtin_cpu_supports("avx2") && (id == CUSTODY_SHA384 || id == CUSTODY_SHA512));
}

bool custody_multibuffer_takes(size_t n)
{
	return n > 0 && n <= MESSAGE_MAX;
}

static int fail_differs(struct custody_error *err, enum custody_digest_id id, size_t n)
{
	return custody_fail(err, CUSTODY_ERR_CRYPTO,
		"the digest %s of a message of %zu bytes is not the same by OpenSSL and by libipsec-mb: this machine computes wrongly",
		custody_digest_get(id)->name, n);
}

static int compare(const struct custody_digest_job *job, struct custody_digest *reference, struct custody_error *err)
{
	uint8_t want[CUSTODY_DIGEST_MAX];

	if (custody_digest_start(reference, err) || custody_digest_update(reference, job->p, job->n, err) ||
		custody_digest_finish(reference, want, err))
		return -1;
	return memcmp(want, job->out, custody_digest_get(reference->id)->size) == 0 ? 0 : fail_differs(err, reference->id, job->n);
}

/* Those that came back, from done on: each must be complete. Gives how many, -1 if one is not. */
static int take(struct custody_multibuffer *m, IMB_JOB *done)
{
	int n = 0;

	for (; done; done = IMB_GET_COMPLETED_JOB(m->manager), n++)
		if (done->status != IMB_STATUS_COMPLETED)
			return -1;
	return n;
}

static int submit(struct custody_multibuffer *m, enum custody_digest_id id, const struct custody_digest_job *message)
{
	IMB_JOB *job = IMB_GET_NEXT_JOB(m->manager);

	*job = (IMB_JOB){
		.cipher_mode = IMB_CIPHER_NULL,
		.cipher_direction = IMB_DIR_ENCRYPT,
		.chain_order = IMB_ORDER_HASH_CIPHER,
		.hash_alg = algorithm(id),
		.src = message->p,
		.msg_len_to_hash_in_bytes = message->n,
		.auth_tag_output = message->out,
		.auth_tag_output_len_in_bytes = custody_digest_get(id)->size,
	};
	return take(m, IMB_SUBMIT_JOB(m->manager));
}

/* Every message that is taken, through to its digest. Gives how many there are, -1 if one does not come back complete, which the library has no other reason for. */
static int compute(struct custody_multibuffer *m, enum custody_digest_id id, const struct custody_digest_job *jobs, size_t n)
{
	int submitted = 0, done = 0, got = 1;

	for (size_t i = 0; i < n; i++) {
		if (!custody_multibuffer_takes(jobs[i].n))
			continue;
		if ((got = submit(m, id, &jobs[i])) < 0)
			return -1;
		submitted++;
		done += got;
	}
	while (done < submitted) {
		if ((got = take(m, IMB_FLUSH_JOB(m->manager))) <= 0)
			return -1;
		done += got;
	}
	return done == submitted ? submitted : -1;
}

static int run(struct custody_multibuffer *m, enum custody_digest_id id, const struct custody_digest_job *jobs, size_t n, size_t *computed,
	struct custody_error *err)
{
	int done = compute(m, id, jobs, n);

	if (done < 0)
		return custody_fail(err, CUSTODY_ERR_CRYPTO, "libipsec-mb cannot compute the digest %s", custody_digest_get(id)->name);
	*computed = (size_t)done;
	return 0;
}

static size_t checked_length(size_t i)
{
	return i >= CHECKED_SHORT && i % 4 == 0 ? CHECKED_LONG - i : 1 + i * 37 % CHECKED_SHORT;
}

static int check(struct custody_multibuffer *m, struct custody_digest *reference, struct custody_error *err)
{
	uint8_t bytes[CHECKED_LONG], out[CHECKED][CUSTODY_DIGEST_MAX] = { { 0 } };
	struct custody_digest_job jobs[CHECKED];
	size_t computed = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * i + i / 251);
	for (size_t i = 0; i < CHECKED; i++)
		jobs[i] = (struct custody_digest_job){ bytes + i % 32, checked_length(i), out[i] };
	if (run(m, reference->id, jobs, CHECKED, &computed, err))
		return -1;
	for (size_t i = 0; i < CHECKED; i++)
		if (compare(&jobs[i], reference, err))
			return -1;
	m->checked |= CUSTODY_DIGEST_BIT(reference->id);
	return 0;
}

int custody_multibuffer_batch(
	struct custody_multibuffer *m, const struct custody_digest_job *jobs, size_t n, struct custody_digest *reference, struct custody_error *err)
{
	size_t computed = 0;

	if (!(m->checked & CUSTODY_DIGEST_BIT(reference->id)) && check(m, reference, err))
		return -1;
	if (run(m, reference->id, jobs, n, &computed, err))
		return -1;
	if (computed == 0)
		return 0;
	size_t turn = m->turn++ % computed;
	for (size_t i = 0; i < n; i++)
		if (custody_multibuffer_takes(jobs[i].n) && turn-- == 0)
			return compare(&jobs[i], reference, err);
	return 0;
}

void custody_multibuffer_free(struct custody_multibuffer *m)
{
	if (!m)
		return;
	free_mb_mgr(m->manager);
	free(m);
}

int custody_multibuffer_new(struct custody_multibuffer **m, struct custody_error *err)
{
	struct custody_multibuffer *made = calloc(1, sizeof(*made));

	if (!made || !(made->manager = alloc_mb_mgr(0))) {
		free(made);
		return custody_fail_nomem(err);
	}
	init_mb_mgr_auto(made->manager, NULL);
	if (imb_get_errno(made->manager) != 0) {
		custody_multibuffer_free(made);
		return custody_fail(err, CUSTODY_ERR_CRYPTO, "libipsec-mb does not start on this processor");
	}
	*m = made;
	return 0;
}

#else

const char *custody_multibuffer_version(void)
{
	return NULL;
}

bool custody_multibuffer_has(enum custody_digest_id id)
{
	(void)id;
	return false;
}

bool custody_multibuffer_takes(size_t n)
{
	(void)n;
	return false;
}

static int fail_none(struct custody_error *err)
{
	return custody_fail(err, CUSTODY_ERR_CRYPTO, "this build computes one digest at a time");
}

int custody_multibuffer_new(struct custody_multibuffer **m, struct custody_error *err)
{
	(void)m;
	return fail_none(err);
}

void custody_multibuffer_free(struct custody_multibuffer *m)
{
	(void)m;
}

int custody_multibuffer_batch(
	struct custody_multibuffer *m, const struct custody_digest_job *jobs, size_t n, struct custody_digest *reference, struct custody_error *err)
{
	(void)m, (void)jobs, (void)n, (void)reference;
	return fail_none(err);
}

#endif

/* ---- what several threads use ---- */

void custody_multibuffer_pool_init(struct custody_multibuffer_pool *pool)
{
	*pool = (struct custody_multibuffer_pool){ .lock = PTHREAD_MUTEX_INITIALIZER };
}

void custody_multibuffer_pool_release(struct custody_multibuffer_pool *pool)
{
	while (pool->idle) {
		struct custody_multibuffer *m = pool->idle;
		pool->idle = m->next;
		custody_multibuffer_free(m);
	}
	pthread_mutex_destroy(&pool->lock);
}

static struct custody_multibuffer *take_idle(struct custody_multibuffer_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	struct custody_multibuffer *m = pool->idle;
	if (m)
		pool->idle = m->next;
	pthread_mutex_unlock(&pool->lock);
	return m;
}

static void give_back(struct custody_multibuffer_pool *pool, struct custody_multibuffer *m)
{
	pthread_mutex_lock(&pool->lock);
	m->next = pool->idle;
	pool->idle = m;
	pthread_mutex_unlock(&pool->lock);
}

int custody_multibuffer_pool_batch(struct custody_multibuffer_pool *pool, const struct custody_digest_job *jobs, size_t n,
	struct custody_digest *reference, struct custody_error *err)
{
	struct custody_multibuffer *m = take_idle(pool);

	if (!m && custody_multibuffer_new(&m, err))
		return -1;
	/* After a failure its lanes may still hold messages. */
	if (custody_multibuffer_batch(m, jobs, n, reference, err)) {
		custody_multibuffer_free(m);
		return -1;
	}
	give_back(pool, m);
	return 0;
}
