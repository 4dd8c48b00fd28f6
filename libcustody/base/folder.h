/* SPDX-License-Identifier: Apache-2.0 */
/* Whole folders: taking away again what was begun. */
#ifndef CUSTODY_BASE_FOLDER_H
#define CUSTODY_BASE_FOLDER_H

/*
 * Removes the folder `name` in dir_fd and everything below it, however deep, without following a link, with a handful of descriptors and no
 * recursion. For folders that this process made and nobody else writes to. What cannot be removed stays; nothing is reported: this is cleaning up
 * after a failure that is reported already.
 */
void custody_folder_remove(int dir_fd, const char *name);

#endif
