/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/bag.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/time.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/fields.h"
#include "libcustody/package/lines.h"
#include "libcustody/package/names.h"

#define MALFORMED "list-malformed"

const char custody_bagit_txt[] = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/* ---- checksum lists ---- */

int custody_bag_append_line(struct custody_buf *b, const uint8_t *digest, size_t digest_len, const char *member, struct custody_error *err)
{
	char hex[2 * CUSTODY_DIGEST_MAX + 1];

	if (digest_len > CUSTODY_DIGEST_MAX)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a digest of %zu bytes", digest_len);
	custody_hex_format(digest, digest_len, hex);
	return custody_buf_printf(b, err, "%s  %s\n", hex, member);
}

struct custody_bag_cursor {
	struct custody_lines lines;
	size_t digest_len;
	char name[64]; /* of the list, for messages */
};

int custody_bag_cursor_new(struct custody_bag_cursor **out, const struct custody_source *source, uint64_t off, uint64_t size, size_t digest_len,
	const char *list_name, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_bag_cursor_free) struct custody_bag_cursor *c = calloc(1, sizeof(*c));

	if (!c)
		return custody_fail_nomem(err);
	if (digest_len > CUSTODY_DIGEST_MAX)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a digest of %zu bytes", digest_len);
	c->digest_len = digest_len;
	custody_display(list_name, strlen(list_name), c->name, sizeof(c->name));
	if (custody_lines_init(&c->lines, source, off, size, 2 * digest_len + 2 + CUSTODY_LIMIT_PATH, MALFORMED, err))
		return custody_fail_in(err, "'%s'", c->name);
	*out = custody_steal(&c);
	return 0;
}

void custody_bag_cursor_free(struct custody_bag_cursor **c)
{
	if (!*c)
		return;
	custody_lines_release(&(*c)->lines);
	free(*c);
	*c = NULL;
}

static int parse_line(uint8_t *text, size_t n, size_t digest_len, struct custody_bag_line *line, struct custody_error *err)
{
	size_t before = 2 * digest_len + 2;

	if (n < before || !custody_hex_parse((const char *)text, 2 * digest_len, false, line->digest, digest_len))
		return custody_refuse(err, MALFORMED, "it does not begin with %zu lower-case hex digits and two spaces", 2 * digest_len);
	if (text[before - 2] != ' ' || text[before - 1] != ' ')
		return custody_refuse(err, MALFORMED, "the digest is not followed by two spaces");
	const char *problem = custody_name_member_problem(text + before, n - before);
	if (problem)
		return custody_refuse(err, MALFORMED, "the name of the member %s", problem);
	text[n] = '\0';
	line->member = (const char *)text + before;
	line->member_len = n - before;
	return 0;
}

int custody_bag_cursor_next(struct custody_bag_cursor *c, struct custody_bag_line *line, struct custody_error *err)
{
	uint8_t *text = NULL;
	size_t n = 0;
	int r = custody_lines_next(&c->lines, &text, &n, err);

	if (r < 0)
		return custody_fail_in(err, "'%s'", c->name);
	if (r > 0 && parse_line(text, n, c->digest_len, line, err)) {
		custody_fail_in(err, "line %" PRIu64, c->lines.number);
		return custody_fail_in(err, "'%s'", c->name);
	}
	return r;
}

void custody_bag_cursor_digest(const struct custody_bag_cursor *c, uint8_t sha256[32])
{
	memcpy(sha256, c->lines.digest, 32);
}

/* ---- bag-info.txt ---- */

static const char organisation_key[] = "Source-Organization", contact_key[] = "Contact-Name", identifier_key[] = "External-Identifier",
		  date_key[] = "Bagging-Date", oxum_key[] = "Payload-Oxum", agent_key[] = "Bag-Software-Agent";
#define URN "urn:uuid:"

