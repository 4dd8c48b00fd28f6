/* SPDX-License-Identifier: Apache-2.0 */
/* Archives of fixtures/fuzz/archive (made by fixtures/make/archives.py), each with the one line that its look must come to. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "formats/content/archive.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

struct taken {
	struct custody_buf line; /* "zip: 1 2[name-differs] | data-before=15 | complete" */
	struct custody_inspect_end end;
	uint64_t members, digests_of; /* member whose digest is kept */
	uint8_t sha256[32];
	char name[256];
};

static int take_begin(void *ctx, const struct custody_inspect_begin *b, struct custody_error *err)
{
	struct taken *t = ctx;
	const char *format = custody_inspect_format_name(b->format), *filter = custody_inspect_filter_name(b->filter);
	return custody_buf_printf(&t->line, err, "%s%s%s:", format ? format : "none", filter ? "/" : "", filter ? filter : "");
}

static int take_member(void *ctx, const struct custody_inspect_member *m, struct custody_error *err)
{
	struct taken *t = ctx;
	t->members++;
	if (m->number == t->digests_of) {
		memcpy(t->sha256, m->digests.value[CUSTODY_SHA256], 32);
		custody_display(m->name.p, m->name.n, t->name, sizeof(t->name));
	}
	if (m->state != CUSTODY_INSPECT_READ && m->state != CUSTODY_INSPECT_NO_CONTENT)
		if (custody_buf_printf(&t->line, err, " %s", custody_inspect_state_name(m->state)))
			return -1;
	for (int i = 0; i < CUSTODY_INSPECT_MEMBER_NOTE_COUNT; i++)
		if (m->notes & CUSTODY_INSPECT_BIT(i))
			if (custody_buf_printf(&t->line, err, " %d:%s", (int)m->number,
				    custody_inspect_member_note_get((enum custody_inspect_member_note)i)->id))
				return -1;
	return 0;
}

static int take_note(void *ctx, const struct custody_inspect_note *n, struct custody_error *err)
{
	struct taken *t = ctx;
	return custody_buf_printf(&t->line, err, " %s=%llu", custody_inspect_archive_note_get(n->id)->id, (unsigned long long)n->number);
}

static struct custody_archive_options usual(void)
{
	return (struct custody_archive_options){ .digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256),
		.max_members = CUSTODY_LIMIT_INSPECT_MEMBERS,
		.max_bytes = CUSTODY_LIMIT_INSPECT_BYTES,
		.max_ratio = CUSTODY_LIMIT_INSPECT_RATIO,
		.ratio_from = CUSTODY_LIMIT_INSPECT_RATIO_FROM,
		.key = "sixteen bytes.." };
}

/* Looks at memory; *t is to be released by forget(). */
static void look_at(struct taken *t, const uint8_t *p, size_t n, const struct custody_archive_options *options)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source s;
	const struct custody_inspect_sink sink = { take_begin, take_member, take_note, t };
	custody_buf_init(&t->line, 1 << 20);
	custody_source_memory(&s, p, n);
	cr_assert_eq(custody_archive_prepare(&err), 0, "%s", err.text);
	cr_assert_eq(custody_archive_inspect(&s, options, &sink, &t->end, &err), 0, "%s", err.text);
	cr_expect_eq(t->members, t->end.members);
	cr_assert_eq(custody_buf_printf(&t->line, &err, " %d %s", (int)t->end.members, custody_inspect_outcome_name(t->end.outcome)), 0);
}

static void forget(struct taken *t)
{
	custody_buf_release(&t->line);
	*t = (struct taken){ 0 };
}

static void look(struct taken *t, const char *name, const struct custody_archive_options *options)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf file CUSTODY_BUF_CLEAN = { 0 };
	char path[256];
	snprintf(path, sizeof(path), "fixtures/fuzz/archive/%s", name);
	custody_buf_init(&file, 1 << 20);
	cr_assert_eq(custody_fd_slurp(path, 1 << 20, &file, &err), 0, "%s", err.text);
	look_at(t, file.data, file.len, options);
}

