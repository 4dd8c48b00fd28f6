/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of the container: its bytes against the forger's, and the reader over what it wrote. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/source.h"
#include "libcustody/package/zip.h"
#include "libcustody/package/zip_layout.h"
#include "tests/support/faults.h"
#include "tests/support/nomem.h"
#include "tests/support/zipforge.h"

#define GIB4 UINT64_C(0x100000000)
#define SATURATED UINT64_C(0xFFFFFFFF)
static const uint8_t key[16] = "sixteen bytes...";

/* A package in the making, in an unlinked file. */
struct made {
	int fd, dir;
	struct custody_zip_writer *w;
	uint64_t size;
	struct custody_error err;
};

static void made_begin(struct made *m)
{
	memset(m, 0, sizeof(*m));
	m->fd = memfd_create("package", MFD_CLOEXEC);
	m->dir = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(m->fd >= 0 && m->dir >= 0);
	cr_assert_eq(custody_zip_writer_new(&m->w, m->fd, m->dir, "package", &m->err), 0, "%s", m->err.text);
	cr_assert_eq(custody_zip_writer_add(m->w, "mimetype", CUSTODY_MIMETYPE, strlen(CUSTODY_MIMETYPE), &m->err), 0, "%s", m->err.text);
}

static void made_add(struct made *m, const char *name, const void *p, size_t n)
{
	cr_assert_eq(custody_zip_writer_add(m->w, name, p, n, &m->err), 0, "%s", m->err.text);
}

static void made_finish(struct made *m)
{
	cr_assert_eq(custody_zip_writer_finish(m->w, &m->size, &m->err), 0, "%s", m->err.text);
	struct stat st;
	cr_assert_eq(fstat(m->fd, &st), 0);
	cr_expect_eq((uint64_t)st.st_size, m->size);
}

static void made_release(struct made *m)
{
	custody_zip_writer_free(&m->w);
	close(m->fd);
	close(m->dir);
}

static uint8_t *made_bytes(const struct made *m)
{
	uint8_t *p = malloc(m->size);
	size_t got = 0;
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_fd_pread(m->fd, 0, p, m->size, &got, "package", &err), 0);
	cr_assert_eq(got, m->size);
	return p;
}

static void expect_same(const struct made *a, const struct made *b)
{
	cr_assert_eq(a->size, b->size, "%zu and %zu bytes", (size_t)a->size, (size_t)b->size);
	uint8_t *p CUSTODY_FREE = made_bytes(a);
	uint8_t *q CUSTODY_FREE = made_bytes(b);
	cr_expect_eq(memcmp(p, q, a->size), 0);
}

/* The reader passes it, and every local header; gives the last member. */
static void expect_good(const struct made *m, uint64_t members, struct custody_zip_member *last)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source_fd state;
	struct custody_source source;
	struct custody_zip z;
	struct custody_zip_cursor *c CUSTODY_CLEANUP(custody_zip_cursor_free) = NULL;
	struct custody_zip_member member;
	uint8_t header[30 + CUSTODY_LIMIT_MEMBER_NAME + 20];
	cr_assert_eq(custody_source_open_fd(&source, &state, m->fd, &err), 0, "%s", err.text);
	cr_assert_eq(custody_zip_check(&z, &source, key, NULL, NULL, &err), 0, "%s", err.text);
	cr_expect_eq(z.members, members);
	cr_assert_eq(custody_zip_cursor_new(&c, &z, &err), 0);
	int r;
	while ((r = custody_zip_cursor_next(c, &member, &err)) > 0) {
		size_t n = custody_zip_local_length(&member);
		cr_assert_eq(custody_source_read(&source, member.offset, header, n, &err), 0);
		cr_assert_eq(custody_zip_check_local(&member, header, n, &err), 0, "%s", err.text);
		*last = member;
	}
	cr_expect_eq(r, 0, "%s", err.text);
	last->name = NULL; /* it was the cursor's */
}

