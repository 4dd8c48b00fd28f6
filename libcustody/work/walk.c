/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/path.h"
#include "libcustody/base/utf8.h"
#include "libcustody/work/argument.h"
#include "libcustody/work/folder.h"
#include "libcustody/work/metadata.h"

/*
 * A stack of folders instead of recursion. Nothing is ever opened by its whole path, so depth and length do not matter; of a long stack only the
 * deepest folders stay open, and one above is opened again from the one below it ("..") or, should that have been moved away, name by name from the nearest
 * that is open. Either way it must be the folder it was: same device and inode.
 */
struct level {
	int fd; /* -1: closed for now */
	dev_t dev;
	ino_t ino;
	size_t path_len; /* of this folder's path, at the start of walk.path */
	struct custody_folder names;
	bool dropped; /* names were given up for others' */
};

/* A file with several names: which item had it first. */
struct link {
	dev_t dev;
	ino_t ino;
	uint64_t n; /* plus 1; 0: empty */
};

struct custody_walk {
	struct custody_arguments arguments;
	bool as_given;
	size_t next_argument;
	int argument_fd; /* the folder that the current argument lies in, or -1 */
	struct level *levels; /* owned */
	size_t depth, cap;
	size_t first_open; /* of levels: those below are closed, except where they were opened again on the way up */
	size_t names_memory; /* bytes of all levels' names */
	struct custody_buf path; /* of the current item */
	struct custody_buf target; /* of the current symbolic link */
	uint64_t n;
	struct link *links; /* owned */
	size_t links_cap, links_used;
	struct custody_metadata *metadata;
};

/* ---- begin and end ---- */

int custody_walk_new(struct custody_walk **out, const struct custody_walk_argument *arguments, size_t n, bool as_given, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_walk_free) struct custody_walk *w = calloc(1, sizeof(*w));
	if (!w)
		return custody_fail_nomem(err);
	w->argument_fd = -1;
	w->as_given = as_given;
	custody_buf_init(&w->path, CUSTODY_LIMIT_PATH);
	custody_buf_init(&w->target, CUSTODY_LIMIT_PATH);
	if (custody_arguments_new(&w->arguments, arguments, n, as_given, err) || custody_metadata_new(&w->metadata, err))
		return -1;
	*out = custody_steal(&w);
	return 0;
}

static void release_level(struct custody_walk *w, struct level *l)
{
	custody_cleanup_fd(&l->fd);
	w->names_memory -= custody_folder_memory(&l->names);
	custody_folder_release(&l->names);
}

void custody_walk_free(struct custody_walk **w)
{
	if (!*w)
		return;
	while ((*w)->depth > 0)
		release_level(*w, &(*w)->levels[--(*w)->depth]);
	free((*w)->levels);
	custody_cleanup_fd(&(*w)->argument_fd);
	custody_arguments_release(&(*w)->arguments);
	custody_metadata_free(&(*w)->metadata);
	custody_buf_release(&(*w)->path);
	custody_buf_release(&(*w)->target);
	free((*w)->links);
	free(*w);
	*w = NULL;
}

const char *custody_walk_followed(const struct custody_walk *w, size_t i)
{
	for (size_t j = 0; j < w->arguments.n; j++)
		if (w->arguments.list[j].given == i)
			return w->arguments.list[j].followed;
	return NULL;
}

int custody_walk_refuse_inside(const struct custody_walk *w, int dir_fd, const char *what, struct custody_error *err)
{
	const struct custody_argument *above;
	char shown[400];
	if (custody_arguments_above(&w->arguments, dir_fd, &above, err))
		return custody_fail_in(err, "%s", what);
	if (!above)
		return 0;
	custody_fail(err, CUSTODY_ERR_INPUT, "%s would lie inside '%s', which is a source", what,
		custody_display(above->name, strlen(above->name), shown, sizeof(shown)));
	return custody_hint(err, "a source is never written to: choose a place outside of it");
}

/* ---- hard links ---- */