static const struct {
	const char *name, *want,
		*words; /* words: what the reader says of the archive, in part; "": something of libarchive's, whose versions differ; NULL: nothing */
} table[] = {
	{ "7z-after", "7z: data-after=18 3 complete", NULL },
	{ "7z-damaged", "7z: damaged 2 broken", "" },
	{ "7z-empty", "7z: 0 complete", NULL },
	{ "7z-encrypted", "7z: encrypted encrypted 3 partly", NULL },
	{ "7z-good", "7z: 3 complete", NULL },
	{ "7z-opaque", "7z: 0 opaque", "" },
	{ "7z-truncated", "7z: 0 broken", "" },
	{ "bz-padded-bz", "stream/bzip2: data-after=54 1 complete", NULL },
	{ "crash-encrypted-unopened", "zip: directory-damaged=229 data-before=229 count-differs=2 0 broken", "" },
	{ "gz", "stream/gzip: 1 complete", NULL },
	{ "gz-empty", "stream/gzip: 1 complete", NULL },
	{ "gz-gz", "stream/gzip: 1:nested 1 complete", NULL },
	{ "none-pk", "zip: no-directory=1048576 0 broken", "" },
	{ "none-text", "none: 0 not-an-archive", NULL },
	{ "none-zeros", "none: 0 not-an-archive", NULL },
	{ "tar-after", "tar: data-after=3605 7 complete", NULL },
	{ "tar-empty", "tar: 0 complete", NULL },
	{ "tar-gnu", "tar: 7 complete", NULL },
	{ "tar-hostile-gnu", "tar: 1:name-absolute 2:name-parent 3:name-parent 5:name-duplicate 7:link-outside 8:link-outside 8 complete", NULL },
	{ "tar-hostile-pax", "tar: 1:name-absolute 2:name-parent 3:name-parent 5:name-duplicate 7:link-outside 8:link-outside 8 complete", NULL },
	{ "tar-no-end", "tar: 1 broken", "there is no end mark behind the last member" },
	{ "tar-pax", "tar: 7 complete", NULL },
	{ "tar-then-zip", "tar: data-after=119 two-formats=2099 1 complete", NULL },
	{ "tar-times", "tar: 1:time-unknown 2:time-unknown 4 complete", NULL },
	{ "tar-torn", "tar: 2 broken", "Damaged" },
	{ "tar-torn-no-end", "tar: 2 broken", "" },
	{ "tar-truncated", "tar: damaged 2 broken", "" },
	{ "tar-twice", "tar: data-after=4108 7 complete", NULL },
	{ "tar-ustar", "tar: 1 complete", NULL },
	{ "tar-volume", "tar: damaged 2 damaged", NULL },
	{ "tbz", "tar/bzip2: 7 complete", NULL },
	{ "tbz-after", "tar/bzip2: data-after=17 7 complete", NULL },
	{ "tgz", "tar/gzip: 7 complete", NULL },
	{ "tgz-after", "tar/gzip: data-after=17 7 complete", NULL },
	{ "tgz-after-both", "tar/gzip: data-after=3622 7 complete", NULL },
	{ "tgz-crc", "tar/gzip: 7 broken", "the gzip stream is damaged: incorrect data check" },
	{ "tgz-empty", "tar/gzip: 0 complete", NULL },
	{ "tgz-parts", "tar/gzip: 7 complete", NULL },
	{ "tgz-truncated", "tar/gzip: 6 broken", "the gzip stream ends early" },
	{ "txz", "tar/xz: 7 complete", NULL },
	{ "txz-damaged", "stream/xz: 0 broken", "" },
	{ "tzst", "tar/zstd: 7 complete", NULL },
	{ "xz-xz", "stream/xz: compressed-twice=2 1 complete", NULL },
	{ "xz-zeros", "stream/xz: 1 complete", NULL },
	{ "zip-after", "zip: data-after=17 2 complete", NULL },
	{ "zip-before", "zip: data-before=15 2 complete", NULL },
	{ "zip-before-unshifted", "zip: data-before=15 2 complete", NULL },
	{ "zip-comment", "zip: comment=9 2 complete", NULL },
	{ "zip-count", "zip: count-differs=7 2 complete", NULL },
	{ "zip-crc-differs", "zip: damaged 1:crc-differs 1:reader-warned 3 damaged", NULL },
	{ "zip-crc-wrong", "zip: damaged 3 damaged", NULL },
	{ "zip-deflate-damaged", "zip: damaged 3 damaged", NULL },
	{ "zip-descriptor", "zip: 2 complete", NULL },
	{ "zip-directory-damaged", "zip: directory-damaged=167 data-between=65 count-differs=2 2 broken", "the central directory is damaged" },
	{ "zip-empty", "zip: 0 complete", NULL },
	{ "zip-encrypted", "zip: encrypted 3 partly", NULL },
	{ "zip-end-implausible", "zip: data-after=22 damaged reader-differs=1 1 damaged", NULL },
	{ "zip-flags-differ", "zip: encrypted 1:flags-differ 3 partly", NULL },
	{ "zip-folder-content", "zip: unsupported 1:kind-differs unsupported 2:kind-differs 5 partly", NULL },
	{ "zip-good", "zip: 5 complete", NULL },
	{ "zip-header-missing",
		"zip: 1:name-differs 1:size-differs 1:sizes-differ 1:crc-differs 1:overlaps 1:reader-warned damaged 2:overlaps 3 damaged", NULL },
	{ "zip-hidden", "zip: unlisted-member=51 data-between=96 2 complete", NULL },
	{ "zip-hidden-first", "zip: data-before=48 unlisted-member=0 2 complete", NULL },
	{ "zip-link-outside", "zip: 1:link-outside 1 complete", NULL },
	{ "zip-lzma", "zip: 1 complete", NULL },
	{ "zip-method-differs", "zip: 1:method-differs 3 complete", NULL },
	{ "zip-name-differs", "zip: 1:name-differs 3 complete", NULL },
	{ "zip-names", "zip: 1:name-absolute 2:name-parent 3:name-backslash 4:name-absolute 4:name-backslash 8:name-duplicate 9 complete", NULL },
	{ "zip-name-nul", "zip: 1:name-nul 1 complete", NULL },
	{ "zip-no-name", "zip: 1:name-empty 1 complete", NULL },
	{ "zip-overlap", "zip: 1:nested 1:overlaps 2:overlaps 2 complete", NULL },
	{ "zip-part-end", "zip: split=3 0 broken", "split over several" },
	{ "zip-part-first", "zip: no-directory=1048576 split=1 damaged 2 broken", "" },
	{ "zip-part-last", "zip: split=2 damaged damaged damaged 3 broken", "split over several" },
	{ "zip-same-place", "zip: 1:overlaps damaged 2:name-differs 2:overlaps 2 damaged", NULL },
	{ "zip-sizes-differ", "zip: damaged 1:sizes-differ 1:reader-warned 3 damaged", NULL },
	{ "zip-split", "zip: split=2 1 complete", NULL },
	{ "zip-stored-zip", "zip: 1:nested 1 complete", NULL },
	{ "zip-time", "zip: 1 complete", NULL },
	{ "zip-truncated", "zip: no-directory=1048576 5 broken", "no central directory: the file is cut short, or a part of one" },
	{ "zip-truncated-member", "zip: no-directory=1048576 1 broken", "" },
	{ "zip-two-ends", "zip: two-ends=225 data-before=247 unlisted-member=0 1 complete", NULL },
	{ "zip-unsupported", "zip: unsupported 3 partly", NULL },
	{ "zip-reaches-directory", "zip: damaged 1:overlaps 1 damaged", NULL },
	{ "zip-shuffled", "zip: 70 complete", NULL },
	{ "zip-time-ntfs", "zip: 1 complete", NULL },
	{ "zip64-before", "zip: data-before=10 damaged reader-differs=1 1 damaged", "" },
	{ "zip64-end", "zip: 1 complete", NULL },
	{ "zip64-end-missing", "zip: no-directory=1048576 1 broken", "no central directory" },
	{ "zip64-extra-short", "zip: data-before=71 unlisted-member=0 damaged 1:header-missing reader-differs=1 1 damaged", "" },
	{ "zip64-locator-lies", "zip: damaged reader-differs=1 1 damaged", "" },
	{ "zip64-overflow", "zip: data-before=71 unlisted-member=0 damaged 1:header-missing reader-differs=1 1 damaged", "" },
};

