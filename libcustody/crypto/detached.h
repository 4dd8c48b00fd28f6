/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signature that somebody else made of a file: CMS SignedData (RFC 5652) beside its content, as S/MIME, PKCS #7 and CAdES have it. What it says is found out without the content:
 * whoever has the key of this certificate signed something with this digest. Whose certificate it is, whether anybody vouches for it, and whether it was in force are not asked, here or
 * anywhere: no certificate of the file is followed to another.
 *
 * Taken apart by our own hands. The signature has to hold over the signed attributes as they stand, in DER, by our own use of the key and by OpenSSL's CMS.
 */
#ifndef CUSTODY_CRYPTO_DETACHED_H
#define CUSTODY_CRYPTO_DETACHED_H

#include <stdbool.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/signature.h"
#include "libcustody/crypto/trust.h"

struct custody_detached {
	struct custody_certificate signer; /* owned */
	struct custody_algorithm algorithm; /* of the signature */
	enum custody_digest_id digest; /* SHA-256, SHA-384 or SHA-512; or SHA-1, which is legacy */
	uint8_t value[CUSTODY_DIGEST_MAX]; /* of the content, as it was signed */
	bool has_signing_time;
	struct custody_time signing_time; /* as it was signed: it proves nothing */
	bool has_unsigned; /* further attributes, which nobody looked at: time-stamps and the like */
};
void custody_detached_release(struct custody_detached *d); /* safe on a zeroed struct */

/* It looks like CMS or PKCS #7 in PEM, or like BER: the caller's reason to say what is wrong with it as such. */
bool custody_detached_is_likely(struct custody_bytes file);

/*
 * PEM (one block) or BER, of at most CUSTODY_LIMIT_SIGNATURE bytes; indefinite lengths are taken (crypto/ber.h), DER is wanted of the signed attributes and the signer's certificate. One
 * signer, no content inside, id-data. Signed attributes with content-type and message-digest, each once; signing-certificate, where it is there, names the certificate. RSA (PKCS #1
 * v1.5 or PSS, from 2048 bits) and ECDSA (named curves) with SHA-2, and SHA-1, by one digest throughout. given: the certificates one of which is the signer's (signers; borrowed); NULL:
 * those that it carries. FORMAT: it is none that can be read, or not of this kind. INPUT: the certificate is not there or cannot be used, or the signature does not hold. CRYPTO, NOMEM.
 */
int custody_detached_verify(
	struct custody_bytes file, const struct custody_trust *given, struct custody_detached *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
