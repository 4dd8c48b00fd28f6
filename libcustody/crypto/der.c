/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/der.h"

#include "libcustody/base/limits.h"

/* Reads one header at p and sets *out. Returns NULL, or what is wrong with it. */
static const char *read_element(struct custody_bytes p, struct custody_der *out)
{
	if (p.n < 2)
		return "found the end, want an identifier and a length";
	out->tag = p.p[0];
	if ((out->tag & 0x1f) == 0x1f)
		return "found a tag number above 30, want one below";
	size_t header = 2;
	size_t length = p.p[1];
	if (length == 0x80)
		return "found an indefinite length, want a definite one";
	if (length > 0x80) {
		size_t octets = length & 0x7f;
		/* Nothing that we take is larger than a trust file, so four octets are plenty and size_t never overflows. */
		if (octets > 4 || p.n - 2 < octets)
			return "found a length of too many bytes, want one that fits";
		length = 0;
		for (size_t i = 0; i < octets; i++)
			length = length << 8 | p.p[2 + i];
		header += octets;
		if (p.p[2] == 0 || length < 0x80)
			return "found a length in more bytes than needed, want the shortest form";
	}
	if (length > p.n - header)
		return "found a length beyond the end, want one that fits";
	out->content = (struct custody_bytes){ p.p + header, length };
	out->whole = (struct custody_bytes){ p.p, header + length };
	return NULL;
}

bool custody_der_next(struct custody_bytes *rest, struct custody_der *out)
{
	if (read_element(*rest, out) != NULL)
		return false;
	rest->p += out->whole.n;
	rest->n -= out->whole.n;
	return true;
}

bool custody_der_take(struct custody_bytes *rest, uint8_t tag, struct custody_der *out)
{
	return rest->n > 0 && rest->p[0] == tag && custody_der_next(rest, out);
}

bool custody_der_only(struct custody_bytes p, uint8_t tag, struct custody_bytes *content)
{
	struct custody_der element;
	if (!custody_der_take(&p, tag, &element) || p.n != 0)
		return false;
	*content = element.content;
	return true;
}

bool custody_der_unsigned(struct custody_bytes content, uint64_t *out)
{
	if (content.n == 0 || content.n > 9 || (content.p[0] & 0x80) != 0 || (content.n == 9 && content.p[0] != 0))
		return false;
	*out = 0;
	for (size_t i = 0; i < content.n; i++)
		*out = *out << 8 | content.p[i];
	return true;
}

/* The order of X.690 11.6. No encoding is the beginning of another, so the padding with zeros that it speaks of never matters. */
static int compare_encodings(struct custody_bytes a, struct custody_bytes b)
{
	return memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
}

bool custody_der_is_sorted(struct custody_bytes content)
{
	struct custody_der previous, element;
	if (!custody_der_next(&content, &previous))
		return content.n == 0;
	while (custody_der_next(&content, &element)) {
		if (compare_encodings(previous.whole, element.whole) >= 0)
			return false;
		previous = element;
	}
	return content.n == 0;
}

/* Reads `count` digits at *at. -1 if they are not all digits. The caller has checked that they are there. */
static int read_digits(struct custody_bytes content, size_t *at, size_t count)
{
	int value = 0;
	for (size_t end = *at + count; *at < end; ++*at) {
		if (content.p[*at] < '0' || content.p[*at] > '9')
			return -1;
		value = value * 10 + (content.p[*at] - '0');
	}
	return value;
}

/* The fraction of X.690 11.7: a point, digits, the last of them not zero. *at is behind the seconds; moves to the Z. */
static bool read_fraction(struct custody_bytes content, size_t *at, uint32_t *nsec)
{
	if (content.p[*at] != '.')
		return true;
	size_t first = ++*at;
	uint32_t unit = 100000000;
	while (*at < content.n - 1) {
		int digit = read_digits(content, at, 1);
		if (digit < 0)
			return false;
		*nsec += (uint32_t)digit * unit;
		unit /= 10;
	}
	return *at > first && content.p[*at - 1] != '0';
}

bool custody_der_time(uint8_t tag, struct custody_bytes content, struct custody_time *out)
{
	bool generalized = tag == CUSTODY_DER_GENERALIZED_TIME;
	if (generalized ? content.n < 15 : tag != CUSTODY_DER_UTC_TIME || content.n != 13)
		return false;
	size_t at = 0;
	int year = read_digits(content, &at, generalized ? 4 : 2);
	if (!generalized && year >= 0)
		year += year >= 50 ? 1900 : 2000;
	int field[5];
	for (size_t i = 0; i < 5; i++) {
		field[i] = read_digits(content, &at, 2);
		if (year < 0 || field[i] < 0)
			return false;
	}
	struct custody_time time = { 0, 0 };
	if (!custody_time_from_civil(year, field[0], field[1], field[2], field[3], field[4], &time.sec))
		return false;
	if (generalized && !read_fraction(content, &at, &time.nsec))
		return false;
	if (at != content.n - 1 || content.p[at] != 'Z')
		return false;
	*out = time;
	return true;
}

static const char *check_integer(struct custody_bytes c)
{
	if (c.n == 0)
		return "found an empty INTEGER, want at least one byte";
	/* X.690 8.3.2: the first nine bits are not all equal. */
	if (c.n > 1 && ((c.p[0] == 0x00 && (c.p[1] & 0x80) == 0) || (c.p[0] == 0xff && (c.p[1] & 0x80) != 0)))
		return "found an INTEGER with a needless first byte, want the shortest form";
	return NULL;
}

