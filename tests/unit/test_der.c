/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/crypto/der.h"

#define BYTES(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }

Test(der, takes_what_is_der)
{
	static const struct {
		const char *what;
		struct custody_bytes in;
	} cases[] = {
		{ "BOOLEAN true", BYTES("\x01\x01\xff") },
		{ "BOOLEAN false", BYTES("\x01\x01\x00") },
		{ "INTEGER zero", BYTES("\x02\x01\x00") },
		{ "INTEGER minus one", BYTES("\x02\x01\xff") },
		{ "INTEGER 128", BYTES("\x02\x02\x00\x80") },
		{ "INTEGER minus 129", BYTES("\x02\x02\xff\x7f") },
		{ "ENUMERATED", BYTES("\x0a\x01\x05") },
		{ "BIT STRING empty", BYTES("\x03\x01\x00") },
		{ "BIT STRING", BYTES("\x03\x02\x07\x80") },
		{ "NULL", BYTES("\x05\x00") },
		{ "OBJECT IDENTIFIER", BYTES("\x06\x03\x55\x04\x03") },
		{ "OBJECT IDENTIFIER with a long part", BYTES("\x06\x02\x88\x37") },
		{ "OCTET STRING", BYTES("\x04\x02\x30\x80") },
		{ "UTF8String", BYTES("\x0c\x01x") },
		{ "NumericString", BYTES("\x12\x01\x31") },
		{ "PrintableString", BYTES("\x13\x01x") },
		{ "TeletexString", BYTES("\x14\x01x") },
		{ "IA5String", BYTES("\x16\x01x") },
		{ "VisibleString", BYTES("\x1a\x01x") },
		{ "GeneralString", BYTES("\x1b\x01x") },
		{ "UniversalString", BYTES("\x1c\x04\0\0\0x") },
		{ "BMPString", BYTES("\x1e\x02\0x") },
		{ "UTCTime", BYTES("\x17\x0d"
				   "261102093000Z") },
		{ "GeneralizedTime", BYTES("\x18\x0f"
					   "20261102093000Z") },
		{ "GeneralizedTime with a fraction", BYTES("\x18\x11"
							   "20261102093000.5Z") },
		{ "SEQUENCE empty", BYTES("\x30\x00") },
		{ "SEQUENCE", BYTES("\x30\x05\x05\x00\x01\x01\xff") },
		{ "SET sorted", BYTES("\x31\x06\x02\x01\x01\x02\x01\x02") },
		{ "SET sorted by type", BYTES("\x31\x05\x02\x01\x01\x05\x00") },
		{ "context, primitive", BYTES("\x80\x02\xff\xff") },
		{ "context, constructed, in any order", BYTES("\xa0\x06\x02\x01\x02\x02\x01\x01") },
		{ "two levels end together", BYTES("\x30\x04\x30\x02\x05\x00") },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		cr_expect_eq(custody_der_check(cases[i].in.p, cases[i].in.n, "r", &err), 0, "%s: %s", cases[i].what, err.text);
	}
}

