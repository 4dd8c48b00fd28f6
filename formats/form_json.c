/* SPDX-License-Identifier: Apache-2.0 */
/* Schema custody-certificate/1: formats/form.md. What only a person can state has a label and no value. */
#include <inttypes.h>
#include <string.h>

#include "formats/form.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/crypto/digest.h"

/* The text under way. After a failure nothing more is appended; the caller looks once, at the end. */
struct writer {
	const struct custody_form_data *d;
	struct custody_buf *out;
	struct custody_error *err;
	bool failed;
};

static void put(struct writer *w, const char *text)
{
	if (!w->failed)
		w->failed = custody_buf_append_str(w->out, text, w->err) != 0;
}

/* KEY, which brings its comma and colon, and a text or null. */
static void put_text(struct writer *w, const char *key, const char *text)
{
	put(w, key);
	if (!text)
		put(w, "null");
	else if (!w->failed)
		w->failed = custody_json_append_safe(w->out, text, strlen(text), w->err) != 0;
}

static void put_number(struct writer *w, const char *key, uint64_t n)
{
	put(w, key);
	if (!w->failed)
		w->failed = custody_buf_printf(w->out, w->err, "%" PRIu64, n) != 0;
}

static void put_hex(struct writer *w, const char *key, const uint8_t *p, size_t n)
{
	char hex[2 * CUSTODY_DIGEST_MAX + 1];
	custody_hex_format(p, n, hex);
	put_text(w, key, hex);
}

static void put_texts(struct writer *w, const char *key, const char *const *texts, size_t n)
{
	put(w, key);
	for (size_t i = 0; i < n; i++)
		put_text(w, i ? "," : "[", texts[i]);
	put(w, "]");
}

static void put_form(struct writer *w)
{
	const struct custody_form *f = w->d->form;
	put_text(w, ",\"form\":{\"id\":", f->id);
	put_text(w, ",\"version\":", f->version);
	put_text(w, ",\"language\":", f->language);
	put_text(w, ",\"checked\":", f->checked);
	put_text(w, ",\"jurisdiction\":", f->jurisdiction);
	put_text(w, ",\"provision\":", f->provision);
	put_texts(w, ",\"sources\":", f->sources, f->n_sources);
	put_text(w, ",\"title\":", f->title);
	put_text(w, ",\"signer\":", f->own ? "own" : "other");
	put_text(w, ",\"who\":", f->who);
	put_hex(w, ",\"sha256\":", f->sha256, sizeof(f->sha256));
	put_text(w, ",\"from\":", w->d->form_from);
	put(w, "}");
}

static void put_value(struct writer *w, const struct custody_form_value *v)
{
	char time[CUSTODY_TIME_TEXT];
	switch (v->kind) {
	case CUSTODY_VALUE_ABSENT:
		put(w, ",\"value\":null");
		break;
	case CUSTODY_VALUE_TEXT:
		put_text(w, ",\"value\":", custody_buf_str(&v->text));
		break;
	case CUSTODY_VALUE_NUMBER:
		put_number(w, ",\"value\":", v->number);
		break;
	case CUSTODY_VALUE_DIGEST:
		put_hex(w, ",\"value\":", v->digest, sizeof(v->digest));
		break;
	case CUSTODY_VALUE_TIME:
		custody_report_time(v->time, time);
		put_text(w, ",\"value\":", time);
		break;
	}
}

static void put_fact(struct writer *w, const struct custody_form_part *part)
{
	CUSTODY_CLEANUP(custody_form_value_release) struct custody_form_value v = { .kind = CUSTODY_VALUE_ABSENT };
	CUSTODY_BUF_CLEAN struct custody_buf shown;
	custody_buf_init(&shown, SIZE_MAX);
	if (w->failed)
		return;
	w->failed = custody_form_value(w->d, part->fact, &v, w->err) || custody_form_value_show(w->d, &v, &shown, w->err);
	put_text(w, "{\"fact\":", custody_form_fact_name(part->fact));
	put_text(w, ",\"label\":", part->text);
	put_text(w, ",\"source\":", custody_form_source_name(v.source));
	put_value(w, &v);
	put_text(w, ",\"shown\":", custody_buf_str(&shown));
}

