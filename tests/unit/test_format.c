/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "formats/format.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "tests/support/memlist.h"

#define M "d41d8cd98f00b204e9800998ecf8427e"
#define M_UPPER "D41D8CD98F00B204E9800998ECF8427E"
#define S1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define S2 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define S5                                                                 \
	"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" \
	"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
#define TIGER "3293ac630c13f0245f92bbb1766e16167a4e58492dde73f3"
#define HEAD "%%%% HASHDEEP-1.0\n"
#define HEAD_MS HEAD "%%%% size,md5,sha256,filename\n"

#define BIT(id) CUSTODY_DIGEST_BIT(CUSTODY_##id)

/* Reads a list into "NAME SIZE DIGEST..." lines (digests by name and first four digits), then the error, if any. */
static void read_all(const struct custody_hash_format *format, const char *list_name, enum custody_digest_id algorithm, const void *p, size_t n,
	size_t step, char *out, size_t size)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_hash_reader r;
	struct custody_hash_record record;
	struct memlist l = { .p = p, .n = n, .step = step };
	size_t at = 0;
	out[0] = '\0';
	int rc = custody_hash_reader_init(&r, format, list_name, algorithm, memlist_read, &l, &err);
	while (rc == 0 && (rc = custody_hash_reader_next(&r, &record, &err)) == 1) {
		char name[256], hex[5];
		at += (size_t)snprintf(out + at, size - at, "%s", custody_display(record.path.p, record.path.n, name, sizeof(name)));
		if (record.has_size)
			at += (size_t)snprintf(out + at, size - at, " %llu", (unsigned long long)record.size);
		for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
			if (record.digests.mask & CUSTODY_DIGEST_BIT(id)) {
				custody_hex_format(record.digests.value[id], 2, hex);
				at += (size_t)snprintf(out + at, size - at, " %s=%s", custody_digest_get((enum custody_digest_id)id)->name, hex);
			}
		at += (size_t)snprintf(out + at, size - at, "\n");
		rc = 0;
	}
	if (rc < 0) {
		cr_expect(err.kind == CUSTODY_ERR_FORMAT || err.kind == CUSTODY_ERR_LIMIT);
		snprintf(out + at, size - at, "%s", err.text);
	}
	if (rc == 0 || r.text.data)
		custody_hash_reader_release(&r);
}

struct list_case {
	const char *what, *list, *want;
	enum custody_digest_id algorithm;
};
#define ANY CUSTODY_DIGEST_COUNT

/* Every case in reads of 1, 7 and all bytes. */
static void expect_all(const struct custody_hash_format *format, const struct list_case *cases, size_t n)
{
	static const size_t steps[] = { 0, 1, 7 };
	for (size_t i = 0; i < n; i++)
		for (size_t s = 0; s < 3; s++) {
			char got[4096];
			read_all(format, "", cases[i].algorithm, cases[i].list, strlen(cases[i].list), steps[s], got, sizeof(got));
			cr_expect_str_eq(got, cases[i].want, "%s: got '%s', want '%s'", cases[i].what, got, cases[i].want);
		}
}

