/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/tsp_ask.h"

#include <criterion/criterion.h>
#include <openssl/ts.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/crypto/der_write.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/sign.h"
#include "tests/support/pki.h"
#include "tests/support/sealworld.h"
#include "tests/support/testlab.h"

#define OBJECT DER_RAW("the value of a signature")

/* ---- the request ---- */

Test(tsp_ask, openssl_reads_the_request)
{
	static const struct {
		enum custody_digest_id id;
		int nid;
	} cases[] = { { CUSTODY_SHA256, NID_sha256 }, { CUSTODY_SHA384, NID_sha384 }, { CUSTODY_SHA512, NID_sha512 } };

	for (size_t i = 0; i < 3; i++) {
		uint64_t seed = i;
		const struct custody_random random = testlab_random(&seed);
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_tsp_question q;
		struct custody_buf b;
		uint8_t digest[CUSTODY_DIGEST_MAX];

		custody_buf_init(&b, 1024);
		cr_assert_eq(custody_tsp_ask(OBJECT, cases[i].id, &random, &q, &b, &err), 0, "%s", err.text);
		const unsigned char *p = b.data;
		TS_REQ *req = d2i_TS_REQ(NULL, &p, (long)b.len);
		cr_assert_not_null(req);
		cr_expect_eq(p, b.data + b.len);
		cr_expect_eq(TS_REQ_get_version(req), 1);
		cr_expect_neq(TS_REQ_get_cert_req(req), 0);
		cr_expect_null(TS_REQ_get_policy_id(req));
		TS_MSG_IMPRINT *imprint = TS_REQ_get_msg_imprint(req);
		cr_expect_eq(OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(imprint)->algorithm), cases[i].nid);
		cr_assert_eq(custody_digest_once(cases[i].id, OBJECT.p, OBJECT.n, digest, &err), 0);
		cr_expect_eq(memcmp(ASN1_STRING_get0_data(TS_MSG_IMPRINT_get_msg(imprint)), digest, custody_digest_get(cases[i].id)->size), 0);
		const ASN1_INTEGER *nonce = TS_REQ_get_nonce(req);
		cr_expect(ASN1_STRING_length(nonce) == CUSTODY_TSP_NONCE && memcmp(ASN1_STRING_get0_data(nonce), q.nonce, CUSTODY_TSP_NONCE) == 0);
		cr_expect(q.nonce[0] >= 0x40 && q.nonce[0] < 0x80);
		TS_REQ_free(req);
		custody_buf_release(&b);
	}
}

Test(tsp_ask, asks_nothing_without_randomness_or_by_another_digest)
{
	int left = 0;
	uint64_t seed = 1;
	const struct custody_random none = testlab_random_failing(&left), random = testlab_random(&seed);
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_tsp_question q;
	struct custody_buf b;

	custody_buf_init(&b, 1024);
	cr_expect_eq(custody_tsp_ask(OBJECT, CUSTODY_SHA256, &none, &q, &b, &err), -1);
	cr_expect_eq(custody_tsp_ask(OBJECT, CUSTODY_SHA1, &random, &q, &b, &err), -1);
	cr_expect_str_eq(err.text, "cannot ask for a time-stamp by sha1");
	cr_expect_eq(b.len, 0);
}

/* ---- the reply ---- */

#define STATUS(...) DER_SEQ(__VA_ARGS__)
#define TEXT(s) der_tlv(0x0c, DER_RAW(s))
#define TOKEN DER_SEQ(der_integer(5))

