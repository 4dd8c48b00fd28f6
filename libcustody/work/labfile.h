/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small files of a lab: read whole, replaced whole. A file is written beside its name, synced, renamed over it, and the folder synced; a crash at any point
 * leaves the old bytes or the new ones under the name, never a part of either. All functions take the folder as a descriptor, and `of` ("the lab") for messages.
 */
#ifndef CUSTODY_WORK_LABFILE_H
#define CUSTODY_WORK_LABFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/crypto/trust.h"

/* The regular file dir_fd/path, at most max bytes, into out (initialised here; memory reserved once, so that cleansing it once is enough for a key). st may be
 * NULL. INPUT if it is not there or not a regular file, LIMIT if it is larger. */
int custody_labfile_read(int dir_fd, const char *path, size_t max, const char *of, struct custody_buf *out, struct stat *st,
	struct custody_error *err) CUSTODY_MUST_USE;
/* A private key's file, at most CUSTODY_LIMIT_KEY_FILE bytes: INPUT, with a hint that names dir (where the folder is, for chmod), if others can read or change it. The
 * caller releases out with custody_key_pem_release(). */
int custody_labfile_read_key(
	int dir_fd, const char *path, const char *of, const char *dir, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

/* A file that is written and synced but does not have its name yet. Zeroed: none. */
struct custody_labfile {
	int dir_fd; /* borrowed */
	char temp[280]; /* its name now; "" if there is none to remove */
	const char *name; /* borrowed */
	const char *of; /* borrowed */
};
/* Writes text beside dir_fd/name. What an earlier run left there under the temporary name is removed. */
int custody_labfile_prepare(struct custody_labfile *f, int dir_fd, const char *name, mode_t mode, const struct custody_buf *text, const char *of,
	struct custody_error *err) CUSTODY_MUST_USE;
/* Gives it its name, over what is there, or only if nothing is there (INPUT otherwise). */
int custody_labfile_place(struct custody_labfile *f, bool replace, struct custody_error *err) CUSTODY_MUST_USE;
/* Removes what has no name yet. Safe on a zeroed struct. */
void custody_labfile_abandon(struct custody_labfile *f);
#define CUSTODY_LABFILE_CLEAN CUSTODY_CLEANUP(custody_labfile_abandon)
/* Both steps. */
int custody_labfile_write(int dir_fd, const char *name, mode_t mode, bool replace, const struct custody_buf *text, const char *of,
	struct custody_error *err) CUSTODY_MUST_USE;

/* Appends a certificate or a list in PEM, below lines that say to a person what it is. issuer: in display form. */
int custody_labfile_certificate_text(const struct custody_certificate *c, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;
int custody_labfile_crl_text(const struct custody_crl *crl, const char *issuer, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
