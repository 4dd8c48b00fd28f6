/* SPDX-License-Identifier: Apache-2.0 */
/* The strict reader of the container, against a forger that can set any field of any record. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/source.h"
#include "libcustody/package/zip.h"
#include "tests/support/faults.h"
#include "tests/support/nomem.h"
#include "tests/support/zipforge.h"

static const uint8_t key[16] = "sixteen bytes...";

static void count_collision(void *ctx, const char *name, size_t name_len)
{
	cr_assert_eq(strlen(name), name_len);
	(*(size_t *)ctx)++;
}

/* Everything that a reader of a package looks at in the container: directory, local headers, content. */
static int judge_source(const struct custody_source *source, size_t *collisions, struct custody_error *err)
{
	struct custody_zip z;
	struct custody_zip_cursor *c CUSTODY_CLEANUP(custody_zip_cursor_free) = NULL;
	struct custody_zip_member m;
	struct custody_buf content CUSTODY_BUF_CLEAN = { 0 };
	custody_buf_init(&content, 1 << 20);
	if (custody_zip_check(&z, source, key, count_collision, collisions, err) != 0 || custody_zip_cursor_new(&c, &z, err) != 0)
		return -1;
	for (;;) {
		int r = custody_zip_cursor_next(c, &m, err);
		if (r <= 0)
			return r;
		if (custody_zip_read_member(&z, &m, 1 << 20, &content, err) != 0)
			return -1;
	}
}

static int judge(const uint8_t *p, size_t n, size_t *collisions, struct custody_error *err)
{
	struct custody_source source;
	*collisions = 0;
	custody_source_memory(&source, p, n);
	return judge_source(&source, collisions, err);
}

/* ---- one lie after another ---- */

typedef void edit_function(struct zipforge *f);
#define EDIT(name) static void name(struct zipforge *f)
#define LOCAL(f, i) ((f)->members[i].local)
#define CENTRAL(f, i) ((f)->members[i].central)
/* After the layout, so that nothing but this field changes. */
#define LIE_LOCAL(name, field, value)        \
	EDIT(name)                           \
	{                                    \
		zipforge_layout(f);          \
		LOCAL(f, 1).field = (value); \
	}
#define LIE_CENTRAL(name, field, value)        \
	EDIT(name)                             \
	{                                      \
		zipforge_layout(f);            \
		CENTRAL(f, 1).field = (value); \
	}
#define LIE_BOTH(name, field, value)                               \
	EDIT(name)                                                 \
	{                                                          \
		zipforge_layout(f);                                \
		LOCAL(f, 1).field = CENTRAL(f, 1).field = (value); \
	}
#define LIE_FILE(name, assignment)  \
	EDIT(name)                  \
	{                           \
		zipforge_layout(f); \
		f->assignment;      \
	}
/* Before the layout, so that every record is consistent with it. */
#define NAME(name, text)                                               \
	EDIT(name)                                                     \
	{                                                              \
		zipforge_name(&f->members[1], text, sizeof(text) - 1); \
	}

/* clang-format off */
LIE_FILE(nothing, n = f->n)
LIE_FILE(a_prefix, prefix = "MZ")
LIE_FILE(a_suffix, suffix = "x")
LIE_FILE(a_gap_between_members, members[1].gap = "gap")
LIE_FILE(a_gap_before_the_directory, before_directory = "gap")
LIE_FILE(a_gap_before_the_end, before_end = "gap")
EDIT(a_prefix_all_offsets_moved)
{
	zipforge_layout(f);
	f->prefix = "#!/bin/sh\n";
	for (size_t i = 0; i < f->n; i++)
		CENTRAL(f, i).offset += 10;
	f->end.offset += 10;
}
EDIT(a_gap_all_offsets_moved)
{
	zipforge_layout(f);
	f->members[2].gap = "gap";
	CENTRAL(f, 2).offset += 3;
	f->end.offset += 3;
}
EDIT(a_gap_before_the_directory_told) { zipforge_layout(f); f->before_directory = "gap"; f->end.offset += 3; }
EDIT(a_gap_at_the_end_told) { zipforge_layout(f); f->before_end = "gap"; f->end.size += 3; }
EDIT(a_hidden_local_entry) { zipforge_layout(f); CENTRAL(f, 1).absent = true; f->end.here--; f->end.total--; f->end.size -= 56; }
EDIT(a_hidden_last_entry) { zipforge_layout(f); CENTRAL(f, 2).absent = true; f->end.here--; f->end.total--; f->end.size -= 58; }
EDIT(a_record_without_entry) { zipforge_layout(f); LOCAL(f, 2).absent = true; f->end.offset -= 46; }
EDIT(two_records_for_one_entry) { zipforge_layout(f); LOCAL(f, 2).absent = true; CENTRAL(f, 2).offset = CENTRAL(f, 1).offset; f->end.offset -= 46; }
EDIT(records_in_another_order)
{
	zipforge_layout(f);
	struct zipforge_record *hold = malloc(sizeof(*hold));
	*hold = CENTRAL(f, 1);
	CENTRAL(f, 1) = CENTRAL(f, 2);
	CENTRAL(f, 2) = *hold;
	free(hold);
}
EDIT(an_overlap) { zipforge_layout(f); CENTRAL(f, 1).size = CENTRAL(f, 1).compressed = LOCAL(f, 1).size = LOCAL(f, 1).compressed = 6; }
EDIT(a_member_into_the_directory) { zipforge_layout(f); CENTRAL(f, 2).size = CENTRAL(f, 2).compressed = 5; }
EDIT(a_header_into_the_directory) { zipforge_layout(f); LOCAL(f, 2).absent = true; f->members[2].size = 0; f->end.offset -= 46; CENTRAL(f, 2).size = CENTRAL(f, 2).compressed = 0; }

EDIT(an_end_signature_as_comment) { zipforge_layout(f); f->end.comment = "PK\5\6"; f->end.comment_len = 4; }
EDIT(a_comment) { zipforge_layout(f); f->end.comment = "sealed in haste"; f->end.comment_len = 15; }
LIE_FILE(a_comment_length_without_comment, end.comment_len = 7)
LIE_FILE(an_end_with_another_signature, end.signature = 0x06054b51)
LIE_FILE(an_end_on_disk_1, end.disk = 1)
LIE_FILE(a_directory_on_disk_1, end.directory_disk = 1)
LIE_FILE(one_member_less_on_this_disk, end.here = 2)
EDIT(one_member_less) { zipforge_layout(f); f->end.here = f->end.total = 2; }
EDIT(one_member_more) { zipforge_layout(f); f->end.here = f->end.total = 4; }
EDIT(no_member_told) { zipforge_layout(f); f->end.here = f->end.total = 0; }
LIE_FILE(a_directory_size_too_small, end.size -= 1)
LIE_FILE(a_directory_size_too_large, end.size += 1)
LIE_FILE(a_directory_offset_too_small, end.offset -= 1)
LIE_FILE(a_directory_offset_beyond_the_file, end.offset = 0x7FFFFFFF)
EDIT(a_directory_that_swallows_a_byte) { zipforge_layout(f); f->end.size += 1; f->end.offset -= 1; }
EDIT(a_directory_that_begins_a_byte_late) { zipforge_layout(f); f->end.size -= 1; f->end.offset += 1; }
EDIT(no_member_at_all) { f->n = 0; zipforge_layout(f); }

LIE_FILE(zip64_where_none_is_needed, end64.present = true)
EDIT(zip64_for_a_count_that_fits) { zipforge_layout(f); f->end64.present = true; f->end.here = f->end.total = 0xFFFF; }
EDIT(zip64_for_an_offset_that_fits) { zipforge_layout(f); f->end64.present = true; f->end.offset = 0xFFFFFFFF; }
EDIT(zip64_for_a_size_that_fits) { zipforge_layout(f); f->end64.present = true; f->end.size = 0xFFFFFFFF; }
EDIT(a_count_that_asks_for_zip64) { zipforge_layout(f); f->end.here = f->end.total = 0xFFFF; }
EDIT(a_small_file_that_asks_for_zip64) { f->n = 0; zipforge_layout(f); f->end.here = f->end.total = 0xFFFF; }
EDIT(zip64_with_too_many_members)
{
	zipforge_layout(f);
	f->end64.present = true;
	f->end.here = f->end.total = 0xFFFF;
	f->end64.here = f->end64.total = UINT64_C(1) << 40;
}
#define ZIP64_LIE(name, assignment) \
	EDIT(name) { zip64_with_too_many_members(f); f->end64.assignment; }
