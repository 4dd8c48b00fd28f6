/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/content/look_zip.h"

#include <archive_entry.h>
#include <string.h>

#include "formats/content/begins.h"
#include "formats/content/reader.h"
#include "libcustody/base/limits.h"

struct zip {
	struct custody_look *k;
	const struct custody_zipdir *dir;
	size_t next; /* entry whose turn it is */
	uint64_t taken; /* headers that the reader gave, of this handle */
	unsigned int again;
	bool misled; /* the reader does not give what the directory lists */
};

/* The entry as its record has it, into k->m, before anything is known of its content. */
static int zip_entry(struct zip *z, size_t i)
{
	struct custody_look *k = z->k;
	const struct custody_zipdir_entry *e = &z->dir->entries[i];
	custody_buf_clear(&k->name);
	custody_buf_clear(&k->other);
	if (custody_zipdir_compare(z->dir, k->source, i, &k->m.notes, &k->name, &k->other, k->err))
		return -1;
	k->m.name = (struct custody_bytes){ k->name.data, k->name.len };
	k->m.other_name = (struct custody_bytes){ k->other.data, k->other.len };
	k->m.has_stated = true;
	k->m.stated = e->size;
	k->m.has_modified = e->has_modified && custody_time_in_range(e->modified);
	if (e->has_modified && !k->m.has_modified)
		k->m.notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_TIME_UNKNOWN);
	k->m.modified = k->m.has_modified ? e->modified : (struct custody_time){ 0, 0 };
	return 0;
}

/* An entry that the reader does not get to: what the directory says is all there is. */
static int zip_unread(struct zip *z, const char *words)
{
	struct custody_look *k = z->k;
	k->m = (struct custody_inspect_member){ .kind = CUSTODY_INSPECT_FILE, .state = CUSTODY_INSPECT_DAMAGED };
	if (k->end->members >= k->options->max_members)
		return custody_look_finish(k, CUSTODY_INSPECT_TOO_MANY, NULL);
	if (custody_look_is_over(k))
		return custody_look_finish(k, CUSTODY_INSPECT_TOO_SLOW, NULL);
	if (zip_entry(z, z->next))
		return -1;
	if (k->m.name.n > 0 && k->m.name.p[k->m.name.n - 1] == '/')
		k->m.kind = CUSTODY_INSPECT_FOLDER;
	if (z->dir->entries[z->next].flags & 1)
		k->m.state = CUSTODY_INSPECT_ENCRYPTED;
	custody_look_say(k->m.words, words);
	z->next++;
	return custody_look_member(k);
}

/* libarchive gives one member a place: records that lead to the same are listed all the same. */
static int zip_same_place(struct zip *z)
{
	while (z->next > 0 && z->next < z->dir->n && z->dir->entries[z->next].local == z->dir->entries[z->next - 1].local) {
		int rc = zip_unread(z, "its header is another member's");
		if (rc)
			return rc;
	}
	return 0;
}

static int zip_member(struct zip *z, struct archive *a, struct archive_entry *e, int r, bool *fatal)
{
	struct custody_look *k = z->k;
	bool encrypted = false;
	custody_reader_describe(k, e, false);
	if (z->next < z->dir->n) {
		encrypted = z->dir->entries[z->next].flags & 1;
		if (zip_entry(z, z->next++))
			return -1;
	} else {
		k->m.notes |= CUSTODY_INSPECT_BIT(CUSTODY_INSPECT_NOTE_NOT_LISTED);
		z->misled = true;
	}
	custody_reader_warning(k, a, r);
	return custody_reader_member(k, a, e, encrypted, fatal);
}

/* Members until the handle ends or is of no more use; *over: it is at its end, or gave up on a header. */
static int zip_run(struct zip *z, struct archive *a, bool *over)
{
	struct custody_look *k = z->k;
	*over = false;
	for (uint64_t n = 0;; n++) {
		struct archive_entry *e = NULL;
		bool fatal = false;
		int r = archive_read_next_header(a, &e);
		if (r == ARCHIVE_EOF || (r < ARCHIVE_WARN && !k->failed && !k->stopped && z->next < z->dir->n)) {
			*over = true;
			if (r != ARCHIVE_EOF)
				custody_look_say(k->end->words, archive_error_string(a));
			return 0;
		}
		if (r < ARCHIVE_WARN)
			return custody_reader_give_up(k, a, true);
		if (n < z->taken)
			continue;
		z->taken++;
		if (k->end->members >= k->options->max_members)
			return custody_look_finish(k, CUSTODY_INSPECT_TOO_MANY, NULL);
		int rc = zip_member(z, a, e, r, &fatal);
		if (rc == 0)
			rc = zip_same_place(z);
		if (rc || fatal)
			return rc;
	}
}

