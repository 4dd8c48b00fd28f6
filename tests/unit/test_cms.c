/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/cms.h"

#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/timestamp.h"
#include "tests/support/pki.h"

static const struct pki_party *root, *signer, *stamper;
static struct custody_bytes content;

static void set_up(void)
{
	root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Root" });
	signer = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Signer", .issuer = root });
	stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Stamp", .issuer = root });
	content = DER_RAW("content");
}

static struct pki_cms seal_of(const struct pki_party *by)
{
	struct pki_cms c = { .signer = by, .content = content };
	c.certificates[c.n_certificates++] = by->certificate;
	return c;
}

/* Parses and, if that went well, verifies with the certificate inside. "" or the text of the refusal, and its rule. */
static const char *result(
	struct custody_bytes der, enum custody_cms_kind kind, struct custody_bytes of, const struct pki_party *by, const char **rule)
{
	static struct custody_error err;
	struct custody_certificate c;
	struct custody_cms cms;
	uint8_t digest[CUSTODY_DIGEST_MAX];
	bool legacy;
	memset(&err, 0, sizeof(err));
	if (custody_cms_parse(der, kind, &cms, &err) == 0) {
		cr_assert_eq(custody_certificate_parse(by->certificate.p, by->certificate.n, &c, &err), 0);
		cr_assert_eq(custody_digest_once(cms.digest, of.p, of.n, digest, &err), 0);
		if (!custody_cms_names(&cms, &c.facts))
			custody_refuse(&err, "mismatch", "names another certificate");
		else if (custody_cms_verify(&cms, &c, digest, &legacy, &err) == 0)
			err.text[0] = '\0';
		custody_certificate_release(&c);
	}
	*rule = err.rule;
	return err.text;
}

static void refuse(const char *what, struct pki_cms c, const char *rule, const char *text)
{
	const char *found_rule;
	pki_cms_sign(&c);
	const char *found = result(pki_cms_encode(&c), c.token ? CUSTODY_CMS_TOKEN : CUSTODY_CMS_SEAL, c.content, c.signer, &found_rule);
	cr_expect_str_eq(found, text, "%s: %s", what, found);
	cr_expect_str_eq(found_rule ? found_rule : "", rule, "%s", what);
}

static struct custody_bytes attribute_twice(struct custody_bytes oid, struct custody_bytes a, struct custody_bytes b)
{
	return DER_SEQ(der_tlv(0x06, oid), DER_SET(a, b));
}

Test(cms, takes_a_seal_of_the_profile)
{
	set_up();
	struct pki_cms c = seal_of(signer);
	refuse("good", c, "", "");
	c.digest_algorithms = DER_SET(pki_digest_algorithm(CUSTODY_SHA256, false));
	refuse("digest algorithm without NULL", c, "", "");
	c.digest_algorithm = pki_digest_algorithm(CUSTODY_SHA256, false);
	refuse("both without NULL", c, "", "");
	pki_reset();
}