ZIP64_LIE(zip64_with_another_length, length = 56)
ZIP64_LIE(zip64_made_by_another, made_by = 0x031E)
ZIP64_LIE(zip64_needs_another, needed = 20)
ZIP64_LIE(zip64_on_disk_1, disk = 1)
ZIP64_LIE(zip64_directory_on_disk_1, directory_disk = 1)
ZIP64_LIE(zip64_counts_differ, here = 3)
ZIP64_LIE(zip64_with_another_signature, signature = 0x06064b51)
ZIP64_LIE(zip64_locator_with_another_signature, locator_signature = 0x06064b51)
ZIP64_LIE(zip64_locator_on_disk_1, locator_disk = 1)
ZIP64_LIE(zip64_locator_elsewhere, at -= 1)
ZIP64_LIE(zip64_two_disks, disks = 2)
EDIT(zip64_that_differs_from_the_end) { zip64_with_too_many_members(f); f->end64.size = 5; f->end64.at = f->end64.offset + 5; }
EDIT(zip64_that_overrides_a_plain_offset) { zip64_with_too_many_members(f); f->end64.offset = 5; f->end64.at = f->end64.size + 5; }
EDIT(zip64_with_one_saturated_count) { zip64_with_too_many_members(f); f->end.here = 3; }

LIE_LOCAL(local_signature, signature, 0x04034b51)
LIE_LOCAL(local_version_needed, needed, 10)
LIE_LOCAL(local_encrypted, flags, 1)
LIE_LOCAL(local_descriptor, flags, 8)
LIE_LOCAL(local_utf8_flag, flags, 0x0800)
LIE_LOCAL(local_method, method, 8)
LIE_LOCAL(local_time, time, 1)
LIE_LOCAL(local_date, date, 0x22)
LIE_LOCAL(local_crc, crc, 0x11223344)
LIE_LOCAL(local_compressed_size, compressed, 4)
LIE_LOCAL(local_size, size, 4)
LIE_LOCAL(local_name_length, name_len, 9)
LIE_LOCAL(local_extra_length, extra_len, 1)
EDIT(local_name) { zipforge_layout(f); memcpy(LOCAL(f, 1).name, "data/b.txt", 10); }
EDIT(local_name_case) { zipforge_layout(f); memcpy(LOCAL(f, 1).name, "data/A.txt", 10); }
EDIT(local_extra_field)
{
	zipforge_layout(f);
	zipforge_extra(&LOCAL(f, 1), 0x5455, "\1\0\0\0\0", 5);
	CENTRAL(f, 2).offset += 9;
	f->end.offset += 9;
}

LIE_CENTRAL(central_signature, signature, 0x02014b51)
LIE_CENTRAL(central_made_by, made_by, 0x031E)
LIE_CENTRAL(central_version_needed, needed, 45)
LIE_CENTRAL(central_encrypted, flags, 1)
LIE_CENTRAL(central_strong_encryption, flags, 0x41)
LIE_CENTRAL(central_descriptor, flags, 8)
LIE_CENTRAL(central_patch, flags, 0x20)
LIE_CENTRAL(central_masked, flags, 0x2000)
LIE_CENTRAL(central_utf8_flag, flags, 0x0800)
LIE_CENTRAL(central_method, method, 8)
LIE_CENTRAL(central_time, time, 0x6000)
LIE_CENTRAL(central_date, date, 0)
LIE_CENTRAL(central_crc, crc, 0x11223344)
LIE_CENTRAL(central_compressed_size, compressed, 4)
LIE_CENTRAL(central_size, size, 4)
LIE_CENTRAL(central_disk, disk, 1)
LIE_CENTRAL(central_internal, internal, 1)
LIE_CENTRAL(central_directory_attribute, external, 0x41ED0010)
LIE_CENTRAL(central_symlink, external, 0xA1FF0000)
LIE_CENTRAL(central_executable, external, 0x81ED0000)
LIE_CENTRAL(central_setuid, external, 0x89A40000)
LIE_CENTRAL(central_no_attributes, external, 0)
LIE_CENTRAL(central_offset, offset, 68)
LIE_CENTRAL(central_offset_saturated, offset, 0xFFFFFFFF)
LIE_CENTRAL(central_comment_length, comment_len, 1)
LIE_CENTRAL(central_extra_length, extra_len, 4)
LIE_CENTRAL(central_name_too_long, name_len, 4097)
LIE_CENTRAL(central_name_beyond_the_directory, name_len, 300)
EDIT(central_comment) { zipforge_layout(f); CENTRAL(f, 1).comment = "hi"; CENTRAL(f, 1).comment_len = 2; f->end.size += 2; }
EDIT(central_cut)
{
	zipforge_layout(f);
	CENTRAL(f, 2).absent = true;
	f->before_end = "PK\1\2-\3";
	f->end.size -= 52;
}
LIE_BOTH(both_version_needed, needed, 10)
LIE_BOTH(both_encrypted, flags, 1)
LIE_BOTH(both_descriptor, flags, 8)
LIE_BOTH(both_method, method, 8)
LIE_BOTH(both_time, time, 0xBF7D)
LIE_BOTH(both_crc, crc, 0x11223344)
LIE_BOTH(both_compressed_sizes, compressed, 4)

EDIT(a_member_saturated_without_zip64)
{
	zipforge_layout(f);
	CENTRAL(f, 1).compressed = CENTRAL(f, 1).size = LOCAL(f, 1).compressed = LOCAL(f, 1).size = 0xFFFFFFFF;
}
static void add_extra(struct zipforge *f, uint16_t id, const char *p, size_t n)
{
	zipforge_layout(f);
	zipforge_extra(&CENTRAL(f, 1), id, p, n);
	f->end.size += (uint32_t)n + 4;
}
#define FIVE "\5\0\0\0\0\0\0\0"
#define FIVE_GIB "\0\0\0\0\1\0\0\0"
EDIT(a_member_with_zip64_that_fits)
{
	add_extra(f, 1, FIVE FIVE, 16);
	CENTRAL(f, 1).compressed = CENTRAL(f, 1).size = 0xFFFFFFFF;
}
EDIT(a_member_with_zip64_not_referred_to) { add_extra(f, 1, FIVE FIVE, 16); }
EDIT(a_member_too_large_for_the_file)
{
	add_extra(f, 1, FIVE_GIB FIVE_GIB, 16);
	CENTRAL(f, 1).compressed = CENTRAL(f, 1).size = 0xFFFFFFFF;
	CENTRAL(f, 1).needed = 45;
}
EDIT(a_member_of_all_bytes_there_can_be)
{
	add_extra(f, 1, "\377\377\377\377\377\377\377\377" "\377\377\377\377\377\377\377\377", 16);
	CENTRAL(f, 1).compressed = CENTRAL(f, 1).size = 0xFFFFFFFF;
	CENTRAL(f, 1).needed = 45;
}
EDIT(a_zip64_extra_with_two_sizes)
{
	a_member_too_large_for_the_file(f);
	CENTRAL(f, 1).extra[12] = 1;
}
EDIT(a_zip64_extra_too_short)
{
	add_extra(f, 1, FIVE_GIB, 8);
	CENTRAL(f, 1).compressed = CENTRAL(f, 1).size = 0xFFFFFFFF;
	CENTRAL(f, 1).needed = 45;
}
EDIT(a_zip64_extra_with_another_length)
{
	a_member_too_large_for_the_file(f);
	CENTRAL(f, 1).extra[2] = 8;
}
EDIT(a_zip64_extra_twice)
{
	a_member_too_large_for_the_file(f);
	zipforge_extra(&CENTRAL(f, 1), 1, FIVE_GIB, 4);
	f->end.size += 8;
}
EDIT(another_extra_before_zip64)
{
	add_extra(f, 0x5455, "\0", 1);
	zipforge_extra(&CENTRAL(f, 1), 1, FIVE_GIB FIVE_GIB, 16);
	f->end.size += 20;
	CENTRAL(f, 1).compressed = CENTRAL(f, 1).size = 0xFFFFFFFF;
	CENTRAL(f, 1).needed = 45;
}
EDIT(a_unicode_path) { add_extra(f, 0x7075, "\1\0\0\0\0data/evil", 14); }
EDIT(a_unix_extra) { add_extra(f, 0x7875, "\1\4\0\0\0\0\4\0\0\0\0", 11); }
EDIT(a_long_extra) { add_extra(f, 0x9999, "0123456789012345678901234567890123456789", 40); }
EDIT(an_extra_of_three_bytes)
{
	zipforge_layout(f);
	memcpy(CENTRAL(f, 1).extra, "\1\0\0", 3);
	CENTRAL(f, 1).extra_bytes = CENTRAL(f, 1).extra_len = 3;
	f->end.size += 3;
}

