/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "libcustody/crypto/sign.h"
#include "tests/support/testlab.h"

static const char content[] = "<asic:ASiCManifest/>";
static const char *const kinds[] = { "p256", "p384", "rsa3072", "rsapss" };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Signs `content` by the lab, stamped at `stamped`. */
static int sign_at(const struct testlab *t, struct custody_time stamped, uint64_t seed, struct custody_buf *out, struct custody_error *err)
{
	const struct custody_random random = testlab_random(&seed);
	enum custody_digest_id alg = custody_signer_digest(&t->signer);
	uint8_t digest[CUSTODY_DIGEST_MAX];

	cr_assert_eq(custody_digest_once(alg, content, strlen(content), digest, err), 0);
	const struct custody_sign_request r = { .signer = &t->signer,
		.content_digest = digest,
		.content_digest_len = custody_digest_get(alg)->size,
		.signing_time = { TESTLAB_NOW + 5, 999 },
		.stamper = &t->stamper,
		.stamp_time = stamped,
		.random = &random,
		.crls = &t->crl,
		.n_crls = 1 };
	return custody_sign(&r, out, err);
}

static X509_STORE *store_of(const struct testlab *t)
{
	X509_STORE *store = X509_STORE_new();

	cr_assert_eq(X509_STORE_add_cert(store, t->root.x509), 1);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), TESTLAB_NOW + 10);
	X509_VERIFY_PARAM_set_flags(X509_STORE_get0_param(store), X509_V_FLAG_X509_STRICT);
	return store;
}

static CMS_ContentInfo *parse(const uint8_t *der, size_t n)
{
	const unsigned char *p = der;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)n);

	cr_assert_not_null(cms);
	cr_assert_eq(p, der + n, "trailing bytes");
	return cms;
}

static CMS_SignerInfo *only_signer(CMS_ContentInfo *cms)
{
	cr_assert_eq(sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)), 1);
	return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
}

/* RFC 5652 5.1: 1 for id-data, 3 for a TSTInfo. OpenSSL has no getter; the INTEGER comes after ContentInfo's header, its OID, [0] and SEQUENCE. */
static void expect_version(const uint8_t *der, uint8_t want, const char *what)
{
	const uint8_t *version = der + 4 + 11 + 4 + 4;

	cr_expect(version[0] == 0x02 && version[1] == 1 && version[2] == want, "%s: version is %02x %02x %02x", what, version[0], version[1],
		version[2]);
}

/* Exactly the four signed attributes. */
static void expect_four_attributes(CMS_SignerInfo *si, const char *what)
{
	static const int nids[] = { NID_pkcs9_contentType, NID_pkcs9_signingTime, NID_pkcs9_messageDigest, NID_id_smime_aa_signingCertificateV2 };

	cr_expect_eq(CMS_signed_get_attr_count(si), 4, "%s: %d signed attributes", what, CMS_signed_get_attr_count(si));
	for (size_t i = 0; i < 4; i++)
		cr_expect_geq(CMS_signed_get_attr_by_NID(si, nids[i], -1), 0, "%s: no %s", what, OBJ_nid2sn(nids[i]));
	ASN1_TIME *at = CMS_signed_get0_data_by_OBJ(si, OBJ_nid2obj(NID_pkcs9_signingTime), -3, V_ASN1_UTCTIME);
	cr_assert_not_null(at, "%s: signing-time is not a UTCTime", what);
}

