/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify the unstamped file -> probe its authorities -> stamp both signatures -> copy every member, with the stamped signatures -> sync, read back, verify ->
 * name -> remove the unstamped file. Killed anywhere, either that file is still there, or the finished one is, or both.
 */
#include "libcustody/work/finish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/fd.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/cms.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/package/members.h"
#include "libcustody/package/zip.h"
#include "libcustody/work/read_back.h"
#include "libcustody/work/selftest.h"

#define SHOWN 200

struct finish {
	const struct custody_finish_options *o;
	struct custody_seal_result_out *out;
	int fd; /* of the unstamped file */
	struct custody_source source;
	struct custody_source_fd state;
	struct custody_zip zip;
	struct custody_sealfile sealfile;
	struct custody_authorities authorities;
	struct json_t *acquisition; /* owns the texts of urls */
	const char *urls[CUSTODY_LIMIT_TOKENS];
	struct custody_buf stamped[2];
	struct custody_output output;
	char shown[SHOWN]; /* name of the unstamped file */
	const char *phase;
};

static void finish_release(struct finish *f)
{
	custody_cleanup_fd(&f->fd);
	custody_sealfile_release(&f->sealfile);
	custody_json_free(&f->acquisition);
	custody_buf_release(&f->stamped[0]);
	custody_buf_release(&f->stamped[1]);
	custody_output_abandon(&f->output);
}

int custody_finish_name(const char *unsealed, char **out, struct custody_error *err)
{
	size_t n = strlen(unsealed), suffix = strlen(CUSTODY_UNSEALED);
	char shown[SHOWN];

	if (n <= suffix || strcmp(unsealed + n - suffix, CUSTODY_UNSEALED) != 0 || unsealed[n - suffix - 1] == '/')
		return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' is not what seal left: want a name that ends in %s",
			custody_display(unsealed, n, shown, sizeof(shown)), CUSTODY_UNSEALED);
	*out = strndup(unsealed, n - suffix);
	return *out ? 0 : custody_fail_nomem(err);
}

char *custody_finish_command(const char *output, const char *lab, char out[CUSTODY_FINISH_COMMAND])
{
	char folder[150] = "", name[150], path[PATH_MAX + sizeof(CUSTODY_UNSEALED)];

	snprintf(path, sizeof(path), "%s%s", output, CUSTODY_UNSEALED);
	if (lab)
		custody_display_word(lab, folder, sizeof(folder));
	snprintf(out, CUSTODY_FINISH_COMMAND, "custody seal %s%s%s--finish %s", lab ? "--lab " : "", folder, lab ? " " : "",
		custody_display_word(path, name, sizeof(name)));
	return out;
}

