/* SPDX-License-Identifier: Apache-2.0 */
/* What a signature carries that nothing needs, and what it lacks of the level it must have (design/verdict.md rules 7 and 12). */
#include <string.h>

#include "libcustody/verdict/judgement.h"

static bool is_among(const struct custody_certificate *c, const struct custody_certificate *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] == c)
			return true;
	}
	return false;
}

static void surplus(struct custody_judgement *j, struct custody_signature *s, const char *what)
{
	custody_judgement_find(j, s, CUSTODY_FINDING_SEAL_SURPLUS_DATA, "%s", what);
	s->nothing_surplus = false;
}

/* Something in a token that is on no path. Where the token has an anchor it is surplus; where not, its issuer may be one that was not given, and nothing
 * can be said. */
static void surplus_in_token(struct custody_judgement *j, struct custody_signature *s, const struct custody_stamp *t, const char *what)
{
	bool known = t->chain.n > 0;
	custody_judgement_find(j, s, known ? CUSTODY_FINDING_SEAL_SURPLUS_DATA : CUSTODY_FINDING_TIME_UNTRUSTED, "%s", what);
	s->nothing_surplus = false;
}

/* ---- certificates ---- */

/* The i-th certificate of the signature continues the authority's path, and the token does not hold it itself. */
static bool stamp_needs(const struct custody_stamp *t, const struct custody_signature *s, size_t i)
{
	/* Those of the signature are offered to each token behind its own. */
	return (t->certificate == s->embedded[i] || t->reached[t->n_own + i]) && !is_among(s->embedded[i], t->offered, t->n_own);
}

static bool is_needed(const struct custody_signature *s, size_t i)
{
	if (s->embedded[i] == s->signer || s->reached[i])
		return true;
	for (size_t k = 0; k < s->n_stamps; k++) {
		if (stamp_needs(&s->stamps[k], s, i))
			return true;
	}
	return false;
}

static bool is_leaf(const struct custody_signature *s, const struct custody_certificate *c)
{
	for (size_t k = 0; k < s->n_stamps; k++) {
		if (s->stamps[k].certificate == c)
			return true;
	}
	return c == s->signer;
}

/* Of the signature itself: exactly those on the paths, without self-signed roots. */
static int check_certificates(struct custody_judgement *j, struct custody_signature *s)
{
	for (size_t i = 0; i < s->n_embedded; i++) {
		bool root;
		char name[CUSTODY_NAME_TEXT];
		if (custody_certificate_is_root(&j->memo, s->embedded[i], &root, &j->err) < 0)
			return -1;
		root = root && !is_leaf(s, s->embedded[i]);
		if (is_needed(s, i) && !root)
			continue;
		custody_judgement_find(j, s, CUSTODY_FINDING_SEAL_SURPLUS_DATA, "%s: '%s'",
			root ? "a self-signed root" : "a certificate that is on no path", custody_x509_subject(s->embedded[i], name, sizeof(name)));
		s->nothing_surplus = false;
	}
	return 0;
}

/* One of the certificates issued this one. */
static int is_issued_by_one(
	struct custody_judgement *j, const struct custody_certificate *c, const struct custody_certificate *const *list, size_t n, bool *good)
{
	*good = false;
	for (size_t i = 0; i < n && !*good; i++) {
		if (list[i] != c && custody_certificate_issued_by(&j->memo, c, list[i], good, &j->err) < 0)
			return -1;
	}
	return 0;
}

static int is_issued_by_anchor(struct custody_judgement *j, const struct custody_certificate *c, bool *good)
{
	const struct custody_trust *trust = j->in->trust;
	for (size_t i = 0; i < trust->n_tsas && !*good; i++) {
		if (custody_certificate_issued_by(&j->memo, c, &trust->tsas[i], good, &j->err) < 0)
			return -1;
	}
	return 0;
}

