/* SPDX-License-Identifier: Apache-2.0 */
/* Writing that leaves holes where the bytes are zeros: sparse evidence stays sparse, in the package and when it comes out again. */
#ifndef CUSTODY_BASE_SPARSE_H
#define CUSTODY_BASE_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"

#define CUSTODY_SPARSE_MIN ((size_t)64 << 10) /* shorter runs of zeros are written: a hole costs the file system an extent and us a write */

/*
 * Writes n bytes at off of a file in which nothing was ever written from off on, leaving out runs of CUSTODY_SPARSE_MIN zeros and more. The file may
 * then end before off + n: whoever writes the last byte of all sees to its length. name is for messages. Errors: IO.
 */
int custody_sparse_pwrite(int fd, uint64_t off, const uint8_t *p, size_t n, const char *name, struct custody_error *err) CUSTODY_MUST_USE;

#endif
