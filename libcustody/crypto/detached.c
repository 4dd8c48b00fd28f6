/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/detached.h"

#include <string.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/watch.h"
#include "libcustody/crypto/ber.h"
#include "libcustody/crypto/cms_parts.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/pem.h"

/* The parts of one, with lengths that are definite. All runs borrow from that. */
struct parts {
	struct custody_bytes head; /* version, digestAlgorithms and encapContentInfo as they stand */
	struct custody_bytes signers; /* signerInfos, whole */
	struct custody_bytes certificates; /* content of the field; p NULL: there is none */
	struct custody_bytes issuer, serial,
		key_identifier; /* issuer (Name, whole) and serial (content), or the third; p NULL when it is the other way */
	struct custody_bytes attributes; /* content of signedAttrs */
	struct custody_bytes algorithm, signature; /* AlgorithmIdentifier, whole; octets */
	struct custody_bytes content_type, message_digest; /* content; p NULL: absent */
	struct custody_bytes signing_certificate, signing_certificate_v2; /* whole value; p NULL: absent */
};

void custody_detached_release(struct custody_detached *d)
{
	custody_certificate_release(&d->signer);
	*d = (struct custody_detached){ 0 };
}

/* ---- from the file to BER ---- */

static bool is_cms_label(struct custody_bytes label)
{
	return custody_bytes_is(label, "PKCS7") || custody_bytes_is(label, "CMS") || custody_bytes_is(label, "PKCS #7 SIGNED DATA");
}

static bool is_ber(struct custody_bytes file)
{
	/* A SEQUENCE too long for a length in one byte: as text it would be '0' and a byte that no UTF-8 has there. */
	return file.n > 2 && file.p[0] == CUSTODY_DER_SEQUENCE && file.p[1] >= 0x80 && file.p[1] <= 0x84;
}

bool custody_detached_is_likely(struct custody_bytes file)
{
	struct custody_bytes label;
	if (is_ber(file))
		return true;
	while (custody_pem_next(&file, &label)) {
		if (is_cms_label(label))
			return true;
	}
	return false;
}

static int read_pem(struct custody_bytes file, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = CUSTODY_LIMIT_SIGNATURE };
	struct custody_bytes label;
	bool found = false;
	while (custody_pem_next(&file, &label)) {
		if (!is_cms_label(label))
			continue;
		if (found)
			return custody_refuse(err, NULL, "found a second signature in the file, want one");
		found = true;
		if (custody_pem_read(&file, label, &text, err) < 0 || custody_pem_decode(&text, out, err) < 0)
			return custody_fail_in(err, "PEM");
	}
	return found ? 0 : custody_refuse(err, NULL, "found neither DER nor a PEM block of PKCS7 or CMS, want a CMS signature");
}

/* Its bytes with definite lengths. */
static int read_file(struct custody_bytes file, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf ber = { .max = CUSTODY_LIMIT_SIGNATURE };
	if (file.n > CUSTODY_LIMIT_SIGNATURE)
		return custody_refuse(err, "limit-exceeded", "found a signature of %zu bytes, want at most 1 MiB", file.n);
	if (!is_ber(file)) {
		if (read_pem(file, &ber, err) < 0)
			return -1;
		file = (struct custody_bytes){ ber.data, ber.len };
	}
	return custody_ber_definite(file, out, err);
}

/* ---- its parts ---- */

