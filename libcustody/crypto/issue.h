/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small authority of a lab without a PKI: private keys, certificates and revocation lists, in the form that the verdict and EU DSS take
 * (design/sealed-package.md "Signatures"; reference: RFC 5280). A key's type decides its digest: SHA-384 with P-384, else SHA-256.
 *
 *   root       CA, pathlen 0, keyUsage critical keyCertSign + cRLSign, SKI                                      20 years
 *   sealing    keyUsage critical digitalSignature + nonRepudiation, no EKU, SKI, AKI, private key used 2 years   11 years
 *   stamping   keyUsage critical digitalSignature, EKU critical timeStamping, likewise                           11 years
 *   CRL        CRL number, AKI; reasonCode and invalidityDate an entry                                           90 days
 *
 * notBefore and thisUpdate are the given time, seconds: a CRL issued after a certificate, even within the same second, covers it.
 */
#ifndef CUSTODY_CRYPTO_ISSUE_H
#define CUSTODY_CRYPTO_ISSUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"

struct evp_pkey_st; /* OpenSSL's EVP_PKEY */

/* Days. A year is 365.25 of them, rounded up. */
#define CUSTODY_ISSUE_ROOT_DAYS 7305
#define CUSTODY_ISSUE_LEAF_DAYS 4018
#define CUSTODY_ISSUE_KEY_USE_DAYS 731 /* privateKeyUsagePeriod: a key signs for two years, its signatures are judged for nine more */
#define CUSTODY_ISSUE_CRL_DAYS 90

/* ---- keys ---- */

enum custody_key_type {
	CUSTODY_KEY_P256,
	CUSTODY_KEY_P384,
	CUSTODY_KEY_RSA3072, /* signs with PKCS#1 v1.5 */
	CUSTODY_KEY_RSA_PSS /* 3072 bits, of type id-RSASSA-PSS (RFC 4055 1.2): it cannot sign with anything else */
};
/* "p256", "p384", "rsa3072", "rsa-pss"; USAGE otherwise. */
int custody_key_type_find(const char *name, enum custody_key_type *out, struct custody_error *err) CUSTODY_MUST_USE;
/* The type of a certificate's key: one of these names, "rsa" for another size, "other". Static. */
const char *custody_key_type_name(const struct custody_x509 *x);
/* The root's key is as strong as it gets in the same family: P-384 for both curves (it lives 20 years), RSA-3072 for RSA, with the same padding. */
enum custody_key_type custody_key_type_of_root(enum custody_key_type leaf);
/* A new key by OpenSSL's generator. Gives *out (custody_key_free()). Errors: CRYPTO. */
int custody_key_generate(enum custody_key_type type, struct evp_pkey_st **out, struct custody_error *err) CUSTODY_MUST_USE;
/* It is of type id-RSASSA-PSS: seals and stamps with it are RSASSA-PSS (struct custody_signer, pss). */
bool custody_key_is_pss(const struct evp_pkey_st *key);
void custody_key_free(struct evp_pkey_st **key); /* OpenSSL cleanses it */
/*
 * Appends PKCS#8 PEM: PRIVATE KEY, or with a passphrase (1..CUSTODY_LIMIT_PASSPHRASE bytes) ENCRYPTED PRIVATE KEY by PBES2 with scrypt
 * (N 16384, r 8, p 5: memory that OpenSSL's defaults can read again) and AES-256-CBC. The caller cleanses out: custody_key_pem_release().
 */
int custody_key_format_pem(const struct evp_pkey_st *key, const uint8_t *passphrase, size_t passphrase_len, struct custody_buf *out,
	struct custody_error *err) CUSTODY_MUST_USE;
