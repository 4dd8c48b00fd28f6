/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict DER (X.690, clauses 8, 10 and 11), in two parts: a scanner that looks at every byte of a structure before anything else does, and a cursor
 * that takes an already scanned structure apart. Both know of no higher standard, and neither allocates. The scanner is what makes OpenSSL's lenient
 * decoder safe to use afterwards: there is one way to write what it lets pass.
 *
 * What lies inside a primitive element (an extension's value, a key in a BIT STRING, the eContent) is scanned by whoever opens it.
 */
#ifndef CUSTODY_CRYPTO_DER_H
#define CUSTODY_CRYPTO_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"

/* Identifier octets. Context-specific ones: CUSTODY_DER_CONTEXT | number, with CUSTODY_DER_CONSTRUCTED where explicit or structured. */
enum custody_der_tag {
	CUSTODY_DER_BOOLEAN = 0x01,
	CUSTODY_DER_INTEGER = 0x02,
	CUSTODY_DER_BIT_STRING = 0x03,
	CUSTODY_DER_OCTET_STRING = 0x04,
	CUSTODY_DER_NULL = 0x05,
	CUSTODY_DER_OID = 0x06,
	CUSTODY_DER_ENUMERATED = 0x0a,
	CUSTODY_DER_UTC_TIME = 0x17,
	CUSTODY_DER_GENERALIZED_TIME = 0x18,
	CUSTODY_DER_SEQUENCE = 0x30,
	CUSTODY_DER_SET = 0x31,
	CUSTODY_DER_CONTEXT = 0x80,
	CUSTODY_DER_CONSTRUCTED = 0x20
};
#define CUSTODY_DER_EXPLICIT(number) (CUSTODY_DER_CONTEXT | CUSTODY_DER_CONSTRUCTED | (number))
#define CUSTODY_DER_IMPLICIT(number) (CUSTODY_DER_CONTEXT | (number))

/* One element. Both runs borrow from the input. */
struct custody_der {
	uint8_t tag;
	struct custody_bytes content;
	struct custody_bytes whole; /* identifier, length and content */
};

/*
 * p is exactly one element and everything in it is DER: definite minimal lengths, tag numbers below 31, no end-of-contents; BOOLEAN 00 or FF;
 * INTEGER and ENUMERATED minimal; BIT STRING with at most 7 unused bits, all zero; NULL empty; OBJECT IDENTIFIER well-formed and at most
 * CUSTODY_LIMIT_OID bytes; times in the one DER form and existing; strings primitive; SET (tag 0x31) sorted, each element once at most. Refused by
 * `rule` (a FORMAT error without a rule if NULL); more than CUSTODY_LIMIT_DER_DEPTH levels and longer identifiers by "limit-exceeded".
 */
int custody_der_check(const uint8_t *p, size_t n, const char *rule, struct custody_error *err) CUSTODY_MUST_USE;
/* Likewise; after a refusal *at is the offset of the element that was refused. */
int custody_der_check_at(const uint8_t *p, size_t n, const char *rule, size_t *at, struct custody_error *err) CUSTODY_MUST_USE;

/* The elements in content (of a SET OF under an implicit tag) are sorted by their encodings, none twice. */
bool custody_der_is_sorted(struct custody_bytes content);

/* Takes the next element off *rest. false: nothing is left, or (never after a scan) it is not an element; *rest is then unchanged. */
bool custody_der_next(struct custody_bytes *rest, struct custody_der *out);
/* Likewise, but only an element with that tag. */
bool custody_der_take(struct custody_bytes *rest, uint8_t tag, struct custody_der *out);
/* p is one element with that tag and nothing after it; *content is what is inside. */
bool custody_der_only(struct custody_bytes p, uint8_t tag, struct custody_bytes *content);
/* The content of a minimal, non-negative INTEGER that fits. */
bool custody_der_unsigned(struct custody_bytes content, uint64_t *out);
/* UTCTime (19xx from 50 on, else 20xx: RFC 5280 4.1.2.5.1) or GeneralizedTime in DER form. A fraction of a second is cut after nanoseconds. */
bool custody_der_time(uint8_t tag, struct custody_bytes content, struct custody_time *out);

/* b is exactly the bytes of a string literal (an object identifier of crypto/oid.h). */
#define custody_bytes_are(b, literal) ((b).n == sizeof(literal) - 1 && memcmp((b).p, literal, sizeof(literal) - 1) == 0)

#endif
