/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/pem.h"

#include <string.h>

#include "libcustody/base/hex.h"

/* Takes the next line off *rest, without its end. */
static bool next_line(struct custody_bytes *rest, struct custody_bytes *line)
{
	if (rest->n == 0)
		return false;
	const uint8_t *end = memchr(rest->p, '\n', rest->n);
	size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
	size_t taken = end != NULL ? n + 1 : n;
	*line = (struct custody_bytes){ rest->p, n };
	rest->p += taken;
	rest->n -= taken;
	while (line->n > 0 && memchr(" \t\r", line->p[line->n - 1], 3) != NULL)
		line->n--;
	return true;
}

/* "-----BEGIN LABEL-----" (or END): what is between. */
static bool read_label(struct custody_bytes line, const char *prefix, struct custody_bytes *label)
{
	const size_t dashes = 5;
	size_t n = strlen(prefix);
	if (line.n < n + dashes || memcmp(line.p, prefix, n) != 0 || memcmp(line.p + line.n - dashes, "-----", dashes) != 0)
		return false;
	*label = (struct custody_bytes){ line.p + n, line.n - n - dashes };
	return true;
}

bool custody_pem_next(struct custody_bytes *rest, struct custody_bytes *label)
{
	struct custody_bytes line;
	while (next_line(rest, &line)) {
		if (read_label(line, "-----BEGIN ", label))
			return true;
	}
	return false;
}

int custody_pem_read(struct custody_bytes *rest, struct custody_bytes label, struct custody_buf *text, struct custody_error *err)
{
	struct custody_bytes line, end;
	custody_buf_clear(text);
	while (next_line(rest, &line)) {
		if (read_label(line, "-----END ", &end)) {
			if (custody_bytes_equal(end, label))
				return 0;
			break;
		}
		if (custody_buf_append(text, line.p, line.n, err) < 0)
			return -1;
	}
	return custody_refuse(err, NULL, "found a block without its own end line, want '-----END ...-----'");
}

int custody_pem_decode(const struct custody_buf *text, struct custody_buf *out, struct custody_error *err)
{
	size_t n = 0;
	if (custody_buf_reserve(out, text->len / 4 * 3, err) < 0)
		return -1;
	if (!custody_base64_parse(custody_buf_str(text), text->len, out->data + out->len, &n))
		return custody_refuse(err, NULL, "found something that is not base64, want base64");
	out->len += n;
	return 0;
}

/* Dashes and BEGIN, behind blanks or a byte order mark. */
static bool looks_begun(struct custody_bytes line)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };
	size_t at = line.n >= sizeof(mark) && memcmp(line.p, mark, sizeof(mark)) == 0 ? sizeof(mark) : 0;
	while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t'))
		at++;
	size_t dashes = at;
	while (at < line.n && line.p[at] == '-')
		at++;
	return at > dashes && line.n - at >= 6 && memcmp(line.p + at, "BEGIN ", 6) == 0;
}

/* Bytes that text has not: another encoding, or lines that end otherwise; then what is there are no lines to this reader. */
static bool is_no_text(struct custody_bytes text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\0' || (text.p[i] == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n')))
			return true;
	return false;
}

const char *custody_pem_stray(struct custody_bytes text)
{
	struct custody_bytes line, label;
	bool inside = false;
	if (is_no_text(text))
		return "a NUL or a carriage return without a line feed, want text with lines that end with LF or CR LF";
	while (next_line(&text, &line)) {
		bool begin = read_label(line, "-----BEGIN ", &label), end = read_label(line, "-----END ", &label);
		if (looks_begun(line) && !begin)
			return "the beginning of a block behind blanks or a mark, or with other dashes, want '-----BEGIN ...-----' on a line of its "
			       "own";
		if (end && !inside)
			return "the end of a block without its beginning, want '-----BEGIN ...-----' on a line of its own";
		inside = begin || (inside && !end);
	}
	return NULL;
}
