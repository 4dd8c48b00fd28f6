/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a lab's root does after it was made (design/cli.md, "custody lab"): a new revocation list, another certificate, a revocation.
 *
 * Everything is made in memory first. Then root/state.json is replaced, which reserves the number of the list and holds the revocation or the new serial
 * number; then trust/crls.pem; a new certificate last, since a key is taken for sealing from the moment its certificate is there, and the list must not be older. A crash
 * between two of these leaves a state that is ahead: a number is left out, a recorded certificate has no file, a revocation comes with the next list. The root's
 * folder is locked meanwhile, then LAB/trust.
 */
#ifndef CUSTODY_WORK_LABROOT_H
#define CUSTODY_WORK_LABROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/work/lab.h"

/* The root at hand. All borrowed. */
struct custody_lab_root {
	const struct custody_lab *lab;
	const char *dir; /* of the root; NULL: LAB/root */
	const uint8_t *passphrase; /* of the root's key, NULL: it is not encrypted */
	size_t passphrase_len;
	const struct custody_clock *clock;
	const struct custody_random *random; /* serial numbers */
};
/* The root's key is encrypted. INPUT if there is no root, with what to do. */
int custody_lab_root_needs_passphrase(const struct custody_lab *l, const char *dir, bool *needs, struct custody_error *err) CUSTODY_MUST_USE;

/* What came out. */
struct custody_lab_issued {
	uint64_t crl_number;
	struct custody_time crl_from, crl_until;
	size_t n_revoked; /* on the list */
	/* certify and revoke: the certificate */
	char stem[CUSTODY_LAB_STEM], name[CUSTODY_LIMIT_CERTIFICATE_NAME]; /* its files, its holder */
	uint8_t sha256[32];
	struct custody_time not_after, use_until;
	bool stamping; /* it is one for time-stamping */
	char previous[CUSTODY_LAB_STEM]; /* certify: the key of the same holder that is not used from now on; "" for a first one */
	bool stands; /* revoke: the list could not be written, but the revocation is recorded and comes with the next one. Set on failure too */
	struct custody_time revoked_since; /* revoke: the earlier of now and --since */
};

/*
 * Each: INPUT for a root that is not this lab's or has ended, a wrong passphrase, a state.json older than what trust/ tells (an old copy), a clock before the last
 * list; FORMAT and LIMIT for files that are broken; IO.
 */
int custody_lab_crl(const struct custody_lab_root *root, struct custody_lab_issued *out, struct custody_error *err) CUSTODY_MUST_USE;

struct custody_lab_certify {
	const char *name; /* a new holder's; or, for the next key, that of one there is, or its file name */
	bool stamping;
	const char *key_type; /* NULL: that of the holder's key before, or of the analyst who seals by default */
	const uint8_t *passphrase; /* NULL: the new key is not encrypted */
	size_t passphrase_len;
};
/* USAGE for a name that cannot be taken; INPUT for one whose file name is another holder's, or another kind's. */
int custody_lab_certify(const struct custody_lab_root *root, const struct custody_lab_certify *what, struct custody_lab_issued *out,
	struct custody_error *err) CUSTODY_MUST_USE;

struct custody_lab_revoke {
	const char *certificate; /* a PEM file, or the name of a holder with one certificate that is not revoked */
	int reason;
	bool has_since;
	struct custody_time since; /* since when it may have been misused */
};
/*
 * A revocation is never taken back. One that is there can only be made worse: since an earlier time, or with keyCompromise for another reason. USAGE for a
 * since in the future or before the certificate; INPUT for a certificate that is not known, or one that is revoked already.
 */
int custody_lab_revoke(const struct custody_lab_root *root, const struct custody_lab_revoke *what, struct custody_lab_issued *out,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
