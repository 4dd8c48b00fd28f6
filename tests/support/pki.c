/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/pki.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/time.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/x509.h"

/* ---- the arena ---- */

struct piece {
	struct piece *next;
	max_align_t data[];
};
static struct piece *pieces;
static struct key {
	struct key *next;
	char label[64];
	enum pki_key type;
	EVP_PKEY *key;
} *keys;

void *pki_alloc(size_t n)
{
	struct piece *p = calloc(1, sizeof(*p) + n + 1);
	if (p == NULL)
		abort();
	p->next = pieces;
	pieces = p;
	return p->data;
}

void pki_reset(void)
{
	while (pieces != NULL) {
		struct piece *next = pieces->next;
		free(pieces);
		pieces = next;
	}
	while (keys != NULL) {
		struct key *next = keys->next;
		EVP_PKEY_free(keys->key);
		free(keys);
		keys = next;
	}
}

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "pki: cannot %s\n", what);
		abort();
	}
}

/* ---- DER ---- */

struct custody_bytes der_bytes(const void *p, size_t n)
{
	uint8_t *copy = pki_alloc(n);
	if (n > 0)
		memcpy(copy, p, n);
	return (struct custody_bytes){ copy, n };
}

struct custody_bytes der_concat(size_t n, const struct custody_bytes *parts)
{
	size_t total = 0;
	for (size_t i = 0; i < n; i++)
		total += parts[i].n;
	uint8_t *out = pki_alloc(total), *at = out;
	for (size_t i = 0; i < n; i++) {
		if (parts[i].n > 0)
			memcpy(at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	return (struct custody_bytes){ out, total };
}

struct custody_bytes der_tlv(uint8_t tag, struct custody_bytes content)
{
	uint8_t header[6] = { tag };
	size_t n = 2;
	if (content.n < 0x80) {
		header[1] = (uint8_t)content.n;
	} else {
		size_t octets = content.n < 0x100 ? 1 : content.n < 0x10000 ? 2 : content.n < 0x1000000 ? 3 : 4;
		header[1] = (uint8_t)(0x80 | octets);
		for (size_t i = 0; i < octets; i++)
			header[n++] = (uint8_t)(content.n >> (octets - 1 - i) * 8);
	}
	return der_concat(DER_LIST({ header, n }, content));
}

static int compare(const void *a, const void *b)
{
	const struct custody_bytes *x = a, *y = b;
	return memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
}

struct custody_bytes der_set(uint8_t tag, size_t n, const struct custody_bytes *parts)
{
	struct custody_bytes *sorted = pki_alloc(n * sizeof(*sorted));
	if (n > 0)
		memcpy(sorted, parts, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare);
	return der_tlv(tag, der_concat(n, sorted));
}

struct custody_bytes der_integer(uint64_t v)
{
	uint8_t bytes[9];
	size_t n = 0;
	for (int shift = 56; shift >= 0; shift -= 8) {
		uint8_t byte = (uint8_t)(v >> shift);
		if (n == 0 && byte == 0 && shift > 0)
			continue;
		if (n == 0 && byte >= 0x80)
			bytes[n++] = 0;
		bytes[n++] = byte;
	}
	return der_tlv(0x02, der_bytes(bytes, n));
}

struct custody_bytes der_octets(struct custody_bytes content)
{
	return der_tlv(0x04, content);
}

struct custody_bytes der_bits(struct custody_bytes content)
{
	return der_tlv(0x03, der_concat(DER_LIST(DER_RAW("\0"), content)));
}

struct custody_bytes der_text_time(uint8_t tag, const char *text)
{
	char digits[20];
	size_t n = 0;
	for (const char *at = text; *at != '\0' && n < sizeof(digits); at++) {
		if ((*at >= '0' && *at <= '9') || *at == 'Z')
			digits[n++] = *at;
	}
	return tag == 0x17 ? der_tlv(tag, der_bytes(digits + 2, n - 2)) : der_tlv(tag, der_bytes(digits, n));
}

/* Of X.509: UTCTime to 2049, then GeneralizedTime. */
static struct custody_bytes x509_time(const char *text)
{
	return der_text_time(strncmp(text, "2050", 4) < 0 ? 0x17 : 0x18, text);
}

/* ---- keys ---- */

static EVP_PKEY *read_key(const char *path)
{
	FILE *f = fopen(path, "r");
	must(f != NULL, path);
	EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	return key;
}

static EVP_PKEY *make_key(enum pki_key type, const char *label)
{
	switch (type) {
	case PKI_P256:
		return EVP_EC_gen("P-256");
	case PKI_P384:
		return EVP_EC_gen("P-384");
	case PKI_P521:
		return EVP_EC_gen("P-521");
	case PKI_SECP256K1:
		return EVP_EC_gen("secp256k1");
	case PKI_ED25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case PKI_RSA2048:
		return read_key("fixtures/pki/rsa2048.pem");
	case PKI_RSA3072:
	default:
		return read_key(strstr(label, "stamp") != NULL ? "fixtures/pki/rsa3072-authority.pem" : "fixtures/pki/rsa3072.pem");
	}
}

static EVP_PKEY *find_key(enum pki_key type, const char *label)
{
	for (struct key *k = keys; k != NULL; k = k->next) {
		if (k->type == type && strcmp(k->label, label) == 0)
			return k->key;
	}
	struct key *k = calloc(1, sizeof(*k));
	must(k != NULL, "allocate");
	snprintf(k->label, sizeof(k->label), "%s", label);
	k->type = type;
	k->key = make_key(type, label);
	must(k->key != NULL, "make a key");
	k->next = keys;
	keys = k;
	return k->key;
}

/* ---- algorithms and arithmetic ---- */

struct custody_bytes pki_digest_algorithm(enum custody_digest_id digest, bool null)
{
	struct custody_bytes oid = digest == CUSTODY_SHA256   ? DER_OID(CUSTODY_OID_SHA256)
				   : digest == CUSTODY_SHA384 ? DER_OID(CUSTODY_OID_SHA384)
				   : digest == CUSTODY_SHA512 ? DER_OID(CUSTODY_OID_SHA512)
							      : DER_OID(CUSTODY_OID_SHA1);
	return null ? DER_SEQ(oid, DER_NULL_VALUE) : DER_SEQ(oid);
}

static struct custody_bytes pss_algorithm(enum custody_digest_id digest)
{
	struct custody_bytes hash = pki_digest_algorithm(digest, true);
	return DER_SEQ(DER_OID(CUSTODY_OID_RSA_PSS), DER_SEQ(DER(0xa0, hash), DER(0xa1, DER_SEQ(DER_OID(CUSTODY_OID_MGF1), hash)),
							     DER(0xa2, der_integer(custody_digest_get(digest)->size))));
}

struct custody_bytes pki_signature_algorithm(const struct pki_party *by, enum custody_digest_id digest)
{
	int type = EVP_PKEY_get_base_id(by->key);
	if (type == EVP_PKEY_ED25519)
		return DER_SEQ(der_tlv(0x06, DER_RAW("\x2b\x65\x70")));
	if (type == EVP_PKEY_RSA && by->pss)
		return pss_algorithm(digest);
	if (type == EVP_PKEY_RSA)
		return DER_SEQ(digest == CUSTODY_SHA256	  ? DER_OID(CUSTODY_OID_SHA256_RSA)
			       : digest == CUSTODY_SHA384 ? DER_OID(CUSTODY_OID_SHA384_RSA)
							  : DER_OID(CUSTODY_OID_SHA512_RSA),
			DER_NULL_VALUE);
	return DER_SEQ(digest == CUSTODY_SHA256	  ? DER_OID(CUSTODY_OID_SHA256_ECDSA)
		       : digest == CUSTODY_SHA384 ? DER_OID(CUSTODY_OID_SHA384_ECDSA)
						  : DER_OID(CUSTODY_OID_SHA512_ECDSA));
}

static const EVP_MD *method(enum custody_digest_id digest)
{
	return digest == CUSTODY_SHA384 ? EVP_sha384() : digest == CUSTODY_SHA512 ? EVP_sha512() : digest == CUSTODY_SHA1 ? EVP_sha1() : EVP_sha256();
}

static struct custody_bytes sign_with(EVP_PKEY *key, bool pss, enum custody_digest_id digest, struct custody_bytes data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *parameters = NULL;
	bool plain = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
	size_t n = 0;
	must(EVP_DigestSignInit(ctx, &parameters, plain ? NULL : method(digest), NULL, key) == 1, "begin to sign");
	if (pss && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		must(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
				EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1,
			"set PSS");
	must(EVP_DigestSign(ctx, NULL, &n, data.p, data.n) == 1, "size a signature");
	uint8_t *out = pki_alloc(n);
	must(EVP_DigestSign(ctx, out, &n, data.p, data.n) == 1, "sign");
	EVP_MD_CTX_free(ctx);
	return (struct custody_bytes){ out, n };
}

struct custody_bytes pki_sign_raw(const struct pki_party *by, enum custody_digest_id digest, struct custody_bytes data)
{
	return sign_with(by->key, by->pss, digest, data);
}

static struct custody_bytes digest_of(enum custody_digest_id digest, struct custody_bytes data)
{
	uint8_t *out = pki_alloc(CUSTODY_DIGEST_MAX);
	unsigned n = 0;
	must(EVP_Digest(data.p, data.n, out, &n, method(digest), NULL) == 1, "digest");
	return (struct custody_bytes){ out, n };
}

/* ---- certificates ---- */

struct custody_bytes pki_name(const char *organisation, const char *common_name)
{
	struct custody_bytes o = der_tlv(0x0c, der_bytes(organisation, strlen(organisation))),
			     cn = der_tlv(0x0c, der_bytes(common_name, strlen(common_name)));
	return DER_SEQ(DER_SET(DER_SEQ(der_tlv(0x06, DER_RAW("\x55\x04\x0a")), o)), DER_SET(DER_SEQ(der_tlv(0x06, DER_RAW("\x55\x04\x03")), cn)));
}

struct custody_bytes pki_extension(struct custody_bytes oid, bool critical, struct custody_bytes value)
{
	return critical ? DER_SEQ(der_tlv(0x06, oid), DER_TRUE, der_octets(value)) : DER_SEQ(der_tlv(0x06, oid), der_octets(value));
}

struct custody_bytes pki_key_usage(unsigned bits, bool critical)
{
	uint8_t content[3] = { 0, 0, 0 };
	unsigned top = 0;
	for (unsigned i = 0; i < 9; i++) {
		if ((bits & 1u << i) != 0) {
			content[1 + i / 8] |= (uint8_t)(0x80 >> i % 8);
			top = i;
		}
	}
	content[0] = (uint8_t)(7 - top % 8);
	return pki_extension(DER_RAW(CUSTODY_OID_KEY_USAGE), critical, der_tlv(0x03, der_bytes(content, top < 8 ? 2 : 3)));
}

struct custody_bytes pki_basic_constraints(bool ca, int path_length)
{
	struct custody_bytes flag = ca ? DER_TRUE : DER_EMPTY, length = path_length >= 0 ? der_integer((uint64_t)path_length) : DER_EMPTY;
	return pki_extension(DER_RAW(CUSTODY_OID_BASIC_CONSTRAINTS), true, DER_SEQ(flag, length));
}

struct custody_bytes pki_purposes(bool critical, size_t n, const struct custody_bytes *oids)
{
	return pki_extension(DER_RAW(CUSTODY_OID_EXT_KEY_USAGE), critical, der_tlv(0x30, der_concat(n, oids)));
}

static struct custody_bytes key_identifier(EVP_PKEY *key)
{
	unsigned char *spki = NULL;
	int n = i2d_PUBKEY(key, &spki);
	must(n > 0, "encode a key");
	struct custody_bytes id = digest_of(CUSTODY_SHA1, (struct custody_bytes){ spki, (size_t)n });
	OPENSSL_free(spki);
	return id;
}

static struct custody_bytes kind_extensions(const struct pki_spec *spec)
{
	const unsigned ca = CUSTODY_USAGE_CERT_SIGN | CUSTODY_USAGE_CRL_SIGN,
		       signing = CUSTODY_USAGE_DIGITAL_SIGNATURE | CUSTODY_USAGE_NON_REPUDIATION;
	switch (spec->kind) {
	case PKI_ROOT:
		return der_concat(DER_LIST(pki_basic_constraints(true, -1), pki_key_usage(ca, true)));
	case PKI_SUB:
		return der_concat(DER_LIST(pki_basic_constraints(true, 0), pki_key_usage(ca, true)));
	case PKI_SIGNER:
		return der_concat(DER_LIST(pki_basic_constraints(false, -1), pki_key_usage(signing, true)));
	case PKI_STAMPER:
	default:
		return der_concat(DER_LIST(pki_basic_constraints(false, -1), pki_key_usage(CUSTODY_USAGE_DIGITAL_SIGNATURE, true),
			pki_purposes(true, DER_LIST(DER_OID(CUSTODY_OID_TIME_STAMPING)))));
	}
}

static struct custody_bytes all_of(const struct custody_bytes *list)
{
	size_t n = 0;
	while (list != NULL && list[n].p != NULL)
		n++;
	return der_concat(n, list);
}

static struct custody_bytes public_key(EVP_PKEY *key)
{
	unsigned char *spki = NULL;
	int n = i2d_PUBKEY(key, &spki);
	must(n > 0, "encode a key");
	struct custody_bytes copy = der_bytes(spki, (size_t)n);
	OPENSSL_free(spki);
	return copy;
}

static enum custody_digest_id natural_digest(const EVP_PKEY *key)
{
	return EVP_PKEY_get_bits(key) == 384 ? CUSTODY_SHA384 : EVP_PKEY_get_bits(key) == 521 ? CUSTODY_SHA512 : CUSTODY_SHA256;
}

const struct pki_party *pki_party(struct pki_spec spec)
{
	static uint64_t next_serial = 0x1000;
	struct pki_party *p = pki_alloc(sizeof(*p));
	const char *label = spec.label != NULL ? spec.label : "Somebody";
	p->key = find_key(spec.key, spec.key_label != NULL ? spec.key_label : label);
	p->name = pki_name(spec.organisation != NULL ? spec.organisation : "Lab", label);
	p->serial = der_integer(spec.serial != NULL ? spec.serial[0] : ++next_serial);
	p->issuer = spec.issuer != NULL ? spec.issuer : p;
	p->pss = spec.pss;
	p->digest = natural_digest(p->key);
	const struct pki_party *above = p->issuer;
	struct custody_bytes ids = pki_extension(DER_RAW(CUSTODY_OID_SUBJECT_KEY_IDENTIFIER), false, der_octets(key_identifier(p->key)));
	if (above != p)
		ids = der_concat(DER_LIST(ids,
			pki_extension(DER_RAW(CUSTODY_OID_AUTHORITY_KEY_IDENTIFIER), false, DER_SEQ(der_tlv(0x80, key_identifier(above->key))))));
	struct custody_bytes extensions =
		spec.extensions != NULL ? all_of(spec.extensions) : der_concat(DER_LIST(kind_extensions(&spec), ids, all_of(spec.more)));
	struct custody_bytes algorithm = pki_signature_algorithm(above, above->digest);
	struct custody_bytes validity = DER_SEQ(x509_time(spec.from != NULL ? spec.from : "2026-01-01T00:00:00Z"),
		x509_time(spec.until != NULL ? spec.until : "2066-01-01T00:00:00Z"));
	struct custody_bytes tbs = DER_SEQ(DER(0xa0, der_integer(2)), p->serial, algorithm, above->name, validity, p->name, public_key(p->key),
		DER(0xa3, der_tlv(0x30, extensions)));
	p->certificate = DER_SEQ(tbs, algorithm, der_bits(pki_sign_raw(above, above->digest, tbs)));
	return p;
}

/* ---- revocation lists ---- */

struct custody_bytes pki_crl(struct pki_crl_spec spec)
{
	const struct pki_party *by = spec.issuer;
	struct custody_bytes entries = DER_EMPTY,
			     version = spec.version < 0 ? DER_EMPTY : der_integer(spec.version == 0 ? 1 : (uint64_t)spec.version);
	if (spec.revoked != NULL) {
		struct custody_bytes more = all_of(spec.entry_more);
		if (spec.invalid != NULL)
			more = der_concat(
				DER_LIST(pki_extension(DER_RAW(CUSTODY_OID_INVALIDITY_DATE), false, der_text_time(0x18, spec.invalid)), more));
		entries = DER_SEQ(DER_SEQ(spec.revoked->serial, x509_time(spec.since != NULL ? spec.since : "2026-11-10T00:00:00Z"),
			more.n > 0 ? der_tlv(0x30, more) : DER_EMPTY));
	}
	struct custody_bytes until =
		spec.until != NULL && spec.until[0] == '\0' ? DER_EMPTY : x509_time(spec.until != NULL ? spec.until : "2027-01-30T00:00:00Z");
	struct custody_bytes extensions =
		der_concat(DER_LIST(pki_extension(DER_RAW(CUSTODY_OID_CRL_NUMBER), false, der_integer(1)), all_of(spec.more)));
	struct custody_bytes algorithm = pki_signature_algorithm(by, by->digest);
	struct custody_bytes tbs = DER_SEQ(version, algorithm, by->name, x509_time(spec.from != NULL ? spec.from : "2026-11-01T00:00:00Z"), until,
		entries, DER(0xa0, der_tlv(0x30, extensions)));
	struct custody_bytes signature =
		spec.key != NULL ? sign_with((EVP_PKEY *)(uintptr_t)spec.key, by->pss, by->digest, tbs) : pki_sign_raw(by, by->digest, tbs);
	return DER_SEQ(tbs, algorithm, der_bits(signature));
}

/* ---- signatures ---- */

struct custody_bytes pki_attribute(struct custody_bytes oid, struct custody_bytes value)
{
	return DER_SEQ(der_tlv(0x06, oid), DER_SET(value));
}

struct custody_bytes pki_ess_v2(const struct pki_party *of)
{
	struct custody_bytes issuer_serial = DER_SEQ(DER_SEQ(DER(0xa4, of->issuer->name)), of->serial);
	return pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_CERTIFICATE_V2),
		DER_SEQ(DER_SEQ(DER_SEQ(der_octets(digest_of(CUSTODY_SHA256, of->certificate)), issuer_serial))));
}

struct custody_bytes pki_ess_v1(const struct pki_party *of)
{
	return pki_attribute(
		DER_RAW(CUSTODY_OID_SIGNING_CERTIFICATE), DER_SEQ(DER_SEQ(DER_SEQ(der_octets(digest_of(CUSTODY_SHA1, of->certificate))))));
}

/* The knob where it is set, else the right thing. */
static struct custody_bytes knob(struct custody_bytes knob, struct custody_bytes right)
{
	return knob.p != NULL ? knob : right;
}

static struct custody_bytes signed_attributes(const struct pki_cms *c)
{
	struct custody_bytes list[44];
	size_t n = 0;
	const char *when = c->signing_time != NULL ? c->signing_time : "2026-11-02T09:30:00Z";
	struct custody_bytes type = c->token ? DER_OID(CUSTODY_OID_TST_INFO) : DER_OID(CUSTODY_OID_DATA);
	const struct custody_bytes four[4] = { pki_attribute(DER_RAW(CUSTODY_OID_CONTENT_TYPE), type),
		pki_attribute(DER_RAW(CUSTODY_OID_MESSAGE_DIGEST), der_octets(digest_of(c->digest, c->content))),
		pki_attribute(DER_RAW(CUSTODY_OID_SIGNING_TIME), der_text_time(0x17, when)), pki_ess_v2(c->signer) };
	for (size_t i = 0; i < 4; i++) {
		struct custody_bytes attribute = knob(c->instead[i], four[i]);
		if (attribute.n > 0)
			list[n++] = attribute;
	}
	for (size_t i = 0; i < c->n_more_attributes; i++)
		list[n++] = c->more_attributes[i];
	if (!c->unsorted)
		return der_set(0xa0, n, list);
	qsort(list, n, sizeof(list[0]), compare);
	for (size_t i = 0; i < n / 2; i++) {
		struct custody_bytes other = list[i];
		list[i] = list[n - 1 - i];
		list[n - 1 - i] = other;
	}
	return der_tlv(0xa0, der_concat(n, list));
}

void pki_cms_sign(struct pki_cms *c)
{
	const struct pki_party *key_of = c->key_of != NULL ? c->key_of : c->signer;
	if (c->digest == CUSTODY_MD5) /* zero: not chosen */
		c->digest = c->signer->digest;
	c->attributes = knob(c->attributes, signed_attributes(c));
	struct custody_bytes to_sign = der_bytes(c->attributes.p, c->attributes.n);
	if (to_sign.n > 0)
		((uint8_t *)(uintptr_t)to_sign.p)[0] = 0x31;
	c->value = knob(c->signature, pki_sign_raw(key_of, c->digest, to_sign));
}

struct custody_bytes pki_cms_encode(const struct pki_cms *c)
{
	struct custody_bytes content = c->token ? DER(0xa0, der_octets(c->content)) : DER_EMPTY;
	struct custody_bytes encapsulated =
		knob(c->encapsulated, DER_SEQ(c->token ? DER_OID(CUSTODY_OID_TST_INFO) : DER_OID(CUSTODY_OID_DATA), content));
	struct custody_bytes stamps[10];
	for (size_t i = 0; i < c->n_tokens; i++)
		stamps[i] = pki_attribute(DER_RAW(CUSTODY_OID_TIME_STAMP_TOKEN), c->tokens[i]);
	struct custody_bytes unsigned_attributes = knob(c->unsigned_attributes, c->n_tokens > 0 ? der_set(0xa1, c->n_tokens, stamps) : DER_EMPTY);
	struct custody_bytes signer = DER_SEQ(knob(c->signer_version, der_integer(1)),
		knob(c->sid, DER_SEQ(c->signer->issuer->name, c->signer->serial)), knob(c->digest_algorithm, pki_digest_algorithm(c->digest, true)),
		c->attributes, knob(c->algorithm, pki_signature_algorithm(c->signer, c->digest)), der_octets(c->value), unsigned_attributes,
		knob(c->signer_rest, DER_EMPTY));
	struct custody_bytes signed_data =
		DER_SEQ(knob(c->version, der_integer(c->token ? 3 : 1)), knob(c->digest_algorithms, DER_SET(pki_digest_algorithm(c->digest, true))),
			encapsulated, c->n_certificates > 0 ? der_tlv(0xa0, der_concat(c->n_certificates, c->certificates)) : DER_EMPTY,
			c->n_crls > 0 ? der_tlv(0xa1, der_concat(c->n_crls, c->crls)) : DER_EMPTY, knob(c->signers, DER_SET(signer)),
			knob(c->rest, DER_EMPTY));
	return DER_SEQ(knob(c->outer_type, DER_OID(CUSTODY_OID_SIGNED_DATA)), DER(0xa0, signed_data));
}

struct custody_bytes pki_token(struct custody_bytes value, struct pki_token_spec spec)
{
	const char *text = spec.when != NULL ? spec.when : "2026-11-02T09:30:01Z";
	enum custody_digest_id digest = spec.imprint_digest != CUSTODY_MD5 ? spec.imprint_digest : CUSTODY_SHA256;
	struct custody_bytes time = der_text_time(0x18, text);
	if (spec.fraction != NULL)
		time = der_tlv(0x18, der_concat(DER_LIST({ time.p + 2, time.n - 3 }, DER_RAW("."), der_bytes(spec.fraction, strlen(spec.fraction)),
					     DER_RAW("Z"))));
	struct custody_bytes imprint = DER_SEQ(pki_digest_algorithm(digest, true), der_octets(digest_of(digest, value)));
	struct custody_bytes info =
		DER_SEQ(knob(spec.version, der_integer(1)), knob(spec.policy, der_tlv(0x06, DER_RAW("\x88\x37\x01"))), knob(spec.imprint, imprint),
			knob(spec.serial, der_integer(77)), knob(spec.time, time), knob(spec.accuracy, DER_EMPTY), knob(spec.rest, DER_EMPTY));
	struct pki_cms *c = &spec.cms;
	c->token = true;
	c->signer = spec.stamper;
	c->content = knob(c->content, info);
	if (c->signing_time == NULL)
		c->signing_time = text;
	if (c->n_certificates == 0)
		c->certificates[c->n_certificates++] = spec.stamper->certificate;
	pki_cms_sign(c);
	return pki_cms_encode(c);
}
