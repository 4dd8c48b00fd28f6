/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/verdict/lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/path.h"
#include "libcustody/base/utf8.h"

/* How often a list that lost its place is looked up in the other (each time a walk over the whole): enough to name what happened. */
#define LOOKUPS 8
#define OWN_NAME 640 /* bytes of words with the name of an item in them, cut */

/* One checksum list. */
struct list {
	struct custody_bag_cursor *cursor; /* NULL: not there */
	bool in_step; /* every line so far was the member met */
	uint8_t seen[32]; /* SHA-256 of the list as the pass met it */
};

struct custody_lists {
	struct custody_lists_options o;
	custody_lists_item *watch; /* NULL: nobody */
	void *watch_ctx;
	uint32_t digests;
	unsigned lookups;

	struct custody_asic_reader *asic;
	struct custody_asic_reference reference; /* read and not yet matched, if pending */
	bool pending, asic_in_step, asic_ended;
	uint8_t asic_seen[32];
	bool disclosable; /* ASiCManifest002 lists exactly seal.json */
	uint8_t disclosable_digest[32]; /* and states this digest */
	uint8_t disclosable_read[32]; /* SHA-256 of the manifest as it was read for that */

	struct list list[CUSTODY_DIGEST_COUNT], tags;

	struct custody_inventory_cursor *inventory;
	bool inventory_in_step, inventory_whole;
	uint8_t inventory_seen[32];
	struct custody_tree tree;
	struct custody_buf previous; /* path of the line before */
	bool previous_is_folder;
	uint8_t *is_file; /* a bit a line: kind file, for the targets of hard links */
	size_t is_file_cap;

	bool covered, digests_right, lists_right, inventory_right, tree_right;
	uint64_t lines, files, bytes, data_bytes, data_members;
	uint64_t compared, equal; /* of data_members: named by every list that is there; and as all of them state */
	uint64_t exceptions; /* items that could not be read, or changed while they were */
	uint64_t unread_folders; /* folders among them that could not be read */
};

static const struct custody_zip_member *indexed(const struct custody_lists *l, enum custody_member_class c)
{
	return l->o.index->has[c] ? &l->o.index->member[c] : NULL;
}

static int new_key(const struct custody_lists *l, uint8_t key[16], struct custody_error *err)
{
	return custody_random_fill(l->o.random, key, 16, err);
}

static int open_asic(struct custody_lists *l, enum custody_member_class c, enum custody_member_class signature, struct custody_asic_reader **out,
	struct custody_error *err)
{
	const struct custody_zip_member *m = indexed(l, c);
	uint8_t key[16];

	if (!m)
		return 0;
	if (new_key(l, key, err))
		return -1;
	if (custody_asic_reader_new(
		    out, l->o.zip->source, m->data_offset, m->size, custody_member_name(signature), key, CUSTODY_DIGEST_BIT(CUSTODY_SHA256), err))
		return custody_findings_take(l->o.findings, CUSTODY_FINDING_ASIC_MANIFEST_MALFORMED, custody_member_name(c), err);
	return 0;
}

/* ASiCManifest002 is small: read whole at once. Its digest is checked against seal.json's when the pass meets that. */
static int read_disclosable(struct custody_lists *l, struct custody_error *err)
{
	static const char name[] = "META-INF/ASiCManifest002.xml";
	CUSTODY_CLEANUP(custody_asic_reader_free) struct custody_asic_reader *reader = NULL;
	struct custody_asic_reference reference;
	struct custody_digest_values read;
	int references = 0, r;

	if (open_asic(l, CUSTODY_MEMBER_ASIC_2, CUSTODY_MEMBER_SIGNATURE_2, &reader, err))
		return -1;
	if (!reader)
		return 0;
	while ((r = custody_asic_reader_next(reader, &reference, err)) == 1) {
		if (++references > 1 || strcmp(reference.member, custody_member_name(CUSTODY_MEMBER_SEAL_FILE)) != 0) {
			custody_findings_add(l->o.findings, CUSTODY_FINDING_ASIC_MANIFEST_MALFORMED, name, strlen(name),
				"the second manifest lists something else than custody/seal.json, the root file, alone");
			return 0;
		}
		memcpy(l->disclosable_digest, reference.sha256, 32);
	}
	if (r < 0)
		return custody_findings_take(l->o.findings, CUSTODY_FINDING_ASIC_MANIFEST_MALFORMED, name, err);
	l->disclosable = references == 1;
	custody_asic_reader_digests(reader, &read);
	memcpy(l->disclosable_read, read.value[CUSTODY_SHA256], sizeof(l->disclosable_read));
	return 0;
}

