/* SPDX-License-Identifier: Apache-2.0 */
/* Reading exports back: well-formed, harmless, and the name of an item is in them to the byte. */
#ifndef CUSTODY_TESTS_EXPORTED_H
#define CUSTODY_TESTS_EXPORTED_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/export.h"

/* A report of a package that verified, with claims that try to break out; release it. Judged at a fixed moment. */
void exported_report(struct custody_report *r);
/* The report has a custody record of two events: one of a signer who is trusted, one of nobody known. Their texts try to break out. */
void exported_record(struct custody_report *r);
/* The document around these items: head, items, tail. -1 with err. */
int exported_write(struct custody_export *x, const struct custody_export_format *format, const struct custody_item *items, size_t n,
	struct custody_buf *out, struct custody_error *err);
/* NULL, or what is wrong with a document around that one item (NULL: none). */
const char *exported_wrong(const struct custody_export_format *format, const struct custody_item *item, const struct custody_buf *document);

#endif
