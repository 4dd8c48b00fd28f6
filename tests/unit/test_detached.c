/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/detached.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/oid.h"
#include "tests/support/pki.h"

#define FOLDER "fixtures/signature/"

static struct custody_bytes file(const char *name)
{
	struct custody_buf b = { .max = 1 << 20 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char path[200];
	snprintf(path, sizeof(path), FOLDER "%s", name);
	cr_assert_eq(custody_fd_slurp(path, 1 << 20, &b, &err), 0, "%s", err.text);
	struct custody_bytes copy = der_bytes(b.data, b.len);
	custody_buf_release(&b);
	return copy;
}

/* "" or the text of the refusal. */
static const char *result(struct custody_bytes in, const struct custody_trust *given, struct custody_detached *out)
{
	static struct custody_error err;
	memset(&err, 0, sizeof(err));
	return custody_detached_verify(in, given, out, &err) == 0 ? "" : err.text;
}

static void add_given(struct custody_trust *given, struct custody_bytes pem)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_trust_add_pem(given, CUSTODY_TRUST_SIGNERS, pem.p, pem.n, "pem", &err), 0, "%s", err.text);
}

Test(detached, takes_what_senders_make)
{
	static const struct {
		const char *name, *common_name;
		enum custody_scheme scheme;
		enum custody_digest_id digest;
		size_t salt;
	} cases[] = {
		{ "rsa.p7s", "Signing", CUSTODY_SCHEME_RSA_PKCS1, CUSTODY_SHA256, 0 },
		{ "pss.p7s", "Signing", CUSTODY_SCHEME_RSA_PSS, CUSTODY_SHA256, 222 },
		{ "ec.p7s", "Signing (EC)", CUSTODY_SCHEME_ECDSA, CUSTODY_SHA256, 0 },
		{ "ec-sha512-cades.p7s", "Signing (EC)", CUSTODY_SCHEME_ECDSA, CUSTODY_SHA512, 0 },
		{ "brainpool.p7s", "Signing", CUSTODY_SCHEME_ECDSA, CUSTODY_SHA256, 0 },
		{ "ec-key-identifier.pem", "Signing (EC)", CUSTODY_SCHEME_ECDSA, CUSTODY_SHA256, 0 },
		{ "ec-indefinite.p7s", "Signing (EC)", CUSTODY_SCHEME_ECDSA, CUSTODY_SHA256, 0 },
		{ "ec-smime.pem", "Signing (EC)", CUSTODY_SCHEME_ECDSA, CUSTODY_SHA256, 0 },
		{ "ec-sha1.p7s", "Signing (EC)", CUSTODY_SCHEME_ECDSA, CUSTODY_SHA1, 0 },
	};
	struct custody_bytes content = file("content");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_CLEANUP(custody_detached_release) struct custody_detached d = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_bytes in = file(cases[i].name);
		uint8_t want[CUSTODY_DIGEST_MAX];
		char name[100];

		const char *text = result(in, NULL, &d);
		cr_assert_str_eq(text, "", "%s: %s", cases[i].name, text);
		cr_expect(custody_detached_is_likely(in), "%s", cases[i].name);
		cr_expect_eq(d.digest, cases[i].digest);
		cr_assert_eq(custody_digest_once(d.digest, content.p, content.n, want, &err), 0);
		cr_expect_eq(memcmp(want, d.value, custody_digest_get(d.digest)->size), 0, "%s", cases[i].name);
		cr_expect(d.algorithm.scheme == cases[i].scheme && d.algorithm.salt == cases[i].salt, "%s", cases[i].name);
		cr_expect_str_eq(custody_x509_common_name(&d.signer, name, sizeof(name)), cases[i].common_name);
		cr_expect(d.has_signing_time && !d.has_unsigned);
	}
	pki_reset();
}

