/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/crypto/signature.h"
#include "libcustody/crypto/x509.h"
#include "tests/support/testlab.h"

/* ---- keys ---- */

Test(key, types_by_name)
{
	static const char *const names[] = { "p256", "p384", "rsa3072", "rsa-pss" };
	static const enum custody_key_type roots[] = { CUSTODY_KEY_P384, CUSTODY_KEY_P384, CUSTODY_KEY_RSA3072, CUSTODY_KEY_RSA_PSS };
	static const int bits[] = { 256, 384, 3072, 3072 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	enum custody_key_type type;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct evp_pkey_st *key = NULL;

		cr_assert_eq(custody_key_type_find(names[i], &type, &err), 0);
		cr_expect_eq(type, i);
		cr_expect_eq(custody_key_type_of_root(type), roots[i]);
		cr_assert_eq(custody_key_generate(type, &key, &err), 0, "%s", err.text);
		cr_expect_eq(EVP_PKEY_get_bits(key), bits[i]);
		custody_key_free(&key);
		cr_expect_null(key);
	}
	cr_expect_eq(custody_key_type_find("P256", &type, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_USAGE);
	cr_expect_str_eq(err.text, "unknown key type 'P256', want p256, p384, rsa3072 or rsa-pss");
}

static void format(const struct evp_pkey_st *key, const char *passphrase, struct custody_buf *pem)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(pem, CUSTODY_LIMIT_KEY_FILE);
	cr_assert_eq(custody_key_format_pem(key, (const uint8_t *)passphrase, passphrase ? strlen(passphrase) : 0, pem, &err), 0, "%s", err.text);
}

