/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How easily a report reads (ADM-85): for the clerk who opens the file, not for the expert. Two measures, which need no dictionary and are the same in English and French:
 *
 * - Words in a sentence. Each text of the catalogues is held to it: conclusions, page one, the glossary, findings and what to do about them. A colon or semicolon ends no
 *   sentence here, though a reader may rest there.
 * - LIX (C. H. Bjornsson, Lasbarhet, 1968): words for each sentence, and of a hundred words those of more than six letters, added up. Some 30 is easy, 40 to 50 the prose
 *   of newspapers, 60 that of authorities. It wants a text, not a line: whole conclusions are held to it, and page one.
 *
 * A measure that counts syllables would need a dictionary to count well, and is not taken. Neither measure knows whether a sentence is understood: that takes readers.
 */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "formats/report.h"
#include "formats/report_words.h"
#include "formats/words.h"
#include "libcustody/base/utf8.h"
#include "libcustody/verdict/finding.h"

/* What is plain. French has more short words (an article before an apostrophe is one), and longer long ones. A text that is above is written anew: these are not raised. */
struct bounds {
	const char *language;
	size_t sentence; /* words in the longest */
	unsigned conclusion, page; /* LIX */
};
static const struct bounds all_bounds[] = { { "en", 25, 45, 40 }, { "fr", 30, 45, 45 } };
#define TERMS 12 /* of the glossary, at most */
#define LONG_WORD 6 /* letters; a longer one is a long word */

struct reading {
	size_t sentences, words, long_words;
	size_t longest; /* sentence, in words */
	size_t letters, in_sentence; /* of the word and the sentence under way */
	bool in_word;
};

static bool is_letter(uint32_t cp)
{
	return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || (cp >= 0xc0 && cp < 0x250 && cp != 0xd7 && cp != 0xf7);
}

/* Blanks, also those that do not break a line, and the apostrophe of French: what stands before it is a word. */
static bool is_between_words(uint32_t cp)
{
	return cp == 0 || cp == ' ' || cp == '\n' || cp == 0xa0 || cp == 0x202f || cp == 0x2019;
}

static void end_word(struct reading *r)
{
	r->words += r->in_word;
	r->in_sentence += r->in_word;
	r->long_words += r->letters > LONG_WORD;
	r->letters = 0;
	r->in_word = false;
}

static void end_sentence(struct reading *r)
{
	end_word(r);
	r->sentences += r->in_sentence > 0;
	r->longest = r->in_sentence > r->longest ? r->in_sentence : r->longest;
	r->in_sentence = 0;
}

/* What stands between two blanks and has a letter or digit is a word; "%s" is one. A sentence ends behind one of .!? and a blank, and at the end of the text. */
static void read_text(struct reading *r, const char *text)
{
	const size_t n = strlen(text);
	uint32_t cp = 0, last = 0;
	for (size_t i = 0, step; i < n; i += step, last = cp) {
		step = custody_utf8_decode((const uint8_t *)text + i, n - i, &cp);
		cr_assert(step > 0, "%s", text);
		if (is_between_words(cp) && (last == '.' || last == '!' || last == '?'))
			end_sentence(r);
		else if (is_between_words(cp))
			end_word(r);
		r->letters += is_letter(cp);
		r->in_word = r->in_word || is_letter(cp) || (cp >= '0' && cp <= '9');
	}
	end_sentence(r);
}

static unsigned lix(const struct reading *r)
{
	return r->words ? (unsigned)((r->words + r->sentences / 2) / r->sentences + (100 * r->long_words + r->words / 2) / r->words) : 0;
}

static const struct custody_words *words_of(const struct bounds *b)
{
	const struct custody_words *w = NULL;
	cr_assert(custody_words_find(b->language, &w));
	return w;
}

