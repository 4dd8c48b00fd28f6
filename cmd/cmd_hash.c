/* SPDX-License-Identifier: Apache-2.0 */
/* custody hash: digests of files, as a list. */
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/hashing.h"
#include "cmd/options.h"
#include "cmd/terminal.h"
#include "formats/format.h"

struct hash {
	const struct custody_hash_format *format;
	uint32_t digests;
	size_t workers;
	bool escape; /* stdout is a terminal, and the format writes names as they are */
	struct custody_buf out;
	struct custody_buf shown;
	int exit_code;
	uint64_t files; /* read whole */
};

/* What is to be printed of the records goes through the display form when a terminal would act on it. */
static int print_record(struct hash *h, const struct custody_hash_record *record, struct custody_error *err)
{
	if (!h->escape)
		return h->format->write_record(&h->out, h->digests, record, err);
	custody_buf_clear(&h->shown);
	if (h->format->write_record(&h->shown, h->digests, record, err))
		return -1;
	for (size_t at = 0; at < h->shown.len;) {
		const uint8_t *line = h->shown.data + at, *end = memchr(line, '\n', h->shown.len - at);
		size_t n = end ? (size_t)(end - line) : h->shown.len - at;
		if (custody_display_append(&h->out, line, n, err) || custody_buf_append_byte(&h->out, '\n', err))
			return -1;
		at += n + 1;
	}
	return 0;
}

static int take_item(void *ctx, const struct custody_hash_item *item, struct custody_error *err)
{
	struct hash *h = ctx;
	if (item->outcome != CUSTODY_HASH_READ) {
		h->exit_code = custody_exit_worse(h->exit_code, custody_hashing_explain(item));
		return 0;
	}
	h->files++;
	const struct custody_hash_record record = { .path = item->path, .has_size = true, .size = item->size, .digests = *item->digests };
	if (print_record(h, &record, err)) {
		char shown[CUSTODY_TERMINAL_NAME];
		if (err->kind != CUSTODY_ERR_INPUT)
			return -1;
		/* A name that this format cannot say: the others still can. */
		h->exit_code = custody_exit_worse(h->exit_code,
			custody_terminal_error(err, "cannot list '%s'", custody_display(item->path.p, item->path.n, shown, sizeof(shown))));
		return 0;
	}
	return h->out.len >= CUSTODY_HASHING_CHUNK ? custody_hashing_flush(&h->out, err) : 0;
}

/* ---- the run ---- */

static int hash_operand(struct hash *h, struct custody_hash *work, const char *path, struct custody_error *err)
{
	if (strcmp(path, "-") == 0)
		return custody_hash_descriptor(work, STDIN_FILENO, "-", err);
	struct custody_error refused = CUSTODY_ERROR_INIT;
	int rc = custody_hash_argument(work, path, &refused);
	if (rc < 0) {
		*err = refused;
		return -1;
	}
	if (rc > 0)
		h->exit_code = custody_exit_worse(h->exit_code, custody_terminal_error(&refused, "cannot hash"));
	return 0;
}

static int hash_all(struct hash *h, const struct custody_operands *operands, struct custody_progress *progress, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_hash_free) struct custody_hash *work = NULL;
	const struct custody_hash_options options = {
		.digests = h->digests,
		.workers = h->workers,
		.item = take_item,
		.ctx = h,
		.progress = custody_progress_update,
		.progress_ctx = progress,
		.interrupted = custody_environment_interrupted,
	};
	if (custody_hash_new(&work, &options, err))
		return -1;
	if (h->format->write_head && h->format->write_head(&h->out, h->digests, err))
		return -1;
	for (size_t i = 0; i < operands->n; i++)
		if (hash_operand(h, work, operands->values[i], err))
			return -1;
	return custody_hash_finish(work, err) || custody_hashing_flush(&h->out, err) ? -1 : 0;
}

static int run(struct hash *h, const struct custody_operands *operands)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_progress progress;
	h->escape = h->format != &custody_hash_jsonl && isatty(STDOUT_FILENO);
	custody_buf_init(&h->out, CUSTODY_HASHING_OUTPUT);
	custody_buf_init(&h->shown, CUSTODY_HASHING_OUTPUT);
	custody_hashing_label(h->digests, false);
	custody_progress_begin(&progress, "hash");
	int rc = hash_all(h, operands, &progress, &err);
	custody_progress_end(&progress);
	custody_buf_release(&h->out);
	custody_buf_release(&h->shown);
	if (rc)
		return custody_terminal_error(&err, "cannot go on");
	/* An empty list looks like one that was forgotten. */
	if (h->files == 0 && h->exit_code == CUSTODY_EXIT_OK)
		custody_terminal_note("there is no file: nothing was hashed");
	return h->exit_code;
}

/* ---- the command ---- */

struct words {
	const char *digests, *format, *jobs;
	bool json, quiet, verbose;
};

static int understand(const struct words *w, struct hash *h, struct custody_error *err)
{
	h->digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256);
	if (w->digests && custody_digest_parse_list(w->digests, &h->digests, err))
		return -1;
	if (w->json && w->format)
		return custody_fail(err, CUSTODY_ERR_USAGE, "--json and --format are both given, want one of them");
	h->format = w->json ? &custody_hash_jsonl : (h->digests & (h->digests - 1)) ? &custody_hash_bsd : &custody_hash_sha256sum;
	if (w->format && custody_hash_format_find(w->format, &h->format, err))
		return -1;
	return h->format->check(h->digests, err) || custody_options_jobs(w->jobs, &h->workers, err) ? -1 : 0;
}

/* There is one standard input: a second reading would be the digest of nothing, under the same name. */
static int check_operands(const struct custody_operands *operands, struct custody_error *err)
{
	size_t n = 0;
	for (size_t i = 0; i < operands->n; i++)
		n += strcmp(operands->values[i], "-") == 0;
	return n > 1 ? custody_fail(err, CUSTODY_ERR_USAGE, "'-' is given %zu times, want standard input once", n) : 0;
}

int custody_cmd_hash(int argc, char **argv)
{
	struct words w = { 0 };
	int rc = CUSTODY_EXIT_OK;
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('d', "digests", "ALGS", &w.digests, "md5,sha1,sha256,sha384,sha512,sha3-256,sha3-512,blake2b (default: sha256)"),
		CUSTODY_OPTION_TEXT(
			'f', "format", "FORMAT", &w.format, "sha256sum (default for one digest), bagit, bsd (for several), hashdeep, jsonl"),
		CUSTODY_OPTION_TEXT('j', "jobs", "N", &w.jobs, "threads (default: the processors); the output is the same for every N"),
		CUSTODY_OPTION_FLAG(0, "json", &w.json, "the same as --format jsonl"),
		CUSTODY_OPTION_FLAG('q', "quiet", &w.quiet, "no notes and no progress"),
		CUSTODY_OPTION_FLAG('v', "verbose", &w.verbose, "more about what is done"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "hash", "PATH...",
		"Prints the digests of files, and of all files in folders; every file is read once. '-' is standard input.", options, 1, SIZE_MAX };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	custody_terminal_setup(w.quiet, w.verbose);
	struct hash h = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (understand(&w, &h, &err) || check_operands(&operands, &err))
		return custody_terminal_error(&err, "hash");
	return run(&h, &operands);
}
