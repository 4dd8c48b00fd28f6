/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One event of a custody record: META-INF/custody/NNNN.json (decisions/0016). One compact line and LF, keys in the order given here, the same strict JSON as
 * seal.json. What may happen to evidence after sealing is a closed list of types, each with its own fields; `other:name` is the way out for what is not on it.
 *
 * Refusals: rule "record-malformed"; another format version, a name in `critical` and unknown keys: rule "record-newer-format". A type that is not on the
 * list is taken, without its fields.
 */
#ifndef CUSTODY_RECORD_EVENT_H
#define CUSTODY_RECORD_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/time.h"

/* In the order of design/admissibility.md section 4; WITHDRAWN (a release taken back before anybody answered) is ours. */
enum custody_event_type {
	CUSTODY_EVENT_COLLECTED,
	CUSTODY_EVENT_RECEIVED,
	CUSTODY_EVENT_SEALED, /* the first event of every record, and only that */
	CUSTODY_EVENT_RELEASED,
	CUSTODY_EVENT_WITHDRAWN,
	CUSTODY_EVENT_ACCEPTED,
	CUSTODY_EVENT_REFUSED,
	CUSTODY_EVENT_ACCESSED,
	CUSTODY_EVENT_CHECKED_OUT,
	CUSTODY_EVENT_CHECKED_IN,
	CUSTODY_EVENT_VERIFIED,
	CUSTODY_EVENT_COPIED,
	CUSTODY_EVENT_TRANSFORMED,
	CUSTODY_EVENT_ANALYSED,
	CUSTODY_EVENT_REDACTED,
	CUSTODY_EVENT_DISCLOSED,
	CUSTODY_EVENT_PRESENTED,
	CUSTODY_EVENT_RETURNED,
	CUSTODY_EVENT_HELD,
	CUSTODY_EVENT_HOLD_LIFTED,
	CUSTODY_EVENT_DESTROYED,
	CUSTODY_EVENT_RENEWED,
	CUSTODY_EVENT_KEY,
	CUSTODY_EVENT_CORRECTED,
	CUSTODY_EVENT_INCIDENT,
	CUSTODY_EVENT_GAP,
	CUSTODY_EVENT_OTHER, /* "other:" and a name of a-z, 0-9 and '-' */
	CUSTODY_EVENT_TYPES, /* one that this program does not know: it can be read and shown, and the record is INDETERMINATE */
};

/* What a field of a type holds. */
enum custody_event_kind {
	CUSTODY_EVENT_TEXT, /* 1 to CUSTODY_LIMIT_TEXT_FIELD bytes */
	CUSTODY_EVENT_WORD, /* one of the words listed */
	CUSTODY_EVENT_DIGEST, /* 32 bytes, lower-case hex */
	CUSTODY_EVENT_NONCE, /* 16 bytes, lower-case hex */
	CUSTODY_EVENT_COUNT,
	CUSTODY_EVENT_YES_NO,
	CUSTODY_EVENT_TIME /* whole seconds, UTC */
};

/* One row of a type's table; static. */
struct custody_event_field {
	const char *key;
	enum custody_event_kind kind;
	bool required; /* else the key may be absent; it is never null */
	const char *words; /* of a WORD: separated by spaces */
};
#define CUSTODY_EVENT_FIELDS 8 /* the most that a type has */

struct custody_event_info {
	const char *name; /* in the file; of OTHER the prefix "other:" */
	const char *past; /* for a reader: "released", "was opened" ... */
	bool needs_purpose; /* ADM-59: purpose and authority are required */
	bool needs_measure; /* the package's digest was computed for this event, by the one who signs it */
	size_t n;
	struct custody_event_field fields[CUSTODY_EVENT_FIELDS];
};
const struct custody_event_info *custody_event_get(enum custody_event_type type);
/* By its name, also "other:..."; CUSTODY_EVENT_TYPES if there is none. */
enum custody_event_type custody_event_find(const char *name);

/* A value by its kind; text is borrowed from the arena when parsed. */
struct custody_event_value {
	bool present;
	const char *text; /* TEXT, WORD */
	uint8_t bytes[32]; /* DIGEST, NONCE (16) */
	uint64_t count; /* COUNT; YES_NO: 0 or 1 */
	struct custody_time time;
};

/* Somebody, as the one who signs says; every text may be NULL but the name. */
struct custody_event_party {
	const char *name, *organisation, *role, *id;
};

struct custody_event_attachment {
	const char *name;
	uint8_t sha256[32];
	uint64_t size;
};

struct custody_event {
	struct custody_buf arena; /* owns the texts when parsed */
	uint64_t seq; /* from 1 */
	char id[37]; /* UUID */
	enum custody_event_type type;
	const char *type_name; /* as in the file */
	bool has_prev; /* not of the first */
	uint8_t prev[32]; /* head of the event before: SHA-256 of its signature file */
	char package[37]; /* UUID of the package */
	uint8_t package_sha256[32];
	uint64_t package_size;
	bool measured; /* digest and size were computed anew for this event; else repeated from the one before */
	struct custody_event_party actor;
	bool has_to; /* of RELEASED, DISCLOSED, RETURNED: to whom; null in all others */
	struct custody_event_party to;
	bool has_to_certificate;
	uint8_t to_certificate[32]; /* SHA-256 of the certificate with which the receiver will sign, where it is known */
	const char *authority, *purpose, *place; /* NULL: null */
	bool has_occurred;
	struct custody_time occurred; /* claimed: when it happened, if not when it was recorded */
	int offset; /* of the zone in which that was said, minutes east of UTC */
	struct custody_time recorded; /* whole seconds; the clock of whoever recorded it */
	int synchronised; /* that clock: 1 yes, 0 no, -1 unknown */
	const char *declared_later; /* basis of paper history that is told afterwards (ADM-56); NULL: recorded when it happened */
	bool requires_lt;
	uint8_t authorities[CUSTODY_LIMIT_TOKENS][32];
	size_t n_authorities; /* >= 1 */
	const char *tool_name, *tool_version;
	struct custody_event_value values[CUSTODY_EVENT_FIELDS]; /* in the order of the type's table */
	struct custody_event_attachment attachments[CUSTODY_LIMIT_ATTACHMENTS];
	size_t n_attachments;
	bool has_private; /* parsed: there are x- keys */
};

void custody_event_init(struct custody_event *e);
void custody_event_release(struct custody_event *e);
/* The value of a field by its key; NULL if the type has no such field or it is absent. */
const struct custody_event_value *custody_event_value(const struct custody_event *e, const char *key);
/* Of a refusal, the digest of what was found, if that is another file than the package that the event is about; NULL: it is not, or nobody says so. */
const struct custody_event_value *custody_event_found(const struct custody_event *e);
/* For a sentence, of the first event where it was written later than the package was sealed (history.h). */
extern const char custody_event_begun[];
/* What happened, for a sentence: that of its type, but of a copy that was destroyed, while the package is where it was. */
const char *custody_event_past(const struct custody_event *e);

/* Reads exactly n bytes. e must be initialised. */
int custody_event_parse(const uint8_t *p, size_t n, struct custody_event *e, struct custody_error *err) CUSTODY_MUST_USE;
/* Appends the line with LF. USAGE for what a person left out or put in wrong ("'reason' is missing"); INTERNAL for what the program did. What was written
 * can be read. */
int custody_event_format(struct custody_buf *b, const struct custody_event *e, struct custody_error *err) CUSTODY_MUST_USE;

#endif
