/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/time.h"
#include "libcustody/base/utf8.h"
#include "libcustody/verdict/verdict.h"

#define SHOWN 512 /* bytes of a name: the fields of an event are whole */

static const char *shown(const char *text, char *out)
{
	return custody_display(text, strlen(text), out, SHOWN);
}

/* ---- text ---- */

enum custody_effect custody_record_result(const struct custody_record_view *v, const struct custody_findings *findings)
{
	if (v->passed)
		return CUSTODY_EFFECT_NOTHING;
	return custody_findings_have(findings, CUSTODY_GROUP_CUSTODY, CUSTODY_EFFECT_FAILS) ? CUSTODY_EFFECT_FAILS : CUSTODY_EFFECT_OPENS;
}

/* As the groups of a report have it. */
static enum custody_group_result result(const struct custody_record_view *v, const struct custody_findings *findings)
{
	static const enum custody_group_result results[] = { [CUSTODY_EFFECT_NOTHING] = CUSTODY_RESULT_PASS,
		[CUSTODY_EFFECT_OPENS] = CUSTODY_RESULT_INDETERMINATE,
		[CUSTODY_EFFECT_FAILS] = CUSTODY_RESULT_FAIL };

	return results[custody_record_result(v, findings)];
}

/* How far the record is known elsewhere. Of one that was not read to its end it was not asked. */
static int text_end(struct custody_buf *b, const struct custody_record_view *v, struct custody_error *err)
{
	if (!v->whole || v->anchored == 0)
		return custody_buf_append_str(b, "end      anchored nowhere: later events may be missing\n", err);
	if (v->anchored < v->record.n)
		return custody_buf_printf(b, err,
			"end      anchored up to event %zu of %zu: what follows it is known from nowhere else, and later events may be missing\n",
			v->anchored, v->record.n);
	return custody_buf_append_str(b,
		v->in_counterpart == v->record.n ? "end      anchored: the counterpart's copy, which was given, goes as far\n"
						 : "end      anchored: by a head, which was given\n",
		err);
}

static int text_head(struct custody_buf *b, const struct custody_record_view *v, const struct custody_findings *findings, struct custody_error *err)
{
	static const char *const headlines[] = { [CUSTODY_EFFECT_NOTHING] = "Every event of this custody record holds.\n",
		[CUSTODY_EFFECT_OPENS] =
			"NOT JUDGED: something in this custody record cannot be judged; nothing is proved wrong. See the findings.\n",
		[CUSTODY_EFFECT_FAILS] = "PROVED WRONG: this custody record, or what it was compared with. See the findings.\n" };
	char hex[65];

	if (custody_buf_append_str(b, headlines[custody_record_result(v, findings)], err))
		return -1;
	if (v->record.n == 0)
		return custody_buf_append_str(b, "No event could be read.\n", err);
	const struct custody_event *first = &v->record.entries[0].event;
	custody_hex_format(first->package_sha256, 32, hex);
	if (custody_buf_printf(b, err, "\npackage  %s\n         %s, %" PRIu64 " bytes\n", first->package, hex, first->package_size))
		return -1;
	custody_hex_format(custody_record_head(&v->record), 32, hex);
	if (custody_buf_printf(b, err, "events   %zu%s\nhead     %s\n", v->record.n, v->whole ? "" : " read, up to what was refused", hex))
		return -1;
	return text_end(b, v, err);
}

static int text_span(struct custody_buf *b, const struct custody_history_span *s, bool whole, struct custody_error *err)
{
	char from[CUSTODY_TIME_TEXT], until[CUSTODY_TIME_TEXT], took[48], who[SHOWN], to[SHOWN], uncertain[96];

	custody_time_format(s->from, from);
	custody_time_format(s->until, until);
	custody_history_duration(s->from, s->until, took);
	shown(s->who ? s->who : "nobody known", who);
	uncertain[0] = '\0';
	if (s->uncertain)
		snprintf(uncertain, sizeof(uncertain), "; WHO SIGNED EVENT %zu IS NOT KNOWN FOR CERTAIN: see the findings", s->uncertain);
	if (s->state == CUSTODY_HISTORY_DESTROYED)
		return custody_buf_printf(b, err, "  %s  (event %zu)\n      destroyed, by the word of '%s'%s\n", from, s->first, who, uncertain);
	if (s->last	? custody_buf_printf(b, err, "  %s to %s  (%s, events %zu to %zu", from, until, took, s->first, s->last)
		: whole ? custody_buf_printf(b, err, "  %s until now, as far as this record goes  (%s, from event %zu", from, took, s->first)
			: custody_buf_printf(b, err, "  %s to the last event that could be read  (from event %zu", from, s->first))
		return -1;
	if (s->state == CUSTODY_HISTORY_HELD)
		return custody_buf_printf(b, err, ")\n      held by '%s'%s\n", who, uncertain);
	return custody_buf_printf(b, err, ")\n      released by '%s' to '%s', %s%s\n", who, shown(s->to ? s->to : "", to),
		s->last ? "on its way" : "NOT ANSWERED", uncertain);
}

