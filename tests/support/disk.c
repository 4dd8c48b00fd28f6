/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/disk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Only the soft limit: the hard one cannot be raised again by everybody. */
static void limit(rlim_t n)
{
	struct rlimit now;

	if (getrlimit(RLIMIT_FSIZE, &now) == 0) {
		now.rlim_cur = n < now.rlim_max ? n : now.rlim_max;
		if (setrlimit(RLIMIT_FSIZE, &now) == 0)
			return;
	}
	perror("RLIMIT_FSIZE");
	abort();
}

void disk_full_at(rlim_t n)
{
	signal(SIGXFSZ, SIG_IGN);
	limit(n);
}

void disk_free_again(void)
{
	limit(RLIM_INFINITY);
}
