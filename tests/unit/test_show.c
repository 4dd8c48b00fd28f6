/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/package/sealfile.h"
#include "tests/support/failing.h"
#include "tests/support/items.h"
#include "tests/support/showall.h"
#include "tests/support/stored.h"
#include "tests/support/zipforge.h"

static uint8_t *package_file(const char *name, size_t *n)
{
	char path[256];

	snprintf(path, sizeof(path), "fixtures/sealed/%s.asice", name);
	FILE *f = fopen(path, "rb");
	cr_assert_not_null(f, "%s", path);
	uint8_t *p = malloc((size_t)1 << 20);
	cr_assert_not_null(p);
	*n = fread(p, 1, (size_t)1 << 20, f);
	fclose(f);
	return p;
}

Test(show, shows_every_good_package_without_a_problem)
{
	for (size_t i = 0; stored_packages[i]; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf text = { 0 }, json = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		size_t n = 0;
		uint8_t *p = package_file(stored_packages[i], &n);

		custody_buf_init(&text, SIZE_MAX);
		custody_buf_init(&json, SIZE_MAX);
		cr_expect_eq(show_all(&custody_show_text, p, n, "a\x1b.asice", &text, &err), 0, "%s: %s", stored_packages[i], custody_buf_str(&text));
		cr_expect(show_is_safe(&text, true), "%s", custody_buf_str(&text));
		cr_expect_eq(strncmp(custody_buf_str(&text), "NOT VERIFIED: ", 14), 0);
		cr_expect_eq(show_all(&custody_show_json, p, n, "a\x1b.asice", &json, &err), 0);
		cr_expect(show_is_safe(&json, false), "%s", custody_buf_str(&json));
		json_t *read = json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
		cr_assert_not_null(read, "%s", custody_buf_str(&json));
		cr_expect(json_is_false(json_object_get(read, "verified")));
		cr_expect_str_eq(json_string_value(json_object_get(json_object_get(read, "package"), "path")), "a\\u{001b}.asice");
		cr_expect_eq(json_array_size(json_object_get(read, "items")),
			(size_t)json_integer_value(json_object_get(json_object_get(read, "seal"), "items")));
		json_decref(read);
		free(p);
	}
}

/* A package of the container's own form around an inventory and a seal.json. */
static int forged(const char *inventory, const char *seal, const struct custody_show_writer *w, struct custody_buf *out, struct custody_error *err)
{
	struct zipforge *f = calloc(1, sizeof(*f));
	size_t n = 0;

	cr_assert_not_null(f);
	zipforge_init(f);
	zipforge_add(f, "mimetype", "application/vnd.etsi.asic-e+zip", 31);
	zipforge_add(f, "README.txt", "x", 1);
	if (seal)
		zipforge_add(f, "custody/seal.json", seal, strlen(seal));
	if (inventory)
		zipforge_add(f, "custody/manifest.jsonl", inventory, strlen(inventory));
	zipforge_layout(f);
	uint8_t *p = zipforge_emit(f, &n);
	int r = show_all(w, p, n, "x", out, err);
	free(p);
	free(f);
	return r;
}

#define SALT "\"salt\":\"000102030405060708090a0b0c0d0e0f\""

Test(show, says_what_could_not_be_read_and_shows_the_rest)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(&b, SIZE_MAX);
	cr_expect_eq(show_all(&custody_show_text, (const uint8_t *)"hello", 5, "x", &b, &err), 1);
	cr_expect_not_null(strstr(custody_buf_str(&b), "Container    5 bytes, not a sealed package\n"), "%s", custody_buf_str(&b));
	cr_expect_not_null(strstr(custody_buf_str(&b), "\nWhat could not be read\n  the container: "), "%s", custody_buf_str(&b));
	custody_buf_clear(&b);
	cr_expect_eq(show_all(&custody_show_json, NULL, 0, "x", &b, &err), 1);
	cr_expect_not_null(strstr(
		custody_buf_str(&b), "\"seal\":null,\"acquisition\":null,\"documents\":[],\"items\":[],\"problems\":[{\"member\":null,\"text\":\""));

	custody_buf_clear(&b);
	cr_expect_eq(forged(NULL, NULL, &custody_show_text, &b, &err), 3);
	cr_expect_not_null(
		strstr(custody_buf_str(&b), "Documents    README.txt (1 bytes), which this format does not have\n"), "%s", custody_buf_str(&b));
	cr_expect_not_null(strstr(custody_buf_str(&b), "  custody/seal.json: there is no such member in the container\n"));
	cr_expect_not_null(strstr(custody_buf_str(&b), "  custody/manifest.jsonl: there is no such member in the container\n"));

	custody_buf_clear(&b);
	cr_expect_eq(forged("{\"n\":0," SALT ",\"path\":\"first\",\"kind\":\"dir\"}\n{\"n\":1}\n", "{}\n", &custody_show_text, &b, &err), 3);
	cr_expect_not_null(strstr(custody_buf_str(&b), "  first\n"), "%s", custody_buf_str(&b));
	cr_expect_not_null(strstr(custody_buf_str(&b), "  custody/manifest.jsonl: line 2: 'salt' is missing\n"), "%s", custody_buf_str(&b));
	cr_expect_not_null(strstr(custody_buf_str(&b), "  custody/seal.json: 'format' is missing or no string, want 'custody-seal/1'\n"));

	custody_buf_clear(&b);
	cr_expect_eq(forged("{}", "x", &custody_show_json, &b, &err), 3);
	cr_expect_not_null(strstr(custody_buf_str(&b), "\"items\":[],\"problems\":[{\"member\":\"custody/seal.json\",\"text\":\""));
}

