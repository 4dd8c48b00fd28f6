/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a look on their way from the worker: fixed fields, little-endian, texts with their length in front; nothing is optional, nothing may follow. */
#include <string.h>

#include "formats/inspect.h"
#include "libcustody/base/limits.h"

#define HAS_STATED 1u
#define HAS_MODIFIED 2u

/* ---- writing ---- */

struct writer {
	struct custody_buf *out;
	struct custody_error *err;
	bool failed;
};

static void put(struct writer *w, uint64_t v, size_t bytes)
{
	uint8_t p[8];
	custody_put_le64(p, v);
	if (!w->failed)
		w->failed = custody_buf_append(w->out, p, bytes, w->err) != 0;
}

static void put_bytes(struct writer *w, const void *p, size_t n)
{
	put(w, n, 4);
	if (!w->failed && n > 0)
		w->failed = custody_buf_append(w->out, p, n, w->err) != 0;
}

static void put_text(struct writer *w, const char *text)
{
	put_bytes(w, text, strlen(text));
}

static void put_member(struct writer *w, const struct custody_inspect_member *m)
{
	put(w, m->number, 8);
	put(w, m->kind, 1);
	put(w, m->state, 1);
	put(w, m->notes, 4);
	put_bytes(w, m->name.p, m->name.n);
	put_bytes(w, m->other_name.p, m->other_name.n);
	put_bytes(w, m->link.p, m->link.n);
	put(w, (m->has_stated ? HAS_STATED : 0) | (m->has_modified ? HAS_MODIFIED : 0), 1);
	put(w, m->stated, 8);
	put(w, m->size, 8);
	put(w, (uint64_t)m->modified.sec, 8);
	put(w, m->modified.nsec, 4);
	put(w, m->digests.mask, 4);
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		if ((m->digests.mask & CUSTODY_DIGEST_BIT(i)) && !w->failed)
			w->failed = custody_buf_append(w->out, m->digests.value[i], custody_digest_get((enum custody_digest_id)i)->size, w->err) != 0;
	put_text(w, m->type);
	put_text(w, m->words);
}

static void put_end(struct writer *w, const struct custody_inspect_end *e)
{
	put(w, e->outcome, 1);
	put(w, e->members, 8);
	put(w, e->bytes, 8);
	for (int i = 0; i < CUSTODY_INSPECT_KINDS; i++)
		put(w, e->by_kind[i], 8);
	for (int i = 0; i < CUSTODY_INSPECT_STATES; i++)
		put(w, e->by_state[i], 8);
	put_text(w, e->words);
}

int custody_inspect_encode(struct custody_buf *out, const struct custody_inspect_record *r, struct custody_error *err)
{
	struct writer w = { out, err, false };
	put(&w, r->type, 1);
	switch (r->type) {
	case CUSTODY_INSPECT_RECORD_BEGIN:
		put(&w, r->begin.format, 1);
		put(&w, r->begin.filter, 1);
		put_text(&w, r->begin.type);
		break;
	case CUSTODY_INSPECT_RECORD_MEMBER:
		if (r->member.name.n > CUSTODY_LIMIT_INSPECT_NAME || r->member.other_name.n > CUSTODY_LIMIT_INSPECT_NAME ||
			r->member.link.n > CUSTODY_LIMIT_INSPECT_NAME)
			return custody_fail(err, CUSTODY_ERR_LIMIT, "a name is longer than %zu bytes", CUSTODY_LIMIT_INSPECT_NAME);
		put_member(&w, &r->member);
		break;
	case CUSTODY_INSPECT_RECORD_NOTE:
		put(&w, r->note.id, 1);
		put(&w, r->note.number, 8);
		break;
	case CUSTODY_INSPECT_RECORD_END:
		put_end(&w, &r->end);
		break;
	}
	return w.failed ? -1 : 0;
}

/* ---- reading ---- */

struct reader {
	const uint8_t *p;
	size_t n;
	const char *wrong; /* the first thing that is; then everything reads as zero */
};

static uint64_t get(struct reader *r, size_t bytes)
{
	uint8_t v[8] = { 0 };
	if (r->n < bytes && !r->wrong)
		r->wrong = "it ends early";
	if (r->wrong)
		return 0;
	memcpy(v, r->p, bytes);
	r->p += bytes;
	r->n -= bytes;
	return custody_get_le64(v);
}

/* A number below `end`. */
static unsigned int get_below(struct reader *r, unsigned int end, const char *what)
{
	uint64_t v = get(r, 1);
	if (v >= end && !r->wrong)
		r->wrong = what;
	return r->wrong ? 0 : (unsigned int)v;
}

static struct custody_bytes get_bytes(struct reader *r, size_t max)
{
	uint64_t n = get(r, 4);
	if (!r->wrong && n > max)
		r->wrong = "a text is too long";
	if (!r->wrong && n > r->n)
		r->wrong = "it ends early";
	if (r->wrong)
		return (struct custody_bytes){ NULL, 0 };
	struct custody_bytes b = { r->p, (size_t)n };
	r->p += n;
	r->n -= (size_t)n;
	return b;
}

