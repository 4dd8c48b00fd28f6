/* SPDX-License-Identifier: Apache-2.0 */
/* custody receive: first touch. What came, how, when, by whom, and which digest it had before anybody opened it. custody-receive(1). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/hashing.h"
#include "cmd/options.h"
#include "cmd/request_file.h"
#include "cmd/terminal.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/record/request.h"
#include "libcustody/work/walk.h"

struct receive {
	const char *request, *id, *kind, *output, *channel, *source, *tls_name, *tls_sha256, *operator_name, *started, *ended, *save;
	bool quiet;
	char **arguments; /* borrowed */
	struct custody_buf clean; /* the source without secrets */
	uint8_t tls[32];
	char began[CUSTODY_TIME_TEXT], done[CUSTODY_TIME_TEXT]; /* by this computer's clock */
	struct custody_request_receipt *receipts; /* owned, with their paths */
	size_t n, cap;
	int exit_code;
};

static void release(struct receive *c)
{
	for (size_t i = 0; i < c->n; i++)
		free((void *)(uintptr_t)c->receipts[i].path);
	free(c->receipts);
	custody_buf_release(&c->clean);
}

/* The second, as everything else in a request record. */
static int now(char out[CUSTODY_TIME_TEXT], struct custody_error *err)
{
	struct custody_time t;

	if (custody_environment_clock.now(custody_environment_clock.ctx, &t, err))
		return -1;
	t.nsec = 0;
	custody_time_format(t, out);
	return 0;
}

/* ---- receipts ---- */

/* A record holds text: a name that is none stands there as it is shown everywhere else. Owned. */
static int shown_path(const uint8_t *p, size_t n, char **out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = CUSTODY_LIMIT_TEXT_FIELD };

	if (custody_display_append(&text, p, n, err))
		return -1;
	*out = strdup(custody_buf_str(&text));
	return *out ? 0 : custody_fail_nomem(err);
}

static int add_receipt(struct receive *c, const uint8_t *path, size_t n, uint64_t size, const uint8_t sha256[32], struct custody_error *err)
{
	struct custody_request_receipt r = {
		.channel = c->channel,
		.source = c->source ? custody_buf_str(&c->clean) : NULL,
		.tls_name = c->tls_name,
		.tls_sha256 = c->tls_sha256 ? c->tls : NULL,
		.operator_name = c->operator_name,
		.started = c->started ? c->started
			   : c->save  ? c->began
				      : NULL,
		.ended = c->ended  ? c->ended
			 : c->save ? c->done
				   : c->began,
		.size = size,
	};
	char *text = NULL;

	if (c->n == CUSTODY_LIMIT_REQUEST_LIST)
		return custody_fail(
			err, CUSTODY_ERR_LIMIT, "more than %d files, want archives as they came, or the folder packed", CUSTODY_LIMIT_REQUEST_LIST);
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		struct custody_request_receipt *more = reallocarray(c->receipts, cap, sizeof(*more));

		if (!more)
			return custody_fail_nomem(err);
		c->receipts = more;
		c->cap = cap;
	}
	if (shown_path(path, n, &text, err))
		return -1;
	r.path = text;
	memcpy(r.sha256, sha256, 32);
	c->receipts[c->n++] = r;
	return 0;
}

/* The name of an argument as `custody seal` takes it: its last part, of "." and the like that of the folder it is. Owned. */
static int sealed_name(const char *argument, char **out, struct custody_error *err)
{
	size_t n = strlen(argument);

	while (n > 1 && argument[n - 1] == '/')
		n--;
	CUSTODY_FREE char *plain = strndup(argument, n);
	if (!plain)
		return custody_fail_nomem(err);
	const char *slash = strrchr(plain, '/'), *last = slash && slash[1] ? slash + 1 : plain;
	CUSTODY_FREE char *whole = strcmp(last, ".") == 0 || strcmp(last, "..") == 0 ? realpath(argument, NULL) : NULL;

	if (whole)
		last = strrchr(whole, '/') + 1;
	*out = strdup(*last ? last : argument);
	return *out ? 0 : custody_fail_nomem(err);
}