Test(show, shows_each_kind_and_its_findings)
{
	static const char inventory[] =
		"{\"n\":0," SALT ",\"path\":\"a\",\"kind\":\"file\",\"findings\":[{\"id\":\"source-unreadable\",\"detail\":\"EIO\\u001b[0m\"}]}\n"
		"{\"n\":1," SALT ",\"path\":\"b\",\"path_b64\":\"Yg==\",\"kind\":\"device\",\"device\":{\"major\":8,\"minor\":1}}\n"
		"{\"n\":2," SALT
		",\"path\":\"c\",\"kind\":\"symlink\",\"link\":\"Gy8uLg==\",\"times\":{\"born\":\"2026-11-24T04:12:09.000000001Z\"}}\n"
		"{\"n\":3," SALT
		",\"path\":\"d\",\"kind\":\"hardlink\",\"target_n\":0,\"mode\":\"0600\",\"owner\":{\"uid\":1,\"gid\":2,\"user\":\"u\\u202e\"}}\n"
		"{\"n\":4," SALT
		",\"path\":\"e\",\"kind\":\"dir\",\"xattrs\":[{\"name_b64\":\"/w==\",\"value_b64\":\"AA==\"}],\"findings\":[{\"id\":\"x\"}]}\n";
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(&b, SIZE_MAX);
	cr_expect_eq(forged(inventory, NULL, &custody_show_text, &b, &err), 2);
	cr_expect_not_null(strstr(custody_buf_str(&b), "0  file         -  -                     a\n        source-unreadable: EIO\\u{001b}[0m\n"
						       "1  device       -  -                     b\n        device 8:1\n"
						       "2  symlink      -  -                     c\n        link to \\u{001b}/..\n"
						       "3  hardlink     -  -                     d\n        same file as 0\n"
						       "4  dir          -  -                     e\n        1 extended attributes\n        x\n"),
		"%s", custody_buf_str(&b));
	custody_buf_clear(&b);
	cr_expect_eq(forged(inventory, NULL, &custody_show_json, &b, &err), 2);
	cr_expect_not_null(
		strstr(custody_buf_str(&b),
			"{\"n\":0,\"path\":\"a\",\"kind\":\"file\",\"findings\":[{\"id\":\"source-unreadable\",\"detail\":\"EIO\\u001b[0m\"}]},"
			"{\"n\":1,\"path\":\"b\",\"kind\":\"device\",\"device\":{\"major\":8,\"minor\":1}},"
			"{\"n\":2,\"path\":\"c\",\"kind\":\"symlink\",\"link\":\"\\\\u{001b}/"
			"..\",\"link_b64\":\"Gy8uLg==\",\"born\":\"2026-11-24T04:12:09.000000001Z\"},"
			"{\"n\":3,\"path\":\"d\",\"kind\":\"hardlink\",\"target_n\":0,\"mode\":\"0600\",\"owner\":{\"uid\":1,\"gid\":2,\"user\":"
			"\"u\\u202e\",\"group\":null}},"
			"{\"n\":4,\"path\":\"e\",\"kind\":\"dir\",\"xattrs\":[{\"name\":\"\\\\xff\",\"name_b64\":\"/w==\",\"value_b64\":\"AA==\"}],"
			"\"findings\":[{\"id\":\"x\",\"detail\":null}]}],"),
		"%s", custody_buf_str(&b));
}

