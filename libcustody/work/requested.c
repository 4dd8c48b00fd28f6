/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/requested.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/members.h"
#include "libcustody/work/documents.h"

#define QUOTE 200

struct custody_requested_link {
	const char *path; /* borrowed from the record; without '/' at the end: */
	size_t n;
	bool answers; /* a line of the request, or a record without lines because nobody asked */
	bool met; /* an item is it, or lies below it */
};

struct custody_requested_digest {
	uint8_t sha256[32];
	const char *name; /* borrowed from the record; NULL: withheld */
	bool met; /* an item has it */
};

/* ---- reading ---- */

static int refused(struct custody_requested *r, const struct custody_error *err)
{
	const char *member = custody_member_name(CUSTODY_MEMBER_REQUEST);

	if (err->kind != CUSTODY_ERR_FORMAT && err->kind != CUSTODY_ERR_LIMIT)
		return -1;
	custody_findings_add(&r->report->findings, CUSTODY_FINDING_REQUEST_MALFORMED, member, strlen(member), "%s", err->text);
	return 0;
}

static int tell(void *ctx, const struct custody_request_remark *remark, struct custody_error *err)
{
	static const enum custody_finding_id ids[] = {
		[CUSTODY_REQUEST_NO_MATTER] = CUSTODY_FINDING_COUNT,
		[CUSTODY_REQUEST_LAPSED] = CUSTODY_FINDING_REQUEST_PRESERVATION_LAPSED,
		[CUSTODY_REQUEST_REFERENCE] = CUSTODY_FINDING_REQUEST_REFERENCE_DIFFERS,
		[CUSTODY_REQUEST_OUTSIDE] = CUSTODY_FINDING_REQUEST_OUTSIDE_SCOPE,
		[CUSTODY_REQUEST_UNTOLD] = CUSTODY_FINDING_REQUEST_SCOPE_UNKNOWN,
		[CUSTODY_REQUEST_UNANSWERED] = CUSTODY_FINDING_REQUEST_NOT_ANSWERED,
		[CUSTODY_REQUEST_UNLINKED] = CUSTODY_FINDING_COUNT, /* the inventory says it better */
		[CUSTODY_REQUEST_REMINDER] = CUSTODY_FINDING_COUNT, /* for whoever asked: it says nothing of the package */
	};
	struct custody_requested *r = ctx;

	(void)err;
	if (ids[remark->matter] != CUSTODY_FINDING_COUNT)
		custody_findings_add(
			&r->report->findings, ids[remark->matter], NULL, 0, "request %zu: %s: %s", remark->request + 1, remark->where, remark->text);
	return 0;
}

/* By length first: a hostile item lies in half a million folders, each of them is looked for, and no two that differ in length may cost more than a look. */
static int compare_links(const void *a, const void *b)
{
	const struct custody_requested_link *p = a, *q = b;

	if (p->n != q->n)
		return p->n < q->n ? -1 : 1;
	return p->n > 0 ? memcmp(p->path, q->path, p->n) : 0;
}

static int compare_digests(const void *a, const void *b)
{
	return memcmp(((const struct custody_requested_digest *)a)->sha256, ((const struct custody_requested_digest *)b)->sha256, 32);
}

static json_t *items_of(json_t *record)
{
	return json_object_get(json_object_get(record, "answer"), "items");
}

/* So many elements have the lists of this key, of all records. */
static size_t count(const struct custody_requests *requests, const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < requests->n; i++)
		n += json_array_size(json_object_get(custody_requests_get(requests, i), key));
	return n;
}

static size_t count_links(const struct custody_requests *requests)
{
	size_t n = 0;

	for (size_t i = 0; i < requests->n; i++)
		n += json_array_size(items_of(custody_requests_get(requests, i)));
	return n;
}

/* Where nobody asked there is no line to answer: to be named by the record is enough. */
static bool nobody_asked(const struct custody_requests *requests, size_t i)
{
	enum custody_request_kind kind = custody_requests_kind(requests, i);

	return kind == CUSTODY_REQUEST_CONSENT || kind == CUSTODY_REQUEST_SPONTANEOUS;
}

