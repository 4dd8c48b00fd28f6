/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports against golden files, fixtures/report/NAME.txt and NAME.json: what a court and a program read changes only on purpose.
 * With CUSTODY_GOLDEN=1 in the environment the tests of this file write them again, for `git diff` to be read.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/report.h"
#include "formats/paragraph.h"
#include "formats/report_words.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"

static const struct custody_library_version libraries[] = { { "openssl", "3.0.0" }, { "zlib", "1.2.13" } };
static const struct custody_report_context context = { "custody 0.1.0", libraries, 2, false, NULL };

static char *copy(const char *text)
{
	char *p = strdup(text);
	cr_assert(p);
	return p;
}

static void fill_seal(struct custody_report *r)
{
	struct custody_seal_result *s = &r->seal;
	r->has_seal = r->has_sealfile = true;
	s->arithmetic = s->seal_pass = s->time_pass = s->level_lt = true;
	s->has_signer = s->has_anchor = s->has_time = s->has_claimed = s->has_revocation_until = true;
	strcpy(s->signer, "CN=Ada Analyst, O=Lab of the City");
	strcpy(s->signer_name, "Ada Analyst");
	strcpy(s->authority, "CN=Stamps, O=Lab of the City");
	memset(s->certificate_sha256, 0x11, 32);
	memset(s->anchor_sha256, 0x22, 32);
	memset(s->authority_sha256, 0x33, 32);
	s->stated = (struct custody_time){ 1790000000, 0 };
	s->claimed = (struct custody_time){ 1789999999, 0 };
	s->revocation_known_until = (struct custody_time){ 1789900000, 0 };
	r->case_id = copy("C-2026/17");
	r->exhibit = copy("E-1");
	r->sealer_name = copy("Ada Analyst");
	r->sealer_organisation = copy("Lab of the City");
	r->uuid = copy("6f0fd4b0-0000-4000-8000-000000000001");
	r->sealed = (struct custody_time){ 1789999998, 0 };
	r->items = 3;
	r->bytes = 1234567;
	r->files = 2;
}

/* A report as verify would give it: own word, everything shown. */
static void make(struct custody_report *r)
{
	custody_report_init(r);
	r->path = copy("evidence/acme return.asice");
	r->has_package = true;
	r->size = 1250000;
	for (size_t i = 0; i < 32; i++)
		r->sha256[i] = (uint8_t)(i * 7);
	r->shown = CUSTODY_SHOWN_ALL;
	fill_seal(r);
	r->anchors = calloc(2, sizeof(*r->anchors));
	cr_assert(r->anchors);
	r->n_anchors = 2;
	memset(r->anchors[0].sha256, 0x22, 32);
	r->anchors[0].from = copy("trust/signers.pem");
	memset(r->anchors[1].sha256, 0x44, 32);
	r->anchors[1].from = copy("trust/tsas.pem");
	r->evaluated_at = (struct custody_time){ 1791000000, 500 };
	custody_findings_add(&r->findings, CUSTODY_FINDING_TIME_OWN_WORD, NULL, 0, NULL);
}

static void slurp_golden(const char *path, struct custody_buf *out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_assert(custody_fd_slurp(path, 1 << 20, out, &err) == 0, "%s", err.text);
}

static void compare(const struct custody_buf *got, const char *name, const char *suffix)
{
	char path[128];
	snprintf(path, sizeof(path), "fixtures/report/%s.%s", name, suffix);
	if (getenv("CUSTODY_GOLDEN")) {
		FILE *f = fopen(path, "w");
		cr_assert(f && fwrite(got->data, 1, got->len, f) == got->len && fclose(f) == 0);
		return;
	}
	CUSTODY_BUF_CLEAN struct custody_buf want;
	custody_buf_init(&want, 1 << 20);
	slurp_golden(path, &want);
	cr_expect(want.len == got->len && memcmp(want.data, got->data, want.len) == 0, "%s differs:\n%s", path, custody_buf_str(got));
}

/* Not a byte that acts on a terminal, no forbidden word, no line that is too wide (unless a name or a command makes it so). */
static void expect_harmless_in(const struct custody_words *words, const struct custody_buf *b, const char *what)
{
	static const char *const forbidden[] = { "admissible", "authentic", "genuine", "court-proof", "recevab", "garanti" };
	for (size_t i = 0; i < b->len;) {
		uint32_t cp;
		size_t n = custody_utf8_decode(b->data + i, b->len - i, &cp);
		cr_assert(n > 0, "%s: not UTF-8 at %zu", what, i);
		cr_assert(cp == '\n' || !custody_utf8_is_unsafe(cp) || (words && cp == 0xa0), "%s: U+%04X at %zu", what, cp, i);
		i += n;
	}
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
		cr_expect(strcasestr(custody_buf_str(b), forbidden[i]) == NULL, "%s says %s", what, forbidden[i]);
}

static void expect_harmless(const struct custody_buf *b, const char *what)
{
	expect_harmless_in(NULL, b, what);
}

/* In columns: letters of other languages are several bytes. One word that is wider, as a digest is behind the margin of a finding, is not cut in two. */
static void expect_narrow(const struct custody_buf *b, const char *what)
{
	CUSTODY_FREE char *text = copy(custody_buf_str(b));
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		cr_expect(custody_paragraph_columns(line, strlen(line)) <= CUSTODY_PARAGRAPH_WIDTH || !strchr(line + strspn(line, " "), ' '),
			"%s: %zu columns: %s", what, strlen(line), line);
}

/* ---- no text of ours is outside the catalogues ---- */

/* A language that nobody speaks: each letter of French's keys becomes a Greek one, so that an ASCII letter in a report is of a text that no catalogue can have. */
static char *greek(const char *english)
{
	char *out = malloc(2 * strlen(english) + 1), *o = out;
	cr_assert(out);
	for (const char *c = english; *c; c++) {
		if (*c == '%') {
			size_t n = 1 + strcspn(c + 1, "scdu");
			memcpy(o, c, n + 1);
			o += n + 1;
			c += n;
		} else if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z')) {
			memcpy(o, "\xce\xbb", 2);
			o += 2;
		} else {
			*o++ = *c;
		}
	}
	*o = '\0';
	return out;
}

