/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of HTML under way: one file, no script, nothing from elsewhere. No byte reaches it but through put (markup of ours), text (anything made for showing), and begin.
 * After a failure nothing more is appended; the caller looks at `failed` once, at the end.
 */
#ifndef CUSTODY_FORMATS_HTML_H
#define CUSTODY_FORMATS_HTML_H

#include <stdbool.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"

struct custody_html {
	struct custody_buf *out;
	struct custody_error *err;
	bool failed;
};

/* Head of the file to <main>: language ("en") and whether it is written from right to left, title, and a policy that forbids everything but this style sheet, by its digest. */
void custody_html_begin(struct custody_html *p, const char *language, bool right_to_left, const char *title, const char *style);
void custody_html_end(struct custody_html *p);
/* Markup, as it is. */
void custody_html_put(struct custody_html *p, const char *markup);
/* Text, with the five characters of HTML escaped. Foreign bytes have gone through custody_display() or custody_report_append_shown() before. */
void custody_html_text(struct custody_html *p, const char *text);

#endif