Test(format, sha256sum_lists_are_read)
{
	static const struct list_case cases[] = {
		{ "text mode", S2 "  a\n", "a sha256=e3b0\n", ANY },
		{ "binary mode", S2 " *a\n", "a sha256=e3b0\n", ANY },
		{ "no LF at the end", M "  a\n" M "  b", "a md5=d41d\nb md5=d41d\n", ANY },
		{ "BSD's reversed mode, upper case", M_UPPER " a\n", "a md5=d41d\n", ANY },
		{ "comments and empty lines", "# x\n\n" S1 "  a\n\n", "a sha1=da39\n", ANY },
		{ "names with anything", S2 "   *a  (\t\xff\n", " *a  (\\u{0009}\\xff sha256=e3b0\n", ANY },
		{ "a backslash where nothing is escaped", S2 "  a\\n\n", "a\\\\n sha256=e3b0\n", ANY },
		{ "escapes", "\\" S2 "  a\\nb\\\\c\\r\n", "a\\u{000a}b\\\\c\\u{000d} sha256=e3b0\n", ANY },
		{ "CR LF", S2 "  a\r\n" S2 "  b\r\n\r\n", "a sha256=e3b0\nb sha256=e3b0\n", ANY },
		{ "CR within", S2 "  a\rb\n", "a\\u{000d}b sha256=e3b0\n", ANY },
		{ "SHA-512 by its length", S5 "  a\n", "a sha512=cf83\n", ANY },
		{ "another one as told", S5 "  a\n", "a blake2b=cf83\n", CUSTODY_BLAKE2B },
		{ "nothing", "", "", ANY },

		{ "another length than told", S2 "  a\n", "line 1: 64 hexadecimal digits, want the 128 of sha512", CUSTODY_SHA512 },
		{ "no digest", S2 "  a\n\001junk\n",
			"a sha256=e3b0\nline 2: 0 hexadecimal digits at the start, want those of a digest: 32, 40, 64, 96 or 128", ANY },
		{ "a cut digest", "abc  a\n", "line 1: 3 hexadecimal digits at the start, want those of a digest: 32, 40, 64, 96 or 128", ANY },
		{ "no name", S2 "  \n", "line 1: an empty name, want the name of a file", ANY },
		{ "no name at all", S2 "\n", "line 1: no space behind the digest, want two, or one and '*', and the name", ANY },
		{ "no space", S2 "\ta\n", "line 1: no space behind the digest, want two, or one and '*', and the name", ANY },
		{ "a lone backslash", "\\" S2 "  a\\b\n", "line 1: a lone backslash in an escaped name, want \\\\, \\n or \\r", ANY },
		{ "a backslash at the end", "\\" S2 "  a\\\n", "line 1: a lone backslash in an escaped name, want \\\\, \\n or \\r", ANY },
		{ "CR LF only later", S2 "  a\n" S2 "  b\r\n", "a sha256=e3b0\nline 2: ends with CR LF, want LF as in line 1", ANY },
		{ "LF only later", S2 "  a\r\n" S2 "  b\n", "a sha256=e3b0\nline 2: ends with LF, want CR LF as in line 1", ANY },
		{ "a broken name", S2 "  a\nb\n",
			"a sha256=e3b0\nline 2: 1 hexadecimal digits at the start, want those of a digest: 32, 40, 64, 96 or 128", ANY },
	};
	expect_all(&custody_hash_sha256sum, cases, sizeof(cases) / sizeof(*cases));
}

