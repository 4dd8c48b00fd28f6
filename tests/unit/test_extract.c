/* SPDX-License-Identifier: Apache-2.0 */
/* What comes out of a package that was judged: from the fixture with every kind of item, and from packages made here with every kind of trouble. */
#include <criterion/criterion.h>
#include <dirent.h>
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
#include "libcustody/base/folder.h"
#include "libcustody/base/path.h"
#include "libcustody/base/source.h"
#include "libcustody/base/sparse.h"
#include "libcustody/package/zip.h"
#include "libcustody/work/extract.h"
#include "tests/support/tmpdir.h"

static int fixed_fill(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx;
	(void)err;
	memset(p, 7, n);
	return 0;
}
static const struct custody_random fixed = { fixed_fill, NULL };

/* One extraction: where, what came of it, and the names of what was not made. */
struct run {
	char dir[64];
	struct custody_buf package;
	struct custody_source source;
	struct custody_report report;
	struct custody_verify_options verify;
	struct custody_extract_options options;
	struct custody_extract_result result;
	struct custody_error err;
	char not_made[4096];
};

static void note_not_made(void *ctx, const struct custody_item *item, const char *why)
{
	struct run *run = ctx;
	size_t n = strlen(run->not_made);
	snprintf(run->not_made + n, sizeof(run->not_made) - n, "%.*s (%s: %s)\n", (int)item->path.n, (const char *)item->path.p,
		custody_kind_name(item->kind), why);
}

static void run_init(struct run *run)
{
	memset(run, 0, sizeof(*run));
	custody_buf_init(&run->package, (size_t)1 << 28);
	custody_report_init(&run->report);
	run->report.verdict = CUSTODY_VERDICT_VALID;
	run->verify.random = &fixed;
	run->options.verify = &run->verify;
	run->options.folder = "out";
	run->options.not_made = note_not_made;
	run->options.ctx = run;
}

/* The package's bytes are there: the folder for the test, and the digest that was "verified". */
static void run_ready(struct run *run)
{
	custody_source_memory(&run->source, run->package.data, run->package.len);
	cr_assert_eq(custody_digest_once(CUSTODY_SHA256, run->package.data, run->package.len, run->report.sha256, &run->err), 0);
	tmpdir_enter(run->dir);
}

static void run_release(struct run *run)
{
	tmpdir_leave(run->dir);
	custody_buf_release(&run->package);
	custody_report_release(&run->report);
}

static int extract(struct run *run)
{
	run->not_made[0] = '\0';
	return custody_extract_judged(&run->source, &run->options, &run->report, &run->result, &run->err);
}

static void expect_nothing_left(const char *what)
{
	DIR *d = opendir(".");
	struct dirent *e;
	while (d && (e = readdir(d)))
		cr_expect(strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0, "%s: '%s' was left", what, e->d_name);
	closedir(d);
}

static void expect_content(const char *path, const char *content)
{
	char found[256] = "";
	int fd = open(path, O_RDONLY | O_NOFOLLOW);
	cr_assert_geq(fd, 0, "%s", path);
	ssize_t n = read(fd, found, sizeof(found) - 1);
	close(fd);
	cr_expect(n == (ssize_t)strlen(content) && strcmp(found, content) == 0, "%s: '%s'", path, found);
}

/* ---- the fixture with every kind ---- */

static void run_kinds(struct run *run)
{
	run_init(run);
	cr_assert_eq(custody_fd_slurp("fixtures/sealed/kinds-p256.asice", 1 << 20, &run->package, &run->err), 0, "%s", run->err.text);
	run_ready(run);
}

