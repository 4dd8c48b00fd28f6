/* SPDX-License-Identifier: Apache-2.0 */
/* What writer and readers of an inventory line share: its keys, and what must hold of an item whoever made it. Internal to package/. */
#ifndef CUSTODY_PACKAGE_ITEM_H
#define CUSTODY_PACKAGE_ITEM_H

#include "libcustody/package/manifest.h"

#define CUSTODY_ITEM_MALFORMED "inventory-malformed"

/* Keys of a line, in the order in which they stand; bits of a mask in the same order. */
enum custody_item_key {
	CUSTODY_KEY_N,
	CUSTODY_KEY_SALT,
	CUSTODY_KEY_PATH,
	CUSTODY_KEY_PATH_B64,
	CUSTODY_KEY_KIND,
	CUSTODY_KEY_SIZE,
	CUSTODY_KEY_MEMBER,
	CUSTODY_KEY_OFFSET,
	CUSTODY_KEY_DIGESTS,
	CUSTODY_KEY_LINK,
	CUSTODY_KEY_TARGET_N,
	CUSTODY_KEY_TIMES,
	CUSTODY_KEY_MODE,
	CUSTODY_KEY_OWNER,
	CUSTODY_KEY_DEVICE,
	CUSTODY_KEY_XATTRS,
	CUSTODY_KEY_TYPE,
	CUSTODY_KEY_FINDINGS,
	CUSTODY_KEYS
};
#define CUSTODY_KEY_BIT(name) (UINT32_C(1) << CUSTODY_KEY_##name)
#define CUSTODY_KEYS_CONTENT (CUSTODY_KEY_BIT(SIZE) | CUSTODY_KEY_BIT(MEMBER) | CUSTODY_KEY_BIT(OFFSET) | CUSTODY_KEY_BIT(DIGESTS))

extern const char *const custody_item_time_names[CUSTODY_TIMES];

/* The item, whose line has (or will have) these keys, does not contradict itself. Otherwise false, and what is wrong in what. */
bool custody_item_check(const struct custody_item *item, uint32_t keys, char *what, size_t room) CUSTODY_MUST_USE;

/*
 * Reads a line that is exactly what custody_item_format() makes, as nearly all are, without building a document of it. The texts that item borrows go to arena. false:
 * it is not that, or not quite, or there is no memory: the general reader decides. true: custody_item_check() has passed too. What is taken here is taken by the general
 * reader with the same result; a property test and a fuzz target say so.
 */
bool custody_item_parse_exact(const uint8_t *line, size_t n, struct custody_buf *arena, struct custody_item *item);
/* The general reader: any JSON that means the same. */
int custody_item_parse_any(
	const uint8_t *line, size_t n, struct custody_buf *arena, struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;

#endif
