/* SPDX-License-Identifier: Apache-2.0 */
/* premis.md. The order of elements is that of the schema; objects come first, then events, then agents. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/export.h"
#include "formats/report_record.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"

/* Items that PREMIS has no category for: they have no content of their own. */
static bool is_object(const struct custody_item *item)
{
	return item->kind == CUSTODY_KIND_FILE;
}

/* <PREFIXType>URI</PREFIXType><PREFIXValue>BASE#WHAT-N-UUID</PREFIXValue>; without a number when what is "package" or the like. */
static void put_identifier(struct custody_xml *w, const struct custody_export *x, const char *prefix, const char *what, const uint64_t *n)
{
	char base[CUSTODY_EXPORT_BASE];

	custody_xml_put(w, "<");
	custody_xml_put(w, prefix);
	custody_xml_put(w, "Type>URI</");
	custody_xml_put(w, prefix);
	custody_xml_put(w, "Type><");
	custody_xml_put(w, prefix);
	custody_xml_put(w, "Value>");
	custody_xml_put(w, custody_export_base(x, base));
	custody_xml_put(w, what);
	custody_xml_put(w, "-");
	if (n) {
		custody_xml_number(w, *n);
		custody_xml_put(w, "-");
	}
	custody_xml_shown(w, x->report->uuid);
	custody_xml_put(w, "</");
	custody_xml_put(w, prefix);
	custody_xml_put(w, "Value>");
}

static void put_wrapped(struct custody_xml *w, const struct custody_export *x, int indent, const char *element, const char *what, const uint64_t *n)
{
	while (indent-- > 0)
		custody_xml_put(w, "\t");
	custody_xml_put(w, "<");
	custody_xml_put(w, element);
	custody_xml_put(w, ">");
	put_identifier(w, x, element, what, n);
	custody_xml_put(w, "</");
	custody_xml_put(w, element);
	custody_xml_put(w, ">\n");
}

static void put_fixity(struct custody_xml *w, enum custody_digest_id id, const uint8_t *value, const char *originator)
{
	const struct custody_digest_info *info = custody_digest_get(id);
	char hex[2 * CUSTODY_DIGEST_MAX + 1];

	custody_hex_format(value, info->size, hex);
	custody_xml_put(w, "\t\t\t<fixity>\n");
	custody_xml_element(w, 4, "messageDigestAlgorithm", info->openssl_name);
	custody_xml_element(w, 4, "messageDigest", hex);
	custody_xml_element(w, 4, "messageDigestOriginator", originator);
	custody_xml_put(w, "\t\t\t</fixity>\n");
}

static void put_format(struct custody_xml *w, const char *name, const char *note)
{
	custody_xml_put(w, "\t\t\t<format>\n\t\t\t\t<formatDesignation>\n");
	custody_xml_element(w, 5, "formatName", name);
	custody_xml_put(w, "\t\t\t\t</formatDesignation>\n");
	custody_xml_element(w, 4, "formatNote", note);
	custody_xml_put(w, "\t\t\t</format>\n");
}

/* The name, and where it is not shown as it is, its bytes in an extension before it. */
static void put_raw_name(struct custody_xml *w, const void *p, size_t n)
{
	if (custody_display_is_exact(p, n))
		return;
	custody_xml_put(w, "\t\t\t\t<custody:originalName");
	custody_xml_base64(w, "base64", p, n);
	custody_xml_put(w, "/>\n");
}

static void put_original_name(struct custody_xml *w, const void *p, size_t n)
{
	custody_xml_put(w, "\t\t<originalName>");
	custody_xml_bytes(w, p, n);
	custody_xml_put(w, "</originalName>\n");
}