static int take_item(void *ctx, const struct custody_hash_item *item, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf path = { .max = CUSTODY_LIMIT_PATH };
	CUSTODY_FREE char *name = NULL;
	struct receive *c = ctx;

	c->exit_code = custody_exit_worse(c->exit_code, custody_hashing_explain(item));
	if (item->outcome != CUSTODY_HASH_READ)
		return 0;
	if (sealed_name(c->arguments[item->argument], &name, err) || custody_buf_append_str(&path, name, err))
		return -1;
	bool in_folder = item->path.n > strlen(c->arguments[item->argument]);
	if (in_folder &&
		(custody_buf_append_byte(&path, '/', err) || custody_buf_append(&path, item->path.p + item->below, item->path.n - item->below, err)))
		return -1;
	return add_receipt(c, path.data, path.len, item->size, item->digests->value[CUSTODY_SHA256], err);
}

static int receive_paths(struct receive *c, size_t n, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_hash_free) struct custody_hash *work = NULL;
	const struct custody_hash_options options = {
		.digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256), .item = take_item, .ctx = c, .interrupted = custody_environment_interrupted
	};

	if (custody_hash_new(&work, &options, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (custody_hash_argument(work, c->arguments[i], err))
			return -1;
	return custody_hash_finish(work, err);
}

/* ---- --save: the download itself passes through here ---- */

/* The next bytes, as soon as there are some: a slow sender's are on the disk when a signal comes, and a signal ends the wait for more. *got 0: the end. */
static int read_some(uint8_t *block, size_t *got, struct custody_error *err)
{
	for (;;) {
		if (custody_environment_interrupted(NULL))
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
		ssize_t n = read(STDIN_FILENO, block, CUSTODY_LIMIT_BLOCK);
		if (n < 0 && errno != EINTR)
			return custody_fail_errno(err, errno, "cannot read 'standard input'");
		if (n >= 0) {
			*got = (size_t)n;
			return 0;
		}
	}
}

/* What came so far, as it stands in the file. */
struct part {
	struct custody_output out;
	struct custody_digest digest;
	uint64_t size;
	uint8_t sha256[32];
	bool undigested; /* the digest failed, not the file */
};

static void part_release(struct part *p)
{
	custody_digest_release(&p->digest);
	custody_output_abandon(&p->out);
}

/* What the disk took is counted, of a block that it did not take as a whole too: size and digest are those of the file. */
static int save_block(struct part *p, const uint8_t *block, size_t n, const char *name, struct custody_error *err)
{
	struct custody_error unsaid = CUSTODY_ERROR_INIT; /* the first failure is the one to be told */
	int rc = custody_fd_write(p->out.fd, block, n, name, err);
	off_t end = rc ? lseek(p->out.fd, 0, SEEK_CUR) : 0;
	size_t taken = !rc ? n : end > 0 && (uint64_t)end > p->size ? (size_t)((uint64_t)end - p->size) : 0;

	p->size += taken;
	p->undigested = custody_digest_update(&p->digest, block, taken, rc ? &unsaid : err) != 0;
	return rc || p->undigested ? -1 : 0;
}

static int copy_input(struct part *p, const char *name, struct custody_error *err)
{
	CUSTODY_FREE uint8_t *block = malloc(CUSTODY_LIMIT_BLOCK);
	size_t got = 1;

	if (!block)
		return custody_fail_nomem(err);
	while (got > 0)
		if (read_some(block, &got, err) || save_block(p, block, got, name, err))
			return -1;
	return p->size > 0 ? 0 : custody_fail(err, CUSTODY_ERR_INPUT, "standard input was empty: nothing was received");
}

/* A download often works only once: what came of it stays, under a name that says what it is. Returns -1. */
static int keep_part(struct part *p, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = p->out.temp ? p->out.temp : p->out.name;
	char hex[65] = "not known", shown[CUSTODY_TERMINAL_NAME];
	CUSTODY_FREE char *whole = NULL;

	p->out.kept = p->size > 0;
	if (!p->out.kept)
		return -1;
	if (!p->undigested)
		custody_hex_format(p->sha256, 32, hex);
	if (asprintf(&whole, "%.*s%s", slash ? (int)(slash + 1 - path) : 0, path, name) < 0)
		whole = NULL;
	custody_display(whole ? whole : name, strlen(whole ? whole : name), shown, sizeof(shown));
	custody_terminal_warn("what came is kept in '%s': %" PRIu64 " bytes, SHA-256 %s; nothing is recorded", shown, p->size, hex);
	return -1;
}

/* The file alone is not enough: a new name is in its folder. A sync that failed is not tried again; the error that stopped us is the one that is told. */
static void sync_part(struct part *p)
{
	struct custody_error unsaid = CUSTODY_ERROR_INIT;

	if (p->size > 0 && (custody_output_sync(&p->out, &unsaid) || custody_fd_sync_folder(p->out.dir_fd)))
		custody_terminal_warn("it may not be on storage yet: a sync failed");
}

/* The file has its name before anything else is tried: what was received is kept, whatever becomes of the record. */
static int receive_input(struct receive *c, struct custody_error *err)
{
	CUSTODY_CLEANUP(part_release) struct part p = { .out = { .dir_fd = -1, .fd = -1 } };
	struct custody_error unsaid = CUSTODY_ERROR_INIT;
	CUSTODY_FREE char *name = NULL;

	if (sealed_name(c->save, &name, err) || custody_digest_new(&p.digest, CUSTODY_SHA256, err) || custody_digest_start(&p.digest, err) ||
		custody_output_open_kept(&p.out, c->save, 0666, err))
		return -1;
	int rc = copy_input(&p, c->save, err);
	p.undigested = p.undigested || custody_digest_finish(&p.digest, p.sha256, rc ? &unsaid : err);
	if (rc || p.undigested || now(c->done, err)) {
		sync_part(&p);
		return keep_part(&p, c->save);
	}
	if (custody_output_commit(&p.out, err))
		return keep_part(&p, c->save);
	return add_receipt(c, (const uint8_t *)name, strlen(name), p.size, p.sha256, err);
}

/* ---- the record ---- */

static int make_document(const struct receive *c, struct custody_buf *document, struct custody_error *err)
{
	enum custody_request_kind kind;
	char id[46];

	custody_buf_init(document, CUSTODY_LIMIT_REQUEST);
	if (c->request)
		return custody_fd_slurp(c->request, CUSTODY_LIMIT_REQUEST, document, err);
	if (custody_request_file_kind(c->kind, &kind, err) || custody_request_file_id(id, err))
		return -1;
	char date[11];
	snprintf(date, sizeof(date), "%.10s", c->began);
	return custody_request_template(kind, id, date, document, err);
}

/* Whatever could be wrong with the record is found before anything is read: a dry run adds no receipt. */
static int try_document(const struct receive *c, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf document = { 0 };

	return make_document(c, &document, err) || custody_request_receive(&document, c->id, NULL, 0, err) ? custody_fail_in(err, "the record") : 0;
}

static int write_record(struct receive *c, struct custody_output *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf document = { 0 };

	if (make_document(c, &document, err) || custody_request_receive(&document, c->id, c->receipts, c->n, err))
		return custody_fail_in(err, "the record");
	if (!c->output) {
		custody_terminal_print(&document);
		return custody_terminal_flush(err);
	}
	return custody_fd_write(out->fd, document.data, document.len, c->output, err) || custody_output_commit(out, err) ? -1 : 0;
}

/* Of a saved download the digest at least is said. */
static int say_saved(const struct receive *c, struct custody_error *err)
{
	char hex[65], name[CUSTODY_TERMINAL_NAME];

	if (!c->save || c->n == 0)
		return -1;
	custody_hex_format(c->receipts[0].sha256, 32, hex);
	custody_display(c->save, strlen(c->save), name, sizeof(name));
	return custody_fail_in(err, "'%s' is saved, SHA-256 %s, and not recorded", name, hex);
}

/* What was received is never written to: the record lies elsewhere. */
static int refuse_inside(const struct receive *c, size_t n, int dir_fd, struct custody_error *err)
{
	for (size_t i = 0; i < n; i++) {
		CUSTODY_CLEANUP(custody_walk_free) struct custody_walk *walk = NULL;
		const struct custody_walk_argument argument = { .path = c->arguments[i] };

		if (custody_walk_new(&walk, &argument, 1, true, err) || custody_walk_refuse_inside(walk, dir_fd, "the record", err))
			return -1;
	}
	return 0;
}

/* Nothing is recorded unless all of it could be read. */
static int receive(struct receive *c, size_t n, struct custody_error *err)
{
	CUSTODY_OUTPUT_CLEAN struct custody_output out = { .dir_fd = -1, .fd = -1 };

	if (now(c->began, err) || try_document(c, err) ||
		(c->output && (custody_output_open(&out, c->output, 0600, err) || refuse_inside(c, n, out.dir_fd, err))) ||
		(c->save ? receive_input(c, err) : receive_paths(c, n, err)))
		return -1;
	if (c->exit_code != CUSTODY_EXIT_OK)
		return custody_fail(err, CUSTODY_ERR_IO, "not everything could be read; nothing was recorded");
	if (c->n == 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "there is no file: nothing was received");
	return write_record(c, &out, err) ? say_saved(c, err) : 0;
}

/* ---- the command ---- */

static int check_channel(const char *channel, struct custody_error *err)
{
	static const char *const channels[] = { "portal", "sftp", "e-codex", "medium", "mail", "post", "other" };

	for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++)
		if (strcmp(channel, channels[i]) == 0)
			return 0;
	return custody_fail(err, CUSTODY_ERR_USAGE, "--channel is none of portal, sftp, e-codex, medium, mail, post, other");
}