static int open_list(
	struct custody_lists *l, struct list *list, const struct custody_zip_member *m, enum custody_digest_id algorithm, struct custody_error *err)
{
	if (custody_bag_cursor_new(&list->cursor, l->o.zip->source, m->data_offset, m->size, custody_digest_get(algorithm)->size, m->name, err))
		return custody_findings_take(l->o.findings, CUSTODY_FINDING_LIST_MALFORMED, m->name, err);
	list->in_step = true;
	return 0;
}

/* The lists there are those of the digests of seal.json that BagIt tools know. */
static int open_lists(struct custody_lists *l, struct custody_error *err)
{
	char name[CUSTODY_LIST_NAME];

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		enum custody_digest_id algorithm = (enum custody_digest_id)id;
		bool wanted = l->o.sealfile && (l->o.sealfile->digests & CUSTODY_DIGEST_BIT(id)) && custody_digest_get(algorithm)->bagit;
		bool there = l->o.index->has_list[id];

		custody_member_list_name(algorithm, name);
		if (l->o.sealfile && wanted != there)
			custody_findings_add(l->o.findings, there ? CUSTODY_FINDING_MEMBER_UNEXPECTED : CUSTODY_FINDING_MEMBER_MISSING, name,
				strlen(name), "seal.json %s the digest of this list", there ? "does not name" : "names");
		if (there && open_list(l, &l->list[id], &l->o.index->list[id], algorithm, err))
			return -1;
	}
	if (indexed(l, CUSTODY_MEMBER_TAG_LIST))
		return open_list(l, &l->tags, indexed(l, CUSTODY_MEMBER_TAG_LIST), CUSTODY_SHA256, err);
	return 0;
}

static int open_inventory(struct custody_lists *l, struct custody_error *err)
{
	const struct custody_zip_member *m = indexed(l, CUSTODY_MEMBER_INVENTORY);

	if (!m)
		return 0;
	if (custody_inventory_cursor_new(&l->inventory, l->o.zip->source, m->data_offset, m->size, err))
		return custody_findings_take(l->o.findings, CUSTODY_FINDING_INVENTORY_MALFORMED, m->name, err);
	l->inventory_in_step = true;
	return 0;
}

int custody_lists_new(struct custody_lists **out, const struct custody_lists_options *options, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lists_free) struct custody_lists *l = calloc(1, sizeof(*l));

	if (!l)
		return custody_fail_nomem(err);
	l->o = *options;
	l->covered = l->digests_right = l->lists_right = l->inventory_right = true;
	custody_buf_init(&l->previous, CUSTODY_LIMIT_PATH);
	if (custody_tree_init(&l->tree, err))
		return -1;
	l->digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | (options->sealfile ? options->sealfile->digests : 0);
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (options->index->has_list[id])
			l->digests |= CUSTODY_DIGEST_BIT(id);
	if (open_asic(l, CUSTODY_MEMBER_ASIC_1, CUSTODY_MEMBER_SIGNATURE_1, &l->asic, err) || read_disclosable(l, err) || open_lists(l, err) ||
		open_inventory(l, err))
		return -1;
	l->asic_in_step = l->asic != NULL;
	*out = custody_steal(&l);
	return 0;
}

void custody_lists_free(struct custody_lists **lists)
{
	struct custody_lists *l = *lists;

	if (!l)
		return;
	custody_asic_reader_free(&l->asic);
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		custody_bag_cursor_free(&l->list[id].cursor);
	custody_bag_cursor_free(&l->tags.cursor);
	custody_inventory_cursor_free(&l->inventory);
	custody_tree_release(&l->tree);
	custody_buf_release(&l->previous);
	free(l->is_file);
	free(l);
	*lists = NULL;
}

void custody_lists_watch(struct custody_lists *l, custody_lists_item *item, void *ctx)
{
	l->watch = item;
	l->watch_ctx = ctx;
}

uint32_t custody_lists_digests(const struct custody_lists *l)
{
	return l->digests;
}

/* ---- ASiCManifest001 ---- */

/* Does ASiCManifest001 name this member anywhere? 1, 0, -1. */
static int asic_names(struct custody_lists *l, const char *member, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_asic_reader_free) struct custody_asic_reader *reader = NULL;
	struct custody_asic_reference reference;
	int r = 0;

	if (open_asic(l, CUSTODY_MEMBER_ASIC_1, CUSTODY_MEMBER_SIGNATURE_1, &reader, err))
		return -1;
	while (reader && (r = custody_asic_reader_next(reader, &reference, err)) == 1)
		if (strcmp(reference.member, member) == 0)
			return 1;
	return reader && r < 0 && err->kind != CUSTODY_ERR_FORMAT ? -1 : 0;
}