Test(archive, each_archive_comes_to_its_line)
{
	const struct custody_archive_options options = usual();
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct taken t = { 0 };
		look(&t, table[i].name, &options);
		cr_expect_str_eq(custody_buf_str(&t.line), table[i].want, "%s: %s", table[i].name, custody_buf_str(&t.line));
		if (table[i].words)
			cr_expect(t.end.words[0] && strstr(t.end.words, table[i].words), "%s: '%s'", table[i].name, t.end.words);
		else
			cr_expect_str_empty(t.end.words, "%s: '%s'", table[i].name, t.end.words);
		forget(&t);
	}
}

/* name: the archive, the member, its shown name, its content. */
static const struct {
	const char *archive;
	uint64_t member;
	const char *name, *content;
} contents[] = {
	{ "zip-good", 2, "folder/b.txt", "content of folder/b.txt" },
	{ "zip-names", 5, "\\xff\\xfe", "content of \xff\xfe" },
	{ "zip-name-differs", 1, "virus.exe", "1" },
	{ "zip-method-differs", 1, "a", "12345" },
	{ "zip-deflate-damaged", 2, "a.txt", "content of a.txt" },
	{ "zip-before", 1, "a.txt", "content of a.txt" },
	{ "zip-descriptor", 2, "large", "6666666666666666666666666666666666666666" },
	{ "tar-pax", 2, "folder/a", "content of a" },
	{ "tar-hostile-gnu", 6, "raw-\\xff", "6" },
	{ "tar-hostile-pax", 6, "raw-\\xff", "6" },
	{ "tgz", 2, "folder/a", "content of a" },
	{ "tgz-parts", 2, "folder/a", "content of a" },
	{ "tbz", 2, "folder/a", "content of a" },
	{ "txz", 2, "folder/a", "content of a" },
	{ "tzst", 2, "folder/a", "content of a" },
	{ "7z-good", 2, "in/a", "content of a" },
	{ "gz", 1, "", "one file, no archive\n" },
};

