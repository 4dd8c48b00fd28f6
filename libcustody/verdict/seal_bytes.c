/* SPDX-License-Identifier: Apache-2.0 */
/* What the bytes of both signatures show by themselves, whoever judges them, and when (design/verdict.md rules 4, 12 and 13). */
#include <stdlib.h>
#include <string.h>

#include "libcustody/crypto/x509.h"
#include "libcustody/verdict/judgement.h"

bool custody_judgement_is_over(const struct custody_judgement *j)
{
	return j->findings->count[CUSTODY_FINDING_LIMIT_EXCEEDED] != j->limits_before;
}

int custody_judgement_note(struct custody_judgement *j, const struct custody_signature *s, enum custody_finding_id fallback)
{
	if (j->err.kind != CUSTODY_ERR_FORMAT)
		return -1;
	custody_findings_add_error(j->findings, fallback, s->item, strlen(s->item), &j->err);
	return 0;
}

/* Certificates of a CMS from the pool; a refusal is in j->err. */
static int pool_certificates(struct custody_judgement *j, const struct custody_cms *cms, const struct custody_certificate **list, size_t *n)
{
	for (size_t i = 0; i < cms->n_certificates; i++) {
		if (custody_pool_certificate(&j->pool, cms->certificates[i], &list[*n], &j->err) < 0)
			return -1;
		++*n;
	}
	return 0;
}

/* Revocation lists likewise; one that cannot be read is a finding, and the others are still taken. */
static int pool_crls(
	struct custody_judgement *j, struct custody_signature *s, const struct custody_cms *cms, const struct custody_crl **list, size_t *n)
{
	for (size_t i = 0; i < cms->n_crls; i++) {
		if (custody_pool_crl(&j->pool, cms->crls[i], &list[*n], &j->err) == 0) {
			++*n;
			continue;
		}
		s->list_refused = true;
		if (custody_judgement_note(j, s, CUSTODY_FINDING_REVOCATION_MALFORMED) < 0)
			return -1;
	}
	return 0;
}

static const struct custody_certificate *find_named(const struct custody_cms *cms, const struct custody_certificate *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (custody_cms_names(cms, &list[i]->facts))
			return list[i];
	}
	return NULL;
}

/* What is embedded above a certificate, and whether it is made for that. *why is NULL if it is. */
static int survey(struct custody_judgement *j, const struct custody_certificate *leaf, const struct custody_certificate *const *offered, size_t n,
	bool time_stamping, bool *reached, const char **why)
{
	const struct custody_certificate *unfit;
	const struct custody_chain_request request = {
		.leaf = leaf, .embedded = offered, .n_embedded = n, .time_stamping = time_stamping, .memo = &j->memo
	};
	return custody_chain_survey(&request, reached, &unfit, why, &j->err);
}

/* ---- one signature ---- */

/* The signer's certificate, and the arithmetic with it. */
static int verify_signature(struct custody_judgement *j, struct custody_signature *s, const struct custody_digest_values *manifest)
{
	bool legacy;
	const struct custody_certificate *signer = find_named(&s->cms, s->embedded, s->n_embedded);
	if (signer == NULL) {
		custody_judgement_find(j, s, CUSTODY_FINDING_SEAL_CERTIFICATE_MISMATCH,
			"found no certificate with the signer's issuer and serial number, want it embedded");
		return 0;
	}
	/* Nothing that it could have signed is there. That is a finding of the container; of the signature nothing can be said. */
	if (manifest->mask == 0)
		return 0;
	if ((manifest->mask & CUSTODY_DIGEST_BIT(s->cms.digest)) == 0)
		return custody_fail(
			&j->err, CUSTODY_ERR_INTERNAL, "the manifest's digest by %s was not computed", custody_digest_get(s->cms.digest)->name);
	if (custody_cms_verify(&s->cms, signer, manifest->value[s->cms.digest], &legacy, &j->err) < 0)
		return custody_judgement_note(j, s, CUSTODY_FINDING_SEAL_SIGNATURE_INVALID);
	s->signer = signer;
	s->sound = true;
	return 0;
}