Test(detached, refuses_what_others_make)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "refused-md5.p7s", "found a signature by MD5, which others could make fit another file, want SHA-256 or the like" },
		{ "refused-rsa1024.p7s",
			"found a key that is not taken or does not go with this signature, want RSA of 2048 to 8192 bits, or a named curve" },
		{ "refused-no-attributes.p7s",
			"found a signature without signed attributes, which does not say which digest was signed, want one with message-digest" },
		{ "refused-attached.p7s", "found a signature with its content inside, want one that lies beside its file" },
		{ "refused-two-signers.p7s", "found 2 signers, want one" },
		{ "refused-encrypted.p7m", "found encrypted CMS, want SignedData" },
		{ "refused-certificates.p7b", "found certificates without a signature, want a signature" },
		{ "refused-certificate.der", "found a certificate, a key or the like, want CMS SignedData" },
		{ "ec-nocerts.p7s", "found no certificate of the signer, want it" },
		{ "content", "found neither DER nor a PEM block of PKCS7 or CMS, want a CMS signature" },
		{ "ec-certificate.pem", "found neither DER nor a PEM block of PKCS7 or CMS, want a CMS signature" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_detached d = { 0 };
		const char *text = result(file(cases[i].name), NULL, &d);

		cr_expect_str_eq(text, cases[i].want, "%s: %s", cases[i].name, text);
	}
	pki_reset();
}

Test(detached, takes_a_certificate_that_was_given_and_no_other)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust given = { 0 };
	CUSTODY_CLEANUP(custody_detached_release) struct custody_detached d = { 0 };
	const char *text;

	add_given(&given, file("ec-certificate.pem"));
	text = result(file("ec-nocerts.p7s"), &given, &d);
	cr_expect_str_eq(text, "", "%s", text);
	cr_expect_eq(memcmp(d.signer.sha256, given.signers[0].sha256, 32), 0);
	text = result(file("rsa.p7s"), &given, &d);
	cr_expect_str_eq(text, "found a signature by another certificate than the one given, want that one", "%s", text);
	pki_reset();
}

/* Every bit of a signature: it is refused, or says what it said before of the same certificate (what is not signed can change). */
Test(detached, no_bit_changes_what_it_says)
{
	static const char *const names[] = { "ec.p7s", "ec-indefinite.p7s" };

	for (size_t k = 0; k < 2; k++) {
		struct custody_bytes in = file(names[k]);
		uint8_t *p = pki_alloc(in.n);
		CUSTODY_CLEANUP(custody_detached_release) struct custody_detached right = { 0 };

		cr_assert_str_eq(result(in, NULL, &right), "");
		memcpy(p, in.p, in.n);
		for (size_t i = 0; i < in.n * 8; i += 3) { /* each byte at one bit at least */
			CUSTODY_CLEANUP(custody_detached_release) struct custody_detached d = { 0 };

			p[i / 8] ^= (uint8_t)(1u << i % 8);
			if (*result((struct custody_bytes){ p, in.n }, NULL, &d) == '\0')
				cr_expect(d.digest == right.digest && memcmp(d.value, right.value, sizeof(d.value)) == 0 &&
						  d.has_signing_time == right.has_signing_time &&
						  custody_time_compare(d.signing_time, right.signing_time) == 0 &&
						  custody_bytes_equal(d.signer.facts.public_key, right.signer.facts.public_key),
					"%s: bit %zu", names[k], i);
			p[i / 8] ^= (uint8_t)(1u << i % 8);
		}
	}
	pki_reset();
}

/* ---- forged ones ---- */

static const struct pki_party *root, *signer;

static struct pki_cms good(void)
{
	struct pki_cms c = { .signer = signer, .content = DER_RAW("content") };
	c.certificates[c.n_certificates++] = signer->certificate;
	return c;
}

static void refuse_kind(const char *what, struct pki_cms c, enum custody_error_kind kind, const char *want)
{
	CUSTODY_CLEANUP(custody_detached_release) struct custody_detached d = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	pki_cms_sign(&c);
	int rc = custody_detached_verify(pki_cms_encode(&c), NULL, &d, &err);
	cr_expect_eq(rc, *want == '\0' ? 0 : -1, "%s: %s", what, err.text);
	cr_expect_str_eq(err.text, want, "%s: %s", what, err.text);
	cr_expect_eq(err.kind, kind, "%s", what);
}

#define TAKE(what, c) refuse_kind(what, c, CUSTODY_ERR_NONE, "")
#define MALFORMED(what, c, want) refuse_kind(what, c, CUSTODY_ERR_FORMAT, want)
#define UNUSABLE(what, c, want) refuse_kind(what, c, CUSTODY_ERR_INPUT, want)

static void set_up(void)
{
	root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root" });
	signer = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Signer", .issuer = root });
}

