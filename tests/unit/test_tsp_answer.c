/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <openssl/ts.h>
#include <string.h>

#include "libcustody/crypto/der.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/sign.h"
#include "libcustody/crypto/timestamp.h"
#include "libcustody/crypto/tsp_answer.h"
#include "tests/support/pki.h"
#include "tests/support/testlab.h"

static const uint8_t digits[CUSTODY_DIGEST_MAX] = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCDEF";

/* ---- requests ---- */

static struct custody_bytes imprint(enum custody_digest_id id)
{
	return DER_SEQ(pki_digest_algorithm(id, true), der_octets(der_bytes(digits, custody_digest_get(id)->size)));
}

/* A request of version 1 with what follows. */
#define REQUEST(...) DER_SEQ(der_integer(1), __VA_ARGS__)

static struct custody_bytes zeros(size_t n)
{
	uint8_t *p = pki_alloc(n + 1);
	memset(p, 0x11, n);
	return (struct custody_bytes){ p, n };
}

static const char *parse(struct custody_bytes der, struct custody_tsp_order *o, int *failure)
{
	static struct custody_error err;
	enum custody_tsp_failure why;

	err = (struct custody_error)CUSTODY_ERROR_INIT;
	*failure = -1;
	if (custody_tsp_request_parse(der, o, &why, &err) == 0)
		return NULL;
	cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
	cr_expect(custody_tsp_failure_is_known(why));
	*failure = (int)why;
	return err.text;
}

Test(tsp_answer, takes_what_rfc_3161_asks)
{
	struct custody_tsp_order o;
	int failure;
	static const enum custody_digest_id ids[] = { CUSTODY_SHA256, CUSTODY_SHA384, CUSTODY_SHA512 };

	for (size_t i = 0; i < 3; i++) {
		const char *wrong = parse(REQUEST(imprint(ids[i])), &o, &failure);

		cr_assert_null(wrong, "%s", wrong);
		cr_expect(o.imprint_digest == ids[i] && o.nonce_len == 0 && !o.wants_certificate && !o.bare_algorithm);
		cr_expect_arr_eq(o.imprint, digits, custody_digest_get(ids[i])->size);
	}
	cr_assert_null(parse(REQUEST(DER_SEQ(pki_digest_algorithm(CUSTODY_SHA256, false), der_octets(der_bytes(digits, 32))),
				     DER_OID(CUSTODY_POLICY_SERVED), der_tlv(0x02, DER_RAW("\x80\x01")), DER_TRUE),
		&o, &failure));
	cr_expect(o.bare_algorithm && o.wants_certificate && o.nonce_len == 2 && memcmp(o.nonce, "\x80\x01", 2) == 0);
	cr_assert_null(parse(REQUEST(imprint(CUSTODY_SHA256), der_tlv(0x02, zeros(CUSTODY_LIMIT_NONCE)), DER_TRUE), &o, &failure));
	cr_expect_eq(o.nonce_len, CUSTODY_LIMIT_NONCE);
	pki_reset();
}

struct refusal {
	const char *what;
	struct custody_bytes der;
	int failure;
	const char *text;
};

static void expect_refusals(const struct refusal *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct custody_tsp_order o = { .nonce_len = 4711 };
		int failure;
		const char *text = parse(cases[i].der, &o, &failure);

		cr_expect(text != NULL, "%s: taken", cases[i].what);
		cr_expect_str_eq(text ? text : "", cases[i].text, "%s: '%s'", cases[i].what, text ? text : "");
		cr_expect_eq(failure, cases[i].failure, "%s: failure %d, want %d", cases[i].what, failure, cases[i].failure);
		cr_expect_eq(o.nonce_len, 4711, "%s: the output is touched", cases[i].what);
	}
	pki_reset();
}

