/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report that a court reads. Its sentences are fixed: the same result gives the same words. Sections say where a statement comes from: what was measured now, what the
 * sealer states in the package, what was given for this run.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/paragraph.h"
#include "formats/report.h"
#include "formats/report_claims.h"
#include "formats/report_record.h"
#include "formats/report_request.h"
#include "formats/report_row.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/nih.h"
#include "libcustody/base/utf8.h"

#define LABEL 14 /* columns of the labels in front of text */
#define RESULT 16 /* and of what a group came to */
#define NO_LABEL "" /* not a text to translate */

/* The text under way. After a failure nothing more is appended; the caller looks once, at the end. */
struct page {
	struct custody_buf *out;
	struct custody_error *err;
	bool failed, colour;
	const struct custody_words *words;
};

static void put(struct page *p, const char *text)
{
	if (!p->failed)
		p->failed = custody_buf_append_str(p->out, text, p->err) != 0;
}

/* A text of ours in the language of the page. */
static const char *in(const struct page *p, const char *english) __attribute__((format_arg(2)));
static const char *in(const struct page *p, const char *english)
{
	return custody_words_get(p->words, english);
}

/* The label, which is put into the language of the page, and the words as they are from column left + LABEL on. */
static void paragraph(struct page *p, size_t left, const char *label, const char *text)
{
	if (!p->failed)
		p->failed = custody_paragraph(p->out, left, in(p, label), left + LABEL, text, p->err) != 0;
}

/* Text of ours alone. */
static void tell(struct page *p, size_t left, const char *label, const char *english)
{
	paragraph(p, left, label, in(p, english));
}

/* Composes safe text in the language of the page. Foreign text goes in through shown() or raw() only. */
static void say(struct page *p, size_t left, const char *label, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void say(struct page *p, size_t left, const char *label, const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), in(p, fmt), ap);
	va_end(ap);
	paragraph(p, left, label, text);
}

