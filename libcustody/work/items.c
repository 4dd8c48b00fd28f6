/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/items.h"

#include "libcustody/work/inventory.h"

int custody_items_each(const struct custody_source *source, const struct custody_random *random, const struct custody_report *judged,
	int (*each)(void *ctx, const struct custody_item *item, struct custody_error *err), void *ctx, struct custody_error *err)
{
	CUSTODY_INVENTORY_CLEAN struct custody_inventory inventory = { 0 };
	struct custody_item item;
	int r;

	if (judged->verdict != CUSTODY_VERDICT_VALID || !judged->has_lists)
		return custody_fail(err, CUSTODY_ERR_INPUT, "only the items of a package that is VALID can be listed");
	if (custody_inventory_open(&inventory, source, judged, random, err))
		return -1;
	while ((r = custody_inventory_next(&inventory, &item, err)) == 1)
		if (each(ctx, &item, err))
			return -1;
	return r;
}