/* " 'text'", whole. */
static int text_quote(struct custody_buf *b, const char *text, struct custody_error *err)
{
	return custody_buf_append_str(b, " '", err) || custody_display_append(b, (const uint8_t *)text, strlen(text), err) ||
			       custody_buf_append_byte(b, '\'', err)
		       ? -1
		       : 0;
}

/* Which of the three times (ADM-54) is there, and what it is worth. */
static int text_times(struct custody_buf *b, const struct custody_event *e, const struct custody_history_proof *p, struct custody_error *err)
{
	char recorded[CUSTODY_TIME_TEXT], stamped[CUSTODY_TIME_TEXT], occurred[CUSTODY_TIME_TEXT];

	custody_time_format(e->recorded, recorded);
	if (custody_buf_printf(b, err, "      recorded %s", recorded))
		return -1;
	if (p && p->has_time) {
		custody_time_format(p->stamped, stamped);
		if (custody_buf_printf(b, err, ", stamped %s (%s", stamped,
			    p->independent    ? "independent authority"
			    : p->time_trusted ? "the word of whoever signed"
					      : "by an authority that is not trusted here") ||
			(p->accuracy_ms > 0 && custody_buf_printf(b, err, ", to within %" PRIu64 ".%03" PRIu64 " s as it states",
						       p->accuracy_ms / 1000, p->accuracy_ms % 1000)) ||
			custody_buf_append_byte(b, ')', err))
			return -1;
	}
	if (e->has_occurred) {
		custody_time_format(e->occurred, occurred);
		int all = e->offset < 0 ? -e->offset : e->offset;
		if (custody_buf_printf(b, err, ", said to have happened %s", occurred) ||
			(e->offset != 0 && custody_buf_printf(b, err, " (said in a zone %02d:%02d %s of UTC)", all / 60, all % 60,
						   e->offset < 0 ? "west" : "east")))
			return -1;
	}
	if (e->declared_later && (custody_buf_append_str(b, "\n      DECLARED LATER, on the basis of", err) || text_quote(b, e->declared_later, err)))
		return -1;
	return custody_buf_append_byte(b, '\n', err);
}

/* "      label 'text'", whole: how an incident ended stands at its end. Nothing if there is none. */
static int text_line(struct custody_buf *b, const char *label, const char *text, struct custody_error *err)
{
	return text && (custody_buf_printf(b, err, "      %s", label) || text_quote(b, text, err) || custody_buf_append_byte(b, '\n', err)) ? -1 : 0;
}

/* A party, as whoever signed says. */
static int text_party(struct custody_buf *b, const char *label, const struct custody_event_party *p, struct custody_error *err)
{
	const char *const texts[] = { p->organisation, p->role, p->id };
	char quote[SHOWN];

	if (custody_buf_printf(b, err, "      %s '%s'", label, shown(p->name, quote)))
		return -1;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i] && custody_buf_printf(b, err, ", '%s'", shown(texts[i], quote)))
			return -1;
	return custody_buf_append_byte(b, '\n', err);
}

/* To whom, and with which certificate whoever it was given to is to sign: of one name there may be two. */
static int text_receiver(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	char hex[65];

	if (!e->has_to)
		return 0;
	custody_hex_format(e->to_certificate, 32, hex);
	return text_party(b, "to", &e->to, err) ||
			       (e->has_to_certificate && custody_buf_printf(b, err, "      to the certificate with SHA-256 %s\n", hex))
		       ? -1
		       : 0;
}

/* Who signed, by the certificate; proof NULL: nothing was shown of it. */
static int text_signer(struct custody_buf *b, const char *label, const struct custody_history_proof *p, struct custody_error *err)
{
	char name[SHOWN];

	return custody_buf_printf(b, err, "      %s '%s'%s\n", label, shown(p && p->sound && p->name ? p->name : "nobody known", name),
		p && p->trusted ? "" : ", WHO IS NOT KNOWN FOR CERTAIN: see the findings");
}

