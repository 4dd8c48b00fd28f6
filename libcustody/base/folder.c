/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens a folder to read it and to remove from it, whatever mode it was given. NULL if it is none. */
static DIR *open_folder(int dir_fd, const char *name)
{
	int fd = dir_fd == -1 ? -1 : openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	DIR *d = fdopendir(fd);
	if (!d)
		close(fd);
	return d;
}

static bool is_self_or_parent(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* name is a folder, and has the mode that its removal needs. */
static bool is_open_folder(int fd, const char *name)
{
	struct stat st;
	if (fd == -1 || fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode))
		return false;
	return fchmodat(fd, name, 0700, 0) == 0;
}

/* Removes the files of the folder `name` in top and moves its folders up into top, so that depth needs neither descriptors nor a stack. */
static void flatten(int top, const char *name, unsigned long *done)
{
	DIR *d = open_folder(top, name);
	struct dirent *e;
	char moved[64];
	int fd = d ? dirfd(d) : -1;
	while (fd >= 0 && (e = readdir(d))) {
		if (is_self_or_parent(e->d_name))
			continue;
		(void)snprintf(moved, sizeof(moved), ".custody-remove-%lu", *done);
		if (is_open_folder(fd, e->d_name))
			*done += renameat(fd, e->d_name, top, moved) == 0;
		else
			*done += unlinkat(fd, e->d_name, 0) == 0;
	}
	if (d)
		closedir(d);
	*done += unlinkat(top, name, AT_REMOVEDIR) == 0;
}

/* One time through top. */
static void sweep(DIR *top, unsigned long *done)
{
	struct dirent *e;
	int fd = dirfd(top);
	rewinddir(top);
	while (fd >= 0 && (e = readdir(top))) {
		if (is_self_or_parent(e->d_name))
			continue;
		if (is_open_folder(fd, e->d_name))
			flatten(fd, e->d_name, done);
		else
			*done += unlinkat(fd, e->d_name, 0) == 0;
	}
}

void custody_folder_remove(int dir_fd, const char *name)
{
	unsigned long done = 0, before;
	DIR *top = is_open_folder(dir_fd, name) ? open_folder(dir_fd, name) : NULL;
	if (!top)
		return;
	/* Each time through takes a level away; when one did nothing, there is nothing left, or nothing that can be removed. */
	do {
		before = done;
		sweep(top, &done);
	} while (done != before);
	closedir(top);
	(void)unlinkat(dir_fd, name, AT_REMOVEDIR);
}
