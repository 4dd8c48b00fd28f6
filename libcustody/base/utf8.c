/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/+:,@%=" /* what no shell acts on */

size_t custody_utf8_decode(const uint8_t *p, size_t n, uint32_t *cp)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 }; /* below it the form would be overlong */
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	size_t want = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n < want)
		return 0;
	uint32_t c = p[0] & (0xffu >> (want + 1));
	for (size_t i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < lowest[want] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return want;
}

/* How many bytes at p are ASCII, by eights: nearly all names are, and verify looks at each several times. */
static size_t ascii_prefix(const uint8_t *p, size_t n)
{
	size_t i = 0;

	for (uint64_t eight; n - i >= sizeof(eight); i += sizeof(eight)) {
		memcpy(&eight, p + i, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < n && p[i] < 0x80)
		i++;
	return i;
}

bool custody_utf8_valid(const uint8_t *p, size_t n)
{
	for (size_t i = ascii_prefix(p, n), step; i < n; i += step) {
		uint32_t cp;
		step = custody_utf8_decode(p + i, n - i, &cp);
		if (step == 0)
			return false;
	}
	return true;
}

bool custody_utf8_is_control_or_bidi(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x061c || cp == 0x200e || cp == 0x200f || (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0x2028 || cp == 0x2029;
}

bool custody_utf8_is_unsafe(uint32_t cp)
{
	if (cp >= 0x20 && cp < 0x7f)
		return false;
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	/* The last term: whatever the library's Unicode version says, what the reader never takes is unsafe. */
	return c == UTF8PROC_CATEGORY_CC || c == UTF8PROC_CATEGORY_CF || c == UTF8PROC_CATEGORY_CO || c == UTF8PROC_CATEGORY_CN ||
	       c == UTF8PROC_CATEGORY_CS || c == UTF8PROC_CATEGORY_ZL || c == UTF8PROC_CATEGORY_ZP || c == UTF8PROC_CATEGORY_ZS ||
	       custody_utf8_is_control_or_bidi(cp);
}

static bool is_ascii(const uint8_t *p, size_t n)
{
	return ascii_prefix(p, n) == n;
}

/* utf8proc_map over p; gives *out (free() it) and its length, or a negative error. utf8proc knows no unsigned lengths. */
static utf8proc_ssize_t map(const uint8_t *p, size_t n, int options, uint8_t **out)
{
	*out = NULL;
	if (n > PTRDIFF_MAX)
		return UTF8PROC_ERROR_OVERFLOW;
	return utf8proc_map(p, (utf8proc_ssize_t)n, out, (utf8proc_option_t)options);
}

bool custody_utf8_is_nfc(const uint8_t *p, size_t n)
{
	if (is_ascii(p, n))
		return true;
	CUSTODY_FREE uint8_t *nfc = NULL;
	utf8proc_ssize_t len = map(p, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE, &nfc);
	return len >= 0 && (size_t)len == n && memcmp(nfc, p, n) == 0; /* no memory: not plain, so the item gets an alias */
}

int custody_utf8_fold(struct custody_buf *out, const uint8_t *p, size_t n, struct custody_error *err)
{
	if (is_ascii(p, n)) { /* nearly all names: lower case is the whole of it */
		if (custody_buf_reserve(out, n, err))
			return -1;
		for (size_t i = 0; i < n; i++)
			out->data[out->len + i] = (uint8_t)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + ('a' - 'A') : p[i]);
		out->len += n;
		out->data[out->len] = 0;
		return 0;
	}
	CUSTODY_FREE uint8_t *folded = NULL;
	CUSTODY_FREE uint8_t *nfc = NULL;
	utf8proc_ssize_t len = map(p, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD, &folded);
	if (len >= 0) /* folding can leave sequences that compose again */
		len = map(folded, (size_t)len, UTF8PROC_STABLE | UTF8PROC_COMPOSE, &nfc);
	if (len == UTF8PROC_ERROR_NOMEM)
		return custody_fail_nomem(err);
	if (len < 0)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "cannot fold text: %s", utf8proc_errmsg(len));
	return custody_buf_append(out, nfc, (size_t)len, err);
}

static bool is_mark(uint32_t cp)
{
	if (cp < 0x300)
		return false;
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_MC || c == UTF8PROC_CATEGORY_ME;
}

size_t custody_display_one(const uint8_t *p, size_t n, int *marks, char out[CUSTODY_DISPLAY_ONE], size_t *shown)
{
	uint32_t cp = 0;
	size_t step = custody_utf8_decode(p, n, &cp);
	bool mark = step > 0 && is_mark(cp);
	if (step == 0)
		*shown = (size_t)snprintf(out, CUSTODY_DISPLAY_ONE, "\\x%02x", p[0]);
	else if (cp == '\\')
		*shown = (size_t)snprintf(out, CUSTODY_DISPLAY_ONE, "\\\\");
	else if (custody_utf8_is_unsafe(cp) || (mark && *marks >= 3))
		*shown = (size_t)snprintf(out, CUSTODY_DISPLAY_ONE, "\\u{%04x}", (unsigned)cp);
	else {
		memcpy(out, p, step);
		*shown = step;
		*marks = mark ? *marks + 1 : 0;
		return step;
	}
	*marks = step == 1 && cp == '\\' ? 0 : 3;
	return step ? step : 1;
}

int custody_display_append(struct custody_buf *out, const uint8_t *p, size_t n, struct custody_error *err)
{
	size_t before = out->len;
	int marks = 3;
	for (size_t i = 0; i < n;) {
		char one[CUSTODY_DISPLAY_ONE];
		size_t shown;
		i += custody_display_one(p + i, n - i, &marks, one, &shown);
		if (custody_buf_append(out, one, shown, err)) {
			out->len = before;
			if (out->data)
				out->data[before] = 0;
			return -1;
		}
	}
	return 0;
}

