/* SPDX-License-Identifier: Apache-2.0 */
/* Schema custody-report/1, custody-report(5): fields are only ever added. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/report.h"
#include "formats/report_claims.h"
#include "formats/report_record.h"
#include "formats/report_request.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/nih.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"

/* The text under way. After a failure nothing more is appended; the caller looks once, at the end. */
struct writer {
	struct custody_buf *out;
	struct custody_error *err;
	bool failed;
};

static void put(struct writer *w, const char *text)
{
	if (!w->failed)
		w->failed = custody_buf_append_str(w->out, text, w->err) != 0;
}

static void put_number(struct writer *w, uint64_t v)
{
	if (!w->failed)
		w->failed = custody_buf_printf(w->out, w->err, "%" PRIu64, v) != 0;
}

static void put_bool(struct writer *w, bool v)
{
	put(w, v ? "true" : "false");
}

/* Text that was made for showing, or null. */
static void put_shown(struct writer *w, const char *text)
{
	if (!text) {
		put(w, "null");
		return;
	}
	CUSTODY_BUF_CLEAN struct custody_buf shown;
	custody_buf_init(&shown, SIZE_MAX);
	if (!w->failed)
		w->failed = custody_report_append_shown(&shown, text, w->err) ||
			    custody_json_append_safe(w->out, custody_buf_str(&shown), shown.len, w->err);
}

/* A field of seal.json: UTF-8, its own characters; \u escapes give them back to whoever parses. */
static void put_text(struct writer *w, const char *text)
{
	if (!text || !custody_utf8_valid((const uint8_t *)text, strlen(text)))
		put_shown(w, text);
	else if (!w->failed)
		w->failed = custody_json_append_safe(w->out, text, strlen(text), w->err) != 0;
}

/* "NAME":display form, and "NAME_b64" with the raw bytes where they differ. */
static void put_bytes(struct writer *w, const char *name, const void *p, size_t n)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown;
	custody_buf_init(&shown, SIZE_MAX);
	if (w->failed)
		return;
	w->failed = custody_display_append(&shown, p, n, w->err) || custody_buf_printf(w->out, w->err, "\"%s\":", name) ||
		    custody_json_append_safe(w->out, custody_buf_str(&shown), shown.len, w->err);
	if (w->failed || custody_display_is_exact(p, n))
		return;
	w->failed = custody_buf_printf(w->out, w->err, ",\"%s_b64\":\"", name) || custody_base64_append(w->out, p, n, w->err);
	put(w, "\"");
}

static void put_digest(struct writer *w, bool there, const uint8_t sha256[32])
{
	char hex[65];
	if (!there) {
		put(w, "null");
		return;
	}
	custody_hex_format(sha256, 32, hex);
	put(w, "\"");
	put(w, hex);
	put(w, "\"");
}

static void put_time(struct writer *w, bool there, struct custody_time t)
{
	char text[CUSTODY_TIME_TEXT];
	if (!there || !custody_time_in_range(t)) {
		put(w, "null");
		return;
	}
	custody_report_time(t, text);
	put(w, "\"");
	put(w, text);
	put(w, "\"");
}

static void put_package(struct writer *w, const struct custody_report *r)
{
	const char *path = r->path ? r->path : "";
	char text[CUSTODY_NIH_TEXT];
	put(w, ",\"package\":{");
	put_bytes(w, "path", path, strlen(path));
	put(w, ",\"sha256\":");
	put_digest(w, r->has_package, r->sha256);
	put(w, ",\"size\":");
	if (r->has_package)
		put_number(w, r->size);
	else
		put(w, "null");
	put(w, ",\"expected\":");
	put_digest(w, r->has_expected, r->expected);
	put(w, ",\"nih\":");
	put_shown(w, r->has_package ? custody_nih_format(r->sha256, text) : NULL);
	put(w, ",\"check_code\":");
	put_shown(w, r->has_package ? custody_nih_short(r->sha256, text) : NULL);
	put(w, "}");
}

static void put_groups(struct writer *w, const struct custody_report *r)
{
	put(w, ",\"groups\":{");
	for (int g = 0; g < CUSTODY_GROUP_STATEMENTS; g++) {
		put(w, g ? ",\"" : "\"");
		put(w, custody_group_name((enum custody_group)g));
		put(w, "\":\"");
		put(w, custody_group_result_name(r->groups[g]));
		put(w, "\"");
	}
	put(w, "}");
}

static void put_count(struct writer *w, const char *key, bool there, uint64_t v)
{
	put(w, key);
	if (there)
		put_number(w, v);
	else
		put(w, "null");
}

