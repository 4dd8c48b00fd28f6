/* SPDX-License-Identifier: Apache-2.0 */
/* What the verifier's anchors, revocation data and times make of both signatures (design/verdict.md rules 1 to 3, 8 and 9). */
#include <stdio.h>
#include <string.h>

#include "libcustody/verdict/judgement.h"

static int build_chain(struct custody_judgement *j, const struct custody_certificate *leaf, const struct custody_certificate *const *offered,
	size_t n, bool time_stamping, struct custody_chain *out, char *why, size_t why_size)
{
	const struct custody_trust *trust = j->in->trust;
	const struct custody_chain_request request = { .leaf = leaf,
		.embedded = offered,
		.n_embedded = n,
		.anchors = time_stamping ? trust->tsas : trust->signers,
		.n_anchors = time_stamping ? trust->n_tsas : trust->n_signers,
		.time_stamping = time_stamping,
		.when = j->in->evaluated_at,
		.memo = &j->memo };
	return custody_chain_build(&request, out, why, why_size, &j->err);
}

/* ---- revocation ---- */

/* All that every list in the package and in crls.pem says about one certificate of a path. */
static int ask_lists(struct custody_judgement *j, const struct custody_certificate *c, const struct custody_certificate *issuer,
	struct custody_time cover, struct custody_revocation *out)
{
	*out = (struct custody_revocation){ .revoked = false };
	for (size_t i = 0; i < j->pool.n_crls; i++) {
		if (custody_revocation_add(out, j->pool.crls[i], c, issuer, cover, &j->memo, &j->err) < 0)
			return -1;
	}
	for (size_t i = 0; i < j->in->trust->n_crls; i++) {
		if (custody_revocation_add(out, &j->in->trust->crls[i], c, issuer, cover, &j->memo, &j->err) < 0)
			return -1;
	}
	/* A list that dates itself after the clock was made before it, and knows no more than until then. */
	if (out->covered && custody_time_compare(out->known_until, j->in->now) > 0)
		out->known_until = j->in->now;
	return 0;
}

/* What is known of a whole path. */
struct path_revocation {
	const struct custody_certificate *revoked; /* the one revoked earliest, NULL if none was */
	struct custody_time since;
	const struct custody_certificate *unknown; /* the first about which nothing is known, NULL if none */
	const char *why; /* static */
	bool has_known_until;
	struct custody_time known_until;
};

static void add_known_until(bool *has, struct custody_time *earliest, struct custody_time t)
{
	if (!*has || custody_time_compare(t, *earliest) < 0)
		*earliest = t;
	*has = true;
}

static void add_to_path(struct path_revocation *path, const struct custody_certificate *c, const struct custody_revocation *r, bool needed)
{
	if (r->revoked && (path->revoked == NULL || custody_time_compare(r->since, path->since) < 0)) {
		path->revoked = c;
		path->since = r->since;
	}
	if (r->covered)
		add_known_until(&path->has_known_until, &path->known_until, r->known_until);
	if (((needed && !r->covered) || r->doubtful) && path->unknown == NULL) {
		path->unknown = c;
		path->why = r->doubtful	     ? "a list of its issuer that is not whole, or not understood, may name it"
			    : r->why != NULL ? r->why
					     : "there is no list of its issuer";
	}
}

/* What the lists say of the anchor, if this certificate issued it. */
static int ask_above(struct custody_judgement *j, const struct custody_certificate *anchor, const struct custody_certificate *issuer,
	struct custody_time cover, struct path_revocation *out)
{
	struct custody_revocation r;
	bool issued;
	if (custody_certificate_issued_by(&j->memo, anchor, issuer, &issued, &j->err) < 0)
		return -1;
	if (!issued)
		return 0;
	if (ask_lists(j, anchor, issuer, cover, &r) < 0)
		return -1;
	add_to_path(out, anchor, &r, false);
	return 0;
}

/* An anchor is trusted without a list. But where it is no root, and what issued it is known (given as an anchor too, as in a file with a whole path, or
 * embedded), a revocation of it is one that is known, and counts. */
static int ask_anchor(struct custody_judgement *j, const struct custody_chain *chain, struct custody_time cover, struct path_revocation *out)
{
	const struct custody_trust *trust = j->in->trust;
	const struct custody_certificate *anchor = chain->n > 0 ? chain->certificate[chain->n - 1] : NULL;
	bool root = true;
	if (anchor != NULL && custody_certificate_is_root(&j->memo, anchor, &root, &j->err) < 0)
		return -1;
	if (root)
		return 0;
	for (size_t i = 0; i < trust->n_signers; i++) {
		if (ask_above(j, anchor, &trust->signers[i], cover, out) < 0)
			return -1;
	}
	for (size_t i = 0; i < trust->n_tsas; i++) {
		if (ask_above(j, anchor, &trust->tsas[i], cover, out) < 0)
			return -1;
	}
	for (size_t i = 0; i < j->pool.n_certificates; i++) {
		if (ask_above(j, anchor, j->pool.certificates[i], cover, out) < 0)
			return -1;
	}
	return 0;
}

