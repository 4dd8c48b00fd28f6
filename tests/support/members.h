/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a sound sealed package, for tests of what is inside: a naive walk over the local headers, good for stored members only. */
#ifndef CUSTODY_TESTS_MEMBERS_H
#define CUSTODY_TESTS_MEMBERS_H

#include <stdbool.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/verdict/seal.h"

/* The whole file, or an empty buffer. */
void members_read_file(const char *path, struct custody_buf *out);
/* The content of a member; p NULL if there is none of that name. Borrows. */
struct custody_bytes members_find(const struct custody_buf *package, const char *name);

/* What custody_seal_check() wants of a package, with anchors from a folder (NULL: none). Everything is owned. */
struct members_case {
	struct custody_buf package;
	struct custody_trust trust;
	struct custody_seal_input input;
	uint8_t authorities[16][32];
};
/* false if the package or the folder cannot be read. Judged at the fixtures' time, 2026-12-01. */
bool members_open(struct members_case *c, const char *package, const char *trust);
void members_close(struct members_case *c);

#endif