/* What the signer's certificate says of itself; null where there is none. */
static void put_certificate(struct writer *w, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	put(w, ",\"issuer\":");
	put_shown(w, s->has_signer ? s->issuer : NULL);
	put(w, ",\"valid_from\":");
	put_time(w, s->has_signer, s->valid_from);
	put(w, ",\"valid_until\":");
	put_time(w, s->has_signer, s->valid_until);
	put(w, ",\"standing\":");
	put_shown(w, s->has_signer ? custody_report_standing(r) : NULL);
}

/* How it was sealed, as stated in the package; files and lists as they went by. */
static void put_acquired(struct writer *w, const struct custody_report *r)
{
	const struct custody_acquisition_stated *a = &r->acquired;
	put_count(w, ",\"unread_folders\":", r->has_lists, r->unread_folders);
	put(w, ",\"exceptions_reason\":");
	put_text(w, a->reason);
	put(w, ",\"exceptions_reasons_differ\":");
	put_bool(w, a->reasons_differ);
	put(w, ",\"followed\":[");
	for (size_t i = 0; i < a->n_followed; i++) {
		put(w, i ? ",{\"path\":" : "{\"path\":");
		put_text(w, a->followed[i].path);
		put(w, ",\"target\":");
		put_text(w, a->followed[i].target);
		put(w, "}");
	}
	put(w, "]");
}

static void put_sealing(struct writer *w, const struct custody_report *r)
{
	static const char *const synchronised[] = { "null", "false", "true" };
	const char *between = "";
	put_count(w, ",\"files\":", r->has_lists, r->files);
	put(w, ",\"digests\":[");
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		if (!(r->digests & CUSTODY_DIGEST_BIT(id)))
			continue;
		put(w, between);
		put_shown(w, custody_digest_get((enum custody_digest_id)id)->name);
		between = ",";
	}
	put(w, "],\"tool\":{\"name\":");
	put_text(w, r->tool_name);
	put(w, ",\"version\":");
	put_text(w, r->tool_version);
	put(w, "},\"reading\":{\"from\":");
	put_time(w, r->has_reading, r->reading_from);
	put(w, ",\"until\":");
	put_time(w, r->has_reading, r->reading_until);
	put(w, ",\"clock_synchronised\":");
	put(w, r->has_reading ? synchronised[r->clock_synchronised + 1] : "null");
	put(w, "},\"list_sha256\":");
	put_digest(w, r->has_lists, r->list_sha256);
	put(w, ",\"inventory_sha256\":");
	put_digest(w, r->has_lists, r->inventory_sha256);
	put(w, ",\"content_role\":");
	put_shown(w, custody_content_role_name(r->role));
	put_acquired(w, r);
}

static void put_seal(struct writer *w, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	put(w, ",\"seal\":");
	if (!r->has_seal) {
		put(w, "null");
		return;
	}
	put(w, "{\"signer\":");
	put_shown(w, s->has_signer ? s->signer : NULL);
	put(w, ",\"certificate_sha256\":");
	put_digest(w, s->has_signer, s->certificate_sha256);
	put(w, ",\"level\":");
	put_shown(w, custody_report_level(r));
	put(w, ",\"case\":");
	put_text(w, r->case_id);
	put(w, ",\"exhibit\":");
	put_text(w, r->exhibit);
	put_count(w, ",\"items\":", r->has_sealfile, r->items);
	put_count(w, ",\"bytes\":", r->has_sealfile, r->bytes);
	put_count(w, ",\"exceptions\":", r->has_sealfile, r->exceptions);
	put(w, ",\"anchor_sha256\":");
	put_digest(w, s->has_anchor, s->anchor_sha256);
	put(w, ",\"claimed\":{\"name\":");
	put_text(w, r->sealer_name);
	put(w, ",\"organisation\":");
	put_text(w, r->sealer_organisation);
	put(w, ",\"role\":");
	put_text(w, r->sealer_role);
	put(w, ",\"sealed\":");
	put_time(w, r->has_sealfile, r->sealed);
	put(w, ",\"signed\":");
	put_time(w, s->has_claimed, s->claimed);
	put(w, "},\"uuid\":");
	put_text(w, r->uuid);
	put(w, ",\"previous\":");
	put_digest(w, r->has_previous, r->previous);
	put_certificate(w, r);
	put_sealing(w, r);
	put(w, "}");
}

static void put_other_stamps(struct writer *w, const struct custody_seal_result *s)
{
	put(w, ",\"others\":[");
	for (size_t i = 0; i < s->n_others; i++) {
		const struct custody_seal_stamp *o = &s->others[i];
		put(w, i ? ",{\"authority\":" : "{\"authority\":");
		put_shown(w, o->authority);
		put(w, ",\"authority_sha256\":");
		put_digest(w, true, o->authority_sha256);
		put(w, ",\"stated\":");
		put_time(w, true, o->stated);
		put(w, ",\"holds\":");
		put_bool(w, o->good);
		put(w, ",\"independent\":");
		put_bool(w, o->independent);
		put(w, "}");
	}
	put(w, "]");
}

