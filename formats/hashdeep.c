/* SPDX-License-Identifier: Apache-2.0 */
/* hashdeep's own list, version 1.0: a header with the columns, then a row a file. See hashdeep.md. */
#include <inttypes.h>
#include <string.h>

#include "formats/list.h"
#include "libcustody/base/utf8.h"

static const char magic[] = "%%%% HASHDEEP-1.0";

/* What hashdeep 4.4 computes. The two that are none of ours are read over. */
#define WRITABLE (CUSTODY_DIGEST_BIT(CUSTODY_MD5) | CUSTODY_DIGEST_BIT(CUSTODY_SHA1) | CUSTODY_DIGEST_BIT(CUSTODY_SHA256))
enum { COLUMN_TIGER = CUSTODY_DIGEST_COUNT, COLUMN_WHIRLPOOL, COLUMN_COUNT };

static bool probe(const char *list_name, const uint8_t *p, size_t n)
{
	(void)list_name;
	return n >= 14 && memcmp(p, magic, 14) == 0; /* any version: another one is refused by its number */
}

static int check(uint32_t digests, struct custody_error *err)
{
	if ((digests & ~WRITABLE) == 0)
		return 0;
	custody_fail(err, CUSTODY_ERR_USAGE, "a hashdeep list has md5, sha1 and sha256 only");
	return custody_hint(err, "-f bsd and -f jsonl take every digest");
}

static int write_head(struct custody_buf *out, uint32_t digests, struct custody_error *err)
{
	if (custody_buf_printf(out, err, "%s\n%%%%%%%% size", magic))
		return -1;
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if ((digests & CUSTODY_DIGEST_BIT(id)) && custody_buf_printf(out, err, ",%s", custody_digest_get((enum custody_digest_id)id)->name))
			return -1;
	return custody_buf_append_str(out, ",filename\n", err);
}

static int append_row(struct custody_buf *out, uint32_t digests, const struct custody_hash_record *record, struct custody_error *err)
{
	if (custody_buf_printf(out, err, "%" PRIu64 ",", record->size))
		return -1;
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if ((digests & CUSTODY_DIGEST_BIT(id)) &&
			(custody_list_append_hex(out, (enum custody_digest_id)id, record, err) || custody_buf_append_byte(out, ',', err)))
			return -1;
	return custody_buf_append(out, record->path.p, record->path.n, err) || custody_buf_append_byte(out, '\n', err) ? -1 : 0;
}

static int write_record(struct custody_buf *out, uint32_t digests, const struct custody_hash_record *record, struct custody_error *err)
{
	if (memchr(record->path.p, '\n', record->path.n) || memchr(record->path.p, '\r', record->path.n)) {
		custody_fail(err, CUSTODY_ERR_INPUT, "a hashdeep list cannot hold a name with a line feed or carriage return");
		return custody_hint(err, "-f jsonl can hold every name");
	}
	size_t before = out->len;
	if (append_row(out, digests, record, err)) {
		out->len = before;
		return -1;
	}
	return 0;
}

static size_t column_digits(unsigned column)
{
	return column == COLUMN_TIGER ? 48 : column == COLUMN_WHIRLPOOL ? 128 : 2 * custody_digest_get((enum custody_digest_id)column)->size;
}

static unsigned find_column(const uint8_t *p, size_t n)
{
	struct custody_bytes name = { p, n };
	if (custody_bytes_is(name, "tiger"))
		return COLUMN_TIGER;
	if (custody_bytes_is(name, "whirlpool"))
		return COLUMN_WHIRLPOOL;
	enum custody_digest_id id = custody_digest_find((const char *)p, n);
	return id == CUSTODY_DIGEST_COUNT ? COLUMN_COUNT : id;
}

/* "%%%% size,md5,sha256,filename" */
static int parse_columns(struct custody_hash_reader *r, const uint8_t *p, size_t n, struct custody_error *err)
{
	static const char first[] = "%%%% size,", last[] = "filename";
	size_t at = sizeof(first) - 1;
	uint32_t seen = 0, known = 0;
	char shown[80];
	if (n < at || memcmp(p, first, at) != 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found no columns, want '%%%%%%%% size,...,filename'");
	while (n - at != strlen(last) || memcmp(p + at, last, n - at) != 0) {
		const uint8_t *comma = memchr(p + at, ',', n - at);
		size_t length = comma ? (size_t)(comma - p) - at : n - at;
		unsigned column = comma ? find_column(p + at, length) : COLUMN_COUNT;
		if (column == COLUMN_COUNT || (seen & 1u << column))
			return custody_fail(err, CUSTODY_ERR_FORMAT, "found the column '%s', want digests once each and filename at the end",
				custody_display(p + at, length, shown, sizeof(shown)));
		seen |= 1u << column;
		known += column < CUSTODY_DIGEST_COUNT;
		r->columns[r->n_columns++] = (uint8_t)column;
		at += length + 1;
	}
	if (known == 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found no digest that is known among the columns, want md5, sha1 or sha256");
	return 0;
}

/* Digits up to a comma, as hashdeep writes them. Returns the bytes taken with the comma, 0 if it is no size. */
static size_t parse_size(const uint8_t *p, size_t n, uint64_t *size)
{
	uint64_t v = 0;
	size_t i = 0;
	for (; i < n && p[i] >= '0' && p[i] <= '9'; i++)
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) || __builtin_add_overflow(v, (uint64_t)(p[i] - '0'), &v))
			return 0;
	*size = v;
	return i > 0 && i < n && p[i] == ',' && (p[0] != '0' || i == 1) ? i + 1 : 0;
}

static int parse_row(struct custody_hash_reader *r, const uint8_t *p, size_t n, struct custody_hash_record *record, struct custody_error *err)
{
	size_t at = parse_size(p, n, &record->size);
	if (at == 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT,
			"a row that does not begin with a size, want size, digests and name (a name with a line feed breaks a row in two)");
	record->has_size = true;
	for (size_t i = 0; i < r->n_columns; i++) {
		unsigned column = r->columns[i];
		size_t digits = custody_list_hex_run(p + at, n - at);
		if (digits != column_digits(column) || at + digits >= n || p[at + digits] != ',')
			return custody_fail(err, CUSTODY_ERR_FORMAT, "column %zu has %zu hexadecimal digits, want %zu and a comma", i + 2, digits,
				column_digits(column));
		if (column < CUSTODY_DIGEST_COUNT && custody_list_digest((enum custody_digest_id)column, p + at, digits, record, err))
			return -1;
		at += digits + 1;
	}
	return custody_list_name(r, false, p + at, n - at, record, err) ? -1 : 1;
}

static int parse_line(struct custody_hash_reader *r, const uint8_t *p, size_t n, struct custody_hash_record *record, struct custody_error *err)
{
	struct custody_bytes line = { p, n };
	char shown[80];
	if (r->line == 1 && !custody_bytes_is(line, magic))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found '%s', want '%s'", custody_display(p, n, shown, sizeof(shown)), magic);
	if (r->line == 1)
		return 0;
	if (r->line == 2)
		return parse_columns(r, p, n, err);
	if (n > 0 && p[0] == '#')
		return 0;
	return parse_row(r, p, n, record, err);
}

const struct custody_hash_format custody_hash_hashdeep = {
	.name = "hashdeep",
	.summary = "hashdeep 1.0: sizes and one or more of md5, sha1, sha256",
	.probe = probe,
	.check = check,
	.write_head = write_head,
	.write_record = write_record,
	.parse_line = parse_line,
};
