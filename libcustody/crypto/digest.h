/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests. One table; the order is that of design/cli.md and of every list, manifest line and report. To add a digest: one line in the
 * table of digest.c and one enumerator here.
 */
#ifndef CUSTODY_CRYPTO_DIGEST_H
#define CUSTODY_CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/source.h"

enum custody_digest_id {
	CUSTODY_MD5,
	CUSTODY_SHA1,
	CUSTODY_SHA256,
	CUSTODY_SHA384,
	CUSTODY_SHA512,
	CUSTODY_SHA3_256,
	CUSTODY_SHA3_512,
	CUSTODY_BLAKE2B, /* BLAKE2b-512 */
	CUSTODY_DIGEST_COUNT
};

#define CUSTODY_DIGEST_MAX 64 /* bytes of the largest digest */
#define CUSTODY_DIGEST_BIT(id) (1u << (id))
/* Those by which a signature may have signed. */
#define CUSTODY_DIGESTS_SIGNED (CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_SHA384) | CUSTODY_DIGEST_BIT(CUSTODY_SHA512))

struct custody_digest_info {
	const char *name; /* "sha256" */
	const char *bsd_name; /* "SHA256": the tag in BSD lists */
	const char *openssl_name; /* for EVP_MD_fetch */
	size_t size; /* bytes */
	bool legacy; /* collisions are known: computed for old lists, labelled, never proof */
	bool bagit; /* BagIt tools know manifest-<name>.txt */
};

const struct custody_digest_info *custody_digest_get(enum custody_digest_id id);
/* By name ("sha256", any case; "sha-256", "SHA256" and what OpenSSL prints, "SHA2-256", too). CUSTODY_DIGEST_COUNT if unknown. */
enum custody_digest_id custody_digest_find(const char *name, size_t len);
/* "sha256,sha512" -> bit set; USAGE error names the word and the known ones. An empty list or a name twice is an error. */
int custody_digest_parse_list(const char *text, uint32_t *mask, struct custody_error *err) CUSTODY_MUST_USE;

/* Values of several algorithms over the same bytes. */
struct custody_digest_values {
	uint32_t mask; /* which are there */
	uint8_t value[CUSTODY_DIGEST_COUNT][CUSTODY_DIGEST_MAX];
};

/* One running digest. Reusable: init again after final. */
struct custody_digest {
	enum custody_digest_id id;
	struct evp_md_ctx_st *ctx; /* owned */
	struct custody_multibuffer_pool *lanes; /* borrowed; for batches, may be NULL */
};

/* Allocates the context and starts a digest. Errors: NOMEM, CRYPTO (the algorithm is not to be had). */
int custody_digest_new(struct custody_digest *d, enum custody_digest_id id, struct custody_error *err) CUSTODY_MUST_USE;
void custody_digest_release(struct custody_digest *d); /* safe on a zeroed struct */
int custody_digest_start(struct custody_digest *d, struct custody_error *err) CUSTODY_MUST_USE;
int custody_digest_update(struct custody_digest *d, const void *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
int custody_digest_finish(struct custody_digest *d, uint8_t *out, struct custody_error *err) CUSTODY_MUST_USE;
/* The digest of what d has so far; d can go on. */
int custody_digest_peek(const struct custody_digest *d, uint8_t *out, struct custody_error *err) CUSTODY_MUST_USE;

/* Several algorithms over the same bytes, one after the other. */
struct custody_digest_set {
	struct custody_digest digest[CUSTODY_DIGEST_COUNT]; /* the first n; owned */
	size_t n;
};
/* Starts the algorithms of the mask. *s is zeroed before. Errors: NOMEM, CRYPTO; what was started is the caller's to release all the same. */
int custody_digest_set_new(struct custody_digest_set *s, uint32_t mask, struct custody_error *err) CUSTODY_MUST_USE;
void custody_digest_set_release(struct custody_digest_set *s); /* safe on a zeroed struct */
int custody_digest_set_update(struct custody_digest_set *s, const void *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* out->mask is then that of the set. */
int custody_digest_set_finish(struct custody_digest_set *s, struct custody_digest_values *out, struct custody_error *err) CUSTODY_MUST_USE;

/* A message of a batch and where its digest goes. */
struct custody_digest_job {
	const uint8_t *p;
	size_t n;
	uint8_t *out; /* custody_digest_get(id)->size bytes */
};
/* Whole messages, many at a time: in d's lanes, where it has some (crypto/multibuffer.h). What d had is dropped. Errors: CRYPTO, NOMEM. */
int custody_digest_batch(struct custody_digest *d, const struct custody_digest_job *jobs, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* One message, one call. */
int custody_digest_once(enum custody_digest_id id, const void *p, size_t n, uint8_t *out, struct custody_error *err) CUSTODY_MUST_USE;
/* SHA-256 of all bytes of a source, read once in blocks. Whether they changed meanwhile, the caller asks. IO, NOMEM. */
int custody_digest_source(const struct custody_source *source, uint8_t sha256[32], struct custody_error *err) CUSTODY_MUST_USE;

/* HMAC-SHA-256 (for salts). out: 32 bytes. */
int custody_hmac_sha256(const uint8_t *key, size_t key_len, const void *p, size_t n, uint8_t out[32], struct custody_error *err) CUSTODY_MUST_USE;

/* The same for many messages: what it needs of OpenSSL is looked up once, which takes six times as long as a short message. */
struct custody_hmac {
	struct evp_mac_ctx_st *ctx; /* owned */
};
int custody_hmac_new(struct custody_hmac *h, struct custody_error *err) CUSTODY_MUST_USE;
void custody_hmac_release(struct custody_hmac *h); /* safe on a zeroed struct; the key is cleansed */
int custody_hmac_compute(struct custody_hmac *h, const uint8_t *key, size_t key_len, const void *p, size_t n, uint8_t out[32],
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
