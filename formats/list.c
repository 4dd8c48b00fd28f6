/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/list.h"

#include <string.h>

#include "libcustody/base/hex.h"

static bool is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

size_t custody_list_hex_run(const uint8_t *p, size_t n)
{
	size_t i = 0;
	while (i < n && is_hex(p[i]))
		i++;
	return i;
}

int custody_list_digest(enum custody_digest_id id, const uint8_t *hex, size_t n, struct custody_hash_record *record, struct custody_error *err)
{
	const struct custody_digest_info *info = custody_digest_get(id);
	if (!custody_hex_parse((const char *)hex, n, true, record->digests.value[id], info->size))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "%zu hexadecimal digits, want the %zu of %s", n, 2 * info->size, info->name);
	record->digests.mask |= CUSTODY_DIGEST_BIT(id);
	return 0;
}

/* The first of this size in the table, which is the one of SHA-2; *several: others have it too. */
static enum custody_digest_id by_length(size_t digits, bool *several)
{
	enum custody_digest_id found = CUSTODY_DIGEST_COUNT;
	*several = false;
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (2 * custody_digest_get((enum custody_digest_id)id)->size == digits) {
			*several = found != CUSTODY_DIGEST_COUNT;
			if (*several)
				break;
			found = (enum custody_digest_id)id;
		}
	return found;
}

int custody_list_bare_digest(
	struct custody_hash_reader *r, const uint8_t *hex, size_t n, struct custody_hash_record *record, struct custody_error *err)
{
	if (r->algorithm != CUSTODY_DIGEST_COUNT)
		return custody_list_digest(r->algorithm, hex, n, record, err);
	bool several;
	enum custody_digest_id id = by_length(n, &several);
	if (id == CUSTODY_DIGEST_COUNT)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "%zu hexadecimal digits at the start, want those of a digest: 32, 40, 64, 96 or 128", n);
	r->by_length = r->by_length || several;
	return custody_list_digest(id, hex, n, record, err);
}

bool custody_list_needs_escape(struct custody_bytes name)
{
	return memchr(name.p, '\\', name.n) || memchr(name.p, '\n', name.n) || memchr(name.p, '\r', name.n);
}

int custody_list_escape(struct custody_buf *out, struct custody_bytes name, struct custody_error *err)
{
	size_t from = 0;
	for (size_t i = 0; i < name.n; i++) {
		const char *escape = name.p[i] == '\\' ? "\\\\" : name.p[i] == '\n' ? "\\n" : name.p[i] == '\r' ? "\\r" : NULL;
		if (!escape)
			continue;
		if (custody_buf_append(out, name.p + from, i - from, err) || custody_buf_append_str(out, escape, err))
			return -1;
		from = i + 1;
	}
	return custody_buf_append(out, name.p + from, name.n - from, err);
}

static int unescape(struct custody_buf *out, const uint8_t *p, size_t n, struct custody_error *err)
{
	custody_buf_clear(out);
	for (size_t i = 0; i < n; i++) {
		uint8_t c = p[i];
		if (c == '\\') {
			uint8_t code = i + 1 < n ? p[i + 1] : 0;
			if (code != '\\' && code != 'n' && code != 'r')
				return custody_fail(err, CUSTODY_ERR_FORMAT, "a lone backslash in an escaped name, want \\\\, \\n or \\r");
			c = code == 'n' ? '\n' : code == 'r' ? '\r' : '\\';
			i++;
		}
		if (custody_buf_append_byte(out, c, err))
			return -1;
	}
	return 0;
}

int custody_list_name(
	struct custody_hash_reader *r, bool escaped, const uint8_t *p, size_t n, struct custody_hash_record *record, struct custody_error *err)
{
	if (n == 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "an empty name, want the name of a file");
	record->path = (struct custody_bytes){ p, n };
	if (!escaped)
		return 0;
	if (unescape(&r->path, p, n, err))
		return -1;
	record->path = (struct custody_bytes){ r->path.data, r->path.len };
	return 0;
}

int custody_list_append_hex(struct custody_buf *out, enum custody_digest_id id, const struct custody_hash_record *record, struct custody_error *err)
{
	char hex[2 * CUSTODY_DIGEST_MAX + 1];
	custody_hex_format(record->digests.value[id], custody_digest_get(id)->size, hex);
	return custody_buf_append_str(out, hex, err);
}

int custody_list_only_digest(const char *format, uint32_t digests, enum custody_digest_id *id, struct custody_error *err)
{
	if (digests == 0 || (digests & (digests - 1)) != 0) {
		custody_fail(err, CUSTODY_ERR_USAGE, "a list in the format %s has one digest, not %d", format, __builtin_popcount(digests));
		return custody_hint(err, "-f bsd and -f jsonl take several");
	}
	*id = (enum custody_digest_id)__builtin_ctz(digests);
	return 0;
}

struct custody_bytes custody_list_first_line(const uint8_t *p, size_t n)
{
	while (n > 0) {
		const uint8_t *end = memchr(p, '\n', n);
		size_t length = end ? (size_t)(end - p) : n;
		size_t text = length > 0 && p[length - 1] == '\r' ? length - 1 : length;
		if (text > 0 && p[0] != '#')
			return (struct custody_bytes){ p, text };
		size_t step = length + (end ? 1 : 0);
		p += step;
		n -= step;
	}
	return (struct custody_bytes){ NULL, 0 };
}