Test(format, bsd_lists_are_read)
{
	static const struct list_case cases[] = {
		{ "one", "SHA256 (a) = " S2 "\n", "a sha256=e3b0\n", ANY },
		{ "several of one file", "MD5 (a) = " M "\nSHA1 (a) = " S1 "\n", "a md5=d41d\na sha1=da39\n", ANY },
		{ "parentheses and signs in names", "MD5 (a) = b (c)) = " M "\n", "a) = b (c) md5=d41d\n", ANY },
		{ "openssl dgst", "SHA2-256(a)= " S2 "\nBLAKE2B-512(b)= " S5 "\n", "a sha256=e3b0\nb blake2b=cf83\n", ANY },
		{ "escapes", "\\SHA256 (a\\nb) = " S2 "\n", "a\\u{000a}b sha256=e3b0\n", ANY },
		{ "comments, CR LF", "# x\r\n\r\nMD5 (a) = " M_UPPER "\r\n", "a md5=d41d\n", ANY },
		{ "length-qualified", "SHA3-256 (a) = " S2 "\n", "a sha3-256=e3b0\n", ANY },

		{ "an unknown digest", "SM3 (a) = " S2 "\n", "line 1: 'SM3' is no digest that is known, want one of `custody hash -d`", ANY },
		{ "a shorter BLAKE2b", "BLAKE2b-256 (a) = " S2 "\n",
			"line 1: 'BLAKE2b-256' is no digest that is known, want one of `custody hash -d`", ANY },
		{ "wrong length", "SHA256 (a) = " M "\n", "line 1: 32 hexadecimal digits, want the 64 of sha256", ANY },
		{ "no digits", "SHA256 (a) = " S2 "x\n", "line 1: 65 hexadecimal digits, want the 64 of sha256", ANY },
		{ "no name", "SHA256 () = " S2 "\n", "line 1: an empty name, want the name of a file", ANY },
		{ "no sign", "SHA256 (a) " S2 "\n", "line 1: found no 'NAME (file) = digits', want that", ANY },
		{ "no tag", "(a) = " S2 "\n", "line 1: found no 'NAME (file) = digits', want that", ANY },
		{ "nothing of it", "x\n", "line 1: found no 'NAME (file) = digits', want that", ANY },
		{ "turned around", ")= (\n", "line 1: found no 'NAME (file) = digits', want that", ANY },
		{ "only a backslash", "\\\n", "line 1: found no 'NAME (file) = digits', want that", ANY },
		{ "wrong escape", "\\MD5 (a\\b) = " M "\n", "line 1: a lone backslash in an escaped name, want \\\\, \\n or \\r", ANY },
	};
	expect_all(&custody_hash_bsd, cases, sizeof(cases) / sizeof(*cases));
}

Test(format, hashdeep_lists_are_read)
{
	static const struct list_case cases[] = {
		{ "rows", HEAD_MS "## Invoked from: /x\n## \n3," M "," S2 ",/a,b\n", "/a,b 3 md5=d41d sha256=e3b0\n", ANY },
		{ "digests that are not ours", HEAD "%%%% size,tiger,whirlpool,md5,filename\n0," TIGER "," S5 "," M ",a\n", "a 0 md5=d41d\n", ANY },
		{ "the largest size", HEAD "%%%% size,md5,filename\n18446744073709551615," M ",a\n", "a 18446744073709551615 md5=d41d\n", ANY },
		{ "a header alone", HEAD_MS, "", ANY },

		{ "another version", "%%%% HASHDEEP-2.0\n", "line 1: found '%%%% HASHDEEP-2.0', want '%%%% HASHDEEP-1.0'", ANY },
		{ "no columns", HEAD "0," M ",a\n", "line 2: found no columns, want '%%%% size,...,filename'", ANY },
		{ "a column that nobody knows", HEAD "%%%% size,crc,filename\n",
			"line 2: found the column 'crc', want digests once each and filename at the end", ANY },
		{ "a column twice", HEAD "%%%% size,md5,md5,filename\n",
			"line 2: found the column 'md5', want digests once each and filename at the end", ANY },
		{ "no filename", HEAD "%%%% size,md5,sha1\n", "line 2: found the column 'sha1', want digests once each and filename at the end",
			ANY },
		{ "filename twice", HEAD "%%%% size,md5,filename,filename\n",
			"line 2: found the column 'filename', want digests once each and filename at the end", ANY },
		{ "nothing to compare", HEAD "%%%% size,tiger,filename\n",
			"line 2: found no digest that is known among the columns, want md5, sha1 or sha256", ANY },
		{ "a row broken by a line feed", HEAD_MS "3," M "," S2 ",a\nb\n",
			"a 3 md5=d41d sha256=e3b0\nline 4: a row that does not begin with a size, want size, digests and name (a name with a line "
			"feed breaks "
			"a row in two)",
			ANY },
		{ "a size too large", HEAD "%%%% size,md5,filename\n18446744073709551616," M ",a\n",
			"line 3: a row that does not begin with a size, want size, digests and name (a name with a line feed breaks a row in two)",
			ANY },
		{ "a size with a zero in front", HEAD "%%%% size,md5,filename\n03," M ",a\n",
			"line 3: a row that does not begin with a size, want size, digests and name (a name with a line feed breaks a row in two)",
			ANY },
		{ "a digest too short", HEAD_MS "3," M "," M ",a\n", "line 3: column 3 has 32 hexadecimal digits, want 64 and a comma", ANY },
		{ "no more columns", HEAD_MS "3," M "\n", "line 3: column 2 has 32 hexadecimal digits, want 32 and a comma", ANY },
		{ "no name", HEAD_MS "3," M "," S2 ",\n", "line 3: an empty name, want the name of a file", ANY },
	};
	expect_all(&custody_hash_hashdeep, cases, sizeof(cases) / sizeof(*cases));
}