Test(detached, takes_forms_that_ours_have_not)
{
	static const uint8_t nothing = 0;
	struct pki_cms c;

	set_up();
	TAKE("ours", good());
	c = good();
	c.version = der_integer(3);
	TAKE("version 3", c);
	c = good();
	c.instead[2] = c.instead[3] = (struct custody_bytes){ &nothing, 0 };
	TAKE("without a time and signing-certificate", c);
	c = good();
	c.more_attributes[c.n_more_attributes++] = DER_SEQ(DER_OID("\x2a\x03\x04"), DER_SET(der_integer(1), der_integer(2)));
	TAKE("an unknown attribute with two values", c);
	c = good();
	c.unsigned_attributes = DER(0xa1, pki_attribute(DER_RAW("\x2a\x03\x05"), der_integer(1)));
	TAKE("an unknown unsigned attribute", c);
	c = good();
	c.certificates[c.n_certificates++] = DER_SEQ(der_integer(1));
	c.certificates[c.n_certificates++] = der_tlv(0xa1, DER_EMPTY);
	c.certificates[c.n_certificates++] = root->certificate;
	c.certificates[c.n_certificates++] = signer->certificate;
	TAKE("other certificates, one that is none, and the signer's twice", c);
	c = good();
	c.algorithm = DER_SEQ(DER_OID(CUSTODY_OID_SHA256_ECDSA), DER_NULL_VALUE);
	TAKE("ECDSA with NULL", c);
	c = good();
	c.digest = CUSTODY_SHA512;
	TAKE("P-256 with SHA-512", c);
	pki_reset();
}

Test(detached, says_of_each_structure_what_was_found_and_wanted)
{
	struct custody_bytes one = der_integer(1), none = DER_EMPTY;
	struct pki_cms c;

	set_up();
#define WITH(field, value) (c = good(), c.field = (value), c)
	MALFORMED("a type that is none", WITH(outer_type, one), "found something that is not CMS SignedData, want it");
	MALFORMED("data", WITH(outer_type, DER_OID(CUSTODY_OID_DATA)), "found CMS of another type, want SignedData");
	MALFORMED("another standard's", WITH(outer_type, DER_OID("\x2a\x03")), "found something that is not CMS SignedData, want it");
	MALFORMED("version 6", WITH(version, der_integer(6)), "found another version of SignedData, want 1 to 5");
	MALFORMED("no digests", WITH(digest_algorithms, one), "found no digest algorithms, want them");
	MALFORMED("no content", WITH(encapsulated, one), "found no content information, want it");
	MALFORMED("no content type", WITH(encapsulated, DER_SEQ(one)), "found no content type, want one");
	MALFORMED("TSTInfo", WITH(encapsulated, DER_SEQ(DER_OID(CUSTODY_OID_TST_INFO))), "found a signature of another content type, want id-data");
	MALFORMED("something behind", WITH(rest, one), "found no signers or further fields, want one signer at the end");
	MALFORMED("no signers", WITH(signers, der_tlv(0x31, none)), "found certificates without a signature, want a signature");
	MALFORMED("a signer that is none", WITH(signers, DER_SET(one)), "found a signer of another form, want that of RFC 5652");
	MALFORMED("signer's version", WITH(signer_version, der_integer(2)), "found a signer of another version, want 1 or 3");
	MALFORMED("no name", WITH(sid, one), "found a signer that is not named, want issuer and serial number, or a key identifier");
	MALFORMED("no serial", WITH(sid, DER_SEQ(root->name)), "found a signer without one serial number, want one");
	MALFORMED("no digest", WITH(digest_algorithm, one), "found a signer without a digest algorithm, want one");
	MALFORMED("another digest", WITH(digest_algorithm, DER_SEQ(DER_OID("\x2a\x03"))),
		"found another digest algorithm, want SHA-256, SHA-384, SHA-512 or SHA-1");
	MALFORMED("two digests", WITH(digest_algorithm, pki_digest_algorithm(CUSTODY_SHA384, true)),
		"found a signed digest of 32 bytes, want 48 of sha384");
	MALFORMED("no signature algorithm", WITH(algorithm, none), "found a signer without a signature algorithm, want one");
	MALFORMED("Ed25519", WITH(algorithm, DER_SEQ(DER_OID("\x2b\x65\x70"))),
		"found another signature algorithm, want RSA or ECDSA with SHA-256, SHA-384, SHA-512 or SHA-1");
	MALFORMED("another in it", WITH(algorithm, DER_SEQ(DER_OID(CUSTODY_OID_SHA384_ECDSA))),
		"found two digest algorithms in one signature, want one throughout");
	MALFORMED("something behind the signer", WITH(signer_rest, one), "found further fields of a signer, want none");
	for (size_t i = 0; i < 33; i++)
		c = i == 0 ? good() : c, c.certificates[i] = DER_SEQ(der_integer(i + 1));
	c.n_certificates = 33;
	MALFORMED("33 certificates", c, "found more than 32 certificates, want at most that");
	pki_reset();
}

