/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a token is taken, before it goes into a signature. The verdict asks all of this again, of the finished package; here it is asked so that a bad
 * authority is noticed before evidence is read, and so that what goes in is exactly what the verdict wants: nothing missing, nothing surplus.
 */
#include "libcustody/crypto/tsp_ask.h"

#include <inttypes.h>
#include <string.h>

#include "libcustody/crypto/chain.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/pool.h"
#include "libcustody/crypto/revocation.h"

/* What is known of one token while it is looked at. On the heap: the memo is large. */
struct accept {
	const struct custody_tsp_answer *answer;
	struct custody_token token;
	struct custody_pool pool;
	struct custody_memo memo;
	const struct custody_certificate *own[CUSTODY_LIMIT_CERTIFICATES]; /* the token's certificates, in its order */
	const struct custody_crl *lists[CUSTODY_LIMIT_CRLS]; /* and its lists */
	bool keep[CUSTODY_LIMIT_CERTIFICATES], keep_list[CUSTODY_LIMIT_CRLS];
	const struct custody_certificate *stamper;
	const struct custody_certificate **offered; /* owned: the token's certificates, and those of tsas that are no roots */
	size_t n_offered;
	struct custody_certificate *roots; /* owned, but nothing in it: those that are */
	size_t n_roots;
	struct custody_chain chain;
	const struct custody_crl *beside[CUSTODY_LIMIT_CHAIN]; /* lists from trust that go in beside the token */
	size_t n_beside;
	bool is_revoked; /* a certificate on a path was */
};

static void accept_free(struct accept **a)
{
	if (*a) {
		custody_pool_release(&(*a)->pool);
		free((*a)->offered);
		free((*a)->roots);
	}
	free(*a);
}

void custody_tsp_stamp_release(struct custody_tsp_stamp *s)
{
	custody_buf_release(&s->token);
	for (size_t i = 0; i < s->n_crls; i++)
		custody_buf_release(&s->crls[i]);
	for (size_t i = 0; i < s->n_certificates; i++)
		custody_buf_release(&s->certificates[i]);
	s->n_crls = s->n_certificates = 0;
}

/* A parser's or a rule's refusal of what the authority sent is, for whoever seals, an authority that cannot be used. */
static int refused(struct custody_error *err)
{
	if (err->kind == CUSTODY_ERR_FORMAT || err->kind == CUSTODY_ERR_LIMIT) {
		err->kind = CUSTODY_ERR_INPUT;
		err->rule = NULL;
	}
	return err->kind == CUSTODY_ERR_INPUT && err->hint[0] == '\0' ? custody_hint(err, "name another authority") : -1;
}

static int open_token(struct accept *a, struct custody_error *err)
{
	const struct custody_cms *cms = &a->token.cms;

	if (custody_token_parse(a->answer->token, &a->token, err))
		return -1;
	for (size_t i = 0; i < cms->n_certificates; i++) {
		if (custody_pool_certificate(&a->pool, cms->certificates[i], &a->own[i], err))
			return -1;
		if (!a->stamper && custody_cms_names(cms, &a->own[i]->facts))
			a->stamper = a->own[i];
	}
	for (size_t i = 0; i < cms->n_crls; i++)
		if (custody_pool_crl(&a->pool, cms->crls[i], &a->lists[i], err))
			return -1;
	return 0;
}