/* The token in the unsigned attribute; verified, and over the signature's value. */
static void expect_good_token(const struct testlab *t, CMS_SignerInfo *si, const char *gen_time, const char *what)
{
	cr_assert_eq(CMS_unsigned_get_attr_count(si), 1, "%s", what);
	ASN1_STRING *der = CMS_unsigned_get0_data_by_OBJ(si, OBJ_nid2obj(NID_id_smime_aa_timeStampToken), -3, V_ASN1_SEQUENCE);
	cr_assert_not_null(der, "%s: no token", what);
	CMS_ContentInfo *token = parse(ASN1_STRING_get0_data(der), (size_t)ASN1_STRING_length(der));
	expect_version(ASN1_STRING_get0_data(der), 3, what);
	expect_four_attributes(only_signer(token), what);
	cr_expect_eq(OBJ_obj2nid(CMS_get0_eContentType(token)), NID_id_smime_ct_TSTInfo);
	X509_STORE *store = store_of(t);
	X509_VERIFY_PARAM_set_purpose(X509_STORE_get0_param(store), X509_PURPOSE_TIMESTAMP_SIGN);
	BIO *inside = BIO_new(BIO_s_mem());
	cr_expect_eq(CMS_verify(token, NULL, store, NULL, inside, CMS_CADES | CMS_BINARY), 1, "%s: token: %s", what,
		ERR_reason_error_string(ERR_peek_last_error()));
	char *text = NULL;
	const unsigned char *p = NULL;
	long n = BIO_get_mem_data(inside, &text);
	p = (const unsigned char *)text;
	TS_TST_INFO *info = d2i_TS_TST_INFO(NULL, &p, n);
	cr_assert_not_null(info);
	const ASN1_OCTET_STRING *value = CMS_SignerInfo_get0_signature(si);
	enum custody_digest_id alg = custody_signer_digest(&t->signer);
	uint8_t want[CUSTODY_DIGEST_MAX];
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_digest_once(alg, value->data, (size_t)value->length, want, &err), 0);
	const ASN1_OCTET_STRING *got = TS_MSG_IMPRINT_get_msg(TS_TST_INFO_get_msg_imprint(info));
	cr_assert_eq((size_t)got->length, custody_digest_get(alg)->size);
	cr_expect_arr_eq(got->data, want, custody_digest_get(alg)->size, "%s: imprint", what);
	const ASN1_GENERALIZEDTIME *gen = TS_TST_INFO_get_time(info);
	cr_expect_str_eq((const char *)gen->data, gen_time, "%s: genTime %s", what, (const char *)gen->data);
	cr_expect_eq(TS_TST_INFO_get_version(info), 1);
	char policy[80];
	OBJ_obj2txt(policy, sizeof(policy), TS_TST_INFO_get_policy_id(info), 1);
	cr_expect_str_eq(policy, "2.25.158388215558745765731388170316660901063");
	cr_expect(!TS_TST_INFO_get_accuracy(info) && !TS_TST_INFO_get_nonce(info) && !TS_TST_INFO_get_tsa(info) && !TS_TST_INFO_get_ordering(info));
	cr_expect_eq(TS_TST_INFO_get_ext_count(info), 0);
	cr_expect_leq(ASN1_STRING_length(TS_TST_INFO_get_serial(info)), 16);
	TS_TST_INFO_free(info);
	BIO_free(inside);
	X509_STORE_free(store);
	CMS_ContentInfo_free(token);
}

static void check_signature(const struct testlab *t, const struct custody_buf *out, const char *what)
{
	CMS_ContentInfo *cms = parse(out->data, out->len);
	CMS_SignerInfo *si = only_signer(cms);

	expect_version(out->data, 1, what);
	expect_four_attributes(si, what);
	cr_expect_eq(CMS_is_detached(cms), 1);
	cr_expect_eq(OBJ_obj2nid(CMS_get0_eContentType(cms)), NID_pkcs7_data);
	STACK_OF(X509) *certs = CMS_get1_certs(cms);
	STACK_OF(X509_CRL) *crls = CMS_get1_crls(cms);
	cr_expect_eq(sk_X509_num(certs), 1, "%s: %d certificates", what, sk_X509_num(certs));
	cr_expect_eq(sk_X509_CRL_num(crls), 1);
	X509_STORE *store = store_of(t);
	X509_VERIFY_PARAM_set_flags(X509_STORE_get0_param(store), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_X509_STRICT);
	X509_VERIFY_PARAM_set_purpose(X509_STORE_get0_param(store), X509_PURPOSE_ANY);
	BIO *in = BIO_new_mem_buf(content, (int)strlen(content));
	cr_expect_eq(
		CMS_verify(cms, NULL, store, in, NULL, CMS_CADES | CMS_BINARY), 1, "%s: %s", what, ERR_reason_error_string(ERR_peek_last_error()));
	expect_good_token(t, si, "20261026073326.5Z", what);
	BIO_free(in);
	X509_STORE_free(store);
	sk_X509_pop_free(certs, X509_free);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	CMS_ContentInfo_free(cms);
}

