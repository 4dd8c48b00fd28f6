/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that is full: no file of this process can grow beyond a size. */
#ifndef CUSTODY_TESTS_DISK_H
#define CUSTODY_TESTS_DISK_H

#include <sys/resource.h>

/* Beyond n bytes, writing fails with EFBIG. Must be followed by disk_free_again(): what is written when the process ends counts too, and a coverage build
 * would leave its counts cut off, for everything that runs later. */
void disk_full_at(rlim_t n);
void disk_free_again(void);

#endif