static void put_when(struct writer *w, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	struct custody_time t = { 0, 0 };
	put(w, ",\"time\":");
	if (!r->has_seal || !s->has_time) {
		put(w, "null");
		return;
	}
	bool proven = custody_report_not_later_than(r, &t);
	put(w, "{\"not_later_than\":");
	put_time(w, proven, t);
	put(w, ",\"stated\":");
	put_time(w, true, s->stated);
	put_count(w, ",\"accuracy_s\":", s->has_accuracy, s->accuracy_ms / 1000);
	if (s->has_accuracy && s->accuracy_ms % 1000 && !w->failed)
		w->failed = custody_buf_printf(w->out, w->err, ".%03" PRIu64, s->accuracy_ms % 1000) != 0;
	put(w, ",\"authority\":");
	put_shown(w, s->authority);
	put(w, ",\"independent\":");
	put_bool(w, s->independent);
	put(w, ",\"revocation_known_until\":");
	put_time(w, s->has_revocation_until, s->revocation_known_until);
	put(w, ",\"authority_sha256\":");
	put_digest(w, true, s->authority_sha256);
	put_other_stamps(w, s);
	put(w, "}");
}

static void put_finding_head(struct writer *w, const struct custody_finding_info *info)
{
	put(w, "{\"id\":\"");
	put(w, info->id);
	put(w, "\",\"severity\":\"");
	put(w, custody_severity_name(info->severity));
	put(w, "\",\"group\":\"");
	put(w, custody_group_name(info->group));
	put(w, "\",");
}

static void put_finding_tail(struct writer *w, const struct custody_finding_info *info, const char *detail)
{
	put(w, ",\"detail\":");
	put_shown(w, detail);
	put(w, ",\"etsi\":");
	put_shown(w, info->etsi[0] ? info->etsi : NULL);
	put(w, "}");
}

static void put_finding(struct writer *w, const struct custody_finding *f)
{
	const struct custody_finding_info *info = custody_finding_get(f->id);
	put_finding_head(w, info);
	if (f->item)
		put_bytes(w, "item", f->item, f->item_len);
	else
		put(w, "\"item\":null");
	put_finding_tail(w, info, f->detail);
}

/* The list is bounded, the effect of a finding on the verdict is not: of each kind that did not fit there is one entry that says how many. */
static void put_findings(struct writer *w, const struct custody_report *r)
{
	const char *comma = "";
	const size_t start = w->out->len;
	uint64_t listed[CUSTODY_FINDING_COUNT] = { 0 }, rest = 0;
	put(w, ",\"findings\":[");
	for (size_t i = 0; i < r->findings.n && w->out->len - start < CUSTODY_LIMIT_REPORT; i++, comma = ",") {
		put(w, comma);
		put_finding(w, &r->findings.list[i]);
		listed[r->findings.list[i].id]++;
	}
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		if (r->findings.count[id] <= listed[id])
			continue;
		char detail[64];
		snprintf(detail, sizeof(detail), "%" PRIu64 " more of this kind, not listed", r->findings.count[id] - listed[id]);
		put(w, comma);
		put_finding_head(w, custody_finding_get((enum custody_finding_id)id));
		put(w, "\"item\":null");
		put_finding_tail(w, custody_finding_get((enum custody_finding_id)id), detail);
		comma = ",";
		rest += r->findings.count[id] - listed[id];
	}
	put(w, "],\"findings_not_listed\":");
	put_number(w, rest);
}

static void put_file(struct writer *w, const char *path, bool known, const uint8_t sha256[32])
{
	put_bytes(w, "file", path ? path : "", path ? strlen(path) : 0);
	put(w, ",\"sha256\":");
	put_digest(w, known, sha256);
}

/* The custody record, and what was given to show where it ends. */
static void put_record_inputs(struct writer *w, const struct custody_report *r)
{
	const struct custody_record_inputs *given = &r->record_given;
	if (!r->has_record)
		return;
	put(w, ",\"record\":{");
	put_file(w, given->path, given->has_sha256, given->sha256);
	put(w, ",\"heads\":[");
	for (size_t i = 0; i < given->n_heads; i++) {
		put(w, i ? ",{\"head\":" : "{\"head\":");
		put_digest(w, true, given->heads[i].sha256);
		put(w, ",\"event\":");
		if (given->heads[i].event)
			put_number(w, given->heads[i].event);
		else
			put(w, "null");
		put(w, "}");
	}
	put(w, "],\"counterpart\":");
	if (!given->has_counterpart) {
		put(w, "null}");
		return;
	}
	put(w, "{");
	put_file(w, given->counterpart, given->has_counterpart_sha256, given->counterpart_sha256);
	put(w, ",\"events\":");
	put_number(w, given->in_counterpart);
	put(w, "}}");
}

