/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/sign.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "libcustody/base/limits.h"
#include "libcustody/crypto/cms.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/openssl.h"
#include "libcustody/crypto/signature.h"
#include "libcustody/crypto/timestamp.h"

/*
 * RFC 3161 2.4.2 wants a policy in every token. In DER: OpenSSL's reader of the dotted form makes another one of it when it runs out of memory.
 */
static const unsigned char own_word_policy[] = "\x06\x14" CUSTODY_POLICY_OWN_WORD, served_policy[] = "\x06\x13" CUSTODY_POLICY_SERVED;

CUSTODY_OWNED_BY(CMS_ContentInfo, CMS_ContentInfo_free)
CUSTODY_OWNED_BY(ASN1_OBJECT, ASN1_OBJECT_free)
CUSTODY_OWNED_BY(ASN1_TIME, ASN1_TIME_free)
CUSTODY_OWNED_BY(ASN1_INTEGER, ASN1_INTEGER_free)
CUSTODY_OWNED_BY(ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free)
CUSTODY_OWNED_BY(BIGNUM, BN_free)
CUSTODY_OWNED_BY(ESS_SIGNING_CERT_V2, ESS_SIGNING_CERT_V2_free)
CUSTODY_OWNED_BY(EVP_MD_CTX, EVP_MD_CTX_free)
CUSTODY_OWNED_BY(EVP_PKEY, EVP_PKEY_free)
CUSTODY_OWNED_BY(TS_TST_INFO, TS_TST_INFO_free)
CUSTODY_OWNED_BY(TS_MSG_IMPRINT, TS_MSG_IMPRINT_free)
CUSTODY_OWNED_BY(TS_ACCURACY, TS_ACCURACY_free)
CUSTODY_OWNED_BY(X509_ALGOR, X509_ALGOR_free)
CUSTODY_OWNED_BY(RSA_PSS_PARAMS, RSA_PSS_PARAMS_free)
CUSTODY_OWNED_BY(ASN1_STRING, ASN1_STRING_free)

/* A block of OpenSSL's heap, as its encoders give it. */
static void openssl_free_cleanup(unsigned char **p)
{
	OPENSSL_free(*p);
}

void custody_signer_release(struct custody_signer *s)
{
	EVP_PKEY_free(s->key);
	custody_certificate_release(&s->certificate);
	for (size_t i = 0; i < s->n_chain; i++)
		custody_certificate_release(&s->chain[i]);
	free(s->chain);
	memset(s, 0, sizeof(*s));
}

enum custody_digest_id custody_signer_digest(const struct custody_signer *s)
{
	return EVP_PKEY_is_a(s->key, "EC") && EVP_PKEY_get_bits(s->key) == 384 ? CUSTODY_SHA384 : CUSTODY_SHA256;
}

static const EVP_MD *message_digest(const struct custody_signer *s)
{
	return custody_signer_digest(s) == CUSTODY_SHA384 ? EVP_sha384() : EVP_sha256();
}

/* RSASSA-PSS as the format takes it: salt as long as the digest, MGF1 with the same digest (sealed-package.md, "digests and parameters"). */
static int use_pss(EVP_PKEY_CTX *ctx, const EVP_MD *md, struct custody_error *err)
{
	if (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) <= 0 || EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) <= 0 ||
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) <= 0)
		return custody_fail_openssl(err, "cannot sign with RSASSA-PSS");
	return 0;
}