Test(zip_writer, writes_what_the_specification_says)
{
	static struct zipforge f;
	struct made m;
	zipforge_package(&f);
	zipforge_add(&f, "data/caf\303\251", "x", 1);
	zipforge_add(&f, "data/empty", "", 0);
	zipforge_layout(&f);
	size_t n = 0;
	uint8_t *want CUSTODY_FREE = zipforge_emit(&f, &n);
	made_begin(&m);
	for (size_t i = 1; i < f.n; i++) {
		char name[100] = "";
		memcpy(name, f.members[i].local.name, f.members[i].local.name_bytes);
		made_add(&m, name, f.members[i].data, f.members[i].size);
	}
	made_finish(&m);
	cr_assert_eq(m.size, n);
	uint8_t *found CUSTODY_FREE = made_bytes(&m);
	cr_expect_eq(memcmp(found, want, n), 0);
	made_release(&m);
}

/* Deterministic bytes without long runs of zeros. */
static uint8_t *noise(size_t n)
{
	uint8_t *p = malloc(n);
	uint32_t x = 12345;
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (uint8_t)(x >> 24);
	}
	return p;
}

Test(zip_writer, does_not_depend_on_how_content_is_cut_into_pieces)
{
	static const size_t pieces[] = { 1 << 20, 300000, 65536, 65535, 4096, 4095, 1000 };
	size_t n = 1 << 20;
	uint8_t *p CUSTODY_FREE = noise(n);
	memset(p + 100000, 0, 200000);
	memset(p + 500000, 0, 70000);
	memset(p + n - 150000, 0, 150000);
	struct made whole;
	made_begin(&whole);
	made_add(&whole, "data/a", "small", 5);
	made_add(&whole, "data/x", p, n);
	made_finish(&whole);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct made m;
		made_begin(&m);
		made_add(&m, "data/a", "small", 5);
		cr_assert_eq(custody_zip_writer_begin(m.w, "data/x", n, &m.err), 0);
		for (size_t at = 0; at < n; at += pieces[i]) {
			size_t len = n - at < pieces[i] ? n - at : pieces[i];
			cr_assert_eq(custody_zip_writer_write_crc(m.w, p + at, len, custody_crc32(0, p + at, len), &m.err), 0);
		}
		cr_assert_eq(custody_zip_writer_write(m.w, NULL, 0, &m.err), 0);
		cr_assert_eq(custody_zip_writer_end(m.w, &m.err), 0);
		made_finish(&m);
		expect_same(&whole, &m);
		made_release(&m);
	}
	struct custody_zip_member last;
	expect_good(&whole, 3, &last);
	cr_expect_eq(last.crc, custody_crc32(0, p, n));
	made_release(&whole);
}

/* In 1 MiB blocks, as evidence is read: nothing may be written at their edges either. */
Test(zip_writer, leaves_long_runs_of_zeros_as_holes)
{
	size_t n = 64 << 20, block = 1 << 20;
	uint8_t *p CUSTODY_FREE = calloc(1, n);
	p[(3 << 20) + 12345] = 1;
	p[(40 << 20) - 1] = 2;
	struct made m;
	made_begin(&m);
	cr_assert_eq(custody_zip_writer_begin(m.w, "data/sparse", n, &m.err), 0);
	for (size_t at = 0; at < n; at += block)
		cr_assert_eq(custody_zip_writer_write(m.w, p + at, block, &m.err), 0);
	cr_assert_eq(custody_zip_writer_end(m.w, &m.err), 0);
	made_finish(&m);
	struct stat st;
	cr_assert_eq(fstat(m.fd, &st), 0);
	cr_expect_leq(st.st_blocks * 512, 256 << 10, "%lld blocks", (long long)st.st_blocks);
	uint8_t *found CUSTODY_FREE = made_bytes(&m);
	cr_expect_eq(memcmp(found + 38 + 31 + 30 + strlen("data/sparse"), p, n), 0);
	made_release(&m);
}

