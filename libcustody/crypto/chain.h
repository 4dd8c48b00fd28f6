/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths from a certificate to an anchor that the verifier was given (RFC 5280 section 6, without policies). Our own rules come first, OpenSSL's
 * X509_verify_cert() is asked then, and both have to agree.
 */
#ifndef CUSTODY_CRYPTO_CHAIN_H
#define CUSTODY_CRYPTO_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"

/* From the certificate in question (first) to an anchor (last, byte-identical to one that was given); one certificate if it is itself an anchor. */
struct custody_chain {
	const struct custody_certificate *certificate[CUSTODY_LIMIT_CHAIN]; /* borrowed */
	size_t n; /* 0: there is none */
};

/*
 * What was looked at already in one judgement: signatures of issuers on certificates and revocation lists, and paths that OpenSSL was asked about.
 * Keyed by address, so what it speaks of must stay where it is. Zero it to begin.
 */
#define CUSTODY_MEMO_SIGNATURES 1024 /* two signatures, 32 certificates and 32 lists each and in each of a few tokens; more is a flood */
#define CUSTODY_MEMO_CHAINS 16
struct custody_memo {
	struct {
		const void *subject; /* custody_certificate or custody_crl */
		const struct custody_certificate *issuer;
		bool good;
	} signature[CUSTODY_MEMO_SIGNATURES];
	size_t n_signatures;
	struct {
		struct custody_chain chain;
		int64_t when;
		bool time_stamping, good;
	} chain[CUSTODY_MEMO_CHAINS];
	size_t n_chains;
};

/* subject names issuer and is signed by it: names equal byte by byte, algorithm on the list, issuer's key one that we take. "limit-exceeded" when the
 * memo is full. */
int custody_certificate_issued_by(struct custody_memo *memo, const struct custody_certificate *subject, const struct custody_certificate *issuer,
	bool *good, struct custody_error *err) CUSTODY_MUST_USE;
/* Likewise a revocation list; and the issuer's keyUsage has cRLSign. */
int custody_crl_issued_by(struct custody_memo *memo, const struct custody_crl *subject, const struct custody_certificate *issuer, bool *good,
	struct custody_error *err) CUSTODY_MUST_USE;
/* The certificate's own key signed it. One that names itself as its issuer and was signed by another key (a root's next key, certified by the one before) is no root. */
int custody_certificate_is_root(
	struct custody_memo *memo, const struct custody_certificate *c, bool *root, struct custody_error *err) CUSTODY_MUST_USE;

/* A question for a path. All borrowed. */
struct custody_chain_request {
	const struct custody_certificate *leaf;
	const struct custody_certificate *const *embedded; /* CAs that the package offers */
	size_t n_embedded;
	const struct custody_certificate *anchors;
	size_t n_anchors;
	bool time_stamping; /* for a time-stamping authority: extended key usage holds along the path; RSA from 2048 bits and P-521 are taken */
	struct custody_time when; /* the time about which OpenSSL is asked; validity then is reported by custody_chain_validity(), not here */
	struct custody_memo *memo;
};
/*
 * Builds the first path that holds: signatures, CAs with keyCertSign, path lengths, keys and algorithms that we take, no critical extension that is
 * unknown, no certificate twice, at most CUSTODY_LIMIT_CHAIN; and X509_verify_cert() agrees (X509_STRICT, PARTIAL_CHAIN because a given sub-CA
 * is an anchor, security level 2, only this anchor in its store, at `when`). out->n is 0 if there is none; `why` (of size why_size) then says
 * what was missing. -1 only when it could not look, or "limit-exceeded".
 */
int custody_chain_build(const struct custody_chain_request *request, struct custody_chain *out, char *why, size_t why_size,
	struct custody_error *err) CUSTODY_MUST_USE;

/*
 * Looks at what the package itself offers above a certificate, whatever the verifier's anchors: reached[i] is set for every embedded certificate that
 * has signed the leaf, or one that has, and so on (request->anchors are not used). If one of them is not fit to, *unfit is it and *why a
 * static "is not a CA with keyCertSign", else NULL: a property of the bytes, so it holds under any anchors. A key that is not taken is no such
 * property of a path and shows by the path that is not found.
 */
int custody_chain_survey(const struct custody_chain_request *request, bool *reached, const struct custody_certificate **unfit, const char **why,
	struct custody_error *err) CUSTODY_MUST_USE;

/* The first certificate of the path that was not valid at t, NULL if all were. *early is set if it was not valid yet. An anchor above others is not
 * asked: who gave it decides about it. */
const struct custody_certificate *custody_chain_validity(const struct custody_chain *chain, struct custody_time t, bool *early);
/*
 * Paths, each with what is known above its anchor, may be of one house: a certificate of one has the same public key, or names the same issuer, as one of the other.
 * A root names itself. Names are enough: this only ever takes worth away.
 */
bool custody_certificates_related(const struct custody_certificate *const *a, size_t n_a, const struct custody_certificate *const *b, size_t n_b);
/* The certificate is on the path. */
bool custody_chain_has(const struct custody_chain *chain, const struct custody_certificate *c);

#endif
