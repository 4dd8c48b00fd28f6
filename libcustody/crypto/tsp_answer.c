/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/tsp_answer.h"

#include "libcustody/base/utf8.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/signature.h"

bool custody_tsp_failure_is_known(unsigned bit)
{
	return bit == CUSTODY_TSP_BAD_ALG || bit == CUSTODY_TSP_BAD_REQUEST || bit == CUSTODY_TSP_BAD_DATA_FORMAT ||
	       bit == CUSTODY_TSP_TIME_NOT_AVAILABLE || bit == CUSTODY_TSP_UNACCEPTED_POLICY || bit == CUSTODY_TSP_UNACCEPTED_EXTENSION ||
	       bit == CUSTODY_TSP_SYSTEM_FAILURE;
}

/* ---- the request ---- */

/* MessageImprint. */
static int read_imprint(struct custody_bytes in, struct custody_tsp_order *out, enum custody_tsp_failure *failure, struct custody_error *err)
{
	struct custody_der algorithm, value, oid;
	size_t want;

	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &algorithm) || !custody_der_take(&in, CUSTODY_DER_OCTET_STRING, &value) || in.n != 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found an imprint of another form, want an algorithm and a digest");
	out->imprint_digest = custody_digest_algorithm_parse(algorithm.whole);
	if (out->imprint_digest == CUSTODY_DIGEST_COUNT) {
		*failure = CUSTODY_TSP_BAD_ALG;
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found an imprint by another digest algorithm, want SHA-256, SHA-384 or SHA-512");
	}
	want = custody_digest_get(out->imprint_digest)->size;
	if (value.content.n != want)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found an imprint of %zu bytes, want %zu", value.content.n, want);
	memcpy(out->imprint, value.content.p, want);
	/* custody_digest_algorithm_parse() has taken it: an identifier, and nothing or NULL behind it. */
	out->bare_algorithm = custody_der_take(&algorithm.content, CUSTODY_DER_OID, &oid) && algorithm.content.n == 0;
	return 0;
}

/* What may follow the imprint, in this order: reqPolicy, nonce, certReq, extensions. */
static int read_options(struct custody_bytes in, struct custody_tsp_order *out, enum custody_tsp_failure *failure, struct custody_error *err)
{
	struct custody_der policy = { 0 }, nonce = { 0 }, element;

	(void)custody_der_take(&in, CUSTODY_DER_OID, &policy);
	(void)custody_der_take(&in, CUSTODY_DER_INTEGER, &nonce);
	if (custody_der_take(&in, CUSTODY_DER_BOOLEAN, &element)) {
		if (element.content.p[0] == 0) /* X.690 11.5: a value that is the default is left out */
			return custody_fail(err, CUSTODY_ERR_FORMAT, "found certReq with its default written out, want it left out when false");
		out->wants_certificate = true;
	}
	if (custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &element) && in.n == 0) {
		*failure = CUSTODY_TSP_UNACCEPTED_EXTENSION; /* RFC 3161 2.4.1: whether critical or not */
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found extensions, want none");
	}
	if (in.n != 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found further fields of a TimeStampReq, want none");
	if (nonce.content.n > CUSTODY_LIMIT_NONCE) {
		*failure = CUSTODY_TSP_BAD_REQUEST;
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found a nonce of %zu bytes, want at most %d", nonce.content.n, CUSTODY_LIMIT_NONCE);
	}
	if (policy.whole.n != 0 && !custody_bytes_are(policy.content, CUSTODY_POLICY_SERVED)) {
		*failure = CUSTODY_TSP_UNACCEPTED_POLICY;
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found a policy asked for that is not this authority's, want none or its own");
	}
	out->nonce_len = nonce.content.n;
	if (nonce.content.n > 0)
		memcpy(out->nonce, nonce.content.p, nonce.content.n);
	return 0;
}

