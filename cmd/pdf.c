/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pdf.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cmd/fenced.h"
#include "cmd/glyphs.h"
#include "cmd/terminal.h"

#define CHARSETS_MAX ((size_t)64 << 20) /* bytes that fc-list may write: of hundreds of fonts it is some MiB */

/* A program in one of the two places, or NULL with *err as it was; a place that could not be looked at is another matter than one where nothing is. */
static int find_program(const char *one, const char *other, const char **found, struct custody_error *err)
{
	const char *const places[] = { one, other };

	*found = NULL;
	for (size_t i = 0; i < 2 && !*found; i++) {
		if (access(places[i], X_OK) == 0)
			*found = places[i];
		else if (errno == EIO || errno == ENOMEM)
			return custody_fail_errno(err, errno, "cannot look for '%s'", places[i]);
	}
	return 0;
}

/* Looked for once: what a second look would find may be another thing than the first one did. */
static int find_weasyprint(const char **found, struct custody_error *err)
{
	if (find_program("/usr/bin/weasyprint", "/usr/local/bin/weasyprint", found, err))
		return -1;
	if (*found)
		return 0;
	custody_fail(err, CUSTODY_ERR_INPUT, "cannot make a PDF: there is no WeasyPrint (/usr/bin/weasyprint)");
	return custody_hint(err, "write FILE.html and print it from any browser, or install it (Debian: apt-get install weasyprint)");
}

int custody_pdf_check(struct custody_error *err)
{
	const char *found;

	return find_weasyprint(&found, err);
}

/* By fontconfig's fc-list, fenced as WeasyPrint is, so that both see the same fonts. */
static int load_glyphs(struct custody_glyphs *g, struct custody_time made, struct custody_error *err)
{
	/* Fonts of dots (PCF, BDF) are listed too, and WeasyPrint does not draw with them. */
	char name[] = "fc-list", format[] = "--format=%{charset}\n", drawn[] = ":scalable=true";
	char *argv[] = { name, format, drawn, NULL };
	struct custody_fenced list = { NULL, "fc-list", argv };
	CUSTODY_BUF_CLEAN struct custody_buf said;

	custody_buf_init(&said, CHARSETS_MAX);
	if (find_program("/usr/bin/fc-list", "/usr/local/bin/fc-list", &list.program, err))
		return -1;
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
	struct custody_fenced weasyprint = { NULL, "WeasyPrint", argv };
	size_t before = out->len;
	uint64_t lacking = 0;

	custody_buf_init(&page, html->len * 4 + 1); /* the longest escape is four times its character */
	if (find_weasyprint(&weasyprint.program, err) || load_glyphs(&glyphs, made, err) ||
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
