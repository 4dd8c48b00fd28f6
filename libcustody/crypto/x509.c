/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/x509.h"

#include <inttypes.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/trust.h"

#define MAX_EXTENSIONS 64 /* extensions of one object: nobody has more than a dozen, and looking for doubles is quadratic */

bool custody_extension_next(struct custody_bytes *rest, struct custody_extension *out)
{
	struct custody_bytes after = *rest;
	struct custody_der extension, oid, critical, value;
	if (!custody_der_take(&after, CUSTODY_DER_SEQUENCE, &extension))
		return false;
	struct custody_bytes in = extension.content;
	out->critical = false;
	if (!custody_der_take(&in, CUSTODY_DER_OID, &oid))
		return false;
	if (custody_der_take(&in, CUSTODY_DER_BOOLEAN, &critical))
		out->critical = critical.content.p[0] != 0;
	if (!custody_der_take(&in, CUSTODY_DER_OCTET_STRING, &value) || in.n != 0)
		return false;
	out->oid = oid.content;
	out->value = value.content;
	*rest = after; /* one that is malformed stays, so that who counts what is left sees it */
	return true;
}

bool custody_extensions_are_sound(struct custody_bytes extensions)
{
	struct custody_bytes seen[MAX_EXTENSIONS];
	size_t n = 0;
	struct custody_extension extension;
	while (custody_extension_next(&extensions, &extension)) {
		for (size_t i = 0; i < n; i++) {
			if (custody_bytes_equal(seen[i], extension.oid))
				return false;
		}
		if (n == MAX_EXTENSIONS)
			return false;
		seen[n++] = extension.oid;
	}
	return extensions.n == 0;
}

/* ---- one extension each: value -> facts; false if it is not what RFC 5280 says ---- */

static bool read_basic_constraints(struct custody_bytes value, struct custody_x509 *out)
{
	struct custody_bytes in;
	struct custody_der element;
	if (!custody_der_only(value, CUSTODY_DER_SEQUENCE, &in))
		return false;
	if (custody_der_take(&in, CUSTODY_DER_BOOLEAN, &element))
		out->is_ca = element.content.p[0] != 0;
	if (custody_der_take(&in, CUSTODY_DER_INTEGER, &element)) {
		out->has_path_length = true;
		if (!out->is_ca || !custody_der_unsigned(element.content, &out->path_length))
			return false;
	}
	return in.n == 0;
}

static bool read_key_usage(struct custody_bytes value, struct custody_x509 *out)
{
	struct custody_bytes bits;
	/* Nine bits are defined; the first is the highest of the first byte. */
	if (!custody_der_only(value, CUSTODY_DER_BIT_STRING, &bits) || bits.n < 2 || bits.n > 3)
		return false;
	out->has_key_usage = true;
	for (unsigned i = 0; i < (bits.n - 1) * 8; i++) {
		if ((bits.p[1 + i / 8] & 0x80u >> i % 8) != 0)
			out->key_usage |= 1u << i;
	}
	return true;
}

static bool read_purposes(struct custody_bytes value, struct custody_x509 *out)
{
	struct custody_bytes in;
	struct custody_der oid;
	if (!custody_der_only(value, CUSTODY_DER_SEQUENCE, &in))
		return false;
	out->has_purposes = true;
	while (custody_der_take(&in, CUSTODY_DER_OID, &oid)) {
		out->n_purposes++;
		if (custody_bytes_are(oid.content, CUSTODY_OID_TIME_STAMPING))
			out->purposes |= CUSTODY_PURPOSE_TIME_STAMPING;
		else if (custody_bytes_are(oid.content, CUSTODY_OID_EMAIL_PROTECTION))
			out->purposes |= CUSTODY_PURPOSE_EMAIL;
		else if (custody_bytes_are(oid.content, CUSTODY_OID_DOCUMENT_SIGNING))
			out->purposes |= CUSTODY_PURPOSE_DOCUMENT_SIGNING;
		else if (custody_bytes_are(oid.content, CUSTODY_OID_ANY_PURPOSE))
			out->purposes |= CUSTODY_PURPOSE_ANY;
	}
	return in.n == 0 && out->n_purposes > 0;
}

