/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/issue.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <strings.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/openssl.h"

#define SECONDS_A_DAY INT64_C(86400)
#define NAME_MAX_CHARACTERS 64 /* ub-common-name, ub-organization-name: RFC 5280 appendix A.1 */

/* scrypt (RFC 7914): 16 MiB for each of 5 rounds, about a quarter of a second. OpenSSL's reader refuses more than 32 MiB. */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 5

CUSTODY_OWNED_BY(X509, X509_free)
CUSTODY_OWNED_BY(X509_CRL, X509_CRL_free)
CUSTODY_OWNED_BY(X509_REVOKED, X509_REVOKED_free)
CUSTODY_OWNED_BY(X509_ALGOR, X509_ALGOR_free)
CUSTODY_OWNED_BY(X509_SIG, X509_SIG_free)
CUSTODY_OWNED_BY(PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
CUSTODY_OWNED_BY(BIO, BIO_free_all)
CUSTODY_OWNED_BY(EVP_MD_CTX, EVP_MD_CTX_free)
CUSTODY_OWNED_BY(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
CUSTODY_OWNED_BY(BIGNUM, BN_free)
CUSTODY_OWNED_BY(ASN1_INTEGER, ASN1_INTEGER_free)
CUSTODY_OWNED_BY(ASN1_ENUMERATED, ASN1_ENUMERATED_free)
CUSTODY_OWNED_BY(ASN1_TIME, ASN1_TIME_free)
CUSTODY_OWNED_BY(ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free)
CUSTODY_OWNED_BY(ASN1_OCTET_STRING, ASN1_OCTET_STRING_free)
CUSTODY_OWNED_BY(ASN1_BIT_STRING, ASN1_BIT_STRING_free)
CUSTODY_OWNED_BY(BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free)
CUSTODY_OWNED_BY(AUTHORITY_KEYID, AUTHORITY_KEYID_free)
CUSTODY_OWNED_BY(PKEY_USAGE_PERIOD, PKEY_USAGE_PERIOD_free)
CUSTODY_OWNED_BY(EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free)

/* A block of OpenSSL's heap, as its encoders give it. */
static void openssl_free_cleanup(unsigned char **p)
{
	OPENSSL_free(*p);
}

/* OpenSSL's functions take keys without const and do not change them. */
static EVP_PKEY *borrow(const struct evp_pkey_st *key)
{
	return (EVP_PKEY *)(uintptr_t)key;
}

/* ---- keys ---- */

static const struct {
	const char *name;
	enum custody_key_type root;
} key_types[] = {
	[CUSTODY_KEY_P256] = { "p256", CUSTODY_KEY_P384 },
	[CUSTODY_KEY_P384] = { "p384", CUSTODY_KEY_P384 },
	[CUSTODY_KEY_RSA3072] = { "rsa3072", CUSTODY_KEY_RSA3072 },
	[CUSTODY_KEY_RSA_PSS] = { "rsa-pss", CUSTODY_KEY_RSA_PSS },
};

int custody_key_type_find(const char *name, enum custody_key_type *out, struct custody_error *err)
{
	char shown[64];

	for (size_t i = 0; i < sizeof(key_types) / sizeof(key_types[0]); i++)
		if (strcmp(name, key_types[i].name) == 0) {
			*out = (enum custody_key_type)i;
			return 0;
		}
	return custody_fail(err, CUSTODY_ERR_USAGE, "unknown key type '%s', want p256, p384, rsa3072 or rsa-pss",
		custody_display(name, strlen(name), shown, sizeof(shown)));
}

const char *custody_key_type_name(const struct custody_x509 *x)
{
	switch (x->key) {
	case CUSTODY_X509_P256:
		return "p256";
	case CUSTODY_X509_P384:
		return "p384";
	case CUSTODY_X509_RSA:
		return x->key_bits == 3072 ? "rsa3072" : "rsa";
	case CUSTODY_X509_RSA_PSS:
		return "rsa-pss";
	case CUSTODY_X509_P521:
	case CUSTODY_X509_OTHER:
	default:
		return "other";
	}
}

enum custody_key_type custody_key_type_of_root(enum custody_key_type leaf)
{
	return key_types[leaf].root;
}

/* Without restrictions in the key: its certificate then has no parameters, and our own reader takes none there. */
static EVP_PKEY *generate_pss(int bits)
{
	CUSTODY_OWNED(EVP_PKEY_CTX_free) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_keygen_init(ctx) <= 0 || EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits) <= 0 || EVP_PKEY_generate(ctx, &key) <= 0)
		return NULL;
	return key;
}