static int read_request(struct custody_bytes der, struct custody_tsp_order *out, enum custody_tsp_failure *failure, struct custody_error *err)
{
	struct custody_bytes in;
	struct custody_der element, imprint;
	uint64_t version;

	if (der.n > CUSTODY_LIMIT_TSP_REQUEST)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found %zu bytes, want at most %zu", der.n, (size_t)CUSTODY_LIMIT_TSP_REQUEST);
	if (custody_der_check(der.p, der.n, NULL, err) != 0)
		return -1;
	if (!custody_der_only(der, CUSTODY_DER_SEQUENCE, &in) || !custody_der_take(&in, CUSTODY_DER_INTEGER, &element))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found something that is not a TimeStampReq, want one");
	if (!custody_der_unsigned(element.content, &version) || version != 1) {
		*failure = CUSTODY_TSP_BAD_REQUEST;
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found another version of TimeStampReq, want 1");
	}
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &imprint))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found a TimeStampReq without an imprint, want one");
	if (read_imprint(imprint.content, out, failure, err) != 0)
		return -1;
	return read_options(in, out, failure, err);
}

int custody_tsp_request_parse(struct custody_bytes der, struct custody_tsp_order *out, enum custody_tsp_failure *failure, struct custody_error *err)
{
	struct custody_tsp_order order = { .imprint_digest = CUSTODY_DIGEST_COUNT };

	*failure = CUSTODY_TSP_BAD_DATA_FORMAT;
	if (read_request(der, &order, failure, err) != 0)
		return -1;
	*out = order;
	return 0;
}

/* ---- the order ---- */

/* Byte 0: the digest; 1: bit 0 bare_algorithm, bit 1 wants_certificate; 2: length of the nonce; 3: zero; then imprint and nonce, zeros behind each. */
enum { ORDER_DIGEST = 0, ORDER_FLAGS = 1, ORDER_NONCE_LEN = 2, ORDER_ZERO = 3, ORDER_IMPRINT = 4, ORDER_NONCE = 4 + CUSTODY_DIGEST_MAX };

void custody_tsp_order_format(const struct custody_tsp_order *order, uint8_t out[CUSTODY_TSP_ORDER_BYTES])
{
	memset(out, 0, CUSTODY_TSP_ORDER_BYTES);
	out[ORDER_DIGEST] = (uint8_t)order->imprint_digest;
	out[ORDER_FLAGS] = (uint8_t)((order->bare_algorithm ? 1u : 0u) | (order->wants_certificate ? 2u : 0u));
	out[ORDER_NONCE_LEN] = (uint8_t)order->nonce_len;
	memcpy(out + ORDER_IMPRINT, order->imprint, custody_digest_get(order->imprint_digest)->size);
	memcpy(out + ORDER_NONCE, order->nonce, order->nonce_len);
}

static bool is_zero(const uint8_t *p, size_t n)
{
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= p[i];
	return any == 0;
}

/* A minimal INTEGER's content: what a TimeStampReq in DER can hold. */
static bool is_integer(const uint8_t *p, size_t n)
{
	return n < 2 || !((p[0] == 0x00 && (p[1] & 0x80) == 0) || (p[0] == 0xff && (p[1] & 0x80) != 0));
}

