/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/bytes.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

#define DATA "data/"
#define NAMES "_names"

/* ---- parts ---- */

/* Length of the part that begins at p. */
static size_t part_length(const uint8_t *p, size_t n)
{
	const uint8_t *slash = n > 0 ? memchr(p, '/', n) : NULL;
	return slash ? (size_t)(slash - p) : n;
}

/* Whatever the locale says. */
static bool equals_ignoring_case(const uint8_t *p, size_t n, const char *upper)
{
	if (n != strlen(upper))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((p[i] >= 'a' && p[i] <= 'z' ? p[i] - ('a' - 'A') : p[i]) != upper[i])
			return false;
	return true;
}

/* Names that Windows gives to devices, with any extension. */
static bool is_device(const uint8_t *p, size_t n)
{
	static const char *const names[] = { "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$" };
	if (n == 0 || !memchr("ACLNPaclnp", p[0], 10))
		return false;
	const uint8_t *dot = memchr(p, '.', n);
	size_t stem = dot ? (size_t)(dot - p) : n;
	if (stem < 3 || stem > 7)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (equals_ignoring_case(p, stem, names[i]))
			return true;
	return stem == 4 && p[3] >= '0' && p[3] <= '9' && (equals_ignoring_case(p, 3, "COM") || equals_ignoring_case(p, 3, "LPT"));
}

/* What is wrong with one part, by the rules that writer and reader share; NULL if nothing is. escapes: the name has a backslash or a percent sign somewhere. */
static const char *part_problem(const uint8_t *p, size_t n, bool escapes)
{
	if (n == 0)
		return "has an empty part";
	if (n <= 2 && p[0] == '.' && p[n - 1] == '.')
		return "has a part '.' or '..'";
	if (p[n - 1] == '.' || p[n - 1] == ' ')
		return "has a part that ends in a dot or a space";
	if (is_device(p, n))
		return "has a part that is the name of a device";
	if (escapes && memchr(p, '\\', n))
		return "has a backslash";
	if (escapes && memchr(p, '%', n))
		return "has a percent sign";
	return NULL;
}

static const char *parts_problem(const uint8_t *p, size_t n)
{
	bool escapes = n > 0 && (memchr(p, '\\', n) || memchr(p, '%', n));
	size_t start = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && p[i] != '/')
			continue;
		const char *problem = part_problem(p + start, i - start, escapes);
		if (problem)
			return problem;
		start = i + 1;
	}
	return NULL;
}

/* ---- the reader's rule ---- */

/* How many bytes from p on are characters that no rule about a single character has anything to say of: printable ASCII. */
static size_t printable_prefix(const uint8_t *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= 0x20 && p[i] < 0x7f)
		i++;
	return i;
}

const char *custody_name_member_problem(const uint8_t *name, size_t n)
{
	if (n == 0)
		return "is empty";
	if (n > CUSTODY_LIMIT_MEMBER_NAME)
		return "is longer than 4096 bytes";
	for (size_t i = printable_prefix(name, n); i < n; i += printable_prefix(name + i, n - i)) {
		uint32_t cp = 0;
		size_t len = custody_utf8_decode(name + i, n - i, &cp);
		if (len == 0)
			return "is not valid UTF-8";
		if (custody_utf8_is_control_or_bidi(cp))
			return "has a control or bidi character, or a line or paragraph separator";
		i += len;
	}
	return parts_problem(name, n);
}

/* ---- the writer's rule ---- */

/* Windows' own characters: no reason to refuse a package, but nothing that every receiver can unpack. */
static bool has_windows_character(const uint8_t *p, size_t n)
{
	static const bool windows[256] = { [':'] = true, ['*'] = true, ['?'] = true, ['"'] = true, ['<'] = true, ['>'] = true, ['|'] = true };

	for (size_t i = 0; i < n; i++)
		if (windows[p[i]])
			return true;
	return false;
}

static bool has_unsafe_character(const uint8_t *p, size_t n)
{
	for (size_t i = printable_prefix(p, n); i < n; i += printable_prefix(p + i, n - i)) {
		uint32_t cp = 0;
		size_t len = custody_utf8_decode(p + i, n - i, &cp);
		if (len == 0 || custody_utf8_is_unsafe(cp) || custody_utf8_is_control_or_bidi(cp))
			return true;
		i += len;
	}
	return false;
}

static bool has_long_part(const uint8_t *p, size_t n)
{
	for (;;) {
		size_t part = part_length(p, n);
		if (part > CUSTODY_LIMIT_NAME_PART)
			return true;
		if (part == n)
			return false;
		p += part + 1;
		n -= part + 1;
	}
}