Test(tsp_ask, refuses_replies_that_are_not_strict_and_says_why)
{
	const struct {
		const char *what;
		struct custody_bytes der;
		const char *want;
	} cases[] = {
		{ "empty", DER_EMPTY, "at byte 0: found the end, want an identifier and a length" },
		{ "not a sequence", der_integer(1), "found something that is not a TimeStampResp, want one" },
		{ "no status", DER_SEQ(der_integer(0)), "found something that is not a TimeStampResp, want one" },
		{ "empty status", DER_SEQ(STATUS(DER_EMPTY)), "found a reply without a status from 0 to 5, want one" },
		{ "status 6", DER_SEQ(STATUS(der_integer(6))), "found a reply without a status from 0 to 5, want one" },
		{ "negative status", DER_SEQ(STATUS(DER_RAW("\x02\x01\xff"))), "found a reply without a status from 0 to 5, want one" },
		{ "granted without token", DER_SEQ(STATUS(der_integer(0))), "found a granted reply without a token, want one" },
		{ "mods without token", DER_SEQ(STATUS(der_integer(1))), "found a granted reply without a token, want one" },
		{ "rejected with token", DER_SEQ(STATUS(der_integer(2)), TOKEN), "found a token in a reply that grants none, want none" },
		{ "two tokens", DER_SEQ(STATUS(der_integer(0)), TOKEN, TOKEN), "found further fields in the reply, want none" },
		{ "empty text", DER_SEQ(STATUS(der_integer(2), DER_SEQ(DER_EMPTY))), "found an empty statusString, want a text or none" },
		{ "another text", DER_SEQ(STATUS(der_integer(2), DER_SEQ(der_integer(1)))),
			"found a statusString of another form, want UTF-8 texts" },
		{ "not UTF-8", DER_SEQ(STATUS(der_integer(2), DER_SEQ(TEXT("\xff")))), "found a statusString of another form, want UTF-8 texts" },
		{ "more status", DER_SEQ(STATUS(der_integer(2), DER_NULL_VALUE)), "found further fields in the reply's status, want none" },
		{ "bits not zero", DER_SEQ(STATUS(der_integer(2), DER_RAW("\x03\x02\x05\x3f"))), "" },
		{ "trailing", der_concat(DER_LIST(DER_SEQ(STATUS(der_integer(0)), TOKEN), DER_RAW("\0"))), "" },
		{ "long length", DER_RAW("\x30\x81\x05\x30\x03\x02\x01\x02"), "" },
		{ "indefinite", DER_RAW("\x30\x80\x30\x03\x02\x01\x02\x00\x00"), "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_tsp_reply r;

		cr_expect_eq(custody_tsp_reply_parse(cases[i].der, &r, &err), -1, "%s was taken", cases[i].what);
		cr_expect(err.kind == CUSTODY_ERR_FORMAT && strcmp(err.rule, "time-malformed") == 0, "%s: %s", cases[i].what, err.text);
		cr_expect_eq(
			strncmp(err.text, cases[i].want, strlen(cases[i].want)), 0, "%s: '%s', want '%s'", cases[i].what, err.text, cases[i].want);
	}
	pki_reset();
}

Test(tsp_ask, a_reply_at_the_limit_is_taken_and_one_beyond_is_not)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_tsp_reply r;
	const size_t around = 2 * 4 + 5; /* two heads with two bytes of length, and the status */
	uint8_t *filler = pki_alloc(CUSTODY_LIMIT_TSP_REPLY);

	memset(filler, 0x41, CUSTODY_LIMIT_TSP_REPLY);
	for (size_t more = 0; more < 2; more++) {
		struct custody_bytes octets = { filler, CUSTODY_LIMIT_TSP_REPLY - around - 4 + more };
		struct custody_bytes der = DER_SEQ(STATUS(der_integer(0)), DER_SEQ(der_octets(octets)));

		cr_assert_eq(der.n, CUSTODY_LIMIT_TSP_REPLY + more);
		cr_expect_eq(custody_tsp_reply_parse(der, &r, &err), more == 0 ? 0 : -1);
	}
	cr_expect_str_eq(err.rule, "limit-exceeded");
	pki_reset();
}

Test(tsp_ask, a_refusal_is_told_escaped_and_says_whether_to_try_again)
{
	const struct {
		struct custody_bytes status;
		enum custody_error_kind kind;
		const char *want;
	} cases[] = {
		{ STATUS(der_integer(2)), CUSTODY_ERR_INPUT, "it gives no time-stamp (rejected)" },
		{ STATUS(der_integer(3)), CUSTODY_ERR_TEMPORARY, "it gives no time-stamp (waiting)" },
		{ STATUS(der_integer(4)), CUSTODY_ERR_INPUT, "it gives no time-stamp (revocation warning)" },
		{ STATUS(der_integer(5)), CUSTODY_ERR_INPUT, "it gives no time-stamp (revocation notification)" },
		{ STATUS(der_integer(2), DER_SEQ(TEXT("no\x1b[31m"), TEXT("why"))), CUSTODY_ERR_INPUT,
			"it gives no time-stamp (rejected): 'no\\u{001b}[31m; why'" },
		{ STATUS(der_integer(2), DER_RAW("\x03\x02\x07\x80")), CUSTODY_ERR_INPUT,
			"it gives no time-stamp (rejected): badAlg: it does not take the digest algorithm" },
		{ STATUS(der_integer(2), DER_RAW("\x03\x02\x05\x20")), CUSTODY_ERR_INPUT,
			"it gives no time-stamp (rejected): badRequest: it does not permit the request" },
		{ STATUS(der_integer(2), DER_RAW("\x03\x03\x01\x00\x02")), CUSTODY_ERR_TEMPORARY,
			"it gives no time-stamp (rejected): timeNotAvailable: its time source is not available" },
		{ STATUS(der_integer(2), DER_SEQ(TEXT("disk")), DER_RAW("\x03\x05\x06\x00\x00\x00\x40")), CUSTODY_ERR_TEMPORARY,
			"it gives no time-stamp (rejected): systemFailure: it failed: 'disk'" },
		{ STATUS(der_integer(2), DER_RAW("\x03\x01\x00")), CUSTODY_ERR_INPUT, "it gives no time-stamp (rejected)" },
		/* a bit that nobody has defined */
		{ STATUS(der_integer(2), DER_RAW("\x03\x07\x00\x00\x00\x00\x00\x00\x01")), CUSTODY_ERR_INPUT, "it gives no time-stamp (rejected)" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_tsp_reply r;

		cr_assert_eq(custody_tsp_reply_parse(DER_SEQ(cases[i].status), &r, &err), 0, "%zu: %s", i, err.text);
		cr_expect_eq(custody_tsp_reply_granted(&r, &err), -1);
		cr_expect_eq(err.kind, cases[i].kind, "%zu", i);
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_neq(err.hint[0], '\0');
	}
	pki_reset();
}

Test(tsp_ask, a_long_text_is_cut_and_a_granted_reply_holds_its_token)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_bytes part[60];
	struct custody_tsp_reply r;

	for (size_t i = 0; i < 60; i++)
		part[i] = TEXT("twenty characters...");
	cr_assert_eq(
		custody_tsp_reply_parse(DER_SEQ(STATUS(der_integer(1), der_tlv(0x30, der_concat(60, part))), TOKEN), &r, &err), 0, "%s", err.text);
	cr_expect_lt(strlen(r.text), CUSTODY_TSP_TEXT);
	cr_expect_eq(custody_tsp_reply_granted(&r, &err), 0);
	cr_expect(custody_bytes_equal(r.token, TOKEN));
	pki_reset();
}

