/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/record_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/fd.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/package/members.h"
#include "libcustody/package/zip.h"

#define PACKAGE_SUFFIX ".asice"

int custody_record_name(const char *package, const char *uuid, char **out, struct custody_error *err)
{
	size_t n = strlen(package), suffix = strlen(PACKAGE_SUFFIX);
	bool cut = n > suffix && strcmp(package + n - suffix, PACKAGE_SUFFIX) == 0 && package[n - suffix - 1] != '/';
	int stem = (int)(cut ? n - suffix : n);

	if (asprintf(out, "%.*s%s%.8s%s", stem, package, uuid ? "." : "", uuid ? uuid : "", CUSTODY_RECORD_SUFFIX) >= 0)
		return 0;
	*out = NULL;
	return custody_fail_nomem(err);
}

void custody_record_written_init(struct custody_record_written *w)
{
	memset(w, 0, sizeof(*w));
	custody_findings_init(&w->findings);
}

void custody_record_written_release(struct custody_record_written *w)
{
	custody_record_view_release(&w->view);
	custody_findings_release(&w->findings);
}

/* ---- whether it holds ---- */

static uint64_t count(const struct custody_findings *f, enum custody_effect effect)
{
	uint64_t n = 0;

	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++)
		if (custody_finding_get((enum custody_finding_id)id)->effect == effect)
			n += f->count[id];
	return n;
}

/* The last finding of that effect: what an event adds is found behind what was there. */
static int refuse_finding(const struct custody_findings *f, enum custody_effect effect, const char *what, struct custody_error *err)
{
	const struct custody_finding *last = NULL;

	for (size_t i = 0; i < f->n; i++)
		if (custody_finding_get(f->list[i].id)->effect == effect)
			last = &f->list[i];
	return custody_fail(err, CUSTODY_ERR_INPUT, "%s: %s%s%s; nothing was written", what,
		last ? custody_finding_get(last->id)->id : "more was found than is kept", last && last->detail ? ": " : "",
		last && last->detail ? last->detail : "");
}

/* As of the latest time that is in it: an authority's clock may be a little ahead of ours. */
static int judge(const struct custody_source *source, const struct custody_pen *pen, struct custody_findings *findings,
	struct custody_record_view *view, struct custody_error *err)
{
	struct custody_record_question question = { .trust = pen->trust, .random = pen->random };

	if (pen->clock->now(pen->clock->ctx, &question.now, err))
		return -1;
	if (custody_time_compare(pen->authorities.latest, question.now) > 0)
		question.now = pen->authorities.latest;
	question.evaluated_at = question.now;
	if (custody_record_judge(source, &question, findings, view, err))
		return -1;
	return findings->out_of_memory ? custody_fail_nomem(err) : 0;
}

/* What stays open; without what B-T does not ask for, that somebody knows of revocation. A finding that was counted and not kept stays open. */
static uint64_t still_open(const struct custody_pen *pen, const struct custody_findings *f)
{
	uint64_t n = count(f, CUSTODY_EFFECT_OPENS);

	for (size_t i = 0; i < f->n && !pen->level_lt; i++)
		n -= custody_record_finding_is(&f->list[i], CUSTODY_FINDING_REVOCATION_UNKNOWN);
	return n;
}

static int check_written(
	const struct custody_pen *pen, const struct custody_findings *before, const struct custody_record_written *w, struct custody_error *err)
{
	static const char what[] = "the record would not hold with this event";
	const struct custody_record_view *v = &w->view;

	if (count(&w->findings, CUSTODY_EFFECT_FAILS) > (before ? count(before, CUSTODY_EFFECT_FAILS) : 0))
		return refuse_finding(&w->findings, CUSTODY_EFFECT_FAILS, what, err);
	if (still_open(pen, &w->findings) > (before ? still_open(pen, before) : 0))
		return refuse_finding(&w->findings, CUSTODY_EFFECT_OPENS, what, err);
	if (!v->whole || v->n != v->record.n || v->n == 0 || !v->results[v->n - 1].arithmetic ||
		(pen->level_lt && (!v->results[v->n - 1].seal_pass || !v->results[v->n - 1].time_pass)))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "the record was read back, and its last event does not hold; nothing was written");
	return 0;
}

