/* SPDX-License-Identifier: Apache-2.0 */
/* Items of an inventory from a seed: every kind, every key there or not, hostile bytes wherever bytes are allowed. The same seed gives the same item. */
#ifndef CUSTODY_TESTS_ITEMS_H
#define CUSTODY_TESTS_ITEMS_H

#include <stdbool.h>
#include <stdint.h>

#include "libcustody/package/manifest.h"

/* One item with all that it borrows. */
struct test_item {
	struct custody_item item;
	uint64_t state; /* of the generator */
	uint8_t bytes[8192];
	size_t used;
	struct custody_xattr xattrs[4];
	struct custody_item_finding findings[4];
};
void test_item_make(struct test_item *t, uint64_t seed);
/* All that a line says is the same. */
bool test_item_equal(const struct custody_item *a, const struct custody_item *b);

#endif