int custody_key_generate(enum custody_key_type type, struct evp_pkey_st **out, struct custody_error *err)
{
	EVP_PKEY *key = NULL;

	switch (type) {
	case CUSTODY_KEY_P256:
		key = EVP_EC_gen("P-256");
		break;
	case CUSTODY_KEY_P384:
		key = EVP_EC_gen("P-384");
		break;
	case CUSTODY_KEY_RSA3072:
		key = EVP_RSA_gen(3072);
		break;
	case CUSTODY_KEY_RSA_PSS:
		key = generate_pss(3072);
		break;
	}
	if (!key)
		return custody_fail_openssl(err, "cannot make a key");
	*out = key;
	return 0;
}

bool custody_key_is_pss(const struct evp_pkey_st *key)
{
	return EVP_PKEY_is_a(key, "RSA-PSS") == 1;
}

void custody_key_free(struct evp_pkey_st **key)
{
	EVP_PKEY_free(*key);
	*key = NULL;
}

void custody_key_pem_release(struct custody_buf *pem)
{
	if (pem->data)
		OPENSSL_cleanse(pem->data, pem->cap);
	custody_buf_release(pem);
}

static X509_SIG *encrypt(PKCS8_PRIV_KEY_INFO *info, const uint8_t *passphrase, size_t n)
{
	CUSTODY_OWNED(X509_ALGOR_free) X509_ALGOR *pbe = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 16, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	X509_SIG *sealed = pbe ? PKCS8_set0_pbe((const char *)passphrase, (int)n, info, pbe) : NULL;

	if (sealed)
		(void)custody_steal(&pbe); /* PKCS8_set0_pbe() took it */
	return sealed;
}

int custody_key_format_pem(
	const struct evp_pkey_st *key, const uint8_t *passphrase, size_t passphrase_len, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_OWNED(PKCS8_PRIV_KEY_INFO_free) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(borrow(key));
	CUSTODY_OWNED(X509_SIG_free) X509_SIG *sealed = NULL;
	CUSTODY_OWNED(BIO_free_all) BIO *bio = BIO_new(BIO_s_secmem()); /* cleansed when freed */
	char *text = NULL; /* owned by bio */
	long n = 0;

	if (passphrase && (passphrase_len == 0 || passphrase_len > CUSTODY_LIMIT_PASSPHRASE))
		return custody_fail(err, CUSTODY_ERR_USAGE, "passphrase has %zu bytes, want 1 to %d", passphrase_len, CUSTODY_LIMIT_PASSPHRASE);
	if (!info || !bio)
		return custody_fail_openssl(err, "cannot encode the key");
	if (passphrase) {
		sealed = encrypt(info, passphrase, passphrase_len);
		if (!sealed || PEM_write_bio_PKCS8(bio, sealed) != 1)
			return custody_fail_openssl(err, "cannot encrypt the key");
	} else if (PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, info) != 1) {
		return custody_fail_openssl(err, "cannot encode the key");
	}
	n = BIO_get_mem_data(bio, &text);
	/* Reserved at once, so that growth leaves no copy of the key behind. */
	if (custody_buf_reserve(out, (size_t)n, err) != 0)
		return -1;
	return custody_buf_append(out, text, (size_t)n, err);
}

bool custody_key_pem_is_encrypted(const uint8_t *pem, size_t n)
{
	static const char label[] = "-----BEGIN " PEM_STRING_PKCS8 "-----";

	return n >= sizeof(label) - 1 && memmem(pem, n, label, sizeof(label) - 1) != NULL;
}

/* One PEM block of PKCS#8. PEM_read_bio() decrypts nothing and asks nobody. */
struct key_block {
	char *label, *header;
	unsigned char *der;
	long n;
};

