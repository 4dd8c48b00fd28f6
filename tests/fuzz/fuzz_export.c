/* SPDX-License-Identifier: Apache-2.0 */
/* Exports of a line of an inventory: whatever is taken as a line is written well-formed and harmless in every format, and its name can be read back. */
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/package/manifest.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/exported.h"

FUZZ_TARGET(export)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	CUSTODY_BUF_CLEAN struct custody_buf arena = { 0 };
	const struct custody_report_context context = { "custody 0.1.0", NULL, 0, false, NULL };
	struct custody_export x = { .report = &report, .context = &context, .name = "p.asice" };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item item;

	exported_report(&report);
	custody_buf_init(&arena, CUSTODY_LIMIT_ITEM_ARENA);
	if (custody_item_parse(p, n, &arena, &item, &err))
		return 0;
	for (size_t i = 0; custody_export_formats[i]; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };

		custody_buf_init(&out, SIZE_MAX);
		FUZZ_ASSERT(exported_write(&x, custody_export_formats[i], &item, 1, &out, &err) == 0);
		FUZZ_ASSERT(exported_wrong(custody_export_formats[i], &item, &out) == NULL);
	}
	return 0;
}
