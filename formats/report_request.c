/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/report_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "formats/report_row.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/record/request.h"

#define SHOWN 160 /* bytes of one text of a record in a line */
#define CONDITION 8192 /* bytes of a condition's text: a page or two, since what limits the use may stand at its end (ADM-10) */
#define LINE 1200 /* of a line of several */
#define CONDITIONS 32 /* conditions of one record in a report, or of all those behind MOST; an extraction tells all of them */
#define MOST 8 /* elements of one list that are listed: `custody request show` has them all */

/* ---- the ladder ---- */

static bool have(const struct custody_report *r, enum custody_finding_id id)
{
	return r->findings.count[id] > 0;
}

void custody_report_request_rung(const struct custody_report *r, struct custody_report_rung *out)
{
	out->result = r->request.read ? CUSTODY_RUNG_NOT_SHOWN : CUSTODY_RUNG_NOT_CHECKED;
	if (!r->request.there) {
		out->why = N_("no request was compared");
	} else if (!r->request.read) {
		out->why = N_("the request record could not be read");
	} else if (have(r, CUSTODY_FINDING_REQUEST_OUTSIDE_SCOPE)) {
		out->why = N_("by its text, the return says of itself that it goes beyond the request");
		out->result = CUSTODY_RUNG_FAILS;
	} else if (have(r, CUSTODY_FINDING_REQUEST_SCOPE_UNKNOWN)) {
		out->why = N_("whether the return goes beyond the request cannot be said; the content was not looked at");
	} else if (have(r, CUSTODY_FINDING_REQUEST_ITEMS_UNLINKED)) {
		out->why = N_("items are not linked to a line of the request; the content was not looked at");
	} else {
		out->why = N_("request and return were compared as texts of the record; the content was not looked at");
	}
}

/* ---- rows ---- */

struct rows {
	const struct custody_words *words;
	custody_report_request_row *row;
	void *ctx;
};

/* label: English, marked. */
static int say(const struct rows *w, const char *label, const char *text, bool measured, struct custody_error *err)
{
	return w->row(w->ctx, label, text, measured, err);
}

/* A line in the making: what does not fit is left out, and said. */
struct line {
	const struct custody_words *words;
	char text[LINE];
	size_t n;
	bool cut;
};

/* before: English, marked. */
static void add(struct line *l, const char *english, const char *text)
{
	const char *before = custody_words_get(l->words, english);
	size_t room = sizeof(l->text) - sizeof(", ..."), a = strlen(before), b = strlen(text);

	if (l->cut || a + b > room - l->n) {
		l->cut = true;
		return;
	}
	memcpy(l->text + l->n, before, a);
	memcpy(l->text + l->n + a, text, b + 1);
	l->n += a + b;
}

static const char *end(struct line *l)
{
	if (l->cut)
		memcpy(l->text + l->n, ", ...", sizeof(", ..."));
	return l->text;
}

/* The value of a field as a record states it: quoted, withheld with its reason, or nothing. false: not given. */
static bool value(const struct custody_words *words, json_t *v, char out[SHOWN + 64])
{
	char shown[SHOWN];
	const char *reason = custody_request_withheld(v);

	if (reason)
		snprintf(out, SHOWN + 64, custody_words_get(words, N_("withheld ('%s')")),
			custody_report_isolated(reason, strlen(reason), shown, sizeof(shown)));
	else if (json_is_string(v))
		snprintf(out, SHOWN + 64, "'%s'", custody_report_isolated(json_string_value(v), json_string_length(v), shown, sizeof(shown)));
	else
		return false;
	return true;
}

static void add_field(struct line *l, const char *before, json_t *object, const char *key)
{
	char text[SHOWN + 64];

	if (value(l->words, json_object_get(object, key), text))
		add(l, l->n ? before : "", text);
}

