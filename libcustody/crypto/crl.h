/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate revocation lists: facts taken from their strict DER (RFC 5280 section 5). */
#ifndef CUSTODY_CRYPTO_CRL_H
#define CUSTODY_CRYPTO_CRL_H

#include <stdbool.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/x509.h"

/* What one list says. All runs borrow from its DER. */
struct custody_crl_facts {
	struct custody_bytes tbs; /* what is signed */
	struct custody_bytes issuer; /* Name, whole element */
	struct custody_time this_update;
	bool has_next_update;
	struct custody_time next_update;
	struct custody_bytes revoked; /* content of revokedCertificates, n 0 when there are none */
	struct custody_bytes algorithm, signature;
	const char *unusable; /* NULL, or why this list says nothing to us: a delta, an indirect one, ... Static */
	/* issuingDistributionPoint: which certificates the list speaks of */
	struct custody_bytes point; /* content of fullName, p NULL when there is none */
	bool only_user, only_ca;
};

/* Takes a list apart that custody_der_check() has passed. FORMAT without a rule if it is not a version 2 list of RFC 5280. */
int custody_crl_facts_parse(struct custody_bytes der, struct custody_crl_facts *out, struct custody_error *err) CUSTODY_MUST_USE;

/* The list speaks of such a certificate: by its issuer's name, and by the issuingDistributionPoint where there is one (a shared point is the same
 * bytes in the certificate's cRLDistributionPoints). */
bool custody_crl_speaks_of(const struct custody_crl_facts *crl, const struct custody_x509 *x);

/* The certificate with this serial number is in the list: *revoked, and since when: the earlier of revocationDate and invalidityDate. Whatever the
 * reason: a hold is a revocation too. false: the entry is malformed or has a critical extension that is not known. */
bool custody_crl_find(const struct custody_crl_facts *crl, struct custody_bytes serial, bool *revoked, struct custody_time *since);

/* One entry of a list. */
struct custody_crl_entry {
	struct custody_bytes serial; /* content of the INTEGER */
	struct custody_time since; /* as custody_crl_find() has it */
};
/* Takes the next entry off *rest, which begins as crl->revoked. false: nothing is left (rest->n is 0), or the entry is one that custody_crl_find() would
 * not take. */
bool custody_crl_next(struct custody_bytes *rest, struct custody_crl_entry *out);

#endif