static size_t find_link(const struct link *links, size_t cap, dev_t dev, ino_t ino)
{
	/* Inode numbers in a row must not fill slots in a row: multiply by 2^64 divided by the golden ratio, and take the high bits. */
	uint64_t h = ((uint64_t)ino ^ (uint64_t)dev << 32) * 0x9e3779b97f4a7c15;
	size_t i = (size_t)(h >> 32) & (cap - 1);
	while (links[i].n != 0 && (links[i].dev != dev || links[i].ino != ino))
		i = (i + 1) & (cap - 1);
	return i;
}

static int grow_links(struct custody_walk *w, struct custody_error *err)
{
	size_t cap = w->links_cap ? w->links_cap * 2 : 256;
	struct link *links = calloc(cap, sizeof(links[0]));
	if (!links)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < w->links_cap; i++)
		if (w->links[i].n != 0)
			links[find_link(links, cap, w->links[i].dev, w->links[i].ino)] = w->links[i];
	free(w->links);
	w->links = links;
	w->links_cap = cap;
	return 0;
}

/* Makes the entry a hard link if its file has been met, else remembers it. */
static int match_links(struct custody_walk *w, struct custody_walk_entry *e, struct custody_error *err)
{
	if (w->links_used >= w->links_cap / 4 * 3 && grow_links(w, err))
		return -1;
	struct link *l = &w->links[find_link(w->links, w->links_cap, e->st.st_dev, e->st.st_ino)];
	if (l->n != 0) {
		e->kind = CUSTODY_KIND_HARDLINK;
		e->target_n = l->n - 1;
		return 0;
	}
	*l = (struct link){ e->st.st_dev, e->st.st_ino, e->n + 1 };
	w->links_used++;
	return 0;
}

/* ---- one item ---- */

static enum custody_kind kind_of_mode(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return CUSTODY_KIND_DIR;
	case S_IFLNK:
		return CUSTODY_KIND_SYMLINK;
	case S_IFIFO:
		return CUSTODY_KIND_FIFO;
	case S_IFSOCK:
		return CUSTODY_KIND_SOCKET;
	case S_IFBLK:
	case S_IFCHR:
		return CUSTODY_KIND_DEVICE;
	default:
		return CUSTODY_KIND_FILE;
	}
}

static struct timespec timespec_of(struct statx_timestamp t)
{
	return (struct timespec){ t.tv_sec, t.tv_nsec };
}

/* stat without following, with the time of birth where there is one. 0 or -1 with errno. */
static int look(int dir_fd, const char *name, struct custody_walk_entry *e)
{
	struct statx x;
	if (statx(dir_fd, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &x)) {
		if (errno != ENOSYS && errno != EPERM) /* EPERM: a sandbox that does not know statx */
			return -1;
		return fstatat(dir_fd, name, &e->st, AT_SYMLINK_NOFOLLOW);
	}
	e->st = (struct stat){
		.st_dev = makedev(x.stx_dev_major, x.stx_dev_minor),
		.st_ino = x.stx_ino,
		.st_mode = x.stx_mode,
		.st_nlink = x.stx_nlink,
		.st_uid = x.stx_uid,
		.st_gid = x.stx_gid,
		.st_rdev = makedev(x.stx_rdev_major, x.stx_rdev_minor),
		.st_size = (off_t)x.stx_size,
		.st_blksize = (blksize_t)x.stx_blksize,
		.st_blocks = (blkcnt_t)x.stx_blocks,
		.st_atim = timespec_of(x.stx_atime),
		.st_mtim = timespec_of(x.stx_mtime),
		.st_ctim = timespec_of(x.stx_ctime),
	};
	e->has_born = (x.stx_mask & STATX_BTIME) != 0;
	if (e->has_born)
		e->born = (struct custody_time){ x.stx_btime.tv_sec, x.stx_btime.tv_nsec };
	return 0;
}

static int read_target(struct custody_walk *w, struct custody_walk_entry *e, struct custody_error *err)
{
	custody_buf_clear(&w->target);
	for (size_t room = 4096;; room *= 2) { /* st_size is not to be relied on */
		if (custody_buf_reserve(&w->target, room, err))
			return -1;
		ssize_t n = readlinkat(e->dir_fd, e->name, (char *)w->target.data, room);
		if (n < 0) {
			e->problem = errno;
			return 0;
		}
		if ((size_t)n < room) {
			e->link = w->target.data;
			e->link_len = (size_t)n;
			return 0;
		}
	}
}

