/* SPDX-License-Identifier: Apache-2.0 */
/* The items of a package that was just judged, for those who list what a verdict covers. */
#ifndef CUSTODY_WORK_ITEMS_H
#define CUSTODY_WORK_ITEMS_H

#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/source.h"
#include "libcustody/package/manifest.h"
#include "libcustody/verdict/verdict.h"

/*
 * Calls `each` for every line of the inventory of source, in order; item is borrowed during the call, and an error of `each` ends it. The inventory must be the one
 * that custody_verify() met when it filled `judged` from this source: what was told counts only if this returns 0. random gives the key of a set.
 * Errors: INPUT (the report has no verdict VALID), IO (also: the package changed since it was verified), NOMEM, LIMIT, and those of `each`.
 */
int custody_items_each(const struct custody_source *source, const struct custody_random *random, const struct custody_report *judged,
	int (*each)(void *ctx, const struct custody_item *item, struct custody_error *err), void *ctx, struct custody_error *err) CUSTODY_MUST_USE;

#endif
