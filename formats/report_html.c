/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report on paper: page one for a judge (report_html_front.c), then what an expert needs (report_html_annex.c). One file: no script, no picture, nothing from elsewhere,
 * and a policy in it that forbids all of that but its own style sheet, by digest. Its sentences are those of report_words.c.
 *
 * No byte reaches the file but through the functions of report_page.h.
 */
#include "formats/report_html.h"

#include <stdio.h>
#include <string.h>

#include "formats/html.h"
#include "formats/qr.h"
#include "formats/report_words.h"

/* Legible in black and white, on A4 and Letter, and by a screen reader: nothing is said by colour, border or place alone. */
static const char style_page[] = "@page{margin:9mm 13mm 12mm;@bottom-right{content:'",
		  style_code[] = ";font:7.5pt 'DejaVu Sans',Arial,sans-serif}@bottom-left{content:'";
static const char style_rest[] =
	" ' string(code);font:7.5pt 'DejaVu Sans',Arial,sans-serif}}"
	"body{font:15px/1.38 'DejaVu Serif',Georgia,'Times New Roman',serif;color:#000;background:#fff;max-width:52rem;margin:1rem auto;padding:0 "
	"1rem;"
	"overflow-wrap:anywhere}"
	"h1{font-size:1.25em;margin:0 0 .3em}h2{font-size:1.02em;margin:.75em 0 .25em;border-bottom:1px solid #000}h3{font-size:1em;margin:.6em 0 "
	".1em}"
	"p,ul,ol{margin:.25em 0}ul,ol{padding-left:1.3em}"
	"header p{font-size:.86em}"
	".verdict{padding:.45em .8em;margin:.5em 0}.verdict p{margin:.15em 0}.verdict::after{content:'';display:block;clear:both}"
	".verdict .word{font-size:1.7em;font-weight:bold;letter-spacing:.03em}.verdict .conclusion{font-size:1.08em;font-weight:bold}"
	".valid{border:3px solid #000}.invalid{border:8px double #000}.indeterminate{border:4px dashed #000}.none{border:4px dotted #000}"
	"table{border-collapse:collapse;width:100%;font-size:.93em}"
	"caption{text-align:left;font-weight:bold}"
	"th,td{text-align:left;vertical-align:top;padding:.12em .45em .12em 0;border-bottom:1px solid #999}"
	"thead th{border-bottom:2px solid #000}th[scope=row]{font-weight:normal;white-space:nowrap;width:8.5em;padding-right:.9em}"
	"td.res{white-space:nowrap}td.src{white-space:nowrap;text-align:right;padding-right:0}"
	".tag{font:.74em/1.2 'DejaVu Sans',Arial,sans-serif;padding:0 .35em;white-space:nowrap}"
	".t-m{border:2px solid #000}.t-r{border:1px dashed #000}.t-g{border-bottom:2px dotted #000}"
	".r{font-family:'DejaVu Sans',Arial,sans-serif;font-size:.92em}"
	".g,.n,.i,pre{font-family:'DejaVu Sans Mono','Courier New',monospace}.g,.n,.i{font-size:.88em}.i{word-break:break-all}"
	".three{display:table;table-layout:fixed;width:100%;font-size:.9em}.three>div{display:table-cell;padding-right:1em}.three "
	"h3{margin-top:.2em}.three "
	"ul{list-style:none;padding:0}"
	".three li{margin:.15em 0;padding-left:1.1em;text-indent:-1.1em}"
	".say{border-left:4px solid #000;padding-left:.7em;font-size:.92em}"
	"pre{font-size:.72em;white-space:pre-wrap;border:1px solid #999;padding:.5em}"
	"section.page{border-top:3px solid #000;margin-top:1.5em;padding-top:.5em}"
	"dl{margin:.2em 0;font-size:.92em}dt{font-weight:bold;margin-top:.25em}dd{margin:0 0 0 1.2em}"
	"@media print{body{font-size:8.5pt;font-stretch:condensed;margin:0;padding:0;max-width:none;line-height:1.2}"
	"section.page{break-before:page;border:0;margin:0}"
	"tr,.verdict,dt,h2,h3,li,pre{break-inside:avoid}h2,h3,dt,caption{break-after:avoid}"
	"header p,table,.three,.say,dl{font-size:1em}h1{font-size:1.15em;margin:0}h2{margin:.45em 0 .1em}p,ul,ol,.three li,.three h3{margin:.1em 0}"
	"th,td{padding-top:.05em;padding-bottom:.05em}.verdict{margin:.3em 0;padding:.25em .7em}.verdict .word{font-size:1.5em}.verdict "
	".conclusion{font-size:1em}"
	"caption{padding-top:.35em}.three>div{width:35%}.three>div+div{width:23%}.three>div+div+div{width:36%;padding:0}"
	".two{display:table;table-layout:fixed;width:100%}.two>div{display:table-cell;padding-right:1em}.two>div+div{padding:0}}"
	"@media screen and (max-width:40rem){.three,.three>div{display:block}th[scope=row]{white-space:normal;overflow-wrap:break-word;width:5em;"
	"padding-right:.5em}pre{white-space:pre;overflow-x:auto}}" CUSTODY_QR_STYLE;
