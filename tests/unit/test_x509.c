/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, revocation lists and paths, one rule at a time. */
#include "libcustody/crypto/x509.h"

#include <criterion/criterion.h>
#include <openssl/x509.h>
#include <string.h>

#include "libcustody/crypto/chain.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/pool.h"
#include "libcustody/crypto/revocation.h"
#include "tests/support/pki.h"

#define END { NULL, 0 }

static struct custody_certificate parse(const struct pki_party *p)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_certificate c;
	cr_assert_eq(custody_certificate_parse(p->certificate.p, p->certificate.n, &c, &err), 0, "%s", err.text);
	return c;
}

/* ---- facts ---- */

Test(x509, reads_what_a_certificate_says)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root" });
	const struct custody_bytes more[] = { pki_extension(DER_RAW(CUSTODY_OID_PRIVATE_KEY_USAGE_PERIOD), false,
						      DER_SEQ(der_tlv(0x80, DER_RAW("20260101000000Z")), der_tlv(0x81, DER_RAW("20270101000000Z")))),
		pki_extension(DER_RAW(CUSTODY_OID_CRL_DISTRIBUTION_POINTS), false,
			DER_SEQ(DER_SEQ(DER(0xa0, DER(0xa0, der_tlv(0x86, DER_RAW("http://a"))))))),
		pki_extension(DER_RAW(CUSTODY_OID_SUBJECT_ALT_NAME), true, DER_SEQ(der_tlv(0x81, DER_RAW("a@b")))),
		pki_extension(DER_RAW(CUSTODY_OID_CERTIFICATE_POLICIES), true, DER_SEQ(DER_SEQ(DER_OID(CUSTODY_OID_DATA)))), END };
	struct custody_certificate c = parse(pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Signer", .issuer = root, .more = more }));
	const struct custody_x509 *x = &c.facts;
	cr_expect(!x->is_ca && !x->has_path_length && x->has_key_usage && x->key_usage_critical && x->key_usage == 3 && !x->has_purposes);
	cr_expect(x->key == CUSTODY_X509_P256 && x->key_bits == 0 && x->public_key.n == 66 && x->key_identifier.n == 20);
	cr_expect(x->has_use_from && x->has_use_until && x->use_from.sec == 1767225600 && x->use_until.sec == 1798761600);
	cr_expect(x->not_before.sec == 1767225600 && x->not_after.sec == 3029529600);
	cr_expect(x->distribution_points.p != NULL && !x->unknown_critical && !x->no_rev_avail);
	cr_expect_null(custody_x509_unfit_for_sealing(x));
	cr_expect_str_eq(custody_x509_unfit_for_stamping(x), "found another purpose (extended key usage), want timeStamping alone, critical");
	custody_certificate_release(&c);
	pki_reset();
}

Test(x509, refuses_what_rfc_5280_does_not_have)
{
	const struct custody_bytes bc = DER_RAW(CUSTODY_OID_BASIC_CONSTRAINTS), ku = DER_RAW(CUSTODY_OID_KEY_USAGE),
				   eku = DER_RAW(CUSTODY_OID_EXT_KEY_USAGE), use = DER_RAW(CUSTODY_OID_PRIVATE_KEY_USAGE_PERIOD),
				   ski = DER_RAW(CUSTODY_OID_SUBJECT_KEY_IDENTIFIER);
	const char *form = "found a certificate with an extension of another form, want that of RFC 5280";
	const char *doubled = "found a certificate with malformed or doubled extensions, want each once";
	const struct {
		const char *what;
		struct custody_bytes extension;
		const char *want;
	} cases[] = {
		{ "constraints that are none", pki_extension(bc, true, der_integer(1)), form },
		{ "a path length without a CA", pki_extension(bc, true, DER_SEQ(der_integer(0))), form },
		{ "a negative path length", pki_extension(bc, true, DER_SEQ(DER_TRUE, der_tlv(0x02, DER_RAW("\xff")))), form },
		{ "more constraints", pki_extension(bc, true, DER_SEQ(DER_TRUE, der_integer(0), der_integer(0))), form },
		{ "key usage that is none", pki_extension(ku, true, der_integer(1)), form },
		{ "empty key usage", pki_extension(ku, true, der_tlv(0x03, DER_RAW("\0"))), form },
		{ "long key usage", pki_extension(ku, true, der_tlv(0x03, DER_RAW("\0\xff\xff\xff"))), form },
		{ "purposes that are none", pki_extension(eku, true, der_integer(1)), form },
		{ "no purpose", pki_extension(eku, true, der_tlv(0x30, DER_EMPTY)), form },
		{ "a purpose that is none", pki_extension(eku, true, DER_SEQ(der_integer(1))), form },
		{ "a period that is none", pki_extension(use, false, der_integer(1)), form },
		{ "a period from no time", pki_extension(use, false, DER_SEQ(der_tlv(0x80, DER_RAW("x")))), form },
		{ "a period until no time", pki_extension(use, false, DER_SEQ(der_tlv(0x81, DER_RAW("x")))), form },
		{ "more of a period", pki_extension(use, false, DER_SEQ(der_tlv(0x82, DER_RAW("x")))), form },
		{ "a key identifier that is none", pki_extension(ski, false, der_integer(1)), form },
		{ "BER inside", pki_extension(bc, true, DER_RAW("\x30\x80\x00\x00")),
			"extension of a certificate: at byte 0: found an indefinite length, want a definite one" },
		{ "an extension that is none", der_integer(1), doubled },
		{ "an extension without a name", DER_SEQ(der_octets(DER_EMPTY)), doubled },
		{ "an extension without a value", DER_SEQ(DER_OID(CUSTODY_OID_DATA)), doubled },
		{ "an extension with two values", DER_SEQ(DER_OID(CUSTODY_OID_DATA), der_octets(DER_EMPTY), der_octets(DER_EMPTY)), doubled },
		{ "an extension twice", der_concat(DER_LIST(pki_key_usage(3, true), pki_key_usage(3, true))), doubled },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_certificate c;
		const struct custody_bytes extensions[] = { cases[i].extension, END };
		const struct pki_party *p = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "x", .extensions = extensions });
		cr_expect_eq(custody_certificate_parse(p->certificate.p, p->certificate.n, &c, &err), -1, "%s", cases[i].what);
		cr_expect_str_eq(err.text, cases[i].want, "%s: %s", cases[i].what, err.text);
	}
	struct custody_bytes many[66];
	for (size_t i = 0; i < 65; i++)
		many[i] = pki_extension(der_bytes((uint8_t[]){ 0x2a, (uint8_t)i }, 2), false, DER_NULL_VALUE);
	many[65] = (struct custody_bytes)END;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_certificate c;
	const struct pki_party *p = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "x", .extensions = many });
	cr_expect_eq(custody_certificate_parse(p->certificate.p, p->certificate.n, &c, &err), -1);
	pki_reset();
}