Test(archive, digests_are_those_of_the_content)
{
	const struct custody_archive_options options = usual();
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct taken t = { .digests_of = contents[i].member };
		uint8_t want[32];
		look(&t, contents[i].archive, &options);
		cr_assert_eq(custody_digest_once(CUSTODY_SHA256, contents[i].content, strlen(contents[i].content), want, &err), 0);
		cr_expect(memcmp(want, t.sha256, 32) == 0, "%s", contents[i].archive);
		cr_expect_str_eq(t.name, contents[i].name);
		forget(&t);
	}
}

static bool always(void *ctx)
{
	(void)ctx;
	return true;
}

Test(archive, limits_end_a_look)
{
	struct taken t = { 0 };
	struct custody_archive_options options = usual();
	const char *const archives[] = { "zip-good", "tar-pax", "7z-good", "tgz" };
	const uint64_t members[] = { 5, 7, 3, 7 };
	for (size_t i = 0; i < sizeof(archives) / sizeof(archives[0]); i++) {
		options = usual();
		options.max_members = members[i];
		look(&t, archives[i], &options);
		cr_expect_eq(t.end.outcome, CUSTODY_INSPECT_COMPLETE, "%s", archives[i]);
		forget(&t);
		options.max_members--;
		look(&t, archives[i], &options);
		cr_expect_eq(t.end.outcome, CUSTODY_INSPECT_TOO_MANY, "%s", archives[i]);
		forget(&t);
		options = usual();
		options.max_bytes = 5;
		look(&t, archives[i], &options);
		cr_expect_eq(t.end.outcome, CUSTODY_INSPECT_TOO_MUCH, "%s", archives[i]);
		cr_expect_leq(t.end.bytes, 5);
		forget(&t);
		options = usual();
		options.stop = always;
		look(&t, archives[i], &options);
		cr_expect_eq(t.end.outcome, CUSTODY_INSPECT_TOO_SLOW, "%s", archives[i]);
		forget(&t);
	}
	options = usual();
	options.max_bytes = 1039;
	look(&t, "zip-good", &options);
	cr_expect_eq(t.end.outcome, CUSTODY_INSPECT_COMPLETE);
	forget(&t);
	options.max_bytes = 1038;
	look(&t, "zip-good", &options);
	cr_expect_eq(t.end.outcome, CUSTODY_INSPECT_TOO_MUCH);
	cr_expect_eq(t.end.by_state[CUSTODY_INSPECT_LIMITED], 1);
	forget(&t);
	options = usual();
	options.ratio_from = 100000;
	look(&t, "xz-zeros", &options);
	cr_expect_eq(t.end.outcome, CUSTODY_INSPECT_TOO_DENSE);
	forget(&t);
}