Test(tsp_answer, refuses_what_is_not_a_request)
{
	const struct custody_bytes good = REQUEST(imprint(CUSTODY_SHA256), der_integer(7), DER_TRUE);
	const struct refusal cases[] = {
		{ "nothing", DER_EMPTY, 5, "at byte 0: found the end, want an identifier and a length" },
		{ "a null", DER_NULL_VALUE, 5, "found something that is not a TimeStampReq, want one" },
		{ "a number", der_integer(1), 5, "found something that is not a TimeStampReq, want one" },
		{ "an empty sequence", DER_SEQ(DER_EMPTY), 5, "found something that is not a TimeStampReq, want one" },
		{ "a trailing byte", der_concat(DER_LIST(good, DER_RAW("\x00"))), 5, "at byte 62: found further bytes, want the end" },
		{ "a second request", der_concat(DER_LIST(good, good)), 5, "at byte 62: found further bytes, want the end" },
		{ "cut off", der_bytes(good.p, good.n - 1), 5, "at byte 0: found a length beyond the end, want one that fits" },
		{ "an indefinite length", DER_RAW("\x30\x80\x02\x01\x01\x00\x00"), 5, "at byte 0: found an indefinite length, want a definite one" },
		{ "a long length", DER_RAW("\x30\x81\x03\x02\x01\x01"), 5,
			"at byte 0: found a length in more bytes than needed, want the shortest form" },
		{ "a padded version", DER_RAW("\x30\x04\x02\x02\x00\x01"), 5,
			"at byte 2: found an INTEGER with a needless first byte, want the shortest form" },
		{ "too long", zeros(CUSTODY_LIMIT_TSP_REQUEST + 1), 5, "found 1025 bytes, want at most 1024" },
		{ "version 0", DER_SEQ(der_integer(0), imprint(CUSTODY_SHA256)), 2, "found another version of TimeStampReq, want 1" },
		{ "version 2", DER_SEQ(der_integer(2), imprint(CUSTODY_SHA256)), 2, "found another version of TimeStampReq, want 1" },
		{ "version -1", DER_SEQ(DER_RAW("\x02\x01\xff"), imprint(CUSTODY_SHA256)), 2, "found another version of TimeStampReq, want 1" },
		{ "no version", DER_SEQ(imprint(CUSTODY_SHA256)), 5, "found something that is not a TimeStampReq, want one" },
		{ "no imprint", DER_SEQ(der_integer(1)), 5, "found a TimeStampReq without an imprint, want one" },
		{ "a response", DER_SEQ(DER_SEQ(der_integer(0))), 5, "found something that is not a TimeStampReq, want one" },
	};

	expect_refusals(cases, sizeof(cases) / sizeof(*cases));
}

static struct custody_bytes imprint_by(const char *oid, size_t n_oid, struct custody_bytes parameters, size_t n)
{
	return DER_SEQ(DER_SEQ(der_tlv(0x06, der_bytes(oid, n_oid)), parameters), der_octets(der_bytes(digits, n)));
}
#define IMPRINT_BY(oid, parameters, n) imprint_by((oid), sizeof(oid) - 1, (parameters), (n))

Test(tsp_answer, refuses_imprints_that_are_not_sha_2)
{
#define IMPRINT_FORM "found an imprint of another form, want an algorithm and a digest"
#define OTHER_DIGEST "found an imprint by another digest algorithm, want SHA-256, SHA-384 or SHA-512"
	const struct refusal cases[] = {
		{ "SHA-1", REQUEST(IMPRINT_BY(CUSTODY_OID_SHA1, DER_NULL_VALUE, 20)), 0, OTHER_DIGEST },
		{ "MD5", REQUEST(IMPRINT_BY("\x2a\x86\x48\x86\xf7\x0d\x02\x05", DER_NULL_VALUE, 16)), 0, OTHER_DIGEST },
		{ "SHA-224", REQUEST(IMPRINT_BY("\x60\x86\x48\x01\x65\x03\x04\x02\x04", DER_NULL_VALUE, 28)), 0, OTHER_DIGEST },
		{ "SHA3-256", REQUEST(IMPRINT_BY("\x60\x86\x48\x01\x65\x03\x04\x02\x08", DER_NULL_VALUE, 32)), 0, OTHER_DIGEST },
		{ "parameters", REQUEST(IMPRINT_BY(CUSTODY_OID_SHA256, der_integer(1), 32)), 0, OTHER_DIGEST },
		{ "two parameters", REQUEST(IMPRINT_BY(CUSTODY_OID_SHA256, der_concat(DER_LIST(DER_NULL_VALUE, DER_NULL_VALUE)), 32)), 0,
			OTHER_DIGEST },
		{ "SHA-256 of 31", REQUEST(IMPRINT_BY(CUSTODY_OID_SHA256, DER_NULL_VALUE, 31)), 5, "found an imprint of 31 bytes, want 32" },
		{ "SHA-256 of 33", REQUEST(IMPRINT_BY(CUSTODY_OID_SHA256, DER_NULL_VALUE, 33)), 5, "found an imprint of 33 bytes, want 32" },
		{ "SHA-256 of 48", REQUEST(IMPRINT_BY(CUSTODY_OID_SHA256, DER_NULL_VALUE, 48)), 5, "found an imprint of 48 bytes, want 32" },
		{ "SHA-384 of 32", REQUEST(IMPRINT_BY(CUSTODY_OID_SHA384, DER_NULL_VALUE, 32)), 5, "found an imprint of 32 bytes, want 48" },
		{ "SHA-512 of 0", REQUEST(IMPRINT_BY(CUSTODY_OID_SHA512, DER_NULL_VALUE, 0)), 5, "found an imprint of 0 bytes, want 64" },
		{ "an imprint with more", REQUEST(DER_SEQ(pki_digest_algorithm(CUSTODY_SHA256, true), der_octets(zeros(32)), DER_TRUE)), 5,
			IMPRINT_FORM },
		{ "an imprint without digest", REQUEST(DER_SEQ(pki_digest_algorithm(CUSTODY_SHA256, true))), 5, IMPRINT_FORM },
		{ "an empty imprint", REQUEST(DER_SEQ(DER_EMPTY)), 5, IMPRINT_FORM },
	};

	expect_refusals(cases, sizeof(cases) / sizeof(*cases));
}