/* Of a token, whose maker may be a stranger to this format: on the path, or at least issued by something embedded or given. */
static int check_token_certificates(struct custody_judgement *j, struct custody_signature *s, const struct custody_stamp *t)
{
	for (size_t i = 0; i < t->n_own; i++) {
		const struct custody_certificate *c = t->offered[i];
		bool good = c == t->certificate || t->reached[i];
		if (!good && (is_issued_by_one(j, c, t->offered, t->n_offered, &good) < 0 || is_issued_by_anchor(j, c, &good) < 0))
			return -1;
		if (!good)
			surplus_in_token(j, s, t, "a certificate in a time-stamp that nothing embedded or given has issued");
	}
	return 0;
}

/* ---- revocation lists ---- */

/* Some certificate on a path of the signature or its stamps was issued under that name. */
static bool names_an_issuer(const struct custody_signature *s, const struct custody_crl *crl)
{
	for (size_t i = 0; i < s->n_embedded; i++) {
		if (is_needed(s, i) && custody_bytes_equal(s->embedded[i]->facts.issuer, crl->facts.issuer))
			return true;
	}
	for (size_t k = 0; k < s->n_stamps; k++) {
		const struct custody_stamp *t = &s->stamps[k];
		for (size_t i = 0; i < t->n_own; i++) {
			if ((t->offered[i] == t->certificate || t->reached[i]) && custody_bytes_equal(t->offered[i]->facts.issuer, crl->facts.issuer))
				return true;
		}
	}
	return false;
}

/* What is known of a list's issuer. */
struct issuer {
	bool known; /* a certificate of that name that may sign lists */
	const struct custody_certificate *signed_it;
};

static int ask_issuer(struct custody_judgement *j, const struct custody_crl *crl, const struct custody_certificate *c, struct issuer *issuer)
{
	bool good;
	if (issuer->signed_it != NULL || !custody_bytes_equal(crl->facts.issuer, c->facts.subject) ||
		(c->facts.key_usage & CUSTODY_USAGE_CRL_SIGN) == 0)
		return 0;
	issuer->known = true;
	if (custody_crl_issued_by(&j->memo, crl, c, &good, &j->err) < 0)
		return -1;
	if (good)
		issuer->signed_it = c;
	return 0;
}

static int ask_issuers(
	struct custody_judgement *j, const struct custody_crl *crl, const struct custody_certificate *const *list, size_t n, struct issuer *issuer)
{
	for (size_t i = 0; i < n; i++) {
		if (ask_issuer(j, crl, list[i], issuer) < 0)
			return -1;
	}
	return 0;
}

/* The issuer among the certificates embedded and on the paths that were built. */
static int find_issuer(struct custody_judgement *j, const struct custody_signature *s, const struct custody_crl *crl, struct issuer *issuer)
{
	*issuer = (struct issuer){ .known = false };
	if (ask_issuers(j, crl, s->chain.certificate, s->chain.n, issuer) < 0 || ask_issuers(j, crl, s->embedded, s->n_embedded, issuer) < 0)
		return -1;
	for (size_t k = 0; k < s->n_stamps; k++) {
		const struct custody_stamp *t = &s->stamps[k];
		if (ask_issuers(j, crl, t->chain.certificate, t->chain.n, issuer) < 0 || ask_issuers(j, crl, t->offered, t->n_own, issuer) < 0)
			return -1;
	}
	return 0;
}

/* The i-th list is of the same issuer as one before it: the same name, and the same key where both are known. */
static int is_second(struct custody_judgement *j, const struct custody_signature *s, size_t i, const struct issuer *this, bool *second)
{
	struct issuer other;
	*second = false;
	for (size_t k = 0; k < i && !*second; k++) {
		if (!custody_bytes_equal(s->crls[i]->facts.issuer, s->crls[k]->facts.issuer))
			continue;
		if (find_issuer(j, s, s->crls[k], &other) < 0)
			return -1;
		*second = this->signed_it == NULL || other.signed_it == NULL ||
			  custody_bytes_equal(this->signed_it->facts.public_key, other.signed_it->facts.public_key);
	}
	return 0;
}

static void refuse_list(struct custody_judgement *j, struct custody_signature *s, const char *why)
{
	custody_judgement_find(j, s, CUSTODY_FINDING_REVOCATION_MALFORMED, "%s", why);
	s->list_refused = true;
}