/* Every cut of a ZIP and of a tar is said: none comes to "complete", or to "no archive" while enough is there to know it. */
Test(archive, no_truncation_is_silent)
{
	const struct custody_archive_options options = usual();
	const char *const archives[] = { "zip-good", "tar-ustar", "tgz", "txz", "tbz", "tzst", "7z-good" };
	const size_t known_from[] = { 4, 512, 4, 6, 4, 4, 6 }; /* bytes by which it is known */
	const size_t whole_from[] = { 0, 1536, 0, 0, 0, 0, 0 }; /* a tar is whole with one block of its end mark */
	for (size_t i = 0; i < sizeof(archives) / sizeof(archives[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_buf file CUSTODY_BUF_CLEAN = { 0 };
		char path[256];
		snprintf(path, sizeof(path), "fixtures/fuzz/archive/%s", archives[i]);
		custody_buf_init(&file, 1 << 20);
		cr_assert_eq(custody_fd_slurp(path, 1 << 20, &file, &err), 0);
		for (size_t n = known_from[i]; n < file.len; n++) {
			struct taken t = { 0 };
			look_at(&t, file.data, n, &options);
			if (whole_from[i] == 0 || n < whole_from[i])
				cr_expect(t.end.outcome != CUSTODY_INSPECT_COMPLETE && t.end.outcome != CUSTODY_INSPECT_NOT_ARCHIVE,
					"%s cut at %zu: %s", archives[i], n, custody_buf_str(&t.line));
			forget(&t);
		}
	}
}

/* A source that cannot be read is an error, and no outcome. */
static int refuse(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	const uint64_t *from = ctx;
	if (off + n > *from)
		return custody_fail_errno(err, 5, "cannot read");
	memset(p, 0, n);
	return 0;
}

Test(archive, a_failed_read_is_an_error)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint64_t from = 0;
	struct taken t = { 0 };
	const struct custody_source s = { .size = 1 << 20, .read = refuse, .ctx = &from };
	const struct custody_archive_options options = usual();
	const struct custody_inspect_sink sink = { take_begin, take_member, take_note, &t };
	cr_expect_eq(custody_archive_inspect(&s, &options, &sink, &t.end, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
}

struct failing {
	const struct custody_buf *file;
	unsigned left; /* reads that still work */
	bool has_failed;
};

static int fail_later(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	struct failing *f = ctx;
	f->has_failed = f->left == 0;
	if (f->has_failed)
		return custody_fail_errno(err, 5, "cannot read");
	f->left--;
	memcpy(p, f->file->data + off, n);
	return 0;
}

/* Whichever read fails, first to last: an error, never a look that came to something. */
Test(archive, each_failed_read_is_an_error)
{
	const struct custody_archive_options options = usual();
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_buf file CUSTODY_BUF_CLEAN = { 0 };
		struct failing f = { .file = &file };
		unsigned fails = 0;
		bool done = false;
		char path[256];
		snprintf(path, sizeof(path), "fixtures/fuzz/archive/%s", table[i].name);
		custody_buf_init(&file, 1 << 20);
		cr_assert_eq(custody_fd_slurp(path, 1 << 20, &file, &err), 0);
		const struct custody_source source = { .size = file.len, .read = fail_later, .ctx = &f };
		for (; !done && fails < 5000; fails += !done) {
			struct taken t = { 0 };
			const struct custody_inspect_sink sink = { take_begin, take_member, take_note, &t };
			custody_buf_init(&t.line, 1 << 20);
			err = (struct custody_error)CUSTODY_ERROR_INIT;
			f.left = fails;
			done = custody_archive_inspect(&source, &options, &sink, &t.end, &err) == 0;
			if (done)
				cr_expect(!f.has_failed, "%s: read %u failed, and that was passed over", table[i].name, fails);
			else
				cr_expect_eq(err.kind, CUSTODY_ERR_IO, "%s, read %u: %s", table[i].name, fails, err.text);
			forget(&t);
		}
		cr_expect(done && fails > 0, "%s: %u reads failed", table[i].name, fails);
	}
}
