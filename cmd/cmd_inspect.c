/* SPDX-License-Identifier: Apache-2.0 */
/* custody inspect: what lies inside received archives, read where no key is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/hashing.h"
#include "cmd/inspect_reader.h"
#include "cmd/options.h"
#include "cmd/terminal.h"
#include "formats/inspect.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/source.h"
#include "libcustody/work/walk.h"

#define OUTPUT ((size_t)16 << 20) /* a record with the longest names, each byte of them escaped; printed at once */

struct inspect {
	struct custody_worker_inspect wanted;
	const struct custody_inspect_writer *writer;
	struct custody_inspect_reader reader;
	struct custody_buf out;
	struct custody_progress progress;
	uint64_t passed_over; /* files below folders that are no archives */
	uint64_t files; /* that were looked at */
	bool said; /* something of one of them is on standard output */
	int exit_code;
	/* of the file under way */
	const char *path;
	bool listed; /* it is said even if it is no archive */
	bool begun, differs, failed;
	struct custody_source source;
	struct custody_source_fd state;
	struct custody_digest_values digests;
	struct custody_inspect_note notes[CUSTODY_INSPECT_ARCHIVE_NOTE_COUNT];
	size_t n_notes;
};

/* ---- the file itself ---- */

/* Its own digests, by this program, which looks at nothing in it. */
static int hash_file(struct inspect *c, struct custody_error *err)
{
	CUSTODY_FREE uint8_t *block = malloc(CUSTODY_LIMIT_BLOCK);
	struct custody_digest d[CUSTODY_DIGEST_COUNT] = { 0 };
	int rc = block ? 0 : custody_fail_nomem(err);
	c->digests = (struct custody_digest_values){ .mask = c->wanted.digests };
	for (int i = 0; i < CUSTODY_DIGEST_COUNT && rc == 0; i++)
		if (c->wanted.digests & CUSTODY_DIGEST_BIT(i))
			rc = custody_digest_new(&d[i], (enum custody_digest_id)i, err) || custody_digest_start(&d[i], err) ? -1 : 0;
	for (uint64_t at = 0; at < c->source.size && rc == 0;) {
		const uint64_t left = c->source.size - at;
		const size_t n = left < CUSTODY_LIMIT_BLOCK ? (size_t)left : CUSTODY_LIMIT_BLOCK;
		rc = custody_source_read(&c->source, at, block, n, err);
		for (int i = 0; i < CUSTODY_DIGEST_COUNT && rc == 0; i++)
			if (c->wanted.digests & CUSTODY_DIGEST_BIT(i))
				rc = custody_digest_update(&d[i], block, n, err);
		if (rc == 0 && custody_environment_interrupted(NULL))
			rc = custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
		at += n;
		custody_progress_update(&c->progress, at, c->source.size);
	}
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++) {
		if ((c->wanted.digests & CUSTODY_DIGEST_BIT(i)) && rc == 0)
			rc = custody_digest_finish(&d[i], c->digests.value[i], err);
		custody_digest_release(&d[i]);
	}
	return rc;
}

/* ---- what the reader says ---- */

static int write_begin(struct inspect *c, const struct custody_inspect_begin *begin, struct custody_error *err)
{
	if (hash_file(c, err)) {
		c->failed = true;
		return -1;
	}
	const struct custody_inspect_file file = { c->path, c->source.size, &c->digests };
	c->begun = c->said = true;
	return c->writer->begin(&c->out, &file, begin, err) || custody_hashing_flush(&c->out, err) ? -1 : 0;
}

static int take_begin(void *ctx, const struct custody_inspect_begin *begin, struct custody_error *err)
{
	struct inspect *c = ctx;
	if (begin->format == CUSTODY_INSPECT_NONE && !c->listed)
		return 0;
	return write_begin(c, begin, err);
}

