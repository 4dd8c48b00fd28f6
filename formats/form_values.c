/* SPDX-License-Identifier: Apache-2.0 */
/* What a form is filled with. Every value is one of the report's, which the JSON report has too. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/form.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"

const char custody_form_sample[] =
	"SAMPLE. No lawyer of the forum has passed this text; one must before anybody signs it. Printing it certifies nothing: that is done by "
	"the person who signs, for what that person knows.";
const char custody_form_others[] =
	"Whoever only received or sealed the evidence cannot make this statement. A laboratory can speak for its own copying and its own systems, "
	"not for how another's records came about. Only the person named here can fill it in and sign it.";
const char custody_form_marks[] =
	"measured: by this program, from the bytes of the package; recorded: stated in the package by whoever sealed it; given: by whoever ran this "
	"program, or by this computer. What stands behind >> is for the person who signs, and nothing fills it in.";
const char custody_form_scope[] =
	"This paper is about the items listed, about copying them into this package, and about the times stated; not about what they say, who wrote "
	"them, whether they are complete, what happened before they were received, or whether they were obtained lawfully.";
const char custody_form_equal[] =
	"Each value was computed when the evidence was sealed and is in the list that the seal covers; it was computed again now, from the "
	"content in the package. The two are equal, so each stands here once.";

const struct custody_form_line custody_form_hash_head[] = {
	{ "Case", CUSTODY_FACT_CASE },
	{ "Exhibit", CUSTODY_FACT_EXHIBIT },
	{ "Package number", CUSTODY_FACT_PACKAGE_NUMBER },
	{ "Algorithms", CUSTODY_FACT_ALGORITHMS },
	{ "Computed first by", CUSTODY_FACT_SEALING_TOOL },
	{ "from", CUSTODY_FACT_READ_FROM },
	{ "until", CUSTODY_FACT_READ_UNTIL },
	{ "operated by", CUSTODY_FACT_SEALER },
	{ "Computed again by", CUSTODY_FACT_CHECKER },
	{ "on", CUSTODY_FACT_CHECKED },
	{ "Items", CUSTODY_FACT_ITEMS },
	{ "Files with content", CUSTODY_FACT_FILES },
	{ "Bytes of content", CUSTODY_FACT_BYTES },
	{ "SHA-256 of the list of files", CUSTODY_FACT_LIST_DIGEST },
	{ "SHA-256 of the inventory", CUSTODY_FACT_INVENTORY_DIGEST },
	{ NULL, CUSTODY_FACT_COUNT },
};

const char *custody_form_source_name(enum custody_form_source source)
{
	static const char *const names[] = { "measured", "recorded", "given" };
	return names[source];
}

/* ---- algorithms ---- */

enum custody_digest_id custody_form_strongest(size_t i)
{
	static const enum custody_digest_id order[] = { CUSTODY_SHA512, CUSTODY_SHA3_512, CUSTODY_BLAKE2B, CUSTODY_SHA384, CUSTODY_SHA256,
		CUSTODY_SHA3_256, CUSTODY_SHA1, CUSTODY_MD5 };
	return i < sizeof(order) / sizeof(*order) ? order[i] : CUSTODY_DIGEST_COUNT;
}

const char *custody_form_algorithm(enum custody_digest_id id)
{
	static const char *const names[CUSTODY_DIGEST_COUNT] = {
		[CUSTODY_MD5] = "MD5 (Message Digest 5, 128 bits; legacy: two files with the same value can be made)",
		[CUSTODY_SHA1] = "SHA-1 (Secure Hash Algorithm 1, 160 bits; legacy: two files with the same value can be made)",
		[CUSTODY_SHA256] = "SHA-256 (Secure Hash Algorithm 2, 256 bits)",
		[CUSTODY_SHA384] = "SHA-384 (Secure Hash Algorithm 2, 384 bits)",
		[CUSTODY_SHA512] = "SHA-512 (Secure Hash Algorithm 2, 512 bits)",
		[CUSTODY_SHA3_256] = "SHA3-256 (Secure Hash Algorithm 3, 256 bits)",
		[CUSTODY_SHA3_512] = "SHA3-512 (Secure Hash Algorithm 3, 512 bits)",
		[CUSTODY_BLAKE2B] = "BLAKE2b (512 bits)",
	};
	return names[id];
}