/* The place of the aliases, or something that is it for some file system. No memory: not plain, which is the safe side. */
static bool begins_like_aliases(const uint8_t *p, size_t n)
{
	struct custody_buf folded CUSTODY_BUF_CLEAN = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&folded, CUSTODY_LIMIT_PATH);
	if (custody_utf8_fold(&folded, p, n, &err) != 0)
		return true;
	return folded.len >= strlen(NAMES) && memcmp(folded.data, NAMES, strlen(NAMES)) == 0;
}

bool custody_name_is_plain(const uint8_t *path, size_t n)
{
	if (n == 0 || n > CUSTODY_LIMIT_NAME || has_unsafe_character(path, n) || has_windows_character(path, n) || has_long_part(path, n))
		return false;
	return parts_problem(path, n) == NULL && custody_utf8_is_nfc(path, n) && !begins_like_aliases(path, n);
}

void custody_name_alias(uint64_t n, char *out)
{
	snprintf(out, CUSTODY_NAME_ALIAS, DATA NAMES "/%06" PRIu64, n);
}

/* ---- the names given so far ---- */

/* What a hash in the set stands for. */
enum domain { DOMAIN_PART, DOMAIN_FILE, DOMAIN_FOLDER };

void custody_names_init(struct custody_names *s, const uint8_t key[16])
{
	custody_set_init(&s->set, key);
	custody_buf_init(&s->folded, CUSTODY_LIMIT_PATH);
}

void custody_names_release(struct custody_names *s)
{
	custody_set_release(&s->set);
	custody_buf_release(&s->folded);
}

/* Hash of a path whose folder has the hash `above`: each part is folded and hashed once. */
static int hash_part(struct custody_names *s, uint64_t above, const uint8_t *p, size_t n, uint64_t *hash, struct custody_error *err)
{
	uint8_t link[8];
	custody_put_le64(link, above);
	custody_buf_clear(&s->folded);
	if (custody_buf_append(&s->folded, link, sizeof(link), err) != 0 || custody_utf8_fold(&s->folded, p, n, err) != 0)
		return -1;
	*hash = custody_set_hash(&s->set, DOMAIN_PART, s->folded.data, s->folded.len);
	return 0;
}

static uint64_t key_of(const struct custody_names *s, enum domain domain, uint64_t hash)
{
	uint8_t bytes[8];
	custody_put_le64(bytes, hash);
	return custody_set_hash(&s->set, (uint8_t)domain, bytes, sizeof(bytes));
}

/* Goes down the path; `take`: adds what it meets, else *is_free says whether nothing is in the way. */
static int walk_name(struct custody_names *s, const uint8_t *p, size_t n, bool take, bool *is_free, struct custody_error *err)
{
	uint64_t hash = 0;
	*is_free = true;
	for (;;) {
		size_t part = part_length(p, n);
		bool leaf = part == n, there = false;
		if (hash_part(s, hash, p, part, &hash, err) != 0)
			return -1;
		uint64_t as_file = key_of(s, DOMAIN_FILE, hash), as_folder = key_of(s, DOMAIN_FOLDER, hash);
		if (take && custody_set_add(&s->set, leaf ? as_file : as_folder, &there, err) != 0)
			return -1;
		if (!take && (custody_set_has(&s->set, as_file) || (leaf && custody_set_has(&s->set, as_folder))))
			*is_free = false;
		if (leaf || !*is_free)
			return 0;
		p += part + 1;
		n -= part + 1;
	}
}

/* A false hit of the set (2^-64 a name) only costs the item its plain name: the alias is right all the same. */
int custody_names_assign(
	struct custody_names *s, const uint8_t *path, size_t path_len, uint64_t n, struct custody_buf *out, bool *aliased, struct custody_error *err)
{
	char alias[CUSTODY_NAME_ALIAS];
	bool is_free = false;
	custody_buf_clear(out);
	if (custody_name_is_plain(path, path_len) && walk_name(s, path, path_len, false, &is_free, err) != 0)
		return -1;
	*aliased = !is_free;
	if (*aliased) {
		custody_name_alias(n, alias);
		return custody_buf_append_str(out, alias, err);
	}
	if (walk_name(s, path, path_len, true, &is_free, err) != 0 || custody_buf_append_str(out, DATA, err) != 0)
		return -1;
	return custody_buf_append(out, path, path_len, err);
}