static void take_links(struct custody_requested *r, size_t i)
{
	json_t *record = custody_requests_get(&r->requests, i), *items = items_of(record);
	bool *withheld = &r->report->request.links_withheld;

	*withheld = *withheld || custody_request_withheld(json_object_get(record, "answer")) || custody_request_withheld(items);
	for (size_t k = 0; k < json_array_size(items); k++) {
		json_t *path = json_object_get(json_array_get(items, k), "path"), *line = json_object_get(json_array_get(items, k), "line");
		struct custody_requested_link link = { .path = json_string_value(path), .n = json_string_length(path) };

		*withheld = *withheld || custody_request_withheld(path);
		if (!link.path)
			continue;
		while (link.n > 1 && link.path[link.n - 1] == '/')
			link.n--;
		/* a line that is withheld is one: nobody can say which */
		link.answers = custody_request_withheld(line) ? true
			       : json_is_integer(line)	      ? custody_request_has_line(record, (uint64_t)json_integer_value(line))
							      : nobody_asked(&r->requests, i);
		r->links[r->n_links++] = link;
	}
}

static bool digest_of(json_t *object, const char *key, uint8_t out[32])
{
	json_t *v = json_object_get(object, key);

	return json_is_string(v) && custody_hex_parse(json_string_value(v), json_string_length(v), false, out, 32);
}

/* The digests in the lists of this key, of all records, with what they are of. */
static int take_digests(
	const struct custody_requests *requests, const char *key, const char *name, struct custody_requested_digests *out, struct custody_error *err)
{
	out->list = calloc(count(requests, key) + 1, sizeof(*out->list));
	if (!out->list)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < requests->n; i++) {
		json_t *list = json_object_get(custody_requests_get(requests, i), key);

		for (size_t k = 0; k < json_array_size(list); k++) {
			struct custody_requested_digest one = { .name = json_string_value(json_object_get(json_array_get(list, k), name)) };

			if (digest_of(json_array_get(list, k), "sha256", one.sha256))
				out->list[out->n++] = one;
		}
	}
	qsort(out->list, out->n, sizeof(*out->list), compare_digests);
	return 0;
}

static int take_records(struct custody_requested *r, struct custody_error *err)
{
	r->links = calloc(count_links(&r->requests) + 1, sizeof(*r->links));
	if (!r->links)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < r->requests.n; i++)
		take_links(r, i);
	qsort(r->links, r->n_links, sizeof(*r->links), compare_links);
	if (take_digests(&r->requests, "receipts", "path", &r->receipts, err) || take_digests(&r->requests, "documents", "name", &r->documents, err))
		return -1;
	return custody_requests_check(&r->requests, tell, r, err);
}

/* The bytes stay with the report, which prints from them. */
static int read_member(struct custody_requested *r, const struct custody_zip *zip, const struct custody_zip_member *m, struct custody_error *err)
{
	struct custody_buf *text = &r->report->request.bytes;

	custody_buf_init(text, CUSTODY_LIMIT_REQUEST);
	if (custody_zip_read_member(zip, m, CUSTODY_LIMIT_REQUEST, text, err) ||
		custody_requests_parse(text->data, text->len, CUSTODY_REQUEST_SEALED, &r->requests, err))
		return -1;
	return custody_digest_once(CUSTODY_SHA256, text->data, text->len, r->sha256, err);
}

int custody_requested_begin(struct custody_requested *r, const struct custody_zip *zip, const struct custody_zip_member *m,
	struct custody_report *report, struct custody_error *err)
{
	r->report = report;
	r->there = report->request.there = true;
	if (read_member(r, zip, m, err)) {
		custody_buf_release(&report->request.bytes);
		return refused(r, err);
	}
	r->read = report->request.read = true;
	return take_records(r, err);
}

void custody_requested_release(struct custody_requested *r)
{
	custody_requests_release(&r->requests);
	free(r->links);
	free(r->receipts.list);
	free(r->documents.list);
	memset(r, 0, sizeof(*r));
}

/* ---- items ---- */

/* All links of exactly this path; several records may name it. true: one of them answers a line. */
static bool meet_path(struct custody_requested *r, struct custody_bytes path)
{
	struct custody_requested_link key = { .path = (const char *)path.p, .n = path.n };
	struct custody_requested_link *found = bsearch(&key, r->links, r->n_links, sizeof(*r->links), compare_links);
	bool answers = false;

	if (!found)
		return false;
	while (found > r->links && compare_links(found - 1, &key) == 0)
		found--;
	for (; found < r->links + r->n_links && compare_links(found, &key) == 0; found++) {
		found->met = true;
		answers = answers || found->answers;
	}
	return answers;
}

/* The item itself, and each folder that it lies in. */
static bool meet(struct custody_requested *r, struct custody_bytes path)
{
	bool answers = meet_path(r, path);

	for (size_t i = 1; i < path.n; i++)
		if (path.p[i] == '/')
			answers = meet_path(r, (struct custody_bytes){ path.p, i }) || answers;
	return answers;
}

