/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/inventory.h"

#include <string.h>

#include "libcustody/package/members.h"
#include "libcustody/package/zip.h"

/* What was verified is not there any more. */
static int changed(const char *what, struct custody_error *err)
{
	custody_fail(err, CUSTODY_ERR_IO, "the package changed since it was verified: %s", what);
	return custody_hint(err, "copy the package to a quiet place and use the copy");
}

/* What a parser refuses now, it took before. */
static int refused(struct custody_error *err)
{
	if (err->kind != CUSTODY_ERR_FORMAT && err->kind != CUSTODY_ERR_LIMIT)
		return -1;
	err->kind = CUSTODY_ERR_IO;
	err->rule = NULL;
	return custody_fail_in(err, "the package changed since it was verified");
}

void custody_inventory_release(struct custody_inventory *inventory)
{
	custody_inventory_cursor_free(&inventory->cursor);
}

int custody_inventory_open(struct custody_inventory *inventory, const struct custody_source *source, const struct custody_report *report,
	const struct custody_random *random, struct custody_error *err)
{
	struct custody_zip zip;
	struct custody_zip_member m;
	uint8_t key[16];

	*inventory = (struct custody_inventory){ .source = source };
	if (!custody_report_has_every_byte(report) || !(report->shown & CUSTODY_SHOWN_INVENTORY))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "an inventory that was not verified is asked for");
	memcpy(inventory->sha256, report->inventory_sha256, sizeof(inventory->sha256));
	if (custody_random_fill(random, key, sizeof(key), err))
		return -1;
	if (custody_zip_check(&zip, source, key, NULL, NULL, err))
		return refused(err);
	int r = custody_zip_find(&zip, custody_member_name(CUSTODY_MEMBER_INVENTORY), &m, err);
	if (r <= 0)
		return r < 0 ? refused(err) : changed("it has no inventory", err);
	return custody_inventory_cursor_new(&inventory->cursor, source, m.data_offset, m.size, err) ? refused(err) : 0;
}

int custody_inventory_next(struct custody_inventory *inventory, struct custody_item *item, struct custody_error *err)
{
	const uint8_t *line = NULL;
	size_t n = 0;
	uint8_t sha256[32];
	int r = custody_inventory_cursor_next(inventory->cursor, item, &line, &n, err);

	if (r)
		return r < 0 ? refused(err) : 1;
	custody_inventory_cursor_digest(inventory->cursor, sha256);
	if (memcmp(sha256, inventory->sha256, sizeof(sha256)) != 0)
		return changed("the inventory is another one", err);
	r = custody_source_unchanged(inventory->source, err);
	if (r < 0)
		return -1;
	return r ? 0 : changed("size or times of the file are not those of the beginning", err);
}
