/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/verdict/claims.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/utf8.h"
#include "libcustody/package/members.h"

#define QUOTE 200
#define DETAIL 640

struct custody_claims_judge {
	struct custody_claims_cursor *cursor; /* NULL: refused, and said so */
	struct custody_findings *findings;
	struct custody_claims_result *result;
	struct custody_claim claim; /* read and not yet judged, if pending */
	bool pending, ended;
};

/* ---- the result ---- */

static void drop(const char *text)
{
	free((void *)(uintptr_t)text);
}

void custody_claims_result_release(struct custody_claims_result *r)
{
	for (size_t i = 0; i < r->n_sources; i++) {
		drop(r->sources[i].name);
		drop(r->sources[i].format);
		drop(r->sources[i].by);
		drop(r->sources[i].confirmed_by);
	}
	free(r->sources);
	memset(r, 0, sizeof(*r));
}

bool custody_claims_result_said(const struct custody_claims_result *r)
{
	for (size_t i = 0; i < r->n_sources; i++)
		if (!r->sources[i].by)
			return false;
	return true;
}

bool custody_claims_result_holds(const struct custody_claims_result *r)
{
	return custody_claims_result_said(r) && r->complete && r->matched == r->stated && r->legacy == 0 && r->items > 0 &&
	       r->items_matched == r->items;
}

static int copy(const char **out, const char *text, struct custody_error *err)
{
	*out = text ? strdup(text) : NULL;
	return text && !*out ? custody_fail_nomem(err) : 0;
}

static int copy_sources(struct custody_claims_result *r, const struct custody_claims_head *head, struct custody_error *err)
{
	r->sources = calloc(head->n, sizeof(*r->sources));
	if (!r->sources)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < head->n; i++) {
		const struct custody_claims_source *from = &head->sources[i];
		struct custody_claims_source *to = &r->sources[r->n_sources++];

		memcpy(to->sha256, from->sha256, sizeof(to->sha256));
		r->unverified += custody_claims_source_is_unverified(from);
		if (copy(&to->name, from->name, err) || copy(&to->format, from->format, err) || copy(&to->by, from->by, err) ||
			copy(&to->confirmed_by, from->confirmed_by, err))
			return -1;
	}
	return 0;
}

/* ---- reading ---- */

/* A refusal ends the comparison; anything but a refusal is a failure. */
static int refused(struct custody_claims_judge *j, const struct custody_error *err)
{
	const char *member = custody_member_name(CUSTODY_MEMBER_CLAIMS);

	if (err->kind != CUSTODY_ERR_FORMAT && err->kind != CUSTODY_ERR_LIMIT)
		return -1;
	custody_claims_cursor_free(&j->cursor);
	j->pending = false;
	custody_findings_add(j->findings, CUSTODY_FINDING_CLAIMS_MALFORMED, member, strlen(member), "%s", err->text);
	return 0;
}

int custody_claims_judge_new(struct custody_claims_judge **out, const struct custody_source *source, uint64_t off, uint64_t size,
	struct custody_findings *findings, struct custody_claims_result *result, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_claims_judge_free) struct custody_claims_judge *j = calloc(1, sizeof(*j));

	if (!j)
		return custody_fail_nomem(err);
	j->findings = findings;
	j->result = result;
	result->there = true;
	if (custody_claims_cursor_new(&j->cursor, source, off, size, err)) {
		if (refused(j, err))
			return -1;
	} else if (copy_sources(result, custody_claims_cursor_head(j->cursor), err)) {
		return -1;
	}
	*out = custody_steal(&j);
	return 0;
}

void custody_claims_judge_free(struct custody_claims_judge **p)
{
	struct custody_claims_judge *j = *p;

	*p = NULL;
	if (!j)
		return;
	custody_claims_cursor_free(&j->cursor);
	free(j);
}

