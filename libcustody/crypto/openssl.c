/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/openssl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int custody_fail_openssl_nomem(struct custody_error *err)
{
	ERR_clear_error();
	return custody_fail_nomem(err);
}

void custody_openssl_forget(void)
{
	ERR_clear_error();
}

/*
 * What OpenSSL gets while it starts and memory has run out. From 3.5 on, an allocation that fails in there is put into an error queue that waits for the start
 * to be over: forever. A program that hangs is worse than one that says why it ends.
 */
static struct {
	_Alignas(max_align_t) uint8_t bytes[16384];
	size_t used;
	bool is_open;
} reserve;

static bool is_reserved(const void *p)
{
	return (uintptr_t)p >= (uintptr_t)reserve.bytes && (uintptr_t)p < (uintptr_t)reserve.bytes + sizeof(reserve.bytes);
}

static void *take_reserve(size_t n)
{
	const size_t unit = _Alignof(max_align_t), left = sizeof(reserve.bytes) - reserve.used;
	void *p = reserve.bytes + reserve.used;

	if (!reserve.is_open || n > left)
		return NULL;
	reserve.used += (n + unit - 1) / unit * unit; /* the whole is a multiple of the unit */
	return p;
}

static void *watched_malloc(size_t n, const char *file, int line)
{
	void *p = n > 0 ? custody_watch_malloc(n) : NULL;

	(void)file, (void)line;
	return p || n == 0 ? p : take_reserve(n);
}

static void *watched_realloc(void *p, size_t n, const char *file, int line)
{
	size_t left;
	void *moved;

	if (!is_reserved(p))
		return custody_watch_realloc(p, n);
	/* How long it was is not kept: what lies behind it in the reserve comes along. */
	left = (size_t)(reserve.bytes + sizeof(reserve.bytes) - (uint8_t *)p);
	moved = watched_malloc(n, file, line);
	if (moved)
		memmove(moved, p, n < left ? n : left);
	return moved;
}

static void watched_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	if (!is_reserved(p))
		free(p);
}

int custody_openssl_watch(struct custody_error *err)
{
	if (CRYPTO_set_mem_functions(watched_malloc, watched_realloc, watched_free) == 1)
		return 0;
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "OpenSSL was used before its memory could be watched");
}

int custody_openssl_start(struct custody_error *err)
{
	int rc;

	if (custody_openssl_watch(err))
		return -1;
	reserve.is_open = true;
	rc = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	reserve.is_open = false;
	if (reserve.used > 0)
		return custody_fail_nomem(err);
	return rc == 1 ? 0 : custody_fail(err, CUSTODY_ERR_CRYPTO, "OpenSSL does not start");
}