static int check_time(const char *option, const char *text, struct custody_error *err)
{
	struct custody_time t;

	if (!text || custody_time_parse_user(text, &t))
		return 0;
	return custody_fail(err, CUSTODY_ERR_USAGE, "--%s wants a date like 2026-11-24 or a time like 2026-11-24T04:12:09+01:00", option);
}

static bool is_date(const char *text)
{
	return strlen(text) == strlen("2026-11-24");
}

/* Slips of the pen, which nobody can put right once it is sealed. A day begins fourteen hours earlier somewhere than in UTC, and clocks differ. */
static int check_times(const struct receive *c, struct custody_error *err)
{
	const char *const texts[] = { c->started, c->ended }, *const names[] = { "started", "ended" };
	struct custody_time now, t[2];

	if (custody_environment_clock.now(custody_environment_clock.ctx, &now, err))
		return -1;
	for (size_t i = 0; i < 2; i++)
		if (texts[i] && custody_time_parse_user(texts[i], &t[i]) &&
			t[i].sec > now.sec + (is_date(texts[i]) ? 14 * 3600 : CUSTODY_LIMIT_CLOCK_BEHIND))
			return custody_fail(err, CUSTODY_ERR_USAGE, "--%s (%s) lies in the future, by this computer's clock", names[i], texts[i]);
	if (c->started && c->ended && t[0].sec > t[1].sec + (is_date(c->ended) ? 86399 : 0))
		return custody_fail(err, CUSTODY_ERR_USAGE, "--started (%s) lies after --ended (%s)", c->started, c->ended);
	return 0;
}