static struct custody_words *make_greek(void)
{
	const struct custody_words *fr = NULL;
	struct custody_words *out = malloc(sizeof(*out));
	cr_assert(out && custody_words_find("fr", &fr) && fr);
	struct custody_word *table = calloc(fr->n, sizeof(*table));
	cr_assert(table);
	for (size_t i = 0; i < fr->n; i++) {
		const char **forms = calloc(fr->table[i].n_forms, sizeof(*forms));
		cr_assert(forms);
		for (size_t j = 0; j < fr->table[i].n_forms; j++)
			forms[j] = greek(fr->table[i].n_forms > 1 ? fr->table[i].forms[j] : fr->table[i].english);
		table[i] = (struct custody_word){ fr->table[i].english, forms, fr->table[i].n_forms };
	}
	*out = *fr;
	out->table = table;
	return out;
}

static void free_greek(struct custody_words *w)
{
	for (size_t i = 0; i < w->n; i++) {
		for (size_t j = 0; j < w->table[i].n_forms; j++)
			free((void *)(uintptr_t)w->table[i].forms[j]);
		free((void *)(uintptr_t)w->table[i].forms);
	}
	free((void *)(uintptr_t)w->table);
	free(w);
}

/* What stands in the reports of this file without being a text of ours: names, what was found, names of things. */
static const char not_ours[] = " VALID INVALID INDETERMINATE NOT JUDGED Ada Analyst CN O Lab of the City Stamps UTC T Z SHA evidence acme return "
			       "asice trust signers tsas pem "
			       "custody openssl zlib analyst C E meta inf mail eml sha256 is want ETSI CAdES B LT JSON no such file none letter txt "
			       "bytes at least lab journal "
			       "md5 jsonl cannot open Read only file system Input output error disk bad log Org ";

/* Of HTML what is shown; of text all but the commands and finding ids. */
static void expect_no_English(const struct custody_buf *b, bool html, const char *what)
{
	char word[64] = " ";
	size_t n = 1;
	bool tag = false;
	const char *text = custody_buf_str(b);
	for (const char *c = html ? strstr(text, "<body") : text; *c; c++) {
		/* Commands run to the end of their lines, and are the last part of a text. */
		if (strncmp(c, html ? "<pre>" : "    f=", 5) == 0) {
			c = html ? strstr(c, "</pre>") : "";
			if (!*c)
				break;
		}
		tag = html && (*c == '<' || (tag && c[-1] != '>'));
		bool letter = !tag && ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (n > 1 && *c >= '0' && *c <= '9'));
		if (letter && n < sizeof(word) - 2) {
			word[n++] = *c;
			continue;
		}
		/* Ids have dashes, ETSI's words lower lines; hexadecimal digits, one letter, and times of RFC 3339 are no words. */
		const char before = n > 1 && c - text >= (ptrdiff_t)n ? c[-(ptrdiff_t)n] : ' ';
		word[n] = '\0';
		bool known = n <= 2 || strspn(word + 1, "abcdef0123456789") == n - 1 || strchr("-_;", *c) || strchr("-_", before) ||
			     (word[1] == 'T' && strspn(word + 2, "0123456789") == n - 2);
		word[n++] = ' ';
		word[n] = '\0';
		cr_expect(known || strstr(not_ours, word), "%s: a text that no catalogue has: '%s' in '%.60s'", what, word,
			c - (c - text > 40 ? 40 : c - text));
		n = 1;
	}
}

static void expect_in_catalogues(const struct custody_report *r, const char *name)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_words *words = make_greek();
	struct custody_report_context nobodys = context;
	CUSTODY_BUF_CLEAN struct custody_buf text, html;
	custody_buf_init(&text, 1 << 20);
	custody_buf_init(&html, 1 << 20);
	nobodys.words = words;
	cr_assert(custody_report_text(&text, r, &nobodys, &err) == 0, "%s", err.text);
	cr_assert(custody_report_html(&html, r, &nobodys, &err) == 0, "%s", err.text);
	expect_no_English(&text, false, name);
	expect_no_English(&html, true, name);
	free_greek(words);
}

/* The same result in each other language, against golden files of its own; and JSON, which is the same in all of them. */
static void expect_translated(const struct custody_report *r, const char *name, const struct custody_buf *json)
{
	for (const struct custody_words *w = custody_words_languages; w->language; w++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_report_context translated = context;
		CUSTODY_BUF_CLEAN struct custody_buf text, html, again;
		char path[96];
		custody_buf_init(&text, 1 << 20);
		custody_buf_init(&html, 1 << 20);
		custody_buf_init(&again, 1 << 20);
		translated.words = w;
		snprintf(path, sizeof(path), "%s.%s", name, w->language);
		cr_assert(custody_report_text(&text, r, &translated, &err) == 0, "%s", err.text);
		cr_assert(custody_report_html(&html, r, &translated, &err) == 0, "%s", err.text);
		cr_assert(custody_report_json(&again, r, &translated, &err) == 0, "%s", err.text);
		expect_harmless_in(w, &text, path);
		expect_harmless_in(w, &html, path);
		expect_narrow(&text, path);
		compare(&text, path, "txt");
		compare(&html, path, "html");
		cr_expect(again.len == json->len && memcmp(again.data, json->data, json->len) == 0, "%s: JSON is another", path);
	}
}

static void expect_golden(struct custody_report *r, const char *name)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf text, json, html;
	CUSTODY_CLEANUP(custody_json_free) struct json_t *parsed = NULL;
	custody_buf_init(&text, 1 << 20);
	custody_buf_init(&json, 1 << 20);
	custody_buf_init(&html, 1 << 20);
	cr_assert(custody_report_html(&html, r, &context, &err) == 0, "%s", err.text);
	expect_harmless(&html, name);
	compare(&html, name, "html");
	cr_assert(custody_report_text(&text, r, &context, &err) == 0, "%s", err.text);
	cr_assert(custody_report_json(&json, r, &context, &err) == 0, "%s", err.text);
	expect_harmless(&text, name);
	expect_harmless(&json, name);
	expect_narrow(&text, name);
	cr_expect(json.data[json.len - 1] == '\n' && memchr(json.data, '\n', json.len) == json.data + json.len - 1, "%s: one line", name);
	cr_expect(custody_json_parse(json.data, json.len - 1, true, &parsed, &err) == 0, "%s: %s", name, err.text);
	compare(&text, name, "txt");
	compare(&json, name, "json");
	expect_translated(r, name, &json);
	expect_in_catalogues(r, name);
}

