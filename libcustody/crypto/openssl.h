/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of crypto/ share when they speak to OpenSSL: its error queue becomes one line of our error and is left empty, and its objects are
 * freed by the cleanup attribute.
 */
#ifndef CUSTODY_CRYPTO_OPENSSL_H
#define CUSTODY_CRYPTO_OPENSSL_H

#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"

/* Root cause: OpenSSL refused. The text is "<fmt>: <its last reason>"; the queue is empty afterwards. kind CRYPTO (NOMEM if memory was what it
 * lacked). Returns -1. */
int custody_fail_openssl(struct custody_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Root cause: one of OpenSSL's constructors found no memory. Its queue is empty afterwards: from 3.5 on, each of them leaves a line there. Returns -1. */
int custody_fail_openssl_nomem(struct custody_error *err);

/* Empties OpenSSL's error queue where all that mattered was taken from it: from 3.5 on, calls that get over a failed allocation leave it there, and the next
 * failure would be told with that reason. */
void custody_openssl_forget(void);

/*
 * Lets every allocation of OpenSSL be watched (base/watch.h), in the whole process, before anything else uses OpenSSL: where memory runs out it may say
 * instead that it does not know an issuer. With this, a seal judged meanwhile is an error and no finding; a program that cannot ask for it, because it
 * has allocators of its own, may see such a finding (never one that fails a seal).
 */
int custody_openssl_watch(struct custody_error *err) CUSTODY_MUST_USE;

/*
 * For programs, first of all and once: watches as above and starts OpenSSL, without its configuration file. Errors: NOMEM, also where OpenSSL would wait for
 * ever; CRYPTO, INTERNAL.
 */
int custody_openssl_start(struct custody_error *err) CUSTODY_MUST_USE;

/* Defines free_fn##_cleanup for use as CUSTODY_OWNED(free_fn) TYPE *p = NULL. */
#define CUSTODY_OWNED_BY(type, free_fn)                \
	static inline void free_fn##_cleanup(type **p) \
	{                                              \
		free_fn(*p);                           \
	}
#define CUSTODY_OWNED(free_fn) CUSTODY_CLEANUP(free_fn##_cleanup)

#endif