/* Of the signature itself: one an issuer on the paths, each signed by it. Above the verifier's anchor the issuer may be unknown; that is no matter. */
static int check_lists(struct custody_judgement *j, struct custody_signature *s)
{
	for (size_t i = 0; i < s->n_crls; i++) {
		struct issuer issuer;
		bool second;
		if (find_issuer(j, s, s->crls[i], &issuer) < 0 || is_second(j, s, i, &issuer, &second) < 0)
			return -1;
		if (!names_an_issuer(s, s->crls[i]))
			surplus(j, s, "a revocation list of somebody who is on no path");
		else if (issuer.known && issuer.signed_it == NULL)
			refuse_list(j, s, "found a list that its issuer's key did not sign, want one that it did");
		else if (s->crls[i]->facts.unusable != NULL)
			custody_judgement_find(j, s, CUSTODY_FINDING_REVOCATION_MALFORMED, "found %s, want a whole one", s->crls[i]->facts.unusable);
		else if (second)
			surplus(j, s, "a second revocation list of one issuer");
		s->list_refused = s->list_refused || s->crls[i]->facts.unusable != NULL;
	}
	return 0;
}

/* Of a token: signed by something embedded or given. */
static int check_token_lists(struct custody_judgement *j, struct custody_signature *s, const struct custody_stamp *t)
{
	const struct custody_trust *trust = j->in->trust;
	for (size_t i = 0; i < t->n_crls; i++) {
		struct issuer issuer;
		if (find_issuer(j, s, t->crls[i], &issuer) < 0)
			return -1;
		for (size_t k = 0; k < trust->n_tsas; k++) {
			if (ask_issuer(j, t->crls[i], &trust->tsas[k], &issuer) < 0)
				return -1;
		}
		/* Of what issued something on the path the key may be unknown: above the verifier's anchor, or where there is none. */
		bool above = names_an_issuer(s, t->crls[i]) && (!issuer.known || t->chain.n == 0);
		if (issuer.signed_it == NULL && !above)
			surplus_in_token(j, s, t, "a revocation list in a time-stamp that nothing embedded or given has signed");
	}
	return 0;
}

/* ---- the level ---- */

static bool has_list_of(const struct custody_signature *s, struct custody_bytes issuer)
{
	for (size_t i = 0; i < s->n_crls; i++) {
		if (custody_bytes_equal(s->crls[i]->facts.issuer, issuer))
			return true;
	}
	for (size_t k = 0; k < s->n_stamps; k++) {
		for (size_t i = 0; i < s->stamps[k].n_crls; i++) {
			if (custody_bytes_equal(s->stamps[k].crls[i]->facts.issuer, issuer))
				return true;
		}
	}
	return false;
}

/* A list for the issuer of every certificate that is not self-signed. A signer's that nobody will revoke needs none (RFC 9608). *all only ever falls. */
static int need_lists_for(
	struct custody_judgement *j, const struct custody_signature *s, const struct custody_certificate *const *list, size_t n, bool *all)
{
	for (size_t i = 0; i < n && *all; i++) {
		bool exempt = list[i] == s->signer && list[i]->facts.no_rev_avail;
		if (!exempt && custody_certificate_is_root(&j->memo, list[i], &exempt, &j->err) < 0)
			return -1;
		*all = exempt || has_list_of(s, list[i]->facts.issuer);
	}
	return 0;
}

/* Rule 12: a property of the bytes. Where something surplus was found already, what lacks a list is that. */
static int judge_level(struct custody_judgement *j, struct custody_signature *s, bool surplus_found)
{
	bool stamped = s->cms.n_tokens > 0, lists = true;
	if (need_lists_for(j, s, s->embedded, s->n_embedded, &lists) < 0)
		return -1;
	for (size_t k = 0; k < s->n_stamps; k++) {
		if (need_lists_for(j, s, s->stamps[k].offered, s->stamps[k].n_own, &lists) < 0)
			return -1;
	}
	s->level_lt = stamped && lists;
	s->level = stamped && (lists || !j->in->requires_lt);
	if (j->in->has_sealfile && !s->level && !surplus_found)
		custody_judgement_find(j, s, CUSTODY_FINDING_LEVEL_BELOW_REQUIRED, "found %s, want %s",
			stamped ? "a certificate without its issuer's revocation list" : "no time-stamp", j->in->requires_lt ? "B-LT" : "B-T");
	return 0;
}