/* ---- items ---- */

static void item_release(struct custody_form_item *item)
{
	free(item->path);
	free(item->digests);
}

void custody_form_data_release(struct custody_form_data *d)
{
	for (size_t i = 0; i < d->n_items; i++)
		item_release(&d->items[i]);
	free(d->items);
	d->items = NULL;
	d->n_items = d->cap_items = 0;
}

static int copy_item(struct custody_form_item *to, const struct custody_item *from, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf path = { 0 };
	CUSTODY_CLEANUP(item_release) struct custody_form_item item = { .n = from->n, .kind = from->kind, .has_content = from->has_content };

	custody_buf_init(&path, SIZE_MAX);
	if (custody_display_append(&path, from->path.p, from->path.n, err))
		return -1;
	item.path = strdup(custody_buf_str(&path));
	item.size = from->has_content ? from->size : 0;
	item.digests = from->has_content ? malloc(sizeof(*item.digests)) : NULL;
	if (!item.path || (from->has_content && !item.digests))
		return custody_fail_nomem(err);
	if (item.digests)
		*item.digests = from->digests;
	for (size_t i = 0; i < from->n_findings; i++) {
		enum custody_finding_id id = custody_finding_find(from->findings[i].id);

		item.unread = item.unread || id == CUSTODY_FINDING_SOURCE_UNREADABLE;
		item.changed = item.changed || id == CUSTODY_FINDING_SOURCE_CHANGED_WHILE_READ;
	}
	*to = item;
	item = (struct custody_form_item){ .path = NULL };
	return 0;
}

const char *custody_form_no_content(const struct custody_form_item *i)
{
	if (!i->unread)
		return "without content";
	return i->kind == CUSTODY_KIND_DIR ? "could not be read: what lay in it is not known" : "could not be read";
}

const char *custody_form_remark(const struct custody_form_item *i)
{
	return i->changed ? ", changed while it was read" : "";
}

int custody_form_data_add(void *ctx, const struct custody_item *item, struct custody_error *err)
{
	struct custody_form_data *d = ctx;

	d->total++;
	if (d->n_items == CUSTODY_LIMIT_FORM_ITEMS)
		return 0;
	if (d->n_items == d->cap_items) {
		size_t cap = d->cap_items ? d->cap_items * 2 : 16;
		struct custody_form_item *more = realloc(d->items, cap * sizeof(*more));
		if (!more)
			return custody_fail_nomem(err);
		d->items = more;
		d->cap_items = cap;
	}
	if (copy_item(&d->items[d->n_items], item, err))
		return -1;
	d->n_items++;
	return 0;
}

/* ---- values ---- */

void custody_form_value_release(struct custody_form_value *v)
{
	custody_buf_release(&v->text);
}

static int put_count(struct custody_form_value *v, uint64_t n)
{
	v->kind = CUSTODY_VALUE_NUMBER;
	v->number = n;
	return 0;
}

static int put_digest(struct custody_form_value *v, bool there, const uint8_t sha256[32])
{
	if (!there)
		return 0;
	v->kind = CUSTODY_VALUE_DIGEST;
	memcpy(v->digest, sha256, sizeof(v->digest));
	return 0;
}

static int put_time(struct custody_form_value *v, bool there, struct custody_time t)
{
	if (!there || !custody_time_in_range(t))
		return 0;
	v->kind = CUSTODY_VALUE_TIME;
	v->time = t;
	return 0;
}

