/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while a seal is judged, at every allocation of ours and of OpenSSL's: never a crash, never a pass where a finding was lost, and
 * never a finding against the package. OpenSSL does not always say that memory was what it lacked, so this is where such places show.
 *
 *   prop_seal_nomem [EVERY]     every allocation, or each EVERY-th
 *
 * Exit 1 if something was decided. Not under sanitizers, which bring their own malloc.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/crypto/openssl.h"
#include "tests/support/nomem.h"
#include "tests/support/sealworld.h"

/* A world with every kind of thing that is looked at: sub-CAs, two authorities of which one has no anchor, lists in a token and given. */
static void make(struct world *w)
{
	world_default(w);
	const struct pki_party *sub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Lab Sub", .issuer = w->root });
	world_set_signer(w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Below", .issuer = sub }), sub);
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Second Root", .organisation = "Second" });
	const struct pki_party *second =
		pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Second Stamp", .organisation = "Second", .issuer = root });
	for (size_t i = 0; i < 2; i++) {
		struct pki_token_spec *own = &w->stamp[i][0];
		own->cms.certificates[own->cms.n_certificates++] = w->stamper->certificate;
		own->cms.certificates[own->cms.n_certificates++] = w->tsa_root->certificate;
		own->cms.crls[own->cms.n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = w->tsa_root, .from = "2026-10-02T00:00:00Z" });
		w->stamp[i][w->n_stamps[i]++].stamper = second;
		w->cms[i].crls[w->cms[i].n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = root });
	}
	w->lists[w->n_lists++] = pki_crl((struct pki_crl_spec){ .issuer = w->root, .from = "2026-11-20T00:00:00Z" });
}

static bool complain(size_t n, const char *what)
{
	fprintf(stderr, "allocation %zu: %s\n", n, what);
	return false;
}

/* Judges while the n-th allocation fails. *failed: there was one. */
static bool judge(const struct custody_seal_input *in, size_t n, bool *failed)
{
	struct custody_findings findings;
	struct custody_seal_result result;
	struct custody_error err = CUSTODY_ERROR_INIT;
	bool sound = true;
	custody_findings_init(&findings);
	nomem_arm(n);
	int returned = custody_seal_check(in, &findings, &result, &err);
	*failed = nomem_disarm();
	if (returned < 0 && (!*failed || (err.kind != CUSTODY_ERR_NOMEM && err.kind != CUSTODY_ERR_CRYPTO)))
		sound = complain(n, err.text);
	if (custody_findings_have(&findings, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_FAILS))
		sound = complain(n, "INVALID");
	/* Where OpenSSL's memory is watched, nothing is doubted for want of it either. */
	if (returned == 0 && *failed && custody_findings_have(&findings, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_OPENS))
		sound = complain(n, "INDETERMINATE");
	if (findings.out_of_memory && (result.seal_pass || result.time_pass))
		sound = complain(n, "passes though a finding was lost");
	if (ERR_peek_error() != 0)
		sound = complain(n, "OpenSSL's error queue is not empty");
	custody_findings_release(&findings);
	return sound;
}

int main(int argc, char **argv)
{
	struct world w;
	struct custody_seal_input in;
	struct custody_trust trust;
	size_t every = argc > 1 ? strtoul(argv[1], NULL, 10) : 1, n = 1, tried = 0;
	bool failed = true, sound = true;
	struct custody_error err = CUSTODY_ERROR_INIT;
	if (custody_openssl_watch(&err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (!nomem_available()) {
		puts("skipped: sanitizers bring their own malloc");
		return 0;
	}
	make(&w);
	world_judge(&w);
	if (!w.result.seal_pass || !w.result.time_pass) {
		fprintf(stderr, "does not pass with all memory: %s\n", world_found(&w));
		return 1;
	}
	for (; failed && every > 0; n += every, tried++) {
		/* Anew: OpenSSL keeps with an anchor that it could not look at it. */
		world_input(&w, &in, &trust);
		sound = judge(&in, n, &failed) && sound;
		custody_trust_release(&trust);
	}
	printf("%zu allocations, %zu of them failed one by one\n", n, tried);
	world_release(&w);
	return sound ? 0 : 1;
}