/* The same of pieces that are in the language of the page already. */
static void lay(struct page *p, size_t left, const char *label, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void lay(struct page *p, size_t left, const char *label, const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	paragraph(p, left, label, text);
}

static void head(struct page *p, const char *title)
{
	put(p, "\n");
	if (!p->failed)
		p->failed = custody_paragraph(p->out, 0, NO_LABEL, 0, in(p, title), p->err) != 0;
}

/* Raw bytes for a line of text, cut where they are too long to be read. */
static const char *raw(const void *bytes, size_t n, char out[CUSTODY_REPORT_NAME])
{
	return custody_display(bytes, n, out, CUSTODY_REPORT_NAME);
}

static const char *raw_str(const char *text, char out[CUSTODY_REPORT_NAME])
{
	return raw(text, strlen(text), out);
}

/* Text made for showing: escaped again only where something unsafe is in it all the same. out holds n bytes; longer text ends in "...". */
static const char *shown(struct page *p, const char *text, char *out, size_t size)
{
	CUSTODY_BUF_CLEAN struct custody_buf safe;
	custody_buf_init(&safe, 16 * CUSTODY_ERROR_TEXT);
	out[0] = '\0';
	if (!p->failed)
		p->failed = custody_report_append_shown(&safe, text, p->err) != 0;
	size_t n = safe.len;
	if (n < size) {
		memcpy(out, custody_buf_str(&safe), n + 1);
		return out;
	}
	for (n = size - 4; n > 0 && (safe.data[n] & 0xc0) == 0x80; n--)
		;
	memcpy(out, safe.data, n);
	memcpy(out + n, "...", 4);
	return out;
}

/* ---- the first lines ---- */

/* The word that decides, and in another language the English one beside it: what a program prints, and a letter from elsewhere names. */
static void verdict_word(const struct page *p, const struct custody_report *r, char *out, size_t size)
{
	const char *english = custody_report_word(r->verdict), *word = in(p, english);
	snprintf(out, size, word == english ? "%s" : "%s (%s)", word, english);
}

/* What stands behind the word; true: it is a line of its own, and the sentence another. */
static bool qualified(const struct page *p, const struct custody_report *r, char out[2 * CUSTODY_REPORT_DATE])
{
	char n[CUSTODY_REPORT_NUMBER], time[CUSTODY_TIME_TEXT], at[CUSTODY_REPORT_DATE] = "", with[CUSTODY_REPORT_DATE] = "";
	if (r->at_chosen && r->verdict != CUSTODY_VERDICT_NONE) {
		custody_report_time(custody_report_judged_at(r), time);
		snprintf(at, sizeof(at), in(p, N_(" as at %s, chosen by the user")), time);
	}
	if (r->has_sealfile && r->exceptions > 0)
		snprintf(with, sizeof(with), custody_words_plural(p->words, r->exceptions, ", with %s exception", ", with %s exceptions"),
			custody_report_grouped(r->exceptions, p->words, n));
	snprintf(out, 2 * CUSTODY_REPORT_DATE, "%s%s", at, with);
	return *out != '\0';
}

static void verdict_line(struct page *p, const struct custody_report *r)
{
	static const char *const colours[] = { [CUSTODY_VERDICT_NONE] = "\033[1;33m",
		[CUSTODY_VERDICT_INVALID] = "\033[1;31m",
		[CUSTODY_VERDICT_INDETERMINATE] = "\033[1;33m",
		[CUSTODY_VERDICT_VALID] = "\033[1;32m" };
	char word[128], more[2 * CUSTODY_REPORT_DATE], label[160];
	const char *sentence = in(p, custody_report_sentence(r));
	CUSTODY_BUF_CLEAN struct custody_buf line = { .max = SIZE_MAX };
	verdict_word(p, r, word, sizeof(word));
	bool apart = qualified(p, r, more);
	if (apart)
		snprintf(label, sizeof(label), "%s", "");
	else /* with its blank, which the paragraph sets itself */
		snprintf(label, sizeof(label), "%s%.*s", word, (int)strcspn(in(p, N_(": ")), ":") + 1, in(p, N_(": ")));
	if (!p->failed)
		p->failed = custody_paragraph(&line, 0, label, 0, sentence, p->err) != 0;
	put(p, p->colour ? colours[r->verdict] : "");
	put(p, word);
	put(p, p->colour ? "\033[0m" : "");
	put(p, more);
	put(p, apart ? in(p, N_(":\n")) : "");
	put(p, p->failed ? "" : custody_buf_str(&line) + (apart ? 0 : strlen(word)));
}

/* Which language holds, and what is not in this one. */
static void translation(struct page *p)
{
	if (!p->words)
		return;
	tell(p, 0, "Translation", custody_report_translation);
	if (!custody_words_complete(p->words))
		tell(p, 0, NO_LABEL, custody_report_untranslated);
}

/* The first lines have their words behind the longer one of their two labels. */
static void first_line(struct page *p, const char *label, const char *text)
{
	const char *number = in(p, N_("Package number")), *code = in(p, N_("Check code"));
	size_t a = custody_paragraph_columns(number, strlen(number)), b = custody_paragraph_columns(code, strlen(code)), longer = a > b ? a : b;
	if (!p->failed)
		p->failed = custody_paragraph(p->out, 0, in(p, label), (longer > LABEL ? longer : LABEL) + 1, text, p->err) != 0;
}

static void number_lines(struct page *p, const struct custody_report *r)
{
	char number[CUSTODY_HEX_GROUPS], brief[CUSTODY_NIH_SHORT], line[512];
	if (!r->has_package)
		return;
	first_line(p, N_("Package number"), custody_hex_groups(r->sha256, number));
	if (!r->has_expected) {
		first_line(p, NO_LABEL, in(p, N_("compare with the number on the form: it is the SHA-256 of the file")));
	} else if (memcmp(r->sha256, r->expected, 32) == 0) {
		first_line(p, NO_LABEL, in(p, N_("expected: matched; it is the number that was given with --expect")));
	} else {
		first_line(p, NO_LABEL, in(p, N_("expected: NOT matched; the number that was given with --expect is")));
		first_line(p, NO_LABEL, custody_hex_groups(r->expected, number));
	}
	snprintf(line, sizeof(line), in(p, N_("%s (its first digits; the last one tells a slip of the eye)")), custody_nih_short(r->sha256, brief));
	first_line(p, N_("Check code"), line);
}

static void exception_line(struct page *p, const struct custody_report *r)
{
	char n[CUSTODY_REPORT_NUMBER];
	if (!r->has_sealfile || r->exceptions == 0)
		return;
	say(p, 0, "Exceptions",
		"%s: source files or folders that changed or could not be read while they were sealed; the laboratory accepted this, see below. The "
		"package "
		"may not hold all that there was.",
		custody_report_grouped(r->exceptions, p->words, n));
}

/* The same sentences as in the other forms of the report. */
static void conclusion(struct page *p, const struct custody_report *r)
{
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, SIZE_MAX);
	if (!p->failed)
		p->failed = custody_report_conclusion(&text, r, p->words, p->err) != 0;
	paragraph(p, 0, "Conclusion", custody_buf_str(&text));
}

