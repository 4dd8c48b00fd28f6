/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/cms.h"

#include "libcustody/crypto/cms_parts.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/signature.h"

/* The finding that each refusal is, by kind. */
static const struct rules {
	const char *malformed, *attributes, *algorithm, *signature, *mismatch;
} rules[] = {
	[CUSTODY_CMS_SEAL] = { "seal-malformed", "seal-attributes-missing", "seal-algorithm-refused", "seal-signature-invalid",
		"seal-certificate-mismatch" },
	[CUSTODY_CMS_TOKEN] = { "time-malformed", "time-malformed", "time-algorithm-refused", "time-signature-invalid", "time-certificate-mismatch" },
};

#define SURPLUS "seal-surplus-data"

static int malformed(const struct custody_cms *cms, struct custody_error *err, const char *what)
{
	return custody_refuse(err, rules[cms->kind].malformed, "%s", what);
}

/* ---- the outer structure ---- */

static int read_digest_algorithms(struct custody_bytes set, struct custody_cms *out, struct custody_error *err)
{
	struct custody_der algorithm;
	if (!custody_der_take(&set, CUSTODY_DER_SEQUENCE, &algorithm) || set.n != 0)
		return malformed(out, err, "found another number of digest algorithms, want one");
	out->digest = custody_digest_algorithm_parse(algorithm.whole);
	if (out->digest == CUSTODY_DIGEST_COUNT)
		return custody_refuse(err, rules[out->kind].algorithm, "found another digest algorithm, want SHA-256, SHA-384 or SHA-512");
	return 0;
}

/* EncapsulatedContentInfo. A seal's content lies beside it, in the package, and nowhere else. */
static int read_encapsulated(struct custody_bytes in, struct custody_cms *out, struct custody_error *err)
{
	struct custody_der type, content;
	if (!custody_der_take(&in, CUSTODY_DER_OID, &type))
		return malformed(out, err, "found no content type, want one");
	if (out->kind == CUSTODY_CMS_SEAL) {
		if (!custody_bytes_are(type.content, CUSTODY_OID_DATA))
			return malformed(out, err, "found another content type, want id-data");
		return in.n == 0 ? 0 : malformed(out, err, "found content inside the signature, want it detached");
	}
	if (!custody_bytes_are(type.content, CUSTODY_OID_TST_INFO))
		return malformed(out, err, "found another content type, want id-ct-TSTInfo");
	if (!custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &content) || in.n != 0 ||
		!custody_der_only(content.content, CUSTODY_DER_OCTET_STRING, &out->content))
		return malformed(out, err, "found a token without its TSTInfo, want it inside");
	return 0;
}

/* Elements of a set under an implicit tag into a list of at most max, each once. */
static int read_list(struct custody_bytes in, const struct custody_cms *cms, struct custody_bytes *list, size_t max, size_t *n, const char *what,
	struct custody_error *err)
{
	struct custody_der element;
	if (in.n == 0)
		return custody_refuse(err, rules[cms->kind].malformed, "found an empty field for %s, want none", what);
	while (custody_der_next(&in, &element)) {
		if (element.tag != CUSTODY_DER_SEQUENCE && cms->kind == CUSTODY_CMS_TOKEN)
			return custody_refuse(
				err, "newer-format", "found something else among a token's %s, want none that this version does not read", what);
		if (element.tag != CUSTODY_DER_SEQUENCE)
			return custody_refuse(err, SURPLUS, "found something else among the %s, want nothing else", what);
		if (*n == max)
			return custody_refuse(err, "limit-exceeded", "found more than %zu %s, want at most that", max, what);
		for (size_t i = 0; i < *n; i++) {
			if (custody_bytes_equal(list[i], element.whole))
				return custody_refuse(err, SURPLUS, "found one of the %s twice, want it once", what);
		}
		list[(*n)++] = element.whole;
	}
	return 0;
}

/* ---- the signer ---- */

