/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/utf8.h"
#include "libcustody/work/audit.h"
#include "tests/support/tmpdir.h"

static char folder[64];

static void enter(void)
{
	tmpdir_enter(folder);
}

static void leave(void)
{
	tmpdir_leave(folder);
}

TestSuite(audit, .init = enter, .fini = leave);

struct run {
	int dir;
	struct custody_known *known;
	char text[8192];
	size_t at;
	struct custody_audit_counts counts;
	enum custody_audit_names names;
};

static void begin(struct run *r)
{
	static const uint8_t key[16] = { 9 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	*r = (struct run){ .dir = open(".", O_RDONLY | O_DIRECTORY) };
	cr_assert_geq(r->dir, 0);
	cr_assert_eq(custody_known_new(&r->known, r->dir, key, &err), 0);
}

/* The list says that name has this text. */
static void list(struct run *r, const char *name, const char *text)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_known_entry e = { .path = { (const uint8_t *)name, strlen(name) } };
	e.digests.mask = CUSTODY_DIGEST_BIT(CUSTODY_SHA256);
	cr_assert_eq(custody_digest_once(CUSTODY_SHA256, text, strlen(text), e.digests.value[CUSTODY_SHA256], &err), 0);
	cr_assert_eq(custody_known_add(r->known, &e, &err), 0);
}

static int take(void *ctx, const struct custody_audit_result *result, struct custody_error *err)
{
	static const char *const texts[] = { "matched", "changed", "moved", "new", "missing", "unreadable", "passed over" };
	struct run *r = ctx;
	char path[256], from[256] = "";
	(void)err;
	custody_display(result->path.p, result->path.n, path, sizeof(path));
	if (result->status == CUSTODY_AUDIT_MOVED)
		custody_display(result->from.p, result->from.n, from, sizeof(from));
	cr_expect_eq(result->item != NULL, result->status >= CUSTODY_AUDIT_UNREADABLE);
	r->at += (size_t)snprintf(r->text + r->at, sizeof(r->text) - r->at, "%s %s%s%s\n", texts[result->status], from, *from ? " -> " : "", path);
	return 0;
}

/* Arguments end with NULL; each is looked up as the command does. list_folder may be NULL. */
static void finish(struct run *r, const char *list_folder, size_t workers, const char *const *arguments)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_audit *a = NULL;
	struct custody_hash *h = NULL;
	char absolute[4200];
	cr_assert_eq(custody_audit_new(&a, r->known, r->dir, list_folder, take, r, &err), 0);
	for (size_t i = 0; arguments[i]; i++) {
		struct stat st;
		bool there = stat(arguments[i], &st) == 0;
		snprintf(absolute, sizeof(absolute), "%s%s%s", folder, there && S_ISDIR(st.st_mode) ? "/" : "",
			there && S_ISDIR(st.st_mode) ? arguments[i] : "");
		cr_assert_eq(custody_audit_argument(a, arguments[i], there ? absolute : NULL, &err), 0);
	}
	cr_assert_eq(custody_audit_choose_names(a, &r->names, &err), 0);
	const struct custody_hash_options options = {
		.digests = custody_known_digests(r->known), .workers = workers, .item = custody_audit_observe, .ctx = a
	};
	cr_assert_eq(custody_hash_new(&h, &options, &err), 0);
	for (size_t i = 0; arguments[i]; i++)
		cr_assert_geq(custody_hash_argument(h, arguments[i], &err), 0);
	cr_assert_eq(custody_hash_finish(h, &err), 0, "%s", err.text);
	custody_hash_free(&h);
	cr_assert_eq(custody_audit_finish(a, &r->counts, &err), 0, "%s", err.text);
	custody_audit_free(&a);
	custody_audit_free(&a);
	custody_known_free(&r->known);
	close(r->dir);
}

static void tree(void)
{
	cr_assert_eq(mkdir("in", 0777), 0);
	cr_assert_eq(mkdir("in/sub", 0777), 0);
	tmpdir_write("in/a", "a", 1);
	tmpdir_write("in/b", "b", 1);
	tmpdir_write("in/sub/c", "c", 1);
	tmpdir_write("in/sub/d", "d", 1);
}

static const char *const in[] = { "in", NULL };

