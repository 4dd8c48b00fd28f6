/* SPDX-License-Identifier: Apache-2.0 */
/* custody show over bytes in memory, as the command does it. */
#ifndef CUSTODY_TESTS_SHOWALL_H
#define CUSTODY_TESTS_SHOWALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/show.h"

/* Everything the writer says goes to out; the number of problems, or -1 with err. */
int show_all(const struct custody_show_writer *w, const uint8_t *p, size_t n, const char *path, struct custody_buf *out, struct custody_error *err);
/* The same over any source. */
int show_all_of(const struct custody_show_writer *w, const struct custody_source *source, const char *path, struct custody_buf *out,
	struct custody_error *err);
/* Valid UTF-8 without a character that a terminal would act on, but for line feeds if `lines`. */
bool show_is_safe(const struct custody_buf *text, bool lines);

#endif
