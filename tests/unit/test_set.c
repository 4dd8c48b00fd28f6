/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/set.h"

/* The reference vectors have key 00..0f and message 00, 0001, 000102 ...: the message's first byte is our domain byte. */
Test(set, hashes_like_siphash_2_4)
{
	static const struct {
		size_t n; /* of the whole message */
		uint64_t want;
	} cases[] = { { 1, 0x74f839c593dc67fd }, { 7, 0xab0200f58b01d137 }, { 8, 0x93f5f5799a932462 }, { 9, 0x9e0082df0ba9e4b0 },
		{ 15, 0xa129ca6149be45e5 }, { 16, 0x3f2acc7f57c29bdb }, { 17, 0x699ae9f52cbe4794 }, { 23, 0xa80c038ccd5ccec8 },
		{ 24, 0xb8ad50c6f649af94 }, { 25, 0xbce192de8a85b8ea }, { 63, 0x958a324ceb064572 } };
	uint8_t key[16], message[64];
	for (size_t i = 0; i < 64; i++)
		message[i] = (uint8_t)i;
	memcpy(key, message, 16);
	struct custody_set s;
	custody_set_init(&s, key);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(custody_set_hash(&s, 0, message + 1, cases[i].n - 1), cases[i].want, "%zu: %016llx", cases[i].n,
			(unsigned long long)custody_set_hash(&s, 0, message + 1, cases[i].n - 1));
	cr_expect_neq(custody_set_hash(&s, 0, "x", 1), custody_set_hash(&s, 1, "x", 1));
	custody_set_release(&s);
}

Test(set, knows_what_was_added_and_nothing_else)
{
	uint8_t key[16] = { 1 };
	CUSTODY_CLEANUP(custody_set_release) struct custody_set s;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_set_init(&s, key);
	cr_expect_not(custody_set_has(&s, 5));
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 20000; i += 2) {
			bool was_there = round == 0;
			cr_assert_eq(custody_set_add(&s, custody_set_hash(&s, 0, &i, sizeof(i)), &was_there, &err), 0);
			cr_expect_eq(was_there, round == 1);
		}
	for (uint32_t i = 0; i < 20000; i++)
		cr_expect_eq(custody_set_has(&s, custody_set_hash(&s, 0, &i, sizeof(i))), i % 2 == 0);
	cr_expect_eq(s.used, 10000);
}

Test(set, takes_the_hash_zero_and_neighbours_that_collide)
{
	uint8_t key[16] = { 0 };
	CUSTODY_CLEANUP(custody_set_release) struct custody_set s;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_set_init(&s, key);
	bool was_there = true;
	cr_expect_not(custody_set_has(&s, 0));
	cr_assert_eq(custody_set_add(&s, 0, &was_there, &err), 0);
	cr_expect_not(was_there);
	cr_assert_eq(custody_set_add(&s, 0, &was_there, &err), 0);
	cr_expect(was_there);
	cr_expect(custody_set_has(&s, 0));
	for (uint64_t i = 1; i < 100; i++) { /* all want the last slot and go round the end */
		cr_assert_eq(custody_set_add(&s, i << 32 | 1023, &was_there, &err), 0);
		cr_expect_not(was_there);
	}
	for (uint64_t i = 1; i < 100; i++)
		cr_expect(custody_set_has(&s, i << 32 | 1023));
	cr_expect_not(custody_set_has(&s, (uint64_t)100 << 32 | 1023));
}

Test(set, cannot_grow_past_memory)
{
	uint8_t key[16] = { 0 };
	struct custody_set s;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_set_init(&s, key);
	bool was_there;
	s.cap = s.used = (size_t)1 << 63; /* as if: growing must notice before it touches a slot */
	cr_expect_eq(custody_set_add(&s, 1, &was_there, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_NOMEM);
}
