/* SPDX-License-Identifier: Apache-2.0 */
/* The installed interface (libcustody/custody.h). It lies here because its report is written by a format. */
#include "libcustody/custody.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "formats/report.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/source.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/work/verify.h"

CUSTODY_API const char *custody_version(void)
{
	return CUSTODY_VERSION;
}

static int fill(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx;
	if (n <= INT32_MAX && RAND_bytes(p, (int)n) == 1)
		return 0;
	return custody_fail(err, CUSTODY_ERR_CRYPTO, "no random bytes");
}

static int verify_path(const char *path, const char *trust_dir, int64_t now, struct custody_report *report, struct custody_error *err)
{
	static const struct custody_random random = { fill, NULL };
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	CUSTODY_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct custody_verify_options options = { .trust = &trust, .evaluated_at = { now, 0 }, .now = { now, 0 }, .random = &random };
	struct custody_source_fd state;
	struct custody_source source;

	custody_trust_init(&trust);
	if (fd < 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "cannot open the package");
	if ((trust_dir && custody_trust_load(&trust, trust_dir, err)) || custody_source_open_fd(&source, &state, fd, err))
		return -1;
	report->path = strdup(path);
	if (!report->path)
		return custody_fail_nomem(err);
	return custody_verify(&source, &options, report, err);
}

static enum custody_answer answer(enum custody_verdict v)
{
	switch (v) {
	case CUSTODY_VERDICT_VALID:
		return CUSTODY_ANSWER_VALID;
	case CUSTODY_VERDICT_INVALID:
		return CUSTODY_ANSWER_INVALID;
	case CUSTODY_VERDICT_INDETERMINATE:
		return CUSTODY_ANSWER_INDETERMINATE;
	case CUSTODY_VERDICT_NONE:
		break;
	}
	return CUSTODY_ANSWER_NONE;
}

static int write_json(const struct custody_report *report, char **out, struct custody_error *err)
{
	static const struct custody_report_context context = { "libcustody " CUSTODY_VERSION, NULL, 0, false, NULL };
	CUSTODY_BUF_CLEAN struct custody_buf json = { 0 };

	custody_buf_init(&json, SIZE_MAX);
	if (custody_report_json(&json, report, &context, err))
		return -1;
	*out = strdup(custody_buf_str(&json));
	return *out ? 0 : custody_fail_nomem(err);
}

CUSTODY_API enum custody_answer custody_verify_file(
	const char *path, const char *trust, int64_t now, char **report_json, char *message, unsigned long message_size)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_report_init(&report);
	if (report_json)
		*report_json = NULL;
	if (message && message_size > 0)
		message[0] = '\0';
	if (verify_path(path, trust, now, &report, &err) || (report_json && write_json(&report, report_json, &err))) {
		if (message && message_size > 0)
			snprintf(message, message_size, "%s", err.text);
		return CUSTODY_ANSWER_NONE;
	}
	return answer(report.verdict);
}
