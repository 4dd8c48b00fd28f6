/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/report_claims.h"
#include "formats/report_record.h"
#include "formats/report_request.h"
#include "formats/report_row.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"

const struct custody_export_format *const custody_export_formats[] = { &custody_export_case, &custody_export_dfxml, &custody_export_premis, NULL };

int custody_export_find(const char *name, const struct custody_export_format **out, struct custody_error *err)
{
	char known[128] = "", shown[64];
	size_t at = 0;

	for (size_t i = 0; custody_export_formats[i]; i++) {
		if (strcmp(custody_export_formats[i]->name, name) == 0) {
			*out = custody_export_formats[i];
			return 0;
		}
		if (at < sizeof(known))
			at += (size_t)snprintf(known + at, sizeof(known) - at, "%s%s", i ? " " : "", custody_export_formats[i]->name);
	}
	return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' is no format to export to, want one of: %s",
		custody_display(name, strlen(name), shown, sizeof(shown)), known);
}

const char *custody_export_base(const struct custody_export *x, char *out)
{
	static const char scheme[] = "ni:///sha-256;";
	char *digest = out + sizeof(scheme) - 1;

	memcpy(out, scheme, sizeof(scheme));
	custody_base64_format(x->report->sha256, 32, digest);
	for (char *c = digest; *c; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '#' : *c); /* one '=' ends 32 bytes */
	return out;
}

const char *custody_export_version(const struct custody_export *x)
{
	const char *blank = strrchr(x->context->tool, ' ');

	return blank ? blank + 1 : "";
}

uint64_t custody_export_moment(const struct custody_export *x)
{
	const struct custody_time t = x->report->evaluated_at;

	return (uint64_t)t.sec * 1000000000 + t.nsec; /* modulo 2^64: it is a name */
}

/* ---- sentences ---- */

struct speaker {
	const struct custody_export *x;
	custody_export_say *say;
	void *ctx;
	struct custody_buf text; /* scratch */
};

static void speaker_release(struct speaker *s)
{
	custody_buf_release(&s->text);
}

/* What stands in the scratch, which is empty again then. */
static int say(struct speaker *s, const char *kind, struct custody_error *err)
{
	int r = s->say(s->ctx, kind, custody_buf_str(&s->text), err);

	custody_buf_clear(&s->text);
	return r;
}

static int say_head(struct speaker *s, struct custody_error *err)
{
	const struct custody_report *r = s->x->report;
	char time[CUSTODY_TIME_TEXT], number[CUSTODY_HEX_GROUPS], n[CUSTODY_REPORT_NUMBER];

	custody_report_time(custody_report_judged_at(r), time);
	if (custody_buf_printf(&s->text, err, "%s: %s", custody_report_word(r->verdict), custody_report_sentence(r)) || say(s, "verdict", err) ||
		custody_buf_printf(&s->text, err, "%s is the SHA-256 of the package, measured on %s (UTC, clock of the computer) by %s",
			custody_hex_groups(r->sha256, number), time, s->x->context->tool) ||
		say(s, "number", err) || custody_report_conclusion(&s->text, r, NULL, err) || say(s, "conclusion", err) ||
		custody_export_sealer(&s->text, s->x, err) || say(s, "conclusion", err))
		return -1;
	if (r->exceptions == 0)
		return 0;
	return custody_buf_printf(&s->text, err,
		       "%s: source files or folders that changed or could not be read while they were sealed; the package may not hold all that "
		       "there was",
		       custody_report_grouped(r->exceptions, NULL, n)) ||
			       say(s, "exceptions", err)
		       ? -1
		       : 0;
}

static int say_groups(struct speaker *s, struct custody_error *err)
{
	const struct custody_report *r = s->x->report;

	for (int g = 0; g < CUSTODY_GROUP_STATEMENTS; g++)
		if (custody_buf_printf(&s->text, err, "%s: %s: %s", custody_group_name((enum custody_group)g), custody_report_result(r->groups[g]),
			    custody_report_group(r, (enum custody_group)g)) ||
			say(s, "group", err))
			return -1;
	return 0;
}

