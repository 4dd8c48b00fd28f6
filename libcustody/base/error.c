/* SPDX-License-Identifier: Apache-2.0 */
#define CUSTODY_BASE_ERROR_C
#include "libcustody/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Cuts text, of which length bytes are kept, back to a character boundary: a lead byte whose continuation bytes are not all there goes. */
static void cut_at_character(char *text, size_t length)
{
	size_t lead = length;
	while (lead > 0 && length - lead < 4) {
		unsigned char c = (unsigned char)text[--lead];
		if ((c & 0xc0) == 0x80)
			continue;
		size_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
		if (length - lead < want)
			text[lead] = '\0';
		return;
	}
}

/* Formats into out; what does not fit is cut at a character boundary. */
__attribute__((format(printf, 3, 0))) static void format_cut(char *out, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(out, size, fmt, ap);
	if (n < 0)
		out[0] = '\0'; /* only for an impossible width: the format strings are ours */
	else if ((size_t)n >= size)
		cut_at_character(out, size - 1);
}

__attribute__((format(printf, 5, 0))) static int fail(
	struct custody_error *err, enum custody_error_kind kind, int sys_errno, const char *rule, const char *fmt, va_list ap)
{
	/* The arguments may point into err's own text (a cause quoted in another), so it is written over only at the end. */
	char text[CUSTODY_ERROR_TEXT];
	format_cut(text, sizeof(text), fmt, ap);
	err->kind = kind;
	err->sys_errno = sys_errno;
	err->rule = rule;
	memcpy(err->text, text, sizeof(text));
	err->hint[0] = '\0';
	return -1;
}

int custody_fail(struct custody_error *err, enum custody_error_kind kind, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail(err, kind, 0, NULL, fmt, ap);
	va_end(ap);
	return -1;
}

int custody_refuse(struct custody_error *err, const char *rule, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail(err, CUSTODY_ERR_FORMAT, 0, rule, fmt, ap);
	va_end(ap);
	return -1;
}

bool custody_errno_is_own(int sys_errno)
{
	return sys_errno == EMFILE || sys_errno == ENFILE || sys_errno == ENOMEM;
}

int custody_fail_errno(struct custody_error *err, int sys_errno, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail(err, sys_errno == ENOMEM ? CUSTODY_ERR_NOMEM : CUSTODY_ERR_IO, sys_errno, NULL, fmt, ap);
	va_end(ap);
	/* The C library's English name of the error: thread-safe and the same under every locale, unlike strerror(). */
	const char *why = strerrordesc_np(sys_errno);
	char number[32];
	if (!why) {
		snprintf(number, sizeof(number), "error %d", sys_errno);
		why = number;
	}
	size_t used = strlen(err->text), need = strlen(": ") + strlen(why);
	if (used + need >= sizeof(err->text)) { /* the reason is the cause: the text in front of it gives way */
		used = sizeof(err->text) - 1 - need;
		cut_at_character(err->text, used);
		err->text[used] = '\0';
		used = strlen(err->text);
	}
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", why);
	return -1;
}

int custody_fail_nomem(struct custody_error *err)
{
	return custody_fail(err, CUSTODY_ERR_NOMEM, "out of memory");
}

int custody_fail_in(struct custody_error *err, const char *fmt, ...)
{
	char frame[CUSTODY_ERROR_TEXT];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(frame, sizeof(frame), fmt, ap);
	va_end(ap);
	size_t cause = strlen(err->text) + 1;
	if (n < 0 || (size_t)n + strlen(": ") + cause > sizeof(err->text))
		return -1; /* no room: the frame is dropped, never the cause */
	memmove(err->text + n + 2, err->text, cause);
	memcpy(err->text, frame, (size_t)n);
	memcpy(err->text + n, ": ", 2);
	return -1;
}

int custody_hint(struct custody_error *err, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	format_cut(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return -1;
}
