/* SPDX-License-Identifier: Apache-2.0 */
/* Request records as files that a command was given. */
#ifndef CUSTODY_CMD_REQUEST_FILE_H
#define CUSTODY_CMD_REQUEST_FILE_H

#include <stdbool.h>

#include "cmd/options.h"
#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/record/request.h"

/* Reads a document that a person wrote, or (sealed, if not NULL, is then true) what lies in a package, unverified. */
int custody_request_file_read(const char *path, struct custody_requests *out, bool *sealed, struct custody_error *err) CUSTODY_MUST_USE;
/* A kind by its name; USAGE error that names those there are. */
int custody_request_file_kind(const char *word, enum custody_request_kind *kind, struct custody_error *err) CUSTODY_MUST_USE;
/* A new id: "urn:uuid:..." (45 characters). */
int custody_request_file_id(char out[46], struct custody_error *err) CUSTODY_MUST_USE;
/* All records of these files in the form of a package, appended to out. Warns of what is missing in them, or differs: sealed they are all the same. */
int custody_request_files_bind(const struct custody_option_list *files, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
