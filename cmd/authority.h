/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The side of a time-stamp service that holds the key: an order in (numbers, checked; crypto/tsp_answer.h), a token or a refusal out. It knows
 * nothing of HTTP and reads no DER from the network. Each token is in the lab's journal before anybody gets it.
 */
#ifndef CUSTODY_CMD_AUTHORITY_H
#define CUSTODY_CMD_AUTHORITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "libcustody/crypto/sign.h"
#include "libcustody/crypto/tsp_answer.h"
#include "libcustody/work/lab.h"

struct custody_authority {
	const struct custody_lab *lab; /* borrowed */
	struct custody_signer stamper; /* owned */
	struct custody_time last; /* genTime of the last token */
	struct stat crls; /* trust/crls.pem as it was when last read */
	uint64_t stamped; /* tokens given */
	bool warned; /* of what is said once until it is over */
};
/* Loads the key. warning as in custody_lab_load_stamper(). */
int custody_authority_open(struct custody_authority *a, const struct custody_lab *lab, const uint8_t *passphrase, size_t passphrase_len,
	char *warning, size_t warning_size, struct custody_error *err) CUSTODY_MUST_USE;
void custody_authority_release(struct custody_authority *a); /* safe on a zeroed struct */

/*
 * Appends a TimeStampToken for the order to token. If there can be none now, and the next order may fare better: -1 with *final false, and *failure and
 * err's text for the one who asked (a warning was printed). *final: the key may not stamp any more (err: INPUT), or something is broken.
 */
int custody_authority_stamp(struct custody_authority *a, const struct custody_tsp_order *order, struct custody_buf *token,
	enum custody_tsp_failure *failure, bool *final, struct custody_error *err) CUSTODY_MUST_USE;

#endif