static int text_value(struct custody_buf *b, const struct custody_event_field *field, const struct custody_event_value *v, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT > 65 ? CUSTODY_TIME_TEXT : 65];

	if (v->text)
		return text_line(b, field->key, v->text, err);
	if (field->kind == CUSTODY_EVENT_DIGEST || field->kind == CUSTODY_EVENT_NONCE)
		custody_hex_format(v->bytes, field->kind == CUSTODY_EVENT_DIGEST ? 32 : 16, text);
	else if (field->kind == CUSTODY_EVENT_TIME)
		custody_time_format(v->time, text);
	else if (field->kind == CUSTODY_EVENT_YES_NO)
		snprintf(text, sizeof(text), "%s", v->count ? "yes" : "no");
	else
		snprintf(text, sizeof(text), "%" PRIu64, v->count);
	return custody_buf_printf(b, err, "      %s %s\n", field->key, text);
}

/* A name of a file, which was escaped when it was written down if it is no plain text: whole. */
static int text_name(struct custody_buf *b, const char *text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf name = { .max = SIZE_MAX };

	return custody_display_undo(&name, (const uint8_t *)text, strlen(text), err) || text_quote(b, custody_buf_str(&name), err) ? -1 : 0;
}

static int text_attachments(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	char hex[65];

	for (size_t i = 0; i < e->n_attachments; i++) {
		custody_hex_format(e->attachments[i].sha256, 32, hex);
		if (custody_buf_append_str(b, "      attached", err) || text_name(b, e->attachments[i].name, err) ||
			custody_buf_printf(b, err, ", %" PRIu64 " bytes, SHA-256 %s\n", e->attachments[i].size, hex))
			return -1;
	}
	return 0;
}

/* The next event behind `after` (from 1) that corrects event seq; 0: none. */
static size_t correction(const struct custody_record *r, size_t seq, size_t after)
{
	for (size_t i = after; i < r->n; i++)
		if (r->entries[i].event.type == CUSTODY_EVENT_CORRECTED && r->entries[i].event.values[0].count == seq)
			return i + 1;
	return 0;
}

static int text_corrected(struct custody_buf *b, const struct custody_record_view *v, size_t seq, struct custody_error *err)
{
	char name[SHOWN];

	for (size_t at = correction(&v->record, seq, seq); at; at = correction(&v->record, seq, at)) {
		const struct custody_history_proof *p = at <= v->n ? &v->proofs[at - 1] : NULL;

		if (custody_buf_printf(b, err, "      CORRECTED by event %zu, signed by '%s'%s\n", at,
			    shown(p && p->sound && p->name ? p->name : "nobody known", name),
			    p && p->trusted ? "" : ", WHO IS NOT KNOWN FOR CERTAIN: see the findings"))
			return -1;
	}
	return 0;
}

/* What happened, and to what. */
static int text_what(struct custody_buf *b, const struct custody_record_view *v, size_t i, struct custody_error *err)
{
	static const struct custody_history_proof none;
	const struct custody_event *e = &v->record.entries[i].event;
	char type[SHOWN], sealed[CUSTODY_TIME_TEXT];
	bool begun_later;
	const char *past = custody_history_past(e, i < v->n ? &v->proofs[i] : &none, &v->seal_proof, &begun_later);

	const char *subject = strncmp(past, "was ", 4) == 0 ? "the package " : "";
	if (custody_buf_printf(b, err, "  %zu  %s: %s%s\n", i + 1, shown(e->type_name, type), subject, past))
		return -1;
	custody_time_format(v->seal_proof.stamped, sealed);
	return begun_later ? custody_buf_printf(b, err, "      the package was sealed before, by the seal's own time %s\n", sealed) : 0;
}

static int text_event(struct custody_buf *b, const struct custody_record_view *v, size_t i, struct custody_error *err)
{
	const struct custody_event *e = &v->record.entries[i].event;
	const struct custody_history_proof *p = i < v->n ? &v->proofs[i] : NULL;
	const struct custody_event_info *info = custody_event_get(e->type);

	if (text_what(b, v, i, err) || text_signer(b, "signed by", p, err) || text_corrected(b, v, i + 1, err) || text_times(b, e, p, err))
		return -1;
	if (text_party(b, "who, as stated,", &e->actor, err) || text_receiver(b, e, err) || text_line(b, "purpose", e->purpose, err) ||
		text_line(b, "authority", e->authority, err) || text_line(b, "place", e->place, err))
		return -1;
	for (size_t k = 0; k < info->n; k++)
		if (e->values[k].present && text_value(b, &info->fields[k], &e->values[k], err))
			return -1;
	return text_attachments(b, e, err) || (e->measured && custody_buf_append_str(b, "      says that it measured the package for this\n", err))
		       ? -1
		       : 0;
}