/* Every certificate below the anchor. A signer's own may say that nobody will ever revoke it (RFC 9608); an authority's may not. */
static int ask_path(
	struct custody_judgement *j, const struct custody_chain *chain, bool signer, struct custody_time cover, struct path_revocation *out)
{
	*out = (struct path_revocation){ .revoked = NULL };
	for (size_t i = 0; i + 1 < chain->n; i++) {
		struct custody_revocation r;
		const struct custody_certificate *c = chain->certificate[i];
		if (ask_lists(j, c, chain->certificate[i + 1], cover, &r) < 0)
			return -1;
		add_to_path(out, c, &r, !(signer && i == 0 && c->facts.no_rev_avail));
	}
	return ask_anchor(j, chain, cover, out);
}

/* ---- stamps ---- */

/* What keeps a sound stamp from counting, in this order; good if nothing does. */
static int judge_stamp(struct custody_judgement *j, struct custody_stamp *t)
{
	const struct custody_time now = j->in->evaluated_at;
	struct path_revocation revocation;
	bool early;
	char name[CUSTODY_NAME_TEXT], time[CUSTODY_TIME_TEXT];
	t->problem = CUSTODY_FINDING_TIME_UNTRUSTED;
	if (build_chain(j, t->certificate, t->offered, t->n_offered, true, &t->chain, t->detail, sizeof(t->detail)) < 0 ||
		ask_path(j, &t->chain, false, t->token.time, &revocation) < 0)
		return -1;
	if (t->chain.n == 0)
		return 0;
	t->has_known_until = revocation.has_known_until;
	t->known_until = revocation.known_until;
	const struct custody_certificate *expired = custody_chain_validity(&t->chain, now, &early);
	if (custody_time_compare(t->token.time, now) > 0) {
		t->problem = CUSTODY_FINDING_TIME_IN_FUTURE;
		custody_time_format(t->token.time, time);
		(void)snprintf(t->detail, sizeof(t->detail), "dated %s", time);
	} else if (revocation.revoked != NULL) {
		t->problem = CUSTODY_FINDING_TIME_AUTHORITY_EXPIRED;
		custody_time_format(revocation.since, time);
		(void)snprintf(
			t->detail, sizeof(t->detail), "revoked since %s: '%s'", time, custody_x509_subject(revocation.revoked, name, sizeof(name)));
	} else if (expired != NULL) {
		t->problem = CUSTODY_FINDING_TIME_AUTHORITY_EXPIRED;
		custody_time_format(early ? expired->facts.not_before : expired->facts.not_after, time);
		(void)snprintf(t->detail, sizeof(t->detail), "valid only %s %s: '%s'", early ? "from" : "until", time,
			custody_x509_subject(expired, name, sizeof(name)));
	} else if (revocation.unknown != NULL) {
		t->problem = CUSTODY_FINDING_REVOCATION_UNKNOWN;
		(void)snprintf(
			t->detail, sizeof(t->detail), "%s: '%s'", revocation.why, custody_x509_subject(revocation.unknown, name, sizeof(name)));
	} else {
		t->good = true;
	}
	return 0;
}

/* a is more worth than b: good before not, independent before own word, the earlier upper bound. */
static bool is_better(const struct custody_stamp *a, const struct custody_stamp *b)
{
	if (a->good != b->good)
		return a->good;
	if (a->independent != b->independent)
		return a->independent;
	return custody_time_compare(custody_token_not_later_than(&a->token), custody_token_not_later_than(&b->token)) < 0;
}

#define KNOWN_MAX (2 * CUSTODY_LIMIT_CHAIN + CUSTODY_OFFERED_MAX)

/* A path, and what is known above its anchor: by what is embedded, and by what is given. */
struct known {
	const struct custody_certificate *certificate[KNOWN_MAX];
	size_t n;
	bool full; /* there is more above it than there is room for: whose it is cannot be said */
};

/* It issued one of these, and is none of them. */
static int is_above(struct custody_judgement *j, const struct known *k, const struct custody_certificate *c, bool *above)
{
	*above = false;
	for (size_t i = 0; i < k->n; i++) {
		if (memcmp(k->certificate[i]->sha256, c->sha256, sizeof(c->sha256)) == 0) {
			*above = false;
			return 0;
		}
		if (!*above && custody_certificate_issued_by(&j->memo, k->certificate[i], c, above, &j->err) < 0)
			return -1;
	}
	return 0;
}