Test(der, takes_nothing_else)
{
	static const struct {
		const char *what;
		struct custody_bytes in;
		const char *want;
	} cases[] = {
		{ "nothing", BYTES(""), "at byte 0: found the end, want an identifier and a length" },
		{ "an identifier only", BYTES("\x30"), "at byte 0: found the end, want an identifier and a length" },
		{ "long tag number", BYTES("\x1f\x01\x00"), "at byte 0: found a tag number above 30, want one below" },
		{ "long tag number, context", BYTES("\xbf\x20\x00"), "at byte 0: found a tag number above 30, want one below" },
		{ "indefinite", BYTES("\x30\x80\x00\x00"), "at byte 0: found an indefinite length, want a definite one" },
		{ "length of five bytes", BYTES("\x30\x85\x01\x00\x00\x00\x00"), "at byte 0: found a length of too many bytes, want one that fits" },
		{ "length cut off", BYTES("\x30\x82\x01"), "at byte 0: found a length of too many bytes, want one that fits" },
		{ "length with a zero in front", BYTES("\x30\x82\x00\x80"),
			"at byte 0: found a length in more bytes than needed, want the shortest form" },
		{ "length below 128 in long form", BYTES("\x30\x81\x01\x00"),
			"at byte 0: found a length in more bytes than needed, want the shortest form" },
		{ "length beyond the end", BYTES("\x30\x02\x05"), "at byte 0: found a length beyond the end, want one that fits" },
		{ "inner length beyond the outer end", BYTES("\x30\x03\x04\x02x"), "at byte 2: found a length beyond the end, want one that fits" },
		{ "trailing byte", BYTES("\x05\x00\x00"), "at byte 2: found further bytes, want the end" },
		{ "trailing element", BYTES("\x30\x00\x05\x00"), "at byte 2: found further bytes, want the end" },
		{ "BOOLEAN one", BYTES("\x01\x01\x01"), "at byte 0: found a BOOLEAN of other bytes, want 00 or FF" },
		{ "BOOLEAN long", BYTES("\x01\x02\x00\x00"), "at byte 0: found a BOOLEAN of other bytes, want 00 or FF" },
		{ "INTEGER empty", BYTES("\x02\x00"), "at byte 0: found an empty INTEGER, want at least one byte" },
		{ "INTEGER with a zero", BYTES("\x02\x02\x00\x7f"),
			"at byte 0: found an INTEGER with a needless first byte, want the shortest form" },
		{ "INTEGER with FF", BYTES("\x02\x02\xff\x80"), "at byte 0: found an INTEGER with a needless first byte, want the shortest form" },
		{ "ENUMERATED empty", BYTES("\x0a\x00"), "at byte 0: found an empty INTEGER, want at least one byte" },
		{ "BIT STRING without a count", BYTES("\x03\x00"),
			"at byte 0: found a BIT STRING with an impossible count of unused bits, want 0 to 7" },
		{ "BIT STRING with eight", BYTES("\x03\x02\x08\x00"),
			"at byte 0: found a BIT STRING with an impossible count of unused bits, want 0 to 7" },
		{ "BIT STRING of none with one", BYTES("\x03\x01\x01"),
			"at byte 0: found a BIT STRING with an impossible count of unused bits, want 0 to 7" },
		{ "BIT STRING, unused bit set", BYTES("\x03\x02\x07\xc0"), "at byte 0: found a BIT STRING whose unused bits are set, want zeros" },
		{ "NULL with content", BYTES("\x05\x01\x00"), "at byte 0: found a NULL with content, want an empty one" },
		{ "OBJECT IDENTIFIER empty", BYTES("\x06\x00"), "at byte 0: found an OBJECT IDENTIFIER that is cut off, want whole parts" },
		{ "OBJECT IDENTIFIER open", BYTES("\x06\x02\x55\x84"), "at byte 0: found an OBJECT IDENTIFIER that is cut off, want whole parts" },
		{ "OBJECT IDENTIFIER padded", BYTES("\x06\x03\x55\x80\x01"),
			"at byte 0: found an OBJECT IDENTIFIER with a padded part, want the shortest form" },
		{ "UTCTime without seconds",
			BYTES("\x17\x0b"
			      "2611020930Z"),
			"at byte 0: found a time in another form, want digits and Z, without needless zeros" },
		{ "REAL", BYTES("\x09\x00"), "at byte 0: found a type that none of our structures has, want a known one" },
		{ "end of contents", BYTES("\x00\x00"), "at byte 0: found a type that none of our structures has, want a known one" },
		{ "OCTET STRING constructed", BYTES("\x24\x02\x04\x00"),
			"at byte 0: found a type that none of our structures has, want a known one" },
		{ "UTF8String constructed", BYTES("\x2c\x00"), "at byte 0: found a type that none of our structures has, want a known one" },
		{ "SEQUENCE primitive", BYTES("\x10\x00"), "at byte 0: found a type that none of our structures has, want a known one" },
		{ "application class", BYTES("\x60\x00"), "at byte 0: found a type that none of our structures has, want a known one" },
		{ "private class", BYTES("\xc0\x00"), "at byte 0: found a type that none of our structures has, want a known one" },
		{ "SET unsorted", BYTES("\x31\x06\x02\x01\x02\x02\x01\x01"),
			"at byte 5: found a SET that is not sorted or holds an element twice, want it sorted" },
		{ "SET with one twice", BYTES("\x31\x06\x02\x01\x02\x02\x01\x02"),
			"at byte 5: found a SET that is not sorted or holds an element twice, want it sorted" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		cr_expect_eq(custody_der_check(cases[i].in.p, cases[i].in.n, "rule", &err), -1, "%s", cases[i].what);
		cr_expect_str_eq(err.text, cases[i].want, "%s: %s", cases[i].what, err.text);
		cr_expect_str_eq(err.rule ? err.rule : "", "rule", "%s", cases[i].what);
	}
}

Test(der, stops_at_its_limits)
{
	uint8_t nested[2 * CUSTODY_LIMIT_DER_DEPTH + 2], oid[CUSTODY_LIMIT_OID + 4] = { 0x06, 0x81, CUSTODY_LIMIT_OID };
	struct custody_error err = CUSTODY_ERROR_INIT;
	/* As many levels as are allowed, the innermost with a NULL, and one more. */
	for (size_t levels = CUSTODY_LIMIT_DER_DEPTH - 1; levels <= CUSTODY_LIMIT_DER_DEPTH; levels++) {
		size_t n = 0;
		for (size_t i = 0; i < levels; i++) {
			nested[n++] = 0x30;
			nested[n++] = (uint8_t)(2 * (levels - 1 - i) + 2);
		}
		nested[n++] = 0x05;
		nested[n++] = 0x00;
		cr_expect_eq(custody_der_check(nested, n, NULL, &err), levels < CUSTODY_LIMIT_DER_DEPTH ? 0 : -1, "%zu", levels);
	}
	cr_expect_str_eq(err.rule, "limit-exceeded");
	cr_expect_str_eq(err.text, "at byte 62: found elements nested too deeply, want at most 32 levels");
	memset(oid + 3, 0x2a, CUSTODY_LIMIT_OID);
	cr_expect_eq(custody_der_check(oid, CUSTODY_LIMIT_OID + 3, NULL, &err), 0);
	oid[2]++;
	oid[CUSTODY_LIMIT_OID + 3] = 0x2a;
	cr_expect_eq(custody_der_check(oid, CUSTODY_LIMIT_OID + 4, NULL, &err), -1);
	cr_expect_str_eq(err.rule, "limit-exceeded");
}

Test(der, says_where_a_refusal_was)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t at = 99;
	cr_expect_eq(custody_der_check_at((const uint8_t *)"\x30\x05\x05\x00\x01\x01\x01", 7, NULL, &at, &err), -1);
	cr_expect_eq(at, 4);
	cr_expect_null(err.rule);
	cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
}

