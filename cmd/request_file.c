/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/request_file.h"

#include <stdio.h>
#include <string.h>

#include "cmd/documents_file.h"
#include "cmd/environment.h"
#include "cmd/package.h"
#include "cmd/terminal.h"
#include "formats/report_request.h"
#include "formats/report_row.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/source.h"
#include "libcustody/package/members.h"
#include "libcustody/package/zip.h"

/* What every ZIP file begins with that has a member; no JSON does. */
static const uint8_t zip_start[4] = { 'P', 'K', 3, 4 };

static int read_package(const struct custody_source *source, struct custody_requests *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	const char *name = custody_member_name(CUSTODY_MEMBER_REQUEST);
	struct custody_zip zip;
	struct custody_zip_member m;
	uint8_t key[16];

	custody_buf_init(&text, CUSTODY_LIMIT_REQUEST);
	if (custody_random_fill(&custody_environment_random, key, sizeof(key), err) || custody_zip_check(&zip, source, key, NULL, NULL, err))
		return -1;
	int r = custody_zip_find(&zip, name, &m, err);
	if (r < 0)
		return -1;
	if (r == 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "the package holds no request record");
	if (custody_zip_read_member(&zip, &m, CUSTODY_LIMIT_REQUEST, &text, err) ||
		custody_requests_parse(text.data, text.len, CUSTODY_REQUEST_SEALED, out, err))
		return custody_fail_in(err, "%s", name);
	return 0;
}

int custody_request_file_read(const char *path, struct custody_requests *out, bool *sealed, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = custody_package_open(path, err);
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	struct custody_source_fd state;
	struct custody_source source;
	uint8_t start[sizeof(zip_start)];
	size_t got = 0;

	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err) || custody_fd_pread(fd, 0, start, sizeof(start), &got, path, err))
		return -1;
	if (sealed && got == sizeof(start) && memcmp(start, zip_start, got) == 0) {
		*sealed = true;
		return read_package(&source, out, err);
	}
	custody_buf_init(&text, CUSTODY_LIMIT_REQUEST);
	if (custody_fd_slurp(path, CUSTODY_LIMIT_REQUEST, &text, err))
		return -1;
	return custody_requests_parse(text.data, text.len, CUSTODY_REQUEST_WRITTEN, out, err);
}

/* ---- new records ---- */

int custody_request_file_id(char out[46], struct custody_error *err)
{
	memcpy(out, "urn:uuid:", 9);
	return custody_random_uuid(&custody_environment_random, out + 9, err);
}

int custody_request_file_kind(const char *word, enum custody_request_kind *kind, struct custody_error *err)
{
	struct custody_nearest nearest = { .word = word };
	char shown[128], list[256] = "";

	if (custody_request_kind_find(word, kind))
		return 0;
	for (int i = 0; i < CUSTODY_REQUEST_KINDS; i++) {
		const char *name = custody_request_kind_name((enum custody_request_kind)i);
		size_t n = strlen(list);

		custody_nearest_offer(&nearest, name);
		(void)snprintf(list + n, sizeof(list) - n, "%s%s", i == 0 ? "" : ", ", name);
	}
	custody_fail(err, CUSTODY_ERR_USAGE, "there is no kind '%s'", custody_display(word, strlen(word), shown, sizeof(shown)));
	if (nearest.best)
		return custody_hint(err, "did you mean %s?", nearest.best);
	return custody_hint(err, "%s", list);
}

/* ---- seal --request ---- */

static int count_remark(void *ctx, const struct custody_request_remark *remark, struct custody_error *err)
{
	size_t *missing = ctx;

	(void)err;
	if (remark->level == CUSTODY_REQUEST_MUST)
		(*missing)++;
	else if (remark->level == CUSTODY_REQUEST_NOTICE || remark->matter == CUSTODY_REQUEST_REMINDER)
		custody_terminal_warn("request %zu: %s: %s", remark->request + 1, remark->where, remark->text);
	return 0;
}

static int join_file(const char *path, struct custody_requests *all, struct custody_error *err)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests one = { 0 };
	char name[CUSTODY_TERMINAL_NAME];

	if (custody_request_file_read(path, &one, NULL, err) || custody_requests_join(all, &one, err))
		return custody_fail_in(err, "request '%s'", custody_display(path, strlen(path), name, sizeof(name)));
	return 0;
}

/* Only what is VALID, and was sealed as documents, becomes the documents of a request. */
static int name_documents(const char *path, const struct custody_documents *d, struct custody_requests *all, struct custody_error *err)
{
	char name[CUSTODY_TERMINAL_NAME];

	custody_display(path, strlen(path), name, sizeof(name));
	if (d->verdict != CUSTODY_VERDICT_VALID) {
		custody_fail(err, CUSTODY_ERR_INPUT, "the documents '%s': the package is %s, want one that is VALID", name,
			custody_verdict_name(d->verdict));
		return custody_hint(err, "custody verify says why");
	}
	if (d->role != CUSTODY_ROLE_AUTHORITY_DOCUMENT) {
		custody_fail(err, CUSTODY_ERR_INPUT, "the documents '%s': the package was not sealed as documents of a request", name);
		return custody_hint(err, "seal them with --role authority-document");
	}
	if (custody_requests_add_documents(all, d->sha256, d->n, err))
		return custody_fail_in(err, "the documents '%s'", name);
	return 0;
}

static int bind_documents(
	const struct custody_option_list *files, const struct custody_trust *trust, struct custody_requests *all, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_documents_files_release) struct custody_documents_files documents = { .list = NULL };
	struct custody_verify_options question = {
		.trust = trust, .random = &custody_environment_random, .interrupted = custody_environment_interrupted
	};

	if (files->n == 0)
		return 0;
	if (custody_environment_clock.now(custody_environment_clock.ctx, &question.now, err))
		return -1;
	question.evaluated_at = question.now;
	if (custody_documents_files_judge(files, &question, &documents, err))
		return -1;
	for (size_t i = 0; i < documents.n; i++)
		if (name_documents(files->values[i], &documents.list[i], all, err))
			return -1;
	return 0;
}

int custody_request_files_bind(const struct custody_option_list *files, const struct custody_option_list *documents,
	const struct custody_trust *trust, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests all = { 0 };
	size_t missing = 0;

	for (size_t i = 0; i < files->n; i++)
		if (join_file(files->values[i], &all, err))
			return -1;
	if (all.n == 0)
		return 0;
	if (bind_documents(documents, trust, &all, err))
		return -1;
	if (custody_requests_check(&all, count_remark, &missing, err) || custody_requests_format(&all, out, err))
		return custody_fail_in(err, "the request records together");
	if (missing > 0)
		custody_terminal_warn("the request records are incomplete: %zu missing or wrong (`custody request check` lists them)", missing);
	return 0;
}

/* ---- conditions ---- */

static int note_condition(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf plain = { .max = SIZE_MAX };
	(void)ctx;
	(void)label;
	(void)measured;
	if (custody_report_append_plain(&plain, text, err))
		return -1;
	custody_terminal_note_whole("the sender made a condition, as stated: ", custody_buf_str(&plain));
	return 0;
}

void custody_request_note_conditions(const struct custody_report *r)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	if (custody_report_request_conditions(r, note_condition, NULL, &err))
		custody_terminal_warn("the conditions of the sender cannot be told: %s", err.text);
}
