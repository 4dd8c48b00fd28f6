/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The algorithms that we take, and signatures by a certificate's key. The arithmetic is OpenSSL's; which key may go with which algorithm is ours.
 *
 * OpenSSL must have been told not to read its configuration (OPENSSL_init_crypto with OPENSSL_INIT_NO_LOAD_CONFIG) before any function here is
 * called: that is for the program, cmd/ or a test, to do. Its error queue is empty after each of them.
 */
#ifndef CUSTODY_CRYPTO_SIGNATURE_H
#define CUSTODY_CRYPTO_SIGNATURE_H

#include <stdbool.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/trust.h"

enum custody_scheme { CUSTODY_SCHEME_RSA_PKCS1, CUSTODY_SCHEME_RSA_PSS, CUSTODY_SCHEME_ECDSA };
struct custody_algorithm {
	enum custody_scheme scheme;
	enum custody_digest_id digest; /* SHA-256, SHA-384 or SHA-512 */
	size_t salt; /* of RSASSA-PSS: bytes */
};
/* A digest's AlgorithmIdentifier (whole), parameters absent or NULL. CUSTODY_DIGEST_COUNT if it is not SHA-256, SHA-384 or SHA-512. */
enum custody_digest_id custody_digest_algorithm_parse(struct custody_bytes whole);
/* A signature's AlgorithmIdentifier (whole): shaNNNWithRSA with NULL, RSASSA-PSS with one digest throughout and a salt of its length, or
 * ecdsa-with-SHANNN without parameters. false: any other. */
bool custody_algorithm_parse(struct custody_bytes whole, struct custody_algorithm *out);
/*
 * The same for what others signed by their own rules: also SHA-1; parameters NULL or absent alike; a salt of any length; and rsaEncryption, which says no
 * digest, with the one that was announced beside it.
 */
bool custody_algorithm_parse_foreign(struct custody_bytes whole, enum custody_digest_id announced, struct custody_algorithm *out);

/*
 * Whether signature is by's over head followed by data. Not when key and scheme do not fit each other. Returns -1 only when it could not look
 * (NOMEM, CRYPTO).
 */
int custody_signature_check(const struct custody_certificate *by, struct custody_algorithm algorithm, struct custody_bytes head,
	struct custody_bytes data, struct custody_bytes signature, bool *good, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * The same for what others signed, on any named curve of at least 112 bits of strength, and with RSA from 2048 bits. *fits is false when key and scheme do not fit each other, or
 * the key is none of those.
 */
int custody_signature_check_foreign(const struct custody_certificate *by, struct custody_algorithm algorithm, struct custody_bytes data,
	struct custody_bytes signature, bool *fits, bool *good, struct custody_error *err) CUSTODY_MUST_USE;

/* Empties OpenSSL's error queue. Returns -1 with NOMEM if memory was what it lacked, so that a lack of memory is never taken for a bad signature. */
int custody_openssl_settle(struct custody_error *err) CUSTODY_MUST_USE;

#endif
