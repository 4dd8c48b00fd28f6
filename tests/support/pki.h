/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A forge for certificates, revocation lists, signatures and time-stamp tokens, with every knob that a rule of ours is about. It writes DER by itself
 * (good or not) and uses OpenSSL for keys and arithmetic only. Memory comes from one arena: pki_reset() frees everything that was made.
 * It asserts instead of failing.
 */
#ifndef CUSTODY_TESTS_PKI_H
#define CUSTODY_TESTS_PKI_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "libcustody/base/bytes.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/trust.h"

void pki_reset(void);
/* n bytes in the arena. */
void *pki_alloc(size_t n);

/* ---- DER ---- */
struct custody_bytes der_bytes(const void *p, size_t n); /* a copy */
struct custody_bytes der_concat(size_t n, const struct custody_bytes *parts);
struct custody_bytes der_tlv(uint8_t tag, struct custody_bytes content);
#define DER_LIST(...)                                                                                              \
	(sizeof((struct custody_bytes[]){ __VA_ARGS__ }) / sizeof(struct custody_bytes)), (struct custody_bytes[]) \
	{                                                                                                          \
		__VA_ARGS__                                                                                        \
	}
#define DER(tag, ...) der_tlv((tag), der_concat(DER_LIST(__VA_ARGS__)))
#define DER_SEQ(...) DER(0x30, __VA_ARGS__)
#define DER_RAW(literal) ((struct custody_bytes){ (const uint8_t *)(literal), sizeof(literal) - 1 })
#define DER_OID(literal) der_tlv(0x06, DER_RAW(literal))
#define DER_EMPTY ((struct custody_bytes){ (const uint8_t *)"", 0 })
#define DER_NULL_VALUE DER_RAW("\x05\x00")
#define DER_TRUE DER_RAW("\x01\x01\xff")
/* SET OF, sorted. */
struct custody_bytes der_set(uint8_t tag, size_t n, const struct custody_bytes *parts);
#define DER_SET(...) der_set(0x31, DER_LIST(__VA_ARGS__))
struct custody_bytes der_integer(uint64_t v);
struct custody_bytes der_octets(struct custody_bytes content);
struct custody_bytes der_bits(struct custody_bytes content); /* no unused bits */
struct custody_bytes der_text_time(uint8_t tag, const char *text); /* "2026-11-02T09:30:00Z" as UTCTime or GeneralizedTime */

/* ---- parties ---- */
struct custody_bytes pki_name(const char *organisation, const char *common_name);
struct custody_bytes pki_extension(struct custody_bytes oid_literal, bool critical, struct custody_bytes value);
struct custody_bytes pki_key_usage(unsigned bits, bool critical); /* enum custody_key_usage */
struct custody_bytes pki_basic_constraints(bool ca, int path_length); /* -1: none */
struct custody_bytes pki_purposes(bool critical, size_t n, const struct custody_bytes *oids);

enum pki_kind { PKI_ROOT, PKI_SUB, PKI_SIGNER, PKI_STAMPER };
enum pki_key { PKI_P256, PKI_P384, PKI_P521, PKI_RSA2048, PKI_RSA3072, PKI_ED25519, PKI_SECP256K1 };
struct pki_party {
	EVP_PKEY *key;
	struct custody_bytes name, serial, certificate; /* serial: whole INTEGER */
	const struct pki_party *issuer; /* NULL: itself */
	bool pss; /* signs with RSASSA-PSS */
	enum custody_digest_id digest;
};
struct pki_spec {
	enum pki_kind kind;
	enum pki_key key;
	const char *label; /* commonName; keys of one label and type are the same */
	const char *key_label; /* when the key is another label's */
	const char *organisation; /* "Lab" */
	const struct pki_party *issuer;
	const char *from, *until; /* "2026-01-01T00:00:00Z" to "2066-01-01T00:00:00Z" */
	const struct custody_bytes *extensions; /* instead of the kind's, terminated by p NULL */
	const struct custody_bytes *more; /* beside the kind's */
	bool pss;
	const uint8_t *serial;
};
const struct pki_party *pki_party(struct pki_spec spec);

/* ---- revocation lists ---- */
struct pki_crl_spec {
	const struct pki_party *issuer;
	const char *from, *until; /* 2026-11-01 to 2027-01-30; until "" leaves it out */
	const struct pki_party *revoked;
	const char *since; /* 2026-11-10 */
	const char *invalid; /* invalidityDate */
	const struct custody_bytes *entry_more; /* further entry extensions, terminated by p NULL */
	const struct custody_bytes *more; /* further extensions */
	const EVP_PKEY *key; /* another key than the issuer's */
	int version; /* 1; -1 leaves it out */
};
struct custody_bytes pki_crl(struct pki_crl_spec spec);

/* ---- signatures ---- */
struct custody_bytes pki_digest_algorithm(enum custody_digest_id digest, bool null);
struct custody_bytes pki_signature_algorithm(const struct pki_party *by, enum custody_digest_id digest);
struct custody_bytes pki_sign_raw(const struct pki_party *by, enum custody_digest_id digest, struct custody_bytes data);
struct custody_bytes pki_attribute(struct custody_bytes oid_literal, struct custody_bytes value);
struct custody_bytes pki_ess_v2(const struct pki_party *of);
struct custody_bytes pki_ess_v1(const struct pki_party *of);

/* A SignedData before it is encoded. p NULL of a knob: the right thing. */
struct pki_cms {
	const struct pki_party *signer;
	const struct pki_party *key_of; /* whose key signs in truth */
	bool token;
	enum custody_digest_id digest;
	struct custody_bytes content; /* what is signed: the manifest, or the TSTInfo */
	const char *signing_time;
	struct custody_bytes certificates[40];
	size_t n_certificates;
	struct custody_bytes crls[40];
	size_t n_crls;
	struct custody_bytes tokens[10];
	size_t n_tokens;
	/* knobs */
	struct custody_bytes outer_type, version, digest_algorithms, encapsulated, signer_version, sid, digest_algorithm, attributes, algorithm,
		signature, unsigned_attributes, signer_rest, signers, rest;
	struct custody_bytes more_attributes[40];
	size_t n_more_attributes;
	struct custody_bytes instead[4]; /* of content-type, message-digest, signing-time, signing-certificate; n 0 and p set: left out */
	bool unsorted; /* signed attributes in reverse order */
	/* result */
	struct custody_bytes value; /* the signature octets */
};
/* Signs: sets value. */
void pki_cms_sign(struct pki_cms *c);
struct custody_bytes pki_cms_encode(const struct pki_cms *c);

struct pki_token_spec {
	const struct pki_party *stamper;
	const char *when; /* 2026-11-02T09:30:01Z */
	const char *fraction; /* "5" */
	struct custody_bytes accuracy; /* whole element */
	struct custody_bytes version, policy, imprint, serial, time, rest; /* knobs */
	enum custody_digest_id imprint_digest;
	struct pki_cms cms; /* knobs of the SignedData; signer, content and token are set */
};
struct custody_bytes pki_token(struct custody_bytes value, struct pki_token_spec spec);

#endif
