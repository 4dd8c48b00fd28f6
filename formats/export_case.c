/* SPDX-License-Identifier: Apache-2.0 */
/* case.md. One node of the graph a line. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/export.h"
#include "formats/report_record.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"

/* The text under way. After a failure nothing more is appended; the caller looks once, at the end. */
struct writer {
	struct custody_buf *out;
	struct custody_error *err;
	const struct custody_export *x;
	bool failed;
};

static void put(struct writer *w, const char *text)
{
	if (!w->failed)
		w->failed = custody_buf_append_str(w->out, text, w->err) != 0;
}

static void put_number(struct writer *w, const char *key, uint64_t v)
{
	if (!w->failed)
		w->failed = custody_buf_printf(w->out, w->err, ",\"%s\":%" PRIu64, key, v) != 0;
}

/* The display form of raw bytes. */
static void put_bytes(struct writer *w, const void *p, size_t n)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, SIZE_MAX);
	if (!w->failed)
		w->failed = custody_display_append(&text, p, n, w->err) || custody_json_append_safe(w->out, custody_buf_str(&text), text.len, w->err);
}

/* Text that was made for showing. */
static void put_shown(struct writer *w, const char *text)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown = { 0 };

	custody_buf_init(&shown, SIZE_MAX);
	if (!w->failed)
		w->failed = custody_report_append_shown(&shown, text, w->err) ||
			    custody_json_append_safe(w->out, custody_buf_str(&shown), shown.len, w->err);
}

static void put_string(struct writer *w, const char *key, const char *text)
{
	if (!text)
		return;
	put(w, ",\"");
	put(w, key);
	put(w, "\":");
	put_shown(w, text);
}

/* What somebody else wrote: its display form. */
static void put_claim(struct writer *w, const char *key, const char *text)
{
	put(w, ",\"");
	put(w, key);
	put(w, "\":");
	put_bytes(w, text, strlen(text));
}

/* "kb:WHAT-N-UUID": the prefix is the package's number, and UCO wants a UUID at the end. n NULL: not of an item. */
static void put_id(struct writer *w, const char *what, const uint64_t *n)
{
	put(w, "\"kb:");
	put(w, what);
	put(w, "-");
	if (n && !w->failed)
		w->failed = custody_buf_printf(w->out, w->err, "%" PRIu64 "-", *n) != 0;
	put(w, w->x->report->uuid);
	put(w, "\"");
}

static void node_begin(struct writer *w, const char *what, const uint64_t *n, const char *type)
{
	put(w, "{\"@id\":");
	put_id(w, what, n);
	put(w, ",\"@type\":\"");
	put(w, type);
	put(w, "\"");
}

static void put_reference(struct writer *w, const char *key, const char *what, const uint64_t *n)
{
	put(w, ",\"");
	put(w, key);
	put(w, "\":{\"@id\":");
	put_id(w, what, n);
	put(w, "}");
}

static void put_typed(struct writer *w, const char *key, const char *type, const char *value)
{
	put(w, ",\"");
	put(w, key);
	put(w, "\":{\"@type\":\"xsd:");
	put(w, type);
	put(w, "\",\"@value\":\"");
	put(w, value);
	put(w, "\"}");
}

static void put_time(struct writer *w, const char *key, struct custody_time t)
{
	char time[CUSTODY_TIME_TEXT];

	if (!custody_time_in_range(t))
		return;
	custody_report_time(t, time);
	put_typed(w, key, "dateTime", time);
}

/* Raw bytes that are not shown as they are: in base64, beside. */
struct raw {
	const char *what, *context;
	struct custody_bytes bytes;
};

static void put_raw(struct writer *w, const struct raw *raw, size_t count, const uint64_t *n)
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		if (custody_display_is_exact(raw[i].bytes.p, raw[i].bytes.n))
			continue;
		put(w, any ? "," : ",\"uco-core:externalReference\":[");
		node_begin(w, raw[i].what, n, "uco-core:ExternalReference");
		put_string(w, "uco-core:definingContext", raw[i].context);
		put(w, ",\"uco-core:externalIdentifier\":\"");
		if (!w->failed)
			w->failed = custody_base64_append(w->out, raw[i].bytes.p, raw[i].bytes.n, w->err) != 0;
		put(w, "\"}");
		any = true;
	}
	if (any)
		put(w, "]");
}

static void put_hash(struct writer *w, enum custody_digest_id id, const uint8_t *value, const uint64_t *n)
{
	const struct custody_digest_info *info = custody_digest_get(id);
	char hex[2 * CUSTODY_DIGEST_MAX + 1];

	custody_hex_format(value, info->size, hex);
	node_begin(w, info->name, n, "uco-types:Hash");
	put_string(w, "uco-types:hashMethod", id == CUSTODY_BLAKE2B ? "BLAKE2b-512" : info->bsd_name);
	put_typed(w, "uco-types:hashValue", "hexBinary", hex);
	put(w, "}");
}