Test(zip_writer, adds_a_member_from_a_spool)
{
	size_t n = 200000;
	uint8_t *p CUSTODY_FREE = noise(n);
	struct made a, b;
	made_begin(&a);
	made_add(&a, "manifest-sha256.txt", p, n);
	made_finish(&a);
	made_begin(&b);
	struct custody_spool s;
	cr_assert_eq(custody_spool_init(&s, b.dir, &b.err), 0);
	cr_assert_eq(custody_spool_append(&s, p, n, &b.err), 0);
	cr_assert_eq(custody_zip_writer_add_spool(b.w, "manifest-sha256.txt", &s, &b.err), 0);
	custody_spool_release(&s);
	made_finish(&b);
	expect_same(&a, &b);
	made_release(&a);
	made_release(&b);
}

/* ---- files that shrink, members that are taken back ---- */

Test(zip_writer, makes_of_a_file_that_shrank_what_it_became)
{
	static const uint64_t announced[] = { 70000, 70001, 1 << 20, SATURATED - 1, SATURATED, 5 * GIB4 };
	static const size_t sizes[] = { 0, 1, 70000, 1 << 20 };
	uint8_t *p CUSTODY_FREE = noise(1 << 20);
	/* A hole at the end, and one within, move with the rest. */
	memset(p + 200000, 0, 300000);
	memset(p + 800000, 0, (1 << 20) - 800000);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		struct made want;
		made_begin(&want);
		made_add(&want, "data/x", p, sizes[s]);
		made_add(&want, "data/y", "next", 4);
		made_finish(&want);
		for (size_t i = 0; i < sizeof(announced) / sizeof(announced[0]); i++) {
			if (announced[i] < sizes[s])
				continue;
			struct made m;
			made_begin(&m);
			cr_assert_eq(custody_zip_writer_begin(m.w, "data/x", announced[i], &m.err), 0);
			cr_assert_eq(custody_zip_writer_write(m.w, p, sizes[s], &m.err), 0);
			cr_assert_eq(custody_zip_writer_end(m.w, &m.err), 0, "%s", m.err.text);
			made_add(&m, "data/y", "next", 4);
			made_finish(&m);
			expect_same(&want, &m);
			made_release(&m);
		}
		made_release(&want);
	}
}

Test(zip_writer, leaves_nothing_of_a_member_that_was_cut)
{
	static const size_t sizes[] = { 0, 1, 5000, 300000, 3 << 20 };
	uint8_t *p CUSTODY_FREE = noise(3 << 20);
	uint8_t *zeros CUSTODY_FREE = calloc(1, 1 << 20);
	struct made want;
	made_begin(&want);
	made_add(&want, "data/before", "before", 6);
	made_add(&want, "data/zeros", zeros, 1 << 20);
	made_add(&want, "data/after", "after", 5);
	made_finish(&want);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		struct made m;
		made_begin(&m);
		made_add(&m, "data/before", "before", 6);
		cr_assert_eq(custody_zip_writer_begin(m.w, "data/cut", 5 * GIB4, &m.err), 0);
		cr_assert_eq(custody_zip_writer_write(m.w, p, sizes[s], &m.err), 0);
		cr_assert_eq(custody_zip_writer_cut(m.w, &m.err), 0);
		/* What comes now is left as a hole: nothing of the old bytes may shine through. */
		made_add(&m, "data/zeros", zeros, 1 << 20);
		made_add(&m, "data/after", "after", 5);
		made_finish(&m);
		expect_same(&want, &m);
		made_release(&m);
	}
	made_release(&want);
}

/* ---- Zip64 ---- */

