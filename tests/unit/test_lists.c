/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merge of the lists when something fails under it: every read, allocation and digest in turn, over packages of every kind, good and forged. What is
 * found by a package's fault is in fixtures/tampered/; here, nothing may be found that is not there, and nothing may be shown that was not.
 */
#include "libcustody/verdict/lists.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "tests/support/failing.h"
#include "tests/support/faults.h"
#include "tests/support/judge.h"
#include "tests/support/nomem.h"

#define MEMBERS 64

/* A package with what the pass would find of each member. */
struct package {
	struct custody_buf bytes;
	struct custody_zip_member member[MEMBERS];
	char *name[MEMBERS];
	enum custody_member_class class[MEMBERS];
	enum custody_digest_id algorithm[MEMBERS];
	struct custody_digest_values digests[MEMBERS];
	size_t n;
	struct custody_member_index index;
	struct custody_sealfile sealfile;
	bool has_sealfile;
};

struct outcome {
	int returned;
	struct custody_error err;
	struct custody_findings findings;
	struct custody_lists_result result;
};

static const uint8_t key[16] = "sixteen bytes...";

static void put_into_index(struct package *p, size_t i)
{
	enum custody_member_class c = p->class[i];

	if (c == CUSTODY_MEMBER_LIST) {
		p->index.list[p->algorithm[i]] = p->member[i];
		p->index.has_list[p->algorithm[i]] = true;
	} else if (custody_member_name(c)) {
		p->index.member[c] = p->member[i];
		p->index.has[c] = true;
	}
}

static void take_member(struct package *p, const struct custody_zip_member *m)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t i = p->n++;

	cr_assert_lt(i, (size_t)MEMBERS);
	p->name[i] = strndup(m->name, m->name_len);
	p->member[i] = *m;
	p->member[i].name = p->name[i];
	p->class[i] = custody_member_classify(m->name, m->name_len, &p->algorithm[i]);
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		cr_assert_eq(
			custody_digest_once((enum custody_digest_id)id, p->bytes.data + m->data_offset, m->size, p->digests[i].value[id], &err), 0);
	put_into_index(p, i);
	if (p->class[i] == CUSTODY_MEMBER_SEAL_FILE)
		p->has_sealfile = custody_sealfile_parse(p->bytes.data + m->data_offset, m->size, &p->sealfile, &err) == 0;
}

/* false: its directory is refused, so the lists are never asked. */
static bool package_read(struct package *p, const char *path)
{
	CUSTODY_CLEANUP(custody_zip_cursor_free) struct custody_zip_cursor *cursor = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	struct custody_zip zip;
	struct custody_zip_member m;

	memset(p, 0, sizeof(*p));
	custody_sealfile_init(&p->sealfile);
	judge_read(path, &p->bytes);
	custody_source_memory(&source, p->bytes.data, p->bytes.len);
	if (custody_zip_check(&zip, &source, key, NULL, NULL, &err))
		return false;
	cr_assert_eq(custody_zip_cursor_new(&cursor, &zip, &err), 0);
	while (custody_zip_cursor_next(cursor, &m, &err) == 1)
		take_member(p, &m);
	return true;
}

static void package_release(struct package *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->name[i]);
	custody_sealfile_release(&p->sealfile);
	custody_buf_release(&p->bytes);
}

static int merge(const struct package *p, struct custody_lists *l, struct outcome *o)
{
	for (size_t i = 0; i < p->n; i++)
		if (custody_lists_member(l, &p->member[i], p->class[i], p->algorithm[i], &p->digests[i], &o->err))
			return -1;
	if (custody_lists_finish(l, &o->err))
		return -1;
	custody_lists_result(l, &o->result);
	return 0;
}

static int judge_with(const struct package *p, const struct custody_source *source, const struct custody_random *random, struct outcome *o)
{
	CUSTODY_CLEANUP(custody_lists_free) struct custody_lists *l = NULL;
	struct custody_zip zip;
	struct custody_lists_options options = { &zip, &p->index, p->has_sealfile ? &p->sealfile : NULL, random, &o->findings };

	if (custody_zip_check(&zip, source, key, NULL, NULL, &o->err) || custody_lists_new(&l, &options, &o->err))
		return -1;
	return merge(p, l, o);
}

static void judge(const struct package *p, const struct custody_source *source, struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	custody_findings_init(&o->findings);
	o->err = (struct custody_error)CUSTODY_ERROR_INIT;
	o->returned = judge_with(p, source, &judge_random, o);
}

/* ---- what fails ---- */

enum way { READ, MEMORY, UPDATE, FINISH, WAYS };