/* RFC 3280 4.2.1.4: both bounds are GeneralizedTime under implicit tags. */
static bool read_use_period(struct custody_bytes value, struct custody_x509 *out)
{
	struct custody_bytes in;
	struct custody_der element;
	if (!custody_der_only(value, CUSTODY_DER_SEQUENCE, &in))
		return false;
	if (custody_der_take(&in, CUSTODY_DER_IMPLICIT(0), &element)) {
		out->has_use_from = true;
		if (!custody_der_time(CUSTODY_DER_GENERALIZED_TIME, element.content, &out->use_from))
			return false;
	}
	if (custody_der_take(&in, CUSTODY_DER_IMPLICIT(1), &element)) {
		out->has_use_until = true;
		if (!custody_der_time(CUSTODY_DER_GENERALIZED_TIME, element.content, &out->use_until))
			return false;
	}
	return in.n == 0;
}

static bool read_extension(const struct custody_extension *extension, struct custody_x509 *out)
{
	struct custody_bytes oid = extension->oid;
	if (custody_bytes_are(oid, CUSTODY_OID_BASIC_CONSTRAINTS))
		return read_basic_constraints(extension->value, out);
	if (custody_bytes_are(oid, CUSTODY_OID_KEY_USAGE)) {
		out->key_usage_critical = extension->critical;
		return read_key_usage(extension->value, out);
	}
	if (custody_bytes_are(oid, CUSTODY_OID_EXT_KEY_USAGE)) {
		out->purposes_critical = extension->critical;
		return read_purposes(extension->value, out);
	}
	if (custody_bytes_are(oid, CUSTODY_OID_PRIVATE_KEY_USAGE_PERIOD))
		return read_use_period(extension->value, out);
	if (custody_bytes_are(oid, CUSTODY_OID_SUBJECT_KEY_IDENTIFIER))
		return custody_der_only(extension->value, CUSTODY_DER_OCTET_STRING, &out->key_identifier);
	if (custody_bytes_are(oid, CUSTODY_OID_CRL_DISTRIBUTION_POINTS)) {
		out->distribution_points = extension->value;
		return true;
	}
	if (custody_bytes_are(oid, CUSTODY_OID_NO_REV_AVAIL)) {
		out->no_rev_avail = true;
		return true;
	}
	/* Judged by X509_verify_cert(), or without effect as we demand no policy. */
	if (custody_bytes_are(oid, CUSTODY_OID_SUBJECT_ALT_NAME) || custody_bytes_are(oid, CUSTODY_OID_NAME_CONSTRAINTS) ||
		custody_bytes_are(oid, CUSTODY_OID_CERTIFICATE_POLICIES) || custody_bytes_are(oid, CUSTODY_OID_INHIBIT_ANY_POLICY))
		return true;
	if (extension->critical)
		out->unknown_critical = true;
	return true;
}

/* The extensions that we read ourselves: their values are DER too, though the outer scan could not look inside. */
static bool value_is_read(struct custody_bytes oid)
{
	return custody_bytes_are(oid, CUSTODY_OID_BASIC_CONSTRAINTS) || custody_bytes_are(oid, CUSTODY_OID_KEY_USAGE) ||
	       custody_bytes_are(oid, CUSTODY_OID_EXT_KEY_USAGE) || custody_bytes_are(oid, CUSTODY_OID_PRIVATE_KEY_USAGE_PERIOD) ||
	       custody_bytes_are(oid, CUSTODY_OID_SUBJECT_KEY_IDENTIFIER) || custody_bytes_are(oid, CUSTODY_OID_CRL_DISTRIBUTION_POINTS);
}

static int read_extensions(struct custody_bytes extensions, struct custody_x509 *out, struct custody_error *err)
{
	if (!custody_extensions_are_sound(extensions))
		return custody_refuse(err, NULL, "found a certificate with malformed or doubled extensions, want each once");
	struct custody_extension extension;
	while (custody_extension_next(&extensions, &extension)) {
		if (value_is_read(extension.oid) && custody_der_check(extension.value.p, extension.value.n, NULL, err) < 0)
			return custody_fail_in(err, "extension of a certificate");
		if (!read_extension(&extension, out))
			return custody_refuse(err, NULL, "found a certificate with an extension of another form, want that of RFC 5280");
	}
	if (out->is_ca || out->distribution_points.p != NULL)
		out->no_rev_avail = false;
	return 0;
}

/* ---- the public key ---- */

