/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms of certificates: design/admissibility.md ADM-33 to ADM-48. Every form of this program against golden files, fixtures/certificate/ID.txt, .html and .json;
 * with CUSTODY_GOLDEN=1 in the environment they are written again, for `git diff` to be read.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/form.h"
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

static void fill_seal(struct custody_seal_result *s)
{
	s->arithmetic = s->seal_pass = s->time_pass = s->level_lt = true;
	s->has_signer = s->has_anchor = s->has_time = s->has_claimed = s->has_revocation_until = true;
	strcpy(s->signer, "CN=Ada Analyst, O=Lab of the City");
	strcpy(s->signer_name, "Ada Analyst");
	strcpy(s->issuer, "CN=Root, O=Lab of the City");
	strcpy(s->authority, "CN=Stamps, O=Authority");
	memset(s->certificate_sha256, 0x11, 32);
	memset(s->anchor_sha256, 0x22, 32);
	memset(s->authority_sha256, 0x33, 32);
	s->valid_from = (struct custody_time){ 1780000000, 0 };
	s->valid_until = (struct custody_time){ 2100000000, 0 };
	s->stated = (struct custody_time){ 1790000000, 500000000 };
	s->claimed = (struct custody_time){ 1789999999, 0 };
	s->revocation_known_until = (struct custody_time){ 1789900000, 0 };
}

/* A report as verify would give it of a package that is VALID on the laboratory's own word. */
static void make_report(struct custody_report *r)
{
	custody_report_init(r);
	r->path = copy("evidence/acme return.asice");
	r->has_package = r->has_seal = r->has_sealfile = r->has_reading = r->has_lists = true;
	r->size = 1250000;
	for (size_t i = 0; i < 32; i++)
		r->sha256[i] = (uint8_t)(i * 7);
	r->shown = CUSTODY_SHOWN_ALL;
	fill_seal(&r->seal);
	r->case_id = copy("C-2026/17");
	r->exhibit = copy("E-1");
	r->sealer_name = copy("Ada Analyst");
	r->sealer_organisation = copy("Lab of the City");
	r->uuid = copy("6f0fd4b0-0000-4000-8000-000000000001");
	r->tool_name = copy("custody");
	r->tool_version = copy("0.1.0");
	r->reading_from = (struct custody_time){ 1789999900, 0 };
	r->reading_until = (struct custody_time){ 1789999990, 0 };
	r->clock_synchronised = 1;
	r->sealed = (struct custody_time){ 1789999998, 0 };
	r->items = 3;
	r->bytes = 1234567;
	r->files = 2;
	r->digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_SHA512) | CUSTODY_DIGEST_BIT(CUSTODY_MD5);
	memset(r->list_sha256, 0x55, 32);
	memset(r->inventory_sha256, 0x66, 32);
	r->evaluated_at = (struct custody_time){ 1791000000, 500 };
	custody_findings_add(&r->findings, CUSTODY_FINDING_TIME_OWN_WORD, NULL, 0, NULL);
	custody_verdict_decide(r);
	cr_assert_eq(r->verdict, CUSTODY_VERDICT_VALID);
}

static void add_item(struct custody_form_data *d, uint64_t n, const char *path, enum custody_kind kind, uint64_t size)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_item item = {
		.n = n, .path = { (const uint8_t *)path, strlen(path) }, .kind = kind, .has_content = kind == CUSTODY_KIND_FILE, .size = size
	};
	item.digests.mask = d->report->digests;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		memset(item.digests.value[id], (int)(id * 16 + (int)n), CUSTODY_DIGEST_MAX);
	cr_assert(custody_form_data_add(d, &item, &err) == 0, "%s", err.text);
}

/* The form and three items. form is released by the caller. */
static void make_data(struct custody_form_data *d, struct custody_form *form, const struct custody_report *r, const char *id)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct custody_embedded *e = custody_form_find(id);
	cr_assert(e && custody_form_parse(e->p, e->n, form, &err) == 0, "%s: %s", id, err.text);
	*d = (struct custody_form_data){ .form = form, .report = r, .context = &context };
	add_item(d, 0, "acme", CUSTODY_KIND_DIR, 0);
	add_item(d, 1, "acme/mail.mbox", CUSTODY_KIND_FILE, 1234566);
	add_item(d, 2, "acme/\x1b[31m\xe2\x80\xae<script>\xff", CUSTODY_KIND_FILE, 1);
}

