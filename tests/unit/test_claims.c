/* SPDX-License-Identifier: Apache-2.0 */
/* Digests stated by others: their form in a package, and which item a name of a list means. ADM-13. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/limits.h"
#include "libcustody/package/manifest.h"
#include "libcustody/work/claims.h"
#include "tests/support/judge.h"

#define ZERO32 "0000000000000000000000000000000000000000000000000000000000000000"
#define SOURCE "{\"name\":\"l\",\"sha256\":\"" ZERO32 "\",\"format\":\"bsd\",\"by\":null,\"confirmed_by\":null}"
#define HEAD(claims) "{\"format\":\"custody-claims/1\",\"claims\":" #claims ",\"sources\":[" SOURCE "]}\n"
#define MD5 "\"digests\":{\"md5\":\"00000000000000000000000000000000\"}}\n"
#define CLAIM(item, line) "{\"item\":" #item ",\"source\":0,\"line\":" #line ",\"path\":\"a\"," MD5

/* Reads a whole text: the number of claims, or -1 with err. */
static int read_all(const char *text, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_claims_cursor_free) struct custody_claims_cursor *c = NULL;
	struct custody_source source;
	struct custody_claim claim;
	int n = 0, r;

	custody_source_memory(&source, (const uint8_t *)text, strlen(text));
	if (custody_claims_cursor_new(&c, &source, 0, source.size, err))
		return -1;
	while ((r = custody_claims_cursor_next(c, &claim, err)) == 1)
		n++;
	return r < 0 ? -1 : n;
}

Test(claims, refuses_what_is_not_the_form_and_says_why)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "found nothing, want a first line with the lists" },
		{ "{}\n", "line 1: 'format' is missing" },
		{ "[]\n", "line 1: not our JSON at byte 0: want an object" },
		{ "{\"format\":\"custody-claims/2\",\"claims\":0,\"sources\":[" SOURCE "]}\n",
			"line 1: 'format': found 'custody-claims/2', want 'custody-claims/1'" },
		{ "{\"format\":\"custody-claims/1\",\"claims\":0,\"sources\":[]}\n", "line 1: 'sources': found 0 lists, want 1 to 64" },
		{ "{\"format\":\"custody-claims/1\",\"claims\":0,\"sources\":[{}]}\n", "line 1: 'sources': list 1: 'name' is missing" },
		{ HEAD(1), "found 0 lines of digests, the first line says 1" },
		{ HEAD(0) CLAIM(0, 1), "found 1 lines of digests, the first line says 0" },
		{ HEAD(1) CLAIM("x", 1), "line 2: 'item': found a string, want an integer" },
		{ HEAD(1) CLAIM(0, 0), "line 2: 'line': found 0, want a number from 1" },
		{ HEAD(1) "{\"item\":0,\"source\":1,\"line\":1,\"path\":\"a\"," MD5,
			"line 2: 'source': found 1, want less than 1, the number of lists" },
		{ "{\"format\":\"custody-claims/1\",\"claims\":1,\"sources\":[{\"name\":\"l\",\"sha256\":\"" ZERO32
		  "\",\"format\":\"unverified\",\"by\":\"A\",\"confirmed_by\":null}]}\n" CLAIM(0, 1),
			"line 2: 'source': found 0, which is no list of digests, want one that is" },
		{ HEAD(1) "{\"item\":0,\"source\":0,\"line\":1," MD5, "line 2: found no name, want 'path' or 'path_b64'" },
		{ HEAD(1) "{\"item\":0,\"source\":0,\"line\":1,\"path_b64\":\"YQ==\"," MD5,
			"line 2: 'path_b64': found a path that is UTF-8, want it in 'path'" },
		{ HEAD(1) "{\"item\":0,\"source\":0,\"line\":1,\"path_b64\":\"/w\"," MD5,
			"line 2: 'path_b64': found text that is not canonical base64 (RFC 4648 section 4) of a name" },
		{ HEAD(1) "{\"item\":0,\"source\":0,\"line\":1,\"path_b64\":\"/wA=\"," MD5,
			"line 2: 'path_b64': found text that is not canonical base64 (RFC 4648 section 4) of a name" },
		{ HEAD(1) "{\"item\":0,\"source\":0,\"line\":1,\"path\":\"a\",\"path_b64\":\"/w==\"," MD5,
			"line 2: 'path_b64': found it beside 'path', want one of the two" },
		{ HEAD(1) "{\"item\":0,\"source\":0,\"line\":1,\"path\":\"a\",\"digests\":{}}\n",
			"line 2: 'digests': found no digest that is known, want at least one" },
		{ HEAD(1) "{\"item\":0,\"source\":0,\"line\":1,\"path\":\"a\",\"digests\":{\"sha1\":\"AA\"}}\n",
			"line 2: 'digests': 'sha1': found 'AA', want 40 lower-case hex digits" },
		{ HEAD(2) CLAIM(0, 1) CLAIM(0, 1), "line 3: found it behind what comes after it, want the order of item, source and line" },
		{ HEAD(2) CLAIM(null, 1) CLAIM(0, 1), "line 3: found it behind what comes after it, want the order of item, source and line" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(read_all(cases[i].text, &err), -1, "%s", cases[i].text);
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
		cr_expect(err.rule && strcmp(err.rule, CUSTODY_CLAIMS_MALFORMED) == 0);
	}
}