Test(extract, gives_every_item_its_own_name_content_and_time_back)
{
	struct run run;
	struct stat st, other;
	char target[64] = "";
	run_kinds(&run);
	cr_assert_eq(extract(&run), 0, "%s", run.err.text);
	cr_expect(run.result.written);
	cr_expect_eq(run.result.files, 22);
	cr_expect_eq(run.result.folders, 2);
	cr_expect_eq(run.result.symlinks, 1);
	cr_expect_eq(run.result.hardlinks, 1);
	cr_expect_eq(run.result.not_made, 3);
	cr_expect_str_eq(
		run.not_made, "k/device (device: it has no content)\nk/fifo (fifo: it has no content)\nk/socket (socket: it has no content)\n");
	expect_content("out/k/back\\slash", "12\n");
	expect_content("out/k/empty", "");
	cr_assert_eq(lstat("out/k/\377\376", &st), 0);
	cr_expect_eq(st.st_size, 2);
	cr_expect_eq(st.st_mode, S_IFREG | 0644);
	cr_assert_eq(lstat("out/k/nl\nin name", &st), 0);
	cr_assert_eq(readlink("out/k/link", target, sizeof(target) - 1), 11);
	cr_expect_str_eq(target, "../outside\377");
	cr_assert_eq(lstat("out/k/link", &st), 0);
	cr_expect_eq(st.st_mtim.tv_sec, 1793348119);
	cr_assert_eq(lstat("out/k/hard 1", &st), 0);
	cr_assert_eq(lstat("out/k/hard 2", &other), 0);
	cr_expect_eq(st.st_ino, other.st_ino);
	cr_assert_eq(lstat("out/k/empty folder", &st), 0);
	cr_expect_eq(st.st_mode, S_IFDIR | 0755);
	cr_expect_eq(st.st_mtim.tv_sec, 1793348115);
	cr_assert_eq(lstat("out/k", &st), 0);
	cr_expect_eq(st.st_mtim.tv_sec, 1793348100, "a folder has its own time, not that of filling it");
	run_release(&run);
}

Test(extract, does_the_same_with_threads)
{
	struct run run;
	run_kinds(&run);
	run.verify.workers = 3;
	cr_assert_eq(extract(&run), 0, "%s", run.err.text);
	cr_expect_eq(run.result.files, 22);
	run_release(&run);
}

Test(extract, writes_nothing_unless_the_verdict_allows_it)
{
	static const struct {
		enum custody_verdict verdict;
		enum custody_group_result container, integrity;
		bool written;
	} cases[] = {
		{ CUSTODY_VERDICT_NONE, CUSTODY_RESULT_PASS, CUSTODY_RESULT_PASS, false },
		{ CUSTODY_VERDICT_INVALID, CUSTODY_RESULT_PASS, CUSTODY_RESULT_PASS, false },
		{ CUSTODY_VERDICT_INDETERMINATE, CUSTODY_RESULT_PASS, CUSTODY_RESULT_INDETERMINATE, false },
		{ CUSTODY_VERDICT_INDETERMINATE, CUSTODY_RESULT_INDETERMINATE, CUSTODY_RESULT_PASS, false },
		{ CUSTODY_VERDICT_INDETERMINATE, CUSTODY_RESULT_PASS, CUSTODY_RESULT_PASS, true },
	};
	struct run run;
	run_kinds(&run);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run.report.verdict = cases[i].verdict;
		run.report.groups[CUSTODY_GROUP_CONTAINER] = cases[i].container;
		run.report.groups[CUSTODY_GROUP_INTEGRITY] = cases[i].integrity;
		cr_assert_eq(extract(&run), 0, "%s", run.err.text);
		cr_expect_eq(run.result.written, cases[i].written, "case %zu", i);
		if (!cases[i].written)
			expect_nothing_left("not allowed");
	}
	run_release(&run);
}

Test(extract, takes_only_what_the_patterns_name)
{
	static const struct {
		const char *pattern;
		uint64_t files, folders, symlinks, hardlinks, not_made;
	} cases[] = {
		{ "k/empty*", 1, 2, 0, 0, 0 }, { "k", 22, 2, 1, 1, 3 }, /* and all below it */
		{ "*", 22, 2, 1, 1, 3 }, { "k/hard 1", 1, 1, 0, 0, 0 }, { "k/hard 2", 1, 1, 0, 0, 0 }, /* copied: its target is not selected */
		{ "k/hard ?", 1, 1, 0, 1, 0 }, { "k/link", 0, 1, 1, 0, 0 }, { "k/fifo", 0, 0, 0, 0, 1 }, { "k/nl\nin name", 1, 1, 0, 0, 0 },
		{ "k/nl\\u{000a}in name", 1, 1, 0, 0, 0 }, /* as it is shown */
		{ "k/\\xff\\xfe", 1, 1, 0, 0, 0 }, { "k/back\\\\slash", 1, 1, 0, 0, 0 }, /* both ways */
	};
	struct run run;
	run_kinds(&run);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run.options.patterns = &cases[i].pattern;
		run.options.n_patterns = 1;
		cr_assert_eq(extract(&run), 0, "%s: %s", cases[i].pattern, run.err.text);
		const struct custody_extract_result *r = &run.result;
		cr_expect(r->files == cases[i].files && r->folders == cases[i].folders && r->symlinks == cases[i].symlinks &&
				  r->hardlinks == cases[i].hardlinks && r->not_made == cases[i].not_made,
			"%s: %d files %d folders %d symlinks %d hardlinks %d not made", cases[i].pattern, (int)r->files, (int)r->folders,
			(int)r->symlinks, (int)r->hardlinks, (int)r->not_made);
		if (i == 4)
			expect_content("out/k/hard 2", "hard\n");
		custody_folder_remove(AT_FDCWD, "out");
	}
	run_release(&run);
}