Test(audit, tells_matched_changed_moved_new_and_missing)
{
	static const size_t workers[] = { 0, 1, 8 };
	tree();
	cr_assert_eq(symlink("a", "in/link"), 0);
	cr_assert_eq(mkfifo("in/fifo", 0666), 0);
	for (size_t i = 0; i < 3; i++) {
		struct run r;
		begin(&r);
		list(&r, "in/gone", "nothing has this");
		list(&r, "in/a", "a");
		list(&r, "in/b", "not b");
		list(&r, "in/old", "c");
		list(&r, "in/link", "a");
		finish(&r, NULL, workers[i], in);
		cr_expect_str_eq(r.text, "matched in/a\n"
					 "changed in/b\n"
					 "passed over in/fifo\n"
					 "passed over in/link\n"
					 "moved in/old -> in/sub/c\n"
					 "new in/sub/d\n"
					 "missing in/gone\n"
					 "missing in/link\n");
		for (unsigned s = 0; s < CUSTODY_AUDIT_STATUS_COUNT; s++) {
			static const uint64_t want[] = { 1, 1, 1, 1, 2, 0, 2 };
			cr_expect_eq(r.counts.of[s], want[s], "%u", s);
		}
	}
}

/* A copy beside its origin is new; of two copies of one file that is gone, one is where it went. */
Test(audit, does_not_take_a_copy_for_a_move)
{
	struct run r;
	tree();
	tmpdir_write("in/copy of a", "a", 1);
	tmpdir_write("in/e1", "e", 1);
	tmpdir_write("in/e2", "e", 1);
	begin(&r);
	list(&r, "in/a", "a");
	list(&r, "in/b", "b");
	list(&r, "in/sub/c", "c");
	list(&r, "in/sub/d", "d");
	list(&r, "in/e", "e");
	finish(&r, NULL, 0, in);
	cr_expect_str_eq(
		r.text, "matched in/a\nmatched in/b\nmatched in/sub/c\nmatched in/sub/d\nnew in/copy of a\nmoved in/e -> in/e1\nnew in/e2\n");
}

Test(audit, finds_where_the_names_of_a_list_begin)
{
	static const struct {
		const char *a, *c;
		enum custody_audit_names want;
	} cases[] = {
		{ "in/a", "in/sub/c", CUSTODY_NAMES_AS_GIVEN },
		{ "./in/a", "in//sub/c", CUSTODY_NAMES_AS_GIVEN },
		{ "a", "sub/c", CUSTODY_NAMES_BELOW },
		{ "./a", "./sub/c", CUSTODY_NAMES_BELOW },
		{ "@/in/a", "@/in/sub/c", CUSTODY_NAMES_ABSOLUTE },
		{ "/mnt/x/a", "/mnt/x/sub/c", CUSTODY_NAMES_COMMON },
		{ "case/in/a", "case/in/sub/c", CUSTODY_NAMES_COMMON },
	};
	tree();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct run r;
		char a[128], c[128];
		begin(&r);
		snprintf(a, sizeof(a), "%s%s", *cases[i].a == '@' ? folder : "", cases[i].a + (*cases[i].a == '@'));
		snprintf(c, sizeof(c), "%s%s", *cases[i].c == '@' ? folder : "", cases[i].c + (*cases[i].c == '@'));
		list(&r, a, "a");
		list(&r, c, "c");
		finish(&r, NULL, 0, in);
		cr_expect_eq(r.names, cases[i].want, "%s: %s", cases[i].a, custody_audit_names_text(r.names));
		cr_expect_eq(r.counts.of[CUSTODY_AUDIT_MATCHED], 2, "%s: %s", cases[i].a, r.text);
		cr_expect_eq(r.counts.of[CUSTODY_AUDIT_MISSING], 0);
	}
}

Test(audit, reads_names_from_the_folder_of_the_list)
{
	static const char *const sub[] = { "in/sub", NULL };
	struct run r;
	char top[80];
	tree();
	snprintf(top, sizeof(top), "%s/in", folder);
	begin(&r);
	list(&r, "sub/c", "c");
	list(&r, "sub/d", "d");
	finish(&r, top, 0, sub);
	cr_expect_eq(r.names, CUSTODY_NAMES_BY_LIST);
	cr_expect_str_eq(r.text, "matched in/sub/c\nmatched in/sub/d\n");
	/* Where the list does not lie above, the folder's own name does as well. */
	begin(&r);
	list(&r, "sub/c", "c");
	list(&r, "sub/d", "d");
	snprintf(top, sizeof(top), "%s/i", folder);
	finish(&r, top, 0, sub);
	cr_expect_eq(r.names, CUSTODY_NAMES_LAST_PART);
	cr_expect_str_eq(r.text, "matched in/sub/c\nmatched in/sub/d\n");
	/* The root is above everything. */
	begin(&r);
	snprintf(top, sizeof(top), "%s/in/sub/c", folder + 1);
	list(&r, top, "c");
	finish(&r, "/", 0, sub);
	cr_expect_eq(r.names, CUSTODY_NAMES_BY_LIST);
}

