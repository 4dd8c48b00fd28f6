/* SPDX-License-Identifier: Apache-2.0 */
/* seal.json: what is taken can be written, and is taken again with the same facts. */
#include <string.h>

#include "libcustody/package/sealfile.h"
#include "tests/fuzz/fuzz.h"

static int same_text(const char *a, const char *b)
{
	return !a || !b ? a == b : strcmp(a, b) == 0;
}

FUZZ_TARGET(sealfile)
{
	CUSTODY_CLEANUP(custody_sealfile_release) struct custody_sealfile a, b;
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_sealfile_init(&a);
	custody_sealfile_init(&b);
	custody_buf_init(&text, (size_t)8 << 20);
	if (custody_sealfile_parse(p, n, &a, &err)) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_LIMIT || (err.kind == CUSTODY_ERR_FORMAT && err.rule));
		return 0;
	}
	a.tree_size = a.items; /* whether they agree is another question than form */
	FUZZ_ASSERT(custody_sealfile_format(&text, &a, &err) == 0);
	FUZZ_ASSERT(custody_sealfile_parse(text.data, text.len, &b, &err) == 0);
	FUZZ_ASSERT(
		strcmp(a.uuid, b.uuid) == 0 && same_text(a.case_id, b.case_id) && same_text(a.exhibit, b.exhibit) && a.sealed.sec == b.sealed.sec);
	FUZZ_ASSERT(same_text(a.sealer_name, b.sealer_name) && same_text(a.sealer_organisation, b.sealer_organisation) &&
		    same_text(a.sealer_role, b.sealer_role));
	FUZZ_ASSERT(same_text(a.tool_name, b.tool_name) && same_text(a.tool_version, b.tool_version));
	FUZZ_ASSERT(
		a.items == b.items && a.bytes == b.bytes && a.exceptions == b.exceptions && a.digests == b.digests && a.requires_lt == b.requires_lt);
	FUZZ_ASSERT(a.n_authorities == b.n_authorities && memcmp(a.authorities, b.authorities, 32 * a.n_authorities) == 0);
	FUZZ_ASSERT(a.has_previous == b.has_previous && memcmp(a.previous, b.previous, 32) == 0 && memcmp(a.tree_root, b.tree_root, 32) == 0);
	return 0;
}