Test(extract, says_when_a_pattern_matches_nothing)
{
	static const char *const patterns[] = { "k", "no/such\033" };
	struct run run;
	run_kinds(&run);
	run.options.patterns = patterns;
	run.options.n_patterns = 2;
	cr_expect_eq(extract(&run), -1);
	cr_expect_eq(run.err.kind, CUSTODY_ERR_INPUT);
	cr_expect_str_eq(run.err.text, "no item matches 'no/such\\u{001b}'");
	expect_nothing_left("no match");
	run_release(&run);
}

Test(extract, makes_a_new_folder_only)
{
	static const struct {
		const char *folder, *text;
	} cases[] = {
		{ "there", "'there' is there already, want the name of a new folder" },
		{ "there/", "'there' is there already, want the name of a new folder" },
		{ "file", "'file' is there already, want the name of a new folder" },
		{ "dangling", "'dangling' is there already, want the name of a new folder" },
		{ ".", "'.' is there already, want the name of a new folder" },
		{ "/", "'/' is there already, want the name of a new folder" },
		{ "", "'' is there already, want the name of a new folder" },
		{ "no/such/parent", "there is no folder 'no/such' to make the new one in" },
		{ "file/x", "there is no folder 'file' to make the new one in" },
	};
	struct run run;
	run_kinds(&run);
	cr_assert_eq(mkdir("there", 0755), 0);
	tmpdir_write("file", "x", 1);
	cr_assert_eq(symlink("nowhere", "dangling"), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run.options.folder = cases[i].folder;
		cr_expect_eq(extract(&run), -1);
		cr_expect_eq(run.err.kind, CUSTODY_ERR_INPUT, "%s", run.err.text);
		cr_expect_str_eq(run.err.text, cases[i].text);
	}
	run.options.folder = "there/new//";
	cr_assert_eq(extract(&run), 0, "%s", run.err.text);
	expect_content("there/new/k/empty", "");
	run_release(&run);
}

/* ---- a package that is another one now ---- */

Test(extract, leaves_nothing_of_a_package_that_changed)
{
	struct run run;
	run_kinds(&run);
	size_t n = run.package.len;
	/* Content, a list, a signature, the directory: whatever it is, it is in the digest of the whole. Every byte would take a minute. */
	for (size_t at = 5; at < n; at += 97) {
		run.package.data[at] ^= 1;
		cr_expect_eq(extract(&run), -1, "byte %zu", at);
		cr_expect_eq(run.err.kind, CUSTODY_ERR_IO, "byte %zu: %s", at, run.err.text);
		expect_nothing_left("changed");
		run.package.data[at] ^= 1;
	}
	run_release(&run);
}

static int never_unchanged(void *ctx, struct custody_error *err)
{
	(void)ctx;
	(void)err;
	return 0;
}

Test(extract, leaves_nothing_of_a_file_that_was_touched)
{
	struct run run;
	run_kinds(&run);
	run.source.unchanged = never_unchanged;
	cr_expect_eq(extract(&run), -1);
	cr_expect_str_eq(run.err.text, "the package changed while it was read: size or times of the file are not those of the beginning");
	expect_nothing_left("touched");
	run_release(&run);
}

static bool interrupt_after(void *ctx)
{
	return (*(int *)ctx)-- == 0;
}

