/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pdf.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cmd/fenced.h"
#include "cmd/glyphs.h"
#include "cmd/terminal.h"

#define CHARSETS_MAX ((size_t)64 << 20) /* bytes that fc-list may write: of hundreds of fonts it is some MiB */

static const char *find_program(const char *one, const char *other)
{
	return access(one, X_OK) == 0 ? one : access(other, X_OK) == 0 ? other : NULL;
}

static const char *find_weasyprint(void)
{
	return find_program("/usr/bin/weasyprint", "/usr/local/bin/weasyprint");
}

int custody_pdf_check(struct custody_error *err)
{
	if (find_weasyprint())
		return 0;
	custody_fail(err, CUSTODY_ERR_INPUT, "cannot make a PDF: there is no WeasyPrint (/usr/bin/weasyprint)");
	return custody_hint(err, "write FILE.html and print it from any browser, or install it (Debian: apt-get install weasyprint)");
}

/* By fontconfig's fc-list, fenced as WeasyPrint is, so that both see the same fonts. */
static int load_glyphs(struct custody_glyphs *g, struct custody_time made, struct custody_error *err)
{
	/* Fonts of dots (PCF, BDF) are listed too, and WeasyPrint does not draw with them. */
	char name[] = "fc-list", format[] = "--format=%{charset}\n", drawn[] = ":scalable=true";
	char *argv[] = { name, format, drawn, NULL };
	const struct custody_fenced list = { find_program("/usr/bin/fc-list", "/usr/local/bin/fc-list"), "fc-list", argv };
	CUSTODY_BUF_CLEAN struct custody_buf said;

	custody_buf_init(&said, CHARSETS_MAX);
	if (!list.program) {
		custody_fail(err, CUSTODY_ERR_INPUT, "cannot make a PDF: which characters the fonts have cannot be told without /usr/bin/fc-list");
		return custody_hint(err, "write FILE.html and print it from any browser, or install it (Debian: apt-get install fontconfig)");
	}
	if (custody_fenced_run(&list, (struct custody_bytes){ NULL, 0 }, made, &said, err) ||
		custody_glyphs_read(g, custody_buf_str(&said), said.len, err))
		return -1;
	if (g->n > 0)
		return 0;
	custody_fail(err, CUSTODY_ERR_INPUT, "cannot make a PDF: there are no fonts");
	return custody_hint(err, "write FILE.html and print it from any browser, or install fonts (Debian: apt-get install fonts-dejavu)");
}

/* What it wrote has the beginning and the end of a PDF. */
static int check(const struct custody_buf *pdf, size_t from, struct custody_error *err)
{
	static const char begin[] = "%PDF-", end[] = "%%EOF\n";
	const uint8_t *p = pdf->data + from;
	size_t got = pdf->len - from;
	if (got < 64 || memcmp(p, begin, sizeof(begin) - 1) != 0 || (memcmp(p + got - 6, end, 6) != 0 && memcmp(p + got - 5, end, 5) != 0))
		return custody_fail(err, CUSTODY_ERR_IO, "what WeasyPrint wrote (%zu bytes) is no PDF", got);
	return 0;
}

int custody_pdf_make(const struct custody_buf *html, struct custody_time made, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf page;
	CUSTODY_CLEANUP(custody_glyphs_release) struct custody_glyphs glyphs = { .range = NULL };
	char name[] = "weasyprint", quiet[] = "--quiet", from[] = "-", to[] = "-";
	char *argv[] = { name, quiet, from, to, NULL };
	const struct custody_fenced weasyprint = { find_weasyprint(), "WeasyPrint", argv };
	size_t before = out->len;
	uint64_t lacking = 0;

	if (!weasyprint.program)
		return custody_pdf_check(err);
	custody_buf_init(&page, html->len * 4 + 1); /* the longest escape is four times its character */
	if (load_glyphs(&glyphs, made, err) ||
		custody_glyphs_escape(&glyphs, (struct custody_bytes){ html->data, html->len }, &page, &lacking, err) ||
		custody_fenced_run(&weasyprint, (struct custody_bytes){ page.data, page.len }, made, out, err) || check(out, before, err))
		return -1;
	if (lacking > 0)
		custody_terminal_warn(
			"%" PRIu64
			" characters that no installed font has stand in the PDF as escapes (\\u{...}): install fonts for them, or use the HTML",
			lacking);
	return 0;
}
