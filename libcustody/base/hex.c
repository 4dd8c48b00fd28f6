/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/hex.h"

void custody_hex_format(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

const char *custody_hex_groups(const uint8_t sha256[32], char out[CUSTODY_HEX_GROUPS])
{
	for (size_t i = 0; i < 16; i++) {
		custody_hex_format(sha256 + 2 * i, 2, out + 5 * i);
		out[5 * i + 4] = i < 15 ? ' ' : '\0';
	}
	return out;
}

/* What each character from '0' to 'f' stands for, under a bit that says in which case; 0 is no digit. A table, and no isxdigit(): no locale, and verify reads some
 * 400 digits for each file. */
enum { LOWER = 0x10, UPPER = 0x20 };

#define DIGITS(c, v) (c) | (v), (c) | ((v) + 1), (c) | ((v) + 2)
#define NONE_13 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
static const uint8_t hex_digits['f' - '0' + 1] = { DIGITS(LOWER, 0), DIGITS(LOWER, 3), DIGITS(LOWER, 6), LOWER | 9, 0, 0, 0, 0, 0, 0, 0,
	DIGITS(UPPER, 10), DIGITS(UPPER, 13), NONE_13, NONE_13, DIGITS(LOWER, 10), DIGITS(LOWER, 13) };

static unsigned hex_digit(char c)
{
	unsigned at = (unsigned)(uint8_t)c - '0';

	return at < sizeof(hex_digits) ? hex_digits[at] : 0;
}

bool custody_hex_parse(const char *text, size_t len, bool any_case, uint8_t *out, size_t n)
{
	unsigned taken = any_case ? LOWER | UPPER : LOWER, wrong = 0;

	if (len % 2 != 0 || len / 2 != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
		wrong |= !(high & taken) | !(low & taken);
		out[i] = (uint8_t)(high << 4 | (low & 15));
	}
	return !wrong;
}

size_t custody_base64_len(size_t n)
{
	return n / 3 * 4 + (n % 3 ? 4 : 0);
}

void custody_base64_format(const uint8_t *p, size_t n, char *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (; n >= 3; n -= 3, p += 3) {
		*out++ = alphabet[p[0] >> 2];
		*out++ = alphabet[(p[0] & 3) << 4 | p[1] >> 4];
		*out++ = alphabet[(p[1] & 15) << 2 | p[2] >> 6];
		*out++ = alphabet[p[2] & 63];
	}
	if (n > 0) {
		unsigned second = n == 2 ? p[1] : 0;
		*out++ = alphabet[p[0] >> 2];
		*out++ = alphabet[(p[0] & 3u) << 4 | second >> 4];
		*out++ = n == 2 ? alphabet[(second & 15) << 2] : '=';
		*out++ = '=';
	}
	*out = '\0';
}

int custody_base64_append(struct custody_buf *b, const uint8_t *p, size_t n, struct custody_error *err)
{
	if (n > SIZE_MAX / 2)
		return custody_fail_nomem(err);
	size_t len = custody_base64_len(n);
	if (custody_buf_reserve(b, len, err))
		return -1;
	custody_base64_format(p, n, (char *)b->data + b->len);
	b->len += len;
	return 0;
}

/* 0..63, or -1. */
static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool custody_base64_parse(const char *text, size_t len, uint8_t *out, size_t *n)
{
	if (len % 4 != 0)
		return false;
	size_t pad = len == 0 || text[len - 1] != '=' ? 0 : text[len - 2] != '=' ? 1 : 2;
	size_t got = 0;
	uint32_t bits = 0;
	for (size_t i = 0; i < len - pad; i++) {
		int v = base64_value(text[i]);
		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		if (i % 4 != 0) /* the digits 1, 2, 3 of four each complete a byte */
			out[got++] = (uint8_t)(bits >> (2 * (3 - i % 4)));
	}
	/* One pad leaves 2 bits over, two leave 4: they must be zero, or two texts would mean the same bytes. */
	if (pad && (bits & (pad == 1 ? 3 : 15)) != 0)
		return false;
	*n = got;
	return true;
}
