/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcustody/base/json.h"
#include "libcustody/work/journal.h"
#include "tests/support/disk.h"
#include "tests/support/testlab.h"
#include "tests/support/tmpdir.h"

static const char *const arguments[] = { "-o", "a\nb\xff\xe2\x80\xae\"\\", "" };
static const struct custody_journal_entry sealed = { { TESTLAB_NOW, 7 }, "seal", arguments, 3, NULL, "sealed", "passed" };

Test(journal, line_is_compact_json_with_foreign_bytes_shown)
{
	uint8_t digest[32];
	struct custody_journal_entry e = sealed;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf b;
	struct json_t *doc = NULL;

	memset(digest, 0xa5, sizeof(digest));
	custody_buf_init(&b, 65536);
	cr_assert_eq(custody_journal_format(&e, &b, &err), 0, "%s", err.text);
	cr_expect_str_eq(custody_buf_str(&b), "{\"time\":\"2026-10-26T07:33:20Z\",\"tool\":\"custody " CUSTODY_VERSION
					      "\",\"command\":\"seal\",\"arguments\":[\"-o\",\"a\\\\u{000a}b\\\\xff\\\\u{202e}\\\"\\\\\\\\\",\"\"],"
					      "\"package\":null,\"result\":\"sealed\",\"self_test\":\"passed\"}\n");
	cr_expect_eq(custody_json_parse(b.data, b.len - 1, true, &doc, &err), 0, "%s", err.text);
	custody_json_free(&doc);
	custody_buf_clear(&b);
	e.package_sha256 = digest;
	e.n_arguments = 0;
	e.result = "failed: \xff";
	cr_assert_eq(custody_journal_format(&e, &b, &err), 0);
	cr_expect_not_null(
		strstr(custody_buf_str(&b), "\"arguments\":[],\"package\":\"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\","));
	cr_expect_not_null(strstr(custody_buf_str(&b), "\"result\":\"failed: \\\\xff\""));
	custody_buf_release(&b);
}

