/* SPDX-License-Identifier: Apache-2.0 */
/* Schema custody-inspect/1, custody-inspect(1): one object a file, on one line; fields are only ever added. */
#include <inttypes.h>
#include <string.h>

#include "formats/inspect.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"

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

static void put_number(struct writer *w, const char *key, uint64_t v)
{
	if (!w->failed)
		w->failed = custody_buf_printf(w->out, w->err, "%s%" PRIu64, key, v) != 0;
}

static void put_safe(struct writer *w, const void *p, size_t n)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown;
	custody_buf_init(&shown, SIZE_MAX);
	if (!w->failed)
		w->failed =
			custody_display_append(&shown, p, n, w->err) || custody_json_append_safe(w->out, custody_buf_str(&shown), shown.len, w->err);
}

/* Text of a library that came through custody_display() once: shown again it is the same, but for what a hostile reader put in. */
static void put_words(struct writer *w, const char *key, const char *text)
{
	put(w, key);
	if (!text || !text[0]) {
		put(w, "null");
	} else if (custody_utf8_valid((const uint8_t *)text, strlen(text))) {
		if (!w->failed)
			w->failed = custody_json_append_safe(w->out, text, strlen(text), w->err) != 0;
	} else {
		put_safe(w, text, strlen(text));
	}
}

/* ,"NAME":display form, and "NAME_b64" with the raw bytes where they differ. */
static void put_bytes(struct writer *w, const char *name, const void *p, size_t n)
{
	if (!w->failed)
		w->failed = custody_buf_printf(w->out, w->err, ",\"%s\":", name) != 0;
	put_safe(w, p, n);
	if (w->failed || custody_display_is_exact(p, n))
		return;
	w->failed = custody_buf_printf(w->out, w->err, ",\"%s_b64\":\"", name) || custody_base64_append(w->out, p, n, w->err);
	put(w, "\"");
}

static void put_digests(struct writer *w, const struct custody_digest_values *v)
{
	const char *comma = "";
	put(w, ",\"digests\":");
	if (v->mask == 0) {
		put(w, "null");
		return;
	}
	put(w, "{");
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++) {
		char hex[2 * CUSTODY_DIGEST_MAX + 1];
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)i);
		if (!(v->mask & CUSTODY_DIGEST_BIT(i)))
			continue;
		custody_hex_format(v->value[i], info->size, hex);
		if (!w->failed)
			w->failed = custody_buf_printf(w->out, w->err, "%s\"%s\":\"%s\"", comma, info->name, hex) != 0;
		comma = ",";
	}
	put(w, "}");
}

static int json_begin(
	struct custody_buf *out, const struct custody_inspect_file *file, const struct custody_inspect_begin *begin, struct custody_error *err)
{
	struct writer w = { out, err, false };
	put(&w, "{\"schema\":\"custody-inspect/1\"");
	put_bytes(&w, "path", file->path, strlen(file->path));
	put_number(&w, ",\"size\":", file->size);
	put_digests(&w, file->digests);
	put_words(&w, ",\"type\":", begin->type);
	put_words(&w, ",\"format\":", custody_inspect_format_name(begin->format));
	put_words(&w, ",\"compression\":", custody_inspect_filter_name(begin->filter));
	put(&w, ",\"members\":[");
	return w.failed ? -1 : 0;
}

static void put_time(struct writer *w, const struct custody_inspect_member *m)
{
	char text[CUSTODY_TIME_TEXT];
	put(w, ",\"modified\":");
	if (!m->has_modified || !custody_time_in_range(m->modified)) {
		put(w, "null");
		return;
	}
	if (m->modified.nsec)
		custody_time_format_ns(m->modified, text);
	else
		custody_time_format(m->modified, text);
	put(w, "\"");
	put(w, text);
	put(w, "\"");
}

static int json_member(struct custody_buf *out, const struct custody_inspect_member *m, struct custody_error *err)
{
	struct writer w = { out, err, false };
	const char *comma = "";
	put_number(&w, m->number > 1 ? ",{\"n\":" : "{\"n\":", m->number);
	put_bytes(&w, "name", m->name.p, m->name.n);
	if (m->notes & CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_DIFFERS))
		put_bytes(&w, "header_name", m->other_name.p, m->other_name.n);
	put_words(&w, ",\"kind\":", custody_inspect_kind_name(m->kind));
	if (m->link.n > 0)
		put_bytes(&w, "link", m->link.p, m->link.n);
	put_words(&w, ",\"state\":", custody_inspect_state_name(m->state));
	put_number(&w, ",\"size\":", m->size);
	if (m->has_stated)
		put_number(&w, ",\"stated_size\":", m->stated);
	else
		put(&w, ",\"stated_size\":null");
	put_digests(&w, &m->digests);
	put_words(&w, ",\"type\":", m->type);
	put_time(&w, m);
	put(&w, ",\"notes\":[");
	for (int i = 0; i < CUSTODY_INSPECT_MEMBER_NOTE_COUNT; i++) {
		if (!(m->notes & CUSTODY_INSPECT_BIT(i)))
			continue;
		put(&w, comma);
		put_words(&w, "", custody_inspect_member_note_get((enum custody_inspect_member_note)i)->id);
		comma = ",";
	}
	put_words(&w, "],\"reader\":", m->words);
	put(&w, "}");
	return w.failed ? -1 : 0;
}

static int json_end(
	struct custody_buf *out, const struct custody_inspect_note *notes, size_t n, const struct custody_inspect_end *end, struct custody_error *err)
{
	struct writer w = { out, err, false };
	put(&w, "],\"notes\":[");
	for (size_t i = 0; i < n; i++) {
		put_words(&w, i ? ",{\"id\":" : "{\"id\":", custody_inspect_archive_note_get(notes[i].id)->id);
		put_number(&w, ",\"number\":", notes[i].number);
		put(&w, "}");
	}
	put_words(&w, "],\"result\":", custody_inspect_outcome_name(end->outcome));
	put_words(&w, ",\"detail\":", custody_inspect_outcome_text(end->outcome));
	put_words(&w, ",\"reader\":", end->words);
	put_number(&w, ",\"counts\":{\"members\":", end->members);
	put_number(&w, ",\"bytes\":", end->bytes);
	put(&w, ",\"kinds\":{");
	for (int i = 0; i < CUSTODY_INSPECT_KINDS; i++) {
		put_words(&w, i ? "," : "", custody_inspect_kind_name((enum custody_inspect_kind)i));
		put_number(&w, ":", end->by_kind[i]);
	}
	put(&w, "},\"states\":{");
	for (int i = 0; i < CUSTODY_INSPECT_STATES; i++) {
		put_words(&w, i ? "," : "", custody_inspect_state_name((enum custody_inspect_state)i));
		put_number(&w, ":", end->by_state[i]);
	}
	put(&w, "}}}\n");
	return w.failed ? -1 : 0;
}

static int json_none(struct custody_buf *out, uint64_t files, struct custody_error *err)
{
	return custody_buf_printf(out, err, "{\"schema\":\"custody-inspect-summary/1\",\"files\":%" PRIu64 ",\"archives\":0}\n", files);
}

const struct custody_inspect_writer custody_inspect_json = { json_begin, json_member, json_end, json_none };
