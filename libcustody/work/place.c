/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/folder.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/path.h"
#include "libcustody/base/utf8.h"

#define SHOWN 256 /* of a path in a message */

int custody_place_fail_in(struct custody_error *err, struct custody_bytes path)
{
	char shown[SHOWN];
	return custody_fail_in(err, "'%s'", custody_display(path.p, path.n, shown, sizeof(shown)));
}

/* ---- the folder itself ---- */

static int exists_already(const struct custody_place *p, struct custody_error *err)
{
	char shown[SHOWN];
	return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is there already, want the name of a new folder",
		custody_display(p->path, strlen(p->path), shown, sizeof(shown)));
}

/* Splits the path at its last '/', of which there may be more at the end. */
static int split(struct custody_place *p, const char *folder, char **parent, struct custody_error *err)
{
	size_t n = strlen(folder);
	while (n > 1 && folder[n - 1] == '/')
		n--;
	const char *slash = memrchr(folder, '/', n);
	size_t start = slash ? (size_t)(slash - folder) + 1 : 0;
	p->path = strndup(folder, n);
	if (!p->path) /* then nothing else is: custody_place_abandon() goes by it */
		return custody_fail_nomem(err);
	p->name = strndup(folder + start, n - start);
	*parent = !slash ? strdup(".") : slash == folder ? strdup("/") : strndup(folder, start - 1);
	return p->name && *parent ? 0 : custody_fail_nomem(err);
}