static void compare(const struct custody_buf *got, const char *name, const char *suffix)
{
	char path[128];
	snprintf(path, sizeof(path), "fixtures/certificate/%s.%s", name, suffix);
	if (getenv("CUSTODY_GOLDEN")) {
		FILE *f = fopen(path, "w");
		cr_assert(f && fwrite(got->data, 1, got->len, f) == got->len && fclose(f) == 0);
		return;
	}
	CUSTODY_BUF_CLEAN struct custody_buf want;
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&want, 1 << 20);
	cr_assert(custody_fd_slurp(path, 1 << 20, &want, &err) == 0, "%s", err.text);
	cr_expect(want.len == got->len && memcmp(want.data, got->data, want.len) == 0, "%s differs:\n%s", path, custody_buf_str(got));
}

/* Not a byte that acts on a terminal, no word that nothing may say (ADM-48), no box that somebody ticked (ADM-34). */
static void expect_harmless(const struct custody_buf *b, const char *what)
{
	static const char *const forbidden[] = { "admissible", "authentic", "genuine", "court-proof", "[x]", "checked=", "\xe2\x98\x91",
		"\xe2\x98\x92" };
	for (size_t i = 0; i < b->len;) {
		uint32_t cp;
		size_t n = custody_utf8_decode(b->data + i, b->len - i, &cp);
		cr_assert(n > 0, "%s: not UTF-8 at %zu", what, i);
		cr_assert(cp == '\n' || !custody_utf8_is_unsafe(cp), "%s: U+%04X at %zu", what, cp, i);
		i += n;
	}
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
		cr_expect(strcasestr(custody_buf_str(b), forbidden[i]) == NULL, "%s says %s", what, forbidden[i]);
}

static void expect_narrow(const struct custody_buf *b, const char *what)
{
	CUSTODY_FREE char *text = copy(custody_buf_str(b));
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		cr_expect(strlen(line) <= 100 || !strchr(line + strspn(line, " "), ' '), "%s: %zu columns: %s", what, strlen(line), line);
}

static void expect_golden(const struct custody_form_data *d, const char *name)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf text, html, json;
	CUSTODY_CLEANUP(custody_json_free) struct json_t *parsed = NULL;
	custody_buf_init(&text, 1 << 20);
	custody_buf_init(&html, 1 << 20);
	custody_buf_init(&json, 1 << 20);
	cr_assert(custody_form_text(&text, d, &err) == 0, "%s", err.text);
	cr_assert(custody_form_html(&html, d, &err) == 0, "%s", err.text);
	cr_assert(custody_form_json(&json, d, &err) == 0, "%s", err.text);
	expect_harmless(&text, name);
	expect_harmless(&html, name);
	cr_expect(!strstr(custody_buf_str(&html), "<script") && !strstr(custody_buf_str(&html), "<input"), "%s", name);
	expect_narrow(&text, name);
	cr_expect(json.data[json.len - 1] == '\n' && memchr(json.data, '\n', json.len) == json.data + json.len - 1, "%s: one line", name);
	cr_expect(custody_json_parse(json.data, json.len - 1, true, &parsed, &err) == 0, "%s: %s", name, err.text);
	compare(&text, name, "txt");
	compare(&html, name, "html");
	compare(&json, name, "json");
}

/* ADM-34, ADM-36, ADM-39: what every form of this program is on paper. */
Test(form, every_one_is_what_its_golden_files_say)
{
	for (const struct custody_embedded *e = custody_forms; e->name; e++) {
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_CLEANUP(custody_form_release) struct custody_form form = { .parts = NULL };
		CUSTODY_CLEANUP(custody_form_data_release) struct custody_form_data d = { .items = NULL };
		make_report(&r);
		make_data(&d, &form, &r, e->name);
		cr_expect_str_eq(form.id, e->name);
		expect_golden(&d, e->name);
	}
}

Test(form, there_is_one_for_each_name_of_the_manual)
{
	static const char *const names[] = { "bsa-63-a", "bsa-63-b", "cea-31", "fre-902-11", "fre-902-13", "fre-902-14", "neutral", "uk-s9",
		"usc-3505" };
	size_t n = 0;
	for (; custody_forms[n].name; n++)
		cr_assert(n < sizeof(names) / sizeof(*names) && strcmp(custody_forms[n].name, names[n]) == 0, "%s", custody_forms[n].name);
	cr_expect_eq(n, sizeof(names) / sizeof(*names));
	cr_expect(!custody_form_find("nosuch") && !custody_form_find(""));
}