/* As openssl prints it, with colons, too. */
static int read_fingerprint(struct receive *c, struct custody_error *err)
{
	char hex[65];
	size_t n = 0;

	for (const char *p = c->tls_sha256; p && *p; p++)
		if (*p != ':' && n < sizeof(hex))
			hex[n++] = *p;
	if (!c->tls_sha256 || custody_hex_parse(hex, n, true, c->tls, 32))
		return 0;
	return custody_fail(err, CUSTODY_ERR_USAGE, "--tls-sha256 wants 64 hexadecimal digits: the certificate's SHA-256 fingerprint");
}

static int understand(struct receive *c, size_t operands, struct custody_error *err)
{
	bool cut = false;

	if (c->request ? c->kind != NULL : !c->kind || c->id)
		return custody_fail(err, CUSTODY_ERR_USAGE, "want --request FILE, or --kind KIND for a new record; --id goes with --request");
	if (!c->channel || !c->operator_name || !*c->operator_name)
		return custody_fail(err, CUSTODY_ERR_USAGE, "want --channel and --operator: how it came, and who received it");
	if (c->save ? operands > 0 || c->started || c->ended : operands == 0)
		return custody_fail(
			err, CUSTODY_ERR_USAGE, "want PATHs, or --save FILE without PATH, --started and --ended: standard input is then saved");
	if (c->save && strcmp(c->save, "-") == 0)
		return custody_fail(
			err, CUSTODY_ERR_USAGE, "what is received is saved as a file, and cannot go to standard output: name one (./- is one)");
	custody_options_dash(&c->output);
	if (c->save && !c->output)
		return custody_fail(err, CUSTODY_ERR_USAGE, "--save FILE wants --output for the record");
	if (check_channel(c->channel, err) || check_time("started", c->started, err) || check_time("ended", c->ended, err) || check_times(c, err) ||
		read_fingerprint(c, err))
		return -1;
	custody_buf_init(&c->clean, CUSTODY_LIMIT_TEXT_FIELD);
	if (c->source && custody_request_source(c->source, &c->clean, &cut, err))
		return -1;
	if (cut)
		custody_terminal_note("the source is recorded without user name, parameters, query and fragment: secrets may stand there");
	return 0;
}