/* ---- measured ---- */

static void group_table(struct page *p, const struct custody_report *r)
{
	char line[1024];
	head(p, "CHECKED NOW, from the bytes of the file");
	for (int g = 0; g < CUSTODY_GROUP_STATEMENTS; g++) {
		const char *name = in(p, custody_group_name((enum custody_group)g)), *result = in(p, custody_report_result(r->groups[g]));
		size_t columns = custody_paragraph_columns(name, strlen(name));
		snprintf(line, sizeof(line), "%s%*s%s", name, columns < LABEL ? (int)(LABEL - columns) : 1, "", result);
		if (!p->failed)
			p->failed = custody_paragraph(
					    p->out, 2, line, 2 + LABEL + RESULT, in(p, custody_report_group(r, (enum custody_group)g)), p->err) != 0;
	}
}

static bool same_item(const struct custody_finding *a, const struct custody_finding *b)
{
	return a && a->item && b->item && a->item_len == b->item_len && memcmp(a->item, b->item, a->item_len) == 0;
}

static bool same_detail(const struct custody_finding *a, const struct custody_finding *b)
{
	return a && a->detail && b->detail && strcmp(a->detail, b->detail) == 0;
}

/* What is said of one item stands below it once, even if more than one check found it. */
static void finding_items(struct page *p, const struct custody_report *r, enum custody_finding_id id)
{
	char name[CUSTODY_REPORT_NAME], detail[CUSTODY_ERROR_TEXT], n[CUSTODY_REPORT_NUMBER];
	const struct custody_finding *last = NULL;
	uint64_t items = 0, met = 0;
	for (size_t i = 0; i < r->findings.n; i++) {
		const struct custody_finding *f = &r->findings.list[i];
		if (f->id != id)
			continue;
		bool again = same_item(last, f);
		if (!again && ++items > CUSTODY_REPORT_ITEMS)
			break;
		met++;
		if (f->item && !again)
			paragraph(p, 4, N_("  item"), raw(f->item, f->item_len, name));
		if (f->detail && *f->detail && !(again && same_detail(last, f)))
			paragraph(p, 4, N_("  found"), shown(p, f->detail, detail, sizeof(detail)));
		last = f;
	}
	if (r->findings.count[id] > met && met > 0)
		say(p, 4, NO_LABEL, "and %s more of this kind; the JSON report lists up to a thousand",
			custody_report_grouped(r->findings.count[id] - met, p->words, n));
}

static void finding_kind(struct page *p, const struct custody_report *r, enum custody_finding_id id)
{
	const struct custody_finding_info *info = custody_finding_get(id);
	const char *severity = custody_severity_name(info->severity), *group = in(p, custody_group_name(info->group));
	char n[CUSTODY_REPORT_NUMBER], etsi[64];
	snprintf(etsi, sizeof(etsi), "%s%s", info->etsi[0] ? ", ETSI " : "", info->etsi);
	if (r->findings.count[id] > 1)
		say(p, 2, severity, "%s (%s, %s times)%s", info->id, group, custody_report_grouped(r->findings.count[id], p->words, n), etsi);
	else
		say(p, 2, severity, "%s (%s)%s", info->id, group, etsi);
	tell(p, 4, "  that is", info->text);
	finding_items(p, r, id);
	tell(p, 4, "  to do", info->action);
}

static void findings(struct page *p, const struct custody_report *r)
{
	static const enum custody_severity order[] = { CUSTODY_SEVERITY_ERROR, CUSTODY_SEVERITY_WARNING, CUSTODY_SEVERITY_NOTE };
	bool any = false;
	head(p, "FOUND, what weighs most first; custody-findings(7) explains each");
	for (size_t s = 0; s < sizeof(order) / sizeof(*order); s++) {
		for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
			if (r->findings.count[id] == 0 || custody_finding_get((enum custody_finding_id)id)->severity != order[s])
				continue;
			finding_kind(p, r, (enum custody_finding_id)id);
			any = true;
		}
	}
	if (!any)
		say(p, 2, "nothing", "none of the %d kinds of finding that this program knows", (int)CUSTODY_FINDING_COUNT);
	if (r->findings.out_of_memory)
		tell(p, 2, "lost", N_("some findings could not be kept for want of memory"));
}

