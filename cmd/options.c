/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/options.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/terminal.h"
#include "libcustody/base/queue.h"
#include "libcustody/base/utf8.h"

#define WORD 24 /* longer words are not looked at for a nearest one */

void custody_option_list_release(struct custody_option_list *l)
{
	free(l->values);
	l->values = NULL;
	l->n = 0;
}

void custody_operands_release(struct custody_operands *o)
{
	free(o->values);
	*o = (struct custody_operands){ NULL, 0 };
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;
	return ab < c ? ab : c;
}

/* Levenshtein's distance, one row at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t an = strlen(a), bn = strlen(b);
	size_t row[WORD + 1];
	if (an > WORD || bn > WORD)
		return WORD;
	for (size_t j = 0; j <= bn; j++)
		row[j] = j;
	for (size_t i = 1; i <= an; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= bn; j++) {
			size_t up = row[j];
			row[j] = smallest(up + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = up;
		}
	}
	return row[bn];
}

void custody_nearest_offer(struct custody_nearest *n, const char *candidate)
{
	size_t d = distance(n->word, candidate);
	size_t allowed = strlen(candidate) > 3 ? 2 : 1;
	if (d <= allowed && (!n->best || d < n->distance)) {
		n->best = candidate;
		n->distance = d;
	}
}

static void print_usage(const struct custody_usage *u)
{
	printf("usage: custody %s [OPTIONS] %s\n\n%s\n\n", u->command, u->operands, u->summary);
	for (const struct custody_option *o = u->options; o->name; o++) {
		char left[64];
		const char *space = o->argument ? " " : "", *argument = o->argument ? o->argument : "";
		if (o->letter)
			snprintf(left, sizeof(left), "-%c, --%s%s%s", o->letter, o->name, space, argument);
		else
			snprintf(left, sizeof(left), "    --%s%s%s", o->name, space, argument);
		printf("  %-30s %s%s\n", left, o->help, o->list ? " (repeatable)" : "");
	}
	printf("  %-30s %s\n", "-h, --help", "print this");
	printf("\ncustody-%s(1) is the manual.\n", u->command);
}

/* Every refusal ends with the way to the list of options, unless it has a better hint. */
static int refuse(const struct custody_usage *u, struct custody_error *err)
{
	if (!err->hint[0])
		custody_hint(err, "`custody %s --help` lists the options", u->command);
	return custody_terminal_error(err, "%s", u->command);
}

int custody_options_refuse(const struct custody_usage *usage, const char *fmt, ...)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char text[CUSTODY_ERROR_TEXT];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	custody_fail(&err, CUSTODY_ERR_USAGE, "%s", text);
	return refuse(usage, &err);
}

int custody_options_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out, struct custody_error *err)
{
	uint64_t value = 0;
	bool good = text[0] != '\0';
	for (const char *p = text; *p && good; p++)
		good = *p >= '0' && *p <= '9' && !__builtin_mul_overflow(value, (uint64_t)10, &value) &&
		       !__builtin_add_overflow(value, (uint64_t)(*p - '0'), &value);
	if (good && value >= min && value <= max) {
		*out = value;
		return 0;
	}
	char shown[64];
	return custody_fail(err, CUSTODY_ERR_USAGE, "--%s is '%s', want a number from %" PRIu64 " to %" PRIu64, option,
		custody_display(text, strlen(text), shown, sizeof(shown)), min, max);
}

int custody_options_jobs(const char *text, size_t *workers, struct custody_error *err)
{
	uint64_t n;
	*workers = custody_queue_default_workers();
	if (!text)
		return 0;
	if (custody_options_number("jobs", text, 1, CUSTODY_QUEUE_MAX_WORKERS, &n, err))
		return -1;
	*workers = n == 1 ? 0 : (size_t)n;
	return 0;
}

static int unknown_option(const struct custody_usage *u, const char *word, struct custody_error *err)
{
	char shown[128];
	custody_fail(err, CUSTODY_ERR_USAGE, "there is no option '%s'", custody_display(word, strlen(word), shown, sizeof(shown)));
	char name[WORD + 1];
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + strspn(word, "-"), "="), word + strspn(word, "-"));
	struct custody_nearest nearest = { .word = name };
	custody_nearest_offer(&nearest, "help");
	for (const struct custody_option *o = u->options; o->name; o++)
		custody_nearest_offer(&nearest, o->name);
	return nearest.best && word[1] == '-' ? custody_hint(err, "did you mean --%s?", nearest.best) : -1;
}

static int given_twice(const struct custody_option *o, struct custody_error *err)
{
	return custody_fail(err, CUSTODY_ERR_USAGE, "--%s is given twice", o->name);
}