Test(report, says_valid_on_the_laboratorys_own_word)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	r.anchors_own_lab = true;
	custody_verdict_decide(&r);
	expect_golden(&r, "valid-own-word");
}

Test(report, says_valid_with_a_time_that_is_proven)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	custody_findings_release(&r.findings);
	custody_findings_init(&r.findings);
	r.seal.independent = true;
	r.seal.has_accuracy = true;
	r.seal.accuracy_ms = 1000;
	r.has_expected = true;
	memcpy(r.expected, r.sha256, 32);
	r.exceptions = 2;
	r.unread_folders = 1;
	r.digests = CUSTODY_DIGEST_BIT(CUSTODY_MD5) | CUSTODY_DIGEST_BIT(CUSTODY_SHA256);
	r.acquired.reason = strdup("bad disk\u202e; <no file>");
	r.acquired.reasons_differ = true;
	r.acquired.followed = calloc(1, sizeof(*r.acquired.followed));
	cr_assert(r.acquired.reason && r.acquired.followed);
	r.acquired.followed[r.acquired.n_followed++] = (struct custody_acquisition_followed){ strdup("evidence"), strdup("acme/<return>") };
	custody_findings_add(&r.findings, CUSTODY_FINDING_SOURCE_UNREADABLE, "disk/bad", 8, "Input/output error");
	custody_findings_add(&r.findings, CUSTODY_FINDING_SOURCE_CHANGED_WHILE_READ, "log", 3, NULL);
	custody_verdict_decide(&r);
	expect_golden(&r, "valid-independent");
}

Test(report, says_valid_as_at_a_time_that_the_user_chose)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	r.evaluated_at.nsec = 0;
	r.at_chosen = true;
	r.not_journalled = copy("cannot open '/lab/journal.jsonl': Read-only file system");
	custody_verdict_decide(&r);
	expect_golden(&r, "valid-as-at");
}

Test(report, says_invalid_and_what_to_do)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	char name[32];
	make(&r);
	r.shown &= ~(uint32_t)(CUSTODY_SHOWN_LISTS | CUSTODY_SHOWN_INVENTORY);
	r.has_expected = true;
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "acme/mail/%02d.eml", i);
		custody_findings_add(&r.findings, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, name, strlen(name), "sha256 is %064d, want %064d", i, 7);
	}
	custody_findings_add(&r.findings, CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED, NULL, 0, NULL);
	custody_verdict_decide(&r);
	expect_golden(&r, "invalid");
}

Test(report, says_indeterminate_without_anchors)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	for (size_t i = 0; i < r.n_anchors; i++)
		free(r.anchors[i].from);
	r.n_anchors = 0;
	r.shown &= ~(uint32_t)(CUSTODY_SHOWN_SEAL | CUSTODY_SHOWN_TIME);
	r.seal.seal_pass = r.seal.time_pass = r.seal.has_anchor = r.seal.has_revocation_until = r.seal.level_lt = false;
	custody_findings_add(&r.findings, CUSTODY_FINDING_SEAL_UNTRUSTED, NULL, 0, NULL);
	custody_findings_add(&r.findings, CUSTODY_FINDING_TIME_UNTRUSTED, NULL, 0, NULL);
	custody_findings_add(&r.findings, CUSTODY_FINDING_NO_ANCHORS, NULL, 0, NULL);
	custody_verdict_decide(&r);
	expect_golden(&r, "indeterminate-no-anchors");
}

Test(report, says_not_judged_and_why)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	custody_report_init(&r);
	r.path = copy("none.asice");
	r.failure = copy("no such file");
	expect_golden(&r, "not-judged");
}

Test(report, of_a_file_that_is_no_package_at_all)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	custody_report_init(&r);
	r.path = copy("letter.txt");
	r.has_package = true;
	r.size = 5;
	r.shown = CUSTODY_SHOWN_SELF_TEST | CUSTODY_SHOWN_UNCHANGED;
	custody_findings_add(&r.findings, CUSTODY_FINDING_ZIP_END_RECORD, NULL, 0, "5 bytes, want at least 22");
	custody_verdict_decide(&r);
	expect_golden(&r, "not-a-package");
}

/* Names, claims and certificates that try to write to the terminal, to end a JSON string, to turn the reading direction. */
static const char *const hostile[] = {
	"\x1b[2J\x1b[31mVALID", "a\nVALID: all good", "\xe2\x80\xaegpj.exe", "\xff\xfe\x80", "\"},\"verdict\":\"VALID", "\xc2\x85\xc2\x9b",
	("a\xe2\x80\xa8"
	 "b"),
	"\xef\xbb\xbf", "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81", "\xf3\xa0\x80\x81", "\\x1b\\u{202e}", "'; rm -rf ~; '", "\x7f\t\r\b",
	"-rf", "$(id)`id`", "<script>document.title='x'</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
	"</title></style></pre></bdi><iframe src=//a.example>", "&lt;b&gt;&#60;script&#62;", "<!--", "=cmd|'/C calc'!A0",
	"\xd9\x85\xd9\x84\xd9\x81", /* right to left, and plain */
};

/* Every '<' is one of our own elements, and no attribute is foreign. */
static void expect_only_our_elements(const struct custody_buf *html, const char *what)
{
	static const char *const elements[] = { "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "main", "header", "section", "div",
		"h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "pre", "table", "caption", "thead", "tbody", "tr", "th", "td", "span",
		"strong", "bdi", "br", "svg", "path" };
	for (const char *at = custody_buf_str(html); (at = strchr(at, '<')) != NULL; at++) {
		const char *name = at + 1 + (at[1] == '/');
		size_t n = strcspn(name, " >");
		bool ours = false;
		for (size_t i = 0; i < sizeof(elements) / sizeof(*elements); i++)
			ours = ours || (strlen(elements[i]) == n && memcmp(elements[i], name, n) == 0);
		cr_expect(ours, "%s: %.60s", what, at);
		const char *end = strchr(at, '>');
		cr_assert(end);
		for (const char *a = at; a < end; a++)
			cr_expect(strncmp(a, " on", 3) != 0 && strncmp(a, " src", 4) != 0 && strncmp(a, " href", 5) != 0 &&
					  strncmp(a, " style=", 7) != 0,
				"%s: %.60s", what, at);
	}
}