/* ---- head: the package, who, with what ---- */

static void put_package(struct writer *w)
{
	const struct custody_report *r = w->x->report;
	const size_t n = strlen(w->x->name);
	const struct raw name = { "package-name", "name of the file, its bytes in base64", { (const uint8_t *)w->x->name, n } };

	node_begin(w, "package", NULL, "uco-observable:ArchiveFile");
	put_raw(w, &name, 1, NULL);
	put(w, ",\"uco-core:hasFacet\":[");
	node_begin(w, "package-file", NULL, "uco-observable:FileFacet");
	put(w, ",\"uco-observable:fileName\":");
	put_bytes(w, w->x->name, n);
	put_number(w, "uco-observable:sizeInBytes", r->size);
	put(w, "},");
	node_begin(w, "package-content", NULL, "uco-observable:ContentDataFacet");
	put_string(w, "uco-observable:mimeType", CUSTODY_EXPORT_MEDIA_TYPE);
	put_number(w, "uco-observable:sizeInBytes", r->size);
	put(w, ",\"uco-observable:hash\":");
	put_hash(w, CUSTODY_SHA256, r->sha256, NULL);
	put(w, "}]}");
}

/* Case and exhibit as the sealer stated them. */
static void put_exhibit(struct writer *w)
{
	const struct custody_report *r = w->x->report;

	put(w, ",\n");
	node_begin(w, "exhibit", NULL, "case-investigation:ProvenanceRecord");
	put_string(w, "uco-core:description", "case and exhibit are as whoever sealed stated them");
	if (r->exhibit)
		put_claim(w, "case-investigation:exhibitNumber", r->exhibit);
	put_reference(w, "uco-core:object", "package", NULL);
	put(w, "}");
	if (!r->case_id)
		return;
	put(w, ",\n");
	node_begin(w, "investigation", NULL, "case-investigation:Investigation");
	put_claim(w, "uco-core:name", r->case_id);
	put_reference(w, "uco-core:object", "exhibit", NULL);
	put(w, "}");
}

static void put_tool(struct writer *w, const char *what, const uint64_t *n, const char *name, const char *version)
{
	put(w, ",\n");
	node_begin(w, what, n, "uco-tool:Tool");
	put_string(w, "uco-core:name", name ? name : "not stated");
	put_string(w, "uco-tool:version", version);
	put(w, "}");
}

/* As stated; a performer only where the seal was shown to be that person's. */
static void put_sealing(struct writer *w)
{
	const struct custody_report *r = w->x->report;
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, SIZE_MAX);
	if (!w->failed)
		w->failed = custody_export_sealer(&text, w->x, w->err) != 0;
	put(w, ",\n");
	node_begin(w, "sealing", NULL, "case-investigation:InvestigativeAction");
	put_string(w, "uco-core:name", "sealing");
	put_string(w, "uco-core:description", "as stated by whoever sealed; the time is that of the sealer's own clock");
	put_time(w, "uco-action:endTime", r->sealed);
	if (r->has_seal && r->seal.seal_pass)
		put_reference(w, "uco-action:performer", "sealer", NULL);
	put_reference(w, "uco-action:instrument", "sealing-tool", NULL);
	put_reference(w, "uco-action:result", "package", NULL);
	put(w, "}");
	if (!r->has_seal || !r->seal.seal_pass)
		return;
	put(w, ",\n");
	node_begin(w, "sealer", NULL, "uco-identity:Identity");
	put_string(w, "uco-core:name", r->seal.signer_name);
	put_string(w, "uco-core:description", custody_buf_str(&text));
	put(w, "}");
}

static int put_statement(void *ctx, const char *kind, const char *text, struct custody_error *err)
{
	struct writer *w = ctx;
	CUSTODY_BUF_CLEAN struct custody_buf line = { 0 };

	custody_buf_init(&line, SIZE_MAX);
	if (custody_buf_printf(&line, err, "%s: %s", kind, text))
		return -1;
	if (!w->failed && w->out->data[w->out->len - 1] != '[')
		put(w, ",");
	put_shown(w, custody_buf_str(&line));
	return w->failed ? -1 : 0;
}

