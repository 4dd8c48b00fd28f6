/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a report in HTML, which report_html.c puts together. A failure is kept in the page. */
#ifndef CUSTODY_FORMATS_REPORT_HTML_H
#define CUSTODY_FORMATS_REPORT_HTML_H

#include "formats/report.h"
#include "formats/report_page.h"

/* Page one: all that there is of a report on what was not judged. */
void custody_report_html_front(struct custody_page *p, const struct custody_report *r, const struct custody_report_context *context);
/* Page two and the annex, each a section; of what was judged only. */
void custody_report_html_annex(struct custody_page *p, const struct custody_report *r, const struct custody_report_context *context);

#endif