/* ---- the file ---- */

/* Written, synced, judged from storage; it has no name yet. */
static int write_checked(struct custody_output *o, const struct custody_record *r, const struct custody_pen *pen,
	const struct custody_findings *before, struct custody_record_written *out, struct custody_error *err)
{
	struct custody_source source;
	struct custody_source_fd state;

	if (custody_record_write(r, o->fd, o->dir_fd, o->path, err) || custody_output_sync(o, err))
		return -1;
	(void)posix_fadvise(o->fd, 0, 0, POSIX_FADV_DONTNEED);
	if (custody_source_open_fd(&source, &state, o->fd, err) || judge(&source, pen, &out->findings, &out->view, err))
		return -1;
	return check_written(pen, before, out, err);
}

static void note_written(const struct custody_record *r, struct custody_record_written *out)
{
	out->seq = r->n;
	memcpy(out->head, custody_record_head(r), 32);
	memcpy(out->uuid, r->sealfile.uuid, sizeof(out->uuid));
}

/* ---- beginning ---- */

static void copies_release(struct custody_buf (*copies)[CUSTODY_RECORD_COPIES])
{
	for (int i = 0; i < CUSTODY_RECORD_COPIES; i++)
		custody_buf_release(&(*copies)[i]);
}

static int copy_seal(const struct custody_record_begin *b, struct custody_record *r, struct custody_error *err)
{
	static const enum custody_member_class members[CUSTODY_RECORD_COPIES] = { CUSTODY_MEMBER_SEAL_FILE, CUSTODY_MEMBER_ASIC_2,
		CUSTODY_MEMBER_SIGNATURE_2 };
	CUSTODY_CLEANUP(copies_release) struct custody_buf copies[CUSTODY_RECORD_COPIES] = { { 0 } };
	struct custody_bytes bytes[CUSTODY_RECORD_COPIES];
	struct custody_zip zip;
	uint8_t key[16];

	if (custody_random_fill(b->pen->random, key, sizeof(key), err) || custody_zip_check(&zip, b->package, key, NULL, NULL, err))
		return -1;
	for (int i = 0; i < CUSTODY_RECORD_COPIES; i++) {
		struct custody_zip_member m;
		int found = custody_zip_find(&zip, custody_member_name(members[i]), &m, err);

		custody_buf_init(&copies[i], (size_t)CUSTODY_LIMIT_SIGNATURE);
		if (found == 0)
			return custody_refuse(err, NULL, "found no '%s', want it", custody_member_name(members[i]));
		if (found < 0 || custody_zip_read_member(&zip, &m, CUSTODY_LIMIT_SIGNATURE, &copies[i], err))
			return -1;
		bytes[i] = custody_buf_bytes(&copies[i]);
	}
	return custody_record_start(r, bytes, err);
}

/* What the first event repeats of the seal. */
static void fill_sealed(const struct custody_record_begin *b, const struct custody_record *r, struct custody_event *e)
{
	const struct custody_sealfile *f = &r->sealfile;

	e->type = CUSTODY_EVENT_SEALED;
	e->type_name = custody_event_get(e->type)->name;
	memcpy(e->package, b->uuid ? b->uuid : f->uuid, sizeof(e->package));
	memcpy(e->package_sha256, b->sha256, 32);
	e->package_size = b->size;
	e->measured = true;
	for (int i = 0; i < 4; i++)
		e->values[i] = (struct custody_event_value){ .present = true };
	memcpy(e->values[0].bytes, f->tree_root, 32);
	e->values[1].count = f->items;
	e->values[2].count = f->bytes;
	e->values[3].count = f->exceptions;
}

int custody_record_begin(
	const struct custody_record_begin *begin, struct custody_event *e, struct custody_record_written *out, struct custody_error *err)
{
	CUSTODY_OUTPUT_CLEAN struct custody_output o = { .dir_fd = -1, .fd = -1 };
	CUSTODY_CLEANUP(custody_record_release) struct custody_record r;

	custody_record_init(&r);
	if (custody_output_open(&o, begin->path, 0666, err) || copy_seal(begin, &r, err))
		return -1;
	fill_sealed(begin, &r, e);
	if (custody_pen_sign(begin->pen, &r, e, err) || write_checked(&o, &r, begin->pen, NULL, out, err) || custody_output_commit(&o, err))
		return -1;
	note_written(&r, out);
	return 0;
}

