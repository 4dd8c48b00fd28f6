/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: facts taken from their strict DER (RFC 5280), and what they may be used for. */
#ifndef CUSTODY_CRYPTO_X509_H
#define CUSTODY_CRYPTO_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"

struct custody_certificate;

enum custody_x509_key {
	CUSTODY_X509_OTHER, /* none that we take */
	CUSTODY_X509_RSA,
	CUSTODY_X509_RSA_PSS, /* a key of type id-RSASSA-PSS, without parameters */
	CUSTODY_X509_P256,
	CUSTODY_X509_P384,
	CUSTODY_X509_P521
};

/* Bits of keyUsage, RFC 5280 4.2.1.3: bit 0 is the first. */
enum custody_key_usage {
	CUSTODY_USAGE_DIGITAL_SIGNATURE = 1u << 0,
	CUSTODY_USAGE_NON_REPUDIATION = 1u << 1,
	CUSTODY_USAGE_CERT_SIGN = 1u << 5,
	CUSTODY_USAGE_CRL_SIGN = 1u << 6
};

/* Purposes of extendedKeyUsage that we know. */
enum custody_purpose {
	CUSTODY_PURPOSE_TIME_STAMPING = 1u << 0,
	CUSTODY_PURPOSE_EMAIL = 1u << 1,
	CUSTODY_PURPOSE_DOCUMENT_SIGNING = 1u << 2,
	CUSTODY_PURPOSE_ANY = 1u << 3
};

/* What one certificate says. All runs borrow from its DER. */
struct custody_x509 {
	struct custody_bytes tbs; /* what is signed */
	struct custody_bytes serial; /* content of the INTEGER */
	struct custody_bytes issuer, subject; /* Name, whole element: compared byte by byte */
	struct custody_time not_before, not_after;
	struct custody_bytes public_key; /* content of the BIT STRING: the same key is the same bytes */
	enum custody_x509_key key;
	unsigned key_bits; /* of an RSA modulus, else 0 */
	struct custody_bytes algorithm, signature; /* AlgorithmIdentifier, whole; signature octets */

	bool is_ca;
	bool has_path_length;
	uint64_t path_length;
	bool has_key_usage, key_usage_critical;
	unsigned key_usage; /* enum custody_key_usage */
	bool has_purposes, purposes_critical;
	size_t n_purposes;
	unsigned purposes; /* enum custody_purpose, of those known */
	struct custody_bytes key_identifier; /* subjectKeyIdentifier, content of the OCTET STRING; p NULL when absent */
	struct custody_bytes distribution_points; /* value of cRLDistributionPoints; p NULL when absent */
	bool no_rev_avail; /* RFC 9608: and it is no CA's, and not beside cRLDistributionPoints */
	bool has_use_from, has_use_until; /* privateKeyUsagePeriod */
	struct custody_time use_from, use_until;
	bool unknown_critical; /* a critical extension that is not judged here or by OpenSSL */
};

/* Takes a certificate apart that custody_der_check() has passed. FORMAT without a rule if it is not X.509 v3 by RFC 5280. */
int custody_x509_parse(struct custody_bytes der, struct custody_x509 *out, struct custody_error *err) CUSTODY_MUST_USE;

/* Issuer and subject are the same bytes. */
bool custody_x509_is_self_issued(const struct custody_x509 *x);
/* RSA from min_rsa_bits to CUSTODY_LIMIT_RSA_BITS with an exponent of 65537 or more (checked when parsed), P-256, P-384, and P-521 if p521. */
bool custody_x509_key_is_taken(const struct custody_x509 *x, unsigned min_rsa_bits, bool p521);

/* ---- extensions, shared with revocation lists and time-stamps ---- */

struct custody_extension {
	struct custody_bytes oid; /* content */
	bool critical;
	struct custody_bytes value; /* content of the OCTET STRING */
};
/* Takes the next Extension off *rest (content of Extensions). false: nothing is left (then rest->n is 0), or it is malformed (then it stays). */
bool custody_extension_next(struct custody_bytes *rest, struct custody_extension *out);
/* No two extensions have one identifier, none is malformed, and there are not more than 64. */
bool custody_extensions_are_sound(struct custody_bytes extensions);

/* ---- suitability: properties of the certificate alone ---- */

/* A sealing certificate (design/sealed-package.md): keyUsage critical, digitalSignature and nonRepudiation and nothing else, no CA, no purposes or
 * only emailProtection and documentSigning, no unknown critical extension. Returns NULL, or what is wrong: "found ..., want ...". Static. */
const char *custody_x509_unfit_for_sealing(const struct custody_x509 *x);
/* A time-stamping authority (RFC 3161 2.3): extendedKeyUsage critical with timeStamping alone; keyUsage, if there, digitalSignature or
 * nonRepudiation and nothing else; no CA. */
const char *custody_x509_unfit_for_stamping(const struct custody_x509 *x);

/* Display text of a certificate's subject, last part first: "CN=..., O=...". Bytes are escaped as by custody_display(), and so are ',' '+' '=' in
 * values. Cut with "..." when it does not fit (out_size >= 4). Needs no memory, so that it never fails. Returns out. */
char *custody_x509_subject(const struct custody_certificate *c, char *out, size_t out_size);
/* Of who issued it, likewise. */
char *custody_x509_issuer(const struct custody_certificate *c, char *out, size_t out_size);
/* The most specific commonName, or the whole subject if there is none. Alone there is nothing to take it apart from, so ',' '+' '=' stay. */
char *custody_x509_common_name(const struct custody_certificate *c, char *out, size_t out_size);
/* The most specific organizationName as custody_x509_common_name_exact() has it, or "" where there is none that is fit. */
char *custody_x509_organisation_exact(const struct custody_certificate *c, char *out, size_t out_size);
/* The same as its characters are, to be stored, or compared with what somebody wrote: not fit to be printed. The display text where it is not UTF-8, has a
 * NUL or does not fit. */
char *custody_x509_common_name_exact(const struct custody_certificate *c, char *out, size_t out_size);

#endif