/* SignerIdentifier, and the version that goes with it (RFC 5652 5.3). */
static int read_identifier(struct custody_bytes *in, struct custody_cms *out, struct custody_error *err)
{
	struct custody_der version, element, part;
	uint64_t number;
	if (!custody_der_take(in, CUSTODY_DER_INTEGER, &version) || !custody_der_unsigned(version.content, &number))
		return malformed(out, err, "found a signer without a version, want one");
	if (out->kind == CUSTODY_CMS_TOKEN && number == 3 && custody_der_take(in, CUSTODY_DER_IMPLICIT(0), &element)) {
		out->key_identifier = element.content;
		return 0;
	}
	if (number != 1 || !custody_der_take(in, CUSTODY_DER_SEQUENCE, &element))
		return malformed(out, err, "found a signer named in another way or version, want issuer and serial number and version 1");
	if (!custody_der_take(&element.content, CUSTODY_DER_SEQUENCE, &part))
		return malformed(out, err, "found a signer without its issuer's name, want it");
	out->issuer = part.whole;
	if (!custody_der_take(&element.content, CUSTODY_DER_INTEGER, &part) || element.content.n != 0)
		return malformed(out, err, "found a signer without one serial number, want one");
	out->serial = part.content;
	return 0;
}

static bool read_signing_time(const struct custody_der *value, struct custody_cms *out)
{
	out->has_signing_time = true;
	return custody_der_time(value->tag, value->content, &out->signing_time);
}

/* What the attributes that we know say. Others are left to the caller. */
static int read_signed_attribute(struct custody_bytes type, const struct custody_der *value, bool *has_content_type, bool *known,
	struct custody_cms *out, struct custody_error *err)
{
	const char *rule = rules[out->kind].attributes;
	*known = true;
	if (custody_bytes_are(type, CUSTODY_OID_CONTENT_TYPE)) {
		bool same =
			value->tag == CUSTODY_DER_OID && (out->kind == CUSTODY_CMS_SEAL ? custody_bytes_are(value->content, CUSTODY_OID_DATA)
											: custody_bytes_are(value->content, CUSTODY_OID_TST_INFO));
		*has_content_type = true;
		return same ? 0 : custody_refuse(err, rule, "found a signed content type that is not the content's, want the same");
	}
	if (custody_bytes_are(type, CUSTODY_OID_MESSAGE_DIGEST)) {
		out->message_digest = value->content;
		return value->tag == CUSTODY_DER_OCTET_STRING ? 0 : custody_refuse(err, rule, "found a message digest of another type, want octets");
	}
	if (custody_bytes_are(type, CUSTODY_OID_SIGNING_TIME))
		return read_signing_time(value, out) ? 0 : custody_refuse(err, rule, "found a signing time of another type, want a time");
	if (custody_bytes_are(type, CUSTODY_OID_SIGNING_CERTIFICATE_V2))
		out->signing_certificate_v2 = value->whole;
	else if (out->kind == CUSTODY_CMS_TOKEN && custody_bytes_are(type, CUSTODY_OID_SIGNING_CERTIFICATE))
		out->signing_certificate = value->whole;
	else
		*known = false;
	return 0;
}

static int read_signed_attributes(struct custody_bytes in, struct custody_cms *out, struct custody_error *err)
{
	const char *rule = rules[out->kind].attributes;
	struct custody_bytes seen[CUSTODY_LIMIT_CERTIFICATES];
	size_t n = 0;
	bool has_content_type = false;
	struct custody_der attribute, value;
	struct custody_bytes type;
	if (!custody_der_is_sorted(in))
		return malformed(out, err, "found signed attributes that are not sorted, want them sorted");
	while (custody_der_take(&in, CUSTODY_DER_SEQUENCE, &attribute)) {
		bool known;
		if (!custody_cms_attribute(attribute.content, &type, &value))
			return custody_refuse(err, rule, "found a signed attribute with another number of values, want one");
		for (size_t i = 0; i < n; i++) {
			if (custody_bytes_equal(seen[i], type))
				return custody_refuse(err, rule, "found a signed attribute twice, want it once");
		}
		if (n == sizeof(seen) / sizeof(seen[0]))
			return custody_refuse(err, "limit-exceeded", "found more than %zu signed attributes, want at most that", n);
		seen[n++] = type;
		if (read_signed_attribute(type, &value, &has_content_type, &known, out, err) < 0)
			return -1;
		if (!known && out->kind == CUSTODY_CMS_SEAL)
			return custody_refuse(err, rule, "found a signed attribute that the format does not have, want only its four");
	}
	if (in.n != 0)
		return malformed(out, err, "found a signed attribute that is none, want a sequence");
	bool named = out->signing_certificate_v2.p != NULL || out->signing_certificate.p != NULL;
	if (!has_content_type || out->message_digest.p == NULL || !named || (out->kind == CUSTODY_CMS_SEAL && !out->has_signing_time))
		return custody_refuse(err, rule,
			"found signed attributes without one of those needed, want content-type, message-digest%s and signing-certificate%s",
			out->kind == CUSTODY_CMS_SEAL ? ", signing-time" : "", out->kind == CUSTODY_CMS_SEAL ? "-v2" : "");
	return 0;
}