/* Likewise, behind what is put elsewhere. */
static void add_after(struct line *l, const char *before, json_t *object, const char *key)
{
	char text[SHOWN + 64];

	if (value(l->words, json_object_get(object, key), text))
		add(l, before, text);
}

/* A name, which was escaped when it was written down if it is no plain text. */
static int add_name(struct line *l, json_t *object, const char *key, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf name = { .max = SIZE_MAX };
	json_t *v = json_object_get(object, key);
	char shown[SHOWN], text[SHOWN + 64];

	if (!json_is_string(v)) {
		add_field(l, "", object, key);
		return 0;
	}
	if (custody_display_undo(&name, (const uint8_t *)json_string_value(v), json_string_length(v), err))
		return -1;
	snprintf(text, sizeof(text), "'%s'", custody_report_isolated(custody_buf_str(&name), name.len, shown, sizeof(shown)));
	add(l, "", text);
	return 0;
}

static void add_texts(struct line *l, const char *before, json_t *list)
{
	char text[SHOWN + 64];

	if (custody_request_withheld(list)) {
		value(l->words, list, text);
		add(l, before, text);
	}
	for (size_t i = 0; i < json_array_size(list); i++)
		if (i >= MOST)
			l->cut = true;
		else if (value(l->words, json_array_get(list, i), text))
			add(l, i ? N_(", ") : before, text);
}

/* The group, or that field of it, is withheld: says so in its place. 1: it is; 0: it is not. field: NULL if the group is all there is. */
static int say_withheld(const struct rows *w, const char *label, json_t *record, const char *group, const char *field, struct custody_error *err)
{
	json_t *v = json_object_get(record, group);
	char text[SHOWN + 64];

	if (field && !custody_request_withheld(v))
		v = json_object_get(v, field);
	if (!custody_request_withheld(v))
		return 0;
	value(w->words, v, text);
	return say(w, label, text, false, err) ? -1 : 1;
}

static bool is_new(json_t *record)
{
	const char *status = json_string_value(json_object_get(record, "status"));

	return status && strcmp(status, "new") == 0;
}

static int say_head(const struct rows *w, const struct custody_requests *requests, size_t i, struct custody_error *err)
{
	json_t *record = custody_requests_get(requests, i);
	struct line l = { .words = w->words };
	char text[SHOWN + 64];

	if (value(w->words, json_object_get(record, "kind"), text))
		add(&l, "", text);
	add_field(&l, N_(" of "), record, "date");
	if (!is_new(record))
		add_field(&l, N_(", status "), record, "status");
	snprintf(text, sizeof(text), custody_words_get(w->words, N_(" (request %zu of %zu)")), i + 1, requests->n);
	add(&l, "", text);
	return say(w, N_("request"), end(&l), false, err);
}

static int say_parties(const struct rows *w, json_t *record, struct custody_error *err)
{
	json_t *authority = json_object_get(record, "authority"), *provider = json_object_get(record, "provider");
	struct line by = { .words = w->words }, to = { .words = w->words };

	add_field(&by, N_(", "), authority, "organisation");
	add_field(&by, N_(", "), authority, "country");
	add_texts(&by, by.n ? N_(", references ") : N_("references "), json_object_get(authority, "references"));
	add_field(&to, N_(", "), provider, "legal_entity");
	add_field(&to, N_(", "), provider, "country");
	add_texts(&to, to.n ? N_(", references ") : N_("references "), json_object_get(provider, "references"));
	if (say_withheld(w, N_("asked by"), record, "authority", NULL, err) < 0 || (by.n && say(w, N_("asked by"), end(&by), false, err)) ||
		say_withheld(w, N_("asked of"), record, "provider", NULL, err) < 0)
		return -1;
	return to.n ? say(w, N_("asked of"), end(&to), false, err) : 0;
}