static int store(const struct custody_option *o, const char *value, struct custody_error *err)
{
	if (o->flag) {
		if (*o->flag)
			return given_twice(o, err);
		*o->flag = true;
		return 0;
	}
	if (o->text) {
		if (*o->text)
			return given_twice(o, err);
		*o->text = value;
		return 0;
	}
	const char **more = reallocarray(o->list->values, o->list->n + 1, sizeof(*more));
	if (!more)
		return custody_fail_nomem(err);
	o->list->values = more;
	more[o->list->n++] = value;
	return 0;
}

/* One parse under way. */
struct parse {
	const struct custody_usage *usage;
	int argc, next; /* next: index of the argument after the one looked at */
	char **argv;
	bool help;
};

/* The value of o: `inside` (behind '=' or the letter) or the next argument. */
static int take_value(struct parse *p, const struct custody_option *o, const char *inside, struct custody_error *err)
{
	if (!inside && p->next >= p->argc)
		return custody_fail(err, CUSTODY_ERR_USAGE, "--%s needs a value (%s)", o->name, o->argument);
	return store(o, inside ? inside : p->argv[p->next++], err);
}

static int parse_long(struct parse *p, const char *word, struct custody_error *err)
{
	const char *name = word + 2, *equals = strchr(name, '=');
	size_t n = equals ? (size_t)(equals - name) : strlen(name);
	if (n == 4 && !equals && memcmp(name, "help", 4) == 0) {
		p->help = true;
		return 0;
	}
	for (const struct custody_option *o = p->usage->options; o->name; o++) {
		if (strlen(o->name) != n || memcmp(o->name, name, n) != 0)
			continue;
		if (o->argument)
			return take_value(p, o, equals ? equals + 1 : NULL, err);
		if (equals)
			return custody_fail(err, CUSTODY_ERR_USAGE, "--%s takes no value", o->name);
		return store(o, NULL, err);
	}
	return unknown_option(p->usage, word, err);
}

static const struct custody_option *find_letter(const struct custody_usage *u, char letter)
{
	for (const struct custody_option *o = u->options; o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static int parse_short(struct parse *p, const char *word, struct custody_error *err)
{
	for (const char *c = word + 1; *c; c++) {
		const struct custody_option *o = find_letter(p->usage, *c);
		if (!o && *c == 'h') {
			p->help = true;
			continue;
		}
		if (!o)
			return unknown_option(p->usage, word, err);
		if (o->argument)
			return take_value(p, o, c[1] ? c + 1 : NULL, err);
		if (store(o, NULL, err))
			return -1;
	}
	return 0;
}

static int parse_all(struct parse *p, struct custody_operands *operands, struct custody_error *err)
{
	bool ended = false;
	operands->values = calloc((size_t)p->argc + 1, sizeof(*operands->values)); /* no more operands than arguments */
	operands->n = 0;
	if (!operands->values)
		return custody_fail_nomem(err);
	while (p->next < p->argc) {
		char *word = p->argv[p->next++];
		int rc = 0;
		if (ended || word[0] != '-' || word[1] == '\0')
			operands->values[operands->n++] = word;
		else if (strcmp(word, "--") == 0)
			ended = true;
		else if (word[1] == '-')
			rc = parse_long(p, word, err);
		else
			rc = parse_short(p, word, err);
		if (rc)
			return rc;
		if (p->help)
			return 0; /* whatever follows is not looked at: help is never refused */
	}
	return 0;
}

static int check_count(const struct custody_usage *u, size_t n, struct custody_error *err)
{
	if (n < u->min_operands)
		return custody_fail(err, CUSTODY_ERR_USAGE, "%s missing: want %s", n ? "an argument is" : "arguments are", u->operands);
	if (n > u->max_operands)
		return custody_fail(err, CUSTODY_ERR_USAGE, "%zu arguments, want %s", n, u->operands[0] ? u->operands : "none");
	return 0;
}

int custody_options_parse(const struct custody_usage *usage, int argc, char **argv, struct custody_operands *operands, int *exit_code)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct parse p = { .usage = usage, .argc = argc, .next = 1, .argv = argv };
	int rc = parse_all(&p, operands, &err);
	if (rc == 0 && p.help) {
		print_usage(usage);
		*exit_code = CUSTODY_EXIT_OK;
		return -1;
	}
	if (rc == 0)
		rc = check_count(usage, operands->n, &err);
	if (rc == 0)
		return 0;
	*exit_code = refuse(usage, &err);
	return -1;
}

void custody_options_dash(const char **output)
{
	if (*output && strcmp(*output, "-") == 0)
		*output = NULL;
}