/* Gives up names of the folders nearest the root until all fit; they are read again on the way up. Never those of the folder walked now. */
static void drop_names(struct custody_walk *w)
{
	for (size_t i = 0; i + 1 < w->depth && w->names_memory > CUSTODY_LIMIT_WALK_NAMES; i++) {
		struct level *l = &w->levels[i];
		if (l->dropped)
			continue;
		w->names_memory -= custody_folder_memory(&l->names);
		custody_folder_release(&l->names);
		l->dropped = true;
	}
}

static int read_level(struct custody_walk *w, struct level *l, const char *after, int *problem, struct custody_error *err)
{
	w->names_memory -= custody_folder_memory(&l->names);
	int r = custody_folder_read(&l->names, l->fd, after, CUSTODY_LIMIT_FOLDER_NAMES, problem, err);
	w->names_memory += custody_folder_memory(&l->names);
	l->dropped = false;
	return r;
}

static int grow_levels(struct custody_walk *w, struct custody_error *err)
{
	if (w->depth == CUSTODY_LIMIT_DEPTH)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "folders nested deeper than the limit of %d", CUSTODY_LIMIT_DEPTH);
	if (w->depth < w->cap)
		return 0;
	size_t cap = w->cap ? w->cap * 2 : 64;
	struct level *levels = reallocarray(w->levels, cap, sizeof(levels[0]));
	if (!levels)
		return custody_fail_nomem(err);
	w->levels = levels;
	w->cap = cap;
	return 0;
}

/* Opens the folder that the entry is and reads its first names; what cannot be read is the entry's problem. */
static int enter(struct custody_walk *w, struct custody_walk_entry *e, struct custody_error *err)
{
	if (grow_levels(w, err))
		return -1;
	struct level *l = &w->levels[w->depth];
	*l = (struct level){ .fd = -1, .dev = e->st.st_dev, .ino = e->st.st_ino, .path_len = e->path_len };
	l->fd = custody_path_open_nofollow(e->dir_fd, e->name, O_DIRECTORY);
	struct stat st;
	if (l->fd < 0 || fstat(l->fd, &st)) {
		e->problem = errno;
		custody_cleanup_fd(&l->fd);
		return 0;
	}
	if (st.st_dev != l->dev || st.st_ino != l->ino) { /* another folder was put there between the two looks */
		e->problem = ESTALE;
		custody_cleanup_fd(&l->fd);
		return 0;
	}
	if (read_level(w, l, NULL, &e->problem, err)) {
		custody_cleanup_fd(&l->fd);
		return e->problem ? 0 : -1;
	}
	w->depth++;
	drop_names(w);
	/* The parent (depth - 2) must stay open: the entry borrows it. */
	while (w->first_open + CUSTODY_LIMIT_OPEN_FOLDERS < w->depth)
		custody_cleanup_fd(&w->levels[w->first_open++].fd);
	return 0;
}

/* Fills *e with the item `name` in dir_fd, whose path is in w->path. */
static int visit(struct custody_walk *w, int dir_fd, const char *name, uint8_t type, const struct level *parent, struct custody_walk_entry *e,
	struct custody_error *err)
{
	*e = (struct custody_walk_entry){
		.n = w->n++,
		.path = w->path.data,
		.path_len = w->path.len,
		.dir_fd = dir_fd,
		.name = name,
	};
	e->has_st = dir_fd >= 0 && look(dir_fd, name, e) == 0; /* below 0: errno says why its folder could not be opened */
	if (!e->has_st) {
		e->problem = errno;
		e->st = (struct stat){ 0 };
		e->kind = kind_of_mode((mode_t)DTTOIF(type));
		return 0;
	}
	e->kind = kind_of_mode(e->st.st_mode);
	if (e->kind == CUSTODY_KIND_SYMLINK)
		return read_target(w, e, err);
	if (e->kind == CUSTODY_KIND_FILE)
		return e->st.st_nlink > 1 && !w->as_given ? match_links(w, e, err) : 0;
	if (e->kind != CUSTODY_KIND_DIR)
		return 0;
	e->mount_point = parent && parent->dev != e->st.st_dev;
	return enter(w, e, err);
}

