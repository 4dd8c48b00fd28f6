/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking received evidence: every item of every kind, in the order of the inventory (path parts by raw bytes, parent before child, over all arguments together),
 * folder by folder, without following a link and without ever writing. Memory is bounded whatever the tree (names beyond CUSTODY_LIMIT_FOLDER_NAMES are
 * read again when their turn comes), but for 24 bytes a file with several hard links.
 */
#ifndef CUSTODY_WORK_WALK_H
#define CUSTODY_WORK_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/package/manifest.h"

struct custody_walk_argument {
	const char *path; /* as given */
	const char *name; /* NULL: the last part of the path ("." and "/" take the folder's real name, or fail with a hint at --name) */
};
struct custody_walk;

/*
 * Opens the arguments: each a regular file or a folder, a symbolic link as argument followed once (INPUT otherwise, with a hint). Two with the same name, or one
 * inside another (same dev/ino on the way up): INPUT. hash and audit use `as_given`: paths are then those given, not the last part, order is the
 * arguments' own, and overlap is allowed.
 */
int custody_walk_new(struct custody_walk **out, const struct custody_walk_argument *arguments, size_t n, bool as_given,
	struct custody_error *err) CUSTODY_MUST_USE;
void custody_walk_free(struct custody_walk **w);
/* What argument i (in the order given) led to if it was a symbolic link: that path, borrowed; NULL if it was none. */
const char *custody_walk_followed(const struct custody_walk *w, size_t i);
/* Some path must not lie inside a source: INPUT if the folder of dir_fd is one of the arguments or below one. what: "the output", "the lab". */
int custody_walk_refuse_inside(const struct custody_walk *w, int dir_fd, const char *what, struct custody_error *err) CUSTODY_MUST_USE;

/* One item; borrowed until the next call. */
struct custody_walk_entry {
	uint64_t n; /* 0-based, in order */
	const uint8_t *path; /* relative, raw */
	size_t path_len;
	int dir_fd; /* the folder it lies in (the argument's own parent for an argument) */
	const char *name; /* its name there, for openat and friends */
	struct stat st; /* fstatat without following */
	bool has_st; /* false: even that failed (problem says why), st is zero and kind is what the folder said, or file */
	enum custody_kind kind; /* hardlink: an earlier entry with the same (device, inode); a regular file always, and never when as_given */
	uint64_t target_n; /* of a hardlink */
	const uint8_t *link; /* raw target of a symlink */
	size_t link_len;
	bool has_born;
	struct custody_time born;
	bool mount_point; /* a folder on another device than its parent; never an argument itself */
	int problem; /* errno why its kind, its content or (a folder) its list cannot be read; 0 if none */
};
/* 1: *e; 0: end; -1: error (NOMEM, LIMIT, IO of the walk itself; an unreadable item is an entry with `problem`). */
int custody_walk_next(struct custody_walk *w, struct custody_walk_entry *e, struct custody_error *err) CUSTODY_MUST_USE;
/* Opens the content of a file entry: openat2 RESOLVE_BENEATH|NO_SYMLINKS|NO_MAGICLINKS where there, else openat O_NOFOLLOW; O_NONBLOCK, O_NOATIME where allowed;
 * fstat must give the same device and inode. *st is the fstat. Returns fd or -1 with *problem = errno (ESTALE: it is another file now). */
int custody_walk_open(const struct custody_walk_entry *e, struct stat *st, int *problem);
/*
 * Reads mode, owner, times, device of e->st (names of user and group cached) and xattrs (raw, sorted by name) into item. Sets n, path, kind, link, target_n. fd: the
 * item's open content, or -1; xattrs of what is not open are read through /proc/self/fd. Everything borrowed lies in the
 * walk's own memory until the next call of this function, the findings and their details too:
 *   times-absent         a time outside the years 1 to 9999 (detail: its names); or nothing is known of the item
 *   xattrs-digest-only   more than CUSTODY_LIMIT_XATTRS bytes of names and values: none is given; detail "sha256 HEX" over, for each in order, length (32 bits,
 *                        little-endian) and bytes of the name, length and bytes of the value
 *   xattrs-unreadable    an attribute that is there could not be read, or which there are; detail: the first, why, and how many more
 */
int custody_walk_describe(
	struct custody_walk *w, const struct custody_walk_entry *e, int fd, struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;

#endif
