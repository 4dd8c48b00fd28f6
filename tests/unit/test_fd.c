/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/random.h"
#include "tests/support/disk.h"
#include "tests/support/faults.h"
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

TestSuite(fd, .init = enter, .fini = leave);
TestSuite(output, .init = enter, .fini = leave);
TestSuite(spool, .init = enter, .fini = leave);

/* Files in the working folder, "." and ".." apart. */
static int count_files(void)
{
	int n = 0;
	DIR *d = opendir(".");
	cr_assert_not_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static int no_such_descriptor(void)
{
	return 12345;
}

Test(fd, reads_and_writes_whole_runs)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLOSE int fd = open("f", O_RDWR | O_CREAT, 0600);
	uint8_t out[8] = { 0 };
	size_t got = 99;
	cr_expect_eq(custody_fd_write(fd, (const uint8_t *)"abcdef", 6, "f", &err), 0);
	cr_expect_eq(custody_fd_pwrite(fd, 2, (const uint8_t *)"XY", 2, "f", &err), 0);
	cr_expect_eq(custody_fd_pread(fd, 1, out, 3, &got, "f", &err), 0);
	cr_expect(got == 3 && memcmp(out, "bXY", 3) == 0);
	cr_expect_eq(custody_fd_pread(fd, 4, out, 8, &got, "f", &err), 0);
	cr_expect_eq(got, 2);
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	cr_expect_eq(custody_fd_read(fd, out, 8, &got, "f", &err), 0);
	cr_expect(got == 6 && memcmp(out, "abXYef", 6) == 0);
	cr_expect_eq(custody_fd_read(fd, out, 8, &got, "f", &err), 0);
	cr_expect_eq(got, 0);
}

