/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a time-stamp authority reads and writes (RFC 3161, RFC 5816): a strict TimeStampReq, and the TimeStampResp around a token or a refusal. Nothing
 * here signs or holds a key: whoever faces the network can do all of it, and what reaches the key is numbers (struct custody_tsp_order), no DER.
 */
#ifndef CUSTODY_CRYPTO_TSP_ANSWER_H
#define CUSTODY_CRYPTO_TSP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/digest.h"

/* PKIFailureInfo (RFC 3161 2.4.2): the number of the bit. */
enum custody_tsp_failure {
	CUSTODY_TSP_BAD_ALG = 0, /* another imprint than one by SHA-256, SHA-384 or SHA-512 */
	CUSTODY_TSP_BAD_REQUEST = 2, /* a request that is well-formed, and not one for us */
	CUSTODY_TSP_BAD_DATA_FORMAT = 5, /* not a TimeStampReq */
	CUSTODY_TSP_TIME_NOT_AVAILABLE = 14,
	CUSTODY_TSP_UNACCEPTED_POLICY = 15,
	CUSTODY_TSP_UNACCEPTED_EXTENSION = 16,
	CUSTODY_TSP_SYSTEM_FAILURE = 25
};
/* It is one of these. */
bool custody_tsp_failure_is_known(unsigned bit);

/* What is asked for, without pointers: small enough to be copied. */
struct custody_tsp_order {
	enum custody_digest_id imprint_digest; /* SHA-256, SHA-384 or SHA-512 */
	uint8_t imprint[CUSTODY_DIGEST_MAX];
	bool bare_algorithm; /* its AlgorithmIdentifier has no parameters (else NULL): the answer repeats it as it came */
	bool wants_certificate; /* certReq */
	size_t nonce_len; /* 0: none */
	uint8_t nonce[CUSTODY_LIMIT_NONCE]; /* content of the INTEGER, of either sign */
};

/*
 * A TimeStampReq: DER to the last byte, version 1, an imprint by SHA-2 of the right length, the policy absent or CUSTODY_POLICY_SERVED, a nonce of at
 * most CUSTODY_LIMIT_NONCE bytes, certReq written only when true, no extensions. A refusal (kind FORMAT) says why in *failure. At most
 * CUSTODY_LIMIT_TSP_REQUEST bytes.
 */
int custody_tsp_request_parse(
	struct custody_bytes der, struct custody_tsp_order *out, enum custody_tsp_failure *failure, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * An order on its way to the process that holds the key: CUSTODY_TSP_ORDER_BYTES bytes, one form for each order.
 * Reading refuses anything else (kind FORMAT): the sender may have been taken over.
 */
#define CUSTODY_TSP_ORDER_BYTES ((size_t)4 + CUSTODY_DIGEST_MAX + CUSTODY_LIMIT_NONCE)
void custody_tsp_order_format(const struct custody_tsp_order *order, uint8_t out[CUSTODY_TSP_ORDER_BYTES]);
int custody_tsp_order_parse(const uint8_t *p, size_t n, struct custody_tsp_order *out, struct custody_error *err) CUSTODY_MUST_USE;

/* Appends a TimeStampResp with status granted around a whole TimeStampToken. */
int custody_tsp_granted(struct custody_bytes token, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;
/* Appends one with status rejection, this reason, and text (our own words in UTF-8, at most CUSTODY_LIMIT_TSP_TEXT bytes are taken). */
int custody_tsp_refused(enum custody_tsp_failure failure, const char *text, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