/* ADM-35: nobody but the custodian or the party signs these. */
Test(form, of_another_persons_facts_warns_on_paper_and_an_own_one_does_not)
{
	for (const struct custody_embedded *e = custody_forms; e->name; e++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
		CUSTODY_CLEANUP(custody_form_release) struct custody_form form = { .parts = NULL };
		CUSTODY_CLEANUP(custody_form_data_release) struct custody_form_data d = { .items = NULL };
		CUSTODY_BUF_CLEAN struct custody_buf html;
		custody_buf_init(&html, 1 << 20);
		make_report(&r);
		make_data(&d, &form, &r, e->name);
		cr_assert(custody_form_html(&html, &d, &err) == 0);
		bool others = strcmp(e->name, "fre-902-11") == 0 || strcmp(e->name, "usc-3505") == 0 || strcmp(e->name, "bsa-63-a") == 0;
		cr_expect_eq(form.own, !others, "%s", e->name);
		cr_expect_eq(strstr(custody_buf_str(&html), "aria-label=\"Warning\"") != NULL, others, "%s", e->name);
		cr_expect(strstr(custody_buf_str(&html), "SAMPLE. No lawyer"), "%s is not marked as a sample", e->name);
	}
}

/* What there is not is said to be not there, and is no blank to be filled in. */
Test(form, has_no_blank_where_a_value_is_missing)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_CLEANUP(custody_form_release) struct custody_form form = { .parts = NULL };
	CUSTODY_CLEANUP(custody_form_data_release) struct custody_form_data d = { .items = NULL };
	custody_report_init(&r);
	r.seal = (struct custody_seal_result){ .arithmetic = false };
	make_data(&d, &form, &r, "neutral");
	for (int f = 0; f < CUSTODY_FACT_COUNT; f++) {
		CUSTODY_CLEANUP(custody_form_value_release) struct custody_form_value v = { .kind = CUSTODY_VALUE_ABSENT };
		CUSTODY_BUF_CLEAN struct custody_buf text;
		custody_buf_init(&text, 1 << 16);
		cr_assert(custody_form_value(&d, (enum custody_form_fact)f, &v, &err) == 0, "%s", err.text);
		cr_assert(custody_form_value_show(&d, &v, &text, &err) == 0);
		cr_expect(text.len > 0, "%s", custody_form_fact_name((enum custody_form_fact)f));
	}
}

Test(form, has_names_of_facts_that_are_all_different)
{
	for (int f = 0; f < CUSTODY_FACT_COUNT; f++) {
		const char *name = custody_form_fact_name((enum custody_form_fact)f);
		cr_assert(name && *name, "%d", f);
		for (int g = 0; g < f; g++)
			cr_expect_str_neq(name, custody_form_fact_name((enum custody_form_fact)g));
	}
}

/* ADM-38: of a long list the first items, how many there are, and where the rest is. */
Test(form, says_where_the_rest_of_a_long_list_is)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLEANUP(custody_report_release) struct custody_report r;
	CUSTODY_CLEANUP(custody_form_release) struct custody_form form = { .parts = NULL };
	CUSTODY_CLEANUP(custody_form_data_release) struct custody_form_data d = { .items = NULL };
	CUSTODY_BUF_CLEAN struct custody_buf text, html;
	custody_buf_init(&text, 8 << 20);
	custody_buf_init(&html, 8 << 20);
	make_report(&r);
	make_data(&d, &form, &r, "neutral");
	for (uint64_t n = 3; n < CUSTODY_LIMIT_FORM_ITEMS; n++)
		add_item(&d, n, "x", CUSTODY_KIND_FILE, 1);
	cr_assert(custody_form_text(&text, &d, &err) == 0);
	cr_expect_not(strstr(custody_buf_str(&text), "enclose these"), "at the limit all are listed");
	add_item(&d, CUSTODY_LIMIT_FORM_ITEMS, "y", CUSTODY_KIND_FILE, 1);
	cr_expect_eq(d.n_items, CUSTODY_LIMIT_FORM_ITEMS);
	custody_buf_clear(&text);
	cr_assert(custody_form_text(&text, &d, &err) == 0 && custody_form_html(&html, &d, &err) == 0);
	cr_expect(strstr(custody_buf_str(&text), "The list has 1,001 items, and the first 1,000 of them follow."));
	cr_expect(strstr(custody_buf_str(&html), "The list has 1,001 items, and the first 1,000 of them follow."));
}