Test(tsp_answer, refuses_policies_nonces_and_extensions)
{
#define MORE "found further fields of a TimeStampReq, want none"
	const struct custody_bytes i = imprint(CUSTODY_SHA256), nonce = der_integer(9), policy = DER_OID(CUSTODY_POLICY_SERVED);
	const struct custody_bytes extension = DER_SEQ(DER_OID("\x2a\x03"), der_octets(DER_NULL_VALUE));
	const struct refusal cases[] = {
		{ "another policy", REQUEST(i, DER_OID("\x2a\x03\x04")), 15,
			"found a policy asked for that is not this authority's, want none or its own" },
		{ "the own word's policy", REQUEST(i, DER_OID(CUSTODY_POLICY_OWN_WORD), nonce), 15,
			"found a policy asked for that is not this authority's, want none or its own" },
		{ "a long nonce", REQUEST(i, der_tlv(0x02, zeros(CUSTODY_LIMIT_NONCE + 1))), 2, "found a nonce of 65 bytes, want at most 64" },
		{ "a padded nonce", REQUEST(i, DER_RAW("\x02\x02\x00\x01")), 5,
			"at byte 56: found an INTEGER with a needless first byte, want the shortest form" },
		{ "an empty nonce", REQUEST(i, DER_RAW("\x02\x00")), 5, "at byte 56: found an empty INTEGER, want at least one byte" },
		{ "certReq false", REQUEST(i, nonce, DER_RAW("\x01\x01\x00")), 5,
			"found certReq with its default written out, want it left out when false" },
		{ "certReq 1", REQUEST(i, DER_RAW("\x01\x01\x01")), 5, "at byte 56: found a BOOLEAN of other bytes, want 00 or FF" },
		{ "an extension", REQUEST(i, nonce, DER_TRUE, DER(0xa0, extension)), 16, "found extensions, want none" },
		{ "a critical extension", REQUEST(i, DER(0xa0, DER_SEQ(DER_OID("\x2a\x03"), DER_TRUE, der_octets(DER_NULL_VALUE)))), 16,
			"found extensions, want none" },
		{ "no extension in the list", REQUEST(i, DER(0xa0, DER_EMPTY)), 16, "found extensions, want none" },
		{ "behind the extensions", REQUEST(i, DER(0xa0, extension), DER_TRUE), 5, MORE },
		{ "extensions [1]", REQUEST(i, DER(0xa1, extension)), 5, MORE },
		{ "a nonce before the policy", REQUEST(i, nonce, policy), 5, MORE },
		{ "certReq before the nonce", REQUEST(i, DER_TRUE, nonce), 5, MORE },
		{ "two nonces", REQUEST(i, nonce, nonce), 5, MORE },
		{ "a second imprint", REQUEST(i, i), 5, MORE },
	};

	expect_refusals(cases, sizeof(cases) / sizeof(*cases));
}

/* ---- orders ---- */