Test(journal, line_has_a_limit_and_a_time_in_range)
{
	struct custody_journal_entry e = sealed;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf b;
	size_t n = 0;

	custody_buf_init(&b, 65536);
	cr_assert_eq(custody_journal_format(&e, &b, &err), 0);
	n = b.len;
	custody_buf_release(&b);
	for (size_t max = 0; max < n; max++) {
		custody_buf_init(&b, max);
		cr_expect_eq(custody_journal_format(&e, &b, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
		custody_buf_release(&b);
	}
	e.time.sec = INT64_C(253402300800);
	custody_buf_init(&b, 65536);
	cr_expect_eq(custody_journal_format(&e, &b, &err), -1);
	cr_expect_str_eq(err.text, "journal: the time is outside the years 1 to 9999");
	custody_buf_release(&b);
}

/* ---- the file ---- */

static char dir[64];

static void enter(void)
{
	tmpdir_enter(dir);
}

static void leave(void)
{
	tmpdir_leave(dir);
}

/* A lab that is nothing but its folder, the working one. */
static struct custody_lab here(void)
{
	return (struct custody_lab){ .dir = strdup("."), .dir_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
}

static size_t read_journal(char *out, size_t size)
{
	int fd = open("journal.jsonl", O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);

	close(fd);
	out[n < 0 ? 0 : n] = '\0';
	return (size_t)n;
}

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

TestSuite(journal_file, .init = enter, .fini = leave);

Test(journal_file, grows_by_a_line_an_entry)
{
	struct custody_lab l = here();
	struct custody_error err = CUSTODY_ERROR_INIT;
	char text[4096];
	struct stat st;

	cr_assert_eq(custody_lab_journal_check(&l, &err), 0, "%s", err.text);
	cr_assert_eq(stat("journal.jsonl", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_expect_eq(st.st_size, 0);
	cr_assert_eq(custody_lab_journal(&l, &sealed, &err), 0, "%s", err.text);
	cr_assert_eq(custody_lab_journal(&l, &sealed, &err), 0, "%s", err.text);
	size_t n = read_journal(text, sizeof(text));
	cr_expect_eq(lines(text), 2);
	cr_expect_eq(text[n - 1], '\n');
	cr_expect_eq(text[0], '{');
	custody_lab_release(&l);
}

Test(journal_file, a_torn_line_is_closed_first)
{
	struct custody_lab l = here();
	struct custody_error err = CUSTODY_ERROR_INIT;
	char text[4096];

	tmpdir_write("journal.jsonl", "{\"time\":\"20", 11);
	cr_assert_eq(custody_lab_journal(&l, &sealed, &err), 0, "%s", err.text);
	read_journal(text, sizeof(text));
	cr_expect_eq(strncmp(text, "{\"time\":\"20\n{\"time\":\"2026-10-26", 30), 0, "%s", text);
	cr_expect_eq(lines(text), 2);
	custody_lab_release(&l);
}

Test(journal_file, a_line_that_does_not_fit_leaves_nothing)
{
	struct custody_lab l = here();
	struct custody_error err = CUSTODY_ERROR_INIT;
	char text[4096];

	cr_assert_eq(custody_lab_journal(&l, &sealed, &err), 0);
	size_t before = read_journal(text, sizeof(text));
	cr_assert_lt(before, 300u);
	disk_full_at(300);
	cr_expect_eq(custody_lab_journal(&l, &sealed, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	cr_expect_eq(err.sys_errno, ENOSPC);
	cr_expect_eq(read_journal(text, sizeof(text)), before);
	/* And nothing at all fits. */
	tmpdir_write("journal.jsonl", "", 0);
	cr_assert_eq(truncate("journal.jsonl", 300), 0);
	cr_expect_eq(custody_lab_journal(&l, &sealed, &err), -1);
	cr_expect_eq(err.sys_errno, EFBIG);
	disk_free_again();
	custody_lab_release(&l);
}

Test(journal_file, only_a_regular_file_is_a_journal)
{
	struct custody_lab l = here();
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_assert_eq(mkfifo("journal.jsonl", 0600), 0);
	cr_expect_eq(custody_lab_journal_check(&l, &err), -1);
	cr_expect_str_eq(err.text, "the lab's journal.jsonl is not a regular file");
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	unlink("journal.jsonl");
	cr_assert_eq(symlink("elsewhere", "journal.jsonl"), 0);
	cr_expect_eq(custody_lab_journal(&l, &sealed, &err), -1);
	cr_expect_eq(err.sys_errno, ELOOP);
	unlink("journal.jsonl");
	cr_assert_eq(mkdir("journal.jsonl", 0700), 0);
	cr_expect_eq(custody_lab_journal_check(&l, &err), -1);
	cr_expect_eq(err.sys_errno, EISDIR);
	custody_lab_release(&l);
}

Test(journal_file, an_entry_that_cannot_be_written_is_said)
{
	struct custody_lab l = here();
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_journal_entry e = sealed;

	e.time.sec = INT64_C(253402300800);
	cr_expect_eq(custody_lab_journal(&l, &e, &err), -1);
	cr_expect_str_eq(err.text, "journal: journal: the time is outside the years 1 to 9999");
	custody_lab_release(&l);
}

/* Many processes at once: every line whole, none lost. */
Test(journal_file, lines_of_many_writers_do_not_mix)
{
	enum { WRITERS = 8, EACH = 20 };
	static char text[WRITERS * EACH * 400];

	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0) {
			struct custody_error err = CUSTODY_ERROR_INIT;
			struct custody_lab l = here();
			int bad = 0;

			for (int j = 0; j < EACH; j++)
				bad |= custody_lab_journal(&l, &sealed, &err);
			_exit(bad ? 1 : 0);
		}
	for (int i = 0; i < WRITERS; i++) {
		int status = 0;

		cr_assert(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	read_journal(text, sizeof(text));
	cr_expect_eq(lines(text), WRITERS * EACH);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		cr_expect(strncmp(line, "{\"time\":\"2026", 13) == 0 && strcmp(line + strlen(line) - 9, "\"passed\"}") == 0, "%s", line);
}