/* ADM-42 */
Test(form, prints_times_in_its_own_zone_with_UTC_beside)
{
	static const struct {
		int32_t offset;
		bool zone, day_first;
		int64_t sec;
		const char *want;
	} cases[] = {
		{ 0, false, false, 1790000000, "21 September 2026, 14:13:20 UTC" }, { 0, false, true, 1790000000, "21/09/2026, 14:13:20 UTC" },
		{ 19800, true, true, 1790000000, "21/09/2026, 19:43:20 Z (UTC+05:30), which is 21/09/2026, 14:13:20 UTC" },
		{ 19800, true, false, 1790020000, "22 September 2026, 01:16:40 Z (UTC+05:30), which is 21 September 2026, 19:46:40 UTC" },
		{ -12600, true, false, 1790000000, "21 September 2026, 10:43:20 Z (UTC-03:30), which is 21 September 2026, 14:13:20 UTC" },
		{ 50400, true, false, 253402300799, "31 December 9999, 23:59:59 UTC" }, /* the year 10000 cannot be written */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		CUSTODY_BUF_CLEAN struct custody_buf text;
		struct custody_form form = {
			.has_zone = cases[i].zone, .day_first = cases[i].day_first, .zone_offset = cases[i].offset, .zone_name = "Z"
		};
		custody_buf_init(&text, 256);
		cr_assert(custody_form_date(&form, (struct custody_time){ cases[i].sec, 0 }, &text, &err) == 0);
		cr_expect_str_eq(custody_buf_str(&text), cases[i].want, "%s", custody_buf_str(&text));
	}
}

/* ---- reading ---- */

#define TOP "custody-form: 1\nid: a-1\nversion: 1\nlanguage: en\nchecked: 2026-11-24\njurisdiction: J\nprovision: P\n"
#define HEAD TOP "source: S\ntitle: T\nsigner: own\nwho: W\n"
#define NUMBER "\nsection: A\nfact: package-number | N\n"
#define SIGN "sign: S | D\n"