Test(sign, makes_what_openssl_takes_as_cades_with_a_time_stamp)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct testlab t;
		struct custody_buf out;

		testlab_make(&t, kinds[i]);
		custody_buf_init(&out, 1 << 20);
		cr_expect_eq(sign_at(&t, (struct custody_time){ TESTLAB_NOW + 6, 500000000 }, 3, &out, &err), 0, "%s: %s", kinds[i], err.text);
		check_signature(&t, &out, kinds[i]);
		cr_expect_eq(ERR_peek_error(), 0, "%s: the error queue is not empty", kinds[i]);
		custody_buf_release(&out);
		testlab_release(&t);
	}
}

Test(sign, digest_follows_the_key)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct testlab t;

		testlab_make(&t, kinds[i]);
		cr_expect_eq(custody_signer_digest(&t.signer), i == 1 ? CUSTODY_SHA384 : CUSTODY_SHA256, "%s", kinds[i]);
		testlab_release(&t);
	}
}

Test(sign, pss_has_salt_and_mask_by_the_digest)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct testlab t;
	struct custody_buf out;
	X509_ALGOR *algorithm = NULL;
	/* RFC 4055: SHA-256 with NULL, MGF1 with the same, salt 32. */
	static const uint8_t want[] = { 0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
		0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
		0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20 };
	const void *value = NULL;
	int type = 0;
	const ASN1_OBJECT *oid = NULL;

	testlab_make(&t, "rsapss");
	custody_buf_init(&out, 1 << 20);
	cr_assert_eq(sign_at(&t, (struct custody_time){ TESTLAB_NOW + 6, 0 }, 3, &out, &err), 0, "%s", err.text);
	CMS_ContentInfo *cms = parse(out.data, out.len);
	CMS_SignerInfo_get0_algs(only_signer(cms), NULL, NULL, NULL, &algorithm);
	X509_ALGOR_get0(&oid, &type, &value, algorithm);
	cr_expect_eq(OBJ_obj2nid(oid), NID_rsassaPss);
	cr_assert_eq(type, V_ASN1_SEQUENCE);
	cr_assert_eq((size_t)((const ASN1_STRING *)value)->length, sizeof(want));
	cr_expect_arr_eq(((const ASN1_STRING *)value)->data, want, sizeof(want));
	CMS_ContentInfo_free(cms);
	custody_buf_release(&out);
	testlab_release(&t);
}

Test(sign, same_bytes_for_the_same_keys_clock_and_randomness_with_rsa)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf out[2];

	for (size_t i = 0; i < 2; i++) {
		struct testlab t;

		testlab_make(&t, "rsa3072");
		custody_buf_init(&out[i], 1 << 20);
		cr_assert_eq(sign_at(&t, (struct custody_time){ TESTLAB_NOW + 6, 0 }, 3, &out[i], &err), 0, "%s", err.text);
		testlab_release(&t);
	}
	cr_assert_eq(out[0].len, out[1].len);
	cr_expect_arr_eq(out[0].data, out[1].data, out[0].len);
	custody_buf_release(&out[0]);
	custody_buf_release(&out[1]);
}

Test(sign, signing_time_is_generalized_from_2050_on)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct testlab t;
	struct custody_buf out;
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);
	uint8_t digest[32] = { 0 };

	testlab_make(&t, "p256");
	custody_buf_init(&out, 1 << 20);
	const struct custody_sign_request r = { &t.signer, digest, 32, { INT64_C(2556144000), 0 }, &t.stamper, { INT64_C(2556144000), 0 }, &random,
		NULL, 0 };
	cr_assert_eq(custody_sign(&r, &out, &err), 0, "%s", err.text);
	CMS_ContentInfo *cms = parse(out.data, out.len);
	ASN1_STRING *at = CMS_signed_get0_data_by_OBJ(only_signer(cms), OBJ_nid2obj(NID_pkcs9_signingTime), -3, V_ASN1_GENERALIZEDTIME);
	cr_assert_not_null(at);
	cr_expect_str_eq((const char *)at->data, "20510101000000Z");
	STACK_OF(X509_CRL) *crls = CMS_get1_crls(cms);
	cr_expect_null(crls, "B-T carries no revocation list");
	CMS_ContentInfo_free(cms);
	custody_buf_release(&out);
	testlab_release(&t);
}