Test(fd, says_which_file_and_why)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t out[8];
	size_t got;
	cr_expect_eq(custody_fd_read(no_such_descriptor(), out, 8, &got,
			     "a\x1b"
			     "b",
			     &err),
		-1);
	cr_expect_str_eq(err.text, "cannot read 'a\\u{001b}b': Bad file descriptor");
	cr_expect_eq(err.sys_errno, EBADF);
	cr_expect_eq(custody_fd_write(no_such_descriptor(), out, 8, "x", &err), -1);
	cr_expect_str_eq(err.text, "cannot write 'x': Bad file descriptor");
	CUSTODY_CLOSE int full = open("/dev/full", O_WRONLY);
	cr_expect_eq(custody_fd_write(full, out, 8, "x", &err), -1);
	cr_expect_str_eq(err.text, "cannot write 'x': No space left on device");
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	cr_expect_eq(custody_fd_pread(full, INT64_MAX, out, 1, &got, "x", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	cr_expect_eq(custody_fd_pread(full, UINT64_MAX, out, 1, &got, "x", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	cr_expect_eq(custody_fd_pwrite(full, INT64_MAX, out, 1, "x", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
}

static void ignore(int signal_number)
{
	(void)signal_number;
}

Test(fd, goes_on_after_a_signal)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	int pair[2];
	cr_assert_eq(pipe(pair), 0);
	struct sigaction act = { .sa_handler = ignore }; /* without SA_RESTART */
	cr_assert_eq(sigaction(SIGUSR1, &act, NULL), 0);
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		for (int i = 0; i < 5; i++) {
			usleep(2000);
			kill(parent, SIGUSR1);
		}
		cr_assert_eq(write(pair[1], "done", 4), 4);
		_exit(0);
	}
	close(pair[1]);
	uint8_t out[8];
	size_t got = 0;
	cr_expect_eq(custody_fd_read(pair[0], out, 8, &got, "pipe", &err), 0);
	cr_expect_eq(got, 4);
	close(pair[0]);
}

Test(fd, slurps_a_small_file_up_to_the_limit)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf b;
	custody_buf_init(&b, 100000);
	static char text[40000];
	memset(text, 'x', sizeof(text));
	tmpdir_write("f", text, sizeof(text));
	tmpdir_write("empty", "", 0);
	cr_expect_eq(custody_buf_append_str(&b, "ab", &err), 0);
	cr_expect_eq(custody_fd_slurp("empty", 0, &b, &err), 0);
	cr_expect_eq(custody_fd_slurp("f", sizeof(text), &b, &err), 0);
	cr_expect_eq(b.len, 40002);
	cr_expect_eq(custody_fd_slurp("f", sizeof(text) - 1, &b, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_str_eq(err.text, "'f' is larger than the limit of 39999 bytes");
	cr_expect_eq(b.len, 40002);
	cr_expect_eq(custody_fd_slurp("f", sizeof(text), &b, &err), 0);
	cr_expect_eq(custody_fd_slurp("f", sizeof(text), &b, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_eq(b.len, 80002);
	cr_assert_eq(symlink("empty", "link"), 0);
	cr_expect_eq(custody_fd_slurp("link", 0, &b, &err), 0);
}

Test(fd, slurps_nothing_that_is_not_a_regular_file)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf b;
	custody_buf_init(&b, 100);
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	cr_assert_eq(symlink("loop", "loop"), 0);
	static const struct {
		const char *path, *want;
		enum custody_error_kind kind;
	} cases[] = { { "none", "no such file 'none'", CUSTODY_ERR_INPUT }, { ".", "'.' is not a regular file", CUSTODY_ERR_INPUT },
		{ "fifo", "'fifo' is not a regular file", CUSTODY_ERR_INPUT },
		{ "/dev/null", "'/dev/null' is not a regular file", CUSTODY_ERR_INPUT },
		{ "loop", "cannot open 'loop': Too many levels of symbolic links", CUSTODY_ERR_IO },
		{ "fifo/x", "no such file 'fifo/x'", CUSTODY_ERR_INPUT }, { "", "no such file ''", CUSTODY_ERR_INPUT } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(custody_fd_slurp(cases[i].path, 100, &b, &err), -1);
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_eq(err.kind, cases[i].kind);
	}
	cr_expect_eq(b.len, 0);
}

Test(fd, makes_a_temporary_without_a_name)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLOSE int here = open(".", O_RDONLY | O_DIRECTORY);
	CUSTODY_CLOSE int fd = -1;
	cr_expect_eq(custody_fd_temporary(here, &fd, &err), 0);
	cr_expect_eq(custody_fd_write(fd, (const uint8_t *)"x", 1, "t", &err), 0);
	cr_expect_eq(count_files(), 0);
	int bad = -1;
	cr_expect_eq(custody_fd_temporary(no_such_descriptor(), &bad, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	cr_expect_eq(bad, -1);
	/* where there is no O_TMPFILE (proc takes no new files at all) the second way is tried and its reason told */
	CUSTODY_CLOSE int proc = open("/proc", O_RDONLY | O_DIRECTORY);
	cr_expect_eq(custody_fd_temporary(proc, &bad, &err), -1);
	cr_expect(strstr(err.text, "cannot make a temporary file: "), "%s", err.text);
}

Test(output, has_its_name_only_when_it_is_whole)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_OUTPUT_CLEAN struct custody_output o = { 0 };
	umask(022);
	cr_assert_eq(custody_output_open(&o, "out", 0, &err), 0, "%s", err.text);
	cr_expect_eq(count_files(), 0); /* nothing has a name: a killed process leaves nothing */
	cr_expect_eq(custody_fd_write(o.fd, (const uint8_t *)"abc", 3, "out", &err), 0);
	cr_expect_eq(custody_output_sync(&o, &err), 0);
	cr_expect_eq(custody_output_commit(&o, &err), 0, "%s", err.text);
	cr_expect_eq(o.fd, -1);
	struct stat st;
	cr_expect_eq(stat("out", &st), 0);
	cr_expect_eq(st.st_size, 3);
	cr_expect_eq(st.st_mode & 07777, 0644);
	cr_expect_eq(count_files(), 1);
}

Test(output, leaves_nothing_when_it_is_abandoned)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_output o = { 0 };
	custody_output_abandon(&o);
	cr_assert_eq(custody_output_open(&o, "out", 0600, &err), 0);
	custody_output_abandon(&o);
	custody_output_abandon(&o);
	cr_expect_eq(o.fd, -1);
	cr_expect_eq(count_files(), 0);
	cr_expect(fcntl(0, F_GETFD) >= 0 || errno == EBADF); /* descriptor 0 was never touched */
}

Test(output, of_what_may_come_only_once_stays_until_it_is_committed)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_output o = { 0 };
	tmpdir_write("out.incomplete", "old", 3);
	cr_assert_eq(custody_output_open_kept(&o, "out", 0600, &err), 0, "%s", err.text);
	cr_expect_str_eq(o.temp, "out.incomplete.2");
	custody_output_abandon(&o);
	cr_expect_eq(count_files(), 2);
	cr_assert_eq(custody_output_open_kept(&o, "out", 0600, &err), 0, "%s", err.text);
	cr_expect_str_eq(o.temp, "out.incomplete.3");
	faults_set("fsync", 2, EIO); /* of the folder: it had the final name by then */
	cr_expect_eq(custody_output_commit(&o, &err), -1);
	custody_output_abandon(&o);
	cr_expect(access("out.incomplete.3", F_OK) == 0 && access("out", F_OK) != 0);
	cr_assert_eq(custody_output_open_kept(&o, "out", 0600, &err), 0, "%s", err.text);
	cr_expect_eq(custody_output_commit(&o, &err), 0, "%s", err.text);
	cr_expect(access("out.incomplete.4", F_OK) != 0 && access("out", F_OK) == 0);
	cr_expect_eq(custody_output_open_kept(&o, "out", 0600, &err), -1);
	cr_assert_eq(custody_output_open_kept(&o, "empty", 0600, &err), 0, "%s", err.text);
	o.kept = false;
	custody_output_abandon(&o);
	cr_expect_eq(count_files(), 4);
}

/* A file system without nameless files. */
static void without_nameless(void)
{
	faults_set("openat", 1, EOPNOTSUPP);
}

Test(output, is_hidden_where_files_without_a_name_cannot_be)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_OUTPUT_CLEAN struct custody_output o = { 0 };
	struct stat st;
	char left[NAME_MAX + 1];
	umask(022);
	without_nameless();
	cr_assert_eq(custody_output_open(&o, "out", 0, &err), 0, "%s", err.text);
	cr_expect_neq(access("out", F_OK), 0);
	cr_expect_eq(count_files(), 1);
	cr_expect(custody_output_leftover("out", left) && strcmp(left, o.temp) == 0);
	cr_expect_eq(custody_fd_write(o.fd, (const uint8_t *)"abc", 3, "out", &err), 0);
	cr_expect_eq(custody_output_commit(&o, &err), 0, "%s", err.text);
	cr_expect(stat("out", &st) == 0 && st.st_size == 3 && (st.st_mode & 07777) == 0644);
	cr_expect_eq(count_files(), 1);
	without_nameless();
	cr_assert_eq(custody_output_open(&o, "given-up", 0, &err), 0);
	custody_output_abandon(&o);
	cr_expect_eq(count_files(), 1);
}

Test(output, is_hidden_where_its_descriptor_leads_elsewhere)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_OUTPUT_CLEAN struct custody_output o = { 0 };
	faults_set("fstatat", 2, ENOENT); /* the first looks for the final name, the second through /proc */
	cr_assert_eq(custody_output_open(&o, "out", 0, &err), 0, "%s", err.text);
	cr_expect(o.temp && count_files() == 1);
}

Test(output, knows_what_a_killed_process_left)
{
	static const char *const none[] = { ".other.000123.tmp", ".out.00012.tmp", ".out.0001234.tmp", ".out.00012a.tmp", ".out.000123.tmq",
		"out.000123.tmp", ".out.000123", ".outs.00012.tmp" };
	char left[NAME_MAX + 1], name[256], long_left[300];
	cr_expect_not(custody_output_leftover("out", left));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		tmpdir_write(none[i], "x", 1);
	cr_expect_not(custody_output_leftover("out", left), "%s", left);
	tmpdir_write(".out.000123.tmp", "x", 1);
	cr_expect(custody_output_leftover("out", left) && strcmp(left, ".out.000123.tmp") == 0);
	cr_expect(custody_output_leftover("./out", left));
	cr_expect_not(custody_output_leftover("none/out", left));
	cr_expect_not(custody_output_leftover("", left));
	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	snprintf(long_left, sizeof(long_left), ".%.200s.000123.tmp", name);
	tmpdir_write(long_left, "x", 1);
	cr_expect(custody_output_leftover(name, left) && strcmp(left, long_left) == 0);
}

Test(output, is_taken_back_when_it_cannot_be_synced_under_its_name)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	faults_set("fsync", 2, EIO); /* the first is before it has a name */
	cr_expect_eq(custody_output_write_file("out", 0600, "x", 1, &err), -1);
	cr_expect_str_eq(err.text, "cannot write 'out' to storage: Input/output error");
	cr_expect_eq(count_files(), 0);
	faults_set("linkat", 1, EPERM);
	cr_expect_eq(custody_output_write_file("out", 0600, "x", 1, &err), -1);
	cr_expect_str_eq(err.text, "cannot name 'out': Operation not permitted");
	cr_expect_eq(count_files(), 0);
}