Test(form, says_of_each_mistake_what_was_found_and_wanted)
{
	static const struct {
		const char *what, *text, *want;
	} cases[] = {
		{ "nothing", "", "line 1: the last line has no end" },
		{ "no end", "custody-form: 1", "line 1: the last line has no end" },
		{ "an empty line", "\n", "line 1: want 'custody-form' here" },
		{ "another format", "custody-form: 2\n", "line 1: found '2', want version 1 of the format" },
		{ "not UTF-8", "custody-form: 1\nid: \xff\n", "line 2: a byte that is not UTF-8" },
		{ "a NUL would end it", "custody-form: 1\x01\n", "line 1: U+0001, want no control or format characters" },
		{ "turned around", "custody-form: 1\n# \xe2\x80\xae\n", "line 2: U+202E, want no control or format characters" },
		{ "no colon", "custody-form\n", "line 1: found 'custody-form', want KEY, a colon, a space and a text" },
		{ "no key", ": x\n", "line 1: found ': x', want KEY, a colon, a space and a text" },
		{ "blanks", "custody-form:  1\n", "line 1: found ' 1', want a text without blanks around it" },
		{ "no text", "custody-form: \n", "line 1: found '', want a text without blanks around it" },
		{ "an id", "custody-form: 1\nid: A\n", "line 2: found 'A', want at most 40 of a-z, 0-9 and '-'" },
		{ "the order", "custody-form: 1\nversion: 1\n", "line 2: want 'id' here" },
		{ "a field missing at the end", "custody-form: 1\nid: a\n", "line 3: want 'version' here" },
		{ "a date", "custody-form: 1\nid: a\nversion: 1\nlanguage: en\nchecked: 24.11.2026\n",
			"line 5: found '24.11.2026', want a date such as 2026-11-24" },
		{ "a date that is none", "custody-form: 1\nid: a\nversion: 1\nlanguage: en\nchecked: 2026-02-30\n",
			"line 5: found '2026-02-30', want a date such as 2026-11-24" },
		{ "sources", TOP "source: 1\nsource: 2\nsource: 3\nsource: 4\nsource: 5\n", "line 12: more than 4 sources" },
		{ "a signer", TOP "source: S\ntitle: T\nsigner: me\n", "line 10: found 'me', want 'own' or 'other'" },
		{ "a zone", HEAD "zone: IST\n", "line 12: found 'IST', want an offset and a name such as '+05:30 IST'" },
		{ "a zone without a name", HEAD "zone: +05:30 \n", "line 12: found '+05:30 ', want a text without blanks around it" },
		{ "a zone too far", HEAD "zone: +15:00 X\n", "line 12: found '+15:00 X', want an offset of at most 14 hours" },
		{ "dates", HEAD "dates: MM/DD/YYYY\n", "line 12: found 'MM/DD/YYYY', want 'words' or 'DD/MM/YYYY'" },
		{ "a title twice", HEAD "title: T\n", "line 12: found 'title', want an empty line after the head" },
		{ "nothing in it", HEAD, "the first part is no section" },
		{ "no section first", HEAD "\ntext: x\n" SIGN, "the first part is no section" },
		{ "no place to sign", HEAD NUMBER, "the last part does not say where to sign" },
		{ "no package", HEAD "\nsection: A\n" SIGN, "no part has the fact package-number: which package would be meant?" },
		{ "a part", HEAD NUMBER "tick: x\n",
			"line 15: found 'tick', want section, text, fact, algorithms, blank, lines, choice, declare or sign" },
		{ "a fact", HEAD NUMBER "fact: sender | X\n", "line 15: found 'sender', want the name of a fact that the program knows" },
		{ "a fact without a label", HEAD NUMBER "fact: case\n", "line 15: found 'case', want 'NAME | LABEL'" },
		{ "a fact with too much", HEAD NUMBER "fact: case | A | B\n", "line 15: more than 2 parts" },
		{ "an empty option", HEAD NUMBER "choice: A |  | B\n", "line 15: found '', want a text on each side of ' | '" },
		{ "one option", HEAD NUMBER "choice: A\n", "line 15: found 'A', want 'LABEL | OPTION | OPTION'" },
		{ "lines", HEAD NUMBER "lines: 1 | A\n", "line 15: found '1 | A', want a number from 2 to 9, ' | ' and a label" },
		{ "lines without a label", HEAD NUMBER "lines: 3\n", "line 15: found '3', want a number from 2 to 9, ' | ' and a label" },
		{ "a box ticked", HEAD NUMBER "declare: [X] it is so\n" SIGN,
			"line 15: a box that is ticked, want '[ ]' or nothing: that is for the person who signs" },
		{ "a box ticked by a sign", HEAD NUMBER "text: \xe2\x98\x91 so\n" SIGN,
			"line 15: a box that is ticked, want '[ ]' or nothing: that is for the person who signs" },
		{ "a word", HEAD NUMBER "text: Genuine\n" SIGN, "line 15: a word that only a court can say" },
		{ "a word in a label", HEAD NUMBER "blank: authen AUTHENTICated by\n" SIGN, "line 15: a word that only a court can say" },
		{ "a word in a comment", "# inadmissible\n" HEAD NUMBER SIGN, "line 1: a word that only a court can say" },
		{ "two words", HEAD NUMBER "sign: court proof\n", "line 15: a word that only a court can say" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CUSTODY_CLEANUP(custody_form_release) struct custody_form form = { .parts = NULL };
		struct custody_error err = CUSTODY_ERROR_INIT;
		cr_expect(custody_form_parse((const uint8_t *)cases[i].text, strlen(cases[i].text), &form, &err) != 0, "%s is taken", cases[i].what);
		cr_expect_str_eq(err.text, cases[i].want, "%s: %s", cases[i].what, err.text);
	}
}

static int parse_long(const char *line, size_t times, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_form_release) struct custody_form form = { .parts = NULL };
	CUSTODY_BUF_CLEAN struct custody_buf text;
	custody_buf_init(&text, 1 << 20);
	cr_assert(custody_buf_append_str(&text, HEAD NUMBER, err) == 0);
	for (size_t i = 0; i < times; i++)
		cr_assert(custody_buf_append_str(&text, line, err) == 0);
	cr_assert(custody_buf_append_str(&text, SIGN, err) == 0);
	return custody_form_parse(text.data, text.len, &form, err);
}

Test(form, has_limits)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_expect(parse_long("blank: x\n", CUSTODY_LIMIT_FORM_PARTS - 3, &err) == 0, "%s", err.text);
	cr_expect(parse_long("blank: x\n", CUSTODY_LIMIT_FORM_PARTS - 2, &err) != 0 && err.kind == CUSTODY_ERR_LIMIT, "%s", err.text);
	cr_expect_str_eq(err.text, "line 213: more than 200 parts", "%s", err.text);
	size_t rest = CUSTODY_LIMIT_FORM - strlen(HEAD NUMBER SIGN);
	cr_expect(parse_long("#\n", rest / 2, &err) == 0, "%s", err.text);
	cr_expect(parse_long("#\n", rest / 2 + 1, &err) != 0 && err.kind == CUSTODY_ERR_LIMIT, "%s", err.text);
	cr_expect(parse_long("choice: L | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15\n", 1, &err) == 0, "%s", err.text);
	cr_expect(parse_long("choice: L | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16\n", 1, &err) != 0 &&
		  err.kind == CUSTODY_ERR_LIMIT);
}
