/* SPDX-License-Identifier: Apache-2.0 */
/*
 * root/state.json: what a lab's root has issued and revoked, and the number of its last list. One compact line and LF; keys in this order:
 *
 *	{"format":"custody-lab-root/1","crl_number":2,"certificates":[
 *	 {"sha256":HEX,"serial":HEX,"kind":"root"|"sealing"|"stamping","file":"ada-analyst--2","name":"Ada Analyst","revoked":null},
 *	 {...,"revoked":{"when":TIME,"reason":"keyCompromise","since":TIME|null}}]}
 *
 * The first certificate is the root's, and no other one is; serial numbers, certificates and file names are there once. It is written before what it tells of
 * is given to anybody, so it may be ahead of the world, never behind it.
 */
#ifndef CUSTODY_WORK_ROOTSTATE_H
#define CUSTODY_WORK_ROOTSTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/work/lab.h"

#define CUSTODY_ROOT_SERIAL 20 /* octets of a serial number, RFC 5280 4.1.2.2 */

struct custody_root_certificate {
	uint8_t sha256[32], serial[CUSTODY_ROOT_SERIAL];
	size_t serial_len;
	enum custody_issue_kind kind;
	char file[CUSTODY_LAB_STEM]; /* "root" for the root's */
	char name[CUSTODY_LIMIT_CERTIFICATE_NAME]; /* commonName */
	bool revoked, has_since;
	struct custody_time when, since;
	int reason;
};

struct custody_root_state {
	uint64_t crl_number; /* of the last list, below 2^53 */
	struct custody_root_certificate *certificates; /* owned */
	size_t n;
};
void custody_root_state_release(struct custody_root_state *s); /* safe on a zeroed struct */
/* The text of state.json into a zeroed out. FORMAT, LIMIT (CUSTODY_LIMIT_ROOT_STATE) or NOMEM. */
int custody_root_state_parse(const uint8_t *p, size_t n, struct custody_root_state *out, struct custody_error *err) CUSTODY_MUST_USE;
int custody_root_state_format(const struct custody_root_state *s, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;
/* Adds an issued certificate. INTERNAL if its serial number is there already. */
int custody_root_state_add(struct custody_root_state *s, const struct custody_certificate *c, enum custody_issue_kind kind, const char *file,
	const char *name, struct custody_error *err) CUSTODY_MUST_USE;
/* The certificate with this serial number (magnitude), NULL if there is none. Borrowed. */
struct custody_root_certificate *custody_root_state_find(const struct custody_root_state *s, struct custody_bytes serial);

#endif