Test(output, never_replaces)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_output o = { 0 };
	tmpdir_write("file", "old", 3);
	cr_assert_eq(symlink("nowhere", "link"), 0);
	cr_assert_eq(mkdir("folder", 0700), 0);
	static const char *const taken[] = { "file", "link", "folder" };
	for (size_t i = 0; i < 3; i++) {
		char want[64];
		snprintf(want, sizeof(want), "'%s' exists already", taken[i]);
		cr_expect_eq(custody_output_open(&o, taken[i], 0, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
		cr_expect_str_eq(err.text, want);
		cr_expect_neq(err.hint[0], '\0');
		cr_expect_eq(o.path, NULL);
	}
	cr_assert_eq(custody_output_open(&o, "new", 0, &err), 0);
	tmpdir_write("new", "someone else's", 14); /* appears while we work */
	cr_expect_eq(custody_output_commit(&o, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	custody_output_abandon(&o);
	struct stat st;
	cr_expect(stat("new", &st) == 0 && st.st_size == 14);
	cr_expect_eq(count_files(), 4);
}

Test(output, refuses_names_that_are_none)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_output o = { 0 };
	static const struct {
		const char *path, *want;
	} cases[] = { { "", "'' is not the name of a file" }, { ".", "'.' is not the name of a file" }, { "..", "'..' is not the name of a file" },
		{ "/", "'/' is not the name of a file" }, { "a/", "'a/' is not the name of a file" }, { "a/..", "'a/..' is not the name of a file" },
		{ "none/out", "the folder of 'none/out' does not exist" }, { "file/out", "the folder of 'file/out' does not exist" } };
	tmpdir_write("file", "", 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(custody_output_open(&o, cases[i].path, 0, &err), -1);
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	}
	cr_expect_eq(custody_output_open(&o, "/proc/custody-test", 0, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	char name[400];
	memset(name, 'n', sizeof(name));
	name[299] = '\0';
	cr_expect_eq(custody_output_open(&o, name, 0, &err), -1);
	cr_expect_eq(err.sys_errno, ENAMETOOLONG);
	cr_assert_eq(symlink("self", "self"), 0);
	cr_expect_eq(custody_output_open(&o, "self/out", 0, &err), -1);
	cr_expect_eq(err.sys_errno, ELOOP);
	cr_expect_eq(count_files(), 2);
}

Test(output, takes_the_longest_name_and_absolute_paths)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[256];
	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	cr_expect_eq(custody_output_write_file(name, 0600, "x", 1, &err), 0, "%s", err.text);
	cr_expect_eq(access(name, F_OK), 0);
	char path[400];
	snprintf(path, sizeof(path), "%s/absolute", dir);
	cr_expect_eq(custody_output_write_file(path, 0600, "x", 1, &err), 0);
	cr_expect_eq(count_files(), 2);
	struct stat st;
	cr_expect(stat("absolute", &st) == 0 && (st.st_mode & 07777) == 0600);
	cr_expect_eq(custody_output_write_file(path, 0600, "x", 1, &err), -1);
}

Test(output, steps_past_a_temporary_that_was_left_over)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char left[64];
	snprintf(left, sizeof(left), ".out.%06u.tmp", (unsigned)getpid() % 1000000);
	tmpdir_write(left, "old", 3);
	without_nameless();
	cr_expect_eq(custody_output_write_file("out", 0600, "new", 3, &err), 0);
	cr_expect_eq(count_files(), 2);
}

Test(output, leaves_nothing_when_the_disk_is_full)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	disk_full_at(10);
	cr_expect_eq(custody_output_write_file("out", 0600, "more than ten bytes", 19, &err), -1);
	disk_free_again();
	cr_expect_eq(err.sys_errno, EFBIG);
	cr_expect_eq(count_files(), 0);
}

Test(output, a_sync_that_fails_is_the_end)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_output o = { 0 };
	cr_assert_eq(custody_output_open(&o, "out", 0600, &err), 0);
	int real = o.fd, pair[2];
	cr_assert_eq(pipe(pair), 0);
	o.fd = pair[1]; /* a pipe cannot be synced */
	cr_expect_eq(custody_output_commit(&o, &err), -1);
	cr_expect_str_eq(err.text, "cannot write 'out' to storage: Invalid argument");
	custody_output_abandon(&o);
	close(real);
	close(pair[0]);
	cr_expect_eq(count_files(), 0);
}