static unsigned count_bits(struct custody_bytes integer)
{
	/* Minimal and positive: at most one zero byte in front. */
	if (integer.n > 0 && integer.p[0] == 0) {
		integer.p++;
		integer.n--;
	}
	if (integer.n == 0 || integer.n > CUSTODY_LIMIT_RSA_BITS / 4)
		return 0;
	unsigned bits = (unsigned)integer.n * 8;
	for (uint8_t top = integer.p[0]; (top & 0x80) == 0; top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

static void read_rsa_key(struct custody_bytes key, enum custody_x509_key type, struct custody_x509 *out)
{
	struct custody_bytes in;
	struct custody_der modulus, exponent;
	struct custody_error ignored = CUSTODY_ERROR_INIT;
	uint64_t e;
	if (custody_der_check(key.p, key.n, NULL, &ignored) < 0 || !custody_der_only(key, CUSTODY_DER_SEQUENCE, &in))
		return;
	if (!custody_der_take(&in, CUSTODY_DER_INTEGER, &modulus) || !custody_der_take(&in, CUSTODY_DER_INTEGER, &exponent) || in.n != 0)
		return;
	/* FIPS 186-5 A.1.1: odd and above 2^16. Small exponents have been the root of too many forgeries. */
	if (modulus.content.p[0] >= 0x80 || !custody_der_unsigned(exponent.content, &e) || e <= 65536 || e % 2 == 0)
		return;
	out->key_bits = count_bits(modulus.content);
	out->key = type;
}

static void read_ec_key(struct custody_bytes curve, struct custody_bytes key, struct custody_x509 *out)
{
	/* Uncompressed points only (RFC 5480 2.2): one key, one encoding. */
	if (key.n == 0 || key.p[0] != 0x04)
		return;
	if (custody_bytes_are(curve, CUSTODY_OID_P256) && key.n == 65)
		out->key = CUSTODY_X509_P256;
	else if (custody_bytes_are(curve, CUSTODY_OID_P384) && key.n == 97)
		out->key = CUSTODY_X509_P384;
	else if (custody_bytes_are(curve, CUSTODY_OID_P521) && key.n == 133)
		out->key = CUSTODY_X509_P521;
}

/* false: not a SubjectPublicKeyInfo. A key that is one, but none that we take, is OTHER. */
static bool read_public_key(struct custody_bytes in, struct custody_x509 *out)
{
	struct custody_der algorithm, key, oid, parameter;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &algorithm) || !custody_der_take(&in, CUSTODY_DER_BIT_STRING, &key) || in.n != 0)
		return false;
	if (!custody_der_take(&algorithm.content, CUSTODY_DER_OID, &oid))
		return false;
	out->public_key = key.content;
	bool none = algorithm.content.n == 0;
	if (!none && (!custody_der_next(&algorithm.content, &parameter) || algorithm.content.n != 0))
		return false;
	if (key.content.p[0] != 0) /* unused bits: no key that we take has any */
		return true;
	struct custody_bytes octets = { key.content.p + 1, key.content.n - 1 };
	if (custody_bytes_are(oid.content, CUSTODY_OID_RSA) && !none && parameter.tag == CUSTODY_DER_NULL)
		read_rsa_key(octets, CUSTODY_X509_RSA, out);
	else if (custody_bytes_are(oid.content, CUSTODY_OID_RSA_PSS) && none)
		read_rsa_key(octets, CUSTODY_X509_RSA_PSS, out);
	else if (custody_bytes_are(oid.content, CUSTODY_OID_EC) && !none && parameter.tag == CUSTODY_DER_OID)
		read_ec_key(parameter.content, octets, out);
	return true;
}

bool custody_x509_key_is_taken(const struct custody_x509 *x, unsigned min_rsa_bits, bool p521)
{
	switch (x->key) {
	case CUSTODY_X509_RSA:
	case CUSTODY_X509_RSA_PSS:
		return x->key_bits >= min_rsa_bits && x->key_bits <= CUSTODY_LIMIT_RSA_BITS;
	case CUSTODY_X509_P256:
	case CUSTODY_X509_P384:
		return true;
	case CUSTODY_X509_P521:
		return p521;
	case CUSTODY_X509_OTHER:
	default:
		return false;
	}
}

/* ---- the certificate ---- */

static bool read_validity(struct custody_bytes in, struct custody_x509 *out)
{
	struct custody_der from, until;
	return custody_der_next(&in, &from) && custody_der_next(&in, &until) && in.n == 0 &&
	       custody_der_time(from.tag, from.content, &out->not_before) && custody_der_time(until.tag, until.content, &out->not_after);
}

