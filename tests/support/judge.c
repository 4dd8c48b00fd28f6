/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/fd.h"

static int fixed_fill(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx;
	(void)err;
	memset(p, 0x5c, n);
	return 0;
}

const struct custody_random judge_random = { fixed_fill, NULL };

static void end(const char *path, const struct custody_error *err)
{
	fprintf(stderr, "%s: %s\n", path, err->text);
	exit(1);
}

void judge_read(const char *path, struct custody_buf *out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(out, (size_t)64 << 20);
	if (custody_fd_slurp(path, (size_t)64 << 20, out, &err))
		end(path, &err);
}

void judge_trust(const char *dir, struct custody_trust *out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_trust_init(out);
	if (strcmp(dir, "-") != 0 && custody_trust_load(out, dir, &err))
		end(dir, &err);
}

struct custody_time judge_time(const char *text)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_time t;

	if (!custody_time_parse(text, strlen(text), false, &t)) {
		custody_fail(&err, CUSTODY_ERR_FORMAT, "not a time");
		end(text, &err);
	}
	return t;
}

struct custody_verify_options judge_options(const struct custody_trust *trust)
{
	struct custody_time t = judge_time(JUDGED_AT);

	return (struct custody_verify_options){ .trust = trust, .evaluated_at = t, .now = t, .random = &judge_random };
}
