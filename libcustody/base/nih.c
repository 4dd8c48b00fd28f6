/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/nih.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "libcustody/base/hex.h"

#define HEAD "nih:sha-256;"

static int value_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char custody_nih_check(const char *digits)
{
	unsigned sum = 0, factor = 2;
	for (size_t n = strlen(digits); n-- > 0; factor = 3 - factor) {
		int v = value_of(digits[n]);
		if (v < 0)
			return '\0';
		unsigned product = factor * (unsigned)v;
		sum += product / 16 + product % 16;
	}
	return "0123456789abcdef"[(16 - sum % 16) % 16];
}

char *custody_nih_format(const uint8_t sha256[32], char *out)
{
	char hex[65];
	custody_hex_format(sha256, 32, hex);
	snprintf(out, CUSTODY_NIH_TEXT, HEAD "%s;%c", hex, custody_nih_check(hex));
	return out;
}

char *custody_nih_short(const uint8_t sha256[32], char *out)
{
	char hex[17];
	custody_hex_format(sha256, 8, hex);
	snprintf(out, CUSTODY_NIH_SHORT, "%.4s-%.4s-%.4s-%.4s;%c", hex, hex + 4, hex + 8, hex + 12, custody_nih_check(hex));
	return out;
}

bool custody_nih_parse(const char *text, uint8_t sha256[32])
{
	char digits[65];
	size_t n = 0;
	text += strspn(text, " \t");
	const bool form = strncasecmp(text, HEAD, sizeof(HEAD) - 1) == 0;
	for (text += form ? sizeof(HEAD) - 1 : 0; *text && *text != ';'; text++) {
		if (*text == ' ' || *text == '\t' || (form && *text == '-'))
			continue;
		if (n == 64)
			return false;
		digits[n++] = *text;
	}
	digits[n] = '\0';
	if (!custody_hex_parse(digits, n, true, sha256, 32))
		return false;
	if (!form)
		return *text == '\0';
	return *text == ';' && value_of(text[1]) >= 0 && value_of(text[1]) == value_of(custody_nih_check(digits)) &&
	       text[2 + strspn(text + 2, " \t")] == '\0';
}

bool custody_nih_short_parse(const char *text, uint8_t first[8])
{
	char digits[18];
	size_t n = 0;

	for (; *text; text++) {
		if (*text == ' ' || *text == '\t' || *text == '-' || (*text == ';' && n == 16))
			continue;
		if (n == 17 || value_of(*text) < 0)
			return false;
		digits[n++] = *text;
	}
	if (n != 17)
		return false;
	int check = value_of(digits[16]);
	digits[16] = '\0';
	return check == value_of(custody_nih_check(digits)) && custody_hex_parse(digits, 16, true, first, 8);
}