Test(key, pem_reads_back_with_the_right_passphrase_only)
{
	static const struct {
		const char *made, *tried, *want; /* want NULL: good */
	} cases[] = {
		{ NULL, NULL, NULL },
		{ NULL, "not needed", NULL },
		{ "secret", "secret", NULL },
		{ "secret", "Secret", "wrong passphrase" },
		{ "secret", "", "wrong passphrase" },
		{ "secret", NULL, "key is encrypted, and there is no passphrase" },
	};
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct evp_pkey_st *key = NULL;

	cr_assert_eq(custody_key_generate(CUSTODY_KEY_P256, &key, &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_buf pem;
		struct evp_pkey_st *back = NULL;
		const char *tried = cases[i].tried;

		format(key, cases[i].made, &pem);
		cr_expect_eq(custody_key_pem_is_encrypted(pem.data, pem.len), cases[i].made != NULL);
		int rc = custody_key_parse_pem(pem.data, pem.len, (const uint8_t *)tried, tried ? strlen(tried) : 0, &back, &err);
		cr_expect_eq(rc, cases[i].want ? -1 : 0, "case %zu: %s", i, err.text);
		if (cases[i].want) {
			cr_expect_str_eq(err.text, cases[i].want);
			cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
			cr_expect_null(back);
		} else {
			cr_expect_eq(EVP_PKEY_eq(key, back), 1);
		}
		cr_expect_eq(ERR_peek_error(), 0);
		custody_key_free(&back);
		custody_key_pem_release(&pem);
	}
	custody_key_free(&key);
}

Test(key, refuses_what_is_not_one_pkcs8_key)
{
	static const char wanted[] = "no key in it, want one PEM block 'PRIVATE KEY' or 'ENCRYPTED PRIVATE KEY'";
	static const char other[] = "the first PEM block is not PKCS#8, want 'PRIVATE KEY' or 'ENCRYPTED PRIVATE KEY'";
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", wanted },
		{ "hello\n", wanted },
		{ "-----BEGIN PRIVATE KEY-----\nAAAA\n", wanted },
		{ "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n", other },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", other },
		{ "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "key is not PKCS#8 of a kind known here" },
		{ "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "encrypted key is not PKCS#8" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct evp_pkey_st *key = NULL;

		cr_expect_eq(custody_key_parse_pem((const uint8_t *)cases[i].text, strlen(cases[i].text), (const uint8_t *)"x", 1, &key, &err), -1);
		cr_expect_str_eq(err.text, cases[i].want, "case %zu: %s", i, err.text);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
		cr_expect_eq(ERR_peek_error(), 0);
	}
}

/* A whole key with one byte more inside its block. */
Test(key, refuses_trailing_bytes)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct evp_pkey_st *key = NULL, *back = NULL;
	unsigned char *der = NULL;
	struct custody_buf pem;

	cr_assert_eq(custody_key_generate(CUSTODY_KEY_P256, &key, &err), 0);
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	int n = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	cr_assert_gt(n, 0);
	der = realloc(der, (size_t)n + 1);
	der[n] = 0;
	custody_buf_init(&pem, 65536);
	cr_assert_eq(custody_pem_append("PRIVATE KEY", der, (size_t)n + 1, &pem, &err), 0);
	cr_expect_eq(custody_key_parse_pem(pem.data, pem.len, NULL, 0, &back, &err), -1);
	cr_expect_str_eq(err.text, "key is not PKCS#8 of a kind known here");
	free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	custody_buf_release(&pem);
	custody_key_free(&key);
}

Test(key, refuses_an_empty_or_endless_passphrase)
{
	static const uint8_t long_one[CUSTODY_LIMIT_PASSPHRASE + 1] = { 1 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct evp_pkey_st *key = NULL, *back = NULL;
	struct custody_buf pem;

	cr_assert_eq(custody_key_generate(CUSTODY_KEY_P256, &key, &err), 0);
	custody_buf_init(&pem, 65536);
	cr_expect_eq(custody_key_format_pem(key, long_one, 0, &pem, &err), -1);
	cr_expect_str_eq(err.text, "passphrase has 0 bytes, want 1 to 1024");
	cr_expect_eq(custody_key_format_pem(key, long_one, sizeof(long_one), &pem, &err), -1);
	cr_expect_str_eq(err.text, "passphrase has 1025 bytes, want 1 to 1024");
	cr_expect_eq(err.kind, CUSTODY_ERR_USAGE);
	cr_assert_eq(custody_key_format_pem(key, long_one, sizeof(long_one) - 1, &pem, &err), 0);
	cr_expect_eq(custody_key_parse_pem(pem.data, pem.len, long_one, sizeof(long_one), &back, &err), -1);
	cr_expect_str_eq(err.text, "wrong passphrase");
	cr_assert_eq(custody_key_parse_pem(pem.data, pem.len, long_one, sizeof(long_one) - 1, &back, &err), 0);
	custody_key_free(&back);
	custody_key_pem_release(&pem);
	custody_buf_init(&pem, 16);
	cr_expect_eq(custody_key_format_pem(key, NULL, 0, &pem, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	custody_key_pem_release(&pem);
	custody_key_pem_release(&pem);
	custody_key_free(&key);
}

/* ---- names ---- */

Test(issue, takes_names_that_x509_takes)
{
	static const char sixty_four[] = "\xc3\xa4"
					 "23456789012345678901234567890123456789012345678901234567890123\xc3\xa4";
	static const struct {
		const char *text, *want; /* want NULL: good */
	} cases[] = {
		{ "A", NULL },
		{ "Lab 7, O'Brien & \"S\xc3\xb6hne\" \\ <x>", NULL },
		{ sixty_four, NULL },
		{ "", "what is empty, want 1 to 64 characters" },
		{ " A", "what ' A' begins or ends with a space" },
		{ "A ", "what 'A ' begins or ends with a space" },
		{ "A\nB", "what 'A\\u{000a}B' holds a control or format character" },
		{ "A\xe2\x80\xae"
		  "B",
			"what 'A\\u{202e}B' holds a control or format character" },
		{ "A\xff", "what 'A\\xff' is not UTF-8" },
		{ "12345678901234567890123456789012345678901234567890123456789012345",
			"what '12345678901234567890123456789012345678901234567890123456789012345' has 65 characters, want at most 64 (X.509 takes no "
			"more)" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		int rc = custody_issue_check_name("what", cases[i].text, &err);

		cr_expect_eq(rc, cases[i].want ? -1 : 0, "'%s': %s", cases[i].text, err.text);
		if (!cases[i].want)
			continue;
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_eq(err.kind, CUSTODY_ERR_USAGE);
	}
}

/* ---- certificates ---- */

struct extension {
	const char *oid;
	bool critical;
	const char *value; /* hex of the DER; NULL: any */
};

static void expect_extensions(const char *what, X509 *x, const struct extension *want, int n)
{
	cr_expect_eq(X509_get_ext_count(x), n, "%s: %d extensions", what, X509_get_ext_count(x));
	for (int i = 0; i < n && i < X509_get_ext_count(x); i++) {
		X509_EXTENSION *e = X509_get_ext(x, i);
		char oid[64], hex[512] = "";

		OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object(e), 1);
		cr_expect_str_eq(oid, want[i].oid, "%s: extension %d is %s", what, i, oid);
		cr_expect_eq(X509_EXTENSION_get_critical(e), want[i].critical ? 1 : 0, "%s: %s", what, oid);
		const ASN1_OCTET_STRING *v = X509_EXTENSION_get_data(e);
		custody_hex_format(v->data, (size_t)v->length, hex);
		if (want[i].value)
			cr_expect_str_eq(hex, want[i].value, "%s: %s is %s", what, oid, hex);
	}
}

/* 2026-10-26T07:33:20Z, and 731 days on. */
#define USE_PERIOD "3022800f32303236313032363037333332305a810f32303238313032363037333332305a"

Test(issue, certificates_have_exactly_the_extensions_that_are_wanted)
{
	static const struct extension root[] = { { "2.5.29.19", true, "30060101ff020100" }, { "2.5.29.15", true, "03020106" },
		{ "2.5.29.14", false, NULL } };
	static const struct extension sealing[] = { { "2.5.29.19", true, "3000" }, { "2.5.29.15", true, "030206c0" }, { "2.5.29.14", false, NULL },
		{ "2.5.29.35", false, NULL }, { "2.5.29.16", false, USE_PERIOD } };
	static const struct extension stamping[] = { { "2.5.29.19", true, "3000" }, { "2.5.29.15", true, "03020780" }, { "2.5.29.14", false, NULL },
		{ "2.5.29.35", false, NULL }, { "2.5.29.37", true, "300a06082b06010505070308" }, { "2.5.29.16", false, USE_PERIOD } };
	struct testlab t;

	testlab_make(&t, "p256");
	expect_extensions("root", t.root.x509, root, 3);
	expect_extensions("sealing", t.signer.certificate.x509, sealing, 5);
	expect_extensions("stamping", t.stamper.certificate.x509, stamping, 6);
	cr_expect_eq(ASN1_OCTET_STRING_cmp(X509_get0_subject_key_id(t.root.x509), X509_get0_authority_key_id(t.signer.certificate.x509)), 0);
	cr_expect_eq(ASN1_OCTET_STRING_cmp(X509_get0_subject_key_id(t.root.x509), X509_get0_authority_key_id(t.stamper.certificate.x509)), 0);
	cr_expect_eq(ASN1_STRING_length(X509_get_serialNumber(t.root.x509)), 16);
	cr_expect_eq(X509_get_version(t.root.x509), 2);
	testlab_release(&t);
}

Test(issue, names_are_utf8_strings_in_the_order_organisation_name)
{
	struct testlab t;

	testlab_make(&t, "p256");
	X509_NAME *name = X509_get_subject_name(t.signer.certificate.x509);
	cr_assert_eq(X509_NAME_entry_count(name), 2);
	for (int i = 0; i < 2; i++)
		cr_expect_eq(ASN1_STRING_type(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i))), V_ASN1_UTF8STRING);
	cr_expect_eq(OBJ_obj2nid(X509_NAME_ENTRY_get_object(X509_NAME_get_entry(name, 0))), NID_organizationName);
	cr_expect_eq(OBJ_obj2nid(X509_NAME_ENTRY_get_object(X509_NAME_get_entry(name, 1))), NID_commonName);
	cr_expect_eq(X509_NAME_cmp(X509_get_issuer_name(t.signer.certificate.x509), X509_get_subject_name(t.root.x509)), 0);
	testlab_release(&t);
}

static struct custody_x509 facts_of(const struct custody_certificate *c)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_x509 x;

	cr_assert_eq(custody_x509_parse((struct custody_bytes){ c->der, c->der_len }, &x, &err), 0, "%s", err.text);
	return x;
}

static struct custody_crl_facts facts_of_crl(const struct custody_crl *c)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_crl_facts f;

	cr_assert_eq(custody_crl_facts_parse((struct custody_bytes){ c->der, c->der_len }, &f, &err), 0, "%s", err.text);
	cr_assert_null(f.unusable);
	return f;
}

