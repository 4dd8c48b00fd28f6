/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a walk: looked at once, in order, and checked against each other. */
#ifndef CUSTODY_WORK_ARGUMENT_H
#define CUSTODY_WORK_ARGUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "libcustody/base/error.h"
#include "libcustody/work/walk.h"

struct custody_argument {
	size_t given; /* which one of those given */
	char *name; /* owned: path of the item */
	char *parent, *last; /* owned: the folder it lies in and its name there ("." when the path ends in a dot or is "/") */
	char *followed; /* owned: where the symbolic link led, or NULL */
	struct stat st; /* of the file or folder, when it was looked at */
};

struct custody_arguments {
	struct custody_argument *list; /* owned; sorted by name unless as_given */
	size_t n;
	const struct custody_argument **folders; /* owned; those that are folders, sorted by device and inode */
	size_t n_folders;
};

/* See custody_walk_new(). */
int custody_arguments_new(
	struct custody_arguments *a, const struct custody_walk_argument *given, size_t n, bool as_given, struct custody_error *err) CUSTODY_MUST_USE;
void custody_arguments_release(struct custody_arguments *a); /* safe on a zeroed struct */
/* The argument that is the folder of dir_fd or above it: *above, or NULL. Errors: IO, where it cannot be seen what is above. */
int custody_arguments_above(
	const struct custody_arguments *a, int dir_fd, const struct custody_argument **above, struct custody_error *err) CUSTODY_MUST_USE;

#endif
