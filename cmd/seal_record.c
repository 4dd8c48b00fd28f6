/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/seal_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/package.h"
#include "libcustody/base/source.h"
#include "libcustody/work/finish.h"
#include "libcustody/work/record_write.h"

void custody_seal_record_release(struct custody_seal_record *r)
{
	free(r->path);
	*r = (struct custody_seal_record){ .path = NULL };
}

/* Whether something has this name beside the output, or none can: the file system says what is too long, before any evidence is read. */
static int look(const char *path, bool *there, struct custody_error *err)
{
	struct stat st;

	*there = lstat(path, &st) == 0;
	if (*there || errno == ENOENT || errno == ENOTDIR)
		return 0;
	if (errno == ENAMETOOLONG)
		return custody_fail(err, CUSTODY_ERR_INPUT,
			"the name is too long: its custody record, or the package while an authority's time is missing, has a longer one, for which "
			"this file system has no room; shorten it by 20 bytes");
	return custody_fail_errno(err, errno, "cannot look for a custody record beside the output");
}

int custody_seal_record_look(struct custody_seal_record *r, const char *output, struct custody_error *err)
{
	CUSTODY_FREE char *usual = NULL, *other = NULL, *unsealed = NULL;
	bool there;

	if (custody_record_name(output, NULL, &usual, err) || custody_record_name(output, "00000000", &other, err))
		return -1;
	if (asprintf(&unsealed, "%s" CUSTODY_UNSEALED, output) < 0) {
		unsealed = NULL;
		return custody_fail_nomem(err);
	}
	return look(usual, &r->taken, err) || look(other, &there, err) || look(unsealed, &there, err) ? -1 : 0;
}

/* Who writes is who sealed. */
static int fill_actor(const struct custody_signing *s, char *name, size_t size, struct custody_event *e, struct custody_error *err)
{
	if (custody_lab_analyst(s->lab, s->as, name, size, err))
		return -1;
	e->actor = (struct custody_event_party){ .name = name, .organisation = s->lab->organisation, .role = s->lab->role };
	return 0;
}

static int begin(struct custody_seal_record *r, const char *output, const struct custody_seal_result_out *result, struct custody_pen *pen,
	const struct custody_signing *signing, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_record_written_release) struct custody_record_written written;
	CUSTODY_CLEANUP(custody_event_release) struct custody_event e;
	CUSTODY_CLOSE int fd = custody_package_open(output, err);
	char name[CUSTODY_LIMIT_CERTIFICATE_NAME];
	struct custody_source source;
	struct custody_source_fd state;

	custody_record_written_init(&written);
	custody_event_init(&e);
	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err) || fill_actor(signing, name, sizeof(name), &e, err) ||
		custody_pen_try(pen, err))
		return -1;
	const struct custody_record_begin how = {
		.package = &source, .sha256 = result->report.sha256, .size = result->report.size, .uuid = result->uuid, .path = r->path, .pen = pen
	};
	if (custody_record_begin(&how, &e, &written, err))
		return -1;
	memcpy(r->head, written.head, sizeof(r->head));
	return 0;
}

void custody_seal_record_begin(struct custody_seal_record *r, const char *output, const struct custody_seal_result_out *result,
	struct custody_signing *signing, const struct custody_trust *trust, bool level_lt)
{
	struct custody_pen pen = custody_signing_pen(signing, trust, level_lt);

	r->begun = custody_record_name(output, r->taken ? result->uuid : NULL, &r->path, &r->why) == 0 &&
		   begin(r, output, result, &pen, signing, &r->why) == 0;
}

int custody_seal_record_find_sealer(
	const struct custody_seal_result_out *result, struct custody_signing *signing, char holder[CUSTODY_LAB_FILE_NAME], struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_stems_release) struct custody_lab_stems stems = { .n = 0 };
	unsigned generation;

	if (custody_lab_stems(signing->lab, &stems, err))
		return -1;
	for (size_t i = 0; i < stems.n; i++) {
		CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate c = { 0 };

		if (custody_lab_certificate(signing->lab, stems.stem[i], &c, err))
			return -1;
		if (memcmp(c.sha256, result->report.seal.certificate_sha256, 32) != 0)
			continue;
		if (!custody_lab_stem_split(stems.stem[i], holder, &generation))
			break;
		signing->as = holder;
		return 0;
	}
	return custody_fail(err, CUSTODY_ERR_INPUT, "the key that sealed it is not in this lab");
}