static void expect_time(struct custody_time t, const char *want)
{
	char text[CUSTODY_TIME_TEXT];

	custody_time_format(t, text);
	cr_expect_str_eq(text, want);
}

Test(issue, periods_begin_now_and_end_when_they_should)
{
	struct testlab t;

	testlab_make(&t, "p256");
	struct custody_x509 root = facts_of(&t.root), leaf = facts_of(&t.signer.certificate);
	struct custody_crl_facts crl = facts_of_crl(&t.crl);
	cr_expect(!root.has_use_from && !root.has_use_until);
	expect_time(root.not_before, "2026-10-26T07:33:20Z");
	expect_time(root.not_after, "2046-10-26T07:33:20Z");
	expect_time(leaf.not_before, "2026-10-26T07:33:20Z");
	expect_time(leaf.not_after, "2037-10-26T07:33:20Z");
	cr_expect(leaf.has_use_from && leaf.has_use_until);
	expect_time(leaf.use_from, "2026-10-26T07:33:20Z");
	expect_time(leaf.use_until, "2028-10-26T07:33:20Z");
	expect_time(crl.this_update, "2026-10-26T07:33:20Z");
	expect_time(crl.next_update, "2027-01-24T07:33:20Z");
	testlab_release(&t);
}

Test(issue, certificates_are_fit_by_the_rules_of_the_verdict)
{
	for (size_t i = 0; i < 3; i++) {
		static const char *const kinds[] = { "p256", "p384", "rsa3072" };
		struct testlab t;

		testlab_make(&t, kinds[i]);
		struct custody_x509 signer = facts_of(&t.signer.certificate), stamper = facts_of(&t.stamper.certificate);
		cr_expect_null(custody_x509_unfit_for_sealing(&signer));
		cr_expect_null(custody_x509_unfit_for_stamping(&stamper));
		cr_expect_not_null(custody_x509_unfit_for_sealing(&stamper));
		cr_expect_not_null(custody_x509_unfit_for_stamping(&signer));
		testlab_release(&t);
	}
}