static int read_unsigned_attributes(struct custody_bytes in, struct custody_cms *out, struct custody_error *err)
{
	struct custody_der attribute, value;
	struct custody_bytes type;
	if (in.n == 0)
		return malformed(out, err, "found an empty field for unsigned attributes, want none");
	while (custody_der_take(&in, CUSTODY_DER_SEQUENCE, &attribute)) {
		if (out->kind == CUSTODY_CMS_TOKEN || !custody_cms_attribute(attribute.content, &type, &value) ||
			!custody_bytes_are(type, CUSTODY_OID_TIME_STAMP_TOKEN))
			return custody_refuse(err, SURPLUS, "found an unsigned attribute, want only time-stamps of the seal, each by itself");
		if (out->n_tokens == CUSTODY_LIMIT_TOKENS)
			return custody_refuse(
				err, "limit-exceeded", "found more than %d time-stamps in a signature, want at most that", CUSTODY_LIMIT_TOKENS);
		out->tokens[out->n_tokens++] = value.whole;
	}
	return in.n == 0 ? 0 : malformed(out, err, "found an unsigned attribute that is none, want a sequence");
}

static int read_signer(struct custody_bytes in, struct custody_cms *out, struct custody_error *err)
{
	struct custody_der element;
	if (read_identifier(&in, out, err) < 0)
		return -1;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return malformed(out, err, "found a signer without a digest algorithm, want one");
	if (custody_digest_algorithm_parse(element.whole) != out->digest)
		return custody_refuse(
			err, rules[out->kind].algorithm, "found a signer with another digest algorithm than the one announced, want the same");
	if (!custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &element))
		return custody_refuse(err, rules[out->kind].attributes, "found no signed attributes, want them");
	out->attributes = element.whole;
	if (read_signed_attributes(element.content, out, err) < 0)
		return -1;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return malformed(out, err, "found a signer without a signature algorithm, want one");
	out->algorithm = element.whole;
	if (!custody_der_take(&in, CUSTODY_DER_OCTET_STRING, &element))
		return malformed(out, err, "found a signer without a signature, want one");
	out->signature = element.content;
	if (custody_der_take(&in, CUSTODY_DER_EXPLICIT(1), &element) && read_unsigned_attributes(element.content, out, err) < 0)
		return -1;
	return in.n == 0 ? 0 : malformed(out, err, "found further fields of a signer, want none");
}