static void put_verification(struct writer *w)
{
	const struct custody_report *r = w->x->report;
	const uint64_t when = custody_export_moment(w->x);

	put(w, ",\n");
	node_begin(w, "verification", &when, "case-investigation:InvestigativeAction");
	put_string(w, "uco-core:name", "verification");
	put_string(w, "uco-core:tag", custody_report_word(r->verdict));
	put(w, ",\"uco-core:description\":[");
	if (custody_export_statements(w->x, put_statement, w, w->err))
		w->failed = true;
	put(w, "]");
	put_time(w, "uco-action:endTime", custody_report_judged_at(r));
	put_reference(w, "uco-action:instrument", "verifying-tool", &when);
	put_reference(w, "uco-action:object", "package", NULL);
	put_reference(w, "case-investigation:wasInformedBy", "sealing", NULL);
	put(w, "}");
}

/* An event of the custody record: what its signer said. A performer only where the signature was shown to be that person's. */
static void put_event(struct writer *w, const struct custody_account_event *e, uint64_t n)
{
	const uint64_t before = n - 1;
	char line[CUSTODY_REPORT_EVENT];

	put(w, ",\n");
	node_begin(w, "event", &n, "case-investigation:InvestigativeAction");
	put_claim(w, "uco-core:name", e->type);
	put(w, ",\"uco-core:description\":[");
	put_shown(w, custody_report_record_event(e, line));
	put(w, "]");
	put_time(w, "uco-action:endTime", e->time);
	if (e->trusted && e->signer)
		put_reference(w, "uco-action:performer", "event-signer", &n);
	put_reference(w, "uco-action:object", "package", NULL);
	if (before > 0)
		put_reference(w, "case-investigation:wasInformedBy", "event", &before);
	else
		put_reference(w, "case-investigation:wasInformedBy", "sealing", NULL);
	put(w, "}");
	if (!e->trusted || !e->signer)
		return;
	put(w, ",\n");
	node_begin(w, "event-signer", &n, "uco-identity:Identity");
	put_claim(w, "uco-core:name", e->signer);
	put(w, "}");
}

static void put_custody(struct writer *w)
{
	const struct custody_account *a = &w->x->report->account;

	for (size_t i = 0; w->x->report->has_record && i < a->n_events; i++)
		put_event(w, &a->events[i], i + 1);
}

static int case_head(struct custody_buf *out, const struct custody_export *x, struct custody_error *err)
{
	struct writer w = { out, err, x, false };
	const uint64_t when = custody_export_moment(x);
	char base[CUSTODY_EXPORT_BASE];

	put(&w, "{\"@context\":{\"kb\":\"");
	put(&w, custody_export_base(x, base));
	put(&w, "\",\"case-investigation\":\"https://ontology.caseontology.org/case/investigation/\","
		"\"uco-action\":\"https://ontology.unifiedcyberontology.org/uco/action/\","
		"\"uco-core\":\"https://ontology.unifiedcyberontology.org/uco/core/\","
		"\"uco-identity\":\"https://ontology.unifiedcyberontology.org/uco/identity/\","
		"\"uco-observable\":\"https://ontology.unifiedcyberontology.org/uco/observable/\","
		"\"uco-tool\":\"https://ontology.unifiedcyberontology.org/uco/tool/\","
		"\"uco-types\":\"https://ontology.unifiedcyberontology.org/uco/types/\","
		"\"xsd\":\"http://www.w3.org/2001/XMLSchema#\"},\n\"@graph\":[\n");
	put_package(&w);
	put_exhibit(&w);
	put_tool(&w, "sealing-tool", NULL, x->report->tool_name, x->report->tool_version);
	put_tool(&w, "verifying-tool", &when, "custody", custody_export_version(x));
	put_sealing(&w);
	put_custody(&w);
	put_verification(&w);
	return w.failed ? -1 : 0;
}

/* ---- items ---- */

static const char *type_of(enum custody_kind kind)
{
	switch (kind) {
	case CUSTODY_KIND_FILE:
	case CUSTODY_KIND_HARDLINK:
		return "uco-observable:File";
	case CUSTODY_KIND_DIR:
		return "uco-observable:Directory";
	case CUSTODY_KIND_SYMLINK:
		return "uco-observable:SymbolicLink";
	case CUSTODY_KIND_FIFO:
		return "uco-observable:NamedPipe";
	case CUSTODY_KIND_SOCKET:
		return "uco-observable:Socket";
	case CUSTODY_KIND_DEVICE: /* of which of the two kinds is not in the inventory */
	case CUSTODY_KIND_COUNT:
		break;
	}
	return "uco-observable:FileSystemObject";
}