static void put_algorithms(struct writer *w, uint32_t named)
{
	const char *between = "{\"algorithms\":[";
	for (size_t i = 0; custody_form_strongest(i) < CUSTODY_DIGEST_COUNT; i++) {
		enum custody_digest_id id = custody_form_strongest(i);
		if (!((named | w->d->report->digests) & CUSTODY_DIGEST_BIT(id)))
			continue;
		put(w, between);
		put_text(w, "{\"name\":", custody_digest_get(id)->name);
		put(w, w->d->report->digests & CUSTODY_DIGEST_BIT(id) ? ",\"computed\":true}" : ",\"computed\":false}");
		between = ",";
	}
	put(w, "]");
}

static void put_part(struct writer *w, const struct custody_form_part *part)
{
	switch (part->kind) {
	case CUSTODY_PART_SECTION:
		put_text(w, "{\"section\":", part->text);
		break;
	case CUSTODY_PART_TEXT:
		put_text(w, "{\"text\":", part->text);
		break;
	case CUSTODY_PART_FACT:
		put_fact(w, part);
		break;
	case CUSTODY_PART_ALGORITHMS:
		put_algorithms(w, part->mask);
		break;
	case CUSTODY_PART_BLANK:
		put_text(w, "{\"blank\":", part->text);
		put_number(w, ",\"lines\":", part->lines);
		break;
	case CUSTODY_PART_CHOICE:
		put_text(w, "{\"choice\":", part->text);
		put_texts(w, ",\"options\":", part->options, part->n_options);
		break;
	case CUSTODY_PART_DECLARE:
		put_text(w, "{\"declare\":", part->text);
		break;
	case CUSTODY_PART_SIGN:
		put_texts(w, "{\"sign\":", part->options, part->n_options);
		break;
	}
	put(w, "}");
}

static void put_item(struct writer *w, const struct custody_form_item *item)
{
	const char *between = ",\"digests\":{\"";
	put_number(w, "{\"n\":", item->n);
	put_text(w, ",\"path\":", item->path);
	put_text(w, ",\"kind\":", custody_kind_name(item->kind));
	if (item->has_content)
		put_number(w, ",\"size\":", item->size);
	put(w, item->unread ? ",\"unread\":true" : "");
	put(w, item->changed ? ",\"changed_while_read\":true" : "");
	for (size_t i = 0; item->has_content && custody_form_strongest(i) < CUSTODY_DIGEST_COUNT; i++) {
		enum custody_digest_id id = custody_form_strongest(i);
		const struct custody_digest_info *info = custody_digest_get(id);
		if (!(item->digests->mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		put(w, between);
		put(w, info->name);
		put_hex(w, "\":", item->digests->value[id], info->size);
		between = ",\"";
	}
	put(w, item->has_content ? "}}" : "}");
}

static void put_hash_report(struct writer *w)
{
	const struct custody_form_data *d = w->d;
	put_number(w, ",\"hash_report\":{\"total\":", d->total);
	put(w, ",\"items\":[");
	for (size_t i = 0; i < d->n_items; i++) {
		put(w, i ? "," : "");
		put_item(w, &d->items[i]);
	}
	put(w, "]}");
}

int custody_form_json(struct custody_buf *out, const struct custody_form_data *d, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf report;
	struct writer w = { d, out, err, false };

	custody_buf_init(&report, SIZE_MAX);
	if (custody_report_json(&report, d->report, d->context, err))
		return -1;
	put(&w, "{\"schema\":\"custody-certificate/1\"");
	put_form(&w);
	put_text(&w, ",\"sample\":", custody_form_sample);
	put_text(&w, ",\"scope\":", custody_form_scope);
	put_text(&w, ",\"warning\":", d->form->own ? NULL : custody_form_others);
	put(&w, ",\"parts\":[");
	for (size_t i = 0; i < d->form->n_parts; i++) {
		put(&w, i ? "," : "");
		put_part(&w, &d->form->parts[i]);
	}
	put(&w, "]");
	put_hash_report(&w);
	put(&w, ",\"report\":");
	report.data[report.len - 1] = '}'; /* for its LF: the object ends with the one it is in */
	put(&w, custody_buf_str(&report));
	put(&w, "\n");
	return w.failed ? -1 : 0;
}