/* The token is an answer to the question: object, digest, nonce, signature. */
static int check_answer(struct accept *a, struct custody_error *err)
{
	const struct custody_tsp_question *q = a->answer->question;
	const struct custody_bytes nonce = { q->nonce, sizeof(q->nonce) };
	uint8_t imprint[CUSTODY_DIGEST_MAX];
	bool legacy;

	if (!a->stamper)
		return custody_fail(
			err, CUSTODY_ERR_INPUT, "found a time-stamp without the authority's certificate, want it inside, as was asked for");
	if (a->token.imprint_digest != q->digest)
		return custody_fail(err, CUSTODY_ERR_INPUT, "found an imprint by %s, want %s, as was asked for",
			custody_digest_get(a->token.imprint_digest)->name, custody_digest_get(q->digest)->name);
	if (custody_digest_once(q->digest, q->object.p, q->object.n, imprint, err))
		return -1;
	if (!custody_bytes_equal(a->token.imprint, (struct custody_bytes){ imprint, custody_digest_get(q->digest)->size }))
		return custody_fail(err, CUSTODY_ERR_INPUT, "found a time-stamp of something else, want one of what was sent");
	if (!a->token.has_nonce || !custody_bytes_equal(a->token.nonce, nonce))
		return custody_fail(err, CUSTODY_ERR_INPUT, "found a time-stamp with %s nonce, want the one of the request: it may be an old one",
			a->token.has_nonce ? "another" : "no");
	return custody_token_verify(&a->token, q->object, a->stamper, &legacy, err);
}

/* What is proven is genTime and what it may be off by: a seal of today that may be of next year is worth little, and the signer's certificate may have ended by then. */
static int check_accuracy(const struct accept *a, struct custody_error *err)
{
	uint64_t seconds = a->token.accuracy_us / 1000000 + (a->token.accuracy_us % 1000000 != 0);

	if (seconds <= CUSTODY_LIMIT_CLOCK_BEHIND)
		return 0;
	return custody_fail(err, CUSTODY_ERR_INPUT, "found a time-stamp that may be off by %" PRIu64 " seconds, want at most %d", seconds,
		CUSTODY_LIMIT_CLOCK_BEHIND);
}

/* The clock is no proof either; but where the two are far apart, one of them is wrong, and a package would carry that for ever. */
static int check_time(const struct accept *a, struct custody_error *err)
{
	char stamped[CUSTODY_TIME_TEXT], clock[CUSTODY_TIME_TEXT];
	struct custody_time earliest = a->answer->asked, latest = a->answer->answered, time = a->token.time;
	bool behind, ahead;

	earliest.sec -= CUSTODY_LIMIT_CLOCK_BEHIND;
	latest.sec += CUSTODY_LIMIT_CLOCK_AHEAD;
	behind = custody_time_compare(custody_token_not_later_than(&a->token), earliest) < 0;
	ahead = custody_time_compare(time, latest) > 0;
	if (!behind && !ahead)
		return 0;
	custody_time_format(time, stamped);
	custody_time_format(a->answer->answered, clock);
	custody_fail(err, CUSTODY_ERR_INPUT, "found a time-stamp dated %s while this computer's clock says %s, want at most %d seconds %s", stamped,
		clock, behind ? CUSTODY_LIMIT_CLOCK_BEHIND : CUSTODY_LIMIT_CLOCK_AHEAD, behind ? "before it" : "after it");
	return custody_hint(err, "set this computer's clock; if it is right, name another authority");
}

/* What tsas holds, parted into roots and what lies below them. */
static int part_anchors(struct accept *a, struct custody_error *err)
{
	const struct custody_trust *trust = a->answer->trust;

	a->offered = calloc(a->token.cms.n_certificates + trust->n_tsas + 1, sizeof(*a->offered));
	a->roots = calloc(trust->n_tsas + 1, sizeof(*a->roots));
	if (!a->offered || !a->roots)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < a->token.cms.n_certificates; i++)
		a->offered[a->n_offered++] = a->own[i];
	for (size_t i = 0; i < trust->n_tsas; i++) {
		if (custody_x509_is_self_issued(&trust->tsas[i].facts))
			a->roots[a->n_roots++] = trust->tsas[i];
		else
			a->offered[a->n_offered++] = &trust->tsas[i];
	}
	return 0;
}

