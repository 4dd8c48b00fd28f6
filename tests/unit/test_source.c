/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/source.h"
#include "tests/support/tmpdir.h"

static char dir[64];

static void enter(void)
{
	tmpdir_enter(dir);
	tmpdir_write("f", "0123456789", 10);
}

static void leave(void)
{
	tmpdir_leave(dir);
}

TestSuite(source, .init = enter, .fini = leave);

static void expect_reads(const struct custody_source *s)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t out[16] = { 0 };
	cr_expect_eq(s->size, 10);
	cr_expect_eq(custody_source_read(s, 0, out, 10, &err), 0);
	cr_expect(memcmp(out, "0123456789", 10) == 0);
	cr_expect_eq(custody_source_read(s, 9, out, 1, &err), 0);
	cr_expect_eq(out[0], '9');
	cr_expect_eq(custody_source_read(s, 10, out, 0, &err), 0);
	static const struct {
		uint64_t off;
		size_t n;
	} bad[] = { { 10, 1 }, { 11, 0 }, { 0, 11 }, { 5, SIZE_MAX }, { UINT64_MAX, 1 }, { UINT64_MAX, SIZE_MAX } };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(custody_source_read(s, bad[i].off, out, bad[i].n, &err), -1, "%zu", i);
		cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	}
}

Test(source, reads_memory)
{
	struct custody_source s;
	custody_source_memory(&s, (const uint8_t *)"0123456789", 10);
	expect_reads(&s);
	cr_expect_eq(custody_source_unchanged(&s, NULL), 1);
	custody_source_memory(&s, NULL, 0);
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_expect_eq(custody_source_read(&s, 0, NULL, 0, &err), 0);
}

Test(source, reads_a_file_and_sees_that_it_changed)
{
	struct custody_source s;
	struct custody_source_fd state;
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLOSE int fd = open("f", O_RDWR);
	cr_assert_eq(custody_source_open_fd(&s, &state, fd, &err), 0);
	expect_reads(&s);
	cr_expect_eq(custody_source_unchanged(&s, &err), 1);
	cr_assert_eq(write(fd, "x", 1), 1);
	struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	cr_assert_eq(futimens(fd, times), 0);
	cr_expect_eq(custody_source_unchanged(&s, &err), 0);
	cr_assert_eq(ftruncate(fd, 4), 0);
	uint8_t out[10];
	cr_expect_eq(custody_source_read(&s, 0, out, 10, &err), -1);
	cr_expect_str_eq(err.text, "the file became shorter: it ends at 4, want 10: Input/output error");
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
}

Test(source, takes_regular_files_only)
{
	struct custody_source s;
	struct custody_source_fd state;
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLOSE int folder = open(".", O_RDONLY);
	cr_expect_eq(custody_source_open_fd(&s, &state, folder, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	cr_expect_eq(custody_source_open_fd(&s, &state, 12345, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	CUSTODY_CLOSE int fd = open("f", O_RDONLY);
	cr_assert_eq(custody_source_open_fd(&s, &state, fd, &err), 0);
	state.fd = folder; /* reading a folder fails */
	uint8_t out[10];
	cr_expect_eq(custody_source_read(&s, 0, out, 10, &err), -1);
	cr_expect_str_eq(err.text, "cannot read 'the file': Is a directory");
	state.fd = 12345; /* what cannot be looked at has not changed */
	cr_expect_eq(custody_source_unchanged(&s, &err), -1);
	cr_expect_str_eq(err.text, "cannot look whether the file changed: Bad file descriptor");
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
}
