/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_archive_inspect (with zipdir.c and gunzip.c), custody_inspect_encode, custody_inspect_decode and the writers over what comes out. Whatever the bytes are, the
 * look ends with an outcome within its limits, every record survives its way through the wire, and the text is free of control characters.
 */
#include <string.h>

#include "formats/content/archive.h"
#include "libcustody/base/utf8.h"
#include "tests/fuzz/fuzz.h"

#define MEMBERS 50
#define BYTES ((uint64_t)4 << 20)

struct taken {
	struct custody_buf wire, text, json;
	uint64_t members, bytes;
	unsigned int begins;
	uint32_t notes;
};

static void through_wire(struct taken *t, const struct custody_inspect_record *in, struct custody_inspect_record *out, struct custody_error *err)
{
	struct custody_buf again;
	custody_buf_clear(&t->wire);
	FUZZ_ASSERT(custody_inspect_encode(&t->wire, in, err) == 0);
	FUZZ_ASSERT(custody_inspect_decode(t->wire.data, t->wire.len, out, err) == 0);
	custody_buf_init(&again, 1 << 20);
	FUZZ_ASSERT(custody_inspect_encode(&again, out, err) == 0);
	FUZZ_ASSERT(again.len == t->wire.len && memcmp(again.data, t->wire.data, again.len) == 0);
	custody_buf_release(&again);
}

static int take_begin(void *ctx, const struct custody_inspect_begin *begin, struct custody_error *err)
{
	struct taken *t = ctx;
	struct custody_inspect_record in = { .type = CUSTODY_INSPECT_RECORD_BEGIN, .begin = *begin }, out;
	through_wire(t, &in, &out, err);
	FUZZ_ASSERT(t->begins++ == 0);
	const struct custody_digest_values none = { 0 };
	const struct custody_inspect_file file = { "a\x1b\xff", 5, &none };
	return custody_inspect_text.begin(&t->text, &file, &out.begin, err) || custody_inspect_json.begin(&t->json, &file, &out.begin, err) ? -1 : 0;
}

static int take_member(void *ctx, const struct custody_inspect_member *m, struct custody_error *err)
{
	struct taken *t = ctx;
	struct custody_inspect_record in = { .type = CUSTODY_INSPECT_RECORD_MEMBER, .member = *m }, out;
	through_wire(t, &in, &out, err);
	FUZZ_ASSERT(t->begins == 1 && m->number == ++t->members && t->members <= MEMBERS);
	t->bytes += m->size;
	FUZZ_ASSERT(t->bytes <= BYTES);
	return custody_inspect_text.member(&t->text, &out.member, err) || custody_inspect_json.member(&t->json, &out.member, err) ? -1 : 0;
}

static int take_note(void *ctx, const struct custody_inspect_note *note, struct custody_error *err)
{
	struct taken *t = ctx;
	struct custody_inspect_record in = { .type = CUSTODY_INSPECT_RECORD_NOTE, .note = *note }, out;
	through_wire(t, &in, &out, err);
	FUZZ_ASSERT(!(t->notes & CUSTODY_INSPECT_BIT(note->id)));
	t->notes |= CUSTODY_INSPECT_BIT(note->id);
	return 0;
}

static void expect_safe(const struct custody_buf *b)
{
	for (size_t i = 0, n; i < b->len; i += n) {
		uint32_t cp;
		n = custody_utf8_decode(b->data + i, b->len - i, &cp);
		FUZZ_ASSERT(n > 0 && (cp == '\n' || !custody_utf8_is_unsafe(cp)));
	}
}

FUZZ_TARGET(archive)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct taken t = { 0 };
	struct custody_source source;
	struct custody_inspect_end end;
	const struct custody_archive_options options = { .digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256),
		.max_members = MEMBERS,
		.max_bytes = BYTES,
		.max_ratio = 200,
		.ratio_from = BYTES / 2,
		.key = "sixteen bytes.." };
	const struct custody_inspect_sink sink = { take_begin, take_member, take_note, &t };
	const struct custody_inspect_note notes[] = { { CUSTODY_INSPECT_NOTE_COMMENT, 1 } };
	custody_buf_init(&t.wire, 1 << 20);
	custody_buf_init(&t.text, 64 << 20);
	custody_buf_init(&t.json, 64 << 20);
	custody_source_memory(&source, p, n);
	FUZZ_ASSERT(custody_archive_prepare(&err) == 0);
	FUZZ_ASSERT(custody_archive_inspect(&source, &options, &sink, &end, &err) == 0);
	FUZZ_ASSERT(t.begins == 1 && end.members == t.members && end.bytes == t.bytes);
	struct custody_inspect_record in = { .type = CUSTODY_INSPECT_RECORD_END, .end = end }, out;
	through_wire(&t, &in, &out, &err);
	FUZZ_ASSERT(
		custody_inspect_text.end(&t.text, notes, 1, &out.end, &err) == 0 && custody_inspect_json.end(&t.json, notes, 1, &out.end, &err) == 0);
	expect_safe(&t.text);
	expect_safe(&t.json);
	custody_buf_release(&t.wire);
	custody_buf_release(&t.text);
	custody_buf_release(&t.json);
	return 0;
}
