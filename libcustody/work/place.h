/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The new folder that items are extracted to. It is built under a temporary name beside its own and renamed when it is whole. Everything is opened
 * beneath it, part by part, without following a link; paths may be longer than the system's PATH_MAX. Paths come from a package: they are refused unless
 * custody_path_is_relative_clean().
 */
#ifndef CUSTODY_WORK_PLACE_H
#define CUSTODY_WORK_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/package/manifest.h"

struct custody_place {
	int parent_fd; /* the folder that the new one will lie in */
	int root_fd; /* the new folder; -1 until begun */
	char *name, *path; /* its last part; as given. Owned */
	char temp[64]; /* its temporary name; empty: not there */
	uint64_t folders; /* made so far */

	int at_fd; /* folder used last, -1: none; its path in `at`, so that a folder full of files is opened once */
	struct custody_buf at;
};

/* Looks whether `folder` can be made: INPUT if there is something of that name, or its parent is not there. Makes nothing. */
int custody_place_open(struct custody_place *p, const char *folder, struct custody_error *err) CUSTODY_MUST_USE;
/* Makes it, under a temporary name. */
int custody_place_begin(struct custody_place *p, const struct custody_random *random, struct custody_error *err) CUSTODY_MUST_USE;
/* Gives it its name; INPUT if that has come to exist. */
int custody_place_commit(struct custody_place *p, struct custody_error *err) CUSTODY_MUST_USE;
/* Removes everything that was made unless it was committed. Safe on a zeroed struct. */
void custody_place_abandon(struct custody_place *p);
#define CUSTODY_PLACE_CLEAN CUSTODY_CLEANUP(custody_place_abandon)

/* Each makes one thing, with the folders above it (mode 0700 until they are finished); that it is there already is an IO error. */
int custody_place_folder(struct custody_place *p, struct custody_bytes path, struct custody_error *err) CUSTODY_MUST_USE;
/* Gives *fd, for writing. */
int custody_place_file(struct custody_place *p, struct custody_bytes path, int *fd, struct custody_error *err) CUSTODY_MUST_USE;
int custody_place_link(struct custody_place *p, struct custody_bytes target, struct custody_bytes path, struct custody_error *err) CUSTODY_MUST_USE;
/* With its times. */
int custody_place_symlink(struct custody_place *p, const struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;

/* Mode (0666 of it) and times of a file that was written; takes fd and closes it. */
int custody_place_finish_file(int fd, const struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;
/* Mode (0777 of it) and times of a folder, if it was made. After everything below it. */
int custody_place_finish_folder(struct custody_place *p, const struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;

/* Puts "'PATH'" in front of an error. Returns -1. */
int custody_place_fail_in(struct custody_error *err, struct custody_bytes path);

#endif