/* Makes sure that a claim is pending, unless there is none any more. */
static int peek(struct custody_claims_judge *j, struct custody_error *err)
{
	int r;

	if (j->pending || j->ended || !j->cursor)
		return 0;
	r = custody_claims_cursor_next(j->cursor, &j->claim, err);
	if (r < 0)
		return refused(j, err);
	j->pending = r == 1;
	j->ended = r == 0;
	return 0;
}

/* ---- judging ---- */

/* "'a/b' (line 3 of 'list.txt', stated by 'X')" */
static const char *where(const struct custody_claims_judge *j, char out[DETAIL])
{
	const struct custody_claims_source *s = &j->result->sources[j->claim.source];
	char path[QUOTE], list[QUOTE / 2], by[QUOTE / 2];

	custody_display(j->claim.path.p, j->claim.path.n, path, sizeof(path));
	custody_display(s->name, strlen(s->name), list, sizeof(list));
	if (s->by)
		custody_display(s->by, strlen(s->by), by, sizeof(by));
	snprintf(out, DETAIL, "'%s' (line %" PRIu64 " of '%s', %s%s%s)", path, j->claim.line, list, s->by ? "stated by '" : "by whom is not said",
		s->by ? by : "", s->by ? "'" : "");
	return out;
}

/* What differs: "md5, sha1, size". */
static void name_digests(uint32_t digests, bool size, char out[128])
{
	size_t n = 0;

	out[0] = '\0';
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (digests & CUSTODY_DIGEST_BIT(id))
			n += (size_t)snprintf(out + n, 128 - n, "%s%s", n ? ", " : "", custody_digest_get((enum custody_digest_id)id)->name);
	if (size)
		snprintf(out + n, 128 - n, "%ssize", n ? ", " : "");
}

/* The part behind the last separator of any system. */
static struct custody_bytes last_part(struct custody_bytes path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/' && path.p[at - 1] != '\\')
		at--;
	return (struct custody_bytes){ path.p + at, path.n - at };
}

static void judge_name(struct custody_claims_judge *j, const struct custody_item *item)
{
	char detail[DETAIL];

	if (!custody_bytes_equal(last_part(j->claim.path), last_part(item->path)))
		custody_findings_add(j->findings, CUSTODY_FINDING_CLAIM_NAME_DIFFERS, item->path.p, item->path.n, "the digest was stated for %s",
			where(j, detail));
}

static uint32_t legacy_digests(void)
{
	uint32_t legacy = 0;

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (custody_digest_get((enum custody_digest_id)id)->legacy)
			legacy |= CUSTODY_DIGEST_BIT(id);
	return legacy;
}

struct relation {
	uint32_t agree, differ;
	bool size_differs;
};

static struct relation compare(const struct custody_claim *claim, const struct custody_item *item)
{
	struct relation r = { .size_differs = claim->has_size && claim->size != item->size };

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		uint32_t bit = CUSTODY_DIGEST_BIT(id);

		if (!(claim->digests.mask & item->digests.mask & bit))
			continue;
		bool same = memcmp(claim->digests.value[id], item->digests.value[id], custody_digest_get((enum custody_digest_id)id)->size) == 0;
		*(same ? &r.agree : &r.differ) |= bit;
	}
	return r;
}

/* The pending claim, which is of this item. true: it agrees. */
static bool judge_claim(struct custody_claims_judge *j, const struct custody_item *item)
{
	struct custody_claims_result *result = j->result;
	char detail[DETAIL], what[128];

	result->stated++;
	if (!item->has_content) {
		result->not_compared++;
		custody_findings_add(j->findings, CUSTODY_FINDING_CLAIM_NOT_COMPARED, item->path.p, item->path.n,
			"the package has no content of it; %s", where(j, detail));
		return false;
	}
	struct relation r = compare(&j->claim, item);
	if (r.differ || r.size_differs) {
		result->mismatched++;
		name_digests(r.differ, r.size_differs, what);
		custody_findings_add(j->findings, CUSTODY_FINDING_CLAIM_MISMATCH, item->path.p, item->path.n, "%s of %s", what, where(j, detail));
		return false;
	}
	if (!r.agree) {
		result->not_compared++;
		name_digests(j->claim.digests.mask, false, what);
		custody_findings_add(j->findings, CUSTODY_FINDING_CLAIM_NOT_COMPARED, item->path.p, item->path.n,
			"stated: %s; the package has none of it; %s", what, where(j, detail));
		return false;
	}
	result->matched++;
	result->legacy += (r.agree & ~legacy_digests()) == 0;
	judge_name(j, item);
	return true;
}

