/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sealed package in the making: members go in in the order of the format, and every list grows with them (design/sealed-package.md, "Members, in this
 * order"). Lists are spooled beside the output, so memory does not grow with the number of items.
 */
#ifndef CUSTODY_WORK_PACK_H
#define CUSTODY_WORK_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/random.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/sign.h"
#include "libcustody/package/manifest.h"
#include "libcustody/package/names.h"
#include "libcustody/package/sealfile.h"
#include "libcustody/package/tree.h"
#include "libcustody/package/zip.h"

struct custody_pack {
	struct custody_zip_writer *zip;
	struct custody_names names;
	struct custody_spool list[CUSTODY_DIGEST_COUNT], inventory, asic, exceptions;
	struct custody_buf tags, line, member;
	struct custody_tree tree;
	struct custody_digest sha256;
	struct custody_hmac hmac; /* of the salts */
	uint32_t digests;
	uint8_t seed[32]; /* of the salts; not kept */
	uint64_t items, files, bytes, n_exceptions;
	uint64_t list_max; /* bytes of one list: CUSTODY_LIMIT_LIST from init on; tests lower it */
	/* of what closes the package: made by list and sign, written by finish */
	struct custody_buf acquisition, sealfile, tail_tags, tail_asic, asic_2, signature[2];
	uint8_t inventory_sha256[32];
	struct custody_bytes request; /* borrowed */
	struct custody_spool *claims; /* borrowed; NULL: none */
	uint8_t claims_sha256[32];
};

/* How much there is to list, as far as it is known before anything is read: so much at least. */
struct custody_pack_extent {
	uint64_t items; /* of all kinds */
	uint64_t path_bytes; /* of all of them */
	uint64_t with_status; /* those with owner, mode and the three times */
	uint64_t files; /* those that will have content */
	uint64_t member_bytes; /* of the names that these have in the package, at least */
};
/*
 * Before the evidence is read: no list would be longer than max bytes (CUSTODY_LIMIT_LIST) for that many items with these digests. LIMIT with a hint if one
 * would; it counts the least that each line takes, so that what fits is never refused, and what does not is refused by custody_pack_end() or custody_pack_item() at the latest.
 */
int custody_pack_fits(uint32_t digests, const struct custody_pack_extent *e, uint64_t max, struct custody_error *err) CUSTODY_MUST_USE;

/* Begins the package in fd (new, empty, borrowed; dir_fd is its folder): mimetype. digests always hold sha256. */
int custody_pack_init(struct custody_pack *p, int fd, int dir_fd, const char *name, uint32_t digests, const struct custody_random *random,
	struct custody_error *err) CUSTODY_MUST_USE;
void custody_pack_release(struct custody_pack *p); /* cleanses the seed; safe on a zeroed struct */

/* Content of one file: begin, write any number of pieces, then end (kept) or cut (taken back). */
int custody_pack_begin(struct custody_pack *p, const char *member, uint64_t size, struct custody_error *err) CUSTODY_MUST_USE;
int custody_pack_write(struct custody_pack *p, const uint8_t *data, size_t n, uint32_t crc, struct custody_error *err) CUSTODY_MUST_USE;
/* item has content, size and digests; its line is custody_pack_item()'s business. LIMIT: a list would be longer than what is verified; likewise below. */
int custody_pack_end(struct custody_pack *p, const struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;
int custody_pack_cut(struct custody_pack *p, struct custody_error *err) CUSTODY_MUST_USE;

/* Adds the item's line to the inventory, with its salt. Items come in order of n, from 0. */
int custody_pack_item(struct custody_pack *p, struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;
/* An accepted exception, for acquisition.json. */
int custody_pack_exception(
	struct custody_pack *p, const struct custody_acquisition_exception *e, const char *reason, struct custody_error *err) CUSTODY_MUST_USE;

/* What closes the package. */
struct custody_pack_seal {
	struct custody_sealfile *sealfile; /* items, bytes, exceptions, digests, tree and authorities are filled in here */
	const struct custody_acquisition *acquisition;
	const struct custody_lab_keys *keys; /* for custody_pack_sign() only */
	const uint8_t (*authorities)[32]; /* certificates of those who will stamp; n 0: keys->stamper does it, in process */
	size_t n_authorities;
	const struct custody_clock *clock;
	const struct custody_random *random;
	const char *organisation, *contact, *agent;
	struct custody_bytes request; /* custody/request.json, borrowed until finish; n 0: there is none */
	struct custody_spool *claims; /* custody/claims.jsonl, likewise; NULL: there is none */
};
/*
 * In this order: list (once: the tag files that do not depend on who seals), sign (seal.json and both signatures; may be repeated with other authorities: the
 * last one counts), finish (writes it all; *size is the length of the file, which is complete but not synced). Between sign and finish p->signature
 * may be replaced by the same signatures with stamps.
 */
int custody_pack_list(struct custody_pack *p, const struct custody_pack_seal *s, struct custody_error *err) CUSTODY_MUST_USE;
int custody_pack_sign(struct custody_pack *p, const struct custody_pack_seal *s, struct custody_error *err) CUSTODY_MUST_USE;
int custody_pack_finish(struct custody_pack *p, uint64_t *size, struct custody_error *err) CUSTODY_MUST_USE;

#endif
