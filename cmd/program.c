/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/utf8.h"

#define FIRST_FD 3
#define MAX_FDS 4
#define SAFE_FD 16 /* copies are made from here on, so that none is overwritten while they are put in place */

/* The folder of our own file; the kernel's word, not argv[0]. NULL: errno says why. */
static char *own_folder(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	slash = strrchr(path, '/');
	return slash ? strndup(path, (size_t)(slash - path)) : NULL;
}

char *custody_program_find(const char *name, struct custody_error *err)
{
	CUSTODY_FREE char *here = own_folder();
	const char *const folders[] = { here, CUSTODY_LIBEXECDIR };
	char shown[512];

	if (!here) {
		(void)custody_fail_errno(err, errno, "cannot find out where this program lies");
		return NULL;
	}
	for (size_t i = 0; i < 2; i++) {
		CUSTODY_FREE char *path = NULL;

		if (asprintf(&path, "%s/%s", folders[i], name) < 0) {
			path = NULL;
			(void)custody_fail_nomem(err);
			return NULL;
		}
		if (access(path, X_OK) == 0)
			return custody_steal(&path);
	}
	(void)custody_fail(err, CUSTODY_ERR_INTERNAL, "the program '%s' is not there", name);
	(void)custody_hint(err, "it belongs to custody, and lies in '%s' or beside 'custody'",
		custody_display(CUSTODY_LIBEXECDIR, strlen(CUSTODY_LIBEXECDIR), shown, sizeof(shown)));
	return NULL;
}

struct start {
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	bool has_actions, has_attributes;
	int copies[MAX_FDS]; /* -1: none */
};

static void start_release(struct start *s)
{
	if (s->has_actions)
		posix_spawn_file_actions_destroy(&s->actions);
	if (s->has_attributes)
		posix_spawnattr_destroy(&s->attributes);
	for (size_t i = 0; i < MAX_FDS; i++)
		custody_cleanup_fd(&s->copies[i]);
}

/* posix_spawn's functions give the error instead of setting errno. */
static int prepare(struct start *s, const int *fds, size_t n)
{
	sigset_t none, all;
	int e = posix_spawn_file_actions_init(&s->actions);

	if (e != 0)
		return e;
	s->has_actions = true;
	e = posix_spawnattr_init(&s->attributes);
	if (e != 0)
		return e;
	s->has_attributes = true;
	for (size_t i = 0; i < n && e == 0; i++) {
		s->copies[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, SAFE_FD);
		e = s->copies[i] < 0 ? errno : posix_spawn_file_actions_adddup2(&s->actions, s->copies[i], FIRST_FD + (int)i);
	}
	if (e != 0)
		return e;
	sigemptyset(&none);
	sigfillset(&all);
	e = posix_spawnattr_setsigmask(&s->attributes, &none);
	if (e == 0)
		e = posix_spawnattr_setsigdefault(&s->attributes, &all);
	return e != 0 ? e : posix_spawnattr_setflags(&s->attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

int custody_program_start(const char *name, const int *fds, size_t n, pid_t *pid, struct custody_error *err)
{
	CUSTODY_FREE char *path = custody_program_find(name, err);
	CUSTODY_CLEANUP(start_release) struct start s = { .has_actions = false, .copies = { -1, -1, -1, -1 } };
	CUSTODY_FREE char *word = strdup(name);
	char *arguments[] = { word, NULL };
	char shown[512];
	int e;

	if (!path)
		return -1;
	if (!word)
		return custody_fail_nomem(err);
	if (n > MAX_FDS)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "%zu descriptors for '%s'", n, name);
	e = prepare(&s, fds, n);
	if (e == 0)
		e = posix_spawn(pid, path, &s.actions, &s.attributes, arguments, environ);
	return e == 0 ? 0 : custody_fail_errno(err, e, "cannot start '%s'", custody_display(path, strlen(path), shown, sizeof(shown)));
}
