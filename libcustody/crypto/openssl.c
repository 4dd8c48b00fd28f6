/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/openssl.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>

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
