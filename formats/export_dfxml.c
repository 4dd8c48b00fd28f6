/* SPDX-License-Identifier: Apache-2.0 */
/* dfxml.md. The order of elements is that of the schema. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/export.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"

static int put_statement(void *ctx, const char *kind, const char *text, struct custody_error *err)
{
	struct custody_xml *w = ctx;
	char name[64];

	(void)err;
	(void)snprintf(name, sizeof(name), "custody:statement kind=\"%s\"", kind);
	custody_xml_element(w, 2, name, text);
	return w->failed ? -1 : 0;
}

/* What the sealer wrote into seal.json. */
static void put_claim(struct custody_xml *w, const char *kind, const char *text)
{
	char name[64];

	if (!text)
		return;
	(void)snprintf(name, sizeof(name), "\t\t<custody:stated kind=\"%s\"", kind);
	custody_xml_put(w, name);
	custody_xml_base64(w, "base64", text, strlen(text));
	custody_xml_put(w, ">");
	custody_xml_bytes(w, text, strlen(text));
	custody_xml_put(w, "</custody:stated>\n");
}

static void put_metadata(struct custody_xml *w, const struct custody_export *x)
{
	const struct custody_report *r = x->report;
	char base[CUSTODY_EXPORT_BASE], time[CUSTODY_TIME_TEXT];

	custody_export_base(x, base);
	base[strlen(base) - 1] = '\0';
	custody_report_time(r->sealed, time);
	custody_xml_put(w, "\t<metadata>\n");
	custody_xml_element(w, 2, "dc:type", "Inventory of a sealed package of electronic evidence");
	custody_xml_element(w, 2, "dc:identifier", base);
	if (custody_export_statements(x, put_statement, w, w->err))
		w->failed = true;
	put_claim(w, "case", r->case_id);
	put_claim(w, "exhibit", r->exhibit);
	put_claim(w, "sealer", r->sealer_name);
	put_claim(w, "organisation", r->sealer_organisation);
	put_claim(w, "role", r->sealer_role);
	put_claim(w, "sealed", time);
	put_claim(w, "package id", r->uuid);
	custody_xml_put(w, "\t</metadata>\n");
}

static void put_creator(struct custody_xml *w, const struct custody_export *x)
{
	char time[CUSTODY_TIME_TEXT];

	custody_report_time(custody_report_judged_at(x->report), time);
	custody_xml_put(w, "\t<creator>\n");
	custody_xml_element(w, 2, "program", "custody");
	custody_xml_element(w, 2, "version", custody_export_version(x));
	custody_xml_put(w, "\t\t<execution_environment><start_time>");
	custody_xml_put(w, time);
	custody_xml_put(w, "</start_time></execution_environment>\n");
	for (size_t i = 0; i < x->context->n_libraries; i++) {
		custody_xml_put(w, "\t\t<library name=\"");
		custody_xml_shown(w, x->context->libraries[i].name);
		custody_xml_put(w, "\" version=\"");
		custody_xml_shown(w, x->context->libraries[i].version);
		custody_xml_put(w, "\"/>\n");
	}
	custody_xml_put(w, "\t</creator>\n");
}

static void put_name(struct custody_xml *w, const char *element, struct custody_bytes name)
{
	custody_xml_put(w, "\t\t<");
	custody_xml_put(w, element);
	custody_xml_base64(w, "custody:base64", name.p, name.n);
	custody_xml_put(w, ">");
	custody_xml_bytes(w, name.p, name.n);
	custody_xml_put(w, "</");
	custody_xml_put(w, element);
	custody_xml_put(w, ">\n");
}

static int dfxml_head(struct custody_buf *out, const struct custody_export *x, struct custody_error *err)
{
	struct custody_xml w = { out, err, false };

	custody_xml_put(&w,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<dfxml xmlns=\"http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
		"xmlns:custody=\"" CUSTODY_EXPORT_NAMESPACE "\" version=\"2.0.0-beta.0\">\n");
	put_metadata(&w, x);
	put_creator(&w, x);
	custody_xml_put(&w, "\t<source>\n");
	put_name(&w, "image_filename", (struct custody_bytes){ (const uint8_t *)x->name, strlen(x->name) });
	custody_xml_put(&w, "\t</source>\n");
	return w.failed ? -1 : 0;
}

static const char *name_type(enum custody_kind kind)
{
	switch (kind) {
	case CUSTODY_KIND_FILE:
	case CUSTODY_KIND_HARDLINK:
		return "r";
	case CUSTODY_KIND_DIR:
		return "d";
	case CUSTODY_KIND_SYMLINK:
		return "l";
	case CUSTODY_KIND_FIFO:
		return "p";
	case CUSTODY_KIND_SOCKET:
		return "s";
	case CUSTODY_KIND_DEVICE: /* of which of the two kinds is not in the inventory */
	case CUSTODY_KIND_COUNT:
		break;
	}
	return "-";
}

