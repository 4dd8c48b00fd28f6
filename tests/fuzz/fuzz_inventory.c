/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory: every line taken says what its item says: format(parse(line)) is taken again and gives the same item. */
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/package/item.h"
#include "libcustody/package/manifest.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/items.h"

static void check_item(const struct custody_item *item)
{
	CUSTODY_BUF_CLEAN struct custody_buf line = { 0 }, arena = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item again;

	custody_buf_init(&line, 2 * CUSTODY_LIMIT_LINE);
	custody_buf_init(&arena, CUSTODY_LIMIT_ITEM_ARENA);
	FUZZ_ASSERT(custody_item_format(&line, item, &err) == 0);
	FUZZ_ASSERT(custody_item_parse(line.data, line.len, &arena, &again, &err) == 0);
	FUZZ_ASSERT(test_item_equal(item, &again));
	FUZZ_ASSERT(!again.has_private);
}

/* What the reader of the exact form takes, the general reader takes with the same result. */
static void check_exact(const uint8_t *line, size_t n)
{
	CUSTODY_BUF_CLEAN struct custody_buf arena = { 0 }, other = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item exact, any;

	custody_buf_init(&arena, CUSTODY_LIMIT_ITEM_ARENA);
	custody_buf_init(&other, CUSTODY_LIMIT_ITEM_ARENA);
	if (!custody_item_parse_exact(line, n, &arena, &exact))
		return;
	FUZZ_ASSERT(custody_item_parse_any(line, n, &other, &any, &err) == 0);
	FUZZ_ASSERT(test_item_equal(&exact, &any) && !any.has_private);
}

FUZZ_TARGET(inventory)
{
	CUSTODY_CLEANUP(custody_inventory_cursor_free) struct custody_inventory_cursor *c = NULL;
	CUSTODY_BUF_CLEAN struct custody_buf arena = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	struct custody_item item;
	const uint8_t *line = NULL;
	size_t len = 0, at = 0;
	uint64_t lines = 0;
	int r;

	/* as one line, whatever its number */
	check_exact(p, n);
	custody_buf_init(&arena, CUSTODY_LIMIT_ITEM_ARENA);
	if (custody_item_parse(p, n, &arena, &item, &err) == 0)
		check_item(&item);
	else
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && err.rule));
	/* as a list */
	custody_source_memory(&source, p, n);
	FUZZ_ASSERT(custody_inventory_cursor_new(&c, &source, 0, n, &err) == 0);
	while ((r = custody_inventory_cursor_next(c, &item, &line, &len, &err)) == 1) {
		FUZZ_ASSERT(item.n == lines++);
		FUZZ_ASSERT(memcmp(line, p + at, len) == 0 && p[at + len] == '\n');
		at += len + 1;
		check_exact(line, len);
		check_item(&item);
	}
	FUZZ_ASSERT(r == 0 ? at == n : err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && err.rule));
	return 0;
}
