/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verb seal: received evidence into one sealed package (design/sealed-package.md), read once, never written to, and the package has its name only after
 * it was read back from storage and verified.
 */
#ifndef CUSTODY_WORK_SEAL_H
#define CUSTODY_WORK_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/package/sealfile.h"
#include "libcustody/verdict/verdict.h"
#include "libcustody/work/claims.h"
#include "libcustody/work/lab.h"
#include "libcustody/work/stamp.h"
#include "libcustody/work/walk.h"

/* An item that could not be read, or changed while it was. Borrowed during the call. */
struct custody_seal_exception {
	const char *id; /* "source-unreadable" or "source-changed-while-read" */
	const uint8_t *path;
	size_t path_len;
	const char *detail;
};

/* Of which type content is: a statement of somebody else's, not a proof. NULL mime: it could not be said, and detail tells why. Borrowed until the next call. */
struct custody_seal_type {
	const char *mime, *detail;
};

/*
 * Who says so. It sees content and nothing else. Offers come in the order of the items, and for each one its answer is asked for, once, in the same order; between
 * the two other items may be offered. It has to give the same answers however the calls interleave.
 */
struct custody_seal_types {
	const char *by; /* goes into each line and, with database, into acquisition.json */
	const char *database;
	void *ctx;
	/* Item n begins with these bytes: all of its content, or the first CUSTODY_LIMIT_BLOCK. sha256 is theirs, or NULL. Borrowed. May wait. */
	int (*offer)(void *ctx, uint64_t n, const uint8_t *p, size_t len, const uint8_t *sha256, struct custody_error *err);
	/* 1: *out is the answer; 0: not yet, unless told to wait. */
	int (*answer)(void *ctx, uint64_t n, bool wait, struct custody_seal_type *out, struct custody_error *err);
	/* No more offers: called once, after the last byte of evidence and before the keys are loaded. */
	void (*end)(void *ctx);
};

struct custody_seal_options {
	const char *output; /* final name; must not exist */
	const struct custody_walk_argument *arguments;
	size_t n_arguments;
	int stdin_fd; /* >= 0: seal this stream under stdin_name instead of arguments */
	const char *stdin_name; /* one name, without '/' */
	int lab_dir_fd; /* must not lie inside a source; -1: none */
	const char *lab; /* its path as it was given, for hints that are to be typed; NULL: it is found without */

	uint32_t digests; /* sha256 is always among them */
	size_t workers;
	bool level_lt; /* B-LT, else B-T */
	const char *accept_reason; /* exceptions are accepted for this reason; NULL: they are not */
	const char *case_id, *exhibit; /* NULL: null */
	const char *sealer_name, *sealer_organisation, *sealer_role;
	const char *host, *system; /* where it was done */
	const char *const *command; /* arguments as typed, without secrets: UTF-8 */
	size_t n_command;
	const struct custody_library_version *libraries;
	size_t n_libraries;
	int clock_synchronised; /* 1, 0, -1 unknown */
	const struct custody_seal_types *types; /* NULL: types are not identified */
	enum custody_content_role role; /* NONE: evidence */
	bool has_previous;
	uint8_t previous[32];
	struct custody_bytes request; /* custody/request.json, in its exact form (record/request.h); n 0: none */
	struct custody_claims *claims; /* digests stated by others, to become custody/claims.jsonl (work/claims.h); NULL: none */

	const struct custody_clock *clock;
	const struct custody_random *random;
	/* Loads the keys: called once before anything is read (tried, then freed) and once after the last byte of evidence. */
	int (*load_keys)(void *ctx, struct custody_time now, struct custody_lab_keys *out, struct custody_error *err);
	void *load_keys_ctx;
	const struct custody_trust *trust; /* LAB/trust: the finished file is verified under it */
	const char *const *authorities; /* URLs of those who stamp; n 0: the lab's own key does, in process */
	size_t n_authorities;
	const struct custody_transport *transport; /* how they are reached */

	/* Told as it happens; each may be NULL. */
	void (*exception)(void *ctx, const struct custody_seal_exception *e);
	void (*progress)(
		void *ctx, const char *phase, uint64_t done, uint64_t total); /* phase: "checking", "sealing", "time-stamping", "reading back" */
	bool (*interrupted)(void *ctx);
	void *ctx;
};

struct custody_seal_result_out {
	struct custody_report report; /* of the read-back; report.sha256 is the package number */
	char uuid[37];
	uint64_t items, files, bytes, exceptions, mounts;
	uint64_t identified, not_identified; /* items with content whose type was said, or could not be; 0 and 0 without types */
	bool read_back_cached; /* pages stayed in memory (tmpfs): read back through the page cache */
	bool many_members; /* more than validators take that hold a container in memory (EU DSS: 1000) */
};
void custody_seal_result_init(struct custody_seal_result_out *r);
void custody_seal_result_release(struct custody_seal_result_out *r);

/*
 * Seals. On success the package has its final name and its verdict under `trust` was VALID (B-T: INDETERMINATE for revocation-unknown alone).
 * On failure nothing is left under the final name or beside it. Errors: INPUT (output exists, arguments that cannot be taken, keys), IO (unreadable or changed
 * items that were not accepted, storage), INTERNAL (the read-back's verdict was another), INTERRUPTED, TEMPORARY (an authority; if it failed only after the
 * evidence was read, `output` CUSTODY_UNSEALED is there: verified, with both signatures and no time-stamp, for custody_finish()).
 */
int custody_seal(const struct custody_seal_options *options, struct custody_seal_result_out *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