static int try_sign(const struct custody_signer *s, const uint8_t *value, size_t n, unsigned char **sig, size_t *sig_len, struct custody_error *err)
{
	CUSTODY_OWNED(EVP_MD_CTX_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL; /* owned by ctx */
	size_t room;

	if (!ctx || EVP_DigestSignInit(ctx, &pctx, message_digest(s), NULL, s->key) <= 0)
		return custody_fail_openssl(err, "cannot use the key");
	if (s->pss && use_pss(pctx, message_digest(s), err) != 0)
		return -1;
	if (EVP_DigestSign(ctx, NULL, sig_len, value, n) <= 0)
		return custody_fail_openssl(err, "cannot use the key");
	room = *sig_len;
	*sig = OPENSSL_malloc(room);
	if (!*sig)
		return custody_fail_openssl_nomem(err);
	/* OpenSSL 3.5 says that it signed when memory failed inside, and gives a length of 2^32 - 1. */
	if (EVP_DigestSign(ctx, *sig, sig_len, value, n) <= 0 || *sig_len == 0 || *sig_len > room)
		return custody_fail_openssl(err, "cannot sign with the key");
	return 0;
}

int custody_signer_try(const struct custody_signer *s, const struct custody_random *random, struct custody_error *err)
{
	CUSTODY_OWNED(EVP_MD_CTX_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	CUSTODY_OWNED(EVP_PKEY_free) EVP_PKEY *public_key = X509_get_pubkey(s->certificate.x509);
	CUSTODY_CLEANUP(openssl_free_cleanup) unsigned char *sig = NULL;
	EVP_PKEY_CTX *pctx = NULL; /* owned by ctx */
	size_t sig_len = 0;
	uint8_t value[32];

	if (!ctx || !public_key)
		return custody_fail_openssl(err, "cannot use the certificate's key");
	if (custody_random_fill(random, value, sizeof(value), err) != 0 || try_sign(s, value, sizeof(value), &sig, &sig_len, err) != 0)
		return -1;
	/* A key of another kind than the certificate's cannot be initialised with these parameters, or does not verify: both are "not a pair". */
	bool good = EVP_DigestVerifyInit(ctx, &pctx, message_digest(s), NULL, public_key) > 0 &&
		    (!s->pss || use_pss(pctx, message_digest(s), err) == 0) && EVP_DigestVerify(ctx, sig, sig_len, value, sizeof(value)) > 0;
	if (!good) {
		custody_fail_openssl(err, "cannot verify");
		return custody_fail(err, CUSTODY_ERR_INPUT, "the key and the certificate do not belong together: a trial signature does not verify");
	}
	return 0;
}

/* sealed-package.md "Signatures": a self-signed certificate is never embedded. */
static int refuse_self_signed(const struct custody_certificate *c, struct custody_error *err)
{
	if (X509_get_extension_flags(c->x509) & EXFLAG_SS)
		return custody_fail(err, CUSTODY_ERR_INPUT, "the certificate to embed is self-signed, want one issued by an anchor");
	return 0;
}

/* The signer's certificate comes with CMS_add1_signer(); each CA of its path once. */
static int add_chain(CMS_ContentInfo *cms, const struct custody_signer *s, struct custody_error *err)
{
	if (refuse_self_signed(&s->certificate, err) != 0)
		return -1;
	for (size_t i = 0; i < s->n_chain; i++) {
		const struct custody_certificate *c = &s->chain[i];
		bool there = memcmp(c->sha256, s->certificate.sha256, sizeof(c->sha256)) == 0;

		if (refuse_self_signed(c, err) != 0)
			return -1;
		for (size_t j = 0; j < i && !there; j++)
			there = memcmp(c->sha256, s->chain[j].sha256, sizeof(c->sha256)) == 0;
		if (!there && CMS_add1_cert(cms, c->x509) != 1)
			return custody_fail_openssl(err, "cannot embed a certificate of the path");
	}
	return 0;
}

/* signing-certificate-v2 (RFC 5035): SHA-256, which DER leaves out as the default, and issuer and serial. */
static int add_signing_certificate(CMS_SignerInfo *si, const struct custody_signer *s, struct custody_error *err)
{
	CUSTODY_OWNED(ESS_SIGNING_CERT_V2_free)
	ESS_SIGNING_CERT_V2 *ess = OSSL_ESS_signing_cert_v2_new_init(EVP_sha256(), s->certificate.x509, NULL, 1);
	CUSTODY_CLEANUP(openssl_free_cleanup) unsigned char *der = NULL;
	int n = ess ? i2d_ESS_SIGNING_CERT_V2(ess, &der) : -1;

	if (n <= 0 || CMS_signed_add1_attr_by_NID(si, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE, der, n) != 1)
		return custody_fail_openssl(err, "cannot make the signing-certificate-v2 attribute");
	return 0;
}

/* Exactly the four attributes of the format. signing-time is UTCTime to 2049 and GeneralizedTime after (RFC 5652 11.3), which ASN1_TIME_set() does;
 * with one there already, OpenSSL does not put in its own clock's. */
static int add_attributes(CMS_SignerInfo *si, const struct custody_signer *s, int type, const uint8_t *digest, size_t n, struct custody_time time,
	struct custody_error *err)
{
	CUSTODY_OWNED(ASN1_TIME_free) ASN1_TIME *when = NULL;

	if (!custody_time_in_range(time))
		return custody_fail(err, CUSTODY_ERR_INPUT, "the time of signing is outside the years 1 to 9999");
	when = ASN1_TIME_set(NULL, time.sec);
	if (!when || CMS_signed_add1_attr_by_NID(si, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(type), -1) != 1 ||
		CMS_signed_add1_attr_by_NID(si, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, digest, (int)n) != 1 ||
		CMS_signed_add1_attr_by_NID(si, NID_pkcs9_signingTime, when->type, when, -1) != 1)
		return custody_fail_openssl(err, "cannot make the signed attributes");
	return add_signing_certificate(si, s, err);
}

/* Sets what takes a SEQUENCE as its parameters. */
static bool set_algorithm(X509_ALGOR *algorithm, int nid, const unsigned char *der, int n)
{
	CUSTODY_OWNED(ASN1_STRING_free) ASN1_STRING *text = ASN1_STRING_type_new(V_ASN1_SEQUENCE);

	if (!text || n <= 0 || ASN1_STRING_set(text, der, n) != 1 || X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_SEQUENCE, text) != 1)
		return false;
	text = NULL; /* taken */
	return true;
}

static bool set_pss_parameters(const EVP_MD *md, RSA_PSS_PARAMS *p)
{
	CUSTODY_CLEANUP(openssl_free_cleanup) unsigned char *der = NULL;
	int n = 0;

	p->hashAlgorithm = X509_ALGOR_new();
	p->maskGenAlgorithm = X509_ALGOR_new();
	p->saltLength = ASN1_INTEGER_new();
	if (!p->hashAlgorithm || !p->maskGenAlgorithm || !p->saltLength || ASN1_INTEGER_set(p->saltLength, EVP_MD_get_size(md)) != 1 ||
		X509_ALGOR_set0(p->hashAlgorithm, OBJ_nid2obj(EVP_MD_get_type(md)), V_ASN1_NULL, NULL) != 1)
		return false;
	n = i2d_X509_ALGOR(p->hashAlgorithm, &der);
	return set_algorithm(p->maskGenAlgorithm, NID_mgf1, der, n);
}

/* RSASSA-PSS in the signer's algorithm identifier (RFC 4055 3.1). CMS_final() would do it, but that wants the content, and there is only its digest. */
static int name_pss(CMS_SignerInfo *si, const EVP_MD *md, struct custody_error *err)
{
	CUSTODY_OWNED(RSA_PSS_PARAMS_free) RSA_PSS_PARAMS *p = RSA_PSS_PARAMS_new();
	CUSTODY_CLEANUP(openssl_free_cleanup) unsigned char *der = NULL;
	X509_ALGOR *algorithm = NULL; /* owned by si */
	int n = p && set_pss_parameters(md, p) ? i2d_RSA_PSS_PARAMS(p, &der) : -1;

	CMS_SignerInfo_get0_algs(si, NULL, NULL, NULL, &algorithm);
	if (!set_algorithm(algorithm, NID_rsassaPss, der, n))
		return custody_fail_openssl(err, "cannot name RSASSA-PSS");
	return 0;
}

/* RFC 5652 5.1: the version follows from the content type. OpenSSL works it out only where it sets up the digests, which nobody here needs. */
static int settle_version(CMS_ContentInfo *cms, struct custody_error *err)
{
	BIO *digests = CMS_dataInit(cms, NULL);

	if (!digests)
		return custody_fail_openssl(err, "cannot begin a signature");
	BIO_free_all(digests);
	return 0;
}

/* A SignedData with one signer, its path and its signature over the attributes; content is digested by the caller. more: CMS_DETACHED, no content inside;
 * CMS_NOCERTS, no certificates. */
static int make_signed(const struct custody_signer *s, int type, unsigned more, const uint8_t *digest, struct custody_time time,
	CMS_ContentInfo **out, struct custody_error *err)
{
	const unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP | more;
	CUSTODY_OWNED(CMS_ContentInfo_free) CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
	CMS_SignerInfo *si = NULL;

	if (!cms || CMS_set1_eContentType(cms, OBJ_nid2obj(type)) != 1)
		return custody_fail_openssl(err, "cannot begin a signature");
	/* CMS_KEY_PARAM opens the signing context at once, so that the padding can be set; without it PKCS#1 v1.5 or ECDSA. */
	si = CMS_add1_signer(cms, s->certificate.x509, s->key, message_digest(s), flags | (s->pss ? CMS_KEY_PARAM : 0u));
	if (!si)
		return custody_fail_openssl(err, "cannot add the signer");
	if (s->pss && (use_pss(CMS_SignerInfo_get0_pkey_ctx(si), message_digest(s), err) != 0 || name_pss(si, message_digest(s), err) != 0))
		return -1;
	if (((more & CMS_NOCERTS) == 0 && add_chain(cms, s, err) != 0) ||
		add_attributes(si, s, type, digest, custody_digest_get(custody_signer_digest(s))->size, time, err) != 0)
		return -1;
	if (settle_version(cms, err) != 0)
		return -1;
	if (CMS_SignerInfo_sign(si) != 1)
		return custody_fail_openssl(err, "cannot sign");
	*out = custody_steal(&cms);
	return 0;
}

static CMS_SignerInfo *the_signer(CMS_ContentInfo *cms)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);

	return sk_CMS_SignerInfo_num(signers) == 1 ? sk_CMS_SignerInfo_value(signers, 0) : NULL;
}