int custody_place_open(struct custody_place *p, const char *folder, struct custody_error *err)
{
	CUSTODY_FREE char *parent = NULL;
	struct stat st;
	char shown[SHOWN];
	*p = (struct custody_place){ .parent_fd = -1, .root_fd = -1, .at_fd = -1 };
	custody_buf_init(&p->at, CUSTODY_LIMIT_PATH);
	if (split(p, folder, &parent, err))
		return -1;
	p->parent_fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	custody_display(parent, strlen(parent), shown, sizeof(shown));
	if (p->parent_fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return custody_fail(err, CUSTODY_ERR_INPUT, "there is no folder '%s' to make the new one in", shown);
	if (p->parent_fd < 0)
		return custody_fail_errno(err, errno, "cannot open the folder '%s'", shown);
	/* "", "." and ".." name what is there; so does "/". */
	if (fstatat(p->parent_fd, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0 || p->name[0] == '\0')
		return exists_already(p, err);
	return errno == ENOENT ? 0
			       : custody_fail_errno(err, errno, "cannot make '%s'", custody_display(folder, strlen(folder), shown, sizeof(shown)));
}

int custody_place_begin(struct custody_place *p, const struct custody_random *random, struct custody_error *err)
{
	uint8_t serial[8];
	char hex[2 * sizeof(serial) + 1], temp[sizeof(p->temp)];
	if (custody_random_fill(random, serial, sizeof(serial), err))
		return -1;
	custody_hex_format(serial, sizeof(serial), hex);
	(void)snprintf(temp, sizeof(temp), ".custody-extract.%s.tmp", hex);
	if (mkdirat(p->parent_fd, temp, 0777))
		return custody_fail_errno(err, errno, "cannot make a folder beside '%s'", p->name);
	memcpy(p->temp, temp, sizeof(temp));
	p->root_fd = openat(p->parent_fd, p->temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return p->root_fd >= 0 ? 0 : custody_fail_errno(err, errno, "cannot open the new folder");
}

int custody_place_commit(struct custody_place *p, struct custody_error *err)
{
	int r = renameat2(p->parent_fd, p->temp, p->parent_fd, p->name, RENAME_NOREPLACE);
	/* A file system that knows no flags: a rename replaces an empty folder at most, never one with anything in it. */
	if (r && (errno == EINVAL || errno == ENOSYS))
		r = renameat(p->parent_fd, p->temp, p->parent_fd, p->name);
	if (r && (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR))
		return exists_already(p, err);
	if (r)
		return custody_fail_errno(err, errno, "cannot give the new folder its name");
	p->temp[0] = '\0';
	return 0;
}

void custody_place_abandon(struct custody_place *p)
{
	if (!p->path) /* zeroed: then the descriptors are nobody's */
		return;
	if (p->temp[0] != '\0')
		custody_folder_remove(p->parent_fd, p->temp);
	custody_cleanup_fd(&p->at_fd);
	custody_cleanup_fd(&p->root_fd);
	custody_cleanup_fd(&p->parent_fd);
	custody_buf_release(&p->at);
	free(p->name);
	free(p->path);
	*p = (struct custody_place){ .parent_fd = -1, .root_fd = -1, .at_fd = -1 };
}

/* ---- beneath it ---- */

/* One part of a path, for the system. */
struct part {
	char text[NAME_MAX + 1];
};

/* The first part of the path; false if the system has no such long names. */
static bool first_part(struct custody_bytes path, struct part *part, size_t *n)
{
	const uint8_t *slash = memchr(path.p, '/', path.n);
	*n = slash ? (size_t)(slash - path.p) : path.n;
	if (*n > NAME_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(part->text, path.p, *n);
	part->text[*n] = '\0';
	return true;
}

/* One level down, made if wanted. Gives a descriptor, or -1 with errno. */
static int step(struct custody_place *p, int from, const char *name, bool make)
{
	if (make && mkdirat(from, name, 0700) == 0)
		p->folders++;
	else if (make && errno != EEXIST)
		return -1;
	return openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void forget(struct custody_place *p)
{
	custody_cleanup_fd(&p->at_fd);
	p->at_fd = -1;
	custody_buf_clear(&p->at);
}

/* The folder used last lies on the way to path. */
static bool is_on_the_way(const struct custody_place *p, struct custody_bytes path)
{
	return p->at_fd >= 0 && p->at.len <= path.n && memcmp(p->at.data, path.p, p->at.len) == 0 &&
	       (p->at.len == path.n || path.p[p->at.len] == '/');
}

/* The folder `path` (empty: the root) becomes the one used last. *fd is borrowed until the next call. -1 with errno in *why (0: err is set). */
static int enter(struct custody_place *p, struct custody_bytes path, bool make, int *fd, struct custody_error *err)
{
	if (!is_on_the_way(p, path))
		forget(p);
	while (p->at.len < path.n) {
		size_t start = p->at.len > 0 ? p->at.len + 1 : 0, n = 0;
		struct part part;
		int next = -1;
		if (first_part((struct custody_bytes){ path.p + start, path.n - start }, &part, &n))
			next = step(p, p->at_fd >= 0 ? p->at_fd : p->root_fd, part.text, make);
		if (next < 0)
			return custody_fail_errno(err, errno, make ? "cannot make a folder for it" : "cannot open it");
		custody_cleanup_fd(&p->at_fd);
		p->at_fd = next;
		custody_buf_clear(&p->at);
		if (custody_buf_append(&p->at, path.p, start + n, err)) {
			forget(p);
			return -1;
		}
	}
	*fd = p->at_fd >= 0 ? p->at_fd : p->root_fd;
	return 0;
}

/* The folder that path lies in, made, and its last part. */
static int enter_parent(struct custody_place *p, struct custody_bytes path, int *fd, struct part *leaf, struct custody_error *err)
{
	if (path.n == 0 || !custody_path_is_relative_clean(path.p, path.n))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a path that leads elsewhere, want one below the new folder");
	const uint8_t *slash = memrchr(path.p, '/', path.n);
	size_t parent = slash ? (size_t)(slash - path.p) : 0, start = slash ? parent + 1 : 0, n = 0;
	if (!first_part((struct custody_bytes){ path.p + start, path.n - start }, leaf, &n))
		return custody_fail_errno(err, errno, "cannot make it");
	return enter(p, (struct custody_bytes){ path.p, parent }, true, fd, err);
}

int custody_place_folder(struct custody_place *p, struct custody_bytes path, struct custody_error *err)
{
	struct part leaf;
	int fd = -1;
	/* By way of the parent, which checks the path. */
	if (enter_parent(p, path, &fd, &leaf, err) || enter(p, path, true, &fd, err))
		return custody_place_fail_in(err, path);
	return 0;
}

int custody_place_file(struct custody_place *p, struct custody_bytes path, int *fd, struct custody_error *err)
{
	struct part leaf;
	int dir = -1;
	if (enter_parent(p, path, &dir, &leaf, err))
		return custody_place_fail_in(err, path);
	*fd = openat(dir, leaf.text, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*fd >= 0)
		return 0;
	custody_fail_errno(err, errno, "cannot make it");
	return custody_place_fail_in(err, path);
}

int custody_place_link(struct custody_place *p, struct custody_bytes target, struct custody_bytes path, struct custody_error *err)
{
	struct part from, to;
	int dir = -1;
	if (enter_parent(p, target, &dir, &from, err))
		return custody_place_fail_in(err, target);
	CUSTODY_CLOSE int from_dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	if (from_dir < 0)
		return custody_fail_errno(err, errno, "cannot keep a folder open");
	if (enter_parent(p, path, &dir, &to, err))
		return custody_place_fail_in(err, path);
	if (linkat(from_dir, from.text, dir, to.text, 0) == 0)
		return 0;
	custody_fail_errno(err, errno, "cannot make it a hard link");
	return custody_place_fail_in(err, path);
}

/* ---- times and modes ---- */

static struct timespec time_of(const struct custody_item *item, int which)
{
	if (!item->has_time[which])
		return (struct timespec){ .tv_nsec = UTIME_OMIT };
	return (struct timespec){ .tv_sec = item->time[which].sec, .tv_nsec = (long)item->time[which].nsec };
}

static void times_of(const struct custody_item *item, struct timespec out[2])
{
	out[0] = time_of(item, CUSTODY_TIME_ACCESSED);
	out[1] = time_of(item, CUSTODY_TIME_MODIFIED);
}

int custody_place_symlink(struct custody_place *p, const struct custody_item *item, struct custody_error *err)
{
	struct part leaf;
	struct timespec times[2];
	int dir = -1;
	CUSTODY_FREE char *target = strndup((const char *)item->link.p, item->link.n);
	if (!target)
		return custody_fail_nomem(err);
	times_of(item, times);
	if (enter_parent(p, item->path, &dir, &leaf, err) == 0) {
		if (strlen(target) != item->link.n)
			custody_fail(err, CUSTODY_ERR_INTERNAL, "a target with a NUL byte, want a target that a link can have");
		else if (symlinkat(target, dir, leaf.text) == 0 && utimensat(dir, leaf.text, times, AT_SYMLINK_NOFOLLOW) == 0)
			return 0;
		else
			custody_fail_errno(err, errno, "cannot make it a symbolic link");
	}
	return custody_place_fail_in(err, item->path);
}

static int set_mode_and_times(int fd, const struct custody_item *item, mode_t mask, struct custody_error *err)
{
	struct timespec times[2];
	times_of(item, times);
	if (item->has_mode && fchmod(fd, item->mode & mask))
		return custody_fail_errno(err, errno, "cannot set its mode");
	return futimens(fd, times) == 0 ? 0 : custody_fail_errno(err, errno, "cannot set its times");
}

int custody_place_finish_file(int fd, const struct custody_item *item, struct custody_error *err)
{
	int r = set_mode_and_times(fd, item, 0666, err);
	/* Some network file systems report a failed write only here. */
	if (close(fd) && r == 0)
		r = custody_fail_errno(err, errno, "cannot write it");
	return r ? custody_place_fail_in(err, item->path) : 0;
}

int custody_place_finish_folder(struct custody_place *p, const struct custody_item *item, struct custody_error *err)
{
	int fd = -1;
	if (enter(p, item->path, false, &fd, err))
		return err->sys_errno == ENOENT ? 0 : custody_place_fail_in(err, item->path);
	return set_mode_and_times(fd, item, 0777, err) ? custody_place_fail_in(err, item->path) : 0;
}