/* Each kind once: the items are in the report of custody verify. */
static int say_findings(struct speaker *s, struct custody_error *err)
{
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		uint64_t n = s->x->report->findings.count[id];

		if (n > 0 &&
			(custody_buf_printf(&s->text, err, "%s (%s, %s, found %" PRIu64 " %s): %s", info->id, custody_severity_name(info->severity),
				 custody_group_name(info->group), n, n == 1 ? "time" : "times", info->text) ||
				say(s, "finding", err)))
			return -1;
	}
	return 0;
}

/* The lines that a report has of the request, of digests stated by others, and of the custody record: label and text. */
static int say_row(struct speaker *s, const char *kind, const char *label, const char *text, struct custody_error *err)
{
	return custody_buf_printf(&s->text, err, "%s%s", label, *label ? ": " : "") || custody_report_append_plain(&s->text, text, err) ||
			       say(s, kind, err)
		       ? -1
		       : 0;
}

static int say_request(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err)
{
	(void)measured;
	return say_row(ctx, "request", label, text, err);
}

static int say_custody(void *ctx, const char *label, const char *text, bool given, struct custody_error *err)
{
	(void)given;
	return say_row(ctx, "custody", label, text, err);
}

static int say_claims(struct speaker *s, struct custody_error *err)
{
	const struct custody_report *r = s->x->report;

	for (size_t i = 0; i < r->claims.n_sources; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf source = { .max = SIZE_MAX };

		if (custody_report_claims_source(&source, &r->claims.sources[i], NULL, err) ||
			say_row(s, "stated digests", "a list", custody_buf_str(&source), err))
			return -1;
	}
	if (custody_report_claims_sum(&s->text, r, NULL, err))
		return -1;
	return s->text.len == 0 ? 0 : say(s, "stated digests", err);
}

/* What others stated, and what happened after sealing. */
static int say_previous(struct speaker *s, struct custody_error *err)
{
	const struct custody_report *r = s->x->report;
	char hex[65];

	if (!r->has_previous)
		return 0;
	custody_hex_format(r->previous, 32, hex);
	return custody_buf_printf(&s->text, err, "another package, whose number is %s, as whoever sealed states", hex) || say(s, "replaces", err) ? -1
																		  : 0;
}

static int say_statements(struct speaker *s, struct custody_error *err)
{
	return say_previous(s, err) || custody_report_request_rows(s->x->report, NULL, say_request, s, err) || say_claims(s, err) ||
			       custody_report_record_rows(s->x->report, NULL, say_custody, s, err)
		       ? -1
		       : 0;
}

/* The schemas have no place for it beside each value, but for DFXML's: it is said once. */
static int say_legacy(struct speaker *s, struct custody_error *err)
{
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)id);

		if (!info->legacy || !(s->x->report->digests & CUSTODY_DIGEST_BIT(id)))
			continue;
		if (custody_buf_printf(&s->text, err,
			    "%s is a legacy digest, good for matching old lists: different files with the same one can be made", info->name) ||
			say(s, "digests", err))
			return -1;
	}
	return 0;
}

static int say_always(struct speaker *s, struct custody_error *err)
{
	static const char *const recorded[] = {
		"names, kinds, times, owners and modes of items are those that were recorded when they were sealed; nothing proves that they were "
		"right",
		"where a media type is stated, a program named it when the item was sealed; it is an opinion, and was not judged",
	};
	const char *line;

	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++)
		if (custody_buf_append_str(&s->text, recorded[i], err) || say(s, "recorded", err))
			return -1;
	for (size_t i = 0; (line = custody_report_not_proven(s->x->report, i)) != NULL; i++)
		if (custody_buf_append_str(&s->text, line, err) || say(s, "not proven", err))
			return -1;
	if (custody_buf_append_str(&s->text, custody_report_does_not_say, err) || say(s, "does not say", err))
		return -1;
	return custody_buf_append_str(&s->text,
		       "this file was derived from the package, is not signed, and proves nothing by itself: compare the number, and verify the "
		       "package",
		       err) || say(s, "derived", err)
		       ? -1
		       : 0;
}

int custody_export_statements(const struct custody_export *x, custody_export_say *say_it, void *ctx, struct custody_error *err)
{
	CUSTODY_CLEANUP(speaker_release) struct speaker s = { .x = x, .say = say_it, .ctx = ctx };

	custody_buf_init(&s.text, SIZE_MAX);
	return say_head(&s, err) || say_groups(&s, err) || say_findings(&s, err) || say_statements(&s, err) || say_legacy(&s, err) ||
			       say_always(&s, err)
		       ? -1
		       : 0;
}

