/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container: a strict subset of ZIP in which the bytes of the file are a function of the ordered list of (name, content)
 * (design/sealed-package.md, "ZIP rules" and "Exact bytes"). The writer makes exactly that; the reader accepts nothing else and refuses with
 * custody_refuse(err, "zip-...", found, wanted, member, offset).
 */
#ifndef CUSTODY_PACKAGE_ZIP_H
#define CUSTODY_PACKAGE_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/random.h"
#include "libcustody/base/source.h"

#define CUSTODY_MIMETYPE "application/vnd.etsi.asic-e+zip"

/* ---- writer ---- */

struct custody_zip_writer;

/* Writes to fd (a new empty file, open for reading and writing, borrowed) from offset 0. The central directory is spooled beside it in dir_fd. name is for messages. */
int custody_zip_writer_new(struct custody_zip_writer **out, int fd, int dir_fd, const char *name, struct custody_error *err) CUSTODY_MUST_USE;
void custody_zip_writer_free(struct custody_zip_writer **w); /* safe on NULL; does not touch fd */
/* Begins a member. `size` decides, from fstat, whether the local header reserves a Zip64 extra; at the end the bytes written may be fewer, never more.
 * member_name must obey the reader's rules (custody_name_member_problem(); INTERNAL otherwise): which names the sealer gives is custody_names_assign()'s.
 * After a failure of any writer function the file is good for nothing. */
int custody_zip_writer_begin(struct custody_zip_writer *w, const char *member_name, uint64_t size, struct custody_error *err) CUSTODY_MUST_USE;
/* Appends content. A run of zero bytes that is block-aligned in the file may be left as a hole; the CRC covers it all the same. crc of these n bytes is
 * computed by the writer. */
int custody_zip_writer_write(struct custody_zip_writer *w, const uint8_t *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* Appends content whose CRC-32 is known (computed on another thread); combined into the member's. */
int custody_zip_writer_write_crc(struct custody_zip_writer *w, const uint8_t *p, size_t n, uint32_t crc, struct custody_error *err) CUSTODY_MUST_USE;
/* Ends the member: patches CRC and sizes into the local header, adds the central record. The size may have become smaller than announced (a file that
 * shrank): if less than 4 GiB are left of a member announced as larger, the content is moved back by the 20 bytes of the Zip64 extra that its header must
 * not have (a copy of the member inside the file: rare, and slow for once). More than announced is INTERNAL, at the write. */
int custody_zip_writer_end(struct custody_zip_writer *w, struct custody_error *err) CUSTODY_MUST_USE;
/* Takes the member that was begun back again: the file is cut to where it began. */
int custody_zip_writer_cut(struct custody_zip_writer *w, struct custody_error *err) CUSTODY_MUST_USE;
/* A whole member in one call. */
int custody_zip_writer_add(
	struct custody_zip_writer *w, const char *member_name, const void *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* A whole member from a spool. */
int custody_zip_writer_add_spool(
	struct custody_zip_writer *w, const char *member_name, struct custody_spool *s, struct custody_error *err) CUSTODY_MUST_USE;
/* Central directory and end records; the file is then complete (not synced), *size its length. No more members. */
int custody_zip_writer_finish(struct custody_zip_writer *w, uint64_t *size, struct custody_error *err) CUSTODY_MUST_USE;

/* CRC-32 (ISO 3309) by libdeflate; the combination of two parts by zlib. */
uint32_t custody_crc32(uint32_t crc, const void *p, size_t n);
uint32_t custody_crc32_combine(uint32_t a, uint32_t b, uint64_t len_b);
/* libdeflate's and zlib's agree on fixed vectors (run once by the self-test). */
bool custody_crc32_self_test(void);

/* ---- reader ---- */

/* One member as the central directory has it. Borrowed from the reader until the next call on the cursor. */
struct custody_zip_member {
	const char *name; /* name_len bytes and a NUL; the reader's name rules hold */
	size_t name_len;
	uint64_t index; /* 0-based */
	uint64_t offset; /* of the local header */
	uint64_t data_offset; /* of the content */
	uint64_t size; /* of the content */
	uint32_t crc; /* as stated */
};

#define CUSTODY_ZIP_TAIL 98 /* bytes of all end records: Zip64 end record, its locator, end record */

struct custody_zip {
	const struct custody_source *source; /* borrowed */
	uint64_t members; /* as stated and checked by custody_zip_check() */
	uint64_t directory_offset, directory_size; /* central directory */
	uint8_t directory_digest[32]; /* SHA-256 of everything from directory_offset to the end of the file, as read by custody_zip_check() */
	uint8_t end[CUSTODY_ZIP_TAIL]; /* the end records as they were read, Zip64 ones first */
	size_t end_len; /* 22 or 98 */
};

/*
 * Reads the end records and walks the central directory once: every field against the constants, names by the reader's rules, uniqueness (exact, and
 * after NFC and case folding part by part: that name-collision is reported through `collision`, which may be NULL, not refused), no name a folder of
 * another (likewise), order-independent;
 * names of more than CUSTODY_LIMIT_MEMBER_NAME bytes are refused; the first member is `mimetype` with its exact content; and the members tile
 * the file from 0 to directory_offset without gap or overlap according to the directory. Local headers are not read here (custody_zip_check_local()
 * does that while the one pass goes by). key: 16 random bytes for the set.
 * Rules: zip-end-record zip-zip64 zip-count zip-central-record zip-gap zip-version zip-flags zip-method zip-time zip-size zip-extra zip-comment
 * zip-attributes zip-name zip-name-twice zip-mimetype. Other errors: IO, NOMEM, LIMIT.
 */
int custody_zip_check(struct custody_zip *z, const struct custody_source *source, const uint8_t key[16],
	void (*collision)(void *ctx, const char *name, size_t name_len), void *ctx, struct custody_error *err) CUSTODY_MUST_USE;

/* A cursor over the central directory (again from the source, buffered). Only after custody_zip_check() has passed. */
struct custody_zip_cursor;
int custody_zip_cursor_new(struct custody_zip_cursor **out, const struct custody_zip *z, struct custody_error *err) CUSTODY_MUST_USE;
void custody_zip_cursor_free(struct custody_zip_cursor **c);
/* 1: *m is the next member; 0: no more, and the directory was the same as at the check; -1: error (what does not read as before is rule
 * package-changed-while-read: not a property of the bytes). */
int custody_zip_cursor_next(struct custody_zip_cursor *c, struct custody_zip_member *m, struct custody_error *err) CUSTODY_MUST_USE;

/* Length in bytes of the local header of m (30 + name + extra), a function of name, size. */
size_t custody_zip_local_length(const struct custody_zip_member *m);
/* The n bytes at p are exactly the local header of m: compares with the bytes the writer would have made. Rule zip-local-record (names the field). */
int custody_zip_check_local(const struct custody_zip_member *m, const uint8_t *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;

/* Finds a member by exact name by walking the directory. 1 found (m->name is then `name` itself), 0 not, -1 error. For a handful of small members. */
int custody_zip_find(const struct custody_zip *z, const char *name, struct custody_zip_member *m, struct custody_error *err) CUSTODY_MUST_USE;
/* Reads a whole small member (m->size <= max, else rule-less LIMIT) into out (cleared first; on failure it is empty), local header and CRC checked (zip-local-record, zip-crc). */
struct custody_buf;
int custody_zip_read_member(const struct custody_zip *z, const struct custody_zip_member *m, uint64_t max, struct custody_buf *out,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
