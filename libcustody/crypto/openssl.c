/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/openssl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "libcustody/base/watch.h"

int custody_fail_openssl(struct custody_error *err, const char *fmt, ...)
{
	unsigned long code = ERR_peek_last_error();
	/* Static tables of OpenSSL: ASCII, but absent for reasons that no table holds. */
	const char *reason = ERR_reason_error_string(code);
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	ERR_clear_error();
	if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		return custody_fail_nomem(err);
	return custody_fail(err, CUSTODY_ERR_CRYPTO, "%s: %s", what, reason ? reason : "no reason given by the crypto library");
}

void custody_openssl_forget(void)
{
	ERR_clear_error();
}

static void *watched_malloc(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return n > 0 ? custody_watch_malloc(n) : NULL;
}

static void *watched_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return custody_watch_realloc(p, n);
}

static void watched_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

int custody_openssl_watch(struct custody_error *err)
{
	if (CRYPTO_set_mem_functions(watched_malloc, watched_realloc, watched_free) == 1)
		return 0;
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "OpenSSL was used before its memory could be watched");
}
