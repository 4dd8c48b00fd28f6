/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/worker/protocol.h"
#include "formats/content/identify.h"
#include "libcustody/base/limits.h"

static const void *database(size_t *n)
{
	struct stat st;
	int fd = open("/usr/lib/file/magic.mgc", O_RDONLY | O_CLOEXEC);

	cr_assert(fd >= 0 && fstat(fd, &st) == 0);
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	cr_assert(p != MAP_FAILED);
	close(fd);
	*n = (size_t)st.st_size;
	return p;
}

Test(identify, content_has_the_type_that_its_first_bytes_say)
{
	static const struct {
		const char *content;
		size_t n;
		const char *mime;
	} table[] = {
		{ "", 0, "application/x-empty" },
		{ "hello, world\n", 13, "text/plain" },
		{ "%PDF-1.4\n%\n", 11, "application/pdf" },
		{ "{\"a\": [1, 2]}\n", 14, "application/json" },
		{ "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, "application/zip" },
		{ "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\76\0\1\0\0\0", 24, "application/x-executable" },
		{ "#!/bin/sh\nexit\n", 15, "text/x-shellscript" },
		{ "\1\2\3\4\5\6\7\10", 8, "application/octet-stream" },
	};
	CUSTODY_IDENTIFIER_CLEAN struct custody_identifier *i = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t n;
	const void *base = database(&n);

	cr_assert_eq(custody_identifier_new(&i, base, n, &err), 0, "%s", err.text);
	for (size_t k = 0; k < sizeof(table) / sizeof(*table); k++) {
		const char *mime = "?";

		cr_assert_eq(custody_identify(i, (const uint8_t *)table[k].content, table[k].n, &mime, &err), 0, "%s", err.text);
		cr_expect_str_eq(mime, table[k].mime);
		cr_expect(custody_worker_mime_ok((const uint8_t *)mime, strlen(mime)));
	}
}

Test(identify, a_block_is_looked_at_and_one_byte_more_is_refused)
{
	CUSTODY_IDENTIFIER_CLEAN struct custody_identifier *i = NULL;
	CUSTODY_FREE uint8_t *p = calloc(1, CUSTODY_LIMIT_BLOCK + 1);
	struct custody_error err = CUSTODY_ERROR_INIT;
	const char *mime;
	size_t n;
	const void *base = database(&n);

	cr_assert(p && custody_identifier_new(&i, base, n, &err) == 0);
	cr_expect_eq(custody_identify(i, p, CUSTODY_LIMIT_BLOCK, &mime, &err), 0);
	cr_expect_eq(custody_identify(i, p, CUSTODY_LIMIT_BLOCK + 1, &mime, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_str_eq(err.text, "found 1048577 bytes to identify, want at most 1048576");
}

Test(identify, what_is_not_a_database_is_refused)
{
	static uint8_t junk[4096];
	struct custody_identifier *i = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;

	for (size_t n = 0; n <= sizeof(junk); n += 1024) {
		cr_expect_eq(custody_identifier_new(&i, junk, n, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
		cr_expect_null(i);
	}
	cr_expect_str_eq(err.text, "found a file of 4096 bytes, want a database that this libmagic has compiled");
}

Test(identify, the_version_is_that_of_the_library)
{
	char version[32];

	custody_identifier_version(version);
	cr_expect_eq(strncmp(version, "libmagic 5.", 11), 0);
}

/* ---- what a worker may say (cmd/worker/protocol.h) ---- */

static bool taken(uint16_t kind, uint16_t flags, uint64_t job, const char *payload, size_t n, uint32_t length)
{
	uint8_t message[512];
	struct custody_worker_head head = { length ? length : (uint32_t)(sizeof(head) + n), kind, flags, job };
	struct custody_worker_frame f;

	memcpy(message, &head, sizeof(head));
	memcpy(message + sizeof(head), payload, n);
	return custody_worker_frame_parse(message, sizeof(head) + n, &f) && f.n == n && f.head.job == job;
}

#define TAKEN(kind, flags, text) taken(CUSTODY_WORKER_##kind, flags, 7, text, sizeof(text) - 1, 0)

Test(worker_protocol, a_type_is_a_media_type_and_nothing_else)
{
	static const struct {
		const char *text;
		bool ok;
	} table[] = {
		{ "text/plain", true },
		{ "application/vnd.oasis.opendocument.text", true },
		{ "image/svg+xml", true },
		{ "a/b", true },
		{ "application/x-7z-compressed", true },
		{ "x-epoc/x-sisx-app", true },
		{ "", false },
		{ "text", false },
		{ "/plain", false },
		{ "text/", false },
		{ "text/plain/x", false },
		{ "text//plain", false },
		{ "text/plain; charset=x", false },
		{ "text/pl ain", false },
		{ "text/\033[31m", false },
		{ "text/\"", false },
		{ "text/\\", false },
		{ "text/<b>", false },
		{ "te\xc3\xa4t/plain", false },
		{ "text/.x", false },
		{ "-text/x", false },
		{ "text/plain\n", false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		cr_expect_eq(taken(CUSTODY_WORKER_TYPE, 1, 7, table[i].text, strlen(table[i].text), 0), table[i].ok, "%s", table[i].text);
}

Test(worker_protocol, a_type_is_at_most_127_characters)
{
	char text[140];

	memset(text, 'a', sizeof(text));
	text[3] = '/';
	cr_expect(taken(CUSTODY_WORKER_TYPE, 1, 7, text, CUSTODY_WORKER_MIME_MAX, 0));
	cr_expect_not(taken(CUSTODY_WORKER_TYPE, 1, 7, text, CUSTODY_WORKER_MIME_MAX + 1, 0));
	memset(text, 'a', sizeof(text));
	cr_expect(taken(CUSTODY_WORKER_FAILED, 1, 7, text, sizeof(text), 0));
}

Test(worker_protocol, a_frame_has_its_length_its_kind_and_its_flags)
{
	struct custody_worker_frame f;
	uint8_t none[16] = { 0 };

	cr_expect(TAKEN(TYPE, 1, "a/b"));
	cr_expect_not(TAKEN(TYPE, 0, "a/b"));
	cr_expect_not(TAKEN(TYPE, 3, "a/b"));
	cr_expect_not(TAKEN(IDENTIFY, 0, ""));
	cr_expect_not(taken(0, 1, 7, "a/b", 3, 0));
	cr_expect_not(taken(65535, 1, 7, "a/b", 3, 0));
	cr_expect_not(taken(CUSTODY_WORKER_TYPE, 1, 7, "a/b", 3, 18));
	cr_expect_not(taken(CUSTODY_WORKER_TYPE, 1, 7, "a/b", 3, 20));
	cr_expect_not(taken(CUSTODY_WORKER_TYPE, 1, 7, "a/b", 3, UINT32_MAX));
	for (size_t n = 0; n <= sizeof(none); n++)
		cr_expect_not(custody_worker_frame_parse(none, n, &f));
}

Test(worker_protocol, a_hello_names_a_version_and_a_library)
{
	struct custody_worker_hello h = { .version = "1", .by = "libmagic 5.44" }, bad;

	cr_expect(taken(CUSTODY_WORKER_HELLO, 1, 0, (const char *)&h, sizeof(h), 0));
	cr_expect_not(taken(CUSTODY_WORKER_HELLO, 1, 1, (const char *)&h, sizeof(h), 0));
	cr_expect_not(taken(CUSTODY_WORKER_HELLO, 0, 0, (const char *)&h, sizeof(h), 0));
	cr_expect_not(taken(CUSTODY_WORKER_HELLO, 1, 0, (const char *)&h, sizeof(h) - 1, 0));
	bad = h;
	memset(bad.version, 'x', sizeof(bad.version));
	cr_expect_not(taken(CUSTODY_WORKER_HELLO, 1, 0, (const char *)&bad, sizeof(bad), 0));
	bad = h;
	memset(bad.by, 'x', sizeof(bad.by));
	cr_expect_not(taken(CUSTODY_WORKER_HELLO, 1, 0, (const char *)&bad, sizeof(bad), 0));
	bad = h;
	bad.by[3] = '\n';
	cr_expect_not(taken(CUSTODY_WORKER_HELLO, 1, 0, (const char *)&bad, sizeof(bad), 0));
	bad = h;
	bad.by[0] = 0;
	cr_expect_not(taken(CUSTODY_WORKER_HELLO, 1, 0, (const char *)&bad, sizeof(bad), 0));
	bad = h;
	bad.reserved = 1;
	cr_expect_not(taken(CUSTODY_WORKER_HELLO, 1, 0, (const char *)&bad, sizeof(bad), 0));
}