/* ---- what is taken ---- */

/* One question and its answer, and what can be wrong with it. */
struct scene {
	const struct pki_party *root, *sub, *stamper;
	struct custody_tsp_question question;
	struct pki_token_spec spec;
	struct custody_bytes anchors[4], lists[4];
	size_t n_anchors, n_lists;
	bool level_bt;
	const char *asked, *answered;
	struct custody_bytes token;
	struct custody_trust trust;
	struct custody_tsp_stamp stamp;
	struct custody_error err;
};

static void scene_default(struct scene *s)
{
	uint64_t seed = 5;
	const struct custody_random random = testlab_random(&seed);
	struct custody_buf request;

	*s = (struct scene){ .asked = "2026-11-02T09:30:00Z", .answered = "2026-11-02T09:30:02Z", .err = CUSTODY_ERROR_INIT };
	s->root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Stamp Root", .organisation = "Authority" });
	s->stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Stamp", .organisation = "Authority", .issuer = s->root });
	s->anchors[s->n_anchors++] = s->root->certificate;
	s->lists[s->n_lists++] = pki_crl((struct pki_crl_spec){ .issuer = s->root });
	custody_buf_init(&request, 1024);
	cr_assert_eq(custody_tsp_ask(OBJECT, CUSTODY_SHA256, &random, &s->question, &request, &s->err), 0);
	custody_buf_release(&request);
	s->spec.stamper = s->stamper;
	s->spec.rest = der_tlv(0x02, (struct custody_bytes){ s->question.nonce, sizeof(s->question.nonce) });
}

/* root -> sub -> stamper, both in the token; lists of both. */
static void scene_with_sub(struct scene *s)
{
	scene_default(s);
	s->sub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Stamp CA", .organisation = "Authority", .issuer = s->root });
	s->stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Sub Stamp", .organisation = "Authority", .issuer = s->sub });
	s->spec.stamper = s->stamper;
	s->spec.cms.certificates[s->spec.cms.n_certificates++] = s->stamper->certificate;
	s->spec.cms.certificates[s->spec.cms.n_certificates++] = s->sub->certificate;
	s->lists[s->n_lists++] = pki_crl((struct pki_crl_spec){ .issuer = s->sub });
}

static void scene_trust(struct scene *s)
{
	struct custody_trust *t = &s->trust;

	t->tsas = calloc(4, sizeof(*t->tsas));
	t->crls = calloc(4, sizeof(*t->crls));
	for (; t->n_tsas < s->n_anchors; t->n_tsas++)
		cr_assert_eq(custody_certificate_parse(s->anchors[t->n_tsas].p, s->anchors[t->n_tsas].n, &t->tsas[t->n_tsas], &s->err), 0);
	for (; t->n_crls < s->n_lists; t->n_crls++)
		cr_assert_eq(custody_crl_parse(s->lists[t->n_crls].p, s->lists[t->n_crls].n, &t->crls[t->n_crls], &s->err), 0);
}

static int scene_accept(struct scene *s)
{
	struct custody_tsp_answer a = { .question = &s->question, .trust = &s->trust, .level_lt = !s->level_bt };

	scene_trust(s);
	a.token = s->token = pki_token(OBJECT, s->spec);
	cr_assert(custody_time_parse(s->asked, strlen(s->asked), false, &a.asked));
	cr_assert(custody_time_parse(s->answered, strlen(s->answered), false, &a.answered));
	return custody_tsp_accept(&a, &s->stamp, &s->err);
}

static void scene_release(struct scene *s)
{
	custody_tsp_stamp_release(&s->stamp);
	custody_trust_release(&s->trust);
}