/* ---- who and when ---- */

static bool group_passed(const struct custody_report *r, enum custody_group group)
{
	return r->groups[group] == CUSTODY_RESULT_PASS || r->groups[group] == CUSTODY_RESULT_OWN_WORD;
}

static void who(struct page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	char name[CUSTODY_NAME_TEXT], subject[CUSTODY_NAME_TEXT], number[CUSTODY_HEX_GROUPS];
	if (!s->has_signer) {
		tell(p, 2, "sealed by", N_("cannot be said; no certificate of a signer could be read"));
		return;
	}
	shown(p, s->signer_name, name, sizeof(name));
	shown(p, s->signer, subject, sizeof(subject));
	if (group_passed(r, CUSTODY_GROUP_SEAL))
		say(p, 2, "sealed by", "%s, by the certificate of %s", name, subject);
	else
		say(p, 2, "sealed by", "cannot be said; the certificate in the package names %s (%s)", name, subject);
	paragraph(p, 2, N_("certificate"), custody_hex_groups(s->certificate_sha256, number));
	if (s->has_anchor)
		paragraph(p, 2, N_("anchor"), custody_hex_groups(s->anchor_sha256, number));
	char issuer[CUSTODY_NAME_TEXT], from[CUSTODY_REPORT_DATE], until[CUSTODY_REPORT_DATE];
	say(p, 2, "issued by", "%s; valid from %s to %s, %s", shown(p, s->issuer, issuer, sizeof(issuer)),
		custody_report_day(s->valid_from, p->words, from), custody_report_day(s->valid_until, p->words, until),
		in(p, custody_report_standing(r)));
}

/* The local time of this computer, where it is another than UTC (ADM-88). */
static void local_time(struct page *p, const struct custody_report *r, struct custody_time t)
{
	CUSTODY_BUF_CLEAN struct custody_buf local;
	custody_buf_init(&local, 256);
	if (!p->failed)
		p->failed = custody_report_append_local(&local, r, t, p->words, p->err) != 0;
	if (local.len <= 3)
		return;
	local.data[local.len - 1] = '\0';
	say(p, 2, "local time", "%s, by the setting of this computer", (const char *)local.data + 2);
}

static void when(struct page *p, const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	char time[CUSTODY_TIME_TEXT], authority[CUSTODY_NAME_TEXT];
	struct custody_time t = s->stated;
	if (!s->has_time) {
		tell(p, 2, "time", N_("not proven; no time-stamp could be read"));
		return;
	}
	shown(p, s->authority, authority, sizeof(authority));
	if (custody_report_not_later_than(r, &t)) {
		custody_report_time(t, time);
		say(p, 2, "time", "sealed not later than %s (UTC), proven by %s", time, authority);
	} else {
		custody_report_time(s->stated, time);
		if (r->groups[CUSTODY_GROUP_TIME] == CUSTODY_RESULT_OWN_WORD)
			say(p, 2, "time", "%s (UTC) is the laboratory's own word, by %s; nothing independent proves it", time, authority);
		else
			say(p, 2, "time", "not proven; the time-stamp states %s (UTC), by %s", time, authority);
	}
	local_time(p, r, t);
	if (s->has_accuracy) {
		char whole[24], thousandths[8];
		snprintf(whole, sizeof(whole), "%" PRIu64, s->accuracy_ms / 1000);
		snprintf(thousandths, sizeof(thousandths), "%03u", (unsigned)(s->accuracy_ms % 1000));
		say(p, 2, "accuracy", "%s.%s s, stated by the authority", whole, thousandths);
	} else {
		tell(p, 2, "accuracy", N_("not stated by the authority"));
	}
	for (size_t i = 0; i < s->n_others; i++) {
		custody_report_time(s->others[i].stated, time);
		say(p, 2, i ? NO_LABEL : N_("also by"), "%s, at %s (UTC): %s", shown(p, s->others[i].authority, authority, sizeof(authority)), time,
			in(p, custody_report_other_stamp(&s->others[i])));
	}
	if (s->has_revocation_until) {
		custody_report_time(s->revocation_known_until, time);
		say(p, 2, "revocation", "known up to %s (UTC), not beyond", time);
	} else {
		tell(p, 2, "revocation", N_("not known: nothing says whether a certificate was withdrawn"));
	}
}

