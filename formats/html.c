/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/html.h"

#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/crypto/digest.h"

void custody_html_put(struct custody_html *p, const char *markup)
{
	if (!p->failed)
		p->failed = custody_buf_append_str(p->out, markup, p->err) != 0;
}

void custody_html_text(struct custody_html *p, const char *text)
{
	for (; *text && !p->failed; text++) {
		switch (*text) {
		case '&':
			custody_html_put(p, "&amp;");
			break;
		case '<':
			custody_html_put(p, "&lt;");
			break;
		case '>':
			custody_html_put(p, "&gt;");
			break;
		case '"':
			custody_html_put(p, "&quot;");
			break;
		case '\'':
			custody_html_put(p, "&#39;");
			break;
		default:
			p->failed = custody_buf_append_byte(p->out, (uint8_t)*text, p->err) != 0;
		}
	}
}

void custody_html_begin(struct custody_html *p, const char *language, bool right_to_left, const char *title, const char *style)
{
	uint8_t digest[32];
	if (!p->failed)
		p->failed = custody_digest_once(CUSTODY_SHA256, style, strlen(style), digest, p->err) != 0;
	custody_html_put(p, "<!DOCTYPE html>\n<html lang=\"");
	custody_html_text(p, language);
	custody_html_put(p, right_to_left ? "\" dir=\"rtl" : "");
	custody_html_put(p, "\">\n<head>\n<meta charset=\"utf-8\">\n"
			    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
	if (!p->failed)
		p->failed = custody_base64_append(p->out, digest, sizeof(digest), p->err) != 0;
	custody_html_put(p, "'; base-uri 'none'; form-action 'none'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
			    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	custody_html_text(p, title);
	custody_html_put(p, "</title>\n<style>");
	custody_html_put(p, style);
	custody_html_put(p, "</style>\n</head>\n<body>\n<main>\n");
}

void custody_html_end(struct custody_html *p)
{
	custody_html_put(p, "</main>\n</body>\n</html>\n");
}