static void other_nonce(struct scene *s)
{
	s->spec.rest = der_integer(5);
}
static void no_nonce(struct scene *s)
{
	s->spec.rest = DER_EMPTY;
	s->spec.rest.p = (const uint8_t *)"";
}
static void other_object(struct scene *s)
{
	s->question.object = DER_RAW("something else");
}
static void other_digest(struct scene *s)
{
	s->spec.imprint_digest = CUSTODY_SHA512;
}
static void other_version(struct scene *s)
{
	s->spec.version = der_integer(2);
}
static void no_certificate(struct scene *s)
{
	s->spec.cms.certificates[s->spec.cms.n_certificates++] = s->root->certificate;
}
static void other_key(struct scene *s)
{
	s->spec.cms.key_of = s->root;
}
static void too_old(struct scene *s)
{
	s->asked = "2026-11-02T09:35:02Z";
	s->answered = "2026-11-02T09:35:03Z";
}
static void too_new(struct scene *s)
{
	s->asked = s->answered = "2026-11-02T09:29:00Z";
}
static void not_trusted(struct scene *s)
{
	s->n_anchors = 0;
}
static void sealer(struct scene *s)
{
	s->spec.stamper = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Analyst", .issuer = s->root });
}
static void expired(struct scene *s)
{
	s->spec.stamper = pki_party((struct pki_spec){
		.kind = PKI_STAMPER, .label = "Old", .organisation = "Authority", .issuer = s->root, .until = "2026-11-02T09:30:01Z" });
}
static void no_list(struct scene *s)
{
	s->n_lists = 0;
}
static void stale_list(struct scene *s)
{
	s->lists[0] = pki_crl((struct pki_crl_spec){ .issuer = s->root, .until = "2026-11-02T09:30:00Z" });
}
static void revoked(struct scene *s)
{
	s->lists[0] = pki_crl((struct pki_crl_spec){ .issuer = s->root, .revoked = s->stamper, .since = "2026-11-01T00:00:00Z" });
}
static void revoked_in_the_token(struct scene *s)
{
	revoked(s);
	s->spec.cms.crls[s->spec.cms.n_crls++] = s->lists[0];
	s->lists[0] = pki_crl((struct pki_crl_spec){ .issuer = s->root });
}
static void no_list_of_sub(struct scene *s)
{
	scene_with_sub(s);
	s->n_lists = 1;
}
static void sub_not_there(struct scene *s)
{
	scene_with_sub(s);
	s->spec.cms.n_certificates = 1;
}