Test(stamp, gen_time_has_no_trailing_zeros)
{
	static const struct {
		int64_t sec;
		uint32_t nsec;
		const char *want;
	} cases[] = {
		{ 0, 0, "19700101000000Z" },
		{ TESTLAB_NOW, 0, "20261026073320Z" },
		{ TESTLAB_NOW, 1, "20261026073320.000000001Z" },
		{ TESTLAB_NOW, 100000000, "20261026073320.1Z" },
		{ TESTLAB_NOW, 120300000, "20261026073320.1203Z" },
		{ TESTLAB_NOW, 999999999, "20261026073320.999999999Z" },
	};
	struct testlab t;
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);

	testlab_make(&t, "p256");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_buf out;
		uint8_t imprint[64] = { 0 };

		custody_buf_init(&out, 1 << 20);
		cr_assert_eq(
			custody_stamp(&t.stamper, CUSTODY_SHA512, imprint, (struct custody_time){ cases[i].sec, cases[i].nsec }, &random, &out, &err),
			0, "%s", err.text);
		cr_expect_not_null(memmem(out.data, out.len, cases[i].want, strlen(cases[i].want)), "%s", cases[i].want);
		custody_buf_release(&out);
	}
	testlab_release(&t);
}

Test(stamp, refuses_what_it_cannot_stamp)
{
	struct testlab t;
	uint64_t seed = 1;
	int none = 0;
	const struct custody_random random = testlab_random(&seed), failing = testlab_random_failing(&none);
	const struct custody_time good = { TESTLAB_NOW, 0 }, out_of_range = { INT64_C(253402300800), 0 };
	const struct {
		const char *what;
		enum custody_digest_id alg;
		struct custody_time when;
		const struct custody_random *random;
		const char *want;
	} cases[] = {
		{ "weak imprint", CUSTODY_SHA1, good, &random, "time-stamp: cannot stamp an imprint by sha1, want sha256, sha384 or sha512" },
		{ "year 10000", CUSTODY_SHA256, out_of_range, &random, "time-stamp: the time to stamp is outside the years 1 to 9999" },
		{ "no randomness", CUSTODY_SHA256, good, &failing, "time-stamp: no randomness" },
	};
	uint8_t imprint[64] = { 0 };

	testlab_make(&t, "p256");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_buf out;

		custody_buf_init(&out, 1 << 20);
		cr_expect_eq(custody_stamp(&t.stamper, cases[i].alg, imprint, cases[i].when, cases[i].random, &out, &err), -1, "%s", cases[i].what);
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_eq(out.len, 0);
		custody_buf_release(&out);
	}
	testlab_release(&t);
}

/* ---- what is refused, and the path ---- */

static int sign_plain(const struct custody_signer *signer, const struct custody_signer *stamper, size_t digest_len, int64_t sec, size_t max,
	struct custody_buf *out, struct custody_error *err)
{
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);
	uint8_t digest[64] = { 0 };
	const struct custody_sign_request r = { signer, digest, digest_len, { sec, 0 }, stamper, { TESTLAB_NOW, 0 }, &random, NULL, 0 };

	custody_buf_init(out, max);
	return custody_sign(&r, out, err);
}

