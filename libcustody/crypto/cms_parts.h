/* SPDX-License-Identifier: Apache-2.0 */
/* What our own signatures (crypto/cms.h) and those of others (crypto/detached.h) have in common: parts of CMS SignedData, and OpenSSL's opinion of one. */
#ifndef CUSTODY_CRYPTO_CMS_PARTS_H
#define CUSTODY_CRYPTO_CMS_PARTS_H

#include <stdbool.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/trust.h"

/* ContentInfo (RFC 5652 3): what is inside of SignedData. false: it is none. */
bool custody_cms_content_info(struct custody_bytes der, struct custody_bytes *signed_data);
/* content of an Attribute with exactly one value. */
bool custody_cms_attribute(struct custody_bytes content, struct custody_bytes *type, struct custody_der *value);

/* What a signing-certificate attribute (RFC 2634, RFC 5035) says of a certificate. */
enum custody_ess {
	CUSTODY_ESS_NAMES, /* it is this one */
	CUSTODY_ESS_MALFORMED,
	CUSTODY_ESS_OTHER, /* another, by its digest */
	CUSTODY_ESS_OTHER_ISSUER /* this one by its digest, another by issuer and serial number */
};
/* value: of the attribute, whole. v2: signing-certificate-v2. alone: nothing but this certificate's identifier may be in it. CRYPTO, NOMEM. */
int custody_cms_ess(struct custody_bytes value, bool v2, bool alone, const struct custody_certificate *signer, enum custody_ess *out,
	struct custody_error *err) CUSTODY_MUST_USE;

/*
 * Whether CMS_SignerInfo_verify() takes the one signer of a SignedData by that certificate: the signed attributes alone, not the content. head: version,
 * digestAlgorithms and encapContentInfo; signers: signerInfos, whole; at most CUSTODY_LIMIT_SIGNATURE together. NOMEM, LIMIT.
 */
int custody_cms_ask(struct custody_bytes head, struct custody_bytes signers, const struct custody_certificate *signer, bool *good,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