/* Those of a list of anchors that are above, to the end of the list; *more if there was one. */
static int add_given(struct custody_judgement *j, const struct custody_certificate *list, size_t n, struct known *k, bool *more)
{
	for (size_t i = 0; i < n && !k->full; i++) {
		bool above;
		if (is_above(j, k, &list[i], &above) < 0)
			return -1;
		if (!above)
			continue;
		k->full = k->n == KNOWN_MAX;
		if (!k->full)
			k->certificate[k->n++] = &list[i];
		*more = !k->full;
	}
	return 0;
}

static int find_known(struct custody_judgement *j, const struct custody_chain *chain, const struct custody_certificate *const *offered,
	const bool *reached, size_t n, struct known *out)
{
	const struct custody_trust *trust = j->in->trust;
	*out = (struct known){ .n = 0 };
	for (size_t i = 0; i < chain->n; i++)
		out->certificate[out->n++] = chain->certificate[i];
	for (size_t i = 0; i < n; i++) {
		if (reached[i])
			out->certificate[out->n++] = offered[i];
	}
	for (bool more = true; more;) {
		more = false; /* and again: what was just added may have its issuer earlier in the lists */
		if (add_given(j, trust->signers, trust->n_signers, out, &more) < 0 || add_given(j, trust->tsas, trust->n_tsas, out, &more) < 0)
			return -1;
	}
	return 0;
}

/* Rule 2: the authority's path has something in common with the signer's. What continues one above the verifier's anchor says whose it is, too. */
static int find_related(struct custody_judgement *j, const struct custody_signature *s, const struct custody_stamp *t, bool *related)
{
	struct known a, b;
	if (find_known(j, &s->chain, s->embedded, s->reached, s->n_embedded, &a) < 0 ||
		find_known(j, &t->chain, t->offered, t->reached, t->n_offered, &b) < 0)
		return -1;
	*related = a.full || b.full || custody_certificates_related(a.certificate, a.n, b.certificate, b.n);
	return 0;
}

static int judge_stamps(struct custody_judgement *j, struct custody_signature *s)
{
	for (size_t i = 0; i < s->n_stamps; i++) {
		struct custody_stamp *t = &s->stamps[i];
		if (!t->sound)
			continue;
		bool related = true;
		/* Of somebody else only if the signer's whole path is known. */
		if (judge_stamp(j, t) < 0 || (t->good && s->chain.n > 0 && find_related(j, s, t, &related) < 0))
			return custody_judgement_note(j, s, CUSTODY_FINDING_TIME_UNTRUSTED);
		t->independent = t->good && !related;
		if (s->best == NULL || is_better(t, s->best))
			s->best = t;
	}
	/* Beside a good one, others are only worth a warning. */
	bool one_is_good = s->best != NULL && s->best->good;
	for (size_t i = 0; i < s->n_stamps; i++) {
		const struct custody_stamp *t = &s->stamps[i];
		if (t->sound && !t->good && (one_is_good || t->problem != CUSTODY_FINDING_REVOCATION_UNKNOWN))
			custody_judgement_find(j, s, one_is_good ? CUSTODY_FINDING_TIME_UNTRUSTED_EXTRA : t->problem, "%s", t->detail);
	}
	s->timed = one_is_good && !s->stamp_refused && s->chain.n > 0;
	return 0;
}

/* ---- the signer ---- */

static void judge_validity(struct custody_judgement *j, struct custody_signature *s, bool proven, struct custody_time t)
{
	bool early;
	char name[CUSTODY_NAME_TEXT], bound[CUSTODY_TIME_TEXT], when[CUSTODY_TIME_TEXT];
	const struct custody_certificate *c = custody_chain_validity(&s->chain, t, &early);
	if (c == NULL) {
		s->valid = true;
		return;
	}
	/* INVALID only where the time is proven and the signer's own certificate did not exist. */
	bool impossible = early && proven && c == s->signer;
	custody_time_format(early ? c->facts.not_before : c->facts.not_after, bound);
	custody_time_format(t, when);
	custody_judgement_find(j, s, impossible ? CUSTODY_FINDING_SEAL_NOT_YET_VALID : CUSTODY_FINDING_SEAL_EXPIRED, "valid only %s %s, %s %s: '%s'",
		early ? "from" : "until", bound, proven ? "proven time" : "judged at", when, custody_x509_subject(c, name, sizeof(name)));
}