Test(der, takes_every_length_in_its_shortest_form)
{
	static uint8_t big[70000];
	static const size_t lengths[] = { 0, 1, 127, 128, 255, 256, 65535, 65536 };
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t n = lengths[i], octets = n < 128 ? 0 : n < 256 ? 1 : n < 65536 ? 2 : 3;
		struct custody_error err = CUSTODY_ERROR_INIT;
		big[0] = 0x04;
		big[1] = (uint8_t)(octets == 0 ? n : 0x80 | octets);
		for (size_t k = 0; k < octets; k++)
			big[2 + k] = (uint8_t)(n >> (octets - 1 - k) * 8);
		cr_expect_eq(custody_der_check(big, 2 + octets + n, NULL, &err), 0, "%zu: %s", n, err.text);
	}
}

Test(der, walks_with_a_cursor)
{
	struct custody_bytes rest = BYTES("\x02\x01\x05\x05\x00\x04\x01x");
	struct custody_der e;
	struct custody_bytes content;
	cr_expect_not(custody_der_take(&rest, 0x05, &e));
	cr_expect(custody_der_take(&rest, 0x02, &e) && e.content.n == 1 && e.content.p[0] == 5 && e.whole.n == 3);
	cr_expect(custody_der_next(&rest, &e) && e.tag == 0x05);
	cr_expect(custody_der_only(rest, 0x04, &content) && custody_bytes_is(content, "x"));
	cr_expect_not(custody_der_only(rest, 0x05, &content));
	cr_expect(custody_der_next(&rest, &e));
	cr_expect_not(custody_der_next(&rest, &e));
	cr_expect_not(custody_der_take(&rest, 0x04, &e));
	struct custody_bytes two = BYTES("\x05\x00\x05\x00"), broken = BYTES("\x05\x01");
	cr_expect_not(custody_der_only(two, 0x05, &content));
	cr_expect_not(custody_der_take(&broken, 0x05, &e));
	cr_expect_eq(broken.n, 2);
}