Test(extract, leaves_nothing_when_it_is_interrupted)
{
	struct run run;
	run_kinds(&run);
	for (int after = 0; after < 1000; after++) {
		int left = after;
		run.verify.interrupted = interrupt_after;
		run.verify.interrupted_ctx = &left;
		if (extract(&run) == 0) {
			cr_expect_gt(after, 50);
			break;
		}
		cr_expect_eq(run.err.kind, CUSTODY_ERR_INTERRUPTED);
		expect_nothing_left("interrupted");
	}
	run_release(&run);
}

struct failing {
	const struct custody_buf *package;
	size_t reads, fail_at;
};

static int failing_read(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	struct failing *f = ctx;
	if (f->reads++ == f->fail_at)
		return custody_fail(err, CUSTODY_ERR_IO, "injected");
	memcpy(p, f->package->data + off, n);
	return 0;
}

Test(extract, leaves_nothing_when_a_read_fails)
{
	struct run run;
	run_kinds(&run);
	for (size_t at = 0; at < 1000; at++) {
		struct failing f = { &run.package, 0, at };
		run.source = (struct custody_source){ run.package.len, failing_read, NULL, &f };
		if (extract(&run) == 0) {
			cr_expect_gt(at, 50);
			break;
		}
		cr_expect_str_eq(run.err.text + strlen(run.err.text) - 8, "injected");
		expect_nothing_left("failed");
	}
	run_release(&run);
}

/* ---- packages with trouble in them ---- */

struct spec {
	const char *path;
	enum custody_kind kind;
	const char *content; /* file; NULL: none in the package */
	const char *link; /* symlink; NULL: it could not be read */
	uint64_t target_n; /* hardlink */
	uint32_t mode;
};

static void add_line(struct custody_buf *lines, const struct spec *spec, uint64_t n, const char *member, const void *content, size_t size)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	static const struct custody_item_finding unreadable = { "source-unreadable", NULL };
	/* The format's own writer makes no path that leads elsewhere: a forger puts it in afterwards. */
	bool clean = custody_path_is_relative_clean((const uint8_t *)spec->path, strlen(spec->path));
	const char *path = clean ? spec->path : "QQQQ";
	struct custody_item item = { .n = n,
		.path = { (const uint8_t *)path, strlen(path) },
		.path_b64 = clean,
		.kind = spec->kind,
		.target_n = spec->target_n,
		.has_mode = true,
		.mode = spec->mode,
		.has_time = { true, true, true, false },
		.time = { { 1000000000, 123456789 }, { 1000000001, 0 }, { 1000000002, 5 }, { 0, 0 } } };
	if (spec->kind == CUSTODY_KIND_FILE && content) {
		item.has_content = true;
		item.size = size;
		item.member = member;
		item.digests.mask = CUSTODY_DIGEST_BIT(CUSTODY_SHA256);
		cr_assert_eq(custody_digest_once(CUSTODY_SHA256, content, size, item.digests.value[CUSTODY_SHA256], &err), 0);
	} else if (spec->kind == CUSTODY_KIND_FILE || (spec->kind == CUSTODY_KIND_SYMLINK && !spec->link) || spec->kind == CUSTODY_KIND_DEVICE) {
		item.findings = &unreadable;
		item.n_findings = 1;
	}
	if (spec->link)
		item.link = (struct custody_bytes){ (const uint8_t *)spec->link, strlen(spec->link) };
	size_t start = lines->len;
	cr_assert_eq(custody_item_format(lines, &item, &err), 0, "%s", err.text);
	if (!clean) {
		char *at = memmem(lines->data + start, lines->len - start, "QQQQ", 4);
		cr_assert_not_null(at);
		char *rest CUSTODY_FREE = strdup(at + 4);
		lines->len = (size_t)((uint8_t *)at - lines->data);
		cr_assert_eq(custody_buf_append_str(lines, spec->path, &err), 0);
		cr_assert_eq(custody_buf_append_str(lines, rest, &err), 0);
	}
	cr_assert_eq(custody_buf_append_byte(lines, '\n', &err), 0);
}

