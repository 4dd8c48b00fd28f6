/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the events of a record tell together (design/admissibility.md, ADM-50 to 56): who held the package from when to when, and where the account
 * contradicts itself. Pure: what signatures and stamps show is given, and findings are told through a callback, by their ids as text:
 *   record-wrong-party     an event that somebody else signed than the one who could
 *   record-double-release  released again while a release was open
 *   record-replayed        an answer to a release that was answered already; a nonce used twice
 *   record-out-of-order    an event that cannot follow those before it
 *   record-back-dated      an event that states, or is stamped with, a time before an event that it covers
 *   record-times-disagree  times of one event that differ by more than clocks do
 *   record-gap             time without a recorded holder, a release not answered, or an act of somebody who did not hold the package
 *   record-after-destruction  an act on the package after an event says that it was destroyed
 *   record-discrepancy     something that does not fit, as an event itself says; or two signers of one name
 *   record-declared-later  told afterwards, from paper
 *   record-time-own-word   the time of an event is the signer's own word
 */
#ifndef CUSTODY_RECORD_HISTORY_H
#define CUSTODY_RECORD_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/record/record.h"

/* What was shown of one signature by its bytes alone, whoever's anchors: so that what follows is a property of the bytes. Borrowed. */
struct custody_history_proof {
	bool sound; /* the signature holds; without it nothing is said about who signed */
	uint8_t certificate[32]; /* SHA-256 of the signer's */
	uint8_t identity[32]; /* SHA-256 of issuer and subject in it: the same with the next key */
	const char *organisation; /* organizationName, likewise; NULL or "": none */
	const char *name; /* commonName, or the whole subject; as its characters are, not escaped */
	bool has_time;
	struct custody_time stamped; /* genTime of the stamp that counts */
	uint64_t accuracy_ms;
	/* under the verifier's anchors: for what is shown, never for what is found wrong */
	bool trusted; /* the signature, its path and its revocation hold */
	bool time_trusted; /* the stamp's do: at least the signer's own word */
	bool independent; /* and it is somebody else's */
};

/* The package, for a while. Names are borrowed from record and proofs. */
enum custody_history_state {
	CUSTODY_HISTORY_HELD, /* by `who` */
	CUSTODY_HISTORY_HANDED_OVER, /* released by `who` to `to`, and not answered yet */
	CUSTODY_HISTORY_DESTROYED /* by `who`, as they say: nobody holds it */
};
struct custody_history_span {
	enum custody_history_state state;
	const char *who, *to;
	size_t first, last; /* events that begin and end it; last 0: it lasts */
	size_t uncertain; /* the event, from 1, on whose signature it rests that `who` is who it was, and whose signer is not known for certain; 0: none */
	struct custody_time from, until;
};

struct custody_history {
	struct custody_history_span *spans; /* owned */
	size_t n, cap;
	size_t destroyed; /* the last event, from 1, that says that the package was destroyed; 0: none */
};
/* The last word on the package is that it was destroyed: what is left is the record (ADM-61). */
bool custody_history_is_destroyed(const struct custody_history *h);
void custody_history_release(struct custody_history *h);

/* seq: the event, 0 for the whole record. */
typedef void custody_history_find(void *ctx, const char *id, size_t seq, const char *detail);

struct custody_history_input {
	const struct custody_record *record;
	const struct custody_history_proof *seal; /* of the copied disclosable seal */
	const struct custody_history_proof *events; /* record->n of them */
	bool whole; /* these are all its events: what has no answer here has none */
	struct custody_time now; /* until when an open span lasts */
	custody_history_find *find;
	void *ctx;
};
/* Tells. h must be zeroed. Fails only with NOMEM. */
int custody_history_tell(const struct custody_history_input *in, struct custody_history *h, struct custody_error *err) CUSTODY_MUST_USE;

/* What happened, for a sentence: as custody_event_past() has it, but the first event of a record that was begun later than the package was sealed tells that
 * the record was begun; *begun_later says whether it is that. Static. */
const char *custody_history_past(
	const struct custody_event *e, const struct custody_history_proof *proof, const struct custody_history_proof *seal, bool *begun_later);

/* The time that counts for an event: of its stamp, otherwise as recorded. */
struct custody_time custody_history_time(const struct custody_event *e, const struct custody_history_proof *proof);

/* How long it was, in whole units: the smaller ones beyond the larger. Times that run backwards are no time at all. */
struct custody_history_length {
	int64_t days, hours, minutes;
};
struct custody_history_length custody_history_length(struct custody_time from, struct custody_time until);
/* "2 d 4 h", "4 h 10 min", "less than a minute". out holds 48 bytes. */
void custody_history_duration(struct custody_time from, struct custody_time until, char *out);

/* How two copies of one record stand to each other. */
enum custody_record_relation {
	CUSTODY_RECORDS_SAME,
	CUSTODY_RECORDS_FIRST_LONGER, /* the second is a beginning of the first */
	CUSTODY_RECORDS_SECOND_LONGER,
	CUSTODY_RECORDS_FORKED, /* a common beginning, then two histories */
	CUSTODY_RECORDS_UNRELATED /* not even the first event */
};
/* *common: how many events both have. */
enum custody_record_relation custody_record_compare(const struct custody_record *a, const struct custody_record *b, size_t *common);

#endif
