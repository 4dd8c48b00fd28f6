/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed clock, seeded randomness, and a small authority with keys and certificates for tests. */
#ifndef CUSTODY_TESTS_TESTLAB_H
#define CUSTODY_TESTS_TESTLAB_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/crypto/sign.h"
#include "libcustody/work/lab.h"

#define TESTLAB_NOW INT64_C(1793000000) /* 2026-10-26T07:33:20Z */

/* The same stream for the same seed. ctx: a uint64_t. */
struct custody_random testlab_random(uint64_t *seed);
/* Fails with INTERNAL "no randomness" after *left fills. ctx: an int. */
struct custody_random testlab_random_failing(int *left);
/* Gives *t. */
struct custody_clock testlab_clock(struct custody_time *t);

/* A root with two leaves and a CRL, all issued at TESTLAB_NOW. */
struct testlab {
	struct custody_certificate root;
	struct evp_pkey_st *root_key;
	struct custody_signer signer, stamper;
	struct custody_crl crl;
};
/* kind: "p256", "p384", "rsa3072", "rsapss"; RSA keys are the fixtures', so the same each time. Aborts if it cannot. */
void testlab_make(struct testlab *t, const char *kind);
void testlab_release(struct testlab *t);

/* custody_lab_create() of a folder by the arguments, with clock and random of a fixed seed; aborts if it cannot. passphrase may be NULL. */
void testlab_folder(const char *dir, const char *key_type, const char *passphrase);

#endif
