/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that would be too long to be verified: refused before the evidence is read where that is known, and at the item that makes one so. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/limits.h"
#include "libcustody/work/pack.h"
#include "tests/support/judge.h"
#include "tests/support/tmpdir.h"

#define TWO (CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_SHA512))

/* A package in the making in a folder of its own. */
struct made {
	char folder[64];
	struct custody_output output;
	struct custody_pack pack;
};

static void made_begin(struct made *m)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	tmpdir_enter(m->folder);
	m->output = (struct custody_output){ .dir_fd = -1, .fd = -1 };
	cr_assert_eq(custody_output_open(&m->output, "p.asice", 0666, &err), 0, "%s", err.text);
	cr_assert_eq(custody_pack_init(&m->pack, m->output.fd, m->output.dir_fd, "p.asice", TWO, &judge_random, &err), 0, "%s", err.text);
}

static void made_end(struct made *m)
{
	custody_pack_release(&m->pack);
	custody_output_abandon(&m->output);
	tmpdir_leave(m->folder);
}

static struct custody_item an_item(uint64_t n, const char *path, const char *member)
{
	return (struct custody_item){
		.n = n,
		.path = { (const uint8_t *)path, strlen(path) },
		.kind = member ? CUSTODY_KIND_FILE : CUSTODY_KIND_DIR,
		.has_content = member != NULL,
		.member = member,
		.digests.mask = member ? TWO : 0,
		.has_time = { true, true, true },
		.has_mode = true,
		.has_owner = true,
		.user = "",
		.group = "g",
	};
}

static int add(struct made *m, struct custody_item *item, struct custody_error *err)
{
	if (item->has_content && (custody_pack_begin(&m->pack, item->member, 0, err) || custody_pack_end(&m->pack, item, err)))
		return -1;
	return custody_pack_item(&m->pack, item, err);
}

/* What is counted before never exceeds what the lists then have, and with the shortest of everything it is just that. */
Test(pack, counts_the_least_that_lists_take)
{
	struct made m;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item items[] = { an_item(0, "d", NULL), an_item(1, "d/a", "data/d/a"), an_item(2, "d/b", "data/d/b") };
	const struct custody_pack_extent extent = { .items = 3, .path_bytes = 7, .with_status = 3, .files = 2, .member_bytes = 16 };
	uint64_t inventory, least;

	made_begin(&m);
	for (size_t i = 0; i < 3; i++)
		cr_assert_eq(add(&m, &items[i], &err), 0, "%s", err.text);
	inventory = custody_spool_size(&m.pack.inventory);
	cr_expect_eq(custody_pack_fits(TWO, &extent, inventory, &err), 0, "%s", err.text);
	for (least = inventory; custody_pack_fits(TWO, &extent, least - 1, &err) == 0; least--)
		;
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect(strstr(err.text, "'custody/manifest.jsonl' would have at least "), "%s", err.text);
	cr_expect_leq(inventory - least, 3 * sizeof("\"g\""), "%llu of %llu", (unsigned long long)least, (unsigned long long)inventory);
	made_end(&m);
}

Test(pack, says_which_list_of_many_files_is_too_long)
{
	static const struct {
		uint32_t digests;
		struct custody_pack_extent extent;
		const char *says; /* NULL: it fits */
	} rows[] = {
		{ TWO, { 1000000, 60000000, 1000000, 1000000, 18000000 }, NULL },
		{ TWO, { 2500000, 150000000, 2500000, 2400000, 43200000 }, "'custody/manifest.jsonl' would have at least " },
		{ TWO, { 10, 600, 10, 6000000, 108000000 }, "'custody/manifest.jsonl' would have at least " },
		{ 0, { 0, 0, 0, 4700000, 84600000 }, "'META-INF/ASiCManifest001.xml' would have at least " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		int r = custody_pack_fits(rows[i].digests, &rows[i].extent, CUSTODY_LIMIT_LIST, &err);

		cr_expect_eq(r, rows[i].says ? -1 : 0, "%zu: %s", i, err.text);
		if (!rows[i].says)
			continue;
		cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
		cr_expect(strstr(err.text, rows[i].says) && strstr(err.text, "at most 1073741824 can be verified"), "%zu: %s", i, err.text);
		cr_expect(strstr(err.hint, "several packages"), "%zu: %s", i, err.hint);
	}
}

/* Each list stops at the line that would make it too long, whichever comes to its end first. */
Test(pack, stops_at_the_item_that_makes_a_list_too_long)
{
	static const struct {
		uint64_t max;
		bool content;
		const char *says;
	} rows[] = {
		{ 1000, false, "'custody/manifest.jsonl' would have at least " },
		{ 300, true, "'manifest-sha512.txt' would have at least " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct made m;
		struct custody_error err = CUSTODY_ERROR_INIT;
		char path[16], member[24];
		uint64_t n = 0;
		int r = 0;

		made_begin(&m);
		for (; r == 0 && n < 100; n++) {
			snprintf(path, sizeof(path), "f%02d", (int)n);
			snprintf(member, sizeof(member), "data/%s", path);
			struct custody_item item = an_item(n, path, rows[i].content ? member : NULL);

			m.pack.list_max = rows[i].content && n < 2 ? CUSTODY_LIMIT_LIST : rows[i].max;
			r = add(&m, &item, &err);
		}
		cr_expect(r == -1 && n > 1 && n < 100 && err.kind == CUSTODY_ERR_LIMIT, "%zu: %d, %d, %s", i, r, (int)n, err.text);
		cr_expect(strstr(err.text, rows[i].says), "%zu: %s", i, err.text);
		cr_expect_leq(custody_spool_size(&m.pack.inventory), rows[i].content ? CUSTODY_LIMIT_LIST : rows[i].max);
		made_end(&m);
	}
}
