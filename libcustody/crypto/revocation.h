/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a certificate was revoked, from whatever revocation lists there are (design/verdict.md rule 3): all that its issuer's key signed count
 * together, a revocation in any of them counts, and no older or emptier list takes it back.
 */
#ifndef CUSTODY_CRYPTO_REVOCATION_H
#define CUSTODY_CRYPTO_REVOCATION_H

#include <stdbool.h>

#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/chain.h"
#include "libcustody/crypto/trust.h"

/* What the lists looked at so far say about one certificate. Zero it to begin. */
struct custody_revocation {
	bool revoked;
	struct custody_time since; /* the earliest that any list gives: revocationDate or invalidityDate */
	bool covered; /* a list says something about the time asked for: its nextUpdate is not before it */
	struct custody_time known_until; /* the latest thisUpdate of those that cover it */
	const char *why; /* static: why a list of its issuer did not cover, NULL if there was none */
	bool doubtful; /* a list of its issuer that is partial, of others, or not understood, names it: what that means cannot be said, and no other list says that it is nothing */
};

/* Adds one list. It counts if it speaks of the certificate, its issuer's key signed it (and may: cRLSign), it is one that we can read, and its thisUpdate is
 * not before the certificate's notBefore; otherwise it changes nothing but `why` and `doubtful`, the latter also where it speaks of other certificates (another distribution point,
 * CAs alone) and names this one all the same. -1 only when it could not look. */
int custody_revocation_add(struct custody_revocation *r, const struct custody_crl *crl, const struct custody_certificate *c,
	const struct custody_certificate *issuer, struct custody_time cover, struct custody_memo *memo, struct custody_error *err) CUSTODY_MUST_USE;

#endif
