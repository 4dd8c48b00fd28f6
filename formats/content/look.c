/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/content/look.h"

#include <stdlib.h>
#include <string.h>

#include "formats/content/begins.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

void custody_look_release(struct custody_look *k)
{
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		custody_digest_release(&k->digests[i]);
	custody_set_release(&k->names);
	custody_buf_release(&k->name);
	custody_buf_release(&k->other);
	free(k->head);
}

void custody_look_say(char out[CUSTODY_INSPECT_WORDS], const char *words)
{
	if (words && !out[0])
		custody_display(words, strlen(words), out, CUSTODY_INSPECT_WORDS);
}

int custody_look_finish(struct custody_look *k, enum custody_inspect_outcome outcome, const char *words)
{
	k->end->outcome = outcome;
	custody_look_say(k->end->words, words);
	return 1;
}

bool custody_look_is_over(const struct custody_look *k)
{
	return k->options->stop && k->options->stop(k->options->stop_ctx);
}

static void identify(const struct custody_look *k, const uint8_t *p, size_t n, char type[CUSTODY_INSPECT_TYPE])
{
	type[0] = '\0';
	if (k->options->identify)
		k->options->identify(k->options->identify_ctx, p, n, type);
}

/* ---- the content of a member ---- */

int custody_look_content_start(struct custody_look *k)
{
	k->head_n = 0;
	k->m.size = 0;
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		if ((k->options->digests & CUSTODY_DIGEST_BIT(i)) && custody_digest_start(&k->digests[i], k->err))
			return -1;
	return 0;
}

/* What came out so far is within the limits. */
static int content_limits(struct custody_look *k, size_t more)
{
	const struct custody_archive_options *o = k->options;
	const uint64_t bytes = k->end->bytes + k->m.size;
	if (bytes > o->max_bytes || more > o->max_bytes - bytes)
		return custody_look_finish(k, CUSTODY_INSPECT_TOO_MUCH, NULL);
	if (bytes + more > o->ratio_from && (bytes + more) / o->max_ratio > k->source->size)
		return custody_look_finish(k, CUSTODY_INSPECT_TOO_DENSE, NULL);
	return custody_look_is_over(k) ? custody_look_finish(k, CUSTODY_INSPECT_TOO_SLOW, NULL) : 0;
}

int custody_look_content_feed(struct custody_look *k, const uint8_t *p, size_t n)
{
	if (n == 0)
		return 0;
	int rc = content_limits(k, n);
	if (rc)
		return rc;
	size_t head = CUSTODY_LIMIT_INSPECT_HEAD - k->head_n;
	head = n < head ? n : head;
	memcpy(k->head + k->head_n, p, head);
	k->head_n += head;
	k->m.size += n;
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		if ((k->options->digests & CUSTODY_DIGEST_BIT(i)) && custody_digest_update(&k->digests[i], p, n, k->err))
			return -1;
	return 0;
}

int custody_look_content_hole(struct custody_look *k, uint64_t n)
{
	static const uint8_t zeros[65536];
	while (n > 0) {
		size_t part = n < sizeof(zeros) ? (size_t)n : sizeof(zeros);
		int rc = custody_look_content_feed(k, zeros, part);
		if (rc)
			return rc;
		n -= part;
	}
	return 0;
}

int custody_look_content_finish(struct custody_look *k)
{
	struct custody_inspect_member *m = &k->m;
	m->state = CUSTODY_INSPECT_READ;
	m->digests.mask = k->options->digests;
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		if ((k->options->digests & CUSTODY_DIGEST_BIT(i)) && custody_digest_finish(&k->digests[i], m->digests.value[i], k->err))
			return -1;
	identify(k, k->head, k->head_n, m->type);
	if (custody_begins_archive(k->head, k->head_n))
		m->notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NESTED);
	return 0;
}

/* ---- names ---- */

/* How far below the start a path ends; -1: it is absolute or leads above it on the way. */
static int64_t depth_of(struct custody_bytes path, int64_t depth)
{
	if (path.n > 0 && path.p[0] == '/')
		return -1;
	for (size_t at = 0; at < path.n;) {
		const uint8_t *slash = memchr(path.p + at, '/', path.n - at);
		const size_t n = slash ? (size_t)(slash - path.p) - at : path.n - at;
		const struct custody_bytes part = { path.p + at, n };
		at += n + 1;
		if (n == 0 || custody_bytes_is(part, "."))
			continue;
		depth += custody_bytes_is(part, "..") ? -1 : 1;
		if (depth < 0)
			return -1;
	}
	return depth;
}

