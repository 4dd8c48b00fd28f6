/* SPDX-License-Identifier: Apache-2.0 */
/* What the program adds to records: receipts, to the document that a person keeps filling in, whose text is changed as little as can be and read again as a whole; and
 * packages of documents, to what is about to be sealed. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/record/request.h"

static int check(const struct custody_buf *document, struct custody_error *err)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };

	return custody_requests_parse(document->data, document->len, CUSTODY_REQUEST_WRITTEN, &r, err);
}

static bool is_blank_byte(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Of what check() took, which allows blanks around the object. */
static int load(const struct custody_buf *document, struct json_t **out, struct custody_error *err)
{
	const uint8_t *p = document->data;
	size_t n = document->len;

	while (n > 0 && is_blank_byte(p[n - 1]))
		n--;
	for (; n > 0 && is_blank_byte(*p); n--)
		p++;
	return custody_json_parse(p, n, false, out, err);
}

/* The record meant; NULL and said. */
static json_t *find_record(json_t *document, const char *id, struct custody_error *err)
{
	json_t *records = json_object_get(document, "requests"), *found = NULL;
	size_t n = json_array_size(records);

	for (size_t i = 0; i < n; i++) {
		const char *own = json_string_value(json_object_get(json_array_get(records, i), "id"));

		if (id ? own && strcmp(own, id) == 0 : n == 1)
			found = json_array_get(records, i);
	}
	if (!found && id)
		custody_fail(err, CUSTODY_ERR_INPUT, "no record of the document has this id");
	else if (!found)
		custody_fail(err, CUSTODY_ERR_INPUT, "the document has %zu records, and which one is meant is not said", n);
	return found;
}

/* Nothing in it but null, as in a form that was not filled in. */
static bool is_blank(json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) if (!json_is_null(value) && strncmp(key, "x-", 2) != 0) return false;
	return true;
}

/* The list to add to, without the blank element of a form. NULL and said. */
static json_t *receipts_of(json_t *record, struct custody_error *err)
{
	json_t *list = json_object_get(record, "receipts");

	if (custody_request_withheld(list)) {
		custody_fail(err, CUSTODY_ERR_INPUT, "the record withholds its receipts");
		return NULL;
	}
	if (!json_is_array(list)) {
		list = json_array();
		if (!list || json_object_set_new(record, "receipts", list)) {
			custody_fail_nomem(err);
			return NULL;
		}
	}
	if (json_array_size(list) == 1 && is_blank(json_array_get(list, 0)))
		json_array_clear(list);
	return list;
}

static int put(json_t *object, const char *key, json_t *value, struct custody_error *err)
{
	return json_object_set_new(object, key, value) ? custody_fail_nomem(err) : 0;
}

static int put_text(json_t *object, const char *key, const char *text, struct custody_error *err)
{
	return text ? put(object, key, json_string(text), err) : 0;
}

static int put_digest(json_t *object, const char *key, const uint8_t *sha256, struct custody_error *err)
{
	char hex[65];

	if (!sha256)
		return 0;
	custody_hex_format(sha256, 32, hex);
	return put(object, key, json_string(hex), err);
}

static int add_receipt(json_t *list, const struct custody_request_receipt *r, struct custody_error *err)
{
	json_t *one = json_object();

	if (!one || json_array_append_new(list, one))
		return custody_fail_nomem(err);
	return put_text(one, "path", r->path, err) || put_text(one, "channel", r->channel, err) || put_text(one, "source", r->source, err) ||
			       put_text(one, "tls_name", r->tls_name, err) || put_digest(one, "tls_sha256", r->tls_sha256, err) ||
			       put_text(one, "operator", r->operator_name, err) || put_text(one, "started", r->started, err) ||
			       put_text(one, "ended", r->ended, err) || put(one, "size", json_integer((json_int_t)r->size), err) ||
			       put_digest(one, "sha256", r->sha256, err)
		       ? -1
		       : 0;
}

static int print(json_t *document, struct custody_buf *out, struct custody_error *err)
{
	char *text = json_dumps(document, JSON_INDENT(2));

	if (!text)
		return custody_fail_nomem(err);
	custody_buf_clear(out);
	int rc = custody_buf_append_str(out, text, err) || custody_buf_append_byte(out, '\n', err) ? -1 : 0;
	free(text);
	return rc;
}

int custody_request_receive(
	struct custody_buf *document, const char *id, const struct custody_request_receipt *receipts, size_t n, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_json_free) struct json_t *root = NULL;

	if (check(document, err) || load(document, &root, err))
		return -1;
	json_t *record = find_record(root, id, err);
	json_t *list = record ? receipts_of(record, err) : NULL;

	if (!list)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (add_receipt(list, &receipts[i], err))
			return -1;
	return print(root, document, err) || check(document, err) ? -1 : 0;
}