/* With a root key at hand, all leaf errors; and a root's. */
Test(issue, refuses_what_it_cannot_certify)
{
	struct testlab t;
	uint64_t seed = 1;
	int none = 0;
	const struct custody_random random = testlab_random(&seed), failing = testlab_random_failing(&none);

	testlab_make(&t, "p256");
	const struct {
		const char *what, *organisation, *name;
		int64_t not_before;
		const struct custody_random *random;
		const struct custody_certificate *issuer;
		const char *want;
	} cases[] = {
		{ "organisation", "", "A", TESTLAB_NOW, &random, &t.root, "organisation is empty, want 1 to 64 characters" },
		{ "name", "A", "A\t", TESTLAB_NOW, &random, &t.root, "name 'A\\u{0009}' holds a control or format character" },
		{ "no randomness", "A", "A", TESTLAB_NOW, &failing, &t.root, "no randomness" },
		{ "beyond 9999", "A", "A", INT64_C(253402300700), &random, &t.root, "a date is outside the years 1 to 9999" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_certificate out = { 0 };
		const struct custody_issue_request r = { CUSTODY_ISSUE_SEALING, cases[i].organisation, cases[i].name, t.signer.key, cases[i].issuer,
			t.root_key, { cases[i].not_before, 0 }, cases[i].random };

		cr_expect_eq(custody_issue_certificate(&r, &out, &err), -1, "%s", cases[i].what);
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_null(out.x509);
	}
	testlab_release(&t);
}

Test(issue, needs_a_key_identifier_of_the_issuer)
{
	struct testlab t;
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);
	struct custody_certificate bare = { .x509 = X509_new() }, out = { 0 };
	struct custody_crl crl = { 0 };

	testlab_make(&t, "p256");
	const struct custody_issue_request r = { CUSTODY_ISSUE_SEALING, "A", "B", t.signer.key, &bare, t.root_key, { TESTLAB_NOW, 0 }, &random };
	cr_expect_eq(custody_issue_certificate(&r, &out, &err), -1);
	cr_expect_eq(strncmp(err.text, "cannot make authorityKeyIdentifier", 34), 0, "%s", err.text);
	const struct custody_issue_crl_request c = { &bare, t.root_key, 1, { TESTLAB_NOW, 0 }, NULL, 0 };
	cr_expect_eq(custody_issue_crl(&c, &crl, &err), -1);
	X509_free(bare.x509);
	testlab_release(&t);
}