int custody_tsp_order_parse(const uint8_t *p, size_t n, struct custody_tsp_order *out, struct custody_error *err)
{
	struct custody_tsp_order o = { .imprint_digest = CUSTODY_DIGEST_COUNT };
	size_t size;

	if (n != CUSTODY_TSP_ORDER_BYTES)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found an order of %zu bytes, want %zu", n, CUSTODY_TSP_ORDER_BYTES);
	if (p[ORDER_DIGEST] != CUSTODY_SHA256 && p[ORDER_DIGEST] != CUSTODY_SHA384 && p[ORDER_DIGEST] != CUSTODY_SHA512)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found an order with digest %u, want SHA-256, SHA-384 or SHA-512", p[ORDER_DIGEST]);
	size = custody_digest_get((enum custody_digest_id)p[ORDER_DIGEST])->size;
	if (p[ORDER_FLAGS] > 3 || p[ORDER_ZERO] != 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found an order with unknown flags, want two at most");
	if (p[ORDER_NONCE_LEN] > CUSTODY_LIMIT_NONCE)
		return custody_fail(
			err, CUSTODY_ERR_FORMAT, "found an order with a nonce of %u bytes, want at most %d", p[ORDER_NONCE_LEN], CUSTODY_LIMIT_NONCE);
	if (!is_zero(p + ORDER_IMPRINT + size, CUSTODY_DIGEST_MAX - size) ||
		!is_zero(p + ORDER_NONCE + p[ORDER_NONCE_LEN], CUSTODY_LIMIT_NONCE - p[ORDER_NONCE_LEN]))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found an order with bytes behind its values, want zeros");
	if (!is_integer(p + ORDER_NONCE, p[ORDER_NONCE_LEN]))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found an order with a nonce that is not DER, want the shortest form");
	o.imprint_digest = (enum custody_digest_id)p[ORDER_DIGEST];
	o.bare_algorithm = (p[ORDER_FLAGS] & 1) != 0;
	o.wants_certificate = (p[ORDER_FLAGS] & 2) != 0;
	o.nonce_len = p[ORDER_NONCE_LEN];
	memcpy(o.imprint, p + ORDER_IMPRINT, size);
	memcpy(o.nonce, p + ORDER_NONCE, o.nonce_len);
	*out = o;
	return 0;
}

/* ---- the answer ---- */

int custody_tsp_granted(struct custody_bytes token, struct custody_buf *out, struct custody_error *err)
{
	static const uint8_t granted[] = { CUSTODY_DER_SEQUENCE, 3, CUSTODY_DER_INTEGER, 1, 0 };
	size_t before = out->len;

	if (custody_der_append_head(out, CUSTODY_DER_SEQUENCE, sizeof(granted) + token.n, err) == 0 &&
		custody_buf_append(out, granted, sizeof(granted), err) == 0 && custody_buf_append(out, token.p, token.n, err) == 0)
		return 0;
	out->len = before;
	return -1;
}

/* As much of the text as fits and is whole characters. */
static size_t text_length(const char *text)
{
	size_t n = strnlen(text, CUSTODY_LIMIT_TSP_TEXT);

	while (n > 0 && !custody_utf8_valid((const uint8_t *)text, n))
		n--;
	return n;
}

int custody_tsp_refused(enum custody_tsp_failure failure, const char *text, struct custody_buf *out, struct custody_error *err)
{
	static const uint8_t rejection[] = { CUSTODY_DER_INTEGER, 1, 2 };
	/* A named bit string ends with its last bit that is set (X.690 11.2.2). */
	size_t octets = (size_t)failure / 8 + 1, n = text_length(text);
	uint8_t info[2 + 1 + 4] = { CUSTODY_DER_BIT_STRING, (uint8_t)(1 + octets), (uint8_t)(7 - failure % 8) };
	/* What statusString, a SEQUENCE of one UTF8String below 128 bytes, takes; the whole stays below 256. */
	size_t string = n > 0 ? 2 + n : 0, status = sizeof(rejection) + (n > 0 ? 2 + string : 0) + 3 + octets;
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };

	info[2 + octets] = (uint8_t)(0x80u >> failure % 8);
	custody_buf_init(&b, 512);
	if (custody_der_append_head(&b, CUSTODY_DER_SEQUENCE, status + (status < 0x80 ? 2 : 3), err) != 0 ||
		custody_der_append_head(&b, CUSTODY_DER_SEQUENCE, status, err) != 0 || custody_buf_append(&b, rejection, sizeof(rejection), err) != 0)
		return -1;
	if (n > 0 && (custody_der_append_head(&b, CUSTODY_DER_SEQUENCE, string, err) != 0 || custody_der_append_head(&b, 0x0c, n, err) != 0 ||
			     custody_buf_append(&b, text, n, err) != 0))
		return -1;
	if (custody_buf_append(&b, info, 3 + octets, err) != 0)
		return -1;
	return custody_buf_append(out, b.data, b.len, err);
}
