/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of owners, from /etc/passwd and /etc/group alone (decisions/0017). The system's own look-up (NSS) would load whatever modules the computer names into the
 * process that will hold a key, may ask a network for each id, and ends the process where memory runs out.
 */
#ifndef CUSTODY_WORK_OWNER_H
#define CUSTODY_WORK_OWNER_H

#include <stdint.h>

#include "libcustody/base/error.h"

struct custody_owners;

#define CUSTODY_OWNERS_USERS "/etc/passwd"
#define CUSTODY_OWNERS_GROUPS "/etc/group"
/* Opens both files, which are those above but for tests; one that cannot be opened names nobody. Gives *out. NOMEM. */
int custody_owners_new(struct custody_owners **out, const char *users, const char *groups, struct custody_error *err) CUSTODY_MUST_USE;
void custody_owners_free(struct custody_owners **o);

/*
 * *name: of the user (group) with that id in its file, borrowed until o is freed or another id was asked for; NULL if there is none that is UTF-8. The first line
 * with the id counts, as for everybody else; lines of more than 16 KiB, and those that speak of NIS, name nobody. NOMEM; IO: the file cannot be read.
 */
int custody_owners_user(struct custody_owners *o, uint32_t uid, const char **name, struct custody_error *err) CUSTODY_MUST_USE;
int custody_owners_group(struct custody_owners *o, uint32_t gid, const char **name, struct custody_error *err) CUSTODY_MUST_USE;
/* The user's full name (first part of the comment field), likewise; "" if the line has none. */
int custody_owners_full_name(struct custody_owners *o, uint32_t uid, const char **name, struct custody_error *err) CUSTODY_MUST_USE;

#endif
