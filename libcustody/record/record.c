/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/record/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/utf8.h"
#include "libcustody/package/asic.h"
#include "libcustody/package/members.h"
#include "libcustody/package/zip.h"

#define MALFORMED "record-malformed"
#define NEWER "record-newer-format"
#define BROKEN "record-chain-broken"
#define WRONG_PACKAGE "record-wrong-package"

static const char *const copy_names[CUSTODY_RECORD_COPIES] = { "sealed/seal.json", "sealed/ASiCManifest002.xml", "sealed/signature002.p7s" };
static const uint64_t copy_max[CUSTODY_RECORD_COPIES] = { CUSTODY_LIMIT_SMALL_MEMBER, CUSTODY_LIMIT_SMALL_MEMBER, CUSTODY_LIMIT_SIGNATURE };

const char *custody_record_copy_name(int which)
{
	return copy_names[which];
}

void custody_record_member(size_t n, int which, char *out)
{
	unsigned number = (unsigned)n;

	if (which == 0)
		snprintf(out, CUSTODY_RECORD_MEMBER, "META-INF/custody/%04u.json", number);
	else if (which == 1)
		snprintf(out, CUSTODY_RECORD_MEMBER, "META-INF/ASiCManifest%03u.xml", number);
	else
		snprintf(out, CUSTODY_RECORD_MEMBER, "META-INF/signature%03u.p7s", number);
}

/* ---- the model ---- */

void custody_record_init(struct custody_record *r)
{
	memset(r, 0, sizeof(*r));
	custody_sealfile_init(&r->sealfile);
	for (int i = 0; i < CUSTODY_RECORD_COPIES; i++)
		custody_buf_init(&r->copy[i], (size_t)copy_max[i]);
}

static void entry_init(struct custody_record_entry *e)
{
	memset(e, 0, sizeof(*e));
	custody_event_init(&e->event);
	custody_buf_init(&e->bytes, CUSTODY_LIMIT_EVENT);
	custody_buf_init(&e->manifest, (size_t)CUSTODY_LIMIT_RECORD);
	custody_buf_init(&e->signature, (size_t)CUSTODY_LIMIT_SIGNATURE);
}

static void entry_release(struct custody_record_entry *e)
{
	custody_event_release(&e->event);
	custody_buf_release(&e->bytes);
	custody_buf_release(&e->manifest);
	custody_buf_release(&e->signature);
}

void custody_record_release(struct custody_record *r)
{
	for (int i = 0; i < CUSTODY_RECORD_COPIES; i++)
		custody_buf_release(&r->copy[i]);
	custody_sealfile_release(&r->sealfile);
	for (size_t i = 0; i < r->n; i++)
		entry_release(&r->entries[i]);
	free(r->entries);
	custody_record_init(r);
}

const uint8_t *custody_record_head(const struct custody_record *r)
{
	return r->entries[r->n - 1].sha256[2];
}

size_t custody_record_find_head(const struct custody_record *r, const uint8_t head[32])
{
	for (size_t i = 0; i < r->n; i++)
		if (memcmp(r->entries[i].sha256[2], head, 32) == 0)
			return i + 1;
	return 0;
}

/* ---- what is listed ---- */

/* The k-th member that the list of the event behind the first n lists; false behind the last. entry: that event, which is listed last. */
static bool listed(const struct custody_record *r, const struct custody_record_entry *entry, size_t k, char *name, const uint8_t **sha256)
{
	size_t events = r->n;

	if (k < CUSTODY_RECORD_COPIES) {
		snprintf(name, CUSTODY_RECORD_MEMBER, "%s", copy_names[k]);
		*sha256 = r->copy_sha256[k];
		return true;
	}
	k -= CUSTODY_RECORD_COPIES;
	custody_record_member(k / 3 + 1, (int)(k % 3), name);
	*sha256 = k < 3 * events ? r->entries[k / 3].sha256[k % 3] : entry->sha256[0];
	return k <= 3 * events;
}

