/* SPDX-License-Identifier: Apache-2.0 */
/* custody.conf: what a lab says about itself (work/lab.h, custody_lab_conf_parse()). */
#include <string.h>
#include <strings.h>

#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/work/lab.h"

/* One line, without its LF. */
struct line {
	size_t number; /* 1-based */
	const char *p;
	size_t n;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes blanks off both ends. */
static void trim(struct line *l)
{
	while (l->n > 0 && is_blank(l->p[0])) {
		l->p++;
		l->n--;
	}
	while (l->n > 0 && is_blank(l->p[l->n - 1]))
		l->n--;
}

static bool holds(const struct line *l, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= l->n; i++)
		if (strncasecmp(l->p + i, word, n) == 0)
			return true;
	return false;
}

/* What OpenSSL's parser would act on beyond "this name has this value": the environment, other files, its own settings, the next line. Refused wherever
 * it stands, comments included, because that is the rule that can be said in one sentence. */
static int check_line(const struct line *l, struct custody_error *err)
{
	static const char *const refused[] = { "$", ".include", ".pragma" };
	const uint8_t *p = (const uint8_t *)l->p;

	for (size_t i = 0, step = 0; i < l->n; i += step) {
		uint32_t cp = 0;

		step = custody_utf8_decode(p + i, l->n - i, &cp);
		if (step == 0)
			return custody_fail(err, CUSTODY_ERR_FORMAT, "line %zu is not UTF-8", l->number);
		if (cp != '\t' && custody_utf8_is_unsafe(cp))
			return custody_fail(err, CUSTODY_ERR_FORMAT, "line %zu holds the control or format character U+%04X", l->number, cp);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (holds(l, refused[i]))
			return custody_fail(err, CUSTODY_ERR_FORMAT, "line %zu holds '%s', which is never taken here", l->number, refused[i]);
	if (l->n > 0 && l->p[l->n - 1] == '\\')
		return custody_fail(err, CUSTODY_ERR_FORMAT, "line %zu ends in a backslash, want each value on one line", l->number);
	return 0;
}

/* "..." with \" and \\ inside. */
static int quoted_value(const struct line *v, char *out, struct custody_error *err)
{
	size_t n = 0;

	for (size_t i = 1; i < v->n; i++) {
		if (v->p[i] == '"') {
			if (i != v->n - 1)
				return custody_fail(err, CUSTODY_ERR_FORMAT, "line %zu has text after the closing quote", v->number);
			out[n] = '\0';
			return 0;
		}
		if (v->p[i] == '\\' && (i + 1 == v->n || (v->p[i + 1] != '"' && v->p[i + 1] != '\\')))
			return custody_fail(err, CUSTODY_ERR_FORMAT, "line %zu has an escape that is not \\\" or \\\\", v->number);
		if (v->p[i] == '\\')
			i++;
		out[n++] = v->p[i];
	}
	return custody_fail(err, CUSTODY_ERR_FORMAT, "line %zu has no closing quote", v->number);
}

/* Gives *out: the value, never empty. */
static int parse_value(const struct line *v, char **out, struct custody_error *err)
{
	CUSTODY_FREE char *text = malloc(v->n + 1);

	if (!text)
		return custody_fail_nomem(err);
	if (v->n > 0 && v->p[0] == '"') {
		if (quoted_value(v, text, err) != 0)
			return -1;
	} else {
		for (size_t i = 0; i < v->n; i++)
			if (strchr("\"'`\\#", v->p[i]))
				return custody_fail(
					err, CUSTODY_ERR_FORMAT, "line %zu holds %c, want such a value whole in double quotes", v->number, v->p[i]);
		memcpy(text, v->p, v->n);
		text[v->n] = '\0';
	}
	if (text[0] == '\0')
		return custody_fail(err, CUSTODY_ERR_FORMAT, "line %zu has no value", v->number);
	if (strlen(text) > CUSTODY_LIMIT_TEXT_FIELD)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "line %zu has a value of %zu bytes, want at most %zu", v->number, strlen(text),
			CUSTODY_LIMIT_TEXT_FIELD);
	*out = custody_steal(&text);
	return 0;
}

/* ---- the keys ---- */

struct conf {
	struct custody_lab *lab;
	char *digests, *level, *timeout; /* owned, until they are understood */
};

static void conf_cleanup(struct conf *c)
{
	free(c->digests);
	free(c->level);
	free(c->timeout);
}

#define KEYS 10

