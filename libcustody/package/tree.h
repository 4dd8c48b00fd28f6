/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree of RFC 9162 section 2.1 with SHA-256: leaf = H(0x00 || line without LF), node = H(0x01 || left || right). Incremental; 64 hashes. */
#ifndef CUSTODY_PACKAGE_TREE_H
#define CUSTODY_PACKAGE_TREE_H

#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/crypto/digest.h"

struct custody_tree {
	struct custody_digest sha256;
	uint64_t size; /* leaves so far */
	uint8_t stack[64][32];
};
int custody_tree_init(struct custody_tree *t, struct custody_error *err) CUSTODY_MUST_USE;
void custody_tree_release(struct custody_tree *t);
int custody_tree_add(struct custody_tree *t, const void *leaf, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* Root of the leaves so far (the empty tree: SHA-256 of nothing). May be called at any time. */
int custody_tree_root(struct custody_tree *t, uint8_t root[32], struct custody_error *err) CUSTODY_MUST_USE;

#endif