/* ---- revocation lists ---- */

Test(issue, revocation_list_holds_what_was_revoked)
{
	struct testlab t;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_crl crl = { 0 };

	testlab_make(&t, "p256");
	const ASN1_INTEGER *serial = X509_get0_serialNumber(t.signer.certificate.x509);
	static const uint8_t small[] = { 0x05 };
	const struct custody_revoked revoked[] = {
		{ serial->data, (size_t)serial->length, { TESTLAB_NOW + 100, 0 }, 1, true, { TESTLAB_NOW + 50, 0 } },
		{ small, 1, { TESTLAB_NOW + 100, 0 }, 0, false, { 0, 0 } },
	};
	const struct custody_issue_crl_request r = { &t.root, t.root_key, UINT64_C(300), { TESTLAB_NOW + 200, 0 }, revoked, 2 };
	cr_assert_eq(custody_issue_crl(&r, &crl, &err), 0, "%s", err.text);
	cr_expect(custody_issue_crl_is_by(&crl, &t.root));
	cr_expect(!custody_issue_crl_is_by(&crl, &t.signer.certificate));
	const struct custody_certificate *leaves[] = { &t.signer.certificate, &t.stamper.certificate };
	struct custody_crl_facts facts = facts_of_crl(&crl);
	for (size_t i = 0; i < 2; i++) {
		struct custody_time since = { 0, 0 };
		bool found = false;

		cr_expect(custody_crl_find(&facts, facts_of(leaves[i]).serial, &found, &since));
		cr_expect_eq(found, i == 0);
		cr_expect(i == 1 || since.sec == TESTLAB_NOW + 50);
	}
	X509_REVOKED *entry = NULL;
	cr_assert_eq(X509_CRL_get0_by_serial(crl.crl, &entry, X509_get_serialNumber(t.signer.certificate.x509)), 1);
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
	ASN1_GENERALIZEDTIME *since = X509_REVOKED_get_ext_d2i(entry, NID_invalidity_date, NULL, NULL);
	cr_assert(reason && since);
	cr_expect_eq(ASN1_ENUMERATED_get(reason), 1);
	cr_expect_str_eq((const char *)since->data, "20261026073410Z");
	ASN1_ENUMERATED_free(reason);
	ASN1_GENERALIZEDTIME_free(since);
	cr_expect_eq(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl.crl)), 2);
	entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl.crl), 0);
	cr_expect_eq(X509_REVOKED_get_ext_count(entry), 0, "unspecified is left out");
	ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl.crl, NID_crl_number, NULL, NULL);
	cr_expect_eq(ASN1_INTEGER_get(number), 300);
	ASN1_INTEGER_free(number);
	cr_expect_eq(X509_CRL_get_version(crl.crl), 1);
	custody_crl_release(&crl);
	testlab_release(&t);
}

