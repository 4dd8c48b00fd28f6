/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/testlab.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fill(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	uint64_t *state = ctx;

	(void)err;
	for (size_t i = 0; i < n; i++) {
		*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		p[i] = (uint8_t)(*state >> 56);
	}
	return 0;
}

struct custody_random testlab_random(uint64_t *seed)
{
	return (struct custody_random){ fill, seed };
}

static int fill_failing(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	int *left = ctx;

	if ((*left)-- <= 0)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "no randomness");
	memset(p, 1, n);
	return 0;
}

struct custody_random testlab_random_failing(int *left)
{
	return (struct custody_random){ fill_failing, left };
}

static int now(void *ctx, struct custody_time *out, struct custody_error *err)
{
	(void)err;
	*out = *(const struct custody_time *)ctx;
	return 0;
}

struct custody_clock testlab_clock(struct custody_time *t)
{
	return (struct custody_clock){ now, t };
}

static void need(int rc, const char *what, const struct custody_error *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "testlab: %s: %s\n", what, err->text);
	abort();
}

static void take_key(const char *kind, const char *file, struct evp_pkey_st **out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	enum custody_key_type type = CUSTODY_KEY_P256;

	if (strncmp(kind, "rsa", 3) != 0) {
		need(custody_key_type_find(kind, &type, &err), kind, &err);
		need(custody_key_generate(type, out, &err), kind, &err);
		return;
	}
	/* The fixtures' keys are not PKCS#8, which the product's own reader wants. */
	BIO *bio = BIO_new_file(file, "r");
	*out = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	need(*out ? 0 : -1, file, &err);
}

static void certify(struct testlab *t, enum custody_issue_kind kind, const char *name, const struct evp_pkey_st *key, struct custody_certificate *out,
	const struct custody_random *random)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct custody_issue_request r = { kind, "Test Lab", name, key, kind == CUSTODY_ISSUE_ROOT ? NULL : &t->root,
		kind == CUSTODY_ISSUE_ROOT ? NULL : t->root_key, { TESTLAB_NOW, 0 }, random };

	need(custody_issue_certificate(&r, out, &err), name, &err);
}

void testlab_make(struct testlab *t, const char *kind)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);

	memset(t, 0, sizeof(*t));
	take_key(kind, "fixtures/pki/rsa3072-authority.pem", &t->root_key);
	take_key(kind, "fixtures/pki/rsa3072.pem", &t->signer.key);
	take_key(kind, "fixtures/pki/rsa2048.pem", &t->stamper.key); /* short, but this is a test of bytes and not of a policy */
	certify(t, CUSTODY_ISSUE_ROOT, "Test Root", t->root_key, &t->root, &random);
	certify(t, CUSTODY_ISSUE_SEALING, "Test Analyst", t->signer.key, &t->signer.certificate, &random);
	certify(t, CUSTODY_ISSUE_STAMPING, "Test Stamper", t->stamper.key, &t->stamper.certificate, &random);
	t->signer.pss = t->stamper.pss = strcmp(kind, "rsapss") == 0;
	const struct custody_issue_crl_request r = { &t->root, t->root_key, 1, { TESTLAB_NOW, 0 }, NULL, 0 };
	need(custody_issue_crl(&r, &t->crl, &err), "crl", &err);
}

void testlab_release(struct testlab *t)
{
	custody_certificate_release(&t->root);
	custody_key_free(&t->root_key);
	custody_signer_release(&t->signer);
	custody_signer_release(&t->stamper);
	custody_crl_release(&t->crl);
}

void testlab_folder(const char *dir, const char *key_type, const char *passphrase)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint64_t seed = 7;
	struct custody_time t = { TESTLAB_NOW, 500000000 };
	const struct custody_clock clock = testlab_clock(&t);
	const struct custody_random random = testlab_random(&seed);
	uint8_t anchor[32];
	const struct custody_lab_new n = { .dir = dir,
		.organisation = "Test Lab",
		.name = "Test Analyst",
		.key_type = key_type,
		.passphrase = (const uint8_t *)passphrase,
		.passphrase_len = passphrase ? strlen(passphrase) : 0,
		.clock = &clock,
		.random = &random };

	need(custody_lab_create(&n, anchor, &err), dir, &err);
}