Test(tsp_ask, a_token_that_is_not_the_answer_is_refused_and_says_why)
{
	static const struct {
		const char *what;
		void (*change)(struct scene *s);
		const char *want; /* begins so */
	} cases[] = {
		{ "another nonce", other_nonce, "found a time-stamp with another nonce, want the one of the request" },
		{ "no nonce", no_nonce, "found a time-stamp with no nonce, want the one of the request" },
		{ "another object", other_object, "found a time-stamp of something else, want one of what was sent" },
		{ "another digest", other_digest, "found an imprint by sha512, want sha256, as was asked for" },
		{ "another version", other_version, "found another version of TSTInfo, want 1" },
		{ "no certificate", no_certificate, "found a time-stamp without the authority's certificate, want it inside" },
		{ "another key", other_key, "time-stamp: found a signature that is not by the signer's key" },
		{ "too old", too_old,
			"found a time-stamp dated 2026-11-02T09:30:01Z while this computer's clock says 2026-11-02T09:35:03Z, want at most 300 "
			"seconds before "
			"it" },
		{ "too new", too_new,
			"found a time-stamp dated 2026-11-02T09:30:01Z while this computer's clock says 2026-11-02T09:29:00Z, want at most 60 "
			"seconds after it" },
		{ "not trusted", not_trusted, "the authority 'CN=Stamp, O=Authority' is not trusted here: no path" },
		{ "a sealer's certificate", sealer, "found" },
		{ "expired", expired, "the certificate 'CN=Old, O=Authority' of the authority is valid only until 2026-11-02T09:30:01Z" },
		{ "no list", no_list,
			"level B-LT is not reached: nothing says that the certificate 'CN=Stamp, O=Authority' of the authority is not revoked: there "
			"is no "
			"list of its issuer" },
		{ "stale list", stale_list, "level B-LT is not reached: nothing says" },
		{ "revoked", revoked, "the certificate 'CN=Stamp, O=Authority' of the authority is revoked since 2026-11-01T00:00:00Z" },
		{ "revoked in the token", revoked_in_the_token, "the certificate 'CN=Stamp, O=Authority' of the authority is revoked since" },
		{ "no list of the sub-CA", no_list_of_sub,
			"level B-LT is not reached: nothing says that the certificate 'CN=Sub Stamp, O=Authority'" },
		{ "the sub-CA is missing", sub_not_there, "the authority 'CN=Sub Stamp, O=Authority' is not trusted here" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s;

		scene_default(&s);
		cases[i].change(&s);
		cr_expect_eq(scene_accept(&s), -1, "%s was taken", cases[i].what);
		cr_expect_eq(s.err.kind, CUSTODY_ERR_INPUT, "%s: kind %d", cases[i].what, (int)s.err.kind);
		cr_expect_eq(strncmp(s.err.text, cases[i].want, strlen(cases[i].want)), 0, "%s: '%s', want '%s'", cases[i].what, s.err.text,
			cases[i].want);
		cr_expect_neq(s.err.hint[0], '\0', "%s: no hint", cases[i].what);
		cr_expect(!strstr(s.err.hint, "--level") || strstr(s.err.hint, "custody seal --level"), "%s: not every command has it", s.err.hint);
		cr_expect_null(s.stamp.token.data);
		scene_release(&s);
		pki_reset();
	}
}

Test(tsp_ask, the_times_at_the_tolerances_are_taken)
{
	static const char *const clocks[] = { "2026-11-02T09:35:01Z", "2026-11-02T09:29:01Z" };

	for (size_t i = 0; i < 2; i++) {
		struct scene s;

		scene_default(&s);
		s.asked = s.answered = clocks[i];
		cr_expect_eq(scene_accept(&s), 0, "%s: %s", clocks[i], s.err.text);
		scene_release(&s);
		pki_reset();
	}
}

Test(tsp_ask, a_good_token_is_given_as_it_is_with_the_list_it_needs)
{
	struct scene s;

	scene_default(&s);
	cr_assert_eq(scene_accept(&s), 0, "%s", s.err.text);
	cr_expect(custody_bytes_equal(custody_buf_bytes(&s.stamp.token), s.token));
	cr_assert_eq(s.stamp.n_crls, 1);
	cr_expect(custody_bytes_equal(custody_buf_bytes(&s.stamp.crls[0]), s.lists[0]));
	cr_expect_str_eq(s.stamp.authority, "CN=Stamp, O=Authority");
	scene_release(&s);

	scene_with_sub(&s);
	cr_assert_eq(scene_accept(&s), 0, "%s", s.err.text);
	cr_expect_eq(s.stamp.n_crls, 2);
	scene_release(&s);

	scene_default(&s);
	s.level_bt = true;
	s.n_lists = 0;
	cr_assert_eq(scene_accept(&s), 0, "%s", s.err.text);
	cr_expect_eq(s.stamp.n_crls, 0);
	scene_release(&s);
	pki_reset();
}

Test(tsp_ask, a_list_in_the_token_is_enough_and_the_latest_of_several_is_taken)
{
	struct scene s;

	scene_default(&s);
	s.spec.cms.crls[s.spec.cms.n_crls++] = s.lists[0];
	s.n_lists = 0;
	cr_assert_eq(scene_accept(&s), 0, "%s", s.err.text);
	cr_expect_eq(s.stamp.n_crls, 0);
	scene_release(&s);

	scene_default(&s);
	s.lists[1] = pki_crl((struct pki_crl_spec){ .issuer = s.root, .from = "2026-11-02T00:00:00Z" });
	s.lists[2] = pki_crl((struct pki_crl_spec){ .issuer = s.root, .from = "2026-10-02T00:00:00Z" });
	s.n_lists = 3;
	cr_assert_eq(scene_accept(&s), 0, "%s", s.err.text);
	cr_assert_eq(s.stamp.n_crls, 1);
	cr_expect(custody_bytes_equal(custody_buf_bytes(&s.stamp.crls[0]), s.lists[1]));
	scene_release(&s);
	pki_reset();
}

Test(tsp_ask, an_anchor_below_a_root_is_enough_where_the_way_to_the_root_lacks_a_list)
{
	struct scene s;

	scene_with_sub(&s);
	s.anchors[s.n_anchors++] = s.sub->certificate;
	s.spec.cms.n_certificates = 1;
	cr_assert_eq(scene_accept(&s), 0, "%s", s.err.text);
	cr_expect(s.stamp.n_certificates == 1 && s.stamp.n_crls == 2);
	cr_expect(custody_bytes_equal(custody_buf_bytes(&s.stamp.certificates[0]), s.sub->certificate));
	scene_release(&s);

	scene_with_sub(&s);
	s.anchors[s.n_anchors++] = s.sub->certificate;
	s.lists[0] = s.lists[1];
	s.n_lists = 1;
	cr_assert_eq(scene_accept(&s), 0, "%s", s.err.text);
	cr_expect(s.stamp.n_certificates == 0 && s.stamp.n_crls == 1);
	scene_release(&s);

	/* but not where the root has revoked it */
	scene_with_sub(&s);
	s.anchors[s.n_anchors++] = s.sub->certificate;
	s.lists[0] = pki_crl((struct pki_crl_spec){ .issuer = s.root, .revoked = s.sub, .since = "2026-11-01T00:00:00Z" });
	cr_expect_eq(scene_accept(&s), -1);
	cr_expect(strstr(s.err.text, "'CN=Stamp CA, O=Authority' of the authority is revoked") != NULL, "%s", s.err.text);
	scene_release(&s);
	pki_reset();
}

/* A stranger's certificate and list, and a root cross-signed by somebody who is not known here: none of it may cost the level. */
Test(tsp_ask, what_is_on_no_path_is_dropped_and_the_rest_stays_signed)
{
	const struct pki_party *strange = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Strange Root" });
	const struct pki_party *other = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Stranger", .issuer = strange });
	struct custody_token token;
	struct scene s;

	scene_with_sub(&s);
	const struct pki_party *cross = pki_party((struct pki_spec){
		.kind = PKI_SUB, .label = "Stamp Root", .organisation = "Authority", .issuer = strange, .key_label = "Stamp Root" });
	s.spec.cms.certificates[s.spec.cms.n_certificates++] = other->certificate;
	s.spec.cms.certificates[s.spec.cms.n_certificates++] = cross->certificate;
	s.spec.cms.certificates[s.spec.cms.n_certificates++] = s.root->certificate;
	s.spec.cms.crls[s.spec.cms.n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = strange });
	s.spec.cms.crls[s.spec.cms.n_crls++] = s.lists[0];
	cr_assert_eq(scene_accept(&s), 0, "%s", s.err.text);
	cr_assert_eq(custody_token_parse(custody_buf_bytes(&s.stamp.token), &token, &s.err), 0, "%s", s.err.text);
	cr_expect_eq(token.cms.n_certificates, 3, "%zu", token.cms.n_certificates); /* stamper, sub-CA, root: a root costs nothing */
	cr_expect_eq(token.cms.n_crls, 1);
	cr_expect(custody_bytes_equal(token.cms.crls[0], s.lists[0]));
	cr_expect_eq(s.stamp.n_crls, 1);
	scene_release(&s);
	pki_reset();
}