/* To a root, through whatever is known; or to the first anchor, through what the token holds. */
static int build_path(struct accept *a, bool to_root, char *why, size_t why_size, struct custody_error *err)
{
	const struct custody_trust *trust = a->answer->trust;
	const struct custody_chain_request request = {
		.leaf = a->stamper,
		.embedded = to_root ? a->offered : a->own,
		.n_embedded = to_root ? a->n_offered : a->token.cms.n_certificates,
		.anchors = to_root ? a->roots : trust->tsas,
		.n_anchors = to_root ? a->n_roots : trust->n_tsas,
		.time_stamping = true,
		.when = a->answer->answered,
		.memo = &a->memo,
	};

	return custody_chain_build(&request, &a->chain, why, why_size, err);
}

static int check_path(struct accept *a, struct custody_error *err)
{
	const struct custody_certificate *expired;
	char why[256], name[256], bound[CUSTODY_TIME_TEXT];
	bool early;

	if (build_path(a, false, why, sizeof(why), err))
		return -1;
	custody_x509_subject(a->stamper, name, sizeof(name));
	if (a->chain.n == 0) {
		custody_fail(err, CUSTODY_ERR_INPUT, "the authority '%s' is not trusted here: %s", name, why);
		return custody_hint(err, "get its root certificate by another way than this, and add it with `custody lab trust FILE`");
	}
	expired = custody_chain_validity(&a->chain, a->answer->answered, &early);
	if (!expired)
		return 0;
	custody_time_format(early ? expired->facts.not_before : expired->facts.not_after, bound);
	custody_fail(err, CUSTODY_ERR_INPUT, "the certificate '%s' of the authority is valid only %s %s",
		custody_x509_subject(expired, name, sizeof(name)), early ? "from" : "until", bound);
	return custody_hint(err, "name another authority");
}

/* ---- revocation ---- */

static const struct custody_crl *list_at(const struct accept *a, size_t i)
{
	return i < a->token.cms.n_crls ? a->lists[i] : &a->answer->trust->crls[i - a->token.cms.n_crls];
}

static size_t count_lists(const struct accept *a)
{
	return a->token.cms.n_crls + a->answer->trust->n_crls;
}

/* What the first n lists say of a certificate; the token's own come first. */
static int ask_lists(struct accept *a, const struct custody_certificate *c, const struct custody_certificate *issuer, size_t n,
	struct custody_revocation *out, struct custody_error *err)
{
	*out = (struct custody_revocation){ .revoked = false };
	for (size_t k = 0; k < n; k++)
		if (custody_revocation_add(out, list_at(a, k), c, issuer, a->token.time, &a->memo, err))
			return -1;
	return 0;
}

static int fail_revoked(struct accept *a, const struct custody_certificate *c, struct custody_time since, struct custody_error *err)
{
	char name[256], text[CUSTODY_TIME_TEXT];

	a->is_revoked = true;
	custody_time_format(since, text);
	custody_fail(err, CUSTODY_ERR_INPUT, "the certificate '%s' of the authority is revoked since %s", custody_x509_subject(c, name, sizeof(name)),
		text);
	return custody_hint(err, "name another authority");
}

/* The latest list from trust that covers the i-th certificate. */
static int pick_list(struct accept *a, size_t i, const struct custody_crl **out, struct custody_error *err)
{
	const struct custody_trust *trust = a->answer->trust;

	for (size_t k = 0; k < trust->n_crls; k++) {
		struct custody_revocation r = { .revoked = false };

		if (custody_revocation_add(&r, &trust->crls[k], a->chain.certificate[i], a->chain.certificate[i + 1], a->token.time, &a->memo, err))
			return -1;
		if (r.covered && (!*out || custody_time_compare(trust->crls[k].facts.this_update, (*out)->facts.this_update) > 0))
			*out = &trust->crls[k];
	}
	return 0;
}

static int fail_doubtful(const struct custody_certificate *c, struct custody_error *err)
{
	char name[256];

	custody_fail(err, CUSTODY_ERR_INPUT,
		"level B-LT is not reached: a list that is not whole, or not understood, may name the certificate '%s' of the authority",
		custody_x509_subject(c, name, sizeof(name)));
	return custody_hint(err, "put the whole list in the place of that one in crls.pem, or name another authority");
}

