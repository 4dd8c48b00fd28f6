/* SPDX-License-Identifier: Apache-2.0 */
/* What `custody seal` prints: what goes on the exhibit form, for people and for programs (schema custody-seal-result/1). */
#ifndef CUSTODY_FORMATS_SEAL_RESULT_H
#define CUSTODY_FORMATS_SEAL_RESULT_H

#include <stdbool.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/work/seal.h"

#define CUSTODY_SEAL_EXCEPTIONS 1000 /* kept for the output; all of them are in the package */

/* Exceptions as they were met; owned copies. */
struct custody_seal_exceptions {
	struct {
		const char *id;
		uint8_t *path;
		size_t path_len;
		char *detail;
	} list[CUSTODY_SEAL_EXCEPTIONS];
	size_t n; /* kept */
};
/* Keeps a copy while there is room and memory; the total is in struct custody_seal_result_out. */
void custody_seal_exceptions_add(struct custody_seal_exceptions *x, const struct custody_seal_exception *e);
void custody_seal_exceptions_release(struct custody_seal_exceptions *x);

struct custody_seal_form {
	const char *output; /* the package, as given */
	const struct custody_seal_result_out *result;
	const struct custody_seal_exceptions *exceptions;
	const char *accept_reason; /* NULL: none was given */
	bool level_lt;
	bool finished; /* by --finish: what was identified when it was sealed is not known here, only in the package */
	const uint8_t *request_sha256; /* of custody/request.json, NULL: there is none, or it is not known here */
	const char *record; /* its custody record, as named; NULL: none was begun, */
	const uint8_t *record_head;
	const char *no_record; /* for this reason */
	const char *identified_by; /* what identified types, NULL: nothing did */
	const char *not_identified; /* and why not: --no-identify, or what failed; NULL when something did */
};
int custody_seal_result_text(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err) CUSTODY_MUST_USE;
/* One line with LF. */
int custody_seal_result_json(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err) CUSTODY_MUST_USE;

#endif