/* The verdict is the judge of what was put in. false: a token was not taken, and s->err says why. */
static bool judge_with_stamps(struct world *w, struct scene *s)
{
	struct custody_bytes unstamped[2];
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t digest[32];

	for (size_t i = 0; i < 2; i++) {
		w->cms[i].n_crls = 1; /* the lab's own list */
		pki_cms_sign(&w->cms[i]);
		unstamped[i] = pki_cms_encode(&w->cms[i]);
	}
	for (size_t i = 0; i < 2; i++) {
		struct custody_buf out;
		struct custody_tsp_answer a = { .question = &s->question, .trust = &s->trust, .level_lt = true };

		s->question.object = w->cms[i].value;
		a.token = pki_token(w->cms[i].value, s->spec);
		cr_assert(custody_time_parse(s->asked, strlen(s->asked), false, &a.asked));
		a.answered = a.asked;
		if (custody_tsp_accept(&a, &s->stamp, &s->err))
			return false;
		const struct custody_bytes tokens[] = { custody_buf_bytes(&s->stamp.token) };
		struct custody_bytes crls[4], certificates[4];
		for (size_t k = 0; k < s->stamp.n_crls; k++)
			crls[k] = custody_buf_bytes(&s->stamp.crls[k]);
		for (size_t k = 0; k < s->stamp.n_certificates; k++)
			certificates[k] = custody_buf_bytes(&s->stamp.certificates[k]);
		custody_buf_init(&out, 1 << 20);
		cr_assert_eq(
			custody_sign_add_stamps(unstamped[i],
				&(struct custody_sign_stamps){ tokens, 1, crls, s->stamp.n_crls, certificates, s->stamp.n_certificates }, &out, &err),
			0, "%s", err.text);
		w->signature[i] = der_bytes(out.data, out.len);
		custody_buf_release(&out);
		custody_tsp_stamp_release(&s->stamp);
	}
	cr_assert_eq(custody_digest_once(CUSTODY_SHA256, s->stamper->certificate.p, s->stamper->certificate.n, digest, &err), 0);
	memcpy(w->authorities[w->n_authorities++], digest, 32);
	w->is_signed = true;
	world_judge(w);
	return true;
}

Test(tsp_ask, the_verdict_finds_nothing_missing_and_nothing_surplus)
{
	for (int kind = 0; kind < 5; kind++) {
		const struct pki_party *strange = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Strange Root" });
		struct world w;
		struct scene s;

		world_default(&w);
		if (kind == 0)
			scene_default(&s);
		else
			scene_with_sub(&s);
		if (kind == 2) {
			const struct pki_party *cross = pki_party((struct pki_spec){
				.kind = PKI_SUB, .label = "Stamp Root", .organisation = "Authority", .issuer = strange, .key_label = "Stamp Root" });
			s.spec.cms.certificates[s.spec.cms.n_certificates++] = cross->certificate;
			s.spec.cms.crls[s.spec.cms.n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = strange });
		}
		/* The sub-CA is given as an anchor too, and in the token, or not: the verifier knows the root alone all the same. */
		if (kind >= 3)
			s.anchors[s.n_anchors++] = s.sub->certificate;
		if (kind == 4)
			s.spec.cms.n_certificates = 1;
		scene_trust(&s);
		cr_assert(judge_with_stamps(&w, &s), "%s", s.err.text);
		cr_expect_str_eq(world_found(&w), "", "kind %d", kind);
		cr_expect(w.result.seal_pass && w.result.time_pass && w.result.independent && w.result.level_lt, "kind %d", kind);
		scene_release(&s);
		world_release(&w);
	}
}