Test(detached, says_of_signed_attributes_what_was_found_and_wanted)
{
	static const uint8_t nothing = 0;
	const struct custody_bytes out = { &nothing, 0 };
	struct pki_cms c;

	set_up();
	MALFORMED("no content-type", WITH(instead[0], out), "found signed attributes without the content's type, want content-type with id-data");
	MALFORMED("another content-type", WITH(instead[0], pki_attribute(DER_RAW(CUSTODY_OID_CONTENT_TYPE), DER_OID(CUSTODY_OID_TST_INFO))),
		"found signed attributes without the content's type, want content-type with id-data");
	MALFORMED("no digest", WITH(instead[1], out), "found signed attributes without a digest of the content, want message-digest");
	MALFORMED("a short digest", WITH(instead[1], pki_attribute(DER_RAW(CUSTODY_OID_MESSAGE_DIGEST), der_octets(DER_RAW("short")))),
		"found a signed digest of 5 bytes, want 32 of sha256");
	MALFORMED("no digest in it", WITH(instead[1], pki_attribute(DER_RAW(CUSTODY_OID_MESSAGE_DIGEST), der_integer(1))),
		"found a signed attribute of another type, want octets of a digest and an identifier of the content's type");
	MALFORMED("two values",
		WITH(instead[1], DER_SEQ(DER_OID(CUSTODY_OID_MESSAGE_DIGEST), DER_SET(der_octets(DER_RAW("a")), der_octets(DER_RAW("b"))))),
		"found a signed attribute with another number of values, want one");
	c = good();
	c.more_attributes[c.n_more_attributes++] = pki_attribute(DER_RAW(CUSTODY_OID_MESSAGE_DIGEST), der_octets(DER_RAW("another")));
	MALFORMED("a second digest", c, "found a signed attribute twice, want it once");
	c = good();
	c.more_attributes[c.n_more_attributes++] = pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_TIME), der_text_time(0x17, "2020-01-01T00:00:00Z"));
	MALFORMED("a second time", c, "found a signed attribute twice, want it once");
	MALFORMED("a time that is none", WITH(instead[2], pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_TIME), der_integer(1))),
		"found a signing time of another type, want a time");
	MALFORMED("not sorted", WITH(unsorted, true),
		"signed attributes that are not DER: at byte 101: found a SET that is not sorted or holds an element twice, want it sorted");
	MALFORMED("an attribute without a type", WITH(attributes, DER(0xa0, DER_SEQ(der_integer(1)))),
		"found a signed attribute without a type, want one");
	MALFORMED("an attribute that is none", WITH(attributes, DER(0xa0, der_integer(1))), "found a signed attribute that is none, want a sequence");
	MALFORMED("signing-certificate", WITH(instead[3], pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_CERTIFICATE_V2), der_integer(1))),
		"found a signing-certificate attribute of another form, want that of RFC 5035");
	pki_reset();
}

