/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a form: formats/form.md. */
#include "formats/form.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"

void custody_form_release(struct custody_form *f)
{
	custody_buf_release(&f->arena);
	free(f->parts);
	*f = (struct custody_form){ .parts = NULL };
}

const struct custody_embedded *custody_form_find(const char *id)
{
	for (const struct custody_embedded *e = custody_forms; e->name; e++)
		if (strcmp(e->name, id) == 0)
			return e;
	return NULL;
}

/* ---- lines ---- */

struct reader {
	struct custody_form *form;
	char *next; /* rest of the arena; every line ends in an LF, which becomes a NUL */
	char *key, *value; /* of the line read last; value "" where it has none */
	unsigned line;
	bool ended;
	struct custody_error *err;
};

static int refuse(struct reader *r, const char *found, const char *wanted)
{
	char shown[80];
	return custody_fail(r->err, CUSTODY_ERR_FORMAT, "line %u: found '%s', want %s", r->line,
		custody_display(found, strlen(found), shown, sizeof(shown)), wanted);
}

/* The next line that is no comment. An empty one has an empty key. */
static int next_line(struct reader *r)
{
	do {
		r->ended = *r->next == '\0';
		if (r->ended)
			return 0;
		char *line = r->next, *end = strchr(line, '\n');
		r->line++;
		*end = '\0';
		r->next = end + 1;
		r->key = line;
	} while (*r->key == '#');
	if (*r->key == '\0') {
		r->value = r->key;
		return 0;
	}
	char *colon = strstr(r->key, ": ");
	if (!colon || colon == r->key)
		return refuse(r, r->key, "KEY, a colon, a space and a text");
	*colon = '\0';
	r->value = colon + 2;
	size_t n = strlen(r->value);
	if (n == 0 || *r->value == ' ' || r->value[n - 1] == ' ')
		return refuse(r, r->value, "a text without blanks around it");
	return 0;
}

/* Splits "A | B | C" in place. */
static int split(struct reader *r, char *text, const char **out, size_t max, size_t *n)
{
	for (*n = 0; text;) {
		char *bar = strstr(text, " | ");
		if (*n == max)
			return custody_fail(r->err, CUSTODY_ERR_LIMIT, "line %u: more than %zu parts", r->line, max);
		if (bar)
			*bar = '\0';
		if (*text == '\0' || *text == '|')
			return refuse(r, text, "a text on each side of ' | '");
		out[(*n)++] = text;
		text = bar ? bar + 3 : NULL;
	}
	return 0;
}

/* ---- what no form may hold ---- */

/* Words that no output of this program has (ADM-48), in two halves: the program does not even hold them, and a test looks. */
static const char *const words[][2] = { { "admis", "sib" }, { "authen", "tic" }, { "genu", "ine" }, { "court", "-proof" }, { "court", " proof" } };
/* A box that is ticked: the person who signs does that (ADM-34). */
static const char *const ticks[] = { "[x]", "\xe2\x98\x91", "\xe2\x98\x92", "\xe2\x9c\x93", "\xe2\x9c\x94", "\xe2\x9c\x97", "\xe2\x9c\x98" };

static int check_text(const uint8_t *p, size_t n, struct custody_error *err)
{
	unsigned line = 1;
	for (size_t i = 0; i < n;) {
		uint32_t cp;
		size_t step = custody_utf8_decode(p + i, n - i, &cp);
		if (step == 0)
			return custody_fail(err, CUSTODY_ERR_FORMAT, "line %u: a byte that is not UTF-8", line);
		if (cp != '\n' && custody_utf8_is_unsafe(cp))
			return custody_fail(err, CUSTODY_ERR_FORMAT, "line %u: U+%04X, want no control or format characters", line, (unsigned)cp);
		line += cp == '\n';
		i += step;
	}
	if (n == 0 || p[n - 1] != '\n')
		return custody_fail(err, CUSTODY_ERR_FORMAT, "line %u: the last line has no end", line);
	return 0;
}

static unsigned line_of(const char *text, const char *at)
{
	unsigned line = 1;
	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static int check_words(const char *text, struct custody_error *err)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		for (const char *at = text; (at = strcasestr(at, words[i][0])) != NULL; at++)
			if (strncasecmp(at + strlen(words[i][0]), words[i][1], strlen(words[i][1])) == 0)
				return custody_fail(err, CUSTODY_ERR_FORMAT, "line %u: a word that only a court can say", line_of(text, at));
	for (size_t i = 0; i < sizeof(ticks) / sizeof(*ticks); i++) {
		const char *at = strcasestr(text, ticks[i]);
		if (at)
			return custody_fail(err, CUSTODY_ERR_FORMAT,
				"line %u: a box that is ticked, want '[ ]' or nothing: that is for the person who signs", line_of(text, at));
	}
	return 0;
}

/* ---- the head ---- */

static int read_date(struct reader *r)
{
	struct custody_time t;
	if (strlen(r->value) != 10 || !custody_time_parse_user(r->value, &t))
		return refuse(r, r->value, "a date such as 2026-11-24");
	r->form->checked = r->value;
	return 0;
}