/* How many of this kind the list has no room for: what is found of a long record is counted, and not lost. */
static uint64_t unlisted(const struct custody_findings *f, enum custody_finding_id id)
{
	uint64_t listed = 0;

	for (size_t i = 0; i < f->n; i++)
		listed += f->list[i].id == id;
	return f->count[id] > listed ? f->count[id] - listed : 0;
}

static int text_unlisted(struct custody_buf *b, const struct custody_findings *f, struct custody_error *err)
{
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		uint64_t more = unlisted(f, (enum custody_finding_id)id);

		if (more > 0 && custody_buf_printf(b, err, "  %s %s\n      %s: %" PRIu64 " more of this kind, not listed\n",
					custody_severity_name(info->severity), info->id, info->text, more))
			return -1;
	}
	return 0;
}

static int text_findings(struct custody_buf *b, const struct custody_findings *f, struct custody_error *err)
{
	char item[SHOWN];

	if (f->n > 0 && custody_buf_append_str(b, "\nFindings\n", err))
		return -1;
	for (size_t i = 0; i < f->n; i++) {
		const struct custody_finding_info *info = custody_finding_get(f->list[i].id);

		custody_display((const char *)(f->list[i].item ? f->list[i].item : (const uint8_t *)""), f->list[i].item_len, item, sizeof(item));
		if (custody_buf_printf(b, err, "  %s %s%s%s\n      %s%s%s\n", custody_severity_name(info->severity), info->id, item[0] ? " " : "",
			    item, info->text, f->list[i].detail ? ": " : "", f->list[i].detail ? f->list[i].detail : ""))
			return -1;
	}
	return text_unlisted(b, f, err);
}

/* ---- what is left of a package that was destroyed (ADM-61) ---- */

/* Digests of things that are not the package: a copy's that is the package's own tells nothing more. Whoever guesses such a thing can test the guess. */
static bool tells_a_digest(const struct custody_event *e)
{
	const struct custody_event_info *info = custody_event_get(e->type);

	for (size_t k = 0; k < info->n; k++)
		if (info->fields[k].kind == CUSTODY_EVENT_DIGEST && e->values[k].present &&
			(e->type == CUSTODY_EVENT_COPIED || e->type == CUSTODY_EVENT_TRANSFORMED || e->type == CUSTODY_EVENT_REDACTED) &&
			memcmp(e->values[k].bytes, e->package_sha256, 32) != 0)
			return true;
	return e->n_attachments > 0;
}

static int text_digests(struct custody_buf *b, const struct custody_record_view *v, struct custody_error *err)
{
	size_t told = 0;

	for (size_t i = 0; i < v->record.n; i++)
		if (tells_a_digest(&v->record.entries[i].event) &&
			custody_buf_printf(
				b, err, "%s %zu", told++ ? "," : "  Digests of other things (copies, results, attachments) stand in events", i + 1))
			return -1;
	return told == 0 ? 0 : custody_buf_append_str(b, ":\n  whoever has such a thing can show that it is the one.\n", err);
}

static int text_existed(struct custody_buf *b, const struct custody_record_view *v, struct custody_error *err)
{
	const struct custody_sealfile *s = &v->record.sealfile;
	char sealed[CUSTODY_TIME_TEXT], stamped[CUSTODY_TIME_TEXT];

	custody_time_format(s->sealed, sealed);
	if (custody_buf_printf(b, err,
		    "      sealed %s by the sealer's own clock; %" PRIu64 " items, %" PRIu64 " bytes of content, %" PRIu64 " exceptions\n", sealed,
		    s->items, s->bytes, s->exceptions) ||
		text_signer(b, "sealed by", &v->seal_proof, err) || text_line(b, "case", s->case_id, err) || text_line(b, "exhibit", s->exhibit, err))
		return -1;
	if (!v->seal_proof.has_time || !v->seal_proof.independent)
		return 0;
	custody_time_format(v->seal_proof.stamped, stamped);
	return custody_buf_printf(b, err, "      it existed not later than %s, by an independent authority\n", stamped);
}

