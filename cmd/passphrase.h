/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A passphrase: typed at the terminal without echo, or read from a descriptor (--passphrase-fd N), into memory that is locked (not swapped) and left out of
 * dumps where the system allows it, and overwritten on release. Never an argument, never an environment variable.
 */
#ifndef CUSTODY_CMD_PASSPHRASE_H
#define CUSTODY_CMD_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"

struct custody_passphrase {
	uint8_t *text; /* owned, not terminated; NULL: none was given */
	size_t len; /* 1..CUSTODY_LIMIT_PASSPHRASE */
	bool locked; /* the memory could be locked */
};
void custody_passphrase_release(struct custody_passphrase *p); /* safe on a zeroed struct */
#define CUSTODY_PASSPHRASE_CLEAN CUSTODY_CLEANUP(custody_passphrase_release)

/*
 * fd_option: the value of --passphrase-fd, or NULL for the terminal (/dev/tty; INPUT with a hint if there is none). prompt: "passphrase for the keys of 'lab'".
 * twice: typed twice and compared (new keys; not with a descriptor). From a descriptor: up to the first LF or the end. Empty: INPUT.
 */
int custody_passphrase_read(
	struct custody_passphrase *p, const char *fd_option, const char *prompt, bool twice, struct custody_error *err) CUSTODY_MUST_USE;

#endif
