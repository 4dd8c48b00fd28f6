/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/show.h"

#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/package/members.h"
#include "libcustody/package/zip.h"

/* Container, documents' cursor, seal.json, acquisition.json, inventory: each fails once at most. */
#define PROBLEMS 5

struct problem {
	const char *member;
	char text[CUSTODY_ERROR_TEXT];
};

struct custody_show {
	const struct custody_source *source; /* borrowed */
	struct custody_zip zip;
	struct custody_show_facts facts;
	struct custody_zip_cursor *documents; /* NULL when there are no more */
	struct custody_inventory_cursor *inventory; /* NULL when there are no more */
	struct custody_zip_member member[CUSTODY_MEMBER_CLASSES]; /* of those with a fixed name; name is static */
	bool has[CUSTODY_MEMBER_CLASSES];
	struct problem problems[PROBLEMS];
	size_t n_problems;
};

/* What input did becomes a problem; anything else is a failure: -1. */
static int note(struct custody_show *s, const char *member, const struct custody_error *err)
{
	if (err->kind != CUSTODY_ERR_FORMAT && err->kind != CUSTODY_ERR_LIMIT)
		return -1;
	if (s->n_problems == PROBLEMS)
		return 0;
	struct problem *p = &s->problems[s->n_problems++];
	p->member = member;
	memcpy(p->text, err->text, sizeof(p->text));
	return 0;
}

static void ignore_collision(void *ctx, const char *name, size_t name_len)
{
	(void)ctx, (void)name, (void)name_len;
}

/* ---- the directory ---- */

static void count_member(struct custody_show *s, const struct custody_zip_member *m)
{
	enum custody_digest_id algorithm;
	enum custody_member_class c = custody_member_classify(m->name, m->name_len, &algorithm);

	if (c == CUSTODY_MEMBER_DATA) {
		s->facts.files++;
		s->facts.bytes += m->size;
	} else if (custody_member_name(c)) {
		s->has[c] = true;
		s->member[c] = *m;
		s->member[c].name = custody_member_name(c);
	}
}

static int read_directory(struct custody_show *s, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_zip_cursor_free) struct custody_zip_cursor *c = NULL;
	struct custody_zip_member m;
	int r;

	if (custody_zip_cursor_new(&c, &s->zip, err))
		return -1;
	while ((r = custody_zip_cursor_next(c, &m, err)) == 1)
		count_member(s, &m);
	if (r < 0)
		return -1;
	s->facts.has_container = true;
	s->facts.members = s->zip.members;
	return 0;
}

static int read_container(struct custody_show *s, const struct custody_random *random, struct custody_error *err)
{
	uint8_t key[16];

	if (custody_random_fill(random, key, sizeof(key), err))
		return -1;
	if (custody_zip_check(&s->zip, s->source, key, ignore_collision, NULL, err) || read_directory(s, err))
		return note(s, "", err);
	return 0;
}

/* ---- the small files ---- */

static int is_missing(struct custody_show *s, enum custody_member_class c, struct custody_error *err)
{
	custody_fail(err, CUSTODY_ERR_FORMAT, "there is no such member in the container");
	return note(s, custody_member_name(c), err);
}

static int read_seal(struct custody_show *s, struct custody_error *err)
{
	const struct custody_zip_member *m = &s->member[CUSTODY_MEMBER_SEAL_FILE];
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	if (!s->has[CUSTODY_MEMBER_SEAL_FILE])
		return is_missing(s, CUSTODY_MEMBER_SEAL_FILE, err);
	custody_buf_init(&text, (size_t)CUSTODY_LIMIT_SMALL_MEMBER);
	if (custody_zip_read_member(&s->zip, m, CUSTODY_LIMIT_SMALL_MEMBER, &text, err) ||
		custody_sealfile_parse(text.data, text.len, &s->facts.seal, err))
		return note(s, m->name, err);
	s->facts.has_seal = true;
	return 0;
}

