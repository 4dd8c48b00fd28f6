/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcustody: sealed packages of received electronic evidence, from C. This is the one installed header; before version 1.0 no stable ABI is promised.
 *
 * The library never prints, exits, forks, reads the environment, asks the clock or uses the network. Verification is the part that other programs need
 * in process; sealing is the business of the command custody(1).
 */
#ifndef CUSTODY_H
#define CUSTODY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CUSTODY_API __attribute__((visibility("default")))

/* What custody_verify_file() found; see custody-verify(1) for what each means. */
enum custody_answer {
	CUSTODY_ANSWER_NONE = -1, /* nothing was judged: *message says why */
	CUSTODY_ANSWER_VALID = 0,
	CUSTODY_ANSWER_INVALID = 1,
	CUSTODY_ANSWER_INDETERMINATE = 2
};

/* Version of the library, "MAJOR.MINOR.PATCH". Static text. */
CUSTODY_API const char *custody_version(void);

/*
 * Judges the package in the file `path` under the anchors in the folder `trust` (signers.pem, tsas.pem, crls.pem; NULL: none, and the answer is then never
 * VALID) at the time `now` (seconds since 1970-01-01T00:00:00Z: the caller's clock).
 *
 * report_json, if not NULL, gets the report of custody-report(5) as one line of JSON in memory that the caller frees with free(), or NULL when nothing was
 * judged. message gets at most message_size bytes of plain text, NUL-terminated: why nothing was judged, or "".
 * Thread-safe; every call is independent. The self-test runs once a process, first.
 */
CUSTODY_API enum custody_answer custody_verify_file(
	const char *path, const char *trust, int64_t now, char **report_json, char *message, unsigned long message_size);

#ifdef __cplusplus
}
#endif

#endif