/* signing-certificate-v2 holds a digest by SHA-256 and does not say so: a default is left out (X.690 11.5). OpenSSL puts it in when it lacks memory. */
static bool leaves_out_the_default(struct custody_bytes signing_certificate)
{
	struct custody_bytes ids, in;
	struct custody_der e;

	return custody_der_only(signing_certificate, CUSTODY_DER_SEQUENCE, &ids) && custody_der_take(&ids, CUSTODY_DER_SEQUENCE, &e) &&
	       (in = e.content, custody_der_take(&in, CUSTODY_DER_SEQUENCE, &e)) &&
	       (in = e.content, custody_der_take(&in, CUSTODY_DER_OCTET_STRING, &e));
}

/*
 * What is handed out must be what our own strict reader takes, and must verify: a fault in a private-key operation gives a signature that reveals the key.
 * OpenSSL without memory at the wrong place goes on with something else than asked for; then this is where it ends.
 */
static int read_back(
	const struct custody_signer *s, enum custody_cms_kind kind, struct custody_bytes der, const uint8_t *digest, struct custody_error *err)
{
	struct custody_cms cms;
	bool legacy = false;
	struct custody_error why;

	if (custody_openssl_settle(err) != 0)
		return -1;
	if (custody_cms_parse(der, kind, &cms, err) == 0 && custody_cms_verify(&cms, &s->certificate, digest, &legacy, err) == 0 && !legacy &&
		leaves_out_the_default(cms.signing_certificate_v2))
		return 0;
	if (err->kind != CUSTODY_ERR_NONE && err->kind != CUSTODY_ERR_FORMAT)
		return -1;
	why = *err;
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "our own reader refuses the signature made: %s",
		why.kind == CUSTODY_ERR_NONE ? "its signing-certificate-v2 is not the one wanted" : why.text);
}