static int read_acquisition(struct custody_show *s, struct custody_error *err)
{
	const struct custody_zip_member *m = &s->member[CUSTODY_MEMBER_ACQUISITION];
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	if (!s->has[CUSTODY_MEMBER_ACQUISITION])
		return is_missing(s, CUSTODY_MEMBER_ACQUISITION, err);
	custody_buf_init(&text, (size_t)CUSTODY_LIMIT_ACQUISITION);
	if (custody_zip_read_member(&s->zip, m, CUSTODY_LIMIT_ACQUISITION, &text, err) ||
		custody_acquisition_parse(text.data, text.len, &s->facts.acquisition, err))
		return note(s, m->name, err);
	s->facts.has_acquisition = true;
	return 0;
}

/* The inventory is read where the directory says, as a stream; so its local header is looked at here. */
static int open_inventory(struct custody_show *s, struct custody_error *err)
{
	const struct custody_zip_member *m = &s->member[CUSTODY_MEMBER_INVENTORY];
	uint8_t header[CUSTODY_LIMIT_HEADER];

	if (!s->has[CUSTODY_MEMBER_INVENTORY])
		return is_missing(s, CUSTODY_MEMBER_INVENTORY, err);
	size_t n = custody_zip_local_length(m);
	if (custody_source_read(s->source, m->offset, header, n, err) || custody_zip_check_local(m, header, n, err) ||
		custody_inventory_cursor_new(&s->inventory, s->source, m->data_offset, m->size, err))
		return note(s, m->name, err);
	return 0;
}

/* ---- the interface ---- */

int custody_show_new(struct custody_show **out, const struct custody_source *source, const struct custody_random *random, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_show_free) struct custody_show *s = calloc(1, sizeof(*s));

	if (!s)
		return custody_fail_nomem(err);
	s->source = source;
	s->facts.size = source->size;
	custody_sealfile_init(&s->facts.seal);
	if (read_container(s, random, err))
		return -1;
	if (s->facts.has_container &&
		(read_seal(s, err) || read_acquisition(s, err) || open_inventory(s, err) || custody_zip_cursor_new(&s->documents, &s->zip, err)))
		return -1;
	*out = custody_steal(&s);
	return 0;
}

void custody_show_free(struct custody_show **s)
{
	if (!*s)
		return;
	custody_sealfile_release(&(*s)->facts.seal);
	custody_acquisition_stated_release(&(*s)->facts.acquisition.stated);
	custody_zip_cursor_free(&(*s)->documents);
	custody_inventory_cursor_free(&(*s)->inventory);
	free(*s);
	*s = NULL;
}

const struct custody_show_facts *custody_show_facts(const struct custody_show *s)
{
	return &s->facts;
}

static bool is_document(enum custody_member_class c)
{
	return c == CUSTODY_MEMBER_REQUEST || c == CUSTODY_MEMBER_CLAIMS || c == CUSTODY_MEMBER_EXT;
}

int custody_show_next_document(struct custody_show *s, struct custody_show_document *d, struct custody_error *err)
{
	struct custody_zip_member m;
	enum custody_digest_id algorithm;
	int r = 0;

	while (s->documents && (r = custody_zip_cursor_next(s->documents, &m, err)) == 1) {
		enum custody_member_class c = custody_member_classify(m.name, m.name_len, &algorithm);

		if (!is_document(c) && c != CUSTODY_MEMBER_UNKNOWN && c != CUSTODY_MEMBER_META_UNKNOWN)
			continue;
		*d = (struct custody_show_document){ m.name, m.name_len, m.size, is_document(c) };
		return 1;
	}
	custody_zip_cursor_free(&s->documents);
	return r < 0 ? note(s, "", err) : 0;
}

int custody_show_next_item(struct custody_show *s, struct custody_item *item, struct custody_error *err)
{
	const uint8_t *line = NULL;
	size_t n = 0;
	int r = s->inventory ? custody_inventory_cursor_next(s->inventory, item, &line, &n, err) : 0;

	if (r == 1)
		return 1;
	custody_inventory_cursor_free(&s->inventory);
	return r < 0 ? note(s, custody_member_name(CUSTODY_MEMBER_INVENTORY), err) : 0;
}

bool custody_show_problem(const struct custody_show *s, size_t index, struct custody_show_problem *out)
{
	if (index >= s->n_problems)
		return false;
	*out = (struct custody_show_problem){ s->problems[index].member, s->problems[index].text };
	return true;
}
