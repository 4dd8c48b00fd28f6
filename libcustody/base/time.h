/* SPDX-License-Identifier: Apache-2.0 */
/* Time is a parameter: the library never asks the system (decision 4). UTC throughout. */
#ifndef CUSTODY_BASE_TIME_H
#define CUSTODY_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"

/* Seconds since 1970-01-01T00:00:00Z (may be negative) and nanoseconds 0..999999999. */
struct custody_time {
	int64_t sec;
	uint32_t nsec;
};

/* Where "now" comes from: the system clock in cmd/, a fixed one in tests. Borrowed by whoever gets it. */
struct custody_clock {
	int (*now)(void *ctx, struct custody_time *out, struct custody_error *err);
	void *ctx;
};

#define CUSTODY_TIME_TEXT 40

/* Local time at a moment: seconds east of UTC, and the zone's name, safe for showing. */
struct custody_zone {
	int32_t offset;
	char name[24];
};
/* Where local time comes from: the computer's setting in cmd/. false: it is not known. */
typedef bool custody_local_time(struct custody_time t, struct custody_zone *out);

/* Years 0001 to 9999 can be written; others are "out of range". */
bool custody_time_in_range(struct custody_time t);
/* "2026-11-24T04:12:09Z" (RFC 3339). out holds CUSTODY_TIME_TEXT bytes. t must be in range. */
void custody_time_format(struct custody_time t, char *out);
/* With exactly nine digits of nanoseconds: "...:09.123456789Z". */
void custody_time_format_ns(struct custody_time t, char *out);
/* Parses either form exactly (upper-case T and Z, no offset; fraction of exactly 9 digits if wanted, none otherwise); the date must exist;
 * second 60 is refused. Returns false if it is not that. */
bool custody_time_parse(const char *text, size_t len, bool with_ns, struct custody_time *out);
/* What a user types (--at): RFC 3339 with or without fraction (1-9 digits), 'Z' or an offset, or a date alone (its first second, UTC). */
bool custody_time_parse_user(const char *text, struct custody_time *out);
/* Civil fields to seconds; false if the date or time does not exist. */
bool custody_time_from_civil(int year, int month, int day, int hour, int minute, int second, int64_t *sec);
int custody_time_compare(struct custody_time a, struct custody_time b); /* -1, 0, 1 */

#endif
