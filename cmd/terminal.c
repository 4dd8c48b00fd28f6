/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/terminal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "libcustody/base/watch.h"

/* One process, one terminal. */
static bool is_quiet, is_verbose, line_is_shown, is_told; /* is_told: that stdout cannot be written */

void custody_terminal_setup(bool quiet, bool verbose)
{
	is_quiet = quiet;
	is_verbose = verbose;
}

static void erase_line(void)
{
	if (line_is_shown)
		fputs("\r\033[K", stderr);
	line_is_shown = false;
}

/* Text as it is, but for what could act on a terminal: a message is one line whatever went into it. */
static void put_safe(const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	for (size_t n = strlen(text); n > 0;) {
		uint32_t cp;
		size_t len = custody_utf8_decode(p, n, &cp);
		if (len == 0 || custody_utf8_is_unsafe(cp))
			fputc('?', stderr);
		else
			fwrite(p, 1, len, stderr);
		len = len ? len : 1;
		p += len;
		n -= len;
	}
}

static void put_line(const char *prefix, const char *text)
{
	erase_line();
	fputs(prefix, stderr);
	put_safe(text);
	fputc('\n', stderr);
}

int custody_terminal_error(const struct custody_error *err, const char *frame, ...)
{
	struct custody_error nomem = CUSTODY_ERROR_INIT;
	char text[2 * CUSTODY_ERROR_TEXT];
	/* The libraries do not always say so: "no issuer", "no such kind of key". */
	if (custody_watch_failed() && custody_fail_nomem(&nomem))
		err = &nomem;
	va_list ap;
	va_start(ap, frame);
	int n = vsnprintf(text, CUSTODY_ERROR_TEXT, frame, ap);
	va_end(ap);
	size_t used = n <= 0 ? 0 : n < CUSTODY_ERROR_TEXT ? (size_t)n : CUSTODY_ERROR_TEXT - 1;
	snprintf(text + used, sizeof(text) - used, "%s%s", used ? ": " : "", err->text);
	put_line("custody: ", text);
	if (err->hint[0])
		put_line("hint: ", err->hint);
	return custody_exit_of(err);
}

static void say(const char *prefix, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void say(const char *prefix, const char *fmt, va_list ap)
{
	char text[2 * CUSTODY_ERROR_TEXT];
	vsnprintf(text, sizeof(text), fmt, ap);
	put_line(prefix, text);
}

void custody_terminal_warn(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say("custody: warning: ", fmt, ap);
	va_end(ap);
}

void custody_terminal_note(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (!is_quiet)
		say("custody: note: ", fmt, ap);
	va_end(ap);
}

void custody_terminal_note_whole(const char *before, const char *text)
{
	char prefix[128];
	snprintf(prefix, sizeof(prefix), "custody: note: %s", before);
	if (!is_quiet)
		put_line(prefix, text);
}

void custody_terminal_detail(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (is_verbose)
		say("custody: ", fmt, ap);
	va_end(ap);
}

static bool is_terminal(FILE *stream)
{
	const char *term = getenv("TERM");
	return isatty(fileno(stream)) && term && *term && strcmp(term, "dumb") != 0;
}

bool custody_terminal_has_colour(FILE *stream)
{
	const char *no = getenv("NO_COLOR");
	return is_terminal(stream) && !(no && *no);
}

/* Why standard output failed first: what comes later does not know it any more. */
static int print_errno;

void custody_terminal_print(const struct custody_buf *text)
{
	if (text->len)
		erase_line(); /* the result is no continuation of it */
	errno = 0;
	if (text->len && fwrite(text->data, 1, text->len, stdout) != text->len && print_errno == 0)
		print_errno = errno;
}

static int why_not_printed(void)
{
	return print_errno ? print_errno : errno ? errno : EIO;
}

int custody_terminal_flush(struct custody_error *err)
{
	bool failed = ferror(stdout);

	errno = 0;
	failed |= fflush(stdout) != 0;
	if (!failed)
		return 0;
	is_told = true;
	return custody_fail_errno(err, why_not_printed(), "cannot write to standard output");
}

/* A verdict that nobody could read is not a verdict: whatever was to be said, a stdout that cannot be written is 74. */
int custody_terminal_finish(int exit_code)
{
	erase_line();
	bool failed = ferror(stdout);
	errno = 0;
	failed |= fclose(stdout) != 0;
	if (!failed)
		return exit_code;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_fail_errno(&err, why_not_printed(), "cannot write to standard output");
	if (is_told)
		return custody_exit_worse(exit_code, CUSTODY_EXIT_IO);
	int code = custody_terminal_error(&err, "%s", "");
	return exit_code >= CUSTODY_EXIT_INTERNAL ? exit_code : code;
}

static double since(const struct timespec *then, struct timespec *now)
{
	clock_gettime(CLOCK_MONOTONIC, now);
	return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

void custody_progress_begin(struct custody_progress *p, const char *what)
{
	*p = (struct custody_progress){ .what = what, .on = !is_quiet && is_terminal(stderr) };
	clock_gettime(CLOCK_MONOTONIC, &p->started);
	p->shown = p->started;
}

static const char *scale(double bytes, double *out)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t i = 0;
	for (; bytes >= 1024 && i + 1 < sizeof(units) / sizeof(*units); i++)
		bytes /= 1024;
	*out = bytes;
	return units[i];
}

void custody_progress_format(const char *what, uint64_t done, uint64_t total, double seconds, char out[96])
{
	double rate = seconds > 0 ? (double)done / seconds : 0, shown_done, shown_rate;
	const char *done_unit = scale((double)done, &shown_done), *rate_unit = scale(rate, &shown_rate);
	int n = snprintf(out, 96, "%s: %.1f %s", what, shown_done, done_unit);
	size_t used = n > 0 && n < 96 ? (size_t)n : 0;
	if (total >= done && total > 0) {
		double left = rate > 0 ? (double)(total - done) / rate : 0;
		uint64_t s = left < 359999 ? (uint64_t)left : 359999;
		snprintf(out + used, 96 - used, " (%u %%), %.1f %s/s, %02u:%02u:%02u left", (unsigned)((double)done * 100 / (double)total),
			shown_rate, rate_unit, (unsigned)(s / 3600), (unsigned)(s / 60 % 60), (unsigned)(s % 60));
	} else {
		snprintf(out + used, 96 - used, ", %.1f %s/s", shown_rate, rate_unit);
	}
}

void custody_progress_update(void *progress, uint64_t done, uint64_t total)
{
	struct custody_progress *p = progress;
	struct timespec now;
	if (!p->on)
		return;
	double seconds = since(&p->started, &now);
	if (seconds < 0.5 || since(&p->shown, &now) < 0.2)
		return;
	p->shown = now;
	char line[96];
	custody_progress_format(p->what, done, total, seconds, line);
	fprintf(stderr, "\r%s\033[K", line);
	line_is_shown = true;
}

void custody_progress_end(struct custody_progress *p)
{
	p->on = false;
	erase_line();
}
