/* SPDX-License-Identifier: Apache-2.0 */
/* "SHA256 (name) = digits": BSD's sha256, GNU's --tag, openssl dgst. See bsd.md. */
#include <string.h>

#include "formats/list.h"
#include "libcustody/base/utf8.h"

/* Where the parts of a line are. */
struct parts {
	bool escaped;
	const uint8_t *tag, *name, *hex;
	size_t tag_len, name_len, hex_len;
};

/* The tag ends at the first parenthesis, the name at the last: what follows it are digits only. */
static bool split(const uint8_t *p, size_t n, struct parts *out)
{
	out->escaped = n > 0 && p[0] == '\\';
	if (out->escaped) {
		p++;
		n--;
	}
	const uint8_t *open = n > 0 ? memchr(p, '(', n) : NULL;
	const uint8_t *close = n > 0 ? memrchr(p, ')', n) : NULL;
	if (!open || !close || close < open)
		return false;
	out->tag = p;
	out->tag_len = (size_t)(open - p);
	if (out->tag_len > 0 && p[out->tag_len - 1] == ' ')
		out->tag_len--;
	out->name = open + 1;
	out->name_len = (size_t)(close - out->name);
	size_t rest = n - (size_t)(close - p);
	size_t sign = rest >= 4 && memcmp(close, ") = ", 4) == 0 ? 4 : rest >= 3 && memcmp(close, ")= ", 3) == 0 ? 3 : 0;
	out->hex = close + sign;
	out->hex_len = rest - sign;
	return sign > 0 && out->tag_len > 0;
}

static bool probe(const char *list_name, const uint8_t *p, size_t n)
{
	(void)list_name;
	struct custody_bytes line = custody_list_first_line(p, n);
	struct parts parts;
	return split(line.p, line.n, &parts) && parts.tag_len <= 32 && custody_list_hex_run(parts.hex, parts.hex_len) == parts.hex_len;
}

static int check(uint32_t digests, struct custody_error *err)
{
	(void)digests, (void)err;
	return 0;
}

static int append_line(struct custody_buf *out, enum custody_digest_id id, const struct custody_hash_record *record, struct custody_error *err)
{
	if (custody_list_needs_escape(record->path) && custody_buf_append_byte(out, '\\', err))
		return -1;
	if (custody_buf_append_str(out, custody_digest_get(id)->bsd_name, err) || custody_buf_append_str(out, " (", err) ||
		custody_list_escape(out, record->path, err) || custody_buf_append_str(out, ") = ", err))
		return -1;
	return custody_list_append_hex(out, id, record, err) || custody_buf_append_byte(out, '\n', err) ? -1 : 0;
}

static int write_record(struct custody_buf *out, uint32_t digests, const struct custody_hash_record *record, struct custody_error *err)
{
	size_t before = out->len;
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if ((digests & CUSTODY_DIGEST_BIT(id)) && append_line(out, (enum custody_digest_id)id, record, err)) {
			out->len = before;
			return -1;
		}
	return 0;
}

static int parse_line(struct custody_hash_reader *r, const uint8_t *p, size_t n, struct custody_hash_record *record, struct custody_error *err)
{
	struct parts parts;
	char shown[80];
	if (n == 0 || p[0] == '#')
		return 0;
	if (!split(p, n, &parts))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found no 'NAME (file) = digits', want that");
	enum custody_digest_id id = custody_digest_find((const char *)parts.tag, parts.tag_len);
	if (id == CUSTODY_DIGEST_COUNT)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "'%s' is no digest that is known, want one of `custody hash -d`",
			custody_display(parts.tag, parts.tag_len, shown, sizeof(shown)));
	if (custody_list_digest(id, parts.hex, parts.hex_len, record, err))
		return -1;
	return custody_list_name(r, parts.escaped, parts.name, parts.name_len, record, err) ? -1 : 1;
}

const struct custody_hash_format custody_hash_bsd = {
	.name = "bsd",
	.summary = "SHA256 (name) = digits: BSD's sha256, sha256sum --tag, openssl dgst",
	.probe = probe,
	.check = check,
	.write_record = write_record,
	.parse_line = parse_line,
};