static const char *check_bit_string(struct custody_bytes c)
{
	if (c.n == 0 || c.p[0] > 7 || (c.n == 1 && c.p[0] != 0))
		return "found a BIT STRING with an impossible count of unused bits, want 0 to 7";
	if (c.n > 1 && (c.p[c.n - 1] & ((1u << c.p[0]) - 1)) != 0)
		return "found a BIT STRING whose unused bits are set, want zeros";
	return NULL;
}

static const char *check_oid(struct custody_bytes c)
{
	bool first = true;
	for (size_t i = 0; i < c.n; i++) {
		if (first && c.p[i] == 0x80)
			return "found an OBJECT IDENTIFIER with a padded part, want the shortest form";
		first = (c.p[i] & 0x80) == 0;
	}
	/* A part left open, or no byte at all. */
	return first && c.n > 0 ? NULL : "found an OBJECT IDENTIFIER that is cut off, want whole parts";
}

/* Content of one primitive element of the universal class. Returns NULL, or what is wrong. */
static const char *check_primitive(const struct custody_der *element)
{
	struct custody_bytes c = element->content;
	struct custody_time time;
	switch (element->tag) {
	case CUSTODY_DER_BOOLEAN:
		return c.n == 1 && (c.p[0] == 0x00 || c.p[0] == 0xff) ? NULL : "found a BOOLEAN of other bytes, want 00 or FF";
	case CUSTODY_DER_INTEGER:
	case CUSTODY_DER_ENUMERATED:
		return check_integer(c);
	case CUSTODY_DER_BIT_STRING:
		return check_bit_string(c);
	case CUSTODY_DER_NULL:
		return c.n == 0 ? NULL : "found a NULL with content, want an empty one";
	case CUSTODY_DER_OID:
		return check_oid(c);
	case CUSTODY_DER_UTC_TIME:
	case CUSTODY_DER_GENERALIZED_TIME:
		return custody_der_time(element->tag, c, &time) ? NULL : "found a time in another form, want digits and Z, without needless zeros";
	case CUSTODY_DER_OCTET_STRING:
	case 0x0c: /* UTF8String; the string types' characters are looked at where they are shown */
	case 0x12: /* NumericString */
	case 0x13: /* PrintableString */
	case 0x14: /* TeletexString */
	case 0x16: /* IA5String */
	case 0x1a: /* VisibleString */
	case 0x1b: /* GeneralString */
	case 0x1c: /* UniversalString */
	case 0x1e: /* BMPString */
		return NULL;
	default:
		return "found a type that none of our structures has, want a known one";
	}
}

/* One element by itself: class, primitive or constructed, content if primitive. */
static const char *check_element(const struct custody_der *element)
{
	if ((element->tag & 0xc0) == CUSTODY_DER_CONTEXT || element->tag == CUSTODY_DER_SEQUENCE || element->tag == CUSTODY_DER_SET)
		return NULL;
	return check_primitive(element);
}

/* An element whose content is being walked. */
struct level {
	struct custody_bytes rest;
	bool is_set;
	struct custody_bytes previous; /* element of a SET; p NULL before the first */
};

/* Walks all levels. Returns NULL, or what is wrong with the element at *at; *limit is set if a limit is. */
static const char *walk(struct custody_bytes whole, const uint8_t **at, bool *limit)
{
	struct level stack[CUSTODY_LIMIT_DER_DEPTH] = { { .rest = whole } };
	size_t depth = 0;
	do {
		struct level *level = &stack[depth];
		struct custody_der element;
		*at = level->rest.p;
		const char *wrong = read_element(level->rest, &element);
		if (wrong == NULL)
			wrong = check_element(&element);
		if (wrong == NULL && level->is_set && level->previous.p != NULL && compare_encodings(level->previous, element.whole) >= 0)
			wrong = "found a SET that is not sorted or holds an element twice, want it sorted";
		if (wrong != NULL)
			return wrong;
		*limit = true;
		if (element.tag == CUSTODY_DER_OID && element.content.n > CUSTODY_LIMIT_OID)
			return "found an OBJECT IDENTIFIER of too many bytes, want at most 128";
		if ((element.tag & CUSTODY_DER_CONSTRUCTED) != 0 && element.content.n != 0 && depth + 1 == CUSTODY_LIMIT_DER_DEPTH)
			return "found elements nested too deeply, want at most 32 levels";
		*limit = false;
		level->previous = element.whole;
		level->rest.p += element.whole.n;
		level->rest.n -= element.whole.n;
		if (depth == 0 && level->rest.n != 0) {
			*at = level->rest.p;
			return "found further bytes, want the end";
		}
		if ((element.tag & CUSTODY_DER_CONSTRUCTED) != 0 && element.content.n != 0)
			stack[++depth] = (struct level){ .rest = element.content, .is_set = element.tag == CUSTODY_DER_SET };
		while (depth > 0 && stack[depth].rest.n == 0)
			depth--;
	} while (depth > 0);
	return NULL;
}

int custody_der_check_at(const uint8_t *p, size_t n, const char *rule, size_t *at, struct custody_error *err)
{
	const uint8_t *where;
	bool limit = false;
	const char *wrong = walk((struct custody_bytes){ p, n }, &where, &limit);
	if (wrong == NULL)
		return 0;
	*at = (size_t)(where - p);
	return custody_refuse(err, limit ? "limit-exceeded" : rule, "at byte %zu: %s", *at, wrong);
}

int custody_der_check(const uint8_t *p, size_t n, const char *rule, struct custody_error *err)
{
	size_t at;
	return custody_der_check_at(p, n, rule, &at, err);
}