void custody_key_pem_release(struct custody_buf *pem); /* cleanses, then releases */
/* The text holds an encrypted key. */
bool custody_key_pem_is_encrypted(const uint8_t *pem, size_t n);
/* Reads exactly one PKCS#8 key, text around it is ignored. Gives *out. FORMAT: not one; INPUT: encrypted and no passphrase, or the wrong one. */
int custody_key_parse_pem(const uint8_t *pem, size_t n, const uint8_t *passphrase, size_t passphrase_len, struct evp_pkey_st **out,
	struct custody_error *err) CUSTODY_MUST_USE;

/* ---- certificates ---- */

enum custody_issue_kind { CUSTODY_ISSUE_ROOT, CUSTODY_ISSUE_SEALING, CUSTODY_ISSUE_STAMPING };

struct custody_issue_request {
	enum custody_issue_kind kind;
	const char *organisation, *common_name; /* each by custody_issue_check_name() */
	const struct evp_pkey_st *key; /* the subject's (public part is used) */
	const struct custody_certificate *issuer; /* NULL for a root */
	const struct evp_pkey_st *issuer_key; /* NULL for a root: its own key */
	struct custody_time not_before; /* fractions are cut off */
	const struct custody_random *random; /* serial number: 16 bytes, of them 126 random bits */
};

/* What X.509 takes as O or CN: valid UTF-8, 1 to 64 characters, none of them control, format or unassigned, no space at either end. USAGE otherwise,
 * naming `what`. */
int custody_issue_check_name(const char *what, const char *text, struct custody_error *err) CUSTODY_MUST_USE;
/* Gives *out (custody_certificate_release()). Errors: USAGE (a name), CRYPTO, NOMEM. */
int custody_issue_certificate(
	const struct custody_issue_request *request, struct custody_certificate *out, struct custody_error *err) CUSTODY_MUST_USE;

/* ---- revocation lists ---- */

/* One revoked certificate. */
struct custody_revoked {
	const uint8_t *serial; /* big-endian */
	size_t serial_len;
	struct custody_time when; /* revocationDate: when it was declared */
	int reason; /* CRLReason of RFC 5280 5.3.1, one that custody_issue_reason_name() knows; 0 leaves it out */
	bool has_since; /* invalidityDate: since when it may have been misused */
	struct custody_time since;
};
/* The name of a reason ("keyCompromise", any case, also "key-compromise"); USAGE names the known ones: those of RFC 5280 5.3.1 that can befall a holder's
 * certificate. A hold can be lifted again, which no verdict could follow, and the others are for authorities and for delta lists. */
int custody_issue_reason_find(const char *name, int *reason, struct custody_error *err) CUSTODY_MUST_USE;
const char *custody_issue_reason_name(int reason); /* NULL if unknown */

struct custody_issue_crl_request {
	const struct custody_certificate *issuer;
	const struct evp_pkey_st *issuer_key;
	uint64_t number; /* CRL number, one more than the last one's */
	struct custody_time this_update; /* nextUpdate is CUSTODY_ISSUE_CRL_DAYS later */
	const struct custody_revoked *revoked;
	size_t n_revoked;
};
int custody_issue_crl(const struct custody_issue_crl_request *request, struct custody_crl *out, struct custody_error *err) CUSTODY_MUST_USE;
/* The CRL number of a list. false if it has none, or one beyond 64 bits. */
bool custody_issue_crl_number(const struct custody_crl *crl, uint64_t *number);
/* Entries of a list, and the serial number of each, as its magnitude (borrowed from crl). */
size_t custody_issue_crl_count(const struct custody_crl *crl);
bool custody_issue_crl_serial(const struct custody_crl *crl, size_t i, struct custody_bytes *serial);

/* ---- who issued it ---- */

/* Issued by this CA: names and key identifiers match, and the signature verifies. */
bool custody_issue_is_by(const struct custody_certificate *c, const struct custody_certificate *issuer);
bool custody_issue_crl_is_by(const struct custody_crl *crl, const struct custody_certificate *issuer);

/* ---- PEM ---- */

/* Appends one block: label "CERTIFICATE" or "X509 CRL". */
int custody_pem_append(const char *label, const uint8_t *der, size_t n, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