/* The container around the items; only what extracting needs. big: content of all files instead of their own. */
static void run_specs(struct run *run, const struct spec *specs, size_t n, const struct custody_bytes *big)
{
	struct custody_buf lines CUSTODY_BUF_CLEAN = { 0 };
	struct custody_zip_writer *w CUSTODY_CLEANUP(custody_zip_writer_free) = NULL;
	int fd CUSTODY_CLOSE = memfd_create("package", MFD_CLOEXEC);
	uint64_t size = 0;
	size_t got = 0;
	run_init(run);
	custody_buf_init(&lines, (size_t)1 << 26);
	cr_assert_eq(custody_zip_writer_new(&w, fd, AT_FDCWD, "package", &run->err), 0);
	cr_assert_eq(custody_zip_writer_add(w, "mimetype", CUSTODY_MIMETYPE, strlen(CUSTODY_MIMETYPE), &run->err), 0);
	for (size_t i = 0; i < n; i++) {
		char member[64];
		const void *content = big ? (const void *)big->p : specs[i].content;
		size_t len = big ? big->n : content ? strlen(content) : 0;
		snprintf(member, sizeof(member), "data/_names/%06zu", i);
		if (specs[i].kind == CUSTODY_KIND_FILE && content)
			cr_assert_eq(custody_zip_writer_add(w, member, content, len, &run->err), 0);
		add_line(&lines, &specs[i], i, member, content, len);
	}
	cr_assert_eq(custody_zip_writer_add(w, "custody/manifest.jsonl", lines.data, lines.len, &run->err), 0);
	cr_assert_eq(custody_zip_writer_finish(w, &size, &run->err), 0);
	cr_assert_eq(custody_buf_reserve(&run->package, size, &run->err), 0);
	cr_assert_eq(custody_fd_pread(fd, 0, run->package.data, size, &got, "package", &run->err), 0);
	run->package.len = got;
	run_ready(run);
}

Test(extract, refuses_paths_that_lead_elsewhere)
{
	static const struct spec specs[][2] = {
		{ { "a", CUSTODY_KIND_DIR, NULL, NULL, 0, 0755 }, { "a/../../x", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 } },
		{ { "a", CUSTODY_KIND_DIR, NULL, NULL, 0, 0755 }, { "/tmp/custody-must-not-be", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 } },
		{ { "a", CUSTODY_KIND_DIR, NULL, NULL, 0, 0755 }, { "a//b", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 } },
		{ { "a", CUSTODY_KIND_DIR, NULL, NULL, 0, 0755 }, { ".", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 } },
		{ { "a", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 }, { "a/b", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 } },
		{ { "a/b", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 }, { "a", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 } },
		{ { "a", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 }, { "a", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 } },
		{ { "a", CUSTODY_KIND_SYMLINK, NULL, "/tmp", 0, 0777 }, { "a/custody-must-not-be", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 } },
		{ { "a", CUSTODY_KIND_SYMLINK, NULL, "/tmp", 0, 0777 }, { "a/custody-must-not-be", CUSTODY_KIND_SYMLINK, NULL, "x", 0, 0644 } },
		{ { "a", CUSTODY_KIND_SYMLINK, NULL, "/tmp", 0, 0777 }, { "a", CUSTODY_KIND_DIR, NULL, NULL, 0, 0755 } },
		{ { "a", CUSTODY_KIND_FILE, "x", NULL, 0, 0644 }, { "a/b", CUSTODY_KIND_HARDLINK, NULL, NULL, 0, 0644 } },
	};
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct run run;
		run_specs(&run, specs[i], 2, NULL);
		cr_expect_eq(extract(&run), -1, "package %zu", i);
		cr_expect_eq(run.err.kind, CUSTODY_ERR_IO, "package %zu: %s", i, run.err.text);
		expect_nothing_left(specs[i][1].path);
		cr_expect_neq(access("/tmp/custody-must-not-be", F_OK), 0);
		run_release(&run);
	}
}

