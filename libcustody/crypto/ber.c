/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/ber.h"

#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/der_write.h"

/* A constructed element whose content is being walked. */
struct level {
	uint8_t tag;
	bool indefinite;
	bool changed; /* its content is not what it was: its length is another, too */
	size_t end; /* in the input; where it is indefinite, that of what holds it */
	size_t head, content; /* in the output */
};

struct header {
	size_t n, length; /* bytes of it, and of the content */
	bool indefinite;
};

struct walk {
	struct custody_bytes in;
	size_t at;
	struct custody_buf *out;
	struct level levels[CUSTODY_LIMIT_DER_DEPTH];
	size_t depth; /* levels that are open */
};

static int refuse(const struct walk *w, const char *what, struct custody_error *err)
{
	return custody_refuse(err, NULL, "at byte %zu: %s", w->at, what);
}

/* The next header, which ends, with its content, at `end` at the latest. */
static int read_header(const struct walk *w, size_t end, struct header *h, struct custody_error *err)
{
	const uint8_t *p = w->in.p + w->at;
	size_t left = end - w->at;

	if (left < 2)
		return refuse(w, "found the end, want an identifier and a length", err);
	if ((p[0] & 0x1f) == 0x1f)
		return refuse(w, "found a tag number above 30, want one below", err);
	if (p[0] == 0)
		return refuse(w, "found an end of contents where nothing of indefinite length ends, want an element", err);
	*h = (struct header){ .n = 2, .length = p[1] & 0x7f, .indefinite = p[1] == 0x80 };
	if (p[1] > 0x80) {
		size_t octets = h->length;

		if (octets > 4 || left - 2 < octets)
			return refuse(w, "found a length of too many bytes, want one that fits", err);
		h->length = 0;
		for (size_t i = 0; i < octets; i++)
			h->length = h->length << 8 | p[2 + i];
		h->n += octets;
	}
	if (h->length > left - h->n)
		return refuse(w, "found a length beyond the end, want one that fits", err);
	if (h->indefinite && (p[0] & CUSTODY_DER_CONSTRUCTED) == 0)
		return refuse(w, "found an indefinite length of something that holds nothing, want a definite one", err);
	return 0;
}

/* The innermost level ends here. Where its content changed, it gets the header that goes with it. */
static int close_level(struct walk *w, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf head = { .max = 16 };
	const struct level *l = &w->levels[--w->depth];
	size_t n = w->out->len - l->content, old = l->content - l->head;

	if (!l->changed)
		return 0;
	if (custody_der_append_head(&head, l->tag, n, err))
		return -1;
	if (head.len > old && custody_buf_reserve(w->out, head.len - old, err))
		return -1;
	memmove(w->out->data + l->head + head.len, w->out->data + l->content, n);
	memcpy(w->out->data + l->head, head.data, head.len);
	w->out->len = l->head + head.len + n;
	if (w->depth > 0)
		w->levels[w->depth - 1].changed = true;
	return 0;
}

static int close_levels(struct walk *w, struct custody_error *err)
{
	while (w->depth > 0) {
		const struct level *l = &w->levels[w->depth - 1];
		size_t left = l->end - w->at;

		if (l->indefinite && (left < 2 || w->in.p[w->at] != 0))
			return left < 2 ? refuse(w, "found the end, want an end of contents", err) : 0;
		if (l->indefinite && w->in.p[w->at + 1] != 0)
			return refuse(w, "found an end of contents with a length, want none", err);
		if (!l->indefinite && left > 0)
			return 0;
		w->at += l->indefinite ? 2 : 0;
		if (close_level(w, err))
			return -1;
	}
	return 0;
}

static int take_element(struct walk *w, struct custody_error *err)
{
	size_t end = w->depth > 0 ? w->levels[w->depth - 1].end : w->in.n;
	const uint8_t *p = w->in.p + w->at;
	struct header h = { 0 };

	if (read_header(w, end, &h, err))
		return -1;
	if ((p[0] & CUSTODY_DER_CONSTRUCTED) == 0) {
		w->at += h.n + h.length;
		return custody_buf_append(w->out, p, h.n + h.length, err);
	}
	if (w->depth == CUSTODY_LIMIT_DER_DEPTH)
		return custody_refuse(err, "limit-exceeded", "at byte %zu: found elements nested too deeply, want at most %d levels", w->at,
			CUSTODY_LIMIT_DER_DEPTH);
	w->levels[w->depth++] = (struct level){
		.tag = p[0],
		.indefinite = h.indefinite,
		.changed = h.indefinite,
		.end = h.indefinite ? end : w->at + h.n + h.length,
		.head = w->out->len,
		.content = w->out->len + h.n,
	};
	w->at += h.n;
	return custody_buf_append(w->out, p, h.n, err);
}

int custody_ber_definite(struct custody_bytes in, struct custody_buf *out, struct custody_error *err)
{
	struct walk w = { .in = in, .out = out };

	do {
		if (take_element(&w, err) || close_levels(&w, err))
			return -1;
	} while (w.depth > 0);
	return w.at == in.n ? 0 : refuse(&w, "found further bytes, want the end", err);
}
