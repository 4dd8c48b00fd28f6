/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/rootstate.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/fields.h"

static const char format_name[] = "custody-lab-root/1";
static const char *const kinds[] = { [CUSTODY_ISSUE_ROOT] = "root", [CUSTODY_ISSUE_SEALING] = "sealing", [CUSTODY_ISSUE_STAMPING] = "stamping" };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

void custody_root_state_release(struct custody_root_state *s)
{
	free(s->certificates);
	*s = (struct custody_root_state){ 0 };
}

struct custody_root_certificate *custody_root_state_find(const struct custody_root_state *s, struct custody_bytes serial)
{
	while (serial.n > 0 && serial.p[0] == 0) { /* a sign octet */
		serial.p++;
		serial.n--;
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->certificates[i].serial_len == serial.n && memcmp(s->certificates[i].serial, serial.p, serial.n) == 0)
			return &s->certificates[i];
	return NULL;
}

/* A new zeroed element at the end, not counted yet. */
static struct custody_root_certificate *grow(struct custody_root_state *s)
{
	struct custody_root_certificate *bigger = NULL;
	size_t cap = s->n == 0 ? 4 : s->n * 2;

	if (s->n == 0 || (s->n >= 4 && (s->n & (s->n - 1)) == 0)) {
		bigger = reallocarray(s->certificates, cap, sizeof(*bigger));
		if (!bigger)
			return NULL;
		s->certificates = bigger;
	}
	memset(&s->certificates[s->n], 0, sizeof(s->certificates[s->n]));
	return &s->certificates[s->n];
}

int custody_root_state_add(struct custody_root_state *s, const struct custody_certificate *c, enum custody_issue_kind kind, const char *file,
	const char *name, struct custody_error *err)
{
	struct custody_root_certificate *e = NULL;
	struct custody_bytes serial = c->facts.serial;

	if (serial.n == 0 || serial.n > CUSTODY_ROOT_SERIAL || serial.p[0] == 0 || custody_root_state_find(s, serial))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a new certificate's serial number is used already, or not one of ours");
	if (strlen(file) >= sizeof(e->file) || strlen(name) >= sizeof(e->name))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a name does not fit into state.json");
	e = grow(s);
	if (!e)
		return custody_fail_nomem(err);
	memcpy(e->sha256, c->sha256, sizeof(e->sha256));
	memcpy(e->serial, serial.p, serial.n);
	e->serial_len = serial.n;
	e->kind = kind;
	memcpy(e->file, file, strlen(file) + 1);
	memcpy(e->name, name, strlen(name) + 1);
	s->n++;
	return 0;
}

/* ---- reading ---- */

static int read_format(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	(void)ctx;
	return custody_field_constant(f, v, format_name, err);
}

static int read_number(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_root_state *s = ctx;

	if (custody_field_count(f, v, &s->crl_number, err) != 0)
		return -1;
	return s->crl_number > 0 ? 0 : custody_refuse(err, NULL, "found 0, want 1 or more");
}

static int read_sha256(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_root_certificate *c = ctx;

	return custody_field_hex(f, v, c->sha256, sizeof(c->sha256), err);
}

static int read_serial(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_root_certificate *c = ctx;
	const char *text = NULL;
	size_t n = 0;

	if (custody_field_text(f, v, 2 * (size_t)CUSTODY_ROOT_SERIAL, false, &text, &n, err) != 0)
		return -1;
	if (n % 2 != 0 || !custody_hex_parse(text, n, false, c->serial, n / 2) || c->serial[0] == 0)
		return custody_refuse(err, NULL, "found something else, want lower-case hex of a positive number, without leading zero octets");
	c->serial_len = n / 2;
	return 0;
}

static int read_kind(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_root_certificate *c = ctx;
	const char *text = NULL;
	size_t n = 0;
	char shown[64];

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &text, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(text, kinds[i]) == 0) {
			c->kind = (enum custody_issue_kind)i;
			return 0;
		}
	return custody_refuse(err, NULL, "found '%s', want root, sealing or stamping", custody_display(text, n, shown, sizeof(shown)));
}

