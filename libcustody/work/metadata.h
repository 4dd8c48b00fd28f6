/* SPDX-License-Identifier: Apache-2.0 */
/* What the file system says about an item beside its content: names of owners (kept), times, extended attributes. */
#ifndef CUSTODY_WORK_METADATA_H
#define CUSTODY_WORK_METADATA_H

#include "libcustody/base/error.h"
#include "libcustody/package/manifest.h"
#include "libcustody/work/walk.h"

struct custody_metadata;

int custody_metadata_new(struct custody_metadata **out, struct custody_error *err) CUSTODY_MUST_USE;
void custody_metadata_free(struct custody_metadata **m);
/* Fills item from e->st and fd (an open descriptor of the item, or -1: then its extended attributes are read by way of /proc). What item borrows lives in m
 * until the next call; see custody_walk_describe(). */
int custody_metadata_read(struct custody_metadata *m, const struct custody_walk_entry *e, int fd, struct custody_item *item,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
