/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents of a request (ADM-11): warrant, order, e-mails, receipts of a portal. They are sealed in a package of their own (role authority-document), so that either can be
 * shown without the other; the request record in the package with the data names its number. Here such a package is judged, for whoever seals or verifies the other one.
 */
#ifndef CUSTODY_WORK_DOCUMENTS_H
#define CUSTODY_WORK_DOCUMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"
#include "libcustody/base/source.h"
#include "libcustody/package/sealfile.h"
#include "libcustody/verdict/verdict.h"

struct custody_verify_options;

struct custody_documents {
	uint8_t sha256[32]; /* its package number */
	enum custody_verdict verdict;
	enum custody_content_role role; /* as it states */
	uint8_t (*digests)[32]; /* owned, sorted: SHA-256 of each item with content. None of a package that is not VALID */
	size_t n;
};
void custody_documents_release(struct custody_documents *d); /* safe on a zeroed struct */

/*
 * Judges source as custody_verify() does, with trust, times, workers and callbacks of question and nothing else of it, and fills the zeroed *out. Errors: those of
 * custody_verify(), LIMIT (more than CUSTODY_LIMIT_DOCUMENTS items), IO (it changed meanwhile).
 */
int custody_documents_judge(const struct custody_source *source, const struct custody_verify_options *question, struct custody_documents *out,
	struct custody_error *err) CUSTODY_MUST_USE;

#endif