Test(issue, refuses_dates_that_cannot_be_written)
{
	struct testlab t;
	const struct custody_time beyond = { INT64_C(253402300800), 0 };
	static const uint8_t serial[] = { 1 };

	testlab_make(&t, "p256");
	const struct custody_revoked revoked = { serial, 1, beyond, 0, false, { 0, 0 } };
	const struct custody_issue_crl_request requests[] = {
		{ &t.root, t.root_key, 1, beyond, NULL, 0 },
		{ &t.root, t.root_key, 1, { beyond.sec - 1, 0 }, NULL, 0 },
		{ &t.root, t.root_key, 1, { TESTLAB_NOW, 0 }, &revoked, 1 },
	};
	for (size_t i = 0; i < 3; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_crl crl = { 0 };

		cr_expect_eq(custody_issue_crl(&requests[i], &crl, &err), -1);
		cr_expect_str_eq(err.text, "a date is outside the years 1 to 9999");
	}
	testlab_release(&t);
}

Test(issue, reasons_have_names)
{
	static const struct {
		const char *name;
		int want; /* -1: unknown */
	} cases[] = { { "keyCompromise", 1 }, { "key-compromise", 1 }, { "KEYCOMPROMISE", 1 }, { "affiliation-changed", 3 }, { "superseded", 4 },
		{ "cessationOfOperation", 5 }, { "privilegeWithdrawn", 9 }, { "unspecified", 0 }, { "", -1 }, { "key", -1 }, { "keyCompromised", -1 },
		{ "certificateHold", -1 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		int reason = -1;

		cr_expect_eq(custody_issue_reason_find(cases[i].name, &reason, &err), cases[i].want < 0 ? -1 : 0, "%s", cases[i].name);
		cr_expect_eq(reason, cases[i].want);
		cr_expect(cases[i].want >= 0 || err.kind == CUSTODY_ERR_USAGE);
	}
	cr_expect_str_eq(custody_issue_reason_name(1), "keyCompromise");
	cr_expect_null(custody_issue_reason_name(6));
}

/* What a key of type id-RSASSA-PSS signs is RSASSA-PSS, with the one salt length that our own reader takes. */
Test(issue, a_pss_key_signs_as_the_format_takes_it)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct testlab t = { 0 };
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);
	bool good = false;

	cr_assert_eq(custody_key_generate(CUSTODY_KEY_RSA_PSS, &t.root_key, &err), 0);
	const struct custody_issue_request r = { CUSTODY_ISSUE_ROOT, "O", "Root", t.root_key, NULL, NULL, { TESTLAB_NOW, 0 }, &random };
	cr_assert_eq(custody_issue_certificate(&r, &t.root, &err), 0, "%s", err.text);
	const struct custody_issue_crl_request c = { &t.root, t.root_key, 7, { TESTLAB_NOW, 0 }, NULL, 0 };
	cr_assert_eq(custody_issue_crl(&c, &t.crl, &err), 0, "%s", err.text);
	const struct custody_bytes signed_runs[][3] = { { t.root.facts.algorithm, t.root.facts.tbs, t.root.facts.signature },
		{ t.crl.facts.algorithm, t.crl.facts.tbs, t.crl.facts.signature } };
	cr_expect_eq(t.root.facts.key, CUSTODY_X509_RSA_PSS);
	for (size_t i = 0; i < 2; i++) {
		struct custody_algorithm a;

		cr_assert(custody_algorithm_parse(signed_runs[i][0], &a));
		cr_expect(a.scheme == CUSTODY_SCHEME_RSA_PSS && a.digest == CUSTODY_SHA256);
		cr_assert_eq(
			custody_signature_check(&t.root, a, (struct custody_bytes){ NULL, 0 }, signed_runs[i][1], signed_runs[i][2], &good, &err), 0);
		cr_expect(good);
	}
	cr_expect(custody_issue_crl_is_by(&t.crl, &t.root));
	testlab_release(&t);
}

