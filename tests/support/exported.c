/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/exported.h"

#include <expat.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"

#define HOSTILE "\x1b[2J\"'<&>]]>\xe2\x80\xae\xef\xbf\xbf\\u{1b}"

static char *copy(const char *text)
{
	char *p = strdup(text);

	if (!p)
		abort();
	return p;
}

void exported_report(struct custody_report *r)
{
	struct custody_seal_result *s = &r->seal;

	custody_report_init(r);
	r->path = copy("in/package.asice");
	r->has_package = true;
	r->size = 1250000;
	memset(r->sha256, 0xfb, 32);
	r->shown = CUSTODY_SHOWN_ALL;
	r->has_seal = r->has_sealfile = true;
	s->arithmetic = s->seal_pass = s->time_pass = s->level_lt = s->has_signer = s->has_time = s->has_anchor = true;
	strcpy(s->signer, "CN=" HOSTILE);
	strcpy(s->signer_name, HOSTILE);
	strcpy(s->authority, "CN=Stamps");
	s->stated = (struct custody_time){ 1790000000, 0 };
	r->case_id = copy(HOSTILE);
	r->exhibit = copy(HOSTILE);
	r->sealer_name = copy(HOSTILE);
	r->sealer_organisation = copy(HOSTILE);
	r->sealer_role = copy(HOSTILE);
	r->tool_name = copy(HOSTILE);
	r->tool_version = copy(HOSTILE);
	r->uuid = copy("6f0fd4b0-0000-4000-8000-000000000001");
	r->sealed = (struct custody_time){ 1789999998, 0 };
	r->items = r->files = 1;
	r->evaluated_at = (struct custody_time){ 1791000000, 500 };
	custody_findings_add(&r->findings, CUSTODY_FINDING_TIME_OWN_WORD, NULL, 0, NULL);
	custody_findings_add(&r->findings, CUSTODY_FINDING_NAME_ALIASED, HOSTILE, strlen(HOSTILE), HOSTILE);
	custody_verdict_decide(r);
}

void exported_record(struct custody_report *r)
{
	struct custody_account *a = &r->account;
	struct custody_error err = CUSTODY_ERROR_INIT;

	if (custody_account_reserve(a, 2, 1, &err))
		abort();
	a->events[0] = (struct custody_account_event){ .type = copy("sealed"),
		.past = copy("was sealed"),
		.signer = copy(HOSTILE),
		.time = { 1789999999, 0 },
		.stamped = true,
		.own_word = true,
		.trusted = true,
		.measured = true };
	a->events[1] = (struct custody_account_event){ .type = copy(HOSTILE),
		.past = copy("was released"),
		.to = copy(HOSTILE),
		.purpose = copy(HOSTILE),
		.authority = copy(HOSTILE),
		.declared_later = copy(HOSTILE),
		.note = copy(HOSTILE),
		.time = { 1790500000, 0 } };
	a->spans[0] = (struct custody_account_span){ .who = copy(HOSTILE), .from = { 1789999999, 0 }, .first = 1 };
	a->n_events = 2;
	a->n_spans = 1;
	a->whole = r->has_record = true;
}

int exported_write(struct custody_export *x, const struct custody_export_format *format, const struct custody_item *items, size_t n,
	struct custody_buf *out, struct custody_error *err)
{
	memset(x->items, 0, sizeof(x->items));
	if (format->head(out, x, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (format->item(out, x, &items[i], err))
			return -1;
		x->items[items[i].kind]++;
	}
	return format->tail(out, x, err);
}

/* ---- harmless ---- */

static bool is_harmless(const struct custody_buf *b)
{
	for (size_t i = 0; i < b->len;) {
		uint32_t cp = 0;
		size_t n = custody_utf8_decode(b->data + i, b->len - i, &cp);

		if (n == 0 || (custody_utf8_is_unsafe(cp) && cp != '\n' && cp != '\t'))
			return false;
		i += n;
	}
	return true;
}

/* What a reader has: the text, or the bytes in base64 where they are there. */
struct found {
	bool any, has_base64;
	struct custody_buf text, bytes;
};

static void found_release(struct found *f)
{
	custody_buf_release(&f->text);
	custody_buf_release(&f->bytes);
}

static void take_base64(struct found *f, const char *base64)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t n = 0;

	custody_buf_clear(&f->bytes);
	f->has_base64 =
		custody_buf_reserve(&f->bytes, strlen(base64) + 1, &err) == 0 && custody_base64_parse(base64, strlen(base64), f->bytes.data, &n);
	f->bytes.len = n;
}