static bool has_parent_part(struct custody_bytes name)
{
	for (size_t i = 0; i + 1 < name.n; i++)
		if (name.p[i] == '.' && name.p[i + 1] == '.' && (i == 0 || name.p[i - 1] == '/' || name.p[i - 1] == '\\') &&
			(i + 2 == name.n || name.p[i + 2] == '/' || name.p[i + 2] == '\\'))
			return true;
	return false;
}

static uint32_t name_notes(const struct custody_inspect_member *m)
{
	const struct custody_bytes name = m->name;
	uint32_t notes = 0;
	if (name.n == 0)
		return CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_EMPTY);
	const bool drive = name.n > 1 && name.p[1] == ':' && ((name.p[0] | 0x20) >= 'a' && (name.p[0] | 0x20) <= 'z');
	if (name.p[0] == '/' || name.p[0] == '\\' || drive)
		notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_ABSOLUTE);
	if (has_parent_part(name))
		notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_PARENT);
	if (memchr(name.p, '\0', name.n))
		notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_NUL);
	if (memchr(name.p, '\\', name.n))
		notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_BACKSLASH);
	if (m->kind != CUSTODY_INSPECT_SYMLINK && m->kind != CUSTODY_INSPECT_HARDLINK)
		return notes;
	/* A symbolic link starts in its own folder, a hard link where the archive does. */
	int64_t depth = m->kind == CUSTODY_INSPECT_SYMLINK ? depth_of(name, 0) - 1 : 0;
	if (depth_of(m->link, depth < 0 ? 0 : depth) < 0)
		notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_LINK_OUTSIDE);
	return notes;
}

/* What "./a" and "a/" name when they are unpacked. Folders may come twice: that hides nothing. */
static int note_duplicate(struct custody_look *k)
{
	struct custody_inspect_member *m = &k->m;
	struct custody_bytes n = m->name;
	bool was_there = false;
	while (n.n > 2 && n.p[0] == '.' && n.p[1] == '/')
		n = (struct custody_bytes){ n.p + 2, n.n - 2 };
	while (n.n > 0 && n.p[n.n - 1] == '/')
		n.n--;
	/* Of two names that are cut nobody knows whether they are the same. */
	if (n.n == 0 || (m->notes & CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_CUT)))
		return 0;
	if (custody_set_add(&k->names, custody_set_hash(&k->names, 0, n.p, n.n), &was_there, k->err))
		return -1;
	if (was_there && m->kind != CUSTODY_INSPECT_FOLDER)
		m->notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NAME_DUPLICATE);
	return 0;
}

int custody_look_member(struct custody_look *k)
{
	struct custody_inspect_member *m = &k->m;
	m->notes |= k->unnamed ? 0 : name_notes(m);
	if (note_duplicate(k))
		return -1;
	m->number = k->end->members + 1;
	custody_inspect_count(k->end, m);
	return k->sink->member(k->sink->ctx, m, k->err) ? -1 : 0;
}

int custody_look_note(struct custody_look *k, enum custody_inspect_archive_note id, uint64_t number)
{
	const struct custody_inspect_note note = { id, number };
	return k->sink->note(k->sink->ctx, &note, k->err) ? -1 : 0;
}

int custody_look_rest(struct custody_look *k, uint64_t from)
{
	CUSTODY_FREE uint8_t *block = malloc(CUSTODY_LIMIT_BLOCK);
	uint64_t last = from;
	if (!block)
		return custody_fail_nomem(k->err);
	for (uint64_t at = from; at < k->source->size;) {
		const uint64_t left = k->source->size - at;
		size_t n = left < CUSTODY_LIMIT_BLOCK ? (size_t)left : CUSTODY_LIMIT_BLOCK;
		if (custody_look_is_over(k))
			return custody_look_finish(k, CUSTODY_INSPECT_TOO_SLOW, NULL);
		if (custody_source_read(k->source, at, block, n, k->err))
			return -1;
		for (size_t i = n; i > 0 && last < at + i; i--)
			if (block[i - 1])
				last = at + i;
		at += n;
	}
	k->after += last - from;
	return 0;
}

int custody_look_begin(struct custody_look *k, enum custody_inspect_format format, enum custody_inspect_filter filter, const uint8_t *head, size_t n)
{
	struct custody_inspect_begin b = { format, filter, "" };
	identify(k, head, n, b.type);
	return k->sink->begin(k->sink->ctx, &b, k->err) ? -1 : 0;
}
