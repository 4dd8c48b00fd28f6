/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/environment.h"
#include "cmd/exposure.h"
#include "cmd/terminal.h"

void custody_session_release(struct custody_session *s)
{
	if (s->has_lab)
		custody_lab_release(&s->lab);
	custody_trust_release(&s->trust);
	free(s->trust_dir);
	*s = (struct custody_session)CUSTODY_SESSION_INIT;
}

/* 1: it is there; 0: it is not. */
static int is_there(const char *path, struct custody_error *err)
{
	struct stat st;
	char shown[CUSTODY_TERMINAL_NAME];

	if (stat(path, &st) == 0)
		return 1;
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	return custody_fail_errno(err, errno, "cannot look for the lab '%s'", custody_display(path, strlen(path), shown, sizeof(shown)));
}

static int open_default(struct custody_session *s, bool required, struct custody_error *err)
{
	CUSTODY_FREE char *dir = NULL;
	char shown[256];
	int there;

	if (custody_environment_default_lab(&dir, err) != 0)
		return -1;
	there = dir ? is_there(dir, err) : 0;
	if (there < 0)
		return -1;
	if (there && custody_lab_open(dir, &s->lab, err))
		return -1;
	s->has_lab = there;
	if (there || !required)
		return 0;
	if (dir)
		custody_fail(err, CUSTODY_ERR_INPUT, "there is no lab '%s'", custody_display(dir, strlen(dir), shown, sizeof(shown)));
	else
		custody_fail(err, CUSTODY_ERR_INPUT, "there is no lab");
	return custody_hint(err, "name one with --lab, or make one with `custody init`");
}

static int warn_of_lab(const struct custody_session *s)
{
	if (s->has_lab) {
		custody_exposure_warn_lab(s->lab.dir);
		custody_exposure_warn_journal(s->lab.dir);
	}
	return 0;
}

int custody_session_open(struct custody_session *s, const char *lab_option, bool required, struct custody_error *err)
{
	if (lab_option) {
		if (custody_lab_open(lab_option, &s->lab, err))
			return -1;
		s->has_lab = true;
		return warn_of_lab(s);
	}
	if (open_default(s, required, err) == 0)
		return warn_of_lab(s);
	if (required || (err->sys_errno != EACCES && err->sys_errno != EPERM))
		return -1;
	/* Nobody named it: another account's home, say, that HOME was left at. Whether that matters, those who need the lab say. */
	s->closed = *err;
	*err = (struct custody_error)CUSTODY_ERROR_INIT;
	return 0;
}

int custody_session_trust(struct custody_session *s, const char *trust_option, struct custody_error *err)
{
	if (trust_option)
		s->trust_dir = strdup(trust_option);
	else if (s->closed.kind != CUSTODY_ERR_NONE)
		return *err = s->closed, -1;
	else if (!s->has_lab)
		return 0;
	else if (asprintf(&s->trust_dir, "%s/trust", s->lab.dir) < 0)
		s->trust_dir = NULL;
	if (!s->trust_dir)
		return custody_fail_nomem(err);
	if (custody_trust_load(&s->trust, s->trust_dir, err))
		return -1;
	if (trust_option)
		custody_exposure_warn_trust(trust_option);
	s->trust.own_lab = !trust_option;
	return 0;
}

int custody_session_journal(const struct custody_session *s, int argc, char *const *argv, const uint8_t *package_sha256, const char *result,
	const char *self_test, struct custody_error *err)
{
	if (s->closed.kind != CUSTODY_ERR_NONE)
		return *err = s->closed, -1;
	if (!s->has_lab)
		return 0;
	struct custody_journal_entry entry = {
		.command = argv[0],
		.arguments = (const char *const *)(argv + 1),
		.n_arguments = (size_t)(argc - 1),
		.package_sha256 = package_sha256,
		.result = result,
		.self_test = self_test,
	};
	if (custody_environment_clock.now(custody_environment_clock.ctx, &entry.time, err))
		return -1;
	return custody_lab_journal(&s->lab, &entry, err);
}
