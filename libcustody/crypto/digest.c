/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/multibuffer.h"
#include "libcustody/crypto/openssl.h"

#define LANES_MIN 8 /* messages: fewer leave most lanes empty */

static const struct custody_digest_info digests[CUSTODY_DIGEST_COUNT] = {
	/* name, tag in BSD lists, name for OpenSSL, bytes, legacy, known to BagIt tools */
	[CUSTODY_MD5] = { "md5", "MD5", "MD5", 16, true, true },
	[CUSTODY_SHA1] = { "sha1", "SHA1", "SHA1", 20, true, true },
	[CUSTODY_SHA256] = { "sha256", "SHA256", "SHA2-256", 32, false, true },
	[CUSTODY_SHA384] = { "sha384", "SHA384", "SHA2-384", 48, false, true },
	[CUSTODY_SHA512] = { "sha512", "SHA512", "SHA2-512", 64, false, true },
	[CUSTODY_SHA3_256] = { "sha3-256", "SHA3-256", "SHA3-256", 32, false, false },
	[CUSTODY_SHA3_512] = { "sha3-512", "SHA3-512", "SHA3-512", 64, false, false },
	[CUSTODY_BLAKE2B] = { "blake2b", "BLAKE2b", "BLAKE2B-512", 64, false, false },
};

/* OpenSSL's queue is left empty: what it says of a failed digest ("unsupported") is in our words already. */
static int fail_crypto(struct custody_error *err, enum custody_digest_id id, const char *what)
{
	ERR_clear_error();
	return custody_fail(err, CUSTODY_ERR_CRYPTO, "cannot %s the digest %s with this OpenSSL", what, digests[id].name);
}

const struct custody_digest_info *custody_digest_get(enum custody_digest_id id)
{
	return &digests[id];
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* text is name in any case; a hyphen after "sha" in text counts as absent. */
static bool is_name(const char *text, size_t len, const char *name)
{
	size_t at = 0;
	for (size_t i = 0; i < len; i++) {
		if (i == 3 && text[i] == '-' && strncmp(name, "sha", 3) == 0)
			continue;
		if (name[at] == '\0' || lower(text[i]) != lower(name[at]))
			return false;
		at++;
	}
	return name[at] == '\0';
}

enum custody_digest_id custody_digest_find(const char *name, size_t len)
{
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (is_name(name, len, digests[id].name) || is_name(name, len, digests[id].openssl_name))
			return (enum custody_digest_id)id;
	return CUSTODY_DIGEST_COUNT;
}

/* "md5 sha1 ..." */
static void known_names(char *out, size_t size)
{
	size_t at = 0;
	out[0] = '\0';
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT && at < size; id++)
		at += (size_t)snprintf(out + at, size - at, "%s%s", id ? " " : "", digests[id].name);
}

static int parse_name(const char *text, size_t len, uint32_t *mask, struct custody_error *err)
{
	char word[64], known[256];
	enum custody_digest_id id = custody_digest_find(text, len);
	if (id == CUSTODY_DIGEST_COUNT) {
		known_names(known, sizeof(known));
		return custody_fail(
			err, CUSTODY_ERR_USAGE, "'%s' is no digest, want some of: %s", custody_display(text, len, word, sizeof(word)), known);
	}
	if (*mask & CUSTODY_DIGEST_BIT(id))
		return custody_fail(err, CUSTODY_ERR_USAGE, "the digest %s is asked for twice", digests[id].name);
	*mask |= CUSTODY_DIGEST_BIT(id);
	return 0;
}

int custody_digest_parse_list(const char *text, uint32_t *mask, struct custody_error *err)
{
	uint32_t found = 0;
	for (const char *p = text;; p++) {
		size_t len = strcspn(p, ",");
		if (parse_name(p, len, &found, err))
			return -1;
		p += len;
		if (*p == '\0')
			break;
	}
	*mask = found;
	return 0;
}

static void free_md(EVP_MD **md)
{
	EVP_MD_free(*md);
}

int custody_digest_new(struct custody_digest *d, enum custody_digest_id id, struct custody_error *err)
{
	CUSTODY_CLEANUP(free_md) EVP_MD *md = EVP_MD_fetch(NULL, digests[id].openssl_name, NULL);
	if (!md)
		return fail_crypto(err, id, "find");
	struct custody_digest made = { .id = id, .ctx = EVP_MD_CTX_new() };
	if (!made.ctx)
		return custody_fail_openssl_nomem(err);
	/* The context keeps its own reference, so that every later start is by this fetch (custody_digest_start()). */
	if (EVP_DigestInit_ex2(made.ctx, md, NULL) != 1 || EVP_MD_get_size(md) != (int)digests[id].size) {
		custody_digest_release(&made);
		return fail_crypto(err, id, "start");
	}
	*d = made;
	return 0;
}

void custody_digest_release(struct custody_digest *d)
{
	EVP_MD_CTX_free(d->ctx);
	d->ctx = NULL;
}

int custody_digest_start(struct custody_digest *d, struct custody_error *err)
{
	return EVP_DigestInit_ex2(d->ctx, NULL, NULL) == 1 ? 0 : fail_crypto(err, d->id, "start");
}

int custody_digest_update(struct custody_digest *d, const void *p, size_t n, struct custody_error *err)
{
	return EVP_DigestUpdate(d->ctx, p, n) == 1 ? 0 : fail_crypto(err, d->id, "compute");
}