/* The first limb of the test is the court's: it is shown, and nothing more (ADM-06). */
static int say_bases(const struct rows *w, json_t *record, struct custody_error *err)
{
	json_t *bases = json_object_get(json_object_get(record, "legal"), "bases");
	size_t n = json_array_size(bases);
	int withheld = say_withheld(w, N_("legal basis"), record, "legal", "bases", err);

	if (withheld)
		return withheld < 0 ? -1 : 0;
	if (n == 0)
		return say(w, N_("legal basis"), custody_words_get(w->words, N_("none stated")), false, err);
	for (size_t i = 0; i < n && i < MOST; i++) {
		struct line l = { .words = w->words };

		add_field(&l, "", json_array_get(bases, i), "instrument");
		add_field(&l, N_(", article "), json_array_get(bases, i), "article");
		add_field(&l, N_(", "), json_array_get(bases, i), "jurisdiction");
		add_field(&l, N_(", reference "), json_array_get(bases, i), "reference");
		add_field(&l, N_(", issued by "), json_array_get(bases, i), "issuing_body");
		add_field(&l, N_(", validated by "), json_array_get(bases, i), "validating_body");
		add_field(&l, N_(", of "), json_array_get(bases, i), "date");
		if (say(w, i ? "" : N_("legal basis"), end(&l), false, err))
			return -1;
	}
	return n > MOST ? say(w, "", custody_words_get(w->words, N_("and further ones, in the record")), false, err) : 0;
}

/* The text of a condition, whole: one that is cut in the middle may say the contrary. Where it must be, it says so. */
static int add_whole(struct custody_buf *b, const struct rows *w, json_t *text, struct custody_error *err)
{
	const uint8_t *p = (const uint8_t *)json_string_value(text);
	size_t n = json_string_length(text), most = n < CONDITION ? n : CONDITION;

	while (most < n && (p[most] & 0xc0) == 0x80) /* not in the middle of a character */
		most--;
	if (custody_buf_append_str(b, "'" CUSTODY_REPORT_ISOLATE, err) || custody_display_append(b, p, most, err) ||
		custody_buf_append_str(b, CUSTODY_REPORT_ISOLATE_END "'", err))
		return -1;
	return most < n ? custody_buf_append_str(b, custody_words_get(w->words, N_(" (CUT HERE: custody request show has all of it)")), err) : 0;
}

static int say_condition(const struct rows *w, const char *label, json_t *one, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf whole = { 0 };
	struct line kind = { .words = w->words }, rest = { .words = w->words };
	json_t *text = json_object_get(one, "text");

	custody_buf_init(&whole, SIZE_MAX);
	add_field(&kind, "", one, "kind");
	if (!json_is_string(text)) /* withheld, or nothing */
		add_field(&kind, N_(": "), one, "text");
	add_after(&rest, N_(", made by "), one, "by");
	add_after(&rest, N_(", until "), one, "until");
	if (custody_buf_append_str(&whole, end(&kind), err) ||
		(json_is_string(text) && ((kind.n > 0 && custody_buf_append_str(&whole, custody_words_get(w->words, N_(": ")), err)) ||
						 add_whole(&whole, w, text, err))) ||
		custody_buf_append_str(&whole, end(&rest), err))
		return -1;
	return say(w, label, custody_buf_str(&whole), false, err);
}

/* Nobody is to think that those shown are all. */
static int say_more_conditions(const struct rows *w, size_t n, struct custody_error *err)
{
	char text[300];

	snprintf(text, sizeof(text),
		custody_words_plural(w->words, n, "AND %zu FURTHER CONDITION, WHICH IS NOT HERE: custody request show has it",
			"AND %zu FURTHER CONDITIONS, WHICH ARE NOT HERE: custody request show has them"),
		n);
	return say(w, "", text, false, err);
}

