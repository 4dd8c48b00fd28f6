/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks a text that report writers put into other languages (formats/words.h). It does nothing: the library knows English only, and what programs read stays English.
 * `make po` collects what is marked into formats/po/custody.pot.
 */
#ifndef CUSTODY_BASE_WORDS_H
#define CUSTODY_BASE_WORDS_H

#define N_(english) english

#endif
