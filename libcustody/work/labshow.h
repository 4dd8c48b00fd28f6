/* SPDX-License-Identifier: Apache-2.0 */
/* What a lab has, and until when: for `custody lab show`. Only looked at, nothing is locked or changed; the root may be away. */
#ifndef CUSTODY_WORK_LABSHOW_H
#define CUSTODY_WORK_LABSHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/work/lab.h"

enum custody_lab_key_state {
	CUSTODY_LAB_KEY_SERVES, /* seals or stamps now */
	CUSTODY_LAB_KEY_EARLIER, /* there is a newer one of the same holder: what it sealed stays, it seals no more */
	CUSTODY_LAB_KEY_REVOKED,
	CUSTODY_LAB_KEY_NOT_YET, /* before its usage period or its certificate */
	CUSTODY_LAB_KEY_ENDED, /* after it */
	CUSTODY_LAB_KEY_MISSING /* the certificate is there, its private key is not */
};
const char *custody_lab_key_state_name(enum custody_lab_key_state s); /* "serves", "earlier", ...: for programs, too */

struct custody_lab_shown_key {
	char stem[CUSTODY_LAB_STEM];
	char who[512]; /* commonName, display form */
	bool stamping; /* else sealing */
	bool by_default; /* the one that is taken without --as, or that stamps */
	bool encrypted; /* where there is a key */
	const char *type; /* "p256" ... as init has them; "other" */
	uint8_t sha256[32];
	enum custody_lab_key_state state;
	struct custody_time use_from, use_until, not_after;
	struct custody_time revoked_since; /* if it is */
};

struct custody_lab_shown_anchor {
	char who[512];
	uint8_t sha256[32];
	bool own, for_signers, for_tsas;
	struct custody_time not_after;
};

struct custody_lab_shown_list {
	char who[512]; /* issuer */
	bool own, has_number, has_next_update;
	uint64_t number;
	size_t n_revoked;
	struct custody_time this_update, next_update;
};

struct custody_lab_shown {
	struct custody_lab_shown_key *keys; /* owned, as are the others */
	struct custody_lab_shown_anchor *anchors;
	struct custody_lab_shown_list *lists; /* the lab's own first, the newest of it */
	size_t n_keys, n_anchors, n_lists;
	bool root_here; /* the root's folder is where it was looked for, and state.json could be read */
	char root_trouble[300]; /* it is there, but broken: why */
	size_t unpublished; /* revocations that state.json has and the lab's list has not: the next list has them */
	size_t unplaced; /* certificates that were issued and have no file: a run was interrupted */
};
void custody_lab_shown_release(struct custody_lab_shown *s);
/* root_dir: NULL for LAB/root. */
int custody_lab_show(const struct custody_lab *l, const char *root_dir, struct custody_time now, struct custody_lab_shown *out,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