/* What it is that is no SignedData. */
static int refuse_type(struct custody_bytes der, struct custody_error *err)
{
	static const char pkcs7[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07";
	struct custody_bytes in;
	struct custody_der type;
	if (!custody_der_only(der, CUSTODY_DER_SEQUENCE, &in))
		return custody_refuse(err, NULL, "found something that is not CMS, want SignedData");
	if (custody_der_take(&in, CUSTODY_DER_SEQUENCE, &type))
		return custody_refuse(err, NULL, "found a certificate, a key or the like, want CMS SignedData");
	if (!custody_der_take(&in, CUSTODY_DER_OID, &type) || type.content.n != sizeof(pkcs7) ||
		memcmp(type.content.p, pkcs7, sizeof(pkcs7) - 1) != 0)
		return custody_refuse(err, NULL, "found something that is not CMS SignedData, want it");
	switch (type.content.p[sizeof(pkcs7) - 1]) {
	case 2:
		return custody_refuse(err, NULL, "found CMS SignedData that is not well-formed, want that of RFC 5652");
	case 3:
	case 4:
	case 6:
		return custody_refuse(err, NULL, "found encrypted CMS, want SignedData");
	default:
		return custody_refuse(err, NULL, "found CMS of another type, want SignedData");
	}
}

static int read_encapsulated(struct custody_bytes in, struct custody_error *err)
{
	struct custody_der type;
	if (!custody_der_take(&in, CUSTODY_DER_OID, &type))
		return custody_refuse(err, NULL, "found no content type, want one");
	if (in.n != 0) {
		custody_refuse(err, NULL, "found a signature with its content inside, want one that lies beside its file");
		return custody_hint(
			err, "take the content out with `openssl cms -verify -noverify`, and name the signature with --claims-unverified");
	}
	return custody_bytes_are(type.content, CUSTODY_OID_DATA)
		       ? 0
		       : custody_refuse(err, NULL, "found a signature of another content type, want id-data");
}

static int read_identifier(struct custody_bytes *in, struct parts *out, struct custody_error *err)
{
	struct custody_der version, element, part;
	uint64_t number;
	if (!custody_der_take(in, CUSTODY_DER_INTEGER, &version) || !custody_der_unsigned(version.content, &number) || (number != 1 && number != 3))
		return custody_refuse(err, NULL, "found a signer of another version, want 1 or 3");
	if (custody_der_take(in, CUSTODY_DER_IMPLICIT(0), &element)) {
		out->key_identifier = element.content;
		return 0;
	}
	if (!custody_der_take(in, CUSTODY_DER_SEQUENCE, &element) || !custody_der_take(&element.content, CUSTODY_DER_SEQUENCE, &part))
		return custody_refuse(err, NULL, "found a signer that is not named, want issuer and serial number, or a key identifier");
	out->issuer = part.whole;
	if (!custody_der_take(&element.content, CUSTODY_DER_INTEGER, &part) || element.content.n != 0)
		return custody_refuse(err, NULL, "found a signer without one serial number, want one");
	out->serial = part.content;
	return 0;
}

/* Which digest, by its AlgorithmIdentifier. */
static int read_digest(struct custody_bytes whole, enum custody_digest_id *out, struct custody_error *err)
{
	struct custody_bytes in;
	struct custody_der oid;
	*out = custody_digest_algorithm_parse(whole);
	if (*out != CUSTODY_DIGEST_COUNT)
		return 0;
	if (!custody_der_only(whole, CUSTODY_DER_SEQUENCE, &in) || !custody_der_take(&in, CUSTODY_DER_OID, &oid))
		return custody_refuse(err, NULL, "found a signer without a digest algorithm, want one");
	if (custody_bytes_are(oid.content, CUSTODY_OID_SHA1)) {
		*out = CUSTODY_SHA1;
		return 0;
	}
	if (custody_bytes_are(oid.content, CUSTODY_OID_MD5))
		return custody_refuse(err, NULL, "found a signature by MD5, which others could make fit another file, want SHA-256 or the like");
	return custody_refuse(err, NULL, "found another digest algorithm, want SHA-256, SHA-384, SHA-512 or SHA-1");
}

static int read_signer(struct custody_bytes in, struct parts *out, struct custody_detached *d, struct custody_error *err)
{
	struct custody_der element;
	if (read_identifier(&in, out, err) < 0)
		return -1;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return custody_refuse(err, NULL, "found a signer without a digest algorithm, want one");
	if (read_digest(element.whole, &d->digest, err) < 0)
		return -1;
	if (!custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &element))
		return custody_refuse(err, NULL,
			"found a signature without signed attributes, which does not say which digest was signed, want one with message-digest");
	out->attributes = element.content;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return custody_refuse(err, NULL, "found a signer without a signature algorithm, want one");
	out->algorithm = element.whole;
	if (!custody_der_take(&in, CUSTODY_DER_OCTET_STRING, &element))
		return custody_refuse(err, NULL, "found a signer without a signature, want one");
	out->signature = element.content;
	d->has_unsigned = custody_der_take(&in, CUSTODY_DER_EXPLICIT(1), &element);
	return in.n == 0 ? 0 : custody_refuse(err, NULL, "found further fields of a signer, want none");
}

/* *set: elements of a SET OF. */
static size_t count(struct custody_bytes set)
{
	struct custody_der element;
	size_t n = 0;
	while (custody_der_next(&set, &element))
		n++;
	return set.n == 0 ? n : 0;
}