static bool is_name(const struct found *f, struct custody_bytes want)
{
	const struct custody_buf *have = f->has_base64 ? &f->bytes : &f->text;

	return f->any && have->len == want.n && memcmp(have->data, want.p, want.n) == 0;
}

/* ---- XML ---- */

struct reading {
	const char *element; /* whose text is the name */
	bool inside;
	struct found last; /* the last one: the item's */
};

static void start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = ctx;

	r->inside = strcmp(name, r->element) == 0;
	if (strcmp(name, "object") == 0)
		r->last.has_base64 = false;
	if (r->inside) {
		r->last.any = true;
		custody_buf_clear(&r->last.text);
		if (strcmp(name, "filename") == 0)
			r->last.has_base64 = false;
	}
	for (size_t i = 0; attributes[i]; i += 2)
		if ((r->inside && strcmp(attributes[i], "custody:base64") == 0) || strcmp(name, "custody:originalName") == 0)
			take_base64(&r->last, attributes[i + 1]);
}

static void end(void *ctx, const XML_Char *name)
{
	struct reading *r = ctx;

	(void)name;
	r->inside = false;
}

static void text(void *ctx, const XML_Char *s, int n)
{
	struct reading *r = ctx;
	struct custody_error err = CUSTODY_ERROR_INIT;

	if (r->inside && custody_buf_append(&r->last.text, s, (size_t)n, &err))
		abort();
}

static const char *xml_wrong(const struct custody_export_format *format, const struct custody_item *item, const struct custody_buf *document)
{
	struct reading r = { .element = format == &custody_export_dfxml ? "filename" : "originalName" };
	XML_Parser parser = XML_ParserCreate(NULL);
	const char *wrong = NULL;

	if (!parser)
		abort();
	custody_buf_init(&r.last.text, SIZE_MAX);
	custody_buf_init(&r.last.bytes, SIZE_MAX);
	XML_SetUserData(parser, &r);
	XML_SetElementHandler(parser, start, end);
	XML_SetCharacterDataHandler(parser, text);
	if (XML_Parse(parser, (const char *)document->data, (int)document->len, 1) != XML_STATUS_OK)
		wrong = XML_ErrorString(XML_GetErrorCode(parser));
	else if (item && (format == &custody_export_dfxml || item->kind == CUSTODY_KIND_FILE) && !is_name(&r.last, item->path))
		wrong = "the name that is read back is another one";
	XML_ParserFree(parser);
	found_release(&r.last);
	return wrong;
}

/* ---- JSON-LD ---- */

static const json_t *graph_item(const json_t *document)
{
	const json_t *graph = json_object_get(document, "@graph");
	size_t i;
	const json_t *node;

	json_array_foreach(graph, i, node) if (strncmp(json_string_value(json_object_get(node, "@id")), "kb:item-", 8) == 0) return node;
	return NULL;
}

static const char *json_wrong(const struct custody_item *item, const struct custody_buf *document)
{
	json_t *d = json_loadb((const char *)document->data, document->len, JSON_REJECT_DUPLICATES, NULL);
	struct found f = { 0 };
	const char *wrong = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;

	if (!d)
		return "not JSON";
	custody_buf_init(&f.text, SIZE_MAX);
	custody_buf_init(&f.bytes, SIZE_MAX);
	const json_t *node = graph_item(d), *raw;
	const json_t *path = json_object_get(json_array_get(json_object_get(node, "uco-core:hasFacet"), 0), "uco-observable:filePath");
	size_t i;
	f.any = path && custody_buf_append(&f.text, json_string_value(path), json_string_length(path), &err) == 0;
	json_array_foreach(json_object_get(node, "uco-core:externalReference"), i,
		raw) if (strncmp(json_string_value(json_object_get(raw, "uco-core:definingContext")), "path", 4) == 0)
		take_base64(&f, json_string_value(json_object_get(raw, "uco-core:externalIdentifier")));
	if (item && !is_name(&f, item->path))
		wrong = "the path that is read back is another one";
	found_release(&f);
	json_decref(d);
	return wrong;
}

const char *exported_wrong(const struct custody_export_format *format, const struct custody_item *item, const struct custody_buf *document)
{
	if (!is_harmless(document))
		return "not UTF-8, or a character that acts on its reader";
	return format == &custody_export_case ? json_wrong(item, document) : xml_wrong(format, item, document);
}