/* Fields of a TBSCertificate up to the extensions, which are given back. */
static bool read_tbs(struct custody_bytes in, struct custody_x509 *out, struct custody_bytes *inner, struct custody_bytes *extensions)
{
	struct custody_der element;
	struct custody_bytes version;
	uint64_t number;
	if (!custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &element) || !custody_der_only(element.content, CUSTODY_DER_INTEGER, &version) ||
		!custody_der_unsigned(version, &number) || number != 2)
		return false;
	if (!custody_der_take(&in, CUSTODY_DER_INTEGER, &element))
		return false;
	out->serial = element.content;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return false;
	*inner = element.whole;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return false;
	out->issuer = element.whole;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element) || !read_validity(element.content, out))
		return false;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return false;
	out->subject = element.whole;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element) || !read_public_key(element.content, out))
		return false;
	(void)custody_der_take(&in, CUSTODY_DER_IMPLICIT(1), &element); /* issuerUniqueID and */
	(void)custody_der_take(&in, CUSTODY_DER_IMPLICIT(2), &element); /* subjectUniqueID say nothing to us */
	*extensions = (struct custody_bytes){ NULL, 0 };
	if (custody_der_take(&in, CUSTODY_DER_EXPLICIT(3), &element) && !custody_der_only(element.content, CUSTODY_DER_SEQUENCE, extensions))
		return false;
	return in.n == 0;
}

int custody_x509_parse(struct custody_bytes der, struct custody_x509 *out, struct custody_error *err)
{
	struct custody_bytes in, inner, extensions;
	struct custody_der tbs, algorithm, signature;
	*out = (struct custody_x509){ 0 };
	if (!custody_der_only(der, CUSTODY_DER_SEQUENCE, &in) || !custody_der_take(&in, CUSTODY_DER_SEQUENCE, &tbs) ||
		!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &algorithm) || !custody_der_take(&in, CUSTODY_DER_BIT_STRING, &signature) || in.n != 0)
		return custody_refuse(err, NULL, "found something that is not a certificate, want one of RFC 5280");
	out->tbs = tbs.whole;
	out->algorithm = algorithm.whole;
	if (!read_tbs(tbs.content, out, &inner, &extensions))
		return custody_refuse(err, NULL, "found a certificate of another form, want X.509 version 3 of RFC 5280");
	/* RFC 5280 4.1.1.2. Without this the outer one could be changed. */
	if (!custody_bytes_equal(inner, algorithm.whole))
		return custody_refuse(err, NULL, "found a certificate that names two signature algorithms, want one");
	if (signature.content.p[0] != 0)
		return custody_refuse(err, NULL, "found a certificate's signature with unused bits, want whole bytes");
	out->signature = (struct custody_bytes){ signature.content.p + 1, signature.content.n - 1 };
	return read_extensions(extensions, out, err);
}

bool custody_x509_is_self_issued(const struct custody_x509 *x)
{
	return custody_bytes_equal(x->issuer, x->subject);
}

/* ---- suitability ---- */

const char *custody_x509_unfit_for_sealing(const struct custody_x509 *x)
{
	const unsigned want = CUSTODY_USAGE_DIGITAL_SIGNATURE | CUSTODY_USAGE_NON_REPUDIATION;
	const unsigned taken = CUSTODY_PURPOSE_EMAIL | CUSTODY_PURPOSE_DOCUMENT_SIGNING;
	if (x->is_ca)
		return "found the certificate of a CA, want a signer's";
	if (!x->has_key_usage || !x->key_usage_critical || x->key_usage != want)
		return "found another keyUsage, want digitalSignature and nonRepudiation, critical";
	/* Each purpose that we know is counted once, so a number above that of the known ones means others. */
	if (x->has_purposes &&
		((x->purposes & ~taken) != 0 || x->n_purposes > 2 || (x->n_purposes == 2) != (x->purposes == taken) || x->purposes == 0))
		return "found another purpose (extended key usage), want none, emailProtection or documentSigning";
	if (x->unknown_critical)
		return "found a critical extension that is not known, want none";
	return NULL;
}

const char *custody_x509_unfit_for_stamping(const struct custody_x509 *x)
{
	const unsigned signing = CUSTODY_USAGE_DIGITAL_SIGNATURE | CUSTODY_USAGE_NON_REPUDIATION;
	if (x->is_ca)
		return "found the certificate of a CA, want that of a time-stamping authority";
	if (!x->has_purposes || !x->purposes_critical || x->n_purposes != 1 || x->purposes != CUSTODY_PURPOSE_TIME_STAMPING)
		return "found another purpose (extended key usage), want timeStamping alone, critical";
	if (x->has_key_usage && ((x->key_usage & signing) == 0 || (x->key_usage & ~signing) != 0))
		return "found another keyUsage, want digitalSignature or nonRepudiation";
	if (x->unknown_critical)
		return "found a critical extension that is not known, want none";
	return NULL;
}