Test(output, is_linked_where_rename_cannot_refuse_to_replace)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	static const int without[] = { EINVAL, ENOSYS, EOPNOTSUPP };
	for (size_t i = 0; i < 3; i++) {
		char name[16];
		snprintf(name, sizeof(name), "out%zu", i);
		without_nameless();
		faults_set("renameat2", 1, without[i]);
		cr_expect_eq(custody_output_write_file(name, 0600, "x", 1, &err), 0, "%s", err.text);
		cr_expect_eq(count_files(), (int)i + 1);
	}
	struct custody_output o = { 0 };
	without_nameless();
	cr_assert_eq(custody_output_open(&o, "new", 0, &err), 0);
	tmpdir_write("new", "someone else's", 14);
	faults_set("renameat2", 1, EINVAL);
	cr_expect_eq(custody_output_commit(&o, &err), -1);
	cr_expect_str_eq(err.text, "'new' exists already");
	custody_output_abandon(&o);
	without_nameless();
	faults_set("renameat2", 1, EINVAL);
	faults_set("linkat", 1, EIO);
	cr_expect_eq(custody_output_write_file("none", 0600, "x", 1, &err), -1);
	cr_expect_str_eq(err.text, "cannot name 'none': Input/output error");
	without_nameless();
	faults_set("renameat2", 1, EIO);
	cr_expect_eq(custody_output_write_file("none", 0600, "x", 1, &err), -1);
	cr_expect_str_eq(err.text, "cannot name 'none': Input/output error");
	cr_expect_eq(count_files(), 4);
}