/* A certificate taken apart and put together again, with one part changed; its signature does not matter here. */
static void refuse_form(const char *what, size_t which, struct custody_bytes part)
{
	const struct pki_party *p = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Form" });
	struct custody_bytes tbs[12], algorithm = pki_signature_algorithm(p, CUSTODY_SHA256), signature = der_bits(DER_RAW("x"));
	const struct custody_bytes good[8] = { DER(0xa0, der_integer(2)), p->serial, algorithm, p->name,
		DER_SEQ(der_text_time(0x17, "2026-01-01T00:00:00Z"), der_text_time(0x17, "2027-01-01T00:00:00Z")), p->name,
		DER_SEQ(DER_SEQ(DER_OID(CUSTODY_OID_EC), DER_OID(CUSTODY_OID_P256)), der_bits(DER_RAW("\x04"))),
		DER(0xa3, der_tlv(0x30, DER_EMPTY)) };
	memcpy(tbs, good, sizeof(good));
	if (which < 8)
		tbs[which] = part;
	struct custody_bytes outer = which == 8 ? part : algorithm;
	struct custody_bytes der = DER_SEQ(der_tlv(0x30, der_concat(8, tbs)), outer, which == 9 ? part : signature, which == 10 ? part : DER_EMPTY);
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_x509 x;
	cr_expect_eq(custody_x509_parse(der, &x, &err), which == 99 ? 0 : -1, "%s", what);
	cr_expect(which == 99 || (err.kind == CUSTODY_ERR_FORMAT && err.rule == NULL), "%s", what);
}

Test(x509, refuses_another_form)
{
	refuse_form("good", 99, DER_EMPTY);
	refuse_form("version 1", 0, DER_EMPTY);
	refuse_form("version 2", 0, DER(0xa0, der_integer(1)));
	refuse_form("a version that is none", 0, DER(0xa0, DER_NULL_VALUE));
	refuse_form("a negative version", 0, DER(0xa0, der_tlv(0x02, DER_RAW("\xff"))));
	refuse_form("no serial", 1, DER_EMPTY);
	refuse_form("no algorithm", 2, DER_NULL_VALUE);
	refuse_form("another algorithm than outside", 2, DER_SEQ(DER_OID(CUSTODY_OID_SHA384_ECDSA)));
	refuse_form("no issuer", 3, DER_NULL_VALUE);
	refuse_form("no validity", 4, DER_NULL_VALUE);
	refuse_form("half a validity", 4, DER_SEQ(der_text_time(0x17, "2026-01-01T00:00:00Z")));
	refuse_form("an empty validity", 4, der_tlv(0x30, DER_EMPTY));
	refuse_form("a validity from a number", 4, DER_SEQ(der_integer(1), der_text_time(0x17, "2026-01-01T00:00:00Z")));
	refuse_form("a validity until a number", 4, DER_SEQ(der_text_time(0x17, "2026-01-01T00:00:00Z"), der_integer(1)));
	refuse_form(
		"three times", 4, DER_SEQ(der_text_time(0x17, "2026-01-01T00:00:00Z"), der_text_time(0x17, "2026-01-01T00:00:00Z"), der_integer(1)));
	refuse_form("no subject", 5, DER_NULL_VALUE);
	refuse_form("no key", 6, DER_NULL_VALUE);
	refuse_form("an empty key", 6, der_tlv(0x30, DER_EMPTY));
	refuse_form("a key without bits", 6, DER_SEQ(DER_SEQ(DER_OID(CUSTODY_OID_EC))));
	refuse_form("a key with more", 6, DER_SEQ(DER_SEQ(DER_OID(CUSTODY_OID_EC)), der_bits(DER_EMPTY), DER_NULL_VALUE));
	refuse_form("a key without an algorithm", 6, DER_SEQ(der_tlv(0x30, DER_EMPTY), der_bits(DER_EMPTY)));
	refuse_form("two parameters", 6, DER_SEQ(DER_SEQ(DER_OID(CUSTODY_OID_EC), DER_NULL_VALUE, DER_NULL_VALUE), der_bits(DER_EMPTY)));
	refuse_form("extensions that are none", 7, DER(0xa3, DER_NULL_VALUE));
	refuse_form("something behind", 7, DER_NULL_VALUE);
	refuse_form("no outer algorithm", 8, DER_EMPTY);
	refuse_form("no signature", 9, DER_EMPTY);
	refuse_form("a signature with unused bits", 9, der_tlv(0x03, DER_RAW("\x01\x00")));
	refuse_form("something at the end", 10, DER_NULL_VALUE);
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_x509 x;
	cr_expect_eq(custody_x509_parse(DER_NULL_VALUE, &x, &err), -1);
	cr_expect_eq(custody_x509_parse(der_tlv(0x30, DER_EMPTY), &x, &err), -1);
	pki_reset();
}

static struct custody_x509 with_key(struct custody_bytes algorithm, struct custody_bytes bits)
{
	const struct pki_party *p = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Key" });
	struct custody_bytes signed_by = pki_signature_algorithm(p, CUSTODY_SHA256);
	struct custody_bytes tbs = DER_SEQ(DER(0xa0, der_integer(2)), p->serial, signed_by, p->name,
		DER_SEQ(der_text_time(0x17, "2026-01-01T00:00:00Z"), der_text_time(0x17, "2027-01-01T00:00:00Z")), p->name, DER_SEQ(algorithm, bits));
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_x509 x;
	cr_assert_eq(custody_x509_parse(DER_SEQ(tbs, signed_by, der_bits(DER_RAW("x"))), &x, &err), 0, "%s", err.text);
	return x;
}

