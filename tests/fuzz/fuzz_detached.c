/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_detached_verify, custody_detached_is_likely, custody_ber_definite.
 * What has definite lengths once stays as it is; and whatever holds says a digest of the size of its algorithm, by a certificate.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/crypto/ber.h"
#include "libcustody/crypto/detached.h"
#include "tests/fuzz/fuzz.h"

static void definite_is_definite(struct custody_bytes in)
{
	CUSTODY_BUF_CLEAN struct custody_buf once = { .max = 2 * CUSTODY_LIMIT_SIGNATURE }, twice = { .max = 2 * CUSTODY_LIMIT_SIGNATURE };
	struct custody_error err = CUSTODY_ERROR_INIT;

	if (custody_ber_definite(in, &once, &err) < 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT || err.kind == CUSTODY_ERR_LIMIT);
		return;
	}
	FUZZ_ASSERT(custody_ber_definite((struct custody_bytes){ once.data, once.len }, &twice, &err) == 0);
	FUZZ_ASSERT(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
}

FUZZ_TARGET(detached)
{
	CUSTODY_CLEANUP(custody_detached_release) struct custody_detached d = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_bytes in = { p, n };

	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	definite_is_definite(in);
	(void)custody_detached_is_likely(in);
	if (custody_detached_verify(in, NULL, &d, &err) < 0)
		FUZZ_ASSERT(
			(err.kind == CUSTODY_ERR_FORMAT || err.kind == CUSTODY_ERR_INPUT || err.kind == CUSTODY_ERR_LIMIT) && d.signer.der == NULL);
	else
		FUZZ_ASSERT(d.signer.der != NULL && d.algorithm.digest == d.digest && custody_digest_get(d.digest)->size <= CUSTODY_DIGEST_MAX);
	FUZZ_ASSERT(ERR_peek_error() == 0);
	return 0;
}