/* Conditions travel with every copy, and are on every report (ADM-10): so many of them, and how many more there are. */
static int say_conditions(const struct rows *w, json_t *record, size_t most, struct custody_error *err)
{
	json_t *conditions = json_object_get(record, "conditions");
	size_t n = json_array_size(conditions);

	if (say_withheld(w, N_("conditions"), record, "conditions", NULL, err) < 0)
		return -1;
	if (json_is_array(conditions) && n == 0)
		return say(w, N_("conditions"), custody_words_get(w->words, N_("none, as stated")), false, err);
	for (size_t i = 0; i < n && i < most; i++)
		if (say_condition(w, i ? "" : N_("conditions"), json_array_get(conditions, i), err))
			return -1;
	return n > most ? say_more_conditions(w, n - most, err) : 0;
}

/* How many lines they take; 0: there are none, or none is stated. */
static size_t count_conditions(json_t *record)
{
	json_t *conditions = json_object_get(record, "conditions");

	return custody_request_withheld(conditions) ? 1 : json_array_size(conditions);
}

/* Who agreed to what, and that it was taken back: what it covers is whole, like a condition. */
static int say_consent(const struct rows *w, json_t *record, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf whole = { .max = SIZE_MAX };
	json_t *consent = json_object_get(record, "consent"), *scope = json_object_get(consent, "scope");
	struct line l = { .words = w->words };

	if (custody_request_withheld(consent))
		return say_withheld(w, N_("consent"), record, "consent", NULL, err) < 0 ? -1 : 0;
	add_field(&l, "", consent, "person");
	add_field(&l, N_(", of "), consent, "date");
	add_after(&l, l.n ? N_(", WITHDRAWN ") : N_("WITHDRAWN "), consent, "withdrawn");
	if (l.n > 0 && say(w, N_("consent"), end(&l), false, err))
		return -1;
	if (!json_is_string(scope))
		return say_withheld(w, N_("it covers"), record, "consent", "scope", err) < 0 ? -1 : 0;
	return add_whole(&whole, w, scope, err) || say(w, N_("it covers"), custody_buf_str(&whole), false, err) ? -1 : 0;
}

/* What the sender said that it has not, or does not give. */
static int say_gaps(const struct rows *w, json_t *record, struct custody_error *err)
{
	struct line l = { .words = w->words };

	add_texts(&l, "", json_object_get(json_object_get(record, "answer"), "gaps"));
	return l.n > 0 && say(w, N_("stated gaps"), end(&l), false, err) ? -1 : 0;
}