static int take_member(void *ctx, const struct custody_inspect_member *m, struct custody_error *err)
{
	struct inspect *c = ctx;
	if (!c->begun)
		return 0; /* of what is no archive: the reader has none */
	for (int i = 0; i < CUSTODY_INSPECT_MEMBER_NOTE_COUNT; i++)
		if (m->notes & CUSTODY_INSPECT_BIT(i))
			c->differs |= custody_inspect_member_note_get((enum custody_inspect_member_note)i)->differs;
	if (c->writer->member(&c->out, m, err))
		return -1;
	return c->out.len >= CUSTODY_HASHING_CHUNK ? custody_hashing_flush(&c->out, err) : 0;
}

static int take_note(void *ctx, const struct custody_inspect_note *note, struct custody_error *err)
{
	struct inspect *c = ctx;
	(void)err;
	c->differs |= custody_inspect_archive_note_get(note->id)->differs;
	c->notes[c->n_notes++] = *note; /* each comes once */
	return 0;
}

/* 0: all there is was read. 1: two readings of it differ. 2: something could not be read, nobody knows what. 65: damaged. */
static int exit_of(const struct inspect *c, enum custody_inspect_outcome outcome)
{
	switch (outcome) {
	case CUSTODY_INSPECT_COMPLETE:
	case CUSTODY_INSPECT_NOT_ARCHIVE:
		return c->differs ? CUSTODY_EXIT_INVALID : CUSTODY_EXIT_OK;
	case CUSTODY_INSPECT_BROKEN:
	case CUSTODY_INSPECT_SPOILT:
		return CUSTODY_EXIT_FORMAT;
	case CUSTODY_INSPECT_CHANGED:
		return CUSTODY_EXIT_IO;
	case CUSTODY_INSPECT_PARTLY:
	case CUSTODY_INSPECT_OPAQUE:
	case CUSTODY_INSPECT_TOO_MANY:
	case CUSTODY_INSPECT_TOO_MUCH:
	case CUSTODY_INSPECT_TOO_DENSE:
	case CUSTODY_INSPECT_TOO_SLOW:
	case CUSTODY_INSPECT_TOO_BIG:
	case CUSTODY_INSPECT_NO_READER:
	case CUSTODY_INSPECT_OUTCOMES:
	default:
		return c->differs ? CUSTODY_EXIT_INVALID : CUSTODY_EXIT_INDETERMINATE;
	}
}

/* ---- one file ---- */

static void forget_file(struct inspect *c, const char *path, bool listed)
{
	c->path = path;
	c->listed = listed;
	c->begun = c->differs = c->failed = false;
	c->n_notes = 0;
}

/* hash_fd and reader_fd are the same file, opened twice: they share neither offset nor flags. */
static int look(struct inspect *c, int hash_fd, int reader_fd, struct custody_error *err)
{
	const struct custody_inspect_sink sink = { take_begin, take_member, take_note, c };
	const struct custody_inspect_begin unknown = { CUSTODY_INSPECT_UNKNOWN, CUSTODY_INSPECT_PLAIN, "" };
	struct custody_inspect_end end;
	if (custody_source_open_fd(&c->source, &c->state, hash_fd, err)) {
		c->failed = true;
		return -1;
	}
	if (custody_inspect_reader_look(&c->reader, reader_fd, &c->wanted, &sink, &end, err))
		return -1;
	/* A reader that died before it said what it is has not said that it is none. */
	if (!c->begun && end.outcome != CUSTODY_INSPECT_NOT_ARCHIVE && write_begin(c, &unknown, err))
		return -1;
	int unchanged = custody_source_unchanged(&c->source, err);
	if (unchanged < 0)
		return -1;
	if (!unchanged)
		end.outcome = CUSTODY_INSPECT_CHANGED;
	if (c->begun && (c->writer->end(&c->out, c->notes, c->n_notes, &end, err) || custody_hashing_flush(&c->out, err)))
		return -1;
	c->files++;
	if (!c->begun)
		c->passed_over++;
	c->exit_code = custody_exit_worse(c->exit_code, exit_of(c, end.outcome));
	return 0;
}

