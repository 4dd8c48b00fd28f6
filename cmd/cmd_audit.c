/* SPDX-License-Identifier: Apache-2.0 */
/* custody audit: what a hash list says against what is there. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/hashing.h"
#include "cmd/options.h"
#include "cmd/terminal.h"
#include "formats/format.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/work/audit.h"

/* Where names and digests of large lists wait, in unlinked files. */
#define SPOOL_FOLDER "/tmp"

struct audit {
	const char *list;
	const struct custody_hash_format *format; /* given, then found */
	enum custody_digest_id algorithm;
	size_t workers;
	bool json, verbose;
	int spool_fd;
	struct custody_known *known;
	struct custody_audit *work;
	enum custody_audit_names names;
	bool by_length; /* the list's algorithm was taken from a length that several have */
	uint64_t n_printed;
	struct custody_buf out;
	int exit_code;
};

static void release(struct audit *a)
{
	custody_audit_free(&a->work);
	custody_known_free(&a->known);
	custody_buf_release(&a->out);
	custody_cleanup_fd(&a->spool_fd);
}

/* ---- the list ---- */

static int read_fd(void *ctx, uint8_t *p, size_t n, size_t *got, struct custody_error *err)
{
	return custody_fd_read(*(const int *)ctx, p, n, got, "the list", err);
}

