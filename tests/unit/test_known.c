/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/work/known.h"

static const uint8_t key[16] = { 1, 2, 3 };

static struct custody_known *make(void)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_known *k = NULL;
	int dir = open("/tmp", O_RDONLY | O_DIRECTORY);
	cr_assert_geq(dir, 0);
	cr_assert_eq(custody_known_new(&k, dir, key, &err), 0);
	return k; /* the descriptor stays open until the test ends */
}

/* An entry whose digests are of the text. size 0: not said. */
static struct custody_known_entry entry(const char *path, uint32_t digests, const char *text, uint64_t size)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_known_entry e = { .path = { (const uint8_t *)path, strlen(path) }, .has_size = size != 0, .size = size };
	e.digests.mask = digests;
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (digests & CUSTODY_DIGEST_BIT(id))
			cr_assert_eq(custody_digest_once((enum custody_digest_id)id, text, strlen(text), e.digests.value[id], &err), 0);
	return e;
}

#define MD5 CUSTODY_DIGEST_BIT(CUSTODY_MD5)
#define SHA1 CUSTODY_DIGEST_BIT(CUSTODY_SHA1)
#define SHA256 CUSTODY_DIGEST_BIT(CUSTODY_SHA256)
#define SHA512 CUSTODY_DIGEST_BIT(CUSTODY_SHA512)

static void add(struct custody_known *k, const char *path, uint32_t digests, const char *text)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_known_entry e = entry(path, digests, text, 0);
	cr_assert_eq(custody_known_add(k, &e, &err), 0, "%s", err.text);
}

static long find(struct custody_known *k, const char *plain)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t index = 77;
	int rc = custody_known_find(k, (const uint8_t *)plain, strlen(plain), &index, &err);
	cr_assert_geq(rc, 0);
	return rc ? (long)index : -1;
}

Test(known, a_name_is_made_plain)
{
	static const struct {
		const char *name, *want;
	} names[] = { { "a", "a" }, { "./a", "a" }, { "././a/./b", "a/b" }, { ".//a//b", "a/b" }, { "/a", "/a" }, { "//a/.//b", "/a/b" },
		{ ".a/..b", ".a/..b" }, { "a/.", "a/." }, { "../a", "../a" }, { "a./b", "a./b" }, { "/", "/" }, { ".", "." }, { "/./a", "/a" } };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf out;
	custody_buf_init(&out, 100);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		cr_assert_eq(custody_known_plain(&out, (const uint8_t *)names[i].name, strlen(names[i].name), &err), 0);
		cr_expect_str_eq(custody_buf_str(&out), names[i].want, "%s", names[i].name);
	}
	custody_buf_release(&out);
}

Test(known, finds_names_however_they_were_written)
{
	struct custody_known *k = make();
	cr_expect_eq(find(k, "a"), -1);
	add(k, "./a", SHA256, "x");
	add(k, "b//c", MD5, "y");
	cr_expect_eq(find(k, "a"), 0);
	cr_expect_eq(find(k, "b/c"), 1);
	cr_expect_eq(find(k, "b"), -1);
	cr_expect_eq(custody_known_count(k), 2);
	cr_expect_eq(custody_known_digests(k), SHA256 | MD5);
	custody_known_free(&k);
	custody_known_free(&k);
}