/* First touch, as the operator recorded it (ADM-12). */
static int say_receipts(const struct rows *w, json_t *record, struct custody_error *err)
{
	json_t *receipts = json_object_get(record, "receipts");
	size_t n = json_array_size(receipts);

	if (say_withheld(w, N_("received"), record, "receipts", NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < n && i < MOST; i++) {
		struct line l = { .words = w->words };
		json_t *one = json_array_get(receipts, i);

		if (add_name(&l, one, "path", err))
			return -1;
		add_field(&l, N_(", by "), one, "channel");
		add_field(&l, N_(", from "), one, "source");
		add_field(&l, N_(", operator "), one, "operator");
		add_field(&l, N_(", begun "), one, "started");
		add_field(&l, N_(", ended "), one, "ended");
		if (say(w, i ? "" : N_("received"), end(&l), false, err))
			return -1;
	}
	return n > MOST ? say(w, "", custody_words_get(w->words, N_("and more, in the record")), false, err) : 0;
}

/* How it is to be handled: whole, like a condition. */
static int say_handling(const struct rows *w, json_t *record, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf whole = { .max = SIZE_MAX };
	json_t *text = json_object_get(json_object_get(record, "secrecy"), "handling");

	if (!json_is_string(text))
		return say_withheld(w, N_("handling"), record, "secrecy", "handling", err) < 0 ? -1 : 0;
	return add_whole(&whole, w, text, err) || say(w, N_("handling"), custody_buf_str(&whole), false, err) ? -1 : 0;
}

/* Who is not to be told, since when and until when (ADM-09). */
static int say_secrecy(const struct rows *w, json_t *record, struct custody_error *err)
{
	json_t *secrecy = json_object_get(record, "secrecy");
	struct line l = { .words = w->words };

	if (say_withheld(w, N_("secrecy"), record, "secrecy", "non_notification", err) < 0)
		return -1;
	if (!json_is_true(json_object_get(secrecy, "non_notification")))
		return json_is_object(secrecy) && !custody_request_withheld(secrecy) ? say_handling(w, record, err) : 0;
	add(&l, "", custody_words_get(w->words, N_("the user is not to be told")));
	add_field(&l, N_(", basis "), secrecy, "basis");
	add_field(&l, N_(", from "), secrecy, "from");
	add_field(&l, N_(", until "), secrecy, "until");
	add_field(&l, N_(", may be lifted by "), secrecy, "lifted_by");
	return say(w, N_("secrecy"), end(&l), false, err) ? -1 : say_handling(w, record, err);
}

static int say_linked(const struct rows *w, const struct custody_report *r, struct custody_error *err)
{
	char text[512], linked[24], items[24];
	size_t n;

	snprintf(linked, sizeof(linked), "%" PRIu64, r->request.linked);
	snprintf(items, sizeof(items), "%" PRIu64, r->request.items);
	snprintf(text, sizeof(text),
		custody_words_get(w->words, N_("%s of %s items with content answer a line of a request, as the record links them")), linked, items);
	n = strlen(text);
	snprintf(text + n, sizeof(text) - n, "%s", r->request.complete ? "" : custody_words_get(w->words, N_("; not all items could be read")));
	n = strlen(text);
	if (r->request.links_withheld)
		snprintf(text + n, sizeof(text) - n, "%s", custody_words_get(w->words, N_("; others may: a record withholds what it links")));
	return say(w, N_("items"), text, true, err);
}

/* Whether what came first is what was sealed: not of what nobody noted a digest of (ADM-12). */
static int say_receipts_met(const struct rows *w, const struct custody_report *r, struct custody_error *err)
{
	char text[400], met[24], all[24], without[24];
	size_t n = 0;

	if (!r->request.complete || r->request.receipts + r->request.receipts_undigested == 0)
		return 0;
	snprintf(met, sizeof(met), "%" PRIu64, r->request.receipts_met);
	snprintf(all, sizeof(all), "%" PRIu64, r->request.receipts);
	snprintf(without, sizeof(without), "%" PRIu64, r->request.receipts_undigested);
	snprintf(text, sizeof(text), custody_words_get(w->words, N_("%s of %s digests that were noted on receipt are those of items in the package")),
		met, all);
	n = strlen(text);
	if (r->request.receipts_undigested > 0)
		snprintf(text + n, sizeof(text) - n, custody_words_get(w->words, N_("; receipts that note no digest: %s")), without);
	return say(w, N_("receipts"), text, true, err);
}

/* "package 12ab..., 2 items with content as stated" */
static void name_package(const struct custody_words *words, const struct custody_request_documents *p, char text[700])
{
	char hex[65], items[24];
	size_t n;

	custody_hex_format(p->sha256, 32, hex);
	snprintf(items, sizeof(items), "%" PRIu64, p->items);
	snprintf(text, 700, custody_words_get(words, N_("package %s")), hex);
	n = strlen(text);
	if (p->has_items)
		snprintf(text + n, 700 - n,
			custody_words_get(words, p->presented ? N_(", items with content: %s") : N_(", items with content as stated: %s")), items);
}

/* A package with the documents of the request: its number, and how it stands to the record (ADM-11). */
static int say_package(const struct rows *w, const char *label, const struct custody_request_documents *p, struct custody_error *err)
{
	char text[700];

	char number[24], stated[128] = "";

	name_package(w->words, p, text);
	size_t n = strlen(text);
	if (p->has_stated && p->has_items && p->stated != p->items) {
		snprintf(number, sizeof(number), "%" PRIu64, p->stated);
		snprintf(stated, sizeof(stated), custody_words_get(w->words, N_(", with another number of items: %s")), number);
	}
	if (!p->presented)
		snprintf(text + n, sizeof(text) - n, "%s", custody_words_get(w->words, N_("; not presented: what is in it was not looked at")));
	else
		snprintf(text + n, sizeof(text) - n, "%s %s%s%s%s", custody_words_get(w->words, N_("; presented,")), custody_verdict_name(p->verdict),
			custody_words_get(w->words, p->named ? N_("; the record names it") : N_("; no record names it")), stated,
			p->role == CUSTODY_ROLE_AUTHORITY_DOCUMENT
				? ""
				: custody_words_get(w->words, N_("; its seal does not say that it holds documents of a request")));
	return say(w, label, text, p->presented, err);
}

static int say_packages(const struct rows *w, const struct custody_report *r, struct custody_error *err)
{
	char text[300], met[24], all[24];

	for (size_t i = 0; i < r->request.n_packages && i < MOST; i++)
		if (say_package(w, i ? "" : N_("documents"), &r->request.packages[i], err))
			return -1;
	if (r->request.n_packages > MOST &&
		say(w, "", custody_words_get(w->words, N_("and further packages: the JSON report has them all")), true, err))
		return -1;
	if (r->request.documents == 0)
		return 0;
	snprintf(met, sizeof(met), "%" PRIu64, r->request.documents_met);
	snprintf(all, sizeof(all), "%" PRIu64, r->request.documents);
	snprintf(text, sizeof(text),
		custody_words_get(w->words, N_("%s of %s documents that the record names by a digest are among what was looked at")), met, all);
	return say(w, r->request.n_packages > 0 ? "" : N_("documents"), text, true, err);
}

/* The records behind those that are shown: of each at least under which conditions it was answered, and how many of these are left out. */
static int say_further(const struct rows *w, const struct custody_requests *requests, struct custody_error *err)
{
	size_t room = CONDITIONS, left = 0;

	if (requests->n > MOST && say(w, "", custody_words_get(w->words, N_("and further requests: custody request show")), false, err))
		return -1;
	for (size_t i = MOST; i < requests->n; i++) {
		json_t *record = custody_requests_get(requests, i);
		size_t n = count_conditions(record);

		if (room == 0)
			left += n;
		else if (n > 0 && (say_head(w, requests, i, err) || say_conditions(w, record, room, err)))
			return -1;
		room -= n < room ? n : room;
	}
	return left > 0 ? say_more_conditions(w, left, err) : 0;
}

int custody_report_request_rows(
	const struct custody_report *r, const struct custody_words *words, custody_report_request_row *row, void *ctx, struct custody_error *err)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests requests = { 0 };
	const struct rows w = { words, row, ctx };

	if (!r->request.there)
		return 0;
	if (!r->request.read)
		return say(&w, N_("request"), custody_words_get(words, N_("the package holds a record that could not be read; see what was found")),
			true, err);
	if (custody_requests_parse(r->request.bytes.data, r->request.bytes.len, CUSTODY_REQUEST_SEALED, &requests, err))
		return -1;
	for (size_t i = 0; i < requests.n && i < MOST; i++) {
		json_t *record = custody_requests_get(&requests, i);

		if (say_head(&w, &requests, i, err) || say_parties(&w, record, err) || say_bases(&w, record, err) || say_secrecy(&w, record, err) ||
			say_consent(&w, record, err) || say_conditions(&w, record, CONDITIONS, err) || say_gaps(&w, record, err) ||
			say_receipts(&w, record, err))
			return -1;
	}
	return say_further(&w, &requests, err) || say_linked(&w, r, err) || say_receipts_met(&w, r, err) || say_packages(&w, r, err) ? -1 : 0;
}

