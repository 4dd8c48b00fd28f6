/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/sealworld.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const manifests[2] = { "manifest one", "manifest two" };

void world_default(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Lab Root" });
	w->signer = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Analyst", .issuer = w->root });
	w->tsa_root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Stamp Root", .organisation = "Authority" });
	w->stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Stamp", .organisation = "Authority", .issuer = w->tsa_root });
	w->requires_lt = w->has_sealfile = true;
	w->at = w->now = "2026-12-01T00:00:00Z";
	w->signer_anchors[w->n_signer_anchors++] = w->root->certificate;
	w->tsa_anchors[w->n_tsa_anchors++] = w->tsa_root->certificate;
	struct custody_bytes list = pki_crl((struct pki_crl_spec){ .issuer = w->root }),
			     tsa_list = pki_crl((struct pki_crl_spec){ .issuer = w->tsa_root });
	for (size_t i = 0; i < 2; i++) {
		struct pki_cms *c = &w->cms[i];
		c->signer = w->signer;
		c->content = (struct custody_bytes){ (const uint8_t *)manifests[i], strlen(manifests[i]) };
		c->certificates[c->n_certificates++] = w->signer->certificate;
		c->crls[c->n_crls++] = list;
		c->crls[c->n_crls++] = tsa_list;
		w->stamp[i][w->n_stamps[i]++].stamper = w->stamper;
	}
}

void world_own_word(struct world *w)
{
	w->stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Lab Stamp", .issuer = w->root });
	w->tsa_anchors[0] = w->root->certificate;
	for (size_t i = 0; i < 2; i++) {
		w->stamp[i][0].stamper = w->stamper;
		w->cms[i].n_crls = 1;
	}
}

void world_set_signer(struct world *w, const struct pki_party *signer, const struct pki_party *sub)
{
	w->signer = signer;
	for (size_t i = 0; i < 2; i++) {
		struct pki_cms *c = &w->cms[i];
		c->signer = signer;
		c->n_certificates = 0;
		c->certificates[c->n_certificates++] = signer->certificate;
		if (sub != NULL) {
			c->certificates[c->n_certificates++] = sub->certificate;
			c->crls[c->n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = sub });
		}
	}
}

static void list_authority(struct world *w, struct custody_bytes certificate)
{
	uint8_t digest[32];
	SHA256(certificate.p, certificate.n, digest);
	for (size_t i = 0; i < w->n_authorities; i++) {
		if (memcmp(w->authorities[i], digest, 32) == 0)
			return;
	}
	memcpy(w->authorities[w->n_authorities++], digest, 32);
}

void world_sign(struct world *w)
{
	for (size_t i = 0; i < 2; i++) {
		struct pki_cms *c = &w->cms[i];
		pki_cms_sign(c);
		for (size_t k = 0; k < w->n_stamps[i]; k++) {
			c->tokens[c->n_tokens++] = pki_token(c->value, w->stamp[i][k]);
			if (!w->listed_by_hand)
				list_authority(w, w->stamp[i][k].stamper->certificate);
		}
		w->signature[i] = pki_cms_encode(c);
	}
	w->is_signed = true;
}

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "world: %s\n", what);
		abort();
	}
}

/* Anchors and lists as a verifier would hold them. */
static void make_trust(const struct world *w, struct custody_trust *t)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_trust_init(t);
	t->signers = calloc(w->n_signer_anchors + 1, sizeof(*t->signers));
	t->tsas = calloc(4, sizeof(*t->tsas));
	t->crls = calloc(8, sizeof(*t->crls));
	must(t->signers != NULL && t->tsas != NULL && t->crls != NULL, "memory");
	for (size_t i = 0; i < w->n_signer_anchors; i++)
		must(custody_certificate_parse(w->signer_anchors[i].p, w->signer_anchors[i].n, &t->signers[t->n_signers++], &err) == 0, err.text);
	for (size_t i = 0; i < w->n_tsa_anchors; i++)
		must(custody_certificate_parse(w->tsa_anchors[i].p, w->tsa_anchors[i].n, &t->tsas[t->n_tsas++], &err) == 0, err.text);
	for (size_t i = 0; i < w->n_lists; i++)
		must(custody_crl_parse(w->lists[i].p, w->lists[i].n, &t->crls[t->n_crls++], &err) == 0, err.text);
}

static void digest_manifest(const struct pki_cms *c, struct custody_digest_values *out)
{
	static const enum custody_digest_id ids[] = { CUSTODY_SHA256, CUSTODY_SHA384, CUSTODY_SHA512 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	for (size_t i = 0; i < 3; i++) {
		must(custody_digest_once(ids[i], c->content.p, c->content.n, out->value[ids[i]], &err) == 0, err.text);
		out->mask |= CUSTODY_DIGEST_BIT(ids[i]);
	}
}

void world_input(const struct world *w, struct custody_seal_input *in, struct custody_trust *trust)
{
	*in = (struct custody_seal_input){ .has_sealfile = w->has_sealfile,
		.requires_lt = w->requires_lt,
		.authorities = (const uint8_t(*)[32])w->authorities,
		.n_authorities = w->n_authorities,
		.trust = trust };
	make_trust(w, trust);
	for (size_t i = 0; i < 2; i++) {
		in->signature[i] = w->signature[i];
		digest_manifest(&w->cms[i], &in->manifest[i]);
	}
	must(custody_time_parse(w->at, strlen(w->at), false, &in->evaluated_at) && custody_time_parse(w->now, strlen(w->now), false, &in->now),
		"times");
}

void world_judge_again(struct world *w)
{
	struct custody_trust trust;
	struct custody_seal_input in;
	world_input(w, &in, &trust);
	custody_findings_release(&w->findings);
	w->returned = custody_seal_check(&in, &w->findings, &w->result, &w->err);
	custody_trust_release(&trust);
}

void world_judge(struct world *w)
{
	if (!w->is_signed)
		world_sign(w);
	world_judge_again(w);
}

void world_release(struct world *w)
{
	custody_findings_release(&w->findings);
	pki_reset();
}

const char *world_found(const struct world *w)
{
	static char text[1024];
	size_t n = 0;
	text[0] = '\0';
	for (unsigned id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		if (w->findings.count[id] != 0 && info->severity != CUSTODY_SEVERITY_NOTE)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n > 0 ? "," : "", info->id);
	}
	return text;
}