static int check_signer_fits(struct custody_judgement *j, struct custody_signature *s)
{
	const char *unfit = custody_x509_unfit_for_sealing(&s->signer->facts);
	const char *above;
	if (survey(j, s->signer, s->embedded, s->n_embedded, false, s->reached, &above) < 0)
		return custody_judgement_note(j, s, CUSTODY_FINDING_SEAL_MALFORMED);
	if (unfit == NULL && above == NULL) {
		s->fit = true;
		return 0;
	}
	if (unfit != NULL)
		custody_judgement_find(j, s, CUSTODY_FINDING_SEAL_CERTIFICATE_UNSUITABLE, "%s", unfit);
	else
		custody_judgement_find(j, s, CUSTODY_FINDING_SEAL_CERTIFICATE_UNSUITABLE, "a certificate above the signer's %s", above);
	return 0;
}

static int open_signature(
	struct custody_judgement *j, struct custody_signature *s, struct custody_bytes der, const struct custody_digest_values *manifest)
{
	if (der.p == NULL) {
		custody_judgement_find(j, s, CUSTODY_FINDING_SEAL_MISSING, NULL);
		return 0;
	}
	if (custody_cms_parse(der, CUSTODY_CMS_SEAL, &s->cms, &j->err) < 0 || pool_certificates(j, &s->cms, s->embedded, &s->n_embedded) < 0)
		return custody_judgement_note(j, s, CUSTODY_FINDING_SEAL_MALFORMED);
	if (pool_crls(j, s, &s->cms, s->crls, &s->n_crls) < 0 || verify_signature(j, s, manifest) < 0)
		return -1;
	return s->sound ? check_signer_fits(j, s) : 0;
}

/* ---- its stamps ---- */

/* A token by its bytes. *refused is set, and the finding made, if it is not one of this signature. */
static int open_stamp(struct custody_judgement *j, struct custody_signature *s, struct custody_bytes der, struct custody_stamp *t)
{
	bool legacy;
	const char *above;
	if (custody_token_parse(der, &t->token, &j->err) < 0 || pool_certificates(j, &t->token.cms, t->offered, &t->n_own) < 0)
		return custody_judgement_note(j, s, CUSTODY_FINDING_TIME_MALFORMED);
	if (pool_crls(j, s, &t->token.cms, t->crls, &t->n_crls) < 0)
		return -1;
	memcpy(t->offered + t->n_own, s->embedded, s->n_embedded * sizeof(s->embedded[0]));
	t->n_offered = t->n_own + s->n_embedded;
	t->certificate = find_named(&t->token.cms, t->offered, t->n_offered);
	if (t->certificate == NULL) {
		custody_judgement_find(j, s, CUSTODY_FINDING_TIME_CERTIFICATE_MISMATCH,
			"found no certificate of the authority that the token names, want it embedded");
		return 0;
	}
	if (custody_token_verify(&t->token, s->cms.signature, t->certificate, &legacy, &j->err) < 0 ||
		survey(j, t->certificate, t->offered, t->n_offered, true, t->reached, &above) < 0)
		return custody_judgement_note(j, s, CUSTODY_FINDING_TIME_MALFORMED);
	if (above != NULL) {
		custody_judgement_find(j, s, CUSTODY_FINDING_TIME_CERTIFICATE_UNSUITABLE, "a certificate above the authority's %s", above);
		return 0;
	}
	t->sound = true;
	if (legacy)
		custody_judgement_find(j, s, CUSTODY_FINDING_TIME_LEGACY_REFERENCE, NULL);
	return 0;
}

/* The stamp that this authority's certificate made, among the first n. */
static const struct custody_stamp *find_stamp(const struct custody_signature *s, size_t n, const uint8_t sha256[32])
{
	for (size_t i = 0; i < n; i++) {
		if (s->stamps[i].sound && memcmp(s->stamps[i].certificate->sha256, sha256, 32) == 0)
			return &s->stamps[i];
	}
	return NULL;
}

