/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON object a line: every name, every digest, and a size. See jsonl.md. */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "formats/list.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"

static bool probe(const char *list_name, const uint8_t *p, size_t n)
{
	(void)list_name;
	return n > 0 && p[0] == '{';
}

static int check(uint32_t digests, struct custody_error *err)
{
	(void)digests, (void)err;
	return 0;
}

static int append_path(struct custody_buf *out, struct custody_bytes path, struct custody_error *err)
{
	if (custody_utf8_valid(path.p, path.n))
		return custody_buf_append_str(out, "{\"path\":", err) || custody_json_append_safe(out, path.p, path.n, err) ? -1 : 0;
	if (custody_buf_append_str(out, "{\"path_b64\":\"", err) || custody_base64_append(out, path.p, path.n, err))
		return -1;
	return custody_buf_append_byte(out, '"', err);
}

static int append_object(struct custody_buf *out, uint32_t digests, const struct custody_hash_record *record, struct custody_error *err)
{
	if (append_path(out, record->path, err))
		return -1;
	if (record->has_size && custody_buf_printf(out, err, ",\"size\":%" PRIu64, record->size))
		return -1;
	const char *before = ",\"digests\":{";
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		if (!(digests & CUSTODY_DIGEST_BIT(id)))
			continue;
		if (custody_buf_printf(out, err, "%s\"%s\":\"", before, custody_digest_get((enum custody_digest_id)id)->name) ||
			custody_list_append_hex(out, (enum custody_digest_id)id, record, err) || custody_buf_append_byte(out, '"', err))
			return -1;
		before = ",";
	}
	return custody_buf_append_str(out, "}}\n", err);
}

static int write_record(struct custody_buf *out, uint32_t digests, const struct custody_hash_record *record, struct custody_error *err)
{
	size_t before = out->len;
	if (append_object(out, digests, record, err)) {
		out->len = before;
		return -1;
	}
	return 0;
}

/* path_b64 has the exact bytes; path beside it, as in the inventory of a sealed package, is for people. */
static int read_path(struct custody_hash_reader *r, const json_t *object, struct custody_error *err)
{
	const json_t *path = json_object_get(object, "path"), *base64 = json_object_get(object, "path_b64");
	const json_t *value = base64 ? base64 : path;
	if (!json_is_string(value) || json_string_length(value) == 0 || (path && !json_is_string(path)))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found no name, want path or path_b64 with a text that is not empty");
	const char *text = json_string_value(value);
	size_t n = json_string_length(value);
	custody_buf_clear(&r->path);
	if (!base64)
		return custody_buf_append(&r->path, text, n, err);
	if (custody_buf_reserve(&r->path, n, err))
		return -1;
	if (!custody_base64_parse(text, n, r->path.data, &r->path.len) || r->path.len == 0 || memchr(r->path.data, 0, r->path.len)) {
		custody_buf_clear(&r->path);
		return custody_fail(err, CUSTODY_ERR_FORMAT, "path_b64 is not the base64 of a name, want RFC 4648 with padding");
	}
	return 0;
}

static int read_digest(const char *name, const json_t *value, struct custody_hash_record *record, struct custody_error *err)
{
	enum custody_digest_id id = custody_digest_find(name, strlen(name));
	if (id == CUSTODY_DIGEST_COUNT)
		return 0; /* a newer list may have more of them */
	if (!json_is_string(value))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "the digest %s is not text, want hexadecimal digits", custody_digest_get(id)->name);
	if (record->digests.mask & CUSTODY_DIGEST_BIT(id))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "the digest %s twice, want each once", custody_digest_get(id)->name);
	return custody_list_digest(id, (const uint8_t *)json_string_value(value), json_string_length(value), record, err);
}

/* 1: record; 0: an object without digests, such as a folder of an inventory. */
static int read_object(struct custody_hash_reader *r, json_t *object, struct custody_hash_record *record, struct custody_error *err)
{
	const json_t *size = json_object_get(object, "size");
	json_t *digests = json_object_get(object, "digests");
	if (read_path(r, object, err))
		return -1;
	record->path = (struct custody_bytes){ r->path.data, r->path.len };
	if (size && (!json_is_integer(size) || json_integer_value(size) < 0))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "size is no number of bytes, want an integer from 0");
	record->has_size = size != NULL;
	record->size = size ? (uint64_t)json_integer_value(size) : 0;
	if (!digests)
		return 0;
	if (!json_is_object(digests))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "digests is no object, want algorithm names with hexadecimal digits");
	const char *name;
	json_t *value;
	json_object_foreach(digests, name, value) if (read_digest(name, value, record, err)) return -1;
	if (record->digests.mask == 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found no digest that is known, want one of `custody hash -d`");
	return 1;
}

static int parse_line(struct custody_hash_reader *r, const uint8_t *p, size_t n, struct custody_hash_record *record, struct custody_error *err)
{
	if (n == 0)
		return 0;
	CUSTODY_CLEANUP(custody_json_free) struct json_t *object = NULL;
	if (custody_json_parse(p, n, false, &object, err))
		return -1;
	return read_object(r, object, record, err);
}

const struct custody_hash_format custody_hash_jsonl = {
	.name = "jsonl",
	.summary = "one JSON object a line: every name, every digest, and the size",
	.probe = probe,
	.check = check,
	.write_record = write_record,
	.parse_line = parse_line,
};
