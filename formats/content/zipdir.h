/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second look at somebody else's ZIP: its central directory as it stands, without any library, tolerant where libcustody/package/zip.h refuses. It says what other
 * programs would go by, and where that is not what the members' own headers say (APPNOTE 4.3). Nothing is decompressed.
 */
#ifndef CUSTODY_FORMATS_CONTENT_ZIPDIR_H
#define CUSTODY_FORMATS_CONTENT_ZIPDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/inspect.h"
#include "libcustody/base/source.h"

/* One record of the directory: 72 bytes each, so that a million of them fit; names stay in the file. */
struct custody_zipdir_entry {
	uint64_t local; /* where its local header lies in the file */
	uint64_t size, packed;
	uint64_t record; /* where its own record lies */
	uint32_t crc;
	uint16_t flags, method, name_len;
	bool overlaps, header_missing, has_modified;
	struct custody_time modified; /* of an extra field that says UTC; the plain field is a local time of nobody knows where */
};

struct custody_zipdir {
	struct custody_zipdir_entry *entries; /* owned; in the order of their local headers */
	size_t n, cap;
	uint64_t start; /* where the directory begins */
	uint64_t end; /* where the end record ends, with its comment */
	uint64_t base; /* bytes before what the archive takes for its byte 0 */
	uint64_t stated; /* members by the end record */
	struct custody_inspect_note notes[CUSTODY_INSPECT_ARCHIVE_NOTE_COUNT]; /* each at most once */
	size_t n_notes;
	bool damaged; /* not all of it could be read */
	bool split; /* it is that of several files, of which this is the last: where members lie is not said of this file */
};
void custody_zipdir_release(struct custody_zipdir *d); /* safe on a zeroed struct */
#define CUSTODY_ZIPDIR_CLEAN CUSTODY_CLEANUP(custody_zipdir_release)

/*
 * Looks for the directory in the last CUSTODY_LIMIT_INSPECT_END bytes; `exact`: takes only one that ends where the file does, and whose first record leads to
 * a local header, or which is that of several files. Returns 1: *d holds what could be read of it, with notes; 0: there is none; -1: IO, NOMEM, LIMIT (more than max members).
 */
int custody_zipdir_read(
	struct custody_zipdir *d, const struct custody_source *s, uint64_t max, bool exact, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * The entry's name by its record (always) and what its local header says: sets NAME_DIFFERS, SIZES_DIFFER, CRC_DIFFERS, METHOD_DIFFERS, FLAGS_DIFFER,
 * HEADER_MISSING, OVERLAPS in *notes. The name is appended to `name`, that of the local header, only if it differs, to `other`.
 */
int custody_zipdir_compare(const struct custody_zipdir *d, const struct custody_source *s, size_t i, uint32_t *notes, struct custody_buf *name,
	struct custody_buf *other, struct custody_error *err) CUSTODY_MUST_USE;

#endif
