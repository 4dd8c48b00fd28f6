/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verb extract: items come out of a package only after the whole of it was verified, under their recorded names, into a new folder, and the folder
 * has its name only when all of it is there (design/cli.md, "custody extract").
 */
#ifndef CUSTODY_WORK_EXTRACT_H
#define CUSTODY_WORK_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/source.h"
#include "libcustody/package/manifest.h"
#include "libcustody/verdict/verdict.h"
#include "libcustody/work/verify.h"

struct custody_extract_options {
	const struct custody_verify_options *verify; /* how the package is judged; its progress, interrupted, random and workers serve both halves */
	const char *folder; /* must not exist; its parent must */
	/* fnmatch(3) patterns over the recorded path or its display form, '*' also over '/'; one that matches a folder takes what is below it. None: everything. */
	const char *const *patterns;
	size_t n_patterns;
	/* A selected item that is not made (device, FIFO, socket, a file without content), and why. item is borrowed during the call. May be NULL. */
	void (*not_made)(void *ctx, const struct custody_item *item, const char *why);
	/* A selected folder that is made, and could not be listed when it was sealed: what lay in it is not in the package. Likewise. */
	void (*hollow)(void *ctx, const struct custody_item *item);
	void *ctx;
};

struct custody_extract_result {
	bool written; /* false: the verdict did not allow it; nothing was made, not even the folder */
	uint64_t files, folders, symlinks, hardlinks; /* made; folders: with those on the way to selected items */
	uint64_t bytes; /* of content */
	uint64_t not_made;
	uint64_t hollow; /* folders that are made without what lay in them */
};

/*
 * Verifies the source (custody_verify() fills the report). Writes if the verdict is VALID, or INDETERMINATE with the groups container and integrity passed. Each
 * item's SHA-256 is computed again from the bytes that are written and compared with the inventory; without patterns every byte of the package goes by again
 * and must have the SHA-256 that was verified. Whatever fails, nothing is left behind.
 *
 * Made: files (mode without setuid, setgid, sticky and execute bits), folders, symbolic links (target verbatim, after everything else), hard links
 * (again; a first link to a target that is not selected holds the content). Holes, access and modification times with nanoseconds, folders'
 * own mode (0777 of it) last. Not restored: owners, extended attributes, change and birth times.
 *
 * Errors: INPUT (the folder exists, its parent does not, a pattern matches nothing), IO (also: the package changed since it was verified), NOMEM, LIMIT,
 * INTERNAL, INTERRUPTED. With an error after the judgement the report holds the verdict all the same.
 */
int custody_extract(const struct custody_source *source, const struct custody_extract_options *options, struct custody_report *report,
	struct custody_extract_result *out, struct custody_error *err) CUSTODY_MUST_USE;

/* The second half alone, for a report that custody_verify() has just filled from this source; options->verify->trust is not used. */
int custody_extract_judged(const struct custody_source *source, const struct custody_extract_options *options, const struct custody_report *report,
	struct custody_extract_result *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
