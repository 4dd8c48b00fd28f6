/* SPDX-License-Identifier: Apache-2.0 */
/* Time-stamps of others into a signature that is made already: no key is needed, and nothing that was signed is touched. */
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/crypto/cms.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/sign.h"

static int compare(const void *a, const void *b)
{
	const struct custody_buf *x = a, *y = b;
	int order = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* signature-time-stamp (EN 319 122-1 5.3): Attribute ::= SEQUENCE { type, SET OF value }. */
static int append_attribute(struct custody_buf *out, struct custody_bytes token, struct custody_error *err)
{
	const struct custody_bytes type = { (const uint8_t *)CUSTODY_OID_TIME_STAMP_TOKEN, sizeof(CUSTODY_OID_TIME_STAMP_TOKEN) - 1 };
	CUSTODY_BUF_CLEAN struct custody_buf content = { 0 };

	custody_buf_init(&content, (size_t)CUSTODY_LIMIT_SIGNATURE);
	return custody_der_append(&content, CUSTODY_DER_OID, type, err) || custody_der_append(&content, CUSTODY_DER_SET, token, err) ||
			       custody_der_append(out, CUSTODY_DER_SEQUENCE, custody_buf_bytes(&content), err)
		       ? -1
		       : 0;
}

struct attributes {
	struct custody_buf one[CUSTODY_LIMIT_TOKENS];
};

static void attributes_release(struct attributes *a)
{
	for (size_t i = 0; i < CUSTODY_LIMIT_TOKENS; i++)
		custody_buf_release(&a->one[i]);
}

/* unsignedAttrs [1]: a SET OF, sorted. */
static int append_attributes(struct custody_buf *out, const struct custody_sign_stamps *s, struct custody_error *err)
{
	CUSTODY_CLEANUP(attributes_release) struct attributes a = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf content = { 0 };

	custody_buf_init(&content, (size_t)CUSTODY_LIMIT_SIGNATURE);
	for (size_t i = 0; i < s->n_tokens; i++) {
		custody_buf_init(&a.one[i], (size_t)CUSTODY_LIMIT_SIGNATURE);
		if (append_attribute(&a.one[i], s->tokens[i], err))
			return -1;
	}
	qsort(a.one, s->n_tokens, sizeof(a.one[0]), compare);
	for (size_t i = 0; i < s->n_tokens; i++)
		if (custody_buf_append(&content, a.one[i].data, a.one[i].len, err))
			return -1;
	return custody_der_append(out, CUSTODY_DER_EXPLICIT(1), custody_buf_bytes(&content), err);
}

/* signerInfos: its one SignerInfo, with the attributes behind what it has. */
static int append_signers(struct custody_buf *out, const struct custody_cms *cms, const struct custody_sign_stamps *s, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf content = { 0 }, info = { 0 };
	struct custody_bytes set, old;

	custody_buf_init(&content, (size_t)CUSTODY_LIMIT_SIGNATURE);
	custody_buf_init(&info, (size_t)CUSTODY_LIMIT_SIGNATURE);
	if (!custody_der_only(cms->signers, CUSTODY_DER_SET, &set) || !custody_der_only(set, CUSTODY_DER_SEQUENCE, &old))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "the signature has not one signer");
	if (custody_buf_append(&content, old.p, old.n, err) || append_attributes(&content, s, err) ||
		custody_der_append(&info, CUSTODY_DER_SEQUENCE, custody_buf_bytes(&content), err))
		return -1;
	return custody_der_append(out, CUSTODY_DER_SET, custody_buf_bytes(&info), err);
}

/* The issuer's Name, whole, of a list. */
static int read_issuer(struct custody_bytes der, struct custody_bytes *issuer, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_crl_release) struct custody_crl crl = { 0 };

	if (custody_crl_parse(der.p, der.n, &crl, err))
		return -1;
	*issuer = (struct custody_bytes){ der.p + (crl.facts.issuer.p - crl.der), crl.facts.issuer.n };
	return 0;
}

/* One list an issuer (sealed-package.md "Signatures"): the lab's own, which is there first, also covers an authority under the lab's root. */
static int append_crls(struct custody_buf *out, const struct custody_cms *cms, const struct custody_sign_stamps *s, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf content = { 0 };
	struct custody_bytes issuers[CUSTODY_LIMIT_CRLS];
	size_t n = 0;

	custody_buf_init(&content, (size_t)CUSTODY_LIMIT_SIGNATURE);
	for (size_t i = 0; i < cms->n_crls + s->n_crls; i++) {
		struct custody_bytes der = i < cms->n_crls ? cms->crls[i] : s->crls[i - cms->n_crls], issuer;
		bool there = false;

		if (n == CUSTODY_LIMIT_CRLS)
			return custody_fail(err, CUSTODY_ERR_LIMIT, "more than %d revocation lists would be needed", CUSTODY_LIMIT_CRLS);
		if (read_issuer(der, &issuer, err))
			return -1;
		for (size_t k = 0; k < n; k++)
			there = there || custody_bytes_equal(issuers[k], issuer);
		if (there)
			continue;
		issuers[n++] = issuer;
		if (custody_buf_append(&content, der.p, der.n, err))
			return -1;
	}
	return content.len == 0 ? 0 : custody_der_append(out, CUSTODY_DER_EXPLICIT(1), custody_buf_bytes(&content), err);
}