Test(format, bagit_manifests_are_read)
{
	static const struct list_case cases[] = {
		{ "spaces", S2 "  data/a b\n", "data/a b sha256=e3b0\n", ANY },
		{ "one space, tabs, the mark of binary mode", S2 " data/a\n" S2 "\t \tdata/b\n" S2 " *data/c\n",
			"data/a sha256=e3b0\ndata/b sha256=e3b0\ndata/c sha256=e3b0\n", ANY },
		{ "encoded", S2 "  data/%0a%0A%0d%0D%25\n", "data/\\u{000a}\\u{000a}\\u{000d}\\u{000d}% sha256=e3b0\n", ANY },
		{ "per cent signs of older bags", S2 "  data/100%\n" S2 "  data/%41%2\n", "data/100% sha256=e3b0\ndata/%41%2 sha256=e3b0\n", ANY },
		{ "backslashes mean nothing", S2 "  data\\a\n", "data\\\\a sha256=e3b0\n", ANY },
		{ "empty lines, CR LF", S2 "  data/a\r\n\r\n", "data/a sha256=e3b0\n", ANY },

		{ "no digest", "data/a\n", "line 1: 2 hexadecimal digits at the start, want those of a digest: 32, 40, 64, 96 or 128", ANY },
		{ "no name", S2 "  \n", "line 1: an empty name, want the name of a file", ANY },
		{ "no space", S2 "\n", "line 1: no space behind the digest, want spaces or tabs and the name", ANY },
	};
	expect_all(&custody_hash_bagit, cases, sizeof(cases) / sizeof(*cases));
}

