/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/verdict/seal.h"

#include <stdlib.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/watch.h"
#include "libcustody/crypto/openssl.h"
#include "libcustody/crypto/x509.h"
#include "libcustody/verdict/judgement.h"

static void free_judgement(struct custody_judgement **j)
{
	if (*j == NULL)
		return;
	for (size_t i = 0; i < 2; i++)
		free((*j)->signature[i].stamps);
	custody_pool_release(&(*j)->pool);
	free(*j);
}

/* ---- the result: only what was shown ---- */

/* The group passed: every point of the checklist, for both signatures; and no finding says otherwise. That both are sound follows from the same
 * signer already (so one branch is never taken); it is asked again because nothing here relies on what follows. */
static bool seal_passed(const struct custody_judgement *j)
{
	bool passed = j->same_signer && j->in->has_sealfile && !j->findings->out_of_memory;
	for (size_t i = 0; i < j->n; i++) {
		const struct custody_signature *s = &j->signature[i];
		passed = passed && s->sound && s->fit && s->chain.n > 0 && s->valid && s->not_revoked && s->nothing_surplus && s->level &&
			 !s->list_refused;
	}
	return passed && !custody_findings_have(j->findings, CUSTODY_GROUP_SEAL, CUSTODY_EFFECT_FAILS) &&
	       !custody_findings_have(j->findings, CUSTODY_GROUP_SEAL, CUSTODY_EFFECT_OPENS);
}

static bool time_passed(const struct custody_judgement *j)
{
	return j->in->has_sealfile && !j->findings->out_of_memory && j->signature[0].timed && j->signature[j->n - 1].timed &&
	       !custody_findings_have(j->findings, CUSTODY_GROUP_TIME, CUSTODY_EFFECT_FAILS) &&
	       !custody_findings_have(j->findings, CUSTODY_GROUP_TIME, CUSTODY_EFFECT_OPENS);
}

static void report_signer(const struct custody_signature *s, struct custody_seal_result *out)
{
	out->has_signer = true;
	(void)custody_x509_subject(s->signer, out->signer, sizeof(out->signer));
	(void)custody_x509_common_name(s->signer, out->signer_name, sizeof(out->signer_name));
	(void)custody_x509_common_name_exact(s->signer, out->signer_exact, sizeof(out->signer_exact));
	(void)custody_x509_organisation_exact(s->signer, out->signer_organisation, sizeof(out->signer_organisation));
	(void)custody_x509_issuer(s->signer, out->issuer, sizeof(out->issuer));
	out->valid_from = s->signer->facts.not_before;
	out->valid_until = s->signer->facts.not_after;
	memcpy(out->certificate_sha256, s->signer->sha256, sizeof(out->certificate_sha256));
	if (s->chain.n > 0) {
		out->has_anchor = true;
		memcpy(out->anchor_sha256, s->chain.certificate[s->chain.n - 1]->sha256, sizeof(out->anchor_sha256));
	}
}

static void report_stamp(const struct custody_stamp *t, struct custody_seal_result *out)
{
	out->has_time = true;
	out->stated = t->token.time;
	out->has_accuracy = t->token.has_accuracy;
	out->accuracy_ms = (t->token.accuracy_us + 999) / 1000;
	(void)custody_x509_subject(t->certificate, out->authority, sizeof(out->authority));
	memcpy(out->authority_sha256, t->certificate->sha256, sizeof(out->authority_sha256));
	out->has_authority_anchor = t->chain.n > 0;
	if (t->chain.n > 0)
		memcpy(out->authority_anchor_sha256, t->chain.certificate[t->chain.n - 1]->sha256, sizeof(out->authority_anchor_sha256));
}

static void report_known_until(bool has, struct custody_time t, struct custody_seal_result *out)
{
	if (!has)
		return;
	if (!out->has_revocation_until || custody_time_compare(t, out->revocation_known_until) < 0)
		out->revocation_known_until = t;
	out->has_revocation_until = true;
}

/* The stamp that is reported: the later of the two signatures', where both have one. */
static const struct custody_stamp *later_stamp(const struct custody_judgement *j)
{
	const struct custody_stamp *a = j->signature[0].best, *b = j->signature[1].best;
	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	return custody_time_compare(custody_token_not_later_than(&a->token), custody_token_not_later_than(&b->token)) >= 0 ? a : b;
}

/* Its entry, made if there is none; NULL: no room. */
static struct custody_seal_stamp *other_of(const struct custody_certificate *c, struct custody_seal_result *out)
{
	for (size_t i = 0; i < out->n_others; i++)
		if (memcmp(out->others[i].authority_sha256, c->sha256, sizeof(c->sha256)) == 0)
			return &out->others[i];
	if (out->n_others == sizeof(out->others) / sizeof(*out->others))
		return NULL;
	struct custody_seal_stamp *o = &out->others[out->n_others++];
	(void)custody_x509_subject(c, o->authority, sizeof(o->authority));
	memcpy(o->authority_sha256, c->sha256, sizeof(o->authority_sha256));
	return o;
}