static int add_records(struct audit *a, struct custody_hash_reader *r, struct custody_error *err)
{
	struct custody_hash_record record;
	int rc;
	while ((rc = custody_hash_reader_next(r, &record, err)) > 0) {
		const struct custody_known_entry entry = {
			.path = record.path, .has_size = record.has_size, .size = record.size, .digests = record.digests
		};
		if (custody_known_add(a->known, &entry, err))
			return custody_fail_in(err, "line %" PRIu64, r->line);
	}
	if (rc == 0 && custody_known_count(a->known) == 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "line %" PRIu64 ": the end, and no digest before it", r->line + 1);
	return rc;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static int read_list_from(struct audit *a, int fd, struct custody_error *err)
{
	struct custody_hash_reader r = { 0 };
	const char *name = strcmp(a->list, "-") == 0 ? "" : last_part(a->list);
	if (custody_hash_reader_init(&r, a->format, name, a->algorithm, read_fd, &fd, err))
		return -1;
	int rc = add_records(a, &r, err);
	a->format = r.format;
	a->by_length = r.by_length;
	if (r.crlf)
		custody_terminal_note("the lines of the list end with CR LF");
	custody_hash_reader_release(&r);
	return rc;
}

static int read_list(struct audit *a, struct custody_error *err)
{
	if (strcmp(a->list, "-") == 0)
		return read_list_from(a, STDIN_FILENO, err);
	CUSTODY_CLOSE int fd = open(a->list, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return custody_fail(err, CUSTODY_ERR_INPUT, "there is no such file");
	if (fd < 0)
		return custody_fail_errno(err, errno, "cannot open it");
	struct stat st;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return custody_fail(err, CUSTODY_ERR_INPUT, "it is a folder, want a hash list");
	return read_list_from(a, fd, err);
}

/* ---- where names begin ---- */

/* Absolute path of the folder that path is (or, with `of_file`, lies in); NULL if there is no such. Owned. Where it only could not be found out, names would be
 * read in another way, and same files differ: an error. */
static int absolute_folder(const char *path, bool of_file, char **out, struct custody_error *err)
{
	struct stat st;
	const char *slash = strrchr(path, '/');
	CUSTODY_FREE char *folder = NULL;
	char shown[CUSTODY_TERMINAL_NAME];

	errno = 0;
	if (!of_file && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		folder = strdup(path);
	else if (errno == 0 || errno == ENOENT)
		folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	*out = folder ? realpath(folder, NULL) : NULL;
	if (!*out && (errno == ENOMEM || errno == EIO))
		return custody_fail_errno(err, errno, "cannot tell where '%s' lies", custody_display(path, strlen(path), shown, sizeof(shown)));
	return 0;
}

static int begin(struct audit *a, const struct custody_operands *operands, custody_audit_report *report, struct custody_error *err)
{
	CUSTODY_FREE char *list_folder = NULL;
	if (strcmp(a->list, "-") != 0 && absolute_folder(a->list, true, &list_folder, err))
		return -1;
	if (custody_audit_new(&a->work, a->known, a->spool_fd, list_folder, report, a, err))
		return -1;
	for (size_t i = 0; i < operands->n; i++) {
		CUSTODY_FREE char *folder = NULL;
		if (absolute_folder(operands->values[i], false, &folder, err) || custody_audit_argument(a->work, operands->values[i], folder, err))
			return -1;
	}
	if (custody_audit_choose_names(a->work, &a->names, err))
		return -1;
	if (a->names != CUSTODY_NAMES_AS_GIVEN)
		custody_terminal_note("the names of the list are read %s", custody_audit_names_text(a->names));
	return 0;
}

/* ---- results ---- */

static const char *status_text(enum custody_audit_status status)
{
	static const char *const texts[CUSTODY_AUDIT_STATUS_COUNT] = {
		[CUSTODY_AUDIT_MATCHED] = "matched",
		[CUSTODY_AUDIT_CHANGED] = "changed",
		[CUSTODY_AUDIT_MOVED] = "moved",
		[CUSTODY_AUDIT_NEW] = "new",
		[CUSTODY_AUDIT_MISSING] = "missing",
		[CUSTODY_AUDIT_UNREADABLE] = "unreadable",
		[CUSTODY_AUDIT_PASSED_OVER] = "passed-over",
	};
	return texts[status];
}

static int append_digests(struct custody_buf *out, uint32_t digests, const char *between, struct custody_error *err)
{
	const char *before = "";
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (digests & CUSTODY_DIGEST_BIT(id)) {
			if (custody_buf_append_str(out, before, err) ||
				custody_buf_append_str(out, custody_digest_get((enum custody_digest_id)id)->name, err))
				return -1;
			before = between;
		}
	return 0;
}

/* " (sha256 agrees, size differs)": only where the digests of one file contradict each other. */
static int append_contradiction(struct custody_buf *out, const struct custody_known_relation *r, struct custody_error *err)
{
	if (!r->agree || (!r->differ && !r->size_differs))
		return 0;
	if (custody_buf_append_str(out, " (agreeing: ", err) || append_digests(out, r->agree, " ", err) ||
		custody_buf_append_str(out, "; differing: ", err) || append_digests(out, r->differ, " ", err))
		return -1;
	return custody_buf_append_str(out, r->size_differs ? r->differ ? " size)" : "size)" : ")", err);
}

static int print_text(struct audit *a, const struct custody_audit_result *r, struct custody_error *err)
{
	if (custody_buf_append_str(&a->out, status_text(r->status), err) || custody_buf_append_str(&a->out, ": ", err))
		return -1;
	if (r->status == CUSTODY_AUDIT_MOVED &&
		(custody_display_append(&a->out, r->from.p, r->from.n, err) || custody_buf_append_str(&a->out, " -> ", err)))
		return -1;
	return custody_display_append(&a->out, r->path.p, r->path.n, err) || append_contradiction(&a->out, &r->relation, err) ||
			       custody_buf_append_byte(&a->out, '\n', err)
		       ? -1
		       : 0;
}

/* "KEY":"display form", and "KEY_b64" with the bytes where the two differ. */
static int append_json_name(struct custody_buf *out, const char *key, struct custody_bytes name, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown = { .max = CUSTODY_HASHING_OUTPUT };
	if (custody_display_append(&shown, name.p, name.n, err) || custody_buf_printf(out, err, ",\"%s\":", key) ||
		custody_json_append_safe(out, shown.data, shown.len, err))
		return -1;
	if (custody_display_is_exact(name.p, name.n))
		return 0;
	return custody_buf_printf(out, err, ",\"%s_b64\":\"", key) || custody_base64_append(out, name.p, name.n, err) ||
			       custody_buf_append_byte(out, '"', err)
		       ? -1
		       : 0;
}

static int append_json_digests(struct custody_buf *out, const char *key, uint32_t digests, struct custody_error *err)
{
	if (custody_buf_printf(out, err, ",\"%s\":[%s", key, digests ? "\"" : "") || append_digests(out, digests, "\",\"", err))
		return -1;
	return custody_buf_append_str(out, digests ? "\"]" : "]", err);
}

static int print_json(struct audit *a, const struct custody_audit_result *r, struct custody_error *err)
{
	struct custody_buf *out = &a->out;
	if (custody_buf_printf(out, err, "%s{\"status\":\"%s\"", a->n_printed++ ? "," : "", status_text(r->status)) ||
		append_json_name(out, "item", r->path, err))
		return -1;
	if (r->status == CUSTODY_AUDIT_MOVED && append_json_name(out, "from", r->from, err))
		return -1;
	if (r->status == CUSTODY_AUDIT_CHANGED &&
		(append_json_digests(out, "agree", r->relation.agree, err) || append_json_digests(out, "differ", r->relation.differ, err) ||
			custody_buf_printf(out, err, ",\"size_differs\":%s", r->relation.size_differs ? "true" : "false")))
		return -1;
	return custody_buf_append_byte(out, '}', err);
}

static int report(void *ctx, const struct custody_audit_result *r, struct custody_error *err)
{
	struct audit *a = ctx;
	if (r->item)
		a->exit_code = custody_exit_worse(a->exit_code, custody_hashing_explain(r->item));
	if (r->status == CUSTODY_AUDIT_MATCHED && !a->verbose)
		return 0;
	if (a->json ? print_json(a, r, err) : r->item ? 0 : print_text(a, r, err))
		return -1;
	return a->out.len >= CUSTODY_HASHING_CHUNK ? custody_hashing_flush(&a->out, err) : 0;
}

static int print_head(struct audit *a, struct custody_error *err)
{
	if (!a->json)
		return 0;
	struct custody_buf *out = &a->out;
	const struct custody_bytes list = { (const uint8_t *)a->list, strlen(a->list) };
	if (custody_buf_printf(out, err, "{\"schema\":\"custody-audit/1\",\"list\":{\"format\":\"%s\",\"names\":%zu", a->format->name,
		    custody_known_count(a->known)) ||
		append_json_name(out, "path", list, err) || append_json_digests(out, "digests", custody_known_digests(a->known), err))
		return -1;
	return custody_buf_printf(out, err, "},\"names_read\":\"%s\",\"items\":[", custody_audit_names_text(a->names));
}

static bool differs(const struct custody_audit_counts *c)
{
	return c->of[CUSTODY_AUDIT_CHANGED] || c->of[CUSTODY_AUDIT_MOVED] || c->of[CUSTODY_AUDIT_NEW] || c->of[CUSTODY_AUDIT_MISSING];
}

static int print_sum(struct audit *a, const struct custody_audit_counts *c, struct custody_error *err)
{
	if (a->json && custody_buf_append_str(&a->out, "],\"counts\":{", err))
		return -1;
	for (unsigned i = 0; i < CUSTODY_AUDIT_STATUS_COUNT; i++) {
		const char *text = status_text((enum custody_audit_status)i);
		bool optional = i == CUSTODY_AUDIT_UNREADABLE || i == CUSTODY_AUDIT_PASSED_OVER;
		if (a->json ? custody_buf_printf(&a->out, err, "%s\"%s\":%" PRIu64, i ? "," : "", text, c->of[i])
			    : (!optional || c->of[i]) && custody_buf_printf(&a->out, err, "%s%s %" PRIu64, i ? ", " : "", text, c->of[i]))
			return -1;
	}
	if (a->json)
		return custody_buf_printf(&a->out, err, "},\"differs\":%s}\n", differs(c) ? "true" : "false");
	return custody_buf_append_byte(&a->out, '\n', err);
}

/* ---- the run ---- */

static int hash_all(struct audit *a, const struct custody_operands *operands, struct custody_progress *progress, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_hash_free) struct custody_hash *work = NULL;
	const struct custody_hash_options options = {
		.digests = custody_known_digests(a->known),
		.workers = a->workers,
		.item = custody_audit_observe,
		.ctx = a->work,
		.progress = custody_progress_update,
		.progress_ctx = progress,
		.interrupted = custody_environment_interrupted,
	};
	if (custody_hash_new(&work, &options, err))
		return -1;
	for (size_t i = 0; i < operands->n; i++) {
		struct custody_error refused = CUSTODY_ERROR_INIT;
		int rc = custody_hash_argument(work, operands->values[i], &refused);
		/* What is not there is missing; of what only could not be looked at, nothing is known. */
		if (rc < 0 || refused.kind == CUSTODY_ERR_IO) {
			*err = refused;
			return -1;
		}
		if (rc > 0)
			a->exit_code = custody_exit_worse(a->exit_code, custody_terminal_error(&refused, "cannot audit"));
	}
	return custody_hash_finish(work, err);
}

static int compare(struct audit *a, const struct custody_operands *operands, struct custody_progress *progress, struct custody_error *err)
{
	struct custody_audit_counts counts = { { 0 } };
	uint32_t digests = custody_known_digests(a->known), legacy = CUSTODY_DIGEST_BIT(CUSTODY_MD5) | CUSTODY_DIGEST_BIT(CUSTODY_SHA1);
	custody_hashing_label(digests, (digests & ~legacy) == 0);
	if (begin(a, operands, report, err) || print_head(a, err) || hash_all(a, operands, progress, err) ||
		custody_audit_finish(a->work, &counts, err) || print_sum(a, &counts, err) || custody_hashing_flush(&a->out, err))
		return -1;
	if (differs(&counts))
		a->exit_code = custody_exit_worse(a->exit_code, CUSTODY_EXIT_INVALID);
	if (a->by_length && counts.of[CUSTODY_AUDIT_MATCHED] == 0 && counts.of[CUSTODY_AUDIT_CHANGED] > 0)
		custody_terminal_note("the algorithm of the list was taken from the length of its digests; -d names another");
	return 0;
}

static int run(struct audit *a, const struct custody_operands *operands)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_progress progress;
	uint8_t key[16];
	char shown[CUSTODY_TERMINAL_NAME];
	custody_buf_init(&a->out, CUSTODY_HASHING_OUTPUT);
	a->spool_fd = open(SPOOL_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (custody_random_fill(&custody_environment_random, key, sizeof(key), &err) || custody_known_new(&a->known, a->spool_fd, key, &err))
		return custody_terminal_error(&err, "cannot audit");
	if (read_list(a, &err))
		return custody_terminal_error(&err, "cannot use the list '%s'", custody_display(a->list, strlen(a->list), shown, sizeof(shown)));
	custody_progress_begin(&progress, "audit");
	int rc = compare(a, operands, &progress, &err);
	custody_progress_end(&progress);
	return rc ? custody_terminal_error(&err, "cannot go on") : a->exit_code;
}

/* ---- the command ---- */

struct words {
	const char *digest, *format, *jobs;
	bool quiet;
};

static int understand(const struct words *w, struct audit *a, struct custody_error *err)
{
	uint32_t mask = 0;
	if (!a->list)
		return custody_fail(err, CUSTODY_ERR_USAGE, "no list was given, want -k LIST");
	if (w->digest && custody_digest_parse_list(w->digest, &mask, err))
		return -1;
	if (mask & (mask - 1))
		return custody_fail(err, CUSTODY_ERR_USAGE, "several digests were given, want the one of a list that does not name it");
	if (mask)
		a->algorithm = (enum custody_digest_id)__builtin_ctz(mask);
	if (w->format && custody_hash_format_find(w->format, &a->format, err))
		return -1;
	return custody_options_jobs(w->jobs, &a->workers, err);
}

int custody_cmd_audit(int argc, char **argv)
{
	struct words w = { 0 };
	CUSTODY_CLEANUP(release) struct audit a = { .algorithm = CUSTODY_DIGEST_COUNT, .spool_fd = -1 };
	int rc = CUSTODY_EXIT_OK;
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('k', "known", "LIST", &a.list, "the hash list; '-' is standard input"),
		CUSTODY_OPTION_TEXT('f', "format", "FORMAT", &w.format, "of the list: sha256sum, bagit, bsd, hashdeep, jsonl (default: found out)"),
		CUSTODY_OPTION_TEXT('d', "digest", "ALG", &w.digest, "of a list that does not name it (default: by the length of its digests)"),
		CUSTODY_OPTION_TEXT('j', "jobs", "N", &w.jobs, "threads (default: the processors); the output is the same for every N"),
		CUSTODY_OPTION_FLAG(0, "json", &a.json, "print JSON"),
		CUSTODY_OPTION_FLAG('q', "quiet", &w.quiet, "no notes and no progress"),
		CUSTODY_OPTION_FLAG('v', "verbose", &a.verbose, "print what matched, too"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "audit", "PATH...",
		"Compares files with a hash list: what matched, changed, moved, is new or missing. Exit code 1 if anything differs.", options, 1,
		SIZE_MAX };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	custody_terminal_setup(w.quiet, a.verbose);
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (understand(&w, &a, &err))
		return custody_terminal_error(&err, "audit");
	return run(&a, &operands);
}