int custody_digest_finish(struct custody_digest *d, uint8_t *out, struct custody_error *err)
{
	return EVP_DigestFinal_ex(d->ctx, out, NULL) == 1 ? 0 : fail_crypto(err, d->id, "finish");
}

static void free_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

int custody_digest_peek(const struct custody_digest *d, uint8_t *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(free_ctx) EVP_MD_CTX *copy = EVP_MD_CTX_new();
	if (!copy)
		return custody_fail_openssl_nomem(err);
	if (EVP_MD_CTX_copy_ex(copy, d->ctx) != 1 || EVP_DigestFinal_ex(copy, out, NULL) != 1)
		return fail_crypto(err, d->id, "finish");
	return 0;
}

int custody_digest_set_new(struct custody_digest_set *s, uint32_t mask, struct custody_error *err)
{
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		if (!(mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		if (custody_digest_new(&s->digest[s->n], (enum custody_digest_id)id, err))
			return -1;
		s->n++;
	}
	return 0;
}

void custody_digest_set_release(struct custody_digest_set *s)
{
	while (s->n > 0)
		custody_digest_release(&s->digest[--s->n]);
}

int custody_digest_set_update(struct custody_digest_set *s, const void *p, size_t n, struct custody_error *err)
{
	for (size_t i = 0; i < s->n; i++)
		if (custody_digest_update(&s->digest[i], p, n, err))
			return -1;
	return 0;
}

int custody_digest_set_finish(struct custody_digest_set *s, struct custody_digest_values *out, struct custody_error *err)
{
	out->mask = 0;
	for (size_t i = 0; i < s->n; i++) {
		enum custody_digest_id id = s->digest[i].id;
		if (custody_digest_finish(&s->digest[i], out->value[id], err))
			return -1;
		out->mask |= CUSTODY_DIGEST_BIT(id);
	}
	return 0;
}

int custody_digest_batch(struct custody_digest *d, const struct custody_digest_job *jobs, size_t n, struct custody_error *err)
{
	bool lanes = d->lanes && n >= LANES_MIN && custody_multibuffer_has(d->id);

	if (lanes && custody_multibuffer_pool_batch(d->lanes, jobs, n, d, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (lanes && custody_multibuffer_takes(jobs[i].n))
			continue;
		if (custody_digest_start(d, err) || custody_digest_update(d, jobs[i].p, jobs[i].n, err) || custody_digest_finish(d, jobs[i].out, err))
			return -1;
	}
	return 0;
}

int custody_digest_once(enum custody_digest_id id, const void *p, size_t n, uint8_t *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_digest_release) struct custody_digest d = { 0 };
	const struct custody_digest_job job = { p, n, out };
	return custody_digest_new(&d, id, err) ? -1 : custody_digest_batch(&d, &job, 1, err);
}

static void free_mac(EVP_MAC **mac)
{
	EVP_MAC_free(*mac);
}

static int hmac_failed(struct custody_error *err)
{
	ERR_clear_error();
	return custody_fail(err, CUSTODY_ERR_CRYPTO, "cannot compute HMAC-SHA-256 with this OpenSSL");
}

int custody_hmac_new(struct custody_hmac *h, struct custody_error *err)
{
	char digest[] = "SHA2-256";
	const OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end() };
	CUSTODY_CLEANUP(free_mac) EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	CUSTODY_CLEANUP(custody_hmac_release) struct custody_hmac made = { mac ? EVP_MAC_CTX_new(mac) : NULL };
	if (!made.ctx || EVP_MAC_CTX_set_params(made.ctx, params) != 1)
		return hmac_failed(err);
	h->ctx = custody_steal(&made.ctx);
	return 0;
}

void custody_hmac_release(struct custody_hmac *h)
{
	EVP_MAC_CTX_free(h->ctx);
	h->ctx = NULL;
}

int custody_hmac_compute(
	struct custody_hmac *h, const uint8_t *key, size_t key_len, const void *p, size_t n, uint8_t out[32], struct custody_error *err)
{
	/* OpenSSL takes a NULL key for "the key set before", so that an empty key must be a pointer all the same. */
	const uint8_t none = 0;
	size_t got = 0;
	if (EVP_MAC_init(h->ctx, key_len ? key : &none, key_len, NULL) != 1 || EVP_MAC_update(h->ctx, p, n) != 1 ||
		EVP_MAC_final(h->ctx, out, &got, 32) != 1 || got != 32)
		return hmac_failed(err);
	return 0;
}

int custody_hmac_sha256(const uint8_t *key, size_t key_len, const void *p, size_t n, uint8_t out[32], struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_hmac_release) struct custody_hmac h = { NULL };
	return custody_hmac_new(&h, err) ? -1 : custody_hmac_compute(&h, key, key_len, p, n, out, err);
}

int custody_digest_source(const struct custody_source *source, uint8_t sha256[32], struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_digest_release) struct custody_digest d = { 0 };
	CUSTODY_FREE uint8_t *block = malloc(CUSTODY_LIMIT_BLOCK);

	if (!block)
		return custody_fail_nomem(err);
	if (custody_digest_new(&d, CUSTODY_SHA256, err) || custody_digest_start(&d, err))
		return -1;
	for (uint64_t at = 0; at < source->size;) {
		size_t n = source->size - at < CUSTODY_LIMIT_BLOCK ? (size_t)(source->size - at) : CUSTODY_LIMIT_BLOCK;

		if (custody_source_read(source, at, block, n, err) || custody_digest_update(&d, block, n, err))
			return -1;
		at += n;
	}
	return custody_digest_finish(&d, sha256, err);
}
