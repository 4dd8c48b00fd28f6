/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_zip_check, custody_zip_cursor_next, custody_zip_check_local, custody_zip_read_member, custody_zip_find; and the writer.
 * What the reader passes is a function of (name, content): written again from them it is the same file, byte for byte.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/source.h"
#include "libcustody/package/names.h"
#include "libcustody/package/zip.h"
#include "tests/fuzz/fuzz.h"

static const uint8_t key[16] = "sixteen bytes...";

/* A refusal has a rule and a text; a memory source cannot fail otherwise. */
static int refused(const struct custody_error *err)
{
	FUZZ_ASSERT(err->kind == CUSTODY_ERR_FORMAT || err->kind == CUSTODY_ERR_LIMIT);
	FUZZ_ASSERT(err->kind == CUSTODY_ERR_LIMIT || err->rule);
	FUZZ_ASSERT(err->text[0] != '\0');
	return 0;
}

/* Writes what the cursor gives. 1: to the end; 0: a member was refused. */
static int copy(const struct custody_zip *z, struct custody_zip_writer *w, struct custody_error *err)
{
	struct custody_zip_cursor *c CUSTODY_CLEANUP(custody_zip_cursor_free) = NULL;
	struct custody_zip_member m, found;
	struct custody_buf content CUSTODY_BUF_CLEAN = { 0 };
	custody_buf_init(&content, 1 << 20);
	FUZZ_ASSERT(custody_zip_cursor_new(&c, z, err) == 0);
	uint64_t n = 0;
	int r;
	while ((r = custody_zip_cursor_next(c, &m, err)) > 0) {
		FUZZ_ASSERT(m.index == n++);
		FUZZ_ASSERT(strlen(m.name) == m.name_len && !custody_name_member_problem((const uint8_t *)m.name, m.name_len));
		FUZZ_ASSERT(custody_zip_find(z, m.name, &found, err) == 1 && found.index == m.index);
		if (custody_zip_read_member(z, &m, 1 << 20, &content, err) != 0)
			return refused(err);
		FUZZ_ASSERT(custody_zip_writer_add(w, m.name, content.data, content.len, err) == 0);
	}
	FUZZ_ASSERT(r == 0 && n == z->members);
	return 1;
}

FUZZ_TARGET(zip)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	struct custody_zip z;
	custody_source_memory(&source, p, n);
	if (custody_zip_check(&z, &source, key, NULL, NULL, &err) != 0)
		return refused(&err);
	struct custody_zip_writer *w CUSTODY_CLEANUP(custody_zip_writer_free) = NULL;
	int fd CUSTODY_CLOSE = memfd_create("again", MFD_CLOEXEC);
	FUZZ_ASSERT(fd >= 0 && custody_zip_writer_new(&w, fd, AT_FDCWD, "again", &err) == 0);
	if (copy(&z, w, &err) == 0)
		return 0;
	uint64_t size = 0;
	FUZZ_ASSERT(custody_zip_writer_finish(w, &size, &err) == 0 && size == n);
	uint8_t *again CUSTODY_FREE = malloc(n);
	size_t got = 0;
	FUZZ_ASSERT(again && custody_fd_pread(fd, 0, again, n, &got, "again", &err) == 0 && got == n && memcmp(again, p, n) == 0);
	return 0;
}