/* Text without NUL into an array of size bytes. */
static void get_text(struct reader *r, char *out, size_t size)
{
	struct custody_bytes b = get_bytes(r, size - 1);
	out[0] = '\0';
	if (b.n == 0)
		return;
	if (memchr(b.p, 0, b.n)) {
		r->wrong = "a text has a NUL";
		return;
	}
	memcpy(out, b.p, b.n);
	out[b.n] = '\0';
}

static void get_member(struct reader *r, struct custody_inspect_member *m)
{
	m->number = get(r, 8);
	m->kind = (enum custody_inspect_kind)get_below(r, CUSTODY_INSPECT_KINDS, "its kind is not known");
	m->state = (enum custody_inspect_state)get_below(r, CUSTODY_INSPECT_STATES, "its state is not known");
	m->notes = (uint32_t)get(r, 4);
	m->name = get_bytes(r, CUSTODY_LIMIT_INSPECT_NAME);
	m->other_name = get_bytes(r, CUSTODY_LIMIT_INSPECT_NAME);
	m->link = get_bytes(r, CUSTODY_LIMIT_INSPECT_NAME);
	const unsigned int has = get_below(r, (HAS_STATED | HAS_MODIFIED) + 1, "its fields are not known");
	m->has_stated = has & HAS_STATED;
	m->has_modified = has & HAS_MODIFIED;
	m->stated = get(r, 8);
	m->size = get(r, 8);
	m->modified.sec = (int64_t)get(r, 8);
	m->modified.nsec = (uint32_t)get(r, 4);
	m->digests.mask = (uint32_t)get(r, 4);
	if (m->digests.mask >= CUSTODY_DIGEST_BIT(CUSTODY_DIGEST_COUNT) && !r->wrong)
		r->wrong = "a digest is not known";
	for (int i = 0; i < CUSTODY_DIGEST_COUNT && !r->wrong; i++) {
		const size_t size = custody_digest_get((enum custody_digest_id)i)->size;
		if (!(m->digests.mask & CUSTODY_DIGEST_BIT(i)))
			continue;
		if (r->n < size) {
			r->wrong = "it ends early";
			break;
		}
		memcpy(m->digests.value[i], r->p, size);
		r->p += size;
		r->n -= size;
	}
	get_text(r, m->type, sizeof(m->type));
	get_text(r, m->words, sizeof(m->words));
	if (r->wrong)
		return;
	if (m->notes >> CUSTODY_INSPECT_MEMBER_NOTE_COUNT)
		r->wrong = "a note is not known";
	else if ((m->digests.mask != 0) != (m->state == CUSTODY_INSPECT_READ))
		r->wrong = "digests and state do not go together";
	else if (m->has_modified ? !custody_time_in_range(m->modified) || m->modified.nsec > 999999999
				 : m->modified.sec != 0 || m->modified.nsec != 0)
		r->wrong = "its time is none";
	else if (!m->has_stated && m->stated != 0)
		r->wrong = "it states a size and does not";
}

static void get_end(struct reader *r, struct custody_inspect_end *e)
{
	e->outcome = (enum custody_inspect_outcome)get_below(r, CUSTODY_INSPECT_OUTCOMES, "its outcome is not known");
	e->members = get(r, 8);
	e->bytes = get(r, 8);
	for (int i = 0; i < CUSTODY_INSPECT_KINDS; i++)
		e->by_kind[i] = get(r, 8);
	for (int i = 0; i < CUSTODY_INSPECT_STATES; i++)
		e->by_state[i] = get(r, 8);
	get_text(r, e->words, sizeof(e->words));
}

int custody_inspect_decode(const uint8_t *p, size_t n, struct custody_inspect_record *r, struct custody_error *err)
{
	struct reader in = { p, n, NULL };
	memset(r, 0, sizeof(*r));
	r->type = (enum custody_inspect_record_type)get(&in, 1);
	switch (r->type) {
	case CUSTODY_INSPECT_RECORD_BEGIN:
		r->begin.format = (enum custody_inspect_format)get_below(&in, CUSTODY_INSPECT_UNKNOWN, "its format is not known");
		r->begin.filter = (enum custody_inspect_filter)get_below(&in, CUSTODY_INSPECT_FILTERS, "its compression is not known");
		get_text(&in, r->begin.type, sizeof(r->begin.type));
		break;
	case CUSTODY_INSPECT_RECORD_MEMBER:
		get_member(&in, &r->member);
		break;
	case CUSTODY_INSPECT_RECORD_NOTE:
		r->note.id = (enum custody_inspect_archive_note)get_below(&in, CUSTODY_INSPECT_ARCHIVE_NOTE_COUNT, "the note is not known");
		r->note.number = get(&in, 8);
		break;
	case CUSTODY_INSPECT_RECORD_END:
		get_end(&in, &r->end);
		break;
	default:
		in.wrong = in.wrong ? in.wrong : "its type is not known";
	}
	if (!in.wrong && in.n > 0)
		in.wrong = "something follows";
	return in.wrong ? custody_fail(err, CUSTODY_ERR_FORMAT, "a record of the reader is none: %s", in.wrong) : 0;
}