Test(x509, knows_keys)
{
	uint8_t point[140] = { 0x04 }, modulus[2050] = { 0x00, 0x80 };
	struct custody_bytes ec = DER_OID(CUSTODY_OID_EC), rsa = DER_SEQ(DER_OID(CUSTODY_OID_RSA), DER_NULL_VALUE), e = der_integer(65537);
	modulus[2] = 0x01;
	struct custody_bytes n3072 = der_tlv(0x02, (struct custody_bytes){ modulus, 385 }),
			     n8192 = der_tlv(0x02, (struct custody_bytes){ modulus, 1025 }),
			     n8200 = der_tlv(0x02, (struct custody_bytes){ modulus, 1026 }),
			     huge = der_tlv(0x02, (struct custody_bytes){ modulus, 2050 }),
			     n2047 = der_tlv(0x02, der_concat(DER_LIST(DER_RAW("\x40"), { modulus + 2, 255 })));
	const struct {
		const char *what;
		struct custody_bytes algorithm, bits;
		enum custody_x509_key key;
		unsigned key_bits;
		bool taken;
	} cases[] = {
		{ "P-256", DER_SEQ(ec, DER_OID(CUSTODY_OID_P256)), der_bits((struct custody_bytes){ point, 65 }), CUSTODY_X509_P256, 0, true },
		{ "P-384", DER_SEQ(ec, DER_OID(CUSTODY_OID_P384)), der_bits((struct custody_bytes){ point, 97 }), CUSTODY_X509_P384, 0, true },
		{ "P-521", DER_SEQ(ec, DER_OID(CUSTODY_OID_P521)), der_bits((struct custody_bytes){ point, 133 }), CUSTODY_X509_P521, 0, false },
		{ "a short point", DER_SEQ(ec, DER_OID(CUSTODY_OID_P256)), der_bits((struct custody_bytes){ point, 64 }), CUSTODY_X509_OTHER, 0,
			false },
		{ "a short point on P-384", DER_SEQ(ec, DER_OID(CUSTODY_OID_P384)), der_bits((struct custody_bytes){ point, 65 }), CUSTODY_X509_OTHER,
			0, false },
		{ "a short point on P-521", DER_SEQ(ec, DER_OID(CUSTODY_OID_P521)), der_bits((struct custody_bytes){ point, 65 }), CUSTODY_X509_OTHER,
			0, false },
		{ "compressed", DER_SEQ(ec, DER_OID(CUSTODY_OID_P256)), der_bits((struct custody_bytes){ (const uint8_t *)"\x02", 1 }),
			CUSTODY_X509_OTHER, 0, false },
		{ "no point", DER_SEQ(ec, DER_OID(CUSTODY_OID_P256)), der_bits(DER_EMPTY), CUSTODY_X509_OTHER, 0, false },
		{ "another curve", DER_SEQ(ec, DER_OID("\x2b\x81\x04\x00\x0a")), der_bits((struct custody_bytes){ point, 65 }), CUSTODY_X509_OTHER, 0,
			false },
		{ "an explicit curve", DER_SEQ(ec, DER_SEQ(der_integer(1))), der_bits((struct custody_bytes){ point, 65 }), CUSTODY_X509_OTHER, 0,
			false },
		{ "no curve", DER_SEQ(ec), der_bits((struct custody_bytes){ point, 65 }), CUSTODY_X509_OTHER, 0, false },
		{ "unused bits", DER_SEQ(ec, DER_OID(CUSTODY_OID_P256)), der_tlv(0x03, DER_RAW("\x01\x00")), CUSTODY_X509_OTHER, 0, false },
		{ "RSA 3072", rsa, der_bits(DER_SEQ(n3072, e)), CUSTODY_X509_RSA, 3072, true },
		{ "RSA 8192", rsa, der_bits(DER_SEQ(n8192, e)), CUSTODY_X509_RSA, 8192, true },
		{ "RSA 8200", rsa, der_bits(DER_SEQ(n8200, e)), CUSTODY_X509_RSA, 8200, false },
		{ "RSA beyond counting", rsa, der_bits(DER_SEQ(huge, e)), CUSTODY_X509_RSA, 0, false },
		{ "RSA 2047", rsa, der_bits(DER_SEQ(n2047, e)), CUSTODY_X509_RSA, 2047, false },
		{ "RSA zero", rsa, der_bits(DER_SEQ(der_integer(0), e)), CUSTODY_X509_RSA, 0, false },
		{ "RSA PSS", DER_SEQ(DER_OID(CUSTODY_OID_RSA_PSS)), der_bits(DER_SEQ(n3072, e)), CUSTODY_X509_RSA_PSS, 3072, true },
		{ "RSA PSS with parameters", DER_SEQ(DER_OID(CUSTODY_OID_RSA_PSS), der_tlv(0x30, DER_EMPTY)), der_bits(DER_SEQ(n3072, e)),
			CUSTODY_X509_OTHER, 0, false },
		{ "RSA without NULL", DER_SEQ(DER_OID(CUSTODY_OID_RSA)), der_bits(DER_SEQ(n3072, e)), CUSTODY_X509_OTHER, 0, false },
		{ "exponent 3", rsa, der_bits(DER_SEQ(n3072, der_integer(3))), CUSTODY_X509_OTHER, 0, false },
		{ "even exponent", rsa, der_bits(DER_SEQ(n3072, der_integer(65538))), CUSTODY_X509_OTHER, 0, false },
		{ "negative exponent", rsa, der_bits(DER_SEQ(n3072, der_tlv(0x02, DER_RAW("\xff")))), CUSTODY_X509_OTHER, 0, false },
		{ "negative modulus", rsa, der_bits(DER_SEQ(der_tlv(0x02, DER_RAW("\x80")), e)), CUSTODY_X509_OTHER, 0, false },
		{ "no exponent", rsa, der_bits(DER_SEQ(n3072)), CUSTODY_X509_OTHER, 0, false },
		{ "no modulus", rsa, der_bits(DER_SEQ(DER_NULL_VALUE)), CUSTODY_X509_OTHER, 0, false },
		{ "three numbers", rsa, der_bits(DER_SEQ(n3072, e, e)), CUSTODY_X509_OTHER, 0, false },
		{ "no sequence", rsa, der_bits(e), CUSTODY_X509_OTHER, 0, false },
		{ "no DER", rsa, der_bits(DER_RAW("\x30\x80")), CUSTODY_X509_OTHER, 0, false },
		{ "Ed25519", DER_SEQ(der_tlv(0x06, DER_RAW("\x2b\x65\x70"))), der_bits((struct custody_bytes){ point, 32 }), CUSTODY_X509_OTHER, 0,
			false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_x509 x = with_key(cases[i].algorithm, cases[i].bits);
		cr_expect_eq(x.key, cases[i].key, "%s", cases[i].what);
		cr_expect_eq(x.key_bits, cases[i].key_bits, "%s: %u", cases[i].what, x.key_bits);
		cr_expect_eq(custody_x509_key_is_taken(&x, 3072, false), cases[i].taken, "%s", cases[i].what);
	}
	struct custody_x509 x = with_key(cases[2].algorithm, cases[2].bits);
	cr_expect(custody_x509_key_is_taken(&x, 3072, true));
	pki_reset();
}

Test(x509, says_what_a_certificate_is_not_for)
{
	const unsigned signing = CUSTODY_USAGE_DIGITAL_SIGNATURE | CUSTODY_USAGE_NON_REPUDIATION;
	const struct {
		struct custody_x509 x;
		bool seals, stamps;
	} cases[] = {
		{ { .has_key_usage = true, .key_usage_critical = true, .key_usage = signing }, true, false },
		{ { .has_key_usage = true, .key_usage = signing }, false, false },
		{ { .has_key_usage = true, .key_usage_critical = true, .key_usage = 1 }, false, false },
		{ { .has_key_usage = true, .key_usage_critical = true, .key_usage = signing, .is_ca = true }, false, false },
		{ { .has_key_usage = true, .key_usage_critical = true, .key_usage = signing, .unknown_critical = true }, false, false },
		{ { .has_key_usage = true,
			  .key_usage_critical = true,
			  .key_usage = signing,
			  .has_purposes = true,
			  .n_purposes = 1,
			  .purposes = CUSTODY_PURPOSE_EMAIL },
			true, false },
		{ { .has_key_usage = true,
			  .key_usage_critical = true,
			  .key_usage = signing,
			  .has_purposes = true,
			  .n_purposes = 2,
			  .purposes = CUSTODY_PURPOSE_EMAIL | CUSTODY_PURPOSE_DOCUMENT_SIGNING },
			true, false },
		{ { .has_key_usage = true,
			  .key_usage_critical = true,
			  .key_usage = signing,
			  .has_purposes = true,
			  .n_purposes = 2,
			  .purposes = CUSTODY_PURPOSE_EMAIL },
			false, false },
		{ { .has_key_usage = true,
			  .key_usage_critical = true,
			  .key_usage = signing,
			  .has_purposes = true,
			  .n_purposes = 3,
			  .purposes = CUSTODY_PURPOSE_EMAIL | CUSTODY_PURPOSE_DOCUMENT_SIGNING },
			false, false },
		{ { .has_key_usage = true, .key_usage_critical = true, .key_usage = signing, .has_purposes = true, .n_purposes = 1 }, false, false },
		{ { .has_key_usage = true,
			  .key_usage_critical = true,
			  .key_usage = signing,
			  .has_purposes = true,
			  .n_purposes = 1,
			  .purposes = CUSTODY_PURPOSE_ANY },
			false, false },
		{ { .has_purposes = true, .purposes_critical = true, .n_purposes = 1, .purposes = CUSTODY_PURPOSE_TIME_STAMPING }, false, true },
		{ { .has_purposes = true,
			  .purposes_critical = true,
			  .n_purposes = 1,
			  .purposes = CUSTODY_PURPOSE_TIME_STAMPING,
			  .has_key_usage = true,
			  .key_usage = 2 },
			false, true },
		{ { .has_purposes = true,
			  .purposes_critical = true,
			  .n_purposes = 1,
			  .purposes = CUSTODY_PURPOSE_TIME_STAMPING,
			  .has_key_usage = true,
			  .key_usage = 4 },
			false, false },
		{ { .has_purposes = true,
			  .purposes_critical = true,
			  .n_purposes = 1,
			  .purposes = CUSTODY_PURPOSE_TIME_STAMPING,
			  .has_key_usage = true,
			  .key_usage = 5 },
			false, false },
		{ { .has_purposes = true, .purposes_critical = true, .n_purposes = 1, .purposes = CUSTODY_PURPOSE_TIME_STAMPING, .is_ca = true },
			false, false },
		{ { .has_purposes = true,
			  .purposes_critical = true,
			  .n_purposes = 1,
			  .purposes = CUSTODY_PURPOSE_TIME_STAMPING,
			  .unknown_critical = true },
			false, false },
		{ { .has_purposes = true, .n_purposes = 1, .purposes = CUSTODY_PURPOSE_TIME_STAMPING }, false, false },
		{ { .has_purposes = true, .purposes_critical = true, .n_purposes = 2, .purposes = CUSTODY_PURPOSE_TIME_STAMPING }, false, false },
		{ { .has_purposes = true, .purposes_critical = true, .n_purposes = 1, .purposes = CUSTODY_PURPOSE_EMAIL }, false, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(custody_x509_unfit_for_sealing(&cases[i].x) == NULL, cases[i].seals, "%zu", i);
		cr_expect_eq(custody_x509_unfit_for_stamping(&cases[i].x) == NULL, cases[i].stamps, "%zu", i);
	}
}

Test(x509, shows_names_that_cannot_pretend)
{
	struct custody_certificate c = parse(pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "a, O=b+c\x1b[2J" }));
	char text[200], small[16];
	cr_expect_str_eq(custody_x509_subject(&c, text, sizeof(text)), "CN=a\\, O\\=b\\+c\\u{001b}[2J, O=Lab", "%s", text);
	cr_expect_str_eq(custody_x509_common_name(&c, text, sizeof(text)), "a, O=b+c\\u{001b}[2J", "%s", text);
	cr_expect_str_eq(custody_x509_common_name_exact(&c, text, sizeof(text)), "a, O=b+c\x1b[2J", "%s", text);
	cr_expect_str_eq(custody_x509_common_name_exact(&c, small, 12), "a, O=b+c...", "%s", small);
	cr_expect_str_eq(custody_x509_common_name_exact(&c, small, 13), "a, O=b+c\x1b[2J", "%s", small);
	cr_expect_str_eq(custody_x509_subject(&c, small, sizeof(small)), "CN=a\\, O\\=b\\...", "%s", small);
	custody_certificate_release(&c);
	pki_reset();
}

