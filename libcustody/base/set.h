/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of 64-bit keyed hashes: uniqueness of millions of names in 8 bytes each (times the load factor). A hit may be a false one (2^-64 each):
 * the caller checks it exactly. The key is secret and random, so an author of names cannot make collisions.
 */
#ifndef CUSTODY_BASE_SET_H
#define CUSTODY_BASE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"

struct custody_set {
	uint64_t *slots; /* owned; 0 = empty (a hash of 0 is stored as 1) */
	size_t cap, used;
	uint8_t key[16]; /* SipHash-2-4 */
};

void custody_set_init(struct custody_set *s, const uint8_t key[16]);
void custody_set_release(struct custody_set *s);
/* SipHash-2-4 of the bytes under the set's key, with a domain byte put in front (so that files and folders, say, do not meet). */
uint64_t custody_set_hash(const struct custody_set *s, uint8_t domain, const void *p, size_t n);
bool custody_set_has(const struct custody_set *s, uint64_t hash);
/* Adds; *was_there says whether it was there already. Error: NOMEM. */
int custody_set_add(struct custody_set *s, uint64_t hash, bool *was_there, struct custody_error *err) CUSTODY_MUST_USE;

#endif
