/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of custody_seal_check(): what is known of both signatures while they are judged. seal_bytes.c finds out what the bytes alone show, seal_trust.c
 * what anchors, revocation data and times make of it, seal_surplus.c what is there that nothing needs, and seal.c puts the result together.
 * Nothing else includes this.
 */
#ifndef CUSTODY_VERDICT_JUDGEMENT_H
#define CUSTODY_VERDICT_JUDGEMENT_H

#include "libcustody/crypto/chain.h"
#include "libcustody/crypto/cms.h"
#include "libcustody/crypto/pool.h"
#include "libcustody/crypto/revocation.h"
#include "libcustody/crypto/timestamp.h"
#include "libcustody/verdict/seal.h"

/* Certificates that one CMS, or a token together with the signature around it, offers. */
#define CUSTODY_OFFERED_MAX ((size_t)2 * CUSTODY_LIMIT_CERTIFICATES)

/* One token of one signature. */
struct custody_stamp {
	struct custody_token token;
	bool sound; /* by its bytes: a token of this signature's value by a certificate that may stamp, and listed in seal.json */
	const struct custody_certificate *certificate; /* the authority's */
	const struct custody_certificate *offered[CUSTODY_OFFERED_MAX]; /* the token's own, then the signature's */
	size_t n_offered, n_own;
	bool reached[CUSTODY_OFFERED_MAX]; /* above the authority's certificate, by signatures among those offered */
	const struct custody_crl *crls[CUSTODY_LIMIT_CRLS]; /* the token's own */
	size_t n_crls;
	struct custody_chain chain; /* to an anchor of tsas.pem; n 0 if there is none */
	bool good; /* trusted, not of the future, its authority neither expired nor revoked as far as must be known */
	bool independent; /* and of somebody else than the signer */
	enum custody_finding_id problem; /* when sound and not good */
	char detail[256];
	bool has_known_until;
	struct custody_time known_until; /* revocation along its path */
};

/* One of the two signatures. */
struct custody_signature {
	const char *item; /* member name */
	struct custody_cms cms;
	bool sound; /* parsed, and the arithmetic holds with a certificate that it names */
	bool fit; /* the certificate, and those above it that are embedded, are made for it */
	const struct custody_certificate *signer;
	const struct custody_certificate *embedded[CUSTODY_LIMIT_CERTIFICATES];
	size_t n_embedded;
	bool reached[CUSTODY_LIMIT_CERTIFICATES]; /* above the signer's certificate */
	const struct custody_crl *crls[CUSTODY_LIMIT_CRLS];
	size_t n_crls;
	bool list_refused; /* a revocation list in it was a finding */
	struct custody_stamp *stamps; /* owned; one for each token that could be taken apart */
	size_t n_stamps;
	bool stamp_refused; /* a token was a finding: what it would have shown is not asked for again */
	struct custody_chain chain; /* to an anchor of signers.pem */
	const struct custody_stamp *best; /* the stamp whose time counts: the best there is, sound at least; NULL if none */
	/* the checklist: each set at the place where it was shown */
	bool level; /* what the bytes hold is what seal.json requires */
	bool level_lt; /* and it is B-LT */
	bool valid; /* every certificate of the path at the time that counts */
	bool not_revoked;
	char revocation_unknown[256]; /* why not, "" when it is known; becomes a finding unless a list in the signature is one */
	bool nothing_surplus;
	bool timed; /* a good stamp of every authority listed, or at least one good and the others only without anchor */
	bool has_known_until;
	struct custody_time known_until;
};

struct custody_judgement {
	const struct custody_seal_input *in;
	struct custody_findings *findings;
	struct custody_pool pool;
	struct custody_memo memo;
	struct custody_signature signature[2];
	size_t n; /* of them: 2, or 1 where a single signature is judged */
	bool same_signer; /* or there is only one */
	uint64_t limits_before; /* how often a limit was a finding when we began */
	struct custody_error err; /* the last refusal or failure */
};

/* A limit was exceeded in what we judge: nothing more is looked at, and nothing passes. */
bool custody_judgement_is_over(const struct custody_judgement *j);
/* A refusal becomes a finding about this signature (0); a failure stays one (-1, in j->err). */
int custody_judgement_note(struct custody_judgement *j, const struct custody_signature *s, enum custody_finding_id fallback) CUSTODY_MUST_USE;
/* A finding about this signature, with a detail. */
#define custody_judgement_find(j, s, id, ...) custody_findings_add((j)->findings, (id), (s)->item, strlen((s)->item), __VA_ARGS__)

/* seal_bytes.c: everything that the bytes alone decide. */
int custody_judge_bytes(struct custody_judgement *j) CUSTODY_MUST_USE;
/* seal_trust.c: paths, times, revocation. */
int custody_judge_trust(struct custody_judgement *j) CUSTODY_MUST_USE;
/* seal_surplus.c: sets nothing_surplus where it could be judged; the level; and revocation that stays unknown. */
int custody_judge_surplus(struct custody_judgement *j) CUSTODY_MUST_USE;

#endif