/* ---- what the verdict would refuse ---- */

#define END ((struct custody_bytes){ NULL, 0 })

/* A delta names the stamper: what that means, the verdict does not say. */
static void named_by_a_delta(struct scene *s)
{
	static struct custody_bytes delta[2];

	scene_default(s);
	delta[0] = pki_extension(DER_RAW(CUSTODY_OID_DELTA_CRL_INDICATOR), true, der_integer(1));
	s->lists[s->n_lists++] = pki_crl((struct pki_crl_spec){ .issuer = s->root, .revoked = s->stamper, .more = delta });
}
/* The root has certified the sub-CA's key twice, once as what is no CA. */
static void unfit_above(struct scene *s)
{
	static struct custody_bytes plain[3];

	scene_with_sub(s);
	plain[0] = pki_basic_constraints(false, -1);
	plain[1] = pki_key_usage(CUSTODY_USAGE_DIGITAL_SIGNATURE, true);
	const struct pki_party *again = pki_party((struct pki_spec){
		.kind = PKI_SUB, .label = "Stamp CA", .organisation = "Authority", .issuer = s->root, .key_label = "Stamp CA", .extensions = plain });
	s->spec.cms.certificates[s->spec.cms.n_certificates++] = again->certificate;
}
/* A certificate on no path, vouched for by another one in the token, for which nobody does. */
static void vouched_for_by_what_is_dropped(struct scene *s)
{
	const struct pki_party *strange = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Strange Root" });
	const struct pki_party *other = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Stranger", .issuer = strange });

	scene_with_sub(s);
	s->spec.cms.certificates[s->spec.cms.n_certificates++] = strange->certificate;
	s->spec.cms.certificates[s->spec.cms.n_certificates++] = other->certificate;
	s->spec.cms.crls[s->spec.cms.n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = strange });
}
/* The root's next key, certified by the one before: it names itself as issuer and is no root. */
static void self_issued_and_not_self_signed(struct scene *s)
{
	const struct pki_party *old = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Rolled", .organisation = "Authority" });
	const struct pki_party *next = pki_party(
		(struct pki_spec){ .kind = PKI_SUB, .label = "Rolled", .organisation = "Authority", .issuer = old, .key_label = "Rolled 2" });

	scene_with_sub(s);
	s->anchors[s->n_anchors++] = old->certificate;
	s->spec.cms.certificates[s->spec.cms.n_certificates++] = next->certificate;
}
/* The anchor is no root, and a list of what issued it, which lies in the token, revokes it. */
static void anchor_revoked(struct scene *s)
{
	scene_with_sub(s);
	s->anchors[0] = s->sub->certificate;
	s->spec.cms.certificates[s->spec.cms.n_certificates++] = s->root->certificate;
	s->lists[0] = pki_crl((struct pki_crl_spec){ .issuer = s->root, .revoked = s->sub, .since = "2026-11-01T00:00:00Z" });
}
/* Likewise, and the root is given too, but the way to it has ended. */
static void anchor_revoked_by_a_list_of_a_root_that_ended(struct scene *s)
{
	scene_with_sub(s);
	const struct pki_party *sub = pki_party((struct pki_spec){
		.kind = PKI_SUB, .label = "Stamp CA", .organisation = "Authority", .issuer = s->root, .until = "2026-11-02T00:00:00Z" });
	s->sub = sub;
	s->stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Sub Stamp", .organisation = "Authority", .issuer = sub });
	s->spec.stamper = s->stamper;
	s->spec.cms.n_certificates = 0;
	s->spec.cms.certificates[s->spec.cms.n_certificates++] = s->stamper->certificate;
	s->anchors[s->n_anchors++] = sub->certificate;
	s->lists[0] = pki_crl((struct pki_crl_spec){ .issuer = s->root, .revoked = sub, .since = "2026-11-01T00:00:00Z" });
	s->lists[1] = pki_crl((struct pki_crl_spec){ .issuer = sub });
}
/* Off by up to a year: the signer's certificate will have ended by then. */
static void off_by_a_year(struct scene *s)
{
	scene_default(s);
	s->spec.accuracy = DER_SEQ(der_integer(31536000));
}
static void off_by_too_much(struct scene *s)
{
	scene_default(s);
	s->spec.accuracy = DER_SEQ(der_integer(300), der_tlv(0x81, DER_RAW("\x01")));
}
static void off_by_five_minutes(struct scene *s)
{
	scene_default(s);
	s->spec.accuracy = DER_SEQ(der_integer(300));
}

