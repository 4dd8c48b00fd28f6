/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verb show: what a package states about itself, read without verifying anything. The container is read by the strict reader and every file in it by the
 * reader that verify uses, so nothing is shown that another program would read otherwise; but no digest, no list, no signature is checked. What cannot be read
 * is a problem, not a failure: whatever else can be read is shown all the same.
 *
 * Pulled in this order: facts (there after new), documents, items, problems (complete when the others have ended). Memory does not grow with the package.
 */
#ifndef CUSTODY_WORK_SHOW_H
#define CUSTODY_WORK_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/source.h"
#include "libcustody/package/manifest.h"
#include "libcustody/package/sealfile.h"

struct custody_show;

struct custody_show_facts {
	uint64_t size; /* bytes of the file */
	bool has_container; /* the container could be read: members, files and bytes hold */
	uint64_t members;
	uint64_t files, bytes; /* members below data/ and their content */
	bool has_seal; /* seal.json could be read */
	struct custody_sealfile seal;
	bool has_acquisition;
	struct custody_acquisition_facts acquisition;
};

/* A member that is neither evidence nor one that every package has. Borrowed until the next call. */
struct custody_show_document {
	const char *member;
	size_t member_len;
	uint64_t size;
	bool known; /* the format has such a member: request, claims, custody/ext/... */
};

struct custody_show_problem {
	const char *member; /* "" when it is the container's */
	const char *text; /* printable */
};

/* Reads directory, seal.json and acquisition.json. source is borrowed; random gives the key of a set. Errors: IO, NOMEM, INTERNAL only. */
int custody_show_new(struct custody_show **out, const struct custody_source *source, const struct custody_random *random,
	struct custody_error *err) CUSTODY_MUST_USE;
void custody_show_free(struct custody_show **s);
const struct custody_show_facts *custody_show_facts(const struct custody_show *s);
/* 1: *d; 0: no more; -1: error. */
int custody_show_next_document(struct custody_show *s, struct custody_show_document *d, struct custody_error *err) CUSTODY_MUST_USE;
/* 1: *item; 0: no more, or the rest of the inventory cannot be read; -1: error. */
int custody_show_next_item(struct custody_show *s, struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;
/* The problems so far, by index from 0; false after the last. Borrowed from s. */
bool custody_show_problem(const struct custody_show *s, size_t index, struct custody_show_problem *out);

#endif
