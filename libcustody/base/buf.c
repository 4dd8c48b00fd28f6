/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void custody_buf_init(struct custody_buf *b, size_t max)
{
	*b = (struct custody_buf){ NULL, 0, 0, max };
}

void custody_buf_release(struct custody_buf *b)
{
	free(b->data);
	custody_buf_init(b, b->max);
}

void custody_buf_clear(struct custody_buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = 0;
}

int custody_buf_reserve(struct custody_buf *b, size_t n, struct custody_error *err)
{
	if (n > b->max - b->len) /* len <= max always, so this cannot wrap */
		return custody_fail(
			err, CUSTODY_ERR_LIMIT, "needs %zu bytes, the limit is %zu", n > SIZE_MAX - b->len ? SIZE_MAX : b->len + n, b->max);
	size_t need; /* and the NUL */
	if (__builtin_add_overflow(b->len + n, 1, &need))
		return custody_fail_nomem(err);
	if (need <= b->cap)
		return 0;
	size_t cap = b->cap < 64 ? 64 : b->cap;
	while (cap < need)
		if (__builtin_mul_overflow(cap, 2, &cap))
			cap = need;
	uint8_t *data = realloc(b->data, cap);
	if (!data)
		return custody_fail_nomem(err);
	b->data = data;
	b->cap = cap;
	b->data[b->len] = 0;
	return 0;
}

int custody_buf_append(struct custody_buf *b, const void *p, size_t n, struct custody_error *err)
{
	if (custody_buf_reserve(b, n, err))
		return -1;
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = 0;
	return 0;
}

int custody_buf_append_byte(struct custody_buf *b, uint8_t c, struct custody_error *err)
{
	return custody_buf_append(b, &c, 1, err);
}

int custody_buf_append_str(struct custody_buf *b, const char *s, struct custody_error *err)
{
	return custody_buf_append(b, s, strlen(s), err);
}

int custody_buf_printf(struct custody_buf *b, struct custody_error *err, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "cannot format '%s'", fmt);
	if (custody_buf_reserve(b, (size_t)n, err))
		return -1;
	va_start(ap, fmt);
	vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

const char *custody_buf_str(const struct custody_buf *b)
{
	return b->data ? (const char *)b->data : "";
}