static int read_file(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_root_certificate *c = ctx;
	const char *text = NULL;
	size_t n = 0;
	char shown[128], holder[CUSTODY_LAB_FILE_NAME];
	unsigned generation = 0;

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &text, &n, err) != 0)
		return -1;
	if (!custody_lab_stem_split(text, holder, &generation))
		return custody_refuse(
			err, NULL, "found '%s', want the name of a key file without '.key'", custody_display(text, n, shown, sizeof(shown)));
	memcpy(c->file, text, n + 1); /* what splits, fits */
	return 0;
}

static int read_name(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_root_certificate *c = ctx;
	const char *text = NULL;
	size_t n = 0;

	if (custody_field_text(f, v, sizeof(c->name) - 1, false, &text, &n, err) != 0)
		return -1;
	memcpy(c->name, text, n + 1);
	return 0;
}

static int read_when(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_root_certificate *c = ctx;

	return custody_field_time(f, v, false, &c->when, err);
}

static int read_reason(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_root_certificate *c = ctx;
	const char *text = NULL;
	size_t n = 0;
	char shown[64];

	if (custody_field_text(f, v, CUSTODY_LIMIT_TEXT_FIELD, false, &text, &n, err) != 0)
		return -1;
	if (custody_issue_reason_find(text, &c->reason, err) != 0 || strcmp(text, custody_issue_reason_name(c->reason)) != 0)
		return custody_refuse(err, NULL, "found '%s', want a reason as this program writes it, for example keyCompromise",
			custody_display(text, n, shown, sizeof(shown)));
	return 0;
}

static int read_since(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	struct custody_root_certificate *c = ctx;

	if (json_is_null(v))
		return 0;
	c->has_since = true;
	return custody_field_time(f, v, false, &c->since, err);
}

static int read_revoked(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "when", read_when }, { "reason", read_reason }, { "since", read_since } };
	struct custody_root_certificate *c = ctx;

	if (json_is_null(v))
		return 0;
	if (c->kind == CUSTODY_ISSUE_ROOT)
		return custody_refuse(err, NULL, "found a revocation of the root, which cannot revoke itself");
	c->revoked = true;
	return custody_fields_read(f, v, table, 3, 7, c, NULL, err);
}

/* What is there once only, is. */
static int check_entry(const struct custody_root_state *s, const struct custody_root_certificate *c, struct custody_error *err)
{
	if ((c->kind == CUSTODY_ISSUE_ROOT) != (s->n == 0))
		return custody_refuse(err, NULL, s->n == 0 ? "found another kind, want the root's first" : "found a second root, want one");
	for (size_t i = 0; i < s->n; i++) {
		const struct custody_root_certificate *o = &s->certificates[i];

		if (memcmp(o->sha256, c->sha256, sizeof(c->sha256)) == 0)
			return custody_refuse(err, NULL, "found the certificate of number %zu again", i + 1);
		if (o->serial_len == c->serial_len && memcmp(o->serial, c->serial, c->serial_len) == 0)
			return custody_refuse(err, NULL, "found the serial number of number %zu again", i + 1);
		if (i > 0 && strcmp(o->file, c->file) == 0)
			return custody_refuse(err, NULL, "found the file name of number %zu again", i + 1);
	}
	return 0;
}