/* Makes sure that a reference is pending, unless the list has ended or lost its place. */
static int asic_peek(struct custody_lists *l, struct custody_error *err)
{
	int r;

	if (l->pending || l->asic_ended || !l->asic_in_step)
		return 0;
	r = custody_asic_reader_next(l->asic, &l->reference, err);
	if (r == 0)
		l->asic_ended = true;
	if (r < 0) {
		l->asic_in_step = false;
		return custody_findings_take(l->o.findings, CUSTODY_FINDING_ASIC_MANIFEST_MALFORMED, custody_member_name(CUSTODY_MEMBER_ASIC_1), err);
	}
	l->pending = r == 1;
	return 0;
}

/* The pending reference is not the member met: one of them is missing, or the order is wrong. *again: look at the next reference. */
static int asic_differs(struct custody_lists *l, const struct custody_zip_member *m, bool *again, struct custody_error *err)
{
	struct custody_zip_member other;
	int r;

	*again = false;
	l->covered = false;
	if (++l->lookups > LOOKUPS) {
		l->asic_in_step = false;
		return 0;
	}
	r = custody_zip_find(l->o.zip, l->reference.member, &other, err);
	if (r < 0)
		return -1;
	if (r == 0) {
		custody_findings_add(l->o.findings, CUSTODY_FINDING_MEMBER_MISSING, l->reference.member, l->reference.member_len,
			"the seal lists it, the container does not have it");
		l->pending = false;
		*again = true;
		return 0;
	}
	r = asic_names(l, m->name, err);
	if (r < 0)
		return -1;
	if (r == 0) {
		custody_findings_add(l->o.findings, CUSTODY_FINDING_MEMBER_UNCOVERED, m->name, m->name_len, NULL);
		return 0;
	}
	custody_findings_add(l->o.findings, CUSTODY_FINDING_MEMBER_ORDER, m->name, m->name_len, "ASiCManifest001 lists the members in another order");
	l->asic_in_step = false;
	return 0;
}

/* The member's digest as ASiCManifest001 states it: *stated, NULL if it could not be said. That Rootfile is at custody/seal.json and there alone is the
 * reader's rule. */
static int merge_asic(struct custody_lists *l, const struct custody_zip_member *m, const uint8_t **stated, struct custody_error *err)
{
	bool again;

	*stated = NULL;
	for (;;) {
		if (asic_peek(l, err))
			return -1;
		if (l->asic_ended) {
			l->covered = false;
			custody_findings_add(l->o.findings, CUSTODY_FINDING_MEMBER_UNCOVERED, m->name, m->name_len, NULL);
			return 0;
		}
		if (!l->asic_in_step)
			return 0;
		if (l->reference.member_len == m->name_len && memcmp(l->reference.member, m->name, m->name_len) == 0)
			break;
		if (asic_differs(l, m, &again, err))
			return -1;
		if (!again)
			return 0;
	}
	l->pending = false;
	*stated = l->reference.sha256;
	return 0;
}

/* ---- checksum lists ---- */

/* The next line of a list must be this member: *stated is its digest, NULL if the list has lost its place. */
static int merge_list(struct custody_lists *l, struct list *list, const struct custody_zip_member *m, struct custody_bag_line *line, bool *matched,
	struct custody_error *err)
{
	int r;

	*matched = false;
	if (!list->cursor || !list->in_step)
		return 0;
	r = custody_bag_cursor_next(list->cursor, line, err);
	if (r == 1 && line->member_len == m->name_len && memcmp(line->member, m->name, m->name_len) == 0) {
		*matched = true;
		return 0;
	}
	list->in_step = false;
	l->lists_right = false;
	if (r < 0)
		return custody_findings_take(l->o.findings, CUSTODY_FINDING_LIST_MALFORMED, m->name, err);
	custody_findings_add(l->o.findings, CUSTODY_FINDING_LISTS_DISAGREE, m->name, m->name_len,
		r == 0 ? "a checksum list ends before this member" : "a checksum list has another member in its place");
	return 0;
}

/* ---- inventory ---- */

static int mark_file(struct custody_lists *l, uint64_t n, bool is_file, struct custody_error *err)
{
	size_t byte = (size_t)(n / 8);

	if (byte >= l->is_file_cap) {
		size_t cap = l->is_file_cap ? l->is_file_cap * 2 : 1024;
		uint8_t *p = realloc(l->is_file, cap);

		if (!p)
			return custody_fail_nomem(err);
		memset(p + l->is_file_cap, 0, cap - l->is_file_cap);
		l->is_file = p;
		l->is_file_cap = cap;
	}
	if (is_file)
		l->is_file[byte] |= (uint8_t)(1u << (n % 8));
	return 0;
}