/* The best that the signature has of an authority; NULL: none that is one by its bytes. */
static const struct custody_stamp *stamp_by(const struct custody_signature *s, const uint8_t authority_sha256[32])
{
	const struct custody_stamp *best = NULL;
	for (size_t i = 0; i < s->n_stamps; i++) {
		const struct custody_stamp *t = &s->stamps[i];
		bool by = t->sound && memcmp(t->certificate->sha256, authority_sha256, 32) == 0;
		if (by && (best == NULL || (t->good && !best->good)))
			best = t;
	}
	return best;
}

/* A stamp that only one signature has says nothing of the whole seal. */
static void report_others(const struct custody_judgement *j, struct custody_seal_result *out)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct custody_signature *s = &j->signature[i];
		for (size_t k = 0; k < s->n_stamps; k++) {
			const struct custody_stamp *t = &s->stamps[k];
			struct custody_seal_stamp *o = NULL;
			if (t->sound && memcmp(t->certificate->sha256, out->authority_sha256, sizeof(out->authority_sha256)) != 0)
				o = other_of(t->certificate, out);
			if (o != NULL && custody_time_compare(t->token.time, o->stated) > 0)
				o->stated = t->token.time;
		}
	}
	for (size_t i = 0; i < out->n_others; i++) {
		const struct custody_stamp *a = stamp_by(&j->signature[0], out->others[i].authority_sha256),
					   *b = stamp_by(&j->signature[j->n - 1], out->others[i].authority_sha256);
		out->others[i].good = a != NULL && b != NULL && a->good && b->good;
		out->others[i].independent = out->others[i].good && a->independent && b->independent;
	}
}

static void report(const struct custody_judgement *j, struct custody_seal_result *out)
{
	const struct custody_signature *first = &j->signature[0], *second = &j->signature[j->n - 1];
	const struct custody_stamp *stamp = later_stamp(j);
	out->arithmetic = first->sound && second->sound;
	out->seal_pass = seal_passed(j);
	out->time_pass = time_passed(j);
	out->independent = out->time_pass && first->best->independent && second->best->independent;
	out->level_lt = first->level_lt && second->level_lt;
	if (first->sound)
		report_signer(first, out);
	else if (second->sound)
		report_signer(second, out);
	if (first->sound) {
		out->has_claimed = true;
		out->claimed = first->cms.signing_time;
	}
	if (second != first && second->sound) {
		out->has_claimed_second = true;
		out->claimed_second = second->cms.signing_time;
	}
	if (stamp != NULL) {
		report_stamp(stamp, out);
		report_others(j, out);
	}
	for (size_t i = 0; i < j->n; i++) {
		const struct custody_signature *s = &j->signature[i];
		report_known_until(s->has_known_until, s->known_until, out);
		if (s->best != NULL)
			report_known_until(s->best->has_known_until, s->best->known_until, out);
	}
}

static int judge(struct custody_judgement *j)
{
	int result = custody_judge_bytes(j);
	if (result == 0 && !custody_judgement_is_over(j))
		result = custody_judge_trust(j);
	if (result == 0 && !custody_judgement_is_over(j))
		result = custody_judge_surplus(j);
	return result;
}

int custody_seal_check(
	const struct custody_seal_input *in, struct custody_findings *findings, struct custody_seal_result *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(free_judgement) struct custody_judgement *j = calloc(1, sizeof(*j));
	*out = (struct custody_seal_result){ .arithmetic = false };
	if (j == NULL)
		return custody_fail_nomem(err);
	j->in = in;
	j->findings = findings;
	j->limits_before = findings->count[CUSTODY_FINDING_LIMIT_EXCEEDED];
	j->n = in->only != NULL ? 1 : 2;
	j->signature[0].item = in->only != NULL ? in->only : "META-INF/signature001.p7s";
	j->signature[1].item = "META-INF/signature002.p7s";
	custody_watch_begin();
	int result = judge(j);
	if (custody_watch_end())
		result = custody_fail_nomem(&j->err); /* whatever else was found: it may have been found for want of memory */
	custody_openssl_forget();
	if (result < 0) {
		*err = j->err;
		return -1;
	}
	report(j, out);
	for (size_t i = j->n; i-- > 0;)
		if (j->signature[i].sound && custody_certificate_identity(j->signature[i].signer, out->identity_sha256, err))
			return -1;
	return 0;
}
