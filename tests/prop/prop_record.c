/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No single-bit flip of a custody record of three events is ever accepted (ADM-50): of the file as it lies there, and of the content of each member with the
 * container made right again around it, so that nothing but digests and signatures stands in the way.
 *
 *   prop_record     every bit of the file, and every 7th of the members made right again; under sanitizers few of either
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/source.h"
#include "libcustody/package/zip.h"
#include "libcustody/work/record.h"
#include "tests/support/judge.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STEP 997
#define STEP_MEMBERS 9973
#else
#define STEP 1
#define STEP_MEMBERS 7 /* those of the last signature take ten signatures each; 7 has no factor with 8: every place of a bit in a byte comes */
#endif

static struct custody_trust trust;
static unsigned long tried, accepted;

static bool reads(const struct custody_source *source)
{
	static const uint8_t key[16];
	CUSTODY_CLEANUP(custody_record_release) struct custody_record record;
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_record_init(&record);
	return custody_record_read(source, key, &record, &err) == 0;
}

static bool passes(const uint8_t *p, size_t n)
{
	CUSTODY_CLEANUP(custody_record_view_release) struct custody_record_view view = { .n = 0 };
	CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings = { .n = 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	const struct custody_time when = judge_time(JUDGED_AT);
	const struct custody_record_question question = { .trust = &trust, .evaluated_at = when, .now = when, .random = &judge_random };

	custody_source_memory(&source, p, n);
	if (!reads(&source)) /* then it is never accepted, and no signature is asked */
		return false;
	custody_findings_init(&findings);
	return custody_record_judge(&source, &question, &findings, &view, &err) == 0 && view.passed;
}

static void try(const uint8_t *p, size_t n, const char *where, size_t bit)
{
	tried++;
	if (!passes(p, n))
		return;
	accepted++;
	printf("accepted with bit %zu of %s the other way\n", bit, where);
}

static void flip_file(struct custody_buf *file)
{
	for (size_t bit = 0; bit < file->len * 8; bit += STEP) {
		file->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		try(file->data, file->len, "the file", bit);
		file->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* CRC-32 of a member, in its local header and in the directory. */
static void repair(struct custody_buf *file, const struct custody_zip *zip, const struct custody_zip_member *m)
{
	uint32_t crc = custody_crc32(0, file->data + m->data_offset, (size_t)m->size);
	size_t at = (size_t)zip->directory_offset;

	for (uint64_t i = 0; i < m->index; i++)
		at += 46u + custody_get_le16(file->data + at + 28) + custody_get_le16(file->data + at + 30);
	custody_put_le32(file->data + m->offset + 14, crc);
	custody_put_le32(file->data + at + 16, crc);
}

static void flip_members(struct custody_buf *file)
{
	CUSTODY_CLEANUP(custody_zip_cursor_free) struct custody_zip_cursor *cursor = NULL;
	CUSTODY_BUF_CLEAN struct custody_buf copy;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	struct custody_zip_member m;
	struct custody_zip zip;
	static const uint8_t key[16];

	custody_buf_init(&copy, file->len);
	custody_source_memory(&source, file->data, file->len);
	if (custody_buf_append(&copy, file->data, file->len, &err) || custody_zip_check(&zip, &source, key, NULL, NULL, &err) ||
		custody_zip_cursor_new(&cursor, &zip, &err)) {
		printf("%s\n", err.text);
		exit(1);
	}
	while (custody_zip_cursor_next(cursor, &m, &err) == 1) {
		uint8_t *content = copy.data + m.data_offset;

		for (size_t bit = 0; bit < m.size * 8; bit += STEP_MEMBERS) {
			content[bit / 8] ^= (uint8_t)(1u << bit % 8);
			repair(&copy, &zip, &m);
			try(copy.data, copy.len, m.name, bit);
			content[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		repair(&copy, &zip, &m);
	}
	if (copy.len != file->len || memcmp(copy.data, file->data, file->len) != 0) {
		printf("the record was not put right again\n");
		exit(1);
	}
}

int main(void)
{
	struct custody_buf file;

	judge_read("fixtures/record/three.record", &file);
	judge_trust("fixtures/record/trust", &trust);
	if (!passes(file.data, file.len)) {
		printf("the record itself is not accepted\n");
		return 1;
	}
	flip_file(&file);
	flip_members(&file);
	custody_buf_release(&file);
	custody_trust_release(&trust);
	printf("%lu bits, %lu accepted\n", tried, accepted);
	return accepted ? 1 : 0;
}
