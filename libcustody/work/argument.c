/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/argument.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

#define SHOWN 400 /* bytes of a path in a message */

static const char *show(const char *path, char *out)
{
	return custody_display(path, strlen(path), out, SHOWN);
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Splits path into folder and last name; what ends in a dot or is "/" becomes (path, "."). */
static int split(const char *path, char **parent, char **last, struct custody_error *err)
{
	size_t end = strlen(path);
	while (end > 1 && path[end - 1] == '/')
		end--;
	size_t begin = end;
	while (begin > 0 && path[begin - 1] != '/')
		begin--;
	CUSTODY_FREE char *name = strndup(path + begin, end - begin);
	if (!name)
		return custody_fail_nomem(err);
	bool dot = name[0] == '\0' || is_dot(name);
	CUSTODY_FREE char *folder = dot ? strdup(path) : begin == 0 ? strdup(".") : strndup(path, begin);
	CUSTODY_FREE char *inside = dot ? strdup(".") : NULL;
	if (!folder || (dot && !inside))
		return custody_fail_nomem(err);
	free(*parent);
	free(*last);
	*parent = custody_steal(&folder);
	*last = dot ? custody_steal(&inside) : custody_steal(&name);
	return 0;
}

static int cannot_look(const char *path, int why, struct custody_error *err)
{
	char shown[SHOWN];
	show(path, shown);
	if (why == ENOENT || why == ENOTDIR)
		return custody_fail(err, CUSTODY_ERR_INPUT, "no such file or folder '%s'", shown);
	if (why == ELOOP)
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is a symbolic link that leads round in a circle", shown);
	return custody_fail_errno(err, why, "cannot look at '%s'", shown);
}

/* The target of the symbolic link at path, relative to where the link is: in *out. */
static int read_link(const char *path, const char *parent, char **out, struct custody_error *err)
{
	char target[PATH_MAX + 1];
	CUSTODY_FREE char *link = strdup(path);
	if (!link)
		return custody_fail_nomem(err);
	for (size_t end = strlen(link); end > 1 && link[end - 1] == '/'; end--) /* "link/" is the link here, not what is behind it */
		link[end - 1] = '\0';
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return cannot_look(path, errno, err);
	target[n] = '\0';
	size_t room = strlen(parent) + 1 + (size_t)n + 1;
	char *joined = malloc(room);
	if (!joined)
		return custody_fail_nomem(err);
	const char *base = target[0] == '/' ? "" : parent, *slash = base[0] && base[strlen(base) - 1] != '/' ? "/" : "";
	stpcpy(stpcpy(stpcpy(joined, base), slash), target);
	*out = joined;
	return 0;
}

/* lstat of the last name in its folder. */
static int look(const struct custody_argument *a, struct stat *st)
{
	CUSTODY_CLOSE int parent = open(a->parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return parent < 0 ? -1 : fstatat(parent, a->last, st, AT_SYMLINK_NOFOLLOW);
}

static int refuse_kind(const struct stat *st, const char *path, struct custody_error *err)
{
	char shown[SHOWN];
	show(path, shown);
	if (S_ISLNK(st->st_mode)) {
		custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is a symbolic link to another symbolic link", shown);
		return custody_hint(err, "a link is followed once only: give the file or folder itself");
	}
	if (S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode)) {
		custody_fail(
			err, CUSTODY_ERR_INPUT, "'%s' is a %s, want a regular file or a folder", shown, S_ISFIFO(st->st_mode) ? "FIFO" : "socket");
		return custody_hint(err, "write what comes out of it into a file first, or seal it as a stream with --stdin NAME");
	}
	custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is a device, want a regular file or a folder", shown);
	return custody_hint(err, "make an image of it first (with ewfacquire or dd, say) and take the image");
}

/* Finds out what the path leads to. */
static int resolve(struct custody_argument *a, const char *path, struct custody_error *err)
{
	if (path[0] == '\0')
		return cannot_look(path, ENOENT, err);
	if (split(path, &a->parent, &a->last, err))
		return -1;
	if (look(a, &a->st))
		return cannot_look(path, errno, err);
	if (S_ISLNK(a->st.st_mode)) {
		if (read_link(path, a->parent, &a->followed, err) || split(a->followed, &a->parent, &a->last, err))
			return -1;
		if (look(a, &a->st))
			return cannot_look(path, errno, err);
	}
	if (S_ISREG(a->st.st_mode) && path[strlen(path) - 1] == '/')
		return cannot_look(path, ENOTDIR, err);
	return S_ISREG(a->st.st_mode) || S_ISDIR(a->st.st_mode) ? 0 : refuse_kind(&a->st, path, err);
}

/* The last part of the real path of a folder named "." or like it; NULL if there is none. */
static char *real_name(const char *path)
{
	CUSTODY_FREE char *real = realpath(path, NULL);
	const char *slash = real ? strrchr(real, '/') : NULL;
	return slash && slash[1] ? strdup(slash + 1) : NULL;
}

/* The name of the item: the caller's, else the last part of the path as it was given (a link's own). */
static int name_argument(struct custody_argument *a, const struct custody_walk_argument *given, struct custody_error *err)
{
	char shown[SHOWN];
	if (given->name) {
		if (given->name[0] == '\0' || is_dot(given->name) || strchr(given->name, '/') || strlen(given->name) > 255)
			return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' is not a name: want one part of a path", show(given->name, shown));
		a->name = strdup(given->name);
		return a->name ? 0 : custody_fail_nomem(err);
	}
	CUSTODY_FREE char *parent = NULL;
	CUSTODY_FREE char *last = NULL;
	if (split(given->path, &parent, &last, err))
		return -1;
	a->name = is_dot(last) ? real_name(given->path) : custody_steal(&last);
	if (a->name)
		return 0;
	custody_fail(err, CUSTODY_ERR_INPUT, "'%s' has no name of its own", show(given->path, shown));
	return custody_hint(err, "give it one with --name");
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct custody_argument *)a)->name, ((const struct custody_argument *)b)->name);
}

