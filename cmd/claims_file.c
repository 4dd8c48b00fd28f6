/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/claims_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/environment.h"
#include "cmd/terminal.h"
#include "formats/claims_text.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

#define LIST "a list of digests"
#define SPOOL_FOLDER "/tmp"

/* A list while it is read: its digest is that of the very bytes that were read. */
struct input {
	int fd;
	struct custody_digest sha256;
};

static int read_input(void *ctx, uint8_t *p, size_t n, size_t *got, struct custody_error *err)
{
	struct input *in = ctx;

	return custody_fd_read(in->fd, p, n, got, "the list", err) || custody_digest_update(&in->sha256, p, *got, err) ? -1 : 0;
}

static void input_release(struct input *in)
{
	custody_digest_release(&in->sha256);
	if (in->fd >= 0)
		close(in->fd);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

void custody_claims_files_release(struct custody_claims_files *f)
{
	custody_option_list_release(&f->files);
	custody_option_list_release(&f->by);
	custody_option_list_release(&f->unverified);
	custody_claims_free(&f->claims);
	if (f->spool_fd >= 0)
		close(f->spool_fd);
	f->spool_fd = -1;
}

/* want: what it is to be, for messages. */
static int open_file(const char *path, const char *want, struct input *in, struct custody_error *err)
{
	struct stat st;

	in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (in->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return custody_fail(err, CUSTODY_ERR_INPUT, "there is no such file");
	if (in->fd < 0)
		return custody_fail_errno(err, errno, "cannot open it");
	if (fstat(in->fd, &st) != 0)
		return custody_fail_errno(err, errno, "cannot look at it");
	if (!S_ISREG(st.st_mode))
		return custody_fail(err, CUSTODY_ERR_INPUT, "it is no regular file, want %s", want);
	return custody_digest_new(&in->sha256, CUSTODY_SHA256, err) || custody_digest_start(&in->sha256, err) ? -1 : 0;
}

/* Until the end, so that the digest is of the whole file. */
static int add_records(struct custody_claims *claims, struct custody_hash_reader *r, struct custody_error *err)
{
	struct custody_hash_record record;
	uint64_t n = 0;
	int rc;

	while ((rc = custody_hash_reader_next(r, &record, err)) > 0) {
		const struct custody_known_entry entry = {
			.path = record.path, .has_size = record.has_size, .size = record.size, .digests = record.digests
		};
		if (custody_claims_add(claims, &entry, r->line, err))
			return custody_fail_in(err, "line %llu", (unsigned long long)r->line);
		n++;
	}
	if (rc == 0 && n == 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "line %llu: the end, and no digest before it", (unsigned long long)r->line + 1);
	return rc;
}

/*
 * The digest of the file is known only behind its last line, and the list begins with it: so a file is read twice, and must be the same. So are the lines that nobody may have
 * confirmed, wherever they stand in it; drafts may be NULL.
 */
static int digest_file(const char *path, const char *want, uint8_t sha256[32], struct custody_claims_drafts *drafts, struct custody_error *err)
{
	CUSTODY_CLEANUP(input_release) struct input in = { .fd = -1 };
	uint8_t block[65536];
	size_t got = 1;

	if (open_file(path, want, &in, err))
		return -1;
	while (got > 0) {
		if (read_input(&in, block, sizeof(block), &got, err))
			return -1;
		if (drafts)
			custody_claims_drafts_count(drafts, block, got);
	}
	return custody_digest_finish(&in.sha256, sha256, err);
}

/* A draft is taken when a person answers for it: for what a letter means, or for whose certificate it is. */
static int check_drafts(const struct custody_claims_files *f, const struct custody_claims_drafts *drafts, struct custody_claims_source *source,
	struct custody_error *err)
{
	if (drafts->texts + drafts->signatures == 0)
		return 0;
	if (drafts->texts > 0 && drafts->signatures > 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "it has drafts of signatures beside such of a text, want each in a list of its own");
	if (!f->confirmed_by && drafts->signatures > 0) {
		custody_fail(err, CUSTODY_ERR_INPUT,
			"it is a draft that a program read out of a signature, and nobody has confirmed whose certificate it is");
		return custody_hint(
			err, "compare the certificate's SHA-256 with what the sender told you in another way, then --claims-confirmed-by NAME");
	}
	if (!f->confirmed_by) {
		custody_fail(err, CUSTODY_ERR_INPUT, "it is a draft that a program read out of a text, and nobody has confirmed it");
		return custody_hint(err, "compare each line with the text, then --claims-confirmed-by NAME");
	}
	source->format = drafts->signatures > 0 ? CUSTODY_CLAIMS_SIGNATURE : CUSTODY_CLAIMS_DRAFT;
	source->confirmed_by = f->confirmed_by;
	return 0;
}

static int read_records(const struct custody_claims_files *f, struct custody_hash_reader *r, const struct custody_claims_drafts *drafts,
	struct input *in, struct custody_claims_source *source, struct custody_error *err)
{
	uint8_t sha256[32];

	source->format = r->format->name;
	if (check_drafts(f, drafts, source, err))
		return -1;
	if (custody_claims_begin(f->claims, source, err) || add_records(f->claims, r, err) || custody_digest_finish(&in->sha256, sha256, err))
		return -1;
	if (memcmp(sha256, source->sha256, 32) != 0)
		return custody_fail(err, CUSTODY_ERR_IO, "it changed while it was read");
	return 0;
}

/* The name of a file as a text: in display form if it is none. */
static const char *text_of(const char *last, const char *shown)
{
	return custody_utf8_valid((const uint8_t *)last, strlen(last)) ? last : shown;
}

static int read_list(
	const struct custody_claims_files *f, const char *path, const char *by, const struct custody_hash_format *format, struct custody_error *err)
{
	CUSTODY_CLEANUP(input_release) struct input in = { .fd = -1 };
	const char *last = last_part(path);
	char name[CUSTODY_TERMINAL_NAME];
	struct custody_claims_source source = { .by = by };
	struct custody_claims_drafts drafts = { 0 };
	struct custody_hash_reader r = { 0 };

	source.name = text_of(last, custody_display(last, strlen(last), name, sizeof(name)));
	if (digest_file(path, LIST, source.sha256, &drafts, err) || open_file(path, LIST, &in, err))
		return -1;
	if (custody_hash_reader_init(&r, format, last, CUSTODY_DIGEST_COUNT, read_input, &in, err)) {
		if (err->kind == CUSTODY_ERR_FORMAT && !format)
			custody_hint(err, "--claims-format names the format: sha256sum, bagit, bsd, hashdeep or jsonl");
		return -1;
	}
	int rc = read_records(f, &r, &drafts, &in, &source, err);
	if (rc == 0 && r.by_length)
		custody_terminal_note("'%s' does not name its algorithm: it was taken from the length of the digests", name);
	custody_hash_reader_release(&r);
	return rc;
}

/* What is no list is named by its digest; nothing in it is looked at. */
static int name_unverified(const struct custody_claims_files *f, const char *path, const char *by, struct custody_error *err)
{
	const char *last = last_part(path);
	char shown[CUSTODY_TERMINAL_NAME];
	struct custody_claims_source source = { .format = CUSTODY_CLAIMS_UNVERIFIED, .by = by };

	source.name = text_of(last, custody_display(last, strlen(last), shown, sizeof(shown)));
	return digest_file(path, "a signature, a certificate or a letter", source.sha256, NULL, err) || custody_claims_begin(f->claims, &source, err)
		       ? -1
		       : 0;
}

static int check_name(const char *option, const char *name, struct custody_error *err)
{
	size_t n = name ? strlen(name) : 1;

	if (n == 0 || n > CUSTODY_LIMIT_TEXT_FIELD || (name && !custody_utf8_valid((const uint8_t *)name, n)))
		return custody_fail(err, CUSTODY_ERR_USAGE, "--%s wants a name in UTF-8 of at most %zu bytes", option, CUSTODY_LIMIT_TEXT_FIELD);
	return 0;
}

/* Who stated the i-th list. */
static int find_by(const struct custody_claims_files *f, size_t i, const char **by, struct custody_error *err)
{
	*by = f->by.n == 0 ? NULL : f->by.values[f->by.n == 1 ? 0 : i];
	return check_name("claims-by", *by, err);
}

static int new_claims(struct custody_claims_files *f, struct custody_error *err)
{
	f->spool_fd = open(SPOOL_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return custody_claims_new(&f->claims, f->spool_fd, &custody_environment_random, err);
}

static int read_files(struct custody_claims_files *f, struct custody_error *err)
{
	const struct custody_hash_format *format = NULL;
	char shown[CUSTODY_TERMINAL_NAME];

	if (f->format && custody_hash_format_find(f->format, &format, err))
		return -1;
	for (size_t i = 0; i < f->files.n; i++) {
		const char *path = f->files.values[i], *by = NULL;

		if (find_by(f, i, &by, err))
			return -1;
		if (read_list(f, path, by, format, err))
			return custody_fail_in(err, "the stated digests '%s'", custody_display(path, strlen(path), shown, sizeof(shown)));
	}
	for (size_t i = 0; i < f->unverified.n; i++) {
		const char *path = f->unverified.values[i], *by = NULL;

		if (find_by(f, f->files.n + i, &by, err))
			return -1;
		if (name_unverified(f, path, by, err))
			return custody_fail_in(err, "the statement '%s'", custody_display(path, strlen(path), shown, sizeof(shown)));
	}
	return 0;
}

/* A request record without stated digests makes no claims. */
static int add_request(struct custody_claims_files *f, struct custody_bytes request, struct custody_error *err)
{
	size_t skipped = 0;

	if (request.n == 0)
		return 0;
	if ((!f->claims && new_claims(f, err)) || custody_claims_add_request(f->claims, request, &skipped, err))
		return -1;
	if (skipped > 0)
		custody_terminal_warn(
			"%zu of the digests stated in the request records cannot be compared: no known algorithm, or not its digits", skipped);
	if (custody_claims_count(f->claims) == 0)
		custody_claims_free(&f->claims);
	return 0;
}

int custody_claims_files_read(struct custody_claims_files *f, struct custody_bytes request, struct custody_error *err)
{
	size_t all = f->files.n + f->unverified.n;

	if (all == 0 && f->by.n)
		return custody_fail(err, CUSTODY_ERR_USAGE, "--claims-by is about --claims FILE and --claims-unverified FILE");
	if (f->files.n == 0 && (f->format || f->confirmed_by))
		return custody_fail(err, CUSTODY_ERR_USAGE, "--claims-format and --claims-confirmed-by are about --claims FILE");
	if (check_name("claims-confirmed-by", f->confirmed_by, err))
		return -1;
	if (f->by.n > 1 && f->by.n != all)
		return custody_fail(err, CUSTODY_ERR_USAGE, "--claims-by is there %zu times and --claims%s %zu times, want it once, or once for each",
			f->by.n, f->unverified.n > 0 ? " with --claims-unverified" : "", all);
	if (all > 0 && (new_claims(f, err) || read_files(f, err)))
		return -1;
	return add_request(f, request, err);
}
