/* SPDX-License-Identifier: Apache-2.0 */
/* Files: whole reads and writes, spools (unlinked temporaries), and output that has its name only when it is whole (decision 6). */
#ifndef CUSTODY_BASE_FD_H
#define CUSTODY_BASE_FD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"

/* Reads until n bytes or end of file; *got says how many. EINTR is retried. IO error otherwise; name is for the message. */
int custody_fd_read(int fd, uint8_t *p, size_t n, size_t *got, const char *name, struct custody_error *err) CUSTODY_MUST_USE;
int custody_fd_pread(int fd, uint64_t off, uint8_t *p, size_t n, size_t *got, const char *name, struct custody_error *err) CUSTODY_MUST_USE;
int custody_fd_write(int fd, const uint8_t *p, size_t n, const char *name, struct custody_error *err) CUSTODY_MUST_USE;
int custody_fd_pwrite(int fd, uint64_t off, const uint8_t *p, size_t n, const char *name, struct custody_error *err) CUSTODY_MUST_USE;
/* A whole small file, at most max bytes (LIMIT), appended to out. INPUT if it is not there or not a regular file. Follows links. */
int custody_fd_slurp(const char *path, size_t max, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

/* fsync of a folder, for the names in it. A file system that has no such thing (EINVAL) is no failure: nothing can be done for the name then. 0 or -1 with errno. */
int custody_fd_sync_folder(int dir_fd) CUSTODY_MUST_USE;

/*
 * A file in the making, mode 0666 less umask (or `mode`), O_RDWR: it has no name (O_TMPFILE), so that a killed process leaves nothing. Where the file system
 * has no such files (NFS, SMB, FAT, exFAT, most of FUSE), or /proc is not there to name one by, it is a temporary ".NAME.NNNNNN.tmp" beside the final name.
 * commit: fsync, the name without replacing (an existing target is INPUT), fsync of file and folder; a failed sync is fatal and never retried. Where there is neither a
 * rename that does not replace nor a link, the name is an empty file for a moment.
 * abandon: close, and unlink what has a name; also what happens if it is never committed. Safe on a zeroed struct.
 */
struct custody_output {
	int dir_fd; /* the target folder */
	int fd; /* -1 once committed or abandoned. The owner is this struct */
	char *temp; /* its temporary name in dir_fd; NULL: it has none */
	char *name; /* final name in dir_fd */
	char *path; /* final path as given, for messages */
	bool over; /* commit replaces what has the name */
	bool kept; /* what is not committed stays under the temporary name */
};
/* Fails INPUT if path exists already (in any kind) or its folder does not; IO otherwise. */
int custody_output_open(struct custody_output *o, const char *path, mode_t mode, struct custody_error *err) CUSTODY_MUST_USE;
/* For a file that is written anew as a whole: path may exist, and keeps its old bytes until commit, which puts the new ones in its place in one step. A failure
 * behind that step (the folder's sync) leaves the new ones. Always with a temporary name. */
int custody_output_open_over(struct custody_output *o, const char *path, mode_t mode, struct custody_error *err) CUSTODY_MUST_USE;
/*
 * For what may come only once: the temporary can be seen beside the final name from the start, as NAME.incomplete (or NAME.incomplete.2 and so on: what is there is
 * never touched), and stays there whatever happens until it is committed; a folder that cannot be synced gives it that name again (temp is NULL where that fails too: then
 * it has the final one). Only `kept = false` before abandon
 * removes it. Of a name longer than 200 bytes the temporary has the first 200. Fails as custody_output_open().
 */
int custody_output_open_kept(struct custody_output *o, const char *path, mode_t mode, struct custody_error *err) CUSTODY_MUST_USE;
int custody_output_sync(struct custody_output *o, struct custody_error *err) CUSTODY_MUST_USE;
/* The final name gets this suffix: for what is whole, but not yet what was asked for. */
int custody_output_rename(struct custody_output *o, const char *suffix, struct custody_error *err) CUSTODY_MUST_USE;
int custody_output_commit(struct custody_output *o, struct custody_error *err) CUSTODY_MUST_USE;
void custody_output_abandon(struct custody_output *o);
#define CUSTODY_OUTPUT_CLEAN CUSTODY_CLEANUP(custody_output_abandon)
/* A temporary of this output is beside it: of a process that was killed, or of one at work. Gives its name. */
bool custody_output_leftover(const char *path, char out[NAME_MAX + 1]);
/* Writes a whole small file that way (0600 for keys). */
int custody_output_write_file(const char *path, mode_t mode, const void *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* An unlinked temporary, read and write, in the folder dir_fd (O_TMPFILE, or made and unlinked). Gives *fd. */
int custody_fd_temporary(int dir_fd, int *fd, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * A spool: bytes appended in order through a buffer to an unlinked temporary beside the output, then read again from the start by any
 * number of readers. What stays below 64 KiB never touches the disk.
 */
struct custody_spool {
	int dir_fd; /* borrowed */
	int fd; /* -1 until the buffer first overflows */
	uint8_t *buf; /* owned */
	size_t used;
	uint64_t flushed; /* bytes in the file */
};
int custody_spool_init(struct custody_spool *s, int dir_fd, struct custody_error *err) CUSTODY_MUST_USE;
void custody_spool_release(struct custody_spool *s); /* safe on a zeroed struct (fd 0 is taken for "none" when buf is NULL) */
int custody_spool_append(struct custody_spool *s, const void *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
uint64_t custody_spool_size(const struct custody_spool *s);
/* Exactly n bytes at off. */
int custody_spool_read(struct custody_spool *s, uint64_t off, uint8_t *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;

#endif
