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

/* Defines free_fn##_cleanup for use as CUSTODY_OWNED(free_fn) TYPE *p = NULL. */
#define CUSTODY_OWNED_BY(type, free_fn)                \
	static inline void free_fn##_cleanup(type **p) \
	{                                              \
		free_fn(*p);                           \
	}
#define CUSTODY_OWNED(free_fn) CUSTODY_CLEANUP(free_fn##_cleanup)

#endif