static void put_inputs(struct writer *w, const struct custody_report *r, const struct custody_report_context *context)
{
	put(w, ",\"inputs\":{\"anchors\":[");
	for (size_t i = 0; i < r->n_anchors; i++) {
		const char *from = r->anchors[i].from ? r->anchors[i].from : "";
		put(w, i ? ",{\"sha256\":" : "{\"sha256\":");
		put_digest(w, true, r->anchors[i].sha256);
		put(w, ",");
		put_bytes(w, "from", from, strlen(from));
		put(w, "}");
	}
	put(w, "],\"policy\":null,\"evaluated_at\":");
	put_time(w, true, (struct custody_time){ r->evaluated_at.sec, 0 });
	put(w, ",\"tool\":");
	put_shown(w, context->tool);
	put(w, ",\"libraries\":{");
	for (size_t i = 0; i < context->n_libraries; i++) {
		put(w, i ? "," : "");
		put_shown(w, context->libraries[i].name);
		put(w, ":");
		put_shown(w, context->libraries[i].version);
	}
	put(w, "},\"at_chosen\":");
	put_bool(w, r->at_chosen);
	put(w, ",\"anchors_own_lab\":");
	put_bool(w, r->anchors_own_lab);
	char local[CUSTODY_TIME_TEXT];
	struct custody_zone zone = { 0, "" };
	bool known = custody_report_local(r, r->evaluated_at, local, &zone);
	put(w, ",\"local_time\":");
	put_shown(w, known ? local : NULL);
	put(w, ",\"local_zone\":");
	put_shown(w, known ? zone.name : NULL);
	put(w, ",\"not_journalled\":");
	put_shown(w, r->not_journalled);
	put_record_inputs(w, r);
	put(w, "}");
}

/* How many items with content were compared with all that the package states of them, and how many are as stated; null where not each could be. */
static void put_compared(struct writer *w, const struct custody_report *r)
{
	if (!custody_report_all_compared(r)) {
		put(w, ",\"compared\":null");
		return;
	}
	put_count(w, ",\"compared\":{\"items\":", true, r->compared);
	put_count(w, ",\"equal\":", true, r->equal);
	put(w, "}");
}

/* The sentences that people read in the other forms of the report. */
static void put_words(struct writer *w, const struct custody_report *r)
{
	CUSTODY_BUF_CLEAN struct custody_buf text;
	struct custody_report_rung rung;
	custody_buf_init(&text, SIZE_MAX);
	if (!w->failed)
		w->failed = custody_report_conclusion(&text, r, NULL, w->err) != 0;
	put(w, ",\"conclusion\":");
	put_shown(w, custody_buf_str(&text));
	put(w, ",\"claims\":[");
	for (size_t i = 0; custody_report_rung(r, i, &rung); i++) {
		put(w, i ? ",{\"claim\":" : "{\"claim\":");
		put_shown(w, rung.claim);
		put(w, ",\"result\":");
		put_shown(w, custody_report_rung_result_name(rung.result));
		put(w, ",\"rests_on\":");
		put_shown(w, rung.why);
		put(w, "}");
	}
	put(w, "],\"does_not_say\":");
	put_shown(w, custody_report_does_not_say);
}

int custody_report_json_facts(struct custody_buf *out, const struct custody_report *r, struct custody_error *err)
{
	struct writer w = { out, err, false };
	put_package(&w, r);
	put_seal(&w, r);
	put_when(&w, r);
	return w.failed ? -1 : 0;
}

int custody_report_json(
	struct custody_buf *out, const struct custody_report *r, const struct custody_report_context *context, struct custody_error *err)
{
	struct writer w = { out, err, false };
	put(&w, "{\"schema\":\"custody-report/1\",\"verdict\":");
	put_shown(&w, custody_verdict_name(r->verdict));
	if (r->verdict == CUSTODY_VERDICT_NONE) {
		put(&w, ",\"failure\":");
		put_shown(&w, r->failure ? r->failure : "nothing was judged");
	}
	put_package(&w, r);
	put_groups(&w, r);
	put_seal(&w, r);
	put_when(&w, r);
	put_findings(&w, r);
	put(&w, ",\"not_proven\":[");
	const char *line;
	for (size_t i = 0; (line = custody_report_not_proven(r, i)) != NULL; i++) {
		put(&w, i ? "," : "");
		put_shown(&w, line);
	}
	put(&w, "]");
	put_compared(&w, r);
	put_words(&w, r);
	if (!w.failed)
		w.failed = custody_report_claims_json(out, r, err) || custody_report_request_json(out, r, err) ||
			   custody_report_record_json(out, r, err);
	put_inputs(&w, r, context);
	put(&w, "}\n");
	return w.failed ? -1 : 0;
}