/* Where the value of a key goes, or NULL for an unknown key. */
static char **find_key(struct conf *c, const char *key, size_t n)
{
	const struct {
		const char *name;
		char **where;
	} keys[KEYS] = {
		{ "organisation", &c->lab->organisation },
		{ "operator", &c->lab->operator_name },
		{ "role", &c->lab->role },
		{ "digests", &c->digests },
		{ "level", &c->level },
		{ "signer", &c->lab->signer_name },
		{ "stamper", &c->lab->stamper_name },
		{ "authorities", &c->lab->authorities },
		{ "proxy", &c->lab->proxy },
		{ "timeout", &c->timeout },
	};

	for (size_t i = 0; i < KEYS; i++)
		if (strlen(keys[i].name) == n && memcmp(keys[i].name, key, n) == 0)
			return keys[i].where;
	return NULL;
}

static int parse_line(struct conf *c, struct line l, struct custody_error *err)
{
	struct line key = l, value = l;
	const char *equals = NULL;
	char **where = NULL;
	char shown[128];

	if (check_line(&l, err) != 0)
		return -1;
	trim(&l);
	if (l.n == 0 || l.p[0] == '#')
		return 0;
	equals = memchr(l.p, '=', l.n);
	if (!equals)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "line %zu is not 'key = value'", l.number);
	key.p = l.p;
	key.n = (size_t)(equals - l.p);
	value.p = equals + 1;
	value.n = l.n - key.n - 1;
	trim(&key);
	trim(&value);
	where = find_key(c, key.p, key.n);
	if (!where)
		return custody_fail(err, CUSTODY_ERR_FORMAT,
			"line %zu has the unknown key '%s', want organisation, operator, role, digests, level, signer, stamper, authorities, proxy "
			"or timeout",
			l.number, custody_display(key.p, key.n, shown, sizeof(shown)));
	if (*where)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "line %zu has the key '%.*s' a second time", l.number, (int)key.n, key.p);
	return parse_value(&value, where, err);
}

static int parse_lines(struct conf *c, const char *p, size_t n, struct custody_error *err)
{
	for (size_t number = 1; n > 0; number++) {
		const char *end = memchr(p, '\n', n);
		struct line l = { number, p, end ? (size_t)(end - p) : n };
		size_t whole = l.n + (end ? 1 : 0);

		if (end && l.n > 0 && l.p[l.n - 1] == '\r')
			l.n--; /* edited on Windows */
		if (parse_line(c, l, err) != 0)
			return -1;
		p += whole;
		n -= whole;
	}
	return 0;
}

/* A file name that custody_lab_file_name() could have made. */
static int check_file_name(const char *key, const char *name, struct custody_error *err)
{
	char made[CUSTODY_LAB_FILE_NAME], shown[256];

	custody_lab_file_name(name, made);
	if (strcmp(name, made) != 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "%s is '%s', want the name of a key file without '.key'", key,
			custody_display(name, strlen(name), shown, sizeof(shown)));
	return 0;
}

static int understand_timeout(const char *text, int *out, struct custody_error *err)
{
	size_t n = strspn(text, "0123456789");
	int seconds = n > 0 && n < 4 && text[n] == '\0' ? (int)strtol(text, NULL, 10) : 0;

	if (seconds < 1 || seconds > 600)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "timeout is not a number of seconds from 1 to 600");
	*out = seconds;
	return 0;
}

static int understand(struct conf *c, struct custody_error *err)
{
	struct custody_lab *l = c->lab;

	if (!l->organisation || !l->operator_name || !l->signer_name || !l->stamper_name)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "there is no %s",
			!l->organisation    ? "organisation"
			: !l->operator_name ? "operator"
			: !l->signer_name   ? "signer"
					    : "stamper");
	if (check_file_name("signer", l->signer_name, err) != 0 || check_file_name("stamper", l->stamper_name, err) != 0)
		return -1;
	l->digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_SHA512);
	if (c->digests && custody_digest_parse_list(c->digests, &l->digests, err) != 0) {
		err->kind = CUSTODY_ERR_FORMAT; /* the words are a file's, not the caller's */
		return custody_fail_in(err, "digests");
	}
	l->digests |= CUSTODY_DIGEST_BIT(CUSTODY_SHA256); /* always */
	if (c->level && strcmp(c->level, "B-T") != 0 && strcmp(c->level, "B-LT") != 0)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "level is not B-T or B-LT");
	l->level_lt = !c->level || strcmp(c->level, "B-LT") == 0;
	return c->timeout ? understand_timeout(c->timeout, &l->timeout, err) : 0;
}

int custody_lab_conf_parse(const uint8_t *p, size_t n, struct custody_lab *out, struct custody_error *err)
{
	struct custody_lab lab = { .dir_fd = -1 };
	CUSTODY_CLEANUP(conf_cleanup) struct conf c = { .lab = &lab };

	if (n > CUSTODY_LIMIT_CONF)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "custody.conf has %zu bytes, want at most %zu", n, CUSTODY_LIMIT_CONF);
	if (parse_lines(&c, (const char *)p, n, err) != 0 || understand(&c, err) != 0) {
		custody_lab_release(&lab);
		return custody_fail_in(err, "custody.conf");
	}
	*out = lab;
	return 0;
}