Test(detached, says_why_a_signature_does_not_hold)
{
	struct pki_cms c;

	set_up();
	const struct pki_party *other = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Other", .issuer = root });
	const struct pki_party *rsa = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "RSA", .key = PKI_RSA2048, .issuer = root });
	const struct pki_party *edwards = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Ed", .key = PKI_ED25519, .issuer = root });
	UNUSABLE("another's key", WITH(key_of, other),
		"found a signature that does not hold: it is not by the certificate's key over these attributes");
	UNUSABLE("no certificate", WITH(n_certificates, 0), "found no certificate of the signer, want it");
	UNUSABLE("another's certificate", WITH(certificates[0], other->certificate), "found no certificate of the signer, want it");
	UNUSABLE("one that cannot be read", WITH(certificates[0], DER_SEQ(der_integer(1))),
		"found no certificate of the signer, and one that cannot be read (found something that is not a certificate, want one of RFC 5280), "
		"want it");
	UNUSABLE("signing-certificate of another", WITH(instead[3], pki_ess_v2(other)),
		"found signed attributes that name another certificate, want the signer's");
	UNUSABLE("signing-certificate of another, in the old form", WITH(instead[3], pki_ess_v1(other)),
		"found signed attributes that name another certificate, want the signer's");
	UNUSABLE("RSA by a curve", WITH(algorithm, DER_SEQ(DER_OID(CUSTODY_OID_RSA), DER_NULL_VALUE)),
		"found a key that is not taken or does not go with this signature, want RSA of 2048 to 8192 bits, or a named curve");
	c = good();
	c.signer = rsa;
	c.certificates[0] = rsa->certificate;
	TAKE("RSA", c);
	c.algorithm = DER_SEQ(DER_OID(CUSTODY_OID_SHA256_ECDSA));
	UNUSABLE("ECDSA by RSA", c,
		"found a key that is not taken or does not go with this signature, want RSA of 2048 to 8192 bits, or a named curve");
	c = good();
	c.signer = edwards;
	c.certificates[0] = edwards->certificate;
	c.algorithm = DER_SEQ(DER_OID(CUSTODY_OID_SHA256_ECDSA));
	UNUSABLE("a key of another kind", c,
		"found a key that is not taken or does not go with this signature, want RSA of 2048 to 8192 bits, or a named curve");
	/* Issuer and serial number can be those of two: which of them signed is not decided here. */
	const struct pki_party *twin =
		pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Twin", .issuer = root, .serial = (const uint8_t *)"\x02\x01\x05" });
	const struct pki_party *twin_again =
		pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Other twin", .issuer = root, .serial = (const uint8_t *)"\x02\x01\x05" });
	c = good();
	c.signer = twin;
	c.certificates[0] = twin->certificate;
	TAKE("one of the twins", c);
	c.certificates[c.n_certificates++] = twin_again->certificate;
	UNUSABLE("two that it names", c, "found several certificates that the signature means, want one");
	pki_reset();
}

Test(detached, says_of_the_file_what_was_found_and_wanted)
{
#define BYTES(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }
	static const struct {
		struct custody_bytes in;
		const char *want;
	} cases[] = {
		{ { NULL, 0 }, "found neither DER nor a PEM block of PKCS7 or CMS, want a CMS signature" },
		{ BYTES("-----BEGIN CMS-----\nMIIB\n"), "PEM: found a block without its own end line, want '-----END ...-----'" },
		{ BYTES("-----BEGIN CMS-----\nM*IB\n-----END CMS-----\n"), "PEM: found something that is not base64, want base64" },
		{ BYTES("-----BEGIN CMS-----\nMAA=\n-----END CMS-----\n-----BEGIN CMS-----\nMAA=\n-----END CMS-----\n"),
			"found a second signature in the file, want one" },
		{ BYTES("-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n"), "found something that is not CMS SignedData, want it" },
		{ BYTES("-----BEGIN PKCS7-----\nBAA=\n-----END PKCS7-----\n"), "found something that is not CMS, want SignedData" },
		{ BYTES("\x30\x81\x80"), "at byte 0: found a length beyond the end, want one that fits" },
		{ BYTES("\x30\x80\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x02\0\0"),
			"found CMS SignedData that is not well-formed, want that of RFC 5652" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_detached d = { 0 };
		const char *text = result(cases[i].in, NULL, &d);

		cr_expect_str_eq(text, cases[i].want, "%zu: %s", i, text);
	}
	struct custody_detached d = { 0 };
	uint8_t *large = calloc(1, CUSTODY_LIMIT_SIGNATURE + 1);
	const char *text = result((struct custody_bytes){ large, CUSTODY_LIMIT_SIGNATURE }, NULL, &d);
	cr_expect_str_eq(text, cases[0].want, "%s", text);
	text = result((struct custody_bytes){ large, CUSTODY_LIMIT_SIGNATURE + 1 }, NULL, &d);
	cr_expect_str_eq(text, "found a signature of 1048577 bytes, want at most 1 MiB", "%s", text);
	free(large);
}

Test(detached, knows_what_looks_like_one)
{
	static const struct {
		struct custody_bytes in;
		bool want;
	} cases[] = {
		{ BYTES("\x30\x80\x06"), true },
		{ BYTES("\x30\x82\x06\x00"), true },
		{ BYTES("\x30\x31\x32"), false }, /* a number in a letter */
		{ BYTES("Dear all,\n-----BEGIN PKCS7-----\n"), true },
		{ BYTES("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n-----BEGIN CMS-----\r\n"), true },
		{ BYTES("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), false },
		{ BYTES("-----BEGIN PGP SIGNATURE-----\n"), false },
		{ BYTES("0"), false },
		{ { NULL, 0 }, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(custody_detached_is_likely(cases[i].in), cases[i].want, "%zu", i);
}