static int read_signer(struct reader *r)
{
	r->form->own = strcmp(r->value, "own") == 0;
	return r->form->own || strcmp(r->value, "other") == 0 ? 0 : refuse(r, r->value, "'own' or 'other'");
}

/* "+05:30 IST" */
static int read_zone(struct reader *r)
{
	const char *v = r->value;
	bool digits = true;
	for (size_t i = 1; i < 6 && digits; i++)
		digits = v[i] != '\0' && (i == 3 ? v[i] == ':' : v[i] >= '0' && v[i] <= '9');
	if ((*v != '+' && *v != '-') || !digits || v[6] != ' ' || v[7] == '\0' || strlen(v) > 24)
		return refuse(r, v, "an offset and a name such as '+05:30 IST'");
	int32_t hours = (v[1] - '0') * 10 + v[2] - '0', minutes = (v[4] - '0') * 10 + v[5] - '0';
	if (hours > 14 || minutes > 59)
		return refuse(r, v, "an offset of at most 14 hours");
	r->form->has_zone = true;
	r->form->zone_offset = (*v == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	r->form->zone_name = v + 7;
	return 0;
}

static int read_dates(struct reader *r)
{
	r->form->day_first = strcmp(r->value, "DD/MM/YYYY") == 0;
	return r->form->day_first || strcmp(r->value, "words") == 0 ? 0 : refuse(r, r->value, "'words' or 'DD/MM/YYYY'");
}

static int read_format(struct reader *r)
{
	return strcmp(r->value, "1") == 0 ? 0 : refuse(r, r->value, "version 1 of the format");
}

static int read_id(struct reader *r)
{
	const char *v = r->value;
	bool plain = strlen(v) <= 40 && *v != '-';
	for (; *v && plain; v++)
		plain = (*v >= 'a' && *v <= 'z') || (*v >= '0' && *v <= '9') || *v == '-';
	if (!plain)
		return refuse(r, r->value, "at most 40 of a-z, 0-9 and '-'");
	r->form->id = r->value;
	return 0;
}

static int read_source(struct reader *r)
{
	if (r->form->n_sources == CUSTODY_LIMIT_FORM_SOURCES)
		return custody_fail(r->err, CUSTODY_ERR_LIMIT, "line %u: more than %d sources", r->line, CUSTODY_LIMIT_FORM_SOURCES);
	r->form->sources[r->form->n_sources++] = r->value;
	return 0;
}

#define TEXT_FIELD(name)                         \
	static int read_##name(struct reader *r) \
	{                                        \
		r->form->name = r->value;        \
		return 0;                        \
	}
TEXT_FIELD(version)
TEXT_FIELD(language)
TEXT_FIELD(jurisdiction)
TEXT_FIELD(provision)
TEXT_FIELD(title)
TEXT_FIELD(who)

/* In this order; `many`: one or more, `may`: none or one, otherwise exactly one. */
static const struct {
	const char *key;
	int (*read)(struct reader *r);
	bool many, may;
} head[] = {
	{ "custody-form", read_format, false, false },
	{ "id", read_id, false, false },
	{ "version", read_version, false, false },
	{ "language", read_language, false, false },
	{ "checked", read_date, false, false },
	{ "jurisdiction", read_jurisdiction, false, false },
	{ "provision", read_provision, false, false },
	{ "source", read_source, true, false },
	{ "title", read_title, false, false },
	{ "signer", read_signer, false, false },
	{ "who", read_who, false, false },
	{ "zone", read_zone, false, true },
	{ "dates", read_dates, false, true },
};

static int parse_head(struct reader *r)
{
	if (next_line(r))
		return -1;
	for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++) {
		unsigned met = 0;
		while (!r->ended && strcmp(r->key, head[i].key) == 0 && (met == 0 || head[i].many)) {
			if (head[i].read(r) || next_line(r))
				return -1;
			met++;
		}
		if (met == 0 && !head[i].may)
			return custody_fail(r->err, CUSTODY_ERR_FORMAT, "line %u: want '%s' here", r->ended ? r->line + 1 : r->line, head[i].key);
	}
	if (!r->ended && *r->key != '\0')
		return refuse(r, r->key, "an empty line after the head");
	return r->ended ? 0 : next_line(r);
}

/* ---- the parts ---- */

static int take_fact(struct reader *r, struct custody_form_part *part)
{
	const char *two[2];
	size_t n = 0;
	if (split(r, r->value, two, 2, &n))
		return -1;
	if (n != 2)
		return refuse(r, r->value, "'NAME | LABEL'");
	part->text = two[1];
	for (int f = 0; f < CUSTODY_FACT_COUNT; f++)
		if (strcmp(two[0], custody_form_fact_name((enum custody_form_fact)f)) == 0) {
			part->fact = (enum custody_form_fact)f;
			return 0;
		}
	return refuse(r, two[0], "the name of a fact that the program knows");
}

static int take_algorithms(struct reader *r, struct custody_form_part *part)
{
	struct custody_error why = CUSTODY_ERROR_INIT;
	if (custody_digest_parse_list(r->value, &part->mask, &why))
		return custody_fail(r->err, CUSTODY_ERR_FORMAT, "line %u: %s", r->line, why.text);
	return 0;
}

