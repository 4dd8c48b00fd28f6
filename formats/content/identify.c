/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/content/identify.h"

#include <magic.h>
#include <stdio.h>
#include <stdlib.h>

#include "libcustody/base/limits.h"

/*
 * Off: decompression (it forks) and the walk through an ELF's sections (a history of overflows, and the type is known without). Errors are errors, not a type.
 */
#define FLAGS (MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF)

struct custody_identifier {
	magic_t magic;
};

void custody_identifier_version(char out[32])
{
	int v = magic_version();

	snprintf(out, 32, "libmagic %d.%02d", v / 100, v % 100);
}

/*
 * Lower than libmagic's own. Regular expressions cost a third of its time at 8192 bytes; with 2048, one file in a thousand under /usr/share is plain text and no script
 * any more (tests/interop/types.sh counts them).
 */
static int lower_limits(magic_t m)
{
	static const struct {
		int what;
		size_t value;
	} table[] = {
		{ MAGIC_PARAM_INDIR_MAX, 10 },
		{ MAGIC_PARAM_REGEX_MAX, 2048 },
		{ MAGIC_PARAM_BYTES_MAX, CUSTODY_LIMIT_BLOCK },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (magic_setparam(m, table[i].what, &table[i].value))
			return -1;
	return 0;
}

int custody_identifier_new(struct custody_identifier **out, const void *database, size_t n, struct custody_error *err)
{
	CUSTODY_IDENTIFIER_CLEAN struct custody_identifier *i = calloc(1, sizeof(*i));
	void *bases[1] = { (void *)(uintptr_t)database }; /* not written to: it has this machine's byte order, or is refused */
	size_t sizes[1] = { n };

	if (!i)
		return custody_fail_nomem(err);
	i->magic = magic_open(FLAGS);
	if (!i->magic)
		return custody_fail_nomem(err);
	if (n < 64 || magic_load_buffers(i->magic, bases, sizes, 1) || lower_limits(i->magic))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found a file of %zu bytes, want a database that this libmagic has compiled", n);
	*out = custody_steal(&i);
	return 0;
}

void custody_identifier_free(struct custody_identifier **p)
{
	struct custody_identifier *i = *p;

	*p = NULL;
	if (!i)
		return;
	if (i->magic)
		magic_close(i->magic);
	free(i);
}

int custody_identify(struct custody_identifier *i, const uint8_t *p, size_t n, const char **mime, struct custody_error *err)
{
	const char *said;

	if (n > CUSTODY_LIMIT_BLOCK)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "found %zu bytes to identify, want at most %zu", n, CUSTODY_LIMIT_BLOCK);
	said = magic_buffer(i->magic, n > 0 ? (const void *)p : "", n);
	if (!said)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "libmagic cannot say");
	*mime = said;
	return 0;
}
