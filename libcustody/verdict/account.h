/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a custody record tells, for whoever reads a report: who held the package from when to when, and each event. A copy without signatures, of what was read;
 * whether it may be believed is said by the group "custody" and the findings.
 */
#ifndef CUSTODY_VERDICT_ACCOUNT_H
#define CUSTODY_VERDICT_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/time.h"

/* A field of an event's type that a reader must not miss. */
struct custody_account_detail {
	const char *key; /* as in the record; static */
	char *text; /* owned */
};
#define CUSTODY_ACCOUNT_DETAILS 4 /* the most that an event has */

/* Texts are owned; NULL: not said. */
struct custody_account_event {
	char *type, *past; /* as in the record; and for a sentence: "was released" */
	char *signer; /* name in the certificate; NULL: the signature does not hold */
	char *to, *purpose, *authority, *declared_later, *note; /* note: what its type's most telling field says */
	char *attached; /* name of the first file that is attached */
	uint8_t attached_sha256[32]; /* its SHA-256 */
	size_t n_attached;
	struct custody_account_detail details[CUSTODY_ACCOUNT_DETAILS];
	size_t n_details;
	bool has_gap;
	struct custody_time gap_from, gap_until; /* of a gap that was declared */
	size_t target; /* of a correction: the event that it corrects, from 1; 0: none before it */
	size_t corrected_by, corrections; /* the last event that corrects this one, and how many do; 0: none */
	char *corrector; /* who signed that; NULL: its signature does not hold */
	bool corrector_trusted;
	struct custody_time time; /* of its stamp, else as recorded */
	uint64_t accuracy_ms; /* which that stamp states for itself; 0: none, or there is no stamp */
	bool begun_later; /* the first event of a record that was begun later than the package was sealed, */
	struct custody_time sealed; /* which was then, by the seal's own stamp */
	bool has_occurred;
	struct custody_time occurred; /* when it happened, as whoever signed says */
	bool stamped, independent, own_word; /* whose word that time is, under the anchors given */
	bool trusted; /* signature and path hold under the anchors given */
	bool measured; /* the package's digest was computed for it, as whoever signed says */
	uint8_t head[32]; /* of the record as of this event */
	uint8_t certificate[32]; /* SHA-256 of the signer's, where there is a signer */
};
struct custody_account_span {
	bool handed_over; /* released by `who` to `to`, not answered yet; else held by `who`, */
	bool destroyed; /* or destroyed by them, as they say */
	char *who, *to; /* owned */
	struct custody_time from, until;
	size_t first, last; /* events that begin and end it; last 0: it lasts */
	size_t uncertain; /* event whose signer is not known for certain, so that `who` is not either; 0: none */
};
struct custody_account {
	struct custody_account_event *events; /* owned */
	struct custody_account_span *spans; /* owned */
	size_t n_events, n_spans;
	size_t anchored; /* events up to the last one that is known elsewhere */
	bool whole; /* the record was read to its end */
};
void custody_account_release(struct custody_account *a); /* safe on a zeroed struct */
/* Makes room for so many, zeroed. */
int custody_account_reserve(struct custody_account *a, size_t events, size_t spans, struct custody_error *err) CUSTODY_MUST_USE;

#endif
