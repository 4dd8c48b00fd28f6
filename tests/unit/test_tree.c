/* SPDX-License-Identifier: Apache-2.0 */
/* The incremental tree against RFC 9162 section 2.1.1 written down as it stands there. */
#include <criterion/criterion.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/hex.h"
#include "libcustody/package/tree.h"

/* MTH(D[n]) of D[first..first+n). The leaves are the decimal numbers of their places. */
static void reference(size_t first, size_t n, uint8_t out[32])
{
	uint8_t block[65] = { 0x01 };
	if (n == 0) {
		SHA256((const uint8_t *)"", 0, out);
		return;
	}
	if (n == 1) {
		int len = snprintf((char *)block, sizeof(block), "_%zu", first);
		block[0] = 0x00;
		SHA256(block, (size_t)len, out);
		return;
	}
	size_t k = 1; /* the largest power of two smaller than n */
	while (k * 2 < n)
		k *= 2;
	reference(first, k, block + 1);
	reference(first + k, n - k, block + 33);
	SHA256(block, sizeof(block), out);
}

static void add_number(struct custody_tree *t, size_t i)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char leaf[24];
	int len = snprintf(leaf, sizeof(leaf), "%zu", i);
	cr_assert_eq(custody_tree_add(t, leaf, (size_t)len, &err), 0, "%s", err.text);
}

Test(tree, has_the_roots_of_rfc_9162_for_every_size)
{
	struct custody_tree t CUSTODY_CLEANUP(custody_tree_release) = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_tree_init(&t, &err), 0);
	for (size_t n = 0; n <= 1025; n++) {
		uint8_t want[32], found[32];
		reference(0, n, want);
		cr_assert_eq(custody_tree_root(&t, found, &err), 0);
		cr_expect_eq(memcmp(found, want, 32), 0, "%zu leaves", n);
		cr_expect_eq(t.size, n);
		add_number(&t, n);
	}
}

/* Short leaves are hashed in one piece, long ones in two. */
Test(tree, has_leaves_of_any_length)
{
	static const size_t lengths[] = { 0, 1, 63, 64, 2047, 2048, 2049, 4096, 70000 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t *leaf = malloc(1 + 70000), want[32], found[32];
	cr_assert_not_null(leaf);
	for (size_t i = 0; i <= 70000; i++)
		leaf[i] = (uint8_t)(i * 7 + i / 251);
	leaf[0] = 0x00; /* the prefix, for the reference alone */
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct custody_tree t CUSTODY_CLEANUP(custody_tree_release) = { 0 };
		cr_assert_eq(custody_tree_init(&t, &err), 0);
		cr_assert_eq(custody_tree_add(&t, leaf + 1, lengths[i], &err), 0);
		cr_assert_eq(custody_tree_root(&t, found, &err), 0);
		SHA256(leaf, 1 + lengths[i], want);
		cr_expect_eq(memcmp(found, want, 32), 0, "%zu bytes", lengths[i]);
	}
	free(leaf);
}

/* Fixed values, so that reference and code cannot go wrong together. */
Test(tree, has_known_roots)
{
	static const struct {
		size_t leaves;
		const char *root;
	} known[] = {
		{ 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }, /* SHA-256 of nothing */
		{ 1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" }, /* the one-byte prefix of an empty leaf */
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct custody_tree t CUSTODY_CLEANUP(custody_tree_release) = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		uint8_t root[32];
		char text[65];
		cr_assert_eq(custody_tree_init(&t, &err), 0);
		for (size_t n = 0; n < known[i].leaves; n++)
			cr_assert_eq(custody_tree_add(&t, "", 0, &err), 0);
		cr_assert_eq(custody_tree_root(&t, root, &err), 0);
		custody_hex_format(root, sizeof(root), text);
		cr_expect_str_eq(text, known[i].root);
	}
}

Test(tree, does_not_change_when_its_root_is_asked_for)
{
	struct custody_tree t CUSTODY_CLEANUP(custody_tree_release) = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t once[32], again[32], want[32];
	cr_assert_eq(custody_tree_init(&t, &err), 0);
	for (size_t i = 0; i < 13; i++)
		add_number(&t, i);
	cr_assert_eq(custody_tree_root(&t, once, &err), 0);
	cr_assert_eq(custody_tree_root(&t, again, &err), 0);
	cr_expect_eq(memcmp(once, again, 32), 0);
	add_number(&t, 13);
	reference(0, 14, want);
	cr_assert_eq(custody_tree_root(&t, once, &err), 0);
	cr_expect_eq(memcmp(once, want, 32), 0);
}
