/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/showall.h"

#include <string.h>

#include "libcustody/base/utf8.h"

static int no_random(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx, (void)err;
	memset(p, 5, n);
	return 0;
}

static int write_all(
	const struct custody_show_writer *w, struct custody_show *s, const char *path, struct custody_buf *out, struct custody_error *err)
{
	const struct custody_show_facts *facts = custody_show_facts(s);
	struct custody_show_document d;
	struct custody_item item;
	size_t n = 0;
	int r;

	if (w->head(out, path, facts, err))
		return -1;
	while ((r = custody_show_next_document(s, &d, err)) == 1)
		if (w->document(out, n++, &d, err))
			return -1;
	if (r < 0 || w->items(out, facts, err))
		return -1;
	while ((r = custody_show_next_item(s, &item, err)) == 1)
		if (w->item(out, facts, &item, err))
			return -1;
	return r < 0 ? -1 : w->tail(out, s, err);
}

int show_all_of(const struct custody_show_writer *w, const struct custody_source *source, const char *path, struct custody_buf *out,
	struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_show_free) struct custody_show *s = NULL;
	struct custody_random random = { no_random, NULL };
	struct custody_show_problem problem;
	int problems = 0;

	if (custody_show_new(&s, source, &random, err) || write_all(w, s, path, out, err))
		return -1;
	while (custody_show_problem(s, (size_t)problems, &problem))
		problems++;
	return problems;
}

int show_all(const struct custody_show_writer *w, const uint8_t *p, size_t n, const char *path, struct custody_buf *out, struct custody_error *err)
{
	struct custody_source source;

	custody_source_memory(&source, p, n);
	return show_all_of(w, &source, path, out, err);
}

bool show_is_safe(const struct custody_buf *text, bool lines)
{
	for (size_t i = 0, step; i < text->len; i += step) {
		uint32_t cp = 0;

		step = custody_utf8_decode(text->data + i, text->len - i, &cp);
		if (step == 0)
			return false;
		if ((custody_utf8_is_unsafe(cp) || custody_utf8_is_control_or_bidi(cp)) && !(cp == '\n' && (lines || i + 1 == text->len)))
			return false;
	}
	return true;
}
