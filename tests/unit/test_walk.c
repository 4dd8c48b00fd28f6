/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/path.h"
#include "libcustody/base/utf8.h"
#include "libcustody/work/folder.h"
#include "libcustody/work/walk.h"
#include "tests/support/faults.h"
#include "tests/support/nomem.h"
#include "tests/support/tmpdir.h"

static char dir[64];

static void enter(void)
{
	tmpdir_enter(dir);
}

static void leave(void)
{
	tmpdir_leave(dir);
}

TestSuite(walk, .init = enter, .fini = leave);
TestSuite(folder, .init = enter, .fini = leave);

#define WALK_CLEAN CUSTODY_CLEANUP(custody_walk_free)

static void make_dir(const char *name)
{
	cr_assert_eq(mkdir(name, 0755), 0, "%s", name);
}

/* n arguments "a", "b", ... from a list that ends with NULL. */
static struct custody_walk *begin_many(const char *const *paths, bool as_given)
{
	struct custody_walk_argument arguments[8];
	size_t n = 0;
	for (; paths[n]; n++)
		arguments[n] = (struct custody_walk_argument){ paths[n], NULL };
	struct custody_walk *w = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_walk_new(&w, arguments, n, as_given, &err), 0, "%s", err.text);
	return w;
}

static struct custody_walk *begin(const char *path)
{
	return begin_many((const char *[]){ path, NULL }, false);
}

/* The whole walk, one line an item: kind letter, path in display form, and what is special. */
static void list_all(struct custody_walk *w, struct custody_buf *out)
{
	static const char letters[] = "fdlhpsD";
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_walk_entry e;
	uint64_t n = 0;
	int r;
	while ((r = custody_walk_next(w, &e, &err)) == 1) {
		cr_expect_eq(e.n, n++);
		cr_assert_eq(custody_buf_printf(out, &err, "%c ", letters[e.kind]), 0);
		cr_assert_eq(custody_display_append(out, e.path, e.path_len, &err), 0);
		if (e.kind == CUSTODY_KIND_HARDLINK)
			cr_assert_eq(custody_buf_printf(out, &err, " = %d", (int)e.target_n), 0);
		if (e.kind == CUSTODY_KIND_SYMLINK)
			cr_assert_eq(custody_buf_printf(out, &err, " -> %.*s", (int)e.link_len, (const char *)e.link), 0);
		if (e.problem)
			cr_assert_eq(custody_buf_printf(out, &err, " ! %s", strerrorname_np(e.problem)), 0);
		cr_assert_eq(custody_buf_append_byte(out, '\n', &err), 0);
	}
	cr_expect_eq(r, 0, "%s", err.text);
	cr_expect_eq(custody_walk_next(w, &e, &err), 0);
}

static void expect_walk(struct custody_walk *w, const char *want)
{
	CUSTODY_BUF_CLEAN struct custody_buf out;
	custody_buf_init(&out, 1 << 24);
	list_all(w, &out);
	cr_expect_str_eq(custody_buf_str(&out), want);
}

Test(walk, gives_every_kind_in_order_and_follows_nothing)
{
	make_dir("t");
	make_dir("t/b");
	make_dir("t/empty");
	tmpdir_write("t/b/x", "x", 1);
	tmpdir_write("t/b.txt", "x", 1);
	tmpdir_write("t/b-", "x", 1);
	cr_assert_eq(symlink("b", "t/link"), 0);
	cr_assert_eq(symlink("loop", "t/loop"), 0);
	cr_assert_eq(symlink("/nowhere\xff", "t/dangling"), 0);
	cr_assert_eq(mkfifo("t/fifo", 0600), 0);
	cr_assert_eq(link("t/b/x", "t/z"), 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "t/socket" };
	CUSTODY_CLOSE int s = socket(AF_UNIX, SOCK_STREAM, 0);
	cr_assert_eq(bind(s, (const struct sockaddr *)&address, sizeof(address)), 0);
	WALK_CLEAN struct custody_walk *w = begin("t");
	expect_walk(w, "d t\nd t/b\nf t/b/x\nf t/b-\nf t/b.txt\nl t/dangling -> /nowhere\xff\nd t/empty\np t/fifo\nl t/link -> b\nl t/loop -> loop\n"
		       "s t/socket\nh t/z = 2\n");
}

Test(walk, knows_a_device)
{
	make_dir("t");
	if (mknod("t/null", S_IFCHR | 0600, makedev(1, 3)) || mknod("t/loop0", S_IFBLK | 0600, makedev(7, 0)))
		cr_skip_test("needs the right to make devices");
	WALK_CLEAN struct custody_walk *w = begin("t");
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_walk_next(w, &e, &err), 1);
	for (int block = 1; block >= 0; block--) {
		struct custody_item item = { 0 };
		cr_assert_eq(custody_walk_next(w, &e, &err), 1);
		cr_expect_eq(e.kind, CUSTODY_KIND_DEVICE);
		cr_assert_eq(custody_walk_describe(w, &e, -1, &item, &err), 0);
		cr_expect(item.has_device && item.device_is_block == block && item.major == (block ? 7 : 1) && item.minor == (block ? 0 : 3));
	}
}

Test(walk, keeps_every_byte_of_a_name)
{
	make_dir("t");
	uint8_t last[2] = { 0 };
	for (int c = 1; c < 256; c++)
		if (c != '/' && c != '.') {
			char name[8] = { 't', '/', (char)c, 0 };
			tmpdir_write(name, "", 0);
		}
	WALK_CLEAN struct custody_walk *w = begin("t");
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_walk_next(w, &e, &err), 1);
	int n = 0;
	for (; custody_walk_next(w, &e, &err) == 1; n++) {
		cr_assert_eq(e.path_len, 3);
		cr_expect_gt(e.path[2], last[0]);
		last[0] = e.path[2];
	}
	cr_expect_eq(n, 253);
}