static void meet_digest(struct custody_requested_digests *among, const uint8_t sha256[32])
{
	struct custody_requested_digest key = { .name = NULL }, *found;

	memcpy(key.sha256, sha256, 32);
	found = among->n > 0 ? bsearch(&key, among->list, among->n, sizeof(key), compare_digests) : NULL;
	if (!found)
		return;
	while (found > among->list && compare_digests(found - 1, &key) == 0)
		found--;
	for (; found < among->list + among->n && compare_digests(found, &key) == 0; found++)
		found->met = true;
}

void custody_requested_item(struct custody_requested *r, const struct custody_item *item)
{
	bool answers;

	if (!r->read)
		return;
	answers = meet(r, item->path);
	if (!item->has_content)
		return;
	r->report->request.items++;
	r->report->request.linked += answers;
	if (!(item->digests.mask & CUSTODY_DIGEST_BIT(CUSTODY_SHA256)))
		return;
	meet_digest(&r->receipts, item->digests.value[CUSTODY_SHA256]);
	meet_digest(&r->documents, item->digests.value[CUSTODY_SHA256]);
}

/* ---- the end ---- */

static void say_links(struct custody_requested *r)
{
	struct custody_findings *f = &r->report->findings;
	uint64_t items = r->report->request.items, linked = r->report->request.linked;

	for (size_t i = 0; i < r->n_links; i++)
		if (!r->links[i].met)
			custody_findings_add(f, CUSTODY_FINDING_REQUEST_ITEM_MISSING, r->links[i].path, r->links[i].n, NULL);
	if (linked < items && !r->report->request.links_withheld)
		custody_findings_add(f, CUSTODY_FINDING_REQUEST_ITEMS_UNLINKED, NULL, 0,
			"unrequested or unlinked: %" PRIu64 " of %" PRIu64 " items with content", items - linked, items);
}

/* By the bytes of its name, which may stand escaped in the record. */
static void miss_receipt(struct custody_requested *r, const struct custody_requested_digest *one)
{
	CUSTODY_BUF_CLEAN struct custody_buf name = { .max = SIZE_MAX };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char hex[65];

	if (one->name && custody_display_undo(&name, (const uint8_t *)one->name, strlen(one->name), &err))
		r->report->findings.out_of_memory = true;
	custody_hex_format(one->sha256, 32, hex);
	custody_findings_add(&r->report->findings, CUSTODY_FINDING_RECEIPT_NOT_SEALED, one->name ? custody_buf_str(&name) : NULL, name.len,
		"it was received with SHA-256 %s", hex);
}

static void say_receipts(struct custody_requested *r)
{
	r->report->request.receipts = r->receipts.n;
	r->report->request.receipts_undigested = count(&r->requests, "receipts") - r->receipts.n;
	for (size_t i = 0; i < r->receipts.n; i++) {
		const struct custody_requested_digest *one = &r->receipts.list[i];

		r->report->request.receipts_met += one->met;
		if (!one->met)
			miss_receipt(r, one);
	}
}

/* ---- packages of the request's documents ---- */

static struct custody_request_documents *find_package(struct custody_report *report, const uint8_t sha256[32])
{
	for (size_t i = 0; i < report->request.n_packages; i++)
		if (memcmp(report->request.packages[i].sha256, sha256, 32) == 0)
			return &report->request.packages[i];
	return NULL;
}

/* That of this number, which is one more if it was not there. */
static struct custody_request_documents *note_package(struct custody_report *report, const uint8_t sha256[32])
{
	struct custody_request_documents *p = find_package(report, sha256);

	if (p)
		return p;
	p = &report->request.packages[report->request.n_packages++];
	memcpy(p->sha256, sha256, sizeof(p->sha256));
	return p;
}

/* The record speaks of a package and does not say which: none that is given can be it. */
static void say_unnumbered(struct custody_requested *r, size_t i, json_t *one)
{
	custody_findings_add(&r->report->findings, CUSTODY_FINDING_REQUEST_DOCUMENTS_NOT_PRESENTED, NULL, 0, "request %zu %s its number", i + 1,
		custody_request_withheld(json_object_get(one, "package")) ? "withholds" : "does not give");
}

