/* SPDX-License-Identifier: Apache-2.0 */
/* Files with digests that others stated, for `custody seal --claims`. */
#ifndef CUSTODY_CMD_CLAIMS_FILE_H
#define CUSTODY_CMD_CLAIMS_FILE_H

#include "cmd/options.h"
#include "libcustody/work/claims.h"

struct custody_claims_files {
	struct custody_option_list files, unverified; /* lists; signatures, certificates and letters */
	struct custody_option_list by; /* of all of them, or of each in order: lists, then the others */
	const char *format; /* of all of them; NULL: found out for each */
	const char *confirmed_by; /* who compared drafts with what they were read from; NULL: nobody */
	int spool_fd; /* folder of spools, once read; -1: none */
	struct custody_claims *claims; /* owned; NULL: no files */
};
#define CUSTODY_CLAIMS_FILES_INIT { .spool_fd = -1 }
void custody_claims_files_release(struct custody_claims_files *f);

/*
 * Reads all lists into f->claims, and the digests that the provider stated according to the request record (request: custody/request.json in its exact form, n 0: none).
 * Signatures, certificates and letters are only named there, by their digests: nobody verifies them. Notes on stderr what was taken from the look of a list, and warns
 * of what cannot be compared. Errors name the file.
 */
int custody_claims_files_read(struct custody_claims_files *f, struct custody_bytes request, struct custody_error *err) CUSTODY_MUST_USE;

#endif
