/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies inside, for people. It begins by saying what it is not: the names, times and sizes are the archive's own. Foreign bytes come through
 * custody_display() only; a name is never cut.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/inspect.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"

struct page {
	struct custody_buf *out;
	struct custody_error *err;
	bool failed;
};

static void put(struct page *p, const char *text)
{
	if (!p->failed)
		p->failed = custody_buf_append_str(p->out, text, p->err) != 0;
}

static void put_shown(struct page *p, const void *bytes, size_t n)
{
	if (!p->failed)
		p->failed = custody_display_append(p->out, bytes, n, p->err) != 0;
}

/* "   LABEL      ": the label's column. */
static void label(struct page *p, const char *margin, const char *name)
{
	if (!p->failed)
		p->failed = custody_buf_printf(p->out, p->err, "%s%-10s", margin, name) != 0;
}

static void line(struct page *p, const char *margin, const char *name, const char *text)
{
	label(p, margin, name);
	put(p, text);
	put(p, "\n");
}

/* Digits in groups of three. out holds 32 bytes. */
static const char *grouped(uint64_t v, char out[32])
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, v);
	size_t at = 0;
	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

/* The words of a library: once through the display form they are safe; whoever lied about that is shown again. */
static void words(struct page *p, const char *margin, const char *name, const char *text)
{
	bool safe = custody_utf8_valid((const uint8_t *)text, strlen(text));
	for (size_t i = 0, n = strlen(text); safe && i < n;) {
		uint32_t cp;
		i += custody_utf8_decode((const uint8_t *)text + i, n - i, &cp);
		safe = !custody_utf8_is_unsafe(cp);
	}
	label(p, margin, name);
	if (safe)
		put(p, text);
	else
		put_shown(p, text, strlen(text));
	put(p, "\n");
}

static void digests(struct page *p, const char *margin, const struct custody_digest_values *v)
{
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++) {
		char hex[2 * CUSTODY_DIGEST_MAX + 1];
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)i);
		if (!(v->mask & CUSTODY_DIGEST_BIT(i)))
			continue;
		custody_hex_format(v->value[i], info->size, hex);
		label(p, margin, info->name);
		put(p, hex);
		put(p, info->legacy ? " (legacy)\n" : "\n");
	}
}

static int text_begin(
	struct custody_buf *out, const struct custody_inspect_file *file, const struct custody_inspect_begin *begin, struct custody_error *err)
{
	struct page p = { out, err, false };
	char number[32];
	const char *format = custody_inspect_format_name(begin->format), *filter = custody_inspect_filter_name(begin->filter);
	put_shown(&p, file->path, strlen(file->path));
	put(&p, "\n");
	label(&p, "  ", "size");
	put(&p, grouped(file->size, number));
	put(&p, file->size == 1 ? " byte\n" : " bytes\n");
	digests(&p, "  ", file->digests);
	if (begin->type[0])
		words(&p, "  ", "type", begin->type);
	label(&p, "  ", "inside");
	if (!format) {
		put(&p, begin->format == CUSTODY_INSPECT_NONE ? "no archive of a kind that is looked into\n" : "unknown\n");
		return p.failed ? -1 : 0;
	}
	put(&p, begin->format == CUSTODY_INSPECT_STREAM ? "one compressed stream" : format);
	if (filter) {
		put(&p, ", compressed with ");
		put(&p, filter);
	}
	put(&p, "; names, times and stated sizes are what the archive says\n");
	return p.failed ? -1 : 0;
}

static void member_size(struct page *p, const struct custody_inspect_member *m)
{
	char number[32];
	if (m->state == CUSTODY_INSPECT_NO_CONTENT)
		return;
	label(p, "    ", "size");
	if (m->state == CUSTODY_INSPECT_READ) {
		put(p, grouped(m->size, number));
	} else {
		put(p, m->has_stated ? grouped(m->stated, number) : "unknown");
		put(p, " stated");
	}
	if (m->state == CUSTODY_INSPECT_READ && m->has_stated && m->stated != m->size) {
		put(p, ", but ");
		put(p, grouped(m->stated, number));
		put(p, " stated");
	}
	put(p, "\n");
}

static const char *state_text(enum custody_inspect_state s)
{
	switch (s) {
	case CUSTODY_INSPECT_ENCRYPTED:
		return "encrypted: its content cannot be read";
	case CUSTODY_INSPECT_UNSUPPORTED:
		return "it is kept in a way that is not supported: its content cannot be read";
	case CUSTODY_INSPECT_DAMAGED:
		return "damaged, or not all there: it has no digest";
	case CUSTODY_INSPECT_LIMITED:
		return "not read to its end: a limit was reached";
	case CUSTODY_INSPECT_READ:
	case CUSTODY_INSPECT_NO_CONTENT:
	case CUSTODY_INSPECT_STATES:
		break;
	}
	return NULL;
}