static void line_wrong(struct custody_lists *l, const struct custody_item *item, const char *what)
{
	l->inventory_right = false;
	custody_findings_add(l->o.findings, CUSTODY_FINDING_INVENTORY_MALFORMED, item->path.p, item->path.n, "line %llu: %s",
		(unsigned long long)item->n + 1, what);
}

/* The member name that a line must have: data/ and its path, or the alias of its number. */
static bool member_fits(const struct custody_item *item)
{
	char alias[CUSTODY_NAME_ALIAS];

	if (item->path_b64) {
		custody_name_alias(item->n, alias);
		return strcmp(item->member, alias) == 0;
	}
	return strncmp(item->member, "data/", 5) == 0 && strlen(item->member + 5) == item->path.n &&
	       memcmp(item->member + 5, item->path.p, item->path.n) == 0;
}

/* What a sealer notes of an item: how it was read and named, what it is, how it stands to a stated digest. All other statements are ours alone: repeated from a line, they
 * would read as if this program had found them. */
static bool is_noted_of_items(enum custody_finding_id id)
{
	static const enum custody_finding_id noted[] = { CUSTODY_FINDING_SOURCE_CHANGED_WHILE_READ, CUSTODY_FINDING_SOURCE_UNREADABLE,
		CUSTODY_FINDING_NAME_ALIASED, CUSTODY_FINDING_XATTRS_DIGEST_ONLY, CUSTODY_FINDING_XATTRS_UNREADABLE, CUSTODY_FINDING_TIMES_ABSENT,
		CUSTODY_FINDING_NOT_IDENTIFIED, CUSTODY_FINDING_TYPE_MISMATCH, CUSTODY_FINDING_CLAIM_MISMATCH, CUSTODY_FINDING_CLAIM_NOT_COMPARED,
		CUSTODY_FINDING_CLAIM_LEGACY, CUSTODY_FINDING_CLAIM_NAME_DIFFERS };

	for (size_t i = 0; i < sizeof(noted) / sizeof(noted[0]); i++)
		if (noted[i] == id)
			return true;
	return false;
}

/*
 * What is not noted of items: a name of a later version, of another program, or of something that only who verifies can find, which would be an attempt to speak for
 * this program. It was said of the item all the same, and under the seal: it is quoted as the sealer's word.
 */
static void quote_finding(struct custody_lists *l, const struct custody_item *item, const struct custody_item_finding *f)
{
	char id[128], detail[256];

	custody_display(f->id, strlen(f->id), id, sizeof(id));
	if (f->detail)
		custody_findings_add(l->o.findings, CUSTODY_FINDING_ITEM_FINDING_UNKNOWN, item->path.p, item->path.n, "the sealer noted '%s': %s", id,
			custody_display(f->detail, strlen(f->detail), detail, sizeof(detail)));
	else
		custody_findings_add(l->o.findings, CUSTODY_FINDING_ITEM_FINDING_UNKNOWN, item->path.p, item->path.n, "the sealer noted '%s'", id);
}

/* What an item's own findings say is reported as a statement, never judged. */
static void repeat_findings(struct custody_lists *l, const struct custody_item *item)
{
	bool exception = false, unread = false;
	for (size_t i = 0; i < item->n_findings; i++) {
		enum custody_finding_id id = custody_finding_find(item->findings[i].id);
		char detail[256];

		if (!is_noted_of_items(id)) {
			quote_finding(l, item, &item->findings[i]);
			continue;
		}
		unread = unread || id == CUSTODY_FINDING_SOURCE_UNREADABLE;
		exception = exception || id == CUSTODY_FINDING_SOURCE_UNREADABLE || id == CUSTODY_FINDING_SOURCE_CHANGED_WHILE_READ;
		if (item->findings[i].detail)
			custody_findings_add(l->o.findings, id, item->path.p, item->path.n, "%s",
				custody_display(item->findings[i].detail, strlen(item->findings[i].detail), detail, sizeof(detail)));
		else
			custody_findings_add(l->o.findings, id, item->path.p, item->path.n, NULL);
	}
	l->exceptions += exception;
	l->unread_folders += unread && item->kind == CUSTODY_KIND_DIR;
	if (item->has_private)
		custody_findings_add(l->o.findings, CUSTODY_FINDING_UNKNOWN_FIELD, item->path.p, item->path.n, NULL);
}

/*
 * Parent before child: what the path lies below is the folder of the line before, or one above it, which was seen to be a folder when that line was taken.
 * Otherwise a file could lie below a symbolic link, and an inventory could speak of a tree that no walk meets.
 */
