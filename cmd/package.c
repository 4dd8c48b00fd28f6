/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/package.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"

static const char *type_of(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a folder";
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return "a device";
	return S_ISFIFO(mode) ? "a FIFO" : "a socket";
}

int custody_package_open(const char *path, struct custody_error *err)
{
	struct stat st;
	CUSTODY_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ENXIO || errno == ELOOP || errno == ENAMETOOLONG))
		return custody_fail(err, CUSTODY_ERR_INPUT, "%s", errno == ENXIO ? "a socket or a device, want a regular file" : "no such file");
	if (fd < 0)
		return custody_fail_errno(err, errno, "cannot open");
	if (fstat(fd, &st))
		return custody_fail_errno(err, errno, "cannot look at it");
	if (!S_ISREG(st.st_mode))
		return custody_fail(err, CUSTODY_ERR_INPUT, "%s, want a regular file", type_of(st.st_mode));
	int opened = fd;
	fd = -1; /* the caller's now */
	return opened;
}