static void put_count(struct custody_xml *w, const char *element, uint64_t v)
{
	custody_xml_put(w, "\t\t<");
	custody_xml_put(w, element);
	custody_xml_put(w, ">");
	custody_xml_number(w, v);
	custody_xml_put(w, "</");
	custody_xml_put(w, element);
	custody_xml_put(w, ">\n");
}

/* What was found of an item when it was sealed: a note, or what may mean that it is not all that there was. */
static bool is_note(const char *id)
{
	const enum custody_finding_id found = custody_finding_find(id);

	return found < CUSTODY_FINDING_COUNT && custody_finding_get(found)->severity == CUSTODY_SEVERITY_NOTE;
}

static void put_error(struct custody_xml *w, const struct custody_item *item)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, SIZE_MAX);
	for (size_t i = 0; i < item->n_findings && !w->failed; i++)
		if (!is_note(item->findings[i].id))
			w->failed =
				(text.len > 0 && custody_buf_append_str(&text, "; ", w->err)) || custody_export_item_finding(&text, item, i, w->err);
	if (text.len > 0)
		custody_xml_element(w, 2, "error", custody_buf_str(&text));
}

static void put_notes(struct custody_xml *w, const struct custody_item *item)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, SIZE_MAX);
	for (size_t i = 0; i < item->n_findings && !w->failed; i++) {
		if (!is_note(item->findings[i].id))
			continue;
		custody_buf_clear(&text);
		w->failed = custody_export_item_finding(&text, item, i, w->err) != 0;
		custody_xml_element(w, 2, "custody:note", custody_buf_str(&text));
	}
}

static void put_times(struct custody_xml *w, const struct custody_item *item)
{
	static const char *const names[CUSTODY_TIMES] = { "mtime", "ctime", "atime", "crtime" };
	char time[CUSTODY_TIME_TEXT];

	for (int i = 0; i < CUSTODY_TIMES; i++) {
		if (!item->has_time[i])
			continue;
		custody_report_time(item->time[i], time);
		custody_xml_element(w, 2, names[i], time);
	}
}

/* The schema has a closed list of algorithms; for others it has OTHER, and the name is ours. */
static void put_digests(struct custody_xml *w, const struct custody_item *item)
{
	char hex[2 * CUSTODY_DIGEST_MAX + 1], name[96];

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)id);

		if (!(item->digests.mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		if (info->bagit)
			(void)snprintf(
				name, sizeof(name), "hashdigest type=\"%s\"%s", info->bsd_name, info->legacy ? " custody:legacy=\"true\"" : "");
		else
			(void)snprintf(name, sizeof(name), "hashdigest type=\"OTHER\" custody:algorithm=\"%s\"", info->name);
		custody_hex_format(item->digests.value[id], info->size, hex);
		custody_xml_element(w, 2, name, hex);
	}
}

static void put_ours(struct custody_xml *w, const struct custody_item *item)
{
	if (item->has_content)
		custody_xml_element(w, 2, "custody:member", item->member);
	if (item->kind == CUSTODY_KIND_HARDLINK)
		put_count(w, "custody:same_file_as_id", item->target_n);
	if (item->has_device) {
		put_count(w, "custody:device_major", item->major);
		put_count(w, "custody:device_minor", item->minor);
	}
	custody_xml_element(w, 2, "custody:media_type", item->mime);
	custody_xml_element(w, 2, "custody:media_type_by", item->mime_by);
	put_notes(w, item);
}

static int dfxml_item(struct custody_buf *out, const struct custody_export *x, const struct custody_item *item, struct custody_error *err)
{
	struct custody_xml w = { out, err, false };

	(void)x;
	custody_xml_put(&w, "\t<fileobject>\n");
	put_name(&w, "filename", item->path);
	put_error(&w, item);
	put_count(&w, "id", item->n);
	custody_xml_element(&w, 2, "name_type", name_type(item->kind));
	if (item->has_content)
		put_count(&w, "filesize", item->size);
	if (item->has_mode)
		put_count(&w, "mode", item->mode);
	if (item->has_owner) {
		put_count(&w, "uid", item->uid);
		put_count(&w, "gid", item->gid);
	}
	put_times(&w, item);
	if (item->link.n > 0)
		put_name(&w, "link_target", item->link);
	if (item->has_content)
		put_digests(&w, item);
	put_ours(&w, item);
	custody_xml_put(&w, "\t</fileobject>\n");
	return w.failed ? -1 : 0;
}

static int dfxml_tail(struct custody_buf *out, const struct custody_export *x, struct custody_error *err)
{
	(void)x;
	return custody_buf_append_str(out, "</dfxml>\n", err);
}

const struct custody_export_format custody_export_dfxml = { "dfxml", "Digital Forensics XML 2.0.0-beta.0", dfxml_head, dfxml_item, dfxml_tail };