/* By the directory. A damaged member ends libarchive's handle, but not the others: it is opened again behind it. */
static int read_by_directory(struct zip *z)
{
	static const custody_support formats[] = { archive_read_support_format_zip_seekable, NULL };
	struct custody_look *k = z->k;
	bool over = z->dir->n == 0;
	while (!over && z->again++ < CUSTODY_LIMIT_INSPECT_AGAIN) {
		CUSTODY_FEED_CLEAN struct custody_feed f = { 0 };
		CUSTODY_READER_CLEAN struct archive *a = NULL;
		if (custody_feed_init(&f, k) || custody_reader_open(&a, &f, formats))
			return -1;
		if (archive_read_open1(a) != ARCHIVE_OK) {
			if (k->failed)
				return -1;
			custody_look_say(k->end->words, archive_error_string(a));
			break;
		}
		int rc = zip_run(z, a, &over);
		if (rc)
			return rc;
		if (z->next >= z->dir->n)
			break;
	}
	z->misled |= z->next < z->dir->n;
	/* What the reader says is of the member that it stops at, not of those behind. */
	for (bool first = true; z->next < z->dir->n; first = false) {
		int rc = zip_unread(z, first && k->end->words[0] ? k->end->words : "the reader does not get to it");
		if (rc)
			return rc;
	}
	return z->misled ? custody_look_note(k, CUSTODY_INSPECT_NOTE_READER_DIFFERS, z->dir->n) : 0;
}

/* By the members' own headers, one after the other. */
static int read_streamed_zip(struct custody_look *k, const char *why)
{
	static const custody_support formats[] = { archive_read_support_format_zip_streamable, NULL };
	CUSTODY_FEED_CLEAN struct custody_feed f = { 0 };
	CUSTODY_READER_CLEAN struct archive *a = NULL;
	if (custody_feed_init(&f, k) || custody_reader_open(&a, &f, formats))
		return -1;
	int rc = archive_read_open1(a) == ARCHIVE_OK ? custody_reader_members(k, a, false) : custody_reader_give_up(k, a, false);
	/* Whatever was met: without a directory nobody knows whether it is all. */
	return rc ? rc : custody_look_finish(k, CUSTODY_INSPECT_BROKEN, why);
}

/* The last of several files: its directory tells the members, and where they lie in files that are not here. */
static int list_split(struct zip *z)
{
	while (z->next < z->dir->n) {
		int rc = zip_unread(z, "not looked for: the archive is split over several files");
		if (rc)
			return rc;
	}
	return custody_look_finish(
		z->k, CUSTODY_INSPECT_BROKEN, "one file of an archive that is split over several: it can be read when they are joined");
}

int custody_look_zip(struct custody_look *k, const struct custody_zipdir *dir, const uint8_t *head, size_t n)
{
	struct zip z = { .k = k, .dir = dir };
	if (custody_look_begin(k, CUSTODY_INSPECT_ZIP, CUSTODY_INSPECT_PLAIN, head, n))
		return -1;
	for (size_t i = 0; dir && i < dir->n_notes; i++)
		if (custody_look_note(k, dir->notes[i].id, dir->notes[i].number))
			return -1;
	if (dir && dir->split)
		return list_split(&z);
	if (dir && !dir->damaged)
		return read_by_directory(&z);
	if (dir)
		return read_streamed_zip(k, "the central directory is damaged");
	if (custody_look_note(k, CUSTODY_INSPECT_NOTE_NO_DIRECTORY, CUSTODY_LIMIT_INSPECT_END))
		return -1;
	if (custody_begins_split_zip(head, n) && custody_look_note(k, CUSTODY_INSPECT_NOTE_SPLIT, 1))
		return -1;
	return read_streamed_zip(k, "no central directory: the file is cut short, or a part of one");
}
