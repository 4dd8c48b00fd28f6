/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* '/' sorts before every other byte: then comparing part by part is comparing the whole byte by byte, and a parent, being a prefix, comes first. */
static int rank(uint8_t c)
{
	return c == '/' ? -1 : c;
}

int custody_path_compare(const uint8_t *a, size_t an, const uint8_t *b, size_t bn)
{
	size_t n = an < bn ? an : bn;
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			return rank(a[i]) < rank(b[i]) ? -1 : 1;
	return an == bn ? 0 : an < bn ? -1 : 1;
}

bool custody_path_is_relative_clean(const uint8_t *p, size_t n)
{
	size_t start = 0;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && p[i] == '\0')
			return false;
		if (i < n && p[i] != '/')
			continue;
		size_t len = i - start;
		if (len == 0 || (len == 1 && p[start] == '.') || (len == 2 && p[start] == '.' && p[start + 1] == '.'))
			return false;
		start = i + 1;
	}
	return true;
}

int custody_path_open_nofollow(int dir_fd, const char *name, int extra_flags)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | extra_flags;
	/* O_NOATIME leaves the access time of the evidence alone; only its owner (or root) may, others get EPERM. */
	int fd = openat(dir_fd, name, flags | O_NOATIME);
	return fd < 0 && errno == EPERM ? openat(dir_fd, name, flags) : fd;
}