static void put_package(struct custody_xml *w, const struct custody_export *x)
{
	const struct custody_report *r = x->report;
	const size_t n = strlen(x->name);

	custody_xml_put(w, "\t<object xsi:type=\"file\">\n");
	put_wrapped(w, x, 2, "objectIdentifier", "package", NULL);
	custody_xml_put(w, "\t\t<objectCharacteristics>\n");
	put_fixity(w, CUSTODY_SHA256, r->sha256, x->context->tool);
	custody_xml_put(w, "\t\t\t<size>");
	custody_xml_number(w, r->size);
	custody_xml_put(w, "</size>\n");
	put_format(w, CUSTODY_EXPORT_MEDIA_TYPE, NULL);
	if (!custody_display_is_exact((const uint8_t *)x->name, n)) {
		custody_xml_put(w, "\t\t\t<objectCharacteristicsExtension>\n");
		put_raw_name(w, x->name, n);
		custody_xml_put(w, "\t\t\t</objectCharacteristicsExtension>\n");
	}
	custody_xml_put(w, "\t\t</objectCharacteristics>\n");
	put_original_name(w, x->name, n);
	custody_xml_put(w, "\t</object>\n");
}

static int premis_head(struct custody_buf *out, const struct custody_export *x, struct custody_error *err)
{
	struct custody_xml w = { out, err, false };

	custody_xml_put(&w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			    "<premis xmlns=\"http://www.loc.gov/premis/v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
			    "xmlns:custody=\"" CUSTODY_EXPORT_NAMESPACE "\" version=\"3.0\">\n");
	put_package(&w, x);
	return w.failed ? -1 : 0;
}

/* ---- items ---- */

static void put_modified(struct custody_xml *w, const struct custody_item *item)
{
	char time[CUSTODY_TIME_TEXT];

	if (!item->has_time[CUSTODY_TIME_MODIFIED])
		return;
	custody_report_time(item->time[CUSTODY_TIME_MODIFIED], time);
	custody_xml_element(w, 4, "custody:modified", time);
}

static void put_extension(struct custody_xml *w, const struct custody_item *item)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, SIZE_MAX);
	if (custody_display_is_exact(item->path.p, item->path.n) && !item->has_time[CUSTODY_TIME_MODIFIED] && item->n_findings == 0)
		return;
	custody_xml_put(w, "\t\t\t<objectCharacteristicsExtension>\n");
	put_raw_name(w, item->path.p, item->path.n);
	put_modified(w, item);
	for (size_t i = 0; i < item->n_findings && !w->failed; i++) {
		custody_buf_clear(&text);
		w->failed = custody_export_item_finding(&text, item, i, w->err) != 0;
		custody_xml_element(w, 4, "custody:finding", custody_buf_str(&text));
	}
	custody_xml_put(w, "\t\t\t</objectCharacteristicsExtension>\n");
}

static void put_characteristics(struct custody_xml *w, const struct custody_item *item)
{
	custody_xml_put(w, "\t\t<objectCharacteristics>\n");
	for (int id = 0; item->has_content && id < CUSTODY_DIGEST_COUNT; id++)
		if (item->digests.mask & CUSTODY_DIGEST_BIT(id))
			put_fixity(w, (enum custody_digest_id)id, item->digests.value[id], "whoever sealed the package");
	if (item->has_content) {
		custody_xml_put(w, "\t\t\t<size>");
		custody_xml_number(w, item->size);
		custody_xml_put(w, "</size>\n");
	}
	put_format(w, item->mime ? item->mime : "unknown", item->mime_by ? item->mime_by : NULL);
	put_extension(w, item);
	custody_xml_put(w, "\t\t</objectCharacteristics>\n");
}

static int premis_item(struct custody_buf *out, const struct custody_export *x, const struct custody_item *item, struct custody_error *err)
{
	struct custody_xml w = { out, err, false };
	const uint64_t when = custody_export_moment(x);

	if (!is_object(item))
		return 0;
	custody_xml_put(&w, "\t<object xsi:type=\"file\">\n");
	put_wrapped(&w, x, 2, "objectIdentifier", "item", &item->n);
	put_characteristics(&w, item);
	put_original_name(&w, item->path.p, item->path.n);
	if (item->has_content) {
		custody_xml_put(&w, "\t\t<storage>\n\t\t\t<contentLocation>\n");
		custody_xml_element(&w, 4, "contentLocationType", "member of the package");
		custody_xml_element(&w, 4, "contentLocationValue", item->member);
		custody_xml_put(&w, "\t\t\t</contentLocation>\n\t\t</storage>\n");
	}
	custody_xml_put(&w, "\t\t<relationship>\n");
	custody_xml_element(&w, 3, "relationshipType", "structural");
	custody_xml_element(&w, 3, "relationshipSubType", "is included in");
	put_wrapped(&w, x, 3, "relatedObjectIdentifier", "package", NULL);
	custody_xml_put(&w, "\t\t</relationship>\n");
	if (item->has_content)
		put_wrapped(&w, x, 2, "linkingEventIdentifier", "fixity-check", &when);
	custody_xml_put(&w, "\t</object>\n");
	return w.failed ? -1 : 0;
}