int custody_cmd_receive(int argc, char **argv)
{
	CUSTODY_CLEANUP(release) struct receive c = { .exit_code = CUSTODY_EXIT_OK };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	int rc = CUSTODY_EXIT_OK;
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('o', "output", "FILE", &c.output, "write the record there (default: standard output)"),
		CUSTODY_OPTION_TEXT('r', "request", "FILE", &c.request, "the request that is answered: a document of custody request"),
		CUSTODY_OPTION_TEXT(0, "id", "ID", &c.id, "which of its records, if there are several"),
		CUSTODY_OPTION_TEXT('k', "kind", "KIND", &c.kind, "no request is at hand: a new record of this kind (custody request)"),
		CUSTODY_OPTION_TEXT(0, "channel", "CHANNEL", &c.channel, "how it came: portal, sftp, e-codex, medium, mail, post, other"),
		CUSTODY_OPTION_TEXT(0, "source", "SOURCE", &c.source, "from where: a URL (recorded without secrets), a host, a parcel"),
		CUSTODY_OPTION_TEXT(0, "tls-name", "NAME", &c.tls_name, "the server's name as TLS confirmed it"),
		CUSTODY_OPTION_TEXT(0, "tls-sha256", "HEX", &c.tls_sha256, "SHA-256 fingerprint of its certificate"),
		CUSTODY_OPTION_TEXT(0, "operator", "NAME", &c.operator_name, "who received it"),
		CUSTODY_OPTION_TEXT(0, "started", "TIME", &c.started, "when receiving began (default: not given)"),
		CUSTODY_OPTION_TEXT(0, "ended", "TIME", &c.ended, "when it ended (default: now, before anything is read)"),
		CUSTODY_OPTION_TEXT(0, "save", "FILE", &c.save, "receive standard input: save it there, and take both times from the clock"),
		CUSTODY_OPTION_FLAG('q', "quiet", &c.quiet, "no notes"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "receive", "PATH...",
		"Records what was received before anything is opened: how it came, when, by whom, its size and SHA-256.\n"
		"The receipts go into a request record, which custody seal --request binds.",
		options, 0, SIZE_MAX };

	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	custody_terminal_setup(c.quiet, false);
	c.arguments = operands.values;
	if (understand(&c, operands.n, &err))
		return err.kind == CUSTODY_ERR_USAGE ? custody_options_refuse(&usage, "%s", err.text) : custody_terminal_error(&err, "receive");
	if (receive(&c, operands.n, &err))
		return custody_terminal_error(&err, "cannot receive");
	if (c.output)
		custody_terminal_note("seal it now: custody seal --request, with the record just written");
	return c.exit_code;
}