static bool lies_in_folder(const struct custody_lists *l, struct custody_bytes path)
{
	const struct custody_buf *previous = &l->previous;
	const uint8_t *slash = memrchr(path.p, '/', path.n);
	size_t n = slash ? (size_t)(slash - path.p) : 0;

	if (!slash)
		return true; /* an argument of its own */
	if (l->lines == 0 || previous->len < n || memcmp(previous->data, path.p, n) != 0)
		return false;
	return previous->len == n ? l->previous_is_folder : previous->data[n] == '/';
}

/* What must hold of a line beside its own form: order, link targets, digests of seal.json. And what it adds to the totals. */
static int take_line(struct custody_lists *l, const struct custody_item *item, const uint8_t *line, size_t line_len, struct custody_error *err)
{
	const struct custody_buf *previous = &l->previous;

	if (custody_tree_add(&l->tree, line, line_len, err) || mark_file(l, item->n, item->kind == CUSTODY_KIND_FILE, err))
		return -1;
	if (l->lines > 0 && custody_path_compare(previous->data, previous->len, item->path.p, item->path.n) >= 0)
		line_wrong(l, item, "its path does not come after the one before");
	if (!lies_in_folder(l, item->path))
		line_wrong(l, item, "it lies below something that is not a folder of the lines before");
	if (!custody_path_is_relative_clean(item->path.p, item->path.n))
		line_wrong(l, item, "its path is not a relative one without '.' and '..'");
	if (item->kind == CUSTODY_KIND_HARDLINK && !(l->is_file[item->target_n / 8] >> (item->target_n % 8) & 1))
		line_wrong(l, item, "the target of the hard link is not a file");
	if (item->has_content && !member_fits(item))
		line_wrong(l, item, "the member is neither data/ and the path, nor the alias of the line");
	if (item->has_content && item->offset != 0)
		line_wrong(l, item, "the offset is not 0");
	if (item->has_content && l->o.sealfile && item->digests.mask != l->o.sealfile->digests)
		line_wrong(l, item, "its digests are not those that seal.json names");
	l->lines++;
	l->files += item->has_content;
	l->bytes += item->has_content ? item->size : 0;
	repeat_findings(l, item);
	if (l->watch && l->watch(l->watch_ctx, item, err))
		return -1;
	l->previous_is_folder = item->kind == CUSTODY_KIND_DIR;
	custody_buf_clear(&l->previous);
	return custody_buf_append(&l->previous, item->path.p, item->path.n, err);
}

/* Reads lines up to the next one with content: 1 *item; 0 the end, or the inventory cannot be read on; -1. */
static int next_content(struct custody_lists *l, struct custody_item *item, struct custody_error *err)
{
	const uint8_t *line;
	size_t line_len;
	int r;

	while ((r = custody_inventory_cursor_next(l->inventory, item, &line, &line_len, err)) == 1) {
		if (take_line(l, item, line, line_len, err))
			return -1;
		if (item->has_content)
			return 1;
	}
	if (r == 0)
		return 0;
	l->inventory_in_step = l->inventory_right = false;
	return custody_findings_take(l->o.findings, CUSTODY_FINDING_INVENTORY_MALFORMED, custody_member_name(CUSTODY_MEMBER_INVENTORY), err);
}

/* The next line with content must be of this member. */
static int merge_inventory(
	struct custody_lists *l, const struct custody_zip_member *m, struct custody_item *item, bool *matched, struct custody_error *err)
{
	int r;

	*matched = false;
	if (!l->inventory || !l->inventory_in_step)
		return 0;
	r = next_content(l, item, err);
	if (r < 0)
		return -1;
	if (r == 1 && strcmp(item->member, m->name) == 0) {
		*matched = true;
		if (item->size != m->size)
			custody_findings_add(l->o.findings, CUSTODY_FINDING_LISTS_DISAGREE, m->name, m->name_len,
				"size %llu in the inventory, %llu found: %llu bytes %s", (unsigned long long)item->size, (unsigned long long)m->size,
				(unsigned long long)(item->size > m->size ? item->size - m->size : m->size - item->size),
				item->size > m->size ? "are missing" : "too many");
		l->inventory_right = l->inventory_right && item->size == m->size;
		return 0;
	}
	if (!l->inventory_in_step)
		return 0; /* refused, and said so */
	l->inventory_in_step = l->inventory_right = false;
	custody_findings_add(l->o.findings, CUSTODY_FINDING_LISTS_DISAGREE, m->name, m->name_len,
		r == 0 ? "the inventory has no item for this member" : "the inventory has another member in its place");
	return 0;
}