/* What is there stays in its place; *n counts what there is then. */
static int append_certificates(
	struct custody_buf *out, const struct custody_cms *cms, const struct custody_sign_stamps *s, size_t *n, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf content = { 0 };
	struct custody_bytes list[CUSTODY_LIMIT_CERTIFICATES];

	custody_buf_init(&content, (size_t)CUSTODY_LIMIT_SIGNATURE);
	*n = 0;
	for (size_t i = 0; i < cms->n_certificates + s->n_certificates; i++) {
		struct custody_bytes der = i < cms->n_certificates ? cms->certificates[i] : s->certificates[i - cms->n_certificates];
		bool there = false;

		for (size_t k = 0; k < *n; k++)
			there = there || custody_bytes_equal(list[k], der);
		if (there)
			continue;
		if (*n == CUSTODY_LIMIT_CERTIFICATES)
			return custody_fail(err, CUSTODY_ERR_LIMIT, "more than %d certificates would be needed", CUSTODY_LIMIT_CERTIFICATES);
		list[(*n)++] = der;
		if (custody_buf_append(&content, der.p, der.n, err))
			return -1;
	}
	return content.len == 0 ? 0 : custody_der_append(out, CUSTODY_DER_EXPLICIT(0), custody_buf_bytes(&content), err);
}

/* What was signed, by whom, and the signature are the very bytes they were. */
static int read_back(
	const struct custody_cms *before, const struct custody_buf *after, size_t n_tokens, size_t n_certificates, struct custody_error *err)
{
	struct custody_cms cms;

	if (custody_cms_parse(custody_buf_bytes(after), CUSTODY_CMS_SEAL, &cms, err))
		return custody_fail_in(err, "our own reader refuses the stamped signature");
	if (custody_bytes_equal(before->head, cms.head) && custody_bytes_equal(before->attributes, cms.attributes) &&
		custody_bytes_equal(before->algorithm, cms.algorithm) && custody_bytes_equal(before->signature, cms.signature) &&
		cms.n_tokens == n_tokens && cms.n_certificates == n_certificates)
		return 0;
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "the stamped signature is not the one that was to be stamped");
}

int custody_sign_add_stamps(
	struct custody_bytes unstamped, const struct custody_sign_stamps *stamps, struct custody_buf *out, struct custody_error *err)
{
	const struct custody_bytes type = { (const uint8_t *)CUSTODY_OID_SIGNED_DATA, sizeof(CUSTODY_OID_SIGNED_DATA) - 1 };
	CUSTODY_BUF_CLEAN struct custody_buf data = { 0 }, sequence = { 0 }, info = { 0 }, whole = { 0 };
	struct custody_cms cms;
	size_t n_certificates;

	custody_buf_init(&data, (size_t)CUSTODY_LIMIT_SIGNATURE);
	custody_buf_init(&sequence, (size_t)CUSTODY_LIMIT_SIGNATURE);
	custody_buf_init(&info, (size_t)CUSTODY_LIMIT_SIGNATURE);
	custody_buf_init(&whole, (size_t)CUSTODY_LIMIT_SIGNATURE);
	if (custody_cms_parse(unstamped, CUSTODY_CMS_SEAL, &cms, err))
		return -1;
	if (cms.n_tokens > 0 || stamps->n_tokens == 0 || stamps->n_tokens > CUSTODY_LIMIT_TOKENS)
		return custody_fail(
			err, CUSTODY_ERR_INTERNAL, "found %zu time-stamps to go beside %zu, want some and none", stamps->n_tokens, cms.n_tokens);
	if (custody_buf_append(&data, cms.head.p, cms.head.n, err) || append_certificates(&data, &cms, stamps, &n_certificates, err) ||
		append_crls(&data, &cms, stamps, err) || append_signers(&data, &cms, stamps, err) ||
		custody_der_append(&sequence, CUSTODY_DER_SEQUENCE, custody_buf_bytes(&data), err) ||
		custody_der_append(&info, CUSTODY_DER_OID, type, err) ||
		custody_der_append(&info, CUSTODY_DER_EXPLICIT(0), custody_buf_bytes(&sequence), err) ||
		custody_der_append(&whole, CUSTODY_DER_SEQUENCE, custody_buf_bytes(&info), err) ||
		read_back(&cms, &whole, stamps->n_tokens, n_certificates, err))
		return -1;
	return custody_buf_append(out, whole.data, whole.len, err);
}