/* ---- the way ---- */

/* Where the name of what lies in the folder l begins in w->path. */
static size_t child_at(const struct custody_walk *w, const struct level *l)
{
	return l->path_len + (w->path.data[l->path_len - 1] != '/');
}

static void cut_path(struct custody_walk *w, size_t len)
{
	w->path.len = len;
	w->path.data[len] = '\0';
}

static bool is_level(int fd, const struct level *l)
{
	struct stat st;
	return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino;
}

/* Opens levels[depth - 1] again, from below if that is still its child, else from the nearest open one above. `below` is a descriptor of the folder just left. */
static int reopen(struct custody_walk *w, int below, struct custody_error *err)
{
	struct level *l = &w->levels[w->depth - 1];
	l->fd = custody_path_open_nofollow(below, "..", O_DIRECTORY);
	if (is_level(l->fd, l))
		return 0;
	custody_cleanup_fd(&l->fd);
	size_t i = w->depth - 1;
	while (i > 0 && w->levels[i - 1].fd < 0)
		i--;
	const char *first = w->arguments.list[w->next_argument - 1].last;
	CUSTODY_CLOSE int fd = -1; /* of levels[i], on the way down */
	for (; i < w->depth; i++) {
		const struct level *up = i > 0 ? &w->levels[i - 1] : NULL, *here = &w->levels[i];
		size_t begin = up ? child_at(w, up) : 0;
		CUSTODY_FREE char *name = up ? strndup((const char *)w->path.data + begin, here->path_len - begin) : strdup(first);
		if (!name)
			return custody_fail_nomem(err);
		int from = fd >= 0 ? fd : up ? up->fd : w->argument_fd;
		int next = custody_path_open_nofollow(from, name, O_DIRECTORY);
		int why = next < 0 ? errno : ESTALE;
		custody_cleanup_fd(&fd);
		fd = next;
		if (is_level(fd, here))
			continue;
		char shown[400];
		custody_fail_errno(err, why, "cannot go on in '%s'", custody_display(w->path.data, here->path_len, shown, sizeof(shown)));
		return custody_hint(err, "a folder was moved or removed meanwhile: keep the source still and begin again");
	}
	l->fd = custody_steal_fd(&fd);
	return 0;
}

/* The names of l after the name `after`. The folder's own entry is long out, so that trouble now ends the walk. */
static int read_on(struct custody_walk *w, struct level *l, const char *after, struct custody_error *err)
{
	int problem;
	char shown[400];
	if (read_level(w, l, after, &problem, err))
		return custody_fail_in(err, "'%s'", custody_display(w->path.data, l->path_len, shown, sizeof(shown)));
	return 0;
}

/* Leaves the deepest folder. */
static int leave(struct custody_walk *w, struct custody_error *err)
{
	CUSTODY_CLOSE int left = w->levels[--w->depth].fd;
	w->levels[w->depth].fd = -1;
	release_level(w, &w->levels[w->depth]);
	if (w->depth == 0)
		return 0;
	struct level *l = &w->levels[w->depth - 1];
	if (l->fd < 0 && reopen(w, left, err))
		return -1;
	if (w->first_open >= w->depth)
		w->first_open = w->depth - 1;
	/* The last part of the path is still the name just left: its names go on behind it. */
	return l->dropped ? read_on(w, l, (const char *)w->path.data + child_at(w, l), err) : 0;
}

/* The next name of the deepest folder, or NULL at its end; reads on where not all fitted. */
static int next_name(struct custody_walk *w, struct level *l, const char **name, uint8_t *type, struct custody_error *err)
{
	*name = custody_folder_next(&l->names, type);
	if (*name || !l->names.more)
		return 0;
	if (read_on(w, l, l->names.text + l->names.at[l->names.n - 1], err)) /* names.n > 0, or there would not be more */
		return -1;
	*name = custody_folder_next(&l->names, type);
	return 0;
}