/* Nothing that would end the line, and text that every tool can read. */
static int check_value(const char *key, const char *value, struct custody_error *err)
{
	if (strpbrk(value, "\r\n"))
		return custody_fail(err, CUSTODY_ERR_USAGE, "the value of %s has a line break, which bag-info.txt cannot hold", key);
	if (!custody_utf8_valid((const uint8_t *)value, strlen(value)))
		return custody_fail(err, CUSTODY_ERR_USAGE, "the value of %s is not UTF-8", key);
	if (strlen(value) > CUSTODY_LIMIT_TEXT_FIELD)
		return custody_fail(err, CUSTODY_ERR_USAGE, "the value of %s has more than %zu bytes", key, CUSTODY_LIMIT_TEXT_FIELD);
	return 0;
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

int custody_bag_info_format(struct custody_buf *b, const struct custody_bag_info *info, struct custody_error *err)
{
	const char *organisation = or_empty(info->organisation), *contact = or_empty(info->contact), *agent = or_empty(info->agent);

	if (check_value(organisation_key, organisation, err) || check_value(contact_key, contact, err) || check_value(agent_key, agent, err))
		return -1;
	return custody_buf_printf(b, err, "%s: %s\n%s: %s\n%s: " URN "%s\n%s: %s\n%s: %" PRIu64 ".%" PRIu64 "\n%s: %s\n", organisation_key,
		organisation, contact_key, contact, identifier_key, info->uuid, date_key, info->date, oxum_key, info->oxum_bytes, info->oxum_files,
		agent_key, agent);
}

/* What is left of the text. */
struct rest {
	char *at, *end;
	unsigned line;
};

/* Takes the line "KEY: value", ends the value with a NUL in the place of its LF. */
static int take(struct rest *r, const char *key, char **value, struct custody_error *err)
{
	size_t left = (size_t)(r->end - r->at), k = strlen(key);
	char *lf = left > 0 ? memchr(r->at, '\n', left) : NULL;

	r->line++;
	if (!lf)
		return custody_refuse(err, MALFORMED, "line %u: found no line, want '%s: ' and an LF at its end", r->line, key);
	if ((size_t)(lf - r->at) < k + 2 || memcmp(r->at, key, k) != 0 || memcmp(r->at + k, ": ", 2) != 0)
		return custody_refuse(err, MALFORMED, "line %u: want '%s: ' at its beginning", r->line, key);
	*value = r->at + k + 2;
	size_t n = (size_t)(lf - *value);
	if (n > CUSTODY_LIMIT_TEXT_FIELD)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "line %u: it is longer than %zu bytes", r->line, CUSTODY_LIMIT_TEXT_FIELD);
	if (memchr(*value, '\r', n) || memchr(*value, '\0', n) || !custody_utf8_valid((const uint8_t *)*value, n))
		return custody_refuse(err, MALFORMED, "line %u: the value has a CR or NUL, or is not UTF-8", r->line);
	*lf = '\0';
	r->at = lf + 1;
	return 0;
}

/* The number that text begins with, without leading zeros; *end behind it. */
static bool parse_number(const char *text, const char **end, uint64_t *out)
{
	*end = text;
	*out = 0;
	while (**end >= '0' && **end <= '9') {
		uint64_t digit = (uint64_t)(**end - '0');

		if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, digit, out))
			return false;
		++*end;
	}
	return *end > text && (*text != '0' || *end == text + 1);
}

static bool parse_oxum(const char *text, struct custody_bag_info *info)
{
	const char *end = NULL;

	if (!parse_number(text, &end, &info->oxum_bytes) || *end != '.')
		return false;
	return parse_number(end + 1, &end, &info->oxum_files) && *end == '\0';
}

static bool parse_date(const char *text, struct custody_bag_info *info)
{
	struct custody_time midnight;
	char whole[CUSTODY_TIME_TEXT];

	if (strlen(text) != 10)
		return false;
	snprintf(whole, sizeof(whole), "%sT00:00:00Z", text);
	memcpy(info->date, text, sizeof(info->date));
	return custody_time_parse(whole, strlen(whole), false, &midnight);
}

static bool parse_identifier(const char *text, struct custody_bag_info *info)
{
	const char *uuid = text + strlen(URN);

	if (strncmp(text, URN, strlen(URN)) != 0 || !custody_field_is_uuid(uuid, strlen(uuid)))
		return false;
	memcpy(info->uuid, uuid, sizeof(info->uuid));
	return true;
}

int custody_bag_info_parse(char *text, size_t n, struct custody_bag_info *info, struct custody_error *err)
{
	struct rest r = { text, text + n, 0 };
	char *organisation = NULL, *contact = NULL, *identifier = NULL, *date = NULL, *oxum = NULL, *agent = NULL;

	memset(info, 0, sizeof(*info));
	if (take(&r, organisation_key, &organisation, err) || take(&r, contact_key, &contact, err) || take(&r, identifier_key, &identifier, err) ||
		take(&r, date_key, &date, err) || take(&r, oxum_key, &oxum, err) || take(&r, agent_key, &agent, err))
		return -1;
	if (r.at != r.end)
		return custody_refuse(err, MALFORMED, "found %zu bytes after %s, want none", (size_t)(r.end - r.at), agent_key);
	if (!parse_identifier(identifier, info))
		return custody_refuse(err, MALFORMED, "%s is not " URN " and a UUID in lower case", identifier_key);
	if (!parse_date(date, info))
		return custody_refuse(err, MALFORMED, "%s is not a date like 2026-11-24", date_key);
	if (!parse_oxum(oxum, info))
		return custody_refuse(err, MALFORMED, "%s is not two decimal numbers with a dot between", oxum_key);
	info->organisation = organisation;
	info->contact = contact;
	info->agent = agent;
	return 0;
}
