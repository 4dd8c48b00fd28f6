/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/memlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/limits.h"

int memlist_read(void *ctx, uint8_t *p, size_t n, size_t *got, struct custody_error *err)
{
	struct memlist *l = ctx;
	if (l->fail_at && l->at >= l->fail_at)
		return custody_fail(err, CUSTODY_ERR_IO, "cannot read the list");
	size_t now = l->n - l->at;
	if (now > n)
		now = n;
	if (l->step && now > l->step)
		now = l->step;
	if (now)
		memcpy(p, l->p + l->at, now);
	l->at += now;
	*got = now;
	return 0;
}

static void require(int truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "list: not true: %s\n", what);
	abort();
}

static void read_back(const struct custody_hash_format *format, const struct custody_hash_record *want)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf text;
	struct custody_hash_reader r;
	struct custody_hash_record got;
	uint32_t digests = want->digests.mask;
	if (format->check(digests, &err))
		return;
	custody_buf_init(&text, 4 * CUSTODY_LIMIT_HASH_LINE);
	if ((format->write_head && format->write_head(&text, digests, &err)) || format->write_record(&text, digests, want, &err)) {
		require(err.kind == CUSTODY_ERR_INPUT, "a record that was read can be written, or its name cannot be said");
		custody_buf_release(&text);
		return;
	}
	struct memlist l = { .p = text.data, .n = text.len };
	require(custody_hash_reader_init(&r, format, "", CUSTODY_DIGEST_COUNT, memlist_read, &l, &err) == 0, "what was written begins well");
	uint32_t seen = 0;
	while (custody_hash_reader_next(&r, &got, &err) == 1) {
		require(custody_bytes_equal(got.path, want->path), "the same name");
		require(!got.has_size || (want->has_size && got.size == want->size), "the same size");
		for (unsigned id = 0; id < CUSTODY_DIGEST_COUNT; id++)
			if (got.digests.mask & CUSTODY_DIGEST_BIT(id))
				require(memcmp(got.digests.value[id], want->digests.value[id],
						custody_digest_get((enum custody_digest_id)id)->size) == 0,
					"the same digest");
		seen |= got.digests.mask;
	}
	require(err.kind == CUSTODY_ERR_NONE, "what was written can be read");
	require(seen == digests, "all digests");
	custody_hash_reader_release(&r);
	custody_buf_release(&text);
}

int memlist_fuzz(const struct custody_hash_format *format, const uint8_t *p, size_t n)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_hash_reader r;
	struct custody_hash_record record;
	struct memlist l = { .p = p, .n = n };
	if (custody_hash_reader_init(&r, format, "", CUSTODY_DIGEST_COUNT, memlist_read, &l, &err)) {
		require(err.text[0] != '\0', "an error has a text");
		return 0;
	}
	int rc;
	while ((rc = custody_hash_reader_next(&r, &record, &err)) == 1) {
		require(record.path.n > 0 && !memchr(record.path.p, 0, record.path.n), "a name");
		require(record.digests.mask != 0, "a digest");
		read_back(format, &record);
	}
	require((rc < 0) == (err.text[0] != '\0'), "an error has a text");
	custody_hash_reader_release(&r);
	return 0;
}