/* Writes size zeros; 64 MiB of them are one untouched page, so this is quick, and the file is a hole. */
static void write_zeros(struct made *m, uint64_t size)
{
	size_t block = 64 << 20;
	uint8_t *p = mmap(NULL, block, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(p, MAP_FAILED);
	uint32_t crc = custody_crc32(0, p, block);
	while (size > 0) {
		size_t n = size < block ? (size_t)size : block;
		cr_assert_eq(custody_zip_writer_write_crc(m->w, p, n, n == block ? crc : custody_crc32(0, p, n), &m->err), 0, "%s", m->err.text);
		size -= n;
	}
	munmap(p, block);
}

static void add_zeros(struct made *m, const char *name, uint64_t size)
{
	cr_assert_eq(custody_zip_writer_begin(m->w, name, size, &m->err), 0);
	write_zeros(m, size);
	cr_assert_eq(custody_zip_writer_end(m->w, &m->err), 0, "%s", m->err.text);
}

Test(zip_writer, saturates_sizes_from_4294967295_bytes_on)
{
	static const struct {
		uint64_t size;
		size_t extra;
	} cases[] = { { GIB4 - 2, 0 }, { GIB4 - 1, 20 }, { GIB4, 20 }, { GIB4 + 1, 20 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made m;
		struct custody_zip_member last;
		made_begin(&m);
		add_zeros(&m, "data/x", cases[i].size);
		made_finish(&m);
		expect_good(&m, 2, &last);
		cr_expect_eq(last.size, cases[i].size);
		cr_expect_eq(last.data_offset, 69 + 30 + 6 + cases[i].extra);
		/* The directory lies behind 4 GiB: Zip64 end records, central extra of the size alone. */
		cr_expect_eq(m.size, last.data_offset + last.size + (46 + 8) + (46 + 6 + cases[i].extra) + 98);
		made_release(&m);
	}
}

Test(zip_writer, saturates_offsets_from_4294967295_on)
{
	/* The last member begins, and then the directory, at the boundary and beside it. */
	for (uint64_t target = SATURATED - 1; target <= SATURATED + 1; target++)
		for (int as_member = 0; as_member < 2; as_member++) {
			struct made m;
			struct custody_zip_member last;
			uint64_t before = as_member ? 0 : 30 + 6 + 1;
			made_begin(&m);
			add_zeros(&m, "data/x", target - before - 69 - 36);
			made_add(&m, "data/y", "y", 1);
			made_finish(&m);
			expect_good(&m, 3, &last);
			uint64_t directory = last.data_offset + 1;
			cr_expect_eq(as_member ? last.offset : directory, target);
			cr_expect_eq(last.data_offset, last.offset + 36, "an offset alone adds no local extra");
			uint64_t extra = last.offset >= SATURATED ? 12 : 0, end = directory >= SATURATED ? 98 : 22;
			cr_expect_eq(m.size, directory + (46 + 8) + 2 * (46 + 6) + extra + end);
			uint8_t needed = 0;
			cr_assert_eq(pread(m.fd, &needed, 1, (off_t)last.offset + 4), 1);
			cr_expect_eq(needed, extra ? 45 : 20, "needed in the local header");
			made_release(&m);
		}
}

/* Overwrites bytes of the file, judges, and puts them back. */
static void expect_patched(const struct made *m, uint64_t off, const void *p, size_t n, const char *text)
{
	uint8_t before[16];
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source_fd state;
	struct custody_source source;
	struct custody_zip z;
	cr_assert_eq(pread(m->fd, before, n, (off_t)off), (ssize_t)n);
	cr_assert_eq(pwrite(m->fd, p, n, (off_t)off), (ssize_t)n);
	cr_assert_eq(custody_source_open_fd(&source, &state, m->fd, &err), 0);
	cr_expect_eq(custody_zip_check(&z, &source, key, NULL, NULL, &err), -1);
	cr_expect(strstr(err.text, text), "%s", err.text);
	cr_assert_eq(pwrite(m->fd, before, n, (off_t)off), (ssize_t)n);
}

Test(zip_writer, leaves_no_room_for_lies_in_zip64_fields)
{
	static const uint8_t nothing[8], one[8] = { 1 };
	struct made m;
	struct custody_zip_member last, huge;
	struct custody_zip z;
	struct custody_source_fd state;
	struct custody_source source;
	uint8_t header[30 + 6 + 20];
	made_begin(&m);
	add_zeros(&m, "data/x", GIB4);
	made_add(&m, "data/y", "y", 1);
	add_zeros(&m, "data/z", GIB4);
	made_finish(&m);
	expect_good(&m, 4, &last);
	/* mimetype's record; data/x's, with size and compressed size in its extra field; data/y's, with its offset there; data/z's, with all three. */
	uint64_t x = last.data_offset + GIB4 + 46 + 8, y = x + 46 + 6 + 20, z_record = y + 46 + 6 + 12;
	expect_patched(&m, x + 46 + 6 + 12, one, 8, "found compressed size 1, want 4294967296");
	expect_patched(&m, y + 46 + 6 + 4, one, 8, "found offset of the local header 1, want 4294967421");
	expect_patched(&m, z_record + 46 + 6 + 20, one, 8, "found offset of the local header 1, want 4294967458");
	expect_patched(&m, y + 30, nothing, 2, "found no Zip64 extra field, want one of 12 bytes");
	cr_assert_eq(custody_source_open_fd(&source, &state, m.fd, &m.err), 0);
	cr_assert_eq(custody_zip_check(&z, &source, key, NULL, NULL, &m.err), 0);
	cr_assert_eq(custody_zip_find(&z, "data/x", &huge, &m.err), 1);
	cr_assert_eq(custody_source_read(&source, huge.offset, header, sizeof(header), &m.err), 0);
	cr_assert_eq(custody_zip_check_local(&huge, header, sizeof(header), &m.err), 0);
	header[sizeof(header) - 1] = 1;
	cr_expect_eq(custody_zip_check_local(&huge, header, sizeof(header), &m.err), -1);
	cr_expect(strstr(m.err.text, "found another Zip64 extra field in the local header, want the size of the directory twice"), "%s", m.err.text);
	made_release(&m);
}

Test(zip_writer, saturates_the_size_of_a_directory)
{
	uint8_t end[CUSTODY_ZIP_END_MAX];
	cr_expect_eq(custody_zip_end_format(1, 0, SATURATED - 1, end), (size_t)CUSTODY_ZIP_END_FIXED);
	cr_expect_eq(custody_zip_end_format(1, 0, SATURATED, end), (size_t)CUSTODY_ZIP_END_MAX);
}

Test(zip_writer, saturates_counts_from_65535_on)
{
	for (size_t members = 65534; members <= 65537; members++) {
		struct made m;
		struct custody_zip_member last;
		made_begin(&m);
		for (size_t i = 1; i < members; i++) {
			char name[32];
			snprintf(name, sizeof(name), "data/%06zu", i);
			made_add(&m, name, "", 0);
		}
		made_finish(&m);
		expect_good(&m, members, &last);
		cr_expect_eq(m.size, 69 + 54 + (members - 1) * (30 + 11 + 46 + 11) + (members >= 65535 ? 98 : 22));
		if (members == 65537) {
			/* The same package with the count modulo 65536 and without Zip64: one reader would see a single member. */
			uint8_t *p CUSTODY_FREE = made_bytes(&m);
			uint8_t *q CUSTODY_FREE = malloc(m.size);
			size_t n = m.size - 76;
			uint32_t directory = (uint32_t)(69 + (members - 1) * 41), size = (uint32_t)(n - 22 - directory);
			memcpy(q, p, n - 22);
			memcpy(q + n - 22, "PK\5\6\0\0\0\0\1\0\1\0", 12);
			for (unsigned i = 0; i < 4; i++) {
				q[n - 10 + i] = (uint8_t)(size >> 8 * i);
				q[n - 6 + i] = (uint8_t)(directory >> 8 * i);
			}
			q[n - 2] = q[n - 1] = 0;
			struct custody_source source;
			struct custody_zip z;
			custody_source_memory(&source, q, n);
			cr_expect_eq(custody_zip_check(&z, &source, key, NULL, NULL, &m.err), -1);
			cr_expect_str_eq(m.err.rule, "zip-count");
			cr_expect_str_eq(m.err.text, "found 65537 members in the directory, want the 1 that the end record states");
		}
		made_release(&m);
	}
}

/* ---- misuse and failure ---- */

#define EXPECT_FAILS(call, what, message)                \
	do {                                             \
		cr_expect_eq((call), -1);                \
		cr_expect_eq(m.err.kind, (what));        \
		cr_expect_str_eq(m.err.text, (message)); \
	} while (0)

Test(zip_writer, refuses_calls_in_the_wrong_order)
{
	struct made m;
	uint64_t size = 0;
	made_begin(&m);
	EXPECT_FAILS(custody_zip_writer_end(m.w, &m.err), CUSTODY_ERR_INTERNAL, "a member was ended that was not begun");
	EXPECT_FAILS(custody_zip_writer_cut(m.w, &m.err), CUSTODY_ERR_INTERNAL, "a member was cut that was not begun");
	EXPECT_FAILS(custody_zip_writer_write(m.w, (const uint8_t *)"x", 1, &m.err), CUSTODY_ERR_INTERNAL, "content was written outside of a member");
	cr_assert_eq(custody_zip_writer_begin(m.w, "data/x", 3, &m.err), 0);
	EXPECT_FAILS(custody_zip_writer_begin(m.w, "data/y", 3, &m.err), CUSTODY_ERR_INTERNAL,
		"a member was begun while another was open, or after the end");
	EXPECT_FAILS(custody_zip_writer_finish(m.w, &size, &m.err), CUSTODY_ERR_INTERNAL, "the container was finished with a member open, or twice");
	cr_assert_eq(custody_zip_writer_write(m.w, (const uint8_t *)"ab", 2, &m.err), 0);
	EXPECT_FAILS(custody_zip_writer_write(m.w, (const uint8_t *)"cd", 2, &m.err), CUSTODY_ERR_INTERNAL,
		"member 'data/x' became longer than the 3 bytes announced");
	cr_assert_eq(custody_zip_writer_end(m.w, &m.err), 0);
	made_finish(&m);
	EXPECT_FAILS(custody_zip_writer_finish(m.w, &size, &m.err), CUSTODY_ERR_INTERNAL, "the container was finished with a member open, or twice");
	EXPECT_FAILS(custody_zip_writer_begin(m.w, "data/y", 3, &m.err), CUSTODY_ERR_INTERNAL,
		"a member was begun while another was open, or after the end");
	made_release(&m);
	custody_zip_writer_free(&m.w);
}

Test(zip_writer, refuses_names_that_its_reader_would_refuse)
{
	struct made m;
	made_begin(&m);
	EXPECT_FAILS(custody_zip_writer_add(m.w, "data/../x", "", 0, &m.err), CUSTODY_ERR_INTERNAL, "member name 'data/../x' has a part '.' or '..'");
	EXPECT_FAILS(custody_zip_writer_add(m.w, "data/\033", "", 0, &m.err), CUSTODY_ERR_INTERNAL,
		"member name 'data/\\u{001b}' has a control or bidi character, or a line or paragraph separator");
	struct custody_spool s CUSTODY_CLEANUP(custody_spool_release) = { .fd = -1 };
	cr_assert_eq(custody_spool_init(&s, m.dir, &m.err), 0);
	EXPECT_FAILS(custody_zip_writer_add_spool(m.w, "data//x", &s, &m.err), CUSTODY_ERR_INTERNAL, "member name 'data//x' has an empty part");
	made_release(&m);
}

Test(zip_writer, writes_only_to_a_new_file)
{
	struct made m;
	struct custody_zip_writer *w = NULL;
	made_begin(&m);
	made_finish(&m);
	EXPECT_FAILS(custody_zip_writer_new(&w, m.fd, m.dir, "p.asice", &m.err), CUSTODY_ERR_INTERNAL, "'p.asice' is not a new empty file");
	EXPECT_FAILS(custody_zip_writer_new(&w, m.dir, m.dir, "p.asice", &m.err), CUSTODY_ERR_INTERNAL, "'p.asice' is not a new empty file");
	EXPECT_FAILS(custody_zip_writer_new(&w, -1, m.dir, "p.asice", &m.err), CUSTODY_ERR_IO, "cannot look at 'p.asice': Bad file descriptor");
	cr_expect_null(w);
	made_release(&m);
}

/* A file that can be read but not written stands for a full disk. Everything small waits in memory, so the failure comes where a flush is needed. */
Test(zip_writer, hands_on_failures_of_the_file)
{
	uint8_t *p CUSTODY_FREE = noise(1 << 20);
	for (int way = 0; way < 7; way++) {
		struct made m;
		made_begin(&m);
		cr_assert_eq(custody_zip_writer_begin(m.w, "data/x", way < 4 ? 1 << 20 : 5 * GIB4, &m.err), 0);
		size_t written = way == 6 ? 10 : 1 << 20;
		if (way >= 1)
			cr_assert_eq(custody_zip_writer_write(m.w, p, written, &m.err), 0);
		char path[64];
		snprintf(path, sizeof(path), "/proc/self/fd/%d", m.fd);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		cr_assert_geq(fd, 0);
		cr_assert_eq(dup2(fd, m.fd), m.fd);
		close(fd);
		int r = 0;
		if (way == 0)
			r = custody_zip_writer_write(m.w, p, 1 << 20, &m.err);
		else if (way == 1 || way == 4 || way == 6)
			r = custody_zip_writer_end(m.w, &m.err);
		else if (way == 2 || way == 5)
			r = custody_zip_writer_cut(m.w, &m.err);
		else
			r = custody_zip_writer_write(m.w, p, 0, &m.err) == 0 ? custody_zip_writer_add(m.w, "data/y", p, 1, &m.err) : 0;
		cr_expect_eq(r, -1, "way %d", way);
		cr_expect_neq(m.err.kind, CUSTODY_ERR_NONE, "way %d", way);
		made_release(&m);
	}
	struct made m;
	made_begin(&m);
	close(m.fd);
	cr_expect_eq(custody_zip_writer_finish(m.w, &m.size, &m.err), -1);
	cr_expect_eq(m.err.kind, CUSTODY_ERR_IO);
	made_release(&m);
}

/* Everything that the writer does, with one call after another failing under it: it fails too, and says so. */
static int write_all(const uint8_t *p, struct custody_error *err)
{
	struct custody_zip_writer *w CUSTODY_CLEANUP(custody_zip_writer_free) = NULL;
	struct custody_spool spool CUSTODY_CLEANUP(custody_spool_release) = { .fd = -1 };
	int fd CUSTODY_CLOSE = memfd_create("package", MFD_CLOEXEC);
	int dir CUSTODY_CLOSE = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t size = 0;
	/* One that shrank, one from a spool larger than its memory, small ones enough for a directory beyond that memory, one that is cut. */
	if (custody_zip_writer_new(&w, fd, dir, "package", err) || custody_zip_writer_begin(w, "data/a", 5 * GIB4, err) ||
		custody_zip_writer_write(w, p, 600000, err) || custody_zip_writer_end(w, err) || custody_spool_init(&spool, dir, err) ||
		custody_spool_append(&spool, p, 1 << 20, err) || custody_zip_writer_add_spool(w, "data/b", &spool, err) ||
		custody_zip_writer_add(w, "data/c", p, 1 << 19, err))
		return -1;
	for (int i = 0; i < 2000; i++) {
		char name[400];
		snprintf(name, sizeof(name), "data/%0380d", i);
		if (custody_zip_writer_add(w, name, p, 1, err))
			return -1;
	}
	if (custody_zip_writer_begin(w, "data/d", 1 << 20, err) || custody_zip_writer_write(w, p, 1 << 20, err) || custody_zip_writer_cut(w, err))
		return -1;
	return custody_zip_writer_finish(w, &size, err);
}

Test(zip_writer, hands_on_every_failing_call, .timeout = 300)
{
	static const char *const calls[] = { "fstat", "pread", "pwrite", "ftruncate", NULL };
	uint8_t *p CUSTODY_FREE = noise(1 << 20);
	for (size_t k = 0; k < sizeof(calls) / sizeof(calls[0]) - !nomem_available(); k++) {
		bool hit = true;
		int at = 1;
		for (; hit; at++) {
			struct custody_error err = CUSTODY_ERROR_INIT;
			if (calls[k])
				faults_set(calls[k], at, EIO);
			else
				nomem_arm((size_t)at);
			int r = write_all(p, &err);
			hit = calls[k] ? !faults_pending(calls[k]) : nomem_disarm();
			faults_clear();
			cr_expect(r == (hit ? -1 : 0) && err.kind == (!hit		? CUSTODY_ERR_NONE
									     : calls[k] ? CUSTODY_ERR_IO
											: CUSTODY_ERR_NOMEM),
				"%s %d: %d %s", calls[k] ? calls[k] : "allocation", at, r, err.text);
		}
		cr_expect_gt(at, 2, "%s was never called", calls[k] ? calls[k] : "an allocation");
	}
}

/* The end record is what no longer fits into the pending bytes. */
Test(zip_writer, hands_on_a_failure_at_the_very_end)
{
	uint8_t *p CUSTODY_FREE = noise(1 << 18);
	struct made m;
	made_begin(&m);
	made_add(&m, "data/x", p, 0);
	made_finish(&m);
	size_t fits = ((size_t)256 << 10) - m.size;
	made_release(&m);
	for (size_t more = 0; more < 2; more++) {
		made_begin(&m);
		made_add(&m, "data/x", p, fits + more);
		faults_set("pwrite", 1, EIO);
		cr_expect_eq(custody_zip_writer_finish(m.w, &m.size, &m.err), -1);
		cr_expect_not(faults_pending("pwrite"));
		faults_clear();
		made_release(&m);
	}
}

Test(zip_writer, notices_that_the_file_ends_before_what_it_wrote)
{
	uint8_t *p CUSTODY_FREE = noise(1 << 20);
	struct made m;
	made_begin(&m);
	cr_assert_eq(custody_zip_writer_begin(m.w, "data/x", 5 * GIB4, &m.err), 0);
	cr_assert_eq(custody_zip_writer_write(m.w, p, 1 << 20, &m.err), 0);
	faults_set("pread", 1, 0);
	EXPECT_FAILS(custody_zip_writer_end(m.w, &m.err), CUSTODY_ERR_IO, "'package' became shorter while it was written");
	faults_clear();
	made_release(&m);
}

Test(zip_writer, notices_that_the_file_is_not_as_long_as_it_must_be)
{
	struct made m;
	made_begin(&m);
	cr_assert_eq(ftruncate(m.fd, 1 << 20), 0);
	EXPECT_FAILS(custody_zip_writer_finish(m.w, &m.size, &m.err), CUSTODY_ERR_INTERNAL, "'package' has 1048576 bytes, want 145");
	made_release(&m);
}

Test(crc32, agrees_with_zlib_and_with_itself)
{
	cr_expect(custody_crc32_self_test());
	cr_expect_eq(custody_crc32(0x12345678, NULL, 0), 0x12345678);
}