Test(extract, sets_modes_last_and_takes_away_what_runs)
{
	static const struct spec specs[] = {
		{ "locked", CUSTODY_KIND_DIR, NULL, NULL, 0, 00555 },
		{ "locked/inner", CUSTODY_KIND_DIR, NULL, NULL, 0, 06000 },
		{ "locked/inner/x", CUSTODY_KIND_FILE, "x", NULL, 0, 04755 },
		{ "locked/y", CUSTODY_KIND_FILE, "y", NULL, 0, 07777 },
		{ "locked/z", CUSTODY_KIND_FILE, "z", NULL, 0, 0 },
	};
	struct run run;
	struct stat st;
	run_specs(&run, specs, 5, NULL);
	cr_assert_eq(extract(&run), 0, "%s", run.err.text);
	static const struct {
		const char *path;
		mode_t mode;
	} want[] = { { "out/locked", S_IFDIR | 0555 }, { "out/locked/inner", S_IFDIR }, { "out/locked/inner/x", S_IFREG | 0644 },
		{ "out/locked/y", S_IFREG | 0666 }, { "out/locked/z", S_IFREG } };
	for (size_t i = 0; i < 5; i++) {
		cr_assert_eq(lstat(want[i].path, &st), 0);
		cr_expect_eq(st.st_mode, want[i].mode, "%s: %o", want[i].path, st.st_mode);
		cr_expect(st.st_mtim.tv_sec == 1000000000 && st.st_mtim.tv_nsec == 123456789, "%s", want[i].path);
		cr_expect(st.st_atim.tv_sec == 1000000002 && st.st_atim.tv_nsec == 5, "%s", want[i].path);
	}
	run_release(&run);
}

Test(extract, says_which_links_and_files_have_no_content)
{
	static const struct spec specs[] = {
		{ "a", CUSTODY_KIND_FILE, NULL, NULL, 0, 0644 },
		{ "b", CUSTODY_KIND_HARDLINK, NULL, NULL, 0, 0644 },
		{ "c", CUSTODY_KIND_FILE, "c", NULL, 0, 0644 },
		{ "d", CUSTODY_KIND_HARDLINK, NULL, NULL, 2, 0644 },
		{ "e", CUSTODY_KIND_HARDLINK, NULL, NULL, 2, 0644 },
	};
	static const char *const links[] = { "d", "e" };
	struct run run;
	struct stat d, e;
	run_specs(&run, specs, 5, NULL);
	cr_assert_eq(extract(&run), 0, "%s", run.err.text);
	cr_expect_str_eq(run.not_made,
		"a (file: its content is not in the package)\nb (hardlink: the content of the file that it is linked to is not in the package)\n");
	cr_expect_eq(run.result.hardlinks, 2);
	custody_folder_remove(AT_FDCWD, "out");
	run.options.patterns = links;
	run.options.n_patterns = 2;
	cr_assert_eq(extract(&run), 0, "%s", run.err.text);
	cr_expect_eq(run.result.files, 1);
	cr_expect_eq(run.result.hardlinks, 1);
	expect_content("out/d", "c");
	cr_assert_eq(stat("out/d", &d), 0);
	cr_assert_eq(stat("out/e", &e), 0);
	cr_expect_eq(d.st_ino, e.st_ino);
	cr_expect_neq(access("out/c", F_OK), 0);
	run_release(&run);
}

/* A folder whose names can be read and nothing else: its links have no target in the package, its devices no numbers. The rest comes out all the same. */
Test(extract, makes_the_rest_where_a_link_could_not_be_read)
{
	static const struct spec specs[] = {
		{ "d", CUSTODY_KIND_DIR, NULL, NULL, 0, 0755 },
		{ "d/device", CUSTODY_KIND_DEVICE, NULL, NULL, 0, 0644 },
		{ "d/file", CUSTODY_KIND_FILE, "content", NULL, 0, 0644 },
		{ "d/link", CUSTODY_KIND_SYMLINK, NULL, NULL, 0, 0777 },
		{ "d/other", CUSTODY_KIND_SYMLINK, NULL, "file", 0, 0777 },
	};
	char target[16] = "";
	struct run run;
	run_specs(&run, specs, 5, NULL);
	cr_assert_eq(extract(&run), 0, "%s", run.err.text);
	cr_expect_str_eq(run.not_made, "d/device (device: it has no content)\nd/link (symlink: where it leads is not in the package)\n");
	cr_expect_eq(run.result.symlinks, 1);
	cr_expect_eq(run.result.not_made, 2);
	expect_content("out/d/file", "content");
	cr_expect_eq(readlink("out/d/other", target, sizeof(target) - 1), 4);
	cr_expect_neq(faccessat(AT_FDCWD, "out/d/link", F_OK, AT_SYMLINK_NOFOLLOW), 0);
	run_release(&run);
}