static int refuse_reference(size_t seq, const char *found, const char *want, struct custody_error *err)
{
	char quote[96];

	return custody_refuse(
		err, BROKEN, "the list of event %zu: found %s, want %s", seq, custody_display(found, strlen(found), quote, sizeof(quote)), want);
}

/* The list names exactly the members before it, in order, with their digests; its own digests are noted. */
static int check_manifest(const struct custody_record *r, struct custody_record_entry *entry, const uint8_t key[16], struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_asic_reader_free) struct custody_asic_reader *reader = NULL;
	struct custody_asic_reference reference;
	struct custody_source source;
	char name[CUSTODY_RECORD_MEMBER], signature[CUSTODY_RECORD_MEMBER];
	const uint8_t *sha256;
	size_t k = 0, seq = r->n + 1;
	int more;

	custody_record_member(seq, 2, signature);
	custody_source_memory(&source, entry->manifest.data, entry->manifest.len);
	if (custody_asic_reader_new(&reader, &source, 0, source.size, signature, key, CUSTODY_DIGESTS_SIGNED, err))
		return -1;
	for (; (more = custody_asic_reader_next(reader, &reference, err)) == 1; k++) {
		if (!listed(r, entry, k, name, &sha256))
			return refuse_reference(seq, reference.member, "nothing more", err);
		if (strcmp(reference.member, name) != 0)
			return refuse_reference(seq, reference.member, name, err);
		if (memcmp(reference.sha256, sha256, 32) != 0)
			return custody_refuse(err, BROKEN, "the list of event %zu: '%s' does not have the digest that it states", seq, name);
	}
	if (more < 0)
		return -1;
	if (listed(r, entry, k, name, &sha256))
		return refuse_reference(seq, "its end", name, err);
	custody_asic_reader_digests(reader, &entry->manifest_digests);
	return 0;
}

/* ---- what an event must be to those before it ---- */

static int check_package(const struct custody_record *r, const struct custody_event *e, struct custody_error *err)
{
	const struct custody_event *first = r->n > 0 ? &r->entries[0].event : e;

	if (strcmp(e->package, r->sealfile.uuid) != 0)
		return custody_refuse(err, WRONG_PACKAGE, "event %zu is about package %s, want %s", r->n + 1, e->package, r->sealfile.uuid);
	if (memcmp(e->package_sha256, first->package_sha256, 32) != 0 || e->package_size != first->package_size)
		return custody_refuse(err, WRONG_PACKAGE, "event %zu states another size or digest of the package than event 1", r->n + 1);
	return 0;
}

/* The first event repeats what the copied seal.json says. */
static int check_sealed(const struct custody_record *r, const struct custody_event *e, struct custody_error *err)
{
	const struct custody_sealfile *f = &r->sealfile;
	const struct custody_event_value *v = e->values; /* root, items, bytes, exceptions */

	if (memcmp(v[0].bytes, f->tree_root, 32) == 0 && v[1].count == f->items && v[2].count == f->bytes && v[3].count == f->exceptions)
		return 0;
	return custody_refuse(err, WRONG_PACKAGE, "event 1 states another root, or other numbers, than the copy of seal.json");
}

static int check_place(const struct custody_record *r, const struct custody_event *e, struct custody_error *err)
{
	size_t seq = r->n + 1, after;

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->entries[i].event.id, e->id) == 0)
			return custody_refuse(err, "record-replayed", "event %zu has the id of event %zu: %s", seq, i + 1, e->id);
	if (e->seq != seq)
		return custody_refuse(err, BROKEN, "found event %llu at place %zu", (unsigned long long)e->seq, seq);
	if (r->n == 0)
		return check_sealed(r, e, err);
	after = custody_record_find_head(r, e->prev);
	if (after == r->n)
		return 0;
	if (after > 0)
		return custody_refuse(err, "record-fork", "event %zu follows event %zu, want event %zu: there are two histories", seq, after, r->n);
	return custody_refuse(err, BROKEN, "event %zu does not follow event %zu: it names another head", seq, r->n);
}

/* ---- adding ---- */