static int append_der(CMS_ContentInfo *cms, const struct custody_signer *s, enum custody_cms_kind kind, const uint8_t *digest,
	struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(openssl_free_cleanup) unsigned char *der = NULL;
	struct custody_error fresh = CUSTODY_ERROR_INIT;
	int n = i2d_CMS_ContentInfo(cms, &der);

	if (n <= 0)
		return custody_fail_openssl(err, "cannot encode the signature");
	if (read_back(s, kind, (struct custody_bytes){ der, (size_t)n }, digest, &fresh) != 0) {
		*err = fresh;
		return -1;
	}
	return custody_buf_append(out, der, (size_t)n, err);
}

/* ---- the lab's own time-stamp ---- */

/* A positive INTEGER of 127 random bits. */
static int random_serial(const struct custody_random *random, ASN1_INTEGER **out, struct custody_error *err)
{
	uint8_t bytes[16];
	CUSTODY_OWNED(BN_free) BIGNUM *bn = NULL;

	if (custody_random_fill(random, bytes, sizeof(bytes), err) != 0)
		return -1;
	bytes[0] &= 0x7f;
	bn = BN_bin2bn(bytes, (int)sizeof(bytes), NULL);
	*out = bn ? BN_to_ASN1_INTEGER(bn, NULL) : NULL;
	return *out ? 0 : custody_fail_openssl(err, "cannot make a serial number");
}