Test(format, jsonl_lists_are_read)
{
	static const struct list_case cases[] = {
		{ "all of it", "{\"path\":\"a\\u000ab\",\"size\":3,\"digests\":{\"md5\":\"" M "\",\"sha256\":\"" S2 "\"}}\n",
			"a\\u{000a}b 3 md5=d41d sha256=e3b0\n", ANY },
		{ "raw bytes", "{\"path_b64\":\"/w==\",\"digests\":{\"md5\":\"" M "\"}}\n", "\\xff md5=d41d\n", ANY },
		{ "raw bytes before text", "{\"path\":\"x\",\"path_b64\":\"/w==\",\"digests\":{\"md5\":\"" M "\"}}\n", "\\xff md5=d41d\n", ANY },
		{ "spaces, keys and digests of others", "{ \"path\": \"a\", \"z\": 1, \"digests\": {\"crc\": 7, \"SHA-1\": \"" S1 "\"} }\n\n",
			"a sha1=da39\n", ANY },
		{ "a folder of an inventory", "{\"n\":0,\"path\":\"a\",\"kind\":\"dir\"}\n", "", ANY },

		{ "no name", "{\"digests\":{}}\n", "line 1: found no name, want path or path_b64 with a text that is not empty", ANY },
		{ "an empty name", "{\"path\":\"\"}\n", "line 1: found no name, want path or path_b64 with a text that is not empty", ANY },
		{ "a name that is a number", "{\"path\":1}\n", "line 1: found no name, want path or path_b64 with a text that is not empty", ANY },
		{ "text that is a number", "{\"path\":1,\"path_b64\":\"/w==\"}\n",
			"line 1: found no name, want path or path_b64 with a text that is not empty", ANY },
		{ "not base64", "{\"path_b64\":\"/w\"}\n", "line 1: path_b64 is not the base64 of a name, want RFC 4648 with padding", ANY },
		{ "NUL in base64", "{\"path_b64\":\"YQBi\"}\n", "line 1: path_b64 is not the base64 of a name, want RFC 4648 with padding", ANY },
		{ "a negative size", "{\"path\":\"a\",\"size\":-1}\n", "line 1: size is no number of bytes, want an integer from 0", ANY },
		{ "a size in text", "{\"path\":\"a\",\"size\":\"1\"}\n", "line 1: size is no number of bytes, want an integer from 0", ANY },
		{ "digests in text", "{\"path\":\"a\",\"digests\":\"" M "\"}\n",
			"line 1: digests is no object, want algorithm names with hexadecimal digits", ANY },
		{ "no digest that is known", "{\"path\":\"a\",\"digests\":{\"crc\":\"1\"}}\n",
			"line 1: found no digest that is known, want one of `custody hash -d`", ANY },
		{ "a digest too short", "{\"path\":\"a\",\"digests\":{\"sha256\":\"" M "\"}}\n",
			"line 1: 32 hexadecimal digits, want the 64 of sha256", ANY },
		{ "a digest that is a number", "{\"path\":\"a\",\"digests\":{\"md5\":1}}\n",
			"line 1: the digest md5 is not text, want hexadecimal digits", ANY },
		{ "a digest by two names", "{\"path\":\"a\",\"digests\":{\"sha1\":\"" S1 "\",\"SHA-1\":\"" S1 "\"}}\n",
			"line 1: the digest sha1 twice, want each once", ANY },
	};
	expect_all(&custody_hash_jsonl, cases, sizeof(cases) / sizeof(*cases));
	char got[256];
	read_all(&custody_hash_jsonl, "", ANY, "{\"path\":\"a\"} x\n", 15, 0, got, sizeof(got));
	cr_expect_eq(strncmp(got, "line 1: ", 8), 0, "%s", got);
}

Test(format, a_nul_byte_is_refused_in_every_format)
{
	for (size_t i = 0; custody_hash_formats[i]; i++) {
		char got[256];
		read_all(custody_hash_formats[i], "", ANY, S2 "  a\0b\n", 70, 0, got, sizeof(got));
		cr_expect_str_eq(got, "line 1: a NUL byte, want text");
	}
}

Test(format, is_detected_from_the_list_itself)
{
	static const struct {
		const char *list_name, *list, *want;
	} cases[] = {
		{ "x", S2 "  a\n", "sha256sum" },
		{ "x", "# c\n\n\\" S2 "  a\\\\\n", "sha256sum" },
		{ "manifest-sha256.txt", S2 "  data/a\n", "bagit" },
		{ "tagmanifest-md5.txt", M "  data/a\n", "bagit" },
		{ "manifest-crc32.txt", S2 "  data/a\n", "sha256sum" },
		{ "manifest-.txt", S2 "  data/a\n", "sha256sum" },
		{ "manifest-sha256.txt", "SHA256 (a) = " S2 "\n", "bsd" },
		{ "x", "\\SHA256 (a\\n) = " S2 "\n", "bsd" },
		{ "x", "MD5(a)= " M "\n", "bsd" },
		{ "x", HEAD, "hashdeep" },
		{ "x", "{\"path\":\"a\"}\n", "jsonl" },
		{ "x", "", NULL },
		{ "x", "hello (world) = again\n", NULL },
		{ "x", "\001junk\n", NULL },
		{ "x", S2, NULL },
		{ "x", "# only a comment", NULL },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct custody_hash_format *f =
			custody_hash_format_detect(cases[i].list_name, (const uint8_t *)cases[i].list, strlen(cases[i].list));
		cr_expect_str_eq(f ? f->name : "none", cases[i].want ? cases[i].want : "none", "%s", cases[i].list);
	}
	char got[256];
	read_all(NULL, "", ANY, "\001junk\n", 6, 0, got, sizeof(got));
	cr_expect_str_eq(got, "line 1: found no hash list of a known format");
	read_all(NULL, "", ANY, "\xef\xbb\xbf" S2 "  a\n", 71, 0, got, sizeof(got));
	cr_expect_str_eq(got, "line 1: found a byte order mark, want plain text");
	read_all(&custody_hash_sha256sum, "", ANY,
		"\xff\xfe"
		"e\0",
		4, 0, got, sizeof(got));
	cr_expect_str_eq(got, "line 1: found UTF-16, want plain text");
	read_all(&custody_hash_sha256sum, "", ANY, "\xfe\xff\0e", 4, 0, got, sizeof(got));
	cr_expect_str_eq(got, "line 1: found UTF-16, want plain text");
}

