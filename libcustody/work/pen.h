/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signs events of a custody record, and who stamps them: a lab's key, and time-stamp authorities or the lab's own word (decisions/0016). The key is loaded
 * when there is something to sign, and gone again before anybody is asked over a network.
 */
#ifndef CUSTODY_WORK_PEN_H
#define CUSTODY_WORK_PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/record/record.h"
#include "libcustody/work/lab.h"
#include "libcustody/work/stamp.h"

/* All borrowed but what custody_pen_try() finds out. */
struct custody_pen {
	int (*load_keys)(void *ctx, struct custody_time now, struct custody_lab_keys *out, struct custody_error *err);
	void *load_keys_ctx;
	const struct custody_trust *trust; /* what is written is judged under it, and stamps are taken under it */
	const struct custody_clock *clock;
	const struct custody_random *random;
	const char *const *urls; /* of the authorities; n_urls 0: the lab's own key stamps, in process */
	size_t n_urls;
	const struct custody_transport *transport;
	bool level_lt; /* B-LT, else B-T */
	int synchronised; /* the clock: 1, 0, -1 unknown */
	struct custody_authorities authorities;
	uint8_t identity[32]; /* of who signs: custody_certificate_identity() */
};

/* Before anything else is done: a random value is signed and verified with the keys, and each authority answers a throw-away request. Errors as of load_keys and
 * custody_authorities_probe(). */
int custody_pen_try(struct custody_pen *pen, struct custody_error *err) CUSTODY_MUST_USE;

/*
 * Signs an event and appends it to r. e says what a person says: type, actor, to, authority, purpose, place, occurred, declared_later, fields, attachments, and
 * whether the package was measured; everything else is filled in here. For the first event package, package_sha256 and package_size are the caller's too.
 * USAGE for what is missing or cannot be in an event; TEMPORARY: an authority.
 */
int custody_pen_sign(struct custody_pen *pen, struct custody_record *r, struct custody_event *e, struct custody_error *err) CUSTODY_MUST_USE;

#endif