static void put_file_facet(struct writer *w, const struct custody_item *item)
{
	static const char *const names[CUSTODY_TIMES] = { "uco-observable:modifiedTime", "uco-observable:metadataChangeTime",
		"uco-observable:accessedTime", "uco-observable:observableCreatedTime" };
	const uint8_t *last = memrchr(item->path.p, '/', item->path.n);
	size_t before = last ? (size_t)(last - item->path.p) + 1 : 0;

	node_begin(w, "file", &item->n, "uco-observable:FileFacet");
	put(w, ",\"uco-observable:fileName\":");
	put_bytes(w, item->path.p + before, item->path.n - before);
	put(w, ",\"uco-observable:filePath\":");
	put_bytes(w, item->path.p, item->path.n);
	put(w, ",\"uco-observable:isDirectory\":");
	put(w, item->kind == CUSTODY_KIND_DIR ? "true" : "false");
	if (item->has_content)
		put_number(w, "uco-observable:sizeInBytes", item->size);
	for (int i = 0; i < CUSTODY_TIMES; i++)
		if (item->has_time[i])
			put_time(w, names[i], item->time[i]);
	put(w, "}");
}

static void put_content(struct writer *w, const struct custody_item *item)
{
	const char *between = "";

	put(w, ",");
	node_begin(w, "content", &item->n, "uco-observable:ContentDataFacet");
	put_string(w, "uco-observable:mimeType", item->mime);
	put_number(w, "uco-observable:sizeInBytes", item->size);
	put(w, ",\"uco-observable:hash\":[");
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		if (!(item->digests.mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		put(w, between);
		put_hash(w, (enum custody_digest_id)id, item->digests.value[id], &item->n);
		between = ",";
	}
	put(w, "]}");
}

/* What the vocabulary has no place for. */
static void put_remarks(struct writer *w, const struct custody_item *item)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	const char *between = "";

	custody_buf_init(&text, SIZE_MAX);
	if (item->n_findings == 0 && item->link.n == 0 && !item->has_device)
		return;
	put(w, ",\"uco-core:description\":[");
	for (size_t i = 0; i < item->n_findings && !w->failed; i++) {
		custody_buf_clear(&text);
		w->failed = custody_buf_append_str(&text, "finding: ", w->err) || custody_export_item_finding(&text, item, i, w->err);
		put(w, between);
		put_shown(w, custody_buf_str(&text));
		between = ",";
	}
	custody_buf_clear(&text);
	if (!w->failed && item->link.n > 0)
		w->failed = custody_buf_append_str(&text, "link to: ", w->err) || custody_display_append(&text, item->link.p, item->link.n, w->err);
	if (!w->failed && item->has_device)
		w->failed = custody_buf_printf(&text, w->err, "device: %" PRIu64 ":%" PRIu64, item->major, item->minor) != 0;
	if (text.len > 0) {
		put(w, between);
		put_shown(w, custody_buf_str(&text));
	}
	put(w, "]");
}

static void put_relationship(
	struct writer *w, const struct custody_item *item, const char *what, const char *kind, const char *target, const uint64_t *target_n)
{
	put(w, ",\n");
	node_begin(w, what, &item->n, "uco-observable:ObservableRelationship");
	put_reference(w, "uco-core:source", "item", &item->n);
	put_reference(w, "uco-core:target", target, target_n);
	put_string(w, "uco-core:kindOfRelationship", kind);
	put(w, ",\"uco-core:isDirectional\":true");
}

static int case_item(struct custody_buf *out, const struct custody_export *x, const struct custody_item *item, struct custody_error *err)
{
	struct writer w = { out, err, x, false };
	const struct raw raw[] = { { "path", "path, its bytes in base64", item->path }, { "target", "link, its bytes in base64", item->link } };

	put(&w, ",\n");
	node_begin(&w, "item", &item->n, type_of(item->kind));
	put_raw(&w, raw, 2, &item->n);
	put_remarks(&w, item);
	put(&w, ",\"uco-core:hasFacet\":[");
	put_file_facet(&w, item);
	if (item->has_content)
		put_content(&w, item);
	put(&w, "]}");
	put_relationship(&w, item, "in", "Contained_Within", "package", NULL);
	if (item->has_content) {
		put(&w, ",\"uco-core:hasFacet\":");
		node_begin(&w, "member", &item->n, "uco-observable:PathRelationFacet");
		put_string(&w, "uco-observable:path", item->member);
		put(&w, "}");
	}
	put(&w, "}");
	if (item->kind == CUSTODY_KIND_HARDLINK) {
		put_relationship(&w, item, "same", "Linked_To", "item", &item->target_n);
		put(&w, "}");
	}
	return w.failed ? -1 : 0;
}

static int case_tail(struct custody_buf *out, const struct custody_export *x, struct custody_error *err)
{
	(void)x;
	return custody_buf_append_str(out, "\n]}\n", err);
}

const struct custody_export_format custody_export_case = { "case", "CASE/UCO 1.4 (JSON-LD)", case_head, case_item, case_tail };
