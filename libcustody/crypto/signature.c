/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/oid.h"

int custody_openssl_settle(struct custody_error *err)
{
	bool memory = false;
	for (unsigned long code; (code = ERR_get_error()) != 0;)
		memory = memory || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
	return memory ? custody_fail_nomem(err) : 0;
}

/* OpenSSL failed where it must not. Returns -1. */
static int fail_library(struct custody_error *err, const char *what)
{
	return custody_openssl_settle(err) < 0 ? -1 : custody_fail(err, CUSTODY_ERR_CRYPTO, "the crypto library cannot %s", what);
}

/* ---- algorithm identifiers ---- */

/* Takes an AlgorithmIdentifier apart. parameters->whole.p is NULL where there are none. */
static bool read_algorithm(struct custody_bytes whole, struct custody_bytes *oid, struct custody_der *parameters)
{
	struct custody_bytes in;
	struct custody_der element;
	*parameters = (struct custody_der){ 0 };
	if (!custody_der_only(whole, CUSTODY_DER_SEQUENCE, &in) || !custody_der_take(&in, CUSTODY_DER_OID, &element))
		return false;
	*oid = element.content;
	return in.n == 0 || (custody_der_next(&in, parameters) && in.n == 0);
}

enum custody_digest_id custody_digest_algorithm_parse(struct custody_bytes whole)
{
	struct custody_bytes oid;
	struct custody_der parameters;
	if (!read_algorithm(whole, &oid, &parameters) || (parameters.whole.p != NULL && parameters.tag != CUSTODY_DER_NULL))
		return CUSTODY_DIGEST_COUNT;
	if (custody_bytes_are(oid, CUSTODY_OID_SHA256))
		return CUSTODY_SHA256;
	if (custody_bytes_are(oid, CUSTODY_OID_SHA384))
		return CUSTODY_SHA384;
	if (custody_bytes_are(oid, CUSTODY_OID_SHA512))
		return CUSTODY_SHA512;
	return CUSTODY_DIGEST_COUNT;
}

/* RSASSA-PSS-params, RFC 4055 3.1: [0] hashAlgorithm, [1] maskGenAlgorithm, [2] saltLength; [3] trailerField only by default. The defaults of the
 * others mean SHA-1, so all three are there. */
static bool read_pss_parameters(struct custody_bytes in, enum custody_digest_id *digest, uint64_t *salt_length)
{
	struct custody_der hash, mask, salt, mask_parameters;
	struct custody_bytes mask_oid, length;
	if (!custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &hash) || !custody_der_take(&in, CUSTODY_DER_EXPLICIT(1), &mask) ||
		!custody_der_take(&in, CUSTODY_DER_EXPLICIT(2), &salt) || in.n != 0)
		return false;
	*digest = custody_digest_algorithm_parse(hash.content);
	if (*digest == CUSTODY_DIGEST_COUNT)
		return false;
	if (!read_algorithm(mask.content, &mask_oid, &mask_parameters) || !custody_bytes_are(mask_oid, CUSTODY_OID_MGF1) ||
		custody_digest_algorithm_parse(mask_parameters.whole) != *digest)
		return false;
	return custody_der_only(salt.content, CUSTODY_DER_INTEGER, &length) && custody_der_unsigned(length, salt_length);
}

/* RSASSA-PSS, with a salt of any length that a key has room for. */
static bool read_pss(const struct custody_der *parameters, struct custody_algorithm *out)
{
	uint64_t salt;
	out->scheme = CUSTODY_SCHEME_RSA_PSS;
	if (parameters->tag != CUSTODY_DER_SEQUENCE || !read_pss_parameters(parameters->content, &out->digest, &salt) ||
		salt > CUSTODY_LIMIT_RSA_BITS / 8)
		return false;
	out->salt = (size_t)salt;
	return true;
}

