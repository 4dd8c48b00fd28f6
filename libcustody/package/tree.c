/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/tree.h"

#include <string.h>

enum { SHORT_LEAF = 2048 }; /* bytes; a line of the inventory has some 700 */

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

static int hash(struct custody_tree *t, const void *p, size_t n, uint8_t out[32], struct custody_error *err)
{
	if (custody_digest_start(&t->sha256, err) != 0 || custody_digest_update(&t->sha256, p, n, err) != 0)
		return -1;
	return custody_digest_finish(&t->sha256, out, err);
}

/* SHA-256(0x00 || leaf). A usual line goes in one piece: for something so short OpenSSL's calls weigh as much as its arithmetic. */
static int hash_leaf(struct custody_tree *t, const void *leaf, size_t n, uint8_t out[32], struct custody_error *err)
{
	uint8_t whole[1 + SHORT_LEAF];
	static const uint8_t prefix = 0x00;

	if (n <= SHORT_LEAF) {
		whole[0] = prefix;
		if (n > 0)
			memcpy(whole + 1, leaf, n);
		return hash(t, whole, 1 + n, out, err);
	}
	if (custody_digest_start(&t->sha256, err) != 0 || custody_digest_update(&t->sha256, &prefix, 1, err) != 0 ||
		custody_digest_update(&t->sha256, leaf, n, err) != 0)
		return -1;
	return custody_digest_finish(&t->sha256, out, err);
}

/* SHA-256(0x01 || left || right); out may be either. */
static int hash_node(struct custody_tree *t, const uint8_t left[32], const uint8_t right[32], uint8_t out[32], struct custody_error *err)
{
	uint8_t whole[65] = { 0x01 };

	memcpy(whole + 1, left, 32);
	memcpy(whole + 33, right, 32);
	return hash(t, whole, sizeof(whole), out, err);
}

int custody_tree_add(struct custody_tree *t, const void *leaf, size_t n, struct custody_error *err)
{
	uint8_t root[32];
	if (hash_leaf(t, leaf, n, root, err) != 0)
		return -1;
	size_t level = 0;
	for (; t->size >> level & 1; level++)
		if (hash_node(t, t->stack[level], root, root, err) != 0)
			return -1;
	memcpy(t->stack[level], root, 32);
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
	uint8_t so_far[32];
	memcpy(so_far, t->stack[level], 32);
	/* RFC 9162 section 2.1.1: the left subtree is the largest full one, so what is left over joins from the right, smallest first. */
	for (level++; level < 64 && t->size >> level != 0; level++)
		if ((t->size >> level & 1) && hash_node(t, t->stack[level], so_far, so_far, err) != 0)
			return -1;
	memcpy(root, so_far, 32);
	return 0;
}
