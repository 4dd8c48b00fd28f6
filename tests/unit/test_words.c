/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of reports in other languages. The sentences themselves are in the golden files of fixtures/report. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "formats/report_words.h"
#include "formats/words.h"
#include "libcustody/verdict/finding.h"

static const struct custody_words *french(void)
{
	const struct custody_words *fr = NULL;
	cr_assert(custody_words_find("fr", &fr) && fr);
	return fr;
}

Test(words, finds_a_language_by_its_exact_tag)
{
	const struct custody_words *w = custody_words_languages;
	cr_expect(custody_words_find("en", &w) && w == NULL);
	cr_expect(custody_words_find("fr", &w) && w && strcmp(custody_words_language(w), "fr") == 0);
	static const char *const no[] = { "", "FR", "fr_FR", "fr-FR", "fr.UTF-8", "../fr", "C", "xx" };
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		cr_expect(!custody_words_find(no[i], &w) && w == NULL, "'%s'", no[i]);
	cr_expect(strcmp(custody_words_language(NULL), "en") == 0);
}

Test(words, gives_English_for_what_a_language_lacks)
{
	static const char lacking[] = "nobody has translated this";
	cr_expect(custody_words_get(NULL, "holds") != NULL && strcmp(custody_words_get(NULL, "holds"), "holds") == 0);
	cr_expect(strcmp(custody_words_get(french(), "holds"), "tient") == 0 && custody_words_have(french(), "holds"));
	cr_expect(custody_words_get(french(), lacking) == lacking && !custody_words_have(french(), lacking));
	cr_expect(custody_words_have(NULL, lacking), "English lacks nothing");
	/* The empty text is the header of a catalogue, and no sentence. */
	cr_expect(*custody_words_get(french(), "") == '\0' && custody_words_have(french(), ""));
	cr_expect(strcmp(custody_words_plural(french(), 1, "one cat", "many cats"), "one cat") == 0);
	cr_expect(strcmp(custody_words_plural(french(), 0, "one cat", "many cats"), "many cats") == 0);
	cr_expect(custody_words_complete(NULL) && !custody_words_right_to_left(NULL));
}

Test(words, each_table_is_in_order_and_has_the_forms_that_its_formula_takes)
{
	for (const struct custody_words *w = custody_words_languages; w->language; w++) {
		cr_assert(w->n > 0 && w->n <= w->n_texts, "%s: %zu of %zu", w->language, w->n, w->n_texts);
		for (size_t i = 0; i < w->n; i++) {
			cr_expect(i == 0 || strcmp(w->table[i - 1].english, w->table[i].english) < 0, "%s: %s", w->language, w->table[i].english);
			cr_expect(w->table[i].n_forms > 0 && w->table[i].forms[0][0] != '\0', "%s: %s", w->language, w->table[i].english);
			for (uint64_t n = 0; w->table[i].n_forms > 1 && n < 1200; n++)
				cr_expect(w->form(n) < w->table[i].n_forms, "%s: %s", w->language, w->table[i].english);
		}
	}
}

/* French is the proof that a second language works: nothing that a report says of a finding is missing. */
Test(words, French_lacks_no_text_and_no_finding)
{
	cr_expect(custody_words_complete(french()), "%zu of %zu", french()->n, french()->n_texts);
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		cr_expect(custody_words_have(french(), info->text) && custody_words_have(french(), info->action), "%s", info->id);
	}
	for (int g = 0; g < CUSTODY_GROUP_COUNT; g++)
		cr_expect(custody_words_have(french(), custody_group_name((enum custody_group)g)));
}

/* What is not translated yet is what a custody record and a request tell. */
Test(words, Arabic_lacks_no_finding)
{
	const struct custody_words *ar = NULL;
	cr_assert(custody_words_find("ar", &ar) && ar);
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		cr_expect(custody_words_have(ar, info->text) && custody_words_have(ar, info->action), "%s", info->id);
	}
}

Test(words, Arabic_runs_from_right_to_left_and_has_six_forms)
{
	static const struct {
		uint64_t n;
		const char *items;
	} cases[] = {
		{ 0, "0 عنصر" },
		{ 1, "عنصر واحد" },
		{ 2, "عنصران" },
		{ 3, "3 عناصر" },
		{ 10, "10 عناصر" },
		{ 11, "11 عنصرا" },
		{ 100, "100 عنصر" },
		{ 103, "103 عناصر" },
	};
	const struct custody_words *ar = NULL;
	char items[CUSTODY_REPORT_COUNT], date[CUSTODY_REPORT_DATE];
	cr_assert(custody_words_find("ar", &ar) && ar);
	cr_expect(custody_words_right_to_left(ar) && !custody_words_right_to_left(french()));
	struct custody_words less = *ar;
	less.n_texts++;
	cr_expect(custody_words_complete(ar) && custody_words_of_rows(ar) == ar);
	cr_expect(!custody_words_complete(&less) && custody_words_of_rows(&less) == NULL, "a text is missing, and nobody is told");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_str_eq(custody_report_items(cases[i].n, ar, items), cases[i].items);
	/* The longest month, and the longest fraction. */
	cr_expect_str_eq(
		custody_report_date((struct custody_time){ 1796030040, 123456789 }, ar, date), "30 تشرين الثاني/نوفمبر 2026، 09:14:00.123456789 UTC");
}

Test(words, numbers_and_dates_follow_the_language)
{
	static const struct {
		uint64_t n;
		const char *number, *items;
	} numbers[] = {
		{ 0, "0", "0 élément" },
		{ 1, "1", "1 élément" },
		{ 2, "2", "2 éléments" },
		{ 1234, "1\u00a0234", "1\u00a0234 éléments" },
		{ 12345678, "12\u00a0345\u00a0678", "12\u00a0345\u00a0678 éléments" },
		{ UINT64_MAX, "18\u00a0446\u00a0744\u00a0073\u00a0709\u00a0551\u00a0615",
			"18\u00a0446\u00a0744\u00a0073\u00a0709\u00a0551\u00a0615 éléments" },
	};
	static const struct {
		int64_t sec;
		uint32_t nsec;
		const char *english, *french, *day;
	} dates[] = {
		{ 1796030040, 0, "30 November 2026, 09:14:00 UTC", "30 novembre 2026 à 09:14:00 UTC", "30 novembre 2026" },
		{ 1796117600, 5000000, "1 December 2026, 09:33:20.005000000 UTC", "1er décembre 2026 à 09:33:20.005000000 UTC", "1er décembre 2026" },
		{ INT64_MAX, 0, "(out of range)", "(hors limites)", "(hors limites)" },
	};
	char number[CUSTODY_REPORT_NUMBER], items[CUSTODY_REPORT_COUNT], date[CUSTODY_REPORT_DATE];
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		cr_expect_str_eq(custody_report_grouped(numbers[i].n, french(), number), numbers[i].number);
		cr_expect_str_eq(custody_report_items(numbers[i].n, french(), items), numbers[i].items);
	}
	cr_expect_str_eq(custody_report_grouped(UINT64_MAX, NULL, number), "18,446,744,073,709,551,615");
	cr_expect_str_eq(custody_report_bytes(1, NULL, items), "1 byte");
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		struct custody_time t = { dates[i].sec, dates[i].nsec };
		cr_expect_str_eq(custody_report_date(t, NULL, date), dates[i].english);
		cr_expect_str_eq(custody_report_date(t, french(), date), dates[i].french);
		cr_expect_str_eq(custody_report_day(t, french(), date), dates[i].day);
	}
}