static int check_revocation(struct accept *a, size_t i, struct custody_error *err)
{
	const struct custody_certificate *c = a->chain.certificate[i], *issuer = a->chain.certificate[i + 1];
	const struct custody_crl *picked = NULL;
	struct custody_revocation all, inside;
	char name[256];

	if (ask_lists(a, c, issuer, count_lists(a), &all, err) || ask_lists(a, c, issuer, a->token.cms.n_crls, &inside, err))
		return -1;
	if (all.revoked)
		return fail_revoked(a, c, all.since, err);
	custody_x509_subject(c, name, sizeof(name));
	if (!a->answer->level_lt)
		return 0;
	if (all.doubtful)
		return fail_doubtful(c, err);
	if (inside.covered)
		return 0;
	if (!all.covered) {
		custody_fail(err, CUSTODY_ERR_INPUT,
			"level B-LT is not reached: nothing says that the certificate '%s' of the authority is not revoked: %s", name,
			all.why ? all.why : "there is no list of its issuer");
		return custody_hint(
			err, "add a current revocation list of its issuer with `custody lab trust FILE` (custody seal --level B-T does without)");
	}
	if (pick_list(a, i, &picked, err))
		return -1;
	for (size_t k = 0; k < a->n_beside; k++)
		if (a->beside[k] == picked)
			return 0;
	a->beside[a->n_beside++] = picked;
	return 0;
}

/* The same of the anchor, if this certificate issued it. */
static int check_above(
	struct accept *a, const struct custody_certificate *anchor, const struct custody_certificate *issuer, struct custody_error *err)
{
	struct custody_revocation r;
	bool issued;

	if (custody_certificate_issued_by(&a->memo, anchor, issuer, &issued, err))
		return -1;
	if (!issued)
		return 0;
	if (ask_lists(a, anchor, issuer, count_lists(a), &r, err))
		return -1;
	if (r.revoked)
		return fail_revoked(a, anchor, r.since, err);
	if (!r.doubtful || !a->answer->level_lt)
		return 0;
	return fail_doubtful(anchor, err);
}

/* An anchor needs no list. But where it is no root, and what issued it is known, what a list says of it counts: the verdict asks the same. */
static int check_anchor(struct accept *a, struct custody_error *err)
{
	const struct custody_trust *trust = a->answer->trust;
	const struct custody_certificate *anchor = a->chain.certificate[a->chain.n - 1];
	bool root;

	if (custody_certificate_is_root(&a->memo, anchor, &root, err))
		return -1;
	for (size_t i = 0; i < trust->n_signers && !root; i++)
		if (check_above(a, anchor, &trust->signers[i], err))
			return -1;
	for (size_t i = 0; i < trust->n_tsas && !root; i++)
		if (check_above(a, anchor, &trust->tsas[i], err))
			return -1;
	for (size_t i = 0; i < a->token.cms.n_certificates && !root; i++)
		if (check_above(a, anchor, a->own[i], err))
			return -1;
	return 0;
}

static int check_revocations(struct accept *a, struct custody_error *err)
{
	a->n_beside = 0;
	for (size_t i = 0; i + 1 < a->chain.n; i++)
		if (check_revocation(a, i, err))
			return -1;
	return check_anchor(a, err);
}

/* ---- what is kept of the token ---- */

static bool has_list_named(const struct accept *a, struct custody_bytes issuer)
{
	for (size_t i = 0; i < a->token.cms.n_crls; i++)
		if (a->keep_list[i] && custody_bytes_equal(a->lists[i]->facts.issuer, issuer))
			return true;
	for (size_t i = 0; i < a->n_beside; i++)
		if (custody_bytes_equal(a->beside[i]->facts.issuer, issuer))
			return true;
	return false;
}

