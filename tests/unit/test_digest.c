/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/crypto/digest.h"

/* Of "abc" and of the empty message: FIPS 180-4 and FIPS 202 examples, RFC 1321, RFC 7693; the empty ones by a second implementation. */
static const struct {
	enum custody_digest_id id;
	const char *abc, *empty;
} vectors[] = {
	{ CUSTODY_MD5, "900150983cd24fb0d6963f7d28e17f72", "d41d8cd98f00b204e9800998ecf8427e" },
	{ CUSTODY_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ CUSTODY_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ CUSTODY_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
		"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b" },
	{ CUSTODY_SHA512,
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e" },
	{ CUSTODY_SHA3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
		"a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a" },
	{ CUSTODY_SHA3_512,
		"b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
		"a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26" },
	{ CUSTODY_BLAKE2B,
		"ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
		"786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce" },
};

static void expect_hex(const char *what, const uint8_t *value, size_t n, const char *want)
{
	char text[2 * CUSTODY_DIGEST_MAX + 1];
	custody_hex_format(value, n, text);
	cr_expect_str_eq(text, want, "%s", what);
}

Test(digest, gives_the_published_values)
{
	cr_assert_eq(sizeof(vectors) / sizeof(*vectors), CUSTODY_DIGEST_COUNT);
	for (size_t i = 0; i < CUSTODY_DIGEST_COUNT; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		const struct custody_digest_info *info = custody_digest_get(vectors[i].id);
		uint8_t out[CUSTODY_DIGEST_MAX];
		cr_assert_eq(custody_digest_once(vectors[i].id, "abc", 3, out, &err), 0, "%s", err.text);
		expect_hex(info->name, out, info->size, vectors[i].abc);
		cr_assert_eq(custody_digest_once(vectors[i].id, NULL, 0, out, &err), 0, "%s", err.text);
		expect_hex(info->name, out, info->size, vectors[i].empty);
	}
}

Test(digest, can_be_used_again_after_it_was_finished_or_dropped)
{
	for (size_t i = 0; i < CUSTODY_DIGEST_COUNT; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_digest d = { 0 };
		uint8_t out[CUSTODY_DIGEST_MAX];
		size_t size = custody_digest_get(vectors[i].id)->size;
		cr_assert_eq(custody_digest_new(&d, vectors[i].id, &err), 0);
		for (int round = 0; round < 3; round++) {
			cr_assert_eq(custody_digest_start(&d, &err), 0);
			cr_assert_eq(custody_digest_update(&d, "dropped", 7, &err), 0);
			cr_assert_eq(custody_digest_start(&d, &err), 0);
			cr_assert_eq(custody_digest_update(&d, "a", 1, &err), 0);
			cr_assert_eq(custody_digest_update(&d, "", 0, &err), 0);
			cr_assert_eq(custody_digest_update(&d, "bc", 2, &err), 0);
			cr_assert_eq(custody_digest_finish(&d, out, &err), 0);
			expect_hex("in three parts", out, size, vectors[i].abc);
		}
		custody_digest_release(&d);
		custody_digest_release(&d);
	}
}

Test(digest, takes_many_messages_at_once)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_digest d = { 0 };
	uint8_t out[3][32];
	const struct custody_digest_job jobs[] = { { (const uint8_t *)"abc", 3, out[0] }, { NULL, 0, out[1] },
		{ (const uint8_t *)"abc", 3, out[2] } };
	cr_assert_eq(custody_digest_new(&d, CUSTODY_SHA256, &err), 0);
	cr_assert_eq(custody_digest_batch(&d, jobs, 3, &err), 0);
	expect_hex("first", out[0], 32, vectors[CUSTODY_SHA256].abc);
	expect_hex("empty", out[1], 32, vectors[CUSTODY_SHA256].empty);
	expect_hex("third", out[2], 32, vectors[CUSTODY_SHA256].abc);
	custody_digest_release(&d);
}

Test(digest, computes_several_over_the_same_bytes)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	for (uint32_t mask = 0; mask < CUSTODY_DIGEST_BIT(CUSTODY_DIGEST_COUNT); mask++) {
		struct custody_digest_set set = { .n = 0 };
		struct custody_digest_values got;
		uint8_t want[CUSTODY_DIGEST_MAX];

		cr_assert_eq(custody_digest_set_new(&set, mask, &err), 0, "%s", err.text);
		cr_assert_eq(custody_digest_set_update(&set, "ab", 2, &err), 0);
		cr_assert_eq(custody_digest_set_update(&set, "c", 1, &err), 0);
		cr_assert_eq(custody_digest_set_finish(&set, &got, &err), 0);
		cr_expect_eq(got.mask, mask);
		for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
			if (!(mask & CUSTODY_DIGEST_BIT(id)))
				continue;
			cr_assert_eq(custody_digest_once((enum custody_digest_id)id, "abc", 3, want, &err), 0);
			cr_expect_eq(memcmp(got.value[id], want, custody_digest_get((enum custody_digest_id)id)->size), 0);
		}
		custody_digest_set_release(&set);
		custody_digest_set_release(&set);
	}
}

