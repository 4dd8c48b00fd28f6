/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/nomem.h"

#include <errno.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)

bool nomem_available(void)
{
	return false;
}

void nomem_arm(size_t n)
{
	(void)n;
}

bool nomem_disarm(void)
{
	return false;
}

#else

/* glibc's own, under the names that exist for this. */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

static __thread size_t left; /* allocations until the one that fails; 0: none will */
static __thread bool failed;

bool nomem_available(void)
{
	return true;
}

void nomem_arm(size_t n)
{
	failed = false;
	left = n;
}

bool nomem_disarm(void)
{
	left = 0;
	return failed;
}

static bool is_the_one(void)
{
	if (left == 0 || --left > 0)
		return false;
	failed = true;
	errno = ENOMEM;
	return true;
}

/* In the place of libc's for the whole test program and its libraries: a definition in the program comes first, if it is seen. */
#pragma GCC visibility push(default)
void *malloc(size_t n)
{
	return is_the_one() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return is_the_one() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return is_the_one() ? NULL : __libc_realloc(p, n);
}
#pragma GCC visibility pop

#endif