/* On the path, and below its anchor: nobody can do without it. */
static bool is_needed(const struct accept *a, const struct custody_certificate *c)
{
	const struct custody_certificate *anchor = a->chain.certificate[a->chain.n - 1];

	return c == a->stamper || (custody_chain_has(&a->chain, c) && memcmp(c->sha256, anchor->sha256, sizeof(c->sha256)) != 0);
}

/* The certificates that go in: what is kept of the token, then what is given beside it. */
#define GOES_IN_MAX (CUSTODY_LIMIT_CERTIFICATES + CUSTODY_LIMIT_CHAIN)
struct goes_in {
	const struct custody_certificate *certificate[GOES_IN_MAX];
	size_t n, n_kept; /* of them the token's own */
	size_t place[CUSTODY_LIMIT_CERTIFICATES]; /* of those in the token */
	bool reached[GOES_IN_MAX]; /* above the authority's certificate */
	const struct custody_certificate *unfit; /* one of these that may not be there, and why; NULL: none */
	const char *why;
};

static int gather(struct accept *a, struct goes_in *out, struct custody_error *err)
{
	*out = (struct goes_in){ .n = 0 };
	for (size_t i = 0; i < a->token.cms.n_certificates; i++) {
		if (!a->keep[i])
			continue;
		out->place[out->n] = i;
		out->certificate[out->n++] = a->own[i];
	}
	out->n_kept = out->n;
	for (size_t i = 1; i + 1 < a->chain.n; i++)
		out->certificate[out->n++] = a->chain.certificate[i];
	const struct custody_chain_request above = {
		.leaf = a->stamper, .embedded = out->certificate, .n_embedded = out->n, .time_stamping = true, .memo = &a->memo
	};
	return custody_chain_survey(&above, out->reached, &out->unfit, &out->why, err);
}

/* One of what goes in, itself not counted, has issued c. */
static int is_vouched_for(struct accept *a, const struct custody_certificate *c, const struct goes_in *in, bool *good, struct custody_error *err)
{
	*good = false;
	for (size_t i = 0; i < in->n && !*good; i++)
		if (in->certificate[i] != c && custody_certificate_issued_by(&a->memo, c, in->certificate[i], good, err))
			return -1;
	return 0;
}

/* Does not cost the level, which wants a list for the issuer of every certificate that is not self-signed. */
static int keeps_level(struct accept *a, const struct custody_certificate *c, bool *good, struct custody_error *err)
{
	*good = !a->answer->level_lt || has_list_named(a, c->facts.issuer);
	return *good ? 0 : custody_certificate_is_root(&a->memo, c, good, err);
}

/* Looks once at what is kept still; *dropped if something is not any more. */
static int drop_certificates(struct accept *a, const struct goes_in *in, bool *dropped, struct custody_error *err)
{
	for (size_t i = 0; i < in->n_kept; i++) {
		const struct custody_certificate *c = in->certificate[i];
		bool good = in->reached[i], level;

		if (is_needed(a, c))
			continue;
		if ((!good && is_vouched_for(a, c, in, &good, err)) || keeps_level(a, c, &level, err))
			return -1;
		a->keep[in->place[i]] = good && level && c != in->unfit;
		*dropped = *dropped || !a->keep[in->place[i]];
	}
	return 0;
}

/* One of what goes in, or the anchor, has signed it. */
static int drop_lists(struct accept *a, const struct goes_in *in, bool *dropped, struct custody_error *err)
{
	for (size_t i = 0; i < a->token.cms.n_crls; i++) {
		bool good;

		if (!a->keep_list[i])
			continue;
		if (custody_crl_issued_by(&a->memo, a->lists[i], a->chain.certificate[a->chain.n - 1], &good, err))
			return -1;
		for (size_t k = 0; k < in->n && !good; k++)
			if (custody_crl_issued_by(&a->memo, a->lists[i], in->certificate[k], &good, err))
				return -1;
		a->keep_list[i] = good;
		*dropped = *dropped || !good;
	}
	return 0;
}

