/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/json.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/base/watch.h"

/*
 * Jansson (2.14) takes more than we do: reals, integers up to 2^63, white space around and between, raw DEL and any depth below 2048. Its token grammar is
 * sound, so a scan over the same bytes finds those before jansson sees them: outside strings it looks at white space, brackets and numbers. Whatever else is
 * wrong there jansson refuses.
 */

static int refuse_at(struct custody_error *err, size_t at, const char *what)
{
	return custody_fail(err, CUSTODY_ERR_FORMAT, "not our JSON at byte %zu: %s", at, what);
}

/* Length of the string token at p (which begins with a quote), or 0 if it does not end. */
static size_t string_length(const uint8_t *p, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (p[i] == '\\')
			i++;
		else if (p[i] == '"')
			return i + 1;
	}
	return 0;
}

/* Checks the number at p: an integer of at most 2^53 - 1, no "-0". Its length through *length, or an error. */
static int check_number(const uint8_t *p, size_t n, size_t at, size_t *length, struct custody_error *err)
{
	size_t i = p[0] == '-' ? 1 : 0, first = i;
	uint64_t v = 0;
	for (; i < n && p[i] >= '0' && p[i] <= '9'; i++) {
		v = v * 10 + (uint64_t)(p[i] - '0');
		if (v > ((uint64_t)1 << 53) - 1)
			return refuse_at(err, at, "an integer beyond 2^53 - 1");
	}
	if (i < n && (p[i] == '.' || p[i] == 'e' || p[i] == 'E'))
		return refuse_at(err, at, "a number that is not an integer");
	if (first == 1 && v == 0)
		return refuse_at(err, at, "a minus without a number behind it");
	*length = i;
	return 0;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int scan(const uint8_t *p, size_t n, bool compact, struct custody_error *err)
{
	int depth = 0;
	for (size_t i = 0, step; i < n; i += step) {
		step = 1;
		if (p[i] == '"') {
			step = string_length(p + i, n - i);
			if (step == 0)
				return refuse_at(err, i, "a string that does not end");
		} else if (p[i] == '-' || (p[i] >= '0' && p[i] <= '9')) {
			if (check_number(p + i, n - i, i, &step, err))
				return -1;
		} else if (p[i] == '{' || p[i] == '[') {
			if (++depth > CUSTODY_LIMIT_JSON_DEPTH)
				return custody_fail(err, CUSTODY_ERR_FORMAT, "JSON nested deeper than the limit of %d", CUSTODY_LIMIT_JSON_DEPTH);
		} else if (p[i] == '}' || p[i] == ']') {
			depth--; /* jansson sees to it that they match */
		} else if (is_space(p[i]) && compact) {
			return refuse_at(err, i, "white space between the parts");
		}
	}
	return 0;
}

static pthread_once_t watching = PTHREAD_ONCE_INIT;
static json_malloc_t malloc_before;

static void *watched_malloc(size_t n)
{
	return custody_watch_by(malloc_before, n);
}

/* Once, and in front of the functions that the program may have set for its own use of jansson: outside of a watch nothing is different for it. */
static void watch_jansson(void)
{
	json_free_t free_before;
	json_get_alloc_funcs(&malloc_before, &free_before);
	json_set_alloc_funcs(watched_malloc, free_before);
}

int custody_json_parse(const uint8_t *p, size_t n, bool compact, struct json_t **out, struct custody_error *err)
{
	if (n == 0 || p[0] != '{')
		return refuse_at(err, 0, "want an object");
	if (p[n - 1] != '}')
		return refuse_at(err, n - 1, "want the end of the object");
	if (scan(p, n, compact, err))
		return -1;
	json_error_t why;
	pthread_once(&watching, watch_jansson);
	custody_watch_begin();
	json_t *doc = json_loadb((const char *)p, n, JSON_REJECT_DUPLICATES, &why);
	if (custody_watch_end()) {
		json_decref(doc);
		return custody_fail_nomem(err);
	}
	if (!doc) {
		char shown[200]; /* jansson quotes the input */
		return custody_fail(err, CUSTODY_ERR_FORMAT, "not JSON at byte %d: %s", why.position,
			custody_display(why.text, strlen(why.text), shown, sizeof(shown)));
	}
	*out = doc;
	return 0;
}

void custody_json_free(struct json_t **doc)
{
	json_decref(*doc);
	*doc = NULL;
}

/* The short escape of a character, or 0. */
static char short_escape(uint32_t cp)
{
	switch (cp) {
	case '"':
	case '\\':
		return (char)cp;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

#define ESCAPE_MAX 13 /* two "\uXXXX" and a NUL */

/* The escape of cp into out; its length. */
static size_t format_escape(uint32_t cp, char out[ESCAPE_MAX])
{
	char letter = short_escape(cp);
	if (letter)
		return (size_t)snprintf(out, ESCAPE_MAX, "\\%c", letter);
	if (cp < 0x10000)
		return (size_t)snprintf(out, ESCAPE_MAX, "\\u%04x", (unsigned)cp);
	unsigned v = (unsigned)cp - 0x10000;
	return (size_t)snprintf(out, ESCAPE_MAX, "\\u%04x\\u%04x", 0xd800 + (v >> 10), 0xdc00 + (v & 0x3ff));
}

static bool must_escape(uint32_t cp, bool safe)
{
	return cp < 0x20 || cp == '"' || cp == '\\' || (safe && custody_utf8_is_unsafe(cp));
}

/* Runs that need no escape are appended whole; on failure b is as it was. */
static int append_string(struct custody_buf *b, const uint8_t *p, size_t n, bool safe, struct custody_error *err)
{
	if (custody_buf_append_byte(b, '"', err))
		return -1;
	size_t run = 0; /* where the run began that is not yet appended */
	for (size_t i = 0, step; i < n; i += step) {
		uint32_t cp = 0;
		step = custody_utf8_decode(p + i, n - i, &cp);
		if (step == 0)
			return custody_fail(err, CUSTODY_ERR_INTERNAL, "text for JSON is not UTF-8 at byte %zu", i);
		if (!must_escape(cp, safe))
			continue;
		char escape[ESCAPE_MAX];
		size_t length = format_escape(cp, escape);
		if (custody_buf_append(b, p + run, i - run, err) || custody_buf_append(b, escape, length, err))
			return -1;
		run = i + step;
	}
	if (run < n && custody_buf_append(b, p + run, n - run, err))
		return -1;
	return custody_buf_append_byte(b, '"', err);
}

static int append(struct custody_buf *b, const uint8_t *p, size_t n, bool safe, struct custody_error *err)
{
	size_t before = b->len;
	if (append_string(b, p, n, safe, err) == 0)
		return 0;
	b->len = before;
	if (b->data)
		b->data[before] = 0;
	return -1;
}

int custody_json_append_string(struct custody_buf *b, const void *p, size_t n, struct custody_error *err)
{
	return append(b, p, n, false, err);
}

int custody_json_append_safe(struct custody_buf *b, const void *p, size_t n, struct custody_error *err)
{
	return append(b, p, n, true, err);
}

int custody_json_append_str(struct custody_buf *b, const char *s, struct custody_error *err)
{
	return s ? custody_json_append_string(b, s, strlen(s), err) : custody_buf_append_str(b, "null", err);
}
