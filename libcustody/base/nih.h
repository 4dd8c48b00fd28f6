/* SPDX-License-Identifier: Apache-2.0 */
/* Digests on paper: the form of RFC 6920 section 7 for people ("nih"), with a digit that tells a slip of the pen or the eye. It speaks against nobody who means harm. */
#ifndef CUSTODY_BASE_NIH_H
#define CUSTODY_BASE_NIH_H

#include <stdbool.h>
#include <stdint.h>

#define CUSTODY_NIH_TEXT 80
#define CUSTODY_NIH_SHORT 24

/* "nih:sha-256;" the 64 digits ";" and the check digit. out holds CUSTODY_NIH_TEXT bytes. Returns out. */
char *custody_nih_format(const uint8_t sha256[32], char *out);
/* "1fcc-ef7e-0be6-56a0;c": the first 64 bits with their check digit, what follows "nih:sha-256-64;". out holds CUSTODY_NIH_SHORT bytes. Returns out. */
char *custody_nih_short(const uint8_t sha256[32], char *out);
/* The short form back: 16 hexadecimal digits with or without hyphens and spaces, ';' or a space or hyphen, and their check digit, in any case. false: it is none, or its check digit
 * is wrong, so that somebody misread it. */
bool custody_nih_short_parse(const char *text, uint8_t first[8]);
/* A SHA-256 as people give it: 64 hexadecimal digits, or the whole form above (its check digit right), in any case, with spaces and, in the form, hyphens. */
bool custody_nih_parse(const char *text, uint8_t sha256[32]);
/* The check digit of hexadecimal digits, in any case: Luhn's with base 16. '\0' if one of them is none. */
char custody_nih_check(const char *digits);

#endif