/* ---- stated by the sealer ---- */

static void claim(struct page *p, const char *label, const char *text)
{
	char name[CUSTODY_REPORT_NAME];
	if (text && *text)
		paragraph(p, 2, label, raw_str(text, name));
	else
		tell(p, 2, label, N_("(not stated)"));
}

/* Why exceptions were accepted and which links were followed: the sealer's words, which nothing here can check. */
static void acquired(struct page *p, const struct custody_report *r)
{
	const struct custody_acquisition_stated *a = &r->acquired;
	char path[CUSTODY_REPORT_NAME], target[CUSTODY_REPORT_NAME], n[CUSTODY_REPORT_NUMBER];
	if (r->exceptions > 0 && a->reason)
		say(p, 2, "accepted", "the exceptions were accepted for this reason, as recorded and not checked: '%s'", raw_str(a->reason, path));
	else if (r->exceptions > 0)
		tell(p, 2, "accepted", N_("no reason for accepting the exceptions is recorded"));
	if (r->exceptions > 0 && a->reasons_differ)
		tell(p, 2, NO_LABEL, N_("other exceptions have other reasons: see custody/acquisition.json in the package"));
	for (size_t i = 0; i < a->n_followed && i < CUSTODY_REPORT_ITEMS; i++)
		say(p, 2, "link", "'%s' was a symbolic link; what was sealed lay at '%s'", raw_str(a->followed[i].path, path),
			raw_str(a->followed[i].target, target));
	if (a->n_followed > CUSTODY_REPORT_ITEMS)
		say(p, 2, NO_LABEL, "and %s more of this kind", custody_report_grouped(a->n_followed - CUSTODY_REPORT_ITEMS, p->words, n));
}

static void stated(struct page *p, const struct custody_report *r)
{
	char items[CUSTODY_REPORT_COUNT], bytes[CUSTODY_REPORT_COUNT], n[CUSTODY_REPORT_NUMBER], time[CUSTODY_TIME_TEXT], number[CUSTODY_HEX_GROUPS];
	if (!r->has_sealfile)
		return;
	head(p, "STATED IN THE PACKAGE by whoever sealed it, as claimed");
	claim(p, N_("case"), r->case_id);
	claim(p, N_("exhibit"), r->exhibit);
	claim(p, N_("sealer"), r->sealer_name);
	claim(p, N_("role"), r->sealer_role);
	claim(p, N_("organisation"), r->sealer_organisation);
	custody_report_time(r->sealed, time);
	say(p, 2, "sealed", "%s (UTC), by the sealer's own clock", time);
	say(p, 2, "content", "%s, %s; exceptions: %s", custody_report_items(r->items, p->words, items),
		custody_report_bytes(r->bytes, p->words, bytes), custody_report_grouped(r->exceptions, p->words, n));
	acquired(p, r);
	if (r->role == CUSTODY_ROLE_AUTHORITY_DOCUMENT)
		say(p, 2, "content role", CUSTODY_REPORT_ROLE);
	claim(p, N_("package id"), r->uuid);
	if (!r->has_previous)
		return;
	tell(p, 2, "replaces", N_("another package, whose number is:"));
	lay(p, 2, NO_LABEL, "%s", custody_hex_groups(r->previous, number));
}

/* ---- stated by others ---- */

/* A row, without the isolates: a text has no characters that turn its direction. */
static void say_row(struct page *p, const char *label, const char *row)
{
	CUSTODY_BUF_CLEAN struct custody_buf plain = { .max = SIZE_MAX };
	if (!p->failed)
		p->failed = custody_report_append_plain(&plain, row, p->err) != 0;
	paragraph(p, 2, label, custody_buf_str(&plain));
}