/* A certificate of which nothing but the commonName is there. */
static void named(int type, const char *bytes, int n, struct custody_certificate *c)
{
	*c = (struct custody_certificate){ .x509 = X509_new() };
	X509_NAME *name = X509_get_subject_name(c->x509);
	ASN1_STRING *value = ASN1_STRING_type_new(type);

	cr_assert(X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING, (const unsigned char *)"x", 1, -1, 0));
	cr_assert(ASN1_STRING_set(value, bytes, n));
	cr_assert(ASN1_STRING_copy(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, 0)), value));
	ASN1_STRING_free(value);
}

Test(x509, shows_names_of_every_kind_of_string)
{
	/* exact: NULL, as the name */
	static const struct {
		int type, n;
		const char *bytes, *subject, *name, *exact;
	} cases[] = {
		{ V_ASN1_UTF8STRING, 7, "J\303\266rg,x", "CN=J\303\266rg\\,x", "J\303\266rg,x", NULL },
		{ V_ASN1_UTF8STRING, 3, "a\377b", "CN=a\\xffb", "CN=a\\xffb", NULL },
		{ V_ASN1_UTF8STRING, 5, ",\314\201ab", "CN=\\,\\u{0301}ab", ",\314\201ab", NULL },
		{ V_ASN1_PRINTABLESTRING, 3, "a=b", "CN=a\\=b", "a=b", NULL },
		{ V_ASN1_IA5STRING, 2, "a\177", "CN=a\\u{007f}", "a\\u{007f}", "a\177" },
		{ V_ASN1_T61STRING, 4, "J\366rg", "CN=J\303\266rg", "J\303\266rg", NULL },
		{ V_ASN1_BMPSTRING, 8, "\0J\0\366\4\26\40\254", "CN=J\303\266\320\226\342\202\254", "J\303\266\320\226\342\202\254", NULL },
		{ V_ASN1_BMPSTRING, 2, "\0+", "CN=\\+", "+", NULL },
		{ V_ASN1_BMPSTRING, 2, "\40\56", "CN=\\u{202e}", "\\u{202e}", "\342\200\256" },
		{ V_ASN1_UNIVERSALSTRING, 8, "\0\0\0A\0\1\364\251", "CN=A\360\237\222\251", "A\360\237\222\251", NULL },
		/* half a character, half of a pair, beyond the last, no text: the bytes */
		{ V_ASN1_BMPSTRING, 3, "\0ab", "CN=\\u{0000}ab", "CN=\\u{0000}ab", NULL },
		{ V_ASN1_BMPSTRING, 2, "\330A", "CN=\\xd8A", "CN=\\xd8A", NULL },
		{ V_ASN1_UNIVERSALSTRING, 4, "\0\21\0A", "CN=\\u{0000}\\u{0011}\\u{0000}A", "CN=\\u{0000}\\u{0011}\\u{0000}A", NULL },
		{ V_ASN1_OCTET_STRING, 2, "ab", "CN=ab", "CN=ab", NULL },
	};
	struct custody_certificate c;
	char text[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		named(cases[i].type, cases[i].bytes, cases[i].n, &c);
		cr_expect_str_eq(custody_x509_subject(&c, text, sizeof(text)), cases[i].subject, "%zu: %s", i, text);
		cr_expect_str_eq(custody_x509_common_name(&c, text, sizeof(text)), cases[i].name, "%zu: %s", i, text);
		cr_expect_str_eq(
			custody_x509_common_name_exact(&c, text, sizeof(text)), cases[i].exact ? cases[i].exact : cases[i].name, "%zu: %s", i, text);
		X509_free(c.x509);
	}
	/* cut, never within a character */
	named(V_ASN1_T61STRING, "\366\366\366\366", 4, &c);
	cr_expect_str_eq(custody_x509_subject(&c, text, 12), "CN=\303\266\303\266\303\266\303\266", "%s", text);
	cr_expect_str_eq(custody_x509_subject(&c, text, 11), "CN=\303\266\303\266...", "%s", text);
	cr_expect_str_eq(custody_x509_subject(&c, text, 10), "CN=\303\266...", "%s", text);
	cr_expect_str_eq(custody_x509_subject(&c, text, 4), "...", "%s", text);
	cr_expect_str_eq(custody_x509_common_name(&c, text, 8), "\303\266\303\266...", "%s", text);
	cr_expect_str_eq(custody_x509_common_name_exact(&c, text, 9), "\303\266\303\266\303\266\303\266", "%s", text);
	X509_free(c.x509);
}

