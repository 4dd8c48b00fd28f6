/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/revocation.h"

/* The list says something about the certificate: whether it is revoked, and whether it speaks of the time asked for. */
static void take(
	struct custody_revocation *r, const struct custody_crl_facts *crl, bool revoked, struct custody_time since, struct custody_time cover)
{
	if (revoked && (!r->revoked || custody_time_compare(since, r->since) < 0))
		r->since = since;
	r->revoked = r->revoked || revoked;
	if (!crl->has_next_update || custody_time_compare(crl->next_update, cover) < 0) {
		r->why = "its issuer's list had ended by then";
		return;
	}
	if (!r->covered || custody_time_compare(crl->this_update, r->known_until) > 0)
		r->known_until = crl->this_update;
	r->covered = true;
}

/* Whatever it speaks of, it may name the certificate: a serial number is one of its issuer's, and no other list takes back what its key has signed. */
static bool may_name(const struct custody_crl *crl, const struct custody_certificate *c)
{
	bool revoked;
	struct custody_time since;
	return !custody_crl_find(&crl->facts, c->facts.serial, &revoked, &since) || revoked;
}

int custody_revocation_add(struct custody_revocation *r, const struct custody_crl *crl, const struct custody_certificate *c,
	const struct custody_certificate *issuer, struct custody_time cover, struct custody_memo *memo, struct custody_error *err)
{
	bool good, revoked, speaks = custody_crl_speaks_of(&crl->facts, &c->facts);
	struct custody_time since = { 0, 0 };
	/* One of other certificates is not asked about this one, so that what is wrong with it is no matter; what it names is. */
	if (!custody_bytes_equal(crl->facts.issuer, c->facts.issuer) || (!speaks && !may_name(crl, c)))
		return 0;
	if (custody_crl_issued_by(memo, crl, issuer, &good, err) < 0)
		return -1;
	if (!speaks) {
		r->doubtful = r->doubtful || good;
	} else if (!good) {
		r->why = "a list of that name is not signed by its issuer's key";
	} else if (crl->facts.unusable != NULL) {
		/* What such a list leaves out says nothing. What it names is named. */
		r->why = crl->facts.unusable;
		r->doubtful = r->doubtful || may_name(crl, c);
	} else if (custody_time_compare(crl->facts.this_update, c->facts.not_before) < 0) {
		r->why = "its issuer's list is older than the certificate";
	} else if (!custody_crl_find(&crl->facts, c->facts.serial, &revoked, &since)) {
		r->why = "its issuer's list has an entry that cannot be read";
		r->doubtful = true;
	} else {
		take(r, &crl->facts, revoked, since, cover);
	}
	return 0;
}