static void key_block_cleanup(struct key_block *b)
{
	OPENSSL_free(b->label);
	OPENSSL_free(b->header);
	OPENSSL_clear_free(b->der, (size_t)b->n);
}

static int decrypt(const struct key_block *block, const uint8_t *passphrase, size_t n, PKCS8_PRIV_KEY_INFO **out, struct custody_error *err)
{
	const unsigned char *p = block->der;
	CUSTODY_OWNED(X509_SIG_free) X509_SIG *sealed = d2i_X509_SIG(NULL, &p, block->n);

	if (!sealed || p != block->der + block->n) {
		ERR_clear_error();
		return custody_fail(err, CUSTODY_ERR_FORMAT, "encrypted key is not PKCS#8");
	}
	if (!passphrase)
		return custody_fail(err, CUSTODY_ERR_INPUT, "key is encrypted, and there is no passphrase");
	*out = n <= CUSTODY_LIMIT_PASSPHRASE ? PKCS8_decrypt(sealed, (const char *)passphrase, (int)n) : NULL;
	ERR_clear_error();
	return *out ? 0 : custody_fail(err, CUSTODY_ERR_INPUT, "wrong passphrase");
}

int custody_key_parse_pem(
	const uint8_t *pem, size_t n, const uint8_t *passphrase, size_t passphrase_len, struct evp_pkey_st **out, struct custody_error *err)
{
	CUSTODY_OWNED(BIO_free_all) BIO *bio = BIO_new_mem_buf(pem, (int)n);
	CUSTODY_OWNED(PKCS8_PRIV_KEY_INFO_free) PKCS8_PRIV_KEY_INFO *info = NULL;
	CUSTODY_CLEANUP(key_block_cleanup) struct key_block block = { NULL, NULL, NULL, 0 };
	const unsigned char *p = NULL;

	if (!bio)
		return custody_fail_openssl_nomem(err);
	if (PEM_read_bio(bio, &block.label, &block.header, &block.der, &block.n) != 1) {
		ERR_clear_error();
		return custody_fail(err, CUSTODY_ERR_FORMAT, "no key in it, want one PEM block 'PRIVATE KEY' or 'ENCRYPTED PRIVATE KEY'");
	}
	p = block.der;
	if (strcmp(block.label, PEM_STRING_PKCS8) == 0) {
		if (decrypt(&block, passphrase, passphrase_len, &info, err) != 0)
			return -1;
	} else if (strcmp(block.label, PEM_STRING_PKCS8INF) == 0) {
		info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, block.n);
		if (p != block.der + block.n)
			info = (PKCS8_PRIV_KEY_INFO_free(info), NULL);
	} else {
		(void)custody_fail(err, CUSTODY_ERR_FORMAT, "the first PEM block is not PKCS#8, want 'PRIVATE KEY' or 'ENCRYPTED PRIVATE KEY'");
		return custody_hint(err, "convert it with: openssl pkcs8 -topk8");
	}
	*out = info ? EVP_PKCS82PKEY(info) : NULL;
	ERR_clear_error();
	return *out ? 0 : custody_fail(err, CUSTODY_ERR_FORMAT, "key is not PKCS#8 of a kind known here");
}

/* ---- certificates ---- */

int custody_issue_check_name(const char *what, const char *text, struct custody_error *err)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t n = strlen(text), characters = 0;
	char shown[256];

	(void)custody_display(text, n, shown, sizeof(shown));
	if (n == 0)
		return custody_fail(err, CUSTODY_ERR_USAGE, "%s is empty, want 1 to %d characters", what, NAME_MAX_CHARACTERS);
	if (text[0] == ' ' || text[n - 1] == ' ')
		return custody_fail(err, CUSTODY_ERR_USAGE, "%s '%s' begins or ends with a space", what, shown);
	for (size_t step = 0; n > 0; p += step, n -= step, characters++) {
		uint32_t cp = 0;

		step = custody_utf8_decode(p, n, &cp);
		if (step == 0)
			return custody_fail(err, CUSTODY_ERR_USAGE, "%s '%s' is not UTF-8", what, shown);
		if (custody_utf8_is_unsafe(cp))
			return custody_fail(err, CUSTODY_ERR_USAGE, "%s '%s' holds a control or format character", what, shown);
	}
	if (characters > NAME_MAX_CHARACTERS)
		return custody_fail(err, CUSTODY_ERR_USAGE, "%s '%s' has %zu characters, want at most %d (X.509 takes no more)", what, shown,
			characters, NAME_MAX_CHARACTERS);
	return 0;
}