Test(format, is_found_by_name)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct custody_hash_format *f = NULL;
	for (size_t i = 0; custody_hash_formats[i]; i++) {
		cr_expect_eq(custody_hash_format_find(custody_hash_formats[i]->name, &f, &err), 0);
		cr_expect_eq(f, custody_hash_formats[i]);
		cr_assert_not_null(f->summary);
	}
	cr_expect_eq(custody_hash_format_find("csv", &f, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_USAGE);
	cr_expect_str_eq(err.text, "'csv' is no list format, want one of: hashdeep jsonl bsd bagit sha256sum");
}

static struct custody_hash_record record_of(const char *name)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_hash_record r = { .path = { (const uint8_t *)name, strlen(name) }, .has_size = true, .size = 12 };
	for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		cr_assert_eq(custody_digest_once((enum custody_digest_id)id, NULL, 0, r.digests.value[id], &err), 0);
	r.digests.mask = CUSTODY_DIGEST_BIT(CUSTODY_DIGEST_COUNT) - 1;
	return r;
}

Test(format, writes_what_others_write)
{
	static const struct {
		const struct custody_hash_format *format;
		uint32_t digests;
		const char *name, *want;
	} cases[] = {
		{ &custody_hash_sha256sum, BIT(SHA256), "a b", S2 "  a b\n" },
		{ &custody_hash_sha256sum, BIT(MD5), "a\nb\\c\rd", "\\" M "  a\\nb\\\\c\\rd\n" },
		{ &custody_hash_bsd, BIT(MD5) | BIT(SHA256), "a)", "MD5 (a)) = " M "\nSHA256 (a)) = " S2 "\n" },
		{ &custody_hash_bsd, BIT(SHA1), "\\", "\\SHA1 (\\\\) = " S1 "\n" },
		{ &custody_hash_hashdeep, BIT(MD5) | BIT(SHA256), "a,b", HEAD_MS "12," M "," S2 ",a,b\n" },
		{ &custody_hash_bagit, BIT(SHA256), "data/%\n\r*", S2 "  data/%25%0A%0D*\n" },
		{ &custody_hash_jsonl, BIT(MD5) | BIT(SHA1), "a\"\x1b",
			"{\"path\":\"a\\\"\\u001b\",\"size\":12,\"digests\":{\"md5\":\"" M "\",\"sha1\":\"" S1 "\"}}\n" },
		{ &custody_hash_jsonl, BIT(MD5), "\xff", "{\"path_b64\":\"/w==\",\"size\":12,\"digests\":{\"md5\":\"" M "\"}}\n" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_buf out;
		struct custody_hash_record r = record_of(cases[i].name);
		custody_buf_init(&out, 4096);
		cr_assert_eq(cases[i].format->check(cases[i].digests, &err), 0);
		if (cases[i].format->write_head)
			cr_assert_eq(cases[i].format->write_head(&out, cases[i].digests, &err), 0);
		cr_assert_eq(cases[i].format->write_record(&out, cases[i].digests, &r, &err), 0);
		cr_expect_str_eq(custody_buf_str(&out), cases[i].want);
		custody_buf_release(&out);
	}
}

Test(format, refuses_to_write_what_could_not_be_read_again)
{
	static const struct {
		const struct custody_hash_format *format;
		const char *name, *want;
	} cases[] = {
		{ &custody_hash_hashdeep, "a\nb", "a hashdeep list cannot hold a name with a line feed or carriage return" },
		{ &custody_hash_hashdeep, "a\rb", "a hashdeep list cannot hold a name with a line feed or carriage return" },
		{ &custody_hash_bagit, " a", "a BagIt manifest cannot hold a name that begins with a space, a tab or '*'" },
		{ &custody_hash_bagit, "*", "a BagIt manifest cannot hold a name that begins with a space, a tab or '*'" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_buf out;
		struct custody_hash_record r = record_of(cases[i].name);
		custody_buf_init(&out, 4096);
		cr_expect_eq(cases[i].format->write_record(&out, BIT(MD5), &r, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_str_neq(err.hint, "");
		cr_expect_eq(out.len, 0);
		custody_buf_release(&out);
	}
}

Test(format, says_which_digests_a_list_can_hold)
{
	static const struct {
		const struct custody_hash_format *format;
		uint32_t digests;
		const char *want;
	} cases[] = {
		{ &custody_hash_sha256sum, BIT(SHA3_256), NULL },
		{ &custody_hash_sha256sum, BIT(MD5) | BIT(SHA1), "a list in the format sha256sum has one digest, not 2" },
		{ &custody_hash_bagit, BIT(SHA512), NULL },
		{ &custody_hash_bagit, BIT(MD5) | BIT(SHA1), "a list in the format bagit has one digest, not 2" },
		{ &custody_hash_hashdeep, BIT(MD5) | BIT(SHA1) | BIT(SHA256), NULL },
		{ &custody_hash_hashdeep, BIT(MD5) | BIT(SHA512), "a hashdeep list has md5, sha1 and sha256 only" },
		{ &custody_hash_bsd, UINT32_MAX, NULL },
		{ &custody_hash_jsonl, UINT32_MAX, NULL },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		cr_expect_eq(cases[i].format->check(cases[i].digests, &err), cases[i].want ? -1 : 0);
		cr_expect_str_eq(err.text, cases[i].want ? cases[i].want : "");
	}
}

/* Out of room at every byte: nothing is left half written. */
Test(format, writes_a_record_whole_or_not_at_all)
{
	for (size_t f = 0; custody_hash_formats[f]; f++)
		for (size_t room = 0;; room++) {
			struct custody_error err = CUSTODY_ERROR_INIT;
			struct custody_buf out;
			struct custody_hash_record r = record_of("a%\\b\xff");
			custody_buf_init(&out, room);
			int rc = custody_hash_formats[f]->write_record(&out, BIT(MD5), &r, &err);
			cr_expect(rc == 0 || (out.len == 0 && err.kind == CUSTODY_ERR_LIMIT));
			custody_buf_release(&out);
			if (rc == 0)
				break;
		}
}

Test(format, a_line_may_be_long_but_not_too_long)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_hash_reader r;
	struct custody_hash_record record;
	size_t n = CUSTODY_LIMIT_HASH_LINE + 1;
	uint8_t *p = malloc(n + 1);
	cr_assert_not_null(p);
	memset(p, 'a', n);
	p[n] = '\n';
	for (size_t extra = 0; extra < 2; extra++) {
		struct memlist l = { .p = p + 1 - extra, .n = n + extra };
		memset(p, 'a', 80);
		memcpy(p + 65 - extra, "  ", 2);
		cr_assert_eq(custody_hash_reader_init(&r, &custody_hash_sha256sum, "", ANY, memlist_read, &l, &err), 0);
		int rc = custody_hash_reader_next(&r, &record, &err);
		cr_expect_eq(rc, extra ? -1 : 1, "%s", err.text);
		if (extra)
			cr_expect_str_eq(err.text, "line 1: more than 2097152 bytes");
		custody_hash_reader_release(&r);
	}
	free(p);
}

/* Several times what is read at once, with lines of every length across the borders. */
Test(format, reads_lists_longer_than_its_memory)
{
	enum { N = 4000 };
	static const size_t steps[] = { 0, 1000, 65521 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf text;
	custody_buf_init(&text, 1 << 20);
	for (int i = 0; i < N; i++)
		cr_assert_eq(custody_buf_printf(&text, &err, "%s  %0*d\n", i % 2 ? S2 : M, 1 + i % 97, i), 0);
	for (size_t s = 0; s < 3; s++) {
		struct custody_hash_reader r;
		struct custody_hash_record record;
		struct memlist l = { .p = text.data, .n = text.len, .step = steps[s] };
		char want[128];
		int n = 0;
		cr_assert_eq(custody_hash_reader_init(&r, NULL, "", ANY, memlist_read, &l, &err), 0);
		while (custody_hash_reader_next(&r, &record, &err) == 1) {
			snprintf(want, sizeof(want), "%0*d", 1 + n % 97, n);
			cr_assert(custody_bytes_is(record.path, want), "line %d", n + 1);
			cr_assert_eq(record.digests.mask, n % 2 ? BIT(SHA256) : BIT(MD5));
			n++;
		}
		cr_expect_eq(n, N, "%s", err.text);
		cr_expect_eq(r.line, N);
		custody_hash_reader_release(&r);
	}
	custody_buf_release(&text);
}

Test(format, tells_an_error_of_the_reading_as_it_is)
{
	static const char list[] = S2 "  a\n" S2 "  b\n";
	struct custody_hash_reader r;
	struct custody_hash_record record;
	for (size_t at = 1; at < sizeof(list); at++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct memlist l = { .p = (const uint8_t *)list, .n = sizeof(list) - 1, .step = 1, .fail_at = at };
		cr_expect_eq(custody_hash_reader_init(&r, NULL, "", ANY, memlist_read, &l, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_IO);
		cr_expect_str_eq(err.text, "cannot read the list");
	}
	/* And after the first records, too. */
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t *p = malloc(200000);
	cr_assert_not_null(p);
	for (size_t i = 0; i + 68 <= 200000; i += 68)
		memcpy(p + i, list, 68);
	struct memlist l = { .p = p, .n = 200000, .fail_at = 100000 };
	cr_assert_eq(custody_hash_reader_init(&r, NULL, "", ANY, memlist_read, &l, &err), 0);
	int rc;
	while ((rc = custody_hash_reader_next(&r, &record, &err)) == 1)
		continue;
	cr_expect_eq(rc, -1);
	cr_expect_str_eq(err.text, "cannot read the list");
	custody_hash_reader_release(&r);
	free(p);
}

Test(format, says_when_the_algorithm_was_a_guess)
{
	static const struct {
		const char *list;
		bool want;
	} cases[] = { { M "  a\n", false }, { S2 "  a\n", true }, { S5 "  a\n", true }, { S1 "  a\n", false } };
	for (size_t i = 0; i < 4; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_hash_reader r;
		struct custody_hash_record record;
		struct memlist l = { .p = (const uint8_t *)cases[i].list, .n = strlen(cases[i].list) };
		cr_assert_eq(custody_hash_reader_init(&r, NULL, "", ANY, memlist_read, &l, &err), 0);
		cr_assert_eq(custody_hash_reader_next(&r, &record, &err), 1);
		cr_expect_eq(r.by_length, cases[i].want);
		custody_hash_reader_release(&r);
	}
}