Test(x509, shows_parts_without_a_name_by_their_numbers)
{
	static const char *const cases[][2] = {
		{ "2.25.1234567", "2.25.1234567=x" },
		{ "0.39.1", "0.39.1=x" },
		{ "1.2.9223372036854775807", "1.2.9223372036854775807=x" },
		{ "2.999.9223372036854775808", "OID 88:37:81:80:80:80:80:80:80:80:80:00=x" },
	};
	char text[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_certificate c = { .x509 = X509_new() };
		ASN1_OBJECT *type = OBJ_txt2obj(cases[i][0], 1);

		cr_assert(X509_NAME_add_entry_by_OBJ(X509_get_subject_name(c.x509), type, V_ASN1_UTF8STRING, (const unsigned char *)"x", 1, -1, 0));
		cr_expect_str_eq(custody_x509_subject(&c, text, sizeof(text)), cases[i][1], "%s", text);
		ASN1_OBJECT_free(type);
		X509_free(c.x509);
	}
}

/* ---- revocation lists ---- */

static struct custody_crl parse_crl(struct custody_bytes der)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_crl crl;
	cr_assert_eq(custody_crl_parse(der.p, der.n, &crl, &err), 0, "%s", err.text);
	return crl;
}

Test(crl, finds_who_was_revoked_and_since_when)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root" });
	const struct pki_party *a = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "A", .issuer = root });
	const struct custody_bytes reason[] = { pki_extension(DER_RAW(CUSTODY_OID_REASON_CODE), true, der_tlv(0x0a, DER_RAW("\x06"))), END };
	const struct custody_bytes critical[] = { pki_extension(DER_RAW(CUSTODY_OID_CERTIFICATE_ISSUER), true, DER_NULL_VALUE), END };
	const struct custody_bytes bad_date[] = { pki_extension(DER_RAW(CUSTODY_OID_INVALIDITY_DATE), false, DER_NULL_VALUE), END };
	const struct custody_bytes bad_time[] = { pki_extension(DER_RAW(CUSTODY_OID_INVALIDITY_DATE), false, der_tlv(0x18, DER_RAW("x"))), END };
	const struct {
		struct pki_crl_spec spec;
		bool read, revoked;
		int64_t since;
	} cases[] = {
		{ { .issuer = root }, true, false, 0 },
		{ { .issuer = root, .revoked = root }, true, false, 0 },
		{ { .issuer = root, .revoked = a }, true, true, 1794268800 },
		{ { .issuer = root, .revoked = a, .entry_more = reason }, true, true, 1794268800 },
		{ { .issuer = root, .revoked = a, .invalid = "2026-11-01T00:00:00Z" }, true, true, 1793491200 },
		{ { .issuer = root, .revoked = a, .invalid = "2026-12-01T00:00:00Z" }, true, true, 1794268800 },
		{ { .issuer = root, .revoked = a, .entry_more = critical }, false, false, 0 },
		{ { .issuer = root, .revoked = a, .entry_more = bad_date }, false, false, 0 },
		{ { .issuer = root, .revoked = a, .entry_more = bad_time }, false, false, 0 },
	};
	struct custody_certificate c = parse(a);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_crl crl = parse_crl(pki_crl(cases[i].spec));
		struct custody_time since = { 0, 0 };
		bool revoked = false;
		cr_expect_eq(custody_crl_find(&crl.facts, c.facts.serial, &revoked, &since), cases[i].read, "%zu", i);
		cr_expect(!cases[i].read || (revoked == cases[i].revoked && (!revoked || since.sec == cases[i].since)), "%zu: %lld", i,
			(long long)since.sec);
		custody_crl_release(&crl);
	}
	/* Twice in one list: the earlier counts. */
	struct custody_crl_facts facts = { .revoked = der_concat(DER_LIST(DER_SEQ(a->serial, der_text_time(0x17, "2026-11-10T00:00:00Z")),
						   DER_SEQ(a->serial, der_text_time(0x17, "2026-11-05T00:00:00Z")),
						   DER_SEQ(a->serial, der_text_time(0x17, "2026-11-07T00:00:00Z")))) };
	struct custody_time since;
	bool revoked;
	cr_expect(custody_crl_find(&facts, c.facts.serial, &revoked, &since) && revoked && since.sec == 1793836800);
	const struct custody_bytes broken[] = { der_integer(1), DER_SEQ(DER_NULL_VALUE), DER_SEQ(a->serial), DER_SEQ(a->serial, der_integer(1)),
		DER_SEQ(a->serial, der_text_time(0x17, "2026-11-10T00:00:00Z"), der_integer(1)),
		DER_SEQ(a->serial, der_text_time(0x17, "2026-11-10T00:00:00Z"), DER_SEQ(der_integer(1))) };
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		facts.revoked = broken[i];
		cr_expect_not(custody_crl_find(&facts, c.facts.serial, &revoked, &since), "%zu", i);
	}
	custody_certificate_release(&c);
	pki_reset();
}