NAME(name_empty, "")
NAME(name_absolute, "/etc/passwd")
NAME(name_up, "data/../../x")
NAME(name_here, "data/./x")
NAME(name_two_slashes, "data//x")
NAME(name_folder, "data/x/")
NAME(name_backslash, "data\\x")
NAME(name_percent, "data/%2e%2e")
NAME(name_nul, "data/x\0.txt")
NAME(name_newline, "data/a\nb")
NAME(name_escape, "data/\033[31m")
NAME(name_delete, "data/\177")
NAME(name_c1, "data/\302\205")
NAME(name_bidi, "data/\342\200\256gpj.exe")
NAME(name_isolate, "data/\342\201\246x")
NAME(name_line_separator, "data/\342\200\250")
NAME(name_latin1, "data/caf\351")
NAME(name_overlong, "data/\300\257x")
NAME(name_surrogate, "data/\355\240\200")
NAME(name_trailing_dot, "data/x.")
NAME(name_trailing_space, "data/x ")
NAME(name_dot_in_the_middle, "data/x./y")
NAME(name_device, "data/aux")
NAME(name_device_extension, "data/Com1.txt")
NAME(name_windows_characters, "data/a:b*?\"<>|")
NAME(name_other_script, "data/\320\264\320\265\320\273\320\276")
EDIT(name_utf8_without_flag) { name_other_script(f); zipforge_layout(f); LOCAL(f, 1).flags = CENTRAL(f, 1).flags = 0; }
EDIT(name_utf8_flag_in_central_only) { name_other_script(f); zipforge_layout(f); LOCAL(f, 1).flags = 0; }
EDIT(name_ascii_with_flag) { zipforge_layout(f); LOCAL(f, 1).flags = CENTRAL(f, 1).flags = 0x0800; }
EDIT(name_of_4096_bytes)
{
	static char name[4096];
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 2 ? '/' : 'a';
	name[4095] = 'b';
	zipforge_name(&f->members[1], name, sizeof(name));
}
EDIT(name_of_4097_bytes)
{
	static char name[4097];
	memset(name, 'a', sizeof(name));
	zipforge_name(&f->members[1], name, sizeof(name));
}
EDIT(name_twice) { zipforge_add(f, "data/a.txt", "other", 5); }
EDIT(name_of_mimetype_twice) { zipforge_add(f, "mimetype", "other", 5); }
EDIT(name_below_a_file) { zipforge_add(f, "data/a.txt/x", "other", 5); }
EDIT(name_is_a_folder) { zipforge_add(f, "data/b", "other", 5); }
EDIT(name_case) { zipforge_add(f, "data/A.TXT", "other", 5); }
EDIT(name_case_below_a_file) { zipforge_add(f, "data/A.txt/x", "other", 5); }
EDIT(name_case_is_a_folder) { zipforge_add(f, "DATA/B", "other", 5); }
EDIT(name_case_of_a_folder_only) { zipforge_add(f, "Data/a2.txt", "other", 5); zipforge_add(f, "data/a.txt2", "", 0); zipforge_add(f, "data/a", "", 0); }
/* What Unicode calls equal: how a letter is composed, and case beyond ASCII, in one part and as the folder of another. */
EDIT(name_composed) { zipforge_add(f, "data/caf\xc3\xa9", "", 0); zipforge_add(f, "data/cafe\xcc\x81", "", 0); zipforge_add(f, "data/cafe", "", 0); }
EDIT(name_case_beyond_ascii) { zipforge_add(f, "data/stra\xc3\x9f" "e", "", 0); zipforge_add(f, "data/STRASSE", "", 0); zipforge_add(f, "data/\xc3\xa4", "", 0); zipforge_add(f, "data/A\xcc\x88", "", 0); }
EDIT(name_composed_is_a_folder) { zipforge_add(f, "data/\xc3\xa9/x", "", 0); zipforge_add(f, "data/E\xcc\x81", "", 0); zipforge_add(f, "data/e\xcc\x81/y", "", 0); }
/* A part of 255 bytes, folded as Unicode has it, and one of 256, of which ASCII is. */
EDIT(name_composed_at_the_limit)
{
	static char names[5][300];
	snprintf(names[0], sizeof(names[0]), "data/%0252d\xc3\xa9", 0);
	snprintf(names[1], sizeof(names[0]), "data/%0252dE\xcc\x81", 0); /* 255: one with it */
	snprintf(names[2], sizeof(names[0]), "data/%0253dx\xc3\xa9", 0);
	snprintf(names[3], sizeof(names[0]), "data/%0253dx\xc3\x89", 0); /* 256: another */
	snprintf(names[4], sizeof(names[0]), "data/%0253dX\xc3\xa9", 0); /* one with the third */
	for (int i = 0; i < 5; i++)
		zipforge_add(f, names[i], "", 0);
}
EDIT(name_composed_and_twice) { name_composed(f); zipforge_add(f, "data/cafe\xcc\x81", "", 0); }
EDIT(name_case_and_twice) { name_case(f); name_twice(f); }
EDIT(name_twice_behind_many_cases)
{
	static char names[40][24];
	for (unsigned i = 0; i < 20; i++) {
		snprintf(names[2 * i], sizeof(names[0]), "data/x%u", i);
		snprintf(names[2 * i + 1], sizeof(names[0]), "data/X%u", i);
		zipforge_add(f, names[2 * i], "", 0);
		zipforge_add(f, names[2 * i + 1], "", 0);
	}
	zipforge_add(f, "data/X19", "", 0);
}
EDIT(name_case_of_a_shorter_one) { zipforge_add(f, "data/abc", "", 0); zipforge_add(f, "data/ab", "", 0); zipforge_add(f, "data/AB", "", 0); }
/* A directory that is read in two pieces. */
EDIT(name_very_long_ones)
{
	static char names[20][4001];
	for (int i = 0; i < 20; i++) {
		snprintf(names[i], sizeof(names[i]), "data/%03d%0392d", i, 0);
		for (size_t k = 400; k < 4000; k++)
			names[i][k] = k % 200 == 0 ? '/' : 'x';
		names[i][4000] = '\0';
		zipforge_add(f, names[i], "", 0);
	}
}
EDIT(name_many_cases) { name_twice_behind_many_cases(f); f->n--; }

EDIT(mimetype_second) { struct zipforge_member *m = malloc(sizeof(*m)); *m = f->members[0]; f->members[0] = f->members[1]; f->members[1] = *m; free(m); }
EDIT(mimetype_with_newline) { f->members[0].data = (const uint8_t *)"application/vnd.etsi.asic-e+zip\n"; f->members[0].size = 32; }
EDIT(mimetype_of_asic_s) { f->members[0].data = (const uint8_t *)"application/vnd.etsi.asic-s+zip"; }
EDIT(mimetype_empty) { f->members[0].size = 0; }
EDIT(mimetype_in_capitals) { zipforge_name(&f->members[0], "Mimetype", 8); }