static void set_all(struct custody_report *r, const char *text)
{
	char **const owned[] = { &r->path, &r->case_id, &r->exhibit, &r->sealer_name, &r->sealer_organisation, &r->sealer_role, &r->uuid,
		&r->anchors[0].from, &r->not_journalled };
	for (size_t i = 0; i < sizeof(owned) / sizeof(*owned); i++) {
		free(*owned[i]);
		*owned[i] = copy(text);
	}
	snprintf(r->seal.signer, sizeof(r->seal.signer), "%s", text);
	snprintf(r->seal.signer_name, sizeof(r->seal.signer_name), "%s", text);
	snprintf(r->seal.authority, sizeof(r->seal.authority), "%s", text);
	custody_findings_add(&r->findings, CUSTODY_FINDING_NAME_ALIASED, text, strlen(text), "%s", text);
}

Test(report, lets_no_byte_of_a_name_act_on_the_reader)
{
	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_BUF_CLEAN struct custody_buf text, json, html;
		CUSTODY_CLEANUP(custody_json_free) struct json_t *parsed = NULL;
		custody_buf_init(&text, 1 << 20);
		custody_buf_init(&json, 1 << 20);
		custody_buf_init(&html, 1 << 20);
		make(&r);
		set_all(&r, hostile[i]);
		custody_verdict_decide(&r);
		cr_assert(custody_report_json(&json, &r, &context, &err) == 0, "%s", err.text);
		expect_harmless(&json, "json");
		cr_assert(custody_json_parse(json.data, json.len - 1, true, &parsed, &err) == 0, "%zu: %s: %s", i, err.text, custody_buf_str(&json));
		/* English, then each other language. */
		struct custody_report_context in = context;
		for (const struct custody_words *w = NULL;; in.words = w) {
			custody_buf_clear(&text);
			custody_buf_clear(&html);
			cr_assert(custody_report_text(&text, &r, &in, &err) == 0, "%s", err.text);
			cr_assert(custody_report_html(&html, &r, &in, &err) == 0, "%s", err.text);
			expect_harmless_in(w, &html, "html");
			expect_only_our_elements(&html, hostile[i]);
			expect_harmless_in(w, &text, "text");
			w = w ? w + 1 : custody_words_languages;
			if (!w->language)
				break;
		}
	}
}

static void html_in(const struct custody_words *words, const struct custody_report *r, struct custody_buf *html)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_report_context in = context;
	in.words = words;
	custody_buf_init(html, 1 << 20);
	cr_assert(custody_report_html(html, r, &in, &err) == 0, "%s", err.text);
}

/*
 * On paper as on a screen. WeasyPrint does not know ::first-letter, and parts an Arabic word behind its first letter for it; of slanted Arabic letters it sets one over the
 * other, so that a name cannot be read.
 */
Test(report, begins_a_sentence_with_a_capital_and_slants_nothing)
{
	static const char *const want[][2] = { { NULL, "<p class=\"sentence\">This package still proves" },
		{ "fr", "<p class=\"sentence\">Ce paquet " }, { "ar", "<p class=\"sentence\">\xd9\x85\xd8\xa7 \xd8\xb2\xd8\xa7\xd9\x84\xd8\xaa" } };
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	custody_findings_add(&r.findings, CUSTODY_FINDING_NAME_ALIASED, "data/O0l1", 9, NULL);
	custody_verdict_decide(&r);
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf html;
		const struct custody_words *words = NULL;
		cr_assert(!want[i][0] || custody_words_find(want[i][0], &words));
		html_in(words, &r, &html);
		const char *text = custody_buf_str(&html);
		cr_expect(strstr(text, want[i][1]), "%s: %s", want[i][0], strstr(text, "class=\"sentence\""));
		cr_expect_null(strstr(text, "first-letter"));
		cr_expect_null(strstr(text, "italic"));
		cr_expect(strstr(text, "<bdi class=\"r i\">data/O0l1</bdi>"), "the name of an item is not set as one");
		cr_expect(i > 0 || strstr(text, "<p class=\"what\">An item lies in the package under another name"), "no capital");
	}
}

/* In the middle, one half below the other, wherever the line has no room for it: behind a label, behind a word, and where the words before fill the line. */
Test(report, breaks_a_digest_in_its_middle_alone)
{
#define HALF "0011 2233 4455 6677 8899 aabb ccdd eeff"
	static const struct {
		size_t body;
		const char *label, *text, *want;
	} cases[] = {
		{ 0, "", HALF " " HALF, HALF " " HALF "\n" },
		{ 1, "", HALF " " HALF, " " HALF " " HALF "\n" },
		{ 2, "", HALF " " HALF, "  " HALF "\n  " HALF "\n" },
		{ 8, "anchor", HALF " " HALF ", of the lab", "anchor  " HALF "\n        " HALF ", of the lab\n" },
		{ 8, "", "SHA-256 " HALF " " HALF " that is", "        SHA-256 " HALF "\n                " HALF " that is\n" },
		{ 2, "", "words that leave no room for half of it: " HALF " " HALF,
			"  words that leave no room for half of it:\n  " HALF "\n  " HALF "\n" },
		{ 42, "", HALF " " HALF, "                                          " HALF "\n                                          " HALF "\n" },
		{ 40, "", HALF " 0011 2233",
			"                                        " HALF "\n                                        0011 2233\n" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		CUSTODY_BUF_CLEAN struct custody_buf out = { .max = 4096 };
		cr_assert_eq(custody_paragraph(&out, 0, cases[i].label, cases[i].body, cases[i].text, &err), 0, "%s", err.text);
		cr_expect_str_eq(custody_buf_str(&out), cases[i].want, "%zu: %s", i, custody_buf_str(&out));
	}
#undef HALF
}

Test(report, counts_the_kinds_that_are_not_on_page_one)
{
	static const enum custody_finding_id kinds[] = { CUSTODY_FINDING_ZIP_CRC, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH,
		CUSTODY_FINDING_MEMBER_MISSING, CUSTODY_FINDING_MEMBER_UNCOVERED, CUSTODY_FINDING_ZIP_GAP, CUSTODY_FINDING_TREE_ROOT_MISMATCH };
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	custody_findings_release(&r.findings);
	custody_findings_init(&r.findings);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf html;
		custody_findings_add(&r.findings, kinds[i], NULL, 0, NULL);
		custody_verdict_decide(&r);
		html_in(NULL, &r, &html);
		cr_expect_eq(strstr(custody_buf_str(&html), "<p>And 1 more kind, below.</p>") != NULL, i == 4, "%zu", i);
		cr_expect_eq(strstr(custody_buf_str(&html), "<p>And 2 more kinds, below.</p>") != NULL, i == 5, "%zu", i);
	}
}