Test(der, knows_what_is_sorted)
{
	static const struct {
		struct custody_bytes in;
		bool want;
	} cases[] = {
		{ BYTES(""), true },
		{ BYTES("\x02\x01\x01"), true },
		{ BYTES("\x02\x01\x01\x02\x01\x02\x05\x00"), true },
		{ BYTES("\x02\x01\x02\x02\x01\x01"), false },
		{ BYTES("\x05\x00\x05\x00"), false },
		{ BYTES("\x05"), false },
		{ BYTES("\x05\x00\x06"), false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(custody_der_is_sorted(cases[i].in), cases[i].want, "%zu", i);
}

Test(der, reads_integers_that_fit)
{
	static const struct {
		struct custody_bytes in;
		bool taken;
		uint64_t want;
	} cases[] = {
		{ BYTES("\x00"), true, 0 },
		{ BYTES("\x7f"), true, 127 },
		{ BYTES("\x00\xff"), true, 255 },
		{ BYTES("\x7f\xff\xff\xff\xff\xff\xff\xff"), true, INT64_MAX },
		{ BYTES("\x00\xff\xff\xff\xff\xff\xff\xff\xff"), true, UINT64_MAX },
		{ BYTES("\x01\x00\x00\x00\x00\x00\x00\x00\x00"), false, 0 },
		{ BYTES("\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"), false, 0 },
		{ BYTES("\xff"), false, 0 },
		{ BYTES(""), false, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t v = 0;
		cr_expect_eq(custody_der_unsigned(cases[i].in, &v), cases[i].taken, "%zu", i);
		cr_expect(!cases[i].taken || v == cases[i].want, "%zu", i);
	}
}

Test(der, reads_times_in_their_one_form)
{
	static const struct {
		uint8_t tag;
		const char *in;
		bool taken;
		int64_t sec;
		uint32_t nsec;
	} cases[] = {
		{ 0x17, "700101000000Z", true, 0, 0 },
		{ 0x17, "491231235959Z", true, 2524607999, 0 },
		{ 0x17, "500101000000Z", true, -631152000, 0 },
		{ 0x17, "x00101000000Z", false, 0, 0 },
		{ 0x17, "700101000000z", false, 0, 0 },
		{ 0x17, "700101000060Z", false, 0, 0 },
		{ 0x17, "700230000000Z", false, 0, 0 },
		{ 0x17, "7001010000000", false, 0, 0 },
		{ 0x17, "70010100000 Z", false, 0, 0 },
		{ 0x17, "19700101000000Z", false, 0, 0 },
		{ 0x18, "19700101000000Z", true, 0, 0 },
		{ 0x18, "19700101000000.5Z", true, 0, 500000000 },
		{ 0x18, "19700101000000.123456789Z", true, 0, 123456789 },
		{ 0x18, "19700101000000.1234567891Z", true, 0, 123456789 },
		{ 0x18, "19700101000000.50Z", false, 0, 0 },
		{ 0x18, "19700101000000.0Z", false, 0, 0 },
		{ 0x18, "19700101000000.Z", false, 0, 0 },
		{ 0x18, "19700101000000,5Z", false, 0, 0 },
		{ 0x18, "19700101000000.5x", false, 0, 0 },
		{ 0x18, "19700101000000.xZ", false, 0, 0 },
		{ 0x18, "19700101000000+0", false, 0, 0 },
		{ 0x18, "197001010000Z", false, 0, 0 },
		{ 0x18, "1970010100000xZ", false, 0, 0 },
		{ 0x18, "19700101000000ZZ", false, 0, 0 },
		{ 0x04, "700101000000Z", false, 0, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_time t = { 0, 0 };
		struct custody_bytes in = { (const uint8_t *)cases[i].in, strlen(cases[i].in) };
		cr_expect_eq(custody_der_time(cases[i].tag, in, &t), cases[i].taken, "%s", cases[i].in);
		cr_expect(!cases[i].taken || (t.sec == cases[i].sec && t.nsec == cases[i].nsec), "%s", cases[i].in);
	}
}

/* Every input of up to three bytes: whatever is taken is one of the few shapes that can be DER. */
Test(der, takes_of_all_short_inputs_only_der)
{
	size_t taken = 0;
	struct custody_error err = CUSTODY_ERROR_INIT;
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 4; b++) {
			for (unsigned c = 0; c < 256; c++) {
				const uint8_t in[3] = { (uint8_t)a, (uint8_t)b, (uint8_t)c };
				for (size_t n = 1; n <= 3; n++) {
					if (custody_der_check(in, n, NULL, &err) == 0) {
						taken += n == 3 || c == 0;
						cr_expect_eq(n, 2 + (size_t)b);
						cr_expect((a & 0x1f) != 0x1f && (a & 0xc0) != 0x40 && (a & 0xc0) != 0xc0);
					}
				}
			}
		}
	}
	cr_expect_gt(taken, 0);
}
