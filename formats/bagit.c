/* SPDX-License-Identifier: Apache-2.0 */
/* manifest-ALGORITHM.txt of a BagIt bag (RFC 8493, section 2.1.3). See bagit.md. */
#include <stdio.h>
#include <string.h>

#include "formats/list.h"

/* The algorithm that a name "manifest-sha256.txt" or "tagmanifest-sha256.txt" tells, or CUSTODY_DIGEST_COUNT. */
static enum custody_digest_id algorithm_of_name(const char *name)
{
	const char *p = strncmp(name, "tag", 3) == 0 ? name + 3 : name;
	size_t n = strlen(p);
	if (n <= 13 || strncmp(p, "manifest-", 9) != 0 || strcmp(p + n - 4, ".txt") != 0)
		return CUSTODY_DIGEST_COUNT;
	return custody_digest_find(p + 9, n - 13);
}

/* A line alone looks like one of sha256sum: only the name of the file tells. */
static bool probe(const char *list_name, const uint8_t *p, size_t n)
{
	struct custody_bytes line = custody_list_first_line(p, n);
	return algorithm_of_name(list_name) != CUSTODY_DIGEST_COUNT && line.n > 0 && custody_list_hex_run(line.p, line.n) >= 32;
}

static int check(uint32_t digests, struct custody_error *err)
{
	enum custody_digest_id id;
	return custody_list_only_digest("bagit", digests, &id, err);
}

/* Section 2.1.3: LF, CR and, so that this can be undone, the per cent sign are encoded; everything else is as it is. */
static int append_name(struct custody_buf *out, struct custody_bytes name, struct custody_error *err)
{
	size_t from = 0;
	for (size_t i = 0; i < name.n; i++) {
		const char *code = name.p[i] == '\n' ? "%0A" : name.p[i] == '\r' ? "%0D" : name.p[i] == '%' ? "%25" : NULL;
		if (!code)
			continue;
		if (custody_buf_append(out, name.p + from, i - from, err) || custody_buf_append_str(out, code, err))
			return -1;
		from = i + 1;
	}
	return custody_buf_append(out, name.p + from, name.n - from, err);
}

static int write_record(struct custody_buf *out, uint32_t digests, const struct custody_hash_record *record, struct custody_error *err)
{
	/* Space that separates cannot be told from space that begins a name; '*' is taken for the old mark of binary mode by common readers. */
	if (memchr(" \t*", record->path.p[0], 3)) {
		custody_fail(err, CUSTODY_ERR_INPUT, "a BagIt manifest cannot hold a name that begins with a space, a tab or '*'");
		return custody_hint(err, "name the file by its folder (./...), or use -f jsonl");
	}
	size_t before = out->len;
	enum custody_digest_id id = (enum custody_digest_id)__builtin_ctz(digests);
	if (custody_list_append_hex(out, id, record, err) || custody_buf_append_str(out, "  ", err) || append_name(out, record->path, err) ||
		custody_buf_append_byte(out, '\n', err)) {
		out->len = before;
		return -1;
	}
	return 0;
}

/* Other per cent signs are left alone: bags before version 1.0 did not encode them. */
static int decode_name(struct custody_buf *out, const uint8_t *p, size_t n, struct custody_error *err)
{
	custody_buf_clear(out);
	for (size_t i = 0; i < n; i++) {
		uint8_t c = p[i];
		if (c == '%' && n - i >= 3) {
			bool lf = p[i + 1] == '0' && (p[i + 2] == 'A' || p[i + 2] == 'a');
			bool cr = p[i + 1] == '0' && (p[i + 2] == 'D' || p[i + 2] == 'd');
			bool percent = p[i + 1] == '2' && p[i + 2] == '5';
			c = lf ? '\n' : cr ? '\r' : '%';
			i += lf || cr || percent ? 2 : 0;
		}
		if (custody_buf_append_byte(out, c, err))
			return -1;
	}
	return 0;
}

static int parse_line(struct custody_hash_reader *r, const uint8_t *p, size_t n, struct custody_hash_record *record, struct custody_error *err)
{
	if (n == 0)
		return 0;
	size_t at = custody_list_hex_run(p, n);
	if (custody_list_bare_digest(r, p, at, record, err))
		return -1;
	if (at == n || (p[at] != ' ' && p[at] != '\t'))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "no space behind the digest, want spaces or tabs and the name");
	while (at < n && (p[at] == ' ' || p[at] == '\t'))
		at++;
	if (at < n && p[at] == '*')
		at++;
	if (custody_list_name(r, false, p + at, n - at, record, err) || decode_name(&r->path, p + at, n - at, err))
		return -1;
	record->path = (struct custody_bytes){ r->path.data, r->path.len };
	return 1;
}

const struct custody_hash_format custody_hash_bagit = {
	.name = "bagit",
	.summary = "manifest-ALGORITHM.txt of a BagIt bag",
	.probe = probe,
	.check = check,
	.write_record = write_record,
	.parse_line = parse_line,
};