int custody_finish_refuse_waiting(const char *output, const char *lab, struct custody_error *err)
{
	CUSTODY_FREE char *path = NULL;
	struct stat st;
	char shown[SHOWN / 2], command[CUSTODY_FINISH_COMMAND];

	if (asprintf(&path, "%s%s", output, CUSTODY_UNSEALED) < 0) {
		path = NULL;
		return custody_fail_nomem(err);
	}
	custody_display(path, strlen(path), shown, sizeof(shown));
	if (lstat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : custody_fail_errno(err, errno, "cannot look for '%s'", shown);
	custody_fail(err, CUSTODY_ERR_INPUT, "'%s' exists already: a package that waits for its time-stamp", shown);
	return custody_hint(err, "finish it with %s, choose another name, or move it away", custody_finish_command(output, lab, command));
}

static void progress(struct finish *f, uint64_t done, uint64_t total)
{
	if (f->o->progress)
		f->o->progress(f->o->ctx, f->phase, done, total);
}

static void verify_progress(void *ctx, uint64_t done, uint64_t total)
{
	progress(ctx, done, total);
}

static bool is_interrupted(void *ctx)
{
	const struct finish *f = ctx;

	return f->o->interrupted && f->o->interrupted(f->o->ctx);
}

/* ---- what is there ---- */

/* What a parser refuses in it makes it an input that cannot be taken. */
static int not_ours(const struct finish *f, struct custody_error *err)
{
	if (err->kind != CUSTODY_ERR_FORMAT && err->kind != CUSTODY_ERR_LIMIT && err->kind != CUSTODY_ERR_INTERNAL)
		return -1;
	err->kind = CUSTODY_ERR_INPUT;
	err->rule = NULL;
	return custody_fail_in(err, "'%s' is not a package that only lacks its time-stamps", f->shown);
}

static int open_unsealed(struct finish *f, struct custody_error *err)
{
	f->fd = open(f->o->unsealed, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (f->fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is not there, or not a file", f->shown);
	if (f->fd < 0)
		return custody_fail_errno(err, errno, "cannot open '%s'", f->shown);
	return custody_source_open_fd(&f->source, &f->state, f->fd, err);
}

static int read_member(struct finish *f, enum custody_member_class c, struct custody_buf *out, struct custody_error *err)
{
	struct custody_zip_member m;
	int r = custody_zip_find(&f->zip, custody_member_name(c), &m, err);

	if (r == 0)
		return custody_refuse(err, NULL, "found no '%s', want it", custody_member_name(c));
	return r < 0 ? -1 : custody_zip_read_member(&f->zip, &m, CUSTODY_LIMIT_ACQUISITION, out, err);
}

/* seal.json, before the whole is verified: which level. It is verified with everything else before it is acted on. */
static int read_sealfile(struct finish *f, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	uint8_t key[16];

	custody_buf_init(&text, (size_t)CUSTODY_LIMIT_SIGNATURE);
	if (custody_random_fill(f->o->random, key, sizeof(key), err))
		return -1;
	if (custody_zip_check(&f->zip, &f->source, key, NULL, NULL, err) || read_member(f, CUSTODY_MEMBER_SEAL_FILE, &text, err) ||
		custody_sealfile_parse(text.data, text.len, &f->sealfile, err))
		return not_ours(f, err);
	return 0;
}

static bool is_listed(const struct finish *f, const uint8_t certificate[32])
{
	for (size_t i = 0; i < f->sealfile.n_authorities; i++)
		if (memcmp(f->sealfile.authorities[i], certificate, 32) == 0)
			return true;
	return false;
}

static struct custody_read_back how(struct finish *f, bool unstamped)
{
	return (struct custody_read_back){
		.trust = f->o->trust,
		.random = f->o->random,
		.clock = f->o->clock,
		.workers = f->o->workers,
		.level_lt = f->sealfile.requires_lt,
		.unstamped = unstamped,
		.latest = f->authorities.latest,
		.progress = verify_progress,
		.interrupted = is_interrupted,
		.ctx = f,
	};
}

/* Everything in it, as it was read back when it was made. */
static int verify_unsealed(struct finish *f, struct custody_error *err)
{
	const struct custody_read_back check = how(f, true);
	struct custody_report report;
	int r;

	f->phase = "verifying";
	custody_report_init(&report);
	r = custody_read_back_source(&f->source, &check, "nothing was changed", &report, err);
	custody_report_release(&report);
	return r ? not_ours(f, err) : 0;
}

/* ---- who stamps ---- */

/* Those given; or those of the command line that sealed, which only a verified package can be asked for; or the lab's. */
static int name_authorities(struct finish *f, struct custody_error *err)
{
	const struct custody_finish_options *o = f->o;
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	size_t n = 0;

	f->authorities = (struct custody_authorities){
		.urls = o->authorities,
		.n = o->n_authorities,
		.transport = o->transport,
		.trust = o->trust,
		.clock = o->clock,
		.random = o->random,
		.level_lt = f->sealfile.requires_lt,
	};
	if (o->n_authorities > 0)
		return 0;
	custody_buf_init(&text, (size_t)CUSTODY_LIMIT_ACQUISITION);
	if (read_member(f, CUSTODY_MEMBER_ACQUISITION, &text, err) ||
		custody_acquisition_options(text.data, text.len, "--tsa", &f->acquisition, f->urls, CUSTODY_LIMIT_TOKENS, &n, err))
		return not_ours(f, err);
	f->authorities.urls = n > 0 ? f->urls : o->usual;
	f->authorities.n = n > 0 ? n : o->n_usual;
	return 0;
}

/* Who was asked is fixed by what was signed: the advice to name another does not hold here. */
static int say_what_helps(struct custody_error *err)
{
	if (!strstr(err->hint, "another authority"))
		return -1;
	return custody_hint(err, "%s",
		err->kind == CUSTODY_ERR_TEMPORARY ? "try again later: only the authorities that the package names can finish it"
						   : "only the authorities that the package names can finish it; or seal the evidence again");
}

/* By which digest the signatures were made: authorities are asked for the same. */
static int read_digest(struct finish *f, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf signature = { 0 };
	struct custody_cms cms;

	custody_buf_init(&signature, (size_t)CUSTODY_LIMIT_SIGNATURE);
	if (read_member(f, CUSTODY_MEMBER_SIGNATURE_1, &signature, err) ||
		custody_cms_parse(custody_buf_bytes(&signature), CUSTODY_CMS_SEAL, &cms, err))
		return not_ours(f, err);
	f->authorities.digest = cms.digest;
	return 0;
}

/* Each one that seal.json lists, and no other. The probe has refused one given twice. */
static int find_authorities(struct finish *f, struct custody_error *err)
{
	struct custody_authorities *a = &f->authorities;
	char shown[SHOWN];

	if (a->n != f->sealfile.n_authorities) {
		custody_fail(err, CUSTODY_ERR_INPUT, "'%s' names %zu time-stamp authorit%s, and %zu are given", f->shown, f->sealfile.n_authorities,
			f->sealfile.n_authorities == 1 ? "y" : "ies", a->n);
		return custody_hint(err, "give the addresses that it was sealed with, each with --tsa URL");
	}
	if (read_digest(f, err))
		return -1;
	if (custody_authorities_probe(a, err))
		return say_what_helps(err);
	for (size_t i = 0; i < a->n; i++) {
		if (is_listed(f, a->certificate[i]))
			continue;
		custody_fail(err, CUSTODY_ERR_INPUT, "authority '%s' stamps with another certificate than those that '%s' names",
			custody_display(a->urls[i], strlen(a->urls[i]), shown, sizeof(shown)), f->shown);
		return custody_hint(err, "give the address that it was sealed with; if the authority has a new certificate, seal the evidence again");
	}
	return 0;
}

/* ---- stamping ---- */

static int stamp(struct finish *f, struct custody_error *err)
{
	static const enum custody_member_class signatures[2] = { CUSTODY_MEMBER_SIGNATURE_1, CUSTODY_MEMBER_SIGNATURE_2 };

	f->phase = "time-stamping";
	progress(f, 0, 0);
	for (size_t i = 0; i < 2; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf unstamped = { 0 };
		bool changed = false;

		custody_buf_init(&unstamped, (size_t)CUSTODY_LIMIT_SIGNATURE);
		if (read_member(f, signatures[i], &unstamped, err))
			return not_ours(f, err);
		if (custody_authorities_stamp(&f->authorities, custody_buf_bytes(&unstamped), &f->stamped[i], &changed, err)) {
			if (custody_authority_failed(err))
				err->kind = CUSTODY_ERR_TEMPORARY; /* it was good a moment ago */
			return say_what_helps(err);
		}
		if (changed)
			return custody_fail(err, CUSTODY_ERR_TEMPORARY, "an authority stamps with another certificate than a moment ago");
	}
	return 0;
}

/* ---- the finished file ---- */

static int copy_content(struct finish *f, struct custody_zip_writer *w, const struct custody_zip_member *m, uint8_t *block, struct custody_error *err)
{
	if (custody_zip_writer_begin(w, m->name, m->size, err))
		return -1;
	for (uint64_t at = 0; at < m->size;) {
		size_t n = m->size - at < CUSTODY_LIMIT_BLOCK ? (size_t)(m->size - at) : CUSTODY_LIMIT_BLOCK;

		if (is_interrupted(f))
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
		if (custody_source_read(&f->source, m->data_offset + at, block, n, err) || custody_zip_writer_write(w, block, n, err))
			return -1;
		at += n;
		progress(f, m->data_offset + at, f->source.size);
	}
	return custody_zip_writer_end(w, err);
}

static int copy_members(struct finish *f, struct custody_zip_writer *w, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_zip_cursor_free) struct custody_zip_cursor *cursor = NULL;
	CUSTODY_FREE uint8_t *block = malloc(CUSTODY_LIMIT_BLOCK);
	struct custody_zip_member m;
	enum custody_digest_id algorithm;
	int r;

	if (!block)
		return custody_fail_nomem(err);
	if (custody_zip_cursor_new(&cursor, &f->zip, err))
		return -1;
	while ((r = custody_zip_cursor_next(cursor, &m, err)) == 1) {
		enum custody_member_class c = custody_member_classify(m.name, m.name_len, &algorithm);
		const struct custody_buf *signature = c == CUSTODY_MEMBER_SIGNATURE_1	? &f->stamped[0]
						      : c == CUSTODY_MEMBER_SIGNATURE_2 ? &f->stamped[1]
											: NULL;

		if (signature ? custody_zip_writer_add(w, m.name, signature->data, signature->len, err) : copy_content(f, w, &m, block, err))
			return -1;
	}
	return r;
}

static int write_finished(struct finish *f, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_zip_writer_free) struct custody_zip_writer *w = NULL;
	uint64_t size;

	f->phase = "copying";
	if (custody_zip_writer_new(&w, f->output.fd, f->output.dir_fd, f->output.path, err) || copy_members(f, w, err))
		return -1;
	return custody_zip_writer_finish(w, &size, err);
}

static int read_back(struct finish *f, struct custody_error *err)
{
	const struct custody_read_back check = how(f, false);

	f->phase = "reading back";
	return custody_read_back(&f->output, &check, &f->out->report, &f->out->read_back_cached, err);
}

/* The finished file has its name: what it was made from may go. If it cannot, that is no failure: it holds nothing that the package does not. */
static void remove_unsealed(const struct finish *f)
{
	struct stat now;

	if (lstat(f->o->unsealed, &now) == 0 && now.st_dev == (dev_t)f->state.dev && now.st_ino == (ino_t)f->state.ino)
		(void)unlink(f->o->unsealed);
}

static void fill_result(struct finish *f)
{
	const struct custody_report *r = &f->out->report;

	f->out->items = r->items;
	f->out->files = r->files;
	f->out->bytes = r->bytes;
	f->out->exceptions = r->exceptions;
	memcpy(f->out->uuid, f->sealfile.uuid, sizeof(f->out->uuid));
}

int custody_finish(const struct custody_finish_options *options, struct custody_seal_result_out *out, bool *level_lt, struct custody_error *err)
{
	CUSTODY_CLEANUP(finish_release) struct finish f = { .o = options, .out = out, .fd = -1, .output = { .dir_fd = -1, .fd = -1 } };
	CUSTODY_FREE char *name = NULL;

	custody_display(options->unsealed, strlen(options->unsealed), f.shown, sizeof(f.shown));
	custody_sealfile_init(&f.sealfile);
	for (size_t i = 0; i < 2; i++)
		custody_buf_init(&f.stamped[i], (size_t)CUSTODY_LIMIT_SIGNATURE);
	if (custody_finish_name(options->unsealed, &name, err) || open_unsealed(&f, err) || custody_self_test(err) || read_sealfile(&f, err) ||
		verify_unsealed(&f, err) || name_authorities(&f, err) || find_authorities(&f, err) ||
		custody_output_open(&f.output, name, 0666, err) || stamp(&f, err) || write_finished(&f, err) || read_back(&f, err) ||
		custody_output_commit(&f.output, err))
		return -1;
	remove_unsealed(&f);
	fill_result(&f);
	*level_lt = f.sealfile.requires_lt;
	return 0;
}