/* Hexadecimal digits at p, at most `most` of them: how many. */
static size_t read_hex(const uint8_t *p, size_t n, size_t most, uint32_t *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i = 0;

	for (*out = 0; i < n && i < most; i++) {
		const char *at = memchr(digits, p[i], 16);

		if (!at)
			break;
		*out = *out << 4 | (uint32_t)(at - digits);
	}
	return i;
}

/* What the escape at p (n >= 1) stands for: *length bytes into out. Returns how long the escape is; 0: it is none. */
static size_t undo_one(const uint8_t *p, size_t n, uint8_t out[4], size_t *length)
{
	uint32_t value;

	*length = 1;
	if (n >= 2 && p[1] == '\\') {
		out[0] = '\\';
		return 2;
	}
	if (n >= 4 && p[1] == 'x' && read_hex(p + 2, n - 2, 2, &value) == 2) {
		out[0] = (uint8_t)value;
		return 4;
	}
	if (n < 3 || p[1] != 'u' || p[2] != '{')
		return 0;
	size_t digits = read_hex(p + 3, n - 3, 6, &value);
	if (3 + digits >= n || p[3 + digits] != '}' || value == 0 || /* no name has a NUL, and none ends there */
		!utf8proc_codepoint_valid((utf8proc_int32_t)value))
		return 0;
	*length = (size_t)utf8proc_encode_char((utf8proc_int32_t)value, out);
	return digits + 4;
}

/* 1: raw holds what p is the display form of; 0: it is that of nothing. */
static int undo(struct custody_buf *raw, const uint8_t *p, size_t n, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf again = { .max = SIZE_MAX };
	uint8_t one[4];
	size_t length;

	for (size_t i = 0; i < n;) {
		size_t step = p[i] == '\\' ? undo_one(p + i, n - i, one, &length) : 1;

		if (step == 0)
			return 0;
		if (p[i] == '\\' ? custody_buf_append(raw, one, length, err) : custody_buf_append_byte(raw, p[i], err))
			return -1;
		i += step;
	}
	/* there is one display form of the same bytes: all others are other texts */
	if (custody_display_append(&again, raw->data ? raw->data : (const uint8_t *)"", raw->len, err))
		return -1;
	return again.len == n && (n == 0 || memcmp(again.data, p, n) == 0);
}

int custody_display_undo(struct custody_buf *out, const uint8_t *p, size_t n, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf raw = { .max = SIZE_MAX };
	int is = undo(&raw, p, n, err);

	if (is < 0)
		return -1;
	return is && raw.len > 0 ? custody_buf_append(out, raw.data, raw.len, err) : custody_buf_append(out, p, n, err);
}

char *custody_display(const void *p, size_t n, char *out, size_t out_size)
{
	const uint8_t *bytes = p;
	size_t used = 0, fits = 0; /* fits: up to where "..." would still go behind it */
	int marks = 3;
	for (size_t i = 0; i < n;) {
		char one[CUSTODY_DISPLAY_ONE];
		size_t shown;
		i += custody_display_one(bytes + i, n - i, &marks, one, &shown);
		if (used + shown + 1 > out_size) {
			size_t dots = out_size - 1 - fits < 3 ? out_size - 1 - fits : 3;
			memcpy(out + fits, "...", dots);
			out[fits + dots] = '\0';
			return out;
		}
		memcpy(out + used, one, shown);
		used += shown;
		if (used + 4 <= out_size)
			fits = used;
	}
	out[used] = '\0';
	return out;
}

bool custody_display_is_exact(const uint8_t *p, size_t n)
{
	int marks = 3;
	for (size_t i = 0, step; i < n; i += step) {
		char one[CUSTODY_DISPLAY_ONE];
		size_t shown;
		step = custody_display_one(p + i, n - i, &marks, one, &shown);
		if (shown != step || memcmp(one, p + i, step) != 0)
			return false;
	}
	return true;
}

/* $'...' of bash, ksh, zsh and POSIX.1-2024, octal for all that is no letter: nothing in it ends it. false: it does not fit. */
static bool typed_in_octal(const char *text, char *out, size_t out_size)
{
	size_t at = 2;

	if (out_size < sizeof("$''"))
		return false;
	memcpy(out, "$'", 2);
	for (const char *c = text; *c; c++) {
		const uint8_t byte = (uint8_t)*c;
		const bool letter = strchr(PLAIN " ", byte) != NULL;

		if (at + (letter ? 1 : 4) + sizeof("'") > out_size)
			return false;
		at += (size_t)snprintf(out + at, out_size - at, letter ? "%c" : "\\%03o", byte);
	}
	memcpy(out + at, "'", 2);
	return true;
}

char *custody_display_word(const char *text, char *out, size_t out_size)
{
	size_t n = strlen(text);

	if (n > 0 && text[strspn(text, PLAIN)] == '\0')
		return custody_display(text, n, out, out_size);
	if (!strchr(text, '\'') && n + sizeof("''") <= out_size && custody_display_is_exact((const uint8_t *)text, n)) {
		snprintf(out, out_size, "'%s'", text);
		return out;
	}
	if (typed_in_octal(text, out, out_size))
		return out;
	/* Cut, it names nothing; of what a shell would act on not even a part may stand in a command. */
	const bool harmless = text[strspn(text, PLAIN " ")] == '\0';
	return custody_display(harmless ? text : "...", harmless ? n : 3, out, out_size);
}