Test(output, gets_its_name_where_there_are_no_links_either)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	static const int without[] = { EPERM, ENOSYS, EOPNOTSUPP, EINVAL };
	struct stat st;
	for (size_t i = 0; i < 4; i++) {
		char name[16];
		snprintf(name, sizeof(name), "out%zu", i);
		without_nameless();
		faults_set("renameat2", 1, EINVAL);
		faults_set("linkat", 1, without[i]);
		cr_expect_eq(custody_output_write_file(name, 0640, "xyz", 3, &err), 0, "%s", err.text);
		cr_assert_eq(stat(name, &st), 0);
		cr_expect_eq(st.st_size, 3);
		cr_expect_eq(st.st_mode & 0777, 0640);
		cr_expect_eq(count_files(), (int)i + 1);
	}
	/* what came to lie there meanwhile is still never replaced */
	struct custody_output o = { 0 };
	without_nameless();
	cr_assert_eq(custody_output_open(&o, "new", 0, &err), 0);
	tmpdir_write("new", "someone else's", 14);
	faults_set("renameat2", 1, EINVAL);
	faults_set("linkat", 1, EPERM);
	cr_expect_eq(custody_output_commit(&o, &err), -1);
	cr_expect_str_eq(err.text, "'new' exists already");
	custody_output_abandon(&o);
	cr_assert_eq(stat("new", &st), 0);
	cr_expect_eq(st.st_size, 14);
	/* and a rename that fails leaves nothing under the name */
	without_nameless();
	faults_set("renameat2", -1, EINVAL);
	faults_set("linkat", 1, EPERM);
	cr_expect_eq(custody_output_write_file("none", 0600, "x", 1, &err), -1);
	cr_expect_str_eq(err.text, "cannot name 'none': Invalid argument");
	faults_clear();
	cr_expect_eq(count_files(), 5);
}

Test(output, a_folder_that_has_no_sync_is_none_that_failed)
{
	int folder = open(".", O_RDONLY | O_DIRECTORY);
	cr_assert_geq(folder, 0);
	cr_expect_eq(custody_fd_sync_folder(folder), 0);
	faults_set("fsync", 1, EINVAL);
	cr_expect_eq(custody_fd_sync_folder(folder), 0);
	faults_set("fsync", 1, EIO);
	cr_expect_eq(custody_fd_sync_folder(folder), -1);
	cr_expect_eq(errno, EIO);
	close(folder);
}

Test(output, is_taken_back_when_its_folder_cannot_be_synced)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	faults_set("fsync", 3, EIO); /* the file's succeed, the folder's does not */
	cr_expect_eq(custody_output_write_file("out", 0600, "x", 1, &err), -1);
	cr_expect_str_eq(err.text, "cannot write the folder of 'out' to storage: Input/output error");
	cr_expect_eq(count_files(), 0);
	faults_set("fsync", 3, EINVAL); /* a file system that has no such thing */
	cr_expect_eq(custody_output_write_file("out", 0600, "x", 1, &err), 0);
	without_nameless();
	faults_set("fsync", 2, EIO);
	cr_expect_eq(custody_output_write_file("none", 0600, "x", 1, &err), -1);
	cr_expect_str_eq(err.text, "cannot write the folder of 'none' to storage: Input/output error");
	faults_set("fsync", 1, EIO);
	cr_expect_eq(custody_output_write_file("other", 0600, "x", 1, &err), -1);
	cr_expect_str_eq(err.text, "cannot write 'other' to storage: Input/output error");
	cr_expect_eq(count_files(), 1);
}