Test(audit, takes_files_as_arguments_and_some_that_are_not_there)
{
	static const char *const files[] = { "none", "in/a", "in/sub/c", NULL };
	struct run r;
	tree();
	begin(&r);
	list(&r, "c", "c");
	list(&r, "a", "a");
	list(&r, "b", "b");
	finish(&r, NULL, 0, files);
	cr_expect_eq(r.names, CUSTODY_NAMES_BELOW);
	cr_expect_str_eq(r.text, "matched in/a\nmatched in/sub/c\nmissing b\n");
}

Test(audit, a_file_that_changes_is_neither_missing_nor_compared)
{
	struct run r;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_audit *a = NULL;
	begin(&r);
	list(&r, "x", "x");
	list(&r, "y", "y");
	cr_assert_eq(custody_audit_new(&a, r.known, r.dir, NULL, take, &r, &err), 0);
	const struct custody_hash_item changed = { .outcome = CUSTODY_HASH_CHANGED, .path = { (const uint8_t *)"x", 1 } };
	const struct custody_hash_item folder_item = { .outcome = CUSTODY_HASH_UNREADABLE, .path = { (const uint8_t *)"z", 1 } };
	cr_expect_eq(custody_audit_observe(a, &changed, &err), 0);
	cr_expect_eq(custody_audit_observe(a, &folder_item, &err), 0);
	cr_expect_eq(custody_audit_finish(a, &r.counts, &err), 0);
	cr_expect_str_eq(r.text, "unreadable x\nunreadable z\nmissing y\n");
	custody_audit_free(&a);
	custody_known_free(&r.known);
	close(r.dir);
}

Test(audit, what_lies_below_a_folder_that_cannot_be_read_is_neither_missing_nor_moved)
{
	/* A folder below the argument, named as in the list; and the argument itself, by names that begin below it. */
	static const struct {
		const char *names[5], *path, *text;
		size_t below;
	} cases[] = {
		{ { "in/sub/c", "in/./sub/d/e", "in/subway", "sub/f", "in/a" }, "in/sub",
			"unreadable in/sub\nnew in/z\nmissing in/subway\nmissing sub/f\nmissing in/a\n", 3 },
		{ { "sub/c", "sub/d/e", "subway", "f", "a" }, "in", "unreadable in\nnew in/z\n", 2 },
	};
	static const char *const contents[] = { "c", "e", "x", "f", "y" };
	tree();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r;
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_audit *a = NULL;
		struct custody_digest_values digests = { .mask = CUSTODY_DIGEST_BIT(CUSTODY_SHA256) };
		begin(&r);
		for (size_t k = 0; k < 5; k++)
			list(&r, cases[i].names[k], contents[k]);
		cr_assert_eq(custody_audit_new(&a, r.known, r.dir, NULL, take, &r, &err), 0);
		cr_assert_eq(custody_audit_argument(a, "in", NULL, &err), 0);
		cr_assert_eq(custody_audit_choose_names(a, &r.names, &err), 0);
		cr_expect_eq(r.names, i == 0 ? CUSTODY_NAMES_AS_GIVEN : CUSTODY_NAMES_BELOW);
		const struct custody_hash_item unread = { .outcome = CUSTODY_HASH_UNREADABLE,
			.kind = CUSTODY_KIND_DIR,
			.path = { (const uint8_t *)cases[i].path, strlen(cases[i].path) },
			.below = cases[i].below };
		cr_expect_eq(custody_audit_observe(a, &unread, &err), 0);
		/* Another name with the content of one that may still be where it was. */
		cr_assert_eq(custody_digest_once(CUSTODY_SHA256, "c", 1, digests.value[CUSTODY_SHA256], &err), 0);
		const struct custody_hash_item copy = {
			.outcome = CUSTODY_HASH_READ, .path = { (const uint8_t *)"in/z", 4 }, .size = 1, .below = 3, .digests = &digests
		};
		cr_expect_eq(custody_audit_observe(a, &copy, &err), 0);
		cr_expect_eq(custody_audit_finish(a, &r.counts, &err), 0);
		cr_expect_str_eq(r.text, cases[i].text, "%zu: %s", i, r.text);
		custody_audit_free(&a);
		custody_known_free(&r.known);
		close(r.dir);
	}
}