static int read_signers(struct custody_der set, struct parts *out, struct custody_detached *d, struct custody_error *err)
{
	struct custody_der signer;
	size_t n = count(set.content);
	out->signers = set.whole;
	if (set.content.n == 0)
		return custody_refuse(err, NULL, "found certificates without a signature, want a signature");
	if (n != 1)
		return custody_refuse(err, NULL, "found %zu signers, want one", n);
	if (!custody_der_take(&set.content, CUSTODY_DER_SEQUENCE, &signer))
		return custody_refuse(err, NULL, "found a signer of another form, want that of RFC 5652");
	return read_signer(signer.content, out, d, err);
}

static int read_signed_data(struct custody_bytes in, struct parts *out, struct custody_detached *d, struct custody_error *err)
{
	struct custody_der version, element;
	uint64_t number;
	out->head.p = in.p;
	if (!custody_der_take(&in, CUSTODY_DER_INTEGER, &version) || !custody_der_unsigned(version.content, &number) || number < 1 || number > 5)
		return custody_refuse(err, NULL, "found another version of SignedData, want 1 to 5");
	if (!custody_der_take(&in, CUSTODY_DER_SET, &element))
		return custody_refuse(err, NULL, "found no digest algorithms, want them");
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return custody_refuse(err, NULL, "found no content information, want it");
	if (read_encapsulated(element.content, err) < 0)
		return -1;
	out->head.n = (size_t)(in.p - out->head.p);
	if (custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &element))
		out->certificates = element.content;
	(void)custody_der_take(&in, CUSTODY_DER_EXPLICIT(1), &element); /* revocation lists: nobody asks them */
	if (!custody_der_take(&in, CUSTODY_DER_SET, &element) || in.n != 0)
		return custody_refuse(err, NULL, "found no signers or further fields, want one signer at the end");
	return read_signers(element, out, d, err);
}

/* ---- signed attributes ---- */

/* Those that are looked at: each at most once, with one value. */
static int read_attribute(
	struct custody_bytes type, const struct custody_der *value, struct parts *out, struct custody_detached *d, struct custody_error *err)
{
	struct custody_bytes *into = NULL;
	if (custody_bytes_are(type, CUSTODY_OID_CONTENT_TYPE))
		into = &out->content_type;
	else if (custody_bytes_are(type, CUSTODY_OID_MESSAGE_DIGEST))
		into = &out->message_digest;
	else if (custody_bytes_are(type, CUSTODY_OID_SIGNING_CERTIFICATE))
		into = &out->signing_certificate;
	else if (custody_bytes_are(type, CUSTODY_OID_SIGNING_CERTIFICATE_V2))
		into = &out->signing_certificate_v2;
	else if (!custody_bytes_are(type, CUSTODY_OID_SIGNING_TIME))
		return 0;
	if (into ? into->p != NULL : d->has_signing_time)
		return custody_refuse(err, NULL, "found a signed attribute twice, want it once");
	if ((into == &out->content_type && value->tag != CUSTODY_DER_OID) || (into == &out->message_digest && value->tag != CUSTODY_DER_OCTET_STRING))
		return custody_refuse(
			err, NULL, "found a signed attribute of another type, want octets of a digest and an identifier of the content's type");
	if (into) {
		*into = into == &out->content_type || into == &out->message_digest ? value->content : value->whole;
		return 0;
	}
	d->has_signing_time = true;
	return custody_der_time(value->tag, value->content, &d->signing_time)
		       ? 0
		       : custody_refuse(err, NULL, "found a signing time of another type, want a time");
}

static bool is_looked_at(struct custody_bytes type)
{
	return custody_bytes_are(type, CUSTODY_OID_CONTENT_TYPE) || custody_bytes_are(type, CUSTODY_OID_MESSAGE_DIGEST) ||
	       custody_bytes_are(type, CUSTODY_OID_SIGNING_TIME) || custody_bytes_are(type, CUSTODY_OID_SIGNING_CERTIFICATE) ||
	       custody_bytes_are(type, CUSTODY_OID_SIGNING_CERTIFICATE_V2);
}

