/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request records: who asked whom for what, on which basis, under which references, and what was answered (custody-request(5)). One document holds one or more:
 *
 *	{"format":"custody-request/1","requests":[{"id":TEXT,"kind":KIND,...},...]}
 *
 * Every field is in one of three states: given; not given (absent, or null in what a person wrote); withheld ({"withheld":REASON}). An empty list is given: there
 * is none. What a record says was stated by a person; nothing here judges it.
 *
 * The table of fields (request_fields.c) is data: reader, writer, templates and checks all walk it. No function here recurses.
 */
#ifndef CUSTODY_RECORD_REQUEST_H
#define CUSTODY_RECORD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/time.h"

struct json_t; /* jansson's */

/* The kinds of ADM-02, and one for what national law has beside them. */
enum custody_request_kind {
	CUSTODY_REQUEST_PRESERVATION,
	CUSTODY_REQUEST_EXTENSION,
	CUSTODY_REQUEST_VOLUNTARY,
	CUSTODY_REQUEST_EMERGENCY,
	CUSTODY_REQUEST_PRODUCTION,
	CUSTODY_REQUEST_MLA,
	CUSTODY_REQUEST_EPOC,
	CUSTODY_REQUEST_EPOC_PR,
	CUSTODY_REQUEST_CONSENT,
	CUSTODY_REQUEST_SPONTANEOUS,
	CUSTODY_REQUEST_OTHER,
	CUSTODY_REQUEST_KINDS
};
/* "preservation" ...: as in the record. Static. */
const char *custody_request_kind_name(enum custody_request_kind kind);
/* What it is, in a few words. Static. */
const char *custody_request_kind_summary(enum custody_request_kind kind);
/* false: there is no such kind. */
bool custody_request_kind_find(const char *name, enum custody_request_kind *kind);

/* ---- the table of fields ---- */

enum custody_request_type {
	CUSTODY_REQUEST_TEXT, /* one line */
	CUSTODY_REQUEST_NAME, /* likewise: a name, in the form of custody_display() where it is no plain text */
	CUSTODY_REQUEST_LONG, /* text that may have line breaks */
	CUSTODY_REQUEST_WHEN, /* a date, or RFC 3339 with Z or an offset; kept as it was written */
	CUSTODY_REQUEST_YES, /* true or false */
	CUSTODY_REQUEST_COUNT,
	CUSTODY_REQUEST_CHOICE, /* one of `words` */
	CUSTODY_REQUEST_DIGEST, /* SHA-256, 64 lower-case hex digits */
	CUSTODY_REQUEST_OBJECT, /* fields of `of` */
	CUSTODY_REQUEST_TEXTS, /* a list of TEXT */
	CUSTODY_REQUEST_CHOICES, /* a list of CHOICE, each once */
	CUSTODY_REQUEST_OBJECTS /* a list of OBJECT */
};

struct custody_request_shape;
struct custody_request_field {
	const char *key, *label; /* of the JSON; for people, lower case */
	enum custody_request_type type;
	const struct custody_request_shape *of;
	const char *const *words; /* NULL at the end */
	uint32_t shown, must, advised; /* bits of kinds: in the template; has to be answered; ought to be */
	const char *why; /* what to put there, or what for */
};
struct custody_request_shape {
	const struct custody_request_field *fields;
	size_t n;
};
/* Of one record. */
extern const struct custody_request_shape custody_request_record;
#define CUSTODY_REQUEST_BIT(kind) (UINT32_C(1) << (kind))
#define CUSTODY_REQUEST_FORM_MAX (8 * CUSTODY_LIMIT_REQUEST * CUSTODY_LIMIT_REQUESTS) /* bytes of the records joined, each character escaped */
#define CUSTODY_REQUEST_DEPTH 8 /* objects and lists within each other, the record included: the table needs 6 */

/* ---- the document ---- */