/* Text made for showing; NULL or "": there is none. */
static int put_shown(struct custody_form_value *v, const char *text, struct custody_error *err)
{
	if (!text || !*text)
		return 0;
	v->kind = CUSTODY_VALUE_TEXT;
	return custody_report_append_shown(&v->text, text, err);
}

/* Foreign bytes. */
static int put_bytes(struct custody_form_value *v, const char *text, struct custody_error *err)
{
	if (!text || !*text)
		return 0;
	v->kind = CUSTODY_VALUE_TEXT;
	return custody_display_append(&v->text, (const uint8_t *)text, strlen(text), err);
}

static int put_algorithms(struct custody_form_value *v, uint32_t mask, struct custody_error *err)
{
	for (size_t i = 0; custody_form_strongest(i) < CUSTODY_DIGEST_COUNT; i++) {
		enum custody_digest_id id = custody_form_strongest(i);
		if ((mask & CUSTODY_DIGEST_BIT(id)) && (custody_buf_append_str(&v->text, v->text.len ? "; " : "", err) ||
							       custody_buf_append_str(&v->text, custody_form_algorithm(id), err)))
			return -1;
	}
	v->kind = v->text.len ? CUSTODY_VALUE_TEXT : CUSTODY_VALUE_ABSENT;
	return 0;
}

static int put_tool(struct custody_form_value *v, const struct custody_report *r, struct custody_error *err)
{
	if (!r->tool_name)
		return 0;
	if (put_bytes(v, r->tool_name, err))
		return -1;
	return r->tool_version ? custody_buf_append_str(&v->text, " ", err) || put_bytes(v, r->tool_version, err) : 0;
}

static int put_accuracy(struct custody_form_value *v, const struct custody_seal_result *s, struct custody_error *err)
{
	if (!s->has_time)
		return 0;
	v->kind = CUSTODY_VALUE_TEXT;
	if (!s->has_accuracy)
		return custody_buf_append_str(&v->text, "not stated by the authority", err);
	return custody_buf_printf(
		&v->text, err, "%" PRIu64 ".%03" PRIu64 " s, stated by the authority", s->accuracy_ms / 1000, s->accuracy_ms % 1000);
}

/* How far the time is more than somebody's word. */
static int put_standing(struct custody_form_value *v, const struct custody_report *r, struct custody_error *err)
{
	struct custody_time t;
	v->kind = CUSTODY_VALUE_TEXT;
	if (custody_report_not_later_than(r, &t))
		return custody_buf_append_str(&v->text, "proven by an authority that is independent of whoever sealed", err);
	if (r->groups[CUSTODY_GROUP_TIME] == CUSTODY_RESULT_OWN_WORD)
		return custody_buf_append_str(&v->text, "the laboratory's own word; nothing independent proves it", err);
	return custody_buf_append_str(&v->text, "not proven", err);
}

static int put_custody(struct custody_form_value *v, const struct custody_report *r, struct custody_error *err)
{
	v->kind = CUSTODY_VALUE_TEXT;
	return custody_buf_printf(
		&v->text, err, "%s: %s", custody_report_result(r->groups[CUSTODY_GROUP_CUSTODY]), custody_report_group(r, CUSTODY_GROUP_CUSTODY));
}

static int put_libraries(struct custody_form_value *v, const struct custody_report_context *context, struct custody_error *err)
{
	for (size_t i = 0; i < context->n_libraries; i++)
		if (custody_buf_append_str(&v->text, i ? ", " : "", err) || custody_report_append_shown(&v->text, context->libraries[i].name, err) ||
			custody_buf_append_str(&v->text, " ", err) || custody_report_append_shown(&v->text, context->libraries[i].version, err))
			return -1;
	v->kind = context->n_libraries ? CUSTODY_VALUE_TEXT : CUSTODY_VALUE_ABSENT;
	return 0;
}

