/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sentences of reports in other languages than English (ADM-85, ADM-96). The English text is the key and what holds; a language has a table of translations, made by make
 * from formats/po/LANGUAGE.po and part of the program: nothing is looked up in the environment, the locale or a file at run time, and no state is shared, so that every
 * function here may be called from any thread (decisions/0020). What a language lacks is given back in English.
 *
 * Only fixed texts of ours go in. A translation has the same format directives as its key: msgfmt checks that when the table is made.
 */
#ifndef CUSTODY_FORMATS_WORDS_H
#define CUSTODY_FORMATS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/words.h"

/* One text: as many forms as the language has for numbers, or one. */
struct custody_word {
	const char *english; /* the key; of a text with a number, its form for one */
	const char *const *forms;
	size_t n_forms;
};

/* One language; static, read only. */
struct custody_words {
	const char *language; /* BCP 47, as in HTML: "fr" */
	const struct custody_word *table; /* in the order of strcmp() */
	size_t n;
	size_t n_texts; /* that there are to translate; more than n: something stands in English */
	size_t (*form)(uint64_t n); /* which form a number takes */
};

/* Made by make: each language of formats/po/LINGUAS but English; ends with a NULL language. */
extern const struct custody_words custody_words_languages[];

/* Looks a language up by its tag, exact. true with NULL in out for "en", which needs no table; false: there is no such language. */
bool custody_words_find(const char *language, const struct custody_words **out);

/*
 * The text in that language; English where it has none, or words is NULL. Static, or english itself. An empty text is itself.
 */
const char *custody_words_get(const struct custody_words *words, const char *english) __attribute__((format_arg(2)));
/* The same, of a text that depends on a number: one and many are the English forms. */
const char *custody_words_plural(const struct custody_words *words, uint64_t n, const char *one, const char *many)
	__attribute__((format_arg(3), format_arg(4)));
/* False: custody_words_get() and custody_words_plural() give English though another language was asked for. */
bool custody_words_have(const struct custody_words *words, const char *english);
/* Every text has a translation. */
bool custody_words_complete(const struct custody_words *words);
/*
 * For a line that is put together of many texts: the language itself, or NULL, which is English, where that lacks a text. Half a line in either reads well in neither, and
 * least where the two run in different directions.
 */
const struct custody_words *custody_words_of_rows(const struct custody_words *words);
/* The language is written from right to left: its catalogue says so. */
bool custody_words_right_to_left(const struct custody_words *words);
/* "en", "fr" ... */
const char *custody_words_language(const struct custody_words *words);

#endif
