/* SPDX-License-Identifier: Apache-2.0 */
/* A whole seal made by the forge: who signs, who stamps, whose lists, which anchors; then signed and judged. Start from world_default(), change what the
 * test is about, world_judge(). Memory of the parts is the forge's (pki_reset()). */
#ifndef CUSTODY_TESTS_SEALWORLD_H
#define CUSTODY_TESTS_SEALWORLD_H

#include "libcustody/verdict/seal.h"
#include "tests/support/pki.h"

struct world {
	/* the cast */
	const struct pki_party *root, *signer, *tsa_root, *stamper;
	/* the signatures: filled by world_default(), signed by world_sign() */
	struct pki_cms cms[2];
	struct pki_token_spec stamp[2][3];
	size_t n_stamps[2];
	bool listed_by_hand; /* authorities are set already */
	uint8_t authorities[4][32];
	size_t n_authorities;
	/* what is trusted */
	struct custody_bytes signer_anchors[128], tsa_anchors[4], lists[8];
	size_t n_signer_anchors, n_tsa_anchors, n_lists;
	bool requires_lt, has_sealfile;
	const char *at, *now;
	/* after world_sign(): may be changed before world_judge() */
	struct custody_bytes signature[2];
	bool is_signed;
	/* after world_judge() */
	struct custody_findings findings;
	struct custody_seal_result result;
	struct custody_error err;
	int returned;
};

/* An independent authority, lists of both roots in both signatures, judged 2026-12-01. */
void world_default(struct world *w);
/* The lab stamps itself: the stamper is under the signer's root. */
void world_own_word(struct world *w);
/* Another signer, and its path, in both signatures. */
void world_set_signer(struct world *w, const struct pki_party *signer, const struct pki_party *sub);
void world_sign(struct world *w);
void world_judge(struct world *w); /* signs first if that was not done */
/* Judges again what was signed, with what was changed since. */
void world_judge_again(struct world *w);
void world_release(struct world *w);
/* What world_judge() gives to custody_seal_check(). The trust is the caller's to release; everything else is the world's. */
void world_input(const struct world *w, struct custody_seal_input *in, struct custody_trust *trust);

/* The ids of all findings but notes, in order, each once, joined by ','. Borrowed until the next call. */
const char *world_found(const struct world *w);

#endif