static int text_stub(struct custody_buf *b, const struct custody_record_view *v, struct custody_error *err)
{
	static const char *const keys[] = { "method", "scope", "witness", "survives" };
	size_t at = v->history.destroyed;

	if (!custody_history_is_destroyed(&v->history))
		return 0;
	const struct custody_event *e = &v->record.entries[at - 1].event;
	const struct custody_history_proof *p = at <= v->n ? &v->proofs[at - 1] : NULL;
	if (custody_buf_printf(b, err,
		    "\nThe package was destroyed, as event %zu says: that it is not here is no fault of this record.\n  What existed\n", at) ||
		text_existed(b, v, err) || custody_buf_append_str(b, "  Its destruction, as stated\n", err) ||
		text_line(b, "ordered by", e->authority, err) || text_line(b, "for", e->purpose, err) || text_signer(b, "carried out by", p, err))
		return -1;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct custody_event_value *value = custody_event_value(e, keys[i]);

		if (value && text_line(b, keys[i], value->text, err))
			return -1;
	}
	return custody_buf_printf(b, err, "      %s\n",
		       e->measured ? "its digest was computed for this event, as stated: it was this package"
				   : "NOT measured for this event: which file it was, is a word") ||
			       custody_buf_append_str(b,
				       "  Not in this record: content, names, and digests of single items. Nor does it show that nothing of the "
				       "package is left\n"
				       "  anywhere: that it was destroyed is the word of whoever signed, and of the witness whom they name.\n",
				       err) ||
			       text_digests(b, v, err)
		       ? -1
		       : 0;
}

/* ---- files that were looked for among the attachments ---- */

size_t custody_record_attached_find(const struct custody_record *r, const struct custody_record_attached *file, size_t after)
{
	for (size_t i = after; i < r->n; i++)
		for (size_t k = 0; k < r->entries[i].event.n_attachments; k++)
			if (r->entries[i].event.attachments[k].size == file->size &&
				memcmp(r->entries[i].event.attachments[k].sha256, file->sha256, 32) == 0)
				return i + 1;
	return 0;
}

static int text_attached(struct custody_buf *b, const struct custody_record *r, const struct custody_record_attached *file, struct custody_error *err)
{
	char path[SHOWN];
	size_t at = custody_record_attached_find(r, file, 0);

	if (custody_buf_printf(b, err, "  '%s': %s", shown(file->path, path), at ? "attached to event" : "attached to NO event of this record"))
		return -1;
	for (const char *between = " "; at; at = custody_record_attached_find(r, file, at), between = ", ")
		if (custody_buf_printf(b, err, "%s%zu", between, at))
			return -1;
	return custody_buf_append_byte(b, '\n', err);
}

