/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a seal's signature: CMS SignedData, DER, detached, CAdES (design/sealed-package.md "Signatures"), and the lab's own time-stamp token in
 * process. Built with OpenSSL's CMS_* only; the signing time comes from the caller's clock, never from OpenSSL.
 */
#ifndef CUSTODY_CRYPTO_SIGN_H
#define CUSTODY_CRYPTO_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/trust.h"

/* A private key with its certificate and what continues its path below the anchor. Owned. */
struct custody_signer {
	struct evp_pkey_st *key; /* NULL when freed */
	struct custody_certificate certificate;
	struct custody_certificate *chain; /* CAs below the anchor, without self-signed roots */
	size_t n_chain;
	bool pss; /* sign RSA with PSS instead of PKCS#1 v1.5 */
};
void custody_signer_release(struct custody_signer *s); /* the key is cleansed by OpenSSL */
/* SHA-384 for P-384, else SHA-256. */
enum custody_digest_id custody_signer_digest(const struct custody_signer *s);
/* Signs a random value and verifies it with the certificate: key and certificate belong together and work. */
int custody_signer_try(const struct custody_signer *s, const struct custody_random *random, struct custody_error *err) CUSTODY_MUST_USE;

struct custody_sign_request {
	const struct custody_signer *signer;
	const uint8_t *content_digest; /* of the detached content, by custody_signer_digest() */
	size_t content_digest_len;
	struct custody_time signing_time;
	const struct custody_signer
		*stamper; /* the lab's own authority, stamps in process; NULL: no stamp, others will (custody_sign_add_stamps()) */
	struct custody_time stamp_time; /* genTime */
	const struct custody_random *random; /* serial of the token */
	const struct custody_crl *crls; /* for B-LT: one an issuer; n_crls 0 for B-T */
	size_t n_crls;
};
/* Appends the finished signature file to out. */
int custody_sign(const struct custody_sign_request *request, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;
/* What goes into a finished signature that has no time-stamp yet. None of it is under the signature. All borrowed. */
struct custody_sign_stamps {
	const struct custody_bytes *tokens; /* each becomes an attribute of its own */
	size_t n_tokens;
	const struct custody_bytes *crls; /* beside those that are there; one of an issuer who has a list there already is left away */
	size_t n_crls;
	const struct custody_bytes *certificates; /* likewise; one that is there already is left away */
	size_t n_certificates;
};
/* Appends the signature `unstamped` with the stamps to out. Everything else in it stays as it is, byte for byte; INTERNAL if it does not, or has stamps. */
int custody_sign_add_stamps(struct custody_bytes unstamped, const struct custody_sign_stamps *stamps, struct custody_buf *out,
	struct custody_error *err) CUSTODY_MUST_USE;
/* What one time-stamp token says. All borrowed. */
struct custody_stamp_request {
	enum custody_digest_id imprint_digest; /* SHA-256, SHA-384 or SHA-512 */
	const uint8_t *imprint;
	struct custody_time time; /* genTime */
	const struct custody_random *random; /* 127 bits of it are the serial number: no counter that a crash could set back */
	/* for others, on request; all zero for the lab's own word */
	bool served; /* the policy of a laboratory's service, CUSTODY_POLICY_SERVED, instead of that of the own word */
	bool bare_algorithm; /* the imprint's algorithm without parameters, as asked, instead of with NULL */
	bool without_certificates; /* RFC 3161 2.4.1: certReq was not set */
	uint64_t accuracy_us; /* 1 to a year; 0: nothing is known of the clock, none is stated */
	struct custody_bytes nonce; /* content of the INTEGER, at most CUSTODY_LIMIT_NONCE bytes; n 0: none */
};
/* A TimeStampToken (RFC 3161, ContentInfo, DER), appended to out: read back by our own reader, which found in it what was asked, and verified. */
int custody_stamp_for(const struct custody_signer *stamper, const struct custody_stamp_request *request, struct custody_buf *out,
	struct custody_error *err) CUSTODY_MUST_USE;
/* Likewise, the lab's own word: accuracy absent (nothing is known of the clock). */
int custody_stamp(const struct custody_signer *stamper, enum custody_digest_id imprint_alg, const uint8_t *imprint, struct custody_time when,
	const struct custody_random *random, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