static bool is_listed(const struct custody_seal_input *in, const uint8_t sha256[32])
{
	for (size_t i = 0; i < in->n_authorities; i++) {
		if (memcmp(in->authorities[i], sha256, 32) == 0)
			return true;
	}
	return !in->has_sealfile; /* nothing is known of the list: the verdict is never VALID then */
}

/* One token per authority, and only of those that seal.json lists. */
static void check_authority(struct custody_judgement *j, struct custody_signature *s, struct custody_stamp *t)
{
	char name[CUSTODY_NAME_TEXT];
	if (find_stamp(s, (size_t)(t - s->stamps), t->certificate->sha256) != NULL) {
		custody_judgement_find(j, s, CUSTODY_FINDING_SEAL_SURPLUS_DATA, "found a second time-stamp of '%s', want one",
			custody_x509_subject(t->certificate, name, sizeof(name)));
		t->sound = false;
	} else if (!is_listed(j->in, t->certificate->sha256)) {
		custody_judgement_find(
			j, s, CUSTODY_FINDING_TIME_AUTHORITY_NOT_LISTED, "'%s'", custody_x509_subject(t->certificate, name, sizeof(name)));
		t->sound = false;
	}
	s->stamp_refused = s->stamp_refused || !t->sound;
}

static int open_stamps(struct custody_judgement *j, struct custody_signature *s)
{
	if (s->cms.n_tokens == 0)
		return 0;
	s->stamps = calloc(s->cms.n_tokens, sizeof(*s->stamps));
	if (s->stamps == NULL)
		return custody_fail_nomem(&j->err);
	for (; s->n_stamps < s->cms.n_tokens; s->n_stamps++) {
		struct custody_stamp *t = &s->stamps[s->n_stamps];
		if (open_stamp(j, s, s->cms.tokens[s->n_stamps], t) < 0)
			return -1;
		if (t->sound)
			check_authority(j, s, t);
		else
			s->stamp_refused = true;
	}
	return 0;
}

/* A stamp of every authority that seal.json lists, and one at all. Where a token was a finding already, the one that is missing may be that. */
static void check_stamps_complete(struct custody_judgement *j, struct custody_signature *s)
{
	if (s->cms.n_tokens == 0) {
		custody_judgement_find(j, s, CUSTODY_FINDING_TIME_MISSING, "found no time-stamp, want at least one");
		s->stamp_refused = true;
		return;
	}
	bool unreadable = false;
	for (size_t i = 0; i < s->n_stamps; i++)
		unreadable = unreadable || (!s->stamps[i].sound && s->stamps[i].certificate == NULL);
	for (size_t i = 0; i < j->in->n_authorities && j->in->has_sealfile && !unreadable; i++) {
		bool there = false;
		for (size_t k = 0; k < s->n_stamps; k++)
			there = there || memcmp(s->stamps[k].certificate->sha256, j->in->authorities[i], 32) == 0;
		if (!there) {
			custody_judgement_find(
				j, s, CUSTODY_FINDING_TIME_MISSING, "found no time-stamp of authority %zu of those listed, want one", i + 1);
			s->stamp_refused = true;
		}
	}
}

int custody_judge_bytes(struct custody_judgement *j)
{
	for (size_t i = 0; i < j->n; i++) {
		if (open_signature(j, &j->signature[i], j->in->signature[i], &j->in->manifest[i]) < 0)
			return -1;
	}
	if (custody_judgement_is_over(j))
		return 0;
	struct custody_signature *first = &j->signature[0], *second = &j->signature[j->n - 1];
	if (first->sound && second->sound) {
		/* The pool gives equal certificates one address. */
		j->same_signer = first->signer == second->signer;
		if (!j->same_signer)
			custody_judgement_find(j, second, CUSTODY_FINDING_SEAL_CERTIFICATE_MISMATCH,
				"found another signer's certificate than in the first signature, want the same");
	}
	for (size_t i = 0; i < j->n; i++) {
		/* A stamp of a signature that does not hold says nothing. */
		if (!j->signature[i].sound)
			continue;
		if (open_stamps(j, &j->signature[i]) < 0)
			return -1;
		check_stamps_complete(j, &j->signature[i]);
	}
	return 0;
}