/* ---- names, for people ---- */

/* Who signed stands in every report and in signed events: none of this needs memory, so that it is never said in part, or not at all, where memory is short. */
struct name_text {
	char *out;
	size_t size, n;
	bool cut;
};

static void put(struct name_text *t, const char *p, size_t n)
{
	size_t room = t->size - 1 - t->n;

	t->cut = t->cut || n > room;
	n = n > room ? room : n;
	memcpy(t->out + t->n, p, n);
	t->n += n;
}

/* Cuts at a character boundary. The text is our own display form already; a cut inside an escape is still plain text. */
static char *finish(struct name_text *t)
{
	if (t->cut) {
		t->n = t->size - 4;
		while (t->n > 0 && ((uint8_t)t->out[t->n] & 0xc0) == 0x80)
			t->n--;
		memcpy(t->out + t->n, "...", 3);
		t->n += 3;
	}
	t->out[t->n] = '\0';
	return t->out;
}

/* Bytes to a character, by the kind of string (X.680, 41); 0: UTF-8, or what is shown as the bytes that it is. */
static size_t width_of(int type)
{
	switch (type) {
	case V_ASN1_NUMERICSTRING:
	case V_ASN1_PRINTABLESTRING:
	case V_ASN1_T61STRING: /* as everybody writes it: ISO 8859-1 */
	case V_ASN1_IA5STRING:
	case V_ASN1_VISIBLESTRING:
		return 1;
	case V_ASN1_BMPSTRING:
		return 2;
	case V_ASN1_UNIVERSALSTRING:
		return 4;
	default:
		return 0;
	}
}

static uint32_t character_at(const uint8_t *p, size_t width)
{
	uint32_t c = 0;

	for (size_t i = 0; i < width; i++)
		c = c << 8 | p[i];
	return c;
}

static bool are_characters(const uint8_t *p, size_t n, size_t width)
{
	if (n % width != 0)
		return false;
	for (size_t i = 0; i < n; i += width) {
		uint32_t c = character_at(p + i, width);

		if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return false;
	}
	return true;
}

static size_t to_utf8(uint32_t c, uint8_t out[4])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)(first[n] | c);
	return n;
}

/* A value's display text, with what separates parts of a name escaped too, so that no value can look like two. */
static void put_value(struct name_text *t, const ASN1_STRING *value)
{
	const uint8_t *p = ASN1_STRING_get0_data(value);
	size_t left = (size_t)ASN1_STRING_length(value), width = width_of(ASN1_STRING_type(value));
	int marks = 3;

	if (width > 0 && !are_characters(p, left, width))
		width = 0;
	while (left > 0) {
		char shown[CUSTODY_DISPLAY_ONE];
		uint8_t utf8[4];
		size_t n = width > 0 ? to_utf8(character_at(p, width), utf8) : left, length;
		const uint8_t *at = width > 0 ? utf8 : p;
		bool separates = *at == ',' || *at == '+' || *at == '=';
		size_t step = custody_display_one(at, n, &marks, shown, &length);

		if (separates)
			put(t, "\\", 1);
		put(t, shown, length);
		marks = separates ? 3 : marks;
		step = width > 0 ? width : step;
		p += step;
		left -= step;
	}
}

/* More than 63 bits: 7 a byte. */
static bool has_long_arc(const uint8_t *p, size_t n)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++) {
		bytes++;
		if (bytes > 9)
			return true;
		bytes = (p[i] & 0x80) != 0 ? bytes : 0;
	}
	return false;
}

/* A kind of part that has no name here: its number, with dots. With an arc that is too long for that, the bytes that it is. */
static void put_number(struct name_text *t, const ASN1_OBJECT *type)
{
	const uint8_t *p = OBJ_get0_data(type);
	size_t n = OBJ_length(type);
	uint64_t arc = 0;
	bool first = true;
	char text[48];

	if (has_long_arc(p, n)) {
		for (size_t i = 0; i < n; i++) {
			custody_hex_format(p + i, 1, text);
			put(t, i == 0 ? "OID " : ":", i == 0 ? 4 : 1);
			put(t, text, 2);
		}
		return;
	}
	for (size_t i = 0; i < n; i++) {
		arc = arc << 7 | (p[i] & 0x7f);
		if ((p[i] & 0x80) != 0)
			continue;
		uint64_t root = arc < 80 ? arc / 40 : 2; /* the first two arcs are written as one */

		if (first)
			(void)snprintf(text, sizeof(text), "%" PRIu64 ".%" PRIu64, root, arc - 40 * root);
		else
			(void)snprintf(text, sizeof(text), ".%" PRIu64, arc);
		put(t, text, strlen(text));
		first = false;
		arc = 0;
	}
}