Test(crl, refuses_another_form)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root" });
	struct custody_bytes alg = pki_signature_algorithm(root, CUSTODY_SHA256), time = der_text_time(0x17, "2026-11-01T00:00:00Z"),
			     sig = der_bits(DER_RAW("x"));
	struct custody_bytes one = der_integer(1), exts = DER(0xa0, DER_SEQ(pki_extension(DER_RAW(CUSTODY_OID_CRL_NUMBER), true, one)));
	struct custody_bytes twice = pki_extension(DER_RAW(CUSTODY_OID_CRL_NUMBER), false, one);
	const struct {
		const char *what;
		struct custody_bytes der;
		bool taken;
	} cases[] = {
		{ "good", DER_SEQ(DER_SEQ(one, alg, root->name, time, time, exts), alg, sig), true },
		{ "GeneralizedTime", DER_SEQ(DER_SEQ(one, alg, root->name, time, der_text_time(0x18, "2050-01-01T00:00:00Z")), alg, sig), true },
		{ "nothing", DER_NULL_VALUE, false },
		{ "empty", der_tlv(0x30, DER_EMPTY), false },
		{ "no algorithm", DER_SEQ(DER_SEQ(one, alg, root->name, time)), false },
		{ "no signature", DER_SEQ(DER_SEQ(one, alg, root->name, time), alg), false },
		{ "something behind", DER_SEQ(DER_SEQ(one, alg, root->name, time), alg, sig, one), false },
		{ "unused bits", DER_SEQ(DER_SEQ(one, alg, root->name, time), alg, der_tlv(0x03, DER_RAW("\x01\x00"))), false },
		{ "version 1", DER_SEQ(DER_SEQ(alg, root->name, time), alg, sig), false },
		{ "version 3", DER_SEQ(DER_SEQ(der_integer(2), alg, root->name, time), alg, sig), false },
		{ "negative version", DER_SEQ(DER_SEQ(der_tlv(0x02, DER_RAW("\xff")), alg, root->name, time), alg, sig), false },
		{ "another algorithm", DER_SEQ(DER_SEQ(one, DER_SEQ(DER_OID(CUSTODY_OID_SHA384_ECDSA)), root->name, time), alg, sig), false },
		{ "no inner algorithm", DER_SEQ(DER_SEQ(one), alg, sig), false },
		{ "no issuer", DER_SEQ(DER_SEQ(one, alg, time), alg, sig), false },
		{ "no time", DER_SEQ(DER_SEQ(one, alg, root->name), alg, sig), false },
		{ "a number for a time", DER_SEQ(DER_SEQ(one, alg, root->name, one), alg, sig), false },
		{ "something more", DER_SEQ(DER_SEQ(one, alg, root->name, time, one), alg, sig), false },
		{ "extensions that are none", DER_SEQ(DER_SEQ(one, alg, root->name, time, DER(0xa0, one)), alg, sig), false },
		{ "an extension twice", DER_SEQ(DER_SEQ(one, alg, root->name, time, DER(0xa0, DER_SEQ(twice, twice))), alg, sig), false },
		{ "a point that is no DER",
			DER_SEQ(DER_SEQ(one, alg, root->name, time,
					DER(0xa0,
						DER_SEQ(pki_extension(DER_RAW(CUSTODY_OID_ISSUING_DISTRIBUTION_POINT), true, DER_RAW("\x30\x80"))))),
				alg, sig),
			false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_crl_facts facts;
		cr_expect_eq(custody_crl_facts_parse(cases[i].der, &facts, &err) == 0, cases[i].taken, "%s", cases[i].what);
	}
	struct custody_crl_facts bad = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_expect_eq(custody_crl_facts_parse(DER_SEQ(DER_SEQ(one, alg, root->name, time, der_tlv(0x17, DER_RAW("x"))), alg, sig), &bad, &err), -1);
	pki_reset();
}

Test(crl, speaks_of_the_certificates_of_its_point)
{
	const struct custody_bytes idp = DER_RAW(CUSTODY_OID_ISSUING_DISTRIBUTION_POINT), cdp = DER_RAW(CUSTODY_OID_CRL_DISTRIBUTION_POINTS);
	struct custody_bytes a = der_tlv(0x86, DER_RAW("http://a")), b = der_tlv(0x86, DER_RAW("http://b"));
	struct custody_bytes point_b = DER_SEQ(DER(0xa0, DER(0xa0, b)));
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root" });
	const struct {
		const char *what;
		struct custody_bytes idp, cdp;
		bool usable, speaks;
	} cases[] = {
		{ "its own", point_b, DER_SEQ(DER_SEQ(DER(0xa0, DER(0xa0, a))), DER_SEQ(DER(0xa0, DER(0xa0, a, b)))), true, true },
		{ "another", point_b, DER_SEQ(DER_SEQ(DER(0xa0, DER(0xa0, a)))), true, false },
		{ "none", point_b, DER_EMPTY, true, false },
		{ "for some reasons", point_b, DER_SEQ(DER_SEQ(DER(0xa0, DER(0xa0, b)), der_tlv(0x81, DER_RAW("\x06\x40")))), true, false },
		{ "a relative name", point_b, DER_SEQ(DER_SEQ(DER(0xa0, DER(0xa1, b)))), true, false },
		{ "a point without a name", point_b, DER_SEQ(DER_SEQ(DER(0xa2, b))), true, false },
		{ "points that are none", point_b, der_integer(1), true, false },
		{ "relative in the list", DER_SEQ(DER(0xa0, DER(0xa1, b))), DER_SEQ(DER_SEQ(DER(0xa0, DER(0xa0, b)))), false, true },
		{ "some reasons in the list", DER_SEQ(DER(0xa0, DER(0xa0, b)), der_tlv(0x83, DER_RAW("\x06\x40"))),
			DER_SEQ(DER_SEQ(DER(0xa0, DER(0xa0, b)))), false, true },
		{ "a point that is none", der_integer(1), DER_EMPTY, false, true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct custody_bytes list_more[] = { pki_extension(idp, true, cases[i].idp), END };
		const struct custody_bytes more[] = { cases[i].cdp.n > 0 ? pki_extension(cdp, false, cases[i].cdp) : (struct custody_bytes)END, END };
		struct custody_certificate c = parse(pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "A", .issuer = root, .more = more }));
		struct custody_crl crl = parse_crl(pki_crl((struct pki_crl_spec){ .issuer = root, .more = list_more }));
		cr_expect_eq(crl.facts.unusable == NULL, cases[i].usable, "%s", cases[i].what);
		cr_expect_eq(custody_crl_speaks_of(&crl.facts, &c.facts), cases[i].speaks, "%s", cases[i].what);
		custody_crl_release(&crl);
		custody_certificate_release(&c);
	}
	pki_reset();
}

/* ---- paths ---- */

static struct custody_memo memo;

/* Builds a path; its length, 0 for none. */
static size_t build(
	const struct pki_party *leaf, size_t n, const struct pki_party *const *embedded, const struct pki_party *anchor, bool stamping, char why[256])
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_certificate l = parse(leaf), a = parse(anchor), list[8];
	const struct custody_certificate *pointers[8];
	struct custody_chain chain;
	memset(&memo, 0, sizeof(memo));
	for (size_t i = 0; i < n; i++) {
		list[i] = parse(embedded[i]);
		pointers[i] = &list[i];
	}
	const struct custody_chain_request request = { .leaf = &l,
		.embedded = pointers,
		.n_embedded = n,
		.anchors = &a,
		.n_anchors = 1,
		.time_stamping = stamping,
		.when = { 1796083200, 0 },
		.memo = &memo };
	cr_expect_eq(custody_chain_build(&request, &chain, why, 256, &err), 0, "%s", err.text);
	size_t found = chain.n;
	/* Asked again, the memo knows it. */
	cr_expect_eq(custody_chain_build(&request, &chain, why, 256, &err), 0);
	cr_expect_eq(chain.n, found);
	for (size_t i = 0; i < n; i++)
		custody_certificate_release(&list[i]);
	custody_certificate_release(&l);
	custody_certificate_release(&a);
	return found;
}