/*
 * What a path to the anchor needs stays; anything else stays if it continues the path, or something that stays has issued it, and it does not cost the level (a
 * cross-signed root above the anchor is the common case, and the anchor itself where it is no root). What an anchor alone vouches for is dropped: whoever verifies may have
 * another. Dropping one may leave another without support, so it is looked again until all that is kept is good; each round but the last drops one.
 */
static int choose(struct accept *a, struct custody_error *err)
{
	struct goes_in in;
	bool dropped = true;

	for (size_t i = 0; i < a->token.cms.n_certificates; i++)
		a->keep[i] = true;
	for (size_t i = 0; i < a->token.cms.n_crls; i++)
		a->keep_list[i] = true;
	while (dropped) {
		dropped = false;
		if (gather(a, &in, err) || drop_lists(a, &in, &dropped, err) || drop_certificates(a, &in, &dropped, err))
			return -1;
	}
	return 0;
}

/* The kept ones of a field, under its tag; nothing when none is. */
static int append_kept(struct custody_buf *out, uint8_t tag, const struct custody_bytes *list, const bool *keep, size_t n, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf content = { 0 };

	custody_buf_init(&content, CUSTODY_LIMIT_TSP_REPLY);
	for (size_t i = 0; i < n; i++)
		if (keep[i] && custody_buf_append(&content, list[i].p, list[i].n, err))
			return -1;
	return content.len == 0 ? 0 : custody_der_append(out, tag, custody_buf_bytes(&content), err);
}

/* Certificates and lists of a token are not under its signature; everything else goes in byte for byte. */
static int rebuild(const struct accept *a, struct custody_buf *out, struct custody_error *err)
{
	const struct custody_cms *cms = &a->token.cms;
	const struct custody_bytes type = { (const uint8_t *)CUSTODY_OID_SIGNED_DATA, sizeof(CUSTODY_OID_SIGNED_DATA) - 1 };
	CUSTODY_BUF_CLEAN struct custody_buf data = { 0 }, sequence = { 0 }, info = { 0 };

	custody_buf_init(&data, 2 * CUSTODY_LIMIT_TSP_REPLY);
	custody_buf_init(&sequence, 2 * CUSTODY_LIMIT_TSP_REPLY);
	custody_buf_init(&info, 2 * CUSTODY_LIMIT_TSP_REPLY);
	if (custody_buf_append(&data, cms->head.p, cms->head.n, err) ||
		append_kept(&data, CUSTODY_DER_EXPLICIT(0), cms->certificates, a->keep, cms->n_certificates, err) ||
		append_kept(&data, CUSTODY_DER_EXPLICIT(1), cms->crls, a->keep_list, cms->n_crls, err) ||
		custody_buf_append(&data, cms->signers.p, cms->signers.n, err) ||
		custody_der_append(&sequence, CUSTODY_DER_SEQUENCE, custody_buf_bytes(&data), err) ||
		custody_der_append(&info, CUSTODY_DER_OID, type, err) ||
		custody_der_append(&info, CUSTODY_DER_EXPLICIT(0), custody_buf_bytes(&sequence), err))
		return -1;
	return custody_der_append(out, CUSTODY_DER_SEQUENCE, custody_buf_bytes(&info), err);
}

static bool keeps_all(const struct accept *a)
{
	bool all = true;

	for (size_t i = 0; i < a->token.cms.n_certificates; i++)
		all = all && a->keep[i];
	for (size_t i = 0; i < a->token.cms.n_crls; i++)
		all = all && a->keep_list[i];
	return all;
}

/* CAs on the path that the token does not hold. */
static int give_certificates(const struct accept *a, struct custody_tsp_stamp *out, struct custody_error *err)
{
	for (size_t i = 1; i + 1 < a->chain.n; i++) {
		const struct custody_certificate *c = a->chain.certificate[i];
		struct custody_buf *b = &out->certificates[out->n_certificates];
		bool there = false;

		for (size_t k = 0; k < a->token.cms.n_certificates; k++)
			there = there || memcmp(a->own[k]->sha256, c->sha256, sizeof(c->sha256)) == 0;
		if (there)
			continue;
		out->n_certificates++;
		custody_buf_init(b, (size_t)CUSTODY_LIMIT_SIGNATURE);
		if (custody_buf_append(b, c->der, c->der_len, err))
			return -1;
	}
	return 0;
}