/* A colon with something behind it that is no port: a user's name and a password, or a password that has a '/' in it. [::1] is an address. */
static bool has_password(const char *authority, size_t n)
{
	size_t at = authority[0] == '[' ? strcspn(authority, "]") : 0;

	for (; at < n; at++)
		if (authority[at] == ':' && at + 1 < n)
			return strspn(authority + at + 1, "0123456789") < n - at - 1;
	return false;
}

/* Where what may be shown begins in text[0..n): behind the '@' of the authority, and behind the last one at all if a password stands before it. */
static size_t skip_user(const char *text, size_t n)
{
	size_t authority = strcspn(text, "/?#"), within = authority < n ? authority : n, shown = 0;

	for (size_t i = 0; i < (has_password(text, within) ? n : within); i++)
		if (text[i] == '@')
			shown = i + 1;
	return shown;
}

/* The path without its parameters, which follow a ';' up to the next '/'. */
static int append_path(struct custody_buf *out, const char *p, size_t n, struct custody_error *err)
{
	bool parameter = false;

	for (size_t i = 0; i < n; i++) {
		parameter = p[i] == ';' || (parameter && p[i] != '/');
		if (!parameter && custody_buf_append_byte(out, (uint8_t)p[i], err))
			return -1;
	}
	return 0;
}

/* What has the look of an address and not of a sentence, a number or a mail address. *before: bytes of its scheme, with "//". */
static bool is_address(const char *source, size_t *before)
{
	const char *scheme = strstr(source, "://"), *colon = strchr(source, ':');
	bool url = scheme && strcspn(source, "/?#@ ") >= (size_t)(scheme - source), mail = strncasecmp(source, "mailto:", 7) == 0;

	*before = url ? (size_t)(scheme + 3 - source) : mail ? 7 : strncmp(source, "//", 2) == 0 ? 2 : 0;
	if (*before > 0)
		return true;
	return !strpbrk(source, " \t\n\r") && (strchr(source, '/') || (colon && strchr(colon, '@')));
}

int custody_request_source(const char *source, struct custody_buf *out, bool *cut, struct custody_error *err)
{
	size_t before, at = out->len, n = strlen(source);

	*cut = false;
	if (!is_address(source, &before))
		return custody_buf_append_str(out, source, err);
	const char *rest = source + before;
	size_t shown = strncasecmp(source, "mailto:", 7) == 0 ? 0 : skip_user(rest, n - before);

	if (custody_buf_append(out, source, before, err) || append_path(out, rest + shown, strcspn(rest + shown, "?#"), err))
		return -1;
	*cut = out->len - at != n;
	return 0;
}

/* ---- packages of documents (ADM-11) ---- */

static bool is_named(json_t *record, const char *hex)
{
	json_t *list = json_object_get(record, "document_packages");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *package = json_string_value(json_object_get(json_array_get(list, i), "package"));

		if (package && strcmp(package, hex) == 0)
			return true;
	}
	return false;
}

static int name_package(json_t *record, const uint8_t sha256[32], uint64_t items, struct custody_error *err)
{
	json_t *list = json_object_get(record, "document_packages"), *one = json_object();

	if (!one)
		return custody_fail_nomem(err);
	if (!json_is_array(list)) {
		list = json_array();
		if (!list || json_object_set_new(record, "document_packages", list)) {
			json_decref(one);
			return custody_fail_nomem(err);
		}
	}
	if (json_array_append_new(list, one))
		return custody_fail_nomem(err);
	return put_digest(one, "package", sha256, err) || put_text(one, "role", "authority-document", err) ||
			       put(one, "items", json_integer((json_int_t)items), err)
		       ? -1
		       : 0;
}

int custody_requests_add_documents(struct custody_requests *r, const uint8_t sha256[32], uint64_t items, struct custody_error *err)
{
	json_t *record = custody_requests_get(r, 0);
	char hex[65];

	custody_hex_format(sha256, 32, hex);
	for (size_t i = 0; i < r->n; i++)
		if (is_named(custody_requests_get(r, i), hex))
			return 0;
	if (r->n != 1) {
		custody_fail(err, CUSTODY_ERR_INPUT, "it is named by none of the %zu request records, and which one is meant is not said", r->n);
		return custody_hint(err, "write {\"package\": \"%s\"} into the document_packages of the record that is meant", hex);
	}
	if (custody_request_withheld(json_object_get(record, "document_packages")))
		return custody_fail(err, CUSTODY_ERR_INPUT, "the request record withholds its document_packages");
	if (json_array_size(json_object_get(record, "document_packages")) >= CUSTODY_LIMIT_REQUEST_LIST)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "the request record names %d packages of documents already", CUSTODY_LIMIT_REQUEST_LIST);
	return name_package(record, sha256, items, err);
}
