/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL without memory: each of its allocations fails once while a certificate and a list are issued, a key is written and read, a seal is signed,
 * and a token is made for others. Every call then fails as a failure of ours, or gives what it gives otherwise, byte for byte; never something else, and nothing stays allocated.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/crypto/openssl.h"
#include "tests/support/testlab.h"

static long countdown = -1; /* allocations until one fails; negative: none does */
static long made;

static bool fails_now(void)
{
	made++;
	return countdown >= 0 && countdown-- == 0;
}

static void *test_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails_now() ? NULL : malloc(n);
}

static void *test_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails_now() ? NULL : realloc(p, n);
}

static void test_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* ---- what is tried: each appends bytes to out that are the same each time ---- */

static struct testlab lab;

static int try_certificate(struct custody_buf *out, struct custody_error *err)
{
	uint64_t seed = 5;
	const struct custody_random random = testlab_random(&seed);
	struct custody_certificate c = { 0 };
	const struct custody_issue_request r = { CUSTODY_ISSUE_STAMPING, "O", "N", lab.signer.key, &lab.root, lab.root_key, { TESTLAB_NOW, 0 },
		&random };
	int rc = custody_issue_certificate(&r, &c, err);

	if (rc == 0)
		rc = custody_buf_append(out, c.der, c.der_len, err);
	custody_certificate_release(&c);
	return rc;
}

static int try_root(struct custody_buf *out, struct custody_error *err)
{
	uint64_t seed = 5;
	const struct custody_random random = testlab_random(&seed);
	struct custody_certificate c = { 0 };
	const struct custody_issue_request r = { CUSTODY_ISSUE_ROOT, "O", "N", lab.root_key, NULL, NULL, { TESTLAB_NOW, 0 }, &random };
	int rc = custody_issue_certificate(&r, &c, err);

	if (rc == 0)
		rc = custody_buf_append(out, c.der, c.der_len, err);
	custody_certificate_release(&c);
	return rc;
}

static int try_crl(struct custody_buf *out, struct custody_error *err)
{
	static const uint8_t serial[] = { 5, 6 };
	const struct custody_revoked revoked[] = { { serial, 2, { TESTLAB_NOW, 0 }, 1, true, { TESTLAB_NOW, 0 } },
		{ serial, 1, { TESTLAB_NOW, 0 }, 0, false, { 0, 0 } } };
	const struct custody_issue_crl_request r = { &lab.root, lab.root_key, 7, { TESTLAB_NOW, 0 }, revoked, 2 };
	struct custody_crl c = { 0 };
	int rc = custody_issue_crl(&r, &c, err);

	if (rc == 0)
		rc = custody_buf_append(out, c.der, c.der_len, err);
	custody_crl_release(&c);
	return rc;
}

static int try_plain_key(struct custody_buf *out, struct custody_error *err)
{
	struct custody_buf pem;
	struct evp_pkey_st *key = NULL;

	custody_buf_init(&pem, 65536);
	int rc = custody_key_format_pem(lab.signer.key, NULL, 0, &pem, err);
	if (rc == 0)
		rc = custody_key_parse_pem(pem.data, pem.len, NULL, 0, &key, err);
	if (rc == 0)
		rc = custody_buf_append(out, pem.data, pem.len, err);
	custody_key_free(&key);
	custody_key_pem_release(&pem);
	return rc;
}

static int try_signer(struct custody_buf *out, struct custody_error *err)
{
	uint64_t seed = 5;
	const struct custody_random random = testlab_random(&seed);

	return custody_signer_try(&lab.signer, &random, err) != 0 ? -1 : custody_buf_append_byte(out, 1, err);
}

static int try_sign(struct custody_buf *out, struct custody_error *err)
{
	uint64_t seed = 5;
	const struct custody_random random = testlab_random(&seed);
	static const uint8_t digest[32];
	const struct custody_sign_request r = { &lab.signer, digest, 32, { TESTLAB_NOW, 0 }, &lab.stamper, { TESTLAB_NOW, 5 }, &random, &lab.crl, 1 };

	return custody_sign(&r, out, err);
}

/* A token for others, with all that can be in one. */
static int try_stamp(struct custody_buf *out, struct custody_error *err)
{
	uint64_t seed = 5;
	const struct custody_random random = testlab_random(&seed);
	static const uint8_t imprint[64];
	const struct custody_stamp_request r = { .imprint_digest = CUSTODY_SHA512,
		.imprint = imprint,
		.time = { TESTLAB_NOW, 5 },
		.random = &random,
		.served = true,
		.bare_algorithm = true,
		.accuracy_us = 1002003,
		.nonce = { (const uint8_t *)"\x80\x01", 2 } };

	return custody_stamp_for(&lab.stamper, &r, out, err);
}

static const struct {
	const char *name;
	int (*run)(struct custody_buf *out, struct custody_error *err);
} tries[] = { { "root", try_root }, { "certificate", try_certificate }, { "list", try_crl }, { "key", try_plain_key }, { "signer", try_signer },
	{ "sign", try_sign }, { "stamp", try_stamp } };

static void die(const char *what, long at, const char *why)
{
	fprintf(stderr, "prop_sign_nomem: %s, allocation %ld: %s\n", what, at, why);
	exit(1);
}

/* Fails allocation after allocation until none is left to fail. */
static void check(size_t which, bool deterministic)
{
	struct custody_buf want, got;
	struct custody_error err = CUSTODY_ERROR_INIT;
	long failed = 0, total = 0;

	custody_buf_init(&want, 1 << 20);
	made = 0;
	if (tries[which].run(&want, &err) != 0)
		die(tries[which].name, -1, err.text);
	total = made;
	/* The first hundred, which are the setting up, and then one in 31, so that a check stays short. */
	for (long at = 0; at < total; at += at < 100 ? 1 : 31) {
		err = (struct custody_error)CUSTODY_ERROR_INIT;
		custody_buf_init(&got, 1 << 20);
		countdown = at;
		int rc = tries[which].run(&got, &err);
		countdown = -1;
		ERR_clear_error();
		failed += rc != 0;
		if (rc != 0 && (err.kind == CUSTODY_ERR_NONE || got.len != 0))
			die(tries[which].name, at, "fails without an error, or leaves something");
		if (rc == 0 && deterministic && (got.len != want.len || memcmp(got.data, want.data, got.len) != 0))
			die(tries[which].name, at, "gives something else");
		custody_buf_release(&got);
	}
	custody_buf_release(&want);
	printf("  %s: %ld allocations, %ld failures\n", tries[which].name, total, failed);
	if (failed == 0)
		die(tries[which].name, total, "no failure was seen");
}

int main(void)
{
	static const char *const kinds[] = { "rsa3072", "rsapss", "p256" };

	if (CRYPTO_set_mem_functions(test_malloc, test_realloc, test_free) != 1)
		die("start", 0, "OpenSSL has allocated already");
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		testlab_make(&lab, kinds[k]);
		printf(" %s\n", kinds[k]);
		for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
			check(i, k == 0); /* PSS and ECDSA draw their own randomness */
		testlab_release(&lab);
	}
	return 0;
}
