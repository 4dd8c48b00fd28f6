/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_make small|large FILE: a container by the product's writer, for other readers to read. Prints "CRC SIZE NAME" of every member.
 * large: a sparse member of 5 GiB with members behind it, so that sizes, offsets and the directory lie beyond 4 GiB.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/error.h"
#include "libcustody/package/zip.h"

static struct custody_error err = CUSTODY_ERROR_INIT;

static void must(int r)
{
	if (r == 0)
		return;
	fprintf(stderr, "zip_make: %s\n", err.text);
	exit(1);
}

static void add(struct custody_zip_writer *w, const char *name, const void *p, size_t n)
{
	must(custody_zip_writer_add(w, name, p, n, &err));
	printf("%08" PRIx32 " %zu %s\n", custody_crc32(0, p, n), n, name);
}

static void add_sparse(struct custody_zip_writer *w, const char *name, uint64_t size)
{
	size_t block = 16 << 20;
	uint8_t *p = calloc(1, block);
	if (!p)
		exit(1);
	uint32_t total = 0;
	must(custody_zip_writer_begin(w, name, size, &err));
	for (uint64_t left = size; left > 0;) {
		size_t n = left < block ? (size_t)left : block;
		p[n - 1] = left == n ? 'x' : 0; /* the last byte is none of a hole */
		uint32_t crc = custody_crc32(0, p, n);
		must(custody_zip_writer_write_crc(w, p, n, crc, &err));
		total = left == size ? crc : custody_crc32_combine(total, crc, n);
		left -= n;
	}
	must(custody_zip_writer_end(w, &err));
	printf("%08" PRIx32 " %" PRIu64 " %s\n", total, size, name);
	free(p);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 64;
	int fd = open(argv[2], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	struct custody_zip_writer *w = NULL;
	if (fd < 0) {
		perror(argv[2]);
		return 66;
	}
	must(custody_zip_writer_new(&w, fd, AT_FDCWD, argv[2], &err));
	add(w, "mimetype", CUSTODY_MIMETYPE, strlen(CUSTODY_MIMETYPE));
	add(w, "data/a.txt", "hello\n", 6);
	if (strcmp(argv[1], "large") == 0)
		add_sparse(w, "data/disk.raw", UINT64_C(5) << 30);
	add(w, "data/empty", "", 0);
	add(w, "data/caf\303\251/\346\227\245\346\234\254.txt", "utf-8", 5);
	add(w, "META-INF/manifest.xml", "<x/>", 4);
	uint64_t size = 0;
	must(custody_zip_writer_finish(w, &size, &err));
	custody_zip_writer_free(&w);
	return close(fd) == 0 ? 0 : 74;
}
