/* SPDX-License-Identifier: Apache-2.0 */
/* LAB/trust: whom the lab's packages, and their time-stamps, are judged by. Foreign authorities are added, the lab's own list is exchanged. */
#ifndef CUSTODY_WORK_LABTRUST_H
#define CUSTODY_WORK_LABTRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/work/lab.h"

/* The folder, locked, and what is in it. */
struct custody_lab_trust {
	bool open;
	int dir_fd; /* holds the lock */
	struct custody_trust anchors;
};
int custody_lab_trust_open(const struct custody_lab *l, struct custody_lab_trust *out, struct custody_error *err) CUSTODY_MUST_USE;
void custody_lab_trust_release(struct custody_lab_trust *t); /* safe on a zeroed struct */
/* Replaces the lists of this root in crls.pem by one; those of others stay. */
int custody_lab_trust_put_own_crl(const struct custody_lab_trust *t, const struct custody_certificate *root, const struct custody_crl *crl,
	struct custody_error *err) CUSTODY_MUST_USE;

enum custody_lab_trust_fate {
	CUSTODY_TRUST_ADDED,
	CUSTODY_TRUST_THERE, /* was there already */
	CUSTODY_TRUST_RENEWED, /* a list: takes the place of an older one of the same authority, all of whose entries it has */
	CUSTODY_TRUST_OLDER /* a list: a newer one that has all its entries is there */
};
struct custody_lab_trust_entry {
	bool list; /* a revocation list, else a certificate */
	enum custody_lab_trust_fate fate;
	char who[512]; /* subject, or the list's issuer, in display form */
	uint8_t sha256[32]; /* of the certificate */
	bool root, authority; /* of a certificate: self-signed; a CA, else itself the time-stamping authority */
	bool has_until;
	struct custody_time until; /* notAfter, nextUpdate */
	bool ended; /* before now */
};
struct custody_lab_trust_result {
	struct custody_lab_trust_entry *entries; /* owned; in the order of the file, certificates first */
	size_t n;
};
void custody_lab_trust_result_release(struct custody_lab_trust_result *r);
/*
 * Adds a foreign authority: the certificates in a file (PEM, or one in DER) to tsas.pem, the lists in it to crls.pem; all of it or nothing. FORMAT: not strictly
 * such a file, or something else (a key!) is in it. INPUT: a certificate that can be no anchor for time-stamps (neither a CA nor a time-stamping
 * authority, a self-signed one whose signature does not hold, a key that is not taken), one of the lab itself (its word would look independent); a list of
 * nobody who is trusted.
 */
int custody_lab_trust_add(const struct custody_lab *l, const char *path, struct custody_time now, struct custody_lab_trust_result *out,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