static const EVP_MD *digest_of_key(const struct evp_pkey_st *key)
{
	return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == 384 ? EVP_sha384() : EVP_sha256();
}

/* What signs a certificate or a list with this key. RSASSA-PSS as the format takes it: one digest throughout and a salt of its length, where OpenSSL's
 * default is the longest salt that fits. Gives *out. */
static int begin_signing(const struct evp_pkey_st *key, EVP_MD_CTX **out, struct custody_error *err)
{
	EVP_PKEY_CTX *parameters = NULL; /* owned by *out */
	const EVP_MD *md = digest_of_key(key);

	*out = EVP_MD_CTX_new();
	if (!*out || EVP_DigestSignInit(*out, &parameters, md, NULL, borrow(key)) <= 0)
		return custody_fail_openssl(err, "cannot use the issuer's key");
	if (custody_key_is_pss(key) &&
		(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) <= 0 || EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, md) <= 0 ||
			EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) <= 0))
		return custody_fail_openssl(err, "cannot sign with RSASSA-PSS");
	return 0;
}

static int set_name(X509_NAME *name, const struct custody_issue_request *r, struct custody_error *err)
{
	/* UTF8String always, as RFC 5280 4.1.2.4 wants for new names. */
	if (X509_NAME_add_entry_by_NID(name, NID_organizationName, V_ASN1_UTF8STRING, (const unsigned char *)r->organisation, -1, -1, 0) != 1 ||
		X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING, (const unsigned char *)r->common_name, -1, -1, 0) != 1)
		return custody_fail_openssl(err, "cannot make the name");
	return 0;
}

static int set_serial(X509 *x, const struct custody_random *random, struct custody_error *err)
{
	uint8_t bytes[16];
	CUSTODY_OWNED(BN_free) BIGNUM *bn = NULL;

	if (custody_random_fill(random, bytes, sizeof(bytes), err) != 0)
		return -1;
	bytes[0] = (uint8_t)((bytes[0] & 0x3f) | 0x40); /* positive, and always 16 bytes long */
	bn = BN_bin2bn(bytes, (int)sizeof(bytes), NULL);
	if (!bn || !BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)))
		return custody_fail_openssl(err, "cannot make a serial number");
	return 0;
}

static struct custody_time days_later(struct custody_time t, int days)
{
	return (struct custody_time){ t.sec + days * SECONDS_A_DAY, 0 };
}

/* UTCTime to 2049, GeneralizedTime after (RFC 5280 4.1.2.5): ASN1_TIME_set() does that. */
static int make_time(struct custody_time t, ASN1_TIME **out, struct custody_error *err)
{
	if (!custody_time_in_range(t))
		return custody_fail(err, CUSTODY_ERR_INPUT, "a date is outside the years 1 to 9999");
	*out = ASN1_TIME_set(NULL, t.sec);
	return *out ? 0 : custody_fail_openssl(err, "cannot write a date");
}

static int set_validity(X509 *x, const struct custody_issue_request *r, struct custody_error *err)
{
	CUSTODY_OWNED(ASN1_TIME_free) ASN1_TIME *from = NULL;
	CUSTODY_OWNED(ASN1_TIME_free) ASN1_TIME *until = NULL;
	int days = r->kind == CUSTODY_ISSUE_ROOT ? CUSTODY_ISSUE_ROOT_DAYS : CUSTODY_ISSUE_LEAF_DAYS;

	if (make_time(r->not_before, &from, err) != 0 || make_time(days_later(r->not_before, days), &until, err) != 0)
		return -1;
	if (X509_set1_notBefore(x, from) != 1 || X509_set1_notAfter(x, until) != 1)
		return custody_fail_openssl(err, "cannot set the validity");
	return 0;
}

