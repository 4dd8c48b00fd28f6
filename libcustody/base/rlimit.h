/* SPDX-License-Identifier: Apache-2.0 */
/* A limit on what a process may use, for the processes that are shut in. */
#ifndef CUSTODY_BASE_RLIMIT_H
#define CUSTODY_BASE_RLIMIT_H

#include <stdint.h>
#include <sys/resource.h>

/*
 * Allows `most` of `what` (RLIMIT_...), or what whoever started us allows if that is less: a batch system's limit cannot be raised, and need not be.
 * Returns 0, or -1 with errno. System calls only: may stand between fork and exec.
 */
static inline int custody_rlimit_lower(int what, uint64_t most)
{
	struct rlimit r;

	if (getrlimit((__rlimit_resource_t)what, &r) != 0)
		return -1;
	if (r.rlim_max > most) /* RLIM_INFINITY is the largest of all */
		r.rlim_max = most;
	r.rlim_cur = r.rlim_max;
	return setrlimit((__rlimit_resource_t)what, &r);
}

#endif
