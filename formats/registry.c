/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "formats/format.h"
#include "libcustody/base/utf8.h"

/* A more particular one before a more general one: what a probe takes, no later one sees. */
const struct custody_hash_format *const custody_hash_formats[] = {
	&custody_hash_hashdeep,
	&custody_hash_jsonl,
	&custody_hash_bsd,
	&custody_hash_bagit,
	&custody_hash_sha256sum,
	NULL,
};

int custody_hash_format_find(const char *name, const struct custody_hash_format **out, struct custody_error *err)
{
	char known[256] = "", shown[64];
	size_t at = 0;
	for (size_t i = 0; custody_hash_formats[i]; i++) {
		if (strcmp(custody_hash_formats[i]->name, name) == 0) {
			*out = custody_hash_formats[i];
			return 0;
		}
		if (at < sizeof(known))
			at += (size_t)snprintf(known + at, sizeof(known) - at, "%s%s", i ? " " : "", custody_hash_formats[i]->name);
	}
	return custody_fail(
		err, CUSTODY_ERR_USAGE, "'%s' is no list format, want one of: %s", custody_display(name, strlen(name), shown, sizeof(shown)), known);
}

const struct custody_hash_format *custody_hash_format_detect(const char *list_name, const uint8_t *p, size_t n)
{
	for (size_t i = 0; custody_hash_formats[i]; i++)
		if (custody_hash_formats[i]->probe(list_name, p, n))
			return custody_hash_formats[i];
	return NULL;
}