static int text_all_attached(
	struct custody_buf *b, const struct custody_record *r, const struct custody_record_attached *attached, size_t n, struct custody_error *err)
{
	if (n > 0 && custody_buf_append_str(b, "\nFiles that were looked for\n", err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (text_attached(b, r, &attached[i], err))
			return -1;
	return 0;
}

int custody_record_text(struct custody_buf *out, const struct custody_record_view *view, const struct custody_findings *findings,
	const struct custody_record_attached *attached, size_t n, struct custody_error *err)
{
	if (text_head(out, view, findings, err) || (view->history.n > 0 && custody_buf_append_str(out, "\nWho held it\n", err)))
		return -1;
	for (size_t i = 0; i < view->history.n; i++)
		if (text_span(out, &view->history.spans[i], view->whole, err))
			return -1;
	if (text_stub(out, view, err) || (view->record.n > 0 && custody_buf_append_str(out, "\nEvents\n", err)))
		return -1;
	for (size_t i = 0; i < view->record.n; i++)
		if (text_event(out, view, i, err))
			return -1;
	if (text_all_attached(out, &view->record, attached, n, err) || text_findings(out, findings, err))
		return -1;
	return custody_buf_append_str(out,
		"\nA custody record proves what is in it, and nothing that is not: who opened the\n"
		"package without writing it down cannot be seen.\n",
		err);
}

/* ---- JSON ---- */

/* key, then the text in display form or null. */
static int put(struct custody_buf *b, const char *key, const char *text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf line = { 0 };

	if (!text)
		return custody_buf_printf(b, err, "%snull", key);
	custody_buf_init(&line, CUSTODY_LIMIT_TEXT_FIELD * 16);
	return custody_display_append(&line, (const uint8_t *)text, strlen(text), err) || custody_buf_append_str(b, key, err) ||
			       custody_json_append_safe(b, line.data ? line.data : (const uint8_t *)"", line.len, err)
		       ? -1
		       : 0;
}

static int put_time(struct custody_buf *b, const char *key, bool has, struct custody_time t, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT];

	if (!has)
		return custody_buf_printf(b, err, "%snull", key);
	custody_time_format(t, text);
	return custody_buf_printf(b, err, "%s\"%s\"", key, text);
}

static int json_head(struct custody_buf *b, const struct custody_record_view *v, const struct custody_findings *findings, struct custody_error *err)
{
	char package[65], head[65];

	if (custody_buf_printf(b, err, "{\"schema\":\"custody-record-view/1\",\"passed\":%s,\"result\":\"%s\",\"whole\":%s",
		    v->passed ? "true" : "false", custody_group_result_name(result(v, findings)), v->whole ? "true" : "false"))
		return -1;
	if (v->record.n == 0)
		return custody_buf_append_str(b, ",\"package\":null,\"head\":null,\"anchored_events\":0", err);
	const struct custody_event *first = &v->record.entries[0].event;
	custody_hex_format(first->package_sha256, 32, package);
	custody_hex_format(custody_record_head(&v->record), 32, head);
	return custody_buf_printf(b, err,
		",\"package\":{\"uuid\":\"%s\",\"sha256\":\"%s\",\"size\":%" PRIu64 "},\"head\":\"%s\",\"anchored_events\":%zu", first->package,
		package, first->package_size, head, v->anchored);
}

static int json_span(struct custody_buf *b, const struct custody_history_span *s, struct custody_error *err)
{
	if (custody_buf_printf(b, err, "{\"state\":\"%s\"",
		    s->state == CUSTODY_HISTORY_HELD	    ? "held"
		    : s->state == CUSTODY_HISTORY_DESTROYED ? "destroyed"
							    : "handed-over") ||
		put(b, ",\"who\":", s->who, err) || put(b, ",\"to\":", s->to, err) || put_time(b, ",\"from\":", true, s->from, err) ||
		put_time(b, ",\"until\":", s->last > 0, s->until, err) || custody_buf_printf(b, err, ",\"first_event\":%zu", s->first) ||
		(s->last ? custody_buf_printf(b, err, ",\"last_event\":%zu", s->last) : custody_buf_append_str(b, ",\"last_event\":null", err)))
		return -1;
	return custody_buf_printf(b, err, ",\"signer_trusted\":%s}", s->uncertain ? "false" : "true");
}

static int json_value(struct custody_buf *b, const struct custody_event_field *field, const struct custody_event_value *v, struct custody_error *err)
{
	char hex[65];

	if (custody_buf_printf(b, err, "\"%s\":", field->key))
		return -1;
	switch (field->kind) {
	case CUSTODY_EVENT_TEXT:
	case CUSTODY_EVENT_WORD:
		return put(b, "", v->text, err);
	case CUSTODY_EVENT_DIGEST:
	case CUSTODY_EVENT_NONCE:
		custody_hex_format(v->bytes, field->kind == CUSTODY_EVENT_DIGEST ? 32 : 16, hex);
		return custody_buf_printf(b, err, "\"%s\"", hex);
	case CUSTODY_EVENT_COUNT:
		return custody_buf_printf(b, err, "%" PRIu64, v->count);
	case CUSTODY_EVENT_YES_NO:
		return custody_buf_append_str(b, v->count ? "true" : "false", err);
	case CUSTODY_EVENT_TIME:
		return put_time(b, "", true, v->time, err);
	}
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "a field of an unknown kind");
}

/* What other signatures say of the event: how exact its stamp is, when the package was sealed that it begins the record of, what corrects it; and the closing
 * brace. */
static int json_marks(
	struct custody_buf *b, const struct custody_record_view *v, size_t i, const struct custody_history_proof *p, struct custody_error *err)
{
	bool begun_later;
	const char *between = "";

	(void)custody_history_past(&v->record.entries[i].event, p, &v->seal_proof, &begun_later);
	if (custody_buf_append_str(b, ",\"accuracy_ms\":", err) ||
		(p->has_time && p->accuracy_ms ? custody_buf_printf(b, err, "%" PRIu64, p->accuracy_ms) : custody_buf_append_str(b, "null", err)) ||
		put_time(b, ",\"sealed_before\":", begun_later, v->seal_proof.stamped, err) || custody_buf_append_str(b, ",\"corrected_by\":[", err))
		return -1;
	for (size_t at = correction(&v->record, i + 1, i + 1); at; at = correction(&v->record, i + 1, at), between = ",")
		if (custody_buf_printf(b, err, "%s%zu", between, at))
			return -1;
	return custody_buf_append_str(b, "]}", err);
}

static int json_attachments(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	char hex[65];

	if (custody_buf_append_str(b, ",\"attached\":[", err))
		return -1;
	for (size_t i = 0; i < e->n_attachments; i++) {
		custody_hex_format(e->attachments[i].sha256, 32, hex);
		CUSTODY_BUF_CLEAN struct custody_buf name = { .max = SIZE_MAX };

		if (custody_display_undo(&name, (const uint8_t *)e->attachments[i].name, strlen(e->attachments[i].name), err) ||
			put(b, i ? ",{\"name\":" : "{\"name\":", custody_buf_str(&name), err) ||
			custody_buf_printf(b, err, ",\"size\":%" PRIu64 ",\"sha256\":\"%s\"}", e->attachments[i].size, hex))
			return -1;
	}
	return custody_buf_append_byte(b, ']', err);
}