static int add_extension(X509 *x, int nid, void *value, bool critical, struct custody_error *err)
{
	if (!value || X509_add1_ext_i2d(x, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT) != 1)
		return custody_fail_openssl(err, "cannot add the extension %s", OBJ_nid2sn(nid));
	return 0;
}

static int add_basic_constraints(X509 *x, bool ca, struct custody_error *err)
{
	CUSTODY_OWNED(BASIC_CONSTRAINTS_free) BASIC_CONSTRAINTS *bc = BASIC_CONSTRAINTS_new();

	if (bc && ca) {
		bc->ca = 0xff;
		bc->pathlen = ASN1_INTEGER_new();
		if (!bc->pathlen || ASN1_INTEGER_set(bc->pathlen, 0) != 1)
			return custody_fail_openssl(err, "cannot make basicConstraints");
	}
	return add_extension(x, NID_basic_constraints, bc, true, err);
}

static int add_key_usage(X509 *x, enum custody_issue_kind kind, struct custody_error *err)
{
	/* Bits of RFC 5280 4.2.1.3: 0 digitalSignature, 1 nonRepudiation, 5 keyCertSign, 6 cRLSign. */
	static const int bits[][2] = { [CUSTODY_ISSUE_ROOT] = { 5, 6 }, [CUSTODY_ISSUE_SEALING] = { 0, 1 }, [CUSTODY_ISSUE_STAMPING] = { 0, 0 } };
	CUSTODY_OWNED(ASN1_BIT_STRING_free) ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();

	if (!usage || ASN1_BIT_STRING_set_bit(usage, bits[kind][0], 1) != 1 || ASN1_BIT_STRING_set_bit(usage, bits[kind][1], 1) != 1)
		return custody_fail_openssl(err, "cannot make keyUsage");
	return add_extension(x, NID_key_usage, usage, true, err);
}

static int add_time_stamping(X509 *x, struct custody_error *err)
{
	CUSTODY_OWNED(EXTENDED_KEY_USAGE_free) EXTENDED_KEY_USAGE *eku = EXTENDED_KEY_USAGE_new();

	if (!eku || sk_ASN1_OBJECT_push(eku, OBJ_nid2obj(NID_time_stamp)) <= 0)
		return custody_fail_openssl(err, "cannot make extendedKeyUsage");
	return add_extension(x, NID_ext_key_usage, eku, true, err);
}

/* The CONF way gives NULL for this extension; so by its structure. */
static int add_usage_period(X509 *x, struct custody_time from, struct custody_error *err)
{
	CUSTODY_OWNED(PKEY_USAGE_PERIOD_free) PKEY_USAGE_PERIOD *period = PKEY_USAGE_PERIOD_new();

	if (!period)
		return custody_fail_openssl_nomem(err);
	period->notBefore = ASN1_GENERALIZEDTIME_set(NULL, from.sec);
	period->notAfter = ASN1_GENERALIZEDTIME_set(NULL, days_later(from, CUSTODY_ISSUE_KEY_USE_DAYS).sec);
	if (!period->notBefore || !period->notAfter)
		return custody_fail_openssl(err, "cannot make privateKeyUsagePeriod");
	return add_extension(x, NID_private_key_usage_period, period, false, err);
}

/* SKI: the leftmost 160 bits of SHA-256 over the key's bits (RFC 7093 section 2, method 1): like RFC 5280's own, without SHA-1. */
static int add_subject_key_id(X509 *x, struct custody_error *err)
{
	CUSTODY_OWNED(ASN1_OCTET_STRING_free) ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
	const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(x);
	uint8_t digest[32];

	if (custody_digest_once(CUSTODY_SHA256, ASN1_STRING_get0_data(bits), (size_t)ASN1_STRING_length(bits), digest, err) != 0)
		return -1;
	if (!id || ASN1_OCTET_STRING_set(id, digest, 20) != 1)
		return custody_fail_openssl(err, "cannot make subjectKeyIdentifier");
	return add_extension(x, NID_subject_key_identifier, id, false, err);
}

/* keyIdentifier only. Gives *out. */
static int make_authority_key_id(X509 *issuer, AUTHORITY_KEYID **out, struct custody_error *err)
{
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(issuer);

	*out = AUTHORITY_KEYID_new();
	if (!id || !*out || !((*out)->keyid = ASN1_OCTET_STRING_dup(id)))
		return custody_fail_openssl(err, "cannot make authorityKeyIdentifier");
	return 0;
}

