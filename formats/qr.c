/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <stddef.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/nih.h"

#define QUIET 4 /* modules of white around it: ISO/IEC 18004 */

static void free_code(QRcode **code)
{
	QRcode_free(*code);
}

/* One rectangle for each run of dark modules in a row. */
static void rows(struct custody_html *p, const QRcode *code)
{
	for (int y = 0; y < code->width; y++)
		for (int x = 0, n; x < code->width; x += n + 1) {
			const unsigned char *row = code->data + (ptrdiff_t)y * code->width;
			for (n = 0; x + n < code->width && (row[x + n] & 1); n++)
				;
			if (n > 0 && !p->failed)
				p->failed = custody_buf_printf(p->out, p->err, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, n, n) != 0;
		}
}

static void picture(struct custody_html *p, const struct custody_words *words, const char *text)
{
	errno = 0;
	CUSTODY_CLEANUP(free_code) QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	if (!code) {
		p->failed = true;
		(void)(errno == ENOMEM ? custody_fail_nomem(p->err) : custody_fail(p->err, CUSTODY_ERR_INTERNAL, "no QR code of the package number"));
		return;
	}
	const int side = code->width + 2 * QUIET;
	custody_html_put(p, "<svg role=\"img\" aria-label=\"");
	custody_html_text(p, custody_words_get(words, N_("QR code of the package number")));
	custody_html_put(p, "\" shape-rendering=\"crispEdges\" viewBox=\"");
	if (!p->failed)
		p->failed = custody_buf_printf(p->out, p->err, "0 0 %d %d\"><path fill=\"#000\" d=\"", side, side) != 0;
	rows(p, code);
	custody_html_put(p, "\"/></svg>");
}

void custody_qr_put(struct custody_html *p, const struct custody_words *words, const uint8_t sha256[32])
{
	char text[CUSTODY_NIH_TEXT], brief[CUSTODY_NIH_SHORT];
	if (p->failed)
		return;
	custody_html_put(p, "<div class=\"qr\">");
	picture(p, words, custody_nih_format(sha256, text));
	custody_html_text(p, custody_words_get(words, N_("Check code")));
	custody_html_put(p, custody_words_right_to_left(words) ? "<br><span class=\"code\" dir=\"ltr\">" : "<br><span class=\"code\">");
	custody_html_text(p, custody_nih_short(sha256, brief));
	custody_html_put(p, "</span></div>\n");
}
