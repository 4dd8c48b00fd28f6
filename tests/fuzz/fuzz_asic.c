/* SPDX-License-Identifier: Apache-2.0 */
/* ASiCManifest: whatever is taken names distinct members by the reader's rules, and comes out the same when it is written in the exact form and read again. */
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/package/asic.h"
#include "libcustody/package/names.h"
#include "libcustody/crypto/digest.h"
#include "tests/fuzz/fuzz.h"

#define SIGNATURE "META-INF/signature001.p7s"

FUZZ_TARGET(asic)
{
	static const uint8_t key[16] = { 7 };
	CUSTODY_CLEANUP(custody_asic_reader_free) struct custody_asic_reader *reader = NULL;
	CUSTODY_CLEANUP(custody_asic_reader_free) struct custody_asic_reader *again = NULL;
	CUSTODY_BUF_CLEAN struct custody_buf exact = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_asic_reference ref;
	struct custody_digest_values digests;
	struct custody_source source;
	uint64_t references = 0;
	uint8_t sha256[32];
	int r;

	custody_buf_init(&exact, (size_t)1 << 26);
	custody_source_memory(&source, p, n);
	FUZZ_ASSERT(custody_asic_reader_new(&reader, &source, 0, n, SIGNATURE, key, CUSTODY_DIGESTS_SIGNED, &err) == 0);
	FUZZ_ASSERT(custody_asic_append_head(&exact, SIGNATURE, &err) == 0);
	while ((r = custody_asic_reader_next(reader, &ref, &err)) == 1) {
		FUZZ_ASSERT(strlen(ref.member) == ref.member_len);
		FUZZ_ASSERT(!custody_name_member_problem((const uint8_t *)ref.member, ref.member_len));
		FUZZ_ASSERT(ref.rootfile == (strcmp(ref.member, "custody/seal.json") == 0));
		FUZZ_ASSERT(custody_asic_append_reference(&exact, ref.member, ref.sha256, &err) == 0);
		references++;
	}
	if (r < 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && err.rule));
		return 0;
	}
	FUZZ_ASSERT(references > 0);
	custody_asic_reader_digests(reader, &digests);
	FUZZ_ASSERT(custody_digest_once(CUSTODY_SHA256, p, n, sha256, &err) == 0 && memcmp(sha256, digests.value[CUSTODY_SHA256], 32) == 0);
	FUZZ_ASSERT(!memmem(p, n, "<!", 2));

	FUZZ_ASSERT(custody_asic_append_tail(&exact, &err) == 0);
	custody_source_memory(&source, exact.data, exact.len);
	FUZZ_ASSERT(custody_asic_reader_new(&again, &source, 0, exact.len, SIGNATURE, key, CUSTODY_DIGESTS_SIGNED, &err) == 0);
	while ((r = custody_asic_reader_next(again, &ref, &err)) == 1)
		references--;
	FUZZ_ASSERT(r == 0 && references == 0);
	return 0;
}
