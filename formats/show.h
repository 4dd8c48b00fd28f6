/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What custody show says, for people and for programs: piece by piece, so that the list of items never lies in memory as a whole. Whatever the names in a package
 * are, the output is valid UTF-8 without a control or format character, but for the line feeds of the text.
 */
#ifndef CUSTODY_FORMATS_SHOW_H
#define CUSTODY_FORMATS_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/work/show.h"

/* A writer: each function appends its piece to out. Order: head, every document (n counts from 0), items, every item, tail (which asks for the problems). */
struct custody_show_writer {
	int (*head)(struct custody_buf *out, const char *path, const struct custody_show_facts *facts, struct custody_error *err);
	int (*document)(struct custody_buf *out, size_t n, const struct custody_show_document *d, struct custody_error *err);
	int (*items)(struct custody_buf *out, const struct custody_show_facts *facts, struct custody_error *err);
	int (*item)(struct custody_buf *out, const struct custody_show_facts *facts, const struct custody_item *item, struct custody_error *err);
	int (*tail)(struct custody_buf *out, const struct custody_show *s, struct custody_error *err);
};

extern const struct custody_show_writer custody_show_text;
/* One compact JSON object and LF, schema custody-show/1: see custody-show(1). */
extern const struct custody_show_writer custody_show_json;

#endif