/* ---- events and agents ---- */

static int put_note(void *ctx, const char *kind, const char *text, struct custody_error *err)
{
	struct custody_xml *w = ctx;

	(void)err;
	custody_xml_put(w, "\t\t\t<eventOutcomeDetail><eventOutcomeDetailNote>");
	custody_xml_shown(w, kind);
	custody_xml_put(w, ": ");
	custody_xml_shown(w, text);
	custody_xml_put(w, "</eventOutcomeDetailNote></eventOutcomeDetail>\n");
	return w->failed ? -1 : 0;
}

static void event_begin(
	struct custody_xml *w, const struct custody_export *x, const char *what, const uint64_t *n, const char *type, struct custody_time when)
{
	char time[CUSTODY_TIME_TEXT];

	custody_report_time(when, time);
	custody_xml_put(w, "\t<event>\n");
	put_wrapped(w, x, 2, "eventIdentifier", what, n);
	custody_xml_element(w, 2, "eventType", type);
	custody_xml_element(w, 2, "eventDateTime", time);
}

static void event_end(struct custody_xml *w, const struct custody_export *x, const char *agent, const uint64_t *n)
{
	put_wrapped(w, x, 2, "linkingAgentIdentifier", agent, n);
	put_wrapped(w, x, 2, "linkingObjectIdentifier", "package", NULL);
	custody_xml_put(w, "\t</event>\n");
}

/* As stated by whoever sealed: the time is that of a clock nobody vouches for. */
static void put_sealing(struct custody_xml *w, const struct custody_export *x)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, SIZE_MAX);
	event_begin(w, x, "sealing", NULL, "information package creation", x->report->sealed);
	if (!w->failed)
		w->failed = custody_export_sealer(&text, x, w->err) ||
			    custody_buf_append_str(&text, "; the time is that of the sealer's own clock", w->err);
	custody_xml_put(w, "\t\t<eventDetailInformation>\n");
	custody_xml_element(w, 3, "eventDetail", custody_buf_str(&text));
	custody_xml_put(w, "\t\t</eventDetailInformation>\n");
	if (x->report->seal.seal_pass)
		put_wrapped(w, x, 2, "linkingAgentIdentifier", "sealer", NULL);
	event_end(w, x, "sealing-software", NULL);
}

/* An event of the custody record: what its signer said. The agent only where the signature was shown to be that person's. */
static void put_event(struct custody_xml *w, const struct custody_export *x, const struct custody_account_event *e, uint64_t n)
{
	char line[CUSTODY_REPORT_EVENT];

	event_begin(w, x, "event", &n, e->type, e->time);
	custody_xml_put(w, "\t\t<eventDetailInformation>\n\t\t\t<eventDetail>");
	custody_xml_shown(w, custody_report_record_event(e, line));
	custody_xml_put(w, "</eventDetail>\n\t\t</eventDetailInformation>\n");
	if (e->trusted && e->signer)
		put_wrapped(w, x, 2, "linkingAgentIdentifier", "event-signer", &n);
	put_wrapped(w, x, 2, "linkingObjectIdentifier", "package", NULL);
	custody_xml_put(w, "\t</event>\n");
}

static void put_custody(struct custody_xml *w, const struct custody_export *x)
{
	for (size_t i = 0; x->report->has_record && i < x->report->account.n_events; i++)
		put_event(w, x, &x->report->account.events[i], i + 1);
}