/* Those that are named by their identifier alone. foreign: with SHA-1. */
static bool find_algorithm(struct custody_bytes oid, bool foreign, struct custody_algorithm *out)
{
	static const struct {
		struct custody_bytes oid;
		enum custody_scheme scheme;
		enum custody_digest_id digest;
	} table[] = {
#define ROW(oid, scheme, digest) { { (const uint8_t *)(oid), sizeof(oid) - 1 }, (scheme), (digest) }
		ROW(CUSTODY_OID_SHA256_RSA, CUSTODY_SCHEME_RSA_PKCS1, CUSTODY_SHA256),
		ROW(CUSTODY_OID_SHA384_RSA, CUSTODY_SCHEME_RSA_PKCS1, CUSTODY_SHA384),
		ROW(CUSTODY_OID_SHA512_RSA, CUSTODY_SCHEME_RSA_PKCS1, CUSTODY_SHA512),
		ROW(CUSTODY_OID_SHA256_ECDSA, CUSTODY_SCHEME_ECDSA, CUSTODY_SHA256),
		ROW(CUSTODY_OID_SHA384_ECDSA, CUSTODY_SCHEME_ECDSA, CUSTODY_SHA384),
		ROW(CUSTODY_OID_SHA512_ECDSA, CUSTODY_SCHEME_ECDSA, CUSTODY_SHA512),
		ROW(CUSTODY_OID_SHA1_RSA, CUSTODY_SCHEME_RSA_PKCS1, CUSTODY_SHA1),
		ROW(CUSTODY_OID_SHA1_ECDSA, CUSTODY_SCHEME_ECDSA, CUSTODY_SHA1),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!custody_bytes_equal(table[i].oid, oid) || (table[i].digest == CUSTODY_SHA1 && !foreign))
			continue;
		*out = (struct custody_algorithm){ .scheme = table[i].scheme, .digest = table[i].digest };
		return true;
	}
	return false;
}

bool custody_algorithm_parse(struct custody_bytes whole, struct custody_algorithm *out)
{
	struct custody_bytes oid;
	struct custody_der parameters;
	if (!read_algorithm(whole, &oid, &parameters))
		return false;
	if (custody_bytes_are(oid, CUSTODY_OID_RSA_PSS))
		return read_pss(&parameters, out) && out->salt == custody_digest_get(out->digest)->size;
	if (!find_algorithm(oid, false, out))
		return false;
	/* RFC 4055 5 wants NULL, RFC 5758 3.2 wants nothing. */
	return out->scheme == CUSTODY_SCHEME_ECDSA ? parameters.whole.p == NULL : parameters.tag == CUSTODY_DER_NULL;
}

bool custody_algorithm_parse_foreign(struct custody_bytes whole, enum custody_digest_id announced, struct custody_algorithm *out)
{
	struct custody_bytes oid;
	struct custody_der parameters;
	if (!read_algorithm(whole, &oid, &parameters))
		return false;
	if (custody_bytes_are(oid, CUSTODY_OID_RSA_PSS))
		return read_pss(&parameters, out);
	if (parameters.whole.p != NULL && parameters.tag != CUSTODY_DER_NULL)
		return false;
	if (!custody_bytes_are(oid, CUSTODY_OID_RSA))
		return find_algorithm(oid, true, out);
	*out = (struct custody_algorithm){ .scheme = CUSTODY_SCHEME_RSA_PKCS1, .digest = announced };
	return true;
}

/* ---- arithmetic ---- */

static void free_context(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

static const EVP_MD *digest_method(enum custody_digest_id digest)
{
	switch (digest) {
	case CUSTODY_SHA1:
		return EVP_sha1();
	case CUSTODY_SHA256:
		return EVP_sha256();
	case CUSTODY_SHA384:
		return EVP_sha384();
	case CUSTODY_SHA512:
		return EVP_sha512();
	case CUSTODY_MD5:
	case CUSTODY_SHA3_256:
	case CUSTODY_SHA3_512:
	case CUSTODY_BLAKE2B:
	case CUSTODY_DIGEST_COUNT:
	default:
		return NULL; /* no parse gives them */
	}
}

static bool scheme_fits(enum custody_x509_key key, enum custody_scheme scheme)
{
	switch (scheme) {
	case CUSTODY_SCHEME_RSA_PKCS1:
		return key == CUSTODY_X509_RSA;
	case CUSTODY_SCHEME_RSA_PSS:
		return key == CUSTODY_X509_RSA || key == CUSTODY_X509_RSA_PSS;
	case CUSTODY_SCHEME_ECDSA:
	default:
		return key == CUSTODY_X509_P256 || key == CUSTODY_X509_P384 || key == CUSTODY_X509_P521;
	}
}

/* Salt length and mask are set, not taken from the signature: they are those that the algorithm's identifier says. */
static bool set_pss(EVP_PKEY_CTX *parameters, const EVP_MD *method, size_t salt)
{
	return EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, (int)salt) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, method) == 1;
}

