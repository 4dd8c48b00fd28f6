/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other programs, so that hostile bytes and keys never meet (architecture.md, "Three programs"): custody-worker and custody-tsad. They are found beside this
 * program's own file (the build tree), else in the libexec folder that was set when it was built; never by PATH or the environment.
 */
#ifndef CUSTODY_CMD_PROGRAM_H
#define CUSTODY_CMD_PROGRAM_H

#include <sys/types.h>

#include "libcustody/base/error.h"

/* The path of the program. Gives a string for free(). INTERNAL with a hint if it is in neither place. */
char *custody_program_find(const char *name, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * Starts it with no arguments but its name, with the standard descriptors of this process and fds[0..n) as 3, 4, ...; whatever else is open stays here (all
 * descriptors of this program are close-on-exec, and the program closes what others left open). Signals as by default, none blocked. Gives its process id.
 */
int custody_program_start(const char *name, const int *fds, size_t n, pid_t *pid, struct custody_error *err) CUSTODY_MUST_USE;

#endif
