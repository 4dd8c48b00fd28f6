/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time-stamps of authorities reached over a network (design/cli.md, "Time and keys first"): tried before evidence is read, asked when the seal is made. How
 * bytes travel is a callback; the library never touches the network.
 */
#ifndef CUSTODY_WORK_STAMP_H
#define CUSTODY_WORK_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/trust.h"

/* Carries one request to an authority and appends its reply, at most CUSTODY_LIMIT_TSP_REPLY bytes. TEMPORARY: not reached, silent, too slow, or it says to try
 * again; INPUT: what it does is not RFC 3161 over HTTP; INTERRUPTED. */
struct custody_transport {
	int (*post)(void *ctx, const char *url, struct custody_bytes request, struct custody_buf *reply, struct custody_error *err);
	void *ctx;
};

/* The authorities of one seal. All borrowed but what custody_authorities_probe() finds out. */
struct custody_authorities {
	const char *const *urls; /* each is asked */
	size_t n;
	const struct custody_transport *transport;
	const struct custody_trust *trust;
	const struct custody_clock *clock;
	const struct custody_random *random;
	bool level_lt;
	enum custody_digest_id digest; /* of the signatures that are to be stamped, and so of the imprints: SHA-256, SHA-384 or SHA-512 */
	uint8_t certificate[CUSTODY_LIMIT_TOKENS][32]; /* SHA-256 of the certificate that each stamps with, as last seen */
	struct custody_time latest; /* the latest genTime seen */
};

/* A throw-away request to each, by the digest that will be asked for; their certificates are known afterwards. USAGE: too many; INPUT: one cannot be used, two are the same, or
 * what all of them give does not fit into a signature; TEMPORARY: not reached now. The message names the URL. */
int custody_authorities_probe(struct custody_authorities *a, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * Stamps a finished signature, which has none: one token of each authority, with an imprint by the signature's own digest, and the lists that it needs, appended to out. *changed is set, and nothing is
 * appended, if one stamped with another certificate than the last time, which is then the one noted.
 */
int custody_authorities_stamp(struct custody_authorities *a, struct custody_bytes unstamped, struct custody_buf *out, bool *changed,
	struct custody_error *err) CUSTODY_MUST_USE;

/* The failure is an authority's, not ours: what was sealed is good, and can be stamped later. */
bool custody_authority_failed(const struct custody_error *err);

#endif