static void free_certificate(X509 **certificate)
{
	X509_free(*certificate);
}

static int check_once(EVP_PKEY *key, struct custody_algorithm algorithm, struct custody_bytes head, struct custody_bytes data,
	struct custody_bytes signature, bool *good, struct custody_error *err)
{
	CUSTODY_CLEANUP(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *parameters = NULL; /* owned by context */
	const EVP_MD *method = digest_method(algorithm.digest);
	if (method == NULL || context == NULL || EVP_DigestVerifyInit(context, &parameters, method, NULL, key) != 1)
		return fail_library(err, "begin to verify a signature");
	if (algorithm.scheme == CUSTODY_SCHEME_RSA_PSS && !set_pss(parameters, method, algorithm.salt))
		return fail_library(err, "verify with RSASSA-PSS");
	if (EVP_DigestVerifyUpdate(context, head.p, head.n) != 1 || EVP_DigestVerifyUpdate(context, data.p, data.n) != 1)
		return fail_library(err, "digest what is signed");
	/* 0 is a wrong signature; below that one that is malformed, or a failure of memory, which the queue tells apart. */
	*good = EVP_DigestVerifyFinal(context, signature.p, signature.n) == 1;
	if (custody_openssl_settle(err) == 0)
		return 0;
	*good = false;
	return -1;
}

static int check_twice(const struct custody_certificate *by, struct custody_algorithm algorithm, struct custody_bytes head, struct custody_bytes data,
	struct custody_bytes signature, bool *good, struct custody_error *err)
{
	ERR_clear_error();
	EVP_PKEY *key = X509_get0_pubkey(by->x509);
	if (key != NULL && check_once(key, algorithm, head, data, signature, good, err) < 0)
		return -1;
	if (*good)
		return 0;
	/* OpenSSL does not always say so when memory is what it lacked. So a signature is wrong if it is wrong twice, the second time by a key that was
	 * decoded anew. A point that is not on its curve, a modulus that OpenSSL does not take: no key, so no signature by it. */
	const unsigned char *at = by->der;
	CUSTODY_CLEANUP(free_certificate) X509 *again = d2i_X509(NULL, &at, (long)by->der_len);
	key = again != NULL ? X509_get0_pubkey(again) : NULL;
	if (custody_openssl_settle(err) < 0)
		return -1;
	return key != NULL ? check_once(key, algorithm, head, data, signature, good, err) : 0;
}

int custody_signature_check(const struct custody_certificate *by, struct custody_algorithm algorithm, struct custody_bytes head,
	struct custody_bytes data, struct custody_bytes signature, bool *good, struct custody_error *err)
{
	*good = false;
	return scheme_fits(by->facts.key, algorithm.scheme) ? check_twice(by, algorithm, head, data, signature, good, err) : 0;
}

/* Of a key that is none of ours: its curve has a name, and is strong enough. One with parameters of its own could be made to fit a signature. */
static bool curve_is_taken(const struct custody_certificate *by)
{
	EVP_PKEY *key = X509_get0_pubkey(by->x509);
	char name[80];
	size_t n;
	bool taken = key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, name, sizeof(name), &n) == 1 &&
		     EVP_PKEY_get_security_bits(key) >= 112;
	ERR_clear_error();
	return taken;
}

int custody_signature_check_foreign(const struct custody_certificate *by, struct custody_algorithm algorithm, struct custody_bytes data,
	struct custody_bytes signature, bool *fits, bool *good, struct custody_error *err)
{
	static const struct custody_bytes none = { NULL, 0 };
	bool ours = custody_x509_key_is_taken(&by->facts, 2048, true);
	*good = false;
	*fits = ours ? scheme_fits(by->facts.key, algorithm.scheme) : algorithm.scheme == CUSTODY_SCHEME_ECDSA && curve_is_taken(by);
	return *fits ? check_twice(by, algorithm, none, data, signature, good, err) : 0;
}
