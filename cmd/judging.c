/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/judging.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/environment.h"
#include "cmd/package.h"
#include "libcustody/work/selftest.h"

void custody_judging_init(struct custody_judging *j, int argc, char **argv)
{
	*j = (struct custody_judging){ .session = CUSTODY_SESSION_INIT, .fd = -1, .argc = argc, .argv = argv };
	custody_report_init(&j->report);
	j->report.local = custody_environment_local;
	j->context.tool = "custody " CUSTODY_VERSION;
	j->context.libraries = custody_environment_libraries(&j->context.n_libraries);
	j->verify.random = &custody_environment_random;
	j->verify.progress = custody_progress_update;
	j->verify.progress_ctx = &j->progress;
	j->verify.interrupted = custody_environment_interrupted;
}

void custody_judging_release(struct custody_judging *j)
{
	custody_session_release(&j->session);
	custody_report_release(&j->report);
	if (j->fd >= 0)
		(void)close(j->fd); /* read only */
}

int custody_judging_check(struct custody_judging *j, struct custody_error *err)
{
	if (custody_package_question(j->expect, j->jobs, &j->verify, err) ||
		custody_environment_clock.now(custody_environment_clock.ctx, &j->verify.now, err))
		return -1;
	j->verify.evaluated_at = j->verify.now;
	return 0;
}

int custody_judging_prepare(struct custody_judging *j, struct custody_error *err)
{
	if (custody_session_open(&j->session, j->lab, false, err) || custody_session_trust(&j->session, j->trust, err))
		return -1;
	j->verify.trust = &j->session.trust;
	j->report.path = strdup(j->package);
	return j->report.path ? 0 : custody_fail_nomem(err);
}

int custody_judging_open(struct custody_judging *j, struct custody_error *err)
{
	j->fd = custody_package_open(j->package, err);
	return j->fd < 0 || custody_source_open_fd(&j->source, &j->state, j->fd, err) ? -1 : 0;
}

int custody_judging_note(struct custody_judging *j, struct custody_error *err)
{
	return custody_package_note_anchors(j->package, j->session.trust_dir, &j->report, err);
}

int custody_judging_verify(struct custody_judging *j, struct custody_error *err)
{
	custody_progress_begin(&j->progress, "verify");
	const int r = custody_verify(&j->source, &j->verify, &j->report, err);
	custody_progress_end(&j->progress);
	return r ? -1 : custody_judging_note(j, err);
}

void custody_judging_journal(struct custody_judging *j, const char *done, const char *failure)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char result[CUSTODY_ERROR_TEXT + 128];
	const char *verdict = custody_verdict_name(j->report.verdict);
	(void)snprintf(
		result, sizeof(result), "%s%s%s%s", verdict ? verdict : "", verdict ? ", " : "", failure ? "failed: " : "", failure ? failure : done);
	const uint8_t *digest = j->report.has_package && verdict ? j->report.sha256 : NULL;
	if (custody_session_journal(&j->session, j->argc, j->argv, digest, result, custody_self_test_state(), &err) == 0)
		return;
	j->report.not_journalled = strdup(err.text);
	custody_terminal_warn("not journalled: %s", err.text);
}