Test(spool, gives_back_what_went_in_from_memory_and_from_disk)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLOSE int here = open(".", O_RDONLY | O_DIRECTORY);
	CUSTODY_CLEANUP(custody_spool_release) struct custody_spool s = { 0 };
	cr_assert_eq(custody_spool_init(&s, here, &err), 0);
	static uint8_t in[200000], out[200000];
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 31 + i / 251);
	size_t done = 0;
	for (size_t step = 1; done < sizeof(in); step = step * 3 + 1) {
		size_t n = step < sizeof(in) - done ? step : sizeof(in) - done;
		cr_expect_eq(custody_spool_append(&s, in + done, n, &err), 0);
		done += n;
		cr_expect_eq(custody_spool_size(&s), done);
		cr_expect_eq(s.fd >= 0, done > CUSTODY_LIMIT_SPOOL_BUFFER);
		cr_expect_eq(custody_spool_read(&s, 0, out, done, &err), 0);
		cr_expect(memcmp(in, out, done) == 0);
	}
	cr_expect_eq(custody_spool_read(&s, s.flushed - 5, out, 10, &err), 0);
	cr_expect(memcmp(out, in + s.flushed - 5, 10) == 0);
	cr_expect_eq(custody_spool_read(&s, s.flushed + 1, out, 10, &err), 0);
	cr_expect_eq(custody_spool_read(&s, sizeof(in), out, 0, &err), 0);
	cr_expect_eq(custody_spool_read(&s, sizeof(in), out, 1, &err), -1);
	cr_expect_eq(custody_spool_read(&s, UINT64_MAX, out, 1, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	cr_expect_eq(count_files(), 0);
	cr_assert_eq(ftruncate(s.fd, 10), 0);
	cr_expect_eq(custody_spool_read(&s, 0, out, 100, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
}

Test(spool, tells_when_there_is_no_place_for_it)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_spool s = { 0 };
	static uint8_t block[CUSTODY_LIMIT_SPOOL_BUFFER];
	custody_spool_release(&s);
	cr_assert_eq(custody_spool_init(&s, no_such_descriptor(), &err), 0);
	cr_expect_eq(custody_spool_append(&s, block, sizeof(block), &err), 0);
	cr_expect_eq(custody_spool_append(&s, block, 1, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	custody_spool_release(&s);
	custody_spool_release(&s);
	CUSTODY_CLOSE int here = open(".", O_RDONLY | O_DIRECTORY);
	cr_assert_eq(custody_spool_init(&s, here, &err), 0);
	disk_full_at(10);
	cr_expect_eq(custody_spool_append(&s, block, sizeof(block), &err), 0);
	cr_expect_eq(custody_spool_append(&s, block, 1, &err), -1);
	disk_free_again();
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	custody_spool_release(&s);
}

Test(cleanup, closes_once_and_keeps_errno)
{
	int fd = open("/dev/null", O_RDONLY);
	int copy = fd;
	errno = E2BIG;
	custody_cleanup_fd(&fd);
	cr_expect_eq(errno, E2BIG);
	cr_expect_eq(fd, -1);
	cr_expect_eq(fcntl(copy, F_GETFD), -1);
	custody_cleanup_fd(&fd);
	char *p = strdup("x"), *q = custody_steal(&p);
	cr_expect(p == NULL && q != NULL);
	custody_cleanup_free(&q);
}

static int fill(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	if (!ctx)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "no generator");
	memset(p, *(const int *)ctx, n);
	return 0;
}

Test(random, comes_from_whoever_was_given)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	int seven = 7;
	struct custody_random good = { fill, &seven }, bad = { fill, NULL };
	uint8_t out[2] = { 0 };
	cr_expect_eq(custody_random_fill(&good, out, 2, &err), 0);
	cr_expect(out[0] == 7 && out[1] == 7);
	cr_expect_eq(custody_random_fill(&bad, out, 2, &err), -1);
	cr_expect_eq(custody_random_fill(&bad, NULL, 0, &err), 0);
}
