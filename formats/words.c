/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/words.h"

#include <stdlib.h>
#include <string.h>

static int by_english(const void *key, const void *word)
{
	return strcmp(key, ((const struct custody_word *)word)->english);
}

static const struct custody_word *look_up(const struct custody_words *words, const char *english)
{
	return words && *english ? bsearch(english, words->table, words->n, sizeof(*words->table), by_english) : NULL;
}

bool custody_words_find(const char *language, const struct custody_words **out)
{
	const struct custody_words *w = custody_words_languages;
	*out = NULL;
	if (strcmp(language, "en") == 0)
		return true;
	while (w->language && strcmp(w->language, language) != 0)
		w++;
	*out = w->language ? w : NULL;
	return w->language != NULL;
}

const char *custody_words_get(const struct custody_words *words, const char *english)
{
	const struct custody_word *word = look_up(words, english);
	return word ? word->forms[0] : english;
}

const char *custody_words_plural(const struct custody_words *words, uint64_t n, const char *one, const char *many)
{
	const struct custody_word *word = look_up(words, one);
	if (!word)
		return n == 1 ? one : many;
	/* A catalogue whose formula names a form that is not there is refused when the table is made; here it may not lead astray all the same. */
	size_t form = words->form(n);
	return word->forms[form < word->n_forms ? form : word->n_forms - 1];
}

bool custody_words_have(const struct custody_words *words, const char *english)
{
	return !words || !*english || look_up(words, english) != NULL;
}

bool custody_words_complete(const struct custody_words *words)
{
	return !words || words->n == words->n_texts;
}

const struct custody_words *custody_words_of_rows(const struct custody_words *words)
{
	return custody_words_complete(words) ? words : NULL;
}

bool custody_words_right_to_left(const struct custody_words *words)
{
	/* TRANSLATORS: how your language is written: "left to right" or "right to left", in English. */
	return strcmp(custody_words_get(words, N_("left to right")), "right to left") == 0;
}

const char *custody_words_language(const struct custody_words *words)
{
	return words ? words->language : "en";
}