int custody_report_request_conditions(const struct custody_report *r, custody_report_request_row *row, void *ctx, struct custody_error *err)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests requests = { 0 };
	const struct rows w = { NULL, row, ctx };

	if (!r->request.read)
		return 0;
	if (custody_requests_parse(r->request.bytes.data, r->request.bytes.len, CUSTODY_REQUEST_SEALED, &requests, err))
		return -1;
	for (size_t i = 0; i < requests.n; i++) {
		json_t *record = custody_requests_get(&requests, i);

		if (count_conditions(record) > 0 && say_conditions(&w, record, SIZE_MAX, err))
			return -1;
	}
	return 0;
}

/* ---- JSON ---- */

/* A word of ours, or null. */
static int put_word(struct custody_buf *out, const char *word, struct custody_error *err)
{
	return word ? custody_buf_printf(out, err, "\"%s\"", word) : custody_buf_append_str(out, "null", err);
}

static int put_packages(struct custody_buf *out, const struct custody_report *r, struct custody_error *err)
{
	char hex[65];

	for (size_t i = 0; i < r->request.n_packages; i++) {
		const struct custody_request_documents *p = &r->request.packages[i];
		const char *verdict = p->presented ? custody_verdict_name(p->verdict) : NULL, *role = custody_content_role_name(p->role);

		custody_hex_format(p->sha256, 32, hex);
		char stated[24] = "null";
		if (p->has_stated)
			snprintf(stated, sizeof(stated), "%" PRIu64, p->stated);
		if (custody_buf_printf(out, err, "%s{\"sha256\":\"%s\",\"named\":%s,\"presented\":%s,\"verdict\":", i ? "," : "", hex,
			    p->named ? "true" : "false", p->presented ? "true" : "false") ||
			put_word(out, verdict, err) || custody_buf_append_str(out, ",\"role\":", err) || put_word(out, role, err) ||
			(p->has_items ? custody_buf_printf(out, err, ",\"items\":%" PRIu64, p->items)
				      : custody_buf_append_str(out, ",\"items\":null", err)) ||
			custody_buf_printf(out, err, ",\"items_stated\":%s}", stated))
			return -1;
	}
	return 0;
}

