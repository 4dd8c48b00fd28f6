/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 and the one way in which foreign bytes become text that a person sees. */
#ifndef CUSTODY_BASE_UTF8_H
#define CUSTODY_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"

/* Decodes one code point at p (n >= 1). Returns its length 1..4, or 0 if the bytes are not well-formed UTF-8 (RFC 3629: no overlong
 * forms, no surrogates, at most U+10FFFF). */
size_t custody_utf8_decode(const uint8_t *p, size_t n, uint32_t *cp);
/* All of p is well-formed UTF-8. NUL counts as a character. */
bool custody_utf8_valid(const uint8_t *p, size_t n);

/* Control (Cc), bidi control (U+061C U+200E U+200F U+202A-202E U+2066-2069), line and paragraph separator: never in a member name, by a list that
 * does not hang on a Unicode version. */
bool custody_utf8_is_control_or_bidi(uint32_t cp);
/* By utf8proc's category: control, format, private use, unassigned, surrogate, line/paragraph separator, and space separator other than
 * U+0020. Such a character has no place in a plain name and is escaped when shown. */
bool custody_utf8_is_unsafe(uint32_t cp);
/* p (valid UTF-8) equals its NFC form. */
bool custody_utf8_is_nfc(const uint8_t *p, size_t n);
/* Appends the collision key of p (valid UTF-8): NFC of the case folding of p (utf8proc NFC + CASEFOLD, then NFC). */
int custody_utf8_fold(struct custody_buf *out, const uint8_t *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * The display form of foreign bytes: the one choke point of verdict.md rule 11. Safe characters as they are; a backslash as "\\"; a byte
 * that is not UTF-8 as "\xNN"; an unsafe character as "\u{N...}" (lower-case hex, at least 4 digits), and so is a combining mark at the
 * start, after an escape or after three others in a row. The result is valid UTF-8, free of control and format characters, and different bytes give
 * different text.
 */
int custody_display_append(struct custody_buf *out, const uint8_t *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/*
 * Appends what was displayed: of a display form the bytes it stands for, and of any other text that text. For names that a record keeps as text: one that is no plain text
 * is written down in display form (`custody receive`, --attach), and shown from its bytes it is not escaped a second time.
 */
int custody_display_undo(struct custody_buf *out, const uint8_t *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;
/* Into a fixed array, cut with "..." at a character boundary when it does not fit (out_size >= 1). Returns out. For messages. */
char *custody_display(const void *p, size_t n, char *out, size_t out_size);
#define CUSTODY_DISPLAY_ONE 12 /* "\u{10ffff}", a NUL and one to spare */
/*
 * The display form of what stands at p (n >= 1), for whoever puts a text together where there may be no memory: text into out, its length as *shown. Returns the
 * number of bytes it stands for. *marks counts the combining marks in a row just before; a mark at the start, or behind an escape, would be drawn over what is
 * not its own, so *marks starts at 3.
 */
size_t custody_display_one(const uint8_t *p, size_t n, int *marks, char out[CUSTODY_DISPLAY_ONE], size_t *shown);
/*
 * As a word of a command that somebody is to type, or to paste: in quotation marks where a shell needs them, and as $'...' with octal numbers where those would end early or not
 * show what is there. What does not fit is cut with "...", and is "..." alone where a shell would act on a part of it. As above.
 */
char *custody_display_word(const char *text, char *out, size_t out_size);
/* The display form equals the bytes themselves. */
bool custody_display_is_exact(const uint8_t *p, size_t n);

#endif