static int give(const struct accept *a, struct custody_tsp_stamp *out, struct custody_error *err)
{
	custody_buf_init(&out->token, CUSTODY_LIMIT_TSP_REPLY);
	if (keeps_all(a) ? custody_buf_append(&out->token, a->answer->token.p, a->answer->token.n, err) : rebuild(a, &out->token, err))
		return -1;
	for (; out->n_crls < a->n_beside; out->n_crls++) {
		struct custody_buf *b = &out->crls[out->n_crls];

		custody_buf_init(b, (size_t)CUSTODY_LIMIT_SIGNATURE);
		if (custody_buf_append(b, a->beside[out->n_crls]->der, a->beside[out->n_crls]->der_len, err))
			return -1;
	}
	if (give_certificates(a, out, err))
		return -1;
	memcpy(out->certificate_sha256, a->stamper->sha256, sizeof(out->certificate_sha256));
	custody_x509_subject(a->stamper, out->authority, sizeof(out->authority));
	out->time = a->token.time;
	return 0;
}

/* What stays, as the verdict will count it: what is above the authority is fit to be there, and for the level each has its issuer's list. */
static int check_kept(struct accept *a, struct custody_error *err)
{
	struct goes_in in;
	char name[256];

	if (gather(a, &in, err))
		return -1;
	if (in.unfit)
		return custody_fail(err, CUSTODY_ERR_INPUT, "the certificate '%s' above the authority's %s",
			custody_x509_subject(in.unfit, name, sizeof(name)), in.why);
	for (size_t i = 0; i < in.n; i++) {
		bool level;

		if (keeps_level(a, in.certificate[i], &level, err))
			return -1;
		if (level)
			continue;
		custody_fail(err, CUSTODY_ERR_INPUT, "level B-LT is not reached: there is no revocation list of the issuer of '%s'",
			custody_x509_subject(in.certificate[i], name, sizeof(name)));
		return custody_hint(err, "add a current one with `custody lab trust FILE` (custody seal --level B-T does without)");
	}
	return 0;
}

/*
 * Whoever verifies may know only the root, so the path to it is what goes in, if everything about it is at hand; else the path to the nearest anchor. A
 * revocation counts wherever it is met.
 */
static int choose_path(struct accept *a, struct custody_error *err)
{
	struct custody_error why_not = CUSTODY_ERROR_INIT;
	const struct custody_chain nearest = a->chain;
	char why[256];
	bool early;

	if (check_revocations(a, err) || part_anchors(a, err) || build_path(a, true, why, sizeof(why), err))
		return -1;
	if (a->chain.n > 0 && !custody_chain_validity(&a->chain, a->answer->answered, &early)) {
		if (check_revocations(a, &why_not) == 0)
			return 0;
		if (why_not.kind != CUSTODY_ERR_INPUT || a->is_revoked) {
			*err = why_not;
			return -1;
		}
	}
	a->chain = nearest;
	return check_revocations(a, err);
}

int custody_tsp_accept(const struct custody_tsp_answer *answer, struct custody_tsp_stamp *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(accept_free) struct accept *a = calloc(1, sizeof(*a));
	struct custody_tsp_stamp stamp = { .n_crls = 0 };

	if (!a)
		return custody_fail_nomem(err);
	a->answer = answer;
	if (open_token(a, err) || check_time(a, err) || check_accuracy(a, err) || check_answer(a, err) || check_path(a, err))
		return refused(err);
	if (choose_path(a, err) || choose(a, err) || check_kept(a, err))
		return refused(err);
	if (give(a, &stamp, err)) {
		custody_tsp_stamp_release(&stamp);
		return refused(err);
	}
	*out = stamp;
	return 0;
}
