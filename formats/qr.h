/* SPDX-License-Identifier: Apache-2.0 */
/* Paper to file (ADM-93): the package number as a QR code and as a short check code, both by RFC 6920. */
#ifndef CUSTODY_FORMATS_QR_H
#define CUSTODY_FORMATS_QR_H

#include <stdint.h>

#include "formats/html.h"
#include "formats/words.h"

/* What the styles of pages with these need. */
#define CUSTODY_QR_STYLE                                                                                                     \
	".qr{float:right;width:13.6em;margin:0 0 .2em .9em;font:.68em/1.2 'DejaVu Sans',Arial,sans-serif;text-align:center}" \
	".qr svg{width:11em;height:11em;display:block;margin:-.7em auto -.5em}"                                              \
	".code{font-family:'DejaVu Sans Mono','Courier New',monospace;white-space:nowrap;string-set:code content()}"

/* Appends an element of class "qr" with the code "nih:sha-256;...", by libqrencode as one inline SVG path, and the short code below it, in the words of the language (NULL: English). */
void custody_qr_put(struct custody_html *p, const struct custody_words *words, const uint8_t sha256[32]);

#endif