Test(reading, counts_sentences_words_and_long_words)
{
	static const struct {
		const char *text;
		size_t sentences, words, long_words, longest;
		unsigned lix;
	} cases[] = {
		{ "", 0, 0, 0, 0, 0 },
		{ " - (1)", 1, 1, 0, 1, 1 },
		{ "A cat sat.", 1, 3, 0, 3, 3 },
		{ "A cat sat. Then the chicken laughed! Why? ", 3, 8, 2, 4, 28 },
		{ "letter letters", 1, 2, 1, 2, 52 },
		{ "at 12.345 s, by seal.json: it is", 1, 7, 1, 7, 21 }, /* no sentence ends in a number or a name */
		{ "the laboratory's time-stamp", 1, 3, 2, 3, 70 },
		{ "%s of %2$s files", 1, 4, 0, 4, 4 },
		/* Of l'expediteur, two words, as in qu'il; what no line breaks at is between words too. */
		{ "Si l\u2019exp\u00e9diteur a\u00a0dit qu\u2019il \u00e9tait\u00a0; l\u00e0.", 1, 9, 1, 9, 20 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reading r = { 0 };
		read_text(&r, cases[i].text);
		cr_expect(r.sentences == cases[i].sentences && r.words == cases[i].words && r.long_words == cases[i].long_words &&
				  r.longest == cases[i].longest && lix(&r) == cases[i].lix,
			"'%s': %zu sentences, %zu words, %zu long, longest %zu, LIX %u", cases[i].text, r.sentences, r.words, r.long_words, r.longest,
			lix(&r));
	}
}

static void expect_short(const struct bounds *b, const char *text)
{
	struct reading r = { 0 };
	read_text(&r, text);
	cr_expect(r.longest <= b->sentence, "%s: a sentence of %zu words, at most %zu are plain: %s", b->language, r.longest, b->sentence, text);
}

/* French lacks no text (test_words.c): its table has them all, and of a text with a number the English form for one. */
Test(reading, no_text_of_a_report_has_a_long_sentence)
{
	const struct bounds *const en = &all_bounds[0], *const fr = &all_bounds[1];
	const struct custody_words *w = words_of(fr);
	cr_assert(w && custody_words_complete(w));
	for (size_t i = 0; i < w->n; i++) {
		expect_short(en, w->table[i].english);
		for (size_t j = 0; j < w->table[i].n_forms; j++)
			expect_short(fr, w->table[i].forms[j]);
	}
}

/* ---- reports of every kind ---- */

/* The variants of everything but the finding: numbers, times, anchors, what was given. */
#define VARIANTS 72

static char *copy(const char *text)
{
	char *p = strdup(text);
	cr_assert(p);
	return p;
}

static void give_anchors(struct custody_report *r, size_t n)
{
	r->anchors = calloc(2, sizeof(*r->anchors));
	cr_assert(r->anchors);
	for (r->n_anchors = 0; r->n_anchors < n; r->n_anchors++)
		r->anchors[r->n_anchors].from = copy("trust/signers.pem");
}

/* A package with everything shown, and this finding; CUSTODY_FINDING_COUNT: none. The caller releases. */
static void make(struct custody_report *r, int finding, unsigned variant)
{
	custody_report_init(r);
	r->path = copy("acme.asice");
	r->has_package = r->has_seal = r->has_sealfile = true;
	r->shown = CUSTODY_SHOWN_ALL | CUSTODY_SHOWN_RECORD;
	r->seal.arithmetic = r->seal.seal_pass = r->seal.time_pass = r->seal.level_lt = true;
	r->seal.has_signer = r->seal.has_anchor = r->seal.has_time = r->seal.has_claimed = true;
	strcpy(r->seal.signer, "CN=Ada Analyst");
	strcpy(r->seal.signer_name, "Ada Analyst");
	strcpy(r->seal.authority, "CN=Stamps");
	r->seal.stated = r->sealed = (struct custody_time){ 1790000000, 0 };
	r->evaluated_at = (struct custody_time){ 1791000000, 0 };
	r->seal.independent = r->seal.has_accuracy = variant & 1;
	r->has_record = variant & 2;
	r->record_anchored = r->at_chosen = variant & 4;
	r->has_expected = variant & 1;
	r->files = r->items = variant / 8 % 3;
	r->exceptions = variant / 24 % 3;
	r->unread_folders = r->exceptions > (variant & 1) ? 1 + (variant & 1) : 0;
	r->all_compared = true;
	r->compared = 3;
	r->equal = variant / 4 % 4;
	give_anchors(r, variant / 8 % 3);
	if (finding < CUSTODY_FINDING_COUNT)
		custody_findings_add(&r->findings, (enum custody_finding_id)finding, "mail.eml", 8, NULL);
	custody_verdict_decide(r);
}

/* Calls for every finding alone, each with another variant, and for none with all variants. */
static void each_report(void look(const struct custody_report *r, const struct bounds *b))
{
	for (unsigned i = 0; i < CUSTODY_FINDING_COUNT + VARIANTS; i++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		make(&r, (int)i, i % VARIANTS);
		for (size_t l = 0; l < sizeof(all_bounds) / sizeof(*all_bounds); l++)
			look(&r, &all_bounds[l]);
	}
}

static void look_at_conclusion(const struct custody_report *r, const struct bounds *b)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct reading reading = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, 1 << 16);
	cr_assert(custody_report_conclusion(&text, r, words_of(b), &err) == 0, "%s", err.text);
	read_text(&reading, custody_buf_str(&text));
	cr_expect(reading.words > 0 && lix(&reading) <= b->conclusion, "%s: LIX %u, at most %u is plain: %s", b->language, lix(&reading),
		b->conclusion, custody_buf_str(&text));
	expect_short(b, custody_buf_str(&text));
}

