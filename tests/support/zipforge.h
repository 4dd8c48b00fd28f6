/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds ZIP files with any lie in them: every field of every record is a variable. Written from the ZIP specification, not from the product's
 * writer, so that the two must agree about a good package.
 *
 *   zipforge_init(&f); zipforge_add(&f, "mimetype", ...); ...   members
 *   zipforge_layout(&f);                                        fills in every field as a good package has it
 *   f.members[1].local.method = 8; ...                          lies
 *   bytes = zipforge_emit(&f, &n);                              the file; free() it
 */
#ifndef CUSTODY_TESTS_ZIPFORGE_H
#define CUSTODY_TESTS_ZIPFORGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZIPFORGE_MEMBERS 80
#define ZIPFORGE_EXTRA 128

/* A local header or a central record; the fields that a local header has not are ignored there. */
struct zipforge_record {
	bool absent;
	uint32_t signature;
	uint16_t made_by, needed, flags, method, time, date;
	uint32_t crc, compressed, size;
	uint16_t name_len, extra_len, comment_len, disk, internal;
	uint32_t external, offset;
	char name[5000]; /* name_bytes of it are written, name_len is only stated */
	size_t name_bytes;
	uint8_t extra[ZIPFORGE_EXTRA];
	size_t extra_bytes;
	const char *comment;
};

struct zipforge_member {
	const uint8_t *data;
	size_t size;
	const char *gap; /* bytes before its local header */
	struct zipforge_record local, central;
};

struct zipforge {
	struct zipforge_member members[ZIPFORGE_MEMBERS];
	size_t n;
	const char *prefix, *before_directory, *before_end, *suffix;
	struct {
		bool present; /* Zip64 end record and locator */
		uint32_t signature, locator_signature;
		uint64_t length;
		uint16_t made_by, needed;
		uint32_t disk, directory_disk;
		uint64_t here, total, size, offset;
		uint32_t locator_disk;
		uint64_t at;
		uint32_t disks;
	} end64;
	struct {
		uint32_t signature;
		uint16_t disk, directory_disk, here, total;
		uint32_t size, offset;
		uint16_t comment_len;
		const char *comment;
	} end;
};

void zipforge_init(struct zipforge *f);
/* data is borrowed. Returns the member. */
struct zipforge_member *zipforge_add(struct zipforge *f, const char *name, const void *data, size_t size);
/* mimetype, data/a.txt, data/b/c.bin. */
void zipforge_package(struct zipforge *f);
/* A name with any bytes, in both records. Before the layout. */
void zipforge_name(struct zipforge_member *m, const void *name, size_t n);
void zipforge_layout(struct zipforge *f);
/* Appends an extra field to a record. After the layout. */
void zipforge_extra(struct zipforge_record *r, uint16_t id, const void *p, size_t n);
uint8_t *zipforge_emit(const struct zipforge *f, size_t *n);

#endif