static const struct {
	const char *what;
	edit_function *edit;
	const char *rule; /* NULL: it passes */
	size_t collisions; /* when it passes */
	const char *text;
} lies[] = {
	{ "a prefix", a_prefix, "zip-gap", 0, "found a directory of 168 bytes at offset 160, want its end at 330, where the end record begins" },
	{ "a suffix", a_suffix, "zip-end-record", 0, "the file does not end in a ZIP end record: found bytes 4b050600 where 504b0506 is wanted, 22 bytes before the end; it was cut, extended, or is not a package" },
	{ "a gap between members", a_gap_between_members, "zip-gap", 0, "found a directory of 168 bytes at offset 160, want its end at 331, where the end record begins" },
	{ "a gap before the directory", a_gap_before_the_directory, "zip-gap", 0, "found a directory of 168 bytes at offset 160, want its end at 331, where the end record begins" },
	{ "a gap before the end", a_gap_before_the_end, "zip-gap", 0, "found a directory of 168 bytes at offset 160, want its end at 331, where the end record begins" },
	{ "a prefix all offsets moved", a_prefix_all_offsets_moved, "zip-gap", 0, "record 0 of the directory: member 'mimetype': found offset of the local header 10, want 0" },
	{ "a gap all offsets moved", a_gap_all_offsets_moved, "zip-gap", 0, "record 2 of the directory: member 'data/b/c.bin': found offset of the local header 117, want 114" },
	{ "a gap before the directory told", a_gap_before_the_directory_told, "zip-gap", 0, "found 3 bytes between the last member and the directory, want none" },
	{ "a gap at the end told", a_gap_at_the_end_told, "zip-central-record", 0, "record 3 of the directory: found 3 bytes at the end of the directory, want a whole record" },
	{ "a hidden local entry", a_hidden_local_entry, "zip-gap", 0, "record 1 of the directory: member 'data/b/c.bin': found offset of the local header 114, want 69" },
	{ "a hidden last entry", a_hidden_last_entry, "zip-gap", 0, "found 46 bytes between the last member and the directory, want none" },
	{ "a record without entry", a_record_without_entry, "zip-gap", 0, "record 2 of the directory: member 'data/b/c.bin': found 4 bytes of content from offset 156, want their end before the directory at 114" },
	{ "two records for one entry", two_records_for_one_entry, "zip-gap", 0, "record 2 of the directory: member 'data/b/c.bin': found offset of the local header 69, want 114" },
	{ "records in another order", records_in_another_order, "zip-gap", 0, "record 1 of the directory: member 'data/b/c.bin': found offset of the local header 114, want 69" },
	{ "an overlap", an_overlap, "zip-gap", 0, "record 2 of the directory: member 'data/b/c.bin': found offset of the local header 114, want 115" },
	{ "a member into the directory", a_member_into_the_directory, "zip-gap", 0, "record 2 of the directory: member 'data/b/c.bin': found 5 bytes of content from offset 156, want their end before the directory at 160" },
	{ "a header into the directory", a_header_into_the_directory, "zip-gap", 0, "record 2 of the directory: member 'data/b/c.bin': found 0 bytes of content from offset 156, want their end before the directory at 114" },
	{ "an end signature as comment", an_end_signature_as_comment, "zip-comment", 0, "found a comment of 4 bytes behind the end record, want none" },
	{ "a comment", a_comment, "zip-comment", 0, "found a comment of 15 bytes behind the end record, want none" },
	{ "a comment length without comment", a_comment_length_without_comment, "zip-comment", 0, "found comment length 7, want 0" },
	{ "an end with another signature", an_end_with_another_signature, "zip-end-record", 0, "the file does not end in a ZIP end record: found bytes 514b0506 where 504b0506 is wanted, 22 bytes before the end; it was cut, extended, or is not a package" },
	{ "an end on disk 1", an_end_on_disk_1, "zip-end-record", 0, "found disk number 1, want 0" },
	{ "a directory on disk 1", a_directory_on_disk_1, "zip-end-record", 0, "found disk number of the directory 1, want 0" },
	{ "one member less on this disk", one_member_less_on_this_disk, "zip-count", 0, "found number of members on this disk 2, want 3" },
	{ "one member less", one_member_less, "zip-count", 0, "found 3 members in the directory, want the 2 that the end record states" },
	{ "one member more", one_member_more, "zip-count", 0, "found 3 members in the directory, want the 4 that the end record states" },
	{ "no member told", no_member_told, "zip-count", 0, "found 3 members in the directory, want the 0 that the end record states" },
	{ "a directory size too small", a_directory_size_too_small, "zip-gap", 0, "found a directory of 167 bytes at offset 160, want its end at 328, where the end record begins" },
	{ "a directory size too large", a_directory_size_too_large, "zip-gap", 0, "found a directory of 169 bytes at offset 160, want its end at 328, where the end record begins" },
	{ "a directory offset too small", a_directory_offset_too_small, "zip-gap", 0, "found a directory of 168 bytes at offset 159, want its end at 328, where the end record begins" },
	{ "a directory offset beyond the file", a_directory_offset_beyond_the_file, "zip-gap", 0, "found a directory of 168 bytes at offset 2147483647, want its end at 328, where the end record begins" },
	{ "a directory that swallows a byte", a_directory_that_swallows_a_byte, "zip-central-record", 0, "record 0 of the directory: found signature 0x014b5003, want 0x02014b50" },
	{ "a directory that begins a byte late", a_directory_that_begins_a_byte_late, "zip-central-record", 0, "record 0 of the directory: found signature 0x2d02014b, want 0x02014b50" },
	{ "no member at all", no_member_at_all, "zip-mimetype", 0, "found no member at all, want 'mimetype' as the first" },
	{ "zip64 where none is needed", zip64_where_none_is_needed, "zip-zip64", 0, "found a Zip64 locator before the end record, want none: no field is saturated" },
	{ "zip64 for a count that fits", zip64_for_a_count_that_fits, "zip-zip64", 0, "found Zip64 end records, want none: every value fits the end record" },
	{ "zip64 for an offset that fits", zip64_for_an_offset_that_fits, "zip-zip64", 0, "found Zip64 end records, want none: every value fits the end record" },
	{ "zip64 for a size that fits", zip64_for_a_size_that_fits, "zip-zip64", 0, "found Zip64 end records, want none: every value fits the end record" },
	{ "a count that asks for zip64", a_count_that_asks_for_zip64, "zip-zip64", 0, "found a saturated field in the end record without Zip64 records before it, want them" },
	{ "a small file that asks for zip64", a_small_file_that_asks_for_zip64, "zip-zip64", 0, "found a saturated field in the end record of a file of 22 bytes, want Zip64 records" },
	{ "zip64 with another length", zip64_with_another_length, "zip-zip64", 0, "found size of the Zip64 end record 56, want 44" },
	{ "zip64 made by another", zip64_made_by_another, "zip-zip64", 0, "found version made by 0x031e, want 0x032d" },
	{ "zip64 needs another", zip64_needs_another, "zip-zip64", 0, "found version needed 0x0014, want 0x002d" },
	{ "zip64 on disk 1", zip64_on_disk_1, "zip-zip64", 0, "found disk number 1, want 0" },
	{ "zip64 directory on disk 1", zip64_directory_on_disk_1, "zip-zip64", 0, "found disk number of the directory 1, want 0" },
	{ "zip64 counts differ", zip64_counts_differ, "zip-zip64", 0, "found number of members on this disk 3, want 1099511627776" },
	{ "zip64 with another signature", zip64_with_another_signature, "zip-zip64", 0, "found a saturated field in the end record without Zip64 records before it, want them" },
	{ "zip64 locator with another signature", zip64_locator_with_another_signature, "zip-zip64", 0, "found a saturated field in the end record without Zip64 records before it, want them" },
	{ "zip64 locator on disk 1", zip64_locator_on_disk_1, "zip-zip64", 0, "found disk number in the Zip64 locator 1, want 0" },
	{ "zip64 locator elsewhere", zip64_locator_elsewhere, "zip-zip64", 0, "found offset in the Zip64 locator 327, want 328" },
	{ "zip64 two disks", zip64_two_disks, "zip-zip64", 0, "found number of disks 2, want 1" },
	{ "zip64 that differs from the end", zip64_that_differs_from_the_end, "zip-zip64", 0, "found size of the directory 168, want 5" },
	{ "zip64 that overrides a plain offset", zip64_that_overrides_a_plain_offset, "zip-zip64", 0, "found offset of the directory 160, want 5" },
	{ "zip64 with one saturated count", zip64_with_one_saturated_count, "zip-count", 0, "found number of members on this disk 3, want 65535" },
	{ "local signature", local_signature, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found signature 0x04034b51, want 0x04034b50" },
	{ "local version needed", local_version_needed, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found version needed 0x000a, want 0x0014" },
	{ "local encrypted", local_encrypted, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found flags 0x0001, want 0x0000" },
	{ "local descriptor", local_descriptor, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found flags 0x0008, want 0x0000" },
	{ "local utf8 flag", local_utf8_flag, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found flags 0x0800, want 0x0000" },
	{ "local method", local_method, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found method 8, want 0" },
	{ "local time", local_time, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found time 0x0001, want 0x0000" },
	{ "local date", local_date, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found date 0x0022, want 0x0021" },
	{ "local crc", local_crc, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found CRC-32 0x11223344, want 0x3610a686" },
	{ "local compressed size", local_compressed_size, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found compressed size 4, want 5" },
	{ "local size", local_size, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found size 4, want 5" },
	{ "local name length", local_name_length, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found name length 9, want 10" },
	{ "local extra length", local_extra_length, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found length of the extra field 1, want 0" },
	{ "local name", local_name, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found another name in the local header, want that of the directory" },
	{ "local name case", local_name_case, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found another name in the local header, want that of the directory" },
	{ "local extra field", local_extra_field, "zip-gap", 0, "record 2 of the directory: member 'data/b/c.bin': found offset of the local header 123, want 114" },
	{ "central signature", central_signature, "zip-central-record", 0, "record 1 of the directory: found signature 0x02014b51, want 0x02014b50" },
	{ "central made by", central_made_by, "zip-version", 0, "record 1 of the directory: member 'data/a.txt': found version made by 0x031e, want 0x032d" },
	{ "central version needed", central_version_needed, "zip-version", 0, "record 1 of the directory: member 'data/a.txt': found version needed 0x002d, want 0x0014" },
	{ "central encrypted", central_encrypted, "zip-flags", 0, "record 1 of the directory: member 'data/a.txt': found flags 0x0001, want 0x0000" },
	{ "central strong encryption", central_strong_encryption, "zip-flags", 0, "record 1 of the directory: member 'data/a.txt': found flags 0x0041, want 0x0000" },
	{ "central descriptor", central_descriptor, "zip-flags", 0, "record 1 of the directory: member 'data/a.txt': found flags 0x0008, want 0x0000" },
	{ "central patch", central_patch, "zip-flags", 0, "record 1 of the directory: member 'data/a.txt': found flags 0x0020, want 0x0000" },
	{ "central masked", central_masked, "zip-flags", 0, "record 1 of the directory: member 'data/a.txt': found flags 0x2000, want 0x0000" },
	{ "central utf8 flag", central_utf8_flag, "zip-flags", 0, "record 1 of the directory: member 'data/a.txt': found flags 0x0800, want 0x0000" },
	{ "central method", central_method, "zip-method", 0, "record 1 of the directory: member 'data/a.txt': found method 8, want 0" },
	{ "central time", central_time, "zip-time", 0, "record 1 of the directory: member 'data/a.txt': found time 0x6000, want 0x0000" },
	{ "central date", central_date, "zip-time", 0, "record 1 of the directory: member 'data/a.txt': found date 0x0000, want 0x0021" },
	{ "central crc", central_crc, "zip-local-record", 0, "member 'data/a.txt': local header at offset 69: found CRC-32 0x3610a686, want 0x11223344" },
	{ "central compressed size", central_compressed_size, "zip-size", 0, "record 1 of the directory: member 'data/a.txt': found compressed size 4, want 5" },
	{ "central size", central_size, "zip-size", 0, "record 1 of the directory: member 'data/a.txt': found compressed size 5, want 4" },
	{ "central disk", central_disk, "zip-central-record", 0, "record 1 of the directory: member 'data/a.txt': found disk number 1, want 0" },
	{ "central internal", central_internal, "zip-attributes", 0, "record 1 of the directory: member 'data/a.txt': found internal attributes 0x0001, want 0x0000" },
	{ "central directory attribute", central_directory_attribute, "zip-attributes", 0, "record 1 of the directory: member 'data/a.txt': found external attributes 0x41ed0010, want 0x81a40000" },
	{ "central symlink", central_symlink, "zip-attributes", 0, "record 1 of the directory: member 'data/a.txt': found external attributes 0xa1ff0000, want 0x81a40000" },
	{ "central executable", central_executable, "zip-attributes", 0, "record 1 of the directory: member 'data/a.txt': found external attributes 0x81ed0000, want 0x81a40000" },
	{ "central setuid", central_setuid, "zip-attributes", 0, "record 1 of the directory: member 'data/a.txt': found external attributes 0x89a40000, want 0x81a40000" },
	{ "central no attributes", central_no_attributes, "zip-attributes", 0, "record 1 of the directory: member 'data/a.txt': found external attributes 0x00000000, want 0x81a40000" },
	{ "central offset", central_offset, "zip-gap", 0, "record 1 of the directory: member 'data/a.txt': found offset of the local header 68, want 69" },
	{ "central offset saturated", central_offset_saturated, "zip-gap", 0, "record 1 of the directory: member 'data/a.txt': found offset of the local header 4294967295, want 69" },
	{ "central comment length", central_comment_length, "zip-comment", 0, "record 1 of the directory: found a comment of 1 bytes, want none" },
	{ "central extra length", central_extra_length, "zip-extra", 0, "record 1 of the directory: member 'data/a.txt': found an extra field of 4 bytes, want none" },
	{ "central name too long", central_name_too_long, "zip-name", 0, "record 1 of the directory: found a name of 4097 bytes, want at most 4096" },
	{ "central name beyond the directory", central_name_beyond_the_directory, "zip-central-record", 0, "record 1 of the directory: found a record longer than the 114 bytes left of the directory" },
	{ "central comment", central_comment, "zip-comment", 0, "record 1 of the directory: found a comment of 2 bytes, want none" },
	{ "central cut", central_cut, "zip-central-record", 0, "record 2 of the directory: found 6 bytes at the end of the directory, want a whole record" },
	{ "both version needed", both_version_needed, "zip-version", 0, "record 1 of the directory: member 'data/a.txt': found version needed 0x000a, want 0x0014" },
	{ "both encrypted", both_encrypted, "zip-flags", 0, "record 1 of the directory: member 'data/a.txt': found flags 0x0001, want 0x0000" },
	{ "both descriptor", both_descriptor, "zip-flags", 0, "record 1 of the directory: member 'data/a.txt': found flags 0x0008, want 0x0000" },
	{ "both method", both_method, "zip-method", 0, "record 1 of the directory: member 'data/a.txt': found method 8, want 0" },
	{ "both time", both_time, "zip-time", 0, "record 1 of the directory: member 'data/a.txt': found time 0xbf7d, want 0x0000" },
	{ "both crc", both_crc, "zip-crc", 0, "member 'data/a.txt': found content with CRC-32 0x3610a686, want 0x11223344" },
	{ "both compressed sizes", both_compressed_sizes, "zip-size", 0, "record 1 of the directory: member 'data/a.txt': found compressed size 4, want 5" },
	{ "a member saturated without zip64", a_member_saturated_without_zip64, "zip-zip64", 0, "record 1 of the directory: member 'data/a.txt': found a saturated size without a Zip64 extra field that holds it, want one" },
	{ "a member with zip64 that fits", a_member_with_zip64_that_fits, "zip-zip64", 0, "record 1 of the directory: member 'data/a.txt': found size 5 in a Zip64 extra field, want it in the record: it fits" },
	{ "a member with zip64 not referred to", a_member_with_zip64_not_referred_to, "zip-zip64", 0, "record 1 of the directory: member 'data/a.txt': found a Zip64 extra field, want none: no field is saturated" },
	{ "a member too large for the file", a_member_too_large_for_the_file, "zip-gap", 0, "record 1 of the directory: member 'data/a.txt': found 4294967296 bytes of content from offset 129, want their end before the directory at 160" },
	{ "a member of all bytes there can be", a_member_of_all_bytes_there_can_be, "zip-gap", 0, "record 1 of the directory: member 'data/a.txt': found 18446744073709551615 bytes of content from offset 129, want their end before the directory at 160" },
	{ "a zip64 extra with two sizes", a_zip64_extra_with_two_sizes, "zip-size", 0, "record 1 of the directory: member 'data/a.txt': found compressed size 4294967297, want 4294967296" },
	{ "a zip64 extra too short", a_zip64_extra_too_short, "zip-zip64", 0, "record 1 of the directory: member 'data/a.txt': found a Zip64 extra field of 12 bytes that states 8, want one of 20: the saturated fields and no other" },
	{ "a zip64 extra with another length", a_zip64_extra_with_another_length, "zip-zip64", 0, "record 1 of the directory: member 'data/a.txt': found a Zip64 extra field of 20 bytes that states 8, want one of 20: the saturated fields and no other" },
	{ "a zip64 extra twice", a_zip64_extra_twice, "zip-extra", 0, "record 1 of the directory: member 'data/a.txt': found an extra field of 28 bytes, want only that of Zip64" },
	{ "another extra before zip64", another_extra_before_zip64, "zip-zip64", 0, "record 1 of the directory: member 'data/a.txt': found a saturated size without a Zip64 extra field that holds it, want one" },
	{ "a unicode path", a_unicode_path, "zip-extra", 0, "record 1 of the directory: member 'data/a.txt': found an extra field of 18 bytes, want none" },
	{ "a unix extra", a_unix_extra, "zip-extra", 0, "record 1 of the directory: member 'data/a.txt': found an extra field of 15 bytes, want none" },
	{ "a long extra", a_long_extra, "zip-extra", 0, "record 1 of the directory: found an extra field of 44 bytes, want none but Zip64" },
	{ "an extra of three bytes", an_extra_of_three_bytes, "zip-extra", 0, "record 1 of the directory: member 'data/a.txt': found an extra field of 3 bytes, want none" },
	{ "name empty", name_empty, "zip-name", 0, "record 1 of the directory: member '': the name is empty" },
	{ "name absolute", name_absolute, "zip-name", 0, "record 1 of the directory: member '/etc/passwd': the name has an empty part" },
	{ "name up", name_up, "zip-name", 0, "record 1 of the directory: member 'data/../../x': the name has a part '.' or '..'" },
	{ "name here", name_here, "zip-name", 0, "record 1 of the directory: member 'data/./x': the name has a part '.' or '..'" },
	{ "name two slashes", name_two_slashes, "zip-name", 0, "record 1 of the directory: member 'data//x': the name has an empty part" },
	{ "name folder", name_folder, "zip-name", 0, "record 1 of the directory: member 'data/x/': the name has an empty part" },
	{ "name backslash", name_backslash, "zip-name", 0, "record 1 of the directory: member 'data\\\\x': the name has a backslash" },
	{ "name percent", name_percent, "zip-name", 0, "record 1 of the directory: member 'data/%2e%2e': the name has a percent sign" },
	{ "name nul", name_nul, "zip-name", 0, "record 1 of the directory: member 'data/x\\u{0000}.txt': the name has a control or bidi character, or a line or paragraph separator" },
	{ "name newline", name_newline, "zip-name", 0, "record 1 of the directory: member 'data/a\\u{000a}b': the name has a control or bidi character, or a line or paragraph separator" },
	{ "name escape", name_escape, "zip-name", 0, "record 1 of the directory: member 'data/\\u{001b}[31m': the name has a control or bidi character, or a line or paragraph separator" },
	{ "name delete", name_delete, "zip-name", 0, "record 1 of the directory: member 'data/\\u{007f}': the name has a control or bidi character, or a line or paragraph separator" },
	{ "name c1", name_c1, "zip-name", 0, "record 1 of the directory: member 'data/\\u{0085}': the name has a control or bidi character, or a line or paragraph separator" },
	{ "name bidi", name_bidi, "zip-name", 0, "record 1 of the directory: member 'data/\\u{202e}gpj.exe': the name has a control or bidi character, or a line or paragraph separator" },
	{ "name isolate", name_isolate, "zip-name", 0, "record 1 of the directory: member 'data/\\u{2066}x': the name has a control or bidi character, or a line or paragraph separator" },
	{ "name line separator", name_line_separator, "zip-name", 0, "record 1 of the directory: member 'data/\\u{2028}': the name has a control or bidi character, or a line or paragraph separator" },
	{ "name latin1", name_latin1, "zip-name", 0, "record 1 of the directory: member 'data/caf\\xe9': the name is not valid UTF-8" },
	{ "name overlong", name_overlong, "zip-name", 0, "record 1 of the directory: member 'data/\\xc0\\xafx': the name is not valid UTF-8" },
	{ "name surrogate", name_surrogate, "zip-name", 0, "record 1 of the directory: member 'data/\\xed\\xa0\\x80': the name is not valid UTF-8" },
	{ "name trailing dot", name_trailing_dot, "zip-name", 0, "record 1 of the directory: member 'data/x.': the name has a part that ends in a dot or a space" },
	{ "name trailing space", name_trailing_space, "zip-name", 0, "record 1 of the directory: member 'data/x ': the name has a part that ends in a dot or a space" },
	{ "name dot in the middle", name_dot_in_the_middle, "zip-name", 0, "record 1 of the directory: member 'data/x./y': the name has a part that ends in a dot or a space" },
	{ "name device", name_device, "zip-name", 0, "record 1 of the directory: member 'data/aux': the name has a part that is the name of a device" },
	{ "name device extension", name_device_extension, "zip-name", 0, "record 1 of the directory: member 'data/Com1.txt': the name has a part that is the name of a device" },
	{ "name windows characters", name_windows_characters, NULL, 0, NULL },
	{ "name other script", name_other_script, NULL, 0, NULL },
	{ "name utf8 without flag", name_utf8_without_flag, "zip-flags", 0, "record 1 of the directory: member 'data/дело': found flags 0x0000, want 0x0800" },
	{ "name utf8 flag in central only", name_utf8_flag_in_central_only, "zip-local-record", 0, "member 'data/дело': local header at offset 69: found flags 0x0000, want 0x0800" },
	{ "name ascii with flag", name_ascii_with_flag, "zip-flags", 0, "record 1 of the directory: member 'data/a.txt': found flags 0x0800, want 0x0000" },
	{ "name of 4096 bytes", name_of_4096_bytes, NULL, 0, NULL },
	{ "name of 4097 bytes", name_of_4097_bytes, "zip-name", 0, "record 1 of the directory: found a name of 4097 bytes, want at most 4096" },
	{ "name twice", name_twice, "zip-name-twice", 0, "member 'data/a.txt': an earlier member has this name, or one is a folder of the other" },
	{ "name of mimetype twice", name_of_mimetype_twice, "zip-name-twice", 0, "member 'mimetype': an earlier member has this name, or one is a folder of the other" },
	{ "name below a file", name_below_a_file, "zip-name-twice", 0, "member 'data/a.txt/x': an earlier member has this name, or one is a folder of the other" },
	{ "name is a folder", name_is_a_folder, "zip-name-twice", 0, "member 'data/b': an earlier member has this name, or one is a folder of the other" },
	{ "name case", name_case, NULL, 1, NULL },
	{ "name case below a file", name_case_below_a_file, NULL, 1, NULL },
	{ "name case is a folder", name_case_is_a_folder, NULL, 1, NULL },
	{ "name case of a folder only", name_case_of_a_folder_only, NULL, 0, NULL },
	{ "name case of a shorter one", name_case_of_a_shorter_one, NULL, 1, NULL },
	{ "name composed", name_composed, NULL, 1, NULL },
	{ "name case beyond ascii", name_case_beyond_ascii, NULL, 2, NULL },
	{ "name composed is a folder", name_composed_is_a_folder, NULL, 2, NULL },
	{ "name composed at the limit", name_composed_at_the_limit, NULL, 2, NULL },
	{ "name composed and twice", name_composed_and_twice, "zip-name-twice", 0, "member 'data/cafe\xcc\x81': an earlier member has this name, or one is a folder of the other" },
	{ "name very long ones", name_very_long_ones, NULL, 0, NULL },
	{ "name case and twice", name_case_and_twice, "zip-name-twice", 0, "member 'data/a.txt': an earlier member has this name, or one is a folder of the other" },
	{ "name twice behind many cases", name_twice_behind_many_cases, "zip-name-twice", 0, "member 'data/X19': an earlier member has this name, or one is a folder of the other" },
	{ "name many cases", name_many_cases, NULL, 20, NULL },
	{ "mimetype second", mimetype_second, "zip-mimetype", 0, "member 'data/a.txt': found this as the first member, want 'mimetype'" },
	{ "mimetype with newline", mimetype_with_newline, "zip-mimetype", 0, "found a member 'mimetype' of 32 bytes, want the 31 bytes 'application/vnd.etsi.asic-e+zip'" },
	{ "mimetype of asic s", mimetype_of_asic_s, "zip-mimetype", 0, "found media type 'application/vnd.etsi.asic-s+zip', want 'application/vnd.etsi.asic-e+zip'" },
	{ "mimetype empty", mimetype_empty, "zip-mimetype", 0, "found a member 'mimetype' of 0 bytes, want the 31 bytes 'application/vnd.etsi.asic-e+zip'" },
	{ "mimetype in capitals", mimetype_in_capitals, "zip-mimetype", 0, "member 'Mimetype': found this as the first member, want 'mimetype'" },
};
/* clang-format on */

static struct zipforge forge;

static uint8_t *forge_package(edit_function *edit, size_t *n)
{
	zipforge_package(&forge);
	edit(&forge);
	if (forge.end.signature == 0)
		zipforge_layout(&forge);
	return zipforge_emit(&forge, n);
}

Test(zip, refuses_every_lie_by_its_rule)
{
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		size_t n = 0, collisions = 0;
		uint8_t *p = forge_package(lies[i].edit, &n);
		struct custody_error err = CUSTODY_ERROR_INIT;
		int r = judge(p, n, &collisions, &err);
		free(p);
		if (!lies[i].rule) {
			cr_expect(r == 0, "%s: %s: %s", lies[i].what, err.rule, err.text);
			cr_expect_eq(collisions, lies[i].collisions, "%s: %zu collisions", lies[i].what, collisions);
			continue;
		}
		cr_expect(r == -1 && err.kind == CUSTODY_ERR_FORMAT && err.rule && strcmp(err.rule, lies[i].rule) == 0, "%s: found %d, rule %s: %s",
			lies[i].what, r, err.rule ? err.rule : "none", err.text);
		cr_expect_str_eq(err.text, lies[i].text, "%s: %s", lies[i].what, err.text);
	}
}

Test(zip, takes_a_good_package)
{
	size_t n = 0, collisions = 0;
	uint8_t *p = forge_package(nothing, &n);
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(judge(p, n, &collisions, &err), 0, "%s", err.text);
	cr_expect_eq(collisions, 0);
	struct custody_source source;
	struct custody_zip z;
	struct custody_zip_member m;
	custody_source_memory(&source, p, n);
	cr_assert_eq(custody_zip_check(&z, &source, key, NULL, NULL, &err), 0);
	cr_expect_eq(z.members, 3);
	cr_expect_eq(z.directory_offset, 160);
	cr_expect_eq(z.directory_size, 168);
	cr_assert_eq(custody_zip_find(&z, "data/b/c.bin", &m, &err), 1);
	cr_expect_eq(m.index, 2);
	cr_expect_eq(m.offset, 114);
	cr_expect_eq(m.data_offset, 156);
	cr_expect_eq(m.size, 4);
	cr_expect_eq(m.name_len, 12);
	cr_expect_eq(custody_zip_local_length(&m), 42);
	cr_expect_eq(custody_zip_find(&z, "data/b", &m, &err), 0);
	free(p);
}

/* A directory, a local header or an end record that is a byte short is refused by length, whatever its bytes. */
Test(zip, refuses_a_local_header_of_another_length)
{
	size_t n = 0;
	uint8_t *p = forge_package(nothing, &n);
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	struct custody_zip z;
	struct custody_zip_member m;
	custody_source_memory(&source, p, n);
	cr_assert_eq(custody_zip_check(&z, &source, key, NULL, NULL, &err), 0);
	cr_assert_eq(custody_zip_find(&z, "data/a.txt", &m, &err), 1);
	cr_expect_eq(custody_zip_check_local(&m, p + m.offset, 40, &err), 0);
	cr_expect_eq(custody_zip_check_local(&m, p + m.offset, 39, &err), -1);
	cr_expect_str_eq(err.text, "member 'data/a.txt': local header at offset 69: found 39 bytes of a local header, want 40");
	cr_expect_str_eq(err.rule, "zip-local-record");
	free(p);
}

Test(zip, tells_files_that_are_no_packages_in_plain_words)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *text;
	} files[] = {
		{ "", 0, "found an empty file, want a package" },
		{ "x", 1, "found a file of 1 bytes, want a package, which has more" },
		{ "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 21, "found a file of 21 bytes, want a package, which has more" },
		{ "Dear Sir or Madam,\nplease find enclosed", 39,
			"the file does not end in a ZIP end record: found bytes 2c0a706c where 504b0506 is wanted, 22 bytes before the end; it was "
			"cut, "
			"extended, or is not a package" },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t collisions = 0;
		struct custody_error err = CUSTODY_ERROR_INIT;
		cr_expect_eq(judge((const uint8_t *)files[i].bytes, files[i].n, &collisions, &err), -1);
		cr_expect_str_eq(err.rule, "zip-end-record");
		cr_expect_str_eq(err.text, files[i].text);
	}
}

Test(zip, refuses_a_package_behind_another_and_an_end_behind_the_end)
{
	size_t n = 0, collisions = 0;
	uint8_t *p = forge_package(nothing, &n);
	uint8_t *two = malloc(2 * n);
	struct custody_error err = CUSTODY_ERROR_INIT;
	memcpy(two, p, n);
	memcpy(two + n, p, n);
	cr_expect_eq(judge(two, 2 * n, &collisions, &err), -1);
	cr_expect_str_eq(err.rule, "zip-gap");
	memcpy(two + n, p + n - 22, 22);
	cr_expect_eq(judge(two, n + 22, &collisions, &err), -1);
	cr_expect_str_eq(err.rule, "zip-end-record");
	cr_expect_str_eq(err.text, "found another end record before the last one, want one");
	free(two);
	free(p);
}

Test(zip, refuses_an_end_record_alone_that_states_a_directory)
{
	static const uint8_t end[22] = { 'P', 'K', 5, 6, [16] = 5 };
	size_t collisions = 0;
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_expect_eq(judge(end, sizeof(end), &collisions, &err), -1);
	cr_expect_str_eq(err.text, "found a directory of 0 bytes at offset 5, want its end at 0, where the end record begins");
}

Test(zip, takes_names_that_collide_when_nobody_asks)
{
	size_t n = 0;
	uint8_t *p = forge_package(name_case, &n);
	struct custody_source source;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_zip z;
	custody_source_memory(&source, p, n);
	cr_expect_eq(custody_zip_check(&z, &source, key, NULL, NULL, &err), 0);
	free(p);
}

Test(zip, leaves_more_members_than_the_limit_to_others)
{
	size_t n = 0, collisions = 0;
	uint8_t *p = forge_package(zip64_with_too_many_members, &n);
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_expect_eq(judge(p, n, &collisions, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_null(err.rule);
	cr_expect_str_eq(err.text, "found 1099511627776 members, at most 2147483648 are taken");
	free(p);
}

Test(zip, reads_a_member_only_up_to_the_limit_given)
{
	size_t n = 0;
	uint8_t *p = forge_package(nothing, &n);
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	struct custody_zip z;
	struct custody_zip_member m;
	struct custody_buf content CUSTODY_BUF_CLEAN = { 0 };
	custody_buf_init(&content, 4);
	custody_source_memory(&source, p, n);
	cr_assert_eq(custody_zip_check(&z, &source, key, NULL, NULL, &err), 0);
	cr_assert_eq(custody_zip_find(&z, "data/a.txt", &m, &err), 1);
	cr_expect_eq(custody_zip_read_member(&z, &m, 4, &content, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_str_eq(err.text, "member 'data/a.txt': found 5 bytes, at most 4 are read");
	cr_expect_eq(custody_zip_read_member(&z, &m, 5, &content, &err), -1, "the buffer holds 4");
	cr_assert_eq(custody_zip_find(&z, "data/b/c.bin", &m, &err), 1);
	cr_assert_eq(custody_zip_read_member(&z, &m, 4, &content, &err), 0);
	cr_expect_eq(content.len, 4);
	cr_expect_eq(memcmp(content.data, "\0\1\2\3", 4), 0);
	free(p);
}

Test(zip, reads_an_empty_member)
{
	size_t n = 0, collisions = 0;
	zipforge_package(&forge);
	zipforge_add(&forge, "data/empty", "", 0);
	zipforge_layout(&forge);
	uint8_t *p = zipforge_emit(&forge, &n);
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_expect_eq(judge(p, n, &collisions, &err), 0, "%s", err.text);
	free(p);
}

/* ---- every single bit ---- */

Test(zip, refuses_every_single_flipped_bit)
{
	size_t n = 0, collisions = 0, wrong = 0;
	uint8_t *p = forge_package(name_other_script, &n);
	for (size_t bit = 0; bit < n * 8; bit++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (judge(p, n, &collisions, &err) != -1 || err.kind != CUSTODY_ERR_FORMAT || !err.rule)
			wrong++;
		p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	cr_expect_eq(wrong, 0);
	free(p);
}

Test(zip, refuses_every_truncation_and_every_byte_inserted_or_deleted)
{
	size_t n = 0, collisions = 0, wrong = 0;
	uint8_t *p = forge_package(nothing, &n);
	uint8_t *q = malloc(n + 1);
	for (size_t i = 0; i <= n; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		if (i < n && judge(p, i, &collisions, &err) != -1)
			wrong++;
		memcpy(q, p, i);
		for (int fill = 0; fill < 256; fill += 255) {
			q[i] = (uint8_t)fill;
			memcpy(q + i + 1, p + i, n - i);
			if (judge(q, n + 1, &collisions, &err) != -1)
				wrong++;
		}
		if (i == n)
			break;
		memcpy(q + i, p + i + 1, n - i - 1);
		if (judge(q, n - 1, &collisions, &err) != -1)
			wrong++;
	}
	cr_expect_eq(wrong, 0);
	free(q);
	free(p);
}

/* ---- sources that fail or change ---- */

struct moody {
	const uint8_t *p;
	size_t n;
	size_t reads; /* so far */
	size_t fail_at; /* this read fails; 0 = none */
	size_t change_at; /* from this read on the byte at `where` is another one; 0 = never */
	size_t where;
};

static int moody_read(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	struct moody *m = ctx;
	if (++m->reads == m->fail_at)
		return custody_fail(err, CUSTODY_ERR_IO, "injected");
	memcpy(p, m->p + off, n);
	if (m->change_at && m->reads >= m->change_at && m->where >= off && m->where < off + n)
		p[m->where - off] ^= 1;
	return 0;
}

Test(zip, hands_on_every_failure_of_the_source)
{
	static edit_function *const packages[] = { nothing, name_many_cases, name_case, zip64_with_too_many_members, a_gap_before_the_end, a_comment,
		name_very_long_ones, name_twice_behind_many_cases };
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		size_t n = 0, collisions = 0;
		uint8_t *p = forge_package(packages[i], &n);
		for (size_t at = 1;; at++) {
			struct moody moody = { .p = p, .n = n, .fail_at = at };
			struct custody_source source = { n, moody_read, NULL, &moody };
			struct custody_error err = CUSTODY_ERROR_INIT;
			int r = judge_source(&source, &collisions, &err);
			if (moody.reads < at)
				break;
			cr_expect(r == -1 && err.kind == CUSTODY_ERR_IO, "package %zu, read %zu: %d %s", i, at, r, err.text);
		}
		free(p);
	}
}

/* Memory, and the digest over the directory. */
Test(zip, hands_on_every_other_failure)
{
	static edit_function *const packages[] = { nothing, name_many_cases, name_case, a_comment, name_very_long_ones,
		name_twice_behind_many_cases };
	static const char *const calls[] = { NULL, "EVP_DigestUpdate", "EVP_DigestFinal_ex" };
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		size_t n = 0, collisions = 0;
		uint8_t *p = forge_package(packages[i], &n);
		struct custody_error whole = CUSTODY_ERROR_INIT;
		int want = judge(p, n, &collisions, &whole);
		for (size_t k = nomem_available() ? 0 : 1; k < sizeof(calls) / sizeof(calls[0]); k++) {
			bool hit = true;
			for (int at = 1; hit; at++) {
				struct custody_error err = CUSTODY_ERROR_INIT;
				if (calls[k])
					faults_set(calls[k], at, 0);
				else
					nomem_arm((size_t)at);
				int r = judge(p, n, &collisions, &err);
				hit = calls[k] ? !faults_pending(calls[k]) : nomem_disarm();
				faults_clear();
				if (r == -1 && (err.kind == CUSTODY_ERR_NOMEM || err.kind == CUSTODY_ERR_CRYPTO))
					cr_expect(hit, "package %zu, %zu, %d: %s", i, k, at, err.text);
				else /* OpenSSL can do without some memory */
					cr_expect(
						r == want && strcmp(err.text, whole.text) == 0, "package %zu, %zu, %d: %d %s", i, k, at, r, err.text);
			}
		}
		free(p);
	}
}

/* A directory that is another one on a later look is not INVALID: the bytes that were judged are not these. */
Test(zip, notices_a_directory_that_changes_between_two_looks)
{
	size_t n = 0;
	uint8_t *p = forge_package(nothing, &n);
	for (size_t where = 160; where < n - 22; where++) {
		struct moody moody = { .p = p, .n = n, .where = where };
		struct custody_source source = { n, moody_read, NULL, &moody };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_zip z;
		struct custody_zip_member m;
		cr_assert_eq(custody_zip_check(&z, &source, key, NULL, NULL, &err), 0);
		moody.change_at = moody.reads + 1;
		cr_expect_eq(custody_zip_find(&z, "none", &m, &err), -1);
		cr_expect_str_eq(err.rule, "package-changed-while-read");
	}
	free(p);
}

Test(zip, notices_a_directory_that_changes_while_names_are_compared)
{
	size_t n = 0, collisions = 0, changed = 0;
	uint8_t *p = forge_package(name_many_cases, &n);
	/* Read 1 is the end, 2 the directory, 3 mimetype; 4 to 19 look for names; 20 and 21 are the walks over the whole. */
	for (size_t at = 4; at <= 21; at++) {
		struct moody moody = { .p = p, .n = n, .change_at = at, .where = n - 22 - 15 };
		struct custody_source source = { n, moody_read, NULL, &moody };
		struct custody_error err = CUSTODY_ERROR_INIT;
		if (judge_source(&source, &collisions, &err) == -1 && err.rule && strcmp(err.rule, "package-changed-while-read") == 0)
			changed++;
	}
	cr_expect_eq(changed, 18, "%zu", changed);
	free(p);
}
