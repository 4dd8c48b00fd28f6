/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the worker may do once it is shut in: compute, take memory up to a limit, read descriptors that were handed to it, and speak on one socket. Nothing else: no
 * file, no network, no process, no signal, no new code. Each layer is enough for most of it; Landlock is left out where the kernel has none, seccomp never.
 */
#ifndef CUSTODY_CMD_WORKER_SANDBOX_H
#define CUSTODY_CMD_WORKER_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"

struct custody_sandbox_limits {
	uint64_t memory; /* bytes of address space */
	uint64_t cpu; /* seconds of processor time in all: what is left when nobody watches the clock any more */
	int descriptors; /* numbers that may be in use at once */
	int keep; /* descriptors 0 to keep stay open, all others are closed */
	int socket; /* the one that may be sent on */
};

/* Layers. The worker asks for all of them; tests leave one out to see that the other holds. */
#define CUSTODY_SANDBOX_LANDLOCK 1u
#define CUSTODY_SANDBOX_SECCOMP 2u
#define CUSTODY_SANDBOX_ALL 3u

/*
 * Shuts this process in, for good. *landlock is the ABI of the Landlock that is in force, 0 where the kernel has none. Afterwards a system call that is not on the list
 * ends the process (SIGSYS). Errors: IO, and then the process must end: it may be half shut in.
 */
int custody_sandbox_enter(
	const struct custody_sandbox_limits *limits, unsigned layers, uint32_t *landlock, struct custody_error *err) CUSTODY_MUST_USE;

#endif
