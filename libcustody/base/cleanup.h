/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Automatic cleanup (decisions/0002): CUSTODY_CLEANUP(fn) on a declaration runs fn(&variable) when it goes out of scope, so functions
 * return early and the compiler keeps the promise. Every owning local is initialised where it is declared. custody_steal() hands
 * ownership out. gcc and clang only.
 */
#ifndef CUSTODY_BASE_CLEANUP_H
#define CUSTODY_BASE_CLEANUP_H

#include <stdlib.h>

#define CUSTODY_CLEANUP(fn) __attribute__((cleanup(fn)))

/* Returns *p and sets it to NULL, with p's own type. */
#define custody_steal(p)                         \
	__extension__({                          \
		__typeof__(*(p)) stolen_ = *(p); \
		*(p) = NULL;                     \
		stolen_;                         \
	})

/* The same for a descriptor: returns *fd and sets it to -1. */
static inline int custody_steal_fd(int *fd)
{
	int stolen = *fd;
	*fd = -1;
	return stolen;
}

/* free(*p) for any pointer variable. */
static inline void custody_cleanup_free(void *p)
{
	free(*(void **)p);
}

/* close() of an int descriptor variable >= 0, errno kept. Only for descriptors that were read from: a failed close of a written file is
 * a failed write and goes through custody_output_commit(). */
void custody_cleanup_fd(int *fd);

#define CUSTODY_FREE CUSTODY_CLEANUP(custody_cleanup_free)
#define CUSTODY_CLOSE CUSTODY_CLEANUP(custody_cleanup_fd)

#endif
