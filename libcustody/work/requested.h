/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The request record of a package against the package: in what request and answer differ, which items answer a line of a request, whether what was received first
 * is among what was sealed, and whether the documents of the request are, here or in packages of their own. All of it is statements: nothing moves the verdict, and no
 * request is judged.
 */
#ifndef CUSTODY_WORK_REQUESTED_H
#define CUSTODY_WORK_REQUESTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/package/manifest.h"
#include "libcustody/package/zip.h"
#include "libcustody/record/request.h"
#include "libcustody/verdict/verdict.h"

struct custody_requested_link; /* a path that a record names */
struct custody_requested_digest; /* a digest that a record says something has: when it was received; or a document of the request */

struct custody_requested_digests {
	struct custody_requested_digest *list; /* owned, sorted */
	size_t n;
};

struct custody_requested {
	struct custody_report *report; /* borrowed */
	struct custody_requests requests;
	struct custody_requested_link *links; /* owned, sorted by path; their texts are the records' */
	size_t n_links;
	struct custody_requested_digests receipts, documents;
	const struct custody_documents *presented; /* borrowed: packages of documents beside the package. To be set before begin */
	size_t n_presented;
	size_t unnumbered; /* packages that the record speaks of without a number */
	uint8_t sha256[32]; /* of the member as it was read */
	bool there, read; /* the package has one; and it could be read */
};

/* Reads the member m, and tells of what its records say of themselves. What cannot be read is a finding. -1: IO, NOMEM, INTERNAL. */
int custody_requested_begin(struct custody_requested *r, const struct custody_zip *zip, const struct custody_zip_member *m,
	struct custody_report *report, struct custody_error *err) CUSTODY_MUST_USE;
/* The next item of the inventory. */
void custody_requested_item(struct custody_requested *r, const struct custody_item *item);
/* After the last; whole: the inventory was read to its end. seen: SHA-256 of the member as the pass met it. report: as of begin, which need not have been called. NOMEM. */
int custody_requested_finish(
	struct custody_requested *r, struct custody_report *report, const uint8_t seen[32], bool whole, struct custody_error *err) CUSTODY_MUST_USE;
void custody_requested_release(struct custody_requested *r); /* safe on a zeroed struct */

#endif