static int take_blank(struct reader *r, struct custody_form_part *part)
{
	part->text = r->value;
	part->lines = 1;
	return 0;
}

/* "3 | LABEL" */
static int take_lines(struct reader *r, struct custody_form_part *part)
{
	const char *v = r->value;
	if (*v < '2' || *v > '9' || strncmp(v + 1, " | ", 3) != 0 || v[4] == '\0')
		return refuse(r, v, "a number from 2 to 9, ' | ' and a label");
	part->lines = (unsigned)(*v - '0');
	part->text = v + 4;
	return 0;
}

static int take_choice(struct reader *r, struct custody_form_part *part)
{
	if (split(r, r->value, part->options, CUSTODY_LIMIT_FORM_OPTIONS, &part->n_options))
		return -1;
	if (part->n_options < 2)
		return refuse(r, r->value, "'LABEL | OPTION | OPTION'");
	part->text = part->options[0];
	part->n_options--;
	memmove(part->options, part->options + 1, part->n_options * sizeof(*part->options));
	return 0;
}

static int take_sign(struct reader *r, struct custody_form_part *part)
{
	return split(r, r->value, part->options, CUSTODY_LIMIT_FORM_OPTIONS, &part->n_options);
}

static int take_text(struct reader *r, struct custody_form_part *part)
{
	part->text = r->value;
	return 0;
}

static const struct {
	const char *key;
	enum custody_form_part_kind kind;
	int (*take)(struct reader *r, struct custody_form_part *part);
} parts[] = {
	{ "section", CUSTODY_PART_SECTION, take_text },
	{ "text", CUSTODY_PART_TEXT, take_text },
	{ "fact", CUSTODY_PART_FACT, take_fact },
	{ "algorithms", CUSTODY_PART_ALGORITHMS, take_algorithms },
	{ "blank", CUSTODY_PART_BLANK, take_blank },
	{ "lines", CUSTODY_PART_BLANK, take_lines },
	{ "choice", CUSTODY_PART_CHOICE, take_choice },
	{ "declare", CUSTODY_PART_DECLARE, take_text },
	{ "sign", CUSTODY_PART_SIGN, take_sign },
};

static int parse_part(struct reader *r)
{
	struct custody_form *f = r->form;
	if (f->n_parts == CUSTODY_LIMIT_FORM_PARTS)
		return custody_fail(r->err, CUSTODY_ERR_LIMIT, "line %u: more than %d parts", r->line, CUSTODY_LIMIT_FORM_PARTS);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (strcmp(r->key, parts[i].key) != 0)
			continue;
		f->parts[f->n_parts] = (struct custody_form_part){ .kind = parts[i].kind };
		return parts[i].take(r, &f->parts[f->n_parts++]);
	}
	return refuse(r, r->key, "section, text, fact, algorithms, blank, lines, choice, declare or sign");
}

/* A form that nobody could sign, or that shows nothing of the package, is none. */
static int check_parts(struct reader *r)
{
	const struct custody_form *f = r->form;
	bool number = false;
	for (size_t i = 0; i < f->n_parts; i++)
		number = number || (f->parts[i].kind == CUSTODY_PART_FACT && f->parts[i].fact == CUSTODY_FACT_PACKAGE_NUMBER);
	if (f->n_parts == 0 || f->parts[0].kind != CUSTODY_PART_SECTION)
		return custody_fail(r->err, CUSTODY_ERR_FORMAT, "the first part is no section");
	if (f->parts[f->n_parts - 1].kind != CUSTODY_PART_SIGN)
		return custody_fail(r->err, CUSTODY_ERR_FORMAT, "the last part does not say where to sign");
	if (!number)
		return custody_fail(r->err, CUSTODY_ERR_FORMAT, "no part has the fact package-number: which package would be meant?");
	return 0;
}

static int parse(struct reader *r)
{
	if (parse_head(r))
		return -1;
	r->form->parts = calloc(CUSTODY_LIMIT_FORM_PARTS, sizeof(*r->form->parts));
	if (!r->form->parts)
		return custody_fail_nomem(r->err);
	while (!r->ended)
		if ((*r->key != '\0' && parse_part(r)) || next_line(r))
			return -1;
	return check_parts(r);
}

int custody_form_parse(const uint8_t *p, size_t n, struct custody_form *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_form_release) struct custody_form form = { .parts = NULL };
	struct reader r = { .form = &form, .err = err };

	custody_buf_init(&form.arena, CUSTODY_LIMIT_FORM);
	if (n > CUSTODY_LIMIT_FORM)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "%zu bytes, want at most %zu", n, CUSTODY_LIMIT_FORM);
	if (check_text(p, n, err) || custody_buf_append(&form.arena, p, n, err) || check_words(custody_buf_str(&form.arena), err) ||
		custody_digest_once(CUSTODY_SHA256, p, n, form.sha256, err))
		return -1;
	r.next = (char *)form.arena.data;
	if (parse(&r))
		return -1;
	*out = form;
	form = (struct custody_form){ .parts = NULL };
	return 0;
}