/* Whatever the verdict would not pass is not taken: it would be found when the evidence has been read. */
Test(tsp_ask, what_is_taken_passes)
{
	static const struct {
		const char *what;
		void (*make)(struct scene *s);
		const char *want; /* NULL: taken, and nothing is found */
	} cases[] = {
		{ "nothing more", scene_default, NULL },
		{ "an unfit certificate above the authority", unfit_above, NULL },
		{ "a certificate that only a dropped one vouches for", vouched_for_by_what_is_dropped, NULL },
		{ "a self-issued certificate that is not self-signed", self_issued_and_not_self_signed, NULL },
		{ "a delta that names the authority", named_by_a_delta,
			"level B-LT is not reached: a list that is not whole, or not understood, may name the certificate 'CN=Stamp, O=Authority'" },
		{ "a revoked anchor", anchor_revoked,
			"the certificate 'CN=Stamp CA, O=Authority' of the authority is revoked since 2026-11-01T00:00:00Z" },
		{ "one on a way that has ended", anchor_revoked_by_a_list_of_a_root_that_ended,
			"the certificate 'CN=Stamp CA, O=Authority' of the authority is revoked since 2026-11-01T00:00:00Z" },
		{ "an accuracy of a year", off_by_a_year, "found a time-stamp that may be off by 31536000 seconds, want at most 300" },
		{ "one of five minutes and a microsecond", off_by_too_much, "found a time-stamp that may be off by 301 seconds, want at most 300" },
		{ "one of five minutes", off_by_five_minutes, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		struct scene s;

		world_default(&w);
		w.signer = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Analyst", .issuer = w.root, .until = "2027-06-01T00:00:00Z" });
		world_set_signer(&w, w.signer, NULL);
		cases[i].make(&s);
		w.n_tsa_anchors = 0;
		for (size_t k = 0; k < s.n_anchors; k++)
			w.tsa_anchors[w.n_tsa_anchors++] = s.anchors[k];
		for (size_t k = 0; k < s.n_lists; k++)
			w.lists[w.n_lists++] = s.lists[k];
		scene_trust(&s);
		cr_expect_eq(judge_with_stamps(&w, &s), cases[i].want == NULL, "%s: %s", cases[i].what, s.err.text);
		if (cases[i].want) {
			cr_expect_eq(strncmp(s.err.text, cases[i].want, strlen(cases[i].want)), 0, "%s: '%s'", cases[i].what, s.err.text);
			cr_expect_neq(s.err.hint[0], '\0');
		} else {
			cr_expect_str_eq(world_found(&w), "", "%s", cases[i].what);
			cr_expect(w.result.seal_pass && w.result.time_pass && w.result.independent, "%s", cases[i].what);
		}
		scene_release(&s);
		world_release(&w);
	}
}

/* ---- stamps into a signature ---- */

Test(tsp_ask, a_list_of_an_issuer_who_has_one_there_is_left_away_and_stamps_go_in_once)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf once, twice;
	struct custody_cms cms;
	struct world w;

	world_default(&w);
	pki_cms_sign(&w.cms[0]);
	struct custody_bytes unstamped = pki_cms_encode(&w.cms[0]);
	struct pki_token_spec other = w.stamp[0][0];
	other.when = "2026-11-02T09:30:09Z";
	const struct custody_bytes tokens[2] = { pki_token(w.cms[0].value, other), pki_token(w.cms[0].value, w.stamp[0][0]) };
	const struct custody_bytes again[1] = { pki_crl((struct pki_crl_spec){ .issuer = w.tsa_root, .from = "2026-11-02T00:00:00Z" }) };
	const struct custody_sign_stamps stamps = { tokens, 2, again, 1, NULL, 0 }, none = { tokens, 0, NULL, 0, NULL, 0 };

	custody_buf_init(&once, 1 << 20);
	custody_buf_init(&twice, 1 << 20);
	cr_assert_eq(custody_sign_add_stamps(unstamped, &stamps, &once, &err), 0, "%s", err.text);
	cr_assert_eq(custody_cms_parse(custody_buf_bytes(&once), CUSTODY_CMS_SEAL, &cms, &err), 0, "%s", err.text);
	cr_expect(cms.n_tokens == 2 && cms.n_crls == 2);
	cr_expect_eq(custody_sign_add_stamps(custody_buf_bytes(&once), &stamps, &twice, &err), -1);
	cr_expect_str_eq(err.text, "found 2 time-stamps to go beside 2, want some and none");
	cr_expect_eq(custody_sign_add_stamps(unstamped, &none, &twice, &err), -1);
	cr_expect_eq(twice.len, 0);
	custody_buf_release(&once);
	world_release(&w);
}