static void report_revoked(
	struct custody_judgement *j, struct custody_signature *s, const struct path_revocation *r, bool proven, struct custody_time t)
{
	char name[CUSTODY_NAME_TEXT], since[CUSTODY_TIME_TEXT], claimed[CUSTODY_TIME_TEXT];
	bool by_own_word = custody_time_compare(r->since, s->cms.signing_time) <= 0;
	if (!by_own_word && proven && custody_time_compare(t, r->since) < 0) {
		s->not_revoked = true;
		return;
	}
	custody_time_format(r->since, since);
	custody_time_format(s->cms.signing_time, claimed);
	custody_judgement_find(j, s, by_own_word ? CUSTODY_FINDING_SEAL_REVOKED : CUSTODY_FINDING_SEAL_REVOKED_NO_PROOF_BEFORE,
		"revoked since %s, stated to be signed %s: '%s'", since, claimed, custody_x509_subject(r->revoked, name, sizeof(name)));
}

static int judge_revocation(struct custody_judgement *j, struct custody_signature *s, bool proven, struct custody_time t)
{
	struct path_revocation r;
	char name[CUSTODY_NAME_TEXT];
	/* The lists must speak of the stamp's time, proven or stated. */
	struct custody_time cover = s->best != NULL ? s->best->token.time : j->in->evaluated_at;
	if (ask_path(j, &s->chain, true, cover, &r) < 0)
		return -1;
	s->has_known_until = r.has_known_until;
	s->known_until = r.known_until;
	s->not_revoked = r.revoked == NULL && r.unknown == NULL;
	if (r.revoked != NULL)
		report_revoked(j, s, &r, proven, t);
	if (r.unknown != NULL) {
		(void)snprintf(
			s->revocation_unknown, sizeof(s->revocation_unknown), "%s: '%s'", r.why, custody_x509_subject(r.unknown, name, sizeof(name)));
		s->not_revoked = false;
	}
	return 0;
}

/* privateKeyUsagePeriod of a certificate against the time of the stamp. */
static void check_key_period(struct custody_judgement *j, const struct custody_signature *s, const struct custody_certificate *c)
{
	const struct custody_x509 *x = &c->facts;
	char name[CUSTODY_NAME_TEXT], when[CUSTODY_TIME_TEXT];
	struct custody_time t = s->best->token.time;
	if ((!x->has_use_from || custody_time_compare(t, x->use_from) >= 0) && (!x->has_use_until || custody_time_compare(t, x->use_until) <= 0))
		return;
	custody_time_format(t, when);
	custody_judgement_find(j, s, CUSTODY_FINDING_KEY_OUTSIDE_USAGE_PERIOD, "used %s: '%s'", when, custody_x509_subject(c, name, sizeof(name)));
}

/* What the stamp that counts is worth a word about. */
static void remark_on_time(struct custody_judgement *j, const struct custody_signature *s)
{
	char claimed[CUSTODY_TIME_TEXT], stamped[CUSTODY_TIME_TEXT];
	if (s->best == NULL)
		return;
	check_key_period(j, s, s->signer);
	check_key_period(j, s, s->best->certificate);
	if (custody_time_compare(s->cms.signing_time, custody_token_not_later_than(&s->best->token)) > 0) {
		custody_time_format(s->cms.signing_time, claimed);
		custody_time_format(s->best->token.time, stamped);
		custody_judgement_find(j, s, CUSTODY_FINDING_TIME_CLAIM_AFTER_STAMP, "claimed %s, stamped %s", claimed, stamped);
	}
	if (s->timed && !s->best->independent)
		custody_judgement_find(j, s, CUSTODY_FINDING_TIME_OWN_WORD, NULL);
}

static int judge_signer(struct custody_judgement *j, struct custody_signature *s)
{
	bool proven = s->timed && s->best->independent;
	struct custody_time t = proven ? custody_token_not_later_than(&s->best->token) : j->in->evaluated_at;
	if (s->chain.n > 0) {
		judge_validity(j, s, proven, t);
		if (judge_revocation(j, s, proven, t) < 0)
			return -1;
	}
	remark_on_time(j, s);
	return 0;
}

/* ---- */

static int judge_signature(struct custody_judgement *j, struct custody_signature *s)
{
	char why[256];
	/* A certificate that may not seal is a finding already; whose it is does not matter then. */
	if (s->fit) {
		if (build_chain(j, s->signer, s->embedded, s->n_embedded, false, &s->chain, why, sizeof(why)) < 0)
			return custody_judgement_note(j, s, CUSTODY_FINDING_SEAL_UNTRUSTED);
		if (s->chain.n == 0)
			custody_judgement_find(j, s, CUSTODY_FINDING_SEAL_UNTRUSTED, "%s", why);
	}
	if (judge_stamps(j, s) < 0)
		return -1;
	if (judge_signer(j, s) < 0)
		return custody_judgement_note(j, s, CUSTODY_FINDING_SEAL_UNTRUSTED);
	return 0;
}

int custody_judge_trust(struct custody_judgement *j)
{
	for (size_t i = 0; i < j->n; i++) {
		if (j->signature[i].sound && judge_signature(j, &j->signature[i]) < 0)
			return -1;
	}
	return 0;
}