/* ---- members ---- */

/* "; by the inventory it is 'a\u{000a}b'" of a member that stands under an alias: nobody knows an item by that. "" for any other. */
static const char *own_name(const struct custody_item *item, char out[OWN_NAME])
{
	char name[OWN_NAME - 32];

	out[0] = '\0';
	if (item && item->path_b64)
		snprintf(out, OWN_NAME, "; by the inventory it is '%s'", custody_display(item->path.p, item->path.n, name, sizeof(name)));
	return out;
}

/* Where the difference lies is known no closer than the item: its bytes in the file, counted from 0 (ADM-87). Once a member, however many lists and digests tell it. */
static void digests_wrong(struct custody_lists *l, const struct custody_zip_member *m, const struct custody_item *item, uint32_t wrong)
{
	char names[128], own[OWN_NAME];
	size_t n = 0;
	unsigned several = 0;

	if (!wrong)
		return;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (wrong & CUSTODY_DIGEST_BIT(id))
			n += (size_t)snprintf(
				names + n, sizeof(names) - n, "%s%s", several++ ? ", " : "", custody_digest_get((enum custody_digest_id)id)->name);
	l->digests_right = false;
	if (m->size == 0)
		custody_findings_add(l->o.findings, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, m->name, m->name_len,
			"%s of the content %s stated; there is no content%s", names, several > 1 ? "are not those" : "is not the one",
			own_name(item, own));
	else
		custody_findings_add(l->o.findings, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, m->name, m->name_len,
			"%s of the content %s stated; which of its %llu bytes (%llu to %llu of the package file) differ, a digest does not say%s",
			names, several > 1 ? "are not those" : "is not the one", (unsigned long long)m->size, (unsigned long long)m->data_offset,
			(unsigned long long)(m->data_offset + m->size - 1), own_name(item, own));
}

static void statements_differ(struct custody_lists *l, const struct custody_zip_member *m, enum custody_digest_id id)
{
	custody_findings_add(l->o.findings, CUSTODY_FINDING_LISTS_DISAGREE, m->name, m->name_len, "the lists state different %s digests",
		custody_digest_get(id)->name);
}

static bool same(const uint8_t *a, const uint8_t *b, enum custody_digest_id id)
{
	return memcmp(a, b, custody_digest_get(id)->size) == 0;
}

/* What the lists say of one member of evidence. */
struct telling {
	const uint8_t *signed_digest; /* NULL: the signed list has lost its place */
	const struct custody_item *item; /* NULL: the inventory has */
	bool by_all; /* every list that is there names it */
	bool same; /* nothing that names it states anything else than was found */
	uint32_t wrong; /* digests of the content that are stated otherwise */
};

static int check_digest(struct custody_lists *l, const struct custody_zip_member *m, enum custody_digest_id id, const uint8_t *now, struct telling *t,
	struct custody_error *err)
{
	struct custody_bag_line line;
	bool listed;

	if (merge_list(l, &l->list[id], m, &line, &listed, err))
		return -1;
	const uint8_t *in_line = t->item && (t->item->digests.mask & CUSTODY_DIGEST_BIT(id)) ? t->item->digests.value[id] : NULL;
	const bool signed_differs = id == CUSTODY_SHA256 && t->signed_digest && !same(t->signed_digest, now, id);
	const bool list_differs = listed && !same(line.digest, now, id), line_differs = in_line && !same(in_line, now, id);

	t->by_all = t->by_all && (listed || !l->list[id].cursor);
	t->same = t->same && !signed_differs && !list_differs && !line_differs;
	l->lists_right = l->lists_right && !list_differs;
	l->inventory_right = l->inventory_right && (list_differs || !line_differs);
	const bool of_content = list_differs && in_line && same(line.digest, in_line, id);
	if (signed_differs || of_content)
		t->wrong |= CUSTODY_DIGEST_BIT(id);
	if ((list_differs || line_differs) && !of_content)
		statements_differ(l, m, id);
	return 0;
}

/* Evidence: the signed list, each checksum list and the inventory state one digest an algorithm, and it is that of the bytes. */
static int check_data(struct custody_lists *l, const struct custody_zip_member *m, const uint8_t *signed_digest,
	const struct custody_digest_values *found, struct custody_error *err)
{
	struct telling t = { .signed_digest = signed_digest, .by_all = signed_digest && l->list[CUSTODY_SHA256].cursor, .same = true };
	struct custody_item item;
	bool in_inventory;

	l->data_members++;
	l->data_bytes += m->size;
	if (merge_inventory(l, m, &item, &in_inventory, err))
		return -1;
	t.item = in_inventory ? &item : NULL;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (check_digest(l, m, (enum custody_digest_id)id, found->value[id], &t, err))
			return -1;
	digests_wrong(l, m, t.item, t.wrong);
	if (!t.by_all || !in_inventory)
		return 0;
	l->compared++;
	l->equal += t.same && item.size == m->size;
	return 0;
}

