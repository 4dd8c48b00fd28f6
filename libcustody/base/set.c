/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/set.h"

#include <stdlib.h>
#include <string.h>

#include "libcustody/base/bytes.h"

void custody_set_init(struct custody_set *s, const uint8_t key[16])
{
	*s = (struct custody_set){ NULL, 0, 0, { 0 } };
	memcpy(s->key, key, sizeof(s->key));
}

void custody_set_release(struct custody_set *s)
{
	free(s->slots);
	s->slots = NULL;
	s->cap = s->used = 0;
}

/* ---- SipHash-2-4 (Aumasson, Bernstein 2012) ---- */

struct sip {
	uint64_t v[4];
};

static uint64_t rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(struct sip *s)
{
	uint64_t *v = s->v;
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_word(struct sip *s, uint64_t m)
{
	s->v[3] ^= m;
	sip_round(s);
	sip_round(s);
	s->v[0] ^= m;
}

uint64_t custody_set_hash(const struct custody_set *set, uint8_t domain, const void *p, size_t n)
{
	const uint8_t *bytes = p;
	uint64_t k0 = custody_get_le64(set->key), k1 = custody_get_le64(set->key + 8);
	struct sip s = { { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573 } };
	/* The message is the domain byte and then p: word holds the `fill` bytes that do not yet make eight. */
	uint64_t word = domain;
	unsigned fill = 1;
	size_t i = 0;
	if (n >= 8) {
		sip_word(&s, word | custody_get_le64(bytes) << 8);
		word = 0;
		fill = 0;
		for (i = 7; n - i >= 8; i += 8)
			sip_word(&s, custody_get_le64(bytes + i));
	}
	for (; i < n; i++) {
		word |= (uint64_t)bytes[i] << (8 * fill);
		if (++fill == 8) {
			sip_word(&s, word);
			word = 0;
			fill = 0;
		}
	}
	sip_word(&s, word | (uint64_t)(uint8_t)(n + 1) << 56);
	s.v[2] ^= 0xff;
	for (int round = 0; round < 4; round++)
		sip_round(&s);
	return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

/* ---- open addressing, linear probing, a power of two of slots, at most three quarters used ---- */

/* Where hash (not 0) is, or the empty slot where it belongs. There is always an empty one. */
static size_t find(const uint64_t *slots, size_t cap, uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);
	while (slots[i] != 0 && slots[i] != hash)
		i = (i + 1) & (cap - 1);
	return i;
}

static int grow(struct custody_set *s, struct custody_error *err)
{
	size_t cap;
	if (__builtin_mul_overflow(s->cap, 2, &cap))
		return custody_fail_nomem(err);
	if (cap == 0)
		cap = 1024;
	uint64_t *slots = calloc(cap, sizeof(*slots));
	if (!slots)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < s->cap; i++)
		if (s->slots[i] != 0)
			slots[find(slots, cap, s->slots[i])] = s->slots[i];
	free(s->slots);
	s->slots = slots;
	s->cap = cap;
	return 0;
}

bool custody_set_has(const struct custody_set *s, uint64_t hash)
{
	return s->cap > 0 && s->slots[find(s->slots, s->cap, hash ? hash : 1)] != 0;
}

int custody_set_add(struct custody_set *s, uint64_t hash, bool *was_there, struct custody_error *err)
{
	if (s->used >= s->cap / 4 * 3 && grow(s, err))
		return -1;
	if (hash == 0)
		hash = 1;
	uint64_t *slot = &s->slots[find(s->slots, s->cap, hash)];
	*was_there = *slot != 0;
	if (!*was_there) {
		*slot = hash;
		s->used++;
	}
	return 0;
}
