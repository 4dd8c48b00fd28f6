/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/counterpart.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/environment.h"
#include "cmd/package.h"
#include "cmd/terminal.h"
#include "libcustody/base/nih.h"
#include "libcustody/base/source.h"

/* What is proved wrong in it, in one line. */
static int refuse(const struct custody_findings *f, struct custody_error *err)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct custody_finding_info *info = custody_finding_get(f->list[i].id);

		if (info->effect == CUSTODY_EFFECT_FAILS)
			return custody_fail(
				err, CUSTODY_ERR_INPUT, "it does not hold: %s: %s", info->id, f->list[i].detail ? f->list[i].detail : info->text);
	}
	return custody_fail(err, CUSTODY_ERR_INPUT, "it does not hold");
}

static int read_copy(const char *path, const struct custody_record_question *question, struct custody_record_view *view, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings;
	CUSTODY_CLOSE int fd = custody_package_open(path, err);
	struct custody_source source;
	struct custody_source_fd state;

	custody_findings_init(&findings);
	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err) || custody_record_judge(&source, question, &findings, view, err))
		return -1;
	if (findings.out_of_memory)
		return custody_fail_nomem(err);
	return !view->whole || custody_findings_have(&findings, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_FAILS) ? refuse(&findings, err) : 0;
}

/* A file is no witness of itself. */
static int refuse_same(const char *path, const char *record, struct custody_error *err)
{
	struct stat a, b;

	if (stat(path, &a) == 0 && stat(record, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return custody_fail(err, CUSTODY_ERR_INPUT, "it is the record itself, want the copy that the other party kept");
	return 0;
}

int custody_counterpart_read(const char *path, const char *record, const struct custody_trust *trust, struct custody_time now,
	struct custody_record_view *view, struct custody_error *err)
{
	const struct custody_record_question question = { .trust = trust, .evaluated_at = now, .now = now, .random = &custody_environment_random };
	char shown[CUSTODY_TERMINAL_NAME];

	if (refuse_same(path, record, err) || read_copy(path, &question, view, err))
		return custody_fail_in(err, "the counterpart's copy '%s'", custody_display(path, strlen(path), shown, sizeof(shown)));
	return 0;
}

int custody_counterpart_heads(const struct custody_option_list *given, uint8_t (**heads)[32], struct custody_error *err)
{
	CUSTODY_FREE uint8_t(*list)[32] = calloc(given->n + 1, sizeof(*list));

	if (!list)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < given->n; i++)
		if (!custody_nih_parse(given->values[i], list[i]))
			return custody_fail(err, CUSTODY_ERR_USAGE, "--head wants the head of a custody record: 64 hexadecimal digits");
	*heads = list;
	list = NULL;
	return 0;
}