Test(digest, describes_itself_in_one_table)
{
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)id);
		cr_assert_not_null(info->name);
		cr_expect(info->size > 0 && info->size <= CUSTODY_DIGEST_MAX);
		cr_expect_eq(custody_digest_find(info->name, strlen(info->name)), id);
		cr_expect_eq(custody_digest_find(info->bsd_name, strlen(info->bsd_name)), id);
		cr_expect_eq(info->legacy, id == CUSTODY_MD5 || id == CUSTODY_SHA1);
	}
}

Test(digest, is_found_by_the_names_people_use)
{
	static const struct {
		const char *name;
		enum custody_digest_id want;
	} names[] = {
		{ "sha256", CUSTODY_SHA256 },
		{ "SHA-256", CUSTODY_SHA256 },
		{ "Sha256", CUSTODY_SHA256 },
		{ "sha-1", CUSTODY_SHA1 },
		{ "SHA3-256", CUSTODY_SHA3_256 },
		{ "md5", CUSTODY_MD5 },
		{ "BLAKE2b", CUSTODY_BLAKE2B },
		{ "SHA2-512", CUSTODY_SHA512 },
		{ "blake2b-512", CUSTODY_BLAKE2B },
		{ "", CUSTODY_DIGEST_COUNT },
		{ "sha", CUSTODY_DIGEST_COUNT },
		{ "sha25", CUSTODY_DIGEST_COUNT },
		{ "sha2567", CUSTODY_DIGEST_COUNT },
		{ "md-5", CUSTODY_DIGEST_COUNT },
		{ "sha-256-", CUSTODY_DIGEST_COUNT },
		{ "sha256 ", CUSTODY_DIGEST_COUNT },
		{ "sha-", CUSTODY_DIGEST_COUNT },
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		cr_expect_eq(custody_digest_find(names[i].name, strlen(names[i].name)), names[i].want, "'%s'", names[i].name);
}

Test(digest, list_of_names_is_parsed_whole_or_refused)
{
#define KNOWN "want some of: md5 sha1 sha256 sha384 sha512 sha3-256 sha3-512 blake2b"
	static const struct {
		const char *text;
		uint32_t mask;
		const char *error;
	} lists[] = {
		{ "sha256", CUSTODY_DIGEST_BIT(CUSTODY_SHA256), NULL },
		{ "sha512,MD5,blake2b", CUSTODY_DIGEST_BIT(CUSTODY_SHA512) | CUSTODY_DIGEST_BIT(CUSTODY_MD5) | CUSTODY_DIGEST_BIT(CUSTODY_BLAKE2B),
			NULL },
		{ "", 0, "'' is no digest, " KNOWN },
		{ "sha256,", 0, "'' is no digest, " KNOWN },
		{ ",sha256", 0, "'' is no digest, " KNOWN },
		{ "sha256,crc32", 0, "'crc32' is no digest, " KNOWN },
		{ "sha\n", 0, "'sha\\u{000a}' is no digest, " KNOWN },
		{ "sha256,md5,SHA-256", 0, "the digest sha256 is asked for twice" },
	};
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		uint32_t mask = 77;
		int rc = custody_digest_parse_list(lists[i].text, &mask, &err);
		cr_expect_eq(rc, lists[i].error ? -1 : 0, "'%s'", lists[i].text);
		cr_expect_eq(mask, lists[i].error ? 77 : lists[i].mask, "'%s'", lists[i].text);
		cr_expect_str_eq(err.text, lists[i].error ? lists[i].error : "");
		cr_expect_eq(err.kind, lists[i].error ? CUSTODY_ERR_USAGE : CUSTODY_ERR_NONE);
	}
}

/* RFC 4231, cases 1, 2 and 6; the empty key by a second implementation. */
Test(digest, hmac_gives_the_published_values)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t out[32], key[131];
	memset(key, 0x0b, 20);
	cr_assert_eq(custody_hmac_sha256(key, 20, "Hi There", 8, out, &err), 0);
	expect_hex("case 1", out, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	cr_assert_eq(custody_hmac_sha256((const uint8_t *)"Jefe", 4, "what do ya want for nothing?", 28, out, &err), 0);
	expect_hex("case 2", out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	cr_assert_eq(custody_hmac_sha256(key, sizeof(key), "Test Using Larger Than Block-Size Key - Hash Key First", 54, out, &err), 0);
	expect_hex("case 6", out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	cr_assert_eq(custody_hmac_sha256(NULL, 0, NULL, 0, out, &err), 0);
	expect_hex("empty key", out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* A configuration of OpenSSL that has only validated implementations, of which there are none here. */
Test(digest, says_so_when_openssl_does_not_have_it)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_digest d = { 0 };
	uint8_t out[32];
	cr_assert_eq(EVP_set_default_properties(NULL, "fips=yes"), 1);
	cr_expect_eq(custody_digest_new(&d, CUSTODY_MD5, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_CRYPTO);
	cr_expect_str_eq(err.text, "cannot find the digest md5 with this OpenSSL");
	cr_expect_null(d.ctx);
	cr_expect_eq(custody_digest_once(CUSTODY_SHA256, "abc", 3, out, &err), -1);
	cr_expect_str_eq(err.text, "cannot find the digest sha256 with this OpenSSL");
	cr_expect_eq(custody_hmac_sha256((const uint8_t *)"k", 1, "abc", 3, out, &err), -1);
	cr_expect_str_eq(err.text, "cannot compute HMAC-SHA-256 with this OpenSSL");
	cr_expect_eq(ERR_peek_error(), 0);
}
