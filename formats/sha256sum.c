/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of GNU sha256sum and its kin, and what comes close: see sha256sum.md. */
#include "formats/list.h"

static bool probe(const char *list_name, const uint8_t *p, size_t n)
{
	(void)list_name;
	struct custody_bytes line = custody_list_first_line(p, n);
	size_t escaped = line.n > 0 && line.p[0] == '\\';
	size_t digits = line.n > 0 ? custody_list_hex_run(line.p + escaped, line.n - escaped) : 0;
	return digits >= 32 && escaped + digits < line.n && line.p[escaped + digits] == ' ';
}

static int check(uint32_t digests, struct custody_error *err)
{
	enum custody_digest_id id;
	return custody_list_only_digest("sha256sum", digests, &id, err);
}

static int write_record(struct custody_buf *out, uint32_t digests, const struct custody_hash_record *record, struct custody_error *err)
{
	size_t before = out->len;
	enum custody_digest_id id = (enum custody_digest_id)__builtin_ctz(digests);
	if ((custody_list_needs_escape(record->path) && custody_buf_append_byte(out, '\\', err)) || custody_list_append_hex(out, id, record, err) ||
		custody_buf_append_str(out, "  ", err) || custody_list_escape(out, record->path, err) || custody_buf_append_byte(out, '\n', err)) {
		out->len = before;
		return -1;
	}
	return 0;
}

static int parse_line(struct custody_hash_reader *r, const uint8_t *p, size_t n, struct custody_hash_record *record, struct custody_error *err)
{
	if (n == 0 || p[0] == '#')
		return 0;
	bool escaped = p[0] == '\\';
	size_t at = escaped ? 1 : 0;
	size_t digits = custody_list_hex_run(p + at, n - at);
	if (custody_list_bare_digest(r, p + at, digits, record, err))
		return -1;
	at += digits;
	if (at == n || p[at] != ' ')
		return custody_fail(err, CUSTODY_ERR_FORMAT, "no space behind the digest, want two, or one and '*', and the name");
	at++;
	/* BSD's reversed form has one space. There a name with a leading space or asterisk cannot be told from GNU's: GNU's it is. */
	if (at < n && (p[at] == ' ' || p[at] == '*'))
		at++;
	return custody_list_name(r, escaped, p + at, n - at, record, err) ? -1 : 1;
}

const struct custody_hash_format custody_hash_sha256sum = {
	.name = "sha256sum",
	.summary = "GNU sha256sum, md5sum ...: a digest and a name",
	.probe = probe,
	.check = check,
	.write_record = write_record,
	.parse_line = parse_line,
};
