/* SPDX-License-Identifier: Apache-2.0 */
/* A sender's detached signature (crypto/detached.h) as a draft of stated digests (claims-text.md): a person says whose certificate it is before it is taken. */
#ifndef CUSTODY_FORMATS_CLAIMS_SIGNATURE_H
#define CUSTODY_FORMATS_CLAIMS_SIGNATURE_H

#include "libcustody/base/buf.h"
#include "libcustody/crypto/detached.h"

/* A number with its colons or whatever is left out: at most CUSTODY_CLAIMS_SERIAL characters in hexadecimal digits. RFC 5280 4.1.2.2 has 20 bytes; longer ones end with "...". */
#define CUSTODY_CLAIMS_SERIAL 68
char *custody_claims_serial(const struct custody_x509 *x, char out[CUSTODY_CLAIMS_SERIAL]);

/* Of the name of a signature file, the part that names what was signed: "a.zip" of "a.zip.p7s". Its length; 0: the name does not say. */
size_t custody_claims_signed_name(const char *name);

/* It looks like CMS, or is named like it. */
bool custody_claims_is_signature(const char *name, struct custody_bytes file);

/*
 * Appends the line of a draft. of: display form of the signature file's name; sha256: its digest, hexadecimal; path: of what was signed. LIMIT, NOMEM.
 */
int custody_claims_signature_draft(struct custody_buf *out, const char *of, const char *sha256, struct custody_bytes path,
	const struct custody_detached *d, struct custody_error *err) CUSTODY_MUST_USE;

#endif