/* Sides change places; no letter stands apart from its neighbour; commands run from left to right. */
static const char style_right_to_left[] =
	"body{font-family:'Noto Naskh Arabic','Amiri','DejaVu Sans','Times New Roman',serif}.verdict .word{letter-spacing:0}"
	"caption,th,td{text-align:right}th,td{padding:.12em 0 .12em .45em}th[scope=row]{padding-right:0;padding-left:.9em}"
	"td.src{text-align:left;padding-left:0}ul,ol{padding-left:0;padding-right:1.3em}.three>div,.two>div{padding-right:0;padding-left:1em}.three>"
	"div+div+div,.two>div+div{padding:0}"
	".three ul{padding:0}.three li{padding-left:0;padding-right:1.1em}.say{border-left:0;padding-left:0;border-right:4px solid "
	"#000;padding-right:.7em}"
	"dd{margin:0 1.2em 0 0}pre{direction:ltr;text-align:left;unicode-bidi:plaintext}.two "
	"ol{list-style:none;padding:0;counter-reset:s}.two li::before{counter-increment:s;content:'\\200f' counter(s) '. "
	"'}[dir=ltr]{font-variant-ligatures:no-common-ligatures}.qr{float:left;margin:0 .9em .2em 0}";

static void style_piece(struct custody_page *p, struct custody_buf *out, const char *piece)
{
	if (!p->failed)
		p->failed = custody_buf_append_str(out, piece, p->err) != 0;
}

/* At most n bytes of a text, inside quotes of a style sheet. */
static void css(struct custody_page *p, struct custody_buf *out, const char *text, size_t n)
{
	for (; n > 0 && *text && !p->failed; text++, n--)
		p->failed = (strchr("'\\<\n", *text) ? custody_buf_printf(out, p->err, "\\%x ", (unsigned)(uint8_t)*text)
						     : custody_buf_append_byte(out, (uint8_t)*text, p->err)) != 0;
}

static void style_of_page(struct custody_page *p, struct custody_buf *out)
{
	static const char *const holes[] = { "counter(page)", "counter(pages)" };
	bool quoted = true; /* the quote is open */
	/* TRANSLATORS: at the foot of a page: its number, and how many there are. */
	const char *words = custody_page_in(p, N_("page %s of %s"));
	style_piece(p, out, style_page);
	for (size_t i = 0, n; *words; words += n) {
		n = strncmp(words, "%s", 2) == 0 ? 2 : strcspn(words + 1, "%") + 1;
		bool hole = n == 2 && *words == '%';
		style_piece(p, out, hole && quoted ? "' " : !hole && !quoted ? " '" : "");
		quoted = !hole;
		if (hole)
			style_piece(p, out, i < 2 ? holes[i++] : "");
		else
			css(p, out, words, n);
	}
	style_piece(p, out, quoted ? "'" : "");
	style_piece(p, out, style_code);
	css(p, out, custody_page_in(p, N_("Check code")), SIZE_MAX);
	style_piece(p, out, style_rest);
	style_piece(p, out, custody_words_right_to_left(p->words) ? style_right_to_left : "");
}

static void head_of_file(struct custody_page *p, const struct custody_report *r)
{
	struct custody_html h = { p->out, p->err, p->failed };
	CUSTODY_BUF_CLEAN struct custody_buf style;
	char title[256];
	custody_buf_init(&style, 1 << 16);
	style_of_page(p, &style);
	h.failed = p->failed;
	snprintf(title, sizeof(title), custody_words_get(p->words, N_("Verification report: %s")),
		custody_page_in(p, custody_report_word(r->verdict)));
	custody_html_begin(&h, custody_words_language(p->words), custody_words_right_to_left(p->words), title, custody_buf_str(&style));
	p->failed = h.failed;
}

int custody_report_html(
	struct custody_buf *out, const struct custody_report *r, const struct custody_report_context *context, struct custody_error *err)
{
	struct custody_page p = {
		.out = out, .err = err, .r = r, .words = context->words, .ltr = custody_words_right_to_left(context->words) ? " dir=\"ltr\"" : ""
	};
	head_of_file(&p, r);
	custody_report_html_front(&p, r, context);
	if (r->verdict != CUSTODY_VERDICT_NONE)
		custody_report_html_annex(&p, r, context);
	custody_page_put(&p, "</main>\n</body>\n</html>\n");
	return p.failed ? -1 : 0;
}