Test(known, puts_together_what_is_said_of_one_name)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_known *k = make();
	struct custody_known_entry e, with_size = entry("a", SHA1, "x", 1);
	add(k, "a", MD5, "x");
	add(k, "./a", SHA256, "x");
	cr_assert_eq(custody_known_add(k, &with_size, &err), 0);
	add(k, "a", MD5, "x");
	cr_expect_eq(custody_known_count(k), 1);
	cr_assert_eq(custody_known_get(k, 0, &e, &err), 0);
	cr_expect_eq(e.digests.mask, MD5 | SHA1 | SHA256);
	cr_expect(e.has_size && e.size == 1);
	cr_expect(custody_bytes_is(e.path, "a"));
	struct custody_known_entry same = entry("z", MD5 | SHA1 | SHA256, "x", 1);
	cr_expect(custody_known_is_match(custody_known_compare(&e, &same)));

	struct custody_known_entry other = entry("a", MD5, "y", 0), other_size = entry("a", MD5, "x", 2);
	cr_expect_eq(custody_known_add(k, &other, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
	cr_expect_str_eq(err.text, "'a' is there twice with a different digest, want one statement about a name");
	cr_expect_eq(custody_known_add(k, &other_size, &err), -1);
	cr_expect_str_eq(err.text, "'a' is there twice with a different size, want one statement about a name");
	custody_known_free(&k);
}

Test(known, compares_what_both_say)
{
	struct custody_known_entry both = entry("a", MD5 | SHA256, "x", 5), md5 = entry("a", MD5, "x", 0), wrong = entry("a", SHA256, "y", 0),
				   none = entry("a", SHA512, "x", 0), size = entry("a", MD5, "x", 6);
	struct custody_known_relation r = custody_known_compare(&both, &md5);
	cr_expect(r.agree == MD5 && r.differ == 0 && custody_known_is_match(r));
	r = custody_known_compare(&both, &wrong);
	cr_expect(r.agree == 0 && r.differ == SHA256 && !custody_known_is_match(r));
	r = custody_known_compare(&both, &none);
	cr_expect(r.agree == 0 && r.differ == 0 && !custody_known_is_match(r), "nothing in common is no match");
	r = custody_known_compare(&both, &size);
	cr_expect(r.agree == MD5 && r.size_differs && !custody_known_is_match(r));
}

Test(known, knows_the_folders_that_all_names_have_in_common)
{
	static const struct {
		const char *names[4], *want;
	} cases[] = {
		{ { "a" }, "" },
		{ { "/x/y/a" }, "/x/y/" },
		{ { "/x/y/a", "/x/yy/b" }, "/x/" },
		{ { "x/a", "x/a/b" }, "x/" },
		{ { "x/a", "y/a" }, "" },
		{ { "./x//a", "x/b", "x/./c/d" }, "x/" },
		{ { "x/a", "x" }, "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct custody_known *k = make();
		for (size_t j = 0; j < 4 && cases[i].names[j]; j++)
			add(k, cases[i].names[j], MD5, "x");
		struct custody_bytes common = custody_known_common(k);
		cr_expect(custody_bytes_is(common, cases[i].want), "%zu: %.*s", i, (int)common.n, (const char *)common.p);
		custody_known_free(&k);
	}
}

static long take_same(struct custody_known *k, const struct custody_known_entry *content)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t index = 77;
	int rc = custody_known_take_same(k, content, &index, &err);
	cr_assert_geq(rc, 0);
	return rc ? (long)index : -1;
}

Test(known, gives_entries_of_the_same_content_once_each_and_in_order)
{
	struct custody_known *k = make();
	struct custody_known_entry x = entry("n", MD5 | SHA1 | SHA256, "x", 1), y = entry("n", MD5 | SHA1 | SHA256, "y", 1),
				   z = entry("n", MD5 | SHA1 | SHA256, "z", 1);
	cr_expect_eq(take_same(k, &x), -1);
	add(k, "0", SHA256, "x");
	add(k, "1", SHA256, "x");
	add(k, "2", MD5 | SHA1, "y");
	add(k, "3", SHA256 | MD5, "x");
	add(k, "4", SHA256, "x");
	custody_known_mark(k, 1);
	cr_expect(custody_known_is_marked(k, 1));
	cr_expect_eq(take_same(k, &x), 0);
	custody_known_mark(k, 3); /* after the index was made */
	cr_expect_eq(take_same(k, &x), 4);
	cr_expect_eq(take_same(k, &x), -1);
	cr_expect_eq(take_same(k, &y), 2);
	cr_expect_eq(take_same(k, &z), -1);
	for (size_t i = 0; i < 5; i++)
		cr_expect(custody_known_is_marked(k, i));
	custody_known_free(&k);
}

Test(known, takes_only_what_agrees_in_everything)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_known *k = make();
	struct custody_known_entry lie = entry("0", SHA256, "x", 0), sized = entry("1", SHA256, "x", 9), x = entry("n", MD5 | SHA256, "x", 1);
	struct custody_known_entry md5 = entry("0", MD5, "y", 0);
	memcpy(lie.digests.value[CUSTODY_MD5], md5.digests.value[CUSTODY_MD5], 16);
	lie.digests.mask |= MD5;
	cr_assert_eq(custody_known_add(k, &lie, &err), 0);
	cr_assert_eq(custody_known_add(k, &sized, &err), 0);
	add(k, "2", SHA256, "x");
	cr_expect_eq(take_same(k, &x), 2);
	cr_expect_eq(take_same(k, &x), -1);
	custody_known_free(&k);
}

/* More than the spool keeps in memory, and several growths of the tables. */
Test(known, holds_many)
{
	enum { N = 20000 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_known *k = make();
	char name[64];
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "folder/%d", i);
		add(k, name, SHA256, name);
	}
	cr_expect_eq(custody_known_count(k), N);
	for (int i = 0; i < N; i += 7) {
		struct custody_known_entry e;
		snprintf(name, sizeof(name), "folder/%d", i);
		cr_assert_eq(find(k, name), i);
		cr_assert_eq(custody_known_get(k, (size_t)i, &e, &err), 0);
		struct custody_known_entry want = entry(name, SHA256, name, 0);
		cr_assert(custody_bytes_equal(e.path, want.path) && custody_known_is_match(custody_known_compare(&e, &want)));
		cr_assert_eq(take_same(k, &want), i);
	}
	custody_known_free(&k);
}

Test(known, holds_names_of_any_length)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_known *k = make();
	static char names[3][20001];
	static const size_t lengths[] = { 4096, 20000, 5 };
	for (int i = 0; i < 3; i++) {
		memset(names[i], 'a' + i, lengths[i]);
		add(k, names[i], SHA256, names[i]);
	}
	for (int i = 2; i >= 0; i--) {
		struct custody_known_entry e;
		cr_expect_eq(find(k, names[i]), i);
		cr_assert_eq(custody_known_get(k, (size_t)i, &e, &err), 0);
		cr_expect(custody_bytes_is(e.path, names[i]));
	}
	custody_known_free(&k);
}

/* No folder to write to: nothing is lost as long as it fits into memory, and then it is said. */
Test(known, says_so_when_it_has_nowhere_to_write)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_known *k = NULL;
	char name[32];
	int rc = 0, i = 0;
	cr_assert_eq(custody_known_new(&k, -1, key, &err), 0);
	for (; rc == 0 && i < 10000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		struct custody_known_entry e = entry(name, SHA256, name, 0);
		rc = custody_known_add(k, &e, &err);
	}
	cr_expect_eq(rc, -1);
	cr_expect(i > 500);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	custody_known_free(&k);
}
