/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/stored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/bytes.h"

const char *const stored_packages[] = { "b-t-p256", "documents-p256", "empty-p256", "folders-only-p256", "independent-p256", "independent-p384",
	"independent-rsa3072", "independent-rsapss", "kinds-p256", "own-p256", "own-p384", "own-rsa3072", "own-rsapss", "precise-time-p256",
	"subca-p256", "two-authorities-p256", "selftest-0", NULL };

static uint8_t *slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");

	if (!f || fseek(f, 0, SEEK_END) != 0) {
		perror(path);
		abort();
	}
	long size = ftell(f);
	uint8_t *p = malloc((size_t)size + 1);
	rewind(f);
	if (!p || fread(p, 1, (size_t)size, f) != (size_t)size)
		abort();
	fclose(f);
	*n = (size_t)size;
	return p;
}

uint8_t *stored_member(const char *package, const char *name, size_t *n)
{
	char path[256];
	size_t size = 0;

	snprintf(path, sizeof(path), "fixtures/sealed/%s.asice", package);
	uint8_t *file = slurp(path, &size);
	for (size_t at = 0; at + 30 <= size && custody_get_le32(file + at) == 0x04034b50;) {
		size_t name_len = custody_get_le16(file + at + 26), extra = custody_get_le16(file + at + 28), data = custody_get_le32(file + at + 22);

		if (name_len == strlen(name) && memcmp(file + at + 30, name, name_len) == 0) {
			uint8_t *member = malloc(data + 1);
			if (!member)
				abort();
			memcpy(member, file + at + 30 + name_len + extra, data);
			member[data] = 0;
			*n = data;
			free(file);
			return member;
		}
		at += 30 + name_len + extra + data;
	}
	fprintf(stderr, "%s has no '%s'\n", path, name);
	abort();
}
