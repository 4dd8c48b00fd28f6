/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/utf8.h"

#define KEPT 64 /* names kept, each at its id modulo this */
#define LINE 16384 /* bytes of a record; no system writes longer ones for users, and what has no name is still told by its number */

struct owner {
	bool known;
	uint32_t id;
	char *name, *full; /* owned; NULL: there is none */
};

/* One of the two files. */
struct names {
	FILE *file; /* NULL: not there */
	struct owner kept[KEPT];
};

struct custody_owners {
	struct names users, groups;
	char line[LINE];
};

static void names_release(struct names *n)
{
	for (size_t i = 0; i < KEPT; i++) {
		free(n->kept[i].name);
		free(n->kept[i].full);
	}
	if (n->file)
		(void)fclose(n->file); /* read only: nothing to lose */
}

void custody_owners_free(struct custody_owners **o)
{
	if (!*o)
		return;
	names_release(&(*o)->users);
	names_release(&(*o)->groups);
	free(*o);
	*o = NULL;
}

static int names_open(struct names *n, const char *path, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return custody_errno_is_own(errno) ? custody_fail_errno(err, errno, "cannot open '%s'", path) : 0;
	n->file = fdopen(fd, "r");
	if (!n->file)
		return custody_fail_nomem(err);
	(void)custody_steal_fd(&fd);
	return 0;
}

int custody_owners_new(struct custody_owners **out, const char *users, const char *groups, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_owners_free) struct custody_owners *o = calloc(1, sizeof(*o));

	if (!o)
		return custody_fail_nomem(err);
	if (names_open(&o->users, users, err) || names_open(&o->groups, groups, err))
		return -1;
	*out = custody_steal(&o);
	return 0;
}

/* "+" and "-" at the beginning of a name speak of NIS, and are nobody. */
static bool is_name(const char *s)
{
	return s && *s && *s != '+' && *s != '-' && custody_utf8_valid((const uint8_t *)s, strlen(s));
}

/* NULL stays that. */
static int keep(char **out, const char *s, struct custody_error *err)
{
	*out = s ? strdup(s) : NULL;
	return s && !*out ? custody_fail_nomem(err) : 0;
}

/* The comment field's first part. */
static int keep_user(struct owner *o, struct passwd *found, struct custody_error *err)
{
	char *full = found->pw_gecos;

	if (full)
		full[strcspn(full, ",")] = '\0';
	if (keep(&o->name, is_name(found->pw_name) ? found->pw_name : NULL, err))
		return -1;
	return keep(&o->full, full && custody_utf8_valid((const uint8_t *)full, strlen(full)) ? full : "", err);
}

/* The end of the file; a line that is too long is told like one, as what lies behind it cannot be reached. */
static int ended(int error, const char *what, struct custody_error *err)
{
	if (error == ENOMEM)
		return custody_fail_nomem(err);
	return error == ENOENT || error == ERANGE ? 0 : custody_fail_errno(err, error, "cannot read %s", what);
}

static int find_user(struct custody_owners *o, struct owner *out, struct custody_error *err)
{
	struct passwd record, *found = NULL;
	int rc;

	if (fseek(o->users.file, 0, SEEK_SET) != 0)
		return custody_fail_errno(err, errno, "cannot read the list of users");
	while ((rc = fgetpwent_r(o->users.file, &record, o->line, sizeof(o->line), &found)) == 0)
		if (found->pw_uid == out->id && found->pw_name[0] != '+' && found->pw_name[0] != '-')
			return keep_user(out, found, err);
	return ended(rc, "the list of users", err);
}

static int find_group(struct custody_owners *o, struct owner *out, struct custody_error *err)
{
	struct group record, *found = NULL;
	int rc;

	if (fseek(o->groups.file, 0, SEEK_SET) != 0)
		return custody_fail_errno(err, errno, "cannot read the list of groups");
	while ((rc = fgetgrent_r(o->groups.file, &record, o->line, sizeof(o->line), &found)) == 0)
		if (found->gr_gid == out->id && found->gr_name[0] != '+' && found->gr_name[0] != '-')
			return keep(&out->name, is_name(found->gr_name) ? found->gr_name : NULL, err);
	return ended(rc, "the list of groups", err);
}

/* What is kept of an id; looked for if it is not the one that was. */
static int look_up(struct custody_owners *o, struct names *in, uint32_t id,
	int (*find)(struct custody_owners *o, struct owner *out, struct custody_error *err), const struct owner **out, struct custody_error *err)
{
	struct owner *kept = &in->kept[id % KEPT];

	*out = kept;
	if (kept->known && kept->id == id)
		return 0;
	free(kept->name);
	free(kept->full);
	*kept = (struct owner){ .id = id };
	if (in->file && find(o, kept, err))
		return -1;
	kept->known = true;
	return 0;
}

int custody_owners_user(struct custody_owners *o, uint32_t uid, const char **name, struct custody_error *err)
{
	const struct owner *found;

	if (look_up(o, &o->users, uid, find_user, &found, err))
		return -1;
	*name = found->name;
	return 0;
}

int custody_owners_full_name(struct custody_owners *o, uint32_t uid, const char **name, struct custody_error *err)
{
	const struct owner *found;

	if (look_up(o, &o->users, uid, find_user, &found, err))
		return -1;
	*name = found->full ? found->full : "";
	return 0;
}

int custody_owners_group(struct custody_owners *o, uint32_t gid, const char **name, struct custody_error *err)
{
	const struct owner *found;

	if (look_up(o, &o->groups, gid, find_group, &found, err))
		return -1;
	*name = found->name;
	return 0;
}
