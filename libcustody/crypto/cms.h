/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CMS SignedData (RFC 5652) as this format has it: the signature files of the seal (detached, four signed attributes, issuer and serial number) and
 * the time-stamp tokens in them (RFC 3161: TSTInfo inside, also key identifiers). Taken apart from strict DER by our own hands; OpenSSL is asked
 * about the arithmetic afterwards, beside our own use of the certificate's key, and both have to agree. Neither decides about trust here.
 */
#ifndef CUSTODY_CRYPTO_CMS_H
#define CUSTODY_CRYPTO_CMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/trust.h"

/* A token's refusals are "time-..." findings, a seal's "seal-...". */
enum custody_cms_kind { CUSTODY_CMS_SEAL, CUSTODY_CMS_TOKEN };

/* One SignedData with its one SignerInfo. All runs borrow from the input. */
struct custody_cms {
	enum custody_cms_kind kind;
	struct custody_bytes head; /* version, digestAlgorithms and encapContentInfo as they stand */
	struct custody_bytes signers; /* signerInfos, whole */
	enum custody_digest_id digest; /* SHA-256, SHA-384 or SHA-512 */
	struct custody_bytes content; /* of a token: the octets of eContent */
	struct custody_bytes certificates[CUSTODY_LIMIT_CERTIFICATES]; /* whole elements */
	size_t n_certificates;
	struct custody_bytes crls[CUSTODY_LIMIT_CRLS];
	size_t n_crls;
	/* who signed: issuer (Name, whole) and serial (content), or key_identifier */
	struct custody_bytes issuer, serial, key_identifier; /* p NULL when it is the other way */
	struct custody_bytes attributes; /* signedAttrs, whole, as it stands under [0] */
	struct custody_bytes algorithm, signature; /* AlgorithmIdentifier, whole; octets */
	/* values of signed attributes */
	struct custody_bytes message_digest; /* octets */
	bool has_signing_time;
	struct custody_time signing_time;
	struct custody_bytes signing_certificate, signing_certificate_v2; /* whole value; p NULL when absent */
	/* unsigned ones */
	struct custody_bytes tokens[CUSTODY_LIMIT_TOKENS];
	size_t n_tokens;
};

/*
 * Takes one apart: strict DER to the last byte, versions of RFC 5652 5.1 and 5.3, exactly one digest algorithm and one signer, only X.509 certificates
 * and lists, none twice, signed attributes sorted, each once with one value. Of a seal: no eContent, exactly the four attributes content-type (id-data),
 * message-digest, signing-time and signing-certificate-v2, and no unsigned attributes but time-stamp tokens, each by itself. Of a token: eContent of type
 * id-ct-TSTInfo, and at least content-type, message-digest and one signing-certificate; no unsigned attributes. Refuses by the id of a finding:
 * malformed, attributes, algorithm, seal-surplus-data, "limit-exceeded", and "newer-format" for a token's revocation data other than CRLs.
 */
int custody_cms_parse(struct custody_bytes der, enum custody_cms_kind kind, struct custody_cms *out, struct custody_error *err) CUSTODY_MUST_USE;

/* The certificate is the one that the signer's identifier names, byte by byte. */
bool custody_cms_names(const struct custody_cms *cms, const struct custody_x509 *x);

/*
 * The signature verifies with the certificate's key: algorithms and key on the list (a seal: P-256 with SHA-256, P-384 with SHA-384, RSA of 3072 bits and
 * more; a token: also other pairs, P-521, and RSA from 2048), message-digest is `content_digest` (by cms->digest), signing-certificate names the
 * certificate by its digest (and issuer and serial where given), and so say our own arithmetic and CMS_SignerInfo_verify(). *legacy is set if
 * only ESSCertID of RFC 2634 (SHA-1) names it. Refuses by the id of a finding; other errors mean that it could not look.
 */
int custody_cms_verify(const struct custody_cms *cms, const struct custody_certificate *signer, const uint8_t *content_digest, bool *legacy,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
