/* SPDX-License-Identifier: Apache-2.0 */
/* What seal, record, release and accept have in common when they sign: whose key, its passphrase, and which time-stamp authorities are asked and how. */
#ifndef CUSTODY_CMD_SIGNING_H
#define CUSTODY_CMD_SIGNING_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/http.h"
#include "cmd/options.h"
#include "cmd/passphrase.h"
#include "cmd/session.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/work/lab.h"
#include "libcustody/work/pen.h"

/* Zeroed: nothing. */
struct custody_signing {
	const struct custody_lab *lab; /* borrowed */
	const char *as; /* the analyst, as given; NULL: the lab's usual one */
	struct custody_passphrase passphrase;
	bool warned; /* the revocation list's end was told */
	struct custody_http http;
	struct custody_transport transport;
	const char *authorities[CUSTODY_LIMIT_TOKENS + 1]; /* one more than can be asked, so that the library says how many those are */
	size_t n_authorities;
	char *tls_anchors, *conf_authorities; /* owned: the latter those of custody.conf, cut into words */
};
void custody_signing_release(struct custody_signing *s);

/* The lab's key is used; those of --tsa are asked, else those of custody.conf. USAGE, FORMAT for an address that is none. */
int custody_signing_authorities(
	struct custody_signing *s, const struct custody_lab *lab, const struct custody_option_list *tsa, struct custody_error *err) CUSTODY_MUST_USE;
/* Asks for the passphrase, once, if a key has one: the value of --passphrase-fd, or NULL for the terminal. */
int custody_signing_ask(struct custody_signing *s, const char *fd_option, struct custody_error *err) CUSTODY_MUST_USE;
/* A load_keys callback of the library; ctx is the struct. Warns once if the revocation list ends soon. */
int custody_signing_load_keys(void *ctx, struct custody_time now, struct custody_lab_keys *out, struct custody_error *err) CUSTODY_MUST_USE;
/* A pen that writes with all this; borrows. */
struct custody_pen custody_signing_pen(struct custody_signing *s, const struct custody_trust *trust, bool level_lt);

#endif