/* With one reason in it at most: several are a list with numbers, of lines that the catalogues' test has measured. Of a text with a number, this has every form. */
Test(reading, each_conclusion_is_plain)
{
	each_report(look_at_conclusion);
}

/* ---- page one ---- */

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Behind the next `end`. */
static const char *past(const char *at, const char *end)
{
	at = strstr(at, end);
	cr_assert(at);
	return at + strlen(end);
}

/* One paragraph or line of a list, as a person reads it: a name or number is one short word, and what is hidden from a screen reader is nothing. out holds n bytes. */
static void plain_text(const char *at, const char *end, char *out, size_t n)
{
	size_t o = 0;
	while (at < end) {
		cr_assert(o + 3 < n);
		if (starts(at, "<span aria-hidden") || starts(at, "<bdi") || starts(at, "<span class=\"n\"")) {
			out[o++] = starts(at, "<span a") ? ' ' : 'X';
			at = past(at, starts(at, "<bdi") ? "</bdi>" : "</span>");
		} else if (*at == '<') {
			at = past(at, ">");
		} else if (*at == '&') {
			out[o++] = '\'';
			at = past(at, ";");
		} else {
			out[o++] = *at++;
		}
	}
	out[o] = '\0';
}

/* Each paragraph and each line of a list of page one: a sentence ends with it. The table is facts: names, dates, numbers. */
static void read_page_one(struct reading *r, const char *html)
{
	char line[4096];
	const char *const last = past(html, "<section class=\"page\">");
	for (const char *at = past(html, "<main>"), *end; at < last; at = end) {
		end = at + 1;
		if (!starts(at, "<p>") && !starts(at, "<p class=\"s") && !starts(at, "<p class=\"c") && !starts(at, "<li>"))
			continue;
		end = past(at, starts(at, "<p") ? "</p>" : "</li>");
		plain_text(at, end, line, sizeof(line));
		read_text(r, line);
	}
}

static void write_page(struct custody_buf *html, const struct custody_report *r, const struct bounds *b)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct custody_report_context context = { "custody 0.1.0", NULL, 0, false, words_of(b) };
	custody_buf_init(html, 1 << 20);
	cr_assert(custody_report_html(html, r, &context, &err) == 0, "%s", err.text);
}

static void look_at_page_one(const struct custody_report *r, const struct bounds *b)
{
	struct reading reading = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf html;
	write_page(&html, r, b);
	read_page_one(&reading, custody_buf_str(&html));
	cr_expect(reading.sentences > 20 && lix(&reading) <= b->page, "%s, %s: LIX %u of %zu sentences, %zu words, at most %u is plain", b->language,
		custody_report_word(r->verdict), lix(&reading), reading.sentences, reading.words, b->page);
}

Test(reading, page_one_is_plain)
{
	each_report(look_at_page_one);
}

/* ---- the glossary ---- */

static void look_at_glossary(const struct custody_report *r, const struct bounds *b)
{
	size_t terms = 0, meanings = 0;
	CUSTODY_BUF_CLEAN struct custody_buf html;
	write_page(&html, r, b);
	const char *const two = past(custody_buf_str(&html), "<section class=\"page\">"), *const three = past(two, "<section class=\"page\">");
	for (const char *at = strchr(two, '<'); at; at = strchr(at + 1, '<')) {
		terms += starts(at, "<dt>");
		meanings += starts(at, "<dd>");
		cr_expect(at < three || (!starts(at, "<dt>") && !starts(at, "<dd>")), "%s: words are explained behind page two", b->language);
	}
	cr_expect(terms > 0 && terms <= TERMS && meanings == terms, "%s: %zu terms, %zu meanings", b->language, terms, meanings);
}

Test(reading, the_glossary_is_on_page_two_and_has_at_most_twelve_terms)
{
	each_report(look_at_glossary);
}