/* genTime (RFC 3161 2.4.2): YYYYMMDDhhmmss[.f...]Z, a fraction without trailing zeros and none when it is zero. */
static int general_time(struct custody_time t, ASN1_GENERALIZEDTIME **out, struct custody_error *err)
{
	char rfc3339[CUSTODY_TIME_TEXT], text[CUSTODY_TIME_TEXT];
	size_t n = 0;

	if (!custody_time_in_range(t))
		return custody_fail(err, CUSTODY_ERR_INPUT, "the time to stamp is outside the years 1 to 9999");
	custody_time_format_ns(t, rfc3339);
	for (const char *p = rfc3339; *p != 'Z'; p++)
		if ((*p >= '0' && *p <= '9') || *p == '.')
			text[n++] = *p;
	while (n > sizeof("YYYYMMDDhhmmss") - 1 && text[n - 1] == '0')
		n--;
	if (n > 0 && text[n - 1] == '.')
		n--;
	text[n++] = 'Z';
	text[n] = '\0';
	*out = ASN1_GENERALIZEDTIME_new();
	if (!*out || ASN1_GENERALIZEDTIME_set_string(*out, text) != 1)
		return custody_fail_openssl(err, "cannot write the time '%s'", text);
	return 0;
}

static int make_imprint(const struct custody_stamp_request *r, TS_MSG_IMPRINT **out, struct custody_error *err)
{
	CUSTODY_OWNED(X509_ALGOR_free) X509_ALGOR *algorithm = X509_ALGOR_new();
	const struct custody_digest_info *info = custody_digest_get(r->imprint_digest);
	int nid = OBJ_sn2nid(info->bsd_name);

	if (r->imprint_digest != CUSTODY_SHA256 && r->imprint_digest != CUSTODY_SHA384 && r->imprint_digest != CUSTODY_SHA512)
		return custody_fail(err, CUSTODY_ERR_INPUT, "cannot stamp an imprint by %s, want sha256, sha384 or sha512", info->name);
	*out = TS_MSG_IMPRINT_new();
	if (!algorithm || !*out || X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), r->bare_algorithm ? V_ASN1_UNDEF : V_ASN1_NULL, NULL) != 1 ||
		TS_MSG_IMPRINT_set_algo(*out, algorithm) != 1 ||
		TS_MSG_IMPRINT_set_msg(*out, (unsigned char *)(uintptr_t)r->imprint, (int)info->size) != 1)
		return custody_fail_openssl(err, "cannot make the imprint");
	return 0;
}

static ASN1_INTEGER *number(uint64_t v)
{
	CUSTODY_OWNED(ASN1_INTEGER_free) ASN1_INTEGER *n = ASN1_INTEGER_new();

	return n && ASN1_INTEGER_set_uint64(n, v) == 1 ? custody_steal(&n) : NULL;
}

/* Accuracy (RFC 3161 2.4.2): seconds, and millis and micros from 1 to 999; a part that is zero is left out. */
static int add_accuracy(TS_TST_INFO *info, uint64_t us, struct custody_error *err)
{
	CUSTODY_OWNED(TS_ACCURACY_free) TS_ACCURACY *accuracy = TS_ACCURACY_new();
	CUSTODY_OWNED(ASN1_INTEGER_free) ASN1_INTEGER *seconds = number(us / 1000000);
	CUSTODY_OWNED(ASN1_INTEGER_free) ASN1_INTEGER *millis = number(us / 1000 % 1000);
	CUSTODY_OWNED(ASN1_INTEGER_free) ASN1_INTEGER *micros = number(us % 1000);

	if (us == 0)
		return 0;
	if (us > UINT64_C(31536000) * 1000000)
		return custody_fail(err, CUSTODY_ERR_INPUT, "an accuracy of more than a year says nothing");
	if (!accuracy || !seconds || !millis || !micros || (us >= 1000000 && TS_ACCURACY_set_seconds(accuracy, seconds) != 1) ||
		(us / 1000 % 1000 > 0 && TS_ACCURACY_set_millis(accuracy, millis) != 1) ||
		(us % 1000 > 0 && TS_ACCURACY_set_micros(accuracy, micros) != 1) || TS_TST_INFO_set_accuracy(info, accuracy) != 1)
		return custody_fail_openssl(err, "cannot state the accuracy");
	return 0;
}