/* The next argument as an item. 1, 0 at the end. */
static int next_argument(struct custody_walk *w, struct custody_walk_entry *e, struct custody_error *err)
{
	if (w->next_argument == w->arguments.n)
		return 0;
	const struct custody_argument *a = &w->arguments.list[w->next_argument++];
	custody_cleanup_fd(&w->argument_fd);
	custody_buf_clear(&w->path);
	if (custody_buf_append_str(&w->path, a->name, err))
		return -1;
	w->first_open = 0;
	w->argument_fd = open(a->parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (visit(w, w->argument_fd, a->last, DT_UNKNOWN, NULL, e, err))
		return -1;
	if (e->has_st && (e->st.st_dev != a->st.st_dev || e->st.st_ino != a->st.st_ino)) { /* not the one that was checked */
		while (w->depth > 0)
			release_level(w, &w->levels[--w->depth]);
		e->problem = ESTALE;
	}
	if (e->problem)
		e->kind = kind_of_mode(a->st.st_mode);
	return 1;
}

int custody_walk_next(struct custody_walk *w, struct custody_walk_entry *e, struct custody_error *err)
{
	while (w->depth > 0) {
		struct level *l = &w->levels[w->depth - 1];
		const char *name;
		uint8_t type = DT_UNKNOWN;
		cut_path(w, l->path_len);
		if (next_name(w, l, &name, &type, err))
			return -1;
		if (!name) {
			if (leave(w, err))
				return -1;
			continue;
		}
		size_t at = child_at(w, l);
		if (at > w->path.len && custody_buf_append_byte(&w->path, '/', err))
			return custody_fail_in(err, "a path");
		if (custody_buf_append_str(&w->path, name, err))
			return custody_fail_in(err, "a path");
		return visit(w, l->fd, (const char *)w->path.data + at, type, l, e, err) ? -1 : 1;
	}
	return next_argument(w, e, err);
}

/* ---- content ---- */

/*
 * Another process has a lease on the file, as a server of files has for its clients: opening without waiting has told it to let go, and the kernel sees to it that it
 * does (/proc/sys/fs/lease-break-time). Only a regular file is waited for: a FIFO that was put there meanwhile might never open.
 */
static int open_after_lease(int dir_fd, const char *name, int flags)
{
	char path[32];
	struct stat st;
	CUSTODY_CLOSE int at = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0 || fstat(at, &st))
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EWOULDBLOCK;
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", at);
	return open(path, flags & ~(O_NOFOLLOW | O_NONBLOCK)); /* this link is the kernel's, and leads to that file alone */
}

/* Opens the name without following anything, anywhere. */
static int open_content(int dir_fd, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOATIME,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
	if (fd < 0 && errno == EPERM) { /* not the owner: the access time will change */
		how.flags &= ~(uint64_t)O_NOATIME;
		fd = (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
	}
	/* Linux before 5.6 has no openat2; some sandboxes answer EPERM for it. One name without '/' and O_NOFOLLOW is as safe. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = custody_path_open_nofollow(dir_fd, name, 0);
	if (fd < 0 && errno == EWOULDBLOCK)
		fd = open_after_lease(dir_fd, name, (int)how.flags);
	return fd;
}

int custody_walk_open(const struct custody_walk_entry *e, struct stat *st, int *problem)
{
	CUSTODY_CLOSE int fd = open_content(e->dir_fd, e->name);
	if (fd < 0 || fstat(fd, st)) {
		*problem = errno;
		return -1;
	}
	if (st->st_dev != e->st.st_dev || st->st_ino != e->st.st_ino || !S_ISREG(st->st_mode)) {
		*problem = ESTALE;
		return -1;
	}
	*problem = 0;
	return custody_steal_fd(&fd);
}

int custody_walk_describe(struct custody_walk *w, const struct custody_walk_entry *e, int fd, struct custody_item *item, struct custody_error *err)
{
	item->n = e->n;
	item->path = (struct custody_bytes){ e->path, e->path_len };
	item->kind = e->kind;
	item->link = (struct custody_bytes){ e->link, e->link_len };
	item->target_n = e->target_n;
	/* The folder that was just entered is open already. */
	if (fd < 0 && e->kind == CUSTODY_KIND_DIR && e->problem == 0)
		fd = w->levels[w->depth - 1].fd;
	return custody_metadata_read(w->metadata, e, fd, item, err);
}