Test(tsp_answer, an_order_reads_as_it_was_written_and_every_other_byte_is_refused)
{
	const struct custody_tsp_order o = { .imprint_digest = CUSTODY_SHA384, .bare_algorithm = true, .nonce_len = 3, .nonce = "\x01\x02\x03" };
	struct custody_tsp_order back;
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t wire[CUSTODY_TSP_ORDER_BYTES];
	static const struct {
		size_t at;
		uint8_t to;
		const char *text;
	} cases[] = {
		{ 0, CUSTODY_SHA1, "found an order with digest 1, want SHA-256, SHA-384 or SHA-512" },
		{ 0, CUSTODY_SHA3_512, "found an order with digest 6, want SHA-256, SHA-384 or SHA-512" },
		{ 0, 255, "found an order with digest 255, want SHA-256, SHA-384 or SHA-512" },
		{ 1, 4, "found an order with unknown flags, want two at most" },
		{ 3, 1, "found an order with unknown flags, want two at most" },
		{ 2, 65, "found an order with a nonce of 65 bytes, want at most 64" },
		{ 2, 2, "found an order with bytes behind its values, want zeros" },
		{ 4 + 48, 1, "found an order with bytes behind its values, want zeros" },
		{ 4 + 63, 1, "found an order with bytes behind its values, want zeros" },
		{ 4 + 64, 0, "found an order with a nonce that is not DER, want the shortest form" },
		{ CUSTODY_TSP_ORDER_BYTES - 1, 1, "found an order with bytes behind its values, want zeros" },
	};

	custody_tsp_order_format(&o, wire);
	cr_assert_eq(custody_tsp_order_parse(wire, sizeof(wire), &back, &err), 0, "%s", err.text);
	cr_expect(back.imprint_digest == o.imprint_digest && back.bare_algorithm && !back.wants_certificate && back.nonce_len == 3);
	cr_expect_eq(custody_tsp_order_parse(wire, sizeof(wire) - 1, &back, &err), -1);
	cr_expect_str_eq(err.text, "found an order of 131 bytes, want 132");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		custody_tsp_order_format(&o, wire);
		wire[cases[i].at] = cases[i].to;
		err = (struct custody_error)CUSTODY_ERROR_INIT;
		cr_expect_eq(custody_tsp_order_parse(wire, sizeof(wire), &back, &err), -1, "byte %zu to %u is taken", cases[i].at, cases[i].to);
		cr_expect_str_eq(err.text, cases[i].text);
	}
	memset(wire, 0, sizeof(wire));
	wire[0] = CUSTODY_SHA256;
	wire[2] = 2;
	memcpy(wire + 4 + 64, "\xff\x80", 2);
	cr_expect_eq(custody_tsp_order_parse(wire, sizeof(wire), &back, &err), -1, "a padded negative nonce is taken");
}

/* ---- answers ---- */

Test(tsp_answer, a_refusal_is_read_by_openssl_as_what_it_says)
{
	static const int bits[] = { 0, 2, 5, 14, 15, 16, 25 };
	char longest[400];
	struct custody_error err = CUSTODY_ERROR_INIT;

	memset(longest, 'x', sizeof(longest));
	memcpy(longest + 124, "\xc3\xa4", 2); /* a character that would be cut in two */
	longest[399] = '\0';
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		const char *const texts[] = { "found nothing, want something", longest, "" };

		for (size_t j = 0; j < 3; j++) {
			CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };

			custody_buf_init(&out, 1024);
			cr_assert_eq(custody_tsp_refused((enum custody_tsp_failure)bits[i], texts[j], &out, &err), 0, "%s", err.text);
			cr_assert_eq(custody_der_check(out.data, out.len, NULL, &err), 0, "%s", err.text);
			const unsigned char *p = out.data;
			TS_RESP *r = d2i_TS_RESP(NULL, &p, (long)out.len);
			cr_assert(r != NULL && p == out.data + out.len);
			TS_STATUS_INFO *status = TS_RESP_get_status_info(r);
			cr_expect_eq(ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status)), 2);
			const ASN1_BIT_STRING *info = TS_STATUS_INFO_get0_failure_info(status);
			for (int bit = 0; bit < 32; bit++)
				cr_expect_eq(ASN1_BIT_STRING_get_bit(info, bit), bit == bits[i], "bit %d of refusal %d", bit, bits[i]);
			const STACK_OF(ASN1_UTF8STRING) *text = TS_STATUS_INFO_get0_text(status);
			cr_expect_eq(text ? sk_ASN1_UTF8STRING_num(text) : 0, j == 2 ? 0 : 1);
			if (j == 1)
				cr_expect_eq(ASN1_STRING_length(sk_ASN1_UTF8STRING_value(text, 0)), 124);
			cr_expect_null(TS_RESP_get_token(r));
			TS_RESP_free(r);
		}
	}
	cr_expect(!custody_tsp_failure_is_known(1) && !custody_tsp_failure_is_known(17) && !custody_tsp_failure_is_known(31));
}

