/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/documents.h"

#include <stdlib.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/work/items.h"
#include "libcustody/work/verify.h"

void custody_documents_release(struct custody_documents *d)
{
	free(d->digests);
	memset(d, 0, sizeof(*d));
}

struct collection {
	struct custody_documents *documents;
	size_t cap;
};

static int collect(void *ctx, const struct custody_item *item, struct custody_error *err)
{
	struct collection *c = ctx;
	struct custody_documents *d = c->documents;

	if (!item->has_content)
		return 0;
	if (d->n == CUSTODY_LIMIT_DOCUMENTS)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "more than %d items, want the documents of a request", CUSTODY_LIMIT_DOCUMENTS);
	if (d->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		uint8_t(*more)[32] = reallocarray(d->digests, cap, sizeof(*more));

		if (!more)
			return custody_fail_nomem(err);
		d->digests = more;
		c->cap = cap;
	}
	memcpy(d->digests[d->n++], item->digests.value[CUSTODY_SHA256], 32);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static int judge(
	const struct custody_source *source, const struct custody_verify_options *question, struct custody_documents *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct collection c = { .documents = out };

	custody_report_init(&report);
	if (custody_verify(source, question, &report, err))
		return -1;
	memcpy(out->sha256, report.sha256, sizeof(out->sha256));
	out->verdict = report.verdict;
	out->role = report.role;
	if (report.verdict != CUSTODY_VERDICT_VALID)
		return 0;
	if (custody_items_each(source, question->random, &report, collect, &c, err))
		return -1;
	if (out->n > 0)
		qsort(out->digests, out->n, sizeof(*out->digests), compare);
	return 0;
}

int custody_documents_judge(
	const struct custody_source *source, const struct custody_verify_options *question, struct custody_documents *out, struct custody_error *err)
{
	struct custody_verify_options alone = *question;

	alone.has_expected = false;
	alone.record = NULL;
	alone.heads = NULL;
	alone.n_heads = 0;
	alone.counterpart = NULL;
	alone.documents = NULL;
	alone.n_documents = 0;
	if (custody_self_test(err) || judge(source, &alone, out, err)) {
		custody_documents_release(out);
		return -1;
	}
	return 0;
}
