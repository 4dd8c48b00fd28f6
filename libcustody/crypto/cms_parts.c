/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/cms_parts.h"

#include <openssl/cms.h>
#include <openssl/x509.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/signature.h"

bool custody_cms_content_info(struct custody_bytes der, struct custody_bytes *signed_data)
{
	struct custody_bytes in;
	struct custody_der type, content;
	return custody_der_only(der, CUSTODY_DER_SEQUENCE, &in) && custody_der_take(&in, CUSTODY_DER_OID, &type) &&
	       custody_bytes_are(type.content, CUSTODY_OID_SIGNED_DATA) && custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &content) && in.n == 0 &&
	       custody_der_only(content.content, CUSTODY_DER_SEQUENCE, signed_data);
}

bool custody_cms_attribute(struct custody_bytes content, struct custody_bytes *type, struct custody_der *value)
{
	struct custody_der oid, set;
	if (!custody_der_take(&content, CUSTODY_DER_OID, &oid) || !custody_der_take(&content, CUSTODY_DER_SET, &set) || content.n != 0)
		return false;
	*type = oid.content;
	return custody_der_next(&set.content, value) && set.content.n == 0;
}

/* ---- signing-certificate ---- */

/* issuerSerial of an ESSCertID: exactly one directory name, the certificate's issuer, and its serial number. */
static bool issuer_serial_is(struct custody_bytes in, const struct custody_x509 *x)
{
	struct custody_der names, name, serial;
	struct custody_bytes issuer = x->issuer;
	return custody_der_take(&in, CUSTODY_DER_SEQUENCE, &names) && custody_der_take(&in, CUSTODY_DER_INTEGER, &serial) && in.n == 0 &&
	       custody_der_take(&names.content, CUSTODY_DER_EXPLICIT(4), &name) && names.content.n == 0 &&
	       custody_bytes_equal(name.content, issuer) && custody_bytes_equal(serial.content, x->serial);
}

/* ESSCertID or ESSCertIDv2 (RFC 5035 4 and 5): the first of SigningCertificate's names the signer's certificate. */
static bool read_certificate_id(struct custody_bytes value, bool v2, bool alone, enum custody_digest_id *digest, struct custody_bytes *hash,
	struct custody_bytes *issuer_serial)
{
	struct custody_bytes in;
	struct custody_der list, id, element;
	if (!custody_der_only(value, CUSTODY_DER_SEQUENCE, &in) || !custody_der_take(&in, CUSTODY_DER_SEQUENCE, &list) ||
		!custody_der_take(&list.content, CUSTODY_DER_SEQUENCE, &id))
		return false;
	if (alone && (in.n != 0 || list.content.n != 0))
		return false; /* a policy, or certificates of the path: the seal has none */
	*digest = v2 ? CUSTODY_SHA256 : CUSTODY_SHA1;
	if (v2 && custody_der_take(&id.content, CUSTODY_DER_SEQUENCE, &element))
		*digest = custody_digest_algorithm_parse(element.whole);
	if (*digest == CUSTODY_DIGEST_COUNT || !custody_der_take(&id.content, CUSTODY_DER_OCTET_STRING, &element))
		return false;
	*hash = element.content;
	*issuer_serial = (struct custody_bytes){ NULL, 0 };
	if (custody_der_take(&id.content, CUSTODY_DER_SEQUENCE, &element))
		*issuer_serial = element.content;
	return id.content.n == 0;
}