/* Deeper than any path that the system takes, and then something that fails: all of it goes away again. */
Test(extract, goes_deeper_than_paths_can_name)
{
#define LEVELS ((size_t)60)
	static char paths[LEVELS + 2][LEVELS * 121];
	static struct spec specs[LEVELS + 2];
	size_t n = 0;
	for (size_t i = 0; i < LEVELS; i++) {
		if (i > 0)
			memcpy(paths[i], paths[i - 1], n);
		paths[i][n] = '/';
		memset(paths[i] + n + (size_t)(i > 0), 'd', 120);
		n += i > 0 ? 121 : 120;
		specs[i] = (struct spec){ paths[i], CUSTODY_KIND_DIR, NULL, NULL, 0, 0700 };
	}
	memcpy(paths[LEVELS], paths[LEVELS - 1], n);
	memcpy(paths[LEVELS] + n, "/f", 2);
	specs[LEVELS] = (struct spec){ paths[LEVELS], CUSTODY_KIND_FILE, "deep", NULL, 0, 0600 };
	struct run run;
	run_specs(&run, specs, LEVELS + 1, NULL);
	cr_assert_eq(extract(&run), 0, "%s", run.err.text);
	cr_expect_eq(run.result.folders, LEVELS);
	int fd = open("out", O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < LEVELS; i++) {
		int next = openat(fd, paths[0], O_RDONLY | O_DIRECTORY);
		close(fd);
		fd = next;
	}
	struct stat st;
	cr_expect_eq(fstatat(fd, "f", &st, 0), 0);
	cr_expect_eq(st.st_size, 4);
	close(fd);
	run_release(&run);
	specs[LEVELS + 1] = specs[LEVELS];
	run_specs(&run, specs, LEVELS + 2, NULL);
	cr_expect_eq(extract(&run), -1);
	expect_nothing_left("deep");
	run_release(&run);
}

Test(extract, leaves_holes_and_takes_content_of_many_blocks)
{
	static const struct spec specs[] = { { "sparse", CUSTODY_KIND_FILE, "", NULL, 0, 0644 }, { "again", CUSTODY_KIND_FILE, "", NULL, 0, 0644 } };
	size_t n = 20 << 20;
	uint8_t *p CUSTODY_FREE = calloc(1, n);
	for (size_t i = 0; i < n; i += 3 << 20)
		p[i] = 1;
	struct custody_bytes big = { p, n };
	struct run run;
	struct stat st;
	run_specs(&run, specs, 2, &big);
	run.verify.workers = 2;
	cr_assert_eq(extract(&run), 0, "%s", run.err.text);
	cr_expect_eq(run.result.bytes, 2 * n);
	struct custody_buf found CUSTODY_BUF_CLEAN = { 0 };
	custody_buf_init(&found, n);
	cr_assert_eq(custody_fd_slurp("out/again", n, &found, &run.err), 0);
	cr_expect(found.len == n && memcmp(found.data, p, n) == 0);
	cr_assert_eq(stat("out/sparse", &st), 0);
	cr_expect_eq((size_t)st.st_size, n);
	cr_expect_leq(st.st_blocks, 4 << 10);
	run_release(&run);
}

Test(base_folder, is_removed_with_everything_below_it)
{
	char dir[64];
	tmpdir_enter(dir);
	cr_assert_eq(mkdir("a", 0755), 0);
	cr_assert_eq(mkdir("a/b", 0755), 0);
	cr_assert_eq(mkdir("a/b/c", 0755), 0);
	tmpdir_write("a/b/c/file", "x", 1);
	tmpdir_write("a/.custody-remove-0", "x", 1);
	tmpdir_write("outside", "x", 1);
	cr_assert_eq(symlink("../../outside", "a/b/link"), 0);
	cr_assert_eq(chmod("a/b/c", 0), 0);
	cr_assert_eq(chmod("a/b", 0), 0);
	custody_folder_remove(AT_FDCWD, "a");
	cr_expect_neq(access("a", F_OK), 0);
	cr_expect_eq(access("outside", F_OK), 0);
	custody_folder_remove(AT_FDCWD, "outside");
	cr_expect_eq(access("outside", F_OK), 0, "only folders");
	custody_folder_remove(AT_FDCWD, "nothing");
	tmpdir_leave(dir);
}
