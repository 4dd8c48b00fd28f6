/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/cleanup.h"

#include <errno.h>
#include <unistd.h>

void custody_cleanup_fd(int *fd)
{
	if (*fd < 0)
		return;
	int saved = errno;
	close(*fd); /* never retried: Linux has released the number even on EINTR */
	*fd = -1;
	errno = saved;
}