Test(report, stays_bounded_with_a_thousand_of_the_longest_names)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf json;
	const size_t n = (size_t)1 << 18;
	CUSTODY_FREE char *name = malloc(n);
	cr_assert(name);
	memset(name, 0xff, n);
	custody_buf_init(&json, SIZE_MAX);
	make(&r);
	for (int i = 0; i < 40; i++)
		custody_findings_add(&r.findings, CUSTODY_FINDING_NAME_ALIASED, name, n, NULL);
	cr_assert(custody_report_json(&json, &r, &context, &err) == 0, "%s", err.text);
	cr_expect(json.len < (size_t)20 << 20, "%zu bytes", json.len);
	cr_expect(strstr(custody_buf_str(&json), "more of this kind, not listed"));
	cr_expect(!strstr(custody_buf_str(&json), "\"findings_not_listed\":0,"));
}

Test(report, fails_when_its_text_has_no_room)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	custody_verdict_decide(&r);
	for (size_t max = 0; max < 3000; max++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		CUSTODY_BUF_CLEAN struct custody_buf text, json, html;
		custody_buf_init(&html, 5 * max);
		cr_expect(custody_report_html(&html, &r, &context, &err) == -1 && err.kind == CUSTODY_ERR_LIMIT);
		err = (struct custody_error)CUSTODY_ERROR_INIT;
		custody_buf_init(&text, max);
		custody_buf_init(&json, max < 1500 ? max : 10);
		cr_expect(custody_report_text(&text, &r, &context, &err) == -1 && err.kind == CUSTODY_ERR_LIMIT);
		cr_expect(custody_report_json(&json, &r, &context, &err) == -1 && err.kind == CUSTODY_ERR_LIMIT);
	}
}

Test(report, proves_a_time_only_when_the_group_passed)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	struct custody_time t = { 0, 0 };
	make(&r);
	r.seal.independent = true;
	r.seal.stated = (struct custody_time){ 100, 999999999 };
	r.seal.has_accuracy = true;
	r.seal.accuracy_ms = 1500;
	r.groups[CUSTODY_GROUP_TIME] = CUSTODY_RESULT_FAIL;
	cr_expect(!custody_report_not_later_than(&r, &t));
	r.groups[CUSTODY_GROUP_TIME] = CUSTODY_RESULT_PASS;
	cr_expect(custody_report_not_later_than(&r, &t) && t.sec == 102 && t.nsec == 499999999, "%lld.%u", (long long)t.sec, t.nsec);
	r.seal.accuracy_ms = UINT64_MAX;
	cr_expect(!custody_report_not_later_than(&r, &t));
	r.seal.has_accuracy = false;
	cr_expect(custody_report_not_later_than(&r, &t) && t.sec == 100 && t.nsec == 999999999);
}

/* Both forms of a report; the caller releases. */
static void write_both(struct custody_report *r, const struct custody_report_context *c, struct custody_buf *text, struct custody_buf *json)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(text, 1 << 20);
	custody_buf_init(json, 1 << 20);
	custody_verdict_decide(r);
	cr_assert(custody_report_text(text, r, c, &err) == 0, "%s", err.text);
	cr_assert(custody_report_json(json, r, c, &err) == 0, "%s", err.text);
}

static void expect_text(const struct custody_buf *b, const char *want)
{
	cr_expect(strstr(custody_buf_str(b), want), "does not say: %s\n%s", want, custody_buf_str(b));
}

Test(report, uses_colour_only_when_asked_and_only_on_the_verdict)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text, json;
	struct custody_report_context colourful = context;
	colourful.colour = true;
	make(&r);
	write_both(&r, &colourful, &text, &json);
	cr_expect(strncmp(custody_buf_str(&text), "\033[1;32mVALID\033[0m: ", 18) == 0);
	cr_expect(!memchr(text.data + 20, '\033', text.len - 20) && !memchr(json.data, '\033', json.len));
}

Test(report, keeps_fractions_of_seconds)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text, json;
	make(&r);
	r.seal.independent = r.seal.has_accuracy = true;
	r.seal.accuracy_ms = 1500;
	r.seal.stated.nsec = 700000000;
	write_both(&r, &context, &text, &json);
	expect_text(
		&json, "\"not_later_than\":\"2026-09-21T14:13:22.200000000Z\",\"stated\":\"2026-09-21T14:13:20.700000000Z\",\"accuracy_s\":1.500,");
	expect_text(&text, "not later than 2026-09-21T14:13:22.200000000Z");
	expect_text(&text, "1.500 s, stated by the authority");
}

Test(report, says_when_a_time_cannot_be_written)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text, json;
	make(&r);
	r.seal.stated.sec = INT64_MAX;
	r.sealed.sec = INT64_MIN;
	write_both(&r, &context, &text, &json);
	expect_text(&text, "(out of range)");
	expect_text(&json, "\"stated\":null");
	expect_text(&json, "\"sealed\":null");
}

Test(report, says_that_nothing_was_found_and_what_was_lost)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text, json;
	make(&r);
	custody_findings_release(&r.findings);
	r.findings.out_of_memory = true;
	write_both(&r, &context, &text, &json);
	expect_text(&text, "INDETERMINATE: ");
	expect_text(&text, "none of the ");
	expect_text(&text, "could not be kept for want of memory");
}

Test(report, lists_what_was_found_of_one_item_once)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text, json;
	make(&r);
	custody_findings_add(&r.findings, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, "one", 3, "sha256 differs");
	custody_findings_add(&r.findings, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, "one", 3, "sha256 differs");
	custody_findings_add(&r.findings, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, "one", 3, "sha512 differs");
	custody_findings_add(&r.findings, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, "two", 3, "%s", "");
	write_both(&r, &context, &text, &json);
	expect_text(&text,
		"      item        one\n      found       sha256 differs\n      found       sha512 differs\n      item        two\n      to do ");
}

