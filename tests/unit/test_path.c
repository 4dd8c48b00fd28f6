/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/path.h"
#include "tests/support/tmpdir.h"

static int compare(const char *a, const char *b)
{
	return custody_path_compare((const uint8_t *)a, strlen(a), (const uint8_t *)b, strlen(b));
}

Test(path, compares_part_by_part_and_parents_first)
{
	static const char *const sorted[] = { "", "a", "a/", "a/\x01", "a/b", "a/b/c", "a\x01", "a ", "a!", "a-b", "a.b", "a0", "aa", "b", "\x7f",
		"\x80", "\xff" };
	for (size_t i = 0; i < sizeof(sorted) / sizeof(sorted[0]); i++)
		for (size_t j = 0; j < sizeof(sorted) / sizeof(sorted[0]); j++)
			cr_expect_eq(compare(sorted[i], sorted[j]), i < j ? -1 : i > j, "'%s' and '%s'", sorted[i], sorted[j]);
}

Test(path, knows_a_clean_relative_path)
{
	static const struct {
		const char *path;
		size_t n;
		bool want;
	} cases[] = { { "a", 1, true }, { "a/b", 3, true }, { "..a/.b/c..", 10, true }, { "...", 3, true }, { "\xff/\n", 3, true }, { "", 0, false },
		{ "/", 1, false }, { "/a", 2, false }, { "a/", 2, false }, { "a//b", 4, false }, { ".", 1, false }, { "..", 2, false },
		{ "a/.", 3, false }, { "a/..", 4, false }, { "./a", 3, false }, { "../a", 4, false }, { "a/./b", 5, false }, { "a/../b", 6, false },
		{ "a\0b", 3, false }, { "a\0", 2, false } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(custody_path_is_relative_clean((const uint8_t *)cases[i].path, cases[i].n), cases[i].want, "'%s'", cases[i].path);
}

Test(path, opens_no_link_and_waits_for_nobody)
{
	char dir[64];
	tmpdir_enter(dir);
	tmpdir_write("file", "x", 1);
	cr_assert_eq(symlink("file", "link"), 0);
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	int fd = custody_path_open_nofollow(AT_FDCWD, "file", 0);
	cr_expect_geq(fd, 0);
	cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	cr_expect_eq(custody_path_open_nofollow(AT_FDCWD, "link", 0), -1);
	cr_expect_eq(errno, ELOOP);
	fd = custody_path_open_nofollow(AT_FDCWD, "fifo", 0);
	cr_expect_geq(fd, 0);
	close(fd);
	cr_expect_eq(custody_path_open_nofollow(AT_FDCWD, "file", O_DIRECTORY), -1);
	cr_expect_eq(errno, ENOTDIR);
	tmpdir_leave(dir);
}

Test(path, does_without_noatime_where_it_may_not)
{
	char dir[64];
	tmpdir_enter(dir);
	tmpdir_write("file", "x", 1);
	cr_assert_eq(chmod("file", 0644), 0);
	cr_assert_eq(chmod(".", 0755), 0);
	if (getuid() == 0) { /* the process of this test only */
		cr_assert_eq(chown("file", 0, 0), 0);
		cr_assert_eq(seteuid(65534), 0);
	}
	int fd = custody_path_open_nofollow(AT_FDCWD, "file", 0);
	cr_expect_geq(fd, 0);
	close(fd);
	if (getuid() == 0)
		cr_assert_eq(seteuid(0), 0);
	tmpdir_leave(dir);
}
