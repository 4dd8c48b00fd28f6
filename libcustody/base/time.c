/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/time.h"

#include <string.h>

static const int64_t DAY = 86400;
static const int64_t YEAR_0001 = -62135596800; /* 0001-01-01T00:00:00Z */
static const int64_t YEAR_9999_END = 253402300799; /* 9999-12-31T23:59:59Z */

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar, year 1 to 9999. Years are counted from March, so that the leap day is the
 * last of its year; a 400-year era has 146097 days, and 719468 days lie between 0000-03-01 and 1970-01-01. */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400, in_era = y % 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + day_of_year - 719468;
}

/* The inverse, for days of years 1 to 9999. */
static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t shifted = days + 719468, era = shifted / 146097, of_era = shifted % 146097;
	int64_t in_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * in_era + in_era / 4 - in_era / 100);
	int64_t m = (5 * of_year + 2) / 153;
	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(in_era + era * 400 + (*month <= 2));
}

bool custody_time_in_range(struct custody_time t)
{
	return t.sec >= YEAR_0001 && t.sec <= YEAR_9999_END && t.nsec <= 999999999;
}

/* The last n decimal digits. Not by printf: sealing writes four times for each file. */
static void put_digits(char *out, size_t n, uint32_t value)
{
	while (n-- > 0) {
		out[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* "2026-11-24T04:12:09", 19 characters and a NUL. */
static void format_seconds(int64_t sec, char *out)
{
	int64_t of_day = sec % DAY;
	if (of_day < 0)
		of_day += DAY;
	int year, month, day;
	civil_from_days((sec - of_day) / DAY, &year, &month, &day);
	memcpy(out, "0000-00-00T00:00:00", 20);
	put_digits(out, 4, (uint32_t)year);
	put_digits(out + 5, 2, (uint32_t)month);
	put_digits(out + 8, 2, (uint32_t)day);
	put_digits(out + 11, 2, (uint32_t)(of_day / 3600));
	put_digits(out + 14, 2, (uint32_t)(of_day / 60 % 60));
	put_digits(out + 17, 2, (uint32_t)(of_day % 60));
}

void custody_time_format(struct custody_time t, char *out)
{
	format_seconds(t.sec, out);
	memcpy(out + 19, "Z", 2);
}

void custody_time_format_ns(struct custody_time t, char *out)
{
	format_seconds(t.sec, out);
	memcpy(out + 19, ".000000000Z", 12);
	put_digits(out + 20, 9, t.nsec);
}

bool custody_time_from_civil(int year, int month, int day, int hour, int minute, int second, int64_t *sec)
{
	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	*sec = days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
	return true;
}

/* Exactly n digits at text. */
static bool digits(const char *text, size_t n, int *value)
{
	int v = 0;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		v = v * 10 + (text[i] - '0');
	}
	*value = v;
	return true;
}

/* "2026-11-24" at the start of at least 10 characters. */
static bool parse_date(const char *text, int *year, int *month, int *day)
{
	return digits(text, 4, year) && text[4] == '-' && digits(text + 5, 2, month) && text[7] == '-' && digits(text + 8, 2, day);
}

/* "2026-11-24T04:12:09" at the start of at least 19 characters. */
static bool parse_seconds(const char *text, int64_t *sec)
{
	int year, month, day, hour, minute, second;
	if (!parse_date(text, &year, &month, &day) || text[10] != 'T')
		return false;
	if (!digits(text + 11, 2, &hour) || text[13] != ':' || !digits(text + 14, 2, &minute) || text[16] != ':' || !digits(text + 17, 2, &second))
		return false;
	return custody_time_from_civil(year, month, day, hour, minute, second, sec);
}

bool custody_time_parse(const char *text, size_t len, bool with_ns, struct custody_time *out)
{
	struct custody_time t = { 0, 0 };
	int nsec = 0;
	if (len != (with_ns ? 30 : 20) || !parse_seconds(text, &t.sec) || text[len - 1] != 'Z')
		return false;
	if (with_ns && (text[19] != '.' || !digits(text + 20, 9, &nsec)))
		return false;
	t.nsec = (uint32_t)nsec;
	*out = t;
	return true;
}

/* "Z" or "+hh:mm" to the end; *offset in seconds east of UTC. */
static bool parse_offset(const char *text, int64_t *offset)
{
	*offset = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	int hours, minutes;
	if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
		return false;
	if (!digits(text + 1, 2, &hours) || !digits(text + 4, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*offset = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
	return true;
}

bool custody_time_parse_user(const char *text, struct custody_time *out)
{
	struct custody_time t = { 0, 0 };
	size_t len = strlen(text);
	int year, month, day;
	if (len == 10) {
		if (!parse_date(text, &year, &month, &day) || !custody_time_from_civil(year, month, day, 0, 0, 0, &t.sec))
			return false;
		*out = t;
		return true;
	}
	if (len < 20 || !parse_seconds(text, &t.sec))
		return false;
	const char *rest = text + 19;
	if (*rest == '.') {
		size_t n = strspn(++rest, "0123456789");
		int fraction = 0;
		if (n < 1 || n > 9 || !digits(rest, n, &fraction))
			return false;
		rest += n;
		for (; n < 9; n++)
			fraction *= 10;
		t.nsec = (uint32_t)fraction;
	}
	int64_t offset;
	if (!parse_offset(rest, &offset))
		return false;
	t.sec -= offset;
	if (!custody_time_in_range(t))
		return false;
	*out = t;
	return true;
}

int custody_time_compare(struct custody_time a, struct custody_time b)
{
	if (a.sec != b.sec)
		return a.sec < b.sec ? -1 : 1;
	return a.nsec == b.nsec ? 0 : a.nsec < b.nsec ? -1 : 1;
}
