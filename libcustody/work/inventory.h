/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inventory of a package that was just judged, once more, for those who make something else of it: item by item in constant memory, and at the end it is known
 * that these were the very bytes that were verified. What was made before the end was reached is worth nothing.
 */
#ifndef CUSTODY_WORK_INVENTORY_H
#define CUSTODY_WORK_INVENTORY_H

#include <stdint.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/source.h"
#include "libcustody/package/manifest.h"
#include "libcustody/verdict/verdict.h"

struct custody_inventory {
	const struct custody_source *source; /* borrowed */
	struct custody_inventory_cursor *cursor; /* owned */
	uint8_t sha256[32]; /* of the inventory that was verified */
};
#define CUSTODY_INVENTORY_CLEAN CUSTODY_CLEANUP(custody_inventory_release)
void custody_inventory_release(struct custody_inventory *inventory); /* safe on a zeroed struct */

/*
 * source and report are those of one custody_verify(), and custody_report_has_every_byte(report). source is borrowed until release. Errors: IO (also: the package is
 * another one now), NOMEM, INTERNAL.
 */
int custody_inventory_open(struct custody_inventory *inventory, const struct custody_source *source, const struct custody_report *report,
	const struct custody_random *random, struct custody_error *err) CUSTODY_MUST_USE;
/* 1: *item, borrowed until the next call; 0: the end, the inventory had the SHA-256 that was verified, and the file has size and times of the beginning; -1: as
 * above. */
int custody_inventory_next(struct custody_inventory *inventory, struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;

#endif