Test(report, cuts_a_text_that_is_too_long_at_a_character)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text, json;
	make(&r);
	r.not_journalled = malloc(4001);
	cr_assert(r.not_journalled);
	for (size_t i = 0; i < 2000; i++)
		memcpy(r.not_journalled + 2 * i, "\xc3\xa9", 2);
	r.not_journalled[4000] = '\0';
	write_both(&r, &context, &text, &json);
	expect_text(&text, "\xc3\xa9...\n");
	expect_harmless(&text, "long text");
	expect_text(&json, "\xc3\xa9\"}}\n");
}

Test(report, has_no_number_of_a_file_that_was_not_read)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_BUF_CLEAN struct custody_buf text, json;
	make(&r);
	r.has_package = r.has_seal = r.seal.has_signer = r.seal.has_time = false;
	write_both(&r, &context, &text, &json);
	cr_expect(!strstr(custody_buf_str(&text), "Package number") && !strstr(custody_buf_str(&text), "BY HAND"));
	expect_text(&json, "\"sha256\":null,\"size\":null");
	expect_text(&json, "\"seal\":null,\"time\":null");
}

static void expect_conclusion(const struct custody_report *r, const char *want)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, 1 << 20);
	cr_assert(custody_report_conclusion(&text, r, NULL, &err) == 0, "%s", err.text);
	cr_expect_str_eq(custody_buf_str(&text), want);
}

/* A rung holds only where all that it rests on was shown. */
static void expect_rungs(const struct custody_report *r, const char *const want[9])
{
	struct custody_report_rung rung;
	size_t i = 0;
	for (; custody_report_rung(r, i, &rung); i++)
		cr_expect_str_eq(custody_report_rung_result_name(rung.result), want[i], "%zu: %s", i, rung.claim);
	cr_expect(i == 9);
}

Test(report, concludes_in_fixed_sentences_when_valid)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	r.files = 1204;
	r.seal.independent = true;
	custody_findings_release(&r.findings);
	custody_findings_init(&r.findings);
	custody_verdict_decide(&r);
	expect_conclusion(&r,
		"Every one of the 1,204 files in this package is, byte for byte, the file that was sealed. An independent authority proves that the "
		"seal existed not later than 21 September 2026, 14:13:20 UTC.");
	expect_rungs(&r, (const char *const[]){
				 "holds", "holds", "holds", "holds", "not checked", "not checked", "not checked", "not checked", "not checked" });
	r.files = 1;
	r.exceptions = 1;
	r.seal.independent = false;
	custody_findings_add(&r.findings, CUSTODY_FINDING_TIME_OWN_WORD, NULL, 0, NULL);
	custody_verdict_decide(&r);
	expect_conclusion(&r,
		"The one file in this package is, byte for byte, the file that was sealed. The laboratory says that it was sealed on "
		"21 September 2026, 14:13:20 UTC; nothing independent proves this time. 1 source file changed or could not be read while "
		"being sealed; the package may not hold all that there was.");
	expect_rungs(&r, (const char *const[]){
				 "holds", "holds", "holds", "not shown", "not checked", "not checked", "not checked", "not checked", "not checked" });
}