Test(cms, refuses_another_outer_structure)
{
	set_up();
	struct custody_bytes one = der_integer(1);
	const struct {
		const char *what;
		struct custody_bytes struct_version, type, digests, encapsulated, signers, rest;
		const char *rule, *text;
	} cases[] = {
		{ "enveloped", { 0 }, der_tlv(0x06, DER_RAW("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03")), { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found something that is not CMS SignedData, want it" },
		{ "version 3", der_integer(3), { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed", "found version 3 of SignedData, want 1" },
		{ "negative version", der_tlv(0x02, DER_RAW("\xff")), { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found no version, want one" },
		{ "no version", DER_NULL_VALUE, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed", "found no version, want one" },
		{ "no digest algorithms", { 0 }, { 0 }, der_tlv(0x30, DER_EMPTY), { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found no digest algorithms, want them" },
		{ "an empty set", { 0 }, { 0 }, der_tlv(0x31, DER_EMPTY), { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found another number of digest algorithms, want one" },
		{ "two", { 0 }, { 0 }, DER_SET(pki_digest_algorithm(CUSTODY_SHA256, true), pki_digest_algorithm(CUSTODY_SHA512, true)), { 0 }, { 0 },
			{ 0 }, "seal-malformed", "found another number of digest algorithms, want one" },
		{ "SHA-1", { 0 }, { 0 }, DER_SET(pki_digest_algorithm(CUSTODY_SHA1, true)), { 0 }, { 0 }, { 0 }, "seal-algorithm-refused",
			"found another digest algorithm, want SHA-256, SHA-384 or SHA-512" },
		{ "another than the signer's", { 0 }, { 0 }, DER_SET(pki_digest_algorithm(CUSTODY_SHA512, true)), { 0 }, { 0 }, { 0 },
			"seal-algorithm-refused", "found a signer with another digest algorithm than the one announced, want the same" },
		{ "no content information", { 0 }, { 0 }, { 0 }, one, { 0 }, { 0 }, "seal-malformed", "found no content information, want it" },
		{ "empty", { 0 }, { 0 }, { 0 }, der_tlv(0x30, DER_EMPTY), { 0 }, { 0 }, "seal-malformed", "found no content type, want one" },
		{ "TSTInfo", { 0 }, { 0 }, { 0 }, DER_SEQ(DER_OID(CUSTODY_OID_TST_INFO)), { 0 }, { 0 }, "seal-malformed",
			"found another content type, want id-data" },
		{ "content inside", { 0 }, { 0 }, { 0 }, DER_SEQ(DER_OID(CUSTODY_OID_DATA), DER(0xa0, der_octets(content))), { 0 }, { 0 },
			"seal-malformed", "found content inside the signature, want it detached" },
		{ "no signers", { 0 }, { 0 }, { 0 }, { 0 }, der_tlv(0x31, DER_EMPTY), { 0 }, "seal-malformed",
			"found another number of signers, want one" },
		{ "no set of signers", { 0 }, { 0 }, { 0 }, { 0 }, one, { 0 }, "seal-malformed",
			"found no signers or further fields, want one signer at the end" },
		{ "something behind", { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, one, "seal-malformed",
			"found no signers or further fields, want one signer at the end" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pki_cms c = seal_of(signer);
		c.version = cases[i].struct_version;
		c.outer_type = cases[i].type;
		c.digest_algorithms = cases[i].digests;
		c.encapsulated = cases[i].encapsulated;
		c.signers = cases[i].signers;
		c.rest = cases[i].rest;
		refuse(cases[i].what, c, cases[i].rule, cases[i].text);
	}
	pki_reset();
}

Test(cms, refuses_another_signer)
{
	set_up();
	struct custody_bytes by_key = der_tlv(0x80, DER_RAW("12345678901234567890"));
	struct custody_bytes name = root->name, empty_set = der_tlv(0xa0, DER_EMPTY);
	const struct {
		const char *what;
		struct custody_bytes version, sid, digest, attributes, algorithm, unsigned_attributes, rest;
		const char *rule, *text;
	} cases[] = {
		{ "version 3", der_integer(3), { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found a signer named in another way or version, want issuer and serial number and version 1" },
		{ "key identifier", der_integer(3), by_key, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found a signer named in another way or version, want issuer and serial number and version 1" },
		{ "no version", DER_NULL_VALUE, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found a signer without a version, want one" },
		{ "no issuer", { 0 }, DER_SEQ(der_integer(1)), { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found a signer without its issuer's name, want it" },
		{ "no serial", { 0 }, DER_SEQ(name), { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found a signer without one serial number, want one" },
		{ "two serials", { 0 }, DER_SEQ(name, der_integer(1), der_integer(2)), { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found a signer without one serial number, want one" },
		{ "another serial", { 0 }, DER_SEQ(name, der_integer(1)), { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, "mismatch",
			"names another certificate" },
		{ "no digest", { 0 }, { 0 }, DER_EMPTY, { 0 }, { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found a signer without a digest algorithm, want one" },
		{ "no attributes", { 0 }, { 0 }, { 0 }, DER_EMPTY, { 0 }, { 0 }, { 0 }, "seal-attributes-missing",
			"found no signed attributes, want them" },
		{ "empty attributes", { 0 }, { 0 }, { 0 }, empty_set, { 0 }, { 0 }, { 0 }, "seal-attributes-missing",
			"found signed attributes without one of those needed, want content-type, message-digest, signing-time and "
			"signing-certificate-v2" },
		{ "no algorithm", { 0 }, { 0 }, { 0 }, { 0 }, DER_EMPTY, { 0 }, { 0 }, "seal-malformed",
			"found a signer without a signature algorithm, want one" },
		{ "an attribute that is none", { 0 }, { 0 }, { 0 }, DER(0xa0, der_integer(1)), { 0 }, { 0 }, { 0 }, "seal-malformed",
			"found a signed attribute that is none, want a sequence" },
		{ "RSA for a curve", { 0 }, { 0 }, { 0 }, { 0 }, DER_SEQ(DER_OID(CUSTODY_OID_RSA), DER_NULL_VALUE), { 0 }, { 0 },
			"seal-signature-invalid", "found a signature that is not by the signer's key over these attributes, want one that is" },
		{ "with another digest", { 0 }, { 0 }, { 0 }, { 0 }, DER_SEQ(DER_OID(CUSTODY_OID_SHA384_ECDSA)), { 0 }, { 0 },
			"seal-algorithm-refused",
			"found another signature algorithm or parameters, want one of the format with the digest announced" },
		{ "with parameters", { 0 }, { 0 }, { 0 }, { 0 }, DER_SEQ(DER_OID(CUSTODY_OID_SHA256_ECDSA), DER_NULL_VALUE), { 0 }, { 0 },
			"seal-algorithm-refused",
			"found another signature algorithm or parameters, want one of the format with the digest announced" },
		{ "empty unsigned attributes", { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, der_tlv(0xa1, DER_EMPTY), { 0 }, "seal-malformed",
			"found an empty field for unsigned attributes, want none" },
		{ "an unsigned attribute that is none", { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, DER(0xa1, der_integer(1)), { 0 }, "seal-malformed",
			"found an unsigned attribute that is none, want a sequence" },
		{ "another unsigned attribute", { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, DER(0xa1, pki_attribute(DER_RAW("\x2a\x03"), der_integer(1))),
			{ 0 }, "seal-surplus-data", "found an unsigned attribute, want only time-stamps of the seal, each by itself" },
		{ "two stamps in one attribute", { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
			DER(0xa1, attribute_twice(DER_RAW(CUSTODY_OID_TIME_STAMP_TOKEN), DER_SEQ(der_integer(1)), DER_SEQ(der_integer(2)))), { 0 },
			"seal-surplus-data", "found an unsigned attribute, want only time-stamps of the seal, each by itself" },
		{ "something behind", { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, der_integer(1), "seal-malformed",
			"found further fields of a signer, want none" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pki_cms c = seal_of(signer);
		c.signer_version = cases[i].version;
		c.sid = cases[i].sid;
		c.digest_algorithm = cases[i].digest;
		c.attributes = cases[i].attributes;
		c.algorithm = cases[i].algorithm;
		c.unsigned_attributes = cases[i].unsigned_attributes;
		c.signer_rest = cases[i].rest;
		refuse(cases[i].what, c, cases[i].rule, cases[i].text);
	}
	pki_reset();
}

static struct custody_bytes ess(struct custody_bytes id)
{
	return pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_CERTIFICATE_V2), DER_SEQ(DER_SEQ(id)));
}

Test(cms, refuses_other_signed_attributes)
{
	set_up();
	const char *form = "found a signing-certificate attribute of another form, want that of RFC 5035";
	const char *other = "found a signing-certificate attribute that names another certificate, want the signer's";
	const char *serial = "found a signing-certificate attribute with another issuer or serial number, want the signer's certificate's";
	const char *values = "found a signed attribute with another number of values, want one";
	uint8_t digest[32];
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_digest_once(CUSTODY_SHA256, signer->certificate.p, signer->certificate.n, digest, &err), 0);
	struct custody_bytes hash = der_octets((struct custody_bytes){ digest, 32 }),
			     zeros = der_octets(DER_RAW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
	struct custody_bytes directory = DER_SEQ(DER(0xa4, root->name)), wrong_directory = DER_SEQ(DER(0xa4, signer->name));
	const struct {
		const char *what;
		size_t which;
		struct custody_bytes attribute;
		const char *rule, *text;
	} cases[] = {
		{ "content type of a token", 0, pki_attribute(DER_RAW(CUSTODY_OID_CONTENT_TYPE), DER_OID(CUSTODY_OID_TST_INFO)),
			"seal-attributes-missing", "found a signed content type that is not the content's, want the same" },
		{ "content type that is none", 0, pki_attribute(DER_RAW(CUSTODY_OID_CONTENT_TYPE), der_integer(1)), "seal-attributes-missing",
			"found a signed content type that is not the content's, want the same" },
		{ "message digest of another type", 1, pki_attribute(DER_RAW(CUSTODY_OID_MESSAGE_DIGEST), der_integer(1)), "seal-attributes-missing",
			"found a message digest of another type, want octets" },
		{ "message digest of something else", 1, pki_attribute(DER_RAW(CUSTODY_OID_MESSAGE_DIGEST), zeros), "seal-signature-invalid",
			"found a signed digest of something else, want that of the content" },
		{ "signing time that is none", 2, pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_TIME), der_integer(1)), "seal-attributes-missing",
			"found a signing time of another type, want a time" },
		{ "two signing times", 2,
			attribute_twice(DER_RAW(CUSTODY_OID_SIGNING_TIME), der_text_time(0x17, "2026-11-02T09:30:00Z"),
				der_text_time(0x17, "2026-11-02T09:30:01Z")),
			"seal-attributes-missing", values },
		{ "no value", 2, DER_SEQ(DER_OID(CUSTODY_OID_SIGNING_TIME), der_tlv(0x31, DER_EMPTY)), "seal-attributes-missing", values },
		{ "no set", 2, DER_SEQ(DER_OID(CUSTODY_OID_SIGNING_TIME)), "seal-attributes-missing", values },
		{ "no type", 2, DER_SEQ(der_integer(1)), "seal-attributes-missing", values },
		{ "something behind the values", 2, DER_SEQ(DER_OID(CUSTODY_OID_SIGNING_TIME), DER_SET(der_integer(1)), der_integer(1)),
			"seal-attributes-missing", values },
		{ "RFC 2634's", 3, pki_ess_v1(signer), "seal-attributes-missing",
			"found a signed attribute that the format does not have, want only its four" },
		{ "certificate by digest alone", 3, ess(DER_SEQ(hash)), "", "" },
		{ "with the default named", 3, ess(DER_SEQ(pki_digest_algorithm(CUSTODY_SHA256, true), hash)), "", "" },
		{ "by SHA-1", 3, ess(DER_SEQ(pki_digest_algorithm(CUSTODY_SHA1, true), hash)), "seal-attributes-missing", form },
		{ "by SHA-384, said of SHA-256", 3, ess(DER_SEQ(pki_digest_algorithm(CUSTODY_SHA384, true), hash)), "seal-certificate-mismatch",
			other },
		{ "another", 3, ess(DER_SEQ(zeros)), "seal-certificate-mismatch", other },
		{ "no digest", 3, ess(DER_SEQ(DER_SEQ(DER_OID(CUSTODY_OID_SHA256)))), "seal-attributes-missing", form },
		{ "empty", 3, pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_CERTIFICATE_V2), der_tlv(0x30, DER_EMPTY)), "seal-attributes-missing", form },
		{ "no sequence", 3, pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_CERTIFICATE_V2), der_integer(1)), "seal-attributes-missing", form },
		{ "no certificate", 3, pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_CERTIFICATE_V2), DER_SEQ(der_tlv(0x30, DER_EMPTY))),
			"seal-attributes-missing", form },
		{ "two certificates", 3, pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_CERTIFICATE_V2), DER_SEQ(DER_SEQ(DER_SEQ(hash), DER_SEQ(zeros)))),
			"seal-attributes-missing", form },
		{ "a policy", 3,
			pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_CERTIFICATE_V2),
				DER_SEQ(DER_SEQ(DER_SEQ(hash)), DER_SEQ(DER_SEQ(DER_OID(CUSTODY_OID_DATA))))),
			"seal-attributes-missing", form },
		{ "something behind", 3, ess(DER_SEQ(hash, DER_SEQ(directory, signer->serial), der_integer(1))), "seal-attributes-missing", form },
		{ "another serial", 3, ess(DER_SEQ(hash, DER_SEQ(directory, der_integer(1)))), "seal-certificate-mismatch", serial },
		{ "another issuer", 3, ess(DER_SEQ(hash, DER_SEQ(wrong_directory, signer->serial))), "seal-certificate-mismatch", serial },
		{ "no issuer", 3, ess(DER_SEQ(hash, DER_SEQ(signer->serial))), "seal-certificate-mismatch", serial },
		{ "no serial", 3, ess(DER_SEQ(hash, DER_SEQ(directory))), "seal-certificate-mismatch", serial },
		{ "two serials", 3, ess(DER_SEQ(hash, DER_SEQ(directory, signer->serial, signer->serial))), "seal-certificate-mismatch", serial },
		{ "a mail address", 3, ess(DER_SEQ(hash, DER_SEQ(DER_SEQ(der_tlv(0x81, DER_RAW("a@b"))), signer->serial))),
			"seal-certificate-mismatch", serial },
		{ "two names", 3, ess(DER_SEQ(hash, DER_SEQ(DER_SEQ(DER(0xa4, root->name), DER(0xa4, root->name)), signer->serial))),
			"seal-certificate-mismatch", serial },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pki_cms c = seal_of(signer);
		c.instead[cases[i].which] = cases[i].attribute;
		refuse(cases[i].what, c, cases[i].rule, cases[i].text);
	}
	for (size_t i = 0; i < 4; i++) {
		struct pki_cms c = seal_of(signer);
		c.instead[i] = DER_EMPTY;
		refuse("one missing", c, "seal-attributes-missing",
			"found signed attributes without one of those needed, want content-type, message-digest, signing-time and "
			"signing-certificate-v2");
	}
	struct pki_cms c = seal_of(signer);
	c.more_attributes[c.n_more_attributes++] = pki_attribute(DER_RAW("\x2a\x03"), der_integer(1));
	refuse("one more", c, "seal-attributes-missing", "found a signed attribute that the format does not have, want only its four");
	c.more_attributes[0] = pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_TIME), der_text_time(0x17, "2026-11-02T09:30:01Z"));
	refuse("one twice", c, "seal-attributes-missing", "found a signed attribute twice, want it once");
	c = seal_of(signer);
	c.unsorted = true;
	refuse("unsorted", c, "seal-malformed", "found signed attributes that are not sorted, want them sorted");
	pki_reset();
}

Test(cms, takes_only_certificates_and_lists_each_once)
{
	set_up();
	struct pki_cms c = seal_of(signer);
	c.certificates[c.n_certificates++] = DER(0xa3, DER_OID(CUSTODY_OID_DATA), DER_NULL_VALUE);
	refuse("another kind of certificate", c, "seal-surplus-data", "found something else among the certificates, want nothing else");
	c.certificates[1] = signer->certificate;
	refuse("twice", c, "seal-surplus-data", "found one of the certificates twice, want it once");
	c = seal_of(signer);
	c.crls[c.n_crls++] = DER(0xa1, DER_OID(CUSTODY_OID_DATA), DER_NULL_VALUE);
	refuse("OCSP", c, "seal-surplus-data", "found something else among the revocation lists, want nothing else");
	c = seal_of(signer);
	c.certificates[0] = DER_EMPTY;
	refuse("empty field", c, "seal-malformed", "found an empty field for certificates, want none");
	c = seal_of(signer);
	while (c.n_certificates < 33) {
		c.certificates[c.n_certificates] = DER_SEQ(der_integer(c.n_certificates));
		c.n_certificates++;
	}
	refuse("too many certificates", c, "limit-exceeded", "found more than 32 certificates, want at most that");
	c = seal_of(signer);
	c.crls[c.n_crls++] = DER_EMPTY;
	refuse("empty field for lists", c, "seal-malformed", "found an empty field for revocation lists, want none");
	c = seal_of(signer);
	while (c.n_tokens < 9) {
		c.tokens[c.n_tokens] = DER_SEQ(der_integer(c.n_tokens));
		c.n_tokens++;
	}
	refuse("too many stamps", c, "limit-exceeded", "found more than 8 time-stamps in a signature, want at most that");
	pki_reset();
}

Test(cms, says_who_is_to_blame_for_what_is_not_der)
{
	static const uint8_t ber[] = { 0x30, 0x80, 0x00, 0x00 };
	const char *rule;
	set_up();
	struct pki_cms c = seal_of(signer);
	c.tokens[c.n_tokens++] = (struct custody_bytes){ ber, sizeof(ber) };
	pki_cms_sign(&c);
	cr_expect_not_null(strstr(result(pki_cms_encode(&c), CUSTODY_CMS_SEAL, content, signer, &rule), "found an indefinite length"));
	cr_expect_str_eq(rule, "time-malformed");
	c = seal_of(signer);
	c.algorithm = (struct custody_bytes){ ber, sizeof(ber) };
	pki_cms_sign(&c);
	cr_expect_not_null(strstr(result(pki_cms_encode(&c), CUSTODY_CMS_SEAL, content, signer, &rule), "found an indefinite length"));
	cr_expect_str_eq(rule, "seal-malformed");
	const struct custody_bytes broken[] = { DER_RAW("\x30\x80\x00\x00"), DER_RAW("not DER"), DER_RAW("\x30\x00\x00") };
	for (size_t i = 0; i < 3; i++) {
		(void)result(broken[i], CUSTODY_CMS_SEAL, content, signer, &rule);
		cr_expect_str_eq(rule, "seal-malformed");
	}
	/* A SignedData that ends before its signers, with something that is not DER in front. */
	(void)result(
		DER_SEQ(DER_OID(CUSTODY_OID_SIGNED_DATA), DER(0xa0, DER_SEQ(DER_RAW("\x01\x01\x07")))), CUSTODY_CMS_SEAL, content, signer, &rule);
	cr_expect_str_eq(rule, "seal-malformed");
	(void)result(DER_SEQ(DER_OID(CUSTODY_OID_SIGNED_DATA), DER(0xa0, DER_SEQ(DER_RAW("\x01\x01\x07"), der_tlv(0x31, DER_RAW("\x30"))))),
		CUSTODY_CMS_SEAL, content, signer, &rule);
	cr_expect_str_eq(rule, "seal-malformed");
	pki_reset();
}

Test(cms, is_not_larger_than_its_limit)
{
	static uint8_t big[CUSTODY_LIMIT_SIGNATURE + 1];
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_cms cms;
	cr_expect_eq(custody_cms_parse((struct custody_bytes){ big, sizeof(big) }, CUSTODY_CMS_SEAL, &cms, &err), -1);
	cr_expect_str_eq(err.rule, "limit-exceeded");
}

/* ---- tokens ---- */

static void refuse_token(const char *what, struct pki_token_spec spec, const char *rule, const char *text)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_token token;
	struct custody_certificate c;
	bool legacy = false;
	const struct pki_party *by = spec.stamper != NULL ? spec.stamper : stamper;
	spec.stamper = by;
	struct custody_bytes der = pki_token(content, spec);
	if (custody_token_parse(der, &token, &err) == 0) {
		struct custody_error ignored = CUSTODY_ERROR_INIT;
		cr_assert_eq(custody_certificate_parse(by->certificate.p, by->certificate.n, &c, &ignored), 0);
		int verified = custody_token_verify(&token, content, &c, &legacy, &err);
		cr_expect_eq(verified == 0, err.text[0] == '\0', "%s", what);
		custody_certificate_release(&c);
	}
	cr_expect_str_eq(err.text, text, "%s: %s", what, err.text);
	cr_expect_str_eq(err.rule ? err.rule : "", rule, "%s", what);
}

Test(timestamp, takes_tokens_as_authorities_make_them)
{
	set_up();
	struct pki_token_spec spec = { .when = "2026-11-02T09:30:01Z" };
	refuse_token("plain", spec, "", "");
	spec.rest = der_concat(DER_LIST(
		DER_TRUE, der_integer(5), DER(0xa0, DER(0xa4, root->name)), DER(0xa1, pki_extension(DER_RAW("\x2a\x03"), false, DER_NULL_VALUE))));
	spec.accuracy = DER_SEQ(der_integer(1), der_tlv(0x80, DER_RAW("\x03\xe7")), der_tlv(0x81, DER_RAW("\x01")));
	refuse_token("with everything", spec, "", "");
	spec = (struct pki_token_spec){ .imprint_digest = CUSTODY_SHA512 };
	refuse_token("imprint by SHA-512", spec, "", "");
	spec = (struct pki_token_spec){ .cms = { .digest = CUSTODY_SHA512 } };
	refuse_token("P-256 with SHA-512", spec, "", "");
	spec = (struct pki_token_spec){ .cms = { .n_more_attributes = 1 } };
	spec.cms.more_attributes[0] = pki_ess_v1(stamper);
	refuse_token("named in both ways", spec, "", "");
	spec.cms.more_attributes[0] = pki_ess_v1(signer);
	refuse_token("named in both ways, differently", spec, "time-certificate-mismatch",
		"time-stamp: found a signing-certificate attribute that names another certificate, want the signer's");
	pki_reset();
}

Test(timestamp, finds_its_certificate_by_key_identifier_too)
{
	set_up();
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_certificate c, other;
	struct custody_token token;
	cr_assert_eq(custody_certificate_parse(stamper->certificate.p, stamper->certificate.n, &c, &err), 0);
	cr_assert_eq(custody_certificate_parse(signer->certificate.p, signer->certificate.n, &other, &err), 0);
	struct pki_token_spec spec = { .stamper = stamper,
		.cms = { .signer_version = der_integer(3), .sid = der_tlv(0x80, c.facts.key_identifier) } };
	cr_assert_eq(custody_token_parse(pki_token(content, spec), &token, &err), 0, "%s", err.text);
	cr_expect(custody_cms_names(&token.cms, &c.facts));
	cr_expect_not(custody_cms_names(&token.cms, &other.facts));
	bool legacy = true;
	cr_expect_eq(custody_token_verify(&token, content, &c, &legacy, &err), 0, "%s", err.text);
	cr_expect_not(legacy);
	other.facts.key_identifier = (struct custody_bytes){ NULL, 0 };
	cr_expect_not(custody_cms_names(&token.cms, &other.facts));
	custody_certificate_release(&c);
	custody_certificate_release(&other);
	pki_reset();
}

Test(timestamp, refuses_another_token)
{
	set_up();
	const char *extension = "found extensions of a TSTInfo that are malformed, doubled or critical, want none of these";
	const char *accuracy = "found an accuracy of another form, want at most a year, and millis and micros from 1 to 999";
	struct custody_bytes critical = pki_extension(DER_RAW("\x2a\x03"), true, DER_NULL_VALUE),
			     plain = pki_extension(DER_RAW("\x2a\x03"), false, DER_NULL_VALUE);
	struct custody_bytes sha256 = pki_digest_algorithm(CUSTODY_SHA256, true);
	struct {
		const char *what;
		struct pki_token_spec spec;
		const char *rule, *text;
	} cases[] = {
		{ "version 2", { .version = der_integer(2) }, "time-malformed", "found another version of TSTInfo, want 1" },
		{ "no version", { .version = DER_EMPTY }, "time-malformed", "found another version of TSTInfo, want 1" },
		{ "no policy", { .policy = DER_EMPTY }, "time-malformed", "found a TSTInfo without a policy, want one" },
		{ "no imprint", { .imprint = DER_EMPTY }, "time-malformed", "found a TSTInfo without an imprint, want one" },
		{ "an empty imprint", { .imprint = der_tlv(0x30, DER_EMPTY) }, "time-malformed",
			"found an imprint of another form, want an algorithm and a digest" },
		{ "a short imprint", { .imprint = DER_SEQ(sha256, der_octets(DER_RAW("short"))) }, "time-malformed",
			"found an imprint of 5 bytes, want 32" },
		{ "SHA-1", { .imprint_digest = CUSTODY_SHA1 }, "time-algorithm-refused",
			"found an imprint by another digest algorithm, want SHA-256, SHA-384 or SHA-512" },
		{ "no serial", { .serial = DER_EMPTY }, "time-malformed", "found a TSTInfo without a serial number, want one" },
		{ "no time", { .time = DER_EMPTY }, "time-malformed", "found a TSTInfo without a time, want one" },
		{ "a long accuracy", { .accuracy = DER_SEQ(der_integer(31536001)) }, "time-malformed", accuracy },
		{ "a negative accuracy", { .accuracy = DER_SEQ(der_tlv(0x02, DER_RAW("\xff"))) }, "time-malformed", accuracy },
		{ "no millis", { .accuracy = DER_SEQ(der_tlv(0x80, DER_RAW("\x00"))) }, "time-malformed", accuracy },
		{ "1000 micros", { .accuracy = DER_SEQ(der_tlv(0x81, DER_RAW("\x03\xe8"))) }, "time-malformed", accuracy },
		{ "millis that are no number", { .accuracy = DER_SEQ(der_tlv(0x80, DER_EMPTY)) }, "time-malformed", accuracy },
		{ "something in the accuracy", { .accuracy = DER_SEQ(der_tlv(0x82, DER_EMPTY)) }, "time-malformed", accuracy },
		{ "no extensions in their field", { .rest = der_tlv(0xa1, DER_EMPTY) }, "time-malformed", extension },
		{ "a critical extension", { .rest = DER(0xa1, critical) }, "time-malformed", extension },
		{ "an extension twice", { .rest = DER(0xa1, plain, plain) }, "time-malformed", extension },
		{ "an extension that is none", { .rest = DER(0xa1, der_integer(1)) }, "time-malformed", extension },
		{ "something behind", { .rest = DER_NULL_VALUE }, "time-malformed", "found further fields of a TSTInfo, want none" },
		{ "content that is no TSTInfo", { .cms = { .content = der_integer(1) } }, "time-malformed",
			"found something that is not a TSTInfo, want one" },
		{ "content that is no DER", { .cms = { .content = DER_RAW("\x30\x80") } }, "time-malformed",
			"TSTInfo: at byte 0: found an indefinite length, want a definite one" },
		{ "version of SignedData", { .cms = { .version = der_integer(1) } }, "time-malformed",
			"time-stamp: found version 1 of SignedData, want 3" },
		{ "content of another type", { .cms = { .encapsulated = DER_SEQ(DER_OID(CUSTODY_OID_DATA)) } }, "time-malformed",
			"time-stamp: found another content type, want id-ct-TSTInfo" },
		{ "no content", { .cms = { .encapsulated = DER_SEQ(DER_OID(CUSTODY_OID_TST_INFO)) } }, "time-malformed",
			"time-stamp: found a token without its TSTInfo, want it inside" },
		{ "content that is no octets", { .cms = { .encapsulated = DER_SEQ(DER_OID(CUSTODY_OID_TST_INFO), DER(0xa0, der_integer(1))) } },
			"time-malformed", "time-stamp: found a token without its TSTInfo, want it inside" },
		{ "an unsigned attribute", { .cms = { .unsigned_attributes = DER(0xa1, pki_attribute(DER_RAW("\x2a\x03"), der_integer(1))) } },
			"seal-surplus-data", "time-stamp: found an unsigned attribute, want only time-stamps of the seal, each by itself" },
		{ "OCSP", { .cms = { .crls = { DER(0xa1, DER_OID(CUSTODY_OID_DATA)) }, .n_crls = 1 } }, "newer-format",
			"time-stamp: found something else among a token's revocation lists, want none that this version does not read" },
		{ "version 3 with issuer and serial", { .cms = { .signer_version = der_integer(3) } }, "time-malformed",
			"time-stamp: found a signer named in another way or version, want issuer and serial number and version 1" },
		{ "no certificate named", { .cms = { .instead = { [3] = DER_EMPTY } } }, "time-malformed",
			"time-stamp: found signed attributes without one of those needed, want content-type, message-digest and "
			"signing-certificate" },
		{ "without signing time", { .cms = { .instead = { [2] = DER_EMPTY } } }, "", "" },
		{ "signed by somebody else", { .cms = { .key_of = signer } }, "time-signature-invalid",
			"time-stamp: found a signature that is not by the signer's key over these attributes, want one that is" },
		{ "of something else",
			{ .imprint = DER_SEQ(sha256, der_octets(DER_RAW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"))) },
			"time-wrong-object", "found a stamp of something else, want one of this signature" },
		{ "by a signer's certificate", { .stamper = signer }, "time-certificate-unsuitable",
			"found another purpose (extended key usage), want timeStamping alone, critical" },
		{ "before its certificate", { .when = "2025-12-31T23:59:59Z" }, "time-before-certificate",
			"found a stamp of 2025-12-31T23:59:59Z, want one from the time of its authority's certificate on" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refuse_token(cases[i].what, cases[i].spec, cases[i].rule, cases[i].text);
	struct pki_token_spec spec = { .cms = { .n_more_attributes = 32 } };
	for (size_t i = 0; i < 32; i++)
		spec.cms.more_attributes[i] = pki_attribute(der_bytes((uint8_t[]){ 0x2a, (uint8_t)i }, 2), der_integer(1));
	refuse_token("too many attributes", spec, "limit-exceeded", "time-stamp: found more than 32 signed attributes, want at most that");
	pki_reset();
}

Test(timestamp, adds_its_accuracy)
{
	static const struct {
		uint32_t nsec;
		uint64_t us;
		int64_t sec;
		uint32_t want;
	} cases[] = { { 0, 0, 100, 0 }, { 999999999, 1, 101, 999 }, { 500000000, 1500000, 102, 0 }, { 1, 999999, 100, 999999001 } };
	for (size_t i = 0; i < 4; i++) {
		const struct custody_token t = { .time = { 100, cases[i].nsec }, .has_accuracy = true, .accuracy_us = cases[i].us };
		struct custody_time upper = custody_token_not_later_than(&t);
		cr_expect(upper.sec == cases[i].sec && upper.nsec == cases[i].want, "%zu", i);
	}
}

Test(cms, takes_rsa_by_both_names_and_pss_by_one)
{
	set_up();
	const struct pki_party *rsa = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .key = PKI_RSA3072, .label = "rsa", .issuer = root });
	const struct pki_party *pss =
		pki_party((struct pki_spec){ .kind = PKI_SIGNER, .key = PKI_RSA3072, .label = "rsa", .issuer = root, .pss = true });
	const char *algorithm = "found another signature algorithm or parameters, want one of the format with the digest announced";
	struct custody_bytes sha256 = pki_digest_algorithm(CUSTODY_SHA256, true), sha384 = pki_digest_algorithm(CUSTODY_SHA384, true);
	struct custody_bytes mgf = DER(0xa1, DER_SEQ(DER_OID(CUSTODY_OID_MGF1), sha256)), hash = DER(0xa0, sha256), salt = DER(0xa2, der_integer(32));
	struct custody_bytes oid = DER_OID(CUSTODY_OID_RSA_PSS);
	struct pki_cms c = seal_of(rsa);
	c.digest = CUSTODY_SHA384;
	refuse("RSA with SHA-384", c, "", "");
	c.digest = CUSTODY_SHA512;
	refuse("RSA with SHA-512", c, "", "");
	c = seal_of(rsa);
	c.algorithm = DER_SEQ(DER_OID(CUSTODY_OID_RSA), DER_NULL_VALUE);
	refuse("rsaEncryption", c, "", "");
	c.algorithm = DER_SEQ(DER_OID(CUSTODY_OID_RSA));
	refuse("rsaEncryption without NULL", c, "seal-algorithm-refused", algorithm);
	c.algorithm = DER_SEQ(DER_OID(CUSTODY_OID_SHA256_RSA));
	refuse("sha256WithRSA without NULL", c, "seal-algorithm-refused", algorithm);
	refuse("PSS", seal_of(pss), "", "");
	const struct custody_bytes others[] = { DER_SEQ(oid), DER_SEQ(oid, DER_NULL_VALUE), DER_SEQ(oid, DER_SEQ(hash, mgf)),
		DER_SEQ(oid, DER_SEQ(hash, salt)), DER_SEQ(oid, DER_SEQ(mgf, salt)),
		DER_SEQ(oid, DER_SEQ(hash, mgf, salt, DER(0xa3, der_integer(1)))), DER_SEQ(oid, DER_SEQ(DER(0xa0, sha384), mgf, salt)),
		DER_SEQ(oid, DER_SEQ(DER(0xa0, pki_digest_algorithm(CUSTODY_SHA1, true)), mgf, salt)),
		DER_SEQ(oid, DER_SEQ(hash, mgf, DER(0xa2, der_integer(20)))), DER_SEQ(oid, DER_SEQ(hash, mgf, DER(0xa2, DER_NULL_VALUE))),
		DER_SEQ(oid, DER_SEQ(hash, mgf, DER(0xa2, der_tlv(0x02, DER_RAW("\xe0"))))),
		DER_SEQ(oid, DER_SEQ(hash, DER(0xa1, DER_SEQ(oid, sha256)), salt)), DER_SEQ(oid, DER_SEQ(hash, DER(0xa1, DER_NULL_VALUE), salt)),
		DER_SEQ(oid, DER_SEQ(hash, mgf, salt), DER_NULL_VALUE), DER_SEQ(DER_NULL_VALUE) };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		c = seal_of(pss);
		c.algorithm = others[i];
		refuse("other parameters", c, "seal-algorithm-refused", algorithm);
	}
	pki_reset();
}