static int add_leaf_extensions(X509 *x, const struct custody_issue_request *r, struct custody_error *err)
{
	CUSTODY_OWNED(AUTHORITY_KEYID_free) AUTHORITY_KEYID *id = NULL;

	if (make_authority_key_id(r->issuer->x509, &id, err) != 0 || add_extension(x, NID_authority_key_identifier, id, false, err) != 0)
		return -1;
	if (r->kind == CUSTODY_ISSUE_STAMPING && add_time_stamping(x, err) != 0)
		return -1;
	return add_usage_period(x, r->not_before, err);
}

static int sign_and_give(X509 *x, const struct evp_pkey_st *key, struct custody_certificate *out, struct custody_error *err)
{
	CUSTODY_OWNED(EVP_MD_CTX_free) EVP_MD_CTX *ctx = NULL;
	CUSTODY_CLEANUP(openssl_free_cleanup) unsigned char *der = NULL;
	int n = 0;

	if (begin_signing(key, &ctx, err) != 0)
		return -1;
	if (X509_sign_ctx(x, ctx) <= 0)
		return custody_fail_openssl(err, "cannot sign the certificate");
	n = i2d_X509(x, &der);
	if (n <= 0)
		return custody_fail_openssl(err, "cannot encode the certificate");
	return custody_certificate_parse(der, (size_t)n, out, err);
}

int custody_issue_certificate(const struct custody_issue_request *r, struct custody_certificate *out, struct custody_error *err)
{
	CUSTODY_OWNED(X509_free) X509 *x = X509_new();
	bool root = r->kind == CUSTODY_ISSUE_ROOT;

	if (custody_issue_check_name("organisation", r->organisation, err) != 0 || custody_issue_check_name("name", r->common_name, err) != 0)
		return -1;
	if (!x || X509_set_version(x, X509_VERSION_3) != 1 || X509_set_pubkey(x, borrow(r->key)) != 1)
		return custody_fail_openssl(err, "cannot begin a certificate");
	if (set_serial(x, r->random, err) != 0 || set_name(X509_get_subject_name(x), r, err) != 0 || set_validity(x, r, err) != 0)
		return -1;
	if (X509_set_issuer_name(x, X509_get_subject_name(root ? x : r->issuer->x509)) != 1)
		return custody_fail_openssl(err, "cannot set the issuer");
	if (add_basic_constraints(x, root, err) != 0 || add_key_usage(x, r->kind, err) != 0 || add_subject_key_id(x, err) != 0)
		return -1;
	if (!root && add_leaf_extensions(x, r, err) != 0)
		return -1;
	return sign_and_give(x, root ? r->key : r->issuer_key, out, err);
}

/* ---- revocation lists ---- */

static const struct {
	int reason;
	const char *name;
} reasons[] = {
	{ CRL_REASON_KEY_COMPROMISE, "keyCompromise" },
	{ CRL_REASON_AFFILIATION_CHANGED, "affiliationChanged" },
	{ CRL_REASON_SUPERSEDED, "superseded" },
	{ CRL_REASON_CESSATION_OF_OPERATION, "cessationOfOperation" },
	{ CRL_REASON_PRIVILEGE_WITHDRAWN, "privilegeWithdrawn" },
	{ CRL_REASON_UNSPECIFIED, "unspecified" },
};

const char *custody_issue_reason_name(int reason)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].reason == reason)
			return reasons[i].name;
	return NULL;
}

/* a without its hyphens equals b, whatever the case. */
static bool same_word(const char *a, const char *b)
{
	for (; *a; a++) {
		if (*a == '-')
			continue;
		if (strncasecmp(a, b, 1) != 0)
			return false;
		b++;
	}
	return *b == '\0';
}

int custody_issue_reason_find(const char *name, int *reason, struct custody_error *err)
{
	char shown[64];

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (same_word(name, reasons[i].name)) {
			*reason = reasons[i].reason;
			return 0;
		}
	return custody_fail(err, CUSTODY_ERR_USAGE,
		"unknown reason '%s', want keyCompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn or unspecified",
		custody_display(name, strlen(name), shown, sizeof(shown)));
}