/* set: what was signed, as a SET OF (RFC 5652 5.4). */
static int read_attributes(struct custody_bytes set, struct parts *out, struct custody_detached *d, struct custody_error *err)
{
	struct custody_bytes in, type;
	struct custody_der attribute, value, oid;
	if (custody_der_check(set.p, set.n, NULL, err) < 0 || !custody_der_only(set, CUSTODY_DER_SET, &in))
		return custody_fail_in(err, "signed attributes that are not DER");
	while (custody_der_take(&in, CUSTODY_DER_SEQUENCE, &attribute)) {
		struct custody_bytes look = attribute.content;
		if (!custody_der_take(&look, CUSTODY_DER_OID, &oid))
			return custody_refuse(err, NULL, "found a signed attribute without a type, want one");
		if (!is_looked_at(oid.content))
			continue;
		if (!custody_cms_attribute(attribute.content, &type, &value))
			return custody_refuse(err, NULL, "found a signed attribute with another number of values, want one");
		if (read_attribute(type, &value, out, d, err) < 0)
			return -1;
	}
	if (in.n != 0)
		return custody_refuse(err, NULL, "found a signed attribute that is none, want a sequence");
	if (out->content_type.p == NULL || !custody_bytes_are(out->content_type, CUSTODY_OID_DATA))
		return custody_refuse(err, NULL, "found signed attributes without the content's type, want content-type with id-data");
	if (out->message_digest.p == NULL)
		return custody_refuse(err, NULL, "found signed attributes without a digest of the content, want message-digest");
	if (out->message_digest.n != custody_digest_get(d->digest)->size)
		return custody_refuse(err, NULL, "found a signed digest of %zu bytes, want %zu of %s", out->message_digest.n,
			custody_digest_get(d->digest)->size, custody_digest_get(d->digest)->name);
	memcpy(d->value, out->message_digest.p, out->message_digest.n);
	return 0;
}

/* ---- the signer's certificate ---- */

static bool names(const struct parts *parts, const struct custody_x509 *x)
{
	if (parts->issuer.p != NULL)
		return custody_bytes_equal(parts->issuer, x->issuer) && custody_bytes_equal(parts->serial, x->serial);
	return x->key_identifier.p != NULL && custody_bytes_equal(parts->key_identifier, x->key_identifier);
}

/* Takes c, if the signer's identifier names it. Two that it names would be a choice, and nobody here makes it. */
static int take_if_named(const struct parts *parts, struct custody_certificate *c, struct custody_detached *d, struct custody_error *err)
{
	if (!names(parts, &c->facts) || (d->signer.der != NULL && memcmp(d->signer.sha256, c->sha256, sizeof(c->sha256)) == 0))
		return 0;
	if (d->signer.der != NULL)
		return custody_fail(err, CUSTODY_ERR_INPUT, "found several certificates that the signature means, want one");
	d->signer = *c;
	*c = (struct custody_certificate){ 0 };
	return 0;
}

static int find_given(const struct parts *parts, const struct custody_trust *given, struct custody_detached *d, struct custody_error *err)
{
	for (size_t i = 0; i < given->n_signers; i++) {
		CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate c = { 0 };
		if (custody_certificate_parse(given->signers[i].der, given->signers[i].der_len, &c, err) < 0 || take_if_named(parts, &c, d, err) < 0)
			return -1;
	}
	return d->signer.der != NULL
		       ? 0
		       : custody_fail(err, CUSTODY_ERR_INPUT, "found a signature by another certificate than the one given, want that one");
}

/* Those that it carries. One that cannot be read matters only if the signer's is not found. */
static int find_carried(const struct parts *parts, struct custody_detached *d, struct custody_error *err)
{
	struct custody_error unread = CUSTODY_ERROR_INIT;
	struct custody_bytes in = parts->certificates;
	struct custody_der element;
	for (size_t n = 0; custody_der_next(&in, &element); n++) {
		CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate c = { 0 };
		if (n == CUSTODY_LIMIT_CERTIFICATES)
			return custody_refuse(
				err, "limit-exceeded", "found more than %d certificates, want at most that", CUSTODY_LIMIT_CERTIFICATES);
		if (element.tag != CUSTODY_DER_SEQUENCE)
			continue;
		if (custody_certificate_parse(element.whole.p, element.whole.n, &c, &unread) < 0) {
			if (unread.kind == CUSTODY_ERR_FORMAT)
				continue;
			*err = unread;
			return -1;
		}
		if (take_if_named(parts, &c, d, err) < 0)
			return -1;
	}
	if (d->signer.der != NULL)
		return 0;
	if (unread.kind != CUSTODY_ERR_NONE)
		return custody_fail(
			err, CUSTODY_ERR_INPUT, "found no certificate of the signer, and one that cannot be read (%.300s), want it", unread.text);
	custody_fail(err, CUSTODY_ERR_INPUT, "found no certificate of the signer, want it");
	return custody_hint(err, "give the one that the sender named: --certificate FILE");
}

