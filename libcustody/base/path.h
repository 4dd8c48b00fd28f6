/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as raw bytes: '/' separates, nothing else means anything. */
#ifndef CUSTODY_BASE_PATH_H
#define CUSTODY_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"

/* Compares part by part by raw bytes, parent before child: the walk order of sealed-package.md. -1, 0, 1. */
int custody_path_compare(const uint8_t *a, size_t an, const uint8_t *b, size_t bn);
/* A relative path of non-empty parts without "." and "..", no NUL, at least one part. */
bool custody_path_is_relative_clean(const uint8_t *p, size_t n);
/* Opens one name (no '/') in dir_fd without following a link and without blocking: O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC, O_NOATIME where
 * the system allows. Returns the descriptor, or -1 with errno. */
int custody_path_open_nofollow(int dir_fd, const char *name, int extra_flags);

#endif