/* The nonce as it came, byte for byte: DER of an INTEGER is what the caller has checked. */
static int add_nonce(TS_TST_INFO *info, struct custody_bytes nonce, struct custody_error *err)
{
	uint8_t der[2 + CUSTODY_LIMIT_NONCE] = { CUSTODY_DER_INTEGER, (uint8_t)nonce.n };
	const unsigned char *p = der;
	CUSTODY_OWNED(ASN1_INTEGER_free) ASN1_INTEGER *number_used_once = NULL;

	if (nonce.n == 0)
		return 0;
	if (nonce.n > CUSTODY_LIMIT_NONCE)
		return custody_fail(err, CUSTODY_ERR_INPUT, "a nonce of %zu bytes, want at most %d", nonce.n, CUSTODY_LIMIT_NONCE);
	memcpy(der + 2, nonce.p, nonce.n);
	number_used_once = d2i_ASN1_INTEGER(NULL, &p, (long)(2 + nonce.n));
	if (!number_used_once || TS_TST_INFO_set_nonce(info, number_used_once) != 1)
		return custody_fail_openssl(err, "cannot repeat the nonce");
	return 0;
}

/* TSTInfo: no ordering (we promise none), no tsa (the certificate says it). */
static int make_tst_info(const struct custody_stamp_request *r, unsigned char **der, int *n, struct custody_error *err)
{
	CUSTODY_OWNED(TS_TST_INFO_free) TS_TST_INFO *info = TS_TST_INFO_new();
	const unsigned char *der_policy = r->served ? served_policy : own_word_policy;
	long policy_len = (long)((r->served ? sizeof(served_policy) : sizeof(own_word_policy)) - 1);
	CUSTODY_OWNED(ASN1_OBJECT_free) ASN1_OBJECT *policy = d2i_ASN1_OBJECT(NULL, &der_policy, policy_len);
	CUSTODY_OWNED(TS_MSG_IMPRINT_free) TS_MSG_IMPRINT *what = NULL;
	CUSTODY_OWNED(ASN1_INTEGER_free) ASN1_INTEGER *serial = NULL;
	CUSTODY_OWNED(ASN1_GENERALIZEDTIME_free) ASN1_GENERALIZEDTIME *time = NULL;

	if (make_imprint(r, &what, err) != 0 || random_serial(r->random, &serial, err) != 0 || general_time(r->time, &time, err) != 0)
		return -1;
	if (!info || !policy || TS_TST_INFO_set_version(info, 1) != 1 || TS_TST_INFO_set_policy_id(info, policy) != 1 ||
		TS_TST_INFO_set_msg_imprint(info, what) != 1 || TS_TST_INFO_set_serial(info, serial) != 1 || TS_TST_INFO_set_time(info, time) != 1)
		return custody_fail_openssl(err, "cannot make the TSTInfo");
	if (add_accuracy(info, r->accuracy_us, err) != 0 || add_nonce(info, r->nonce, err) != 0)
		return -1;
	*n = i2d_TS_TST_INFO(info, der);
	return *n > 0 ? 0 : custody_fail_openssl(err, "cannot encode the TSTInfo");
}

/* What our own reader finds in the token is what was asked for: OpenSSL without memory at the wrong place leaves things out and says nothing. */
static int check_token(const struct custody_stamp_request *r, struct custody_bytes der, struct custody_error *err)
{
	struct custody_token t;
	const struct custody_bytes imprint = { r->imprint, custody_digest_get(r->imprint_digest)->size };

	if (custody_token_parse(der, &t, err) == 0 && t.imprint_digest == r->imprint_digest && custody_bytes_equal(t.imprint, imprint) &&
		custody_time_compare(t.time, r->time) == 0 && custody_bytes_equal(t.nonce, r->nonce) && t.accuracy_us == r->accuracy_us &&
		(r->served ? custody_bytes_are(t.policy, CUSTODY_POLICY_SERVED) : custody_bytes_are(t.policy, CUSTODY_POLICY_OWN_WORD)) &&
		(t.cms.n_certificates == 0) == r->without_certificates)
		return 0;
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "our own reader does not find in the token what was to be stamped");
}