/* A chain of folders `name` n deep below the working folder, each with a file "f" beside the next; the way back is by descriptor. */
static void make_chain(const char *name, int n)
{
	int home = open(".", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < n; i++) {
		make_dir(name);
		cr_assert_eq(chdir(name), 0);
		tmpdir_write("f", "x", 1);
		tmpdir_write("~", "x", 1);
	}
	cr_assert_eq(fchdir(home), 0);
	close(home);
}

Test(walk, goes_thousands_of_folders_deep_with_few_descriptors_and_far_beyond_path_max)
{
	enum { DEPTH = 3000 };
	char name[101];
	memset(name, 'n', 100);
	name[100] = '\0';
	make_chain(name, DEPTH);
	struct rlimit few = { 64, 64 };
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	WALK_CLEAN struct custody_walk *w = begin(name);
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t longest = 0, files = 0, folders = 0, opened = 0;
	CUSTODY_BUF_CLEAN struct custody_buf last;
	custody_buf_init(&last, CUSTODY_LIMIT_PATH);
	int r;
	while ((r = custody_walk_next(w, &e, &err)) == 1) {
		cr_assert_eq(e.problem, 0);
		cr_expect(custody_path_compare(last.data, last.len, e.path, e.path_len) < 0);
		custody_buf_clear(&last);
		cr_assert_eq(custody_buf_append(&last, e.path, e.path_len, &err), 0);
		longest = e.path_len > longest ? e.path_len : longest;
		files += e.kind == CUSTODY_KIND_FILE;
		folders += e.kind == CUSTODY_KIND_DIR;
		if (e.kind == CUSTODY_KIND_FILE && files % 7 == 0) {
			struct stat st;
			int problem;
			CUSTODY_CLOSE int fd = custody_walk_open(&e, &st, &problem);
			opened += fd >= 0;
		}
	}
	cr_expect_eq(r, 0, "%s", err.text);
	cr_expect_eq(files, 2 * DEPTH);
	cr_expect_eq(folders, DEPTH);
	cr_expect_eq(longest, DEPTH * 101 - 1 + 2);
	cr_expect_eq(opened, 2 * DEPTH / 7);
}