Test(claims, takes_private_and_unknown_fields_and_the_largest_numbers)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_expect_eq(read_all(HEAD(0), &err), 0, "%s", err.text);
	cr_expect_eq(read_all(HEAD(3) CLAIM(0, 1) CLAIM(9007199254740991, 1) CLAIM(null, 1), &err), 3, "%s", err.text);
	cr_expect_eq(
		read_all(HEAD(1) "{\"item\":0,\"x-a\":1,\"source\":0,\"later\":2,\"line\":1,\"path_b64\":\"/w==\"," MD5, &err), 1, "%s", err.text);
}

Test(claims, does_not_write_what_contradicts_itself)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf b = { .max = 1 << 20 };
	const struct custody_bytes a = { (const uint8_t *)"a", 1 }, nul = { (const uint8_t *)"a\0", 2 }, none = { NULL, 0 };
	const struct custody_claim good = { .line = 1, .path = a, .digests.mask = CUSTODY_DIGEST_BIT(CUSTODY_MD5) };
	struct custody_claim bad[6];
	const struct custody_claims_source no_name = { .name = "", .format = "bsd" }, not_text = { .name = "\xff", .format = "bsd" };
	const struct custody_claims_head heads[] = { { 0, &no_name, 1 }, { 0, &not_text, 1 }, { 0, &no_name, 0 } };

	for (size_t i = 0; i < 6; i++)
		bad[i] = good;
	bad[0].line = 0;
	bad[1].path = none;
	bad[2].path = nul;
	bad[3].digests.mask = 0;
	bad[4].source = CUSTODY_LIMIT_CLAIM_SOURCES;
	bad[5].size = (uint64_t)1 << 53;
	cr_expect_eq(custody_claim_format(&b, &good, &err), 0);
	for (size_t i = 0; i < 6; i++)
		cr_expect_eq(custody_claim_format(&b, &bad[i], &err), -1, "%zu", i);
	for (size_t i = 0; i < 3; i++)
		cr_expect_eq(custody_claims_format_head(&b, &heads[i], &err), -1, "%zu", i);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	custody_buf_release(&b);
}

/* ---- which item is meant ---- */

struct world {
	int dir;
	struct custody_spool inventory, out;
	struct custody_claims *claims;
	uint64_t n;
};

static void world_init(struct world *w)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	memset(w, 0, sizeof(*w));
	w->dir = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_eq(custody_spool_init(&w->inventory, w->dir, &err), 0);
	cr_assert_eq(custody_spool_init(&w->out, w->dir, &err), 0);
	cr_assert_eq(custody_claims_new(&w->claims, w->dir, &judge_random, &err), 0);
}