static int grow(struct custody_record *r, struct custody_error *err)
{
	if (r->n >= CUSTODY_LIMIT_EVENTS)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found more than %zu events, so many are taken", CUSTODY_LIMIT_EVENTS);
	if (r->n < r->cap)
		return 0;
	size_t cap = r->cap ? r->cap * 2 : 8;
	struct custody_record_entry *to = realloc(r->entries, cap * sizeof(*to));
	if (!to)
		return custody_fail_nomem(err);
	r->entries = to;
	r->cap = cap;
	return 0;
}

/* A refusal of a part becomes one of the record, and says of which rule it was. */
static int refused(struct custody_error *err)
{
	if (err->kind != CUSTODY_ERR_FORMAT)
		return -1;
	const char *rule = err->rule;
	if (rule && strncmp(rule, "record-", 7) == 0)
		return -1;
	err->rule = rule && strcmp(rule, "newer-format") == 0 ? NEWER : MALFORMED;
	return rule ? custody_fail_in(err, "%s", rule) : -1;
}

/* The bytes are in entry. On success it belongs to the record. */
static int take_entry(struct custody_record *r, struct custody_record_entry *entry, const uint8_t key[16], struct custody_error *err)
{
	const struct custody_buf *parts[3] = { &entry->bytes, &entry->manifest, &entry->signature };

	for (int i = 0; i < 3; i++)
		if (custody_digest_once(CUSTODY_SHA256, parts[i]->data, parts[i]->len, entry->sha256[i], err))
			return -1;
	if (custody_event_parse(entry->bytes.data, entry->bytes.len, &entry->event, err)) {
		refused(err);
		return custody_fail_in(err, "event %zu", r->n + 1);
	}
	if (check_package(r, &entry->event, err) || check_place(r, &entry->event, err))
		return -1;
	if (check_manifest(r, entry, key, err)) {
		refused(err);
		return custody_fail_in(err, "event %zu", r->n + 1);
	}
	if (grow(r, err))
		return -1;
	r->entries[r->n++] = *entry;
	entry_init(entry);
	return 0;
}

int custody_record_append(struct custody_record *r, struct custody_bytes event, struct custody_bytes manifest, struct custody_bytes signature,
	struct custody_error *err)
{
	static const uint8_t key[16]; /* the bytes are ours: nobody chose them against the set */
	CUSTODY_CLEANUP(entry_release) struct custody_record_entry entry;

	entry_init(&entry);
	if (custody_buf_append(&entry.bytes, event.p, event.n, err) || custody_buf_append(&entry.manifest, manifest.p, manifest.n, err) ||
		custody_buf_append(&entry.signature, signature.p, signature.n, err))
		return -1;
	return take_entry(r, &entry, key, err);
}

/* ---- the copied seal ---- */

/* The copied list is over the copied seal.json alone. */
static int check_copied_list(struct custody_record *r, const uint8_t key[16], struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_asic_reader_free) struct custody_asic_reader *reader = NULL;
	struct custody_asic_reference reference;
	struct custody_source source;
	size_t n = 0;
	int more;
	const char *want = custody_member_name(CUSTODY_MEMBER_SEAL_FILE);

	custody_source_memory(&source, r->copy[CUSTODY_RECORD_SEAL_MANIFEST].data, r->copy[CUSTODY_RECORD_SEAL_MANIFEST].len);
	if (custody_asic_reader_new(
		    &reader, &source, 0, source.size, custody_member_name(CUSTODY_MEMBER_SIGNATURE_2), key, CUSTODY_DIGESTS_SIGNED, err))
		return -1;
	for (; (more = custody_asic_reader_next(reader, &reference, err)) == 1; n++)
		if (strcmp(reference.member, want) != 0 || memcmp(reference.sha256, r->copy_sha256[CUSTODY_RECORD_SEAL_FILE], 32) != 0)
			return custody_refuse(err, MALFORMED, "the copied list of the seal does not state the copied seal.json");
	if (more < 0)
		return -1;
	if (n != 1)
		return custody_refuse(err, MALFORMED, "the copied list of the seal has %zu references, want one", n);
	custody_asic_reader_digests(reader, &r->seal_digests);
	return 0;
}

