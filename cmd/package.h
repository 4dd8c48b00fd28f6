/* SPDX-License-Identifier: Apache-2.0 */
/* The package that a command was given. */
#ifndef CUSTODY_CMD_PACKAGE_H
#define CUSTODY_CMD_PACKAGE_H

#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/verdict/verdict.h"
#include "libcustody/work/verify.h"

/*
 * Opens it for reading. Only a regular file has bytes that stay: INPUT for anything else, and for nothing; links are followed. Never waits. Gives a descriptor, or
 * -1 with err.
 */
int custody_package_open(const char *path, struct custody_error *err) CUSTODY_MUST_USE;

/* Anchors that came with the package say nothing: whoever forged it could have put them there (verdict.md rule 1). If trust_dir, the folder that the anchors of the
 * report are from (NULL: there are none), lies in the package's own folder, that is noted in the report; it never has an effect on the verdict. */
int custody_package_note_anchors(const char *path, const char *trust_dir, struct custody_report *report, struct custody_error *err) CUSTODY_MUST_USE;
/* What --expect and --jobs (each may be NULL) ask of a verification: a number copied from a form (64 hexadecimal digits, in groups, in any case, or the text of its
 * QR code: base/nih.h), and threads. USAGE, naming the option. */
int custody_package_question(const char *expect, const char *jobs, struct custody_verify_options *o, struct custody_error *err) CUSTODY_MUST_USE;

/* SHA-256 and size of a file named on the command line, which did not change while it was read. Errors as of custody_package_open(), IO. */
int custody_package_digest(const char *path, uint8_t sha256[32], uint64_t *size, struct custody_error *err) CUSTODY_MUST_USE;

#endif