static int read_certificates(struct custody_fields *f, json_t *v, void *ctx, struct custody_error *err)
{
	static const struct custody_field table[] = { { "sha256", read_sha256 }, { "serial", read_serial }, { "kind", read_kind },
		{ "file", read_file }, { "name", read_name }, { "revoked", read_revoked } };
	struct custody_root_state *s = ctx;
	size_t n = 0;

	if (custody_field_array(f, v, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct custody_root_certificate *c = grow(s);

		if (!c)
			return custody_fail_nomem(err);
		if (custody_fields_read(f, json_array_get(v, i), table, 6, 63, c, NULL, err) != 0 || check_entry(s, c, err) != 0)
			return custody_fail_in(err, "number %zu", i + 1);
		s->n++;
	}
	return n > 0 ? 0 : custody_refuse(err, NULL, "found none, want at least the root's");
}

static int read_document(struct json_t *doc, struct custody_root_state *s, struct custody_error *err)
{
	static const struct custody_field table[] = { { "format", read_format }, { "crl_number", read_number },
		{ "certificates", read_certificates } };
	struct custody_fields f = { .rule = NULL };

	if (custody_fields_read(&f, doc, table, 3, 7, s, NULL, err) != 0 || custody_fields_end(&f, err) != 0)
		return -1;
	/* It is written again whole: what is not understood would be lost. */
	return f.has_private ? custody_refuse(err, NULL, "found a private key 'x-...', want none") : 0;
}

static void free_document(struct json_t **doc)
{
	custody_json_free(doc);
}

int custody_root_state_parse(const uint8_t *p, size_t n, struct custody_root_state *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_root_state_release) struct custody_root_state s = { 0 };
	CUSTODY_CLEANUP(free_document) struct json_t *doc = NULL;

	if (n > CUSTODY_LIMIT_ROOT_STATE)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "state.json has %zu bytes, want at most %zu", n, CUSTODY_LIMIT_ROOT_STATE);
	if (n == 0 || p[n - 1] != '\n')
		return custody_refuse(err, NULL, "state.json: found no line end, want one line and its end: is it whole?");
	if (custody_json_parse(p, n - 1, true, &doc, err) != 0 || read_document(doc, &s, err) != 0)
		return custody_fail_in(err, "state.json");
	*out = s;
	s = (struct custody_root_state){ 0 };
	return 0;
}

/* ---- writing ---- */

static int append_revocation(const struct custody_root_certificate *c, struct custody_buf *out, struct custody_error *err)
{
	char when[CUSTODY_TIME_TEXT], since[CUSTODY_TIME_TEXT];

	if (!c->revoked)
		return custody_buf_append_str(out, "null", err);
	custody_time_format(c->when, when);
	if (!c->has_since)
		return custody_buf_printf(out, err, "{\"when\":\"%s\",\"reason\":\"%s\",\"since\":null}", when, custody_issue_reason_name(c->reason));
	custody_time_format(c->since, since);
	return custody_buf_printf(
		out, err, "{\"when\":\"%s\",\"reason\":\"%s\",\"since\":\"%s\"}", when, custody_issue_reason_name(c->reason), since);
}

static int append_certificate(const struct custody_root_certificate *c, struct custody_buf *out, struct custody_error *err)
{
	char sha256[65], serial[2 * CUSTODY_ROOT_SERIAL + 1];

	custody_hex_format(c->sha256, sizeof(c->sha256), sha256);
	custody_hex_format(c->serial, c->serial_len, serial);
	if (custody_buf_printf(out, err, "{\"sha256\":\"%s\",\"serial\":\"%s\",\"kind\":\"%s\",\"file\":", sha256, serial, kinds[c->kind]) != 0 ||
		custody_json_append_safe(out, c->file, strlen(c->file), err) != 0 || custody_buf_append_str(out, ",\"name\":", err) != 0 ||
		custody_json_append_safe(out, c->name, strlen(c->name), err) != 0 || custody_buf_append_str(out, ",\"revoked\":", err) != 0 ||
		append_revocation(c, out, err) != 0)
		return -1;
	return custody_buf_append_byte(out, '}', err);
}

int custody_root_state_format(const struct custody_root_state *s, struct custody_buf *out, struct custody_error *err)
{
	if (custody_buf_printf(out, err, "{\"format\":\"%s\",\"crl_number\":%" PRIu64 ",\"certificates\":[", format_name, s->crl_number) != 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if ((i > 0 && custody_buf_append_byte(out, ',', err) != 0) || append_certificate(&s->certificates[i], out, err) != 0)
			return -1;
	return custody_buf_append_str(out, "]}\n", err);
}