Test(sign, refuses_what_must_not_be_signed)
{
	struct testlab t;

	testlab_make(&t, "p256");
	struct custody_signer self = t.signer, with_root = t.signer, foreign = t.signer, wrong_padding = t.signer;
	self.certificate = t.root;
	self.key = t.root_key;
	with_root.chain = &t.root;
	with_root.n_chain = 1;
	foreign.key = t.stamper.key;
	wrong_padding.pss = true;
	const struct {
		const char *what;
		const struct custody_signer *signer, *stamper;
		size_t digest_len;
		int64_t sec;
		size_t max;
		enum custody_error_kind kind;
		const char *want; /* its beginning */
	} cases[] = {
		{ "short digest", &t.signer, &t.stamper, 31, 0, 1 << 20, CUSTODY_ERR_INTERNAL, "content digest has 31 bytes, want 32" },
		{ "year 10000", &t.signer, &t.stamper, 32, INT64_C(253402300800), 1 << 20, CUSTODY_ERR_INPUT, "the time of signing is outside" },
		{ "self-signed signer", &self, &t.stamper, 48, 0, 1 << 20, CUSTODY_ERR_INPUT, "the certificate to embed is self-signed" },
		{ "root in the path", &with_root, &t.stamper, 32, 0, 1 << 20, CUSTODY_ERR_INPUT, "the certificate to embed is self-signed" },
		{ "self-signed stamper", &t.signer, &self, 32, 0, 1 << 20, CUSTODY_ERR_INPUT, "time-stamp: the certificate to embed is self-signed" },
		{ "not a pair", &foreign, &t.stamper, 32, 0, 1 << 20, CUSTODY_ERR_CRYPTO, "cannot add the signer: " },
		{ "PSS with ECDSA", &wrong_padding, &t.stamper, 32, 0, 1 << 20, CUSTODY_ERR_CRYPTO, "cannot sign with RSASSA-PSS: " },
		{ "no room", &t.signer, &t.stamper, 32, 0, 100, CUSTODY_ERR_LIMIT, "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_buf out;

		/* The root's key is P-384 nowhere here: testlab makes all three of one kind, so digest lengths follow the kind. */
		size_t n = cases[i].digest_len == 48 ? 32 : cases[i].digest_len;
		cr_expect_eq(sign_plain(cases[i].signer, cases[i].stamper, n, cases[i].sec, cases[i].max, &out, &err), -1, "%s", cases[i].what);
		cr_expect_eq(strncmp(err.text, cases[i].want, strlen(cases[i].want)), 0, "%s: %s", cases[i].what, err.text);
		cr_expect_eq(err.kind, cases[i].kind, "%s: kind %d", cases[i].what, (int)err.kind);
		cr_expect_eq(out.len, 0);
		cr_expect_eq(ERR_peek_error(), 0, "%s: the error queue is not empty", cases[i].what);
		custody_buf_release(&out);
	}
	testlab_release(&t);
}

Test(sign, embeds_each_certificate_of_the_path_once)
{
	struct testlab t;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf out;

	testlab_make(&t, "p256");
	/* Any certificate that is not self-signed stands for a CA of the path here: twice, and the signer's own. */
	struct custody_certificate chain[3] = { t.stamper.certificate, t.stamper.certificate, t.signer.certificate };
	struct custody_signer s = t.signer;
	s.chain = chain;
	s.n_chain = 3;
	cr_assert_eq(sign_plain(&s, &t.stamper, 32, 0, 1 << 20, &out, &err), 0, "%s", err.text);
	CMS_ContentInfo *cms = parse(out.data, out.len);
	STACK_OF(X509) *certs = CMS_get1_certs(cms);
	cr_expect_eq(sk_X509_num(certs), 2, "%d", sk_X509_num(certs));
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(cms);
	custody_buf_release(&out);
	testlab_release(&t);
}

Test(signer, tries_key_and_certificate_together)
{
	uint64_t seed = 1;
	int none = 0;
	const struct custody_random random = testlab_random(&seed), failing = testlab_random_failing(&none);

	for (size_t i = 0; i < KINDS; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct testlab t, other;

		testlab_make(&t, kinds[i]);
		testlab_make(&other, i == 0 ? "p384" : "p256");
		cr_expect_eq(custody_signer_try(&t.signer, &random, &err), 0, "%s: %s", kinds[i], err.text);
		cr_expect_eq(custody_signer_try(&t.signer, &failing, &err), -1);
		cr_expect_str_eq(err.text, "no randomness");
		/* Another key of the same kind, and one of another. */
		struct custody_signer same = t.signer, another = t.signer;
		same.certificate = t.root;
		another.certificate = other.signer.certificate;
		cr_expect_eq(custody_signer_try(&same, &random, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
		cr_expect_str_eq(err.text, "the key and the certificate do not belong together: a trial signature does not verify");
		cr_expect_eq(custody_signer_try(&another, &random, &err), -1, "%s", kinds[i]);
		cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
		cr_expect_eq(ERR_peek_error(), 0);
		testlab_release(&t);
		testlab_release(&other);
	}
}

Test(signer, releases_what_it_owns)
{
	struct testlab t;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_signer empty = { 0 };

	testlab_make(&t, "p256");
	t.signer.chain = calloc(1, sizeof(*t.signer.chain));
	t.signer.n_chain = 1;
	cr_assert_eq(custody_certificate_parse(t.root.der, t.root.der_len, &t.signer.chain[0], &err), 0);
	testlab_release(&t);
	cr_expect_null(t.signer.key);
	custody_signer_release(&empty);
}