Test(walk, says_when_a_tree_is_deeper_than_the_limit)
{
	make_chain("d", CUSTODY_LIMIT_DEPTH + 1);
	WALK_CLEAN struct custody_walk *w = begin("d");
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	int r;
	while ((r = custody_walk_next(w, &e, &err)) == 1)
		;
	cr_expect_eq(r, -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
}

Test(walk, goes_on_when_a_folder_moves_away_from_under_it)
{
	enum { DEPTH = 80 };
	make_chain("d", DEPTH);
	make_dir("elsewhere");
	WALK_CLEAN struct custody_walk *w = begin("d");
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t seen = 0;
	int r;
	while ((r = custody_walk_next(w, &e, &err)) == 1)
		if (++seen == DEPTH) { /* deep down: the folders near the top are closed; d/d/.../d at level 40 goes elsewhere */
			char path[200] = "d";
			for (int i = 1; i < 40; i++)
				strcat(path, "/d");
			cr_assert_eq(rename(path, "elsewhere/d"), 0);
		}
	/* levels[39] moved: "..", seen from it, is another folder, so the walk finds its way from the top */
	cr_expect_eq(r, 0, "%s", err.text);
	cr_expect_eq(seen, 3 * DEPTH);
}

Test(walk, ends_when_its_way_back_is_gone)
{
	enum { DEPTH = 80 };
	make_chain("d", DEPTH);
	make_dir("elsewhere");
	WALK_CLEAN struct custody_walk *w = begin("d");
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t seen = 0;
	int r;
	while ((r = custody_walk_next(w, &e, &err)) == 1)
		if (++seen == DEPTH) {
			cr_assert_eq(rename("d/d/d/d", "elsewhere/below"), 0);
			cr_assert_eq(rename("d/d", "elsewhere/above"), 0);
			make_dir("d/d");
			make_dir("d/d/d"); /* another one of the same name */
		}
	cr_expect_eq(r, -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	cr_expect_eq(err.sys_errno, ESTALE);
	cr_expect(strstr(err.text, "cannot go on in 'd/d'"), "%s", err.text);
	cr_expect_neq(err.hint[0], '\0');
}

Test(walk, sorts_all_arguments_together)
{
	make_dir("b");
	make_dir("in");
	make_dir("in/a");
	tmpdir_write("b/1", "", 0);
	tmpdir_write("in/a/2", "", 0);
	tmpdir_write("in/a-file", "", 0);
	tmpdir_write("c", "", 0);
	WALK_CLEAN struct custody_walk *w = begin_many((const char *[]){ "c", "b/", "in/a-file", "./in/../in//a///", NULL }, false);
	expect_walk(w, "d a\nf a/2\nf a-file\nd b\nf b/1\nf c\n");
}

Test(walk, keeps_the_given_paths_and_order_for_lists)
{
	make_dir("b");
	tmpdir_write("b/1", "", 0);
	cr_assert_eq(link("b/1", "b/2"), 0);
	WALK_CLEAN struct custody_walk *w = begin_many((const char *[]){ "b/", "./b", "b/1", "b", ".", NULL }, true);
	expect_walk(w, "d b/\nf b/1\nf b/2\nd ./b\nf ./b/1\nf ./b/2\nf b/1\nd b\nf b/1\nf b/2\nd .\nd ./b\nf ./b/1\nf ./b/2\n");
}

Test(walk, finds_hard_links_across_arguments)
{
	make_dir("a");
	make_dir("b");
	for (int i = 0; i < 400; i++) { /* more than the first table holds */
		char one[16], other[16];
		snprintf(one, sizeof(one), "a/%03d", i);
		snprintf(other, sizeof(other), "b/%03d", 399 - i);
		tmpdir_write(one, "", 0);
		cr_assert_eq(link(one, other), 0);
	}
	tmpdir_write("b/single", "", 0);
	WALK_CLEAN struct custody_walk *w = begin_many((const char *[]){ "b", "a", NULL }, false);
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	int links = 0, files = 0;
	while (custody_walk_next(w, &e, &err) == 1) {
		if (e.kind == CUSTODY_KIND_HARDLINK) {
			cr_expect_eq(e.target_n, 1 + 399 - (uint64_t)atoi(e.name));
			links++;
		}
		files += e.kind == CUSTODY_KIND_FILE;
	}
	cr_expect_eq(links, 400);
	cr_expect_eq(files, 401);
}

Test(walk, follows_a_link_given_as_argument_once)
{
	make_dir("real");
	tmpdir_write("real/x", "", 0);
	tmpdir_write("file", "", 0);
	make_dir("links");
	cr_assert_eq(symlink("../real", "links/folder"), 0);
	cr_assert_eq(symlink("../file", "links/file"), 0);
	char target[PATH_MAX];
	cr_assert_not_null(realpath("file", target));
	cr_assert_eq(symlink(target, "links/whole"), 0);
	cr_assert_eq(symlink(".", "links/here"), 0);
	WALK_CLEAN struct custody_walk *w = begin_many((const char *[]){ "links/folder", "links/file", NULL }, false);
	cr_expect_str_eq(custody_walk_followed(w, 0), "links/../real");
	cr_expect_str_eq(custody_walk_followed(w, 1), "links/../file");
	cr_expect_eq(custody_walk_followed(w, 2), NULL);
	expect_walk(w, "f file\nd folder\nf folder/x\n");
	WALK_CLEAN struct custody_walk *slash = begin("links/folder/");
	expect_walk(slash, "d folder\nf folder/x\n");
	WALK_CLEAN struct custody_walk *whole = begin("links/whole");
	cr_expect_str_eq(custody_walk_followed(whole, 0), target);
	expect_walk(whole, "f whole\n");
	WALK_CLEAN struct custody_walk *here = begin("links/here");
	CUSTODY_BUF_CLEAN struct custody_buf out;
	custody_buf_init(&out, 10000);
	list_all(here, &out);
	cr_expect(strncmp(custody_buf_str(&out), "d here\nl here/file -> ../file\n", 30) == 0, "%s", custody_buf_str(&out));
}

Test(walk, gives_a_dot_its_real_name)
{
	make_dir("named");
	make_dir("named/in");
	cr_assert_eq(chdir("named"), 0);
	WALK_CLEAN struct custody_walk *w = begin(".");
	expect_walk(w, "d named\nd named/in\n");
	WALK_CLEAN struct custody_walk *up = begin("in/..");
	expect_walk(up, "d named\nd named/in\n");
	struct custody_walk_argument arguments[] = { { ".", "other" } };
	WALK_CLEAN struct custody_walk *other = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_walk_new(&other, arguments, 1, false, &err), 0);
	expect_walk(other, "d other\nd other/in\n");
	struct custody_walk_argument root[] = { { "/", "root" } };
	WALK_CLEAN struct custody_walk *r = NULL;
	cr_assert_eq(custody_walk_new(&r, root, 1, false, &err), 0);
	struct custody_walk_entry e;
	cr_assert_eq(custody_walk_next(r, &e, &err), 1);
	cr_expect_eq(e.kind, CUSTODY_KIND_DIR);
	cr_assert_eq(custody_walk_next(r, &e, &err), 1);
	cr_expect(memcmp(e.path, "root/", 5) == 0);
	WALK_CLEAN struct custody_walk *g = begin_many((const char *[]){ "/", NULL }, true);
	cr_assert_eq(custody_walk_next(g, &e, &err), 1);
	cr_assert_eq(custody_walk_next(g, &e, &err), 1);
	cr_expect(e.path[0] == '/' && e.path[1] != '/');
}

Test(walk, refuses_arguments_that_it_cannot_take)
{
	make_dir("d");
	make_dir("d/e");
	make_dir("other");
	make_dir("other/d");
	tmpdir_write("d/e/f", "", 0);
	tmpdir_write("file", "", 0);
	cr_assert_eq(symlink("file", "one"), 0);
	cr_assert_eq(symlink("one", "two"), 0);
	cr_assert_eq(symlink("round", "round"), 0);
	cr_assert_eq(symlink("gone", "dangling"), 0);
	cr_assert_eq(symlink("d", "to-d"), 0);
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	char name[400];
	memset(name, 'n', sizeof(name));
	name[399] = '\0';
	const struct {
		const char *paths[3];
		const char *name;
		enum custody_error_kind kind;
		const char *want;
		bool hint;
	} cases[] = {
		{ { "none" }, NULL, CUSTODY_ERR_INPUT, "no such file or folder 'none'", false },
		{ { "" }, NULL, CUSTODY_ERR_INPUT, "no such file or folder ''", false },
		{ { "file/" }, NULL, CUSTODY_ERR_INPUT, "no such file or folder 'file/'", false },
		{ { "file/x" }, NULL, CUSTODY_ERR_INPUT, "no such file or folder 'file/x'", false },
		{ { "dangling" }, NULL, CUSTODY_ERR_INPUT, "no such file or folder 'dangling'", false },
		{ { "round/x" }, NULL, CUSTODY_ERR_INPUT, "'round/x' is a symbolic link that leads round in a circle", false },
		{ { "two" }, NULL, CUSTODY_ERR_INPUT, "'two' is a symbolic link to another symbolic link", true },
		{ { "round" }, NULL, CUSTODY_ERR_INPUT, "'round' is a symbolic link to another symbolic link", true },
		{ { "fifo" }, NULL, CUSTODY_ERR_INPUT, "'fifo' is a FIFO, want a regular file or a folder", true },
		{ { "/dev/null" }, NULL, CUSTODY_ERR_INPUT, "'/dev/null' is a device, want a regular file or a folder", true },
		{ { name }, NULL, CUSTODY_ERR_IO, "cannot look at 'nnn", false },
		{ { "/" }, NULL, CUSTODY_ERR_INPUT, "'/' has no name of its own", true },
		{ { "file" }, "a/b", CUSTODY_ERR_USAGE, "'a/b' is not a name: want one part of a path", false },
		{ { "file" }, "", CUSTODY_ERR_USAGE, "'' is not a name", false },
		{ { "file" }, "..", CUSTODY_ERR_USAGE, "'..' is not a name", false },
		{ { "file" }, name, CUSTODY_ERR_USAGE, "'nnn", false },
		{ { "d", "other/d" }, NULL, CUSTODY_ERR_INPUT, "two arguments are called 'd'", true },
		{ { "d", "./d" }, NULL, CUSTODY_ERR_INPUT, "two arguments are called 'd'", true },
		{ { "d", "to-d" }, NULL, CUSTODY_ERR_INPUT, "'d' and 'to-d' are the same", false },
		{ { "file", "one" }, NULL, CUSTODY_ERR_INPUT, "'file' and 'one' are the same", false },
		{ { "d", "d/e" }, NULL, CUSTODY_ERR_INPUT, "'e' lies inside 'd', another argument", true },
		{ { "d/e/f", "d" }, NULL, CUSTODY_ERR_INPUT, "'f' lies inside 'd', another argument", true },
		{ { "d/e/.", "d" }, NULL, CUSTODY_ERR_INPUT, "'e' lies inside 'd', another argument", true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_walk_argument arguments[2] = { { cases[i].paths[0], cases[i].name }, { cases[i].paths[1], NULL } };
		struct custody_walk *w = NULL;
		struct custody_error err = CUSTODY_ERROR_INIT;
		cr_expect_eq(custody_walk_new(&w, arguments, cases[i].paths[1] ? 2 : 1, false, &err), -1, "%s", cases[i].want);
		cr_expect_eq(w, NULL);
		cr_expect_eq(err.kind, cases[i].kind, "%s", err.text);
		cr_expect(strncmp(err.text, cases[i].want, strlen(cases[i].want)) == 0, "'%s', want '%s'", err.text, cases[i].want);
		cr_expect_eq(err.hint[0] != '\0', cases[i].hint, "%s", cases[i].want);
	}
	make_dir("neighbours");
	tmpdir_write("neighbours/x", "", 0);
	tmpdir_write("neighbours/y", "", 0);
	WALK_CLEAN struct custody_walk *w = begin_many((const char *[]){ "d", "neighbours/x", "neighbours/y", "other", NULL }, false);
	expect_walk(w, "d d\nd d/e\nf d/e/f\nd other\nd other/d\nf x\nf y\n");
	struct custody_walk_argument none;
	WALK_CLEAN struct custody_walk *nothing = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert_eq(custody_walk_new(&nothing, &none, 0, false, &err), 0);
	expect_walk(nothing, "");
}

Test(walk, refuses_an_output_inside_a_source)
{
	make_dir("d");
	make_dir("d/e");
	make_dir("d/e/f");
	make_dir("beside");
	WALK_CLEAN struct custody_walk *w = begin("d");
	struct custody_error err = CUSTODY_ERROR_INIT;
	static const char *const inside[] = { "d", "d/e", "d/e/f" };
	for (size_t i = 0; i < 3; i++) {
		CUSTODY_CLOSE int fd = open(inside[i], O_RDONLY | O_DIRECTORY);
		cr_expect_eq(custody_walk_refuse_inside(w, fd, "the output", &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
		cr_expect_str_eq(err.text, "the output would lie inside 'd', which is a source");
		cr_expect_neq(err.hint[0], '\0');
	}
	CUSTODY_CLOSE int fd = open("beside", O_RDONLY | O_DIRECTORY);
	cr_expect_eq(custody_walk_refuse_inside(w, fd, "the lab", &err), 0);
	CUSTODY_CLOSE int here = open(".", O_RDONLY | O_DIRECTORY);
	cr_expect_eq(custody_walk_refuse_inside(w, here, "the lab", &err), 0);
	cr_expect_eq(custody_walk_refuse_inside(w, -1, "the lab", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	cr_expect(strncmp(err.text, "the lab: cannot look at the folders above", 40) == 0, "%s", err.text);
}

/* The next entry whose name is this. */
static void find(struct custody_walk *w, const char *name, struct custody_walk_entry *e)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	do
		cr_assert_eq(custody_walk_next(w, e, &err), 1, "no %s", name);
	while (strcmp(e->name, name) != 0);
}

Test(walk, opens_only_the_file_that_it_saw)
{
	make_dir("d");
	tmpdir_write("secret", "secret", 6);
	static const char *const names[] = { "a-link", "b-other", "c-fifo", "d-folder", "e-gone", "f-same" };
	struct custody_walk_entry e;
	struct stat st;
	int problem;
	for (size_t i = 0; i < 6; i++) {
		char path[32];
		snprintf(path, sizeof(path), "d/%s", names[i]);
		tmpdir_write(path, "x", 1);
	}
	WALK_CLEAN struct custody_walk *w = begin("d");
	find(w, "a-link", &e);
	cr_assert_eq(rename("d/a-link", "old"), 0); /* kept, so that its inode is not used again */
	cr_assert_eq(symlink("../secret", "d/a-link"), 0);
	cr_expect_eq(custody_walk_open(&e, &st, &problem), -1);
	cr_expect_eq(problem, ELOOP);
	find(w, "b-other", &e);
	cr_assert_eq(rename("secret", "d/b-other"), 0);
	cr_expect_eq(custody_walk_open(&e, &st, &problem), -1);
	cr_expect_eq(problem, ESTALE);
	find(w, "c-fifo", &e);
	cr_assert_eq(rename("d/c-fifo", "old2"), 0);
	cr_assert_eq(mkfifo("d/c-fifo", 0600), 0);
	cr_expect_eq(custody_walk_open(&e, &st, &problem), -1); /* and does not wait for a writer */
	cr_expect_eq(problem, ESTALE);
	find(w, "d-folder", &e);
	cr_assert_eq(rename("d/d-folder", "old3"), 0);
	make_dir("d/d-folder");
	cr_expect_eq(custody_walk_open(&e, &st, &problem), -1);
	cr_expect_eq(problem, ESTALE);
	find(w, "e-gone", &e);
	cr_assert_eq(unlink("d/e-gone"), 0);
	cr_expect_eq(custody_walk_open(&e, &st, &problem), -1);
	cr_expect_eq(problem, ENOENT);
	find(w, "f-same", &e);
	CUSTODY_CLOSE int fd = custody_walk_open(&e, &st, &problem);
	cr_expect_geq(fd, 0);
	cr_expect_eq(problem, 0);
	cr_expect_eq(st.st_size, 1);
}

Test(walk, never_leaves_by_a_folder_swapped_for_a_link)
{
	make_dir("d");
	make_dir("d/sub");
	tmpdir_write("d/sub/file", "x", 1);
	make_dir("outside");
	tmpdir_write("outside/file", "secret", 6);
	WALK_CLEAN struct custody_walk *w = begin("d");
	struct custody_walk_entry e;
	find(w, "file", &e);
	cr_assert_eq(rename("d/sub", "moved"), 0);
	cr_assert_eq(symlink("../outside", "d/sub"), 0);
	struct stat st;
	int problem;
	CUSTODY_CLOSE int fd = custody_walk_open(&e, &st, &problem);
	cr_expect(fd >= 0 && st.st_size == 1); /* the folder is held open: it is the file that was seen */
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_expect_eq(custody_walk_next(w, &e, &err), 0);
}

Test(walk, lists_what_it_cannot_read_and_goes_on)
{
	make_dir("d");
	make_dir("d/closed");
	make_dir("d/names-only");
	tmpdir_write("d/closed/x", "", 0);
	tmpdir_write("d/names-only/x", "", 0);
	make_dir("d/names-only/y");
	tmpdir_write("d/z", "", 0);
	cr_assert_eq(chmod(".", 0755), 0);
	cr_assert_eq(chmod("d/closed", 0), 0);
	cr_assert_eq(chmod("d/names-only", 0444), 0);
	cr_assert_eq(chmod("d/z", 0), 0);
	bool root = geteuid() == 0;
	if (root)
		cr_assert_eq(seteuid(65534), 0);
	WALK_CLEAN struct custody_walk *w = begin("d");
	expect_walk(w, "d d\nd d/closed ! EACCES\nd d/names-only\nf d/names-only/x ! EACCES\nd d/names-only/y ! EACCES\nf d/z\n");
	WALK_CLEAN struct custody_walk *again = begin("d");
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item item = { 0 };
	struct stat st;
	int problem;
	find(again, "x", &e);
	cr_expect_not(e.has_st);
	cr_assert_eq(custody_walk_describe(again, &e, -1, &item, &err), 0);
	cr_expect(!item.has_mode && !item.has_owner && !item.has_time[0] && item.n_xattrs == 0);
	cr_assert_eq(item.n_findings, 1);
	cr_expect_str_eq(item.findings[0].id, "times-absent");
	find(again, "z", &e);
	cr_expect_eq(custody_walk_open(&e, &st, &problem), -1);
	cr_expect_eq(problem, EACCES);
	if (root)
		cr_assert_eq(seteuid(0), 0);
	cr_assert_eq(chmod("d/closed", 0700), 0);
	cr_assert_eq(chmod("d/names-only", 0700), 0);
}

Test(walk, lists_what_the_disk_does_not_give_and_goes_on)
{
	make_dir("d");
	make_dir("d/a");
	tmpdir_write("d/a/lost", "", 0);
	tmpdir_write("d/b", "", 0);
	cr_assert_eq(symlink("target", "d/c"), 0);
	WALK_CLEAN struct custody_walk *folder = begin("d");
	faults_set("getdents64", 3, EIO); /* d needs two, then d/a */
	expect_walk(folder, "d d\nd d/a ! EIO\nf d/b\nl d/c -> target\n");
	WALK_CLEAN struct custody_walk *item = begin("d");
	faults_set("statx", 4, EIO);
	expect_walk(item, "d d\nd d/a\nf d/a/lost\nf d/b ! EIO\nl d/c -> target\n");
	WALK_CLEAN struct custody_walk *link = begin("d");
	faults_set("readlinkat", 1, EIO);
	expect_walk(link, "d d\nd d/a\nf d/a/lost\nf d/b\nl d/c ->  ! EIO\n");
}

Test(walk, does_without_statx)
{
	make_dir("d");
	tmpdir_write("d/f", "x", 1);
	static const int without[] = { ENOSYS, EPERM };
	for (size_t i = 0; i < 2; i++) {
		WALK_CLEAN struct custody_walk *w = begin("d");
		faults_set("statx", -1, without[i]);
		struct custody_walk_entry e;
		find(w, "f", &e);
		cr_expect(e.has_st && e.kind == CUSTODY_KIND_FILE && e.st.st_size == 1 && !e.has_born);
		faults_clear();
	}
}

Test(walk, ends_when_names_cannot_be_read_again)
{
	enum { NAMES = 40000 }; /* of 240 bytes: more than CUSTODY_LIMIT_FOLDER_NAMES */
	char name[256];
	make_dir("d");
	int d = open("d", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "%0239d", i);
		int fd = openat(d, name, O_WRONLY | O_CREAT, 0600);
		cr_assert_geq(fd, 0);
		close(fd);
	}
	close(d);
	for (int broken = 0; broken < 2; broken++) {
		WALK_CLEAN struct custody_walk *w = begin("d");
		struct custody_walk_entry e;
		struct custody_error err = CUSTODY_ERROR_INIT;
		int r, n = 0;
		while ((r = custody_walk_next(w, &e, &err)) == 1)
			if (++n == 2 && broken) /* the first reading is behind us */
				faults_set("getdents64", 2, EIO);
		cr_expect_eq(r, broken ? -1 : 0, "%s", err.text);
		cr_expect(broken ? n < NAMES : n == NAMES + 1, "%d", n);
		if (broken)
			cr_expect_str_eq(err.text, "'d': cannot read a folder: Input/output error");
	}
}

Test(walk, notes_that_an_argument_is_another_one_now)
{
	make_dir("a");
	tmpdir_write("a/x", "", 0);
	tmpdir_write("b", "", 0);
	make_dir("in");
	tmpdir_write("in/c", "", 0);
	WALK_CLEAN struct custody_walk *w = begin_many((const char *[]){ "a", "b", "in/c", NULL }, false);
	cr_assert_eq(rename("a", "old"), 0);
	make_dir("a");
	tmpdir_write("a/y", "", 0);
	cr_assert_eq(unlink("b"), 0);
	cr_assert_eq(rename("in", "gone"), 0);
	expect_walk(w, "d a ! ESTALE\nf b ! ENOENT\nf c ! ENOENT\n");
}

Test(walk, describes_what_the_file_system_says)
{
	make_dir("d");
	tmpdir_write("d/f", "x", 1);
	cr_assert_eq(symlink("f", "d/l"), 0);
	cr_assert_eq(chmod("d/f", 04751), 0);
	struct timespec times[2] = { { -1, 5 }, { 1000000000, 123456789 } };
	cr_assert_eq(utimensat(AT_FDCWD, "d/f", times, 0), 0);
	WALK_CLEAN struct custody_walk *w = begin("d");
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item item = { 0 };
	struct stat st;
	int problem;
	find(w, "f", &e);
	CUSTODY_CLOSE int fd = custody_walk_open(&e, &st, &problem);
	cr_assert_eq(custody_walk_describe(w, &e, fd, &item, &err), 0);
	cr_expect(item.n == 1 && item.kind == CUSTODY_KIND_FILE && custody_bytes_is(item.path, "d/f"));
	cr_expect(item.has_mode && item.mode == 04751);
	cr_expect(item.has_owner && item.uid == getuid() && item.gid == getgid());
	if (getuid() == 0)
		cr_expect_str_eq(item.user, "root");
	cr_expect(item.has_time[CUSTODY_TIME_MODIFIED] && item.time[CUSTODY_TIME_MODIFIED].sec == 1000000000 &&
		  item.time[CUSTODY_TIME_MODIFIED].nsec == 123456789);
	cr_expect(item.has_time[CUSTODY_TIME_ACCESSED] && item.time[CUSTODY_TIME_ACCESSED].sec == -1);
	cr_expect(item.has_time[CUSTODY_TIME_CHANGED]);
	cr_expect_eq(item.has_time[CUSTODY_TIME_BORN], e.has_born);
	cr_expect(!item.has_device && item.n_findings == 0);
	find(w, "l", &e);
	cr_assert_eq(custody_walk_describe(w, &e, -1, &item, &err), 0);
	cr_expect(item.kind == CUSTODY_KIND_SYMLINK && custody_bytes_is(item.link, "f"));
}

Test(walk, finds_a_time_that_cannot_be_written)
{
	make_dir("d");
	tmpdir_write("d/f", "x", 1);
	WALK_CLEAN struct custody_walk *w = begin("d");
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item item = { 0 };
	find(w, "f", &e);
	e.st.st_mtim.tv_sec = (time_t)1 << 50; /* a file system of 34 million years; few let us set that */
	e.st.st_atim.tv_nsec = 2000000000;
	e.has_born = true;
	e.born.sec = INT64_MIN;
	cr_assert_eq(custody_walk_describe(w, &e, -1, &item, &err), 0);
	cr_expect(!item.has_time[CUSTODY_TIME_MODIFIED] && !item.has_time[CUSTODY_TIME_ACCESSED] && !item.has_time[CUSTODY_TIME_BORN]);
	cr_expect(item.has_time[CUSTODY_TIME_CHANGED]);
	cr_assert_eq(item.n_findings, 1);
	cr_expect_str_eq(item.findings[0].id, "times-absent");
	cr_expect_str_eq(item.findings[0].detail, "modified accessed born");
	e.st.st_uid = 4000000007;
	e.st.st_gid = 4000000007;
	cr_assert_eq(custody_walk_describe(w, &e, -1, &item, &err), 0);
	cr_expect(item.uid == 4000000007 && item.user == NULL && item.group == NULL);
	e.st.st_uid = 0;
	cr_assert_eq(custody_walk_describe(w, &e, -1, &item, &err), 0);
	cr_expect_str_eq(item.user, "root");
}

static void set(const char *path, const char *name, const char *value, size_t n)
{
	if (lsetxattr(path, name, value, n, 0))
		cr_skip_test("no extended attributes here");
}

Test(walk, reads_extended_attributes_of_every_kind)
{
	make_dir("d");
	tmpdir_write("d/f", "x", 1);
	set("d", "user.folder", "yes", 3);
	set("d/f", "user.b", "\0\xff", 2);
	set("d/f", "user.a", "", 0);
	set("d/f", "user.c\n", "c", 1);
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item item = { 0 };
	for (int opened = 0; opened < 2; opened++) {
		WALK_CLEAN struct custody_walk *w = begin("d");
		cr_assert_eq(custody_walk_next(w, &e, &err), 1);
		cr_assert_eq(custody_walk_describe(w, &e, -1, &item, &err), 0);
		cr_assert_eq(item.n_xattrs, 1);
		cr_expect(custody_bytes_is(item.xattrs[0].name, "user.folder") && custody_bytes_is(item.xattrs[0].value, "yes"));
		cr_assert_eq(custody_walk_next(w, &e, &err), 1);
		struct stat st;
		int problem;
		CUSTODY_CLOSE int fd = opened ? custody_walk_open(&e, &st, &problem) : -1;
		cr_assert_eq(custody_walk_describe(w, &e, fd, &item, &err), 0);
		cr_assert_eq(item.n_xattrs, 3);
		cr_expect(custody_bytes_is(item.xattrs[0].name, "user.a") && item.xattrs[0].value.n == 0);
		cr_expect(custody_bytes_is(item.xattrs[1].name, "user.b") && item.xattrs[1].value.n == 2 && item.xattrs[1].value.p[1] == 0xff);
		cr_expect(custody_bytes_is(item.xattrs[2].name, "user.c\n") && custody_bytes_is(item.xattrs[2].value, "c"));
		cr_expect_eq(item.n_findings, 0);
	}
}

Test(walk, reads_attributes_of_a_symbolic_link_itself)
{
	make_dir("d");
	tmpdir_write("d/f", "x", 1);
	cr_assert_eq(symlink("f", "d/l"), 0);
	set("d/f", "user.target", "wrong", 5);
	set("d/l", "trusted.link", "right", 5); /* needs root: links have no user.* */
	WALK_CLEAN struct custody_walk *w = begin("d");
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item item = { 0 };
	find(w, "l", &e);
	cr_assert_eq(custody_walk_describe(w, &e, -1, &item, &err), 0);
	cr_assert_eq(item.n_xattrs, 1);
	cr_expect(custody_bytes_is(item.xattrs[0].name, "trusted.link") && custody_bytes_is(item.xattrs[0].value, "right"));
	cr_assert_eq(unlink("d/l"), 0); /* gone: nothing to read */
	cr_assert_eq(custody_walk_describe(w, &e, -1, &item, &err), 0);
	cr_expect_eq(item.n_xattrs, 0);
}

/* As ntfs-3g does of a stream of more than 64 KiB: it is listed, and cannot be got. */
Test(walk, says_which_attributes_could_not_be_read)
{
	static const struct {
		const char *call;
		int nth, why;
		size_t kept;
		const char *detail; /* NULL: no finding */
	} cases[] = {
		{ "fgetxattr", 1, E2BIG, 2, "'user.a': more than 65536 bytes" },
		{ "fgetxattr", 2, EACCES, 2, "'user.b\\u{000a}': Permission denied" },
		{ "fgetxattr", -2, EIO, 1, "'user.b\\u{000a}': Input/output error, and 1 more" },
		{ "fgetxattr", 3, ENODATA, 2, NULL },
		{ "flistxattr", 1, E2BIG, 0, "which there are: more than 65536 bytes" },
		{ "fgetxattr", 1, ERANGE, 2, "'user.a': more than 65536 bytes" },
		{ "fgetxattr", 1, 9999, 2, "'user.a': an error" },
		{ "flistxattr", 1, EOPNOTSUPP, 0, NULL },
	};
	make_dir("d");
	tmpdir_write("d/f", "x", 1);
	set("d/f", "user.a", "1", 1);
	set("d/f", "user.b\n", "2", 1);
	set("d/f", "user.c", "3", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		WALK_CLEAN struct custody_walk *w = begin("d");
		struct custody_walk_entry e;
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_item item = { 0 };
		struct stat st;
		int problem;
		find(w, "f", &e);
		CUSTODY_CLOSE int fd = custody_walk_open(&e, &st, &problem);
		faults_set(cases[i].call, cases[i].nth, cases[i].why);
		cr_assert_eq(custody_walk_describe(w, &e, fd, &item, &err), 0);
		faults_clear();
		cr_expect_eq(item.n_xattrs, cases[i].kept, "%zu: %zu", i, item.n_xattrs);
		cr_assert_eq(item.n_findings, cases[i].detail != NULL, "%zu", i);
		if (!cases[i].detail)
			continue;
		cr_expect_str_eq(item.findings[0].id, "xattrs-unreadable");
		cr_expect_str_eq(item.findings[0].detail, cases[i].detail);
	}
	/* What this program is short of is no property of the evidence. */
	for (int call = 0; call < 2; call++) {
		WALK_CLEAN struct custody_walk *w = begin("d");
		struct custody_walk_entry e;
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_item item = { 0 };
		struct stat st;
		int problem;
		find(w, "f", &e);
		CUSTODY_CLOSE int fd = custody_walk_open(&e, &st, &problem);
		faults_set(call ? "fgetxattr" : "flistxattr", 1, ENOMEM);
		cr_expect_eq(custody_walk_describe(w, &e, fd, &item, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_NOMEM);
		faults_clear();
	}
}

Test(walk, keeps_only_the_digest_of_attributes_that_are_too_large)
{
	char memory[] = "/dev/shm/custody-test.XXXXXX"; /* tmpfs takes 64 KiB and more a file, ext4 one block */
	if (!mkdtemp(memory) || chdir(memory))
		cr_skip_test("no /dev/shm here");
	make_dir("d");
	tmpdir_write("d/f", "x", 1);
	static char value[20000];
	memset(value, 'v', sizeof(value));
	bool taken = true;
	for (int i = 0; i < 4; i++) {
		char name[32];
		snprintf(name, sizeof(name), "user.%d", i);
		taken = taken && lsetxattr("d/f", name, value, sizeof(value), 0) == 0;
	}
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item item = { 0 };
	WALK_CLEAN struct custody_walk *w = begin("d");
	find(w, "f", &e);
	cr_expect_eq(custody_walk_describe(w, &e, -1, &item, &err), 0);
	if (taken && item.n_findings == 1) {
		cr_expect_eq(item.n_xattrs, 0);
		cr_expect_str_eq(item.findings[0].id, "xattrs-digest-only");
		cr_expect_str_eq(item.findings[0].detail, "sha256 e5af2e8b787e0e0284ac38ae1e8dc8719abf0db1629eff6a2a9032b3a459df39");
		cr_expect_eq(lremovexattr("d/f", "user.3"), 0);
		cr_expect_eq(custody_walk_describe(w, &e, -1, &item, &err), 0);
		cr_expect(item.n_xattrs == 3 && item.n_findings == 0);
	}
	cr_expect_eq(item.n_findings, 0);
	cr_expect_eq(unlink("d/f") || rmdir("d") || rmdir(memory), 0);
	if (!taken)
		cr_skip_test("no extended attributes of that size here");
}

Test(walk, leaves_no_trace_on_access_times)
{
	make_dir("d");
	make_dir("d/e");
	tmpdir_write("d/e/f", "x", 1);
	struct timespec old[2] = { { 1000, 0 }, { 2000, 0 } };
	static const char *const paths[] = { "d/e/f", "d/e", "d" };
	for (size_t i = 0; i < 3; i++)
		cr_assert_eq(utimensat(AT_FDCWD, paths[i], old, 0), 0);
	WALK_CLEAN struct custody_walk *w = begin("d");
	struct custody_walk_entry e;
	struct stat st;
	int problem;
	find(w, "f", &e);
	CUSTODY_CLOSE int fd = custody_walk_open(&e, &st, &problem);
	char c;
	cr_assert_eq(read(fd, &c, 1), 1);
	for (size_t i = 0; i < 3; i++)
		cr_expect(stat(paths[i], &st) == 0 && st.st_atim.tv_sec == 1000, "%s", paths[i]);
}

Test(walk, reads_names_again_that_did_not_fit_on_the_way_down)
{
	/* Five folders within each other with 12,000 long names each do not fit into CUSTODY_LIMIT_WALK_NAMES together. */
	enum { LEVELS = 5, NAMES = 12000 };
	char name[256];
	int home = open(".", O_RDONLY | O_DIRECTORY);
	make_dir("d");
	cr_assert_eq(chdir("d"), 0);
	for (int level = 0; level < LEVELS; level++) {
		for (int i = 0; i < NAMES; i++) {
			snprintf(name, sizeof(name), "%c%0238d", i % 2 ? 'a' : 'z', i);
			int fd = open(name, O_WRONLY | O_CREAT, 0600);
			cr_assert_geq(fd, 0);
			close(fd);
		}
		make_dir("m");
		cr_assert_eq(chdir("m"), 0);
	}
	cr_assert_eq(fchdir(home), 0);
	close(home);
	WALK_CLEAN struct custody_walk *w = begin("d");
	struct custody_walk_entry e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf last;
	custody_buf_init(&last, CUSTODY_LIMIT_PATH);
	int n = 0, r;
	while ((r = custody_walk_next(w, &e, &err)) == 1) {
		cr_assert(custody_path_compare(last.data, last.len, e.path, e.path_len) < 0);
		custody_buf_clear(&last);
		cr_assert_eq(custody_buf_append(&last, e.path, e.path_len, &err), 0);
		n++;
	}
	cr_expect_eq(r, 0, "%s", err.text);
	cr_expect_eq(n, LEVELS * (NAMES + 1) + 1);
}

/* A whole walk with all that is known of each item. 0, or -1 with the error. */
static int walk_everything(struct custody_error *err)
{
	struct custody_walk_argument arguments[] = { { "d", NULL }, { "l", NULL } };
	WALK_CLEAN struct custody_walk *w = NULL;
	if (custody_walk_new(&w, arguments, 2, false, err))
		return -1;
	struct custody_walk_entry e;
	struct custody_item item = { 0 };
	int r;
	while ((r = custody_walk_next(w, &e, err)) == 1)
		if (custody_walk_describe(w, &e, -1, &item, err))
			return -1;
	return r;
}

Test(walk, survives_every_allocation_that_fails)
{
	if (!nomem_available())
		cr_skip_test("not in this build");
	make_chain("d", 70);
	tmpdir_write("file", "x", 1);
	cr_assert_eq(link("file", "d/hard"), 0);
	cr_assert_eq(symlink("f", "d/soft"), 0);
	cr_assert_eq(symlink("file", "l"), 0);
	set("d/f", "user.a", "a", 1);
	struct custody_error first = CUSTODY_ERROR_INIT;
	cr_assert_eq(walk_everything(&first), 0); /* glibc 2.36 crashes if its first look-up of a user meets no memory */
	size_t n = 1, refused = 0;
	for (; n < 100000; n++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		nomem_arm(n);
		int r = walk_everything(&err);
		bool failed = nomem_disarm();
		/* names of users and the like may be missing without harm */
		cr_expect(r == 0 || (failed && (err.kind == CUSTODY_ERR_NOMEM || err.kind == CUSTODY_ERR_CRYPTO)), "allocation %zu: %s", n, err.text);
		refused += r != 0;
		if (!failed)
			break;
	}
	cr_expect(n > 100 && refused > n / 2, "%zu of %zu", refused, n);
}

Test(folder, gives_all_names_in_order_within_a_small_budget)
{
	enum { NAMES = 9000 };
	char name[32];
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "%d-%08x", i % 7, (unsigned)i * 2654435761u);
		tmpdir_write(name, "", 0);
	}
	CUSTODY_CLOSE int fd = open(".", O_RDONLY | O_DIRECTORY);
	CUSTODY_CLEANUP(custody_folder_release) struct custody_folder f = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	int problem, n = 0, passes = 0;
	char last[32] = "";
	do {
		cr_assert_eq(custody_folder_read(&f, fd, passes ? last : NULL, 65536, &problem, &err), 0);
		cr_expect_leq(custody_folder_memory(&f), 65536);
		const char *next;
		uint8_t type;
		while ((next = custody_folder_next(&f, &type))) {
			cr_assert(strcmp(last, next) < 0);
			strcpy(last, next);
			n++;
		}
		passes++;
	} while (f.more);
	cr_expect_eq(n, NAMES, "%d in %d", n, passes);
	cr_expect(passes > 3 && passes < 30, "%d", passes);
}

Test(folder, says_why_it_cannot_be_read)
{
	tmpdir_write("file", "", 0);
	struct custody_folder f = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	int problem;
	CUSTODY_CLOSE int fd = open("file", O_RDONLY);
	cr_expect_eq(custody_folder_read(&f, fd, NULL, 65536, &problem, &err), -1);
	cr_expect_eq(problem, ENOTDIR);
	cr_expect_eq(custody_folder_read(&f, 12345, NULL, 65536, &problem, &err), -1);
	cr_expect_eq(problem, EBADF);
	cr_expect(f.n == 0 && f.text == NULL);
}
