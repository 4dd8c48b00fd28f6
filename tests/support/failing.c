/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/failing.h"

#include <errno.h>
#include <string.h>

static int read_or_fail(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	struct failing *f = ctx;

	if (f->reads++ >= f->fail_at)
		return custody_fail_errno(err, EIO, "cannot read");
	if (n > 0)
		memcpy(p, f->p + off, n);
	return 0;
}

void failing_source(struct custody_source *s, struct failing *f, const uint8_t *p, size_t n, uint64_t fail_at)
{
	*f = (struct failing){ p, 0, fail_at };
	*s = (struct custody_source){ .size = n, .read = read_or_fail, .ctx = f };
}
