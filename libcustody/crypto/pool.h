/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates and revocation lists that one judgement meets: each distinct one is parsed once and has one address, so that what was found out
 * about it (struct custody_memo) is found out once. Two signatures of a package mostly carry the same ones. */
#ifndef CUSTODY_CRYPTO_POOL_H
#define CUSTODY_CRYPTO_POOL_H

#include <stddef.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"
#include "libcustody/crypto/trust.h"

struct custody_pool {
	struct custody_certificate **certificates; /* owned, each by itself so that addresses stay */
	size_t n_certificates;
	struct custody_crl **crls;
	size_t n_crls;
};
void custody_pool_release(struct custody_pool *pool); /* safe on a zeroed struct */

/* Borrows the one with these bytes, parsing it if it is new. Errors as of custody_certificate_parse() and custody_crl_parse(). */
int custody_pool_certificate(
	struct custody_pool *pool, struct custody_bytes der, const struct custody_certificate **out, struct custody_error *err) CUSTODY_MUST_USE;
int custody_pool_crl(struct custody_pool *pool, struct custody_bytes der, const struct custody_crl **out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
