/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ASiCManifest (ETSI EN 319 162-1): written in one exact form, read as a stream with expat in any prefix and white space, but nothing else:
 * design/sealed-package.md "Exact bytes". Refusals: rule "asic-manifest-malformed".
 */
#ifndef CUSTODY_PACKAGE_ASIC_H
#define CUSTODY_PACKAGE_ASIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/source.h"

/* ---- writer: text pieces, so that they can be spooled ---- */
int custody_asic_append_head(struct custody_buf *b, const char *signature_member, struct custody_error *err) CUSTODY_MUST_USE;
/* One DataObjectReference line; the media type follows from the member name; custody/seal.json is the Rootfile. */
int custody_asic_append_reference(struct custody_buf *b, const char *member, const uint8_t sha256[32], struct custody_error *err) CUSTODY_MUST_USE;
int custody_asic_append_tail(struct custody_buf *b, struct custody_error *err) CUSTODY_MUST_USE;

/* ---- reader: pulls references one by one from [off, off + size) of a source, feeding digests of all bytes on the way ---- */
struct custody_asic_reader;
struct custody_asic_reference {
	const char *member; /* percent-decoded once, NUL-terminated; borrowed until the next call */
	size_t member_len;
	uint8_t sha256[32];
	const char *media_type; /* "" if absent */
	bool rootfile;
};
struct custody_digest_values;
/* key: 16 random bytes for the set that finds a URI twice. signature_member: what SigReference must name. digests: a mask of those wanted. */
int custody_asic_reader_new(struct custody_asic_reader **out, const struct custody_source *source, uint64_t off, uint64_t size,
	const char *signature_member, const uint8_t key[16], uint32_t digests, struct custody_error *err) CUSTODY_MUST_USE;
void custody_asic_reader_free(struct custody_asic_reader **r);
/* 1: *ref; 0: the document ended well; -1: error. */
int custody_asic_reader_next(struct custody_asic_reader *r, struct custody_asic_reference *ref, struct custody_error *err) CUSTODY_MUST_USE;
/* After the last reference: those digests of exactly the bytes that were parsed. */
void custody_asic_reader_digests(const struct custody_asic_reader *r, struct custody_digest_values *out);

#endif