/* All three are in r->copy. */
static int check_copies(struct custody_record *r, const uint8_t key[16], struct custody_error *err)
{
	for (int i = 0; i < CUSTODY_RECORD_COPIES; i++)
		if (custody_digest_once(CUSTODY_SHA256, r->copy[i].data, r->copy[i].len, r->copy_sha256[i], err))
			return -1;
	if (custody_sealfile_parse(r->copy[0].data, r->copy[0].len, &r->sealfile, err) || check_copied_list(r, key, err)) {
		refused(err);
		return custody_fail_in(err, "the copied seal");
	}
	return 0;
}

int custody_record_start(struct custody_record *r, const struct custody_bytes copies[CUSTODY_RECORD_COPIES], struct custody_error *err)
{
	static const uint8_t key[16];

	for (int i = 0; i < CUSTODY_RECORD_COPIES; i++) {
		custody_buf_clear(&r->copy[i]);
		if (custody_buf_append(&r->copy[i], copies[i].p, copies[i].n, err))
			return -1;
	}
	return check_copies(r, key, err);
}

int custody_record_manifest(const struct custody_record *r, struct custody_bytes event, struct custody_buf *out, struct custody_error *err)
{
	struct custody_record_entry entry; /* its digest alone */
	char name[CUSTODY_RECORD_MEMBER];
	const uint8_t *sha256;

	memset(&entry, 0, sizeof(entry));
	custody_record_member(r->n + 1, 2, name);
	if (custody_digest_once(CUSTODY_SHA256, event.p, event.n, entry.sha256[0], err) || custody_asic_append_head(out, name, err))
		return -1;
	for (size_t k = 0; listed(r, &entry, k, name, &sha256); k++)
		if (custody_asic_append_reference(out, name, sha256, err))
			return -1;
	return custody_asic_append_tail(out, err);
}

/* ---- the container ---- */

struct reading {
	struct custody_zip zip;
	struct custody_zip_cursor *cursor; /* owned */
	struct custody_record *record;
	const uint8_t *key;
};

static void reading_release(struct reading *w)
{
	custody_zip_cursor_free(&w->cursor);
}

/* A member at the place of another: what is missing, or what is too much. */
static int refuse_member(const struct reading *w, const char *found, const char *want, struct custody_error *err)
{
	char quote[96], later[CUSTODY_RECORD_MEMBER];

	custody_display(found, strlen(found), quote, sizeof(quote));
	for (size_t n = w->record->n + 2; n <= CUSTODY_LIMIT_EVENTS + 1; n++) {
		custody_record_member(n, 0, later);
		if (strcmp(found, later) == 0)
			return custody_refuse(err, BROKEN, "found '%s', want '%s': an event is missing", quote, want);
	}
	if (strncmp(found, "META-INF/", 9) == 0 && strstr(found, "custody/") == NULL && strstr(found, "ASiCManifest") == NULL &&
		strstr(found, "signature") == NULL)
		return custody_refuse(err, NEWER, "found '%s', which this version of the format does not have", quote);
	if (strcmp(want, copy_names[0]) == 0 && strncmp(found, "data/", 5) == 0)
		return custody_refuse(err, MALFORMED, "found '%s': this is a package, and no record of one", quote);
	return custody_refuse(err, MALFORMED, "found member '%s', want '%s'", quote, want);
}

/* The next member, which must be of that name, into out. 0: there is none; 1. */
static int read_next(struct reading *w, const char *want, uint64_t max, struct custody_buf *out, struct custody_error *err)
{
	struct custody_zip_member m;
	int more = custody_zip_cursor_next(w->cursor, &m, err);

	if (more <= 0)
		return more;
	if (strcmp(m.name, want) != 0)
		return refuse_member(w, m.name, want, err);
	return custody_zip_read_member(&w->zip, &m, max, out, err) ? -1 : 1;
}

/* The same where one must be. */
static int read_wanted(struct reading *w, const char *want, uint64_t max, struct custody_buf *out, struct custody_error *err)
{
	int more = read_next(w, want, max, out, err);

	return more == 0 ? custody_refuse(err, MALFORMED, "found the end, want '%s'", want) : more < 0 ? -1 : 0;
}