int custody_stamp_for(const struct custody_signer *stamper, const struct custody_stamp_request *r, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(openssl_free_cleanup) unsigned char *info = NULL;
	CUSTODY_OWNED(CMS_ContentInfo_free) CMS_ContentInfo *cms = NULL;
	CUSTODY_BUF_CLEAN struct custody_buf token = { 0 };
	uint8_t digest[CUSTODY_DIGEST_MAX];
	ASN1_OCTET_STRING **content = NULL; /* owned by cms */
	int n = 0;

	custody_buf_init(&token, CUSTODY_LIMIT_SIGNATURE);
	if (make_tst_info(r, &info, &n, err) != 0 || custody_digest_once(custody_signer_digest(stamper), info, (size_t)n, digest, err) != 0 ||
		make_signed(stamper, NID_id_smime_ct_TSTInfo, r->without_certificates ? CMS_NOCERTS : 0u, digest, r->time, &cms, err) != 0)
		return custody_fail_in(err, "time-stamp");
	content = CMS_get0_content(cms);
	if (!content || !*content || ASN1_OCTET_STRING_set(*content, info, n) != 1)
		return custody_fail_openssl(err, "time-stamp: cannot put the TSTInfo in");
	(*content)->flags &= ~ASN1_STRING_FLAG_CONT; /* it is whole, not the start of a stream */
	if (append_der(cms, stamper, CUSTODY_CMS_TOKEN, digest, &token, err) != 0 ||
		check_token(r, (struct custody_bytes){ token.data, token.len }, err) != 0)
		return -1;
	return custody_buf_append(out, token.data, token.len, err);
}

int custody_stamp(const struct custody_signer *stamper, enum custody_digest_id imprint_alg, const uint8_t *imprint, struct custody_time when,
	const struct custody_random *random, struct custody_buf *out, struct custody_error *err)
{
	const struct custody_stamp_request r = { .imprint_digest = imprint_alg, .imprint = imprint, .time = when, .random = random };

	return custody_stamp_for(stamper, &r, out, err);
}

/* ---- the seal's signature ---- */

/* signature-time-stamp: a token over the value octets of the signature (EN 319 122-1 5.3). */
static int add_stamp(CMS_SignerInfo *si, const struct custody_sign_request *r, struct custody_error *err)
{
	const ASN1_OCTET_STRING *value = CMS_SignerInfo_get0_signature(si);
	enum custody_digest_id alg = custody_signer_digest(r->signer);
	uint8_t imprint[CUSTODY_DIGEST_MAX];
	CUSTODY_BUF_CLEAN struct custody_buf token = { 0 };

	custody_buf_init(&token, CUSTODY_LIMIT_SIGNATURE);
	if (!value || ASN1_STRING_length(value) <= 0) /* CMS_SignerInfo_sign() has said that it is there, but without memory it may not be */
		return custody_fail_openssl(err, "cannot sign");
	if (custody_digest_once(alg, ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value), imprint, err) != 0 ||
		custody_stamp(r->stamper, alg, imprint, r->stamp_time, r->random, &token, err) != 0)
		return -1;
	if (CMS_unsigned_add1_attr_by_NID(si, NID_id_smime_aa_timeStampToken, V_ASN1_SEQUENCE, token.data, (int)token.len) != 1)
		return custody_fail_openssl(err, "cannot add the time-stamp");
	return 0;
}

int custody_sign(const struct custody_sign_request *request, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_OWNED(CMS_ContentInfo_free) CMS_ContentInfo *cms = NULL;
	CMS_SignerInfo *si = NULL; /* owned by cms */

	if (request->content_digest_len != custody_digest_get(custody_signer_digest(request->signer))->size)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "content digest has %zu bytes, want %zu", request->content_digest_len,
			custody_digest_get(custody_signer_digest(request->signer))->size);
	if (make_signed(request->signer, NID_pkcs7_data, CMS_DETACHED, request->content_digest, request->signing_time, &cms, err) != 0)
		return -1;
	si = the_signer(cms);
	if (!si)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "the signature has not one signer");
	if (request->stamper && add_stamp(si, request, err) != 0)
		return -1;
	for (size_t i = 0; i < request->n_crls; i++)
		if (CMS_add1_crl(cms, request->crls[i].crl) != 1)
			return custody_fail_openssl(err, "cannot embed a revocation list");
	return append_der(cms, request->signer, CUSTODY_CMS_SEAL, request->content_digest, out, err);
}