static int put_clock(struct custody_form_value *v, const struct custody_report *r, struct custody_error *err)
{
	static const char *const words[] = { "that computer did not say whether its clock was synchronised",
		"not synchronised, by that computer's own statement", "synchronised, by that computer's own statement" };
	return put_shown(v, r->has_reading ? words[r->clock_synchronised + 1] : NULL, err);
}

/* ---- the table: name, whose word it is, and where it comes from ---- */

static int put_conclusion(struct custody_form_value *v, const struct custody_report *r, struct custody_error *err)
{
	v->kind = CUSTODY_VALUE_TEXT;
	return custody_report_conclusion(&v->text, r, NULL, err);
}

static const struct {
	const char *name;
	enum custody_form_source source;
} facts[CUSTODY_FACT_COUNT] = {
	[CUSTODY_FACT_CASE] = { "case", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_EXHIBIT] = { "exhibit", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_FILE_NAME] = { "file-name", CUSTODY_FORM_GIVEN },
	[CUSTODY_FACT_PACKAGE_NUMBER] = { "package-number", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_PACKAGE_SIZE] = { "package-size", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_PACKAGE_ID] = { "package-id", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_ITEMS] = { "items", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_FILES] = { "files", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_BYTES] = { "bytes", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_EXCEPTIONS] = { "exceptions", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_ALGORITHMS] = { "algorithms", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_LIST_DIGEST] = { "list-digest", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_INVENTORY_DIGEST] = { "inventory-digest", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_SEALER] = { "sealer", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_ORGANISATION] = { "organisation", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_ROLE] = { "role", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_READ_FROM] = { "read-from", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_READ_UNTIL] = { "read-until", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_SEALED] = { "sealed", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_SEALING_CLOCK] = { "sealing-clock", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_SEALING_TOOL] = { "sealing-tool", CUSTODY_FORM_RECORDED },
	[CUSTODY_FACT_SIGNER] = { "signer", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_SIGNER_NAME] = { "signer-name", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_ISSUER] = { "issuer", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_VALID_FROM] = { "valid-from", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_VALID_UNTIL] = { "valid-until", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_CERTIFICATE] = { "certificate", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_ANCHOR] = { "anchor", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_STAMP_TIME] = { "stamp-time", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_NOT_LATER_THAN] = { "not-later-than", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_AUTHORITY] = { "authority", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_ACCURACY] = { "accuracy", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_TIME_STANDING] = { "time-standing", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_REVOCATION] = { "revocation", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_CONCLUSION] = { "conclusion", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_CUSTODY] = { "custody", CUSTODY_FORM_MEASURED },
	[CUSTODY_FACT_CHECKED] = { "checked", CUSTODY_FORM_GIVEN },
	[CUSTODY_FACT_CHECKER] = { "checker", CUSTODY_FORM_GIVEN },
	[CUSTODY_FACT_LIBRARIES] = { "libraries", CUSTODY_FORM_GIVEN },
	[CUSTODY_FACT_SELF_TEST] = { "self-test", CUSTODY_FORM_MEASURED },
};

const char *custody_form_fact_name(enum custody_form_fact fact)
{
	return facts[fact].name;
}