static bool starts_with(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Custody is unbroken only where nobody who signed says otherwise. */
Test(report, says_that_custody_is_unbroken_only_where_nothing_speaks_against_it)
{
	static const enum custody_finding_id against[] = { CUSTODY_FINDING_RECORD_GAP, CUSTODY_FINDING_RECORD_DECLARED_LATER,
		CUSTODY_FINDING_RECORD_TIMES_DISAGREE, CUSTODY_FINDING_RECORD_DISCREPANCY, CUSTODY_FINDING_RECORD_AFTER_DESTRUCTION };
	static const char *const why[] = { "the record leaves open who held or used it", "part of the record was told later",
		"times in the record do not agree", "the record says that something did not fit", "the record says that it was destroyed",
		"whether the record was cut off at its end", "the custody record" };
	const size_t n = sizeof(against) / sizeof(against[0]);
	for (size_t i = 0; i <= n + 1; i++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		struct custody_report_rung rung;
		make(&r);
		custody_findings_release(&r.findings);
		custody_findings_init(&r.findings);
		r.has_record = true;
		r.shown |= CUSTODY_SHOWN_RECORD;
		r.record_anchored = i != n;
		if (i < n)
			custody_findings_add(&r.findings, against[i], NULL, 0, NULL);
		custody_verdict_decide(&r);
		cr_expect_eq(r.verdict, CUSTODY_VERDICT_VALID);
		cr_expect(custody_report_rung(&r, 5, &rung));
		cr_expect_eq(rung.result, i == n + 1 ? CUSTODY_RUNG_HOLDS : CUSTODY_RUNG_NOT_SHOWN, "%zu", i);
		cr_expect(starts_with(rung.why, why[i]), "%zu: %s", i, rung.why);
		/* and page one says it beside that each event holds, which alone would be taken for more */
		CUSTODY_BUF_CLEAN struct custody_buf html;
		struct custody_error err = CUSTODY_ERROR_INIT;
		custody_buf_init(&html, 1 << 20);
		cr_assert_eq(custody_report_html(&html, &r, &context, &err), 0, "%s", err.text);
		const char *first = strstr(custody_buf_str(&html), "<section class=\"page\">"),
			   *line = strstr(custody_buf_str(&html), "custody since sealing, not shown:");
		cr_expect_eq(line && line < first, i < n, "%zu", i);
	}
}

#define JUDGED_ALL_THE_SAME                                                                                                                          \
	"The package that was given was judged all the same, and this was found of it. Every one of the 2 files in this package is, byte for byte, " \
	"the "                                                                                                                                       \
	"file that was sealed. The laboratory says that it was sealed on 21 September 2026, 14:13:20 UTC; nothing independent proves this time."

Test(report, concludes_what_is_wrong_and_tells_the_kinds_apart)
{
	static const struct {
		enum custody_finding_id id;
		const char *want;
		enum custody_report_rung_result bytes;
	} rows[] = {
		{ CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED,
			"This is not the file that was expected: its package number is another. " JUDGED_ALL_THE_SAME, CUSTODY_RUNG_NOT_SHOWN },
		{ CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, "1 item differs from what the package states of it.", CUSTODY_RUNG_FAILS },
		{ CUSTODY_FINDING_MEMBER_MISSING, "Something is missing that the seal or the format names.", CUSTODY_RUNG_FAILS },
		{ CUSTODY_FINDING_MEMBER_UNCOVERED, "Something was added that the seal does not cover.", CUSTODY_RUNG_FAILS },
		{ CUSTODY_FINDING_ZIP_GAP,
			"The file does not have the exact form of a sealed package: it was damaged, cut, extended or rebuilt, or "
			"is something else.",
			CUSTODY_RUNG_FAILS },
		{ CUSTODY_FINDING_TREE_ROOT_MISMATCH, "The lists in the package do not agree with each other or with what was found.",
			CUSTODY_RUNG_FAILS },
		{ CUSTODY_FINDING_SEAL_SIGNATURE_INVALID, "The seal is not good: a signature, a certificate, or what belongs to them is wrong.",
			CUSTODY_RUNG_HOLDS },
		{ CUSTODY_FINDING_TIME_WRONG_OBJECT, "A time-stamp of the seal is wrong.", CUSTODY_RUNG_HOLDS },
		{ CUSTODY_FINDING_ZIP_CRC, "A check value of the container (CRC-32) does not fit: bytes were changed or damaged after it was made.",
			CUSTODY_RUNG_FAILS },
		{ CUSTODY_FINDING_RECORD_WRONG_PACKAGE, "The custody record and this file do not belong together. " JUDGED_ALL_THE_SAME,
			CUSTODY_RUNG_HOLDS },
		{ CUSTODY_FINDING_RECORD_CHAIN_BROKEN, "The custody record is wrong. " JUDGED_ALL_THE_SAME, CUSTODY_RUNG_HOLDS },
		{ CUSTODY_FINDING_RECORD_HEAD_MISSING,
			"The custody record does not fit the head, or the other copy of it, that it was compared with. " JUDGED_ALL_THE_SAME,
			CUSTODY_RUNG_HOLDS },
		{ CUSTODY_FINDING_RECORD_FORK,
			"The custody record tells two histories, or another history than the copy that it was compared with. " JUDGED_ALL_THE_SAME,
			CUSTODY_RUNG_HOLDS },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		make(&r);
		custody_findings_add(&r.findings, rows[i].id, "a", 1, NULL);
		custody_findings_add(&r.findings, rows[i].id, "a", 1, NULL);
		custody_verdict_decide(&r);
		cr_expect(r.verdict == CUSTODY_VERDICT_INVALID);
		expect_conclusion(&r, rows[i].want);
		struct custody_report_rung rung;
		cr_expect(custody_report_rung(&r, 0, &rung));
		cr_expect(rung.result == rows[i].bytes, "%zu: %s", i, custody_report_rung_result_name(rung.result));
	}
}

/* A record or a number that does not fit makes INVALID, and nothing of it is said of the package. */
Test(report, tells_a_wrong_package_from_what_was_given_beside_it)
{
	static const struct {
		enum custody_finding_id a, b;
		const char *want;
	} rows[] = {
		{ CUSTODY_FINDING_RECORD_FORK, CUSTODY_FINDING_RECORD_WRONG_PACKAGE,
			"the custody record is wrong, or does not fit what was given with it; the package still proves what its seal says." },
		{ CUSTODY_FINDING_RECORD_WRONG_PACKAGE, CUSTODY_FINDING_SEAL_UNTRUSTED,
			"the custody record is wrong, or does not fit what was given with it; nothing in the package is proved wrong." },
		{ CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED, CUSTODY_FINDING_TIME_OWN_WORD,
			"it is not the package that was expected; this one still proves what its own seal says." },
		{ CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED, CUSTODY_FINDING_REVOCATION_UNKNOWN,
			"it is not the package that was expected; nothing in this one is proved wrong." },
		{ CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED, CUSTODY_FINDING_RECORD_FORK,
			"what was given for this check does not fit; nothing in the package itself is proved wrong." },
		{ CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH,
			"something is proved wrong; this package does not prove what its seal says." },
		{ CUSTODY_FINDING_RECORD_FORK, CUSTODY_FINDING_TIME_WRONG_OBJECT,
			"something is proved wrong; this package does not prove what its seal says." },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_BUF_CLEAN struct custody_buf text, json;
		make(&r);
		custody_findings_add(&r.findings, rows[i].a, NULL, 0, NULL);
		custody_findings_add(&r.findings, rows[i].b, NULL, 0, NULL);
		r.has_record = custody_finding_get(rows[i].a)->group == CUSTODY_GROUP_CUSTODY;
		custody_verdict_decide(&r);
		cr_expect(r.verdict == CUSTODY_VERDICT_INVALID);
		cr_expect_str_eq(custody_report_sentence(&r), rows[i].want, "%zu: %s", i, custody_report_sentence(&r));
		write_both(&r, &context, &text, &json);
		cr_expect(r.findings.count[rows[i].a] == 1 && r.verdict == CUSTODY_VERDICT_INVALID, "the report itself is as it was");
	}
}

/* Without everything shown of the package, nothing is said to be proved. */
Test(report, says_of_a_package_beside_a_wrong_record_only_what_was_shown)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	r.has_record = true;
	r.shown &= ~(uint32_t)CUSTODY_SHOWN_UNCHANGED;
	custody_findings_add(&r.findings, CUSTODY_FINDING_RECORD_CHAIN_BROKEN, NULL, 0, NULL);
	custody_verdict_decide(&r);
	expect_conclusion(&r, "The custody record is wrong. The package that was given was judged all the same, and this was found of it. It cannot "
			      "be decided whether "
			      "this package still proves what its seal says.");
}