/* 0: done, also when this file could not be read, which is said; -1: the run is at its end. */
static int look_at_entry(struct inspect *c, const struct custody_walk_entry *e, struct custody_error *err)
{
	char path[CUSTODY_TERMINAL_NAME];
	CUSTODY_FREE char *name = strndup((const char *)e->path, e->path_len);
	struct stat st;
	int problem = e->problem;
	if (!name)
		return custody_fail_nomem(err);
	custody_display(e->path, e->path_len, path, sizeof(path));
	CUSTODY_CLOSE int hash_fd = problem ? -1 : custody_walk_open(e, &st, &problem);
	CUSTODY_CLOSE int reader_fd = hash_fd < 0 ? -1 : custody_walk_open(e, &st, &problem);
	forget_file(c, name, e->n == 0);
	if (reader_fd < 0) {
		custody_fail_errno(err, problem, "cannot read it");
	} else if (look(c, hash_fd, reader_fd, err) == 0) {
		return 0;
	} else if (!c->failed) {
		return -1;
	}
	if (err->kind == CUSTODY_ERR_INTERRUPTED || err->kind == CUSTODY_ERR_NOMEM)
		return -1;
	/* Nothing of it was printed: a line that is begun is ended, or the run is. */
	c->exit_code = custody_exit_worse(c->exit_code, custody_terminal_error(err, "cannot inspect '%s'", path));
	*err = (struct custody_error)CUSTODY_ERROR_INIT;
	return 0;
}

static void free_walk(struct custody_walk **w)
{
	custody_walk_free(w);
}

/* What is neither file nor folder: an archive may lie behind a link, and nothing else would tell that nobody looked. */
static void note_passed_over(const struct custody_walk_entry *e)
{
	const struct custody_hash_item item = { .outcome = e->kind == CUSTODY_KIND_SYMLINK ? CUSTODY_HASH_SYMLINK : CUSTODY_HASH_SPECIAL,
		.kind = e->kind,
		.path = { e->path, e->path_len },
		.link = { e->link, e->link_len } };
	(void)custody_hashing_explain(&item);
}

static int look_at_argument(struct inspect *c, const char *argument, struct custody_error *err)
{
	CUSTODY_CLEANUP(free_walk) struct custody_walk *w = NULL;
	const struct custody_walk_argument a = { argument, NULL };
	struct custody_walk_entry e;
	int rc;
	if (custody_walk_new(&w, &a, 1, true, err)) {
		if (err->kind != CUSTODY_ERR_INPUT && err->kind != CUSTODY_ERR_IO)
			return -1;
		c->exit_code = custody_exit_worse(c->exit_code, custody_terminal_error(err, "cannot inspect"));
		*err = (struct custody_error)CUSTODY_ERROR_INIT;
		return 0;
	}
	while ((rc = custody_walk_next(w, &e, err)) > 0) {
		if (custody_environment_interrupted(NULL))
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
		/* A folder that can be listed has its files in the walk. What cannot be read is said, of whatever kind. */
		if (e.kind == CUSTODY_KIND_FILE || e.problem) {
			if (look_at_entry(c, &e, err))
				return -1;
		} else if (e.kind != CUSTODY_KIND_DIR) {
			note_passed_over(&e);
		}
	}
	return rc;
}

/* Nothing on standard output would leave open whether anything was looked at. */
static int sum_up(struct inspect *c, struct custody_error *err)
{
	if (c->said)
		return 0;
	if (c->exit_code == CUSTODY_EXIT_OK && c->files == 0)
		c->exit_code = CUSTODY_EXIT_INPUT;
	return c->writer->none(&c->out, c->files, err) || custody_hashing_flush(&c->out, err) ? -1 : 0;
}

static int run(struct inspect *c, const struct custody_operands *operands)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&c->out, OUTPUT);
	custody_progress_begin(&c->progress, "inspect");
	int rc = custody_inspect_reader_start(&c->reader, &err);
	if (rc)
		custody_fail_in(&err, "nothing is looked into without the sandboxed reader");
	if (rc == 0 && c->reader.database < 0)
		custody_terminal_note("libmagic's database is not there: types are not identified");
	for (size_t i = 0; i < operands->n && rc == 0; i++)
		rc = look_at_argument(c, operands->values[i], &err);
	if (rc == 0)
		rc = sum_up(c, &err);
	custody_progress_end(&c->progress);
	custody_inspect_reader_stop(&c->reader);
	custody_buf_release(&c->out);
	if (rc)
		return custody_terminal_error(&err, "%s", "");
	if (c->passed_over > 0)
		custody_terminal_note("%llu %s in folders %s no archive of a kind that is looked into", (unsigned long long)c->passed_over,
			c->passed_over == 1 ? "file" : "files", c->passed_over == 1 ? "is" : "are");
	return c->exit_code;
}

