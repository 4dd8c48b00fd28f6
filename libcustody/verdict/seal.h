/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The groups "seal" and "time": both signatures, their certificates, revocation data and time-stamps against given anchors, by the rules of
 * design/verdict.md (1-4, 7, 9, 12, 13) and design/sealed-package.md ("Signatures", "Exact bytes"). Everything found goes to the findings list;
 * the result holds only what was shown. OpenSSL is asked, then checked by our own rules over the strict DER.
 */
#ifndef CUSTODY_VERDICT_SEAL_H
#define CUSTODY_VERDICT_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/verdict/finding.h"

struct custody_seal_input {
	const char *only; /* a single signature, by its member's name: [0] below is all there is. NULL: the two of a package */
	struct custody_bytes signature[2]; /* exact bytes of signature001.p7s and 002; p NULL when the member is not there */
	struct custody_digest_values manifest[2]; /* SHA-256, SHA-384, SHA-512 of the exact bytes of ASiCManifest001.xml and 002 */
	bool has_sealfile; /* requires_lt and authorities come from a seal.json that parsed */
	bool requires_lt;
	const uint8_t (*authorities)[32];
	size_t n_authorities;
	const struct custody_trust *trust; /* borrowed */
	struct custody_time evaluated_at; /* the time of judgement: now, or --at */
	struct custody_time now; /* the clock: what is known later still counts (verdict.md rule 8); >= evaluated_at */
};

#define CUSTODY_NAME_TEXT 512 /* a certificate's name as display text */

/* An authority that stamped too, beside the one whose time counts. */
struct custody_seal_stamp {
	char authority[CUSTODY_NAME_TEXT]; /* subject of its certificate, display form */
	uint8_t authority_sha256[32]; /* its digest */
	struct custody_time stated; /* genTime of its token; the latest, where it has several */
	bool good; /* a token of it in each signature holds under tsas.pem, and is not of the future, expired or revoked */
	bool independent; /* and it is of somebody else than the signer */
};

struct custody_seal_result {
	bool arithmetic; /* both signatures verify over the exact bytes, by the profile (whoever made them) */
	bool seal_pass; /* the seal group passed: arithmetic, path to an anchor, suitable, not revoked, level, nothing surplus */
	bool time_pass; /* the time group passed, independent or own word */
	bool independent; /* a token of an independent authority under tsas.pem is in each signature: not_later_than is proven */
	bool has_signer;
	char signer[CUSTODY_NAME_TEXT]; /* subject of the signing certificate, display form: "CN=..., O=..." */
	char signer_name[CUSTODY_NAME_TEXT]; /* its commonName, or the whole subject, likewise */
	char signer_exact[CUSTODY_NAME_TEXT]; /* the same as custody_x509_common_name_exact() has it: not fit to be printed */
	char signer_organisation[CUSTODY_NAME_TEXT]; /* by custody_x509_organisation_exact() */
	char issuer[CUSTODY_NAME_TEXT]; /* of that certificate, display form */
	struct custody_time valid_from, valid_until; /* likewise, whoever issued it */
	uint8_t certificate_sha256[32];
	uint8_t identity_sha256[32]; /* of issuer and subject in the signing certificate (DER): the same for the next key of the same holder */
	bool has_anchor;
	uint8_t anchor_sha256[32]; /* the signer's anchor */
	bool level_lt; /* the bytes hold B-LT */
	bool has_time;
	struct custody_time stated; /* genTime of the stamp that counts (the later of the two signatures'), fractions kept */
	bool has_claimed;
	struct custody_time claimed; /* signing-time of 001, as claimed by the signer */
	bool has_claimed_second;
	struct custody_time claimed_second; /* likewise of 002 */
	bool has_accuracy;
	uint64_t accuracy_ms; /* of that stamp, rounded up */
	char authority[CUSTODY_NAME_TEXT]; /* subject of the stamping certificate, display form */
	uint8_t authority_sha256[32]; /* its digest */
	struct custody_seal_stamp others[CUSTODY_LIMIT_TOKENS]; /* of both signatures, each authority once; more than fit are left out */
	size_t n_others;
	bool has_authority_anchor;
	uint8_t authority_anchor_sha256[32];
	bool has_revocation_until;
	struct custody_time revocation_known_until; /* earliest, over the certificates that need it, of the latest thisUpdate that covers them */
};

/* Judges. Returns 0 with findings and *out filled in; -1 only when it could not look (NOMEM, CRYPTO, INTERNAL). Never sets more than was shown. */
int custody_seal_check(const struct custody_seal_input *in, struct custody_findings *findings, struct custody_seal_result *out,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