Test(chain, holds_or_says_why_not)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root" }), *none = NULL;
	const struct pki_party *other = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root", .key_label = "another key" });
	const struct pki_party *sub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Sub", .issuer = root });
	const struct pki_party *subsub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Sub of sub", .issuer = sub });
	const struct pki_party *weak = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Weak", .key = PKI_RSA2048 });
	const struct pki_party *wide = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Wide", .key = PKI_P521 });
	const struct custody_bytes no_sign[] = { pki_basic_constraints(true, -1), pki_key_usage(CUSTODY_USAGE_CRL_SIGN, true), END };
	const struct custody_bytes web[] = { pki_purposes(false, DER_LIST(der_tlv(0x06, DER_RAW("\x2b\x06\x01\x05\x05\x07\x03\x01")))), END };
	const struct custody_bytes any[] = { pki_purposes(false, DER_LIST(DER_OID(CUSTODY_OID_ANY_PURPOSE))), END };
	const struct custody_bytes odd[] = { pki_extension(DER_RAW("\x2a\x03"), true, DER_NULL_VALUE), END };
	const struct pki_party *mute = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Mute", .extensions = no_sign });
	const struct pki_party *web_sub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Web", .issuer = root, .more = web });
	const struct pki_party *any_sub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Any", .issuer = root, .more = any });
	const struct pki_party *odd_sub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Odd", .issuer = root, .more = odd });
	const struct {
		const char *what;
		struct pki_spec leaf;
		const struct pki_party *embedded, *second, *anchor;
		size_t want;
		const char *why;
	} cases[] = {
		{ "below the root", { .kind = PKI_SIGNER, .issuer = root }, none, none, root, 2, NULL },
		{ "below a sub-CA", { .kind = PKI_SIGNER, .issuer = sub }, sub, none, root, 3, NULL },
		{ "a sub-CA as anchor", { .kind = PKI_SIGNER, .issuer = sub }, sub, none, sub, 2, NULL },
		{ "the sub-CA is missing", { .kind = PKI_SIGNER, .issuer = sub }, none, none, root, 0, "no path from 'CN=Leaf, O=Lab' to an anchor" },
		{ "a root of the same name", { .kind = PKI_SIGNER, .issuer = other }, none, none, root, 0,
			"no path from 'CN=Leaf, O=Lab' to an anchor" },
		{ "longer than allowed", { .kind = PKI_SIGNER, .issuer = subsub }, sub, subsub, root, 0,
			"the certificate of 'CN=Sub, O=Lab' allows only a shorter path" },
		{ "a root that may not sign", { .kind = PKI_SIGNER, .issuer = mute }, none, none, mute, 0,
			"the certificate of 'CN=Mute, O=Lab' is not a CA with keyCertSign" },
		{ "a root with a weak key", { .kind = PKI_SIGNER, .issuer = weak }, none, none, weak, 0,
			"the certificate of 'CN=Weak, O=Lab' has a key that is not taken" },
		{ "an authority may have it", { .kind = PKI_STAMPER, .issuer = weak }, none, none, weak, 2, NULL },
		{ "P-521 for a signer", { .kind = PKI_SIGNER, .issuer = wide }, none, none, wide, 0,
			"the certificate of 'CN=Wide, O=Lab' has a key that is not taken" },
		{ "P-521 for an authority", { .kind = PKI_STAMPER, .issuer = wide }, none, none, wide, 2, NULL },
		{ "a leaf with a weak key", { .kind = PKI_SIGNER, .key = PKI_RSA2048, .issuer = root }, none, none, root, 0,
			"'CN=Leaf, O=Lab' has a key that is not taken" },
		{ "below a web CA", { .kind = PKI_STAMPER, .issuer = web_sub }, web_sub, none, root, 0,
			"the certificate of 'CN=Web, O=Lab' is not for time-stamping authorities" },
		{ "below one for any purpose", { .kind = PKI_STAMPER, .issuer = any_sub }, any_sub, none, root, 3, NULL },
		{ "below an odd CA", { .kind = PKI_SIGNER, .issuer = odd_sub }, odd_sub, none, root, 0,
			"the certificate of 'CN=Odd, O=Lab' has a critical extension that is not known" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pki_spec spec = cases[i].leaf;
		const struct pki_party *embedded[2] = { cases[i].embedded, cases[i].second };
		size_t n = cases[i].second != NULL ? 2 : cases[i].embedded != NULL;
		char why[256] = "";
		spec.label = "Leaf";
		cr_expect_eq(build(pki_party(spec), n, embedded, cases[i].anchor, spec.kind == PKI_STAMPER, why), cases[i].want, "%s: %s",
			cases[i].what, why);
		if (cases[i].want == 0)
			cr_expect_str_eq(why, cases[i].why, "%s: %s", cases[i].what, why);
	}
	pki_reset();
}