/* A tag file: the signed list and tagmanifest state its SHA-256. */
static int check_tag(struct custody_lists *l, const struct custody_zip_member *m, enum custody_member_class c, const uint8_t *signed_digest,
	const struct custody_digest_values *found, struct custody_error *err)
{
	const uint8_t *now = found->value[CUSTODY_SHA256];
	struct custody_bag_line line;
	bool listed;

	if ((signed_digest && !same(signed_digest, now, CUSTODY_SHA256)) ||
		(c == CUSTODY_MEMBER_SEAL_FILE && l->disclosable && !same(l->disclosable_digest, now, CUSTODY_SHA256)))
		digests_wrong(l, m, NULL, CUSTODY_DIGEST_BIT(CUSTODY_SHA256));
	if (!custody_member_is_tag(c))
		return 0;
	if (merge_list(l, &l->tags, m, &line, &listed, err))
		return -1;
	if (listed && !same(line.digest, now, CUSTODY_SHA256)) {
		l->lists_right = false;
		statements_differ(l, m, CUSTODY_SHA256);
	}
	return 0;
}

/* What a cursor read before must be what the pass met. */
static void came_again(struct custody_lists *l, const char *name, const uint8_t *read, const uint8_t *seen)
{
	if (memcmp(read, seen, 32) != 0)
		custody_findings_add(l->o.findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, name, strlen(name), NULL);
}

/* Keeps what the pass saw of each list, to be compared with what its cursor read. */
static void note_list(struct custody_lists *l, enum custody_member_class c, enum custody_digest_id algorithm, const uint8_t *sha256)
{
	uint8_t *seen = c == CUSTODY_MEMBER_LIST	? l->list[algorithm].seen
			: c == CUSTODY_MEMBER_TAG_LIST	? l->tags.seen
			: c == CUSTODY_MEMBER_INVENTORY ? l->inventory_seen
			: c == CUSTODY_MEMBER_ASIC_1	? l->asic_seen
							: NULL;

	if (seen)
		memcpy(seen, sha256, 32);
}

int custody_lists_member(struct custody_lists *l, const struct custody_zip_member *m, enum custody_member_class c, enum custody_digest_id algorithm,
	const struct custody_digest_values *digests, struct custody_error *err)
{
	const uint8_t *signed_digest;

	note_list(l, c, algorithm, digests->value[CUSTODY_SHA256]);
	if (c == CUSTODY_MEMBER_ASIC_2 && l->disclosable)
		came_again(l, m->name, l->disclosable_read, digests->value[CUSTODY_SHA256]);
	if (!custody_member_is_covered(c))
		return 0;
	if (merge_asic(l, m, &signed_digest, err))
		return -1;
	if (c == CUSTODY_MEMBER_DATA)
		return check_data(l, m, signed_digest, digests, err);
	return check_tag(l, m, c, signed_digest, digests, err);
}

/* ---- the end ---- */

/* References that are left name members that were not met. */
static int finish_asic(struct custody_lists *l, struct custody_error *err)
{
	struct custody_digest_values read;

	while (l->asic_in_step && !l->asic_ended) {
		if (asic_peek(l, err))
			return -1;
		if (!l->pending)
			continue;
		l->pending = false;
		l->covered = false;
		custody_findings_add(l->o.findings, CUSTODY_FINDING_MEMBER_MISSING, l->reference.member, l->reference.member_len,
			"the seal lists it, and it is not where a covered member lies");
	}
	if (!l->asic_in_step)
		return 0;
	custody_asic_reader_digests(l->asic, &read);
	came_again(l, custody_member_name(CUSTODY_MEMBER_ASIC_1), read.value[CUSTODY_SHA256], l->asic_seen);
	return 0;
}

static int finish_list(struct custody_lists *l, struct list *list, const char *name, struct custody_error *err)
{
	struct custody_bag_line line;
	uint8_t read[32];
	int r;

	if (!list->cursor || !list->in_step)
		return 0;
	r = custody_bag_cursor_next(list->cursor, &line, err);
	if (r == 0) {
		custody_bag_cursor_digest(list->cursor, read);
		came_again(l, name, read, list->seen);
		return 0;
	}
	list->in_step = l->lists_right = false;
	if (r < 0)
		return custody_findings_take(l->o.findings, CUSTODY_FINDING_LIST_MALFORMED, name, err);
	custody_findings_add(
		l->o.findings, CUSTODY_FINDING_LISTS_DISAGREE, line.member, line.member_len, "a checksum list names a member that is not there");
	return 0;
}

