/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time-stamp tokens (RFC 3161, RFC 5816): the TSTInfo by our own strict parse, and the rules that make a token one of this object by this certificate.
 * Who the authority is, and whether its word is worth anything, is the verdict's question.
 */
#ifndef CUSTODY_CRYPTO_TIMESTAMP_H
#define CUSTODY_CRYPTO_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/cms.h"

/* What one token says. All runs borrow from the input. */
struct custody_token {
	struct custody_cms cms;
	struct custody_bytes policy; /* content of the OBJECT IDENTIFIER */
	enum custody_digest_id imprint_digest; /* SHA-256, SHA-384 or SHA-512 */
	struct custody_bytes imprint;
	struct custody_bytes serial; /* content of the INTEGER */
	struct custody_time time; /* genTime, fraction kept */
	bool has_accuracy;
	uint64_t accuracy_us; /* microseconds */
	bool has_nonce;
	struct custody_bytes nonce;
};

/* Takes a TimeStampToken apart (custody_cms_parse() and the TSTInfo in it: version 1, an imprint by SHA-2 of the right length, no unknown critical
 * extension). Refuses by the id of a finding. */
int custody_token_parse(struct custody_bytes der, struct custody_token *out, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * The token is of `object` (time-wrong-object), signed with the certificate's key (custody_cms_verify()), by a certificate made for time-stamping
 * alone (time-certificate-unsuitable) that was valid already (time-before-certificate). *legacy as in custody_cms_verify().
 */
int custody_token_verify(const struct custody_token *token, struct custody_bytes object, const struct custody_certificate *stamper, bool *legacy,
	struct custody_error *err) CUSTODY_MUST_USE;

/* genTime and what it may be off by: the object existed not later than that. */
struct custody_time custody_token_not_later_than(const struct custody_token *token);

#endif
