/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

#define SHOWN 400 /* bytes of a name in a message: the reason behind it must fit too */
#define STEM 200 /* bytes of a name that its temporary has too, so that the whole stays below NAME_MAX */

/* Reads n bytes or to the end of the file: from the position of fd if off is negative, else from off. */
static int read_all(int fd, int64_t off, uint8_t *p, size_t n, size_t *got, const char *name, struct custody_error *err)
{
	size_t done = 0;
	while (done < n) {
		ssize_t r = off < 0 ? read(fd, p + done, n - done) : pread(fd, p + done, n - done, off + (int64_t)done);
		if (r == 0)
			break;
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			int why = errno;
			char shown[SHOWN];
			return custody_fail_errno(err, why, "cannot read '%s'", custody_display(name, strlen(name), shown, sizeof(shown)));
		}
		done += (size_t)r;
	}
	*got = done;
	return 0;
}

static int write_all(int fd, int64_t off, const uint8_t *p, size_t n, const char *name, struct custody_error *err)
{
	size_t done = 0;
	while (done < n) {
		ssize_t r = off < 0 ? write(fd, p + done, n - done) : pwrite(fd, p + done, n - done, off + (int64_t)done);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0) { /* 0 for a count that is not 0 is no error by POSIX, but would loop for ever */
			int why = r < 0 ? errno : EIO;
			char shown[SHOWN];
			return custody_fail_errno(err, why, "cannot write '%s'", custody_display(name, strlen(name), shown, sizeof(shown)));
		}
		done += (size_t)r;
	}
	return 0;
}

/* [off, off + n) can be said in off_t. */
static bool offset_fits(uint64_t off, size_t n)
{
	uint64_t end;
	return !__builtin_add_overflow(off, n, &end) && end <= INT64_MAX;
}

int custody_fd_read(int fd, uint8_t *p, size_t n, size_t *got, const char *name, struct custody_error *err)
{
	return read_all(fd, -1, p, n, got, name, err);
}

int custody_fd_pread(int fd, uint64_t off, uint8_t *p, size_t n, size_t *got, const char *name, struct custody_error *err)
{
	if (!offset_fits(off, n))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "read at %llu is beyond any file", (unsigned long long)off);
	return read_all(fd, (int64_t)off, p, n, got, name, err);
}

int custody_fd_write(int fd, const uint8_t *p, size_t n, const char *name, struct custody_error *err)
{
	return write_all(fd, -1, p, n, name, err);
}

int custody_fd_pwrite(int fd, uint64_t off, const uint8_t *p, size_t n, const char *name, struct custody_error *err)
{
	if (!offset_fits(off, n))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "write at %llu is beyond any file", (unsigned long long)off);
	return write_all(fd, (int64_t)off, p, n, name, err);
}

/* Reads fd to its end, at most max bytes, in steps of what is there: st_size is a hint only (files of /proc have none). */
static int slurp_fd(int fd, const char *path, const char *shown, size_t max, struct custody_buf *out, struct custody_error *err)
{
	size_t before = out->len;
	for (;;) {
		uint8_t block[16384];
		size_t got = 0;
		if (custody_fd_read(fd, block, sizeof(block), &got, path, err))
			break;
		if (got > max - (out->len - before)) {
			custody_fail(err, CUSTODY_ERR_LIMIT, "'%s' is larger than the limit of %zu bytes", shown, max);
			break;
		}
		if (custody_buf_append(out, block, got, err))
			break;
		if (got < sizeof(block))
			return 0;
	}
	out->len = before; /* as it was */
	if (out->data)
		out->data[before] = 0;
	return -1;
}

int custody_fd_slurp(const char *path, size_t max, struct custody_buf *out, struct custody_error *err)
{
	char shown[SHOWN];
	custody_display(path, strlen(path), shown, sizeof(shown));
	CUSTODY_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not stop us */
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ENXIO))
		return custody_fail(err, CUSTODY_ERR_INPUT, "no such file '%s'", shown);
	if (fd < 0)
		return custody_fail_errno(err, errno, "cannot open '%s'", shown);
	struct stat st;
	if (fstat(fd, &st))
		return custody_fail_errno(err, errno, "cannot read '%s'", shown);
	if (!S_ISREG(st.st_mode))
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is not a regular file", shown);
	return slurp_fd(fd, path, shown, max, out, err);
}

