/* SPDX-License-Identifier: Apache-2.0 */
/* Packages with the documents of a request, as options name them: for `custody seal` and `custody verify`. */
#ifndef CUSTODY_CMD_DOCUMENTS_FILE_H
#define CUSTODY_CMD_DOCUMENTS_FILE_H

#include <stddef.h>

#include "cmd/options.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"
#include "libcustody/work/documents.h"
#include "libcustody/work/verify.h"

struct custody_documents_files {
	struct custody_documents *list; /* owned */
	size_t n;
};
void custody_documents_files_release(struct custody_documents_files *f); /* safe on a zeroed struct */

/* Judges each of them, in order, into the zeroed *out (custody_documents_judge()). Errors name the file: INPUT (it is not there, or no regular file), and those of judging. */
int custody_documents_files_judge(const struct custody_option_list *files, const struct custody_verify_options *question,
	struct custody_documents_files *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