/* A digest, or null. */
static int put_digest(struct custody_buf *b, const char *key, bool has, const uint8_t sha256[32], struct custody_error *err)
{
	char hex[65];

	if (!has)
		return custody_buf_printf(b, err, "%snull", key);
	custody_hex_format(sha256, 32, hex);
	return custody_buf_printf(b, err, "%s\"%s\"", key, hex);
}

static int json_receiver(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	if (!e->has_to)
		return custody_buf_append_str(b, ",\"receiver\":null", err);
	return put(b, ",\"receiver\":{\"name\":", e->to.name, err) || put(b, ",\"organisation\":", e->to.organisation, err) ||
			       put(b, ",\"role\":", e->to.role, err) || put(b, ",\"id\":", e->to.id, err) ||
			       put_digest(b, ",\"certificate_sha256\":", e->has_to_certificate, e->to_certificate, err) ||
			       custody_buf_append_byte(b, '}', err)
		       ? -1
		       : 0;
}

/* What whoever signed says of the event. */
static int json_words(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	const struct custody_event_info *info = custody_event_get(e->type);
	bool first = true;

	if (put(b, ",\"to\":", e->has_to ? e->to.name : NULL, err) || put(b, ",\"purpose\":", e->purpose, err) ||
		put(b, ",\"authority\":", e->authority, err) || put(b, ",\"place\":", e->place, err) ||
		custody_buf_append_str(b, ",\"fields\":{", err))
		return -1;
	for (size_t k = 0; k < info->n; k++) {
		if (!e->values[k].present)
			continue;
		if ((!first && custody_buf_append_byte(b, ',', err)) || json_value(b, &info->fields[k], &e->values[k], err))
			return -1;
		first = false;
	}
	return custody_buf_printf(b, err, "},\"attachments\":%zu", e->n_attachments) || json_attachments(b, e, err) || json_receiver(b, e, err) ? -1
																		: 0;
}

static int json_event(struct custody_buf *b, const struct custody_record_view *v, size_t i, struct custody_error *err)
{
	static const struct custody_history_proof none;
	const struct custody_event *e = &v->record.entries[i].event;
	const struct custody_history_proof *p = i < v->n ? &v->proofs[i] : &none;
	char head[65];

	custody_hex_format(v->record.entries[i].sha256[2], 32, head);
	return custody_buf_printf(b, err, "{\"seq\":%" PRIu64, e->seq) || put(b, ",\"type\":", e->type_name, err) ||
			       put(b, ",\"signer\":", p->sound ? p->name : NULL, err) ||
			       put_digest(b, ",\"certificate_sha256\":", p->sound, p->certificate, err) ||
			       put(b, ",\"actor\":", e->actor.name, err) || put_time(b, ",\"recorded\":", true, e->recorded, err) ||
			       put_time(b, ",\"occurred\":", e->has_occurred, e->occurred, err) ||
			       put_time(b, ",\"stamped\":", p->has_time, p->stamped, err) ||
			       custody_buf_printf(b, err, ",\"independent\":%s,\"time_trusted\":%s", p->independent ? "true" : "false",
				       p->has_time && p->time_trusted ? "true" : "false") ||
			       put(b, ",\"declared_later\":", e->declared_later, err) ||
			       custody_buf_printf(b, err, ",\"signer_trusted\":%s,\"head\":\"%s\",\"measured\":%s", p->trusted ? "true" : "false",
				       head, e->measured ? "true" : "false") ||
			       json_words(b, e, err) || json_marks(b, v, i, p, err)
		       ? -1
		       : 0;
}

/* item and detail are in display form already; NULL: none. */
static int json_finding(
	struct custody_buf *b, const struct custody_finding_info *info, const char *item, const char *detail, struct custody_error *err)
{
	if (custody_buf_printf(b, err, "{\"id\":\"%s\",\"severity\":\"%s\",\"item\":", info->id, custody_severity_name(info->severity)) ||
		(item ? custody_json_append_safe(b, item, strlen(item), err) : custody_buf_append_str(b, "null", err)) ||
		custody_buf_append_str(b, ",\"detail\":", err) ||
		(detail ? custody_json_append_safe(b, detail, strlen(detail), err) : custody_buf_append_str(b, "null", err)))
		return -1;
	return custody_buf_append_byte(b, '}', err);
}