static const char *const call[WAYS] = { NULL, NULL, "EVP_DigestUpdate", "EVP_DigestFinal_ex" };
static const char *const way_name[WAYS] = { "read", "allocation", "digest update", "digest end" };

/* The nth of them fails. false: there were fewer. */
static bool judge_failing(const struct package *p, enum way way, size_t nth, struct outcome *o)
{
	struct custody_source source;
	struct failing failing;
	bool hit;

	failing_source(&source, &failing, p->bytes.data, p->bytes.len, way == READ ? nth - 1 : UINT64_MAX);
	if (way == MEMORY)
		nomem_arm(nth);
	if (call[way])
		faults_set(call[way], (int)nth, 0);
	judge(p, &source, o);
	hit = way == READ ? failing.reads >= nth : way == MEMORY ? nomem_disarm() : !faults_pending(call[way]);
	faults_clear();
	return hit;
}

static bool same_findings(const struct custody_findings *a, const struct custody_findings *b)
{
	return memcmp(a->count, b->count, sizeof(a->count)) == 0;
}

/* Nothing is found of a package that is not found when nothing fails. */
static bool finds_no_more(const struct custody_findings *found, const struct custody_findings *whole)
{
	for (size_t id = 0; id < CUSTODY_FINDING_COUNT; id++)
		if (found->count[id] > whole->count[id])
			return false;
	return true;
}

static size_t fail_each(const char *path, const struct package *p, enum way way, const struct outcome *whole)
{
	size_t nth = 1;

	for (bool hit = true; hit; nth++) {
		struct outcome o;

		hit = judge_failing(p, way, nth, &o);
		if (o.returned < 0) {
			cr_expect(hit, "%s: %s %zu: %s", path, way_name[way], nth, o.err.text);
			cr_expect(o.err.kind == CUSTODY_ERR_IO || o.err.kind == CUSTODY_ERR_NOMEM || o.err.kind == CUSTODY_ERR_CRYPTO,
				"%s: %s %zu: %s", path, way_name[way], nth, o.err.text);
			cr_expect(finds_no_more(&o.findings, &whole->findings), "%s: %s %zu found more", path, way_name[way], nth);
		} else {
			/* What failed was not needed (OpenSSL does without some memory), or only a finding's text was lost, which the verdict asks about. */
			cr_expect(way == MEMORY || !hit, "%s: %s %zu made no difference", path, way_name[way], nth);
			cr_expect(same_findings(&o.findings, &whole->findings), "%s: %s %zu changed findings", path, way_name[way], nth);
			cr_expect(
				memcmp(&o.result, &whole->result, sizeof(o.result)) == 0, "%s: %s %zu changed the result", path, way_name[way], nth);
		}
		custody_findings_release(&o.findings);
	}
	return nth - 2;
}

static void fail_all(const char *path, size_t failed[WAYS])
{
	CUSTODY_CLEANUP(package_release) struct package p;
	struct custody_source source;
	struct outcome whole;

	if (!package_read(&p, path))
		return;
	custody_source_memory(&source, p.bytes.data, p.bytes.len);
	judge(&p, &source, &whole);
	cr_assert_eq(whole.returned, 0, "%s: %s", path, whole.err.text);
	for (enum way way = 0; way < WAYS; way++)
		if (way != MEMORY || nomem_available())
			failed[way] += fail_each(path, &p, way, &whole);
	custody_findings_release(&whole.findings);
}

Test(lists, every_failure_is_handed_on_and_none_is_a_finding, .timeout = 600)
{
	static const char *const patterns[] = { "fixtures/sealed/*-p256.asice", "fixtures/tampered/asic-*/*.asice",
		"fixtures/tampered/inventory-*/*.asice", "fixtures/tampered/list*/*.asice", "fixtures/tampered/member-*/*.asice",
		"fixtures/tampered/item-digest-mismatch/*.asice", "fixtures/tampered/t*-mismatch/*.asice",
		"fixtures/tampered/seal-file-malformed/*.asice" };
	size_t failed[WAYS] = { 0 }, packages = 0;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		glob_t g;

		cr_assert_eq(glob(patterns[i], 0, NULL, &g), 0, "%s", patterns[i]);
		for (size_t k = 0; k < g.gl_pathc; k++, packages++)
			fail_all(g.gl_pathv[k], failed);
		globfree(&g);
	}
	cr_expect_gt(packages, 50u);
	cr_expect_gt(failed[READ], 500u);
	cr_expect_gt(failed[UPDATE], 500u);
	cr_expect_gt(failed[FINISH], 500u);
	cr_expect(!nomem_available() || failed[MEMORY] > 5000, "%zu", failed[MEMORY]);
}