static int add_reason(X509_REVOKED *entry, int reason, struct custody_error *err)
{
	CUSTODY_OWNED(ASN1_ENUMERATED_free) ASN1_ENUMERATED *value = ASN1_ENUMERATED_new();

	if (!value || ASN1_ENUMERATED_set(value, reason) != 1 || X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value, 0, X509V3_ADD_DEFAULT) != 1)
		return custody_fail_openssl(err, "cannot add the reason");
	return 0;
}

static int add_since(X509_REVOKED *entry, struct custody_time since, struct custody_error *err)
{
	CUSTODY_OWNED(ASN1_GENERALIZEDTIME_free) ASN1_GENERALIZEDTIME *value = ASN1_GENERALIZEDTIME_set(NULL, since.sec);

	if (!value || X509_REVOKED_add1_ext_i2d(entry, NID_invalidity_date, value, 0, X509V3_ADD_DEFAULT) != 1)
		return custody_fail_openssl(err, "cannot add the invalidity date");
	return 0;
}

static int add_revoked(X509_CRL *crl, const struct custody_revoked *r, struct custody_error *err)
{
	CUSTODY_OWNED(X509_REVOKED_free) X509_REVOKED *entry = X509_REVOKED_new();
	CUSTODY_OWNED(BN_free) BIGNUM *bn = BN_bin2bn(r->serial, (int)r->serial_len, NULL);
	CUSTODY_OWNED(ASN1_INTEGER_free) ASN1_INTEGER *serial = bn ? BN_to_ASN1_INTEGER(bn, NULL) : NULL;
	CUSTODY_OWNED(ASN1_TIME_free) ASN1_TIME *when = NULL;

	if (make_time(r->when, &when, err) != 0)
		return -1;
	if (!entry || !serial || X509_REVOKED_set_serialNumber(entry, serial) != 1 || X509_REVOKED_set_revocationDate(entry, when) != 1)
		return custody_fail_openssl(err, "cannot make an entry of the revocation list");
	/* RFC 5280 5.3.1: unspecified is left out. */
	if (r->reason != CRL_REASON_UNSPECIFIED && add_reason(entry, r->reason, err) != 0)
		return -1;
	if (r->has_since && add_since(entry, r->since, err) != 0)
		return -1;
	if (X509_CRL_add0_revoked(crl, entry) != 1)
		return custody_fail_openssl(err, "cannot add an entry to the revocation list");
	(void)custody_steal(&entry);
	return 0;
}

static int add_crl_extensions(X509_CRL *crl, const struct custody_issue_crl_request *r, struct custody_error *err)
{
	CUSTODY_OWNED(AUTHORITY_KEYID_free) AUTHORITY_KEYID *id = NULL;
	CUSTODY_OWNED(ASN1_INTEGER_free) ASN1_INTEGER *number = ASN1_INTEGER_new();

	if (make_authority_key_id(r->issuer->x509, &id, err) != 0)
		return -1;
	if (!number || ASN1_INTEGER_set_uint64(number, r->number) != 1 ||
		X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, X509V3_ADD_DEFAULT) != 1 ||
		X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, id, 0, X509V3_ADD_DEFAULT) != 1)
		return custody_fail_openssl(err, "cannot add the extensions of the revocation list");
	return 0;
}

static int set_updates(X509_CRL *crl, struct custody_time this_update, struct custody_error *err)
{
	CUSTODY_OWNED(ASN1_TIME_free) ASN1_TIME *from = NULL;
	CUSTODY_OWNED(ASN1_TIME_free) ASN1_TIME *until = NULL;

	if (make_time(this_update, &from, err) != 0 || make_time(days_later(this_update, CUSTODY_ISSUE_CRL_DAYS), &until, err) != 0)
		return -1;
	if (X509_CRL_set1_lastUpdate(crl, from) != 1 || X509_CRL_set1_nextUpdate(crl, until) != 1)
		return custody_fail_openssl(err, "cannot set the dates of the revocation list");
	return 0;
}