/* As in a report: of each kind that the list has no room for there is an entry that says how many. */
static int json_unlisted(struct custody_buf *b, const struct custody_findings *f, struct custody_error *err)
{
	uint64_t rest = 0;
	char detail[64];

	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		uint64_t more = unlisted(f, (enum custody_finding_id)id);

		if (more == 0)
			continue;
		snprintf(detail, sizeof(detail), "%" PRIu64 " more of this kind, not listed", more);
		if (((f->n > 0 || rest > 0) && custody_buf_append_byte(b, ',', err)) ||
			json_finding(b, custody_finding_get((enum custody_finding_id)id), NULL, detail, err))
			return -1;
		rest += more;
	}
	return custody_buf_printf(b, err, "],\"findings_not_listed\":%" PRIu64, rest);
}

static int json_findings(struct custody_buf *b, const struct custody_findings *f, struct custody_error *err)
{
	char item[SHOWN];

	if (custody_buf_append_str(b, ",\"findings\":[", err))
		return -1;
	for (size_t i = 0; i < f->n; i++) {
		const struct custody_finding *one = &f->list[i];

		if (one->item)
			custody_display(one->item, one->item_len, item, sizeof(item));
		if ((i > 0 && custody_buf_append_byte(b, ',', err)) ||
			json_finding(b, custody_finding_get(one->id), one->item ? item : NULL, one->detail, err))
			return -1;
	}
	return json_unlisted(b, f, err);
}

/* What is left of a package that was destroyed, or null. */
static int json_stub(struct custody_buf *b, const struct custody_record_view *v, struct custody_error *err)
{
	const struct custody_sealfile *s = &v->record.sealfile;
	size_t told = 0;

	if (!custody_history_is_destroyed(&v->history))
		return custody_buf_append_str(b, ",\"destroyed\":null", err);
	if (custody_buf_printf(
		    b, err, ",\"destroyed\":{\"event\":%zu,\"items\":%" PRIu64 ",\"bytes\":%" PRIu64, v->history.destroyed, s->items, s->bytes) ||
		put(b, ",\"case\":", s->case_id, err) || put(b, ",\"exhibit\":", s->exhibit, err) ||
		put(b, ",\"sealed_by\":", v->seal_proof.sound ? v->seal_proof.name : NULL, err) ||
		custody_buf_printf(b, err, ",\"sealed_by_trusted\":%s", v->seal_proof.trusted ? "true" : "false") ||
		put_time(b, ",\"not_later_than\":", v->seal_proof.has_time && v->seal_proof.independent, v->seal_proof.stamped, err) ||
		custody_buf_append_str(b, ",\"digest_events\":[", err))
		return -1;
	for (size_t i = 0; i < v->record.n; i++)
		if (tells_a_digest(&v->record.entries[i].event) && custody_buf_printf(b, err, "%s%zu", told++ ? "," : "", i + 1))
			return -1;
	return custody_buf_append_str(b, "]}", err);
}

static int json_attached(
	struct custody_buf *b, const struct custody_record *r, const struct custody_record_attached *attached, size_t n, struct custody_error *err)
{
	char hex[65];

	if (custody_buf_append_str(b, ",\"attached\":[", err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *between = "";

		custody_hex_format(attached[i].sha256, 32, hex);
		if (put(b, i ? ",{\"path\":" : "{\"path\":", attached[i].path, err) ||
			custody_buf_printf(b, err, ",\"sha256\":\"%s\",\"events\":[", hex))
			return -1;
		for (size_t at = 0; (at = custody_record_attached_find(r, &attached[i], at)); between = ",")
			if (custody_buf_printf(b, err, "%s%zu", between, at))
				return -1;
		if (custody_buf_append_str(b, "]}", err))
			return -1;
	}
	return custody_buf_append_byte(b, ']', err);
}

int custody_record_json(struct custody_buf *out, const struct custody_record_view *view, const struct custody_findings *findings,
	const struct custody_record_attached *attached, size_t n, struct custody_error *err)
{
	if (json_head(out, view, findings, err) || json_stub(out, view, err) || json_attached(out, &view->record, attached, n, err) ||
		custody_buf_append_str(out, ",\"holders\":[", err))
		return -1;
	for (size_t i = 0; i < view->history.n; i++)
		if ((i > 0 && custody_buf_append_byte(out, ',', err)) || json_span(out, &view->history.spans[i], err))
			return -1;
	if (custody_buf_append_str(out, "],\"events\":[", err))
		return -1;
	for (size_t i = 0; i < view->record.n; i++)
		if ((i > 0 && custody_buf_append_byte(out, ',', err)) || json_event(out, view, i, err))
			return -1;
	return custody_buf_append_byte(out, ']', err) || json_findings(out, findings, err) || custody_buf_append_str(out, "}\n", err) ? -1 : 0;
}