static int judge_tokens(struct custody_judgement *j, struct custody_signature *s)
{
	for (size_t k = 0; k < s->n_stamps; k++) {
		if (check_token_certificates(j, s, &s->stamps[k]) < 0 || check_token_lists(j, s, &s->stamps[k]) < 0)
			return -1;
	}
	return 0;
}

static void note_stale(
	struct custody_judgement *j, const struct custody_signature *s, const struct custody_crl *const *lists, size_t n, struct custody_time stamped)
{
	char until[CUSTODY_TIME_TEXT];
	for (size_t i = 0; i < n; i++) {
		const struct custody_crl_facts *list = &lists[i]->facts;
		if (!list->has_next_update || custody_time_compare(list->next_update, stamped) >= 0)
			continue;
		custody_time_format(list->next_update, until);
		custody_judgement_find(j, s, CUSTODY_FINDING_REVOCATION_STALE, "it had ended %s", until);
	}
}

/* Lists that were stale when they were put in. Where newer ones are given they do no harm; whoever has only the package is left without. */
static void note_stale_lists(struct custody_judgement *j, const struct custody_signature *s)
{
	if (s->best == NULL || s->revocation_unknown[0] != '\0' || (!s->best->good && s->best->problem == CUSTODY_FINDING_REVOCATION_UNKNOWN))
		return; /* an error says it already */
	note_stale(j, s, s->crls, s->n_crls, s->best->token.time);
	for (size_t k = 0; k < s->n_stamps; k++) {
		if (s->stamps[k].sound)
			note_stale(j, s, s->stamps[k].crls, s->stamps[k].n_crls, s->stamps[k].token.time);
	}
}

/* What trust could not say. A list that was refused is why, and a finding already. */
static void report_unknown(struct custody_judgement *j, const struct custody_signature *s)
{
	if (s->list_refused)
		return;
	if (s->revocation_unknown[0] != '\0')
		custody_judgement_find(j, s, CUSTODY_FINDING_REVOCATION_UNKNOWN, "%s", s->revocation_unknown);
	for (size_t k = 0; k < s->n_stamps && !(s->best != NULL && s->best->good); k++) {
		if (s->stamps[k].sound && s->stamps[k].problem == CUSTODY_FINDING_REVOCATION_UNKNOWN)
			custody_judgement_find(j, s, CUSTODY_FINDING_REVOCATION_UNKNOWN, "%s", s->stamps[k].detail);
	}
}

static int judge_signature(struct custody_judgement *j, struct custody_signature *s)
{
	uint64_t before = j->findings->count[CUSTODY_FINDING_SEAL_SURPLUS_DATA];
	/* Surplus is what no path needs, so the signer's must be known. A token that was a finding has no path. */
	if (s->chain.n > 0 && !s->stamp_refused) {
		s->nothing_surplus = true;
		if (check_certificates(j, s) < 0 || check_lists(j, s) < 0 || judge_tokens(j, s) < 0)
			return -1;
	}
	if (judge_level(j, s, j->findings->count[CUSTODY_FINDING_SEAL_SURPLUS_DATA] != before) < 0)
		return -1;
	report_unknown(j, s);
	note_stale_lists(j, s);
	return 0;
}

int custody_judge_surplus(struct custody_judgement *j)
{
	for (size_t i = 0; i < j->n; i++) {
		if (!j->signature[i].sound || judge_signature(j, &j->signature[i]) == 0)
			continue;
		j->signature[i].nothing_surplus = false;
		if (custody_judgement_note(j, &j->signature[i], CUSTODY_FINDING_SEAL_SURPLUS_DATA) < 0)
			return -1;
	}
	return 0;
}
