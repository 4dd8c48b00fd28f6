/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "libcustody/base/time.h"

Test(time, formats_and_parses_known_moments)
{
	static const struct {
		int64_t sec;
		const char *text;
	} cases[] = { { 0, "1970-01-01T00:00:00Z" }, { -1, "1969-12-31T23:59:59Z" }, { 951782400, "2000-02-29T00:00:00Z" },
		{ 1795493529, "2026-11-24T04:12:09Z" }, { 4107542400, "2100-03-01T00:00:00Z" }, { 4107542399, "2100-02-28T23:59:59Z" },
		{ -62135596800, "0001-01-01T00:00:00Z" }, { 253402300799, "9999-12-31T23:59:59Z" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[CUSTODY_TIME_TEXT];
		struct custody_time t = { cases[i].sec, 0 }, back;
		custody_time_format(t, text);
		cr_expect_str_eq(text, cases[i].text);
		cr_expect(custody_time_parse(text, strlen(text), false, &back));
		cr_expect_eq(back.sec, cases[i].sec);
	}
}

Test(time, agrees_with_gmtime_on_every_day)
{
	for (int64_t sec = -62135596800; sec <= 253402300799; sec += 86400 - (sec % 7 == 0)) {
		struct tm tm;
		time_t t = (time_t)sec;
		char text[CUSTODY_TIME_TEXT];
		custody_time_format((struct custody_time){ sec, 0 }, text);
		gmtime_r(&t, &tm);
		char want[80];
		snprintf(want, sizeof(want), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			tm.tm_sec);
		struct custody_time back;
		if (strcmp(text, want) != 0 || !custody_time_parse(text, 20, false, &back) || back.sec != sec)
			cr_assert_fail("%s, want %s", text, want);
	}
}

Test(time, keeps_nanoseconds)
{
	char text[CUSTODY_TIME_TEXT];
	struct custody_time t = { 0, 7 }, back;
	custody_time_format_ns(t, text);
	cr_expect_str_eq(text, "1970-01-01T00:00:00.000000007Z");
	cr_expect(custody_time_parse(text, strlen(text), true, &back));
	cr_expect_eq(back.nsec, 7);
	custody_time_format_ns((struct custody_time){ -1, 999999999 }, text);
	cr_expect_str_eq(text, "1969-12-31T23:59:59.999999999Z");
}

Test(time, knows_its_range)
{
	static const struct {
		struct custody_time t;
		bool want;
	} cases[] = { { { -62135596800, 0 }, true }, { { -62135596801, 999999999 }, false }, { { 253402300799, 999999999 }, true },
		{ { 253402300800, 0 }, false }, { { 0, 1000000000 }, false }, { { INT64_MIN, 0 }, false }, { { INT64_MAX, 0 }, false } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(custody_time_in_range(cases[i].t), cases[i].want, "%zu", i);
}

Test(time, refuses_what_is_not_a_moment)
{
	static const char *const cases[] = { "", "2026-11-24", "2026-11-24T04:12:09", "2026-11-24T04:12:09z", "2026-11-24t04:12:09Z",
		"2026-11-24 04:12:09Z", "2026-11-24T04:12:09+00:00", "2026-11-24T04:12:60Z", "2026-11-24T04:60:09Z", "2026-11-24T24:00:00Z",
		"2026-13-24T04:12:09Z", "2026-00-24T04:12:09Z", "2026-11-31T04:12:09Z", "2026-11-00T04:12:09Z", "2026-02-29T04:12:09Z",
		"2100-02-29T04:12:09Z", "0000-11-24T04:12:09Z", "+026-11-24T04:12:09Z", "2026-1 -24T04:12:09Z", "2026/11/24T04:12:09Z",
		"2026-11/24T04:12:09Z", "2026-11-24T04.12:09Z", "2026-11-24T04:12.09Z", "2026-11-24T0a:12:09Z", "2026-11-24T04:1a:09Z",
		"2026-11-24T04:12:0aZ", "2026-11-2aT04:12:09Z", "2026-11-24T04:12:09.1Z", "202a-11-24T04:12:09Z", "2026-11-24T04:12:09.123456789",
		"2026-11-24T04:12:09,123456789Z", "2026-11-24T04:12:09.12345678aZ", "2026-11-24T04:12:09.1234567890Z" };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_time t = { 5, 5 };
		cr_expect_not(custody_time_parse(cases[i], strlen(cases[i]), false, &t), "%s", cases[i]);
		cr_expect_not(custody_time_parse(cases[i], strlen(cases[i]), true, &t), "%s with ns", cases[i]);
		cr_expect(t.sec == 5 && t.nsec == 5);
	}
	struct custody_time t;
	cr_expect_not(custody_time_parse("2026-11-24T04:12:09Z", 20, true, &t));
	cr_expect_not(custody_time_parse("2026-11-24T04:12:09.123456789Z", 30, false, &t));
	cr_expect(custody_time_parse("2000-02-29T04:12:09Z", 20, false, &t));
}

Test(time, takes_what_a_person_types)
{
	static const struct {
		const char *text;
		int64_t sec;
		uint32_t nsec;
	} cases[] = { { "1970-01-02", 86400, 0 }, { "1970-01-01T00:00:01Z", 1, 0 }, { "1970-01-01T00:00:01.5Z", 1, 500000000 },
		{ "1970-01-01T00:00:01.123456789Z", 1, 123456789 }, { "1970-01-01T01:00:01+01:00", 1, 0 },
		{ "1969-12-31T23:30:01.25-00:30", 1, 250000000 }, { "1970-01-01T05:30:00+05:30", 0, 0 } };
	struct custody_time t;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(custody_time_parse_user(cases[i].text, &t), "%s", cases[i].text);
		cr_expect(t.sec == cases[i].sec && t.nsec == cases[i].nsec, "%s", cases[i].text);
	}
	static const char *const bad[] = { "", "now", "1970-01-0", "1970-01-32", "1970-1-011", "1970-01-01T00:00:01", "1970-01-01T00:00:01.Z",
		"1970-01-01T00:00:01.1234567890Z", "1970-01-01T00:00:01+1:00", "1970-01-01T00:00:01+01.00", "1970-01-01T00:00:01+24:00",
		"1970-01-01T00:00:01+01:60", "1970-01-01T00:00:01+0a:00", "1970-01-01T00:00:01+00:0a", "1970-01-01T00:00:01 01:00",
		"1970-01-01T00:00:01Zx", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "1970-01-01T00:00:61Z" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(custody_time_parse_user(bad[i], &t), "%s", bad[i]);
}

Test(time, civil_fields_are_checked_singly)
{
	int64_t sec;
	cr_expect(custody_time_from_civil(1970, 1, 1, 0, 0, 0, &sec) && sec == 0);
	static const int bad[][6] = { { 0, 1, 1, 0, 0, 0 }, { 10000, 1, 1, 0, 0, 0 }, { 1970, 0, 1, 0, 0, 0 }, { 1970, 13, 1, 0, 0, 0 },
		{ 1970, 1, 0, 0, 0, 0 }, { 1970, 4, 31, 0, 0, 0 }, { 1970, 1, 1, -1, 0, 0 }, { 1970, 1, 1, 24, 0, 0 }, { 1970, 1, 1, 0, -1, 0 },
		{ 1970, 1, 1, 0, 60, 0 }, { 1970, 1, 1, 0, 0, -1 }, { 1970, 1, 1, 0, 0, 60 }, { 1900, 2, 29, 0, 0, 0 } };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(custody_time_from_civil(bad[i][0], bad[i][1], bad[i][2], bad[i][3], bad[i][4], bad[i][5], &sec), "%zu", i);
}

Test(time, compares_seconds_before_nanoseconds)
{
	struct custody_time a = { 1, 5 }, b = { 2, 1 }, c = { 1, 6 };
	cr_expect_eq(custody_time_compare(a, b), -1);
	cr_expect_eq(custody_time_compare(b, a), 1);
	cr_expect_eq(custody_time_compare(a, c), -1);
	cr_expect_eq(custody_time_compare(c, a), 1);
	cr_expect_eq(custody_time_compare(a, a), 0);
}
