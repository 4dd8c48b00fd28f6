/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages of this program as PDF, by WeasyPrint (Debian's package of that name), which is not needed for anything else. It is another program: it gets one page of
 * ours on its standard input and has no network, no home, no variable of ours, a private folder for its temporaries, and limits on time, memory and output.
 */
#ifndef CUSTODY_CMD_PDF_H
#define CUSTODY_CMD_PDF_H

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"

/* WeasyPrint is there. INPUT with a hint if it is not, so that a command can say so before it begins; IO, NOMEM: it could not be looked for. */
int custody_pdf_check(struct custody_error *err) CUSTODY_MUST_USE;
/*
 * Appends to out the PDF of the HTML page. made: the time that it states as its own, for equal bytes from equal pages. A character that no installed font has would leave
 * no trace: it stands there as its escape, and a warning says how many. Errors: INPUT (there is no WeasyPrint, fc-list or font, or this kernel does not take the fence),
 * IO (it failed, took longer than two minutes, or wrote what is no PDF), NOMEM, INTERRUPTED.
 */
int custody_pdf_make(const struct custody_buf *html, struct custody_time made, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