/* ADM-87: what still holds is said of what was compared, and of nothing else. */
Test(report, says_how_much_does_not_differ_where_all_was_compared)
{
	static const struct {
		bool all;
		uint64_t compared, equal;
		enum custody_finding_id id;
		const char *want, *json;
	} rows[] = {
		{ true, 1104, 1102, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH,
			"1 item differs from what the package states of it. All of the 1,104 items with content were compared. 1,102 of them do not "
			"differ from "
			"what the package states of them.",
			"\"compared\":{\"items\":1104,\"equal\":1102}" },
		{ true, 2, 1, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH,
			"1 item differs from what the package states of it. All of the 2 items with content were compared. 1 of them does not differ "
			"from what "
			"the package states of it.",
			"\"compared\":{\"items\":2,\"equal\":1}" },
		{ true, 3, 0, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, "1 item differs from what the package states of it.",
			"\"compared\":{\"items\":3,\"equal\":0}" },
		{ true, 7, 7, CUSTODY_FINDING_SEAL_SIGNATURE_INVALID,
			"The seal is not good: a signature, a certificate, or what belongs to them is wrong. All of the 7 items with content were "
			"compared, and "
			"none differs from what the package states of it. Whether that is what was sealed, a seal that is not good does not say.",
			"\"compared\":{\"items\":7,\"equal\":7}" },
		{ false, 1103, 1103, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH, "1 item differs from what the package states of it.",
			"\"compared\":null" },
		{ true, 0, 0, CUSTODY_FINDING_MEMBER_MISSING, "Something is missing that the seal or the format names.", "\"compared\":null" },
	};
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_BUF_CLEAN struct custody_buf text, json;
		const bool changed = i % 2; /* a file that changed while it was read was not compared with anything */
		make(&r);
		r.all_compared = rows[i / 2].all;
		r.compared = rows[i / 2].compared;
		r.equal = rows[i / 2].equal;
		custody_findings_add(&r.findings, rows[i / 2].id, "a", 1, NULL);
		if (changed)
			custody_findings_add(&r.findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, NULL, 0, NULL);
		custody_verdict_decide(&r);
		write_both(&r, &context, &text, &json);
		expect_text(&json, changed ? "\"compared\":null" : rows[i / 2].json);
		if (changed)
			cr_expect(!strstr(custody_buf_str(&text), "compared. ") && !strstr(custody_buf_str(&text), "not differ"));
		else
			expect_conclusion(&r, rows[i / 2].want);
	}
}

Test(report, concludes_why_it_cannot_be_decided)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	r.shown &= ~(uint32_t)(CUSTODY_SHOWN_SEAL | CUSTODY_SHOWN_TIME);
	custody_findings_add(&r.findings, CUSTODY_FINDING_SEAL_UNTRUSTED, NULL, 0, NULL);
	custody_findings_add(&r.findings, CUSTODY_FINDING_TIME_UNTRUSTED, NULL, 0, NULL);
	custody_verdict_decide(&r);
	expect_conclusion(&r,
		"It cannot be decided whether this package still proves what its seal says. The reasons: (1) the seal holds "
		"arithmetically; who made it cannot be said; (2) no time-stamp comes from an authority that was given for this check. What could "
		"be checked: every item "
		"has the digests that the package states of it.");
	expect_rungs(&r, (const char *const[]){ "holds", "holds", "not shown", "not shown", "not checked", "not checked", "not checked",
				 "not checked", "not checked" });
	r.seal.arithmetic = false;
	expect_rungs(&r, (const char *const[]){ "not shown", "not shown", "not shown", "not shown", "not checked", "not checked", "not checked",
				 "not checked", "not checked" });
}

/* ---- local time and the signer's certificate (ADM-88, ADM-89) ---- */

static bool two_hours_east(struct custody_time t, struct custody_zone *out)
{
	(void)t;
	*out = (struct custody_zone){ 7200, "CEST" };
	return true;
}

static bool far_west(struct custody_time t, struct custody_zone *out)
{
	(void)t;
	*out = (struct custody_zone){ -12600, "<b>" };
	return true;
}

static bool at_greenwich(struct custody_time t, struct custody_zone *out)
{
	(void)t;
	*out = (struct custody_zone){ 0, "UTC" };
	return true;
}

static bool unknown_zone(struct custody_time t, struct custody_zone *out)
{
	(void)t;
	(void)out;
	return false;
}

Test(report, says_local_time_beside_UTC_where_it_is_another)
{
	static const struct {
		custody_local_time *local;
		int64_t sec;
		const char *beside, *json;
	} cases[] = {
		{ two_hours_east, 1790000000, " (16:13:20 CEST, UTC+02:00)", "2026-09-21T16:13:20+02:00" },
		{ two_hours_east, 1790030000, " (22 September 2026, 00:33:20 CEST, UTC+02:00)", "2026-09-22T00:33:20+02:00" },
		{ far_west, 1789957000, " (20 September 2026, 22:46:40 <b>, UTC-03:30)", "2026-09-20T22:46:40-03:30" },
		{ at_greenwich, 1790000000, "", "2026-09-21T14:13:20+00:00" }, { unknown_zone, 1790000000, "", NULL }, { NULL, 1790000000, "", NULL },
		{ two_hours_east, 253402300799, "", NULL }, /* the year 10000 */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_zone zone;
		char json[CUSTODY_TIME_TEXT];
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_BUF_CLEAN struct custody_buf text;
		custody_buf_init(&text, 256);
		custody_report_init(&r);
		r.local = cases[i].local;
		cr_assert(custody_report_append_local(&text, &r, (struct custody_time){ cases[i].sec, 0 }, NULL, &err) == 0);
		cr_expect_str_eq(custody_buf_str(&text), cases[i].beside, "%zu: %s", i, custody_buf_str(&text));
		bool known = custody_report_local(&r, (struct custody_time){ cases[i].sec, 5 }, json, &zone);
		cr_expect_eq(known, cases[i].json != NULL, "%zu", i);
		cr_expect(!known || strcmp(json, cases[i].json) == 0, "%zu: %s", i, json);
	}
}

Test(report, says_how_the_certificate_stands_to_the_time_that_counts)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	make(&r);
	custody_verdict_decide(&r);
	r.seal.valid_from = (struct custody_time){ 1780000000, 0 };
	r.seal.valid_until = (struct custody_time){ 1800000000, 0 };
	cr_expect_str_eq(custody_report_standing(&r), "not expired when it was judged");
	r.evaluated_at.sec = 1779999999;
	cr_expect_str_eq(custody_report_standing(&r), "not valid yet when it was judged");
	r.evaluated_at.sec = 1800000001;
	cr_expect_str_eq(custody_report_standing(&r), "expired, and no proven time speaks for it");
	r.seal.independent = true;
	r.groups[CUSTODY_GROUP_TIME] = CUSTODY_RESULT_PASS;
	cr_expect_str_eq(custody_report_standing(&r), "expired since; it had not at the proven time");
	r.seal.stated.sec = 1800000002;
	cr_expect_str_eq(custody_report_standing(&r), "expired, and no proven time speaks for it");
	custody_findings_add(&r.findings, CUSTODY_FINDING_SEAL_REVOKED, NULL, 0, NULL);
	cr_expect_str_eq(custody_report_standing(&r), "withdrawn: see what was found");
}