static void note_named(struct custody_requested *r)
{
	for (size_t i = 0; r->read && i < r->requests.n; i++) {
		json_t *list = json_object_get(custody_requests_get(&r->requests, i), "document_packages");

		for (size_t k = 0; k < json_array_size(list); k++) {
			json_t *one = json_array_get(list, k), *items = json_object_get(one, "items");
			struct custody_request_documents *p;
			uint8_t sha256[32];

			if (!digest_of(one, "package", sha256)) {
				r->unnumbered++;
				say_unnumbered(r, i, one);
				continue;
			}
			p = note_package(r->report, sha256);
			p->named = true;
			p->has_items = p->has_stated = json_is_integer(items);
			p->items = p->stated = p->has_items ? (uint64_t)json_integer_value(items) : 0;
		}
	}
}

static void note_presented(struct custody_requested *r, struct custody_report *report)
{
	for (size_t i = 0; i < r->n_presented; i++) {
		const struct custody_documents *d = &r->presented[i];
		struct custody_request_documents *p = note_package(report, d->sha256);

		p->presented = true;
		p->verdict = d->verdict;
		p->role = d->role;
		p->has_items = d->verdict == CUSTODY_VERDICT_VALID;
		p->items = d->n;
		for (size_t k = 0; p->named && k < d->n; k++)
			meet_digest(&r->documents, d->digests[k]);
	}
}

/* What is in it was counted only where it is VALID; as stated here is as the record of this package has it. */
static bool counts_differ(const struct custody_request_documents *p)
{
	return p->named && p->presented && p->has_stated && p->has_items && p->stated != p->items;
}

/* Everything that the record names was looked at: so what was not met is not there. */
static bool say_packages(const struct custody_requested *r, struct custody_report *report)
{
	bool all = report->request.n_packages > 0 && r->unnumbered == 0;
	char hex[65];

	for (size_t i = 0; i < report->request.n_packages; i++) {
		const struct custody_request_documents *p = &report->request.packages[i];

		custody_hex_format(p->sha256, 32, hex);
		if (!p->named)
			custody_findings_add(&report->findings, CUSTODY_FINDING_REQUEST_DOCUMENTS_DIFFER, NULL, 0, "its number is %s", hex);
		if (counts_differ(p))
			custody_findings_add(&report->findings, CUSTODY_FINDING_REQUEST_DOCUMENTS_DIFFER, NULL, 0,
				"items with content: the record states %" PRIu64 ", it holds %" PRIu64 "; its number is %s", p->stated, p->items,
				hex);
		if (!p->presented)
			custody_findings_add(&report->findings, CUSTODY_FINDING_REQUEST_DOCUMENTS_NOT_PRESENTED, NULL, 0, "its number is %s", hex);
		if (p->presented && p->verdict != CUSTODY_VERDICT_VALID)
			custody_findings_add(&report->findings, CUSTODY_FINDING_REQUEST_DOCUMENTS_NOT_VALID, NULL, 0, "it is %s, its number is %s",
				custody_verdict_name(p->verdict), hex);
		all = all && (!p->named || (p->presented && p->verdict == CUSTODY_VERDICT_VALID));
	}
	return all;
}

static void say_documents(struct custody_requested *r, bool all)
{
	char hex[65];

	r->report->request.documents = r->documents.n;
	for (size_t i = 0; i < r->documents.n; i++) {
		const struct custody_requested_digest *one = &r->documents.list[i];

		r->report->request.documents_met += one->met;
		if (one->met || !all)
			continue;
		custody_hex_format(one->sha256, 32, hex);
		custody_findings_add(&r->report->findings, CUSTODY_FINDING_REQUEST_DOCUMENT_MISSING, one->name, one->name ? strlen(one->name) : 0,
			"its SHA-256 is to be %s", hex);
	}
}

static int judge_packages(struct custody_requested *r, struct custody_report *report, bool *all, struct custody_error *err)
{
	report->request.packages = calloc(count(&r->requests, "document_packages") + r->n_presented + 1, sizeof(*report->request.packages));
	if (!report->request.packages)
		return custody_fail_nomem(err);
	note_named(r);
	note_presented(r, report);
	*all = say_packages(r, report);
	return 0;
}

int custody_requested_finish(
	struct custody_requested *r, struct custody_report *report, const uint8_t seen[32], bool whole, struct custody_error *err)
{
	const char *member = custody_member_name(CUSTODY_MEMBER_REQUEST);
	bool all = false;

	if (judge_packages(r, report, &all, err))
		return -1;
	if (!r->read)
		return 0;
	if (memcmp(r->sha256, seen, 32) != 0)
		custody_findings_add(&report->findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, member, strlen(member), NULL);
	report->request.complete = whole;
	say_documents(r, all && whole);
	if (!whole)
		return 0;
	say_links(r);
	say_receipts(r);
	return 0;
}
