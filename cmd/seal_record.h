/* SPDX-License-Identifier: Apache-2.0 */
/* The custody record that seal begins beside the package (decisions/0016): where it will lie, said before evidence is read, and its first event, written when the
 * package has its name. What fails then leaves a sealed package without a record, and `custody record add sealed` begins it later. */
#ifndef CUSTODY_CMD_SEAL_RECORD_H
#define CUSTODY_CMD_SEAL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/session.h"
#include "cmd/signing.h"
#include "libcustody/base/error.h"
#include "libcustody/work/seal.h"

/* Zeroed: nothing. */
struct custody_seal_record {
	bool taken; /* the usual name is another record's, which is left alone: this one's has a part of the package's UUID in it */
	char *path; /* owned; of the record that was begun */
	bool begun;
	uint8_t head[32];
	struct custody_error why; /* not begun: why not */
};
void custody_seal_record_release(struct custody_seal_record *r);

/* Looks whether the usual name is taken, and whether the names that seal may need beside the output have room. INPUT for a name that is too long, IO. */
int custody_seal_record_look(struct custody_seal_record *r, const char *output, struct custody_error *err) CUSTODY_MUST_USE;
/* The package has its name. r->begun, or r->why says why not. */
void custody_seal_record_begin(struct custody_seal_record *r, const char *output, const struct custody_seal_result_out *result,
	struct custody_signing *signing, const struct custody_trust *trust, bool level_lt);
/* For a package that was sealed earlier: signing->as becomes the one whose certificate sealed it, by the lab's certificates. INPUT if that is none of them. */
int custody_seal_record_find_sealer(const struct custody_seal_result_out *result, struct custody_signing *signing, char holder[CUSTODY_LAB_FILE_NAME],
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