/* signing-certificate, where it is there, binds the certificate to what was signed. Its issuer and serial number say nothing beside the digest. */
static int check_ess(struct custody_bytes value, bool v2, const struct custody_detached *d, struct custody_error *err)
{
	enum custody_ess found = CUSTODY_ESS_NAMES;
	if (value.p != NULL && custody_cms_ess(value, v2, false, &d->signer, &found, err) < 0)
		return -1;
	if (found == CUSTODY_ESS_MALFORMED)
		return custody_refuse(err, NULL, "found a signing-certificate attribute of another form, want that of RFC 5035");
	if (found == CUSTODY_ESS_OTHER)
		return custody_fail(err, CUSTODY_ERR_INPUT, "found signed attributes that name another certificate, want the signer's");
	return 0;
}

/* ---- arithmetic ---- */

static int check_signature(const struct parts *parts, struct custody_bytes set, const struct custody_detached *d, struct custody_error *err)
{
	bool fits, good;
	if (custody_signature_check_foreign(&d->signer, d->algorithm, set, parts->signature, &fits, &good, err) < 0)
		return -1;
	if (!fits)
		return custody_fail(err, CUSTODY_ERR_INPUT,
			"found a key that is not taken or does not go with this signature, want RSA of 2048 to %d bits, or a named curve",
			CUSTODY_LIMIT_RSA_BITS);
	if (!good)
		return custody_fail(
			err, CUSTODY_ERR_INPUT, "found a signature that does not hold: it is not by the certificate's key over these attributes");
	if (custody_cms_ask(parts->head, parts->signers, &d->signer, &good, err) < 0)
		return -1;
	return good ? 0
		    : custody_fail(err, CUSTODY_ERR_INPUT, "found a signature that OpenSSL does not take, want both it and our own check to agree");
}

static int verify(struct custody_bytes file, const struct custody_trust *given, struct custody_detached *d, struct custody_error *err)
{
	/* Lengths that become definite can be longer. */
	CUSTODY_BUF_CLEAN struct custody_buf der = { .max = 2 * CUSTODY_LIMIT_SIGNATURE }, set = { .max = CUSTODY_LIMIT_SIGNATURE };
	struct custody_bytes signed_data;
	struct parts parts = { 0 };
	if (read_file(file, &der, err) < 0)
		return -1;
	if (!custody_cms_content_info(custody_buf_bytes(&der), &signed_data))
		return refuse_type(custody_buf_bytes(&der), err);
	if (read_signed_data(signed_data, &parts, d, err) < 0 || custody_der_append(&set, CUSTODY_DER_SET, parts.attributes, err) < 0 ||
		read_attributes(custody_buf_bytes(&set), &parts, d, err) < 0)
		return -1;
	if (!custody_algorithm_parse_foreign(parts.algorithm, d->digest, &d->algorithm))
		return custody_refuse(err, NULL, "found another signature algorithm, want RSA or ECDSA with SHA-256, SHA-384, SHA-512 or SHA-1");
	if (d->algorithm.digest != d->digest)
		return custody_refuse(err, NULL, "found two digest algorithms in one signature, want one throughout");
	if ((given ? find_given(&parts, given, d, err) : find_carried(&parts, d, err)) < 0)
		return -1;
	if (check_ess(parts.signing_certificate_v2, true, d, err) < 0 || check_ess(parts.signing_certificate, false, d, err) < 0)
		return -1;
	return check_signature(&parts, custody_buf_bytes(&set), d, err);
}

int custody_detached_verify(struct custody_bytes file, const struct custody_trust *given, struct custody_detached *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_detached_release) struct custody_detached d = { 0 };
	custody_watch_begin();
	int result = verify(file, given, &d, err);
	/* OpenSSL does not always say so when memory is what it lacked. */
	if (custody_watch_end())
		return custody_fail_nomem(err);
	if (result < 0)
		return -1;
	*out = d;
	d = (struct custody_detached){ 0 };
	return 0;
}