int custody_report_request_json(struct custody_buf *out, const struct custody_report *r, struct custody_error *err)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests requests = { 0 };
	uint8_t sha256[32];
	char hex[65];

	if (!r->request.there)
		return 0;
	if (!r->request.read)
		return custody_buf_append_str(out, ",\"request\":{\"read\":false}", err);
	if (custody_requests_parse(r->request.bytes.data, r->request.bytes.len, CUSTODY_REQUEST_SEALED, &requests, err) ||
		custody_digest_once(CUSTODY_SHA256, r->request.bytes.data, r->request.bytes.len, sha256, err))
		return -1;
	custody_hex_format(sha256, 32, hex);
	return custody_buf_printf(out, err,
		       ",\"request\":{\"read\":true,\"complete\":%s,\"sha256\":\"%s\",\"items\":%" PRIu64 ",\"items_linked\":%" PRIu64
		       ",\"links_withheld\":%s,\"receipts\":%" PRIu64 ",\"receipts_met\":%" PRIu64 ",\"receipts_undigested\":%" PRIu64 ",\"stated\":",
		       r->request.complete ? "true" : "false", hex, r->request.items, r->request.linked, r->request.links_withheld ? "true" : "false",
		       r->request.receipts, r->request.receipts_met, r->request.receipts_undigested) ||
			       custody_requests_append_safe(&requests, out, err) || custody_buf_append_str(out, ",\"document_packages\":[", err) ||
			       put_packages(out, r, err) ||
			       custody_buf_printf(out, err, "],\"documents\":%" PRIu64 ",\"documents_met\":%" PRIu64 "}", r->request.documents,
				       r->request.documents_met)
		       ? -1
		       : 0;
}