static void put_signers(struct custody_xml *w, const struct custody_export *x)
{
	for (size_t i = 0; x->report->has_record && i < x->report->account.n_events; i++) {
		const struct custody_account_event *e = &x->report->account.events[i];
		const uint64_t n = i + 1;

		if (!e->trusted || !e->signer)
			continue;
		custody_xml_put(w, "\t<agent>\n");
		put_wrapped(w, x, 2, "agentIdentifier", "event-signer", &n);
		custody_xml_put(w, "\t\t<agentName>");
		custody_xml_bytes(w, e->signer, strlen(e->signer));
		custody_xml_put(w, "</agentName>\n\t</agent>\n");
	}
}

/* What was measured for this file. */
static void put_fixity_check(struct custody_xml *w, const struct custody_export *x)
{
	const uint64_t when = custody_export_moment(x);

	event_begin(w, x, "fixity-check", &when, "fixity check", custody_report_judged_at(x->report));
	custody_xml_put(w, "\t\t<eventOutcomeInformation>\n");
	custody_xml_element(w, 3, "eventOutcome", "pass");
	custody_xml_put(w,
		"\t\t\t<eventOutcomeDetail><eventOutcomeDetailNote>every digest of every item in the package was computed from its bytes and is the "
		"one stated</eventOutcomeDetailNote></eventOutcomeDetail>\n\t\t</eventOutcomeInformation>\n");
	event_end(w, x, "verifying-software", &when);
}

static void put_validation(struct custody_xml *w, const struct custody_export *x)
{
	const uint64_t when = custody_export_moment(x);

	event_begin(w, x, "verification", &when, "digital signature validation", custody_report_judged_at(x->report));
	custody_xml_put(w, "\t\t<eventOutcomeInformation>\n");
	custody_xml_element(w, 3, "eventOutcome", custody_report_word(x->report->verdict));
	if (custody_export_statements(x, put_note, w, w->err))
		w->failed = true;
	for (int kind = 0; kind < CUSTODY_KIND_COUNT; kind++) {
		char text[128];

		if (kind == CUSTODY_KIND_FILE || x->items[kind] == 0)
			continue;
		(void)snprintf(text, sizeof(text),
			"%" PRIu64 " of kind %s, which have no content of their own, and stand in the package's inventory only", x->items[kind],
			custody_kind_name((enum custody_kind)kind));
		(void)put_note(w, "not in this file", text, w->err);
	}
	custody_xml_put(w, "\t\t</eventOutcomeInformation>\n");
	event_end(w, x, "verifying-software", &when);
}

static void put_agent(struct custody_xml *w, const struct custody_export *x, const char *what, const uint64_t *n, const char *name, const char *type,
	const char *version)
{
	custody_xml_put(w, "\t<agent>\n");
	put_wrapped(w, x, 2, "agentIdentifier", what, n);
	custody_xml_element(w, 2, "agentName", name ? name : "not stated");
	custody_xml_element(w, 2, "agentType", type);
	custody_xml_element(w, 2, "agentVersion", version);
	custody_xml_put(w, "\t</agent>\n");
}

static int premis_tail(struct custody_buf *out, const struct custody_export *x, struct custody_error *err)
{
	struct custody_xml w = { out, err, false };
	const uint64_t when = custody_export_moment(x);

	put_sealing(&w, x);
	put_custody(&w, x);
	put_fixity_check(&w, x);
	put_validation(&w, x);
	if (x->report->seal.seal_pass)
		put_agent(&w, x, "sealer", NULL, x->report->seal.signer_name, NULL, NULL);
	put_signers(&w, x);
	put_agent(&w, x, "sealing-software", NULL, x->report->tool_name, "software", x->report->tool_version);
	put_agent(&w, x, "verifying-software", &when, "custody", "software", custody_export_version(x));
	custody_xml_put(&w, "</premis>\n");
	return w.failed ? -1 : 0;
}

const struct custody_export_format custody_export_premis = { "premis", "PREMIS 3.0 (XML)", premis_head, premis_item, premis_tail };