static void stamp(const struct testlab *t, const struct custody_stamp_request *r, struct custody_buf *out, struct custody_token *token)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(out, 1 << 20);
	cr_assert_eq(custody_stamp_for(&t->stamper, r, out, &err), 0, "%s", err.text);
	cr_assert_eq(custody_token_parse((struct custody_bytes){ out->data, out->len }, token, &err), 0, "%s", err.text);
}

Test(tsp_answer, a_token_for_others_says_what_was_asked_and_openssl_takes_the_answer)
{
	struct testlab t;
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);
	struct custody_error err = CUSTODY_ERROR_INIT;
	static const uint64_t accuracies[] = { 0, 1, 999, 1000, 999999, 1000000, 1001001, UINT64_C(31536000000000) };

	testlab_make(&t, "p256");
	for (size_t i = 0; i < sizeof(accuracies) / sizeof(*accuracies); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf token_der = { 0 }, answer = { 0 };
		static struct custody_token token;
		const struct custody_stamp_request r = { .imprint_digest = CUSTODY_SHA512,
			.imprint = digits,
			.time = { TESTLAB_NOW + 7, 120000000 },
			.random = &random,
			.served = true,
			.bare_algorithm = i % 2 == 0,
			.without_certificates = i % 3 == 0,
			.accuracy_us = accuracies[i],
			.nonce = { (const uint8_t *)"\x80\x00\x01", 3 } };

		stamp(&t, &r, &token_der, &token);
		cr_expect(token.has_accuracy == (accuracies[i] > 0) && token.accuracy_us == accuracies[i]);
		cr_expect(custody_bytes_are(token.policy, CUSTODY_POLICY_SERVED) && custody_bytes_are(token.nonce, "\x80\x00\x01"));
		cr_expect_eq(token.cms.n_certificates, r.without_certificates ? 0 : 1);
		custody_buf_init(&answer, 1 << 20);
		cr_assert_eq(custody_tsp_granted((struct custody_bytes){ token_der.data, token_der.len }, &answer, &err), 0);
		const unsigned char *p = answer.data;
		TS_RESP *resp = d2i_TS_RESP(NULL, &p, (long)answer.len);
		cr_assert(resp != NULL && p == answer.data + answer.len);
		cr_expect_eq(ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(resp))), 0);
		TS_MSG_IMPRINT *what = TS_TST_INFO_get_msg_imprint(TS_RESP_get_tst_info(resp));
		int kind;
		X509_ALGOR_get0(NULL, &kind, NULL, TS_MSG_IMPRINT_get_algo(what));
		cr_expect_eq(kind, r.bare_algorithm ? V_ASN1_UNDEF : V_ASN1_NULL);
		TS_RESP_free(resp);
	}
	testlab_release(&t);
}

Test(tsp_answer, what_cannot_be_stamped_is_refused)
{
	struct testlab t;
	uint64_t seed = 1;
	const struct custody_random random = testlab_random(&seed);
	const struct custody_stamp_request good = {
		.imprint_digest = CUSTODY_SHA256, .imprint = digits, .time = { TESTLAB_NOW, 0 }, .random = &random, .served = true
	};
	struct custody_stamp_request bad[3] = { good, good, good };
	static const char *const texts[] = { "time-stamp: an accuracy of more than a year says nothing",
		"time-stamp: a nonce of 65 bytes, want at most 64",
		"time-stamp: cannot stamp an imprint by sha3-256, want sha256, sha384 or sha512" };

	testlab_make(&t, "p256");
	bad[0].accuracy_us = UINT64_C(31536000000001);
	bad[1].nonce = zeros(65);
	bad[2].imprint_digest = CUSTODY_SHA3_256;
	for (size_t i = 0; i < 3; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_buf_init(&out, 1 << 20);
		cr_expect_eq(custody_stamp_for(&t.stamper, &bad[i], &out, &err), -1);
		cr_expect_str_eq(err.text, texts[i]);
		cr_expect_eq(out.len, 0);
	}
	testlab_release(&t);
	pki_reset();
}
