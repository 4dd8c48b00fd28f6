/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a time-stamp authority (RFC 3161): the TimeStampReq, the TimeStampResp by our own strict parse, and whether what came back is what was asked for,
 * by an authority that we were told to trust, at a time that can be. How the bytes travel is the caller's business.
 */
#ifndef CUSTODY_CRYPTO_TSP_ASK_H
#define CUSTODY_CRYPTO_TSP_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/timestamp.h"
#include "libcustody/crypto/trust.h"

#define CUSTODY_TSP_NONCE 16

/* What was asked, to be held against the answer. */
struct custody_tsp_question {
	struct custody_bytes object; /* borrowed: what is to be stamped (the value of a signature) */
	enum custody_digest_id digest; /* of the imprint: SHA-256, SHA-384 or SHA-512 */
	uint8_t nonce[CUSTODY_TSP_NONCE]; /* content of the INTEGER: 126 random bits, positive and minimal */
};
/* Appends a TimeStampReq: version 1, the object's digest, a nonce, certReq TRUE, no policy asked for, no extensions. */
int custody_tsp_ask(struct custody_bytes object, enum custody_digest_id digest, const struct custody_random *random,
	struct custody_tsp_question *question, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

/* PKIStatus, RFC 3161 2.4.2. */
enum custody_tsp_status {
	CUSTODY_TSP_GRANTED = 0,
	CUSTODY_TSP_GRANTED_WITH_MODS = 1,
	CUSTODY_TSP_REJECTION = 2,
	CUSTODY_TSP_WAITING = 3,
	CUSTODY_TSP_REVOCATION_WARNING = 4,
	CUSTODY_TSP_REVOCATION_NOTIFICATION = 5
};

#define CUSTODY_TSP_TEXT 400
struct custody_tsp_reply {
	uint64_t status; /* enum custody_tsp_status; never more */
	char text[CUSTODY_TSP_TEXT]; /* statusString in display form, parts joined by "; "; "" when there is none */
	uint32_t failures; /* bit n is PKIFailureInfo's bit n; 0 when there is none */
	struct custody_bytes token; /* whole element, not taken apart yet; n 0 when there is none. Borrows from the input */
};
/* Takes a TimeStampResp apart: strict DER to the last byte; a token exactly with status 0 and 1. Refuses by "time-malformed" (limits: "limit-exceeded"). */
int custody_tsp_reply_parse(struct custody_bytes der, struct custody_tsp_reply *out, struct custody_error *err) CUSTODY_MUST_USE;
/* 0 if it holds a token; else an error with what the authority says: TEMPORARY where it may be otherwise later (waiting, no time source, its own failure), INPUT
 * where the same request will not be answered. */
int custody_tsp_reply_granted(const struct custody_tsp_reply *reply, struct custody_error *err) CUSTODY_MUST_USE;

/* An answer, and what to hold it against. All borrowed. */
struct custody_tsp_answer {
	const struct custody_tsp_question *question;
	struct custody_bytes token;
	const struct custody_trust *trust; /* its tsas and crls; its signers only to know who issued an anchor */
	struct custody_time asked, answered; /* the clock before the request was sent and after the reply was there */
	bool level_lt; /* revocation data for every certificate must be at hand */
};

/* A token that was taken, as it goes into a signature, with what goes in beside it. Owned. */
struct custody_tsp_stamp {
	struct custody_buf token; /* the authority's bytes; without certificates and lists on no path, for which nothing that goes in vouches */
	struct custody_buf crls[CUSTODY_LIMIT_CHAIN]; /* lists that the token does not hold itself, one an issuer on its path */
	size_t n_crls;
	struct custody_buf certificates[CUSTODY_LIMIT_CHAIN]; /* CAs below a root that it does not hold itself, known from tsas */
	size_t n_certificates;
	uint8_t certificate_sha256[32]; /* of the authority's certificate */
	char authority[512]; /* its name, display form */
	struct custody_time time; /* genTime */
};
void custody_tsp_stamp_release(struct custody_tsp_stamp *s); /* safe on a zeroed struct */

/*
 * The token is of the object asked for, by the digest and with the nonce asked for, signed by the authority whose certificate it holds; that one is made for
 * time-stamping, valid, on a path to one of tsas, not revoked, and (level_lt) known not to be at genTime, and no list leaves that in doubt; nor is the anchor, where it is no
 * root and what issued it is in the token or in trust. genTime, with what it may be off by, is not before `asked` or, without, after `answered` by more than
 * CUSTODY_LIMIT_CLOCK_BEHIND and CUSTODY_LIMIT_CLOCK_AHEAD seconds, and it is off by no more than the former. INPUT with what was found and wanted, and a hint, otherwise.
 * What is taken passes the verdict under the same trust, as far as the token decides it.
 */
int custody_tsp_accept(const struct custody_tsp_answer *answer, struct custody_tsp_stamp *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