static int text_member(struct custody_buf *out, const struct custody_inspect_member *m, struct custody_error *err)
{
	struct page p = { out, err, false };
	char time[CUSTODY_TIME_TEXT];
	if (custody_buf_printf(out, err, "\n  %" PRIu64 "  %s  ", m->number, custody_inspect_kind_name(m->kind)))
		return -1;
	if (m->name.n > 0)
		put_shown(&p, m->name.p, m->name.n);
	else
		put(&p, "(no name)");
	put(&p, "\n");
	if (m->link.n > 0) {
		label(&p, "    ", "link to");
		put_shown(&p, m->link.p, m->link.n);
		put(&p, "\n");
	}
	if (m->notes & CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_DIFFERS)) {
		label(&p, "    ", "header");
		put_shown(&p, m->other_name.p, m->other_name.n);
		put(&p, "\n");
	}
	member_size(&p, m);
	digests(&p, "    ", &m->digests);
	if (m->type[0])
		words(&p, "    ", "type", m->type);
	if (m->has_modified && custody_time_in_range(m->modified)) {
		custody_time_format(m->modified, time);
		line(&p, "    ", "modified", time);
	}
	if (state_text(m->state))
		line(&p, "    ", "content", state_text(m->state));
	for (int i = 0; i < CUSTODY_INSPECT_MEMBER_NOTE_COUNT; i++)
		if (m->notes & CUSTODY_INSPECT_BIT(i))
			line(&p, "    ", "note", custody_inspect_member_note_get((enum custody_inspect_member_note)i)->text);
	if (m->words[0])
		words(&p, "    ", "reader", m->words);
	return p.failed ? -1 : 0;
}

static void archive_note(struct page *p, const struct custody_inspect_note *note)
{
	const char *text = custody_inspect_archive_note_get(note->id)->text, *at = strstr(text, "%s");
	char number[32];
	label(p, "  ", "note");
	if (!p->failed)
		p->failed = custody_buf_append(p->out, text, (size_t)(at - text), p->err) != 0;
	put(p, grouped(note->number, number));
	put(p, at + 2);
	put(p, "\n");
}

/* "12 files, 3 folders": what there is, in words. */
static void counts(struct page *p, const struct custody_inspect_end *end)
{
	static const char *const one[] = { "file", "folder", "symbolic link", "hard link", "FIFO", "socket", "device", "other" };
	static const char *const many[] = { "files", "folders", "symbolic links", "hard links", "FIFOs", "sockets", "devices", "others" };
	char number[32];
	label(p, "  ", "members");
	put(p, grouped(end->members, number));
	const char *between = ": ";
	for (int i = 0; i < CUSTODY_INSPECT_KINDS; i++) {
		if (end->by_kind[i] == 0)
			continue;
		put(p, between);
		between = ", ";
		put(p, grouped(end->by_kind[i], number));
		put(p, " ");
		put(p, end->by_kind[i] == 1 ? one[i] : many[i]);
	}
	put(p, "; ");
	put(p, grouped(end->bytes, number));
	put(p, end->bytes == 1 ? " byte came out\n" : " bytes came out\n");
}

static int text_end(
	struct custody_buf *out, const struct custody_inspect_note *notes, size_t n, const struct custody_inspect_end *end, struct custody_error *err)
{
	struct page p = { out, err, false };
	put(&p, "\n");
	for (size_t i = 0; i < n; i++)
		archive_note(&p, &notes[i]);
	if (end->outcome == CUSTODY_INSPECT_NOT_ARCHIVE)
		return p.failed ? -1 : 0;
	counts(&p, end);
	label(&p, "  ", "result");
	put(&p, custody_inspect_outcome_text(end->outcome));
	put(&p, "\n");
	if (end->words[0])
		words(&p, "  ", "reader", end->words);
	put(&p, "\n");
	return p.failed ? -1 : 0;
}

static int text_none(struct custody_buf *out, uint64_t files, struct custody_error *err)
{
	char number[32];
	if (files == 0)
		return custody_buf_append_str(out, "no file was looked at\n", err);
	return custody_buf_printf(out, err, "%s file%s looked at, and no archive of a kind that is looked into among them\n", grouped(files, number),
		files == 1 ? "" : "s");
}

const struct custody_inspect_writer custody_inspect_text = { text_begin, text_member, text_end, text_none };