/* Who and what. */
static int of_package(const struct custody_form_data *d, enum custody_form_fact fact, struct custody_form_value *v, struct custody_error *err)
{
	const struct custody_report *r = d->report;

	switch ((int)fact) {
	case CUSTODY_FACT_CASE:
		return put_bytes(v, r->case_id, err);
	case CUSTODY_FACT_EXHIBIT:
		return put_bytes(v, r->exhibit, err);
	case CUSTODY_FACT_FILE_NAME:
		return put_bytes(v, r->path, err);
	case CUSTODY_FACT_PACKAGE_NUMBER:
		return put_digest(v, r->has_package, r->sha256);
	case CUSTODY_FACT_PACKAGE_SIZE:
		return put_count(v, r->size);
	case CUSTODY_FACT_PACKAGE_ID:
		return put_bytes(v, r->uuid, err);
	case CUSTODY_FACT_ITEMS:
		return put_count(v, r->items);
	case CUSTODY_FACT_FILES:
		return put_count(v, r->files);
	case CUSTODY_FACT_BYTES:
		return put_count(v, r->bytes);
	case CUSTODY_FACT_EXCEPTIONS:
		return put_count(v, r->exceptions);
	case CUSTODY_FACT_ALGORITHMS:
		return put_algorithms(v, r->digests, err);
	case CUSTODY_FACT_LIST_DIGEST:
		return put_digest(v, r->has_lists, r->list_sha256);
	case CUSTODY_FACT_INVENTORY_DIGEST:
		return put_digest(v, r->has_lists, r->inventory_sha256);
	case CUSTODY_FACT_SEALER:
		return put_bytes(v, r->sealer_name, err);
	case CUSTODY_FACT_ORGANISATION:
		return put_bytes(v, r->sealer_organisation, err);
	case CUSTODY_FACT_ROLE:
		return put_bytes(v, r->sealer_role, err);
	default:
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a fact of a form without a value");
	}
}

/* How it was sealed, and by which certificate. */
static int of_seal(const struct custody_form_data *d, enum custody_form_fact fact, struct custody_form_value *v, struct custody_error *err)
{
	const struct custody_report *r = d->report;
	const struct custody_seal_result *s = &r->seal;

	switch ((int)fact) {
	case CUSTODY_FACT_READ_FROM:
		return put_time(v, r->has_reading, r->reading_from);
	case CUSTODY_FACT_READ_UNTIL:
		return put_time(v, r->has_reading, r->reading_until);
	case CUSTODY_FACT_SEALED:
		return put_time(v, r->has_sealfile, r->sealed);
	case CUSTODY_FACT_SEALING_CLOCK:
		return put_clock(v, r, err);
	case CUSTODY_FACT_SEALING_TOOL:
		return put_tool(v, r, err);
	case CUSTODY_FACT_SIGNER:
		return put_shown(v, s->has_signer ? s->signer : NULL, err);
	case CUSTODY_FACT_SIGNER_NAME:
		return put_shown(v, s->has_signer ? s->signer_name : NULL, err);
	case CUSTODY_FACT_ISSUER:
		return put_shown(v, s->has_signer ? s->issuer : NULL, err);
	case CUSTODY_FACT_VALID_FROM:
		return put_time(v, s->has_signer, s->valid_from);
	case CUSTODY_FACT_VALID_UNTIL:
		return put_time(v, s->has_signer, s->valid_until);
	case CUSTODY_FACT_CERTIFICATE:
		return put_digest(v, s->has_signer, s->certificate_sha256);
	case CUSTODY_FACT_ANCHOR:
		return put_digest(v, s->has_anchor, s->anchor_sha256);
	default:
		return of_package(d, fact, v, err);
	}
}

/* When, and what this run found. */
static int of_run(const struct custody_form_data *d, enum custody_form_fact fact, struct custody_form_value *v, struct custody_error *err)
{
	const struct custody_report *r = d->report;
	const struct custody_seal_result *s = &r->seal;
	struct custody_time t = { 0, 0 };

	switch ((int)fact) {
	case CUSTODY_FACT_STAMP_TIME:
		return put_time(v, s->has_time, s->stated);
	case CUSTODY_FACT_NOT_LATER_THAN:
		return put_time(v, custody_report_not_later_than(r, &t), t);
	case CUSTODY_FACT_AUTHORITY:
		return put_shown(v, s->has_time ? s->authority : NULL, err);
	case CUSTODY_FACT_ACCURACY:
		return put_accuracy(v, s, err);
	case CUSTODY_FACT_TIME_STANDING:
		return put_standing(v, r, err);
	case CUSTODY_FACT_REVOCATION:
		return put_time(v, s->has_revocation_until, s->revocation_known_until);
	case CUSTODY_FACT_CONCLUSION:
		return put_conclusion(v, r, err);
	case CUSTODY_FACT_CUSTODY:
		return put_custody(v, r, err);
	case CUSTODY_FACT_CHECKED:
		return put_time(v, true, custody_report_judged_at(r));
	case CUSTODY_FACT_CHECKER:
		return put_shown(v, d->context->tool, err);
	case CUSTODY_FACT_LIBRARIES:
		return put_libraries(v, d->context, err);
	case CUSTODY_FACT_SELF_TEST:
		return put_shown(v, r->shown & CUSTODY_SHOWN_SELF_TEST ? "passed in this run, over packages built into the program" : NULL, err);
	default:
		return of_seal(d, fact, v, err);
	}
}