int custody_export_item_finding(struct custody_buf *out, const struct custody_item *item, size_t i, struct custody_error *err)
{
	const struct custody_item_finding *f = &item->findings[i];

	if (custody_report_append_shown(out, f->id, err))
		return -1;
	return f->detail && (custody_buf_append_str(out, ": ", err) || custody_report_append_shown(out, f->detail, err)) ? -1 : 0;
}

int custody_export_sealer(struct custody_buf *out, const struct custody_export *x, struct custody_error *err)
{
	const struct custody_seal_result *s = &x->report->seal;
	char hex[65];

	if (!x->report->has_seal || !s->has_signer)
		return custody_buf_append_str(out, "who sealed it cannot be said: no certificate could be read", err);
	if (custody_buf_append_str(out,
		    s->seal_pass ? "sealed with the key of the certificate of "
				 : "who sealed it cannot be said; the certificate in the package, which was not shown to be good, names ",
		    err) ||
		custody_report_append_shown(out, s->signer, err))
		return -1;
	custody_hex_format(s->certificate_sha256, 32, hex);
	return custody_buf_printf(out, err, " (SHA-256 of the certificate: %s)", hex);
}

/* ---- XML ---- */

void custody_xml_put(struct custody_xml *w, const char *markup)
{
	if (!w->failed)
		w->failed = custody_buf_append_str(w->out, markup, w->err) != 0;
}

void custody_xml_number(struct custody_xml *w, uint64_t v)
{
	if (!w->failed)
		w->failed = custody_buf_printf(w->out, w->err, "%" PRIu64, v) != 0;
}

/* Text without control or format characters: what XML 1.0 cannot hold is not in it. */
static void put_escaped(struct custody_xml *w, const struct custody_buf *text)
{
	size_t from = 0;

	for (size_t i = 0; i < text->len && !w->failed; i++) {
		const char *entity = text->data[i] == '&'    ? "&amp;"
				     : text->data[i] == '<'  ? "&lt;"
				     : text->data[i] == '>'  ? "&gt;"
				     : text->data[i] == '"'  ? "&quot;"
				     : text->data[i] == '\'' ? "&apos;"
							     : NULL;
		if (!entity)
			continue;
		w->failed = custody_buf_append(w->out, text->data + from, i - from, w->err) || custody_buf_append_str(w->out, entity, w->err);
		from = i + 1;
	}
	if (!w->failed && text->len > from)
		w->failed = custody_buf_append(w->out, text->data + from, text->len - from, w->err) != 0;
}

void custody_xml_bytes(struct custody_xml *w, const void *p, size_t n)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, SIZE_MAX);
	if (!w->failed)
		w->failed = custody_display_append(&text, p, n, w->err) != 0;
	put_escaped(w, &text);
}

void custody_xml_shown(struct custody_xml *w, const char *text)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown = { 0 };

	custody_buf_init(&shown, SIZE_MAX);
	if (!w->failed)
		w->failed = custody_report_append_shown(&shown, text, w->err) != 0;
	put_escaped(w, &shown);
}

void custody_xml_element(struct custody_xml *w, int indent, const char *name, const char *text)
{
	if (!text)
		return;
	for (int i = 0; i < indent; i++)
		custody_xml_put(w, "\t");
	custody_xml_put(w, "<");
	custody_xml_put(w, name);
	custody_xml_put(w, ">");
	custody_xml_shown(w, text);
	custody_xml_put(w, "</");
	/* A name may bring attributes along; the end tag has none. */
	if (!w->failed)
		w->failed = custody_buf_append(w->out, name, strcspn(name, " "), w->err) != 0;
	custody_xml_put(w, ">\n");
}

void custody_xml_base64(struct custody_xml *w, const char *attribute, const void *p, size_t n)
{
	if (w->failed || custody_display_is_exact(p, n))
		return;
	w->failed = custody_buf_printf(w->out, w->err, " %s=\"", attribute) || custody_base64_append(w->out, p, n, w->err) ||
		    custody_buf_append_byte(w->out, '"', w->err);
}