/* ---- the command ---- */

struct words {
	const char *digests, *members, *bytes, *ratio, *seconds;
	bool json, quiet, verbose;
};

static int number(const char *option, const char *text, uint64_t usual, uint64_t *out, struct custody_error *err)
{
	*out = usual;
	return text ? custody_options_number(option, text, 1, INT64_MAX, out, err) : 0;
}

static int understand(const struct words *w, struct inspect *c, struct custody_error *err)
{
	c->wanted = (struct custody_worker_inspect){ .digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_SHA512),
		.ratio_from = CUSTODY_LIMIT_INSPECT_RATIO_FROM };
	if (w->digests && custody_digest_parse_list(w->digests, &c->wanted.digests, err))
		return -1;
	if (number("max-members", w->members, CUSTODY_LIMIT_INSPECT_MEMBERS, &c->wanted.max_members, err) ||
		number("max-bytes", w->bytes, CUSTODY_LIMIT_INSPECT_BYTES, &c->wanted.max_bytes, err) ||
		number("max-ratio", w->ratio, CUSTODY_LIMIT_INSPECT_RATIO, &c->wanted.max_ratio, err) ||
		number("max-seconds", w->seconds, CUSTODY_LIMIT_INSPECT_SECONDS, &c->wanted.seconds, err))
		return -1;
	/* Who sets the ratio means it from the first byte. */
	if (w->ratio)
		c->wanted.ratio_from = 0;
	c->writer = w->json ? &custody_inspect_json : &custody_inspect_text;
	return custody_environment_random.fill(custody_environment_random.ctx, c->wanted.key, sizeof(c->wanted.key), err);
}

int custody_cmd_inspect(int argc, char **argv)
{
	struct words w = { 0 };
	int rc = CUSTODY_EXIT_OK;
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT(
			'd', "digests", "ALGS", &w.digests, "md5,sha1,sha256,sha384,sha512,sha3-256,sha3-512,blake2b (default: sha256,sha512)"),
		CUSTODY_OPTION_TEXT(0, "max-members", "N", &w.members, "end the look at an archive with more members (default: 1000000)"),
		CUSTODY_OPTION_TEXT(0, "max-bytes", "N", &w.bytes, "end it when more bytes come out (default: 1 TiB)"),
		CUSTODY_OPTION_TEXT(0, "max-ratio", "N", &w.ratio, "end it when N times its own size comes out (default: 200, after the first GiB)"),
		CUSTODY_OPTION_TEXT(0, "max-seconds", "N", &w.seconds, "end it after this time (default: 3600)"),
		CUSTODY_OPTION_FLAG(0, "json", &w.json, "print JSON, a line for each archive"),
		CUSTODY_OPTION_FLAG('q', "quiet", &w.quiet, "no notes and no progress"),
		CUSTODY_OPTION_FLAG('v', "verbose", &w.verbose, "more about what is done"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "inspect", "PATH...",
		"Looks into received archives (ZIP, 7z, tar; gzip, bzip2, xz, zstd), one level deep: every member with its digests and type, and "
		"what two readings of\n"
		"the archive disagree on. Of a folder, each archive in it. Nothing is unpacked.",
		options, 1, SIZE_MAX };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	custody_terminal_setup(w.quiet, w.verbose);
	struct inspect c = { .reader = CUSTODY_INSPECT_READER_INIT };
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (understand(&w, &c, &err))
		return custody_terminal_error(&err, "inspect");
	custody_hashing_label(c.wanted.digests, false);
	return run(&c, &operands);
}