static int read_signed_data(struct custody_bytes in, struct custody_cms *out, struct custody_error *err)
{
	struct custody_der version, element, signer;
	uint64_t number;
	out->head.p = in.p;
	if (!custody_der_take(&in, CUSTODY_DER_INTEGER, &version) || !custody_der_unsigned(version.content, &number))
		return malformed(out, err, "found no version, want one");
	if (!custody_der_take(&in, CUSTODY_DER_SET, &element))
		return malformed(out, err, "found no digest algorithms, want them");
	if (read_digest_algorithms(element.content, out, err) < 0)
		return -1;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return malformed(out, err, "found no content information, want it");
	if (read_encapsulated(element.content, out, err) < 0)
		return -1;
	out->head.n = (size_t)(in.p - out->head.p);
	if (custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &element) &&
		read_list(element.content, out, out->certificates, CUSTODY_LIMIT_CERTIFICATES, &out->n_certificates, "certificates", err) < 0)
		return -1;
	if (custody_der_take(&in, CUSTODY_DER_EXPLICIT(1), &element) &&
		read_list(element.content, out, out->crls, CUSTODY_LIMIT_CRLS, &out->n_crls, "revocation lists", err) < 0)
		return -1;
	/* RFC 5652 5.1: 1, and 3 because a token's content is not id-data; 4 and 5 only with what was refused above. */
	if (number != (out->kind == CUSTODY_CMS_SEAL ? 1 : 3))
		return custody_refuse(err, rules[out->kind].malformed, "found version %llu of SignedData, want %d", (unsigned long long)number,
			out->kind == CUSTODY_CMS_SEAL ? 1 : 3);
	if (!custody_der_take(&in, CUSTODY_DER_SET, &element) || in.n != 0)
		return malformed(out, err, "found no signers or further fields, want one signer at the end");
	out->signers = element.whole;
	if (!custody_der_take(&element.content, CUSTODY_DER_SEQUENCE, &signer) || element.content.n != 0)
		return malformed(out, err, "found another number of signers, want one");
	return read_signer(signer.content, out, err);
}

/* Where the unsigned attributes of a seal's signer lie, as far as the cursor can follow. It is safe on any bytes. */
static bool find_unsigned_attributes(struct custody_bytes der, struct custody_bytes *found)
{
	struct custody_bytes in;
	struct custody_der last = { 0 }, signer, element = { 0 };
	if (!custody_cms_content_info(der, &in))
		return false;
	while (custody_der_next(&in, &last))
		continue;
	if (in.n != 0 || !custody_der_take(&last.content, CUSTODY_DER_SEQUENCE, &signer))
		return false;
	while (custody_der_next(&signer.content, &element))
		*found = element.whole;
	return element.tag == CUSTODY_DER_EXPLICIT(1);
}

/* Not DER. Inside of a time-stamp it is the stamp that is malformed, by whoever made it or put it in. */
static int check_der(struct custody_bytes der, enum custody_cms_kind kind, struct custody_error *err)
{
	struct custody_bytes stamps = { NULL, 0 };
	size_t at;
	if (custody_der_check_at(der.p, der.n, rules[kind].malformed, &at, err) == 0)
		return 0;
	if (kind == CUSTODY_CMS_SEAL && err->rule == rules[kind].malformed && find_unsigned_attributes(der, &stamps) &&
		at > (size_t)(stamps.p - der.p) && at < (size_t)(stamps.p - der.p) + stamps.n)
		err->rule = rules[CUSTODY_CMS_TOKEN].malformed;
	return -1;
}

int custody_cms_parse(struct custody_bytes der, enum custody_cms_kind kind, struct custody_cms *out, struct custody_error *err)
{
	struct custody_bytes signed_data;
	*out = (struct custody_cms){ .kind = kind };
	if (der.n > CUSTODY_LIMIT_SIGNATURE)
		return custody_refuse(err, "limit-exceeded", "found a signature of %zu bytes, want at most 1 MiB", der.n);
	if (check_der(der, kind, err) < 0)
		return -1;
	if (!custody_cms_content_info(der, &signed_data))
		return malformed(out, err, "found something that is not CMS SignedData, want it");
	return read_signed_data(signed_data, out, err);
}

bool custody_cms_names(const struct custody_cms *cms, const struct custody_x509 *x)
{
	if (cms->issuer.p != NULL)
		return custody_bytes_equal(cms->issuer, x->issuer) && custody_bytes_equal(cms->serial, x->serial);
	return x->key_identifier.p != NULL && custody_bytes_equal(cms->key_identifier, x->key_identifier);
}

/* ---- verification ---- */