enum custody_request_reading {
	CUSTODY_REQUEST_WRITTEN, /* by a person: white space and any order of keys; unknown fields and words are refused */
	CUSTODY_REQUEST_SEALED /* in a package: one line as custody_requests_format() writes it; unknown fields and words are counted, fields dropped, words kept */
};

struct custody_requests {
	struct json_t *records; /* owned: an array; null fields and what was left empty are gone */
	size_t n;
	size_t unknown, private_fields; /* unknown fields and words; "x-" fields */
	bool other_form; /* what was read from a package is not what custody_requests_format() makes of it, so its digest is another */
};
void custody_requests_release(struct custody_requests *r); /* safe on a zeroed struct */
#define CUSTODY_REQUESTS_CLEAN CUSTODY_CLEANUP(custody_requests_release)

/*
 * Reads exactly n bytes into a zeroed *out. FORMAT with the place ("request 1: data: targets 2: from: found ..., want ..."), LIMIT or NOMEM. A document of a
 * later format is FORMAT with rule "newer-format".
 */
int custody_requests_parse(
	const uint8_t *p, size_t n, enum custody_request_reading reading, struct custody_requests *out, struct custody_error *err) CUSTODY_MUST_USE;
/* The records of *from behind those of *to (which may be zeroed); *from is empty then. INPUT if an id is there twice, LIMIT if there are too many. */
int custody_requests_join(struct custody_requests *to, struct custody_requests *from, struct custody_error *err) CUSTODY_MUST_USE;
/* Appends the one form that a package holds: fields in the order of the table, no white space, LF at the end. The same facts give the same bytes. */
int custody_requests_format(const struct custody_requests *r, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;
/* The records alone, as a JSON array of which a terminal shows nothing unescaped. */
int custody_requests_append_safe(const struct custody_requests *r, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * The documents of the request are sealed in a package of their own, of this number, with so many items (ADM-11): names it in document_packages of the only record. Nothing is
 * done where a record names it. INPUT: no record names it and there are several, or it withholds them; NOMEM.
 */
int custody_requests_add_documents(struct custody_requests *r, const uint8_t sha256[32], uint64_t items, struct custody_error *err) CUSTODY_MUST_USE;

/* Appends a form to be filled in: a document with one record of this kind, every field of its template null, groups explained in "x-about" (which reading drops). */
int custody_request_template(
	enum custody_request_kind kind, const char *id, const char *date, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

/* ---- first touch (ADM-12) ---- */

/* What was noted when something was received, before it was opened. Texts are UTF-8 without control characters; NULL: not given. */
struct custody_request_receipt {
	const char *path; /* as it is to be sealed */
	const char *channel, *source, *tls_name, *operator_name;
	const char *started, *ended; /* as fields of type WHEN */
	const uint8_t *tls_sha256; /* 32 bytes, or NULL */
	uint64_t size;
	uint8_t sha256[32];
};
/*
 * Adds receipts to the record with this id (NULL: the only one) of a document that a person wrote, and replaces its text; every other field, those not given too, stays as it
 * is. INPUT if there is no such record, or it withholds its receipts; FORMAT or LIMIT as custody_requests_parse(), before and after.
 */
int custody_request_receive(struct custody_buf *document, const char *id, const struct custody_request_receipt *receipts, size_t n,
	struct custody_error *err) CUSTODY_MUST_USE;
/*
 * A source without what may be secret: what stands before '@' of a URL's authority, its path parameters, its query and its fragment. Appends it; *cut says whether
 * anything was left out. A URL is what begins with a scheme and "://", or "//", and without spaces what has a '/', or an '@' behind a colon; any other text is kept. Where
 * a password could have a '/', '?' or '#' in it, all up to the last '@' goes: rather too much than a part of it.
 */
int custody_request_source(const char *source, struct custody_buf *out, bool *cut, struct custody_error *err) CUSTODY_MUST_USE;

/* ---- looking ---- */

/* Record i (< n). Borrowed. */
struct json_t *custody_requests_get(const struct custody_requests *r, size_t i);
enum custody_request_kind custody_requests_kind(const struct custody_requests *r, size_t i); /* KINDS: one that this program does not know */
const char *custody_requests_id(const struct custody_requests *r, size_t i);
/* The record has a line of this number in data: targets: as written there, or its place from 1. Where lines or their numbers are withheld, it may have: true. */
bool custody_request_has_line(struct json_t *record, uint64_t line);
/* The reason, if v is a withheld field; else NULL. Safe on NULL. */
const char *custody_request_withheld(struct json_t *v);
/* A time as fields of type WHEN have it. date_only: without time of day, the first second of the day in UTC. */
bool custody_request_time(struct json_t *v, struct custody_time *out, bool *date_only);

enum custody_request_event {
	CUSTODY_REQUEST_VALUE, /* a text, word, number or truth */
	CUSTODY_REQUEST_WITHHELD,
	CUSTODY_REQUEST_PRIVATE, /* an "x-" field, always text */
	CUSTODY_REQUEST_BEGIN_OBJECT,
	CUSTODY_REQUEST_END_OBJECT,
	CUSTODY_REQUEST_BEGIN_LIST,
	CUSTODY_REQUEST_END_LIST,
	CUSTODY_REQUEST_DONE
};
struct custody_request_frame {
	const struct custody_request_field *field; /* that holds it; NULL: the record */
	const struct custody_request_shape *shape; /* of an object */
	struct json_t *value;
	void *private_at; /* iterator, behind the fields of the table */
	size_t next; /* field or element */
	size_t told;
	bool is_list;
};
/* One record in the order of the table. */
struct custody_request_cursor {
	struct custody_request_frame frames[CUSTODY_REQUEST_DEPTH];
	size_t depth;
	struct json_t *record; /* not yet begun */
	/* of the last event */
	const struct custody_request_field *field; /* NULL: the record itself, or private */
	const char *key; /* NULL within a list, and for the record */
	struct json_t *value;
	const char *reason; /* of WITHHELD */
	bool first; /* nothing was told of its container before */
};
void custody_request_cursor_init(struct custody_request_cursor *c, struct json_t *record);
enum custody_request_event custody_request_next(struct custody_request_cursor *c);

/* ---- checking ---- */

enum custody_request_level {
	CUSTODY_REQUEST_MUST, /* missing, or contradicts itself */
	CUSTODY_REQUEST_ADVICE, /* ought to be there */
	CUSTODY_REQUEST_NOTICE /* request and answer differ in this */
};
/* What a notice is about. */
enum custody_request_matter {
	CUSTODY_REQUEST_NO_MATTER, /* nothing of these */
	CUSTODY_REQUEST_LAPSED, /* preservation ended before the answer came */
	CUSTODY_REQUEST_REFERENCE, /* the return names another reference */
	CUSTODY_REQUEST_OUTSIDE, /* the return says that it goes beyond what was asked */
	CUSTODY_REQUEST_UNTOLD, /* whether it does cannot be said */
	CUSTODY_REQUEST_UNANSWERED, /* the return does not name everything that was asked for */
	CUSTODY_REQUEST_UNLINKED, /* items that the record names answer no line of it */
	CUSTODY_REQUEST_REMINDER /* an emergency was answered, and no regular order has followed; advice, and no notice */
};
struct custody_request_remark {
	enum custody_request_level level;
	enum custody_request_matter matter;
	size_t request; /* index of the record */
	const char *where; /* "data: targets 2: from"; keys, elements counted from 1 */
	const char *text; /* UTF-8, printable */
};
typedef int custody_request_tell(void *ctx, const struct custody_request_remark *remark, struct custody_error *err);
/* Tells each remark in the order of records and fields; -1 from tell ends it. */
int custody_requests_check(const struct custody_requests *r, custody_request_tell *tell, void *ctx, struct custody_error *err) CUSTODY_MUST_USE;

#endif