static void put_part(struct name_text *t, const X509_NAME_ENTRY *part)
{
	const ASN1_OBJECT *type = X509_NAME_ENTRY_get_object(part);
	int nid = OBJ_obj2nid(type);
	const char *name = nid == NID_undef ? NULL : OBJ_nid2sn(nid);

	if (name)
		put(t, name, strlen(name));
	else
		put_number(t, type);
	put(t, "=", 1);
	put_value(t, X509_NAME_ENTRY_get_data(part));
}

/* Last part first, parts of one set joined by '+'. */
static char *name_text(const X509_NAME *name, char *out, size_t out_size)
{
	struct name_text t = { .out = out, .size = out_size };

	for (int i = X509_NAME_entry_count(name) - 1, last = -1; i >= 0; i--) {
		const X509_NAME_ENTRY *part = X509_NAME_get_entry(name, i);
		int set = X509_NAME_ENTRY_set(part);

		if (last >= 0)
			put(&t, set == last ? "+" : ", ", set == last ? 1 : 2);
		last = set;
		put_part(&t, part);
	}
	return finish(&t);
}

char *custody_x509_subject(const struct custody_certificate *c, char *out, size_t out_size)
{
	return name_text(X509_get_subject_name(c->x509), out, out_size);
}

char *custody_x509_issuer(const struct custody_certificate *c, char *out, size_t out_size)
{
	return name_text(X509_get_issuer_name(c->x509), out, out_size);
}

#define TEXT_MAX 4096 /* more than any array that a part is copied or shown to */

/* The characters of the most specific part of that type of the subject as UTF-8, as far as there is room.
 * Returns how many bytes they are, or 0 where there is none, or no text. */
static size_t find_part(const struct custody_certificate *c, int nid, uint8_t out[TEXT_MAX])
{
	const X509_NAME *name = X509_get_subject_name(c->x509);
	int at = -1;

	for (int next; (next = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;)
		at = next;
	if (at < 0)
		return 0;
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	const uint8_t *p = ASN1_STRING_get0_data(value);
	size_t n = (size_t)ASN1_STRING_length(value), width = width_of(ASN1_STRING_type(value)), used = 0;

	if (width == 0 && (ASN1_STRING_type(value) != V_ASN1_UTF8STRING || !custody_utf8_valid(p, n)))
		return 0;
	if (width == 0) {
		memcpy(out, p, n < TEXT_MAX ? n : TEXT_MAX);
		return n;
	}
	if (!are_characters(p, n, width))
		return 0;
	for (size_t i = 0; i < n; i += width) {
		uint8_t utf8[4];
		size_t length = to_utf8(character_at(p + i, width), utf8);

		if (used + length <= TEXT_MAX)
			memcpy(out + used, utf8, length);
		used += length;
	}
	return used;
}

/* Its characters as they are; false where they are no text that fits. */
static bool copy_part(const struct custody_certificate *c, int nid, char *out, size_t out_size)
{
	uint8_t text[TEXT_MAX];
	size_t n = find_part(c, nid, text);
	bool fit = n > 0 && n < out_size && n <= TEXT_MAX && memchr(text, '\0', n) == NULL;

	if (fit) {
		memcpy(out, text, n);
		out[n] = '\0';
	}
	return fit;
}

char *custody_x509_common_name(const struct custody_certificate *c, char *out, size_t out_size)
{
	uint8_t text[TEXT_MAX];
	size_t n = find_part(c, NID_commonName, text);

	return n == 0 ? custody_x509_subject(c, out, out_size) : custody_display(text, n < TEXT_MAX ? n : TEXT_MAX, out, out_size);
}

char *custody_x509_common_name_exact(const struct custody_certificate *c, char *out, size_t out_size)
{
	return copy_part(c, NID_commonName, out, out_size) ? out : custody_x509_common_name(c, out, out_size);
}

char *custody_x509_organisation_exact(const struct custody_certificate *c, char *out, size_t out_size)
{
	if (!copy_part(c, NID_organizationName, out, out_size))
		out[0] = '\0';
	return out;
}
