/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/tree.h"

#include <string.h>

/*
 * stack[i] holds the root of a full subtree of 2^i leaves exactly when bit i of size is set; together, from the highest bit down, they are all leaves
 * in order. Adding a leaf is adding 1 to size with its carries.
 */

int custody_tree_init(struct custody_tree *t, struct custody_error *err)
{
	t->size = 0;
	return custody_digest_new(&t->sha256, CUSTODY_SHA256, err);
}

void custody_tree_release(struct custody_tree *t)
{
	custody_digest_release(&t->sha256);
}

/* SHA-256(prefix || a || b); out may be a or b. */
static int hash2(
	struct custody_tree *t, uint8_t prefix, const void *a, size_t an, const void *b, size_t bn, uint8_t out[32], struct custody_error *err)
{
	if (custody_digest_start(&t->sha256, err) != 0 || custody_digest_update(&t->sha256, &prefix, 1, err) != 0 ||
		custody_digest_update(&t->sha256, a, an, err) != 0 || custody_digest_update(&t->sha256, b, bn, err) != 0)
		return -1;
	return custody_digest_finish(&t->sha256, out, err);
}

int custody_tree_add(struct custody_tree *t, const void *leaf, size_t n, struct custody_error *err)
{
	uint8_t hash[32];
	if (hash2(t, 0x00, leaf, n, "", 0, hash, err) != 0)
		return -1;
	size_t level = 0;
	for (; t->size >> level & 1; level++)
		if (hash2(t, 0x01, t->stack[level], 32, hash, 32, hash, err) != 0)
			return -1;
	memcpy(t->stack[level], hash, 32);
	t->size++;
	return 0;
}

int custody_tree_root(struct custody_tree *t, uint8_t root[32], struct custody_error *err)
{
	if (t->size == 0)
		return custody_digest_once(CUSTODY_SHA256, "", 0, root, err);
	size_t level = 0;
	while (!(t->size >> level & 1))
		level++;
	uint8_t hash[32];
	memcpy(hash, t->stack[level], 32);
	/* RFC 9162 section 2.1.1: the left subtree is the largest full one, so what is left over joins from the right, smallest first. */
	for (level++; level < 64 && t->size >> level != 0; level++)
		if ((t->size >> level & 1) && hash2(t, 0x01, t->stack[level], 32, hash, 32, hash, err) != 0)
			return -1;
	memcpy(root, hash, 32);
	return 0;
}
