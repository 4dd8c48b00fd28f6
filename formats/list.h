/* SPDX-License-Identifier: Apache-2.0 */
/* What several list formats share: digits, GNU's escaping, records with one digest. For formats/ only. */
#ifndef CUSTODY_FORMATS_LIST_H
#define CUSTODY_FORMATS_LIST_H

#include "formats/format.h"

/* Number of hexadecimal digits that p begins with. */
size_t custody_list_hex_run(const uint8_t *p, size_t n);
/* Puts the digest that these digits (any case) are into record; FORMAT error unless their number is right for id. */
int custody_list_digest(
	enum custody_digest_id id, const uint8_t *hex, size_t n, struct custody_hash_record *record, struct custody_error *err) CUSTODY_MUST_USE;
/* The same for digits without an algorithm: the reader's, else by their number. */
int custody_list_bare_digest(
	struct custody_hash_reader *r, const uint8_t *hex, size_t n, struct custody_hash_record *record, struct custody_error *err) CUSTODY_MUST_USE;

/* GNU: a name with a backslash, LF or CR is written with \\, \n and \r, and its line begins with a backslash. */
bool custody_list_needs_escape(struct custody_bytes name);
int custody_list_escape(struct custody_buf *out, struct custody_bytes name, struct custody_error *err) CUSTODY_MUST_USE;
/* The name of a record, unescaped into the reader if asked. FORMAT error if it is empty or has another escape. */
int custody_list_name(struct custody_hash_reader *r, bool escaped, const uint8_t *p, size_t n, struct custody_hash_record *record,
	struct custody_error *err) CUSTODY_MUST_USE;

/* Appends the digits of one digest of the record. */
int custody_list_append_hex(
	struct custody_buf *out, enum custody_digest_id id, const struct custody_hash_record *record, struct custody_error *err) CUSTODY_MUST_USE;
/* Exactly one digest is asked for; *id is it. USAGE error otherwise. */
int custody_list_only_digest(const char *format, uint32_t digests, enum custody_digest_id *id, struct custody_error *err) CUSTODY_MUST_USE;
/* The first line that is neither empty nor begins with '#'; empty if there is none in p. */
struct custody_bytes custody_list_first_line(const uint8_t *p, size_t n);

#endif