/* Crossed CAs of one name and key: every one has signed every other. */
Test(chain, does_not_run_in_circles)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct pki_party *first = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Ring" });
	struct custody_certificate ring[12], leaf = parse(pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Leaf", .issuer = first }));
	const struct custody_certificate *pointers[12], *unfit;
	bool reached[12] = { false };
	const char *why;
	for (size_t i = 0; i < 12; i++) {
		ring[i] = parse(pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Ring" }));
		pointers[i] = &ring[i];
	}
	memset(&memo, 0, sizeof(memo));
	struct custody_chain_request request = { .leaf = &leaf, .embedded = pointers, .n_embedded = 3, .memo = &memo };
	cr_expect_eq(custody_chain_survey(&request, reached, &unfit, &why, &err), 0);
	cr_expect(reached[0] && reached[1] && reached[2] && unfit == NULL);
	request.n_embedded = 12;
	cr_expect_eq(custody_chain_survey(&request, reached, &unfit, &why, &err), -1);
	cr_expect_str_eq(err.rule, "limit-exceeded");
	memo.n_signatures = CUSTODY_MEMO_SIGNATURES;
	memset(memo.signature, 0, sizeof(memo.signature));
	bool good;
	cr_expect_eq(custody_certificate_issued_by(&memo, &leaf, &ring[0], &good, &err), -1);
	cr_expect_str_eq(err.rule, "limit-exceeded");
	for (size_t i = 0; i < 12; i++)
		custody_certificate_release(&ring[i]);
	custody_certificate_release(&leaf);
	pki_reset();
}

Test(chain, finds_unfit_issuers_among_what_is_embedded)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root" });
	const struct custody_bytes no_ca[] = { pki_basic_constraints(false, -1), pki_key_usage(CUSTODY_USAGE_CERT_SIGN, true), END };
	const struct pki_party *not_ca = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Not CA", .issuer = root, .extensions = no_ca });
	struct custody_certificate leaf = parse(pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Leaf", .issuer = not_ca })),
				   bad = parse(not_ca);
	const struct custody_certificate *pointers[1] = { &bad }, *unfit;
	bool reached[1] = { false };
	const char *why;
	memset(&memo, 0, sizeof(memo));
	const struct custody_chain_request request = { .leaf = &leaf, .embedded = pointers, .n_embedded = 1, .memo = &memo };
	cr_expect_eq(custody_chain_survey(&request, reached, &unfit, &why, &err), 0);
	cr_expect_eq(unfit, &bad);
	cr_expect_str_eq(why, "is not a CA with keyCertSign");
	custody_certificate_release(&leaf);
	custody_certificate_release(&bad);
	pki_reset();
}

Test(chain, judges_validity_and_leaves_out_the_anchor)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root", .until = "2026-06-01T00:00:00Z" });
	const struct pki_party *leaf_party = pki_party((struct pki_spec){
		.kind = PKI_SIGNER, .label = "Leaf", .issuer = root, .from = "2026-02-01T00:00:00Z", .until = "2026-12-01T00:00:00Z" });
	struct custody_certificate leaf = parse(leaf_party), anchor = parse(root);
	const struct custody_chain chain = { { &leaf, &anchor }, 2 }, alone = { { &anchor }, 1 };
	bool early;
	char why[256];
	cr_expect_eq(custody_chain_validity(&chain, (struct custody_time){ leaf.facts.not_before.sec, 0 }, &early), NULL);
	cr_expect_eq(custody_chain_validity(&chain, (struct custody_time){ leaf.facts.not_after.sec, 0 }, &early), NULL);
	cr_expect_eq(custody_chain_validity(&chain, (struct custody_time){ leaf.facts.not_after.sec, 1 }, &early), &leaf);
	cr_expect_not(early);
	cr_expect_eq(custody_chain_validity(&chain, (struct custody_time){ leaf.facts.not_before.sec - 1, 999999999 }, &early), &leaf);
	cr_expect(early);
	cr_expect_eq(custody_chain_validity(&alone, (struct custody_time){ leaf.facts.not_after.sec, 0 }, &early), &anchor);
	cr_expect(custody_chain_has(&chain, &anchor) && !custody_chain_has(&alone, &leaf));
	/* OpenSSL is asked at a time at which the root has expired, and in the leaf's last second. */
	const struct pki_party *nobody[1] = { NULL };
	cr_expect_eq(build(leaf_party, 0, nobody, root, false, why), 2, "%s", why);
	custody_certificate_release(&leaf);
	custody_certificate_release(&anchor);
	pki_reset();
}

/* ---- revocation ---- */

Test(revocation, counts_lists_that_the_issuers_key_signed)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root" });
	const struct pki_party *other = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root", .key_label = "another key" });
	const struct pki_party *a = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "A", .issuer = root });
	const struct custody_bytes delta[] = { pki_extension(DER_RAW(CUSTODY_OID_DELTA_CRL_INDICATOR), true, der_integer(1)), END };
	const struct custody_bytes strange[] = { pki_extension(DER_RAW("\x2a\x03"), true, DER_NULL_VALUE), END };
	const struct {
		struct pki_crl_spec spec;
		bool covered, revoked;
		const char *why;
		bool doubtful;
	} cases[] = {
		{ { .issuer = root }, true, false, NULL, false },
		{ { .issuer = root, .revoked = a }, true, true, NULL, false },
		{ { .issuer = other, .revoked = a }, false, false, "a list of that name is not signed by its issuer's key", false },
		{ { .issuer = a }, false, false, NULL, false },
		{ { .issuer = root, .revoked = a, .more = delta }, false, false, "a delta list", true },
		{ { .issuer = root, .revoked = other, .more = delta }, false, false, "a delta list", false },
		{ { .issuer = root, .revoked = a, .until = "2026-11-02T00:00:00Z" }, false, true, "its issuer's list had ended by then", false },
		{ { .issuer = root, .revoked = a, .from = "2025-11-02T00:00:00Z" }, false, false, "its issuer's list is older than the certificate",
			false },
		{ { .issuer = root, .revoked = a, .entry_more = strange }, false, false, "its issuer's list has an entry that cannot be read", true },
	};
	struct custody_certificate c = parse(a), issuer = parse(root);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_crl crl = parse_crl(pki_crl(cases[i].spec));
		struct custody_revocation r = { .revoked = false };
		memset(&memo, 0, sizeof(memo));
		cr_expect_eq(custody_revocation_add(&r, &crl, &c, &issuer, (struct custody_time){ 1793611801, 0 }, &memo, &err), 0);
		cr_expect(r.covered == cases[i].covered && r.revoked == cases[i].revoked && r.doubtful == cases[i].doubtful, "%zu", i);
		cr_expect_str_eq(r.why ? r.why : "", cases[i].why ? cases[i].why : "", "%zu", i);
		custody_crl_release(&crl);
	}
	/* An older, empty list takes nothing back; the earliest revocation and the latest list are kept. */
	static const struct pki_crl_spec order[] = { { .since = "2026-11-12T00:00:00Z" },
		{ .since = "2026-11-10T00:00:00Z", .from = "2026-11-03T00:00:00Z" },
		{ .since = "2026-11-11T00:00:00Z", .from = "2026-10-01T00:00:00Z" }, { .from = "2026-10-05T00:00:00Z" } };
	struct custody_revocation r = { .revoked = false };
	for (size_t i = 0; i < 4; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct pki_crl_spec spec = order[i];
		spec.issuer = root;
		spec.revoked = spec.since != NULL ? a : NULL;
		struct custody_crl crl = parse_crl(pki_crl(spec));
		memset(&memo, 0, sizeof(memo));
		cr_expect_eq(custody_revocation_add(&r, &crl, &c, &issuer, (struct custody_time){ 1793611801, 0 }, &memo, &err), 0);
		custody_crl_release(&crl);
	}
	cr_expect(r.revoked && r.covered && r.since.sec == 1794268800 && r.known_until.sec == 1793664000);
	custody_certificate_release(&c);
	custody_certificate_release(&issuer);
	pki_reset();
}

Test(pool, keeps_each_certificate_and_list_once)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root" });
	struct custody_bytes list = pki_crl((struct pki_crl_spec){ .issuer = root });
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_pool pool = { 0 };
	const struct custody_certificate *a, *b;
	const struct custody_crl *x, *y;
	cr_expect_eq(custody_pool_certificate(&pool, root->certificate, &a, &err), 0);
	cr_expect_eq(custody_pool_certificate(&pool, der_bytes(root->certificate.p, root->certificate.n), &b, &err), 0);
	cr_expect(a == b && pool.n_certificates == 1);
	cr_expect_eq(custody_pool_crl(&pool, list, &x, &err), 0);
	cr_expect_eq(custody_pool_crl(&pool, der_bytes(list.p, list.n), &y, &err), 0);
	cr_expect(x == y && pool.n_crls == 1);
	cr_expect_eq(custody_pool_certificate(&pool, list, &a, &err), -1);
	cr_expect_eq(custody_pool_crl(&pool, root->certificate, &x, &err), -1);
	custody_pool_release(&pool);
	pki_reset();
}