int custody_claims_judge_item(struct custody_claims_judge *j, const struct custody_item *item, struct custody_error *err)
{
	bool stated = false, matched = false;

	for (;;) {
		if (peek(j, err))
			return -1;
		if (!j->pending || !j->claim.has_item || j->claim.item != item->n)
			break;
		stated = true;
		matched = judge_claim(j, item) || matched;
		j->pending = false;
	}
	if (!item->has_content)
		return 0;
	j->result->items++;
	j->result->items_matched += matched;
	j->result->items_unstated += !stated;
	return 0;
}

/* ---- the end ---- */

/* What is left belongs to no item; or to one that the inventory does not have, which no sealer writes. */
static int judge_rest(struct custody_claims_judge *j, bool whole, struct custody_error *err)
{
	char detail[DETAIL];

	for (;;) {
		if (peek(j, err))
			return -1;
		if (!j->pending)
			return 0;
		j->pending = false;
		if (!whole)
			continue; /* of items that could not be read nothing can be said */
		if (j->claim.has_item) {
			custody_refuse(err, CUSTODY_CLAIMS_MALFORMED, "found a digest of item %" PRIu64 ", which the inventory does not have",
				j->claim.item);
			return refused(j, err);
		}
		j->result->stated++;
		j->result->missing++;
		custody_findings_add(j->findings, CUSTODY_FINDING_CLAIM_MISSING, j->claim.path.p, j->claim.path.n, "%s", where(j, detail));
	}
}

/* A signature or letter is bound to what was sealed, and that is all that is known of it (ADM-13). */
static void say_unverified(const struct custody_claims_judge *j)
{
	char name[QUOTE], by[QUOTE];

	for (size_t i = 0; i < j->result->n_sources; i++) {
		const struct custody_claims_source *s = &j->result->sources[i];

		if (!custody_claims_source_is_unverified(s))
			continue;
		custody_display(s->name, strlen(s->name), name, sizeof(name));
		custody_findings_add(j->findings, CUSTODY_FINDING_CLAIM_UNVERIFIED, NULL, 0, "'%s'%s%s%s", name,
			s->by ? ", by '" : ", by whom is not said", s->by ? custody_display(s->by, strlen(s->by), by, sizeof(by)) : "",
			s->by ? "'" : "");
	}
}

/* Said once, with numbers: each item of a large package would be a flood. */
static void say_totals(const struct custody_claims_judge *j)
{
	const struct custody_claims_result *r = j->result;

	if (r->legacy > 0)
		custody_findings_add(
			j->findings, CUSTODY_FINDING_CLAIM_LEGACY, NULL, 0, "%" PRIu64 " of %" PRIu64 " digests that agree", r->legacy, r->matched);
	if (r->items_unstated > 0)
		custody_findings_add(j->findings, CUSTODY_FINDING_CLAIM_ABSENT, NULL, 0, "%" PRIu64 " of %" PRIu64 " items with content",
			r->items_unstated, r->items);
}

int custody_claims_judge_finish(struct custody_claims_judge *j, const uint8_t seen[32], bool whole, struct custody_error *err)
{
	const char *member = custody_member_name(CUSTODY_MEMBER_CLAIMS);
	uint8_t read[32];

	if (judge_rest(j, whole, err))
		return -1;
	if (!j->cursor)
		return 0;
	custody_claims_cursor_digest(j->cursor, read);
	if (memcmp(read, seen, sizeof(read)) != 0)
		custody_findings_add(j->findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, member, strlen(member), NULL);
	j->result->complete = whole;
	say_unverified(j);
	if (whole)
		say_totals(j);
	return 0;
}