Test(issue, lists_are_numbered_and_counted)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct testlab t;
	uint64_t number = 0;
	const uint8_t serials[] = { 0x01, 0x80 };
	const struct custody_revoked revoked[] = { { serials, 1, { TESTLAB_NOW, 0 }, 1, false, { 0, 0 } },
		{ serials + 1, 1, { TESTLAB_NOW, 0 }, 0, false, { 0, 0 } } };
	struct custody_bytes serial;

	testlab_make(&t, "p256");
	cr_expect(custody_issue_crl_number(&t.crl, &number) && number == 1);
	cr_expect_eq(custody_issue_crl_count(&t.crl), 0);
	cr_expect(!custody_issue_crl_serial(&t.crl, 0, &serial));
	custody_crl_release(&t.crl);
	const struct custody_issue_crl_request c = { &t.root, t.root_key, UINT64_MAX, { TESTLAB_NOW, 0 }, revoked, 2 };
	cr_assert_eq(custody_issue_crl(&c, &t.crl, &err), 0, "%s", err.text);
	cr_expect(custody_issue_crl_number(&t.crl, &number) && number == UINT64_MAX);
	cr_assert_eq(custody_issue_crl_count(&t.crl), 2);
	cr_expect(custody_issue_crl_serial(&t.crl, 1, &serial) && serial.n == 1 && serial.p[0] == 0x80);
	cr_expect(!custody_issue_crl_serial(&t.crl, 2, &serial));
	testlab_release(&t);
}

/* ---- looking ---- */

Test(issue, issuer_is_who_signed)
{
	struct testlab a, b;

	testlab_make(&a, "p256");
	testlab_make(&b, "p256"); /* the same names, other keys */
	cr_expect(custody_issue_is_by(&a.signer.certificate, &a.root));
	cr_expect(custody_issue_is_by(&a.root, &a.root));
	cr_expect(!custody_issue_is_by(&a.signer.certificate, &b.root));
	cr_expect(!custody_issue_is_by(&a.signer.certificate, &a.stamper.certificate));
	cr_expect(!custody_issue_crl_is_by(&a.crl, &b.root));
	cr_expect_eq(ERR_peek_error(), 0);
	testlab_release(&a);
	testlab_release(&b);
}

Test(pem, is_what_openssl_writes)
{
	struct testlab t;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf mine;
	char *theirs = NULL;
	BIO *bio = BIO_new(BIO_s_mem());

	testlab_make(&t, "p384");
	PEM_write_bio_X509(bio, t.root.x509);
	long n = BIO_get_mem_data(bio, &theirs);
	custody_buf_init(&mine, 65536);
	cr_assert_eq(custody_pem_append("CERTIFICATE", t.root.der, t.root.der_len, &mine, &err), 0);
	cr_assert_eq(mine.len, (size_t)n);
	cr_expect_arr_eq(mine.data, theirs, mine.len);
	custody_buf_release(&mine);
	for (size_t max = 0; max < 200; max += 20) {
		custody_buf_init(&mine, max);
		cr_expect_eq(custody_pem_append("CERTIFICATE", t.root.der, t.root.der_len, &mine, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
		custody_buf_release(&mine);
	}
	BIO_free(bio);
	testlab_release(&t);
}
