/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/content/archive.h"

#include <archive.h>
#include <errno.h>
#include <iconv.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "formats/content/begins.h"
#include "formats/content/look.h"
#include "formats/content/look_stream.h"
#include "formats/content/look_zip.h"
#include "formats/content/zipdir.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

/* More members than the limit, by the directory alone. */
static int too_many(struct custody_look *k, const uint8_t *head, size_t n)
{
	char words[CUSTODY_INSPECT_WORDS];
	custody_display(k->err->text, strlen(k->err->text), words, sizeof(words));
	return custody_look_begin(k, CUSTODY_INSPECT_ZIP, CUSTODY_INSPECT_PLAIN, head, n) ? -1
											  : custody_look_finish(k, CUSTODY_INSPECT_TOO_MANY, words);
}

/*
 * By its first bytes, as programs that open it by a click do; by a directory at the very end only when the beginning is nothing that is looked into. Where both
 * are there, that is said.
 */
static int read_any(struct custody_look *k, const uint8_t *head, size_t n)
{
	CUSTODY_CLEANUP(custody_zipdir_release) struct custody_zipdir dir = { 0 };
	const bool zip = custody_begins_zip(head, n);
	int directory = custody_zipdir_read(&dir, k->source, k->options->max_members, !zip, k->err);
	if (directory < 0)
		return k->err->kind == CUSTODY_ERR_LIMIT ? too_many(k, head, n) : -1;
	const enum custody_inspect_filter filter = custody_begins_filter(head, n);
	int rc;
	if (zip || (directory && filter == CUSTODY_INSPECT_PLAIN && !custody_begins_7z(head, n) && !custody_begins_tar(head, n)))
		return custody_look_zip(k, directory ? &dir : NULL, head, n);
	if (custody_begins_7z(head, n))
		rc = custody_look_7z(k, head, n);
	else if (custody_begins_tar(head, n) || custody_begins_empty_tar(head, n, n == k->source->size && n < CUSTODY_LIMIT_INSPECT_HEAD))
		rc = custody_look_tar(k, head, n);
	else if (filter == CUSTODY_INSPECT_GZIP)
		rc = custody_look_gzip(k, head, n);
	else if (filter != CUSTODY_INSPECT_PLAIN)
		rc = custody_look_filtered(k, filter, head, n);
	else {
		rc = custody_look_begin(k, CUSTODY_INSPECT_NONE, CUSTODY_INSPECT_PLAIN, head, n);
		return rc ? rc : custody_look_finish(k, CUSTODY_INSPECT_NOT_ARCHIVE, NULL);
	}
	if (rc >= 0 && k->after > 0 && custody_look_note(k, CUSTODY_INSPECT_NOTE_DATA_AFTER, k->after))
		return -1;
	if (rc >= 0 && directory && custody_look_note(k, CUSTODY_INSPECT_NOTE_TWO_FORMATS, dir.start))
		return -1;
	return rc;
}

/* Every member was met: was every content read? */
static void conclude(struct custody_inspect_end *end)
{
	const uint64_t whole = end->by_state[CUSTODY_INSPECT_READ] + end->by_state[CUSTODY_INSPECT_NO_CONTENT];
	if (end->outcome == CUSTODY_INSPECT_COMPLETE && whole != end->members)
		end->outcome = end->by_state[CUSTODY_INSPECT_DAMAGED] > 0 ? CUSTODY_INSPECT_SPOILT : CUSTODY_INSPECT_PARTLY;
}

int custody_archive_inspect(const struct custody_source *s, const struct custody_archive_options *options, const struct custody_inspect_sink *sink,
	struct custody_inspect_end *end, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_look_release)
	struct custody_look k = { .source = s, .options = options, .sink = sink, .end = end, .err = err };
	const size_t n = s->size < CUSTODY_LIMIT_INSPECT_HEAD ? (size_t)s->size : CUSTODY_LIMIT_INSPECT_HEAD;
	CUSTODY_FREE uint8_t *head = malloc(CUSTODY_LIMIT_INSPECT_HEAD);
	*end = (struct custody_inspect_end){ 0 };
	custody_set_init(&k.names, options->key);
	custody_buf_init(&k.name, CUSTODY_LIMIT_INSPECT_NAME);
	custody_buf_init(&k.other, CUSTODY_LIMIT_INSPECT_NAME);
	k.head = malloc(CUSTODY_LIMIT_INSPECT_HEAD);
	if (!k.head || !head)
		return custody_fail_nomem(err);
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++)
		if ((options->digests & CUSTODY_DIGEST_BIT(i)) && custody_digest_new(&k.digests[i], (enum custody_digest_id)i, err))
			return -1;
	if (custody_source_read(s, 0, head, n, err) || read_any(&k, head, n) < 0)
		return -1;
	conclude(end);
	return 0;
}

/* A digest that was fetched once is found again without its provider being asked. */
static int prepare_digests(struct custody_error *err)
{
	for (int i = 0; i < CUSTODY_DIGEST_COUNT; i++) {
		struct custody_digest d = { 0 };
		if (custody_digest_new(&d, (enum custody_digest_id)i, err))
			return -1;
		custody_digest_release(&d);
	}
	return 0;
}

int custody_archive_prepare(struct custody_error *err)
{
	/* Names of 7z and of ZIP with the UTF-8 flag are converted to the locale's characters; uselocale() is this thread's alone. */
	static const char *const locales[] = { "C.UTF-8", "C.utf8" };
	/* Both for the life of the process. While a conversion is open, glibc does not look for its module again. */
	static locale_t l;
	static iconv_t names = (iconv_t)-1;
	for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]) && !l; i++)
		l = newlocale(LC_CTYPE_MASK, locales[i], (locale_t)0);
	if (!l || !uselocale(l))
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "there is no locale C.UTF-8");
	if (names == (iconv_t)-1)
		names = iconv_open("UTF-8", "UTF-16LE");
	if (names == (iconv_t)-1)
		return custody_fail_errno(err, errno, "cannot convert from UTF-16LE");
	return prepare_digests(err);
}

void custody_archive_version(char out[32])
{
	const char *v = archive_version_string();
	const size_t n = strlen(v) < 31 ? strlen(v) : 31;
	memcpy(out, v, n);
	out[n] = '\0';
}