Test(show, escapes_whatever_an_item_holds)
{
	static struct test_item t;
	static struct custody_show_facts facts;
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(&b, SIZE_MAX);
	for (uint64_t seed = 0; seed < 2000; seed++) {
		test_item_make(&t, seed);
		custody_buf_clear(&b);
		cr_assert_eq(custody_show_text.item(&b, &facts, &t.item, &err), 0);
		cr_assert(show_is_safe(&b, true), "%s", custody_buf_str(&b));
		custody_buf_clear(&b);
		t.item.n = 0;
		cr_assert_eq(custody_show_json.item(&b, &facts, &t.item, &err), 0);
		cr_assert(show_is_safe(&b, false), "%s", custody_buf_str(&b));
		json_t *read = json_loadb((const char *)b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
		cr_assert_not_null(read, "%s", custody_buf_str(&b));
		json_decref(read);
	}
}

Test(show, shows_hostile_facts_of_a_seal)
{
	static struct custody_show_facts facts = { .has_container = true, .has_seal = true, .has_acquisition = true };
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_sealfile_init(&facts.seal);
	facts.seal.case_id = "\x1b]0;owned\x07";
	facts.seal.sealer_name = "line\nSealed       1970";
	facts.seal.tool_name = facts.seal.tool_version = "\xe2\x80\xae";
	facts.seal.n_authorities = 2;
	facts.seal.has_previous = true;
	facts.seal.digests = 3;
	custody_buf_init(&b, SIZE_MAX);
	cr_assert_eq(custody_show_text.head(&b, "x", &facts, &err), 0);
	cr_expect(show_is_safe(&b, true));
	cr_expect_not_null(strstr(custody_buf_str(&b), "Case         \\u{001b}]0;owned\\u{0007}\n"));
	cr_expect_not_null(strstr(custody_buf_str(&b), "Exhibit      none\n"));
	cr_expect_not_null(
		strstr(custody_buf_str(&b), "Sealed by    line\\u{000a}Sealed       1970, no organisation named, no role named (as claimed)\n"));
	cr_expect_not_null(strstr(custody_buf_str(&b), "Digests      md5 (legacy), sha1 (legacy)\n"));
	cr_expect_not_null(strstr(custody_buf_str(&b), "Replaces     00000000"));
	custody_buf_clear(&b);
	cr_assert_eq(custody_show_json.head(&b, "x", &facts, &err), 0);
	cr_expect(show_is_safe(&b, false), "%s", custody_buf_str(&b));
	cr_expect_not_null(strstr(custody_buf_str(&b), "\"case\":\"\\u001b]0;owned\\u0007\",\"exhibit\":null"));
}

/* A disk that does not answer says nothing about the package. */
Test(show, fails_when_a_read_fails)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	size_t n = 0;
	uint8_t *p = package_file("kinds-p256", &n);
	uint64_t at = 0;

	custody_buf_init(&b, SIZE_MAX);
	for (;; at++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_source source;
		struct failing f;

		failing_source(&source, &f, p, n, at);
		custody_buf_clear(&b);
		int r = show_all_of(&custody_show_text, &source, "x", &b, &err);
		if (r == 0)
			break;
		cr_assert_eq(r, -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	}
	cr_expect_gt(at, 5);
	free(p);
}

Test(show, has_problems_with_files_that_are_too_large_or_lie_about_themselves)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t n = 0;
	uint8_t *p = package_file("own-p256", &n);
	static const char *const members[] = { "custody/seal.json", "custody/manifest.jsonl", "custody/acquisition.json" };

	custody_buf_init(&b, SIZE_MAX);
	for (size_t i = 0; i < 3; i++) {
		/* the local header's CRC, 16 bytes in front of the name */
		uint8_t *name = memmem(p, n, members[i], strlen(members[i]));
		for (; name && memcmp(name - 30, "PK\3\4", 4) != 0;
			name = memmem(name + 1, n - (size_t)(name + 1 - p), members[i], strlen(members[i])))
			;
		cr_assert_not_null(name);
		name[-16] ^= 1;
		custody_buf_clear(&b);
		cr_expect_eq(show_all(&custody_show_text, p, n, "x", &b, &err), 1, "%s", custody_buf_str(&b));
		cr_expect_not_null(strstr(custody_buf_str(&b), members[i]), "%s", custody_buf_str(&b));
		name[-16] ^= 1;
	}
	char *longer = malloc(CUSTODY_LIMIT_SMALL_MEMBER + 2);
	cr_assert_not_null(longer);
	memset(longer, ' ', CUSTODY_LIMIT_SMALL_MEMBER + 1);
	longer[CUSTODY_LIMIT_SMALL_MEMBER + 1] = '\0';
	custody_buf_clear(&b);
	cr_expect_eq(forged("", longer, &custody_show_text, &b, &err), 2);
	cr_expect_not_null(strstr(custody_buf_str(&b), "  custody/seal.json: "), "%s", custody_buf_str(&b));
	free(longer);
	free(p);
}