/* A name for a temporary that is the same for the same number; NULL without memory. Owned. */
static char *temporary_name(const char *stem, bool kept, unsigned number)
{
	int keep = (int)strnlen(stem, STEM), made;
	char *name = NULL;
	if (!kept)
		made = asprintf(&name, ".%.*s.%06u.tmp", keep, stem, ((unsigned)getpid() + number) % 1000000);
	else if (number == 0)
		made = asprintf(&name, "%.*s.incomplete", keep, stem);
	else
		made = asprintf(&name, "%.*s.incomplete.%u", keep, stem, number + 1);
	return made < 0 ? NULL : name;
}

/*
 * Makes a new file ".STEM.NNNNNN.tmp", or one that can be seen, in dir_fd; gives *fd and *temp. The number starts at the process id and counts up past names that
 * are taken (left over from a crash, or another process at work). Nobody's file is ever opened: O_EXCL does not follow links either.
 */
static int make_temporary(int dir_fd, const char *stem, bool kept, mode_t mode, int *fd, char **temp, struct custody_error *err)
{
	for (unsigned i = 0; i < 10000; i++) {
		CUSTODY_FREE char *name = temporary_name(stem, kept, i);
		if (!name)
			return custody_fail_nomem(err);
		int made = openat(dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
		if (made >= 0) {
			*fd = made;
			*temp = custody_steal(&name);
			return 0;
		}
		if (errno != EEXIST && errno != EINTR)
			break;
	}
	return custody_fail_errno(err, errno, "cannot make a temporary file");
}

/* How the system calls a file that is open here. */
struct proc_path {
	char text[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
};

static const char *proc_path(int fd, struct proc_path *out)
{
	snprintf(out->text, sizeof(out->text), "/proc/self/fd/%d", fd);
	return out->text;
}

/* A file without a name in dir_fd that can be given one later, or -1: not every file system has such, and /proc must be there to name it by. */
static int make_nameless(int dir_fd, mode_t mode)
{
	struct proc_path by = { "" };
	struct stat made, found;
	CUSTODY_CLOSE int fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
	if (fd < 0 || fstat(fd, &made) || fstatat(AT_FDCWD, proc_path(fd, &by), &found, 0))
		return -1;
	if (made.st_dev != found.st_dev || made.st_ino != found.st_ino)
		return -1;
	int out = fd;
	fd = -1;
	return out;
}

int custody_fd_temporary(int dir_fd, int *fd, struct custody_error *err)
{
	int made = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	if (made >= 0) {
		*fd = made;
		return 0;
	}
	/* Not every file system has O_TMPFILE; a real trouble shows again now. */
	CUSTODY_FREE char *temp = NULL;
	if (make_temporary(dir_fd, "custody", false, 0600, &made, &temp, err))
		return -1;
	if (unlinkat(dir_fd, temp, 0)) {
		int why = errno;
		close(made);
		return custody_fail_errno(err, why, "cannot remove a temporary file");
	}
	*fd = made;
	return 0;
}

/* Splits path at its last '/': opens the folder, copies the last part. */
static int open_parent(struct custody_output *o, const char *path, const char *shown, struct custody_error *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is not the name of a file", shown);
	CUSTODY_FREE char *folder = !slash ? strdup(".") : slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
	o->name = strdup(name);
	o->path = strdup(path);
	if (!folder || !o->name || !o->path)
		return custody_fail_nomem(err);
	o->dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->dir_fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return custody_fail(err, CUSTODY_ERR_INPUT, "the folder of '%s' does not exist", shown);
	if (o->dir_fd < 0)
		return custody_fail_errno(err, errno, "cannot open the folder of '%s'", shown);
	return 0;
}

static int exists_already(const char *shown, struct custody_error *err)
{
	custody_fail(err, CUSTODY_ERR_INPUT, "'%s' exists already", shown);
	return custody_hint(err, "nothing is ever overwritten: choose another name, or move the old file away");
}

static int refuse_existing(const struct custody_output *o, const char *shown, struct custody_error *err)
{
	struct stat st;
	if (fstatat(o->dir_fd, o->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return exists_already(shown, err);
	return errno == ENOENT ? 0 : custody_fail_errno(err, errno, "cannot make '%s'", shown);
}

static int open_new(struct custody_output *o, const char *path, bool kept, mode_t mode, struct custody_error *err)
{
	char shown[SHOWN];
	custody_display(path, strlen(path), shown, sizeof(shown));
	CUSTODY_OUTPUT_CLEAN struct custody_output made = { .dir_fd = -1, .fd = -1 };
	if (open_parent(&made, path, shown, err) || refuse_existing(&made, shown, err))
		return -1;
	if (!kept)
		made.fd = make_nameless(made.dir_fd, mode ? mode : 0666);
	if (made.fd < 0 && make_temporary(made.dir_fd, made.name, kept, mode ? mode : 0666, &made.fd, &made.temp, err))
		return custody_fail_in(err, "'%s'", shown);
	*o = made;
	o->kept = kept;
	made = (struct custody_output){ .dir_fd = -1, .fd = -1 };
	return 0;
}

int custody_output_open(struct custody_output *o, const char *path, mode_t mode, struct custody_error *err)
{
	return open_new(o, path, false, mode, err);
}

int custody_output_open_kept(struct custody_output *o, const char *path, mode_t mode, struct custody_error *err)
{
	return open_new(o, path, true, mode, err);
}

int custody_output_open_over(struct custody_output *o, const char *path, mode_t mode, struct custody_error *err)
{
	char shown[SHOWN];
	custody_display(path, strlen(path), shown, sizeof(shown));
	CUSTODY_OUTPUT_CLEAN struct custody_output made = { .dir_fd = -1, .fd = -1, .over = true };
	if (open_parent(&made, path, shown, err))
		return -1;
	if (make_temporary(made.dir_fd, made.name, false, mode, &made.fd, &made.temp, err))
		return custody_fail_in(err, "'%s'", shown);
	*o = made;
	made = (struct custody_output){ .dir_fd = -1, .fd = -1 };
	return 0;
}

int custody_output_rename(struct custody_output *o, const char *suffix, struct custody_error *err)
{
	CUSTODY_FREE char *name = NULL, *path = NULL;
	if (asprintf(&name, "%s%s", o->name, suffix) < 0)
		name = NULL;
	if (asprintf(&path, "%s%s", o->path, suffix) < 0)
		path = NULL;
	if (!name || !path)
		return custody_fail_nomem(err);
	free(o->name);
	free(o->path);
	o->name = custody_steal(&name);
	o->path = custody_steal(&path);
	return 0;
}

int custody_output_sync(struct custody_output *o, struct custody_error *err)
{
	/* Once fsync has failed the kernel may have dropped the dirty pages and the next call would succeed: never retried. */
	if (fsync(o->fd) == 0)
		return 0;
	int why = errno;
	char shown[SHOWN];
	return custody_fail_errno(err, why, "cannot write '%s' to storage", custody_display(o->path, strlen(o->path), shown, sizeof(shown)));
}

int custody_fd_sync_folder(int dir_fd)
{
	return fsync(dir_fd) && errno != EINVAL ? -1 : 0;
}

/*
 * For a file system that has neither a rename which does not replace nor links (shared folders of virtual machines, exFAT and object stores by FUSE): the name is
 * taken by an empty file, which O_EXCL makes ours, and that one alone is replaced. Only a process killed in between leaves it, empty, beside the temporary.
 */
static int claim_and_rename(int dir_fd, const char *from, const char *to)
{
	int claim = openat(dir_fd, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (claim < 0)
		return -1;
	close(claim); /* nothing was written to it */
	if (renameat2(dir_fd, from, dir_fd, to, 0) == 0)
		return 0;
	int why = errno;
	(void)unlinkat(dir_fd, to, 0);
	errno = why;
	return -1;
}

/* Gives the temporary its name without replacing anything. 0 or -1 with errno. */
static int rename_without_replacing(int dir_fd, const char *from, const char *to)
{
	if (renameat2(dir_fd, from, dir_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return -1;
	if (linkat(dir_fd, from, dir_fd, to, 0) == 0) /* NFS, FUSE: link does not replace either */
		return unlinkat(dir_fd, from, 0);
	/* EPERM is Linux's word for a file system without links. */
	return errno == EPERM || errno == ENOSYS || errno == EOPNOTSUPP || errno == EINVAL ? claim_and_rename(dir_fd, from, to) : -1;
}

static int cannot_name(const char *shown, struct custody_error *err)
{
	return errno == EEXIST ? exists_already(shown, err) : custody_fail_errno(err, errno, "cannot name '%s'", shown);
}

/* Some network file systems report a failed write only here. */
static int close_output(struct custody_output *o, const char *shown, struct custody_error *err)
{
	int fd = o->fd;
	o->fd = -1;
	return close(fd) ? custody_fail_errno(err, errno, "cannot write '%s' to storage", shown) : 0;
}

/*
 * A link never replaces. The second sync is for btrfs, whose log leaves out a file that has no name yet: its content is on storage by the first, that it is
 * this file's only by the second.
 */
static int name_nameless(struct custody_output *o, const char *shown, struct custody_error *err)
{
	struct proc_path by = { "" };
	if (linkat(AT_FDCWD, proc_path(o->fd, &by), o->dir_fd, o->name, AT_SYMLINK_FOLLOW))
		return cannot_name(shown, err);
	if (custody_output_sync(o, err) == 0 && close_output(o, shown, err) == 0)
		return 0;
	unlinkat(o->dir_fd, o->name, 0); /* what is reported as failed must not lie there under its name */
	return -1;
}

static int name_hidden(struct custody_output *o, const char *shown, struct custody_error *err)
{
	if (close_output(o, shown, err))
		return -1;
	if (o->over ? renameat(o->dir_fd, o->temp, o->dir_fd, o->name) : rename_without_replacing(o->dir_fd, o->temp, o->name))
		return cannot_name(shown, err);
	if (!o->kept)
		free(custody_steal(&o->temp));
	return 0;
}

/* What is reported as failed must not lie there under its name. */
static void take_back(struct custody_output *o)
{
	if (o->kept && rename_without_replacing(o->dir_fd, o->name, o->temp))
		free(custody_steal(&o->temp));
	else if (!o->kept && !o->over)
		unlinkat(o->dir_fd, o->name, 0);
}

int custody_output_commit(struct custody_output *o, struct custody_error *err)
{
	char shown[SHOWN];
	custody_display(o->path, strlen(o->path), shown, sizeof(shown));
	if (custody_output_sync(o, err) || (o->temp ? name_hidden(o, shown, err) : name_nameless(o, shown, err)))
		return -1;
	if (custody_fd_sync_folder(o->dir_fd)) {
		int why = errno;
		take_back(o);
		return custody_fail_errno(
			err, why, "cannot write the folder of '%s' to storage%s", shown, o->over ? ", where the new bytes are in place" : "");
	}
	free(custody_steal(&o->temp)); /* it is no longer there to be removed */
	custody_output_abandon(o);
	return 0;
}

void custody_output_abandon(struct custody_output *o)
{
	if (!o->path && !o->name) /* zeroed, or done: then the descriptors are nobody's */
		return;
	if (o->temp && !o->kept)
		unlinkat(o->dir_fd, o->temp, 0);
	custody_cleanup_fd(&o->fd);
	custody_cleanup_fd(&o->dir_fd);
	free(o->temp);
	free(o->name);
	free(o->path);
	*o = (struct custody_output){ .dir_fd = -1, .fd = -1 };
}

/* ".STEM.NNNNNN.tmp" */
static bool is_temporary(const char *name, const char *stem, size_t keep)
{
	size_t n = strlen(name);
	if (n != keep + 12 || name[0] != '.' || memcmp(name + 1, stem, keep) != 0 || name[keep + 1] != '.' || strcmp(name + keep + 8, ".tmp") != 0)
		return false;
	return strspn(name + keep + 2, "0123456789") == 6;
}

bool custody_output_leftover(const char *path, char out[NAME_MAX + 1])
{
	struct custody_error unsaid = CUSTODY_ERROR_INIT; /* what hinders us here is told when the output is made */
	CUSTODY_OUTPUT_CLEAN struct custody_output o = { .dir_fd = -1, .fd = -1 };
	bool found = false;
	if (open_parent(&o, path, "", &unsaid))
		return false;
	DIR *folder = fdopendir(o.dir_fd);
	if (!folder)
		return false;
	o.dir_fd = -1;
	for (const struct dirent *e; !found && (e = readdir(folder));) {
		found = is_temporary(e->d_name, o.name, strnlen(o.name, STEM));
		if (found)
			snprintf(out, NAME_MAX + 1, "%s", e->d_name);
	}
	closedir(folder);
	return found;
}

int custody_output_write_file(const char *path, mode_t mode, const void *p, size_t n, struct custody_error *err)
{
	CUSTODY_OUTPUT_CLEAN struct custody_output o = { 0 };
	if (custody_output_open(&o, path, mode, err))
		return -1;
	if (custody_fd_write(o.fd, p, n, path, err))
		return -1;
	return custody_output_commit(&o, err);
}

int custody_spool_init(struct custody_spool *s, int dir_fd, struct custody_error *err)
{
	*s = (struct custody_spool){ .dir_fd = dir_fd, .fd = -1 };
	s->buf = malloc(CUSTODY_LIMIT_SPOOL_BUFFER);
	return s->buf ? 0 : custody_fail_nomem(err);
}

void custody_spool_release(struct custody_spool *s)
{
	if (s->buf)
		custody_cleanup_fd(&s->fd);
	free(s->buf);
	*s = (struct custody_spool){ .dir_fd = -1, .fd = -1 };
}

static int flush(struct custody_spool *s, struct custody_error *err)
{
	if (s->fd < 0 && custody_fd_temporary(s->dir_fd, &s->fd, err))
		return -1;
	if (custody_fd_pwrite(s->fd, s->flushed, s->buf, s->used, "a temporary file", err))
		return -1;
	s->flushed += s->used;
	s->used = 0;
	return 0;
}

int custody_spool_append(struct custody_spool *s, const void *p, size_t n, struct custody_error *err)
{
	const uint8_t *from = p;
	while (n > 0) {
		if (s->used == CUSTODY_LIMIT_SPOOL_BUFFER && flush(s, err))
			return -1;
		size_t room = CUSTODY_LIMIT_SPOOL_BUFFER - s->used, take = n < room ? n : room;
		memcpy(s->buf + s->used, from, take);
		s->used += take;
		from += take;
		n -= take;
	}
	return 0;
}

uint64_t custody_spool_size(const struct custody_spool *s)
{
	return s->flushed + s->used;
}

int custody_spool_read(struct custody_spool *s, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	uint64_t size = custody_spool_size(s);
	if (off > size || n > size - off)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "read of %zu bytes at %llu of a spool of %llu", n, (unsigned long long)off,
			(unsigned long long)size);
	if (off < s->flushed) {
		size_t want = n < s->flushed - off ? n : (size_t)(s->flushed - off), got;
		if (custody_fd_pread(s->fd, off, p, want, &got, "a temporary file", err))
			return -1;
		if (got != want)
			return custody_fail_errno(err, EIO, "a temporary file became shorter");
		off += want;
		p += want;
		n -= want;
	}
	if (n > 0)
		memcpy(p, s->buf + (off - s->flushed), n);
	return 0;
}
