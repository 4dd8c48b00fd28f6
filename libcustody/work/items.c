/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/items.h"

#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/package/members.h"
#include "libcustody/package/zip.h"

/* A refusal of what passed a moment ago is a change, and no verdict. */
static int changed(struct custody_error *err)
{
	if (err->kind != CUSTODY_ERR_FORMAT)
		return -1;
	err->kind = CUSTODY_ERR_IO;
	err->rule = NULL;
	return custody_fail_in(err, "the package changed since it was verified");
}

static int find_inventory(struct custody_zip *zip, const struct custody_source *source, const struct custody_random *random,
	struct custody_zip_member *m, struct custody_error *err)
{
	uint8_t key[16];
	int r;

	if (custody_random_fill(random, key, sizeof(key), err))
		return -1;
	if (custody_zip_check(zip, source, key, NULL, NULL, err))
		return changed(err);
	r = custody_zip_find(zip, custody_member_name(CUSTODY_MEMBER_INVENTORY), m, err);
	if (r == 0)
		return custody_fail(err, CUSTODY_ERR_IO, "the package changed since it was verified: it has no inventory any more");
	return r < 0 ? changed(err) : 0;
}

int custody_items_each(const struct custody_source *source, const struct custody_random *random, const struct custody_report *judged,
	int (*each)(void *ctx, const struct custody_item *item, struct custody_error *err), void *ctx, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_inventory_cursor_free) struct custody_inventory_cursor *cursor = NULL;
	struct custody_zip zip;
	struct custody_zip_member m;
	struct custody_item item;
	const uint8_t *line;
	uint8_t sha256[32];
	size_t len;
	int r;

	if (judged->verdict != CUSTODY_VERDICT_VALID || !judged->has_lists)
		return custody_fail(err, CUSTODY_ERR_INPUT, "only the items of a package that is VALID can be listed");
	if (find_inventory(&zip, source, random, &m, err))
		return -1;
	if (custody_inventory_cursor_new(&cursor, source, m.data_offset, m.size, err))
		return changed(err);
	while ((r = custody_inventory_cursor_next(cursor, &item, &line, &len, err)) == 1)
		if (each(ctx, &item, err))
			return -1;
	if (r < 0)
		return changed(err);
	custody_inventory_cursor_digest(cursor, sha256);
	if (memcmp(sha256, judged->inventory_sha256, sizeof(sha256)) != 0)
		return custody_fail(err, CUSTODY_ERR_IO, "the package changed since it was verified: its inventory is another one");
	return 0;
}