/* signatureAlgorithm with the digest in it: rsaEncryption says none, and then means digestAlgorithm. */
static bool read_signature_algorithm(const struct custody_cms *cms, struct custody_algorithm *out)
{
	static const uint8_t rsa[] = "\x30\x0d\x06\x09" CUSTODY_OID_RSA "\x05";
	/* The literal's own NUL is the length of NULL. */
	if (custody_bytes_equal(cms->algorithm, (struct custody_bytes){ rsa, sizeof(rsa) })) {
		*out = (struct custody_algorithm){ .scheme = CUSTODY_SCHEME_RSA_PKCS1, .digest = cms->digest };
		return true;
	}
	return custody_algorithm_parse(cms->algorithm, out) && out->digest == cms->digest;
}

/* A curve of the seal goes with one digest (design/sealed-package.md, "digests and parameters"). */
static bool pair_is_taken(const struct custody_cms *cms, const struct custody_x509 *x)
{
	if (cms->kind == CUSTODY_CMS_TOKEN)
		return custody_x509_key_is_taken(x, 2048, true);
	if ((x->key == CUSTODY_X509_P256 && cms->digest != CUSTODY_SHA256) || (x->key == CUSTODY_X509_P384 && cms->digest != CUSTODY_SHA384))
		return false;
	return custody_x509_key_is_taken(x, 3072, false);
}

static int check_certificate_id(
	const struct custody_cms *cms, struct custody_bytes value, bool v2, const struct custody_certificate *signer, struct custody_error *err)
{
	enum custody_ess found = CUSTODY_ESS_NAMES;
	if (value.p != NULL && custody_cms_ess(value, v2, cms->kind == CUSTODY_CMS_SEAL, signer, &found, err) < 0)
		return -1;
	switch (found) {
	case CUSTODY_ESS_MALFORMED:
		return custody_refuse(
			err, rules[cms->kind].attributes, "found a signing-certificate attribute of another form, want that of RFC 5035");
	case CUSTODY_ESS_OTHER:
		return custody_refuse(
			err, rules[cms->kind].mismatch, "found a signing-certificate attribute that names another certificate, want the signer's");
	case CUSTODY_ESS_OTHER_ISSUER:
		return custody_refuse(err, rules[cms->kind].mismatch,
			"found a signing-certificate attribute with another issuer or serial number, want the signer's certificate's");
	case CUSTODY_ESS_NAMES:
	default:
		return 0;
	}
}

int custody_cms_verify(const struct custody_cms *cms, const struct custody_certificate *signer, const uint8_t *content_digest, bool *legacy,
	struct custody_error *err)
{
	static const uint8_t set_tag[] = { CUSTODY_DER_SET };
	const struct rules *rule = &rules[cms->kind];
	struct custody_algorithm algorithm;
	bool good;
	if (!read_signature_algorithm(cms, &algorithm))
		return custody_refuse(
			err, rule->algorithm, "found another signature algorithm or parameters, want one of the format with the digest announced");
	if (!pair_is_taken(cms, &signer->facts))
		return custody_refuse(
			err, rule->algorithm, "found a signer's key that does not go with this signature, want one that the format takes");
	if (!custody_bytes_equal(cms->message_digest, (struct custody_bytes){ content_digest, custody_digest_get(cms->digest)->size }))
		return custody_refuse(err, rule->signature, "found a signed digest of something else, want that of the content");
	if (check_certificate_id(cms, cms->signing_certificate_v2, true, signer, err) < 0 ||
		check_certificate_id(cms, cms->signing_certificate, false, signer, err) < 0)
		return -1;
	/* RFC 5652 5.4: what is signed is the attributes as a SET OF, not under their tag [0]. */
	if (custody_signature_check(signer, algorithm, (struct custody_bytes){ set_tag, 1 },
		    (struct custody_bytes){ cms->attributes.p + 1, cms->attributes.n - 1 }, cms->signature, &good, err) < 0)
		return -1;
	if (!good)
		return custody_refuse(
			err, rule->signature, "found a signature that is not by the signer's key over these attributes, want one that is");
	if (custody_cms_ask(cms->head, cms->signers, signer, &good, err) < 0)
		return -1;
	if (!good)
		return custody_refuse(err, rule->signature, "found a signature that OpenSSL does not take, want both it and our own check to agree");
	*legacy = cms->signing_certificate_v2.p == NULL;
	return 0;
}
