/* SPDX-License-Identifier: Apache-2.0 */
/* journal.jsonl of a lab: what was done with it, one line an action, never changed (work/lab.h). */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/work/journal.h"

static const char file_name[] = "journal.jsonl";

/* A string of foreign bytes: displayed first, so that a person sees every byte, and a program can tell them apart. */
static int append_foreign(struct custody_buf *out, const char *text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown = { 0 };

	custody_buf_init(&shown, CUSTODY_LIMIT_JOURNAL_LINE);
	if (custody_display_append(&shown, (const uint8_t *)text, strlen(text), err) != 0)
		return -1;
	return custody_json_append_safe(out, custody_buf_str(&shown), shown.len, err);
}

/* Our own words: UTF-8 already. Foreign form if a caller broke that. */
static int append_words(struct custody_buf *out, const char *text, struct custody_error *err)
{
	if (!custody_utf8_valid((const uint8_t *)text, strlen(text)))
		return append_foreign(out, text, err);
	return custody_json_append_safe(out, text, strlen(text), err);
}

static int append_arguments(struct custody_buf *out, const struct custody_journal_entry *e, struct custody_error *err)
{
	for (size_t i = 0; i < e->n_arguments; i++) {
		if (i > 0 && custody_buf_append_byte(out, ',', err) != 0)
			return -1;
		if (append_foreign(out, e->arguments[i], err) != 0)
			return -1;
	}
	return 0;
}

int custody_journal_format(const struct custody_journal_entry *e, struct custody_buf *out, struct custody_error *err)
{
	char time[CUSTODY_TIME_TEXT], hex[65];

	if (!custody_time_in_range(e->time))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "journal: the time is outside the years 1 to 9999");
	custody_time_format(e->time, time);
	if (custody_buf_printf(out, err, "{\"time\":\"%s\",\"tool\":\"custody %s\",\"command\":", time, CUSTODY_VERSION) != 0 ||
		append_words(out, e->command, err) != 0 || custody_buf_append_str(out, ",\"arguments\":[", err) != 0 ||
		append_arguments(out, e, err) != 0 || custody_buf_append_str(out, "],\"package\":", err) != 0)
		return -1;
	if (e->package_sha256)
		custody_hex_format(e->package_sha256, 32, hex);
	if (custody_json_append_str(out, e->package_sha256 ? hex : NULL, err) != 0 || custody_buf_append_str(out, ",\"result\":", err) != 0 ||
		append_words(out, e->result, err) != 0 || custody_buf_append_str(out, ",\"self_test\":", err) != 0 ||
		append_words(out, e->self_test, err) != 0)
		return -1;
	return custody_buf_append_str(out, "}\n", err);
}

static int open_journal(const struct custody_lab *l, struct custody_error *err)
{
	struct stat st;
	CUSTODY_CLOSE int fd = openat(l->dir_fd, file_name, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0)
		return custody_fail_errno(err, errno, "cannot open the lab's %s to append", file_name);
	if (fstat(fd, &st) != 0)
		return custody_fail_errno(err, errno, "cannot look at the lab's %s", file_name);
	if (!S_ISREG(st.st_mode)) {
		(void)custody_fail(err, CUSTODY_ERR_IO, "the lab's %s is not a regular file", file_name);
		return -1;
	}
	int taken = fd;
	fd = -1;
	return taken;
}

/* The last line has its LF. A line that a crash tore off is closed first, so that ours stands alone. */
static int ends_whole(int fd, uint64_t size, bool *whole, struct custody_error *err)
{
	uint8_t last = '\n';
	size_t got = 0;

	if (size > 0 && custody_fd_pread(fd, size - 1, &last, 1, &got, file_name, err) != 0)
		return -1;
	*whole = last == '\n';
	return 0;
}

/* One write under the lock. What did not go in whole is taken out again: no half line stays that this process knows of. */
static int append_locked(int fd, struct custody_buf *line, struct custody_error *err)
{
	struct stat st;
	bool whole = true;
	ssize_t put = 0;

	if (fstat(fd, &st) != 0)
		return custody_fail_errno(err, errno, "cannot look at the lab's %s", file_name);
	if (ends_whole(fd, (uint64_t)st.st_size, &whole, err) != 0)
		return -1;
	/* The buffer begins with the LF that is needed only after a torn line. */
	put = write(fd, line->data + (whole ? 1 : 0), line->len - (whole ? 1 : 0));
	if (put < 0 || (size_t)put != line->len - (whole ? 1 : 0)) {
		int why = put < 0 ? errno : ENOSPC;

		if (put > 0 && ftruncate(fd, st.st_size) != 0)
			return custody_fail_errno(err, errno, "cannot take half a line out of the lab's %s again", file_name);
		return custody_fail_errno(err, why, "cannot append to the lab's %s", file_name);
	}
	if (fdatasync(fd) != 0)
		return custody_fail_errno(err, errno, "cannot sync the lab's %s", file_name);
	return 0;
}

int custody_lab_journal(const struct custody_lab *l, const struct custody_journal_entry *entry, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf line = { 0 };
	CUSTODY_CLOSE int fd = -1; /* closing gives the lock back */

	custody_buf_init(&line, CUSTODY_LIMIT_JOURNAL_LINE);
	if (custody_buf_append_byte(&line, '\n', err) != 0 || custody_journal_format(entry, &line, err) != 0)
		return custody_fail_in(err, "journal");
	fd = open_journal(l, err);
	if (fd < 0)
		return -1;
	while (flock(fd, LOCK_EX) != 0)
		if (errno != EINTR)
			return custody_fail_errno(err, errno, "cannot lock the lab's %s", file_name);
	return append_locked(fd, &line, err);
}

int custody_lab_journal_check(const struct custody_lab *l, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = open_journal(l, err);

	return fd < 0 ? -1 : 0;
}