static int compare_identities(const struct stat *a, const struct stat *b)
{
	if (a->st_dev != b->st_dev)
		return a->st_dev < b->st_dev ? -1 : 1;
	return a->st_ino == b->st_ino ? 0 : a->st_ino < b->st_ino ? -1 : 1;
}

static int compare_arguments(const void *a, const void *b)
{
	return compare_identities(&(*(const struct custody_argument *const *)a)->st, &(*(const struct custody_argument *const *)b)->st);
}

static const struct custody_argument *find_folder(const struct custody_arguments *a, const struct stat *st)
{
	size_t low = 0, high = a->n_folders;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = compare_identities(&a->folders[middle]->st, st);
		if (c == 0)
			return a->folders[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int custody_arguments_above(const struct custody_arguments *a, int dir_fd, const struct custody_argument **above, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = openat(dir_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st, before = { 0 };
	*above = NULL;
	for (int depth = 0; fd >= 0 && fstat(fd, &st) == 0; depth++) {
		if (depth > 0 && compare_identities(&st, &before) == 0) /* the root's ".." is itself */
			return 0;
		*above = find_folder(a, &st);
		if (*above)
			return 0;
		if (depth > 2 * CUSTODY_LIMIT_DEPTH)
			return custody_fail(err, CUSTODY_ERR_LIMIT, "more than %d folders above each other", 2 * CUSTODY_LIMIT_DEPTH);
		before = st;
		int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		int why = errno;
		custody_cleanup_fd(&fd);
		fd = up;
		errno = why;
	}
	return custody_fail_errno(err, errno, "cannot look at the folders above");
}

static int refuse_same_names(const struct custody_arguments *a, struct custody_error *err)
{
	char shown[SHOWN];
	for (size_t i = 1; i < a->n; i++)
		if (strcmp(a->list[i - 1].name, a->list[i].name) == 0) {
			custody_fail(err, CUSTODY_ERR_INPUT, "two arguments are called '%s'", show(a->list[i].name, shown));
			return custody_hint(err, "each is kept under its last part: take them one by one, or give the folder that holds both");
		}
	return 0;
}

/* The same folder, or the same file without hard links, by two ways. */
static int refuse_same_files(const struct custody_arguments *a, struct custody_error *err)
{
	char one[SHOWN], other[SHOWN];
	CUSTODY_FREE const struct custody_argument **sorted = calloc(a->n ? a->n : 1, sizeof(sorted[0]));
	if (!sorted)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < a->n; i++)
		sorted[i] = &a->list[i];
	qsort(sorted, a->n, sizeof(sorted[0]), compare_arguments);
	for (size_t i = 1; i < a->n; i++) {
		if (compare_identities(&sorted[i - 1]->st, &sorted[i]->st) != 0 || (S_ISREG(sorted[i]->st.st_mode) && sorted[i]->st.st_nlink > 1))
			continue;
		return custody_fail(
			err, CUSTODY_ERR_INPUT, "'%s' and '%s' are the same", show(sorted[i - 1]->name, one), show(sorted[i]->name, other));
	}
	return 0;
}

static int refuse_overlap(const struct custody_arguments *a, struct custody_error *err)
{
	struct stat checked = { 0 }; /* many arguments lie in one folder */
	for (size_t i = 0; a->n_folders > 0 && i < a->n; i++) {
		const struct custody_argument *above, *one = &a->list[i];
		char inner[SHOWN], outer[SHOWN];
		CUSTODY_CLOSE int fd = open(one->parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && strcmp(one->last, ".") == 0) { /* then parent is the argument itself */
			int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
			custody_cleanup_fd(&fd);
			fd = up;
		}
		struct stat st;
		if (fd < 0 || fstat(fd, &st))
			return cannot_look(one->parent, errno, err);
		if (S_ISDIR(one->st.st_mode) && compare_identities(&st, &one->st) == 0)
			continue; /* "/" lies in itself */
		if (i > 0 && compare_identities(&st, &checked) == 0)
			continue;
		if (custody_arguments_above(a, fd, &above, err))
			return -1;
		if (above) {
			custody_fail(
				err, CUSTODY_ERR_INPUT, "'%s' lies inside '%s', another argument", show(one->name, inner), show(above->name, outer));
			return custody_hint(err, "the outer folder alone holds both");
		}
		checked = st;
	}
	return 0;
}

static int list_folders(struct custody_arguments *a, struct custody_error *err)
{
	a->folders = calloc(a->n ? a->n : 1, sizeof(a->folders[0]));
	if (!a->folders)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < a->n; i++)
		if (S_ISDIR(a->list[i].st.st_mode))
			a->folders[a->n_folders++] = &a->list[i];
	qsort(a->folders, a->n_folders, sizeof(a->folders[0]), compare_arguments);
	return 0;
}

int custody_arguments_new(struct custody_arguments *a, const struct custody_walk_argument *given, size_t n, bool as_given, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_arguments_release) struct custody_arguments made = { 0 };
	made.list = calloc(n ? n : 1, sizeof(made.list[0]));
	if (!made.list)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < n; i++) {
		struct custody_argument *one = &made.list[made.n++];
		one->given = i;
		if (resolve(one, given[i].path, err))
			return -1;
		if (as_given && !given[i].name)
			one->name = strdup(given[i].path);
		else if (name_argument(one, &given[i], err))
			return -1;
		if (!one->name)
			return custody_fail_nomem(err);
	}
	if (!as_given)
		qsort(made.list, n, sizeof(made.list[0]), compare_names);
	if (list_folders(&made, err))
		return -1;
	if (!as_given && (refuse_same_names(&made, err) || refuse_same_files(&made, err) || refuse_overlap(&made, err)))
		return -1;
	*a = made;
	made = (struct custody_arguments){ 0 };
	return 0;
}

void custody_arguments_release(struct custody_arguments *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->list[i].name);
		free(a->list[i].parent);
		free(a->list[i].last);
		free(a->list[i].followed);
	}
	free(a->list);
	free(a->folders);
	*a = (struct custody_arguments){ 0 };
}
