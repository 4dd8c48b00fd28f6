/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests of many short messages at once, in the lanes of the processor's vector registers (libipsec-mb). Behind custody_digest_batch(), where the build and the
 * processor have it; whoever asks for a digest never sees which it was. Fenced by OpenSSL, twice: before it computes the first digest of an algorithm the two are
 * compared over messages of many lengths, and of every batch one message, another each time, is computed by both (decisions/0019-multi-buffer.md).
 */
#ifndef CUSTODY_CRYPTO_MULTIBUFFER_H
#define CUSTODY_CRYPTO_MULTIBUFFER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/crypto/digest.h"

/* The state of all lanes, for one thread at a time. */
struct custody_multibuffer {
	struct IMB_MGR *manager; /* owned */
	struct custody_multibuffer *next; /* among those that nobody uses */
	uint32_t checked; /* algorithms that were compared */
	size_t turn; /* which message of the next batch is computed twice */
};

/* Those of several threads: a quarter of a megabyte each, so they are made when needed, and as many as compute at the same time. */
struct custody_multibuffer_pool {
	pthread_mutex_t lock;
	struct custody_multibuffer *idle; /* owned */
};

/* Of the library, "1.3.0"; NULL: this build has none. */
const char *custody_multibuffer_version(void);
/* Whether build and processor have it for this digest, and faster than OpenSSL has it. */
bool custody_multibuffer_has(enum custody_digest_id id);
/* Whether a message of n bytes is one for it: not empty, at most 64,000 bytes (the library's own limit is 65,534). */
bool custody_multibuffer_takes(size_t n);

void custody_multibuffer_pool_init(struct custody_multibuffer_pool *pool);
void custody_multibuffer_pool_release(struct custody_multibuffer_pool *pool); /* nobody uses one any more */

/* *m: owned by the caller, who frees it. Errors: NOMEM, CRYPTO (this build has none). */
int custody_multibuffer_new(struct custody_multibuffer **m, struct custody_error *err) CUSTODY_MUST_USE;
void custody_multibuffer_free(struct custody_multibuffer *m); /* NULL does nothing */
/*
 * Computes those of the jobs whose messages it takes; the others stay as they are. reference is OpenSSL's, of the digest that is wanted; what it had is dropped.
 * CRYPTO: the library refuses, a message is not done, or OpenSSL says something else: this machine is not to be trusted with digests.
 */
int custody_multibuffer_batch(struct custody_multibuffer *m, const struct custody_digest_job *jobs, size_t n, struct custody_digest *reference,
	struct custody_error *err) CUSTODY_MUST_USE;
/* Likewise, with one that is idle, or a new one; from any thread. Errors: of both. */
int custody_multibuffer_pool_batch(struct custody_multibuffer_pool *pool, const struct custody_digest_job *jobs, size_t n,
	struct custody_digest *reference, struct custody_error *err) CUSTODY_MUST_USE;

#endif
