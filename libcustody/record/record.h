/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NAME.custody.asice: custody of one package after it was sealed (decisions/0016). A container by the rules of package/zip.h with these members, in this order:
 *
 *     mimetype
 *     sealed/seal.json  sealed/ASiCManifest002.xml  sealed/signature002.p7s     copies from the package: its disclosable seal
 *     META-INF/custody/0001.json  META-INF/ASiCManifest001.xml  META-INF/signature001.p7s     the first event, and so on, without a gap
 *
 * ASiCManifestNNN lists every member before it but mimetype, in order, with its SHA-256; signatureNNN.p7s signs it as a package's seals are signed. So each
 * event covers all before it. The head of a record is the SHA-256 of its last signature file: `unzip -p RECORD META-INF/signatureNNN.p7s | sha256sum`.
 *
 * Here: bytes to model and back, and what the bytes must be to each other. Whether signatures and stamps hold is verdict/seal.h's question, and what the events
 * tell is history.h's.
 */
#ifndef CUSTODY_RECORD_RECORD_H
#define CUSTODY_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/source.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/package/sealfile.h"
#include "libcustody/record/event.h"

#define CUSTODY_RECORD_SUFFIX ".custody.asice"

/* The copies of the disclosable seal, in their order. */
enum custody_record_copy { CUSTODY_RECORD_SEAL_FILE, CUSTODY_RECORD_SEAL_MANIFEST, CUSTODY_RECORD_SEAL_SIGNATURE, CUSTODY_RECORD_COPIES };

/* One event with what signs it: exact bytes. */
struct custody_record_entry {
	struct custody_event event;
	struct custody_buf bytes, manifest, signature;
	uint8_t sha256[3][32]; /* of bytes, manifest, signature; the last one is the head as of this event */
	struct custody_digest_values manifest_digests; /* SHA-256, SHA-384, SHA-512: what a signature can be over */
};

struct custody_record {
	struct custody_buf copy[CUSTODY_RECORD_COPIES];
	uint8_t copy_sha256[CUSTODY_RECORD_COPIES][32];
	struct custody_digest_values seal_digests; /* of the copied manifest */
	struct custody_sealfile sealfile; /* of the copy */
	struct custody_record_entry *entries; /* owned */
	size_t n, cap;
};

void custody_record_init(struct custody_record *r);
void custody_record_release(struct custody_record *r);

/* SHA-256 of the last signature file. r has at least one event. */
const uint8_t *custody_record_head(const struct custody_record *r);
/* 1-based number of the event whose head that is, 0 if none. */
size_t custody_record_find_head(const struct custody_record *r, const uint8_t head[32]);

/*
 * Reads a whole record. r must be initialised. What is refused is refused at the first thing found, and r then holds the events before it, so that they can
 * still be shown. key: 16 random bytes for sets. Rules:
 *   record-malformed     not in the exact form: container, members, an event, a list, the copied seal
 *   record-newer-format  a member or event of a newer version
 *   record-wrong-package an event, or the copied seal, is about another package than the first event
 *   record-replayed      an event that stands in the record twice
 *   record-fork          an event that follows an earlier one than the one before it
 *   record-chain-broken  an event is missing, or follows something else; or a list has other digests than the members before it
 */
int custody_record_read(
	const struct custody_source *source, const uint8_t key[16], struct custody_record *r, struct custody_error *err) CUSTODY_MUST_USE;

/* Begins a record for the package whose disclosable seal these bytes are: copied. */
int custody_record_start(
	struct custody_record *r, const struct custody_bytes copies[CUSTODY_RECORD_COPIES], struct custody_error *err) CUSTODY_MUST_USE;
/* The list that the next event's signature is over, for these bytes of the event: appended to out. */
int custody_record_manifest(
	const struct custody_record *r, struct custody_bytes event, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;
/* Adds an event with its list and signature; all are copied, and checked as the reader checks them. */
int custody_record_append(struct custody_record *r, struct custody_bytes event, struct custody_bytes manifest, struct custody_bytes signature,
	struct custody_error *err) CUSTODY_MUST_USE;
/* Writes all of it to a new empty file (open for reading and writing, borrowed; dir_fd is its folder; name is for messages). */
int custody_record_write(const struct custody_record *r, int fd, int dir_fd, const char *name, struct custody_error *err) CUSTODY_MUST_USE;

#define CUSTODY_RECORD_MEMBER 40
/* Name of copy 0 to CUSTODY_RECORD_COPIES - 1; static. No package has a member of the first's name. */
const char *custody_record_copy_name(int which);
/* Member names of the n-th event, from 1; which: 0 event, 1 list, 2 signature. out holds CUSTODY_RECORD_MEMBER bytes. */
void custody_record_member(size_t n, int which, char *out);

#endif
