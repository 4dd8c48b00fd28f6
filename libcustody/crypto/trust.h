/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust anchors and revocation lists that the verifier was given: signers.pem, tsas.pem, crls.pem of one folder. The system's store is never used.
 * Signer and time-stamp anchors are never mixed.
 */
#ifndef CUSTODY_CRYPTO_TRUST_H
#define CUSTODY_CRYPTO_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/crypto/x509.h"

/* One certificate: exact DER bytes, what they say by our own parse, and OpenSSL's view of them. Owned. */
struct custody_certificate {
	uint8_t *der;
	size_t der_len;
	struct x509_st *x509;
	uint8_t sha256[32]; /* of der */
	struct custody_x509 facts; /* borrows from der */
};
void custody_certificate_release(struct custody_certificate *c); /* safe on a zeroed struct */
/* Strict DER (crypto/der.h), no trailing bytes, within limits. FORMAT error otherwise (rule "limit-exceeded" for a limit). */
int custody_certificate_parse(const uint8_t *der, size_t n, struct custody_certificate *out, struct custody_error *err) CUSTODY_MUST_USE;
/* Who it is: SHA-256 of issuer and subject, which are the same with the next key. */
int custody_certificate_identity(const struct custody_certificate *c, uint8_t out[32], struct custody_error *err) CUSTODY_MUST_USE;

struct custody_crl {
	uint8_t *der;
	size_t der_len;
	struct X509_crl_st *crl;
	struct custody_crl_facts facts; /* borrows from der */
};
void custody_crl_release(struct custody_crl *c);
int custody_crl_parse(const uint8_t *der, size_t n, struct custody_crl *out, struct custody_error *err) CUSTODY_MUST_USE;

struct custody_trust {
	struct custody_certificate *signers, *tsas;
	size_t n_signers, n_tsas;
	struct custody_crl *crls;
	size_t n_crls;
	char *from; /* folder, as given; NULL when there are no anchors at all */
	bool own_lab; /* the anchors of the user's own lab, taken by default */
};
void custody_trust_init(struct custody_trust *t);
void custody_trust_release(struct custody_trust *t);
enum custody_trust_part { CUSTODY_TRUST_SIGNERS, CUSTODY_TRUST_TSAS, CUSTODY_TRUST_CRLS };
/* Adds every certificate (or CRL) of a PEM text; text around blocks is ignored; a block that does not parse is FORMAT naming `from` and the block's
 * number; a text without blocks adds nothing. */
int custody_trust_add_pem(struct custody_trust *t, enum custody_trust_part part, const uint8_t *pem, size_t n, const char *from,
	struct custody_error *err) CUSTODY_MUST_USE;
/*
 * Reads DIR/signers.pem, DIR/tsas.pem, DIR/crls.pem. Where the folder has no such name, it adds nothing. A name that leads to nothing (a dangling link) or to no regular
 * file is INPUT, so is DIR when it is no folder; what cannot be looked at or read is IO; a crls.pem without a list is FORMAT, and so is what would be passed over: a list
 * in one of the others, a block of another kind in crls.pem (but certificates), the beginning of a block that is none to the reader.
 */
int custody_trust_load(struct custody_trust *t, const char *dir, struct custody_error *err) CUSTODY_MUST_USE;

#endif
