/* SPDX-License-Identifier: Apache-2.0 */
/* Request records as files that a command was given. */
#ifndef CUSTODY_CMD_REQUEST_FILE_H
#define CUSTODY_CMD_REQUEST_FILE_H

#include <stdbool.h>

#include "cmd/options.h"
#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/record/request.h"
#include "libcustody/verdict/verdict.h"

/* Reads a document that a person wrote, or (sealed, if not NULL, is then true) what lies in a package, unverified. */
int custody_request_file_read(const char *path, struct custody_requests *out, bool *sealed, struct custody_error *err) CUSTODY_MUST_USE;
/* A kind by its name; USAGE error that names those there are. */
int custody_request_file_kind(const char *word, enum custody_request_kind *kind, struct custody_error *err) CUSTODY_MUST_USE;
/* A new id: "urn:uuid:..." (45 characters). */
int custody_request_file_id(char out[46], struct custody_error *err) CUSTODY_MUST_USE;
/* All records of these files in the form of a package, appended to out; with them the packages that hold the documents of the request, which must be VALID under trust and
 * of that role (INPUT). Warns of what is missing in the records, or differs: sealed they are all the same. */
int custody_request_files_bind(const struct custody_option_list *files, const struct custody_option_list *documents,
	const struct custody_trust *trust, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

/* A note on stderr for each condition that the sender made, as the request record of a package that was verified states it: whoever has a copy has them too (ADM-10). */
void custody_request_note_conditions(const struct custody_report *r);

#endif