int custody_cms_ess(
	struct custody_bytes value, bool v2, bool alone, const struct custody_certificate *signer, enum custody_ess *out, struct custody_error *err)
{
	enum custody_digest_id digest;
	struct custody_bytes hash, issuer_serial;
	uint8_t own[CUSTODY_DIGEST_MAX];
	*out = CUSTODY_ESS_MALFORMED;
	if (!read_certificate_id(value, v2, alone, &digest, &hash, &issuer_serial))
		return 0;
	if (custody_digest_once(digest, signer->der, signer->der_len, own, err) < 0)
		return -1;
	if (!custody_bytes_equal(hash, (struct custody_bytes){ own, custody_digest_get(digest)->size }))
		*out = CUSTODY_ESS_OTHER;
	else if (issuer_serial.p != NULL && !issuer_serial_is(issuer_serial, &signer->facts))
		*out = CUSTODY_ESS_OTHER_ISSUER;
	else
		*out = CUSTODY_ESS_NAMES;
	return 0;
}

/* ---- OpenSSL's opinion ---- */

static void free_cms(CMS_ContentInfo **cms)
{
	CMS_ContentInfo_free(*cms);
}

static void free_stack(STACK_OF(X509) * *stack)
{
	sk_X509_free(*stack); /* the certificate is borrowed */
}

/*
 * The same SignedData without certificates and revocation lists. OpenSSL has parsed each of those by itself already, and would decode their keys again,
 * which costs more than the arithmetic; what it is asked about is the signer.
 */
static int append_bare(struct custody_bytes head, struct custody_bytes signers, struct custody_buf *out, struct custody_error *err)
{
	static const uint8_t type[] = "\x06\x09" CUSTODY_OID_SIGNED_DATA;
	CUSTODY_BUF_CLEAN struct custody_buf inner = { .max = CUSTODY_LIMIT_SIGNATURE }, outer = { .max = CUSTODY_LIMIT_SIGNATURE + 16 };
	if (custody_der_append_head(&inner, CUSTODY_DER_SEQUENCE, head.n + signers.n, err) < 0 ||
		custody_buf_append(&inner, head.p, head.n, err) < 0 || custody_buf_append(&inner, signers.p, signers.n, err) < 0 ||
		custody_buf_append(&outer, type, sizeof(type) - 1, err) < 0 ||
		custody_der_append(&outer, CUSTODY_DER_EXPLICIT(0), custody_buf_bytes(&inner), err) < 0)
		return -1;
	return custody_der_append(out, CUSTODY_DER_SEQUENCE, custody_buf_bytes(&outer), err);
}

static void free_certificate(X509 **certificate)
{
	X509_free(*certificate);
}

/* It finds the same signer by its identifier, and the arithmetic right. */
static bool openssl_agrees(const struct custody_buf *bare, X509 *signer)
{
	const unsigned char *at = bare->data;
	CUSTODY_CLEANUP(free_cms) CMS_ContentInfo *parsed = d2i_CMS_ContentInfo(NULL, &at, (long)bare->len);
	CUSTODY_CLEANUP(free_stack) STACK_OF(X509) *signers = sk_X509_new_null();
	if (parsed == NULL || at != bare->data + bare->len || signers == NULL || sk_X509_push(signers, signer) <= 0 ||
		CMS_set1_signers_certs(parsed, signers, 0) != 1)
		return false;
	STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(parsed);
	return sk_CMS_SignerInfo_num(infos) == 1 && CMS_SignerInfo_verify(sk_CMS_SignerInfo_value(infos, 0)) == 1;
}

/* It is asked twice before it is taken for a refusal, the second time with a certificate decoded anew: it does not always say so when memory is what it
 * lacked. */
int custody_cms_ask(
	struct custody_bytes head, struct custody_bytes signers, const struct custody_certificate *signer, bool *good, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf bare = { .max = CUSTODY_LIMIT_SIGNATURE + 32 };
	if (append_bare(head, signers, &bare, err) < 0)
		return -1;
	*good = openssl_agrees(&bare, signer->x509);
	if (custody_openssl_settle(err) < 0)
		return -1;
	if (*good)
		return 0;
	const unsigned char *at = signer->der;
	CUSTODY_CLEANUP(free_certificate) X509 *again = d2i_X509(NULL, &at, (long)signer->der_len);
	*good = again != NULL && openssl_agrees(&bare, again);
	return custody_openssl_settle(err);
}