/* 1: one more event; 0: there are no more. */
static int read_event(struct reading *w, struct custody_error *err)
{
	CUSTODY_CLEANUP(entry_release) struct custody_record_entry entry;
	char name[CUSTODY_RECORD_MEMBER];
	size_t seq = w->record->n + 1;

	entry_init(&entry);
	custody_record_member(seq, 0, name);
	int more = read_next(w, name, CUSTODY_LIMIT_EVENT, &entry.bytes, err);
	if (more <= 0)
		return more;
	custody_record_member(seq, 1, name);
	if (read_wanted(w, name, CUSTODY_LIMIT_RECORD, &entry.manifest, err))
		return -1;
	custody_record_member(seq, 2, name);
	if (read_wanted(w, name, CUSTODY_LIMIT_SIGNATURE, &entry.signature, err) || take_entry(w->record, &entry, w->key, err))
		return -1;
	return 1;
}

static int read_all(struct reading *w, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf mimetype = { 0 };
	int more;

	custody_buf_init(&mimetype, sizeof(CUSTODY_MIMETYPE));
	if (read_wanted(w, custody_member_name(CUSTODY_MEMBER_MIMETYPE), sizeof(CUSTODY_MIMETYPE), &mimetype, err))
		return -1;
	for (int i = 0; i < CUSTODY_RECORD_COPIES; i++)
		if (read_wanted(w, copy_names[i], copy_max[i], &w->record->copy[i], err))
			return -1;
	/* Here, and not before: what is larger is most often the package itself, and then that is what is to be said. */
	if (w->zip.source->size > CUSTODY_LIMIT_RECORD)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found a record of %llu bytes, at most %llu are taken",
			(unsigned long long)w->zip.source->size, (unsigned long long)CUSTODY_LIMIT_RECORD);
	if (check_copies(w->record, w->key, err))
		return -1;
	while ((more = read_event(w, err)) == 1)
		;
	if (more < 0)
		return -1;
	return w->record->n > 0 ? 0 : custody_refuse(err, MALFORMED, "found no event, want at least that of sealing");
}

int custody_record_read(const struct custody_source *source, const uint8_t key[16], struct custody_record *r, struct custody_error *err)
{
	CUSTODY_CLEANUP(reading_release) struct reading w = { .cursor = NULL, .record = r, .key = key };

	if (custody_zip_check(&w.zip, source, key, NULL, NULL, err) || custody_zip_cursor_new(&w.cursor, &w.zip, err) || read_all(&w, err))
		return refused(err);
	return 0;
}

static int write_copies(const struct custody_record *r, struct custody_zip_writer *w, struct custody_error *err)
{
	if (custody_zip_writer_add(w, custody_member_name(CUSTODY_MEMBER_MIMETYPE), CUSTODY_MIMETYPE, strlen(CUSTODY_MIMETYPE), err))
		return -1;
	for (int i = 0; i < CUSTODY_RECORD_COPIES; i++)
		if (custody_zip_writer_add(w, copy_names[i], r->copy[i].data, r->copy[i].len, err))
			return -1;
	return 0;
}

int custody_record_write(const struct custody_record *r, int fd, int dir_fd, const char *name, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_zip_writer_free) struct custody_zip_writer *w = NULL;
	char member[CUSTODY_RECORD_MEMBER];
	uint64_t size;

	if (custody_zip_writer_new(&w, fd, dir_fd, name, err) || write_copies(r, w, err))
		return -1;
	for (size_t i = 0; i < r->n; i++) {
		const struct custody_buf *parts[3] = { &r->entries[i].bytes, &r->entries[i].manifest, &r->entries[i].signature };

		for (int k = 0; k < 3; k++) {
			custody_record_member(i + 1, k, member);
			if (custody_zip_writer_add(w, member, parts[k]->data, parts[k]->len, err))
				return -1;
		}
	}
	return custody_zip_writer_finish(w, &size, err);
}
