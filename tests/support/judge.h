/* SPDX-License-Identifier: Apache-2.0 */
/* Judging fixtures in process: fixed random numbers, a time that the test chooses, bytes from memory. */
#ifndef CUSTODY_TESTS_JUDGE_H
#define CUSTODY_TESTS_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/random.h"
#include "libcustody/work/verify.h"

#define JUDGED_AT "2026-12-01T00:00:00Z" /* when fixtures are judged (fixtures/README.md) */

/* The same numbers every time. */
extern const struct custody_random judge_random;

/* A whole file of at most 64 MiB. Ends the program with a message if it cannot be read. */
void judge_read(const char *path, struct custody_buf *out);
/* The anchors of a folder; "-" is none. Ends the program if it cannot. */
void judge_trust(const char *dir, struct custody_trust *out);
/* A time as written in a table; ends the program if it is none. */
struct custody_time judge_time(const char *text);
/* Options with judge_random, judged at JUDGED_AT, no threads. */
struct custody_verify_options judge_options(const struct custody_trust *trust);

#endif