/* ---- adding ---- */

void custody_record_file_release(struct custody_record_file *f)
{
	custody_record_view_release(&f->view);
	custody_findings_release(&f->findings);
	custody_cleanup_fd(&f->fd);
	free(f->path);
	*f = (struct custody_record_file)CUSTODY_RECORD_FILE_INIT;
}

/* The file under the name is the one that we hold: whoever had the lock before us may have put another in its place. */
static int still_there(const struct custody_record_file *f, struct custody_error *err)
{
	struct stat st;

	if (lstat(f->path, &st) != 0 && errno != ENOENT)
		return custody_fail_errno(err, errno, "cannot look at the custody record");
	if (errno == ENOENT || st.st_dev != (dev_t)f->state.dev || st.st_ino != (ino_t)f->state.ino)
		return custody_fail(err, CUSTODY_ERR_TEMPORARY, "the custody record was replaced while it was opened");
	return 0;
}

static int open_locked(struct custody_record_file *f, const char *path, struct custody_error *err)
{
	f->path = strdup(path);
	if (!f->path)
		return custody_fail_nomem(err);
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	if (f->fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO || errno == ENAMETOOLONG))
		return custody_fail(err, CUSTODY_ERR_INPUT, errno == ENOENT ? "no such file" : "not a regular file, want one");
	if (f->fd < 0)
		return custody_fail_errno(err, errno, "cannot open the custody record");
	if (custody_source_open_fd(&f->source, &f->state, f->fd, err))
		return -1;
	if (flock(f->fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? custody_fail(err, CUSTODY_ERR_TEMPORARY, "another process is writing to it")
					    : custody_fail_errno(err, errno, "cannot lock the custody record");
	errno = 0;
	return still_there(f, err);
}

int custody_record_file_open(struct custody_record_file *f, const char *path, const struct custody_trust *trust, struct custody_time now,
	const struct custody_random *random, struct custody_error *err)
{
	const struct custody_record_question question = { .trust = trust, .evaluated_at = now, .now = now, .random = random };

	custody_findings_init(&f->findings);
	f->trust = trust;
	f->random = random;
	if (open_locked(f, path, err) || custody_record_judge(&f->source, &question, &f->findings, &f->view, err))
		return -1;
	return f->findings.out_of_memory ? custody_fail_nomem(err) : 0;
}

/* The record again, from the same bytes, to be continued: the view is what was judged and stays. */
static int read_again(const struct custody_record_file *f, struct custody_record *r, struct custody_error *err)
{
	uint8_t key[16];

	if (custody_random_fill(f->random, key, sizeof(key), err) || custody_record_read(&f->source, key, r, err))
		return -1;
	int unchanged = custody_source_unchanged(&f->source, err);
	return unchanged < 0 ? -1 : unchanged ? 0 : custody_fail(err, CUSTODY_ERR_TEMPORARY, "the custody record changed while it was read");
}

int custody_record_file_add(struct custody_record_file *f, struct custody_pen *pen, struct custody_event *e, struct custody_record_written *out,
	struct custody_error *err)
{
	CUSTODY_OUTPUT_CLEAN struct custody_output o = { .dir_fd = -1, .fd = -1 };
	CUSTODY_CLEANUP(custody_record_release) struct custody_record r;
	struct stat st;

	custody_record_init(&r);
	if (custody_findings_have(&f->findings, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_FAILS) || !f->view.whole)
		return refuse_finding(&f->findings, CUSTODY_EFFECT_FAILS, "the record does not hold", err);
	if (fstat(f->fd, &st) != 0)
		return custody_fail_errno(err, errno, "cannot look at the custody record");
	if (read_again(f, &r, err) || custody_pen_sign(pen, &r, e, err) || custody_output_open_over(&o, f->path, st.st_mode & 0777, err) ||
		write_checked(&o, &r, pen, &f->findings, out, err) || still_there(f, err) || custody_output_commit(&o, err))
		return -1;
	note_written(&r, out);
	return 0;
}