int custody_issue_crl(const struct custody_issue_crl_request *r, struct custody_crl *out, struct custody_error *err)
{
	CUSTODY_OWNED(X509_CRL_free) X509_CRL *crl = X509_CRL_new();
	CUSTODY_OWNED(EVP_MD_CTX_free) EVP_MD_CTX *ctx = NULL;
	CUSTODY_CLEANUP(openssl_free_cleanup) unsigned char *der = NULL;
	int n = 0;

	if (!crl || X509_CRL_set_version(crl, X509_CRL_VERSION_2) != 1 || X509_CRL_set_issuer_name(crl, X509_get_subject_name(r->issuer->x509)) != 1)
		return custody_fail_openssl(err, "cannot begin a revocation list");
	if (set_updates(crl, r->this_update, err) != 0)
		return -1;
	for (size_t i = 0; i < r->n_revoked; i++)
		if (add_revoked(crl, &r->revoked[i], err) != 0)
			return -1;
	if (X509_CRL_sort(crl) != 1)
		return custody_fail_openssl(err, "cannot sort the revocation list");
	if (add_crl_extensions(crl, r, err) != 0 || begin_signing(r->issuer_key, &ctx, err) != 0)
		return -1;
	if (X509_CRL_sign_ctx(crl, ctx) <= 0)
		return custody_fail_openssl(err, "cannot sign the revocation list");
	n = i2d_X509_CRL(crl, &der);
	if (n <= 0)
		return custody_fail_openssl(err, "cannot encode the revocation list");
	return custody_crl_parse(der, (size_t)n, out, err);
}

bool custody_issue_crl_number(const struct custody_crl *crl, uint64_t *number)
{
	CUSTODY_OWNED(ASN1_INTEGER_free) ASN1_INTEGER *value = X509_CRL_get_ext_d2i(crl->crl, NID_crl_number, NULL, NULL);
	bool yes = value && ASN1_INTEGER_get_uint64(number, value) == 1;

	ERR_clear_error();
	return yes;
}

size_t custody_issue_crl_count(const struct custody_crl *crl)
{
	const STACK_OF(X509_REVOKED) *all = X509_CRL_get_REVOKED(crl->crl); /* borrowed; NULL: none */

	return all ? (size_t)sk_X509_REVOKED_num(all) : 0;
}

bool custody_issue_crl_serial(const struct custody_crl *crl, size_t i, struct custody_bytes *serial)
{
	const X509_REVOKED *entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl->crl), (int)i);
	const ASN1_INTEGER *value = entry ? X509_REVOKED_get0_serialNumber(entry) : NULL;

	if (!value)
		return false;
	*serial = (struct custody_bytes){ ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value) };
	return true;
}

/* ---- who issued it ---- */

bool custody_issue_is_by(const struct custody_certificate *c, const struct custody_certificate *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer->x509); /* borrowed */
	bool yes = key && X509_check_issued(issuer->x509, c->x509) == X509_V_OK && X509_verify(c->x509, key) == 1;

	ERR_clear_error();
	return yes;
}

bool custody_issue_crl_is_by(const struct custody_crl *crl, const struct custody_certificate *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer->x509); /* borrowed */
	bool yes =
		key && X509_NAME_cmp(X509_CRL_get_issuer(crl->crl), X509_get_subject_name(issuer->x509)) == 0 && X509_CRL_verify(crl->crl, key) == 1;

	ERR_clear_error();
	return yes;
}

/* ---- PEM ---- */

int custody_pem_append(const char *label, const uint8_t *der, size_t n, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_FREE char *text = malloc(custody_base64_len(n) + 1);
	size_t left = custody_base64_len(n);

	if (!text)
		return custody_fail_nomem(err);
	custody_base64_format(der, n, text);
	if (custody_buf_printf(out, err, "-----BEGIN %s-----\n", label) != 0)
		return -1;
	for (const char *p = text; left > 0;) {
		size_t line = left < 64 ? left : 64; /* RFC 7468 section 2 */

		if (custody_buf_append(out, p, line, err) != 0 || custody_buf_append_byte(out, '\n', err) != 0)
			return -1;
		p += line;
		left -= line;
	}
	return custody_buf_printf(out, err, "-----END %s-----\n", label);
}
