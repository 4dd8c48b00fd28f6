/* SPDX-License-Identifier: Apache-2.0 */
/* Which names items and members may have: design/sealed-package.md, "Names". */
#ifndef CUSTODY_PACKAGE_NAMES_H
#define CUSTODY_PACKAGE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/set.h"

/* The writer's rule: path (raw, relative, parts by '/') may be a member name below data/ as it is. Collisions are another question. */
bool custody_name_is_plain(const uint8_t *path, size_t n);

/* The reader's rule for a whole member name; NULL if it holds, else what is wrong (static text). */
const char *custody_name_member_problem(const uint8_t *name, size_t n);

/* The alias of item n: "data/_names/" and at least 6 digits. out holds CUSTODY_NAME_ALIAS bytes. */
#define CUSTODY_NAME_ALIAS 40
void custody_name_alias(uint64_t n, char *out);

/* The names given so far by a sealer (files and the folders they imply), by NFC and case folding part by part. */
struct custody_names {
	struct custody_set set;
	struct custody_buf folded; /* scratch */
};
void custody_names_init(struct custody_names *s, const uint8_t key[16]);
void custody_names_release(struct custody_names *s);
/*
 * Decides the member name of the file item n with this path: "data/" + path if it is plain and free, else the alias. The name is appended to out
 * (cleared first); *aliased says which. A plain name is then taken. Not free: equal to an earlier file or folder, or below an earlier file.
 */
int custody_names_assign(struct custody_names *s, const uint8_t *path, size_t path_len, uint64_t n, struct custody_buf *out, bool *aliased,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