static void stated_by_others(struct page *p, const struct custody_report *r)
{
	char number[CUSTODY_HEX_GROUPS], line[96];
	if (!r->claims.there)
		return;
	head(p, "DIGESTS STATED BY OTHERS, as the laboratory took them in; compared now");
	for (size_t i = 0; i < r->claims.n_sources; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf text = { .max = SIZE_MAX };
		p->failed = p->failed || custody_report_claims_source(&text, &r->claims.sources[i], custody_words_of_rows(p->words), p->err);
		say_row(p, N_("list"), custody_buf_str(&text));
		snprintf(line, sizeof(line), "SHA-256 %s", custody_hex_groups(r->claims.sources[i].sha256, number));
		paragraph(p, 2, NO_LABEL, line);
	}
	CUSTODY_BUF_CLEAN struct custody_buf sum = { .max = SIZE_MAX };
	p->failed = p->failed || custody_report_claims_sum(&sum, r, custody_words_of_rows(p->words), p->err);
	say_row(p, N_("result"), custody_buf_str(&sum));
}

/* ---- the request ---- */

static int request_row(void *ctx, const char *label, const char *text, bool measured, struct custody_error *err)
{
	struct page *p = ctx;
	(void)measured, (void)err;
	say_row(p, label, text);
	return p->failed ? -1 : 0;
}

static void request(struct page *p, const struct custody_report *r)
{
	if (!r->request.there)
		return;
	head(p, "THE REQUEST, as stated in the package; not checked");
	p->failed = p->failed || custody_report_request_rows(r, custody_words_of_rows(p->words), request_row, p, p->err);
}

/* ---- custody ---- */

static int record_row(void *ctx, const char *label, const char *text, bool given, struct custody_error *err)
{
	struct page *p = ctx;
	(void)given, (void)err;
	say_row(p, label, text);
	return p->failed ? -1 : 0;
}

static void custody_since(struct page *p, const struct custody_report *r)
{
	if (!r->has_record)
		return;
	head(p, "CUSTODY SINCE SEALING, as the custody record tells it; the group custody says whether it holds");
	p->failed = p->failed || custody_report_record_rows(r, custody_words_of_rows(p->words), record_row, p, p->err);
}

/* ---- given for this run ---- */

static void numbered(struct page *p, bool known, const uint8_t sha256[32])
{
	char number[CUSTODY_HEX_GROUPS];
	if (known)
		lay(p, 2, NO_LABEL, "SHA-256 %s", custody_hex_groups(sha256, number));
}

/* The record, and what shows where it ends. */
static void record_inputs(struct page *p, const struct custody_report *r)
{
	const struct custody_record_inputs *given = &r->record_given;
	char number[CUSTODY_HEX_GROUPS], name[CUSTODY_REPORT_NAME];
	if (!r->has_record)
		return;
	if (given->path)
		paragraph(p, 2, N_("record"), raw_str(given->path, name));
	numbered(p, given->path && given->has_sha256, given->sha256);
	for (size_t i = 0; i < given->n_heads; i++) {
		paragraph(p, 2, N_("head"), custody_hex_groups(given->heads[i].sha256, number));
		if (given->heads[i].event)
			say(p, 2, NO_LABEL, "the head of the record as of event %zu", given->heads[i].event);
		else
			tell(p, 2, NO_LABEL, N_("NOT a head of this record"));
	}
	if (!given->has_counterpart)
		return;
	paragraph(p, 2, N_("counterpart"), raw_str(given->counterpart ? given->counterpart : "", name));
	numbered(p, given->has_counterpart_sha256, given->counterpart_sha256);
	say(p, 2, NO_LABEL, "the same as the record up to event %zu", given->in_counterpart);
}