static void world_release(struct world *w)
{
	custody_spool_release(&w->inventory);
	custody_spool_release(&w->out);
	custody_claims_free(&w->claims);
	close(w->dir);
}

static void add_line(struct world *w, struct custody_item *item)
{
	CUSTODY_BUF_CLEAN struct custody_buf line = { .max = 1 << 20 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	item->n = w->n++;
	cr_assert_eq(custody_item_format(&line, item, &err), 0, "%s", err.text);
	cr_assert_eq(custody_buf_append_byte(&line, '\n', &err), 0);
	cr_assert_eq(custody_spool_append(&w->inventory, line.data, line.len, &err), 0);
}

static struct custody_digest_values digests_of(const char *text)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_digest_values d = { .mask = CUSTODY_DIGEST_BIT(CUSTODY_SHA256) };

	cr_assert_eq(custody_digest_once(CUSTODY_SHA256, text, strlen(text), d.value[CUSTODY_SHA256], &err), 0);
	return d;
}

/* A file with this text; content NULL: a folder. */
static void add_item(struct world *w, const char *path, const char *content)
{
	char member[256];
	struct custody_item item = { .path = { (const uint8_t *)path, strlen(path) }, .kind = content ? CUSTODY_KIND_FILE : CUSTODY_KIND_DIR };

	snprintf(member, sizeof(member), "data/%s", path);
	if (content) {
		item.has_content = true;
		item.member = member;
		item.size = strlen(content);
		item.digests = digests_of(content);
	}
	add_line(w, &item);
}

static void add_link(struct world *w, const char *path, uint64_t target)
{
	struct custody_item item = { .path = { (const uint8_t *)path, strlen(path) }, .kind = CUSTODY_KIND_HARDLINK, .target_n = target };

	add_line(w, &item);
}

static void begin_list(struct world *w)
{
	const struct custody_claims_source source = { .name = "list", .format = "sha256sum" };
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_assert_eq(custody_claims_begin(w->claims, &source, &err), 0, "%s", err.text);
}

static void state(struct world *w, uint64_t line, const char *path, const char *content)
{
	const struct custody_known_entry e = { .path = { (const uint8_t *)path, strlen(path) }, .digests = digests_of(content) };
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_assert_eq(custody_claims_add(w->claims, &e, line, &err), 0, "%s", err.text);
}

