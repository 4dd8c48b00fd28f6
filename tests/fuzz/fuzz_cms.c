/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_cms_parse (as a seal and as a token), custody_cms_names, custody_token_parse, and custody_cms_verify with a certificate inside.
 * What is taken lies inside the input, within the limits; and nothing is ever verified for a digest that nobody signed.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#include "libcustody/crypto/cms.h"
#include "tests/fuzz/fuzz.h"

static void inside(struct custody_bytes part, const uint8_t *p, size_t n)
{
	FUZZ_ASSERT(part.p == NULL || (part.p >= p && part.p + part.n <= p + n));
}

static void look(const struct custody_cms *c, const uint8_t *p, size_t n)
{
	const struct custody_bytes parts[] = { c->head, c->signers, c->content, c->issuer, c->serial, c->key_identifier, c->attributes, c->algorithm,
		c->signature, c->message_digest, c->signing_certificate, c->signing_certificate_v2 };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		inside(parts[i], p, n);
	FUZZ_ASSERT(c->n_certificates <= CUSTODY_LIMIT_CERTIFICATES && c->n_crls <= CUSTODY_LIMIT_CRLS && c->n_tokens <= CUSTODY_LIMIT_TOKENS);
	for (size_t i = 0; i < c->n_certificates; i++)
		inside(c->certificates[i], p, n);
	for (size_t i = 0; i < c->n_tokens; i++)
		inside(c->tokens[i], p, n);
	FUZZ_ASSERT(c->kind == CUSTODY_CMS_TOKEN ? c->n_tokens == 0 && c->content.p != NULL : c->content.p == NULL && c->has_signing_time);
}

/* No certificate in it verifies it over a digest of zeros. */
static void try_to_verify(const struct custody_cms *c)
{
	static const uint8_t zeros[CUSTODY_DIGEST_MAX];
	for (size_t i = 0; i < c->n_certificates && i < 4; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_certificate certificate;
		bool legacy;
		if (custody_certificate_parse(c->certificates[i].p, c->certificates[i].n, &certificate, &err) < 0)
			continue;
		(void)custody_cms_names(c, &certificate.facts);
		FUZZ_ASSERT(custody_cms_verify(c, &certificate, zeros, &legacy, &err) < 0 && err.rule != NULL);
		custody_certificate_release(&certificate);
	}
}

FUZZ_TARGET(cms)
{
	static struct custody_cms c;
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	for (int kind = CUSTODY_CMS_SEAL; kind <= CUSTODY_CMS_TOKEN; kind++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		if (custody_cms_parse((struct custody_bytes){ p, n }, (enum custody_cms_kind)kind, &c, &err) < 0) {
			FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT && err.rule != NULL);
			continue;
		}
		look(&c, p, n);
		try_to_verify(&c);
	}
	FUZZ_ASSERT(ERR_peek_error() == 0);
	return 0;
}