static void inputs(struct page *p, const struct custody_report *r, const struct custody_report_context *context)
{
	char number[CUSTODY_HEX_GROUPS], name[CUSTODY_REPORT_NAME], time[CUSTODY_TIME_TEXT], libraries[512], n[CUSTODY_REPORT_COUNT];
	head(p, "GIVEN for this check");
	paragraph(p, 2, N_("file"), raw_str(r->path ? r->path : "", name));
	if (r->has_package)
		paragraph(p, 2, N_("size"), custody_report_bytes(r->size, p->words, n));
	for (size_t i = 0; i < r->n_anchors; i++) {
		paragraph(p, 2, i ? NO_LABEL : N_("anchors"), custody_hex_groups(r->anchors[i].sha256, number));
		say(p, 2, NO_LABEL, "from %s", raw_str(r->anchors[i].from ? r->anchors[i].from : "", name));
	}
	if (r->n_anchors == 0)
		tell(p, 2, "anchors", N_("none"));
	else if (r->anchors_own_lab)
		tell(p, 2, NO_LABEL, N_("these are the anchors of your own lab; nobody else's were given with --trust"));
	record_inputs(p, r);
	custody_report_time(custody_report_judged_at(r), time);
	if (r->at_chosen)
		say(p, 2, "judged as at", "%s (UTC), chosen by the user with --at", time);
	else
		say(p, 2, "judged as at", "%s (UTC), the clock of this computer", time);
	tell(p, 2, "policy", N_("none"));
	size_t used = 0;
	libraries[0] = '\0';
	for (size_t i = 0; i < context->n_libraries && used < sizeof(libraries); i++)
		used += (size_t)snprintf(libraries + used, sizeof(libraries) - used, "%s%s %s", i ? ", " : "", context->libraries[i].name,
			context->libraries[i].version);
	say(p, 2, "program", "%s, with %s", context->tool, libraries);
	if (r->not_journalled) {
		char why[CUSTODY_ERROR_TEXT];
		say(p, 2, "journal", "not journalled: %s", shown(p, r->not_journalled, why, sizeof(why)));
	}
}

/* ---- the limits ---- */

static void claims(struct page *p, const struct custody_report *r)
{
	struct custody_report_rung rung;
	head(p, "CLAIMED, step by step; each step has a result of its own");
	for (size_t i = 0; custody_report_rung(r, i, &rung); i++)
		lay(p, 2, custody_report_rung_result_name(rung.result), "%c. %s (%s)", (char)('a' + (int)i), in(p, rung.claim), in(p, rung.why));
}

static void does_not_say(struct page *p)
{
	head(p, "WHAT THIS REPORT DOES NOT SAY");
	tell(p, 2, NO_LABEL, custody_report_does_not_say);
}

static void not_proven(struct page *p, const struct custody_report *r)
{
	const char *line;
	head(p, "NOT PROVEN by this, and not to be concluded from it");
	for (size_t i = 0; (line = custody_report_not_proven(r, i)) != NULL; i++) {
		if (!p->failed)
			p->failed = custody_paragraph(p->out, 2, "-", 4, in(p, line), p->err) != 0;
	}
}

static void by_hand(struct page *p, const struct custody_report *r)
{
	if (!r->has_package || !r->path)
		return;
	head(p, "TO REPEAT THIS BY HAND, without this program");
	if (!p->failed)
		p->failed = custody_report_by_hand(p->out, r, p->words, p->err) != 0;
}

int custody_report_text(
	struct custody_buf *out, const struct custody_report *r, const struct custody_report_context *context, struct custody_error *err)
{
	struct page p = { out, err, false, context->colour, context->words };
	verdict_line(&p, r);
	translation(&p);
	if (r->verdict == CUSTODY_VERDICT_NONE) {
		char why[CUSTODY_ERROR_TEXT], name[CUSTODY_REPORT_NAME];
		paragraph(&p, 0, N_("File"), raw_str(r->path ? r->path : "", name));
		paragraph(&p, 0, N_("Why"), r->failure ? shown(&p, r->failure, why, sizeof(why)) : in(&p, N_("(not known)")));
		return p.failed ? -1 : 0;
	}
	number_lines(&p, r);
	exception_line(&p, r);
	conclusion(&p, r);
	head(&p, r->verdict == CUSTODY_VERDICT_INVALID ? N_("WHO AND WHEN, as the seal has it; the verdict is INVALID") : N_("WHO AND WHEN"));
	who(&p, r);
	when(&p, r);
	custody_since(&p, r);
	group_table(&p, r);
	findings(&p, r);
	claims(&p, r);
	not_proven(&p, r);
	does_not_say(&p);
	stated(&p, r);
	request(&p, r);
	stated_by_others(&p, r);
	inputs(&p, r, context);
	by_hand(&p, r);
	return p.failed ? -1 : 0;
}

int custody_report_brief(
	struct custody_buf *out, const struct custody_report *r, const struct custody_report_context *context, struct custody_error *err)
{
	size_t before = out->len;
	if (custody_report_text(out, r, context, err))
		return -1;
	const char *head_end = strstr(custody_buf_str(out) + before, "\n\n");
	if (r->verdict == CUSTODY_VERDICT_VALID && head_end)
		out->len = (size_t)(head_end + 1 - custody_buf_str(out));
	return custody_buf_append_str(out, "\n", err);
}