/* "ITEM:SOURCE/LINE ..." in the order written; "-" is no item. */
static void ties(struct world *w, char out[512])
{
	CUSTODY_CLEANUP(custody_claims_cursor_free) struct custody_claims_cursor *c = NULL;
	CUSTODY_BUF_CLEAN struct custody_buf bytes = { .max = 1 << 20 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	struct custody_claim claim;
	size_t at = 0;

	cr_assert_eq(custody_claims_write(w->claims, &w->inventory, &w->out, &err), 0, "%s", err.text);
	cr_assert_eq(custody_buf_reserve(&bytes, custody_spool_size(&w->out), &err), 0);
	bytes.len = custody_spool_size(&w->out);
	cr_assert_eq(custody_spool_read(&w->out, 0, bytes.data, bytes.len, &err), 0);
	custody_source_memory(&source, bytes.data, bytes.len);
	cr_assert_eq(custody_claims_cursor_new(&c, &source, 0, bytes.len, &err), 0, "%s", err.text);
	out[0] = '\0';
	while (custody_claims_cursor_next(c, &claim, &err) == 1) {
		char item[24] = "-";

		if (claim.has_item)
			snprintf(item, sizeof(item), "%llu", (unsigned long long)claim.item);
		at += (size_t)snprintf(
			out + at, 512 - at, "%s%s:%llu/%llu", at ? " " : "", item, (unsigned long long)claim.source, (unsigned long long)claim.line);
	}
	cr_assert_eq(err.kind, CUSTODY_ERR_NONE, "%s", err.text);
}

/* 0 r, 1 r/a, 2 r/s, 3 r/s/b, 4 r/t, 5 r/t/b */
static void usual_items(struct world *w)
{
	add_item(w, "r", NULL);
	add_item(w, "r/a", "A");
	add_item(w, "r/s", NULL);
	add_item(w, "r/s/b", "B");
	add_item(w, "r/t", NULL);
	add_item(w, "r/t/b", "C");
}

Test(claims, ties_names_in_the_reading_that_fits_most)
{
	static const struct {
		const char *names[3], *want;
	} cases[] = {
		{ { "r/a", "r/s/b", "r/t/b" }, "1:0/1 3:0/2 5:0/3" }, /* as sealed */
		{ { "./a", "s//b", "t/b" }, "1:0/1 3:0/2 5:0/3" }, /* below the folder */
		{ { "/home/x/a", "/home/x/s/b", "/home/x/t/b" }, "1:0/1 3:0/2 5:0/3" }, /* below what all have in common */
		{ { "a", "q", "r/s/b" }, "1:0/1 3:0/3 -:0/2" }, /* one name each in two readings: the first counts, the other is found by content */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const char *const content[] = { "A", "B", "C" };
		struct world w;
		char got[512];

		world_init(&w);
		usual_items(&w);
		begin_list(&w);
		for (size_t k = 0; k < 3; k++)
			state(&w, k + 1, cases[i].names[k], i == 3 ? (k == 0 ? "A" : k == 1 ? "none" : "other") : content[k]);
		ties(&w, got);
		cr_expect_str_eq(got, cases[i].want, "%zu: %s", i, got);
		world_release(&w);
	}
}

Test(claims, a_name_ties_whatever_the_digest_and_a_digest_only_what_no_name_means)
{
	struct world w;
	char got[512];

	world_init(&w);
	usual_items(&w);
	begin_list(&w);
	state(&w, 1, "r/a", "B"); /* differs: it is that item all the same, and not the one with this content */
	state(&w, 2, "elsewhere", "B");
	state(&w, 3, "nowhere", "D");
	begin_list(&w);
	state(&w, 1, "b", "C"); /* two items end so: its content tells */
	ties(&w, got);
	cr_expect_str_eq(got, "1:0/1 3:0/2 5:1/1 -:0/3", "%s", got);
	world_release(&w);
}

Test(claims, a_hard_link_means_the_file_that_holds_its_content)
{
	struct world w;
	char got[512];

	world_init(&w);
	add_item(&w, "a", "A");
	add_link(&w, "b", 0);
	begin_list(&w);
	state(&w, 1, "b", "A");
	state(&w, 2, "a", "A");
	ties(&w, got);
	cr_expect_str_eq(got, "0:0/1 0:0/2", "%s", got);
	world_release(&w);
}

Test(claims, keeps_the_first_line_of_a_name_and_all_its_digests)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_known_entry e = { .path = { (const uint8_t *)"a", 1 }, .digests.mask = CUSTODY_DIGEST_BIT(CUSTODY_MD5) };
	struct world w;
	char got[512];

	world_init(&w);
	add_item(&w, "a", "A");
	begin_list(&w);
	state(&w, 5, "a", "A");
	cr_assert_eq(custody_claims_add(w.claims, &e, 6, &err), 0);
	cr_expect_eq(custody_claims_digests(w.claims), CUSTODY_DIGEST_BIT(CUSTODY_MD5) | CUSTODY_DIGEST_BIT(CUSTODY_SHA256));
	e.digests.value[CUSTODY_MD5][0] = 1;
	cr_expect_eq(custody_claims_add(w.claims, &e, 7, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT, "%s", err.text);
	ties(&w, got);
	cr_expect_str_eq(got, "0:0/5", "%s", got);
	world_release(&w);
}

Test(claims, has_as_many_lists_as_the_limit_and_no_more)
{
	const struct custody_claims_source source = { .name = "list", .format = "bsd" };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct world w;

	world_init(&w);
	for (int i = 0; i < CUSTODY_LIMIT_CLAIM_SOURCES; i++)
		begin_list(&w);
	cr_expect_eq(custody_claims_begin(w.claims, &source, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	world_release(&w);
}