int custody_form_value(const struct custody_form_data *d, enum custody_form_fact fact, struct custody_form_value *v, struct custody_error *err)
{
	*v = (struct custody_form_value){ .kind = CUSTODY_VALUE_ABSENT, .source = facts[fact].source };
	custody_buf_init(&v->text, SIZE_MAX);
	return of_run(d, fact, v, err);
}

/* ---- as they are printed ---- */

/* A day and a time of day of `t`, which is already moved to its zone; "UTC" or the zone's name comes behind it. */
static int show_moment(const struct custody_form *f, struct custody_time t, struct custody_buf *out, struct custody_error *err)
{
	char text[CUSTODY_REPORT_DATE], plain[CUSTODY_TIME_TEXT];
	custody_report_time(t, plain);
	if (f->day_first && plain[0] != '(')
		return custody_buf_printf(out, err, "%.2s/%.2s/%.4s, %.*s", plain + 8, plain + 5, plain, (int)(strlen(plain) - 12), plain + 11);
	custody_report_date(t, NULL, text);
	char *zone = strstr(text, " UTC");
	if (zone)
		*zone = '\0';
	return custody_buf_append_str(out, text, err);
}

int custody_form_date(const struct custody_form *f, struct custody_time t, struct custody_buf *out, struct custody_error *err)
{
	struct custody_time local = t;
	if (!f->has_zone || __builtin_add_overflow(t.sec, f->zone_offset, &local.sec) || !custody_time_in_range(local))
		return show_moment(f, t, out, err) || custody_buf_append_str(out, " UTC", err) ? -1 : 0;
	int32_t off = f->zone_offset < 0 ? -f->zone_offset : f->zone_offset;
	return show_moment(f, local, out, err) ||
			       custody_buf_printf(out, err, " %s (UTC%c%02d:%02d), which is ", f->zone_name, f->zone_offset < 0 ? '-' : '+',
				       (int)(off / 3600), (int)(off / 60 % 60)) ||
			       show_moment(f, t, out, err) || custody_buf_append_str(out, " UTC", err)
		       ? -1
		       : 0;
}

int custody_form_value_show(const struct custody_form_data *d, const struct custody_form_value *v, struct custody_buf *out, struct custody_error *err)
{
	char text[CUSTODY_HEX_GROUPS];

	switch (v->kind) {
	case CUSTODY_VALUE_ABSENT:
		return custody_buf_append_str(out, v->source == CUSTODY_FORM_RECORDED ? "not stated in the package" : "there is none", err);
	case CUSTODY_VALUE_TEXT:
		return custody_buf_append(out, v->text.data, v->text.len, err);
	case CUSTODY_VALUE_NUMBER:
		return custody_buf_append_str(out, custody_report_grouped(v->number, NULL, text), err);
	case CUSTODY_VALUE_DIGEST:
		return custody_buf_append_str(out, custody_hex_groups(v->digest, text), err);
	case CUSTODY_VALUE_TIME:
		break;
	}
	if (custody_form_date(d->form, v->time, out, err))
		return -1;
	return d->form->has_zone ? 0 : custody_report_append_local(out, d->report, v->time, NULL, err);
}