/* Lines that are left must be without content. */
static int finish_inventory(struct custody_lists *l, struct custody_error *err)
{
	struct custody_item item;
	uint8_t read[32];
	int r;

	if (!l->inventory || !l->inventory_in_step)
		return 0;
	while ((r = next_content(l, &item, err)) == 1) {
		l->inventory_right = false;
		custody_findings_add(l->o.findings, CUSTODY_FINDING_MEMBER_MISSING, item.member, strlen(item.member),
			"the inventory has content for it, the container does not");
	}
	if (r < 0)
		return -1;
	if (!l->inventory_in_step)
		return 0;
	l->inventory_whole = true;
	custody_inventory_cursor_digest(l->inventory, read);
	came_again(l, custody_member_name(CUSTODY_MEMBER_INVENTORY), read, l->inventory_seen);
	return 0;
}

static void total_differs(struct custody_lists *l, const char *what, uint64_t stated, uint64_t found)
{
	if (stated == found)
		return;
	l->tree_right = false;
	custody_findings_add(l->o.findings, CUSTODY_FINDING_TOTALS_MISMATCH, NULL, 0, "%s: seal.json states %llu, found %llu", what,
		(unsigned long long)stated, (unsigned long long)found);
}

/* seal.json against the inventory as read. */
static int finish_tree(struct custody_lists *l, struct custody_error *err)
{
	const struct custody_sealfile *s = l->o.sealfile;
	uint8_t root[32];

	if (!s || !l->inventory || !l->inventory_in_step)
		return 0;
	if (custody_tree_root(&l->tree, root, err))
		return -1;
	l->tree_right = memcmp(root, s->tree_root, 32) == 0;
	if (!l->tree_right)
		custody_findings_add(l->o.findings, CUSTODY_FINDING_TREE_ROOT_MISMATCH, NULL, 0, NULL);
	total_differs(l, "items", s->items, l->lines);
	total_differs(l, "size of the tree", s->tree_size, l->lines);
	total_differs(l, "bytes", s->bytes, l->bytes);
	/* The first line of a report counts exceptions by seal.json: it must not hide any. There may be more than items have, as of what vanished. */
	if (l->exceptions > s->exceptions)
		total_differs(l, "exceptions", s->exceptions, l->exceptions);
	return 0;
}

int custody_lists_finish(struct custody_lists *l, struct custody_error *err)
{
	char name[CUSTODY_LIST_NAME];

	if (finish_asic(l, err))
		return -1;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		custody_member_list_name((enum custody_digest_id)id, name);
		if (finish_list(l, &l->list[id], name, err))
			return -1;
	}
	if (finish_list(l, &l->tags, custody_member_name(CUSTODY_MEMBER_TAG_LIST), err) || finish_inventory(l, err))
		return -1;
	return finish_tree(l, err);
}

/* Every list that must be there is there and kept its place to the end. */
static bool lists_complete(const struct custody_lists *l)
{
	if (!l->o.sealfile || !l->tags.cursor || !l->tags.in_step)
		return false;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		bool wanted = (l->o.sealfile->digests & CUSTODY_DIGEST_BIT(id)) && custody_digest_get((enum custody_digest_id)id)->bagit;

		if (wanted && (!l->list[id].cursor || !l->list[id].in_step))
			return false;
	}
	return true;
}

void custody_lists_result(const struct custody_lists *l, struct custody_lists_result *out)
{
	bool asic = l->asic_in_step && l->asic_ended && l->disclosable;

	*out = (struct custody_lists_result){
		.covered = asic && l->covered,
		.asic_digests = asic && l->covered && l->digests_right,
		.lists = lists_complete(l) && l->lists_right && l->digests_right,
		.inventory = l->inventory && l->inventory_in_step && l->inventory_right && l->digests_right,
		.tree = l->tree_right,
		.inventory_whole = l->inventory_whole,
		.lines = l->lines,
		.files = l->files,
		.bytes = l->bytes,
		.unread_folders = l->unread_folders,
		.data_bytes = l->data_bytes,
		.data_members = l->data_members,
		.compared = l->compared,
		.equal = l->equal,
		.met = l->list[CUSTODY_SHA256].cursor && l->inventory,
	};
	memcpy(out->list_sha256, l->list[CUSTODY_SHA256].seen, 32);
	memcpy(out->inventory_sha256, l->inventory_seen, 32);
}
