/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/watch.h"

#include <stdlib.h>

/* The libraries' functions have no context to keep it in. */
static _Thread_local struct {
	unsigned depth;
	bool failed;
} watch;

void custody_watch_begin(void)
{
	if (watch.depth++ == 0)
		watch.failed = false;
}

bool custody_watch_end(void)
{
	watch.depth--;
	return watch.failed;
}

/* p as an allocation gave it. */
static void *seen(void *p)
{
	if (!p && watch.depth > 0)
		watch.failed = true;
	return p;
}

bool custody_watch_failed(void)
{
	return watch.depth > 0 && watch.failed;
}

void *custody_watch_by(void *(*allocate)(size_t), size_t n)
{
	return custody_watch_failed() ? NULL : seen(allocate(n));
}

void *custody_watch_malloc(size_t n)
{
	return custody_watch_by(malloc, n);
}

void *custody_watch_realloc(void *p, size_t n)
{
	return custody_watch_failed() ? NULL : seen(realloc(p, n));
}
